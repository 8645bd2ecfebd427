"""Which channels record nothing: compared with the head at that time, so that silence of the brain is not called so."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Bools, at_its_limit, mend, moving_mean
from tools.shared import once
from tools.types import Segment


class FlatSettings(NamedTuple):
    """When a channel is flat; amplitudes in microvolts, deviations within a second."""

    sd_uv: float = 0.5
    """Standard deviation below which a channel hardly moves."""
    quieter: float = 0.25
    """Share of the usual deviation at that time that a flat channel stays below,"""
    dead_uv: float = 0.05
    """unless it has no more than this, which no amplifier with a head at its input gives."""
    usual: float = 3.0
    """Seconds over which the head has to move all the time to be compared with."""
    share: float = 0.5
    """Share of the seconds from which a channel is dead as a whole."""


DEFAULTS = FlatSettings()
_COMPARABLE = 4
"""Channels from which on one can be compared with the head."""
_PIECE = 0.25
"""Seconds of the pieces by which a page without anything flat is recognised."""


def seconds(data: Array, sfreq: float) -> Array:
    """Cut into whole seconds, shape (channels, seconds, samples)."""
    length = round(sfreq)
    count = data.shape[1] // length
    return data[:, : count * length].reshape(len(data), count, length)


class Samples(NamedTuple):
    """A segment without gaps, and where its samples say nothing."""

    mended: Array
    missing: Bools
    held: Bools
    """At the limit of the converter, see `tools.conditioning.at_its_limit`."""
    dead: Bools
    """Channels, see `dead_channels`."""


def samples_of(segment: Segment) -> Samples:
    """Look at the samples of a segment, once for all that ask."""

    def make() -> Samples:
        mended, missing = mend(segment.data)
        return Samples(mended, missing, at_its_limit(mended), dead_channels(mended, segment.sfreq))

    return once(segment, "samples", make)


def dead_channels(data: Array, sfreq: float, settings: FlatSettings = DEFAULTS) -> Bools:
    """Say which channels hardly move for most of a stretch.

    Parameters
    ----------
    data : ndarray, shape (channels, samples)
        Finite, in microvolts, not in average reference.
    sfreq : float
        Hertz.
    settings : FlatSettings
        Limits.

    Returns
    -------
    ndarray of bool, shape (channels,)
        All False in less than a second. A channel of burst suppression moves in every burst, and one that is
        dead does not, so that each second is compared by itself.
    """
    pieces = seconds(data, sfreq)
    if not pieces.size:
        return np.zeros(len(data), dtype=bool)
    spread = pieces.std(axis=-1)
    limit = np.full(spread.shape[1], settings.sd_uv)
    if len(data) >= _COMPARABLE:
        usual = np.median(spread, axis=0)
        limit = np.minimum(limit, np.maximum(settings.quieter * usual, settings.dead_uv))
    return np.asarray((spread < limit).mean(axis=1) > settings.share)


def flat_samples(data: Array, sfreq: float, settings: FlatSettings = DEFAULTS) -> Bools | None:
    """Find where channels hardly move, for the second around each sample.

    Parameters
    ----------
    data : ndarray, shape (channels, samples)
        Finite, in microvolts, not in average reference, at least 1 s.
    sfreq : float
        Hertz.
    settings : FlatSettings
        Limits.

    Returns
    -------
    ndarray of bool, shape (channels, samples), or None
        None where no channel is flat at any time, which is told at a tenth of the price.

    Notes
    -----
    Between the bursts of burst suppression every channel may fall below `sd_uv`; from four channels on, one is
    flat only if it also has less than a quarter of the usual deviation at that time, or none at all, or is dead
    for most of the stretch.
    """
    # Large offsets cost precision: what is left of the variance below this is rounding.
    least = max(settings.sd_uv**2, 1e-9)
    if not _may_be_flat(data, sfreq, least):
        return None
    centred = data - data.mean(axis=1, keepdims=True)
    mean = moving_mean(centred, sfreq, 1.0)
    variance = moving_mean(centred**2, sfreq, 1.0) - mean**2
    still = variance < least
    if len(data) < _COMPARABLE or not still.any():
        return still
    from scipy.ndimage import minimum_filter1d

    # When the whole head is silent, only what is dead is flat; the rest is suppression.
    usual = minimum_filter1d(np.median(variance, axis=0), max(1, round(settings.usual * sfreq)))
    quiet = variance < np.maximum(usual * settings.quieter**2, settings.dead_uv**2)
    return np.asarray(still & (quiet | dead_channels(data, sfreq, settings)[:, None]))


def _may_be_flat(data: Array, sfreq: float, least: float) -> bool:
    """Whether any second can be this still: no piece in it has more than the sum of squares of the second."""
    length = max(2, round(_PIECE * sfreq))
    count = data.shape[1] // length
    if count < 4:
        return True
    pieces = data[:, : count * length].reshape(len(data), count, length)
    return bool((pieces.var(axis=-1) < 1.5 * least * max(1.0, sfreq) / length).any())
