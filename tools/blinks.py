"""Blinks: the eyes roll up behind closing lids and drive both frontopolar electrodes positive."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, band, looked, nothing, robust_sd, with_field
from tools.labels import electrodes
from tools.shared import slowed
from tools.types import Amplitude, ChannelSpan, Detection, Event, Segment

LABEL = "eyem"
SOURCE = "blinks 2"
_RATE = 100.0
_ENOUGH = 8
"""Channels from which on the field over the head can be compared."""
_VERTICAL = re.compile(r"V.?EOG|EOG.?V|VERT", re.IGNORECASE)


class BlinkSettings(NamedTuple):
    """What makes a frontopolar wave a blink; amplitudes in microvolts, durations in seconds."""

    prominence: float = 50.0
    above_background: float = 4.0
    """Least prominence in robust standard deviations of the frontopolar signal."""
    width: tuple[float, float] = (0.06, 0.45)
    """Width at half prominence."""
    duration: tuple[float, float] = (0.2, 0.7)
    """At 10 % of the prominence,"""
    duration_in_waves: float = 0.42
    prominence_in_waves: float = 60.0
    """and where the background at the forehead has a quarter of its height or more."""
    balance: float = 0.4
    """Least ratio of the smaller to the larger side."""
    likeness: float = 0.85
    """Least correlation of the field with that of a blink,"""
    likeness_in_waves: float = 0.6
    """or, there, this correlation."""
    fall_off: float = 0.6
    """Largest ratio of F3/F4 to Fp1/Fp2: the field of the eyes falls off within centimetres."""
    rhythmic: float = 0.5
    """Autocorrelation at 0.3 to 1 s from which a frontal wave belongs to a rhythm, not to a blink."""
    crowded: int = 7
    """So many waves within four seconds to both sides are discharges: lids do not keep up that pace."""


DEFAULTS = BlinkSettings()

_FIELD = {
    "Fp1": 1, "Fp2": 1, "Fz": 0.36, "F3": 0.33, "F4": 0.33, "F7": 0.25, "F8": 0.25, "T3": -0.15, "T4": -0.15,
    "Cz": -0.2, "C3": -0.22, "C4": -0.22, "Pz": -0.35, "P3": -0.36, "P4": -0.36, "T5": -0.36, "T6": -0.36,
    "O1": -0.4, "O2": -0.4,
}  # fmt: skip
"""Field of a blink in average reference: a blend of measured blinks and a model of the eyes."""


class _View(NamedTuple):
    """How a recording shows the eyes: signals that rise in a blink, and where it must be smaller."""

    channels: tuple[str, ...]  # left and right, or a single one
    behind: tuple[str, ...]
    share: float  # of the referential amplitude that is left here
    fall_off: float  # factor on the largest ratio of what lies behind
    field: tuple[str, ...] = ()  # electrodes of one reference, when there are enough to compare the field


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
        Events last while the wave exceeds 10 % of its height; the amplitude is that height, from the
        level around it to the peak, mean of both sides (peak to peak).

    Notes
    -----
    Frontal delta and frontal discharges give the same single waves. Their field falls off less behind the
    frontopolar electrodes, and they repeat: waves in a rhythm, or in a crowd that lids could not keep up,
    are left alone (and with them a true flutter of the lids). Discharges that are rare and have the very
    field of the eyes cannot be told from blinks without an EOG.
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
    chosen = segment.pick(list(dict.fromkeys([*view.channels, *view.behind, *view.field])))
    _, whole, missing = slowed(segment, _RATE)
    missing = missing[[segment.channels.index(name) for name in view.channels]]
    slower = whole.pick(chosen.channels)
    filtered = band(slower.data, slower.sfreq, 0.5, 8.0)
    rows = {name: filtered[row] for row, name in enumerate(chosen.channels)}
    front = np.stack([rows[name] for name in view.channels]).mean(axis=0)
    background = float(robust_sd(front))
    if view.field:
        seen = np.stack([rows[name] for name in view.field])
        front = with_field(seen, _usual(view.field), front >= 3.0 * background, slower.sfreq)
        front = front * _usual(view.channels).mean()
    scale = segment.sfreq / slower.sfreq
    waves = _waves(front, slower.sfreq, view, settings)
    events = [
        _event(slower, view, wave)
        for wave in waves
        if _is_field_of_the_eyes(rows, wave, background, slower.sfreq, view, settings)
        and not missing[:, int(wave.start * scale) : int(wave.stop * scale)].any()
    ]
    return Detection(events=tuple(events), analysed=looked(LABEL, chosen, view.channels))


def _view(segment: Segment) -> _View | None:
    """Choose the channels that show blinks best; referential frontopolar first, EOG last."""
    pairs = {electrodes(name): name for name in segment.pick_kinds("eeg").channels}
    for left, right in (("Fp1", "Fp2"), ("AF7", "AF8"), ("AF3", "AF4")):
        front = tuple(pairs[(e,)] for e in (left, right) if (e,) in pairs)
        if front:
            behind = tuple(pairs[(e,)] for e in ("F3", "F4") if (e,) in pairs)
            limit = 1.0 if behind else 0.6  # at the centre even less of a blink is left than at F3 and F4
            behind = behind or tuple(pairs[(e,)] for e in ("C3", "Cz", "C4") if (e,) in pairs)
            field = tuple(pairs[(e,)] for e in _FIELD if (e,) in pairs) if left == "Fp1" else ()
            return _View(front, behind, 1.0, limit, field if len(field) >= _ENOUGH else ())
    chains = [p for p in (("Fp1", "F3"), ("Fp2", "F4"), ("Fp1", "F7"), ("Fp2", "F8")) if p in pairs]
    if chains:
        follow = {"F3": "C3", "F4": "C4", "F7": "T3", "F8": "T4"}
        behind = tuple(pairs[p] for p in ((b, follow[b]) for _, b in chains) if p in pairs)
        field = tuple(name for pair, name in pairs.items() if len(pair) == 2 and set(pair) <= set(_FIELD))
        front = tuple(pairs[p] for p in chains)
        return _View(front, behind, 0.65, 1.6, field if len(field) >= _ENOUGH else ())
    vertical = [name for name in segment.pick_kinds("eog").channels if _VERTICAL.search(name)]
    return _View((vertical[0],), (), 1.2, 1.0) if vertical else None


def _usual(channels: Sequence[str]) -> Array:
    """What a blink looks like in these channels, referential or bipolar."""
    pairs = [electrodes(name) for name in channels]
    return np.array([_FIELD[p[0]] - (_FIELD[p[1]] if len(p) == 2 else 0) for p in pairs])


class _Wave(NamedTuple):
    start: int
    peak: int
    stop: int
    height: float


def _waves(front: Array, sfreq: float, view: _View, settings: BlinkSettings) -> list[_Wave]:
    """Positive waves of a blink's size and width that belong neither to a rhythm nor to a crowd."""
    from scipy.signal import find_peaks, peak_widths

    least = max(settings.prominence * view.share, settings.above_background * float(robust_sd(front)))
    peaks, found = find_peaks(front, prominence=0.5 * least, wlen=round(1.2 * sfreq))
    bases = (found["prominences"], found["left_bases"], found["right_bases"])
    halves = peak_widths(front, peaks, 0.5, bases)[0]
    _, _, left, right = peak_widths(front, peaks, 0.5, bases)
    # From the halves to a tenth, as a blink rises and falls: its foot is lost in slower waves.
    left, right = peaks - 1.6 * (peaks - left), peaks + 1.8 * (right - peaks)
    lengths = right - left
    waves = []
    for i, peak in enumerate(peaks.tolist()):
        height = float(bases[0][i])
        shortest, longest = settings.width
        near = np.abs(peaks - peak) <= 4 * sfreq
        in_view = (min(peak + 4 * sfreq, len(front)) - max(peak - 4 * sfreq, 0)) / (8 * sfreq)
        if (
            height >= least
            and front[peak] >= 0.5 * least
            and shortest * sfreq <= halves[i] <= longest * sfreq
            and settings.duration[0] * sfreq <= lengths[i] <= settings.duration[1] * sfreq
            # Ripples between blinks are no reason for doubt, waves of about their size are.
            and np.sum(bases[0][near] >= 0.4 * height) < settings.crowded * in_view
            and not _is_rhythmic(front, peak, sfreq, settings)
        ):
            waves.append(_Wave(max(0, round(left[i])), peak, round(right[i]) + 1, height))
    return waves


