"""Slow waves of sleep: single waves of 0.5 to 2 Hz that exceed 75 µV peak to peak."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tools.conditioning import (
    Array,
    Bools,
    Span,
    at_rate,
    band,
    group,
    half_shared,
    looked,
    mend,
    near_the_eyes,
    nothing,
    slow_over_fast,
)
from tools.labels import electrodes
from tools.types import Amplitude, ChannelSpan, Detection, Event, Segment

LABEL = "slow_wave"
SOURCE = "slow_waves 1"
_RATE = 100.0
_LEAST_SHARE = 1 / 3
"""Of the largest amplitude: a channel below it shows the spread of the others."""
_FULL_HEAD = 8
"""Channels of one reference from which on the width of a field can be judged."""


class SlowWaveSettings(NamedTuple):
    """What makes a wave slow and large enough; durations in seconds."""

    least_pp_uv: float = 75.0
    least_negative_uv: float = 35.0
    """Depth of the negative half below zero: a blink has its large half on the other side."""
    most_pp_uv: float = 500.0
    """Above this it is movement rather than brain."""
    shortest: float = 0.5
    longest: float = 2.0
    half: tuple[float, float] = (0.2, 1.2)
    """Limits for each half-wave."""
    slow_over_fast: float = 1.2
    """Least log10 of slow over fast power within 15 s: drift over waking background is no slow wave."""


DEFAULTS = SlowWaveSettings()


def find_slow_waves(segment: Segment, settings: SlowWaveSettings = DEFAULTS) -> Detection:
    """Find slow waves in every EEG channel and put those of several channels together.

    Parameters
    ----------
    segment : Segment
        At least 3 s at 20 Hz or more, high-passed at 0.5 Hz or below; best referred to the mastoids, since
        bipolar chains shrink a wave that is wide.
    settings : SlowWaveSettings
        Limits.

    Returns
    -------
    Detection
        An event is a negative half-wave and the positive one that follows, as long as in the channel in
        which it is largest. Channels come largest first, down to a third of the largest. Amplitude peak to
        peak in 0.3 to 4 Hz, frequency one over the duration.

    Notes
    -----
    Half-waves lie between zero crossings of the band 0.3 to 4 Hz. Electrodes near the eyes are left out,
    where eye movements look the same, and with a full head so are waves that no neighbour follows. Delta
    of other origin than sleep counts too.

    References
    ----------
    Massimini et al. (2004), J Neurosci 24:6862, https://doi.org/10.1523/JNEUROSCI.1318-04.2004.
    """
    if segment.filters.low_cut_hz is not None and segment.filters.low_cut_hz > 0.7:
        return nothing(LABEL, f"the low cut of {segment.filters.low_cut_hz:g} Hz removes slow waves")
    if segment.duration < 3:
        return nothing(LABEL, "needs 3 s of signal")
    if segment.sfreq < 20:
        return nothing(LABEL, "needs a sampling rate of 20 Hz or more")
    eeg = segment.pick_kinds("eeg")
    eeg = eeg.pick([c for c in eeg.channels if not _sees_the_eyes(c)])
    if not eeg.channels:
        return nothing(LABEL, "no EEG channel away from the eyes")
    mended, missing = mend(eeg.data)
    slower = at_rate(replace(eeg, data=mended), _RATE)
    slow = band(slower.data - slower.data.mean(axis=1, keepdims=True), slower.sfreq, 0.3, 4.0)
    scale = eeg.sfreq / slower.sfreq
    context = slow_over_fast(slower.data, slower.sfreq)
    spans = [
        span
        for row in range(len(slow))
        for span in _waves(slow[row], row, slower.sfreq, settings)
        if context[row, span.start : span.stop].mean() >= settings.slow_over_fast
        and not _touches(missing[row], span, scale)
    ]
    groups = [members for members in group(spans, half_shared) if _is_wide(slow, slower, members[0])]
    events = tuple(_event(slower, members) for members in groups)
    return Detection(events=events, analysed=looked(LABEL, eeg))


def _sees_the_eyes(channel: str) -> bool:
    """Whether a referential channel sees eye movements; in a bipolar pair they partly cancel."""
    parts = electrodes(channel)
    return len(parts) == 1 and (near_the_eyes(channel) or parts[0].upper() in {"F7", "F8", "F9", "F10"})


def _is_wide(slow: Array, segment: Segment, leader: Span) -> bool:
    """Whether neighbours follow the largest channel: what one electrode alone does is its own artifact."""
    if len(slow) < _FULL_HEAD or any("-" in name for name in segment.channels):
        return True
    wave = slow[:, leader.start : leader.stop]
    wave = wave - wave.mean(axis=1, keepdims=True)
    size = np.linalg.norm(wave, axis=1)
    likeness = wave @ wave[leader.row] / np.maximum(size * size[leader.row], 1e-9)
    following = (likeness >= 0.7) & (size >= 0.35 * size[leader.row])
    return bool(following.sum() >= max(3, 0.15 * len(slow)))


def _touches(missing: Bools, span: Span, scale: float) -> bool:
    return bool(missing[int(span.start * scale) : int(np.ceil(span.stop * scale))].any())


def _waves(signal: Array, row: int, sfreq: float, settings: SlowWaveSettings) -> list[Span]:
    """Negative half-waves with the positive ones after them, where both are long and large enough."""
    negative = signal < 0
    edges = np.flatnonzero(negative[1:] != negative[:-1]) + 1
    downward = edges[negative[edges]]  # first samples below zero
    crossings = np.searchsorted(edges, downward)
    spans = []
    for start, index in zip(downward, crossings, strict=True):
        if index + 2 >= len(edges):
            break
        middle, stop = edges[index + 1], edges[index + 2]
        down, up = (middle - start) / sfreq, (stop - middle) / sfreq
        shortest, longest = settings.half
        if not (shortest <= down <= longest and shortest <= up <= longest):
            continue
        depth = -float(signal[start:middle].min())
        size = depth + float(signal[middle:stop].max())
        if (
            settings.shortest <= down + up <= settings.longest
            and depth >= settings.least_negative_uv
            and settings.least_pp_uv < size <= settings.most_pp_uv
        ):
            spans.append(Span(row, int(start), int(stop), size))
    return spans


def _event(segment: Segment, members: list[Span]) -> Event:
    leader = members[0]
    duration = (leader.stop - leader.start) / segment.sfreq
    spans = tuple(
        ChannelSpan(
            channel=segment.channels[m.row],
            onset=segment.onset + m.start / segment.sfreq,
            duration=(m.stop - m.start) / segment.sfreq,
            value_uv=round(m.size, 2),
        )
        for m in sorted(members, key=lambda m: -m.size)
        if m.size >= _LEAST_SHARE * leader.size
    )
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=segment.onset + leader.start / segment.sfreq,
        duration=duration,
        channels=tuple(span.channel for span in spans),
        amplitude=Amplitude(value_uv=round(leader.size, 2), kind="pp"),
        frequency_hz=round(1 / duration, 2),
        per_channel=spans,
    )
