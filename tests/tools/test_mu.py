"""Runs of mu at C3 and C4, and what resembles them."""

import numpy as np
import pytest

from models.simulate import make
from tools.events import match
from tools.filters import apply_filters
from tools.labels import TEN_TWENTY
from tools.mu import find_mu
from tools.types import Filters, Segment

LEFT = {"C3": 1.0, "P3": 0.35, "F3": 0.35, "T3": 0.3, "Cz": 0.4}


def eeg(sfreq=200.0, seconds=15.0, frequency=9.5, size=14.0, where=LEFT, bursts=((4.0, 5.6), (9.0, 10.2))):
    rng = np.random.default_rng(2)
    length = round(seconds * sfreq)
    freqs = np.fft.rfftfreq(length, 1 / sfreq)
    data = np.fft.irfft(np.fft.rfft(rng.normal(size=(19, length))) / np.sqrt(np.maximum(freqs, 0.5)), length)
    data *= 5 / data.std(axis=1, keepdims=True)
    time = np.arange(length) / sfreq
    inside = np.any([(time >= a) & (time < b) for a, b in bursts], axis=0)
    for name, share in where.items():
        data[TEN_TWENTY.index(name)] += share * size * np.sin(2 * np.pi * frequency * time) * inside
    return Segment(data, TEN_TWENTY, sfreq, onset=30.0, filters=Filters(low_cut_hz=0.3))


@pytest.mark.parametrize("sfreq", [128.0, 200.0, 500.0])
def test_runs_are_found_in_time_at_their_place_and_frequency(sfreq):
    first, second = find_mu(eeg(sfreq)).events
    for event, (start, stop) in zip((first, second), ((34.0, 35.6), (39.0, 40.2)), strict=True):
        assert event.onset == pytest.approx(start, abs=0.25)
        assert event.onset + event.duration == pytest.approx(stop, abs=0.25)
        assert event.channels == ("C3",)
        assert event.frequency_hz == pytest.approx(9.5, abs=0.3)
        assert event.amplitude.kind == "pp"


def test_the_right_side_is_told_by_its_own_electrode():
    right = {"C4": 1.0, "P4": 0.35, "F4": 0.35, "T4": 0.3, "Cz": 0.4}
    assert {event.channels for event in find_mu(eeg(where=right)).events} == {("C4",)}


@pytest.mark.parametrize(
    "where",
    [
        {"O1": 1.0, "O2": 1.0, "P3": 0.7, "P4": 0.7, "Pz": 0.7, "C3": 0.4, "C4": 0.4, "Cz": 0.4},
        {"Cz": 1.0, "Pz": 0.8, "C3": 0.7, "C4": 0.7, "Fz": 0.7, "P3": 0.6, "P4": 0.6},
    ],
    ids=["alpha", "midline, as spindles are"],
)
def test_a_rhythm_that_is_larger_elsewhere_is_no_mu(where):
    assert find_mu(eeg(where=where, size=25.0)).events == ()


@pytest.mark.parametrize("frequency", [5.0, 18.0])
def test_only_the_band_of_mu_counts(frequency):
    assert find_mu(eeg(frequency=frequency)).events == ()


def test_noise_alone_holds_no_run():
    assert len(find_mu(eeg(seconds=120.0, size=0.0)).events) <= 1


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (eeg().pick(["C3", "O1", "O2"]), "needs C3 or C4"),
        (eeg(seconds=1.0), "needs 2 s"),
        (Segment(np.zeros((19, 400)), TEN_TWENTY, 40.0), "sampling rate"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_words(segment, reason):
    outcome = find_mu(segment)
    assert outcome.events == ()
    assert reason in outcome.not_analysed[0].reason


def test_simulated_mu_is_found_on_each_side():
    made = make(("mu",), duration=30, sfreq=200, seed=503, montage="average")
    events = find_mu(apply_filters(made.segment, Filters(low_cut_hz=0.3))).events
    for channel in ("C3", "C4"):
        planted = [p.event for p in made.truth.planted if p.peak_channel == channel]
        found = [event for event in events if event.channels == (channel,)]
        result = match(planted, found, 0.5)
        assert planted
        assert result.f1 is not None
        assert result.f1 >= 0.8
