"""For which part of a stretch an activity is there, where it does not last throughout."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.clean import in_band, nan_median, seconds
from tools.types import Segment


class LastingSettings(NamedTuple):
    """What makes a part of a stretch."""

    step: float = 0.5
    """Seconds of one reading of the level."""
    least: float = 2.0
    """Seconds that the part has to last, and the rest a half of that."""
    factor: float = 4.0
    """Power within the part over that outside."""
    spread: float = 1.5
    """Difference of the levels, in standard deviations within the two."""
    at_an_edge: bool = False
    """Whether the part has to begin or to end with the stretch: what swells and fades is there throughout."""
    longest: float = 60.0
    """Seconds beyond which a stretch is not parted: activities then come and go more than once."""


SETTINGS = LastingSettings()

_Array = NDArray[np.float64]


class Part(NamedTuple):
    """When an activity is there."""

    onset: float
    """Seconds from the start of the recording."""
    duration: float


def cut(segment: Segment, onset: float, duration: float) -> Segment:
    """Cut a part out of a segment, times in seconds of the recording."""
    start = max(round((onset - segment.onset) * segment.sfreq), 0)
    stop = start + round(duration * segment.sfreq)
    return replace(segment, data=segment.data[:, start:stop], onset=segment.onset + start / segment.sfreq)


def part_of(clean: Segment, low: float, high: float, settings: LastingSettings = SETTINGS) -> Part | None:
    """Find the part of a stretch in which a band is strong, if it is not strong throughout.

    Parameters
    ----------
    clean : Segment
        The channels that show the activity, artifacts blanked with NaN.
    low, high : float
        Limits of the band in hertz.
    settings : LastingSettings
        What makes a part.

    Returns
    -------
    Part or None
        None where the activity lasts throughout, comes and goes, or the stretch is too short or too long to say.

    Notes
    -----
    One change point or two that divide the logarithm of the power best (least squares), median over the channels,
    as in binary segmentation of a mean (Killick R et al. (2012), J Am Stat Assoc 107:1590-1598,
    doi:10.1080/01621459.2012.737745); the factor and the spread are ours.
    """
    if not clean.channels or not 2 * settings.least <= clean.duration <= settings.longest:
        return None
    shown = in_band(clean, low, high)
    power = np.mean(seconds(shown.data, shown.sfreq, settings.step) ** 2, axis=2)
    power[np.isnan(seconds(clean.data, clean.sfreq, settings.step)).any(axis=2)] = np.nan
    kept = np.flatnonzero(np.isfinite(power).mean(axis=0) >= 0.5)
    if kept.size < 2 * settings.least / settings.step:
        return None
    level = np.log10(np.maximum(nan_median(power[:, kept], axis=0), 1e-9))
    found = _divide(level, settings)
    if found is None:
        return None
    start, stop = found
    # A single reading at the very edge is too little to say that it was not yet, or no longer, there.
    onset = float(kept[start]) * settings.step if start > 1 else 0.0
    end = float(kept[stop - 1] + 1) * settings.step if stop < level.size - 1 else clean.duration
    return Part(clean.onset + onset, end - onset)


def _divide(level: _Array, settings: LastingSettings) -> tuple[int, int] | None:
    """First and last reading of the part that stands out most against the rest."""
    size = level.size
    least = round(settings.least / settings.step)
    sums = np.concatenate([[0.0], np.cumsum(level)])
    squares = np.concatenate([[0.0], np.cumsum(level**2)])
    start, stop = (
        axis.ravel() for axis in np.meshgrid(np.arange(size), np.arange(1, size + 1), indexing="ij")
    )
    inside = stop - start
    fits = (inside >= least) & (size - inside >= max(1, least // 2))
    if settings.at_an_edge:
        fits &= (start == 0) | (stop == size)
    start, stop, inside = start[fits], stop[fits], inside[fits]
    if not start.size:
        return None
    outside = size - inside
    total = sums[stop] - sums[start]
    within = total / inside
    beside = (sums[-1] - total) / outside
    rest = squares[-1] - inside * within**2 - outside * beside**2
    best = int(np.argmin(np.where(within > beside, rest, np.inf)))
    gain = within[best] - beside[best]
    spread = float(np.sqrt(max(rest[best], 0.0) / size))
    if gain < np.log10(settings.factor) or gain < settings.spread * spread:
        return None
    return int(start[best]), int(stop[best])
