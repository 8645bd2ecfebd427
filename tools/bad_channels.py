"""Channels that are no good: missing, unlike every neighbour, or far louder than the rest."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Bools, looked, mend, middle, nothing, robust_sd, windows
from tools.flatness import samples_of, seconds
from tools.types import Amplitude, ChannelSpan, Detection, Event, NotAnalysed, Segment

LABEL = "bad_channel"
SOURCE = "bad_channels 3"


class BadChannelSettings(NamedTuple):
    """When a channel is bad as a whole; amplitudes in microvolts."""

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
    """And how many times the median amplitude it has to reach,"""
    loud_share: float = 0.25
    """if the others do not explain this share of it. If they do, it needs twice the amplitude, and that many
    times what others have of their own: a focal rhythm is loud, and known to its neighbours to the last microvolt."""


DEFAULTS = BadChannelSettings()
_WINDOW = 2.0
_CALM = 30
"""Percentile over the windows: a bad channel is so all the time, and a pop or a movement is not."""


def find_bad_channels(segment: Segment, settings: BadChannelSettings = DEFAULTS) -> Detection:
    """Find channels whose electrode or lead is no good.

    Parameters
    ----------
    segment : Segment
        As recorded, at least 2 s; filters do not matter much.
    settings : BadChannelSettings
        Limits.

    Returns
    -------
    Detection
        One event of the length of the segment per bad channel. Its amplitude is the RMS of what was recorded; its
        confidence grows from 0.5 with how far the channel is beyond the limit. A channel that records nothing is
        flat and not bad (``tools.artifacts.find_flat``); `unfit_for_average` names both.

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
    mended, missing, held, dead = samples_of(eeg)
    lost = missing | held
    absent = lost.mean(axis=1)
    dead = dead & (absent <= settings.missing_share)
    beyond = np.where(absent > settings.missing_share, absent / settings.missing_share, 0.0)
    left_out: list[NotAnalysed] = []
    if len(eeg.channels) >= 4:
        bridged = mend(np.where(lost, np.nan, mended))[0] if lost.any() else mended
        compared = _compared(replace(eeg, data=bridged), (beyond >= 1) | dead, settings)
        beyond = np.maximum(beyond, compared)
    if not _have_one_reference(eeg):
        reason = "comparison with neighbours needs eight channels of one reference"
        left_out.append(NotAnalysed(label=LABEL, reason=reason))
    rows = np.flatnonzero((beyond >= 1) & ~dead)
    events = tuple(_event(eeg, int(row), float(mended[row].std()), float(beyond[row])) for row in rows)
    return Detection(events=events, analysed=looked(LABEL, eeg), not_analysed=tuple(left_out))


