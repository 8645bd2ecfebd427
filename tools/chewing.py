"""Chewing: bursts of the temporal muscles once or twice a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Bools
from tools.labels import electrodes, side_of
from tools.muscle_levels import FRAME, Levels

_JAW = frozenset(("Fp1", "Fp2", "F7", "F8", "T3", "T4", "T5", "T6", "FT7", "FT8", "F9", "F10"))


class ChewingSettings(NamedTuple):
    """What makes bursts of muscle chewing; durations in seconds."""

    loud: float = 1.5
    """Multiple of the least RMS of muscle that a burst has to reach, over the muscles of the jaw."""
    depth_db: float = 5.0
    """How far the level falls between two bursts."""
    period: tuple[float, float] = (0.35, 1.3)
    change: float = 1.8
    """Largest ratio of two periods in a row."""
    spread: float = 0.3
    """Largest deviation of the periods over their mean."""
    fewest: int = 4
    """Bursts in a row."""
    together: float = 0.5
    """Least correlation of the levels of both sides, where both are recorded: jaws close on both."""
    burst: float = 0.65
    """Longest burst, at half of its power."""


DEFAULTS = ChewingSettings()


def chewing_spans(
    levels: Levels, channels: Sequence[str], least: float, settings: ChewingSettings = DEFAULTS
) -> list[tuple[int, int, Bools]]:
    """Find bouts of chewing in levels of muscle.

    Parameters
    ----------
    levels : Levels
        Of muscle, from `measure_muscle`.
    channels : sequence of str
        Names of its rows. The frontopolar and temporal ones are searched, or all where there are none.
    least : float
        RMS in microvolts that is muscle here.
    settings : ChewingSettings
        Limits.

    Returns
    -------
    list of (int, int, ndarray)
        First and last frame (exclusive) of each bout, and the channels (all).

    Notes
    -----
    The bursts themselves are followed, not their autocorrelation, so that four of them are enough and their
    limits are known. Clonic jerks of a seizure give the same bursts; what the brain does between them, not
    the muscle, tells these apart.
    """
    from scipy.signal import find_peaks, peak_widths

    jaw = np.array([not _JAW.isdisjoint(electrodes(name)) for name in channels]) & ~levels.deaf
    rows = jaw if jaw.any() else ~levels.deaf
    power = levels.quick[rows].mean(axis=0)
    course = 10 * np.log10(power + 0.5**2)
    peaks, _ = find_peaks(
        np.concatenate([[-10.0], course, [-10.0]]),
        prominence=settings.depth_db,
        height=20 * np.log10(settings.loud * least),
    )
    peaks = peaks - 1
    if len(peaks) < settings.fewest:
        return []
    wide = peak_widths(power, peaks, 0.5)[0]
    peaks = peaks[(wide <= settings.burst / FRAME) & ~np.asarray(levels.missing.any(axis=0))[peaks]]
    spans = []
    for first, last in _chains(peaks * FRAME, settings):
        start, stop = _foot(power, peaks[first], -1), _foot(power, peaks[last], 1)
        if _both_sides(levels.quick[:, start:stop], rows, channels) >= settings.together:
            spans.append((start, stop, np.ones(len(channels), dtype=bool)))
    return spans


def _both_sides(quick: Array, rows: Bools, channels: Sequence[str]) -> float:
    """Correlation of the level on the left with that on the right; 1 where a side is not recorded."""
    sides = np.array([side_of(name) for name in channels])
    left, right = (rows & (sides == side) for side in ("left", "right"))
    if not left.any() or not right.any():
        return 1.0
    courses = [np.log10(quick[side].mean(axis=0) + 0.25) for side in (left, right)]
    return float(np.corrcoef(*courses)[0, 1])


def _chains(times: Array, settings: ChewingSettings) -> list[tuple[int, int]]:
    """First and last index of every row of bursts at a steady pace."""
    chains, first = [], 0
    gaps = np.diff(times)
    low, high = settings.period
    for i in range(len(times)):
        goes_on = i < len(gaps) and low <= gaps[i] <= high
        if goes_on and i > first:
            ratio = gaps[i] / gaps[i - 1]
            goes_on = 1 / settings.change <= ratio <= settings.change
        if not goes_on:
            own = gaps[first:i]
            if i - first + 1 >= settings.fewest and np.std(own) <= settings.spread * np.mean(own):
                chains.append((first, i))
            first = i + 1 if not (i < len(gaps) and low <= gaps[i] <= high) else i
    return chains


def _foot(power: Array, peak: int, way: int) -> int:
    """Frame beside a burst at which its power has fallen to a tenth; exclusive to the right."""
    at = int(peak)
    last = at + way * round(0.5 / FRAME)
    while 0 <= at + way < len(power) and at != last and power[at + way] > 0.1 * power[peak]:
        at += way
    return at if way < 0 else at + 1
