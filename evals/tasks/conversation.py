"""Conversations on segments, each turn leaning on the ones before, scored turn by turn."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evals.glossa_bench.talk import TALK, conversation
from evals.glossa_bench.voice import Voice
from evals.grading import truth_of
from evals.records import Card, Item, Task
from evals.tasks.consistency import by_segment, segments, spread

CARD = Card(
    name="conversation",
    title="Conversations of 4 to 8 turns on simulated segments",
    measures="Whether every answer in a conversation is right: an overview, follow-ups by pronoun, corrections, false "
    "premises, numbers, and a return to what was spoken of before.",
    source="Segments of glossa-bench, from the simulator of this project; the turns are made from the truth.",
    licence="As the project.",
    floor="The constant template and noise in place of the signal; turns on what is absent are right for whoever "
    "denies everything",
    ceiling="All turns: only what stands out is asked for. Of people it is not known",
    primary="turns right",
)
SIZE, USUAL = 2, 24


def load(
    folder: Path, *, limit: int | None = None, seed: int = 0, size: int | None = None, source: str = "test"
) -> Task:
    """Make the segments below a folder, or take those that lie there, and a conversation on each.

    Parameters
    ----------
    folder : Path
        It gets the segments of glossa-bench of this seed and size.
    limit : int, optional
        At most so many conversations, spread over the categories.
    seed : int
        Number of the set.
    size : int, optional
        Segments of each category; when left out, 24 conversations are spread over two of each.
    source : str
        ``test``, or ``tuning`` for work on a system: other persons and wordings.
    """
    bench, others = segments(folder, seed=seed, size=size or SIZE, source=source)
    groups = by_segment(bench)
    most = limit if limit is not None else USUAL if size is None else None
    here = bench.folder.relative_to(folder).as_posix()
    items = [_item(groups[group]["description"], bench.folder, here, seed, source)
             for group in spread(list(groups), most)]  # fmt: skip
    return Task(card=CARD, folder=folder, items=tuple(items), seed=seed, sources=bench.sources | others)


def _item(described: Item, bench: Path, here: str, seed: int, source: str) -> Item:
    truth = truth_of(described, bench)
    if truth is None:
        raise RuntimeError("a segment of the benchmark has no truth")
    voice = Voice(TALK[source], np.random.default_rng([seed, 11, int(described.group)]))
    turns = conversation(truth, voice)
    return described.model_copy(update={
        "id": f"{described.group}-dialogue", "kind": "dialogue", "reference": "", "images": (),
        "turns": tuple(turn.text for turn in turns), "recording": f"{here}/{described.recording}",
        "truth": f"{here}/{described.truth}", "partner": f"{here}/{described.partner}",
        "expects": {"turns": [turn.expects | {"role": turn.role} for turn in turns]},
    })  # fmt: skip
