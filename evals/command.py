"""``glossa eval``: list what can be run, run it with its controls, report."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.catalogue import MODELS, TASKS, card, load, make_controls, make_system
from evals.records import System, Task
from tools.types import ToolError

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
) -> dict[str, Any]:
    """Run tasks over systems and their controls, and report.

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

    Returns
    -------
    dict
        The report with the files it was written to.

    Raises
    ------
    ToolError
        If a task or model is not known, data are missing, or the extra ``evals`` is not installed.
    """
    from evals.reading import collect
    from evals.report import document, markdown, task_reports
    from evals.report_page import write
    from evals.running import run as run_tasks

    begun = time.perf_counter()
    for name in names:
        card(name)
    home = logs / "home"
    home.mkdir(parents=True, exist_ok=True)
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
    paths = run_tasks(tasks, systems, logs, template=templates, progress=_told)
    print(file=sys.stderr)
    reports = task_reports(collect(logs, paths))
    files = write(reports, logs / "report")
    made_document = document(reports)
    return made_document | {
        "files": [str(path) for path in files[:2]],
        "seconds": round(time.perf_counter() - begun, 1),
        "text": markdown(reports),
    }


def report(logs: Path = LOGS) -> dict[str, Any]:
    """Report on the newest runs below a folder of logs."""
    from evals.reading import collect
    from evals.report import document, markdown, task_reports
    from evals.report_page import write

    if not logs.is_dir():
        raise ToolError("There is no such folder of logs; run a task first.", field="logs")
    reports = task_reports(collect(logs))
    files = write(reports, logs / "report")
    return document(reports) | {"files": [str(path) for path in files[:2]], "text": markdown(reports)}


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


def _told(done: int, total: int, words: str) -> None:
    width = 30
    full = width * done // max(total, 1)
    print(f"\r[{'#' * full}{'.' * (width - full)}] {done}/{total} {words:<40.40}", end="", file=sys.stderr)
