"""How a pattern runs: its rate and regularity, the louder side, and whether it evolves within the stretch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.findings import CitedRule, Finding
from agent.words import number, plural
from tools.io import OpenRecording
from tools.labels import SPOKEN
from tools.montage import default_montage
from tools.pattern_events import PatternMeasures, pattern_features
from tools.prepare import prepare
from tools.types import Event, Filters, Measurement, ToolError

LONGEST = 60.0
"""Seconds of a pattern by which its course is measured."""
_ROOM = 5.0
_CHANGED = 1.5
"""Factor from which a frequency or an extent counts as changed from the first to the last third; height alone is no
evolution (ACNS 2021)."""


def course_findings(recording: OpenRecording, event: Event, tool: str) -> Iterator[Finding]:
    """Regularity, side and evolution of a pattern or a seizure, each with its numbers."""
    start = max(0.0, event.onset - _ROOM)
    length = min(min(event.duration, LONGEST) + 2 * _ROOM, recording.info.duration - start)
    montage = default_montage(recording.info)
    segment = prepare(recording, start, length, montage=montage, filters=Filters(low_cut_hz=0.3))
    part = event.model_copy(update={"duration": min(event.duration, LONGEST)})
    try:
        found = pattern_features(segment, part)
    except (ToolError, ValueError):
        return  # too little signal there: the pattern stands as found, without its course
    if event.label != "burst_suppression":
        yield _regularity(part, found, tool)
        yield from _evolution(part, found, tool)


def _regularity(event: Event, found: PatternMeasures, tool: str) -> Finding:
    name = _name(event)
    made: list[Measurement] = []
    parts = []
    if found.frequency_hz is not None and found.cycles:
        made += [_number(event, "typical rate", found.frequency_hz, "Hz", tool),
                 _number(event, "cycles", float(found.cycles), "count", tool)]  # fmt: skip
        parts.append(f"{found.cycles} cycles at a typical rate of {found.frequency_hz:.2f} Hz")
    if found.interval_cv is not None and event.label.endswith("PD"):
        made.append(_number(event, "variation of the cycles", 100 * found.interval_cv, "%", tool))
        parts.append(f"cycle lengths varying by {100 * found.interval_cv:.0f} %")
    made.append(_number(event, "louder over quieter side", found.laterality, "", tool))
    if found.side in ("left", "right"):
        parts.append(f"the {found.side} {found.laterality:.1f} times the height of the other side")
    else:
        parts.append(f"left and right alike in height (ratio {found.laterality:.1f})")
    rule = CitedRule(id="CE-CC-04")
    return Finding(statement=f"{name}: {', '.join(parts)} [CE-CC-04].", certainty="probable", events=(event,),
                   evidence=(*made, rule))  # fmt: skip


def _evolution(event: Event, found: PatternMeasures, tool: str) -> Iterator[Finding]:
    if found.start_hz is None or found.end_hz is None or len(found.evolution) < 3:
        return
    third = max(1, len(found.evolution) // 3)
    size = [_mean([p[2] for p in found.evolution[part]]) for part in (slice(0, third), slice(-third, None))]
    spread = [
        _mean([float(p[3]) for p in found.evolution[part]]) for part in (slice(0, third), slice(-third, None))
    ]
    pairs = (("frequency", (found.start_hz, found.end_hz)), ("extent", spread))
    changed = [what for what, pair in pairs if _factor(*pair) >= _CHANGED]
    made = [
        _number(event, "strongest frequency at its start", found.start_hz, "Hz", tool),
        _number(event, "strongest frequency at its end", found.end_hz, "Hz", tool),
        _number(event, "height at its start", size[0], "uV", tool),
        _number(event, "height at its end", size[1], "uV", tool),
    ]
    verdict = "no evolution in this stretch"
    if changed:
        verdict = f"its {' and '.join(changed)} changed, which may be evolution"
    yield Finding(
        statement=f"Course of the {plural(event.label) if event.label != 'seizure' else SPOKEN['seizure']}: strongest "
        f"at {found.start_hz:.1f} Hz at first and {found.end_hz:.1f} Hz at last, {number(size[0], 0)} µV RMS at first "
        f"and {number(size[1], 0)} µV RMS at last; {verdict} [CE-CC-08].",
        certainty="possible",
        events=(event,),
        evidence=(*made, CitedRule(id="CE-CC-08")),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


def _factor(first: float, last: float) -> float:
    low, high = sorted((max(first, 1e-6), max(last, 1e-6)))
    return high / low


def _name(event: Event) -> str:
    name = SPOKEN[event.label] if event.label == "seizure" else plural(event.label)
    return f"{name[0].upper()}{name[1:]}"


def _number(event: Event, quantity: str, value: float, unit: str, tool: str) -> Measurement:
    return Measurement(
        onset=event.onset, duration=event.duration, quantity=f"{event.label} {quantity}", value=value, unit=unit,
        tool=tool, amplitude_kind="rms" if unit == "uV" else None,
    )  # fmt: skip
