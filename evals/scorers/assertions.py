"""What an answer asserts of a segment: phenomena with the times, channels, rates and heights said of them.

The claims themselves are read by `agent.claims`, the same for whatever wrote the text; here those of a sentence
are put together, so that "spikes at T3 at 1.2 s, 90 µV peak-to-peak" is one assertion about spikes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.claims import Claim, extract, passages, plain
from agent.lexicon import NARROWER
from agent.stance import Stance, stance
from tools.labels import GROUPS, LABELS, REGIONS, electrodes, side_of
from tools.types import AmplitudeKind

BACKGROUND = {
    "low_voltage": re.compile(r"\blow[- ](?:voltage|amplitude) (?:background|record|throughout|activity)|"
                              r"\b(?:background|record)\b[^.;]{0,40}\blow[- ]voltage|\blow voltage\b", re.IGNORECASE),
    "fast_activity": re.compile(r"\b(?:fast|beta) activity\b|\bexcess(?:ive)? (?:of )?beta\b", re.IGNORECASE),
    "variation": re.compile(r"\bbackground (?:changes|is variable|is not constant|turns)\b", re.IGNORECASE),
}  # fmt: skip
"""Properties of a background that are no label of the vocabulary; slowing and asymmetry the lexicon has."""
_PLACES = {
    name: re.compile(rf"\b{name}\b", re.IGNORECASE)
    for name in REGIONS
    if name not in ("left", "right", "anterior", "posterior")
}
_SIDES = re.compile(r"\b(left|right|bilateral|generali[sz]ed|diffuse)(?:ly)?\b", re.IGNORECASE)
_THROUGHOUT = re.compile(
    r"\bthroughout\b|\bcontinuous(?:ly)?\b|\bwhole (?:segment|page|clip)\b", re.IGNORECASE
)


class Assertion(NamedTuple):
    """A phenomenon and what one sentence says of it."""

    label: str
    """Of the vocabulary, a group of it, ``slowing``, ``asymmetry`` or a key of `BACKGROUND`."""
    stance: Stance
    sentence: str
    times: tuple[tuple[float, float], ...] = ()
    """Points and ranges in seconds; a point has equal ends."""
    lengths: tuple[float, ...] = ()
    rates: tuple[float, ...] = ()
    """In Hz."""
    heights: tuple[tuple[float, AmplitudeKind], ...] = ()
    """In microvolts; heights of no stated kind are left out, for nothing can be compared with them."""
    channels: frozenset[str] = frozenset()
    side: str | None = None
    """``left``, ``right``, or ``both`` where it is said."""
    throughout: bool = False


class Said(NamedTuple):
    """All that a text asserts."""

    phenomena: tuple[Assertion, ...]
    stages: tuple[tuple[str, Stance], ...]


def assertions(text: str) -> Said:
    """Read a text sentence by sentence.

    Parameters
    ----------
    text : str
        An answer, a caption or a reference.

    Returns
    -------
    Said
        In the order of the text; a phenomenon that several sentences name stands once for each.
    """
    phenomena: list[Assertion] = []
    stages: list[tuple[str, Stance]] = []
    for passage in passages(text):
        claims = extract(passage.read)
        phenomena += _of_sentence(plain(passage.read), claims)
        stages += [(claim.name, claim.stance) for claim in claims if claim.kind == "stage"]
    return Said(tuple(phenomena), tuple(stages))


def labels_of(name: str) -> tuple[str, ...]:
    """Labels that a name stands for: itself, its group's, or those it sums up."""
    if name in LABELS:
        return (name,)
    return NARROWER.get(name) or GROUPS.get(name) or ()


def _of_sentence(sentence: str, claims: Sequence[Claim]) -> Iterator[Assertion]:
    named = [(claim.at, claim.name, claim.stance) for claim in claims
             if claim.kind == "event" and claim.name != "none"]  # fmt: skip
    for name, pattern in BACKGROUND.items():
        named += [(m.start(), name, stance(sentence, m.start(), m.end())) for m in pattern.finditer(sentence)]
    named = _once(sorted(named))
    for number, (at, name, how) in enumerate(named):
        first = 0 if number == 0 else at
        last = named[number + 1][0] if number + 1 < len(named) else len(sentence)
        mine = [claim for claim in claims if first <= claim.at < last]
        yield _put_together(name, how, sentence, sentence[first:last], mine)


def _once(named: list[tuple[int, str, Stance]]) -> list[tuple[int, str, Stance]]:
    """A phenomenon said twice in a row ("lateralized periodic discharges (LPD)") is one assertion."""
    kept: list[tuple[int, str, Stance]] = []
    for entry in named:
        if not any(entry[1:] == before[1:] for before in kept):
            kept.append(entry)
    return kept


def _put_together(name: str, how: Stance, sentence: str, part: str, mine: Sequence[Claim]) -> Assertion:
    numbers = [claim for claim in mine if claim.kind == "number"]
    # What is given in milliseconds is a width or a lag, never a place in the recording.
    seconds = [claim for claim in numbers if claim.unit == "s" and not claim.text.endswith("ms")]
    explicit = {e for claim in mine if claim.kind == "channel" for e in electrodes(claim.name)}
    side = _side(mine, part)
    return Assertion(
        label=name,
        stance=how,
        sentence=sentence,
        times=tuple(dict.fromkeys(_time(claim) for claim in seconds if claim.role != "length")),
        lengths=tuple(claim.value for claim in seconds if claim.role == "length"),
        rates=tuple(claim.value for claim in numbers if claim.unit == "Hz"),
        heights=tuple((c.value, c.amplitude) for c in numbers if c.unit == "uV" and c.amplitude),
        channels=frozenset(explicit or _region(part, side)),
        side=side,
        throughout=bool(_THROUGHOUT.search(part)),
    )


def _time(claim: Claim) -> tuple[float, float]:
    if claim.role != "range":
        return claim.value, claim.value
    return min(claim.value, claim.other), max(claim.value, claim.other)


def _side(mine: Sequence[Claim], part: str) -> str | None:
    said = {claim.name for claim in mine if claim.kind == "side"}
    said |= {
        word if word in ("left", "right") else "both"
        for word in (m[1].lower() for m in _SIDES.finditer(part))
    }
    return said.pop() if len(said) == 1 else "both" if said else None


def _region(part: str, side: str | None) -> set[str]:
    named = [name for name, pattern in _PLACES.items() if pattern.search(part)]
    places = {channel for name in named for channel in REGIONS[name]}
    if side in ("left", "right"):
        places = {channel for channel in places if side_of(channel) in (side, "midline")}
    return places
