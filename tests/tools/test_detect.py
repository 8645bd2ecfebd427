"""The registry of detectors and how they run over a recording."""

from itertools import pairwise

import numpy as np
import pytest

from models.demo import demo_recording
from models.simulate import simulate, write_edf
from tools import detect as module
from tools.detect import detect
from tools.detectors import DETECTOR_OF
from tools.events import match, read_tsv
from tools.io import open_recording
from tools.labels import ARTIFACT, LABELS
from tools.types import ToolError


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return demo_recording(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def found(sample):
    with open_recording(sample) as recording:
        return detect(recording)


def test_the_sample_is_read_as_its_truth_tells(sample, found):
    truth = read_tsv(sample.with_name(sample.stem + "_events.tsv"))
    for label, precision, recall in [
        ("eyem", 0.9, 0.9),
        ("spindle", 0.9, 0.85),
        ("slow_wave", 0.8, 0.9),
        ("hfnoise", 0.5, 1.0),
    ]:
        result = match([e for e in truth if e.label == label], [e for e in found.events if e.label == label])
        assert result.precision is not None
        assert result.recall is not None
        assert result.precision >= precision, label
        assert result.recall >= recall, label
    assert not {"flat", "extreme", "bad_channel", "line_noise"} & {e.label for e in found.events}


def test_every_label_is_either_analysed_or_answered_with_a_reason(found):
    answered = {item.label for item in found.not_analysed}
    assert set(found.analysed.labels) | answered == set(LABELS)
    reasons = {item.label: item.reason for item in found.not_analysed}
    # The sample has no EOG, and without it a rapid eye movement is a look aside.
    assert "needs EOG" in reasons.pop("rem")
    assert "needs an ECG channel" in reasons.pop("ecg")
    assert set(reasons.values()) <= {"no detector in this version"}
    assert set(found.analysed.labels) == set(DETECTOR_OF) - {"rem", "ecg"}
    assert found.analysed.seconds == 300
    assert len(found.analysed.channels) == 19


def test_labels_can_be_synonyms_and_groups(sample):
    with open_recording(sample) as recording:
        blinks = detect(recording, labels=["blinks"], duration=60)
        artifacts = detect(recording, labels=["artifact"], duration=60)
    assert {e.label for e in blinks.events} == {"eyem"}
    assert blinks.analysed.labels == ("eyem",)
    assert blinks.not_analysed == ()
    assert {i.label for i in artifacts.not_analysed} == {"ecg"}, "the sample has no ECG channel"
    assert set(ARTIFACT) <= set(DETECTOR_OF)


def test_a_page_shows_the_same_events_as_the_whole(sample, found):
    """Context around the page, not the page, is the baseline."""
    with open_recording(sample) as recording:
        page = detect(recording, labels=["spindle", "eyem"], onset=185, duration=30)
    whole = [e for e in found.events if e.label in {"spindle", "eyem"} and 185 <= e.onset < 215]
    assert [e.onset for e in page.events] == pytest.approx([e.onset for e in whole], abs=0.1)
    assert page.analysed.seconds == 30


def test_events_are_cut_at_the_limits_of_the_stretch(sample):
    with open_recording(sample) as recording:
        (event,) = detect(recording, labels=["hfnoise"], onset=98, duration=2).events
    assert (event.onset, event.onset + event.duration) == (98, 100)
    assert all(s.onset >= 98 and s.onset + s.duration <= 100.001 for s in event.per_channel)


def test_blocks_give_what_one_piece_gives(sample, found, monkeypatch):
    """Nothing is lost or doubled at the borders, and a state goes on across them."""
    monkeypatch.setattr(module, "BLOCK", 25.0)
    with open_recording(sample) as recording:
        pieces = detect(recording)
    for label in ("eyem", "spindle", "slow_wave"):
        whole = [e for e in found.events if e.label == label]
        result = match(whole, [e for e in pieces.events if e.label == label], 0.5)
        assert result.f1 is not None
        assert result.f1 >= 0.9
    onsets = sorted((e.label, e.onset) for e in pieces.events)
    assert all(a[0] != b[0] or b[1] - a[1] > 0.2 for a, b in pairwise(onsets))
    assert max(e.duration for e in pieces.events if e.label == "hfnoise") == pytest.approx(7, abs=1)


def test_states_are_joined_over_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 20.0)
    simulated = simulate(("alpha",), duration=100, seed=1)
    simulated.segment.data[3] = 7.0
    with open_recording(write_edf(simulated, tmp_path / "dead.edf")) as recording:
        events = detect(recording, labels=["flat", "bad_channel"]).events
    assert [(e.label, e.channels) for e in events] == [("flat", ("F3",))]
    assert (events[0].onset, events[0].duration) == (0, pytest.approx(100))
    assert len(events[0].per_channel) == 1


