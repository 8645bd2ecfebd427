"""A conversation turn by turn: is each answer right, by the facts that its turn was about?

An answer may leave its subject to the question ("At T3."): where it names no phenomenon at all, it is read as said
of what the turn was about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.claims import extract, passages
from evals.records import Grade, Item, Reply
from evals.scorers.asked import checked
from evals.scorers.assertions import Assertion, assertions, labels_of
from models.truth import Truth
from tools.labels import SPOKEN, side_of

ROLES = ("overview", "question", "follow-up", "correction", "false premise", "number", "return")
LENGTH_RATIO = 2.0
"""Up to which a length is right: then the shorter stretch can cover half of the longer one."""


def dialogue(item: Item, reply: Reply, truth: Truth | None) -> Grade:
    """Grade every turn.

    Parameters
    ----------
    item : Item
        Its ``expects`` holds ``turns``, one expectation each with its ``role``.
    reply : Reply
        One text for each turn; a turn without one is wrong.
    truth : Truth, optional
        For what the expectations do not fix.
    """
    wanted: Sequence[dict[str, Any]] = item.expects["turns"]
    texts = [*reply.texts, *[""] * len(wanted)][: len(wanted)]
    checks = [turn(one, text, truth) for one, text in zip(wanted, texts, strict=True)]
    right = [bool(_known(one)) and all(_known(one)) for one in checks]
    values: dict[str, float | None] = {
        "correct": float(all(right)), "turns_right": float(sum(right)), "turns": float(len(right)),
    }  # fmt: skip
    for role in ROLES:
        mine = [ok for one, ok in zip(wanted, right, strict=True) if one.get("role") == role]
        values |= {f"turns_right_{role}": float(sum(mine)), f"turns_{role}": float(len(mine))}
    wrong = [
        f"turn {number} ({one.get('role', one['kind'])}): {_fault(found)}"
        for number, (one, found, ok) in enumerate(zip(wanted, checks, right, strict=True), start=1)
        if not ok
    ]
    return Grade(
        values=values,
        invalid=not any(_known(one) for one in checks),
        answer="\n".join(texts),
        explanation=reply.error or "; ".join(wrong) or "all turns agree",
        details={"checks": checks, "wrong": wrong},
    )


def turn(expects: dict[str, Any], text: str, truth: Truth | None) -> dict[str, bool | None]:
    """Each expected fact of a turn, and whether the answer agrees; None where it does not mention the subject."""
    if not text.strip():
        return {}
    kind, label = expects["kind"], expects.get("label", "")
    if kind not in ("state", "normality") and not assertions(text).phenomena:
        text = f"{SPOKEN.get(label, label).capitalize()}: {text[:1].lower()}{text[1:]}"
    if kind == "there":
        return {"side": on_side(_about(text, label), expects["side"], expected=expects["present"])}
    found = checked(expects, text, truth)
    if kind == "largest" and found.get("presence") and expects.get("channels"):
        found["channels"] = _site(_about(text, label), set(expects["channels"]))
    if kind == "length" and found.get("presence"):
        found["length_s"] = _long(_about(text, label), expects["length_s"])
    if kind == "count" and found.get("presence"):
        found["count"] = _counted(text, label, expects["count"])
    return found


def on_side(said: Sequence[Assertion], side: str, *, expected: bool) -> bool | None:
    """Whether an answer says of a side what is expected; None if it says nothing of the subject there."""
    held = [_sides(one) for one in said if one.stance == "asserted"]
    denied = [_sides(one) for one in said if one.stance == "denied"]
    if any(side in sides for sides in held):
        return expected
    if any(side in sides or not sides for sides in denied) or any(held):
        return not expected  # "only on the left" denies the right
    return None


def _about(text: str, label: str) -> list[Assertion]:
    labels = set(labels_of(label) or (label,))
    return [one for one in assertions(text).phenomena if labels & set(labels_of(one.label) or (one.label,))]


def _sides(one: Assertion) -> set[str]:
    places = {side_of(channel) for channel in one.channels} & {"left", "right"}
    if places:
        return places
    return {"left", "right"} if one.side == "both" else {one.side} if one.side else set()


def _site(said: Sequence[Assertion], true: set[str]) -> bool:
    """Whether the channels that are named are true ones, at least half of them: a list of all names none."""
    return any(
        2 * len(one.channels & true) >= len(one.channels) > 0 for one in said if one.stance == "asserted"
    )


def _long(said: Sequence[Assertion], true: float) -> bool | None:
    told = [value for one in said for value in one.lengths]
    told += [stop - start for one in said for start, stop in one.times if stop > start]
    if not told:
        return None
    return any(true / LENGTH_RATIO <= value <= true * LENGTH_RATIO for value in told)


def _counted(text: str, label: str, limits: Sequence[int]) -> bool | None:
    claims = [claim for passage in passages(text) for claim in extract(passage.read) if claim.kind == "count"]
    told = [claim for claim in claims if claim.name == label]
    told = told or [claim for claim in claims if not claim.name and claim.role != "subset"]
    return limits[0] <= told[0].value <= limits[1] if told else None


def _known(checks: dict[str, bool | None]) -> list[bool]:
    return [right for right in checks.values() if right is not None]


def _fault(checks: dict[str, bool | None]) -> str:
    wrong = [name for name, right in checks.items() if right is False]
    return f"wrong {', '.join(wrong)}" if wrong else "says nothing on what was asked"
