"""How well one of an entry's names fits a question as a whole.

BM25 adds up words wherever they stand, so an entry whose many names all hold "spindle" beats the entry that
is simply called so. Here each title and alias is compared on its own, and the best one counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray


class Names:
    """Titles and aliases of the entries, each as its set of stems.

    Parameters
    ----------
    names : sequence of sequence of sequence of str
        For each entry its names, for each name its stems.
    weight : callable
        Weight of a stem: the rarer, the heavier.
    """

    def __init__(self, names: Sequence[Sequence[Sequence[str]]], weight: Callable[[str], float]) -> None:
        sets = [[set(name) for name in entry if name] for entry in names]
        vocabulary = sorted({stem for entry in sets for name in entry for stem in name})
        self._column = {stem: i for i, stem in enumerate(vocabulary)}
        self._weight = weight
        self._first = np.cumsum([0, *(len(entry) for entry in sets)])[:-1]  # of each entry, among all names
        flat = [name for entry in sets for name in entry]
        self._held = np.zeros((len(flat), len(vocabulary)), dtype=np.float32)
        for row, name in enumerate(flat):
            for stem in name:
                self._held[row, self._column[stem]] = weight(stem)
        self._total = self._held.sum(axis=1)

    def scores(self, stems: Sequence[str]) -> NDArray[np.float64]:
        """Overlap of the question with the best name of each entry: 1 where they are the same words.

        Notes
        -----
        Dice's coefficient with weighted words: twice what is shared, over the sum of both.
        """
        unique = set(stems)
        asked = sum(self._weight(stem) for stem in unique)
        columns = [self._column[stem] for stem in unique if stem in self._column]
        shared = self._held[:, columns].sum(axis=1)
        return np.asarray(np.maximum.reduceat(2 * shared / (asked + self._total), self._first), dtype=float)
