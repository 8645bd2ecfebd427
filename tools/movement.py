"""Movement of the head: large slow waves on many channels at once, with muscle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tools.conditioning import Bools, joined_runs
from tools.muscle_levels import FRAME, Levels


class MovementSettings(NamedTuple):
    """What makes slow waves a movement; RMS of 0.5 to 5 Hz within half a second, in microvolts."""

    share: float = 0.3
    """Of the channels that have to take part, two or more."""
    rms: float = 40.0
    above: float = 5.0
    """Least RMS, and multiple of what the channel has in quiet, where muscle goes with the waves,"""
    most: float = 150.0
    """or this RMS, for a stretch that is never quiet;"""
    alone: float = 400.0
    """RMS without any muscle."""
    elsewhere: float = 1.5
    """How far they exceed nearly all that is seen without muscle: bursts and seizures go on without it, too."""
    quiet: float = 4.0
    """No channel counts as quieter than this."""


DEFAULTS = MovementSettings()


def movement_spans(
    levels: Levels, contractions: Sequence[tuple[int, int]], settings: MovementSettings = DEFAULTS
) -> list[tuple[int, int, Bools]]:
    """Find movements in levels of muscle and of slow waves.

    Parameters
    ----------
    levels : Levels
        From `measure_muscle`.
    contractions : sequence of (int, int)
        First and last frame (exclusive) of every contraction of muscle.
    settings : MovementSettings
        Limits.

    Returns
    -------
    list of (int, int, ndarray)
        First and last frame (exclusive) of each movement, and the channels (all).

    Notes
    -----
    Blinks are as large at the forehead, but not on a third of the channels and without muscle. A generalized
    seizure with muscle reaches these amplitudes as well; it rises over seconds to far less than five times
    what was there before, where a movement does so at once.
    """
    quiet = np.maximum(np.sqrt(np.percentile(levels.slow, 20, axis=1, keepdims=True)), settings.quiet)
    limit = np.clip(settings.above * quiet, settings.rms, settings.most)
    fewest = max(2, int(np.ceil(settings.share * len(levels.slow))))
    if len(levels.slow) < 2:
        return []
    slow = np.where(levels.missing, 0.0, levels.slow)
    busy = (slow >= settings.alone**2).sum(axis=0) >= fewest
    without = np.ones(slow.shape[1], dtype=bool)
    for start, stop in contractions:
        without[max(0, start - round(0.3 / FRAME)) : stop + round(0.3 / FRAME)] = False
    if without.sum() * FRAME >= 2.0:
        usual = np.sqrt(np.percentile(slow[:, without], 95, axis=1, keepdims=True))
        limit = np.maximum(limit, settings.elsewhere * usual)
    for start, stop in contractions:
        rms = np.sqrt(slow[:, start:stop].mean(axis=1, keepdims=True))
        if (rms >= limit).sum() >= fewest:
            busy[start:stop] = True
    return [
        (start, stop, np.ones(len(slow), dtype=bool))
        for start, stop in joined_runs(busy, round(0.3 / FRAME), round(0.4 / FRAME))
    ]
