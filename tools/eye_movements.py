"""Eye movements of sleep: rapid ones of stage R and slow rolling ones of drowsiness, by both eyes together."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Bools, at_rate, band, joined_runs, mend, moving_mean
from tools.labels import electrodes
from tools.types import Amplitude, Analysed, ChannelSpan, Detection, Event, NotAnalysed, Segment

RAPID, SLOW = "rem", "sem"
SOURCE = "eye_movements 1"
_RATE, _SLOW_RATE = 100.0, 20.0
_LEFT = re.compile(r"^(?:E1|LOC|EOG.?L(?:EFT)?|L.?EOG|EOG.?1|LE?OG)(?:[^A-Z0-9]|$)", re.IGNORECASE)
_RIGHT = re.compile(r"^(?:E2|ROC|EOG.?R(?:IGHT)?|R.?EOG|EOG.?2|RE?OG)(?:[^A-Z0-9]|$)", re.IGNORECASE)
_VERTICAL = re.compile(r"V.?EOG|EOG.?V|VERT", re.IGNORECASE)


class EyeMovementSettings(NamedTuple):
    """What makes a movement rapid or slow; amplitudes in microvolts, durations in seconds."""

    rapid_uv: tuple[float, float] = (50.0, 325.0)
    """Limits for the geometric mean of both eyes' deflections."""
    prominence: float = 0.8
    """Least prominence of the product of both, in squares of the least deflection."""
    rapid_s: tuple[float, float] = (0.3, 1.2)
    balance: float = 0.33
    """Least ratio of the smaller to the larger eye's deflection."""
    turned: float = -0.7
    """Correlation of both eyes over a rapid movement that must not be exceeded."""
    rise_s: float = 0.5
    """Longest time from the start of a rapid movement to its peak."""
    opposition: float = -0.8
    """Correlation of both eyes over 4 s that a slow movement must not exceed."""
    slow_pp_uv: float = 25.0
    """Least peak-to-peak size of slow movements on either side."""
    slow_scalp_pp_uv: float = 40.0
    """The same at F7 and F8, where the EEG is not small."""
    slow_share: float = 0.75
    """Least share of 0.2 to 1 Hz in the power of 0.2 to 5 Hz of the difference."""
    slow_s: float = 4.0
    """Shortest stretch of slow movements."""


DEFAULTS = EyeMovementSettings()


class _Eyes(NamedTuple):
    left: str
    right: str | None  # None for a single channel between both eyes
    eog: bool


def find_eye_movements(segment: Segment, settings: EyeMovementSettings = DEFAULTS) -> Detection:
    """Find rapid and slow eye movements in which both eyes turn together.

    Parameters
    ----------
    segment : Segment
        EOG of both eyes (E1 and E2, LOC and ROC), one horizontal EOG, or F7 and F8 beside other EEG; at least
        5 s at 20 Hz, low cut at 0.3 Hz or below for slow movements.
    settings : EyeMovementSettings
        Limits.

    Returns
    -------
    Detection
        ``rem``: from the foot of a deflection to its return; ``sem``: stretches of rolling, with their
        frequency. Amplitude peak to peak of the larger eye, in 0.5 to 5 and 0.2 to 1 Hz.

    Notes
    -----
    The eyes move together and their channels show it with opposite signs; blinks, slow waves and other EEG
    have the same sign in both. Rapid movements follow the rule of YASA: peaks of the negative product. They
    occur in wakefulness, too: only stage R makes them movements of REM sleep, and this does not tell the
    stage. F7 and F8 are enough for slow movements, not to tell rapid ones from looks aside. In a
    single channel the opposition of the eyes cannot be tested.

    References
    ----------
    Agarwal et al. (2005), IEEE Trans Biomed Eng 52:1390, https://doi.org/10.1109/TBME.2005.851512.
    Vallat and Walker (2021), eLife 10:e70092, https://doi.org/10.7554/eLife.70092.
    """
    eyes = _eyes(segment)
    reason = _reason(segment, eyes)
    if eyes is None or reason:
        return _not(reason or "", RAPID, SLOW)
    names = [eyes.left] if eyes.right is None else [eyes.left, eyes.right]
    chosen = segment.pick(names)
    mended, missing = mend(chosen.data)
    chosen = replace(chosen, data=mended - np.median(mended, axis=1, keepdims=True))
    events: list[Event] = []
    left_out: list[NotAnalysed] = []
    labels: list[str] = []
    if not eyes.eog:
        left_out += _not("needs EOG channels: F7 and F8 show looks aside alike", RAPID).not_analysed
    elif (segment.filters.low_cut_hz or 0.0) > 1.0:
        left_out += _not(
            f"the low cut of {segment.filters.low_cut_hz:g} Hz reshapes them", RAPID
        ).not_analysed
    else:
        labels.append(RAPID)
        events += _rapid(chosen, missing, settings)
    if (segment.filters.low_cut_hz or 0.0) > 0.35:
        left_out += _not(f"the low cut of {segment.filters.low_cut_hz:g} Hz removes them", SLOW).not_analysed
    elif eyes.right is None:
        left_out += _not("needs both eyes: in one channel drifts look alike", SLOW).not_analysed
    else:
        labels.append(SLOW)
        least = settings.slow_pp_uv if eyes.eog else settings.slow_scalp_pp_uv
        rolling = _slow(chosen, missing, least, settings)
        # The lower frequencies of rapid movements in a row look like rolling.
        events += [event for event in rolling if not _is_rapid(event, events)]
    seconds = round(segment.duration, 3) if labels else 0.0
    looked = Analysed(labels=tuple(labels), seconds=seconds, channels=tuple(names) if labels else ())
    return Detection(events=tuple(events), analysed=looked, not_analysed=tuple(left_out))


