"""Options that lean on their question: yes and no, a number, a place, a band, a stage, a group of labels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.absence import absent_words
from agent.embedded.draft import Situation
from agent.embedded.grounds import STAGE_RULES
from agent.embedded.world import Reason, World
from agent.facts import derived
from agent.intent import Option
from agent.words import counted, event_line, span
from tools.labels import ARTIFACT, EPILEPTIFORM, PATTERN, REGIONS, SPOKEN, electrodes, side_of
from tools.types import Event

_BANDS = {"delta": (0.5, 4), "theta": (4, 8), "alpha": (8, 13), "beta": (13, 30), "gamma": (30, 100)}
_NORMAL = re.compile(
    r"\bnormal\b|unremarkable|no (?:definite )?(?:abnormal|significant)|nothing abnormal", re.I
)


def reasons_of_stem(option: Option, s: Situation, world: World) -> Iterator[Reason]:
    """Weigh an option that says little by itself by what the question is about."""
    text = option.text
    labels = option.labels
    affirmed = not option.denies
    if option.reply in ("yes", "no") and not labels:
        labels, affirmed = s.intent.labels or s.intent.presumed, option.reply == "yes"
    yield from _about_labels(labels, affirmed, text, world)
    if not labels and (option.region or option.channels):
        yield from _about_place(option, s, world)
    yield from _about_background(text, world, bool(labels))
    yield from about_numbers(text, s, world)
    if option.stage:
        yield from about_stage(option.stage, world)
    if option.aspect == "normality" and _NORMAL.search(text):
        yield _normality(world)
    elif option.aspect == "normality" and not labels:
        yield _normality(world, wanted=False)


def _about_place(option: Option, s: Situation, world: World) -> Iterator[Reason]:
    """Weigh a place by the events that the question itself is about: "the spikes are over: A) left frontal"."""
    found = [event for label in s.intent.labels for event in world.events(label)]
    if found:
        match = _place_match(f"{option.text} {option.region or ''}", found)
        if option.channels and not option.region:
            match = 1.2 if set(option.channels) & {c for event in found for c in event.channels[:3]} else 0.3
        words = f"{counted(found[0].label, len(found))} found, the first at {event_line(found[0])}."
        yield Reason(
            1.5 * match if match > 1 else match - 1.5, words, tuple(derived(found[0])), tuple(found[:8])
        )


def _about_labels(labels: tuple[str, ...], affirmed: bool, text: str, world: World) -> Iterator[Reason]:
    """Weigh what an option names: one of several names that is there is enough, and the pattern itself counts most."""
    there = [label for label in labels if world.events(label)]
    if there:
        for label in sorted(there, key=lambda name: name not in PATTERN)[:2]:
            yield from _about_label(label, affirmed, text, world)
        return
    searched = [label for label in labels if label in world.looked]
    if len(searched) < 2 or len(searched) < len(labels):
        for label in labels[:2]:
            yield from _about_label(label, affirmed, text, world)
        return
    words = f"No {absent_words(searched)} found in {span(*world.place)}."
    yield Reason(-2.0 if affirmed else 2.0, words, tuple(world.count(label) for label in searched))


def _about_label(label: str, affirmed: bool, text: str, world: World) -> Iterator[Reason]:
    found, sign = world.events(label), 1.0 if affirmed else -1.0
    if label not in world.looked:
        yield Reason(-0.3 * sign, f"{SPOKEN[label].capitalize()} was not looked for.")
        return
    where = span(*world.place)
    if not found:
        yield Reason(-2.0 * sign, f"No {SPOKEN[label]} was found in {where}.", (world.count(label),))
        return
    match = _place_match(text, found)
    words = f"{counted(label, len(found))} found in {where}, the first at {event_line(found[0])}."
    weight = 2.0 * match * min(1.0, 0.6 + 0.2 * len(found))
    yield Reason(sign * weight, words, (world.count(label), *derived(found[0])), tuple(found[:8]))


def _place_match(text: str, events: list[Event]) -> float:
    low = text.lower()
    sides = [side for side in ("left", "right") if re.search(rf"\b{side}\b", low)]
    regions = [r for r in REGIONS if r not in ("left", "right") and re.search(rf"\b{r}", low)]
    channels = [c for event in events for c in event.channels]
    if not channels or not (sides or regions):
        return 1.0
    score = 1.0
    if len(sides) == 1:
        on_side = sum(side_of(c) == sides[0] for c in channels)
        other = sum(side_of(c) == {"left": "right", "right": "left"}[sides[0]] for c in channels)
        score *= 1.2 if on_side > other else 0.3
    if regions:
        members = {e for r in regions for e in REGIONS[r]}
        inside = sum(bool(members & set(electrodes(c))) for c in channels) / len(channels)
        score *= 1.2 if inside >= 0.5 else 0.4
    return score


def _about_background(text: str, world: World, has_labels: bool) -> Iterator[Reason]:
    low, bg = text.lower(), world.background
    dominant, posterior = bg["dominant"], bg["posterior_rhythm"]
    bands = [b for b in _BANDS if re.search(rf"\b{b}\b", low)]
    if bands and dominant and "rhythm" not in low.split("posterior")[0][-1:]:
        hit = dominant["band"] in bands
        words = f"The dominant activity is {dominant['band']} at {dominant['frequency_hz']:.1f} Hz."
        yield Reason(1.2 if hit else -0.8, words, world.measured("dominant"))
    if re.search(r"posterior|alpha rhythm|dominant rhythm|eyes closed", low) and not re.search("slow", low):
        if posterior:
            words = f"A posterior rhythm of {posterior['frequency_hz']:.1f} Hz is present."
            yield Reason(1.5, words, world.measured("posterior rhythm"))
        elif world.measured("dominant"):
            yield Reason(-0.8, "No posterior rhythm stands out.", world.measured("dominant"))
    if "slowing" in low or re.search(r"\bslow(?:ed)?\b", low):
        grounds = (world.measured("generalized") + world.measured("focal")) or world.measured("dominant")
        words = "Slowing was measured." if bg["slowing"] else "No slowing beyond the limits was measured."
        yield Reason(1.8 if bg["slowing"] else -1.2, words, grounds)
    if "asymmetr" in low and world.measured("dominant"):
        words = "An asymmetry was measured." if bg["asymmetry"] else "The two sides are alike."
        grounds = world.measured("amplitude difference") + world.measured("frequency difference")
        yield Reason(1.8 if bg["asymmetry"] else -1.2, words, grounds or world.measured("dominant"))
    if "artifact" in low or "artefact" in low:
        found = [e for label in ARTIFACT for e in world.events(label)]
        if not has_labels and found:
            words = f"Artifacts were found, the first a {SPOKEN[found[0].label]} at {event_line(found[0])}."
            yield Reason(1.0, words, tuple(derived(found[0])), tuple(found[:8]))


def about_numbers(text: str, s: Situation, world: World) -> Iterator[Reason]:
    """A frequency against the rhythm asked about, a count against the events asked about."""
    hertz = re.search(r"(\d+(?:\.\d+)?)\s*Hz", text, re.I)
    paced = [e for label in s.intent.labels for e in world.events(label) if e.frequency_hz is not None]
    if hertz and paced and "alpha" not in s.intent.labels:
        rate = paced[0].frequency_hz or 0.0
        off = abs(float(hertz[1]) - rate)
        words = f"The {SPOKEN[paced[0].label]} at {paced[0].onset:.1f} s is at {rate:.1f} Hz."
        yield Reason(
            1.8 - off if off <= 1.0 else -min(off, 4.0) / 2, words, tuple(derived(paced[0])), tuple(paced[:3])
        )
        return
    posterior = world.background["posterior_rhythm"]
    rhythm = posterior if posterior and "alpha" in s.intent.labels else world.background["dominant"]
    if hertz and rhythm:
        off = abs(float(hertz[1]) - rhythm["frequency_hz"])
        name = "posterior rhythm" if rhythm is posterior else "dominant"
        what = "The posterior rhythm" if rhythm is posterior else "The dominant activity"
        yield Reason(1.8 if off <= 1.0 else -min(off, 4.0) / 2, f"{what} is at {rhythm['frequency_hz']:.1f} Hz.",
                     world.measured(name))  # fmt: skip
    count = re.fullmatch(r"\W*(\d+)\b[^\d]*", text)
    if count and not hertz and len(s.intent.labels) == 1 and s.intent.labels[0] in world.looked:
        label = s.intent.labels[0]
        there = len(world.events(label))
        words = (
            f"{counted(label, there)} found in {span(*world.place)}."
            if there
            else f"No {SPOKEN[label]} found."
        )
        yield Reason(2.0 if int(count[1]) == there else -1.0, words, (world.count(label),))


def about_stage(stage: str, world: World) -> Iterator[Reason]:
    """Weigh a stage by the staging of the epoch, or by its waves where there is none."""
    if world.staged:
        yield from _as_staged(stage, world)
        return
    slow = sum(e.duration for e in world.events("slow_wave")) / max(world.place[1], 1e-6)
    clues = {
        "W": 1.5 * bool(world.background["posterior_rhythm"]) + 0.8 * bool(world.events("eyem")),
        "N2": 2.0 * bool(world.events("spindle")) - 1.0 * (slow >= 0.2),
        "N3": 2.5 * (slow >= 0.2),
    }
    posterior = world.background["posterior_rhythm"]
    alpha = (
        f"a posterior rhythm of {posterior['frequency_hz']:.1f} Hz" if posterior else "no posterior rhythm"
    )
    spoken = {
        "W": (alpha, world.measured("posterior rhythm") or world.measured("dominant")),
        "N2": (counted("spindle", len(world.events("spindle"))), (world.count("spindle"),)),
        "N3": (counted("slow_wave", len(world.events("slow_wave"))), (world.count("slow_wave"),)),
    }
    if stage in spoken and STAGE_RULES[stage][0] in world.rules:
        what, grounds = spoken[stage]
        words = f"{what[0].upper()}{what[1:]} here; the criterion of {stage} is [{STAGE_RULES[stage][0]}]."
        yield Reason(clues[stage] or -0.6, words, grounds)
    else:
        yield Reason(0.2, f"Stage {stage} has no waveform of its own among those looked for.")


def _as_staged(stage: str, world: World) -> Iterator[Reason]:
    """A stage against the one that was found, by its probability."""
    found, chance = max(world.staged.items(), key=lambda item: item[1].value)
    mine = world.chances.get(stage)
    if found == stage:
        yield Reason(
            3.0, f"The epoch is staged {stage} with a probability of {chance.value:.0f} %.", (chance,)
        )
    elif mine is not None:
        weight = -2.0 + mine.value / 50
        yield Reason(weight, f"{stage} has a probability of {mine.value:.0f} % here.", (mine, chance))
    else:
        yield Reason(
            -2.0, f"The epoch is staged {found} with a probability of {chance.value:.0f} %.", (chance,)
        )


def _normality(world: World, *, wanted: bool = True) -> Reason:
    odd = [label for label in (*EPILEPTIFORM, *PATTERN) if world.events(label)]
    background = bool(world.background["slowing"] or world.background["asymmetry"])
    normal = not odd and not background
    words = ("Nothing abnormal was measured among what was looked for." if normal
             else "Abnormal findings were measured on this page.")  # fmt: skip
    weight = 1.2 if normal else -1.5
    return Reason(weight if wanted else -weight, words, world.measured("dominant"))
