"""The task of EEG-VLM: the sleep stage of 30 s from a picture of one channel, directly or stage by stage."""

from __future__ import annotations

import io
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evals.records import Card, Item, Task
from evals.tasks.nights import (
    EPOCH,
    Night,
    Scored,
    draw_missing,
    find_nights,
    picture_name,
    read_scored,
    windows_of,
)
from evals.tasks.windows import Window, choose, folder_of, hashes, relative, stand_ins
from tools.conditioning import mend
from tools.io import open_recording
from tools.labels import STAGES
from tools.types import ToolError

LOOK = "eeg-vlm"
CHANNEL = "Fpz-Cz"
BAND = (0.5, 35.0)
PER_STAGE = 75
"""Epochs of each stage in the published test set."""
SIZE_IN, DPI = (10.0, 4.0), 100
_STYLE = threading.Lock()

DECIDE = "Which sleep stage does this epoch of 30 s show: W, N1, N2, N3 or R?"
STAGE_WISE = (
    "Look at this epoch for wakefulness: is there alpha rhythm of 8 to 13 Hz or fast low activity, and does it fill "
    "more than half of the epoch? Are there blinks? Give frequency and amplitude.",
    "Now for N1: has alpha given way to low mixed activity of 4 to 7 Hz? Are there vertex waves or slow drifts of the "
    "eyes, without spindles and K-complexes?",
    "Now for N2: are there sleep spindles of 11 to 16 Hz that last 0.5 s or longer, or K-complexes? Say when.",
    "Now for N3: which part of the epoch do waves of 0.5 to 2 Hz with more than 75 µV peak-to-peak fill? Is it a fifth "
    "or more?",
    "Now for R: is the activity low and mixed, perhaps with sawtooth waves of 2 to 6 Hz and sharp eye movements, and "
    "without spindles and K-complexes?",
)
"""One question a stage, in our own words, before the decision."""

CARD = Card(
    name="eeg-vlm",
    title="EEG-VLM: stage of 30 s from one channel",
    measures="The sleep stage of one epoch from a picture of Fpz-Cz alone, asked at once or after a question on each.",
    source="Sleep-EDF Database Expanded (Kemp et al. 2000, https://doi.org/10.1109/10.867928; "
    "https://doi.org/10.13026/C2X676), from a folder that the user has; the task after arXiv 2511.19155. Which epochs "
    "the paper tested is not published: they are drawn by seed here. The picture has the published filter and size "
    "but, unlike that of the public converter, no title, since that one prints the stage.",
    licence="Sleep-EDF: ODC-By 1.0; not distributed here",
    floor="20 %: chance, and every constant answer",
    ceiling="AASM scorers with all channels: 82 % of epochs, kappa 0.76",
    primary="accuracy",
)
_PAPER = "arXiv 2511.19155, Sleep-EDFx, 75 epochs a stage"
PUBLISHED: list[dict[str, Any]] = [
    {"system": name, "metric": metric, "value": value, "source": _PAPER, "published": True}
    for name, values in (
        ("GPT-4", (0.205, 0.197, 0.007)), ("Qwen2.5-VL-72B", (0.243, 0.179, 0.053)),
        ("LLaVA-Next-8B", (0.533, 0.483, 0.417)), ("FFTCN", (0.826, 0.771, 0.760)),
        ("ResNet-18", (0.752, 0.756, 0.690)), ("ConvNeXt-Base", (0.813, 0.818, 0.760)),
        ("EEG-VLM, LLaVA-1.5 + ResNet-18", (0.792, 0.797, 0.740)),
        ("EEG-VLM, LLaVA-1.5 + ConvNeXt", (0.811, 0.816, 0.763)),
    )
    for metric, value in zip(("accuracy", "macro F1", "kappa"), values, strict=True)
]  # fmt: skip


