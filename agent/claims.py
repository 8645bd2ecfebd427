"""Find what a text claims: numbers with units, channels, sides, clock times, stages, phenomena, rules.

The counterpart is ``agent.tracing``, which looks every claim up among the tool results. Extraction
leans to the strict side: a number that is not plainly harmless is a claim.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from agent.lexicon import (
    BARE,
    BOTH_SIDES,
    CHANNEL,
    CLOCK,
    MINUTES,
    NARROWER,
    NUM,
    RANGE,
    REPEATED_UNIT,
    RULE,
    SIDE,
    STAGE,
    STAGE_NAMES,
    WITH_UNIT,
    canonical_unit,
    event_words,
    spelled_out,
)
from agent.passages import Passage, passages
from agent.stance import Stance, stance
from tools.labels import GROUPS
from tools.types import AmplitudeKind

__all__ = ["Claim", "Passage", "extract", "passages", "sentences"]

ClaimKind = Literal["number", "count", "channel", "side", "clock", "stage", "event", "rule"]
Role = Literal["value", "point", "range", "length", "above", "below", "subset"]


class Claim(NamedTuple):
    """One checkable thing that a sentence says."""

    kind: ClaimKind
    text: str
    value: float = 0.0
    """Number in the canonical unit; seconds for a clock time, counted from midnight."""
    unit: str = ""
    step: float = 0.0
    """How far the writer may be off, in the canonical unit: rounding, or more where hedged."""
    name: str = ""
    """Channel, side, stage, event label, rule id, or what a count counts."""
    stance: Stance = "asserted"
    role: Role = "value"
    """How a number is used: as a value, a point in time, an end of a range, a length of time, a bound,
    or a part of a count."""
    other: float = 0.0
    """The other end of a range."""
    amplitude: AmplitudeKind | None = None
    at: int = 0


_HARMLESS = re.compile(
    r"[\"“][^\"”]*\?[\"”]|"  # a question that is suggested claims nothing
    r"^\s*(?:\d+[.)]|[-*•])\s+|\b10\s?[-–]\s?(?:20|10)\b(?!\s*(?:Hz|"
    r"s\b|µV|uV))|\bepochs? of 30 s|\b30[- ]?s epochs?|"
    r"\bCOVID-19\b|\(\d\)(?=\s[A-Za-z])",
    re.MULTILINE,
)
_MARKUP = re.compile(r"\*\*|__|`|\\[,;]|\$|\\(?:text|mathrm)\{|(?<=[a-zA-Z²])\}")
_ROUGHLY = re.compile(
    r"(?:\b(?:about|approximately|approx\.?|roughly|around|"
    r"near(?:ly)?|circa|ca\.|almost|close to|some|an estimated)|[~≈∼])"
    r"\s*\(?$",
    re.IGNORECASE,
)
_ABOVE = re.compile(r"(?:\b(?:more than|over|above|at least|exceed(?:s|ing)?|"
                    r"greater than|longer than|higher than|beyond)|[>≥])"
                    r"\s*$", re.IGNORECASE)  # fmt: skip
_BELOW = re.compile(
    r"(?:\b(?:less than|under|below|at most|shorter than|lower than|within)|[<≤])\s*$", re.IGNORECASE
)
_LENGTH_AHEAD = re.compile(
    r"\b(?:last(?:s|ed|ing)?(?: for)?|durations?(?: of| is| was|:)?|"
    r"lengths?(?: of| is|:)?|long:?)\s*(?:\w+ly\s*|about\s*|around\s*|[~≈(])*"
    r"(?:from\s*|between\s*|up to\s*|of\s*)?$",
    re.IGNORECASE,
)
_LENGTH_BEHIND = re.compile(r"^\s*(?:long\b|in (?:length|duration)\b|wide\b|duration\b)", re.IGNORECASE)
_POINT = re.compile(
    r"\b(?:at|around|near|about|@)\s*(?:about|around|approximately|roughly|t\s*=|second|[~≈(])*\s*$",
    re.IGNORECASE,
)
_KIND_BEHIND = re.compile(
    r"^[\s(,]*(?:(?:half[- ](?:of[- ])?(peak))|(peak[- ]to[- ]peak|p-?p\b|p2p\b)|(rms\b|root[- ]mean))",
    re.IGNORECASE,
)
_KIND_AHEAD = re.compile(r"(?:(half[- ](?:of[- ])?peak[\w-]*)|(peak[- ]to[- ]peak|"
                         r"\bp-?p)|(\brms|root[- ]mean[- ]square))"
                         r"(?: (?:amplitude|height|value|voltage))?(?: (?:of|"
                         r"is|was|measures|about))?[\s:=(]*$", re.IGNORECASE)  # fmt: skip
_KINDS: tuple[AmplitudeKind, ...] = ("half_pp", "pp", "rms")


def sentences(text: str) -> list[str]:
    """Split a text into sentences and list items, blanks dropped."""
    return [passage.shown for passage in passages(text)]


def extract(sentence: str) -> list[Claim]:
    """List the claims of one sentence.

    Parameters
    ----------
    sentence : str
        Plain text or Markdown, one sentence, list item or table row.

    Returns
    -------
    list of Claim
        Rules first, then clock times, channels, stages, phenomena, sides and numbers.
    """
    return _Reader(plain(sentence)).claims()


def plain(sentence: str) -> str:
    """Drop markup, spell numbers in digits, and repeat a unit's place once in a range."""
    text = _MARKUP.sub("", sentence.replace("μ", "µ").replace("\\mu", "µ").replace("\u202f", " "))
    text = _HARMLESS.sub(lambda m: " " * len(m.group()), text)
    text = re.sub(r"(?<=\d),(?=\d{3}\b(?!\.\d))", "", text)  # 1,200
    return REPEATED_UNIT.sub(r"\1\3", spelled_out(text))


