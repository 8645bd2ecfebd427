"""Stages of a recording as the agent uses them: staged once, kept beside its events, read epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.workbench import Workbench
from tools.labels import STAGES
from tools.types import Measurement, NotAnalysed, Record, ToolError

EPOCH = 30.0


class StagedEpoch(Record):
    """One epoch with its stage and what makes it so."""

    onset: float
    duration: float = EPOCH
    stage: str | None
    reason: str | None = None
    confidence: float | None = None
    probabilities: dict[str, float] = {}
    rules: tuple[str, ...] = ()
    measurements: tuple[Measurement, ...] = ()


class Night(Record):
    """A staged recording."""

    epochs: tuple[StagedEpoch, ...]
    statistics: dict[str, Any] = {}
    method: str = ""
    notes: tuple[str, ...] = ()
    not_analysed: tuple[NotAnalysed, ...] = ()


def check_stages(names: Sequence[str]) -> tuple[str, ...]:
    """Stages by their names, each once; ToolError names those there are."""
    known = {"WAKE": "W", "REM": "R", **{stage: stage for stage in STAGES}}
    found = [known.get(str(name).strip().upper()) for name in names]
    if None in found:
        raise ToolError(
            "There is no such stage; stages are W, N1, N2, N3 and R.", field="stages", choices=STAGES
        )
    return tuple(dict.fromkeys(stage for stage in found if stage))


def staged(bench: Workbench) -> Night:
    """The recording's stages, scored now where nobody asked before."""
    raise ToolError("Sleep stages cannot be scored in this version.", field="stages")
