"""The lower side is the one that is lower in most pairs, whatever one pair does."""

import pytest

from agent.lower_side import Pair, lower_side


def pairs(*heights):
    names = (("F3", "F4"), ("C3", "C4"), ("P3", "P4"), ("O1", "O2"), ("T3", "T4"))
    return [Pair(left, right, a, b, ()) for (left, right), (a, b) in zip(names, heights, strict=False)]


def test_the_side_that_is_lower_in_most_pairs_is_named_first():
    found = lower_side(pairs((20, 40), (22, 40), (21, 40), (60, 40), (20, 40)), 0, 10)
    assert found.statement.startswith("The left side is lower.")
    assert found.evidence[0].value == pytest.approx(52.5, abs=3)


def test_swapping_the_sides_swaps_the_answer():
    found = lower_side(pairs((40, 20), (40, 22), (40, 21)), 0, 10)
    assert found.statement.startswith("The right side is lower.")


def test_sides_that_are_alike_are_called_so():
    assert lower_side(pairs((40, 41), (40, 38), (30, 30)), 0, 10).statement.startswith("Neither side")


def test_one_tall_pair_decides_nothing():
    assert lower_side(pairs((40, 200), (40, 40), (41, 40)), 0, 10).statement.startswith("Neither side")


def test_without_pairs_or_signal_there_is_no_answer():
    assert lower_side([], 0, 10) is None
    assert lower_side(pairs((0, 0)), 0, 10) is None
