"""Channels that are no good: dead, unlike every neighbour, or far louder than the rest; and mains hum."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Bools, at_its_limit, band, looked, mend, nothing, robust_sd, windows
from tools.types import Amplitude, Detection, Event, NotAnalysed, Segment

LABEL = "bad_channel"
SOURCE = "bad_channels 2"


class BadChannelSettings(NamedTuple):
    """When a channel is bad as a whole; amplitudes in microvolts."""

    flat_uv: float = 0.5
    """Standard deviation within a second below which a channel is dead, if the head moves meanwhile."""
    flat_share: float = 0.5
    missing_share: float = 0.5
    """Share of the samples that are missing or at the limit of the converter."""
    own: float = 8.0
    """How much more a channel has that no other explains, in medians over the channels, to be bad if that is"""
    own_share: float = 0.5
    """half of its amplitude or more,"""
    much: float = 15.0
    """and whatever its amplitude."""
    alone: float = 0.85
    """Share of the amplitude from which a channel has nothing to do with the others,"""
    alone_own: float = 2.0
    """if what it has is at least this much more than they have; between bursts all have only their noise."""
    hum: float = 8.0
    """Mains in medians over the channels,"""
    hum_uv: float = 20.0
    """and their least RMS, from which the electrode has lost its contact."""
    deviation: float = 5.0
    """Robust z of the log amplitude over the channels."""
    louder: float = 3.0
    """And how many times the median amplitude it has to reach."""


DEFAULTS = BadChannelSettings()
_WINDOW = 2.0
_CALM = 30
"""Percentile over the windows: a bad channel is so all the time, and a pop or a movement is not."""


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
    After the PREP pipeline, which asks for correlation, predictability, deviation, and noise of high
    frequency. Here the first two are one: what is left of a channel when all others have explained what they
    can (the inverse of their covariance holds it), compared with what is left of the rest. It is measured at
    1 to 20 Hz in windows of two seconds or more of which the calm ones count, so that discharges, blinks, pops,
    movement and muscle leave a channel in. It needs eight channels of one reference; amplitude and mains need four.

    References
    ----------
    Bigdely-Shamlo et al. (2015), Front Neuroinform 9:16, https://doi.org/10.3389/fninf.2015.00016.
    """
    eeg = segment.pick_kinds("eeg")
    if not eeg.channels:
        return nothing(LABEL, "no EEG channel")
    if segment.duration < 2:
        return nothing(LABEL, "needs 2 s of signal")
    mended, lost = mend(eeg.data)
    lost = lost | at_its_limit(mended)
    bad = lost.mean(axis=1) > settings.missing_share
    bad |= _is_flat(mended, eeg.sfreq, settings) & ~bad
    left_out: list[NotAnalysed] = []
    if len(eeg.channels) >= 4:
        bridged = mend(np.where(lost, np.nan, mended))[0] if lost.any() else mended
        bad |= _hums(bridged, eeg.sfreq, settings)
        signal, sfreq = _middle_band(replace(eeg, data=bridged))
        alone = _own_share(signal, sfreq) if _have_one_reference(eeg) else None
        if alone is not None:
            bad |= _is_alone(*alone, settings)
        bad |= _is_loud(signal, bad, None if alone is None else alone[1], settings)
    if not _have_one_reference(eeg):
        reason = "comparison with neighbours needs eight channels of one reference"
        left_out.append(NotAnalysed(label=LABEL, reason=reason))
    events = tuple(
        Event(label=LABEL, source=SOURCE, onset=eeg.onset, duration=eeg.duration, channels=(name,))
        for name, is_bad in zip(eeg.channels, bad, strict=True)
        if is_bad
    )
    return Detection(events=events, analysed=looked(LABEL, eeg), not_analysed=tuple(left_out))


def unfit_for_average(segment: Segment, found: Detection | None = None) -> tuple[str, ...]:
    """Name the channels that no average may hold: bad ones, and those at the limit of the converter for a while.

    Parameters
    ----------
    segment : Segment
        As recorded.
    found : Detection, optional
        What `find_bad_channels` found in it, when that is known.

    Returns
    -------
    tuple of str
        A rail of 1600 µV in one of 19 channels would put a step of 84 µV into all others. When half of the
        channels are at their limit, leaving them out makes nothing better.
    """
    found = find_bad_channels(segment) if found is None else found
    bad = [channel for event in found.events for channel in event.channels]
    eeg = segment.pick_kinds("eeg")
    held = at_its_limit(mend(eeg.data)[0]).sum(axis=1) >= 0.1 * eeg.sfreq
    if held.mean() < 0.5:
        bad += [name for name, is_held in zip(eeg.channels, held, strict=True) if is_held]
    return tuple(dict.fromkeys(bad))


