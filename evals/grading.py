"""Grade a reply: which scorers apply to an item, and what they say, as plain numbers.

Nothing is guessed for an answer that cannot be read or did not come: it is counted as invalid, and the table
shows how many there were.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from evals.records import Grade, Item, Reply
from evals.scorers.asked import asked
from evals.scorers.consistency import consistency
from evals.scorers.dialogue import dialogue
from evals.scorers.grounding import KINDS, ground
from models.truth import Truth


def grade(item: Item, reply: Reply, folder: Path, template: str = "") -> Grade:
    """Grade one reply.

    Parameters
    ----------
    item, reply : Item, Reply
        The question with its key, and what a system answered.
    folder : Path
        Where the item's truth lies.
    template : str
        Text of the constant control, whose phrases the boilerplate-stripped ROUGE leaves out.
    """
    if item.kind in _TOGETHER:
        return _TOGETHER[item.kind](item, reply, truth_of(item, folder))
    if reply.error is not None and not (reply.texts or reply.events or reply.epochs):
        return Grade(explanation=reply.error, invalid=True, values=_nothing(item))
    told = item.kind == "description" or not {"label", "stage"} & item.expects.keys()
    if item.kind == "mcq":
        return _choice(item, reply)
    if item.kind == "boxes":
        return _boxes(item, reply, folder)
    if item.kind == "stages":
        return _stages(item, reply)
    # Without a fact to look up there is only a text to compare with.
    return _description(item, reply, folder, template) if told else asked(item, reply, truth_of(item, folder))


_TOGETHER = {"dialogue": dialogue, "consistency": consistency}
"""Scorers of items with several answers, each of which counts even where it did not come."""


def _nothing(item: Item) -> dict[str, float | None]:
    """An answer that did not come is wrong where an answer was due, and says nothing about claims."""
    due = {"mcq": "correct", "qa": "correct", "description": "rouge1", "stages": "kappa"}
    return {due[item.kind]: 0.0} if item.kind in due else {}


@lru_cache(maxsize=512)
def _read(path: Path) -> Truth:
    return Truth.model_validate_json(path.read_text(encoding="utf-8"))


def truth_of(item: Item, folder: Path) -> Truth | None:
    """The known truth of an item; None where there is none."""
    return _read(folder / item.truth) if item.truth else None


def _choice(item: Item, reply: Reply) -> Grade:
    from evals.scorers.mcq import choice_of

    letter = choice_of(item, reply)
    right = letter == item.key
    return Grade(
        values={"correct": float(right)},
        answer=letter or "",
        explanation=f"{letter or 'no letter'} for {item.key}",
        invalid=letter is None,
        details={"letter": letter},
    )


def _description(item: Item, reply: Reply, folder: Path, template: str) -> Grade:
    from evals.scorers.rouge import rouge, without

    values: dict[str, float | None] = {}
    if item.reference:
        plain = rouge(reply.text, item.reference)
        values = {name: plain[name]["f1"] for name in ("rouge1", "rouge2", "rougeL")}
        values["rouge1_recall"] = plain["rouge1"]["recall"]
        if template:
            bare = rouge(without(template, reply.text), without(template, item.reference))
            values["rouge1_stripped"] = bare["rouge1"]["f1"]
    truth = truth_of(item, folder)
    claims = _claims(reply.text, truth) if truth else {}
    return Grade(values=values | claims.pop("values", {}), answer=reply.text, details=claims)


def _claims(text: str, truth: Truth) -> dict[str, Any]:
    """Counts of claims by kind and of facts, so that shares are taken over all segments and not averaged."""
    found = ground(text, truth)
    values: dict[str, float | None] = {"invented": float(found.invented)}
    for kind in KINDS:
        decided = [claim.right for claim in found.claims if claim.kind == kind and claim.right is not None]
        values[f"{kind}_right"], values[f"{kind}_claims"] = float(sum(decided)), float(len(decided))
    values["facts_said"] = float(sum(said for _, said in found.facts))
    values["facts"] = float(len(found.facts))
    wrong = [claim.words for claim in found.claims if claim.right is False]
    return {
        "values": values,
        "wrong": wrong,
        "missed": [name for name, said in found.facts if not said],
    }


def _boxes(item: Item, reply: Reply, folder: Path) -> Grade:
    """Boxes are kept as they are: average precision is a figure of the whole set."""
    truth = truth_of(item, folder)
    planted = [p.model_dump(mode="json") for p in truth.planted] if truth else item.expects.get("boxes", [])
    events = [event.model_dump(mode="json") for event in reply.events]
    return Grade(details={"events": events, "truth": planted, "not_analysed": list(reply.not_analysed),
                          "analysed": reply.analysed.model_dump(mode="json") if reply.analysed else None},
                 answer=f"{len(events)} events")  # fmt: skip


def _stages(item: Item, reply: Reply) -> Grade:
    true: Sequence[str] = item.expects["stages"]
    said = [epoch.get("stage") for epoch in reply.epochs]
    if len(said) != len(true):
        return Grade(
            invalid=True,
            explanation=f"{len(said)} stages for {len(true)} epochs",
            values={"agreement": 0.0},
        )
    pairs = list(zip(true, said, strict=True))
    cited = _cited(item, reply)
    return Grade(
        values={"agreement": sum(a == b for a, b in pairs) / len(pairs), **cited},
        details={"true": list(true), "said": said},
        answer=" ".join(stage or "?" for stage in said),
    )


def _cited(item: Item, reply: Reply) -> dict[str, float | None]:
    """How many of the cited rules are true of their epochs."""
    true = item.expects.get("rules")
    if not true:
        return {}
    hits = [alias in set(rules) for epoch, rules in zip(reply.epochs, true, strict=True)
            for alias in epoch.get("aliases", ())]  # fmt: skip
    return {"rules_true": float(sum(hits)), "rules_cited": float(len(hits))}
