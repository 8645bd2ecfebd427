"""Muscle, flat and out-of-range signal, bad channels, hum, and the grade of a stretch."""

from dataclasses import replace

import numpy as np
import pytest

from models.simulate import simulate, write_edf
from tools.artifacts import (
    find_bad_channels,
    find_extreme,
    find_flat,
    find_line_noise,
    find_muscle,
    quality,
)
from tools.bad_channels import unfit_for_average
from tools.conditioning import band
from tools.detect import detect
from tools.io import open_recording
from tools.labels import TEN_TWENTY
from tools.types import ChannelSpan, Event, Filters, Segment


def wake(seed=0, duration=60.0, sfreq=200.0):
    segment = simulate(("alpha",), duration=duration, sfreq=sfreq, seed=seed).segment
    return replace(segment, data=segment.data - segment.data.mean(axis=0))


def changed(segment, row, start, stop, values):
    data = segment.data.copy()
    data[row, round(start * segment.sfreq) : round(stop * segment.sfreq)] = values
    return replace(segment, data=data)


# --- muscle ---------------------------------------------------------------------------------------


def with_muscle(rms, sfreq=200.0, rows=(7, 11), seed=1):
    """White noise of this RMS at 20 Hz and up on T3 and T4 from 20 to 25 s."""
    segment = wake(seed, sfreq=sfreq)
    data, rng = segment.data.copy(), np.random.default_rng(seed)
    for row in rows:
        data[row, round(20 * sfreq) : round(25 * sfreq)] += rng.normal(0, rms, round(5 * sfreq))
    return replace(segment, data=data)


@pytest.mark.parametrize("sfreq", [160.0, 200.0, 256.0, 500.0])
def test_a_stretch_of_muscle_is_found_where_it_is_at_every_rate(sfreq):
    # The same loudness per hertz at every rate.
    (event,) = find_muscle(with_muscle(15 * np.sqrt(sfreq / 200), sfreq)).events
    assert event.onset == pytest.approx(20, abs=0.5)
    assert event.duration == pytest.approx(5, abs=0.8)
    assert set(event.channels) == {"T3", "T4"}
    assert event.amplitude is not None
    assert event.amplitude.kind == "rms"
    assert event.amplitude.value_uv == pytest.approx(15 * np.sqrt(18 / 100), rel=0.25)


def test_clean_waking_background_has_no_muscle():
    assert all(find_muscle(wake(seed)).events == () for seed in range(3))


def test_a_spike_or_hum_is_not_muscle():
    segment = simulate(("spikes",), duration=60, seed=2).segment
    t = np.arange(segment.data.shape[1]) / 200
    hummed = segment.data - segment.data.mean(axis=0) + 20 * np.sin(2 * np.pi * 60 * t)
    assert find_muscle(replace(segment, data=hummed)).events == ()


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (Segment(np.zeros((1, 3000)), ("T3",), 100.0), "reaches 47 Hz"),
        (Segment(np.zeros((1, 3000)), ("T3",), 200.0, filters=Filters(high_cut_hz=35)), "reaches 35 Hz"),
        (Segment(np.zeros((1, 100)), ("T3",), 200.0), "1 s"),
        (Segment(np.zeros((1, 3000)), ("ECG",), 200.0, kinds=("ecg",)), "no EEG"),
    ],
)
def test_what_cannot_show_muscle_is_said(segment, reason):
    detection = find_muscle(segment)
    assert "hfnoise" not in detection.analysed.labels
    assert reason in detection.not_analysed[0].reason


def test_a_recording_that_was_low_passed_is_not_called_clean():
    from scipy.signal import butter, sosfiltfilt

    segment = wake()
    sos = butter(8, 35, "lowpass", fs=200, output="sos")
    detection = find_muscle(replace(segment, data=sosfiltfilt(sos, segment.data, axis=1)))
    assert detection.analysed.labels == ("movement",)
    assert "low-passed" in detection.not_analysed[0].reason


