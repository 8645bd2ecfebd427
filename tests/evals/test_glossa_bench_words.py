"""What is asked and answered: keys in balance, wrong options wrong, wordings of test and tuning apart."""

import ast
import json
import re
import string
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from evals.glossa_bench import choices, findings
from evals.glossa_bench.absence import ABSENT, absent, absent_on
from evals.glossa_bench.describe import description
from evals.glossa_bench.facts import mentioned
from evals.glossa_bench.items import segment_items, slot_letter
from evals.glossa_bench.places import moments, regions, stretches
from evals.glossa_bench.slots import draw, slots
from evals.glossa_bench.voice import Voice
from evals.glossa_bench.words_test import TEST
from evals.glossa_bench.words_tuning import TUNING
from evals.scoring import counts
from models.segments import simulate_segment
from tools.labels import EPILEPTIFORM, TEN_TWENTY

CAPTION = Path(__file__).parents[2] / "agent" / "caption.py"
PLANTED = {
    "spike": EPILEPTIFORM, "sharp": EPILEPTIFORM, "spsw": EPILEPTIFORM, "spsw run": ("spsw",),
    "spindle": ("spindle",), "kcomplex": ("kcomplex",), "deep sleep": ("slow_wave",), "alpha": ("alpha",),
    "blink": ("eyem",), "gaze": ("eyer+", "eyer-"), "movement": ("movement",), "saturation": ("extreme",),
    "muscle": ("hfnoise",), "chewing": ("chewing",), "drowsiness": ("sem", "drowsy theta"),
}  # fmt: skip
"""Labels that would make an option of this kind true, written down apart from the code under test."""


@pytest.fixture(scope="module")
def asked():
    """Slots, truths and items of a tuning set of two segments a category."""
    rows = []
    for slot in slots("tuning", 2, seed=4):
        truth = draw(slot).truth
        rows.append((slot, truth, {item.kind: item for item in segment_items(slot, truth, 1, 2)}))
    return rows


def pieces(words, length):
    """Runs of words of all templates, none of them across a placeholder."""
    found = set()
    for template in (t for templates in words.values() for t in templates):
        for text, *_ in string.Formatter().parse(template):
            run = re.findall(r"[a-zµ0-9'-]+", text.lower())
            found |= {tuple(run[n : n + length]) for n in range(len(run) - length + 1)}
    return found


def test_no_wording_of_the_test_is_used_for_tuning():
    assert set(TEST) == set(TUNING)
    for slot, templates in TEST.items():
        assert not set(templates) & set(TUNING[slot]), slot
    assert not pieces(TEST, 5) & pieces(TUNING, 5)


def test_there_are_ten_requests_for_a_description_and_all_wordings_differ():
    for words in (TEST, TUNING):
        assert len(set(words["ask description"])) == 10
        assert all(len(set(templates)) == len(templates) for templates in words.values())


def test_both_sets_say_the_same_things():
    """Findings, places and numbers that one set names in a slot are named in the other, in some wording."""

    def fields(templates):
        return {name for t in templates for _, name, *_ in string.Formatter().parse(t) if name}

    for slot, templates in TEST.items():
        assert fields(templates) == fields(TUNING[slot]), slot


def test_the_key_does_not_use_the_assistants_sentences():
    tree = ast.parse(CAPTION.read_text(encoding="utf-8"))
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    ours = pieces({"caption": [t for t in texts if "{" not in t and "}" not in t]}, 5)
    assert not ours & (pieces(TEST, 5) | pieces(TUNING, 5))


def test_right_options_stand_at_every_letter_equally_often():
    letters = Counter(slot_letter(slot) for slot in slots("test", 10))
    assert set(letters) == set("ABCD")
    assert max(letters.values()) - min(letters.values()) <= 12
    by_category = Counter((slot.row, slot_letter(slot)) for slot in slots("test", 4))
    assert set(by_category.values()) == {1}


def test_the_right_option_stands_at_its_letter(asked):
    for slot, truth, items in asked:
        item = items["mcq"]
        right = findings.key(truth)
        place = "ABCD".index(item.key)
        assert item.key == slot_letter(slot)
        assert item.expects["findings"][place] == right.name
        assert item.reference.startswith(f"**{item.key}.** ")
        assert len(set(item.options)) == 4
        for letter, option in zip("ABCD", item.options, strict=True):
            assert f"\n{letter}) {option}" in item.turns[0]


def test_wrong_options_are_false_by_the_truth(asked):
    checked = 0
    for slot, truth, _ in asked:
        right = findings.key(truth)
        for number in range(6):
            wrong = choices.distractors(truth, right, np.random.default_rng([number, slot.row]))
            assert len(wrong) == 3
            assert len(set(wrong)) == 3
            assert right not in wrong
            for one in wrong:
                checked += 1
                assert false(truth, one, right), (truth.category, truth.background, right, one)
    assert checked > 500


