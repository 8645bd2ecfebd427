"""The background of a night: what the EEG of every stage holds between its waves.

It has a spectrum of its own. Backgrounds of ten seconds (`models.canvas.STATES`) follow one power law from 0.5 Hz
on, which in N2 gives waves of 0.5 to 2 Hz 2.6 times as high (RMS) as real N2 has, more than 75 µV in a third of
the time, so that N2 as drawn was N3 by definition. Sleep falls off only above 1 to 2 Hz; what it holds below beyond
that are K-complexes and slow waves, which a night plants.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models import topography, waveforms
from models.canvas import SCALP, SITES, Canvas
from models.subject import Subject

Array = NDArray[np.float64]


class Rest(NamedTuple):
    """The spectrum of a stage between its waves."""

    exponent: float
    """By which power falls with frequency above `corner`."""
    corner: float
    """Hertz; below, power is level."""
    rms: float
    """Microvolts from 0.5 to 70 Hz, at the median electrode in average reference."""
    sigma: float
    """The same for 11 to 15.5 Hz: spindle activity too small for a spindle."""


RESTS = {
    "W": Rest(1.4, 0.5, 6.5, 0.0),
    "N1": Rest(1.7, 1.0, 6.6, 0.0),
    "N2": Rest(2.2, 2.0, 7.6, 1.3),
    "N3": Rest(2.4, 2.0, 8.6, 1.2),
    "R": Rest(1.8, 1.0, 6.2, 0.0),
}
"""Set so that the power of six bands from 0.5 to 30 Hz at C3-M2 lies among that of real recordings of adults
(docs/experiments.md has the table)."""
_SIGMA = (11.0, 15.5)
_LOWEST, _HIGHEST = 0.5, 70.0


def rest_of(subject: Subject, stage: str) -> Rest:
    """Give the background of a person in a stage."""
    usual = RESTS[stage]
    return usual._replace(
        exponent=usual.exponent + subject.exponent_shift,
        rms=usual.rms * subject.loudness,
        sigma=usual.sigma * subject.loudness,
    )


def night_noise(canvas: Canvas, subject: Subject, stage: str, length: int) -> Array:
    """Draw the background of a stage, shape (scalp and ears, samples), free of a reference."""
    rest, rng, sfreq = rest_of(subject, stage), canvas.rng, canvas.sfreq
    mixing = topography.mixing_matrix(SCALP, head=canvas.head)
    sources = waveforms.pink(mixing.shape[1], length, sfreq, rest.exponent, rng, corner=rest.corner)
    noise = _sized(mixing @ sources, canvas.gain, _with_drifts(rest))
    if rest.sigma:
        sources = waveforms.band_noise(mixing.shape[1], length, sfreq, _SIGMA, rng)
        noise += _sized(mixing @ sources, canvas.gain, rest.sigma)
    return noise


def _sized(mixed: Array, gain: Array | None, rms: float) -> Array:
    mixed = mixed if gain is None else mixed * gain[:, None]
    scalp = mixed[:SITES] - mixed[:SITES].mean(axis=0)
    return np.asarray(mixed * (rms / np.median(scalp.std(axis=1))))


def _with_drifts(rest: Rest) -> float:
    """RMS with the drifts from 0.1 to 0.5 Hz, over which the noise is level, added to that from 0.5 to 70 Hz."""
    level, fall = rest.corner**-rest.exponent, 1 - rest.exponent
    above = level * (rest.corner - _LOWEST) + (rest.corner**fall - _HIGHEST**fall) / -fall
    return float(rest.rms * np.sqrt(1 + 0.4 * level / above))
