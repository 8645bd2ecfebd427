"""The rule store: a Chroma collection on disk, searched by words and by vectors together.

Chroma holds the vectors, the texts and what they are filtered by. A store belongs to one state of the rule
files and one way of making vectors, and lies in a folder named after both. It is built beside its place and
moved there whole, so that a process never sees half of it, however many build at once. The vectors are read
from Chroma when the store opens and scored in memory: for a few hundred rules that is exact and quicker, and
it leaves no client open that a forked child would hang on.

References
----------
Cormack GV, Clarke CLA, Büttcher S. Reciprocal rank fusion outperforms Condorcet and individual rank learning
methods. SIGIR 2009, 758-759. https://doi.org/10.1145/1571941.1572114
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge import chroma, vectors
from knowledge.bm25 import BM25
from knowledge.names import Names
from knowledge.rulebase import STAGES, Rule, RuleBase, load_rules
from knowledge.types import Citation, KnowledgeError
from knowledge.vectors import Vectoriser
from knowledge.words import TELLING, Speller, content, stem, tokens

FIELD_WEIGHTS = {"title": 3.0, "aliases": 3.0, "text": 1.0, "params": 1.0}
_NAMES = ("title", "aliases")  # the fields that name a thing; running text also holds everyday words
WORD_WEIGHT = 2.0
"""Say of BM25 in the fusion; the vectors have 1."""
NAME_WEIGHT = 1.0
"""Say of the name that fits best."""
RANK_DAMPING = 5.0
"""Constant of reciprocal rank fusion: the smaller, the more the first places count."""
MIN_KNOWN_SHARE = 0.37
"""A question of which less than this is in words that name entries is about something else ..."""
MIN_LIKENESS = 0.3
"""... unless its word pieces resemble an entry at least this much (cosine)."""
_PARAM_WORDS: dict[str, tuple[str, ...]] = {
    "s": ("duration", "long", "length"), "ms": ("duration", "long", "length"), "hz": ("frequency", "hz"),
    "band": ("band", "range"), "rate": ("rate",), "uv": ("amplitude", "height", "voltage"),
    "ptp": ("amplitude",), "min": ("minimum",), "max": ("maximum",), "frac": ("percent", "share"),
    "pct": ("percent", "share"), "cycles": ("cycles",), "channel": ("channel", "derivation"),
}  # fmt: skip
EXACT = 0.99
"""Fit from which a question is an entry's name and nothing else."""
_STAGE_NAMES = {"WAKE": "W", "REM": "R"}


def open_store(folder: Path) -> RuleStore:
    """Open the store of the project's rules, building it first where it is missing, stale or broken.

    Parameters
    ----------
    folder : Path
        Where stores may be kept; made when it does not exist. Stores of other states of the rules that lie
        there are removed when a new one is built.

    Returns
    -------
    RuleStore
        With :attr:`RuleStore.warning` set when the folder cannot be written: the store then lives in memory.

    Raises
    ------
    KnowledgeError
        If the rule files themselves are wrong.
    """
    base = load_rules()
    documents = [_words(rule) for rule in base.rules]
    vectoriser = Vectoriser(documents, FIELD_WEIGHTS)
    rows = chroma.Rows(
        ids=[rule.id for rule in base.rules],
        vectors=vectoriser.documents,
        texts=[rule.text for rule in base.rules],
        metadata=[_metadata(rule) for rule in base.rules],
    )
    name = f"rules-{_digest(base)}"
    try:
        served, warning = chroma.keep(Path(folder), name, rows), None
    except OSError as error:
        served = chroma.keep_in_memory(name, rows)
        reason = error.strerror or str(error)
        warning = f"The rule store cannot be kept on disk ({reason}); it lives in memory instead."
    return RuleStore(base, documents, vectoriser, served, warning)


def _words(rule: Rule) -> dict[str, list[str]]:
    return {
        "title": content(tokens(rule.title)),
        "aliases": content(tokens(" ; ".join(rule.aliases))),
        "text": content(tokens(rule.text)),
        # A rule with `dur_min_s` answers "minimum duration" though its text may say "half a second or more".
        "params": [
            word for key in rule.params for part in key.split("_") for word in _PARAM_WORDS.get(part, (part,))
        ],
    }


def _name(words: Sequence[str]) -> list[str]:
    return [word if word in TELLING else stem(word) for word in content(words, keep=TELLING)]


def _metadata(rule: Rule) -> dict[str, str]:
    return {
        "title": rule.title,
        "topic": rule.topic,
        "stages": " ".join(rule.stages),
        "provenance": rule.provenance,
    }


def _digest(base: RuleBase) -> str:
    """Name of the state of the rules and of the way vectors are made."""
    recipe = f"{base.digest} {vectors.VERSION} {vectors.DIMENSION} {sorted(FIELD_WEIGHTS.items())}"
    return hashlib.sha256(recipe.encode()).hexdigest()[:16]


