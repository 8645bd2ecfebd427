"""Detectors on recordings that experts labelled, from a folder the user has: none of them is part of the project.

Each function takes the folder of one source and gives rows that are ready for JSON. Sources are DREAMS spindles
(Devuyst et al. 2011), IIIC-SPaRCNet (Jing et al. 2023), CHB-MIT (Shoeb 2009), EEGMAT (Zyma et al. 2019), EEGMMIDB
(Schalk et al. 2004) and Sleep-EDF (Kemp et al. 2000).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from evals.known_truth import called_pattern
from tools.events import match, merge
from tools.labels import EPILEPTIFORM, PATTERN
from tools.types import Detection, Event

PATTERNS = tuple(label for label in PATTERN if label != "burst_suppression")
ONSET_S = 10.0
"""Where the seizures of the onset clips start, and how far off a call may be."""


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


Search = Callable[[Path, Sequence[str], float, float | None], Detection]
"""How a stretch of a file is searched for labels; to its end without a duration."""


def search_file(path: Path, labels: Sequence[str], onset: float, duration: float | None) -> Detection:
    """Open a recording and run the detectors."""
    from tools.detect import detect
    from tools.io import open_recording

    with open_recording(path) as recording:
        return detect(recording, labels=labels, onset=onset, duration=duration)


def _called(found: Detection, labels: Sequence[str]) -> list[Event]:
    return [event for event in found.events if event.label in labels and event.masked_by is None]


def dreams_spindles(folder: Path, search: Search = search_file) -> dict[str, Any]:
    """Event F1 at IoU 0.2 against the union of the experts; YASA's defaults reach 0.33, 0.58 and 0.31."""
    yasa = {"excerpt1": 0.33, "excerpt3": 0.58, "excerpt8": 0.31}
    rows: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("excerpt?.edf")):
        marks = [
            Event(
                label="spindle", source="expert", onset=float(r["onset_s"]), duration=float(r["duration_s"])
            )
            for table in sorted(folder.glob(f"{path.stem}_spindles_expert*.tsv"))
            for r in _table(table)
        ]
        found = _called(search(path, ["spindle"], 0.0, None), ["spindle"])
        result = match(merge(marks), found, 0.2)
        rows[path.stem] = {"f1": result.f1, "precision": result.precision, "recall": result.recall,
                           "found": len(found), "yasa_f1": yasa.get(path.stem)}  # fmt: skip
    scores = [row["f1"] or 0.0 for row in rows.values()]
    mean = sum(scores) / len(scores) if scores else None
    above = all(row["yasa_f1"] is None or (row["f1"] or 0) >= row["yasa_f1"] for row in rows.values())
    return {
        "excerpts": rows,
        "mean_f1": mean,
        "goal": "mean >= 0.46, none below YASA",
        "met": bool(mean and mean >= 0.46 and above),
    }


def iiic(folder: Path, search: Search = search_file) -> dict[str, Any]:
    """The pattern called on seconds 20 to 30, beside the expert majority (the published SPaRCNet: 11 of 12)."""
    names = {"Seizure": "seizure", "Other": "none"}
    rows = []
    for label in _table(folder / "labels.tsv"):
        found = search(folder / label["file"], PATTERNS, 20.0, 10.0)
        truth = names.get(label["expert_majority"], label["expert_majority"])
        sure = float(label["majority_frac"]) == 1.0
        rows.append(
            {"file": label["file"], "experts": truth, "unanimous": sure, "called": called_pattern(found)}
        )
    right = sum(row["called"] == row["experts"] for row in rows)
    harm = ("seizure", "LPD", "GPD", "BIPD")
    clear = [row for row in rows if row["experts"] == "none" and row["unanimous"]]
    wrong = sum(row["called"] in harm for row in clear)
    return {"clips": rows, "right": right, "of": len(rows), "goal": ">= 9 of 12, no seizure or periodic call on "
            "clear Other", "met": right >= 0.75 * len(rows) and not wrong}  # fmt: skip