def _is_rhythmic(front: Array, peak: int, sfreq: float, settings: BlinkSettings) -> bool:
    """Whether the wave is one of many: autocorrelation of the eight seconds around it."""
    from scipy.signal import find_peaks

    reach = round(4 * sfreq)
    first = min(max(0, peak - reach), max(0, len(front) - 2 * reach))
    around = front[first : first + 2 * reach]
    around = around - around.mean()
    length = len(around)
    power = np.abs(np.fft.rfft(around, 2 * length)) ** 2
    correlation = np.fft.irfft(power, 2 * length)[:length]
    # Divide by what of the stretch overlaps at each lag, else long lags look small.
    correlation /= np.maximum(correlation[0], 1e-9) * (1 - np.arange(length) / length)
    first, last = round(0.3 * sfreq), round(sfreq)
    # A peak counts only with a trough before it: a single wide wave falls off without coming back.
    tops, _ = find_peaks(correlation[first:last], prominence=0.3)
    for lag in (tops + first).tolist():
        # Two blinks in a row correlate at their distance; a rhythm does so at twice the distance too.
        again = correlation[round(1.85 * lag) : round(2.15 * lag) + 1]
        if correlation[lag] >= settings.rhythmic and again.size and again.max() >= 0.6 * settings.rhythmic:
            return True
    return False


