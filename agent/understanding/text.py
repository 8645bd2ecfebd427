"""The question as the rest of the package reads it: one spelling, one alphabet, typing errors mended."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tools.labels import SPOKEN, synonyms

LONGEST_TYPO = 18
MOST_TYPOS = 40
"""Words of one question that are looked up for a typing error; beyond that it is not a question."""

_CHARACTERS = str.maketrans(
    dict.fromkeys("‐‑‒–—―−﹣－", "-")
    | dict.fromkeys("‘’‛`´", "'")
    | dict.fromkeys("“”„«»", '"')
    | {"μ": "u", "~": " "}
)
_CONTRACTIONS = tuple(
    (re.compile(pattern, re.IGNORECASE), full)
    for pattern, full in (
        (r"\bcan'?t\b", "can not"),
        (r"\bcannot\b", "can not"),
        (r"\bwon't\b", "will not"),
        (r"(?<=[a-z])n't\b", " not"),
        (r"\b(what|where|when|how|who|that|there|here|it|she|he)'s\b", r"\1 is"),
        (r"\blet's\b", "let us"),
        (r"(?<=[a-z])'re\b", " are"),
        (r"\bi'd\b", "I would"),
        (r"\bi'm\b", "I am"),
        (r"\bwhats\b", "what is"),
        (r"\bwheres\b", "where is"),
        (r"\bhows\b", "how is"),
        (r"\bpls\b|\bplz\b", "please"),
        (r"(?<!past )(?<!to )\bmidnight\b", "12 am"),
        (r"\b(?:noon|midday)\b", "12 pm"),
    )
)
_BRITISH = tuple(
    (re.compile(pattern, re.IGNORECASE), american)
    for pattern, american in (
        (r"artefact", "artifact"),
        (r"artifical\b", "artifact"),
        (r"(?<=\w{4})is(e[ds]?|ing|ation|ations)\b(?<!noise)(?<!rise)", r"iz\1"),
        (r"behaviour", "behavior"),
        (r"colour", "color"),
    )
)
_UP_TO_TWENTY = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty
"""
_WORDS = {word: value for value, word in enumerate(_UP_TO_TWENTY.split())} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "ninety": 90,
    "hundred": 100,
    "half a": 0.5,
}
_NUMBER = "|".join(sorted(_WORDS, key=len, reverse=True))
_COUNTED = re.compile(
    rf"\b({_NUMBER})(?=[ -](?:more )?(?:seconds?|secs?|s|minutes?|mins?|hours?|pages?|epochs?|hz|uv"
    r"|microvolts?)\b)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    rf"\b(page|epoch|second(?! one\b)|minute|number|option) ({_NUMBER})\b(?! (?:second|minute|hour))",
    re.IGNORECASE,
)
_COUPLE = re.compile(r"\b(?:a )?couple of(?= (?:seconds|minutes|pages|epochs|hours))", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]{5,}")

_EVERYDAY = """
artifact artifacts epileptiform discharge discharges spindle spindles complex complexes amplitude
frequency duration montage recording describe temporal occipital parietal frontal central posterior
anterior midline frontopolar hemisphere background rhythm rhythmic periodic asymmetry symmetric slowing
seizure seizures epilepsy compare measure previous channel channels electrode electrodes generalized
lateralized bipolar average reference longitudinal transverse laplacian sensitivity filter notch
abnormal abnormality normal definition criteria difference sampling interictal dominant activity whole
right arousal arousals awake asleep spike spikes blink blinks alpha theta delta sharp muscle movement
movements suppression quality
"""
EVERYDAY = tuple(_EVERYDAY.split())
"""Words of these questions beside the vocabulary's own that a typing error is mended to."""

_GUARDED = """
interior parental control temporary temporally moment moments period periods lateral literal general
vertical measured measures compared described channeled normals centre center controls previously
frequent frequently complexity filtered filters filtering average averages awaken artificial rhythms
generally shape share blank shark awoken record recorded recorder records referential epileptic epoch
epochs symmetrical symmetry asymmetric asymmetrical posteriorly anteriorly abnormally normally normality
duration different quantity equality awaked seizing definitive defined definite arousing notched spikey
deltas alphas sharps sharper rights alpine transversal referenced amplitudes durations differences
montages occipitally centrally frontally prevent spinal bleak brink drink quietly reality actively
ability abilities capability patterns pattern central centrals reaction reactive recurring relation
relative creature criterion electrical electric active rhythmical periodicity
"""
GUARDED = frozenset(_GUARDED.split())
"""English words within a typing error of ours: left as they are."""


