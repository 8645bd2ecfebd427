"""What the body adds: muscle, chewing, heart, pulse, breath, sweat, movement, and the tone of the chin."""

from __future__ import annotations

import numpy as np

from models import topography, transients, waveforms
from models.canvas import SCALP, SITES, Array, Canvas
from models.rhythms import ramps
from tools.labels import REGIONS, TEN_TWENTY

CHIN_RMS: dict[str, tuple[float, float]] = {
    "W": (8, 25), "N1": (6, 15), "N2": (5, 12), "N3": (4, 10), "R": (1.5, 3),
}  # fmt: skip
"""Tone of the chin by stage, RMS in microvolts; lowest in R by the definition of that stage."""


def _muscle(canvas: Canvas, length: int, loudness: Array) -> Array:
    high = min(95.0, 0.475 * canvas.sfreq)
    noise = waveforms.band_noise(len(SCALP), length, canvas.sfreq, (20.0, high), canvas.rng)
    return np.asarray(noise * loudness[:, None])


def add_emg(
    canvas: Canvas, start: float, stop: float, *, rms: float = 20.0, where: str | None = None
) -> None:
    """One stretch of muscle, loudest over the temples and forehead, or over one region or side."""
    length = round((stop - start) * canvas.sfreq)
    loudness = rms * topography.field("muscle", SCALP) * canvas.rng.lognormal(0, 0.25, len(SCALP))
    if where is not None:
        loudness *= [1.0 if name in REGIONS[where] else 0.08 for name in SCALP]
    loudness *= rms / loudness[:SITES].max()
    wave = _muscle(canvas, length, loudness) * ramps(length, canvas.sfreq, 0.08)
    canvas.add_noise("hfnoise", start, wave, rms, kind="muscle")


def add_chewing(canvas: Canvas, start: float, stop: float, *, rms: float = 32.0) -> None:
    """Chewing: bursts of temporal muscle once or twice a second over slow waves of the tongue."""
    rng, length = canvas.rng, round((stop - start) * canvas.sfreq)
    t = np.arange(length) / canvas.sfreq
    rate = rng.uniform(1.1, 2.0)
    gate, at = np.zeros(length), 0.1
    while at < t[-1] - 0.4:
        width = rng.uniform(0.15, 0.38)
        gate = np.maximum(
            gate, np.clip(np.minimum(t - at, at + width - t) / 0.04, 0, 1) * rng.uniform(0.7, 1)
        )
        at += rng.normal(1, 0.08) / rate
    noise = _muscle(canvas, length, rms * topography.field("muscle", SCALP)) * gate
    tongue = rng.uniform(20, 50) * transients.cycles(np.full(length, rate), canvas.sfreq, 0.2)
    tongue *= ramps(length, canvas.sfreq, 0.4)
    traces = noise + np.outer(topography.field("frontal delta", SCALP), tongue)
    canvas.add_noise("chewing", start, traces, rms, kind="chewing")


def add_heart(
    canvas: Canvas, *, per_minute: float = 68.0, size: float = 18.0, pulse_at: str | None = None
) -> None:
    """QRS complexes in the EEG, larger on the left and at the back, and in the ECG channel; maybe a pulse wave.

    Beats that the EEG does not show (`size` 0) are no artifact and leave no truth.
    """
    rng, at = canvas.rng, 0.15
    field = np.array([0.25 + 0.75 * _leftward(name) for name in SCALP]) - 0.5
    while at < canvas.duration - 0.7:
        beat = waveforms.heartbeat(canvas.sfreq)
        first = round(at * canvas.sfreq)
        canvas.extra[2, first : first + len(beat)] += 900 * beat[: canvas.extra.shape[1] - first]
        if size > 0:
            t = transients.times(0.6, canvas.sfreq)
            qrs = np.where(np.abs(t - 0.16) < 0.06, beat[: len(t)], 0.0)
            scale = size * rng.normal(1, 0.06) / np.abs(field[:SITES] - field[:SITES].mean()).max()
            canvas.add("ecg", at, field, scale * beat, marked=scale * qrs, dipole=True, kind="QRS complex")
        if pulse_at is not None:
            one = np.array([1.0 if name == pulse_at else 0.0 for name in SCALP])
            canvas.add("pulse", at + 0.4, one, 25 * transients.pulse(canvas.sfreq), kind="pulse wave")
        at += 60 / per_minute * rng.normal(1, 0.04)


def _leftward(name: str) -> float:
    """From 0 on the right front to 1 on the left back: the heart's axis points there through the neck."""
    x, y, _ = topography.directions((name,))[0]
    return float(np.clip(0.5 - 0.4 * x - 0.3 * y, 0, 1))


