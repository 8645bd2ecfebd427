"""Sleep spindles: short bursts of 11 to 16 Hz that stand out from what surrounds them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import (
    Array,
    Bools,
    Span,
    at_rate,
    band,
    group,
    half_shared,
    joined_runs,
    looked,
    mend,
    moving_mean,
    moving_rms,
    nothing,
    slow_over_fast,
    windows,
)
from tools.labels import electrodes
from tools.types import Amplitude, ChannelSpan, Detection, Event, NotAnalysed, Segment

LABEL = "spindle"
SOURCE = "spindles 1"
_RATE = 100.0
_SHORTEST_SEGMENT = 10.0
_FULL_HEAD = 8
"""With this many channels, where a burst is largest says whether it can be a spindle."""
_LEAST_SHARE = 0.5
"""Of the largest amplitude: an average reference spreads a burst to channels that hardly have it."""
_ELSEWHERE = re.compile(r"(?:FP|AF|O|PO|I|T|FT|TP)[Z0-9]|(?:F|FC|C|CP|P)(?:[5-9]|10)", re.IGNORECASE)
"""Electrodes that show spindles only by spread: frontopolar, temporal, occipital."""


class SpindleSettings(NamedTuple):
    """What makes a burst a spindle; frequencies in hertz, durations in seconds."""

    low: float = 11.0
    high: float = 16.0
    relative_power: float = 0.20
    """Least share of the band in the power of 1 to 30 Hz."""
    correlation: float = 0.65
    """Least correlation of the band with the whole signal: the burst has to be visible in it."""
    rms_sd: float = 1.5
    """How many trimmed standard deviations above the mean the RMS of the band has to rise."""
    rms_cap_uv: float = 10.0
    """A threshold above this is lowered to it, so that nights rich in spindles keep theirs."""
    shortest: float = 0.5
    longest: float = 2.5
    join: float = 0.3
    alpha_ratio: float = 1.0
    """Least ratio of the amplitude in the band to that in 7 to 10.5 Hz during the burst."""
    contrast: float = 1.8
    """Least ratio of the amplitude in the band to that of the five seconds before and after."""
    slow_over_fast: float = 1.2
    """Least log10 of the power of 0.5 to 8 Hz over that of 16 to 30 Hz within 15 s, as in sleep."""
    least_uv: float = 10.0
    """Least peak-to-peak amplitude in the band."""


DEFAULTS = SpindleSettings()


def find_spindles(segment: Segment, settings: SpindleSettings = DEFAULTS) -> Detection:
    """Find sleep spindles in every EEG channel and put those of several channels together.

    Parameters
    ----------
    segment : Segment
        At least 10 s (30 s or more make a sound baseline) at 34 Hz or more; any reference, best a mastoid.
    settings : SpindleSettings
        Limits.

    Returns
    -------
    Detection
        An event lasts as long as in its largest channel. Channels come largest first, and those below half
        of the largest, which the reference alone can bring about, are left out. The amplitude is
        peak-to-peak in the spindle band, the frequency that of the spectral peak.

    Notes
    -----
    Three criteria as in YASA: share of the band in the power, correlation of the band with the signal,
    RMS of the band against its own mean. All three have to hold in the core of a spindle, and two of them
    set its limits. The classical false positive is alpha in wakefulness, so more is asked: the burst has to
    exceed the alpha of that moment and the spindle band of its own surroundings, the signal around it has
    to fall with frequency as in sleep (the context of Lacourse et al., with a higher limit, since relaxed
    wakefulness reaches 1.1), and a burst that is largest at the rim of the head is left alone.

    References
    ----------
    Vallat and Walker (2021), eLife 10:e70092, https://doi.org/10.7554/eLife.70092.
    Lacourse et al. (2019), J Neurosci Methods 316:3, https://doi.org/10.1016/j.jneumeth.2018.08.014.
    """
    eeg = segment.pick_kinds("eeg")
    if not eeg.channels:
        return nothing(LABEL, "no EEG channel")
    if segment.duration < _SHORTEST_SEGMENT:
        return nothing(LABEL, f"needs {_SHORTEST_SEGMENT:.0f} s of signal for a baseline")
    if segment.sfreq < 2.1 * settings.high:
        return nothing(LABEL, f"needs a sampling rate of {2.1 * settings.high:.0f} Hz or more")
    mended, missing = mend(eeg.data)
    slower = at_rate(replace(eeg, data=mended), _RATE)
    flags, sizes = _criteria(slower, settings)
    bursts = [
        Span(row, start, stop, float(sizes.rms[row, start:stop].max()))
        for row in range(len(flags))
        for start, stop in _limits(flags[row], slower.sfreq, settings)
    ]
    scale = eeg.sfreq / slower.sfreq
    whole = [
        s
        for s in bursts
        if _is_spindle(sizes, s, slower.sfreq, settings)
        and not missing[s.row, int(s.start * scale) : int(s.stop * scale)].any()
    ]
    events = [_event(slower, sizes, members, settings) for members in group(whole, half_shared)]
    return Detection(
        events=tuple(e for e in events if e is not None),
        analysed=looked(LABEL, eeg),
        not_analysed=_left_out(eeg, missing),
    )


class _Sizes(NamedTuple):
    sigma: Array  # the spindle band (C, N)
    rms: Array  # its moving RMS (C, N)
    alpha: Array  # moving RMS of the band below (C, N)
    context: Array  # log10 of slow over fast power around each sample (C, N)


def _criteria(segment: Segment, settings: SpindleSettings) -> tuple[NDArray[np.int8], _Sizes]:
    """Count, for every sample, how many of the three criteria hold."""
    from scipy.stats import trim_mean

    data, sfreq = segment.data, segment.sfreq
    broad = band(data, sfreq, 1.0, 30.0)
    sigma = band(broad, sfreq, settings.low, settings.high)
    sizes = _Sizes(
        sigma,
        moving_rms(sigma, sfreq, 0.3),
        moving_rms(band(broad, sfreq, 7.0, 10.5), sfreq, 0.6),
        slow_over_fast(data, sfreq),
    )
    middle = trim_mean(sizes.rms, 0.1, axis=1)[:, None]
    threshold = np.minimum(middle + settings.rms_sd * _trimmed_sd(sizes.rms), settings.rms_cap_uv)
    passed: NDArray[np.int8] = (sizes.rms >= np.maximum(threshold, 1e-6)).astype(np.int8)
    passed += _moving_correlation(sigma, broad, sfreq) >= settings.correlation
    passed += _relative_power(broad, sfreq, settings) >= settings.relative_power
    return passed, sizes


def _trimmed_sd(data: Array) -> Array:
    """Standard deviation without the upper and lower tenth, per channel as a column."""
    ordered = np.sort(data, axis=1)
    cut = int(0.1 * data.shape[1])
    return np.asarray(ordered[:, cut : data.shape[1] - cut].std(axis=1, keepdims=True))


def _moving_correlation(first: Array, second: Array, sfreq: float) -> Array:
    """Correlation of two signals over windows of 0.3 s."""
    a, b = moving_mean(first, sfreq, 0.3), moving_mean(second, sfreq, 0.3)
    common = moving_mean(first * second, sfreq, 0.3) - a * b
    power = (moving_mean(first**2, sfreq, 0.3) - a**2) * (moving_mean(second**2, sfreq, 0.3) - b**2)
    return np.asarray(common / np.sqrt(np.maximum(power, 1e-12)))


def _relative_power(broad: Array, sfreq: float, settings: SpindleSettings) -> Array:
    """Share of the spindle band in the power of 1 to 30 Hz over windows of 2 s, for every sample."""
    length, step = round(2 * sfreq), max(1, round(0.2 * sfreq))
    pieces = windows(broad, length, step)  # (C, W, length)
    power = np.abs(np.fft.rfft(pieces * np.hanning(length), axis=-1)) ** 2
    frequency = np.fft.rfftfreq(length, 1 / sfreq)
    inside = (frequency >= settings.low) & (frequency <= settings.high)
    total = power[..., (frequency >= 1) & (frequency <= 30)].sum(axis=-1)
    share = power[..., inside].sum(axis=-1) / np.maximum(total, 1e-12)
    centres = np.arange(share.shape[1]) * step + length / 2
    at = np.arange(broad.shape[1])
    return np.stack([np.interp(at, centres, row) for row in share])


def _limits(passed: NDArray[np.int8], sfreq: float, settings: SpindleSettings) -> list[tuple[int, int]]:
    """Stretches in which the softened count stays above two, of spindle length."""
    soft = moving_mean(passed.astype(float), sfreq, 0.1)
    found = joined_runs(soft > 2, round(settings.join * sfreq), round(settings.shortest * sfreq))
    return [(start, stop) for start, stop in found if stop - start <= settings.longest * sfreq]


def _is_spindle(sizes: _Sizes, span: Span, sfreq: float, settings: SpindleSettings) -> bool:
    """Whether a burst is large enough and exceeds alpha, its surroundings and what wakefulness shows."""
    here, near = slice(span.start, span.stop), round(5 * sfreq)
    rms = sizes.rms[span.row]
    before, after = rms[max(0, span.start - near) : span.start], rms[span.stop : span.stop + near]
    around = float(np.median(np.concatenate([before, after]))) if before.size + after.size else 0.0
    mean = float(rms[here].mean())
    return bool(
        np.ptp(sizes.sigma[span.row, here]) >= settings.least_uv
        and mean >= settings.alpha_ratio * sizes.alpha[span.row, here].mean()
        and mean >= settings.contrast * around
        and sizes.context[span.row, here].mean() >= settings.slow_over_fast
    )


def _event(segment: Segment, sizes: _Sizes, members: list[Span], settings: SpindleSettings) -> Event | None:
    """Make one event of the spans of several channels; None where place or frequency are not a spindle's."""
    leader = members[0]
    site = (electrodes(segment.channels[leader.row]) or ("",))[0]
    if len(segment.channels) >= _FULL_HEAD and _ELSEWHERE.match(site):
        return None
    burst = sizes.sigma[leader.row, leader.start : leader.stop]
    frequency = _peak_frequency(burst, segment.sfreq)
    if not settings.low <= frequency <= settings.high:
        return None
    spans = _largest_first(
        ChannelSpan(
            channel=segment.channels[m.row],
            onset=segment.onset + m.start / segment.sfreq,
            duration=(m.stop - m.start) / segment.sfreq,
            value_uv=round(float(np.ptp(sizes.sigma[m.row, m.start : m.stop])), 2),
        )
        for m in members
    )
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=segment.onset + leader.start / segment.sfreq,
        duration=(leader.stop - leader.start) / segment.sfreq,
        channels=tuple(span.channel for span in spans),
        amplitude=Amplitude(value_uv=spans[0].value_uv or 0.0, kind="pp"),
        frequency_hz=round(frequency, 2),
        per_channel=spans,
    )


def _largest_first(spans: Iterable[ChannelSpan]) -> tuple[ChannelSpan, ...]:
    """Channels by falling amplitude, without those that only see the spread of the others."""
    ordered = sorted(spans, key=lambda span: -(span.value_uv or 0.0))
    least = _LEAST_SHARE * (ordered[0].value_uv or 0.0)
    return tuple(span for span in ordered if (span.value_uv or 0.0) >= least)


def _peak_frequency(burst: Array, sfreq: float) -> float:
    """Frequency of the highest point of the spectrum, on a grid of 0.1 Hz or finer."""
    length = max(round(10 * sfreq), len(burst))
    power = np.abs(np.fft.rfft(burst * np.hanning(len(burst)), length))
    return float(np.argmax(power) * sfreq / length)


def _left_out(eeg: Segment, missing: Bools) -> tuple[NotAnalysed, ...]:
    """Say when part of the signal was not there to be searched."""
    share = float(missing.mean())
    if share < 0.01:
        return ()
    return (NotAnalysed(label=LABEL, reason=f"{share:.0%} of the samples are missing or not finite"),)
