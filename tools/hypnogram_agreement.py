"""How far two scorings of one recording agree: accuracy, kappa, and F1 of every stage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from tools.labels import STAGES
from tools.types import Record, ToolError


class Agreement(Record):
    """Agreement over the epochs that both scored."""

    epochs: int
    accuracy: float = Field(ge=0, le=1)
    kappa: float | None
    """Cohen's; None where chance alone would agree everywhere."""
    f1: dict[str, float | None]
    """By stage; None for a stage that neither gave."""
    macro_f1: float | None
    """Mean over the stages of the reference."""
    confusion: dict[str, dict[str, int]]
    """Epochs by the stage of the reference, then by that of the other."""
    left_out: int
    """Epochs that one of the two left without a stage."""


def agreement(reference: Sequence[str | None], other: Sequence[str | None]) -> Agreement:
    """Compare two scorings epoch by epoch.

    Parameters
    ----------
    reference, other : sequence of str or None
        Stages on the same grid; the longer one is cut.

    Returns
    -------
    Agreement

    Raises
    ------
    ToolError
        If no epoch was scored by both.

    References
    ----------
    Cohen (1960), Educ Psychol Meas 20:37, https://doi.org/10.1177/001316446002000104.
    """
    pairs = list(zip(reference, other, strict=False))
    both = [(STAGES.index(a), STAGES.index(b)) for a, b in pairs if a is not None and b is not None]
    if not both:
        raise ToolError("No epoch is scored by both.", field="scoring")
    table = np.zeros((len(STAGES), len(STAGES)), dtype=int)
    for first, second in both:
        table[first, second] += 1
    total = int(table.sum())
    accuracy = float(np.trace(table) / total)
    chance = float((table.sum(axis=0) * table.sum(axis=1)).sum() / total**2)
    sizes = table.sum(axis=0) + table.sum(axis=1)
    f1 = {
        stage: round(float(2 * table[i, i] / sizes[i]), 4) if sizes[i] else None
        for i, stage in enumerate(STAGES)
    }
    present = [f1[stage] or 0.0 for i, stage in enumerate(STAGES) if table[i].sum()]
    return Agreement(
        epochs=total,
        accuracy=round(accuracy, 4),
        kappa=round((accuracy - chance) / (1 - chance), 4) if chance < 1 else None,
        f1=f1,
        macro_f1=round(float(np.mean(present)), 4) if present else None,
        confusion={a: {b: int(table[i, j]) for j, b in enumerate(STAGES)} for i, a in enumerate(STAGES)},
        left_out=max(len(reference), len(other)) - total,
    )