class _Reader:
    """Takes claims out of one sentence, each kind blanking what it has read."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        self.left = sentence

    def claims(self) -> list[Claim]:
        found = [Claim("rule", m.group(), name=m.group(), at=m.start()) for m in self._take(RULE)]
        found += self._minutes()
        for m in self._take(CLOCK):
            seconds = int(m[1]) * 3600 + int(m[2]) * 60 + int(m[3] or 0)
            found.append(Claim("clock", m.group(), seconds, "clock", 0.5 if m[3] else 30.0, at=m.start()))
        for m in self._take(CHANNEL):
            name = re.sub("[–‑]", "-", m[1])
            found.append(Claim("channel", m[1], name=name, stance=self._stance(m), at=m.start()))
        found += [Claim("stage", m[1], name=_stage_name(m), stance=self._stance(m), at=m.start())
                  for m in self._take(STAGE)]  # fmt: skip
        pattern, words = event_words()
        for m in pattern.finditer(self.left):
            found.append(
                Claim("event", m.group(), name=words[m[1].lower()], stance=self._stance(m), at=m.start())
            )
        found += [Claim("side", m.group(), name=(m[1] or m[2]).lower(), stance=self._stance(m), at=m.start())
                  for m in SIDE.finditer(self.left)]  # fmt: skip
        found += [Claim("side", m.group(), name="both", stance=self._stance(m), at=m.start())
                  for m in BOTH_SIDES.finditer(self.left)]  # fmt: skip
        return found + self._with_unit() + self._bare()

    def _take(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        matches = list(pattern.finditer(self.left))
        for m in matches:
            self.left = self.left[: m.start()] + " " * len(m.group()) + self.left[m.end() :]
        return matches

    def _stance(self, m: re.Match[str]) -> Stance:
        return stance(self.sentence, m.start(), m.end())

    def _minutes(self) -> list[Claim]:
        made = []
        for m in self._take(MINUTES):
            step = 0.5 * 10 ** -len(m[2].partition(".")[2])
            made.append(Claim("number", m.group(), 60 * float(m[1]) + float(m[2]), "s", step, at=m.start()))
        return made

    def _with_unit(self) -> list[Claim]:
        found = []
        for m in self._take(WITH_UNIT):
            unit, scale = canonical_unit(m[2])
            ahead, behind = self.sentence[: m.start()], self.sentence[m.end() :]
            texts = [text.replace(",", ".") for text in re.findall(NUM, m[1])]
            values = [float(text) * scale for text in texts]
            ranged = bool(RANGE.match(m[1])) and (
                "and" not in m[1] or bool(re.search(r"\bbetween\s*$", ahead, re.I))
            )
            if unit == "s" and (_LENGTH_AHEAD.search(ahead) or _LENGTH_BEHIND.match(behind)):
                role: Role = "length"
            else:
                role = "range" if ranged else _role(ahead, unit)
            kind = _amplitude_kind(ahead, behind) if unit == "uV" and len(texts) == 1 else None
            for i, text in enumerate(texts):
                step = _step(text, scale, unit, rough=bool(_ROUGHLY.search(ahead)))
                found.append(Claim("number", m.group().strip(), values[i], unit, step, role=role,
                                   other=values[1 - i] if ranged else 0.0, amplitude=kind, at=m.start()))  # fmt: skip
        return found

    def _bare(self) -> list[Claim]:
        found = []
        for m in BARE.finditer(self.left):
            text = m.group().replace(",", ".")
            behind = self.sentence[m.end() :]
            part = re.match(r"\s+(?:of|out of)\s+(?:the|them|these|those|\d+)\b", behind)
            role: Role = "subset" if part else _role(self.sentence[: m.start()], "")
            step = 0.5 * 10 ** -len(text.partition(".")[2])
            found.append(Claim("count", m.group(), float(text), "", step, name=_counted_thing(behind),
                               role=role, at=m.start()))  # fmt: skip
        return found


def _step(text: str, scale: float, unit: str, *, rough: bool) -> float:
    """Half the last digit shown; after "about", half the last digit that is not zero, within bounds."""
    decimals = len(text.partition(".")[2])
    step: float = 0.5 * 10**-decimals
    if rough:
        value = float(text)
        zeros = len(text) - len(text.rstrip("0")) if not decimals else 0
        limit = min(0.5, 0.05 * value) if unit == "s" else 0.1 * value
        step = max(step, min(max(0.5 * 10**zeros, 0.05 * value), limit))
    return step * scale


def _role(ahead: str, unit: str) -> Role:
    if _ABOVE.search(ahead):
        return "above"
    if _BELOW.search(ahead):
        return "below"
    return "point" if unit == "s" and _POINT.search(ahead) else "value"


def _amplitude_kind(ahead: str, behind: str) -> AmplitudeKind | None:
    match = _KIND_BEHIND.match(behind) or _KIND_AHEAD.search(ahead)
    if match is None:
        return None
    return next(kind for kind, group in zip(_KINDS, match.groups(), strict=True) if group)


def _counted_thing(behind: str) -> str:
    """What a bare number counts: a label, ``channels``, or nothing that is known."""
    pattern, words = event_words()
    event = re.match(rf"(?:\s+of the)?(?:\s+[\w-]+){{0,2}}?\s+({pattern.pattern})", behind, re.IGNORECASE)
    if event:
        name = words.get(event.group(2).lower(), "")
        return "" if name in GROUPS or name in NARROWER or name == "none" else name
    return (
        "channels"
        if re.match(r"(?:\s+[\w-]+){0,2}?\s+(?:channels?|electrodes?|leads?|derivations?)\b", behind)
        else ""
    )


def _stage_name(match: re.Match[str]) -> str:
    known = STAGE_NAMES.get(" ".join(match[0].lower().split())) or STAGE_NAMES.get(match[1].lower())
    return known or re.sub(r"NREM[\s-]?", "N", match[1].upper())
