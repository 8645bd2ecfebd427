"""Tables of what is measured over a whole set: classes, boxes, stages, categories, judges, calibration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evals.judged import NOTHING_JUDGED, Panel
from evals.metrics import Figure
from evals.reading import Run
from evals.report import TaskReport
from evals.scorers.judge import AXES
from evals.sets import Classes


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table of Markdown with a blank line before and behind."""
    yield ""
    for cells in (header, ["---"] * len(header), *rows):
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
    yield ""


def order(run: Run) -> str:
    """The name of a system as a row begins: bold if it is under test."""
    return f"{run.system} (control)" if run.is_control else f"**{run.system}**"


def two(value: float | None) -> str:
    """A number of two decimals, or a dash."""
    return "–" if value is None else f"{value:.2f}"


def percent(made: Figure) -> str:
    """A share in percent with its interval."""
    return _interval(made, 100.0, 1)


def _interval(made: Figure | None, scale: float, digits: int) -> str:
    if made is None or made.value is None:
        return "–"
    text = f"{scale * made.value:.{digits}f}"
    if made.low is not None and made.high is not None:
        text += f" [{scale * made.low:.{digits}f}, {scale * made.high:.{digits}f}]"
    return text


def class_tables(report: TaskReport) -> Iterator[str]:
    """Balanced accuracy and recall of every class by system, then the confusion of the systems under test."""
    for question, of in report.classes.items():
        names = next(iter(of.values())).names
        yield f"\n## {question}\n"
        yield "Invalid answers count as wrong; macro F1 counts a class that does not occur as 0. Percent, with 95 % "
        yield "interval; kappa from −1 to 1.\n"
        rows = []
        for run in report.runs:
            if run.system in of:
                made = of[run.system].figures
                rows.append([order(run), percent(made["balanced accuracy"]), percent(made["macro f1"]),
                             _interval(made["kappa"], 1.0, 2), percent(made["accuracy"])])  # fmt: skip
        yield from table(["system", "balanced accuracy", "macro F1", "kappa", "accuracy"], rows)
        yield "Recall of each class (%)"
        yield from table(
            ["system", *names],
            [[order(run), *(_share(of[run.system].recall[name]) for name in names)]
             for run in report.runs if run.system in of],
        )  # fmt: skip
        yield from _both_conventions(report, of)
        for run in report.runs:
            if run.system in of and not run.is_control:
                yield f"Confusion of {run.system}: true classes are rows, answers columns"
                yield from _confusion(of[run.system].confusion)


def _both_conventions(report: TaskReport, of: Mapping[str, Classes]) -> Iterator[str]:
    """Stages under both published conventions, since their scores cannot be compared with one another."""
    rows = []
    for run in report.runs:
        for made in of[run.system].conventions if run.system in of else ():
            told = made["convention"]
            rows.append([order(run), f"{made['as']}: invalid {told['invalid']}, {told['rem']}", str(made["n_invalid"]),
                         *(two(made[name]) for name in ("accuracy", "macro_f1", "macro_recall", "kappa"))])  # fmt: skip
    if rows:
        yield "Under the published conventions: SleepVLM drops invalid answers, SleepVLM-Bench keeps them as a class"
        yield from table(
            ["system", "convention", "invalid", "accuracy", "macro F1", "macro recall", "kappa"], rows
        )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f}"


