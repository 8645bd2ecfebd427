"""What the published staging model measures in every 30-s epoch: the features that YASA 0.8 computes.

Written from the facts (filter, bands, windows, formulas) so that the numbers equal YASA's to rounding. Epochs go
through in small groups, so that all passes over their samples stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATE, EPOCH = 100, 30
"""Samples per second of the signal that is measured; seconds of an epoch."""
LENGTH = RATE * EPOCH
BANDS = {
    "sdelta": (0.4, 1.0),
    "fdelta": (1.0, 4.0),
    "theta": (4.0, 8.0),
    "alpha": (8.0, 12.0),
    "sigma": (12.0, 16.0),
    "beta": (16.0, 30.0),
}
"""Hertz, both edges included."""
WELCH = 5 * RATE
HIGUCHI_LONGEST = 10
EPOCHS_AT_ONCE = 16


def epoch_features(filtered: Array, kind: str) -> dict[str, Array]:
    """Measure every whole epoch of one channel.

    Parameters
    ----------
    filtered : ndarray, shape (samples,)
        Microvolts at 100 Hz, filtered to 0.4-30 Hz, finite.
    kind : str
        ``eeg`` (all features), ``eog`` (no ratios of bands) or ``emg`` (no bands either).

    Returns
    -------
    dict of str to ndarray, shape (epochs,)
        By the name of the feature with its kind in front. What a flat epoch leaves undefined is NaN.

    References
    ----------
    Vallat & Walker (2021), eLife 10:e70092, https://doi.org/10.7554/eLife.70092.
    """
    epochs = filtered[: len(filtered) // LENGTH * LENGTH].reshape(-1, LENGTH)
    parts = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for first in range(0, len(epochs), EPOCHS_AT_ONCE):
            group = epochs[first : first + EPOCHS_AT_ONCE]
            found = _moments(group) | _ordinal(group) | _spectral(group, kind)
            found["higuchi"] = _higuchi(group)
            parts.append(found)
    return {f"{kind}_{name}": np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _moments(epochs: Array) -> dict[str, Array]:
    """Spread, shape and Hjorth's parameters."""
    centred = epochs - epochs.mean(axis=1, keepdims=True)
    squared = centred * centred
    variance = squared.mean(axis=1)
    cubes = np.einsum("ij,ij->i", squared, centred) / LENGTH
    fourths = np.einsum("ij,ij->i", squared, squared) / LENGTH
    slope = np.diff(epochs, axis=1)
    slope_variance, bend_variance = _variance(slope), _variance(np.diff(slope, axis=1))
    mobility = np.sqrt(slope_variance / variance)
    ordered = np.sort(epochs, axis=1)  # faster than selecting: it is vectorised
    return {
        "std": np.sqrt(variance * (LENGTH / (LENGTH - 1))),
        "iqr": _quantile(ordered, 0.75) - _quantile(ordered, 0.25),
        "skew": cubes / variance**1.5,
        "kurt": fourths / variance**2 - 3,
        "hmob": mobility,
        "hcomp": np.sqrt(bend_variance / slope_variance) / mobility,
    }


def _variance(data: Array) -> Array:
    """Variance of rows whose mean is small, so that one pass is exact enough."""
    return np.asarray(np.einsum("ij,ij->i", data, data) / data.shape[1] - data.mean(axis=1) ** 2)


def _quantile(ordered: Array, share: float) -> Array:
    at = share * (ordered.shape[1] - 1)
    low = int(at)
    return np.asarray(ordered[:, low] + (ordered[:, low + 1] - ordered[:, low]) * (at - low))


