"""Slow waves of sleep: single waves of 0.5 to 2 Hz that exceed 75 µV peak to peak."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.conditioning import (
    Array,
    Bools,
    looked,
    near_the_eyes,
    nothing,
)
from tools.fir import Single, fir_bands
from tools.labels import electrodes
from tools.midline_fields import correlation, shape_over, weights_of
from tools.shared import contexts, slowed
from tools.spans import Span, group, half_shared
from tools.types import Amplitude, ChannelSpan, Detection, Event, Segment
from tools.wave_shapes import WaveSettings, rhythmicity, single_waves

LABEL = "slow_wave"
SOURCE = "slow_waves 1"
_RATE = 100.0
_LEAST_SHARE = 1 / 3
"""Of the largest amplitude: a channel below it shows the spread of the others."""
_FIELD = (("Fz", "F3", "F4"), 76.0)
"""Where the waves of sleep are seen: a wide cap under the frontal electrodes."""
_FULL_HEAD = 8
"""Channels of one reference from which on the width of a field can be judged."""


class SlowWaveSettings(NamedTuple):
    """What makes a wave slow and large enough; durations in seconds."""

    wave: WaveSettings = WaveSettings()
    """Size and duration, as the sleep manual has them for deep sleep."""

    slow_over_fast: float = 1.2
    """Least log10 of slow over fast power within 15 s: drift over waking background is no slow wave."""
    rhythmic: float = 0.6
    """Autocorrelation within four seconds to both sides, at one and at two periods, from which a wave belongs to
    rhythmic or periodic activity."""
    likeness: float = 0.7
    """Least correlation of the field over a full head with that of the waves of sleep."""


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
    where eye movements look the same, and with a full head so are waves that no neighbour follows or whose
    field is not frontal. Waves that repeat like a clock belong to rhythmic delta or periodic discharges and are
    left out. Irregular delta of other origin than sleep counts too: ten seconds do not tell them apart.

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
    rows = [row for row, name in enumerate(eeg.channels) if not _sees_the_eyes(name)]
    if not rows:
        return nothing(LABEL, "no EEG channel away from the eyes")
    _, whole, missing = slowed(eeg, _RATE)
    eeg, missing = eeg.pick([eeg.channels[row] for row in rows]), missing[rows]
    referential = not any(len(electrodes(name)) > 1 for name in eeg.channels)
    full = len(eeg.channels) >= _FULL_HEAD and referential
    weights = weights_of(eeg.channels, *_FIELD, eeg.reference == "average") if full else None
    slower = whole.pick(eeg.channels)
    (slow,) = fir_bands(slower.data, slower.sfreq, [settings.wave.band()])
    found = single_waves(slow, slower.sfreq, settings.wave)
    context = contexts(whole, {eeg.channels[wave.row] for wave in found})
    scale = eeg.sfreq / slower.sfreq
    spans = [
        span
        for span in found
        if context[eeg.channels[span.row]][span.start : span.stop].mean() >= settings.slow_over_fast
        and not _touches(missing[span.row], span, scale)
    ]
    groups = [
        members
        for members in group(spans, half_shared)
        if _is_wide(slow, slower, members[0])
        and _is_like(slow, slower, members[0], weights, settings)
        and rhythmicity(slow[members[0].row], members[0], slower.sfreq) <= settings.rhythmic
    ]
    events = tuple(_event(slower, members) for members in groups)
    return Detection(events=events, analysed=looked(LABEL, eeg))


def _is_like(
    slow: Single, segment: Segment, leader: Span, weights: Array | None, settings: SlowWaveSettings
) -> bool:
    """Whether a wave has the field of sleep's, negative in front; True where it cannot be compared."""
    if weights is None:
        return True
    field = shape_over(slow, slow[leader.row], leader.start, leader.stop)
    alike = correlation(field, weights, segment.channels)
    return alike is None or alike >= settings.likeness


def _sees_the_eyes(channel: str) -> bool:
    """Whether a referential channel sees eye movements; in a bipolar pair they partly cancel."""
    parts = electrodes(channel)
    return len(parts) == 1 and (near_the_eyes(channel) or parts[0].upper() in {"F7", "F8", "F9", "F10"})


def _is_wide(slow: Single, segment: Segment, leader: Span) -> bool:
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
