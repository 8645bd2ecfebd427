"""What electrodes, leads and amplifiers do: pops, mains, flat, bridged, noisy and saturated channels."""

from __future__ import annotations

import numpy as np

from models import topography, transients, waveforms
from models.canvas import SCALP, SITES, Canvas, Fault
from tools.labels import TEN_TWENTY


def _one(channel: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([1.0 if name == channel else 0.0 for name in SCALP])


def add_pop(
    canvas: Canvas, onset: float, *, channel: str = "T3", size: float = 180.0, snr: float | None = None
) -> None:
    """One electrode pop, positive or negative, in this electrode and no other."""
    wave = transients.electrode_pop(canvas.sfreq, canvas.rng.uniform(0.1, 0.4))
    peak = size if snr is None else canvas.size_for(snr, _one(channel), onset)
    sign = 1 if canvas.rng.random() < 0.5 else -1
    canvas.add("pop", onset, _one(channel), sign * peak * wave, kind="electrode pop")


def add_line_noise(
    canvas: Canvas,
    start: float,
    stop: float,
    *,
    frequency: float = 50.0,
    size: float = 12.0,
    channels: tuple[str, ...] = (),
) -> None:
    """Mains and its harmonics, on every channel with a gain of its own or on those named.

    Above half the sampling rate there is nothing to draw, as an amplifier's filter would have removed it.
    """
    harmonics = [k for k in (1, 2, 3) if k * frequency < 0.48 * canvas.sfreq]
    if not harmonics:
        return
    length = round((stop - start) * canvas.sfreq)
    t = np.arange(length) / canvas.sfreq
    gains = canvas.rng.lognormal(0, 0.6, len(SCALP))
    if channels:
        gains *= [1.0 if name in channels else 0.04 for name in SCALP]
    wave = sum(
        np.sin(2 * np.pi * k * frequency * t + canvas.rng.uniform(0, 6.28)) / (1 + 2.5 * (k - 1))
        for k in harmonics
    )
    seen = gains[:SITES] - gains[:SITES].mean()
    gains *= size / np.abs(seen).max()
    canvas.add(
        "line_noise",
        start,
        gains,
        np.asarray(wave),
        frequency_hz=frequency,
        dipole=True,
        narrow=True,
        kind="mains",
    )


def add_flat(canvas: Canvas, start: float, stop: float, *, channels: tuple[str, ...] = ("T4",)) -> None:
    """Channels that record nothing for a while: a lead is off or the input is shorted."""
    canvas.faults.append(Fault("flat", channels, start, stop))
    canvas.mark_span("flat", start, stop, channels, kind="flat")


def add_bridge(canvas: Canvas, *, channels: tuple[str, str] = ("F3", "Fz")) -> None:
    """Two electrodes joined by gel read the same; nothing in the vocabulary names it, so it is a decoy."""
    canvas.faults.append(Fault("bridge", channels, 0.0, canvas.duration))
    canvas.mark_span("bridge", 0.0, canvas.duration, channels, kind="salt bridge")


def add_bad_channel(canvas: Canvas, *, channel: str = "T6", size: float = 70.0) -> None:
    """An electrode with poor contact throughout: mains, drift and crackle of its own."""
    length, sfreq = canvas.scalp.shape[1], canvas.sfreq
    slow, broad = (
        waveforms.band_noise(1, length, sfreq, (0.2, 3.0), canvas.rng)[0],
        waveforms.pink(1, length, sfreq, 0.4, canvas.rng)[0],
    )
    t = np.arange(length) / sfreq
    mains = np.sin(2 * np.pi * 50 * t) if sfreq > 105 else np.zeros(length)
    share = canvas.rng.dirichlet([2.0, 3.0, 2.0])
    wave = size * (share[0] * slow + share[1] * broad + share[2] * mains) / np.sqrt((share**2).sum())
    canvas.put(0.0, np.outer(_one(channel), wave))
    canvas.mark_span("bad_channel", 0.0, canvas.duration, (channel,), kind="poor contact")


def add_saturation(
    canvas: Canvas, start: float, stop: float, *, channels: tuple[str, ...] = ("Fp1",), level: float = 1600.0
) -> None:
    """The amplifier hits its rail on these channels: values far outside of what EEG can be."""
    sign = 1 if canvas.rng.random() < 0.5 else -1
    canvas.faults.append(Fault("rail", channels, start, stop, sign * level))
    canvas.mark_span("extreme", start, stop, channels, kind="saturation")


def neighbours(canvas: Canvas, count: int) -> tuple[str, ...]:
    """Draw some electrodes that lie side by side."""
    first = str(canvas.rng.choice(TEN_TWENTY))
    places = topography.directions(TEN_TWENTY)
    apart = topography.angles(places, places[[TEN_TWENTY.index(first)]])[:, 0]
    return tuple(TEN_TWENTY[row] for row in np.argsort(apart)[:count])
