"""What a file reader hands over: raw signals in the file's own words, before anything is cleaned.

Readers (`tools.edf`, `tools.foreign`) know formats and nothing else; `tools.io` turns what they give
into a `Recording`. Text in these records still comes from the file and goes no further than
`tools.channels` and `tools.deidentify`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tools.types import Gap, Kind, ToolError


@dataclass(frozen=True)
class SourceSignal:
    """One signal as the file describes it."""

    label: str
    unit: str
    sfreq: float
    samples: int
    """Length of the whole recording in samples of this signal, gaps included."""
    kind: Kind | None = None
    """Kind as the format itself types the channel; None where it does not."""


@dataclass(frozen=True)
class Subject:
    """What norms need to know of the person; everything else is left in the file."""

    age_years: float | None = None
    sex: Literal["female", "male"] | None = None
    start_time_of_day: str | None = None


class Source(Protocol):
    """An open file from which signals can be read by sample number."""

    @property
    def format(self) -> str:
        """Name of the format, such as ``EDF+C``."""

    @property
    def signals(self) -> tuple[SourceSignal, ...]:
        """The signals, annotation channels left out."""

    @property
    def duration(self) -> float:
        """Length in seconds, gaps included."""

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Stretches in which nothing was recorded."""

    @property
    def annotations(self) -> int:
        """Number of annotations; their text stays in the file."""

    @property
    def subject(self) -> Subject:
        """Age, sex and clock time."""

    @property
    def companions(self) -> tuple[str, ...]:
        """Paths of further files the samples come from; a change of one is a change of the recording."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was odd about the file, in sentences without any text of the file."""

    def read(self, rows: Sequence[int], start: int, stop: int) -> NDArray[np.float64]:
        """Give samples ``start`` to ``stop`` of signals of one rate, in the file's unit; gaps are NaN."""

    def close(self) -> None:
        """Let go of the file."""


def unreadable(message: str) -> ToolError:
    """Refusal of a file, in our own words."""
    return ToolError(message, field="file")
