"""The understanding of questions: from a text and what was said before to an intent, without a model."""

from __future__ import annotations

import re
from typing import Any

from agent.intent import Intent, Stage
from agent.understanding.acts import bare_of_courtesy, decide, plus_modifier, says_only_what_changed
from agent.understanding.clinical import (
    asks_for_every_stage,
    asks_for_pattern,
    of_what_is_there,
    statistic_of,
)
from agent.understanding.clues import Clues, Wish
from agent.understanding.context import Context
from agent.understanding.cues import DEICTIC, EEG_TERMS
from agent.understanding.followups import leans, opens_a_follow_up
from agent.understanding.options import read_option, split_options
from agent.understanding.phenomena import Mention, find_mentions, labels_of, presumed_labels
from agent.understanding.places import find_places
from agent.understanding.signal import quantity_of
from agent.understanding.stretches import When
from agent.understanding.text import Reading
from agent.understanding.thread import resolve
from agent.understanding.times import find_times
from agent.understanding.view import find_view
from tools.labels import EPILEPTIFORM, PATTERN, SPOKEN
from tools.types import Place, ToolError

__all__ = ["LONGEST_QUESTION", "Context", "check_question", "understand"]

LONGEST_QUESTION = 4000

NOT_UNDERSTOOD = (
    "I did not understand that as a question about this recording or about the rules. "
    'Ask, for instance, "What does this page show?", '
    '"Are there spindles between 0 and 30 s?" or "What makes an epoch N2?".'
)
FROM_THE_START = (
    'Seconds count from the start of the recording; say "second {0:g} of this page" for the page in view.'
)

_FILE = re.compile(r"\b(?:record\w*|file|eeg|study|night|psg|tracing)\b")
_SENTENCE = re.compile(r"(?<=[a-z0-9)]{2})[.!] +(?=[a-z])")


def check_question(text: str) -> str:
    """Strip control characters from a question; ToolError when nothing is left or it is too long."""
    clean = "".join(c for c in text if c.isprintable() or c in "\n\t").strip()
    if not clean:
        raise ToolError(
            'The question is empty; ask, for instance, "What does this page show?".', field="question"
        )
    if len(clean) > LONGEST_QUESTION:
        raise ToolError(
            f"The question has {len(clean)} characters; the limit is {LONGEST_QUESTION}.", field="question"
        )
    return clean


def understand(question: str, context: Context) -> Intent:
    """Resolve a question against the recording, the page in view and the turns before.

    Parameters
    ----------
    question : str
        Any text; it is only ever read as a question.
    context : Context
        The recording, the page in view, and the last turn.

    Returns
    -------
    Intent
        What is wanted, where, when and of what. What could not be resolved is in ``notes``;
        a place that does not exist gives the act ``unclear`` with ``place_missing``.
    """
    stem, choices = split_options(question)
    reading = Reading(stem if choices else question)
    view, assumed = find_view(reading, context.page)
    clues = _clues(reading, context)
    wish = _of_the_finding(decide(clues), clues, context)
    fields = _fields(question, clues, wish, context)
    fields |= {"view": view, "notes": (*assumed, *fields["notes"])}
    if choices:
        fields["options"] = tuple(read_option(letter, text, context.recording) for letter, text in choices)
        fields["notes"] = tuple(note for note in fields["notes"] if note != wish.note)
        return _finished(fields | {"act": "choose", "follow_up": False}, clues, context)
    fields = of_what_is_there(resolve(fields, clues, wish, context), context)
    if view is not None and fields["act"] not in ("knowledge", "info"):
        fields |= {"act": "view", "again": None if fields["act"] == "confirm" else fields["act"]}
    fields["act"] = fields["act"] or _alone(clues)
    return _finished(fields, clues, context)


def _clues(reading: Reading, context: Context) -> Clues:
    """Read a question part by part; what one part took, the next no longer sees."""
    times = tuple(find_times(reading, context.recording, context.page))
    where = find_places(reading, context.recording)
    mentions = tuple(find_mentions(reading))
    start = _asked_from(reading.text)
    text, left = reading.text[start:], reading.left[start:]
    led_up_to = bare_of_courtesy(reading.text[:start]).strip()
    leaning = opens_a_follow_up(text) or (not led_up_to and leans(bare_of_courtesy(text), mentions))
    return Clues(text, left, mentions, where, times, reading.text, leaning, context.previous is None)


def _of_the_finding(wish: Wish, clues: Clues, context: Context) -> Wish:
    """Read "when does it start?" as one on what was found, where the turn before named something."""
    named = context.previous is not None and (context.previous.labels or context.previous_events)
    of_the_file = wish.act == "info" and wish.aspect == "start"
    if of_the_file and named and clues.leaning and not _FILE.search(clues.text):
        return Wish(None, quantity="time")
    return wish


def _asked_from(text: str) -> int:
    """Where the question proper begins: "I see slow waves at O1. Are they epileptiform?" asks the second."""
    breaks = list(_SENTENCE.finditer(text, 0, max(0, len(text) - 1)))
    if not breaks or not text.rstrip().endswith("?") or len(text[breaks[-1].end() :].split()) < 3:
        return 0
    return breaks[-1].end()