def _have_one_reference(eeg: Segment) -> bool:
    return len(eeg.channels) >= 8 and not any("-" in name for name in eeg.channels)


def _middle_band(eeg: Segment) -> tuple[Array, float]:
    """Keep 1-20 Hz, where muscle is not yet loud, at a rate of about 64 Hz."""
    level = eeg.data - np.median(eeg.data, axis=1, keepdims=True)
    signal = band(level, eeg.sfreq, 1.0, 20.0)
    step = max(1, int(eeg.sfreq / 64))
    return signal[:, ::step], eeg.sfreq / step


def _is_flat(data: Array, sfreq: float, settings: BadChannelSettings) -> Bools:
    spread = _seconds(data, sfreq).std(axis=-1)
    limit = np.full(spread.shape[1], settings.flat_uv)
    if len(data) >= 4:
        # When all are silent, only what is dead is bad.
        limit = np.minimum(limit, np.maximum(0.25 * np.median(spread, axis=0), 0.05))
    return np.asarray((spread < limit).mean(axis=1) > settings.flat_share)


def _hums(data: Array, sfreq: float, settings: BadChannelSettings) -> Bools:
    """Mains far larger than in the other channels: the contact is lost."""
    length = round(sfreq)
    louder = np.zeros(len(data), dtype=bool)
    for line in (50.0, 60.0):
        if line > 0.48 * sfreq:
            continue
        tone = np.exp(-2j * np.pi * line * np.arange(length) / sfreq) * np.hanning(length)
        size = np.abs(_seconds(data, sfreq) @ tone) / (0.5 * length)  # peak of a sine
        hum = np.median(size, axis=1) * np.sqrt(2)
        louder |= (hum > settings.hum_uv) & (hum > settings.hum * np.median(hum))
    return louder


def _own_share(signal: Array, sfreq: float) -> tuple[Array, Array]:
    """What the other channels do not explain, as deviation in microvolts and as share of all."""
    length = min(max(round(_WINDOW * sfreq), 3 * len(signal)), signal.shape[1])
    pieces = windows(signal, length, max(1, length // 2)).transpose(1, 0, 2)
    covariance = pieces @ pieces.transpose(0, 2, 1) / length
    # A tenth of the usual amplitude as noise: channels that are copies of each other have no inverse.
    diagonal = np.arange(len(signal))
    usual = float(np.median(covariance[:, diagonal, diagonal]))
    covariance += np.eye(len(signal)) * max(0.01 * usual, 1e-9)
    own = 1 / np.sqrt(np.linalg.inv(covariance)[:, diagonal, diagonal])
    share = own / np.sqrt(covariance[:, diagonal, diagonal])
    return np.percentile(own, _CALM, axis=0), np.percentile(share, _CALM, axis=0)


def _is_alone(own: Array, share: Array, settings: BadChannelSettings) -> Bools:
    ratio = own / max(float(np.median(own)), 1e-9)
    odd = (ratio >= settings.much) | ((ratio >= settings.own) & (share >= settings.own_share))
    return np.asarray(odd | ((share >= settings.alone) & (ratio >= settings.alone_own)))


def _is_loud(signal: Array, bad: Bools, share: Array | None, settings: BadChannelSettings) -> Bools:
    """Amplitude far above that of the other channels, on a logarithmic scale, and not explained by them."""
    size = np.log(np.maximum(robust_sd(signal), 1e-3))
    if (~bad).sum() < 4:
        return np.zeros_like(bad)
    middle = np.median(size[~bad])
    spread = max(float(robust_sd(size[~bad])), 0.1)
    far = (size - middle) / spread > settings.deviation
    loud = far & (size - middle > np.log(settings.louder))
    if share is not None:
        loud &= (share >= 0.25) | (size - middle > np.log(2 * settings.louder))
    return np.asarray(loud)


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