def load(
    folder: Path,
    *,
    limit: int | None = None,
    seed: int = 0,
    cache: Path | None = None,
    procedure: Literal["direct", "stage-wise"] = "direct",
    per_stage: int = PER_STAGE,
    margin: float = 1800.0,
    channel: str = CHANNEL,
    draw: bool = True,
) -> Task:
    """Make an item of epochs drawn from every stage alike.

    Parameters
    ----------
    folder : Path
        ``SC4001E0-PSG.edf`` with ``SC4001EC-Hypnogram.edf`` and their like, or any scored recordings.
    limit : int, optional
        Epochs at most.
    seed : int
        Of the draw.
    cache : Path, optional
        Where pictures are kept; ``.pictures`` in the folder when None.
    procedure : str
        ``direct`` asks once, ``stage-wise`` asks about the signs of each stage first.
    per_stage : int
        Epochs of each stage at most.
    margin : float
        Seconds before and after sleep from which wakefulness is taken; the recordings last a day.
    channel : str
        In Sleep-EDF ``Fpz-Cz``.
    draw : bool
        Draw the missing pictures now; else `prepare` does it for an item.

    Raises
    ------
    ToolError
        If there is no scored recording, one lacks the channel, or cannot be read.
    """
    if procedure not in ("direct", "stage-wise"):
        raise ToolError("There is no such procedure.", field="procedure", choices=("direct", "stage-wise"))
    if per_stage < 1 or (limit is not None and limit < 1):
        raise ToolError("Ask for one item at least.", field="limit")
    folder = folder_of(folder, "recordings of sleep and their hypnograms")
    nights = {night.recording: night for night in find_nights(folder)}
    scored = {path: _near_sleep(read_scored(night), margin) for path, night in nights.items()}
    windows = [w for path, night in nights.items() for w in windows_of(night, scored[path], inner=False)]
    most = len(STAGES) * per_stage
    chosen = choose(windows, limit=most if limit is None else min(limit, most), seed=seed)
    partners = stand_ins(chosen, windows, seed=seed)
    place = cache or folder / ".pictures"
    turns = (*STAGE_WISE, DECIDE) if procedure == "stage-wise" else (DECIDE,)
    items = tuple(
        _item(
            window, nights[window.recording], scored[window.recording], folder, place, partner, turns, channel
        )
        for window, partner in zip(chosen, partners, strict=True)
    )
    if draw:
        draw_missing(items, folder, lambda item, epoch: _drawn(item, epoch, folder))
    sources = hashes((night.scoring for night in nights.values()), folder)
    return Task(card=CARD, folder=folder, items=items, seed=seed, sources=sources)


def prepare(item: Item, folder: Path) -> None:
    """Draw the picture of one item, where it is not there yet."""
    draw_missing([item], folder, lambda item, epoch: _drawn(item, epoch, folder))


def _near_sleep(scored: Scored, margin: float) -> Scored:
    """Leave out what is further from sleep than the margin; a recording without sleep is kept."""
    asleep = [n for n, stage in enumerate(scored.stages) if stage not in (None, "W")]
    if not asleep:
        return scored
    spare = margin / EPOCH
    stages = tuple(
        stage if asleep[0] - spare <= n <= asleep[-1] + spare else None
        for n, stage in enumerate(scored.stages)
    )
    return scored._replace(stages=stages)


def _item(
    window: Window, night: Night, scored: Scored, folder: Path, cache: Path, partner: Path | None,
    turns: tuple[str, ...], channel: str,
) -> Item:  # fmt: skip
    number = round((window.onset - scored.start) / EPOCH)
    picture = picture_name(cache, scored, f"{LOOK}-{channel}", number)
    return Item(
        id=f"{night.name}#{number}",
        kind="qa",
        group=night.group,
        category="sleep stage",
        recording=relative(night.recording, folder),
        images=(relative(picture, folder),),
        onset=window.onset,
        duration=EPOCH,
        turns=turns,
        key=window.label,
        expects={"stage": window.label, "epochs": [number], "channel": channel},
        partner=relative(partner, folder) if partner else "",
    )


def _drawn(item: Item, epoch: int, folder: Path) -> bytes:
    path = folder / item.recording
    signal, sfreq = _filtered(path, path.stat().st_mtime_ns, item.expects["channel"])
    first = round(item.onset * sfreq)
    return draw_epoch(signal[first : first + round(EPOCH * sfreq)], sfreq)


@lru_cache(maxsize=1)
def _filtered(path: Path, changed: int, channel: str) -> tuple[NDArray[np.float64], float]:
    """One channel of a night, order-1 Butterworth 0.5-35 Hz forward and backward, as MNE filters it.

    What is missing is bridged for filtering and left out of the picture.
    """
    from scipy.signal import butter, sosfiltfilt

    with open_recording(path) as recording:
        try:
            segment = recording.read(0.0, recording.info.duration, [channel])
        except ToolError as error:
            raise ToolError(f"{path.name}: {error.message}", field="channel", choices=error.choices) from None
    sfreq = segment.sfreq
    if sfreq <= 2 * BAND[1]:
        raise ToolError(f"{path.name}: {sfreq:g} samples/s are too few for 35 Hz.", field="channel")
    whole, missing = mend(segment.data)
    done = sosfiltfilt(butter(1, BAND, btype="bandpass", fs=sfreq, output="sos"), whole[0])
    return np.where(missing[0], np.nan, done), sfreq


def draw_epoch(trace: NDArray[np.float64], sfreq: float) -> bytes:
    """Draw one epoch, 1000 x 400 pixels: a black line over a faint grid, µV upwards, its own scale.

    Departs from the public converter in having no title, where that prints recording, epoch and stage.
    """
    import matplotlib.style
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _STYLE, matplotlib.style.context("default"):
        figure = Figure(figsize=SIZE_IN, dpi=DPI, layout="tight")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.plot(np.linspace(0, len(trace) / sfreq, len(trace)), trace, color="k", linewidth=0.8)
        axes.grid(visible=True, alpha=0.3)
        axes.set(xlim=(0, EPOCH), xlabel="sec", ylabel="uV")
        buffer = io.BytesIO()
        figure.savefig(buffer, dpi=DPI, format="png", metadata={"Software": None})
    return buffer.getvalue()
