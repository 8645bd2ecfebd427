"""The comparison with YASA: how agreement is judged, and that its absence is said."""

import importlib.util

import numpy as np
import pytest

from evals.bench_sleep import agreement, reason_to_skip, slow_wave_times, spindle_times
from models import waveforms


def test_agreement_is_told_and_disagreement_raises():
    times = [np.array([[1.0, 2.0], [5.0, 6.0]]), np.zeros((0, 2))]
    assert "F1 1.0000 over 2 events" in agreement(times, times)
    with pytest.raises(AssertionError, match="differ"):
        agreement(times, [times[0][:1], times[1]])


def test_the_absence_of_yasa_is_a_reason(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "YASA is not installed" in (reason_to_skip() or "")


def test_our_side_gives_times_of_each_channel():
    data = 25 * waveforms.pink(2, 12_000, 100.0, 2.2, np.random.default_rng(0))
    data[0, 3000:3120] += 30 * waveforms.spindle(100.0, 13.5, 1.2, chirp=0)
    spindles = spindle_times(data)
    assert len(spindles) == len(slow_wave_times(data)) == 2
    assert any(29.5 < start < 31 for start, _ in spindles[0])
