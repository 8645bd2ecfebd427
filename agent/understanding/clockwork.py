"""Single times in a text: "4.2 s", "1 min 20 s", "1:20", "02:15", "2 am", and numbers that may be one.

The text is drawn as a *shape* in which every time is a run of ``@`` and every other number a run of
``#`` of the same length, so that the patterns for spans and moments stay short and cannot run away.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Literal, NamedTuple

from tools.types import Recording

Precision = Literal["bare", "second", "minute", "clock"]
DAY = 86400.0
MOST = 60
"""Numbers of one question that are looked at; a text with more is no question about times."""


class Atom(NamedTuple):
    """One time as written."""

    value: float
    """Seconds; for a clock time without seconds read as minutes and seconds (``1:20`` is 80)."""
    precision: Precision
    parts: tuple[float, ...] = ()
    """Hours, minutes and seconds of a clock time as written, two or three of them."""
    afternoon: bool | None = None
    """From ``am`` and ``pm``; None where neither was said."""


_SECOND = r"(?:milliseconds?|msecs?|ms|seconds?|secs?|s)"
_MINUTE = r"(?:minutes?|mins?|m)"
_HOUR = r"(?:hours?|hrs?|h)"
_NUMBER = r"\d{1,6}(?:\.\d{1,4})?"
_ATOM = re.compile(
    rf"(?<![\w.:])(?:(?P<clock>\d{{1,3}}:[0-5]\d(?::[0-5]\d(?:\.\d{{1,3}})?)?(?! ?[ap]\.?m\b))"
    rf"|(?P<half>\d{{1,2}}(?::[0-5]\d)?(?::[0-5]\d)? ?[ap]\.?m\b\.?)"
    rf"|(?P<long>{_NUMBER}[ -]?{_HOUR}(?:(?: ?| and ){_NUMBER} ?{_MINUTE})?(?:(?: ?"
    rf"| and ){_NUMBER} ?{_SECOND})?\b"
    rf"|{_NUMBER}[ -]?{_MINUTE}(?:(?: ?| and ){_NUMBER} ?{_SECOND})?\b)(?!/)"
    rf"|(?P<short>{_NUMBER}[ -]?{_SECOND}\b)(?!/)"
    rf"|(?P<bare>{_NUMBER})(?![\w:%/]|\.\d| ?-? ?(?:hz|uv|mv|mm|db|percent|per ?cent|years?|/)))"
)
_DIGITS = re.compile(r"\d")
_TERM = re.compile(
    rf"({_NUMBER})[ -]?({_HOUR}|{_MINUTE}|{_SECOND})\b|({_NUMBER}) ?({_HOUR}|{_MINUTE}|{_SECOND})"
)


class Shape:
    """A text with its times marked."""

    def __init__(self, text: str) -> None:
        self.atoms: dict[int, Atom] = {}
        self.original = text
        drawn = list(text.replace("@", "="))
        for match in islice(_ATOM.finditer(text), MOST):
            self.atoms[match.start()] = _read(match)
            drawn[match.start() : match.end()] = "@" * (match.end() - match.start())
        self.text = _DIGITS.sub("#", "".join(drawn))
        """Same length as the original."""

    def blank(self, start: int, end: int) -> None:
        """Take a span out, so that nothing else uses it."""
        self.text = self.text[:start] + " " * (end - start) + self.text[end:]

    def within(self, match: re.Match[str]) -> list[Atom]:
        """Times inside a match, in order."""
        return [atom for start, atom in sorted(self.atoms.items()) if match.start() <= start < match.end()]


def _read(match: re.Match[str]) -> Atom:
    text = match[0]
    if match["clock"] or match["half"]:
        afternoon = None
        if match["half"]:
            afternoon, text = "p" in text, re.sub(r"[^\d:]", "", text)
        parts = tuple(float(part) for part in text.split(":"))
        value = parts[0] * 60 + parts[1] if len(parts) == 2 else parts[0] * 3600
        if len(parts) == 3:
            value = parts[0] * 3600 + parts[1] * 60 + parts[2]
        return Atom(value, "clock", parts, afternoon)
    if match["bare"]:
        return Atom(float(text), "bare")
    value, finest = 0.0, "minute"
    for a, unit_a, b, unit_b in _TERM.findall(text):
        number, unit = float(a or b), unit_a or unit_b
        factor = 3600.0 if unit[0] == "h" else 60.0
        if unit.startswith(("ms", "mil")):
            factor, finest = 0.001, "second"
        elif unit[0] == "s":
            factor, finest = 1.0, "second"
        value += number * factor
    return Atom(value, "second" if finest == "second" else "minute")


def on_clock(atom: Atom, recording: Recording) -> float | None:
    """Give the second of the recording at a time of day, past midnight too; None if it is not in it."""
    if recording.start_time_of_day is None or atom.precision != "clock":
        return None
    h, m, s = (*atom.parts, 0.0, 0.0)[:3]
    if atom.afternoon is not None:
        h = h % 12 + (12 if atom.afternoon else 0)
    if h > 24:
        return None
    start = sum(
        float(part) * unit
        for part, unit in zip(recording.start_time_of_day.split(":"), (3600, 60, 1), strict=False)
    )
    offset = (h * 3600 + m * 60 + s - start) % DAY
    return offset if offset < recording.duration else None
