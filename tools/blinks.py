"""Blinks: the eyes roll up behind closing lids and drive both frontopolar electrodes positive."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.signal import find_peaks, peak_widths

from tools.conditioning import Array, at_rate, band, looked, mend, nothing
from tools.labels import electrodes
from tools.types import Amplitude, ChannelSpan, Detection, Event, Segment

LABEL = "eyem"
SOURCE = "blinks 1"
_RATE = 100.0


class BlinkSettings(NamedTuple):
    """What makes a frontopolar wave a blink; amplitudes in microvolts, durations in seconds."""

    prominence: float = 50.0
    width: tuple[float, float] = (0.08, 0.6)
    """Width at half prominence."""
    balance: float = 0.4
    """Least ratio of the smaller to the larger side."""
    fall_off: float = 0.7
    """Largest ratio of F3/F4 to Fp1/Fp2: the field of the eyes falls off within centimetres."""
    rhythmic: float = 0.5
    """Autocorrelation at 0.3 to 1.2 s from which a frontal wave belongs to a rhythm, not to a blink."""


DEFAULTS = BlinkSettings()


class _View(NamedTuple):
    """How a recording shows the eyes: signals that rise in a blink, and where it must be smaller."""

    channels: tuple[str, ...]  # left and right, or a single one
    behind: tuple[str, ...]
    prominence: float  # share of the referential one that is left here
    fall_off: float | None


def find_blinks(segment: Segment, settings: BlinkSettings = DEFAULTS) -> Detection:
    """Find blinks at the frontopolar electrodes, or on a vertical EOG channel where there are none.

    Parameters
    ----------
    segment : Segment
        At least 2 s at 32 Hz or more, low cut between 0.1 and 1 Hz. Referential, or bipolar with pairs
        such as ``Fp1-F7`` or ``Fp1-F3``.
    settings : BlinkSettings
        Limits.

    Returns
    -------
    Detection
        Events last from the start of the rise to the end of the fall at 10 % of the peak; the amplitude is
        half of peak to peak taken twice, that is the height of the wave, kind ``pp``.

    Notes
    -----
    A frontal delta rhythm or frontal periodic discharges give the same single waves. Two things tell them
    apart: their field does not fall off behind the frontopolar electrodes, and they repeat, so waves in a
    stretch whose autocorrelation shows a rhythm are left alone (with them a true flutter of the lids).
    """
    view = _view(segment)
    if view is None:
        return nothing(LABEL, "no frontopolar electrode and no vertical EOG")
    if segment.duration < 2:
        return nothing(LABEL, "needs 2 s of signal")
    if segment.sfreq < 32:
        return nothing(LABEL, "needs a sampling rate of 32 Hz or more")
    if (segment.filters.low_cut_hz or 0.0) > 2.0:
        return nothing(LABEL, f"the low cut of {segment.filters.low_cut_hz:g} Hz reshapes blinks")
    chosen = segment.pick([*view.channels, *view.behind])
    mended, missing = mend(chosen.data)
    slower = at_rate(replace(chosen, data=mended), _RATE)
    filtered = band(slower.data - np.median(slower.data, axis=1, keepdims=True), slower.sfreq, 0.5, 8.0)
    front, behind = filtered[: len(view.channels)], filtered[len(view.channels) :]
    scale = segment.sfreq / slower.sfreq
    events = [
        _event(slower, view, start, stop, height)
        for start, peak, stop, height in _waves(front.mean(axis=0), slower.sfreq, view, settings)
        if _is_field_of_the_eyes(front[:, peak], behind[:, peak], view, settings)
        and not missing[:, int(start * scale) : int(stop * scale)].any()
    ]
    return Detection(events=tuple(events), analysed=looked(LABEL, chosen, view.channels))


def _view(segment: Segment) -> _View | None:
    """Choose the channels that show blinks best; referential frontopolar first, EOG last."""
    pairs = {
        electrodes(c): c for c, kind in zip(segment.channels, segment.kinds, strict=True) if kind == "eeg"
    }
    for left, right in (("Fp1", "Fp2"), ("AF7", "AF8"), ("AF3", "AF4")):
        front = tuple(pairs[(e,)] for e in (left, right) if (e,) in pairs)
        if front:
            behind = tuple(pairs[(e,)] for e in ("F3", "F4") if (e,) in pairs)
            return _View(front, behind, 1.0, 0.7)
    for left, right, share in (("F3", "F4", 0.65), ("F7", "F8", 0.6)):
        front = tuple(pairs[p] for p in (("Fp1", left), ("Fp2", right)) if p in pairs)
        if front:
            next_pair = (("F3", "C3"), ("F4", "C4")) if left == "F3" else (("F7", "T3"), ("F8", "T4"))
            return _View(front, tuple(pairs[p] for p in next_pair if p in pairs), share, 1.0)
    vertical = [
        c
        for c, kind in zip(segment.channels, segment.kinds, strict=True)
        if kind == "eog" and ("V" in c.upper().replace("EOG", "").replace("AVG", "") or "VEOG" in c.upper())
    ]
    return _View((vertical[0],), (), 1.2, None) if vertical else None


def _waves(
    front: Array, sfreq: float, view: _View, settings: BlinkSettings
) -> list[tuple[int, int, int, float]]:
    """Start, peak, stop and height of positive waves of a blink's size and width outside rhythms."""
    shortest, longest = (sfreq * w for w in settings.width)
    peaks, found = find_peaks(
        front,
        height=0.6 * settings.prominence * view.prominence,
        prominence=settings.prominence * view.prominence,
        width=(shortest, longest),
        wlen=round(2 * sfreq),
    )
    _, _, left, right = peak_widths(
        front, peaks, 0.9, (found["prominences"], found["left_bases"], found["right_bases"])
    )
    return [
        (int(start), int(peak), int(np.ceil(stop)), float(height))
        for peak, start, stop, height in zip(peaks, left, right, found["prominences"], strict=True)
        if not _is_rhythmic(front, int(peak), sfreq, settings)
    ]


