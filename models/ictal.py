"""Seizures that evolve, brief rhythmic discharges, burst suppression.

Evolution means that frequency, place and size change in one direction (ILAE and ACNS): a temporal seizure starts
as theta or alpha of 5 to 9 Hz, another as low-voltage fast activity; both slow to 1 to 2 Hz, grow, spread to
neighbours and across, and stop at once.
"""

from __future__ import annotations

import numpy as np

from models import transients, waveforms
from models.canvas import Array, Canvas
from models.rhythms import add_slowing
from models.sleep_waves import sized
from models.truth import PatternTruth
from tools.types import Side


def add_seizure(
    canvas: Canvas,
    start: float,
    stop: float,
    *,
    side: str = "left",
    fast_onset: bool = False,
    generalized: bool = False,
    size: float = 150.0,
    snr: float | None = None,
    post_ictal: bool = True,
) -> None:
    """One seizure from its first change to its abrupt end; slowing follows where there is room."""
    rng = canvas.rng
    length, duration = round((stop - start) * canvas.sfreq), stop - start
    t = np.arange(length) / canvas.sfreq
    first_hz = rng.uniform(15, 22) if fast_onset else rng.uniform(5, 9)
    last_hz = rng.uniform(1.2, 2.2)
    # Most of the slowing comes early for a fast onset, evenly otherwise.
    course = last_hz + (first_hz - last_hz) * (1 - t / duration) ** (2.2 if fast_onset else 1.1)
    wander = waveforms.band_noise(1, length, canvas.sfreq, (0.1, 1.0), rng)[0]
    wave = transients.cycles(course * (1 + 0.04 * wander), canvas.sfreq, harmonic=0.35)
    wave *= np.interp(t / duration, [0, 0.15, 0.6, 1], [0.25, 0.45, 0.85, 1.0])
    wave *= np.clip(np.minimum(t / 0.4, (t[-1] - t) / 0.15), 0, 1)
    focus = canvas.field("generalized spike" if generalized else f"{side} temporal")
    peak = sized(canvas, focus, start, size, snr, 0.2)
    traces = np.outer(focus, peak * wave)
    spread = duration * rng.uniform(0.2, 0.4)
    for name, delay, share in _course_of_spread(side, spread, generalized):
        grown = np.clip((t - delay) / (0.15 * duration), 0, 1)
        traces += np.outer(canvas.field(name), share * peak * wave * grown)
    begin = canvas.put(start, traces)
    if begin is None:
        return
    if post_ictal and canvas.duration - stop > 2:
        where = "generalized" if generalized else f"{side} temporal"
        add_slowing(canvas, stop, canvas.duration, where=where, band=(1.0, 3.5), rms=22.0)
    kind = f"{'generalized' if generalized else side} seizure, {'fast' if fast_onset else 'theta'} onset"
    _note(canvas, begin, traces, "seizure", "generalized" if generalized else side, course, kind)


def _course_of_spread(side: str, delay: float, generalized: bool) -> tuple[tuple[str, float, float], ...]:
    if generalized:
        return (("posterior", delay, -0.4),)
    other = "right" if side == "left" else "left"
    return ((f"{side} hemisphere", delay, 0.6), (f"{other} temporal", 1.8 * delay, 0.45))


def _note(canvas: Canvas, begin: int, traces: Array, label: str, side: str, course: Array, kind: str) -> None:
    """Mark the event, and write down the pattern with its course."""
    canvas.mark(label, begin, traces, frequency_hz=round(float(np.median(course)), 2), kind=kind)
    event = canvas.planted[-1].event if label == "seizure" else canvas.decoys[-1].event
    where: Side = "generalized" if side == "generalized" else ("left" if side == "left" else "right")
    canvas.patterns.append(
        PatternTruth(
            onset=event.onset,
            duration=event.duration,
            channels=event.channels,
            label=label,
            side=where,
            frequency_hz=round(float(course[0]), 2),
            end_frequency_hz=round(float(course[-1]), 2),
            modifiers=("evolving",) if label == "seizure" else (),
        )
    )


def add_brief_discharges(
    canvas: Canvas, onset: float, *, side: str = "left", duration: float = 2.0, snr: float | None = None
) -> None:
    """Brief potentially ictal rhythmic discharges: focal, 5 to 10 Hz, under ten seconds."""
    frequency = canvas.rng.uniform(5, 10)
    length = round(duration * canvas.sfreq)
    course = np.full(length, frequency) * np.linspace(1.05, 0.9, length)
    wave = transients.cycles(course, canvas.sfreq, harmonic=0.3) * np.hanning(length) ** 0.4
    weights = canvas.field(f"{side} temporal")
    traces = np.outer(weights, sized(canvas, weights, onset, 75.0, snr) * wave)
    begin = canvas.put(onset, traces)
    if begin is not None:
        _note(canvas, begin, traces, "BIRD", side, course, f"{side} BIRDs")


def add_burst_suppression(
    canvas: Canvas,
    start: float,
    stop: float,
    *,
    suppressed: float = 0.65,
    floor_uv: float = 1.5,
    burst: float = 1.4,
) -> None:
    """Turn what is there into bursts between stretches of near silence.

    `suppressed` is the share of time without bursts; `burst` is the usual length of a burst in seconds.
    """
    rng, sfreq = canvas.rng, canvas.sfreq
    first, last = round(start * sfreq), round(stop * sfreq)
    t = np.arange(last - first) / sfreq
    loud = np.zeros_like(t)
    at, bursts = rng.uniform(0.3, 1.0), 0
    while at < t[-1] - 0.6:
        length = float(np.clip(burst * rng.lognormal(0, 0.25), 0.6, 6.0))
        loud = np.maximum(loud, np.clip(np.minimum(t - at, at + length - t) / 0.1, 0, 1))
        at += length + max(0.8, length * suppressed / (1 - suppressed) * rng.lognormal(0, 0.2))
        bursts += 1
    size = canvas.scalp[:19, first:last].std()
    fast = waveforms.band_noise(3, last - first, sfreq, (2.0, 12.0), rng)
    fields = np.stack(
        [canvas.field(name) for name in ("frontal", "posterior", "generalized periodic")], axis=1
    )
    active = canvas.scalp[:, first:last] * 1.3 + fields @ (fast * np.array([[35.0], [25.0], [30.0]]))
    quiet = canvas.scalp[:, first:last] * (floor_uv / max(size, 1e-9))
    canvas.scalp[:, first:last] = quiet + (active - quiet) * loud
    canvas.reground()
    canvas.mark_span("burst_suppression", start, stop, kind="burst suppression")
    canvas.patterns.append(
        PatternTruth(
            onset=start,
            duration=stop - start,
            label="burst_suppression",
            side="generalized",
            cycles=bursts,
            modifiers=(f"suppressed {1 - float((loud > 0.5).mean()):.2f}",),
        )
    )
