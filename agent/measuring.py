"""What the measuring tools do: the caliper on waves and spans, and left against right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agent.describe import CAPTION_BAND, signal
from agent.facts import Facts
from agent.findings import Finding
from agent.lower_side import Pair, lower_side
from agent.seeing import Seen, looked, payload, words_of
from agent.words import KIND_WORDS, listed, number, span
from tools.caliper import measure_span, measure_wave
from tools.io import OpenRecording
from tools.labels import mirror, side_of
from tools.prepare import prepare
from tools.spectral import BANDS
from tools.types import Filters, Measurement, Page, Segment, ToolError

SIDE_RATIO = 0.5
"""Marked asymmetry in amplitude, after the ACNS critical-care terminology (doi:10.1097/WNP.0000000000000806)."""


def look_at_wave(recording: OpenRecording, channel: str | None, time: float, page: Page) -> Seen:
    """Measure the single wave nearest to a time, as it is drawn on the page; without a channel, the tallest."""
    start = max(0.0, time - 2.0)
    segment = _as_shown(recording, start, 4.0, page, [channel] if channel else None)
    if channel is None:
        segment = segment.pick([_tallest_wave(segment, time)])
    measured = tuple(measure_wave(segment, segment.channels[0], time))
    findings = [_wave_finding(measured, segment.channels[0])]
    facts = Facts(
        tool="measure_wave",
        measurements=(looked("measure_wave", segment.onset, segment.duration), *measured),
        channels=segment.channels,
        payload=payload(findings),
    )
    return words_of(findings), facts


def _tallest_wave(segment: Segment, time: float) -> str:
    """The channel whose wave at that time is tallest."""
    heights: dict[str, float] = {}
    for name in segment.channels:
        try:
            found = measure_wave(segment, name, time)
        except ToolError:
            continue  # no wave turns there on this channel
        heights[name] = max(m.value for m in found if m.amplitude_kind == "pp")
    if not heights:
        raise ToolError("No channel has a wave at that time; name a time nearer to its peak.", field="time")
    return max(heights, key=lambda name: heights[name])


def _wave_finding(measured: tuple[Measurement, ...], channel: str) -> Finding:
    value = {m.quantity.removesuffix(" of the peak").partition(" of the ")[0]: m.value for m in measured}
    polarity = "positive" if value["polarity"] > 0 else "negative"
    return Finding(
        statement=f"The wave at {channel} peaking at {value['time']:.2f} s is {polarity}, "
        f"{value['peak-to-peak']:.0f} µV peak-to-peak, {1000 * value['duration']:.0f} ms long (as one cycle, "
        f"{value['frequency from the duration']:.1f} Hz) and {1000 * value['width at half height']:.0f} ms wide "
        "at half height.",
        certainty="definite",
        evidence=measured,
    )


def look_at_span(
    recording: OpenRecording, channels: Sequence[str] | None, onset: float, duration: float, page: Page
) -> Seen:
    """Measure a span with the caliper; without channels, where it is tallest."""
    segment = _as_shown(recording, onset, duration, page, channels)
    names = list(segment.channels)
    if not channels:
        height = np.nanmax(segment.data, axis=1) - np.nanmin(segment.data, axis=1)
        names = [segment.channels[int(np.nanargmax(height))]]
    measured, findings = [], []
    for name in names[:8]:
        mine = measure_span(segment, name)
        measured += mine
        findings += _caliper_findings(tuple(mine), f"{name} in {span(onset, duration)}")
    facts = Facts(tool="measure_span", measurements=(looked("measure_span", onset, duration), *measured),
                  channels=tuple(names), payload=payload(findings))  # fmt: skip
    return words_of(findings), facts


def _as_shown(
    recording: OpenRecording, onset: float, duration: float, page: Page, channels: Sequence[str] | None
) -> Segment:
    """Read the signal under the page's montage and filters: what is measured is what is seen."""
    everything = signal(recording, onset, duration, page.filters, montage=page.montage)
    if not channels:
        return everything
    if set(channels) <= set(everything.channels):
        return everything.pick(channels)
    recorded = recording.info.names("eeg", "eog", "emg", "ecg", "reference", "resp", "other")
    wanted = [c for c in channels if c in recorded]
    if not wanted:
        raise ToolError(
            "There is no such channel in this montage.", field="channels", choices=everything.channels
        )
    return prepare(recording, onset, duration, montage="as_recorded", filters=page.filters, channels=wanted)


