"""Simulated EEG with exact truth: what was put in, where, when and how large.

Everything is added up free of a reference (background, rhythms, events, artifacts, sensor noise) and referred
to linked ears at the end, as a recorder would. The truth of an event comes from its own clean trace, so its
limits and channels are those of what can be seen, not those that were intended.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.canvas import EXTRA, STATES, Canvas
from models.catalogue import KINDS, in_drawing_order, state_for
from models.elements import add_alpha, add_blinks, add_heartbeats
from models.recorder import Specimen, background_truth, specimen
from models.subject import STANDARD, Variant, draw_subject, open_canvas, settings_of, whole_rms
from tools.labels import TEN_TWENTY
from tools.types import Event, Kind, Segment, ToolError

__all__ = [
    "KINDS", "Canvas", "Simulated", "add_alpha", "add_blinks", "finish", "make", "simulate", "write_edf",
]  # fmt: skip


class Simulated(NamedTuple):
    """A simulated recording: its signal and everything that was put into it, in order of onset."""

    segment: Segment
    events: tuple[Event, ...]


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
    _check(kinds, state, duration, sfreq)
    canvas = Canvas(duration, sfreq, np.random.default_rng(seed))
    canvas.background(state or state_for(tuple(kinds)))
    for kind in kinds:
        KINDS[kind].draw(canvas, 0.0, duration)
    if extra_channels:
        add_heartbeats(canvas)
    return finish(canvas, extra_channels=extra_channels)


def _check(kinds: Sequence[str], state: str | None, duration: float, sfreq: float) -> None:
    if any(kind not in KINDS for kind in kinds):
        raise ToolError(
            "That kind cannot be simulated; use those listed.", field="kind", choices=tuple(KINDS)
        )
    if state is not None and state not in STATES:
        raise ToolError("That state cannot be simulated.", field="state", choices=tuple(STATES))
    if not 1 <= duration <= 7200:
        raise ToolError("The duration has to lie between 1 and 7200 s.", field="duration")
    if not 50 <= sfreq <= 1000:
        raise ToolError("The sampling rate has to lie between 50 and 1000 Hz.", field="sfreq")


def make(
    kinds: Sequence[str],
    *,
    duration: float = 60.0,
    sfreq: float = 200.0,
    seed: int = 0,
    montage: str = "linked_ears",
    state: str | None = None,
    variant: Variant = STANDARD,
) -> Specimen:
    """Simulate one person's recording that contains these kinds of things, with all that is known about it.

    Parameters
    ----------
    kinds : sequence of str
        Keys of `KINDS`, drawn backgrounds first and faults last whatever their order here.
    duration : float
        Seconds, 1 to 7200.
    sfreq : float
        Samples per second, 50 to 1000.
    seed : int
        Of the person and of everything that happens.
    montage : str
        One of `models.recorder.MONTAGES`; the truth does not depend on it.
    state : str, optional
        Key of `STATES`; when left out, the state that suits the kinds.
    variant : Variant
        Head and shape of spikes.

    Raises
    ------
    ToolError
        If a kind, state or montage is not known, or duration or rate cannot be used.
    """
    _check(kinds, state, duration, sfreq)
    rng = np.random.default_rng(seed)
    subject, state = draw_subject(rng), state or state_for(tuple(kinds))
    canvas = open_canvas(duration, sfreq, rng, subject, variant)
    exponent, rms = settings_of(subject, state)
    canvas.background(state, whole_rms(exponent, rms), exponent)
    for kind in in_drawing_order(tuple(kinds)):
        KINDS[kind].draw(canvas, 0.0, duration)
    background = background_truth(
        canvas, state, exponent=exponent, rms=rms, age=subject.age, changing="eye_closure" in kinds
    )
    return specimen(
        canvas, background, seed=seed, montage=montage, kinds=tuple(kinds), generator=variant.name
    )


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
            label=_label(name, kind, segment.reference),
            physical_dimension="uV",
            physical_range=(-limit, limit),
        )
        for name, kind, row in zip(segment.channels, segment.kinds, segment.data, strict=True)
    ]
    unfinished = path.with_name(path.name + ".part")
    edfio.Edf(signals, annotations=()).write(unfinished)
    unfinished.replace(path)
    return path


def _label(name: str, kind: Kind, reference: str) -> str:
    """Name of a channel as recorders write it, reference included."""
    if kind != "eeg" or "-" in name:
        return f"EEG {name}" if kind == "eeg" else name
    return f"EEG {name}-{ {'linked ears': 'LE', 'average': 'AVG', 'Cz': 'Cz'}.get(reference, 'REF') }"
