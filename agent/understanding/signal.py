"""What is wanted of the signal: numbers, comparisons, events, the background, or a description."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from agent.intent import Act, Aspect, Which
from agent.understanding import cues
from agent.understanding.clues import Clues, Wish
from agent.understanding.cues import Quantity

_RHYTHMS = frozenset({"alpha"})
"""Labels that a question about a number or the look of is one about the background."""
_NUMBERS = ("amplitude", "frequency", "duration", "slope")
_SIDES = re.compile(r"\bcompar|symmetr|\bgradient\b|hemispher|\bsides?\b")
_MORE_THERE = re.compile(
    r"\b(?:larger|higher|lower|smaller|faster|slower|greater|stronger|weaker|taller|bigger)\b"
)
_STAGES = re.compile(r"\bstages?\b")
_MEASURE = re.compile(r"\bmeasur\w*|\bcaliper")
_LASTS = re.compile(r"(?<=\bdoes\b).*\blast\b|(?<=\bdo\b).*\blast\b|(?<=\bdid\b).*\blast\b")
"""The verb: "how long does it last"."""
_OVERALL = re.compile(r"\b(?:describe|summar\w+|overview|impression|caption)\b")
_ELABORATE = re.compile(
    r"\W*(?:can you |could you |please )*(?:describe|characteri[sz]e|elaborate|tell me more|comment|summar)"
)
_ON_PAGE = re.compile(r"\b(?:on|in|of) (?:this|the) (?:page|epoch|segment|screen)\b")


class Asked(NamedTuple):
    """A question about the signal, as the rules below look at it."""

    clues: Clues
    text: str
    quantity: Quantity | None
    which: Which | None
    stage: bool
    band: bool
    rhythm: bool
    """Only rhythms of the background are named."""
    events: bool
    """Something is named that can be looked for, by name or as "anything abnormal"."""


def about_signal(clues: Clues) -> Wish | None:
    """Decide what a question wants of the signal: the first rule that fits; None when none does."""
    asked = _asked(clues)
    unit = next((name for pattern, name in cues.UNITS if pattern.search(clues.text)), None)
    for act, aspects, fits in RULES:
        if fits(asked):
            aspect = next((a for a in aspects if a in clues.aspects or a == "stage"), None)
            return Wish(act, aspect=aspect, quantity=asked.quantity, unit=unit, which=asked.which)
    return (
        Wish(None, quantity=asked.quantity, unit=unit, which=asked.which)
        if clues.leaning or asked.quantity
        else None
    )


def quantity_of(text: str) -> Quantity | None:
    """Which number is asked for, if any."""
    return next((quantity for pattern, quantity in cues.QUANTITY if pattern.search(text)), None)


def which_of(clues: Clues) -> Which | None:
    """Which of several events is meant: the first such word of the question."""
    left = _LASTS.sub(lambda m: " " * len(m[0]), clues.left)
    found = [(m.start(), which) for pattern, which in cues.WHICH if (m := pattern.search(left))]
    return min(found)[1] if found else None


def _asked(clues: Clues) -> Asked:
    stage = any(m.meaning.stage for m in clues.mentions)
    quantity = quantity_of(clues.left)
    labels = {label for m in clues.mentions if not m.meaning.aspect for label in m.meaning.labels}
    return Asked(
        clues=clues,
        text=clues.text,
        quantity="duration" if stage and quantity == "power" else quantity,
        which=which_of(clues),
        stage=not clues.labels and (stage or "stage" in clues.aspects or bool(_STAGES.search(clues.text))),
        band=any(m.meaning.band for m in clues.mentions),
        rhythm=bool(labels) and labels <= _RHYTHMS,
        events=clues.labels or bool(clues.aspects & {"quality", "normality"}),
    )


def _compares(q: Asked) -> bool:
    if q.clues.where.side in ("left", "right") and _MORE_THERE.search(q.text):
        return True
    if not cues.COMPARE.search(q.text):
        return False
    parties = len(q.clues.where.groups) >= 2 or q.clues.where.side == "both" or len(q.clues.when) >= 2
    return parties or q.quantity == "symmetry" or bool(_SIDES.search(q.text))


def _rhythm_itself(q: Asked) -> bool:
    if not q.rhythm:
        return False
    numbers = q.quantity in ("amplitude", "frequency", "power") or "normality" in q.clues.aspects
    return numbers or bool(cues.BACKGROUND.search(q.clues.left) or cues.LOOKS.search(q.text))


def _elsewhere(q: Asked) -> bool:
    """An event beyond the page: the next one, or one anywhere in the recording."""
    if not q.clues.labels:
        return False
    placed = any(when.shape in ("span", "moment", "page") for when in q.clues.when)
    on_page = placed or bool(_ON_PAGE.search(q.text))
    sought = q.which in ("next", "previous", "first", "last") and bool(cues.FIND.search(q.text))
    return (sought and not on_page) or any(when.shape == "whole" for when in q.clues.when)


def _looked_at(q: Asked) -> bool:
    """The look of events is asked for, rather than whether there are any."""
    sought = q.quantity in ("count", "time") or cues.EXISTS.search(q.text)
    if not q.clues.labels or not cues.LOOKS.search(q.text):
        return False
    return q.quantity not in ("count", "time") and (not sought or bool(_ELABORATE.match(q.text)))


def _described(q: Asked) -> bool:
    if q.quantity is not None or (q.clues.leaning and not _OVERALL.search(q.text)):
        return False
    return bool(cues.DESCRIBE.search(q.text) or q.clues.when or q.clues.where.channels)


def _number_of_span(q: Asked) -> bool:
    return q.quantity in (*_NUMBERS, "power") and not q.clues.leaning


Rule = tuple[Act, tuple[Aspect, ...], Callable[[Asked], object]]
RULES: tuple[Rule, ...] = (
    ("describe", ("stage",), lambda q: q.stage),
    ("knowledge", (), lambda q: cues.SIGNIFICANCE.search(q.text)),
    ("compare", (), _compares),
    ("background", ("slowing", "reactivity", "evolution"), lambda q: not q.clues.labels and q.clues.aspects
     & {"slowing", "reactivity", "evolution"}),
    ("background", ("normality",), _rhythm_itself),
    ("measure", (), lambda q: q.clues.labels and q.quantity in _NUMBERS),
    ("search", ("quality", "normality"), _elsewhere),
    ("describe", ("quality", "normality"), _looked_at),
    ("detect", ("quality", "normality"), lambda q: q.events),
    ("background", (), lambda q: q.band or cues.BACKGROUND.search(q.clues.left)),
    ("measure", (), lambda q: _MEASURE.search(q.text)),
    ("measure", (), _number_of_span),
    ("describe", (), _described),
)  # fmt: skip
"""Act, the aspects it may have, and when it is meant; the first that fits is taken."""
