"""Eye movements of sleep: both eyes together, in opposite directions."""

from dataclasses import replace

import numpy as np
import pytest

from models import transients
from tools.eye_movements import find_eye_movements
from tools.types import Filters, Segment

ONSETS = (10.0, 25.0, 40.0)


def eog(left=-1.0, right=1.0, sfreq=100.0, peak=100.0, names=("E1-M2", "E2-M1")):
    """A minute of quiet EOG with three rapid movements to the right."""
    data = np.random.default_rng(0).normal(0, 3, (2, round(60 * sfreq)))
    wave = peak * transients.rapid_eye_movement(sfreq, 0.12, 0.7)
    for onset in ONSETS:
        start = round(onset * sfreq)
        data[:, start : start + len(wave)] += np.outer([left, right], wave)
    return Segment(data, names, sfreq, kinds=("eog", "eog"))


def rolling(phase=np.pi, frequency=0.35, size=60.0, names=("E1-M2", "E2-M1"), kinds=("eog", "eog")):
    """A minute with slow rolling from 20 to 40 s."""
    sfreq = 100.0
    t = np.arange(6000) / sfreq
    data = np.random.default_rng(1).normal(0, 2, (2, 6000))
    inside = (t >= 20) & (t < 40)
    data[0] += inside * size * np.sin(2 * np.pi * frequency * t)
    data[1] += inside * size * np.sin(2 * np.pi * frequency * t + phase)
    return Segment(data, names, sfreq, kinds=kinds)


def labelled(detection, label):
    return [event for event in detection.events if event.label == label]


@pytest.mark.parametrize("sfreq", [50.0, 100.0, 256.0])
@pytest.mark.parametrize("names", [("E1-M2", "E2-M1"), ("LOC", "ROC"), ("EOG left", "EOG right")])
def test_rapid_movements_are_found_at_every_rate_and_under_every_name(sfreq, names):
    found = labelled(find_eye_movements(eog(sfreq=sfreq, names=names)), "rem")
    assert [e.onset for e in found] == pytest.approx(ONSETS, abs=0.35)
    assert all(set(e.channels) == set(names) for e in found)
    assert all(e.amplitude is not None and e.amplitude.kind == "pp" for e in found)


def test_direction_does_not_matter_but_opposition_does():
    assert len(labelled(find_eye_movements(eog(1.0, -1.0)), "rem")) == 3
    # Blinks and slow waves have the same sign in both.
    assert find_eye_movements(eog(1.0, 1.0)).events == ()
    assert labelled(find_eye_movements(eog(-1.0, 0.1)), "rem") == []


def test_small_movements_are_left_out():
    assert find_eye_movements(eog(peak=30.0)).events == ()


def test_order_of_channels_and_time_do_not_matter():
    segment = eog()
    turned = replace(segment.pick(segment.channels[::-1]), onset=300.0)
    plain, other = find_eye_movements(segment).events, find_eye_movements(turned).events
    assert [e.onset for e in other] == pytest.approx([e.onset + 300 for e in plain])


def test_slow_rolling_is_found_with_its_frequency_and_is_not_rapid():
    found = find_eye_movements(rolling())
    (event,) = labelled(found, "sem")
    assert event.onset == pytest.approx(20, abs=2)
    assert event.duration == pytest.approx(20, abs=3)
    assert event.frequency_hz == pytest.approx(0.35, abs=0.08)


@pytest.mark.parametrize("phase", [0.0, np.pi / 2])
def test_drifts_that_do_not_oppose_each_other_are_no_slow_movements(phase):
    assert labelled(find_eye_movements(rolling(phase)), "sem") == []


def test_f7_and_f8_show_slow_movements_and_rapid_ones_are_refused():
    found = find_eye_movements(rolling(names=("F7", "F8"), kinds=("eeg", "eeg")))
    assert len(labelled(found, "sem")) == 1
    assert found.analysed.labels == ("sem",)
    assert "needs EOG" in found.not_analysed[0].reason


def test_one_horizontal_channel_shows_rapid_movements_only():
    data = eog().data
    single = Segment(data[1:] - data[:1], ("EOG horizontal",), 100.0, kinds=("eog",))
    found = find_eye_movements(single)
    assert [e.onset for e in found.events] == pytest.approx(ONSETS, abs=0.35)
    assert found.analysed.labels == ("rem",)
    assert "both eyes" in found.not_analysed[0].reason


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_flat_or_missing_signal_gives_nothing(value):
    segment = replace(eog(), data=np.full((2, 6000), value))
    assert find_eye_movements(segment).events == ()


def test_movements_on_missing_samples_are_left_out():
    segment = eog()
    segment.data[:, 1000:1060] = np.nan
    assert [e.onset for e in find_eye_movements(segment).events] == pytest.approx(ONSETS[1:], abs=0.35)


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (Segment(np.zeros((1, 3000)), ("C3",), 100.0), "needs EOG"),
        (Segment(np.zeros((2, 200)), ("LOC", "ROC"), 100.0, kinds=("eog", "eog")), "5 s"),
        (Segment(np.zeros((2, 200)), ("LOC", "ROC"), 10.0, kinds=("eog", "eog")), "20 Hz"),
    ],
)
def test_what_cannot_be_searched_is_said(segment, reason):
    detection = find_eye_movements(segment)
    assert detection.analysed.labels == ()
    assert {item.label for item in detection.not_analysed} == {"rem", "sem"}
    assert reason in detection.not_analysed[0].reason


def test_a_low_cut_that_removes_slow_movements_is_named():
    found = find_eye_movements(replace(rolling(), filters=Filters(low_cut_hz=0.5)))
    assert found.analysed.labels == ("rem",)
    assert "0.5 Hz" in found.not_analysed[0].reason


@pytest.mark.real_data
def test_fourteen_minutes_of_rem_sleep_are_full_of_rapid_movements(real_data):
    clip = np.load(real_data / "yasa_clips" / "data_EOGs_REM_256Hz.npz")["data"].astype(float)
    found = find_eye_movements(Segment(clip, ("LOC", "ROC"), 256.0, kinds=("eog", "eog")))
    assert len(labelled(found, "rem")) >= 110
