"""Run tasks over systems on Inspect AI: samples, concurrency, logs, resuming after a kill.

Our systems are no chat models: each is wrapped as a provider that only carries it, and one solver hands it the
item in a thread. The log of a task and a system is Inspect's own, so its viewer opens it. A run with the same items
in the same folder of logs goes on where it stopped; a finished one is not run again. A server that fails makes no
answer: its samples stay open, count as invalid in this run's report, and are asked again by the next run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.grading import grade
from evals.parts import ask
from evals.progress import Count, Progress
from evals.provenance import items_hash, place, provenance, slug
from evals.records import Grade, Item, Reply, System, Task
from tools.types import ToolError

PROVIDER = "glossa"
AT_ONCE = 2
"""Samples in flight; the detectors release the interpreter for most of their time."""
PATIENCE = 3
"""Failures in a row after which a system is not asked any more in this run."""


class UnansweredError(Exception):
    """There is no answer, for a reason that may pass; the log keeps it, and the next run asks again."""


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
        One log for each task and system. A log of status ``error`` holds samples without an answer, for a reason
        that may pass; run again, only those are asked.

    Raises
    ------
    ToolError
        If the extra ``evals`` is not installed, or logs cannot be written there.
    """
    need_inspect()
    total = sum(len(task.items) * len(systems[task.card.name]) for task in tasks)
    count = Count(total, progress)
    paths = []
    for task in tasks:
        text = (template or {}).get(task.card.name, "")
        for system in systems[task.card.name]:
            count.begin(f"{task.card.name}, {system.name}")
            folder = logs / place(task, system)
            paths.append(_finished(folder, task) or _run(task, system, folder, count, text, at_once))
            count.finish(len(task.items))
    return paths


def need_inspect() -> None:
    """Refuse in words where the extra is not installed, before any work."""
    try:
        import inspect_ai  # noqa: F401
    except ImportError as error:
        raise ToolError(
            "The evaluations need the extra 'evals': pip install 'glossa-eeg[evals]'.", field="task"
        ) from error


def _finished(folder: Path, task: Task) -> Path | None:
    """The log of a run with nothing left to ask: its folder is named by all that decides the outcome."""
    from inspect_ai.log import read_eval_log

    for path in sorted(folder.glob("*.eval"), reverse=True):
        try:
            log = read_eval_log(str(path), header_only=True)
        except Exception:  # noqa: BLE001 - a damaged log, as a full disk leaves it, must not end every further run
            path.replace(path.with_suffix(".unreadable"))
            continue
        if log.status == "success" and log.results and log.results.completed_samples >= len(task.items):
            return path
    return None


def _run(task: Task, system: System, folder: Path, count: Count, template: str, at_once: int) -> Path:
    from inspect_ai import eval_set

    try:
        folder.mkdir(parents=True, exist_ok=True)
        _, made = eval_set(
            _inspect_task(task, system, count, template),
            log_dir=str(folder), model=_carrier(system), max_samples=at_once, retry_attempts=0,
            display="none", log_level="critical", log_buffer=1, log_realtime=False, score_display=False,
            retry_immediate=False, fail_on_error=True, continue_on_fail=True, sample_shuffle=None,
            metadata=provenance(task, system),
        )  # fmt: skip
    except OSError as error:
        raise ToolError("Logs cannot be written there; choose another folder.", field="logs") from error
    if not made or made[0].status not in ("success", "error"):
        raise ToolError("A run was broken off; run it again, it goes on where it stopped.", field="logs")
    return Path(made[0].location.removeprefix("file://"))


def _inspect_task(task: Task, system: System, count: Count, template: str) -> Any:
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


def _solver(items: Mapping[str, Item], folder: Path, system: System, count: Count) -> Any:
    from inspect_ai.model import ChatMessageAssistant, ModelOutput, ModelUsage
    from inspect_ai.solver import solver

    desk = Desk(system, folder)

    @solver(name="answered")
    def answered() -> Any:
        async def solve(state: Any, generate: Any) -> Any:
            from anyio.to_thread import run_sync

            try:
                reply = await run_sync(desk.answer, items[str(state.sample_id)])
            finally:
                count.one()
            state.messages += [ChatMessageAssistant(content=text) for text in reply.texts]
            state.output = ModelOutput.from_content(system.name, reply.text)
            state.output.usage = ModelUsage(total_tokens=reply.tokens)
            state.output.time = reply.seconds
            state.metadata["reply"] = reply.model_dump(mode="json")
            return state

        return solve

    return answered()


class Desk:
    """Hands items to a system; after some failures in a row that may pass, it hands none any more."""

    def __init__(self, system: System, folder: Path) -> None:
        self._system, self._folder = system, folder
        self._failed, self._last = 0, ""

    def answer(self, item: Item) -> Reply:
        """Ask a system.

        Raises
        ------
        UnansweredError
            If its server fails, or it does for a fault of the program: this ends one item and no other.
        """
        if self._failed >= PATIENCE:
            raise UnansweredError(f"not asked, after {PATIENCE} failures in a row; the last: {self._last}")
        try:
            reply = ask(self._system, item, self._folder)
        except Exception as error:
            self._count(f"a fault of the program: {type(error).__name__}", fault=True)
            raise UnansweredError(self._last) from error
        if reply.passing:
            self._count(reply.error or "no answer")
            raise UnansweredError(self._last)
        self._failed = 0
        return reply

    def _count(self, words: str, *, fault: bool = False) -> None:
        self._failed, self._last = self._failed + (not fault), words


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
                value=headline(made),
                answer=made.answer,
                explanation=made.explanation,
                metadata=made.model_dump(mode="json"),
            )

        return score

    return graded()


def headline(made: Grade) -> float:
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
