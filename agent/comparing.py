"""Statements that one side or channel exceeds the other, held to the numbers of both."""

from __future__ import annotations

import re

from agent.claims import Claim
from agent.ledger import Row
from agent.lexicon import CHANNEL
from agent.scope import Scope
from tools.labels import HOMOLOGOUS, electrodes

_MORE = r"taller|higher|larger|greater|stronger|faster|longer|bigger|more prominent"
_LESS = r"lower|smaller|slower|weaker|shorter|less prominent"
_THAN = re.compile(rf"\b(?:({_MORE})|({_LESS}))\b[^.;]*?\bthan\b", re.IGNORECASE)
_LEADS = re.compile(
    rf"\b(left|right)(?: (?:side|hemisphere))? (?:leads?|predominates|prevails|(?:is|are) (?:({_MORE})|({_LESS}))\b)|"
    rf"\b(?:({_MORE})|({_LESS})) (?:on|over|in) the (left|right)",
    re.IGNORECASE,
)


def contradicted(scope: Scope) -> list[str]:
    """Name the comparison that the numbers speak against, if the sentence makes one."""
    than = _THAN.search(scope.sentence)
    if than:
        channels = [c for c in scope.claims if c.kind == "channel"]
        first = [c for c in channels if c.at < than.start()]
        second = [c for c in channels if c.at >= than.end()]
        if len(first) == 1 and len(second) == 1:
            greater = _greater(first[0], second[0], scope)
            if greater is not None and greater != bool(than[1]):
                return [than.group()]
    leads = _LEADS.search(scope.sentence)
    if leads and not scope.both_named:
        left = (leads[1] or leads[6]).lower() == "left"
        more = not (leads[3] or leads[5])
        signs = [sign for pair in _pairs(scope) if (sign := _exceeds(*pair, scope)) is not None]
        if signs and (left == more) not in signs:
            return [leads.group()]
    return []


def _greater(a: Claim, b: Claim, scope: Scope) -> bool | None:
    """Whether the first exceeds the second: by the numbers beside them, else by what was measured."""
    beside = [
        [n for n in scope.claims if n.kind == "number" and scope.near_of(n) == _names(c)] for c in (a, b)
    ]
    if beside[0] and beside[1] and beside[0][0].unit == beside[1][0].unit:
        return beside[0][0].value > beside[1][0].value
    return _exceeds(_names(a), _names(b), scope)


def _names(claim: Claim) -> set[str]:
    return {e.lower() for e in electrodes(claim.name)}


def _pairs(scope: Scope) -> list[tuple[set[str], set[str]]]:
    named = {
        e.lower()
        for c in CHANNEL.findall(scope.sentence)
        for e in electrodes(c if isinstance(c, str) else c[0])
    }
    pairs = [({a.lower()}, {b.lower()}) for a, b in HOMOLOGOUS]
    return [(a, b) for a, b in pairs if not named or named & (a | b)]


def _exceeds(a: set[str], b: set[str], scope: Scope) -> bool | None:
    """Whether the quantities measured at one place exceed those at the other; None when they disagree."""
    by_quantity: dict[str, dict[bool, Row]] = {}
    for unit in ("uV", "uV2", "Hz"):
        for row in scope.ledger.rows.get(unit, ()):
            if (
                row.source
                and row.event < 0
                and row.places in (a, b)
                and not row.quantity.startswith("limit of")
            ):
                by_quantity.setdefault(f"{row.quantity}|{row.source.onset}", {})[row.places == a] = row
    signs = {rows[True].value > rows[False].value for rows in by_quantity.values() if len(rows) == 2
             and (not rows[True].subject or not scope.subjects or rows[True].subject in scope.subjects)}  # fmt: skip
    return signs.pop() if len(signs) == 1 else None
