"""The description key of a segment: what an expert writes down, from the truth, in the order of a caption.

Montage, quality, artifacts, sleep waves, epileptiform activity and patterns or their absence, background, state.
What is faint or masked is neither told nor denied.
"""

from __future__ import annotations

from collections.abc import Iterator

from evals.glossa_bench import facts
from evals.glossa_bench.facts import LASTING, Seen
from evals.glossa_bench.places import count, moments, regions, stretches
from evals.glossa_bench.voice import Voice
from models.truth import PosteriorTruth, SlowingTruth, Truth
from tools.labels import EPILEPTIFORM, SLEEP, SPOKEN

PLURALS = {
    "spike": "spikes", "sharp": "sharp waves", "spsw": "spike-and-wave complexes", "spindle": "sleep spindles",
    "kcomplex": "K-complexes", "vertex": "vertex waves",
}  # fmt: skip
FAIR, MARRED, POOR = 0.0, 0.12, 0.40
"""Shares of the channels' time under artifact from which the quality has its words."""


def description(truth: Truth, voice: Voice) -> str:
    """Describe a segment in the words of a voice."""
    return " ".join(sentences(truth, voice))


def sentences(truth: Truth, voice: Voice) -> Iterator[str]:
    """The sentences of a description, in their order."""
    yield voice.say("montage")
    share = facts.spoilt_share(truth)
    grades = (("quality poor", POOR), ("quality marred", MARRED), ("quality fair", FAIR))
    yield voice.say(next((slot for slot, least in grades if share > least), "quality good"))
    for found in facts.artifacts(truth):
        yield from artifact(truth, found, voice)
    yield from sleep(truth, voice)
    yield from epileptiform(truth, voice)
    yield from background(truth, voice)
    if (state := facts.state(truth)) is not None:
        yield voice.say(f"state {state}")


def when(truth: Truth, found: Seen) -> str:
    """Times of what was seen: stretches for what lasts, moments for waves."""
    if found.label in LASTING or found.label.startswith("eyer"):
        return stretches(found.spans, truth.duration)
    return moments(found.onsets)


def artifact(truth: Truth, found: Seen, voice: Voice) -> Iterator[str]:
    """One sentence on an artifact; a gaze is told once, by its positive side."""
    if found.label in ("eyer+", "eyer-"):
        for side in ("left", "right"):
            looks = tuple(e for e in found.entries if e.kind == f"look {side}")
            if looks and (found.label == "eyer+" or not facts.seen(truth, "eyer+")):
                yield voice.say("gaze", side=side, when=when(truth, Seen(found.label, looks)))
        return
    yield voice.say(
        found.label,
        when=when(truth, found),
        where=regions(found.channels),
        site=found.largest.peak_channel,
        hz=found.frequency_hz or 0.0,
    )


def amount(found: Seen) -> str:
    """``one spike``, ``three sharp waves``."""
    number = len(found.spans)
    return f"{count(number)} {SPOKEN[found.label] if number == 1 else PLURALS[found.label]}"


def wave(truth: Truth, found: Seen, voice: Voice) -> str:
    """One sentence on waves of one label."""
    return voice.say(
        found.label,
        amount=amount(found),
        when=when(truth, found),
        where=regions(found.channels),
        site=found.largest.peak_channel,
        hz=found.frequency_hz or 0.0,
    )


def slow_sleep(truth: Truth, voice: Voice) -> str:
    """One sentence on the slow waves of deep sleep."""
    sizes = [
        e.event.amplitude.value_uv
        for e in truth.planted
        if e.event.label == "slow_wave" and e.event.amplitude
    ]
    percent = 5 * round(20 * facts.slow_wave_share(truth))
    return voice.say("slow waves", percent=percent, uv=round(max(sizes)))


def sleep(truth: Truth, voice: Voice) -> Iterator[str]:
    """Waves of sleep and drowsiness."""
    for label in ("spindle", "kcomplex", "vertex"):
        if found := facts.seen(truth, label):
            yield wave(truth, found, voice)
    if facts.slow_wave_share(truth) >= facts.DEEP_SHARE:
        yield slow_sleep(truth, voice)
    yield from drowsiness(truth, voice)


