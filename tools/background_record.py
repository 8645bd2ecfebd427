"""What a background is made of, and its numbers as measurements."""

from __future__ import annotations

from tools.rhythm import PosteriorRhythm
from tools.symmetry import Asymmetry, Slowing
from tools.types import AmplitudeKind, Measurement, NotAnalysed, Record, Segment

TOOL = "measure_background"


class Dominant(Record):
    """The band with the most power between 1.6 and 30 Hz, its frequency, and the height of the signal."""

    band: str
    frequency_hz: float
    amplitude_uv: float
    """Median over channels and seconds of the peak-to-peak within 1.6-30 Hz."""
    amplitude_kind: AmplitudeKind = "pp"
    share: float
    """Of the power between 1.6 and 30 Hz; median over channels."""


class Stability(Record):
    """Whether amplitude and dominant band stay alike from second to second."""

    stable: bool
    amplitude_variation: float
    """Coefficient of variation of the RMS per second."""
    same_band_share: float
    """Share of the 2-s windows with the dominant band of the whole."""


class Background(Record):
    """What the background of a stretch looks like."""

    dominant: Dominant | None = None
    posterior_rhythm: PosteriorRhythm | None = None
    asymmetry: tuple[Asymmetry, ...] = ()
    slowing: tuple[Slowing, ...] = ()
    stability: Stability | None = None
    anterior_share: float | None = None
    """Anterior 8-12 Hz power over anterior plus posterior; below 0.4 in relaxed wakefulness."""
    slow_share: float | None = None
    """Delta and theta power over 1.6-30 Hz; median over channels."""
    low_voltage: bool = False
    """No channel exceeds 20 µV peak to peak in 19 of 20 seconds."""
    bands_hz: dict[str, tuple[float, float]]
    seconds: float = 0.0
    """Seconds of signal that were clean in half of the channels."""
    channels: tuple[str, ...] = ()
    not_analysed: tuple[NotAnalysed, ...] = ()


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

    listed: list[Measurement] = []
    if background.dominant:
        top = background.dominant
        listed += number("dominant frequency", top.frequency_hz, "Hz")
        listed += number("background amplitude", top.amplitude_uv, "uV", kind=top.amplitude_kind)
        listed += number(f"{top.band} share of power", top.share, "")
    if background.posterior_rhythm:
        rhythm = background.posterior_rhythm
        where = rhythm.channels
        listed += number("posterior rhythm frequency", rhythm.frequency_hz, "Hz", where)
        listed += number(
            "posterior rhythm amplitude", rhythm.amplitude_uv, "uV", where, rhythm.amplitude_kind
        )
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
    listed += number("share of power below 8 Hz", background.slow_share, "")
    listed += number("anterior share of 8-12 Hz power", background.anterior_share, "")
    if background.stability:
        listed += number("variation of amplitude", background.stability.amplitude_variation, "")
    return listed
