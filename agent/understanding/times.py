"""When: seconds, clock times, epochs, pages and words such as "the first minute", as a place in time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from agent.understanding import stretches as to
from agent.understanding.clockwork import Atom, Shape
from agent.understanding.stretches import FILE, HALVES, NTH, SHEET, THIS, Scene, When
from agent.understanding.text import Reading
from tools.types import Page, Recording

MOST = 4
"""Times of one question that are read."""

_ON_PAGE = re.compile(rf"\b(?:of|in|on|into|within) (?:this|the current|the present|the) (?:@+ )?{SHEET}\b")
_OF = rf"(?: (?:of|in|on) {THIS} (?P<of>{SHEET}|{FILE}|eeg))?"
_TO = r"(?: ?- ?| to | and | until | till | through | up to | ?\.\.\.? ?)"
Builder = Callable[[re.Match[str], Shape, Scene], When | None]
FINDERS: tuple[tuple[re.Pattern[str], Builder], ...] = tuple(
    (re.compile(pattern), builder)
    for pattern, builder in (
        # what looks like a time and is none, first
        (
            r"@+ ?(?:per|a|/) ?(?:page|screen)\b"
            r"|\b(?:page|screen|window) (?:length|size|width|duration)(?: of| to| =)? @+",
            to.page_length,
        ),
        (
            r"\b(?:show|use|set|switch to|display|view|make it)(?: me)?(?: to)?(?: a| the)? @+ (?:pages?"
            r"|screens?|windows?|views?)\b"
            r"|^\W*@+ (?:pages?|screens?|windows?)(?: please)?\W*$",
            to.page_length,
        ),
        (
            r"^\W*(?:please |can you |could you |now )?(?:(?:show|display|view|use)(?: me)?"
            r"|(?:set|switch|change|make)(?: it| the page| the window)?(?: to)?) @+"
            r"(?: (?:at a time|at once|instead))?(?:,? please)?\W*$",
            to.page_length,
        ),
        (
            rf"(?<!first )(?<!last )@+(?: long)? (?:of )?(?:{SHEET}|{FILE}|eeg|stretch|period|sample|piece|trace"
            rf"|tracing"
            r"|strip|snippet|signal)s?\b",
            to.no_place,
        ),
        (  # "a report on the ten seconds": the page itself, as long as it is
            r"\b(?:the|these|those|this|all|your) (?:present |given |whole |entire |full |same )?@+(?=\W*$|,"
            r"|[ )]*(?:please"
            r"|for|of|shown|here|in front|above|below|you|now|with)\b)",
            to.as_long_as_page,
        ),
        (
            r"\b(?:longer|shorter|more|less|greater|fewer|slower|faster) than (?:about )?@+"
            r"|\b(?:at least|at most|over|under|exceeding|lasting|lasts|every|only|each|for) (?:about "
            r"|around )?@+"
            r"|[<>]=? ?@+|@+ (?:or|and) (?:longer|more|shorter|less)\b"
            r"|@+ (?:apart|long|criterion|rule|duration|wide|interval|period)\b",
            to.no_place,
        ),
        # parts of the page or of the recording
        (rf"\b(?P<part>{'|'.join(HALVES)})\b{_OF}", to.part),
        (r"\b(?P<which>first|last|final) @+ (?P<sheet>pages?|epochs?)\b", to.first_pages),
        (
            rf"\b(?P<which>first|initial|opening|last|final|closing) (?:@+|(?P<unit>second|minute"
            rf"|hour)\b){_OF}",
            to.first_or_last,
        ),
        (
            rf"\b(?:very )?(?P<edge>start|beginning|end|middle|cent(?:er|re)) of {THIS} (?P<of>{SHEET}"
            rf"|{FILE}|eeg)\b",
            to.edge,
        ),
        (rf"(?<!\w){NTH} (?P<sheet>page|epoch|minute)\b", to.nth),
        (
            r"(?<!between )(?<!from )\b(?P<sheet>pages?|epochs?|minutes?) ?(?:no\.? ?"
            rf"|number )?[^\w@ ]?@+(?:{_TO}(?:page |epoch )?@+)?",
            to.numbered,
        ),
        # relative to the page in view
        (
            r"\b(?:next|following|previous|preceding|prior|last|earlier|later) (?:@+ )?(?:pages?|epochs?"
            r"|screens?|segments?|windows?)\b"
            r"|(?:@+ |\bone |\ba |\b)(?:pages?|epochs?|screens?) (?:before|after|back|backwards?|earlier"
            r"|later"
            r"|ahead|forwards?|further|on|up|down)\b"
            r"|\b(?:forwards?|ahead|advance|back|backwards?|rewind|on) (?:by )?(?:@+ |one |a )?(?:pages?"
            r"|epochs?|screens?)\b",
            to.step,
        ),
        (
            r"\b(?:forwards?|ahead|advance|skip|back|backwards?|rewind) (?:by )?@+"
            r"|@+ (?:later|earlier|ahead|forwards?|further|back|backwards?|before (?:that|this)"
            r"|after (?:that|this))\b",
            to.shift,
        ),
        # spans and moments
        (
            r"\b(?:between|from|within|during|over|in|at|seconds?|secs?|s|time) (?:the )?(?:seconds?|secs?|s"
            rf"|minutes?|t)? ?@+{_TO}(?:seconds? |s |t )?@+(?: ?seconds?\b)?",
            to.span,
        ),
        (rf"(?<![\w.-])@+{_TO}@+(?!-|\.?@)", to.span),
        (
            r"\b(?P<way>after|since|from|before|until|till|up to) (?:second |t ?= ?)?@+(?: on(?:wards?)?\b)?",
            to.from_on,
        ),
        (
            r"\b(?:at|around|near|about|by|on|to|of|the|is) (?:at )?(?:about |around |roughly "
            r"|approximately |exactly |the )?(?:seconds?|sec|time|mark|minute|t)? ?=? ?@+(?:[ -]?mark\b)?"
            r"|\b(?:seconds?|sec|t) ?[=#]? ?@+|@+[ -]?(?:in|into|mark|from the (?:start|beginning))\b",
            to.moment_at,
        ),
        (
            r"(?:^\W*"
            r"|\b(?:what about|is at|what is at|how about|and|or|there|here|then|spike|wave|spindle|blink"
            r"|complex|event|one|seizure|this) )@+(?=\W*$"
            r"|,| )",
            to.moment_at,
        ),
        (r"(?<=[a-z][#z])(?: ?\(| ?,| ?:)? ?@+", to.moment_there),  # "T4 (2.3 s)", "P3, 68.4 s"
        # words for the whole, and for "elsewhere"
        (
            rf"\b(?:whole|entire|full|complete|all of the|all the) (?:eeg )?(?:{FILE}|eeg|trace|sleep)\b"
            r"|\b(?:in|during|of|across|over|throughout|through|within|on|for) (?:the|this|that) (?:eeg |psg "
            rf"|sleep )?{FILE}\b"
            rf"|\b(?:does|did|do) (?:the|this) (?:eeg |psg )?{FILE}\b(?= \w)"
            r"|\b(?:describe|summarize|stage|score|search|scan|screen|review|analyze|analyse|read"
            rf"|interpret) (?:the |this )?(?:eeg |psg )?{FILE}\b"
            r"|\b(?:overnight|all night|from start to (?:end|finish)|from beginning to end|everywhere"
            r"|elsewhere|anywhere else|at any (?:time|point)|anywhere)\b",
            to.whole,
        ),
        (r"@+", to.clock_alone),
        (
            r"(?:\b(?:on|in|at|of) )?\b(?:this|the current|the present) (?P<sheet>page|epoch|segment|window"
            r"|screen)\b",
            to.in_view,
        ),
        (
            r"\b(?:later(?: on)?|afterwards?|after (?:that|this)|further on|earlier(?: on)?"
            r"|before (?:that|this)|beforehand)\b(?! than)",
            to.later,
        ),
    )
)
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
            if (
                relative
                and builder in (to.span, to.moment_at, to.clock_alone)
                and _within_page(shape.within(match), page)
            ):
                placed = scene._replace(start=page.onset)
            when = builder(match, shape, placed)
            if when is not None:
                found.append(to.bounded(replace(when, at=match.start()), placed, shape.within(match)))
            if when is not None or builder is to.no_place:
                shape.blank(*match.span())
                reading.tick(*match.span())
    return _settled(sorted(found, key=lambda when: when.at)[:MOST])


def _fits(match: re.Match[str], shape: Shape, builder: Builder) -> bool:
    """Whether numbers without a unit are times here: "10-20" alone is not, "between 10 and 20" is."""
    atoms = shape.within(match)
    if builder is to.span:
        if len(atoms) < 2:
            return False
        if all(atom.precision == "bare" for atom in atoms) and match[0].startswith("@"):
            return not shape.text.replace(match[0], "").strip(" ?.!,")
    if builder is to.clock_alone:
        return bool(atoms) and atoms[0].precision == "clock"
    if builder is to.moment_at and atoms and atoms[0].precision == "bare":
        return bool(
            re.match(
                r"(?:at|around|near|about|@|to|seconds?|sec|t|by)\b|.*\b(?:seconds?|sec|t|minute)\b", match[0]
            )
        )
    return not (
        builder in (to.shift, to.first_or_last, to.no_place, to.page_length)
        and atoms
        and atoms[0].precision == "bare"
    )


def _within_page(atoms: list[Atom], page: Page) -> bool:
    return all(atom.precision in ("bare", "second") and atom.value <= page.duration for atom in atoms)


def _settled(found: list[When]) -> list[When]:
    """Drop "this page" and the like beside a real time, and the epoch beside a second within it."""
    named = [w for w in found if w.shape not in ("whole",)]
    if len(named) > 1:
        named = [
            w for w in named if not (w.shape == "page" and any(o.shape in ("moment", "span") for o in named))
        ] or named
    return named or found
