"""A look at a recording before it is used: short stretches from all over it.

They decide what names and units leave open (kinds by signal, volts taken for microvolts, copies of a
channel) and give the recording its handle, without reading a whole night.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.source import Source
from tools.types import Gap

_STRETCHES = 16
_STRETCH_S = 2.0
_TYPICAL = 8
"""Stretches whose deviation is enough to tell a unit."""
_READ_WHOLE = 300_000
"""Recordings of up to this many samples are read whole."""


class Look(NamedTuple):
    """What was seen of each signal, in the file's unit."""

    stretches: tuple[NDArray[np.float64], ...]
    """For each signal ``(stretches, samples)``; NaN in gaps and where the file holds no number."""
    deviation: NDArray[np.float64]
    """Typical deviation from a straight line through a stretch; NaN where nothing was seen."""
    not_finite: NDArray[np.bool_]
    handle: str


def look_at(source: Source) -> Look:
    """Read stretches spread evenly over the recorded time, or all of a short recording."""
    signals = source.signals
    total = sum(signal.samples for signal in signals)
    whole = total <= _READ_WHOLE
    count = int(np.ceil(source.duration / _STRETCH_S)) if whole else _STRETCHES
    onsets = _onsets(source, max(1, count), whole)
    seen: list[NDArray[np.float64]] = [np.empty((0, 0))] * len(signals)
    missing = np.zeros(len(signals), bool)
    deviation = np.full(len(signals), np.nan)
    for sfreq in dict.fromkeys(signal.sfreq for signal in signals):
        rows = [i for i, signal in enumerate(signals) if signal.sfreq == sfreq]
        samples = signals[rows[0]].samples
        width = min(samples, max(1, round(_STRETCH_S * sfreq)))
        starts = [min(samples - width, round(onset * sfreq)) for onset in onsets]
        blocks = np.stack([source.read(rows, start, start + width) for start in starts], axis=1)
        bad = ~np.isfinite(blocks)
        blocks[bad] = np.nan
        deviation[rows] = _deviations(blocks)
        in_gap = np.array([in_gaps(source.gaps, start, width, sfreq) for start in starts])
        for i, row in enumerate(rows):
            seen[row] = blocks[i]
            missing[row] = bool((bad[i] & ~in_gap).any())
    return Look(tuple(seen), deviation, missing, _handle(source, seen))


def is_staircase(x: NDArray[np.float64]) -> bool:
    """Whether a signal stands still on a few levels, as codes and scorings do and no body signal does."""
    values = x[np.isfinite(x)]
    if values.size < 2:
        return False
    moving = np.count_nonzero(np.diff(x, axis=1)) / max(1, values.size)
    return bool(0 < moving < 0.05 and np.unique(values).size <= 12)


def is_copy(x: NDArray[np.float64], y: NDArray[np.float64], sign: float = 1.0) -> bool:
    """Whether two channels hold the same samples (the negative ones for ``sign=-1``), up to rounding."""
    if x.shape != y.shape or not np.isfinite(x).any() or np.nanstd(x) == 0:
        return False
    return bool(np.nanmax(np.abs(x - sign * y)) <= 0.02 * np.nanstd(x))


def in_gaps(gaps: Sequence[Gap], start: int, width: int, sfreq: float) -> NDArray[np.bool_]:
    """Mark the samples from ``start`` on that lie in a gap, one more on either side for rounding."""
    mask = np.zeros(width, bool)
    for gap in gaps:
        a, b = round(gap.onset * sfreq) - start, round((gap.onset + gap.duration) * sfreq) - start
        mask[max(0, a - 1) : max(0, b + 1)] = True
    return mask


def _onsets(source: Source, count: int, whole: bool) -> list[float]:
    """Where the stretches begin: spread over recorded time, so that none is lost in a gap."""
    if whole:
        return [i * _STRETCH_S for i in range(count)]
    edges, at = [], 0.0
    for gap in source.gaps:
        edges.append((at, gap.onset))
        at = gap.onset + gap.duration
    edges.append((at, source.duration))
    recorded = sum(b - a for a, b in edges)
    onsets = []
    for k in range(count):
        left = max(recorded - _STRETCH_S, 0.0) * k / max(count - 1, 1)
        for a, b in edges:
            if left <= b - a:
                onsets.append(a + left)
                break
            left -= b - a
    return onsets


def _deviations(blocks: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each row, the median over some stretches of the median distance from a straight line.

    Slow drift does not count: electrodes drift by millivolts in seconds, and a wrong unit must not be read
    into that.
    """
    some = blocks[:, :: max(1, blocks.shape[1] // _TYPICAL), :: max(1, blocks.shape[2] // 128)]
    time = np.arange(some.shape[2]) - (some.shape[2] - 1) / 2
    slope = some @ time / max(float(time @ time), 1.0)
    level = some - slope[..., None] * time
    per_stretch = np.median(np.abs(level - np.median(level, axis=2, keepdims=True)), axis=2)
    if np.isfinite(per_stretch).all():
        return np.asarray(np.median(per_stretch, axis=1))
    seen = [row[np.isfinite(row)] for row in per_stretch]
    return np.array([np.median(row) if row.size else np.nan for row in seen])


def _handle(source: Source, seen: list[NDArray[np.float64]]) -> str:
    """Short id from the samples alone: renaming the file or the patient does not change it."""
    digest = hashlib.blake2b(digest_size=8)
    for signal, x in zip(source.signals, seen, strict=True):
        digest.update(f"{signal.sfreq:.6f} {signal.samples}".encode())
        ends = x[np.unique(np.linspace(0, max(len(x) - 1, 0), 5).astype(int))] if len(x) else x
        digest.update(np.ascontiguousarray(ends, dtype=np.float32).tobytes())  # the end included
    return "rec-" + digest.hexdigest()[:12]