def add_respiration(canvas: Canvas, start: float, stop: float, *, size: float = 45.0) -> None:
    """Waves of 0.2 to 0.35 Hz in the electrodes that the head rests on."""
    rng, length = canvas.rng, round((stop - start) * canvas.sfreq)
    rate = rng.uniform(0.2, 0.35)
    groups = (("O1", "T5"), ("O2", "T6"), ("O1", "O2"))
    names = groups[int(rng.integers(len(groups)))]
    drift = waveforms.band_noise(1, length, canvas.sfreq, (0.03, 0.2), rng)[0]
    wave = transients.cycles(rate * np.clip(1 + 0.08 * drift, 0.7, 1.3), canvas.sfreq, 0.25)
    weights = np.array([1.0 if name in names else 0.0 for name in SCALP])
    canvas.add("respiration", start, weights, size * wave, frequency_hz=round(rate, 2), kind="respiration")


def add_sweat(canvas: Canvas, start: float, stop: float, *, size: float = 130.0) -> None:
    """Slow drifts of 0.1 to 0.5 Hz in neighbouring frontal electrodes, each with some of its own."""
    rng, length = canvas.rng, round((stop - start) * canvas.sfreq)
    groups = (("Fp1", "Fp2", "F7", "F8"), ("Fp1", "F7", "F3"), ("Fp2", "F8", "F4", "T4"))
    names = groups[int(rng.integers(len(groups)))]
    common, *own = waveforms.band_noise(len(names) + 1, length, canvas.sfreq, (0.1, 0.5), rng)
    traces = np.zeros((len(SCALP), length))
    for name, drift in zip(names, own, strict=True):
        traces[TEN_TWENTY.index(name)] = 0.45 * size * (0.8 * common + 0.6 * drift)
    first = canvas.put(start, traces * ramps(length, canvas.sfreq, 1.0))
    if first is not None:
        canvas.mark("sweat", first, traces, dipole=True, kind="sweat")


def add_movement(canvas: Canvas, start: float, stop: float, *, size: float = 260.0) -> None:
    """The head moves: large waves of 0.3 to 4 Hz on many channels, with muscle."""
    length = round((stop - start) * canvas.sfreq)
    waves = waveforms.band_noise(6, length, canvas.sfreq, (0.3, 4.0), canvas.rng)
    mixing = topography.mixing_matrix(SCALP, 6) * canvas.rng.lognormal(0, 0.2, (len(SCALP), 1))
    traces = mixing @ waves
    traces *= size / np.abs(traces[:SITES] - traces[:SITES].mean(axis=0)).max()
    traces += _muscle(canvas, length, 0.06 * size * topography.field("muscle", SCALP))
    canvas.add_noise(
        "movement", start, traces * ramps(length, canvas.sfreq, 0.1), round(size, 1), kind="movement"
    )


def add_chin(
    canvas: Canvas, start: float, stop: float, *, stage: str = "W", level: float | None = None
) -> None:
    """Tone of the chin for a stage, with brief twitches in R; it fills the chin channel only."""
    rng, first = canvas.rng, round(start * canvas.sfreq)
    length = round(stop * canvas.sfreq) - first
    low, high = CHIN_RMS[stage]
    rms = float(np.exp(rng.uniform(np.log(low), np.log(high)))) if level is None else level
    band = (10.0, min(95.0, 0.475 * canvas.sfreq))
    tone = rms * waveforms.band_noise(1, length, canvas.sfreq, band, rng)[0]
    if stage == "R":
        for onset in canvas.windows(0.0, stop - start, per_minute=2.0, apart=1.0):
            piece = tone[round(onset * canvas.sfreq) : round((onset + rng.uniform(0.1, 0.25)) * canvas.sfreq)]
            piece *= rng.uniform(4, 9)
    canvas.extra[3, first : first + length] += tone


def add_breathing(canvas: Canvas, start: float, stop: float) -> None:
    """The flow of breath in its own channel, in microvolts as a thermistor gives it."""
    first = round(start * canvas.sfreq)
    length = round(stop * canvas.sfreq) - first
    course = np.full(length, canvas.rng.uniform(0.2, 0.3))
    drift = waveforms.band_noise(1, length, canvas.sfreq, (0.02, 0.1), canvas.rng)[0]
    canvas.extra[4, first : first + length] += 150 * transients.cycles(
        course * np.clip(1 + 0.06 * drift, 0.7, 1.3), canvas.sfreq
    )
