"""Every claim of an answer against the known truth, by kind: precision, recall, and invented waveforms.

A claim is right when the label agrees, a time lies within 0.5 s, a frequency within 0.5 Hz, an amplitude within
20 % of the same kind, and the channels overlap by half. What the truth cannot decide (the height of the whole
background, spikes within a seizure) counts neither way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from evals.scorers.assertions import Assertion, assertions, labels_of
from evals.scorers.facts import Known, known_of
from models.truth import Truth

TIME_S, RATE_HZ, HEIGHT_SHARE, CHANNEL_SHARE = 0.5, 0.5, 0.2, 0.5
KINDS = ("event", "absence", "channel", "time", "frequency", "amplitude", "stage")


class Judged(NamedTuple):
    """One claim, and whether it is true; None where the truth cannot tell."""

    kind: str
    words: str
    right: bool | None
    invented: bool = False


class Grounding(NamedTuple):
    """An answer's claims, and which of the facts of the truth it states."""

    claims: tuple[Judged, ...]
    facts: tuple[tuple[str, bool], ...]
    """Every fact an expert would state, and whether the answer does."""

    @property
    def precision(self) -> float | None:
        """Share of the decidable claims that are true; None without any."""
        decided = [claim.right for claim in self.claims if claim.right is not None]
        return sum(decided) / len(decided) if decided else None

    @property
    def recall(self) -> float | None:
        """Share of the facts that are stated; None where there is nothing to state."""
        return sum(said for _, said in self.facts) / len(self.facts) if self.facts else None

    @property
    def invented(self) -> int:
        """Waveforms and patterns that are asserted and not there."""
        return sum(claim.invented for claim in self.claims)


def ground(text: str, truth: Truth) -> Grounding:
    """Compare an answer with the truth of its segment.

    Parameters
    ----------
    text : str
        Whatever was answered.
    truth : Truth
        Of the segment, its times counted as the answer's are.

    Returns
    -------
    Grounding
        Claims in the order of the text.
    """
    known = known_of(truth)
    said = assertions(text)
    # Said again, the same thing is no further claim.
    claims = list(dict.fromkeys(judged for one in said.phenomena for judged in _judge(one, known)))
    claims += [
        Judged("stage", name, (name == known.stage) == (how == "asserted") if known.stage else None)
        for name, how in said.stages
        if how in ("asserted", "denied")
    ]
    return Grounding(tuple(claims), tuple(_facts(said.phenomena, known)))


def _judge(one: Assertion, known: Known) -> Iterator[Judged]:
    if one.stance == "denied":
        yield Judged("absence", f"no {one.label}", known.absent(_labels(one)))
        return
    if one.stance != "asserted":
        return
    right = known.present(_labels(one))
    place = known.entries(_labels(one))
    yield Judged("event", one.label, right, invented=right is False and known.is_waveform(_labels(one)))
    if right is not True:
        return  # times and channels of what is not there are not counted a second time
    times = [] if known.background_only(_labels(one)) else one.times
    for start, stop in times:
        yield Judged("time", f"{one.label} at {start:g}-{stop:g} s", _time_fits(start, stop, place))
    if one.channels or one.side:
        fits = known.channels_fit(_labels(one), one.channels, one.side)
        yield Judged("channel", f"{one.label} at {', '.join(sorted(one.channels)) or one.side}", fits)
    for rate in one.rates:
        yield Judged("frequency", f"{one.label} {rate:g} Hz", known.rate_fits(_labels(one), rate))
    for value, kind in one.heights:
        yield Judged(
            "amplitude", f"{one.label} {value:g} µV {kind}", known.height_fits(_labels(one), value, kind)
        )


def _labels(one: Assertion) -> tuple[str, ...]:
    return labels_of(one.label) or (one.label,)


def _time_fits(start: float, stop: float, places: Sequence[tuple[float, float]]) -> bool:
    """A point lies in or near an event; a range has its ends near those of an event or of a train of them."""
    if start == stop:
        return any(a - TIME_S <= start <= b + TIME_S for a, b in places)
    inside = [(a, b) for a, b in places if a <= stop + TIME_S and b >= start - TIME_S]
    whole = [*inside, (min(a for a, _ in inside), max(b for _, b in inside))] if inside else []
    return any(
        (abs(a - start) <= TIME_S and abs(b - stop) <= TIME_S) or _iou(a, b, start, stop) >= 0.5
        for a, b in whole
    )


def _iou(a: float, b: float, start: float, stop: float) -> float:
    shared = min(b, stop) - max(a, start)
    return max(shared, 0.0) / max(max(b, stop) - min(a, start), 1e-9)


def _facts(said: Sequence[Assertion], known: Known) -> Iterator[tuple[str, bool]]:
    """What an expert would state, and whether it is stated."""
    for label in known.must:
        mine = [one for one in said if one.stance == "asserted" and label in _labels(one)]
        yield f"{label}", bool(mine)
        if known.localised(label):
            yield (
                f"{label} channels",
                any(known.channels_fit((label,), one.channels, one.side) for one in mine),
            )
        if known.timed(label):
            places = known.entries((label,))
            yield (
                f"{label} time",
                any(_time_fits(a, b, places) for one in mine for a, b in one.times),
            )
        if known.rates(label):
            yield (
                f"{label} frequency",
                any(known.rate_fits((label,), rate) for one in mine for rate in one.rates),
            )
    for group in known.denied:
        yield (
            f"no {group}",
            any(one.stance == "denied" and _covers(one, group) for one in said),
        )


def _covers(one: Assertion, group: str) -> bool:
    return bool(set(labels_of(group)) & set(_labels(one)))
