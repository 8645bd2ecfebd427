"""ECG artifact: what the EEG does at every beat of the heart, by averaging over the beats of an ECG channel."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, at_rate, band, looked, mend, middle, nothing, robust_sd
from tools.types import Amplitude, ChannelSpan, Detection, Event, Segment

LABEL = "ecg"
SOURCE = "heart 1"
_RATE = 200.0


class HeartSettings(NamedTuple):
    """What makes an ECG artifact; amplitudes in microvolts, durations in seconds."""

    beats: int = 6
    """Least number of beats that are averaged."""
    rate: tuple[float, float] = (0.5, 3.0)
    """Beats a second by the median interval: 30 to 180 a minute."""
    regular: float = 0.5
    """Largest robust spread of the intervals over their median; more is no heart, or not an ECG."""
    around: tuple[float, float] = (-0.08, 0.12)
    """Stretch of each beat that is averaged, from the R wave on."""
    size: float = 6.0
    """Least peak-to-peak of the average."""
    certainty: float = 9.0
    """The same in standard errors of the average: against reversed beats, ten resting people give none in 45
    stretches of 10 s; 6 gave 12, since alpha may fall into step with a few beats."""


DEFAULTS = HeartSettings()


def find_heartbeats(segment: Segment, settings: HeartSettings = DEFAULTS) -> Detection:
    """Find EEG channels that repeat a wave at every R wave of an ECG channel.

    Parameters
    ----------
    segment : Segment
        EEG and an ECG channel of one rate, 100 Hz or more, with at least six beats.
    settings : HeartSettings
        Limits.

    Returns
    -------
    Detection
        One event from the first beat to the last, in every channel whose average over the beats stands out;
        amplitude is the peak-to-peak of the largest average, frequency the beats a second.

    Notes
    -----
    Without an ECG channel the label is not analysed: in the EEG alone the artifact cannot be told from
    periodic discharges of the same rate.
    """
    eeg, heart = segment.pick_kinds("eeg"), segment.pick_kinds("ecg")
    if not eeg.channels:
        return nothing(LABEL, "no EEG channel")
    if not heart.channels:
        reason = "needs an ECG channel at the rate of the EEG: by the EEG alone, heartbeats and periodic "
        return nothing(LABEL, reason + "discharges look alike")
    if segment.sfreq < 100:
        return nothing(LABEL, "needs a sampling rate of 100 Hz or more")
    if segment.duration < 3:
        return nothing(LABEL, "needs 3 s of signal")
    beats, sfreq = _beats(heart, settings)
    if len(beats) < settings.beats:
        return nothing(LABEL, f"the ECG channel shows no regular beat; needs {settings.beats} beats")
    mended, missing = mend(eeg.data)
    slower = at_rate(replace(eeg, data=mended), _RATE)
    data = band(slower.data - middle(slower.data)[:, None], sfreq, 1.0, 45.0)
    first, last = (round(edge * sfreq) for edge in settings.around)
    whole = beats[(beats + first >= 0) & (beats + last < data.shape[1])]
    pieces = data[:, whole[:, None] + np.arange(first, last)]  # (channels, beats, samples)
    usable = ~missing.any(axis=1)
    average = pieces.mean(axis=1)
    swing = np.ptp(average, axis=1)
    error = pieces.std(axis=1).mean(axis=1) / np.sqrt(max(len(whole), 1))
    # The largest of many samples of pure noise spreads over several standard errors by itself.
    taking = usable & (swing >= settings.size) & (swing >= settings.certainty * np.maximum(error, 1e-9))
    events = (_event(eeg, whole / sfreq, swing, taking),) if taking.any() else ()
    return Detection(events=events, analysed=looked(LABEL, eeg))


def _beats(heart: Segment, settings: HeartSettings) -> tuple[Array, float]:
    """Samples of the R waves of the first ECG channel at the working rate; none where nothing beats."""
    from scipy.signal import find_peaks

    mended, _ = mend(heart.data[:1])
    slower = at_rate(replace(heart.pick(heart.channels[:1]), data=mended), _RATE)
    sharp = np.abs(band(slower.data - middle(slower.data)[:, None], slower.sfreq, 5.0, 30.0))[0]
    none = np.zeros(0, dtype=int)
    least = max(6 * float(robust_sd(sharp)), 0.4 * float(np.percentile(sharp, 99.5)), 1e-6)
    peaks, _ = find_peaks(sharp, height=least, distance=round(slower.sfreq / settings.rate[1]))
    if len(peaks) < settings.beats:
        return none, slower.sfreq
    intervals = np.diff(peaks) / slower.sfreq
    interval = float(middle(intervals))
    steady = float(robust_sd(intervals)) <= settings.regular * interval
    if not settings.rate[0] <= 1 / interval <= settings.rate[1] or not steady:
        return none, slower.sfreq
    return peaks, slower.sfreq


def _event(eeg: Segment, times: Array, swing: Array, taking: Array) -> Event:
    order = [row for row in np.argsort(-swing).tolist() if taking[row]]
    onset = eeg.onset + max(0.0, float(times[0]) - 0.1)
    duration = min(float(times[-1] - times[0]) + 0.2, eeg.onset + eeg.duration - onset)
    size = float(swing[order[0]])
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=onset,
        duration=duration,
        channels=tuple(eeg.channels[row] for row in order),
        confidence=round(size / (size + 10.0), 3),
        amplitude=Amplitude(value_uv=round(size, 2), kind="pp"),
        frequency_hz=round(1 / float(np.median(np.diff(times))), 2),
        per_channel=tuple(
            ChannelSpan(
                channel=eeg.channels[row],
                onset=onset,
                duration=duration,
                value_uv=round(float(swing[row]), 2),
            )
            for row in order
        ),
    )
