"""The one way to get signal for a page or a measurement: read, re-reference, filter, cut."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tools.bad_channels import unfit_for_average
from tools.filters import apply_filters, check_filters, filter_page, padding
from tools.montage import apply_montage, montage_name
from tools.types import Filters, Kind, Segment, ToolError

if TYPE_CHECKING:
    from tools.io import OpenRecording

_JUDGED = 10.0  # s of signal by which channels are called bad, at least


def prepare(
    recording: OpenRecording,
    onset: float,
    duration: float,
    *,
    montage: str = "average",
    filters: Filters = Filters(),  # noqa: B008 (frozen)
    channels: Sequence[str] | None = None,
    kinds: Sequence[Kind] = ("eeg",),
    bad: Sequence[str] | None = None,
    left_first: bool = True,
) -> Segment:
    """Give a stretch of a recording in a montage and filtered, equal to that of the whole recording.

    Reads with as much context as the filters need, clipped at the ends of the file.

    Parameters
    ----------
    recording : OpenRecording
        From ``tools.io.open_recording``.
    onset, duration : float
        In seconds; a span beyond the end is cut there.
    montage : str
        One of ``tools.montage.MONTAGES`` or a synonym.
    filters : Filters
        Zero phase; see ``tools.filters``.
    channels : sequence of str, optional
        Channels of the montage (``"T3-C3"`` in longitudinal) to keep, in this order. All EEG is read
        nevertheless, because references need it.
    kinds : sequence of Kind
        What to keep when ``channels`` is not given.
    bad : sequence of str, optional
        Channels kept out of the average. Looked for in the signal when None.
    left_first : bool
        Order of the sides.

    Returns
    -------
    Segment
        Of exactly the samples that ``recording.read(onset, duration)`` gives.

    Raises
    ------
    ToolError
        If the place, a channel, the montage or a filter does not fit the recording.
    """
    montage = montage_name(montage)
    _check_place(recording, onset, duration)
    names = _names_to_read(recording, montage, channels, kinds)
    sfreq = next((c.sfreq for c in recording.info.channels if c.name in names), 0.0)
    context = 0.0
    if sfreq:
        check_filters(filters, sfreq)
        context = padding(filters, sfreq)
    first = max(0.0, onset - context)
    segment = recording.read(first, onset + duration - first + context, names)
    if "eeg" in segment.kinds and montage != "as_recorded":
        found = _bad_channels(segment, montage, onset, duration) if bad is None else bad
    else:
        montage, found = "as_recorded", ()

    def derive(part: Segment) -> Segment:
        part = apply_montage(part, montage, bad=found, left_first=left_first)
        return part.pick_kinds(*kinds) if channels is None else part.pick(_spelt(part, channels))

    ends = (first == 0, segment.onset + segment.duration > recording.info.duration - 0.5 / segment.sfreq)
    if filters == Filters() or not np.isfinite(segment.data.sum()):
        return _cut(apply_filters(derive(segment), filters, extend=ends), onset, duration)
    start, stop = _samples(segment, onset, duration)
    return filter_page(segment, start, stop, filters, derive=derive, extend=ends)


def _check_place(recording: OpenRecording, onset: float, duration: float) -> None:
    total = recording.info.duration
    if not 0 <= onset < total:
        raise ToolError(f"The start must lie between 0 and {total:g} s.", field="start")
    if not 0 < duration < math.inf:
        raise ToolError("The duration must be more than 0 s.", field="duration")


def _spelt(segment: Segment, channels: Sequence[str]) -> list[str]:
    """Channel names as the montage spells them, whatever the case they were asked for in."""
    known = {name.lower(): name for name in segment.channels}
    return [name if name in segment.channels else known.get(name.lower(), name) for name in channels]


def _names_to_read(
    recording: OpenRecording, montage: str, channels: Sequence[str] | None, kinds: Sequence[Kind]
) -> list[str]:
    """Channels asked for, and whatever their reference is computed from."""
    info = recording.info
    if channels is not None and montage == "as_recorded":
        return list(channels)
    asked = {name.lower() for name in channels or ()}
    wanted = [c for c in info.channels if (c.kind in kinds if channels is None else c.name.lower() in asked)]
    if channels is not None and len(wanted) == len(asked) and all(c.kind != "eeg" for c in wanted):
        return list(channels)
    if not wanted:
        wanted = [channel for channel in info.channels if channel.kind == "eeg"]
    helpers = ("eeg", "reference") if montage in ("ears", "mastoids") else ("eeg",)
    # One segment has one rate: that of what was asked for by name, else the commonest.
    rate = Counter(c.sfreq for c in wanted).most_common(1)[0][0] if wanted else None
    needed = {c.name for c in wanted if channels is not None or c.sfreq == rate}
    needed |= {c.name for c in info.channels if c.kind in helpers and c.sfreq == rate}
    return [channel.name for channel in info.channels if channel.name in needed]


def _bad_channels(segment: Segment, montage: str, onset: float, duration: float) -> tuple[str, ...]:
    """Channels that no average may hold; the other montages show them as they are.

    Judged on the stretch itself, or on 10 s around a shorter one.
    """
    if montage not in ("average", "laplacian"):
        return ()
    spare = max(_JUDGED - duration, 0) / 2
    judged = _cut(segment, max(onset - spare, segment.onset), max(duration, _JUDGED))
    return unfit_for_average(judged)


def _samples(segment: Segment, onset: float, duration: float) -> tuple[int, int]:
    """Give the samples that reading this stretch alone would give."""
    first = round(segment.onset * segment.sfreq)
    start = min(round(onset * segment.sfreq) - first, segment.data.shape[1] - 1)
    stop = min(round((onset + duration) * segment.sfreq) - first, segment.data.shape[1])
    return start, max(stop, start + 1)


def _cut(segment: Segment, onset: float, duration: float) -> Segment:
    start, stop = _samples(segment, onset, duration)
    return replace(segment, data=segment.data[:, start:stop], onset=segment.onset + start / segment.sfreq)
