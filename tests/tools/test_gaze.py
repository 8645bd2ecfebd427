"""Looking aside: known truth in several montages, and what only looks like it."""

from dataclasses import replace

import numpy as np
import pytest

from models import eyes
from models.canvas import Canvas
from models.recorder import record
from tools.detect import detect
from tools.gaze import find_gaze
from tools.io import open_recording
from tools.types import Filters, Segment


def looking(*, right=True, size=90.0, montage="average", sfreq=200.0, hold=0.8, seed=0):
    canvas = Canvas(20.0, sfreq, np.random.default_rng(seed))
    canvas.background("eyes_open")
    eyes.add_gaze(canvas, 8.0, right=right, size=size, hold=hold)
    return record(canvas, montage)


@pytest.mark.parametrize("sfreq", [100.0, 200.0, 500.0])
@pytest.mark.parametrize("right", [True, False])
def test_each_side_has_its_own_sign_and_channels(sfreq, right):
    found = {event.label: event for event in find_gaze(looking(right=right, sfreq=sfreq)).events}
    assert set(found) == {"eyer+", "eyer-"}
    assert found["eyer+"].channels[0] == ("F8" if right else "F7")
    assert found["eyer-"].channels[0] == ("F7" if right else "F8")
    for event in found.values():
        assert (event.onset, event.duration) == (pytest.approx(8.0, abs=0.1), pytest.approx(0.9, abs=0.15))
        assert event.amplitude.value_uv == pytest.approx(80, rel=0.35)
        assert [span.value_uv for span in event.per_channel] == sorted(
            (span.value_uv for span in event.per_channel), reverse=True
        )


@pytest.mark.parametrize("montage", ["linked_ears", "longitudinal", "cz"])
def test_other_references_show_it_as_well(montage):
    assert {event.label for event in find_gaze(looking(montage=montage)).events} == {"eyer+", "eyer-"}


def test_without_electrodes_beside_the_eyes_the_eog_is_used():
    segment = looking(montage="sleep", size=60.0)
    found = {event.label: event for event in find_gaze(segment).events}
    assert found["eyer+"].channels == ("E2-M1",)
    assert found["eyer-"].channels == ("E1-M2",)


def test_signal_upside_down_looks_to_the_other_side():
    segment = looking()
    there = {
        event.label: event.channels[0] for event in find_gaze(replace(segment, data=-segment.data)).events
    }
    assert there == {"eyer+": "F7", "eyer-": "F8"}


def test_order_of_channels_and_shifts_in_time_do_not_matter():
    segment = looking()
    other = replace(segment, onset=50.0, data=segment.data[::-1].copy(), channels=segment.channels[::-1])
    here, there = find_gaze(segment).events, find_gaze(other).events
    assert [event.channels[0] for event in here] == [event.channels[0] for event in there]
    assert [event.onset + 50.0 for event in here] == pytest.approx([event.onset for event in there])


def test_blinks_rolling_eyes_and_background_are_no_gaze():
    canvas = Canvas(60.0, 200.0, np.random.default_rng(3))
    canvas.background("eyes_open")
    for onset in range(5, 55, 5):
        eyes.add_blink(canvas, float(onset), size=120.0)
    assert find_gaze(record(canvas, "average")).events == ()
    canvas = Canvas(60.0, 200.0, np.random.default_rng(4))
    canvas.background("drowsy")
    eyes.add_slow_rolling(canvas, 0.0, 60.0, size=60.0)
    assert find_gaze(record(canvas, "average")).events == ()


def test_the_same_box_on_one_side_only_is_an_electrode():
    segment = looking(size=0.001)
    data = segment.data.copy()
    data[segment.channels.index("F8"), 1600:1800] += 90
    assert find_gaze(replace(segment, data=data)).events == ()


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (Segment(np.zeros((2, 2000)), ("C3", "C4"), 100.0), "no F7 and F8"),
        (Segment(np.zeros((2, 100)), ("F7", "F8"), 100.0), "2 s"),
        (Segment(np.zeros((2, 100)), ("F7", "F8"), 20.0), "32 Hz"),
        (Segment(np.zeros((2, 2000)), ("F7", "F8"), 100.0, filters=Filters(low_cut_hz=1.6)), "low cut"),
    ],
)
def test_what_cannot_be_searched_is_said(segment, reason):
    detection = find_gaze(segment)
    assert detection.analysed.labels == ()
    assert {item.label for item in detection.not_analysed} == {"eyer+", "eyer-"}
    assert reason in detection.not_analysed[0].reason


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_flat_or_missing_signal_holds_no_gaze(value):
    assert find_gaze(Segment(np.full((2, 2000), value), ("F7", "F8"), 100.0)).events == ()


@pytest.mark.real_data
def test_closed_eyes_hardly_ever_look_aside(real_data):
    with open_recording(real_data / "eegmat" / "Subject00_1.edf") as recording:
        assert len(detect(recording, labels=["eyer+"]).events) <= 1
