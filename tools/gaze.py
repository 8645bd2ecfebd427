"""Looking aside: the eyes turn, stay and come back, and drive F8 and F7 to opposite sides."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, looked, mend
from tools.gaze_steps import Look, best, looks, steps_of
from tools.labels import electrodes
from tools.types import Amplitude, ChannelSpan, Detection, Event, NotAnalysed, Segment

LABELS = ("eyer+", "eyer-")
SOURCE = "gaze 2"
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
    """What makes a pair of steps a gaze; amplitudes in microvolts, durations in seconds."""

    chance: float = 0.45
    """Least chance, by the measures of `tools.gaze_steps`."""
    above_background: float = 3.0
    """Least step aside, in robust standard deviations of the steps that the signal makes anyway."""
    hold: tuple[float, float] = (0.33, 2.5)
    """From step to step."""
    height: float = 12.0
    """Least step on the smaller side, where both are recorded,"""
    height_in_eog: float = 40.0
    """least largest step in EOG channels, which see every movement of the eyes,"""
    balance: float = 0.3
    """and least ratio of the smaller to the larger side."""
    likeness: float = 0.5
    """Least correlation of the steps over the head with the field of a gaze."""
    foremost: float = 0.6
    """Of the largest deflection of a side that has to be there at F7 or F8; further back it is the brain."""
    share: float = 0.35
    """Of the largest deflection, from which a channel takes part."""


DEFAULTS = GazeSettings()


class View(NamedTuple):
    """The channels that show the eyes and how they are put together to one signal, 1 at F8 for the right."""

    channels: tuple[str, ...]
    usual: Array
    whole_head: bool
    in_eog: bool = False


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
    view = view_of(segment)
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
    steps = steps_of(mended, view.usual, segment.sfreq)
    found = [
        look
        for look in looks(steps, view.usual, settings.hold, settings.above_background, settings.chance)
        if is_gaze(look.rise, view, settings)
    ]
    events: list[Event] = []
    for look in best(found, steps.rate):
        start, stop = (steps.first + place / steps.rate for place in (look.start, look.stop))
        if not missing[:, int(start * segment.sfreq) : int(stop * segment.sfreq)].any():
            events += _events(chosen, look, start, stop, settings)
    done = looked(LABELS[0], chosen).model_copy(update={"labels": LABELS})
    return Detection(events=tuple(events), analysed=done)


def view_of(segment: Segment) -> View | None:
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
        return View(names, usual, len(sites) >= _ENOUGH) if np.abs(usual).max() > 0.3 else None
    eog = segment.pick_kinds("eog").channels
    left = next((name for name in eog if _LEFT.search(name)), None)
    right = next((name for name in eog if _RIGHT.search(name)), None)
    if left is not None and right is not None:
        return View((left, right), np.array([-1.0, 1.0]), False, in_eog=True)
    across = next((name for name in eog if _ACROSS.search(name)), None)
    return View((across,), np.array([1.0]), False, in_eog=True) if across is not None else None


def is_gaze(rise: Array, view: View, settings: GazeSettings) -> bool:
    """Whether both sides go their own way, and the head as in a gaze."""
    sides = rise[view.usual < -0.3], rise[view.usual > 0.3]
    if len(sides[0]) and len(sides[1]):
        sizes = [float(np.abs(side).max()) for side in sides]
        opposed = sides[0][np.argmax(np.abs(sides[0]))] * sides[1][np.argmax(np.abs(sides[1]))] < 0
        least = max(settings.height, settings.balance * max(sizes))
        if not opposed or min(sizes) < least:
            return False
    if not view.whole_head:
        return not view.in_eog or bool(np.abs(rise).max() >= settings.height_in_eog)
    front = np.abs(view.usual) > 0.5
    for sign in (1, -1):
        size = sign * np.sign(rise @ view.usual) * rise
        side = front & (sign * view.usual > 0)
        if side.any() and size[side].max() < settings.foremost * size.max():
            return False
    return bool(abs(np.corrcoef(rise, view.usual)[0, 1]) >= settings.likeness)


def _events(segment: Segment, look: Look, start: float, stop: float, settings: GazeSettings) -> list[Event]:
    """One event for the channels that go up, one for those that go down."""
    events = []
    # The centres of the steps lie half a step inside.
    onset, duration = segment.onset + max(0.0, start - 0.03), stop - start + 0.06
    for label, sign in zip(LABELS, (1, -1), strict=True):
        size = sign * look.rise
        order = [row for row in np.argsort(-size).tolist() if size[row] >= settings.share * size.max() > 0]
        # A quarter of the other side is what the average reference gives back.
        if not order or size[order[0]] < 0.25 * np.abs(look.rise).max():
            continue
        events.append(Event(
            label=label,
            source=SOURCE,
            onset=onset,
            duration=duration,
            channels=tuple(segment.channels[row] for row in order),
            confidence=round(look.chance, 3),
            amplitude=Amplitude(value_uv=round(float(size[order[0]]), 2), kind="pp"),
            per_channel=tuple(
                ChannelSpan(
                    channel=segment.channels[row], onset=onset, duration=duration,
                    value_uv=round(float(size[row]), 2),
                )
                for row in order
            ),
        ))  # fmt: skip
    return events
