"""Stages under both published conventions, on the same twenty answers, with numbers worked by hand."""

import pytest

from evals.scorers.conventions import (
    StageAnswer,
    balanced_accuracy,
    kappa,
    normal_rule,
    parse_bench_label,
    parse_sleepvlm,
    rule_iou,
    stage_metrics,
)
from tools.types import ToolError

TRUE = ["W"] * 4 + ["N1"] * 3 + ["N2"] * 6 + ["N3"] * 3 + ["R"] * 4
SAID = [
    "W", "W", "W", None,  # W: 3 right, 1 unreadable
    "N1", "N2", "wake?",  # N1: 1 right, 1 as N2, 1 unreadable
    "N2", "N2", "N2", "N2", "N3", None,  # N2: 4 right, 1 as N3, 1 unreadable
    "N3", "N3", "N2",  # N3: 2 right, 1 as N2
    "REM", "R", "rem", "W",  # R: 3 right in either spelling, 1 as W
]  # fmt: skip
# 13 of 20 right, 3 invalid, 17 valid.          W   N1  N2  N3  R   invalid
# said, all:                                    4   1   6   3   3   3
# F1 dropped (true 3 2 5 3 4):                  6/7 2/3 8/11 4/6 6/7
# F1 kept    (true 4 3 6 3 4):                  6/8 2/4 8/12 4/6 6/7


def test_dropped_the_scores_are_over_the_seventeen_valid_answers():
    found = stage_metrics(TRUE, SAID, invalid="drop", rem="REM")
    assert found["convention"] == {"invalid": "drop", "rem": "REM"}
    assert (found["n"], found["n_valid"], found["n_invalid"], found["invalid_rate"]) == (20, 17, 3, 0.15)
    assert found["accuracy"] == pytest.approx(13 / 17)
    f1 = [6 / 7, 2 / 3, 8 / 11, 2 / 3, 6 / 7]
    assert [found["per_class"][s]["f1"] for s in ("W", "N1", "N2", "N3", "REM")] == pytest.approx(f1)
    assert found["macro_f1"] == pytest.approx(sum(f1) / 5)
    assert found["weighted_f1"] == pytest.approx(
        (3 * f1[0] + 2 * f1[1] + 5 * f1[2] + 3 * f1[3] + 4 * f1[4]) / 17
    )
    assert found["macro_recall"] == pytest.approx((3 / 3 + 1 / 2 + 4 / 5 + 2 / 3 + 3 / 4) / 5)
    chance = (3 * 4 + 2 * 1 + 5 * 6 + 3 * 3 + 4 * 3) / 17**2
    assert found["kappa"] == pytest.approx((13 / 17 - chance) / (1 - chance))
    assert found["labels"] == ["W", "N1", "N2", "N3", "REM"]
    assert found["confusion_matrix"] == [
        [3, 0, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 4, 1, 0], [0, 0, 1, 2, 0], [1, 0, 0, 0, 3],
    ]  # fmt: skip


def test_kept_the_same_answers_are_over_all_twenty():
    found = stage_metrics(TRUE, SAID, invalid="keep", rem="R")
    assert found["convention"] == {"invalid": "keep", "rem": "R"}
    assert (found["n"], found["n_valid"], found["n_invalid"], found["invalid_rate"]) == (20, 17, 3, 0.15)
    assert found["accuracy"] == pytest.approx(13 / 20)
    f1 = [6 / 8, 2 / 4, 8 / 12, 4 / 6, 6 / 7]
    assert [found["per_class"][s]["f1"] for s in ("W", "N1", "N2", "N3", "R")] == pytest.approx(f1)
    assert found["macro_f1"] == pytest.approx(sum(f1) / 5)
    assert found["weighted_f1"] == pytest.approx(
        (4 * f1[0] + 3 * f1[1] + 6 * f1[2] + 3 * f1[3] + 4 * f1[4]) / 20
    )
    assert found["macro_recall"] == pytest.approx((3 / 4 + 1 / 3 + 4 / 6 + 2 / 3 + 3 / 4) / 5)
    chance = (4 * 4 + 3 * 1 + 6 * 6 + 3 * 3 + 4 * 3) / 20**2  # an invalid answer is never true
    assert found["kappa"] == pytest.approx((13 / 20 - chance) / (1 - chance))
    assert found["per_class"]["N2"] == {
        "precision": pytest.approx(4 / 6), "recall": pytest.approx(4 / 6), "f1": pytest.approx(4 / 6),
        "support": 6, "tp": 4, "fp": 2, "fn": 2,
    }  # fmt: skip
    assert found["labels"] == ["W", "N1", "N2", "N3", "R", "INVALID"]
    assert found["confusion_matrix"][0] == [3, 0, 0, 0, 0, 1]
    assert [row[-1] for row in found["confusion_matrix"]] == [1, 1, 1, 0, 0]
    assert sum(map(sum, found["confusion_matrix"])) == 20


