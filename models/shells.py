"""Fields in a sphere of four shells: another head than the standard one, kept for testing.

Caps of radial dipoles are integrated over a sphere of brain, fluid, skull and scalp. Where the standard head
takes a Gaussian of the angle, this one has the wide negative skirt of a volume conductor.

References
----------
Berg and Scherg (1994), https://doi.org/10.1016/0013-4694(94)90113-9 (a shell model as a few homogeneous spheres).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.topography import Head

Array = NDArray[np.float64]

_MAGNITUDES = (0.9348, 0.6187, -0.2296)
_WEIGHTS = (0.4072, 1.8690, -0.0030)
"""Equivalent homogeneous spheres for a head of 78 mm with shells as thick as an adult's, fitted with MNE 1.13."""
_DEPTH = 0.77
"""Radius of the sources over that of this head."""
_REACHES = (30.0, 36.0, 44.0, 50.0, 56.0, 68.0, 76.0)
_WIDTHS = (32.0, 40.0, 50.0, 60.0, 87.0, 110.0, 120.0)
"""Reach of a field in degrees and full width at half maximum of the cap of cortex that makes it."""


def _homogeneous(cosine: Array, depth: float) -> Array:
    """Potential of a radial dipole on the surface of a homogeneous sphere, up to a factor."""
    distance = np.sqrt(1 + depth**2 - 2 * depth * cosine)
    return np.asarray(2 * (cosine - depth) / distance**3 + (1 / distance - 1) / depth)


@lru_cache(maxsize=256)
def _profile(reach: float) -> Array:
    """Field of a cap at 0, 1, ... 180 degrees from its centre, 1 at its centre."""
    width = float(np.interp(reach, _REACHES, _WIDTHS))
    steps = (np.arange(900) + 0.5) / 900
    height, turn = 1 - 2 * steps, np.pi * (3 - np.sqrt(5)) * np.arange(900)
    ring = np.sqrt(1 - height**2)
    away = np.degrees(np.arccos(height))
    weight = np.exp(-4 * np.log(2) * (away / width) ** 2)
    grid = np.radians(np.arange(181.0))
    cosine = np.outer(np.cos(grid), height) + np.outer(np.sin(grid), ring * np.cos(turn))
    field = np.zeros(181)
    for size, part in zip(_MAGNITUDES, _WEIGHTS, strict=True):
        field += part * (_homogeneous(cosine, size * _DEPTH) @ weight)
    return np.asarray(field / field[0])


def _fall_off(angle: Array, reach: float) -> Array:
    return np.asarray(np.interp(angle, np.arange(181.0), _profile(float(round(reach)))))


SMALL_HEAD = Head("small head", _fall_off)
"""A head of 78 mm radius."""
