"""Options that name waves, discharges, patterns and artifacts, against the events that were found."""

from __future__ import annotations

from collections.abc import Callable

from agent.embedded.vigilance import vigilance
from agent.embedded.world import Reason, World
from agent.facts import derived
from agent.understanding.claims_of_options import Claim
from agent.words import counted, event_line, span
from tools.labels import EPILEPTIFORM, PATTERN, REGIONS, SPOKEN, electrodes, side_of
from tools.types import Event

LABELS_OF: dict[str, tuple[str, ...]] = {
    "epileptiform": EPILEPTIFORM, "blink": ("eyem",), "gaze": ("eyer+", "eyer-"), "eyes": ("eyem", "eyer+", "eyer-"),
    "spsw run": ("spsw",),
}  # fmt: skip
"""Labels that a claim is looked up under, where it is not one itself."""
_KIN: dict[str, tuple[str, ...]] = {
    "spike": ("sharp", "spsw"), "sharp": ("spike", "spsw"), "spsw": ("spike", "sharp"),
    "spsw run": ("GPD", "seizure", "GRDA"),
    "LPD": ("LRDA", "BIPD", "seizure"), "GPD": ("GRDA", "seizure", "spsw"), "LRDA": ("LPD", "seizure"),
    "GRDA": ("GPD", "seizure"),
    "BIPD": ("LPD", "GPD"), "seizure": ("LPD", "GPD", "LRDA", "GRDA"), "kcomplex": ("vertex",), "vertex": ("kcomplex",),
    "movement": ("extreme",), "extreme": ("movement", "bad_channel"),
}  # fmt: skip
"""Labels of waves that are easily taken for each other: finding one of them does not refute the other."""
_OUTDONE: dict[str, tuple[str, ...]] = {
    "hfnoise": ("chewing",), "slow_wave": ("kcomplex", "movement", "eyem"), "movement": ("chewing",),
    "pop": ("extreme", "spike", "sharp"), "sweat": ("sem",), "mu": ("spindle",),
}  # fmt: skip
"""Where one of these is there as well, it is what the page shows above all."""
_OFTEN_MISSED = (*EPILEPTIFORM, "gaze", "vertex", "movement", "sem", "spsw run")
"""A single one is easily missed, so that not finding it says less."""
_RUN = 4


def weigh_wave(claim: Claim, world: World) -> Reason:
    """Weigh one claim by the events of its label: there or not, on the side named, at the place and rate named."""
    labels = LABELS_OF.get(claim.kind, (claim.kind,))
    if not set(labels) & world.looked:
        return Reason(-0.3, f"{SPOKEN[labels[0]].capitalize()} was not looked for.")
    found = world.events(*labels)
    if not found or (claim.kind == "spsw run" and len(found) < _RUN):
        return _missing(claim, labels, found, world)
    weight = _presence(claim, found, world) + _fit(claim, found)
    where = span(*world.place)
    best = _nearest(claim, found)
    label = best.label
    mine = world.events(label)
    words = f"{counted(label, len(mine)).capitalize()} found in {where}, one of them at {event_line(best)}."
    return Reason(weight, words, (world.count(label), *derived(best)), tuple(mine[:8]))


def _missing(claim: Claim, labels: tuple[str, ...], few: list[Event], world: World) -> Reason:
    """Weigh what was not found; a wave that is easily taken for it speaks for it, if on its side."""
    kin = [event for event in world.events(*_KIN.get(claim.kind, ())) or few if _on_side(claim, event)]
    counts = tuple(world.count(label) for label in labels if label in world.looked)
    if kin:
        near = kin[0]
        more = min(0.4, 0.1 * len(kin))
        many = counted(near.label, len(world.events(near.label))).capitalize()
        words = f"{many} found, the nearest to it at {event_line(near)}."
        weight = 0.6 + more + min(0.0, _fit(claim, kin))
        return Reason(weight, words, (world.count(near.label), *derived(near)), tuple(kin[:8]))
    masked = [e for e in world.facts.events if e.label in labels and e.masked_by]
    weight = -0.6 if masked else -1.2 if claim.kind in _OFTEN_MISSED else -2.0
    if claim.kind in ("kcomplex", "spindle") and not masked:
        state = vigilance(world)
        weight = (
            -1.1 if state and state.light > 0.7 else weight
        )  # where they belong, one is missed more readily
    return Reason(weight, f"No {SPOKEN[labels[0]]} was found in {span(*world.place)}.", counts)


