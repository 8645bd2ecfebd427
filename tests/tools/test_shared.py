"""What detectors share: made once of frozen signal, anew of any other, and forgotten with the segment."""

import gc

import numpy as np
import pytest

from tools.conditioning import at_rate, middle, robust_sd, slow_over_fast
from tools.shared import _MADE, contexts, frozen, once, slowed
from tools.types import Segment


def _segment(seed: int = 0) -> Segment:
    data = np.random.default_rng(seed).normal(0, 20, (3, 4000))
    return Segment(data, ("C3", "C4", "O1"), 200.0)


def test_frozen_signal_is_slowed_once():
    segment = frozen(_segment())
    first = slowed(segment, 100.0)
    assert slowed(segment, 100.0) is first
    assert slowed(segment, 50.0).slower.sfreq == 50.0
    np.testing.assert_array_equal(first.slower.data, at_rate(segment, 100.0).data)


def test_signal_that_may_change_is_slowed_anew():
    segment = _segment()
    before = slowed(segment, 100.0)
    segment.data[1, 1000:1010] = np.nan
    after = slowed(segment, 100.0)
    assert after.missing.sum() == 10
    assert before.missing.sum() == 0
    assert np.isfinite(after.slower.data).all()
    assert np.isnan(segment.data).sum() == 10
    segment.data[0] = 0.0  # nothing was frozen on the way


def test_frozen_signal_cannot_be_changed_nor_what_was_made_of_it():
    segment = frozen(_segment())
    slower = slowed(segment, 100.0).slower
    for data in (segment.data, slower.data):
        with pytest.raises(ValueError, match="read-only"):
            data[0, 0] = 1.0


@pytest.mark.parametrize("rate", [100.0, 200.0, 500.0])
def test_what_was_made_is_forgotten_with_its_segment(rate):
    gc.collect()
    before = len(_MADE)
    segment = frozen(_segment())
    contexts(slowed(segment, rate).slower, segment.channels)
    assert len(_MADE) > before
    del segment
    gc.collect()
    assert len(_MADE) == before


def test_contexts_are_measured_for_the_channels_asked_for_and_kept():
    segment = frozen(_segment())
    assert set(contexts(segment, ["O1"])) == {"O1"}
    both = contexts(segment, ["C3", "O1"])
    assert set(both) == {"C3", "O1"}
    expected = slow_over_fast(segment.data[[0]], segment.sfreq)[0]
    np.testing.assert_allclose(contexts(segment, ["C3"])["C3"], expected)
    assert contexts(_segment(), []) == {}


def test_an_error_is_not_remembered():
    segment = frozen(_segment())

    def fail() -> int:
        raise ValueError("not now")

    with pytest.raises(ValueError, match="not now"):
        once(segment, "x", fail)
    assert once(segment, "x", lambda: 3) == 3


@pytest.mark.parametrize("length", [1, 2, 3, 10, 101, 1000])
def test_the_quick_median_is_that_of_numpy(length):
    data = np.random.default_rng(length).normal(0, 1, (4, 2, length))
    np.testing.assert_array_equal(middle(data), np.median(data, axis=-1))
    np.testing.assert_array_equal(middle(np.round(data)), np.median(np.round(data), axis=-1))


def test_a_robust_deviation_leaves_out_what_is_missing_and_is_nan_where_all_is():
    data = np.random.default_rng(3).normal(0, 5, (3, 999))
    whole = robust_sd(data)
    assert whole == pytest.approx([5, 5, 5], rel=0.15)
    data[1, ::7] = np.nan
    assert robust_sd(data)[1] == pytest.approx(whole[1], rel=0.1)
    assert robust_sd(data)[0] == whole[0]
    assert np.isnan(middle(np.zeros((2, 0)))).all()
