"""Staging from the file to the stage: which method, what is said of it, and floors on real recordings."""

import csv

import numpy as np
import pytest

from models.night import write_night
from tests.tools.conftest import Edf
from tools import detect as detect_module
from tools.hypnogram import read_hypnogram
from tools.hypnogram_agreement import agreement
from tools.hypnogram_picture import multitaper_spectrogram, write_hypnogram_picture
from tools.io import open_recording
from tools.labels import STAGES
from tools.staging import RULES, stage_recording
from tools.staging_model import stage_night
from tools.types import ToolError

SHORT = ("W",) * 3 + ("N1",) * 2 + ("N2",) * 4 + ("N3",) * 4
NIGHT_SEED = 300_011


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """A simulated stretch of 20 minutes with its stages."""
    path = tmp_path_factory.mktemp("night") / "night.edf"
    stages = SHORT + ("N2",) * 5 + ("R",) * 10 + ("W",) * 12
    write_night(path, NIGHT_SEED, hours=None, sfreq=100, stages=stages)
    return path, stages


@pytest.fixture(scope="module")
def staged(night):
    with open_recording(night[0]) as recording:
        return stage_recording(recording)


def write(path, labels, rate, seconds, **more):
    rng = np.random.default_rng(0)
    digital = [np.cumsum(rng.normal(0, 8, rate * seconds)) for _ in labels]
    digital = [np.round(x - np.convolve(x, np.ones(rate) / rate, "same")).astype(int) for x in digital]
    path.write_bytes(Edf(labels=labels, sfreq=rate, seconds=seconds, digital=digital, **more).bytes())
    return path


def stages_of(path, **options):
    with open_recording(path) as recording:
        return stage_recording(recording, **options)


# --- which method -------------------------------------------------------------------------------------------


def test_the_model_alone_is_what_the_model_says_explained_by_the_rules(night):
    with open_recording(night[0]) as recording:
        data = recording.read(0, 1e5, ["C4-M1", "E1-M2", "Chin"], kinds=("eeg", "eog", "emg")).data
        made = stage_recording(recording, method="model")
    assert made.method == f"YASA 0.8.1 eeg+eog+emg, explained by {RULES}"
    assert made.stages == stage_night(data[0], 100.0, data[1], data[2]).stages
    assert all(epoch.model_stage == epoch.stage for epoch in made.epochs)


def test_a_night_is_staged_by_the_model_and_corrected_by_the_rules(staged, night):
    assert staged.method == f"YASA 0.8.1 eeg+eog+emg, corrected and explained by {RULES}"
    assert 0 < staged.agreement <= 1
    model = tuple(epoch.model_stage for epoch in staged.epochs)
    expert = dict(enumerate(night[1]))
    right, before = (sum(expert[n] == stage for n, stage in enumerate(s)) for s in (staged.stages, model))
    assert right >= before
    assert agreement(night[1], staged.stages).kappa >= 0.85


def test_every_epoch_says_what_speaks_for_it_and_what_the_rules_come_to(staged):
    for epoch in staged.epochs:
        assert sum(epoch.probabilities.values()) == pytest.approx(1, abs=1e-3)
        assert epoch.confidence == max(epoch.probabilities.values()) == epoch.probabilities[epoch.stage]
        assert epoch.competing != epoch.stage
        assert epoch.rules_stage in STAGES
        assert (epoch.disagreement is None) == (epoch.rules_stage == epoch.stage)
        assert epoch.measurements["alpha_s"] is not None
        holding = {check.rule for check in epoch.checks if check.holds}
        assert set(epoch.rules) <= holding
        if epoch.disagreement:
            assert epoch.disagreement.startswith(f"rules say {epoch.rules_stage}: ")


def test_epochs_lie_on_the_grid_from_the_start(staged):
    assert [epoch.onset for epoch in staged.epochs] == [30.0 * i for i in range(len(staged.epochs))]
    assert {epoch.duration for epoch in staged.epochs} == {30.0}


