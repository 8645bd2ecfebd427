"""A question with a known answer: is the answer right, by the facts that the question was about?

A deterministic fact score for machines without a judge; it is not a judge and is never called one. Each fact that
the question asks for is looked up in the answer's own claims.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from agent.stance import stance
from evals.records import Grade, Item, Reply
from evals.scorers.assertions import Assertion, assertions, labels_of
from evals.scorers.conventions import parse_sleepvlm, rule_iou
from evals.scorers.facts import RATE_HZ, known_of
from models.truth import Truth
from tools.labels import EPILEPTIFORM, PATTERN, side_of

TIME_S = 0.5
_ABNORMAL = re.compile(r"\b(?:abnormal(?:ity|ities)?|pathologic(?:al)?)\b", re.IGNORECASE)
_NORMAL = re.compile(r"\b(?:normal|unremarkable)\b", re.IGNORECASE)
_SIDE = re.compile(r"\b(?P<side>left|right)\b", re.IGNORECASE)
_LESS = re.compile(r"\b(?:lower|flatter|smaller|reduced|attenuated|weaker|less)\b", re.IGNORECASE)
_MORE = re.compile(r"\b(?:taller|higher|larger|greater|leads|stronger|more|exceeds)\b", re.IGNORECASE)


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
    rules = item.expects.get("rules")
    shared = {"rule_iou": rule_iou(parse_sleepvlm(reply.text).rules, rules)} if rules is not None else {}
    return Grade(
        values={"correct": float(not wrong), "facts_right": sum(known) / len(known), **shared},
        answer=reply.text,
        explanation=f"wrong: {', '.join(wrong)}" if wrong else "all facts agree",
        details={"checks": checks} | _stage(item, reply),
    )


def _stage(item: Item, reply: Reply) -> dict[str, str]:
    """The one stage that was named, for the confusion of stages."""
    said = stages_said(reply.text) if "stage" in item.expects else set()
    return {"stage": next(iter(said))} if len(said) == 1 else {}


def checked(expects: dict[str, Any], text: str, truth: Truth | None) -> dict[str, bool | None]:
    """Each expected fact, and whether the text agrees; None where the text does not mention the subject."""
    said = assertions(text)
    stage = expects["label"] if expects.get("kind") == "state" else expects.get("stage")
    if stage is not None:
        named = stages_said(text)
        return {"stage": named == {stage} if named else None}
    if expects.get("kind") == "normality":
        return {"normality": _abnormal(text, said.phenomena, expects["present"])}
    labels = set(labels_of(expects["label"]) or (expects["label"],))
    mine = [one for one in said.phenomena if labels & set(_labels(one))]
    held = [one for one in mine if one.stance == "asserted"]
    if not expects.get("present", True):
        return {"absence": not held if mine else None}
    found: dict[str, bool | None] = {"presence": bool(held) if mine else None}
    kind = expects.get("kind", "")
    if kind == "artifact_or_epileptiform":
        discharge = any(
            set(_labels(one)) <= set(EPILEPTIFORM) and one.stance == "asserted" for one in said.phenomena
        )
        return found | {"nature": discharge == expects["epileptiform"] if mine or discharge else None}
    if kind == "side" and expects["label"] == "asymmetry":
        return {"side": uneven(text, expects["side"])}
    for name, (field, check) in _CHECKS.items():
        if kind == name and expects.get(field) is not None and held:
            found[field] = any(check(one, expects[field]) for one in held)
    if kind == "largest" and truth is not None and held and not found.get("channels"):
        fits = [known_of(truth).channels_fit(tuple(labels), one.channels, one.side) for one in held]
        found["channels"] = any(fit is True for fit in fits)
    return found


def stages_said(text: str) -> set[str]:
    """Stages that an answer gives: the one of a JSON object with ``sleep_stage``, else all that it asserts."""
    keyed = parse_sleepvlm(text).stage
    return {keyed} if keyed else {name for name, how in assertions(text).stages if how == "asserted"}


def _labels(one: Assertion) -> tuple[str, ...]:
    return labels_of(one.label) or (one.label,)


def _abnormal(text: str, said: Sequence[Assertion], expected: bool) -> bool | None:
    """Whether a text calls the segment abnormal as expected: in so many words, or by naming what is."""
    words = [stance(text, m.start(), m.end()) for m in _ABNORMAL.finditer(text)]
    normal = [stance(text, m.start(), m.end()) for m in _NORMAL.finditer(text)]
    found = [one for one in said if set(_labels(one)) <= {*EPILEPTIFORM, *PATTERN, "slowing", "asymmetry"}]
    abnormal = "asserted" in words or "denied" in normal or any(one.stance == "asserted" for one in found)
    if abnormal or "asserted" in normal or "denied" in words or any(one.stance == "denied" for one in found):
        return abnormal == expected
    return None


def _where(one: Assertion, channels: list[str]) -> bool:
    return bool(one.channels & set(channels))


def _when(one: Assertion, times: list[list[float]]) -> bool:
    """Whether a time that is said lies in or near one of the true spans."""
    return any(
        first - TIME_S <= stop and start <= last + TIME_S
        for start, stop in one.times
        for first, last in times
    )


def uneven(text: str, lower: str) -> bool | None:
    """Whether a text says that this side is the lower one, or the other one the taller; None if it names none."""
    other = {"left": "right", "right": "left"}[lower]
    said = [
        (m["side"].lower(), bool(_LESS.search(part)))
        for part in re.split(r"[.;]", text)
        if (_LESS.search(part) or _MORE.search(part)) and not re.search(r"\bno\b|\bnot\b", part)
        for m in _SIDE.finditer(part)
    ]
    verdicts = [side == (lower if less else other) for side, less in said]
    return sum(verdicts) * 2 > len(verdicts) if verdicts else None


def _rate(one: Assertion, rate: float) -> bool:
    return any(abs(value - rate) <= RATE_HZ for value in one.rates)


def _side(one: Assertion, side: str) -> bool:
    if side in ("generalized", "bilateral"):
        return one.side == "both" or len({side_of(c) for c in one.channels} - {"midline"}) == 2
    return one.side == side or {side_of(c) for c in one.channels} - {"midline", "unknown"} == {side}


_CHECKS: dict[str, tuple[str, Callable[[Assertion, Any], bool]]] = {
    "largest": ("channels", _where), "when": ("times", _when), "frequency": ("frequency_hz", _rate),
    "posterior": ("frequency_hz", _rate), "side": ("side", _side),
}  # fmt: skip
"""What a kind of question asks for beyond the presence of its subject."""
