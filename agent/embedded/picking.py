"""Which of several events is meant: the largest, the second, the next one after this page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.facts import RANKINGS
from tools.types import Event, Page

_RANKED: dict[str, tuple[Callable[[Event], float], bool]] = {
    "largest": (RANKINGS["height"], True), "smallest": (RANKINGS["height"], False),
    "longest": (RANKINGS["duration"], True), "shortest": (RANKINGS["duration"], False),
    "fastest": (RANKINGS["rate"], True), "slowest": (RANKINGS["rate"], False),
    "first": (RANKINGS["time"], False), "last": (RANKINGS["time"], True),
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


def in_order(events: Sequence[Event], which: str) -> list[Event]:
    """Events from the one that is meant most to the one that is meant least; as they are where no ranking is."""
    if which not in _RANKED:
        return list(events)
    key, highest = _RANKED[which]
    standing = [event for event in events if not event.masked_by] or list(events)
    return sorted(standing, key=key, reverse=highest)
