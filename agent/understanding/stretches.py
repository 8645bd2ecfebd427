"""Stretches of a recording: how each way of naming a time becomes a place in it.

Every builder takes a match of its pattern (see ``times``), the shape of the text and what times are
relative to, and gives the stretch meant, or None when the match is no time after all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from agent.understanding.clockwork import Atom, Shape, on_clock
from tools.types import Page, Recording

EPOCH = 30.0
"""Sleep epochs, counted from 1 from the start of the recording."""
AROUND = 1.0
"""Seconds on either side of a moment that belong to it."""


@dataclass(frozen=True)
class When:
    """A stretch of the recording as the question names it."""

    onset: float
    duration: float
    shape: Literal["span", "moment", "page", "step", "whole", "length"] = "span"
    moment: float | None = None
    note: str = ""
    missing: bool = False
    """It lies beyond the recording."""
    at: int = 0
    """Where in the question it stands."""
    open: Literal["", "after", "before"] = ""
    """It names one end only: everything after a time, or before it."""

    def opened(self, end: float) -> When:
        """All that lies on the side meant, in a recording that ends then."""
        if self.open == "after":
            return replace(self, duration=end - self.onset)
        return replace(self, onset=0.0, duration=self.onset + self.duration)


class Scene(NamedTuple):
    """What times are relative to."""

    recording: Recording
    page: Page
    start: float
    """What "second 3" counts from: the recording, or the page when the question says so."""


SHEET = r"(?:page|screen|segment|window|clip|view|epoch|excerpt)"
FILE = r"(?:recording|record|file|night|study|polysomnogram|psg|tracing)"
THIS = r"(?:this|the|that|the current|the whole|the entire)"
_UNIT = {"s": 1.0, "m": 60.0, "h": 3600.0}
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
NTH = rf"(?P<nth>{'|'.join(ORDINALS)}|last|final|#{{1,5}}(?:st|nd|rd|th))"
HALVES = {
    "first half": (0, 2),
    "second half": (1, 2),
    "last half": (1, 2),
    "latter half": (1, 2),
    "first third": (0, 3),
    "second third": (1, 3),
    "middle third": (1, 3),
    "last third": (2, 3),
    "final third": (2, 3),
    "first quarter": (0, 4),
    "second quarter": (1, 4),
    "third quarter": (2, 4),
    "last quarter": (3, 4),
}


def whole(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """All of the recording."""
    return When(0.0, scene.recording.duration, "whole")


def _frame(word: str | None, scene: Scene, otherwise: str) -> tuple[float, float]:
    """Span that a part is a part of: the page in view, or the recording."""
    word = word or otherwise
    if re.fullmatch(SHEET, word):
        return scene.page.onset, min(scene.page.duration, scene.recording.duration - scene.page.onset)
    return 0.0, scene.recording.duration


def part(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Read "the second half of the page"."""
    index, parts = HALVES[match["part"]]
    onset, duration = _frame(match["of"], scene, "page")
    return When(onset + duration * index / parts, duration / parts)


