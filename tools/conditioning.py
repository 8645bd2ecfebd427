"""What every detector does with a signal first: mend gaps, change the rate, keep a band, measure a level.

A detector works on copies; none of this changes what a reader sees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from tools.events import runs
from tools.labels import electrodes
from tools.types import Analysed, Detection, NotAnalysed, Segment

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


_NEAR_THE_EYES = re.compile(r"(?:FP|AF)[Z0-9]", re.IGNORECASE)


def nothing(label: str, reason: str) -> Detection:
    """Answer of a detector that could not look at all."""
    return Detection(not_analysed=(NotAnalysed(label=label, reason=reason),))


def looked(label: str, segment: Segment, channels: Sequence[str] | None = None) -> Analysed:
    """Say that a label was looked for in these channels (all of them by default) of a segment."""
    chosen = segment.channels if channels is None else tuple(channels)
    return Analysed(labels=(label,), seconds=round(segment.duration, 3), channels=chosen)


def mend(data: Array) -> tuple[Array, Bools]:
    """Bridge samples that are not finite with straight lines, so that filters can run.

    Parameters
    ----------
    data : ndarray, shape (channels, samples)
        May hold NaN or infinities.

    Returns
    -------
    mended : ndarray, shape (channels, samples)
        A channel without any finite sample becomes zero.
    missing : ndarray of bool, shape (channels, samples)
        Where the original was not finite; nothing found there counts.
    """
    missing = ~np.isfinite(data)
    if not missing.any():
        return data, missing
    mended = np.where(missing, 0.0, data)
    at = np.arange(data.shape[1])
    for row in np.flatnonzero(missing.any(axis=1) & ~missing.all(axis=1)):
        gone = missing[row]
        mended[row, gone] = np.interp(at[gone], at[~gone], data[row, ~gone])
    return mended, missing


def at_rate(segment: Segment, sfreq: float) -> Segment:
    """Bring a segment without NaN down to another rate, with an anti-alias filter; never up."""
    if segment.sfreq <= sfreq * 1.001:
        return segment
    from scipy.signal import resample_poly

    ratio = Fraction(sfreq / segment.sfreq).limit_denominator(1000)
    up, down = ratio.numerator, ratio.denominator
    data = resample_poly(segment.data, up, down, axis=1, padtype="line", window=_anti_alias(max(up, down)))
    return replace(segment, data=data, sfreq=segment.sfreq * up / down)


@lru_cache(maxsize=16)
def _anti_alias(factor: int) -> Array:
    """Design the filter of ``resample_poly``, with its own window, once."""
    from scipy.signal import firwin

    return np.asarray(firwin(20 * factor + 1, 1 / factor, window=("kaiser", 5.0)))


def band(data: Array, sfreq: float, low: float | None, high: float | None, order: int = 4) -> Array:
    """Keep a band of frequencies, zero phase; edges are the points of half power on each pass.

    Parameters
    ----------
    data : ndarray, shape (channels, samples)
        Finite.
    sfreq : float
        Hertz; a `high` at or above 0.48 of it leaves that side open.
    low, high : float or None
        Hertz; None leaves a side open.
    order : int
        Order of the Butterworth filter that runs both ways.
    """
    if high is not None and high >= 0.48 * sfreq:
        high = None
    if low is None and high is None:
        return data
    sos, settled = _butterworth(low, high, sfreq, order)
    padding = max(min(data.shape[1] - 1, round(3 * sfreq / (low or 0.5))), 0)
    return _both_ways(data, sos, settled, padding)


@lru_cache(maxsize=64)
def _butterworth(low: float | None, high: float | None, sfreq: float, order: int) -> tuple[Array, Array]:
    """Design a filter once: sections, and their state after a long step of height one."""
    from scipy.signal import butter, sosfilt_zi

    if low is not None and high is not None:
        sos = butter(order // 2, [low, high], "bandpass", fs=sfreq, output="sos")
    elif low is not None:
        sos = butter(order, low, "highpass", fs=sfreq, output="sos")
    else:
        sos = butter(order, high, "lowpass", fs=sfreq, output="sos")
    return sos, sosfilt_zi(sos)


def _both_ways(data: Array, sos: Array, settled: Array, padding: int) -> Array:
    """Filter forward and backward, the ends mirrored through their last sample: scipy's sosfiltfilt, lighter."""
    from scipy.signal import sosfilt

    head = 2 * data[:, :1] - data[:, padding:0:-1]
    tail = 2 * data[:, -1:] - data[:, -2 : -padding - 2 : -1] if padding else data[:, :0]
    padded = np.concatenate([head, data, tail], axis=1)
    state = settled[:, None, :]
    forward, _ = sosfilt(sos, padded, axis=1, zi=state * padded[:, :1])
    backward, _ = sosfilt(sos, forward[:, ::-1], axis=1, zi=state * forward[:, -1:])
    return np.ascontiguousarray(backward[:, ::-1][:, padding : padding + data.shape[1]])


def moving_mean(data: Array, sfreq: float, window: float) -> Array:
    """Mean over a centred window in seconds."""
    from scipy.ndimage import uniform_filter1d

    return np.asarray(uniform_filter1d(data, max(1, round(window * sfreq)), axis=-1, mode="nearest"))


