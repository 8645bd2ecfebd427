"""The tasks and systems that can be named on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from evals.reading import Run
from evals.records import Card, System, Task
from tools.types import ToolError

MODELS = {
    "embedded": "the assistant with its embedded brain",
    "assistant": "the assistant with the brain of GLOSSA_BASE_URL and GLOSSA_MODEL",
    "model": "the model of GLOSSA_BASE_URL and GLOSSA_MODEL alone, looking at pictures",
    "tools": "the detectors alone",
}
"""What ``--model`` takes."""


class Entry(NamedTuple):
    """Where a task is made."""

    module: str
    needs_data: bool
    """Whether the user has to give a folder."""
    takes_data: bool = False
    """Whether a generated task can use a folder besides."""


TASKS: dict[str, Entry] = {
    "glossa-bench": Entry("evals.tasks.glossa_bench", False),
    "waveforms": Entry("evals.tasks.waveforms", False, takes_data=True),
    "cerebragloss-bench": Entry("evals.tasks.cerebragloss_bench", True),
    "tusz": Entry("evals.tasks.tusz", True),
    "hmc": Entry("evals.tasks.hmc", True),
    "sleepvlm": Entry("evals.tasks.sleepvlm", True),
    "sleepvlm-bench": Entry("evals.tasks.sleepvlm_bench", True),
    "eeg-vlm": Entry("evals.tasks.eeg_vlm", True),
    "consistency": Entry("evals.tasks.consistency", False),
    "conversation": Entry("evals.tasks.conversation", False),
    "recordings": Entry("evals.tasks.recordings", True),
}


def card(name: str) -> Card:
    """What a task measures."""
    made: Card = _module(name).CARD
    return made


def published(name: str) -> list[dict[str, Any]]:
    """Figures that papers report on this task's data; empty where there are none."""
    return list(getattr(_module(name), "PUBLISHED", ())) if name in TASKS else []


def section(name: str, run: Run) -> tuple[dict[str, Any], list[str]] | None:
    """Further figures of a task: as data, and as lines of text; None where a task has none of its own."""
    own = getattr(_module(name), "section", None) if name in TASKS else None
    return own(run) if own is not None else None


def load(
    name: str,
    folder: Path,
    *,
    limit: int | None,
    seed: int | None,
    size: int | None,
    data: Path | None = None,
) -> Task:
    """Make the items of a task.

    Parameters
    ----------
    name : str
        Key of `TASKS`.
    folder : Path
        The user's data; for a generated task, where it is written.
    limit : int, optional
        At most so many items.
    seed : int, optional
        Of what is drawn; the task's own when left out.
    size : int, optional
        Segments of a category, of a generated task.
    data : Path, optional
        Recordings that a generated task can use besides.

    Raises
    ------
    ToolError
        If there is no such task, or its data are missing or of another form.
    """
    module, options = _module(name), dict[str, Any](limit=limit)
    if seed is not None:
        options["seed"] = seed
    if data is not None and TASKS[name].takes_data:
        options["data"] = data
    if size is not None:
        if TASKS[name].needs_data:
            raise ToolError("Only a generated task has a size; use --limit.", field="size")
        options["size"] = size
    made: Task = module.load(folder, **options)
    if not made.items:
        raise ToolError("There is nothing to ask in that folder.", field="data")
    return made


def _module(name: str) -> Any:
    if name not in TASKS:
        raise ToolError("There is no such task.", field="task", choices=tuple(TASKS))
    return import_module(TASKS[name].module)


def make_system(name: str, home: Path) -> System:
    """Build what ``--model`` names; a server is used only where the settings name one.

    Raises
    ------
    ToolError
        If there is no such model, or its server is not set.
    """
    makers: dict[str, Callable[[Path], System]] = {
        "embedded": _embedded, "assistant": _assistant, "model": _bare_model, "tools": _tools,
    }  # fmt: skip
    if name not in makers:
        raise ToolError("There is no such model.", field="model", choices=tuple(MODELS))
    return makers[name](home)


def make_controls(system: System, task: Task, home: Path, references: Sequence[str]) -> list[System]:
    """Controls of a system on a task: template and majority, noise in place of the signal, another's signal."""
    from evals.systems.controls import Majority, Swapped, Template, TextOnly

    home.mkdir(parents=True, exist_ok=True)
    return [Template(references), Majority(task.items), TextOnly(system, home), Swapped(system)]


def _embedded(home: Path) -> System:
    from agent.settings import Settings
    from evals.systems.assistant import Assistant

    return Assistant(Settings(home=home, brain="embedded"), "embedded")


def _assistant(home: Path) -> System:
    from agent.settings import Settings
    from evals.systems.assistant import Assistant

    settings = Settings(home=home, brain="openai")
    return Assistant(settings, f"assistant {settings.model}")


def _bare_model(home: Path) -> System:
    from agent.settings import Settings
    from evals.systems.bare_model import BareModel

    settings = Settings(home=home, brain="openai")
    return BareModel(settings, f"model {settings.model}")


def _tools(home: Path) -> System:
    from evals.systems.bare_tools import BareTools

    return BareTools()
