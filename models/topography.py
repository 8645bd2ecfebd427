"""Where on the head a simulated source is seen: electrode angles and the fields of typical sources.

The head is a sphere and a source is a smooth cap on it, so a field depends only on the angle between
electrode and source. That needs no head model at run time and gives correlations between electrodes close
to those of real average-referenced EEG (a test holds the table).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.labels import mirror

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
    opposite: tuple[str, ...] = ()
    """Electrodes under the other pole of a source that lies along the head's surface."""


class Head(NamedTuple):
    """How a field falls off on one head."""

    name: str
    fall_off: Callable[[Array, float], Array]
    """Weight at an angle in degrees from a source of this reach in degrees."""


def _cap(angle: Array, reach: float) -> Array:
    return np.asarray(np.exp(-((angle / reach) ** 2)))


STANDARD = Head("caps", _cap)

_LEFT: dict[str, Source] = {
    "mu left": Source(("C3",), 36),
    "left temporal spike": Source(("F7", "T3"), 44, -1),
    "left frontal spike": Source(("F3",), 40, -1),
    "left occipital spike": Source(("O1",), 40, -1),
    "left central spike": Source(("C3",), 40, -1),
    "left parietal spike": Source(("P3",), 40, -1),
    "left centrotemporal spike": Source(("T3", "T3", "T5", "C3"), 44, -1, ("F3",)),
    "left periodic": Source(("T3", "T5", "P3"), 54, -1),
    "left frontal periodic": Source(("F7", "F3", "Fp1"), 54, -1),
    "left temporal": Source(("T3",), 44),
    "left frontal": Source(("F3", "F7"), 44),
    "left occipital": Source(("O1",), 44),
    "left posterior rhythm": Source(("O1",), 52),
    "left central": Source(("C3",), 44),
    "left hemisphere": Source(("F7", "T3", "C3", "P3"), 56),
    "left occipital transient": Source(("O1",), 46),
}
"""Sources of the left half of the head; the right half mirrors them."""


def _mirrored(source: Source) -> Source:
    return source._replace(
        electrodes=tuple(mirror(name) for name in source.electrodes),
        opposite=tuple(mirror(name) for name in source.opposite),
    )


SOURCES: dict[str, Source] = {
    "alpha": Source(("O1", "O2"), 50),
    "spindle": Source(("Cz", "Pz"), 56),
    "slow spindle": Source(("Fz",), 56),
    "slow wave": Source(("Fz", "F3", "F4"), 76, -1),
    "K-complex": Source(("Fz", "Cz"), 68, -1),
    "vertex wave": Source(("Cz",), 56, -1),
    "sawtooth": Source(("Cz", "Fz"), 56, -1),
    "occipital transient": Source(("O1", "O2"), 46),
    "generalized spike": Source(("Fz",), 68, -1),
    "generalized periodic": Source(("Fz", "F3", "F4"), 68, -1),
    "frontal delta": Source(("Fp1", "Fp2", "Fz", "F3", "F4"), 76),
    "occipital delta": Source(("O1", "O2", "Pz"), 70),
    "frontal": Source(("Fz", "F3", "F4"), 60),
    "central": Source(("Cz",), 60),
    "posterior": Source(("Pz", "O1", "O2"), 60),
    **_LEFT,
    **{name.replace("left", "right"): _mirrored(source) for name, source in _LEFT.items()},
}
"""Names and caps of everything that is seen with a field of its own.

Reaches were set so that the fields agree with caps of radial dipoles in a four-shell sphere, whose full
widths at half maximum run from 40 (mu) over 50 (focal spikes) and 90 (spindles) to 120 degrees (slow waves).
"""

_BLINK: dict[str, float] = {
    "Fp1": 1, "Fp2": 1, "Fz": 0.36, "F3": 0.33, "F4": 0.33, "F7": 0.25, "F8": 0.25, "T3": -0.15, "T4": -0.15,
    "Cz": -0.2, "C3": -0.22, "C4": -0.22, "Pz": -0.35, "P3": -0.36, "P4": -0.36, "T5": -0.36, "T6": -0.36,
    "O1": -0.4, "O2": -0.4, "A1": -0.2, "A2": -0.2,
}  # fmt: skip
"""The eye is a dipole in front of the head, not a cap, so its field is tabled (average reference)."""

_GAZE: dict[str, float] = {
    "F8": 1, "Fp2": 0.4, "F4": 0.35, "T4": 0.34, "T6": 0.1, "C4": 0.08, "A2": 0.1,
    "F7": -1, "Fp1": -0.4, "F3": -0.35, "T3": -0.34, "T5": -0.1, "C3": -0.08, "A1": -0.1,
}  # fmt: skip
"""Both eyes turned to the right: the corneas are positive (average reference)."""

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


def mixing_matrix(channels: Sequence[str], sources: int = 48, head: Head = STANDARD) -> Array:
    """Weights with which sources spread evenly over the head reach the electrodes.

    Parameters
    ----------
    channels : sequence of str
        Electrode names.
    sources : int
        Number of independent sources.
    head : Head
        Whose fields; each source has the reach `CAP_ANGLE`.

    Returns
    -------
    ndarray, shape (channels, sources)
    """
    # A Fibonacci spiral from the vertex down to 125 degrees: the brain does not reach under the chin.
    steps = (np.arange(sources) + 0.5) / sources
    height = 1 - steps * (1 - np.cos(np.radians(125)))
    turn = np.pi * (3 - np.sqrt(5)) * np.arange(sources)
    ring = np.sqrt(1 - height**2)
    where = np.stack([ring * np.cos(turn), ring * np.sin(turn), height], axis=1)
    return np.asarray(head.fall_off(angles(directions(channels), where), CAP_ANGLE))


def field(
    name: str,
    channels: Sequence[str],
    rng: np.random.Generator | None = None,
    head: Head = STANDARD,
) -> Array:
    """Weights of a named source at the electrodes.

    Parameters
    ----------
    name : str
        A key of `SOURCES`, or ``"blink"``, ``"gaze right"``, ``"gaze left"``, or ``"muscle"`` (loudness,
        since every muscle fires by itself).
    channels : sequence of str
        Electrode names.
    rng : Generator, optional
        Shifts and widens the source a little, as no two heads or events are alike.
    head : Head
        How fields fall off.

    Returns
    -------
    ndarray, shape (channels,)
        Scaled so that the strongest electrode reads 1 (or -1) in average reference; the weights themselves
        are free of a reference.
    """
    if name in {"blink", "muscle"}:
        return np.array([(_BLINK if name == "blink" else _MUSCLE).get(c, 0.05) for c in channels])
    if name in {"gaze right", "gaze left"}:
        return np.array([_GAZE.get(c, 0.0) for c in channels]) * (1 if name == "gaze right" else -1)
    source = SOURCES[name]
    centres, reach = directions(source.electrodes), source.reach
    if rng is not None:
        centres = centres + rng.normal(0, np.radians(6), size=3)
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        reach *= rng.uniform(0.88, 1.12)
    places = directions(channels)
    weights = head.fall_off(angles(places, centres), reach).sum(axis=1)
    if source.opposite:
        other = head.fall_off(angles(places, directions(source.opposite)), reach).sum(axis=1)
        weights = weights / weights.max() - 0.7 * other / other.max()
    scalp = weights[[row for row, c in enumerate(channels) if c not in {"A1", "A2"}]]
    return np.asarray(source.sign * weights / np.max(np.abs(scalp - scalp.mean())))
