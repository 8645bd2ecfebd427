"""Answers that rest on the rules, on the thread, or on the file's header rather than on new signal."""

from __future__ import annotations

import re

from agent.absence import absent_words
from agent.embedded.draft import Draft, Situation
from agent.embedded.grounds import RULES
from agent.findings import CitedRule
from agent.words import KIND_WORDS, counted, listed, number, plural, span
from knowledge.types import Citation
from tools.labels import SPOKEN
from tools.types import Measurement

ASK_INSTEAD = (
    "I can describe a page, look for waveforms and artifacts, measure a wave or a span, compare the two sides, "
    "search the recording, change the montage and filters, and explain the rules. Try "
    '"What does this page show?", "Are there spindles between 0 and 30 s?" or "What makes an epoch N2?"'
)


def knowledge(s: Situation, draft: Draft) -> None:
    """Answer from the rule base, with ids."""
    citations = list({c.id: c for fact in s.of("search_rules") for c in fact.citations}.values())
    if not citations:
        draft.say(
            "The rule base holds nothing on that. Try the name of a waveform, a stage or a pattern, "
            'such as "sleep spindle", "N2" or "LRDA".'
        )
        return
    for citation in _most_telling(s, citations):
        for i, sentence in enumerate(_sentences(citation.text)):
            lead = f"{citation.title}: " if i == 0 else ""
            draft.state(f"{lead}{sentence.rstrip('.')} [{citation.id}].", [CitedRule(id=citation.id)])
    if any(c.provenance in ("K", "E") for c in citations[:1]):
        draft.say("This entry rests on common professional knowledge rather than on an opened source.")


_DEFINING = re.compile(
    r"what(?:'s| is| are)\b|defin|criteri|duration|frequen|amplitude|minim|maxim|how (?:long|tall|fast|high|big|many)",
    re.IGNORECASE,
)


def _most_telling(s: Situation, citations: list[Citation]) -> list[Citation]:
    """The rules worth reading out: for a question on what something is, its own definition first."""
    best = citations[0].score
    own = [i for label in s.intent.labels for i in RULES.get(label, ())]
    told = [c for i, c in enumerate(citations) if i == 0 or c.score >= 0.75 * best][:3]
    if _DEFINING.search(s.intent.question):
        told = [c for c in citations if c.id in own] + [c for c in told if c.id not in own]
    return told[:2] if told[0].id in own else told


def _sentences(text: str) -> list[str]:
    from agent.claims import sentences

    return sentences(text)


def why(s: Situation, draft: Draft) -> None:
    """Lay open the grounds of the last answer: numbers, then rules."""
    if s.previous is None or not s.previous.findings:
        draft.say(
            "There is no earlier statement about the signal in this conversation to give grounds for. "
            'Ask about the page first, for instance "What does this page show?".'
        )
        return
    draft.say("The last answer rests on these grounds.")
    for finding in s.previous.findings[:4]:
        measured = _telling([e for e in finding.evidence if isinstance(e, Measurement)])
        rules = [e for e in finding.evidence if isinstance(e, CitedRule)]
        if measured:
            values = listed([_ground(m) for m in measured])
            draft.state(f"Measured: {values}.", measured, events=finding.events, certainty=finding.certainty)
        if rules:
            titles = {c.id: c.title for c in s.previous.citations}
            named = listed([f"{titles.get(r.id, 'rule')} [{r.id}]" for r in rules])
            draft.state(f"What gives it meaning: {named}.", rules)


def _telling(measured: list[Measurement]) -> list[Measurement]:
    """The numbers that decide; places and lengths come last."""
    order = {"uV": 0, "Hz": 0, "uV2": 0, "%": 1, "": 1, "count": 2}
    settings = ("band lower edge", "band upper edge", "channels analysed", "span looked at", "page length",
                "sensitivity", "low cut", "high cut", "notch", "paper speed", "quality")  # fmt: skip
    measured = [m for m in measured if not any(word in m.quantity for word in settings)]
    return sorted(measured, key=lambda m: order.get(m.unit, 3))[:3]


