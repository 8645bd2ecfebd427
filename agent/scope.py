"""What one sentence speaks of: which phenomena, electrodes, sides and times; and the rows that fit."""

from __future__ import annotations

import re

from agent.claims import Claim, extract
from agent.ledger import Ledger, Marked, Row
from agent.lexicon import NARROWER, SUBJECTS
from knowledge.types import Citation
from tools.labels import GROUPS, REGIONS, electrodes, side_of

_REGION_WORDS = re.compile(
    "|".join(
        sorted((rf"{r}(?=(?:ly)?\b)" for r in REGIONS if r not in ("left", "right")), key=len, reverse=True)
    ),
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"\b(?:whole|entire|complete|full) (?:recording|file|night)\b|\bthroughout the recording\b", re.IGNORECASE
)
_OF_THE_SIGNAL = re.compile(
    r"\b(?:was|were|here|this|there (?:is|are)|in the recording|on the page)\b", re.IGNORECASE
)
_PLACED = re.compile(r"\s+at\b")
_WORD = re.compile(r"[a-zµ]+")
OWN_WORDS = 0.75
"""Share of a sentence's longer words from which it counts as repeating a rule."""
_SIDE_BY_NAME = {e.lower(): side_of(e) for group in REGIONS.values() for e in group}


class Scope:
    """One sentence's subjects and places, with the ledger they are looked up in."""

    def __init__(
        self, sentence: str, claims: list[Claim], ledger: Ledger, before: Scope | None = None
    ) -> None:
        self.sentence, self.claims, self.ledger = sentence, claims, ledger
        self.cited = [c.name for c in claims if c.kind == "rule" and c.name in ledger.rules]
        self.quoted = [ledger.rules[i] for i in self.cited]
        self.matched: list[Row] = []
        self._events: dict[bool, list[Marked]] = {}
        spoken = [c for c in claims if c.kind == "event" and c.stance in ("asserted", "mentioned")]
        self.asserted = {n for c in spoken if c.stance == "asserted" for n in self.expanded(c.name)}
        self.subjects = {n for c in spoken for n in self.expanded(c.name)} | {
            subject for subject, words in SUBJECTS.items() if words.search(sentence)
        }
        self.told: set[str] = self.subjects or (before.told if before else set())
        """What the sentence is about, or the one before where it does not say."""
        self.named = {
            e.lower()
            for c in claims
            if c.kind == "channel" and c.stance != "denied"
            for e in electrodes(c.name)
        }
        sides = {c.name for c in claims if c.kind == "side"}
        self.both_named = {"left", "right"} <= sides or "both" in sides
        self.side = next(iter(sides)) if len(sides) == 1 and "both" not in sides else ""
        self.near = self.named or self._region(self.side)
        self.ranges = [(min(c.value, c.other), max(c.value, c.other))
                       for c in claims if c.role == "range" and c.unit == "s"]  # fmt: skip
        if _WHOLE.search(sentence) and ledger.length:
            self.ranges.append((0.0, ledger.length))
        self.told_ranges: list[tuple[float, float]] = self.ranges or (before.told_ranges if before else [])
        self._local = _local_channels(claims)
        self._anchored: dict[int, set[int]] = {}
        for c in claims:  # "at 1.9 and 6.6 s" is two claims at one place of the sentence
            if found := self._anchors(c):
                self._anchored[c.at] = self._anchored.get(c.at, set()) | found

    @property
    def general(self) -> bool:
        """Whether the sentence speaks of phenomena in general, as a rule does, and not of the signal."""
        placed = any(
            c.kind in ("channel", "clock") or (c.role in ("point", "range") and c.unit == "s")
            for c in self.claims
        )
        if not placed and not _OF_THE_SIGNAL.search(self.sentence):
            return True
        return any(self._repeats(f"{rule.title} {rule.text}") for rule in self.quoted)

    def _repeats(self, rule: str) -> bool:
        """Whether the sentence is in the rule's own words."""
        said = [word for word in _WORD.findall(self.sentence.lower()) if len(word) > 3]
        known = set(_WORD.findall(rule.lower()))
        return len(said) > 3 and sum(word in known for word in said) >= OWN_WORDS * len(said)

    @staticmethod
    def expanded(name: str) -> tuple[str, ...]:
        """Labels of a group; a label stands for itself."""
        return GROUPS[name] if name in GROUPS else NARROWER.get(name, (name,))

    def events(self, *, sided: bool = True) -> list[Marked]:
        """Events of the phenomena asserted, near the places named."""
        if sided in self._events:
            return self._events[sided]
        near = self.near if sided else self.named or self._region("")
        self._events[sided] = [e for e in self.ledger.events if e.label in self.asserted and touches(e.places, near)
                and (not self.ranges or overlaps(e, self.ranges))]  # fmt: skip
        return self._events[sided]

    def near_of(self, claim: Claim) -> set[str]:
        """Electrodes that a claim is bound to, in lower case; none for any."""
        return self._local.get(claim.at, self.near)

    def _anchors(self, claim: Claim) -> set[int]:
        """Events that a time of the sentence points to; a length points to none."""
        if claim.unit != "s" or claim.kind != "number":
            return set()
        rows = list(self.ledger.near(claim.value, claim.step, "s"))
        placed = _PLACED.match(
            self.sentence, claim.at + len(claim.text)
        )  # "1.1 s at T5": a moment, never a length
        if (
            not placed
            and claim.role in ("value", "length")
            and any(r.event >= 0 and r.quantity.endswith(" duration") for r in rows)
        ):
            return set()
        found = {r.event for r in rows if r.event >= 0 and r.quantity.endswith((" onset", " end"))}
        if claim.role == "point":
            found |= {i for i, e in enumerate(self.ledger.events) if e.onset <= claim.value <= e.end}
        return {i for i in found if not self.asserted or self.ledger.events[i].label in self.asserted}

    def bound(self, claim: Claim) -> set[int]:
        """Events a number has to belong to: in brackets those of the time before them, else those of any time."""
        opened = self.sentence.rfind("(", 0, claim.at)
        if opened > self.sentence.rfind(")", 0, claim.at):
            before = [at for at in self._anchored if at < opened]
            if before:
                return self._anchored[max(before)]
        return set().union(*self._anchored.values())

    def _region(self, side: str) -> set[str]:
        """Electrodes of the regions and the side named, in lower case; none when no place is."""
        regions = list({word.lower() for word in _REGION_WORDS.findall(self.sentence)})
        if "posterior" in regions and re.search(
            r"\bposterior (?:dominant )?rhythm", self.sentence, re.IGNORECASE
        ):
            regions.remove("posterior")
        if not regions and not side:
            return set()
        names = regions or ["left", "right"]
        places = {e for name in names for e in REGIONS[name]}
        if side:
            places -= set(REGIONS["right" if side == "left" else "left"])
            places -= set(REGIONS["midline"]) if not regions else set()
        return {p.lower() for p in places}

    def sides_of(self, places: frozenset[str]) -> set[str]:
        """Sides that electrodes lie on."""
        return {_SIDE_BY_NAME.get(p) or side_of(p) for p in places}

    def leans(self, places: frozenset[str]) -> str:
        """The side most of the electrodes lie on; none when they are much the same."""
        on = [_SIDE_BY_NAME.get(p) or side_of(p) for p in places]
        left, right = on.count("left"), on.count("right")
        return "left" if left >= 2 * right and left else "right" if right >= 2 * left and right else ""

    def numbers_of(self, rule: Citation) -> list[Claim]:
        """Numbers of a rule's text, read once."""
        known = self.ledger.rule_numbers
        if rule.id not in known:
            read = extract(f"{rule.title}. {rule.text}")
            known[rule.id] = [c for c in read if c.kind in ("number", "count")]
        return known[rule.id]


