"""``glossa stage``: its document, its files, its words, and what it refuses."""

import csv
import os
import shutil

import numpy as np
import pytest
from PIL import Image

from models.night import write_night
from tests.tools.conftest import TEN_TWENTY, Edf
from tests.ui.command_line import CONTRACT, check, run

STAGES = ("W",) * 4 + ("N2",) * 6 + ("N3",) * 4 + ("R",) * 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Recordings that differ in what they hold, a simulated stretch of sleep, and its scoring as text."""
    folder = tmp_path_factory.mktemp("stage")
    write_night(folder / "sleep.edf", 300_021, hours=None, sfreq=100, stages=STAGES)
    (folder / "scored.txt").write_text("\n".join(STAGES))
    kinds = {
        "one": Edf(labels=("C3-A2",), sfreq=100, seconds=40),
        "short": Edf(labels=TEN_TWENTY, seconds=1),
        "slow": Edf(labels=("Fz", "Cz"), sfreq=50, seconds=60),
        "fast": Edf(labels=("C3", "EOG1"), sfreq=5000, seconds=31),
        "many": Edf(labels=[f"E{i}" for i in range(256)], sfreq=50, seconds=31),
        "flat": Edf(labels=("C3", "O1"), digital=[np.zeros(12_000, dtype=int)] * 2, seconds=60),
        "mixed": Edf(labels=("C3-A2", "EOG L", "EMG chin"), sfreq=[200, 100, 50], seconds=61),
        "bipolar": Edf(labels=("F3-C3", "C3-P3", "P3-O1"), sfreq=256, seconds=35),
    }  # fmt: skip
    for name, edf in kinds.items():
        (folder / f"{name}.edf").write_bytes(edf.bytes())
    return folder


@pytest.fixture(scope="module")
def document(folder):
    return obeys(folder / "sleep.edf")


def obeys(*arguments):
    said = run("stage", *arguments, "--json")
    assert said.code == 0, said.out
    check(said.document, CONTRACT["stage"], "stage")
    return said.document


@pytest.mark.parametrize("name", ["one", "short", "slow", "fast", "many", "flat", "mixed", "bipolar"])
def test_documents_keep_the_contract_whatever_the_recording_holds(name, folder):
    made = obeys(folder / f"{name}.edf")
    for epoch in made["epochs"]:
        assert (epoch["stage"] is None) == (epoch["reason"] is not None)
        assert (epoch["stage"] is None) == (epoch["probabilities"] == {})


def test_the_document_of_a_night_tells_stages_rules_and_numbers(document):
    assert len(document["epochs"]) == len(STAGES)
    assert document["method"].startswith("YASA")
    assert {"AASM-N2-01", "AASM-N3-01"} <= {rule for e in document["epochs"] for rule in e["rules"]}
    assert "N2.1" in {alias for e in document["epochs"] for alias in e["aliases"]}
    assert document["statistics"]["recording_min"] == 10
    assert document["channels"]["central"] == ["C4-M1"]


def test_statistics_are_those_of_the_epochs(document):
    asleep = sum(epoch["stage"] not in ("W", None) for epoch in document["epochs"])
    assert document["statistics"]["total_sleep_min"] == asleep / 2


def test_the_table_has_bids_columns_and_the_stages_of_the_document(folder, document, tmp_path):
    obeys(folder / "sleep.edf", "-o", tmp_path / "night.tsv")
    with (tmp_path / "night.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert list(rows[0])[:3] == ["onset", "duration", "trial_type"]
    assert [row["trial_type"] for row in rows] == [epoch["stage"] for epoch in document["epochs"]]
    assert [float(row["onset"]) for row in rows] == [30.0 * i for i in range(len(rows))]


def test_another_scoring_is_compared(folder):
    found = obeys(folder / "sleep.edf", "--scoring", folder / "scored.txt")["comparison"]
    assert found["epochs"] == len(STAGES)
    assert 0 <= found["accuracy"] <= 1
    assert sum(found["confusion"]["N3"].values()) == 4


def test_a_table_that_was_written_agrees_with_itself(folder, tmp_path):
    obeys(folder / "sleep.edf", "-o", tmp_path / "night.tsv")
    found = obeys(folder / "sleep.edf", "--scoring", tmp_path / "night.tsv")["comparison"]
    assert (found["accuracy"], found["left_out"]) == (1, 0)


def test_the_picture_is_written(folder, tmp_path):
    made = obeys(folder / "sleep.edf", "--picture", tmp_path / "night.png")
    assert made["picture"] == str(tmp_path / "night.png")
    with Image.open(tmp_path / "night.png") as picture:
        assert picture.size[0] >= 800


def test_the_method_can_be_chosen(folder):
    assert obeys(folder / "sleep.edf", "--method", "rules")["method"] == "AASM rules"


def test_words_tell_stretches_numbers_and_what_was_not_seen(folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "90")
    said = run("stage", folder / "sleep.edf", "--scoring", folder / "scored.txt")
    assert said.code == 0
    for part in (" s  N2 for ", "Sleep ", "efficiency", "YASA", "kappa", "research and education"):
        assert part in said.out
    assert "…" not in said.out
    assert all(len(line) <= 90 for line in said.out.splitlines())


def test_progress_goes_to_stderr_and_grows(folder):
    said = run("stage", folder / "sleep.edf", "--json")
    shares = [int(line.split()[1]) for line in said.err.splitlines() if line.startswith("…")]
    assert shares == sorted(shares)
    assert shares


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "field", "choices"),
    [
        (["--method", "oracle"], "method", True),
        (["--method", "model"], "method", True),
        (["--scoring", "missing.tsv"], "scoring", False),
        (["--scoring", ""], "scoring", False),
        (["--scoring", "a\0b"], "scoring", False),
        (["--scoring"], "scoring", False),
        (["--picture"], "picture", False),
        (["--age", "-1"], "age", False),
        (["--start", "5"], None, False),
    ],
)
def test_a_request_that_cannot_be_met_says_which_argument_is_at_fault(arguments, field, choices, folder):
    error = run("stage", folder / "one.edf", *arguments, "--json").error
    assert error["field"] == field
    assert bool(error["choices"]) == choices


def test_a_recording_without_eeg_and_one_that_is_not_there_are_refused(folder, tmp_path):
    (tmp_path / "eyes.edf").write_bytes(Edf(labels=("EOG1", "ECG"), seconds=40).bytes())
    for name in ("eyes.edf", "missing.edf"):
        assert run("stage", tmp_path / name, "--json").error["field"] == "file"


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"0\n1\n2\n", b"Erika Mustermann\n"])
def test_what_is_no_scoring_is_refused_without_its_text(content, folder, tmp_path):
    (tmp_path / "scoring.txt").write_bytes(content)
    said = run("stage", folder / "one.edf", "--scoring", tmp_path / "scoring.txt", "--json")
    assert said.error["field"] == "scoring"
    assert "ustermann" not in said.out + said.err


@pytest.mark.parametrize(("option", "field"), [("-o", "o"), ("--picture", "picture")])
@pytest.mark.parametrize("place", ["the recording", "the scoring", "a folder", "a pipe", "a missing folder"])
def test_an_output_that_cannot_be_written_leaves_everything_as_it_was(option, field, place, folder, tmp_path):
    shutil.copy(folder / "one.edf", tmp_path / "a.edf")
    (tmp_path / "a.txt").write_text("W\n")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    target = {
        "the recording": "a.edf", "the scoring": "a.txt", "a folder": "folder", "a pipe": "pipe",
        "a missing folder": "missing/out",
    }[place]  # fmt: skip
    before = (tmp_path / "a.edf").read_bytes(), (tmp_path / "a.txt").read_bytes()
    said = run(
        "stage", tmp_path / "a.edf", "--scoring", tmp_path / "a.txt", option, tmp_path / target, "--json"
    )
    assert said.error["field"] in (field, "o")
    assert ((tmp_path / "a.edf").read_bytes(), (tmp_path / "a.txt").read_bytes()) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.edf", "a.txt", "folder", "pipe"]


def test_table_and_picture_need_two_files(folder, tmp_path):
    error = run(
        "stage", folder / "one.edf", "-o", tmp_path / "a", "--picture", tmp_path / "a", "--json"
    ).error
    assert error["field"] == "picture"


def test_a_recording_of_less_than_an_epoch_has_no_picture(folder, tmp_path):
    error = run("stage", folder / "short.edf", "--picture", tmp_path / "a.png", "--json").error
    assert error["field"] == "picture"
