"""Gradient-boosted trees, evaluated for many rows at once without the library that grew them.

Every tree is a complete binary tree of one depth. What a node asks is one of a table of questions, "is this
feature above that threshold?", which many nodes share. All rows answer all questions once, one bit a row; the
way down the trees is then a choice among bits, eight rows to a byte.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.types import ToolError

Bits = NDArray[np.uint8]

TREES_AT_ONCE = 100


class Trees(NamedTuple):
    """An ensemble: one sum of leaves per class, turned into probabilities by the softmax."""

    classes: tuple[str, ...]
    features: tuple[str, ...]
    thresholds: NDArray[np.float32]
    """Shape (questions,): ascending within each feature."""
    starts: NDArray[np.int64]
    """Shape (features + 1,): the questions of feature `i` are ``starts[i]:starts[i + 1]``."""
    nodes: NDArray[np.uint16]
    """Shape (classes, trees, 2**depth - 1): the question of each node, level by level, left to right.

    Where the answer is yes, the way goes to the right. A node that never asks holds the number of questions.
    """
    leaves: NDArray[np.float32]
    """Shape (classes, trees, 2**depth), left to right."""


def load_trees(path: Path, sha256: str) -> Trees:
    """Read an ensemble from a file of plain arrays, and nothing else than the file that is expected.

    Parameters
    ----------
    path : Path
        An ``npz`` of arrays named like the fields of `Trees`.
    sha256 : str
        Of the file, in hexadecimal digits.

    Returns
    -------
    Trees

    Raises
    ------
    ToolError
        If there is no such file, or its content is not what the hash stands for.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise ToolError(
            f"The weights {path.name} cannot be read; install the package again to restore them."
        ) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ToolError(
            f"The weights {path.name} are not the ones this version was made with (their SHA-256 differs); "
            "install the package again to restore them."
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return Trees(
            classes=tuple(str(name) for name in arrays["classes"]),
            features=tuple(str(name) for name in arrays["features"]),
            thresholds=arrays["thresholds"],
            starts=arrays["starts"].astype(np.int64),
            nodes=arrays["nodes"],
            leaves=arrays["leaves"],
        )


def class_probabilities(trees: Trees, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Evaluate an ensemble.

    Parameters
    ----------
    trees : Trees
        The ensemble.
    features : ndarray of float32, shape (rows, features)
        In the order of ``trees.features``. NaN counts as 0.

    Returns
    -------
    ndarray, shape (rows, classes)
        Probabilities; every row sums to 1.

    Notes
    -----
    Thresholds are single precision, rounded down: for a feature in single precision, "above the threshold"
    is then the same answer as with the threshold in double precision.

    References
    ----------
    Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 30.
    """
    rows = len(features)
    answers = _answers(trees, np.nan_to_num(features, nan=0.0, posinf=np.inf, neginf=-np.inf))
    scores = np.zeros((len(trees.classes), rows))
    for row, (nodes, leaves) in enumerate(zip(trees.nodes, trees.leaves, strict=True)):
        for first in range(0, len(nodes), TREES_AT_ONCE):
            part = slice(first, first + TREES_AT_ONCE)
            at = _leaf_of(answers[nodes[part]], rows)
            scores[row] += leaves[part].ravel().take(at).sum(axis=0, dtype=np.float64)
    scores -= scores.max(axis=0)
    np.exp(scores, out=scores)
    return np.ascontiguousarray((scores / scores.sum(axis=0)).T)


def _answers(trees: Trees, features: NDArray[np.float32]) -> Bits:
    """Answer every question for every row, and give one more line of "no" for nodes that never ask."""
    columns = np.ascontiguousarray(features.T)
    answers = np.zeros((len(trees.thresholds) + 1, -(-len(features) // 8)), dtype=np.uint8)
    for column, start, stop in zip(columns, trees.starts, trees.starts[1:], strict=False):
        answers[start:stop] = np.packbits(column > trees.thresholds[start:stop, None], axis=1)
    return answers


def _leaf_of(asked: Bits, rows: int) -> NDArray[np.intp]:
    """Follow the answers of all nodes, shape (trees, nodes, bytes), to a leaf for every tree and row.

    Leaves are counted through all trees.
    """
    depth = asked.shape[1].bit_length()
    levels = [asked[:, 2**level - 1 : 2 ** (level + 1) - 1] for level in range(depth)]
    at = np.zeros((len(asked), rows), dtype=np.uint8)
    for level in range(depth):
        way = levels[level]
        np.left_shift(at, 1, out=at)
        np.bitwise_or(at, np.unpackbits(way[:, 0], axis=1, count=rows), out=at)
        # of every level below, keep the half to which this answer leads
        for below in range(level + 1, depth):
            half = levels[below].shape[1] // 2
            left, right = levels[below][:, :half], levels[below][:, half:]
            levels[below] = left ^ (way & (left ^ right))
    return np.asarray(at + 2**depth * np.arange(len(asked), dtype=np.intp)[:, None])
