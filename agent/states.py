"""Which state of vigilance a short stretch looks like, from what was found and measured on it.

A stage belongs to an epoch of 30 s; a page is shorter, and what it shows is only compatible with a stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from agent.intent import Stage
from tools.background_record import Background
from tools.types import Event

Detail = Literal["", "eyes closed", "eyes open"]


class StateSettings(NamedTuple):
    """What a page has to show before it is compared with a stage."""

    deep_share: float = 0.20
    """Share of the time under slow waves from which N3 is scored (AASM)."""
    low_uv: float = 50.0
    """Peak-to-peak up to which a theta background is that of drowsiness; slowing by disease is taller."""
    few: int = 1
    """Events of a kind that are enough."""


SETTINGS = StateSettings()


class Sign(NamedTuple):
    """One thing on the page that speaks for a stage."""

    stage: Stage
    label: str
    """Label of the events, or ``posterior rhythm``, ``theta``, ``fast``: what of the background it is."""
    weight: float
    events: tuple[Event, ...] = ()
    value: float = 0.0
    """Share of slow-wave time, or frequency of a rhythm in Hz."""


class State(NamedTuple):
    """The state that a page is most compatible with."""

    stage: Stage | None
    """None where nothing on the page decides."""
    detail: Detail
    sure: bool
    """False where only weak signs speak for it, or others speak against it."""
    signs: tuple[Sign, ...]
    """What speaks for it, the strongest first."""
    against: tuple[Sign, ...]


def infer_state(
    events: Sequence[Event],
    background: Background,
    duration: float,
    settings: StateSettings = SETTINGS,
) -> State:
    """Infer which stage a stretch is compatible with.

    Parameters
    ----------
    events : sequence of Event
        Everything found on the stretch; what lies under artifact is left out.
    background : Background
        Of the same stretch.
    duration : float
        Its length in seconds.
    settings : StateSettings
        What has to be there.

    Returns
    -------
    State
        ``stage`` is None where no sign was found.

    Notes
    -----
    The signs are those of the AASM rules (Berry et al., The AASM Manual for the Scoring of Sleep and Associated
    Events, version 3): slow waves over a fifth of the time for N3, sleep spindles or K-complexes for N2, rapid eye
    movements without either for R, vertex waves, slow eye movements or theta in place of alpha for N1, a posterior
    rhythm, blinks, looks and chewing for W. It departs from them in that a page stands in for an epoch, and that
    muscle and fast activity, which the rules do not weigh, speak weakly for W.
    """
    standing = [event for event in events if not event.masked_by]
    signs = sorted(_signs(standing, background, duration, settings), key=lambda sign: -sign.weight)
    totals: dict[Stage, float] = {}
    for sign in signs:
        totals[sign.stage] = totals.get(sign.stage, 0.0) + sign.weight
    if not totals:
        return State(None, "", sure=False, signs=(), against=())
    stage = max(totals, key=lambda name: totals[name])
    mine = tuple(sign for sign in signs if sign.stage == stage)
    against = tuple(sign for sign in signs if sign.stage != stage)
    rest = max((total for name, total in totals.items() if name != stage), default=0.0)
    return State(stage, _detail(stage, mine), totals[stage] - rest >= 1.0, mine, against)


def _detail(stage: Stage, signs: Sequence[Sign]) -> Detail:
    if stage != "W":
        return ""
    named = {sign.label for sign in signs}
    if named & {"eyem", "eyer+", "chewing"} and "posterior rhythm" not in named:
        return "eyes open"
    return "eyes closed" if "posterior rhythm" in named and not named & {"eyem", "eyer+"} else ""


def _signs(
    events: Sequence[Event], background: Background, duration: float, settings: StateSettings
) -> Iterator[Sign]:
    """Everything that speaks for a stage; weights order them, an unmistakable sign outweighs the weak ones."""
    by = {label: tuple(event for event in events if event.label == label) for label in _WEIGHTS}
    slow = deep_time(events)
    share = slow / duration if duration > 0 else 0.0
    if share >= settings.deep_share:
        yield Sign("N3", "slow_wave", 3.5, _slow_waves(events), share)
    for label, (stage, weight) in _WEIGHTS.items():
        if len(by[label]) >= settings.few:
            yield Sign(stage, label, weight, by[label])
    rhythm, top = background.posterior_rhythm, background.dominant
    if rhythm is not None:
        yield Sign("W", "posterior rhythm", 2.0, (), rhythm.frequency_hz)
    elif top is not None and top.band == "theta" and top.amplitude_uv <= settings.low_uv:
        yield Sign("N1", "theta", 1.0, (), top.frequency_hz)
    elif top is not None and top.band in ("beta", "gamma"):
        yield Sign("W", "fast", 0.6, (), top.frequency_hz)


_WEIGHTS: dict[str, tuple[Stage, float]] = {
    "spindle": ("N2", 3.0), "kcomplex": ("N2", 2.5), "rem": ("R", 2.6), "sawtooth": ("R", 2.0),
    "vertex": ("N1", 1.5), "sem": ("N1", 2.2), "eyem": ("W", 1.5), "eyer+": ("W", 1.0), "chewing": ("W", 1.5),
    "hfnoise": ("W", 0.5),
}  # fmt: skip
"""Events, the stage that they speak for, and how strongly."""


def deep_time(events: Sequence[Event]) -> float:
    """Seconds under slow waves, each second once; those that are part of a K-complex do not count."""
    total, reached = 0.0, 0.0
    for wave in sorted(_slow_waves(events), key=lambda event: event.onset):
        stop = wave.onset + wave.duration
        total += max(0.0, stop - max(wave.onset, reached))
        reached = max(reached, stop)
    return total


def _slow_waves(events: Sequence[Event]) -> tuple[Event, ...]:
    complexes = [event for event in events if event.label == "kcomplex"]
    return tuple(
        wave
        for wave in events
        if wave.label == "slow_wave"
        and not any(
            wave.onset < one.onset + one.duration and one.onset < wave.onset + wave.duration
            for one in complexes
        )
    )
