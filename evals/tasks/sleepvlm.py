"""The task of SleepVLM: stage and rules of an epoch, from its picture and those of its neighbours."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from evals.records import Card, Item, Task
from evals.tasks.nights import (
    EPOCH,
    Night,
    Scored,
    draw_missing,
    find_nights,
    from_start,
    picture_name,
    read_scored,
    windows_of,
)
from evals.tasks.windows import Window, choose, folder_of, hashes, relative, stand_ins
from tools.hypnogram import to_stage
from tools.io import open_recording
from tools.sleep_inputs import SleepSignals, sleepvlm_signals
from tools.types import ToolError

LOOK = "sleepvlm"
TURN = (
    "Which sleep stage is the target epoch, and which scoring rules apply to it? Answer with a JSON object that has "
    "reasoning_text, applicable_rules and sleep_stage (W, N1, N2, N3 or R)."
)
"""For systems that are asked in words; a reader of the model's own format sends its published message instead."""
COLUMNS = ("custom_id", "Subject", "N", "Stage", "reasoning_text", "applicable_rules")
_RULE = re.compile(r"(?:MBM|N[123]|W|R)\.\d")
_LEAST_AGREEMENT = 0.9

CARD = Card(
    name="sleepvlm",
    title="SleepVLM: stage and rules of an epoch between its neighbours",
    measures="The sleep stage of a 30-s epoch from three pictures, and the scoring rules that are cited for it.",
    source="Recordings with a hypnogram from a folder that the user has: MASS (https://doi.org/10.1111/jsr.12169), or "
    "any that the hypnogram reader knows; rules from MASS-EX (https://doi.org/10.5281/zenodo.19087197) where its table "
    "lies there. Pictures follow the published renderer (arXiv 2603.26738).",
    licence="that of the recordings; MASS-EX CC BY-NC 4.0; nothing distributed here",
    floor="the most frequent stage: kappa 0; rules: 0 of the IoU without any",
    ceiling="AASM scorers: 82 % of epochs, kappa 0.76",
    primary="kappa",
)
_PAPER = "arXiv 2603.26738; answers that cannot be read are left out there"
PUBLISHED: list[dict[str, Any]] = [
    {
        "system": "SleepVLM-3B",
        "metric": f"{metric}, {data}",
        "value": value,
        "source": _PAPER,
        "published": True,
    }
    for data, values in (("MASS-SS1", (0.835, 0.793, 0.767)), ("external hospital", (0.812, 0.766, 0.743)))
    for metric, value in zip(("accuracy", "macro F1", "kappa"), values, strict=True)
]


def load(
    folder: Path,
    *,
    limit: int | None = None,
    seed: int = 0,
    cache: Path | None = None,
    balanced: bool = False,
    draw: bool = True,
    first_number: int = 0,
) -> Task:
    """Make an item of every scored epoch but the first and the last of each night.

    Parameters
    ----------
    folder : Path
        Recordings with scoring, see `evals.tasks.nights.find_nights`; a table of MASS-EX may lie there too.
    limit : int, optional
        Epochs at most.
    seed : int
        Of the draw.
    cache : Path, optional
        Where pictures are kept; ``.pictures`` in the folder when None. Those that are there are not drawn again.
    balanced : bool
        As many of every stage as the rarest has.
    draw : bool
        Draw the missing pictures now; else `prepare` does it for an item.
    first_number : int
        What MASS-EX calls the first scored epoch.

    Raises
    ------
    ToolError
        If there is no scored recording, one cannot be read, or the rules do not fit the scoring.
    """
    folder = folder_of(folder, "recordings of sleep and their scoring")
    nights = {night.recording: night for night in find_nights(folder)}
    scored = {path: read_scored(night) for path, night in nights.items()}
    tables = [path for path in sorted(folder.rglob("*.csv")) if _is_rules(path)]
    notes = _notes(tables, nights, scored, first_number)
    windows = [w for path, night in nights.items() for w in windows_of(night, scored[path], inner=True)]
    if not windows:
        raise ToolError("No recording has three scored epochs of 30 s.", field="folder")
    chosen = choose(windows, limit=limit, seed=seed, balanced=balanced)
    partners = stand_ins(chosen, windows, seed=seed)
    place = cache or folder / ".pictures"
    items = tuple(
        _item(window, nights[window.recording], scored[window.recording], notes, folder, place, partner)
        for window, partner in zip(chosen, partners, strict=True)
    )
    if draw:
        draw_missing(items, folder, lambda item, epoch: _drawn(item, epoch, folder))
    sources = hashes([*tables, *(night.scoring for night in nights.values())], folder)
    return Task(card=CARD, folder=folder, items=items, seed=seed, sources=sources)


