"""What is listed of what the detectors found block by block: joined at borders, explained, masked, cut."""

from __future__ import annotations

from collections.abc import Sequence

from tools.detectors import DETECTOR_OF
from tools.events import clip, iou, mask, merge, shares_channels
from tools.types import Event

SEAM = 1.0
"""Seconds around the border of two blocks in which both may claim an event."""


def add_block(found: list[Event], events: Sequence[Event], start: float, stop: float) -> list[Event]:
    """Add the events that belong to a block; near its borders the block before has the first word."""
    for event in events:
        if DETECTOR_OF[event.label].lasting:
            part = clip(event, start, stop)
            if part is not None:
                found.append(part)
            continue
        if not start - SEAM <= event.onset < stop + SEAM:
            continue
        near_a_border = event.onset < start + SEAM
        if near_a_border and any(
            other.label == event.label and iou(other, event) > 0.3 and shares_channels(other, event)
            for other in found
        ):
            continue
        found.append(event)
    return found


def listed(
    found: Sequence[Event], wanted: Sequence[str], start: float, stop: float, channels: Sequence[str] | None
) -> tuple[Event, ...]:
    """Join what lasts, mask, keep what was asked for, and cut at the limits of the stretch."""
    joined = [event for event in found if not DETECTOR_OF[event.label].lasting]
    states: dict[tuple[object, ...], list[Event]] = {}
    for event in found:
        if DETECTOR_OF[event.label].lasting:
            # Bad channels are states of single channels, hum of a frequency, the rest of the head.
            own = event.channels if event.label == "bad_channel" else ()
            hum = event.frequency_hz if event.label == "line_noise" else None
            states.setdefault((event.label, own, hum), []).append(event)
    for parts in states.values():
        joined += merge(parts, gap=0.02)
    masked = [
        event
        for label in dict.fromkeys(event.label for event in joined)
        if label in wanted
        for event in weighed(label, joined)
    ]
    cut = [clip(event, start, stop) for event in masked]
    seen = [in_channels(event, channels) for event in cut if event is not None]
    return tuple(sorted((e for e in seen if e is not None), key=lambda e: (e.onset, e.label, e.channels)))


def weighed(label: str, joined: Sequence[Event]) -> tuple[Event, ...]:
    """The events of a label without those that another label explains, and with what masks the rest."""
    entry = DETECTOR_OF[label]
    explained = mask(
        [event for event in joined if event.label == label and not _of_a_run(event)],
        [_everywhere(event) for event in joined if event.label in entry.explained_by],
    ) + tuple(event for event in joined if event.label == label and _of_a_run(event))
    events = [event for event in explained if event.masked_by is None]
    artifacts = [event for event in joined if event.label in entry.masked_by]
    blinks = [_everywhere(event) for event in artifacts if event.label == "eyem"]
    # A blink is shorter than the slow waves that it imitates at the back in average reference.
    return mask(mask(events, blinks, share=0.15), artifacts)


def _of_a_run(event: Event) -> bool:
    """Whether it is a complex of a run: a rhythm without gaps, which no pattern of single discharges explains."""
    return event.label == "spsw" and event.frequency_hz is not None


def _everywhere(event: Event) -> Event:
    """The event as one that reaches all channels: the field of the eyes does, whatever is listed."""
    return event.model_copy(update={"channels": (), "per_channel": ()})


def in_channels(event: Event, channels: Sequence[str] | None) -> Event | None:
    """The event as far as these channels take part in it; None where they do not."""
    if channels is None or not event.channels:
        return event
    common = tuple(name for name in event.channels if name in channels)
    spans = tuple(span for span in event.per_channel if span.channel in channels)
    return event.model_copy(update={"channels": common, "per_channel": spans}) if common else None
