"""ROUGE-1, -2 and -L of a description against its key, with tokens that keep what an EEG text is about.

The library's own tokens are runs of ``a-z0-9``: Greek letters vanish, so that alpha and beta rhythm score as equal,
and "2.5 Hz" falls into the same pieces as "2,5 Hz" or "5.2 Hz".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

TYPES = ("rouge1", "rouge2", "rougeL")
SHARED = 4
"""Tokens in a row that make a phrase of the template; shorter ones any two texts share."""
OPTIONS = {
    "library": "rouge-score",
    "types": ",".join(TYPES),
    "stemming": "none",
    "tokenizer": "NFKC, lower case, Greek letters by name, decimals kept, comma = point, Han and kana by character",
    "stripped": f"phrases of {SHARED} tokens or more that the constant template holds, left out of both texts",
}
_THOUSANDS = re.compile(r"(?<![\d.,])([1-9]\d{0,2})((?:,\d{3})+)(?![\d,])")
_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d+)(?![\d,])(?!\.\d)")
_MICRO = re.compile("\u03bc(?=[a-z])")
"""The unit, of which NFKC makes the Greek letter; before a Latin letter it is no word."""
_SINGLE = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])")
_GREEK = re.compile("[\u0370-\u03ff\u1f00-\u1fff]")
_NAME = re.compile(r"GREEK (?:SMALL|CAPITAL) LETTER (?:FINAL )?(\w+)")
_TOKEN = re.compile(r"\d+(?:\.\d+)*|[^\W\d_][^\W_]*")


def _named(letter: re.Match[str]) -> str:
    known = _NAME.match(unicodedata.name(letter[0], ""))
    return f" {known[1].lower().replace('lamda', 'lambda')} " if known else letter[0]


@lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[str, ...]:
    """Divide a text into what is compared.

    Numbers keep their decimals, with a point; a comma before exactly three digits parts thousands. "50µV", "50 μV" and
    "50 uV" are the same two tokens, "C3" and "N2" one, "Fp1-F7" two. Markup and punctuation are dropped.
    """
    text = unicodedata.normalize("NFKC", text).lower()
    text = _THOUSANDS.sub(lambda m: m[1] + m[2].replace(",", ""), text)
    text = _COMMA.sub(r"\1.\2", text)
    text = _GREEK.sub(_named, _MICRO.sub("u", text))
    return tuple(_TOKEN.findall(_SINGLE.sub(r" \1 ", text)))


class _Tokenizer:
    """The tokens in the form in which the library asks for them."""

    def tokenize(self, text: str) -> list[str]:
        return list(tokens(text))


@lru_cache(maxsize=8)
def _scorer(types: tuple[str, ...]) -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(list(types), use_stemmer=False, tokenizer=_Tokenizer())


def rouge(text: str, reference: str, types: Sequence[str] = TYPES) -> dict[str, dict[str, float | None]]:
    """Compare a text with its reference.

    Parameters
    ----------
    text, reference : str
        What a system wrote, and the key.
    types : sequence of str
        Which of `TYPES`; ROUGE-L takes most of the time, which grows with the product of both lengths.

    Returns
    -------
    dict
        By type, ``f1`` and ``recall`` from 0 to 1. None where the reference holds no token (for ROUGE-2, no pair):
        there is nothing to recall.

    Notes
    -----
    No stemming, no sentence splitting. The CerebraGloss paper states neither tokens nor whether it reports F1 or
    recall, so both are given.

    References
    ----------
    Lin, ROUGE: a package for automatic evaluation of summaries, ACL workshop 2004, https://aclanthology.org/W04-1013
    """
    scores = _scorer(tuple(types)).score(reference, text)
    size = len(tokens(reference))
    return {
        name: {"f1": float(score.fmeasure), "recall": float(score.recall)}
        if size >= (2 if name == "rouge2" else 1)
        else {"f1": None, "recall": None}
        for name, score in scores.items()
    }


def without(template: str, text: str) -> str:
    """Drop from a text every phrase of four tokens or more that the template holds too.

    Apply it to both texts before `rouge`: what is left is what the constant template could not say. The result is
    tokens, not prose; words left and right of a dropped phrase become neighbours. Whole text dropped = "".

    Parameters
    ----------
    template : str
        The constant control's text.
    text : str
        A system's text, or a reference.
    """
    said, words = tokens(template), tokens(text)
    phrases = {said[i : i + SHARED] for i in range(len(said) - SHARED + 1)}
    shared = [False] * len(words)
    for i in range(len(words) - SHARED + 1):
        if words[i : i + SHARED] in phrases:
            shared[i : i + SHARED] = [True] * SHARED
    return " ".join(word for word, also in zip(words, shared, strict=True) if not also)
