"""SleepVLM-Bench: its files to the letter, its three forms of input, and three cohorts in their public formats."""

import csv
import hashlib
import io
import json
import sys
import types

import edfio
import numpy as np
import pytest
from PIL import Image

from evals.records import Reply
from evals.tasks import sleepvlm_bench
from evals.tasks.sleep_cohorts import find_cohort, read_labels
from evals.tasks.sleepvlm_bench import load
from evals.tasks.sleepvlm_bench_files import (
    COLUMNS,
    Artifact,
    read_artifact,
    read_manifest,
    write_artifact,
    write_manifest,
)
from evals.tasks.sleepvlm_bench_forms import discrete, epoch_text, features, prompt_text
from evals.tasks.sleepvlm_bench_predictions import prediction_of, read_predictions, write_predictions
from evals.tasks.sleepvlm_bench_prepare import prepare_cohort
from tools.io import open_recording
from tools.types import ToolError

PUBLISHED_COLUMNS = (
    "sample_id", "cohort", "subject_id", "recording_id", "epoch_index", "onset_sec", "label", "source_psg_path",
    "source_annotation_path", "source_sfreq", "artifact_path", "artifact_index", "split", "image_path",
    "image_sha256",
)  # fmt: skip
PREDICTION_KEYS = (
    "schema_version", "run_id", "sample_id", "cohort", "subject_id", "split", "true_label", "model_id",
    "model_revision", "backend", "decoding", "prompt_id", "prompt_sha256", "image_path", "image_sha256",
    "raw_output", "error", "created_at_utc",
)  # fmt: skip
STAGES = ("W", "N1", "N2", "N3", "REM")


def row(n, subject="7", **change):
    return {
        "sample_id": f"ISRUC:{subject}:{n:06d}", "cohort": "ISRUC", "subject_id": subject, "recording_id": subject,
        "epoch_index": n, "onset_sec": 30.0 * n, "label": STAGES[n % 5], "source_psg_path": f"/elsewhere/{subject}.rec",
        "source_annotation_path": f"/elsewhere/{subject}_1.txt", "source_sfreq": 200.0,
        "artifact_path": f"/elsewhere/prepared/isruc/{subject}.npz", "artifact_index": n, "split": "test",
        "image_path": "", "image_sha256": "",
    } | change  # fmt: skip


def write_rows(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def bench(tmp_path):
    rng = np.random.default_rng(0)
    for number, subject in enumerate(("7", "8")):
        stages = STAGES if number == 0 else STAGES[::-1]
        signals = 20 * rng.standard_normal((5, 3, 3000)).astype(np.float32)
        write_artifact(
            tmp_path / "isruc" / f"{subject}.npz",
            Artifact(signals, stages, 30.0 * np.arange(5)),
            range(5),
        )
    rows = [row(n, "7") for n in range(5)] + [row(n, "8", label=STAGES[4 - n]) for n in range(5)]
    write_rows(tmp_path / "epochs.csv", rows)
    return tmp_path


def test_the_columns_and_keys_are_the_published_ones_in_order(tmp_path, bench):
    assert COLUMNS == PUBLISHED_COLUMNS
    rows = read_manifest(bench / "epochs.csv")
    again = write_manifest(tmp_path / "again.csv", rows)
    assert again.read_text().splitlines()[0] == ",".join(PUBLISHED_COLUMNS)
    assert read_manifest(again) == rows


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "R"}, "line 2: label"),
        ({"split": "dev"}, "line 2: split"),
        ({"image_path": "a.png"}, "together or not at all"),
        ({"source_sfreq": 0}, "source_sfreq"),
        ({"epoch_index": "x"}, "epoch_index"),
    ],
)
def test_a_line_that_cannot_be_is_told(tmp_path, change, message):
    write_rows(tmp_path / "m.csv", [row(0, **change)])
    with pytest.raises(ToolError, match=message):
        read_manifest(tmp_path / "m.csv")


def test_a_manifest_that_lacks_columns_or_leaks_subjects_is_refused(tmp_path):
    path = tmp_path / "m.csv"
    write_rows(path, [{("name" if k == "sample_id" else k): v for k, v in row(0).items()}])
    with pytest.raises(ToolError, match=r"lacks sample_id\. Columns found: name, cohort"):
        read_manifest(path)
    write_rows(path, [row(0), row(1, split="train")])
    with pytest.raises(ToolError, match="two splits"):
        read_manifest(path)
    write_rows(path, [row(0), row(0)])
    with pytest.raises(ToolError, match="occurs twice"):
        read_manifest(path)


