"""How channels see the field of a source under the midline, and the one trace that shows it best, in any montage.

Waves of sleep have a known field: the sum of all channels, weighted by it, shows them with less noise than
any single one, and one trace is quickly searched.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, robust_sd
from tools.fields import place
from tools.fir import Single
from tools.labels import electrodes
from tools.shared import Slowed, once

_EARS = {"A1", "A2", "M1", "M2"}
_LEAST_SHARE = 0.45
"""Of the field's largest weight: what a single channel must see of it."""
_LEAST_SEEN, _LEAST_SEEN_IN_PAIRS = 0.35, 0.2
"""Of the field at its centre: what the best channel must see of it, else nothing is looked for."""
_FEW = 3
"""Fewer channels than this are taken as they are, whatever their second electrode is."""
_KNOWN = 6
_FULL_HEAD = 8
"""Channels from which on the form of a field can be compared."""


class View(NamedTuple):
    """The weighted sum of the channels that see a field, scaled as in the channel that sees it best."""

    trace: Array  # (N,), positive where the field is as described
    rows: tuple[int, ...]
    """Channels that see the field with its own sign, best first."""
    weights: Array  # (C,), 1 at the channel that sees it best, 0 where the place is not known
    field: bool
    """Whether the form of the field can be compared."""


@lru_cache(maxsize=64)
def weights_of(channels: tuple[str, ...], centre: tuple[str, ...], reach: float, average: bool) -> Array:
    """How these channels see a field that falls off with the angle from its centre.

    Parameters
    ----------
    channels : tuple of str
        Referential (``Fz``, ``C4-M1``) or bipolar (``Fz-Cz``); a place that is not known weighs nothing.
    centre : tuple of str
        Electrodes above the source.
    reach : float
        Angle in degrees at which the field has fallen to 1/e.
    average : bool
        Whether the channels are referred to their common average.

    Returns
    -------
    ndarray, shape (channels,)
        Largest magnitude 1; zeros where no place is known or none sees the field.
    """
    weights = np.zeros(len(channels))
    known = np.zeros(len(channels), dtype=bool)
    for row, channel in enumerate(channels):
        parts = channel.split(" (", maxsplit=1)[0].split("-")
        first, second = place(parts[0]), place(parts[1]) if len(parts) > 1 else None
        if first is None or parts[0].upper() in _EARS:
            continue
        known[row] = True
        weights[row] = _at(first, centre, reach) - (_at(second, centre, reach) if second else 0.0)
    paired = any(len(electrodes(channel)) > 1 for channel in channels)
    most = _at(_direction(centre[0]), centre, reach)
    if np.abs(weights).max(initial=0.0) < (_LEAST_SEEN_IN_PAIRS if paired else _LEAST_SEEN) * most:
        return np.zeros(len(channels))
    if average and known.any():
        weights[known] -= weights[known].mean()
    most = np.abs(weights).max(initial=0.0)
    return weights / most if most > 0 else weights


def _direction(electrode: str) -> tuple[float, float, float]:
    found = place(electrode)
    if found is None:
        raise ValueError(f"no place for {electrode}")
    return found


def _at(direction: tuple[float, float, float], centre: Sequence[str], reach: float) -> float:
    """Size of the field in a direction from the middle of the head."""
    poles = np.array([_direction(name) for name in centre])
    angles = np.degrees(np.arccos(np.clip(poles @ np.array(direction), -1, 1)))
    return float(np.exp(-((angles / reach) ** 2)).sum())


def view(signal: Slowed, centre: tuple[str, ...], reach: float) -> View | None:
    """Sum the channels of a segment at its lower rate, weighted by a field and by how quiet they are.

    Parameters
    ----------
    signal : Slowed
        EEG only.
    centre, reach
        Of the field, as for `weights_of`.

    Returns
    -------
    View or None
        None where no channel sees the field.
    """
    segment = signal.mended
    average = segment.reference == "average"
    names = segment.channels
    if len(names) < _FEW:
        # Of a pair such as Fpz-Cz both ends see the field, and which more differs between people: the
        # polarity is then that of its first electrode.
        names = tuple(electrodes(name)[0] if electrodes(name) else name for name in names)
    weights = weights_of(names, centre, reach, average)
    if len(names) == 1 and place(names[0]) is None:
        weights = np.ones(1)
    order = np.argsort(-weights)
    rows = tuple(int(row) for row in order if weights[row] >= _LEAST_SHARE)
    if not rows:
        return None
    step = max(1, segment.data.shape[1] // 1000)
    noise = once(segment, "noise", lambda: robust_sd(segment.data[:, ::step]))
    # A louder channel counts for less, a quieter one for no more: it may be broken.
    sure = np.maximum(noise, max(float(np.median(noise[list(rows)])), 1e-3))
    trace = (weights / sure**2) @ signal.slower.data / np.sum((weights / sure) ** 2)
    placed = int(np.count_nonzero(weights))
    return View(trace, rows, weights, placed >= _FULL_HEAD and len(segment.channels) >= _FULL_HEAD)


def correlation(values: Array, weights: Array, channels: Sequence[str]) -> float | None:
    """Correlation of what the channels show with a field, over the places that are known; None for fewer than six.

    Parameters
    ----------
    values, weights : ndarray, shape (channels,)
        Signed sizes, and what `weights_of` gives.
    channels : sequence of str
        Names; where none of them is a pair, the mean is taken off, so that the reference does not matter.
    """
    known = weights != 0
    if known.sum() < _KNOWN:
        return None
    a, b = values[known], weights[known]
    if all(len(electrodes(name)) < 2 for name in channels):
        a, b = a - a.mean(), b - b.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size > 0 else 0.0


def shape_over(data: Array | Single, trace: Array | Single, start: int, stop: int) -> Array:
    """How much of a stretch of the trace each channel holds, shape (channels,): 1 where it is the same."""
    part, shape = data[:, start:stop], trace[start:stop]
    shape = shape - shape.mean()
    return np.asarray((part - part.mean(axis=1, keepdims=True)) @ shape / max(float(shape @ shape), 1e-9))
