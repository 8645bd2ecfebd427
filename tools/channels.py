"""Channel names as everyone here uses them, and what each channel records.

A file's labels become canonical names (``EEG T7-REF`` becomes ``T3``) and kinds. Scoring and event
channels, triggers and references are kinds of their own, so that none of them is taken for EEG.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from tools.deidentify import ELECTRODES, clean_label, series_names
from tools.labels import NEW_TO_CLASSICAL
from tools.source import SourceSignal
from tools.types import Kind

Montage = Literal["referential", "average", "bipolar", "laplacian", "psg", "unknown"]

_EARS = frozenset({"A1", "A2", "M1", "M2"})
_LINKED = frozenset(
    {
        *("REF", "REF1", "REF2", "VREF", "CREF", "COM", "ORG", "G19", "LE", "LER", "CLE", "LM"),
        *("A1A2", "A2A1", "A1+A2", "M1M2", "M2M1", "M1+M2", "AV", "AVE", "AVG", "AVERAGE", "AR", "CAR"),
    }
)
_AVERAGE = frozenset({"AV", "AVG", "AVE", "CAR", "AVERAGE"})
_PREFIX = re.compile(r"(eeg|pol|seeg|ecog)[\s_:\-]+(?=\S)", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*[-:/_]\s*|\s+")
_JOINED = re.compile(r"([A-Za-z]{1,3}(?:\d{1,2}|z))([AMam][12])")
_WORDS_OF_KINDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (
        "scoring",
        (r"hypno|scor(e|ing)|(^|[ _])(stage|stade)s?", r"^events?[_ ](?!mark)", r"^(arousal|apnea)s?$"),
    ),
    (
        "trigger",
        (r"^status|stim(ulus)?\b|trig|^sti ?\d|mark(er)?\b|^mkr", r"^events?$|photic|^pht|^din ?\d|^ttl"),
    ),
    ("eog", (r"eog|^(loc|roc)([ _\-].*|\d)?$|ocul|^e[12]([ _\-].*)?$|^eye",)),
    (
        "emg",
        (r"emg|chin|submental|masseter|tibial", r"^(l|r)?(leg|lat|rat|tib)([ _\-/].*|\d)?$|^(l|r)leg"),
    ),
    ("ecg", (r"ecg|ekg|cardio",)),
    (
        "resp",
        (
            r"resp|flow|nasal|^naf|thor|^vth|abd|^vab|chest|effort",
            r"cannula|ptaf|oro|therm|cpap|^rip|^rmi",
        ),
    ),
    (
        "other",
        (
            r"sao2|spo2|^o2|puls|pleth|ppg|^pr$|^hr$|heart|^pos|posit|phono|snor|^mic|sound|light|temp|^acc",
            r"gyro|batt|co2|press|^dc ?\d|^aux|^gsr|imped|^gnd|ground|^ergo|^time|^volume|^misc|^bp",
            r"^x\d|^\$|^e$|^sp[12]$|^pg[12]$|^exg",
        ),
    ),
    ("reference", (r"^(left|right|l|r)?[ _]?(ear|mast(oid)?)s?$|^ref$",)),
)
_KINDS = tuple((kind, re.compile("|".join(patterns))) for kind, patterns in _WORDS_OF_KINDS)
"""The first that matches counts, so what must never be taken for a signal comes first."""


class NamedChannel(NamedTuple):
    """A label understood as far as it goes by itself."""

    name: str
    original_name: str
    kind: Kind | None
    """None where the name says nothing: the signal decides."""
    reference: str
    """The stripped reference in capitals, empty where the label gives none."""


def name_channels(signals: Sequence[SourceSignal]) -> list[NamedChannel]:
    """Give every signal its canonical name, its cleaned original name and its kind, as far as names tell.

    Names that occur twice get a number, ``T4-T6 (2)``; the caller says so to the user.
    """
    labels = [" ".join(signal.label.split()) for signal in signals]
    series = series_names(labels)
    grid = _is_grid(labels)
    named = [_name_channel(label, i + 1, series, grid, signals[i]) for i, label in enumerate(labels)]
    seen: Counter[str] = Counter()
    unique = []
    for channel in named:
        seen[channel.name.lower()] += 1
        n = seen[channel.name.lower()]
        unique.append(channel if n == 1 else channel._replace(name=f"{channel.name} ({n})"))
    return unique


def canonical_name(text: str) -> str:
    """Name under which a channel goes here, for names as users write them (``t7``, ``EEG FP1-REF``)."""
    bare = _PREFIX.sub("", " ".join(text.split()), count=1)
    found = _electrodes(bare)
    return "-".join(found[0]) if found else bare


def guess_montage(eeg: Sequence[NamedChannel], kinds: Sequence[Kind]) -> Montage:
    """Tell from names how the EEG channels are referenced."""
    if not eeg:
        return "unknown"
    parts = [channel.name.split(" (")[0].split("-") for channel in eeg]
    between = sum(len(p) == 2 and not _EARS & set(p) for p in parts)
    body = sum(kind in ("eog", "emg", "resp") for kind in kinds)
    if body and len(eeg) <= 10:
        return "psg"
    if between > len(eeg) / 2:
        return "bipolar"
    references = Counter(channel.reference for channel in eeg)
    if references.most_common(1)[0][0] in _AVERAGE:
        return "average"
    if any(p[0].lower() in ELECTRODES for p in parts) or references.most_common(1)[0][0]:
        return "referential"
    return "unknown"


def _name_channel(
    label: str, position: int, series: frozenset[str], grid: bool, signal: SourceSignal
) -> NamedChannel:
    original = clean_label(label, position, series)
    typed_eeg = signal.kind == "eeg" or re.match(r"eeg(\b|[_\-:\d])", label, re.IGNORECASE) is not None
    bare = _PREFIX.sub("", label, count=1).strip(" .")
    if grid and re.fullmatch(r"[A-Za-z]\d{1,3}", bare):
        return NamedChannel(bare.upper(), original, None, "")
    found = _electrodes(bare)
    if found is not None:
        names, reference = found
        kind: Kind = "reference" if set(names) <= _EARS else "eeg"
        if names[0] in ("E1", "E2"):
            kind = "eog"
        if not set(names) & {"Pg1", "Pg2", "Sp1", "Sp2"}:
            return NamedChannel("-".join(names), original, kind, reference)
    kind_by_name = _kind_by_words(bare, signal.unit)
    if kind_by_name is None:
        kind_by_name = signal.kind if signal.kind not in (None, "eeg") else None
    if kind_by_name is None and typed_eeg:
        kind_by_name = "eeg"
    return NamedChannel(_short_name(original), original, kind_by_name, "")


def _electrodes(text: str) -> tuple[tuple[str, ...], str] | None:
    """Electrodes a label consists of and the reference that was stripped, or None if it is no such label."""
    joined = _JOINED.fullmatch(text)
    parts = list(joined.groups()) if joined else [p.strip(" .") for p in _SEPARATOR.split(text)]
    if len(parts) == 3 and re.fullmatch(r"\d", parts[2]):  # a duplicate numbered by another program
        parts = parts[:2]
    if not 1 <= len(parts) <= 2:
        return None
    reference = ""
    if len(parts) == 2 and parts[1].upper() in _LINKED:
        reference = parts.pop().upper()
    names = [ELECTRODES.get(part.lower()) for part in parts]
    known = tuple(_classical(name) for name in names if name is not None)
    return (known, reference) if len(known) == len(names) and known else None


def _classical(name: str) -> str:
    """Classical name of a place of the 10-10 system; mastoids are no ears and stay what they are."""
    return name if name in _EARS else NEW_TO_CLASSICAL.get(name, name)


def _kind_by_words(text: str, unit: str) -> Kind | None:
    if unit.strip().lower() in ("stade", "stage", "ev", "event"):
        return "scoring"
    low = text.lower()
    return next((kind for kind, pattern in _KINDS if pattern.search(low)), None)


def _short_name(original: str) -> str:
    """Drop a type that is written twice (``ECG ECG1``) or says nothing (``POL DC01``)."""
    words = re.sub(r"[-_ ]ref$", "", original, flags=re.IGNORECASE).split(" ")
    if len(words) == 2:
        first, second = words
        if second.upper().startswith(first.upper()):
            return second
        if first.upper() in ("EEG", "POL", "SEEG", "ECOG") and not second.isdigit():
            return second
    return " ".join(words)


def _is_grid(labels: Sequence[str]) -> bool:
    """Whether ``A1`` or ``E1`` number the sensors of a cap or grid instead of naming ears or eyes."""
    bare = {_PREFIX.sub("", label, count=1).strip(" .").upper() for label in labels}
    return any({f"{letter}{n}" for n in range(1, 5)} <= bare for letter in "AE")
