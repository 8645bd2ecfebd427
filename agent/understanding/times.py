"""When: seconds, clock times, epochs, pages and words such as "the first minute", as a place in time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from agent.understanding.clockwork import Atom, Shape, on_clock
from agent.understanding.text import Reading
from tools.types import Page, Recording

EPOCH = 30.0
"""Sleep epochs, counted from 1 from the start of the recording."""
AROUND = 1.0
"""Seconds on either side of a moment that belong to it."""
MOST = 4
"""Times of one question that are read."""


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


class Scene(NamedTuple):
    """What times are relative to."""

    recording: Recording
    page: Page
    start: float
    """What "second 3" counts from: the recording, or the page when the question says so."""


_SHEET = r"(?:page|screen|segment|window|clip|view|epoch|excerpt)"
_FILE = r"(?:recording|record|file|night|study|polysomnogram|psg|tracing)"
_THIS = r"(?:this|the|that|the current|the whole|the entire)"
_ON_PAGE = re.compile(rf"\b(?:of|in|on|into|within) (?:this|the current|the present|the) (?:@+ )?{_SHEET}\b")
_UNIT = {"s": 1.0, "m": 60.0, "h": 3600.0}
_ORDINALS = ("first second third fourth fifth sixth seventh eighth ninth tenth").split()
_NTH = rf"(?P<nth>{'|'.join(_ORDINALS)}|last|final|#+(?:st|nd|rd|th))"
_HALVES = {"first half": (0, 2), "second half": (1, 2), "last half": (1, 2), "latter half": (1, 2), "first third": (0, 3),
           "second third": (1, 3), "middle third": (1, 3), "last third": (2, 3), "final third": (2, 3),
           "first quarter": (0, 4), "second quarter": (1, 4), "third quarter": (2, 4), "last quarter": (3, 4)}  # fmt: skip


def _whole(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    return When(0.0, scene.recording.duration, "whole")


def _frame(word: str | None, scene: Scene, otherwise: str) -> tuple[float, float]:
    """Span that a part is a part of: the page in view, or the recording."""
    word = word or otherwise
    if re.fullmatch(_SHEET, word):
        return scene.page.onset, min(scene.page.duration, scene.recording.duration - scene.page.onset)
    return 0.0, scene.recording.duration


def _part(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    index, parts = _HALVES[match["part"]]
    onset, duration = _frame(match["of"], scene, "page")
    return When(onset + duration * index / parts, duration / parts)


def _first_last(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    atoms = shape.within(match)
    length = atoms[0].value if atoms else _UNIT[match["unit"][0]]
    onset, duration = _frame(match["of"], scene, "recording")
    length = min(length, duration)
    return When(onset if match["which"] in ("first", "initial", "opening") else onset + duration - length, length)


def _counted_first(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Give "the first 3 pages" or "the last two epochs"."""
    length = shape.within(match)[0].value * _sheet(match["sheet"], scene)
    length = min(length, scene.recording.duration)
    return When(0.0 if match["which"] == "first" else scene.recording.duration - length, length)