def touches(places: frozenset[str], near: set[str]) -> bool:
    """Whether something lies near; what has no place lies everywhere."""
    return not near or not places or not near.isdisjoint(places)


def overlaps(event: Marked, ranges: list[tuple[float, float]]) -> bool:
    """Whether an event lies, at least in part, in one of the ranges of time."""
    return any(event.onset < high and event.end > low for low, high in ranges)


def _local_channels(claims: list[Claim]) -> dict[int, set[str]]:
    """Bind numbers to channels where the two alternate: "O1 220 µV², O2 246 µV²", "12 Hz at C3, 13 Hz at Cz"."""
    mixed = sorted((c for c in claims if c.kind in ("channel", "number", "count")), key=lambda c: c.at)
    runs: list[tuple[bool, list[Claim]]] = []
    for c in mixed:
        if not runs or runs[-1][0] != (c.kind == "channel"):
            runs.append((c.kind == "channel", []))
        runs[-1][1].append(c)
    if sum(is_channel for is_channel, _ in runs) < 2 or len(runs) % 2:
        return {}
    leading = runs[0][0]
    pairs = zip(runs[::2], runs[1::2], strict=True) if leading else zip(runs[1::2], runs[::2], strict=True)
    bound: dict[int, set[str]] = {}
    for (_, channels), (_, numbers) in pairs:
        names = {e.lower() for c in channels for e in electrodes(c.name)}
        bound |= {c.at: names for c in numbers}
    return bound
