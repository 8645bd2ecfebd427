"""Slow waves: known truth, limits of size and duration, what must not count."""

from dataclasses import replace

import numpy as np
import pytest

from models import waveforms
from models.simulate import simulate
from tools.events import match
from tools.io import open_recording
from tools.prepare import prepare
from tools.slow_waves import find_slow_waves
from tools.types import Filters, Segment


def single(pp, half, sfreq=100.0, sign=-1):
    """Four slow waves of known size in quiet background, one channel."""
    data = 2 * waveforms.pink(1, round(60 * sfreq), sfreq, 2.2, np.random.default_rng(0))
    t = np.arange(round(2 * half * sfreq)) / sfreq
    for onset in (10, 20, 30, 40):
        start = round(onset * sfreq)
        data[0, start : start + len(t)] += sign * pp / 2 * np.sin(np.pi * t / half)
    return Segment(data, ("F3-A2",), sfreq)


@pytest.mark.parametrize("sfreq", [50.0, 100.0, 200.0, 512.0])
def test_waves_of_known_size_are_found_at_every_rate(sfreq):
    found = find_slow_waves(single(120, 0.5, sfreq)).events
    assert [round(e.onset) for e in found] == [10, 20, 30, 40]
    for event in found:
        assert event.amplitude is not None
        assert (event.amplitude.kind, event.amplitude.value_uv) == ("pp", pytest.approx(120, rel=0.15))
        assert event.duration == pytest.approx(1.0, abs=0.15)
        assert event.frequency_hz == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize(("pp", "half"), [(55, 0.5), (120, 0.12), (120, 1.4)])
def test_waves_too_small_too_short_or_too_long_are_left_out(pp, half):
    assert find_slow_waves(single(pp, half)).events == ()


def test_simulated_slow_waves_are_found_in_both_references():
    segment, truth = simulate(("slow_waves", "spindles"), duration=300, seed=3)
    waves = [e for e in truth if e.label == "slow_wave"]
    for data in (segment.data, segment.data - segment.data.mean(axis=0)):
        result = match(waves, find_slow_waves(replace(segment, data=data)).events)
        assert result.recall is not None
        assert result.precision is not None
        assert result.recall >= 0.9
        assert result.precision >= 0.9


def test_channels_come_largest_first_down_to_a_third_of_the_largest():
    segment = simulate(("slow_waves",), duration=180, seed=6).segment
    found = find_slow_waves(replace(segment, data=segment.data - segment.data.mean(axis=0))).events
    assert len(found) >= 5
    for event in found:
        values = [span.value_uv for span in event.per_channel]
        assert event.channels == tuple(span.channel for span in event.per_channel)
        assert values == sorted(values, reverse=True)
        assert values[0] == event.amplitude.value_uv
        assert values[-1] >= values[0] / 3


def test_what_a_single_electrode_does_alone_is_no_slow_wave():
    segment = simulate((), duration=60, seed=1, state="n2").segment
    data = segment.data.copy()
    t = np.arange(200) / 200
    for onset in (10, 20, 30):
        data[8, onset * 200 : onset * 200 + 200] -= 100 * np.sin(2 * np.pi * t)
    found = find_slow_waves(replace(segment, data=data)).events
    assert not any(e.channels == (segment.channels[8],) for e in found)


def test_frontopolar_electrodes_are_not_searched():
    detection = find_slow_waves(simulate(("slow_waves",), duration=30, seed=1).segment)
    assert not {"Fp1", "Fp2", "F7", "F8"} & set(detection.analysed.channels)


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_flat_or_missing_signal_gives_nothing(value):
    assert find_slow_waves(Segment(np.full((2, 3000), value), ("C3", "C4"), 100.0)).events == ()


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (Segment(np.zeros((1, 200)), ("C3",), 100.0), "3 s"),
        (Segment(np.zeros((1, 3000)), ("C3",), 100.0, filters=Filters(low_cut_hz=1.6)), "1.6 Hz"),
        (Segment(np.zeros((1, 3000)), ("Fp1",), 100.0), "away from the eyes"),
        (Segment(np.zeros((1, 300)), ("C3",), 10.0), "20 Hz"),
    ],
)
def test_what_cannot_be_searched_is_said(segment, reason):
    detection = find_slow_waves(segment)
    assert detection.analysed.labels == ()
    assert reason in detection.not_analysed[0].reason


@pytest.mark.real_data
def test_healthy_waking_people_have_next_to_no_slow_waves(real_data):
    minutes, found = 0.0, 0
    for path in sorted((real_data / "eegmat").glob("*_1.edf")):
        with open_recording(path) as recording:
            found += len(find_slow_waves(prepare(recording, 0, recording.info.duration)).events)
            minutes += recording.info.duration / 60
    assert found / minutes <= 0.2


@pytest.mark.real_data
def test_sleep_has_slow_waves(real_data):
    with open_recording(real_data / "dreams_spindles" / "excerpt1.edf") as recording:
        found = find_slow_waves(prepare(recording, 0, recording.info.duration, montage="as_recorded")).events
    assert len(found) >= 80
