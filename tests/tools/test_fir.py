"""Filters for long signals: what passes, what does not, and that the ends do not matter."""

import numpy as np
import pytest

from tools.fir import Band, fir_bands, kernel


def sine(frequency, sfreq=100.0, seconds=60):
    return np.sin(2 * np.pi * frequency * np.arange(round(seconds * sfreq)) / sfreq)[None]


@pytest.mark.parametrize(
    ("frequency", "left"), [(13.5, 1.0), (12.0, 1.0), (11.25, 0.5), (15.75, 0.5), (9.0, 0.0), (18.0, 0.0)]
)
@pytest.mark.parametrize("sfreq", [50.0, 100.0, 128.0])
def test_a_band_passes_what_its_edges_say(frequency, left, sfreq):
    (found,) = fir_bands(sine(frequency, sfreq), sfreq, [Band(12, 15, 1.5, 1.5)])
    middle = found[0, round(10 * sfreq) : round(50 * sfreq)]
    assert np.abs(middle).max() == pytest.approx(left, abs=0.02)


def test_blocks_give_what_one_convolution_gives():
    data = np.cumsum(np.random.default_rng(0).normal(size=(3, 40_000)), axis=1)
    wanted = [Band(1, 30, 1, 7.5), Band(12, 15, 1.5, 1.5)]
    for found, band in zip(fir_bands(data, 100.0, wanted), wanted, strict=True):
        whole = np.stack([np.convolve(row, kernel(band, 100.0), mode="same") for row in data])
        scale = np.abs(whole).max()
        assert np.abs(found - whole)[:, 400:-400].max() <= 1e-4 * scale


def test_an_edge_above_half_the_sampling_rate_is_left_open():
    (found,) = fir_bands(sine(20.0, 50.0), 50.0, [Band(1, 30, 1, 7.5)])
    assert np.abs(found - sine(20.0, 50.0))[0, 500:-500].max() <= 0.02


@pytest.mark.parametrize("samples", [1, 2, 50, 401])
def test_short_signals_keep_their_length_and_stay_finite(samples):
    (found,) = fir_bands(np.ones((2, samples)), 100.0, [Band(0.3, 1.5, 0.2, 0.2)])
    assert found.shape == (2, samples)
    assert np.isfinite(found).all()
