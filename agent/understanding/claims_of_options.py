"""What an option claims: findings with side, place, frequency and state, in whatever clinical words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from agent.understanding import finding_words as words
from tools.labels import EPILEPTIFORM, NEW_TO_CLASSICAL, PATTERN, TEN_TWENTY, side_of

Side = Literal["left", "right", "bilateral"]
State = Literal["wake", "light", "deep", "asleep"]

_LEFT = re.compile(
    r"\bleft\w*|\bsinistral\b|\b(?:l|lt)\b(?= (?:front|temp|cent|pari|occi|hemi|side|roland|mid))"
)
_RIGHT = re.compile(
    r"\bright\w*|\bdextral\b|\b(?:r|rt)\b(?= (?:front|temp|cent|pari|occi|hemi|side|roland|mid))"
)
_BOTH = re.compile(
    r"\bbilateral\w*|\bboth (?:sides|hemispheres|halves)\b|\bbisynchron\w*|\bbi ?hemispher\w*|\bgeneral\w*|\bdiffus\w*"
)
_REGIONS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("frontopolar", re.compile(r"\bfronto ?polar\b|\bpre ?frontal\b|\bfrontal pole\w*")),
    ("frontal", re.compile(r"\b(?:mid|inferior|superior|bi|orbito)? ?front(?:al\w*|o ?(?!polar)\w*)"
                          r"|\banterior\b(?! temporal)|\bforehead\b")),
    ("central", re.compile(r"\bcentr(?:al\w*|o\w*)|\b\w+ ?central\w*|\brolandic\b|\bsensori ?motor\b")),
    ("temporal", re.compile(r"\b(?:mid|bi)? ?tempor(?:al\w*|o\w*)|\b\w+temporal\w*|\bsylvian\b")),
    ("parietal", re.compile(r"\bpariet\w*|\b\w+pariet\w*")),
    ("occipital", re.compile(r"\boccip\w*|\b\w+occip\w*")),
    ("midline", re.compile(r"\bmid ?line\b|\bparasagittal\b")),
)  # fmt: skip
_NOT_A_REGION = re.compile(r"\btemporal(?:ly)? (?:variation|variab\w+|chang\w+|evolution|instab\w+|course)\b")
_HERTZ = re.compile(
    r"(\d+(?:\.\d+)?)(?: ?(?:to|-|–) ?(\d+(?:\.\d+)?))? ?(?:hz\b|hertz\b|per sec\w*|/ ?s(?:ec\w*)?\b"
    r"|c ?/ ?s(?:ec)?\b|cps\b|cycles?\b|times (?:a|per) second|a second\b)"
)
_SPELT = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
          "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14"}  # fmt: skip
_SPELT_RATE = re.compile(rf"\b({'|'.join(_SPELT)})(?= ?(?:hz|hertz|per sec|cycles|times a sec|a second))")
_COMPARED = re.compile(r"^\W*(?:compared|relative|in contrast|unlike|against)\b")

_SLOW_EYES = next(wording.pattern for wording in words.WAVES if wording.kind == "sem")


class Claim(NamedTuple):
    """One finding that an option names, with what it says of it."""

    kind: str
    """A label of the vocabulary, or ``epileptiform``, ``spsw run``, ``blink``, ``gaze``, ``eyes``, ``drowsiness``,
    ``deep sleep``, ``state``, ``normal``, ``abnormal``, ``variation``, ``asymmetry``, ``generalized slowing``,
    ``focal slowing``, ``fast``, ``low voltage``."""
    side: Side | None = None
    """The lower side of an asymmetry, the direction of a gaze."""
    regions: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    hz: float | None = None
    band: Literal["delta", "theta"] | None = None
    state: State | None = None
    denied: bool = False


def read_claims(text: str, labels: tuple[str, ...] = ()) -> tuple[Claim, ...]:
    """Read what an option claims.

    Parameters
    ----------
    text : str
        The option as it stands.
    labels : tuple of str
        Labels of the vocabulary that it names by their names; patterns are taken from here.

    Returns
    -------
    tuple of Claim
        The most telling first; empty where nothing is understood. What is denied beside something affirmed
        ("normal, no spikes") is left out.
    """
    low = _plain(text)
    waves = list(_waves(low))
    rest = _SLOW_EYES.sub(" ", low)
    found = [*waves, *_whole(rest, labels, beside=any(claim.kind != "sem" for claim in waves))]
    if any(claim.kind == "drowsiness" for claim in found):  # slow eye movements are a sign of it
        found = [claim for claim in found if claim.kind != "sem"]
    affirmed = [claim for claim in found if not claim.denied]
    return tuple(dict.fromkeys(affirmed or found))


def _plain(text: str) -> str:
    """Lower case without hyphens between words; numbers spelt out before a unit become digits."""
    low = text.lower().replace("–", "-").replace("—", " , ").replace("’", "'")
    low = re.sub(r"(?<=\d),(?=\d)", ".", low)
    low = re.sub(r"(?<=[a-z])-(?=[a-z])|(?<=[a-z])-(?=\d)|(?<=\d)-(?=[a-z])", " ", low)
    low = re.sub(r"(?<=[a-z])/(?=[a-z]{2})", " or ", low)
    return " ".join(_SPELT_RATE.sub(lambda m: _SPELT[m[1]], low).split())


def _waves(low: str) -> Iterator[Claim]:
    """Waves and artifacts; each takes its words away, so that "spike" is not found again in "spike-wave"."""
    left, found = low, []
    for wording in words.WAVES:
        match = wording.pattern.search(left)
        if match:
            found.append((match.start(), wording.kind, _denied(low, match.start(), match.end())))
            left = wording.pattern.sub(lambda m: "#" * len(m[0]), left)
    kinds = {kind for _, kind, _ in found}
    for _, kind, denied in sorted(found):
        if kind in _IMPLIED and kinds & _IMPLIED[kind]:
            continue
        run = kind == "spsw" and _is_run(low)
        yield Claim(
            "spsw run" if run else kind, side(low), regions(low), sites(low), hertz(low), denied=denied
        )


_IMPLIED = {
    "epileptiform": {"spike", "sharp", "spsw"}, "eyes": {"blink", "gaze", "sem", "rem"},
    "hfnoise": {"chewing"}, "movement": {"chewing", "blink", "gaze", "sem"}, "blink": {"gaze"}, "rem": {"gaze"},
}  # fmt: skip
"""Words that are said of the more telling finding beside them: "chewing, with muscle activity"."""


def _is_run(low: str) -> bool:
    placed = (sites(low) or regions(low)) and hertz(low) is None
    return bool(words.BURST.search(low)) and side(low) not in ("left", "right") and not placed


def _denied(low: str, start: int, end: int) -> bool:
    clause = re.split(r"[,;.:]| but ", low[:start])[-1]
    return bool(words.DENIED.search(clause) or words.DENIED_AFTER.search(low[end:]))


def _whole(low: str, labels: tuple[str, ...], *, beside: bool) -> Iterator[Claim]:
    """Normality, state, and what the background is like."""
    normal = words.NORMAL.search(low)
    if normal and not words.ABNORMAL.search(low.replace(normal[0], " ")):
        yield Claim("normal", state=state(low))
        if match := words.ALPHA.search(low):
            yield Claim("alpha", hz=hertz(low), denied=_denied(low, match.start(), match.end()))
        return
    patterns = [] if beside and "absence" in low else [label for label in labels if label in PATTERN]
    patterns = [label for label in patterns if label != "burst_suppression" or "burst" in low]
    if patterns and not set(labels) & set(EPILEPTIFORM):  # "discharges" and "pathology" name no pattern
        yield from (Claim(label, side(low), hz=hertz(low)) for label in patterns)
    else:
        yield from _background(low, beside)


def _background(low: str, beside: bool) -> Iterator[Claim]:
    """What is said of the background; beside waves, words such as "low" or "fast" are said of them."""
    slow = words.SLOW.search(low)
    drowsy, deep = words.DROWSY.search(low), words.DEEP.search(low) or words.DEEP_WAVES.search(low)
    deep = deep or (words.ASLEEP.search(low) and re.search(r"\bdelta\b", low))
    if low_side := _lower_side(low, beside):
        yield Claim("asymmetry", side=None if low_side == "bilateral" else low_side)
    elif words.CHANGE.search(low) and not beside and not drowsy and not deep:
        yield Claim("variation", band=band(low))
    elif drowsy and not beside:
        yield Claim("drowsiness", state="light")
    elif deep and side(low) not in ("left", "right"):
        yield Claim("deep sleep", state="deep")
    elif words.LOW_VOLTAGE.search(low) and not beside:
        yield Claim("low voltage")
    elif slow and slow[0].startswith("slow") and hertz(low) and words.ALPHA.search(low):
        yield Claim("alpha", hz=hertz(low))
    elif slow and not (beside and slow[0].startswith("slow")):
        yield from _slowing(low)
    elif words.ALPHA.search(low):
        match = words.ALPHA.search(low)
        yield Claim("alpha", hz=hertz(low), denied=bool(match and _denied(low, match.start(), match.end())))
    elif words.FAST.search(low) and not beside:
        yield Claim("fast")
    elif words.ABNORMAL.search(low) and not beside:
        yield Claim("abnormal")
    elif (named := state(low)) and not beside:
        yield Claim("state", state=named)


def _slowing(low: str) -> Iterator[Claim]:
    """Slow activity of a place or of the whole head; "slow waves" alone are those of sleep."""
    one_sided = side(low) in ("left", "right")
    narrow = one_sided or words.NARROW.search(low) or (regions(low) and not words.WIDE.search(low))
    if narrow:
        yield Claim("focal slowing", side(low), regions(low), sites(low), band=band(low))
    elif not words.WIDE.search(low) and re.fullmatch(
        r"(?:\w+ )?(?:slow|delta) waves?(?: (?:activity|are) \w+)?\W*", low
    ):
        yield Claim("slow_wave")
    else:
        yield Claim("generalized slowing", band=band(low))


def _lower_side(low: str, beside: bool) -> Side | None:
    """The side that is said to be lower; ``bilateral`` where an asymmetry is named without one."""
    named = [m[0][0] for m in sorted([*_LEFT.finditer(low), *_RIGHT.finditer(low)], key=lambda m: m.start())]
    sides: list[Side] = ["left" if letter == "l" else "right" for letter in named]
    lower, higher = words.LOWER.search(low), words.HIGHER.search(low)
    asymmetric = words.ASYMMETRY.search(low)
    if not asymmetric and not (sides and (lower or higher) and not beside):
        return None
    if words.SLOW.search(low) and not asymmetric and not lower:
        return None  # "more theta on the left" is slowing
    if not sides:
        return "bilateral"
    subject = sides[1] if len(sides) > 1 and _COMPARED.search(low) else sides[0]
    other: Side = "left" if subject == "right" else "right"
    if lower and (not higher or lower.start() < higher.start()):
        return subject
    return other if higher else "bilateral"


def side(low: str) -> Side | None:
    """Side that is named, in words or by electrodes."""
    left, right = bool(_LEFT.search(low)), bool(_RIGHT.search(low))
    if (left and right) or _BOTH.search(low):
        return "bilateral"
    if left or right:
        return "left" if left else "right"
    by_site = {side_of(site) for site in sites(low)}
    if len(by_site & {"left", "right"}) != 1 or len(by_site) != 1:
        return None
    return "left" if "left" in by_site else "right"


def regions(low: str) -> tuple[str, ...]:
    """Regions that are named, compounds in parts: centrotemporal is central and temporal."""
    text = _NOT_A_REGION.sub(" ", low)
    return tuple(name for name, pattern in _REGIONS if pattern.search(text))


def sites(low: str) -> tuple[str, ...]:
    """Electrodes that are named, by their classical names."""
    named = {new.lower(): old for new, old in NEW_TO_CLASSICAL.items()} | {e.lower(): e for e in TEN_TWENTY}
    return tuple(
        dict.fromkeys(named[token] for token in re.findall(r"[a-z]+\d|[fcp]z", low) if token in named)
    )


def hertz(low: str) -> float | None:
    """Frequency that is named, of a range its middle."""
    match = _HERTZ.search(low)
    if not match:
        return None
    return (float(match[1]) + float(match[2] or match[1])) / 2


def band(low: str) -> Literal["delta", "theta"] | None:
    """Slow band that is named; None where none or both are."""
    theta, delta = "theta" in low, "delta" in low
    if theta == delta:
        rate = hertz(low)
        return None if rate is None or rate >= 8 else "theta" if rate >= 4 else "delta"
    return "theta" if theta else "delta"


def state(low: str) -> State | None:
    """State that is named: waking, light sleep (N1, N2, REM), deep sleep, or sleep as such."""
    if words.DEEP.search(low):
        return "deep"
    if words.LIGHT.search(low):
        return "light"
    if words.AWAKE.search(low):
        return "wake"
    return "asleep" if words.ASLEEP.search(low) else None
