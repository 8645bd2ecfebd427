"""Arousals: an abrupt shift of the EEG to alpha or faster for 3 s and longer, out of sleep."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, joined_runs, looked, middle, nothing, windows
from tools.labels import electrodes, side_of
from tools.shared import contexts, slowed
from tools.types import ChannelSpan, Detection, Event, Segment

LABEL = "arousal"
SOURCE = "arousals 1"
_RATE = 100.0
_WINDOW, _STEP = 1.0, 0.25
_SHORTEST_SEGMENT = 15.0


class ArousalSettings(NamedTuple):
    """What makes a shift an arousal; durations in seconds."""

    prior_sleep: float = 10.0
    shortest: float = 3.0
    longest: float = 30.0
    """Longer ones are awakenings and no longer brief; they are cut here."""
    ratio: float = 2.5
    """Least power in alpha and above 16 Hz over its median in the ten seconds before."""
    end_ratio: float = 1.5
    """It ends below this ratio."""
    pause: float = 0.5
    """Shorter dips do not end it."""
    agreement: float = 0.5
    """Least share of the channels that shift together (of those away from bad ones)."""
    slow_over_fast: float = 1.0
    """Least log10 of slow over fast power within 15 s to count as sleep before."""
    most_rms_uv: float = 60.0
    """Above 16 Hz this is movement and hides the EEG."""


DEFAULTS = ArousalSettings()


def find_arousals(segment: Segment, settings: ArousalSettings = DEFAULTS) -> Detection:
    """Find EEG arousals.

    Parameters
    ----------
    segment : Segment
        At least 15 s (10 s of sleep and the shift) at 60 Hz or more, in any montage.
    settings : ArousalSettings
        Limits.

    Returns
    -------
    Detection
        From the start of the shift to the return to the level before. The frequency is the centre of the power
        between 4 and 30 Hz, spindles left out.

    Notes
    -----
    Power of 8 to 11 and 16 to 30 Hz in windows of 1 s is compared with the median of the ten seconds before it;
    the spindle band is left out, as spindles are no arousals. At least half of the channels have to shift
    together: one alone is an artifact. Stage R asks for a rise of the chin's tone besides, which is not
    looked at here, and shifts to theta alone are not told from drowsiness.

    References
    ----------
    American Sleep Disorders Association (1992), Sleep 15:173, https://doi.org/10.1093/sleep/15.2.173.
    """
    if segment.duration < _SHORTEST_SEGMENT:
        return nothing(LABEL, f"needs {_SHORTEST_SEGMENT:.0f} s of signal: 10 s of sleep have to come before")
    if segment.sfreq < 60:
        return nothing(LABEL, "needs a sampling rate of 60 Hz or more")
    eeg = segment.pick_kinds("eeg")
    if not eeg.channels:
        return nothing(LABEL, "needs an EEG channel")
    _, slower, missing = slowed(eeg, _RATE)
    fast, beta, centre = _powers(slower.data, slower.sfreq)
    before = _before(fast, round(settings.prior_sleep / _STEP))
    ratio = fast / np.maximum(before, 0.05)
    shifted = (ratio >= settings.ratio).mean(axis=0) >= settings.agreement
    held = (ratio >= settings.end_ratio).mean(axis=0) >= settings.agreement
    spoilt = np.median(beta, axis=0) > settings.most_rms_uv**2
    known = contexts(slower, eeg.channels)
    events = []
    for start, stop in _runs(shifted, held & ~spoilt, settings):
        first = start * _STEP
        # What lies within 15 s of that moment came before the shift.
        at = round(max(0.0, first - 15.0) * slower.sfreq)
        asleep = np.median([known[name][at] for name in eeg.channels])
        gone = missing[:, round(first * eeg.sfreq) : round((stop * _STEP + _WINDOW) * eeg.sfreq)]
        if asleep >= settings.slow_over_fast and not gone.any():
            events.append(_event(eeg, ratio, centre, start, stop, settings))
    return Detection(events=tuple(events), analysed=looked(LABEL, eeg))


def _powers(data: Array, sfreq: float) -> tuple[Array, Array, Array]:
    """Power of 8-11 and 16-30 Hz, of 16-30 Hz, and centre frequency of 4-30 Hz, each (channels, windows)."""
    from scipy.fft import rfft

    length, step = round(_WINDOW * sfreq), round(_STEP * sfreq)
    window = np.hanning(length).astype(np.float32)
    window /= np.linalg.norm(window)
    frequency = np.fft.rfftfreq(length, 1 / sfreq)
    spectra = rfft(windows(data.astype(np.float32), length, step) * window, axis=-1)
    power = (spectra.real**2 + spectra.imag**2) * (2 / length)
    beta = (frequency >= 16.5) & (frequency <= 30)
    alpha = (frequency >= 8) & (frequency <= 11)
    counted = alpha | beta | ((frequency >= 4) & (frequency < 8))
    fast = power[..., beta].sum(axis=-1)
    total = power[..., counted]
    centre = total @ frequency[counted].astype(np.float32) / np.maximum(total.sum(axis=-1), 1e-9)
    return fast + power[..., alpha].sum(axis=-1), fast, centre


def _before(power: Array, length: int) -> Array:
    """Median of the windows before each one; infinite where there are not enough of them."""
    room = np.full(power.shape, np.inf)
    if power.shape[1] > length:
        # A spectrum reaches a second ahead, and the shift itself must not raise what it is compared with.
        every = windows(power, length, 1)
        room[:, length:] = middle(every[:, : power.shape[1] - length])
    return room


def _runs(shifted: Array, held: Array, settings: ArousalSettings) -> list[tuple[int, int]]:
    """Stretches that begin with a shift and last while it is held, at most once in the time asked for before."""
    found: list[tuple[int, int]] = []
    for start, stop in joined_runs(np.asarray(held, dtype=bool), round(settings.pause / _STEP), 1):
        strong = np.flatnonzero(shifted[start:stop])
        if not strong.size:
            continue
        first = start + int(strong[0])
        last = min(stop, first + round(settings.longest / _STEP))
        # Windows of a second see a shift half of it early and half of it late.
        length = (last - first) * _STEP
        if length >= settings.shortest and (strong.size * _STEP >= 0.6 * settings.shortest):
            found.append((first, last))
    starts = [first for first, _ in found]
    return [
        (first, last)
        for first, last in found
        if not any(0 < first - other <= round(settings.prior_sleep / _STEP) for other in starts)
    ]


def _event(
    eeg: Segment, ratio: Array, centre: Array, start: int, stop: int, settings: ArousalSettings
) -> Event:
    onset = eeg.onset + start * _STEP + _WINDOW / 2 - _STEP / 2
    duration = min((stop - start) * _STEP, eeg.onset + eeg.duration - onset)
    rise = np.median(ratio[:, start:stop], axis=1)
    order = [int(row) for row in np.argsort(-rise, kind="stable") if rise[row] >= settings.end_ratio]
    names = [eeg.channels[row] for row in order] or list(eeg.channels)
    sides = {side_of(name) for name in names if electrodes(name)}
    sure = float(
        np.clip(0.2 + 0.2 * np.log2(max(float(np.median(rise)), 1.0)) + 0.1 * (len(sides) > 1), 0, 0.95)
    )
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=onset,
        duration=duration,
        channels=tuple(names),
        confidence=round(sure, 3),
        frequency_hz=round(float(np.median(centre[:, start:stop])), 2),
        per_channel=tuple(ChannelSpan(channel=name, onset=onset, duration=duration) for name in names),
    )
