"""Look every claim of an answer up among the tool results of its thread.

What has no source is struck out: a sentence stands or falls whole, because half a sentence
misleads. The trace of a sentence that stands is its evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from agent.claims import Claim, Passage, extract, passages
from agent.comparing import contradicted
from agent.findings import CitedRule, Evidence
from agent.fitting import carrier, counted, stretch
from agent.ledger import Ledger
from agent.scope import Scope
from agent.seen import event_claim
from tools.labels import electrodes
from tools.spectral import BANDS
from tools.types import Measurement

__all__ = ["Checked", "Ledger", "Traced", "check"]


class Traced(NamedTuple):
    """One sentence with what carries it, and the claims that nothing carries."""

    sentence: str
    evidence: tuple[Evidence, ...]
    unsupported: tuple[str, ...]


class Checked(NamedTuple):
    """A text after verification: what may be shown, and what was taken out."""

    text: str
    sentences: tuple[Traced, ...]
    unsupported: tuple[str, ...]


Found = Measurement | bool | None
"""The measurement behind a claim, True where it stands otherwise, None where it has no source."""


def _trace(passage: Passage, ledger: Ledger, before: Scope | None) -> tuple[Traced, Scope]:
    """Trace every claim of a sentence; what it leaves unsaid, the one before may have said."""
    claims = extract(passage.read)
    scope = Scope(passage.read, claims, ledger, before)
    evidence: dict[str, Evidence] = {f"rule {i}": CitedRule(id=i) for i in scope.cited}
    missing: list[str] = []
    for claim in claims:
        found = _look_up(claim, scope)
        if found is None:
            missing.append(f"{claim.text} ({claim.name})" if claim.kind == "event" else claim.text)
        elif isinstance(found, Measurement):
            evidence.setdefault(f"{found.quantity}|{found.onset}|{found.channels}|{found.value}", found)
    if not missing:
        missing = contradicted(scope) or _elsewhere(claims, tuple(evidence.values()), scope)
    return Traced(passage.shown, tuple(evidence.values()), tuple(dict.fromkeys(missing))), scope


def _look_up(claim: Claim, scope: Scope) -> Found:
    by_kind: dict[str, Callable[[Claim, Scope], Found]] = {
        "rule": _rule, "channel": _channel, "side": _side, "stage": _stage, "event": event_claim, "clock": _clock,
    }  # fmt: skip
    return by_kind.get(claim.kind, _number)(claim, scope)


def _rule(claim: Claim, scope: Scope) -> Found:
    return True if claim.name in scope.ledger.rules else None


def _channel(claim: Claim, scope: Scope) -> Found:
    name, ledger = claim.name, scope.ledger
    known = name.lower() in ledger.channels or all(e.lower() in ledger.parts for e in electrodes(name))
    return True if known else None


def _stage(claim: Claim, scope: Scope) -> Found:
    quoted = any(
        re.search(rf"\b{claim.name}\b", f"{rule.title}. {rule.text}") or claim.name in (*rule.stages, rule.id)
        or f"-{claim.name}-" in rule.id for rule in scope.quoted
    )  # fmt: skip
    open_ = claim.stance in ("mentioned", "not analysed") or re.search(
        r"not (?:been )?scored|none is given", scope.sentence
    )
    return True if quoted or claim.name in scope.ledger.stages or open_ else None


def _side(claim: Claim, scope: Scope) -> Found:
    """A side stands where the evidence of what is said to lie there leans to it."""
    if claim.stance != "asserted" or not scope.asserted:
        return True
    if claim.name == "both":
        sides = {side for event in scope.events() for side in scope.sides_of(event.places)}
        return True if not scope.events() or {"left", "right"} <= sides else None
    if scope.named or scope.both_named:
        return True
    if any(f"count, {claim.name}" in row.quantity and row.value > 0 for row in scope.matched):
        return True
    leaning = [event for event in scope.events() if scope.leans(event.places) == claim.name]
    return True if leaning or not scope.ledger.events or not scope.events(sided=False) else None


def _clock(claim: Claim, scope: Scope) -> Found:
    ledger = scope.ledger
    if ledger.start is not None:
        h, m, s = (int(part) for part in ledger.start.split(":"))
        offset = (claim.value - (h * 3600 + m * 60 + s)) % 86400
        for row in ledger.between(offset - claim.step - 0.5, offset + claim.step + 0.5, "s"):
            if row.quantity.startswith(("start of", "end of")) or (
                row.event >= 0 and "duration" not in row.quantity
            ):
                return ledger.measurement(row)
        if offset <= claim.step:
            return True
    if claim.step > 1 and ledger.length and claim.value / 60 <= ledger.length:  # 3:20 as minutes and seconds
        point = Claim("number", claim.text, claim.value / 60, "s", 0.5, role="point")
        return _number(point, scope)
    return None


def _number(claim: Claim, scope: Scope) -> Found:
    row = carrier(claim, scope)
    if row:
        scope.matched.append(row)
        return scope.ledger.measurement(row)
    counting = counted(claim, scope) if claim.kind == "count" else stretch(claim, scope)
    if counting:
        return counting
    if _is_band(claim, scope):
        return True
    for rule in scope.quoted:
        for known in scope.numbers_of(rule):
            if abs(known.value - claim.value) <= claim.step + 1e-9 and (
                not claim.unit or claim.unit == known.unit
            ):
                return True
    return None


def _is_band(claim: Claim, scope: Scope) -> bool:
    """The limits of a band, beside its name."""
    if claim.role != "range" or claim.unit != "Hz":
        return False
    pair = tuple(sorted((claim.value, claim.other)))
    return any(
        pair == limits and re.search(rf"\b{band}\b", scope.sentence, re.I) for band, limits in BANDS.items()
    )


def _elsewhere(claims: list[Claim], evidence: tuple[Evidence, ...], scope: Scope) -> list[str]:
    """Channels that are named beside evidence of which none touches them."""
    carried = [m for m in evidence if isinstance(m, Measurement)]
    touched = {e.lower() for m in carried for c in m.channels for e in electrodes(c)}
    if not touched:
        return []
    touched |= {place for row in scope.matched for place in row.places}
    touched |= scope.ledger.field_of(scope.sentence)
    touched |= {place for event in scope.events() for place in event.places}
    named = [c for c in claims if c.kind == "channel" and c.stance == "asserted"]
    return [c.text for c in named if not touched & {e.lower() for e in electrodes(c.name)}]


def check(text: str, ledger: Ledger, plain: Sequence[str] = ()) -> Checked:
    """Trace a whole text and take out the sentences that do not stand.

    Parameters
    ----------
    text : str
        The draft of an answer, in plain text or Markdown.
    ledger : Ledger
        What the tools of the thread established.
    plain : sequence of str
        The program's own remarks in the text (notes, refusals, suggestions): not statements on the signal,
        and so not traced.

    Returns
    -------
    Checked
        The text that may be shown, its sentences with their evidence, and what was struck, each entry
        the untraceable claims and the sentence they stood in.
    """
    traced: list[Traced] = []
    scope: Scope | None = None
    remarks = "\n".join(plain)
    for passage in passages(text):
        if remarks and passage.shown in remarks:
            traced.append(Traced(passage.shown, (), ()))
            continue
        found, scope = _trace(passage, ledger, scope)
        traced.append(found)
    struck = [t for t in traced if t.unsupported]
    kept, cursor = "", 0
    for t in traced:
        at = text.index(t.sentence, cursor)
        kept += text[cursor:at] + ("" if t.unsupported else t.sentence)
        cursor = at + len(t.sentence)
    kept += text[cursor:]
    kept = re.sub(r"[ \t]{2,}", " ", re.sub(r"\n{3,}", "\n\n", kept)).strip()
    return Checked(
        kept,
        tuple(t for t in traced if not t.unsupported),
        tuple(f"{', '.join(t.unsupported)}: {t.sentence}" for t in struck),
    )
