"""The conversational question of a segment, with its answer from the truth and what a scorer has to look for.

Three questions in ten take something for granted that is not there, or that is on the other side.
"""

from __future__ import annotations

from collections.abc import Iterator

from evals.glossa_bench import describe, facts, findings
from evals.glossa_bench.absence import absent, unremarkable
from evals.glossa_bench.describe import PLURALS
from evals.glossa_bench.premises import NOUNS, Question, expects, premises, where
from evals.glossa_bench.voice import Voice
from models.truth import Truth
from tools.labels import EPILEPTIFORM, SPOKEN

_ARTIFACT_NAMES = {"eyem": "an eye blink", "pop": "an electrode pop", "hfnoise": "muscle activity",
                   "chewing": "chewing", "movement": "body movement", "extreme": "a saturated channel"}  # fmt: skip
ABNORMAL = (*EPILEPTIFORM, "spsw run", "asymmetry", "generalized slowing", "focal slowing")
_WAVES = {**PLURALS, "eyem": "eye blinks"}


def question(truth: Truth, voice: Voice, *, false_premise: bool) -> Question:
    """Ask one question about a segment; a premise that is false where asked for."""
    made = list(premises(truth, voice) if false_premise else _honest(truth, voice))
    if not made:
        made = list(_presence(truth, voice))
    kinds = sorted({str(one.expects["kind"]) for one in made})
    kind = kinds[int(voice.rng.integers(len(kinds)))]
    fitting = [one for one in made if one.expects["kind"] == kind]
    return fitting[int(voice.rng.integers(len(fitting)))]


def _honest(truth: Truth, voice: Voice) -> Iterator[Question]:
    yield from _on_waves(truth, voice)
    yield from _on_background(truth, voice)
    yield from _on_nature(truth, voice)
    if truth.category == "normal" or voice.rng.random() < 0.3:
        yield from _absence(truth, voice)
    yield from _on_normality(truth, voice)
    if (state := facts.state(truth)) is not None:
        stage = {"eyes closed": "W", "eyes open": "W"}.get(state, state)
        yield Question(
            voice.say("ask state"), voice.say(f"state {state}"), expects("state", stage, present=True)
        )


def _on_waves(truth: Truth, voice: Voice) -> Iterator[Question]:
    for label, plural in _WAVES.items():
        found = facts.seen(truth, label)
        if not found:
            continue
        detail = (
            next(describe.artifact(truth, found, voice))
            if label == "eyem"
            else describe.wave(truth, found, voice)
        )
        yield Question(
            voice.say("ask presence", plural=plural),
            voice.part("yes", detail=detail),
            expects("presence", label, present=True, **where(found)),
        )
        top = found.largest.peak_channel
        if label != "eyem":
            yield Question(
                voice.say("ask largest", plural=plural),
                voice.say("largest", site=top),
                expects("largest", label, present=True, **where(found)),
            )
        everything = facts.mentioned(truth, (label,))
        if len(found.entries) == len(everything) and len(found.spans) <= 4:
            yield Question(
                voice.say("ask when", plural=plural),
                voice.say("when", when=describe.when(truth, found)),
                expects("when", label, present=True, **where(found)),
            )
        one_side = found.side in ("left", "right") and {e.peak_channel for e in everything} <= set(
            found.channels
        )
        if label in EPILEPTIFORM and one_side:
            yield Question(
                voice.say("ask side", plural=plural),
                voice.say("side", side=found.side, site=top),
                expects("side", label, present=True, side=found.side, **where(found)),
            )
        if found.frequency_hz and (label == "spindle" or facts.spike_wave_run(truth)):
            yield Question(
                voice.say("ask frequency", plural=plural),
                voice.say("frequency", hz=found.frequency_hz),
                expects("frequency", label, present=True, frequency_hz=round(found.frequency_hz, 2)),
            )


