"""Spans of single channels, and the events that they make together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np


class Span(NamedTuple):
    """Samples of one channel in which something was found; `size` orders spans of one event."""

    row: int
    start: int
    stop: int
    size: float


def group(spans: Sequence[Span], together: Callable[[Span, Span], bool]) -> list[list[Span]]:
    """Put spans of different channels into events, the largest span of each first.

    Taken from large to small, a span joins the largest one it belongs with; so a chain of neighbours cannot
    grow into one endless event.
    """
    waiting = sorted(spans, key=lambda span: (-span.size, span.start, span.row))
    starts = np.array([span.start for span in waiting])
    stops = np.array([span.stop for span in waiting])
    free = np.ones(len(waiting), dtype=bool)
    groups: list[list[Span]] = []
    for index, leader in enumerate(waiting):
        if not free[index]:
            continue
        near = np.flatnonzero(free & (starts < leader.stop) & (stops > leader.start))
        members = [int(i) for i in near if i == index or together(leader, waiting[i])]
        free[members] = False
        groups.append([waiting[i] for i in members])
    return sorted(groups, key=lambda members: members[0].start)


def half_shared(leader: Span, other: Span) -> bool:
    """Whether two spans overlap by half of the shorter one or more."""
    common = min(leader.stop, other.stop) - max(leader.start, other.start)
    return common >= 0.5 * min(leader.stop - leader.start, other.stop - other.start)
