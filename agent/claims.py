"""Find what a text claims: numbers with units, channels, clock times, stages, events, rules.

The counterpart is ``agent.tracing``, which looks every claim up among the tool results. Extraction
leans to the strict side: a number that is not plainly harmless is a claim.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from tools.labels import synonyms

ClaimKind = Literal["number", "count", "channel", "clock", "stage", "event", "rule"]
Stance = Literal["asserted", "denied", "not analysed", "mentioned"]


class Claim(NamedTuple):
    """One checkable thing that a sentence says."""

    kind: ClaimKind
    text: str
    value: float = 0.0
    """Number in the canonical unit; seconds for a clock time, counted from midnight."""
    unit: str = ""
    step: float = 0.0
    """Half the last digit shown, in the canonical unit: the rounding a writer may have done."""
    name: str = ""
    """Channel, stage, event label or rule id."""
    stance: Stance = "asserted"


UNITS: dict[str, tuple[str, float]] = {
    "µv²": ("uV2", 1), "uv²": ("uV2", 1), "uv^2": ("uV2", 1), "µv^2": ("uV2", 1), "uv2": ("uV2", 1),
    "µv/mm": ("uV/mm", 1), "uv/mm": ("uV/mm", 1), "mm/s": ("mm/s", 1),
    "µv": ("uV", 1), "uv": ("uV", 1), "microvolts": ("uV", 1), "microvolt": ("uV", 1), "mv": ("uV", 1000),
    "khz": ("Hz", 1000), "hz": ("Hz", 1), "hertz": ("Hz", 1), "per second": ("Hz", 1), "/s": ("Hz", 1),
    "/min": ("/min", 1), "per minute": ("/min", 1), "%": ("%", 1), "percent": ("%", 1), "per cent": ("%", 1),
    "ms": ("s", 0.001), "milliseconds": ("s", 0.001), "s": ("s", 1), "sec": ("s", 1), "secs": ("s", 1),
    "seconds": ("s", 1), "second": ("s", 1), "min": ("s", 60), "minutes": ("s", 60), "minute": ("s", 60),
    "h": ("s", 3600), "hours": ("s", 3600), "hour": ("s", 3600),
    "years old": ("years", 1), "year-old": ("years", 1), "years": ("years", 1), "year": ("years", 1),
    "db": ("dB", 1), "mm": ("mm", 1),
}  # fmt: skip
_ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty"""
_TENS = "thirty forty fifty sixty seventy eighty ninety hundred"
_NUMBER_WORDS = {word: value for value, word in enumerate(_ONES.split())} | {
    word: 10 * (value + 3) for value, word in enumerate(_TENS.split())
}

