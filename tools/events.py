"""The algebra of events: merge, overlap, match, mask, and the table form of the BIDS standard."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.labels import to_labels
from tools.types import Amplitude, ChannelSpan, Event, Place, ToolError
from tools.whole import write_whole

COLUMNS = (
    "onset", "duration", "trial_type", "channel", "confidence", "source", "amplitude_uv", "amplitude_kind",
    "frequency_hz", "masked_by",
)  # fmt: skip
"""Columns of an events table; the first three are those that BIDS prescribes."""

Bools = NDArray[np.bool_]


def overlap(first: Place, second: Place) -> float:
    """Seconds for which both last; 0 when they do not meet."""
    stop = min(first.onset + first.duration, second.onset + second.duration)
    return max(0.0, stop - max(first.onset, second.onset))


def iou(first: Place, second: Place) -> float:
    """Intersection over union of two spans of time, 0 to 1; channels are not compared."""
    common = overlap(first, second)
    union = first.duration + second.duration - common
    return min(1.0, common / union) if union > 0 else 0.0


def clip(event: Event, start: float, stop: float) -> Event | None:
    """Keep the part of an event between two times; None where nothing is left."""
    first, last = max(event.onset, start), min(event.onset + event.duration, stop)
    if last <= first and not (event.duration == 0 and start <= event.onset < stop):
        return None
    if first == event.onset and last == event.onset + event.duration:
        return event
    spans = tuple(
        ChannelSpan(
            channel=span.channel,
            onset=max(span.onset, start),
            duration=min(span.onset + span.duration, stop) - max(span.onset, start),
        )
        for span in event.per_channel
        if span.onset < stop and span.onset + span.duration > start
    )
    return event.model_copy(update={"onset": first, "duration": last - first, "per_channel": spans})


def shares_channels(first: Place, second: Place) -> bool:
    """Whether two places have a channel in common; a place without channels covers all."""
    return not first.channels or not second.channels or not set(first.channels).isdisjoint(second.channels)


def merge(events: Iterable[Event], gap: float = 0.0) -> tuple[Event, ...]:
    """Join events of one label that overlap or lie at most `gap` seconds apart.

    The joined event lasts from the first start to the last end, has the channels of all, and keeps what
    else is known from its longest part (its largest amplitude among them).

    Parameters
    ----------
    events : iterable of Event
        In any order.
    gap : float
        Seconds.

    Returns
    -------
    tuple of Event
        In order of onset.
    """
    joined: list[list[Event]] = []
    for event in sorted(events, key=lambda e: (e.label, e.onset, e.duration)):
        if joined and event.label == joined[-1][0].label and event.onset <= _end(joined[-1]) + gap:
            joined[-1].append(event)
        else:
            joined.append([event])
    return tuple(sorted((_join(parts) for parts in joined), key=lambda e: (e.onset, e.label)))


def _end(parts: Sequence[Event]) -> float:
    return max(part.onset + part.duration for part in parts)


def _join(parts: Sequence[Event]) -> Event:
    if len(parts) == 1:
        return parts[0]
    longest = max(parts, key=lambda part: part.duration)
    sized = [part.amplitude for part in parts if part.amplitude is not None]
    graded = [part.confidence for part in parts if part.confidence is not None]
    # An event without channels covers all of them, and so does whatever it is joined with.
    everywhere = any(not part.channels for part in parts)
    channels = () if everywhere else tuple(dict.fromkeys(c for part in parts for c in part.channels))
    return longest.model_copy(
        update={
            "onset": parts[0].onset,
            "duration": _end(parts) - parts[0].onset,
            "channels": channels,
            "confidence": max(graded) if graded else None,
            "amplitude": max(sized, key=lambda a: a.value_uv) if sized else None,
            "per_channel": _joined_spans([span for part in parts for span in part.per_channel]),
        }
    )


def _joined_spans(spans: Sequence[ChannelSpan]) -> tuple[ChannelSpan, ...]:
    """Spans per channel, those that touch made one; channels in their order of appearance."""
    joined: dict[str, list[tuple[float, float]]] = {span.channel: [] for span in spans}
    for span in sorted(spans, key=lambda s: s.onset):
        parts, stop = joined[span.channel], span.onset + span.duration
        if parts and span.onset <= parts[-1][1] + 1e-6:
            parts[-1] = (parts[-1][0], max(stop, parts[-1][1]))
        else:
            parts.append((span.onset, stop))
    return tuple(
        ChannelSpan(channel=channel, onset=start, duration=stop - start)
        for channel, parts in joined.items()
        for start, stop in parts
    )


class Match(NamedTuple):
    """How found events compare with the truth."""

    pairs: tuple[tuple[int, int], ...]
    """Indices into truth and found, best overlap first."""
    precision: float | None
    """Share of what was found that is true; None when nothing was found."""
    recall: float | None
    """Share of the truth that was found; None when there was nothing to find."""
    f1: float | None
    """Harmonic mean of both; None when there was nothing to find and nothing was found."""


def match(truth: Sequence[Place], found: Sequence[Place], minimum_iou: float = 0.2) -> Match:
    """Pair found events with true ones, each at most once, the best overlaps first.

    Parameters
    ----------
    truth, found : sequence of Place
        In any order; labels are not compared.
    minimum_iou : float
        Pairs that overlap less do not count, 0 < `minimum_iou` <= 1.

    Returns
    -------
    Match

    Notes
    -----
    Greedy by IoU. An empty side gives None rather than a score of 0 or 1, since nothing was measured.

    References
    ----------
    Warby et al. (2014), Nature Methods 11:385, https://doi.org/10.1038/nmeth.2855 (by-event scoring).
    """
    pairs: list[tuple[int, int]] = []
    taken_truth: set[int] = set()
    taken_found: set[int] = set()
    for _, t, f in sorted(_candidates(truth, found, minimum_iou), key=lambda c: (-c[0], c[1], c[2])):
        if t not in taken_truth and f not in taken_found:
            pairs.append((t, f))
            taken_truth.add(t)
            taken_found.add(f)
    precision = len(pairs) / len(found) if found else None
    recall = len(pairs) / len(truth) if truth else None
    total = len(truth) + len(found)
    return Match(tuple(pairs), precision, recall, 2 * len(pairs) / total if total else None)


def _candidates(
    truth: Sequence[Place], found: Sequence[Place], minimum_iou: float
) -> list[tuple[float, int, int]]:
    """Every pair that overlaps enough; sorted starts keep a night's worth of events quick."""
    order = sorted(range(len(found)), key=lambda f: found[f].onset)
    starts = np.array([found[f].onset for f in order])
    longest = max((place.duration for place in found), default=0.0)
    pairs = []
    for t, place in enumerate(truth):
        low = int(np.searchsorted(starts, place.onset - longest, "left"))
        high = int(np.searchsorted(starts, place.onset + place.duration, "right"))
        for f in order[low:high]:
            value = iou(place, found[f])
            if value >= minimum_iou and value > 0:
                pairs.append((value, t, f))
    return pairs


