"""The sentences of a description: montage, quality, artifacts, waveforms, background.

The order is that of CerebraGloss captions; the sentences are our own. Each is a ``Finding``: what it
says is measured, and the measurement is attached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.absence import absent_words
from agent.facts import derived
from agent.findings import Certainty, Finding
from agent.words import KIND_WORDS, counted, event_line, listed, number, plural, span, where
from tools.artifacts import Quality
from tools.background import Background
from tools.labels import EPILEPTIFORM, PATTERN, SLEEP, SPOKEN
from tools.symmetry import Asymmetry
from tools.types import Detection, Event, Measurement, Segment

LOW_UV, HIGH_UV = 20.0, 70.0
"""Peak-to-peak limits of the words low, medium and high, as SCORE grades the posterior rhythm."""
ADULT_YEARS = 16
NORMAL_ADULT_HZ = (8.5, 11.5)
"""Posterior rhythm from adolescence on (Marcuse et al. 2008, doi:10.1016/j.clinph.2008.04.291)."""
_SPELT_OUT = 3


def _measured(segment: Segment, quantity: str, value: float, unit: str) -> Measurement:
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
    return Finding(
        statement=f"{len(segment.channels)} EEG channel{plural_s} {against}, {span(segment.onset, segment.duration)}.",
        certainty="definite",
        evidence=(
            _measured(segment, "channels analysed", len(segment.channels), "count"),
            _measured(segment, "span looked at", segment.duration, "s"),
        ),
    )


def quality_finding(graded: Quality, segment: Segment, *, hum: bool) -> Finding:
    """How much of the span an artifact spoils."""
    share = 100 * graded.bad_share
    words = {"good": "good", "fair": "fair, with some artifact", "poor": "poor, severely contaminated"}[
        graded.grade
    ]
    words += " apart from line noise" if hum and graded.grade == "good" else ""
    spoilt = f" ({share:.0f} % of the channel time lies under artifact)" if share >= 1 else ""
    return Finding(
        statement=f"Signal quality is {words}{spoilt}.",
        certainty="definite",
        evidence=(_measured(segment, "quality: share under artifact", share, "%"),),
    )


def artifact_findings(artifacts: Sequence[Event], segment: Segment) -> Iterator[Finding]:
    """One sentence per kind of artifact, places grouped."""
    for label in dict.fromkeys(event.label for event in artifacts):
        mine = [event for event in artifacts if event.label == label]
        channels = list(dict.fromkeys(c for event in mine for c in event.channels))
        seconds = sum(event.duration for event in mine)
        count = _measured(segment, f"{label} count", float(len(mine)), "count")
        if seconds >= 0.9 * segment.duration:
            statement = f"{SPOKEN[label].capitalize()} throughout at {where(channels)}."
        elif len(mine) <= _SPELT_OUT:
            places = listed([span(e.onset, e.duration) for e in mine])
            name = SPOKEN[label] if len(mine) == 1 else plural(label)
            statement = f"{name.capitalize()} at {where(channels)}, {places}."
        else:
            first = ", ".join(f"{e.onset:.1f}" for e in mine[:5])
            more = " and later" if len(mine) > 5 else ""
            statement = (
                f"{counted(label, len(mine)).capitalize()} at {where(channels)}, starting at {first} s{more}."
            )
        evidence = (count, *[m for event in mine[:5] for m in derived(event)])
        yield Finding(statement=statement, certainty="probable", events=tuple(mine[:40]), evidence=evidence)


def waveform_findings(found: Detection, segment: Segment) -> Iterator[Finding]:
    """What was found of sleep waveforms, and which of the waveforms and patterns looked for were not."""
    looked = [label for label in (*EPILEPTIFORM, *PATTERN, *SLEEP, "mu") if label in found.analysed.labels]
    standing = [e for e in found.events if e.label in looked and not e.masked_by]
    for label in (label for label in looked if label in (*SLEEP, "mu")):
        mine = [event for event in standing if event.label == label]
        if mine:
            yield _waveform(label, mine, segment)
    absent = [label for label in looked if not any(e.label == label for e in standing)]
    if absent:
        yield Finding(
            statement=f"No {absent_words(absent)} found.",
            certainty="definite",
            evidence=tuple(_measured(segment, f"{label} count", 0.0, "count") for label in absent),
        )
    masked = [e for e in found.events if e.label in looked and e.masked_by]
    if masked:
        kinds = listed(sorted({plural(e.label) for e in masked}))
        yield Finding(
            statement=f"Further marks of {kinds} coincide with artifact and are not counted.",
            certainty="possible",
            events=tuple(masked[:20]),
            evidence=tuple(m for event in masked[:3] for m in derived(event)),
        )


def _waveform(label: str, mine: list[Event], segment: Segment) -> Finding:
    count = _measured(segment, f"{label} count", float(len(mine)), "count")
    if len(mine) <= _SPELT_OUT:
        listing = "; ".join(event_line(event) for event in mine)
        statement = f"{counted(label, len(mine)).capitalize()}: {listing}."
        evidence = (count, *[m for event in mine for m in derived(event)])
    else:
        channels = list(dict.fromkeys(c for event in mine for c in event.channels))
        tallest = max(mine, key=lambda e: e.amplitude.value_uv if e.amplitude else 0.0)
        several = counted(label, len(mine)).capitalize()
        statement = f"{several} at {where(channels)}, the tallest at {event_line(tallest)}."
        evidence = (count, *derived(tallest))
    return Finding(statement=statement, certainty=_sure(mine), events=tuple(mine[:40]), evidence=evidence)


def _sure(events: Sequence[Event]) -> Certainty:
    graded = [event.confidence for event in events if event.confidence is not None]
    return "definite" if graded and min(graded) >= 0.8 else "probable"


def background_findings(
    found: Background, measured: Sequence[Measurement], age_years: float | None = None
) -> Iterator[Finding]:
    """Posterior rhythm, dominant activity, slowing, symmetry and stability."""
    if found.posterior_rhythm:
        yield _posterior(found, measured, age_years)
    elif found.dominant and not any(n.label == "posterior_rhythm" for n in found.not_analysed):
        yield Finding(
            statement="No posterior rhythm stands out.",
            certainty="probable",
            evidence=_by(measured, "dominant frequency", "anterior share", "share of power below"),
        )
    if found.dominant:
        yield _dominant(found, measured)
    for slowing in found.slowing:
        side = f"{slowing.side} " if slowing.side else ""
        share = _by(measured, f"{slowing.extent} {slowing.band} slowing")
        what = "of the power is delta and theta" if slowing.extent == "generalized" else "of the time"
        yield Finding(
            statement=f"{slowing.grade.capitalize()} {side}{slowing.extent} {slowing.band} slowing "
            f"({100 * slowing.share:.0f} % {what}) at {where(slowing.channels)}; its meaning depends on age and state.",
            certainty="probable",
            evidence=share,
        )
    for item in found.asymmetry:
        yield _asymmetry(item, measured)
    yield from _extras(found, measured)
    if found.low_voltage:
        yield Finding(
            statement="Low voltage throughout: no channel exceeds 20 µV peak-to-peak.",
            certainty="definite",
            evidence=_by(measured, "background amplitude"),
        )


def _extras(found: Background, measured: Sequence[Measurement]) -> Iterator[Finding]:
    """Fast activity, the gradient from front to back, and a change within the stretch."""
    fast = found.fast_activity
    if fast:
        yield Finding(
            statement=f"More fast activity than usual ({fast.extent}): {fast.rms_uv:.0f} µV RMS at about "
            f"{fast.frequency_hz:.0f} Hz at {where(fast.channels)}, {100 * fast.share:.0f} % of the power; "
            "drugs are its usual cause.",
            certainty="probable",
            evidence=_by(measured, "fast activity"),
        )
    if (
        found.gradient in ("reduced", "reversed")
        and found.posterior_rhythm
        and found.anterior_share is not None
    ):
        yield Finding(
            statement=f"The anterior-posterior gradient is {found.gradient}: {100 * found.anterior_share:.0f} % of the "
            "8-12 Hz power lies in front.",
            certainty="probable",
            evidence=_by(measured, "anterior share"),
        )
    change = found.stability.change if found.stability else None
    if change:
        more = "more" if change.factor > 1 else "less"
        factor = change.factor if change.factor > 1 else 1 / change.factor
        yield Finding(
            statement=f"At {change.onset:.0f} s the background changes at once, with {more} {change.band} after it "
            f"({factor:.1f} times).",
            certainty="probable",
            evidence=(*_by(measured, "time of the change", "change of"), *_factor(measured, factor)),
        )


def _factor(measured: Sequence[Measurement], factor: float) -> tuple[Measurement, ...]:
    """The factor of a change as it is told, never below one."""
    return tuple(
        m.model_copy(update={"value": factor, "quantity": "factor of the change"})
        for m in _by(measured, "change of")
    )


def _by(measured: Sequence[Measurement], *starts: str) -> tuple[Measurement, ...]:
    return tuple(m for m in measured if m.quantity.startswith(starts))


def _height(value: float) -> str:
    return "low" if value < LOW_UV else "medium" if value <= HIGH_UV else "high"


def _posterior(found: Background, measured: Sequence[Measurement], age_years: float | None) -> Finding:
    rhythm = found.posterior_rhythm
    if rhythm is None:
        raise ValueError("no posterior rhythm to describe")
    kind = KIND_WORDS[rhythm.amplitude_kind]
    norm = ""
    if age_years is not None and age_years >= ADULT_YEARS:
        low, high = NORMAL_ADULT_HZ
        inside = low <= rhythm.frequency_hz <= high
        norm = ", within the usual adult range" if inside else ", outside the usual adult range"
    elif age_years is None:
        norm = " (the age is unknown, so no norm applies)"
    return Finding(
        statement=f"Posterior rhythm of {rhythm.frequency_hz:.1f} Hz and {_height(rhythm.amplitude_uv)} amplitude "
        f"({number(rhythm.amplitude_uv, 0)} µV {kind}) at {where(rhythm.channels)}{norm}.",
        certainty="probable",
        evidence=_by(measured, "posterior rhythm"),
    )


def _dominant(found: Background, measured: Sequence[Measurement]) -> Finding:
    top = found.dominant
    if top is None:
        raise ValueError("no dominant rhythm to describe")
    steady = "" if found.stability is None else "stable, " if found.stability.stable else "variable, "
    return Finding(
        statement=f"The background is {steady}mainly {top.band} at about {top.frequency_hz:.1f} Hz, of "
        f"{_height(top.amplitude_uv)} amplitude ({number(top.amplitude_uv, 0)} µV {KIND_WORDS[top.amplitude_kind]}).",
        certainty="probable",
        evidence=_by(measured, "dominant", "background amplitude", f"{top.band} share", "variation"),
    )


def _asymmetry(item: Asymmetry, measured: Sequence[Measurement]) -> Finding:
    if item.quantity == "amplitude":
        extent = f"{100 * item.difference:.0f} % taller on the {item.side}"
    else:
        extent = f"{item.difference:.1f} Hz slower on the {item.side}"
    return Finding(
        statement=f"{item.grade.capitalize()} asymmetry: {extent} at {where(item.channels)}.",
        certainty="probable",
        evidence=_by(measured, f"{item.quantity} difference between sides"),
    )
