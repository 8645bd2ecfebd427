"""Sleep spindles: short bursts of 11 to 16 Hz that stand out from what surrounds them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Bools, looked, nothing
from tools.fir import Band, Single
from tools.labels import electrodes
from tools.midline_fields import correlation, shape_over, weights_of
from tools.shared import contexts, slowed
from tools.sigma import GRID, Sigma, SigmaSettings, bursts, measure
from tools.spans import Span, group, half_shared
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


_ALPHA = Band(7.75, 9.75, 1.5, 1.5)
_FIELDS = ((("Cz", "Pz"), 56.0), (("Fz",), 56.0))
"""Where fast and slow spindles are seen: around which electrodes, and how far."""


class SpindleSettings(NamedTuple):
    """What makes a burst a spindle; frequencies in hertz, durations in seconds."""

    sigma: SigmaSettings = SigmaSettings(
        low=11.0,
        high=16.0,
        skirt=4.0,
        beyond=0.0,
        slowest=2.5,
        correlation=0.62,
        trimmed_mean=0.1,
        longest=2.5,
        join=0.3,
    )
    """How a burst stands out from its channel: `tools.sigma`, with the band of the sleep manual."""
    alpha_ratio: float = 1.0
    """Least ratio of the amplitude in the band to that in 7 to 10.5 Hz during the burst."""
    contrast: float = 1.8
    """Least ratio of the amplitude in the band to that of the five seconds before and after."""
    slow_over_fast: float = 1.2
    """Least log10 of the power of 0.5 to 8 Hz over that of 16 to 30 Hz within 15 s, as in sleep."""
    least_uv: float = 10.0
    """Least peak-to-peak amplitude in the band."""
    likeness: float = 0.72
    """Least correlation of the field over a full head with that of a fast or of a slow spindle."""


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
    if segment.sfreq < 2.1 * settings.sigma.high:
        return nothing(LABEL, f"needs a sampling rate of {2.1 * settings.sigma.high:.0f} Hz or more")
    _, slower, missing = slowed(eeg, _RATE)
    sigma = measure(slower.data, slower.sfreq, settings.sigma, (_ALPHA,))
    found = [
        Span(row, start, stop, float(sigma.rms[row, start:stop].max()))
        for row, spans in enumerate(bursts(sigma, settings.sigma))
        for start, stop in spans
    ]
    context = contexts(slower, {eeg.channels[span.row] for span in found})
    scale = eeg.sfreq * GRID
    whole = [
        span
        for span in found
        if _is_spindle(sigma, context[eeg.channels[span.row]], span, settings)
        and not missing[span.row, int(span.start * scale) : int(span.stop * scale)].any()
    ]
    events = [_event(slower, sigma, members, settings) for members in group(whole, half_shared)]
    return Detection(
        events=tuple(e for e in events if e is not None),
        analysed=looked(LABEL, eeg),
        not_analysed=_left_out(eeg, missing),
    )


def _samples(span: Span, sfreq: float) -> slice:
    """The samples of a span on the grid."""
    return slice(round(span.start * GRID * sfreq), max(round(span.stop * GRID * sfreq), 1))


def _is_spindle(sigma: Sigma, context: Array, span: Span, settings: SpindleSettings) -> bool:
    """Whether a burst is large enough and exceeds alpha, its surroundings and what wakefulness shows."""
    here, near = _samples(span, sigma.sfreq), round(5 / GRID)
    rms = sigma.rms[span.row]
    before, after = rms[max(0, span.start - near) : span.start], rms[span.stop : span.stop + near]
    around = float(np.median(np.concatenate([before, after]))) if before.size + after.size else 0.0
    mean = float(rms[span.start : span.stop].mean())
    alpha = float(np.sqrt(np.mean(sigma.others[0][span.row, here] ** 2)))
    return bool(
        np.ptp(sigma.band[span.row, here]) >= settings.least_uv
        and mean >= settings.alpha_ratio * alpha
        and mean >= settings.contrast * around
        and context[here].mean() >= settings.slow_over_fast
    )


def _event(segment: Segment, sigma: Sigma, members: list[Span], settings: SpindleSettings) -> Event | None:
    """Make one event of the spans of several channels; None where place or frequency are not a spindle's."""
    leader = members[0]
    site = (electrodes(segment.channels[leader.row]) or ("",))[0]
    if len(segment.channels) >= _FULL_HEAD and _ELSEWHERE.match(site):
        return None
    burst = sigma.band[leader.row, _samples(leader, sigma.sfreq)]
    alike = _likeness(segment, sigma, leader)
    if alike is not None and alike < settings.likeness:
        return None
    frequency = _peak_frequency(burst, segment.sfreq)
    if not settings.sigma.low <= frequency <= settings.sigma.high:
        return None
    spans = _largest_first(
        ChannelSpan(
            channel=segment.channels[m.row],
            onset=segment.onset + m.start * GRID,
            duration=(m.stop - m.start) * GRID,
            value_uv=round(float(np.ptp(sigma.band[m.row, _samples(m, sigma.sfreq)])), 2),
        )
        for m in members
    )
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=segment.onset + leader.start * GRID,
        duration=(leader.stop - leader.start) * GRID,
        channels=tuple(span.channel for span in spans),
        confidence=_confidence(sigma, leader, alike),
        amplitude=Amplitude(value_uv=spans[0].value_uv or 0.0, kind="pp"),
        frequency_hz=round(frequency, 2),
        per_channel=spans,
    )


def _likeness(segment: Segment, sigma: Sigma, leader: Span) -> float | None:
    """Correlation of a burst's field with a spindle's; None where there are too few channels to tell."""
    if len(segment.channels) < _FULL_HEAD:
        return None
    average = segment.reference == "average"
    here = _samples(leader, sigma.sfreq)
    field = shape_over(sigma.band, sigma.band[leader.row], here.start, here.stop)
    fields = [weights_of(segment.channels, *source, average) for source in _FIELDS]
    alike = [correlation(field, weights, segment.channels) for weights in fields]
    return max((value for value in alike if value is not None), default=None)


def _confidence(sigma: Sigma, leader: Span, alike: float | None) -> float:
    """Grade by how far the burst rises over its surroundings and fills the signal, and by its field."""
    near, rms = round(5 / GRID), sigma.rms[leader.row]
    around = float(np.median(rms[max(0, leader.start - near) : leader.stop + near]))
    rise = np.clip((rms[leader.start : leader.stop].mean() / max(around, 1e-3) - 1.5) / 3, 0, 1)
    here = _samples(leader, sigma.sfreq)
    share = sigma.band[leader.row, here].std() / max(float(sigma.broad[leader.row, here].std()), 1e-3)
    filled = np.clip((share - 0.4) / 0.6, 0, 1)
    place = 0.5 if alike is None else np.clip((alike - 0.6) / 0.4, 0, 1)
    return round(float(0.1 + 0.3 * rise + 0.3 * filled + 0.3 * place), 3)


def _largest_first(spans: Iterable[ChannelSpan]) -> tuple[ChannelSpan, ...]:
    """Channels by falling amplitude, without those that only see the spread of the others."""
    ordered = sorted(spans, key=lambda span: -(span.value_uv or 0.0))
    least = _LEAST_SHARE * (ordered[0].value_uv or 0.0)
    return tuple(span for span in ordered if (span.value_uv or 0.0) >= least)


def _peak_frequency(burst: Array | Single, sfreq: float) -> float:
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