def _edge(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    onset, duration = _frame(match["of"], scene, "page")
    on_page = bool(re.fullmatch(_SHEET, match["of"]))
    length = duration / 3 if on_page else min(scene.page.duration, duration)
    share = {"start": 0.0, "beginning": 0.0, "middle": 0.5, "center": 0.5, "centre": 0.5}.get(match["edge"], 1.0)
    return When(onset + share * (duration - length), length)


def _sheet(word: str, scene: Scene) -> float:
    return EPOCH if word.startswith("epoch") else (60.0 if word.startswith("min") else scene.page.duration)


def _numbered(match: re.Match[str], shape: Shape, scene: Scene) -> When | None:
    numbers = [int(atom.value) for atom in shape.within(match)]
    length = _sheet(match["sheet"], scene)
    first, last = numbers[0], max(numbers)
    if first < 1 or any(atom.precision != "bare" or atom.value % 1 for atom in shape.within(match)):
        return None
    return When((first - 1) * length, (last - first + 1) * length, "page")


def _nth(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    word, length = match["nth"], _sheet(match["sheet"], scene)
    if word in ("last", "final"):
        count = max(1, -int(-scene.recording.duration // length))
    else:
        digits = re.sub(r"\D", "", shape.original[match.start("nth") : match.end("nth")])
        count = int(digits) if digits else _ORDINALS.index(word) + 1
    return When((max(count, 1) - 1) * length, length, "page")


def _this(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    if match["sheet"] == "epoch" and scene.page.duration != EPOCH:
        return When(scene.page.onset // EPOCH * EPOCH, EPOCH, "page")
    return When(scene.page.onset, scene.page.duration, "page")


def _step(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    words = match[0]
    atoms = shape.within(match)
    count = atoms[0].value if atoms and atoms[0].precision == "bare" else 1.0
    is_epoch, back = "epoch" in words, bool(re.search(r"prev|preced|prior|before|back|earlier|rewind|\bup\b", words))
    length = EPOCH if is_epoch else scene.page.duration
    base = scene.page.onset // EPOCH * EPOCH if is_epoch else scene.page.onset
    return When(base + (-count if back else count) * length, length, "step")


def _shift(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    amount = shape.within(match)[0].value
    back = bool(re.search(r"back|earlier|before|rewind", match[0]))
    return When(scene.page.onset + (-amount if back else amount), scene.page.duration, "step")


def _later(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    back = bool(re.search(r"earl|before|previous", match[0]))
    return When(scene.page.onset + (-1 if back else 1) * scene.page.duration, scene.page.duration, "step")


def _length(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    return When(scene.page.onset, max(shape.within(match)[0].value, 0.1), "length")


def _ignored(match: re.Match[str], shape: Shape, scene: Scene) -> None:
    """A length or a criterion, such as "10-second segment" or "longer than 2 s", is no place."""


def second_of(atom: Atom, scene: Scene, *, unit: float = 1.0) -> tuple[float, bool]:
    """Second of the recording that a time means, and whether the clock was read."""
    clock = on_clock(atom, scene.recording)
    if clock is not None:
        return clock, True
    if atom.precision == "bare":
        return scene.start + atom.value * unit, False
    return scene.start + atom.value, False


def _span(match: re.Match[str], shape: Shape, scene: Scene) -> When | None:
    a, b = shape.within(match)[:2]
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


def _moment(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    atom = shape.within(match)[0]
    second, _ = second_of(atom, scene, unit=60.0 if "minute" in match[0] else 1.0)
    coarse = (atom.precision == "clock" and len(atom.parts) < 3) or atom.precision == "minute" or "minute" in match[0]
    return _around(second, scene, fine=not coarse)


def _from_on(match: re.Match[str], shape: Shape, scene: Scene) -> When:
    """Give "after 30 s" (a page from there) and "before 30 s" (what comes before it)."""
    second, _ = second_of(shape.within(match)[0], scene)
    if match["way"] in ("before", "until", "till", "up to"):
        onset = max(0.0, second - scene.page.duration)
        return When(onset, second - onset)
    return When(second, scene.page.duration)


_OF = rf"(?: (?:of|in|on) {_THIS} (?P<of>{_SHEET}|{_FILE}|eeg))?"
_TO = r"(?: ?- ?| to | and | until | till | through | up to | ?\.\.\.? ?)"
Builder = Callable[[re.Match[str], Shape, Scene], When | None]
FINDERS: tuple[tuple[re.Pattern[str], Builder], ...] = tuple(
    (re.compile(pattern), builder)
    for pattern, builder in (
        # what looks like a time and is none, first
        (r"@+ ?(?:per|a|/) ?(?:page|screen)\b|\b(?:page|screen|window) (?:length|size|width|duration)(?: of| to| =)? @+", _length),
        (r"\b(?:show|use|set|switch to|display|view|make it)(?: me)?(?: to)?(?: a| the)? @+ (?:pages?|screens?|windows?|views?)\b|^\W*@+ (?:pages?|screens?|windows?)(?: please)?\W*$", _length),
        (rf"(?<!first )(?<!last )@+(?: long)? (?:{_SHEET}|{_FILE}|eeg|stretch|period|sample|piece)s?\b", _ignored),
        (r"\b(?:longer|shorter|more|less|greater|fewer|slower|faster) than (?:about )?@+|\b(?:at least|at most|over|under|exceeding|lasting|lasts|every|only|each|for) (?:about |around )?@+"
         r"|[<>]=? ?@+|@+ (?:or|and) (?:longer|more|shorter|less)\b|@+ (?:apart|long|criterion|rule|duration|wide|interval|period)\b", _ignored),
        # parts of the page or of the recording
        (rf"\b(?P<part>{'|'.join(_HALVES)})\b{_OF}", _part),
        (r"\b(?P<which>first|last|final) @+ (?P<sheet>pages?|epochs?)\b", _counted_first),
        (rf"\b(?P<which>first|initial|opening|last|final|closing) (?:@+|(?P<unit>second|minute|hour)\b){_OF}", _first_last),
        (rf"\b(?:very )?(?P<edge>start|beginning|end|middle|cent(?:er|re)) of {_THIS} (?P<of>{_SHEET}|{_FILE}|eeg)\b", _edge),
        (rf"(?<!\w){_NTH} (?P<sheet>page|epoch|minute)\b", _nth),
        (rf"(?<!between )(?<!from )\b(?P<sheet>pages?|epochs?|minutes?) ?(?:no\.? ?|number )?[^\w@ ]?@+(?:{_TO}(?:page |epoch )?@+)?", _numbered),
        # relative to the page in view
        (r"\b(?:next|following|previous|preceding|prior|last|earlier|later) (?:@+ )?(?:pages?|epochs?|screens?|segments?|windows?)\b"
         r"|(?:@+ |\bone |\ba |\b)(?:pages?|epochs?|screens?) (?:before|after|back|backwards?|earlier|later|ahead|forwards?|further|on|up|down)\b"
         r"|\b(?:forwards?|ahead|advance|back|backwards?|rewind|on) (?:by )?(?:@+ |one |a )?(?:pages?|epochs?|screens?)\b", _step),
        (r"\b(?:forwards?|ahead|advance|skip|back|backwards?|rewind) (?:by )?@+|@+ (?:later|earlier|ahead|forwards?|further|back|backwards?|before (?:that|this)|after (?:that|this))\b", _shift),
        # spans and moments
        (rf"\b(?:between|from|within|during|over|in|at|seconds?|secs?|s|time) (?:the )?(?:seconds?|secs?|s|minutes?|t)? ?@+{_TO}(?:seconds? |s |t )?@+(?: ?seconds?\b)?", _span),
        (rf"(?<![\w.-])@+{_TO}@+(?!-|\.?@)", _span),
        (r"\b(?P<way>after|since|from|before|until|till|up to) (?:second |t ?= ?)?@+(?: on(?:wards?)?\b)?", _from_on),
        (r"(?:\b(?:at|around|near|about|by|on|to|of|the|is)|@) (?:at )?(?:about |around |roughly |approximately |exactly |the )?(?:seconds?|sec|time|mark|minute|t)? ?=? ?@+(?:[ -]?mark\b)?"
         r"|\b(?:seconds?|sec|t) ?[=#]? ?@+|@+[ -]?(?:in|into|mark|from the (?:start|beginning))\b", _moment),
        (r"(?:^\W*|\b(?:what about|is at|what is at|how about|and|or|there|here|then|spike|wave|spindle|blink|complex|event|one|seizure|this) )@+(?=\W*$|,| )", _moment),
        # words for the whole, and for "elsewhere"
        (rf"\b(?:whole|entire|full|complete|all of the|all the) (?:eeg )?(?:{_FILE}|eeg|trace|sleep)\b|\b(?:in|during|of|across|over|throughout|through|within|on|for) (?:the|this|that) (?:eeg |psg |sleep )?{_FILE}\b"
         rf"|\b(?:does|did|do) (?:the|this) (?:eeg |psg )?{_FILE}\b(?= \w)|\b(?:describe|summarize|stage|score|search|scan|screen|review|analyze|analyse|read|interpret) (?:the |this )?(?:eeg |psg )?{_FILE}\b"
         r"|\b(?:overnight|all night|from start to (?:end|finish)|from beginning to end|everywhere|elsewhere|anywhere else|at any (?:time|point)|anywhere)\b", _whole),
        (r"\b(?:on|in|at|of|is|does|describe|stage|score)? ?(?:this|the current|the present) (?P<sheet>page|epoch|segment|window|screen)\b", _this),
        (r"\b(?:later(?: on)?|afterwards?|after (?:that|this)|further on|earlier(?: on)?|before (?:that|this)|beforehand)\b(?! than)", _later),
    )
)  # fmt: skip
"""Patterns over the shape of the text, the more telling first; each consumes what it matched."""


def find_times(reading: Reading, recording: Recording, page: Page) -> list[When]:
    """Read the times of a question in their order, and tick them off."""
    shape = Shape(reading.left)
    relative = bool(_ON_PAGE.search(shape.text))
    scene = Scene(recording, page, 0.0)
    found: list[When] = []
    for pattern, builder in FINDERS:
        for match in list(pattern.finditer(shape.text))[:MOST]:
            if not _fits(match, shape, builder):
                continue
            placed = scene
            if relative and builder in (_span, _moment) and _within_page(shape.within(match), page):
                placed = scene._replace(start=page.onset)
            when = builder(match, shape, placed)
            if when is not None:
                found.append(_bounded(replace(when, at=match.start()), placed, shape.within(match)))
            if when is not None or builder is _ignored:
                shape.blank(*match.span())
                reading.tick(*match.span())
    return _settled(sorted(found, key=lambda when: when.at)[:MOST])


def _fits(match: re.Match[str], shape: Shape, builder: Builder) -> bool:
    """Whether numbers without a unit are times here: "10-20" alone is not, "between 10 and 20" is."""
    atoms = shape.within(match)
    if builder is _span:
        if len(atoms) < 2:
            return False
        if all(atom.precision == "bare" for atom in atoms) and match[0].startswith("@"):
            return not shape.text.replace(match[0], "").strip(" ?.!,")
    if builder is _moment and atoms and atoms[0].precision == "bare":
        return bool(re.match(r"(?:at|around|near|about|@|to|seconds?|sec|t|by)\b|.*\b(?:seconds?|sec|t|minute)\b", match[0]))
    return not (builder in (_shift, _first_last, _ignored, _length) and atoms and atoms[0].precision == "bare")


def _within_page(atoms: list[Atom], page: Page) -> bool:
    return all(atom.precision in ("bare", "second") and atom.value <= page.duration for atom in atoms)


def _settled(found: list[When]) -> list[When]:
    """Drop "this page" and the like beside a real time, and the epoch beside a second within it."""
    named = [w for w in found if w.shape not in ("whole",)]
    if len(named) > 1:
        named = [w for w in named if not (w.shape == "page" and any(o.shape in ("moment", "span") for o in named))] or named
    return named or found


def _bounded(when: When, scene: Scene, atoms: list[Atom]) -> When:
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
    if when.onset >= end:
        last = max(0.0, min(scene.page.onset, end - when.duration))
        return replace(when, onset=last, note="That is the last page of the recording; there is nothing after it.", missing=True)
    if when.onset < 0:
        missing = when.onset <= -when.duration and scene.page.onset <= 0
        note = "That is the first page of the recording; there is nothing before it." if missing else ""
        return replace(when, onset=0.0, note=note, missing=missing)
    return replace(when, duration=min(when.duration, end - when.onset))
