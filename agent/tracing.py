"""Look every claim of an answer up among the tool results of its thread.

What has no source is struck out: a sentence stands or falls whole, because half a sentence
misleads. The trace of a sentence that stands is its evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from agent.claims import Claim, extract, sentences
from agent.facts import Facts, count_measurement, derived
from agent.findings import CitedRule, Evidence
from tools.labels import GROUPS, REGIONS, electrodes
from tools.types import Measurement, Recording


class Traced(NamedTuple):
    """One sentence with what carries it, and the claims that nothing carries."""

    sentence: str
    evidence: tuple[Evidence, ...]
    unsupported: tuple[str, ...]


class Checked(NamedTuple):
    """A text after verification: what may be shown, and what was taken out."""

    text: str
    sentences: tuple[Traced, ...]
    unsupported: tuple[str, ...]


class Ledger:
    """Everything a thread's tools established, indexed for look-up."""

    def __init__(self, facts: Iterable[Facts], recording: Recording | None = None) -> None:
        self.measurements: list[Measurement] = []
        self.labels: set[str] = set()
        self.looked_for: set[str] = set()
        self.not_analysed: set[str] = set()
        self.channels: set[str] = set()
        self.rules: dict[str, str] = {}
        self.rule_labels: dict[str, tuple[str, ...]] = {}
        self.stages: set[str] = set()
        self.start = recording.start_time_of_day if recording else None
        for fact in facts:
            self._add(fact)
        if recording:
            self.channels |= {c.name.lower() for c in recording.channels}

    def _add(self, fact: Facts) -> None:
        self.measurements += fact.measurements
        for event in fact.events:
            self.measurements += derived(event)
            self.channels |= {c.lower() for c in event.channels}
        self.labels |= set(fact.event_counts) | {e.label for e in fact.events}
        if fact.analysed:
            self.looked_for |= set(fact.analysed.labels)
            self.channels |= {c.lower() for c in fact.analysed.channels}
            onset = min((m.onset for m in fact.measurements), default=0.0)
            for label in fact.analysed.labels:
                self.measurements.append(count_measurement(fact, label, fact.analysed, onset))
            self.measurements.append(
                Measurement(
                    onset=onset,
                    duration=fact.analysed.seconds,
                    quantity="channels analysed",
                    value=float(len(fact.analysed.channels)),
                    unit="count",
                    tool=fact.tool,
                )
            )
        self.not_analysed |= {entry.label for entry in fact.not_analysed}
        self.channels |= {c.lower() for c in fact.channels}
        for m in fact.measurements:
            self.channels |= {c.lower() for c in m.channels}
            if m.quantity.startswith("stage "):
                self.stages.add(m.quantity.removeprefix("stage "))
        for citation in fact.citations:
            self.rules[citation.id] = f"{citation.title}. {citation.text}"
            self.rule_labels[citation.id] = citation.labels

    def trace(self, sentence: str) -> Traced:
        """Trace every claim of a sentence."""
        claims = extract(sentence)
        cited = [c.name for c in claims if c.kind == "rule" and c.name in self.rules]
        near = _near(sentence, claims)
        evidence: dict[str, Evidence] = {f"rule {i}": CitedRule(id=i) for i in cited}
        missing: list[str] = []
        for claim in claims:
            found = self._look_up(claim, cited, near)
            if found is None:
                missing.append(f"{claim.text} ({claim.name})" if claim.kind == "event" else claim.text)
            elif isinstance(found, Measurement):
                evidence.setdefault(f"{found.quantity}|{found.onset}|{found.channels}|{found.value}", found)
        return Traced(sentence, tuple(evidence.values()), tuple(dict.fromkeys(missing)))

    def _look_up(self, claim: Claim, cited: list[str], near: set[str]) -> Measurement | bool | None:
        """Give the measurement behind a claim, True where it stands otherwise, None where it has no source."""
        if claim.kind == "rule":
            return True if claim.name in self.rules else None
        if claim.kind == "channel":
            return self._channel(claim.name)
        if claim.kind == "stage":
            return self._stage(claim, cited)
        if claim.kind == "event":
            return self._event(claim, cited, near)
        if claim.kind == "clock":
            return self._clock(claim)
        return self._number(claim, cited, near)

    def _channel(self, name: str) -> bool | None:
        parts = {part for channel in self.channels for part in channel.split("-")}
        known = name.lower() in self.channels or all(e.lower() in parts for e in electrodes(name))
        return True if known else None

    def _stage(self, claim: Claim, cited: list[str]) -> bool | None:
        quoted = any(re.search(rf"\b{claim.name}\b", self.rules[i]) or claim.name in i for i in cited)
        return (
            True
            if quoted or claim.name in self.stages or claim.stance in ("mentioned", "not analysed")
            else None
        )

    def _event(self, claim: Claim, cited: list[str], near: set[str]) -> Measurement | bool | None:
        names = set(GROUPS.get(claim.name, (claim.name,)))
        if any(
            names & set(self.rule_labels[i]) or claim.text.lower() in self.rules[i].lower() for i in cited
        ):
            return True
        if claim.stance == "mentioned":
            return True
        if claim.stance == "not analysed":
            return True if names & (self.not_analysed - self.labels) or not names & self.looked_for else None
        counts = [m for m in self.measurements if m.quantity in {f"{name} count" for name in names}]
        if claim.stance == "denied":
            looked = next(iter(counts), None)
            return looked or (True if names & self.not_analysed else None)
        spoken = claim.text.lower()
        of_label = [
            m
            for m in self.measurements
            if m.value > 0 and (m.quantity.split(" ")[0] in names or spoken in m.quantity.lower())
        ]
        here = [m for m in of_label if _touches(m, near)]
        return here[0] if here else None

    def _clock(self, claim: Claim) -> Measurement | bool | None:
        if self.start is None:
            return None
        h, m, s = (int(part) for part in self.start.split(":"))
        offset = (claim.value - (h * 3600 + m * 60 + s)) % 86400
        times = [
            x
            for x in self.measurements
            if x.unit == "s" and abs(x.value % 86400 - offset) <= claim.step + 0.5
        ]
        if times:
            return times[0]
        return True if offset <= claim.step else None

    def _number(self, claim: Claim, cited: list[str], near: set[str]) -> Measurement | bool | None:
        matching = [m for m in self._values() if _same(claim, m)]
        here = [m for m in matching if _touches(m, near)]
        if here:
            return here[0]
        for rule in cited:
            numbers = [c for c in extract(self.rules[rule]) if c.kind in ("number", "count")]
            if any(abs(n.value - claim.value) <= claim.step + 1e-9 for n in numbers):
                return True
        return None

    def _values(self) -> Iterable[Measurement]:
        for m in self.measurements:
            yield m
            yield m.model_copy(update={"value": m.onset, "unit": "s", "quantity": "start of " + m.quantity})
            yield m.model_copy(
                update={"value": m.onset + m.duration, "unit": "s", "quantity": "end of " + m.quantity}
            )
            yield m.model_copy(
                update={"value": m.duration, "unit": "s", "quantity": "length of " + m.quantity}
            )


