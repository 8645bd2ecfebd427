"""Trees evaluated bit by bit give what walking down every tree gives; other files than ours are refused."""

import hashlib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from tools.staging_model import SHA256
from tools.trees import Trees, class_probabilities, load_trees
from tools.types import ToolError

WEIGHTS = Path(str(files("tools"))) / "weights"


def grown(seed=0, classes=3, trees=7, depth=4, features=5, questions=6):
    """An ensemble drawn at random; one node in five never asks."""
    draw = np.random.default_rng(seed)
    count = features * questions
    nodes = draw.integers(0, count, (classes, trees, 2**depth - 1))
    nodes[draw.random(nodes.shape) < 0.2] = count
    return Trees(
        classes=tuple("abcdefgh"[:classes]),
        features=tuple(f"f{i}" for i in range(features)),
        thresholds=np.sort(draw.normal(size=(features, questions)).astype(np.float32), axis=1).ravel(),
        starts=np.arange(0, count + 1, questions),
        nodes=nodes.astype(np.uint16),
        leaves=draw.normal(size=(classes, trees, 2**depth)).astype(np.float32),
    )


def walked(trees, row):
    """The same by walking: one row, one tree at a time."""
    scores = np.zeros(len(trees.classes))
    for c, (nodes, leaves) in enumerate(zip(trees.nodes, trees.leaves, strict=True)):
        for tree, leaf in zip(nodes, leaves, strict=True):
            at = 0
            while at < len(tree):
                question = tree[at]
                right = False
                if question < len(trees.thresholds):
                    feature = np.searchsorted(trees.starts, question, side="right") - 1
                    right = np.nan_to_num(row[feature]) > trees.thresholds[question]
                at = 2 * at + 1 + int(right)
            scores[c] += leaf[at - len(tree)]
    grown_scores = np.exp(scores - scores.max())
    return grown_scores / grown_scores.sum()


@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize("rows", [1, 8, 37])
def test_bits_and_walking_agree(depth, rows):
    trees = grown(depth, depth=depth)
    features = np.random.default_rng(rows).normal(size=(rows, 5)).astype(np.float32)
    expected = [walked(trees, row) for row in features]
    assert np.allclose(class_probabilities(trees, features), expected, atol=1e-12)


def test_more_trees_than_fit_one_group_are_all_counted():
    trees = grown(3, trees=230)
    features = np.random.default_rng(3).normal(size=(5, 5)).astype(np.float32)
    assert np.allclose(class_probabilities(trees, features), [walked(trees, row) for row in features])


def test_a_value_on_the_threshold_goes_left():
    trees = grown(depth=1, classes=2, trees=1)._replace(nodes=np.zeros((2, 1, 1), np.uint16))
    on = np.zeros((2, 5), np.float32)
    on[:, 0] = trees.thresholds[0], np.nextafter(trees.thresholds[0], np.float32(9))
    left, right = class_probabilities(trees, on)
    assert left[0] == pytest.approx(walked(trees, on[0])[0])
    assert abs(left[0] - right[0]) > 1e-3


def test_nan_counts_as_zero_and_infinity_as_more_than_any_threshold():
    trees = grown(5)
    odd = np.full((3, 5), np.nan, np.float32)
    odd[1] = 0
    odd[2] = np.inf
    given = class_probabilities(trees, odd)
    assert np.array_equal(given[0], given[1])
    assert np.allclose(given[2], walked(trees, np.full(5, 1e30)))


def test_the_order_of_rows_is_kept():
    trees, features = grown(6), np.random.default_rng(6).normal(size=(21, 5)).astype(np.float32)
    turned = class_probabilities(trees, features[::-1])[::-1]
    assert np.array_equal(turned, class_probabilities(trees, features))


@pytest.mark.parametrize("name", SHA256)
def test_shipped_weights_are_whole_and_of_the_shape_they_need(name):
    trees = load_trees(WEIGHTS / f"yasa_{name.replace('+', '_')}.npz", SHA256[name])
    assert trees.classes == ("W", "N1", "N2", "N3", "R")
    assert trees.nodes.shape == (5, 400, 31)
    assert trees.leaves.shape == (5, 400, 32)
    assert trees.starts[-1] == len(trees.thresholds) == trees.nodes.max()
    assert len(trees.starts) == len(trees.features) + 1
    assert ("age" in trees.features) == name.endswith("+demo")


def test_weights_together_stay_below_4_mb():
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) < 4e6


def test_a_changed_file_is_refused_in_words(tmp_path):
    content = bytearray((WEIGHTS / "yasa_eeg.npz").read_bytes())
    content[20000] ^= 1
    changed = tmp_path / "yasa_eeg.npz"
    changed.write_bytes(content)
    with pytest.raises(ToolError, match=r"SHA-256 differs.*install the package again"):
        load_trees(changed, SHA256["eeg"])


def test_a_missing_file_is_refused_in_words(tmp_path):
    with pytest.raises(ToolError, match="cannot be read; install the package again"):
        load_trees(tmp_path / "gone.npz", SHA256["eeg"])


def test_a_pickle_is_never_opened(tmp_path):
    path = tmp_path / "bad.npz"
    np.savez(path, classes=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load_trees(path, hashlib.sha256(path.read_bytes()).hexdigest())
