"""Who sees what: recordings belong to the browser that opened them, on disk and in memory."""

import os
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tools.types import Event, ToolError
from ui.identity import COOKIE, NotHereError, new_identity, owner_of
from ui.marks import Marks
from ui.shelf import Shelf
from ui.uploads import group_files, stored_names

ANNA, BEN = (owner_of({COOKIE: new_identity()}) for _ in range(2))


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    from models.demo import demo_recording

    return demo_recording(tmp_path_factory.mktemp("sample"))


@pytest.fixture
def shelf(tmp_path):
    shelf = Shelf(tmp_path / "recordings")
    yield shelf
    shelf.close()


@pytest.fixture
def upload(sample, tmp_path):
    def copy(name="DOE^Jane 1970.edf"):
        folder = tmp_path / "cache" / new_identity()
        folder.mkdir(parents=True)
        return Path(shutil.copy(sample, folder / name))

    return copy


def _files(shelf):
    return sorted(str(path.relative_to(shelf.folder)) for path in shelf.folder.rglob("*") if path.is_file())


def _age(folder, days):
    then = time.time() - days * 86400
    os.utime(folder, (then, then))


def test_an_owner_is_a_hash_of_the_cookie_and_needs_a_well_formed_one():
    cookie = new_identity()
    owner = owner_of({COOKIE: cookie})
    assert owner == owner_of({COOKIE: cookie})
    assert cookie not in owner
    assert all(owner_of({COOKIE: bad}) is None for bad in ("", "../../etc", cookie + "x", cookie[:-1] + "/"))
    assert owner_of({}) is None


def test_an_upload_leaves_the_cache_and_its_name_and_opens_again_after_a_restart(shelf, upload):
    source = upload()
    assert "DOE" in source.name
    (kept,) = shelf.keep(ANNA, [source])
    assert not source.exists()
    assert "DOE" not in " ".join(_files(shelf))
    again = Shelf(shelf.folder)
    with again.lend(ANNA, kept.handle) as recording:
        assert recording.info.handle == kept.handle
        assert recording.read(0, 1).data.shape[1] == 200
    again.close()


def test_what_belongs_to_one_browser_is_not_there_for_another(shelf, upload):
    (kept,) = shelf.keep(ANNA, [upload()])
    assert shelf.list(BEN) == []
    for owner in (BEN, None):
        with pytest.raises(NotHereError), shelf.lend(owner, kept.handle):
            pass
    shelf.delete(BEN, kept.handle)
    assert [note.handle for note in shelf.list(ANNA)] == [kept.handle]


def test_deleting_removes_the_file_at_once_and_who_is_reading_it_is_told_so(shelf, upload):
    (kept,) = shelf.keep(ANNA, [upload()])
    with shelf.lend(ANNA, kept.handle) as recording:
        shelf.delete(ANNA, kept.handle)
        assert _files(shelf) == []
        with pytest.raises(ToolError, match="removed"):
            recording.read(0, 1)
    with pytest.raises(NotHereError), shelf.lend(ANNA, kept.handle):
        pass


def test_the_same_file_again_stays_one_and_does_not_disturb_who_reads_it(shelf, upload):
    (first,) = shelf.keep(ANNA, [upload()])
    with shelf.lend(ANNA, first.handle) as recording:
        (second,) = shelf.keep(ANNA, [upload("again.edf")])
        assert recording.read(0, 1).data.shape[1] == 200
    assert first == second
    assert len(shelf.list(ANNA)) == 1
    assert len(_files(shelf)) == 2, "one recording and its note"


def test_what_cannot_be_opened_leaves_nothing_behind_not_even_its_neighbour(shelf, upload, tmp_path):
    junk = tmp_path / "holiday.edf"
    junk.write_bytes(b"not an EEG at all" * 100)
    with pytest.raises(ToolError) as caught:
        shelf.keep(ANNA, [upload(), junk])
    assert "holiday" not in caught.value.message
    assert shelf.list(ANNA) == []
    assert _files(shelf) == []


def test_an_upload_beyond_the_limit_is_refused_with_the_setting_to_change(tmp_path, upload):
    shelf = Shelf(tmp_path / "small", max_upload_mb=1)
    with pytest.raises(ToolError, match="GLOSSA_MAX_UPLOAD_MB"):
        shelf.keep(ANNA, [upload(), upload()])
    assert _files(shelf) == []


def test_start_forgets_what_was_not_used_and_what_a_crash_left(tmp_path, upload):
    shelf = Shelf(tmp_path / "recordings")
    shelf.keep(ANNA, [upload()])
    shelf.close()
    (folder,) = (shelf.folder / ANNA).iterdir()
    half = shelf.folder / BEN / "half"
    half.mkdir(parents=True)
    (half / "recording.edf").write_bytes(b"half")
    Shelf(shelf.folder, retention_days=1)
    assert half.exists(), "another server on the same folder may be writing it"
    _age(half, 2 / 24)
    Shelf(shelf.folder, retention_days=1)
    assert folder.exists()
    assert not half.exists()
    _age(folder, 2)
    Shelf(shelf.folder, retention_days=1)
    assert not folder.exists()


