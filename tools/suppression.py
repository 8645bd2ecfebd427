"""Continuity of the background: suppressed and attenuated stretches, and bursts between them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Bools, joined_runs, moving_rms
from tools.events import runs

_STEP = 0.05  # s, of the course of the amplitude
_WINDOW = 0.2  # s, over which it is measured


class SuppressionSettings(NamedTuple):
    """What is suppressed, what a burst is, and how much of both makes burst suppression."""

    suppressed_uv: float = 10.0
    """Peak to peak between neighbouring electrodes (ACNS 2021)."""
    attenuated: float = 0.33
    """Share of the size of the bursts under which the rest counts as attenuated; ACNS asks for half of it, but
    the course of the amplitude is smoothed here."""
    attenuated_uv: float = 20.0
    """And the most that it may have left."""
    channels: float = 0.8
    """Share of the derivations that have to be low at once."""
    shortest_low: float = 0.5
    shortest_burst: float = 0.5
    """Seconds; what is shorter is a discharge."""
    burst_uv: float = 25.0
    burst_over_low: float = 4.0
    """Least size of a burst, and least multiple of what is left between bursts."""
    least: float = 0.5
    """Share of the time that is low, from which on it is burst suppression (ACNS 2021)."""
    tolerance: float = 0.05
    """What may be missing of that share in ten seconds, where two or three bursts decide."""
    smear: float = 0.15
    """Seconds by which smoothing shortens a low stretch at either end."""
    most: float = 0.98


DEFAULTS = SuppressionSettings()


class Continuity(NamedTuple):
    """How continuous a stretch is."""

    low_share: float
    """Share of the time that is suppressed or attenuated."""
    word: str
    """``continuous``, ``nearly continuous``, ``discontinuous``, ``burst suppression``, ``burst attenuation`` or
    ``suppressed``."""
    bursts: int
    burst_s: float | None
    """Mean length of the bursts that are whole."""
    interval_s: float | None
    """Mean length of the low stretches."""
    low_uv: float
    burst_uv: float


class Course(NamedTuple):
    """Amplitude over time, and what is low of it."""

    size: Array
    """Peak-to-peak amplitude that the stated share of the derivations stays below."""
    typical: Array
    """The same of the median derivation."""
    low: Bools
    step: float
    """Seconds."""


def course_of(data: Array, sfreq: float, settings: SuppressionSettings = DEFAULTS) -> Course:
    """Follow the amplitude of all derivations and tell where it is low.

    Parameters
    ----------
    data : ndarray, shape (derivations, samples)
        Neighbouring electrodes against each other, slower than muscle and hum, finite.
    sfreq : float
        Hertz.
    settings : SuppressionSettings
        Limits.

    Notes
    -----
    Peak to peak is 2.83 times the RMS of a fifth of a second, which is exact for a sine. Bursts are judged
    against the loudest tenth of the stretch, capped, so that a quiet but continuous record is not attenuated.
    """
    hop = max(1, round(_STEP * sfreq))
    size = 2 * np.sqrt(2) * moving_rms(data, sfreq, _WINDOW)[:, ::hop]
    course = np.quantile(size, settings.channels, axis=0)
    limit = np.clip(
        settings.attenuated * np.quantile(course, 0.9), settings.suppressed_uv, settings.attenuated_uv
    )
    shortest = round(settings.shortest_low * sfreq / hop)
    low = np.zeros(len(course), dtype=bool)
    smear = round(settings.smear * sfreq / hop)
    for start, stop in joined_runs(course < limit, 0, max(1, shortest - 2 * smear)):
        low[max(0, start - smear) : stop + smear] = True
    return Course(course, np.median(size, axis=0), low, hop / sfreq)


def bursts_of(course: Course, settings: SuppressionSettings = DEFAULTS) -> list[tuple[int, int]]:
    """Stretches between low ones that are long and large enough to be bursts, whole or cut by the ends."""
    quiet = float(np.median(course.typical[course.low])) if course.low.any() else np.inf
    least = max(settings.burst_uv, settings.burst_over_low * quiet)
    return [
        (start, stop)
        for start, stop in runs(~course.low)
        if (stop - start) * course.step >= settings.shortest_burst
        and course.typical[start:stop].max() >= least
    ]


def measure_continuity(course: Course, settings: SuppressionSettings = DEFAULTS) -> Continuity:
    """Put a stretch into the classes of continuity of the ACNS.

    References
    ----------
    Hirsch et al. (2021), J Clin Neurophysiol 38:1, https://doi.org/10.1097/WNP.0000000000000806.
    """
    share = float(course.low.mean())
    found = bursts_of(course, settings)
    low = [(stop - start) * course.step for start, stop in runs(course.low)]
    inner = [(a, b) for a, b in found if a > 0 and b < len(course.low)] or found
    quiet = float(np.median(course.typical[course.low])) if course.low.any() else 0.0
    loud = [float(course.typical[a:b].max()) for a, b in found]
    return Continuity(
        round(share, 3),
        _word(share, quiet, bool(found), settings),
        len(found),
        float(np.mean([(b - a) * course.step for a, b in inner])) if inner else None,
        float(np.mean(low)) if low else None,
        round(quiet, 1),
        round(float(np.median(loud)), 1) if loud else 0.0,
    )


def _word(share: float, quiet: float, bursts: bool, settings: SuppressionSettings) -> str:
    if share > settings.most:
        return "suppressed"
    if share >= settings.least:
        if not bursts:
            return "suppressed"
        return "burst suppression" if quiet < settings.suppressed_uv else "burst attenuation"
    if share >= 0.1:
        return "discontinuous"
    return "nearly continuous" if share > 0 else "continuous"


def suppressed_spans(
    course: Course, window: float, settings: SuppressionSettings = DEFAULTS
) -> list[tuple[float, float]]:
    """Find the stretches of burst suppression, in seconds from the start of the course.

    A window counts where at least half of it is low, in two stretches or more, with a burst between; the span
    reaches from the first low stretch or burst to the last.
    """
    count, length = len(course.low), round(window / course.step)
    hop = max(1, round(1.0 / course.step))
    length = min(length, count)
    found = bursts_of(course, settings)
    here = np.zeros(count, dtype=bool)
    for start in range(0, count - length + 1, hop):
        low = course.low[start : start + length]
        inside = [b for b in found if b[0] < start + length and b[1] > start]
        left = float(np.median(course.typical[start : start + length][low])) if low.any() else np.inf
        alternating = len(inside) >= 1 and len(inside) + len(runs(low)) >= 3
        if (
            settings.least - settings.tolerance <= low.mean() <= settings.most
            and left < settings.suppressed_uv
            and alternating
        ):
            here[start : start + length] = True
    return [(start * course.step, stop * course.step) for start, stop in runs(here)]
