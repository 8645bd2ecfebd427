"""Events of a whole recording are found once, agree with the page, outlive the process, and can be erased."""

import json
import threading
import time

import pytest

from agent import index as index_module
from agent.index import EventIndex, index_in, version
from agent.memory import ThreadStore
from tools.detect import detect
from tools.io import open_recording
from tools.types import ToolError


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    from models.demo import demo_recording

    with open_recording(demo_recording(tmp_path_factory.mktemp("demo"))) as opened:
        yield opened


@pytest.fixture
def searches(monkeypatch):
    """Every search of the signal that is made, by its labels."""
    made = []

    def counting(recording, **options):
        made.append(tuple(options["labels"]))
        return detect(recording, **options)

    monkeypatch.setattr(index_module, "detect", counting)
    return made


def onsets(found):
    return [(event.label, event.onset, event.masked_by) for event in found.events]


def test_a_whole_recording_is_searched_once(recording, searches, tmp_path):
    index = EventIndex(tmp_path)
    first = index.search(recording, labels=["spindle", "eyem"])
    again = index.search(recording, labels=["spindle"])
    assert len(searches) == 1
    assert onsets(again) == [row for row in onsets(first) if row[0] == "spindle"]
    assert onsets(first) == onsets(detect(recording, labels=["spindle", "eyem"]))
    index.search(recording, labels=["spindle", "slow_wave"])
    assert searches[1:] == [("slow_wave",)], "only what is missing is looked for"


def test_a_page_is_answered_from_the_whole_only_where_that_is_known(recording, searches, tmp_path):
    index = EventIndex(tmp_path)
    index.search(recording, labels=["spindle"], onset=190, duration=10)
    assert searches == [("spindle",)]
    whole = index.search(recording, labels=["spindle"])
    page = index.search(recording, labels=["spindle"], onset=200, duration=20)
    assert len(searches) == 2
    assert page.analysed.seconds == 20
    inside = [event for event in whole.events if event.onset < 220 and event.onset + event.duration > 200]
    assert inside
    assert len(page.events) == len(inside)
    assert all(event.onset >= 200 and event.onset + event.duration <= 220 + 1e-9 for event in page.events)


def test_another_process_reads_what_was_found(recording, searches, tmp_path):
    found = EventIndex(tmp_path).search(recording, labels=["spindle", "bad_channel"])
    again = EventIndex(tmp_path).search(recording, labels=["spindle", "bad_channel"])
    assert again == found
    assert len(searches) == 1


def test_other_code_searches_anew_and_a_damaged_file_is_none(recording, searches, tmp_path, monkeypatch):
    EventIndex(tmp_path).search(recording, labels=["spindle"])
    (file,) = (tmp_path / recording.info.handle).glob("spindle.*.json")
    file.write_text('{"events": [')
    EventIndex(tmp_path).search(recording, labels=["spindle"])
    assert len(searches) == 2
    monkeypatch.setattr(index_module, "version", lambda: "othercode")
    EventIndex(tmp_path).search(recording, labels=["spindle"])
    assert len(searches) == 3
    (file,) = (tmp_path / recording.info.handle).glob("spindle.*.json")
    assert "othercode" in file.name, "the file of the older code is gone"


def test_labels_without_a_detector_are_said_to_be_open(recording, tmp_path, monkeypatch):
    without = {label: entry for label, entry in index_module.DETECTOR_OF.items() if label != "spindle"}
    monkeypatch.setattr(index_module, "DETECTOR_OF", without)
    found = EventIndex(tmp_path).search(recording, labels=["eyem", "spindle"])
    assert [entry.label for entry in found.not_analysed] == ["spindle"]
    assert found.analysed.labels == ("eyem",)


def test_a_channel_that_is_not_there_is_refused_in_words(recording, tmp_path):
    index = EventIndex(tmp_path)
    with pytest.raises(ToolError, match="no such channel"):
        index.search(recording, labels=["spindle"], channels=["X9"])
    only = index.search(recording, labels=["spindle"], channels=["C3"])
    assert only.events
    assert all(event.channels == ("C3",) for event in only.events if event.channels)


def test_threads_that_ask_at_once_wait_for_one_search(recording, searches, tmp_path):
    index, found = EventIndex(tmp_path), []
    asking = [
        threading.Thread(target=lambda: found.append(index.search(recording, labels=["spindle"])))
        for _ in range(4)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(searches) == 1
    assert all(one == found[0] for one in found)


def test_progress_is_told_up_to_the_end(recording, tmp_path):
    told = []
    EventIndex(tmp_path).search(recording, labels=["line_noise"], progress=told.append)
    assert told
    assert told[-1] == 1.0


def test_the_files_hold_no_names_and_are_private(recording, tmp_path):
    index = EventIndex(tmp_path / "events")
    index.search(recording, labels=["eyem"])
    (file,) = (tmp_path / "events" / recording.info.handle).iterdir()
    assert set(json.loads(file.read_text())) <= {"events", "analysed", "not_analysed"}
    assert file.stat().st_mode & 0o077 == 0
    assert (tmp_path / "events").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_costs_no_answer(recording, tmp_path):
    (tmp_path / "events").write_text("a file in the way")
    found = EventIndex(tmp_path / "events").search(recording, labels=["eyem"])
    assert found.events


def test_what_is_forgotten_or_old_or_too_much_is_gone(recording, tmp_path, monkeypatch):
    index = EventIndex(tmp_path)
    index.search(recording, labels=["eyem"])
    handle = recording.info.handle
    index.expire(1)
    assert (tmp_path / handle).exists()
    index.forget(handle)
    assert not (tmp_path / handle).exists()
    assert index.whole(recording) is None
    index.search(recording, labels=["eyem"])
    monkeypatch.setattr(index_module, "LARGEST_FOLDER", 10)
    index.expire(1)
    assert not (tmp_path / handle).exists()
    index.search(recording, labels=["eyem"])
    monkeypatch.setattr(index_module, "LARGEST_FOLDER", 10**9)
    now = time.time()
    monkeypatch.setattr(index_module.time, "time", lambda: now + 2 * 86400)
    index.expire(1)
    assert not (tmp_path / handle).exists()


def test_the_last_thread_on_a_recording_takes_its_events_along(recording, tmp_path):
    handle = recording.info.handle
    with ThreadStore(tmp_path) as store:
        first, second = store.create("a", handle), store.create("b", handle)
        index_in(store.events).search(recording, labels=["eyem"])
        store.delete(first, "a")
        assert (store.events / handle).exists()
        store.delete(second, "b")
        assert not (store.events / handle).exists()


def test_the_version_is_a_short_name_that_stays():
    assert version() == version()
    assert len(version()) == 12