def prepare(item: Item, folder: Path) -> None:
    """Draw the pictures of one item, where they are not there yet.

    Raises
    ------
    ToolError
        If the recording has none of the six channels.
    """
    draw_missing([item], folder, lambda item, epoch: _drawn(item, epoch, folder))


class Note(NamedTuple):
    """What an expert wrote about an epoch."""

    stage: str
    rules: tuple[str, ...]
    text: str


def _item(
    window: Window, night: Night, scored: Scored, notes: Mapping[tuple[str, int], Note], folder: Path, cache: Path,
    partner: Path | None,
) -> Item:  # fmt: skip
    number = round((window.onset - scored.start) / EPOCH)
    nth = sum(stage is not None for stage in scored.stages[:number])
    expects: dict[str, Any] = {
        "stage": window.label,
        "custom_id": f"{night.name}#{nth}_{window.label}",
        "start": scored.start,
        "epochs": [number - 1, number, number + 1],
    }
    note = notes.get((night.name, nth))
    if note is not None:
        expects["rules"] = list(note.rules)
    pictures = [picture_name(cache, scored, LOOK, n) for n in expects["epochs"]]
    return Item(
        id=f"{night.name}#{nth}",
        kind="qa",
        group=night.group,
        category="sleep stage",
        recording=relative(night.recording, folder),
        images=tuple(relative(path, folder) for path in pictures),
        onset=window.onset,
        duration=EPOCH,
        turns=(TURN,),
        key=window.label,
        reference=note.text if note is not None else "",
        expects=expects,
        partner=relative(partner, folder) if partner else "",
    )


def _drawn(item: Item, epoch: int, folder: Path) -> bytes:
    from tools.sleep_pictures import draw_sleepvlm

    path = folder / item.recording
    return draw_sleepvlm(_signals(path, path.stat().st_mtime_ns, item.expects["start"]), epoch).png


@lru_cache(maxsize=1)
def _signals(path: Path, changed: int, start: float) -> SleepSignals:
    """A night, filtered; the last one is kept, since items come night by night."""
    with open_recording(path) as recording:
        return sleepvlm_signals(from_start(recording, start))


def _is_rules(path: Path) -> bool:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        head = file.readline()
    return {"Subject", "applicable_rules"} <= {name.strip().strip('"') for name in head.split(",")}


def read_mass_ex(path: Path, first_number: int = 0) -> dict[tuple[str, int], Note]:
    """Read a table of MASS-EX: rules and, where it was written, the reason for every epoch.

    Returns
    -------
    dict of Note
        By subject and number of the scored epoch, counted from 0.

    Raises
    ------
    ToolError
        If a column is missing or a row cannot be understood.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        found = tuple(reader.fieldnames or ())
        missing = [name for name in ("Subject", "N", "Stage", "applicable_rules") if name not in found]
        if missing:
            raise ToolError(
                f"{path.name}: there is no column {', '.join(missing)}.", field="folder", choices=found
            )
        notes = {}
        for line, row in enumerate(reader, start=2):
            stage = to_stage(row["Stage"] or "")
            try:
                number = int(float(row["N"])) - first_number
            except (TypeError, ValueError):
                raise ToolError(f"{path.name}, line {line}: N is no number.", field="folder") from None
            if stage is None or stage.stage is None:
                raise ToolError(f"{path.name}, line {line}: there is no stage.", field="folder")
            rules = tuple(dict.fromkeys(_RULE.findall(row["applicable_rules"] or "")))
            text = (row.get("reasoning_text") or "").strip()
            notes[row["Subject"].strip(), number] = Note(stage.stage, rules, text)
    return notes


def _notes(
    tables: Sequence[Path], nights: Mapping[Path, Night], scored: Mapping[Path, Scored], first_number: int
) -> dict[tuple[str, int], Note]:
    """All notes, after a look at whether their epochs are counted as the scoring's are."""
    notes: dict[tuple[str, int], Note] = {}
    for table in tables:
        notes |= read_mass_ex(table, first_number)
    for path, night in nights.items():
        stages = [stage for stage in scored[path].stages if stage is not None]
        pairs = [(notes[night.name, n].stage, s) for n, s in enumerate(stages) if (night.name, n) in notes]
        if pairs and sum(a == b for a, b in pairs) < _LEAST_AGREEMENT * len(pairs):
            raise ToolError(
                f"{night.name}: the stages of the rules differ from the scoring in too many epochs; the epochs may be "
                "numbered from 1 (first_number=1).",
                field="first_number",
            )
    return notes
