"""Which brain answers, what it is told before the question, and how pictures reach it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agent.embedded.brain import EmbeddedBrain
from agent.intent import Intent
from agent.memory import Turn as PastTurn
from agent.settings import Settings
from tools.io import OpenRecording
from tools.types import Page, Recording

RECALLED = 6
"""Earlier turns whose words a language model is told."""


def make_brain(settings: Settings) -> BaseChatModel:
    """Build the brain that the settings name; a remote one only where the user chose it."""
    if settings.brain == "embedded":
        return EmbeddedBrain()
    from agent.brains.openai import openai_brain

    return openai_brain(settings)


def preamble(
    brain: BaseChatModel,
    recording: Recording,
    page: Page,
    past: Sequence[PastTurn],
    intent: Intent,
    age_years: float | None,
) -> list[BaseMessage]:
    """What comes before the question: records for the embedded brain, words for any other."""
    if isinstance(brain, EmbeddedBrain):
        return [
            SystemMessage("", additional_kwargs={"situation": situation(recording, page, past, age_years)})
        ]
    from agent.prompts import context_block, system_prompt

    told: list[BaseMessage] = [SystemMessage(system_prompt())]
    # Words that were not yet sent stay here: turns of the embedded brain are told as numbers only.
    sent = [turn for turn in past if turn.answer and turn.answer["brain"] == "openai"]
    for turn in sent[-RECALLED:]:
        told += [HumanMessage(turn.question), AIMessage((turn.answer or {})["answer"])]
    block: list[str | dict[Any, Any]] = [
        {"type": "text", "text": context_block(recording, page, past)},
        {"type": "page", "page": page.model_dump(mode="json")},
    ]
    return [*told, HumanMessage(block)]


def situation(
    recording: Recording, page: Page, past: Sequence[PastTurn], age_years: float | None
) -> dict[str, object]:
    """The state of the conversation as plain records."""
    done = substantive(past)
    return {
        "recording": recording.model_dump(mode="json"),
        "page": page.model_dump(mode="json"),
        "previous": done[-1].answer if done else None,
        "previous_intent": done[-1].intent if done else None,
        "age_years": age_years,
    }


def outgoing_for(
    brain: BaseChatModel, recording: OpenRecording, settings: Settings
) -> Callable[[Sequence[BaseMessage]], Sequence[BaseMessage]]:
    """Turn page references into pictures just before messages leave; the state never holds bytes."""
    if isinstance(brain, EmbeddedBrain):
        return lambda messages: messages
    from agent.brains.openai import inline_pages
    from tools.page import render

    def outgoing(messages: Sequence[BaseMessage]) -> Sequence[BaseMessage]:
        return inline_pages(list(messages), lambda page: render(recording, page).png, settings.images)

    return outgoing


def substantive(past: Sequence[PastTurn]) -> list[PastTurn]:
    """Turns that said something about the signal or the rules: what "why?" and "the second one" refer to."""
    passing = {"why", "confirm", "thanks", "help", "unclear"}
    return [t for t in past if t.status == "done" and t.answer and (t.intent or {}).get("act") not in passing]
