"""What tools established in a thread: the only ground an answer may stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from knowledge.types import Citation
from tools.types import Analysed, Event, Measurement, NotAnalysed, Page, Place, Record

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


def keep(events: Iterable[Event], page: Place | None = None) -> tuple[tuple[Event, ...], dict[str, int]]:
    """Limit events to those worth keeping one by one, with the count of all per label.

    The tallest, longest, fastest and the like of each label are kept whatever their place, the neighbours of the
    page in view too, so that what is picked from the kept ones is what would be picked from all.
    """
    found = list(events)
    counts: dict[str, int] = {}
    for event in found:
        counts[event.label] = counts.get(event.label, 0) + 1
    if len(found) <= EVENTS_KEPT:
        return tuple(found), counts
    chosen: dict[int, None] = {}
    few = min(4, max(1, EVENTS_KEPT // (10 * len(counts))))
    for label in counts:
        mine = [i for i, event in enumerate(found) if event.label == label]
        standing = [i for i in mine if not found[i].masked_by] or mine
        chosen.update(dict.fromkeys(_telling(found, standing, page, few)))
    for i in range(len(found)):
        if len(chosen) >= EVENTS_KEPT:
            break
        chosen[i] = None
    return tuple(found[i] for i in sorted(chosen)), counts


def _telling(found: list[Event], standing: list[int], page: Place | None, few: int) -> Iterator[int]:
    """Events that a question may single out: the ends of every ranking, and those next to the page."""
    for rank in RANKINGS.values():
        ordered = sorted(standing, key=lambda i: rank(found[i]))
        yield from (*ordered[:few], *ordered[-few:])
    if page is not None:
        after = [i for i in standing if found[i].onset >= page.onset + page.duration]
        yield from after[:few]
        yield from [i for i in standing if found[i].onset < page.onset][-few:]


def _height(event: Event) -> float:
    return event.amplitude.value_uv if event.amplitude else 0.0


RANKINGS: dict[str, Callable[[Event], float]] = {
    "height": _height, "duration": lambda event: event.duration,
    "rate": lambda event: event.frequency_hz or 0.0, "time": lambda event: event.onset,
}  # fmt: skip
"""What events are put in order by."""


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
