"""Awake, lightly or deeply asleep: what some seconds say of the state, without the half minute of staging."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp
from typing import NamedTuple

from agent.embedded.world import World
from agent.facts import derived
from agent.findings import Evidence
from agent.words import counted, listed
from tools.types import Event

LIGHT_SLOW, DEEP_SLOW = 0.715, 0.885
"""Share of delta and theta in 1.6-30 Hz at which waking turns into light sleep, and light into deep sleep."""
_STEP_LIGHT, _STEP_DEEP = 0.03, 0.015
_DEEP_TIME = 0.2
"""Share of the time under slow waves that makes N3."""
_CLEAR_ALPHA_DB, _SLOWEST_ALPHA = 8.0, 7.5


class Sign(NamedTuple):
    """A sign of sleep (positive) or of waking (negative)."""

    weight: float
    words: str
    evidence: tuple[Evidence, ...]
    events: tuple[Event, ...] = ()


class Vigilance(NamedTuple):
    """Chances of the three states, and the signs."""

    wake: float
    light: float
    deep: float
    signs: tuple[Sign, ...]


def vigilance(world: World) -> Vigilance | None:
    """Weigh the signs of sleep and of waking; None where there are none.

    Notes
    -----
    The limits of the slow share separate states of simulated segments; posterior alpha, blinks and muscle speak for
    waking, spindles, K-complexes, vertex waves and slow eye movements for light sleep, and slow waves during a fifth
    of the time for deep sleep (Berry RB et al. (2020), The AASM Manual for the Scoring of Sleep, version 2.6).
    """
    signs = tuple(_signs(world))
    slow = world.background["slow_share"]
    if not signs and slow is None:
        return None
    asleep = sum(sign.weight for sign in signs)
    deep = -2.0
    if slow is not None:
        asleep += _clip((slow - LIGHT_SLOW) / _STEP_LIGHT)
        deep = _clip((slow - DEEP_SLOW) / _STEP_DEEP)
    waves = world.seconds("slow_wave") / max(world.place[1], 1e-6)
    deep += 1.0 if waves >= _DEEP_TIME else 0.0
    deep -= 1.5 * bool(world.events("spindle")) + 1.0 * bool(world.events("kcomplex"))
    p_sleep, p_deep = _chance(asleep), _chance(deep)
    return Vigilance(1 - p_sleep, p_sleep * (1 - p_deep), p_sleep * p_deep, signs)


def slow_share(world: World) -> Sign | None:
    """How much of the power is slow, in words."""
    share = world.background["slow_share"]
    measured = world.measured("share of power below")
    if share is None or not measured:
        return None
    return Sign(0.0, f"{100 * share:.0f} % of the power is delta and theta.", measured)


def _signs(world: World) -> Iterator[Sign]:
    rhythm = world.background["posterior_rhythm"]
    if (
        rhythm
        and rhythm["frequency_hz"] >= _SLOWEST_ALPHA
        and (rhythm["prominence_db"] or 0) >= _CLEAR_ALPHA_DB
    ):
        words = f"A posterior rhythm of {rhythm['frequency_hz']:.1f} Hz is present."
        yield Sign(-2.5, words, world.measured("posterior rhythm"))
    for label, weight in _TELLING.items():
        found = world.events(label)
        if found:
            first = found[0]
            words = f"{counted(label, len(found)).capitalize()} found, the first at {first.onset:.1f} s."
            yield Sign(weight, words, (world.count(label), *derived(first)), tuple(found[:8]))


_TELLING = {
    "spindle": 3.0, "kcomplex": 2.5, "vertex": 2.0, "sem": 1.5, "sawtooth": 1.0,
    "eyem": -2.0, "hfnoise": -0.7, "chewing": -3.0, "mu": -1.5,
}  # fmt: skip
"""Waves that belong to sleep, and waves and artifacts of waking."""


def absent_signs(world: World) -> tuple[str, tuple[Evidence, ...]]:
    """Say which waves of sleep were looked for in vain."""
    labels = [
        label
        for label in ("spindle", "kcomplex", "slow_wave")
        if label in world.looked and not world.events(label)
    ]
    if not labels:
        return "", ()
    names = {"spindle": "sleep spindle", "kcomplex": "K-complex", "slow_wave": "slow wave"}
    return f"No {listed([names[label] for label in labels], last='or')} was found.", tuple(
        world.count(label) for label in labels
    )


def _clip(value: float) -> float:
    return max(-4.0, min(4.0, value))


def _chance(odds: float) -> float:
    return 1 / (1 + exp(-odds))