def test_contractions_are_cut_at_a_pause_and_short_pauses_do_not_count():
    segment, rng = wake(duration=20.0), np.random.default_rng(3)
    data = segment.data.copy()
    for first, last in [(600, 1000), (1100, 1500), (2400, 2700), (2710, 3000)]:
        data[7, first:last] += rng.normal(0, 40, last - first)
    events = find_muscle(replace(segment, data=data)).events
    assert [(e.onset, e.onset + e.duration) for e in events] == [
        (pytest.approx(3.0, abs=0.15), pytest.approx(5.0, abs=0.15)),
        (pytest.approx(5.5, abs=0.15), pytest.approx(7.5, abs=0.15)),
        (pytest.approx(12.0, abs=0.15), pytest.approx(15.0, abs=0.15)),
    ]


def test_channels_to_which_the_reference_spreads_muscle_take_no_part():
    segment = with_muscle(40, rows=(7,))
    (event,) = find_muscle(replace(segment, data=segment.data - segment.data.mean(axis=0))).events
    assert event.channels == ("T3",)


def test_a_step_is_not_muscle():
    segment = wake(duration=20.0)
    data = segment.data.copy()
    data[7, 2000:] += 1500
    assert find_muscle(replace(segment, data=data)).events == ()


# --- flat and extreme -----------------------------------------------------------------------------


def test_a_flat_stretch_is_found_on_its_channel():
    (event,) = find_flat(changed(wake(), 4, 10, 14, 3.0)).events
    assert event.channels == (TEN_TWENTY[4],)
    assert (event.onset, event.duration) == (pytest.approx(10, abs=0.3), pytest.approx(4, abs=0.4))


def test_a_flat_stretch_is_found_at_a_large_offset_and_short_ones_are_not():
    segment = changed(wake(), 4, 10, 10.6, 3.0)
    assert find_flat(replace(segment, data=segment.data + 2e5)).events == ()
    long = changed(wake(), 4, 10, 14, 3.0)
    assert len(find_flat(replace(long, data=long.data + 2e5)).events) == 1


def test_low_voltage_is_not_flat():
    segment = wake()
    assert find_flat(replace(segment, data=0.2 * segment.data)).events == ()


def test_a_dead_recording_is_flat_throughout():
    (event,) = find_flat(Segment(np.zeros((3, 2000)), ("C3", "Cz", "C4"), 200.0)).events
    assert event.channels == ("C3", "Cz", "C4")
    assert (event.onset, event.duration) == (0, 10)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_finite_are_extreme(value):
    (event,) = find_extreme(changed(wake(), 2, 30, 31, value)).events
    assert event.channels == (TEN_TWENTY[2],)
    assert (event.onset, event.onset + event.duration) == (pytest.approx(30.0), pytest.approx(31.0))


def test_voltages_beyond_500_uv_are_extreme_and_large_delta_is_not():
    t = np.arange(12000) / 200
    bump = np.zeros_like(t)
    bump[6000:6100] = 900 * np.hanning(100)
    segment = wake()
    (event,) = find_extreme(replace(segment, data=segment.data + np.outer(np.eye(19)[9], bump))).events
    assert event.channels == (TEN_TWENTY[9],)
    assert event.onset == pytest.approx(30, abs=0.5)
    delta = segment.data + 150 * np.sin(2 * np.pi * 1.5 * t)
    assert find_extreme(replace(segment, data=delta)).events == ()


def test_a_large_blink_at_the_forehead_is_no_extreme():
    from models import topography, waveforms

    segment = wake()
    data = segment.data.copy()
    wave = 650 * waveforms.blink(200.0)
    data[:, 4000 : 4000 + len(wave)] += np.outer(topography.field("blink", TEN_TWENTY), wave)
    assert find_extreme(replace(segment, data=data)).events == ()


