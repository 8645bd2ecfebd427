"""What the looking tools do: call the signal functions, put the outcome into words and facts."""

from __future__ import annotations

from agent.backdrop import background_findings
from agent.describe import describe, look_at_background_of
from agent.facts import Facts
from agent.findings import CitedRule
from agent.seeing import Seen, looked, payload, words_of
from agent.words import listed, number
from agent.workbench import Workbench
from tools.background import background_measurements
from tools.io import OpenRecording
from tools.types import Measurement


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


def look_at_description(bench: Workbench, onset: float, duration: float) -> Seen:
    """Describe a span in full."""
    described = describe(bench.recording, onset, duration, age_years=bench.age_years, search=bench.search)
    ids = dict.fromkeys(e.id for f in described.findings for e in f.evidence if isinstance(e, CitedRule))
    facts = described.facts.model_copy(update={"citations": tuple(bench.rules.get(i) for i in ids)})
    return described.description.caption, facts


def look_at_background(bench: Workbench, onset: float, duration: float) -> Seen:
    """Measure the background."""
    artifacts = bench.search(("artifact", "spindle"), onset, duration)
    recording, age_years = bench.recording, bench.age_years
    segment, found = look_at_background_of(recording, onset, duration, artifacts.events, age_years)
    measured = tuple(background_measurements(found, segment))
    findings = tuple(background_findings(found, measured, age_years))
    facts = Facts(
        tool="background", measurements=(looked("background", onset, duration), *measured),
        channels=segment.channels, not_analysed=found.not_analysed, payload=payload(findings),
    )  # fmt: skip
    return words_of(findings), facts
