"""Conversations on a segment: overview, follow-ups that lean on what was said, corrections, false premises, returns.

Every turn has its own expectation from the truth, so that a conversation is scored turn by turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from evals.glossa_bench import describe, facts, findings
from evals.glossa_bench.absence import absent, absent_on
from evals.glossa_bench.facts import Seen
from evals.glossa_bench.premises import NOUNS, expects, where
from evals.glossa_bench.voice import Voice, Wordings
from evals.glossa_bench.words_talk_test import TALK_TEST
from evals.glossa_bench.words_talk_tuning import TALK_TUNING
from models.truth import Truth
from tools.labels import EPILEPTIFORM

TALK: dict[str, Wordings] = {"test": TALK_TEST, "tuning": TALK_TUNING}
LEAST, MOST = 4, 8
"""Turns of a conversation."""
MANY = 6
"""Events up to which their number is asked for."""
WAVES = {**describe.PLURALS, "eyem": "eye blinks", "hfnoise": "muscle artifacts"}
_OPPOSITE = {"left": "right", "right": "left"}
_LOCAL = (*EPILEPTIFORM, "spindle", "kcomplex", "vertex")


class Turn(NamedTuple):
    """What is said, what the answer has to contain, and what the turn is there for."""

    role: str
    text: str
    expects: dict[str, Any]


class Subject(NamedTuple):
    """Waves that a conversation can be about."""

    label: str
    plural: str
    found: Seen
    most: int
    """Of all its events, the faint ones included."""

    @property
    def number(self) -> int:
        """Events that stand out."""
        return len(self.found.spans)

    @property
    def whole(self) -> bool:
        """Whether nothing of it is faint, so that times and number are beyond doubt."""
        return self.number == self.most


def conversation(truth: Truth, voice: Voice) -> list[Turn]:
    """Make one conversation of 4 to 8 turns.

    Parameters
    ----------
    truth : Truth
        Of the segment.
    voice : Voice
        With the wordings of `TALK`.
    """
    mine = subjects(truth)
    length = int(voice.rng.integers(LEAST, MOST + 1))
    turns = _about(mine, truth, voice, length) if mine else _about_nothing(truth, voice)
    return [_overview(truth, mine, voice), *turns][:MOST]


def subjects(truth: Truth) -> list[Subject]:
    """What the segment shows clearly, its own finding first."""
    own = findings.key(truth)
    first = findings.LABELS.get(own.name, own.name) if own else ""
    found = [
        Subject(label, plural, seen, len(Seen(label, tuple(facts.mentioned(truth, (label,)))).spans))
        for label, plural in WAVES.items()
        if (seen := facts.seen(truth, label)) is not None
    ]
    return sorted(found, key=lambda one: one.label != first)


def _overview(truth: Truth, mine: list[Subject], voice: Voice) -> Turn:
    """The finding itself has to be told; where there is none, that there are no discharges."""
    own = findings.key(truth)
    label = findings.LABELS.get(own.name, own.name) if own else ""
    told = own is not None and own.name not in (*findings.NORMAL, "drowsiness")
    if not told:
        label = mine[0].label if mine else "epileptiform"
    present = told or bool(mine) or not facts.free_of_discharges(truth)
    return Turn("overview", voice.say("overview"), expects("presence", label, present=present))


def _about(mine: list[Subject], truth: Truth, voice: Voice, length: int) -> list[Turn]:
    """Blocks in a fixed order, of which as many are taken as fit."""
    one = mine[0]
    follow = [*_follow_ups(one, voice)]
    voice.rng.shuffle(follow)
    begin = [Turn("question", voice.say("any", plural=one.plural), _expects(one, "presence")), *follow[:1]]
    wrong = _false(truth, voice)
    back = _back(one, voice, {turn.expects["kind"] for turn in begin})
    least = [*begin, *wrong] if length == LEAST else [*begin, *wrong, back]
    spare: dict[str, list[Turn]] = {
        "more": follow[1:2], "sides": _sides(one, truth, voice),
        "number": [*_numbers(truth, voice)][:1],
        "correction": _corrected(one, voice) if wrong and one.whole else [],
    }  # fmt: skip
    taken: dict[str, list[Turn]] = {name: [] for name in spare}
    for name in voice.rng.permutation(sorted(spare)):
        if 1 + len(least) + sum(map(len, taken.values())) + len(spare[name]) <= length:
            taken[name] = spare[name]
    middle = [*begin, *taken["more"], *taken["sides"], *wrong, *taken["correction"], *taken["number"]]
    return middle if length == LEAST else [*middle, back]


def _about_nothing(truth: Truth, voice: Voice) -> list[Turn]:
    """Where nothing of the kind can be seen: asked for one thing after another, with and without a premise."""
    names = [name for name in NOUNS if absent(truth, name)]
    voice.rng.shuffle(names)
    turns = [
        Turn(role, voice.say(slot, plural=NOUNS[name]), expects("presence", name, present=False))
        for (role, slot), name in zip((("question", "any"), ("follow-up", "and others")), names, strict=False)
    ]
    turns += [*_false(truth, voice, names[2:]), *_numbers(truth, voice)]
    if names:
        name = names[0]
        turns.append(Turn("return", voice.say("back any", plural=NOUNS[name]),
                          expects("presence", name, present=False)))  # fmt: skip
    return turns


def _expects(one: Subject, kind: str) -> dict[str, Any]:
    return expects(kind, one.label, present=True, **where(one.found))


def _follow_ups(one: Subject, voice: Voice) -> Iterator[Turn]:
    """Questions that name their subject by a pronoun only."""
    it = "it" if one.number == one.most == 1 else "they"
    if one.label in _LOCAL:
        yield Turn("follow-up", voice.say(f"where {it}"), _expects(one, "largest"))
    if one.whole and one.number <= MANY:
        yield Turn("follow-up", voice.say(f"when {it}"), _expects(one, "when"))
    if it == "it" and one.label in ("spindle", "kcomplex", "hfnoise"):
        start, stop = one.found.spans[0]
        yield Turn(
            "follow-up",
            voice.say("length it"),
            _expects(one, "length") | {"length_s": round(stop - start, 2)},
        )
    if it == "they" and one.most - one.number <= 1 and one.most <= MANY:
        yield Turn(
            "number", voice.say("count they"), _expects(one, "count") | {"count": [one.number, one.most]}
        )
    if one.label == "spindle" and one.found.frequency_hz:
        rate = {"frequency_hz": round(one.found.frequency_hz, 2)}
        yield Turn("number", voice.say("rate they"), _expects(one, "frequency") | rate)


def _sides(one: Subject, truth: Truth, voice: Voice) -> list[Turn]:
    """The right side first and then the other, or the wrong one, to be corrected."""
    side = one.found.side
    if one.label not in EPILEPTIFORM or side not in _OPPOSITE or not absent_on(truth, _OPPOSITE[side]):
        return []
    right = expects("there", one.label, present=True, side=side)
    wrong = expects("there", one.label, present=False, side=_OPPOSITE[side])
    if voice.rng.random() < 0.5:
        return [
            Turn("question", voice.say("on side", plural=one.plural, side=side), right),
            Turn("follow-up", voice.say("and side", side=_OPPOSITE[side]), wrong),
        ]
    return [
        Turn("question", voice.say("on side", plural=one.plural, side=_OPPOSITE[side]), wrong),
        Turn("correction", voice.say("no side", side=side), right),
    ]


def _false(truth: Truth, voice: Voice, names: list[str] | None = None) -> list[Turn]:
    free = [name for name in NOUNS if absent(truth, name)] if names is None else names
    if not free:
        return []
    name = free[int(voice.rng.integers(len(free)))]
    wanted = expects("when", name, present=False, false_premise=True)
    return [Turn("false premise", voice.say("false when", plural=NOUNS[name]), wanted)]


def _corrected(one: Subject, voice: Voice) -> list[Turn]:
    """The question before, which was when, now about what is there."""
    return [Turn("correction", voice.say("no other", plural=one.plural), _expects(one, "when"))]


def _back(one: Subject, voice: Voice, asked: set[str]) -> Turn:
    kinds = ["where"] * (one.label in _LOCAL) + ["when"] * one.whole
    fresh = [kind for kind in kinds if {"where": "largest", "when": "when"}[kind] not in asked]
    kind = (fresh or kinds or ["any"])[0]
    wanted = {"where": "largest", "when": "when", "any": "presence"}[kind]
    return Turn("return", voice.say(f"back {kind}", plural=one.plural), _expects(one, wanted))


def _numbers(truth: Truth, voice: Voice) -> Iterator[Turn]:
    """Another subject: a frequency, a side of the background, the state."""
    rhythm = facts.posterior(truth)
    if rhythm is not None:
        yield Turn("number", voice.say("posterior"),
                   expects("posterior", "alpha", present=True, frequency_hz=rhythm.frequency_hz))  # fmt: skip
    if truth.background.asymmetry is not None:
        side = describe.lower_side(truth)[0]
        yield Turn("question", voice.say("lower side"), expects("side", "asymmetry", present=True, side=side))
    focal = [slow for slow in facts.slowing(truth) if slow.extent == "focal"]
    if len(focal) == 1 and len(truth.background.slowing) == 1:
        yield Turn(
            "question", voice.say("slow side"), expects("side", "slowing", present=True, side=focal[0].side)
        )
    if (state := facts.state(truth)) is not None:
        stage = {"eyes closed": "W", "eyes open": "W"}.get(state, state)
        yield Turn("question", voice.say("state"), expects("state", stage, present=True))
