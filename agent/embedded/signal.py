"""Answers that rest on what was measured in the signal."""

from __future__ import annotations

from collections.abc import Sequence

from agent.embedded.draft import Draft, Situation
from agent.embedded.grounds import MEASURED_RULES, RULES
from agent.embedded.picking import pick
from agent.embedded.talk import absent
from agent.facts import Facts, derived
from agent.findings import Certainty, Evidence, Finding
from agent.words import counted, event_line, listed, microvolts, plural, span, view_words, where
from tools.labels import ARTIFACT, GROUPS, SPOKEN
from tools.types import Event, Measurement

SHOWN = 4
"""Events that an answer spells out; the rest are counted."""


def describe(s: Situation, draft: Draft) -> None:
    """Describe the place in caption order, each sentence with its grounds; a false premise is met first."""
    absent(s, draft)
    for label in s.intent.presumed:
        _not_looked_for(s, draft, label)
    for fact in s.of("describe_page"):
        findings = [Finding.model_validate(finding) for finding in fact.payload["findings"]]
        for finding in _of_aspect(s, findings):
            _add_with_rules(s, draft, finding)
    if not s.of("describe_page"):
        for fact in s.of("find_waveforms"):
            for label in fact.event_counts:
                _present(s, draft, fact, label)
            if not fact.event_counts and fact.analysed:
                _none_found(s, draft, fact, list(fact.analysed.labels), others=False)
        _sentences(s, draft, s.of("band_power")[:1])
        _sentences(s, draft, s.of("measure_span"))
    _limits(s, draft)


_ASPECTS = {
    "quality": ("quality", "flat", "extreme", "bad_channel", "hfnoise", "line_noise", "eyem"),
    "slowing": ("posterior rhythm", "dominant", "generalized", "focal", "share of power"),
}


def _of_aspect(s: Situation, findings: list[Finding]) -> list[Finding]:
    """The findings on what was asked for, where the question narrows the description."""
    starts = _ASPECTS.get(s.intent.aspect or "", ())
    telling = [
        f
        for f in findings
        if any(isinstance(e, Measurement) and e.quantity.startswith(starts) for e in f.evidence)
    ]
    return telling if starts and telling else findings


def stage(s: Situation, draft: Draft) -> None:
    """Lay out what speaks for and against a stage; none is given."""
    draft.say("Sleep stages are not scored in this version, so none is given; these waveforms bear on it.")
    for fact in s.of("find_waveforms"):
        for label in fact.event_counts:
            _present(s, draft, fact, label)
        looked = fact.analysed.labels if fact.analysed else ()
        none = [label for label in looked if not fact.event_counts.get(label)]
        if none:
            _none_found(s, draft, fact, none, others=bool(fact.event_counts))
    for fact in s.of("background"):
        _sentences(s, draft, [fact])
    for fact in s.of("search_rules"):
        for citation in fact.citations[:2]:
            draft.state(f"The rule: {citation.title} [{citation.id}].", [s.rule(citation.id)])


def _add_with_rules(s: Situation, draft: Draft, finding: Finding) -> None:
    """Add the rules that were read for what a finding rests on."""
    wanted = [i for event in finding.events for i in RULES.get(event.label, ())]
    measured = [e for e in finding.evidence if isinstance(e, Measurement)]
    wanted += [
        i for m in measured for start, ids in MEASURED_RULES if m.quantity.startswith(start) for i in ids
    ]
    rules = [rule for i in dict.fromkeys(wanted) if (rule := s.rule(i))]
    draft.add(finding.model_copy(update={"evidence": (*finding.evidence, *rules)}))


def _limits(s: Situation, draft: Draft) -> None:
    """Name what was not looked for, once and briefly."""
    missing = [entry.label for entry in draft.not_analysed]
    groups = [name for name, members in GROUPS.items() if name != "artifact" and set(members) <= set(missing)]
    left = [
        SPOKEN[m]
        for m in missing
        if m in SPOKEN and m not in ARTIFACT and not any(m in GROUPS[g] for g in groups)
    ]
    words = {"epileptiform": "epileptiform discharges", "pattern": "rhythmic and periodic patterns or seizures",
             "rhythm": "mu and alpha events", "sleep": "sleep waveforms"}  # fmt: skip
    named = [words[g] for g in groups] + [plural(m) for m in missing if SPOKEN.get(m) in left][:3]
    if named:
        draft.say(f"Not analysed here: {listed(named)}.")


def view(s: Situation, draft: Draft) -> None:
    """Say what the page shows now, then what is seen on it."""
    for fact in s.of("show_page"):
        if fact.page:
            shown = span(fact.page.onset, fact.page.duration)
            draft.state(f"The page now shows {shown}, {view_words(fact.page)}.", fact.measurements)
    if s.of("measure_wave"):
        _sentences(s, draft, s.of("measure_wave"))
    elif s.of("find_waveforms"):
        events(s, draft)
    elif s.intent.act == "view":
        _remeasured(s, draft)
    else:
        describe(s, draft)


