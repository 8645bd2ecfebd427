"""The shape of what a look at the signal gives: words for the model, facts for everyone else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.facts import Facts
from agent.findings import Finding
from tools.types import Measurement

Seen = tuple[str, Facts]
"""Words for the model, facts for everyone else."""


def looked(tool: str, onset: float, duration: float) -> Measurement:
    """State the span that was looked at, so that an answer may name it."""
    return Measurement(
        onset=onset, duration=duration, quantity="span looked at", value=duration, unit="s", tool=tool
    )  # fmt: skip


def payload(findings: Sequence[Finding]) -> dict[str, Any]:
    """Findings as the payload of facts."""
    return {"findings": [finding.model_dump(mode="json") for finding in findings]}


def words_of(findings: Sequence[Finding]) -> str:
    """Findings as the words for a model."""
    return " ".join(finding.statement for finding in findings) or "Nothing could be measured there."