def test_both_spellings_of_rem_score_alike():
    turned = ["REM" if stage == "R" else stage for stage in TRUE]
    assert stage_metrics(turned, SAID, invalid="keep") == stage_metrics(TRUE, SAID, invalid="keep")


def test_without_invalid_answers_both_conventions_agree():
    drop, keep = (stage_metrics(TRUE, TRUE[::-1], invalid=how) for how in ("drop", "keep"))
    for name in ("accuracy", "macro_f1", "weighted_f1", "macro_recall", "kappa", "per_class"):
        assert drop[name] == keep[name], name


def test_no_answers_give_no_number():
    for how in ("drop", "keep"):
        assert stage_metrics([], [], invalid=how)["accuracy"] is None
    none = stage_metrics(["W", "R"], [None, "?"], invalid="drop")
    assert (none["kappa"], none["macro_f1"], none["n_invalid"]) == (None, None, 2)
    kept = stage_metrics(["W", "R"], [None, "?"], invalid="keep")
    assert (kept["accuracy"], kept["kappa"]) == (0.0, 0.0)


def test_a_stage_that_does_not_occur_counts_as_nought_and_is_named():
    found = stage_metrics(["W", "N2"], ["W", "N2"], invalid="keep", rem="REM")
    assert found["macro_f1"] == pytest.approx(2 / 5)
    assert found["absent"] == ["N1", "N3", "REM"]
    assert stage_metrics(["W", "W"], ["W", "W"], invalid="drop")["kappa"] is None


def test_true_labels_have_to_be_stages_and_one_for_each_answer():
    with pytest.raises(ToolError, match="1 true labels are no stage") as caught:
        stage_metrics(["W", "?"], ["W", "W"], invalid="drop")
    assert "REM" in caught.value.choices
    with pytest.raises(ToolError, match="1 true labels for 2 answers"):
        stage_metrics(["W"], ["W", "W"], invalid="drop")


def test_kappa_of_a_published_table():
    # Cohen's kappa of the textbook table 20 5 / 10 15: (0.7 - 0.5) / 0.5
    true, said = ["y"] * 25 + ["n"] * 25, ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert kappa(true, said) == pytest.approx(0.4)
    assert kappa([], []) is None


def test_balanced_accuracy_of_two_classes_counts_invalid_answers_as_wrong():
    found = balanced_accuracy(
        ["Yes"] * 2 + ["No"] * 8, ["Yes", None] + ["No"] * 6 + ["Yes", "x"], ("Yes", "No")
    )
    assert found["recall"] == {"Yes": 0.5, "No": 0.75}
    assert found["balanced_accuracy"] == 0.625
    assert (found["n"], found["n_invalid"], found["chance"], found["absent"]) == (10, 2, 0.5, [])


def test_a_constant_answer_reaches_chance_however_many_classes_there_are():
    classes = ("Wake", "NREM1", "NREM2", "NREM3")
    true = [name for i, name in enumerate(classes) for _ in range(i + 1)]
    found = balanced_accuracy(true, ["NREM3"] * len(true), classes)
    assert found["balanced_accuracy"] == found["chance"] == 0.25
    part = balanced_accuracy(["Wake", "NREM2"], ["Wake", "Wake"], classes)
    assert (part["balanced_accuracy"], part["absent"]) == (0.5, ["NREM1", "NREM3"])
    assert balanced_accuracy([], [], classes)["balanced_accuracy"] is None
    with pytest.raises(ToolError, match="none of the classes"):
        balanced_accuracy(["REM"], ["Wake"], classes)


@pytest.mark.parametrize(
    ("rule", "normal"),
    [("N2.1", "N2.1"), (" n2.1 ", "N2.1"), ("Rule N2.1", "N2.1"), ("N2-1", "N2.1"), ("N21", "N2.1"), ("REM.3", "R.3"),
     ("r 1", "R.1"), ("w.2", "W.2"), ("mbm_1", "MBM.1"), ("AASM-N2-1", "AASM-N2-1"), ("N2", "N2")],
)  # fmt: skip
def test_a_rule_id_is_written_in_one_way(rule, normal):
    assert normal_rule(rule) == normal