def _remeasured(s: Situation, draft: Draft) -> None:
    describe(s, draft)
    draft.say("The view changes what you see; the measurements use filters of their own.")


def events(s: Situation, draft: Draft) -> None:
    """Say which of the waveforms asked for are there, where, and how large."""
    absent(s, draft)
    said = set(s.intent.presumed) if draft.findings() else set()
    for fact in s.of("find_waveforms"):
        labels = [label for label in (s.intent.labels or tuple(fact.event_counts)) if label not in said]
        present = [label for label in labels if fact.event_counts.get(label)]
        for label in present:
            _present(s, draft, fact, label)
        looked = set(fact.analysed.labels) if fact.analysed else set()
        none = [label for label in labels if label in looked and not fact.event_counts.get(label)]
        if none:
            _none_found(s, draft, fact, none, others=bool(present))
    asked = s.intent.labels or s.intent.presumed
    for label in dict.fromkeys(asked):
        _not_looked_for(s, draft, label)
    if not draft.findings() and not asked:
        for fact in s.of("find_waveforms"):
            _none_found(s, draft, fact, list(fact.analysed.labels) if fact.analysed else [], others=False)


def _not_looked_for(s: Situation, draft: Draft, label: str) -> None:
    reasons = {entry.label: entry.reason for entry in draft.not_analysed}
    if label not in reasons or any(reasons[label] in str(part) for part in draft.parts):
        return
    same = [SPOKEN[m] for m in (s.intent.labels or s.intent.presumed) if reasons.get(m) == reasons[label]]
    draft.say(
        f"Not analysed: {listed(list(dict.fromkeys(same)))} ({reasons[label].rstrip('.')}), so presence and absence "
        "are both open."
    )


def _of_label(fact: Facts, label: str, s: Situation) -> list[Event]:
    found = [event for event in fact.events if event.label == label]
    if s.intent.which is not None:
        chosen = pick(found, s.intent.which, s.page)
        return [chosen] if chosen else found
    if s.intent.event_index is not None and found:
        index = s.intent.event_index
        found = [found[index]] if -len(found) <= index < len(found) else found
    return found


def _grounds(s: Situation, fact: Facts, label: str, found: Sequence[Event]) -> list[Evidence | None]:
    onset, duration = _place(s, fact)
    count = Measurement(onset=onset, duration=duration, quantity=f"{label} count", unit="count", tool=fact.tool,
                        value=float(fact.event_counts.get(label, 0)))  # fmt: skip
    rules: list[Evidence | None] = [s.rule(i) for i in RULES.get(label, ())]
    return [count, *[m for event in found[:SHOWN] for m in derived(event)], *rules]


def _place(s: Situation, fact: Facts) -> tuple[float, float]:
    seen = next((m for m in fact.measurements if m.quantity == "span looked at"), None)
    return (seen.onset, seen.duration) if seen else s.place


def _present(s: Situation, draft: Draft, fact: Facts, label: str) -> None:
    found = _of_label(fact, label, s)
    total = fact.event_counts[label]
    place = span(*_place(s, fact))
    quantity = s.intent.quantity
    if s.intent.which is not None and len(found) == 1 and total > 1:
        lead = f"The {s.intent.which} of {counted(label, total)} in {place}"
        draft.state(f"{lead} is at {event_line(found[0])}{_short_rule(s, label)}.", _grounds(s, fact, label, found),
                    events=found)  # fmt: skip
        return
    sure: Certainty = (
        "probable" if any(e.confidence is not None and e.confidence < 0.7 for e in found) else "definite"
    )
    if all(e.masked_by for e in found):
        sure = "possible"
    listing = "; ".join(event_line(event) for event in found[:SHOWN])
    more = "; and others" if total > SHOWN and len(found) > 1 else ""
    rule = _short_rule(s, label)
    if label in ("flat", "bad_channel", "line_noise"):
        names = where(c for e in found for c in e.channels)
        name = plural(label) if total > 1 else SPOKEN[label]
        statement = f"{name.capitalize()}: {names} in {place}{rule}."
    elif quantity == "count" and s.intent.act != "measure":
        rate = f", {total / _place(s, fact)[1] * 60:.1f} per minute" if _place(s, fact)[1] >= 60 else ""
        statement = f"{counted(label, total)} in {place}{rate}: {listing}{more}{rule}."
    else:
        statement = f"{counted(label, total)} in {place}: {listing}{more}{rule}."
    grounds = _grounds(s, fact, label, found)
    grounds += [m for m in fact.measurements if m.quantity == f"{label} rate"]
    draft.state(statement, grounds, events=found[:40], certainty=sure)
    if len(found) > 1 and quantity in ("amplitude", "frequency", "duration"):
        _extremes(s, draft, found, quantity)


