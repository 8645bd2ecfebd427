"""ECG artifact: waves of the EEG that come with every beat of an ECG channel, and none without one."""

from dataclasses import replace

import numpy as np
import pytest

from tools.heart import find_heartbeats
from tools.io import open_recording
from tools.prepare import prepare
from tools.types import Segment


def beating(size=20.0, sfreq=200.0, seconds=20, rate=1.2, seed=1, jitter=0.02):
    """Two noisy EEG channels, of which the first takes part in the beats, and the ECG."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * sfreq)) / sfreq
    beats = np.cumsum(rng.normal(1 / rate, jitter, int(seconds * rate))) - 0.3
    shape = sum(np.exp(-0.5 * ((t - beat) / 0.012) ** 2) for beat in beats)
    eeg = rng.normal(0, 8, (2, len(t)))
    data = np.vstack([eeg[0] + size * shape, eeg[1], 1000 * shape + rng.normal(0, 20, len(t))])
    return Segment(data, ("T5", "F4", "ECG"), sfreq, kinds=("eeg", "eeg", "ecg"))


@pytest.mark.parametrize("sfreq", [100.0, 200.0, 256.0, 1000.0])
def test_the_channel_that_takes_part_is_found_at_its_rate(sfreq):
    (event,) = find_heartbeats(beating(sfreq=sfreq)).events
    assert event.channels == ("T5",)
    assert event.frequency_hz == pytest.approx(1.2, abs=0.1)
    assert event.duration > 15
    assert 8 < event.amplitude.value_uv < 30


def test_an_eeg_that_does_not_follow_the_heart_has_none():
    found = find_heartbeats(beating(size=0.0))
    assert found.events == ()
    assert found.analysed.labels == ("ecg",)


def test_polarity_order_and_time_do_not_matter():
    made = beating()
    turned = replace(made, data=-made.data[[1, 0, 2]], channels=("F4", "T5", "ECG"), onset=100.0)
    (one,), (other,) = find_heartbeats(made).events, find_heartbeats(turned).events
    assert other.channels == one.channels
    assert other.onset == pytest.approx(one.onset + 100)


def test_beats_that_the_eeg_has_at_other_times_do_not_count():
    made = beating()
    rolled = made.data.copy()
    rolled[0] = np.roll(rolled[0], 80)
    assert find_heartbeats(replace(made, data=rolled)).events == ()


@pytest.mark.parametrize(
    ("segment", "says"),
    [
        (beating().pick(["T5", "F4"]), "needs an ECG channel"),
        (beating().pick(["ECG"]), "no EEG channel"),
        (beating(seconds=2), "needs 3 s"),
        (beating(sfreq=64.0), "100 Hz"),
        (replace(beating(), data=np.zeros((3, 4000))), "no regular beat"),
    ],
)
def test_what_cannot_be_looked_at_is_said(segment, says):
    found = find_heartbeats(segment)
    assert found.events == ()
    assert says in found.not_analysed[0].reason


def test_a_channel_with_gaps_is_left_out():
    made = beating()
    data = made.data.copy()
    data[0, 500:600] = np.nan
    assert find_heartbeats(replace(made, data=data)).events == ()


@pytest.mark.real_data
def test_real_hearts_are_found_and_leave_healthy_eeg_mostly_alone(real_data):
    """Ten healthy people with an ECG channel: the artifact is small, and may be in a few of them."""
    looked = 0
    for path in sorted((real_data / "eegmat").glob("*_1.edf")):
        with open_recording(path) as recording:
            found = find_heartbeats(prepare(recording, 20, 30, kinds=("eeg", "ecg")))
        looked += found.analysed.labels == ("ecg",)
        for event in found.events:
            assert 0.7 <= event.frequency_hz <= 2.0
    assert looked >= 9
