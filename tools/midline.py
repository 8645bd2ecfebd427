"""Waves of sleep over the midline: half-waves of the trace that shows them best, and what each channel has of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Bools, band, robust_sd
from tools.midline_fields import View, correlation, shape_over, view
from tools.shared import contexts, frozen, slowed
from tools.types import Amplitude, ChannelSpan, Event, Segment


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
    if edges.size < 3:
        return []
    begins = np.arange(0 if negative[edges[0]] else 1, edges.size - 2, 2)
    deep = begins[np.minimum.reduceat(trace, edges)[begins] <= -least]
    found = []
    for start, middle, stop in zip(*(edges[deep + step].tolist() for step in range(3)), strict=True):
        trough = start + int(np.argmin(trace[start:middle]))
        depth = -float(trace[trough])
        width = int(np.count_nonzero(trace[start:middle] <= -depth / 2))
        found.append(Wave(start, trough, middle, stop, depth, float(trace[middle:stop].max()), width))
    return found


def isolation(trace: Array, wave: Wave, reach: int) -> float:
    """Height of a wave over the span of the trace within `reach` samples before and after it."""
    before, after = trace[max(0, wave.start - reach) : wave.start], trace[wave.stop : wave.stop + reach]
    around = max(float(np.ptp(part)) if part.size else 0.0 for part in (before, after))
    return (wave.depth + wave.height) / max(around, 1e-6)


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
    whole_trace: Segment
    """Before the band was taken."""

    @property
    def context(self) -> Array:
        """log10 of slow over fast power around each sample of the trace."""
        return contexts(self.whole_trace, self.whole_trace.channels)[self.whole_trace.channels[0]]

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
    signal = slowed(eeg, rate)
    seen = view(signal, centre, reach)
    if seen is None:
        return None
    sfreq = signal.slower.sfreq
    whole = frozen(Segment(seen.trace[None], ("view",), sfreq))
    trace = band(whole.data - whole.data.mean(), sfreq, *limits)[0]
    spread = float(robust_sd(trace))
    return Sight(signal.mended, signal.missing, seen, trace, sfreq, eeg.sfreq / sfreq, spread, whole)


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