def _ground(m: Measurement) -> str:
    label, _, what = m.quantity.partition(" ")
    if what == "count" and label in SPOKEN:
        found = counted(label, round(m.value)) if m.value else f"no {plural(label)}"
        return f"{found} in {span(m.onset, m.duration)}"
    if label in SPOKEN:
        return f"{SPOKEN[label]} {what} {_number(m)}"
    return f"{m.quantity} {_number(m)}"


def _number(m: Measurement) -> str:
    where = f" at {listed(m.channels[:3])}" if m.channels else ""
    unit = {"uV": " µV", "uV2": " µV²", "count": "", "": ""}.get(m.unit, f" {m.unit}")
    kind = f" {KIND_WORDS[m.amplitude_kind]}" if m.amplitude_kind else ""
    return f"{number(m.value, 2 if abs(m.value) < 10 else 1)}{unit}{kind}{where}"


def confirm(s: Situation, draft: Draft) -> None:
    """Look again and say whether the answer still stands, and how sure it is."""
    if s.previous is None or not s.previous.findings:
        draft.say("There is no earlier statement about the signal in this conversation to check.")
        return
    before = {(e.label, round(e.onset, 1)) for f in s.previous.findings for e in f.events}
    now = {(e.label, round(e.onset, 1)) for fact in s.facts for e in fact.events}
    if before:
        again = "all" if before <= set(now) else "not all"
        draft.say(
            f"I ran the same measurements again: {again} of the events named before were found at the same place."
        )
    else:
        draft.say("I ran the same measurements again and they give the same numbers.")
    for finding in s.previous.findings[:3]:
        draft.add(finding)
    levels = {f.certainty for f in s.previous.findings}
    if levels - {"definite"}:
        draft.say(
            "Statements marked possible or probable rest on thresholds that experts also disagree about."
        )
    draft.say("A measurement is reproducible, but its meaning needs your eye on the trace.")


def info(s: Situation, draft: Draft) -> None:
    """Say what the file holds."""
    words = {"duration": ("length",), "age": ("age", "annotations"), "sex": ("age", "annotations"),
             "channels": ("channels",), "sampling": ("rate",)}.get(s.intent.aspect or "", ())  # fmt: skip
    for fact in s.of("recording_info"):
        sentences = fact.payload.get("sentences", ())
        telling = [(text, used) for text, used in sentences if any(w in " ".join(used) for w in words)]
        for sentence, used in telling or sentences:
            draft.state(sentence, [m for m in fact.measurements if m.quantity in used])


def courtesy(s: Situation, draft: Draft) -> None:
    """Answer politely and briefly."""
    draft.say("You are welcome. Ask about any page, channel or time of the recording.")


def give_help(s: Situation, draft: Draft) -> None:
    """Say what can be asked."""
    if not s.intent.notes:
        draft.say(ASK_INSTEAD)


def unclear(s: Situation, draft: Draft) -> None:
    """Say plainly that the question was not understood, and which one would work."""
    if not s.intent.notes:
        draft.say("I did not understand that as a question about this recording or about the rules.")
        draft.say(ASK_INSTEAD)


def absent(s: Situation, draft: Draft) -> None:
    """Correct a question that takes for granted what was not found; of several names for one thing, one is enough."""
    onset, duration = s.place
    searched = {label: f for f in s.facts if f.analysed for label in f.analysed.labels}
    missing = [label for label in s.intent.presumed if label in searched]
    if any(f.event_counts.get(label) for f in s.facts for label in s.intent.presumed):
        return
    if not missing or len(missing) < len(s.intent.presumed):
        return  # open is not absent
    zeros = [
        Measurement(onset=onset, duration=duration, quantity=f"{label} count", value=0.0, unit="count",
                    tool=searched[label].tool)
        for label in missing
    ]  # fmt: skip
    rules = [s.rule(i) for label in missing for i in RULES.get(label, ())]
    what = SPOKEN[missing[0]] if len(missing) == 1 else absent_words(missing)
    verb, one = ("was", "one") if len(missing) == 1 else ("were", "them")
    draft.state(
        f"No {what} {verb} found in {span(onset, duration)}, though the question takes {one} for granted.",
        [*zeros, *rules],
    )