def unfit_for_average(segment: Segment, found: Detection | None = None) -> tuple[str, ...]:
    """Name the channels that no average may hold: bad and dead ones, and those at the limit of the converter.

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
    bad = {channel for event in found.events for channel in event.channels}
    eeg = segment.pick_kinds("eeg")
    seen = samples_of(eeg)
    out = seen.dead & (segment.duration >= 2)
    held = seen.held.sum(axis=1) >= 0.1 * eeg.sfreq
    if held.mean() < 0.5:
        out = out | held
    marked = [name for name, is_out in zip(eeg.channels, out, strict=True) if is_out]
    return (*(name for name in eeg.channels if name in bad), *(name for name in marked if name not in bad))


def _event(eeg: Segment, row: int, rms: float, beyond: float) -> Event:
    name, size = eeg.channels[row], round(rms, 2)
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=eeg.onset,
        duration=eeg.duration,
        channels=(name,),
        confidence=round(1 - 0.5 / beyond, 3),
        amplitude=Amplitude(value_uv=size, kind="rms"),
        per_channel=(ChannelSpan(channel=name, onset=eeg.onset, duration=eeg.duration, value_uv=size),),
    )


def _have_one_reference(eeg: Segment) -> bool:
    return len(eeg.channels) >= 8 and not any("-" in name for name in eeg.channels)


def _compared(eeg: Segment, spoilt: Bools, settings: BadChannelSettings) -> Array:
    """How far every channel is beyond its limits, 1 being at them; `spoilt` ones set no standard of loudness."""
    beyond = _hum(eeg.data, eeg.sfreq, settings)
    signal, sfreq = _middle_band(eeg)
    size = robust_sd(signal)
    ratio = share = None
    if _have_one_reference(eeg):
        own, share = _own_share(signal, sfreq)
        # What comes and goes, as pops do, is not what the channel has most of the time.
        ratio = np.minimum(own, _when_calm(signal, sfreq)) / max(float(middle(own)), 1e-9)
        beyond = np.maximum(beyond, _alone(ratio, share, settings))
    return np.maximum(beyond, _loud(size, spoilt | (beyond >= 1), ratio, share, settings))


def _middle_band(eeg: Segment) -> tuple[Array, float]:
    """Keep 1-20 Hz, where muscle is not yet loud, at a rate of about 64 Hz.

    The gain of a Butterworth filter of second order that runs both ways, laid over the spectrum of the signal
    with mirrored ends; that costs a third of running it, and lowers the rate on the way.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    data, step = eeg.data, max(1, int(eeg.sfreq / 64))
    count = data.shape[1]
    pad = min(count - 1, round(3 * eeg.sfreq)) // step * step
    length = step * next_fast_len(-(-(count + 2 * pad) // step), real=True)
    extended = np.empty((len(data), length))
    extended[:, pad : pad + count] = data
    extended[:, :pad] = 2 * data[:, :1] - data[:, pad:0:-1]
    extended[:, pad + count : count + 2 * pad] = 2 * data[:, -1:] - data[:, -2 : -pad - 2 : -1]
    extended[:, count + 2 * pad :] = extended[:, count + 2 * pad - 1 : count + 2 * pad]
    # Without the line from end to end the spectrum sees no step there.
    rise = (extended[:, -1:] - extended[:, :1]) / length
    extended -= extended[:, :1] + rise * np.arange(length)
    kept = length // step // 2 + 1
    spectrum = rfft(extended, axis=1)[:, :kept]
    spectrum *= _gain(kept, eeg.sfreq / length, eeg.sfreq)
    signal = irfft(spectrum, length // step, axis=1) / step
    first = pad // step
    return signal[:, first : first + -(-count // step)], eeg.sfreq / step


@lru_cache(maxsize=64)
def _gain(bins: int, width: float, sfreq: float) -> Array:
    """Gain of the band at multiples of `width` Hz, with the edges bent as those of a digital filter are."""
    high = min(20.0, 0.45 * sfreq)
    bent, low, top = (
        np.tan(np.pi * np.minimum(f, 0.499 * sfreq) / sfreq) for f in (np.arange(bins) * width, 1.0, high)
    )
    apart = (bent**2 - low * top) / np.maximum(bent * (top - low), 1e-12)
    return np.asarray(1 / (1 + apart**4))


def _hum(data: Array, sfreq: float, settings: BadChannelSettings) -> Array:
    """Mains far larger than in the other channels: the contact is lost."""
    pieces = seconds(data, sfreq)
    length = pieces.shape[2]
    lines = [line for line in (50.0, 60.0) if line <= 0.48 * sfreq]
    if not lines:
        return np.zeros(len(data))
    phase = 2 * np.pi * np.outer(np.arange(length), lines) / sfreq
    tone = np.hanning(length)[:, None] * np.hstack([np.cos(phase), np.sin(phase)])
    seen = (pieces.reshape(-1, length) @ tone).reshape(len(data), -1, 2, len(lines))
    size = np.hypot(seen[:, :, 0], seen[:, :, 1]) / (0.5 * length)  # peak of a sine
    hum = middle(size.swapaxes(1, 2)).T * np.sqrt(2)
    usual = np.maximum(settings.hum * middle(hum), 1e-9)[:, None]
    return np.asarray(np.minimum(hum / settings.hum_uv, hum / usual).max(axis=0))


def _own_share(signal: Array, sfreq: float) -> tuple[Array, Array]:
    """What the other channels do not explain, as deviation in microvolts and as share of all."""
    length = min(max(round(_WINDOW * sfreq), 3 * len(signal)), signal.shape[1])
    pieces = windows(signal, length, max(1, length // 2)).transpose(1, 0, 2)
    covariance = pieces @ pieces.transpose(0, 2, 1) / length
    # A tenth of the usual amplitude as noise: channels that are copies of each other have no inverse.
    diagonal = np.arange(len(signal))
    power = covariance[:, diagonal, diagonal]
    usual = float(middle(power.ravel()))
    noise = max(0.01 * usual, 1e-9)
    covariance[:, diagonal, diagonal] += noise
    own = 1 / np.sqrt(np.linalg.inv(covariance)[:, diagonal, diagonal])
    return _calm(own), _calm(own / np.sqrt(power + noise))


def _calm(values: Array) -> Array:
    """A low percentile along the first axis; that of numpy costs more than all that is compared here."""
    ordered = np.sort(values, axis=0)
    at = _CALM / 100 * (len(ordered) - 1)
    low = int(at)
    return np.asarray(ordered[low] + (at - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low]))


def _when_calm(signal: Array, sfreq: float) -> Array:
    """RMS in the calmer half-seconds, between pops that leave no window of two seconds alone."""
    length = min(max(1, round(0.5 * sfreq)), signal.shape[1])
    count = signal.shape[1] // length
    pieces = signal[:, : count * length].reshape(len(signal), count, length)
    return _calm(np.sqrt(np.einsum("cwt,cwt->wc", pieces, pieces) / length))


def _alone(ratio: Array, share: Array, settings: BadChannelSettings) -> Array:
    """Far more of its own than others have, or nothing in common with them."""
    odd = np.minimum(ratio / settings.own, share / settings.own_share)
    apart = np.minimum(share / settings.alone, ratio / settings.alone_own)
    return np.asarray(np.maximum.reduce([ratio / settings.much, odd, apart]))


def _loud(
    size: Array, bad: Bools, ratio: Array | None, share: Array | None, settings: BadChannelSettings
) -> Array:
    """Amplitude far above that of the other channels, on a logarithmic scale, and not explained by them."""
    if (~bad).sum() < 4:
        return np.zeros(len(size))
    level = np.log(np.maximum(size, 1e-3))
    usual = float(middle(level[~bad]))
    spread = max(float(robust_sd(level[~bad])), 0.1)
    factor = np.exp(level - usual)
    loud = np.minimum((level - usual) / spread / settings.deviation, factor / settings.louder)
    if ratio is None or share is None:
        return np.asarray(loud)
    gain = np.minimum(0.5 * factor, ratio) / settings.louder
    return np.asarray(np.minimum(loud, np.maximum(share / settings.loud_share, gain)))