def test_no_channel_that_is_extreme_is_passed_over_for_its_range():
    rng = np.random.default_rng(5)
    walks = np.cumsum(rng.normal(0, 1, (19, 2000)), axis=1) * np.linspace(2, 200, 19)[:, None]
    segment = Segment(walks, tuple(f"X{row}" for row in range(19)), 200.0)
    moved = np.abs(band(walks - np.median(walks, axis=1, keepdims=True), 200.0, 0.5, 35.0, order=8))
    beyond = {f"X{row}" for row in np.flatnonzero((moved > 500).any(axis=1))}
    assert 0 < len(beyond) < 19
    assert {channel for event in find_extreme(segment).events for channel in event.channels} == beyond


def test_a_clipped_wave_is_extreme():
    t = np.arange(4000) / 200
    wave = np.clip(300 * np.sin(2 * np.pi * 1 * t), -200, 200)
    events = find_extreme(Segment(wave[None], ("C3",), 200.0)).events
    assert sum(e.duration for e in events) > 10


@pytest.mark.parametrize("find", [find_flat, find_extreme])
def test_too_short_a_stretch_is_said(find):
    assert find(Segment(np.zeros((1, 20)), ("C3",), 200.0)).not_analysed[0].reason.startswith("needs")


# --- bad channels and hum -------------------------------------------------------------------------


def bad(segment):
    return {channel for event in find_bad_channels(segment).events for channel in event.channels}


def test_healthy_channels_are_not_bad_whatever_they_show():
    for kinds in (("alpha", "blinks"), ("spindles", "slow_waves"), ("spikes",), ("muscle",)):
        assert bad(simulate(kinds, duration=60, seed=3).segment) == set()


def test_missing_noisy_and_loud_channels_are_bad_and_a_dead_one_is_flat():
    segment = simulate(("alpha",), duration=60, seed=3).segment
    data, rng = segment.data.copy(), np.random.default_rng(0)
    data[0] = 5.0
    data[3] = np.nan
    data[6] = rng.normal(0, 12, data.shape[1])
    data[9] *= 12
    broken = replace(segment, data=data)
    assert bad(broken) == {TEN_TWENTY[i] for i in (3, 6, 9)}
    assert {e.channels for e in find_flat(broken).events} == {(TEN_TWENTY[0],)}
    assert set(unfit_for_average(broken)) == {TEN_TWENTY[i] for i in (0, 3, 6, 9)}


def test_a_bad_channel_says_how_long_how_large_and_how_surely_it_is_bad():
    segment = simulate(("alpha",), duration=30, seed=3).segment
    found = {}
    for size in (40, 200):
        data = segment.data.copy()
        data[6] = np.random.default_rng(0).normal(0, size, data.shape[1])
        (found[size],) = find_bad_channels(replace(segment, data=data, onset=60.0)).events
        (span,) = found[size].per_channel
        assert (span.channel, span.onset, span.duration) == (TEN_TWENTY[6], 60, 30)
        assert span.value_uv == pytest.approx(size, rel=0.05)
        assert found[size].amplitude.kind == "rms"
    assert 0.5 <= found[40].confidence < found[200].confidence < 1


def test_a_loud_focal_rhythm_that_its_neighbours_share_leaves_all_channels_in():
    segment, t = wake(duration=20.0), np.arange(4000) / 200
    field = np.zeros(19)
    field[[1, 6, 5, 4]] = 1.0, 0.9, 0.8, 0.2
    rhythm = 12 * segment.data.std() * np.sin(2 * np.pi * 2 * t)
    assert bad(replace(segment, data=segment.data + np.outer(field, rhythm))) == set()


def test_an_electrode_that_pops_is_no_bad_channel():
    from models.transients import electrode_pop

    segment, wave = wake(duration=10.0), electrode_pop(200.0, 0.3)
    data = segment.data.copy()
    for onset in (1.3, 3.9, 6.6):
        start = round(onset * 200)
        data[7, start : start + len(wave)] += 250 * wave[: 2000 - start]
    assert bad(replace(segment, data=data)) == set()


