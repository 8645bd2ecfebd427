"""Waves of sleep and of drowsiness, and their benign look-alikes.

`snr` sizes a wave by its peak over the background at its strongest electrode; without it the sizes are those
of the AASM manual and of HED-SCORE (Beniczky et al. 2017, https://doi.org/10.1111/epi.13887), medians in µV.
"""

from __future__ import annotations

import numpy as np

from models import transients, waveforms
from models.canvas import Array, Canvas


def sized(
    canvas: Canvas,
    weights: Array,
    onset: float,
    median: float,
    snr: float | None,
    spread: float = 0.25,
    *,
    slow: bool = False,
) -> float:
    """Peak in microvolts: from the signal-to-noise ratio asked for, else log-normal around a median.

    Over a large background a ratio may ask for more than such a wave ever has; it gets `_MOST` medians then.
    """
    if snr is None:
        return float(median * canvas.rng.lognormal(0, spread))
    ratio = snr * canvas.rng.lognormal(0, 0.08)
    return min(_MOST * median, canvas.size_for(ratio, weights, onset, slow=slow))


_MOST = 3.2


def add_spindle(canvas: Canvas, onset: float, *, snr: float | None = None, fast: bool | None = None) -> None:
    """One spindle; four of five are fast and centro-parietal."""
    rng = canvas.rng
    duration = float(np.clip(rng.lognormal(np.log(0.85), 0.3), 0.5, 2.0))
    fast = bool(rng.random() < 0.8) if fast is None else fast
    frequency = float(np.clip(rng.normal(13.3 if fast else 11.8, 0.5), 11.0, 16.0))
    chirp = -rng.uniform(0.5, 1.5) * duration
    wave = waveforms.spindle(canvas.sfreq, frequency, duration, chirp)
    weights = canvas.field("spindle" if fast else "slow spindle")
    kind = "fast spindle" if fast else "slow spindle"
    size = sized(canvas, weights, onset, 18.0, snr, 0.3)
    canvas.add(
        "spindle", onset, weights, size * wave, frequency_hz=round(frequency + chirp / 2, 2), kind=kind
    )


def add_k_complex(
    canvas: Canvas, onset: float, *, snr: float | None = None, with_spindle: bool | None = None
) -> None:
    """One K-complex of 0.6 to 1.2 s; a third are followed by a spindle."""
    rng = canvas.rng
    sharp, broad = rng.uniform(0.2, 0.32), rng.uniform(0.4, 0.65)
    wave = transients.k_complex(canvas.sfreq, sharp, broad, rng.uniform(0.5, 0.8))
    weights = canvas.field("K-complex")
    size = sized(canvas, weights, onset, 70.0, snr, slow=True)
    canvas.add("kcomplex", onset, weights, size * wave, kind="K-complex")
    if with_spindle if with_spindle is not None else rng.random() < 0.33:
        add_spindle(canvas, onset + sharp + rng.uniform(0.35, 0.6), snr=None if snr is None else 0.45 * snr)


def add_slow_train(canvas: Canvas, onset: float, *, waves: int = 3, snr: float | None = None) -> float:
    """Slow waves in a row that travel to the back within 20 to 60 ms; gives the time at which they end."""
    rng, weights = canvas.rng, canvas.field("slow wave")
    lag = round(rng.uniform(0.02, 0.06) * canvas.sfreq)
    delays = np.clip(-weights / np.abs(weights).max(), -1, 1)
    # The front leads: electrodes with the full negativity have no lag, those at the back all of it.
    shifts = np.round(lag * (1 - delays) / 2).astype(int)
    for _ in range(waves):
        down, up = rng.uniform(0.35, 0.55), rng.uniform(0.4, 0.65)
        wave = sized(canvas, weights, onset, 68.0, snr, 0.15, slow=True) * waveforms.slow_wave(
            canvas.sfreq, down, up
        )
        traces = np.zeros((len(weights), len(wave) + lag))
        for row, shift in enumerate(shifts):
            traces[row, shift : shift + len(wave)] = weights[row] * wave
        start = canvas.put(onset, traces)
        if start is None:
            return onset
        frequency = round(1 / (down + up), 2)
        canvas.mark("slow_wave", start, traces, frequency_hz=frequency, kind="slow oscillation")
        onset += len(wave) / canvas.sfreq + rng.uniform(0.0, 0.15)
    return onset


