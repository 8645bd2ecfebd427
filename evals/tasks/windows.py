"""Stretches of recordings with one label each: which are asked about, and which stand in for one another."""

from __future__ import annotations

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from evals.records import LETTERS, Item
from tools.io import open_recording
from tools.types import ToolError


class Window(NamedTuple):
    """A stretch to which the labels of a corpus give one class."""

    recording: Path
    group: str
    """Patient."""
    onset: float
    duration: float
    label: str


def folder_of(folder: Path, what: str) -> Path:
    """Resolve the folder of a task.

    Raises
    ------
    ToolError
        If there is none; ``what`` says what it should hold.
    """
    if not folder.is_dir():
        raise ToolError(f"There is no such folder; give one with {what}.", field="folder")
    return folder.resolve()


def relative(path: Path, folder: Path) -> str:
    """Name of a file as items give it, also where it lies in a cache outside the folder."""
    return Path(os.path.relpath(path.resolve(), folder)).as_posix()


def make_folder(path: Path) -> None:
    """Make a folder of the cache.

    Raises
    ------
    ToolError
        If it cannot be made, as beside data that may only be read.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise ToolError(
            "Pictures and prepared signals cannot be kept there; name a cache folder that you may write to.",
            field="cache",
        ) from None


def hashes(files: Iterable[Path], folder: Path) -> dict[str, str]:
    """SHA-256 of files by name.

    Labels and answers are hashed; signals, which can be hundreds of gigabytes, are not.
    """
    return {relative(path, folder): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


def choose(
    windows: Sequence[Window], *, limit: int | None, seed: int, balanced: bool = True
) -> tuple[Window, ...]:
    """Draw windows, from as many patients as there are before a second one of any of them.

    Parameters
    ----------
    windows : sequence of Window
        All that the corpus has.
    limit : int, optional
        How many at most; all when None.
    seed : int
        The same seed draws the same windows.
    balanced : bool
        As many of every class as the rarest has.

    Returns
    -------
    tuple of Window
        By recording and onset, so that each file is opened once.

    Raises
    ------
    ToolError
        If fewer than one is asked for.
    """
    if limit is not None and limit < 1:
        raise ToolError("Ask for one item at least.", field="limit")
    rng = np.random.default_rng(seed)
    by_class: dict[str, list[Window]] = defaultdict(list)
    for window in sorted(windows):
        by_class[window.label].append(window)
    drawn = {label: _spread(those, rng) for label, those in sorted(by_class.items())}
    if balanced and drawn:
        rarest = min(len(those) for those in drawn.values())
        drawn = {label: those[:rarest] for label, those in drawn.items()}
        turn = [those[i] for i in range(rarest) for those in drawn.values()]
    else:
        turn = _spread([window for those in drawn.values() for window in those], rng)
    return tuple(sorted(turn[:limit]))


def _spread(windows: Sequence[Window], rng: np.random.Generator) -> list[Window]:
    """Shuffle, then deal: the first of every patient, the second of every patient, and so on."""
    shuffled = [windows[i] for i in rng.permutation(len(windows))]
    seen: Counter[str] = Counter()
    dealt = []
    for window in shuffled:
        dealt.append((seen[window.group], window))
        seen[window.group] += 1
    return [window for _, window in sorted(dealt, key=lambda pair: pair[0])]


def stand_ins(chosen: Sequence[Window], windows: Sequence[Window], *, seed: int) -> list[Path | None]:
    """For each chosen window, a recording that has another class at the same time.

    Another patient's is preferred. None where no recording has another class there.
    """
    rng = np.random.default_rng([seed, 1])
    at: dict[int, list[Window]] = defaultdict(list)
    for window in sorted(windows):
        at[round(window.onset / window.duration)].append(window)
    made: list[Path | None] = []
    for mine in chosen:
        others = [
            other
            for other in at[round(mine.onset / mine.duration)]
            if other.recording != mine.recording and other.label != mine.label
        ]
        others = [other for other in others if other.group != mine.group] or others
        made.append(others[int(rng.integers(len(others)))].recording if others else None)
    return made


def ask_all(
    chosen: Sequence[Window],
    partners: Sequence[Path | None],
    folder: Path,
    *,
    question: str,
    options: Mapping[str, str],
    category: str,
) -> tuple[Item, ...]:
    """Ask one question with options of every window; ``options`` gives the words of each class, in order."""
    text = "\n".join(
        [question, *(f"{a}) {words}" for a, words in zip(LETTERS, options.values(), strict=False))]
    )
    return tuple(
        Item(
            id=f"{window.recording.stem}@{window.onset:g}", kind="mcq", group=window.group, category=category,
            recording=relative(window.recording, folder), onset=window.onset, duration=window.duration, alone=True,
            turns=(text,), options=tuple(options.values()), key=LETTERS[list(options).index(window.label)],
            partner=relative(partner, folder) if partner else "",
        )
        for window, partner in zip(chosen, partners, strict=True)
    )  # fmt: skip


def check_lengths(windows: Sequence[Window], spare: float) -> tuple[Window, ...]:
    """Drop windows that end beyond their recording; it is read from the file's header.

    Parameters
    ----------
    windows : sequence of Window
        Those that are to be asked about.
    spare : float
        Seconds by which labels may outlast the signal, since the last epoch is often cut off.

    Raises
    ------
    ToolError
        If the labels of a recording go on for longer than that, or its file cannot be read.
    """
    ends: dict[Path, float] = {}
    for window in windows:
        ends[window.recording] = max(ends.get(window.recording, 0.0), window.onset + window.duration)
    lasts: dict[Path, float] = {}
    for path, end in ends.items():
        try:
            with open_recording(path) as recording:
                lasts[path] = recording.info.duration
        except ToolError as error:
            raise ToolError(f"{path.name}: {error.message}", field="folder") from None
        if end > lasts[path] + spare:
            raise ToolError(
                f"{path.name}: the labels go on to {end:g} s, the signal ends at {lasts[path]:g} s; "
                "labels and signal have to belong together.",
                field="folder",
            )
    return tuple(w for w in windows if w.onset + w.duration <= lasts[w.recording] + 1e-3)