def test_rules_are_compared_as_sets():
    assert rule_iou([], []) == 1.0
    assert rule_iou([" "], []) == 1.0
    assert rule_iou(["N2.1"], []) == 0.0
    assert rule_iou([], ["N2.1"]) == 0.0
    assert rule_iou(["n2.1", "N2-1", "N2.2"], ["N2.1", "R.1"]) == pytest.approx(1 / 3)
    assert rule_iou(["REM.1"], ["R.1"]) == 1.0


FENCED = """```json
{
  "reasoning_text": "Spindles.",
  "applicable_rules": ["N2.1", "N2.2"],
  "sleep_stage": "N2"
}
```"""


@pytest.mark.parametrize(
    ("text", "stage", "rules"),
    [
        (FENCED, "N2", ("N2.1", "N2.2")),
        ("Here you are: " + FENCED + " Good night.", "N2", ("N2.1", "N2.2")),
        ('{"applicable_rules": "N2.1, N2.3", "sleep_stage": "n2"}', "N2", ("N2.1", "N2.3")),
        ('{"sleep_stage": "R", "applicable_rules": []}', "R", ()),
        ('{"sleep_stage": "REM", "applicable_rules": ["R.1", "r1"]}', "R", ("R.1",)),
        ('{"reasoning_text": "a {brace} inside", "sleep_stage": "W"}', "W", ()),
        ('{"reasoning_text": {"eeg": "alpha"}, "sleep_stage": "W"}', "W", ()),
        ('{"answer": {"sleep_stage": "N3"}}', "N3", ()),
        ("{“sleep_stage”: “N1”, “applicable_rules”: [“N1.1”],}", "N1", ("N1.1",)),
        ('{"reasoning_text": "the “alpha” is gone", "sleep_stage": "N1",}', "N1", ()),
        ('{"reasoning_text": "two\nlines", "sleep_stage": "N1"}', "N1", ()),
        ('{as I said} {"sleep_stage": "W"}', "W", ()),
        ('{"note": 1} {"sleep_stage": "W"} {"sleep_stage": "R"}', "W", ()),
        ('```\nnothing\n```\n{"sleep_stage": "W"}', "W", ()),
        ('<think>{"sleep_stage": "N1"}</think>{"sleep_stage": "N2"}', "N2", ()),
    ],
)
def test_a_sleepvlm_answer_is_read(text, stage, rules):
    found = parse_sleepvlm(text)
    assert (found.stage, found.rules, found.error) == (stage, rules, None)


def test_the_reasoning_is_kept():
    assert parse_sleepvlm(FENCED).reasoning == "Spindles."
    assert (
        parse_sleepvlm('{"reasoning_text": "a {brace} inside", "sleep_stage": "W"}').reasoning
        == "a {brace} inside"
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("The epoch is N2.", "no JSON"),
        ("", "no JSON"),
        ('{"stage": "N2"}', "no JSON"),
        ('{"reasoning_text": "cut off', "no JSON"),
        ('{"sleep_stage": "N4"}', "none of"),
        ('{"sleep_stage": 2}', "none of"),
        ('{"sleep_stage": null, "applicable_rules": 7}', "none of"),
        ("{" * 3000, "no JSON"),
    ],
)
def test_what_names_no_stage_says_why(text, error):
    found = parse_sleepvlm(text)
    assert found.stage is None
    assert error in found.error


def test_an_answer_without_a_stage_keeps_its_rules():
    assert parse_sleepvlm('{"sleep_stage": "?", "applicable_rules": ["W.1"]}') == StageAnswer(
        None, ("W.1",), "", "sleep_stage is none of W, N1, N2, N3, R"
    )


@pytest.mark.parametrize(
    ("text", "first", "last", "majority"),
    [
        ("N2", "N2", "N2", "N2"),
        ("Not W: this is N2, perhaps N2, not REM.", "W", "R", "N2"),
        ("rem", "R", "R", "R"),
        ("N1 or N3", "N1", "N3", "N1"),  # a tie goes to the earliest
        ("N3 N1 N1 N3", "N3", "N3", "N3"),
        ("The w stands alone", "W", "W", "W"),
        ("NREM sleep of stage 2", None, None, None),
        ("Wake", None, None, None),
        ("N2A, XN3", None, None, None),
        ("(N3).", "N3", "N3", "N3"),
        ("", None, None, None),
    ],
)
def test_a_label_is_taken_out_of_prose_as_the_benchmark_does(text, first, last, majority):
    assert parse_bench_label(text) == first
    assert parse_bench_label(text, "last") == last
    assert parse_bench_label(text, "majority") == majority


def test_an_unknown_parser_is_refused():
    with pytest.raises(ToolError, match="parser"):
        parse_bench_label("N2", "best")