def test_an_artifact_is_read_and_a_faulty_one_refused(bench):
    path = bench / "isruc" / "7.npz"
    made = read_artifact(path)
    assert made.signals.shape == (5, 3, 3000)
    assert made.labels == STAGES
    np.savez(path, signals=made.signals, labels=np.array(STAGES))
    with pytest.raises(ToolError, match="no array onsets_sec") as error:
        read_artifact(path)
    assert error.value.choices == ("signals", "labels")
    np.savez(path, signals=made.signals, labels=np.array(STAGES[:4]), onsets_sec=made.onsets)
    with pytest.raises(ToolError, match="5 epochs, 4 labels and 5 onsets"):
        read_artifact(path)
    np.savez(path, signals=made.signals[:, :2], labels=np.array(STAGES), onsets_sec=made.onsets)
    with pytest.raises(ToolError, match="EEG, EOG and EMG"):
        read_artifact(path)
    path.write_bytes(b"PK no zip")
    with pytest.raises(ToolError, match="cannot be read"):
        read_artifact(path)


def test_predictions_go_out_and_come_back_with_the_published_keys(bench, tmp_path):
    task = load(bench, limit=2)
    replies = (Reply(texts=("N2, by its spindles",)), Reply(error="the server is gone"))
    made = [
        prediction_of(item, reply, run_id="r", model_id="m", created_at_utc="2026-01-01T00:00:00+00:00")
        for item, reply in zip(task.items, replies, strict=True)
    ]
    path = write_predictions(tmp_path / "predictions.jsonl", made)
    first = json.loads(path.read_text().splitlines()[0])
    assert list(first) == sorted(PREDICTION_KEYS)
    assert first["true_label"] == task.items[0].expects["label"]
    assert first["raw_output"] == "N2, by its spindles"
    assert made[1].error == {"type": "NoAnswer", "message": "the server is gone"}
    assert read_predictions(path) == tuple(made)
    path.write_text(json.dumps(first | {"note": 1}) + "\n\n{}\n")
    with pytest.raises(ToolError, match="line 3: run_id"):
        read_predictions(path)
    path.write_text("nonsense\n")
    with pytest.raises(ToolError, match="line 1: this is no JSON"):
        read_predictions(path)
    path.write_text(json.dumps(first | {"schema_version": 2}) + "\n")
    with pytest.raises(ToolError, match="schema_version"):
        read_predictions(path)


def test_the_picture_form_has_picture_recording_and_partner(bench, tmp_path):
    task = load(bench, limit=4, cache=tmp_path / "cache")
    assert {item.category for item in task.items} == {"ISRUC"}
    for item in task.items:
        assert Image.open(io.BytesIO((task.folder / item.images[0]).read_bytes())).size == (336, 336)
        assert item.key == {"REM": "R"}.get(item.expects["label"], item.expects["label"])
        assert item.partner != item.recording
        for name in filter(None, (item.recording, item.partner)):
            with open_recording(task.folder / name) as recording:
                kinds = {channel.name: channel.kind for channel in recording.info.channels}
                assert kinds == {"C4-A1": "eeg", "EOG LOC-A2": "eog", "EMG Chin": "emg"}
                assert recording.info.duration == 150
        with open_recording(task.folder / item.recording) as recording:
            trace = recording.read(item.onset, 30.0, kinds=("eeg",)).data[0]
        subject = item.group.split(":")[1]
        truth = read_artifact(bench / "isruc" / f"{subject}.npz").signals[item.expects["epochs"][0], 0]
        np.testing.assert_allclose(trace, truth, atol=0.06)
    assert sum(bool(item.partner) for item in task.items) >= 3  # both have N2 in the middle
    texts = {turn for item in task.items for turn in item.turns}
    assert texts == {prompt_text("image", "plain")}


def test_words_and_sequences_stand_in_the_question_itself(bench):
    for form in ("features", "raw", "discrete"):
        item = load(bench, limit=1, form=form, prompt="rules").items[0]
        assert not item.images
        assert not item.recording
        assert item.turns[0].startswith(prompt_text(form, "rules"))
        assert item.expects["prompt_id"] == f"{form}-rules"
    with pytest.raises(ToolError, match="form of input"):
        load(bench, form="video")
    with pytest.raises(ToolError, match="no such prompt"):
        load(bench, prompt="other")


