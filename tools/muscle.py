"""Muscle and other high-frequency artifact: power at 51 to 69 Hz, where the brain has next to none."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Span, at_rate, joined_runs, looked, mend, moving_mean, nothing, windows
from tools.events import runs
from tools.types import Amplitude, ChannelSpan, Detection, Event, NotAnalysed, Segment

LABEL = "hfnoise"
SOURCE = "muscle 1"
_WINDOW, _STEP = 0.5, 0.125


class MuscleSettings(NamedTuple):
    """What makes a stretch muscle; frequencies in hertz, amplitudes in microvolts, durations in seconds."""

    low: float = 51.0
    high: float = 69.0
    least_width: float = 5.0
    """Width of the band that has to lie below the Nyquist frequency."""
    rms: float = 2.0
    ratio: float = 0.6
    """RMS, and its ratio to that of 4 to 30 Hz, from which a stretch is muscle."""
    loud_rms: float = 4.0
    loud_ratio: float = 0.3
    """The same for loud muscle over large slow waves."""
    any_rms: float = 8.0
    """RMS that is muscle whatever else is there."""
    shortest: float = 0.5
    join: float = 0.5


DEFAULTS = MuscleSettings()


def find_muscle(segment: Segment, settings: MuscleSettings = DEFAULTS) -> Detection:
    """Find stretches of muscle activity in every EEG channel.

    Parameters
    ----------
    segment : Segment
        At least 1 s, sampled fast enough for 56 Hz and not low-passed below it.
    settings : MuscleSettings
        Limits.

    Returns
    -------
    Detection
        An event lasts as long as any of its channels; the amplitude is the RMS in 51 to 69 Hz in the
        loudest one.

    Notes
    -----
    Power in windows of half a second, two hertz apart, so that 60 Hz (and 50) of the mains can be left
    out. A recording without any power there was low-passed: that is said, not called clean.

    References
    ----------
    Gasser et al. (2005), Clin Neurophysiol 116:2044, https://doi.org/10.1016/j.clinph.2005.05.002.
    """
    eeg = segment.pick_kinds("eeg")
    high = min(settings.high, 0.47 * segment.sfreq)
    if segment.filters.high_cut_hz is not None:
        high = min(high, segment.filters.high_cut_hz)
    if not eeg.channels:
        return nothing(LABEL, "no EEG channel")
    if high - settings.low < settings.least_width:
        reason = f"muscle is measured at {settings.low:.0f} to {settings.high:.0f} Hz"
        return nothing(LABEL, f"{reason}; the signal reaches {min(high, 0.5 * segment.sfreq):.0f} Hz")
    if segment.duration < 1:
        return nothing(LABEL, "needs 1 s of signal")
    mended, missing = mend(eeg.data)
    loud, quiet, beside = _levels(at_rate(replace(eeg, data=mended), 256.0), settings, high)
    deaf = np.median(loud, axis=1) < 0.02 * np.median(beside, axis=1)
    if deaf.all():
        return nothing(LABEL, f"the recording holds no signal above {settings.low:.0f} Hz (low-passed)")
    flags = (loud >= settings.rms) & (loud >= settings.ratio * quiet)
    flags |= (loud >= settings.loud_rms) & (loud >= settings.loud_ratio * quiet)
    flags |= loud >= settings.any_rms
    flags &= ~_missing_windows(missing, eeg.sfreq, loud.shape[1]) & ~deaf[:, None]
    events = _events(eeg, flags, loud, settings)
    reason = f"{deaf.sum()} channels hold no signal above {settings.low:.0f} Hz"
    left_out = (NotAnalysed(label=LABEL, reason=reason),) if deaf.any() else ()
    heard = [name for name, lost in zip(eeg.channels, deaf, strict=True) if not lost]
    return Detection(events=events, analysed=looked(LABEL, eeg, heard), not_analysed=left_out)


def _levels(segment: Segment, settings: MuscleSettings, high: float) -> tuple[Array, Array, Array]:
    """RMS per window in the muscle band (scaled to its full width), in 4 to 30 Hz and in 25 to 40 Hz."""
    length = round(_WINDOW * segment.sfreq)
    taper = np.hanning(length)
    pieces = windows(segment.data, length, round(_STEP * segment.sfreq))
    pieces = (pieces - pieces.mean(axis=-1, keepdims=True)) * taper
    spectrum = np.abs(np.fft.rfft(pieces, axis=-1)) ** 2
    frequency = np.fft.rfftfreq(length, 1 / segment.sfreq)
    power = 2 * spectrum / (length * np.sum(taper**2))  # of each bin, µV²
    mains = np.abs(frequency - 60) < 3.1
    muscle = (frequency >= settings.low + 1.5) & (frequency <= high) & ~mains
    # A band narrowed by the mains or the sampling rate still answers for the whole of it.
    step = frequency[1]
    loud = power[..., muscle].mean(axis=-1) * (settings.high - settings.low) / step
    brain = power[..., (frequency >= 4) & (frequency <= 30)].sum(axis=-1)
    beside = power[..., (frequency >= 25) & (frequency <= 40)].sum(axis=-1)
    # Few bins make a noisy estimate; five windows together span a second.
    levels = (moving_mean(power, 1.0, 5.0) for power in (loud, brain, beside))
    smooth_loud, smooth_brain, smooth_beside = (np.sqrt(np.maximum(level, 0)) for level in levels)
    return smooth_loud, smooth_brain, smooth_beside


def _missing_windows(missing: Array | np.ndarray, sfreq: float, count: int) -> np.ndarray:
    """Which windows hold a missing sample."""
    starts = (np.arange(count) * _STEP * sfreq).astype(int)
    total = np.concatenate([np.zeros((len(missing), 1)), np.cumsum(missing, axis=1)], axis=1)
    stops = np.minimum(starts + round(_WINDOW * sfreq), missing.shape[1])
    return np.asarray(total[:, stops] - total[:, np.minimum(starts, missing.shape[1])] > 0)


def _events(eeg: Segment, flags: np.ndarray, loud: Array, settings: MuscleSettings) -> tuple[Event, ...]:
    """Join the channels' stretches in time: muscle is an event of the head, not of an electrode."""
    shortest = max(1, round((settings.shortest - _WINDOW) / _STEP) + 1)
    spans = [
        Span(row, start, stop, float(np.sqrt(np.mean(loud[row, start:stop] ** 2))))
        for row in range(len(flags))
        for start, stop in joined_runs(flags[row], round(settings.join / _STEP), shortest)
    ]
    busy = np.zeros(flags.shape[1], dtype=bool)
    for span in spans:
        busy[span.start : span.stop] = True
    return tuple(
        _event(eeg, [s for s in spans if s.start < stop and s.stop > start]) for start, stop in runs(busy)
    )


def _event(eeg: Segment, members: list[Span]) -> Event:
    parts = tuple(
        ChannelSpan(
            channel=eeg.channels[m.row],
            onset=eeg.onset + m.start * _STEP,
            duration=min((m.stop - m.start - 1) * _STEP + _WINDOW, eeg.duration - m.start * _STEP),
        )
        for m in sorted(members, key=lambda m: (m.row, m.start))
    )
    onset = min(p.onset for p in parts)
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=onset,
        duration=max(p.onset + p.duration for p in parts) - onset,
        channels=tuple(dict.fromkeys(p.channel for p in parts)),
        amplitude=Amplitude(value_uv=round(max(m.size for m in members), 2), kind="rms"),
        per_channel=parts,
    )