def drowsiness(truth: Truth, voice: Voice) -> Iterator[str]:
    """Theta bursts and rolling eyes."""
    if theta := facts.drowsy_theta(truth):
        yield voice.say(
            "drowsy theta",
            hz=theta.frequency_hz or 0.0,
            when=moments(theta.onsets),
            where=regions(theta.channels),
        )
    if rolling := facts.seen(truth, "sem"):
        yield voice.say("sem", when=when(truth, rolling))


def epileptiform(truth: Truth, voice: Voice) -> Iterator[str]:
    """Discharges and patterns, or that there are none."""
    run = facts.spike_wave_run(truth)
    if run:
        yield run_sentence(run, voice)
    for label in EPILEPTIFORM:
        found = facts.seen(truth, label)
        if found and not (run and label == "spsw"):
            yield wave(truth, found, voice)
    for pattern in truth.patterns:
        side = "" if pattern.side in ("generalized", "bilateral") else f" on the {pattern.side}"
        slot = "pattern" if pattern.frequency_hz else "pattern unpaced"
        yield voice.say(slot, name=SPOKEN[pattern.label], side=side, hz=pattern.frequency_hz or 0.0)
    if facts.free_of_discharges(truth):
        asleep = facts.mentioned(truth, (*SLEEP, "drowsy theta"))
        yield voice.say("no discharge" if asleep else "nothing")


def run_sentence(run: Seen, voice: Voice) -> str:
    """One sentence on a run of generalized spike-and-wave."""
    return voice.say(
        "run",
        start=run.spans[0][0],
        stop=run.spans[-1][1],
        hz=run.frequency_hz or 0.0,
        site=run.largest.peak_channel,
    )


def background(truth: Truth, voice: Voice) -> Iterator[str]:
    """Whether it changes, its rhythm, and what is wrong with it."""
    found = truth.background
    turn = facts.change(truth)
    if turn is not None:
        yield changing(truth, turn, voice)
    elif all(p.duration > 0.9 * truth.duration for p in (*found.posterior, *found.slowing)):
        yield voice.say("stable")
    state = "awake" if found.state in ("wake", "eyes_open") else found.state
    yield voice.say(f"background {state}", uv=round(found.rms_uv))
    if rhythm := facts.posterior(truth):
        yield posterior(truth, rhythm, voice)
    for slow in facts.slowing(truth):
        if slow is not turn:
            yield slowing(truth, slow, voice)
    if found.asymmetry is not None:
        yield asymmetry(truth, voice)
    if found.fast_activity_rms_uv is not None and found.fast_activity_rms_uv >= facts.CLEAR_FAST_UV:
        yield voice.say("fast", uv=round(found.fast_activity_rms_uv))


def changing(truth: Truth, turn: SlowingTruth, voice: Voice) -> str:
    """One sentence on a background that turns slow."""
    slot = "variable alpha" if facts.posterior(truth) else "variable"
    return voice.say(slot, at=turn.onset, band=facts.band(turn))


def posterior(truth: Truth, rhythm: PosteriorTruth, voice: Voice) -> str:
    """One sentence on the posterior rhythm."""
    whole = rhythm.duration > 0.9 * truth.duration
    part = "" if whole else f" from {rhythm.onset:.1f} to {rhythm.onset + rhythm.duration:.1f} s"
    return voice.say("posterior", hz=rhythm.frequency_hz, uv=round(rhythm.rms_uv), part=part)


def slowing(truth: Truth, slow: SlowingTruth, voice: Voice) -> str:
    """One sentence on added slow activity."""
    spans = stretches([(slow.onset, slow.onset + slow.duration)], truth.duration)
    return voice.say(
        f"{slow.extent} slowing", band=facts.band(slow), side=slow.side, uv=round(slow.rms_uv), when=spans
    )


def lower_side(truth: Truth) -> tuple[str, int]:
    """The attenuated side and what is left of it, in per cent of the other."""
    ratio = truth.background.asymmetry or 1.0
    return ("left", round(100 * ratio)) if ratio < 1 else ("right", round(100 / ratio))


def asymmetry(truth: Truth, voice: Voice) -> str:
    """One sentence on an attenuated side."""
    side, percent = lower_side(truth)
    return voice.say("asymmetry", side=side, percent=percent)
