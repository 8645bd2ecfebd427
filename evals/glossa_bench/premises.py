"""Questions that take for granted what is not there, or what is on the other side; and what all questions share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from evals.glossa_bench import facts, findings
from evals.glossa_bench.absence import absent, absent_on
from evals.glossa_bench.describe import PLURALS
from evals.glossa_bench.facts import Seen
from evals.glossa_bench.voice import Voice
from models.truth import Truth
from tools.labels import EPILEPTIFORM

NOUNS = {
    "spike": "spikes", "sharp": "sharp waves", "spsw": "spike-and-wave complexes", "spindle": "sleep spindles",
    "kcomplex": "K-complexes", "blink": "eye blinks", "gaze": "lateral eye movements", "muscle": "muscle artifacts",
    "chewing": "chewing artifacts", "movement": "movement artifacts", "saturation": "saturated channels",
    "LPD": "lateralized periodic discharges", "GPD": "generalized periodic discharges",
    "GRDA": "runs of generalized rhythmic delta", "seizure": "seizure discharges",
}  # fmt: skip
"""Findings that questions name, in the plural."""
_REPEATING = ("spsw", "LPD", "GPD", "GRDA", "seizure")
_PEAKED = (*EPILEPTIFORM, "spindle", "kcomplex", "LPD", "GPD", "GRDA", "seizure")


class Question(NamedTuple):
    """A question, its answer, and what the answer has to contain."""

    text: str
    answer: str
    expects: dict[str, Any]


def expects(
    kind: str, label: str, *, present: bool, false_premise: bool = False, **more: Any
) -> dict[str, Any]:
    """What a scorer looks for in an answer; what is empty is left out."""
    named = {name: value for name, value in more.items() if value not in (None, (), [], "")}
    label = findings.LABELS.get(label, label)
    return {"kind": kind, "label": label, "present": present, "false_premise": false_premise, **named}


def where(found: Seen) -> dict[str, Any]:
    """Channels, the strongest first, and times for a scorer."""
    top = found.largest.peak_channel
    return {
        "channels": [top, *(c for c in found.channels if c != top)],
        "times": [[round(start, 2), round(stop, 2)] for start, stop in found.spans],
    }


def premises(truth: Truth, voice: Voice) -> Iterator[Question]:
    """Questions about a segment of which the premise is false."""
    names = [name for name in NOUNS if absent(truth, name)]
    voice.rng.shuffle(names)
    for name in names[:3]:
        yield _nothing_there(truth, name, voice)
    if absent(truth, "alpha") and truth.background.state in ("eyes_open", "n2", "n3", "low_voltage"):
        yield Question(
            voice.say("ask false posterior"),
            voice.say("no posterior"),
            expects("frequency", "alpha", present=False, false_premise=True),
        )
    yield from _wrong_side(truth, voice)


def _nothing_there(truth: Truth, name: str, voice: Voice) -> Question:
    plural = NOUNS[name]
    supposed = findings.imagined(name, voice.rng)
    kinds = (
        ["when"]
        + ["largest"] * (name in _PEAKED)
        + ["rate"] * (name in _REPEATING)
        + ["nature"] * (2 * (name in EPILEPTIFORM))
    )
    kind = kinds[int(voice.rng.integers(len(kinds)))]
    about = {"side": supposed.side, "channels": [supposed.site]} if kind == "nature" else {}
    text = voice.say(
        f"ask false {kind}", plural=plural, site=supposed.site, side=supposed.side, region=supposed.region
    )
    scored = {"rate": "frequency", "nature": "presence"}.get(kind, kind)
    return Question(
        text,
        voice.say("false", plural=plural),
        expects(scored, name, present=False, false_premise=True, **about),
    )


def _wrong_side(truth: Truth, voice: Voice) -> Iterator[Question]:
    for label in EPILEPTIFORM:
        found = facts.seen(truth, label)
        wrong = {"left": "right", "right": "left"}.get(found.side if found else "")
        if not found or not wrong or not absent_on(truth, wrong):
            continue
        told = findings.Finding(label, found.side, site=found.largest.peak_channel)
        twin = findings.varied(told, voice.rng)
        site = twin.site if twin else ""
        plural, region = PLURALS[label], _region(found)
        yield Question(
            voice.say("ask false nature", plural=plural, site=site, side=wrong, region=region),
            voice.say(
                "false side", plural=plural, wrong=wrong, side=found.side, site=found.largest.peak_channel
            ),
            expects("side", label, present=True, false_premise=True, side=found.side, **where(found)),
        )


def _region(found: Seen) -> str:
    return next((r for r in reversed(findings.FOCI) if f" {r} " in f" {found.largest.kind} "), "frontal")
