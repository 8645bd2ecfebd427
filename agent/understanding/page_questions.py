"""Open questions on the page in view: what it shows, its state, which side, what one event is, whether it is normal.

They are asked in many words, and all of them are about the signal, never the rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.understanding import cues
from agent.understanding import page_words as words
from agent.understanding.clues import Clues, Wish
from agent.understanding.vocabulary import ABNORMAL
from tools.labels import PATTERN


def of_the_page(clues: Clues) -> Wish | None:
    """Decide what is asked of the page in view, where the words say it beyond doubt; None where they do not."""
    if words.OF_RULES.search(clues.text) or _beyond_the_page(clues):
        return None
    asks = _ASKS
    if clues.leaning and not clues.first:  # only what stands on its own in a conversation too
        asks = () if words.CONNECTED.match(clues.text) else (_state, _description)
    return next((wish for ask in asks if (wish := ask(clues)) is not None), None)


def _beyond_the_page(clues: Clues) -> bool:
    return len(clues.when) > 1 or any(when.shape in ("whole", "step", "length") for when in clues.when)


def _named(clues: Clues) -> set[str]:
    return {label for m in clues.mentions if not m.meaning.aspect for label in m.meaning.labels}


def _bare(clues: Clues) -> str:
    """The text without the names of waves, which hold words such as "lateralized" themselves."""
    text, start = clues.text, len(clues.full) - len(clues.text)
    for m in clues.mentions:
        if m.meaning.labels and m.start >= start:
            text = text[: m.start - start] + "_" * (m.end - m.start) + text[m.end - start :]
    return text


def _nature(clues: Clues) -> Wish | None:
    """One event at a time: what is it?"""
    moment = any(when.shape == "moment" for when in clues.when)
    known = words.EVENT.search(clues.text) or clues.where.channels
    fits = moment and known and words.NATURE.search(clues.text)
    return Wish("detect", aspect="nature") if fits and not _sure_of_it(clues) else None


def _sure_of_it(clues: Clues) -> bool:
    """Whether one kind of wave is named and nothing is held against it: "is the spike at 64.5 s epileptiform?"."""
    named = _named(clues)
    return bool(named) and len(named) <= 2 and not re.search(r"\bor\b|\bversus\b|\bvs\b", clues.text)


def _state(clues: Clues) -> Wish | None:
    verb = {"seizure"} if re.search(r"\bfits?\b", clues.text) else set()  # "which stage would fit?"
    if (
        not words.STATE.search(clues.text)
        or words.NOT_A_STATE.search(clues.text)
        or _named(clues) - {"arousal"} - verb
    ):
        return None
    return Wish("describe", aspect="stage", bare=True)


def _sided(clues: Clues) -> Wish | None:
    """A question on the side: of waves, of the slowing, or which one is lower."""
    if not _on_a_side(clues):
        return None
    named = _named(clues)
    if named - {"slow_wave", "alpha", "flat", "burst_suppression"} and not clues.aspects:
        return None if named <= set(PATTERN) else Wish("detect", aspect="side")
    return None if "alpha" in named else _of_background(clues.text, "slow_wave" in named)


def _of_background(text: str, slow_waves: bool) -> Wish | None:
    """Which side is slow, or which one is lower."""
    if words.SLOW.search(text) and (words.FOCAL.search(text) or not slow_waves):
        return Wish("background", aspect="slowing", quantity="symmetry", bare=True)
    return Wish("compare", aspect="asymmetry", bare=True) if words.LOWER.search(text) else None


def _on_a_side(clues: Clues) -> bool:
    """Whether the side itself is asked for, of the whole head."""
    text, where = clues.text, clues.where
    if not words.SIDE.search(_bare(clues)) and where.side != "both":
        return False
    wanted = re.search(r"\bor\b|\bwhich\b|\bwhat\b|\bside\b|\blaterali|\bone\b", text)
    if not wanted or (clues.when and clues.labels):
        return False
    return not where.lobe and not (where.channels and where.region is None) and _asks_side(text)


def _asks_side(text: str) -> bool:
    """Whether the side itself is wanted: "which side", "left or right?", not "higher on the left than the right"."""
    return not re.search(
        r"\bthan\b|\bcompare\b|\bboth\b|\b(?:larger|higher|taller|faster|bigger|more)\b", text
    )


def _largest(clues: Clues) -> Wish | None:
    """Where waves are largest."""
    named = _named(clues) - {"alpha"}
    rate = re.search(r"\bfrequenc|\bhow (?:tall|large|fast|big|high)\b|\bamplitude", clues.text)
    if (
        not named
        or clues.when
        or rate
        or not (words.TOP.search(clues.text) and words.PLACE.search(clues.text))
    ):
        return None
    return Wish("detect", which="largest")


def _course(clues: Clues) -> Wish | None:
    if clues.labels or words.NOT_A_COURSE.search(clues.text) or not words.COURSE.search(clues.text):
        return None
    return Wish("background", aspect="evolution", bare=True)


def _health(clues: Clues) -> Wish | None:
    """Whether the page is normal; not whether some wave, rhythm or amplitude on it is."""
    whole = all(m.meaning.aspect or set(m.meaning.labels) == set(ABNORMAL) for m in clues.mentions)
    if (
        not whole
        or clues.where.channels
        or not words.HEALTH.search(clues.text)
        or cues.BACKGROUND.search(clues.text)
    ):
        return None
    return Wish("detect", aspect="normality")


def _presence(clues: Clues) -> Wish | None:
    """Whether something named can be seen; "can a spike be normal?" is another question."""
    if not clues.labels or not words.SEEN.search(clues.text):
        return None
    if re.search(
        r"\bhow\b|\bwhy\b|\bwhat\b|\bwhen\b|\bwhere\b|\b(?:in|during) (?:wake|sleep|adults|children|rem|n[123])\b",
        clues.text,
    ):
        return None
    return Wish("detect")


def _description(clues: Clues) -> Wish | None:
    """A description of the page: nothing in particular is named, or so much that everything is meant."""
    text = clues.text
    parts = set(words.WHOLE.findall(text))
    if (
        len(parts) >= 2
        and words.LISTING.search(text)
        and not words.PARTICULAR.search(text)
        and not clues.where.channels
    ):
        return Wish("describe", bare=True)
    if any(m.meaning.labels or m.meaning.stage or m.meaning.band or m.meaning.aspect for m in clues.mentions):
        return None
    if (
        clues.where.channels
        or words.PARTICULAR.search(text)
        or any(when.shape == "moment" for when in clues.when)
    ):
        return None
    return Wish("describe", bare=True) if words.DESCRIPTION.search(text) else None


_ASKS: tuple[Callable[[Clues], Wish | None], ...] = (
    _nature, _state, _sided, _largest, _course, _health, _presence, _description,
)  # fmt: skip
