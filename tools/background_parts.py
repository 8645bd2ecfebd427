"""When a rhythm or a slowing is there, where it does not last through the stretch."""

from __future__ import annotations

from collections.abc import Sequence

from tools.background_record import Background
from tools.lasting import LastingSettings, cut, part_of
from tools.rhythm import PosteriorRhythm
from tools.rhythm_size import AROUND, amplitudes
from tools.symmetry import Slowing
from tools.types import Segment

_RHYTHM = LastingSettings(least=3.0, factor=8.0, at_an_edge=True)
"""A rhythm that waxes and wanes reaches a factor of four, in swells of 1 to 2 s."""


def timed_rhythm(clean: Segment, rhythm: PosteriorRhythm) -> PosteriorRhythm:
    """Say for which part of a stretch a rhythm is there, and how tall it is then; unchanged where it lasts.

    Parameters
    ----------
    clean : Segment
        EEG, artifacts blanked with NaN.
    rhythm : PosteriorRhythm
        Found in the whole.
    """
    shown, hertz = clean.pick(rhythm.channels), rhythm.frequency_hz
    part = part_of(shown, hertz - AROUND, hertz + AROUND, _RHYTHM)
    if part is None:
        return rhythm
    size = amplitudes(cut(shown, part.onset, part.duration), hertz)
    tall = {"amplitude_uv": size.typical, "rms_uv": size.rms}
    return rhythm.model_copy(update={**part._asdict(), **tall})


def timed_slowing(clean: Segment, item: Slowing, band: tuple[float, float]) -> Slowing:
    """Say for which part of a stretch a slowing is there; unchanged where it lasts.

    Parameters
    ----------
    clean : Segment
        EEG, artifacts blanked with NaN.
    item : Slowing
        Found in the whole.
    band : tuple of float
        Limits of its band in hertz.
    """
    part = part_of(clean.pick(item.channels), *band)
    return item if part is None else item.model_copy(update=part._asdict())


def with_parts(
    whole: Background, parts: Sequence[Background], spans: Sequence[tuple[float, float]]
) -> Background:
    """Add to the background of a stretch what only the part before a change shows, or the part after it.

    Parameters
    ----------
    whole : Background
        Of the stretch.
    parts : sequence of Background
        Of each part.
    spans : sequence of (float, float)
        Start and end of each part, in seconds of the recording.
    """
    rhythm, slowing = whole.posterior_rhythm, whole.slowing
    generalized = any(item.extent == "generalized" for item in slowing)
    for part, (start, stop) in zip(parts, spans, strict=True):
        when = {"onset": start, "duration": stop - start}
        if rhythm is None and part.posterior_rhythm is not None:
            rhythm = part.posterior_rhythm.model_copy(update=when)
        more = [item for item in part.slowing if item.extent == "generalized" and not generalized]
        slowing += tuple(item.model_copy(update=when) for item in more)
    return whole.model_copy(update={"posterior_rhythm": rhythm, "slowing": slowing})
