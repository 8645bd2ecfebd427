"""Broken files of the formats that MNE reads: each is refused in words or gives a sound recording."""

import random
import subprocess
import sys
import time

import mne
import numpy as np
import pybv
import pytest

from tools.io import open_recording
from tools.types import ToolError


def write(folder, name: str):
    data = np.random.default_rng(0).normal(0, 2e-5, (3, 600))
    info = mne.create_info(["Fp1", "C3", "O1"], 100, "eeg")
    raw = mne.io.RawArray(data, info, verbose="ERROR")
    raw.set_annotations(mne.Annotations([1, 2], [0.5, 0], ["blink", "boundary"]))
    if name == "a.vhdr":
        pybv.write_brainvision(
            data=data, sfreq=100, ch_names=info.ch_names, fname_base="a", folder_out=folder
        )
    elif name == "a_raw.fif":
        raw.save(folder / name, verbose="ERROR")
    else:
        mne.export.export_raw(folder / name, raw, verbose="ERROR")
    return folder / name


def mutant(base: bytes, rng: random.Random) -> bytes:
    data = bytearray(base)
    for _ in range(rng.choice((1, 2, 4))):
        at = rng.randrange(len(data)) if rng.random() < 0.5 else rng.randrange(min(len(data), 1500))
        way = rng.randrange(4)
        if way == 0:
            data[at] = rng.randrange(256)
        elif way == 1:
            data[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"9999", b"-1  "))
        elif way == 2:
            del data[at : at + rng.randrange(1, 9)]
        else:
            del data[max(at, 40) :]
    return bytes(data)


def outcome(path) -> ToolError | None:
    try:
        recording = open_recording(path)
    except ToolError as error:
        return error
    with recording:
        try:
            segment = recording.read(0, 2)
        except ToolError as error:
            return error
        assert not np.isinf(segment.data).any()
        finite = np.isfinite(segment.data).all()
        assert finite or recording.info.gaps or any("no numbers" in w for w in recording.info.warnings)
    return None


@pytest.mark.parametrize(
    ("name", "count"),
    [("a.vhdr", 100), ("a_raw.fif", 100), pytest.param("a.set", 15, marks=pytest.mark.slow)],
)
@pytest.mark.timeout(300)
def test_broken_files_are_refused_or_sound(tmp_path, name, count, capfd):
    path = write(tmp_path, name)
    base, rng = path.read_bytes(), random.Random(name)
    assert outcome(path) is None
    refused, slowest = 0, 0.0
    for _ in range(count):
        path.write_bytes(mutant(base, rng))
        started = time.perf_counter()
        error = outcome(path)
        slowest = max(slowest, time.perf_counter() - started)
        if error is not None:
            refused += 1
            assert error.message.isascii()
            assert "blink" not in error.message
    assert count / 10 < refused < count
    assert slowest < 10
    assert capfd.readouterr() == ("", "")


def test_file_that_crashes_the_matlab_reader_is_only_refused(tmp_path):
    path = write(tmp_path, "a.set")
    data = bytearray(path.read_bytes())
    data[8665] ^= 2
    path.write_bytes(data)
    code = "import scipy.io, sys; scipy.io.loadmat(sys.argv[1])"
    if subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=False).returncode >= 0:
        pytest.skip("this release of SciPy survives the file")
    assert isinstance(outcome(path), ToolError)
