"""K-complexes: a sharp negative wave over the frontal midline, then a broad positive one, alone in its place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, looked, nothing
from tools.midline import Sight, Wave, isolation, look_at, wave_event, waves
from tools.types import Detection, Segment

LABEL = "kcomplex"
SOURCE = "kcomplexes 1"
_CENTRE, _REACH = ("Fz", "Cz"), 68.0
"""The field: a wide cap under the frontal midline."""
_BAND = (0.5, 6.0)
_SHORTEST_SEGMENT = 5.0


class KComplexSettings(NamedTuple):
    """What makes a wave a K-complex; amplitudes in microvolts, durations in seconds."""

    least_depth_uv: float = 37.0
    """Of the negative half-wave, half of the 75 that detectors commonly ask for peak to peak."""
    least_pp_uv: float = 75.0
    most_pp_uv: float = 500.0
    above_background: float = 3.5
    """Least depth in robust standard deviations of the trace."""
    negative: tuple[float, float] = (0.16, 0.50)
    width: tuple[float, float] = (0.10, 0.27)
    """Duration of the negative half-wave at half of its depth: a vertex wave is shorter, a slow wave longer."""
    positive: tuple[float, float] = (0.25, 0.90)
    after: tuple[float, float] = (0.25, 1.2)
    """Limits for the height of the positive half-wave over the depth of the negative one."""
    shortest: float = 0.5
    longest: float = 1.4
    isolation: float = 1.25
    """Least ratio of the peak-to-peak amplitude to that of the two seconds before and after: in a run it is delta."""
    likeness: float = 0.78
    """Least correlation of the field over the head with that of a K-complex."""
    slow_over_fast: float = 0.9
    """Least log10 of slow over fast power within 15 s: below it nobody sleeps."""


DEFAULTS = KComplexSettings()


def find_k_complexes(segment: Segment, settings: KComplexSettings = DEFAULTS) -> Detection:
    """Find K-complexes by shape, isolation and field.

    Parameters
    ----------
    segment : Segment
        At least 5 s at 30 Hz or more, low cut at 0.6 Hz or below. Any montage; with fewer than eight channels
        the field cannot be compared, and shape and isolation decide alone.
    settings : KComplexSettings
        Limits.

    Returns
    -------
    Detection
        An event lasts from the start of the negative half-wave to the end of the positive one. Amplitude peak
        to peak in 0.5 to 6 Hz at the channel where it is largest; channels down to 35 % of it, largest first.

    Notes
    -----
    The wave is looked for in the sum of the channels weighted by the field of a K-complex. In a run of slow
    waves there is none, by the rule that a K-complex stands out from what surrounds it; so most of those of
    stage N3 are left to the slow waves. Whether an arousal belongs to a K-complex is not told here.

    References
    ----------
    American Academy of Sleep Medicine, Manual for the Scoring of Sleep, definition of the K-complex.
    Beniczky et al. (2017), Epilepsia 58(Suppl 2):28, https://doi.org/10.1111/epi.13887 (its place on the head).
    """
    if segment.filters.low_cut_hz is not None and segment.filters.low_cut_hz > 0.6:
        return nothing(LABEL, f"the low cut of {segment.filters.low_cut_hz:g} Hz reshapes K-complexes")
    if segment.duration < _SHORTEST_SEGMENT:
        return nothing(LABEL, f"needs {_SHORTEST_SEGMENT:.0f} s of signal")
    if segment.sfreq < 30:
        return nothing(LABEL, "needs a sampling rate of 30 Hz or more")
    eeg = segment.pick_kinds("eeg")
    if not eeg.channels:
        return nothing(LABEL, "no EEG channel")
    sight = look_at(eeg, _CENTRE, _REACH, _BAND)
    if sight is None:
        return nothing(LABEL, "no channel near the midline of the head")
    events = []
    least = max(settings.least_depth_uv, settings.above_background * sight.spread)
    for wave in waves(sight.trace, least):
        if (
            _has_the_shape(sight.trace, wave, sight.sfreq, settings)
            and sight.context[wave.trough] >= settings.slow_over_fast
            and sight.whole(wave)
            and (alike := sight.likeness(wave)) >= settings.likeness
        ):
            sure = _confidence(sight, wave, alike)
            events.append(wave_event(sight, wave, _BAND, label=LABEL, source=SOURCE, confidence=sure))
    names = [eeg.channels[row] for row in sight.seen.rows]
    return Detection(events=tuple(events), analysed=looked(LABEL, eeg, names))


def _has_the_shape(trace: Array, wave: Wave, sfreq: float, settings: KComplexSettings) -> bool:
    """Whether durations, sizes and surroundings are those of a K-complex."""

    def within(value: float, limits: tuple[float, float]) -> bool:
        return limits[0] <= value <= limits[1]

    return (
        within(wave.depth + wave.height, (settings.least_pp_uv, settings.most_pp_uv))
        and within((wave.middle - wave.start) / sfreq, settings.negative)
        and within(wave.width / sfreq, settings.width)
        and within((wave.stop - wave.middle) / sfreq, settings.positive)
        and within((wave.stop - wave.start) / sfreq, (settings.shortest, settings.longest))
        and within(wave.height / wave.depth, settings.after)
        and isolation(trace, wave, round(2 * sfreq)) >= settings.isolation
    )


def _confidence(sight: Sight, wave: Wave, alike: float) -> float:
    """Grade by height over the background, field, and distance from any delta around."""
    size = np.clip((wave.depth / max(sight.spread, 1e-6) - 3) / 6, 0, 1)
    alone = np.clip((isolation(sight.trace, wave, round(2 * sight.sfreq)) - 1.2) / 2, 0, 1)
    place = np.clip((alike - 0.7) / 0.3, 0, 1) if sight.seen.field else 0.5
    return round(float(0.1 + 0.4 * size + 0.25 * alone + 0.25 * place), 3)
