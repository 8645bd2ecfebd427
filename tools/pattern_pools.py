"""Ten-second windows of a view, each side pooled: spectra, autocorrelations and envelopes.

They are summed over the derivations of a side, so that phase reversals do not cancel.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, moving_mean
from tools.montage import NEIGHBOURS
from tools.pattern_view import BAND, View, pools

WINDOW = 10.0
"""Seconds: the shortest stretch in which six cycles of 0.6 Hz fit, and what the definitions count in."""
POINTS = 2048
"""Of the Fourier transforms of a window."""
_CLIP = 2.5
"""Excursions beyond so many times the 90th percentile of a derivation are cut: pops and movements."""
LOUDEST = 2.5
"""Times the median amplitude with which a derivation may weigh in a pool."""
_LOUD, _ALONE = 1.5, 0.4
"""An electrode is left out of a window where it is so many times louder than the median and correlates with no
neighbour better than this."""


class Pooled(NamedTuple):
    """Ten-second windows of each pool; shapes begin with (3 pools, windows)."""

    spectrum: Array
    freqs: Array
    correlation: Array
    """Autocorrelation of the signal, 0 to 4 s."""
    size: Array
    """Instantaneous amplitude over the derivations, smoothed over 80 ms."""
    sharpness: Array
    """Instantaneous slope over the derivations, smoothed over 120 ms."""
    power: Array
    """Mean power of a derivation."""
    weights: Array  # (derivations, windows)
    spectra: Array  # (derivations, windows, frequencies)
    cut: Array  # (derivations, windows, samples)
    steps: Array  # (derivations, windows, samples - 1), from sample to sample


def pool_windows(view: View, step: float) -> Pooled:
    """Cut into windows of `WINDOW` every `step` seconds and pool each side.

    Windows are shorter where the signal is.
    """
    sfreq = view.sfreq
    length = min(round(WINDOW * sfreq), view.data.shape[1])
    cut = np.lib.stride_tricks.sliding_window_view(view.data, length, axis=1)[:, :: round(step * sfreq)]
    cut = cut - cut.mean(axis=2, keepdims=True)
    limit = _CLIP * quantiles(np.abs(cut[:, :, ::4]), 0.9)[0][:, :, None]
    cut = np.clip(cut, -limit, limit)
    power = np.mean(cut**2, axis=2)
    weights = np.minimum(1.0, LOUDEST**2 * np.median(power, axis=0) / np.maximum(power, 1e-9))
    weights = weights * _attached(view, power.shape[1], step)
    pool = pools(view.sides)
    window = np.hanning(length)
    freqs = np.fft.rfftfreq(POINTS, 1 / sfreq)
    kept = freqs <= 1.2 * BAND[1]
    spectra = np.abs(np.fft.rfft(cut * window, POINTS, axis=2)[:, :, kept]) ** 2
    weighted = weights[:, :, None] * spectra
    spectrum = np.stack([np.tensordot(row, weighted, axes=(0, 0)) for row in pool])
    lags = round(4 * sfreq)
    own = np.fft.irfft(np.abs(np.fft.rfft(window, POINTS)) ** 2, POINTS)[:lags]
    padded = np.zeros((*spectrum.shape[:2], len(freqs)))
    padded[:, :, kept] = spectrum
    correlation = np.fft.irfft(padded, POINTS, axis=2)[:, :, :lags]
    correlation /= np.maximum(correlation[:, :, :1], 1e-9) * np.maximum(own / own[0], 0.02)
    share, steps = pool[:, :, None] * weights, np.diff(cut, axis=2)
    return Pooled(
        spectrum,
        np.asarray(freqs[kept], dtype=np.float64),
        correlation,
        _root(moving_mean(_over(share, cut**2), sfreq, 0.08)),
        _root(moving_mean(_over(share, steps**2), sfreq, 0.12)),
        (share * power).sum(axis=1) / np.maximum(share.sum(axis=1), 1e-9),
        weights,
        spectra,
        cut,
        steps,
    )


def _attached(view: View, count: int, step: float) -> Array:
    """0 for the derivations of an electrode that is louder than the rest and resembles no neighbour, else 1."""
    trusted = np.ones((len(view.names), count))
    if not view.sites:
        return trusted
    second, sites = round(view.sfreq), view.sites
    whole = view.voltage.shape[1] // second
    pieces = view.voltage[:, : whole * second].reshape(len(sites), whole, second).transpose(1, 0, 2)
    total = np.concatenate(
        [np.zeros((1, len(sites), len(sites))), np.cumsum(pieces @ pieces.transpose(0, 2, 1), 0)]
    )
    first = np.minimum(np.round(np.arange(count) * step).astype(int), max(0, whole - round(WINDOW)))
    shared = total[np.minimum(first + round(WINDOW), whole)] - total[first]
    size = np.sqrt(np.maximum(np.einsum("wii->wi", shared), 1e-9))
    likeness = shared / (size[:, :, None] * size[:, None, :])
    loud = size > _LOUD * np.median(size, axis=1, keepdims=True)
    for row, site in enumerate(sites):
        near = [sites.index(other) for other in NEIGHBOURS.get(site, ()) if other in sites]
        if len(near) < 2:
            continue
        alone = loud[:, row] & (likeness[:, row, near].max(axis=1) < _ALONE)
        touched = [number for number, name in enumerate(view.names) if site in name.split("-")]
        for number in touched:
            trusted[number, alone] = 0.0
    trusted[:, trusted.sum(axis=0) < 4] = 1.0
    return trusted


def quantiles(values: Array, *shares: float) -> Array:
    """Quantiles along the last axis, the first axis one for each share: numpy's, without its price for small arrays."""
    places = [share * (values.shape[-1] - 1) for share in shares]
    around = [(int(place), min(int(place) + 1, values.shape[-1] - 1)) for place in places]
    ranked = np.partition(values, sorted({index for pair in around for index in pair}), axis=-1)
    return np.stack(
        [
            ranked[..., low] + (place - low) * (ranked[..., high] - ranked[..., low])
            for place, (low, high) in zip(places, around, strict=True)
        ]
    )


def _root(values: Array) -> Array:
    return np.asarray(np.sqrt(np.maximum(values, 0.0)))


def _over(share: Array, values: Array) -> Array:
    """Sum over derivations with a share for every pool and window."""
    summed = np.matmul(share.transpose(2, 0, 1), values.transpose(1, 0, 2))
    return np.asarray(summed.transpose(1, 0, 2))