class RuleStore:
    """The rules, findable. Made by :func:`open_store`; safe to share between threads."""

    def __init__(
        self,
        base: RuleBase,
        documents: Sequence[dict[str, list[str]]],
        vectoriser: Vectoriser,
        served: NDArray[np.float32],
        warning: str | None = None,
    ) -> None:
        self._base = base
        self._vectoriser = vectoriser
        self._vectors = served  # (rules, DIMENSION), as Chroma gave them back
        self._bm25 = BM25(
            [{f: [stem(w) for w in ws] for f, ws in d.items()} for d in documents], FIELD_WEIGHTS
        )
        names = {word for doc in documents for field in _NAMES for word in doc[field]}
        self._names = frozenset(stem(word) for word in names)
        self._exact = Names(
            [[_name(tokens(name)) for name in (rule.title, *rule.aliases)] for rule in base.rules],
            lambda word: 1.0 if word in TELLING else self._bm25.weight(word),
        )
        self._speller = Speller(
            names, others=(word for doc in documents for word in doc["text"] + doc["params"])
        )
        self._by_id = {rule.id.lower(): rule for rule in base.rules}
        self._by_id |= {rule.sleepvlm_rule.lower(): rule for rule in base.rules if rule.sleepvlm_rule}
        self.warning = warning
        """Why the store is not on disk, in one line; None when it is."""

    def search(
        self, query: str, *, stage: str | None = None, topic: str | None = None, k: int = 5
    ) -> list[Citation]:
        """Find the entries that answer a question.

        Parameters
        ----------
        query : str
            A question or some words, as people write them.
        stage : str, optional
            Only entries that help to decide this stage: ``W``, ``N1``, ``N2``, ``N3``, ``R``.
        topic : str, optional
            Only entries of this topic, see :meth:`topics`.
        k : int
            At most so many.

        Returns
        -------
        list of Citation
            Best first, with `score` in 0..1. The score ranks entries within one search and means nothing
            across searches. Empty when the question is not about anything the rules know.

        Raises
        ------
        KnowledgeError
            If the stage or the topic is unknown, or `k` is not positive.
        """
        allowed = self._allowed(stage, topic)
        if k < 1:
            raise KnowledgeError("Ask for one result or more.", field="k")
        asked = tokens(query)
        words = [self._speller.mend(word) or word for word in content(asked)]
        stems = [stem(word) for word in words]
        by_words = self._bm25.scores(stems)
        by_vectors = np.asarray(self._vectors @ self._vectoriser.vector(words), dtype=np.float64)
        by_name = self._exact.scores(stems + [word for word in asked if word in TELLING])
        if not self._answerable(stems, by_vectors, by_name):
            return []
        rankings = ((WORD_WEIGHT, by_words), (1.0, by_vectors), (NAME_WEIGHT, by_name))
        fused = _fuse([(weight, np.where(allowed, scores, 0.0)) for weight, scores in rankings])
        # Whoever types the name of an entry wants that entry: it goes before all that merely mention it.
        fused = np.where(by_name > EXACT, 1 - (1 - fused) / 10, fused * 0.9)
        found = allowed & ((by_words > 0) | (by_vectors >= MIN_LIKENESS))
        best = [i for i in np.argsort(-fused, kind="stable") if found[i]][:k]
        return [self._base.citation(self._base.rules[i], round(float(fused[i]), 4)) for i in best]

    def get(self, identifier: str) -> Citation:
        """Look an entry up by our id or by SleepVLM's, such as ``AASM-N2-01`` or ``N2.1``.

        Raises
        ------
        KnowledgeError
            If there is no such entry; the choices are the ids most like it.
        """
        rule = self._by_id.get("".join(identifier.split()).lower())
        if rule is None:
            close = difflib.get_close_matches(identifier.lower(), self._by_id, n=5, cutoff=0.6)
            raise KnowledgeError(
                "No rule has that id; ids look like AASM-N2-01, CE-EP-01 or N2.1.",
                field="id",
                choices=[self._by_id[key].id for key in close],
            )
        return self._base.citation(rule, 1.0)

    def topics(self) -> tuple[str, ...]:
        """Topics that the entries are sorted under."""
        return tuple(sorted({rule.topic for rule in self._base.rules}))

    def ids(self) -> tuple[str, ...]:
        """Ids of all entries, in the order of the rule files."""
        return tuple(rule.id for rule in self._base.rules)

    def _answerable(
        self, stems: Sequence[str], by_vectors: NDArray[np.float64], by_name: NDArray[np.float64]
    ) -> bool:
        """Tell a question about EEG from one about something else, of which nothing should be found."""
        return bool(
            self._bm25.share(stems, self._names) >= MIN_KNOWN_SHARE
            or by_vectors.max() >= MIN_LIKENESS
            or by_name.max() > EXACT  # such as "14 and 6"
        )

    def _allowed(self, stage: str | None, topic: str | None) -> NDArray[np.bool_]:
        allowed = np.ones(len(self._base.rules), dtype=bool)
        if stage is not None:
            wanted = _STAGE_NAMES.get(stage.strip().upper(), stage.strip().upper())
            if wanted not in STAGES:
                raise KnowledgeError("No such sleep stage.", field="stage", choices=STAGES)
            allowed &= np.array([wanted in rule.stages for rule in self._base.rules])
        if topic is not None:
            wanted = "_".join(topic.strip().lower().split())
            if wanted not in self.topics():
                raise KnowledgeError("No such topic.", field="topic", choices=self.topics())
            allowed &= np.array([wanted == rule.topic for rule in self._base.rules])
        return allowed


def _fuse(rankings: Sequence[tuple[float, NDArray[np.float64]]]) -> NDArray[np.float64]:
    """Reciprocal rank fusion, scaled so that first place in every ranking gives 1."""
    total = sum(weight / (RANK_DAMPING + _ranks(scores)) for weight, scores in rankings)
    return np.asarray(total * (RANK_DAMPING + 1) / sum(weight for weight, _ in rankings))


def _ranks(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places from 1; equals share the best of theirs, and whoever scored nothing comes last."""
    higher = len(scores) - np.searchsorted(np.sort(scores), scores, side="right")
    return np.where(scores > 0, higher + 1.0, float(len(scores)))