def add_vertex_wave(canvas: Canvas, onset: float, *, snr: float | None = None) -> None:
    """One vertex sharp wave of 120 to 300 ms."""
    wave = transients.vertex_wave(canvas.sfreq, canvas.rng.uniform(0.12, 0.26), canvas.rng.uniform(0.3, 0.5))
    weights = canvas.field("vertex wave")
    canvas.add("vertex", onset, weights, sized(canvas, weights, onset, 65.0, snr) * wave, kind="vertex wave")


def add_sawtooth(canvas: Canvas, onset: float, *, snr: float | None = None) -> None:
    """A train of three to six sawtooth waves, 2 to 4 Hz, over the vertex."""
    frequency, count = canvas.rng.uniform(2.2, 4.0), int(canvas.rng.integers(3, 7))
    wave = transients.sawtooth(canvas.sfreq, frequency, count)
    weights = canvas.field("sawtooth")
    size = sized(canvas, weights, onset, 21.0, snr)
    canvas.add(
        "sawtooth", onset, weights, size * wave, frequency_hz=round(frequency, 2), kind="sawtooth waves"
    )


def add_occipital_transients(
    canvas: Canvas, onset: float, *, kind: str = "POSTS", count: int = 1, snr: float | None = None
) -> None:
    """Positive waves over the occiput: ``POSTS`` of light sleep, or ``lambda`` while looking."""
    rng, weights = canvas.rng, canvas.field("occipital transient")
    for _ in range(count):
        wave = transients.triphasic(canvas.sfreq, rng.uniform(0.16, 0.26), 0.25, 0.35)
        canvas.add(kind, onset, weights, sized(canvas, weights, onset, 32.0, snr) * wave)
        onset += rng.uniform(0.17, 0.25)


def add_wickets(canvas: Canvas, onset: float, *, side: str = "left", snr: float | None = None) -> None:
    """A run of arch-shaped temporal waves of 6 to 11 Hz; no slow wave follows."""
    rng, weights = canvas.rng, canvas.field(f"{side} temporal")
    wave = -transients.arches(canvas.sfreq, rng.uniform(6.5, 10.5), rng.uniform(0.5, 1.4))
    size = sized(canvas, weights, onset, 70.0, snr) / np.abs(wave).max()
    canvas.add("wicket", onset, weights, size * wave, kind="wicket waves")


def add_temporal_theta(canvas: Canvas, onset: float, *, side: str = "left", snr: float | None = None) -> None:
    """Rhythmic temporal theta of drowsiness: notched, monotonous, without evolution."""
    rng, weights = canvas.rng, canvas.field(f"{side} temporal")
    frequency = rng.uniform(4.8, 6.8)
    wave = transients.notched(canvas.sfreq, frequency, rng.uniform(1.5, 5.0))
    size = sized(canvas, weights, onset, 45.0, snr)
    canvas.add("temporal theta", onset, weights, size * wave, frequency_hz=round(frequency, 2))


def add_arousal(canvas: Canvas, onset: float, *, duration: float | None = None, rms: float = 13.0) -> None:
    """An abrupt shift to alpha and faster for 3 s and longer; a briefer one is a decoy."""
    rng = canvas.rng
    duration = float(rng.uniform(3.5, 9.0)) if duration is None else duration
    length = round(duration * canvas.sfreq)
    alpha = waveforms.rhythm(length, canvas.sfreq, rng.uniform(8.5, 11.0), rng)
    fast = waveforms.band_noise(1, length, canvas.sfreq, (16.0, min(28.0, 0.45 * canvas.sfreq)), rng)[0]
    t = np.arange(length) / canvas.sfreq
    envelope = np.clip(np.minimum(t / 0.15, (t[-1] - t) / 0.4), 0, 1)
    weights = canvas.field("alpha") + 0.7 * canvas.field("frontal")
    label = "arousal" if duration >= 3 else "short arousal"
    canvas.add(label, onset, weights, rms * (0.85 * alpha + 0.5 * fast) * envelope, kind=label, narrow=True)
    first = round(onset * canvas.sfreq)
    room = canvas.extra[3, first : first + length]
    room *= 1 + rng.uniform(0.5, 2.0) * envelope[: len(room)]
