"""Where examples of patterns come from: a person in some state with artifacts, as some recorder writes it."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models import body, eyes, rhythms, technical
from models.canvas import Canvas
from models.recorder import MONTAGES, record
from models.segments import RATES
from models.subject import draw_subject, open_canvas, settings_of, whole_rms
from tools.labels import TEN_TWENTY
from tools.types import Segment

Rng = np.random.Generator
Array = NDArray[np.float64]
STATES = ("slowed", "slowed", "slowed", "wake", "eyes_open", "drowsy", "n2", "low_voltage")


class Example(NamedTuple):
    """Ten seconds with what they show: a pattern, or ``none``."""

    segment: Segment
    label: str
    kind: str = ""
    """What it is in particular; the label where that says it all."""


def log_uniform(rng: Rng, low: float, high: float) -> float:
    """Draw between two positive limits, every factor alike."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def open_scene(rng: Rng, duration: float, states: tuple[str, ...] = STATES) -> Canvas:
    """A person in some state, with the rhythms and artifacts of that state."""
    sfreq, subject, state = float(rng.choice(RATES)), draw_subject(rng), str(rng.choice(states))
    canvas = open_canvas(duration, sfreq, rng, subject)
    exponent, rms = settings_of(subject, state)
    canvas.background(state, whole_rms(exponent, rms * log_uniform(rng, 0.5, 2.2)), exponent)
    if state == "wake" and rng.random() < 0.5:
        rhythms.add_posterior_rhythm(canvas, 0.0, duration, frequency=subject.alpha_hz, rms=subject.alpha_rms)
    if rng.random() < 0.5:
        low = rng.uniform(0.6, 4.0)
        rhythms.add_slowing(
            canvas, 0.0, duration, band=(low, low + rng.uniform(1.5, 3)), rms=log_uniform(rng, 4, 20)
        )
    return canvas


def add_some_artifact(canvas: Canvas, rng: Rng) -> None:
    """Add one kind of artifact to a third of the examples."""
    if rng.random() > 0.35:
        return
    choice, last = int(rng.integers(6)), canvas.duration
    at = float(rng.uniform(0, last - 3))
    if choice == 0:
        for onset in rng.uniform(0, last - 1, 3):
            eyes.add_blink(canvas, float(onset))
    elif choice == 1:
        body.add_emg(canvas, at, at + rng.uniform(0.6, 2.9), rms=float(rng.uniform(7, 30)))
    elif choice == 2:
        body.add_heart(canvas, per_minute=float(rng.uniform(55, 110)), size=float(rng.uniform(5, 25)))
    elif choice == 3:
        technical.add_bad_channel(
            canvas, channel=str(rng.choice(TEN_TWENTY)), size=float(rng.uniform(30, 90))
        )
    elif choice == 4:
        technical.add_line_noise(canvas, 0.0, last, frequency=60.0, size=float(rng.uniform(2, 40)))
    else:
        body.add_movement(canvas, at, at + rng.uniform(0.5, 1.5), size=float(rng.uniform(80, 250)))


def written(canvas: Canvas, rng: Rng, first: float = 0.0) -> Segment:
    """Ten seconds of the canvas as some recorder writes them."""
    segment = record(canvas, str(rng.choice(MONTAGES[:4], p=[0.5, 0.25, 0.05, 0.2])))
    start, length = round(first * segment.sfreq), round(10 * segment.sfreq)
    return replace(segment, data=segment.data[:, start : start + length])


def steps(rng: Rng, rate: float, jitter: float, duration: float = 10.0) -> Array:
    """Moments that follow each other at a rate, every step changed by chance."""
    steps = np.clip(rng.normal(1, jitter, round(3 * duration * rate) + 5), 0.5, 1.6) / rate
    moments = np.cumsum(steps) - steps[0] * rng.uniform(0, 1)
    return np.asarray(moments[moments < duration - 0.1])
