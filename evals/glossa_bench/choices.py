"""The multiple-choice question of a segment: one right statement among four, and nothing that betrays it.

Every item has one option that nothing is abnormal, right for the quarter with nothing to find. Some items have the
right finding twice, once with a wrong side or frequency, and as many have such a pair among the wrong options. So an
option's kind says little about whether it is right.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evals.glossa_bench import findings
from evals.glossa_bench.absence import ABSENT, absent, absent_on
from evals.glossa_bench.findings import KEYS, NORMAL, Finding
from evals.glossa_bench.voice import Voice
from evals.records import LETTERS
from models.truth import Truth

OPTIONS = 4
TWIN, PAIR = 0.7, 0.16
"""Chances of a twin of the right finding, where it has a side or frequency, and of twins among the wrong ones; set so
that as many items have the one as the other."""
WEIGHTS: dict[str, float] = {
    "alpha": 0.62, "drowsiness": 2.2, "saturation": 0.3, "asymmetry": 0.61, "low voltage": 1.1, "focal slowing": 0.53,
    "deep sleep": 2.4, "muscle": 2.2, "spsw": 0.7, "spindle": 1.3, "generalized slowing": 1.6, "movement": 0.97,
    "blink": 1.2, "sharp": 0.75, "fast": 2.5, "chewing": 1.5, "spike": 0.8, "variation": 1.35, "kcomplex": 1.65,
    "spsw run": 0.24, "gaze": 0.3,
}  # fmt: skip
"""How readily a finding is taken as a wrong option; set on tuning segments so that each is right in a quarter of the
items that offer it."""
_MILD = ("alpha", "low voltage", "fast", "blink", "gaze", "movement", "saturation", "muscle", "chewing", "spindle",
         "kcomplex", "drowsiness", "deep sleep")  # fmt: skip
"""Findings beside which a record can be called unremarkable, so that only a wrong state makes that option false."""


class Choice(NamedTuple):
    """A question with its options."""

    text: str
    options: tuple[str, ...]
    key: str
    reference: str
    kinds: tuple[str, ...]
    """Names of the findings of the options, in their order."""


def choice(truth: Truth, letter: str, voice: Voice) -> Choice:
    """Ask for the finding of a segment, with the right option at this letter.

    Raises
    ------
    ValueError
        If the segment's finding does not stand out: such segments are not taken.
    """
    right = findings.key(truth)
    if right is None:
        raise ValueError("the segment has no finding to ask for")
    wrong = list(distractors(truth, right, voice.rng))
    place = LETTERS.index(letter)
    order = [*wrong[:place], right, *wrong[place:]]
    options = tuple(one.option(voice) for one in order)
    listed = "\n".join(f"{LETTERS[n]}) {text}" for n, text in enumerate(options))
    reason = findings.evidence(truth, right, voice)
    return Choice(
        f"{voice.say('stem')}\n{listed}",
        options,
        letter,
        f"**{letter}.** {reason}",
        tuple(f.name for f in order),
    )


def distractors(truth: Truth, right: Finding, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Three findings that are false by the truth, in random order."""
    wrong: list[Finding] = [] if right.name in NORMAL else [_false_normal(truth, right, rng)]
    twin = findings.varied(right, rng) if rng.random() < TWIN else None
    if twin is not None and wrong_variation(truth, twin):
        wrong.append(twin)
    free = _shuffled([name for name in KEYS if name != right.name and absent(truth, name)], rng)
    if len(wrong) == (right.name not in NORMAL) and rng.random() < PAIR:
        wrong += _pair(free, rng)
    taken = {one.name for one in wrong}
    for name in free:
        if len(wrong) < OPTIONS - 1 and name not in taken:
            wrong.append(findings.imagined(name, rng))
    rng.shuffle(wrong)
    return tuple(wrong[: OPTIONS - 1])


def _shuffled(names: list[str], rng: np.random.Generator) -> list[str]:
    """Put in random order, the heavier ones sooner."""
    keys = {name: rng.random() ** (1 / WEIGHTS.get(name, 1.0)) for name in names}
    return sorted(names, key=lambda name: -keys[name])


def _pair(free: list[str], rng: np.random.Generator) -> list[Finding]:
    for name in free:
        one = findings.imagined(name, rng)
        other = findings.varied(one, rng)
        if other is not None:
            return [one, other]
    return []


def wrong_variation(truth: Truth, twin: Finding) -> bool:
    """Whether the right finding with another side or frequency is false."""
    if twin.name in ("spike", "sharp", "spsw"):
        return absent_on(truth, twin.side)
    if twin.name == "focal slowing":
        return all(
            slow.side == {"left": "right", "right": "left"}[twin.side] for slow in truth.background.slowing
        )
    if twin.name == "gaze":
        looks = [e.kind for e in truth.planted if e.event.label in ("eyer+", "eyer-")]
        return f"look {twin.side}" not in looks
    if twin.name == "alpha":
        return all(abs(p.frequency_hz - twin.hz) >= 1.5 for p in truth.background.posterior)
    return True


def _false_normal(truth: Truth, right: Finding, rng: np.random.Generator) -> Finding:
    """A record without anything abnormal, of a state that nobody could take the segment for, or clearly abnormal."""
    if right.name == "generalized slowing":
        return Finding("normal waking")
    if right.name == "variation":
        # Alpha that gives way to theta is what drowsiness looks like, and added delta what deep sleep does.
        theta = right.band == "theta" and truth.background.state != "slowed"
        return Finding("normal deep sleep" if theta else "normal waking")
    elsewhere = [name for name in NORMAL if absent(truth, name)]
    own = [name for name in NORMAL if truth.background.state not in ABSENT[name].states]
    here = [] if right.name in _MILD or truth.background.state == "slowed" else own
    return Finding(str(rng.choice(sorted({*elsewhere, *here}))))
