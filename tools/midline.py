"""One trace that shows best what is largest over the midline, in any montage.

Waves of sleep have a known field: the sum of all channels, weighted by it, shows them with less noise than
any single one, and one trace is quickly searched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Bools, at_rate, band, mend, robust_sd, slow_over_fast
from tools.fields import place
from tools.fir import Single
from tools.labels import electrodes
from tools.types import Amplitude, ChannelSpan, Event, Segment

_EARS = {"A1", "A2", "M1", "M2"}
_LEAST_SHARE = 0.45
"""Of the field's largest weight: what a single channel must see of it."""
_LEAST_SEEN, _LEAST_SEEN_IN_PAIRS = 0.35, 0.2
"""Of the field at its centre: what the best channel must see of it, else nothing is looked for."""
_FEW = 3
"""Fewer channels than this are taken as they are, whatever their second electrode is."""
_KNOWN = 6
_FULL_HEAD = 8
"""Channels from which on the form of a field can be compared."""


class View(NamedTuple):
    """The weighted sum of the channels that see a field, scaled as in the channel that sees it best."""

    trace: Array  # (N,), positive where the field is as described
    rows: tuple[int, ...]
    """Channels that see the field with its own sign, best first."""
    weights: Array  # (C,), 1 at the channel that sees it best, 0 where the place is not known
    field: bool
    """Whether the form of the field can be compared."""


@lru_cache(maxsize=64)
def weights_of(channels: tuple[str, ...], centre: tuple[str, ...], reach: float, average: bool) -> Array:
    """How these channels see a field that falls off with the angle from its centre.

    Parameters
    ----------
    channels : tuple of str
        Referential (``Fz``, ``C4-M1``) or bipolar (``Fz-Cz``); a place that is not known weighs nothing.
    centre : tuple of str
        Electrodes above the source.
    reach : float
        Angle in degrees at which the field has fallen to 1/e.
    average : bool
        Whether the channels are referred to their common average.

    Returns
    -------
    ndarray, shape (channels,)
        Largest magnitude 1; zeros where no place is known or none sees the field.
    """
    weights = np.zeros(len(channels))
    known = np.zeros(len(channels), dtype=bool)
    for row, channel in enumerate(channels):
        parts = channel.split(" (", maxsplit=1)[0].split("-")
        first, second = place(parts[0]), place(parts[1]) if len(parts) > 1 else None
        if first is None or parts[0].upper() in _EARS:
            continue
        known[row] = True
        weights[row] = _at(first, centre, reach) - (_at(second, centre, reach) if second else 0.0)
    paired = any(len(electrodes(channel)) > 1 for channel in channels)
    most = _at(_direction(centre[0]), centre, reach)
    if np.abs(weights).max(initial=0.0) < (_LEAST_SEEN_IN_PAIRS if paired else _LEAST_SEEN) * most:
        return np.zeros(len(channels))
    if average and known.any():
        weights[known] -= weights[known].mean()
    most = np.abs(weights).max(initial=0.0)
    return weights / most if most > 0 else weights


def _direction(electrode: str) -> tuple[float, float, float]:
    found = place(electrode)
    if found is None:
        raise ValueError(f"no place for {electrode}")
    return found


def _at(direction: tuple[float, float, float], centre: Sequence[str], reach: float) -> float:
    """Size of the field in a direction from the middle of the head."""
    poles = np.array([_direction(name) for name in centre])
    angles = np.degrees(np.arccos(np.clip(poles @ np.array(direction), -1, 1)))
    return float(np.exp(-((angles / reach) ** 2)).sum())


