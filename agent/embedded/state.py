"""Say which state a page shorter than an epoch looks like, and by what signs."""

from __future__ import annotations

from collections.abc import Iterator

from agent.absence import absent_words
from agent.embedded.draft import Draft, Situation
from agent.embedded.grounds import STAGE_RULES
from agent.facts import Facts, derived
from agent.findings import Evidence
from agent.states import Sign, State, infer_state
from agent.words import event_line, plural
from tools.background_record import Background
from tools.labels import SPOKEN
from tools.types import Event, Measurement

SOUGHT = ("spindle", "kcomplex", "slow_wave", "vertex", "sem", "eyem")
"""What would have told the state, by its labels."""
_NAMES = {
    "W": "wakefulness (stage W)", "N1": "drowsiness (N1)", "N2": "N2 sleep", "N3": "N3 sleep",
    "R": "REM sleep (stage R)",
}  # fmt: skip
NO_STAGE = "A stage is scored over epochs of 30 s, so this is an impression of the page and no AASM stage."


def state_of(fact: Facts) -> State:
    """The state that a described page is compatible with."""
    background = Background.model_validate(fact.payload["description"]["background"])
    duration = next((m.value for m in fact.measurements if m.quantity == "span looked at"), 0.0)
    return infer_state(fact.events, background, duration)


def state(s: Situation, draft: Draft) -> None:
    """Name the state with its signs; say what is missing where nothing decides."""
    for fact in s.of("describe_page")[:1]:
        found = state_of(fact)
        if found.stage is None:
            _undecided(fact, draft)
        else:
            _reply(s, draft, found)
            state_sentence(s, draft, fact, found)
        draft.say(NO_STAGE)


def _reply(s: Situation, draft: Draft, found: State) -> None:
    if s.intent.act != "why" and len(s.intent.stages) == 1 and found.sure:
        draft.say("Yes." if found.stage == s.intent.stage else "No.")


def state_sentence(s: Situation, draft: Draft, fact: Facts, found: State) -> None:
    """State what the page is compatible with, by what signs, and what speaks against it."""
    if found.stage is None:
        return
    rule = s.rule(STAGE_RULES[found.stage][0])
    cited = f" [{rule.id}]" if rule else ""
    how = "compatible with" if found.sure else "most compatible with"
    first = found.signs[0]
    grounds: list[Evidence | None] = [rule, *_grounds(first, fact)]
    draft.state(f"The page is {how} {_NAMES[found.stage]}: {_words(first)}{cited}.", grounds, events=first.events[:40],
                certainty="probable" if found.sure else "possible")  # fmt: skip
    for sign in found.signs[1:3]:  # one sentence each, so that a number is traced to its own sign
        draft.state(f"For it speaks as well: {_words(sign)}.", _grounds(sign, fact), events=sign.events[:40],
                    certainty="probable")  # fmt: skip
    if found.detail:  # a sentence of its own, because "open" beside a wave reads as left open
        draft.state(f"The {found.detail.replace(' ', ' are probably ')}.", grounds, certainty="possible")
    if found.against and not found.sure:
        other = found.against[0]
        draft.state(f"Against it speaks: {_words(other)}.", _grounds(other, fact), events=other.events[:40],
                    certainty="possible")  # fmt: skip


def _words(sign: Sign) -> str:
    """A sign as a sentence lists it."""
    if sign.label == "posterior rhythm":
        return f"a posterior rhythm of {sign.value:.1f} Hz"
    if sign.label == "theta":
        return f"a low background, mainly theta at about {sign.value:.1f} Hz"
    if sign.label == "fast":
        return f"a background mainly of beta at about {sign.value:.1f} Hz"
    first = max(sign.events, key=_height)
    if sign.label == "slow_wave":
        return f"slow waves over more than a fifth of the time, the tallest at {event_line(first)}"
    name = SPOKEN[sign.label] if len(sign.events) == 1 else f"{plural(sign.label)}, the clearest"
    return f"{name} at {event_line(first)}"


def _height(event: Event) -> float:
    return event.amplitude.value_uv if event.amplitude else 0.0


def _grounds(sign: Sign, fact: Facts) -> Iterator[Measurement]:
    if sign.label == "posterior rhythm":
        yield from (m for m in fact.measurements if m.quantity.startswith("posterior rhythm"))
    elif not sign.events:
        yield from (m for m in fact.measurements if m.quantity.startswith("dominant"))
    for event in sorted(sign.events, key=_height, reverse=True)[:3]:
        yield from derived(event)


def _undecided(fact: Facts, draft: Draft) -> None:
    """Nothing decides: say what was looked for in vain."""
    looked = set(fact.analysed.labels) if fact.analysed else set()
    there = {event.label for event in fact.events if not event.masked_by}
    missing = [label for label in SOUGHT if label in looked and label not in there]
    draft.say("Nothing on this page decides between waking, drowsiness and sleep.")
    if missing:
        draft.state(f"No {absent_words(missing)} found, and no posterior rhythm.",
                    [m for label in missing for m in _zero(fact, label)])  # fmt: skip


def _zero(fact: Facts, label: str) -> Iterator[Measurement]:
    span = next((m for m in fact.measurements if m.quantity == "span looked at"), None)
    if span is not None:
        yield span.model_copy(update={"quantity": f"{label} count", "value": 0.0, "unit": "count"})