def _extremes(s: Situation, draft: Draft, found: Sequence[Event], quantity: str) -> None:
    def value(event: Event) -> float:
        if quantity == "amplitude":
            return event.amplitude.value_uv if event.amplitude else 0.0
        return (event.frequency_hz or 0.0) if quantity == "frequency" else event.duration

    top = max(found, key=value)
    words = {"amplitude": microvolts(top.amplitude) if top.amplitude else "", "duration": f"{top.duration:.1f} s",
             "frequency": f"{top.frequency_hz or 0:.1f} Hz"}[quantity]  # fmt: skip
    superlative = {"amplitude": "tallest", "duration": "longest", "frequency": "fastest"}[quantity]
    if value(top):
        draft.state(
            f"The {superlative} is the one at {top.onset:.1f} s with {words}.", derived(top), events=[top]
        )


def _short_rule(s: Situation, label: str) -> str:
    rule = next((r for i in RULES.get(label, ()) if (r := s.rule(i))), None)
    return f" [{rule.id}]" if rule else ""


def _none_found(s: Situation, draft: Draft, fact: Facts, labels: list[str], *, others: bool) -> None:
    onset, duration = _place(s, fact)
    names = listed([plural(label) for label in labels[:6]], last="or")
    region = f" at {s.intent.region}" if s.intent.region and not others else ""
    grounds: list[Evidence | None] = [
        Measurement(
            onset=onset, duration=duration, quantity=f"{label} count", value=0.0, unit="count", tool=fact.tool
        )
        for label in labels
    ]
    grounds += [s.rule(i) for label in labels for i in RULES.get(label, ())[:1]]
    channels = fact.analysed.channels if fact.analysed else ()
    over = f" ({len(channels)} channels analysed)" if len(channels) > 1 else ""
    grounds.append(Measurement(onset=onset, duration=duration, quantity="channels analysed", unit="count",
                               value=float(len(channels)), tool=fact.tool))  # fmt: skip
    draft.state(f"No {names} found in {span(onset, duration)}{region}{over}.", grounds)


def measure(s: Situation, draft: Draft) -> None:
    """Answer with the number asked for."""
    absent(s, draft)
    _sentences(s, draft, s.of("measure_wave"))
    if s.of("find_waveforms"):
        events(s, draft)
    _sentences(s, draft, [f for tool in ("background", "band_power", "measure_span") for f in s.of(tool)])


def background(s: Situation, draft: Draft) -> None:
    """Say what the background is."""
    if s.intent.aspect == "reactivity":
        draft.say("Reactivity cannot be judged without a marked eye opening or stimulus.")
    _sentences(s, draft, [*s.of("background"), *s.of("band_power")])


def compare(s: Situation, draft: Draft) -> None:
    """Say which side, channel or stretch is larger or faster."""
    places = s.of("background")
    for fact in places:
        onset, duration = _place(s, fact)
        draft.state(
            f"In {span(onset, duration)}:", [m for m in fact.measurements if m.quantity == "span looked at"]
        )
        _sentences(s, draft, [fact])
    _sentences(s, draft, [*s.of("compare_sides"), *s.of("measure_span")])
    if s.of("find_waveforms"):
        _sides_of_events(s, draft)


def _sentences(s: Situation, draft: Draft, facts: Sequence[Facts]) -> None:
    """Take over the sentences that tools wrote with their grounds: those on the quantity asked for, else all."""
    findings = [Finding.model_validate(f) for fact in facts for f in fact.payload.get("findings", ())]
    wanted: list[str] = [word for word in (s.intent.quantity, s.intent.band) if word]
    if s.intent.act in ("measure", "background", "detect") and "alpha" in s.intent.labels:
        wanted += ["posterior rhythm", "anterior share"]
    here = set(s.intent.channels)
    scored = [(sum(word in _quantities(f) for word in wanted) + _only_about(f, here), f) for f in findings]
    best = max((score for score, _ in scored), default=0)
    for score, finding in scored:
        if score == best:
            _add_with_rules(s, draft, finding)


def _only_about(finding: Finding, channels: set[str]) -> bool:
    """The finding speaks of the channels asked for and of no other."""
    measured = [e for e in finding.evidence if isinstance(e, Measurement)]
    return bool(channels) and all(e.channels and set(e.channels) <= channels for e in measured)


def _quantities(finding: Finding) -> str:
    return " ".join(e.quantity for e in finding.evidence if isinstance(e, Measurement))


def _sides_of_events(s: Situation, draft: Draft) -> None:
    for fact in s.of("find_waveforms"):
        for label in s.intent.labels:
            found = [event for event in fact.events if event.label == label]
            sides = [m for m in fact.measurements if m.quantity.startswith(f"{label} count, ")]
            if found:
                spoken = listed(
                    [f"{m.value:.0f} touch the {m.quantity.rpartition(' ')[2]} side" for m in sides]
                )
                draft.state(
                    f"{counted(label, len(found))}: {spoken}.",
                    [*sides, *_grounds(s, fact, label, found)],
                    events=found[:20],
                )
            elif fact.analysed and label in fact.analysed.labels:
                _none_found(s, draft, fact, [label], others=False)
