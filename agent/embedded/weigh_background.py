"""Options on the background, on the state and on normality, against what was measured of the background."""

from __future__ import annotations

from math import log

from agent.embedded.vigilance import absent_signs, slow_share, vigilance
from agent.embedded.world import Reason, World
from agent.facts import derived
from agent.understanding.claims_of_options import Claim
from agent.words import counted, event_line
from tools.labels import EPILEPTIFORM, PATTERN

_UNSEEN = Reason(-0.3, "This was not measured here.")
_ABSENT = -1.8
_HERTZ = 0.8
"""Difference of frequencies up to which a rhythm is the one named."""


def weigh_background(claim: Claim, world: World) -> Reason:
    """Weigh one claim on the background as a whole."""
    return {
        "alpha": _alpha, "variation": _variation, "asymmetry": _asymmetry, "generalized slowing": _generalized,
        "focal slowing": _focal, "fast": _fast, "low voltage": _low_voltage, "drowsiness": _drowsiness,
        "deep sleep": _deep_sleep, "state": _state, "normal": _normal, "abnormal": _abnormal,
    }[claim.kind](claim, world)  # fmt: skip


def _against(world: World, words: str, weight: float = _ABSENT) -> Reason:
    grounds = world.measured("dominant", "share of power below")
    return Reason(weight, words, grounds) if grounds else _UNSEEN


def _alpha(claim: Claim, world: World) -> Reason:
    rhythm = world.background["posterior_rhythm"]
    if not rhythm:
        return _against(world, "No posterior rhythm stands out.", -1.5)
    words = f"A posterior rhythm of {rhythm['frequency_hz']:.1f} Hz is present."
    weight = min(1.9, 0.6 + rhythm["prominence_db"] / 8)
    if claim.hz is not None:
        off = abs(claim.hz - rhythm["frequency_hz"])
        weight += 0.4 if off <= _HERTZ else -2.0 * min(2.0, off - _HERTZ + 0.4)
    return Reason(weight, words, world.measured("posterior rhythm"))


def _variation(claim: Claim, world: World) -> Reason:
    stability = world.background["stability"]
    if stability is None:
        return _UNSEEN
    change = stability["change"]
    if change is None:
        grounds = world.measured("variation of amplitude")
        return Reason(_ABSENT, "No change of the background stands out.", grounds) if grounds else _UNSEEN
    more = "more" if change["factor"] > 1 else "less"
    weight = 2.6 if change["factor"] > 1 else 1.3
    weight -= 0.3 if claim.band not in (None, change["band"]) and change["factor"] > 1 else 0.0
    words = (
        f"At {change['onset']:.0f} s the background changes at once, with {more} {change['band']} after it."
    )
    return Reason(weight, words, world.measured("time of the change", "change of"))


def _asymmetry(claim: Claim, world: World) -> Reason:
    found = [item for item in world.background["asymmetry"] if item["quantity"] == "amplitude"]
    if not found:
        return _against(world, "No asymmetry of amplitude was measured.")
    item = max(found, key=lambda entry: entry["difference"])
    lower = {"left": "right", "right": "left"}[item["side"]]
    words = f"Amplitudes are {100 * item['difference']:.0f} % taller on the {item['side']}."
    grounds = world.measured("amplitude difference between sides")
    if claim.side in ("left", "right") and claim.side != lower:
        return Reason(-2.5, words, grounds)
    explained = any(s["extent"] == "focal" and s["side"] == item["side"] for s in world.background["slowing"])
    return Reason(0.9 if explained else 2.2, words, grounds)


def _focal(claim: Claim, world: World) -> Reason:
    found = [item for item in world.background["slowing"] if item["extent"] == "focal"]
    if not found:
        rhythmic = world.events("LRDA")
        if rhythmic:
            words = f"Lateralized rhythmic delta activity found, the first at {event_line(rhythmic[0])}."
            return Reason(0.8, words, (world.count("LRDA"), *derived(rhythmic[0])), tuple(rhythmic[:4]))
        return _against(world, "No focal slowing was measured.")
    same = [item for item in found if claim.side not in ("left", "right") or item["side"] == claim.side]
    item = (same or found)[0]
    where = f" on the {item['side']}" if item["side"] else ""
    words = f"Focal {item['band']} slowing was measured{where}."
    weight = (2.4 if same else -2.5) - (0.3 if claim.band not in (None, item["band"]) else 0.0)
    return Reason(weight, words, world.measured("focal"))


def _generalized(claim: Claim, world: World) -> Reason:
    found = [item for item in world.background["slowing"] if item["extent"] == "generalized"]
    if not found:
        share = slow_share(world)
        mild = share is not None and world.background["slow_share"] >= 0.78
        words = (
            f"No slowing of the whole head was measured. {share.words}"
            if share
            else "No slowing was measured."
        )
        return _against(world, words, -0.8 if mild else _ABSENT)
    item = found[0]
    weight = 1.7 - (0.3 if claim.band not in (None, item["band"]) else 0.0)
    stability = world.background["stability"]
    if stability and stability["change"] and stability["change"]["factor"] > 1:
        weight -= 0.7  # it is there for a part of the time only
    if world.events("spindle", "kcomplex", "vertex") or len(world.events("slow_wave")) >= 2:
        weight -= 1.2  # sleep is slow by its nature
    if world.events("chewing", "movement", "sweat", "extreme"):
        weight -= 0.6  # so are these
    how_much = f"{100 * item['share']:.0f} % of the power is delta and theta"
    words = f"Generalized {item['band']} slowing was measured: {how_much}."
    return Reason(weight, words, world.measured("generalized"))


