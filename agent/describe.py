"""Describe a span: measure everything, then write it down in caption order, each sentence with its grounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from agent.abnormal import side_of_pattern
from agent.abnormal_brief import brief_findings
from agent.backdrop import background_findings
from agent.caption import (
    absence_findings,
    artifact_findings,
    montage_finding,
    quality_finding,
    state_findings,
    waveform_findings,
)
from agent.facts import Facts, keep
from agent.findings import Finding
from agent.states import infer_state
from tools.artifacts import Quality, quality
from tools.background import Background, background_measurements, measure_background
from tools.detect import detect
from tools.io import OpenRecording
from tools.labels import ARTIFACT, PATTERN
from tools.montage import default_montage
from tools.prepare import prepare
from tools.types import Detection, Event, Filters, Measurement, NotAnalysed, Record, Segment, Side

CAPTION_BAND = Filters(low_cut_hz=1.6, high_cut_hz=70.0)
"""The band in which CerebraGloss captions, and so ours, describe a background."""


class Pattern(Record):
    """A rhythmic or periodic pattern, or a seizure, in ACNS terms."""

    label: str
    onset: float
    duration: float
    frequency_hz: float | None
    side: Side | None
    channels: tuple[str, ...]
    confidence: float | None


class Description(Record):
    """What ``glossa describe --json`` prints."""

    caption: str
    quality: Literal["good", "fair", "poor"]
    montage: str
    background: dict[str, Any]
    artifacts: tuple[Event, ...]
    events: tuple[Event, ...]
    patterns: tuple[Pattern, ...]
    not_analysed: tuple[NotAnalysed, ...]


class Described(NamedTuple):
    """A description, the findings it is made of, and the facts behind them."""

    description: Description
    findings: tuple[Finding, ...]
    facts: Facts


def fitted(filters: Filters, sfreq: float) -> Filters:
    """Leave out a high cut that lies at or above the Nyquist frequency: it would filter nothing."""
    high = filters.high_cut_hz
    if high is None or high < 0.45 * sfreq:
        return filters
    return filters.model_copy(update={"high_cut_hz": None})


def signal(
    recording: OpenRecording,
    onset: float,
    duration: float,
    filters: Filters,
    *,
    montage: str | None = None,
) -> Segment:
    """Read a span for measuring, in the recording's default montage unless told otherwise."""
    rates = [c.sfreq for c in recording.info.channels if c.kind == "eeg"]
    return prepare(
        recording,
        onset,
        duration,
        montage=montage or default_montage(recording.info),
        filters=fitted(filters, max(rates, default=256.0)),
    )


Search = Callable[[Sequence[str] | None, float, float], Detection]
"""How a stretch is searched for the labels of the vocabulary: all of them where none are named."""


def describe(
    recording: OpenRecording,
    onset: float,
    duration: float,
    *,
    age_years: float | None = None,
    search: Search | None = None,
) -> Described:
    """Describe a span of a recording.

    Parameters
    ----------
    recording : OpenRecording
        From ``tools.io.open_recording``.
    onset, duration : float
        The span in seconds; cut at the end of the recording.
    age_years : float, optional
        Age, without which no statement on the frequency of the posterior rhythm is made.
    search : callable, optional
        Takes labels, onset and duration where the events are known from elsewhere; else they are looked for.

    Returns
    -------
    Described
        The caption's sentences are the statements of the findings, in the same order.

    Raises
    ------
    ToolError
        If the span lies outside the recording or there is no EEG.
    """
    look = search or (
        lambda labels, start, length: detect(recording, labels=labels, onset=start, duration=length)
    )
    found = look(None, onset, duration)
    artifacts = tuple(e for e in found.events if e.label in ARTIFACT)
    # A burst of spindles over the back of the head is no posterior rhythm, so spindles are left out too.
    spoilt = [*artifacts, *(event for event in found.events if event.label == "spindle")]
    segment, background = look_at_background_of(recording, onset, duration, spoilt, age_years)
    measured = tuple(background_measurements(background, segment))
    graded = quality(artifacts, segment.channels, segment.onset, segment.duration)
    alpha = tuple(waveform_findings(found, segment, ("alpha",)))
    state = infer_state(found.events, background, segment.duration)
    findings = (
        montage_finding(segment),
        quality_finding(graded, segment),
        *artifact_findings(artifacts, segment),
        *waveform_findings(found, segment),
        *brief_findings(recording, found.events, segment.onset, segment.duration),
        *absence_findings(found, segment),
        *background_findings(
            background, measured, age_years, asleep=state.stage in ("N2", "N3"), alpha=bool(alpha)
        ),
        *(alpha if background.posterior_rhythm is None else ()),
        *state_findings(state, segment),
    )
    missing = {entry.label: entry for entry in (*found.not_analysed, *background.not_analysed)}
    description = Description(
        caption=" ".join(f.statement for f in findings),
        quality=graded.grade,
        montage=segment.reference,
        background=background.model_dump(mode="json", exclude={"not_analysed"}),
        artifacts=artifacts,
        events=tuple(e for e in found.events if e.label not in (*ARTIFACT, *PATTERN)),
        patterns=tuple(_pattern(e) for e in found.events if e.label in PATTERN),
        not_analysed=tuple(missing.values()),
    )
    return Described(description, findings, _facts(found, segment, measured, graded, description, findings))


def look_at_background_of(
    recording: OpenRecording,
    onset: float,
    duration: float,
    artifacts: Sequence[Event],
    age_years: float | None,
) -> tuple[Segment, Background]:
    """Measure the background outside the artifacts, hum notched out rather than left out."""
    hum = [event.frequency_hz for event in artifacts if event.label == "line_noise"]
    filters = CAPTION_BAND.model_copy(update={"notch_hz": hum[0] if hum else None})
    segment = signal(recording, onset, duration, filters)
    spoilt = [event for event in artifacts if event.label != "line_noise"]
    return segment, measure_background(segment, exclude=spoilt, age_years=age_years)


def _pattern(event: Event) -> Pattern:
    return Pattern(
        label=event.label,
        onset=event.onset,
        duration=event.duration,
        frequency_hz=event.frequency_hz,
        side=side_of_pattern(event),
        channels=event.channels,
        confidence=event.confidence,
    )


def _facts(
    found: Detection,
    segment: Segment,
    measured: tuple[Measurement, ...],
    graded: Quality,
    description: Description,
    findings: tuple[Finding, ...],
) -> Facts:
    events, counts = keep(found.events)
    own = [e for f in findings for e in f.evidence if isinstance(e, Measurement)]
    unique = {m.model_dump_json(): m for m in (*own, *measured)}
    return Facts(
        tool="describe_page",
        events=events,
        event_counts=counts,
        analysed=found.analysed,
        not_analysed=description.not_analysed,
        measurements=tuple(unique.values()),
        channels=segment.channels,
        payload={
            "description": description.model_dump(mode="json"),
            "findings": [finding.model_dump(mode="json") for finding in findings],
        },
    )
