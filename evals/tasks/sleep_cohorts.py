"""Scoring of DCSM, SHHS and ISRUC in their public formats, under the stage names of SleepVLM-Bench."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from tools.hypnogram import to_stage
from tools.types import ToolError

EPOCH = 30.0
_DIGITS = {"0": "W", "1": "N1", "2": "N2", "3": "N3", "4": "N3", "5": "REM"}


class Cohort(NamedTuple):
    """What is particular to a cohort."""

    channels: tuple[str, str, str]
    """EEG, EOG and EMG as its files name them."""
    mains_hz: float


COHORTS = {
    "DCSM": Cohort(("F4-M1", "E1-M2", "CHIN"), 50.0),
    "SHHS": Cohort(("EEG", "EOG(L)", "EMG"), 60.0),
    "ISRUC": Cohort(("C4-A1", "LOC-A2", "X1"), 50.0),
}


class Night(NamedTuple):
    """A recording of a cohort and its scoring."""

    cohort: str
    subject: str
    name: str
    signal: Path
    labels: Path


class Labelled(NamedTuple):
    """A scored stretch; None where it was left unscored."""

    onset: float
    duration: float
    stage: str | None
    """As SleepVLM-Bench names it."""


def find_cohort(folder: Path, cohort: str) -> list[Night]:
    """Pair the recordings of a cohort with their scoring.

    DCSM: ``psg.h5`` or ``*psg*.edf`` beside ``hypnogram.ids``, a folder each. SHHS: ``shhs1-200001.edf`` with
    ``shhs1-200001-profusion.xml`` or ``-nsrr.xml`` in any folder. ISRUC: ``1.rec`` or ``.edf`` beside ``1_1.txt``.

    Raises
    ------
    ToolError
        If there is no such cohort or no pair.
    """
    if cohort not in COHORTS:
        raise ToolError("There is no reader for such a cohort.", field="cohort", choices=tuple(COHORTS))
    find = {"DCSM": _find_dcsm, "SHHS": _find_shhs, "ISRUC": _find_isruc}[cohort]
    nights = find(folder)
    if not nights:
        raise ToolError(f"The folder holds no recording of {cohort} with its scoring.", field="folder")
    return nights


def _find_dcsm(folder: Path) -> list[Night]:
    nights = []
    for labels in sorted(folder.rglob("*hypnogram*.ids")):
        here = [
            p
            for p in sorted(labels.parent.iterdir())
            if "psg" in p.stem.lower() and p.suffix in (".edf", ".h5")
        ]
        if here and "processed" not in labels.name.lower():
            nights.append(Night("DCSM", labels.parent.name, labels.parent.name, here[0], labels))
    return nights


def _find_shhs(folder: Path) -> list[Night]:
    scorings: dict[str, Path] = {}
    for end in ("-nsrr", "-profusion"):  # the later one is preferred
        scorings |= {p.stem.removesuffix(end): p for p in sorted(folder.rglob(f"*{end}.xml"))}
    recordings = {path.stem: path for path in sorted(folder.rglob("*.edf"))}
    names = sorted(recordings.keys() & scorings.keys())
    return [Night("SHHS", name.split("-")[-1], name, recordings[name], scorings[name]) for name in names]


def _find_isruc(folder: Path) -> list[Night]:
    nights = []
    for labels in sorted(folder.rglob("*_1.txt")):
        name = labels.stem.removesuffix("_1")
        signal = next((p for end in (".rec", ".edf") if (p := labels.with_name(name + end)).is_file()), None)
        if signal is not None:
            nights.append(Night("ISRUC", name, name, signal, labels))
    return nights


def read_labels(night: Night) -> list[Labelled]:
    """Read the scoring of a night.

    Raises
    ------
    ToolError
        With the file's name and the line, where it is not in the format of its cohort.
    """
    try:
        text = night.labels.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise ToolError(f"{night.labels.name} cannot be read as text.", field="folder") from None
    read = {"DCSM": _ids, "SHHS": _xml, "ISRUC": _digits}[night.cohort]
    return read(text, night.labels.name)


def _ids(text: str, name: str) -> list[Labelled]:
    """Lines of onset, duration and stage."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split(",")]
        stage = to_stage(parts[-1])
        try:
            if len(parts) != 3 or stage is None:
                raise ValueError
            found.append(Labelled(float(parts[0]), float(parts[1]), _theirs(stage.stage)))
        except ValueError:
            raise ToolError(f"{name}, line {number} is not 'onset,duration,stage'.", field="folder") from None
    return found


def _theirs(stage: str | None) -> str | None:
    return "REM" if stage == "R" else stage


def _xml(text: str, name: str) -> list[Labelled]:
    """``SleepStage`` of every epoch (Compumedics Profusion), or scored events of stages (NSRR)."""
    if "<!ENTITY" in text:
        raise ToolError(f"{name} defines entities, which no scoring needs.", field="folder")
    try:
        root = ElementTree.fromstring(text.encode())
    except ElementTree.ParseError:
        raise ToolError(f"{name} is not valid XML.", field="folder") from None
    epochs = [(node.text or "").strip() for node in root.iter("SleepStage")]
    if epochs:
        return [Labelled(EPOCH * n, EPOCH, _DIGITS.get(code)) for n, code in enumerate(epochs)]
    found = []
    for event in root.iter("ScoredEvent"):
        if "stages" not in (event.findtext("EventType") or "").lower():
            continue
        code = (event.findtext("EventConcept") or "").rpartition("|")[2].strip()
        try:
            onset, duration = (float(event.findtext(tag) or "") for tag in ("Start", "Duration"))
        except ValueError:
            raise ToolError(f"{name}: a stage has no Start and Duration.", field="folder") from None
        found.append(Labelled(onset, duration, _DIGITS.get(code)))
    if not found:
        raise ToolError(f"{name} holds neither SleepStage nor scored events of stages.", field="folder")
    return found


def _digits(text: str, name: str) -> list[Labelled]:
    """One digit per epoch: 0 W, 1 N1, 2 N2, 3 N3, 5 REM."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    bad = next((n for n, line in enumerate(lines, start=1) if line not in _DIGITS), None)
    if bad is not None or not lines:
        raise ToolError(f"{name}, line {bad or 1} is no stage (0, 1, 2, 3 or 5).", field="folder")
    return [Labelled(EPOCH * n, EPOCH, _DIGITS[line]) for n, line in enumerate(lines)]
