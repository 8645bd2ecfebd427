"""What is wanted: the act of a question, decided from its clues in a fixed order."""

from __future__ import annotations

import re

from agent.understanding import cues, scope
from agent.understanding.clinical import of_findings
from agent.understanding.clues import Clues, Wish
from agent.understanding.page_questions import of_the_page
from agent.understanding.signal import about_signal, quantity_of, which_of

_ASIDE = re.compile(
    r"\b(?:please|to|the|a|an|me|at|us|now|ahead|by|in|on|of|and|can|could|you|we|i|would|like|want"
    r"|page|again|it|from|let|look|show|go|jump|see|here|there|then|back|ok)\b|\W|\d"
)
_FOR_THE_AGE = re.compile(r"\bfor (?:the|this|that|his|her|their|its) age\b")
_RULE_TOPICS = re.compile(
    rf"\b(?:{cues.CRITERIA_WORDS}|montage|filter|reference|polarity|phase reversal|dipole|10-20"
    r"|electrodes?|epochs?|what does (?!this|that|it|the|your)[a-z0-9+-]{2,8} (?:mean|stand for))\b"
)
_CRITERIA = re.compile(rf"\b(?:{cues.CRITERIA_WORDS})\b")
_THE_TOPIC = re.compile(r"\b(?:the|its)(?: (?!difference|between|of|in|for|definition)[\w.-]+){0,2} $")
_PLUS = re.compile(
    r"\b(?:what (?:does|do|is|are)|explain|define|meaning of)(?: the| an?)? ?[\"']?(\+(?:fr|fs|f|r|s))\b"
)
_COUNTED = re.compile(r"\bhow many\b|\bnumber of\b")
_FILE_EVEN_SO = re.compile(r"\bsampl|\bhow old\b")
_ONLY_PLACES = re.compile(
    r"\b(?:now|then|the|in|on|at|over|between|from|to|and|or|please|too|any|some|regions?|areas?|sides?"
    r"|channels?|leads?|electrodes?|near|around|for|thanks|ok|okay|about)\b|\W"
)
_SHOWS = re.compile(r"show|display|see|view")


def decide(clues: Clues) -> Wish:
    """Decide what a question wants. The order is the argument: what is surest is asked first."""
    rules = (
        _courtesy,
        _out_of_scope,
        _help,
        of_the_page,
        _about_file,
        _modifier,
        _norm,
        of_findings,
        _knowledge,
        _doubt,
        _move,
        about_signal,
    )
    return next((wish for rule in rules if (wish := rule(clues)) is not None), Wish(None))


def bare_of_courtesy(text: str) -> str:
    """The text without thanks, greetings and fillers at its start."""
    match = scope.COURTESY.match(text)
    return text[match.end() :] if match else text


def _courtesy(clues: Clues) -> Wish | None:
    match = scope.COURTESY.match(clues.text)
    if match is None or match.end() < len(clues.text) or not re.search(r"[a-z]", clues.text):
        return None
    return Wish("confirm" if re.fullmatch(r"\W*right\W*\?\W*", clues.text) else "thanks")


def _out_of_scope(clues: Clues) -> Wish | None:
    hit = next((entry for entry in scope.OUT_OF_SCOPE if entry[0].search(clues.text)), None)
    if hit is None or (_CRITERIA.search(clues.text) and clues.topics):
        return None
    return Wish("unclear", aspect="identity" if hit[1] == scope.IDENTITY else None, note=hit[1])


def _help(clues: Clues) -> Wish | None:
    return Wish("help") if scope.HELP.search(clues.text) and not clues.topics else None


def _about_file(clues: Clues) -> Wish | None:
    if _FOR_THE_AGE.search(clues.text) or (clues.labels and not _FILE_EVEN_SO.search(clues.text)):
        return None
    aspect = next((aspect for pattern, aspect in scope.INFO if pattern.search(clues.text)), None)
    if aspect is None:
        return None
    return Wish("info", aspect=aspect, quantity="count" if _COUNTED.search(clues.text) else None)


