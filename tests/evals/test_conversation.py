"""Conversations: what their turns expect is true, they are scored turn by turn, and test wordings stay apart."""

import re
import string
import sys
from itertools import pairwise

import numpy as np
import pytest

from evals.glossa_bench.absence import absent_on
from evals.glossa_bench.slots import draw, slots
from evals.glossa_bench.talk import LEAST, MOST, TALK, conversation, subjects
from evals.glossa_bench.voice import Voice
from evals.glossa_bench.words_talk_test import TALK_TEST
from evals.glossa_bench.words_talk_tuning import TALK_TUNING
from evals.glossa_bench.words_test import TEST
from evals.glossa_bench.words_tuning import TUNING
from evals.grading import grade
from evals.metrics import METRICS, Row, figure
from evals.records import Item, Reply
from evals.scorers.assertions import assertions
from evals.scorers.dialogue import ROLES, on_side, turn
from evals.tasks.conversation import load


@pytest.fixture(scope="module")
def talks():
    """Truth and five conversations on each of 17 tuning segments."""
    found = []
    for slot in slots("tuning", 1, seed=5):
        truth = draw(slot).truth
        for number in range(5):
            voice = Voice(TALK_TUNING, np.random.default_rng([number, slot.row]))
            found.append((truth, conversation(truth, voice)))
    return found


def pieces(words, length):
    """Runs of words of all templates, none of them across a placeholder."""
    found = set()
    for template in (t for templates in words.values() for t in templates):
        for text, *_ in string.Formatter().parse(template):
            run = re.findall(r"[a-zµ0-9'-]+", text.lower())
            found |= {tuple(run[n : n + length]) for n in range(len(run) - length + 1)}
    return found


def test_no_wording_of_the_test_is_used_for_tuning():
    assert set(TALK_TEST) == set(TALK_TUNING)
    for slot, templates in TALK_TEST.items():
        assert not set(templates) & set(TALK_TUNING[slot]), slot
        assert len(set(templates)) >= 2
    assert not pieces(TALK_TEST, 5) & (pieces(TALK_TUNING, 5) | pieces(TUNING, 5))
    assert not pieces(TALK_TUNING, 5) & pieces(TEST, 5)


def test_both_sets_name_the_same_things():
    def fields(template):
        return {name for _, name, *_ in string.Formatter().parse(template) if name}

    for slot, templates in TALK_TEST.items():
        every = [*templates, *TALK_TUNING[slot]]
        assert all(fields(t) == fields(every[0]) for t in every), slot


def test_conversations_have_four_to_eight_turns_and_all_roles_occur(talks):
    lengths = {len(turns) for _, turns in talks}
    assert min(lengths) >= LEAST
    assert max(lengths) == MOST
    assert {turn.role for _, turns in talks for turn in turns} == set(ROLES)
    for _, turns in talks:
        assert turns[0].role == "overview"
        assert len({turn.text for turn in turns}) > 2
        assert not any("{" in turn.text for turn in turns)


def test_corrections_follow_what_they_correct(talks):
    seen = 0
    for _, turns in talks:
        for before, now in pairwise(turns):
            if now.role == "correction":
                seen += 1
                assert before.expects["present"] is False
                assert before.expects["kind"] == now.expects["kind"]
                assert now.expects["present"]
    assert seen > 5


def test_false_premises_and_sides_are_false_by_the_truth(talks):
    seen = 0
    for truth, turns in talks:
        planted = {entry.event.label for entry in truth.planted}
        for one in turns:
            if one.role == "false premise":
                seen += 1
                assert one.expects["label"] not in planted
            if one.expects["kind"] == "there":
                assert absent_on(truth, one.expects["side"]) != one.expects["present"]
    assert seen > 20


def test_numbers_allow_for_what_is_faint(talks):
    counted = [
        (truth, one.expects) for truth, turns in talks for one in turns if one.expects["kind"] == "count"
    ]
    assert counted
    for truth, expects in counted:
        least, most = expects["count"]
        events = [e for e in truth.planted if e.event.label == expects["label"]]
        assert 1 <= least <= most <= least + 1
        assert most <= len(events) or truth.decoys


SPIKE = {
    "kind": "largest",
    "label": "spike",
    "present": True,
    "channels": ["T3", "F7"],
    "times": [[2.0, 2.1]],
}


