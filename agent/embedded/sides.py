"""Answer which side: of waves, of the slowing, or which one is lower; the side comes first."""

from __future__ import annotations

from agent.embedded.draft import Draft, Situation
from agent.embedded.grounding import add_with_rules, take_over
from agent.embedded.grounds import RULES
from agent.embedded.talk import absent
from agent.embedded.waveforms import none_found, not_looked_for
from agent.facts import derived
from agent.findings import Finding
from agent.words import counted, event_line
from tools.labels import PATTERN, SPOKEN, side_of
from tools.types import Event, Measurement

_SHOWN = 4


def lower(s: Situation, draft: Draft) -> None:
    """Say which side is lower."""
    for fact in s.of("compare_sides"):
        if "overall" in fact.payload:
            add_with_rules(s, draft, Finding.model_validate(fact.payload["overall"]))
        else:
            take_over(s, draft, [fact])


def slower(s: Situation, draft: Draft) -> None:
    """Say on which side the slowing is, by the measured background."""
    for fact in s.of("describe_page")[:1]:
        findings = [Finding.model_validate(finding) for finding in fact.payload["findings"]]
        focal, general = _measured(findings, "focal"), _measured(findings, "generalized")
        entries = fact.payload["description"]["background"]["slowing"]
        sides = list(dict.fromkeys(entry["side"] for entry in entries if entry["side"]))
        if len(sides) == 1:
            draft.state(f"The slowing is on the {sides[0]}.", [e for f in focal for e in f.evidence])
        elif sides:
            draft.state("The slowing is on both sides.", [e for f in focal for e in f.evidence])
        elif general:
            draft.state("The slowing is generalized, so neither side is singled out.",
                        [e for f in general for e in f.evidence], certainty="probable")  # fmt: skip
        else:
            draft.say("No focal slowing was found on this page.")
        for finding in focal or general:
            add_with_rules(s, draft, finding)
        if not focal:
            _taller_delta(s, draft)


def _measured(findings: list[Finding], start: str) -> list[Finding]:
    return [
        finding
        for finding in findings
        if any(isinstance(e, Measurement) and e.quantity.startswith(start) for e in finding.evidence)
    ]


def _taller_delta(s: Situation, draft: Draft) -> None:
    """Where the slow activity is at least taller, though no limit is passed."""
    for fact in s.of("compare_sides")[:1]:
        for finding in fact.payload["findings"][:1]:
            add_with_rules(s, draft, Finding.model_validate(finding))


def of_waves(s: Situation, draft: Draft) -> None:
    """Say on which side the waves asked about are largest."""
    absent(s, draft)
    for fact in s.of("find_waveforms"):
        for label in s.intent.labels:
            found = [event for event in fact.events if event.label == label]
            found = [event for event in found if not event.masked_by] or found
            if found:
                _side_of_waves(s, draft, label, found)
        looked = set(fact.analysed.labels) if fact.analysed else set()
        none = [name for name in s.intent.labels if name in looked and not fact.event_counts.get(name)]
        if none and not (set(none) & set(s.intent.presumed) and draft.findings()):
            none_found(s, draft, fact, none, others=bool(draft.findings()))
    for label in s.intent.labels:
        not_looked_for(s, draft, label)


def largest_side(event: Event) -> str:
    """Side of the channel where an event is largest."""
    return side_of(event.channels[0]) if event.channels else "unknown"


def _side_of_waves(s: Situation, draft: Draft, label: str, found: list[Event]) -> None:
    by_side = {side: [e for e in found if largest_side(e) == side] for side in ("left", "right", "midline")}
    top = max(by_side, key=lambda side: len(by_side[side]))
    mine, rest = by_side[top], len(found) - len(by_side[top])
    name = SPOKEN[label] if len(found) == 1 else counted(label, len(found)).partition(" ")[2]
    verb = "is" if len(found) == 1 else "are"
    lines = "; ".join(event_line(event) for event in (mine or found)[:_SHOWN])
    more = "; and others" if len(mine) > _SHOWN else ""
    place = {"midline": "in the midline"}.get(top, f"on the {top}")
    if 3 * len(mine) < 2 * len(found):
        lead = f"The {name} {verb} on no one side"
    else:
        lead = f"The {name} {verb} largest {place}" + (f", all but {rest}" if rest else "")
    rules = [s.rule(i) for i in RULES.get(label, ())]
    grounds = [*(m for event in (mine or found)[:_SHOWN] for m in derived(event)), *rules]
    draft.state(f"{lead}: {lines}{more}.", grounds, events=found[:40],
                certainty="probable" if rest else "definite")  # fmt: skip


def sided_waves(s: Situation) -> bool:
    """Whether the side of waves, rather than of a pattern, is asked for."""
    intent = s.intent
    return intent.aspect == "side" and bool(intent.labels) and not set(intent.labels) <= set(PATTERN)