def first_or_last(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Read "the first minute", "the last 30 seconds"."""
    atoms = shape.within(match)
    length = atoms[0].value if atoms else _UNIT[match["unit"][0]]
    onset, duration = _frame(match["of"], scene, "recording")
    length = min(length, duration)
    return When(
        onset if match["which"] in ("first", "initial", "opening") else onset + duration - length, length
    )


def first_pages(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Give "the first 3 pages" or "the last two epochs"."""
    length = shape.within(match)[0].value * _sheet(match["sheet"], scene)
    length = min(length, scene.recording.duration)
    return When(0.0 if match["which"] == "first" else scene.recording.duration - length, length)


def edge(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Read "the end of the recording", "the middle of the page"."""
    onset, duration = _frame(match["of"], scene, "page")
    on_page = bool(re.fullmatch(SHEET, match["of"]))
    length = duration / 3 if on_page else min(scene.page.duration, duration)
    share = {"start": 0.0, "beginning": 0.0, "middle": 0.5, "center": 0.5, "centre": 0.5}.get(
        match["edge"], 1.0
    )
    return When(onset + share * (duration - length), length)


def _sheet(word: str, scene: Scene) -> float:
    return EPOCH if word.startswith("epoch") else (60.0 if word.startswith("min") else scene.page.duration)


def numbered(match: re.Match[str], shape: Shape, scene: Scene) -> When | None:
    """Read "epoch 12", "pages 3 to 5", counted from 1."""
    numbers = [int(atom.value) for atom in shape.within(match)]
    length = _sheet(match["sheet"], scene)
    first, last = numbers[0], max(numbers)
    if first < 1 or any(atom.precision != "bare" or atom.value % 1 for atom in shape.within(match)):
        return None
    return When((first - 1) * length, (last - first + 1) * length, "page")


def nth(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Read "the third minute", "the last page"."""
    word, length = match["nth"], _sheet(match["sheet"], scene)
    if word in ("last", "final"):
        count = max(1, -int(-scene.recording.duration // length))
    else:
        digits = re.sub(r"\D", "", shape.original[match.start("nth") : match.end("nth")])
        count = int(digits) if digits else ORDINALS.index(word) + 1
    return When((max(count, 1) - 1) * length, length, "page")


def in_view(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Read "this page", or the 30-s epoch it begins in."""
    if match["sheet"] == "epoch" and scene.page.duration != EPOCH:
        return When(scene.page.onset // EPOCH * EPOCH, EPOCH, "page")
    return When(scene.page.onset, scene.page.duration, "page")


def step(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Read "next page", "two epochs back"."""
    words = match[0]
    atoms = shape.within(match)
    count = atoms[0].value if atoms and atoms[0].precision == "bare" else 1.0
    is_epoch, back = (
        "epoch" in words,
        bool(re.search(r"prev|preced|prior|before|back|earlier|rewind|\bup\b", words)),
    )
    length = EPOCH if is_epoch else scene.page.duration
    base = scene.page.onset // EPOCH * EPOCH if is_epoch else scene.page.onset
    return When(base + (-count if back else count) * length, length, "step")


def shift(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Read "30 seconds later", from the page in view."""
    amount = shape.within(match)[0].value
    back = bool(re.search(r"back|earlier|before|rewind", match[0]))
    return When(scene.page.onset + (-amount if back else amount), scene.page.duration, "step")


def later(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Read "later", "earlier": the page after, the page before."""
    back = bool(re.search(r"earl|before|previous", match[0]))
    return When(scene.page.onset + (-1 if back else 1) * scene.page.duration, scene.page.duration, "step")


def page_length(match: re.Match[str], shape: Shape, scene: Scene) -> When | None:
    """Read "20 s per page": from where the page in view begins."""
    if shape.within(match)[0].precision == "clock":
        return None
    return When(scene.page.onset, max(shape.within(match)[0].value, 0.1), "length")


def no_place(match: re.Match[str], shape: Shape, scene: Scene) -> None:
    """A length or a criterion, such as "10-second segment" or "longer than 2 s", is no place."""


def as_long_as_page(match: re.Match[str], shape: Shape, scene: Scene) -> When | None:
    """Read "these ten seconds" as the page in view, where it is that long."""
    atoms = shape.within(match)
    if len(atoms) != 1 or atoms[0].precision == "clock" or abs(atoms[0].value - scene.page.duration) > 0.05:
        return None
    return When(scene.page.onset, scene.page.duration, "page")


def moment_there(match: re.Match[str], shape: Shape, scene: Scene) -> When | None:
    """Read a time that follows a channel, as in "T4 (2.3 s)"; a bare number there is none."""
    atoms = shape.within(match)
    return moment_at(match, shape, scene) if len(atoms) == 1 and atoms[0].precision == "second" else None


def second_of(atom: Atom, scene: Scene, *, unit: float = 1.0) -> tuple[float, bool]:
    """Second of the recording that a time means, and whether the clock was read."""
    clock = on_clock(atom, scene.recording)
    if clock is not None:
        return clock, True
    if atom.precision == "bare":
        return scene.start + atom.value * unit, False
    return scene.start + atom.value, False


def span(match: re.Match[str], shape: Shape, scene: Scene) -> When | None:
    """Read "between 3 and 5 s", "from 00:10 to 00:20"."""
    a, b = shape.within(match)[:2]
    if a.precision == "bare" and b.afternoon is not None and a.value <= 12:  # "between 2 and 3 am"
        a = a._replace(precision="clock", parts=(a.value, 0.0), afternoon=b.afternoon)
    bare = a.precision == "bare" and b.precision == "bare"
    unit = 60.0 if a.precision == "bare" and b.precision == "minute" and "." not in match[0] else 1.0
    if "minute" in match[0]:
        unit = 60.0
    start, _ = second_of(a, scene, unit=unit)
    end, _ = second_of(b, scene, unit=unit if bare else 1.0)
    if end < start:
        start, end = end, start
    return When(start, end - start) if end > start else _around(start, scene, fine=True)


def _around(moment: float, scene: Scene, *, fine: bool) -> When:
    if not fine:  # "2 minutes in", "at 02:15": too coarse for a point, so a page from there
        return When(moment, scene.page.duration, "moment", moment)
    onset = max(0.0, moment - AROUND)
    return When(onset, moment + AROUND - onset, "moment", moment)


def moment_at(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Read "at 4.2 s", "around second 7", "2 minutes in"."""
    atom = shape.within(match)[0]
    second, _ = second_of(atom, scene, unit=60.0 if "minute" in match[0] else 1.0)
    coarse = (
        (atom.precision == "clock" and len(atom.parts) < 3)
        or atom.precision == "minute"
        or "minute" in match[0]
    )
    return _around(second, scene, fine=not coarse)


def clock_alone(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Read "1:20" with nothing before it that says so; a clock time is one wherever it stands."""
    return moment_at(match, shape, scene)


def from_on(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Give "after 30 s" (a page from there) and "before 30 s" (what comes before it)."""
    second, _ = second_of(shape.within(match)[0], scene)
    if match["way"] in ("before", "until", "till", "up to"):
        onset = max(0.0, second - scene.page.duration)
        return When(onset, second - onset, open="before")
    return When(second, scene.page.duration, open="after")


def bounded(when: When, scene: Scene, atoms: list[Atom]) -> When:
    """Cut a stretch to the recording, and say so; beyond the end it is missing."""
    end = scene.recording.duration
    if when.shape in ("step", "length"):
        return _stepped(when, scene)
    limit = when.onset if when.moment is None else when.moment
    if limit >= end - 1e-6 and when.shape != "whole":
        ends = f"The recording ends at {end:.1f} s"
        clock = any(atom.precision == "clock" for atom in atoms)
        spoken = "that time of day is not in it" if clock else f"there is nothing at {limit:.1f} s"
        return replace(when, onset=0.0, duration=0.0, moment=None, missing=True, note=f"{ends}; {spoken}.")
    note = ""
    if when.moment is None and when.onset + when.duration > end + 1e-6 and when.shape == "span":
        note = f"The recording ends at {end:.1f} s, so the stretch is cut there."
    return replace(when, duration=min(when.duration, end - when.onset), note=when.note or note)


def _stepped(when: When, scene: Scene) -> When:
    end = scene.recording.duration
    if when.onset >= end and scene.page.onset + scene.page.duration < end - 1e-6 and when.shape == "step":
        note = f"That lies beyond the end of the recording, which is {end:.1f} s long; the page stays here."
        return replace(when, onset=scene.page.onset, duration=scene.page.duration, note=note, missing=True)
    if when.onset >= end:
        last = max(0.0, min(scene.page.onset, end - when.duration))
        return replace(
            when,
            onset=last,
            note="That is the last page of the recording; there is nothing after it.",
            missing=True,
        )
    if when.onset < 0:
        missing = when.onset <= -when.duration and scene.page.onset <= 0
        note = "That is the first page of the recording; there is nothing before it." if missing else ""
        return replace(when, onset=0.0, note=note, missing=missing)
    return replace(when, duration=min(when.duration, end - when.onset))
