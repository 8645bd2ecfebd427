"""Sentences from templates: which wording is taken is left to chance, what is said is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

Wordings = Mapping[str, tuple[str, ...]]


class Voice(NamedTuple):
    """A set of wordings and the chance that picks among them."""

    words: Wordings
    rng: np.random.Generator

    def say(self, slot: str, **values: object) -> str:
        """Fill one of the wordings of a slot and begin it with a capital."""
        choices = self.words[slot]
        text = choices[int(self.rng.integers(len(choices)))].format(**values)
        return text[:1].upper() + text[1:]

    def part(self, slot: str, **values: object) -> str:
        """Fill one of the wordings of a slot that stands inside of a sentence."""
        choices = self.words[slot]
        return choices[int(self.rng.integers(len(choices)))].format(**values)
