"""A page in words: short, each thing once, places by side and region, and every claim traced."""

import pytest

from agent.ledger import Ledger
from agent.looking import look_at_description
from agent.telling import field, moments, stretches, waves
from agent.tracing import check
from agent.workbench import Workbench
from models.frozen import tuning_segments
from models.simulate import Simulated, write_edf
from tools.io import open_recording
from tools.page import default_page
from tools.types import Amplitude, Event


def event(label, onset=0.0, duration=0.1, channels=("T3", "T5"), **more):
    return Event(label=label, onset=onset, duration=duration, channels=channels, source="test", **more)


@pytest.mark.parametrize(
    ("channels", "words"),
    [
        (("T3", "T5"), "left temporal (T3, T5)"),
        (("Fz", "Cz"), "midline frontal and central (Fz, Cz)"),
        (("O1", "O2"), "bilateral occipital (O1, O2)"),
        (("T4", "F8", "F4", "T6", "F7", "T3"), "bilateral frontal and temporal, largest at T4"),
        (("C3", "F3", "T3", "P3", "F7"), "left hemisphere, largest at C3"),
        (("T3-C3", "F7-T3"), "left"),
        (("X1", "X2"), "X1 and X2"),
    ],
)
def test_a_field_is_told_by_side_and_region_and_by_name_where_few(channels, words):
    assert field(channels).startswith(words)


def test_times_are_told_one_by_one_when_few_and_by_the_first_and_last_when_many():
    few = [event("spike", onset) for onset in (1.0, 2.5)]
    assert moments(few) == "at 1.0 and 2.5 s"
    many = [event("spike", float(onset)) for onset in range(8)]
    assert moments(many) == "repeatedly, the first at 0.0 s and the last at 7.0 s"
    assert stretches([event("hfnoise", 0.0, 4.9), event("hfnoise", 5.0, 5.0)], 10.0) == "throughout"
    assert stretches([event("hfnoise", 1.0, 1.5)], 10.0) == "1.0–2.5 s"


def test_waves_of_one_kind_are_one_sentence():
    two = [
        event("kcomplex", onset, 0.8, ("Fz", "Cz"), amplitude=Amplitude(value_uv=height, kind="pp"))
        for onset, height in ((1.9, 184.0), (6.6, 143.0))
    ]
    said = waves("kcomplex", two, duration=10.0)
    assert said.startswith("Two K-complexes at 1.9 and 6.6 s, midline")
    assert said.endswith("up to 184 µV peak-to-peak")


CATEGORIES = ("k_complexes", "spike_wave", "temporal_variation", "eye_artifact", "low_voltage", "deep_sleep_delta",
              "spatial_asymmetry", "spikes")  # fmt: skip


@pytest.fixture(scope="module")
def captions(tmp_path_factory, rules):
    """Category, caption and what was struck of it, for a page of each kind."""
    path = tmp_path_factory.mktemp("pages") / "page.edf"
    made = []
    for found in tuning_segments(categories=CATEGORIES, per_category=1):
        write_edf(Simulated(found.segment, ()), path)
        with open_recording(path) as recording:
            bench = Workbench(recording, rules, default_page(recording.info, 0, 10))
            words, facts = look_at_description(bench, 0.0, 10.0)
            made.append(
                (found.truth.category, words, check(words, Ledger([facts], recording.info)).unsupported)
            )
    return made


def test_every_claim_of_a_description_can_be_traced(captions):
    assert [struck for _, _, struck in captions if struck] == []


def test_a_description_is_short_and_denies_in_one_sentence(captions):
    for _, words, _ in captions:
        assert len(words.split()) < 150
        assert (
            sum(words.count(lead) for lead in ("Nothing epileptiform", "No periodic", "No electrographic"))
            <= 1
        )


def test_what_matters_is_told(captions):
    said = {category: words for category, words, _ in captions}
    assert "low-voltage" in said["low_voltage"]
    assert "lower on the" in said["spatial_asymmetry"]
    assert "Background changes at" in said["temporal_variation"]
    assert "of 6 IFCN criteria [CE-EP-01]" in said["spike_wave"]
    assert "proves nothing" in said["spike_wave"]
