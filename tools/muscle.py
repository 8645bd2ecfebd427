"""Muscle and other high-frequency artifact: power at 51 to 69 Hz, where the brain has next to none."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Bools, at_its_limit, joined_runs, looked, mend, moving_mean, nothing
from tools.types import Amplitude, ChannelSpan, Detection, Event, NotAnalysed, Segment

LABEL = "hfnoise"
SOURCE = "muscle 2"
_RATE = 200.0
_FRAME = 0.05
"""Seconds between two values of a level."""


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
    above_floor: float = 1.8
    """Least multiple of what the quieter electrodes have in quiet; fast background is no muscle,"""
    floor_most: float = 4.0
    """but where nothing is ever quiet, this much is enough."""
    lasting: float = 0.95
    """Share of the time from which one or two channels are taken by themselves: they may be bad electrodes."""
    window: float = 0.5
    """Over which these are measured."""
    edge: float = 0.15
    """Window for the limits in time, where the RMS over the channels concerned passes the least."""
    shortest: float = 0.4
    join: float = 0.15
    share: float = 0.35
    """Of the RMS of the loudest channel, from which another one takes part: reference spreads a little of it."""


DEFAULTS = MuscleSettings()


class _Levels(NamedTuple):
    """Mean squares per frame, shape (channels, frames): muscle over `window` and `edge`, and the brain."""

    loud: Array
    quick: Array
    brain: Array


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
        An event is a contraction, in all channels that reach a third of the loudest one; the amplitude is
        the RMS in 51 to 69 Hz there. Contractions less than `join` apart are one.

    Notes
    -----
    All below 50.6 Hz, and three hertz around 60 Hz where there is a line, are left out because of the mains.
    A recording without any power there was low-passed: that is said, not called clean.

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
    held = at_its_limit(mended)
    if held.any():  # steps to the limit of the converter would sound like muscle
        mended = mend(np.where(held, np.nan, mended))[0]
    levels, beside = _levels(mended, eeg.sfreq, settings, high)
    deaf = np.median(levels.loud, axis=1) < 0.02**2 * np.median(beside, axis=1)
    if deaf.all():
        return nothing(LABEL, f"the recording holds no signal above {settings.low:.0f} Hz (low-passed)")
    least = _least(levels._replace(loud=levels.loud[~deaf]), settings)
    flags = _is_muscle(levels, least, settings) & ~deaf[:, None]
    if missing.any():
        flags &= ~_missing_frames(missing, eeg.sfreq, flags.shape[1])
    always = flags.mean(axis=1) >= settings.lasting
    if not 0 < always.sum() <= 2:
        always[:] = False
    found = [
        one
        for rows in (always, ~always)
        for one in _contractions(flags & rows[:, None], rows, levels, least, settings)
    ]
    events = tuple(sorted((_event(eeg, *one) for one in found), key=lambda event: event.onset))
    reason = f"{deaf.sum()} channels hold no signal above {settings.low:.0f} Hz"
    left_out = (NotAnalysed(label=LABEL, reason=reason),) if deaf.any() else ()
    heard = [name for name, lost in zip(eeg.channels, deaf, strict=True) if not lost]
    return Detection(events=events, analysed=looked(LABEL, eeg, heard), not_analysed=left_out)


def _levels(data: Array, sfreq: float, settings: MuscleSettings, high: float) -> tuple[_Levels, Array]:
    """Levels in the muscle band (scaled to its full width) and in 4 to 30 Hz; and that of 25 to 40 Hz."""
    from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

    length = data.shape[1]
    padded = next_fast_len(length + round(sfreq), real=True)
    ramp = np.clip(np.minimum(np.arange(length) + 1, np.arange(length)[::-1] + 1) / (0.1 * sfreq), 0, 1)
    spectrum = rfft((data - np.median(data, axis=1, keepdims=True)) * ramp, padded, axis=1)
    frequency = rfftfreq(padded, 1 / sfreq)
    # Soft edges, and no gap at the mains where there are none: steep ones ring and fill the pauses.
    soft = np.clip((frequency - settings.low + 0.4) / 2, 0, 1) * np.clip((high + 1 - frequency) / 2, 0, 1)
    muscle = np.where(_hum(spectrum, frequency)[:, None] & (np.abs(frequency - 60) < 1.5), 0.0, soft)
    # Bands come back at the rate that they need.
    short = min(padded, 2 * round(padded * _RATE / sfreq / 2))
    rate, keep = sfreq * short / padded, short // 2 + 1

    def power(gain: Array, window: float) -> Array:
        part = irfft((gain * spectrum)[:, :keep], short, axis=1) * (short / padded)
        squares = part[:, : max(1, round(length * rate / sfreq))] ** 2
        return np.asarray(moving_mean(squares, rate, window)[:, at])

    frames = max(1, round(length / sfreq / _FRAME))
    at = np.minimum(((np.arange(frames) + 0.5) * _FRAME * rate).astype(int), round(length * rate / sfreq) - 1)
    # A band narrowed by the mains or the sampling rate still answers for the whole of it.
    scale = (settings.high - settings.low) / ((muscle**2).sum(axis=1, keepdims=True) * frequency[1])
    quick = scale * power(muscle, settings.edge)
    loud = moving_mean(quick, 1 / _FRAME, settings.window)
    brain = power(((frequency >= 4) & (frequency <= 30)).astype(float), settings.window)
    beside = power(((frequency >= 25) & (frequency <= 40)).astype(float), settings.window)
    return _Levels(loud, quick, brain), beside


def _hum(spectrum: np.ndarray, frequency: Array) -> Bools:
    """Which channels have a line at 60 Hz."""
    away = np.abs(frequency - 60)
    line, beside = away < 0.5, (away > 2) & (away < 5)
    if not line.any() or not beside.any():
        return np.zeros(len(spectrum), dtype=bool)
    size = [np.mean(np.abs(spectrum[:, bins]) ** 2, axis=1) for bins in (line, beside)]
    return np.asarray(size[0] > 4 * size[1])


def _least(levels: _Levels, settings: MuscleSettings) -> float:
    """RMS from which a stretch may be muscle, from what quiet electrodes have in quiet."""
    floor = np.sqrt(np.percentile(np.percentile(levels.loud, 20, axis=1), 25))
    return float(np.clip(settings.above_floor * floor, settings.rms, settings.floor_most))


def _is_muscle(levels: _Levels, least: float, settings: MuscleSettings) -> Bools:
    loud, brain = levels.loud, levels.brain
    loud_rms = max(settings.loud_rms, least)
    flags = (loud >= least**2) & (loud >= settings.ratio**2 * brain)
    flags |= (loud >= loud_rms**2) & (loud >= settings.loud_ratio**2 * brain)
    # Far above the quiet and no more than that over the large waves of a seizure.
    flags |= (loud >= (2 * least) ** 2) & (loud >= loud_rms**2) & (loud >= 0.15**2 * brain)
    return np.asarray(flags | (loud >= settings.any_rms**2))


def _missing_frames(missing: Bools, sfreq: float, count: int) -> Bools:
    """Which frames lie beside a missing sample."""
    edges = np.minimum((np.arange(count + 1) * _FRAME * sfreq).astype(int), missing.shape[1])
    total = np.concatenate([np.zeros((len(missing), 1)), np.cumsum(missing, axis=1)], axis=1)
    lost = moving_mean(np.diff(total[:, edges], axis=1), 1 / _FRAME, 0.5)
    return np.asarray(lost > 1e-9)


_Found = tuple[list[tuple[int, int, int]], float]
"""Channels with first and last frame, the loudest first; and the RMS of that one."""


def _contractions(
    flags: Bools, searched: Bools, levels: _Levels, least: float, settings: MuscleSettings
) -> list[_Found]:
    """Cut what is loud anywhere on the head at the pauses of the channels concerned."""
    frames = flags.shape[1]
    join, shortest = round(settings.join / _FRAME), round(settings.shortest / _FRAME)
    reach = round(0.5 * settings.window / _FRAME)
    found: list[_Found] = []
    for first, last in joined_runs(flags.any(axis=0), join, 1):
        start, stop = max(0, first - reach), min(frames, last + reach)
        rows = np.flatnonzero(flags[:, first:last].any(axis=1))
        mean = levels.quick[rows, start:stop].mean(axis=1)
        leading = rows[mean >= 0.25 * mean.max()]
        course = np.sqrt(levels.quick[leading, start:stop].mean(axis=0))
        for begin, end in joined_runs(course >= least, join, shortest):
            one = slice(start + begin, start + end)
            if flags[rows, one].any():
                quick = np.where(searched[:, None], levels.quick[:, one], 0.0)
                found.append(_parts(quick, start + begin, frames, settings))
    return found


def _parts(quick: Array, start: int, frames: int, settings: MuscleSettings) -> _Found:
    """The channels of one contraction, each from where it first to where it last is loud itself."""
    rms = np.sqrt(quick.mean(axis=1))
    parts = []
    for row in np.argsort(-rms).tolist():
        if rms[row] < max(settings.share * rms.max(), 0.5 * settings.rms):
            break
        own = np.flatnonzero(quick[row] >= 0.25 * rms[row] ** 2)
        begin, end = start + int(own[0]), start + int(own[-1]) + 1
        # The ends of the signal are faded in and out.
        parts.append((row, 0 if begin <= 2 else begin, frames if end >= frames - 2 else end))
    return parts, float(rms.max())


def _event(eeg: Segment, parts: list[tuple[int, int, int]], rms: float) -> Event:
    spans = tuple(
        ChannelSpan(
            channel=eeg.channels[row],
            onset=round(eeg.onset + start * _FRAME, 4),
            duration=round(min(stop * _FRAME, eeg.duration) - start * _FRAME, 4),
        )
        for row, start, stop in parts
    )
    onset = min(span.onset for span in spans)
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=onset,
        duration=max(span.onset + span.duration for span in spans) - onset,
        channels=tuple(span.channel for span in spans),
        confidence=round(min(1.0, rms / (rms + 4.0)), 3),
        amplitude=Amplitude(value_uv=round(rms, 2), kind="rms"),
        per_channel=spans,
    )