_NUM = r"\d+(?:[.,]\d+)?"
_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_JOIN = r"\s*(?:,|;|and|or|to|[-–—]|±|/)\s*"
_WITH_UNIT = re.compile(rf"({_NUM}(?:(?:{_JOIN}){_NUM})*)\s?-?\s?({_UNIT})(?![A-Za-z²/^])", re.IGNORECASE)
_BARE = re.compile(rf"(?<![\w.]){_NUM}(?![\w])")
_WORDS = "|".join(sorted(_NUMBER_WORDS, key=len, reverse=True))
_WORD_NUMBER = re.compile(rf"\b((?:{_WORDS})(?:[-\s](?:{_WORDS}))*)\b", re.IGNORECASE)
_CLOCK = re.compile(r"(?<![\d:.])([0-2]?\d):([0-5]\d)(?::([0-5]\d))?(?![\d:])")
_RULE = re.compile(r"\b(?:AASM|CE)-[A-Z0-9]+-\d+\b")
_STAGE = re.compile(r"\b(?:stage\s+)?(N1|N2|N3|NREM\s?[123]|REM sleep|stage (?:R|W)|awake|wakefulness)\b")
_ELECTRODE = (
    r"(?:Fp[12z]|AF[3478z]|F(?:[1-9]|10|z)|FC[1-6z]|FT(?:[789]|10)|T(?:[3-9]|10)|C[1-6z]|CP[1-6z]|"
    r"TP(?:[789]|10)|P(?:[1-9]|10|z)|PO[3478z]|O[12z]|[AM][12]|E[12])"
)
_CHANNEL = re.compile(
    rf"(?<![A-Za-z0-9])({_ELECTRODE}(?:-(?:{_ELECTRODE}|AV|REF))?)(?![A-Za-z0-9])", re.IGNORECASE
)
_HARMLESS = re.compile(
    r"[\"“][^\"”]*\?[\"”]|"  # a question that is suggested claims nothing
    r"^\s*(?:\d+[.)]|[-*•])\s+|\b10\s?[-–]\s?(?:20|10)\b(?!\s*(?:Hz|s\b|µV|uV))|\bepochs? of 30 s|\bCOVID-19\b",
    re.MULTILINE,
)
_DENIAL = re.compile(
    r"\b(?:no|not|without|none|never|absen(?:t|ce)|neither|nor|nothing|free of|rul(?:e|ed|ing) out|isn't|aren't|"
    r"wasn't|weren't|don't|doesn't|didn't|cannot|can't|lacks?|unlikely|rather than|instead of)\b",
    re.IGNORECASE,
)
_UNSEEN = re.compile(
    r"not (?:been )?(?:analy[sz]ed|looked for|assessed|examined|checked|searched)|no detector|could not (?:be )?"
    r"(?:look|analy|assess|judge)|cannot (?:be )?(?:look|analy|assess|judge)",
    re.IGNORECASE,
)
_MENTION = re.compile(
    r"\b(?:look(?:ed|ing)? for|search(?:ed|ing)? for|check(?:ed|ing)? for|whether|if|would|mimics?|imitates?|"
    r"look-alikes?|distinguish|separates?|versus|vs|such as|for example|mistaken|confused with|asked about|"
    r"ask (?:me|about)|unlike|differs?|criteria|defined|definition|you could)\b",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[;:]\s|\s(?:but|however|although|whereas|while|though)\s|\.\s")
_COMMA = re.compile(r",\s")
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|shows?|appears?|occurs?|begins?|starts?|lies?|there|found|seen)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bca\.)\s+(?=[A-Z0-9*\[(\"'µ•-])|\n+")


def sentences(text: str) -> list[str]:
    """Split a text into sentences and list items, blanks dropped."""
    return [part.strip() for part in _SENTENCE.split(text) if part and part.strip()]


@lru_cache(maxsize=1)
def _event_words() -> tuple[re.Pattern[str], dict[str, str]]:
    # Everyday words that are also synonyms would turn half of every text into claims.
    everyday = {"pulse", "cardiac", "motion", "movement", "breathing", "respiratory", "disconnected", "sw", "kc",
                "clipping", "saturation", "ictal", "awakening", "rem", "rems", "flat", "extreme", "muscle", "emg",
                "ecg", "ekg", "alpha", "mu", "sharp", "mains"}  # fmt: skip
    words = {word: label for word, label in synonyms().items() if word not in everyday}
    words |= {"muscle artifact": "hfnoise", "muscle activity": "hfnoise", "sharp waves": "sharp",
              "eye movements": "eyem", "kcomplexes": "kcomplex", "seizure": "seizure"}  # fmt: skip
    body = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])({body})(?:e?s)?(?![\w])", re.IGNORECASE), words


def _stance(sentence: str, at: int) -> Stance:
    """Whether what stands at a place is asserted, denied, said to be unseen, or only mentioned."""
    start = max((m.end() for m in _BREAK.finditer(sentence, 0, at)), default=0)
    if _UNSEEN.search(sentence):
        return "not analysed"
    comma = max((m.end() for m in _COMMA.finditer(sentence, start, at)), default=start)
    after = _COMMA.search(sentence, at) or _BREAK.search(sentence, at)
    clause = sentence[comma : after.start() if after else len(sentence)]
    if sentence.rstrip().endswith("?") or _MENTION.search(clause):
        return "mentioned"
    if _DENIAL.search(clause):
        return "denied"
    # "No blinks, line noise or flat channels": the denial reaches over a list until a verb ends it.
    denials = list(_DENIAL.finditer(sentence, start, at))
    return "denied" if denials and not _VERB.search(sentence, denials[-1].end(), at) else "asserted"


def _numbers(sentence: str, blank: list[str]) -> list[Claim]:
    """Read numbers with units, then bare ones; ``blank`` is the sentence with what was read blanked out."""
    found: list[Claim] = []

    def take(match: re.Match[str]) -> None:
        blank[0] = blank[0][: match.start()] + " " * len(match.group()) + blank[0][match.end() :]

    for match in list(_WITH_UNIT.finditer(blank[0])):
        unit, scale = UNITS[" ".join(match.group(2).lower().replace("μ", "µ").split())]
        for found_text in re.findall(_NUM, match.group(1)):
            text = found_text.replace(",", ".")
            decimals = len(text.partition(".")[2])
            found.append(
                Claim(
                    "number",
                    match.group().strip(),
                    float(text) * scale,
                    unit,
                    0.5 * 10**-decimals * scale,
                    stance=_stance(sentence, match.start()),
                )
            )
        take(match)
    for match in _BARE.finditer(blank[0]):
        digits = match.group().replace(",", ".")
        found.append(
            Claim(
                "count",
                match.group(),
                float(digits),
                "",
                0.5 * 10 ** -len(digits.partition(".")[2]),
                name=_counted_thing(sentence[match.end() :]),
                stance=_stance(sentence, match.start()),
            )
        )
    return found


def _counted_thing(after: str) -> str:
    """What a bare number counts: a label, ``channels``, or nothing that is known."""
    pattern, words = _event_words()
    event = re.match(rf"(?:\s+[\w-]+){{0,2}}?\s+({pattern.pattern})", after, re.IGNORECASE)
    if event:
        return words.get(event.group(2).lower(), "")
    return "channels" if re.match(r"(?:\s+[\w-]+){0,2}?\s+(?:channels?|electrodes?|leads?)\b", after) else ""


def _spelled_out(sentence: str) -> str:
    """Replace number words before a unit or a countable event by digits ("forty-five microvolts")."""
    noun = rf"(?:{_UNIT})\b|(?:[\w-]+\s){{0,3}}?(?:{_event_words()[0].pattern})|channels?\b|electrodes?\b|events?\b"

    def digits(match: re.Match[str]) -> str:
        words = re.split(r"[-\s]", match.group(1).lower())
        return str(sum(_NUMBER_WORDS[word] for word in words)) + match.group(2)

    return re.sub(rf"{_WORD_NUMBER.pattern}(\s+(?={noun}))", digits, sentence, flags=re.IGNORECASE)


def extract(sentence: str) -> list[Claim]:
    """List the claims of one sentence.

    Parameters
    ----------
    sentence : str
        Plain text or Markdown, one sentence or list item.

    Returns
    -------
    list of Claim
        Rules first, then clock times, channels, stages, events and numbers.
    """
    sentence = _spelled_out(_HARMLESS.sub(lambda m: " " * len(m.group()), sentence.replace("μ", "µ")))
    claims: list[Claim] = []
    blank = [sentence]

    def each(pattern: re.Pattern[str]) -> list[re.Match[str]]:
        matches = list(pattern.finditer(blank[0]))
        for m in matches:
            blank[0] = blank[0][: m.start()] + " " * len(m.group()) + blank[0][m.end() :]
        return matches

    claims += [Claim("rule", m.group(), name=m.group()) for m in each(_RULE)]
    for m in each(_CLOCK):
        seconds = int(m[1]) * 3600 + int(m[2]) * 60 + int(m[3] or 0)
        claims.append(Claim("clock", m.group(), seconds, "clock", 0.5 if m[3] else 30.0))
    claims += [Claim("channel", m.group(1), name=m.group(1)) for m in each(_CHANNEL)]
    claims += [
        Claim("stage", m.group(1), name=_stage_name(m.group(1)), stance=_stance(sentence, m.start()))
        for m in each(_STAGE)
    ]
    pattern, words = _event_words()
    for m in pattern.finditer(blank[0]):
        label = words[m.group(1).lower()]
        claims.append(Claim("event", m.group(), name=label, stance=_stance(sentence, m.start())))
    return claims + _numbers(sentence, blank)


def _stage_name(text: str) -> str:
    text = text.upper().replace(" ", "")
    if text in {"AWAKE", "WAKEFULNESS", "STAGEW"}:
        return "W"
    if text in {"REMSLEEP", "STAGER"}:
        return "R"
    return text.replace("NREM", "N")
