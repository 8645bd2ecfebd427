"""Controls: what a score is worth is its distance to systems that do not look at the signal."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.records import LETTERS, Item, Reply, System
from tools.types import Segment

CONTROLS = ("template", "majority", "text-only", "swapped")
NOISE_SEED, NOISE_UV = 1, 10.0


class Template:
    """One text for every description: the reference that resembles the others most, from other segments."""

    name = "template"

    def __init__(self, references: Sequence[str]) -> None:
        self.text = medoid(references)

    def reply(self, item: Item, folder: Path) -> Reply:
        """Give the same text whatever is asked; nothing to options."""
        if item.options or item.kind in ("boxes", "stages"):
            return Reply(error="a template has no choice to make")
        return Reply(texts=(self.text,) * len(item.turns))


def medoid(texts: Sequence[str], most: int = 60) -> str:
    """The text with the highest mean ROUGE-1 to the others: the strongest single answer there is."""
    from evals.scorers.rouge import tokens

    some = list(dict.fromkeys(texts))[:most]
    if len(some) < 2:
        return some[0] if some else ""
    # F1 is symmetric, and of single tokens it is a matter of counting: 60 texts take 30 ms, not some seconds.
    counts = [Counter(tokens(text)) for text in some]
    means = [np.mean([_shared(a, b) for b in counts if b is not a]) for a in counts]
    return some[int(np.argmax(means))]


def _shared(a: Counter[str], b: Counter[str]) -> float:
    """ROUGE-1 F1 of two texts by their tokens."""
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0


class Majority:
    """The option that is right most often, the stage that is most frequent."""

    name = "majority"

    def __init__(self, items: Sequence[Item]) -> None:
        keys = Counter(item.key for item in items if item.options)
        self.letter = min(keys, key=lambda k: (-keys[k], k)) if keys else LETTERS[0]
        stages = Counter(s for item in items for s in item.expects.get("stages", ()))
        self.stage = min(stages, key=lambda k: (-stages[k], k)) if stages else "N2"

    def reply(self, item: Item, folder: Path) -> Reply:
        """Choose the same letter everywhere, stage every epoch alike."""
        if item.kind == "stages":
            same: dict[str, Any] = {"stage": self.stage, "aliases": []}
            return Reply(epochs=(same,) * len(item.expects.get("stages", ())), texts=(self.stage,))
        if not item.options:
            return Reply(error="a majority needs options")
        letter = self.letter if LETTERS.index(self.letter) < len(item.options) else LETTERS[0]
        return Reply(texts=(f"**{letter}.**",), choice=letter)


class TextOnly:
    """The same system with the question alone: in place of the signal it gets noise that holds nothing."""

    def __init__(self, inner: System, folder: Path) -> None:
        self.name = f"text-only {inner.name}"
        self.inner = inner
        self.folder = folder

    def reply(self, item: Item, folder: Path) -> Reply:
        """Ask the system about noise of the same length."""
        if item.kind == "stages":
            return Reply(error="without a signal there is nothing to stage")
        blank = self.folder / f"noise_{item.onset + item.duration:g}.edf"
        if not blank.exists():
            _write_noise(blank, item.onset + item.duration)
        return self.inner.reply(item.model_copy(update={"recording": blank.name, "images": ()}), self.folder)


class Swapped:
    """The same system looking at another item's signal or picture."""

    def __init__(self, inner: System) -> None:
        self.name = f"swapped {inner.name}"
        self.inner = inner

    def reply(self, item: Item, folder: Path) -> Reply:
        """Ask the system with the partner's recording in place of the item's."""
        if not item.partner:
            return Reply(error="this item has no partner to swap with")
        pictured = not item.recording
        change = {"images": (item.partner,)} if pictured else {"recording": item.partner, "images": ()}
        return self.inner.reply(item.model_copy(update=change), folder)


def _write_noise(path: Path, seconds: float) -> None:
    """Write 1/f noise of the usual size at 19 electrodes, the same every time."""
    from models.simulate import Simulated, write_edf
    from tools.labels import TEN_TWENTY

    sfreq, rng = 200.0, np.random.default_rng(NOISE_SEED)
    count = max(int(np.ceil(seconds * sfreq)), int(sfreq))
    spectrum = np.fft.rfft(rng.standard_normal((len(TEN_TWENTY), count)), axis=1)
    frequency = np.maximum(np.fft.rfftfreq(count, 1 / sfreq), 0.5)
    data = np.fft.irfft(spectrum / frequency**0.75, count, axis=1)
    data *= NOISE_UV / data.std(axis=1, keepdims=True)
    # Two samples may be the first at once: each writes a file of its own, and either will do.
    unfinished = path.with_name(f"{path.stem}-{threading.get_ident()}.part.edf")
    write_edf(Simulated(Segment(data, TEN_TWENTY, sfreq, reference="linked ears"), ()), unfinished)
    unfinished.replace(path)
