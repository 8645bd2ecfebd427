"""Who is recorded: age, posterior rhythm, head and electrodes of one simulated person.

A subject is a template. Test sets draw theirs from other seeds than tuning does, so no test ever meets a person
that a threshold was chosen on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models import topography, waveforms
from models.canvas import SCALP, STATES, Canvas, SpikeShape
from models.rhythms import usual_alpha

Array = NDArray[np.float64]


class Variant(NamedTuple):
    """What a generator does differently: the head on which fields spread, and how a spike looks."""

    name: str = "standard"
    head: topography.Head = topography.STANDARD
    spike_shape: SpikeShape = waveforms.spike


STANDARD = Variant()


class Subject(NamedTuple):
    """One simulated person."""

    age: float
    alpha_hz: float
    alpha_rms: float
    left_over_right: float
    exponent_shift: float
    """Added to the slope of every state."""
    loudness: float
    """Times the usual RMS of every state."""
    gain: Array
    """Of electrodes and ears, within 5 %."""


def draw_subject(rng: np.random.Generator, age: float | None = None) -> Subject:
    """Draw a person: mostly adults, with children and old people among them."""
    if age is None:
        age = float(
            rng.choice([rng.uniform(5, 17), rng.uniform(18, 60), rng.uniform(60, 88)], p=[0.15, 0.6, 0.25])
        )
    youth = np.interp(age, [4, 12, 25, 80], [1.6, 1.35, 1.0, 0.9])
    return Subject(
        age=round(age, 1),
        alpha_hz=round(usual_alpha(age, rng), 2),
        alpha_rms=float(np.clip(15.0 * youth * rng.lognormal(0, 0.35), 6, 30)),
        # The right is a little larger in most people; beyond 0.8 to 1.25 it would be an asymmetry.
        left_over_right=float(np.clip(rng.normal(0.97, 0.08), 0.8, 1.25)),
        exponent_shift=float(np.clip(rng.normal(0, 0.08), -0.2, 0.2)),
        loudness=float(np.clip(youth * rng.lognormal(0, 0.15), 0.7, 1.9)),
        gain=np.clip(rng.normal(1, 0.05, len(SCALP)), 0.85, 1.15),
    )


def open_canvas(
    duration: float,
    sfreq: float,
    rng: np.random.Generator,
    subject: Subject,
    variant: Variant = STANDARD,
) -> Canvas:
    """Give an empty canvas with the head and electrodes of a person."""
    return Canvas(duration, sfreq, rng, head=variant.head, spike_shape=variant.spike_shape, gain=subject.gain)


USUAL_RMS = {"drowsy": 9.5, "n2": 16.5, "n3": 20.0, "rem": 9.5}
"""In microvolts from 0.5 to 70 Hz, where it differs from `models.canvas.STATES`."""


def settings_of(subject: Subject, state: str) -> tuple[float, float]:
    """Exponent, and RMS in microvolts from 0.5 to 70 Hz, of the background of a person in a state."""
    exponent, rms = STATES[state]
    return exponent + subject.exponent_shift, USUAL_RMS.get(state, rms) * subject.loudness


def whole_rms(exponent: float, rms: float) -> float:
    """RMS with the drifts from 0.1 to 0.5 Hz, over which the noise is level, added to that from 0.5 to 70 Hz."""
    drifts = 0.4 * 0.5**-exponent
    above = (0.5 ** (1 - exponent) - 70.0 ** (1 - exponent)) / (exponent - 1)
    return float(rms * np.sqrt((drifts + above) / above))
