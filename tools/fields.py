"""Where on the head a wave is seen: electrode places and the fields of typical sources.

A source is a smooth cap of cortex on a sphere, so that its field at an electrode depends only on the angle between
the two. That describes a map; it localises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.labels import NEW_TO_CLASSICAL, electrodes

Array = NDArray[np.float64]

_PLACES: dict[str, tuple[float, float]] = {
    "Fp1": (-92, -72), "F7": (-92, -36), "F3": (-60, -51), "Fz": (46, 90), "T3": (-92, 0), "C3": (-46, 0),
    "Cz": (0, 0), "T5": (-92, 36), "P3": (-60, 51), "Pz": (46, -90), "O1": (-92, 72), "A1": (-118, 12),
    "Fp2": (92, 72), "F8": (92, 36), "F4": (60, 51), "T4": (92, 0), "C4": (46, 0), "T6": (92, -36),
    "P4": (60, -51), "O2": (92, -72), "A2": (118, -12), "Fpz": (92, 90), "Oz": (92, -90),
}  # fmt: skip
"""Inclination from the vertex and azimuth in degrees on an idealised sphere; ears lie below its rim."""
_ROWS: dict[str, tuple[str, str, str, str, str]] = {
    "FP": ("Fp1", "Fp1", "Fpz", "Fp2", "Fp2"), "F": ("F7", "F3", "Fz", "F4", "F8"),
    "C": ("T3", "C3", "Cz", "C4", "T4"), "P": ("T5", "P3", "Pz", "P4", "T6"),
    "O": ("O1", "O1", "Oz", "O2", "O2"),
}  # fmt: skip
"""The rows of the 10-20 system from left to right; the other rows of the 10-10 system lie halfway between."""
_BETWEEN = {"AF": "FP F", "FC": "F C", "FT": "F C", "CP": "C P", "TP": "C P", "PO": "P O", "T": "C C"}
_NAME = re.compile(r"(FP|AF|FT|FC|F|CP|C|TP|T|PO|P|O)(Z|10|[1-9])", re.IGNORECASE)

NARROW, WIDE = 43.0, 68.0
"""Angle in degrees at which the field of a focal and of a widespread source has dropped to 1/e."""
NEAR = 62.0
"""Degrees between electrodes that count as neighbours; those of the 10-20 grid are 36 to 60 apart."""
_BESIDE = 47.0
"""Degrees between electrodes for which a source halfway between them is told from both."""
_TANGENTIAL = 0.7
"""Size of the positive pole of a centrotemporal dipole against the negative one."""


@lru_cache(maxsize=512)
def place(electrode: str) -> tuple[float, float, float] | None:
    """Direction of a 10-20 or 10-10 electrode: x right, y nose, z vertex; None where it is not known."""
    name = NEW_TO_CLASSICAL.get(electrode, electrode)
    known = {key.upper(): key for key in _PLACES}.get(name.upper())
    if known is not None:
        inclination, azimuth = np.radians(_PLACES[known])
        x, y = np.sin(inclination) * np.cos(azimuth), np.sin(inclination) * np.sin(azimuth)
        return float(x), float(y), float(np.cos(inclination))
    parts = _NAME.fullmatch(name)
    if parts is None:
        return None
    rows = _BETWEEN.get(parts[1].upper(), f"{parts[1].upper()} {parts[1].upper()}").split()
    middle = np.sum([_in_row(row, parts[2].upper()) for row in rows], axis=0)
    x, y, z = middle / np.linalg.norm(middle)
    return float(x), float(y), float(z)


def _in_row(row: str, number: str) -> Array:
    """Direction of the place with this number in a row of the 10-20 system."""
    sites = _ROWS[row]
    if number == "Z":
        return np.array(place(sites[2]))
    left, digit = int(number) % 2 == 1, (int(number) + 1) // 2
    inner, outer = (sites[1], sites[0]) if left else (sites[3], sites[4])
    near, mid, far = (np.array(place(site)) for site in (sites[2], inner, outer))
    # 1 and 2 lie halfway from the midline to 3 and 4, 5 and 6 halfway from there to the rim.
    return np.asarray({1: near + mid, 2: 2 * mid, 3: mid + far}.get(digit, 2 * far))


def directions(names: Sequence[str]) -> Array:
    """Directions of electrodes with a known place, shape (electrodes, 3)."""
    return np.array([place(name) for name in names], dtype=float).reshape(-1, 3)


def angles(first: Array, second: Array) -> Array:
    """Angle in degrees between every direction of the first and every one of the second array."""
    return np.degrees(np.arccos(np.clip(first @ second.T, -1.0, 1.0)))


class Sources(NamedTuple):
    """The fields of typical sources at the channels of a recording."""

    fields: Array  # (sources, channels), unit norm; a negative source is negative where it is strongest
    names: tuple[str, ...]
    """Electrodes under each source, ``F7+T3``; ``generalized`` sources are wide."""
    wide: NDArray[np.bool_]
    near: NDArray[np.bool_]  # (channels, channels): which channels are neighbours, each of itself
    bipolar: bool


def known_channels(channels: Sequence[str]) -> tuple[str, ...]:
    """The channels of which every electrode has a place and of which there is a commonest kind.

    Bipolar and referential channels are never taken together: their amplitudes cannot be compared.
    """
    single = [c for c in channels if len(e := electrodes(c)) == 1 and place(e[0])]
    pairs = [c for c in channels if len(e := electrodes(c)) == 2 and place(e[0]) and place(e[1])]
    chosen = single if len(single) >= len(pairs) else pairs
    unique = {frozenset(electrodes(c)): c for c in reversed(chosen)}
    return tuple(c for c in chosen if c in unique.values() and not _is_ear(c))


def _is_ear(channel: str) -> bool:
    return electrodes(channel)[0].upper() in {"A1", "A2", "M1", "M2"}


@lru_cache(maxsize=64)
def sources(channels: tuple[str, ...], averaged: bool = True) -> Sources:
    """Fields of surface-negative sources at these channels.

    Parameters
    ----------
    channels : tuple of str
        All referential or all bipolar, of known places.
    averaged : bool
        Whether referential channels have had their mean taken away.

    Returns
    -------
    Sources
        Focal caps under each electrode of the 10-20 system and between neighbours, wide ones along the
        midline and beside it, and centrotemporal dipoles that are positive at the front.
    """
    sites = [name for name in _PLACES if name not in {"A1", "A2", "Fpz", "Oz"}]
    names, fields, wide = _dictionary(sites, channels)
    bipolar = len(electrodes(channels[0])) == 2
    if averaged and not bipolar:
        fields = fields - fields.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(fields, axis=1)
    seen = norms > 0.25 * norms.max()
    return Sources(
        fields[seen] / norms[seen, None],
        tuple(name for name, use in zip(names, seen, strict=True) if use),
        wide[seen],
        neighbours(channels),
        bipolar,
    )


def _dictionary(sites: list[str], channels: tuple[str, ...]) -> tuple[list[str], Array, NDArray[np.bool_]]:
    at = directions(sites)
    apart = angles(at, at)
    pairs = [(i, j) for i, j in combinations(range(len(sites)), 2) if apart[i, j] < _BESIDE]
    focal = [(name, at[row]) for row, name in enumerate(sites)]
    focal += [(f"{sites[i]}+{sites[j]}", at[i] + at[j]) for i, j in pairs]
    broad = [(f"generalized {n}", at[sites.index(n)]) for n in ("Fz", "Cz", "Pz", "F3", "F4", "C3", "C4")]
    centres = np.array([where for _, where in focal + broad])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    wide = np.arange(len(centres)) >= len(focal)
    fields = _caps(centres, np.where(wide, WIDE, NARROW), channels)
    names = [name for name, _ in focal + broad]
    poles = {name: row for row, name in enumerate(names)}
    tangential = [("T3", "F3"), ("T3+C3", "F3"), ("T4", "F4"), ("T4+C4", "F4")]
    dipoles = [fields[poles[minus]] - _TANGENTIAL * fields[poles[plus]] for minus, plus in tangential]
    names += [f"{minus} with {plus} opposite" for minus, plus in tangential]
    return names, -np.vstack([fields, *dipoles]), np.append(wide, [False] * len(dipoles))


def _caps(centres: Array, reach: Array, channels: tuple[str, ...]) -> Array:
    """Positive fields of caps at channels, shape (caps, channels)."""

    def at(names: list[str]) -> Array:
        return np.asarray(np.exp(-((angles(centres, directions(names)) / reach[:, None]) ** 2)))

    ends = [electrodes(channel) for channel in channels]
    field = at([pair[0] for pair in ends])
    return field - at([pair[1] for pair in ends]) if len(ends[0]) == 2 else field


def neighbours(channels: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which channels lie beside one another: electrodes within 62 degrees, or pairs that share one."""
    ends = [electrodes(channel) for channel in channels]
    if len(ends[0]) == 2:
        return np.array([[bool(set(a) & set(b)) for b in ends] for a in ends])
    at = directions([pair[0] for pair in ends])
    # With few electrodes the next one may be far away; whatever is nearest is a neighbour then.
    apart = angles(at, at)
    nearest = np.sort(apart, axis=1)[:, 1:2] if len(at) > 1 else np.zeros((1, 1))
    near = apart <= np.maximum(NEAR, 1.05 * nearest)
    return np.asarray(near | near.T)


