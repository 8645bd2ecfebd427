"""Mains hum at 50 or 60 Hz."""

from __future__ import annotations

import numpy as np

from tools.conditioning import Array, looked, mend, nothing, windows
from tools.types import Amplitude, ChannelSpan, Detection, Event, Segment

LABEL = "line_noise"
SOURCE = "line_noise 3"
_LINES = (50.0, 60.0)
_WINDOW = 4.0
"""Seconds of a window: a resolution of a quarter of a hertz."""


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
        One event of the length of the segment and of each frequency, the channel with most hum first; the
        amplitudes are the RMS of the hum alone. The confidence grows with the RMS, 0.5 at `least_uv`.
    """
    eeg = segment.pick_kinds("eeg")
    if not eeg.channels:
        return nothing(LABEL, "no EEG channel")
    if segment.duration < _WINDOW:
        return nothing(LABEL, "needs 4 s of signal")
    notch, high_cut = segment.filters.notch_hz, segment.filters.high_cut_hz
    limit = min(0.45 * segment.sfreq, high_cut or np.inf)
    reachable = [line for line in _LINES if line + 5 <= limit or line + 0.5 <= 0.45 * limit]
    reachable = [line for line in reachable if notch is None or abs(line - notch) > 1]
    if not reachable:
        return nothing(LABEL, "50 and 60 Hz lie outside what the signal holds")
    frequency, density = _density(mend(eeg.data)[0], eeg.sfreq)
    events = []
    for line in reachable:
        away = np.abs(frequency - line)
        floor = density[:, (away >= 3) & (away <= 5)].mean(axis=1)
        peak = density[:, away <= 0.5]
        excess = np.maximum(peak - floor[:, None], 0.0).sum(axis=1) * (frequency[1] - frequency[0])
        hum_uv = np.sqrt(excess)
        noisy = (peak.mean(axis=1) >= 10 ** (least_db / 10) * floor) & (hum_uv >= least_uv)
        if noisy.any():
            events.append(_event(eeg, line, np.where(noisy, hum_uv, 0.0), least_uv))
    return Detection(events=tuple(events), analysed=looked(LABEL, eeg))


def _density(data: Array, sfreq: float) -> tuple[Array, Array]:
    """Power per hertz around the lines: Welch's method with half-overlapping Hann windows of 4 s."""
    from scipy.fft import rfft

    length = round(_WINDOW * sfreq)
    frequency = np.arange(length // 2 + 1) * sfreq / length
    near = slice(int(np.searchsorted(frequency, 44.5)), int(np.searchsorted(frequency, 65.5)))
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    density = np.empty((len(data), len(frequency[near])))
    for row, pieces in enumerate(windows(data, length, length - length // 2)):
        seen = rfft((pieces - pieces.mean(axis=-1, keepdims=True)) * taper, axis=-1)[:, near]
        density[row] = (seen.real**2 + seen.imag**2).mean(axis=0)
    return frequency[near], density * 2 / (sfreq * np.sum(taper**2))


def _event(eeg: Segment, line: float, hum_uv: Array, least_uv: float) -> Event:
    """Hum of the channels that have any, the one with most first."""
    order = [int(row) for row in np.argsort(-hum_uv, kind="stable") if hum_uv[row] > 0]
    largest = float(hum_uv[order[0]])
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=eeg.onset,
        duration=eeg.duration,
        channels=tuple(eeg.channels[row] for row in order),
        amplitude=Amplitude(value_uv=round(largest, 2), kind="rms"),
        confidence=round(1 - 0.5 * least_uv / max(largest, least_uv), 3),
        frequency_hz=line,
        per_channel=tuple(
            ChannelSpan(
                channel=eeg.channels[row],
                onset=eeg.onset,
                duration=eeg.duration,
                value_uv=round(float(hum_uv[row]), 2),
            )
            for row in order
        ),
    )
