"""Where on the head: channels, derivations, regions and sides, restricted to what the recording has."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.understanding.channels import channels_at, channels_in
from agent.understanding.text import Reading
from tools.types import Kind, Recording


@dataclass(frozen=True)
class Where:
    """Channels of the recording that a question means, and how it put it."""

    channels: tuple[str, ...] = ()
    region: str | None = None
    side: str | None = None
    lobe: str | None = None
    groups: tuple[tuple[str, ...], ...] = ()
    """The places one by one, in the order named: the parties of a comparison."""
    notes: tuple[str, ...] = ()
    missing: bool = False
    """A place was named, and the recording has nothing there."""


_SITE = (
    r"(?:fp[12z]|af[3478z]|fc[1-6z]|ft(?:[789]|10)|f(?:10|[1-9]|z)|tp(?:[789]|10)|t(?:10|[1-9])"
    r"|cp[1-6z]|c[1-6z]|po[3478z]"
    r"|p(?:10|[1-9]|z)|o[12z]|[am][12]|e[12])"
)
_CHANNEL = re.compile(rf"(?<![\w.]){_SITE}(?: ?- ?(?:{_SITE}|ref|av|avg|le)(?![\w]))?(?![\w]|\.\d)")
_PAIRED = re.compile(r"(?<![\w.])(fp|f|c|p|o|t)(\d{1,2}) ?/ ?(\d{1,2})(?![\w/])")  # "C3/4", "O1/2"
_SPACED = re.compile(
    r"(?<![\w.])(FP|Fp|F|C|P|O|T)[ -](\d|z|Z)(?![\w.:%]"
    r"|[ -]?(?:Hz|hz|HZ|s\b|sec|uV|uv|mm|min|ms|spikes?|pages?|channels?|and \d))"
)
_ANY_NAME = re.compile(
    r"\b(?:at|on|in|channels?|electrodes?|leads?|derivations?|over|and) (?:the )?(?:channels? "
    r"|electrodes? |leads? |derivations? )?([a-z]{1,3}\d{1,2}(?:-[a-z]{1,2}\d{1,2})?"
    r"|[a-z]{1,2}z)(?![\w:.])"
)
_NUMBERED = re.compile(r"\b(?:channel|electrode|lead) (?:number |no\.? |#)?(\d{1,4})\b(?! ?(?:hz|uv))")
_NO_NAMES = re.compile(r"(?:nrem|n|s|v|r)[0-9]+|hz|uv\d?|khz|oz")
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "eog",
        re.compile(
            r"\b(?:eog|eye (?:channels?|leads?|derivations?)|electro-?oculogram)\b(?! (?:artifact"
            r"|contamination))"
        ),
    ),
    (
        "emg",
        re.compile(
            r"\b(?:chin(?: emg| tone| muscle)?|emg|electromyogram|muscle tone|submental"
            r"|leg (?:emg|channels?))\b(?! (?:artifact|contamination|noise|activity))"
        ),
    ),
    (
        "ecg",
        re.compile(
            r"\b(?:ecg|ekg|electrocardiogram"
            r"|heart (?:channel|lead))\b(?! (?:artifact|contamination|interference|visible|in the eeg|pick))"
        ),
    ),
    (
        "resp",
        re.compile(
            r"\b(?:respiration|respiratory|airflow|nasal|flow|effort) (?:channels?|signals?|belts?"
            r"|traces?)\b"
        ),
    ),
)

_LOBES: dict[str, str] = {
    "frontopolar": r"frontopolar|fronto-polar|prefrontal|frontal pole",
    "anterior temporal": r"anterior[- ]temporal|antero-?temporal|fronto-?temporal",
    "posterior temporal": r"posterior[- ]temporal",
    "mid temporal": r"mid-?[- ]?temporal",
    "centrotemporal": r"centro-?temporal|rolandic",
    "frontocentral": r"fronto-?central",
    "centroparietal": r"centro-?parietal",
    "parietooccipital": r"parieto-?occipital",
    "temporooccipital": r"(?:temporo|occipito)-?(?:occipital|temporal)",
    "temporoparietal": r"temporo-?parietal",
    "parasagittal": r"parasagittal|para-sagittal",
    "frontal": r"frontal(?:ly)?|frontals",
    "temporal": r"temporal(?:ly)?|temporals",
    "central": r"central(?:ly)?|vertex region|centrals",
    "parietal": r"parietal(?:ly)?|parietals",
    "occipital": r"occipital(?:ly)?|occiput|occipitals",
    "posterior": r"posterior(?:ly)?|back of the head|the back|at the back",
    "anterior": r"anterior(?:ly)?|front of the head|the front|at the front",
    "midline": r"midline|mid-line|vertex|sagittal line",
}
_LOBE_WORD = re.compile(
    "|".join(rf"(?P<{name.replace(' ', '_')}>\b(?:{words})\b)" for name, words in _LOBES.items())
)
_NOT_A_PLACE = re.compile(
    r"(?:temporal"
    r"|central)(?= (?:variation|evolution|resolution|course|nervous|frequency|profile|relationship))"
    r"|posterior(?= (?:dominant|alpha|rhythm|basic|background))|anterior-posterior"
    r"|vertex(?= (?:sharp |waves?|v-?waves?|transients?))"
)
_SIDE = re.compile(
    r"\b(?:(?P<both>both (?:sides|hemispheres)|bilateral(?:ly)?|both|either side|left (?:and|or|versus"
    r"|vs\.?|against|to|with) (?:the )?right|right (?:and|or|versus|vs\.?|against|to"
    r"|with) (?:the )?left)"
    r"|(?P<left>left(?:-sided| side| hemisphere| hemispheric)?|lt)"
    r"|(?P<right>right(?:-sided| side| hemisphere| hemispheric)?|rt)"
    r"|(?P<opposite>(?:the )?(?:other|opposite) (?:side|hemisphere)|contralateral(?:ly)?))\b"
)
_RIGHT_NOT_SIDE = re.compile(
    r"\bright (?:now|here|away|before|after|at|there|then)\b|\bis (?:that|this|it) right\b"
    r"|\b(?:that is|you are|am i|all|is this) right\b|, right\?|^right\b(?=,)|\bwhat is left\b"
    r"|\bleft (?:out|over)\b"
)


def find_places(reading: Reading, recording: Recording) -> Where:
    """Read the channels, regions and sides of a question and tick them off."""
    found: list[tuple[int, tuple[str, ...], str | None]] = []  # position, channels, words
    unknown = 0
    for start, name in _named(reading, recording):
        channels = channels_at(name, recording)
        unknown += not channels
        found.append((start, channels, None))
    for kind, pattern in _KINDS:
        names = recording.names(kind)
        match = pattern.search(reading.left)
        if match and names:
            reading.tick(*match.span())
            found.append((match.start(), names, kind.upper()))
    regions, side, lobe = _regions(reading, recording)
    found += regions
    found.sort(key=lambda entry: entry[0])
    groups = tuple(dict.fromkeys(channels for _, channels, _ in found if channels))
    words = [w for _, channels, w in found if w]
    notes, empty = [], bool(found) and not groups
    if unknown:
        notes.append(
            "There is no such channel in this recording."
            if unknown == 1
            else f"{unknown} of the channels named are not in this recording."
        )
    elif empty:
        notes.append("No channel of this recording lies there.")
    return Where(
        channels=tuple(dict.fromkeys(c for group in groups for c in group)),
        region=" and ".join(dict.fromkeys(words)) or None,
        side=side,
        lobe=lobe,
        groups=groups,
        notes=tuple(notes),
        missing=empty,
    )


def _named(reading: Reading, recording: Recording) -> list[tuple[int, str]]:
    """Find channel names in the text, the recording's own first."""
    found: list[tuple[int, str]] = []
    for match in _PAIRED.finditer(reading.left):
        found += [(match.start(), match[1] + match[2]), (match.start() + 1, match[1] + match[3])]
        reading.tick(*match.span())
    for name in sorted({c for c in recording.names() if _unmistakable(c)}, key=len, reverse=True):
        at = reading.left.find(name.lower())
        while at >= 0:
            end = at + len(name)
            before, after = reading.left[at - 1 : at], reading.left[end : end + 1]
            if not (before.isalnum() or after.isalnum() or after == "-" or before == "-"):
                reading.tick(at, end)
                found.append((at, name))
            at = reading.left.find(name.lower(), end)
    for match in _CHANNEL.finditer(reading.left):
        found.append((match.start(), match[0]))
        reading.tick(*match.span())
    cased = "".join(c if left != " " else " " for c, left in zip(reading.cased, reading.left, strict=True))
    for match in _SPACED.finditer(cased):
        found.append((match.start(), match[1] + match[2]))
        reading.tick(*match.span())
    for pattern in (_ANY_NAME, _NUMBERED):
        for match in pattern.finditer(reading.left):
            if not _NO_NAMES.fullmatch(match[1]):
                found.append((match.start(), match[1]))
                reading.tick(*match.span(1))
    return found


