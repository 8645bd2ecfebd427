"""Files of SleepVLM-Bench: its manifest and its artifacts of prepared signal, to the letter."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError, model_validator

from evals.tasks.windows import make_folder
from tools.types import Record, ToolError
from tools.whole import write_whole

Label = Literal["W", "N1", "N2", "N3", "REM"]
"""Their names; ours for REM is R."""
SAMPLES, RATE = 3000, 100.0
CHANNELS = ("EEG", "EOG", "EMG")
COHORT_NAMES = ("DCSM", "SHHS", "ISRUC")


class Row(Record):
    """A line of the manifest; the fields are its columns, in order."""

    sample_id: str = Field(min_length=1)
    """``COHORT:subject:000123``."""
    cohort: str = Field(min_length=1)
    subject_id: str = Field(min_length=1)
    recording_id: str = Field(min_length=1)
    epoch_index: int = Field(ge=0)
    onset_sec: float = Field(ge=0)
    label: Label
    source_psg_path: str
    source_annotation_path: str
    source_sfreq: float = Field(gt=0)
    artifact_path: str
    artifact_index: int = Field(ge=0)
    split: Literal["", "train", "validation", "test"] = ""
    image_path: str = ""
    image_sha256: str = ""

    @model_validator(mode="after")
    def _picture_with_hash(self) -> Row:
        if bool(self.image_path) != bool(self.image_sha256):
            raise ValueError("image_path and image_sha256 are given together or not at all")
        return self


COLUMNS = tuple(Row.model_fields)


class Artifact(NamedTuple):
    """The prepared epochs of one recording."""

    signals: NDArray[np.float32]
    """(epochs, 3, 3000) µV: EEG, EOG, EMG."""
    labels: tuple[str, ...]
    onsets: NDArray[np.float64]


def read_manifest(path: Path) -> tuple[Row, ...]:
    """Read a manifest.

    Raises
    ------
    ToolError
        If a column is missing (those found are the choices), a line has a value that cannot be, a sample occurs
        twice, or a subject is in two splits.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise ToolError(f"{path.name} cannot be read as text.", field="manifest") from None
    reader = csv.DictReader(io.StringIO(text))
    found = tuple(reader.fieldnames or ())
    missing = [name for name in COLUMNS[:12] if name not in found]
    if missing:
        raise ToolError(
            f"{path.name}: the manifest lacks {', '.join(missing)}. Columns found: {', '.join(found)}.",
            field="manifest",
            choices=found,
        )
    rows: list[Row] = []
    for line, values in enumerate(reader, start=2):
        try:
            rows.append(Row.model_validate({name: values[name] or "" for name in COLUMNS if name in values}))
        except ValidationError as error:
            wrong = error.errors()[0]
            column = ".".join(map(str, wrong["loc"])) or "image_path, image_sha256"
            raise ToolError(
                f"{path.name}, line {line}: {column}: {wrong['msg']}.", field="manifest"
            ) from None
    _check(rows, path)
    return tuple(rows)


def _check(rows: Sequence[Row], path: Path) -> None:
    seen: set[str] = set()
    splits: dict[tuple[str, str], str] = {}
    for row in rows:
        if row.sample_id in seen:
            raise ToolError(f"{path.name}: a sample_id occurs twice.", field="manifest")
        seen.add(row.sample_id)
        if row.split and splits.setdefault((row.cohort, row.subject_id), row.split) != row.split:
            raise ToolError(f"{path.name}: a subject is in two splits.", field="manifest")
    if not rows:
        raise ToolError(f"{path.name}: the manifest has no line.", field="manifest")


def write_manifest(path: Path, rows: Iterable[Row]) -> Path:
    """Write a manifest, by cohort, subject and onset."""
    table = io.StringIO()
    writer = csv.DictWriter(table, fieldnames=COLUMNS)
    writer.writeheader()
    for row in sorted(rows, key=lambda r: (r.cohort, r.subject_id, r.onset_sec)):
        writer.writerow(row.model_dump())
    write_whole(path, table.getvalue().encode())
    return path


def read_artifact(path: Path) -> Artifact:
    """Read prepared epochs.

    Raises
    ------
    ToolError
        If an array is missing (those found are the choices) or has another shape.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            missing = [name for name in ("signals", "labels", "onsets_sec") if name not in file.files]
            if missing:
                raise ToolError(
                    f"{path.name}: there is no array {', '.join(missing)}.",
                    field="folder",
                    choices=file.files,
                )
            signals, labels, onsets = file["signals"], file["labels"], file["onsets_sec"]
            channels = tuple(str(name) for name in file["channels"]) if "channels" in file.files else CHANNELS
    except (OSError, ValueError, zipfile.BadZipFile, EOFError):
        raise ToolError(f"{path.name} cannot be read as an artifact (.npz).", field="folder") from None
    if signals.ndim != 3 or signals.shape[1:] != (3, SAMPLES) or channels != CHANNELS:
        raise ToolError(
            f"{path.name}: the signals have to be (epochs, 3, {SAMPLES}) for EEG, EOG and EMG.",
            field="folder",
        )
    if not len(signals) == len(labels) == len(onsets):
        raise ToolError(
            f"{path.name}: {len(signals)} epochs, {len(labels)} labels and {len(onsets)} onsets do not fit together.",
            field="folder",
        )
    return Artifact(
        signals.astype(np.float32), tuple(str(label) for label in labels), onsets.astype(np.float64)
    )


def write_artifact(path: Path, artifact: Artifact, indices: Sequence[int]) -> Path:
    """Write prepared epochs with all arrays that the published code writes."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        signals=artifact.signals,
        labels=np.asarray(artifact.labels),
        onsets_sec=artifact.onsets,
        source_epoch_indices=np.asarray(indices, dtype=np.int64),
        channels=np.asarray(CHANNELS),
        unit=np.asarray("uV"),
        target_sfreq=np.asarray(RATE),
    )
    make_folder(path.parent)
    write_whole(path, buffer.getvalue())
    return path


def find_manifest(folder: Path, named: str | None) -> Path:
    """Give the manifest of a folder: the one named, else the only one there is.

    Raises
    ------
    ToolError
        If there is none, or several.
    """
    if named is not None:
        if not (folder / named).is_file():
            raise ToolError("There is no such manifest in the folder.", field="manifest")
        return folder / named
    tables = sorted(folder.rglob("*.csv"))
    found = [path for path in tables if _is_manifest(path)]
    if not found:
        raise ToolError(
            f"The folder holds no manifest ({', '.join(COLUMNS[:4])}, ...); name the cohort to prepare its recordings.",
            field="cohort",
            choices=COHORT_NAMES,
        )
    if len(found) > 1:
        raise ToolError("The folder holds several manifests; name one.", field="manifest",
                        choices=tuple(path.name for path in found))  # fmt: skip
    return found[0]


def _is_manifest(path: Path) -> bool:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return "sample_id" in file.readline()


def of_split(rows: Sequence[Row], split: str) -> list[Row]:
    """Keep the rows of a split; all where the manifest has none."""
    there = sorted({row.split for row in rows if row.split})
    if not there:
        return list(rows)
    if split not in there:
        raise ToolError("The manifest has no epoch in that split.", field="split", choices=there)
    return [row for row in rows if row.split == split]


def locate(name: str, folder: Path, listed: Path) -> Path | None:
    """A file of the manifest, which names places on the machine that wrote it."""
    parts = Path(name).parts
    tails = [Path(*parts[n:]) for n in range(len(parts))] if name else []
    places = (base / tail for base in (listed.parent, folder) for tail in tails)
    return next((path.resolve() for path in places if path.is_file()), None)
