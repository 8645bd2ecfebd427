"""Write the benchmark into a folder, or take the one that is there already.

A set is made beside its folder and moved into place when it is whole, so that a run that is killed leaves nothing
half.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from evals.glossa_bench.card import CARD
from evals.glossa_bench.items import WORDS, segment_items
from evals.glossa_bench.nights import EPOCHS, NIGHTS, write_one
from evals.glossa_bench.slots import Slot, draw, night_seeds, slots
from evals.glossa_bench.voice import Voice
from evals.records import Item, Task
from models.frozen import FINGERPRINT
from models.frozen import VERSION as SIMULATOR
from models.simulate import Simulated, write_edf
from models.truth import Truth
from tools.types import ToolError

Progress = Callable[[float], None]


def make(
    folder: Path,
    *,
    size: int = 10,
    seed: int | None = None,
    source: str = "test",
    progress: Progress | None = None,
) -> Task:
    """Make the benchmark, unless the folder holds this very set.

    Parameters
    ----------
    folder : Path
        It gets ``eeg``, ``truth``, ``items.jsonl`` and ``recipe.json``, and ``img`` as pictures are asked for.
    size : int
        Segments of each of the seventeen categories, 1 to 50; the first ones are the same for every size.
    seed : int, optional
        Number of the set, 0 to 19; each has its own persons. The first when left out.
    source : str
        ``test``, or ``tuning``: other persons, the standard generator only, and other wordings.
    progress : callable, optional
        Told which share is done.

    Raises
    ------
    ToolError
        If a number is out of range, or the folder holds something else.
    """
    wanted = recipe(source, size, seed or 0)
    held = _held(folder)
    if held is not None and held.get("recipe_sha256") == wanted["recipe_sha256"]:
        task = load(folder)
        if task.sources["labels"] == held.get("labels_sha256"):
            return task
    part = _clear(folder)
    try:
        _write(part, wanted, slots(source, size, seed or 0), progress)
        old = folder.with_name(f"{part.name}-old")
        if folder.exists():
            os.replace(folder, old)
        os.replace(part, folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return load(folder)


def recipe(source: str, size: int, seed: int) -> dict[str, Any]:
    """Say what a set is made from, with the SHA-256 of it."""
    chosen = slots(source, size, seed)
    made_from: dict[str, Any] = {
        "version": CARD.version, "source": source, "size": size, "seed": seed, "segments": len(chosen),
        "nights": night_seeds(source, seed, NIGHTS), "epochs_a_night": EPOCHS,
        "first_person": chosen[0].first_person, "simulator": SIMULATOR, "simulator_sha256": FINGERPRINT,
        "wordings_sha256": _sha(json.dumps(WORDS[source], sort_keys=True)),
    }  # fmt: skip
    return made_from | {"recipe_sha256": _sha(json.dumps(made_from, sort_keys=True))}


def load(folder: Path) -> Task:
    """Read the set that a folder holds.

    Raises
    ------
    ToolError
        If it holds none, or one of which files are missing.
    """
    held = _held(folder)
    if held is None:
        raise ToolError("There is no benchmark in that folder; make it first.", field="folder")
    items = tuple(Item.model_validate_json(line) for line in _lines(folder))
    missing = sum(not (folder / name).is_file() for item in items for name in (item.recording, item.truth))
    if missing:
        raise ToolError(
            f"The benchmark lacks {missing} of its files; remove the folder and make it again.",
            field="folder",
        )
    found = {"recipe": str(held["recipe_sha256"]), "labels": labels_sha256(folder)}
    return Task(card=CARD, folder=folder, items=items, seed=int(held["seed"]), sources=found)


def labels_sha256(folder: Path) -> str:
    """SHA-256 of the items and of every truth."""
    names = ["items.jsonl", *sorted(f"truth/{path.name}" for path in (folder / "truth").glob("*.json"))]
    whole = hashlib.sha256()
    for name in names:
        whole.update(name.encode() + (folder / name).read_bytes())
    return whole.hexdigest()


def _write(part: Path, wanted: dict[str, Any], chosen: list[Slot], progress: Progress | None) -> None:
    for name in ("eeg", "truth"):
        (part / name).mkdir(parents=True)
    source, seed = str(wanted["source"]), int(wanted["seed"])
    items: list[Item] = []
    steps = len(chosen) + 20 * NIGHTS
    truths: list[Truth] = []
    for number, slot in enumerate(chosen, start=1):
        made = draw(slot)
        write_edf(Simulated(made.segment, ()), part / "eeg" / f"{number:03d}.edf")
        _write_truth(part / "truth" / f"{number:03d}.json", made.truth)
        truths.append(made.truth)
        if progress is not None:
            progress(number / steps)
    partners = _partners(truths)
    for number, (slot, truth) in enumerate(zip(chosen, truths, strict=True), start=1):
        items += segment_items(slot, truth, number, partners[number - 1] + 1)
    for number, night in enumerate(wanted["nights"], start=1):
        voice = Voice(WORDS[source], np.random.default_rng([seed, 3, number]))
        item, truth = write_one(part, number, night, voice, partner=number % NIGHTS + 1)
        _write_truth(part / "truth" / f"night{number}.json", truth)
        items.append(item)
        if progress is not None:
            progress((len(chosen) + 20 * number) / steps)
    (part / "items.jsonl").write_text(
        "".join(item.model_dump_json() + "\n" for item in items), encoding="utf-8"
    )
    told = wanted | {"labels_sha256": labels_sha256(part)}
    (part / "recipe.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _partners(truths: list[Truth]) -> list[int]:
    """For each segment another one of another category, half a set away."""
    found = []
    for number, truth in enumerate(truths):
        others = ((number + len(truths) // 2 + step) % len(truths) for step in range(len(truths)))
        found.append(next((n for n in others if truths[n].category != truth.category), number))
    return found


def _write_truth(path: Path, truth: Truth) -> None:
    text = json.dumps(truth.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")


def _held(folder: Path) -> dict[str, Any] | None:
    path = folder / "recipe.json"
    try:
        held = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    except ValueError:
        return None
    return held if isinstance(held, dict) and "recipe_sha256" in held and "seed" in held else None


def _lines(folder: Path) -> list[str]:
    path = folder / "items.jsonl"
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _clear(folder: Path) -> Path:
    """Give an empty folder beside the one asked for, and refuse one that holds something else."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and _held(folder) is None)):
        raise ToolError(
            "That folder holds something else; name one that is empty or does not exist.", field="folder"
        )
    prefix = f".{folder.name}.making-"
    for left in folder.parent.glob(f"{prefix}*"):
        if not _alive(left.name.removeprefix(prefix).removesuffix("-old")):
            shutil.rmtree(left, ignore_errors=True)
    part = folder.with_name(f"{prefix}{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    return part


def _alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