def _on_background(truth: Truth, voice: Voice) -> Iterator[Question]:
    rhythm = facts.posterior(truth)
    if rhythm is not None:
        uv = round(rhythm.rms_uv)
        yield Question(
            voice.say("ask posterior"),
            voice.say("posterior answer", hz=rhythm.frequency_hz, uv=uv),
            expects(
                "posterior", "alpha", present=True, frequency_hz=rhythm.frequency_hz, rms_uv=rhythm.rms_uv
            ),
        )
    if truth.background.asymmetry is not None:
        side, percent = describe.lower_side(truth)
        yield Question(
            voice.say("ask side asymmetry"),
            voice.say("side asymmetry", side=side, percent=percent),
            expects("side", "asymmetry", present=True, side=side),
        )
    turn = facts.change(truth)
    if turn is not None and turn in facts.slowing(truth):
        yield Question(
            voice.say("ask change"),
            voice.say("change", at=turn.onset, band=facts.band(turn)),
            expects("when", "variation", present=True, times=[[round(turn.onset, 2), truth.duration]]),
        )
    focal = [slow for slow in facts.slowing(truth) if slow.extent == "focal"]
    if len(focal) == 1 and len(truth.background.slowing) == 1:
        yield Question(
            voice.say("ask side slowing"),
            voice.say("side slowing", side=focal[0].side, band=facts.band(focal[0])),
            expects("side", "slowing", present=True, side=focal[0].side),
        )


def _on_normality(truth: Truth, voice: Voice) -> Iterator[Question]:
    """Ask whether the segment is normal, where that is beyond doubt."""
    right = findings.key(truth)
    if right is None or not (right.name in ABNORMAL or (truth.category == "normal" and unremarkable(truth))):
        return
    abnormal = right.name in ABNORMAL
    detail = findings.evidence(truth, right, voice)
    yield Question(
        voice.say("ask abnormal"),
        voice.say("abnormal" if abnormal else "normal", detail=detail),
        expects("normality", right.name if abnormal else "abnormality", present=abnormal),
    )


def _on_nature(truth: Truth, voice: Voice) -> Iterator[Question]:
    """Ask whether one plain event is artifact or discharge, away from all that could make it either."""
    for label in (*_ARTIFACT_NAMES, *EPILEPTIFORM):
        found = facts.seen(truth, label)
        if not found or (label == "spsw" and facts.spike_wave_run(truth)):
            continue
        entry, sharp = found.largest, label in EPILEPTIFORM
        others = _ARTIFACT_NAMES if sharp else EPILEPTIFORM
        near = [
            e
            for e in facts.mentioned(truth, tuple(others))
            if abs(e.peak - entry.peak) < 1 + e.event.duration
        ]
        if near:
            continue
        name = f"a {SPOKEN[label]}" if sharp else _ARTIFACT_NAMES[label]
        scored = expects(
            "artifact_or_epileptiform", label, present=True, channels=list(entry.event.channels),
            times=[[round(entry.event.onset, 2), round(entry.event.onset + entry.event.duration, 2)]],
        )  # fmt: skip
        yield Question(
            voice.say("ask nature", at=entry.peak, site=entry.peak_channel),
            voice.say("epileptiform" if sharp else "artifact", name=name),
            scored | {"epileptiform": sharp},
        )


def _absence(truth: Truth, voice: Voice) -> Iterator[Question]:
    """Ask for two things that are not there, without taking them for granted."""
    names = [name for name in NOUNS if absent(truth, name)]
    voice.rng.shuffle(names)
    for name in names[:2]:
        yield Question(
            voice.say("ask presence", plural=NOUNS[name]),
            voice.say("no", plural=NOUNS[name]),
            expects("presence", name, present=False),
        )


def _presence(truth: Truth, voice: Voice) -> Iterator[Question]:
    """Ask whether what the segment is about is there."""
    right = findings.key(truth)
    if right is None or right.name not in NOUNS:
        yield from _absence(truth, voice)
        return
    yield Question(
        voice.say("ask presence", plural=NOUNS[right.name]),
        voice.part("yes", detail=findings.evidence(truth, right, voice)),
        expects("presence", right.name, present=True),
    )
