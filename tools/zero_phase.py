"""Filtering a page exactly as the whole recording would be filtered, at the cost of the page.

A recursive filter of few poles forgets the past through those poles alone. What lies before and after a
page therefore reaches it through a handful of numbers per channel, the weighted sums of the context.
`gather` takes the page and those sums, `release` turns them into the filtered page: one FFT of the page
with the squared response, plus one decaying wave per pole and side. Everything is linear in the samples,
so a montage may be applied in between, to a quarter of the data.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.types import Filters

ORDER = 4
NOTCH_QUALITY = 30.0
_DECAY = math.log(1e8)  # of what lies further out than the context, 1e-8 is left
_SINGLE_PRECISION_UV = 500.0  # up to this swing single precision errs by less than 0.0003 µV
_CACHED = 1 << 17  # samples transformed at a time: more would leave the cache
_BLOCK = 1 << 14

_Array = NDArray[np.float64]
_Complex = NDArray[np.complex128]


@lru_cache(maxsize=128)
def reach(filters: Filters, sfreq: float | None = None) -> float:
    """Seconds after which the filter has forgotten all but 1e-8, by its slowest pole; 0 without filter.

    Without a sampling rate, as for signals sampled much faster than the high cut.
    """
    low, high, notch = filters.low_cut_hz, filters.high_cut_hz, filters.notch_hz
    if not (low or high or notch):
        return 0.0
    if sfreq is None:
        sfreq = 20 * max(low or 0, high or 0, notch or 0)
    slowest = float(np.log(np.abs(_design(filters, sfreq).poles)).max() * sfreq)
    return math.ceil(10 * _DECAY / -slowest) / 10


def gather(data: _Array, start: int, stop: int, filters: Filters, sfreq: float) -> _Array:
    """Take samples ``start`` to ``stop`` and what the filter needs to know of those around them.

    Parameters
    ----------
    data : ndarray, (channels, samples)
        Without NaN; up to ``reach(filters)`` seconds on either side of the page are used.
    start, stop : int
        The page.
    filters, sfreq : Filters, float
        Filters below the Nyquist frequency, not all of them off.

    Returns
    -------
    ndarray, (channels, stop - start + 1 + sums)
        The page less its first value, that value, and the sums, for `release`. Linear in ``data``.
    """
    context = math.ceil(reach(filters, sfreq) * sfreq)
    first, last = max(0, start - context), min(data.shape[1], stop + context)
    data, start, stop = _in_precision(data[:, first:last]), start - first, stop - first
    plan = _plan(filters, sfreq, start, stop - start, data.shape[1] - stop, data.dtype.str)
    samples, sums = stop - start, plan.before.shape[1]
    # An offset of millivolts would outlast the context; the sums of a constant are known.
    level = data[:, start : start + 1]
    out = np.empty((len(data), samples + 1 + 2 * sums), dtype=data.dtype)
    np.subtract(data[:, start:stop], level, out=out[:, :samples])
    out[:, samples : samples + 1] = level
    np.matmul(data[:, :stop], plan.before, out=out[:, samples + 1 : -sums])
    np.matmul(data[:, start:], plan.after, out=out[:, -sums:])
    out[:, samples + 1 :] -= level * plan.constant
    return out


def _in_precision(data: _Array) -> _Array:
    """Halve the memory to move where single precision is enough, which is a third of the time."""
    if not np.abs(data[:, :1]).max(initial=0) < _SINGLE_PRECISION_UV:
        return data
    single = data.astype(np.float32)
    small = max(single.max(initial=0), -single.min(initial=0)) < _SINGLE_PRECISION_UV
    return single if small else data  # type: ignore[return-value]


def release(gathered: _Array, samples: int, filters: Filters, sfreq: float) -> _Array:
    """Turn what `gather` took, or a montage of it, into the filtered page of ``samples`` samples."""
    from scipy import fft

    plan = _plan(filters, sfreq, 0, samples, 0, gathered.dtype.str)
    out = gathered[:, samples + 1 :] @ plan.waves
    rows = max(4, _CACHED // plan.size)
    for row in range(0, len(out), rows):
        spectrum = fft.rfft(gathered[row : row + rows, :samples], plan.size)
        spectrum *= plan.response
        out[row : row + rows] += fft.irfft(spectrum, plan.size, overwrite_x=True)[:, :samples]
    if plan.response[0] > 0.5:  # without a low cut, a constant stays
        out += gathered[:, samples : samples + 1]
    filtered: _Array = out.astype(np.float64, copy=False)
    return filtered


def zero_phase(data: _Array, filters: Filters, sfreq: float, extend: tuple[bool, bool]) -> _Array:
    """Filter all of the samples, extended at their ends by odd reflection where asked.

    Parameters
    ----------
    data : ndarray, (channels, samples)
        Without NaN.
    filters, sfreq : Filters, float
        Filters below the Nyquist frequency, not all of them off.
    extend : tuple of bool
        Whether the start and the end are those of the recording.
    """
    context = math.ceil(reach(filters, sfreq) * sfreq)
    left, right = (context if side else 0 for side in extend)
    length = data.shape[1]
    whole = extended(data, left, right)
    if length <= 2 * _BLOCK:
        return release(gather(whole, left, left + length, filters, sfreq), length, filters, sfreq)
    out = np.empty(data.shape)
    for start in range(0, length, _BLOCK):
        stop = min(start + _BLOCK, length)
        gathered = gather(whole, left + start, left + stop, filters, sfreq)
        out[:, start:stop] = release(gathered, stop - start, filters, sfreq)
    return out


def extended(data: _Array, left: int, right: int) -> _Array:
    """Continue rows beyond their ends by odd reflection, as often as it takes."""
    if not (left or right):
        return data
    if data.shape[1] == 1:
        return np.pad(data, ((0, 0), (left, right)), mode="edge")
    return np.pad(data, ((0, 0), (left, right)), mode="reflect", reflect_type="odd")


# --- the filter ---------------------------------------------------------------------------------


class _Filter(NamedTuple):
    zeros: _Complex
    poles: _Complex
    gain: float


def _band(low: float | None, high: float | None) -> tuple[str, float | _Array]:
    if low and high:
        return "bandpass", np.array([low, high])
    return ("highpass", low) if low else ("lowpass", float(high or 0))


def _design(filters: Filters, sfreq: float) -> _Filter:
    from scipy.signal import butter, iirnotch, tf2zpk

    parts = []
    if filters.low_cut_hz or filters.high_cut_hz:
        kind, edges = _band(filters.low_cut_hz, filters.high_cut_hz)
        parts.append(butter(ORDER, edges, kind, fs=sfreq, output="zpk"))
    if filters.notch_hz:
        parts.append(tf2zpk(*iirnotch(filters.notch_hz, NOTCH_QUALITY, fs=sfreq)))
    zeros, poles, gains = zip(*parts, strict=True)
    return _Filter(np.concatenate(zeros), np.concatenate(poles), float(np.prod(gains)))


def _squared_response(design: _Filter, size: int) -> _Array:
    """Squared magnitude at the frequencies of a real FFT: that of forward and backward together."""
    z = np.exp(2j * np.pi * np.arange(size // 2 + 1) / size)
    response = np.full(z.shape, design.gain, dtype=complex)
    for zero, pole in zip(design.zeros, design.poles, strict=True):
        response *= (z - zero) / (z - pole)
    squared: _Array = np.abs(response) ** 2
    return squared


def _modes(design: _Filter) -> tuple[_Complex, _Complex]:
    """Give poles and weights with which the response, forward and backward, is a sum of decaying waves.

    ``g(t) = sum of Re(weight * pole ** |t|)`` for every ``t`` but 0. Of a conjugate pair one is kept.
    """
    poles, weights = [], []
    for index, pole in enumerate(design.poles):
        if pole.imag < -1e-14:
            continue
        others = np.delete(design.poles, index)
        forward = np.prod(pole - design.zeros) / (pole * np.prod(pole - others))
        backward = np.prod(1 / pole - design.zeros) / np.prod(1 / pole - design.poles)
        poles.append(pole)
        weights.append(forward * backward * design.gain**2 * (2 if pole.imag > 1e-14 else 1))
    return np.array(poles, dtype=complex), np.array(weights, dtype=complex)


class _Plan(NamedTuple):
    size: int
    response: _Array
    before: _Array
    """(context + page, sums): what comes before the page, less what the FFT wraps around."""
    after: _Array
    """(page + context, sums): the same for what comes after it."""
    constant: _Array
    """(sums before + sums after,): the sums of a signal of 1"""
    waves: _Array
    """(sums before + sums after, page): what each sum adds to the page."""


@lru_cache(maxsize=24)
def _plan(filters: Filters, sfreq: float, left: int, samples: int, right: int, precision: str) -> _Plan:
    from scipy import fft

    design = _design(filters, sfreq)
    poles, weights = _modes(design)
    size = fft.next_fast_len(samples, real=True)
    onwards = weights[:, None] * _powers(poles, np.arange(samples))
    waves = np.vstack([onwards.real, -onwards.imag])
    before = _weights(poles, left, samples, size)
    after = _weights(poles, right, samples, size)[::-1].copy()
    return _Plan(
        size,
        response=_squared_response(design, size).astype(precision),
        before=before.astype(precision),
        after=after.astype(precision),
        constant=np.hstack([before.sum(axis=0), after.sum(axis=0)]).astype(precision),
        waves=np.vstack([waves, waves[:, ::-1]]).astype(precision),
    )


def _powers(poles: _Complex, exponents: NDArray[np.int64]) -> _Complex:
    powers: _Complex = np.exp(np.log(poles)[:, None] * exponents)
    return powers


def _weights(poles: _Complex, context: int, samples: int, size: int) -> _Array:
    """Weights of the sums: the context decays with its distance, the page is what the FFT wraps around."""
    outside = _powers(poles, np.arange(context, 0, -1))
    wrapped = -_powers(poles, size - np.arange(samples)) / (1 - poles**size)[:, None]
    both = np.hstack([outside, wrapped])
    return np.vstack([both.real, both.imag]).T.copy()
