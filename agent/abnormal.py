"""Discharges, patterns and seizures in words: criteria with their numbers, frequency, side, course, and restraint.

A discharge supports and never proves epilepsy; a clip cannot show what lies beyond it. Both are said where they apply.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.courses import course_findings
from agent.facts import derived
from agent.findings import Certainty, CitedRule, Evidence, Finding
from agent.words import counted, event_line, listed, microvolts, number, plural, span, where
from tools.discharges import statements
from tools.ifcn import NEEDED, Criterion, count, criteria
from tools.io import OpenRecording
from tools.labels import EPILEPTIFORM, PATTERN, SPOKEN, side_of
from tools.montage import default_montage
from tools.prepare import prepare
from tools.types import Event, Filters, Measurement, Segment, Side, ToolError

AROUND = 6.0
"""Seconds to each side of an event in which its background is measured."""
FIELD = "field of the discharge"
_SPELT_OUT = 4
_CRITERIA = (
    "pointed", "its duration differs from the surroundings", "unequal flanks", "an after-going slow deflection",
    "the surroundings are disturbed", "a field as of a source in the brain",
)  # fmt: skip
"""The six in the order of the IFCN, in words that name nothing else of the vocabulary."""
_ACRONYMS = {"LPD", "GPD", "BIPD", "LRDA", "GRDA"}
_TERM = ((10.0, "very brief"), (60.0, "brief"), (600.0, "intermediate"), (3600.0, "long"))
"""Duration words of the 2021 critical-care terminology (doi:10.1097/WNP.0000000000000806): below so many seconds."""
_PREVALENCE = (
    (90.0, "continuous"),
    (50.0, "abundant"),
    (10.0, "frequent"),
    (1.0, "occasional"),
    (0.0, "rare"),
)


def abnormal_findings(
    recording: OpenRecording, events: Sequence[Event], onset: float, duration: float, tool: str
) -> Iterator[Finding]:
    """State patterns and seizures, then discharges, each with what makes it one."""
    standing = [event for event in events if not event.masked_by]
    for label in (*reversed(PATTERN), *EPILEPTIFORM):
        mine = [event for event in standing if event.label == label]
        if not mine:
            continue
        total = _number(onset, duration, f"{label} count", float(len(mine)), "count", tool)
        if label in EPILEPTIFORM:
            yield _discharges(label, mine, total)
            yield from discharge_details(
                recording, max(mine, key=lambda e: (e.confidence or 0.0, -e.onset)), tool
            )
        else:
            yield pattern_finding(label, mine, total, (onset, duration), recording.info.duration)
            yield from course_findings(recording, max(mine, key=lambda e: e.duration), tool)
    if any(event.label in EPILEPTIFORM for event in standing):
        yield Finding(
            statement="By itself such a discharge proves nothing; it needs the clinical context [CE-EP-10].",
            certainty="definite",
            evidence=(CitedRule(id="CE-EP-10"),),
        )


def _discharges(label: str, mine: list[Event], total: Measurement) -> Finding:
    place = f" in {span(total.onset, total.duration)}"
    if len(mine) <= _SPELT_OUT:
        statement = (
            f"{counted(label, len(mine)).capitalize()}{place}: {'; '.join(event_line(e) for e in mine)}."
        )
        told = mine
    else:
        channels = list(dict.fromkeys(c for event in mine for c in event.channels))
        told = [max(mine, key=lambda e: e.confidence or 0.0)]
        several = counted(label, len(mine)).capitalize()
        statement = f"{several}{place} at {where(channels)}, the clearest at {event_line(told[0])}."
    evidence = (total, *[m for event in told for m in derived(event)])
    return Finding(statement=statement, certainty=_sure(mine), events=tuple(mine[:40]), evidence=evidence)


def discharge_details(recording: OpenRecording, event: Event, tool: str) -> Iterator[Finding]:
    """The criteria that a discharge meets, with the numbers that decide, and what its field shows."""
    segment = surroundings(recording, event)
    try:
        six = criteria(segment, event)
    except ToolError:
        return  # too few channels, or at the very edge: it stands as found, without its criteria
    yield _criteria_finding(event, six, tool)
    # A focus between two chains reverses along both; one sentence an electrode says it.
    once = {re.sub(r" between .*", "", said): said for said in reversed(statements(segment, event))}
    for said in reversed(once.values()):
        yield _field_finding(event, said, segment.channels, tool)


def _field_finding(event: Event, said: str, channels: Sequence[str], tool: str) -> Finding:
    """What the field of a discharge shows, with every channel that it names as evidence."""
    named = [c for c in channels if re.search(rf"(?<![\w-]){re.escape(c)}(?![\w-])", said)]
    named += re.findall(r"\b(?:[A-Z]p?[0-9]{1,2}|[A-Z]p?z)\b", said)
    percent = re.search(r"(\d+) %", said)
    rule = CitedRule(id="CE-POL-06" if percent else "CE-POL-03")
    shown = Measurement(
        onset=event.onset, duration=event.duration, channels=tuple(dict.fromkeys(named)), tool=tool,
        quantity=f"{FIELD}, {'two poles' if percent else 'phase reversal'}",
        value=float(percent[1]) if percent else 1.0, unit="%" if percent else "",
    )  # fmt: skip
    return Finding(
        statement=f"The {SPOKEN[event.label]} at {event.onset:.1f} s: {said} [{rule.id}].",
        certainty="probable", events=(event,), evidence=(shown, *derived(event), rule),
    )  # fmt: skip


def _criteria_finding(event: Event, six: Sequence[Criterion], tool: str) -> Finding:
    met = count(tuple(six))
    at = event.onset, event.duration

    def numbers(of: Sequence[Criterion]) -> list[Measurement]:
        return [
            _number(*at, f"{event.label} {m.quantity}", m.value, m.unit, tool)
            for c in of
            for m in c.measured[:1]
        ]

    def told(holds: bool) -> str:
        parts = []
        for name, criterion in zip(_CRITERIA, six, strict=True):
            if criterion.met is holds:
                first = criterion.measured[0]
                parts.append(
                    f"{name} ({number(first.value, 2 if abs(first.value) < 10 else 0)} {first.unit}".rstrip()
                    + ")"
                )
        return listed(parts)

    words = f"The {SPOKEN[event.label]} at {event.onset:.1f} s meets {met} of 6 IFCN criteria: {told(True)}"
    words += f"; not met: {told(False)}" if met < len(six) else ""
    evidence: list[Evidence] = [
        _number(*at, f"{event.label} criteria met", float(met), "count", tool),
        _number(*at, f"{event.label} criteria", 6.0, "count", tool),
        *numbers(six), *derived(event), CitedRule(id="CE-EP-01"),
    ]  # fmt: skip
    certainty: Certainty = "probable" if met > NEEDED else "possible"
    return Finding(
        statement=f"{words} [CE-EP-01].", certainty=certainty, events=(event,), evidence=tuple(evidence)
    )


def surroundings(recording: OpenRecording, event: Event) -> Segment:
    """A discharge with the background around it, in which its criteria are measured."""
    start = max(0.0, event.onset - AROUND)
    stop = min(recording.info.duration, event.onset + event.duration + AROUND)
    montage = default_montage(recording.info)
    return prepare(recording, start, stop - start, montage=montage, filters=Filters(low_cut_hz=0.3))


# --- patterns -----------------------------------------------------------------------------------------


def side_of_pattern(event: Event) -> Side | None:
    """Side of a pattern in ACNS words, by its label first and by its channels else."""
    sides = [side_of(c) for c in event.channels]
    left, right = sides.count("left"), sides.count("right")
    if event.label.startswith("G"):
        return "generalized"
    if event.label == "BIPD":
        return "bilateral"
    if not left and not right:
        return None
    if event.label.startswith("L") or max(left, right) >= 3 * min(left, right):
        return "left" if left > right else "right"
    return (
        "generalized"
        if event.label in ("seizure", "burst_suppression") and left + right >= 12
        else "bilateral"
    )


def pattern_finding(
    label: str, mine: list[Event], total: Measurement, place: tuple[float, float], length: float
) -> Finding:
    """Frequency, side, extent, duration and share of the time of a pattern, with what the stretch cannot show."""
    first = max(mine, key=lambda event: event.duration)
    rates = [event.frequency_hz for event in mine if event.frequency_hz is not None]
    side = side_of_pattern(first)
    parts = [_lead(label, mine, place)]
    if rates:
        low, high = min(rates), max(rates)
        parts.append(f"at {low:.1f} Hz" if high - low < 0.15 else f"at {low:.1f} to {high:.1f} Hz")
    if side in ("left", "right"):
        parts.append(f"on the {side}")
    elif side:
        parts.append(side)
    if first.amplitude:
        parts.append(f"up to {microvolts(first.amplitude)}")
    if first.channels:
        parts.append(f"largest at {listed(first.channels[:3])}")
    evidence: list[Evidence] = [total, *(m for event in mine[:_SPELT_OUT] for m in derived(event))]
    share = 100 * min(1.0, sum(event.duration for event in mine) / place[1])
    tail = _term(first, mine, place, length, share)
    evidence.append(_number(*place, f"{label} prevalence", share, "%", total.tool))
    rules = [CitedRule(id=i) for i in _RULES.get(label, ())]
    cited = "".join(f" [{rule.id}]" for rule in rules[:1])
    statement = f"{', '.join(parts)}{tail}{cited}."
    return Finding(
        statement=statement, certainty=_sure(mine), events=tuple(mine[:40]), evidence=(*evidence, *rules)
    )


_RULES = {
    "LPD": ("CE-CC-01", "CE-CC-04"), "GPD": ("CE-CC-01", "CE-CC-04"), "BIPD": ("CE-CC-01", "CE-CC-04"),
    "LRDA": ("CE-CC-02", "CE-CC-04"), "GRDA": ("CE-CC-02", "CE-CC-04"), "seizure": ("CE-SZ-06", "CE-SZ-02"),
    "burst_suppression": ("CE-CC-09",),
}  # fmt: skip


def _lead(label: str, mine: list[Event], place: tuple[float, float]) -> str:
    stretches = listed([span(event.onset, event.duration) for event in mine[:_SPELT_OUT]])
    more = f" and {len(mine) - _SPELT_OUT} more" if len(mine) > _SPELT_OUT else ""
    if label == "seizure":
        return f"Features that meet the criteria of an {SPOKEN[label]} in this segment, {stretches}{more}"
    name = plural(label)
    name = f"{name[0].upper()}{name[1:]}" + (f" ({label})" if label in _ACRONYMS else "")
    return f"{name}, {stretches}{more}"


def _term(
    first: Event, mine: Sequence[Event], place: tuple[float, float], length: float, share: float
) -> str:
    """How long and how much of the time; a run that reaches the edge of the stretch has no duration yet."""
    onset, stop = place[0], place[0] + place[1]
    cut = (first.onset <= onset + 0.3 and onset > 0.3) or (
        first.onset + first.duration >= stop - 0.3 and stop < length - 0.3
    )  # fmt: skip
    if first.label == "seizure":
        return (
            "; onset, video and the course beyond this segment are not part of it"
            if cut or place[1] <= 60
            else ""
        )
    if cut:
        return "; the run goes on beyond this stretch, so its duration is not known"
    word = next((word for limit, word in _TERM if first.duration < limit), "very long")
    words = f", {word} ({number(first.duration)} s)"
    if place[1] >= 60:
        prevalence = next(name for limit, name in _PREVALENCE if share >= limit)
        words += f", {prevalence} ({share:.0f} % of the stretch)"
    return words


def _sure(events: Sequence[Event]) -> Certainty:
    graded = [event.confidence for event in events if event.confidence is not None]
    if not graded or max(graded) < 0.5:
        return "possible"
    return "definite" if min(graded) >= 0.9 else "probable"


def _number(onset: float, duration: float, quantity: str, value: float, unit: str, tool: str) -> Measurement:
    if unit == "ms":
        value, unit = value / 1000, "s"
    return Measurement(onset=onset, duration=duration, quantity=quantity, value=value, unit=unit, tool=tool)
