"""Vectors for texts, made here: no model, no download, the same numbers on every machine.

A text becomes the weighted counts of the three- and four-letter pieces of its words, hashed into a fixed
number of places. Pieces meet where words differ in ending, spelling or compounding; whole words are the
business of :mod:`knowledge.bm25`.

References
----------
Weinberger K, et al. Feature Hashing for Large Scale Multitask Learning. ICML 2009.
https://doi.org/10.1145/1553374.1553516
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

VERSION = 1
"""Raise it whenever the same text would give another vector: stores made before are then rebuilt."""
DIMENSION = 2048
_LENGTHS = (3, 4)


def _pieces(words: Iterable[str]) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for word in words:
        padded = f" {word} "
        for n in _LENGTHS:
            pieces.update(padded[i : i + n] for i in range(len(padded) - n + 1))
    return pieces


def _hashed(weighted: Mapping[str, float]) -> NDArray[np.float64]:
    vector = np.zeros(DIMENSION)
    for piece, weight in weighted.items():
        vector[zlib.crc32(piece.encode()) % DIMENSION] += weight
    return np.log1p(vector)


class Vectoriser:
    """TF-IDF of hashed word pieces, fitted on the rules.

    Parameters
    ----------
    documents : sequence of mapping
        For each document the words of every field in `weights`.
    weights : mapping
        Weight of each field.
    """

    def __init__(
        self, documents: Sequence[Mapping[str, Sequence[str]]], weights: Mapping[str, float]
    ) -> None:
        raw = np.stack([_hashed(_weighted(document, weights)) for document in documents])
        self._idf = np.log((1 + len(documents)) / (1 + (raw > 0).sum(axis=0))) + 1
        self.documents = _unit(raw * self._idf)
        """Vectors of the documents, float32 of unit length, (documents, DIMENSION)."""

    def vector(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Vector of a question, of unit length; zeros where nothing is left to count."""
        return _unit(_hashed(_pieces(words)) * self._idf)


def _weighted(document: Mapping[str, Sequence[str]], weights: Mapping[str, float]) -> dict[str, float]:
    total: dict[str, float] = {}
    for field, weight in weights.items():
        for piece, count in _pieces(document[field]).items():
            total[piece] = total.get(piece, 0.0) + weight * count
    return total


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    norm = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(norm > 0, norm, 1.0), dtype=np.float32)
