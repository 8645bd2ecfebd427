"""Broken EDF headers by the thousand: each is refused in words or gives a sound recording, at once."""

import random
import time
import tracemalloc

import numpy as np
import pytest

from tools.io import OpenRecording, open_recording
from tools.types import ToolError

VALUES = (
    b"", b"0", b"1", b"-1", b"-0", b"2", b"7", b"255", b"256", b"99999999", b"-9999999", b"1e308", b"-1e30",
    b"nan", b"inf", b"1.5", b"0.001", b"1e-99", b"+3", b"0x10", b"\0\0\0\0", b"\xff\xff\xff\xff", b"abc",
    b"12 34", b"1,5", b"1_0", "١٢".encode(), b"EDF+D", b"\x14\x15\0\x01", b"EDF Annotations",
)  # fmt: skip
FIELDS = ((0, 8), (8, 80), (88, 80), (168, 8), (176, 8), (184, 8), (192, 44), (236, 8), (244, 8), (252, 4))
WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)


def bases(edf_of) -> list[bytes]:
    texts = [["Sleep stage W"], [], ["a", "b"]]
    onsets = [0, 1, 2, 5, 6, 7.25, 8.25]
    return [
        edf_of(seconds=7, sfreq=50).bytes(),
        edf_of(seconds=7, sfreq=[50, 50, 1], labels=["C3", "C4", "SpO2"], plus="+C", texts=texts).bytes(),
        edf_of(
            seconds=7, sfreq=60, labels=["EEG Fp1-Ref", "EOG"], plus="+D", onsets=onsets, texts=texts
        ).bytes(),
        edf_of(seconds=7, sfreq=50, labels=["C3", "Status"], bdf=True).bytes(),
    ]


def mutant(base: bytes, rng: random.Random) -> bytes:
    """One to three changes: a field, a field of a signal, some bytes anywhere, or the length."""
    data = bytearray(base)
    signals = int(base[252:256])
    for _ in range(rng.choice((1, 1, 2, 3))):
        way = rng.randrange(6)
        if way == 0:
            at, width = rng.choice(FIELDS)
        elif way in (1, 2):
            column = rng.randrange(10)
            width = WIDTHS[column]
            at = 256 + signals * sum(WIDTHS[:column]) + rng.randrange(signals) * width
        elif way == 3:
            at, width = rng.randrange(len(data)), rng.randrange(1, 5)
        elif way == 4:
            del data[rng.randrange(len(data)) :]
            continue
        else:
            data += bytes(rng.randrange(1, 3000))
            continue
        value = rng.choice(VALUES) if way < 3 else bytes(rng.randrange(256) for _ in range(width))
        data[at : at + width] = value[:width].ljust(width)
    return bytes(data)


def opened_or_refused(path) -> OpenRecording | ToolError:
    try:
        return open_recording(path)
    except ToolError as error:
        return error


def check(path) -> bool:
    """Whether the file opens; if so, everything it promises holds."""
    opened = opened_or_refused(path)
    if isinstance(opened, ToolError):
        assert opened.field == "file"
        assert opened.message.isascii()
        assert "\n" not in opened.message
        return False
    with opened as recording:
        info = recording.info
        assert 0 < info.duration <= 31 * 86400
        assert len({channel.name for channel in info.channels}) == len(info.channels)
        assert all(0 < channel.sfreq <= 200_000 for channel in info.channels)
        assert all(gap.duration > 0 and gap.onset + gap.duration < info.duration for gap in info.gaps)
        for channel in info.channels:
            for onset in (0.0, info.duration * 0.7):
                segment = recording.read(onset, 2, [channel.name])
                assert segment.data.shape[1] >= 1
                assert not np.isinf(segment.data).any()
                outside = np.isfinite(segment.data) | bool(info.gaps)
                assert outside.all()
    return True


def run(edf_of, path, count: int, seed: int) -> tuple[int, float]:
    rng = random.Random(seed)
    originals = bases(edf_of)
    opened, slowest = 0, 0.0
    for i in range(count):
        path.write_bytes(mutant(originals[i % len(originals)], rng))
        started = time.perf_counter()
        opened += check(path)
        slowest = max(slowest, time.perf_counter() - started)
    return opened, slowest


def test_originals_open(edf_of, tmp_path):
    for base in bases(edf_of):
        (tmp_path / "a.edf").write_bytes(base)
        assert check(tmp_path / "a.edf")


def test_hundreds_of_broken_files_are_refused_or_sound(edf_of, tmp_path):
    opened, slowest = run(edf_of, tmp_path / "a.edf", 600, seed=2026)
    assert 100 < opened < 550
    assert slowest < 5


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_broken_files_are_refused_or_sound(edf_of, tmp_path, seed):
    opened, slowest = run(edf_of, tmp_path / "a.edf", 3000, seed)
    assert opened > 500
    assert slowest < 5


@pytest.mark.parametrize("kind", ["records", "samples", "annotations"])
def test_claims_beyond_the_file_cost_no_memory(edf_of, tmp_path, kind):
    header = {
        "records": {"records": b"99999999"},
        "samples": {"samples": {0: b"99999999", 1: b"99999999"}},
        "annotations": {"samples": {6: b"99999999"}},
    }[kind]
    path = tmp_path / "a.edf"
    path.write_bytes(edf_of(plus="+C").bytes(**header))
    tracemalloc.start()
    check(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64e6


@pytest.mark.slow
def test_sparse_file_of_gigabytes_opens_or_is_refused_in_seconds(edf_of, tmp_path):
    path = tmp_path / "a.edf"
    base = edf_of(plus="+D", seconds=2, onsets=[0, 1])
    with open(path, "wb") as file:
        file.write(base.bytes(records=b"-1"))
        file.truncate(4 << 30)
    tracemalloc.start()
    started = time.perf_counter()
    check(path)
    assert time.perf_counter() - started < 20
    assert tracemalloc.get_traced_memory()[1] < 512e6
    tracemalloc.stop()