@pytest.mark.parametrize("sfreq", [100.0, 250.0, 512.0, 1000.0])
def test_a_noisy_channel_is_bad_at_every_rate_and_in_every_order(sfreq):
    segment = simulate(("alpha",), duration=10, seed=4, sfreq=sfreq).segment
    data = segment.data.copy()
    data[5] = 3 * np.cumsum(np.random.default_rng(0).normal(0, 6 * np.sqrt(100 / sfreq), data.shape[1]))
    turned = Segment(data[::-1], segment.channels[::-1], sfreq)
    assert bad(Segment(data, segment.channels, sfreq)) == bad(turned) == {segment.channels[5]}


@pytest.mark.parametrize("factor", [0.2, 1.0, 5.0])
def test_the_scale_of_the_recording_does_not_decide(factor):
    segment = simulate(("alpha",), duration=30, seed=4).segment
    data = segment.data.copy()
    data[5] = np.random.default_rng(0).normal(0, 12, data.shape[1])
    assert bad(replace(segment, data=factor * data)) == {TEN_TWENTY[5]}


def test_a_stretch_at_the_limit_is_extreme_for_just_that_long_and_neither_flat_nor_bad():
    segment = changed(wake(duration=20.0), 4, 10, 13, 1600.0)
    (event,) = find_extreme(segment).events
    assert event.channels == (TEN_TWENTY[4],)
    assert (event.onset, event.onset + event.duration) == (pytest.approx(10.0), pytest.approx(13.0))
    assert find_flat(segment).events == ()
    assert bad(segment) == set()


def test_silence_between_bursts_is_not_flat_but_a_dead_channel_in_it_is():
    segment = wake(duration=20.0)
    silent = 0.04 * segment.data
    silent[:, :1600] = segment.data[:, :1600]
    assert find_flat(replace(segment, data=silent)).events == ()
    assert bad(replace(segment, data=silent)) == set()
    silent[3] = 0.0
    assert {e.channels for e in find_flat(replace(segment, data=silent)).events} == {(TEN_TWENTY[3],)}
    assert bad(replace(segment, data=silent)) == set()
    assert unfit_for_average(replace(segment, data=silent)) == (TEN_TWENTY[3],)


def test_a_lead_that_is_off_is_flat_throughout_burst_suppression_and_no_other_channel_is():
    segment = simulate(("burst_suppression",), duration=30, seed=0).segment
    assert find_flat(segment).events == ()
    data = segment.data.copy()
    data[4] = np.random.default_rng(1).normal(0, 0.3, data.shape[1])
    (event,) = find_flat(replace(segment, data=data)).events
    assert (event.channels, event.onset, event.duration) == ((TEN_TWENTY[4],), 0, 30)


def test_a_channel_that_hums_alone_is_bad_and_a_room_that_hums_is_not():
    segment, t = wake(duration=20.0), np.arange(4000) / 200
    alone, everywhere = segment.data.copy(), segment.data + 60 * np.sin(2 * np.pi * 50 * t)
    alone[8] += 60 * np.sin(2 * np.pi * 50 * t)
    assert bad(replace(segment, data=alone)) == {TEN_TWENTY[8]}
    assert bad(replace(segment, data=everywhere)) == set()


def test_focal_discharges_and_temporal_muscle_leave_a_channel_in():
    segment = simulate(("spikes",), duration=30, seed=5).segment
    assert bad(segment) == set()
    data = segment.data.copy()
    data[7] = segment.data[7] + band(np.random.default_rng(1).normal(0, 60, (1, 6000)), 200.0, 25.0, 70.0)[0]
    assert bad(replace(segment, data=data)) == set()


def test_few_channels_cannot_be_compared_and_that_is_said():
    detection = find_bad_channels(
        Segment(np.random.default_rng(0).normal(0, 10, (2, 4000)), ("C3", "C4"), 200.0)
    )
    assert detection.events == ()
    assert "eight channels" in detection.not_analysed[0].reason


