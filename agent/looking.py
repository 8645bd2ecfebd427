"""What the looking tools do: call the signal functions, put the outcome into words and facts."""

from __future__ import annotations

from collections.abc import Sequence

from agent.caption import background_findings
from agent.describe import describe, look_at_background_of
from agent.facts import Facts, keep
from agent.seeing import Seen, looked, payload, words_of
from agent.words import event_line, listed, number, span
from tools.background import background_measurements
from tools.detect import detect
from tools.io import OpenRecording
from tools.labels import SPOKEN, side_of, to_labels
from tools.types import Event, Measurement


def look_at_info(recording: OpenRecording, age_years: float | None) -> Seen:
    """Say what is in the recording."""
    content = recording.info
    kinds = {kind: content.names(kind) for kind in sorted({c.kind for c in content.channels})}
    rates = sorted({c.sfreq for c in content.channels if c.kind == "eeg"})
    age = age_years if age_years is not None else content.age_years

    def number_of(quantity: str, value: float, unit: str) -> Measurement:
        return Measurement(onset=0, duration=content.duration, quantity=quantity, value=value, unit=unit,
                           tool="recording_info")  # fmt: skip

    made = [
        number_of("recording length", content.duration, "s"),
        number_of("channels", len(content.channels), "count"),
    ]
    made += [number_of(f"channels, {kind}", len(names), "count") for kind, names in kinds.items()]
    made += [number_of("sampling rate", rate, "Hz") for rate in rates]
    made += [number_of("annotations", content.annotations, "count")]
    eeg = kinds.get("eeg", ())
    sentences = [
        [f"The recording lasts {number(content.duration)} s.", ["recording length"]],
        [f"It has {len(eeg)} EEG channel{'' if len(eeg) == 1 else 's'} ({', '.join(eeg)}) sampled at "
         f"{listed([f'{r:g} Hz' for r in rates])}.", ["channels, eeg", "sampling rate"]],
    ]  # fmt: skip
    others = [
        f"{len(names)} {kind.upper() if len(kind) < 4 else kind}"
        for kind, names in kinds.items()
        if kind != "eeg"
    ]
    if others:
        sentences.append([f"Other channels: {listed(others)}.", [f"channels, {k}" for k in kinds]])
    if age is not None:
        made.append(number_of("age", age, "years"))
        sex = f", {content.sex}" if content.sex else ""
        sentences.append([f"The patient is {age:g} years old{sex}.", ["age"]])
    else:
        sentences.append(["The file does not hold the patient's age.", ["annotations"]])
    if content.start_time_of_day:
        sentences.append([f"It starts at {content.start_time_of_day}.", ["recording length"]])
    words = " ".join(str(sentence) for sentence, _ in sentences)
    return words, Facts(tool="recording_info", measurements=tuple(made), channels=content.names(),
                        notes=(), payload={"sentences": sentences})  # fmt: skip


def look_at_description(recording: OpenRecording, onset: float, duration: float, age: float | None) -> Seen:
    """Describe a span in full."""
    described = describe(recording, onset, duration, age_years=age)
    return described.description.caption, described.facts


def look_at_background(
    recording: OpenRecording, onset: float, duration: float, age_years: float | None
) -> Seen:
    """Measure the background."""
    artifacts = detect(recording, labels=("artifact", "spindle"), onset=onset, duration=duration)
    segment, found = look_at_background_of(recording, onset, duration, artifacts.events, age_years)
    measured = tuple(background_measurements(found, segment))
    findings = tuple(background_findings(found, measured, age_years))
    facts = Facts(
        tool="background", measurements=(looked("background", onset, duration), *measured),
        channels=segment.channels, not_analysed=found.not_analysed, payload=payload(findings),
    )  # fmt: skip
    return words_of(findings), facts


def _rates(counts: dict[str, int], onset: float, duration: float) -> list[Measurement]:
    """Events per minute; under a minute a rate would be an extrapolation."""
    if duration < 60:
        return []
    return [
        Measurement(onset=onset, duration=duration, quantity=f"{label} rate", value=60 * count / duration,
                    unit="/min", tool="find_waveforms")
        for label, count in counts.items()
    ]  # fmt: skip


def _per_side(events: Sequence[Event], onset: float, duration: float) -> list[Measurement]:
    """How many events of a label touch each side of the head."""
    return [
        Measurement(onset=onset, duration=duration, quantity=f"{label} count, {side}", unit="count",
                    value=float(sum(e.label == label and any(side_of(c) == side for c in e.channels) for e in events)),
                    tool="find_waveforms")
        for label in dict.fromkeys(event.label for event in events)
        for side in ("left", "right")
    ]  # fmt: skip


def look_for_events(
    recording: OpenRecording,
    labels: Sequence[str],
    onset: float,
    duration: float,
    channels: Sequence[str] | None,
) -> Seen:
    """Look for waveforms; found, not found and not looked for are three different things."""
    wanted = to_labels(list(labels))
    found = detect(recording, labels=wanted, onset=onset, duration=duration, channels=channels)
    events = found.events
    kept, counts = keep(events)
    facts = Facts(
        tool="find_waveforms", events=kept, event_counts=counts, analysed=found.analysed,
        not_analysed=found.not_analysed, channels=tuple(channels or found.analysed.channels),
        measurements=(
            looked("find_waveforms", onset, duration),
            *_rates(counts, onset, duration),
            *_per_side(events, onset, duration),
        ),
    )  # fmt: skip
    lines = [f"{SPOKEN[e.label]}: {event_line(e)}" for e in kept[:25]]
    lines += [f"... {len(events) - 25} more"] if len(events) > 25 else []
    empty = [label for label in found.analysed.labels if not counts.get(label)]
    lines += [f"Looked for and not found in {span(onset, duration)}: {', '.join(empty)}."] if empty else []
    lines += [f"Not analysed: {entry.label} ({entry.reason})" for entry in found.not_analysed]
    return "\n".join(lines), facts
