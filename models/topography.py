"""Where on the head a simulated source is seen: electrode angles and the fields of typical sources.

The head is a sphere and a source is a smooth cap on it, so a field depends only on the angle between
electrode and source. That needs no head model at run time and gives correlations between electrodes close
to those of real average-referenced EEG (a test holds the table).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_DIRECTIONS: dict[str, tuple[float, float]] = {
    "Fp1": (-92, -72), "Fp2": (92, 72), "F7": (-92, -36), "F3": (-60, -51), "Fz": (46, 90), "F4": (60, 51),
    "F8": (92, 36), "T3": (-92, 0), "C3": (-46, 0), "Cz": (0, 0), "C4": (46, 0), "T4": (92, 0),
    "T5": (-92, 36), "P3": (-60, 51), "Pz": (46, -90), "P4": (60, -51), "T6": (92, -36),
    "O1": (-92, 72), "O2": (92, -72), "A1": (-118, 12), "A2": (118, -12),
}  # fmt: skip
"""Inclination from the vertex and azimuth in degrees on the idealised 10-20 sphere, ears below the rim."""

CAP_ANGLE = 56.0
"""Fall-off of a background source in degrees: its field drops to 1/e at this angle."""


class Source(NamedTuple):
    """A cap of cortex: the electrodes it lies under, how far its field reaches, and its polarity."""

    electrodes: tuple[str, ...]
    reach: float
    """Angle in degrees at which the field has dropped to 1/e."""
    sign: float = 1.0


SOURCES: dict[str, Source] = {
    "alpha": Source(("O1", "O2"), 50),
    "mu left": Source(("C3",), 36),
    "spindle": Source(("Cz", "Pz"), 56),
    "slow spindle": Source(("Fz",), 56),
    "slow wave": Source(("Fz", "F3", "F4"), 76, -1),
    "K-complex": Source(("Fz", "Cz"), 68, -1),
    "vertex wave": Source(("Cz",), 56, -1),
    "left temporal spike": Source(("F7", "T3"), 44, -1),
    "right temporal spike": Source(("F8", "T4"), 44, -1),
}

_BLINK: dict[str, float] = {
    "Fp1": 1, "Fp2": 1, "Fz": 0.36, "F3": 0.33, "F4": 0.33, "F7": 0.25, "F8": 0.25, "T3": -0.15, "T4": -0.15,
    "Cz": -0.2, "C3": -0.22, "C4": -0.22, "Pz": -0.35, "P3": -0.36, "P4": -0.36, "T5": -0.36, "T6": -0.36,
    "O1": -0.4, "O2": -0.4, "A1": -0.2, "A2": -0.2,
}  # fmt: skip
"""The eye is a dipole in front of the head, not a cap, so its field is tabled (average reference)."""

_MUSCLE: dict[str, float] = {
    "Fp1": 0.5, "Fp2": 0.5, "F7": 0.8, "F8": 0.8, "T3": 1, "T4": 1, "T5": 0.6, "T6": 0.6, "F3": 0.3,
    "F4": 0.3, "O1": 0.3, "O2": 0.3, "C3": 0.15, "C4": 0.15, "A1": 0.1, "A2": 0.1,
}  # fmt: skip
"""Loudness of scalp muscle: temporalis and frontalis are near, the vertex has none."""


def directions(channels: Sequence[str]) -> Array:
    """Unit vectors towards the electrodes, x to the right, y to the nose, z to the vertex.

    Parameters
    ----------
    channels : sequence of str
        Classical 10-20 names, ``A1`` and ``A2`` included.

    Returns
    -------
    ndarray, shape (channels, 3)
    """
    inclination, azimuth = np.radians(np.array([_DIRECTIONS[name] for name in channels], dtype=float)).T
    return np.stack(
        [
            np.sin(inclination) * np.cos(azimuth),
            np.sin(inclination) * np.sin(azimuth),
            np.cos(inclination),
        ],
        axis=1,
    )


def angles(first: Array, second: Array) -> Array:
    """Angle in degrees between every direction of the first and every one of the second array."""
    return np.degrees(np.arccos(np.clip(first @ second.T, -1.0, 1.0)))


def mixing_matrix(channels: Sequence[str], sources: int = 48) -> Array:
    """Weights with which sources spread evenly over the head reach the electrodes.

    Parameters
    ----------
    channels : sequence of str
        Electrode names.
    sources : int
        Number of independent sources.

    Returns
    -------
    ndarray, shape (channels, sources)
        ``exp(-(angle / CAP_ANGLE)**2)``.
    """
    # A Fibonacci spiral from the vertex down to 125 degrees: the brain does not reach under the chin.
    steps = (np.arange(sources) + 0.5) / sources
    height = 1 - steps * (1 - np.cos(np.radians(125)))
    turn = np.pi * (3 - np.sqrt(5)) * np.arange(sources)
    ring = np.sqrt(1 - height**2)
    where = np.stack([ring * np.cos(turn), ring * np.sin(turn), height], axis=1)
    return np.asarray(np.exp(-((angles(directions(channels), where) / CAP_ANGLE) ** 2)))


def field(name: str, channels: Sequence[str], rng: np.random.Generator | None = None) -> Array:
    """Weights of a named source at the electrodes.

    Parameters
    ----------
    name : str
        A key of `SOURCES`, or ``"blink"``, or ``"muscle"`` (loudness, since every muscle fires by itself).
    channels : sequence of str
        Electrode names.
    rng : Generator, optional
        Shifts and widens the source a little, as no two heads or events are alike.

    Returns
    -------
    ndarray, shape (channels,)
        Scaled so that the strongest electrode reads 1 (or -1) in average reference; the weights themselves
        are free of a reference.
    """
    if name in {"blink", "muscle"}:
        return np.array([(_BLINK if name == "blink" else _MUSCLE).get(c, 0.05) for c in channels])
    source = SOURCES[name]
    centres, reach = directions(source.electrodes), source.reach
    if rng is not None:
        centres = centres + rng.normal(0, np.radians(6), size=3)
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        reach *= rng.uniform(0.88, 1.12)
    weights = np.exp(-((angles(directions(channels), centres) / reach) ** 2)).sum(axis=1)
    scalp = weights[[row for row, c in enumerate(channels) if c not in {"A1", "A2"}]]
    return np.asarray(source.sign * weights / np.max(np.abs(scalp - scalp.mean())))