def test_pictures_of_the_manifest_are_used_and_checked(bench):
    buffer = io.BytesIO()
    Image.new("RGB", (336, 336), "white").save(buffer, "PNG")
    (bench / "images").mkdir()
    (bench / "images" / "0.png").write_bytes(buffer.getvalue())
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    one = row(0, image_path="/other/images/0.png", image_sha256=digest)
    write_rows(bench / "epochs.csv", [one])
    assert load(bench).items[0].images == ("images/0.png",)
    (bench / "isruc" / "7.npz").unlink()
    alone = load(bench).items[0]
    assert not alone.recording  # a manifest with pictures alone will do for a model that sees
    (bench / "images" / "0.png").write_bytes(b"changed")
    with pytest.raises(ToolError, match=r"0\.png has another SHA-256"):
        load(bench)
    write_rows(bench / "epochs.csv", [one | {"image_sha256": hashlib.sha256(b"changed").hexdigest()}])
    with pytest.raises(ToolError, match=r"0\.png does not decode"):
        load(bench)


def test_faults_between_manifest_and_files_are_told(bench):
    with pytest.raises(ToolError, match="no epoch in that split") as error:
        load(bench, split="train")
    assert error.value.choices == ("test",)
    write_rows(bench / "epochs.csv", [row(0, label="N3")])
    with pytest.raises(ToolError, match="manifest and artifact do not belong together"):
        load(bench)
    (bench / "isruc" / "7.npz").unlink()
    with pytest.raises(ToolError, match=r"put 7\.npz beside"):
        load(bench)
    (bench / "epochs.csv").unlink()
    with pytest.raises(ToolError, match="no manifest") as error:
        load(bench)
    assert "DCSM" in error.value.choices


def test_features_tell_what_is_in_the_epoch():
    times = np.arange(3000) / 100
    eeg = np.where(times < 15, 50 * np.sin(2 * np.pi * 2 * times), 20 * np.sin(2 * np.pi * 10 * times))
    eog = np.where((times > 4) & (times < 5), 100 * np.sin(2 * np.pi * times), 0)
    emg = 5 * np.sqrt(2) * np.sin(2 * np.pi * 20 * times)
    words = features(np.stack([eeg, eog, emg]).astype(np.float32))
    assert "1-15 delta 100, 16-30 alpha 38" in words
    assert "swings above 50 µV in seconds 5; largest 200 µV" in words
    assert "5.0 µV RMS" in words
    assert "delta 86 %" in words


def test_features_of_nothing_say_so():
    flat = features(np.zeros((3, 3000), dtype=np.float32))
    assert "1-30 flat" in flat
    missing = features(np.full((3, 3000), np.nan, dtype=np.float32))
    assert "1-30 missing" in missing
    assert "EOG: missing." in missing
    assert "Chin EMG: missing." in missing


def test_sequences_follow_the_trace():
    rising = np.linspace(-50, 50, 3000, dtype=np.float32)
    word = discrete(rising).split("\n")[1].replace(" ", "")
    assert len(word) == 300
    assert list(word) == sorted(word)
    assert {word[0], word[-1]} == {"a", "h"}
    assert discrete(2 * rising).split("\n")[1] == discrete(rising).split("\n")[1]
    assert "standard deviation 58 µV" in discrete(2 * rising)
    assert set(discrete(np.zeros(3000, dtype=np.float32)).split("\n")[1]) <= {"d", "e", " "}
    numbers = epoch_text("raw", np.stack([rising] * 3)).split()
    assert len(numbers) == 3000
    assert (numbers[0], numbers[-1]) == ("-50", "50")


