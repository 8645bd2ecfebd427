"""Band power for the command line and the agent: numbers, peaks, and where each band is largest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.facts import Facts
from agent.findings import Finding
from agent.seeing import Seen, looked, payload
from agent.words import listed
from tools.io import OpenRecording
from tools.montage import default_montage
from tools.prepare import prepare
from tools.rhythm import peak_frequency
from tools.spectral import band_power, spectrum
from tools.types import Filters, Measurement, Segment


def measure_bands(
    recording: OpenRecording, onset: float, duration: float, channels: Sequence[str] | None
) -> dict[str, Any]:
    """Measure band power per channel, as ``glossa bands`` prints it."""
    segment = _for_bands(recording, onset, duration, channels)
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


def _for_bands(
    recording: OpenRecording, onset: float, duration: float, channels: Sequence[str] | None
) -> Segment:
    montage = default_montage(recording.info)
    return prepare(recording, onset, duration, montage=montage, filters=Filters(), channels=channels)


def look_at_bands(
    recording: OpenRecording, onset: float, duration: float, channels: Sequence[str] | None
) -> Seen:
    """Measure band power; say where each band is largest, or all of one channel."""
    document = measure_bands(recording, onset, duration, channels)
    place = {"onset": document["onset"], "duration": document["duration"], "tool": "band_power"}
    made = [m for channel in document["channels"] for m in _band_measurements(place, channel)]
    made += _peaks(_for_bands(recording, onset, duration, channels), document["bands_hz"], place)
    made += [m for name, edges in document["bands_hz"].items() for m in _edges(place, name, edges)]
    if len(document["channels"]) == 1:
        findings = [_of_one_channel(document, made)]
    else:
        findings = [_largest(document, name, made) for name in document["bands_hz"] if document["channels"]]
    facts = Facts(
        tool="band_power",
        measurements=(looked("band_power", onset, duration), *made),
        channels=tuple(c["name"] for c in document["channels"]),
        payload=payload(findings),
    )
    return "\n".join(_band_line(channel) for channel in document["channels"]), facts


def _band_line(channel: dict[str, Any]) -> str:
    shares = channel["relative"]
    values = (f"{n} {v:.1f} µV² ({100 * shares[n]:.0f} %)" for n, v in channel["absolute_uv2"].items())
    return f"{channel['name']}: {', '.join(values)}"


def _band_measurements(place: dict[str, Any], channel: dict[str, Any]) -> list[Measurement]:
    at = {**place, "channels": (channel["name"],)}
    return [
        m
        for name, value in channel["absolute_uv2"].items()
        for m in (
            Measurement(**at, quantity=f"{name} power", value=value, unit="uV2"),
            Measurement(**at, quantity=f"{name} share", value=100 * channel["relative"][name], unit="%"),
        )
    ]


def _peaks(segment: Segment, bands: dict[str, list[float]], place: dict[str, Any]) -> list[Measurement]:
    """The strongest frequency within each band, where the spectrum has a peak there."""
    found = spectrum(segment)
    made = []
    for row, channel in enumerate(found.channels):
        for name, (low, high) in bands.items():
            peak = peak_frequency(found.freqs, found.density[row], (low, high))
            if peak is not None:
                made.append(Measurement(**place, channels=(channel,), quantity=f"{name} peak frequency",
                                        value=peak, unit="Hz"))  # fmt: skip
    return made


def _of_one_channel(document: dict[str, Any], made: Sequence[Measurement]) -> Finding:
    channel = document["channels"][0]
    top = max(channel["absolute_uv2"], key=channel["absolute_uv2"].get)
    peak = next((m for m in made if m.quantity == f"{top} peak frequency"), None)
    where = f", strongest at {peak.value:.1f} Hz" if peak else ""
    others = [f"{n} {100 * v:.0f} %" for n, v in channel["relative"].items() if n != top]
    return Finding(
        statement=f"At {channel['name']} {top} leads with {100 * channel['relative'][top]:.0f} % of the power "
        f"({channel['absolute_uv2'][top]:.1f} µV²{where}); {listed(others)}.",
        certainty="definite",
        evidence=tuple(m for m in made if m.channels == (channel["name"],)),
    )


def _largest(document: dict[str, Any], name: str, made: Sequence[Measurement]) -> Finding:
    edges = document["bands_hz"][name]
    top = max(document["channels"], key=lambda c: c["absolute_uv2"][name])
    evidence = [m for m in made if m.quantity.startswith(name) and m.channels in ((), (top["name"],))]
    return Finding(
        statement=f"{name.capitalize()} ({edges[0]:g}–{edges[1]:g} Hz) is largest at {top['name']}: "
        f"{top['absolute_uv2'][name]:.1f} µV², {100 * top['relative'][name]:.0f} % of its power.",
        certainty="definite",
        evidence=tuple(evidence),
    )


def _edges(place: dict[str, Any], name: str, edges: Sequence[float]) -> list[Measurement]:
    named = zip(("lower edge", "upper edge"), edges, strict=True)
    return [
        Measurement(**place, quantity=f"{name} band {which}", value=float(e), unit="Hz") for which, e in named
    ]
