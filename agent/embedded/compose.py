"""Write the answer: one writer per kind of question, all from facts."""

from __future__ import annotations

from collections.abc import Callable

from agent.embedded.choose import choose
from agent.embedded.draft import Draft, Situation
from agent.embedded.nature import nature, normality
from agent.embedded.sides import lower, of_waves, sided_waves, slower
from agent.embedded.signal import background, compare, describe, measure, view
from agent.embedded.sleep import stage
from agent.embedded.state import state
from agent.embedded.talk import confirm, courtesy, give_help, info, knowledge, unclear, why
from agent.embedded.waveforms import events

WRITERS: dict[str, Callable[[Situation, Draft], None]] = {
    "describe": describe,
    "navigate": view,
    "view": view,
    "detect": events,
    "search": events,
    "measure": measure,
    "background": background,
    "compare": compare,
    "choose": choose,
    "why": why,
    "confirm": confirm,
    "knowledge": knowledge,
    "info": info,
    "thanks": courtesy,
    "help": give_help,
    "unclear": unclear,
}


def _writer(situation: Situation) -> Callable[[Situation, Draft], None]:
    if situation.about_a_stage:
        return state if situation.of("describe_page") else stage
    if situation.intent.aspect in ("normality", "nature", "asymmetry", "slowing"):
        found = _of_the_page(situation)
        if found is not None:
            return found
    if sided_waves(situation) and situation.of("find_waveforms"):
        return of_waves
    if situation.intent.act == "detect" and not situation.of("find_waveforms"):
        return describe if situation.of("describe_page") else background
    return WRITERS[situation.intent.act]


def _of_the_page(situation: Situation) -> Callable[[Situation, Draft], None] | None:
    """The writer for an open question on the page, where what it needs was measured."""
    described, intent = situation.of("describe_page"), situation.intent
    if intent.aspect == "normality":
        return normality if described and intent.act == "detect" else None
    if intent.aspect == "nature":
        return nature if situation.of("find_waveforms") else None
    if intent.aspect == "asymmetry":
        return lower if situation.of("compare_sides") else None
    return slower if described and intent.quantity == "symmetry" else None


def compose(situation: Situation) -> Draft:
    """Write the answer to the question from what the tools established."""
    draft = Draft()
    for note in situation.intent.notes:
        draft.say(note)
    for fact in situation.facts:
        for note in fact.notes:
            draft.say(note)
        draft.missing(fact.not_analysed)
    for refusal in dict.fromkeys(situation.refusals):
        draft.say(refusal)
    if situation.refusals and not situation.facts:
        return draft
    _writer(situation)(situation, draft)
    if not draft.parts:
        unclear(situation, draft)
    return draft
