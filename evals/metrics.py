"""The figures of a task, each a ratio of two sums over samples, with intervals over patients or segments.

A ratio of sums is what every figure here is: correct over asked, true claims over claims, facts stated over facts.
So an interval takes one pair of sums for each group, and a difference between two systems the same draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
REPEATS, SEED = 2000, 0
POSITIVE = ("event", "channel", "time", "frequency", "amplitude", "stage")


class Row(NamedTuple):
    """One graded sample of a log."""

    id: str
    kind: str
    group: str
    category: str
    values: dict[str, float | None]
    invalid: bool
    details: dict[str, Any]
    seconds: float
    tokens: int
    answer: str
    explanation: str
    error: str | None


class Figure(NamedTuple):
    """A number with its 95 % interval; no bounds where there is one group only."""

    value: float | None
    low: float | None = None
    high: float | None = None
    samples: int = 0
    groups: int = 0


Sum = Callable[[Row], float]


class Metric(NamedTuple):
    """A figure of one kind of item."""

    name: str
    kinds: tuple[str, ...]
    above: Sum
    below: Sum
    percent: bool = True
    least: bool = False
    """Smaller is better."""


def _value(name: str) -> Sum:
    return lambda row: row.values.get(name) or 0.0


def _has(name: str) -> Sum:
    return lambda row: 0.0 if row.values.get(name) is None else 1.0


def _one(row: Row) -> float:
    return 1.0


def _claims(suffix: str, kinds: Sequence[str]) -> Sum:
    return lambda row: sum(row.values.get(f"{kind}_{suffix}") or 0.0 for kind in kinds)


METRICS: tuple[Metric, ...] = (
    Metric("MCQ accuracy", ("mcq",), _value("correct"), _one),
    Metric("questions right (facts)", ("qa",), _value("correct"), _one),
    Metric("turns right (facts)", ("dialogue",), _value("turns_right"), _value("turns")),
    *(Metric(f"turns right: {role}", ("dialogue",), _value(f"turns_right_{role}"), _value(f"turns_{role}"))
      for role in ("overview", "question", "follow-up", "correction", "false premise", "number", "return")),
    Metric("conversations without a fault", ("dialogue",), _value("correct"), _one),
    Metric("invalid answers", ("mcq", "qa", "description", "dialogue", "consistency"), lambda r: float(r.invalid),
           _one, least=True),
    Metric("claims: precision", ("description",), _claims("right", (*POSITIVE, "absence")),
           _claims("claims", (*POSITIVE, "absence"))),
    Metric("claims: precision without absences", ("description",), _claims("right", POSITIVE),
           _claims("claims", POSITIVE)),
    *(Metric(f"claims: {kind}", ("description",), _claims("right", (kind,)), _claims("claims", (kind,)))
      for kind in (*POSITIVE, "absence")),
    Metric("claims: recall", ("description",), _value("facts_said"), _value("facts")),
    Metric("invented waveforms a segment", ("description",), _value("invented"), _has("invented"),
           percent=False, least=True),
    Metric("ROUGE-1 F1", ("description",), _value("rouge1"), _one),
    Metric("ROUGE-1 recall", ("description",), _value("rouge1_recall"), _one),
    Metric("ROUGE-2 F1", ("description",), _value("rouge2"), _one),
    Metric("ROUGE-L F1", ("description",), _value("rougeL"), _one),
    Metric("ROUGE-1 F1 without boilerplate", ("description",), _value("rouge1_stripped"), _one),
    Metric("contradictions", ("consistency",), _value("contradictions"), _value("pairs"), least=True),
    *(Metric(f"contradictions: {kind}", ("consistency",), _value(f"contradictions_{kind}"), _value(f"pairs_{kind}"),
             least=True) for kind in ("presence", "time", "side", "frequency", "stage")),
    Metric("contradictions, shared denials left out", ("consistency",), _value("contradictions"),
           lambda r: _value("pairs")(r) - _value("pairs_absence")(r), least=True),
    Metric("answers that claim nothing", ("consistency",), _value("silent"), _value("answers"), least=True),
    Metric("comparable pairs a segment", ("consistency",), _value("pairs"), _one, percent=False),
    Metric("should have changed, did not", ("consistency",), _value("stuck"), _value("changes"), least=True),
    *(Metric(f"should have changed, did not: {how}", ("consistency",), _value(f"stuck_{how}"),
             _value(f"changes_{how}"), least=True) for how in ("swapped", "flipped", "shifted")),
    Metric("rules in common (IoU)", ("qa",), _value("rule_iou"), _has("rule_iou")),
    Metric("epochs as scored", ("stages",), _value("agreement"), _one),
    Metric("cited rules true", ("stages",), _value("rules_true"), _value("rules_cited")),
)  # fmt: skip


def sums(rows: Sequence[Row], metric: Metric) -> dict[str, tuple[float, float]]:
    """Numerator and denominator of every group that the metric concerns."""
    found: dict[str, tuple[float, float]] = {}
    for row in rows:
        if row.kind in metric.kinds:
            above, below = found.get(row.group, (0.0, 0.0))
            found[row.group] = above + metric.above(row), below + metric.below(row)
    return found


def figure(rows: Sequence[Row], metric: Metric) -> Figure | None:
    """The value of a metric with its interval; None where no sample has it."""
    mine = [row for row in rows if row.kind in metric.kinds]
    pairs = np.array(list(sums(mine, metric).values()))  # (groups, 2)
    if not len(pairs) or not pairs[:, 1].sum():
        return None
    value = float(pairs[:, 0].sum() / pairs[:, 1].sum())
    if len(pairs) < 2:
        return Figure(value, samples=len(mine), groups=1)
    low, high = _bounds(_drawn(pairs))
    return Figure(value, low, high, len(mine), len(pairs))


def difference(rows: Sequence[Row], others: Sequence[Row], metric: Metric) -> Figure | None:
    """How far a system is from another on the same groups, with a paired interval."""
    first, second = sums(rows, metric), sums(others, metric)
    shared = sorted(first.keys() & second.keys())
    a, b = (np.array([of[group] for group in shared]).reshape(-1, 2) for of in (first, second))
    if not len(a) or not a[:, 1].sum() or not b[:, 1].sum():
        return None
    value = float(a[:, 0].sum() / a[:, 1].sum() - b[:, 0].sum() / b[:, 1].sum())
    if len(shared) < 2:
        return Figure(value, groups=len(shared))
    low, high = _bounds(_drawn(a) - _drawn(b))  # the same seed draws the same groups
    return Figure(value, low, high, groups=len(shared))


def _drawn(pairs: Array) -> Array:
    rng = np.random.default_rng(SEED)
    chosen = rng.integers(0, len(pairs), (REPEATS, len(pairs)))
    totals = pairs[chosen].sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(totals[:, 0] / totals[:, 1])


def _bounds(values: Array) -> tuple[float, float]:
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return float(low), float(high)
