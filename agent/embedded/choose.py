"""Multiple choice: score every option against what was measured, say which fits best and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.embedded.draft import Draft, Situation
from agent.embedded.grounds import RULES
from agent.embedded.options_of_stem import about_numbers, about_stage, reasons_of_stem
from agent.embedded.weigh_background import weigh_background
from agent.embedded.weigh_waves import is_wave, weigh_wave
from agent.embedded.world import Reason, World
from agent.findings import Certainty, Evidence
from agent.intent import Option
from agent.understanding.claims_of_options import Claim, read_claims
from agent.words import listed
from tools.labels import PATTERN

_BARE = re.compile(r"\W*(?:mainly |mostly |predominantly )?(?:delta|theta|alpha|beta|gamma|sigma)"
                   r"(?: (?:activity|band|range|waves?|frequency|frequencies))?\W*", re.IGNORECASE)  # fmt: skip
"""A band alone, which answers a question on the dominant frequency and claims no finding."""
_REFUTED = -0.9
_STATES = ("state", "drowsiness", "deep sleep")


def choose(s: Situation, draft: Draft) -> None:
    """Pick the option that the measurements support best."""
    if not s.of("describe_page"):
        return
    world = World(s)
    weighed = [(option, _reasons(option, s, world)) for option in s.intent.options]
    weighed = [(option, reasons or _by_elimination(option, weighed)) for option, reasons in weighed]
    scored = [(_score(reasons), option, reasons) for option, reasons in weighed]
    best, option, reasons = max(scored, key=lambda entry: entry[0])
    if not reasons:
        reasons = _left_over(scored)
    if not any(reason.evidence for reason in reasons):
        _no_choice(draft, weighed)
        return
    runner_up = max((score for score, other, _ in scored if other is not option), default=-9.0)
    sure: Certainty = "probable" if best - runner_up >= 1.0 and best > 0.5 else "possible"
    draft.choice = option.letter
    fits = "fits what was measured best" if best > 0 else "is contradicted least by what was measured"
    draft.say(f"**{option.letter}** ({option.text.strip().rstrip('.')}) {fits}.")
    telling = sorted((r for r in reasons if r.evidence), key=lambda r: -abs(r.weight))[:3]
    for reason in telling:
        draft.state(reason.words, [*reason.evidence, *_rule(s, reason)], events=reason.events, certainty=sure)
    said = {reason.words for reason in telling}
    for score, other, against in scored:
        telling = sorted((r for r in against if r.evidence and r.weight < 0), key=lambda r: r.weight)[:1]
        if other is not option and score < best and telling and telling[0].words not in said:
            words = f"Against {other.letter}: {telling[0].words[0].lower()}{telling[0].words[1:]}"
            draft.state(words, telling[0].evidence, certainty=sure)
    if sure == "possible":
        draft.say("The margin to the next option is small, so take this choice as a lead.")


def _score(reasons: Sequence[Reason]) -> float:
    return sum(reason.weight for reason in reasons)


def _no_choice(draft: Draft, weighed: list[tuple[Option, list[Reason]]]) -> None:
    """Say why no option is chosen: none was measured, or the one that is left was not looked for."""
    unseen = [
        option.letter for option, reasons in weighed if reasons and not any(r.evidence for r in reasons)
    ]
    if unseen:
        draft.say(
            f"What {listed(unseen)} would need was not analysed on this page, so it can be neither chosen nor "
            "excluded, and none of the options is chosen."
        )
        return
    draft.say(
        "None of the options speaks of something that was looked for on this page, so none is chosen. "
        "Options that name a waveform with a detector, an artifact, a band, a region or a side can be weighed."
    )


def _by_elimination(option: Option, weighed: list[tuple[Option, list[Reason]]]) -> list[Reason]:
    """Weigh an option of the kind "none of these": it holds when the others were looked for and not found."""
    if option.reply != "none of these":
        return []
    others = [reason for other, reasons in weighed if other is not option for reason in reasons]
    seen = [reason for reason in others if reason.evidence]
    if not seen or any(reason.weight > 0 for reason in seen):
        return []
    words = "None of the others that could be looked for was found."
    return [Reason(1.0 if len(seen) == len(others) else 0.4, words, seen[0].evidence)]


def _left_over(scored: list[tuple[float, Option, list[Reason]]]) -> list[Reason]:
    """Why the one option that could not be weighed is left: every other one is clearly contradicted."""
    others = [(score, reasons) for score, _, reasons in scored if reasons]
    refuted = all(score <= _REFUTED and any(r.evidence for r in reasons) for score, reasons in others)
    if not refuted or len(others) < max(2, len(scored) - 1):
        return []
    words = "What it says could not be weighed itself, but none of the others fits what was measured."
    return [Reason(0.0, words, others[0][1][0].evidence)]


def _rule(s: Situation, reason: Reason) -> Iterator[Evidence]:
    for label in {e.label for e in reason.events}:
        for identifier in RULES.get(label, ()):
            rule = s.rule(identifier)
            if rule:
                yield rule


def _reasons(option: Option, s: Situation, world: World) -> list[Reason]:
    """Weigh an option by what it claims, or by its question where it claims nothing by itself."""
    bare = all(_BARE.fullmatch(other.text) for other in s.intent.options)
    whole = bare or option.reply in ("none of these", "all of these")
    claims = () if whole else read_claims(option.text, option.labels)
    if not claims:
        return list(reasons_of_stem(option, s, world))
    weighed = [(claim, _weigh(claim, world)) for claim in claims]
    if option.stage and all(claim.kind in _STATES for claim in claims):
        if world.staged:  # a whole epoch was staged, which says more than signs
            return list(about_stage(option.stage, world))
        weighed = [(claim, reason) for claim, reason in weighed if reason.evidence] or weighed
        return [*(reason for _, reason in weighed), *about_stage(option.stage, world)]
    return [*_together(weighed), *_counts(option, s, world)]


def _weigh(claim: Claim, world: World) -> Reason:
    reason = weigh_wave(claim, world) if is_wave(claim) else weigh_background(claim, world)
    return reason._replace(weight=-reason.weight) if claim.denied else reason


def _together(weighed: list[tuple[Claim, Reason]]) -> list[Reason]:
    """Put the claims of an option together: of several patterns one is enough, of other findings all have to hold."""
    patterns = [reason for claim, reason in weighed if claim.kind in PATTERN]
    others = [reason for claim, reason in weighed if claim.kind not in PATTERN]
    alternatives = [max(patterns, key=lambda reason: reason.weight)] if patterns else []
    reasons = [*alternatives, *others]
    return [reason._replace(weight=reason.weight / len(reasons)) for reason in reasons]


def _counts(option: Option, s: Situation, world: World) -> Iterator[Reason]:
    """A number of events, where the question asks how many."""
    if s.intent.quantity == "count" and re.match(
        r"\W*\d+\b(?! ?(?:hz|µv|uv|%|per|/))", option.text, re.IGNORECASE
    ):
        yield from about_numbers(option.text, s, world)
