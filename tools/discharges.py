"""Spikes, sharp waves and their complexes with slow waves.

A wave is called epileptiform when two judgements agree: at least four of the six criteria of the IFCN are met, the
field among them (`tools.ifcn`), and its measurements together make it probable (`tools.discharge_weights`). Runs of
spike-and-wave come from `tools.spike_wave_runs`. Positive waves are never called.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import Array, middle
from tools.discharge_view import Ints, View, view_of
from tools.discharge_waves import FEATURES, Waves, find_waves, taking_part
from tools.discharge_weights import INTERCEPT, WEIGHTS
from tools.ifcn import NEEDED, count, judge
from tools.labels import electrodes
from tools.polarity import find_dipole, phase_reversals
from tools.spike_wave_runs import Run, find_runs
from tools.types import Amplitude, Analysed, ChannelSpan, Detection, Event, NotAnalysed, Segment

LABELS = ("spike", "sharp", "spsw")
SOURCE = "discharges 1"
_FOOT = 1.82
"""A flank reaches a tenth of the height at this many times the distance at which it reaches half."""
_TABLE = np.array([WEIGHTS[name] for name in FEATURES]).T


class DischargeSettings(NamedTuple):
    """Limits of what is called."""

    probability: float = 0.85
    least_uv: float = 20.0
    """Height in the largest channel."""
    behind_the_eyes: float = 0.6
    """Of the largest at Fp1 or Fp2, what the frontal electrodes behind have to carry: a blink leaves a third."""
    least_rate: float = 100.0
    """Samples per second: below, a spike of 20 to 70 ms has no shape."""
    least_seconds: float = 4.0
    """Of signal, to know the background."""
    complex_share: float = 0.45
    """Slow wave over discharge from which on the two are one complex."""
    sharp_from: float = 0.049
    """Seconds at half prominence: the length of 70 ms at the base that parts sharp waves from spikes."""
    apart: float = 0.13
    """Seconds: of two discharges that are closer the more probable one stays, so polyspikes are one event."""
    same_focus: float = 0.85
    """Correlation of fields from which on discharges of a page count as one kind and share their shape."""


DEFAULTS = DischargeSettings()


def find_discharges(segment: Segment, settings: DischargeSettings = DEFAULTS) -> Detection:
    """Find epileptiform discharges.

    Parameters
    ----------
    segment : Segment
        EEG in microvolts, any reference or bipolar, without a high cut below 40 Hz.
    settings : DischargeSettings
        Limits.

    Returns
    -------
    Detection
        ``spike`` and ``sharp`` last from foot to foot of the sharp wave; ``spsw`` includes the slow wave. Channels
        are those with 35 % of the largest, the largest first; amplitudes are from base to peak.

    Notes
    -----
    Nothing within 0.3 s of either end, or beside missing samples, is called. Discharges of one focus in a segment
    share the median of their width and of their slow wave, half and half with their own, as a reader judges
    them together. `confidence` is 0.7 times the probability plus 0.3 times the share of criteria that are met.
    """
    reason = _refusal(segment, settings)
    view = view_of(segment) if reason is None else reason
    if isinstance(view, str):
        return Detection(not_analysed=tuple(NotAnalysed(label=label, reason=view) for label in LABELS))
    runs = find_runs(view)
    events = [*(e for run in runs for e in _run_events(view, run)), *_sporadic(view, runs, settings)]
    return Detection(
        events=tuple(sorted(events, key=lambda event: event.onset)),
        analysed=Analysed(labels=LABELS, seconds=round(segment.duration, 3), channels=view.channels),
    )


def _refusal(segment: Segment, settings: DischargeSettings) -> str | None:
    if segment.sfreq < settings.least_rate:
        return f"sampled at {segment.sfreq:g} Hz; the shape of a discharge needs {settings.least_rate:g} Hz"
    if segment.duration < settings.least_seconds:
        return f"needs {settings.least_seconds:g} s of signal to know the background"
    return None


def probability(features: Array) -> Array:
    """Probability that waves with these measurements are discharges, shape (waves,)."""
    mean, spread, weight, square = _TABLE
    scaled = np.clip((features - mean) / spread, -4, 4)
    return np.asarray(1 / (1 + np.exp(-np.clip(INTERCEPT + scaled @ weight + scaled**2 @ square, -30, 30))))


def _sporadic(view: View, runs: list[Run], settings: DischargeSettings) -> list[Event]:
    waves = find_waves(view)
    if waves is None:
        return []
    chance = probability(waves.features)
    sizes = np.abs(waves.fields).max(axis=1)
    free = np.ones(len(chance), dtype=bool)
    for run in runs:
        first, last = run.spikes[0] - 0.1 * view.sfreq, run.spikes[-1] + run.period * view.sfreq
        free &= (waves.at < first) | (waves.at > last)
    upward = _peak_upward(waves, round(0.12 * view.sfreq))
    likely = ~upward & (chance >= settings.probability) & (sizes >= settings.least_uv)
    rows = np.flatnonzero(likely & free & ~_of_the_eyes(view, waves.fields, settings))
    waves, chance = _rows(waves, rows), chance[rows]
    # The field is not one criterion among six here: what one electrode sees alone is not the brain.
    met = [count(six) if six[-1].met else 0 for six in judge(view, waves)]
    rows = np.flatnonzero(np.array(met, dtype=int) >= NEEDED)
    rows = _apart(waves.at, chance, rows, round(settings.apart * view.sfreq))
    waves, chance, met = _rows(waves, rows), chance[rows], [met[row] for row in rows]
    after, width = _shared_shape(waves, settings)
    part = taking_part(view, waves.fields)
    return [
        _event(view, waves, row, part[row], _label(after[row], width[row], settings), chance[row], met[row])
        for row in range(len(waves.at))
    ]


def _peak_upward(waves: Waves, reach: int) -> NDArray[np.bool_]:
    """Whether a positive deflection as large lies within 0.12 s: the negative one is its rebound then."""
    middle = waves.traces.shape[1] // 2
    near = waves.traces[:, middle - reach : middle + reach + 1]
    ground = waves.traces[:, middle] - waves.height
    return np.asarray(ground - near.min(axis=1) > waves.height)


def _of_the_eyes(view: View, fields: Array, settings: DischargeSettings) -> NDArray[np.bool_]:
    """Whether a field is largest at the eyes and falls as steeply behind them as that of a blink."""
    names = [electrodes(channel) for channel in view.channels]
    front = np.array([any(n in ("Fp1", "Fp2", "Fpz") for n in name) for name in names])
    behind = np.array([name[0] in ("F3", "F4", "Fz", "F7", "F8") for name in names])
    if view.sources.bipolar or not front.any() or not behind.any():
        return np.zeros(len(fields), dtype=bool)
    sizes = -fields
    return np.asarray(
        (sizes[:, front].max(axis=1) >= sizes.max(axis=1))
        & (sizes[:, behind].max(axis=1) < settings.behind_the_eyes * sizes[:, front].max(axis=1))
    )


def _label(after: float, width: float, settings: DischargeSettings) -> str:
    if after >= settings.complex_share:
        return "spsw"
    return "sharp" if width >= settings.sharp_from else "spike"


def _rows(waves: Waves, rows: Ints) -> Waves:
    return Waves._make(values[rows] for values in waves)


def _apart(at: Ints, chance: Array, rows: Ints, gap: int) -> Ints:
    """Of waves that are closer than a gap, the more probable ones."""
    kept: list[int] = []
    for row in rows[np.argsort(-chance[rows])].tolist():
        if all(abs(int(at[row]) - int(at[other])) >= gap for other in kept):
            kept.append(row)
    return np.array(sorted(kept), dtype=np.int64)


def _shared_shape(waves: Waves, settings: DischargeSettings) -> tuple[Array, Array]:
    """Slow wave and width of each discharge, half its own and half those of its focus."""
    own = waves.left + waves.right
    unit = waves.fields / np.maximum(np.linalg.norm(waves.fields, axis=1, keepdims=True), 1e-9)
    same = unit @ unit.T >= settings.same_focus
    after = np.array([middle(waves.after[row]) for row in same])
    width = np.array([middle(own[row]) for row in same])
    return 0.5 * (waves.after + after), np.sqrt(own * width)


def _event(
    view: View, waves: Waves, row: int, part: NDArray[np.bool_], label: str, chance: float, met: int
) -> Event:
    start = float(waves.at[row]) / view.sfreq - _FOOT * float(waves.left[row])
    stop = float(waves.at[row]) / view.sfreq + _FOOT * float(waves.right[row])
    if label == "spsw":
        stop = max(stop, float(waves.at[row]) / view.sfreq + float(waves.after_at[row]) + 0.11)
    return _as_event(view, label, start, stop, waves.fields[row], part, 0.7 * chance + 0.05 * met)


def _as_event(
    view: View,
    label: str,
    start: float,
    stop: float,
    field: Array,
    part: NDArray[np.bool_],
    confidence: float,
    frequency_hz: float | None = None,
) -> Event:
    total = view.data.shape[1] / view.sfreq
    start, stop = max(0.0, start), min(stop, total)
    onset, duration = round(view.onset + start, 4), round(stop - start, 4)
    order = sorted(np.flatnonzero(part).tolist(), key=lambda row: -abs(field[row]))
    sizes = [round(float(abs(field[row])), 2) for row in order]
    return Event(
        label=label,
        source=SOURCE,
        onset=onset,
        duration=duration,
        channels=tuple(view.channels[row] for row in order),
        confidence=round(float(np.clip(confidence, 0, 1)), 3),
        amplitude=Amplitude(value_uv=sizes[0], kind="pp"),
        frequency_hz=frequency_hz,
        per_channel=tuple(
            ChannelSpan(channel=view.channels[row], onset=onset, duration=duration, value_uv=size)
            for row, size in zip(order, sizes, strict=True)
        ),
    )


def _run_events(view: View, run: Run) -> list[Event]:
    """One event for each complex, from the foot of its spike to that of the next."""
    part = taking_part(view, run.field[None])[0]
    confidence = 0.6 + 0.4 * (1 - np.exp(-max(0.0, run.spike_z - 4) / 6))
    events = []
    for spike, crest in zip(run.spikes, run.crests, strict=True):
        start = float(spike) / view.sfreq - 0.025
        stop = max(float(crest) / view.sfreq + 0.36 * run.period, start + 0.6 * run.period)
        events.append(
            _as_event(view, "spsw", start, stop, run.field, part, confidence, round(1 / run.period, 2))
        )
    return events


def statements(segment: Segment, event: Event) -> tuple[str, ...]:
    """Sentences on the field of a discharge: dipole and phase reversals, where the channels allow them.

    Parameters
    ----------
    segment : Segment
        Signal that holds the event.
    event : Event
        Of this module, or a reader's mark of a sharp wave.
    """
    view = view_of(segment)
    if isinstance(view, str):
        return ()
    first = max(0, int((event.onset - view.onset) * view.sfreq))
    span = event.duration if event.label != "spsw" else min(event.duration, 0.15)
    piece = view.data[:, first : first + max(2, round(span * view.sfreq))].astype(float)
    if not piece.size:
        return ()
    around = view.data[:, max(0, first - round(0.2 * view.sfreq)) : first].astype(float)
    piece = piece - (around.mean(axis=1, keepdims=True) if around.shape[1] else 0.0)
    values = piece[:, int(np.abs(piece).max(axis=0).argmax())]
    said = []
    dipole = find_dipole(view.channels, values)
    if dipole is not None:
        said.append(
            f"two poles: negative at {', '.join(dipole.negative)}, positive at {', '.join(dipole.positive)} "
            f"with {round(100 * dipole.ratio)} % of the size"
        )
    for reversal in phase_reversals(view.channels, values)[:2]:
        pair = " and ".join(reversal.channels)
        said.append(f"phase reversal at {reversal.electrode} between {pair}, {reversal.polarity} there")
    return tuple(said)