def _fields(question: str, clues: Clues, wish: Wish, context: Context) -> dict[str, Any]:
    """What the question itself says."""
    mentions, where = list(clues.mentions), clues.where
    stages: tuple[Stage, ...] = tuple(dict.fromkeys(m.meaning.stage for m in mentions if m.meaning.stage))
    if not stages and clues.labels and asks_for_every_stage(clues.text):
        stages = ("W", "N1", "N2", "N3", "R")
    night = wish.aspect == "stage" and wish.act == "describe" and not clues.when[:1]
    whole = any(when.shape == "whole" for when in clues.when)
    statistic = statistic_of(clues.text, stage=bool(stages)) if night or whole else None
    asserting = wish.act in ("why", "describe", "measure")
    note = (wish.note,) if wish.note else ()
    sideless = wish.aspect in ("side", "asymmetry") or (wish.aspect == "slowing" and wish.bare)
    nowhere = sideless or (wish.bare and where.side == "both")  # "left or right?" is what is asked, no place
    return {
        "act": wish.act,
        "question": question,
        "channels": () if nowhere else where.channels,
        "region": None if nowhere else where.region,
        "groups": () if nowhere else where.groups,
        "labels": () if statistic or wish.bare else _labels(clues, wish),
        "presumed": presumed_labels(clues.full, mentions, asserting=asserting)
        if wish.act != "knowledge" and not wish.bare
        else (),
        "quantity": wish.quantity,
        "unit": wish.unit,
        "which": wish.which,
        "aspect": wish.aspect,
        "band": None if wish.bare else next((m.meaning.band for m in mentions if m.meaning.band), None),
        "stage": stages[0] if stages else None,
        "stages": stages,
        "statistic": statistic,
        "follow_up": clues.leaning,
        "event_index": None,
        **_when(clues.when, context, open_end=clues.labels or bool(stages)),
        "notes": (*note, *where.notes, *(w.note for w in clues.when if w.note)),
        "place_missing": where.missing or any(w.missing and w.shape != "step" for w in clues.when),
    }


def _labels(clues: Clues, wish: Wish) -> tuple[str, ...]:
    """Labels of what is named; where it is "the pattern" or criteria alone, those that it must be about."""
    named = labels_of(list(clues.mentions)) if wish.act != "info" else ()
    if named or clues.leaning or wish.act != "detect":
        return named
    if asks_for_pattern(clues.text):
        return PATTERN
    return EPILEPTIFORM if wish.aspect in ("criteria", "field") else ()


def _when(times: tuple[When, ...], context: Context, *, open_end: bool = False) -> dict[str, Any]:
    if not times or (times[0].missing and times[0].shape != "step"):
        return {"onset": None, "duration": None, "moment": None, "whole_recording": False, "other": None}
    first, page = times[0], context.page
    if first.open and open_end:  # "arousals after 3 am": what is sought may lie anywhere from there on
        first = first.opened(context.recording.duration)
    second = times[1] if len(times) > 1 and not times[1].missing else None
    if second and first.shape == "page" and (first.onset, first.duration) == (page.onset, page.duration):
        pass  # "compare this page with the next": the page in view is the first party
    return {
        "onset": round(first.onset, 3),
        "duration": round(first.duration, 3),
        "moment": first.moment,
        "whole_recording": first.shape == "whole",
        "other": Place(onset=second.onset, duration=second.duration) if second else None,
    }


def _alone(clues: Clues) -> str:
    """The act of a question without a verb and without a turn before it."""
    if quantity_of(clues.left) in ("count", "time"):
        return "detect"
    if clues.mentions:
        return "detect" if labels_of(list(clues.mentions)) else "background"
    if clues.when or clues.where.channels:
        return "describe"
    if EEG_TERMS.search(clues.text):
        return "describe" if DEICTIC.search(clues.text) else "knowledge"
    return "unclear"


def _finished(fields: dict[str, Any], clues: Clues, context: Context) -> Intent:
    """Add the query, the notes on places, and what only shows at the end."""
    notes = list(fields["notes"])
    if fields["place_missing"] and fields["act"] not in ("navigate", "knowledge", "choose", "help", "thanks"):
        fields = fields | {"again": fields["act"] if fields["act"] != "unclear" else None, "act": "unclear"}
    if fields["act"] == "unclear" and not notes:
        notes.append(NOT_UNDERSTOOD)
    page, moment = context.page, fields.get("moment")
    if (
        moment is not None
        and page.onset > page.duration
        and moment <= page.duration
        and not fields["follow_up"]
    ):
        notes.append(FROM_THE_START.format(moment))
    if fields["act"] != "compare":
        fields = fields | {"groups": ()}
    if fields["act"] == "search":
        fields = fields | {"whole_recording": fields["onset"] is None or fields["whole_recording"]}
    return Intent.model_validate(
        fields | {"notes": tuple(dict.fromkeys(notes)), "query": _query(fields, clues, context)}
    )


def _query(fields: dict[str, Any], clues: Clues, context: Context) -> str:
    """The question as one for the rule base: on its own, with the phenomenon it is about."""
    own = " ".join(clues.text.split())
    if fields["act"] == "knowledge" and (plus := plus_modifier(clues.text)):
        return f"{plus} plus modifier"
    previous = context.previous
    if not fields["follow_up"] or previous is None:
        return own
    named = [SPOKEN[label] for label in (fields["labels"] or previous.labels)[:3]]
    named += [stage for stage in (fields["stage"] or previous.stage,) if stage]
    if previous.act == fields["act"] == "knowledge" and clues.mentions:
        if says_only_what_changed(clues, Wish(None)):
            return _replaced(previous.query, list(clues.mentions), own)
        named = [SPOKEN[label] for label in previous.labels[:3]] + [s for s in (previous.stage,) if s]
    return " ".join([own, *[name for name in named if name.lower() not in own]])


def _replaced(query: str, mentions: list[Mention], own: str) -> str:
    """The last query with its phenomenon replaced: "what makes an epoch n2" and "and N3?"."""
    reading = Reading(query)
    old = find_mentions(reading)
    if not old:
        return own
    new = mentions[0].phrase
    return f"{query[: old[0].start]}{new}{query[old[0].end :]}"
