"""The state of a page is told by the signs of the staging rules; without signs it stays open."""

import pytest

from agent.states import deep_time, infer_state
from tools.background_record import Background, Dominant
from tools.rhythm import PosteriorRhythm
from tools.types import Event

BANDS = {"delta": (0.5, 4.0), "theta": (4.0, 8.0), "alpha": (8.0, 13.0), "beta": (13.0, 30.0)}
ALPHA = PosteriorRhythm(frequency_hz=9.5, amplitude_uv=40, channels=("O1", "O2"), prominence_db=12)


def event(label, onset=1.0, duration=0.5, **more):
    return Event(label=label, onset=onset, duration=duration, channels=("Cz",), source="test", **more)


def background(band="delta", uv=30.0, hz=2.0, rhythm=None):
    top = Dominant(band=band, frequency_hz=hz, amplitude_uv=uv, share=0.6)
    return Background(dominant=top, posterior_rhythm=rhythm, bands_hz=BANDS)


@pytest.mark.parametrize(
    ("events", "there", "stage"),
    [
        ([event("spindle")], background(), "N2"),
        ([event("kcomplex")], background(), "N2"),
        ([event("slow_wave", 0.0, 1.2), event("slow_wave", 5.0, 1.2)], background(), "N3"),
        ([event("slow_wave", 0.0, 2.4), event("spindle", 4.0)], background(), "N3"),
        ([event("vertex")], background(), "N1"),
        ([event("sem", 2.0, 3.0)], background(), "N1"),
        ([], background("theta", hz=5.0), "N1"),
        ([], background("alpha", hz=9.5, rhythm=ALPHA), "W"),
        ([event("eyem")], background(), "W"),
        ([event("chewing", 1.0, 4.0)], background(), "W"),
        ([], background("beta", hz=18.0), "W"),
        ([event("rem")], background(), "R"),
    ],
)
def test_each_stage_is_told_by_its_signs(events, there, stage):
    assert infer_state(events, there, 10.0).stage == stage


def test_nothing_telling_leaves_the_state_open():
    found = infer_state([event("spike")], background(), 10.0)
    assert found.stage is None
    assert not found.signs


def test_tall_theta_is_no_drowsiness():
    assert infer_state([], background("theta", uv=90.0, hz=5.0), 10.0).stage is None


def test_what_lies_under_artifact_does_not_count():
    assert infer_state([event("spindle", masked_by="hfnoise")], background(), 10.0).stage is None


def test_a_slow_wave_within_a_k_complex_is_not_counted_and_overlaps_count_once():
    waves = [event("slow_wave", 1.0, 1.0), event("slow_wave", 1.5, 1.0), event("slow_wave", 6.0, 1.0)]
    assert deep_time(waves) == pytest.approx(2.5)
    assert deep_time([*waves, event("kcomplex", 6.2, 0.8)]) == pytest.approx(1.5)


def test_fewer_slow_waves_than_a_fifth_of_the_time_make_no_n3():
    assert infer_state([event("slow_wave", 1.0, 1.0)], background(), 10.0).stage is None
    assert infer_state([event("slow_wave", 1.0, 1.0)], background(), 5.0).stage == "N3"


def test_a_weak_lead_is_told_as_unsure():
    found = infer_state(
        [event("vertex"), event("hfnoise", 2.0, 3.0), event("eyer+", 6.0)], background(), 10.0
    )
    assert not found.sure
    assert found.against


def test_eyes_are_told_closed_with_alpha_and_open_with_blinks():
    closed = infer_state([], background("alpha", hz=9.5, rhythm=ALPHA), 10.0)
    opened = infer_state([event("eyem")], background(), 10.0)
    assert (closed.detail, opened.detail) == ("eyes closed", "eyes open")


def test_a_stretch_of_no_length_is_no_error():
    assert infer_state([event("slow_wave")], background(), 0.0).stage is None
