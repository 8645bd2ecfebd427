"""Whether confidences mean what they say: of what is told with 80 %, is 80 % right?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from evals.metrics import Row
from evals.scoring import agree
from models.truth import Planted
from tools.types import Event

EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


class Bin(NamedTuple):
    """What was told with about the same confidence."""

    low: float
    high: float
    n: int
    confidence: float
    """Mean."""
    right: float
    """Share."""


class Calibration(NamedTuple):
    """Confidences of one kind beside what came true."""

    bins: tuple[Bin, ...]
    """Without the empty ones."""
    error: float
    """Expected calibration error: mean distance of confidence and share right, weighted by count."""


def calibration(rows: Sequence[Row]) -> dict[str, Calibration]:
    """Compare confidences with the truth, of events and of stages; empty where no reply carries any.

    An event is right if it agrees with a true one of its label in time; those under an artifact do not count.
    """
    events = [
        pair for row in rows if row.kind == "boxes" and "events" in row.details for pair in _events(row)
    ]
    stages = [pair for row in rows if row.kind == "stages" and "confidences" in row.details
              for pair in _stages(row)]  # fmt: skip
    found = {"events": _binned(events), "stages": _binned(stages)}
    return {name: made for name, made in found.items() if made is not None}


def _events(row: Row) -> list[tuple[float, bool]]:
    truth = [Planted.model_validate(one) for one in row.details["truth"]]
    found = [Event.model_validate(one) for one in row.details["events"]]
    return [
        (event.confidence, any(one.event.label == event.label and agree(one, event) > 0 for one in truth))
        for event in found
        if event.confidence is not None and event.masked_by is None
    ]


def _stages(row: Row) -> list[tuple[float, bool]]:
    told = zip(
        row.details.get("true", ()), row.details.get("said", ()), row.details["confidences"], strict=False
    )
    return [(sure, true == said) for true, said, sure in told if sure is not None]


def _binned(pairs: Sequence[tuple[float, bool]]) -> Calibration | None:
    bins = []
    for low, high in pairwise(EDGES):
        mine = [(sure, right) for sure, right in pairs if low <= sure < high or (high == 1.0 and sure == 1.0)]
        if mine:
            count = len(mine)
            sure, right = sum(s for s, _ in mine) / count, sum(r for _, r in mine) / count
            bins.append(Bin(low, high, count, sure, right))
    if not bins:
        return None
    error = sum(b.n * abs(b.confidence - b.right) for b in bins) / sum(b.n for b in bins)
    return Calibration(tuple(bins), error)
