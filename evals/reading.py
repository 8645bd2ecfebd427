"""Read the logs of runs: one set of graded samples for each task and system, the newest of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from evals.metrics import Row
from evals.records import Card, Item
from evals.systems.controls import CONTROLS
from tools.types import ToolError


class Run(NamedTuple):
    """A system on a task."""

    card: Card
    system: str
    rows: tuple[Row, ...]
    items: dict[str, Item]
    meta: dict[str, Any]
    """Revision, versions, hashes, seed, folder."""
    log: Path
    unanswered: dict[str, str]
    """Samples without an answer for a reason that may pass, with the reason; the next run asks them again."""

    @property
    def is_control(self) -> bool:
        """Whether the system is a control."""
        return self.system.startswith(CONTROLS)


def collect(logs: Path, only: Sequence[Path] | None = None) -> list[Run]:
    """Read the newest log of every task and system below a folder that went through all samples.

    Parameters
    ----------
    logs : Path
        As given to `evals.running.run`.
    only : sequence of Path, optional
        These logs and no others.

    Raises
    ------
    ToolError
        If there is no log.
    """
    from inspect_ai.log import read_eval_log

    newest: dict[tuple[str, str, str], Run] = {}
    for path in sorted(only or logs.glob("*/*/*.eval"), key=lambda p: p.name):
        try:
            log = read_eval_log(str(path))
        except Exception:  # noqa: BLE001 - a damaged log is no run; the others are reported
            continue
        if log.status not in ("success", "error") or not log.samples or not log.eval.metadata:
            continue
        run = _run(log, path)
        newest[run.card.name, run.system, str(run.meta.get("data", ""))] = run
    if not newest:
        raise ToolError("There is no finished run in that folder; run a task first.", field="logs")
    return list(newest.values())


def _run(log: Any, path: Path) -> Run:
    meta = dict(log.eval.metadata)
    samples = list(_samples(log))
    open_ = {str(sample.id): sample.error.message for sample in log.samples if sample.error}
    return Run(
        Card.model_validate(meta.pop("card")), str(meta.pop("system")), tuple(row for row, _ in samples),
        {item.id: item for _, item in samples}, meta | {"created": log.eval.created}, path,
        open_,
    )  # fmt: skip


def _samples(log: Any) -> Iterator[tuple[Row, Item]]:
    for sample in log.samples or ():
        item = Item.model_validate(sample.metadata["item"])
        reply = sample.metadata.get("reply") or {}
        score = (sample.scores or {}).get("graded")
        graded: dict[str, Any] = (score.metadata or {}) if score else {}
        yield (
            Row(
                item.id, item.kind, item.group, item.category, graded.get("values", {}),
                bool(graded.get("invalid", True)), graded.get("details", {}) | _more(reply), reply.get("seconds", 0.0),
                reply.get("tokens", 0), "\n".join(reply.get("texts", ())), graded.get("explanation", ""),
                reply.get("error") or (sample.error.message if sample.error else None),
            ),
            item,
        )  # fmt: skip


def _more(reply: dict[str, Any]) -> dict[str, Any]:
    """What the report shows of a reply that no scorer needs: what was called, how sure each stage was."""
    made: dict[str, Any] = {}
    if reply.get("tool_calls"):
        made["tool_calls"] = reply["tool_calls"]
    sure = [(epoch.get("probabilities") or {}).get(epoch.get("stage")) for epoch in reply.get("epochs", ())]
    if any(value is not None for value in sure):
        made["confidences"] = sure
    return made
