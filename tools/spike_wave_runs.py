"""Runs of spike-and-wave at 2.2 to 4.5 Hz: a rhythm whose averaged cycle holds a spike.

Within a run single spikes are hard to tell from the background, and a run fills the page that would be its own
background. The slow waves give the rhythm away; the spikes are then looked for in the average of its cycles.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import Array, band, joined_runs, middle
from tools.discharge_view import View

Ints = NDArray[np.int64]

SHORTEST, LONGEST = 0.22, 0.46
"""Seconds from one complex to the next; slower ones stand alone enough to be judged one by one."""
LEAST_CYCLES = 5


class RunSettings(NamedTuple):
    """What makes a rhythm a run of spike-and-wave."""

    spike_z: float = 3.0
    """Of the averaged spike, in standard errors of the background between cycles."""
    few: int = 7
    few_spike_z: float = 4.5
    """The same for runs of fewer cycles than this, which chance makes more often."""
    spike_share: float = 0.3
    """Least height of the averaged spike over half the peak-to-peak slow wave."""
    unsteady: float = 0.30
    """Most change from one interval to the next."""
    map_likeness: float = 0.9
    """Least correlation of the fields of spike and slow wave: one source draws both."""
    slow_sd: float = 0.9
    """Least height of a crest over the root mean square of the page in this band."""


class Run(NamedTuple):
    """Complexes in a row; samples of the view."""

    spikes: Ints
    crests: Ints
    period: float
    """Seconds, median."""
    field: Array
    """µV of the averaged spike in every channel."""
    spike_z: float
    spike_share: float
    likeness: float


def find_runs(view: View, settings: RunSettings = RunSettings()) -> list[Run]:  # noqa: B008 (frozen)
    """Find runs of generalised spike-and-wave.

    Parameters
    ----------
    view : View
        From ``tools.discharge_view.view_of``.
    settings : RunSettings
        Limits.

    Returns
    -------
    list of Run
        In order of time; never overlapping.
    """
    wide = view.sources.fields[view.sources.wide]
    if not len(wide):
        return []
    combined = wide @ view.data
    slow = band(combined, view.sfreq, 1.5, 5.0, order=4)
    usual = np.sqrt((slow**2).mean(axis=1))
    trains = [
        (row, crests)
        for row in range(len(wide))
        for crests in _trains(slow[row], float(usual[row]), view.sfreq, settings)
    ]
    if not trains:
        return []
    sharp = view.data - _smooth(view.data, 0.022 * view.sfreq)
    sharp = _smooth(sharp, 0.006 * view.sfreq)
    runs = [_judge(view, slow[row], sharp, wide[row], crests) for row, crests in trains]
    found = [run for run in runs if run is not None and _passes(run, settings)]
    found.sort(key=lambda run: -run.spike_z * np.sqrt(len(run.spikes)))
    kept: list[Run] = []
    for run in found:
        if all(run.spikes[-1] < other.spikes[0] or other.spikes[-1] < run.spikes[0] for other in kept):
            kept.append(run)
    return sorted(kept, key=lambda run: int(run.spikes[0]))


def _smooth(data: Array, sigma: float) -> Array:
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(data, sigma, axis=-1, truncate=3.0))


def _trains(slow: Array, usual: float, rate: float, settings: RunSettings) -> list[Ints]:
    """Crests of slow waves that follow one another at a steady pace."""
    from scipy.signal import find_peaks

    crests, _ = find_peaks(slow, height=settings.slow_sd * usual, distance=max(1, int(0.18 * rate)))
    steps = np.diff(crests) / rate
    if not joined_runs((steps >= SHORTEST) & (steps <= LONGEST), 0, LEAST_CYCLES - 1):
        return []
    trains: list[Ints] = []
    current: list[int] = []
    for crest in crests.tolist():
        step = (crest - current[-1]) / rate if current else 0.0
        before = (current[-1] - current[-2]) / rate if len(current) > 1 else step
        steady = abs(step - before) <= settings.unsteady * before
        if current and not (SHORTEST <= step <= LONGEST and steady):
            trains.append(np.array(current))
            current = [current[-1]] if SHORTEST <= step <= LONGEST else []
        current.append(crest)
    trains.append(np.array(current))
    return [train for train in trains if len(train) >= LEAST_CYCLES]


def _judge(view: View, slow: Array, sharp: Array, field: Array, crests: Ints) -> Run | None:
    """Average the cycles of a train and look for a spike before the crest."""
    rate = view.sfreq
    period = float(middle(np.diff(crests))) / rate
    first, last = -round(0.72 * period * rate), round(0.2 * period * rate)
    crests = crests[(crests + first >= 0) & (crests + last < len(slow))]
    if len(crests) < LEAST_CYCLES:
        return None
    begin = int(crests[0]) + first
    quick = field @ sharp[:, begin : int(crests[-1]) + last + 1]
    span = np.arange(first, last + 1)
    cycles = quick[crests[:, None] - begin + span]
    average = cycles.mean(axis=0)
    window = slice(0, round((0.72 - 0.18) * period * rate))
    lag = int(average[window].argmax())
    # Every cycle may have its spike a little earlier or later.
    play = max(1, round(0.025 * rate))
    low, high = max(0, lag - play), lag + play + 1
    spikes = crests + span[low + cycles[:, low:high].argmax(axis=1)]
    size = float(average[lag])
    error = 1.4826 * float(middle(np.abs(quick[:-1]))) / np.sqrt(len(crests))
    swing = float(slow[crests].mean())
    spike_map = sharp[:, spikes].mean(axis=1)
    whole = view.data[:, begin : int(crests[-1]) + last]
    wave_map = view.data[:, crests].mean(axis=1) - whole.mean(axis=1)
    likeness = float(
        spike_map @ wave_map / max(float(np.linalg.norm(spike_map) * np.linalg.norm(wave_map)), 1e-9)
    )
    return Run(
        spikes.astype(np.int64), crests.astype(np.int64), period, spike_map, size / max(error, 1e-9),
        size / max(swing, 1e-9), likeness,
    )  # fmt: skip


def _passes(run: Run, settings: RunSettings) -> bool:
    return (
        run.spike_z >= (settings.few_spike_z if len(run.spikes) < settings.few else settings.spike_z)
        and run.spike_share >= settings.spike_share
        and run.likeness >= settings.map_likeness
    )
