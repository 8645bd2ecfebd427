"""What is asked of findings and of nights: criteria, field, side, course; efficiency, latencies, shares."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from agent.intent import Aspect, Statistic
from agent.understanding import cues
from agent.understanding.clues import Clues, Wish
from agent.understanding.context import Context
from agent.understanding.signal import quantity_of
from tools.labels import EPILEPTIFORM, PATTERN


def _p(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


FEATURES: tuple[Aspect, ...] = ("criteria", "field", "side", "prevalence", "evolution")
"""What may be asked of a discharge or a pattern that is there, beside its numbers."""
ABNORMAL = (*EPILEPTIFORM, *PATTERN)
DISCHARGES = (*EPILEPTIFORM, "LPD", "GPD", "BIPD")
"""What "the discharges" may be, until a turn before has said."""

_MET = _p(
    r"\b(?:meets?|met|fulfil\w*|satisf\w+)\b(?=.*\bcriteri)|\bcriteri\w+\b(?=.*\b(?:meets?|met|fulfil\w*|satisf\w+)\b)"
    r"|\bhow many (?:of the )?(?:\w+ )?criteria\b"
)
_FIELD = _p(r"\bphase[- ]?revers\w+|\bdipoles?\b|\bpolarity of\b|\bnegative maximum\b|\bmaximum negativity\b")
_AT_HAND = _p(r"^(?:and |so |but |ok )*(?:is|are|do|does|where|any|show|at which|which channel)\b")
_PREVALENCE = _p(
    r"\bprevalence\b|\bwhat (?:share|proportion|percentage) of the (?:page|recording|time|epoch)\b"
)
_SIDED = _p(r"\blaterali[sz]ed\b|\bgenerali[sz]ed\b")
_ARE_THEY = _p(r"\b(?:is|are) (?:it|they|those|these|that)\b")
_AS_IT_SHOULD = _p(
    r"\bwhat (?:is|are) (?:the )?criteri|\bnormal (?:for|in|sleep|rem|range|value)"
    r"|\b(?:needed|necessary|enough) (?:for|to)\b"
    r"|\bhow (?:do|does|can|should) (?:i|we|one)\b|\bdefin"
)
_WHICH_PATTERN = _p(
    r"\b(?:what|which)(?: kind| sort| type)?(?: of)?(?: acns)? pattern\b|\bname (?:the|this) pattern\b"
    r"|\b(?:what|which) (?:rhythmic|periodic)\b"
)
_WHICH_STAGE = _p(
    r"\b(?:which|what) (?:sleep )?stages?\b(?=.*\b(?:most|more|highest|fewest|least|densest)\b)"
)

_NIGHT: tuple[tuple[re.Pattern[str], Statistic], ...] = (
    (_p(r"\bsleep efficiency\b"), "efficiency"),
    (_p(r"\b(?:rem|stage r)(?: sleep)?(?: onset)? latency\b|\blatency (?:to|of) (?:rem|stage r)\b"), "rem latency"),
    (_p(r"\b(?:sleep(?: onset)?|n2|n3) latency\b|\blatency (?:to|of) (?:sleep|n2|n3)\b|\bsleep onset\b"
        r"|\b(?:fall|fell|falls) asleep\b"), "sleep latency"),
    (_p(r"\bwaso\b|\bwake after sleep onset\b|\bawake after\b"), "waso"),
    (_p(r"\btotal sleep time\b|\btst\b|\bhow (?:long|much|many hours) did (?:she|he|they|the patient) sleep\b"
        r"|\bhow much sleep\b|\bsleep period\b"), "sleep time"),
    (_p(r"\barousal ind(?:ex|ices)\b|\barousals? (?:per|an?|each|every) hour\b"), "arousal index"),
    (_p(r"\bhow many (?:times did \w+ (?:\w+ )?wake|awakenings)\b|\bnumber of awakenings\b|\bawakenings\b"),
     "awakenings"),
    (_p(r"\bsleep cycles?\b|\bhow many (?:rem|nrem) (?:periods|cycles|episodes)\b"), "cycles"),
    (_p(r"\b(?:night|sleep) (?:summary|report|statistics|stats|parameters|numbers|macrostructure)\b"
        r"|\bsummar\w+ (?:of )?(?:the |this )?(?:whole |entire )?(?:night|sleep)\b|\bhypnogram\b"
        r"|\bsleep architecture\b|\b(?:stage|score) (?:the |this )?(?:whole |entire )?(?:night|recording|file|study)\b"
        r"|\bhow did (?:she|he|they|the patient) sleep\b|\bhow was the (?:night|sleep)\b"),
     "summary"),
)  # fmt: skip
"""Numbers of a night as people ask for them, the more telling first."""
_NIGHT_ALONE = _p(
    "|".join(p.pattern for p, name in _NIGHT if name in ("arousal index", "awakenings", "summary"))
)
"""What is always of a night, though other words of it name waveforms."""
_SHARE = _p(r"\bhow (?:much|many (?:minutes|hours|epochs))\b|\bshare\b|\bpercent\w*|\bproportion\b|\btime in\b"
                r"|\bhow long was (?:she|he|the patient)\b")  # fmt: skip


def of_findings(clues: Clues) -> Wish | None:
    """Decide what is asked of discharges, patterns and nights at hand, where a rule would read it as one on rules."""
    if _general(clues.text):
        number_of_a_night = any(pattern.search(clues.text) for pattern, _ in _NIGHT)
        return Wish("knowledge") if number_of_a_night and "normal" in clues.text else None
    return next((wish for wish, fits in _RULES if fits(clues)), None)


def _named(clues: Clues) -> set[str]:
    return {label for m in clues.mentions for label in m.meaning.labels}


def _are_they(clues: Clues) -> bool:
    return clues.leaning and bool(_ARE_THEY.search(clues.text))


def _per_stage(clues: Clues) -> bool:
    """Events are counted in the stages named."""
    asked = quantity_of(clues.left) == "count" or cues.COMPARE.search(clues.text)
    return clues.labels and bool(asked) and any(m.meaning.stage for m in clues.mentions)


_RULES: tuple[tuple[Wish, Callable[[Clues], object]], ...] = (
    (Wish("describe", aspect="stage"), lambda c: _NIGHT_ALONE.search(c.text)),
    (Wish("detect", aspect="criteria"), lambda c: _MET.search(c.text)),
    (Wish("detect", aspect="field"), lambda c: _FIELD.search(c.text) and _AT_HAND.search(c.text)),
    (
        Wish("detect", aspect="prevalence"),
        lambda c: _PREVALENCE.search(c.text) and _named(c) <= set(ABNORMAL),
    ),
    (Wish("detect", aspect="criteria"), lambda c: _are_they(c) and _named(c) == set(EPILEPTIFORM)),
    (Wish("detect", aspect="side"), lambda c: _are_they(c) and _SIDED.search(c.text)),
    (Wish("detect"), lambda c: _WHICH_PATTERN.search(c.text) and not c.labels),
    (Wish("detect", quantity="count"), _per_stage),
    (Wish("detect", quantity="count"), lambda c: c.labels and _WHICH_STAGE.search(c.text)),
)
"""What is meant, and when; the first that fits is taken."""


def _general(text: str) -> bool:
    """Whether a question is about how it should be rather than how it is."""
    return bool(_AS_IT_SHOULD.search(text) or (cues.MODAL.search(text) and "criteri" not in text))


def statistic_of(text: str, *, stage: bool) -> Statistic | None:
    """Which number of the night a question on stages asks for; None where it asks about a place."""
    found = next((name for pattern, name in _NIGHT if pattern.search(text)), None)
    return found or ("share" if stage and _SHARE.search(text) else None)


def of_what_is_there(fields: dict[str, Any], context: Context) -> dict[str, Any]:
    """Complete a question on criteria, field, side or course by the discharges or patterns it must be about.

    Those it names, else those that the turn before asked for or found; where there are none, a question on the
    side is one on the two hemispheres, and one on the course is one on the background.
    """
    if set(fields["labels"]) == set(DISCHARGES) and context.previous is not None:
        before = (*(event.label for event in context.previous_events), *context.previous.labels)
        known = tuple(dict.fromkeys(label for label in before if label in DISCHARGES))
        fields = fields | ({"labels": known, "presumed": known} if known else {})
    aspect = fields["aspect"]
    if aspect not in FEATURES or fields["act"] not in ("detect", "background", "compare"):
        return fields
    labels = tuple(label for label in fields["labels"] if label in ABNORMAL)
    if not labels and context.previous is not None:
        found = dict.fromkeys(event.label for event in context.previous_events)
        labels = tuple(label for label in (*found, *context.previous.labels) if label in ABNORMAL)
    if labels:
        whole = {"presumed": fields["presumed"] if set(fields["presumed"]) & set(labels) else ()}
        return fields | whole | {"act": "detect", "labels": tuple(dict.fromkeys(labels))}
    if aspect == "side":
        return fields | {"act": "compare", "aspect": None, "quantity": "symmetry"}
    if aspect == "evolution":
        return fields | {"act": "background"}
    return fields | {"labels": PATTERN if aspect == "prevalence" else EPILEPTIFORM}


def asks_for_pattern(text: str) -> bool:
    """Whether the pattern itself is asked for: "what pattern is this?"."""
    return bool(_WHICH_PATTERN.search(text))


def asks_for_every_stage(text: str) -> bool:
    """Whether stages are to be compared: "which stage has the most spindles?"."""
    return bool(_WHICH_STAGE.search(text))
