"""``glossa eval``: list what can be run, run it with its controls, report."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.catalogue import MODELS, TASKS, card, load, make_controls, make_system
from evals.progress import Bar
from evals.records import System, Task
from tools.types import ToolError

if TYPE_CHECKING:
    from evals.reading import Run
    from evals.scorers.judge_server import Server

LOGS = Path("eval-logs")


def listing() -> dict[str, Any]:
    """Every task with its card, and every system that can be asked."""
    return {
        "tasks": [
            card(name).model_dump(mode="json") | {"needs_data": TASKS[name].needs_data} for name in TASKS
        ],
        "models": [{"name": name, "what": what} for name, what in MODELS.items()],
    }


def run(
    names: Sequence[str],
    models: Sequence[str],
    *,
    logs: Path = LOGS,
    data: Path | None = None,
    limit: int | None = None,
    size: int | None = None,
    seed: int | None = None,
    controls: bool = True,
    judge: Server | None = None,
    judge_controls: bool = False,
) -> dict[str, Any]:
    """Run tasks over systems and their controls, have answers judged if a judge is named, and report.

    Parameters
    ----------
    names, models : sequence of str
        Of ``evals.catalogue.TASKS`` and ``MODELS``.
    logs : Path
        Where logs, generated data and the report go; what lies there is continued.
    data : Path, optional
        Folder of a task that is not generated.
    limit, size, seed : int, optional
        As `evals.catalogue.load` takes them.
    controls : bool
        Also run the constant template, the majority, noise for signal, and swapped signals.
    judge : Server, optional
        Who judges descriptions and answers; without one nothing is judged and nothing sent.
    judge_controls : bool
        Have the controls judged too.

    Returns
    -------
    dict
        The report with the files it was written to.

    Raises
    ------
    ToolError
        If a task or model is not known, data are missing, the extra ``evals`` is not installed, or, once the report is
        written, if samples or marks are missing since a server failed; the next run asks for those alone.
    """
    from evals.reading import collect
    from evals.running import need_inspect
    from evals.running import run as run_tasks

    begun = time.perf_counter()
    for name in names:
        card(name)
    need_inspect()
    if judge is not None:
        from evals.judging import ready

        ready(judge)
    home = _home(logs)
    asked = [make_system(model, home / "threads") for model in dict.fromkeys(models)]
    tasks = [_load(name, logs, data, limit, size, seed) for name in dict.fromkeys(names)]
    systems: dict[str, list[System]] = {}
    templates: dict[str, str] = {}
    for task in tasks:
        systems[task.card.name] = list(asked)
        if controls:
            references = _references(task)
            made = make_controls(asked[0], task, home / "noise", references)
            systems[task.card.name] += made
            templates[task.card.name] = getattr(made[0], "text", "")
    with Bar() as bar:
        paths = run_tasks(tasks, systems, logs, template=templates, progress=bar)
    runs = collect(logs, paths)
    trouble = _judged(runs, judge, judge_controls)
    done = _reported(runs, logs)
    trouble = _unfinished(runs) or trouble
    if trouble is not None:
        raise trouble
    return done | {"seconds": round(time.perf_counter() - begun, 1)}


def report(logs: Path = LOGS) -> dict[str, Any]:
    """Report on the newest runs below a folder of logs."""
    from evals.reading import collect
    from evals.running import need_inspect

    if not logs.is_dir():
        raise ToolError("There is no such folder of logs; run a task first.", field="logs")
    need_inspect()
    return _reported(collect(logs), logs)


def _home(logs: Path) -> Path:
    """Folder of threads and noise; it shows whether logs can be written, before any work."""
    home = logs / "home"
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "written").touch()
    except OSError as error:
        raise ToolError("Logs cannot be written there; choose another folder.", field="logs") from error
    return home


def _judged(runs: Sequence[Run], judge: Server | None, controls: bool) -> ToolError | None:
    """Have answers judged; what went wrong is told once the report is written."""
    if judge is None:
        return None
    from evals.judging import judge_runs

    with Bar() as bar:
        return judge_runs(runs, judge, controls=controls, progress=bar)


def _reported(runs: Sequence[Run], logs: Path) -> dict[str, Any]:
    from evals.report import document, task_reports
    from evals.report_page import write
    from evals.report_words import markdown

    reports = task_reports(runs)
    files = write(reports, logs / "report")
    return document(reports) | {"files": [str(path) for path in files[:3]], "text": markdown(reports)}


def _unfinished(runs: Sequence[Run]) -> ToolError | None:
    """Samples without an answer, in words; figures that count them as wrong must not pass for a result."""
    left = [run for run in runs if run.unanswered]
    if not left:
        return None
    count = sum(len(run.unanswered) for run in left)
    reason = next(iter(left[0].unanswered.values()))[:120].rstrip(".")
    return ToolError(
        f"{count} samples have no answer ({reason}). All others are kept; run it again, and only those are asked.",
        field="model",
    )


def _load(
    name: str, logs: Path, data: Path | None, limit: int | None, size: int | None, seed: int | None
) -> Task:
    if TASKS[name].needs_data:
        if data is None:
            raise ToolError("This task runs over a folder of yours; name it with --data.", field="data")
        if not data.is_dir():
            raise ToolError("There is no such folder of data.", field="data")
        return load(name, data, limit=limit, seed=seed, size=size)
    return load(name, logs / "data" / name, limit=limit, seed=seed, size=size, data=data)


def _references(task: Task) -> list[str]:
    """Reference texts for the constant template: of other segments where the task has them, else its own."""
    others = task.sources.get("template_references")
    if others:
        return others.split("\n")
    return [item.reference for item in task.items if item.kind == "description" and item.reference]
