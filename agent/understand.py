"""The understanding of questions: from a text and what was said before to an intent, without a model."""

from __future__ import annotations

import re
from typing import Any

from agent.intent import Intent
from agent.understanding.acts import bare_of_courtesy, decide, says_only_what_changed
from agent.understanding.clues import Clues, Wish
from agent.understanding.cues import EXISTS
from agent.understanding.followups import act_before, event_meant, inherit, leans, place_of, zoomed
from agent.understanding.options import read_option, split_options
from agent.understanding.phenomena import Mention, find_mentions, labels_of, presumed_labels
from agent.understanding.places import find_places
from agent.understanding.signal import quantity_of
from agent.understanding.stretches import When
from agent.understanding.text import Reading
from agent.understanding.times import find_times
from agent.understanding.view import find_view
from tools.labels import SPOKEN
from tools.types import Event, Page, Place, Record, Recording, ToolError

LONGEST_QUESTION = 4000

NOT_UNDERSTOOD = (
    "I did not understand that as a question about this recording or about the rules. "
    'Ask, for instance, "What does this page show?", '
    '"Are there spindles between 0 and 30 s?" or "What makes an epoch N2?".'
)
FROM_THE_START = (
    'Seconds count from the start of the recording; say "second {0:g} of this page" for the page in view.'
)


class Context(Record):
    """What a question may lean on."""

    recording: Recording
    page: Page
    """The page in view."""
    previous: Intent | None = None
    """What the last turn was understood to ask, follow-ups resolved."""
    previous_events: tuple[Event, ...] = ()
    """The events that the last answer named, in its order."""


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
    view, notes = find_view(reading, context.page)
    times = tuple(find_times(reading, context.recording, context.page))
    where = find_places(reading, context.recording)
    mentions = tuple(find_mentions(reading))
    leaning = leans(bare_of_courtesy(reading.text), mentions)
    clues = Clues(reading.text, reading.left, mentions, where, times, leaning)
    wish = decide(clues)
    fields = _fields(question, clues, wish, context) | {"view": view}
    fields["notes"] = (*notes, *fields["notes"])
    if choices:
        options = tuple(read_option(letter, text, context.recording) for letter, text in choices)
        return _finished(
            fields
            | {
                "act": "choose",
                "options": options,
                "follow_up": False,
                "notes": tuple(n for n in fields["notes"] if n != wish.note),
            },
            clues,
            context,
        )
    fields = _leaning(fields, clues, wish, context)
    if view is not None and fields["act"] not in ("knowledge", "info"):
        fields |= {"act": "view", "again": fields["act"] if fields["act"] not in ("view", None) else None}
    return _finished(fields, clues, context)


def _fields(question: str, clues: Clues, wish: Wish, context: Context) -> dict[str, Any]:
    """What the question itself says."""
    mentions, where = list(clues.mentions), clues.where
    stages = tuple(dict.fromkeys(m.meaning.stage for m in mentions if m.meaning.stage))
    asserting = wish.act in ("why", "describe", "measure")
    note = (wish.note,) if wish.note else ()
    return {
        "act": wish.act,
        "question": question,
        "channels": where.channels,
        "region": where.region,
        "groups": where.groups,
        "labels": labels_of(mentions) if wish.act != "info" else (),
        "presumed": presumed_labels(clues.text, mentions, asserting=asserting)
        if wish.act != "knowledge"
        else (),
        "quantity": wish.quantity,
        "unit": wish.unit,
        "which": wish.which,
        "aspect": wish.aspect,
        "band": next((m.meaning.band for m in mentions if m.meaning.band), None),
        "stage": stages[0] if stages else None,
        "stages": stages,
        "follow_up": clues.leaning,
        "event_index": None,
        **_when(clues.when, context),
        "notes": (*note, *where.notes, *(w.note for w in clues.when if w.note)),
        "place_missing": where.missing or any(w.missing and w.shape != "step" for w in clues.when),
    }


def _when(times: tuple[When, ...], context: Context) -> dict[str, Any]:
    if not times or (times[0].missing and times[0].shape != "step"):
        return {"onset": None, "duration": None, "moment": None, "whole_recording": False, "other": None}
    first, page = times[0], context.page
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


def _leaning(fields: dict[str, Any], clues: Clues, wish: Wish, context: Context) -> dict[str, Any]:
    """Fill in what the turn before said, when the question leans on it or says too little alone."""
    previous, act = context.previous, fields["act"]
    if previous is not None and clues.leaning and says_only_what_changed(clues, wish):
        act = None
        fields = fields | {
            "act": None,
            "aspect": wish.aspect
            if wish.act != "info" and (wish.aspect != "stage" or previous.aspect == "stage")
            else None,
        }
    text = clues.text
    index, note = event_meant(text, context.previous_events, fields["labels"]) if previous else (None, "")
    if wish.which in ("next", "previous") and act == "search":
        index, note = None, ""
    event = context.previous_events[index] if index is not None else None
    if event is not None or note:
        fields = fields | {"event_index": index, "which": None, "follow_up": True}
        fields["notes"] = (*fields["notes"], *((note,) if note else ()))
    if act in ("why", "confirm"):
        return _grounds(fields, clues, context)
    if act == "navigate":
        return _navigated(fields, clues, event, context)
    if act in ("thanks", "help", "unclear", "info"):
        return fields
    if previous is not None and (clues.leaning or act is None or event is not None or note):
        fields = _followed(fields, clues, event, context)
    return fields | {
        "act": fields["act"] or _alone(clues),
        "follow_up": fields["follow_up"] or (act is None and previous is not None),
    }


