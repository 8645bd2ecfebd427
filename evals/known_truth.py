"""Detectors on simulated segments whose truth is known: the figures of ``glossa bench accuracy``.

Each segment is written as EDF and opened again, so that what is scored is what a user gets.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from evals.scoring import Tally, average_precision, boxes, tally
from models.frozen import CATEGORY_NAMES, segments_of
from models.recorder import Specimen
from models.simulate import Simulated, write_edf
from models.truth import Planted, Truth
from tools.labels import ARTIFACT, EPILEPTIFORM, RHYTHM, SLEEP
from tools.types import Detection, Event

if TYPE_CHECKING:
    from tools.io import OpenRecording

MEASURED = (*EPILEPTIFORM, *SLEEP, *RHYTHM, *ARTIFACT)
CLASSES: dict[str, tuple[tuple[str, ...], bool, float | None]] = {
    "spindle": (("spindle",), True, 0.80),
    "kcomplex": (("kcomplex",), True, 0.75),
    "eyem": (("eyem",), True, 0.90),
    "eyer": (("eyer+", "eyer-"), True, 0.80),
    "hfnoise": (("hfnoise",), True, 0.90),
    "spike or sharp": (("spike", "sharp"), False, 0.75),
    "spsw": (("spsw",), True, 0.70),
}
"""What has a goal: its labels, whether they are told apart, and the F1 that is asked for."""
PATTERN_CLASSES = ("LPD", "GPD", "LRDA", "GRDA", "seizure")
CLEAN = ("normal", "alpha_rhythm", "temporal_variation", "low_voltage", "slowing")
ARTIFACT_ONLY = ("eye_artifact", "severe_artifact", "high_frequency_noise", "chewing", "bad_channel")


class Read(NamedTuple):
    """A segment's truth beside what was found in it."""

    truth: Truth
    found: Detection

    def planted(self, labels: Sequence[str]) -> list[Planted]:
        """True events of these labels."""
        return [entry for entry in self.truth.planted if entry.event.label in labels]

    def events(self, labels: Sequence[str]) -> list[Event]:
        """Found events of these labels."""
        return [event for event in self.found.events if event.label in labels]


def opened(made: Iterable[Specimen]) -> Iterator[tuple[Specimen, OpenRecording]]:
    """Write each segment as EDF and open it again."""
    from tools.io import open_recording

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "segment.edf"
        for specimen in made:
            write_edf(Simulated(specimen.segment, ()), path)
            with open_recording(path) as recording:
                yield specimen, recording


def read_segments(made: Iterable[Specimen], labels: Sequence[str] | None = None) -> Iterator[Read]:
    """Write, open and search each segment, as the command line would."""
    from tools.detect import detect

    for specimen, recording in opened(made):
        yield Read(specimen.truth, detect(recording, labels=labels))


