"""Fit the weights by which patterns are told apart, on simulated examples alone.

Run as ``python -m models.fit_patterns --per-label 200``; it writes `tools/pattern_weights.py`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.pattern_examples import FIRST_SEED, examples
from tools.pattern_features import FEATURES, measure_windows
from tools.pattern_view import view_of

Array = NDArray[np.float64]
NONE_WEIGHT = 4.0
"""Of all examples without a pattern together, where those of each pattern together have 1."""
RARE_WEIGHT = 0.5
"""Of all examples of BIPD together: discharges of both sides that go their own ways are far rarer than LPD or GPD."""
SHRINK = 1e-3
LIMIT = 3.0
"""Standard deviations beyond which a feature says no more."""


class Weights(NamedTuple):
    """A multinomial logistic model: columns are kinds, each of one label."""

    kinds: list[str]
    features: list[str]
    centre: Array
    scale: Array
    table: Array  # (1 + features, kinds), the constant first


def measure_examples(per_label: int, first_seed: int = FIRST_SEED) -> tuple[Array, list[str]]:
    """Features and kinds of the examples."""
    rows, kinds = [], []
    for example in examples(per_label, first_seed):
        rows.append(measure_windows(view_of(example.segment.pick_kinds("eeg")))[0][0])
        kinds.append(example.kind)
    return np.array(rows), kinds


def fit(values: Array, kinds: list[str]) -> Weights:
    """Fit by penalised maximum likelihood; a label weighs the same whatever the number of its examples."""
    from scipy.optimize import minimize

    used, x = list(FEATURES), values
    names = sorted(set(kinds))
    target = np.array([names.index(kind) for kind in kinds])
    labels = np.array([kind.split(" ")[0] for kind in kinds])
    weight = np.ones(len(target))
    for label in set(labels):
        weight[labels == label] = {"none": NONE_WEIGHT, "BIPD": RARE_WEIGHT}.get(label, 1.0) / np.sum(
            labels == label
        )
    weight /= weight.sum()
    centre, scale = np.median(x, axis=0), x.std(axis=0)
    z = np.c_[np.ones(len(x)), np.clip((x - centre) / scale, -LIMIT, LIMIT)]
    true = np.eye(len(names))[target]

    def loss(flat: Array) -> tuple[float, Array]:
        table = flat.reshape(z.shape[1], len(names))
        score = z @ table
        score -= score.max(axis=1, keepdims=True)
        share = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
        slope = z.T @ ((share - true) * weight[:, None])
        slope[1:] += 2 * SHRINK * table[1:]
        likelihood = np.sum(weight * np.log(share[np.arange(len(z)), target] + 1e-12))
        return float(SHRINK * np.sum(table[1:] ** 2) - likelihood), slope.ravel()

    start = np.zeros(z.shape[1] * len(names))
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return Weights(names, used, centre, scale, best.x.reshape(z.shape[1], len(names)))


def write(weights: Weights, path: Path, command: str) -> None:
    """Write the weights as a module of tuples."""
    rows = [f"    {tuple(round(float(v), 3) for v in row)}," for row in weights.table]
    text = (
        f'''"""Weights by which patterns are told apart; written by ``{command}``."""

# fmt: off
# ruff: noqa: E501
KINDS = {tuple(weights.kinds)}
FEATURES = {tuple(weights.features)}
CENTRE = {tuple(round(float(v), 4) for v in weights.centre)}
SCALE = {tuple(round(float(v), 4) for v in weights.scale)}
LIMIT = {LIMIT}
TABLE = (
'''
        + "\n".join(rows)
        + '''
)
"""One row for the constant and for each feature, one column for each kind."""
'''
    )
    path.write_text(text.replace("'", '"'), encoding="utf-8")


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-label", type=int, default=200)
    count = parser.parse_args().per_label
    values, kinds = measure_examples(count)
    path = Path(__file__).parents[1] / "tools" / "pattern_weights.py"
    write(fit(values, kinds), path, f"python -m models.fit_patterns --per-label {count}")


if __name__ == "__main__":
    main()
