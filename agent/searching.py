"""Look for waveforms and artifacts in a page, a stretch, a stage of sleep, or the whole recording."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.abnormal import abnormal_findings
from agent.facts import Facts, keep
from agent.findings import CitedRule
from agent.seeing import Seen, looked, payload
from agent.staging import EPOCH, check_stages, staged
from agent.words import counted, event_line, listed, number, span
from agent.workbench import Workbench
from tools.labels import EPILEPTIFORM, PATTERN, SPOKEN, side_of, to_labels
from tools.types import Detection, Event, Measurement, Page

_LISTED = 25
_TOOL = "find_waveforms"


def look_for_events(
    bench: Workbench,
    labels: Sequence[str],
    onset: float,
    duration: float,
    channels: Sequence[str] | None = None,
    stages: Sequence[str] | None = None,
) -> Seen:
    """Look for waveforms; found, not found and not looked for are three different things."""
    wanted = to_labels(list(labels))
    if stages:
        return _in_stages(bench, wanted, onset, duration, channels, check_stages(stages))
    found = bench.search(wanted, onset, duration, channels)
    kept, counts = keep(found.events, bench.page)
    telling = list(
        abnormal_findings(bench.recording, _narrowed(found.events, bench.page), onset, duration, _TOOL)
    )
    citations = [bench.rules.get(i) for i in dict.fromkeys(e.id for f in telling for e in f.evidence
                                                           if isinstance(e, CitedRule))]  # fmt: skip
    own = [m for f in telling for m in f.evidence if isinstance(m, Measurement)]
    facts = Facts(
        tool=_TOOL, events=kept, event_counts=counts, analysed=found.analysed,
        not_analysed=found.not_analysed, channels=tuple(channels or found.analysed.channels),
        measurements=(
            looked(_TOOL, onset, duration),
            *_rates(counts, onset, duration),
            *_per_side(found.events, onset, duration),
            *own,
        ),
        citations=tuple(citations), payload=payload(telling) if telling else {},
    )  # fmt: skip
    lines = [f"{SPOKEN[e.label]}: {event_line(e)}" for e in kept[:_LISTED]]
    lines += [f"... {len(found.events) - _LISTED} more"] if len(found.events) > _LISTED else []
    lines += [finding.statement for finding in telling]
    return "\n".join([*lines, *_nothing(found, counts, span(onset, duration))]), facts


def _narrowed(events: Sequence[Event], page: Page) -> Sequence[Event]:
    """Epileptiform discharges and patterns; of very many, those that any answer would name."""
    return keep([event for event in events if event.label in (*EPILEPTIFORM, *PATTERN)], page)[0]


def _nothing(found: Detection, counts: dict[str, int], place: str) -> Iterable[str]:
    empty = [label for label in found.analysed.labels if not counts.get(label)]
    if empty:
        yield f"Looked for and not found in {place}: {', '.join(empty)}."
    for entry in found.not_analysed:
        yield f"Not analysed: {entry.label} ({entry.reason})"


def _rates(counts: dict[str, int], onset: float, duration: float) -> list[Measurement]:
    """Events per minute; under a minute a rate would be an extrapolation."""
    if duration < 60:
        return []
    return [
        Measurement(onset=onset, duration=duration, quantity=f"{label} rate", value=60 * count / duration,
                    unit="/min", tool=_TOOL)
        for label, count in counts.items()
    ]  # fmt: skip


def _per_side(events: Sequence[Event], onset: float, duration: float) -> list[Measurement]:
    """How many events of a label touch each side of the head."""
    return [
        Measurement(onset=onset, duration=duration, quantity=f"{label} count, {side}", unit="count",
                    value=float(sum(e.label == label and any(side_of(c) == side for c in e.channels) for e in events)),
                    tool=_TOOL)
        for label in dict.fromkeys(event.label for event in events)
        for side in ("left", "right")
    ]  # fmt: skip


def _in_stages(
    bench: Workbench,
    wanted: Sequence[str],
    onset: float,
    duration: float,
    channels: Sequence[str] | None,
    stages: Sequence[str],
) -> Seen:
    """Count and list what lies in epochs of these stages, by the epoch in which an event begins."""
    night = staged(bench)
    stop = onset + duration
    epochs = [e for e in night.epochs if e.onset < stop and e.onset + EPOCH > onset]
    found = bench.search(wanted, onset, duration, channels)
    stage_at = {round(e.onset / EPOCH): e.stage for e in epochs}
    mine = [(event, stage_at.get(int(event.onset // EPOCH))) for event in found.events]
    events = [event for event, stage in mine if stage in stages]
    kept, _ = keep(events, bench.page)
    _, counts = keep(found.events)
    made: list[Measurement] = [looked(_TOOL, onset, duration)]
    lines = []
    for stage in stages:
        seconds = sum(min(e.onset + EPOCH, stop) - max(e.onset, onset) for e in epochs if e.stage == stage)
        made.append(_of_stage(f"time in {stage}", seconds / 60, "min", onset, duration))
        for label in found.analysed.labels:
            count = sum(event.label == label and s == stage for event, s in mine)
            made.append(_of_stage(f"{label} count, {stage}", float(count), "count", onset, duration))
            words = f"{stage}: {counted(label, count)}"
            if seconds:
                rate = 60 * count / seconds
                made.append(_of_stage(f"{label} rate, {stage}", rate, "/min", onset, duration))
                words += f", {number(rate)} per minute in {number(seconds / 60)} min"
            lines.append(words)
    facts = Facts(
        tool=_TOOL, events=kept, event_counts=counts, analysed=found.analysed,
        not_analysed=found.not_analysed, measurements=tuple(made),
        channels=tuple(channels or found.analysed.channels),
        payload={"stages": list(stages)},
    )  # fmt: skip
    lines += [f"{SPOKEN[e.label]}: {event_line(e)}" for e in kept[:_LISTED]]
    lines += [f"... {len(events) - _LISTED} more"] if len(events) > _LISTED else []
    place = f"{listed(list(stages))} of {span(onset, duration)}"
    return "\n".join([*lines, *_nothing(found, counts, place)]), facts


def _of_stage(quantity: str, value: float, unit: str, onset: float, duration: float) -> Measurement:
    return Measurement(
        onset=onset, duration=duration, quantity=quantity, value=value, unit=unit, tool=_TOOL
    )  # fmt: skip