def _same(claim: Claim, m: Measurement) -> bool:
    unit, value = m.unit, m.value
    if claim.unit == "%" and unit in ("", "ratio", "fraction"):
        unit, value = "%", 100 * value
    if claim.kind == "count" and claim.step >= 0.5 and unit not in ("count", "") and m.quantity != "age":
        return False  # a bare whole number is a count, not a rounded second
    if claim.kind == "count" and claim.name and not m.quantity.startswith(claim.name):
        return False
    if claim.unit and claim.unit != unit:
        return False
    return abs(abs(value) - abs(claim.value)) <= claim.step * 1.001 + 1e-9


def _near(sentence: str, claims: list[Claim]) -> set[str]:
    """Electrodes the sentence speaks of, in lower case; empty when it names no place."""
    named = {e.lower() for c in claims if c.kind == "channel" for e in electrodes(c.name)}
    if named:
        return named
    low = sentence.lower()
    sides = [side for side in ("left", "right") if re.search(rf"\b{side}\b", low)]
    regions = [r for r in REGIONS if r not in ("left", "right") and re.search(rf"\b{r}\b", low)]
    if len(sides) != 1 and not regions:
        return set()
    places = (
        set().union(*(REGIONS[r] for r in regions)) if regions else set(REGIONS["left"] + REGIONS["right"])
    )
    if len(sides) == 1:
        opposite = {"left": "right", "right": "left"}[sides[0]]
        places -= set(REGIONS[opposite])
    return {p.lower() for p in places}


def _touches(m: Measurement, near: set[str]) -> bool:
    if not near or not m.channels:
        return True
    return bool(near & {e.lower() for channel in m.channels for e in electrodes(channel)})


def check(text: str, ledger: Ledger) -> Checked:
    """Trace a whole text and take out the sentences that do not stand.

    Parameters
    ----------
    text : str
        The draft of an answer, in plain text or Markdown.
    ledger : Ledger
        What the tools of the thread established.

    Returns
    -------
    Checked
        The text that may be shown, its sentences with their evidence, and what was struck, each entry
        the untraceable claims and the sentence they stood in.
    """
    traced = [ledger.trace(sentence) for sentence in sentences(text)]
    struck = [t for t in traced if t.unsupported]
    kept = text
    for t in struck:
        kept = kept.replace(t.sentence, "", 1)
    kept = re.sub(r"[ \t]{2,}", " ", re.sub(r"\n{3,}", "\n\n", kept)).strip()
    return Checked(
        kept,
        tuple(t for t in traced if not t.unsupported),
        tuple(f"{', '.join(t.unsupported)}: {t.sentence}" for t in struck),
    )


def place_measured(onset: float, duration: float, tool: str) -> Measurement:
    """State the span that was looked at, so that an answer may name it."""
    return Measurement(onset=onset, duration=duration, quantity="span", value=duration, unit="s", tool=tool)
