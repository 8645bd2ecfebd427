"""Where the spindle band stands out: three criteria on a grid of 10 ms, fast enough for whole nights.

What is measured over windows changes slowly, so it is measured every 0.1 or 0.2 s and drawn through with lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import Array, joined_runs
from tools.fir import Band, Single, fir_bands

GRID = 0.01
"""Seconds between two decisions."""
_BLOCK = 10
"""Points of the grid from one measurement of the short windows (0.3 s) to the next."""
_LONG_STEP = 20
"""Points of the grid from one spectrum of 2 s to the next."""
_AT_A_TIME = 2048
"""Spectra in memory at a time, so that they stay in the cache."""


class SigmaSettings(NamedTuple):
    """Limits of the three criteria; frequencies in hertz, durations in seconds."""

    low: float = 12.0
    high: float = 15.0
    skirt: float = 1.5
    """Width of both skirts of the band."""
    beyond: float = 0.75
    """How far outside of the band half of the amplitude is left."""
    slowest: float = 1.0
    """From where on the whole signal counts; its half amplitude lies half a hertz below."""
    relative_power: float = 0.20
    """Least share of the band in the power of 1 to 30 Hz, over 2 s."""
    correlation: float = 0.65
    """Least correlation of the band with the whole signal, over 0.3 s."""
    rms_sd: float = 1.5
    """How many trimmed standard deviations above the mean the RMS of the band has to rise, over 0.3 s."""
    rms_cap_uv: float = 10.0
    """A threshold above this is lowered to it, so that nights rich in spindles keep theirs."""
    trimmed_mean: float = 0.0
    """Share that is left out at both ends for the mean."""
    shortest: float = 0.5
    longest: float = 2.0
    join: float = 0.5
    """Bursts at most this far apart are one."""


YASA = SigmaSettings()
"""The defaults of `yasa.spindles_detect`, whose events these settings give."""


class Sigma(NamedTuple):
    """The band of spindles and how it stands out; G points of the grid."""

    band: Single  # (C, N)
    broad: Single  # (C, N), 1 to 30 Hz
    rms: Single  # of the band (C, G)
    passed: NDArray[np.int8]  # criteria that hold (C, G)
    sfreq: float
    others: tuple[Single, ...] = ()
    """The signal in the other bands that were asked for (C, N)."""


def measure(data: Array, sfreq: float, settings: SigmaSettings = YASA, others: Sequence[Band] = ()) -> Sigma:
    """Measure the three criteria in every channel.

    Parameters
    ----------
    data : ndarray, shape (channels, samples)
        Microvolts, finite, at least 2.5 s.
    sfreq : float
        Hertz; 100 is enough, and more costs time.
    settings : SigmaSettings
        Limits.
    others : sequence of Band
        Bands that are wanted besides; they cost little in the same pass.

    Returns
    -------
    Sigma
        Point ``i`` of the grid lies at ``i * GRID`` seconds.

    References
    ----------
    Vallat and Walker (2021), eLife 10:e70092, https://doi.org/10.7554/eLife.70092.
    """
    inward = settings.skirt / 2 - settings.beyond
    wanted = Band(settings.low + inward, settings.high - inward, settings.skirt, settings.skirt)
    broad, sigma, *rest = fir_bands(data, sfreq, [Band(settings.slowest, 30.0, 1.0, 7.5), wanted, *others])
    points = int(data.shape[1] / sfreq / GRID + 1e-6)
    rms, correlation = _short_windows(sigma, broad, sfreq, points)
    passed = (rms >= _threshold(rms, settings)).astype(np.int8)
    passed += correlation >= settings.correlation
    passed += _relative_power(broad, sfreq, settings, points) >= settings.relative_power
    return Sigma(sigma, broad, rms, passed, sfreq, tuple(rest))


def bursts(sigma: Sigma, settings: SigmaSettings = YASA) -> list[list[tuple[int, int]]]:
    """Stretches of the grid, channel by channel, in which more than two criteria hold on average over 0.1 s."""
    width = round(0.1 / GRID)
    padded = np.pad(sigma.passed, ((0, 0), (width // 2 + 1, width - width // 2 - 1)))
    total = np.cumsum(padded, axis=1, dtype=np.int32)
    soft = total[:, width:] - total[:, :-width]
    shortest, longest = settings.shortest / GRID, settings.longest / GRID
    return [
        [(a, b) for a, b in joined_runs(row, round(settings.join / GRID) - 1, 1)
         if shortest < b - a - 1 < longest]
        for row in soft > 2 * width
    ]  # fmt: skip


def _threshold(rms: Single, settings: SigmaSettings) -> Array:
    """Lowest RMS of each channel that counts, as a column."""
    # Every third point has the same distribution, and a night of them is sorted at once.
    ordered = np.sort(rms[:, :: 3 if rms.shape[1] > 3000 else 1], axis=1)
    length = ordered.shape[1]
    trimmed = ordered[:, int(0.1 * length) : length - int(0.1 * length)]
    cut = int(settings.trimmed_mean * length)
    middle = ordered[:, cut : length - cut].mean(axis=1, dtype=np.float64)
    above = middle + settings.rms_sd * trimmed.std(axis=1, dtype=np.float64)
    return np.asarray(np.maximum(np.minimum(above, settings.rms_cap_uv), 1e-6)[:, None])


def _short_windows(sigma: Single, broad: Single, sfreq: float, points: int) -> tuple[Single, Single]:
    """RMS of the band, and its correlation with the whole signal, over 0.3 s at every point of the grid."""
    samples = sigma.shape[1]
    # Sums over 0.05 s; six of them make a window, and windows start every second one.
    count = 2 * (points // _BLOCK) + 2
    edges = np.minimum(np.round(np.arange(count) * 0.05 * sfreq).astype(int), samples - 1)
    edges[-1] = samples  # only the last, cut-off window reaches here
    lengths = np.diff(edges)

    def windowed(values: Single) -> Array:
        total = np.zeros((len(values), len(edges)))
        np.cumsum(_sums(values, edges), axis=1, out=total[:, 1:])
        return np.asarray(total[:, last] - total[:, first])

    middles = np.arange(points // _BLOCK + 1) * 2
    first, last = np.maximum(middles - 3, 0), np.minimum(middles + 3, len(lengths))
    size = np.maximum(np.concatenate([[0], np.cumsum(lengths)])[last] - edges[first], 1)
    x, y, xx, yy, xy = (windowed(v) for v in (sigma, broad, sigma**2, broad**2, sigma * broad))
    power = np.maximum(xx - x * x / size, 0) * np.maximum(yy - y * y / size, 0)
    correlation = (xy - x * y / size) / np.sqrt(np.maximum(power, 1e-12))
    return _drawn(np.sqrt(np.maximum(xx, 0) / size), _BLOCK, points), _drawn(correlation, _BLOCK, points)


def _sums(values: Single, edges: NDArray[np.int_]) -> Array | Single:
    """Sum from each edge to the next; where all but the last two are equally far apart, as a product of matrices."""
    width, count = int(edges[1] - edges[0]), max(len(edges) - 3, 0)
    if count == 0 or (np.diff(edges[: count + 1]) != width).any():
        return np.asarray(np.add.reduceat(values, edges[:-1], axis=1, dtype=np.float64))
    equal = values[:, : count * width].reshape(len(values), count, width) @ np.ones(width, np.float32)
    last = edges[count:-1] - count * width
    rest = np.add.reduceat(values[:, count * width :], last, axis=1, dtype=np.float64)
    return np.concatenate([equal, rest], axis=1)


def _relative_power(broad: Single, sfreq: float, settings: SigmaSettings, points: int) -> Single:
    """Share of the band in the power of 1 to 30 Hz over Hann windows of 2 s, at every point of the grid."""
    from scipy.fft import rfft

    length = round(2 * sfreq)
    window = np.hanning(length + 1)[:-1].astype(np.float32)
    inside, whole = _bins(settings.low, settings.high), _bins(1.0, 30.0)
    count = points // _LONG_STEP + 1
    starts = np.round(np.arange(count) * _LONG_STEP * GRID * sfreq).astype(int)
    share = np.zeros((len(broad), count), np.float32)
    padded = np.pad(broad, ((0, 0), (length // 2, length)))
    pieces = np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)
    together = max(1, _AT_A_TIME // count)
    for row in range(0, len(broad), together):
        rows = slice(row, row + together)
        for first in range(0, count, _AT_A_TIME):
            part = slice(first, first + _AT_A_TIME)
            # Real and imaginary parts lie side by side, so their squares are summed alike.
            parts = rfft(pieces[rows, starts[part]] * window, axis=-1).view(np.float32)
            within, total = (np.einsum("cij,cij->ci", b, b) for b in (parts[..., inside], parts[..., whole]))
            share[rows, part] = within / np.maximum(total, 1e-9)
    return _drawn(share, _LONG_STEP, points)


def _bins(low: float, high: float) -> slice:
    """Numbers of a spectrum of 2 s from one frequency to another, with two for each bin of half a hertz."""
    return slice(2 * int(np.ceil(2 * low)), 2 * (int(2 * high) + 1))


def _drawn(coarse: Array | Single, step: int, points: int) -> Single:
    """Draw lines through values that lie `step` points of the grid apart."""
    coarse = np.asarray(coarse, np.float32)
    rise = np.diff(coarse, axis=1, append=coarse[:, -1:])
    part = (np.arange(step) / step).astype(np.float32)
    lines = coarse[:, :, None] + rise[:, :, None] * part
    return lines.reshape(len(coarse), -1)[:, :points]