def false(truth, one, right):
    """Whether an option is wrong, judged from the truth alone."""
    if one.name.startswith("normal"):
        state = truth.background.state
        awake = state in ("wake", "eyes_open", "low_voltage")
        elsewhere = awake if one.name != "normal waking" else not awake
        abnormal = (
            right.name in (*EPILEPTIFORM, "spsw run", "asymmetry", "variation") or "slowing" in right.name
        )
        return elsewhere or abnormal or (one.name == "normal deep sleep") != (state == "n3")
    if one.name == right.name:
        return one.side != right.side or abs(one.hz - right.hz) >= 1.5
    background = truth.background
    return not mentioned(truth, PLANTED.get(one.name, ())) and {
        "asymmetry": background.asymmetry is None,
        "fast": background.fast_activity_rms_uv is None,
        "low voltage": not background.low_voltage,
        "variation": not background.changing,
        "alpha": not background.posterior,
        "generalized slowing": not background.slowing and background.state != "slowed",
        "focal slowing": not background.slowing,
    }.get(one.name, True)


def test_each_kind_of_option_is_right_about_as_often_as_chance_would_have_it():
    """Guessing by the kinds of the options alone, learned on the same items, stays near a quarter."""
    offered, right = Counter(), Counter()
    rows = []
    for slot in slots("tuning", 2, seed=6):
        truth = draw(slot).truth
        key = findings.key(truth)
        for number in range(8):
            names = [
                one.name
                for one in choices.distractors(truth, key, np.random.default_rng([number, slot.number]))
            ]
            rows.append((key.name, [key.name, *names]))
            offered.update(rows[-1][1])
            right[key.name] += 1
    hits = [max(names, key=lambda name: right[name] / offered[name]) == key for key, names in rows]
    assert np.mean(hits) < 0.5
    normal = [name for name in offered if name.startswith("normal")]
    assert sum(right[n] for n in normal) / sum(offered[n] for n in normal) == pytest.approx(0.25, abs=0.06)


def test_false_premises_name_what_is_not_there(asked):
    premises = [(t, items["qa"]) for slot, t, items in asked if slot.false_premise]
    assert len(premises) >= 0.25 * len(asked)
    for truth, item in premises:
        expects = item.expects
        if not expects["false_premise"]:
            continue
        if expects["present"]:
            wrong = {"left": "right", "right": "left"}[expects["side"]]
            assert absent_on(truth, wrong)
        else:
            assert not mentioned(truth, (expects["label"],)) or expects["label"] == "alpha"
            assert not any(pattern.label == expects["label"] for pattern in truth.patterns)


def test_what_an_answer_has_to_contain_is_in_the_truth(asked):
    for _, truth, items in asked:
        expects = items["qa"].expects
        json.dumps(expects)
        assert {"kind", "label", "present", "false_premise"} <= set(expects)
        if expects["present"] and "times" in expects and expects["label"] != "variation":
            labels = (expects["label"], "eyer-") if expects["label"] == "eyer+" else (expects["label"],)
            onsets = [e.event.onset for e in truth.planted if e.event.label in labels and counts(e)]
            for start, _ in expects["times"]:
                assert min(abs(onset - start) for onset in onsets) < 0.01


def test_a_description_tells_what_stands_out_and_denies_nothing_that_is_there(asked):
    for slot, truth, items in asked:
        told = items["description"].reference
        words = {"spike": "spike", "sharp": "sharp wave", "spindle": "spindle", "kcomplex": "K-complex"}
        for label, word in words.items():
            if any(e.event.label == label and counts(e) for e in truth.planted):
                assert word in told, (slot, told)
        if mentioned(truth, EPILEPTIFORM):
            assert not any(sentence in told for sentence in TUNING["nothing"] + TUNING["no discharge"])


def test_patterns_are_told_with_side_and_frequency():
    truth = simulate_segment("LPD", 100_700).truth
    told = description(truth, Voice(TEST, np.random.default_rng(0)))
    pattern = truth.patterns[0]
    assert f"ateralized periodic discharges on the {pattern.side}" in told
    assert f"{pattern.frequency_hz:.1f} Hz" in told


def test_every_finding_can_be_absent_and_is_present_in_its_own_segment(asked):
    for _, truth, _ in asked:
        right = findings.key(truth)
        assert not absent(truth, right.name), right
    quiet = simulate_segment("normal", 100_600, state="wake", accompanied=False).truth
    names = [name for name in ABSENT if not name.startswith("normal")]
    there = [name for name in names if not absent(quiet, name)]
    assert set(there) <= {"alpha", "fast", "muscle"}


def test_places_are_named_by_lobe_and_side():
    assert regions(("T3", "F7")) == "left frontal and temporal (F7, T3)"
    assert regions(("Pz", "P4", "O2")) == "right parietal and occipital (Pz, P4, O2)"
    assert regions(("Fz", "Cz")) == "midline frontal and central (Fz, Cz)"
    assert regions(("O1", "O2")) == "bilateral occipital (O1, O2)"
    assert regions(TEN_TWENTY) == "widespread"


def test_times_are_told_to_a_tenth_of_a_second():
    assert moments([2.04, 5.66]) == "at 2.0 and 5.7 s"
    assert moments([float(n) for n in range(8)]) == "repeatedly between 0.0 and 7.0 s"
    assert stretches([(0.0, 9.6)], 10.0) == "throughout"
    assert stretches([(1.0, 2.5), (4.0, 5.0)], 10.0) == "from 1.0 to 2.5 s and 4.0 to 5.0 s"
