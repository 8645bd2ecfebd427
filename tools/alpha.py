"""Runs of the posterior rhythm: when alpha is there, where, how large and how fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tools.conditioning import (
    Array,
    Bools,
    band,
    joined_runs,
    looked,
    moving_rms,
    near_the_eyes,
    nothing,
)
from tools.rhythm import is_behind, is_in_front, is_occipital
from tools.shared import slowed
from tools.types import Amplitude, ChannelSpan, Detection, Event, Segment

LABEL = "alpha"
SOURCE = "alpha 1"
_RATE = 100.0
_LEAST_RATE = 45.0
_SHORTEST_SEGMENT = 2.0


class AlphaSettings(NamedTuple):
    """What makes a run; durations in seconds, frequencies in hertz."""

    low: float = 7.0
    high: float = 13.0
    flanks: tuple[tuple[float, float], tuple[float, float]] = ((3.5, 6.0), (15.0, 20.0))
    """Bands beside it, whose density a rhythm exceeds; noise that falls with frequency does not."""
    contrast: float = 3.0
    """Least ratio of the density in the band to the geometric mean of those beside it, over 1 s."""
    weaker: float = 1.7
    """The same where the rhythm wanes within a run."""
    valley: float = 3.0
    """Least ratio of the density at the peak of a run to that within 1.75 to 3.25 Hz of it, likewise."""
    over_front: float = 1.3
    """Least ratio of the mean power behind to that in front."""
    least_uv: float = 8.0
    """Least peak-to-peak amplitude, which is 2.83 times the RMS, in the largest channel."""
    shortest: float = 1.0
    join: float = 2.0
    """Shorter pauses are part of the waxing and waning."""
    share: float = 0.35
    """Of the amplitude of the largest channel, from which on another one takes part."""


DEFAULTS = AlphaSettings()


def find_alpha(segment: Segment, settings: AlphaSettings = DEFAULTS) -> Detection:
    """Find runs of the posterior rhythm.

    Parameters
    ----------
    segment : Segment
        At least 2 s at 45 Hz or more; average or ear reference, or bipolar with occipital ends.
    settings : AlphaSettings
        Limits.

    Returns
    -------
    Detection
        An event lasts from the first to the last second that holds the rhythm, pauses of up to 2 s within it.
        Channels behind come largest first with their own limits. Amplitude peak to peak (2.83 times the RMS
        in the band), frequency that of the spectral peak of the run.

    Notes
    -----
    The power of 7 to 13 Hz over the back of the head is compared, second by second, with what lies beside the
    band and with the front of the head; a run has to have a peak of its own in the spectrum. Mu is larger at
    C3 and C4 and so no run of this kind. Slow rhythms below 7 Hz are measured with the background, not here.

    References
    ----------
    Lodder SS, van Putten MJAM (2011), J Neurosci Methods 200:86-93,
    https://doi.org/10.1016/j.jneumeth.2011.06.008.
    """
    eeg = segment.pick_kinds("eeg")
    back = [row for row, name in enumerate(eeg.channels) if is_behind(name)]
    front = [row for row, name in enumerate(eeg.channels) if is_in_front(name)]
    if not back:
        return nothing(LABEL, "no electrode over the back of the head")
    if segment.duration < _SHORTEST_SEGMENT:
        return nothing(LABEL, f"needs {_SHORTEST_SEGMENT:g} s of signal")
    if segment.sfreq < _LEAST_RATE:
        return nothing(LABEL, f"needs a sampling rate of {_LEAST_RATE:g} Hz or more")
    # Blinks reach into the band; the front is judged by its quieter electrodes.
    calm = [row for row in front if not near_the_eyes(eeg.channels[row])] or front
    _, slower, missing = slowed(eeg, _RATE)
    missing = missing[back]
    slower = slower.pick([eeg.channels[row] for row in (*back, *calm)])
    power = moving_rms(band(slower.data, slower.sfreq, settings.low, settings.high), slower.sfreq, 1.0) ** 2
    back = list(range(len(back)))
    behind, in_front = power[: len(back)].mean(axis=0), power[len(back) :]
    beside = density_beside(slower.data[: len(back)], slower.sfreq, settings.flanks).mean(axis=1)
    contrast = behind / (settings.high - settings.low) / np.sqrt(beside.prod(axis=0))
    weak = np.asarray(contrast >= settings.weaker)
    if calm:
        weak &= behind >= settings.over_front * in_front.mean(axis=0)
    weak &= 2.83 * np.sqrt(power[back].max(axis=0)) >= settings.least_uv
    weak &= ~_at(np.asarray(missing.all(axis=0)), weak.size)
    strong = weak & (contrast >= settings.contrast)
    join, shortest = round(settings.join * slower.sfreq), round(settings.shortest * slower.sfreq)
    events = [
        _event(slower, power, back, start, stop, settings)
        for start, stop in joined_runs(weak, join, shortest)
        if strong[start:stop].sum() >= shortest
    ]
    chosen = slower.channels[: len(back)]
    return Detection(
        events=tuple(event for event in events if event is not None), analysed=looked(LABEL, segment, chosen)
    )


def density_beside(data: Array, sfreq: float, flanks: Sequence[tuple[float, float]]) -> Array:
    """Power per hertz of the bands beside a rhythm, over 1 s around every sample.

    Parameters
    ----------
    data : ndarray, shape (channels, samples)
        Broad signal.
    sfreq : float
        Hertz.
    flanks : sequence of tuple of float
        Limits of the bands in hertz.

    Returns
    -------
    ndarray, shape (bands, channels, samples)
    """
    return np.stack(
        [
            np.maximum(moving_rms(band(data, sfreq, low, high), sfreq, 1.0) ** 2 / (high - low), 1e-12)
            for low, high in flanks
        ]
    )


def _at(flags: Bools, count: int) -> Bools:
    """Flags at another rate, by the nearest sample."""
    where = np.minimum((np.arange(count) + 0.5) / count * flags.size, flags.size - 1).astype(int)
    return np.asarray(flags[where])


def peak_of_run(data: Array, sfreq: float, low: float, high: float) -> tuple[float, float] | None:
    """Frequency of the spectral peak of a piece of signal, and how far it stands out between its valleys.

    Parameters
    ----------
    data : ndarray, shape (channels, samples)
        At least half a second; the spectra are averaged over channels and, from 2 s on, over pieces.
    sfreq, low, high : float
        Hertz; the peak is looked for between the last two.

    Returns
    -------
    tuple of float or None
        Hertz; ratio of the density at the peak to the geometric mean of both flanks. None without power.
    """
    size = min(data.shape[1], round(2 * sfreq))
    pieces = np.lib.stride_tricks.sliding_window_view(data, size, axis=1)[:, :: max(size // 2, 1)]
    pieces = (pieces - pieces.mean(axis=2, keepdims=True)) * np.hanning(size)
    length = max(round(4 * sfreq), size)
    density = (np.abs(np.fft.rfft(pieces, length)) ** 2).mean(axis=(0, 1))
    freqs = np.fft.rfftfreq(length, 1 / sfreq)
    inside = np.flatnonzero((freqs >= low) & (freqs <= high))
    top = inside[np.argmax(density[inside])]
    if not density[top] > 0 or top in (inside[0], inside[-1]):
        return None  # a flank that only rises has no peak
    away = freqs - freqs[top]
    near = np.abs(away) <= 0.6
    frequency = float(np.average(freqs[near], weights=density[near]))
    flanks = [(away <= -1.75) & (away >= -3.25), (away >= 1.75) & (away <= 3.25)]
    beside = np.prod([max(float(density[each].mean()), 1e-12) for each in flanks])
    return frequency, float(density[near].mean() / np.sqrt(beside))


def _reaches_the_occiput(channels: list[str], size: Array, share: float) -> bool:
    """Whether an occipital channel has its share of the largest, as spindles have not; so where there is none."""
    occipital = [row for row, name in enumerate(channels) if is_occipital(name)]
    return not occipital or bool(size[occipital].max() >= share * size.max())


def _event(
    segment: Segment, power: Array, back: list[int], start: int, stop: int, settings: AlphaSettings
) -> Event | None:
    """Make an event of a run, or nothing where its spectrum has no peak of its own."""
    peak = peak_of_run(segment.data[back, start:stop], segment.sfreq, settings.low - 0.5, settings.high + 0.5)
    if peak is None or peak[1] < settings.valley:
        return None
    rms = np.sqrt(power[back, start:stop])
    size = np.sqrt((rms**2).mean(axis=1))
    leader = int(np.argmax(size))
    least = settings.share * size[leader]
    spans = []
    for row in np.argsort(-size):
        above = np.flatnonzero(rms[row] >= least)
        if size[row] >= least and above.size:
            first, last = start + int(above[0]), start + int(above[-1]) + 1
            spans.append(
                ChannelSpan(
                    channel=segment.channels[back[row]],
                    onset=segment.onset + first / segment.sfreq,
                    duration=(last - first) / segment.sfreq,
                    value_uv=round(2.83 * float(size[row]), 2),
                )
            )
    if not _reaches_the_occiput([segment.channels[row] for row in back], size, settings.share):
        return None
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=segment.onset + start / segment.sfreq,
        duration=(stop - start) / segment.sfreq,
        channels=tuple(span.channel for span in spans),
        confidence=round(peak[1] / (peak[1] + 2 * settings.valley), 2),
        amplitude=Amplitude(value_uv=round(2.83 * float(size[leader]), 2), kind="pp"),
        frequency_hz=round(peak[0], 2),
        per_channel=tuple(spans),
    )