def _ordinal(epochs: Array) -> dict[str, Array]:
    """What depends only on signs and on which of neighbouring samples is larger, counted bit by bit."""
    negative = np.signbit(epochs)
    rises = epochs[:, :-1] <= epochs[:, 1:]
    first, second = np.packbits(rises[:, :-1], axis=1), np.packbits(rises[:, 1:], axis=1)
    above = np.packbits(epochs[:, :-2] <= epochs[:, 2:], axis=1)
    twice, turns = _count(first & second), _count(first ^ second)
    peaks, troughs = _count(first & ~second), _count(second & ~first)
    high_peaks, high_troughs = _count(first & ~second & above), _count(second & ~first & above)
    counts = np.stack([
        twice, high_peaks, peaks - high_peaks, high_troughs, troughs - high_troughs,
        LENGTH - 2 - twice - turns,  # falls twice
    ])  # fmt: skip
    share = counts / (LENGTH - 2)
    bits = -(share * np.log2(np.where(share > 0, share, 1.0))).sum(axis=0)
    return {
        "nzc": _count(np.packbits(negative[:, 1:] ^ negative[:, :-1], axis=1)).astype(np.float64),
        "perm": np.clip(bits / np.log2(6), 0.0, 1.0),
        "petrosian": np.log10(LENGTH) / (np.log10(LENGTH) + np.log10(LENGTH / (LENGTH + 0.4 * turns))),
    }


