"""The scoring of a background against its truth."""

import numpy as np
import pytest

from evals.background_truth import Measured, background_truth, noise_near, score
from models import waveforms
from models.segments import simulate_segment
from models.truth import BackgroundTruth
from tools.background import Background
from tools.rhythm import PosteriorRhythm


def measured(category: str, seed: int, **found) -> Measured:
    return Measured(simulate_segment(category, seed).truth, Background(bands_hz={}, **found))


def rhythm(frequency: float) -> PosteriorRhythm:
    return PosteriorRhythm(frequency_hz=frequency, amplitude_uv=40, channels=("O1", "O2"), prominence_db=10)


def test_the_noise_near_a_frequency_is_that_of_the_generator():
    background = BackgroundTruth(state="wake", exponent=1.4, rms_uv=9.0)
    made = waveforms.pink(40, 40_000, 200.0, 1.4, np.random.default_rng(0))
    power = np.abs(np.fft.rfft(made)) ** 2
    freqs = np.fft.rfftfreq(40_000, 1 / 200)

    def between(low: float, high: float) -> float:
        return float(power[:, (freqs >= low) & (freqs < high)].sum())

    share = (between(9, 11) / between(0.5, 70)) ** 0.5
    assert noise_near(background, 10.0) == pytest.approx(9.0 * share, rel=0.03)


@pytest.mark.parametrize(("off", "found", "right"), [(0.4, 1, 1), (0.7, 1, 0), (None, 0, 0)])
def test_a_posterior_rhythm_has_to_be_found_within_half_a_hertz(off, found, right):
    seed = next(s for s in range(20) if simulate_segment("spatial_asymmetry", s).truth.background.posterior)
    true = simulate_segment("spatial_asymmetry", seed).truth.background.posterior[0].frequency_hz
    said = None if off is None else rhythm(true + off)
    row = score([measured("spatial_asymmetry", seed, posterior_rhythm=said)])["posterior rhythm"]["all"]
    assert (row["segments"], row["found"], row["within 0.5 Hz"]) == (1, found, right)


def test_a_posterior_rhythm_where_none_was_drawn_is_false():
    table = score([measured("deep_sleep_delta", 1, posterior_rhythm=rhythm(10.0))])["false posterior rhythm"]
    assert (table["segments"], table["called"]) == (1, 1)
    assert table["by category"] == {"deep_sleep_delta": 1}


def test_a_silent_record_misses_what_was_drawn():
    table = score([measured("fast_activity", 3), measured("low_voltage", 3)])
    assert (table["fast activity"]["missed"], table["fast activity"]["false"]) == (1, 0)
    assert (table["low voltage"]["missed"], table["low voltage"]["false"]) == (1, 0)


@pytest.mark.slow
def test_the_posterior_rhythm_of_tuning_segments_is_found_and_fast_activity_with_it():
    table = background_truth(
        "tuning", per_category=3, categories=("alpha_rhythm", "fast_activity", "spindles")
    )
    assert table["posterior rhythm"]["met"]
    assert table["false posterior rhythm"]["called"] == 0
    assert table["fast activity"]["f1"] == 1.0
