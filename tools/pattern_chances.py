"""How likely every stretch of ten seconds is to show each pattern: measurements weighed by a small fitted model."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools import pattern_weights as fitted
from tools.conditioning import Array, Bools
from tools.events import runs
from tools.pattern_features import FEATURES, measure_windows
from tools.pattern_pools import WINDOW
from tools.pattern_view import View, cut_view

LABELS = ("seizure", "LPD", "GPD", "BIPD", "LRDA", "GRDA")
"""In the order in which they are decided."""
CLASSES = ("none", *LABELS)
_STEP = 1.0
_CHUNK = 64
"""Windows that are measured at a time."""
_MANY = 12
"""Windows from which on not all are measured."""


class PatternSettings(NamedTuple):
    """When a stretch is called."""

    least: float = 0.5
    """Probability that there is some pattern."""
    seizure: float = 0.65
    """Probability of a seizure: the gravest word needs more than an even chance."""
    shortest: float = 5.0
    """Seconds; a page of ten seconds is called as a whole."""
    gap: float = 2.0
    """Seconds without a pattern that are bridged."""
    steady: int = 11
    """Seconds over which the kind of a pattern is decided."""
    cycles: float = 6.0
    """Least number of waves or discharges (ACNS 2021)."""
    periodic: float = 0.2
    """Least autocorrelation of the envelope at its period, mean of the dominant side and of all, without which
    discharges are not periodic, however sharp."""
    unlikely: float = 0.15
    """Probability of some pattern below which a long recording is looked at every other second only."""
    missing: float = 0.2
    """Share of a window that may be missing."""


DEFAULTS = PatternSettings()


def probabilities(view: View, settings: PatternSettings = DEFAULTS) -> tuple[Array, Array]:
    """Weigh the ten seconds that begin at every second.

    Returns
    -------
    chances : ndarray, shape (windows, classes)
        Of each of `CLASSES`.
    features : ndarray, shape (windows, `FEATURES`)
        What they were told by.
    """
    count = max(1, (view.data.shape[1] - round(WINDOW * view.sfreq)) // round(_STEP * view.sfreq) + 1)
    features = _measured(view, 0, count, 1) if count < _MANY else _where_needed(view, count, settings)
    chances = _judged(features, settings)
    chances[_lost(view, len(chances), settings)] = np.eye(len(CLASSES))[0]
    return chances, features


def _where_needed(view: View, count: int, settings: PatternSettings) -> Array:
    """Features of every second window, and of one between two of which either may hold a pattern.

    Where neither may, the window between takes the features of the one before.
    """
    coarse = _measured(view, 0, (count + 1) // 2, 2)
    features = np.repeat(coarse, 2, axis=0)[:count]
    possible = 1 - _judged(coarse, settings)[:, 0] >= settings.unlikely
    after = np.append(possible[1:], False)
    for start, stop in runs((possible | after)[: count // 2]):
        features[2 * start + 1 : 2 * stop : 2] = _measured(view, 2 * start + 1, stop - start, 2)
    return features


def _measured(view: View, first: int, count: int, every: int) -> Array:
    """Features of `count` windows, the first of which begins `first` seconds on, and then one `every` few."""
    length, hop = round(WINDOW * view.sfreq), round(_STEP * view.sfreq)
    parts = []
    for done in range(0, count, _CHUNK):
        here = min(_CHUNK, count - done)
        start = (first + done * every) * hop
        piece = cut_view(view, start, start + (here - 1) * every * hop + length)
        parts.append(measure_windows(piece, every * _STEP)[0][:here])
    return np.concatenate(parts)


def _judged(features: Array, settings: PatternSettings) -> Array:
    """Chance of each of `CLASSES`, discharges without a period given up."""
    chances = weigh(features)
    period = features[:, [FEATURES.index("period"), FEATURES.index("period_all")]].mean(axis=1)
    _give_up(chances, period < settings.periodic, ("LPD", "GPD", "BIPD"))
    return chances


def _give_up(chances: Array, where: Bools, labels: tuple[str, ...]) -> None:
    """Hand the chance of labels to none, in place."""
    columns = [CLASSES.index(label) for label in labels]
    for column in columns:
        chances[where, 0] += chances[where, column]
        chances[where, column] = 0.0


def weigh(features: Array) -> Array:
    """Turn features, shape (windows, `FEATURES`), into the chance of each of `CLASSES`."""
    used = features[:, [FEATURES.index(name) for name in fitted.FEATURES]]
    z = np.clip((used - np.array(fitted.CENTRE)) / np.array(fitted.SCALE), -fitted.LIMIT, fitted.LIMIT)
    table = np.array(fitted.TABLE)
    score = table[0] + z @ table[1:]
    share = np.exp(score - score.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    owner = np.array([CLASSES.index(kind.split(" ")[0]) for kind in fitted.KINDS])
    return np.stack([share[:, owner == number].sum(axis=1) for number in range(len(CLASSES))], axis=1)


def _lost(view: View, count: int, settings: PatternSettings) -> Bools:
    """Windows in which too much is missing in most derivations, or nothing is alive."""
    gone = np.mean(view.missing, axis=0) if view.missing.any() else None
    length, hop = round(WINDOW * view.sfreq), round(_STEP * view.sfreq)
    scale = view.missing.shape[1] / max(1, view.data.shape[1])
    lost = np.zeros(count, dtype=bool)
    for number in range(count):
        start, stop = number * hop, number * hop + length
        flat = np.median(view.data[:, start:stop:4].std(axis=1)) < 0.1
        empty = gone is not None and gone[int(start * scale) : int(stop * scale)].mean() > settings.missing
        lost[number] = flat or empty
    return lost
