"""Words that make a claim: units, spelled-out numbers, electrodes, stages, and names of phenomena."""

from __future__ import annotations

import re
from functools import lru_cache

from tools.labels import GROUPS, synonyms

UNITS: dict[str, tuple[str, float]] = {
    "µv²": ("uV2", 1), "uv²": ("uV2", 1), "uv^2": ("uV2", 1), "µv^2": ("uV2", 1), "uv2": ("uV2", 1),
    "µv/mm": ("uV/mm", 1), "uv/mm": ("uV/mm", 1), "mm/s": ("mm/s", 1), "mm/sec": ("mm/s", 1),
    "mv²": ("uV2", 1e6), "mv/ms": ("uV/ms", 1000), "µv/ms": ("uV/ms", 1), "uv/ms": ("uV/ms", 1),
    "µv": ("uV", 1), "uv": ("uV", 1), "microvolts": ("uV", 1), "microvolt": ("uV", 1), "mv": ("uV", 1000),
    "khz": ("Hz", 1000), "hz": ("Hz", 1), "hertz": ("Hz", 1), "per second": ("Hz", 1), "/s": ("Hz", 1),
    "cycles per second": ("Hz", 1), "cps": ("Hz", 1), "c/s": ("Hz", 1),
    "/h": ("/h", 1), "per hour": ("/h", 1), "/hour": ("/h", 1),
    "/min": ("/min", 1), "per minute": ("/min", 1), "%": ("%", 1), "percent": ("%", 1), "per cent": ("%", 1),
    "ms": ("s", 0.001), "msec": ("s", 0.001), "milliseconds": ("s", 0.001), "s": ("s", 1), "sec": ("s", 1),
    "secs": ("s", 1), "seconds": ("s", 1), "second": ("s", 1), "min": ("s", 60), "mins": ("s", 60),
    "minutes": ("s", 60), "minute": ("s", 60), "h": ("s", 3600), "hours": ("s", 3600), "hour": ("s", 3600),
    "years of age": ("years", 1), "years old": ("years", 1), "year-old": ("years", 1), "years": ("years", 1),
    "year": ("years", 1), "db": ("dB", 1), "mm": ("mm", 1),
}  # fmt: skip
_ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty"""
_TENS = "thirty forty fifty sixty seventy eighty ninety hundred"
NUMBER_WORDS = {word: value for value, word in enumerate(_ONES.split())} | {
    word: 10 * (value + 3) for value, word in enumerate(_TENS.split())
}

NUM = r"\d+(?:[.,]\d+)?"
UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
JOIN = r"\s*(?:,\s*and|,\s*or|,|;|and|or|to|[-–—]|±|/)\s*"
WITH_UNIT = re.compile(rf"({NUM}(?:(?:{JOIN}){NUM})*)\s?-?\s?({UNIT})(?![A-Za-z²/^])", re.IGNORECASE)
RANGE = re.compile(rf"^{NUM}\s*(?:to|and|[-–—])\s*{NUM}$", re.IGNORECASE)
REPEATED_UNIT = re.compile(rf"({NUM})\s?({UNIT})(\s*(?:to|[-–—])\s*{NUM}\s?)(?=\2\b)", re.IGNORECASE)
BARE = re.compile(rf"(?<![\w.]){NUM}(?![\w])")
MINUTES = re.compile(
    r"\b(\d+)\s?min(?:utes?)?,?\s*(?:and\s*)?(\d+(?:\.\d+)?)\s?s(?:ec(?:onds?)?)?\b", re.IGNORECASE
)
_WORDS = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
WORD_NUMBER = rf"\b((?:{_WORDS})(?:[-\s](?:{_WORDS}))*)\b"
CLOCK = re.compile(r"(?<![\d:.])(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?![\d:])")
RULE = re.compile(r"\b(?:AASM|CE)-[A-Z0-9]+-\d+\b")
STAGE = re.compile(
    r"\b(?:stage\s+)?(N1|N2|N3|NREM[\s-]?[123]|REM sleep|stage (?:R|W|[1-4])|awake|wakefulness|"
    r"slow[- ]wave sleep|deep sleep|light sleep)\b",
    re.IGNORECASE,
)
STAGE_NAMES = {
    "awake": "W", "wakefulness": "W", "stage w": "W", "rem sleep": "R", "stage r": "R", "stage 1": "N1",
    "stage 2": "N2", "stage 3": "N3", "stage 4": "N3", "slow-wave sleep": "N3", "slow wave sleep": "N3",
    "deep sleep": "N3", "light sleep": "light sleep",
}  # fmt: skip
_ELECTRODE = (
    r"(?:Fp[12z]|AF[3478z]|F(?:[1-9]|10|z)|FC[1-6z]|FT(?:[789]|10)|T(?:[3-9]|10)|C[1-6z]|CP[1-6z]|"
    r"TP(?:[789]|10)|P(?:[1-9]|10|z)|PO[3478z]|O[12z]|[AM][12]|E[12])"
)
CHANNEL = re.compile(
    rf"(?<![A-Za-z0-9])(?<!G\d-)(?<!G-)({_ELECTRODE}(?:[-–‑](?:{_ELECTRODE}|AVG?|REF|LE))?)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
SIDE = re.compile(
    r"\b(left|right)(?=[-\s]+(?:sided?|hemi\w+|(?:(?:mid|"
    r"anterior|posterior|fronto|centro|temporo|parieto|occipito)"
    r"[-\s]?)?(?:frontal|central|temporal|parietal|occipital|"
    r"frontopolar|anterior|posterior|centro\w+|fronto\w+|"
    r"temporo\w+|parieto\w+)|channels?|electrodes?|leads?|chain|derivations?|spikes?|sharp|sleep|spindles?|"
    r"slow|blinks?|rhythm|asymmetr\w+)\b)|\b(?:on|over|in|from|to|at|"
    r"of) the (left|right)(?=\s*(?:$|[.,;:)]|than|and|side|hemi|at|in|is|are|was|"
    r"were|over|only|with))",
    re.IGNORECASE,
)
BOTH_SIDES = re.compile(
    r"\b(?:bilateral(?:ly)?|both (?:sides|hemispheres)|bihemispheric(?:ally)?)\b", re.IGNORECASE
)

_EVERYDAY = {
    "pulse", "cardiac", "motion", "movement", "breathing", "respiratory", "disconnected", "sw", "kc", "clipping",
    "saturation", "ictal", "awakening", "rem", "rems", "flat", "extreme", "muscle", "emg", "ecg", "ekg", "alpha",
    "mu", "sharp", "mains",
}  # fmt: skip
"""Everyday words that are also synonyms; they would turn half of every text into claims."""
_FURTHER = {
    "muscle artifact": "hfnoise", "muscle activity": "hfnoise", "muscle tension": "hfnoise",
    "lateral eye movements (positive)": "eyer+", "lateral eye movements (negative)": "eyer-",
    "eye movements": "eyem", "kcomplexes": "kcomplex", "seizure": "seizure", "sharp-wave": "sharp",
    "eye-blink": "eyem", "sleep-spindle": "spindle", "k-complexe": "kcomplex",
    "sharply contoured": "sharp", "muscle artefact": "hfnoise", "ecg artefact": "ecg",
    "movement artefact": "movement", "ocular artifact": "eyem", "ocular artefact": "eyem",
    "slow-wave": "slow_wave", "epileptiform": "epileptiform", "epileptic": "epileptiform",
    "interictal": "epileptiform", "periodic discharge": "periodic", "artifact": "artifact",
    "artefact": "artifact", "slowing": "slowing", "asymmetry": "asymmetry", "asymmetrical": "asymmetry",
    "asymmetric": "asymmetry", "delta burst": "none", "triphasic wave": "none", "lambda wave": "none",
    "posts": "none", "hypsarrhythmia": "none", "breach": "none", "wicket": "none",
    "burst-suppression": "burst_suppression", "suppression": "burst_suppression",
    "hypnagogic hypersynchrony": "none", "status epilepticus": "seizure", "encephalopathy": "none",
    "epilepsy": "none", "cap phase": "none",
}  # fmt: skip
NARROWER = {"periodic": ("LPD", "GPD", "BIPD")}
"""Names of several labels that are no group of the vocabulary."""
MEASURED_NOT_MARKED = {"slowing", "asymmetry"}
"""Phenomena that are measurements of the background, not events."""
SUBJECTS: dict[str, re.Pattern[str]] = {
    "posterior": re.compile(r"\bposterior|\bpdr\b|\balpha rhythm|\boccipital(?:ly)?\b.*\brhythm", re.IGNORECASE),
    "background": re.compile(r"\bdominant|\bbackground|\bmain(?:ly)?\b|"
                             r"\bpredominant|\bfundamental|\bprevailing", re.IGNORECASE),
    "delta": re.compile(r"\bdelta\b|δ", re.IGNORECASE), "theta": re.compile(r"\btheta\b|θ", re.IGNORECASE),
    "alpha": re.compile(r"\balpha\b|α", re.IGNORECASE), "beta": re.compile(r"\bbeta\b|β", re.IGNORECASE),
    "gamma": re.compile(r"\bgamma\b|γ", re.IGNORECASE),
    "recording": re.compile(r"\b(?:recording|file) (?:lasts?\b|is (?:about )?\d|has a (?:length|duration))",
                            re.IGNORECASE),
    "view": re.compile(r"\bfilter|\bcut\b|\bcut-?off|\bsensitivity|\bgain|"
                       r"\bnotch|\bhigh-?pass|\blow-?pass|\bband-?pass|"
                       r"\bpaper speed|\bmm/s|/mm\b|\bsettings?\b|"
                       r"\bshow(?:s|n|ing)?\b|\bdisplay", re.IGNORECASE),
}  # fmt: skip
"""What a number is about, as a sentence words it."""


@lru_cache(maxsize=1)
def event_words() -> tuple[re.Pattern[str], dict[str, str]]:
    """The pattern that finds names of phenomena, and the label or group each stands for."""
    words = {word: label for word, label in synonyms().items() if word not in _EVERYDAY}
    words |= {f"{name}s" if name in ("rhythm",) else name: name for name in GROUPS if name == "epileptiform"}
    words |= _FURTHER
    body = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    # "… or other artifacts" closes a list of what was named; it is no claim about all of them.
    return re.compile(rf"(?<![\w-])(?<!or other )({body})(?:e?s)?(?![\w])", re.IGNORECASE), words


def canonical_unit(text: str) -> tuple[str, float]:
    """Unit as the facts write it, and the factor to it."""
    return UNITS[" ".join(text.lower().replace("μ", "µ").split())]


def spelled_out(sentence: str) -> str:
    """Replace number words before a unit or something countable by digits ("forty-five microvolts")."""
    halved = re.sub(r"\bhalf an? (second|minute|hour)\b", r"0.5 \1", sentence, flags=re.IGNORECASE)
    return _spelled_pattern().sub(_digits, halved)


@lru_cache(maxsize=1)
def _spelled_pattern() -> re.Pattern[str]:
    noun = (
        rf"(?:{UNIT})\b|(?:[\w-]+\s){{0,3}}?(?:{event_words()[0].pattern})|"
        r"(?:[\w-]+\s){0,2}?(?:channels?|electrodes?|leads?|events?|waves?|were|are|in total)\b"
    )
    return re.compile(rf"{WORD_NUMBER}(\s+(?!of\b)(?={noun}))", re.IGNORECASE)


def _digits(match: re.Match[str]) -> str:
    words = re.split(r"[-\s]", match.group(1).lower())
    return str(sum(NUMBER_WORDS[word] for word in words)) + match.group(2)
