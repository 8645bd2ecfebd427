"""Intervals by bootstrap over patients: for means, for differences between systems, and for agreement.

Whole groups are drawn, since segments of one patient resemble each other; an interval over single segments would be
too narrow. Everything additive is drawn as sums of groups, so 2000 repeats cost a matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.types import ToolError

Array = NDArray[np.float64]
Agreement = Literal["kappa", "macro_f1", "balanced_accuracy", "accuracy"]
LEVEL = 0.95
_CELLS = 2_000_000
"""Weights that are held at once."""


class Interval(NamedTuple):
    """A number and how far it would move with other patients; None where there is none."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    """Items that count."""
    clusters: int
    """Groups that were drawn from."""


def mean(values: Array) -> float:
    """Average; what `bootstrap` computes without a loop."""
    return float(np.mean(values))


def bootstrap(
    values: Sequence[float | None],
    groups: Sequence[Hashable],
    *,
    statistic: Callable[[Array], float] = mean,
    repeats: int = 2000,
    seed: int = 0,
) -> Interval:
    """Give a statistic of the items with its 95 % interval over groups.

    Parameters
    ----------
    values : sequence of float or None
        One number for each item; items without (None, NaN) are left out and not counted.
    groups : sequence
        The patient of each item, or the segment where there is no patient.
    statistic : callable
        From an array of values to a number; `mean` is computed without a loop.
    repeats, seed : int
        How often groups are drawn, and from where the random numbers start.

    Returns
    -------
    Interval
        No items: no value. One group: a value without an interval.

    Raises
    ------
    ToolError
        If there is not one group for each value.

    Notes
    -----
    Percentile interval. With fewer than about 10 groups it is too narrow; where all items agree it has no width,
    although other patients might differ: `n` and `clusters` stand beside it for that reason.

    References
    ----------
    Efron & Tibshirani, An introduction to the bootstrap, 1993, https://doi.org/10.1201/9780429246593
    """
    _same_length(values=values, groups=groups)
    numbers = np.array([np.nan if value is None else value for value in values], dtype=float)
    kept = np.isfinite(numbers)
    numbers, codes, count = numbers[kept], *_codes([g for g, keep in zip(groups, kept, strict=True) if keep])
    if not len(numbers):
        return Interval(None, None, None, 0, 0)
    value = float(statistic(numbers))
    if count < 2:
        return Interval(value, None, None, len(numbers), count)
    if statistic is mean:
        sums = np.stack([np.bincount(codes, numbers, count), np.bincount(codes, minlength=count)], axis=1)
        totals = np.concatenate([weights @ sums for weights in _weights(count, repeats, seed)])
        drawn = totals[:, 0] / totals[:, 1]
    else:
        members = [np.flatnonzero(codes == code) for code in range(count)]
        rows = (row for block in _draws(count, repeats, seed) for row in block)
        drawn = np.array(
            [statistic(numbers[np.concatenate([members[code] for code in row])]) for row in rows]
        )
    return Interval(value, *_bounds(drawn), len(numbers), count)


def paired_difference(
    a: Sequence[float | None],
    b: Sequence[float | None],
    groups: Sequence[Hashable],
    *,
    repeats: int = 2000,
    seed: int = 0,
) -> Interval:
    """Give the mean of system `a` minus that of `b` on the same items, with its interval.

    Items that one of them has no number for are left out. The difference is significant at 5 % where the interval
    does not hold 0; two intervals of single systems that overlap say nothing about it.
    """
    _same_length(a=a, b=b, groups=groups)
    apart = [None if x is None or y is None else x - y for x, y in zip(a, b, strict=True)]
    return bootstrap(apart, groups, repeats=repeats, seed=seed)


def bootstrap_agreement(
    true: Sequence[str],
    predicted: Sequence[str | None],
    groups: Sequence[Hashable],
    statistic: Agreement,
    *,
    labels: Sequence[str] = (),
    repeats: int = 2000,
    seed: int = 0,
) -> Interval:
    """Give the agreement of labels with its 95 % interval over groups.

    Parameters
    ----------
    true, predicted : sequence of str
        One label for each item; a prediction of None is an invalid answer, and wrong. To drop invalid answers instead,
        drop them before.
    groups : sequence
        The patient of each item.
    statistic : {"kappa", "macro_f1", "balanced_accuracy", "accuracy"}
        As scikit-learn defines it, over the whole draw and not averaged over patients.
    labels : sequence of str
        The classes of macro-F1; by default those that occur in `true`. A draw that lacks a class counts it as 0.
    repeats, seed : int
        As for `bootstrap`.

    Returns
    -------
    Interval
        No value where the statistic is not defined (kappa if all are of one class).
    """
    _same_length(true=true, predicted=predicted, groups=groups)
    return _agreement(true, [predicted], groups, statistic, labels, repeats, seed)


def paired_agreement(
    true: Sequence[str],
    a: Sequence[str | None],
    b: Sequence[str | None],
    groups: Sequence[Hashable],
    statistic: Agreement,
    *,
    labels: Sequence[str] = (),
    repeats: int = 2000,
    seed: int = 0,
) -> Interval:
    """Give the agreement of system `a` minus that of `b`, both drawn with the same groups each time."""
    _same_length(true=true, a=a, b=b, groups=groups)
    return _agreement(true, [a, b], groups, statistic, labels, repeats, seed)


def _agreement(
    true: Sequence[str],
    systems: Sequence[Sequence[str | None]],
    groups: Sequence[Hashable],
    statistic: Agreement,
    labels: Sequence[str],
    repeats: int,
    seed: int,
) -> Interval:
    if not len(true):
        return Interval(None, None, None, 0, 0)
    classes = list(dict.fromkeys([*labels, *sorted(set(true))]))
    scored = len(labels) or len(classes)
    codes, count = _codes(groups)
    of = [_confusions(true, system, classes, codes, count) for system in systems]
    value = _apart([table.sum(axis=0)[None] for table in of], statistic, scored)[0]
    if not np.isfinite(value):
        return Interval(None, None, None, len(true), count)
    if count < 2:
        return Interval(float(value), None, None, len(true), count)
    drawn = np.concatenate(
        [
            _apart([np.tensordot(weights, table, 1) for table in of], statistic, scored)
            for weights in _weights(count, repeats, seed)
        ]
    )
    return Interval(float(value), *_bounds(drawn), len(true), count)


def _apart(tables: Sequence[Array], statistic: Agreement, scored: int) -> Array:
    values = [_of_table(table, statistic, scored) for table in tables]
    return values[0] if len(values) == 1 else values[0] - values[1]


def _confusions(
    true: Sequence[str],
    predicted: Sequence[str | None],
    classes: Sequence[str],
    codes: NDArray[np.intp],
    count: int,
) -> Array:
    """Confusion of each group, ``(groups, classes + other, classes + other)``; the last is for what is no class."""
    place = {name: i for i, name in enumerate(classes)}
    size = len(classes) + 1
    cell = [place[t] * size + place.get(p or "", size - 1) for t, p in zip(true, predicted, strict=True)]
    flat = np.bincount(codes * size**2 + np.array(cell), minlength=count * size**2)
    return flat.reshape(count, size, size).astype(float)


def _of_table(table: Array, statistic: Agreement, scored: int) -> Array:
    """The statistic of each confusion matrix ``(repeats, true, predicted)``; NaN where it is not defined."""
    hits = np.diagonal(table, axis1=1, axis2=2)
    support, said, total = table.sum(axis=2), table.sum(axis=1), table.sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        if statistic == "accuracy":
            return np.asarray(hits.sum(axis=1) / total)
        if statistic == "kappa":
            chance = (support * said).sum(axis=1) / total**2
            return np.asarray(
                np.where(chance < 1, (hits.sum(axis=1) / total - chance) / (1 - chance), np.nan)
            )
        if statistic == "macro_f1":
            both = (support + said)[:, :scored]
            return np.asarray((2 * hits[:, :scored] / np.where(both > 0, both, 1)).mean(axis=1))
        share = np.where(support > 0, hits / support, 0.0)
        return np.asarray(share.sum(axis=1) / (support > 0).sum(axis=1))


def _draws(count: int, repeats: int, seed: int) -> Iterator[NDArray[np.intp]]:
    """Yield blocks of draws ``(some repeats, groups)``, with replacement; the same for the same seed."""
    rng = np.random.default_rng(seed)
    step = max(1, _CELLS // count)
    for start in range(0, repeats, step):
        yield rng.integers(0, count, (min(step, repeats - start), count))


def _weights(count: int, repeats: int, seed: int) -> Iterator[Array]:
    """Yield how often each group was drawn, by repeat."""
    for block in _draws(count, repeats, seed):
        rows = len(block)
        flat = (block + np.arange(rows)[:, None] * count).ravel()
        yield np.bincount(flat, minlength=rows * count).reshape(rows, count).astype(float)


def _bounds(drawn: Array) -> tuple[float | None, float | None]:
    """The limits; none where the statistic was not defined in most draws."""
    known = drawn[np.isfinite(drawn)]
    if len(known) < max(len(drawn) / 2, 1):
        return None, None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _codes(groups: Sequence[Hashable]) -> tuple[NDArray[np.intp], int]:
    place: dict[Hashable, int] = {}
    codes = np.array([place.setdefault(group, len(place)) for group in groups], dtype=np.intp)
    return codes, len(place)


def _same_length(**columns: Sequence[object]) -> None:
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ToolError(
            "Each item needs one entry in each: "
            + ", ".join(f"{n} {name}" for name, n in lengths.items())
            + ".",
            field=min(lengths, key=lambda name: lengths[name]),
        )
