"""The signal on which the published staging model measures: 100 samples a second, 0.4 to 30 Hz.

Rate and band change in one step, block by block through the Fourier transform, so that a night costs two short
transforms per block and never lies in memory as a spectrum.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATE = 100
LOW, HIGH = 0.4, 30.0
"""Edges of the pass band in hertz; the filter is down at 0 and at 37.5 Hz."""
GUARD, BLOCK = 8, 80
"""Seconds: context on each side of a block, and a block with its context."""
BLOCKS_AT_ONCE = 8
HALF = 412
"""Samples of the filter to each side of its middle."""


def staging_signal(signal: Array, sfreq: float) -> Array:
    """Bring a channel to 100 Hz and 0.4-30 Hz, as YASA does with MNE's tools.

    Parameters
    ----------
    signal : ndarray, shape (samples,)
        Finite, 5 min or longer.
    sfreq : float
        Hertz, 80 or more.

    Returns
    -------
    ndarray, shape (samples at 100 Hz,)

    Notes
    -----
    MNE resamples the whole recording through one transform and filters it in a second step; here each block of
    80 s, 64 s of them new, is transformed, multiplied with the filter's response, cut at 50 Hz and transformed
    back. Both give the same to 1e-4 of the signal, also at the ends, and at the same moments: MNE's samples lie
    up to half a sample beside the even ones, and the model counts zero crossings.

    References
    ----------
    Widmann et al. (2015), J Neurosci Methods 250:34, https://doi.org/10.1016/j.jneumeth.2014.08.002.
    """
    samples = max(round(len(signal) * RATE / sfreq), 1)
    rate = Fraction(sfreq).limit_denominator(10)
    if abs(float(rate) - sfreq) > 1e-7 * sfreq:
        signal, rate = _through_one_transform(signal, sfreq, samples), Fraction(RATE)
    plan = _plan(rate)
    shifts = _shifts(len(signal), plan)
    filtered = _blocks(signal, plan, plan.response, shifts)[:samples]
    # MNE's filter meets the mirror image of what was resampled, through the last of the new samples
    if shifts[0]:
        head = _blocks(signal[: plan.hop], plan, plan.plain, shifts)
        filtered[: HALF + 1] = _filtered_end(head[::-1])[::-1]
    last = len(shifts) - 3
    tail = _blocks(signal[last * plan.hop :], plan, plan.plain, shifts[last:])
    filtered[-HALF - 1 :] = _filtered_end(tail[: samples - last * plan.hop_after])
    return filtered


def _filtered_end(plain: Array) -> Array:
    """Filter the last samples of a signal as if its mirror image followed."""
    mirrored = 2 * plain[-1] - plain[-2 : -HALF - 2 : -1]
    extended = np.concatenate([plain[-2 * HALF - 1 :], mirrored])
    return np.asarray(np.convolve(extended, staging_filter(), "valid"))


def _span(signal: Array, start: int, stop: int) -> Array:
    """Give samples `start` to `stop`; beyond the ends, the mirror image, upside down, through the end."""
    last = len(signal) - 1
    if start >= 0 and stop <= last + 1:
        return np.asarray(signal[start:stop])
    at = np.arange(start, stop)
    beyond = (at < 0) | (at > last)
    end = at.clip(0, last)
    inside = signal[(2 * end - at).clip(0, last)]
    return np.asarray(np.where(beyond, 2 * signal[end] - inside, inside))


def _padding(samples: int) -> tuple[int, int]:
    """Length, a power of 2, that MNE transforms, and how much of it comes before the signal."""
    length = 1 << (samples + 2 * min(samples // 8, 100) - 1).bit_length()
    return length, (length - samples) // 2


def _through_one_transform(signal: Array, sfreq: float, samples: int) -> Array:
    """Resample at a rate that fits no block."""
    from scipy.fft import irfft, rfft

    length, before = _padding(len(signal))
    after = round(length * RATE / sfreq)
    spectrum = rfft(_span(signal, -before, length - before))
    first = round(before * RATE / sfreq)
    whole = irfft(spectrum[: after // 2 + 1], after) * (after / length)
    return np.asarray(whole[first : first + samples])


def _shifts(samples: int, plan: _Plan) -> Array:
    """How far MNE's samples lie behind the even ones at the borders of the blocks, in samples at 100 Hz."""
    hops = -(-samples // plan.hop)
    if plan.hop == plan.hop_after:
        return np.zeros(hops + 1)
    length, before = _padding(samples)
    ratio = plan.hop_after / plan.hop
    stretch = length * ratio / round(length * ratio)
    first = round(before * ratio) * stretch - before * ratio
    return np.asarray(first + (stretch - 1) * plan.hop_after * np.arange(hops + 1))


def _blocks(signal: Array, plan: _Plan, response: Array, shifts: Array) -> Array:
    """Give the signal at 100 Hz, its last block filled up."""
    from scipy.fft import irfft, rfft

    turn = 1j * np.pi * np.arange(len(response)) / (len(response) - 1)
    ramp = np.arange(plan.hop_after) / plan.hop_after

    def back(spectrum: Array, shifts: Array) -> Array:
        kept = spectrum * (response * np.exp(turn * shifts[:, None]) if shifts.any() else response)
        return np.asarray(irfft(kept, plan.length, axis=1)[:, plan.cut : plan.cut + plan.hop_after])

    hops = -(-len(signal) // plan.hop)
    result = np.empty((hops, plan.hop_after))
    for first in range(0, hops, BLOCKS_AT_ONCE):
        last = min(first + BLOCKS_AT_ONCE, hops)
        span = _span(signal, first * plan.hop - plan.guard, last * plan.hop + plan.guard)
        windows = np.lib.stride_tricks.sliding_window_view(span, plan.hop + 2 * plan.guard)[:: plan.hop]
        spectrum = rfft(windows, axis=1)[:, : len(response)]
        result[first:last] = back(spectrum, shifts[first:last])
        if shifts[0] != shifts[-1]:  # the shift grows: go from its value at the start to that at the end
            result[first:last] += ramp * (back(spectrum, shifts[first + 1 : last + 1]) - result[first:last])
    return result.ravel()


class _Plan(NamedTuple):
    """Lengths in samples, before the change of rate and after it, and what the bins are multiplied with."""

    hop: int
    guard: int
    length: int
    cut: int
    hop_after: int
    response: Array
    plain: Array
    """Without the filter."""


@lru_cache
def _plan(sfreq: Fraction) -> _Plan:
    unit = sfreq.denominator  # seconds that hold a whole number of samples
    guard = -(-GUARD // unit) * unit
    block = -(-BLOCK // unit) * unit
    length, before = block * RATE, int(block * sfreq)
    taps = np.zeros(length)
    taps[: 2 * HALF + 1] = staging_filter()
    response = np.fft.rfft(np.roll(taps, -HALF)).real
    plain = np.full(len(response), length / before)
    plain = plain[: before // 2 + 1] if length > before else plain
    hop = block - 2 * guard
    return _Plan(
        int(hop * sfreq), int(guard * sfreq), length, guard * RATE, hop * RATE,
        response[: len(plain)] * plain, plain,
    )  # fmt: skip


@lru_cache
def staging_filter() -> Array:
    """Give the taps of the band-pass filter at 100 Hz, symmetric around the middle one.

    Returns
    -------
    ndarray, shape (825,)
        A low pass at 33.75 Hz less one at 0.2 Hz, each a sinc under a Hamming window that is 3.3 times as long
        as the inverse of its transition (7.5 and 0.4 Hz).
    """
    from scipy.signal import firwin

    fast_length = 45
    taps = -firwin(2 * HALF + 1, LOW / 2, window="hamming", fs=RATE)
    middle = HALF - fast_length // 2
    taps[middle : middle + fast_length] += firwin(fast_length, HIGH * 1.125, window="hamming", fs=RATE)
    return np.asarray(taps)
