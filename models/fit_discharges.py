"""Fit the weights by which measurements of sharp waves become the probability of a discharge.

``python -m models.fit_discharges`` writes ``tools/discharge_weights.py``; ``models/runs/discharges.md`` says what came
of it. Only segments with seeds for tuning are used: the standard generator, half of them in other montages and rates.
"""

from __future__ import annotations

import argparse
import pprint
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.frozen import CATEGORY_NAMES, TUNE_SEED
from models.recorder import Specimen
from models.segments import simulate_segment
from tools.bad_channels import unfit_for_average
from tools.discharge_view import view_of
from tools.discharge_waves import FEATURES, find_waves
from tools.labels import EPILEPTIFORM
from tools.montage import apply_montage

Array = NDArray[np.float64]

RICH = ("sharp_waves", "spikes", "spike_wave")
_PERIODIC = ("LPD", "GPD", "BIPD")
"""Their discharges are reported as the pattern; whether a single one looks epileptiform is left open."""
_RIDGE = 5.0
TARGET = Path(__file__).parents[1] / "tools" / "discharge_weights.py"


class Examples(NamedTuple):
    """Measured waves with what they are: 1 a discharge, 0 anything else."""

    features: Array
    truth: Array


def examples_of(made: Specimen) -> Examples:
    """Measure the waves of a segment; those whose truth is open are left out."""
    segment = made.segment
    if "-" not in segment.channels[0]:
        segment = apply_montage(segment, "average", bad=unfit_for_average(segment))
    view = view_of(segment)
    waves = None if isinstance(view, str) else find_waves(view)
    if waves is None or isinstance(view, str):
        return Examples(np.zeros((0, len(FEATURES))), np.zeros(0))
    kinds = np.array([_kind(made, at / view.sfreq) for at in waves.at])
    return Examples(waves.features[kinds >= 0], kinds[kinds >= 0].astype(float))


def _kind(made: Specimen, at: float) -> int:
    """1 at a discharge that has to be found, 0 where there is none, -1 where it is open."""
    events = [entry for entry in made.truth.planted if entry.event.label in EPILEPTIFORM]
    near = [entry for entry in events if abs(entry.peak - at) <= 0.08]
    if near:
        entry = min(near, key=lambda e: abs(e.peak - at))
        # In a run the spikes are told from the background by their average, elsewhere.
        clear = entry.stratum in ("easy", "medium") and not entry.event.masked_by
        return 1 if clear and not entry.kind.endswith("run") else -1
    if any(e.event.onset - 0.05 <= at <= e.event.onset + e.event.duration + 0.2 for e in events):
        runs_or_hard = [e for e in events if e.kind.endswith("run") or e.stratum in ("hard", "faint")]
        return -1 if runs_or_hard else 0
    return -1 if made.truth.category in _PERIODIC else 0


def collect(per_category: int) -> Examples:
    """Measure tuning segments, three times as many of the categories that hold discharges."""
    parts = []
    for category in CATEGORY_NAMES:
        first = TUNE_SEED + 1000 * CATEGORY_NAMES.index(category)
        for number in range(per_category * (3 if category in RICH else 1)):
            wide = number % 4 == 3
            made = simulate_segment(
                category,
                first + number,
                sfreq=None if wide else 200.0,
                montage=None if wide else "linked_ears",
            )
            parts.append(examples_of(made))
    return Examples(
        np.concatenate([part.features for part in parts]), np.concatenate([part.truth for part in parts])
    )


def with_squares(features: Array, mean: Array, spread: Array) -> Array:
    """Standardise, and add the squares, so that a value may be too small and too large."""
    scaled = np.clip((features - mean) / spread, -4, 4)
    return np.concatenate([scaled, scaled**2], axis=1)


def fit(examples: Examples, ridge: float = _RIDGE) -> tuple[Array, Array, float, Array]:
    """Logistic regression by Newton's method; gives mean, spread, intercept and weights."""
    mean, spread = examples.features.mean(axis=0), examples.features.std(axis=0) + 1e-9
    rows = with_squares(examples.features, mean, spread)
    rows = np.concatenate([np.ones((len(rows), 1)), rows], axis=1)
    penalty = np.full(rows.shape[1], ridge)
    penalty[0] = 0.0
    weights = np.zeros(rows.shape[1])
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        curvature = rows.T @ (rows * (chance * (1 - chance) + 1e-6)[:, None]) + np.diag(penalty)
        step = np.linalg.solve(curvature, rows.T @ (examples.truth - chance) - penalty * weights)
        weights += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-5:
            break
    return mean, spread, float(weights[0]), weights[1:]


def write(path: Path, mean: Array, spread: Array, intercept: float, weights: Array) -> None:
    """Write the table as a module."""
    half = len(FEATURES)
    table = {
        name: tuple(round(float(v), 4) for v in (mean[i], spread[i], weights[i], weights[half + i]))
        for i, name in enumerate(FEATURES)
    }
    body = pprint.pformat(table, width=110, sort_dicts=False)
    path.write_text(
        '"""Weights of measured waves, written by ``python -m models.fit_discharges``; do not edit."""\n\n'
        f"INTERCEPT = {intercept:.4f}\n"
        "WEIGHTS: dict[str, tuple[float, float, float, float]] = {\n " + body[1:-1] + ",\n}\n"
        '"""Per measurement: mean, spread, weight of the standardised value (within 4 spreads), of its square."""\n',
        encoding="utf-8",
    )


def main() -> None:
    """Collect, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-category", type=int, default=100)
    parser.add_argument("--target", type=Path, default=TARGET)
    given = parser.parse_args()
    examples = collect(given.per_category)
    mean, spread, intercept, weights = fit(examples)
    write(given.target, mean, spread, intercept, weights)
    print(f"{len(examples.truth)} waves, {int(examples.truth.sum())} of them discharges")  # noqa: T201


if __name__ == "__main__":
    main()
