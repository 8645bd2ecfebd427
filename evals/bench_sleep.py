"""Speed of the sleep detectors beside YASA's, on the same simulated signals and with its default settings."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from evals.bench_cases import Case
from tools.conditioning import Array
from tools.events import match
from tools.types import Place

SFREQ, SEED, LEAST_F1 = 100.0, 20260102, 0.99

Times = Sequence[Array]
"""Start and end in seconds, shape (events, 2), for each channel."""


def reason_to_skip() -> str | None:
    """Why these cases cannot run; None when they can."""
    return None if importlib.util.find_spec("yasa") else "YASA is not installed: pip install yasa"


def sleep_cases() -> list[Case]:
    """Prepare the comparisons: one channel of eight hours, nineteen channels of one hour.

    Raises
    ------
    ModuleNotFoundError
        Where YASA is not installed; ask `reason_to_skip` first.
    """
    night, hour = _signal(8.0, "sleep")[3:4], _signal(1.0, "linked_ears")
    made = []
    for data, size in ((night, "1 ch x 8 h"), (hour, f"{len(hour)} ch x 1 h")):
        made += [_spindles(data, f"spindles, {size}"), _slow_waves(data, f"slow waves, {size}")]
    return made


def _signal(hours: float, montage: str) -> Array:
    """EEG of a simulated night, brought to 100 Hz."""
    from models.hypnogram import draw_hypnogram
    from models.night import night_blocks

    stages = draw_hypnogram(np.random.default_rng(SEED), hours)
    blocks = (
        b.segment.pick_kinds("eeg").data for b in night_blocks(stages, SEED, sfreq=SFREQ, montage=montage)
    )
    return np.concatenate([block.astype(np.float32) for block in blocks], axis=1).astype(float)


def spindle_times(data: Array, sfreq: float = SFREQ) -> list[Array]:
    """Spindles by our implementation with YASA's defaults."""
    from tools.sigma import GRID, YASA, bursts, measure

    found = bursts(measure(data, sfreq, YASA), YASA)
    return [np.array(spans, dtype=float).reshape(-1, 2) * GRID for spans in found]


def slow_wave_times(data: Array, sfreq: float = SFREQ) -> list[Array]:
    """Slow waves by our implementation with YASA's defaults."""
    from tools.wave_shapes import YASA, wave_times

    return wave_times(data, sfreq, YASA)


def _theirs(detect: Callable[..., Any], data: Array) -> list[Array]:
    names = [str(row) for row in range(len(data))]
    found = detect(data, SFREQ, ch_names=names, verbose="ERROR")
    table = None if found is None else found.summary()
    return [
        np.zeros((0, 2))
        if table is None
        else table.loc[table["IdxChannel"] == row, ["Start", "End"]].to_numpy(float)
        for row in range(len(data))
    ]


def _spindles(data: Array, name: str) -> Case:
    import yasa  # type: ignore[import-not-found, unused-ignore]

    def anchor() -> list[Array]:
        return _theirs(yasa.spindles_detect, data)

    def ours() -> list[Array]:
        return spindle_times(data)

    return Case(name, 3, "yasa.spindles_detect", anchor, ours, lambda: agreement(anchor(), ours()))


def _slow_waves(data: Array, name: str) -> Case:
    import yasa  # type: ignore[import-not-found, unused-ignore]

    def anchor() -> list[Array]:
        return _theirs(yasa.sw_detect, data)

    def ours() -> list[Array]:
        return slow_wave_times(data)

    return Case(name, 3, "yasa.sw_detect", anchor, ours, lambda: agreement(anchor(), ours()))


def agreement(theirs: Times, mine: Times) -> str:
    """Say how well two detectors agree, channel by channel, events matched from an overlap of half on.

    Raises
    ------
    AssertionError
        If the F1 between them is below `LEAST_F1`.
    """
    pairs = total = 0
    for first, second in zip(theirs, mine, strict=True):
        a, b = (
            [Place(onset=max(0.0, start), duration=stop - max(0.0, start)) for start, stop in times]
            for times in (first, second)
        )
        pairs += len(match(a, b, 0.5).pairs)
        total += len(a) + len(b)
    f1 = 2 * pairs / total if total else 1.0
    assert f1 >= LEAST_F1, f"the events differ (F1 {f1:.3f})"
    return f"event F1 {f1:.4f} over {total - pairs} events"