def _fast(claim: Claim, world: World) -> Reason:
    fast = world.background["fast_activity"]
    if fast:
        size = f"{fast['rms_uv']:.0f} µV RMS at about {fast['frequency_hz']:.0f} Hz"
        words = f"More fast activity than usual: {size}."
        return Reason(2.3, words, world.measured("fast activity"))
    if any(entry.label == "fast_activity" for entry in world.facts.not_analysed):
        return _UNSEEN
    return _against(world, "No excess of fast activity was measured.")


def _low_voltage(claim: Claim, world: World) -> Reason:
    voltage = world.background["voltage"]
    grounds = world.measured("background amplitude")
    if not grounds:
        return _UNSEEN
    low = world.background["low_voltage"] or (voltage and voltage["grade"] != "normal")
    if low:
        weight = 2.4 if world.background["low_voltage"] else 1.4
        return Reason(weight, "The voltage is low throughout.", grounds)
    return Reason(_ABSENT, "The voltage of the background is not low.", grounds)


def _drowsiness(claim: Claim, world: World) -> Reason:
    state = vigilance(world)
    share = slow_share(world)
    if state is None or share is None:
        return _UNSEEN
    sleeping = world.events("spindle", "kcomplex")
    drowsy = [sign for sign in state.signs if sign.weight > 0 and not sleeping]
    weight = 2.6 * state.light - 1.2 - (0.8 if sleeping else 0.0) + (0.4 if drowsy else 0.0)
    change = (world.background["stability"] or {}).get("change")
    if change and change["band"] == "alpha" and change["factor"] < 1:
        weight += 0.8  # alpha drops out
    if drowsy:
        return Reason(weight, drowsy[0].words, drowsy[0].evidence, drowsy[0].events)
    rhythm = world.background["posterior_rhythm"]
    words = (
        share.words
        if rhythm
        else f"No posterior rhythm stands out, and {share.words[0].lower()}{share.words[1:]}"
    )
    return Reason(weight, words, share.evidence)


def _deep_sleep(claim: Claim, world: World) -> Reason:
    state = vigilance(world)
    share = slow_share(world)
    if state is None or share is None:
        return _UNSEEN
    waves = world.events("slow_wave")
    weight = 4.2 * state.deep - 2.0 + 0.1 * min(4, len(waves))
    if waves:
        found = f"{counted('slow_wave', len(waves))} found, one of them at {event_line(waves[0])}"
        grounds = (world.count("slow_wave"), *derived(waves[0]), *share.evidence)
        return Reason(weight, f"{found}; {share.words}", grounds, tuple(waves[:8]))
    words = f"No slow wave was found; {share.words}"
    return Reason(weight, words, (world.count("slow_wave"), *share.evidence))


def _odds_of(claim: Claim, world: World) -> float | None:
    """Logarithm of the odds of the state that is named; None where none is named or nothing was measured."""
    state = vigilance(world)
    if state is None or claim.state is None:
        return None
    chance = {
        "wake": state.wake,
        "light": state.light,
        "deep": state.deep,
        "asleep": state.light + state.deep,
    }
    p = min(0.98, max(0.02, chance[claim.state]))
    return log(p / (1 - p))


def _told(claim: Claim, world: World, odds: float) -> Reason:
    """Tell what speaks for the state named, or against it."""
    state, share = vigilance(world), slow_share(world)
    signs = state.signs if state else ()
    asleep = claim.state != "wake"
    wanted = [sign for sign in signs if (sign.weight > 0) == (asleep == (odds > 0))]
    if wanted:
        sign = max(wanted, key=lambda entry: abs(entry.weight))
        return Reason(0.0, sign.words, sign.evidence, sign.events)
    words, evidence = absent_signs(world)
    if share is None:
        return Reason(0.0, words, evidence)
    return Reason(0.0, f"{share.words} {words}".strip(), (*share.evidence, *evidence))


def _state(claim: Claim, world: World) -> Reason:
    odds = _odds_of(claim, world)
    if odds is None or claim.state is None:
        return _UNSEEN
    told = _told(claim, world, odds)
    return told._replace(weight=max(-1.8, min(1.5, 0.6 * odds))) if told.evidence else _UNSEEN


def _abnormalities(world: World) -> list[str]:
    """What of the findings would not be there in a normal record of any state."""
    background = world.background
    odd = [label for label in (*EPILEPTIFORM, *PATTERN) if world.events(label)]
    odd += [f"{item['extent']} slowing" for item in background["slowing"] if item["extent"] == "focal"]
    odd += ["asymmetry"] * bool(background["asymmetry"]) + ["low voltage"] * bool(background["low_voltage"])
    change = (background["stability"] or {}).get("change")
    odd += ["change"] * bool(change and change["factor"] > 1)
    state = vigilance(world)
    if background["slowing"] and not odd and state and state.wake > 0.5:
        odd.append("generalized slowing")
    return odd


def _normal(claim: Claim, world: World) -> Reason:
    """A normal record of a state: nothing specific measured, and the state the one named."""
    odd = _abnormalities(world)
    odds = _odds_of(claim, world)
    weight = -0.6 if odd else 0.9
    if odds is not None:
        weight += max(-2.2, min(0.6, 0.7 * odds))
        told = _told(claim, world, odds)
        if told.evidence and not (odd and odds > 0):
            return told._replace(weight=weight)
    words = "Nothing abnormal was measured among what was looked for."
    if odd:
        words = "Findings beyond the normal were measured on this page."
    grounds = (*(world.count(label) for label in odd if label in (*EPILEPTIFORM, *PATTERN)),
               *world.measured("dominant", "focal", "amplitude difference", "time of the change"))  # fmt: skip
    return Reason(weight, words, grounds) if grounds else _UNSEEN


def _abnormal(claim: Claim, world: World) -> Reason:
    normal = _normal(Claim("normal"), world)
    return normal._replace(weight=-normal.weight)
