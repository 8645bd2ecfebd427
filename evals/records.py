"""What every benchmark is made of: items that ask, replies that answer, cards that say what a score means.

A task turns a folder or the simulator into items; a system answers an item; a scorer compares. None knows the
others, so the assistant, a bare model, bare tools and a control are asked the same and scored alike.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import Field

from tools.types import Analysed, Event, Record

ItemKind = Literal["description", "mcq", "qa", "boxes", "stages", "dialogue", "consistency"]
LETTERS = "ABCDEF"


class Item(Record):
    """One thing that is asked about one stretch of one recording."""

    id: str
    kind: ItemKind
    group: str
    """Patient, or segment where there is no patient: what intervals are clustered by."""
    category: str
    recording: str = ""
    """EEG file, relative to the folder of the task; empty where there are only pictures."""
    images: tuple[str, ...] = ()
    """Pictures in the order in which a model sees them, relative to the same folder."""
    onset: float = 0.0
    duration: float = 10.0
    alone: bool = False
    """The stretch is all that a system gets to see, as a published question on a window of it means."""
    turns: tuple[str, ...]
    """What is asked, one entry for each turn; options stand in the text as the published forms have them."""
    options: tuple[str, ...] = ()
    key: str = ""
    """Letter of the right option, or the true stage; empty where the reference is a text."""
    reference: str = ""
    """What an expert, or the truth in words, answers to the last turn."""
    truth: str = ""
    """File of `models.truth.Truth`, relative to the same folder; empty where the truth is not known."""
    expects: dict[str, Any] = Field(default={})
    """What else a scorer of the task needs to know; never shown to a system."""
    partner: str = ""
    """Recording (or first picture) of another item, that stands in for this one's in the swapped control."""


class Reply(Record):
    """What a system made of an item."""

    texts: tuple[str, ...] = ()
    """One for each turn."""
    choice: str | None = None
    """Letter the system names as its choice; None leaves it to the parser of the last text."""
    events: tuple[Event, ...] = ()
    """Boxes, where they were asked for."""
    epochs: tuple[dict[str, Any], ...] = ()
    """As ``glossa stage --json`` prints them, where a night was asked for."""
    analysed: Analysed | None = None
    """What was looked for where boxes were asked for."""
    not_analysed: tuple[str, ...] = ()
    """Labels that the system says it did not look for."""
    seconds: float = 0.0
    tokens: int = 0
    error: str | None = None
    """Why there is no answer, in words; it counts as an invalid answer and never as a guess."""
    passing: bool = False
    """The failure is a server's and may pass: the next run asks again."""
    tool_calls: tuple[dict[str, Any], ...] = ()
    """What was called for the answer, in order: name, arguments, whether it worked."""

    @property
    def text(self) -> str:
        """The answer to the last turn."""
        return self.texts[-1] if self.texts else ""


class Grade(Record):
    """What the scorers say of one reply."""

    values: dict[str, float | None] = Field(default={})
    """Numbers by name; None where the score does not apply."""
    answer: str = ""
    """What was read out of the reply: a letter, a label, the text."""
    explanation: str = ""
    invalid: bool = False
    """The reply could not be read as an answer, or there was none."""
    details: dict[str, Any] = Field(default={})


class System(Protocol):
    """Whatever answers items: the assistant, a model, tools, a control."""

    @property
    def name(self) -> str:
        """As ``--model`` names it and tables show it."""

    def reply(self, item: Item, folder: Path) -> Reply:
        """Answer an item whose files lie under a folder. Runs in a thread; each call starts afresh."""


class Card(Record):
    """What a task measures and how its score is to be read."""

    name: str
    title: str
    measures: str
    source: str
    """Where items and labels come from, with DOI or arXiv number."""
    licence: str
    floor: str
    """Chance and controls."""
    ceiling: str
    """Agreement of human readers, where it is known."""
    primary: str
    """Score that the headline shows."""
    version: int = 1
    """It rises when a number changes its meaning."""


class Task(Record):
    """A task as it is run: its items and the folder their files lie under."""

    card: Card
    folder: Path
    items: tuple[Item, ...]
    seed: int = 0
    sources: dict[str, str] = Field(default={})
    """SHA-256 of what the items were made from, by name."""
