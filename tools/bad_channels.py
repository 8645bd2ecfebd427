"""Channels that are no good: dead, unlike every neighbour, or far louder than the rest; and mains hum."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Bools, at_rate, looked, mend, nothing, robust_sd
from tools.types import Amplitude, Detection, Event, NotAnalysed, Segment

LABEL = "bad_channel"
SOURCE = "bad_channels 1"


class BadChannelSettings(NamedTuple):
    """When a channel is bad as a whole."""

    flat_uv: float = 0.5
    """Standard deviation within a second below which a channel is dead."""
    flat_share: float = 0.5
    missing_share: float = 0.5
    correlation: float = 0.3
    """A second in which no other channel correlates better than this counts against a channel."""
    uncorrelated_share: float = 0.5
    deviation: float = 5.0
    """Robust z of the log amplitude over the channels."""
    louder: float = 3.0
    """And how many times the median amplitude it has to reach."""


DEFAULTS = BadChannelSettings()


def find_bad_channels(segment: Segment, settings: BadChannelSettings = DEFAULTS) -> Detection:
    """Find channels that must not enter an average reference.

    Parameters
    ----------
    segment : Segment
        As recorded, at least 2 s; filters do not matter much.
    settings : BadChannelSettings
        Limits.

    Returns
    -------
    Detection
        One event of the length of the segment per bad channel.

    Notes
    -----
    Three of the tests of the PREP pipeline with limits that leave a focal finding in: the share of seconds
    in which nothing else resembles a channel, its amplitude, and whether it is flat. The first needs eight
    channels of one reference, the second four.

    References
    ----------
    Bigdely-Shamlo et al. (2015), Front Neuroinform 9:16, https://doi.org/10.3389/fninf.2015.00016.
    """
    eeg = segment.pick_kinds("eeg")
    if not eeg.channels:
        return nothing(LABEL, "no EEG channel")
    if segment.duration < 2:
        return nothing(LABEL, "needs 2 s of signal")
    mended, missing = mend(eeg.data)
    lost = missing.mean(axis=1) > settings.missing_share
    bad = lost | _is_flat(mended, eeg.sfreq, settings)
    left_out: list[NotAnalysed] = []
    slower = replace(eeg, data=mended)
    slower = (
        at_rate(slower, 128.0) if eeg.sfreq > 256 else slower
    )  # resampling costs more than it saves below
    signal = _middle_band(slower.data, slower.sfreq)
    if len(eeg.channels) >= 4:
        bad |= _is_loud(signal, bad, settings)
    if len(eeg.channels) >= 8 and not any("-" in name for name in eeg.channels):
        bad |= _is_alone(signal, bad, slower.sfreq, settings)
    else:
        reason = "comparison with neighbours needs eight channels of one reference"
        left_out.append(NotAnalysed(label=LABEL, reason=reason))
    events = tuple(
        Event(label=LABEL, source=SOURCE, onset=eeg.onset, duration=eeg.duration, channels=(name,))
        for name, is_bad in zip(eeg.channels, bad, strict=True)
        if is_bad
    )
    return Detection(events=events, analysed=looked(LABEL, eeg), not_analysed=tuple(left_out))


def _middle_band(data: Array, sfreq: float) -> Array:
    """Keep 1-40 Hz by one transform: edges a little off do not change which channel is the odd one out."""
    ramp = np.linspace(0.0, 1.0, data.shape[1])
    ends = data[:, : max(1, round(sfreq / 4))].mean(axis=1), data[:, -max(1, round(sfreq / 4)) :].mean(axis=1)
    level = data - (ends[0][:, None] + (ends[1] - ends[0])[:, None] * ramp)
    freqs = np.fft.rfftfreq(data.shape[1], 1 / sfreq)
    spectrum = np.fft.rfft(level, axis=1)
    spectrum[:, (freqs < 1.0) | (freqs > 40.0)] = 0
    return np.fft.irfft(spectrum, data.shape[1], axis=1)


def _is_flat(data: Array, sfreq: float, settings: BadChannelSettings) -> Bools:
    seconds = _seconds(data, sfreq)
    return np.asarray((seconds.std(axis=-1) < settings.flat_uv).mean(axis=1) > settings.flat_share)


def _is_loud(signal: Array, bad: Bools, settings: BadChannelSettings) -> Bools:
    """Amplitude far above that of the other channels, on a logarithmic scale."""
    size = np.log(np.maximum(robust_sd(signal[:, ::4]), 1e-3))
    if (~bad).sum() < 4:
        return np.zeros_like(bad)
    middle = np.median(size[~bad])
    spread = max(float(robust_sd(size[~bad])), 0.1)
    far = (size - middle) / spread > settings.deviation
    return np.asarray(far & (size - middle > np.log(settings.louder)))


def _is_alone(signal: Array, bad: Bools, sfreq: float, settings: BadChannelSettings) -> Bools:
    """Share of seconds in which a channel resembles no other."""
    pieces = _seconds(signal, sfreq)
    pieces = pieces - pieces.mean(axis=-1, keepdims=True)
    pieces = pieces / np.maximum(np.linalg.norm(pieces, axis=-1, keepdims=True), 1e-9)
    likeness = np.abs(np.einsum("iws,jws->wij", pieces, pieces))
    likeness[:, np.arange(len(signal)), np.arange(len(signal))] = 0
    likeness[:, :, bad] = 0
    alone = likeness.max(axis=2) < settings.correlation
    return np.asarray(alone.mean(axis=0) > settings.uncorrelated_share)


def _seconds(data: Array, sfreq: float) -> Array:
    """Cut into whole seconds, shape (channels, seconds, samples)."""
    length = round(sfreq)
    count = data.shape[1] // length
    return data[:, : count * length].reshape(len(data), count, length)


def find_line_noise(segment: Segment, least_db: float = 10.0, least_uv: float = 1.0) -> Detection:
    """Find channels with mains hum at 50 or 60 Hz.

    Parameters
    ----------
    segment : Segment
        At least 4 s, sampled faster than 132 Hz for 60 Hz (112 Hz for 50 Hz), without a notch.
    least_db : float
        How far the line has to rise above its surroundings.
    least_uv : float
        Least RMS of the hum in microvolts.

    Returns
    -------
    Detection
        One event of the length of the segment with the channels concerned and the frequency.
    """
    eeg = segment.pick_kinds("eeg")
    if not eeg.channels:
        return nothing("line_noise", "no EEG channel")
    if segment.duration < 4:
        return nothing("line_noise", "needs 4 s of signal")
    notch, high_cut = segment.filters.notch_hz, segment.filters.high_cut_hz
    limit = min(0.45 * segment.sfreq, high_cut or np.inf)
    reachable = [line for line in (50.0, 60.0) if line + 5 <= limit or line + 0.5 <= 0.45 * limit]
    reachable = [line for line in reachable if notch is None or abs(line - notch) > 1]
    if not reachable:
        return nothing("line_noise", "50 and 60 Hz lie outside what the signal holds")
    from scipy.signal import welch

    frequency, density = welch(mend(eeg.data)[0], eeg.sfreq, nperseg=round(4 * eeg.sfreq), axis=1)
    events = []
    for line in reachable:
        away = np.abs(frequency - line)
        floor = density[:, (away >= 3) & (away <= 5)].mean(axis=1)
        peak = density[:, away <= 0.5]
        excess = np.maximum(peak - floor[:, None], 0.0).sum(axis=1) * frequency[1]
        hum_uv = np.sqrt(excess)
        noisy = (peak.mean(axis=1) >= 10 ** (least_db / 10) * floor) & (hum_uv >= least_uv)
        if noisy.any():
            events.append(_hum(eeg, line, noisy, float(hum_uv.max())))
    return Detection(events=tuple(events), analysed=looked("line_noise", eeg))


def _hum(eeg: Segment, line: float, noisy: Bools, rms: float) -> Event:
    return Event(
        label="line_noise",
        source=SOURCE,
        onset=eeg.onset,
        duration=eeg.duration,
        channels=tuple(name for name, is_noisy in zip(eeg.channels, noisy, strict=True) if is_noisy),
        amplitude=Amplitude(value_uv=round(rms, 2), kind="rms"),
        frequency_hz=line,
    )
