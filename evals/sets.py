"""Figures of a whole set that are no ratio of sums: average precision, event F1, agreement of stages, confusion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evals.metrics import Figure, Row
from evals.scorers.statistics import bootstrap_agreement
from evals.scoring import Tally, average_precision, boxes, tally
from models.truth import Planted
from tools.labels import STAGES
from tools.types import Event

BENCH_LABELS = ("spike", "sharp", "spsw", "kcomplex", "spindle", "hfnoise", "eyem", "eyer+", "eyer-")
"""Classes of the published 1-D detector (CerebraGloss, ICLR 2026); their mean is its mAP."""


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


def confusion(rows: Sequence[Row], keys: dict[str, str]) -> dict[str, dict[str, int]]:
    """How often each right letter was answered by which letter, ``none`` where none could be read."""
    table: dict[str, dict[str, int]] = {}
    for row in rows:
        if row.kind == "mcq":
            said = row.details.get("letter") or "none"
            line = table.setdefault(keys.get(row.id, "?"), {})
            line[said] = line.get(said, 0) + 1
    return table
