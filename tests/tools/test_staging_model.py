"""The staging model says what YASA says, on any channels and rates, and refuses what it cannot stage."""

import csv
import json

import numpy as np
import pytest

from tests.tools.staging_reference import AGE, FILE, MALE, channels
from tools import staging_model
from tools.io import open_recording
from tools.staging_model import STAGES, stage_night
from tools.types import ToolError

ANSWERS = json.loads(FILE.read_text(encoding="utf-8"))


def staged(model, sfreq, **changed):
    given = channels(sfreq) | changed
    parts = model.split("+")
    return stage_night(
        given["eeg"],
        sfreq,
        given["eog"] if "eog" in parts else None,
        given["emg"] if "emg" in parts else None,
        age=AGE if "demo" in parts else None,
        male=MALE if "demo" in parts else None,
    )


@pytest.fixture(scope="module")
def compared():
    """Our night and YASA's stages and probabilities, for every stored case."""
    return [
        (answer, staged(answer["model"], answer["sfreq"]), np.array(answer["probabilities"]))
        for answer in ANSWERS
    ]


def test_stages_are_yasas_for_all_models_and_rates(compared):
    assert {answer["model"] for answer, *_ in compared} == set(staging_model.SHA256)
    equal = [
        mine == theirs
        for answer, night, _ in compared
        for mine, theirs in zip(night.stages, answer["stages"].split(), strict=True)
    ]
    assert np.mean(equal) >= 0.995
    assert {stage for _, night, _ in compared for stage in night.stages} == set(STAGES)


def test_probabilities_are_yasas(compared):
    for answer, night, theirs in compared:
        off = np.abs(night.probabilities - theirs).max(axis=1)
        # another rate differs by rounding near 50 Hz, which now and then tips one tree
        limits = (2e-7, 2e-7) if answer["sfreq"] == 100 else (1e-4, 0.2)
        assert np.median(off) < limits[0], answer["model"]
        assert off.max() < limits[1], answer["model"]


def test_the_method_names_the_model_and_its_channels(compared):
    for answer, night, _ in compared:
        assert night.method == f"YASA 0.8.1 {answer['model']}"
        assert night.blind == ()
        assert np.allclose(night.probabilities.sum(axis=1), 1)


def test_one_of_age_and_sex_alone_is_left_out():
    eeg = channels(100.0)["eeg"][:36000]
    assert stage_night(eeg, 100.0, age=43).method == stage_night(eeg, 100.0, male=True).method
    assert stage_night(eeg, 100.0, age=43).method == "YASA 0.8.1 eeg"


def test_an_offset_and_the_polarity_change_no_stage():
    there = channels(100.0)
    plain = staged("eeg+eog+emg", 100.0)
    moved = staged("eeg+eog+emg", 100.0, eeg=there["eeg"] + 500, emg=there["emg"] - 90)
    assert np.allclose(moved.probabilities, plain.probabilities, atol=0.02)
    turned = staged("eeg+eog+emg", 100.0, eeg=-there["eeg"], eog=-there["eog"])
    assert np.mean([a == b for a, b in zip(turned.stages, plain.stages, strict=True)]) >= 0.85


def test_scale_matters():
    there = channels(100.0)
    assert staged("eeg", 100.0, eeg=there["eeg"] / 10).stages != staged("eeg", 100.0).stages


def test_what_was_asked_before_changes_nothing():
    first = staged("eeg", 200.0)
    staged("eeg+eog", 256.0)
    assert np.array_equal(staged("eeg", 200.0).probabilities, first.probabilities)


@pytest.mark.parametrize("sfreq", [80.0, 99.5, 173.61, 512.0, 5000.0])
def test_any_rate_from_80_hz_gives_one_stage_per_whole_epoch(sfreq):
    eeg = channels(100.0)["eeg"][: 33000 + 700]
    at = np.arange(round(337 * sfreq)) / sfreq
    night = stage_night(np.interp(at, np.arange(len(eeg)) / 100, eeg), sfreq)
    assert len(night.stages) == len(night.probabilities) == 11
    assert np.isfinite(night.probabilities).all()


def test_a_gap_is_bridged_and_its_epochs_are_named():
    eeg = channels(100.0)["eeg"]
    eeg[30000:36500] = np.nan  # epochs 10 and 11, and a sixth of 12
    night = stage_night(eeg, 100.0)
    assert night.blind == (10, 11)
    whole = staged("eeg", 100.0)
    assert np.mean([a == b for a, b in zip(night.stages, whole.stages, strict=True)]) > 0.6


def test_epochs_of_a_fallen_electrode_are_named():
    there = channels(100.0)
    there["emg"][60000:72100] = 7.0
    night = staged("eeg+eog+emg", 100.0, emg=there["emg"])
    assert set(range(21, 23)) <= set(night.blind) <= set(range(20, 25))
    assert np.isfinite(night.probabilities).all()


REFUSALS = {
    "too short": ({"eeg": np.ones(29000)}, 100.0, "5 minutes"),
    "too slow": ({}, 50.0, "80 samples a second"),
    "no rate": ({}, float("nan"), "80 samples a second"),
    "flat": ({"eeg": np.full(60000, 3.0)}, 100.0, "no signal in microvolts"),
    "in volts": ({"eeg": 1e-6 * channels(100.0)["eeg"]}, 100.0, "no signal in microvolts"),
    "nothing but gaps": ({"eeg": np.full(60000, np.nan)}, 100.0, "no signal"),
    "two channels": ({"eeg": np.ones((2, 60000))}, 100.0, "one channel"),
    "flat chin": ({"emg": np.zeros(120007)}, 100.0, "EMG channel holds no signal"),
    "another length": ({"eog": np.ones(7)}, 100.0, "as long as the EEG"),
    "impossible age": ({"age": 400}, 100.0, "between 0 and 120"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refused_in_words_that_say_what_would_work(case):
    changed, sfreq, words = REFUSALS[case]
    given = {"eeg": channels(100.0)["eeg"]} | changed | {"male": True}
    with pytest.raises(ToolError, match=words):
        stage_night(given.pop("eeg"), sfreq, **given)


@pytest.mark.real_data
def test_experts_agree_on_most_of_a_dreams_excerpt(real_data):
    folder = real_data / "dreams_spindles"
    with open_recording(folder / "excerpt1.edf") as recording:
        segment = recording.read(0, recording.info.duration)
    night = stage_night(segment.data[0], segment.sfreq)
    with (folder / "excerpt1_hypnogram_30s.tsv").open() as file:
        scored = [row["stage"] for row in csv.DictReader(file, delimiter="\t")]
    assert np.mean([a == b for a, b in zip(night.stages, scored, strict=False)]) >= 0.6
