"""What is wanted: the act of a question, decided from its clues in a fixed order."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from agent.intent import Act, Aspect, Which
from agent.understanding import cues
from agent.understanding.cues import Quantity, Unit
from agent.understanding.phenomena import Mention
from agent.understanding.places import Where
from agent.understanding.times import When


@dataclass(frozen=True)
class Clues:
    """All that is known of a question when its act is decided."""

    text: str
    """The whole question in lower case."""
    left: str
    """What times, places, phenomena and view changes left of it."""
    mentions: tuple[Mention, ...]
    where: Where
    when: tuple[When, ...]
    leaning: bool
    """The question leans on a turn before it."""

    @property
    def labels(self) -> bool:
        """Whether a waveform, artifact or pattern is named."""
        return any(m.meaning.labels and not m.meaning.aspect for m in self.mentions)

    @property
    def aspects(self) -> set[Aspect]:
        """Aspects that are named."""
        return {m.meaning.aspect for m in self.mentions if m.meaning.aspect}

    @property
    def topics(self) -> int:
        """How many different phenomena, stages or bands are named."""
        return len({(m.meaning.labels, m.meaning.stage, m.meaning.band) for m in self.mentions if not m.meaning.aspect or m.meaning.labels})


@dataclass(frozen=True)
class Wish:
    """What is wanted; ``act`` is None where only an earlier turn can say."""

    act: Act | None
    aspect: Aspect | None = None
    quantity: Quantity | None = None
    unit: Unit | None = None
    which: Which | None = None
    note: str = ""


Maker = Callable[..., Wish]
_BACK = frozenset({"alpha"})
_SIGNIFICANCE = re.compile(r"\b(?:what does (?:that|this|it) (?:mean|imply|suggest|indicate)|what do (?:they|these|those) (?:mean|imply|suggest)|so what|is (?:that|this|it) (?:bad|serious|dangerous|relevant|significant|important)|clinical(?:ly)? (?:significance|relevance|meaning|implications?))\b")
_FILE_WORDS = re.compile(r"\b(?:recording|file|record|night|study)\b")
_STAGE_ASKED = re.compile(r"\bstag(?:e[sd]?|ing)\b|\bhow much\b|\bscored?\b")
_FIND = re.compile(r"\b(?:find|search|scan|screen|look for|jump|go|take me|bring me|move|skip|where|when|is there|are there|locate|show)\b")
_LOOKS = re.compile(r"\b(?:describe|characteri[sz]e|elaborate|what (?:is|are|does|do)|explain|tell me (?:more )?about|comment on|summar\w+|details?)\b")


def decide(clues: Clues) -> Wish:
    """Decide what a question wants. The order is the argument: what is surest is asked first."""
    for rule in (_courtesy, _out_of_scope, _help, _about_file, _knowledge, _doubt, _move, _about_signal):
        wish = rule(clues)
        if wish is not None:
            return wish
    return Wish(None)


def bare_of_courtesy(text: str) -> str:
    """The text without thanks, greetings and fillers at its start."""
    match = cues.COURTESY.match(text)
    return text[match.end() :] if match else text


def quantity_of(text: str) -> Quantity | None:
    """Which number is asked for, if any."""
    return next((quantity for pattern, quantity in cues.QUANTITY if pattern.search(text)), None)


def _named(table: tuple[tuple[re.Pattern[str], str], ...], text: str) -> str | None:
    return next((name for pattern, name in table if pattern.search(text)), None)


def _courtesy(clues: Clues) -> Wish | None:
    match = cues.COURTESY.match(clues.text)
    if match and match.end() >= len(clues.text) and re.search(r"[a-z]", clues.text):
        sure = re.fullmatch(r"\W*(?:right|really)\W*\?\W*", clues.text)
        return Wish("confirm") if sure else Wish("thanks")
    return None


def _out_of_scope(clues: Clues) -> Wish | None:
    for pattern, note in cues.OUT_OF_SCOPE:
        if pattern.search(clues.text):
            if re.search(rf"\b(?:{cues.CRITERIA_WORDS})\b", clues.text) and clues.topics:
                return None
            return Wish("unclear", aspect="identity" if "identifies" in note else None, note=note)
    return None


def _help(clues: Clues) -> Wish | None:
    return Wish("help") if cues.HELP.search(clues.text) and not clues.topics else None


def _about_file(clues: Clues) -> Wish | None:
    if clues.labels and not re.search(r"\bsampl|\bhow old\b", clues.text):
        return None
    for pattern, aspect in cues.INFO:
        if pattern.search(clues.text):
            return Wish("info", aspect=aspect, quantity="count" if re.search(r"\bhow many\b|\bnumber of\b", clues.text) else None)
    return None


def _knowledge(clues: Clues) -> Wish | None:
    """Rules rather than this signal: general wording, and nothing that points at the page."""
    if not clues.topics and not re.search(rf"\b(?:{cues.CRITERIA_WORDS}|montage|filter|reference|polarity|phase reversal|dipole|10-20|electrodes?|epochs?)\b", clues.text):
        return None
    pointing = bool(cues.DEICTIC.search(clues.text)) or bool(clues.when) or bool(clues.where.channels and not clues.where.lobe)
    core, soft = bool(cues.CORE_KNOWLEDGE.search(clues.text)), bool(cues.SOFT_KNOWLEDGE.search(clues.text))
    if core and not pointing:
        return Wish("knowledge", quantity=quantity_of(clues.left))
    if soft and not pointing and not _definite(clues):
        return Wish("knowledge", quantity=quantity_of(clues.left))
    return None


def _definite(clues: Clues) -> bool:
    return any(re.search(r"\b(?:the|its)(?: [\w.-]+){0,2} $", clues.text[max(0, m.start - 40) : m.start]) for m in clues.mentions)


def _doubt(clues: Clues) -> Wish | None:
    if cues.WHY.search(clues.text):
        return Wish("why", aspect="stage" if any(m.meaning.stage for m in clues.mentions) else None)
    if cues.CONFIRM.search(clues.text) and not clues.labels:
        return Wish("confirm")
    return None


def _move(clues: Clues) -> Wish | None:
    if cues.ZOOM.search(clues.text):
        return Wish("navigate")
    moving = cues.MOVE.match(bare_of_courtesy(clues.text))
    rest = re.sub(r"\b(?:please|to|the|a|an|me|at|us|now|ahead|by|in|on|of|and|can|could|you|we|i|would|like|want|page|again|it|from|show|go|jump|see|here|there|then|back|ok)\b|\W|\d", "", clues.left)
    stepped = any(when.shape in ("step", "page", "length") for when in clues.when)
    if clues.labels and moving and not re.match(r"(?:show|display|see|view)", moving[0].split()[-1]):
        return Wish("search", which=_which(clues))
    if not clues.when or clues.mentions or clues.where.channels:
        return None
    verb = re.sub(cues.MOVE, "", clues.left) if moving else clues.left
    bare = not re.sub(r"\b(?:please|to|the|me|at|a|now|it|us|second|page|and|then|in)\b|\W", "", verb)
    if moving and (bare or not rest):
        return Wish("navigate")
    if stepped and not rest and not clues.leaning:
        return Wish("navigate")
    return None


def _which(clues: Clues) -> Which | None:
    text = clues.left
    found = [(m.start(), which) for pattern, which in cues.WHICH if (m := pattern.search(text))]
    return min(found)[1] if found else None


def _about_signal(clues: Clues) -> Wish | None:
    quantity, which = quantity_of(clues.left), _which(clues)
    unit = next((name for pattern, name in cues.UNITS if pattern.search(clues.text)), None)

    def wish(act: Act, aspect: Aspect | None = None) -> Wish:
        return Wish(act, aspect=aspect, quantity=quantity, unit=unit, which=which)

    stages = any(m.meaning.stage for m in clues.mentions)
    if ("stage" in clues.aspects or stages or re.search(r"\bstages?\b", clues.text)) and not clues.labels:
        return wish("describe", "stage")
    if _SIGNIFICANCE.search(clues.text):
        return wish("knowledge")
    if _compares(clues, quantity):
        return wish("compare")
    for aspect in ("slowing", "reactivity", "evolution"):
        if aspect in clues.aspects and not clues.labels:
            return wish("background", aspect)
    searching = any(when.shape == "whole" for when in clues.when)
    if clues.labels or clues.aspects & {"quality", "normality"}:
        return _of_events(clues, wish, quantity, which, searching=searching)
    if any(m.meaning.band for m in clues.mentions) or cues.BACKGROUND.search(clues.left):
        return wish("background")
    return _of_nothing(clues, wish, quantity)


def _compares(clues: Clues, quantity: Quantity | None) -> bool:
    both = len(clues.where.groups) >= 2 or clues.where.side == "both" or len(clues.when) >= 2
    if not cues.COMPARE.search(clues.text):
        return False
    if re.search(r"\bcompar|symmetr|\bgradient\b|hemispher|which side|sides\b", clues.text):
        return True
    return both or (quantity == "symmetry")


def _of_events(clues: Clues, wish: Maker, quantity: Quantity | None, which: Which | None, *, searching: bool) -> Wish:
    """Questions that name something to be found."""
    aspect: Aspect | None = next((a for a in ("quality", "normality") if a in clues.aspects), None)  # type: ignore[assignment]
    rhythm = all(label in _BACK for m in clues.mentions for label in m.meaning.labels)
    if rhythm and clues.labels:
        if quantity in ("amplitude", "frequency", "power") or cues.BACKGROUND.search(clues.left):
            return wish("background")
    if quantity in ("amplitude", "frequency", "duration", "slope") and clues.labels:
        return wish("measure")
    if which in ("next", "previous", "first", "last") and _FIND.search(clues.text) and not _on_page(clues):
        return wish("search")
    if searching:
        return wish("search" if clues.labels else "detect", aspect)
    if quantity in ("count", "time") or cues.EXISTS.search(clues.text) and not _elaborates(clues):
        return wish("detect", aspect)
    if _LOOKS.search(clues.text) and clues.labels:
        return wish("describe", aspect)
    return wish("detect", aspect)


def _elaborates(clues: Clues) -> bool:
    return bool(re.match(r"(?:can you |could you |please )*(?:describe|characteri[sz]e|elaborate|tell me more|comment|summar)", bare_of_courtesy(clues.text)))


def _on_page(clues: Clues) -> bool:
    return bool(re.search(r"\b(?:on|in|of) (?:this|the) (?:page|epoch|segment|screen)\b", clues.text)) or any(w.shape in ("span", "moment", "page") for w in clues.when)


def _of_nothing(clues: Clues, wish: Maker, quantity: Quantity | None) -> Wish | None:
    """Questions that name nothing to be found: numbers, descriptions, or a follow-up."""
    if re.search(r"\bmeasur\w*|\bcaliper", clues.text):
        return wish("measure")
    if quantity in ("amplitude", "frequency", "duration", "slope", "power") and not clues.leaning:
        return wish("measure")
    if quantity is not None:
        return Wish(None, quantity=quantity, unit=wish("describe").unit, which=wish("describe").which)
    if clues.leaning and not re.search(r"\b(?:describe|summar\w+|overview|impression|caption)\b", clues.text):
        return Wish(None, which=wish("describe").which, unit=wish("describe").unit)
    if cues.DESCRIBE.search(clues.text) or clues.when or clues.where.channels:
        return wish("describe")
    return None