def test_rules_alone_can_be_asked_for(night):
    made = stages_of(night[0], method="rules")
    assert (made.method, made.agreement) == (RULES, None)
    assert all(epoch.stage == epoch.rules_stage for epoch in made.epochs)


@pytest.mark.parametrize(
    ("labels", "rate", "seconds", "word"),
    [(("C3-A2",), 100, 240, "minutes"), (("C3-A2",), 50, 330, "samples")],
)
def test_where_the_model_cannot_work_the_rules_stage_and_the_reason_is_told(
    labels, rate, seconds, word, tmp_path
):
    path = write(tmp_path / "a.edf", labels, rate, seconds)
    made = stages_of(path)
    assert made.method == RULES
    assert any(word in note for note in made.notes)
    with pytest.raises(ToolError, match=word) as caught:
        stages_of(path, method="model")
    assert caught.value.field == "method"


def test_a_method_that_does_not_exist_is_refused(night):
    with pytest.raises(ToolError) as caught:
        stages_of(night[0], method="oracle")
    assert caught.value.choices == ("auto", "model", "rules")


def test_without_eeg_there_is_no_staging(tmp_path):
    with pytest.raises(ToolError, match="EEG"):
        stages_of(write(tmp_path / "a.edf", ("EOG1", "EMG chin"), 100, 60))


def test_a_chin_that_fell_off_does_not_stop_the_model(tmp_path):
    rng = np.random.default_rng(1)
    digital = [rng.normal(0, 300, 33_000).astype(int), np.zeros(33_000, dtype=int)]
    edf = Edf(labels=("C3-A2", "EMG chin"), sfreq=100, seconds=330, digital=digital)
    (tmp_path / "a.edf").write_bytes(edf.bytes())
    made = stages_of(tmp_path / "a.edf")
    assert "eeg" in made.method
    assert "emg" not in made.method


# --- what is said ---------------------------------------------------------------------------------------------


def test_missing_channels_are_said(tmp_path):
    made = stages_of(write(tmp_path / "a.edf", ("C3-A2",), 100, 60))
    said = {item.label: item.reason for item in made.not_analysed}
    assert "no EOG" in said["R"]
    assert "no chin" in said["chin tone"]
    assert made.channels["eyes"] == []
    assert "R" not in made.stages


def test_a_rest_shorter_than_an_epoch_has_no_stage_but_a_reason(tmp_path):
    made = stages_of(write(tmp_path / "a.edf", ("C3-A2",), 100, 70))
    assert [epoch.duration for epoch in made.epochs] == [30, 30, 10]
    assert made.epochs[-1].stage is None
    assert "shorter" in made.epochs[-1].reason


def test_an_epoch_without_signal_has_no_stage_whatever_the_method(tmp_path):
    rng = np.random.default_rng(1)
    x = rng.normal(0, 200, 36_000).astype(int)
    x[9_000:15_000] = 0
    (tmp_path / "a.edf").write_bytes(Edf(labels=("C3-A2",), sfreq=100, seconds=360, digital=[x]).bytes())
    for method in ("model", "rules"):
        made = stages_of(tmp_path / "a.edf", method=method)
        assert [made.stages[i] for i in (3, 4)] == [None, None]
        assert made.epochs[3].confidence == 0
        assert None not in (made.stages[0], made.stages[9])


def test_the_recording_is_searched_once(night, monkeypatch):
    calls = []
    search = detect_module.detect
    monkeypatch.setattr(detect_module, "detect", lambda *a, **k: calls.append(k["labels"]) or search(*a, **k))
    stages_of(night[0], method="rules")
    assert len(calls) == 1


