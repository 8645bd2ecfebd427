"""Periodic and rhythmic patterns, seizures and burst suppression, told apart in one look.

They compete for the same waves, so one function looks for all: a seizure first, then discharges with a gap between
them, then rhythmic delta without one, each lateralised, generalised or independent on both sides (ACNS).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import Array, moving_mean
from tools.events import runs
from tools.labels import PATTERN
from tools.pattern_chances import CLASSES, DEFAULTS, PatternSettings, probabilities
from tools.pattern_events import PatternMeasures, describe, frequency_of, pattern_features
from tools.pattern_pools import WINDOW
from tools.pattern_view import view_of
from tools.suppression import course_of, suppressed_spans
from tools.types import Analysed, Detection, Event, NotAnalysed, Segment

__all__ = ["CLASSES", "PatternMeasures", "find_patterns", "pattern_features", "probabilities"]


def find_patterns(segment: Segment, settings: PatternSettings = DEFAULTS) -> Detection:
    """Find periodic discharges, rhythmic delta, seizures and burst suppression.

    Parameters
    ----------
    segment : Segment
        EEG of four channels or more, 10 s or longer, at 50 Hz or more, low cut at 1 Hz or below. Average reference
        or bipolar.
    settings : PatternSettings
        Limits.

    Returns
    -------
    Detection
        Events with the channels that take part, the typical frequency in steps of 0.5 Hz, the amplitude peak to
        peak in the largest channel, and as confidence the mean probability of the label. Labels of a side
        need electrodes on both; without them they are in ``not_analysed``.

    Notes
    -----
    Ten-second windows are measured between neighbouring electrodes (`pattern_features`) every second, or every
    other second where a long recording shows nothing like a pattern, and weighed by a multinomial logistic model
    that was fitted on simulated examples alone (`pattern_weights`). A
    pattern that fills a short stretch qualifies only if it goes on; its confidence is lowered for that.
    Below six waves nothing is named. Seizures are meant electrographically, without what the person did.

    References
    ----------
    Hirsch et al. (2021), J Clin Neurophysiol 38:1, https://doi.org/10.1097/WNP.0000000000000806;
    Jing et al. (2023), Neurology 100:e1750, https://doi.org/10.1212/WNL.0000000000207127.
    """
    eeg = segment.pick_kinds("eeg")
    reason = _why_not(eeg)
    if reason:
        return _refused(PATTERN, reason)
    view = view_of(eeg)
    if len(view.names) < 4:
        return _refused(PATTERN, "needs four channels at different places")
    both = {"left", "right"} <= set(view.sides)
    chances, features = probabilities(view, settings)
    suppressed = suppressed_spans(course_of(view.data, view.sfreq), WINDOW)
    lasting = eeg.duration > 1.5 * WINDOW
    events: list[Event] = []
    for label, start, stop, chance in _spans(chances, eeg.duration, settings):
        if label != "seizure" and not both:
            continue
        sure = chance if lasting else 0.9 * chance
        row = _typical(features, start, stop)
        # The exact rate: to the half hertz, seven discharges in ten seconds would count as five.
        if (stop - start) * (frequency_of(label, row) or 1.0) >= settings.cycles:
            events.append(describe(eeg, view, label, start, stop, sure, row))
    taken = [
        (e.onset - eeg.onset, e.onset - eeg.onset + e.duration) for e in events if e.label.endswith("PD")
    ]
    for start, stop in suppressed:
        if not any(min(stop, b) - max(start, a) > 0.5 * (stop - start) for a, b in taken):
            chance, row = 0.8 if lasting else 0.7, _typical(features, start, stop)
            events.append(describe(eeg, view, "burst_suppression", start, stop, chance, row))
    labels = PATTERN if both else ("seizure", "burst_suppression")
    left_out = tuple(label for label in PATTERN if label not in labels)
    return Detection(
        events=tuple(sorted(events, key=lambda event: (event.onset, event.label))),
        analysed=Analysed(labels=labels, seconds=round(eeg.duration, 3), channels=eeg.channels),
        not_analysed=_refused(left_out, "needs electrodes on both sides of the head").not_analysed,
    )


def _why_not(eeg: Segment) -> str | None:  # noqa: PLR0911 (one line for each reason)
    if not eeg.channels:
        return "no EEG channel"
    if len(eeg.channels) < 4:
        return "needs four EEG channels: fewer cannot show where a pattern lies"
    if eeg.duration < WINDOW - 0.5:
        return "needs 10 s of signal: less cannot show how often and how steadily a pattern recurs"
    if eeg.sfreq < 50:
        return "needs a sampling rate of 50 Hz or more"
    if (eeg.filters.low_cut_hz or 0.0) > 1.0:
        return f"the low cut of {eeg.filters.low_cut_hz:g} Hz takes delta away"
    if (eeg.filters.high_cut_hz or 100.0) < 15:
        return f"the high cut of {eeg.filters.high_cut_hz:g} Hz takes sharp waves away"
    return None


def _refused(labels: tuple[str, ...], reason: str) -> Detection:
    return Detection(not_analysed=tuple(NotAnalysed(label=label, reason=reason) for label in labels))


def _typical(features: Array, start: float, stop: float) -> Array:
    """Median of the windows whose middle lies in a stretch, else of the nearest one."""
    middle = np.arange(len(features)) + WINDOW / 2
    inside = (middle >= start) & (middle <= stop)
    if not inside.any():
        inside = np.arange(len(features)) == np.argmin(np.abs(middle - (start + stop) / 2))
    return np.asarray(np.median(features[inside], axis=0))


def _spans(
    chances: Array, duration: float, settings: PatternSettings
) -> list[tuple[str, float, float, float]]:
    """Label, start and stop in seconds from the start of the segment, and mean chance of each stretch."""
    seconds = _by_second(chances, duration)
    some = 1 - seconds[:, 0] >= settings.least
    for start, stop in runs(~some):
        if start > 0 and stop < len(some) and stop - start <= settings.gap:
            some[start:stop] = True
    kinds = seconds[:, 1:]
    if len(kinds) > settings.steady:
        kinds = moving_mean((kinds * some[:, None]).T, 1.0, settings.steady).T
    # A seizure is decided second by second: it is shorter than other patterns, and comes first.
    ictal = (seconds[:, 1] >= settings.seizure) & some
    some &= ictal | (np.argmax(seconds, axis=1) != 1)
    named: NDArray[np.intp] = 2 + np.argmax(kinds[:, 1:], axis=1)
    named[~some], named[ictal] = 0, 1
    spans = []
    for number in range(1, len(CLASSES)):
        for start, stop in runs(named == number):
            end = min(float(stop), duration) if stop < len(named) else duration
            if end - start >= min(settings.shortest, duration):
                spans.append((CLASSES[number], float(start), end, float(seconds[start:stop, number].mean())))
    return spans


def _by_second(chances: Array, duration: float) -> Array:
    """Chances of every second: those of the windows that hold it, the central ones weighing more."""
    count = max(1, int(duration))
    total, weight = np.zeros((count, chances.shape[1])), np.zeros((count, 1))
    for offset in range(round(WINDOW)):
        share = 1.0 - abs(offset + 0.5 - WINDOW / 2) / (0.6 * WINDOW)
        at = np.arange(len(chances)) + offset
        inside = at < count
        total[at[inside]] += share * chances[inside]
        weight[at[inside]] += share
    return total / np.maximum(weight, 1e-9)
