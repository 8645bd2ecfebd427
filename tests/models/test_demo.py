"""The sample recording: quick, reproducible, anonymous, and what its truth says it is."""

import time

import numpy as np
from edfio import read_edf

from models.demo import demo_recording, simulate_demo
from tools.events import read_tsv


def test_writing_twice_gives_the_same_bytes_within_two_seconds(tmp_path):
    started = time.perf_counter()
    first = demo_recording(tmp_path / "one")
    assert time.perf_counter() - started < 2
    second = demo_recording(tmp_path / "two")
    assert first.read_bytes() == second.read_bytes()


def test_an_existing_sample_is_not_written_again(tmp_path):
    path = demo_recording(tmp_path)
    before = path.stat().st_mtime_ns
    assert demo_recording(tmp_path) == path
    assert path.stat().st_mtime_ns == before


def test_the_file_holds_five_minutes_of_19_channels_and_no_patient(tmp_path):
    edf = read_edf(demo_recording(tmp_path))
    assert edf.num_signals == 19
    assert edf.duration == 300
    assert {signal.sampling_frequency for signal in edf.signals} == {200}
    assert edf.local_patient_identification == "X X X X"
    assert edf.local_recording_identification == "Startdate X X X X"


def test_the_file_holds_the_simulated_microvolts(tmp_path):
    edf = read_edf(demo_recording(tmp_path))
    written = np.stack([signal.data for signal in edf.signals])
    assert np.abs(written - simulate_demo().segment.data).max() <= 0.0501


def test_the_truth_beside_it_tells_the_course(tmp_path):
    path = demo_recording(tmp_path)
    truth = read_tsv(path.with_name(path.stem + "_events.tsv"))
    onsets = {label: [e.onset for e in truth if e.label == label] for label in {e.label for e in truth}}
    assert set(onsets) == {"alpha", "eyem", "spike", "hfnoise", "spindle", "slow_wave"}
    assert len(onsets["hfnoise"]) == 1
    assert max(onsets["spike"]) < 96
    assert min(onsets["spindle"]) > 180
    assert max(onsets["eyem"]) < 126
