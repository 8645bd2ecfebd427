"""The published benchmark of CerebraGloss, from a folder that the user has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.records import LETTERS, Card, Item, ItemKind, Task
from evals.tasks.cerebragloss_files import Segment, read_mapping, read_segments
from evals.tasks.windows import folder_of, hashes, relative
from tools.types import ToolError

KINDS: tuple[ItemKind, ...] = ("description", "mcq", "qa", "boxes")
DURATION = 10.0
DESCRIBE = (
    "What does this EEG show?",
    "Read this page of EEG and report your findings.",
    "Give a full description of the ten seconds on this page.",
    "Report background, waveforms and artifacts of this EEG.",
)
"""Our own wordings; the ten published ones are not ours to ship."""
LOCATE = (
    "Which waveforms and artifacts are on this page? Give each with its channel, start and stop in seconds."
)

CARD = Card(
    name="cerebragloss-bench",
    title="CerebraGloss-Bench: 90 segments of 10 s",
    measures="Description, complex multiple choice, question and answer, and boxes, on pictures of 10 s of EEG.",
    source="CerebraGloss-Bench, from a folder that the user has; its schema is not public, so a small configuration "
    "maps its keys. Instructions are in our words. The items have the paper's 17 sub-categories.",
    licence="non-commercial research only, by its paper; not distributed here",
    floor="25 % of multiple choice by chance; ROUGE-1 0.505 by one constant text on the five keys the paper prints",
    ceiling="not published",
    primary="MCQ accuracy",
)
_PAPER = "CerebraGloss paper, 90 segments"
_DETECTOR = {
    "system": "CerebraGloss detector",
    "metric": "mAP@0.5",
    "value": 0.4095,
    "source": _PAPER,
    "published": True,
}
PUBLISHED: list[dict[str, Any]] = [
    {"system": name, "metric": metric, "value": value, "source": _PAPER, "published": True}
    for name, mcq, rouge, judge in (
        ("CerebraGloss-3B", 0.80, 0.4419, 4.76), ("CerebraGloss-7B", 0.8111, 0.4423, 4.64),
        ("GPT-5", 0.70, 0.3707, 4.58), ("Gemini-2.5-Pro", 0.5222, 0.3795, 3.86),
        ("Qwen2.5-VL-32B", 0.3778, 0.3690, 3.57), ("LLaVA-Med", None, 0.0887, 2.83),
        ("BioMedGPT", None, 0.1182, 1.29),
    )
    for metric, value in (("MCQ accuracy", mcq), ("ROUGE-1", rouge), ("GPT-5 judge, 1 to 10", judge))
    if value is not None
] + [_DETECTOR]  # fmt: skip


def load(
    folder: Path,
    *,
    limit: int | None = None,
    seed: int = 0,
    labels: str | None = None,
    mapping: Path | Mapping[str, Any] | None = None,
    kinds: Sequence[ItemKind] = KINDS,
) -> Task:
    """Make the items of the benchmark.

    Parameters
    ----------
    folder : Path
        ``img/*.jpg`` and one JSON or JSONL file.
    limit : int, optional
        Items at most; whole segments are drawn as far as it goes.
    seed : int
        Of the draw, and of the wording of instructions.
    labels : str, optional
        Name of the JSON file, where there are several.
    mapping : Path or mapping, optional
        Which key holds what; see `evals.tasks.cerebragloss_files.read_mapping`.
    kinds : sequence of str
        What to ask.

    Raises
    ------
    ToolError
        If a key is missing (those found are listed), or a picture is missing or does not decode. Every picture
        is looked at before anything runs.
    """
    folder = folder_of(folder, "img/*.jpg and a JSON file")
    if limit is not None and limit < 1:
        raise ToolError("Ask for one item at least.", field="limit")
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise ToolError("There is no such kind of item here.", field="kinds", choices=KINDS)
    path = _answers(folder, labels)
    segments = read_segments(path, folder, read_mapping(folder, mapping))
    check_pictures([segment.image for segment in segments])
    rng = np.random.default_rng(seed)
    order = [int(i) for i in rng.permutation(len(segments))]
    drawn = [(number, item) for number in order for item in _items(segments, number, folder, kinds, rng)]
    kept = [item for _, item in sorted(drawn[:limit], key=lambda pair: pair[0])]
    if not kept:
        raise ToolError("The file has nothing of the kinds asked for.", field="kinds", choices=KINDS)
    sources = hashes([path, *sorted({segment.image for segment in segments})], folder)
    return Task(card=CARD, folder=folder, items=tuple(kept), seed=seed, sources=sources)


def _answers(folder: Path, named: str | None) -> Path:
    if named is not None:
        if not (folder / named).is_file():
            raise ToolError("There is no such file in the folder.", field="labels")
        return folder / named
    found = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in (".json", ".jsonl") and path.name != "mapping.json"
    )
    if not found:
        raise ToolError("The folder holds no JSON or JSONL with questions and answers.", field="folder")
    if len(found) > 1:
        raise ToolError("The folder holds several JSON files; name the one with the questions.", field="labels",
                        choices=tuple(path.name for path in found))  # fmt: skip
    return found[0]


def check_pictures(paths: Sequence[Path]) -> None:
    """Decode every picture.

    Raises
    ------
    ToolError
        With the name of the first file that does not decode.
    """
    from PIL import Image

    for path in dict.fromkeys(paths):
        try:
            with Image.open(path) as picture:
                picture.load()
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            raise ToolError(
                f"{path.name} does not decode as a picture; put a sound copy in its place.", field="folder"
            ) from None


def _items(
    segments: Sequence[Segment], number: int, folder: Path, kinds: Sequence[ItemKind], rng: np.random.Generator
) -> list[Item]:  # fmt: skip
    """All that is asked about one segment."""
    segment = segments[number]
    boxes = (
        {}
        if segment.boxes is None
        else {"boxes": {k: [list(b) for b in v] for k, v in segment.boxes.items()}}
    )
    others = [s for s in segments if s.image != segment.image and s.category != segment.category]
    others = others or [s for s in segments if s.image != segment.image]
    partner = others[int(rng.integers(len(others)))].image if others else None
    base = Item(
        id="",
        kind="description",
        group=segment.image.stem,
        category=segment.category or "all",
        images=(relative(segment.image, folder),),
        duration=DURATION,
        turns=(DESCRIBE[int(rng.integers(len(DESCRIBE)))],),
        reference=segment.description,
        expects=boxes,
        partner=relative(partner, folder) if partner else "",
    )
    made: list[tuple[ItemKind, dict[str, Any]]] = []
    if segment.description:
        made.append(("description", {}))
    if segment.options:
        lines = [f"{letter}) {option}" for letter, option in zip(LETTERS, segment.options, strict=False)]
        turns = ("\n".join([segment.question, *lines]),)
        text = segment.options[LETTERS.index(segment.answer)]
        made.append(
            ("mcq", {"turns": turns, "options": segment.options, "key": segment.answer, "reference": text})
        )
    made += [("qa", {"turns": (question,), "reference": answer}) for question, answer in segment.qa]
    if segment.boxes is not None:
        made.append(("boxes", {"turns": (LOCATE,), "reference": ""}))
    items = []
    for n, (kind, change) in enumerate(made):
        if kind in kinds:
            items.append(
                base.model_copy(
                    update={"id": f"{base.group}/{number + 1}.{n + 1}-{kind}", "kind": kind, **change}
                )
            )
    return items