def _presence(claim: Claim, found: list[Event], world: World) -> float:
    """How much a finding weighs for being there: more of them, and more certain ones, weigh more."""
    sure = max((e.confidence if e.confidence is not None else 0.7) for e in found)
    weight = 1.0 + 0.8 * sure + 0.1 * min(4, len(found) - 1)
    if world.events(*_OUTDONE.get(claim.kind, ())):
        weight *= 0.5
    if claim.kind in ("blink", "gaze"):
        blinks, looks = len(world.events("eyem")), len(world.events("eyer+", "eyer-")) / 2
        mine, other = (blinks, looks) if claim.kind == "blink" else (looks, blinks)
        weight *= 0.5 + 0.5 * mine / max(mine + other, 1e-6)
    if claim.kind in EPILEPTIFORM:
        kin = len(world.events(*_KIN[claim.kind]))
        weight *= 0.7 + 0.3 * len(found) / (len(found) + kin)
        if len(found) >= 3 * _RUN and any(e.frequency_hz for e in found):  # a run, and no focus
            weight *= 0.8
    return weight


def _fit(claim: Claim, found: list[Event]) -> float:
    """How well side, place and rate agree; a contradiction weighs more than an agreement."""
    fit = 0.0
    if claim.side in ("left", "right"):
        on = sum(_on_side(claim, event) for event in found) / len(found)
        fit += 0.6 * on if on >= 0.5 else -2.5 * (1 - on)
    if claim.sites or claim.regions:
        fit += 0.5 * max(_closeness(claim, event) for event in found) - 0.3
    rates = [e.frequency_hz for e in found if e.frequency_hz is not None]
    if claim.hz is not None and rates:
        off = min(abs(claim.hz - rate) for rate in rates)
        slack = max(0.5, 0.12 * claim.hz)
        fit += 0.4 if off <= slack else -min(2.5, 1.5 * (off - slack) / slack)
    return fit


def side_of_event(event: Event) -> str:
    """Side on which an event is largest; a look goes to the side at which the front of the head turns positive."""
    if event.label == "eyer-":
        sides = [side_of(c) for c in event.channels[:1]]
        return {"left": "right", "right": "left"}.get(sides[0], sides[0]) if sides else "unknown"
    return side_of(event.channels[0]) if event.channels else "unknown"


def _on_side(claim: Claim, event: Event) -> bool:
    if claim.side not in ("left", "right"):
        return True
    side = side_of_event(event)
    if side in ("left", "right"):
        return side == claim.side
    mine = sum(side_of(c) == claim.side for c in event.channels)
    return side == "midline" and 2 * mine >= sum(side_of(c) in ("left", "right") for c in event.channels) > 0


def _closeness(claim: Claim, event: Event) -> float:
    """1 where an event has its maximum at the electrode or in the region named, 0 where it does not reach there."""
    leading = set(electrodes(event.channels[0])) if event.channels else set()
    every = {e for c in event.channels for e in electrodes(c)}
    if claim.sites:
        return 1.0 if leading & set(claim.sites) else 0.6 if every & set(claim.sites) else 0.0
    inside = {e for region in claim.regions for e in REGIONS[region]}
    return 1.0 if leading & inside else 0.5 if every & inside else 0.0


def _nearest(claim: Claim, found: list[Event]) -> Event:
    key: Callable[[Event], tuple[float, float]] = lambda e: (  # noqa: E731
        _on_side(claim, e) + _closeness(claim, e),
        e.confidence or 0.0,
    )
    return max(found, key=key)


def is_wave(claim: Claim) -> bool:
    """Whether a claim is one of events."""
    return (
        (claim.kind in SPOKEN and claim.kind != "alpha") or claim.kind in LABELS_OF or claim.kind in PATTERN
    )
