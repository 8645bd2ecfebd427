"""A whole night: stages from the hypnogram, and in every epoch what belongs to its stage.

The night is drawn in blocks of one stage and at most five minutes. Backgrounds fade into one another over five
seconds; events lie within their block. Only one block is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.canvas import Canvas
from models.edf_stream import EdfStream
from models.hypnogram import EPOCH, draw_hypnogram
from models.marking import shifted
from models.night_background import night_noise, rest_of
from models.night_content import fill
from models.recorder import background_truth, record
from models.subject import STANDARD, Subject, Variant, draw_subject, open_canvas
from models.truth import Planted, Truth, write_truth
from tools.types import Segment, ToolError

Array = NDArray[np.float64]

FADE, LONGEST = 5.0, 10
"""Seconds of cross-fade; epochs of the longest block."""


class Block(NamedTuple):
    """A piece of a night."""

    onset: float
    stage: str
    segment: Segment
    planted: tuple[Planted, ...]
    decoys: tuple[Planted, ...]


def night_blocks(
    stages: tuple[str, ...],
    seed: int,
    *,
    sfreq: float = 200.0,
    montage: str = "sleep",
    variant: Variant = STANDARD,
) -> Iterator[Block]:
    """Draw a night block by block.

    Parameters
    ----------
    stages : tuple of str
        Stage of every 30-s epoch.
    seed : int
        Of the person and of what happens; block `i` draws from a stream of its own.
    sfreq : float
        Samples per second, a whole number.
    montage : str
        One of `models.recorder.MONTAGES`.
    variant : Variant
        Generator.

    Yields
    ------
    Block
        In order and without gaps; times of its events count from the start of the night.
    """
    subject = draw_subject(np.random.default_rng([seed, 1]))
    tail, at = np.zeros((0, 0)), 0
    for number, (stage, epochs) in enumerate(_bouts(stages)):
        rng = np.random.default_rng([seed, 2, number])
        canvas = open_canvas(epochs * EPOCH, sfreq, rng, subject, variant)
        tail = _cross_fade(canvas, subject, stage, tail)
        fill(canvas, subject, stage, epochs)
        onset = at * EPOCH
        yield Block(
            onset,
            stage,
            record(canvas, montage),
            tuple(shifted(entry, onset) for entry in _sorted(canvas.planted)),
            tuple(shifted(entry, onset) for entry in _sorted(canvas.decoys)),
        )
        at += epochs


def _bouts(stages: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for stage, run in groupby(stages):
        left = len(list(run))
        while left:
            yield stage, min(left, LONGEST)
            left -= min(left, LONGEST)


def _sorted(entries: list[Planted]) -> list[Planted]:
    return sorted(entries, key=lambda entry: (entry.event.onset, entry.event.label))


def _cross_fade(canvas: Canvas, subject: Subject, stage: str, tail: Array) -> Array:
    """Lay the background over the fading one of the block before; give what fades into the next."""
    fade = round(FADE * canvas.sfreq)
    length = canvas.scalp.shape[1]
    noise = night_noise(canvas, subject, stage, length + fade)
    ramp = np.linspace(0, 1, fade)
    added = noise[:, :length].copy()
    if tail.size:
        added[:, :fade] = added[:, :fade] * np.sqrt(ramp) + tail
    canvas.lay(added)
    return np.asarray(noise[:, length:] * np.sqrt(1 - ramp))


def write_night(
    path: Path,
    seed: int,
    *,
    hours: float | None = 8.0,
    sfreq: float = 200.0,
    montage: str = "sleep",
    stages: tuple[str, ...] | None = None,
    variant: Variant = STANDARD,
    progress: Callable[[float], None] | None = None,
) -> Truth:
    """Write a night as EDF with its truth beside it, one block at a time.

    Parameters
    ----------
    path : Path
        The recording; ``x.edf`` gets ``x_truth.json`` and ``x_events.tsv``.
    seed : int
        Of hypnogram, person and events.
    hours : float, optional
        Length, 0.05 to 24; as the hypnogram comes when None.
    sfreq : float
        Samples per second, a whole number from 50 to 1000.
    montage : str
        One of `models.recorder.MONTAGES`.
    stages : tuple of str, optional
        Instead of a hypnogram of its own.
    variant : Variant
        Generator.
    progress : callable, optional
        Told after every block which share of the night is done.

    Raises
    ------
    ToolError
        If length, rate or montage cannot be used.
    """
    if hours is not None and not 0.05 <= hours <= 24:
        raise ToolError("A night has to last between 180 s and 24 h.", field="duration")
    if not 50 <= sfreq <= 1000:
        raise ToolError("The sampling rate has to lie between 50 and 1000 Hz.", field="sfreq")
    stages = stages or draw_hypnogram(np.random.default_rng([seed, 0]), hours)
    blocks = night_blocks(stages, seed, sfreq=sfreq, montage=montage, variant=variant)
    first = next(blocks)
    labels = [
        f"EEG {c}" if k == "eeg" else c
        for c, k in zip(first.segment.channels, first.segment.kinds, strict=True)
    ]
    planted, decoys = list(first.planted), list(first.decoys)
    with EdfStream(path, labels, sfreq) as file:
        file.append(first.segment.data)
        for block in blocks:
            file.append(block.segment.data)
            planted += block.planted
            decoys += block.decoys
            if progress is not None:
                progress(block.onset / (len(stages) * EPOCH))
    truth = _truth(stages, seed, sfreq, montage, variant, tuple(planted), tuple(decoys))
    write_truth(truth, path)
    return truth


def _truth(
    stages: tuple[str, ...], seed: int, sfreq: float, montage: str, variant: Variant,
    planted: tuple[Planted, ...], decoys: tuple[Planted, ...],
) -> Truth:  # fmt: skip
    subject = draw_subject(np.random.default_rng([seed, 1]))
    exponent, _, rms, _ = rest_of(subject, "N2")
    blank = open_canvas(1.0, sfreq, np.random.default_rng(0), subject, variant)
    background = background_truth(blank, "night", exponent=exponent, rms=rms, age=subject.age, changing=True)
    return Truth(
        generator=variant.name, seed=seed, kinds=("night",), duration=len(stages) * EPOCH, sfreq=sfreq,
        montage=montage, background=background, stages=stages, planted=planted, decoys=decoys,
    )  # fmt: skip
