"""Sawtooth waves: trains with slanted waves over the vertex."""

from dataclasses import replace

import numpy as np
import pytest

from models import transients
from models.simulate import simulate
from tools.midline_fields import weights_of
from tools.sawtooth import find_sawtooth_waves
from tools.types import Filters, Segment


def dreaming(wave, onsets=(15.0, 40.0), centre=("Cz", "Fz"), reach=56.0, peak=35.0):
    made = simulate((), duration=60, seed=4, state="rem").segment
    data = made.data - made.data.mean(axis=0)
    data *= 6 / data.std()
    weights = weights_of(made.channels, centre, reach, True)
    for onset in onsets:
        start = round(onset * made.sfreq)
        data[:, start : start + len(wave)] -= peak * np.outer(weights, wave)
    return replace(made, data=data, reference="average")


def train(frequency=2.8, cycles=6):
    return transients.sawtooth(200.0, frequency, cycles)


@pytest.mark.parametrize("frequency", [2.4, 3.0])
def test_trains_are_found_with_place_and_frequency(frequency):
    found = find_sawtooth_waves(dreaming(train(frequency))).events
    assert [e.onset for e in found] == pytest.approx([15.0, 40.0], abs=0.6)
    for event in found:
        assert event.frequency_hz == pytest.approx(frequency, abs=0.4)
        assert event.channels[0] in {"Cz", "Fz"}


def test_a_sine_of_that_frequency_is_no_sawtooth():
    t = np.arange(400) / 200
    assert find_sawtooth_waves(dreaming(np.sin(2 * np.pi * 2.8 * t))).events == ()


def test_a_temporal_train_is_none():
    assert find_sawtooth_waves(dreaming(train(), centre=("T3",), reach=44.0)).events == ()


def test_background_alone_gives_nothing():
    assert find_sawtooth_waves(dreaming(train(), onsets=())).events == ()


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_flat_or_missing_signal_gives_nothing(value):
    assert find_sawtooth_waves(Segment(np.full((2, 3000), value), ("C3", "Cz"), 100.0)).events == ()


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (Segment(np.zeros((1, 200)), ("Cz",), 100.0), "5 s"),
        (Segment(np.zeros((1, 3000)), ("Cz",), 100.0, filters=Filters(low_cut_hz=1.6)), "1.6 Hz"),
        (Segment(np.zeros((1, 3000)), ("Cz",), 30.0), "40 Hz"),
        (Segment(np.zeros((1, 3000)), ("O1-M2",), 100.0), "near the vertex"),
    ],
)
def test_what_cannot_be_searched_is_said(segment, reason):
    detection = find_sawtooth_waves(segment)
    assert detection.analysed.labels == ()
    assert reason in detection.not_analysed[0].reason
