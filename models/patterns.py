"""Periodic and rhythmic patterns in the terms of the ACNS (Hirsch et al. 2021, 10.1097/WNP.0000000000000806).

Every pattern is one event over its whole length and one record of what it is made of; single discharges of it
are not labelled a second time.
"""

from __future__ import annotations

import numpy as np

from models import transients, waveforms
from models.canvas import SITES, Array, Canvas
from models.sleep_waves import sized
from models.truth import PatternTruth
from tools.types import Side

_SIDES = ("left", "right")


def add_periodic(
    canvas: Canvas,
    start: float,
    stop: float,
    *,
    label: str = "LPD",
    frequency: float = 1.0,
    side: str = "left",
    size: float = 90.0,
    snr: float | None = None,
    modifiers: tuple[str, ...] = (),
    where: str | None = None,
) -> None:
    """Periodic discharges: lateralised (``LPD``), generalised (``GPD``) or independent on each side (``BIPD``).

    `modifiers` may hold ``+F`` (fast activity on each discharge) and ``+R`` (theta between them).
    """
    rng = canvas.rng
    traces = np.zeros((len(canvas.scalp), round((stop - start) * canvas.sfreq)))
    count = 0
    fields = {"GPD": ["generalized periodic"], "BIPD": ["left periodic", "right periodic"]}.get(
        label, [where or f"{side} periodic"]
    )
    for number, name in enumerate(fields):
        weights = canvas.field(name)
        peak = sized(canvas, weights, start, size, snr, 0.15)
        rate = frequency * (rng.uniform(0.65, 0.8) if number else 1.0)
        lag = rng.uniform(0.0, 0.1) if label == "GPD" else 0.0
        count += _train(canvas, traces, weights * peak, rate, lag, "+F" in modifiers)
    if "+R" in modifiers:
        theta = waveforms.rhythm(traces.shape[1], canvas.sfreq, rng.uniform(5, 7), rng)
        traces += np.outer(canvas.field(fields[0]), 10 * theta)
    whole: Side = {"GPD": "generalized", "BIPD": "bilateral"}.get(label, side)  # type: ignore[assignment]
    _settle(canvas, start, traces, label, whole, frequency, modifiers, count)


def _train(canvas: Canvas, traces: Array, weights: Array, rate: float, lag: float, fast: bool) -> int:
    """Lay discharges into traces, periods jittered by up to 15 %; gives how many."""
    rng = canvas.rng
    total, jitter = rng.uniform(0.2, min(0.4, 0.55 / rate)), rng.uniform(0.03, 0.12)
    blunt = rng.random() < 0.5
    shape = _sharp_and_slow(canvas, total) if blunt else transients.triphasic(canvas.sfreq, total)
    behind = round(lag * canvas.sfreq * 0.999)
    # The back of the head follows the front where the pattern has a lag.
    late = weights[:, None] * (weights * weights[np.argmax(np.abs(weights))] < 0)[:, None]
    early = weights[:, None] - late
    at, count = rng.uniform(0.05, 0.5) / rate, 0
    while (first := round(at * canvas.sfreq)) + len(shape) + behind < traces.shape[1]:
        wave = shape * rng.uniform(0.8, 1.2)
        if fast:
            ripple = waveforms.band_noise(1, len(wave), canvas.sfreq, (15.0, 25.0), rng)[0]
            wave = wave + 0.12 * ripple * np.hanning(len(wave))
        traces[:, first : first + len(wave)] += early * wave
        traces[:, first + behind : first + behind + len(wave)] += late * wave
        at += float(np.clip(rng.normal(1, jitter), 0.7, 1.3)) / rate
        count += 1
    return count


def _sharp_and_slow(canvas: Canvas, total: float) -> Array:
    sharp = canvas.spike_shape(canvas.sfreq, 0.35 * total, rebound=0.15, after=0.5)
    return np.asarray(sharp[: round((0.25 + total) * canvas.sfreq)])


def add_rhythmic_delta(
    canvas: Canvas,
    start: float,
    stop: float,
    *,
    label: str = "GRDA",
    frequency: float = 2.0,
    side: str = "left",
    size: float = 65.0,
    snr: float | None = None,
    modifiers: tuple[str, ...] = (),
    where: str | None = None,
) -> None:
    """Rhythmic delta without a gap, generalised with frontal maximum or over one side.

    `modifiers` may hold ``+S`` (spikes on about half of the crests) and ``+F`` (fast activity on it).
    """
    rng = canvas.rng
    length = round((stop - start) * canvas.sfreq)
    name = where or ("frontal delta" if label == "GRDA" else f"{side} periodic")
    weights = canvas.field(name)
    peak = sized(canvas, weights, start, size, snr, 0.15)
    # Cycle by cycle 8 % of jitter, held for about a cycle, and a slow waxing.
    knots = np.clip(rng.normal(1, 0.08, int(length / canvas.sfreq * frequency) + 3), 0.8, 1.2)
    course = np.interp(np.arange(length) / canvas.sfreq * frequency, np.arange(len(knots)), knots)
    slow = waveforms.band_noise(1, length, canvas.sfreq, (0.05, 0.4), rng)[0]
    wave = peak * transients.cycles(frequency * course, canvas.sfreq) * np.exp(0.2 * slow)
    wave *= np.clip(np.minimum(np.arange(length), np.arange(length)[::-1]) / (0.4 * canvas.sfreq), 0, 1)
    traces = np.outer(weights, wave)
    if "+S" in modifiers:
        _spikes_on_crests(canvas, traces, -np.abs(weights) * np.sign(weights), wave, peak)
    if "+F" in modifiers:
        fast = waveforms.band_noise(1, length, canvas.sfreq, (15.0, 25.0), rng)[0]
        traces += np.outer(weights, 10.0 * fast * (0.3 + (wave > 0)))
    whole: Side = "generalized" if label == "GRDA" else ("left" if side == "left" else "right")
    _settle(canvas, start, traces, label, whole, frequency, modifiers, round(frequency * (stop - start)))


def _spikes_on_crests(canvas: Canvas, traces: Array, weights: Array, wave: Array, peak: float) -> None:
    crests = np.flatnonzero((wave[1:-1] > wave[:-2]) & (wave[1:-1] >= wave[2:]) & (wave[1:-1] > 0.3 * peak))
    for crest in crests:
        if canvas.rng.random() < 0.5:
            spike = canvas.spike_shape(canvas.sfreq, canvas.rng.uniform(0.04, 0.06), rebound=0.25, after=0.0)
            spike = 0.6 * peak * spike[: max(0, traces.shape[1] - crest)]
            traces[:, crest : crest + len(spike)] += np.outer(weights, spike)


def _settle(
    canvas: Canvas,
    start: float,
    traces: Array,
    label: str,
    side: Side,
    frequency: float,
    modifiers: tuple[str, ...],
    count: int,
) -> None:
    first = canvas.put(start, traces)
    if first is None or not np.any(traces[:SITES]):
        return
    kind = " ".join((label, side, *modifiers))
    independent = side == "bilateral"
    # Two independent trains do not go together; what they share is the sign of their discharges.
    canvas.mark(
        label,
        first,
        traces,
        frequency_hz=round(frequency, 2),
        kind=kind,
        dipole=independent,
        sign=-1 if independent else 0,
    )
    event = canvas.planted[-1].event
    canvas.patterns.append(
        PatternTruth(
            onset=event.onset,
            duration=event.duration,
            channels=event.channels,
            label=label,
            side=side,
            frequency_hz=round(frequency, 2),
            modifiers=modifiers,
            cycles=count,
        )
    )
