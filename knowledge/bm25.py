"""Okapi BM25 over stemmed words, with fields that weigh differently.

References
----------
Robertson S, Zaragoza H. The Probabilistic Relevance Framework: BM25 and Beyond. Foundations and Trends in
Information Retrieval 2009;3:333-389. https://doi.org/10.1561/1500000019 (the simple BM25F of section 3.6)
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence, Set

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
"""How soon more of the same word stops adding to the score."""
B = 0.75
"""How strongly long fields are discounted."""

Fields = Mapping[str, Sequence[str]]
"""Stems of one document by field."""


class BM25:
    """Scores of documents for the words of a question.

    Parameters
    ----------
    documents : sequence of mapping
        For each document the stems of every field in `weights`.
    weights : mapping
        Weight of each field: a word there counts as if it occurred that many times.

    Notes
    -----
    All that a word can add to a document is computed here, so that a question is a sum of columns.
    """

    def __init__(self, documents: Sequence[Fields], weights: Mapping[str, float]) -> None:
        self._n = len(documents)
        counts = [{field: Counter(doc[field]) for field in weights} for doc in documents]
        frequency = Counter(stem for doc in counts for stem in set().union(*doc.values()))
        self._column = {stem: i for i, stem in enumerate(sorted(frequency))}
        self._idf = np.array([self._idf_of(frequency[stem]) for stem in sorted(frequency)])
        weighted = np.zeros((self._n, len(self._column)))
        for field, weight in weights.items():
            lengths = np.array([doc[field].total() for doc in counts])
            discount = 1 - B + B * lengths / max(lengths.mean(), 1.0)
            for row, doc in enumerate(counts):
                for stem, count in doc[field].items():
                    weighted[row, self._column[stem]] += weight * count / discount[row]
        self._parts = self._idf * weighted * (K1 + 1) / (K1 + weighted)  # (documents, stems)

    def _idf_of(self, frequency: int) -> float:
        return math.log(1 + (self._n - frequency + 0.5) / (frequency + 0.5))

    def scores(self, stems: Sequence[str]) -> NDArray[np.float64]:
        """Score every document; 0 where it shares no word with the question.

        Parameters
        ----------
        stems : sequence of str
            Stems of the question; unknown ones add nothing.

        Returns
        -------
        ndarray of float, shape (documents,)
        """
        columns = [self._column[stem] for stem in stems if stem in self._column]
        return np.asarray(self._parts[:, columns].sum(axis=1))

    def share(self, stems: Sequence[str], known: Set[str]) -> float:
        """Share of a question's information that lies in `known` words, 0 to 1.

        A word that no document uses weighs as much as the rarest used one, so that one common word does
        not make a question about something else look answerable. Numbers say nothing about the subject.
        """
        weights = {stem: self.weight(stem) for stem in stems if not stem[0].isdigit()}
        total = sum(weights.values())
        return sum(w for stem, w in weights.items() if stem in known) / total if total else 0.0

    def weight(self, stem: str) -> float:
        """Inverse document frequency; an unknown stem weighs as much as the rarest."""
        column = self._column.get(stem)
        return self._idf_of(0) if column is None else float(self._idf[column])