def moving_rms(data: Array, sfreq: float, window: float) -> Array:
    """Root mean square over a centred window in seconds."""
    return np.sqrt(np.maximum(moving_mean(data**2, sfreq, window), 0.0))


def middle(data: Array) -> Array:
    """Median along the last axis of what is finite: that of numpy in a fifth of its time, without its care for NaN."""
    length = data.shape[-1]
    if not length:
        return np.full(data.shape[:-1], np.nan)
    parted = np.partition(data, length // 2, axis=-1)
    upper = parted[..., length // 2]
    if length % 2:
        return np.asarray(upper)
    return np.asarray((parted[..., : length // 2].max(axis=-1) + upper) / 2)


def robust_sd(data: Array) -> Array:
    """Standard deviation estimated from the median absolute deviation, along the last axis."""
    # numpy's nanmedian goes row by row in Python; it is only worth its price where something is missing
    median = middle if np.isfinite(data).all() else partial(np.nanmedian, axis=-1)
    away = np.abs(data - np.asarray(median(data))[..., None])
    return np.asarray(1.4826 * median(away))


def slow_over_fast(data: Array, sfreq: float) -> Array:
    """How far slow activity outweighs fast within 15 s to both sides, for every sample.

    Returns
    -------
    ndarray, shape (channels, samples)
        log10 of the power of 0.5 to 8 Hz over that of 16 to 30 Hz. Relaxed wakefulness stays below 1.2,
        sleep beyond its first stage above it.

    References
    ----------
    Lacourse et al. (2019), J Neurosci Methods 316:3, https://doi.org/10.1016/j.jneumeth.2018.08.014.
    """
    slow = moving_mean(band(data, sfreq, 0.5, 8.0) ** 2, sfreq, 30.0)
    fast = moving_mean(band(data, sfreq, 16.0, 30.0) ** 2, sfreq, 30.0)
    return np.asarray(np.log10(np.maximum(slow, 1e-9) / np.maximum(fast, 1e-9)))


def near_the_eyes(channel: str) -> bool:
    """Whether one of a channel's electrodes lies where eye movements are larger than any brain wave."""
    return any(_NEAR_THE_EYES.match(electrode) for electrode in electrodes(channel))


def windows(data: Array, length: int, step: int) -> Array:
    """View of overlapping windows, shape (channels, windows, length)."""
    return np.lib.stride_tricks.sliding_window_view(data, length, axis=1)[:, ::step]


def joined_runs(flags: Bools, gap: int, shortest: int) -> list[tuple[int, int]]:
    """Runs of True in one channel, those at most `gap` samples apart joined, too short ones left out."""
    joined: list[tuple[int, int]] = []
    for start, stop in runs(flags):
        if joined and start - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return [(start, stop) for start, stop in joined if stop - start >= shortest]


def at_its_limit(data: Array, shortest: int = 5, least_uv: float = 100.0) -> Bools:
    """Where a channel sits at the largest or smallest value that it has, as a converter at its limit does.

    Parameters
    ----------
    data : ndarray, shape (channels, samples)
        As recorded and finite.
    shortest : int
        Equal samples in a row.
    least_uv : float
        Distance from the median; a plateau nearer to it is a coarse resolution.
    """
    held = np.zeros(data.shape, dtype=bool)
    for edge in (data.min(axis=1), data.max(axis=1)):
        equal = data == edge[:, None]
        for row in np.flatnonzero(np.count_nonzero(equal, axis=1) >= shortest):
            if abs(edge[row] - middle(data[row])) < least_uv:
                continue
            for start, stop in runs(equal[row]):
                if stop - start >= shortest:
                    held[row, start:stop] = True
    return held


def with_field(seen: Array, usual: Array, loud: Bools, sfreq: float) -> Array:
    """Give what of a signal has a certain field, and as little as possible of what has another one.

    Parameters
    ----------
    seen : ndarray, shape (channels, samples)
        Finite, without offset.
    usual : ndarray, shape (channels,)
        The field looked for.
    loud : ndarray of bool, shape (samples,)
        Where it may be present: the rest, and a quarter of a second less, shows what to suppress. Fields
        differ a little from the usual one, so that they would be suppressed as well.
    sfreq : float
        Hertz.

    Returns
    -------
    ndarray, shape (samples,)
        In units of the channel in which `usual` is 1.

    References
    ----------
    Van Veen et al. (1997), IEEE Trans Biomed Eng 44:867, https://doi.org/10.1109/10.623056 (the weights).
    """
    margin = np.convolve(loud, np.ones(round(0.5 * sfreq)), "same") > 0
    rest = ~margin if (~margin).sum() >= 3 * sfreq else np.ones_like(margin)
    covariance = seen[:, rest] @ seen[:, rest].T / rest.sum()
    ridge = 0.1 * np.trace(covariance) / len(seen) + 1e-6
    weights = np.linalg.solve(covariance + ridge * np.eye(len(seen)), usual)
    return np.asarray(weights @ seen / (weights @ usual))
