"""Run tasks over systems on Inspect AI: samples, concurrency, logs, resuming after a kill.

Our systems are no chat models: each is wrapped as a provider that only carries it, and one solver hands it the
item in a thread. The log of a task and a system is Inspect's own, so its viewer opens it. A run with the same items
in the same folder of logs goes on where it stopped; a finished one is not run again.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evals.grading import grade
from evals.records import Grade, Item, Reply, System, Task
from tools.types import ToolError

PROVIDER = "glossa"
AT_ONCE = 2
"""Samples in flight; the detectors release the interpreter for most of their time."""
Progress = Callable[[int, int, str], None]
PACKAGES = ("numpy", "scipy", "mne", "inspect-ai", "rouge-score", "scikit-learn", "langgraph")


def run(
    tasks: Sequence[Task],
    systems: Mapping[str, Sequence[System]],
    logs: Path,
    *,
    template: Mapping[str, str] | None = None,
    at_once: int = AT_ONCE,
    progress: Progress | None = None,
) -> list[Path]:
    """Ask every system of a task every item, grade the replies, and keep it all in logs.

    Parameters
    ----------
    tasks : sequence of Task
        With their items; items of a task keep their order.
    systems : mapping
        Systems by name of the task.
    logs : Path
        Folder of logs; what lies there is continued.
    template : mapping, optional
        Text of the constant control by name of the task.
    at_once : int
        Samples in flight.
    progress : callable, optional
        Called with done, total and what is being run, also for what an earlier run had done.

    Returns
    -------
    list of Path
        One log for each task and system.

    Raises
    ------
    ToolError
        If the extra ``evals`` is not installed, or a log could not be finished.
    """
    inspect = _inspect()
    total = sum(len(task.items) * len(systems[task.card.name]) for task in tasks)
    count = _Count(total, progress)
    paths = []
    for task in tasks:
        for system in systems[task.card.name]:
            folder = logs / task.card.name / f"{slug(system.name)}-{_key(task, system)}"
            folder.mkdir(parents=True, exist_ok=True)
            count.begin(f"{task.card.name}, {system.name}")
            ok, made = inspect.eval_set(
                _inspect_task(task, system, count, (template or {}).get(task.card.name, "")),
                log_dir=str(folder), model=_carrier(system), max_samples=at_once, retry_attempts=0,
                display="none", log_level="error", log_buffer=1, log_realtime=False, score_display=False,
                retry_immediate=False,
                fail_on_error=False, continue_on_fail=True, metadata=_provenance(task, system), sample_shuffle=None,
            )  # fmt: skip
            count.finish(len(task.items))
            if not ok or not made:
                raise ToolError("A run could not be finished; run it again, it goes on where it stopped.")
            paths.append(Path(made[0].location.removeprefix("file://")))
    return paths


def _key(task: Task, system: System) -> str:
    """Short name of what decides an outcome: items, system and code; another of these means another run."""
    told = f"{items_hash(task)} {system.name} {code()}"
    return hashlib.sha256(told.encode()).hexdigest()[:10]


@lru_cache(maxsize=1)
def code() -> str:
    """SHA-256 over all that answers and grades, so that what older code did is never taken for this one's."""
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parent.parent
    for folder in ("tools", "knowledge", "models", "agent", "evals"):
        for source in sorted((root / folder).rglob("*")):
            if source.is_file() and "__pycache__" not in source.parts:
                digest.update(source.read_bytes())
    return digest.hexdigest()


def slug(name: str) -> str:
    """A system's name as the name of a folder."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name)


class _Count:
    """Progress over all samples, those of an earlier run included; safe between threads."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress, self._words = total, progress, ""
        self._done = self._before = 0
        self._guard = threading.Lock()

    def begin(self, words: str) -> None:
        self._words, self._before = words, self._done
        self._tell()

    def one(self) -> None:
        with self._guard:
            self._done += 1
            self._tell()

    def finish(self, items: int) -> None:
        """Count what was not run because an earlier run had done it."""
        self._done = self._before + items
        self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._done, self._total, self._words)


def _inspect() -> Any:
    try:
        import inspect_ai
    except ImportError as error:
        raise ToolError(
            "The evaluations need the extra 'evals': pip install 'glossa-eeg[evals]'.", field="task"
        ) from error
    return inspect_ai


