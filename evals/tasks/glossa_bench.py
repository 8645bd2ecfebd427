"""Our own benchmark, made by the simulator from persons and generators that nothing was tuned on."""

from __future__ import annotations

from pathlib import Path

from evals.glossa_bench.card import CARD
from evals.glossa_bench.make import make
from evals.records import Task

__all__ = ["CARD", "load"]
TEMPLATE_SIZE = 2


def load(folder: Path, *, limit: int | None = None, seed: int = 0, size: int = 10) -> Task:
    """Make the benchmark below a folder, or take the one that lies there.

    Parameters
    ----------
    folder : Path
        It gets one folder for each seed and size, and one of the tuning set, whose references are what the
        constant template is chosen from.
    limit : int, optional
        At most so many items, spread over the categories.
    seed : int
        Number of the set.
    size : int
        Segments of each category.
    """
    task = make(folder / f"test-{seed}-{size}", size=size, seed=seed)
    others = make(folder / "tuning", size=TEMPLATE_SIZE, source="tuning")
    references = [item.reference for item in others.items if item.kind == "description"]
    items = task.items
    if limit is not None and limit < len(items):
        items = tuple(items[len(items) * n // limit] for n in range(limit))
    told = task.sources | {"template_references": "\n".join(references)}
    return task.model_copy(update={"items": items, "sources": told})