def view(segment: Segment, centre: tuple[str, ...], reach: float) -> View | None:
    """Sum the channels of a segment, weighted by a field and by how quiet they are.

    Parameters
    ----------
    segment : Segment
        EEG only, finite.
    centre, reach
        Of the field, as for `weights_of`.

    Returns
    -------
    View or None
        None where no channel sees the field.
    """
    average = segment.reference == "average"
    names = segment.channels
    if len(names) < _FEW:
        # Of a pair such as Fpz-Cz both ends see the field, and which more differs between people: the
        # polarity is then that of its first electrode.
        names = tuple(electrodes(name)[0] if electrodes(name) else name for name in names)
    weights = weights_of(names, centre, reach, average)
    if len(names) == 1 and place(names[0]) is None:
        weights = np.ones(1)
    order = np.argsort(-weights)
    rows = tuple(int(row) for row in order if weights[row] >= _LEAST_SHARE)
    if not rows:
        return None
    step = max(1, segment.data.shape[1] // 1000)
    noise = robust_sd(segment.data[:, ::step])
    # A louder channel counts for less, a quieter one for no more: it may be broken.
    sure = np.maximum(noise, max(float(np.median(noise[list(rows)])), 1e-3))
    trace = (weights / sure**2) @ segment.data / np.sum((weights / sure) ** 2)
    placed = int(np.count_nonzero(weights))
    return View(trace, rows, weights, placed >= _FULL_HEAD and len(segment.channels) >= _FULL_HEAD)


def correlation(values: Array, weights: Array, channels: Sequence[str]) -> float | None:
    """Correlation of what the channels show with a field, over the places that are known; None for fewer than six.

    Parameters
    ----------
    values, weights : ndarray, shape (channels,)
        Signed sizes, and what `weights_of` gives.
    channels : sequence of str
        Names; where none of them is a pair, the mean is taken off, so that the reference does not matter.
    """
    known = weights != 0
    if known.sum() < _KNOWN:
        return None
    a, b = values[known], weights[known]
    if all(len(electrodes(name)) < 2 for name in channels):
        a, b = a - a.mean(), b - b.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size > 0 else 0.0


class Wave(NamedTuple):
    """A negative half-wave of a trace and the positive one that follows; places in samples."""

    start: int
    trough: int
    middle: int
    stop: int
    depth: float
    height: float
    """Of the positive half-wave, above zero."""
    width: int
    """Samples for which the negative half-wave exceeds half of its depth."""


def waves(trace: Array, least: float) -> list[Wave]:
    """Negative half-waves between zero crossings, each with the positive one after it.

    Parameters
    ----------
    trace : ndarray, shape (samples,)
        Without a mean, in a band that leaves the wave its shape.
    least : float
        Depth below zero from which on a wave is given.

    Returns
    -------
    list of Wave
        In order; waves that the ends of the trace cut off are left out.
    """
    negative = trace < 0
    edges = np.flatnonzero(negative[1:] != negative[:-1]) + 1
    first = 0 if edges.size and negative[edges[0]] else 1
    found = []
    for start, middle, stop in zip(
        edges[first::2].tolist(), edges[first + 1 :: 2].tolist(), edges[first + 2 :: 2].tolist(), strict=False
    ):
        trough = start + int(np.argmin(trace[start:middle]))
        depth = -float(trace[trough])
        if depth < least:
            continue
        width = int(np.count_nonzero(trace[start:middle] <= -depth / 2))
        found.append(Wave(start, trough, middle, stop, depth, float(trace[middle:stop].max()), width))
    return found


def isolation(trace: Array, wave: Wave, reach: int) -> float:
    """Height of a wave over the span of the trace within `reach` samples before and after it."""
    before, after = trace[max(0, wave.start - reach) : wave.start], trace[wave.stop : wave.stop + reach]
    around = max(float(np.ptp(part)) if part.size else 0.0 for part in (before, after))
    return (wave.depth + wave.height) / max(around, 1e-6)


def shape_over(data: Array | Single, trace: Array | Single, start: int, stop: int) -> Array:
    """How much of a stretch of the trace each channel holds, shape (channels,): 1 where it is the same."""
    part, shape = data[:, start:stop], trace[start:stop]
    shape = shape - shape.mean()
    return np.asarray((part - part.mean(axis=1, keepdims=True)) @ shape / max(float(shape @ shape), 1e-9))


class Sight(NamedTuple):
    """A segment as a detector of midline waves looks at it."""

    eeg: Segment
    missing: Bools  # (C, N) of the EEG
    seen: View
    trace: Array  # band-passed, at `sfreq`
    sfreq: float
    scale: float
    """Samples of the EEG per sample of the trace."""
    spread: float
    """Robust standard deviation of the trace."""
    context: Array
    """log10 of slow over fast power around each sample of the trace."""

    def span(self, wave: Wave) -> slice:
        """Samples of the EEG from the start of a wave to its end."""
        return slice(round(wave.start * self.scale), round(wave.stop * self.scale))

    def whole(self, wave: Wave) -> bool:
        """Whether no sample of a wave is missing in the channels that show it."""
        return not self.missing[list(self.seen.rows), self.span(wave)].any()

    def likeness(self, wave: Wave) -> float:
        """Likeness of a wave's field; 1 where there are too few channels to tell."""
        if not self.seen.field:
            return 1.0
        here = self.span(wave)
        at = np.linspace(wave.start, wave.stop, here.stop - here.start, endpoint=False)
        shape = np.interp(at, np.arange(len(self.trace)), self.trace)
        part = shape_over(self.eeg.data[:, here], shape, 0, len(shape))
        alike = correlation(part, self.seen.weights, self.eeg.channels)
        return 1.0 if alike is None else alike


def look_at(
    eeg: Segment, centre: tuple[str, ...], reach: float, limits: tuple[float, float], rate: float = 100.0
) -> Sight | None:
    """Mend EEG channels and sum them into a trace in a band, at a lower rate; None where nothing shows the field."""
    mended, missing = mend(eeg.data)
    eeg = replace(eeg, data=mended)
    seen = view(eeg, centre, reach)
    if seen is None:
        return None
    slower = at_rate(Segment(seen.trace[None], ("view",), eeg.sfreq), rate)
    trace = band(slower.data - slower.data.mean(), slower.sfreq, *limits)[0]
    context = slow_over_fast(slower.data, slower.sfreq)[0]
    scale = eeg.sfreq / slower.sfreq
    return Sight(eeg, missing, seen, trace, slower.sfreq, scale, float(robust_sd(trace)), context)


def wave_event(
    sight: Sight,
    wave: Wave,
    limits: tuple[float, float],
    *,
    label: str,
    source: str,
    confidence: float,
    share: float = 0.35,
) -> Event:
    """Make an event of a wave, with what each channel that sees the field has of it.

    Channels come largest first, down to `share` of the largest, and only those that go the way of the field.
    """
    eeg, rows = sight.eeg, list(sight.seen.rows)
    here, spare = sight.span(wave), round(2 * sight.eeg.sfreq)
    begin = max(0, here.start - spare)
    part = band(eeg.data[rows, begin : here.stop + spare], eeg.sfreq, *limits)
    part = part[:, here.start - begin : here.stop - begin]
    trough = part[:, min(round((wave.trough - wave.start) * sight.scale), part.shape[1] - 1)]
    sizes = np.where(trough * np.sign(sight.seen.weights[rows]) < 0, np.ptp(part, axis=1), 0.0)
    if not sizes.any():
        sizes = np.ptp(part, axis=1)
    onset, duration = eeg.onset + here.start / eeg.sfreq, (here.stop - here.start) / eeg.sfreq
    spans = tuple(
        ChannelSpan(
            channel=eeg.channels[rows[i]], onset=onset, duration=duration, value_uv=round(float(sizes[i]), 2)
        )
        for i in np.argsort(-sizes, kind="stable")
        if sizes[i] >= share * sizes.max()
    )
    return Event(
        label=label,
        source=source,
        onset=onset,
        duration=duration,
        channels=tuple(span.channel for span in spans),
        confidence=confidence,
        amplitude=Amplitude(value_uv=spans[0].value_uv or 0.0, kind="pp"),
        per_channel=spans,
    )
