"""Which tools a question needs: first the signal, then the rules that give the results their meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from agent.embedded.across import wants_several
from agent.embedded.draft import Situation
from agent.embedded.grounds import MEASURED_RULES, RULES, STAGE_RULES
from agent.embedded.page_plan import page_calls, taken_for_granted, too_short_to_stage
from agent.embedded.picking import pick
from agent.embedded.state import state_of
from agent.intent import ViewChange
from tools.detectors import DETECTOR_OF
from tools.labels import EPILEPTIFORM, LABELS, PATTERN, mirror

Call = tuple[str, dict[str, Any]]
LONGEST_PAGE = 60.0
"""Seconds beyond which a page shows nothing that can be read."""
SIGNAL_FREE = {"knowledge", "why", "thanks", "help", "unclear", "info"}


def next_calls(s: Situation) -> list[Call]:
    """Give the calls to make now; none means that it is time to write."""
    if not s.called:
        return _first(s)
    seeks_one = s.intent.which is not None and not wants_several(s)
    if seeks_one and s.of("find_waveforms") and "show_page" not in s.called:
        moves = _to_event(s)
        if moves:
            return moves
    if elsewhere := taken_for_granted(s):
        return elsewhere
    if "search_rules" not in s.called:
        wanted = _rules_needed(s)
        return [("search_rules", {"ids": wanted})] if wanted else []
    return []


def _first(s: Situation) -> list[Call]:
    by_act: dict[str, Callable[[Situation], list[Call]]] = {
        "describe": _describe, "detect": _detect, "search": _detect, "measure": _measure,
        "background": _background, "compare": _compare, "navigate": _navigate, "view": _view,
        "confirm": _confirm, "knowledge": _knowledge, "choose": _choose, "info": _info,
    }  # fmt: skip
    if s.about_a_stage:
        return _describe(s) if too_short_to_stage(s) else _stage(s)
    if open_calls := page_calls(s, place_args(s)):
        return [*_move(s), *open_calls]
    if s.intent.aspect in ("normality", "quality") and s.intent.act == "detect":
        return _describe(s)
    plan = by_act.get(s.intent.act)
    return plan(s) if plan else []


def place_args(s: Situation) -> dict[str, Any]:
    """The place asked about, as tool arguments."""
    onset, duration = s.place
    return {"onset": onset, "duration": duration}


def _channels(s: Situation) -> dict[str, Any]:
    return {"channels": list(s.intent.channels)} if s.intent.channels else {}


def _describe(s: Situation) -> list[Call]:
    calls: list[Call] = _move(s)
    recorded = {c.name: c.kind for c in s.recording.channels}
    kinds = {recorded.get(channel, "eeg") for channel in s.intent.channels}
    if kinds and "eeg" not in kinds:
        return [*calls, ("measure_span", place_args(s) | _channels(s))]
    if s.intent.event_index is not None and any(label in DETECTOR_OF for label in s.intent.labels):
        return [*calls, _around(s)]
    few = 0 < len(s.intent.channels) <= max(1, len(s.recording.names("eeg")) // 2)
    if few and not s.intent.labels:
        there = place_args(s) | _channels(s)
        looks = ("find_waveforms", {"labels": list(LABELS), **there})
        caliper = [("measure_span", there)] if len(s.intent.channels) == 1 else []
        return [*calls, looks, ("band_power", there), *caliper]
    return [*calls, ("describe_page", place_args(s))]


def _move(s: Situation) -> list[Call]:
    """Bring the place asked about into view, when the question names one that is not in view."""
    if s.intent.onset is None or s.intent.whole_recording:
        return []
    onset, duration = s.place
    inside = s.page.onset <= onset and onset + duration <= s.page.onset + s.page.duration + 1e-6
    if inside or duration <= 0 or duration > LONGEST_PAGE:  # what is searched is not always what is shown
        return []
    return [("show_page", {"onset": onset, "duration": max(duration, min(s.page.duration, 10.0))})]


def _detect(s: Situation) -> list[Call]:
    if set(s.intent.labels) == {"alpha"} and not s.intent.whole_recording:
        return [*_move(s), ("background", place_args(s))]  # a rhythm of the background, not an event
    labels = list(s.intent.labels) or list(LABELS)
    anywhere = s.intent.onset is None and (s.intent.which is not None or s.intent.quantity == "time")
    of_stages = bool(s.intent.stages) and s.intent.onset is None
    sought = s.intent.act == "search" and s.intent.onset is None
    patterns = bool(s.intent.labels) and set(s.intent.labels) <= set(
        PATTERN
    )  # they may start before the page
    whole = (
        sought or s.intent.whole_recording or of_stages or (anywhere and (patterns or not s.intent.follow_up))
    )
    args: dict[str, Any] = {"labels": labels, **_channels(s)}
    args |= {"stages": list(s.intent.stages)} if s.intent.stages else {}
    args |= {"whole_recording": True} if whole else place_args(s)
    return [*([] if whole else _move(s)), ("find_waveforms", args)]


def _stage(s: Situation) -> list[Call]:
    """The stage of a place, weighed against the stages named; or the numbers of the night."""
    if s.about_the_night:
        return [("stage_sleep", {"whole_recording": True})]
    named = {"instead": list(s.intent.stages)} if s.intent.stages else {}
    return [*_move(s), ("stage_sleep", place_args(s) | named)]


def _measure(s: Situation) -> list[Call]:
    return [*_move(s), *_caliper(s)]


def _caliper(s: Situation) -> list[Call]:
    """What to measure: waves, a burst, events, a rhythm, or a span."""
    intent, there = s.intent, place_args(s) | _channels(s)
    if intent.which is not None and intent.labels and intent.onset is None:
        return [("find_waveforms", {"labels": list(intent.labels), "whole_recording": True, **_channels(s)})]
    of_an_event = intent.event_index is not None and any(label in DETECTOR_OF for label in intent.labels)
    if of_an_event and ("spindle" in intent.labels or intent.quantity == "duration"):
        return [_around(s)]  # the numbers of the event, not of one of its waves
    if intent.moment is not None:
        where: list[dict[str, Any]] = [{"channel": c} for c in intent.channels[:4]] or [{}]
        return [("measure_wave", at | {"time": intent.moment}) for at in where]
    if intent.band or "alpha" in intent.labels:
        return [("background", place_args(s)), ("band_power", there)]
    if any(label in DETECTOR_OF for label in intent.labels) or (intent.labels and not intent.channels):
        return [("find_waveforms", {"labels": list(intent.labels), **there})]
    whole_page = [] if intent.channels else [("background", place_args(s))]
    return [*whole_page, ("measure_span", there)]


def _around(s: Situation) -> Call:
    """Look again at the one event that is meant, with a little room to both sides."""
    onset, duration = s.place
    start = max(0.0, onset - 0.5)
    return (
        "find_waveforms",
        {"labels": list(s.intent.labels), "onset": start, "duration": onset + duration + 0.5 - start},
    )


def _background(s: Situation) -> list[Call]:
    calls: list[Call] = [*_move(s), ("background", place_args(s))]
    if s.intent.quantity == "power" or s.intent.band:
        calls.append(("band_power", place_args(s) | _channels(s)))
    return calls


def _compare(s: Situation) -> list[Call]:
    if s.intent.other is not None:
        other = {"onset": s.intent.other.onset, "duration": s.intent.other.duration}
        return [("background", place_args(s)), ("background", other)]
    sided = [c for c in s.intent.channels if mirror(c) != c and mirror(c) in s.recording.names()]
    if len(s.intent.channels) > 1 and not sided:
        return [*_move(s), ("measure_span", place_args(s) | _channels(s))]
    there = place_args(s) | ({"channels": sided} if sided else {})
    band = {"band": s.intent.band} if s.intent.band in ("delta", "theta", "alpha", "beta") else {}
    calls: list[Call] = [*_move(s), ("compare_sides", there | band)]
    if s.intent.labels and s.intent.labels != ("alpha",):
        calls.append(("find_waveforms", {"labels": list(s.intent.labels), **place_args(s)}))
    return calls


def _navigate(s: Situation) -> list[Call]:
    if s.intent.labels and s.intent.onset is None:
        return [
            ("find_waveforms", {"labels": list(s.intent.labels), "whole_recording": True, **_channels(s)})
        ]
    onset, duration = s.place
    return [("show_page", {"onset": onset, "duration": duration}), ("describe_page", {})]


def _to_event(s: Situation) -> list[Call]:
    """Bring the event that was asked for into the middle of the page."""
    found = [event for fact in s.of("find_waveforms") for event in fact.events]
    event = pick(found, s.intent.which or "next", s.asked_on)
    if event is None:
        return []
    length = s.page.duration
    latest = max(0.0, s.recording.duration - length)
    onset = min(max(0.0, event.onset + event.duration / 2 - length / 2), latest)
    return [("show_page", {"onset": round(onset, 1), "duration": length})]


def _view(s: Situation) -> list[Call]:
    view = s.intent.view or ViewChange()
    change = {name: value for name, value in view.model_dump().items() if value is not None}
    here = place_args(s) if s.intent.onset is not None and not s.intent.follow_up else {}
    calls: list[Call] = [("show_page", here | change)]
    if s.intent.labels:
        calls.append(("find_waveforms", {"labels": list(s.intent.labels), **here}))
    elif s.previous_intent and s.previous_intent.moment is not None and s.previous_intent.channels:
        again = s.previous_intent
        calls += [("measure_wave", {"channel": c, "time": again.moment}) for c in again.channels[:2]]
    else:
        calls.append(("describe_page", here))
    return calls


def _confirm(s: Situation) -> list[Call]:
    """Look again at what the last answer was about, with the same tools."""
    if s.previous is None:
        return []
    again = [c for c in s.previous.tool_calls if c.ok and c.name not in ("search_rules", "show_page")]
    return [(c.name, dict(c.args)) for c in again]


def _knowledge(s: Situation) -> list[Call]:
    args: dict[str, Any] = {"query": s.intent.query or s.intent.question}
    search = ("search_rules", args | ({"stage": s.intent.stage} if s.intent.stage else {}))
    own = [RULES[label][0] for label in s.intent.labels if label in RULES]
    return [search, ("search_rules", {"ids": list(dict.fromkeys(own))})] if 0 < len(own) <= 2 else [search]


def _choose(s: Situation) -> list[Call]:
    staging = [("stage_sleep", place_args(s))] if any(option.stage for option in s.intent.options) else []
    return [*_move(s), ("describe_page", place_args(s)), *staging]


def _info(s: Situation) -> list[Call]:
    return [("recording_info", {})]


def _rules_needed(s: Situation) -> list[str]:
    """The rules behind what was found or looked for, most telling first, a handful at most."""
    return list(dict.fromkeys(_rules(s)))[:6]


def _rules(s: Situation) -> Iterator[str]:
    if s.intent.act in SIGNAL_FREE:
        return
    for option in s.intent.options:
        if option.stage:
            yield STAGE_RULES[option.stage][0]
    for fact in s.of("describe_page")[:1]:
        if (s.about_a_stage or s.intent.aspect == "normality") and (stage := state_of(fact).stage):
            yield STAGE_RULES[stage][0]
    for fact in s.facts:
        for label in fact.event_counts:
            yield from RULES.get(label, ())
    for fact in s.facts:
        for m in fact.measurements:
            yield from next((ids for start, ids in MEASURED_RULES if m.quantity.startswith(start)), ())
    looked = {label for fact in s.facts if fact.analysed for label in fact.analysed.labels}
    asked = set(s.intent.labels) | set(s.intent.presumed)
    if s.intent.act in ("detect", "search", "measure", "confirm"):
        for label in asked & (looked | set(EPILEPTIFORM) | set(PATTERN)):
            yield from RULES.get(label, ())[:1]