def _norm(clues: Clues) -> Wish | None:
    """Whether something is normal for the age asks of the background, whatever else the page shows."""
    return Wish("background") if _FOR_THE_AGE.search(clues.text) and not clues.labels else None


def _knowledge(clues: Clues) -> Wish | None:
    """Rules rather than this signal: general wording, and nothing that points at the page."""
    text = clues.text
    if _FOR_THE_AGE.search(text):  # of this patient, on this page
        return None
    if not clues.topics and not clues.leaning and not _RULE_TOPICS.search(text):
        return None
    deictic = bool(cues.DEICTIC.search(text)) or bool(clues.when)
    if cues.GENERIC_WHY.match(text) and not deictic:
        return Wish("knowledge")
    if deictic or (clues.where.channels and clues.where.region is None):
        return None
    core = cues.CORE_KNOWLEDGE.search(text) and (clues.topics or not clues.leaning or cues.MODAL.search(text))
    soft = cues.SOFT_KNOWLEDGE.search(text) and (clues.topics or not clues.leaning) and not _definite(clues)
    if core or soft or (cues.GENERIC_IS.match(text) and clues.labels):
        return Wish("knowledge", quantity=quantity_of(clues.left))
    return None


def _modifier(clues: Clues) -> Wish | None:
    return Wish("knowledge") if plus_modifier(clues.text) else None


def plus_modifier(text: str) -> str | None:
    """Name the plus modifier of rhythmic and periodic patterns that a question asks the meaning of."""
    match = _PLUS.search(text)
    return match[1].upper() if match else None


def _definite(clues: Clues) -> bool:
    """Whether a phenomenon is spoken of as one at hand: "the spindle", "its alpha"."""
    return any(_THE_TOPIC.search(clues.full[max(0, m.start - 40) : m.start]) for m in clues.mentions)


def _doubt(clues: Clues) -> Wish | None:
    if scope.WHY.search(clues.text):
        return Wish("why", aspect="stage" if any(m.meaning.stage for m in clues.mentions) else None)
    if scope.CONFIRM.search(clues.text) and not clues.labels:
        return Wish("confirm")
    return None


def _move(clues: Clues) -> Wish | None:
    """Another page: a verb of motion with a time, a page named alone, or the way to an event."""
    if scope.ZOOM.search(clues.text):
        return Wish("navigate")
    moving = scope.MOVE.match(bare_of_courtesy(clues.text))
    if clues.labels and moving and not _SHOWS.match(moving[0].split()[-1]):
        return Wish("search", which=which_of(clues))
    if not clues.when or clues.mentions or clues.where.channels:
        return None
    rest = _ASIDE.sub("", clues.left)
    beyond_verb = scope.MOVE.sub("", bare_of_courtesy(clues.left).lstrip())
    asks = cues.DESCRIBE.search(beyond_verb) or quantity_of(beyond_verb) or cues.COMPARE.search(beyond_verb)
    stepped = any(when.shape in ("step", "page", "length") for when in clues.when)
    sized = any(when.shape == "length" for when in clues.when)  # "set it to 30 s" leans on nothing
    if (moving and not asks) or (stepped and not rest and (sized or not clues.leaning)):
        return Wish("navigate")
    return None


def says_only_what_changed(clues: Clues, wish: Wish) -> bool:
    """Whether a follow-up names just a new place, time or phenomenon: "and K-complexes?"."""
    if wish.act == "info" and not cues.LISTS.search(clues.text):
        return False
    if wish.act == "confirm":
        return bool(re.search(r".{12}\blook again\b", clues.text))
    if wish.act in ("why", "thanks", "help", "unclear", "navigate", "view"):
        return False
    if not clues.leaning:
        return wish.act != "compare" and not _ONLY_PLACES.sub("", clues.left) and wish.quantity is None
    new = not cues.FILLERS.sub("", clues.left) and wish.quantity is None
    return new and not re.search(r"\b(?:is|are) (?:there|this|that|it)\b", clues.text)
