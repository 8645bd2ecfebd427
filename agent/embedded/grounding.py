"""Take over what the tools found, with the rules that give it meaning."""

from __future__ import annotations

from collections.abc import Sequence

from agent.embedded.draft import Draft, Situation
from agent.embedded.grounds import MEASURED_RULES, RULES
from agent.facts import Facts
from agent.findings import Finding
from tools.types import Measurement


def add_with_rules(s: Situation, draft: Draft, finding: Finding) -> None:
    """Add the rules that were read for what a finding rests on."""
    wanted = [i for event in finding.events for i in RULES.get(event.label, ())]
    measured = [e for e in finding.evidence if isinstance(e, Measurement)]
    wanted += [
        i for m in measured for start, ids in MEASURED_RULES if m.quantity.startswith(start) for i in ids
    ]
    rules = [rule for i in dict.fromkeys(wanted) if (rule := s.rule(i))]
    draft.add(finding.model_copy(update={"evidence": (*finding.evidence, *rules)}))


def take_over(s: Situation, draft: Draft, facts: Sequence[Facts]) -> None:
    """Take over the sentences that tools wrote with their grounds: those on the quantity asked for, else all."""
    findings = [Finding.model_validate(f) for fact in facts for f in fact.payload.get("findings", ())]
    wanted: list[str] = [word for word in (s.intent.quantity, s.intent.band) if word]
    if s.intent.act in ("measure", "background", "detect") and "alpha" in s.intent.labels:
        wanted += ["posterior rhythm", "anterior share"]
    here = set(s.intent.channels)
    scored = [(sum(word in _quantities(f) for word in wanted) + _only_about(f, here), f) for f in findings]
    best = max((score for score, _ in scored), default=0)
    for score, finding in scored:
        if score == best:
            add_with_rules(s, draft, finding)


def _only_about(finding: Finding, channels: set[str]) -> bool:
    """The finding speaks of the channels asked for and of no other."""
    measured = [e for e in finding.evidence if isinstance(e, Measurement)]
    return bool(channels) and all(e.channels and set(e.channels) <= channels for e in measured)


def _quantities(finding: Finding) -> str:
    return " ".join(e.quantity for e in finding.evidence if isinstance(e, Measurement))
