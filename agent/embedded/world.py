"""What a page holds, arranged for questions of the kind "does this option hold?"."""

from __future__ import annotations

from typing import Any, NamedTuple

from agent.embedded.draft import Situation
from agent.embedded.grounds import STAGE_RULES
from agent.facts import Facts
from agent.findings import Evidence
from tools.types import Event, Measurement


class Reason(NamedTuple):
    """Why an option gains or loses: weight, words, and what was measured."""

    weight: float
    """Positive for, negative against; 2 is as much as one finding that is there, or is not, can say."""
    words: str
    evidence: tuple[Evidence, ...] = ()
    """Empty where it was not looked for: the option can then be neither chosen nor excluded."""
    events: tuple[Event, ...] = ()


class World:
    """Events, background and stages of the place asked about."""

    def __init__(self, s: Situation) -> None:
        self.facts: Facts = s.of("describe_page")[-1]
        self.description: dict[str, Any] = self.facts.payload["description"]
        self.background: dict[str, Any] = self.description["background"]
        self.place = s.place
        self.rules = {c.id for fact in s.of("search_rules") for c in fact.citations}
        self.looked = set(self.facts.analysed.labels) if self.facts.analysed else set()

        staging = [m for fact in s.of("stage_sleep") for m in fact.measurements]
        self.staged = {m.quantity.removeprefix("stage "): m for m in staging if m.quantity.startswith("stage ")
                       and m.quantity.removeprefix("stage ") in STAGE_RULES}  # fmt: skip
        self.chances = {m.quantity.removeprefix("probability of "): m for m in staging
                        if m.quantity.startswith("probability of ")}  # fmt: skip

    def events(self, *labels: str) -> list[Event]:
        """Events of these labels that lie under no artifact."""
        return [e for e in self.facts.events if e.label in labels and not e.masked_by]

    def seconds(self, label: str) -> float:
        """Time under events of a label, whichever other artifact lies over them."""
        return sum(e.duration for e in self.facts.events if e.label == label)

    def measured(self, *starts: str) -> tuple[Measurement, ...]:
        """Measurements whose quantity begins so."""
        return tuple(m for m in self.facts.measurements if m.quantity.startswith(starts))

    def count(self, label: str) -> Measurement:
        """How many events of a label there are, zero included."""
        onset, duration = self.place
        return Measurement(onset=onset, duration=duration, quantity=f"{label} count", unit="count",
                           value=float(len(self.events(label))), tool="describe_page")  # fmt: skip
