"""Vertex sharp waves: pointed negative waves over the vertex, of the last of wakefulness and the first of sleep."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.conditioning import looked, nothing
from tools.midline import Sight, Wave, isolation, look_at, wave_event, waves
from tools.types import Detection, Segment

LABEL = "vertex"
SOURCE = "vertex 1"
_CENTRE, _REACH = ("Cz",), 56.0
_BAND = (1.0, 20.0)
_SHORTEST_SEGMENT = 5.0


class VertexSettings(NamedTuple):
    """What makes a wave a vertex wave; amplitudes in microvolts, durations in seconds."""

    least_depth_uv: float = 28.0
    most_depth_uv: float = 250.0
    above_background: float = 3.8
    """Least depth in robust standard deviations of the trace."""
    width: tuple[float, float] = (0.05, 0.155)
    """At half of the depth: below it is a spike, above it a K-complex."""
    negative: tuple[float, float] = (0.09, 0.27)
    positive: tuple[float, float] = (0.08, 0.36)
    after: tuple[float, float] = (0.2, 0.95)
    """Limits for the height of the positive wave that follows over the depth; after a spike it is negative."""
    isolation: float = 1.3
    """Least ratio of the peak-to-peak amplitude to that of the second before and after."""
    likeness: float = 0.75
    """Least correlation of the field over the head with that of a vertex wave."""
    slow_over_fast: float = 1.2
    """Least log10 of slow over fast power within 15 s: drowsiness has it, full wakefulness does not."""


DEFAULTS = VertexSettings()


def find_vertex_waves(segment: Segment, settings: VertexSettings = DEFAULTS) -> Detection:
    """Find vertex sharp waves by shape, field and the drowsiness around them.

    Parameters
    ----------
    segment : Segment
        At least 5 s at 45 Hz or more, low cut at 1 Hz or below. Any montage with channels near the vertex; with
        fewer than eight channels the field cannot be compared, and shape decides alone.
    settings : VertexSettings
        Limits.

    Returns
    -------
    Detection
        An event lasts as long as the negative wave, so that its middle is near the peak. Amplitude peak to
        peak of that wave and the positive one after it, at the channel where it is largest, in 1 to 20 Hz.

    Notes
    -----
    A K-complex lasts longer in both of its phases; a midline spike is shorter and is followed by a slow wave
    of its own sign. Waves that come in rows at short distance are left out as a rhythm.

    References
    ----------
    American Academy of Sleep Medicine, Manual for the Scoring of Sleep, definition of the vertex sharp wave.
    Beniczky et al. (2017), Epilepsia 58(Suppl 2):28, https://doi.org/10.1111/epi.13887 (size, field).
    """
    if segment.filters.low_cut_hz is not None and segment.filters.low_cut_hz > 1.0:
        return nothing(
            LABEL, f"the low cut of {segment.filters.low_cut_hz:g} Hz removes what follows the wave"
        )
    if segment.duration < _SHORTEST_SEGMENT:
        return nothing(LABEL, f"needs {_SHORTEST_SEGMENT:.0f} s of signal")
    if segment.sfreq < 45:
        return nothing(LABEL, "needs a sampling rate of 45 Hz or more")
    eeg = segment.pick_kinds("eeg")
    if not eeg.channels:
        return nothing(LABEL, "no EEG channel")
    sight = look_at(eeg, _CENTRE, _REACH, _BAND)
    if sight is None:
        return nothing(LABEL, "no channel near the vertex")
    events = []
    for wave in waves(sight.trace, max(settings.least_depth_uv, settings.above_background * sight.spread)):
        if (
            _has_the_shape(sight, wave, settings)
            and sight.whole(wave)
            and (alike := sight.likeness(wave)) >= settings.likeness
        ):
            sure = _confidence(sight, wave, alike)
            found = wave_event(sight, wave, _BAND, label=LABEL, source=SOURCE, confidence=sure, share=0.45)
            negative = (wave.middle - wave.start) / sight.sfreq
            spans = tuple(s.model_copy(update={"duration": negative}) for s in found.per_channel)
            events.append(found.model_copy(update={"duration": negative, "per_channel": spans}))
    names = [eeg.channels[row] for row in sight.seen.rows]
    return Detection(events=tuple(events), analysed=looked(LABEL, eeg, names))


def _has_the_shape(sight: Sight, wave: Wave, settings: VertexSettings) -> bool:
    """Whether durations, sizes and surroundings are those of a vertex wave."""

    def within(value: float, limits: tuple[float, float]) -> bool:
        return limits[0] <= value <= limits[1]

    sfreq = sight.sfreq
    return (
        wave.depth <= settings.most_depth_uv
        and within(wave.width / sfreq, settings.width)
        and within((wave.middle - wave.start) / sfreq, settings.negative)
        and within((wave.stop - wave.middle) / sfreq, settings.positive)
        and within(wave.height / wave.depth, settings.after)
        and bool(sight.context[wave.trough] >= settings.slow_over_fast)
        and isolation(sight.trace, wave, round(sfreq)) >= settings.isolation
    )


def _confidence(sight: Sight, wave: Wave, alike: float) -> float:
    """Grade by height over the background, field, and distance from other waves."""
    size = np.clip((wave.depth / max(sight.spread, 1e-6) - 3) / 5, 0, 1)
    alone = np.clip((isolation(sight.trace, wave, round(sight.sfreq)) - 1.1) / 1.5, 0, 1)
    place = np.clip((alike - 0.65) / 0.35, 0, 1) if sight.seen.field else 0.5
    return round(float(0.1 + 0.4 * size + 0.2 * alone + 0.3 * place), 3)
