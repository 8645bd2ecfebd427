"""Say what one event is, artifact or discharge; and whether a page is normal, with the reasons and in restraint."""

from __future__ import annotations

from collections.abc import Sequence

from agent.embedded.draft import Draft, Situation
from agent.embedded.grounding import add_with_rules
from agent.embedded.grounds import RULES
from agent.embedded.state import state_of, state_sentence
from agent.embedded.waveforms import none_found, present
from agent.facts import Facts, derived
from agent.findings import Finding
from agent.states import SETTINGS, State
from agent.words import event_line, listed
from tools.labels import ARTIFACT, EPILEPTIFORM, PATTERN, SPOKEN
from tools.types import Event, Measurement

REACH = 0.4
"""Seconds by which a reader's time may miss an event."""
_ABNORMAL = (*EPILEPTIFORM, *PATTERN)
NOT_THE_REST = (
    "One page says nothing on the rest of the recording; age, state and history belong to the judgement."
)


def nature(s: Situation, draft: Draft) -> None:
    """Name what lies at the time and channel asked about, and whether it is epileptiform or artifact."""
    for fact in s.of("find_waveforms")[:1]:
        at = s.intent.moment if s.intent.moment is not None else s.place[0] + s.place[1] / 2
        near = _near(fact.events, at, s.intent.channels)
        if near:
            _named(s, draft, near, at)
        else:
            _nothing(s, draft, fact)


def _near(events: Sequence[Event], at: float, channels: Sequence[str]) -> list[Event]:
    """Events at a time, those on the channel asked about and closest in time first."""
    there = [e for e in events if e.onset - REACH <= at <= e.onset + e.duration + REACH]
    mine = [e for e in there if not channels or set(channels) & set(e.channels)] or there

    def rank(event: Event) -> tuple[bool, bool, float, float]:
        outside = max(event.onset - at, at - event.onset - event.duration, 0.0)
        return bool(event.masked_by), event.label not in EPILEPTIFORM, round(outside, 1), event.duration

    return sorted(mine, key=rank)


def _named(s: Situation, draft: Draft, near: list[Event], at: float) -> None:
    top = near[0]
    over = next((e for e in near if e.label in ARTIFACT), None)
    if top.masked_by and over is not None:
        top = over
    channels = f" at {listed(s.intent.channels[:2])}" if s.intent.channels else ""
    lead = f"The event{channels} near {at:.1f} s is "
    rules = [s.rule(i) for i in RULES.get(top.label, ())]
    line = f"{_article(SPOKEN[top.label])}, {event_line(top)}"
    if top.label in _ABNORMAL and not top.masked_by:
        words = f"{lead}epileptiform in form: {line}."
        if top.label in PATTERN:
            words = f"{lead}part of a pattern of the brain: {line}."
    elif top.label in ARTIFACT:
        words = f"{lead}an artifact and not a discharge: {line}."
    elif top.masked_by:
        words = f"{lead}doubtful, because artifact lies over it: {line}."
    else:
        words = f"{lead}a normal wave and not a discharge: {line}."
    sure = top.confidence is None or top.confidence >= 0.7
    draft.state(words, [*derived(top), *rules], events=[top], certainty="probable" if sure else "possible")
    if top.label in EPILEPTIFORM:
        draft.say("Its form and field decide, and only the whole record with the history says what it means.")


def _article(name: str) -> str:
    uncountable = (
        name.endswith(("s", "activity", "noise", "artifact", "signal", "rhythm")) or "discharges" in name
    )
    return name if uncountable else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _nothing(s: Situation, draft: Draft, fact: Facts) -> None:
    """Nothing is marked there; what is not on the whole page is said with it."""
    draft.say("Nothing is marked there, so what is seen is more likely part of the background.")
    none = [label for label in EPILEPTIFORM if not fact.event_counts.get(label)]
    if none and fact.analysed and set(none) <= set(fact.analysed.labels):
        none_found(s, draft, fact, none, others=True)
    for label in EPILEPTIFORM:
        if fact.event_counts.get(label):
            present(s, draft, fact, label)


def normality(s: Situation, draft: Draft) -> None:
    """Say whether the page is abnormal, and why; what the state explains is no abnormality."""
    for fact in s.of("describe_page")[:1]:
        findings = [Finding.model_validate(finding) for finding in fact.payload["findings"]]
        found = state_of(fact)
        reasons = [f for f in findings if _is_abnormal(f, fact, found)]
        rest = [f for f in findings if _is_background(f) and f not in reasons]
        if reasons:
            sure = any(_certain(finding) for finding in reasons)
            draft.say("This page is abnormal." if sure else "This page is probably abnormal.")
            for finding in reasons[:5]:
                add_with_rules(s, draft, finding)
        else:
            _unremarkable(s, draft, findings, fact)
        for finding in rest[:2]:
            add_with_rules(s, draft, finding)
        state_sentence(s, draft, fact, found)
        draft.say(NOT_THE_REST)


def _unremarkable(s: Situation, draft: Draft, findings: list[Finding], fact: Facts) -> None:
    draft.say("No abnormality was found on this page.")
    for finding in findings:
        if any(
            isinstance(e, Measurement) and e.quantity == "spike count" and not e.value
            for e in finding.evidence
        ):
            add_with_rules(s, draft, finding)
    slowing = fact.payload["description"]["background"]["slowing"]
    if slowing:
        draft.say(
            "Slow activity of this height belongs to drowsiness and sleep; it counts if the patient was awake."
        )


def _is_abnormal(finding: Finding, fact: Facts, found: State) -> bool:
    if any(event.label in _ABNORMAL and not event.masked_by for event in finding.events):
        return True
    starts = {e.quantity.partition(" ")[0] for e in finding.evidence if isinstance(e, Measurement)}
    if finding.events or len(starts) > 2:
        return False
    quantities = [e.quantity for e in finding.evidence if isinstance(e, Measurement)]
    if any(
        q.startswith(("amplitude difference between", "frequency difference between", "focal"))
        for q in quantities
    ):
        return found.stage not in ("N3",) or not any(q.startswith("focal") for q in quantities)
    return any(q.startswith("generalized") for q in quantities) and not _explained(fact, found)


def _explained(fact: Facts, found: State) -> bool:
    """Whether drowsiness or sleep accounts for slow activity over the whole head."""
    if found.stage in ("N1", "N2", "N3"):
        return True
    top = fact.payload["description"]["background"]["dominant"]
    awake = found.stage == "W" and any(sign.label == "posterior rhythm" for sign in found.signs)
    return not awake and top is not None and top["amplitude_uv"] <= SETTINGS.low_uv


def _is_background(finding: Finding) -> bool:
    wanted = ("posterior rhythm", "dominant frequency")
    return not finding.events and any(
        isinstance(e, Measurement) and e.quantity.startswith(wanted) for e in finding.evidence
    )


def _certain(finding: Finding) -> bool:
    return bool(finding.events) or finding.statement.startswith(("Marked", "Moderate"))
