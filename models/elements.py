"""What a simulated recording is made of: each function adds one kind of thing to a stretch of a canvas.

Rates are per minute, sizes in microvolts at the strongest electrode in average reference. Numbers without
a reference are plausible defaults of ours.
"""

from __future__ import annotations

import numpy as np

from models import topography, waveforms
from models.canvas import SCALP, Array, Canvas


def add_alpha(
    canvas: Canvas,
    start: float,
    stop: float,
    *,
    frequency: float = 10.0,
    rms: float = 15.0,
    fade: float = 1.0,
) -> None:
    """Posterior alpha that waxes and wanes; comes and goes within `fade` seconds. RMS in microvolts at O1."""
    first, last = round(start * canvas.sfreq), round(stop * canvas.sfreq)
    wave = rms * waveforms.rhythm(last - first, canvas.sfreq, frequency, canvas.rng)
    wave *= _ramps(last - first, canvas.sfreq, fade)
    canvas.add("alpha", start, canvas.field("alpha"), wave, frequency_hz=frequency)


def _ramps(length: int, sfreq: float, fade: float) -> Array:
    t = np.arange(length) / sfreq
    return np.asarray(np.clip(np.minimum(t, t[::-1]) / max(fade, 1 / sfreq), 0, 1))


def add_blinks(
    canvas: Canvas, start: float, stop: float, *, per_minute: float = 12.0, size: float = 90.0
) -> None:
    """Blinks; `size` is the median peak at Fp1/Fp2 in microvolts."""
    for onset in canvas.windows(start, stop, per_minute, apart=0.7):
        rise, decay = canvas.rng.uniform(0.10, 0.14), canvas.rng.uniform(0.09, 0.13)
        wave = size * canvas.rng.lognormal(0, 0.2) * waveforms.blink(canvas.sfreq, rise, decay)
        canvas.add("eyem", onset, canvas.field("blink"), wave)
        first = round(onset * canvas.sfreq)
        room = canvas.extra[:2, first : first + len(wave)]
        room += 0.9 * wave[: room.shape[1]]


def add_spindles(
    canvas: Canvas, start: float, stop: float, *, per_minute: float = 5.0, size: float = 20.0
) -> None:
    """Sleep spindles; `size` is the median peak at the vertex in microvolts."""
    rng = canvas.rng
    for onset in canvas.windows(start, stop, per_minute, apart=3.0):
        duration = float(np.clip(rng.lognormal(np.log(0.95), 0.25), 0.6, 2.0))
        fast = rng.random() < 0.8
        frequency = float(np.clip(rng.normal(13.3 if fast else 11.9, 0.45), 11.2, 15.6))
        wave = size * rng.lognormal(0, 0.25) * waveforms.spindle(canvas.sfreq, frequency, duration)
        weights = canvas.field("spindle" if fast else "slow spindle")
        canvas.add("spindle", onset, weights, wave, frequency_hz=round(frequency - 0.25, 2))


def add_slow_waves(
    canvas: Canvas, start: float, stop: float, *, per_minute: float = 8.0, size: float = 75.0
) -> None:
    """Slow waves, alone or two in a row; `size` is the median negative peak at the front in microvolts."""
    rng = canvas.rng
    for onset in canvas.windows(start, stop, per_minute, apart=2.4):
        at, weights = onset, canvas.field("slow wave")
        for _ in range(1 + (rng.random() < 0.3)):
            down, up = rng.uniform(0.35, 0.55), rng.uniform(0.4, 0.6)
            wave = size * rng.lognormal(0, 0.2) * waveforms.slow_wave(canvas.sfreq, down, up)
            canvas.add("slow_wave", at, weights, wave, frequency_hz=round(1 / (down + up), 2))
            at += len(wave) / canvas.sfreq


def add_spikes(
    canvas: Canvas,
    start: float,
    stop: float,
    *,
    per_minute: float = 6.0,
    size: float = 90.0,
    where: str = "left temporal spike",
) -> None:
    """Spikes of 40 to 65 ms with a slow wave after them; `size` is the median peak in microvolts."""
    for onset in canvas.windows(start, stop, per_minute, apart=1.5):
        scale, total = size * canvas.rng.lognormal(0, 0.2), canvas.rng.uniform(0.04, 0.065)
        wave = scale * waveforms.spike(canvas.sfreq, total)
        alone = scale * waveforms.spike(canvas.sfreq, total, rebound=0.0, after=0.0)
        canvas.add("spike", onset, canvas.field(where), wave, marked=alone)


def add_muscle(canvas: Canvas, start: float, stop: float, *, rms: float = 22.0) -> None:
    """One stretch of muscle, 20 Hz and up, loudest over the temples; RMS in microvolts there."""
    length = round((stop - start) * canvas.sfreq)
    high = min(95.0, 0.475 * canvas.sfreq)
    loudness = rms * topography.field("muscle", SCALP)
    wave = waveforms.band_noise(len(SCALP), length, canvas.sfreq, (20.0, high), canvas.rng)
    wave *= loudness[:, None] * _ramps(length, canvas.sfreq, 0.1)
    canvas.add_noise("hfnoise", start, wave, rms)


def add_heartbeats(canvas: Canvas, per_minute: float = 64.0, size: float = 900.0) -> None:
    """Beats on the ECG channel only; an EEG free of them is the commoner case."""
    at = 0.2
    while at < canvas.duration - 0.7:
        first, wave = round(at * canvas.sfreq), size * waveforms.heartbeat(canvas.sfreq)
        canvas.extra[2, first : first + len(wave)] += wave
        at += 60 / per_minute * canvas.rng.normal(1, 0.04)
