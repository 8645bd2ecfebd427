"""Single slow waves on long signals, and whether they make a rhythm."""

import numpy as np
import pytest

from models import waveforms
from tools.spans import Span
from tools.wave_shapes import YASA, rhythmicity, wave_times

ONSETS = (20.0, 41.3, 70.7)


def night(pp=150.0, half=0.5, sfreq=100.0, sign=-1):
    data = 3 * waveforms.pink(2, round(100 * sfreq), sfreq, 2.2, np.random.default_rng(0))
    t = np.arange(round(2 * half * sfreq)) / sfreq
    for onset in ONSETS:
        start = round(onset * sfreq)
        data[0, start : start + len(t)] += sign * pp / 2 * np.sin(np.pi * t / half)
    return data


@pytest.mark.parametrize("sfreq", [50.0, 100.0, 200.0])
def test_waves_are_found_in_their_channel_with_their_limits_at_every_rate(sfreq):
    first, second = wave_times(night(sfreq=sfreq), sfreq)
    assert first[:, 0] == pytest.approx(np.array(ONSETS), abs=0.15)
    assert np.diff(first, axis=1) == pytest.approx(np.ones((3, 1)), abs=0.35)
    assert second.shape == (0, 2)


@pytest.mark.parametrize(("pp", "half"), [(60, 0.5), (150, 0.12), (600, 0.5)])
def test_limits_of_size_and_duration_hold(pp, half):
    assert len(wave_times(night(pp, half), 100.0)[0]) == 0


def test_settings_are_those_of_the_published_detector():
    assert (YASA.low, YASA.high, YASA.pp_uv) == (0.3, 1.5, (75.0, 350.0))


@pytest.mark.parametrize("frequency", [0.8, 1.5, 2.5])
def test_a_rhythm_repeats_and_a_lone_wave_does_not(frequency):
    t = np.arange(1000) / 100
    assert rhythmicity(np.sin(2 * np.pi * frequency * t), Span(0, 500, 560, 1.0), 100.0) > 0.9
    lone = np.exp(-(((t - 5) / 0.2) ** 2)) - 0.5 * np.exp(-(((t - 5.5) / 0.25) ** 2))
    assert rhythmicity(lone, Span(0, 480, 570, 1.0), 100.0) < 0.3
