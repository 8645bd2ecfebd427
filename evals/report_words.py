"""The report in Markdown: systems as rows, so that tables stay narrow however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evals import report_sets as sets
from evals.metrics import Figure, Metric
from evals.reading import Run
from evals.report import DISCLAIMER, Line, TaskReport, cost
from evals.report_sets import order, percent, table, two

WIDEST = 7
"""Columns of scores in one table."""
SECTIONS = {
    "choice": "Choices and questions", "claim": "Claims of descriptions",
    "kind": "Claims of each kind: share that is true", "rouge": "Words shared with the reference (ROUGE)",
    "dialogue": "Conversations", "consistency": "Consistency", "stages": "Nights",
}  # fmt: skip
CLAIMS = ("claims: precision", "claims: precision without absences", "claims: recall")
HEADLINES = {"grounding": CLAIMS[::2], "accuracy": ("questions right (facts)",)}
"""Figures that stand for what a card calls its primary score, where they have another name."""


def markdown(reports: Sequence[TaskReport]) -> str:
    """The report as Markdown."""
    return "\n".join(line for report in reports for line in _markdown(report)) + f"\n{DISCLAIMER}\n"


def _markdown(report: TaskReport) -> Iterator[str]:
    card = report.runs[0].card
    yield f"# {card.title} ({card.name}, version {card.version})\n"
    yield from _headlines(report)
    yield f"{card.measures}\n"
    for name in ("source", "licence", "floor", "ceiling"):
        yield f"- {name.capitalize()}: {getattr(card, name).rstrip('.')}."
    yield ""
    yield from _unanswered(report.runs)
    yield from _scores(report)
    for part in (sets.class_tables, sets.boxes, sets.stages, sets.categories, sets.judges, sets.calibrations):
        yield from part(report)
    yield from _own(report)
    yield from _run(report)
    yield from _published(report)


def _headlines(report: TaskReport) -> Iterator[str]:
    """The score that the card calls primary, for every system under test, and how far above the best control."""
    primary = report.runs[0].card.primary
    names = HEADLINES.get(primary, (primary,))
    found = {line.metric.name: line for line in report.lines if line.metric.name in names}
    for run in report.runs:
        if run.is_control:
            continue
        said = [_headline(found[name], run.system) for name in names
                if name in found and run.system in found[name].systems]  # fmt: skip
        for question, of in report.classes.items():
            figure = of[run.system].figures.get(primary) if run.system in of else None
            if figure is not None:
                said.append(f"{primary} {percent(figure)} % ({question})")
        if primary == "mean average precision" and run.system in report.boxes:
            said.append(f"{primary} {two(report.boxes[run.system]['map_9'])}")
        if said:
            yield f"- **{run.system}**: {'; '.join(said)}"
    yield ""


def _headline(line: Line, system: str) -> str:
    unit = " %" if line.metric.percent else ""
    text = f"{line.metric.name} {shown(line.systems[system], line.metric)}{unit}"
    if system in line.ahead:
        distance = shown(line.ahead[system], line.metric, signed=True)
        text += f", {distance} points from the best control ({line.control})"
    return text


def _unanswered(runs: Sequence[Run]) -> Iterator[str]:
    """Samples that the next run asks again; until then they count as invalid."""
    for run in runs:
        if run.unanswered:
            reason = next(iter(run.unanswered.values()))
            yield (
                f"**Unfinished: {len(run.unanswered)} of {len(run.rows)} samples of {run.system} have no answer and "
                f"count as invalid** ({reason}). Run it again: only those are asked.\n"
            )


def _scores(report: TaskReport) -> Iterator[str]:
    groups: dict[str, list[Line]] = {name: [] for name in SECTIONS}
    for line in report.lines:
        groups[_section(line.metric)].append(line)
    for name, lines in groups.items():
        if lines:
            yield f"\n## {SECTIONS[name]}\n\nPercent unless a column counts, with 95 % interval; ↓ smaller is better.\n"
        for first in range(0, len(lines), WIDEST):
            yield from _score_table(report.runs, lines[first : first + WIDEST])


def _section(metric: Metric) -> str:
    if len(metric.kinds) == 1 and metric.kinds[0] in ("dialogue", "consistency", "stages"):
        return metric.kinds[0]
    if metric.name.startswith("ROUGE"):
        return "rouge"
    if metric.name in CLAIMS or metric.name.startswith("invented"):
        return "claim"
    return "kind" if metric.name.startswith("claims:") else "choice"


def _score_table(runs: Sequence[Run], lines: Sequence[Line]) -> Iterator[str]:
    header = ["system"]
    for line in lines:
        name = line.metric.name.removeprefix("claims: ")
        header.append(name + ("" if line.metric.percent else ", count") + (" ↓" if line.metric.least else ""))
    rows = []
    for run in runs:
        cells = [shown(line.systems.get(run.system), line.metric) for line in lines]
        if any(cell != "–" for cell in cells):
            rows.append([order(run), *cells])
    ahead = [run for run in runs if any(run.system in line.ahead for line in lines)]
    if ahead:
        rows.append(["best control", *(line.control or "–" for line in lines)])
    for run in ahead:
        cells = [shown(line.ahead.get(run.system), line.metric, signed=True) for line in lines]
        rows.append([f"{run.system} − best control", *cells])
    yield from table(header, rows)


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


def _own(report: TaskReport) -> Iterator[str]:
    """What only this task measures, for every system that is no control."""
    from evals.catalogue import section

    for run in report.runs:
        made = None if run.is_control else section(report.name, run)
        if made is not None:
            yield f"\n## {run.system}\n\n```"
            yield from made[1]
            yield "```"


def _run(report: TaskReport) -> Iterator[str]:
    meta = report.runs[0].meta
    yield "\n## What was run\n"
    yield (
        f"Revision {meta.get('revision') or 'unknown'}, code {str(meta.get('code'))[:12]}, seed {meta.get('seed')}, "
        f"items {str(meta.get('items'))[:12]}."
    )
    versions = meta.get("versions", {})
    yield f"Versions: {', '.join(f'{k} {v}' for k, v in versions.items())}.\n"
    rows = []
    for run in report.runs:
        used = cost(run)
        rows.append([order(run), f"{used['samples']:.0f}", f"{len(run.unanswered)}", f"{used['seconds']:.2f}",
                     f"{used['tokens']:.0f}", f"{run.log.parent.name}/{run.log.name}"])  # fmt: skip
    yield from table(["system", "samples", "unanswered", "seconds a sample", "tokens a sample", "log"], rows)


def _published(report: TaskReport) -> Iterator[str]:
    """Figures of papers, in a table of their own: none of them was measured here."""
    from evals.catalogue import published

    rows = published(report.name)
    if rows:
        yield "\n## Published figures, not measured here\n"
        yield "As the papers print them, on their own data: not comparable with the scores above.\n"
        cells = [[str(row[key]) for key in ("system", "metric", "value", "source")] for row in rows]
        yield from table(["system, as published", "metric", "value", "source"], cells)
