"""Sawtooth waves of stage R: short trains of 2 to 6 Hz over the vertex, steeper on one side."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, looked, nothing
from tools.midline import Sight, Wave, look_at, wave_event, waves
from tools.types import Detection, Event, Segment

LABEL = "sawtooth"
SOURCE = "sawtooth 1"
_CENTRE, _REACH = ("Cz", "Fz"), 56.0
_BAND = (1.5, 12.0)
_SHORTEST_SEGMENT = 5.0


class SawtoothSettings(NamedTuple):
    """What makes a train one of sawtooth waves; amplitudes in microvolts, durations in seconds."""

    least_pp_uv: float = 20.0
    most_pp_uv: float = 120.0
    above_background: float = 3.0
    """Least peak-to-peak size of a wave in robust standard deviations of the trace."""
    period: tuple[float, float] = (0.17, 0.50)
    waves: int = 3
    """Least number in a row."""
    regularity: float = 0.2
    """Largest coefficient of variation of the periods."""
    slope: float = 1.4
    """Least ratio of the steeper to the other flank, median over the train."""
    likeness: float = 0.8
    """Least mean correlation of the field with that of a source under the vertex."""
    slow_over_fast: tuple[float, float] = (1.0, 2.0)
    """Limits for log10 of slow over fast power within 15 s: below is wakefulness, above is delta."""


DEFAULTS = SawtoothSettings()


def find_sawtooth_waves(segment: Segment, settings: SawtoothSettings = DEFAULTS) -> Detection:
    """Find trains of sawtooth waves over the vertex.

    Parameters
    ----------
    segment : Segment
        At least 5 s at 40 Hz or more, low cut at 1 Hz or below; any montage with channels near the vertex.
    settings : SawtoothSettings
        Limits.

    Returns
    -------
    Detection
        An event is a train, with its frequency. Amplitude peak to peak at the channel where it is largest.

    Notes
    -----
    They belong to stage R, which is not told here; theta of other origin with the same form counts as well, so
    that the stage, or rapid eye movements nearby, have to confirm a train. All limits besides the frequency are
    defaults of ours.

    References
    ----------
    Bernardi et al. (2019), Curr Biol 29:2986, https://doi.org/10.1016/j.cub.2019.07.026 (form, frequency).
    """
    if segment.filters.low_cut_hz is not None and segment.filters.low_cut_hz > 1.0:
        return nothing(LABEL, f"the low cut of {segment.filters.low_cut_hz:g} Hz reshapes sawtooth waves")
    if segment.duration < _SHORTEST_SEGMENT:
        return nothing(LABEL, f"needs {_SHORTEST_SEGMENT:.0f} s of signal")
    if segment.sfreq < 40:
        return nothing(LABEL, "needs a sampling rate of 40 Hz or more")
    eeg = segment.pick_kinds("eeg")
    if not eeg.channels:
        return nothing(LABEL, "needs an EEG channel")
    sight = look_at(eeg, _CENTRE, _REACH, _BAND)
    if sight is None:
        return nothing(LABEL, "needs a channel near the vertex")
    events = [
        _event(sight, train) for train in _trains(sight, settings) if _is_sawtooth(sight, train, settings)
    ]
    names = [eeg.channels[row] for row in sight.seen.rows]
    return Detection(events=tuple(events), analysed=looked(LABEL, eeg, names))


def _trains(sight: Sight, settings: SawtoothSettings) -> list[list[Wave]]:
    """Waves of fitting size and length that follow each other without a gap."""
    least = max(settings.least_pp_uv, settings.above_background * sight.spread)
    shortest, longest = (limit * sight.sfreq for limit in settings.period)
    trains: list[list[Wave]] = []
    for wave in waves(sight.trace, 0.3 * least):
        size = wave.depth + wave.height
        if not (least <= size <= settings.most_pp_uv and shortest <= wave.stop - wave.start <= longest):
            continue
        if trains and trains[-1][-1].stop == wave.start:
            trains[-1].append(wave)
        else:
            trains.append([wave])
    return [train for train in trains if len(train) >= settings.waves]


def _is_sawtooth(sight: Sight, train: list[Wave], settings: SawtoothSettings) -> bool:
    """Whether a train is regular, has slanted waves, the field of the vertex and a fitting background."""
    periods = np.diff([wave.trough for wave in train])
    low, high = settings.slow_over_fast
    return bool(
        periods.std() <= settings.regularity * periods.mean()
        and all(sight.whole(wave) for wave in train)
        and low <= sight.context[train[0].start] <= high
        and _slant(sight.trace, train) >= settings.slope
        and np.mean([sight.likeness(wave) for wave in train]) >= settings.likeness
    )


def _slant(trace: Array, train: list[Wave]) -> float:
    """Median ratio of rise to fall time between extremes, whichever is longer; 1 for a sine."""
    troughs = [wave.trough for wave in train]
    tops = [a + int(np.argmax(trace[a:b])) for a, b in pairwise(troughs)]
    up = np.array([top - a for a, top in zip(troughs, tops, strict=False)], dtype=float)
    down = np.array([b - top for top, b in zip(tops, troughs[1:], strict=True)], dtype=float)
    ratio = float(np.median(up) / max(float(np.median(down)), 1.0))
    return max(ratio, 1 / max(ratio, 1e-6))


def _event(sight: Sight, train: list[Wave]) -> Event:
    largest = max(train, key=lambda wave: wave.depth + wave.height)
    start, stop = train[0].start, train[-1].stop
    sure = round(
        float(np.clip(0.2 + 0.1 * (len(train) - 3) + 0.2 * (_slant(sight.trace, train) - 1), 0, 0.8)), 3
    )
    found = wave_event(sight, largest, _BAND, label=LABEL, source=SOURCE, confidence=sure, share=0.45)
    onset, duration = sight.eeg.onset + start / sight.sfreq, (stop - start) / sight.sfreq
    return found.model_copy(
        update={
            "onset": onset,
            "duration": duration,
            "frequency_hz": round(len(train) / duration, 2),
            "per_channel": tuple(
                span.model_copy(update={"onset": onset, "duration": duration}) for span in found.per_channel
            ),
        }
    )
