"""The sentences of a description up to the background: montage, quality, artifacts, waveforms, what is absent, state.

The order is that of published captions (CerebraGloss); the sentences are our own, short as they are dictated. Each is
a ``Finding``: what it says is measured, and the measurement is attached. Numbers that no reader of a page wants at
first, such as each criterion of a discharge, are left to a question on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.facts import derived
from agent.findings import Certainty, Finding
from agent.states import State, deep_time
from agent.telling import (
    field,
    height,
    merged,
    moments,
    percent,
    shared_channels,
    stretches,
    upper_first,
    waves,
)
from agent.words import counted, listed, plural, span, where
from tools.artifacts import Quality
from tools.labels import EPILEPTIFORM, PATTERN, SLEEP, TEN_TWENTY, side_of
from tools.types import Detection, Event, Measurement, Segment

_MOMENTS = ("eyem", "pop", "ecg")
"""Artifacts that are told by when they come; the others by how long they last."""
_LASTING = ("sem", "mu", "alpha")
"""Waveforms that are told by how long they last, and without the height of a single one of their waves."""
_UNPLACED = ("ecg", "sweat", "respiration", "line_noise")
_NAMES = {
    "eyem": ("blink", "blinks"), "hfnoise": ("muscle artifact", "muscle artifact"),
    "line_noise": ("line noise", "line noise"), "extreme": ("out-of-range signal", "out-of-range signal"),
    "ecg": ("ECG artifact", "ECG artifact"), "chewing": ("chewing artifact", "chewing artifact"),
    "movement": ("movement artifact", "movement artifact"), "sweat": ("sweat artifact", "sweat artifact"),
    "respiration": ("respiration artifact", "respiration artifact"),
}  # fmt: skip
"""How an artifact is named, one and several; the others as everywhere."""
_PERIODIC = ("LPD", "GPD", "BIPD")
_RHYTHMIC = ("LRDA", "GRDA")
_DEEP_SHARE = 0.1
"""Share of the time under slow waves from which they are told as sleep, where nothing else of sleep is there."""
_LEAST_STRENGTH = 1.5
"""Weight of the signs from which a state is told; a background of theta alone stays below."""
_STATES = {"W": "Awake", "N1": "Drowsy, as in N1", "N2": "Asleep, as in N2", "N3": "Asleep, as in N3",
           "R": "Asleep, as in stage R"}  # fmt: skip


def number_of(segment: Segment, quantity: str, value: float, unit: str) -> Measurement:
    """Write a number of the whole span down."""
    return Measurement(
        onset=segment.onset, duration=segment.duration, quantity=quantity, value=value, unit=unit, tool="describe_page"
    )  # fmt: skip


def montage_finding(segment: Segment) -> Finding:
    """Which channels are looked at, and against what."""
    reference = segment.reference.replace("_", " ")
    against = {"average": "in average reference", "as recorded": "as recorded"}.get(
        reference, f"in the {reference} montage"
    )
    plural_s = "" if len(segment.channels) == 1 else "s"
    of = " of the 10-20 system" if set(segment.channels) <= set(TEN_TWENTY) else ""
    place = span(segment.onset, segment.duration)
    return Finding(
        statement=f"{len(segment.channels)} EEG channel{plural_s}{of} {against}, {place}.",
        certainty="definite",
        evidence=(
            number_of(segment, "channels analysed", len(segment.channels), "count"),
            number_of(segment, "span looked at", segment.duration, "s"),
        ),
    )


def quality_finding(graded: Quality, segment: Segment) -> Finding:
    """How much of the span an artifact spoils."""
    share = (
        f", {percent(graded.bad_share)} of the channel time under artifact"
        if graded.bad_share >= 0.01
        else ""
    )
    return Finding(
        statement=f"Signal quality is {graded.grade}{share}.",
        certainty="definite",
        evidence=(number_of(segment, "quality: share under artifact", 100 * graded.bad_share, "%"),),
    )


def artifact_findings(artifacts: Sequence[Event], segment: Segment) -> Iterator[Finding]:
    """One sentence per kind of artifact, places grouped; of a gaze one, by its positive side."""
    labels = dict.fromkeys(event.label for event in artifacts)
    if "eyer+" in labels:
        labels.pop("eyer-", None)
    for label in labels:
        mine = [event for event in artifacts if event.label == label]
        groups: list[tuple[str, list[Event]]] = [("", mine)]
        if label == "eyer+":
            sides = [(side, [e for e in mine if _side(e) == side]) for side in ("left", "right", "")]
            groups = [(side, events) for side, events in sides if events]
        for side, events in groups:
            count = number_of(segment, f"{label} count", float(len(mine)), "count")
            # Times may be those of stretches that touch, which begin and end with an event.
            told = [m for event in events[:12] for m in derived(event)]
            yield Finding(
                statement=_artifact(label, side, events, segment.duration),
                certainty="probable",
                events=tuple(events[:40]),
                evidence=(count, *told),
            )


def _side(event: Event) -> str:
    sides = {side_of(channel) for channel in event.channels[:1]}
    return next(iter(sides & {"left", "right"}), "")


def _artifact(label: str, side: str, events: Sequence[Event], duration: float) -> str:
    one, several = _NAMES.get(label, (counted(label, 1)[2:], plural(label)))
    name = one if len(merged(events)) == 1 else several
    when = moments(events) if label in _MOMENTS else stretches(events, duration)
    channels = shared_channels(events)
    if label == "eyer+" and side:
        return f"Lateral eye movement to the {side}, {when} (positive at {listed(channels[:3])})."
    if label == "ecg" and len(events) > 1:
        when = "throughout" if len(events) > 4 else when
    places = f" ({where(channels)})" if channels and len(channels) <= 3 else f", {field(channels)}"
    places = "" if not channels else places
    if label in _UNPLACED and len(channels) > 3:
        places = f", largest at {channels[0]}"
    if label == "line_noise" and events[0].frequency_hz:
        name = f"{name} of {events[0].frequency_hz:.0f} Hz"
    return upper_first(f"{name} {when}{places}.")


def waveform_findings(
    found: Detection, segment: Segment, labels: Sequence[str] = (*SLEEP, "mu")
) -> Iterator[Finding]:
    """What was found of sleep waveforms, or of the labels named, each kind in one sentence."""
    standing = [e for e in found.events if not e.masked_by]
    for label in labels:
        mine = _told(label, standing, segment.duration)
        if mine:
            yield _waveform(label, mine, segment)


def _told(label: str, standing: Sequence[Event], duration: float) -> list[Event]:
    """Events of a label that a description names; a K-complex is a slow wave too, and told once."""
    mine = [event for event in standing if event.label == label]
    if label != "slow_wave":
        return mine
    asleep = any(event.label in ("spindle", "kcomplex") for event in standing)
    share = deep_time(standing) / duration if duration > 0 else 0.0
    complexes = [event for event in standing if event.label == "kcomplex"]
    apart = [event for event in mine if not any(_overlap(event, one) for one in complexes)]
    return apart if share >= _DEEP_SHARE and (asleep or len(apart) > 1) else []


def _overlap(a: Event, b: Event) -> bool:
    return a.onset < b.onset + b.duration and b.onset < a.onset + a.duration


def _waveform(label: str, mine: list[Event], segment: Segment) -> Finding:
    count = number_of(segment, f"{label} count", float(len(mine)), "count")
    evidence = (count, *[m for event in mine[:12] for m in derived(event)])
    if label == "slow_wave" and len(mine) > 2:
        share = sum(stop - start for start, stop in merged(mine)) / segment.duration
        words = (
            f"Slow waves over {percent(share)} of the time, {field(shared_channels(mine))}, {height(mine)}"
        )
        tallest = max(mine, key=lambda event: event.amplitude.value_uv if event.amplitude else 0.0)
        evidence = (
            count,
            number_of(segment, "slow_wave share of the time", 100 * share, "%"),
            *derived(tallest),
        )
    else:
        words = waves(
            label, mine, duration=segment.duration, lasting=label in _LASTING, tall=label not in _LASTING
        )
    return Finding(statement=f"{words}.", certainty=_sure(mine), events=tuple(mine[:40]), evidence=evidence)


def _sure(events: Sequence[Event]) -> Certainty:
    graded = [event.confidence for event in events if event.confidence is not None]
    return "definite" if graded and min(graded) >= 0.8 else "probable"


def absence_findings(found: Detection, segment: Segment) -> Iterator[Finding]:
    """In one sentence, which groups of waveforms and patterns were looked for as a whole and not found."""
    looked = set(found.analysed.labels)
    here = {event.label for event in found.events}
    sleep = tuple(label for label in SLEEP if label in looked)

    def none(labels: Sequence[str]) -> bool:
        return bool(labels) and set(labels) <= looked and not here & set(labels)

    parts: list[str] = []
    labels: list[str] = []
    patterns = [(_PERIODIC, "periodic"), (_RHYTHMIC, "rhythmic")]
    free = [(members, word) for members, word in patterns if none(members)]
    if none(EPILEPTIFORM):
        parts.append("nothing epileptiform")
        labels += EPILEPTIFORM
    if free:
        parts.append(f"no {listed([word for _, word in free], last='or')} pattern")
        labels += [label for members, _ in free for label in members]
    if none(("seizure",)) and here & {*EPILEPTIFORM, *PATTERN}:
        parts.append("no electrographic seizure")
        labels.append("seizure")
    if none(sleep) and {"spindle", "kcomplex"} <= looked:
        parts.append("no waves of sleep")
        labels += sleep
    if parts:
        yield Finding(
            statement=upper_first(f"{', '.join(parts)}."),
            certainty="definite",
            evidence=tuple(number_of(segment, f"{label} count", 0.0, "count") for label in labels),
        )
    masked = [e for e in found.events if e.label in (*EPILEPTIFORM, *PATTERN, *SLEEP, "mu") and e.masked_by]
    if masked:
        kinds = listed(sorted({plural(e.label) for e in masked}), last="or")
        yield Finding(
            statement=f"Whether marks under artifact are {kinds} is left undecided.",
            certainty="possible",
            events=tuple(masked[:20]),
            evidence=tuple(m for event in masked[:3] for m in derived(event)),
        )


def state_findings(state: State, segment: Segment) -> Iterator[Finding]:
    """Which state of vigilance the page is compatible with, where its signs agree on one."""
    strength = sum(sign.weight for sign in state.signs)
    if state.stage is None or not state.sure or strength < _LEAST_STRENGTH:
        return
    detail = f", {state.detail}" if state.detail else ""
    signs = listed([sign.label for sign in state.signs])
    yield Finding(
        statement=f"{_STATES[state.stage]}{detail}.",
        certainty="probable",
        events=tuple(event for sign in state.signs for event in sign.events)[:12],
        evidence=(number_of(segment, f"signs of {state.stage}: {signs}", strength, ""),),
    )
