"""What periodic, rhythmic and ictal patterns are told by: measurements of ten seconds, each side pooled.

Everything is measured between neighbouring electrodes, where a discharge of one side does not leak into the other
through a common reference.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import Array, Bools
from tools.pattern_pools import LOUDEST, POINTS, WINDOW, Pooled, pool_windows, quantiles
from tools.pattern_sources import measure_sources
from tools.pattern_view import BAND, View, pools, sites_of

_PIECE, _HOP = 2.0, 0.5  # s, of the short spectra that show evolution

FEATURES = (
    "amplitude", "theta_amplitude", "rhythm", "rhythm_again", "rhythm_all", "concentration", "rhythm_hz",
    "harmonics", "gap", "sharp_gap", "period", "period_again", "period_all", "period_hz", "fast_rhythm",
    "fast_hz", "slope", "growth", "sustained", "tonality", "posterior", "laterality",
    "sharp_laterality", "synchrony", "coherence", "cycle_cv", "cycle_hz", "cycle_size_cv",
    "eyes", "mirror", "sharp_mirror",
)  # fmt: skip


def measure_windows(view: View, step: float = 1.0) -> tuple[Array, Array]:
    """Measure `FEATURES` in every window of ten seconds.

    Parameters
    ----------
    view : View
        From `view_of`.
    step : float
        Seconds from window to window.

    Returns
    -------
    features : ndarray, shape (windows, features)
        Of the side with the larger discharges where not of all derivations.
    dominant : ndarray of int, shape (windows,)
        0 where that is the left side, 1 the right.
    """
    pooled = pool_windows(view, step)
    sfreq, f, spectrum = view.sfreq, pooled.freqs, pooled.spectrum

    def inside(low: float, high: float) -> Bools:
        return np.asarray((f >= low) & (f < high))

    # Rhythm: the strongest delta frequency and how far the signal repeats itself after one and two periods.
    slow = np.flatnonzero(inside(0.75, 4.2))
    hertz = f[slow[np.argmax(spectrum[:, :, slow] * f[slow], axis=2)]]
    near = np.abs(f - hertz[..., None]) <= 0.4
    at_it = (spectrum * near).sum(axis=2)
    around = spectrum[:, :, inside(0.5, 8.0)].sum(axis=2)
    overtones = (np.abs(f - 2 * hertz[..., None]) <= 0.5) | (np.abs(f - 3 * hertz[..., None]) <= 0.6)
    lag = np.round(sfreq / hertz).astype(int)
    # Gap: how far the usual amplitude lies below that of the discharges.
    levels = quantiles(pooled.size[:, :, ::3], 0.5, 0.92)
    steep = quantiles(pooled.sharpness[:, :, ::3], 0.5, 0.92)
    period, period_again, period_hz = _periods(pooled.sharpness, steep[1], sfreq)
    fast, fast_hz = _fast_rhythm(pooled.correlation, sfreq)
    slope, growth, sustained, tonality = _evolution(view, pooled.power.shape[1], step)
    theta = spectrum[:, :, inside(2.5, 12.0)].sum(axis=2) / np.maximum(spectrum.sum(axis=2), 1e-9)
    by_pool = {
        "amplitude": 0.5 * _log(pooled.power),
        "theta_amplitude": 0.5 * _log(pooled.power * theta),
        "rhythm": _at(pooled.correlation, lag),
        "rhythm_again": _at(pooled.correlation, 2 * lag),
        "concentration": at_it / np.maximum(around, 1e-9),
        "rhythm_hz": np.log2(hertz),
        "harmonics": _log((spectrum * overtones).sum(axis=2) / np.maximum(at_it, 1e-9)),
        "gap": _log(levels[0] / np.maximum(levels[1], 1e-9)),
        "sharp_gap": _log(steep[0] / np.maximum(steep[1], 1e-9)),
        "period": period, "period_again": period_again, "period_hz": np.log2(period_hz),
        "fast_rhythm": fast, "fast_hz": np.log2(fast_hz),
        "slope": np.abs(slope), "growth": np.abs(growth), "sustained": sustained,
        "tonality": tonality,
    }  # fmt: skip
    dominant = np.argmax(levels[1, :2] * steep[1, :2], axis=0)
    each = np.arange(len(dominant))
    out = {name: values[dominant, each] for name, values in by_pool.items()}
    out["rhythm_all"] = by_pool["rhythm"][2]
    out["period_all"] = period[2]
    out["posterior"] = _posterior(view, pooled)
    out["laterality"] = np.abs(0.5 * _log(at_it[0] / np.maximum(at_it[1], 1e-9)) - _balance(view))
    out["sharp_laterality"] = np.abs(_log(steep[1, 0] / np.maximum(steep[1, 1], 1e-9)) - _balance(view))
    out["synchrony"] = _synchrony(pooled.sharpness, steep[1], sfreq)
    out |= measure_sources(view, pooled, dominant)
    length = pooled.cut.shape[2]
    out["eyes"] = _share_of_the_eyes(view, step, length, pooled.power.shape[1])
    return np.stack([out[name] for name in FEATURES], axis=1), dominant


def _at(values: Array, index: NDArray[np.intp]) -> Array:
    return np.asarray(np.take_along_axis(values, index[..., None], axis=2)[..., 0])


def _log(values: Array) -> Array:
    return np.asarray(np.log10(np.maximum(values, 1e-6)))


def _balance(view: View) -> float:
    """What unequal numbers of derivations do to a ratio of both sides, as log10 of amplitudes."""
    left, right, _ = pools(view.sides).sum(axis=1)
    return float(0.5 * np.log10(left / right))


def _periods(sharpness: Array, level: Array, sfreq: float) -> tuple[Array, Array, Array]:
    """Autocorrelation of the envelope at its period, at twice the period, and the period's frequency.

    The first peak between 0.33 and 2 s that reaches 80 % of the highest one and has a trough before it.
    """
    envelope = np.minimum(sharpness, 1.5 * level[..., None])
    envelope = envelope - envelope.mean(axis=2, keepdims=True)
    length = envelope.shape[2]
    lags = round(4.05 * sfreq)
    power = np.abs(np.fft.rfft(envelope, POINTS, axis=2)) ** 2
    correlation = np.fft.irfft(power, POINTS, axis=2)[:, :, :lags]
    overlap = np.maximum(1 - np.arange(lags) / length, 0.1)
    correlation /= np.maximum(correlation[:, :, :1], 1e-9) * overlap
    first, early, last = round(0.33 * sfreq), round(0.15 * sfreq), round(2.0 * sfreq)
    at = np.arange(first, last + 1)
    trough = np.minimum.accumulate(correlation[:, :, early : last + 1], axis=2)[:, :, first - early :]
    here = correlation[:, :, at]
    top = (here >= correlation[:, :, at - 1]) & (here >= correlation[:, :, at + 1]) & (here - trough > 0.1)
    height = np.where(top, here, -1.0)
    best = height.max(axis=2, keepdims=True)
    lag = at[np.argmax(height >= np.maximum(0.8 * best, 0.02), axis=2)]
    found = best[..., 0] > 0.02
    return (
        np.where(found, _at(correlation, lag), 0.0),
        np.where(found, _at(correlation, np.minimum(2 * lag, lags - 1)), 0.0),
        np.where(found, sfreq / lag, 0.5),
    )


def _fast_rhythm(correlation: Array, sfreq: float) -> tuple[Array, Array]:
    """How far the signal repeats itself at 2.5 to 13 Hz: at one and two periods, and not in between."""
    lags = np.arange(round(sfreq / 13), round(sfreq / 2.5) + 1)
    again = (correlation[:, :, lags] + correlation[:, :, 2 * lags]) / 2
    between = correlation[:, :, np.round(lags / 2).astype(int)]
    score = (again - between) / 2
    best = np.argmax(score, axis=2)
    return _at(score, best), sfreq / lags[best]


def _evolution(view: View, count: int, step: float) -> tuple[Array, Array, Array, Array]:
    """How frequency and size change over each window, from spectra of two seconds.

    Returns
    -------
    slope, growth, sustained, tonality : ndarray, shape (3, windows)
        Octaves from start to end by a straight line; log10 of the power of the last third over the first; log10
        of the lowest decile of power over the median; share of the whitened power within 0.75 Hz of the peak.
    """
    sfreq = view.sfreq
    length, hop = round(_PIECE * sfreq), round(_HOP * sfreq)
    pieces = np.lib.stride_tricks.sliding_window_view(view.data, min(length, view.data.shape[1]), axis=1)
    pieces = pieces[:, ::hop] - pieces[:, ::hop].mean(axis=2, keepdims=True)
    spectra = np.abs(np.fft.rfft(pieces * np.hanning(pieces.shape[2]), 256, axis=2)) ** 2
    freqs = np.fft.rfftfreq(256, 1 / sfreq)
    kept = (freqs >= 1.0) & (freqs <= BAND[1])
    freqs, spectra = freqs[kept], spectra[:, :, kept] * freqs[kept]
    total = spectra.sum(axis=2)
    weights = np.minimum(1.0, LOUDEST**2 * np.median(total, axis=0) / np.maximum(total, 1e-9))
    pooled = np.stack(
        [np.tensordot(row, weights[:, :, None] * spectra, axes=(0, 0)) for row in pools(view.sides)]
    )
    centre = (pooled**2 @ np.log2(freqs)) / np.maximum((pooled**2).sum(axis=2), 1e-9)
    size = np.log10(np.maximum(pooled.sum(axis=2), 1e-6))
    peak = freqs[np.argmax(pooled, axis=2)]
    tone = (pooled * (np.abs(freqs - peak[..., None]) <= 0.75)).sum(axis=2) / np.maximum(
        pooled.sum(axis=2), 1e-9
    )
    span = min(round((WINDOW - _PIECE) / _HOP) + 1, centre.shape[1])

    def cut(values: Array) -> Array:
        sliding = np.lib.stride_tricks.sliding_window_view(values, span, axis=1)
        return np.asarray(sliding[:, :: round(step / _HOP)][:, :count])

    centres, sizes = cut(centre), cut(size)
    t = np.linspace(-0.5, 0.5, span)
    middle = centres - centres.mean(axis=2, keepdims=True)
    slope = middle @ t / (t @ t)
    third = max(1, span // 3)
    growth = sizes[:, :, -third:].mean(axis=2) - sizes[:, :, :third].mean(axis=2)
    low, usual = quantiles(sizes, 0.1, 0.5)
    return slope, growth, low - usual, quantiles(cut(tone), 0.5)[0]


def _posterior(view: View, pooled: Pooled) -> Array:
    """log10 of the power of 2.5 to 13 Hz in occipital derivations over that of the others."""
    back = np.array([any(site.startswith("O") for site in sites_of(name)) for name in view.names])
    if back.all() or not back.any():
        return np.zeros(pooled.power.shape[1])
    power = pooled.spectra[:, :, (pooled.freqs >= 2.5) & (pooled.freqs < 13)].sum(axis=2)
    ratio = power[back].mean(axis=0) / np.maximum(np.median(power[~back], axis=0), 1e-9)
    return np.asarray(np.log10(np.maximum(ratio, 1e-6)))


def _synchrony(sharpness: Array, level: Array, sfreq: float) -> Array:
    """Correlation of the envelopes of both sides, best within 60 ms."""
    envelope = np.minimum(sharpness[:2], 1.5 * level[:2, :, None])
    envelope = envelope - envelope.mean(axis=2, keepdims=True)
    norm = np.sqrt((envelope**2).sum(axis=2).prod(axis=0))
    most = round(0.06 * sfreq)
    best = np.full(envelope.shape[1], -1.0)
    for shift in range(-most, most + 1, 2):
        left = envelope[0, :, max(0, shift) : envelope.shape[2] + min(0, shift)]
        right = envelope[1, :, max(0, -shift) : envelope.shape[2] - max(0, shift)]
        best = np.maximum(best, (left * right).sum(axis=1) / np.maximum(norm, 1e-9))
    return best


def _mean_power(data: Array, sfreq: float, step: float, length: int, count: int) -> Array:
    """Mean square of every row in each window, shape (rows, windows)."""
    first = np.minimum(np.arange(count) * round(step * sfreq), data.shape[1] - length)
    total = np.concatenate([np.zeros((len(data), 1)), np.cumsum(data**2, axis=1)], axis=1)
    return np.asarray((total[:, first + length] - total[:, first]) / length)


def _share_of_the_eyes(view: View, step: float, length: int, count: int) -> Array:
    """log10 of the amplitude in front of the frontal electrodes over that behind them: blinks fall off there."""
    behind = [row for row, name in enumerate(view.names) if name.split(" ")[0] in ("F3-C3", "F4-C4", "Fz-Cz")]
    if not len(view.eyes) or not behind:
        return np.zeros(count)
    front = np.median(_mean_power(view.eyes, view.sfreq, step, length, count), axis=0)
    back = np.median(_mean_power(view.data[behind], view.sfreq, step, length, count), axis=0)
    return np.clip(0.5 * np.log10(np.maximum(front, 1e-6) / np.maximum(back, 1e-6)), -1, 1)
