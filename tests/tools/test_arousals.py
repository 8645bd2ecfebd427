"""Arousals: a shift to faster frequencies out of sleep, for 3 s and longer, in more than one place."""

from dataclasses import replace

import numpy as np
import pytest

from models import waveforms
from tools.arousals import find_arousals
from tools.io import open_recording
from tools.prepare import prepare
from tools.types import Segment

CHANNELS = ("F3-M2", "F4-M1", "C3-M2", "C4-M1", "O1-M2", "O2-M1")


def asleep(start=30.0, duration=5.0, rms=15.0, rows=(0, 1, 2, 3, 4, 5), band=(8.5, 11.0), sfreq=100.0):
    """A minute of light sleep with a burst of a band in some channels."""
    rng = np.random.default_rng(0)
    data = 14 * waveforms.pink(6, round(60 * sfreq), sfreq, 2.3, rng)
    first, length = round(start * sfreq), round(duration * sfreq)
    burst = waveforms.band_noise(6, length, sfreq, band, rng)
    burst *= rms / burst.std(axis=1, keepdims=True)
    for row in rows:
        data[row, first : first + length] += burst[row]
    return Segment(data, CHANNELS, sfreq)


@pytest.mark.parametrize("sfreq", [100.0, 128.0, 200.0])
@pytest.mark.parametrize("band", [(8.5, 11.0), (17.0, 28.0)])
def test_a_shift_to_alpha_or_faster_is_found_with_its_limits(sfreq, band):
    (event,) = find_arousals(asleep(sfreq=sfreq, band=band)).events
    assert event.onset == pytest.approx(30, abs=0.8)
    assert event.duration == pytest.approx(5, abs=1.2)
    assert event.frequency_hz == pytest.approx(np.mean(band), abs=3)


def test_what_is_too_short_too_early_or_in_one_channel_is_none():
    assert find_arousals(asleep(duration=1.6)).events == ()
    assert find_arousals(asleep(start=4.0)).events == ()
    assert find_arousals(asleep(rows=(2,))).events == ()


def test_spindles_and_slow_waves_are_no_arousals():
    assert find_arousals(asleep(band=(12.5, 14.5), duration=3.5)).events == ()
    assert find_arousals(asleep(band=(0.7, 2.0), rms=60.0)).events == ()


def test_out_of_wakefulness_there_is_none():
    segment = asleep()
    awake = segment.data + np.random.default_rng(3).normal(0, 12, segment.data.shape)
    assert find_arousals(replace(segment, data=awake)).events == ()


def test_order_and_time_do_not_matter_and_one_channel_is_enough():
    segment = asleep()
    turned = replace(segment.pick(segment.channels[::-1]), onset=900.0)
    (plain,), (other,) = find_arousals(segment).events, find_arousals(turned).events
    assert other.onset == pytest.approx(plain.onset + 900)
    assert len(find_arousals(segment.pick(["C4-M1"])).events) == 1


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_flat_or_missing_signal_gives_nothing(value):
    assert find_arousals(Segment(np.full((2, 6000), value), ("C3", "C4"), 100.0)).events == ()


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (Segment(np.zeros((1, 1000)), ("Cz",), 100.0), "10 s of sleep"),
        (Segment(np.zeros((1, 3000)), ("Cz",), 50.0), "60 Hz"),
        (Segment(np.zeros((1, 3000)), ("ECG",), 100.0, kinds=("ecg",)), "EEG"),
    ],
)
def test_what_cannot_be_searched_is_said(segment, reason):
    detection = find_arousals(segment)
    assert detection.analysed.labels == ()
    assert reason in detection.not_analysed[0].reason


@pytest.mark.real_data
def test_healthy_waking_people_have_next_to_none(real_data):
    minutes, found = 0.0, 0
    for path in sorted((real_data / "eegmat").glob("*_1.edf"))[:5]:
        with open_recording(path) as recording:
            found += len(find_arousals(prepare(recording, 0, recording.info.duration)).events)
            minutes += recording.info.duration / 60
    assert found / minutes <= 0.3