@pytest.mark.parametrize(
    ("expects", "text", "right"),
    [
        (SPIKE, "The spike is largest at T3.", True),
        (SPIKE, "At T3.", True),
        (SPIKE, "At T4.", False),
        (SPIKE, "There are 19 channels (Fp1, Fp2, F7, F3, Fz, F4, F8, T3, C3, Cz, C4, T4).", False),
        (SPIKE, "The sleep spindle is largest at T3.", None),
        (SPIKE | {"kind": "when"}, "At 2.0 s.", True),
        (SPIKE | {"kind": "when"}, "The spike is at 5.0 s.", False),
        (SPIKE | {"kind": "presence", "present": False}, "None were found.", True),
        (SPIKE | {"kind": "presence", "present": False}, "No spikes were found.", True),
        (SPIKE | {"kind": "presence", "present": False}, "There is a spike at T3.", False),
        (SPIKE | {"kind": "there", "side": "left"}, "Spikes at T3.", True),
        (SPIKE | {"kind": "there", "side": "left"}, "No spikes on the left side.", False),
        (SPIKE | {"kind": "there", "side": "right", "present": False}, "Spikes at T3 only.", True),
        (
            SPIKE | {"kind": "there", "side": "right", "present": False},
            "No spikes were found on the right.",
            True,
        ),
        (SPIKE | {"kind": "there", "side": "right", "present": False}, "Yes, spikes at T4.", False),
        (SPIKE | {"kind": "length", "label": "spindle", "length_s": 1.0}, "The spindle is 1.3 s long.", True),
        (SPIKE | {"kind": "length", "label": "spindle", "length_s": 1.0}, "The spindle is 3 s long.", False),
        (SPIKE | {"kind": "length", "label": "spindle", "length_s": 1.0}, "It lasts 0.9 s.", True),
        (SPIKE | {"kind": "count", "count": [3, 4]}, "There are 3 spikes.", True),
        (SPIKE | {"kind": "count", "count": [3, 4]}, "Four spikes are seen.", True),
        (SPIKE | {"kind": "count", "count": [3, 4]}, "There are 7 spikes.", False),
        ({"kind": "state", "label": "N2", "present": True}, "Asleep, stage N2.", True),
        ({"kind": "state", "label": "N2", "present": True}, "Stage N3.", False),
        (SPIKE, "", None),
    ],
)
def test_turns_are_right_wrong_or_silent(expects, text, right):
    known = [value for value in turn(expects, text, None).values() if value is not None]
    assert (all(known) if known else None) is right


def test_what_an_answer_says_of_a_side():
    def side(text, which, expected):
        return on_side(assertions(text).phenomena, which, expected=expected)

    assert side("Spikes at T3.", "left", True)
    assert side("Spikes at T3.", "right", False)
    assert side("Spikes at T3.", "right", True) is False
    assert side("Nothing to add.", "right", False) is None


def dialogue_item():
    wanted = [SPIKE | {"kind": "presence", "role": "question"}, SPIKE | {"role": "follow-up"},
              {"kind": "when", "label": "seizure", "present": False, "role": "false premise"}]  # fmt: skip
    return Item(
        id="1",
        kind="dialogue",
        group="1",
        category="spikes",
        turns=("a", "b", "c"),
        expects={"turns": wanted},
    )


def test_every_turn_counts_also_those_that_were_not_answered(tmp_path):
    texts = ("Yes, spikes at T3.", "At T4.", "There are no seizures here.")
    made = grade(dialogue_item(), Reply(texts=texts), tmp_path)
    assert (made.values["turns_right"], made.values["turns"], made.values["correct"]) == (2, 3, 0.0)
    assert made.values["turns_right_false premise"] == 1
    assert made.explanation == "turn 2 (follow-up): wrong channels"
    broken = grade(dialogue_item(), Reply(texts=texts[:1], error="the server died"), tmp_path)
    assert (broken.values["turns_right"], broken.values["turns"]) == (1, 3)
    none = grade(dialogue_item(), Reply(error="no answer"), tmp_path)
    assert (none.values["turns_right"], none.values["turns"]) == (0, 3)
    assert none.invalid


def test_the_figure_is_the_share_of_turns():
    rows = [
        Row(str(n), "dialogue", str(n), "spikes", {"turns_right": right, "turns": turns}, False, {}, 0.0, 0, "", "",
            None) for n, (right, turns) in enumerate(((4.0, 4.0), (2.0, 8.0)))
    ]  # fmt: skip
    metric = next(metric for metric in METRICS if metric.name == "turns right (facts)")
    assert figure(rows, metric).value == pytest.approx(0.5)


def test_the_same_seed_gives_the_same_conversations_on_files_that_are_there(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules["evals.glossa_bench.make"], "NIGHTS", 0)  # no conversation is on a night
    task = load(tmp_path, limit=4, seed=3, size=1, source="tuning")
    again = load(tmp_path, limit=4, seed=3, size=1, source="tuning")
    assert task.items == again.items
    assert len(task.items) == 4
    for item in task.items:
        assert len(item.turns) == len(item.expects["turns"])
        assert (task.folder / item.recording).is_file()
        assert (task.folder / item.truth).is_file()


def test_subjects_begin_with_the_finding_of_the_segment():
    truth = draw(next(slot for slot in slots("tuning", 1, seed=5) if slot.category == "spindles")).truth
    assert subjects(truth)[0].label == "spindle"
    assert set(TALK) == {"test", "tuning"}
