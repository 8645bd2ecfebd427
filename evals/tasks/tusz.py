"""The seizure question of the CerebraGloss paper, over a folder of the TUH Seizure Corpus."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, NamedTuple

from evals.records import Card, Task
from evals.tasks.windows import Window, ask_all, check_lengths, choose, folder_of, hashes, stand_ins
from tools.types import ToolError

WINDOW = 10.0
QUESTION = "Does this EEG recording show evidence of seizure activity?"
OPTIONS = ("Yes", "No")
COLUMNS = ("channel", "start_time", "stop_time", "label", "confidence")

CARD = Card(
    name="tusz",
    title="TUSZ: seizure or not, in 10 s",
    measures="Whether a system tells 10 s of a seizure from 10 s without one, asked as the CerebraGloss paper asks.",
    source="TUH EEG Seizure Corpus v2 (Shah et al. 2018, https://doi.org/10.3389/fninf.2018.00083), term-based "
    "annotation (csv_bi), from a folder that the user has. A window counts as a seizure from 5 s of one on and as "
    "background without any; those in between are left out. The paper states neither.",
    licence="TUH data use agreement; not distributed here",
    floor="50 % balanced accuracy: chance, and every constant answer",
    ceiling="not published for windows of 10 s",
    primary="balanced accuracy",
)
_PAPER = "CerebraGloss paper, balanced accuracy on 46,091 windows of TUSZ"
PUBLISHED: list[dict[str, Any]] = [
    {"system": name, "metric": "balanced accuracy", "value": value, "source": _PAPER, "published": True}
    for name, value in (
        ("EEGNet", 0.6553), ("CNN-Transformer", 0.7553), ("ELM-MIL", 0.7827), ("LaBraM", 0.7748), ("Gram", 0.7829),
        ("LLaVA-Med", 0.50), ("BioMedGPT", 0.50), ("Qwen2.5-VL-3B", 0.5502), ("CerebraGloss-3B", 0.7921),
        ("CerebraGloss-7B", 0.8021),
    )
]  # fmt: skip


class Annotation(NamedTuple):
    """What one file of labels says."""

    seizures: tuple[tuple[float, float], ...]
    """Start and stop."""
    duration: float


def load(
    folder: Path,
    *,
    limit: int | None = None,
    seed: int = 0,
    balanced: bool = True,
    least_seizure: float = 5.0,
) -> Task:
    """Make a question of 10-s windows, as many with a seizure as without.

    Parameters
    ----------
    folder : Path
        ``*.csv_bi`` with an EDF of the same name beside each, in any depth of folders. The patient is the
        first part of the name.
    limit : int, optional
        Windows at most.
    seed : int
        Of the draw.
    balanced : bool
        As many of both; else all windows.
    least_seizure : float
        Seconds of seizure from which on a window is one.

    Raises
    ------
    ToolError
        If there are no such files, one cannot be read, a recording is missing, or there is no seizure.
    """
    if not 0 < least_seizure <= WINDOW:
        raise ToolError("A window lasts 10 s; ask for more than 0 s of seizure.", field="least_seizure")
    folder = folder_of(folder, "EDF files and their labels (.csv_bi)")
    tables = sorted(folder.rglob("*.csv_bi"))
    if not tables:
        raise ToolError("The folder holds no labels of TUSZ (.csv_bi).", field="folder")
    windows: list[Window] = []
    for table in tables:
        windows += _windows(table, least_seizure)
    if len({window.label for window in windows}) < 2:
        raise ToolError(
            "The labels hold only one of the two classes; a comparison needs windows with and without a seizure.",
            field="folder",
        )
    chosen = check_lengths(choose(windows, limit=limit, seed=seed, balanced=balanced), spare=WINDOW)
    partners = stand_ins(chosen, windows, seed=seed)
    items = ask_all(
        chosen,
        partners,
        folder,
        question=QUESTION,
        options=dict(zip(OPTIONS, OPTIONS, strict=True)),
        category="seizure question",
    )
    return Task(card=CARD, folder=folder, items=items, seed=seed, sources=hashes(tables, folder))


def _windows(table: Path, least: float) -> list[Window]:
    recording = table.with_suffix(".edf")
    if not recording.is_file():
        raise ToolError(
            f"{table.name}: there is no recording (.edf) of the same name beside it.", field="folder"
        )
    found = read_csv_bi(table)
    patient = table.stem.split("_")[0]
    windows = []
    for number in range(int(found.duration // WINDOW)):
        start = number * WINDOW
        inside = sum(max(0.0, min(b, start + WINDOW) - max(a, start)) for a, b in found.seizures)
        if inside == 0 or inside >= least:
            windows.append(Window(recording, patient, start, WINDOW, OPTIONS[0] if inside else OPTIONS[1]))
    return windows


def read_csv_bi(path: Path) -> Annotation:
    """Read term-based labels of TUSZ: remarks behind ``#``, then a table of `COLUMNS`.

    Raises
    ------
    ToolError
        If a column is missing, a time is no number or a label is neither ``seiz`` nor ``bckg``.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ToolError(f"{path.name} cannot be read as text.", field="folder") from None
    said = [
        line.split("=", 1)[1].split()
        for line in lines
        if line.startswith("#") and "duration" in line and "=" in line
    ]
    rows = list(csv.DictReader([line for line in lines if line.strip() and not line.startswith("#")]))
    missing = [name for name in COLUMNS[1:4] if not rows or name not in rows[0]]
    if missing:
        raise ToolError(
            f"{path.name}: there is no column {', '.join(missing)}; a file of TUSZ v2 has {', '.join(COLUMNS)}.",
            field="folder",
            choices=tuple(name for name in (rows[0] if rows else ()) if name),
        )
    seizures, end = [], 0.0
    for row in rows:
        label = (row["label"] or "").strip().lower()
        if label not in ("seiz", "bckg"):
            raise ToolError(
                f"{path.name}: a label is neither seiz nor bckg.", field="folder", choices=("seiz", "bckg")
            )
        try:
            start, stop = float(row["start_time"]), float(row["stop_time"])
        except (TypeError, ValueError):
            raise ToolError(f"{path.name}: a time is no number.", field="folder") from None
        end = max(end, stop)
        if label == "seiz":
            seizures.append((start, stop))
    try:
        duration = float(said[0][0]) if said and said[0] else end
    except ValueError:
        duration = end
    return Annotation(tuple(seizures), duration)
