"""Electrode pops: a contact gives way, a step in one electrode that no neighbour shares."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tools.conditioning import (
    Array,
    at_its_limit,
    at_rate,
    looked,
    mend,
    middle,
    moving_mean,
    nothing,
    robust_sd,
)
from tools.types import Amplitude, ChannelSpan, Detection, Event, Segment

LABEL = "pop"
SOURCE = "pops 1"
_RATE = 200.0


class PopSettings(NamedTuple):
    """What makes a step a pop; amplitudes in microvolts, durations in seconds."""

    step: float = 55.0
    """Least step within a fiftieth of a second,"""
    above_background: float = 6.0
    """and in robust standard deviations of the steps that the channel makes anyway."""
    others: float = 0.4
    """Largest share of the step that any other channel may have: a discharge has a field."""
    stays: float = 0.2
    """Least share of the step that is left a tenth of a second later: a spike has come back by then."""
    returns: float = 0.8
    """Largest share that is left a second later: a lead that is moved does not come back."""
    span: tuple[float, float] = (0.03, 0.11)
    """What is marked: the step from this long before to this long after its middle, not its decay."""


DEFAULTS = PopSettings()


def find_pops(segment: Segment, settings: PopSettings = DEFAULTS) -> Detection:
    """Find sudden steps of single electrodes that decay.

    Parameters
    ----------
    segment : Segment
        At least 2 s at 100 Hz or more, four EEG channels or more; low cut of 1 Hz or less.
    settings : PopSettings
        Limits.

    Returns
    -------
    Detection
        One event per step; the amplitude is its height (peak to peak).

    Notes
    -----
    The median over the channels is taken away first, so that neither the reference nor the average carries a
    pop into the others. In bipolar recordings two channels share an electrode and mirror the step; there the
    second one does not count against it.
    """
    eeg = segment.pick_kinds("eeg")
    if len(eeg.channels) < 4:
        return nothing(LABEL, "needs four EEG channels to tell an electrode from a field")
    if segment.duration < 2:
        return nothing(LABEL, "needs 2 s of signal")
    if segment.sfreq < 100:
        return nothing(LABEL, "needs a sampling rate of 100 Hz or more")
    if (segment.filters.low_cut_hz or 0.0) > 1.0:
        return nothing(
            LABEL, f"the low cut of {segment.filters.low_cut_hz:g} Hz takes the decay of a pop away"
        )
    mended, missing = mend(eeg.data)
    held = at_its_limit(mended)
    slower = at_rate(_between(eeg, mended), _RATE)
    bipolar = any(name.count("-") == 1 and name.split("-")[1][0] in "FCPOT" for name in eeg.channels)
    lost = missing | held
    events = [
        event
        for event, row, middle in _steps(slower, bipolar, settings)
        if not lost[row, _around(middle, eeg, slower.sfreq)].any()
    ]
    return Detection(events=tuple(sorted(events, key=lambda e: e.onset)), analysed=looked(LABEL, eeg))


def _between(eeg: Segment, mended: Array) -> Segment:
    """What an electrode has for itself: the median over the channels taken away."""
    ordered = np.sort(mended - middle(mended)[:, None], axis=0)
    half = len(ordered) // 2
    common = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    return replace(eeg, data=mended - common)


def _around(middle: int, eeg: Segment, sfreq: float) -> slice:
    at, reach = round(middle * eeg.sfreq / sfreq), round(0.2 * eeg.sfreq)
    return slice(max(0, at - reach), at + reach)


def _steps(segment: Segment, bipolar: bool, settings: PopSettings) -> list[tuple[Event, int, int]]:
    from scipy.signal import find_peaks

    data, sfreq = segment.data, segment.sfreq
    half = max(1, round(0.02 * sfreq))
    level = moving_mean(data, sfreq, 0.02)
    step = np.zeros_like(data)
    step[:, half:-half] = level[:, 2 * half :] - level[:, : -2 * half]
    size = np.abs(step)
    least = np.maximum(settings.step, settings.above_background * robust_sd(step[:, ::2]))
    found = []
    for row in np.flatnonzero(size.max(axis=1) >= least).tolist():
        peaks, _ = find_peaks(size[row], height=least[row], distance=round(0.15 * sfreq))
        for at in peaks.tolist():
            if _is_pop(data, size, row, at, sfreq, bipolar, settings):
                found.append((_event(segment, row, at, float(size[row, at]), settings), row, at))
    return found


def _is_pop(
    data: Array, size: Array, row: int, at: int, sfreq: float, bipolar: bool, settings: PopSettings
) -> bool:
    near = size[:, max(0, at - round(0.03 * sfreq)) : at + round(0.03 * sfreq) + 1].max(axis=1)
    rivals = np.sort(np.delete(near, row))[::-1]
    if rivals[1 if bipolar else 0] > settings.others * size[row, at]:
        return False

    def level(start: float, stop: float) -> float:
        piece = data[row, max(0, at + round(start * sfreq)) : max(1, at + round(stop * sfreq))]
        return float(np.median(piece)) if len(piece) else float("nan")

    before, top = level(-0.2, -0.03), level(0.015, 0.045)
    soon, late = level(0.09, 0.13), level(0.9, 1.3)
    rise = top - before
    if abs(rise) < 0.5 * size[row, at] or (soon - before) / rise < settings.stays:
        return False
    return not np.isfinite(late) or (late - before) / rise <= settings.returns


def _event(segment: Segment, row: int, at: int, height: float, settings: PopSettings) -> Event:
    onset = max(segment.onset, segment.onset + at / segment.sfreq - settings.span[0])
    duration = sum(settings.span)
    channel = segment.channels[row]
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=onset,
        duration=duration,
        channels=(channel,),
        confidence=round(height / (height + 60.0), 3),
        amplitude=Amplitude(value_uv=round(height, 2), kind="pp"),
        per_channel=(
            ChannelSpan(channel=channel, onset=onset, duration=duration, value_uv=round(height, 2)),
        ),
    )
