"""Whether what a sentence says of a phenomenon agrees with what was looked for and found."""

from __future__ import annotations

from agent.claims import Claim
from agent.ledger import Looked, Marked
from agent.lexicon import MEASURED_NOT_MARKED
from agent.scope import Scope, overlaps, touches
from tools.types import Measurement

WHOLE_GROUPS = ("epileptiform", "periodic")
_MEASURED = {
    "slowing": ("slowing",),
    "asymmetry": ("asymmetry", "difference between sides"),
    "alpha": ("posterior rhythm",),
    "artifact": ("share under artifact",),
}
"""Quantities that carry a phenomenon without an event of its own."""


def event_claim(claim: Claim, scope: Scope) -> Measurement | bool | None:
    """Give what carries a claim on a phenomenon: a measurement, True, or None when nothing does."""
    names = set(scope.expanded(claim.name))
    weighed = bool(scope.cited or "rules" in scope.sentence) and claim.name in scope.ledger.weighed
    if claim.stance == "mentioned" or _by_rule(claim, names, scope) or weighed:
        return True  # the amounts of a staging rule are numbers, and traced as such
    if claim.name == "none":
        return True if claim.stance == "not analysed" else None
    if claim.stance == "not analysed":
        searched = {k.label for k in scope.ledger.looked}
        open_ = names & (scope.ledger.not_analysed - scope.ledger.labels) or not names & searched
        return True if open_ or claim.name in MEASURED_NOT_MARKED else None
    measured = _measured(claim, scope)
    if claim.stance == "denied":
        return _denied(claim, names, scope, measured)
    return _found(names, scope) or measured


def _by_rule(claim: Claim, names: set[str], scope: Scope) -> bool:
    if not scope.general:
        return False
    said = claim.text.lower().rstrip("s")
    return any(
        names & set(rule.labels) or said in f"{rule.title} {rule.text}".lower() for rule in scope.quoted
    )


def _measured(claim: Claim, scope: Scope) -> Measurement | None:
    words = _MEASURED.get(claim.name, ())
    for quantity, m in scope.ledger.quantities.items():
        if m.value > 0 and any(word in quantity for word in words):
            return m
    return None


def _found(names: set[str], scope: Scope) -> Measurement | None:
    for i, event in enumerate(scope.ledger.events):
        here = not scope.ranges or overlaps(event, scope.ranges)
        if event.label in names and here and touches(event.places, scope.near):
            counted = [
                k for k in scope.ledger.looked if k.label == event.label and k.found and _holds(k, event)
            ]
            return (
                counted[0].source
                if counted and not scope.near
                else scope.ledger.measurement(scope.ledger.onsets[i])
            )
    if scope.near or (scope.ranges and _searched(names, scope, scope.ranges)):
        return None
    more = [k for k in scope.ledger.looked if k.label in names and k.found]
    return more[0].source if more else None


def _holds(looked: Looked, event: Marked) -> bool:
    return looked.onset - 1 <= event.onset <= looked.end


def _denied(
    claim: Claim, names: set[str], scope: Scope, measured: Measurement | None
) -> Measurement | bool | None:
    """Absence stands only on a search that found none, at the place and time the sentence speaks of."""
    ledger = scope.ledger
    if claim.name in MEASURED_NOT_MARKED or (claim.name == "alpha" and not _searched(names, scope, [])):
        others = [
            m for q, m in ledger.quantities.items() if q.startswith(("dominant", "1.6-70", "share of power"))
        ]
        none = measured is None or (claim.name == "asymmetry" and "asymmetry" in measured.quantity)
        return others[0] if none and others else None
    if claim.name in WHOLE_GROUPS and not names <= {k.label for k in ledger.looked}:
        return None  # "no epileptiform discharges" takes a search for all of them
    ranges = scope.ranges or scope.told_ranges
    searches = _searched(names, scope, ranges)
    if not searches and not scope.ranges:  # the stretch told before was about something else
        ranges, searches = [], _searched(names, scope, [])
    contrary = [e for e in ledger.events if e.label in names and not e.masked and touches(e.places, scope.near)
                and (not ranges or overlaps(e, ranges))]  # fmt: skip
    covered = [k for k in searches if not scope.near or not k.places or scope.near & k.places]
    empty = [k for k in covered if not k.found]
    return (empty or covered)[0].source if covered and not contrary else None


def _searched(names: set[str], scope: Scope, ranges: list[tuple[float, float]]) -> list[Looked]:
    """Searches for the phenomenon, those of the time spoken of where one is."""
    found = [k for k in scope.ledger.looked if k.label in names]
    if not ranges:
        return found
    return [k for k in found if any(k.onset - 0.6 <= low and high <= k.end + 0.6 for low, high in ranges)]
