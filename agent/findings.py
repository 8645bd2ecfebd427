"""What the agent concludes, and on what grounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tools.types import Event, Measurement, NotAnalysed, Page, Record

Certainty = Literal["definite", "probable", "possible"]


class CitedRule(Record):
    """A rule named as ground, by its id in the knowledge base."""

    kind: Literal["citation"] = "citation"
    id: str


class Observation(Record):
    """What a model said of a page: weaker than a measurement, and marked as such."""

    kind: Literal["observation"] = "observation"
    text: str
    model: str


Evidence = Annotated[Measurement | CitedRule | Observation, Field(discriminator="kind")]


class Finding(Record):
    """One statement of an answer. Without evidence it cannot be built."""

    statement: str
    certainty: Certainty
    events: tuple[Event, ...] = ()
    evidence: tuple[Evidence, ...] = Field(min_length=1)


class CitedSource(Record):
    """A rule as the answer lists it under its text."""

    id: str
    title: str
    source: str


class ToolCall(Record):
    """A tool that was called for the answer, and whether it could do what was asked."""

    name: str
    args: dict[str, object] = {}
    ok: bool


class Answer(Record):
    """One turn's outcome: what is shown, stored, and printed by ``glossa ask --json``."""

    answer: str
    choice: Literal["A", "B", "C", "D", "E", "F"] | None = None
    findings: tuple[Finding, ...] = ()
    citations: tuple[CitedSource, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    unsupported: tuple[str, ...] = ()
    """Claims that had no source among the tool results and were taken out of the answer."""
    not_analysed: tuple[NotAnalysed, ...] = ()
    thread: str
    brain: str
    page: Page | None = None
    """The page in view after the turn."""
