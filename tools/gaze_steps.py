"""Steps with the field of the eyes, and how likely two of them are one look aside and back."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, robust_sd

_GRID = 100.0
"""Places per second at which steps are measured, about."""
_MEAN, _GAP = 0.09, 0.06
"""Seconds of signal on each side of a step, and between: a saccade of 20 degrees takes 0.07 s."""
_SAGS = (0.6, 1.6, 10.0)
"""Seconds in which the low cuts of amplifier and analysis let a held deflection decay, if at all."""
_AROUND = 0.3
"""Seconds before and after a look in which the level should be even."""
_NEAR = 3.0
"""Seconds to both sides in which other steps make a rhythm likely."""
_RIDGE = 0.04
"""Share of the mean variance that is added to each channel: fields differ from person to person."""

INTERCEPT = -3.2
WEIGHTS = (2.15, -5.0, 3.6, -0.33, -0.48)
"""Of `Measures`, in their order: logistic regression on 3150 tuning segments; `models/runs/gaze.md` says how far
`models.fit_gaze` gives them again."""


class Steps(NamedTuple):
    """How much higher the signal is after each place than before it."""

    by_channel: Array
    """Microvolts, shape (channels, places)."""
    field: Array
    """The same for what has the field of the eyes, shape (places,)."""
    level: Array
    """Signal that has it, shape (places and a few more,); its first sample lies half a step before."""
    spread: float
    """Robust deviation of `field`."""
    inverse: Array
    """Inverse of the covariance of steps that are none of the eyes, shape (channels, channels)."""
    rate: float
    """Places per second."""
    first: float
    """Second of the first place."""


class Measures(NamedTuple):
    """What tells a look aside from anything else; each is limited to where it tells something."""

    strength: float
    """log of both steps together in robust deviations, 12 at most."""
    sag: float
    """How much larger the way back is than the way out, or smaller than the fastest decay leaves it, log."""
    field: float
    """log of the share of both steps that has the field of the eyes, where the background is weighted down."""
    crowd: float
    """Steps of half the size or more nearby, 8 at most."""
    unrest: float
    """log of the variance that a sagging box leaves over that of steps, above 0.5."""


class Look(NamedTuple):
    """A way out and a way back."""

    start: int
    stop: int
    rise: Array
    """Height in every channel, microvolts."""
    measures: Measures
    chance: float


def steps_of(data: Array, usual: Array, sfreq: float) -> Steps:
    """Measure steps in every channel, and in the combination that shows the eyes best.

    Parameters
    ----------
    data : ndarray, shape (channels, samples)
        Finite, 1.5 s or more.
    usual : ndarray, shape (channels,)
        Field of a gaze to the right.
    sfreq : float
        Hertz.

    Notes
    -----
    The weights let the field through and suppress what steps elsewhere look like, as a beamformer does; the
    covariance is that of steps, not of the signal, since slow waves are loud but no obstacle.

    References
    ----------
    Van Veen et al. (1997), IEEE Trans Biomed Eng 44:867, https://doi.org/10.1109/10.623056 (the weights).
    """
    every, width = max(1, round(sfreq / _GRID)), max(1, round(_MEAN * sfreq))
    rate = sfreq / every
    total = np.cumsum(data - data.mean(axis=1, keepdims=True), axis=1)
    means = (total[:, width::every] - total[:, :-width:every]) / width
    lag = round((_MEAN + _GAP) * rate)
    by_channel = means[:, lag:] - means[:, :-lag]
    rough = usual @ by_channel / (usual @ usual)
    loud = np.convolve(np.abs(rough) >= 3.0 * robust_sd(rough), np.ones(round(0.3 * rate)), "same") > 0
    quiet = by_channel[:, ~loud] if (~loud).sum() >= 3 * rate else by_channel
    covariance = quiet @ quiet.T / quiet.shape[1]
    ridge = _RIDGE * np.trace(covariance) / len(data) + 1e-6
    inverse = np.linalg.inv(covariance + ridge * np.eye(len(data)))
    weights = inverse @ usual / (usual @ inverse @ usual)
    field = weights @ by_channel
    return Steps(
        by_channel=by_channel, field=field, level=weights @ means, spread=max(float(robust_sd(field)), 1e-9),
        inverse=inverse, rate=rate, first=(1 + width / 2 + lag * every / 2) / sfreq,
    )  # fmt: skip


def looks(
    steps: Steps, usual: Array, hold: tuple[float, float], least: float, chance: float = 0.0
) -> list[Look]:
    """Pair steps out with steps back.

    Parameters
    ----------
    steps : Steps
        From `steps_of`.
    usual : ndarray, shape (channels,)
        Field of a gaze to the right.
    hold : tuple of float
        Seconds from step to step.
    least : float
        Robust deviations of a step out; a step back may be a seventh of it.
    chance : float
        What is less likely is left out.
    """
    from scipy.signal import find_peaks

    size = np.abs(steps.field) / steps.spread
    at, _ = find_peaks(size, height=1.5, distance=round(0.1 * steps.rate))
    size, positive = size[at], steps.field[at] > 0
    found = []
    for first in np.flatnonzero(size >= least).tolist():
        apart = (at - at[first]) / steps.rate
        second = np.flatnonzero((apart >= hold[0]) & (apart <= hold[1]) & (positive != positive[first]))
        near = int(np.sum((np.abs(apart) < _NEAR) & (size >= 0.5 * size[first]))) - 1
        for last in second[size[second] >= size[first] / 7].tolist():
            look = _look(steps, usual, (int(at[first]), int(at[last])), near, chance)
            if look.chance >= chance:
                found.append(look)
    return found


def _look(steps: Steps, usual: Array, at: tuple[int, int], near: int, least: float) -> Look:
    """Measure a pair of steps; what takes long only where it can still reach the least chance."""
    start, stop = at
    seconds = (stop - start) / steps.rate
    out, back = (abs(float(steps.field[place])) / steps.spread for place in at)
    left = math.exp(-seconds / _SAGS[1])  # of the deflection, at the way back, as a rule
    both = steps.by_channel[:, start] - left * steps.by_channel[:, stop]
    measures = Measures(
        strength=math.log(min((out + left * back) / math.hypot(1, left), 12.0)),
        sag=max(math.log(back / out), -seconds / _SAGS[0] - math.log(back / out), 0.0),
        field=math.log(_share(both, usual, steps.inverse) + 0.01),
        crowd=min(near - (back >= 0.5 * out), 8),
        unrest=0.0,
    )
    if _chance(measures) >= least:
        measures = measures._replace(unrest=max(_unrest(steps, start, stop) - 0.5, 0.0))
    left = min(back / out, 1.0)  # as it was seen
    rise = (steps.by_channel[:, start] - left * steps.by_channel[:, stop]) / (1 + left**2)
    return Look(start, stop, rise, measures, _chance(measures))


def _chance(measures: Measures) -> float:
    return 1 / (1 + math.exp(-INTERCEPT - sum(w * x for w, x in zip(WEIGHTS, measures, strict=True))))


def _share(rise: Array, usual: Array, inverse: Array) -> float:
    """Share of a field that another one explains, noise weighted down."""
    own = float(rise @ inverse @ rise) * float(usual @ inverse @ usual)
    return float(rise @ inverse @ usual) ** 2 / max(own, 1e-12)


def _unrest(steps: Steps, start: int, stop: int) -> float:
    """Log of the variance around a look that neither a sagging box nor a sloping line explains."""
    half = round(
        (_MEAN + _GAP) * steps.rate / 2
    )  # from a place to the sample of the level that belongs to it
    margin, edge = round(_AROUND * steps.rate), (0.05 + _MEAN) / 2 * steps.rate
    first, last = max(0, start - margin + half), min(len(steps.level), stop + margin + half)
    t = np.arange(first, last) - half
    box = np.clip((t - start) / (2 * edge) + 0.5, 0, 1) * np.clip((stop - t) / (2 * edge) + 0.5, 0, 1)
    seen = steps.level[first:last] - steps.level[first:last].mean()
    line = t - t.mean()
    line = line / np.sqrt(line @ line)
    seen = seen - line * (line @ seen)
    power, explained = float(seen @ seen), 0.0
    for sag in _SAGS:
        model = box * np.exp(-np.clip(t - start, 0, None) / (sag * steps.rate))
        model = model - model.mean()
        model = model - line * (line @ model)
        explained = max(explained, float(seen @ model) ** 2 / max(float(model @ model), 1e-12))
    return float(np.log((power - explained) / len(t) / steps.spread**2 + 1e-3))


def best(found: list[Look], rate: float) -> list[Look]:
    """The likeliest looks that share no step: the way back of one looks like the way out of another."""
    chosen: list[Look] = []
    for look in sorted(found, key=lambda look: -look.chance):
        if all(look.stop < o.start - 0.1 * rate or look.start > o.stop + 0.1 * rate for o in chosen):
            chosen.append(look)
    return sorted(chosen, key=lambda look: look.start)
