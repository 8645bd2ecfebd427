"""Electrode pops and slow drifts: known truth, and the waves that are neither."""

from dataclasses import replace

import numpy as np
import pytest

from models import body, discharges, technical
from models.canvas import Canvas
from models.recorder import record
from tools.drifts import find_drifts
from tools.pops import find_pops
from tools.types import Filters, Segment


def head(draw, *, seed=0, sfreq=200.0, duration=20.0, montage="linked_ears", state="eyes_open"):
    canvas = Canvas(duration, sfreq, np.random.default_rng(seed))
    canvas.background(state)
    draw(canvas)
    return record(canvas, montage)


def pop(canvas, size=200.0):
    technical.add_pop(canvas, 8.0, channel="T3", size=size)


@pytest.mark.parametrize("sfreq", [128.0, 200.0, 500.0])
@pytest.mark.parametrize("montage", ["linked_ears", "average", "longitudinal"])
def test_a_pop_is_marked_where_it_steps_in_its_electrode_alone(sfreq, montage):
    events = find_pops(head(pop, sfreq=sfreq, montage=montage)).events
    assert {channel for event in events for channel in event.channels} <= {"T3", "F7-T3", "T3-T5", "T3-C3"}
    assert len(events) == (2 if montage == "longitudinal" else 1)
    for event in events:
        assert event.onset + event.duration / 2 == pytest.approx(8.03, abs=0.06)
        assert event.amplitude.value_uv == pytest.approx(200, rel=0.25)


def test_pops_of_both_signs_count_and_order_and_shift_do_not():
    segment = head(pop)
    (event,) = find_pops(replace(segment, data=-segment.data)).events
    other = replace(segment, onset=30.0, data=segment.data[::-1].copy(), channels=segment.channels[::-1])
    (later,) = find_pops(other).events
    assert later.channels == event.channels
    assert later.onset - event.onset == pytest.approx(30.0)


def test_spikes_muscle_and_background_are_no_pops():
    where = discharges.FOCI[0]
    assert (
        find_pops(head(lambda c: discharges.add_discharge(c, 5.0, where=where, sharp=False, snr=12.0))).events
        == ()
    )
    assert find_pops(head(lambda c: body.add_emg(c, 5.0, 9.0, rms=40.0))).events == ()
    assert find_pops(head(lambda c: None)).events == ()


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (Segment(np.zeros((3, 2000)), ("C3", "Cz", "C4"), 200.0), "four"),
        (Segment(np.zeros((4, 200)), ("C3", "Cz", "C4", "Pz"), 200.0), "2 s"),
        (Segment(np.zeros((4, 200)), ("C3", "Cz", "C4", "Pz"), 50.0), "100 Hz"),
    ],
)
def test_where_no_pop_can_be_told_that_is_said(segment, reason):
    detection = find_pops(segment)
    assert detection.analysed.labels == ()
    assert reason in detection.not_analysed[0].reason


def test_sweat_is_found_in_its_electrodes():
    (event,) = find_drifts(head(lambda c: body.add_sweat(c, 0.0, 20.0, size=200.0), seed=1)).events
    assert event.label == "sweat"
    assert (event.onset, event.duration) == (0.0, pytest.approx(20.0))
    assert set(event.channels) <= {"Fp1", "Fp2", "F7", "F8", "F3", "F4", "T4"}


def test_breathing_is_found_with_and_without_its_own_channel():
    def draw(canvas):
        body.add_respiration(canvas, 0.0, 30.0, size=70.0)

    events = find_drifts(head(draw, duration=30.0, seed=2)).events
    assert {event.label for event in events} == {"respiration"}
    assert set(events[0].channels) <= {"O1", "O2", "T5", "T6"}


def test_a_wake_background_and_slow_sleep_do_not_drift():
    assert find_drifts(head(lambda c: None)).events == ()
    assert find_drifts(head(lambda c: None, state="n3")).events == ()


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (Segment(np.zeros((4, 1000)), ("C3", "Cz", "C4", "Pz"), 200.0), "9 s"),
        (
            Segment(np.zeros((4, 4000)), ("C3", "Cz", "C4", "Pz"), 200.0, filters=Filters(low_cut_hz=0.5)),
            "low cut",
        ),
    ],
)
def test_where_no_drift_can_be_seen_that_is_said(segment, reason):
    detection = find_drifts(segment)
    assert {item.label for item in detection.not_analysed} == {"respiration", "sweat"}
    assert reason in detection.not_analysed[0].reason


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_flat_and_missing_signal_holds_nothing(value):
    segment = Segment(np.full((4, 4000), value), ("C3", "Cz", "C4", "Pz"), 200.0)
    assert find_pops(segment).events == ()
    assert find_drifts(segment).events == ()
