"""Recordings of sleep with their scoring, cut into epochs, and the pictures that are drawn of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, cast

from evals.records import Item
from evals.tasks.windows import Window, make_folder
from tools.hypnogram import Hypnogram, read_hypnogram
from tools.io import OpenRecording, open_recording
from tools.types import Kind, Recording, Segment, ToolError
from tools.whole import write_whole

EPOCH = 30.0
_SIGNALS = (".edf", ".bdf", ".rec", ".vhdr", ".fif", ".set")
_SCORING = re.compile(
    r"(?:^|[ _-])(base|hypnogram|sleepscoring|scoring|stages|staging)([ _-]30s)?\.(edf|tsv|txt|csv)$",
    re.IGNORECASE,
)
_PSG = re.compile(r"[ _-]?psg$", re.IGNORECASE)
_SLEEP_EDF = re.compile(r"(S[CT]\d{4})[A-Z]\d?$")


class Night(NamedTuple):
    """A recording, its scoring, and who slept."""

    recording: Path
    scoring: Path
    name: str
    group: str
    """Person: of Sleep-EDF two nights have one."""


class Scored(NamedTuple):
    """Stages on a grid of 30 s that begins with the first scored epoch."""

    handle: str
    """Of the recording; it follows from its content."""
    start: float
    """Seconds from the start of the recording."""
    stages: tuple[str | None, ...]

    def onset(self, epoch: int) -> float:
        """When an epoch begins in the recording."""
        return self.start + EPOCH * epoch


def find_nights(folder: Path) -> list[Night]:
    """Pair recordings with scoring by name, in any depth of folders.

    ``01-03-0001 PSG.edf`` with ``01-03-0001 Base.edf`` (MASS), ``SC4001E0-PSG.edf`` with
    ``SC4001EC-Hypnogram.edf`` (Sleep-EDF), ``SN001.edf`` with ``SN001_sleepscoring.edf`` (HMC), and any
    ``NAME.edf`` with ``NAME_hypnogram.tsv``, ``_stages``, ``_scoring``, as text, table or EDF+.

    Raises
    ------
    ToolError
        If there is no pair.
    """
    nights = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in _SIGNALS or _SCORING.search(path.name):
            continue
        name = _PSG.sub("", path.stem)
        known = _SLEEP_EDF.match(name)
        start = name[:7] if known else name
        scorings = [
            other
            for other in sorted(path.parent.iterdir())
            if other.name.startswith(start) and _SCORING.match(other.name[len(start) + bool(known) :])
        ]
        if scorings:
            nights.append(Night(path, scorings[0], name, name[:5] if known else name))
    if not nights:
        raise ToolError(
            "The folder holds no recording with its scoring (as 'NAME PSG.edf' with 'NAME Base.edf', "
            "NAME-PSG.edf with NAME-Hypnogram.edf, or NAME.edf with NAME_hypnogram.tsv).",
            field="folder",
        )
    return nights


def read_scored(night: Night) -> Scored:
    """Read the stages of a night that the signal covers.

    Raises
    ------
    ToolError
        With the file's name, where one cannot be read or scored epochs go on after the signal has ended.
    """
    try:
        hypnogram = read_hypnogram(night.scoring)
    except ToolError as error:
        raise ToolError(f"{night.scoring.name}: {error.message}", field="folder") from None
    try:
        with open_recording(night.recording) as recording:
            duration, handle = recording.info.duration, recording.info.handle
    except ToolError as error:
        raise ToolError(f"{night.recording.name}: {error.message}", field="folder") from None
    return Scored(handle, *on_grid(hypnogram, duration, night.recording.name))


def on_grid(hypnogram: Hypnogram, duration: float, name: str) -> tuple[float, tuple[str | None, ...]]:
    """Cut stages into epochs from the first scored one on.

    Raises
    ------
    ToolError
        If stages go on for more than an epoch after the signal has ended.
    """
    spans = [span for span in hypnogram.spans if span.stage is not None]
    start, end = spans[0].onset, max(span.onset + span.duration for span in spans)
    if end > duration + EPOCH:
        raise ToolError(
            f"{name}: the labels go on to {end:g} s, the signal ends at {duration:g} s; "
            "labels and signal have to belong together.",
            field="folder",
        )
    moved = tuple(
        s.model_copy(update={"onset": s.onset - start}) for s in hypnogram.spans if s.onset >= start
    )
    count = max(0, int((min(end, duration) - start + 1e-3) // EPOCH))
    return start, hypnogram.model_copy(update={"spans": moved}).on_grid(count, EPOCH)


def windows_of(night: Night, scored: Scored, *, inner: bool) -> list[Window]:
    """Give every scored epoch; without the first and the last one where ``inner``."""
    numbers = range(1, len(scored.stages) - 1) if inner else range(len(scored.stages))
    return [
        Window(night.recording, night.group, scored.onset(n), EPOCH, stage)
        for n in numbers
        if (stage := scored.stages[n]) is not None
    ]


@dataclass(frozen=True)
class _Later:
    """A recording that begins later: published pictures are filtered and cut from the first scored epoch on."""

    inner: OpenRecording
    start: float

    @property
    def info(self) -> Recording:
        info = self.inner.info
        return info.model_copy(update={"duration": info.duration - self.start})

    def read(
        self,
        onset: float,
        duration: float,
        channels: Sequence[str] | None = None,
        *,
        kinds: Sequence[Kind] = ("eeg",),
    ) -> Segment:
        return self.inner.read(self.start + onset, duration, channels, kinds=kinds)


def from_start(recording: OpenRecording, start: float) -> OpenRecording:
    """See a recording from a later start on, as far as ``info`` and ``read`` go."""
    return recording if start == 0 else cast("OpenRecording", _Later(recording, start))


def picture_name(cache: Path, scored: Scored, look: str, epoch: int) -> Path:
    """Where the picture of an epoch is kept: by the recording's content, never with the stage in its name."""
    return cache / scored.handle / f"{re.sub(r'[^A-Za-z0-9-]', '_', look)}_{scored.onset(epoch):09.2f}.png"


def draw_missing(items: Iterable[Item], folder: Path, drawn: Callable[[Item, int], bytes]) -> int:
    """Write the pictures of items that are not there yet.

    Parameters
    ----------
    items : iterable of Item
        Those of one recording should follow each other, since a night is read and filtered once then. Their
        ``expects["epochs"]`` has the number of the epoch on each picture.
    folder : Path
        Of the task.
    drawn : callable
        Gives the bytes of an item's picture of an epoch.

    Returns
    -------
    int
        Pictures written.
    """
    count = 0
    for item in items:
        for name, epoch in zip(item.images, item.expects["epochs"], strict=True):
            path = folder / name
            if not path.is_file():
                make_folder(path.parent)
                write_whole(path, drawn(item, epoch))
                count += 1
    return count
