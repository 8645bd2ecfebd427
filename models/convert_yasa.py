"""Turn the sleep staging classifiers that YASA ships (pickles) into files of plain arrays.

Run once, in an environment of its own that has YASA and LightGBM: ``models/runs/yasa_staging.md`` says how.
Unpickling runs code: give it only the files of the package whose hash is written there.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEPTH = 5
CLASSES = ("W", "N1", "N2", "N3", "R")


def convert(source: Path, target: Path) -> None:
    """Convert one classifier.

    Parameters
    ----------
    source : Path
        A ``joblib`` file holding an ``LGBMClassifier`` without missing values or categories, no deeper than 5.
    target : Path
        The ``npz`` to write; its arrays are the fields of `tools.trees.Trees`.
    """
    classifier = importlib.import_module("joblib").load(source)
    model = classifier.booster_.dump_model()
    roots = [tree["tree_structure"] for tree in model["tree_info"]]
    features = model["feature_names"]
    asked: list[set[np.float32]] = [set() for _ in features]
    for root in roots:
        _collect(root, asked)
    starts = np.cumsum([0] + [len(values) for values in asked])
    thresholds = np.concatenate([np.sort(np.array(list(values), np.float32)) for values in asked])
    number = {
        (feature, value): start + rank
        for feature, (start, values) in enumerate(zip(starts, asked, strict=False))
        for rank, value in enumerate(sorted(values))
    }
    nodes = np.full((len(roots), 2**DEPTH - 1), len(thresholds), np.uint16)
    leaves = np.zeros((len(roots), 2**DEPTH), np.float32)
    for tree, root in enumerate(roots):
        _lay_out(root, 0, nodes[tree], leaves[tree], number)
    theirs = [str(name) for name in classifier.classes_]
    order = [theirs.index(name) for name in CLASSES]  # tree t belongs to class t modulo 5
    np.savez(
        target,
        classes=np.array(CLASSES),
        features=np.array(features),
        thresholds=thresholds,
        starts=starts.astype(np.uint16),
        nodes=np.stack([nodes[k :: len(CLASSES)] for k in order]),
        leaves=np.stack([leaves[k :: len(CLASSES)] for k in order]),
    )


def _rounded_down(threshold: float) -> np.float32:
    """Give the largest single precision number not above a threshold: answers stay as they were."""
    near = np.float32(threshold)
    return near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf))


def _collect(node: dict[str, Any], asked: list[set[np.float32]]) -> None:
    if "split_feature" not in node:
        return
    plain = (node["decision_type"], node["missing_type"]) == ("<=", "None")
    assert plain, "only plain comparisons are converted"
    asked[node["split_feature"]].add(_rounded_down(node["threshold"]))
    _collect(node["left_child"], asked)
    _collect(node["right_child"], asked)


def _lay_out(
    node: dict[str, Any],
    at: int,
    nodes: NDArray[np.uint16],
    leaves: NDArray[np.float32],
    number: dict[tuple[int, np.float32], int],
) -> None:
    """Write a subtree into the complete tree, from its node `at` on; a leaf fills all the leaves below it."""
    if "split_feature" in node:
        nodes[at] = number[node["split_feature"], _rounded_down(node["threshold"])]
        _lay_out(node["left_child"], 2 * at + 1, nodes, leaves, number)
        _lay_out(node["right_child"], 2 * at + 2, nodes, leaves, number)
        return
    first = last = at
    while first < len(nodes):
        first, last = 2 * first + 1, 2 * last + 2
    leaves[first - len(nodes) : last + 1 - len(nodes)] = node["leaf_value"]


def main(source: Path, target: Path) -> None:
    """Convert every classifier in a folder, and print the hashes of what was written as JSON."""
    hashes = {}
    for path in sorted(source.glob("clf_*_lgb_*.joblib")):
        kinds = path.name.removeprefix("clf_").split("_lgb_")[0]
        written = target / f"yasa_{kinds.replace('+', '_')}.npz"
        convert(path, written)
        hashes[written.name] = hashlib.sha256(written.read_bytes()).hexdigest()
    sys.stdout.write(json.dumps(hashes, indent=4) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