def test_progress_grows_to_one(night):
    told = []
    stages_of(night[0], progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1


def test_order_of_channels_does_not_matter(night, staged, tmp_path):
    with open_recording(night[0]) as recording:
        names = recording.info.names()
        data = recording.read(0, 1e5, names[::-1]).data
    digital = [np.round(10 * x).astype(int) for x in data]
    labels = tuple(names[::-1])
    edf = Edf(labels=labels, sfreq=100, seconds=data.shape[1] // 100, digital=digital)
    (tmp_path / "a.edf").write_bytes(edf.bytes())
    made = stages_of(tmp_path / "a.edf")
    assert made.channels == staged.channels
    assert sum(a == b for a, b in zip(made.stages, staged.stages, strict=True)) >= len(made.stages) - 1


# --- the picture ------------------------------------------------------------------------------------------------


def test_the_spectrogram_shows_power_where_it_is(tmp_path):
    t = np.arange(100 * 120) / 100
    x = np.round(10 * 20 * np.sqrt(2) * np.sin(2 * np.pi * 10 * t)).astype(int)
    (tmp_path / "a.edf").write_bytes(Edf(labels=("C3",), sfreq=100, seconds=120, digital=[x]).bytes())
    with open_recording(tmp_path / "a.edf") as recording:
        made = multitaper_spectrogram(recording, ["C3"])
    assert made.density.shape == (len(made.frequencies), 4)
    assert made.frequencies[np.argmax(made.density[:, 1])] == pytest.approx(10, abs=0.5)
    power = (10 ** (made.density[:, 1] / 10)).sum() * 0.25
    assert power == pytest.approx(20**2, rel=0.1)


def test_the_picture_is_a_png_that_names_nobody(tmp_path):
    from PIL import Image

    path = tmp_path / "night.png"
    chances = [dict.fromkeys(STAGES, 0.2)] * 6
    size = write_hypnogram_picture(
        path, ("W", "N1", "N2", None, "N3", "R"), probabilities=chances, starts_at="23:10:00"
    )
    with Image.open(path) as picture:
        assert picture.size == size
        assert not picture.info.get("Software")
        assert len(np.unique(np.asarray(picture.convert("L")))) > 20


def test_a_night_without_epochs_is_no_picture(tmp_path):
    with pytest.raises(ToolError, match="epoch"):
        write_hypnogram_picture(tmp_path / "a.png", ())


# --- floors on real recordings -----------------------------------------------------------------------------------


@pytest.mark.real_data
def test_single_epochs_of_sleep_edf_are_staged_by_the_rules(real_data):
    folder = real_data / "sleepedf_epochs"
    with (folder / "labels.tsv").open(newline="") as file:
        expert = {row["file"]: row["stage"] for row in csv.DictReader(file, delimiter="\t")}
    made = {name: stages_of(folder / name).stages[0] for name in expert}
    assert sum(made[name] == stage for name, stage in expert.items()) >= 13


@pytest.mark.real_data
@pytest.mark.parametrize(("excerpt", "kappa"), [(1, 0.53), (8, 0.74)])
def test_single_channels_are_staged_at_least_as_well_as_by_the_model_alone(excerpt, kappa, real_data):
    folder = real_data / "dreams_spindles"
    expert = read_hypnogram(folder / f"excerpt{excerpt}_hypnogram_30s.tsv").on_grid(60)
    made = stages_of(folder / f"excerpt{excerpt}.edf")
    assert made.method.startswith("YASA")
    model = [epoch.model_stage for epoch in made.epochs]
    assert agreement(expert, made.stages).kappa >= max(kappa, agreement(expert, model).kappa)


@pytest.mark.real_data
def test_a_recording_too_slow_for_the_model_is_staged_by_rules(real_data):
    folder = real_data / "dreams_spindles"
    expert = read_hypnogram(folder / "excerpt3_hypnogram_30s.tsv").on_grid(60)
    made = stages_of(folder / "excerpt3.edf")
    assert made.method == RULES
    assert agreement(expert, made.stages).kappa >= 0.2
