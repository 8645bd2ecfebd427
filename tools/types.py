"""The nouns of the project.

Time is in seconds from the start of the recording, frequency in hertz, voltage in
microvolts (converted once, in ``tools.io``), arrays are ``(channels, samples)``.
Any other unit is part of the name: ``paper_speed_mm_per_s``, ``value_uv``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["eeg", "eog", "emg", "ecg", "resp", "reference", "trigger", "scoring", "other"]
AmplitudeKind = Literal["pp", "half_pp", "rms"]
Side = Literal["left", "right", "bilateral", "generalized"]


class ToolError(Exception):
    """The request cannot be met; the message says what would work.

    Parameters
    ----------
    message : str
        One line, without any text taken from the file: what is wrong and what would work.
    field : str, optional
        The argument that is at fault, as the command line or a tool names it.
    choices : sequence of str, optional
        What could have been asked for instead.
    """

    def __init__(
        self, message: str, *, field: str | None = None, choices: Sequence[str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.choices = tuple(choices) if choices is not None else None


class Record(BaseModel):
    """Base of all that is stored, shown or sent to a language model."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Filters(Record):
    """The filters in force, zero phase; None where one is off."""

    low_cut_hz: float | None = Field(default=None, gt=0)
    high_cut_hz: float | None = Field(default=None, gt=0)
    notch_hz: float | None = Field(default=None, gt=0)


class Channel(Record):
    """One signal of a recording, at its own rate."""

    name: str
    original_name: str
    """As the file spells it, after removal of whatever is not a channel's name."""
    kind: Kind
    sfreq: float
    unit: str
    """Unit of the samples as they are handed out: ``uV`` for voltages, else the file's."""


class Gap(Record):
    """A stretch of time in which nothing was recorded."""

    onset: float = Field(ge=0)
    duration: float = Field(ge=0)


class Recording(Record):
    """What is in a file: no samples, no name, no date.

    Age, sex and the time of day are kept, since norms and sleep depend on them.
    """

    handle: str
    """Short content-derived id by which tools, threads and pages refer to the recording."""
    format: str
    duration: float
    start_time_of_day: str | None = None
    """``HH:MM:SS``, local time without a zone."""
    age_years: float | None = None
    sex: Literal["female", "male"] | None = None
    channels: tuple[Channel, ...]
    montage_guess: Literal["referential", "average", "bipolar", "laplacian", "psg", "unknown"] = "unknown"
    annotations: int = 0
    gaps: tuple[Gap, ...] = ()
    warnings: tuple[str, ...] = ()

    def names(self, *kinds: Kind) -> tuple[str, ...]:
        """Names of the channels of these kinds (of all, when none is given), in file order."""
        return tuple(c.name for c in self.channels if not kinds or c.kind in kinds)


@dataclass(frozen=True, eq=False)
class Segment:
    """A stretch of signal in memory. It never leaves the process: refer to it by place.

    Samples that the file does not hold (gaps) or that are not finite are NaN; a function that
    cannot work with NaN refuses or leaves the channel out and says so.
    """

    data: NDArray[np.float64]  # (channels, samples), µV
    channels: tuple[str, ...]
    sfreq: float
    onset: float = 0.0
    kinds: tuple[Kind, ...] = ()
    """Kind of each channel; EEG throughout when left out."""
    reference: str = "as recorded"
    filters: Filters = field(default_factory=Filters)

    def __post_init__(self) -> None:
        if len(self.channels) != len(self.data):
            raise ValueError(f"{len(self.channels)} names for {len(self.data)} channels")
        if not self.kinds:
            object.__setattr__(self, "kinds", ("eeg",) * len(self.channels))

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return float(self.data.shape[1] / self.sfreq)

    def pick(self, channels: Sequence[str]) -> Segment:
        """Keep these channels, in this order; ToolError names those that exist."""
        if tuple(channels) == self.channels:
            return self
        missing = [name for name in channels if name not in self.channels]
        if missing:
            raise ToolError(f"No channel {', '.join(missing)} here.", field="channels", choices=self.channels)
        rows = [self.channels.index(name) for name in channels]
        return replace(
            self,
            data=self.data[rows],
            channels=tuple(channels),
            kinds=tuple(self.kinds[row] for row in rows),
        )

    def pick_kinds(self, *kinds: Kind) -> Segment:
        """Keep the channels of these kinds; possibly none."""
        return self.pick([c for c, k in zip(self.channels, self.kinds, strict=True) if k in kinds])


class Place(Record):
    """Where in the recording something is; no channels means all of them."""

    onset: float = Field(ge=0)
    duration: float = Field(ge=0)
    channels: tuple[str, ...] = ()


class Page(Place):
    """What a reader was shown: a place and everything that decides how it looked."""

    montage: str = "average"
    profile: Literal["clinical", "cerebragloss", "sleepvlm", "sleepvlm-bench"] = "clinical"
    low_cut_hz: float | None = Field(default=0.5, gt=0)
    high_cut_hz: float | None = Field(default=70.0, gt=0)
    notch_hz: float | None = Field(default=None, gt=0)
    sensitivity_uv_per_mm: float = Field(default=7.0, gt=0)
    paper_speed_mm_per_s: float = Field(default=30.0, gt=0)
    left_first: bool = True
    width: int = Field(default=1200, ge=200, le=8000)
    height: int = Field(default=800, ge=150, le=8000)

    @property
    def filters(self) -> Filters:
        """The filters in force on the page."""
        return Filters(low_cut_hz=self.low_cut_hz, high_cut_hz=self.high_cut_hz, notch_hz=self.notch_hz)


class Amplitude(Record):
    """A voltage with its kind; the three kinds differ by up to 2.83 for one and the same sine."""

    value_uv: float
    kind: AmplitudeKind


class ChannelSpan(Record):
    """The part that one channel takes in an event."""

    channel: str
    onset: float
    duration: float
    value_uv: float | None = None
    """Size of the event in this channel, of the kind of the event's amplitude; None where not measured."""


class Event(Place):
    """Something that a tool, a model or a reader marked.

    ``confidence`` is None where the source does not grade its marks.
    """

    label: str
    source: str
    confidence: float | None = Field(default=None, ge=0, le=1)
    amplitude: Amplitude | None = None
    frequency_hz: float | None = None
    per_channel: tuple[ChannelSpan, ...] = ()
    masked_by: str | None = None
    """Label of the artifact that makes the event doubtful; None when it stands."""


class NotAnalysed(Record):
    """Something that was not looked for, and why: never the same as nothing found."""

    label: str
    reason: str


class Analysed(Record):
    """What was looked for, and in how much signal."""

    labels: tuple[str, ...] = ()
    seconds: float = 0.0
    channels: tuple[str, ...] = ()


class Detection(Record):
    """Outcome of looking for events: what was found, where was looked, what could not be."""

    events: tuple[Event, ...] = ()
    analysed: Analysed = Analysed()
    not_analysed: tuple[NotAnalysed, ...] = ()


class Measurement(Place):
    """A number that a tool measured, with its unit and where it was measured."""

    kind: Literal["measurement"] = "measurement"
    quantity: str
    value: float
    unit: str
    tool: str
    amplitude_kind: AmplitudeKind | None = None
    """Set whenever ``unit`` is ``uV``: an amplitude without its kind is not a number."""