def write_edf(path, labels, seconds, sfreq):
    rng = np.random.default_rng(1)
    signals = [
        edfio.EdfSignal(20 * rng.standard_normal(seconds * sfreq), sfreq, label=label,
                        physical_dimension="uV", physical_range=(-500, 500))
        for label in labels
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    edfio.Edf(signals).write(path)


def write_isruc(folder, stages="0012355"):
    write_edf(
        folder / "1" / "1.edf", ("F4-A1", "C4-A1", "LOC-A2", "ROC-A1", "X1", "X2"), 30 * len(stages), 200
    )
    (folder / "1" / "1.edf").rename(folder / "1" / "1.rec")
    (folder / "1" / "1_1.txt").write_text("\r\n".join(stages) + "\r\n")


def test_isruc_is_prepared_once_and_asked(tmp_path):
    write_isruc(tmp_path)
    task = load(tmp_path, cohort="ISRUC", draw=False)
    assert [item.expects["label"] for item in task.items] == ["W", "W", "N1", "N2", "N3", "REM", "REM"]
    manifest = task.folder / ".pictures" / "isruc.csv"
    rows = read_manifest(manifest)
    assert rows[2].sample_id == "ISRUC:1:000002"
    assert rows[2].source_sfreq == 200
    with np.load(tmp_path / ".pictures/isruc/1.npz") as file:
        assert set(file.files) == {"signals", "labels", "onsets_sec", "source_epoch_indices", "channels", "unit",
                                   "target_sfreq"}  # fmt: skip
        assert file["signals"].dtype == np.float32
    before = (tmp_path / ".pictures/isruc/1.npz").stat().st_mtime_ns
    load(tmp_path, cohort="ISRUC", draw=False)
    assert (tmp_path / ".pictures/isruc/1.npz").stat().st_mtime_ns == before


def test_preparing_filters_as_published(tmp_path):
    times = np.arange(210 * 200) / 200
    write_isruc(tmp_path)
    tones = 30 * np.sin(2 * np.pi * 10 * times) + 30 * np.sin(2 * np.pi * 42 * times) + 100
    signals = [
        edfio.EdfSignal(tones, 200, label=name, physical_dimension="uV", physical_range=(-500, 500))
        for name in ("C4-A1", "LOC-A2", "X1")
    ]
    edfio.Edf(signals).write(tmp_path / "1" / "1.edf")
    (tmp_path / "1" / "1.edf").rename(tmp_path / "1" / "1.rec")
    prepare_cohort(tmp_path, "ISRUC", tmp_path / "out")
    epoch = read_artifact(tmp_path / "out/isruc/1.npz").signals[3]
    size = 2 * np.abs(np.fft.rfft(epoch, axis=1)) / 3000
    at = np.fft.rfftfreq(3000, 0.01)
    ten, forty = size[:, at == 10][:, 0], size[:, np.isclose(at, 42)][:, 0]
    assert ten[0] == pytest.approx(30, rel=0.02)
    assert forty[0] < 5  # EEG ends at 35 Hz, EMG at 45
    assert forty[2] > 15
    assert np.all(size[:, 0] < 0.5)


def test_shhs_is_read_in_both_its_xml_forms(tmp_path):
    labels = ("SaO2", "ECG", "EMG", "EOG(L)", "EOG(R)", "EEG")
    write_edf(tmp_path / "edfs" / "shhs1-200001.edf", labels, 180, 125)
    codes = (0, 1, 2, 4, 5, 9)
    profusion = "".join(f"<SleepStage>{code}</SleepStage>" for code in codes)
    path = tmp_path / "labels" / "shhs1-200001-profusion.xml"
    path.parent.mkdir()
    path.write_text(f"<CMPStudyConfig><SleepStages>{profusion}</SleepStages></CMPStudyConfig>")
    (night,) = find_cohort(tmp_path, "SHHS")
    first = read_labels(night)
    assert [one.stage for one in first] == ["W", "N1", "N2", "N3", "REM", None]
    names = {0: "Wake|0", 1: "Stage 1 sleep|1", 2: "Stage 2 sleep|2", 4: "Stage 4 sleep|4", 5: "REM sleep|5",
             9: "Unscored|9"}  # fmt: skip
    events = "".join(
        f"<ScoredEvent><EventType>Stages|Stages</EventType><EventConcept>{names[code]}</EventConcept>"
        f"<Start>{30 * n}</Start><Duration>30.0</Duration></ScoredEvent>"
        for n, code in enumerate(codes)
    )
    other = (
        "<ScoredEvent><EventType>Arousals|Arousals</EventType><EventConcept>x|1</EventConcept></ScoredEvent>"
    )
    path.unlink()
    nsrr = path.with_name("shhs1-200001-nsrr.xml")
    nsrr.write_text(f"<PSGAnnotation><ScoredEvents>{other}{events}</ScoredEvents></PSGAnnotation>")
    (night,) = find_cohort(tmp_path, "SHHS")
    assert read_labels(night) == first
    task = load(tmp_path, cohort="SHHS", draw=False)
    assert [item.key for item in task.items] == ["W", "N1", "N2", "N3", "R"]
    assert task.items[0].group == "SHHS:200001"
    nsrr.write_text('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(ToolError, match="entities"):
        read_labels(night)
    nsrr.write_text("<a>")
    with pytest.raises(ToolError, match="not valid XML"):
        read_labels(night)
    nsrr.write_text("<a/>")
    with pytest.raises(ToolError, match="neither"):
        read_labels(night)


class FakeH5(dict):
    """As much of an HDF5 file as the reader touches."""

    def __init__(self, content, attrs):
        super().__init__(content)
        self.attrs = attrs

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


class Data(np.ndarray):
    attrs: dict


def data_set(values, **attrs):
    made = np.asarray(values).view(Data)
    made.attrs = attrs
    return made


def write_dcsm(folder):
    night = folder / "tp0001"
    night.mkdir()
    (night / "psg.h5").write_bytes(b"\x89HDF")
    (night / "hypnogram.ids").write_text("0,60,W\n60,30,N2\n90,30,REM\n120,30,UNKNOWN\n")
    return night


def test_dcsm_is_read_as_hdf5_and_volts_become_microvolts(tmp_path, monkeypatch):
    write_dcsm(tmp_path)
    rng = np.random.default_rng(0)
    volts = {name: data_set(3e-5 * rng.standard_normal(150 * 256)) for name in ("F4-M1", "E1-M2", "CHIN")}
    file = FakeH5({"channels": volts}, {"sample_rate": 256})
    monkeypatch.setitem(sys.modules, "h5py", types.SimpleNamespace(File=lambda path, mode: file))
    task = load(tmp_path, cohort="DCSM", draw=False)
    assert [item.key for item in task.items] == ["W", "W", "N2", "R"]
    emg = read_artifact(tmp_path / ".pictures/dcsm/tp0001.npz").signals[:, 2]
    assert 5 < emg.std() < 30
    file.pop("channels")
    (tmp_path / ".pictures/dcsm/tp0001.npz").unlink()
    with pytest.raises(ToolError, match="no group 'channels'"):
        load(tmp_path, cohort="DCSM", draw=False)


def test_dcsm_without_h5py_says_what_would_work(tmp_path, monkeypatch):
    night = write_dcsm(tmp_path)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ToolError, match=r"psg\.h5 .*pip install h5py.*or give its EDF"):
        load(tmp_path, cohort="DCSM")
    (night / "psg.h5").unlink()
    write_edf(night / "psg.edf", ("F4-M1", "E1-M2", "CHIN"), 150, 256)
    assert len(load(tmp_path, cohort="DCSM", draw=False).items) == 4


def test_faults_of_a_cohort_are_told_with_the_file(tmp_path):
    with pytest.raises(ToolError, match="no recording of SHHS"):
        load(tmp_path, cohort="SHHS")
    with pytest.raises(ToolError, match="no reader for such a cohort"):
        load(tmp_path, cohort="MESA")
    write_isruc(tmp_path)
    (tmp_path / "1" / "1_1.txt").write_text("0\n7\n")
    with pytest.raises(ToolError, match=r"1_1\.txt, line 2 is no stage"):
        load(tmp_path, cohort="ISRUC")
    (tmp_path / "1" / "1_1.txt").write_text("0\n" * 40)
    with pytest.raises(ToolError, match=r"1\.rec .*1200 s.*210 s"):
        load(tmp_path, cohort="ISRUC")
    write_edf(tmp_path / "1" / "1.edf", ("F4-A1", "LOC-A2", "X1"), 210, 200)
    (tmp_path / "1" / "1.edf").rename(tmp_path / "1" / "1.rec")
    with pytest.raises(ToolError, match="no channel C4-A1"):
        load(tmp_path, cohort="ISRUC")


def test_published_rows_are_marked():
    assert len(sleepvlm_bench.PUBLISHED) == 27
    assert all(
        row["published"] and row["source"] and 0 < row["value"] < 1 for row in sleepvlm_bench.PUBLISHED
    )
