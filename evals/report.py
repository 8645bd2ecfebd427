"""The report: scores beside their controls, with intervals, and what was run; as data."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from evals.calibration import Calibration, calibration
from evals.judged import Panel, panels
from evals.metrics import METRICS, Figure, Metric, difference, figure
from evals.reading import Run
from evals.sets import Classes, box_figures, by_category, class_figures, stage_figures
from tools.types import Record

LONGEST_SOURCE = 100
"""Characters; a hash has 64."""
DISCLAIMER = "For research and education only, not for diagnosis."


class Line(NamedTuple):
    """One metric of a task: what each system reaches, and how far the systems are from their best control."""

    metric: Metric
    systems: dict[str, Figure]
    control: str | None
    """The best control."""
    ahead: dict[str, Figure]
    """Distance of each system to that control."""


class TaskReport(NamedTuple):
    """All that is said of one task."""

    name: str
    runs: tuple[Run, ...]
    lines: tuple[Line, ...]
    boxes: dict[str, dict[str, Any]]
    stages: dict[str, dict[str, Any]]
    categories: dict[str, dict[str, tuple[float, int]]]
    """MCQ accuracy in each category, by system."""
    classes: dict[str, dict[str, Classes]]
    """By question, then system."""
    calibration: dict[str, dict[str, Calibration]]
    """By system, of those that are no control."""
    panels: tuple[Panel, ...]
    """What judges said."""


def task_reports(runs: Sequence[Run]) -> list[TaskReport]:
    """Put the runs of each task side by side."""
    groups: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        groups[run.card.name].append(run)
    return [_task(name, mine) for name, mine in groups.items()]


def _task(name: str, runs: Sequence[Run]) -> TaskReport:
    ordered = sorted(runs, key=lambda run: (run.is_control, run.system))
    boxes = {run.system: made for run in ordered if (made := box_figures(run.rows))}
    stages = {run.system: made for run in ordered if (made := stage_figures(run.rows))}
    categories = {run.system: by_category(run.rows, "correct", "mcq") for run in ordered}
    lines = tuple(line for metric in METRICS if (line := _line(metric, ordered)))
    classes: dict[str, dict[str, Classes]] = defaultdict(dict)
    for run in ordered:
        for question, sorted_ in class_figures(name, run.rows, run.items).items():
            classes[question][run.system] = sorted_
    sure = {run.system: found for run in ordered if not run.is_control and (found := calibration(run.rows))}
    return TaskReport(
        name, tuple(ordered), lines, boxes, stages, categories, dict(classes), sure, tuple(panels(ordered))
    )


def _line(metric: Metric, runs: Sequence[Run]) -> Line | None:
    figures = {run.system: made for run in runs if (made := figure(run.rows, metric))}
    if not any(run.system in figures and not run.is_control for run in runs):
        return None
    controls = [run for run in runs if run.is_control and run.system in figures]
    sign = -1.0 if metric.least else 1.0
    best = max(controls, key=lambda run: sign * (figures[run.system].value or 0.0), default=None)
    ahead = {}
    for run in runs:
        if best is not None and not run.is_control and run.system in figures:
            made = difference(run.rows, best.rows, metric)
            if made is not None:
                ahead[run.system] = made
    return Line(metric, figures, best.system if best else None, ahead)


def document(reports: Sequence[TaskReport]) -> dict[str, Any]:
    """The report as JSON-ready data."""
    return {"tasks": [_document(report) for report in reports], "note": DISCLAIMER}


def _document(report: TaskReport) -> dict[str, Any]:
    run = report.runs[0]
    return {
        "task": report.name,
        "card": run.card.model_dump(mode="json"),
        "figures": [
            {
                "metric": line.metric.name,
                "systems": {name: made._asdict() for name, made in line.systems.items()},
                "best_control": line.control,
                "ahead_of_control": {name: made._asdict() for name, made in line.ahead.items()},
            }
            for line in report.lines
        ],
        "boxes": report.boxes,
        "stages": {name: made | {"kappa": made["kappa"]._asdict()} for name, made in report.stages.items()},
        "classes": {
            question: {name: plain(made) for name, made in of.items()}
            for question, of in report.classes.items()
        },
        "calibration": plain(report.calibration),
        "judges": [plain(panel) for panel in report.panels],
        "judged": bool(report.panels),
        "categories": {
            name: {c: {"accuracy": a, "n": n} for c, (a, n) in made.items()}
            for name, made in report.categories.items()
        },
        "cost": {r.system: cost(r) for r in report.runs},
        "unanswered": {r.system: r.unanswered for r in report.runs if r.unanswered},
        "logs": {r.system: str(r.log) for r in report.runs},
        "run": _made_with(run),
    }


def _made_with(run: Run) -> dict[str, Any]:
    """Revision, versions, seed and hashes; texts that a control was chosen from are long, and told by their hash."""
    told = {name: value for name, value in run.meta.items() if name not in ("folder", "sources")}
    sources = dict(run.meta.get("sources") or {})
    for name, value in sources.items():
        if len(value) > LONGEST_SOURCE:
            sources[name] = f"sha256 {hashlib.sha256(value.encode()).hexdigest()}"
    return told | {"sources": sources}


def plain(value: Any) -> Any:
    """Records and named tuples as plain data."""
    if isinstance(value, Record):
        return value.model_dump(mode="json")
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: plain(part) for name, part in value._asdict().items()}
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, (list, tuple)) else value


def cost(run: Run) -> dict[str, float]:
    """Seconds and tokens a sample."""
    count = max(len(run.rows), 1)
    return {
        "samples": float(len(run.rows)),
        "seconds": sum(row.seconds for row in run.rows) / count,
        "tokens": sum(row.tokens for row in run.rows) / count,
    }