def map_correlation(values: Array, dictionary: Array) -> tuple[float, int]:
    """Best correlation of a map with a dictionary of fields, and which field that is.

    Parameters
    ----------
    values : ndarray, shape (channels,)
        Microvolts at one instant.
    dictionary : ndarray, shape (sources, channels)
        Of unit norm.
    """
    likeness = dictionary @ values / max(float(np.linalg.norm(values)), 1e-9)
    best = int(np.argmax(likeness))
    return float(likeness[best]), best


@lru_cache(maxsize=64)
def single_fields(channels: tuple[str, ...], averaged: bool = True) -> Array:
    """Fields of electrodes that move alone, of unit norm, shape (electrodes, channels)."""
    ends = [electrodes(channel) for channel in channels]
    names = list(dict.fromkeys(name for pair in ends for name in pair))
    fields = np.array([[(p[0] == n) - (len(p) == 2 and p[1] == n) for p in ends] for n in names], dtype=float)
    if averaged and len(ends[0]) == 1 and len(channels) > 1:
        fields -= fields.mean(axis=1, keepdims=True)
    return np.asarray(fields / np.maximum(np.linalg.norm(fields, axis=1, keepdims=True), 1e-9))


_GAZE = {
    "F8": 1.0, "Fp2": 0.4, "F4": 0.35, "T4": 0.34, "T6": 0.1, "C4": 0.08,
    "F7": -1.0, "Fp1": -0.4, "F3": -0.35, "T3": -0.34, "T5": -0.1, "C3": -0.08,
}  # fmt: skip
"""Both eyes turned to the right: the corneas are positive."""


@lru_cache(maxsize=64)
def gaze_field(channels: tuple[str, ...]) -> Array:
    """Field of a lateral eye movement, of unit norm (zero where no channel sees it), shape (channels,)."""
    ends = [[NEW_TO_CLASSICAL.get(name, name) for name in electrodes(channel)] for channel in channels]
    field = np.array([_GAZE.get(p[0], 0.0) - (_GAZE.get(p[1], 0.0) if len(p) == 2 else 0.0) for p in ends])
    return np.asarray(field / max(float(np.linalg.norm(field)), 1e-9))