def _grounds(fields: dict[str, Any], clues: Clues, context: Context) -> dict[str, Any]:
    """Why and confirm: about the last answer, unless the question brings a place of its own."""
    previous = context.previous
    own = bool(clues.when or fields["stage"] or fields["labels"])
    fields = fields | {"follow_up": not own or (clues.leaning and not clues.when)}
    if previous is None or clues.when:
        return fields
    fields["again"] = act_before(previous)
    return inherit(fields, previous, clues.where, context.recording)


def _navigated(fields: dict[str, Any], clues: Clues, event: Event | None, context: Context) -> dict[str, Any]:
    page, end = context.page, context.recording.duration
    if re.search(r"\bzoom|\bcloser\b|\bmagnify\b|\benlarge\b|\bwiden\b|\bcontext\b|\bblow\b", clues.text):
        if (
            event is None
            and fields["onset"] is None
            and context.previous_events
            and not re.search(r"\bout\b", clues.text)
        ):
            pick = (
                context.previous.event_index
                if context.previous and context.previous.event_index is not None
                else 0
            )
            event = context.previous_events[pick if pick < len(context.previous_events) else 0]
        if (
            event is None
            and fields["onset"] is None
            and context.previous
            and context.previous.moment is not None
        ):
            fields = fields | {"moment": context.previous.moment}
        onset, duration = zoomed(page, clues.text, fields, event, end)
        return fields | {"onset": onset, "duration": duration}
    if clues.when and clues.when[0].shape == "moment" and fields["moment"] is not None:
        onset = min(fields["moment"], max(0.0, end - 0.1))
        return fields | {"onset": onset, "duration": min(page.duration, end - onset)}
    if fields["place_missing"]:
        onset = max(0.0, end - page.duration)
        return fields | {"onset": onset, "duration": end - onset, "place_missing": False}
    return fields


def _followed(fields: dict[str, Any], clues: Clues, event: Event | None, context: Context) -> dict[str, Any]:
    previous = context.previous
    assert previous is not None
    act = fields["act"]
    before = act_before(previous)
    if act is None:
        act = _act_of_ellipsis(fields, before, clues)
    fields = fields | {"act": act, "follow_up": True}
    full = inherit(fields, previous, clues.where, context.recording)
    if event is not None:
        full |= place_of(event)
    return full | {"act": _fitting(full)}


def _fitting(full: dict[str, Any]) -> Any:
    """The act, once labels and place are complete: a rhythm is background, the whole recording a search."""
    act, labels = full["act"], full["labels"]
    if act == "measure" and labels == ("alpha",) and full["quantity"] in ("amplitude", "frequency", "power"):
        return "background"
    if act in ("detect", "search") and labels and full["which"] is None:
        return "search" if full["whole_recording"] else "detect"
    return act


def _act_of_ellipsis(fields: dict[str, Any], before: Any, clues: Clues) -> Any:
    """The act of a question that names only what changed: "and the amplitude?", "and at O2?"."""
    if fields["quantity"] in ("amplitude", "frequency", "duration", "slope"):
        return "background" if before == "background" else "measure"
    looks = ("knowledge", "measure", "compare", "background", *(("describe",) if fields["labels"] else ()))
    if before in looks and EXISTS.search(clues.text):
        return "detect"
    if fields["quantity"] in ("count", "time"):
        return before if before in ("detect", "search") else "detect"
    if fields["event_index"] is not None:
        return before if before == "measure" else "describe"
    if before == "knowledge" and (clues.where.channels or clues.when):
        return "describe"
    return before


def _alone(clues: Clues) -> str:
    """The act of a question without a verb and without a turn before it."""
    if quantity_of(clues.left) in ("count", "time"):
        return "detect"
    if clues.mentions:
        return "detect" if labels_of(list(clues.mentions)) else "background"
    if clues.when or clues.where.channels:
        return "describe"
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
    previous = context.previous
    if not fields["follow_up"] or previous is None:
        return own
    named = [SPOKEN[label] for label in fields["labels"][:3]] + [s for s in (fields["stage"],) if s]
    if previous.act == "knowledge" and fields["act"] == "knowledge":
        return (
            f"{own} {previous.query}".strip()
            if not clues.mentions
            else _replaced(previous.query, list(clues.mentions), own)
        )
    return " ".join([own, *[name for name in named if name.lower() not in own]])


def _replaced(query: str, mentions: list[Mention], own: str) -> str:
    """The last query with its phenomenon replaced: "what makes an epoch n2" and "and N3?"."""
    reading = Reading(query)
    old = find_mentions(reading)
    if not old:
        return own
    new = mentions[0].phrase
    return f"{query[: old[0].start]}{new}{query[old[0].end :]}"
