"""How tall a rhythm is, in a band around it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.clean import in_band, nan_median, seconds, swings
from tools.types import Segment

AROUND = 2.5
"""Hertz to each side of a rhythm in which its height is measured."""


class Size(NamedTuple):
    """How tall a rhythm is."""

    typical: float
    """Peak to peak, median over channels and seconds."""
    largest: float
    """Peak to peak in the channel where it is largest."""
    rms: float
    """In that channel."""


def amplitudes(clean: Segment, frequency: float) -> Size:
    """Median peak-to-peak of the seconds, and that and the RMS of the channel where it is largest."""
    shown = in_band(clean, frequency - AROUND, frequency + AROUND)
    height = swings(clean, shown)
    live = np.flatnonzero(np.isfinite(height).any(axis=1))
    if not live.size:
        return Size(0.0, 0.0, 0.0)
    each = nan_median(height[live], axis=1)
    top = int(np.argmax(each))
    power = np.mean(seconds(shown.data[live[top]][None], shown.sfreq)[0] ** 2, axis=1)
    # The mean of the power, as RMS is defined: of a rhythm that waxes and wanes, half of the seconds lie well below.
    rms = float(np.sqrt(power[np.isfinite(height[live[top]])].mean()))
    return Size(float(nan_median(height[live])), float(each[top]), rms)
