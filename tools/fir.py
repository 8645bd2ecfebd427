"""Linear-phase filters for long signals: several bands from one Fourier transform, in single precision.

They have the sharp skirts that the literature on sleep waves uses; `tools.conditioning.band` is for the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import Array

Single = NDArray[np.float32]

_BLOCK = 8192
"""Points of a Fourier transform: long enough for kernels of a few seconds, short enough for the cache."""


class Band(NamedTuple):
    """A pass band in hertz with the widths of its skirts; None leaves a side open."""

    low: float | None
    high: float | None
    low_skirt: float = 1.0
    high_skirt: float = 1.0


@lru_cache(maxsize=32)
def kernel(wanted: Band, sfreq: float) -> Array:
    """Impulse response of a band-pass with Hamming windows, 3.3 divided by the skirt long, as is common.

    Parameters
    ----------
    wanted : Band
        Half of the amplitude is left in the middle of a skirt. A high edge whose skirt does not end below half
        the sampling rate leaves that side open.
    sfreq : float
        Hertz.

    Returns
    -------
    ndarray, shape (taps,)
        Of odd length, symmetric.
    """
    from scipy.signal import firwin

    parts: list[tuple[float, Array]] = []
    if wanted.high is not None and wanted.high + wanted.high_skirt < sfreq / 2:
        taps = round(3.3 / wanted.high_skirt * sfreq) // 2 * 2 + 1
        parts.append((1.0, firwin(taps, wanted.high + wanted.high_skirt / 2, fs=sfreq)))
    else:
        parts.append((1.0, np.ones(1)))
    if wanted.low is not None:
        taps = round(3.3 / wanted.low_skirt * sfreq) // 2 * 2 + 1
        parts.append((-1.0, firwin(taps, wanted.low - wanted.low_skirt / 2, fs=sfreq)))
    length = max(len(part) for _, part in parts)
    response = np.zeros(length)
    for sign, part in parts:
        first = (length - len(part)) // 2
        response[first : first + len(part)] += sign * part
    return response


def fir_bands(data: Array | Single, sfreq: float, bands: Sequence[Band]) -> list[Single]:
    """Filter every channel into several bands, without delay.

    Parameters
    ----------
    data : ndarray, shape (channels, samples)
        Finite. The ends are continued by their mirror image through the last sample.
    sfreq : float
        Hertz.
    bands : sequence of Band
        What to keep.

    Returns
    -------
    list of ndarray, shape (channels, samples)
        One for each band, single precision.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    kernels = [kernel(wanted, sfreq) for wanted in bands]
    reach = max(len(k) for k in kernels) // 2
    channels, samples = data.shape
    length = min(max(_BLOCK, 8 * reach), next_fast_len(samples + 2 * reach, real=True))
    step = length - 2 * reach
    responses = [_response(wanted, sfreq, length) for wanted in bands]
    results = [np.empty((channels, samples), np.float32) for _ in kernels]
    blocks = -(-samples // step)
    # Short signals are taken together, long ones channel by channel, for the sake of the cache.
    together = max(1, 16 // blocks)
    for first in range(0, channels, together):
        rows = slice(first, first + together)
        padded = _mirrored(data[rows], reach, blocks * step)
        views = np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)[:, ::step]
        spectrum = rfft(views, axis=-1)
        for result, response in zip(results, responses, strict=True):
            filtered = irfft(spectrum * response, length, axis=-1)[..., reach : reach + step]
            result[rows] = filtered.reshape(len(filtered), -1)[:, :samples]
    return results


@lru_cache(maxsize=64)
def _response(wanted: Band, sfreq: float, length: int) -> NDArray[np.complex64]:
    """Transfer function of a kernel whose middle is the first sample, so that it delays nothing."""
    from scipy.fft import rfft

    response = kernel(wanted, sfreq)
    room = np.zeros(length, np.float32)
    half = len(response) // 2
    room[: half + 1] = response[half:]
    room[length - half :] = response[:half]
    return np.asarray(rfft(room), np.complex64)


def _mirrored(rows: Array | Single, reach: int, room: int) -> Single:
    """Channels with their ends continued by `reach` samples, and then up to `room` and twice `reach` by zeros."""
    samples = rows.shape[1]
    part = min(reach, samples - 1)
    padded = np.zeros((len(rows), room + 2 * reach), np.float32)
    padded[:, reach : reach + samples] = rows
    first, last = rows[:, :1], rows[:, -1:]
    padded[:, :reach] = 2 * first - rows[:, part : part + 1]
    padded[:, reach - part : reach] = 2 * first - rows[:, part:0:-1]
    after = padded[:, reach + samples : 2 * reach + samples]
    after[:] = 2 * last - rows[:, samples - 1 - part : samples - part]
    if part:
        after[:, :part] = 2 * last - rows[:, -2 : -part - 2 : -1]
    return padded
