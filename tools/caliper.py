"""The caliper: a marked span in numbers, and the wave at a given second."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.rhythm import peak_frequency
from tools.spectral import spectrum
from tools.types import AmplitudeKind, Measurement, Segment, ToolError

TOOL = "caliper"
_REACH = 1.5  # s on either side in which a wave may begin and end
_NEAR = 0.15  # s; a wave further from the given second has to be that much larger
_FARTHEST = 0.4  # s
_RIPPLE = 0.2  # of the height so far, and
_LOCAL_RIPPLE = 0.1  # of the local swing: smaller notches do not end a wave

_Array = NDArray[np.float64]


class _Wave(NamedTuple):
    start: int
    top: int
    stop: int


def measure_span(segment: Segment, channel: str) -> list[Measurement]:
    """Measure what a caliper over the whole segment would show on one channel.

    Parameters
    ----------
    segment : Segment
        The span, as it is shown: montage and filters are part of what is measured.
    channel : str
        One of its channels.

    Returns
    -------
    list of Measurement
        Peak-to-peak, half of it, RMS about the mean (µV), duration (s), steepest slope (µV/ms), and from
        1 s on the dominant frequency (Hz). Missing samples are passed over.

    Raises
    ------
    ToolError
        If the channel is not there or holds fewer than two samples.
    """
    samples = segment.pick([channel]).data[0]
    present = samples[np.isfinite(samples)]
    if present.size < 2:
        raise ToolError("No signal to measure there; choose another span.", field="start")
    place = _Place(segment.onset, segment.duration, channel)
    height = float(np.ptp(present))
    slopes = np.abs(np.diff(samples))
    listed = [
        place.number("peak-to-peak", height, "uV", "pp"),
        place.number("half of peak-to-peak", height / 2, "uV", "half_pp"),
        place.number("root mean square", float(present.std()), "uV", "rms"),
        place.number("duration", segment.duration, "s"),
    ]
    if np.isfinite(slopes).any():
        steepest = float(np.nanmax(slopes)) * segment.sfreq / 1000
        listed.append(place.number("steepest slope", steepest, "uV/ms"))
    frequency = _frequency(segment.pick([channel]))
    if frequency is not None:
        listed.append(place.number("dominant frequency", frequency, "Hz"))
    return listed


def measure_wave(segment: Segment, channel: str, time: float) -> list[Measurement]:
    """Measure the wave at a given second.

    The wave is the peak, of either polarity, that stands out most within 0.4 s, the nearer preferred. It
    lasts from the turning point before it to the turning point after it, notches smaller than a fifth of
    its height passed over, so that a sine gives its period and twice its amplitude.

    Parameters
    ----------
    segment : Segment
        Montage and filters as shown, with a second or more around the wave.
    channel : str
        One of its channels.
    time : float
        In seconds from the start of the recording.

    Returns
    -------
    list of Measurement
        Peak-to-peak (from the peak to the further turning point), polarity (-1 or 1, by voltage and not
        by the side that a page draws it on), time of the peak, duration, width at half of the height, and
        frequency that the duration amounts to. Empty where the signal is flat.

    Raises
    ------
    ToolError
        If the channel or the second is not in the segment, or samples are missing there.
    """
    samples = segment.pick([channel]).data[0]
    end = segment.onset + segment.duration
    if not segment.onset <= time <= end:
        raise ToolError(f"{time:g} s is not shown here; give {segment.onset:g} to {end:g} s.", field="time")
    centre = min(round((time - segment.onset) * segment.sfreq), samples.size - 1)
    reach = round(_REACH * segment.sfreq)
    first = max(0, centre - reach)
    around = samples[first : centre + reach + 1]
    close = samples[max(0, centre - round(_NEAR * segment.sfreq)) : centre + round(_NEAR * segment.sfreq) + 1]
    if not np.isfinite(close).all():
        raise ToolError("Samples are missing there; choose another second.", field="time")
    around, shift = _whole_around(around, centre - first)
    wave, sign = _most_prominent(around, centre - first - shift, segment.sfreq)
    if wave is None:
        return []
    lasting = (wave.stop - wave.start) / segment.sfreq
    place = _Place(segment.onset + (first + shift + wave.start) / segment.sfreq, lasting, channel)
    return _wave_numbers(place, sign * around, wave, segment.sfreq, sign)


def _whole_around(samples: _Array, centre: int) -> tuple[_Array, int]:
    """Keep what is without gaps around the centre, and say how much was cut off before it."""
    missing = np.flatnonzero(~np.isfinite(samples))
    start = int(missing[missing < centre].max(initial=-1)) + 1
    stop = int(missing[missing > centre].min(initial=samples.size))
    return samples[start:stop], start


def _most_prominent(samples: _Array, centre: int, sfreq: float) -> tuple[_Wave | None, int]:
    """Find the wave around a sample; the sign says which way it points."""
    best: tuple[float, _Wave | None, int] = (0.0, None, 1)
    nearby = samples[max(0, centre - round(_FARTHEST * sfreq)) : centre + round(_FARTHEST * sfreq) + 1]
    notch = _LOCAL_RIPPLE * float(np.ptp(nearby))
    for sign in (1, -1):
        turned = sign * samples
        inner = turned[1:-1]
        tops = np.flatnonzero((inner >= turned[:-2]) & (inner > turned[2:])) + 1
        for top in tops[np.abs(tops - centre) <= _FARTHEST * sfreq]:
            wave = _wave(turned, int(top), notch)
            height = turned[top] - max(turned[wave.start], turned[wave.stop])
            score = float(height * np.exp(-0.5 * ((top - centre) / sfreq / _NEAR) ** 2))
            if score > best[0] * (1 + 1e-9):
                best = (score, wave, sign)
    return best[1], best[2]


def _wave(turned: _Array, top: int, notch: float) -> _Wave:
    """Walk down from a peak on both sides."""
    return _Wave(top - _descent(turned[top::-1], notch), top, top + _descent(turned[top:], notch))


def _descent(samples: _Array, notch: float) -> int:
    """Steps from a peak to the turning point, notches passed over."""
    lowest = np.minimum.accumulate(samples)
    risen = samples - lowest > np.maximum(_RIPPLE * (samples[0] - lowest), notch)
    ends = np.flatnonzero(risen | (samples > samples[0]))
    stretch = samples[: int(ends[0])] if ends.size else samples
    # A spike ends where it reaches the level around it, not at the lowest ripple of that level.
    arrived = int(np.flatnonzero(stretch <= stretch.min() + notch)[0])
    further = np.flatnonzero(np.diff(stretch[arrived:]) >= 0)
    return arrived + int(further[0]) if further.size else stretch.size - 1


def _wave_numbers(place: _Place, turned: _Array, wave: _Wave, sfreq: float, sign: int) -> list[Measurement]:
    foot = min(turned[wave.start], turned[wave.stop])
    polarity = "positive" if sign > 0 else "negative"
    height = float(turned[wave.top] - foot)
    return [
        place.number(f"peak-to-peak of the {polarity} wave", height, "uV", "pp"),
        place.number("polarity", float(sign), ""),
        place.number("time of the peak", place.onset + (wave.top - wave.start) / sfreq, "s"),
        place.number("duration", place.duration, "s"),
        place.number("width at half height", _half_width(turned, wave) / sfreq, "s"),
        place.number("frequency from the duration", 1 / place.duration, "Hz"),
    ]


def _half_width(turned: _Array, wave: _Wave) -> float:
    """Width half way between the peak and the mean of the two turning points, in samples."""
    half = (turned[wave.top] + (turned[wave.start] + turned[wave.stop]) / 2) / 2
    left, right = float(wave.start), float(wave.stop)
    for index in range(wave.top, wave.start, -1):
        if turned[index - 1] <= half:
            left = index - (turned[index] - half) / (turned[index] - turned[index - 1])
            break
    for index in range(wave.top, wave.stop):
        if turned[index + 1] <= half:
            right = index + (turned[index] - half) / (turned[index] - turned[index + 1])
            break
    return float(right - left)


def _frequency(segment: Segment) -> float | None:
    if segment.duration < 1:
        return None
    found = spectrum(segment, window=max(1.0, min(4.0, segment.duration)))
    if not found.channels:
        return None
    lowest = max(segment.filters.low_cut_hz or 0.0, found.resolution_hz)
    return peak_frequency(found.freqs, found.density[0], (lowest, found.freqs[-1]))


class _Place(NamedTuple):
    onset: float
    duration: float
    channel: str

    def number(
        self, quantity: str, value: float, unit: str, kind: AmplitudeKind | None = None
    ) -> Measurement:
        """Give a measurement at this place."""
        return Measurement(
            onset=self.onset,
            duration=self.duration,
            channels=(self.channel,),
            quantity=quantity,
            value=value,
            unit=unit,
            tool=TOOL,
            amplitude_kind=kind,
        )
