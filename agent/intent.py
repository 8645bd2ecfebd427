"""What a question asks for, once words, times and follow-ups are resolved."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.types import Place, Record

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

Stage = Literal["W", "N1", "N2", "N3", "R"]
Band = Literal["delta", "theta", "alpha", "beta", "gamma", "sigma"]
Which = Literal[
    "next", "previous", "first", "last", "largest", "smallest", "longest", "shortest", "fastest", "slowest"
]  # fmt: skip
Statistic = Literal[
    "summary", "efficiency", "sleep latency", "rem latency", "waso", "sleep time", "share", "arousal index",
    "awakenings", "cycles",
]  # fmt: skip
Aspect = Literal[
    # of the signal
    "stage",  # which sleep stage, is it N2, how much N3
    "quality",  # is the page clean enough to read
    "normality",  # is anything abnormal
    "slowing",
    "reactivity",
    "evolution",  # does it change over time
    "asymmetry",  # which side is the lower one
    "nature",  # is one event artifact or discharge
    # of a discharge or a pattern that is there
    "criteria",  # how many are met, and which
    "field",  # dipole, phase reversal, where it is largest
    "side",  # lateralized or generalized
    "prevalence",  # how much of the time
    # of the file
    "duration", "channels", "sampling", "age", "sex", "start", "format", "annotations", "gaps", "montage",
    "identity",  # who is the patient: never answered
]  # fmt: skip


class Option(Record):
    """One option of a multiple-choice question."""

    letter: Literal["A", "B", "C", "D", "E", "F"]
    text: str
    labels: tuple[str, ...] = ()
    """Labels of the vocabulary that the option names."""
    channels: tuple[str, ...] = ()
    region: str | None = None
    stage: Stage | None = None
    band: Band | None = None
    aspect: Aspect | None = None
    reply: Literal["yes", "no", "none of these", "all of these"] | None = None
    """What the option says when it names nothing itself."""
    denies: bool = False
    """The option says that something is absent."""


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
    band: Band | None = None
    options: tuple[Option, ...] = ()
    view: ViewChange | None = None
    query: str = ""
    """The question as a self-contained query to the rule base, follow-ups spelt out."""
    follow_up: bool = False
    event_index: int | None = None
    """Which of the events of the last answer is meant, counted from 0; -1 for the last."""
    stage: Stage | None = None
    notes: tuple[str, ...] = ()
    """What could not be resolved, as sentences that may be shown to the user."""
    moment: float | None = Field(default=None, ge=0)
    """The one point in time asked about ("at 4.2 s"); ``onset`` and ``duration`` hold a window around it."""
    aspect: Aspect | None = None
    """What of the signal or of the file is asked for, where the act alone does not say it."""
    which: Which | None = None
    """Which of several events: ``next`` and ``previous`` count from the page in view."""
    stages: tuple[Stage, ...] = ()
    """Every stage the question names, in order ("why N2 and not N1?"); ``stage`` is the first."""
    statistic: Statistic | None = None
    """The number of the night that is asked for; ``aspect`` is then ``stage``."""
    groups: tuple[tuple[str, ...], ...] = ()
    """The parties of a comparison, as channels; ``channels`` is their union."""
    other: Place | None = None
    """The other stretch of time of a comparison; ``onset`` and ``duration`` hold the first."""
    band_hz: tuple[float, float] | None = None
    """A frequency range given in numbers ("between 12 and 14 Hz")."""
    unit: Literal["uV", "Hz", "s", "ms"] | None = None
    """The unit that the answer is wanted in."""
    again: Act | None = None
    """The act that a why, a confirm or a change of view refers back to."""
    place_missing: bool = False
    """The place asked about is not in the recording (see ``notes``): nothing else was put in its stead."""
