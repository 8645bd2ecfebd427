"""Whether a background stays as it is through a stretch, and when it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.clean import nan_median, seconds
from tools.types import Record, Segment

_UNEVEN_CV = 0.5
_LEAST_FACTOR = 5.0  # of the power of a band
_LEAST_DISTANCE = 3.0  # between the two parts, over the spread within them
_SPREAD_FLOOR = 0.05  # log10
_SIDE = 5  # s at most that are compared before and after
_LEAST_SIDE = 3  # s, without which a single second decides
_FEWEST = 4  # s of clean signal

_Array = NDArray[np.float64]


class Change(Record):
    """A second at which the background changes at once."""

    onset: float
    """Seconds from the start of the recording."""
    band: str
    factor: float
    """Power of the band after it over that before it."""


class Stability(Record):
    """Whether amplitude and bands stay alike from second to second."""

    stable: bool
    """No abrupt change, and a coefficient of variation below 0.5."""
    amplitude_variation: float
    """Coefficient of variation of the RMS per second."""
    same_band_share: float
    """Share of the 2-s windows with the dominant band of the whole."""
    change: Change | None = None
    """The largest abrupt change of a band, five times its power or more."""


class Bands(NamedTuple):
    """The bands to compare, and which of them dominates the whole."""

    limits: Mapping[str, tuple[float, float]]
    dominant: str


def measure_stability(clean: Segment, bands: Bands) -> Stability | None:
    """Compare the seconds of a stretch with one another.

    Parameters
    ----------
    clean : Segment
        EEG, artifacts blanked with NaN.
    bands : Bands
        Limits in hertz.

    Returns
    -------
    Stability or None
        None with under 4 s of signal that is clean in half of the channels.

    Notes
    -----
    A change is a second between two parts of 3 to 5 s whose mean log power (median over channels) differs by
    a factor of five or more, and by three of the standard deviations within them. A rhythm that waxes and
    wanes stays below that; both limits are ours, set on simulated segments.
    """
    pieces = seconds(clean.data, clean.sfreq)
    rms = np.sqrt(np.mean(pieces**2, axis=2))
    usable = np.flatnonzero(np.isfinite(rms).mean(axis=0) >= 0.5)
    if usable.size < _FEWEST:
        return None
    level = nan_median(rms[:, usable], axis=0)
    variation = float(level.std() / level.mean()) if level.mean() > 0 else 0.0
    change = _change(pieces[:, usable], usable, clean, bands.limits)
    return Stability(
        stable=variation < _UNEVEN_CV and change is None,
        amplitude_variation=variation,
        same_band_share=_same_band_share(clean, bands),
        change=change,
    )


def _powers(pieces: _Array, sfreq: float, limits: Mapping[str, tuple[float, float]]) -> dict[str, _Array]:
    """Power per window and band, median over the channels; shape (windows,)."""
    size = pieces.shape[2]
    window = np.hanning(size + 1)[:-1]
    whole = np.isfinite(pieces).all(axis=2)
    shape = np.abs(np.fft.rfft((pieces - pieces.mean(axis=2, keepdims=True)) * window)) ** 2
    freqs = np.fft.rfftfreq(size, 1 / sfreq)
    powers = {}
    for name, (low, high) in limits.items():
        inside = (freqs >= low - 0.3) & (freqs < high - 0.3)  # bins lie 0.5 or 1 Hz apart
        if inside.any():
            sums = shape[..., inside].sum(axis=2)
            sums[~whole] = np.nan
            powers[name] = nan_median(sums, axis=0)
    return powers


def _change(
    pieces: _Array, at: NDArray[np.intp], clean: Segment, limits: Mapping[str, tuple[float, float]]
) -> Change | None:
    powers = _powers(pieces, clean.sfreq, limits)
    if not powers or at.size < 2 * _LEAST_SIDE:
        return None
    names = list(powers)
    level = np.log10(np.maximum(np.stack([powers[name] for name in names]), 1e-9))
    best: tuple[float, int, int, float] | None = None
    for border in range(_LEAST_SIDE, at.size - _LEAST_SIDE + 1):
        before, after = level[:, max(0, border - _SIDE) : border], level[:, border : border + _SIDE]
        step = after.mean(axis=1) - before.mean(axis=1)
        count = before.shape[1] + after.shape[1] - 2
        within = (before.var(axis=1) * before.shape[1] + after.var(axis=1) * after.shape[1]) / count
        distance = np.abs(step) / np.maximum(np.sqrt(within), _SPREAD_FLOOR)
        distance[np.abs(step) < np.log10(_LEAST_FACTOR)] = 0.0
        top = int(np.argmax(distance))
        if distance[top] >= _LEAST_DISTANCE and (best is None or distance[top] > best[0]):
            best = (float(distance[top]), border, top, float(step[top]))
    if best is None:
        return None
    return Change(onset=clean.onset + float(at[best[1]]), band=names[best[2]], factor=float(10 ** best[3]))


def _same_band_share(clean: Segment, bands: Bands) -> float:
    pieces = seconds(clean.data, clean.sfreq, 2.0)
    kept = np.isfinite(pieces).all(axis=2).mean(axis=0) >= 0.5
    if not kept.any():
        return 1.0
    powers = _powers(pieces[:, kept], clean.sfreq, bands.limits)
    names = list(powers)
    strongest = np.argmax(np.stack([powers[name] for name in names]), axis=0)
    return float(np.mean([names[index] == bands.dominant for index in strongest]))
