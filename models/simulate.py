"""Simulated EEG with exact truth: what was put in, where, when and how large.

Everything is added up free of a reference (background, rhythms, events, artifacts, sensor noise) and referred
to linked ears at the end, as a recorder would. The truth of an event comes from its own clean trace, so its
limits and channels are those of what can be seen, not those that were intended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.canvas import EXTRA, STATES, Canvas
from models.elements import (
    add_alpha,
    add_blinks,
    add_heartbeats,
    add_muscle,
    add_slow_waves,
    add_spikes,
    add_spindles,
)
from tools.labels import TEN_TWENTY
from tools.types import Event, Kind, Segment, ToolError


class Simulated(NamedTuple):
    """A simulated recording: its signal and everything that was put into it, in order of onset."""

    segment: Segment
    events: tuple[Event, ...]


KINDS: dict[str, Callable[[Canvas, float, float], None]] = {
    "alpha": add_alpha,
    "blinks": add_blinks,
    "spindles": add_spindles,
    "slow_waves": add_slow_waves,
    "spikes": add_spikes,
    "muscle": add_muscle,
}
"""What can be asked for by name; each fills the whole recording."""


def simulate(
    kinds: Sequence[str] = ("alpha", "blinks"),
    *,
    duration: float = 60.0,
    sfreq: float = 200.0,
    seed: int = 0,
    state: str | None = None,
    extra_channels: bool = False,
) -> Simulated:
    """Simulate a 19-channel EEG that contains these kinds of things from start to end.

    Parameters
    ----------
    kinds : sequence of str
        Keys of `KINDS`; none gives background alone.
    duration : float
        Seconds.
    sfreq : float
        Samples per second, at least 50.
    seed : int
        The same seed gives the same recording.
    state : str, optional
        Key of `STATES`; when left out, N2 if sleep waves are asked for, else wake.
    extra_channels : bool
        Add two EOG channels and an ECG.

    Returns
    -------
    Simulated
        Referred to linked ears, in microvolts, with its truth.

    Raises
    ------
    ToolError
        If a kind or state is not known, or duration or rate cannot be used.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise ToolError(
            "That kind cannot be simulated; use those listed.", field="kind", choices=tuple(KINDS)
        )
    if state is not None and state not in STATES:
        raise ToolError("That state cannot be simulated.", field="state", choices=tuple(STATES))
    if not 1 <= duration <= 7200:
        raise ToolError("The duration has to lie between 1 and 7200 s.", field="duration")
    if not 50 <= sfreq <= 1000:
        raise ToolError("The sampling rate has to lie between 50 and 1000 Hz.", field="sfreq")
    canvas = Canvas(duration, sfreq, np.random.default_rng(seed))
    asleep = {"spindles", "slow_waves"} & set(kinds)
    canvas.background(state or ("n2" if asleep else "wake"))
    for kind in kinds:
        KINDS[kind](canvas, 0.0, duration)
    if extra_channels:
        add_heartbeats(canvas)
    return finish(canvas, extra_channels=extra_channels)


def finish(canvas: Canvas, *, extra_channels: bool = False) -> Simulated:
    """Refer the canvas to linked ears and hand out signal and truth."""
    ears = canvas.scalp[len(TEN_TWENTY) :].mean(axis=0)
    data, names = canvas.scalp[: len(TEN_TWENTY)] - ears, list(TEN_TWENTY)
    kinds: list[Kind] = ["eeg"] * len(TEN_TWENTY)
    if extra_channels:
        data = np.vstack([data, canvas.extra[:3]])
        names += [name for name, _ in EXTRA[:3]]
        kinds += [kind for _, kind in EXTRA[:3]]
    segment = Segment(data, tuple(names), canvas.sfreq, kinds=tuple(kinds), reference="linked ears")
    return Simulated(segment, tuple(sorted(canvas.events, key=lambda e: (e.onset, e.label))))


def write_edf(simulated: Simulated, path: Path) -> Path:
    """Write a simulated recording as EDF+ without any patient field; the same input gives the same bytes.

    Parameters
    ----------
    simulated : Simulated
        What `simulate` returned.
    path : Path
        File to write; replaced as a whole, never left half-written.

    Returns
    -------
    Path
        The same path.
    """
    import edfio

    segment = simulated.segment
    # A fixed range keeps 0.1 uV steps in every file; it widens only for what would not fit.
    limit = max(3276.7, float(np.ceil(np.abs(segment.data).max())))
    signals = [
        edfio.EdfSignal(
            row,
            segment.sfreq,
            label=f"EEG {name}-LE" if kind == "eeg" else name,
            physical_dimension="uV",
            physical_range=(-limit, limit),
        )
        for name, kind, row in zip(segment.channels, segment.kinds, segment.data, strict=True)
    ]
    unfinished = path.with_name(path.name + ".part")
    edfio.Edf(signals, annotations=()).write(unfinished)
    unfinished.replace(path)
    return path