@pytest.mark.parametrize("line", [50.0, 60.0])
def test_hum_is_found_with_its_frequency_and_channels(line):
    segment = wake()
    t = np.arange(segment.data.shape[1]) / 200
    data = segment.data.copy()
    data[[2, 5]] += np.outer([8, 12], np.sin(2 * np.pi * line * t))
    (event,) = find_line_noise(replace(segment, data=data)).events
    assert event.frequency_hz == line
    assert event.channels == (TEN_TWENTY[5], TEN_TWENTY[2])
    assert event.amplitude is not None
    assert event.amplitude.value_uv == pytest.approx(12 / np.sqrt(2), rel=0.1)
    sizes = [span.value_uv for span in event.per_channel]
    assert sizes == [pytest.approx(12 / np.sqrt(2), rel=0.1), pytest.approx(8 / np.sqrt(2), rel=0.1)]


def test_hum_of_a_bad_channel_alone_is_doubtful_and_that_of_the_room_is_not(tmp_path):
    simulated = simulate(("alpha",), duration=20, seed=6)
    t = np.arange(4000) / 200
    data = simulated.segment.data.copy()
    data[5] += np.random.default_rng(0).normal(0, 60, 4000) + 60 * np.sin(2 * np.pi * 50 * t)
    everywhere = data + 10 * np.sin(2 * np.pi * 50 * t)
    masks = []
    for number, values in enumerate((data, everywhere)):
        made = simulated._replace(segment=replace(simulated.segment, data=values))
        with open_recording(write_edf(made, tmp_path / f"{number}.edf")) as recording:
            (event,) = detect(recording, labels=["line_noise"]).events
        masks.append(event.masked_by)
    assert masks == ["bad_channel", None]


def test_background_has_no_hum_and_slow_sampling_is_said():
    assert find_line_noise(wake()).events == ()
    slow = find_line_noise(Segment(np.zeros((1, 2000)), ("C3",), 100.0))
    assert "outside" in slow.not_analysed[0].reason


# --- quality --------------------------------------------------------------------------------------


def muscle(channels, onset, duration):
    spans = tuple(ChannelSpan(channel=c, onset=onset, duration=duration) for c in channels)
    return Event(
        label="hfnoise", source="t", onset=onset, duration=duration, channels=channels, per_channel=spans
    )


@pytest.mark.parametrize(
    ("events", "grade", "share"),
    [
        ([], "good", 0),
        ([muscle(("C3",), 0, 1)], "good", 0.05),
        ([muscle(("C3",), 0, 4), muscle(("C3",), 2, 4)], "fair", 0.3),
        ([muscle(("C3", "C4"), 4, 6)], "poor", 0.6),
        ([Event(label="eyem", source="t", onset=0, duration=10)], "good", 0),
        ([Event(label="movement", source="t", onset=0, duration=10)], "poor", 1),
    ],
)
def test_quality_is_the_share_of_channel_seconds_without_artifact(events, grade, share):
    assert quality(events, ("C3", "C4"), 0, 10) == (grade, pytest.approx(share))


@pytest.mark.real_data
def test_healthy_recordings_are_not_called_extreme_and_their_padding_is_flat(real_data):
    for path in sorted((real_data / "eegmat").glob("*_1.edf")):
        with open_recording(path) as recording:
            events = detect(recording, labels=["extreme", "flat", "bad_channel"]).events
            end = recording.info.duration
        assert [e.label for e in events] == ["flat"]  # the last record is filled up with zeros
        assert events[0].onset + events[0].duration == pytest.approx(end)


@pytest.mark.real_data
def test_hum_of_american_mains_is_found_in_a_bedside_recording(real_data):
    with open_recording(real_data / "iiic_sparcnet" / "GPD_sample1.edf") as recording:
        (event,) = detect(recording, labels=["line_noise"]).events
    assert event.frequency_hz == 60
