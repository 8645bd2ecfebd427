"""Artifacts of the recording itself: flat and out-of-range signal; and how much of a stretch is usable.

The other artifacts have files of their own and can be reached from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from tools.bad_channels import find_bad_channels
from tools.blinks import find_blinks
from tools.conditioning import (
    Array,
    Bools,
    at_its_limit,
    band,
    joined_runs,
    looked,
    mend,
    middle,
    near_the_eyes,
    nothing,
)
from tools.events import runs
from tools.flatness import DEFAULTS, FlatSettings, flat_samples, samples_of
from tools.labels import electrodes
from tools.line_noise import find_line_noise
from tools.muscle import find_muscle
from tools.types import Amplitude, ChannelSpan, Detection, Event, Segment

__all__ = [
    "Quality", "find_bad_channels", "find_blinks", "find_extreme", "find_flat", "find_line_noise",
    "find_muscle", "quality",
]  # fmt: skip

SOURCE = "artifacts 3"


class ExtremeSettings(NamedTuple):
    """What is out of range; amplitudes in microvolts."""

    limit_uv: float = 500.0
    limit_near_the_eyes_uv: float = 1000.0
    """Blinks of healthy people reach 700 µV at the forehead."""
    reach: float = 0.25
    """Seconds before and after that belong to it: the way there and back."""
    clipped: int = 5
    """Equal samples in a row at the edge of the range."""
    clipped_least_uv: float = 100.0
    """A plateau below this height is a coarse resolution, not a converter at its limit."""


EXTREME = ExtremeSettings()
_LARGEST_GAIN = 3.3
"""Sum over the impulse response of 0.5 to 35 Hz: no wave leaves the filter with more than this times its height."""


def find_flat(segment: Segment, settings: FlatSettings = DEFAULTS, shortest: float = 1.25) -> Detection:
    """Find stretches in which a channel hardly moves.

    Parameters
    ----------
    segment : Segment
        As recorded, at least 1 s; an average reference would hide a flat channel.
    settings : FlatSettings
        Limits.
    shortest : float
        Seconds.

    Returns
    -------
    Detection
        One event per stretch; flat channels at the same time share it.
    """
    eeg = segment.pick_kinds("eeg")
    if not eeg.channels:
        return nothing("flat", "no EEG channel")
    if segment.duration < 1:
        return nothing("flat", "needs 1 s of signal")
    mended, missing, held, _ = samples_of(eeg)
    flat = flat_samples(mended, eeg.sfreq, settings)
    if flat is None:
        return Detection(analysed=looked("flat", eeg))
    # A channel at the limit of its converter does not move either, and is out of range.
    flat &= ~(missing | held)
    least = max(1, round((min(shortest, segment.duration) - 1.0) * eeg.sfreq))
    reach = round(0.5 * eeg.sfreq)
    spans = [
        (row, max(0, start - reach), min(flat.shape[1], stop + reach))
        for row in np.flatnonzero(flat.any(axis=1)).tolist()
        for start, stop in joined_runs(flat[row], 0, least)
    ]
    return Detection(events=_events("flat", eeg, spans), analysed=looked("flat", eeg))


def find_extreme(segment: Segment, settings: ExtremeSettings = EXTREME) -> Detection:
    """Find samples that no EEG has: missing, clipped, or beyond 500 µV.

    Parameters
    ----------
    segment : Segment
        As recorded and unfiltered, at least 0.5 s.
    settings : ExtremeSettings
        Limits.

    Returns
    -------
    Detection
        Stretches per channel, joined over channels; the amplitude is peak-to-peak of the largest.
    """
    eeg = segment.pick_kinds("eeg")
    if not eeg.channels:
        return nothing("extreme", "no EEG channel")
    if segment.duration < 0.5:
        return nothing("extreme", "needs 0.5 s of signal")
    from scipy.ndimage import maximum_filter1d

    mended, missing, held, _ = samples_of(eeg)
    if (settings.clipped, settings.clipped_least_uv) != (EXTREME.clipped, EXTREME.clipped_least_uv):
        held = at_its_limit(mended, settings.clipped, settings.clipped_least_uv)
    railed = held | missing
    # A step to the limit of the converter would ring in the filter.
    bridged = mend(np.where(railed, np.nan, mended))[0] if railed.any() else mended
    eyes = [near_the_eyes(name) or _at_the_temples(name) for name in eeg.channels]
    limits = np.where(eyes, settings.limit_near_the_eyes_uv, settings.limit_uv)
    rows = np.flatnonzero(railed.any(axis=1) | (_LARGEST_GAIN * _half_range(bridged) > limits))
    if not len(rows):
        return Detection(analysed=looked("extreme", eeg))
    # Steep at 35 Hz, so that hum and muscle, which have labels of their own, do not count as voltage.
    moved = band(bridged[rows] - middle(bridged[rows])[:, None], eeg.sfreq, 0.5, 35.0, order=8)
    far, reach = np.abs(moved) > limits[rows, None], round(settings.reach * eeg.sfreq)
    busy = far.any(axis=1)
    if busy.any():
        far[busy] = maximum_filter1d(far[busy], 2 * reach + 1, axis=1)
    far |= railed[rows]
    spans = [
        (index, start, stop)
        for index in np.flatnonzero(far.any(axis=1)).tolist()
        for start, stop in joined_runs(far[index], reach, 1)
    ]
    names = tuple(eeg.channels[row] for row in rows)
    swung = replace(eeg, data=np.where(railed[rows], mended[rows], moved), channels=names, kinds=())
    events = _events("extreme", swung, spans)
    return Detection(events=events, analysed=looked("extreme", eeg))


def _half_range(data: Array) -> Array:
    """Half of what a filter sees a channel reach from its lowest to its highest, with the ends it mirrors."""
    low, high = data.min(axis=1), data.max(axis=1)
    first, last = 2 * data[:, 0], 2 * data[:, -1]
    lowest = np.minimum(low, np.minimum(first, last) - high)
    return np.asarray((np.maximum(high, np.maximum(first, last) - low) - lowest) / 2)


def _at_the_temples(channel: str) -> bool:
    """Whether blinks and gaze of some people reach far beyond 500 µV here, too."""
    return not {"F5", "F6", "F7", "F8", "F9", "F10"}.isdisjoint(electrodes(channel))


def _events(label: str, eeg: Segment, spans: Sequence[tuple[int, int, int]]) -> tuple[Event, ...]:
    """One event for what happens at the same time in any number of channels."""
    busy = np.zeros(eeg.data.shape[1], dtype=bool)
    for _, start, stop in spans:
        busy[start:stop] = True
    return tuple(
        _event(label, eeg, [s for s in spans if s[1] < stop and s[2] > start]) for start, stop in runs(busy)
    )


def _event(label: str, eeg: Segment, members: list[tuple[int, int, int]]) -> Event:
    parts = tuple(
        ChannelSpan(
            channel=eeg.channels[row],
            onset=eeg.onset + start / eeg.sfreq,
            duration=(stop - start) / eeg.sfreq,
        )
        for row, start, stop in members
    )
    onset = min(p.onset for p in parts)
    with np.errstate(invalid="ignore"):
        swing = max(float(np.ptp(eeg.data[row, start:stop])) for row, start, stop in members)
    return Event(
        label=label,
        source=SOURCE,
        onset=onset,
        duration=max(p.onset + p.duration for p in parts) - onset,
        channels=tuple(dict.fromkeys(p.channel for p in parts)),
        amplitude=Amplitude(value_uv=round(swing, 2), kind="pp") if np.isfinite(swing) else None,
        per_channel=parts,
    )


class Quality(NamedTuple):
    """How much of a stretch an artifact spoils."""

    grade: Literal["good", "fair", "poor"]
    bad_share: float
    """Share of channel-seconds under an artifact."""


def quality(artifacts: Sequence[Event], channels: Sequence[str], onset: float, duration: float) -> Quality:
    """Grade a stretch by the share of its channel-seconds that lies in an artifact.

    Parameters
    ----------
    artifacts : sequence of Event
        Muscle, flat, extreme, bad channels and movement count; blinks and hum leave a record readable.
    channels : sequence of str
        The channels in view.
    onset, duration : float
        The stretch, in seconds.

    Returns
    -------
    Quality
        Good below 10 %, fair below 50 %, else poor.
    """
    rows = {name: row for row, name in enumerate(channels)}
    grid: Bools = np.zeros((len(channels), max(1, round(duration * 10))), dtype=bool)
    for event in artifacts:
        if event.label not in {"hfnoise", "flat", "extreme", "bad_channel", "movement", "chewing"}:
            continue
        spans = event.per_channel or tuple(
            ChannelSpan(channel=c, onset=event.onset, duration=event.duration)
            for c in event.channels or channels
        )
        for span in spans:
            if span.channel in rows:
                start = max(0, int((span.onset - onset) * 10))
                stop = int(np.ceil((span.onset + span.duration - onset) * 10))
                grid[rows[span.channel], start : max(stop, 0)] = True
    share = float(grid.mean()) if grid.size else 0.0
    return Quality("poor" if share >= 0.5 else "fair" if share >= 0.1 else "good", round(share, 3))
