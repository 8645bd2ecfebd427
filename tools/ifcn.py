"""The six criteria of the IFCN for an epileptiform discharge, each with the numbers that decide it.

The texts of the criteria are those of Kane et al. (2017), https://doi.org/10.1016/j.cnp.2017.07.002; that four of
them suffice, with an accuracy of 91 % in the hands of experts, is from Kural et al. (2020),
https://doi.org/10.1212/WNL.0000000000009439. The numbers that stand for the words are ours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tools.discharge_view import View, stand_out, view_of
from tools.discharge_waves import FEATURES, Waves, measure, taking_part
from tools.types import Event, Segment, ToolError

NEEDED = 4
NAMES = (
    "pointed, 20 to 200 ms", "duration differs from the background", "asymmetric", "slow wave follows",
    "background disturbed", "field of a source in the brain",
)  # fmt: skip
_BASE = 1.64
"""Length of a wave at its base over its width at half prominence, both flanks measured to a tenth."""
_ROW = {name: row for row, name in enumerate(FEATURES)}


class CriteriaSettings(NamedTuple):
    """The numbers behind the words."""

    shortest: float = 0.020
    longest: float = 0.200
    """Seconds at the base."""
    shorter: float = 0.6
    longer: float = 1.6
    """Width over the mean half-wave of the background: outside these it differs."""
    alike: float = 0.5
    """A wave of this shape with this share of the height, within 0.7 s, means that the background holds more of it."""
    flanks: float = 1.2
    """Longer over shorter flank."""
    slopes: float = 1.12
    """Steeper over flatter flank."""
    after_share: float = 0.15
    after_sd: float = 0.5
    """Least height of the after-going slow wave, over that of the discharge and over the spread of the channel."""
    calm: float = 0.6
    """Fast activity after over before: below it the background is interrupted."""
    map: float = 0.78
    """Least correlation of the field with the best of the dictionary."""
    neighbours: int = 2
    """Neighbouring channels, the largest included, that carry a share of its size:"""
    neighbour_share: float = 0.20
    """In average reference the electrodes beside a source under one electrode carry no more than a quarter."""


DEFAULTS = CriteriaSettings()


class Measured(NamedTuple):
    """One measured value."""

    quantity: str
    value: float
    unit: str


class Criterion(NamedTuple):
    """One criterion: what it says, whether it is met, and what was measured."""

    name: str
    met: bool
    measured: tuple[Measured, ...]


def criteria(segment: Segment, event: Event, settings: CriteriaSettings = DEFAULTS) -> tuple[Criterion, ...]:
    """Measure the six criteria for a discharge that a detector or a reader marked.

    Parameters
    ----------
    segment : Segment
        Signal around the event, any reference, ten seconds or more where there are as many.
    event : Event
        What was marked; its largest negative sharp wave is measured.
    settings : CriteriaSettings
        The numbers behind the words.

    Returns
    -------
    tuple of Criterion
        Six, in the order of the IFCN.

    Raises
    ------
    ToolError
        If the segment does not hold the event, or has too few channels to judge a field.

    Notes
    -----
    Shape is measured in the combination of channels that fits the field best, in which the background is
    smallest, so that numbers differ a little from those of any one channel.
    """
    segment = _around(segment, event)
    view = view_of(segment)
    if isinstance(view, str):
        raise ToolError(f"The criteria cannot be measured: {view}.", field="event")
    first = max(0, round((event.onset - view.onset) * view.sfreq) - 2)
    last = min(view.data.shape[1], round((event.onset + event.duration - view.onset) * view.sfreq) + 3)
    if last - first < 3:
        raise ToolError("The event does not lie in this stretch of signal.", field="event")
    field = stand_out(view)
    score = field.score[first:last]
    # A complex begins with its spike; without this its slow wave might be measured.
    score = score[: max(3, round(0.15 * view.sfreq))] if event.label == "spsw" else score
    waves = measure(view, field, np.array([first + int(score.argmax())]))
    return judge(view, waves, settings)[0]


def _around(segment: Segment, event: Event) -> Segment:
    """At most 30 s around the event: its background is that of its page."""
    first = max(0, round((event.onset - segment.onset - 15) * segment.sfreq))
    last = round((event.onset + event.duration - segment.onset + 15) * segment.sfreq)
    if segment.data.shape[1] <= last - first:
        return segment
    return replace(segment, data=segment.data[:, first:last], onset=segment.onset + first / segment.sfreq)


def judge(view: View, waves: Waves, settings: CriteriaSettings = DEFAULTS) -> list[tuple[Criterion, ...]]:
    """The six criteria of every wave."""
    fields = np.abs(waves.fields) if view.sources.bipolar else np.maximum(-waves.fields, 0)
    largest = fields.argmax(axis=1)
    shared = fields >= settings.neighbour_share * np.maximum(fields.max(axis=1, keepdims=True), 1e-9)
    near = (shared & view.sources.near[largest]).sum(axis=1)
    involved = taking_part(view, waves.fields).sum(axis=1)
    return [_six(waves, row, int(near[row]), int(involved[row]), settings) for row in range(len(waves.at))]


def count(criteria: tuple[Criterion, ...]) -> int:
    """How many are met."""
    return sum(criterion.met for criterion in criteria)


def describe(criteria: tuple[Criterion, ...]) -> str:
    """``4 of 6 IFCN criteria: pointed, 20 to 200 ms (52 ms at the base); ...``, those that are met."""
    met = [
        f"{c.name} ({', '.join(f'{m.quantity} {m.value:g} {m.unit}'.strip() for m in c.measured)})"
        for c in criteria
        if c.met
    ]
    return f"{len(met)} of {len(criteria)} IFCN criteria" + (": " + "; ".join(met) if met else "")


def _six(waves: Waves, row: int, near: int, involved: int, s: CriteriaSettings) -> tuple[Criterion, ...]:
    values = waves.features[row]
    left, right = max(float(waves.left[row]), 1e-4), max(float(waves.right[row]), 1e-4)
    base = _BASE * (left + right)
    relative = (left + right) / max(float(waves.usual_width[row]), 1e-4)
    alike = max(0.0, float(values[_ROW["alike_near"]]), float(values[_ROW["alike_far"]]))
    slopes, flanks = float(np.exp(values[_ROW["slope_ratio"]])), right / left
    after, after_sd = float(waves.after[row]), float(values[_ROW["after_sd"]])
    calm, likeness = float(np.exp(values[_ROW["calm_after"]])), float(values[_ROW["map"]])
    met = (
        s.shortest <= base <= s.longest,
        alike < s.alike or relative <= s.shorter or relative >= s.longer,
        max(slopes, 1 / max(slopes, 1e-3)) >= s.slopes or max(flanks, 1 / flanks) >= s.flanks,
        after >= s.after_share and after_sd >= s.after_sd,
        calm <= s.calm,
        likeness >= s.map and near >= s.neighbours,
    )
    measured = (
        (("length at the base", 1000 * base, "ms", 0),),
        (("width over the background's", relative, "", 2), ("largest wave alike", 100 * alike, "%", 0)),
        (("rise over fall, slope", slopes, "", 2), ("fall over rise, time", flanks, "", 2)),
        (
            ("slow wave over discharge", 100 * after, "%", 0),
            ("peak to peak of the two", 1000 * float(waves.after_at[row]), "ms", 0),
        ),
        (("fast activity after over before", calm, "", 2),),
        (("correlation with a source", likeness, "", 2), ("channels", float(involved), "", 0)),
    )
    return tuple(
        Criterion(name, bool(ok), tuple(Measured(q, round(v, places), unit) for q, v, unit, places in group))
        for name, ok, group in zip(NAMES, met, measured, strict=True)
    )
