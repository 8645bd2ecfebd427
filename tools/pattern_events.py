"""A pattern as an event, and the measurements that a reader is shown as evidence for it."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, band
from tools.labels import side_of
from tools.pattern_features import FEATURES, measure_windows
from tools.pattern_pools import quantiles
from tools.pattern_view import SLOW, View, view_of
from tools.types import Amplitude, ChannelSpan, Event, Segment

SOURCE = "patterns 1"
_SHARE = 0.35
"""Of the largest channel, from which on a channel takes part."""
_LONGEST = 60.0
"""Seconds of a long pattern by which channels and size are measured."""
_PIECE = 2.0
"""Seconds of each point of the course of a pattern."""


class PatternMeasures(NamedTuple):
    """What a pattern is measured to be; None where the stretch does not show it."""

    frequency_hz: float | None
    """Typical rate, not rounded."""
    cycles: int | None
    prevalence: float
    """Share of the stretch that was looked at."""
    interval_cv: float | None
    """Mean deviation of the length of the cycles of the largest source, as a share of the median."""
    laterality: float
    """Amplitude of the louder side over that of the other."""
    side: str
    """``left``, ``right`` or ``both`` (the sides differ by less than a third)."""
    synchrony: float
    """Correlation of the envelopes of both sides."""
    evolution: tuple[tuple[float, float, float, int], ...]
    """Every two seconds: start in seconds, strongest frequency in hertz, RMS in microvolts and number of derivations
    with at least half of the largest amplitude."""
    start_hz: float | None
    end_hz: float | None
    """Frequency of the first and last third of the course."""


def describe(
    eeg: Segment, view: View, label: str, start: float, stop: float, chance: float, features: Array
) -> Event:
    """Make an event of a stretch, in seconds from the start of the segment.

    Parameters
    ----------
    eeg : Segment
        What was searched.
    view : View
        The same between neighbouring electrodes.
    label : str
        What was found.
    start, stop : float
        Seconds from the start of `eeg`.
    chance : float
        Confidence.
    features : ndarray, shape (`FEATURES`,)
        Median of the windows of the stretch.
    """
    onset, duration = eeg.onset + start, stop - start
    middle, reach = (start + stop) / 2, min(duration, _LONGEST) / 2
    side = _side(view, middle - reach, middle + reach) if label in ("LPD", "LRDA") else None
    sizes, channels = _sizes(eeg, view, label, middle - reach, middle + reach, side)
    hertz = frequency_of(label, features)
    return Event(
        label=label,
        source=SOURCE,
        onset=onset,
        duration=duration,
        channels=channels,
        confidence=round(float(np.clip(chance, 0, 1)), 3),
        amplitude=Amplitude(value_uv=round(sizes[0], 1), kind="pp"),
        frequency_hz=None if hertz is None else max(0.5, round(2 * hertz) / 2),
        per_channel=tuple(
            ChannelSpan(channel=name, onset=onset, duration=duration, value_uv=round(size, 1))
            for name, size in zip(channels, sizes, strict=True)
        ),
    )


def frequency_of(label: str, features: Array) -> float | None:
    """Typical rate in hertz: of the envelope for discharges, of the signal for rhythms."""
    row = dict(zip(FEATURES, features.tolist(), strict=True))
    if label == "burst_suppression":
        return None
    if label.endswith("PD"):
        return float(2 ** row["period_hz"])
    if label.endswith("RDA"):
        return float(2 ** row["rhythm_hz"])
    return float(2 ** (row["fast_hz"] if row["fast_rhythm"] > row["rhythm"] else row["rhythm_hz"]))


def _side(view: View, start: float, stop: float) -> str:
    """The louder side."""
    piece = view.data[:, round(max(0.0, start) * view.sfreq) : round(stop * view.sfreq)]
    size = np.sqrt(np.mean(piece**2, axis=1))
    mean = {
        side: float(np.mean([s for s, own in zip(size, view.sides, strict=True) if own == side] or [0.0]))
        for side in ("left", "right")
    }
    return max(mean, key=lambda side: mean[side])


def _sizes(
    eeg: Segment, view: View, label: str, start: float, stop: float, side: str | None
) -> tuple[list[float], tuple[str, ...]]:
    """Usual peak-to-peak size and name of the channels that take part, largest first."""
    wave = view.level[:, max(0, round(start * view.sfreq)) : round(stop * view.sfreq)]
    if label.endswith("RDA"):
        wave = band(wave, view.sfreq, *SLOW)
    size = 2 * quantiles(np.abs(wave - wave.mean(axis=1, keepdims=True)), 0.95)[0]
    allowed = [side is None or side_of(name) in (side, "midline", "unknown") for name in eeg.channels]
    size = np.where(allowed, size, 0.0)
    # One loud electrode is an artifact more often than a pattern; the third largest says what is usual.
    usual = np.sort(size)[::-1][: min(3, len(size))][-1]
    size = np.where(size > 3 * max(usual, 1e-6), 0.0, size)
    order = np.argsort(-size, kind="stable")
    keep = [int(row) for row in order if size[row] >= _SHARE * size[order[0]]]
    return [float(size[row]) for row in keep], tuple(eeg.channels[row] for row in keep)


def pattern_features(segment: Segment, event: Event) -> PatternMeasures:
    """Measure a pattern in the stretch that was searched.

    Parameters
    ----------
    segment : Segment
        EEG that holds the event, prepared as for `find_patterns`.
    event : Event
        From `find_patterns`, or any stretch with one of its labels.

    Returns
    -------
    PatternMeasures

    Notes
    -----
    Under ten seconds the frequency still holds for the signal around the event, but prevalence and evolution mean
    little. Evolution as the ACNS defines it needs two changes in one direction, each of three cycles or more;
    the course is given so that it can be judged.
    """
    eeg = segment.pick_kinds("eeg")
    first = max(0, round((event.onset - eeg.onset) * eeg.sfreq))
    last = round((event.onset + event.duration - eeg.onset) * eeg.sfreq)
    least = round(10 * eeg.sfreq)
    # The measurements are made for ten seconds: a shorter event is seen with its surroundings.
    spare = max(0, least - (last - first))
    wide = (max(0, first - spare // 2), max(last, first + least - spare // 2))
    view = view_of(replace(eeg, data=eeg.data[:, wide[0] : wide[1]]))
    rows, _ = measure_windows(view)
    row = dict(zip(FEATURES, np.median(rows, axis=0).tolist(), strict=True))
    hertz = frequency_of(event.label, np.median(rows, axis=0))
    inner = view_of(replace(eeg, data=eeg.data[:, first:last]))
    course = _course(inner)
    size = {
        side: np.sqrt(np.mean(inner.data[[s == side for s in inner.sides]] ** 2))
        if side in inner.sides
        else 0.0
        for side in ("left", "right")
    }
    ratio = (size["left"] + 1e-6) / (size["right"] + 1e-6)
    side = "left" if ratio > 4 / 3 else ("right" if ratio < 3 / 4 else "both")
    third = max(1, len(course) // 3)
    return PatternMeasures(
        frequency_hz=None if hertz is None else round(hertz, 2),
        cycles=None if hertz is None else int(hertz * event.duration),
        prevalence=round(min(1.0, event.duration / max(eeg.duration, 1e-9)), 3),
        interval_cv=round(row["cycle_cv"], 3),
        laterality=round(float(max(ratio, 1 / ratio)), 2),
        side=side,
        synchrony=round(row["synchrony"], 2),
        evolution=course,
        start_hz=round(float(np.median([p[1] for p in course[:third]])), 2) if course else None,
        end_hz=round(float(np.median([p[1] for p in course[-third:]])), 2) if course else None,
    )


def _course(view: View) -> tuple[tuple[float, float, float, int], ...]:
    """Frequency, size and spread of every piece."""
    length = round(_PIECE * view.sfreq)
    freqs = np.fft.rfftfreq(1024, 1 / view.sfreq)
    inside = (freqs >= 0.7) & (freqs <= 16)
    points = []
    for start in range(0, view.data.shape[1] - length + 1, length):
        piece = view.data[:, start : start + length]
        piece = piece - piece.mean(axis=1, keepdims=True)
        spectrum = np.sum(np.abs(np.fft.rfft(piece * np.hanning(length), 1024, axis=1)) ** 2, axis=0) * freqs
        size = np.sqrt(np.mean(piece**2, axis=1))
        peak = freqs[inside][np.argmax(spectrum[inside])]
        points.append(
            (
                start / view.sfreq,
                round(float(peak), 2),
                round(float(size.mean()), 1),
                int((size >= 0.5 * size.max()).sum()),
            )
        )
    return tuple(points)
