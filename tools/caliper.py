"""The caliper: measure a span of a channel, or the one wave near a time.

What is measured is the segment as it is handed over, so its filters and montage belong to the number:
a page under a 15-Hz high cut gives another height than the same page under 70 Hz.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.spectral import spectrum
from tools.types import AmplitudeKind, Measurement, Segment, ToolError

SEARCH = 0.25
"""Seconds to either side of a time in which its wave is looked for."""
REVERSAL = 0.25
"""Share of a wave's height by which the trace must turn back before the wave counts as over."""
_LONGEST = 2.0


class Wave(NamedTuple):
    """Sample indices of one wave: the turning point before it, its peak, and the one after it."""

    start: int
    peak: int
    stop: int


def measure_span(segment: Segment, channel: str) -> list[Measurement]:
    """Measure one channel over the whole segment.

    Parameters
    ----------
    segment : Segment
        The span, filtered as it is to be measured.
    channel : str
        One of its channels.

    Returns
    -------
    list of Measurement
        Amplitude peak-to-peak, half of it, and RMS about the mean, in uV; steepest slope in uV/ms; and the
        dominant frequency in Hz, the strongest spectral peak at or above 0.5 Hz, for spans of 1 s or more.

    Raises
    ------
    ToolError
        If the channel is not there, or holds no finite sample.
    """
    data = _trace(segment, channel)
    finite = data[np.isfinite(data)]
    height = float(np.ptp(finite))
    numbers: list[tuple[str, float, str, AmplitudeKind | None]] = [
        ("amplitude", height, "uV", "pp"),
        ("amplitude", height / 2, "uV", "half_pp"),
        ("amplitude", float(np.std(finite)), "uV", "rms"),
        ("steepest slope", _slope(data, segment.sfreq), "uV/ms", None),
    ]
    if segment.duration >= 1.0 and len(finite) == len(data) and height > 0:
        numbers.append(("dominant frequency", _strongest(segment.pick([channel])), "Hz", None))
    return [
        _measurement(segment.onset, segment.duration, channel, "measure_span", *number) for number in numbers
    ]


def measure_wave(segment: Segment, channel: str, time: float) -> list[Measurement]:
    """Measure the wave of one channel that is nearest to a time.

    The wave is the turning point within ``SEARCH`` that stands out most, near ones preferred, and reaches
    from the turning point before to the one after it at which the trace turns back by ``REVERSAL``.

    Parameters
    ----------
    segment : Segment
        About 2 s to either side of the time, filtered as it is to be measured.
    channel : str
        One of its channels.
    time : float
        Second of the recording.

    Returns
    -------
    list of Measurement
        Peak-to-peak and half peak-to-peak amplitude (uV), duration and time of the peak (s), width at half
        height (s), frequency equivalent to the duration (Hz), steepest slope (uV/ms), and the potential at the
        peak (uV, its sign is the polarity). Each has the wave's own onset and duration.

    Raises
    ------
    ToolError
        If the time lies outside the segment, the channel is not there, or there is no wave near the time.
    """
    data = _trace(segment, channel)
    if not segment.onset <= time < segment.onset + segment.duration:
        raise ToolError(
            f"The time has to lie between {segment.onset:g} and {segment.onset + segment.duration:g} s.",
            field="time",
        )
    if not np.isfinite(data).all():
        raise ToolError("There are samples missing around that time; choose another.", field="time")
    wave = find_wave(data, segment.sfreq, time - segment.onset)
    if wave is None:
        raise ToolError(
            f"No wave turns within {SEARCH:g} s of {time:g} s at that channel; name a time nearer to its peak.",
            field="time",
        )
    start, peak, stop = wave
    height = max(abs(data[peak] - data[start]), abs(data[peak] - data[stop]))
    duration = (stop - start) / segment.sfreq
    numbers: list[tuple[str, float, str, AmplitudeKind | None]] = [
        ("wave amplitude", height, "uV", "pp"),
        ("wave amplitude", height / 2, "uV", "half_pp"),
        ("potential at the peak", float(data[peak]), "uV", None),
        ("wave duration", duration, "s", None),
        ("width at half height", _half_width(data, wave) / segment.sfreq, "s", None),
        ("equivalent frequency", 1 / duration, "Hz", None),
        ("steepest slope", _slope(data[start : stop + 1], segment.sfreq), "uV/ms", None),
        ("time of the peak", segment.onset + peak / segment.sfreq, "s", None),
    ]
    onset = segment.onset + start / segment.sfreq
    return [_measurement(onset, duration, channel, "measure_wave", *number) for number in numbers]


def find_wave(data: NDArray[np.float64], sfreq: float, time: float) -> Wave | None:
    """Find the wave nearest to a time.

    Parameters
    ----------
    data : array of shape (samples,)
        Finite samples in microvolts.
    sfreq : float
        Sampling rate in Hz.
    time : float
        In seconds from the first sample.

    Returns
    -------
    Wave or None
        None when nothing turns within ``SEARCH`` of the time.
    """
    from scipy.signal import find_peaks

    reach = round(_LONGEST * sfreq)
    best: tuple[float, Wave] | None = None
    for sign in (1.0, -1.0):
        peaks, found = find_peaks(sign * data, prominence=1e-9, wlen=2 * reach + 1)
        distance = np.abs(peaks / sfreq - time)
        for peak, prominence, away in zip(peaks, found["prominences"], distance, strict=True):
            if away > SEARCH:
                continue
            score = float(prominence * np.exp(-((away / (SEARCH / 2)) ** 2)))
            if best is None or score > best[0]:
                best = (score, _extent(sign * data, int(peak), float(prominence), reach))
    return best[1] if best else None


def _extent(data: NDArray[np.float64], peak: int, prominence: float, reach: int) -> Wave:
    """Walk down from an upward peak to the turning point on either side."""
    back = REVERSAL * prominence

    def walk(step: int) -> int:
        lowest = at = peak
        while 0 <= at + step < len(data) and abs(at + step - peak) <= reach:
            at += step
            if data[at] < data[lowest]:
                lowest = at
            elif data[at] > data[lowest] + back:
                break
        return lowest

    return Wave(walk(-1), peak, walk(1))


def _half_width(data: NDArray[np.float64], wave: Wave) -> float:
    """Width in samples at half the height over the line between the feet."""
    part = data[wave.start : wave.stop + 1]
    line = np.linspace(part[0], part[-1], len(part))
    over = part - line
    top = over[wave.peak - wave.start]
    if top == 0:
        return 0.0
    return float(np.count_nonzero(over / top >= 0.5))


def _slope(data: NDArray[np.float64], sfreq: float) -> float:
    steps = np.abs(np.diff(data))
    return float(np.nanmax(steps) * sfreq / 1000) if np.isfinite(steps).any() else 0.0


def _strongest(segment: Segment) -> float:
    found = spectrum(segment)
    usable = found.freqs >= 0.5
    return float(found.freqs[usable][int(np.argmax(found.density[0][usable]))])


def _trace(segment: Segment, channel: str) -> NDArray[np.float64]:
    data: NDArray[np.float64] = segment.pick([channel]).data[0]
    if not np.isfinite(data).any():
        raise ToolError("That channel holds no sample there; choose another place.", field="channels")
    return data


def _measurement(
    onset: float, duration: float, channel: str, tool: str, quantity: str, value: float, unit: str,
    kind: AmplitudeKind | None,
) -> Measurement:  # fmt: skip
    return Measurement(
        onset=max(0.0, onset), duration=duration, channels=(channel,), quantity=quantity, value=value, unit=unit,
        tool=tool, amplitude_kind=kind,
    )  # fmt: skip
