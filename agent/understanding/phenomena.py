"""What: waveforms, artifacts, patterns, stages and bands that a question names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from agent.understanding.text import Reading
from agent.understanding.vocabulary import Meaning, first_words, phrases
from tools.labels import ARTIFACT


@dataclass(frozen=True)
class Mention:
    """A phrase of the question with its meaning and place."""

    start: int
    end: int
    phrase: str
    meaning: Meaning
    plural: bool = False


_TOKEN = re.compile(r"[a-z0-9]+")


def find_mentions(reading: Reading) -> list[Mention]:
    """Find the longest phrases that mean something, left to right, and tick them off."""
    table, firsts, found = phrases(), first_words(), []
    tokens = [(m.start(), m.end(), m[0]) for m in _TOKEN.finditer(reading.left)]
    i = 0
    while i < len(tokens):
        longest = min(firsts.get(tokens[i][2], 0), len(tokens) - i)
        for size in range(longest, 0, -1):
            start, end = tokens[i][0], tokens[i + size - 1][1]
            if size > 1 and not _joined(reading.left, tokens[i : i + size]):
                continue
            phrase = " ".join(word for _, _, word in tokens[i : i + size])
            if phrase in table:
                meaning, plural = table[phrase]
                found.append(Mention(start, end, phrase, meaning, plural))
                i += size
                break
        else:
            i += 1
    for mention in found:
        reading.tick(mention.start, mention.end)
    return found


def _joined(text: str, tokens: list[tuple[int, int, str]]) -> bool:
    """Whether words follow each other directly: no comma or other mark between them."""
    return all(text[a[1] : b[0]] in (" ", "-", " - ", "/", "_") for a, b in pairwise(tokens))


_BEFORE = re.compile(
    r"\b(the|these|those|this|that|its|his|her|their|your|there is an?|there are|there is|is there an?"
    r"|are there|you see an?|you see|do you call it an?|you call it an?|you say"
    r"|occurring)((?: [a-z0-9.-]+){0,3}) $"
)
_NO_ADJECTIVE = re.compile(
    r"\b(?:is|are|was|were|a|an|any|no|of|in|at|on|to|be|or|and|for|with|from|as|by|show|shows|eeg"
    r"|page|epoch|recording|segment|not|see|have|has|contain|contains|really|called|mean|than|like"
    r"|possible|about|i|you|we|between|side|region)\b"
)
_PREDICATE = re.compile(
    r"(?<!what )(?<!where )(?<!why )\b(?:is|are|was|were|be) (?:this|that|these|those) $"
    r"|\bcalled (?:the )?$"
)


def presumed_labels(text: str, mentions: list[Mention], *, asserting: bool) -> tuple[str, ...]:
    """Give the labels that the question takes to be there: "the seizure", "these spikes".

    With ``asserting``, the question asks why or since when, so that "there is a seizure" is an
    assertion too.
    """
    presumed: dict[str, None] = {}
    for mention in mentions:
        if not mention.meaning.labels or mention.meaning.aspect:
            continue
        before = text[max(0, mention.start - 60) : mention.start]
        match = _BEFORE.search(before)
        if not match or _NO_ADJECTIVE.search(match[2]) or _PREDICATE.search(before):
            continue
        if re.search("there|you ", match[1]) and not asserting:
            continue
        presumed.update(dict.fromkeys(mention.meaning.labels))
    return tuple(presumed)


def labels_of(mentions: list[Mention]) -> tuple[str, ...]:
    """All labels of these mentions, each once, in order; "normal" stands for labels only on its own."""
    if any(m.meaning.labels for m in mentions if not m.meaning.aspect):
        mentions = [m for m in mentions if not m.meaning.aspect]
    named = {label for m in mentions if m.meaning.labels != ARTIFACT for label in m.meaning.labels}
    if named & set(ARTIFACT):  # "contaminated by muscle" asks about muscle
        mentions = [m for m in mentions if m.meaning.labels != ARTIFACT]
    return tuple(dict.fromkeys(label for mention in mentions for label in mention.meaning.labels))
