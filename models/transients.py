"""Shapes of single waves: what sleep, discharges, eyes, heart and electrodes draw.

As in `waveforms`, all have their main phase at +1 and take their sign and size from the field that carries
them. Durations are in seconds. Shapes follow the definitions of the AASM manual and of the glossary by Kane
et al. (2017), https://doi.org/10.1016/j.cnp.2017.07.002; numbers without a source are defaults of ours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def times(duration: float, sfreq: float) -> Array:
    """Seconds of the samples of a wave that lasts this long, at least two of them."""
    return np.arange(max(2, round(duration * sfreq))) / sfreq


def taper(t: Array) -> Array:
    """Half a sine over these times; rounding must not make its end negative, as it is raised to powers."""
    return np.asarray(np.sin(np.pi * np.clip(t / t[-1], 0, 1)).clip(0))


def k_complex(sfreq: float, sharp: float = 0.25, broad: float = 0.5, ratio: float = 0.65) -> Array:
    """A K-complex: a well-delineated wave that peaks early, then a broad one of the other sign."""
    first, second = times(sharp, sfreq), times(broad, sfreq)
    # The exponent moves the peak to 40 % of the first phase: falls faster than it returns.
    rise = np.sin(np.pi * (first / sharp) ** 0.76)
    return np.concatenate([rise, -ratio * np.sin(np.pi * (second / broad) ** 0.9)])


def vertex_wave(sfreq: float, width: float = 0.18, after: float = 0.4) -> Array:
    """A vertex sharp wave: one pointed phase of this width and a longer one of the other sign."""
    t = times(2.6 * width, sfreq)
    main = np.exp(-0.5 * ((t - 0.75 * width) / (0.24 * width)) ** 2)
    return np.asarray(main - after * np.exp(-0.5 * ((t - 1.65 * width) / (0.38 * width)) ** 2))


def sawtooth(sfreq: float, frequency: float, cycles: int, steep: float = 0.3) -> Array:
    """A train of notched, triangular waves: steep on one side, under a tapered envelope."""
    t = times(cycles / frequency, sfreq)
    phase = (t * frequency) % 1
    wave = np.where(phase < steep, 2 * phase / steep - 1, 1 - 2 * (phase - steep) / (1 - steep))
    return np.asarray(wave * taper(t) ** 0.6)


def arches(sfreq: float, frequency: float, duration: float) -> Array:
    """Arch-shaped waves, pointed on one side and round on the other (mu, wickets)."""
    t = times(duration, sfreq)
    wave = 1 - np.abs(np.sin(np.pi * frequency * t)) - (1 - 2 / np.pi)
    return np.asarray(wave / (2 / np.pi) * taper(t) ** 0.7)


def notched(sfreq: float, frequency: float, duration: float) -> Array:
    """A theta train whose crests are notched by its second harmonic (rhythmic temporal theta)."""
    t = times(duration, sfreq)
    wave = np.cos(2 * np.pi * frequency * t) + 0.45 * np.cos(4 * np.pi * frequency * t + 2.4)
    return np.asarray(wave / np.abs(wave).max() * taper(t) ** 0.7)


def triphasic(sfreq: float, total: float = 0.35, first: float = 0.35, last: float = 0.55) -> Array:
    """Three phases of alternating sign, each longer than the one before; the second is the main one."""
    t = times(total, sfreq)
    edges = np.array([0.0, 0.2, 0.5, 1.0]) * total
    wave = np.zeros_like(t)
    for start, stop, size in zip(edges[:-1], edges[1:], (-first, 1.0, -last), strict=True):
        inside = (t >= start) & (t < stop)
        wave[inside] = size * np.sin(np.pi * (t[inside] - start) / (stop - start))
    return wave


def spike_wave(sfreq: float, frequency: float, spike: Array, slow: float = 0.8) -> Array:
    """One cycle of spike-and-wave: a spike of peak 1, then a round wave until the next one is due."""
    t = times(1 / frequency, sfreq)
    wave = np.zeros_like(t)
    wave[: min(len(spike), len(t))] = spike[: len(t)]
    start = 0.26 / frequency
    return np.asarray(wave + slow * np.sin(np.pi * np.clip((t - start) / (0.74 / frequency), 0, 1)) ** 1.5)


def saccade(sfreq: float, hold: float, edge: float = 0.05, sag: float = 1.6) -> Array:
    """Eyes go aside within `edge` seconds, stay for `hold` and come back.

    `sag` is the time in seconds in which the amplifier's low cut lets a held deflection decay.
    """
    t = times(hold + 2 * edge, sfreq)
    box = np.clip(np.minimum(t / edge, (t[-1] - t) / edge), 0, 1)
    return np.asarray(np.sin(np.pi / 2 * box) ** 2 * np.exp(-t / sag))


def rapid_eye_movement(sfreq: float, rise: float, total: float) -> Array:
    """A rapid eye movement: a quick deflection that decays or is taken back more slowly."""
    t = times(total, sfreq)
    back = np.exp(-np.clip(t - rise, 0, None) / (0.35 * (total - rise)))
    fade = np.clip((t[-1] - t) / (0.25 * (total - rise)), 0, 1)
    return np.asarray(np.sin(np.pi / 2 * np.clip(t / rise, 0, 1)) ** 2 * np.where(t < rise, 1, back) * fade)


def electrode_pop(sfreq: float, tau: float) -> Array:
    """The contact gives way: a step within a sample or two that decays with time constant `tau`."""
    t = times(5 * tau, sfreq)
    return np.asarray(np.clip(t * sfreq / 2, 0, 1) * np.exp(-t / tau))


def pulse(sfreq: float) -> Array:
    """The pressure wave of an artery under an electrode: 0.3 s, steeper before its peak."""
    t = times(0.3, sfreq)
    return np.asarray(np.sin(np.pi * (t / t[-1]) ** 0.7) ** 2)


def cycles(frequencies: Array, sfreq: float, harmonic: float = 0.1) -> Array:
    """A sine with some second harmonic whose frequency is given sample by sample."""
    phase = 2 * np.pi * np.cumsum(frequencies) / sfreq
    return np.asarray((np.sin(phase) + harmonic * np.sin(2 * phase + 0.6)) / (1 + 0.5 * harmonic))
