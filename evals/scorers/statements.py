"""What one answer as a whole says of each phenomenon, in a form in which two answers can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from evals.scorers.asked import uneven
from evals.scorers.assertions import Assertion, assertions, labels_of
from tools.labels import side_of

GAZE = ("eyer+", "eyer-")
WHOLE = 0.9
"""Share of the segment from which a range is no time of anything: the segment itself is meant."""
_OTHER_WAY = re.compile(
    r"\b(?:surface[- ])?positiv(?:e|ity)\b|\binvert(?:ed|s)?\b|\breversed polarity\b", re.IGNORECASE
)
_WIDE = re.compile(
    r"\b(?:many|most|nearly all|all) channels\b|\band others\b|\bwidespread\b|\bdiffuse|\bgenerali[sz]ed",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"\bthe (?:tallest|largest|strongest|first|last|clearest)\b|\bone of them\b|\bfor (?:example|instance)\b|"
    r"\band others\b",
    re.IGNORECASE,
)
_OPPOSITE = {"left": "right", "right": "left"}
Span = tuple[float, float]


class Statement(NamedTuple):
    """A phenomenon that an answer asserts, with all that it says of it."""

    name: str
    labels: frozenset[str]
    times: tuple[Span, ...] = ()
    rates: tuple[float, ...] = ()
    side: str | None = None
    """``left`` or ``right`` where the answer leaves no other reading; of an asymmetry, the lower side."""
    example: bool = False
    """The times are those of one event picked out of several."""
    other_way: bool = False
    """The answer says that its polarity is not the usual one."""


class Account(NamedTuple):
    """All that an answer says."""

    variant: str
    held: dict[str, Statement]
    denied: dict[str, frozenset[str]]
    """Names that are denied without any limit to a place or time, with the labels they stand for."""
    stages: frozenset[str]
    tolerance_hz: float = 0.5


def account(variant: str, text: str, duration: float) -> Account:
    """Read an answer.

    Parameters
    ----------
    variant : str
        How the segment was asked about.
    text : str
        All turns of the answer.
    duration : float
        Of the segment in seconds; a range over nearly all of it is no time.

    Notes
    -----
    What an answer both asserts and denies is left out of the comparison with others, unless the denial is limited
    to a side, channels or a time.
    """
    said = assertions(text)
    groups: dict[str, list[Assertion]] = {}
    denied: dict[str, frozenset[str]] = {}
    for one in said.phenomena:
        if one.stance == "asserted":
            groups.setdefault("gaze" if one.label in GAZE else one.label, []).append(one)
        elif one.stance == "denied" and not _limited(one, duration):
            denied["gaze" if one.label in GAZE else one.label] = _labels(one.label)
    held = {name: _merged(name, mine, duration) for name, mine in groups.items()}
    both = {name for name, one in held.items() if any(one.labels <= labels for labels in denied.values())}
    mixed = {name for name, labels in denied.items() if any(held[one].labels <= labels for one in both)}
    return Account(
        variant,
        {name: one for name, one in held.items() if name not in both},
        {name: labels for name, labels in denied.items() if name not in mixed},
        frozenset(stage for stage, how in said.stages if how == "asserted"),
    )


def moved(told: Account, by: float) -> Account:
    """The account with its times earlier by so many seconds."""
    return _with(told, lambda one: one._replace(times=tuple((a - by, b - by) for a, b in one.times)))


def without_start(told: Account, until: float) -> Account:
    """The account without what happens before a moment, phenomena of which nothing else is told included."""
    held = {}
    for name, one in told.held.items():
        times = tuple((a, b) for a, b in one.times if a >= until)
        if times or not one.times:
            held[name] = one._replace(times=times)
    return told._replace(held=held)


def mirrored(told: Account) -> Account:
    """The account with left and right exchanged."""
    return _with(told, lambda one: one._replace(side=_OPPOSITE.get(one.side or "")))


def _with(told: Account, change: Callable[[Statement], Statement]) -> Account:
    return told._replace(held={name: change(one) for name, one in told.held.items()})


def _labels(name: str) -> frozenset[str]:
    return frozenset(GAZE) if name in (*GAZE, "gaze") else frozenset(labels_of(name) or (name,))


def _limited(one: Assertion, duration: float) -> bool:
    """Whether a denial is about one place or moment only."""
    return bool(one.channels or one.side in _OPPOSITE or _times([one], duration))


def _merged(name: str, mine: Sequence[Assertion], duration: float) -> Statement:
    return Statement(
        name,
        _labels(name),
        tuple(dict.fromkeys(_times(mine, duration))),
        tuple(dict.fromkeys(rate for one in mine for rate in one.rates)),
        _side(name, mine),
        any(_EXAMPLE.search(one.sentence) for one in mine),
        any(_OTHER_WAY.search(one.sentence) for one in mine),
    )


def _times(mine: Iterable[Assertion], duration: float) -> list[Span]:
    return [(a, b) for one in mine for a, b in one.times if b - a < WHOLE * duration]


def _side(name: str, mine: Sequence[Assertion]) -> str | None:
    """The one side that is said; named electrodes are surer than words, except for where somebody looks."""
    if name == "asymmetry":
        lower = uneven(" ".join(dict.fromkeys(one.sentence for one in mine)), "left")
        return None if lower is None else "left" if lower else "right"
    sides: set[str] = set()
    for one in mine:
        if _WIDE.search(one.sentence):
            return None  # the channels that are named stand for more
        places = {side_of(channel) for channel in one.channels} - {"midline", "unknown"}
        if places and not (name == "gaze" and one.side in _OPPOSITE):
            sides |= places
        elif one.side is not None:
            sides.add(one.side)
    return sides.pop() if len(sides) == 1 and sides <= set(_OPPOSITE) else None