def _unmistakable(name: str) -> bool:
    """Whether a name of the file can be told from a word of English: it holds a digit or a hyphen."""
    return len(name) >= 2 and bool(re.search(r"[0-9-]", name)) and not re.fullmatch(r"[\d\s.-]+", name)


def _regions(
    reading: Reading, recording: Recording
) -> tuple[list[tuple[int, tuple[str, ...], str | None]], str | None, str | None]:
    """Find lobes with the side said just before them, then sides alone."""
    text = reading.left
    for match in [*_NOT_A_PLACE.finditer(text), *_RIGHT_NOT_SIDE.finditer(text)]:
        text = text[: match.start()] + "_" * len(match[0]) + text[match.end() :]
    sides = [(m.start(), m.end(), m.lastgroup or "") for m in _SIDE.finditer(text)]
    lobes = [(m.start(), m.end(), (m.lastgroup or "").replace("_", " ")) for m in _LOBE_WORD.finditer(text)]
    found: list[tuple[int, tuple[str, ...], str | None]] = []
    used: set[int] = set()
    for start, end, lobe in lobes:
        near = [
            s
            for s in sides
            if s[1] <= start
            and start - s[1] <= 12
            and not re.search(r"\b(?:or|than|vs)\b", text[s[1] : start])
        ]
        near += [
            s
            for s in sides
            if end <= s[0] <= end + 18 and not re.search(r"\b(?:or|and|than|vs)\b", text[end : s[0]])
        ]
        side = near[-1] if near and near[-1][1] <= start else (near[0] if near else None)
        used |= {side[0]} if side else set()
        found += _placed(start, lobe, side[2] if side else None, recording)
    if len(lobes) == 1 and len(sides) > len(used):  # "left or right temporal": the lobe goes with both
        for start, _, side_word in sides:
            if start not in used and side_word != "opposite":
                found += _placed(start, lobes[0][2], side_word, recording)
        found = [entry for entry in found if entry[2] != lobes[0][2]] or found
    if not lobes:
        for start, _, side_word in sides:
            if side_word != "opposite":
                found += _placed(start, None, side_word, recording)
    for start, end, _ in sides + lobes:
        reading.tick(start, end)
    named = {word for _, _, word in sides}
    only = named.pop() if len(named) == 1 else ("both" if named else None)
    return found, only, lobes[0][2] if len(lobes) == 1 else None


def _placed(
    start: int, lobe: str | None, side: str | None, recording: Recording
) -> list[tuple[int, tuple[str, ...], str | None]]:
    if side == "both":
        return [
            (start, channels_in(lobe, "left", recording), f"left {lobe}" if lobe else "left"),
            (start + 1, channels_in(lobe, "right", recording), f"right {lobe}" if lobe else "right"),
        ]
    side = None if side == "opposite" else side
    return [(start, channels_in(lobe, side, recording), " ".join(word for word in (side, lobe) if word))]
