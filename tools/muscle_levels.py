"""How loud muscle is, frame by frame: what the detectors of muscle, chewing and movement have in common."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Bools, at_its_limit, mend, middle, moving_mean
from tools.types import Segment

FRAME = 0.05
"""Seconds between two values of a level."""
_RATE, _SLOW_RATE = 200.0, 50.0
_STEP_UV = 400.0


class Bands(NamedTuple):
    """What is measured; frequencies in hertz, durations in seconds."""

    low: float = 51.0
    high: float = 69.0
    least_width: float = 5.0
    """Width of the band that has to lie below the Nyquist frequency."""
    window: float = 0.5
    """Over which a level is told from the background."""
    edge: float = 0.15
    """Over which the limits in time are found."""


class Levels(NamedTuple):
    """Mean squares per frame, µV², shape (channels, frames)."""

    loud: Array
    """Muscle, over `Bands.window`."""
    quick: Array
    """Muscle, over `Bands.edge`."""
    brain: Array
    """4 to 30 Hz."""
    slow: Array
    """0.5 to 5 Hz."""
    deaf: Bools
    """Channels that hold no signal in the muscle band, shape (channels,)."""
    missing: Bools
    """Frames beside a missing sample."""
    reason: str | None = None
    """Why no channel can show muscle."""


def measure_muscle(eeg: Segment, bands: Bands = Bands()) -> Levels | str:  # noqa: B008 (frozen)
    """Measure the levels of the EEG channels, or say why that cannot be done.

    Parameters
    ----------
    eeg : Segment
        EEG channels only, at least 1 s.
    bands : Bands
        Frequencies and windows.

    Returns
    -------
    Levels or str
        Levels of muscle are scaled to the full width of the band. Where muscle cannot be heard, all channels
        are deaf and `Levels.reason` says why; the slow level stands nevertheless.

    Notes
    -----
    All below 50.6 Hz, and three hertz around 60 Hz where there is a line, are left out because of the mains.

    References
    ----------
    Gasser et al. (2005), Clin Neurophysiol 116:2044, https://doi.org/10.1016/j.clinph.2005.05.002.
    """
    if not eeg.channels:
        return "no EEG channel"
    if eeg.duration < 1:
        return "needs 1 s of signal"
    reach = min(0.47 * eeg.sfreq, eeg.filters.high_cut_hz or np.inf)
    mended, missing = mend(eeg.data)
    held = at_its_limit(mended)
    if held.any():  # steps to the limit of the converter would sound like muscle
        mended = mend(np.where(held, np.nan, mended))[0]
    levels = _levels(mended, eeg.sfreq, bands, min(bands.high, reach))
    # No muscle takes such a step from one sample to the next: a contact or a converter does.
    steps = np.zeros_like(missing)
    np.greater(np.abs(np.diff(mended, axis=1)), _STEP_UV, out=steps[:, 1:])
    steps |= missing
    if steps.any():
        levels = _without(levels, _frames_of(steps, eeg.sfreq, levels.loud.shape[1]))
    if min(bands.high, reach) - bands.low < bands.least_width:
        reason = f"muscle is measured at {bands.low:.0f} to {bands.high:.0f} Hz"
        reason += f"; the signal reaches {reach:.0f} Hz"
    elif levels.deaf.all():
        reason = f"the recording holds no signal above {bands.low:.0f} Hz (low-passed)"
    else:
        return levels
    return levels._replace(deaf=np.ones_like(levels.deaf), reason=reason)


def _levels(data: Array, sfreq: float, bands: Bands, high: float) -> Levels:
    from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

    length = data.shape[1]
    padded = next_fast_len(length + round(sfreq), real=True)
    ramp = np.clip(np.minimum(np.arange(length) + 1, np.arange(length)[::-1] + 1) / (0.1 * sfreq), 0, 1)
    spectrum = rfft((data - middle(data)[:, None]) * ramp, padded, axis=1)
    frequency = rfftfreq(padded, 1 / sfreq)
    # Soft edges, and no gap at the mains where there are none: steep ones ring and fill the pauses.
    soft = np.clip((frequency - bands.low + 0.4) / 2, 0, 1) * np.clip((high + 1 - frequency) / 2, 0, 1)
    muscle = np.where(_hum(spectrum, frequency)[:, None] & (np.abs(frequency - 60) < 1.5), 0.0, soft)
    frames = max(1, round(length / sfreq / FRAME))

    def power(gain: Array, window: float, rate: float) -> Array:
        """Mean squares of a band, which comes back at the rate that it needs."""
        short = min(padded, 2 * round(padded * rate / sfreq / 2))
        kept = short // 2 + 1
        part = irfft(gain[..., :kept] * spectrum[:, :kept], short, axis=1) * (short / padded)
        own = sfreq * short / padded
        used = max(1, round(length * own / sfreq))
        at = np.minimum(((np.arange(frames) + 0.5) * FRAME * own).astype(int), used - 1)
        return np.asarray(moving_mean(part[:, :used] ** 2, own, window)[:, at])

    def between(low: float, top: float) -> Array:
        return np.asarray((frequency >= low) & (frequency <= top), dtype=float)

    # A band narrowed by the mains or the sampling rate still answers for the whole of it.
    scale = (bands.high - bands.low) / np.maximum((muscle**2).sum(axis=1, keepdims=True) * frequency[1], 1e-9)
    quick = scale * power(muscle, bands.edge, _RATE)
    loud = moving_mean(quick, 1 / FRAME, bands.window)
    beside = _density(spectrum, frequency, 25, 40)
    above = _density(spectrum, frequency, bands.low, high)
    return Levels(
        loud,
        quick,
        brain=power(between(4.0, 30.0), bands.window, 0.5 * _RATE),
        slow=power(between(0.5, 5.0), bands.window, _SLOW_RATE),
        deaf=above < 1e-3 * beside,
        missing=np.zeros((len(data), frames), dtype=bool),
    )


def _hum(spectrum: np.ndarray, frequency: Array) -> Bools:
    """Which channels have a line at 60 Hz."""
    near = slice(*np.searchsorted(frequency, (55, 65)))
    away = np.abs(frequency[near] - 60)
    line, beside = away < 0.5, (away > 2) & (away < 5)
    if not line.any() or not beside.any():
        return np.zeros(len(spectrum), dtype=bool)
    power = _power(spectrum[:, near])
    return np.asarray(power[:, line].mean(axis=1) > 4 * power[:, beside].mean(axis=1))


def _power(spectrum: np.ndarray) -> Array:
    return np.asarray(spectrum.real**2 + spectrum.imag**2)


def _density(spectrum: np.ndarray, frequency: Array, low: float, high: float) -> Array:
    """Mean power from one frequency to another, both included; 0 where there is none."""
    part = spectrum[:, np.searchsorted(frequency, low) : np.searchsorted(frequency, high, "right")]
    if not part.shape[1]:
        return np.zeros(len(spectrum))
    return np.asarray(_power(part).mean(axis=1))


def _frames_of(samples: Bools, sfreq: float, count: int) -> Bools:
    """Which frames lie within a quarter of a second of such a sample."""
    edges = np.minimum((np.arange(count + 1) * FRAME * sfreq).astype(int), samples.shape[1])
    total = np.concatenate([np.zeros((len(samples), 1)), np.cumsum(samples, axis=1)], axis=1)
    return np.asarray(moving_mean(np.diff(total[:, edges], axis=1), 1 / FRAME, 0.5) > 1e-9)


def _without(levels: Levels, lost: Bools) -> Levels:
    """Silence the frames in which nothing is known."""
    loud, quick = (np.where(lost, 0.0, level) for level in (levels.loud, levels.quick))
    return levels._replace(missing=lost, loud=loud, quick=quick)