def _confusion(counts: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    columns = list(next(iter(counts.values())))
    rows = [
        [name, *(str(row[column]) for column in columns)] for name, row in counts.items() if any(row.values())
    ]
    yield from table(["true", *columns], rows)


def boxes(report: TaskReport) -> Iterator[str]:
    """Average precision and event F1 of each label."""
    if not report.boxes:
        return
    names = list(report.boxes)
    labels = sorted({label for made in report.boxes.values() for label in made["labels"]})
    yield "\n## Waveforms: average precision / event F1\n\nPer channel, in one dimension, at IoU 0.5.\n"
    rows = []
    for label in labels:
        rated = [report.boxes[name]["labels"].get(label, {}) for name in names]
        rows.append([label, *(f"{two(r.get('ap'))} / {two(r.get('f1'))}" for r in rated)])
    means = [two(report.boxes[name]["map_9"]) for name in names]
    rows.append(["mean of the nine published classes", *means])
    yield from table(["label", *names], rows)


def stages(report: TaskReport) -> Iterator[str]:
    """Kappa by system, then the confusion of the systems under test."""
    if not report.stages:
        return
    yield "\n## Stages of whole nights\n"
    mine = [run for run in report.runs if run.system in report.stages]
    yield from table(
        ["system", "kappa", "epochs"],
        [[order(run), _interval(report.stages[run.system]["kappa"], 1.0, 2),
          str(report.stages[run.system]["epochs"])] for run in mine],
    )  # fmt: skip
    for run in mine:
        if not run.is_control:
            yield f"Confusion of {run.system}: true stages are rows, answers columns"
            yield from _confusion(report.stages[run.system]["confusion"])


def categories(report: TaskReport) -> Iterator[str]:
    """MCQ accuracy in each category."""
    own = {
        run.system: report.categories[run.system] for run in report.runs if report.categories.get(run.system)
    }
    if not own:
        return
    yield "\n## MCQ accuracy by category (%)\n"
    first = next(iter(own.values()))
    rows = [[category.replace("_", " "), str(count),
             *(f"{100 * made[category][0]:.0f}" if category in made else "–" for made in own.values())]
            for category, (_, count) in first.items()]  # fmt: skip
    yield from table(["category", "items", *own], rows)


def judges(report: TaskReport) -> Iterator[str]:
    """What judges said, with what their marks depend on; or that there was none."""
    yield "\n## Judge\n"
    if not report.panels:
        yield NOTHING_JUDGED
    for panel in report.panels:
        yield from _judge(panel, report.runs)


def _judge(panel: Panel, runs: Sequence[Run]) -> Iterator[str]:
    setup = panel.setup
    yield (
        f"Marks from 1 to 10 by **{setup.model}** (answered as {', '.join(setup.answered_by) or 'unknown'}), prompt "
        f"{setup.prompt_sha256[:12]}, {setup.repeats} repeats from seed {setup.seed}, temperature "
        f"{'as the server has it' if setup.temperature is None else setup.temperature}. Marks of other judges or "
        "prompts cannot be compared with these.\n"
    )
    rows = []
    for run in runs:
        made = panel.systems.get(run.system)
        if made is not None:
            rows.append([order(run), *(_interval(made.marks[name], 1.0, 2) for name in (*AXES, "overall")),
                         _interval(made.ahead, 1.0, 2), f"{made.judged} / {made.unjudged} / {made.absent}",
                         f"{two(made.difference)} / {_share(made.equal)} %"])  # fmt: skip
    ahead = (
        f"overall − best control ({panel.control})" if panel.control else "overall − control (none judged)"
    )
    yield from table(["system", *(name.replace("_", " ") for name in AXES), "overall", ahead,
                      "judged / unjudged / no answer", "repeats: apart / equal"], rows)  # fmt: skip
    yield "An answer that never came counts as 1 and is not sent; one that the judge gave no marks is left out."
    if panel.checks is None:
        yield "\nThe judge itself was not checked."
        return
    checks = panel.checks
    gain = "–" if checks["padding_gain"] is None else f"{checks['padding_gain']:+.2f}"
    pairs = "No pairs were compared."
    if checks["pairs"]:
        pairs = (
            f"Of {checks['pairs']} pairs with {checks['against']} {_share(checks['consistent'])} % get the same "
            f"verdict in both orders; {_share(checks['first_preferred'])} % of verdicts are for what stood first."
        )
    yield (
        f"\nThe judge itself, on answers of {checks['of']}: a paragraph that says nothing changes the overall mark by "
        f"{gain} points ({checks['padded']} answers). {pairs}"
    )


def calibrations(report: TaskReport) -> Iterator[str]:
    """Confidences beside what came true, of the systems that give any."""
    yield "\n## Calibration\n"
    if not report.calibration:
        yield "No reply of this task carries a confidence."
    for system, of in report.calibration.items():
        for kind, made in of.items():
            yield f"{system}, {kind}: expected calibration error {made.error:.2f}"
            rows = [
                [f"{b.low:.1f} to {b.high:.1f}", str(b.n), two(b.confidence), two(b.right)] for b in made.bins
            ]
            yield from table(["told confidence", "number", "mean confidence", "share right"], rows)