def _is_field_of_the_eyes(
    rows: dict[str, Array], wave: _Wave, background: float, sfreq: float, view: _View, settings: BlinkSettings
) -> bool:
    """Whether both sides rise alike, the electrodes behind them less, and the head as in a blink."""
    reach = round(0.35 * sfreq)
    rise = {name: _rise(row, wave.peak, reach) for name, row in rows.items()}
    sides = [rise[name] for name in view.channels]
    drowned = bool(view.field) and wave.height < 4 * background
    if drowned and (
        wave.height < settings.prominence_in_waves
        or wave.stop - wave.start > settings.duration_in_waves * sfreq
    ):
        return False
    if min(sides) < (0.5 if drowned else 1) * settings.balance * max(sides):
        return False
    if view.field:
        seen = np.array([rise[name] for name in view.field])
        like = np.corrcoef(seen, _usual(view.field))[0, 1]
        if like < (settings.likeness_in_waves if drowned else settings.likeness):
            return False
    beyond = [rise[name] for name in view.behind]
    return drowned or not beyond or bool(np.mean(beyond) < settings.fall_off * view.fall_off * np.mean(sides))


def _rise(row: Array, peak: int, reach: int) -> float:
    """Height above the mean of the signal before and after."""
    before, after = row[max(0, peak - reach)], row[min(peak + reach, len(row) - 1)]
    return float(row[peak] - (before + after) / 2)


def _event(segment: Segment, view: _View, wave: _Wave) -> Event:
    onset = segment.onset + wave.start / segment.sfreq
    duration = (wave.stop - wave.start) / segment.sfreq
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=onset,
        duration=duration,
        channels=view.channels,
        confidence=round(wave.height / (wave.height + 50.0), 3),
        amplitude=Amplitude(value_uv=round(wave.height, 2), kind="pp"),
        per_channel=tuple(ChannelSpan(channel=c, onset=onset, duration=duration) for c in view.channels),
    )
