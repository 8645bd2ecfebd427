"""Intervals by bootstrap over patients, against numbers worked by hand and against scikit-learn."""

import numpy as np
import pytest

from evals.scorers.statistics import (
    Interval,
    bootstrap,
    bootstrap_agreement,
    paired_agreement,
    paired_difference,
)
from tools.types import ToolError


def test_no_data_gives_no_number_and_one_patient_no_interval():
    assert bootstrap([], []) == Interval(None, None, None, 0, 0)
    assert bootstrap([None, float("nan")], ["a", "b"]) == Interval(None, None, None, 0, 0)
    assert bootstrap([1, 0, 1, 1], ["a"] * 4) == Interval(0.75, None, None, 4, 1)
    assert bootstrap_agreement([], [], [], "kappa") == Interval(None, None, None, 0, 0)
    assert bootstrap_agreement(["a", "b"], ["a", "a"], ["p", "p"], "accuracy") == Interval(
        0.5, None, None, 2, 1
    )


def test_two_patients_can_be_drawn_in_three_ways():
    # patient a: 4 items, all right; b: 1 item, wrong. Draws: aa -> 1 (1/4), ab -> 4/5 (1/2), bb -> 0 (1/4)
    found = bootstrap([1, 1, 1, 1, 0], list("aaaab"))
    assert found == Interval(pytest.approx(0.8), 0.0, 1.0, 5, 2)


def test_four_patients_of_whom_one_is_right():
    # the number drawn is binomial(4, 1/4) / 4: P(0) = .316, P(>= 3/4) = .051, P(1) = .004 -> 0 to 3/4
    found = bootstrap([1, 0, 0, 0], list("abcd"), repeats=20_000)
    assert found[:3] == (0.25, 0.0, 0.75)


def test_the_interval_of_a_mean_is_as_wide_as_theory_says():
    values = np.random.default_rng(1).normal(10.0, 2.0, 400)
    found = bootstrap(values.tolist(), range(400))
    half = 1.96 * values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half, abs=0.03)
    assert found.high == pytest.approx(values.mean() + half, abs=0.03)


def test_items_of_one_patient_do_not_narrow_the_interval():
    single = bootstrap([1, 0] * 10, range(20))
    copied = bootstrap(np.repeat([1, 0] * 10, 50).tolist(), np.repeat(np.arange(20), 50).tolist())
    assert copied[:3] == single[:3]
    assert (copied.n, copied.clusters) == (1000, 20)
    assert bootstrap([1, 0] * 500, range(1000)).high < copied.high - 0.1


def test_eighty_percent_of_ninety_segments_reach_from_71_to_88():
    found = bootstrap([1] * 72 + [0] * 18, range(90))
    assert found.value == 0.8
    assert found.low == pytest.approx(0.711, abs=0.012)
    assert found.high == pytest.approx(0.878, abs=0.012)


def test_another_statistic_is_drawn_item_by_item_and_agrees_with_the_mean():
    values, groups = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0], list("aabbcc")
    assert bootstrap(values, groups, statistic=np.mean)[1:] == pytest.approx(bootstrap(values, groups)[1:])
    # medians of pairs: a 2, b 2.5, c 7
    assert bootstrap(values, groups, statistic=np.median)[:3] == (3.5, 2.0, 7.0)


def test_the_same_seed_gives_the_same_interval_and_the_order_of_items_does_not_matter():
    values, groups = [1, 0, 1, 1, 0, 0, 1, 0.5], list("aabbccdd")
    assert bootstrap(values, groups, seed=3) == bootstrap(values, groups, seed=3)
    turned = bootstrap(values[::-1], groups[::-1], seed=3)
    assert turned.low == pytest.approx(bootstrap(values, groups, seed=3).low, abs=0.08)


def test_a_missing_number_is_left_out_and_not_counted_as_wrong():
    assert bootstrap([1, None, 1, 0], list("abcd")).value == pytest.approx(2 / 3)
    assert bootstrap([1, None, 1, 0], list("abcd")).clusters == 3


def test_a_paired_difference_is_narrower_than_the_systems_are_apart():
    rng = np.random.default_rng(0)
    ease = rng.uniform(0, 1, 200)
    a = (ease > 0.2).astype(float)
    b = (ease > 0.3).astype(float)  # right only where a is
    found = paired_difference(a.tolist(), b.tolist(), range(200))
    assert found.value == pytest.approx(a.mean() - b.mean())
    assert found.low > 0
    assert bootstrap(a.tolist(), range(200)).low < bootstrap(b.tolist(), range(200)).high


def test_a_paired_difference_leaves_out_what_one_system_has_no_number_for():
    # left: 1-0, 1-1 in patient a, 0-1 in b -> a alone 1/2, ab 0, b alone -1
    found = paired_difference([1, 1, None, 0], [0, 1, 1, 1], list("aabb"))
    assert found == Interval(pytest.approx(0.0), -1.0, 0.5, 3, 2)


