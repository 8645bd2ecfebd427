"""The algebra of events and its table form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.events import clip, iou, mask, match, merge, overlap, read_tsv, runs, write_tsv
from tools.types import Amplitude, ChannelSpan, Event, Place, ToolError


def event(onset, duration, label="spindle", channels=(), **more):
    return Event(label=label, source="test", onset=onset, duration=duration, channels=channels, **more)


spans = st.builds(
    Place,
    onset=st.floats(0, 100, allow_nan=False),
    duration=st.floats(0.01, 10, allow_nan=False),
)


def test_overlap_and_iou_of_a_worked_example():
    first, second = Place(onset=0, duration=2), Place(onset=1, duration=2)
    assert overlap(first, second) == 1
    assert iou(first, second) == pytest.approx(1 / 3)
    assert overlap(first, Place(onset=2, duration=1)) == 0


@given(spans, spans)
def test_iou_is_symmetric_and_between_zero_and_one(first, second):
    assert iou(first, second) == pytest.approx(iou(second, first))
    assert 0 <= iou(first, second) <= 1
    assert iou(first, first) == pytest.approx(1)


def test_merging_joins_what_touches_within_the_gap_and_keeps_the_largest_amplitude():
    small = event(0, 1, channels=("C3",), amplitude=Amplitude(value_uv=20, kind="pp"))
    large = event(1.2, 0.5, channels=("C4",), amplitude=Amplitude(value_uv=40, kind="pp"))
    (joined,) = merge([large, small], gap=0.3)
    assert (joined.onset, joined.duration) == (0, pytest.approx(1.7))
    assert joined.channels == ("C3", "C4")
    assert joined.amplitude is not None
    assert joined.amplitude.value_uv == 40
    assert len(merge([large, small], gap=0.1)) == 2


def test_merging_keeps_labels_apart_and_an_event_inside_another_adds_no_time():
    outer, inner, other = event(0, 5), event(1, 1), event(1, 1, label="eyem")
    merged = merge([outer, inner, other])
    assert [(e.label, e.onset, e.duration) for e in merged] == [("spindle", 0, 5), ("eyem", 1, 1)]


def test_merging_joins_the_touching_spans_of_each_channel():
    parts = [
        event(0, 300, label="flat", per_channel=(ChannelSpan(channel="T3", onset=0, duration=300),)),
        event(300, 300, label="flat", per_channel=(ChannelSpan(channel="T3", onset=300, duration=300),)),
    ]
    assert merge(parts)[0].per_channel == (ChannelSpan(channel="T3", onset=0, duration=600),)


@given(st.lists(spans, max_size=15))
def test_merging_twice_changes_nothing_more(places):
    once = merge([event(p.onset, p.duration) for p in places])
    assert merge(once) == once


def test_matching_pairs_each_event_once_and_the_best_overlap_first():
    truth = [Place(onset=0, duration=1), Place(onset=5, duration=1)]
    found = [Place(onset=0.5, duration=1), Place(onset=0.1, duration=1), Place(onset=9, duration=1)]
    result = match(truth, found, 0.2)
    assert result.pairs == ((0, 1),)
    assert (result.precision, result.recall) == (pytest.approx(1 / 3), 0.5)
    assert result.f1 == pytest.approx(0.4)


def test_an_empty_side_gives_none_and_not_a_score():
    assert match([], []).f1 is None
    assert match([], [Place(onset=0, duration=1)]).recall is None
    assert match([Place(onset=0, duration=1)], []).precision is None
    assert match([Place(onset=0, duration=1)], []).f1 == 0


@given(st.lists(spans, max_size=12))
def test_a_list_matches_itself_perfectly(places):
    result = match(places, places, 0.5)
    if places:
        assert result.f1 == 1


def test_an_artifact_masks_only_what_it_covers_in_its_own_channels():
    muscle = event(
        0, 10, label="hfnoise", channels=("T3", "C3"),
        per_channel=(
            ChannelSpan(channel="T3", onset=0, duration=10), ChannelSpan(channel="C3", onset=9, duration=1)
        ),
    )  # fmt: skip
    under, beside, late = event(1, 1, channels=("T3",)), event(1, 1, channels=("C3",)), event(9.8, 1)
    masked = mask([under, beside, late], [muscle])
    assert [e.masked_by for e in masked] == ["hfnoise", None, None]
    assert masked[0].onset == under.onset


def test_an_artifact_without_channels_masks_everything():
    (masked,) = mask([event(1, 1, channels=("O1",))], [event(0, 3, label="movement")])
    assert masked.masked_by == "movement"


def test_clipping_cuts_the_event_and_its_channels():
    whole = event(1, 4, channels=("C3",), per_channel=(ChannelSpan(channel="C3", onset=1, duration=4),))
    part = clip(whole, 2, 3)
    assert part is not None
    assert (part.onset, part.duration) == (2, 1)
    assert part.per_channel[0].duration == 1
    assert clip(whole, 5, 9) is None
    assert clip(whole, 0, 9) is whole


def test_runs_of_flags():
    assert runs(np.array([1, 1, 0, 0, 1], dtype=bool)) == [(0, 2), (4, 5)]
    assert runs(np.zeros(0, dtype=bool)) == []


def test_a_table_comes_back_as_it_was_written(tmp_path):
    events = (
        event(0.5, 1.25, channels=("C3", "C4"), confidence=0.5, frequency_hz=13.1,
              amplitude=Amplitude(value_uv=32.5, kind="pp")),
        event(3, 0.5, label="eyem", masked_by="hfnoise"),
    )  # fmt: skip
    assert read_tsv(write_tsv(events, tmp_path / "events.tsv")) == events


def test_a_table_starts_with_the_columns_that_bids_prescribes(tmp_path):
    text = write_tsv([event(1, 2)], tmp_path / "events.tsv").read_text(encoding="utf-8")
    assert text.splitlines()[0].split("\t")[:4] == ["onset", "duration", "trial_type", "channel"]
    assert text.splitlines()[1].split("\t")[:4] == ["1.0", "2.0", "spindle", "n/a"]


def test_a_minimal_table_with_a_synonym_is_read(tmp_path):
    path = tmp_path / "events.tsv"
    path.write_text("onset\tduration\ttrial_type\n1\t0.4\tblink\n", encoding="utf-8")
    assert [(e.label, e.onset, e.source) for e in read_tsv(path)] == [("eyem", 1, "table")]


@pytest.mark.parametrize(
    "row", ["x\t1\tspindle", "1\t\tspindle", "1\tnan\tspindle", "1\t1\t", "-1\t1\tspindle"]
)
def test_a_row_that_makes_no_sense_is_refused_by_its_number(tmp_path, row):
    path = tmp_path / "events.tsv"
    path.write_text(f"onset\tduration\ttrial_type\n{row}\n", encoding="utf-8")
    with pytest.raises(ToolError, match="Line 2"):
        read_tsv(path)


def test_a_file_that_is_no_table_is_refused(tmp_path):
    path = tmp_path / "events.tsv"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ToolError, match="tab-separated"):
        read_tsv(path)
