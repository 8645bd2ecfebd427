"""What the embedded brain knows when it writes, and the draft it writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agent.facts import Facts
from agent.findings import Answer, Certainty, CitedRule, Evidence, Finding
from agent.intent import Intent
from tools.types import Event, Measurement, NotAnalysed, Page, Record, Recording

EPOCH = 30.0
"""Seconds of an epoch in which sleep is staged."""


class Situation(Record):
    """Everything the planner and the writers may look at."""

    intent: Intent
    recording: Recording
    page: Page
    """The page in view now; tools may have moved it."""
    asked_on: Page
    """The page in view when the question was asked: what "next" and "previous" count from."""
    previous: Answer | None = None
    """The last answer of the thread."""
    previous_intent: Intent | None = None
    age_years: float | None = None
    facts: tuple[Facts, ...] = ()
    """What this turn's tools established so far, in order."""
    refusals: tuple[str, ...] = ()
    called: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[float, float]:
        """Onset and duration asked about: the question's, else the page in view."""
        if self.intent.whole_recording and self.intent.event_index is None:
            return 0.0, self.recording.duration
        if (
            self.about_a_stage
            and self.intent.onset is None
            and self.page.duration < EPOCH <= self.recording.duration
        ):
            start = min(self.page.onset // EPOCH * EPOCH, self.recording.duration - EPOCH)
            return start, EPOCH
        one_event = self.intent.event_index is not None
        if self.intent.moment is not None and not one_event and self.intent.act in ("describe", "background"):
            # one moment is no stretch to describe: take a page around it
            latest = max(0.0, self.recording.duration - self.page.duration)
            start = min(max(0.0, self.intent.moment - self.page.duration / 2), latest)
            return start, min(self.page.duration, self.recording.duration - start)
        onset = self.page.onset if self.intent.onset is None else self.intent.onset
        if self.intent.moment is not None and self.intent.act == "navigate":
            return self.intent.moment, min(self.page.duration, self.recording.duration - self.intent.moment)
        duration = self.page.duration if self.intent.duration is None else self.intent.duration
        return onset, max(0.0, min(duration, self.recording.duration - onset))

    @property
    def about_a_stage(self) -> bool:
        """The question is which sleep stage this is, or whether or why it is the one named."""
        intent = self.intent
        on_signal = intent.act in ("detect", "describe", "measure", "why", "search")
        events = bool(intent.labels) and intent.act != "why"  # "spindles in N2": the stage is where, not what
        return on_signal and not events and (intent.aspect == "stage" or intent.stage is not None)

    @property
    def about_the_night(self) -> bool:
        """The question is one on the sleep of the whole recording rather than of a place."""
        if not self.about_a_stage or (self.intent.onset is not None and not self.intent.whole_recording):
            return False
        if self.intent.statistic or self.intent.whole_recording:
            return True
        text = self.intent.question.lower()
        return bool(_NIGHTLY.search(text)) and not _HERE.search(text) and self.intent.act != "why"

    def of(self, tool: str) -> list[Facts]:
        """Facts of one tool."""
        return [fact for fact in self.facts if fact.tool == tool]

    def measurements(self) -> list[Measurement]:
        """All measurements of the turn."""
        return [m for fact in self.facts for m in fact.measurements]

    def rule(self, identifier: str) -> CitedRule | None:
        """The rule as evidence, if it was read this turn."""
        read = {c.id for fact in self.facts for c in fact.citations}
        return CitedRule(id=identifier) if identifier in read else None


_NIGHTLY = re.compile(
    r"\b(?:was|were|did|does|ever|any|there|night|recording|when|first|last|how (?:many|much|long)|periods?)\b"
)
_HERE = re.compile(r"\b(?:this|here|these|epochs? \d+|page|it|segment|now)\b")


@dataclass
class Draft:
    """An answer in the making: statements with their grounds, and remarks that claim nothing."""

    parts: list[Finding | str] = field(default_factory=list)
    choice: Literal["A", "B", "C", "D", "E", "F"] | None = None
    not_analysed: list[NotAnalysed] = field(default_factory=list)

    def say(self, remark: str) -> None:
        """Add a sentence that states nothing about the signal."""
        self.parts.append(remark)

    def state(
        self,
        statement: str,
        evidence: Iterable[Evidence | None],
        *,
        events: Sequence[Event] = (),
        certainty: Certainty = "definite",
    ) -> None:
        """Add a statement with its grounds; without any it becomes no statement at all."""
        grounds = tuple({e.model_dump_json(): e for e in evidence if e is not None}.values())
        if grounds:
            self.parts.append(
                Finding(statement=statement, certainty=certainty, events=tuple(events), evidence=grounds)
            )

    def add(self, finding: Finding) -> None:
        """Add a finding made elsewhere."""
        self.parts.append(finding)

    def missing(self, entries: Iterable[NotAnalysed]) -> None:
        """Note what was not looked for."""
        known = {entry.label for entry in self.not_analysed}
        self.not_analysed += [entry for entry in entries if entry.label not in known]

    def findings(self) -> list[Finding]:
        """The statements."""
        return [part for part in self.parts if isinstance(part, Finding)]

    def remarks(self) -> list[str]:
        """The sentences that state nothing about the signal."""
        return [part for part in self.parts if isinstance(part, str)]

    def text(self) -> str:
        """The answer as it reads."""
        return " ".join(p.statement if isinstance(p, Finding) else p for p in self.parts).strip()
