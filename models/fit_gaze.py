"""Fit the weights by which two steps of the eyes become the chance of one look aside.

``python -m models.fit_gaze`` prints them beside those of `tools.gaze_steps`, which stay what they are until someone
changes them by hand: ``models/runs/gaze.md`` says why. Only tuning segments of the standard generator are used, in
the copy of the signal that the detector gets.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.frozen import CATEGORY_NAMES, TUNE_SEED
from models.recorder import Specimen
from models.segments import simulate_segment
from models.truth import Planted
from tools.bad_channels import unfit_for_average
from tools.conditioning import mend
from tools.detectors import COPIES
from tools.events import iou
from tools.filters import apply_filters
from tools.gaze import DEFAULTS, LABELS, is_gaze, view_of
from tools.gaze_steps import INTERCEPT, WEIGHTS, Measures, looks, steps_of
from tools.montage import apply_montage
from tools.types import Place

Array = NDArray[np.float64]

RIDGE = 3.0
"""On standardised measures."""
OTHERS = 3.0
"""Weight of a pair that is no look: a wrong look costs more than a missed one."""
_EDGE = 0.03
"""Seconds from the centre of a step to the limit of the look."""
_FOLDS = 5


class Examples(NamedTuple):
    """Measured pairs of steps: 1 a look, 0 anything else, and the segment that each comes from."""

    measures: Array  # (pairs, measures)
    truth: Array  # (pairs,)
    segment: NDArray[np.int_]  # (pairs,)


def examples_of(made: Specimen) -> list[tuple[Measures, float]]:
    """Measure the pairs of steps of a segment that have nothing to do with a look, and the best for each look."""
    segment = apply_montage(made.segment, "average", bad=unfit_for_average(made.segment))
    segment = apply_filters(segment, COPIES["eyes"].filters)
    view = view_of(segment)
    if view is None:
        return []
    steps = steps_of(mend(segment.pick(view.channels).data)[0], view.usual, segment.sfreq)
    pairs = looks(steps, view.usual, DEFAULTS.hold, DEFAULTS.above_background)
    pairs = [pair for pair in pairs if is_gaze(pair.rise, view, DEFAULTS)]
    places = [
        Place(
            onset=max(0.0, steps.first + pair.start / steps.rate - _EDGE),
            duration=(pair.stop - pair.start) / steps.rate + 2 * _EDGE,
        )
        for pair in pairs
    ]
    planted = [entry for entry in made.truth.planted if entry.event.label in LABELS]
    # What holds one step of a look is left to `best`, which compares it with the look itself.
    apart = {n for n, place in enumerate(places) if all(iou(entry.event, place) == 0 for entry in planted)}
    right = _best(planted, places)
    return [(pairs[n].measures, float(n in right)) for n in sorted(apart | right)]


def _best(planted: Iterable[Planted], places: list[Place]) -> set[int]:
    """The pair that fits each look best which has to be found; both of its signs are one look."""
    found = set()
    for entry in planted:
        if entry.stratum in ("easy", "medium") and not entry.event.masked_by and places:
            fits = [iou(entry.event, place) for place in places]
            if max(fits) >= 0.5:
                found.add(int(np.argmax(fits)))
    return found


def collect(per_category: int, of_eyes: int) -> Examples:
    """Measure tuning segments, more of them of the category that looks aside."""
    rows, truth, segments = [], [], []
    for category in CATEGORY_NAMES:
        first = TUNE_SEED + 1000 * CATEGORY_NAMES.index(category)
        for number in range(of_eyes if category == "eye_artifact" else per_category):
            for measures, right in examples_of(simulate_segment(category, first + number)):
                rows.append(measures)
                truth.append(right)
                segments.append(first + number)
    return Examples(np.array(rows, dtype=float), np.array(truth), np.array(segments))


def fit(measures: Array, truth: Array, ridge: float = RIDGE, others: float = OTHERS) -> Array:
    """Logistic regression by Newton's method on standardised measures; gives intercept and weights of plain ones."""
    mean, spread = measures.mean(axis=0), measures.std(axis=0) + 1e-9
    rows = np.concatenate([np.ones((len(truth), 1)), (measures - mean) / spread], axis=1)
    penalty = np.full(rows.shape[1], ridge)
    penalty[0] = 0.0
    weights, worth = np.zeros(rows.shape[1]), np.where(truth > 0, 1.0, others)
    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        curvature = rows.T @ (rows * (worth * chance * (1 - chance) + 1e-9)[:, None]) + np.diag(penalty)
        step = np.linalg.solve(curvature, rows.T @ (worth * (truth - chance)) - penalty * weights)
        weights += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-6:
            break
    plain = weights[1:] / spread
    return np.concatenate([[weights[0] - plain @ mean], plain])


def quality(score: Array, truth: Array) -> str:
    """Precision and recall of pairs at the detector's least chance, in words."""
    called = score >= np.log(DEFAULTS.chance / (1 - DEFAULTS.chance))
    hits = float((called & (truth > 0)).sum())
    return f"precision {hits / max(1, called.sum()):.3f}, recall {hits / max(1.0, truth.sum()):.3f}"


def scores_in_folds(examples: Examples, seed: int = 0) -> Array:
    """Log odds of every pair by a fit without its segment."""
    own, place = np.unique(examples.segment, return_inverse=True)
    fold = np.random.default_rng(seed).permutation(len(own))[place] % _FOLDS
    scores = np.zeros(len(fold))
    for number in range(_FOLDS):
        inside = fold == number
        weights = fit(examples.measures[~inside], examples.truth[~inside])
        scores[inside] = weights[0] + examples.measures[inside] @ weights[1:]
    return scores


def main() -> None:
    """Collect, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-category", type=int, default=110)
    parser.add_argument("--eyes", type=int, default=400, help="segments of eye_artifact")
    given = parser.parse_args()
    examples = collect(given.per_category, given.eyes)
    weights = fit(examples.measures, examples.truth)
    present = INTERCEPT + examples.measures @ np.array(WEIGHTS)
    lines = (
        f"{len(examples.truth)} pairs, {int(examples.truth.sum())} of them looks",
        f"fitted: intercept {weights[0]:.3f}, weights {weights[1:].round(3).tolist()}",
        f"in {_FOLDS} folds of segments: {quality(scores_in_folds(examples), examples.truth)}",
        f"in use: intercept {INTERCEPT}, weights {list(WEIGHTS)}: {quality(present, examples.truth)}",
    )
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