TRUE = list("WWWWNNNNRR")
SAID = ["W", "W", "W", "N", "N", "N", "R", None, "R", "W"]
GROUPS = list("aaabbbccdd")


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        ("accuracy", 6 / 10),
        # chance: W 4*4 + N 4*3 + R 2*2 = 32 of 100
        ("kappa", (0.6 - 0.32) / 0.68),
        # F1: W 2*3/8, N 2*2/7, R 2*1/4
        ("macro_f1", (6 / 8 + 4 / 7 + 2 / 4) / 3),
        ("balanced_accuracy", (3 / 4 + 2 / 4 + 1 / 2) / 3),
    ],
)
def test_agreement_agrees_with_hand_worked_numbers(statistic, value):
    found = bootstrap_agreement(TRUE, SAID, GROUPS, statistic)
    assert found.value == pytest.approx(value)
    assert (found.n, found.clusters) == (10, 4)
    assert found.low < found.value < found.high


@pytest.mark.parametrize("statistic", ["kappa", "macro_f1", "balanced_accuracy"])
def test_every_draw_of_agreement_is_what_scikit_learn_gives_for_it(statistic):
    from sklearn.metrics import cohen_kappa_score, f1_score, recall_score

    rng = np.random.default_rng(5)
    true = rng.choice(list("WNR"), 120)
    said = np.where(rng.uniform(size=120) < 0.7, true, rng.choice(list("WNR"), 120))
    groups = np.repeat(np.arange(12), 10)
    score = {
        "kappa": cohen_kappa_score,
        "macro_f1": lambda t, p: f1_score(t, p, average="macro", labels=list("NRW"), zero_division=0),
        "balanced_accuracy": lambda t, p: recall_score(t, p, average="macro", zero_division=0),
    }[statistic]
    drawn = np.random.default_rng(0).integers(0, 12, (60, 12))
    values = [score(*(np.concatenate([x[groups == g] for g in row]) for x in (true, said))) for row in drawn]
    found = bootstrap_agreement(true.tolist(), said.tolist(), groups.tolist(), statistic, repeats=60)
    assert found.value == pytest.approx(score(true, said))
    assert found.low == pytest.approx(np.quantile(values, 0.025))
    assert found.high == pytest.approx(np.quantile(values, 0.975))


def test_classes_that_are_asked_for_count_although_they_do_not_occur():
    assert bootstrap_agreement(TRUE, TRUE, GROUPS, "macro_f1", labels=list("WNRX")).value == pytest.approx(
        0.75
    )
    assert bootstrap_agreement(TRUE, TRUE, GROUPS, "balanced_accuracy", labels=list("WNRX")).value == 1.0


def test_kappa_of_a_single_class_is_not_a_number():
    assert bootstrap_agreement(["W"] * 4, ["W"] * 4, list("abcd"), "kappa").value is None
    # one of ten patients has another class: many draws are without it, which narrows nothing to nought
    true = ["W"] * 9 + ["R"]
    assert bootstrap_agreement(true, true, range(10), "kappa") == Interval(1.0, 1.0, 1.0, 10, 10)
    assert bootstrap_agreement(["W"] * 99 + ["R"], ["W"] * 100, range(100), "kappa").value == 0.0


def test_a_difference_of_kappas_is_drawn_in_pairs():
    same = paired_agreement(TRUE, SAID, SAID, GROUPS, "kappa")
    assert same[:3] == (0.0, 0.0, 0.0)
    better = paired_agreement(TRUE, TRUE, SAID, GROUPS, "kappa")
    assert better.value == pytest.approx(1 - (0.6 - 0.32) / 0.68)
    assert better.low >= 0


def test_columns_of_different_length_are_refused_with_their_lengths():
    with pytest.raises(ToolError, match="2 values, 1 groups"):
        bootstrap([1, 2], ["a"])
    with pytest.raises(ToolError, match="1 a, 2 b, 2 groups"):
        paired_difference([1], [1, 2], ["a", "b"])
    with pytest.raises(ToolError, match="predicted"):
        bootstrap_agreement(["W"], [], ["a"], "kappa")


def test_twenty_thousand_epochs_of_a_thousand_patients_take_two_seconds_at_most():
    from time import process_time

    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(1000), 20).tolist()
    true, said = (rng.choice(["W", "N1", "N2", "N3", "R"], 20_000).tolist() for _ in range(2))
    began = process_time()
    assert bootstrap(rng.uniform(size=20_000).tolist(), groups).clusters == 1000
    assert abs(bootstrap_agreement(true, said, groups, "kappa").value) < 0.02
    assert process_time() - began < 2.0
