"""The stage of a segment: a canvas with its person, and the draws that every recipe makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from models.canvas import Canvas
from models.subject import Subject


class Scene(NamedTuple):
    """A canvas with its person and the range of signal-to-noise ratios in force."""

    canvas: Canvas
    subject: Subject
    snr: tuple[float, float]

    @property
    def rng(self) -> np.random.Generator:
        """Source of all chance."""
        return self.canvas.rng

    def draw_snr(self, most: float = 12.0) -> float:
        """Draw a ratio, log-uniform within the range in force."""
        low, high = self.snr[0], min(most, self.snr[1])
        return float(np.exp(self.rng.uniform(np.log(low), np.log(max(high, low)))))

    def spots(self, count: int, length: float, apart: float = 0.3) -> list[float]:
        """Draw onsets of events of this length that neither meet nor leave the segment."""
        room = self.canvas.duration - 0.4 - count * (length + apart)
        if room <= 0:
            count = max(1, int((self.canvas.duration - 0.4) / (length + apart)))
            room = max(0.0, self.canvas.duration - 0.4 - count * (length + apart))
        gaps = np.sort(self.rng.uniform(0, room, count))
        return [float(0.2 + gap + number * (length + apart)) for number, gap in enumerate(gaps)]

    def side(self) -> str:
        """Left or right."""
        return "left" if self.rng.random() < 0.5 else "right"

    def number(self, low: int, high: int) -> int:
        """A number of events, both ends included, for ten seconds; more where the segment is longer."""
        scale = max(1.0, self.canvas.duration / 10)
        return round(float(self.rng.integers(low, high + 1)) * scale)


Recipe = Callable[[Scene], None]


class Category(NamedTuple):
    """A sub-category: what it adds, and the states in which it is met."""

    draw: Recipe
    states: tuple[str, ...]
    group: str
    eyes_closed: float = 0.5
    """Share of waking segments with a posterior rhythm besides."""
