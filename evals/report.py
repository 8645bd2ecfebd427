"""The report: scores beside their controls, with intervals, and what was run; as data and as Markdown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from evals.metrics import METRICS, Figure, Metric, difference, figure
from evals.reading import Run
from evals.sets import box_figures, by_category, stage_figures

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
    return TaskReport(name, tuple(ordered), lines, boxes, stages, categories)


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
        "categories": {
            name: {c: {"accuracy": a, "n": n} for c, (a, n) in made.items()}
            for name, made in report.categories.items()
        },
        "cost": {r.system: cost(r) for r in report.runs},
        "run": {k: v for k, v in run.meta.items() if k != "folder"},
    }


def cost(run: Run) -> dict[str, float]:
    """Seconds and tokens a sample."""
    count = max(len(run.rows), 1)
    return {
        "samples": float(len(run.rows)),
        "seconds": sum(row.seconds for row in run.rows) / count,
        "tokens": sum(row.tokens for row in run.rows) / count,
    }


def shown(made: Figure | None, metric: Metric, *, signed: bool = False) -> str:
    """A figure with its interval as a table shows it: percent unless the metric says otherwise."""
    if made is None or made.value is None:
        return "–"
    scale, digits = (100.0, 1) if metric.percent else (1.0, 2)
    sign = "+" if signed else ""
    text = f"{scale * made.value:{sign}.{digits}f}"
    if made.low is not None and made.high is not None:
        text += f" [{scale * made.low:{sign}.{digits}f}, {scale * made.high:{sign}.{digits}f}]"
    return text


def markdown(reports: Sequence[TaskReport]) -> str:
    """The report as Markdown."""
    return "\n".join(line for report in reports for line in _markdown(report)) + f"\n{DISCLAIMER}\n"


def _markdown(report: TaskReport) -> Iterator[str]:
    card = report.runs[0].card
    yield f"# {card.title} ({card.name}, version {card.version})\n"
    yield f"{card.measures}\n\nSource: {card.source}. Licence: {card.licence}."
    yield f"Floor: {card.floor}. Ceiling: {card.ceiling}.\n"
    names = [run.system for run in report.runs]
    yield f"| score, 95 % interval | {' | '.join(names)} | ahead of the best control |"
    yield "|---" * (len(names) + 2) + "|"
    for line in report.lines:
        cells = [shown(line.systems.get(name), line.metric) for name in names]
        ahead = "; ".join(
            f"{name} {shown(made, line.metric, signed=True)} ({line.control})"
            for name, made in line.ahead.items()
        )
        unit = " (%)" if line.metric.percent else ""
        yield f"| {line.metric.name}{unit} | {' | '.join(cells)} | {ahead or '–'} |"
    yield from _boxes(report)
    yield from _stages(report)
    yield from _categories(report)
    yield from _own(report)
    yield from _published(report)
    yield from _run(report)


def _boxes(report: TaskReport) -> Iterator[str]:
    if not report.boxes:
        return
    names = list(report.boxes)
    labels = sorted({label for made in report.boxes.values() for label in made["labels"]})
    yield "\n## Waveforms: average precision (1-D, per channel, IoU 0.5) and event F1\n"
    yield f"| label | {' | '.join(f'{n} AP | {n} F1' for n in names)} |"
    yield "|---" * (2 * len(names) + 1) + "|"
    for label in labels:
        rated = [report.boxes[name]["labels"].get(label, {}) for name in names]
        cells = [f"{_two(r.get('ap'))} | {_two(r.get('f1'))}" for r in rated]
        yield f"| {label} | {' | '.join(cells)} |"
    means = [f"{_two(report.boxes[name]['map_9'])} | " for name in names]
    yield f"| mean of the nine published classes | {' | '.join(means)} |"


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _stages(report: TaskReport) -> Iterator[str]:
    for name, made in report.stages.items():
        kappa: Figure = made["kappa"]
        yield f"\n## Stages, {name}: kappa {_two(kappa.value)} over {made['epochs']} epochs\n"
        columns = list(next(iter(made["confusion"].values())))
        yield f"| true | {' | '.join(columns)} |"
        yield "|---" * (len(columns) + 1) + "|"
        for stage, row in made["confusion"].items():
            yield f"| {stage} | {' | '.join(str(row[c]) for c in columns)} |"


def _categories(report: TaskReport) -> Iterator[str]:
    own = {r.system: report.categories[r.system] for r in report.runs if report.categories.get(r.system)}
    if not own:
        return
    yield "\n## MCQ accuracy by category (%)\n"
    yield f"| category | n | {' | '.join(own)} |"
    yield "|---" * (len(own) + 2) + "|"
    for category, (_, count) in next(iter(own.values())).items():
        cells = [f"{100 * made.get(category, (0.0, 0))[0]:.0f}" for made in own.values()]
        yield f"| {category} | {count} | {' | '.join(cells)} |"


def _own(report: TaskReport) -> Iterator[str]:
    """What only this task measures, for every system that is no control."""
    from evals.catalogue import section

    for run in report.runs:
        made = None if run.is_control else section(report.name, run)
        if made is not None:
            yield f"\n## {run.system}\n\n```"
            yield from made[1]
            yield "```"


def _published(report: TaskReport) -> Iterator[str]:
    from evals.catalogue import published

    rows = published(report.name)
    if rows:
        yield "\n## Published figures\n\nOn other data than the scores above, and not comparable with them.\n"
        yield "| system | metric | value | source |\n|---|---|---|---|"
        for row in rows:
            yield f"| {row['system']} | {row['metric']} | {row['value']} | {row['source']} |"


def _run(report: TaskReport) -> Iterator[str]:
    meta = report.runs[0].meta
    yield "\n## What was run\n"
    yield f"Revision {meta.get('revision') or 'unknown'}, seed {meta.get('seed')}, items {str(meta.get('items'))[:12]}."
    versions = meta.get("versions", {})
    yield f"Versions: {', '.join(f'{k} {v}' for k, v in versions.items())}.\n"
    yield "| system | samples | seconds a sample | tokens a sample |\n|---|---|---|---|"
    for run in report.runs:
        used = cost(run)
        yield f"| {run.system} | {used['samples']:.0f} | {used['seconds']:.2f} | {used['tokens']:.0f} |"
    yield ""