def known_truth(
    source: str = "standard",
    *,
    per_category: int = 40,
    categories: tuple[str, ...] = CATEGORY_NAMES,
    labels: Sequence[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Measure every detector on one set of segments.

    Parameters
    ----------
    source : str
        A generator of `models.variants.VARIANTS` for the frozen test set, or ``tuning``.
    per_category : int
        Segments of each category.
    categories : tuple of str
        Of `models.frozen.CATEGORY_NAMES`.
    labels : sequence of str, optional
        What is looked for; everything when left out.
    progress : callable, optional
        Called with the name of the source when it is done.

    Returns
    -------
    dict
        JSON-ready: F1, precision and recall per class with its goal, average precision per label and channel,
        confusion of patterns, posterior rhythm, false epileptiform events.
    """
    made = segments_of(source, per_category=per_category, categories=categories)
    reads = list(read_segments(made, labels))
    if progress is not None:
        progress(source)
    return {"source": source, "per_category": per_category, **figures(reads)}


def figures(reads: Sequence[Read]) -> dict[str, Any]:
    """All figures of segments whose truth is known, ready for JSON."""
    return {
        "segments": len(reads),
        "f1": {name: _class_row(reads, *entry) for name, entry in CLASSES.items()},
        "other labels": {label: _class_row(reads, (label,), True, None) for label in _others(reads)},
        "flat or bad channel": _channels(reads),
        "ap": _average_precisions(reads),
        "spike and sharp confused": _confusion(reads),
        "patterns": _patterns(reads),
        "false epileptiform events per segment": {
            "clean": _false_epileptiform(reads, CLEAN), "artifact": _false_epileptiform(reads, ARTIFACT_ONLY)
        },
    }  # fmt: skip


def _row(total: Tally, goal: float | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "f1": total.f1,
        "precision": total.precision,
        "recall": total.recall,
        **total._asdict(),
    }
    return row | ({"goal": goal, "met": (total.f1 or 0.0) >= goal} if goal is not None else {})


def _class_row(
    reads: Sequence[Read], labels: tuple[str, ...], same_label: bool, goal: float | None
) -> dict[str, Any]:
    tallies = (tally(r.planted(labels), r.events(labels), same_label=same_label) for r in reads)
    return _row(sum(tallies, Tally()), goal)


def _others(reads: Sequence[Read]) -> list[str]:
    named = {label for labels, _, _ in CLASSES.values() for label in labels} | {"flat", "bad_channel"}
    seen = {label for r in reads for label in r.found.analysed.labels}
    return [label for label in MEASURED if label in seen - named]


def _channels(reads: Sequence[Read]) -> dict[str, Any]:
    """Flat and bad channels: found or not, whatever the time."""
    total = Tally()
    for r in reads:
        true = {c for entry in r.planted(("flat", "bad_channel")) for c in entry.event.channels}
        said = {c for event in r.events(("flat", "bad_channel")) for c in event.channels}
        total += Tally(len(true & said), len(true - said), len(said - true))
    return _row(total, 0.95)


def _average_precisions(reads: Sequence[Read]) -> dict[str, float | None]:
    seen = {label for r in reads for label in r.found.analysed.labels}
    return {
        label: average_precision(
            [b for n, r in enumerate(reads) for b in boxes(n, [p.event for p in r.planted((label,))])],
            [b for n, r in enumerate(reads) for b in boxes(n, r.events((label,)))],
        )
        for label in MEASURED
        if label in seen
    }


def _confusion(reads: Sequence[Read]) -> dict[str, int]:
    """How often a spike is called a sharp wave and the other way round."""
    names: dict[str, int] = {}
    for r in reads:
        for entry in r.planted(("spike", "sharp")):
            for event in r.events(("spike", "sharp")):
                if abs(event.onset + event.duration / 2 - entry.peak) <= 0.08:
                    key = f"{entry.event.label} called {event.label}"
                    names[key] = names.get(key, 0) + 1
    return names


def called_pattern(found: Detection) -> str:
    """The pattern that a segment is said to show: a seizure first, then the longest; ``none`` without any.

    Independent discharges of both sides are a call too, and a wrong one wherever another class is asked for.
    """
    classes = (*PATTERN_CLASSES, "BIPD")
    called = [event for event in found.events if event.label in classes and event.masked_by is None]
    order = sorted(called, key=lambda e: (e.label != "seizure", -e.duration, -(e.confidence or 0.5)))
    return order[0].label if order else "none"


def _patterns(reads: Sequence[Read]) -> dict[str, Any]:
    table: dict[str, dict[str, int]] = {}
    for r in reads:
        category = r.truth.category or "normal"
        if category in ("BIPD", "burst_suppression"):
            continue
        true = category if category in PATTERN_CLASSES else "none"
        row = table.setdefault(true, {})
        said = called_pattern(r.found)
        row[said] = row.get(said, 0) + 1
    recalls = [row.get(true, 0) / sum(row.values()) for true, row in table.items()]
    return {
        "confusion": table,
        "balanced_accuracy": float(np.mean(recalls)) if recalls else None,
        "goal": 0.90,
        "met": bool(recalls and np.mean(recalls) >= 0.90),
    }


def _false_epileptiform(reads: Sequence[Read], categories: Sequence[str]) -> dict[str, Any]:
    chosen = [r for r in reads if r.truth.category in categories and not r.planted(EPILEPTIFORM)]
    wrong = sum(e.masked_by is None for r in chosen for e in r.events(EPILEPTIFORM))
    rate = wrong / len(chosen) if chosen else None
    return {"rate": rate, "events": wrong, "segments": len(chosen), "goal": 0.1, "met": (rate or 0.0) <= 0.1}