def _count(bits: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.asarray(np.bitwise_count(bits).sum(axis=1, dtype=np.int64))


def _higuchi(epochs: Array) -> Array:
    """Higuchi's fractal dimension: how the length of the curve grows as it is measured in finer steps."""
    lengths = np.empty((HIGUCHI_LONGEST, len(epochs)))
    steps = np.empty((len(epochs), LENGTH - 1))
    for k in range(1, HIGUCHI_LONGEST + 1):
        part = steps[:, : LENGTH - k]
        np.abs(np.subtract(epochs[:, k:], epochs[:, :-k], out=part), out=part)
        lengths[k - 1] = part @ _higuchi_weights(k)
    x = -np.log(np.arange(1, HIGUCHI_LONGEST + 1))
    x_off = x - x.mean()
    # the small term is in the regression of the library that the model was trained with
    slope = HIGUCHI_LONGEST * (x_off @ np.log(lengths))
    return np.asarray(slope / (HIGUCHI_LONGEST * (x_off @ x_off) + 1e-9))


@lru_cache
def _higuchi_weights(k: int) -> Array:
    """Weight of every step of `k` samples: those that begin at the same remainder are averaged together."""
    begins = np.arange(LENGTH - k) % k
    steps = (LENGTH - 1 - begins) // k
    return np.asarray((LENGTH - 1) / (k**3 * steps))


def _spectral(epochs: Array, kind: str) -> dict[str, Array]:
    """Band powers from Welch's method with a median over 11 windows of 5 s."""
    from scipy.fft import rfft

    plan = _welch_plan()
    windows = np.lib.stride_tricks.sliding_window_view(epochs, WELCH, axis=1)[:, :: WELCH // 2]
    # a constant under this taper reaches bins 0 and 1 only, and neither is used: no need to take the mean away
    bins = rfft(windows * plan.taper, axis=2)[:, :, plan.first : plan.last]
    density = _median(bins.real**2 + bins.imag**2) * plan.scale
    found = {"abspow": density @ plan.trapezoid}
    if kind == "emg":
        return found
    powers = density @ plan.simpson
    found |= {name: powers[:, i] / powers[:, -1] for i, name in enumerate(BANDS)}
    if kind == "eeg":
        delta = found["sdelta"] + found["fdelta"]
        found |= {"dt": delta / found["theta"], "ds": delta / found["sigma"], "db": delta / found["beta"],
                  "at": found["alpha"] / found["theta"]}  # fmt: skip
    return found


def _median(power: Array) -> Array:
    """Median over the windows, shape (epochs, windows, bins), of which there are an odd number.

    Of any half of the windows and one more, neither the largest nor the smallest can be the median: both are
    dropped, and the next window takes a place. Whole rows are compared at once, which is faster than sorting.
    """
    rows = list(power.transpose(1, 0, 2))
    live, waiting = rows[: len(rows) // 2 + 2], rows[len(rows) // 2 + 2 :]
    while len(live) > 1:
        for i in range(len(live) - 1):
            live[i], live[i + 1] = np.minimum(live[i], live[i + 1]), np.maximum(live[i], live[i + 1])
        for i in range(len(live) - 2, 0, -1):
            live[i - 1], live[i] = np.minimum(live[i - 1], live[i]), np.maximum(live[i - 1], live[i])
        live = live[1:-1] + ([waiting.pop()] if waiting else [])
    return np.asarray(live[0])


class _Welch(NamedTuple):
    """What Welch's method and the integrals over bands need, for bins of 0.2 Hz from 0.4 to 30 Hz."""

    taper: Array
    first: int
    last: int
    scale: float
    trapezoid: Array
    simpson: Array


@lru_cache
def _welch_plan() -> _Welch:
    from scipy.integrate import simpson
    from scipy.signal import get_window

    taper = get_window("hamming", WELCH)
    width = RATE / WELCH
    first, last = round(0.4 / width), round(30 / width) + 1
    freqs = np.arange(first, last) * width
    windows = LENGTH // (WELCH // 2) - 1
    later = np.arange(2, windows, 2)
    bias = 1 + np.sum(1 / (later + 1) - 1 / later)  # of a median over that many windows
    trapezoid = np.full(len(freqs), width)
    trapezoid[[0, -1]] /= 2
    units = np.eye(len(freqs))
    integrals = []
    for low, high in (*BANDS.values(), (0.4, 30.0)):
        inside = (freqs > low - width / 2) & (freqs < high + width / 2)
        integrals.append(simpson(units[:, inside], dx=width, axis=1))
    return _Welch(
        taper,
        first,
        last,
        float(2 / (RATE * (taper**2).sum() * bias)),
        trapezoid,
        np.stack(integrals, axis=1),
    )


def with_context(features: dict[str, Array]) -> dict[str, Array]:
    """Add to every feature its course around and before each epoch, scaled by the course of the night.

    Parameters
    ----------
    features : dict of str to ndarray, shape (epochs,)
        As `epoch_features` gives them.

    Returns
    -------
    dict of str to ndarray, shape (epochs,)
        The features, their centred triangular mean over 15 epochs (``_c7min_norm``) and their mean over this
        and the three epochs before (``_p2min_norm``), both less the median and divided by the span from the
        5th to the 95th percentile; and the time in hours (``time_hour``) and as a share (``time_norm``).
    """
    table = np.stack(list(features.values()))
    triangle = 1 - np.abs(np.arange(-7, 8)) / 8
    found = dict(features)
    for suffix, weights, past in (("_c7min_norm", triangle, 0), ("_p2min_norm", np.ones(4), 1)):
        smooth = _scaled(_rolling(table, weights, past))
        found |= {name + suffix: row for name, row in zip(features, smooth, strict=True)}
    hours = np.arange(table.shape[1]) * (EPOCH / 3600)
    return found | {"time_hour": hours, "time_norm": hours / max(hours[-1], 1e-9)}


def _rolling(table: Array, weights: Array, past: int) -> Array:
    """Weighted mean of what is defined, around every epoch or (past = 1) up to it."""
    from scipy.ndimage import correlate1d

    defined = ~np.isnan(table)
    origin = past * (len(weights) // 2 - 1)
    mean: Callable[[Array], Array] = lambda values: correlate1d(  # noqa: E731
        values, weights, axis=1, mode="constant", origin=origin
    )
    return mean(np.where(defined, table, 0.0)) / mean(defined.astype(np.float64))


def _scaled(table: Array) -> Array:
    percentile = np.nanpercentile if np.isnan(table).any() else np.percentile
    low, middle, high = percentile(table, [5, 50, 95], axis=1)
    span = high - low
    span[span < 10 * np.finfo(np.float64).eps] = 1.0
    return np.asarray((table - middle[:, None]) / span[:, None])