def mask(events: Sequence[Event], artifacts: Sequence[Event], share: float = 0.5) -> tuple[Event, ...]:
    """Mark the events that lie in an artifact; none is dropped, for a reader may know better.

    Parameters
    ----------
    events : sequence of Event
        What may be doubtful.
    artifacts : sequence of Event
        What makes it so, in the channels in which it was seen.
    share : float
        Part of the event, over time and over its channels, that an artifact has to cover.

    Returns
    -------
    tuple of Event
        In the order given, with ``masked_by`` set to the label of the artifact that covers most.
    """
    longest = max((artifact.duration for artifact in artifacts), default=0.0)
    ordered = sorted(artifacts, key=lambda a: a.onset)
    starts = np.array([artifact.onset for artifact in ordered])
    masked = []
    for event in events:
        low = int(np.searchsorted(starts, event.onset - longest, "left"))
        high = int(np.searchsorted(starts, event.onset + event.duration, "right"))
        cover = [(_covered(event, a), a.label) for a in ordered[low:high] if a.label != event.label]
        best = max(cover, default=(0.0, ""))
        hit = best[0] > 0 and best[0] >= share
        masked.append(event.model_copy(update={"masked_by": best[1]}) if hit else event)
    return tuple(masked)


def _covered(event: Event, artifact: Event) -> float:
    """Share of an event that an artifact covers, over time and channels."""
    if overlap(event, artifact) <= 0 or not shares_channels(event, artifact):
        return 0.0
    if not event.channels or not artifact.per_channel:
        common = set(event.channels) & set(artifact.channels) if artifact.channels else set(event.channels)
        part = len(common) / len(event.channels) if event.channels else 1.0
        return part * overlap(event, artifact) / max(event.duration, 1e-9)
    seconds = sum(
        overlap(event, Place(onset=span.onset, duration=span.duration))
        for span in artifact.per_channel
        if span.channel in event.channels
    )
    return seconds / (max(event.duration, 1e-9) * len(event.channels))


