"""What stands out of the background for sources of sharp waves: channels prepared, filtered and combined.

All channels are looked at together. For every source of a small dictionary, a spatial filter that lets its field
through and suppresses the background of the recording gives one combined channel, in which a wave of that source
stands out more than in any electrode.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import Array, at_rate, band, mend, moving_mean, robust_sd
from tools.fields import Sources, known_channels, sources
from tools.labels import electrodes
from tools.types import Segment

Ints = NDArray[np.int64]

SCALES = (0.009, 0.020)
"""Seconds: widths of the Gaussians that look for spikes and for sharp waves, less one three times as wide."""
_BLOCK = 10.0
_DETECT = 0.05
"""Share of the mean variance added to the covariance: how far a spatial filter trusts it."""


class View(NamedTuple):
    """The channels that are searched, prepared once."""

    data: Array  # (channels, samples), above 1 Hz, average reference where channels are referential
    channels: tuple[str, ...]
    sfreq: float
    onset: float
    sources: Sources
    broken: NDArray[np.bool_]  # (samples,): something is missing nearby


def view_of(segment: Segment) -> View | str:
    """Choose, mend and filter the channels that can be searched, or tell why there are too few.

    Channels that are flat or far louder than the rest enter no combined channel.
    """
    names = known_channels(segment.channels)
    if len(names) < 4:
        return "fewer than 4 EEG channels at known places: a field cannot be judged"
    part = segment.pick(names)
    mended, missing = mend(part.data)
    step = max(1, int(part.sfreq // 190))
    part = at_rate(replace(part, data=mended), part.sfreq / step)
    data = band(part.data, part.sfreq, 1.0, None, order=2)
    spread = robust_sd(data[:, :: max(1, data.shape[1] // 500)])
    middle = float(np.median(spread[spread > 0])) if np.any(spread > 0) else 0.0
    good = (spread < 4 * middle) & (spread > 0.1 * middle) & (missing.mean(axis=1) < 0.5)
    if good.sum() < 4:
        return "fewer than 4 channels with a signal that can be compared"
    chosen = tuple(name for name, use in zip(names, good, strict=True) if use)
    data = data[good]
    averaged = len(chosen) >= 6 and "-" not in _plain(chosen[0])
    if averaged:
        data = data - data.mean(axis=0)
    gone = missing[good].any(axis=0)[::step][: data.shape[1]]
    return View(
        np.ascontiguousarray(data, dtype=np.float32),
        chosen,
        part.sfreq,
        segment.onset,
        sources(chosen, averaged),
        np.pad(gone, (0, data.shape[1] - len(gone))),
    )


def _plain(channel: str) -> str:
    return "-".join(electrodes(channel))


def spatial_filter(fields: Array, data: Array, share: float) -> Array:
    """Weights that pass each field with gain 1 and the variance of the data as little as possible.

    Notes
    -----
    The linearly constrained minimum-variance filter of Van Veen et al. (1997), IEEE Trans Biomed Eng 44:867,
    https://doi.org/10.1109/10.623056, with `share` of the mean variance added for stability.
    """
    covariance = data[:, ::2] @ data[:, ::2].T / max(1, data[:, ::2].shape[1])
    covariance = covariance.astype(float)
    load = share * np.trace(covariance) / len(covariance) + 1e-9
    weights = np.linalg.solve(covariance + load * np.eye(len(covariance)), fields.T).T
    return np.asarray(weights / np.einsum("ij,ij->i", weights, fields)[:, None], dtype=np.float32)


def _blocks(length: int, sfreq: float) -> list[tuple[int, int]]:
    """First and last sample (exclusive) of every block of about 10 s."""
    count = max(1, round(length / sfreq / _BLOCK))
    return list(pairwise(np.linspace(0, length, count + 1).astype(int).tolist()))


def _spread(block: Array) -> Array:
    """Robust deviation of each row of a block."""
    return np.asarray(
        np.maximum(1.4826 * upper_median(np.abs(block[:, :: max(1, block.shape[1] // 400)])), 1e-6)
    )


def block_sd(data: Array, sfreq: float) -> Array:
    """Robust deviation of each row in every block, shape (rows, blocks)."""
    return np.stack([_spread(data[:, a:b]) for a, b in _blocks(data.shape[1], sfreq)], axis=1)


def upper_median(data: Array) -> Array:
    """Median of every row, without numpy's care for NaN: there is none, and this is called often."""
    half = data.shape[1] // 2
    return np.asarray(np.partition(data, half, axis=1)[:, half])


def of_block(spread: Array, rows: Ints, at: Ints, length: int) -> Array:
    """Deviation of a row in the block that holds a sample, of `length` samples in all."""
    return np.asarray(spread[rows, np.minimum(at * spread.shape[1] // length, spread.shape[1] - 1)])


class Scale(NamedTuple):
    """The signal less its surroundings, and how it is combined for every source."""

    lump: Array  # (channels, samples)
    weights: Array  # (sources, channels)
    spread: Array  # (sources, blocks): robust deviation of what is combined

    def z(self, sources: Ints, at: Ints) -> Array:
        """How far samples stand out, each row of them for its own source, in robust deviations."""
        seen = np.einsum("wc,cws->ws", self.weights[sources], self.lump[:, at])
        return np.asarray(seen / of_block(self.spread, sources[:, None], at, self.lump.shape[1]))

    def all_z(self, at: Ints) -> Array:
        """How far these samples stand out for every source, shape (sources, samples)."""
        which = np.minimum(at * self.spread.shape[1] // self.lump.shape[1], self.spread.shape[1] - 1)
        return np.asarray(self.weights @ self.lump[:, at] / self.spread[:, which])


class Field(NamedTuple):
    """What stands out of the background, for sharp waves of both widths."""

    scales: tuple[Scale, Scale]
    score: Array  # (samples,): of the scale and the source for which the sample stands out most


def stand_out(view: View) -> Field:
    """Filter a view for sharp waves of both widths and of every source."""
    from scipy.ndimage import gaussian_filter1d

    def smooth(seconds: float) -> Array:
        return np.asarray(gaussian_filter1d(view.data, seconds * view.sfreq, axis=1, truncate=3.0))

    def surroundings(seconds: float) -> Array:
        # Two means over a window come close to a wide Gaussian, in a fraction of its time.
        return moving_mean(moving_mean(view.data, view.sfreq, 2.45 * seconds), view.sfreq, 2.45 * seconds)

    blocks = _blocks(view.data.shape[1], view.sfreq)
    best = np.zeros((2, view.data.shape[1]), np.float32)
    scales = []
    for row, scale in enumerate(SCALES):
        lump = smooth(scale) - surroundings(3 * scale)
        weights = spatial_filter(view.sources.fields, lump, _DETECT)
        spread = np.empty((len(weights), len(blocks)), weights.dtype)
        for number, (start, stop) in enumerate(blocks):  # what is combined stays in the cache
            seen = weights @ lump[:, start:stop]
            spread[:, number] = _spread(seen)
            seen /= spread[:, number, None]
            best[row, start:stop] = seen.max(axis=0)
        scales.append(Scale(lump, weights, spread))
    return Field((scales[0], scales[1]), best.max(axis=0))
