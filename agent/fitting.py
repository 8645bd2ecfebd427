"""Which row of the ledger, if any, carries a number: right in value, unit, subject, place, time and kind."""

from __future__ import annotations

from collections.abc import Iterator

from agent.claims import Claim
from agent.ledger import Row
from agent.scope import Scope, overlaps, touches
from tools.types import Measurement

BOUND = 1.6
"""How far a bound such as "more than 40 µV" may lie from the value it bounds."""
WIDE = 4
"""Electrodes from which a row says nothing of one channel among them."""
_PLACES = ("start of", "end of", "length of", "limit of")
_EXACT = 0.6


def carrier(claim: Claim, scope: Scope) -> Row | None:
    """Give the row that carries a number, of those that fit the one most about the sentence's events."""
    fitting = [row for row in _candidates(claim, scope) if _fits(row, claim, scope)]
    if fitting:
        return min(fitting, key=lambda row: (row.event < 0, row.quantity.startswith(_PLACES)))
    if claim.role == "point" and scope.asserted:
        near = scope.near_of(claim)
        for i, e in enumerate(scope.ledger.events):
            inside = e.onset - claim.step <= claim.value <= e.end + claim.step
            if inside and e.label in scope.asserted and touches(e.places, near):
                return scope.ledger.onsets[i]
    return None


def stretch(claim: Claim, scope: Scope) -> Measurement | None:
    """Give the search that a stretch of time lies in, where the sentence says what was looked for in it."""
    if claim.role != "range" or claim.unit != "s":
        return None
    low, high = sorted((claim.value, claim.other))
    labels = {n for c in scope.claims if c.kind == "event" for n in scope.expanded(c.name)}
    return next((k.source for k in scope.ledger.looked
                 if k.label in labels and k.onset - _EXACT <= low and high <= k.end + _EXACT), None)  # fmt: skip


def counted(claim: Claim, scope: Scope) -> Measurement | None:
    """Count a label's events in the stretch named, when that is no stretch that was searched as such."""
    if not claim.name or not scope.ranges or scope.near:
        return None
    mine = [e for e in scope.ledger.events if e.label == claim.name and overlaps(e, scope.ranges)]
    within = [k for k in scope.ledger.looked
              if k.label == claim.name and any(_within(r, (k.onset, k.end)) for r in scope.ranges)]  # fmt: skip
    standing = [e for e in mine if not e.masked]
    return within[0].source if within and int(claim.value) in (len(mine), len(standing)) else None


def _candidates(claim: Claim, scope: Scope) -> Iterator[Row]:
    ledger = scope.ledger
    whole = claim.kind == "count" and claim.step >= 0.5
    unit = claim.unit or (None if not whole else "count")
    if claim.role == "subset":
        yield from ledger.between(claim.value, float("inf"), "count")
    yield from ledger.near(claim.value, claim.step if not whole else 0.1, unit)
    if whole:
        yield from (row for row in ledger.near(claim.value, 0.5, "years") if row.quantity == "age")
    if claim.role == "above":
        yield from ledger.between(claim.value, BOUND * claim.value, unit or "count")
    elif claim.role == "below":
        yield from ledger.between(claim.value / BOUND, claim.value, unit or "count")


def _fits(row: Row, claim: Claim, scope: Scope) -> bool:
    other_kind = claim.amplitude and row.kind and claim.amplitude != row.kind
    if other_kind or not touches(row.places, scope.near_of(claim)) or not _about(row, claim, scope):
        return False
    if row.unit == "count":
        return _fits_count(row, claim, scope)
    if row.quantity.startswith("limit of") or row.quantity.endswith(" edge"):
        return claim.role in ("range", "above", "below")
    if claim.unit == "s" and not _fits_time(row, claim, scope):
        return False
    if row.event < 0 or (claim.unit == "s" and claim.role != "length"):
        return True
    bound = scope.bound(claim)
    return not bound or row.event in bound


def _about(row: Row, claim: Claim, scope: Scope) -> bool:
    """Whether the row is about what the sentence is; what says nothing may be about a channel it names."""
    if scope.subjects:
        return not row.subject or row.subject in scope.subjects
    if not row.subject or claim.unit == "s" or not scope.near_of(claim) or row.subject in scope.told:
        return True
    return len(row.places) <= WIDE or (row.event >= 0 and row.event in scope.bound(claim))


def _fits_time(row: Row, claim: Claim, scope: Scope) -> bool:
    place = row.quantity.startswith(("start of", "end of"))
    if claim.role == "length":
        return not place and not row.quantity.endswith((" onset", " end")) and "time of" not in row.quantity
    if claim.role == "point":
        if place or row.quantity.startswith("length of"):
            return not any(e.label in scope.asserted for e in scope.ledger.events)
        return not row.quantity.endswith(" duration")
    return True


def _fits_count(row: Row, claim: Claim, scope: Scope) -> bool:
    if claim.name and not row.quantity.startswith(claim.name):
        return False
    if not claim.name and scope.asserted and row.subject and row.subject not in scope.asserted:
        return False
    side = row.quantity.rpartition(", ")[2]
    if side in ("left", "right"):
        return side == scope.side or scope.both_named
    if row.event >= 0 or not scope.ranges or not row.subject:
        return True
    m = row.source
    return m is None or any(_within((m.onset, m.onset + m.duration), r) and _within(r, (m.onset, m.onset + m.duration))
               for r in scope.ranges)  # fmt: skip


def _within(inner: tuple[float, float], outer: tuple[float, float]) -> bool:
    return outer[0] - _EXACT <= inner[0] and inner[1] <= outer[1] + _EXACT
