"""What a background is made of, and its numbers as measurements."""

from __future__ import annotations

from typing import Literal

from tools.fast_activity import FastActivity
from tools.rhythm import PosteriorRhythm
from tools.stability import Stability
from tools.symmetry import Asymmetry, Slowing
from tools.types import AmplitudeKind, Measurement, NotAnalysed, Record, Segment
from tools.voltage import Voltage

TOOL = "measure_background"
GRADIENT_LIMITS = (0.4, 0.6)
"""Lodder SS, van Putten MJAM (2013), J Neurosci Methods 217:1-8, doi:10.1016/j.jneumeth.2013.05.005."""


class Dominant(Record):
    """The band with the most power between 1.6 and 30 Hz, its frequency, and the height of the signal."""

    band: str
    frequency_hz: float
    amplitude_uv: float
    """Median over channels and seconds of the peak-to-peak within 1.6-30 Hz."""
    amplitude_kind: AmplitudeKind = "pp"
    rms_uv: float | None = None
    """RMS in the same band; median over channels and seconds."""
    share: float
    """Of the power between 1.6 and 30 Hz; median over channels."""


class Background(Record):
    """What the background of a stretch looks like."""

    dominant: Dominant | None = None
    posterior_rhythm: PosteriorRhythm | None = None
    asymmetry: tuple[Asymmetry, ...] = ()
    slowing: tuple[Slowing, ...] = ()
    stability: Stability | None = None
    anterior_share: float | None = None
    """Anterior 8-12 Hz power over anterior plus posterior; below 0.4 in relaxed wakefulness."""
    gradient: Literal["preserved", "reduced", "reversed"] | None = None
    """The anterior share against ``gradient_limits``; only relaxed wakefulness with closed eyes has to have one."""
    gradient_limits: tuple[float, float] = GRADIENT_LIMITS
    """Preserved below the first, reversed above the second."""
    fast_activity: FastActivity | None = None
    voltage: Voltage | None = None
    slow_share: float | None = None
    """Delta and theta power over 1.6-30 Hz; median over channels."""
    low_voltage: bool = False
    """No channel exceeds 20 µV peak to peak in 19 of 20 seconds."""
    bands_hz: dict[str, tuple[float, float]]
    seconds: float = 0.0
    """Seconds of signal that were clean in half of the channels."""
    channels: tuple[str, ...] = ()
    not_analysed: tuple[NotAnalysed, ...] = ()


def gradient(anterior_share: float | None) -> Literal["preserved", "reduced", "reversed"] | None:
    """Whether alpha lies behind, as it does in relaxed wakefulness; None where it was not measured."""
    if anterior_share is None:
        return None
    low, high = GRADIENT_LIMITS
    return "preserved" if anterior_share < low else "reversed" if anterior_share > high else "reduced"


def background_measurements(background: Background, segment: Segment) -> list[Measurement]:
    """List the numbers of a background as measurements of the stretch, for citing."""

    def number(
        quantity: str,
        value: float | None,
        unit: str,
        channels: tuple[str, ...] = background.channels,
        kind: AmplitudeKind | None = None,
    ) -> list[Measurement]:
        if value is None:
            return []
        return [
            Measurement(
                onset=segment.onset,
                duration=segment.duration,
                channels=channels,
                quantity=quantity,
                value=value,
                unit=unit,
                tool=TOOL,
                amplitude_kind=kind,
            )
        ]

    def _limits(what: str, onset: float | None, duration: float | None) -> list[Measurement]:
        if onset is None or duration is None:
            return []
        return number(f"onset of the {what}", onset, "s") + number(
            f"end of the {what}", onset + duration, "s"
        )

    listed: list[Measurement] = []
    if background.dominant:
        top = background.dominant
        listed += number("dominant frequency", top.frequency_hz, "Hz")
        listed += number("background amplitude", top.amplitude_uv, "uV", kind=top.amplitude_kind)
        listed += number("background RMS", top.rms_uv, "uV", kind="rms")
        listed += number(f"{top.band} share of power", top.share, "")
    if background.posterior_rhythm:
        rhythm = background.posterior_rhythm
        where = rhythm.channels
        listed += number("posterior rhythm frequency", rhythm.frequency_hz, "Hz", where)
        listed += number(
            "posterior rhythm amplitude", rhythm.amplitude_uv, "uV", where, rhythm.amplitude_kind
        )
        listed += number("posterior rhythm RMS", rhythm.rms_uv, "uV", where, "rms")
        listed += _limits("posterior rhythm", rhythm.onset, rhythm.duration)
        listed += number("posterior rhythm prominence", rhythm.prominence_db, "dB", where)
        listed += number("posterior rhythm frequency, left", rhythm.left_hz, "Hz", where)
        listed += number("posterior rhythm frequency, right", rhythm.right_hz, "Hz", where)
    for item in background.asymmetry:
        unit = "" if item.quantity == "amplitude" else "Hz"
        listed += number(f"{item.quantity} difference between sides", item.difference, unit, item.channels)
    for slowing in background.slowing:
        what = "share of power below 8 Hz" if slowing.extent == "generalized" else "share of time"
        listed += number(
            f"{slowing.extent} {slowing.band} slowing, {what}", slowing.share, "", slowing.channels
        )
        listed += _limits(f"{slowing.extent} {slowing.band} slowing", slowing.onset, slowing.duration)
    listed += number("share of power below 8 Hz", background.slow_share, "")
    listed += number("anterior share of 8-12 Hz power", background.anterior_share, "")
    if background.stability:
        listed += number("variation of amplitude", background.stability.amplitude_variation, "")
        if background.stability.change:
            change = background.stability.change
            listed += number("time of the change", change.onset, "s")
            listed += number(f"change of {change.band} power, after over before", change.factor, "")
    if background.fast_activity:
        fast = background.fast_activity
        listed += number("fast activity frequency", fast.frequency_hz, "Hz", fast.channels)
        listed += number("fast activity amplitude", fast.rms_uv, "uV", fast.channels, "rms")
        listed += number("fast activity share of power", fast.share, "", fast.channels)
    if background.voltage:
        height = background.voltage
        listed += number(
            "background amplitude, longitudinal bipolar",
            height.amplitude_uv,
            "uV",
            kind=height.amplitude_kind,
        )
        listed += number("share of time below 10 µV", height.suppressed_share, "")
    return listed
