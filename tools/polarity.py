"""What the polarity of a wave says: two poles on the head, and phase reversals along bipolar chains."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from tools.chains import pair_groups
from tools.conditioning import Array
from tools.fields import NEAR, angles, directions, place
from tools.labels import NEW_TO_CLASSICAL, electrodes


class Dipole(NamedTuple):
    """Two groups of electrodes of opposite sign at one instant."""

    negative: tuple[str, ...]
    positive: tuple[str, ...]
    ratio: float
    """Of the smaller pole to the larger one, 0 to 1."""


def find_dipole(channels: Sequence[str], values: Array, least: float = 0.33) -> Dipole | None:
    """Describe a map with two poles; None where one pole is small, scattered or spread thin over the head.

    Parameters
    ----------
    channels : sequence of str
        Referential, of known places.
    values : ndarray, shape (channels,)
        Microvolts at one instant, average reference.
    least : float
        Share of the larger pole that the smaller one has to reach.

    Notes
    -----
    Average reference makes the far side of the head mirror any wave. So a pole counts only where neighbours share
    it within 100 degrees of the other; it is a statement on the map, no source localisation.
    """
    names = [electrodes(channel) for channel in channels]
    if len(channels) < 8 or any(len(name) != 1 or place(name[0]) is None for name in names):
        return None
    at = directions([name[0] for name in names])
    low, high = int(np.argmin(values)), int(np.argmax(values))
    poles = -float(values[low]), float(values[high])
    if min(poles) <= 0 or angles(at[[low]], at[[high]])[0, 0] > 100:
        return None
    ratio = min(poles) / max(poles)
    groups = [_pole(at, sign * values, row) for sign, row in ((-1.0, low), (1.0, high))]
    if ratio < least or min(len(group) for group in groups) < 2:
        return None
    negative, positive = (tuple(channels[row] for row in group) for group in groups)
    return Dipole(negative, positive, round(ratio, 2))


def _pole(at: Array, values: Array, peak: int) -> list[int]:
    """The electrodes around a peak that carry half of it or more."""
    near = angles(at[[peak]], at)[0] <= NEAR
    rows = np.flatnonzero(near & (values >= 0.5 * values[peak]))
    return sorted((int(row) for row in rows), key=lambda row: -values[row])


class Reversal(NamedTuple):
    """Two neighbouring bipolar channels that point against each other."""

    electrode: str
    channels: tuple[str, str]
    polarity: str
    """``negative`` or ``positive``: the sign of the maximum at the shared electrode."""
    size_uv: float
    """Of the smaller of the two deflections."""


def phase_reversals(channels: Sequence[str], values: Array, least: float = 0.35) -> tuple[Reversal, ...]:
    """Find phase reversals along the longitudinal and transverse chains at one instant.

    Parameters
    ----------
    channels : sequence of str
        Bipolar (``F7-T3``, as recorded, in either direction) or referential, from which the pairs are made.
    values : ndarray, shape (channels,)
        Microvolts at one instant.
    least : float
        Share of the largest deflection that both channels of a reversal have to reach.

    Returns
    -------
    tuple of Reversal
        The largest first; empty where the maximum lies at the end of a chain or nowhere.

    Notes
    -----
    A reversal says where a wave is largest, not what it is: vertex waves reverse at Cz.
    """
    value = _pair_values(channels, values)
    largest = max((abs(v) for v in value.values()), default=0.0)
    found: dict[tuple[str, str], Reversal] = {}
    for montage in ("longitudinal", "transverse"):
        for chain in pair_groups(montage):
            known = [pair for pair in chain if pair in value]
            for first, second in pairwise(known):
                shared = first.split("-")[1]
                one, two = value[first], value[second]
                size = min(abs(one), abs(two))
                if shared == second.split("-")[0] and one * two < 0 and size >= least * largest > 0:
                    # The first pair shows minus the shared electrode: up means that it is negative.
                    sign = "negative" if one > 0 else "positive"
                    found[first, second] = Reversal(shared, (first, second), sign, round(size, 1))
    return tuple(sorted(found.values(), key=lambda r: -r.size_uv))


def _pair_values(channels: Sequence[str], values: Array) -> dict[str, float]:
    single: dict[str, float] = {}
    value: dict[str, float] = {}
    for channel, size in zip(channels, values.tolist(), strict=True):
        ends = [NEW_TO_CLASSICAL.get(name, name) for name in electrodes(channel)]
        if len(ends) == 2:
            value[f"{ends[0]}-{ends[1]}"], value[f"{ends[1]}-{ends[0]}"] = size, -size
        elif ends:
            single[ends[0]] = size
    for montage in ("longitudinal", "transverse"):
        for pair in (pair for chain in pair_groups(montage) for pair in chain):
            first, second = pair.split("-")
            if first in single and second in single:
                value[pair] = single[first] - single[second]
    return value
