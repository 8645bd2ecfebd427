"""Generators that differ from the standard one, kept for testing only.

Nothing may be tuned on them: what a detector loses from the standard generator to these is an honest sign of how
far it has learned the simulator instead of the signal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.shells import SMALL_HEAD
from models.subject import STANDARD, Variant

Array = NDArray[np.float64]


def angular_spike(sfreq: float, total: float, *, rebound: float = 0.25, after: float = 0.45) -> Array:
    """A spike of straight flanks: up in 40 % of its width and down in 60 %, after a small opposite dip.

    The overshoot is a half-sine and the slow wave a gamma function that peaks early and fades slowly; the
    standard spike has a Gaussian for each of them.
    """
    t = np.arange(max(2, round((0.45 + 2 * total) * sfreq))) / sfreq - total
    corners = np.array([-0.40, 0.0, 0.60]) * total
    main = np.interp(t, corners, [0.0, 1.0, 0.0], left=0.0, right=0.0)
    dip = 0.5 * rebound * np.sin(np.pi * np.clip((t + 0.8 * total) / (0.4 * total), 0, 1))
    overshoot = rebound * np.sin(np.pi * np.clip((t - 0.6 * total) / (0.6 * total), 0, 1))
    late = np.clip(t - 0.7 * total, 0, None) / 0.075
    slow = after * late**2 * np.exp(2 - late) / 4 * np.clip((t[-1] - t) / 0.05, 0, 1)
    return np.asarray(main - dip - overshoot + slow)


VARIANTS: dict[str, Variant] = {
    "standard": STANDARD,
    "angular spikes": Variant("angular spikes", spike_shape=angular_spike),
    "small head": Variant("small head", head=SMALL_HEAD),
}
"""The standard generator first; the others are for testing only."""
