"""Muscle and what is made of it: contractions at 51 to 69 Hz, chewing, and movement of the head."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.chewing import chewing_spans
from tools.conditioning import Bools, joined_runs, looked
from tools.movement import movement_spans
from tools.muscle_levels import FRAME, Levels, measure_muscle
from tools.types import Amplitude, Analysed, ChannelSpan, Detection, Event, NotAnalysed, Segment

LABEL = "hfnoise"
LABELS = (LABEL, "chewing", "movement")
SOURCE = "muscle 2"


class MuscleSettings(NamedTuple):
    """What makes a stretch muscle; amplitudes in microvolts, durations in seconds."""

    rms: float = 2.0
    ratio: float = 0.6
    """RMS, and its ratio to that of 4 to 30 Hz, from which a stretch is muscle."""
    loud_rms: float = 4.0
    loud_ratio: float = 0.3
    """The same for loud muscle over large slow waves,"""
    over_seizure: float = 0.15
    """and where it is twice the least."""
    any_rms: float = 8.0
    """RMS that is muscle whatever else is there."""
    above_floor: float = 1.8
    """Least multiple of what the quieter electrodes have in quiet; fast background is no muscle,"""
    floor_most: float = 4.0
    """but where nothing is ever quiet, this much is enough."""
    lasting: float = 0.95
    """Share of the time from which one or two channels are taken by themselves: they may be bad electrodes."""
    shortest: float = 0.4
    join: float = 0.15
    contrast: float = 2.5
    """Least ratio of the loudest channel to the quietest tenth of ten or more: the vertex has no muscle."""
    share: float = 0.35
    """Of the RMS of the loudest channel, from which another one takes part: reference spreads a little of it."""
    part: float = 0.25
    """Least ratio to 4 to 30 Hz there: a channel that can be read in spite of it is not spoilt."""


DEFAULTS = MuscleSettings()


def find_muscle(segment: Segment, settings: MuscleSettings = DEFAULTS) -> Detection:
    """Find muscle activity in EEG channels, and tell chewing and movement from plain contractions.

    Parameters
    ----------
    segment : Segment
        At least 1 s. Contractions and chewing need a sampling rate of 120 Hz and no low-pass below 56 Hz.
    settings : MuscleSettings
        Limits of contractions; those of chewing and movement are in `tools.chewing` and `tools.movement`.

    Returns
    -------
    Detection
        An event is a contraction, a bout of chewing or a movement, in all channels that reach a third of the
        loudest one. The amplitude is the RMS in 51 to 69 Hz there; that of a movement is the RMS of its slow
        waves. Contractions that belong to chewing or to a movement are not listed again.

    Notes
    -----
    A recording without any power above 51 Hz was low-passed: that is said, not called clean. The limits of a
    contraction are where the RMS over its channels passes the least, to a twentieth of a second; those less
    than `join` apart are one.

    References
    ----------
    Gasser et al. (2005), Clin Neurophysiol 116:2044, https://doi.org/10.1016/j.clinph.2005.05.002.
    """
    eeg = segment.pick_kinds("eeg")
    levels = measure_muscle(eeg)
    if isinstance(levels, str):
        return Detection(not_analysed=tuple(NotAnalysed(label=label, reason=levels) for label in LABELS))
    least = _least(levels, settings)
    found = _all_contractions(levels, least, settings)
    moved = movement_spans(levels, [(one[0], one[1]) for one in found])
    chewed = [] if levels.reason else chewing_spans(levels, eeg.channels, least)
    chewed = [one for one in chewed if _covered(one, moved) < 0.5]
    plain = [one for one in found if _covered(one, [*moved, *chewed]) < 0.5]
    events = [
        *(_event(eeg, "movement", levels, one, settings) for one in moved),
        *(_event(eeg, "chewing", levels, one, settings) for one in chewed),
        *(_event(eeg, LABEL, levels, one, settings) for one in plain),
    ]
    return Detection(
        events=tuple(sorted(events, key=lambda event: event.onset)),
        analysed=_analysed(eeg, levels),
        not_analysed=_not_analysed(levels),
    )


def _analysed(eeg: Segment, levels: Levels) -> Analysed:
    if levels.reason:
        return looked("movement", eeg)
    heard = [name for name, deaf in zip(eeg.channels, levels.deaf, strict=True) if not deaf]
    return looked(LABEL, eeg, heard).model_copy(update={"labels": LABELS})


def _not_analysed(levels: Levels) -> tuple[NotAnalysed, ...]:
    if levels.reason:
        return tuple(NotAnalysed(label=label, reason=levels.reason) for label in (LABEL, "chewing"))
    if levels.deaf.any():
        reason = f"{levels.deaf.sum()} channels hold no signal above 51 Hz"
        return (NotAnalysed(label=LABEL, reason=reason),)
    return ()


def _least(levels: Levels, settings: MuscleSettings) -> float:
    """RMS from which a stretch may be muscle, from what quiet electrodes have in quiet."""
    heard = levels.loud[~levels.deaf]
    if not len(heard):
        return settings.floor_most
    floor = np.sqrt(np.percentile(np.percentile(heard, 20, axis=1), 25))
    return float(np.clip(settings.above_floor * floor, settings.rms, settings.floor_most))


def _is_muscle(levels: Levels, least: float, settings: MuscleSettings) -> Bools:
    loud, brain = levels.loud, levels.brain
    loud_rms = max(settings.loud_rms, least)
    flags = (loud >= least**2) & (loud >= settings.ratio**2 * brain)
    flags |= (loud >= loud_rms**2) & (loud >= settings.loud_ratio**2 * brain)
    flags |= (loud >= max(2 * least, loud_rms) ** 2) & (loud >= settings.over_seizure**2 * brain)
    flags |= loud >= settings.any_rms**2
    return np.asarray(flags & ~levels.deaf[:, None] & ~levels.missing)


Frames = tuple[int, int, Bools]
"""First frame, last frame (exclusive), and which channels were searched."""


def _all_contractions(levels: Levels, least: float, settings: MuscleSettings) -> list[Frames]:
    flags = _is_muscle(levels, least, settings)
    always = flags.mean(axis=1) >= settings.lasting
    if not 0 < always.sum() <= 2:
        always[:] = False
    return [one for rows in (always, ~always) for one in _contractions(flags, rows, levels, least, settings)]


def _contractions(
    flags: Bools, searched: Bools, levels: Levels, least: float, settings: MuscleSettings
) -> list[Frames]:
    """Cut what is loud anywhere on the head at the pauses of the channels concerned."""
    flags = flags & searched[:, None]
    join, shortest = round(settings.join / FRAME), round(settings.shortest / FRAME)
    reach = round(0.25 / FRAME)
    found: list[Frames] = []
    for first, last in joined_runs(np.asarray(flags.any(axis=0)), join, 1):
        start, stop = max(0, first - reach), min(flags.shape[1], last + reach)
        rows = np.flatnonzero(flags[:, first:last].any(axis=1))
        mean = levels.quick[rows, start:stop].mean(axis=1)
        leading = rows[mean >= 0.25 * mean.max()]
        course = np.sqrt(levels.quick[leading, start:stop].mean(axis=0))
        found += [
            (start + begin, start + end, searched)
            for begin, end in joined_runs(course >= least, join, shortest)
            if flags[rows, start + begin : start + end].any()
            and _is_contraction(levels, start + begin, start + end, settings)
        ]
    return found


def _is_contraction(levels: Levels, start: int, stop: int, settings: MuscleSettings) -> bool:
    """Whether it lasts, as a step does not, and is louder here than there, as a fast background is not."""
    rms = np.sqrt(levels.quick[:, start:stop].mean(axis=1))
    loudest = int(np.argmax(rms))
    own = np.flatnonzero(levels.quick[loudest, start:stop] >= 0.25 * rms[loudest] ** 2)
    if own[-1] - own[0] + 2 < settings.shortest / FRAME:
        return False
    heard = rms[~levels.deaf]
    return len(heard) < 10 or bool(heard.max() >= settings.contrast * np.percentile(heard, 10))


def _covered(one: Frames, by: list[Frames]) -> float:
    """Share of the frames that others hold."""
    shared = sum(max(0, min(one[1], other[1]) - max(one[0], other[0])) for other in by)
    return shared / max(1, one[1] - one[0])


def _event(eeg: Segment, label: str, levels: Levels, found: Frames, settings: MuscleSettings) -> Event:
    """The event with its channels, each from where it first to where it last is loud itself."""
    start, stop, searched = found
    frames = levels.quick.shape[1]
    level = levels.slow if label == "movement" else levels.quick
    quick = np.where(searched[:, None], level[:, start:stop], 0.0)
    rms = np.sqrt(quick.mean(axis=1))
    spans: list[ChannelSpan] = []
    for row in np.argsort(-rms).tolist():
        if rms[row] < settings.share * rms.max():
            break
        brain = levels.brain[row, start:stop].mean()
        if spans and label == LABEL and rms[row] ** 2 < settings.part**2 * brain:
            continue
        own = np.flatnonzero(quick[row] >= 0.25 * rms[row] ** 2)
        begin, end = (start, stop) if label != LABEL else (start + int(own[0]), start + int(own[-1]) + 1)
        # The ends of the signal are faded in and out.
        first = 0.0 if begin <= 2 else begin * FRAME
        last = eeg.duration if end >= frames - 2 else end * FRAME
        spans.append(ChannelSpan(
            channel=eeg.channels[row], onset=round(eeg.onset + first, 4), duration=round(last - first, 4)
        ))  # fmt: skip
    onset, size = min(span.onset for span in spans), float(rms.max())
    return Event(
        label=label,
        source=SOURCE,
        onset=onset,
        duration=max(span.onset + span.duration for span in spans) - onset,
        channels=tuple(span.channel for span in spans),
        confidence=round(size / (size + (100.0 if label == "movement" else 4.0)), 3),
        amplitude=Amplitude(value_uv=round(size, 2), kind="rms"),
        per_channel=tuple(spans),
    )
