"""Words as the search sees them: one spelling, one stem, no filler, small slips of typing mended."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer

_FILLERS = """
a about above after again all allow allows also although always am an and any anymore appear appears
applied apply are as ask asked at based be because become becomes been before being belong belongs below
besides between both but by call called can cannot cause caused causes commonly compare consider
considered contain contains could count counted counts d define defined describe described despite did
differ different do does doing down during each either enough especially ever every everything exactly
exist exists expect expected explain fact few find finds for found from further generally get gets
getting give given gives go goes got had happen happens has have having he hence her here hers him his
how however i if important in include includes indicate indicates instead into involve is it its just
kind know least less let like little ll look looks lot lots made mainly make makes many may me mean
meaning means might more most much must my name near necessary need needs neither never next no nor not
nothing now occur occurs of off often ok on once one only or other our out over own please question
rather re really reason recognise recognize refer refers relate related require required requires result
s same say says see seem seems seen several shall she should show similar simply since so some somebody
someone something sometimes sort stand stands still such suggest suggests sure t take taken tell than
that the their them then there therefore these they thing things this those though through to together
told too type types typical typically under until up us use used usual usually various ve versus very via
vs want was way we were what when where whether which while who whom why will with within without word
work would write yes yet you your
"""
_STOP = frozenset(_FILLERS.split())
"""Words that carry no clinical content: a question made of these alone finds nothing."""
TELLING = frozenset(
    {"after", "before", "between", "down", "during", "few", "many", "more", "much", "next", "no", "not"}
    | {"off", "out", "over", "still", "under", "until", "up", "when", "where", "without"}
)
"""Fillers that make one name differ from another: "no alpha" is not "alpha"."""

# One spelling for what is written in several ways; applied to rules and questions alike.
_SPELLINGS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<=\w)\((\w)\)(?=\w)", r"\1"),  # B(I)RDs
        (r"\b([a-z])&([a-z])\b", r"\1\2"),  # R&K
        (r"%", " percent "),
        (r"\b(?:micro-?volts?|[uμ]v)\b", " uv "),
        (r"(?<=\d)(?=(?:hz|s|ms|uv|sec|min|years?|yo)\b)", " "),
        (r"\b(?:hertz|cycles? per s(?:ec|econd)?|cps|c/s)\b", "hz"),
        (r"\bmilli-?seconds?\b|\bmsecs?\b", "ms"),
        (r"\bsecs?\b|\bseconds?\b", "s"),
        (r"\bk[- ]?complex", "kcomplex"),
        (r"\bv[- ]waves?\b", "vwave"),
        (r"\bsaw[- ]?tooth", "sawtooth"),
        (r"\bnon[- ]", "non"),
        (r"\bwindows?\b", "epoch"),  # the rules say window, people say epoch
        (r"(?<!\+)(?<!plus )\b(?:stage )?r\b", "rem"),
        (r"\b(?:stage )?w\b|\b(?:awake|waking|wakefulness)\b", "wake"),
        (r"\bstage ?([123])\b|\bs([123])\b", r"n\1\2"),
        (r"\b(centr|met|fib|lit)re", r"\1er"),
        (r"\bartefact", "artifact"),
        (r"\b(\w*)ae(?=sth|m|di|t)", r"\1e"),  # anaesthesia, paediatric
        (r"\b(\w{3,})our(s|ed|ing|al)?\b", r"\1or\2"),  # tumour, behaviour
        (r"(?<=\w{4})is(e|ed|es|ing|ation|ations)\b", r"iz\1"),  # generalised
    )
)
_TOKEN = re.compile(r"\+[frs]{1,2}\b|\d+(?:\.\d+)?|[^\W\d_]+\d*")


def tokens(text: str) -> list[str]:
    """Split a text into lower-case words and numbers in one spelling.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        Words, numbers and the plus modifiers of critical care (``+f``), fillers included.
    """
    text = unicodedata.normalize("NFKC", text).lower()
    for pattern, replacement in _SPELLINGS:
        text = pattern.sub(replacement, text)
    return _TOKEN.findall(text)


def content(words: Iterable[str], *, keep: frozenset[str] = frozenset()) -> list[str]:
    """Leave the fillers out, but for those to keep."""
    return [word for word in words if word not in _STOP or word in keep]


_VOWEL = re.compile("[aeiouy]")
_stemmer = snowballstemmer.stemmer("english")
_stemming = threading.Lock()  # the stemmer keeps its word in itself


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Cut a word down to its stem; words of three letters or fewer stay, abbreviations among them.

    A plural of an abbreviation (``LPDs``, ``REMs``) loses its s.
    """
    if word.endswith("s") and not _VOWEL.search(word):
        return word[:-1]
    if len(word) <= 3:
        return word
    with _stemming:
        return str(_stemmer.stemWord(word))


class Speller:
    """Known words, and the way from a slip of the finger back to one of them.

    Two words are taken for the same when they begin alike and become equal by deleting at most one letter
    from each: that covers a letter left out, doubled, wrong or swapped with its neighbour.

    Parameters
    ----------
    words : iterable of str
        Words that a slip may be led back to.
    others : iterable of str
        Further words that are right as they stand.
    """

    def __init__(self, words: Iterable[str], others: Iterable[str] = ()) -> None:
        targets = frozenset(words)
        self._known = targets | frozenset(others)
        self._deletions: dict[str, str] = {}
        for word in sorted(targets):
            if len(word) >= 5:
                for cut in _deletions(word):
                    self._deletions.setdefault(cut, word)

    def mend(self, word: str) -> str | None:
        """Give the known word that this one stands for, or None when there is none."""
        if word in self._known:
            return word
        if len(word) < 5 or not word.isalpha():
            return None
        near = (self._deletions.get(cut) for cut in _deletions(word))
        return next((known for known in near if known and known[0] == word[0]), None)


def _deletions(word: str) -> list[str]:
    return [word, *(word[:i] + word[i + 1 :] for i in range(len(word)))]