def _caliper_findings(measured: tuple[Measurement, ...], lead: str) -> list[Finding]:
    """One sentence on heights, one on time; each number with its unit and kind."""
    tall = [m for m in measured if m.unit == "uV"]
    rest = [
        m for m in measured if m.unit != "uV" and m.quantity != "duration"
    ]  # that of the window, not of a wave
    made = []
    if tall:
        words = listed(
            [
                f"{number(m.value, 0)} µV {KIND_WORDS[m.amplitude_kind] if m.amplitude_kind else ''}".strip()
                for m in tall
            ]
        )
        made.append(
            Finding(statement=f"{lead} measures {words}.", certainty="definite", evidence=tuple(tall))
        )
    if rest:
        words = listed([f"{m.quantity} {_value(m)}" for m in rest])
        made.append(Finding(statement=f"{lead}: {words}.", certainty="definite", evidence=tuple(rest)))
    return made


def _value(m: Measurement) -> str:
    if m.unit == "s" and abs(m.value) < 1:
        return f"{1000 * m.value:.0f} ms"
    unit = {"uV/ms": "µV/ms", "count": "", "": ""}.get(m.unit, m.unit)
    return f"{m.value:.2f} {unit}".strip() if m.unit == "s" else f"{m.value:.1f} {unit}".strip()


def look_at_sides(
    recording: OpenRecording,
    onset: float,
    duration: float,
    channels: Sequence[str] | None,
    band: str | None = None,
) -> Seen:
    """Compare mirror channels: median height of one-second windows, and their ratio."""
    filters = Filters(low_cut_hz=BANDS[band][0], high_cut_hz=BANDS[band][1]) if band else CAPTION_BAND
    segment = signal(recording, onset, duration, filters)
    pairs = [
        (c, mirror(c)) for c in segment.channels if side_of(c) == "left" and mirror(c) in segment.channels
    ]
    if channels:
        pairs = [pair for pair in pairs if set(pair) & set(channels)]
    if not pairs:
        raise ToolError(
            "There is no pair of mirror channels to compare there.",
            field="channels",
            choices=segment.channels,
        )
    height = dict(zip(segment.channels, _window_heights(segment), strict=True))
    made, differing = [], []
    for left, right in pairs:
        a, b = height[left], height[right]
        if not (np.isfinite(a) and np.isfinite(b)) or max(a, b) <= 0:
            continue
        ratio = abs(a - b) / max(a, b)
        what = f"{band or '1.6-70 Hz'} median height per second"
        mine = [Measurement(onset=onset, duration=duration, channels=(c,), quantity=what,
                            value=float(h), unit="uV", amplitude_kind="pp", tool="compare_sides")
                for c, h in ((left, a), (right, b))]  # fmt: skip
        mine.append(Measurement(onset=onset, duration=duration, channels=(left, right), quantity="asymmetry",
                                value=float(100 * ratio), unit="%", tool="compare_sides"))  # fmt: skip
        made += mine
        differing.append((ratio, left, right, a, b, mine))
    findings = _side_findings(differing, band)
    overall = lower_side(
        [Pair(left, right, a, b, tuple(m)) for _, left, right, a, b, m in differing], onset, duration
    )
    more = [m for m in overall.evidence if isinstance(m, Measurement) and m not in made] if overall else []
    told = payload(findings) | ({"overall": overall.model_dump(mode="json")} if overall else {})
    facts = Facts(tool="compare_sides", measurements=(looked("compare_sides", onset, duration), *made, *more),
                  channels=tuple(c for pair in pairs for c in pair), payload=told)  # fmt: skip
    return words_of(findings), facts


def _window_heights(segment: Segment) -> NDArray[np.float64]:
    length = max(1, round(segment.sfreq))
    count = max(1, segment.data.shape[1] // length)
    windows = segment.data[:, : count * length].reshape(len(segment.channels), count, -1)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nanmedian(windows.max(axis=2) - windows.min(axis=2), axis=1))


def _side_findings(
    differing: list[tuple[float, str, str, float, float, list[Measurement]]], band: str | None
) -> list[Finding]:
    marked = [d for d in differing if d[0] >= SIDE_RATIO]
    findings = []
    if not marked:
        evidence = tuple(m for d in differing for m in d[5])
        if evidence:
            height = f"{band} height" if band else "height"
            alike = f"No marked difference in {height} between left and right in any pair compared."
            findings.append(Finding(statement=alike,
                                    certainty="definite", evidence=evidence))  # fmt: skip
    for ratio, left, right, a, b, mine in sorted(marked or differing, key=lambda d: -d[0])[
        : 3 if marked else 1
    ]:
        larger, smaller = (left, right) if a > b else (right, left)
        side = side_of(larger)
        statement = (f"{larger} ({max(a, b):.0f} µV peak-to-peak) is taller than {smaller} ({min(a, b):.0f} µV "
                     f"peak-to-peak): the {side} side leads by {100 * ratio:.0f} %.")  # fmt: skip
        findings.append(Finding(statement=statement, certainty="definite" if ratio >= SIDE_RATIO else "probable",
                                evidence=tuple(mine)))  # fmt: skip
    return findings
