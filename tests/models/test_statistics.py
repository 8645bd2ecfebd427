"""Simulated EEG has the statistics of real EEG, and the night those of healthy adults."""

import time

import numpy as np
import pytest

from models.hypnogram import draw_hypnogram, night_statistics
from models.realism import ACCEPT, CORRELATIONS, SIMULATED, WITHIN, measure, real, simulated, summary, table
from models.recipes import ALL
from models.segments import simulate_segment


def inside(value, name):
    low, high = ACCEPT[name]
    return low <= value <= high


@pytest.fixture(scope="module")
def figures():
    return {name: summary(simulated(*where, count=24))[0] for name, where in SIMULATED.items()}


@pytest.mark.parametrize("name", ["awake, eyes open", "awake, eyes closed", "spikes"])
def test_waking_has_its_slope_and_size(figures, name):
    assert inside(figures[name].slope, "slope awake")
    assert inside(figures[name].rms_uv, "rms awake")


@pytest.mark.parametrize("name", ["N2", "N3", "slowed"])
def test_sleep_and_slowing_have_their_slope_and_size(figures, name):
    assert inside(figures[name].slope, "slope asleep")
    assert inside(figures[name].rms_uv, "rms asleep or slowed")


def test_the_slope_grows_from_wakefulness_to_deep_sleep_with_rem_between(figures):
    awake, rem, light, deep = (figures[name].slope for name in ("awake, eyes open", "R", "N2", "N3"))
    assert deep < light < rem < awake


def test_channels_without_events_are_close_to_normal(figures):
    for name in ("awake, eyes open", "drowsy", "R", "slowed"):
        assert inside(figures[name].kurtosis, "kurtosis")
        assert abs(figures[name].kurtosis) < 1


def test_alpha_is_at_the_back_when_eyes_are_closed_and_has_no_gradient_when_open(figures):
    assert inside(figures["awake, eyes closed"].anterior_share, "anterior share, eyes closed")
    assert figures["awake, eyes open"].anterior_share > 0.4


@pytest.mark.parametrize("name", ["awake, eyes open", "drowsy", "R"])
def test_electrodes_correlate_by_angle_as_in_clinical_clips(figures, name):
    assert figures[name].correlations == pytest.approx(CORRELATIONS, abs=WITHIN)


def test_fast_activity_without_muscle_is_that_of_clean_recordings(figures):
    assert 0.10 <= figures["awake, eyes open"].fast_share <= 0.30


@pytest.mark.real_data
def test_real_recordings_lie_near_the_simulated_ones(real_data, figures):
    closed, count = summary(real(sorted(real_data.glob("eegmat/*_1.edf"))[:4], most=4))
    assert count >= 12
    assert closed.slope == pytest.approx(figures["awake, eyes closed"].slope, abs=0.5)
    assert closed.anterior_share == pytest.approx(figures["awake, eyes closed"].anterior_share, abs=0.12)
    assert 0.4 <= closed.rms_uv / figures["awake, eyes closed"].rms_uv <= 2.5
    assert closed.correlations == pytest.approx(figures["awake, eyes open"].correlations, abs=0.25)


def test_measuring_does_not_depend_on_the_order_of_channels():
    segment = next(iter(simulated("normal", "eyes_open", count=1)))
    backwards = segment.pick(segment.channels[::-1])
    for one, other in zip(measure(backwards), measure(segment), strict=True):
        assert one == pytest.approx(other, rel=1e-6)


def test_the_table_has_a_row_for_every_state():
    text = table(None)
    assert all(f"simulated {name} |" in text for name in SIMULATED)


def test_three_hundred_nights_have_the_figures_of_healthy_adults():
    nights = [night_statistics(draw_hypnogram(np.random.default_rng(seed))) for seed in range(300)]
    share = {stage: np.mean([night.shares[stage] for night in nights]) for stage in ("N1", "N2", "N3", "R")}
    assert share["N1"] == pytest.approx(0.062, abs=0.012)
    assert share["N2"] == pytest.approx(0.529, abs=0.02)
    assert share["N3"] == pytest.approx(0.200, abs=0.015)
    assert share["R"] == pytest.approx(0.209, abs=0.015)
    mean = {name: np.mean([getattr(night, name) for night in nights]) for name in nights[0]._fields[1:]}
    assert mean["total_sleep_min"] == pytest.approx(445, abs=12)
    assert mean["efficiency"] == pytest.approx(0.92, abs=0.02)
    assert mean["rem_latency_min"] == pytest.approx(94, abs=6)
    assert mean["changes"] == pytest.approx(70, abs=8)
    assert mean["deep_in_first_third"] == pytest.approx(2.1, abs=0.2)
    assert mean["rem_in_last_third"] == pytest.approx(1.7, abs=0.2)


def test_a_segment_of_ten_seconds_takes_at_most_thirty_milliseconds():
    """Processor time of the median segment over all categories; a busy machine does not change it much."""
    simulate_segment("normal", 1)
    spent = []
    for category in ALL:
        for seed in (31, 32):
            started = time.process_time()
            simulate_segment(category, seed)
            spent.append(time.process_time() - started)
    assert np.median(spent) <= 0.030
