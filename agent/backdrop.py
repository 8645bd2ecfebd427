"""The background in sentences: stability, main activity, posterior rhythm, slowing, sides, voltage, fast activity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.findings import Finding
from agent.telling import field, percent
from agent.words import KIND_WORDS, number
from tools.background_record import Background
from tools.symmetry import Asymmetry, Slowing
from tools.types import Measurement

LOW_UV, HIGH_UV = 20.0, 70.0
"""Peak-to-peak limits of the words low, medium and high, as SCORE grades the posterior rhythm."""
ADULT_YEARS = 16
NORMAL_ADULT_HZ = (8.5, 11.5)
"""Posterior rhythm from adolescence on (Marcuse et al. 2008, doi:10.1016/j.clinph.2008.04.291)."""
_MIXED = 0.5
"""Share of the power below which the strongest band does not make the background."""


def background_findings(
    found: Background,
    measured: Sequence[Measurement],
    age_years: float | None = None,
    *,
    asleep: bool = False,
    alpha: bool = False,
) -> Iterator[Finding]:
    """Tell the background: stability and main activity first, then what is particular.

    In sleep, slow activity of the whole head is that of sleep and not told as slowing; and where stretches of alpha
    were found as events (``alpha``), a rhythm that does not stand out over the whole is not said to be absent.
    """
    if found.dominant:
        yield _dominant(found, measured)
    if found.posterior_rhythm:
        yield _posterior(found, measured, age_years)
    elif found.dominant and not alpha and not any(n.label == "posterior_rhythm" for n in found.not_analysed):
        yield Finding(
            statement="No posterior rhythm.",
            certainty="probable",
            evidence=_by(measured, "dominant frequency", "anterior share", "share of power below"),
        )
    told = [item for item in found.slowing if item.extent == "focal" or not asleep]
    for item in told:
        yield _slowing(item, measured, last=item is told[-1])
    yield from _asymmetries(found.asymmetry, measured)
    yield from _extras(found, measured)


def _by(measured: Sequence[Measurement], *starts: str) -> tuple[Measurement, ...]:
    return tuple(m for m in measured if m.quantity.startswith(starts))


def _height(value: float) -> str:
    return "low" if value < LOW_UV else "medium" if value <= HIGH_UV else "high"


def _microvolts(rms: float | None, value: float, kind: str) -> str:
    words = f"{number(value, 0)} µV {KIND_WORDS[kind]}"
    return words if rms is None else f"{number(rms, 0)} µV RMS, {words}"


def _dominant(found: Background, measured: Sequence[Measurement]) -> Finding:
    top = found.dominant
    if top is None:
        raise ValueError("no dominant rhythm to describe")
    steady = "" if found.stability is None else "stable" if found.stability.stable else "variable"
    mixed = "of mixed frequencies, " if top.share < _MIXED else ""
    low = "low-voltage, " if found.low_voltage else ""
    lead = f"{steady[:1].upper()}{steady[1:]} background" if steady else "Background"
    return Finding(
        statement=f"{lead}, {low}{mixed}mainly {top.band} at about {top.frequency_hz:.1f} Hz "
        f"({_microvolts(top.rms_uv, top.amplitude_uv, top.amplitude_kind)}).",
        certainty="probable",
        evidence=_by(
            measured, "dominant", "background amplitude", "background RMS", f"{top.band} share", "variation"
        ),
    )


def _posterior(found: Background, measured: Sequence[Measurement], age_years: float | None) -> Finding:
    rhythm = found.posterior_rhythm
    if rhythm is None:
        raise ValueError("no posterior rhythm to describe")
    norm = "; no norm, as the age is unknown"
    if age_years is not None:
        low, high = NORMAL_ADULT_HZ
        inside = "within" if low <= rhythm.frequency_hz <= high else "outside"
        norm = f"; {inside} the usual adult range" if age_years >= ADULT_YEARS else ""
    tall = f"{number(rhythm.amplitude_uv, 0)} µV {KIND_WORDS[rhythm.amplitude_kind]}"
    tall += f", {number(rhythm.rms_uv, 0)} µV RMS" if rhythm.rms_uv is not None else ""
    return Finding(
        statement=f"Posterior rhythm of {rhythm.frequency_hz:.1f} Hz and {_height(rhythm.amplitude_uv)} amplitude "
        f"({tall}){_during(rhythm.onset, rhythm.duration)}, {field(rhythm.channels)}{norm}.",
        certainty="probable",
        evidence=_by(measured, "posterior rhythm", "onset of the posterior", "end of the posterior"),
    )


def _during(onset: float | None, duration: float | None) -> str:
    if onset is None or duration is None:
        return ""
    return f", {onset:.1f}–{onset + duration:.1f} s"


def _slowing(item: Slowing, measured: Sequence[Measurement], *, last: bool) -> Finding:
    what = f"{item.extent} {item.band} slowing"
    when = _during(item.onset, item.duration)
    if item.extent == "generalized":
        words = (
            f"{item.grade.capitalize()} {what}{when} ({percent(item.share)} of the power is delta and theta)"
        )
    else:
        lasting = when or f", {percent(item.share)} of the time"
        words = f"{item.grade.capitalize()} {item.side or ''} {what}{lasting}, {field(item.channels)}"
    return Finding(
        statement=" ".join(words.split()) + ("; age and state decide what it means." if last else "."),
        certainty="probable",
        evidence=_by(measured, what, f"onset of the {what}", f"end of the {what}"),
    )


def _asymmetries(items: Sequence[Asymmetry], measured: Sequence[Measurement]) -> Iterator[Finding]:
    """One sentence a side and quantity, places taken together, naming the lower side of an amplitude."""
    for quantity in ("amplitude", "frequency"):
        for side in ("left", "right"):
            mine = [item for item in items if (item.quantity, item.side) == (quantity, side)]
            if not mine:
                continue
            first = max(mine, key=lambda item: item.difference)
            channels = [channel for item in mine for channel in item.channels]
            if quantity == "amplitude":
                lower = "right" if side == "left" else "left"
                extent = f"lower on the {lower} by {percent(first.difference)}"
            else:
                extent = f"{first.difference:.1f} Hz slower on the {side}"
            yield Finding(
                statement=f"{first.grade.capitalize()} asymmetry, {extent}, {field(channels, largest=False)}.",
                certainty="probable",
                evidence=_by(measured, f"{quantity} difference between sides"),
            )


def _extras(found: Background, measured: Sequence[Measurement]) -> Iterator[Finding]:
    """Fast activity, the gradient from front to back, and a change within the stretch."""
    fast = found.fast_activity
    if fast:
        yield Finding(
            statement=f"Much fast activity ({fast.extent}), {fast.rms_uv:.0f} µV RMS at about {fast.frequency_hz:.0f} "
            f"Hz, {percent(fast.share)} of the power; drugs are its usual cause.",
            certainty="probable",
            evidence=_by(measured, "fast activity"),
        )
    if found.gradient == "reversed" and found.posterior_rhythm and found.anterior_share is not None:
        yield Finding(
            statement=f"The anterior-posterior gradient is reversed: {percent(found.anterior_share)} of the 8-12 Hz "
            "power lies in front.",
            certainty="probable",
            evidence=_by(measured, "anterior share"),
        )
    change = found.stability.change if found.stability else None
    if change:
        more = "more" if change.factor > 1 else "less"
        factor = change.factor if change.factor > 1 else 1 / change.factor
        yield Finding(
            statement=f"Background changes at {change.onset:.1f} s: {factor:.1f} times {more} {change.band} after it.",
            certainty="probable",
            evidence=(*_by(measured, "time of the change", "change of"), *_factor(measured, factor)),
        )


def _factor(measured: Sequence[Measurement], factor: float) -> tuple[Measurement, ...]:
    """The factor of a change as it is told, never below one."""
    return tuple(
        m.model_copy(update={"value": factor, "quantity": "factor of the change"})
        for m in _by(measured, "change of")
    )
