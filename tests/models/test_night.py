"""A simulated night: its stages are what its signal shows, it is written in pieces, and it never fills memory."""

from collections import Counter

import numpy as np
import pytest
from edfio import read_edf

from models.edf_stream import EdfStream
from models.hypnogram import EPOCH, draw_hypnogram
from models.night import night_blocks, write_night
from models.truth import read_truth
from tools.io import open_recording
from tools.types import ToolError

COURSE = ("W",) * 4 + ("N1",) * 3 + ("N2",) * 14 + ("N3",) * 8 + ("N2",) * 2 + ("R",) * 6 + ("W",) * 2


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    path = tmp_path_factory.mktemp("night") / "night.edf"
    return path, write_night(path, 5, stages=COURSE, hours=None, sfreq=100)


def during(truth, label, stage):
    epochs = {number for number, name in enumerate(COURSE) if name == stage}
    return [e for e in truth.events if e.label == label and int(e.onset // EPOCH) in epochs]


def test_the_file_is_as_long_as_the_hypnogram_and_reads_everywhere(night):
    path, truth = night
    edf = read_edf(path)
    assert edf.duration == len(COURSE) * EPOCH
    assert edf.labels[:3] == ("EEG F3-M2", "EEG F4-M1", "EEG C3-M2")
    assert edf.labels[6:] == ("E1-M2", "E2-M1", "Chin", "ECG")
    with open_recording(path) as recording:
        assert recording.info.montage_guess == "psg"
        assert Counter(c.kind for c in recording.info.channels) == {"eeg": 6, "eog": 2, "emg": 1, "ecg": 1}
    assert truth.stages == COURSE
    assert read_truth(path) == truth


def test_every_stage_holds_what_defines_it(night):
    _, truth = night
    spindles = [len(during(truth, "spindle", stage)) / COURSE.count(stage) for stage in ("N2", "W", "R")]
    assert spindles[0] > 1
    assert spindles[1:] == [0, 0]
    assert during(truth, "kcomplex", "N2")
    assert during(truth, "alpha", "W")
    assert during(truth, "rem", "R")
    assert not during(truth, "rem", "N2")
    for number, stage in enumerate(COURSE):
        waves = [e for e in truth.events if e.label == "slow_wave" and int(e.onset // EPOCH) == number]
        share = sum(e.duration for e in waves) / EPOCH
        if stage == "N3":
            assert share >= 0.19
        elif stage == "N2":
            assert share < 0.22
        else:
            assert share == 0


def test_the_chin_is_quietest_in_rem_sleep(night):
    path, _ = night
    with open_recording(path) as recording:
        chin = recording.read(0, len(COURSE) * EPOCH, ["Chin"], kinds=("emg",)).data[0]
    tone = {
        stage: np.median(
            [chin[int(n * EPOCH * 100) :][:3000].std() for n, name in enumerate(COURSE) if name == stage]
        )
        for stage in ("W", "N2", "R")
    }
    assert tone["R"] < tone["N2"] < tone["W"] * 1.5
    assert tone["R"] < 5


def test_blocks_join_without_a_step():
    stages = ("N2",) * 2 + ("N3",) * 2 + ("N2",) * 2
    signal = np.concatenate(
        [block.segment.data for block in night_blocks(stages, 3, sfreq=100, montage="average")], axis=1
    )
    steps = np.abs(np.diff(signal, axis=1))
    for join in (6000, 12000):
        assert steps[:, join - 1].max() <= 1.5 * np.quantile(steps, 0.999)


def test_the_same_seed_gives_the_same_night_in_every_montage():
    first, again, other = (
        [b.planted for b in night_blocks(("N2", "N2", "R"), 8, sfreq=100, montage=m)]
        for m in ("sleep", "sleep", "psg")
    )
    assert first == again == other


def test_a_night_fills_the_time_asked_for():
    for hours in (0.1, 3.0, 10.0):
        assert len(draw_hypnogram(np.random.default_rng(1), hours)) == round(hours * 120)


@pytest.mark.slow
def test_a_whole_night_needs_little_memory_and_time(tmp_path):
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    truth = write_night(tmp_path / "night.edf", 3, hours=8)
    assert len(truth.stages) == 960
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 <= 500


def fail_while_writing(path):
    with EdfStream(path, ("C3",), 100) as stream:
        stream.append(np.zeros((1, 250)))
        raise ZeroDivisionError


def test_a_stream_that_fails_leaves_no_file(tmp_path):
    with pytest.raises(ZeroDivisionError):
        fail_while_writing(tmp_path / "x.edf")
    assert list(tmp_path.iterdir()) == []


def test_a_stream_keeps_every_whole_second_whatever_the_pieces(tmp_path):
    data = np.round(np.random.default_rng(1).normal(0, 50, (2, 1030)), 1)
    with EdfStream(tmp_path / "x.edf", ("C3", "C4"), 100) as stream:
        for start in range(0, 1030, 130):
            stream.append(data[:, start : start + 130])
    written = np.stack([signal.data for signal in read_edf(tmp_path / "x.edf").signals])
    assert np.abs(written - data[:, :1000]).max() <= 0.0501


@pytest.mark.parametrize(
    ("options", "field"),
    [({"hours": 30}, "duration"), ({"sfreq": 100.5}, "sfreq"), ({"montage": "x"}, "montage")],
)
def test_what_cannot_be_a_night_is_refused(tmp_path, options, field):
    with pytest.raises(ToolError) as error:
        write_night(tmp_path / "x.edf", 1, **({"hours": 0.1} | options))
    assert error.value.field == field