def runs(flags: Bools) -> list[tuple[int, int]]:
    """Start and stop (exclusive) of every run of True in a one-dimensional array."""
    padded = np.concatenate([[False], np.asarray(flags, dtype=bool), [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


# --- tables --------------------------------------------------------------------------------------


def write_tsv(events: Iterable[Event], path: Path) -> Path:
    """Write events as a tab-separated table with BIDS columns, ``n/a`` where a value is missing.

    Channels of one event are joined by commas; an event on all channels has ``n/a``.

    Raises
    ------
    ToolError
        If the file cannot be written.
    """
    table = io.StringIO()
    writer = csv.writer(table, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(event) for event in sorted(events, key=lambda e: (e.onset, e.label)))
    write_whole(path, table.getvalue().encode())
    return path


def _row(event: Event) -> list[str]:
    size, kind = (event.amplitude.value_uv, event.amplitude.kind) if event.amplitude else (None, None)
    values = (
        round(event.onset, 4), round(event.duration, 4), event.label, ",".join(event.channels) or None,
        event.confidence, event.source, size, kind, event.frequency_hz, event.masked_by,
    )  # fmt: skip
    return ["n/a" if value is None else str(value) for value in values]


def read_tsv(path: Path) -> tuple[Event, ...]:
    """Read an events table; only onset, duration and trial_type have to be there.

    Raises
    ------
    ToolError
        If the file cannot be read as such a table or names a label outside the vocabulary.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise ToolError(
            "The events table cannot be read; a tab-separated text file is needed.", field="events"
        ) from None
    return tuple(_event(row, number) for number, row in enumerate(rows, start=2))


def _event(row: dict[str, str | None], number: int) -> Event:
    def text(column: str) -> str | None:
        value = row.get(column)
        return None if value is None or value in {"", "n/a"} else value

    def value(column: str) -> float | None:
        given = text(column)
        return None if given is None else float(given)

    try:
        size, kind = value("amplitude_uv"), text("amplitude_kind")
        onset, duration = float(text("onset") or "nan"), float(text("duration") or "nan")
        if not (math.isfinite(onset) and math.isfinite(duration)):
            raise ValueError
        return Event(
            label=to_labels(text("trial_type") or "")[0],
            onset=onset,
            duration=duration,
            channels=tuple((text("channel") or "").split(",")) if text("channel") else (),
            source=text("source") or "table",
            confidence=value("confidence"),
            amplitude=Amplitude.model_validate({"value_uv": size, "kind": kind}) if kind else None,
            frequency_hz=value("frequency_hz"),
            masked_by=text("masked_by"),
        )
    except (ValueError, IndexError):
        raise ToolError(
            f"Line {number} of the events table has no valid onset, duration and trial_type.", field="events"
        ) from None
