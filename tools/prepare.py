"""The one way to get signal for a page or a measurement: read, re-reference, filter, cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tools.filters import apply_filters, check_filters, padding
from tools.montage import apply_montage, montage_name
from tools.types import Filters, Kind, Segment, ToolError

if TYPE_CHECKING:
    from tools.io import OpenRecording

_FLAT_UV = 0.1  # peak to peak below this is no brain


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
    names = _names_to_read(recording, montage, channels, kinds)
    context = padding(filters)
    first = max(0.0, onset - context) if onset > 0 else onset
    segment = recording.read(first, onset + duration - first + context, names)
    check_filters(filters, segment.sfreq)
    if "eeg" in segment.kinds and montage != "as_recorded":
        found = _bad_channels(segment, montage) if bad is None else bad
        segment = apply_montage(segment, montage, bad=found, left_first=left_first)
    segment = segment.pick(channels) if channels is not None else segment.pick_kinds(*kinds)
    ends = (first <= 0, segment.onset + segment.duration >= recording.info.duration - 0.5 / segment.sfreq)
    return _cut(apply_filters(segment, filters, extend=ends), onset, duration)


def _names_to_read(
    recording: OpenRecording, montage: str, channels: Sequence[str] | None, kinds: Sequence[Kind]
) -> list[str]:
    """Channels asked for, and whatever their reference is computed from."""
    info = recording.info
    by_name = {channel.name: channel for channel in info.channels}
    if channels is not None and montage == "as_recorded":
        return list(channels)
    wanted = [by_name[name] for name in channels or () if name in by_name]
    if channels is None:
        wanted = [channel for channel in info.channels if channel.kind in kinds]
    if channels is not None and len(wanted) == len(channels) and all(c.kind != "eeg" for c in wanted):
        return list(channels)
    if not wanted:
        wanted = [channel for channel in info.channels if channel.kind == "eeg"]
    helpers = ("eeg", "reference") if montage in ("ears", "mastoids") else ("eeg",)
    # One segment has one rate: that of what was asked for by name, else the commonest.
    rate = Counter(c.sfreq for c in wanted).most_common(1)[0][0] if wanted else None
    needed = {c.name for c in wanted if channels is not None or c.sfreq == rate}
    needed |= {c.name for c in info.channels if c.kind in helpers and c.sfreq == rate}
    return [channel.name for channel in info.channels if channel.name in needed]


def _bad_channels(segment: Segment, montage: str) -> tuple[str, ...]:
    """Channels that no average may hold; the other montages show them as they are."""
    if montage not in ("average", "laplacian"):
        return ()
    with np.errstate(invalid="ignore"):
        swing = np.ptp(segment.data, axis=1)
    lifeless = ~(swing >= _FLAT_UV) & ~(np.isnan(swing) & np.isfinite(segment.data).any(axis=1))
    return tuple(name for name, dead in zip(segment.channels, lifeless, strict=True) if dead)


def _cut(segment: Segment, onset: float, duration: float) -> Segment:
    start = round((onset - segment.onset) * segment.sfreq)
    stop = min(start + round(duration * segment.sfreq), segment.data.shape[1])
    if stop <= start:
        raise ToolError(
            f"{duration:g} s hold no sample at {segment.sfreq:g} Hz; ask for a longer stretch.",
            field="duration",
        )
    return replace(segment, data=segment.data[:, start:stop], onset=segment.onset + start / segment.sfreq)
