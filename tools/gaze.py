"""Looking aside: the eyes turn, stay and come back, and drive F8 and F7 to opposite sides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, at_rate, band, looked, mend, robust_sd, slow_over_fast, with_field
from tools.labels import electrodes
from tools.types import Amplitude, ChannelSpan, Detection, Event, NotAnalysed, Segment

LABELS = ("eyer+", "eyer-")
SOURCE = "gaze 1"
_RATE = 100.0
_SAGS = (0.6, 1.6)
"""Seconds in which the low cuts of amplifier and analysis let a held deflection decay."""
_ENOUGH = 8
"""Channels from which on the field over the head can be compared."""
_LEFT = re.compile(r"^(E1|LOC|EOG.?L|L.?EOG|EOG1)\b", re.IGNORECASE)
_RIGHT = re.compile(r"^(E2|ROC|EOG.?R|R.?EOG|EOG2)\b", re.IGNORECASE)
_ACROSS = re.compile(r"H.?EOG|EOG.?H|HORI", re.IGNORECASE)

_FIELD = {"F8": 1.0, "Fp2": 0.4, "F4": 0.35, "T4": 0.35, "C4": 0.1, "T6": 0.1}
_FIELD |= {"F7": -1.0, "Fp1": -0.4, "F3": -0.35, "T3": -0.35, "C3": -0.1, "T5": -0.1}
_FIELD |= dict.fromkeys(("Fz", "Cz", "Pz", "P3", "P4", "O1", "O2"), 0.0)
"""Field of a gaze to the right in average reference, 1 at F8."""


class GazeSettings(NamedTuple):
    """What makes a deflection a gaze; amplitudes in microvolts at F8, durations in seconds."""

    step: float = 24.0
    """Least step from one level to the next,"""
    above_background: float = 2.2
    """and in robust standard deviations of the steps that the signal makes anyway."""
    back: float = 0.22
    """Least ratio of the step back to the step aside; a low cut takes part of a long deflection away."""
    hold: tuple[float, float] = (0.33, 2.5)
    """From step to step."""
    likeness: float = 0.72
    """Least correlation of the steps over the head with the field of a gaze."""
    balance: float = 0.3
    """Least ratio of the smaller to the larger side."""
    fit: float = 0.76
    """Least share of the variance around it that a box which sags explains."""
    fit_in_slow: float = 0.88
    """The same where slow activity outweighs fast, as in sleep and over encephalopathies."""
    slow: float = 1.4
    """log10 of the power of 0.5 to 8 Hz over that of 16 to 30 Hz, from which that holds."""
    foremost: float = 0.8
    """Of the largest deflection of a side that has to be there at F7 or F8; further back it is the brain."""
    sudden: float = 0.95
    """Share of a step, mean of both, that happens within a tenth of a second: saccades take half of that."""
    height: float = 18.0
    """Least step on the smaller side, where both are recorded."""
    share: float = 0.35
    """Of the largest deflection, from which a channel takes part."""


DEFAULTS = GazeSettings()


class _View(NamedTuple):
    """The channels that show the eyes and how they are put together to one signal, 1 at F8 for the right."""

    channels: tuple[str, ...]
    usual: Array
    whole_head: bool


def find_gaze(segment: Segment, settings: GazeSettings = DEFAULTS) -> Detection:
    """Find eyes that look aside for a while, at F7 and F8 or in the EOG.

    Parameters
    ----------
    segment : Segment
        At least 2 s at 32 Hz or more, low cut of 1 Hz or less. Referential, bipolar with pairs that hold F7
        and F8, or with EOG channels beside the left and the right eye.
    settings : GazeSettings
        Limits.

    Returns
    -------
    Detection
        Two events per gaze: ``eyer+`` with the channels that go up and ``eyer-`` with those that go down,
        the largest first. The amplitude is the height of the step in the largest (peak to peak).

    Notes
    -----
    A gaze is a pair of steps of opposite sign; eyes that stay aside until the end, or drift back, are left
    out, as are pursuit and the slow rolling of drowsiness, which have no steps. Rapid eye movements of stage
    R that are taken back quickly look the same; the stage tells them apart.

    References
    ----------
    Plöchl et al. (2012), Front Hum Neurosci 6:278, https://doi.org/10.3389/fnhum.2012.00278 (the field).
    """
    view = _view(segment)
    reason = (
        "no F7 and F8 and no EOG beside both eyes" if view is None
        else "needs 2 s of signal" if segment.duration < 2
        else "needs a sampling rate of 32 Hz or more" if segment.sfreq < 32
        else f"the low cut of {segment.filters.low_cut_hz:g} Hz takes away what makes a gaze"
        if (segment.filters.low_cut_hz or 0.0) > 1.0
        else None
    )  # fmt: skip
    if reason is not None or view is None:
        return Detection(not_analysed=tuple(NotAnalysed(label=x, reason=reason or "") for x in LABELS))
    chosen = segment.pick(view.channels)
    mended, missing = mend(chosen.data)
    slower = at_rate(replace(chosen, data=mended), _RATE)
    level = slower.data - np.median(slower.data, axis=1, keepdims=True)
    seen = band(
        level, slower.sfreq, None if (segment.filters.low_cut_hz or 0.0) >= 0.1 else 0.1, 15.0, order=2
    )
    aside = view.usual @ seen / (view.usual @ view.usual)
    if view.whole_head:
        loud = np.abs(aside) >= 3.0 * float(robust_sd(aside))
        aside = with_field(seen, view.usual, loud, slower.sfreq)
    events: list[Event] = []
    pairs = _pairs(aside, slower.sfreq, settings)
    if pairs and view.whole_head:
        back = np.abs(view.usual) <= 0.15  # the eyes are slow, too, but do not reach the back of the head
        slow = slow_over_fast(level[back] if back.any() else level, slower.sfreq)
        sluggish = np.median(slow, axis=0) > settings.slow
        pairs = [pair for pair in pairs if pair[2] >= settings.fit_in_slow or not sluggish[pair[0]]]
    for start, stop, _ in pairs:
        rise = _height(seen, start, stop, slower.sfreq)
        lost = missing[:, round(start * segment.sfreq / slower.sfreq) :][
            :, : round((stop - start) * segment.sfreq / slower.sfreq)
        ]
        if _is_gaze(rise, view, settings) and not lost.any():
            events += _events(slower, rise, start, stop, settings)
    done = looked(LABELS[0], chosen).model_copy(update={"labels": LABELS})
    return Detection(events=tuple(events), analysed=done)


def _view(segment: Segment) -> _View | None:
    """The whole head where there is one, else what lies beside the eyes, else the EOG."""
    sites = {
        name: parts
        for name in segment.pick_kinds("eeg").channels
        if (parts := electrodes(name)) and set(parts) <= set(_FIELD) and len(parts) <= 2
    }
    beside = [name for name, parts in sites.items() if {"F7", "F8"} & set(parts)]
    if any("F7" in sites[name] for name in beside) and any("F8" in sites[name] for name in beside):
        names = tuple(sites) if len(sites) >= _ENOUGH else tuple(beside)
        usual = np.array(
            [_FIELD[p[0]] - (_FIELD[p[1]] if len(p) == 2 else 0.0) for p in map(sites.get, names) if p]
        )
        return _View(names, usual, len(sites) >= _ENOUGH) if np.abs(usual).max() > 0.3 else None
    eog = segment.pick_kinds("eog").channels
    left = next((name for name in eog if _LEFT.search(name)), None)
    right = next((name for name in eog if _RIGHT.search(name)), None)
    if left is not None and right is not None:
        return _View((left, right), np.array([-1.0, 1.0]), False)
    across = next((name for name in eog if _ACROSS.search(name)), None)
    return _View((across,), np.array([1.0]), False) if across is not None else None


def _pairs(aside: Array, sfreq: float, settings: GazeSettings) -> list[tuple[int, int, float]]:
    """Samples of a step and of the step back that follows it, without overlap, and how well a box fits."""
    from scipy.signal import find_peaks

    gap, width = round(0.04 * sfreq), round(0.2 * sfreq)
    total = np.concatenate([[0.0], np.cumsum(aside)])
    at = np.arange(gap + width, len(aside) - gap - width)
    if not len(at):
        return []
    after = (total[at + gap + width] - total[at + gap]) / width
    before = (total[at - gap] - total[at - gap - width]) / width
    step = after - before
    least = max(settings.step, settings.above_background * float(robust_sd(step)))
    peaks, _ = find_peaks(np.abs(step), height=settings.back * least, distance=round(0.15 * sfreq))
    shortest, longest = (round(limit * sfreq) for limit in settings.hold)
    edges = [_suddenness(aside, int(at[peak]), step[peak], sfreq) for peak in peaks.tolist()]
    found: list[tuple[float, int, int, float]] = []
    for i, first in enumerate(peaks.tolist()):
        if abs(step[first]) < least:
            continue
        for j in range(i + 1, len(peaks)):
            second = int(peaks[j])
            if second - first > longest:
                break
            if (
                second - first >= shortest
                and step[second] * step[first] < 0
                and abs(step[second]) >= settings.back * abs(step[first])
                and edges[i] + edges[j] >= 2 * settings.sudden
            ):
                fit = _box_fit(aside, int(at[first]), int(at[second]), sfreq)
                if fit >= settings.fit:
                    weight = fit * float(abs(step[first]) + abs(step[second]))
                    found.append((weight, int(at[first]), int(at[second]), fit))
    # The best ones first: the way back of one gaze looks like the way out of another.
    pairs: list[tuple[int, int, float]] = []
    for _, start, stop, fit in sorted(found, reverse=True):
        if all(stop < other[0] - shortest // 2 or start > other[1] + shortest // 2 for other in pairs):
            pairs.append((start, stop, fit))
    return sorted(pairs)


def _suddenness(aside: Array, at: int, step: float, sfreq: float) -> float:
    """Share of a step that happens within a tenth of a second."""
    reach, half = round(0.06 * sfreq), round(0.05 * sfreq)
    piece = aside[max(0, at - reach - half) : at + reach + half + 1]
    change = piece[2 * half :] - piece[: -2 * half]
    return float((np.sign(step) * change).max()) / float(abs(step)) if len(change) else 0.0


def _box_fit(aside: Array, start: int, stop: int, sfreq: float) -> float:
    """Share of the variance around a pair of steps that a sagging box explains, beside a sloping line."""
    margin, edge = round(0.3 * sfreq), 0.025 * sfreq
    first, last = max(0, start - margin), min(len(aside), stop + margin)
    at = np.arange(first, last)
    rise = np.clip((at - start) / (2 * edge) + 0.5, 0, 1) * np.clip((stop - at) / (2 * edge) + 0.5, 0, 1)
    boxes = [rise * np.exp(-np.clip(at - start, 0, None) / (sag * sfreq)) for sag in _SAGS]
    line = np.stack([np.ones(len(at)), np.linspace(-1, 1, len(at))])
    basis = np.linalg.qr(line.T)[0]
    seen, *models = (x - basis @ (basis.T @ x) for x in (aside[first:last], *boxes))
    power = float(seen @ seen)
    return max(float(seen @ model) ** 2 / max(power * float(model @ model), 1e-12) for model in models)


def _height(seen: Array, start: int, stop: int, sfreq: float) -> Array:
    """Height of both steps in every channel, their mean, in microvolts."""
    gap, width = round(0.04 * sfreq), round(0.12 * sfreq)

    def level(first: int) -> Array:
        first = min(max(first, 0), max(0, seen.shape[1] - width))
        return np.asarray(seen[:, first : first + width].mean(axis=1))

    up = level(start + gap) - level(start - gap - width)
    down = level(stop - gap - width) - level(stop + gap)
    return np.asarray((up + down) / 2)


def _is_gaze(rise: Array, view: _View, settings: GazeSettings) -> bool:
    """Whether both sides go their own way, and the head as in a gaze."""
    sides = rise[view.usual < -0.3], rise[view.usual > 0.3]
    if len(sides[0]) and len(sides[1]):
        sizes = [float(np.abs(side).max()) for side in sides]
        opposed = sides[0][np.argmax(np.abs(sides[0]))] * sides[1][np.argmax(np.abs(sides[1]))] < 0
        least = max(settings.height, settings.balance * max(sizes))
        if not opposed or min(sizes) < least:
            return False
    if not view.whole_head:
        return True
    front = np.abs(view.usual) > 0.5
    for sign in (1, -1):
        size = sign * np.sign(rise @ view.usual) * rise
        side = front & (sign * view.usual > 0)
        if side.any() and size[side].max() < settings.foremost * size.max():
            return False
    return bool(abs(np.corrcoef(rise, view.usual)[0, 1]) >= settings.likeness)


def _events(segment: Segment, rise: Array, start: int, stop: int, settings: GazeSettings) -> Sequence[Event]:
    events = []
    # The centres of the steps lie half a step inside.
    onset = segment.onset + max(0, start - 0.03 * segment.sfreq) / segment.sfreq
    duration = (stop - start) / segment.sfreq + 0.06
    for label, sign in zip(LABELS, (1, -1), strict=True):
        size = sign * rise
        order = [row for row in np.argsort(-size).tolist() if size[row] >= settings.share * size.max() > 0]
        # A quarter of the other side is what the average reference gives back.
        if not order or size[order[0]] < 0.25 * np.abs(rise).max():
            continue
        height = float(size[order[0]])
        events.append(Event(
            label=label,
            source=SOURCE,
            onset=onset,
            duration=duration,
            channels=tuple(segment.channels[row] for row in order),
            confidence=round(height / (height + 30.0), 3),
            amplitude=Amplitude(value_uv=round(height, 2), kind="pp"),
            per_channel=tuple(
                ChannelSpan(
                    channel=segment.channels[row], onset=onset, duration=duration,
                    value_uv=round(float(size[row]), 2),
                )
                for row in order
            ),
        ))  # fmt: skip
    return events
