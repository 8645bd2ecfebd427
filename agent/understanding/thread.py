"""A question in its thread: what the turns before it add, and where a step or a zoom leads."""

from __future__ import annotations

import re
from typing import Any

from agent.intent import Act, Intent
from agent.understanding.acts import says_only_what_changed
from agent.understanding.clues import Clues, Wish
from agent.understanding.context import Context
from agent.understanding.cues import EXISTS
from agent.understanding.followups import act_before, event_meant, inherit, place_of, seeks_unknown, zoomed
from agent.understanding.signal import which_of
from tools.types import Event, Page, Recording

NOT_KNOWN = (
    "I do not know how to look for that. I look for waveforms, artifacts, seizures and periodic patterns, "
    "sleep stages and the background rhythm."
)
_IS_THERE = re.compile(r"\bwhy (?:is|are|was|were) there (?!no\b|not\b|never\b)")
_ANOTHER = re.compile(r"\b(next|previous) one\b", re.IGNORECASE)


def resolve(fields: dict[str, Any], clues: Clues, wish: Wish, context: Context) -> dict[str, Any]:
    """Fill in what the turn before said, when the question leans on it or says too little alone.

    The act stays None where neither the question nor the thread gives one.
    """
    previous, asked = context.previous, fields["act"]
    if asked in ("why", "confirm") and not (previous and says_only_what_changed(clues, wish)):
        return _grounds(fields, clues, context)
    if previous is not None and says_only_what_changed(clues, wish):
        staging = wish.aspect == "stage" and previous.aspect != "stage"
        fields = fields | {"act": None, "aspect": None if staging or asked == "info" else wish.aspect}
    if asked in (None, "describe", "detect") and not _knows(clues, wish):
        return fields | {"act": "unclear", "follow_up": False, "notes": (*fields["notes"], NOT_KNOWN)}
    fields, event = _event(fields, clues, wish, context)
    if fields["act"] == "navigate":
        return _navigated(fields, clues, event, context)
    if fields["act"] in ("thanks", "help", "unclear", "info") or previous is None:
        return fields
    if clues.leaning or fields["act"] is None or fields["follow_up"]:
        return _followed(fields, clues, event, previous, context.recording)
    return fields


def _knows(clues: Clues, wish: Wish) -> bool:
    """Whether the thing that a question is about is one of those that can be looked for."""
    return bool(clues.mentions) or wish.aspect is not None or not seeks_unknown(clues.left)


def _event(
    fields: dict[str, Any], clues: Clues, wish: Wish, context: Context
) -> tuple[dict[str, Any], Event | None]:
    """The event of the last answer that is meant: "the second one", "it" where there was just one."""
    if context.previous is None or (
        wish.act == "search" and wish.which in ("next", "previous", "first", "last")
    ):
        return fields, None
    if _names_a_time(clues, context.page):
        return fields, None
    index, note = event_meant(clues.text, context.previous_events, fields["labels"])
    if index is None:
        if not note:
            return fields, None
        gone = {"act": "unclear", "follow_up": True, "notes": (*fields["notes"], note)}
        return fields | gone, None
    fields = fields | {"event_index": index, "which": None, "follow_up": True}
    return fields, context.previous_events[index]


def _names_a_time(clues: Clues, page: Page) -> bool:
    """Whether the question says when; that overrides an event of the last answer."""
    here = (page.onset, page.duration)
    return any(
        when.shape in ("span", "moment", "step")
        or (when.shape == "page" and (when.onset, when.duration) != here)
        for when in clues.when
    )


def _takes_as_given(fields: dict[str, Any], clues: Clues, previous: Intent | None) -> bool:
    """Whether "why is there a spike at 64.5 s?" asks about no answer given: whether there is one comes first."""
    if not (_IS_THERE.search(clues.text) and fields["labels"]):
        return False
    return bool(clues.when) or previous is None or not set(fields["labels"]) <= set(previous.labels)


def _grounds(fields: dict[str, Any], clues: Clues, context: Context) -> dict[str, Any]:
    """Why and confirm: about the last answer, unless the question brings a place of its own."""
    previous = context.previous
    if fields["act"] == "why" and _takes_as_given(fields, clues, previous):
        return fields | {"act": "search" if fields["whole_recording"] else "detect", "follow_up": False}
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


def _followed(
    fields: dict[str, Any], clues: Clues, event: Event | None, previous: Intent, recording: Recording
) -> dict[str, Any]:
    act = fields["act"]
    before = act_before(previous)
    if act is None:
        act = _act_of_ellipsis(fields, before, clues)
    fields = fields | {"act": act, "follow_up": True}
    full = inherit(fields, previous, clues.where, recording)
    if event is not None:
        full |= place_of(event)
    elif full["labels"] and full["which"] is None:
        full |= _which_of_them(clues, previous)
    return full | {"act": _fitting(full)}


def _which_of_them(clues: Clues, previous: Intent) -> dict[str, Any]:
    """Pick among the events of the turn before ("which is the largest?", "show me the next one")."""
    another = _ANOTHER.search(clues.text)
    if another:
        return {
            "which": another[1].lower(),
            "act": "search",
            "whole_recording": True,
            "onset": None,
            "duration": None,
        }
    which = which_of(clues)
    return (
        {"which": which, "act": previous.act}
        if which and previous.act in ("detect", "search", "measure")
        else {}
    )


def _fitting(full: dict[str, Any]) -> Any:
    """The act, once labels and place are complete: a rhythm is background, the whole recording a search."""
    act, labels = full["act"], full["labels"]
    if act == "measure" and labels == ("alpha",) and full["quantity"] in ("amplitude", "frequency", "power"):
        return "background"
    if act in ("detect", "search") and labels and full["which"] is None:
        return "search" if full["whole_recording"] else "detect"
    return act


def _act_of_ellipsis(fields: dict[str, Any], before: Act, clues: Clues) -> Act:
    """The act of a question that names only what changed: "and the amplitude?", "and at O2?"."""
    labels, quantity = fields["labels"], fields["quantity"]
    sought = before in ("knowledge", "measure", "compare", "background") or (before == "describe" and labels)
    cases: tuple[tuple[object, Act], ...] = (
        (quantity in ("amplitude", "frequency", "duration", "slope"),
         "background" if before == "background" else "measure"),
        (labels and before in ("describe", "knowledge") and not clues.leaning, "detect"),
        (set(labels) - {"alpha", "mu"} and before == "background", "detect"),  # an event is no rhythm
        (sought and EXISTS.search(clues.text), "detect"),
        (quantity in ("count", "time"), before if before in ("detect", "search") else "detect"),
        (fields["event_index"] is not None, before if before == "measure" else "describe"),
        (before == "knowledge" and (clues.where.channels or clues.when), "describe"),
    )  # fmt: skip
    return next((act for applies, act in cases if applies), before)