def test_an_event_under_an_artifact_says_so(tmp_path):
    simulated = simulate(("blinks",), duration=60, seed=2)
    rng = np.random.default_rng(0)
    simulated.segment.data[:, 4000:8000] += rng.normal(0, 700, (19, 4000))
    with open_recording(write_edf(simulated, tmp_path / "bad.edf")) as recording:
        events = detect(recording, labels=["eyem"]).events
    assert all(e.masked_by == "extreme" for e in events if 20 < e.onset < 39)
    assert any(e.masked_by is None for e in events)
    assert {e.label for e in events} == {"eyem"}


def test_channels_choose_among_the_events_and_not_among_the_evidence(sample, found):
    with open_recording(sample) as recording:
        chosen = detect(recording, labels=["spindle", "eyem"], channels=["Cz"])
    whole = [e for e in found.events if e.label == "spindle" and "Cz" in e.channels]
    assert [e.onset for e in chosen.events] == [e.onset for e in whole]
    assert {e.channels for e in chosen.events} == {("Cz",)}
    assert chosen.analysed.channels == ("Cz",)


def test_progress_is_told_and_ends_at_one(sample, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 100.0)
    told = []
    with open_recording(sample) as recording:
        detect(recording, labels=["flat"], progress=told.append)
    assert told == pytest.approx([1 / 3, 2 / 3, 1])


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"labels": ["dragon"]}, "labels"),
        ({"onset": 300.0}, "start"),
        ({"onset": -1.0}, "start"),
        ({"duration": 0.0}, "duration"),
        ({"duration": float("nan")}, "duration"),
        ({"channels": ["Q9"]}, "channels"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused(sample, arguments, field):
    with open_recording(sample) as recording, pytest.raises(ToolError) as error:
        detect(recording, **arguments)
    assert error.value.field == field


def test_one_second_is_analysed_as_far_as_one_second_goes(tmp_path):
    path = write_edf(simulate(("alpha",), duration=1, seed=3), tmp_path / "short.edf")
    with open_recording(path) as recording:
        detection = detect(recording)
    reasons = {i.label: i.reason for i in detection.not_analysed if i.label in DETECTOR_OF}
    assert {"spindle", "slow_wave", "eyem", "bad_channel", "line_noise"} <= set(reasons)
    assert all("needs" in reason for reason in reasons.values())
    assert "flat" in detection.analysed.labels


@pytest.mark.real_data
def test_sleep_at_50_hz_is_searched_and_what_it_cannot_show_is_said(real_data):
    with open_recording(real_data / "dreams_spindles" / "excerpt3.edf") as recording:
        detection = detect(recording)
    reasons = {i.label: i.reason for i in detection.not_analysed}
    assert "51 to 69 Hz" in reasons["hfnoise"]
    assert "frontopolar" in reasons["eyem"]
    assert sum(e.label == "spindle" for e in detection.events) >= 20


@pytest.mark.real_data
def test_a_polysomnogram_with_channels_of_many_rates_is_searched(real_data):
    with open_recording(real_data / "dreams_spindles" / "psg" / "excerpt3_psg_20ch_anon.edf") as recording:
        detection = detect(recording, duration=300)
        assert set(detection.analysed.channels) <= set(recording.info.names("eeg", "eog"))
    assert "spindle" in detection.analysed.labels
