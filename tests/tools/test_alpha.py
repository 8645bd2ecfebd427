"""Runs of the posterior rhythm: when planted alpha is there, where and how fast, and what is none."""

import numpy as np
import pytest

from models.simulate import make
from tools.alpha import find_alpha, peak_of_run
from tools.filters import apply_filters
from tools.labels import TEN_TWENTY
from tools.montage import apply_montage
from tools.types import Filters, Segment

BEHIND = {"O1": 1.0, "O2": 1.0, "P3": 0.6, "P4": 0.6, "Pz": 0.6}


def eeg(sfreq=200.0, seconds=20.0, start=5.0, stop=14.0, frequency=10.0, size=20.0, where=BEHIND, onset=0.0):
    """Noise of 5 µV that falls with frequency, and a waxing rhythm from one second to another."""
    rng = np.random.default_rng(1)
    length = round(seconds * sfreq)
    freqs = np.fft.rfftfreq(length, 1 / sfreq)
    data = np.fft.irfft(np.fft.rfft(rng.normal(size=(19, length))) / np.sqrt(np.maximum(freqs, 0.5)), length)
    data *= 5 / data.std(axis=1, keepdims=True)
    time = np.arange(length) / sfreq
    wave = size * (1 + 0.3 * np.sin(1.3 * time)) * np.sin(2 * np.pi * frequency * time)
    wave *= (time >= start) & (time < stop)
    for name, share in where.items():
        data[TEN_TWENTY.index(name)] += share * wave
    return Segment(data, TEN_TWENTY, sfreq, onset=onset, filters=Filters(low_cut_hz=0.3))


@pytest.mark.parametrize("sfreq", [128.0, 200.0, 500.0])
@pytest.mark.parametrize("frequency", [8.3, 10.0, 12.0])
def test_a_run_is_found_from_its_start_to_its_end_at_its_frequency(sfreq, frequency):
    (event,) = find_alpha(eeg(sfreq, frequency=frequency, onset=100.0)).events
    assert event.onset == pytest.approx(105, abs=0.6)
    assert event.onset + event.duration == pytest.approx(114, abs=0.6)
    assert event.frequency_hz == pytest.approx(frequency, abs=0.2)
    assert event.amplitude.kind == "pp"
    assert event.amplitude.value_uv == pytest.approx(40, rel=0.25)


def test_channels_come_largest_first_with_limits_and_sizes_of_their_own():
    (event,) = find_alpha(eeg()).events
    sizes = [span.value_uv for span in event.per_channel]
    assert set(event.channels[:2]) == {"O1", "O2"}
    assert set(event.channels) <= set(BEHIND)
    assert sizes == sorted(sizes, reverse=True)
    assert all(span.onset >= event.onset - 1e-9 for span in event.per_channel)


@pytest.mark.parametrize(
    "where",
    [
        {"C3": 1.0, "P3": 0.4},
        {"Fz": 1.0, "F3": 1.0, "F4": 1.0, "C3": 0.8, "C4": 0.8, "Cz": 1.0, "O1": 0.3, "O2": 0.3},
        {"Pz": 1.0, "P3": 0.9, "P4": 0.9, "Cz": 0.6, "O1": 0.1, "O2": 0.1},
    ],
    ids=["mu", "larger in front", "parietal only, as spindles are"],
)
def test_a_rhythm_elsewhere_is_no_alpha(where):
    assert find_alpha(eeg(where=where)).events == ()


@pytest.mark.parametrize(("frequency", "there"), [(5.0, False), (10.0, True), (16.0, False)])
def test_only_the_band_of_alpha_counts(frequency, there):
    assert bool(find_alpha(eeg(frequency=frequency)).events) == there


def test_a_trace_of_alpha_below_eight_microvolts_is_left_alone():
    segment = eeg(size=3.0)
    assert find_alpha(Segment(0.5 * segment.data, TEN_TWENTY, 200.0)).events == ()


def test_noise_alone_holds_no_run():
    assert find_alpha(eeg(size=0.0, seconds=120.0)).events == ()


def test_a_bipolar_chain_shows_the_same_run():
    (event,) = find_alpha(apply_montage(eeg(), "longitudinal")).events
    assert event.onset == pytest.approx(5, abs=0.7)
    assert all("O" in channel for channel in event.channels)


def test_pauses_of_a_second_are_part_of_the_waxing_and_waning():
    first, second = eeg(start=3, stop=8), eeg(start=9, stop=14)
    quiet = eeg(size=0.0)
    both = Segment(first.data + second.data - quiet.data, TEN_TWENTY, 200.0)
    (event,) = find_alpha(both).events
    assert event.duration == pytest.approx(11, abs=1.2)


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (eeg().pick(["Fp1", "C3", "C4"]), "no electrode over the back"),
        (eeg(seconds=1.0), "needs 2 s"),
        (Segment(np.zeros((2, 400)), ("O1", "O2"), 40.0), "sampling rate"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_words(segment, reason):
    outcome = find_alpha(segment)
    assert outcome.events == ()
    assert outcome.analysed.labels == ()
    assert reason in outcome.not_analysed[0].reason


def test_missing_samples_hold_no_run():
    segment = eeg()
    data = segment.data.copy()
    data[:, 1400:2000] = np.nan
    events = find_alpha(Segment(data, TEN_TWENTY, 200.0)).events
    assert events
    assert sum(event.duration for event in events) < 7.5


def test_the_peak_of_a_run_is_told_from_a_falling_spectrum():
    rng = np.random.default_rng(0)
    time = np.arange(800) / 100
    sine = np.sin(2 * np.pi * 9.4 * time)[None] + 0.3 * rng.normal(size=(1, 800))
    frequency, contrast = peak_of_run(sine, 100.0, 6.5, 13.5)
    assert frequency == pytest.approx(9.4, abs=0.1)
    assert contrast > 10
    falling = peak_of_run(np.cumsum(rng.normal(size=(4, 4000)), axis=1), 100.0, 6.5, 13.5)
    assert falling is None or falling[1] < 3


def test_simulated_alpha_is_found_and_eyes_open_have_none():
    closed = apply_filters(
        make(("posterior_rhythm",), duration=20, sfreq=200, seed=11, montage="average").segment,
        Filters(low_cut_hz=0.3),
    )
    opened = apply_filters(
        make((), duration=20, sfreq=200, seed=11, state="eyes_open", montage="average").segment,
        Filters(low_cut_hz=0.3),
    )
    assert sum(event.duration for event in find_alpha(closed).events) > 16
    assert find_alpha(opened).events == ()


def _share(path, seconds=60.0):
    from tools.detectors import COPIES
    from tools.io import open_recording
    from tools.montage import default_montage
    from tools.prepare import prepare

    with open_recording(path) as opened:
        montage = default_montage(opened.info)
        segment = prepare(opened, 0, seconds, montage=montage, filters=COPIES["sleep"].filters)
    return sum(event.duration for event in find_alpha(segment).events) / seconds


@pytest.mark.real_data
def test_closed_eyes_hold_alpha_and_open_eyes_do_not(real_data):
    assert _share(real_data / "eegmmidb/S001R02.edf") > 0.9
    assert _share(real_data / "eegmmidb/S001R01.edf") < 0.2
    assert _share(real_data / "eegmat/Subject05_1.edf") > 0.9


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["GPD_sample1", "LPD_sample1", "LRDA_sample1", "SZ_sample3"])
def test_clips_of_intensive_care_hold_no_alpha(real_data, name):
    assert _share(real_data / f"iiic_sparcnet/{name}.edf", 50.0) == 0
