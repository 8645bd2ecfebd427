"""Figures of a whole set that are no ratio of sums: average precision, event F1, agreement and confusion of classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from evals.metrics import Figure, Row
from evals.records import LETTERS, Item
from evals.scorers.conventions import stage_metrics
from evals.scorers.statistics import Agreement, bootstrap_agreement
from evals.scoring import Tally, average_precision, boxes, tally
from models.truth import Planted
from tools.labels import STAGES
from tools.types import Event

BENCH_LABELS = ("spike", "sharp", "spsw", "kcomplex", "spindle", "hfnoise", "eyem", "eyer+", "eyer-")
"""Classes of the published 1-D detector (CerebraGloss, ICLR 2026); their mean is its mAP."""

SAME_CLASSES = ("tusz", "hmc", "recordings", "eeg-vlm", "sleepvlm", "sleepvlm-bench")
"""Tasks whose options are the same classes for every item."""
AGREEMENTS: tuple[Agreement, ...] = ("balanced_accuracy", "macro_f1", "kappa", "accuracy")
NO_ANSWER = "no answer"


def box_figures(rows: Sequence[Row]) -> dict[str, Any] | None:
    """Average precision per label and channel, their mean, and event F1; None where no boxes were asked for."""
    mine = [row for row in rows if row.kind == "boxes" and row.details]
    if not mine:
        return None
    truth = [[Planted.model_validate(p) for p in row.details["truth"]] for row in mine]
    found = [[Event.model_validate(e) for e in row.details["events"]] for row in mine]
    labels = sorted({p.event.label for planted in truth for p in planted})
    rated: dict[str, dict[str, float | None]] = {}
    for label in labels:
        true = [
            b for n, ps in enumerate(truth) for b in boxes(n, [p.event for p in ps if p.event.label == label])
        ]
        said = [b for n, es in enumerate(found) for b in boxes(n, [e for e in es if e.label == label])]
        total = sum(
            (
                tally([p for p in ps if p.event.label == label], [e for e in es if e.label == label])
                for ps, es in zip(truth, found, strict=True)
            ),
            Tally(),
        )
        rated[label] = {"ap": average_precision(true, said), "f1": total.f1, "boxes": float(len(true))}
    nine = [rated[label]["ap"] for label in BENCH_LABELS if label in rated]
    known = [value for value in nine if value is not None]
    return {"labels": rated, "map_9": float(np.mean(known)) if known else None, "classes": len(known)}


def stage_figures(rows: Sequence[Row]) -> dict[str, Any] | None:
    """Cohen's kappa over all epochs, its interval over recordings, and the confusion of stages."""
    mine = [row for row in rows if row.kind == "stages" and "true" in row.details]
    if not mine:
        return None
    true = [stage for row in mine for stage in row.details["true"]]
    said = [stage or "none" for row in mine for stage in row.details["said"]]
    groups = [row.group for row in mine for _ in row.details["true"]]
    made = bootstrap_agreement(true, said, groups, "kappa")
    return {
        "kappa": Figure(made.value, made.low, made.high, len(mine), made.clusters),
        "confusion": {
            row: {column: sum(t == row and s == column for t, s in zip(true, said, strict=True))
                  for column in (*STAGES, "none")}
            for row in STAGES
        },
        "epochs": len(true),
    }  # fmt: skip


def by_category(rows: Sequence[Row], name: str, kind: str) -> dict[str, tuple[float, int]]:
    """Mean of a value in each category, with the number of samples."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if row.kind == kind:
            found.setdefault(row.category, []).append(row.values.get(name) or 0.0)
    return {category: (float(np.mean(values)), len(values)) for category, values in sorted(found.items())}


class Classes(NamedTuple):
    """How a system sorts what one question asks about into its classes."""

    names: tuple[str, ...]
    figures: dict[str, Figure]
    """Balanced accuracy, macro F1, kappa and accuracy, by name."""
    recall: dict[str, float | None]
    """By class; None for a class that was not asked about."""
    confusion: dict[str, dict[str, int]]
    """True class, then what was said; `NO_ANSWER` where nothing could be read, which is never right."""
    conventions: tuple[dict[str, Any], ...] = ()
    """Of stages: both published ways of treating invalid answers and of writing REM, each naming itself."""


def class_figures(task: str, rows: Sequence[Row], items: Mapping[str, Item]) -> dict[str, Classes]:
    """Agreement by class of the tasks whose options are the same classes for every item, by question.

    Balanced accuracy is the mean recall of the classes asked about. An invalid answer is wrong and stays in every
    denominator. Intervals are over patients.
    """
    told: dict[str, list[_Sorted]] = {}
    for row in rows if task in SAME_CLASSES else ():
        item = items[row.id]
        if row.kind == "mcq":
            letter = str(row.details.get("letter") or "-")
            place = LETTERS.find(letter)
            said = item.options[place] if 0 <= place < len(item.options) else NO_ANSWER
            made = _Sorted(item.options[LETTERS.index(item.key)], said, row.group, item.options)
            told.setdefault(item.turns[-1].split("\n")[0], []).append(made)
        elif "stage" in item.expects:
            said = str(row.details.get("stage", NO_ANSWER))
            told.setdefault("Sleep stage", []).append(_Sorted(item.expects["stage"], said, row.group, STAGES))
    return {question: _classes(answers) for question, answers in told.items()}


class _Sorted(NamedTuple):
    true: str
    said: str
    group: str
    names: tuple[str, ...]


def _classes(answers: Sequence[_Sorted]) -> Classes:
    names = answers[0].names
    true, said = [one.true for one in answers], [one.said for one in answers]
    groups = [one.group for one in answers]
    figures = {}
    for name in AGREEMENTS:
        made = bootstrap_agreement(true, said, groups, name, labels=names if name == "macro_f1" else ())
        figures[name.replace("_", " ")] = Figure(made.value, made.low, made.high, made.n, made.clusters)
    pairs = Counter(zip(true, said, strict=True))
    confusion = {t: {s: pairs[t, s] for s in (*names, NO_ANSWER)} for t in names}
    asked = Counter(true)
    recall = {name: pairs[name, name] / asked[name] if asked[name] else None for name in names}
    conventions = _conventions(true, said) if names == STAGES else ()
    return Classes(names, figures, recall, confusion, conventions)


def _conventions(true: Sequence[str], said: Sequence[str]) -> tuple[dict[str, Any], ...]:
    return (
        stage_metrics(true, said, invalid="drop", rem="R") | {"as": "SleepVLM"},
        stage_metrics(true, said, invalid="keep", rem="REM") | {"as": "SleepVLM-Bench"},
    )