def _is_rhythmic(front: Array, peak: int, sfreq: float, settings: BlinkSettings) -> bool:
    """Whether the wave is one of many: autocorrelation of the five seconds around it."""
    reach = round(2.5 * sfreq)
    first = min(max(0, peak - reach), max(0, len(front) - 2 * reach))
    around = front[first : first + 2 * reach]
    around = around - around.mean()
    size = 2 * len(around)
    power = np.abs(np.fft.rfft(around, size)) ** 2
    correlation = np.fft.irfft(power, size)[: len(around)]
    # Divide by what of the stretch overlaps at each lag, else long lags look small.
    correlation /= np.maximum(correlation[0], 1e-9) * (1 - np.arange(len(around)) / len(around))
    low, high = round(0.3 * sfreq), min(round(1.2 * sfreq), len(around) // 2)
    # A peak counts only with a trough before it: a single wide wave falls off without coming back.
    lags = correlation[low:high]
    tops, _ = find_peaks(lags, prominence=0.3)
    return bool(len(tops) and lags[tops].max() >= settings.rhythmic)


def _is_field_of_the_eyes(front: Array, behind: Array, view: _View, settings: BlinkSettings) -> bool:
    """Whether both sides rise alike and the electrodes behind them much less."""
    if front.min() < settings.balance * front.max():
        return False
    if view.fall_off is None or not behind.size:
        return True
    fall_off = settings.fall_off if view.fall_off < 1 else view.fall_off
    return bool(behind.mean() < fall_off * front.mean())


def _event(segment: Segment, view: _View, start: int, stop: int, height: float) -> Event:
    onset, duration = segment.onset + start / segment.sfreq, (stop - start) / segment.sfreq
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=onset,
        duration=duration,
        channels=view.channels,
        amplitude=Amplitude(value_uv=round(height, 2), kind="pp"),
        per_channel=tuple(ChannelSpan(channel=c, onset=onset, duration=duration) for c in view.channels),
    )
