"""Which of several events is meant: the largest, the second, the next one after this page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tools.types import Event, Page


def _height(event: Event) -> float:
    return event.amplitude.value_uv if event.amplitude else 0.0


def _rate(event: Event) -> float:
    return event.frequency_hz or 0.0


_RANKED: dict[str, tuple[Callable[[Event], float], bool]] = {
    "largest": (_height, True), "smallest": (_height, False),
    "longest": (lambda event: event.duration, True), "shortest": (lambda event: event.duration, False),
    "fastest": (_rate, True), "slowest": (_rate, False),
    "first": (lambda event: event.onset, False), "last": (lambda event: event.onset, True),
}  # fmt: skip


def pick(events: Sequence[Event], which: str, page: Page) -> Event | None:
    """Choose one event; ``next`` and ``previous`` count from the page in view. None when there is none."""
    standing = [event for event in events if not event.masked_by] or list(events)
    if which == "next":
        standing = [event for event in standing if event.onset >= page.onset + page.duration]
        return min(standing, key=lambda event: event.onset, default=None)
    if which == "previous":
        standing = [event for event in standing if event.onset < page.onset]
        return max(standing, key=lambda event: event.onset, default=None)
    key, highest = _RANKED[which]
    return (max if highest else min)(standing, key=key, default=None)
