"""Answers that rest on what was measured in the signal."""

from __future__ import annotations

from agent.embedded.draft import Draft, Situation
from agent.embedded.grounding import add_with_rules, take_over
from agent.embedded.talk import absent
from agent.embedded.waveforms import events, none_found, not_looked_for, place_of, present, sides_of_events
from agent.findings import Finding
from agent.words import listed, plural, span, view_words
from tools.labels import ARTIFACT, GROUPS, SPOKEN
from tools.types import Measurement


def describe(s: Situation, draft: Draft) -> None:
    """Describe the place in caption order, each sentence with its grounds; a false premise is met first."""
    absent(s, draft)
    for label in s.intent.presumed:
        not_looked_for(s, draft, label)
    if s.intent.aspect == "normality":
        draft.say("Whether that is normal is for the reader to judge; this is what was measured.")
    for fact in s.of("describe_page"):
        findings = [Finding.model_validate(finding) for finding in fact.payload["findings"]]
        for finding in _of_aspect(s, findings):
            add_with_rules(s, draft, finding)
    if not s.of("describe_page"):
        for fact in s.of("find_waveforms"):
            for label in fact.event_counts:
                present(s, draft, fact, label)
            if not fact.event_counts and fact.analysed:
                none_found(s, draft, fact, list(fact.analysed.labels), others=False)
        take_over(s, draft, s.of("band_power")[:1])
        take_over(s, draft, s.of("measure_span"))
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
        take_over(s, draft, s.of("measure_wave"))
    elif s.of("find_waveforms"):
        events(s, draft)
    elif s.intent.act == "view":
        _remeasured(s, draft)
    else:
        describe(s, draft)


def _remeasured(s: Situation, draft: Draft) -> None:
    describe(s, draft)
    draft.say("The view changes what you see; the measurements use filters of their own.")


def measure(s: Situation, draft: Draft) -> None:
    """Answer with the number asked for."""
    if not s.of("find_waveforms"):
        absent(s, draft)
    take_over(s, draft, s.of("measure_wave"))
    if s.of("find_waveforms"):
        events(s, draft)
    take_over(s, draft, [f for tool in ("background", "band_power", "measure_span") for f in s.of(tool)])


def background(s: Situation, draft: Draft) -> None:
    """Say what the background is."""
    if s.intent.aspect == "reactivity":
        draft.say("Reactivity cannot be judged without a marked eye opening or stimulus.")
    take_over(s, draft, [*s.of("background"), *s.of("band_power")])


def compare(s: Situation, draft: Draft) -> None:
    """Say which side, channel or stretch is larger or faster."""
    places = s.of("background")
    for fact in places:
        onset, duration = place_of(s, fact)
        draft.state(
            f"In {span(onset, duration)}:", [m for m in fact.measurements if m.quantity == "span looked at"]
        )
        take_over(s, draft, [fact])
    take_over(s, draft, [*s.of("compare_sides"), *s.of("measure_span")])
    if s.of("find_waveforms"):
        sides_of_events(s, draft)