def test_the_shared_recording_is_seen_by_every_browser_and_stays_where_it_is(tmp_path, sample):
    shelf = Shelf(tmp_path / "recordings", shared=sample)
    (note,) = shelf.list(ANNA)
    assert note.number == 0
    for owner in (ANNA, BEN):
        with shelf.lend(owner, note.handle) as recording:
            assert recording.info.duration == 300
    shelf.delete(ANNA, note.handle)
    assert sample.is_file()
    assert shelf.list(ANNA) == [note]
    shelf.close()


def test_recordings_crowded_out_of_memory_open_again(shelf, tmp_path, monkeypatch, upload):
    monkeypatch.setattr("ui.shelf._OPEN_AT_ONCE", 1)
    (kept,) = shelf.keep(ANNA, [upload()])
    (other,) = shelf.keep(BEN, [upload()])
    with shelf.lend(ANNA, kept.handle) as first, shelf.lend(BEN, other.handle) as second:
        assert first is not second
        assert first.read(0, 1).data.shape == second.read(0, 1).data.shape
    assert len(shelf._open) == 1


def test_many_readers_at_once_all_get_the_same_samples(shelf, upload):
    (kept,) = shelf.keep(ANNA, [upload()])
    seen = []

    def read(start):
        with shelf.lend(ANNA, kept.handle) as recording:
            seen.append((start, recording.read(start, 2).data))

    threads = [threading.Thread(target=read, args=(i % 4,)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 16
    for start, data in seen:
        same = next(other for at, other in seen if at == start)
        np.testing.assert_array_equal(data, same)


def test_brainvision_travels_with_its_companions(shelf, tmp_path):
    from pybv import write_brainvision

    data = np.random.default_rng(1).normal(0, 20e-6, (2, 1000))
    write_brainvision(
        data=data, sfreq=100, ch_names=["O1", "O2"], fname_base="DOE", folder_out=tmp_path / "bv"
    )
    parts = sorted((tmp_path / "bv").iterdir())  # .eeg comes first: the order must not matter
    (kept,) = shelf.keep(ANNA, parts)
    with shelf.lend(ANNA, kept.handle) as recording:
        assert recording.info.names() == ("O1", "O2")
        assert recording.info.duration == pytest.approx(10.0)


def test_a_header_without_its_companions_is_refused(shelf, tmp_path):
    from pybv import write_brainvision

    data = np.zeros((1, 1000))
    write_brainvision(data=data, sfreq=100, ch_names=["O1"], fname_base="DOE", folder_out=tmp_path / "bv")
    with pytest.raises(ToolError) as caught:
        shelf.keep(ANNA, [tmp_path / "bv" / "DOE.vhdr"])
    assert "DOE" not in caught.value.message
    assert _files(shelf) == []


def test_files_are_sorted_into_recordings(tmp_path):
    def names(*given):
        groups = group_files([tmp_path / name for name in given])
        return [[path.name for path in group] for group in groups]

    assert names("a.eeg", "a.vmrk", "a.vhdr") == [["a.vhdr", "a.eeg", "a.vmrk"]]
    assert names("b.fdt", "b.set", "c.edf") == [["b.set", "b.fdt"], ["c.edf"]]
    assert names("x.edf", "y.bdf") == [["x.edf"], ["y.bdf"]]
    assert names("d.vhdr", "other.eeg", "z.edf") == [["d.vhdr", "other.eeg"], ["z.edf"]]
    assert names("night.21e", "night.eeg", "night.pnt") == [["night.eeg", "night.21e", "night.pnt"]]
    assert names("lonely.fdt") == [["lonely.fdt"]]


def test_a_single_file_gives_up_its_name(tmp_path):
    assert stored_names([tmp_path / "Jane Doe.EDF"]) == ["recording.edf"]
    assert stored_names([tmp_path / "Jane Doe.fif"]) == ["recording_raw.fif"]
    assert stored_names([tmp_path / "a.vhdr", tmp_path / "a.eeg"]) == ["a.vhdr", "a.eeg"]


def test_marks_are_found_by_their_owner_only_and_the_oldest_are_forgotten(monkeypatch):
    monkeypatch.setattr("ui.marks._MARKS_KEPT", 2)
    marks = Marks()
    events = [Event(onset=i, duration=1, label="spindle", source="t") for i in range(3)]
    tokens = [marks.keep(ANNA, [event]) for event in events]
    assert marks.find(ANNA, tokens[2]) == (events[2],)
    assert marks.keep(ANNA, [events[2]]) == tokens[2]
    assert marks.find(BEN, "") == ()
    for owner, token in ((BEN, tokens[2]), (None, tokens[2]), (ANNA, tokens[0])):
        with pytest.raises(NotHereError):
            marks.find(owner, token)