def _reason(segment: Segment, eyes: _Eyes | None) -> str | None:
    if eyes is None:
        return "needs EOG of both eyes, a horizontal EOG, or F7 and F8"
    if segment.duration < 5:
        return "needs 5 s of signal"
    return "needs a sampling rate of 20 Hz or more" if segment.sfreq < 20 else None


def _not(reason: str, *labels: str) -> Detection:
    return Detection(not_analysed=tuple(NotAnalysed(label=label, reason=reason) for label in labels))


def _eyes(segment: Segment) -> _Eyes | None:
    """Choose the channels: both eyes first, then one horizontal channel, then F7 and F8."""
    eog = segment.pick_kinds("eog").channels
    left = next((name for name in eog if _LEFT.search(name)), None)
    right = next((name for name in eog if _RIGHT.search(name)), None)
    if left and right:
        return _Eyes(left, right, True)
    horizontal = [name for name in eog if not _VERTICAL.search(name)]
    if horizontal:
        return _Eyes(horizontal[0], None, True)
    sites = {electrodes(name): name for name in segment.pick_kinds("eeg").channels}
    if ("F7",) in sites and ("F8",) in sites:
        return _Eyes(sites[("F7",)], sites[("F8",)], False)
    return None


def _rapid(eyes: Segment, missing: Bools, settings: EyeMovementSettings) -> list[Event]:
    """Peaks of the negative product of both eyes, or of the square of a single channel."""
    from scipy.signal import find_peaks

    slower = at_rate(eyes, _RATE)
    sfreq = slower.sfreq
    moved = band(slower.data, sfreq, 0.5, 5.0)
    pair = len(moved) == 2
    # Between both eyes a turn is seen once as large as both together.
    product = -moved[0] * moved[1] if pair else (moved[0] / 2) ** 2
    least, most = (limit**2 for limit in settings.rapid_uv)
    peaks, found = find_peaks(
        product,
        height=(least, most),
        distance=max(1, round(settings.rapid_s[0] * sfreq)),
        prominence=settings.prominence * least,
        wlen=max(3, round(settings.rapid_s[1] * sfreq)),
    )
    events = []
    for peak, first, last in zip(peaks, found["left_bases"], found["right_bases"], strict=True):
        length, rise = (last - first) / sfreq, (peak - first) / sfreq
        here = slice(int(first / sfreq * eyes.sfreq), int(last / sfreq * eyes.sfreq))
        if (
            settings.rapid_s[0] <= length < settings.rapid_s[1]
            and rise <= settings.rise_s
            and (not pair or _turn_together(moved[:, first:last], moved[:, peak], settings))
            and not missing[:, here].any()
        ):
            large = np.clip((np.sqrt(product[peak]) / settings.rapid_uv[0] - 1) / 2, 0, 1)
            sure = round(float((0.5 if pair else 0.3) + 0.4 * large), 3)
            events.append(_event(slower, moved, int(first), int(last), RAPID, sure))
    return events