def _inspect_task(task: Task, system: System, count: _Count, template: str) -> Any:
    from inspect_ai import Task as InspectTask
    from inspect_ai.dataset import MemoryDataset, Sample

    samples = [
        Sample(
            id=item.id,
            input=item.turns[-1],
            target=item.key or item.reference or item.truth or "-",
            metadata={"item": item.model_dump(mode="json")},
        )
        for item in task.items
    ]
    items = {item.id: item for item in task.items}
    return InspectTask(
        name=task.card.name,
        version=task.card.version,
        dataset=MemoryDataset(samples, name=task.card.name),
        solver=_solver(items, task.folder, system, count),
        scorer=_scorer(items, task.folder, template),
        metadata={"items": items_hash(task)},
    )


def _solver(items: Mapping[str, Item], folder: Path, system: System, count: _Count) -> Any:
    from inspect_ai.model import ChatMessageAssistant, ModelOutput, ModelUsage
    from inspect_ai.solver import solver

    @solver(name="answered")
    def answered() -> Any:
        async def solve(state: Any, generate: Any) -> Any:
            from anyio.to_thread import run_sync

            item = items[str(state.sample_id)]
            reply = await run_sync(answer, system, item, folder)
            state.messages += [ChatMessageAssistant(content=text) for text in reply.texts]
            state.output = ModelOutput.from_content(system.name, reply.text)
            state.output.usage = ModelUsage(total_tokens=reply.tokens)
            state.output.time = reply.seconds
            state.metadata["reply"] = reply.model_dump(mode="json")
            count.one()
            return state

        return solve

    return answered()


def answer(system: System, item: Item, folder: Path) -> Reply:
    """Ask a system; a fault of its own ends this item and no other."""
    try:
        return system.reply(item, folder)
    except Exception as error:  # noqa: BLE001 - one broken sample must not end a run of hours
        return Reply(error=f"fault: {type(error).__name__}")


def _scorer(items: Mapping[str, Item], folder: Path, template: str) -> Any:
    from inspect_ai.scorer import Score, mean, scorer

    @scorer(metrics=[mean()], name="graded")
    def graded() -> Any:
        async def score(state: Any, target: Any) -> Any:
            from anyio.to_thread import run_sync

            item = items[str(state.sample_id)]
            reply = Reply.model_validate(state.metadata["reply"])
            made: Grade = await run_sync(grade, item, reply, folder, template)
            return Score(
                value=headline(item, made),
                answer=made.answer,
                explanation=made.explanation,
                metadata=made.model_dump(mode="json"),
            )

        return score

    return graded()


def headline(item: Item, made: Grade) -> float:
    """The one number of a sample that Inspect's own viewer shows; the report reads all of them."""
    for name in ("correct", "agreement", "rouge1"):
        value = made.values.get(name)
        if value is not None:
            return value
    return 0.0


def _carrier(system: System) -> Any:
    """A provider that names the system in the log; it is never asked to generate, and counts tokens itself."""
    from inspect_ai.model import ModelAPI, get_model, modelapi

    class Carrier(ModelAPI):
        async def generate(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("systems answer through their solver")

        async def count_tokens(self, *_: Any, **__: Any) -> int:
            return 0

    @modelapi(name=PROVIDER)
    def carrier() -> type[ModelAPI]:
        return Carrier

    return get_model(f"{PROVIDER}/{slug(system.name)}")


def items_hash(task: Task) -> str:
    """SHA-256 over all that is asked and expected."""
    told = json.dumps([item.model_dump(mode="json") for item in task.items], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _provenance(task: Task, system: System) -> dict[str, Any]:
    return {
        "system": system.name,
        "folder": str(task.folder.resolve()),
        "card": task.card.model_dump(mode="json"),
        "seed": task.seed,
        "items": items_hash(task),
        "sources": task.sources,
        "revision": revision(),
        "code": code(),
        "versions": {name: _version(name) for name in PACKAGES},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except Exception:  # noqa: BLE001 - a package that is not there has no version
        return "not installed"


def revision() -> str:
    """Git revision of this code, with a mark where it was changed since; empty outside a clone."""
    here = Path(__file__).resolve().parent
    try:
        told = subprocess.run(
            ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=12"],
            capture_output=True, text=True, timeout=5, check=False,
        )  # fmt: skip
    except OSError:
        return ""
    return told.stdout.strip()
