"""A night's stages, drawn from a semi-Markov model with cycles.

Four or five cycles of about 92 minutes; deep sleep shrinks and REM sleep grows from one to the next; breaks to
W or N1 come with a hazard that depends on the stage. Shares, latencies and the number of changes were set to
those of healthy adults; a test holds them over 300 nights.

References
----------
Ohayon et al. (2004), https://doi.org/10.1093/sleep/27.7.1255 (norms by age).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

EPOCH = 30.0
_DEEP_SHARE = (0.50, 0.36, 0.18, 0.07, 0.03)
_REM_MINUTES = (8.0, 18.0, 24.0, 28.0, 32.0)
_HAZARD = {"N2": 0.026, "N3": 0.010, "R": 0.018}
"""Chance per epoch that sleep is broken."""


class NightStatistics(NamedTuple):
    """Figures of a hypnogram; shares are of the total sleep time."""

    shares: dict[str, float]
    total_sleep_min: float
    efficiency: float
    rem_latency_min: float
    changes: int
    deep_in_first_third: float
    """Share of N3 in the first third of the night over the share in all of it."""
    rem_in_last_third: float


def draw_hypnogram(rng: np.random.Generator, hours: float | None = None) -> tuple[str, ...]:
    """Draw the stages of a night, one per 30-s epoch.

    Parameters
    ----------
    rng : Generator
        Source of chance.
    hours : float, optional
        Length to which the night is cut or, by further cycles and final wakefulness, filled; as it comes
        when left out.

    Returns
    -------
    tuple of str
        ``W``, ``N1``, ``N2``, ``N3``, ``R``.
    """
    wanted = None if hours is None else round(hours * 3600 / EPOCH)
    stages = ["W"] * max(2, round(rng.gamma(4, 3) * 2))
    stages += ["N1"] * int(np.clip(round(rng.gamma(3, 1.3) * 2), 2, 20))
    cycles = int(rng.integers(4, 6))
    cycle = 0
    while cycle < cycles or (wanted is not None and len(stages) < wanted):
        _add_cycle(stages, min(cycle, 4), rng)
        cycle += 1
    stages += ["W"] * int(rng.integers(1, 12))
    return tuple(stages if wanted is None else stages[:wanted])


def _add_cycle(stages: list[str], cycle: int, rng: np.random.Generator) -> None:
    rem = _REM_MINUTES[cycle] * rng.lognormal(0, 0.25)
    light = max(20.0, rng.normal(92, 10) - rem)
    deep = light * _DEEP_SHARE[cycle] * rng.lognormal(0, 0.12)
    before = (light - deep) * rng.uniform(0.3, 0.6)
    for stage, minutes in (("N2", before), ("N3", deep), ("N2", light - deep - before), ("R", rem)):
        _add_bout(stages, stage, round(2 * minutes), rng)


def _add_bout(stages: list[str], stage: str, epochs: int, rng: np.random.Generator) -> None:
    """Append a bout; a break adds its own time, and after one N3 is reached through N2 again."""
    done = 0
    while done < epochs:
        stages.append(stage)
        done += 1
        if rng.random() < _HAZARD[stage]:
            if rng.random() < 0.55:
                stages += ["W"] * int(rng.geometric(0.28))
            stages += ["N1"] * int(rng.geometric(0.40))
            if stage == "N3":
                stages += ["N2"] * int(rng.integers(1, 4))


def night_statistics(stages: tuple[str, ...]) -> NightStatistics:
    """Measure a hypnogram by the definitions of the AASM manual."""
    night = np.array(stages)
    asleep = night != "W"
    first, last = int(np.argmax(asleep)), len(night) - int(np.argmax(asleep[::-1]))
    total = int(asleep.sum())
    period = night[first:last]
    third = len(period) // 3
    rem = np.flatnonzero(night == "R")
    return NightStatistics(
        shares={stage: float((night == stage).sum() / total) for stage in ("N1", "N2", "N3", "R")},
        total_sleep_min=total * EPOCH / 60,
        efficiency=total / len(night),
        rem_latency_min=float((rem[0] - first) * EPOCH / 60) if rem.size else float("nan"),
        changes=int((night[1:] != night[:-1]).sum()),
        deep_in_first_third=float((period[:third] == "N3").mean() / max(1e-9, (period == "N3").mean())),
        rem_in_last_third=float((period[-third:] == "R").mean() / max(1e-9, (period == "R").mean())),
    )
