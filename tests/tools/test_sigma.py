"""The three criteria of the spindle band on their grid."""

import numpy as np
import pytest

from models import waveforms
from tools.sigma import GRID, YASA, bursts, measure


def channels(sfreq=100.0, seconds=120.0, count=2):
    rng = np.random.default_rng(0)
    data = 25 * waveforms.pink(count, round(seconds * sfreq), sfreq, 2.2, rng)
    wave = 30 * waveforms.spindle(sfreq, 13.5, 1.2, chirp=0)
    for onset in (20.0, 60.0, 90.0):
        start = round(onset * sfreq)
        data[0, start : start + len(wave)] += wave
    return data


@pytest.mark.parametrize("sfreq", [50.0, 64.0, 100.0, 128.0])
def test_bursts_are_found_in_their_channel_at_every_rate(sfreq):
    first, second = bursts(measure(channels(sfreq), sfreq))
    assert [round((a + b) / 2 * GRID, 1) for a, b in first] == pytest.approx([20.6, 60.6, 90.6], abs=0.15)
    assert second == []


def test_channels_do_not_influence_each_other():
    data = channels()
    assert bursts(measure(data[:1], 100.0))[0] == bursts(measure(np.vstack([data, data[::-1]]), 100.0))[3]


def test_the_grid_covers_the_signal_and_scale_matters_only_for_the_cap():
    found = measure(channels(), 100.0)
    assert found.rms.shape == found.passed.shape == (2, 12_000)
    assert int(found.passed.max()) <= 3
    small = bursts(measure(0.2 * channels(), 100.0))
    assert len(small[0]) >= 3


def test_settings_are_those_of_the_published_detector():
    assert (YASA.low, YASA.high, YASA.relative_power, YASA.correlation, YASA.rms_sd) == (
        12,
        15,
        0.2,
        0.65,
        1.5,
    )
