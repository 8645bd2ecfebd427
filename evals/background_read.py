"""Backgrounds as a user gets them measured, beside the truth of their segments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from evals.known_truth import opened
from models.recorder import Specimen
from models.truth import BackgroundTruth, PosteriorTruth, Truth
from tools.background import Background

THROUGHOUT = 0.6
"""Share of a segment that a rhythm or slowing has to cover to count as one of the segment."""


class Measured(NamedTuple):
    """The truth of a segment beside what was measured in it."""

    truth: Truth
    found: Background

    @property
    def background(self) -> BackgroundTruth:
        """What is known about the background."""
        return self.truth.background


def read_backgrounds(made: Iterable[Specimen]) -> Iterator[Measured]:
    """Write and open each segment, search it for artifacts, and measure its background, the age known."""
    from agent.describe import look_at_background_of
    from tools.detect import detect

    for specimen, recording in opened(made):
        age, duration = specimen.truth.background.age_years, specimen.segment.duration
        spoilt = detect(recording, labels=("artifact", "spindle")).events
        _, found = look_at_background_of(recording, 0.0, duration, spoilt, age)
        yield Measured(specimen.truth, found)


def noise_near(background: BackgroundTruth, frequency: float, half_width: float = 1.0) -> float:
    """RMS in microvolts of the background noise within so many hertz of a frequency, from its settings."""
    slope = background.exponent - 1.0

    def integral(low: float, high: float) -> float:
        return float((low**-slope - high**-slope) / slope)

    share = integral(frequency - half_width, frequency + half_width) / integral(0.5, 70.0)
    return float(background.rms_uv * share**0.5)


def posterior_of(truth: Truth) -> PosteriorTruth | None:
    """The posterior rhythm of a segment if it covers enough of it; several make none."""
    whole = [p for p in truth.background.posterior if p.duration >= THROUGHOUT * truth.duration]
    return whole[0] if len(whole) == 1 else None
