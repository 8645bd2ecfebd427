"""The night part: forty minutes that hold all five stages, with the rules that are true of every epoch."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evals.glossa_bench.rules import true_rules
from evals.glossa_bench.voice import Voice
from evals.records import Item
from models.hypnogram import EPOCH
from models.night import write_night
from models.truth import Truth

EPOCHS = 80
NIGHTS = 2


def short_night(rng: np.random.Generator, epochs: int = EPOCHS) -> tuple[str, ...]:
    """Draw the stages of a short night: two cycles, the second after a waking, with usual transitions only.

    Stages change as in whole nights, but each bout is far shorter, so that every stage is met in forty minutes.
    """
    lengths = (
        ("W", 4, 7), ("N1", 3, 6), ("N2", 9, 14), ("N3", 8, 13), ("N2", 3, 6), ("R", 6, 11),
        ("W", 1, 4), ("N1", 2, 4), ("N2", 7, 11), ("N3", 3, 6), ("N2", 2, 5), ("R", 5, 9), ("W", 1, 3),
    )  # fmt: skip
    stages = [stage for stage, low, high in lengths for _ in range(int(rng.integers(low, high)))]
    return tuple([*stages, *["W"] * max(0, epochs - len(stages))][:epochs])


def write_one(folder: Path, number: int, seed: int, voice: Voice, partner: int) -> tuple[Item, Truth]:
    """Write a night and its truth below a folder; give what is asked about it."""
    name = f"night{number}"
    path = folder / "eeg" / f"{name}.edf"
    truth = write_night(path, seed, stages=short_night(np.random.default_rng([seed, 77])), montage="sleep")
    for extra in (f"{name}_truth.json", f"{name}_events.tsv"):
        path.with_name(extra).unlink()
    rules = true_rules(truth.stages, truth.planted, truth.decoys)
    item = Item(
        id=f"{name}-stages", kind="stages", group=name, category="night", recording=f"eeg/{name}.edf",
        duration=len(truth.stages) * EPOCH, turns=(voice.say("ask stages"),), reference=" ".join(truth.stages),
        truth=f"truth/{name}.json", partner=f"eeg/night{partner}.edf",
        expects={"stages": list(truth.stages), "rules": [list(one) for one in rules]},
    )  # fmt: skip
    return item, truth
