"""Answers across hours: events counted per stage, ranked, and told by the clock."""

from __future__ import annotations

import re

from agent.embedded.draft import Draft, Situation
from agent.embedded.grounds import RULES
from agent.facts import Facts, derived
from agent.words import counted, event_line, listed, number, plural, span
from tools.labels import SPOKEN
from tools.types import Event, Measurement

CLOCKED = 600.0
"""Seconds of a stretch from which times are told by the clock too."""
SHOWN = 5
_SEVERAL = re.compile(r"\b(?:list|all|top|which are)\b|\b(?:largest|longest|shortest|fastest|slowest|smallest|tallest"
                      r"|biggest|first|last)(?: [a-z-]+)?(?: [a-z-]+)? [a-z-]{3,}s\b")  # fmt: skip


def start_of(s: Situation, duration: float) -> str | None:
    """Start of the recording on the clock, where the stretch is long enough for clock times to help."""
    return s.recording.start_time_of_day if duration >= CLOCKED else None


def wants_several(s: Situation) -> bool:
    """Whether a ranking asks for more than its first: "list the longest seizures"."""
    return bool(_SEVERAL.search(s.intent.question.lower()))


def in_stages(s: Situation, draft: Draft, fact: Facts, place: tuple[float, float]) -> None:
    """Say how many events lie in epochs of the stages asked for, how often, and where the first are."""
    stages = list(fact.payload["stages"])
    known = {m.quantity: m for m in fact.measurements}
    start = start_of(s, place[1])
    for label in fact.analysed.labels if fact.analysed else ():
        _per_stage(s, draft, label, stages, known, place)
        found = [event for event in fact.events if event.label == label]
        if found and len(stages) < 3:
            told = "; ".join(event_line(event, start) for event in found[:SHOWN])
            more = "; and others" if len(found) > SHOWN else ""
            draft.state(f"The first: {told}{more}.", [m for e in found[:SHOWN] for m in derived(e)],
                        events=found[:40])  # fmt: skip
        if len(stages) > 1:
            _most(draft, label, stages, known)


def _per_stage(
    s: Situation,
    draft: Draft,
    label: str,
    stages: list[str],
    known: dict[str, Measurement],
    place: tuple[float, float],
) -> None:
    told, grounds = [], []
    for stage in stages:
        count, rate = known[f"{label} count, {stage}"], known.get(f"{label} rate, {stage}")
        minutes = known[f"time in {stage}"]
        grounds += [count, rate, minutes]
        if not minutes.value:
            told.append(f"there is no epoch of {stage}")
            continue
        words = f"{counted(label, round(count.value))} in {number(minutes.value)} min of {stage}"
        told.append(words + (f" ({number(rate.value, 2)} per minute)" if rate and count.value else ""))
    rules = [s.rule(i) for i in RULES.get(label, ())[:1]]
    cited = next((f" [{r.id}]" for r in rules if r), "")
    draft.state(f"In {span(*place)}: {listed(told)}{cited}.", [*grounds, *rules], certainty="probable")


def _most(draft: Draft, label: str, stages: list[str], known: dict[str, Measurement]) -> None:
    rates = {stage: known.get(f"{label} rate, {stage}") for stage in stages}
    ranked = sorted((m.value, stage) for stage, m in rates.items() if m)
    if len(ranked) > 1 and ranked[-1][0] > ranked[-2][0]:
        top = ranked[-1][1]
        draft.state(
            f"{plural(label).capitalize()} are most frequent in {top}, with "
            f"{number(ranked[-1][0], 2)} per minute.",
            [rates[top], known[f"{label} count, {top}"]],
            certainty="probable",
        )


def ranked(draft: Draft, label: str, found: list[Event], which: str, total: int, start: str | None) -> None:
    """List the events that a ranking puts first."""
    told = "; ".join(event_line(event, start) for event in found[:SHOWN])
    count = min(SHOWN, len(found))
    name = plural(label) if count > 1 else SPOKEN[label]
    lead = (
        f"The {which} {name} of {total}"
        if count < total
        else f"{name.capitalize()} by rank, the {which} first"
    )
    if which == "largest" and found[0].channels:
        lead = f"The largest of {total} {name} is highest at {found[0].channels[0]}; by rank"
    draft.state(
        f"{lead}: {told}.", [m for event in found[:SHOWN] for m in derived(event)], events=found[:SHOWN]
    )