def normalise(question: str) -> str:
    """Give the question in plain characters, contractions and number words spelt out, typing errors mended.

    Case is kept, since ``O 2`` and ``o 2`` differ; line ends become spaces.
    """
    text = unicodedata.normalize("NFKC", question).translate(_CHARACTERS)
    text = "".join(c if c.isprintable() else " " for c in text)
    text = " ".join(re.sub("[@ ]+", lambda m: " at " if "@" in m[0] else " ", text).split())
    for pattern, replacement in (*_CONTRACTIONS, *_BRITISH):
        text = pattern.sub(replacement, text)
    text = _COUPLE.sub("2", text)
    text = _COUNTED.sub(lambda m: f"{_WORDS[m[1].lower()]:g}", text)
    text = _NUMBERED.sub(lambda m: f"{m[1]} {_WORDS[m[2].lower()]:g}", text)
    left = [MOST_TYPOS]

    def mended(match: re.Match[str]) -> str:
        word = match[0].lower()
        if word in known_words() or word in GUARDED or left[0] <= 0 or len(word) > LONGEST_TYPO:
            return match[0]
        left[0] -= 1
        return mend(word) or match[0]

    return _WORD.sub(mended, text)


def lower(text: str) -> str:
    """Lower-case a text without changing its length."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Every word of the vocabulary and of ``EVERYDAY``, from five letters on, singular and plural."""
    phrases = [*synonyms(), *(spoken.lower() for spoken in SPOKEN.values()), *EVERYDAY]
    words = {word for phrase in phrases for word in re.findall(r"[a-z]{5,}", phrase)}
    return frozenset(words | {word + "s" for word in words})


def _deletions(word: str, count: int) -> set[str]:
    shorter = {word}
    for _ in range(count):
        shorter |= {w[:i] + w[i + 1 :] for w in shorter for i in range(len(w))}
    return shorter


@lru_cache(maxsize=1)
def _by_deletion() -> dict[str, tuple[str, ...]]:
    index: dict[str, list[str]] = {}
    for word in sorted(known_words()):
        for key in _deletions(word, 2 if len(word) >= 9 else 1):
            index.setdefault(key, []).append(word)
    return {key: tuple(words) for key, words in index.items()}


@lru_cache(maxsize=4096)
def mend(word: str) -> str | None:
    """Give the word of ours that a mistyped one stands for, or None.

    Up to one error from six letters, two from nine; of five letters only two that changed places,
    because short English words are too close to each other. Both spellings with letters deleted are
    looked up, which finds every candidate without comparing with every word.
    """
    candidates = {
        known
        for key in _deletions(word, 2 if len(word) >= 9 else 1)
        for known in _by_deletion().get(key, ())
        if known[0] == word[0] or sorted(known) == sorted(word)
    }
    graded = sorted((distance(word, known), known) for known in candidates)
    for errors, known in graded:
        allowed = 2 if min(len(word), len(known)) >= 9 else 1
        if errors <= allowed and (min(len(word), len(known)) >= 6 or sorted(word) == sorted(known)):
            return known
    return None


def distance(a: str, b: str) -> int:
    """Count insertions, deletions, substitutions and swaps of neighbours between two words."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return row[-1]


class Reading:
    """A normalised question of which parts are ticked off as they are understood."""

    def __init__(self, question: str) -> None:
        self.cased = normalise(question)
        self.text = lower(self.cased)
        self.left = self.text
        """The text with what was understood blanked out, at the same positions."""

    def tick(self, start: int, end: int) -> None:
        """Blank out a span that was understood."""
        self.left = self.left[:start] + " " * (end - start) + self.left[end:]

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Find a pattern in what is left and tick it off."""
        match = pattern.search(self.left)
        if match:
            self.tick(*match.span())
        return match

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Tell whether the whole question holds a pattern."""
        return bool(pattern.search(self.text))
