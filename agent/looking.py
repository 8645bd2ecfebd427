"""What the looking tools do: call the signal functions, put the outcome into words and facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.caption import background_findings
from agent.describe import describe, look_at_background_of
from agent.facts import Facts, keep
from agent.findings import Finding
from agent.words import event_line, listed, number, span
from tools.background import background_measurements
from tools.detect import detect
from tools.io import OpenRecording
from tools.labels import SPOKEN, side_of, to_labels
from tools.montage import default_montage
from tools.prepare import prepare
from tools.spectral import band_power
from tools.types import Event, Filters, Measurement

Seen = tuple[str, Facts]
"""Words for the model, facts for everyone else."""


def looked(tool: str, onset: float, duration: float) -> Measurement:
    """State the span that was looked at, so that an answer may name it."""
    return Measurement(
        onset=onset, duration=duration, quantity="span looked at", value=duration, unit="s", tool=tool
    )  # fmt: skip


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
    made += [number_of(f"{kind} channels", len(names), "count") for kind, names in kinds.items()]
    made += [number_of("sampling rate", rate, "Hz") for rate in rates]
    made += [number_of("annotations", content.annotations, "count")]
    sentences = [
        [f"The recording lasts {number(content.duration)} s.", ["recording length"]],
        [f"It has {len(kinds.get('eeg', ()))} EEG channels ({', '.join(kinds.get('eeg', ()))}) sampled at "
         f"{listed([f'{r:g} Hz' for r in rates])}.", ["eeg channels", "sampling rate"]],
    ]  # fmt: skip
    others = [
        f"{len(names)} {kind.upper() if len(kind) < 4 else kind}"
        for kind, names in kinds.items()
        if kind != "eeg"
    ]
    if others:
        sentences.append([f"Other channels: {listed(others)}.", [f"{k} channels" for k in kinds]])
    if age is not None:
        made.append(number_of("age", age, "years"))
        sex = f", {content.sex}" if content.sex else ""
        sentences.append([f"The patient is {age:g} years old{sex}.", ["age"]])
    else:
        sentences.append(["The file does not hold the patient's age.", ["recording length"]])
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
    artifacts = detect(recording, labels=("artifact",), onset=onset, duration=duration)
    segment, found = look_at_background_of(recording, onset, duration, artifacts.events, age_years)
    measured = tuple(background_measurements(found, segment))
    findings = tuple(background_findings(found, measured, age_years))
    facts = Facts(
        tool="background", measurements=(looked("background", onset, duration), *measured),
        channels=segment.channels, not_analysed=found.not_analysed, payload=payload(findings),
    )  # fmt: skip
    return words_of(findings), facts


def payload(findings: Sequence[Finding]) -> dict[str, Any]:
    """Findings as the payload of facts."""
    return {"findings": [finding.model_dump(mode="json") for finding in findings]}


def words_of(findings: Sequence[Finding]) -> str:
    """Findings as the words for a model."""
    return " ".join(finding.statement for finding in findings) or "Nothing could be measured there."


def measure_bands(
    recording: OpenRecording, onset: float, duration: float, channels: Sequence[str] | None
) -> dict[str, Any]:
    """Measure band power per channel, as ``glossa bands`` prints it."""
    segment = prepare(
        recording,
        onset,
        duration,
        montage=default_montage(recording.info),
        filters=Filters(),
        channels=channels,
    )
    power = band_power(segment)
    names = list(power.bands)
    rows = zip(power.channels, power.absolute_uv2, power.relative, strict=True)
    return {
        "bands_hz": {name: list(edges) for name, edges in power.bands.items()},
        "onset": segment.onset, "duration": segment.duration, "montage": segment.reference,
        "channels": [
            {"name": channel, "absolute_uv2": dict(zip(names, map(float, absolute), strict=True)),
             "relative": dict(zip(names, map(float, relative), strict=True))}
            for channel, absolute, relative in rows
        ],
        "not_analysed": [entry.model_dump(mode="json") for entry in power.not_analysed],
    }  # fmt: skip


def look_at_bands(
    recording: OpenRecording, onset: float, duration: float, channels: Sequence[str] | None
) -> Seen:
    """Measure band power and say which band leads where."""
    document = measure_bands(recording, onset, duration, channels)
    place = {"onset": document["onset"], "duration": document["duration"], "tool": "band_power"}
    made = []
    for channel in document["channels"]:
        for name, value in channel["absolute_uv2"].items():
            made.append(
                Measurement(
                    **place, channels=(channel["name"],), quantity=f"{name} power", value=value, unit="uV2"
                )
            )
            made.append(Measurement(**place, channels=(channel["name"],), quantity=f"{name} share",
                                    value=100 * channel["relative"][name], unit="%"))  # fmt: skip
    findings = []
    for name, edges in document["bands_hz"].items():
        top = max(document["channels"], key=lambda c: c["absolute_uv2"][name])
        share = 100 * top["relative"][name]
        mine = [m for m in made if m.channels == (top["name"],) and m.quantity.startswith(name)]
        findings.append(Finding(
            statement=f"{name.capitalize()} ({edges[0]:g}–{edges[1]:g} Hz) is largest at {top['name']}: "
            f"{top['absolute_uv2'][name]:.1f} µV², {share:.0f} % of its power.",
            certainty="definite",
            evidence=(*mine, *_edges(place, name, edges)),
        ))  # fmt: skip
    edges_of = [m for name, edges in document["bands_hz"].items() for m in _edges(place, name, edges)]
    facts = Facts(tool="band_power", measurements=(looked("band_power", onset, duration), *made, *edges_of),
                  channels=tuple(c["name"] for c in document["channels"]), payload=payload(findings))  # fmt: skip
    table = "\n".join(
        f"{c['name']}: "
        + ", ".join(f"{n} {v:.1f} µV² ({100 * c['relative'][n]:.0f} %)" for n, v in c["absolute_uv2"].items())
        for c in document["channels"]
    )
    return table, facts


def _edges(place: dict[str, Any], name: str, edges: Sequence[float]) -> list[Measurement]:
    return [Measurement(**place, quantity=f"{name} band {which}", value=float(edge), unit="Hz")
            for which, edge in zip(("lower edge", "upper edge"), edges, strict=True)]  # fmt: skip


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
        measurements=(looked("find_waveforms", onset, duration), *_rates(counts, onset, duration), *_per_side(events, onset, duration)),
    )  # fmt: skip
    lines = [f"{SPOKEN[e.label]}: {event_line(e)}" for e in kept[:25]]
    lines += [f"... {len(events) - 25} more"] if len(events) > 25 else []
    empty = [label for label in found.analysed.labels if not counts.get(label)]
    lines += [f"Looked for and not found in {span(onset, duration)}: {', '.join(empty)}."] if empty else []
    lines += [f"Not analysed: {entry.label} ({entry.reason})" for entry in found.not_analysed]
    return "\n".join(lines), facts
