"""Leaving artifacts out: excluded stretches become NaN, whole seconds are kept or dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tools.filters import apply_filters
from tools.labels import electrodes
from tools.types import Event, Filters, Segment


def without(segment: Segment, exclude: Sequence[Event]) -> Segment:
    """Blank the stretches that events cover, with NaN.

    An event counts for its channels, for their bipolar derivations, and for every channel where it names
    none; where it says when each channel takes part, that is followed.
    """
    data = segment.data
    blanked = None
    for event in exclude:
        spans = [(s.channel, s.onset, s.duration) for s in event.per_channel] or [
            (channel, event.onset, event.duration) for channel in event.channels or segment.channels
        ]
        for channel, onset, duration in spans:
            start = max(round((onset - segment.onset) * segment.sfreq), 0)
            stop = round((onset + duration - segment.onset) * segment.sfreq)
            if stop <= 0 or start >= data.shape[1]:
                continue
            blanked = data.copy() if blanked is None else blanked
            blanked[_rows(segment.channels, channel), start:stop] = np.nan
    return segment if blanked is None else replace(segment, data=blanked)


def _rows(channels: Sequence[str], marked: str) -> list[int]:
    """Rows of a channel and, where an electrode was marked, of every derivation that holds it."""
    parts = electrodes(marked)
    return [
        row
        for row, name in enumerate(channels)
        if name == marked or (len(parts) == 1 and parts[0] in electrodes(name))
    ]


def seconds(data: NDArray[np.float64], sfreq: float, length: float = 1.0) -> NDArray[np.float64]:
    """Cut into windows of ``length`` s without overlap: (channels, windows, samples)."""
    size = max(round(length * sfreq), 1)
    count = data.shape[1] // size
    return data[:, : count * size].reshape(len(data), count, size)


def swings(clean: Segment, shown: Segment) -> NDArray[np.float64]:
    """Peak-to-peak of every second of ``shown``, NaN where ``clean`` has samples blanked."""
    height = np.ptp(seconds(shown.data, shown.sfreq), axis=2)
    height[np.isnan(seconds(clean.data, clean.sfreq)).any(axis=2)] = np.nan
    return np.asarray(height, dtype=np.float64)


def in_band(segment: Segment, low: float, high: float) -> Segment:
    """Filter to ``low``-``high`` Hz, as far as the signal is wider than that; NaN is bridged, not kept."""
    nyquist = segment.sfreq / 2
    filters = Filters(
        low_cut_hz=low if (segment.filters.low_cut_hz or 0) < low < nyquist else None,
        high_cut_hz=high if high < min(segment.filters.high_cut_hz or nyquist, nyquist) else None,
    )
    return apply_filters(segment, filters)


def nan_median(data: NDArray[np.float64], axis: int | None = None) -> NDArray[np.float64]:
    """Median without the NaN, which are all that is not finite here; NaN where nothing else is there.

    numpy's own goes through masked arrays, ten times slower on the small tables of a page.
    """
    if axis is None:
        data, axis = data.reshape(-1), 0
    ordered = np.sort(data, axis=axis)
    count = np.expand_dims((~np.isnan(data)).sum(axis=axis), axis)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis)
    high = np.take_along_axis(ordered, np.minimum(count // 2, max(ordered.shape[axis] - 1, 0)), axis)
    return np.asarray(((low + high) / 2).squeeze(axis=axis))
