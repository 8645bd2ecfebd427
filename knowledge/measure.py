"""How often the search finds what answers a question: ``python -m knowledge.measure``.

`development` is what aliases and weights are tuned on. The others are only measured: `held_out` was written
before there were aliases, though by the author of the aliases, which flatters; `students` restates what other
people ask each other in public, which does not.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from knowledge.store import RuleStore, open_store

QUESTIONS = Path(__file__).parent / "questions"
TABLES = ("development", "held_out", "students")
_DEPTH = 10


class Question(NamedTuple):
    """A question and the entries each of which answers it."""

    text: str
    answers: tuple[str, ...]


class Proportion(NamedTuple):
    """A share of `n` with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


class Result(NamedTuple):
    """What the search reached on one table of questions."""

    hits: dict[int, Proportion]
    """Share of questions with an answer among the first 1, 3 and 5 results."""
    mrr: float
    """Mean of one over the place of the first answer, 0 for an answer not among the first ten."""
    empty: Proportion
    """Share of questions about something else that found nothing, as they should."""
    missed: tuple[Question, ...]
    """Questions without an answer among the first three."""


def load_questions(table: str) -> tuple[tuple[Question, ...], tuple[str, ...]]:
    """Read a table: questions with answers, and questions that must find nothing."""
    held = yaml.safe_load((QUESTIONS / f"{table}.yaml").read_text(encoding="utf-8"))
    questions = tuple(Question(row["q"], tuple(row["answers"])) for row in held["questions"])
    return questions, tuple(held["nothing"])


def wilson(hits: int, n: int) -> Proportion:
    """Give a proportion with its 95 % score interval.

    References
    ----------
    Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc
    1927;22:209-212. https://doi.org/10.1080/01621459.1927.10502953
    """
    if n == 0:
        raise ValueError("no trials, no proportion")
    z = 1.959964
    p = hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Proportion(p, middle - half, middle + half, n)


def measure(store: RuleStore, questions: Sequence[Question], nothing: Sequence[str]) -> Result:
    """Ask every question and look where its answers come."""
    places = [_place(store, question) for question in questions]
    return Result(
        hits={k: wilson(sum(place <= k for place in places), len(places)) for k in (1, 3, 5)},
        mrr=sum(1 / place for place in places) / len(places),
        empty=wilson(sum(not store.search(text) for text in nothing), len(nothing)),
        missed=tuple(question for question, place in zip(questions, places, strict=True) if place > 3),
    )


def _place(store: RuleStore, question: Question) -> float:
    found = [citation.id for citation in store.search(question.text, k=_DEPTH)]
    return next((i + 1.0 for i, identifier in enumerate(found) if identifier in question.answers), math.inf)


def _row(table: str, result: Result) -> str:
    hits = "  ".join(
        f"hit@{k} {p.value:.3f} [{p.low:.3f}, {p.high:.3f}]" for k, p in sorted(result.hits.items())
    )
    n = result.hits[1].n
    return (
        f"{table:<12} n={n:<4} {hits}  MRR {result.mrr:.3f}  "
        f"nothing found where nothing is: {round(result.empty.value * result.empty.n)}/{result.empty.n}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each table of questions."""
    parser = argparse.ArgumentParser(prog="python -m knowledge.measure", description=__doc__)
    parser.add_argument("--store", type=Path, help="folder of the store (default: a temporary one)")
    parser.add_argument("--table", choices=TABLES, action="append", help="only this table")
    parser.add_argument("--missed", action="store_true", help="also list development questions that miss")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        store = open_store(given.store or Path(temporary))
        for table in given.table or TABLES:
            result = measure(store, *load_questions(table))
            sys.stdout.write(_row(table, result) + "\n")
            # The misses of the other tables stay unseen: whoever reads them would tune on them.
            if given.missed and table == "development":
                for question in result.missed:
                    found = ", ".join(c.id for c in store.search(question.text, k=3))
                    sys.stdout.write(f"  {question.text!r}: {', '.join(question.answers)} not in {found}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
