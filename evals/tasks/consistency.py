"""One segment asked in eight ways: do the answers agree, and do those change that should?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.glossa_bench import findings
from evals.glossa_bench.absence import absent
from evals.glossa_bench.make import make
from evals.glossa_bench.premises import NOUNS
from evals.glossa_bench.talk import TALK
from evals.glossa_bench.voice import Voice
from evals.grading import truth_of
from evals.records import Card, Item, Task
from evals.tasks.consistency_variants import LATER_S, VARIANTS, write_variants
from models.truth import Truth
from tools.labels import EPILEPTIFORM

CARD = Card(
    name="consistency",
    title="The same segment asked in eight ways",
    measures="Whether answers on one segment contradict each other (as a description, a choice and a question; in "
    "another montage; mirrored; 20 s later; after a leading question), and whether those change that should: sides "
    "when left and right are exchanged, times after the delay, waves with a polarity when the signal is turned over.",
    source="Segments and questions of glossa-bench, from the simulator of this project; the copies are computed.",
    licence="As the project.",
    floor="A constant text never contradicts itself and changes nothing: only the two figures together say something",
    ceiling="No contradiction and nothing that stays. Of people it is not known",
    primary="contradictions",
)
ASKED_AGAIN = tuple(VARIANTS)
_SUPPOSED = (*EPILEPTIFORM, "seizure", "GPD", "spindle", "kcomplex")
"""What the leading question may claim to see, the first that is not there."""


def load(
    folder: Path, *, limit: int | None = None, seed: int = 0, size: int = 2, source: str = "test"
) -> Task:
    """Make the segments and their copies below a folder, or take those that lie there.

    Parameters
    ----------
    folder : Path
        It gets the segments of glossa-bench of this seed and size, and their copies.
    limit : int, optional
        At most so many segments, spread over the categories.
    seed : int
        Number of the set.
    size : int
        Segments of each category.
    source : str
        ``test``, or ``tuning`` for work on a system: other persons and wordings.
    """
    bench, others = segments(folder, seed=seed, size=size, source=source)
    copies = folder / f"copies-{bench.sources['labels'][:12]}"
    groups = by_segment(bench)
    chosen = spread(list(groups), limit)
    for group in dict.fromkeys(number for name in chosen for number in (name, partner_of(groups[name]))):
        write_variants(bench.folder / "eeg" / f"{group}.edf", copies)
    items = [_item(groups[group], bench.folder, folder, copies.name, seed, source) for group in chosen]
    return Task(card=CARD, folder=folder, items=tuple(items), seed=seed, sources=bench.sources | others)


def segments(folder: Path, *, seed: int, size: int, source: str) -> tuple[Task, dict[str, str]]:
    """The segments of glossa-bench, and what the constant template is chosen from: tuning segments."""
    bench = make(folder / f"{source}-{seed}-{size}", size=size, seed=seed, source=source)
    tuning = make(folder / "references", size=1, seed=1, source="tuning")
    told = [item.reference for item in tuning.items if item.kind == "description"]
    return bench, {"template_references": "\n".join(told)}


def by_segment(bench: Task) -> dict[str, dict[str, Item]]:
    """Items of each segment by their kind; nights are left out."""
    groups: dict[str, dict[str, Item]] = {}
    for item in bench.items:
        if item.kind != "stages":
            groups.setdefault(item.group, {})[item.kind] = item
    return groups


def spread(names: Sequence[str], limit: int | None) -> list[str]:
    """At most so many of a list, evenly spread."""
    most = len(names) if limit is None else min(limit, len(names))
    return [names[len(names) * number // most] for number in range(most)]


def partner_of(items: dict[str, Item]) -> str:
    """Number of the segment that stands in for this one in the swapped control."""
    return Path(items["description"].partner).stem


def _item(
    items: dict[str, Item], bench: Path, root: Path, copies: str, seed: int, source: str
) -> Item:  # fmt: skip
    described = items["description"]
    truth = truth_of(described, bench)
    if truth is None:
        raise RuntimeError("a segment of the benchmark has no truth")
    voice = Voice(TALK[source], np.random.default_rng([seed, 7, int(described.group)]))
    here, inside = bench.relative_to(root).as_posix(), described.recording.rpartition("/")[2]
    beside = described.partner.rpartition("/")[2]

    def part(variant: str, of: Item, before: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
        copied = variant in VARIANTS
        changed = {
            "id": f"{of.group}-{variant}", "turns": (*before, *of.turns), "images": (),
            "recording": f"{copies}/{variant}/{inside}" if copied else f"{here}/{of.recording}",
            "partner": f"{copies}/{variant}/{beside}" if copied else f"{here}/{of.partner}",
            "truth": f"{here}/{of.truth}", "expects": {**of.expects, "variant": variant, **more},
        }  # fmt: skip
        return of.model_copy(update=changed).model_dump(mode="json")

    parts = [part("caption", described), part("mcq", items["mcq"]), part("qa", items["qa"])]
    parts += [part(variant, described) for variant in ASKED_AGAIN if variant != "shifted"]
    late = part("shifted", described, by=LATER_S) | {"onset": LATER_S}
    led = part("leading", described, before=(leading(truth, voice),))
    every = [*parts, late, led]
    return described.model_copy(update={
        "id": f"{described.group}-consistency", "kind": "consistency", "images": (), "reference": "",
        "recording": f"{here}/{described.recording}", "truth": f"{here}/{described.truth}",
        "partner": f"{here}/{described.partner}", "expects": {"parts": every},
        "turns": tuple(turn for one in every for turn in one["turns"]),
    })  # fmt: skip


def leading(truth: Truth, voice: Voice) -> str:
    """A question that takes for granted what the segment does not show."""
    name = next((name for name in _SUPPOSED if absent(truth, name)), "seizure")
    supposed = findings.imagined("spike", voice.rng)
    return voice.say("leading", plural=NOUNS[name], site=supposed.site, side=supposed.side)