def chbmit(folder: Path, search: Search = search_file) -> dict[str, Any]:
    """Seizure onset in bipolar recordings, and ictal against pre-ictal pages of 10 s."""
    onsets: list[dict[str, Any]] = []
    pages: list[dict[str, Any]] = []
    for label in _table(folder / "labels.tsv"):
        path = folder / label["file"]
        if "onset_clips" in label["file"]:
            calls = _called(search(path, ["seizure"], 0.0, None), ["seizure"])
            before = _called(search(path, PATTERNS, 0.0, ONSET_S), PATTERNS)
            onset = min((event.onset for event in calls), default=None)
            met = onset is not None and abs(onset - ONSET_S) <= ONSET_S and not before
            onsets.append({"file": label["file"], "onset": onset, "truth": ONSET_S,
                           "called before": [e.label for e in before], "met": met})  # fmt: skip
        else:
            called = bool(_called(search(path, ["seizure"], 0.0, None), ["seizure"]))
            ictal = label["label"] == "seizure"
            pages.append(
                {"file": label["file"], "ictal": ictal, "seizure called": called, "met": called == ictal}
            )
    return {"onset clips": onsets, "pages": pages, "met": all(row["met"] for row in (*onsets, *pages))}


def healthy(*folders: Path, search: Search = search_file) -> dict[str, Any]:
    """Calls of epileptiform events, patterns or seizures in recordings of healthy people; every one is false."""
    labels = (*EPILEPTIFORM, *PATTERNS)
    calls, minutes, counts = [], 0.0, dict.fromkeys(labels, 0)
    for path in sorted(p for folder in folders for p in folder.glob("*.edf")):
        found = search(path, labels, 0.0, None)
        minutes += found.analysed.seconds / 60
        for event in _called(found, labels):
            counts[event.label] += 1
            calls.append({"file": path.name, "label": event.label, "onset": round(event.onset, 2)})
    return {"minutes": round(minutes, 1), "calls": calls, "counts": {k: n for k, n in counts.items() if n},
            "goal": "<= 3 calls", "met": minutes > 0 and len(calls) <= 3}  # fmt: skip


def eyes_open_and_closed(folder: Path) -> dict[str, Any]:
    """Posterior rhythm with eyes closed (R02) and open (R01)."""
    from agent.describe import look_at_background_of
    from tools.io import open_recording

    rows: dict[str, dict[str, float] | None] = {}
    for path in sorted(folder.glob("S*.edf")):
        with open_recording(path) as recording:
            _, found = look_at_background_of(recording, 0.0, min(60.0, recording.info.duration), (), None)
        rhythm = found.posterior_rhythm
        rows[path.stem] = (
            {"frequency_hz": rhythm.frequency_hz, "amplitude_uv": rhythm.amplitude_uv} if rhythm else None
        )
    closed, opened = rows.get("S001R02"), rows.get("S001R01")
    met = closed is not None and abs(closed["frequency_hz"] - 10.0) <= 0.5
    weaker = opened is None or (closed is not None and opened["amplitude_uv"] < closed["amplitude_uv"])
    return {"recordings": rows, "goal": "S001: 10.0 Hz closed, weaker or absent open", "met": met and weaker}


def sleepedf_epochs(folder: Path) -> dict[str, Any]:
    """Single epochs without their neighbours, staged by rules."""
    from tools.io import open_recording
    from tools.staging import stage_recording

    rows = []
    for label in _table(folder / "labels.tsv"):
        with open_recording(folder / label["file"]) as recording:
            staged = stage_recording(recording)
        rows.append({"file": label["file"], "expert": label["stage"], "stage": staged.epochs[0].stage})
    right = sum(row["stage"] == row["expert"] for row in rows)
    return {
        "epochs": rows,
        "right": right,
        "of": len(rows),
        "goal": ">= 11 of 14",
        "met": right >= 11 / 14 * len(rows),
    }


SOURCES: dict[str, tuple[tuple[str, ...], Callable[..., dict[str, Any]]]] = {
    "DREAMS spindles": (("dreams_spindles",), dreams_spindles),
    "IIIC clips": (("iiic_sparcnet",), iiic),
    "CHB-MIT": (("chbmit",), chbmit),
    "healthy": (("eegmat", "eegmmidb"), healthy),
    "eyes open and closed": (("eegmmidb",), eyes_open_and_closed),
    "Sleep-EDF epochs": (("sleepedf_epochs",), sleepedf_epochs),
}
"""Each source with its folders and its measure."""


def real_labels(folder: Path, progress: Callable[[str], None] | None = None) -> dict[str, Any]:
    """Measure on every source that is in the folder; those that are not are named as absent."""
    out: dict[str, Any] = {}
    for name, (parts, measure) in SOURCES.items():
        present = [folder / part for part in parts if (folder / part).is_dir()]
        out[name] = measure(*present) if len(present) == len(parts) else {"absent": True}
        if progress is not None:
            progress(name)
    return out
