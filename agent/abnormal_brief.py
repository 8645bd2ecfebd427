"""Discharges and patterns as a description of a page tells them: one sentence each, its criteria as a count.

What each criterion measured, the field and the course are told to a question on the discharge or the pattern.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.abnormal import pattern_finding, surroundings
from agent.facts import derived
from agent.findings import Certainty, CitedRule, Evidence, Finding
from agent.telling import waves
from tools.ifcn import NEEDED, count, criteria
from tools.io import OpenRecording
from tools.labels import EPILEPTIFORM, PATTERN
from tools.types import Event, Measurement, ToolError

_TOOL = "describe_page"
_TOLD = 12
"""Events whose numbers are given as evidence one by one."""


def brief_findings(
    recording: OpenRecording, events: Sequence[Event], onset: float, duration: float
) -> Iterator[Finding]:
    """State discharges, then patterns and seizures, each kind in one sentence.

    Parameters
    ----------
    recording : OpenRecording
        In which the criteria are measured.
    events : sequence of Event
        Everything found in the stretch; what lies under artifact is left out.
    onset, duration : float
        The stretch in seconds.
    """
    standing = [event for event in events if not event.masked_by]
    for label in EPILEPTIFORM:
        mine = [event for event in standing if event.label == label]
        if mine:
            yield _discharges(recording, label, mine, _number(onset, duration, f"{label} count", len(mine)))
    for label in reversed(PATTERN):
        mine = [event for event in standing if event.label == label]
        if mine:
            total = _number(onset, duration, f"{label} count", len(mine))
            yield pattern_finding(label, mine, total, (onset, duration), recording.info.duration)
    if any(event.label in EPILEPTIFORM for event in standing):
        yield Finding(
            statement="By itself this proves nothing; it needs the clinical context [CE-EP-10].",
            certainty="definite",
            evidence=(CitedRule(id="CE-EP-10"),),
        )


def _discharges(recording: OpenRecording, label: str, mine: list[Event], total: Measurement) -> Finding:
    # Of a run the height is that of the averaged complex, and of a complex that of its spike alone.
    words = waves(label, mine, duration=total.duration, tall=label != "spsw")
    clearest = max(mine, key=lambda event: (event.confidence or 0.0, -event.onset))
    evidence: list[Evidence] = [total, *(m for event in mine[:_TOLD] for m in derived(event))]
    met = _criteria_met(recording, clearest)
    certainty: Certainty = "possible"
    if met is not None:
        which = "" if len(mine) == 1 else f"the clearest, at {clearest.onset:.1f} s, "
        words += f"; {which}{met} of 6 IFCN criteria [CE-EP-01]"
        at = clearest.onset, clearest.duration
        evidence += [
            _number(*at, f"{label} criteria met", met), _number(*at, f"{label} criteria", 6),
            *derived(clearest), CitedRule(id="CE-EP-01"),
        ]  # fmt: skip
        certainty = "probable" if met > NEEDED else "possible"
    return Finding(
        statement=f"{words}.", certainty=certainty, events=tuple(mine[:40]), evidence=tuple(evidence)
    )


def _criteria_met(recording: OpenRecording, event: Event) -> int | None:
    """How many of the six criteria a discharge meets; None where too few channels or seconds are there."""
    try:
        return count(criteria(surroundings(recording, event), event))
    except ToolError:
        return None


def _number(onset: float, duration: float, quantity: str, value: float) -> Measurement:
    return Measurement(
        onset=onset, duration=duration, quantity=quantity, value=float(value), unit="count", tool=_TOOL
    )
