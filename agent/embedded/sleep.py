"""Answers on sleep stages: the stage of a place with what makes it, and the numbers of a night."""

from __future__ import annotations

from agent.embedded.draft import Draft, Situation
from agent.findings import Finding
from agent.words import number
from tools.types import Measurement

_STATISTICS: dict[str, tuple[str, ...]] = {
    "efficiency": ("sleep efficiency",), "sleep latency": ("sleep latency",),
    "rem latency": ("REM latency", "no REM latency"),
    "waso": ("wake after",), "sleep time": ("total sleep time",), "share": ("time in",),
    "arousal index": ("arousal index",), "awakenings": ("awakenings",), "cycles": ("periods of R",),
}  # fmt: skip
"""What is asked for, and how the quantities that answer it begin."""


def stage(s: Situation, draft: Draft) -> None:
    """Say the stage and why it is that one, or the numbers of the night that are asked for."""
    for fact in s.of("stage_sleep"):
        findings = [Finding.model_validate(finding) for finding in fact.payload.get("findings", ())]
        if s.about_the_night:
            _night(s, draft, findings)
            continue
        _reply(s, draft, findings)
        for finding in findings:
            draft.add(finding)


def _reply(s: Situation, draft: Draft, findings: list[Finding]) -> None:
    """Yes or no, where one stage is asked for and one epoch was looked at."""
    found = (
        [m.quantity for m in _measured(findings[0]) if m.quantity.startswith("stage ")] if findings else []
    )
    if s.intent.act != "why" and len(s.intent.stages) == 1 and len(found) == 1:
        draft.say("Yes." if found[0] == f"stage {s.intent.stage}" else "No.")


def _night(s: Situation, draft: Draft, findings: list[Finding]) -> None:
    statistic = s.intent.statistic
    if s.intent.stage and statistic in (None, "share"):
        _one_stage(s, draft, findings)
        return
    starts = _STATISTICS.get(statistic or "")
    telling = [f for f in findings if starts and any(m.quantity.startswith(starts) for m in _measured(f))]
    if starts and not telling:
        draft.say("That number could not be measured in this recording; this is what could.")
    for finding in telling or findings:
        draft.add(finding)


def _one_stage(s: Situation, draft: Draft, findings: list[Finding]) -> None:
    """How much of a stage there is, and when it comes first."""
    for stage in s.intent.stages:
        mine = {m.quantity: m for f in findings for m in _measured(f)}
        minutes = mine.get(f"time in {stage}")
        if minutes is None:
            for finding in findings[:1]:
                draft.add(finding)
            return
        if not minutes.value:
            draft.state(f"No epoch of {stage} was found in the recording.", [minutes, *findings[0].evidence])
            continue
        share, first = mine.get(f"share of {stage} in sleep"), mine.get(f"first epoch of {stage}")
        words = f"{stage} takes {number(minutes.value)} min"
        words += f", {share.value:.0f} % of sleep" if share else ""
        words += f"; its first epoch starts at {first.value:.0f} s" if first else ""
        draft.state(f"{words}.", [minutes, share, first], certainty="probable")


def _measured(finding: Finding) -> list[Measurement]:
    return [e for e in finding.evidence if isinstance(e, Measurement)]
