"""Whether several answers on one segment agree, and whether an answer changes where it should.

Two claims can be compared when both answers speak of the same phenomenon, and they contradict each other when one
asserts what the other denies, when the single event of a label lies more than 0.5 s apart, on the other side, or
has a frequency more than 0.5 Hz away, or when the stages differ. What was asked about a mirrored or delayed copy of
the segment is mapped back first. Nothing of this needs the truth, but for which labels have a single event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from evals.glossa_bench.findings import NORMAL
from evals.parts import split
from evals.records import LETTERS, Grade, Item, Reply
from evals.scorers.facts import known_of
from evals.scorers.mcq import choice_of
from evals.scorers.statements import Account, Span, Statement, account, mirrored, moved, without_start
from models.truth import Truth
from tools.labels import EPILEPTIFORM, LABELS

TIME_S, RATE_HZ, OPTION_HZ = 0.5, 0.5, 1.0
"""Differences from which claims contradict; the numbers of an option are rounded, and not the system's own."""
KINDS = ("absence", "presence", "time", "side", "frequency", "stage")
CHANGES = ("swapped", "flipped", "shifted")
POLAR = (*EPILEPTIFORM, "kcomplex", "vertex", "eyem")
"""Waves whose definition has a polarity: upside down they are something else, or at least worth a word."""
_JOIN = 0.15
JOINT_S = 1.0
"""Seconds after the joint of the delayed copy with what precedes it, which may complete a wave there."""
BASE = "caption"


class Pair(NamedTuple):
    """Two claims that can be compared."""

    kind: str
    name: str
    between: tuple[str, str]
    agree: bool

    @property
    def words(self) -> str:
        """As a list of failures shows it."""
        return f"{self.between[0]} and {self.between[1]} differ in {self.kind} of {self.name}"


class Change(NamedTuple):
    """A claim that a change of the signal should change, and whether it did not."""

    variant: str
    name: str
    stuck: bool


def consistency(item: Item, reply: Reply, truth: Truth | None) -> Grade:
    """Grade all answers on one segment together.

    Parameters
    ----------
    item : Item
        Its parts name their ``variant``; that of the delayed copy also ``by``, in seconds.
    reply : Reply
        As `evals.parts.ask` gives it.
    truth : Truth, optional
        Of the segment as drawn. Without it every label may have a single event.
    """
    raw = accounts(item, reply)
    back = [_back(told, item) for told in raw.values() if told.variant != "flipped"]
    pairs = list(compared(back, _several(truth)))
    due = list(changes(raw, item.duration))
    values: dict[str, float | None] = {
        "contradictions": float(sum(not pair.agree for pair in pairs)), "pairs": float(len(pairs)),
        "stuck": float(sum(one.stuck for one in due)), "changes": float(len(due)),
        "answers": float(len(item.expects["parts"])),
        "silent": float(len(item.expects["parts"]) - sum(_claims(raw[name]) for name in raw if name != "choice")),
        "agreement": sum(pair.agree for pair in pairs) / len(pairs) if pairs else None,
    }  # fmt: skip
    for kind in KINDS:
        mine = [pair.agree for pair in pairs if pair.kind == kind]
        values |= {f"contradictions_{kind}": float(mine.count(False)), f"pairs_{kind}": float(len(mine))}
    for variant in CHANGES:
        told = [one.stuck for one in due if one.variant == variant]
        values |= {f"stuck_{variant}": float(sum(told)), f"changes_{variant}": float(len(told))}
    wrong = [pair.words for pair in pairs if not pair.agree]
    wrong += [f"{one.name} as before though {one.variant}" for one in due if one.stuck]
    return Grade(
        values=values,
        invalid=BASE not in raw,
        answer=f"{len(pairs)} comparable pairs",
        explanation=reply.error or "; ".join(wrong) or "all answers agree",
        details={"wrong": wrong, "unanswered": [p.expects["variant"] for p, r in split(item, reply) if not r.texts]},
    )  # fmt: skip


def accounts(item: Item, reply: Reply) -> dict[str, Account]:
    """What each answer says, as it was said; an option that was chosen is an account of its own."""
    found: dict[str, Account] = {}
    for part, mine in split(item, reply):
        variant = str(part.expects["variant"])
        if mine.texts:
            found[variant] = account(variant, "\n".join(mine.texts), item.duration)
        letter = choice_of(part, mine) if part.options and mine.texts else None
        if letter is not None:
            found["choice"] = _chosen(part, LETTERS.index(letter), item.duration)
    return found


def _claims(told: Account) -> bool:
    return bool(told.held or told.denied or told.stages)


def _chosen(part: Item, number: int, duration: float) -> Account:
    """The claims of an option; one that calls the record normal denies discharges."""
    told = account("choice", part.options[number], duration)._replace(tolerance_hz=OPTION_HZ)
    names: Sequence[str] = part.expects.get("findings", ())
    if number < len(names) and names[number] in NORMAL:
        return told._replace(denied=told.denied | {"epileptiform": frozenset(EPILEPTIFORM)})
    return told


