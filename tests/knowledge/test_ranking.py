"""The three rankings, each on texts small enough to work out by hand."""

import math
import subprocess
import sys

import numpy as np
import pytest

from knowledge.bm25 import BM25, K1, B
from knowledge.names import Names
from knowledge.store import _fuse, _ranks
from knowledge.vectors import DIMENSION, Vectoriser

DOCUMENTS = [{"text": ["spindl", "sleep"]}, {"text": ["sleep", "wave", "wave", "slow"]}, {"text": ["blink"]}]


def test_bm25_follows_its_formula():
    bm25 = BM25(DOCUMENTS, {"text": 1.0})
    idf = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    weighted = 2 / (1 - B + B * 4 / (7 / 3))
    assert bm25.scores(["wave"]) == pytest.approx([0, idf * weighted * (K1 + 1) / (K1 + weighted), 0])


def test_bm25_scores_nothing_for_unknown_words():
    assert not BM25(DOCUMENTS, {"text": 1.0}).scores(["unknown"]).any()
    assert not BM25(DOCUMENTS, {"text": 1.0}).scores([]).any()


def test_a_word_in_a_heavier_field_counts_more():
    documents = [{"title": ["alpha"], "text": ["beta"]}, {"title": ["beta"], "text": ["alpha"]}]
    scores = BM25(documents, {"title": 3.0, "text": 1.0}).scores(["alpha"])
    assert scores[0] > scores[1] > 0


def test_share_tells_how_much_of_a_question_is_known():
    bm25 = BM25(DOCUMENTS, {"text": 1.0})
    assert bm25.share(["blink"], {"blink"}) == 1
    assert bm25.share([], {"blink"}) == 0
    assert 0 < bm25.share(["blink", "banana"], {"blink"}) < 0.5
    assert bm25.share(["blink", "212"], {"blink"}) == 1, "a number says nothing about the subject"


def test_vectors_have_unit_length_and_like_words_are_near():
    vectoriser = Vectoriser([{"t": ["spindle"]}, {"t": ["blink"]}, {"t": ["sawtooth"]}], {"t": 1.0})
    assert vectoriser.documents.shape == (3, DIMENSION)
    assert np.linalg.norm(vectoriser.documents, axis=1) == pytest.approx(1, abs=1e-6)
    likeness = vectoriser.documents @ vectoriser.vector(["spindles"])
    assert likeness.argmax() == 0
    assert likeness[0] > 0.7
    assert likeness[1:].max() < 0.2


def test_the_vector_of_nothing_is_zero():
    assert not Vectoriser([{"t": ["spindle"]}], {"t": 1.0}).vector([]).any()


def test_vectors_are_the_same_in_every_process():
    code = (
        "import hashlib; from knowledge.vectors import Vectoriser; "
        "v = Vectoriser([{'t': ['spindle', 'sigma']}, {'t': ['blink']}], {'t': 1.0}); "
        "print(hashlib.sha256(v.documents.tobytes()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_the_name_that_is_the_question_fits_best():
    names = Names([[["slow", "wave"], ["delta"]], [["slow", "eye", "movement"]]], lambda stem: 1.0)
    assert names.scores(["slow", "wave"]) == pytest.approx([1, 2 / 5])
    assert names.scores(["delta"]) == pytest.approx([1, 0])
    assert not names.scores([]).any()


def test_an_unknown_word_in_the_question_lowers_the_fit():
    names = Names([[["delta"]]], lambda stem: 1.0)
    assert names.scores(["delta", "banana"]) == pytest.approx([2 / 3])


def test_equal_scores_share_the_better_place_and_zeros_come_last():
    assert _ranks(np.array([0.5, 0.9, 0.5, 0.0, 0.0])).tolist() == [2, 1, 2, 5, 5]


def test_first_in_every_ranking_gives_one():
    fused = _fuse([(2.0, np.array([3.0, 1.0])), (1.0, np.array([0.4, 0.2]))])
    assert fused[0] == pytest.approx(1)
    assert 0 < fused[1] < 1
