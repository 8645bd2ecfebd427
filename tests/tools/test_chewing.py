"""Chewing and movement: known truth, and the muscle that is neither."""

from dataclasses import replace

import numpy as np
import pytest

from models import body
from models.canvas import Canvas
from models.recorder import record
from models.simulate import simulate
from tools.detect import detect
from tools.io import open_recording
from tools.labels import TEN_TWENTY
from tools.muscle import find_muscle
from tools.types import Segment


def head(draw=None, seed=0, sfreq=200.0, duration=20.0, montage="average", state="eyes_open"):
    canvas = Canvas(duration, sfreq, np.random.default_rng(seed))
    canvas.background(state)
    if draw is not None:
        draw(canvas)
    return record(canvas, montage)


def only(segment, label):
    return [event for event in find_muscle(segment).events if event.label == label]


@pytest.mark.parametrize("sfreq", [160.0, 200.0, 512.0])
def test_chewing_is_one_event_of_its_whole_length_and_no_muscle_besides(sfreq):
    segment = head(lambda c: body.add_chewing(c, 4.0, 12.0, rms=35.0), sfreq=sfreq)
    (event,) = find_muscle(segment).events
    assert event.label == "chewing"
    assert (event.onset, event.onset + event.duration) == (
        pytest.approx(4.1, abs=0.4),
        pytest.approx(11.7, abs=0.7),
    )
    assert {"T3", "T4"} <= set(event.channels)
    assert "Cz" not in event.channels


def test_chewing_is_found_in_bipolar_chains():
    segment = head(lambda c: body.add_chewing(c, 4.0, 12.0, rms=35.0), montage="longitudinal")
    assert len(only(segment, "chewing")) == 1


def test_time_shifts_and_the_order_of_channels_do_not_matter():
    segment = head(lambda c: body.add_chewing(c, 4.0, 12.0, rms=35.0))
    later = replace(segment, onset=100.0, data=segment.data[::-1].copy(), channels=segment.channels[::-1])
    (here,), (there,) = only(segment, "chewing"), only(later, "chewing")
    assert there.onset - here.onset == pytest.approx(100.0)
    assert set(there.channels) == set(here.channels)


def test_bursts_without_a_pace_on_one_side_or_too_few_are_not_chewing():
    def bursts(times, rows):
        segment, rng = head(), np.random.default_rng(1)
        data = segment.data.copy()
        for at in times:
            first = round(at * 200)
            data[rows, first : first + 50] += rng.normal(0, 40, (len(rows), 50))
        return replace(segment, data=data)

    both = [TEN_TWENTY.index(name) for name in ("T3", "T4", "F7", "F8")]
    paced = 3 + 0.75 * np.arange(8)
    assert len(only(bursts(paced, both), "chewing")) == 1
    assert only(bursts(paced[:3], both), "chewing") == []
    assert only(bursts([3, 5.5, 8.5, 10.2, 14, 17], both), "chewing") == []
    left = [TEN_TWENTY.index(name) for name in ("T3", "F7")]
    assert only(bursts(paced, left), "chewing") == []


@pytest.mark.parametrize("sfreq", [160.0, 200.0, 512.0])
def test_a_movement_is_found_with_its_limits_and_explains_its_muscle(sfreq):
    segment = head(lambda c: body.add_movement(c, 8.0, 10.5, size=400.0), sfreq=sfreq)
    (event,) = find_muscle(segment).events
    assert event.label == "movement"
    assert (event.onset, event.onset + event.duration) == (
        pytest.approx(8.0, abs=0.3),
        pytest.approx(10.5, abs=0.3),
    )
    assert len(event.channels) > 6


def test_slow_waves_without_muscle_and_muscle_without_slow_waves_are_no_movement():
    slow = simulate(("slow_waves",), duration=60, seed=2).segment
    assert only(replace(slow, data=slow.data - slow.data.mean(axis=0)), "movement") == []
    tense = head(lambda c: body.add_emg(c, 5.0, 9.0, rms=40.0))
    assert [event.label for event in find_muscle(tense).events] == ["hfnoise"]


def test_muscle_during_a_generalized_rhythm_is_no_movement():
    segment = head()
    t = np.arange(4000) / 200
    rhythm = 150 * np.sin(2 * np.pi * 2.5 * t) * np.linspace(1, -1, 19)[:, None]
    noise = np.random.default_rng(2).normal(0, 40, (4, 600))
    data = segment.data + rhythm
    data[[2, 6, 7, 11], 1600:2200] += noise
    assert only(replace(segment, data=data), "movement") == []


def test_what_is_too_slow_for_muscle_is_still_searched_for_movement_of_any_size():
    segment = head(sfreq=100.0)
    detection = find_muscle(segment)
    assert detection.analysed.labels == ("movement",)
    assert {item.label for item in detection.not_analysed} == {"hfnoise", "chewing"}
    wild = segment.data.copy()
    wild[:, 800:1100] += (
        1500 * np.sin(2 * np.pi * 1.3 * np.arange(300) / 100) * np.linspace(-1, 1, 19)[:, None]
    )
    assert [event.label for event in find_muscle(replace(segment, data=wild)).events] == ["movement"]


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_flat_and_missing_signal_holds_neither(value):
    segment = Segment(np.full((4, 4000), value), ("T3", "T4", "F7", "F8"), 200.0)
    assert find_muscle(segment).events == ()


@pytest.mark.real_data
def test_healthy_people_at_rest_neither_chew_nor_move(real_data):
    for path in sorted((real_data / "eegmat").glob("*_1.edf"))[:4]:
        with open_recording(path) as recording:
            assert detect(recording, labels=["chewing", "movement"]).events == ()
