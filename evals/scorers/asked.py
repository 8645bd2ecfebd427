"""A question with a known answer: is the answer right, by the facts that the question was about?

A deterministic fact score for machines without a judge; it is not a judge and is never called one. Each fact that
the question asks for is looked up in the answer's own claims.
"""

from __future__ import annotations

from typing import Any

from evals.records import Grade, Item, Reply
from evals.scorers.assertions import Assertion, assertions, labels_of
from evals.scorers.facts import RATE_HZ, known_of
from models.truth import Truth
from tools.labels import side_of

TIME_S = 0.5


def asked(item: Item, reply: Reply, truth: Truth | None) -> Grade:
    """Grade the last turn of a conversation by what the question is about.

    Parameters
    ----------
    item : Item
        Its ``expects`` names ``label`` and ``present``, and what applies of ``channels``, ``times``,
        ``frequency_hz``, ``side`` and ``stage``.
    reply : Reply
        Of any system.
    truth : Truth, optional
        For what the expectation does not fix.
    """
    checks = checked(item.expects, reply.text, truth)
    known = [right for right in checks.values() if right is not None]
    if not known:
        return Grade(invalid=True, explanation="the answer says nothing on what was asked", answer=reply.text,
                     values={"correct": 0.0})  # fmt: skip
    wrong = [name for name, right in checks.items() if right is False]
    return Grade(
        values={"correct": float(not wrong), "facts_right": sum(known) / len(known)},
        answer=reply.text,
        explanation=f"wrong: {', '.join(wrong)}" if wrong else "all facts agree",
        details={"checks": checks},
    )


def checked(expects: dict[str, Any], text: str, truth: Truth | None) -> dict[str, bool | None]:
    """Each expected fact, and whether the text agrees; None where the text does not mention the subject."""
    said = assertions(text)
    if "stage" in expects:
        named = [name for name, how in said.stages if how == "asserted"]
        return {"stage": expects["stage"] in named if named else None}
    labels = set(labels_of(expects["label"]) or (expects["label"],))
    mine = [one for one in said.phenomena if labels & set(labels_of(one.label) or (one.label,))]
    held = [one for one in mine if one.stance == "asserted"]
    if not expects.get("present", True):
        return {"absence": not held if mine else None}
    found: dict[str, bool | None] = {"presence": bool(held) if mine else None}
    for name, check in (("channels", _where), ("times", _when), ("frequency_hz", _rate), ("side", _side)):
        if expects.get(name) is not None and held:
            found[name] = any(check(one, expects[name]) for one in held)
    if truth is not None and held and "channels" in expects:
        fits = [known_of(truth).channels_fit(tuple(labels), one.channels, one.side) for one in held]
        found["channels"] = found["channels"] or any(fit is True for fit in fits)
    return found


def _where(one: Assertion, channels: list[str]) -> bool:
    return bool(one.channels & set(channels))


def _when(one: Assertion, times: list[float]) -> bool:
    return any(start - TIME_S <= t <= stop + TIME_S for start, stop in one.times for t in times)


def _rate(one: Assertion, rate: float) -> bool:
    return any(abs(value - rate) <= RATE_HZ for value in one.rates)


def _side(one: Assertion, side: str) -> bool:
    if side in ("generalized", "bilateral"):
        return one.side == "both" or len({side_of(c) for c in one.channels} - {"midline"}) == 2
    return one.side == side or {side_of(c) for c in one.channels} - {"midline", "unknown"} == {side}
