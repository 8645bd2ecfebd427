"""The numbers of a sleep report, by the definitions of the AASM manual."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pydantic import Field

from tools.labels import STAGES
from tools.stage_seconds import EPOCH
from tools.types import Event, Record

SLEEP = ("N1", "N2", "N3", "R")


class SleepStatistics(Record):
    """A night in numbers; minutes unless said otherwise, None where there was no sleep to measure from."""

    recording_min: float
    """Time in bed: from the start of the recording (lights out, where nothing else is known) to its end."""
    scored_min: float
    """Of it, with a stage."""
    total_sleep_min: float
    sleep_latency_min: float | None
    """From the start to the first epoch of any sleep."""
    rem_latency_min: float | None
    """From the first epoch of sleep to the first of R."""
    wake_after_onset_min: float | None
    """W from the first epoch of sleep to the end of the recording."""
    efficiency: float | None = Field(ge=0, le=1)
    """Total sleep time over time in bed."""
    maintenance: float | None = Field(ge=0, le=1)
    """Total sleep time over the time from the first to the last epoch of sleep."""
    minutes: dict[str, float]
    """Of every stage."""
    share: dict[str, float | None]
    """Of every stage of sleep in the total sleep time."""
    latency_min: dict[str, float | None]
    """From the start to the first epoch of every stage of sleep."""
    awakenings: int
    """Times at which W follows sleep."""
    changes: int
    """Changes of stage between neighbouring epochs."""
    arousals: int | None = None
    """Within sleep; None where they were not looked for."""
    arousal_index: float | None = None
    """Arousals per hour of sleep."""


def sleep_statistics(
    stages: Sequence[str | None],
    *,
    epoch: float = EPOCH,
    total: float | None = None,
    arousals: Sequence[Event] | None = None,
) -> SleepStatistics:
    """Measure a hypnogram.

    Parameters
    ----------
    stages : sequence of str or None
        One per epoch; None is neither sleep nor wake, but time in bed.
    epoch : float
        Seconds.
    total : float, optional
        Length of the recording in seconds, where it is longer than its epochs.
    arousals : sequence of Event, optional
        Those found in the recording; None where nobody looked.

    Returns
    -------
    SleepStatistics
        Nothing is known of lights out and lights on, so the recording stands for the time in bed.

    References
    ----------
    Berry et al. (2012), J Clin Sleep Med 8:597, https://doi.org/10.5664/jcsm.2172 (rules of the AASM manual).
    """
    minute = epoch / 60
    asleep = [i for i, stage in enumerate(stages) if stage in SLEEP]
    first, last = (asleep[0], asleep[-1]) if asleep else (None, None)
    bed = (total if total is not None else epoch * len(stages)) / 60
    sleep = len(asleep) * minute
    firsts = {stage: next((i for i, s in enumerate(stages) if s == stage), None) for stage in SLEEP}
    minutes = {stage: round(sum(s == stage for s in stages) * minute, 2) for stage in STAGES}
    after = sum(s == "W" for s in stages[first:]) * minute if first is not None else None
    rem = firsts["R"]
    count = None if arousals is None else _in_sleep(arousals, stages, epoch)
    span = None if first is None or last is None else (last - first + 1) * minute
    return SleepStatistics(
        recording_min=round(bed, 2),
        scored_min=round(sum(s is not None for s in stages) * minute, 2),
        total_sleep_min=round(sleep, 2),
        sleep_latency_min=None if first is None else round(first * minute, 2),
        rem_latency_min=None if rem is None or first is None else round((rem - first) * minute, 2),
        wake_after_onset_min=None if after is None else round(after, 2),
        efficiency=round(min(sleep / bed, 1.0), 4) if bed > 0 else None,
        maintenance=None if span is None else round(sleep / span, 4),
        minutes=minutes,
        share={s: round(minutes[s] / sleep, 4) if sleep else None for s in SLEEP},
        latency_min={s: None if i is None else round(i * minute, 2) for s, i in firsts.items()},
        awakenings=sum(a in SLEEP and b == "W" for a, b in pairwise(stages)),
        changes=sum(a is not None and b is not None and a != b for a, b in pairwise(stages)),
        arousals=count,
        arousal_index=round(count / (sleep / 60), 2) if count is not None and sleep else None,
    )


def _in_sleep(arousals: Sequence[Event], stages: Sequence[str | None], epoch: float) -> int:
    """Arousals that begin in an epoch of sleep, or in the W that they themselves made."""
    count = 0
    for event in arousals:
        number = int(event.onset // epoch)
        if not event.masked_by and number < len(stages):
            before = stages[number - 1] if number else None
            count += stages[number] in SLEEP or (stages[number] == "W" and before in SLEEP)
    return count
