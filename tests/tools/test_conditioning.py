"""What detectors do to a signal first."""

from dataclasses import replace

import numpy as np
import pytest

from tools.conditioning import (
    at_rate,
    band,
    joined_runs,
    mend,
    moving_rms,
    near_the_eyes,
    robust_sd,
    slow_over_fast,
)
from tools.spans import Span, group, half_shared
from tools.types import Segment


def sine(frequency, sfreq=200.0, seconds=20.0, size=10.0):
    return size * np.sin(2 * np.pi * frequency * np.arange(round(seconds * sfreq)) / sfreq)[None]


def test_gaps_are_bridged_with_straight_lines_and_remembered():
    data = np.array([[0.0, np.nan, np.nan, 3.0, 4.0], [np.nan] * 5])
    mended, missing = mend(data)
    assert mended.tolist() == [[0, 1, 2, 3, 4], [0, 0, 0, 0, 0]]
    assert missing.sum() == 7
    assert np.isnan(data[0, 1])


@pytest.mark.parametrize("sfreq", [128.0, 160.0, 250.0, 256.0, 500.0])
def test_a_sine_keeps_its_size_and_place_at_a_lower_rate(sfreq):
    segment = Segment(sine(7, sfreq), ("C3",), sfreq)
    slower = at_rate(segment, 100.0)
    assert slower.sfreq == pytest.approx(100)
    middle = slice(200, 1800)
    assert slower.data[0, middle] == pytest.approx(sine(7, 100.0)[0, middle], abs=0.1)


def test_a_lower_rate_is_left_alone():
    segment = Segment(sine(7, 50.0), ("C3",), 50.0)
    assert at_rate(segment, 100.0) is segment


@pytest.mark.parametrize(("frequency", "share"), [(13, 1), (5, 0), (30, 0)])
def test_a_band_keeps_what_is_inside_in_place(frequency, share):
    kept = band(sine(frequency), 200.0, 11.0, 16.0)[0, 1000:3000]
    assert np.abs(kept - share * sine(frequency)[0, 1000:3000]).max() < 1


def test_a_band_above_the_nyquist_frequency_is_open_at_the_top():
    assert np.ptp(band(sine(20, 50.0), 50.0, 1.0, 30.0)[0, 200:800]) == pytest.approx(20, rel=0.05)


def test_moving_rms_and_robust_sd_of_known_signals():
    assert moving_rms(sine(10), 200.0, 1.0)[0, 2000] == pytest.approx(10 / np.sqrt(2), rel=0.01)
    noise = np.random.default_rng(0).normal(0, 3, (1, 100000))
    noise[0, ::50] = 1000  # outliers
    assert robust_sd(noise)[0] == pytest.approx(3, rel=0.05)


def test_slow_over_fast_is_the_log_of_a_ratio_of_powers():
    data = sine(3, size=10.0) + sine(22, size=1.0)
    assert slow_over_fast(data, 200.0)[0, 2000] == pytest.approx(2, abs=0.05)
    assert slow_over_fast(replace(Segment(data, ("C3",), 200.0), data=7 * data).data, 200.0)[
        0, 2000
    ] == pytest.approx(2, abs=0.05)


def test_runs_close_together_are_joined_before_short_ones_go():
    flags = np.array([1, 0, 1, 1, 0, 0, 0, 1], dtype=bool)
    assert joined_runs(flags, 1, 2) == [(0, 4)]


def test_groups_follow_the_largest_span_and_do_not_chain():
    spans = [Span(0, 0, 100, 5.0), Span(1, 60, 160, 9.0), Span(2, 130, 230, 4.0)]
    groups = group(spans, half_shared)
    assert [[s.row for s in members] for members in groups] == [[0], [1], [2]]
    wide = [Span(0, 0, 100, 5.0), Span(1, 20, 120, 9.0), Span(2, 60, 160, 4.0)]
    assert [[s.row for s in members] for members in group(wide, half_shared)] == [[1, 0, 2]]
    assert group([], half_shared) == []


@pytest.mark.parametrize(("channel", "near"), [("Fp1", True), ("Fp2-F8", True), ("AFz", True), ("F3", False)])
def test_which_channels_lie_near_the_eyes(channel, near):
    assert near_the_eyes(channel) is near
