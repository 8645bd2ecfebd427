"""Write about waveforms and artifacts: present, absent, or not looked for are three different answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.absence import absent_words
from agent.embedded.across import in_stages, ranked, start_of, wants_several
from agent.embedded.draft import Draft, Situation
from agent.embedded.grounding import add_with_rules
from agent.embedded.grounds import RULES
from agent.embedded.picking import in_order, pick
from agent.embedded.talk import absent
from agent.facts import Facts, derived
from agent.findings import Certainty, Evidence, Finding
from agent.words import counted, event_line, listed, microvolts, plural, span, where
from tools.labels import ARTIFACT, SPOKEN
from tools.types import Event, Measurement

SHOWN = 4
"""Events that an answer spells out; the rest are counted."""


def events(s: Situation, draft: Draft) -> None:
    """Say which of the waveforms asked for are there, where, and how large."""
    absent(s, draft)
    said = set(s.intent.presumed) if draft.findings() else set()
    for fact in s.of("find_waveforms"):
        imitated(s, draft, fact)
        if fact.payload.get("stages"):
            in_stages(s, draft, fact, place_of(s, fact))
            continue
        labels = [label for label in (s.intent.labels or tuple(fact.event_counts)) if label not in said]
        there = [label for label in labels if fact.event_counts.get(label)]
        explained = of_findings(s, draft, fact, there)
        for label in there:
            if label not in explained:
                present(s, draft, fact, label)
        looked = set(fact.analysed.labels) if fact.analysed else set()
        none = [label for label in labels if label in looked and not fact.event_counts.get(label)]
        if none:
            none_found(s, draft, fact, none, others=bool(there))
    asked = s.intent.labels or s.intent.presumed
    for label in dict.fromkeys(asked):
        not_looked_for(s, draft, label)
    if not draft.findings() and not asked:
        for fact in s.of("find_waveforms"):
            none_found(s, draft, fact, list(fact.analysed.labels) if fact.analysed else [], others=False)


_ASKED_FOR = 7
"""Labels up to which a question is about them rather than about anything at all."""
_IMITATES = re.compile(r"\b(?:is|are|was|were|could|can|might|may|or|rather|instead|real|mask\w*)\b")


def imitated(s: Situation, draft: Draft, fact: Facts) -> None:
    """Say whether an artifact asked about lies over the wave asked about: "is the sharp wave an eye movement?"."""
    waves = [label for label in s.intent.labels if label not in ARTIFACT]
    artifacts = [label for label in s.intent.labels if label in ARTIFACT]
    if not waves or not artifacts or not _IMITATES.search(s.intent.question.lower()):
        return
    searched = [label for label in artifacts if fact.analysed and label in fact.analysed.labels]
    free: list[Event] = []
    for wave in [event for event in fact.events if event.label in waves][:SHOWN]:
        over = [e for e in fact.events if e.label in artifacts and _meets(e, wave)]
        if not over:
            free.append(wave)
            continue
        draft.state(f"{counted(over[0].label, 1).capitalize()} at {event_line(over[0])} coincides with the "
                    f"{SPOKEN[wave.label]} at {wave.onset:.1f} s, which makes it doubtful.",
                    [*derived(over[0]), *derived(wave)], events=[over[0], wave], certainty="possible")  # fmt: skip
    if free and searched:
        times = listed([f"{wave.onset:.1f} s" for wave in free])
        name = SPOKEN[free[0].label] if len(free) == 1 else plural(free[0].label)
        draft.state(f"The {name} at {times} coincide{'s' if len(free) == 1 else ''} with no "
                    f"{absent_words(searched)}, so nothing of that kind explains what is there.",
                    [*(_count_of(s, fact, label) for label in searched), *(m for w in free for m in derived(w))],
                    events=free, certainty="probable")  # fmt: skip


def _meets(artifact: Event, wave: Event) -> bool:
    """Whether an artifact reaches into a wave, with a little room for where either begins."""
    return (
        artifact.onset - 0.1 < wave.onset + wave.duration
        and wave.onset < artifact.onset + artifact.duration + 0.1
    )


def _count_of(s: Situation, fact: Facts, label: str) -> Measurement:
    onset, duration = place_of(s, fact)
    return Measurement(onset=onset, duration=duration, quantity=f"{label} count", unit="count", tool=fact.tool,
                       value=float(fact.event_counts.get(label, 0)))  # fmt: skip


def of_findings(s: Situation, draft: Draft, fact: Facts, labels: Sequence[str]) -> set[str]:
    """State discharges and patterns as the search explained them, what is asked for first; give their labels."""
    told = [Finding.model_validate(finding) for finding in fact.payload.get("findings", ())]
    if s.intent.which is not None or not told:
        return set()
    mine = [(next((label for label in labels if _is_about(f, label)), ""), f) for f in told]
    chosen = [f for label, f in mine if label] + [f for label, f in mine if not label and not f.events]
    asked = _ASKED.get(s.intent.aspect or "", "\0")
    telling = [f for f in chosen if any(asked in q for q in _quantities(f))]
    for finding in [*telling, *(f for f in chosen if f not in telling)]:
        add_with_rules(s, draft, finding)
    if s.intent.aspect == "field" and not telling:
        draft.say("The channels show neither a phase reversal nor a second pole of it.")
    return {label for label, _ in mine if label}


_ASKED = {"criteria": " criteria met", "field": "field of the discharge"}
"""What is asked of a discharge, and a word of the quantities that answer it."""


def _is_about(finding: Finding, label: str) -> bool:
    return any(event.label == label for event in finding.events)


def _quantities(finding: Finding) -> list[str]:
    return [e.quantity for e in finding.evidence if isinstance(e, Measurement)]


def not_looked_for(s: Situation, draft: Draft, label: str) -> None:
    """Say that a label was not looked for, and why; once for all that share the reason."""
    reasons = {entry.label: entry.reason for entry in draft.not_analysed}
    if label not in reasons or any(reasons[label] in str(part) for part in draft.parts):
        return
    same = [SPOKEN[m] for m in (s.intent.labels or s.intent.presumed) if reasons.get(m) == reasons[label]]
    draft.say(
        f"Not analysed: {listed(list(dict.fromkeys(same)))} ({reasons[label].rstrip('.')}), so presence and absence "
        "are both open."
    )


def _of_label(fact: Facts, label: str, s: Situation) -> list[Event]:
    found = [event for event in fact.events if event.label == label]
    if s.intent.which is not None:
        if wants_several(s) and s.intent.which not in ("next", "previous"):
            return in_order(found, s.intent.which)
        chosen = pick(found, s.intent.which, s.asked_on)
        return [chosen] if chosen else found
    if s.intent.event_index is not None and s.intent.onset is not None:
        found.sort(key=lambda event: abs(event.onset - (s.intent.onset or 0.0)))
        return found[:1]  # the one meant is where the question was resolved to
    return found


def _grounds(s: Situation, fact: Facts, label: str, found: Sequence[Event]) -> list[Evidence | None]:
    count = _count_of(s, fact, label)
    rules: list[Evidence | None] = [s.rule(i) for i in RULES.get(label, ())]
    return [count, *[m for event in found[:SHOWN] for m in derived(event)], *rules]


def place_of(s: Situation, fact: Facts) -> tuple[float, float]:
    """Onset and duration of the span a result is about."""
    seen = next((m for m in fact.measurements if m.quantity == "span looked at"), None)
    return (seen.onset, seen.duration) if seen else s.place


def present(s: Situation, draft: Draft, fact: Facts, label: str) -> None:
    """State the events of a label that were found."""
    found = _of_label(fact, label, s)
    total = fact.event_counts[label]
    place, start = span(*place_of(s, fact)), start_of(s, place_of(s, fact)[1])
    quantity = s.intent.quantity
    if s.intent.which is not None and len(found) == 1 and total > 1:
        lead = f"The {s.intent.which} of {counted(label, total)} in {place}"
        draft.state(f"{lead} is at {event_line(found[0], start)}{_short_rule(s, label)}.",
                    _grounds(s, fact, label, found), events=found)  # fmt: skip
        return
    if s.intent.which is not None and len(found) > 1 and wants_several(s):
        ranked(draft, label, found, s.intent.which, total, start)
        return
    sure: Certainty = (
        "probable" if any(e.confidence is not None and e.confidence < 0.7 for e in found) else "definite"
    )
    if all(e.masked_by for e in found):
        sure = "possible"
    listing = "; ".join(event_line(event, start) for event in found[:SHOWN])
    more = "; and others" if total > SHOWN and len(found) > 1 else ""
    rule = _short_rule(s, label)
    if label in ("flat", "bad_channel", "line_noise"):
        names = where(c for e in found for c in e.channels)
        name = plural(label) if total > 1 else SPOKEN[label]
        statement = f"{name.capitalize()}: {names} in {place}{rule}."
    elif quantity == "count" and s.intent.act != "measure":
        rate = f", {total / place_of(s, fact)[1] * 60:.1f} per minute" if place_of(s, fact)[1] >= 60 else ""
        statement = f"{counted(label, total)} in {place}{rate}: {listing}{more}{rule}."
    else:
        statement = f"{counted(label, total)} in {place}: {listing}{more}{rule}."
    grounds = _grounds(s, fact, label, found)
    grounds += [m for m in fact.measurements if m.quantity == f"{label} rate"]
    draft.state(statement, grounds, events=found[:40], certainty=sure)
    if len(found) > 1 and quantity in ("amplitude", "frequency", "duration"):
        _extremes(s, draft, found, quantity)


def _extremes(s: Situation, draft: Draft, found: Sequence[Event], quantity: str) -> None:
    def value(event: Event) -> float:
        if quantity == "amplitude":
            return event.amplitude.value_uv if event.amplitude else 0.0
        return (event.frequency_hz or 0.0) if quantity == "frequency" else event.duration

    top = max(found, key=value)
    words = {"amplitude": microvolts(top.amplitude) if top.amplitude else "", "duration": f"{top.duration:.1f} s",
             "frequency": f"{top.frequency_hz or 0:.1f} Hz"}[quantity]  # fmt: skip
    superlative = {"amplitude": "tallest", "duration": "longest", "frequency": "fastest"}[quantity]
    if value(top):
        draft.state(
            f"The {superlative} is the one at {top.onset:.1f} s with {words}.", derived(top), events=[top]
        )


def _short_rule(s: Situation, label: str) -> str:
    rule = next((r for i in RULES.get(label, ()) if (r := s.rule(i))), None)
    return f" [{rule.id}]" if rule else ""


def none_found(s: Situation, draft: Draft, fact: Facts, labels: list[str], *, others: bool) -> None:
    """State that labels were looked for and not found."""
    onset, duration = place_of(s, fact)
    names = absent_words(labels)
    region = f" at {s.intent.region}" if s.intent.region and not others else ""
    grounds: list[Evidence | None] = [
        Measurement(
            onset=onset, duration=duration, quantity=f"{label} count", value=0.0, unit="count", tool=fact.tool
        )
        for label in labels
    ]
    grounds += [s.rule(i) for label in labels for i in RULES.get(label, ())[:1]]
    channels = fact.analysed.channels if fact.analysed else ()
    over = f" ({len(channels)} channels analysed)" if len(channels) > 1 else ""
    grounds.append(Measurement(onset=onset, duration=duration, quantity="channels analysed", unit="count",
                               value=float(len(channels)), tool=fact.tool))  # fmt: skip
    draft.state(f"No {names} found in {span(onset, duration)}{region}{over}.", grounds)
    restraint = s.rule("CE-SZ-06")
    if "seizure" in s.intent.labels and len(labels) <= _ASKED_FOR and restraint:
        draft.state(
            "What is measured does not meet seizure criteria in this segment; video and the course beyond it are not "
            "part of it [CE-SZ-06].",
            [*grounds[:1], restraint],
        )


def sides_of_events(s: Situation, draft: Draft) -> None:
    """State how many events touch each side."""
    for fact in s.of("find_waveforms"):
        for label in s.intent.labels:
            found = [event for event in fact.events if event.label == label]
            sides = [m for m in fact.measurements if m.quantity.startswith(f"{label} count, ")]
            if found:
                spoken = listed(
                    [f"{m.value:.0f} touch the {m.quantity.rpartition(' ')[2]} side" for m in sides]
                )
                draft.state(
                    f"{counted(label, len(found))}: {spoken}.",
                    [*sides, *_grounds(s, fact, label, found)],
                    events=found[:20],
                )
            elif fact.analysed and label in fact.analysed.labels:
                none_found(s, draft, fact, [label], others=False)
