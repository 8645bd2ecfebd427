"""What a question asks for, once words, times and follow-ups are resolved."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.types import Record

Act = Literal[
    "describe",  # what does this page show?
    "detect",  # are there spindles? how many, where, when?
    "measure",  # how fast, how tall, how long: a number of a wave, a span or a channel
    "background",  # dominant and posterior rhythm, slowing, asymmetry, band power
    "compare",  # left against right, front against back, this page against another
    "search",  # find events across the recording
    "navigate",  # show another page, zoom
    "view",  # change filter, montage, sensitivity, and look again
    "why",  # on what grounds was the last answer given?
    "confirm",  # are you sure?
    "knowledge",  # what do the rules say? no signal needed
    "choose",  # multiple choice
    "info",  # what is in the file
    "thanks",  # courtesy; nothing to do
    "help",  # what can you do?
    "unclear",  # not understood, or out of scope
]


class Option(Record):
    """One option of a multiple-choice question."""

    letter: Literal["A", "B", "C", "D", "E", "F"]
    text: str


class ViewChange(Record):
    """What the user wants changed in the page; None leaves a setting as it is, 0 switches a filter off."""

    low_cut_hz: float | None = Field(default=None, ge=0)
    high_cut_hz: float | None = Field(default=None, ge=0)
    notch_hz: float | None = Field(default=None, ge=0)
    sensitivity_uv_per_mm: float | None = Field(default=None, gt=0)
    montage: str | None = None


class Intent(Record):
    """A question, resolved against the recording, the page in view and the turns before.

    It is stored with its turn, so that the next question can lean on it.
    """

    act: Act
    question: str
    onset: float | None = Field(default=None, ge=0)
    """Start of the place asked about; None where the question names none (then the page in view holds)."""
    duration: float | None = Field(default=None, ge=0)
    whole_recording: bool = False
    """The question is about the recording, not about a page."""
    channels: tuple[str, ...] = ()
    """Canonical names, resolved from channels, regions and sides; none means all."""
    region: str | None = None
    """The words of the user's region, for the answer: ``left temporal``."""
    labels: tuple[str, ...] = ()
    """Labels of the vocabulary that the question names, groups resolved."""
    presumed: tuple[str, ...] = ()
    """Labels whose presence the question takes for granted ("describe the seizure")."""
    quantity: (
        Literal["amplitude", "frequency", "duration", "power", "count", "time", "slope", "symmetry"] | None
    ) = None
    band: Literal["delta", "theta", "alpha", "beta", "gamma", "sigma"] | None = None
    options: tuple[Option, ...] = ()
    view: ViewChange | None = None
    query: str = ""
    """The question as a self-contained query to the rule base, follow-ups spelt out."""
    follow_up: bool = False
    event_index: int | None = None
    """Which of the events of the last answer is meant, counted from 0; -1 for the last."""
    stage: Literal["W", "N1", "N2", "N3", "R"] | None = None
    notes: tuple[str, ...] = ()
    """What could not be resolved, as sentences that may be shown to the user."""
