"""The shapes that make up a simulated EEG: each a small function of a few physical numbers.

All return microvolts (peak 1 where a field scales them later) at the rate asked for. Parameters follow
published descriptions of the waves; where none gives a number, a plausible default is marked as ours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfftfreq
from scipy.special import expit

Array = NDArray[np.float64]


def _shaped_noise(gain: Array, rows: int, length: int, rng: np.random.Generator) -> Array:
    """Noise of unit standard deviation whose amplitude spectrum is `gain`."""
    bins = len(gain)
    phases = rng.standard_normal((rows, bins)) + 1j * rng.standard_normal((rows, bins))
    noise = irfft(phases * gain, axis=1)[:, :length]
    return np.asarray(noise / noise.std(axis=1, keepdims=True))


def _frequencies(length: int, sfreq: float) -> Array:
    return np.asarray(rfftfreq(next_fast_len(length + length % 2, real=True), 1 / sfreq))


def pink(
    rows: int, length: int, sfreq: float, exponent: float, rng: np.random.Generator, *, corner: float = 0.5
) -> Array:
    """Noise whose power falls as frequency to the minus `exponent`, level below `corner` hertz.

    Returns
    -------
    ndarray, shape (rows, length)
        Unit standard deviation per row, nothing below 0.1 Hz.
    """
    frequency = _frequencies(length, sfreq)
    gain = np.maximum(frequency, corner) ** (-exponent / 2)
    gain[frequency < 0.1] = 0
    return _shaped_noise(gain, rows, length, rng)


def band_noise(
    rows: int, length: int, sfreq: float, band: tuple[float, float], rng: np.random.Generator
) -> Array:
    """Noise between two frequencies with soft edges, unit standard deviation, shape (rows, length)."""
    frequency = _frequencies(length, sfreq)
    edge = max(0.15 * (band[1] - band[0]), 2 * sfreq / length)
    gain = expit((frequency - band[0]) / edge * 4) * expit((band[1] - frequency) / edge * 4)
    gain[0] = 0
    return _shaped_noise(gain, rows, length, rng)


def rhythm(
    length: int, sfreq: float, frequency: float, rng: np.random.Generator, width: float = 1.2
) -> Array:
    """A rhythm that waxes and wanes: narrow-band noise under a slow envelope, unit RMS, shape (length,)."""
    carrier = band_noise(1, length, sfreq, (frequency - width / 2, frequency + width / 2), rng)[0]
    envelope = np.exp(0.45 * band_noise(1, length, sfreq, (0.02, 0.4), rng)[0])
    wave = carrier * envelope
    return np.asarray(wave / wave.std())


def _times(duration: float, sfreq: float) -> Array:
    return np.arange(max(2, round(duration * sfreq))) / sfreq


def spindle(sfreq: float, frequency: float, duration: float, chirp: float = -0.5) -> Array:
    """A spindle of peak 1 under a half-sine envelope; it slows by `chirp` hertz from start to end."""
    t = _times(duration, sfreq)
    phase = 2 * np.pi * (frequency * t + chirp * t**2 / (2 * duration))
    return np.asarray(np.sin(np.pi * t / duration) * np.sin(phase))


def slow_wave(sfreq: float, down: float, up: float) -> Array:
    """One slow wave: a half-sine of peak 1 lasting `down` seconds, then the opposite one of 0.7."""
    first, second = _times(down, sfreq), _times(up, sfreq)
    return np.concatenate([np.sin(np.pi * first / down), -0.7 * np.sin(np.pi * second / up)])


def spike(sfreq: float, total: float, *, rebound: float = 0.25, after: float = 0.45) -> Array:
    """A spike of peak 1, `total` seconds long, rising faster than it falls.

    `rebound` is the size of the opposite wave after it, `after` that of the slow wave that follows.
    """
    t = _times(0.35 + 2 * total, sfreq) - total
    rise, fall = 0.35 * total / 2, 0.65 * total / 2
    wave = np.exp(-0.5 * (t / np.where(t < 0, rise, fall)) ** 2)
    opposite = rebound * np.exp(-0.5 * ((t - 0.75 * total) / (0.25 * total)) ** 2)
    slow = after * np.sin(np.pi * np.clip((t - 0.6 * total) / 0.25, 0, 1)) ** 2
    return np.asarray(wave - opposite + slow)


def blink(sfreq: float, rise: float = 0.12, decay: float = 0.11) -> Array:
    """A blink of peak 1: lids close within `rise` seconds and open along a Gaussian of width `decay`."""
    t = _times(rise + 3 * decay, sfreq)
    closing = np.sin(np.pi / 2 * np.clip(t / rise, 0, 1)) ** 2
    return np.asarray(np.where(t < rise, closing, np.exp(-(((t - rise) / decay) ** 2))))


def heartbeat(sfreq: float) -> Array:
    """One beat of an ECG with R wave of peak 1 and a T wave of 0.25."""
    t = _times(0.6, sfreq)
    r_wave = np.exp(-0.5 * ((t - 0.15) / 0.012) ** 2) - 0.2 * np.exp(-0.5 * ((t - 0.18) / 0.012) ** 2)
    return np.asarray(r_wave + 0.25 * np.exp(-0.5 * ((t - 0.42) / 0.04) ** 2))
