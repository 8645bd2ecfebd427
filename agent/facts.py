"""What tools established in a thread: the only ground an answer may stand on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from knowledge.types import Citation
from tools.types import Analysed, Event, Measurement, NotAnalysed, Page, Record

EVENTS_KEPT = 200
"""Events of one result that are kept one by one; beyond it only their count is."""


class Facts(Record):
    """The outcome of one tool call, in records: the artifact beside the words for the model."""

    tool: str
    ok: bool = True
    measurements: tuple[Measurement, ...] = ()
    events: tuple[Event, ...] = ()
    event_counts: dict[str, int] = {}
    """Events found per label, those beyond ``EVENTS_KEPT`` included."""
    analysed: Analysed | None = None
    not_analysed: tuple[NotAnalysed, ...] = ()
    citations: tuple[Citation, ...] = ()
    page: Page | None = None
    channels: tuple[str, ...] = ()
    """Channels the call looked at."""
    notes: tuple[str, ...] = ()
    """Sentences for the user: what was changed or limited on the way."""
    payload: dict[str, Any] = {}
    """The tool's own record where it has one (a description, a background), as plain JSON."""


def keep(events: Iterable[Event]) -> tuple[tuple[Event, ...], dict[str, int]]:
    """Limit events to those worth keeping one by one, with the count of all per label."""
    counts: dict[str, int] = {}
    kept: list[Event] = []
    for event in events:
        counts[event.label] = counts.get(event.label, 0) + 1
        if len(kept) < EVENTS_KEPT:
            kept.append(event)
    return tuple(kept), counts


def derived(event: Event) -> Iterator[Measurement]:
    """Spell out an event's own numbers as measurements, so that a statement can cite them."""
    place = {"onset": event.onset, "duration": event.duration, "channels": event.channels}
    tool = event.source

    def number(quantity: str, value: float, unit: str, **more: object) -> Measurement:
        return Measurement.model_validate(
            {
                **place,
                "quantity": f"{event.label} {quantity}",
                "value": value,
                "unit": unit,
                "tool": tool,
                **more,
            }
        )

    yield number("onset", event.onset, "s")
    yield number("end", event.onset + event.duration, "s")
    yield number("duration", event.duration, "s")
    if event.amplitude:
        yield number("amplitude", event.amplitude.value_uv, "uV", amplitude_kind=event.amplitude.kind)
    if event.frequency_hz is not None:
        yield number("frequency", event.frequency_hz, "Hz")
    if event.confidence is not None:
        yield number("confidence", event.confidence, "")


def count_measurement(facts: Facts, label: str, place: Analysed, onset: float) -> Measurement:
    """State how many events of a label a result holds, zero included."""
    return Measurement(
        onset=onset,
        duration=place.seconds,
        channels=(),
        quantity=f"{label} count",
        value=float(facts.event_counts.get(label, 0)),
        unit="count",
        tool=facts.tool,
    )