def _is_rapid(slow: Event, rapid: list[Event]) -> bool:
    """Whether rapid movements, one in four seconds or more, make up a stretch."""
    inside = sum(slow.onset <= event.onset <= slow.onset + slow.duration for event in rapid)
    return inside >= max(1.0, slow.duration / 4)


def _turn_together(part: Array, peak: Array, settings: EyeMovementSettings) -> bool:
    """Whether both eyes take like shares in a movement and oppose each other all through it."""
    sizes = np.abs(peak)
    return bool(
        sizes.min() >= settings.balance * sizes.max()
        and np.asarray(np.corrcoef(part))[0, 1] <= settings.turned
    )


def _slow(eyes: Segment, missing: Bools, least: float, settings: EyeMovementSettings) -> list[Event]:
    """Stretches in which both eyes drift in opposite directions at 0.2 to 1 Hz."""
    slower = at_rate(eyes, _SLOW_RATE)
    sfreq = slower.sfreq
    rolled, whole = band(slower.data, sfreq, 0.2, 1.0, 2), band(slower.data, sfreq, 0.2, 5.0, 2)
    power: Array = moving_mean(rolled**2, sfreq, 4.0)
    product = np.maximum(power[0] * power[1], 1e-9)
    against = moving_mean(rolled[0] * rolled[1], sfreq, 4.0) / np.sqrt(product)
    apart = moving_mean((rolled[1] - rolled[0]) ** 2, sfreq, 4.0)
    share = apart / np.maximum(moving_mean((whole[1] - whole[0]) ** 2, sfreq, 4.0), 1e-9)
    size = np.asarray(2 * np.sqrt(2 * power.min(axis=0)))
    flags = (against <= settings.opposition) & (share >= settings.slow_share) & (size >= least)
    gone = np.asarray(missing.any(axis=0))
    envelope = moving_mean(np.abs(rolled[1] - rolled[0]), sfreq, 1.5)
    events = []
    for start, stop in joined_runs(flags, round(sfreq), round((settings.slow_s - 1) * sfreq)):
        # Windows of 4 s hold on beyond the movement: it lasts as long as the difference is large.
        strong = np.flatnonzero(envelope[start:stop] >= 0.4 * np.median(envelope[start:stop]))
        first, last = start + int(strong[0]), start + int(strong[-1]) + 1
        if gone[int(first / sfreq * eyes.sfreq) : int(last / sfreq * eyes.sfreq)].any():
            continue
        sure = np.clip(-against[start:stop].mean() * share[start:stop].mean(), 0.1, 1)
        events.append(_event(slower, rolled, first, last, SLOW, round(float(sure), 3)))
    return events


def _event(segment: Segment, moved: Array, first: int, last: int, label: str, confidence: float) -> Event:
    onset, duration = segment.onset + first / segment.sfreq, (last - first) / segment.sfreq
    sizes = np.ptp(moved[:, first:last], axis=1)
    spans = tuple(
        ChannelSpan(
            channel=segment.channels[row],
            onset=onset,
            duration=duration,
            value_uv=round(float(sizes[row]), 2),
        )
        for row in np.argsort(-sizes, kind="stable")
    )
    turned = moved[-1, first:last] - (moved[0, first:last] if len(moved) == 2 else 0.0)
    turns = np.count_nonzero(np.diff(np.signbit(turned)))
    return Event(
        label=label,
        source=SOURCE,
        onset=onset,
        duration=duration,
        channels=tuple(span.channel for span in spans),
        confidence=confidence,
        amplitude=Amplitude(value_uv=spans[0].value_uv or 0.0, kind="pp"),
        frequency_hz=round(turns / 2 / duration, 2) if label == SLOW and turns else None,
        per_channel=spans,
    )
