"""Found events against known truth: F1 with events that do not count, and average precision per channel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from models.truth import Planted
from tools.events import iou
from tools.types import Event, Place

TRANSIENT = frozenset(("spike", "sharp", "vertex", "pop"))
"""Waves of under 0.2 s, of which the peak is compared; everything longer is compared by overlap."""
PEAK_S = 0.08
LEAST_IOU = 0.5
COUNTED = ("easy", "medium")
"""Strata whose events must be found; harder ones count neither as found nor as missed."""


class Tally(NamedTuple):
    """Counts over any number of segments."""

    hits: int = 0
    missed: int = 0
    false: int = 0

    def __add__(self, other: object) -> Tally:
        if not isinstance(other, Tally):
            return NotImplemented
        return Tally(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def precision(self) -> float | None:
        """Share of what was found that is true; None when nothing was found."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else None

    @property
    def recall(self) -> float | None:
        """Share of the truth that was found; None when there was nothing to find."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both; None when there was nothing to find and nothing was found."""
        total = 2 * self.hits + self.missed + self.false
        return 2 * self.hits / total if total else None


def agree(truth: Planted, found: Event) -> float:
    """How well a found event fits a true one in time, 0 where it does not match; channels are not compared.

    Transients match when the middle of the found event lies within 80 ms of the true peak, longer events from
    an intersection over union of 0.5 on.
    """
    if truth.event.label in TRANSIENT:
        distance = abs(found.onset + found.duration / 2 - truth.peak)
        return 1.0 - distance / (2 * PEAK_S) if distance <= PEAK_S else 0.0
    value = iou(truth.event, found)
    return value if value >= LEAST_IOU else 0.0


def tally(truth: Sequence[Planted], found: Sequence[Event], *, same_label: bool = True) -> Tally:
    """Match the events of one segment, best fit first, each at most once.

    Parameters
    ----------
    truth : sequence of Planted
        Of the labels in question. Events under an artifact (``masked_by``), and those of strata that are not
        `COUNTED`, may be found or not.
    found : sequence of Event
        Of the same labels; those that an artifact masks are not called and do not count.
    same_label : bool
        Whether labels have to be equal: a left and a right gaze do, a spike and a sharp wave may not.
    """
    called = [event for event in found if event.masked_by is None]
    fits = sorted(
        ((value, t, f)
         for t, entry in enumerate(truth)
         for f, event in enumerate(called)
         if (not same_label or event.label == entry.event.label) and (value := agree(entry, event)) > 0),
        key=lambda fit: (-fit[0], fit[1], fit[2]),
    )  # fmt: skip
    of_truth: dict[int, int] = {}
    used: set[int] = set()
    for _, t, f in fits:
        if t not in of_truth and f not in used:
            of_truth[t] = f
            used.add(f)
    must = [t for t, entry in enumerate(truth) if counts(entry)]
    hits = sum(t in of_truth for t in must)
    # A wave that is drawn by several planted events is found once; further marks on it are not inventions.
    spare = [
        f
        for f, event in enumerate(called)
        if f not in used and any(agree(e, event) > 0 for e in truth if not counts(e))
    ]
    return Tally(hits, len(must) - hits, len(called) - len(used) - len(spare))


def counts(entry: Planted) -> bool:
    """Whether a true event has to be found."""
    return entry.event.masked_by is None and entry.stratum in COUNTED


class Box(NamedTuple):
    """One channel's part in an event of one segment."""

    segment: int
    channel: str
    place: Place
    confidence: float = 0.5


def boxes(segment: int, events: Iterable[Event]) -> list[Box]:
    """The boxes of events, one for each channel; an event that is not graded counts with 0.5."""
    return [
        Box(segment, span.channel, Place(onset=span.onset, duration=span.duration), event.confidence or 0.5)
        for event in events
        if event.masked_by is None
        for span in event.per_channel
    ]


def average_precision(truth: Sequence[Box], found: Sequence[Box]) -> float | None:
    """1-D average precision at IoU 0.5 of one label over all segments, channel by channel.

    Found boxes are taken by falling confidence; each claims the true box of its channel that it overlaps
    best and that is still free. All-point interpolation. None where there is no true box.
    """
    if not truth:
        return None
    places: dict[tuple[int, str], list[Place]] = {}
    for box in truth:
        places.setdefault((box.segment, box.channel), []).append(box.place)
    right = []
    for box in sorted(found, key=lambda b: -b.confidence):
        free = places.get((box.segment, box.channel), [])
        best = max(free, key=lambda place: iou(place, box.place), default=None)
        hit = best is not None and iou(best, box.place) >= LEAST_IOU
        if hit and best is not None:
            free.remove(best)
        right.append(hit)
    if not right:
        return 0.0
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    recall = np.concatenate([[0.0], hits / len(truth)])
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall) * best_from_here))
