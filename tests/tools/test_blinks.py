"""Blinks: known truth in several montages, and the frontal waves that are none."""

from dataclasses import replace

import numpy as np
import pytest

from models import topography, waveforms
from models.simulate import simulate
from tools.blinks import find_blinks
from tools.detect import detect
from tools.events import match
from tools.io import open_recording
from tools.labels import TEN_TWENTY
from tools.montage import apply_montage
from tools.types import Segment


@pytest.mark.parametrize("montage", ["as_recorded", "average", "longitudinal"])
@pytest.mark.parametrize("sfreq", [100.0, 200.0, 250.0])
def test_simulated_blinks_are_found_in_every_montage_and_at_every_rate(montage, sfreq):
    segment, truth = simulate(("alpha", "blinks"), duration=300, sfreq=sfreq, seed=5)
    result = match(truth[1:], find_blinks(apply_montage(segment, montage)).events)
    assert result.precision is not None
    assert result.recall is not None
    assert result.precision >= 0.97
    assert result.recall >= 0.85


def test_the_amplitude_is_the_height_of_the_wave():
    segment, truth = simulate(("blinks",), duration=120, seed=6)
    found = find_blinks(replace(segment, data=segment.data - segment.data.mean(axis=0))).events
    result = match([e for e in truth if e.label == "eyem"], found)
    heights = [found[f].amplitude.value_uv / truth[t].amplitude.value_uv for t, f in result.pairs]
    assert np.median(heights) == pytest.approx(1, abs=0.2)


def test_signal_upside_down_has_no_blinks():
    segment = simulate(("blinks",), duration=120, seed=7).segment
    assert find_blinks(replace(segment, data=-segment.data)).events == ()


def frontal(wave, weights):
    """Background with a wave of this field at every second (or wherever it is not zero)."""
    segment = simulate((), duration=40, seed=8).segment
    return replace(segment, data=segment.data + np.outer(weights, np.resize(wave, segment.data.shape[1])))


def test_frontal_rhythmic_delta_is_not_called_blinks():
    t = np.arange(8000) / 200
    weights = -topography.field("slow wave", TEN_TWENTY)
    assert find_blinks(frontal(90 * np.sin(2 * np.pi * 2 * t), weights)).events == ()


def test_even_a_rhythm_with_the_field_of_the_eyes_is_not_called_blinks():
    t = np.arange(8000) / 200
    weights = topography.field("blink", TEN_TWENTY)
    assert find_blinks(frontal(90 * np.sin(2 * np.pi * 2 * t), weights)).events == ()


def test_waves_that_come_faster_than_lids_can_close_for_long_are_not_called_blinks():
    rng = np.random.default_rng(9)
    wave, at = np.zeros(8000), 100
    while at < 7800:
        shape = 150 * waveforms.blink(200.0)
        wave[at : at + len(shape)] += shape[: 8000 - at]
        at += round(200 * rng.uniform(0.65, 0.95))
    assert find_blinks(frontal(wave, topography.field("blink", TEN_TWENTY))).events == ()


def test_waves_on_one_side_only_are_not_called_blinks():
    wave = np.zeros(8000)
    wave[1000:1090] += 150 * waveforms.blink(200.0)[:90]
    weights = np.array([1.0 if name == "Fp1" else 0.0 for name in TEN_TWENTY])
    assert find_blinks(frontal(wave, weights)).events == ()


def test_background_and_alpha_alone_have_no_blinks():
    assert find_blinks(simulate(("alpha",), duration=120, seed=10).segment).events == ()


def test_a_vertical_eog_is_used_where_there_is_no_frontopolar_electrode():
    blinks, truth = simulate(("blinks",), duration=60, seed=11, extra_channels=True)
    eog = Segment(blinks.data[19:20], ("EOG V",), 200.0, kinds=("eog",))
    result = match([e for e in truth if e.label == "eyem"], find_blinks(eog).events)
    assert result.recall is not None
    assert result.recall >= 0.85


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (Segment(np.zeros((2, 2000)), ("C3", "C4"), 100.0), "no frontopolar"),
        (Segment(np.zeros((1, 2000)), ("E1-M2",), 100.0, kinds=("eog",)), "no vertical EOG"),
        (Segment(np.zeros((2, 100)), ("Fp1", "Fp2"), 100.0), "2 s"),
        (Segment(np.zeros((2, 100)), ("Fp1", "Fp2"), 20.0), "32 Hz"),
    ],
)
def test_what_cannot_be_searched_is_said(segment, reason):
    detection = find_blinks(segment)
    assert detection.analysed.labels == ()
    assert reason in detection.not_analysed[0].reason


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_flat_or_missing_signal_has_no_blinks(value):
    assert find_blinks(Segment(np.full((2, 2000), value), ("Fp1", "Fp2"), 100.0)).events == ()


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "fewest", "most"),
    [
        ("eegmmidb/S001R01.edf", 7, 14),  # eyes open
        ("eegmmidb/S001R02.edf", 0, 4),  # the same person with closed eyes
        ("eegmmidb/S002R01.edf", 10, 25),
        ("eegmat/Subject00_1.edf", 0, 1),
        ("iiic_sparcnet/GRDA_sample1.edf", 0, 1),
        ("iiic_sparcnet/GPD_sample3.edf", 0, 1),
        ("iiic_sparcnet/GPD_sample1.edf", 0, 5),
    ],
)
def test_blinks_per_recording_stay_where_a_reader_sees_them(real_data, name, fewest, most):
    with open_recording(real_data / name) as recording:
        found = detect(recording, labels=["eyem"]).events
    assert fewest <= len(found) <= most