def _back(told: Account, item: Item) -> Account:
    if told.variant == "swapped":
        return mirrored(told)
    return without_start(moved(told, shift_of(item)), JOINT_S) if told.variant == "shifted" else told


def shift_of(item: Item) -> float:
    """By how many seconds the delayed copy is late."""
    return float(
        next((p["expects"]["by"] for p in item.expects["parts"] if "by" in p["expects"]), 0.0)
    )  # fmt: skip


def compared(told: Sequence[Account], several: frozenset[str] = frozenset()) -> Iterator[Pair]:
    """All comparable pairs of claims among answers.

    Parameters
    ----------
    told : sequence of Account
        Mapped back to the segment as drawn.
    several : frozenset of str
        Labels with more than one event, of which two answers may give different ones.
    """
    for one, other in combinations(told, 2):
        between = (one.variant, other.variant)
        yield from _presence(one, other, between)
        for name in one.held.keys() & other.held.keys():
            for kind, agree in _aspects(one.held[name], other.held[name], several, _tolerance(one, other)):
                yield Pair(kind, name, between, agree)
        if one.stages and other.stages:
            yield Pair("stage", "the segment", between, bool(one.stages & other.stages))


def _tolerance(one: Account, other: Account) -> float:
    return max(one.tolerance_hz, other.tolerance_hz)


def _presence(one: Account, other: Account, between: tuple[str, str]) -> Iterator[Pair]:
    """For each phenomenon that both speak of, whether both say that it is there, or both that it is not.

    To deny a group denies its members; to assert a group says nothing on any single member.
    """
    found: dict[str, bool] = {}
    absent: set[str] = set()
    for a in one.held.values():
        for b in other.held.values():
            if a.labels <= b.labels or b.labels <= a.labels:
                found[a.name if a.labels <= b.labels else b.name] = True
    for name, labels in one.denied.items():
        for same, others in other.denied.items():
            if labels <= others or others <= labels:
                absent.add(name if labels <= others else same)
    for says, denies in ((one, other), (other, one)):
        for name, held in says.held.items():
            if any(held.labels <= labels for labels in denies.denied.values()):
                found[name] = False
    yield from (Pair("presence", name, between, agree) for name, agree in found.items())
    yield from (Pair("absence", name, between, True) for name in sorted(absent - found.keys()))


def _aspects(
    one: Statement, other: Statement, several: frozenset[str], tolerance: float
) -> Iterator[tuple[str, bool]]:
    if one.side and other.side:
        yield "side", one.side == other.side
    single = len(one.times) == len(other.times) == 1 and not (one.example or other.example)
    single = single and not one.labels & several
    if single and one.name in (*LABELS, "variation"):
        yield "time", gap(one.times, other.times) <= TIME_S + 1e-9
    if one.rates and other.rates and one.name in (*LABELS, "slowing"):
        ranges = [(min(told.rates), max(told.rates)) for told in (one, other)]
        yield "frequency", gap(ranges[:1], ranges[1:]) <= tolerance + 1e-9


def gap(some: Iterable[Span], others: Sequence[Span]) -> float:
    """Smallest distance between a span of the one and a span of the other; none where they overlap."""
    return min(max(a[0] - b[1], b[0] - a[1], 0.0) for a in some for b in others)


def _several(truth: Truth | None) -> frozenset[str]:
    """Labels of which a segment has more than one event, however faint."""
    if truth is None:
        return frozenset()
    known = known_of(truth)
    labels = {p.event.label for p in (*truth.planted, *truth.decoys)} | {"variation", "alpha"}
    return frozenset(label for label in labels if _stretches(known.entries((label,))) > 1)


def _stretches(spans: Sequence[Span]) -> int:
    number, reached = 0, float("-inf")
    for start, stop in sorted(spans):
        number += start - reached >= _JOIN
        reached = max(reached, stop)
    return number


def changes(raw: dict[str, Account], duration: float) -> Iterator[Change]:
    """Claims of the caption that should be others on a changed copy, where that answer can tell.

    Parameters
    ----------
    raw : dict of Account
        By variant, as they were said.
    duration : float
        Of the segment; a time before its end cannot be one of the delayed copy.

    Notes
    -----
    Sides after left and right were exchanged, times after a delay that is longer than the segment, waves that have
    a polarity and directions of gaze after the signal was turned over. A copy on which the answer gives no side or
    no time counts neither way. A wave is not stuck if the answer says that it is upside down.
    """
    base = raw.get(BASE)
    if base is None:
        return
    for variant in CHANGES:
        if variant not in raw:
            continue
        for name, before in base.held.items():
            after = raw[variant].held.get(name)
            sided = bool(before.side and after and after.side)
            if after and sided and (variant == "swapped" or (variant == "flipped" and name == "gaze")):
                yield Change(variant, name, before.side == after.side)
            if variant == "flipped" and name in POLAR:
                yield Change(variant, name, after is not None and not after.other_way)
            if variant == "shifted" and after and before.times and after.times:
                yield Change(variant, name, all(start <= duration for start, _ in after.times))
