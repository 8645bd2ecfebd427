"""The Chroma store on disk: real, rebuilt when it has to be, and safe among several processes."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings

from knowledge import chroma, store, vectors
from knowledge.store import open_store
from knowledge.types import KnowledgeError

ROOT = Path(__file__).parents[2]
QUERY = "what makes an epoch N2?"


def place(folder):
    (found,) = folder.glob("rules-*")
    return found


def collection(folder):
    client = chromadb.PersistentClient(str(place(folder)), settings=Settings(anonymized_telemetry=False))
    return client, client.get_collection(chroma.COLLECTION, embedding_function=None)


def stamp(folder):
    return (place(folder) / "chroma.sqlite3").stat().st_ino


@pytest.fixture
def folder(tmp_path, rules):
    """A folder with a freshly built store."""
    open_store(tmp_path)
    return tmp_path


def test_chroma_holds_every_entry_with_its_vector_and_what_it_is_filtered_by(folder, rules):
    client, held = collection(folder)
    try:
        assert held.count() == len(rules.ids()) == 172
        row = held.get(ids=["AASM-DEF-08"], include=["embeddings", "documents", "metadatas"])
        assert np.linalg.norm(row["embeddings"][0]) == pytest.approx(1, abs=1e-5)
        assert "11-16 Hz" in row["documents"][0]
        assert row["metadatas"][0]["topic"] == "definition"
        assert row["metadatas"][0]["stages"] == "N2 N3"
        assert len(held.get(where={"topic": "arousal"})["ids"]) == 4
    finally:
        client.close()


def test_chroma_itself_finds_what_the_memory_copy_finds(folder):
    opened = open_store(folder)
    client, held = collection(folder)
    try:
        for words in (["spindle", "duration"], ["burst", "suppression"], ["blink"]):
            vector = opened._vectoriser.vector(words)
            theirs = held.query(query_embeddings=[vector.tolist()], n_results=3)["ids"][0]
            ours = [opened.ids()[i] for i in np.argsort(-(opened._vectors @ vector))[:3]]
            assert theirs == ours
    finally:
        client.close()


def test_chroma_makes_no_vectors_of_its_own_and_reports_to_nobody(folder):
    client, held = collection(folder)
    try:
        assert held._embedding_function is None
        assert chroma._settings().anonymized_telemetry is False
    finally:
        client.close()


def test_a_built_store_is_kept(folder):
    before = stamp(folder)
    assert open_store(folder).warning is None
    assert stamp(folder) == before
    assert [path.name for path in folder.iterdir()] == [place(folder).name], "nothing is left lying about"


def test_a_changed_rule_makes_a_new_store_and_removes_the_old(folder, tmp_path, monkeypatch):
    old = place(folder).name
    copy = tmp_path.parent / f"{tmp_path.name}-rules"
    shutil.copytree(store.load_rules.__defaults__[0], copy)
    (copy / "artifacts.yaml").write_text(
        (copy / "artifacts.yaml").read_text(encoding="utf-8").replace("title: Blink", "title: Eyelid flick"),
        encoding="utf-8",
    )
    load = store.load_rules
    monkeypatch.setattr(store, "load_rules", lambda: load(copy))
    opened = open_store(folder)
    assert opened.search("eyelid flick")[0].id == "CE-ART-01"
    assert place(folder).name != old


def test_building_removes_cut_off_builds_and_nothing_that_is_not_ours(tmp_path):
    for name in ("rules-of-mine", ".building-old", ".building-new", f"rules-{'0' * 16}"):
        (tmp_path / name).mkdir()
    os.utime(tmp_path / ".building-old", (0, 0))
    open_store(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert {"rules-of-mine", ".building-new"} <= left
    assert len(left) == 3


def test_another_way_of_making_vectors_makes_a_new_store(folder, monkeypatch):
    old = place(folder).name
    monkeypatch.setattr(vectors, "VERSION", vectors.VERSION + 1)
    open_store(folder)
    assert place(folder).name != old


def _truncate(path):
    (path / "chroma.sqlite3").write_bytes((path / "chroma.sqlite3").read_bytes()[:50_000])


def _scribble(path):
    raw = bytearray((path / "chroma.sqlite3").read_bytes())
    raw[10_000:60_000] = os.urandom(50_000)
    (path / "chroma.sqlite3").write_bytes(raw)


def _empty(path):
    (path / "chroma.sqlite3").write_bytes(b"")


def _not_a_database(path):
    (path / "chroma.sqlite3").write_text("hello", encoding="utf-8")


def _remove(path):
    (path / "chroma.sqlite3").unlink()


def _lose_a_row(path):
    client = chromadb.PersistentClient(str(path), settings=Settings(anonymized_telemetry=False))
    client.get_collection(chroma.COLLECTION, embedding_function=None).delete(ids=["AASM-N2-01"])
    client.close()


def _alter_a_vector(path):
    client = chromadb.PersistentClient(str(path), settings=Settings(anonymized_telemetry=False))
    held = client.get_collection(chroma.COLLECTION, embedding_function=None)
    held.update(ids=["AASM-N2-01"], embeddings=[[1.0] * vectors.DIMENSION])
    client.close()


def _lose_the_collection(path):
    client = chromadb.PersistentClient(str(path), settings=Settings(anonymized_telemetry=False))
    client.delete_collection(chroma.COLLECTION)
    client.close()


@pytest.mark.parametrize(
    "damage",
    [
        *(_truncate, _scribble, _empty, _not_a_database, _remove),
        *(_lose_a_row, _alter_a_vector, _lose_the_collection),
    ],
)
def test_a_damaged_store_is_rebuilt(folder, rules, damage):
    damage(place(folder))
    opened = open_store(folder)
    assert opened.warning is None
    assert opened.search(QUERY) == rules.search(QUERY)
    client, held = collection(folder)
    assert held.count() == 172
    client.close()


def test_a_folder_that_cannot_be_written_gives_a_store_in_memory_and_says_so(tmp_path, rules):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    opened = open_store(tmp_path / "file" / "store")
    assert "lives in memory" in opened.warning
    assert str(tmp_path) not in opened.warning
    assert opened.search(QUERY) == rules.search(QUERY)


def test_a_store_on_a_full_disk_lives_in_memory(tmp_path, rules, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(chroma.tempfile, "mkdtemp", full)
    opened = open_store(tmp_path)
    assert "No space left" in opened.warning
    assert opened.search(QUERY) == rules.search(QUERY)


@pytest.mark.slow
def test_six_processes_that_open_at_once_agree_and_leave_one_store(tmp_path):
    code = (
        "import sys; from pathlib import Path; from knowledge.store import open_store; "
        "s = open_store(Path(sys.argv[1])); print(s.warning, [c.id for c in s.search(sys.argv[2])])"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path), QUERY], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    said = {process.communicate(timeout=90)[0] for process in running}
    assert [process.returncode for process in running] == [0] * 6
    assert len(said) == 1
    assert said.pop().startswith("None ['AASM-")
    assert len(list(tmp_path.iterdir())) == 1


def test_threads_may_open_and_search_together(tmp_path, rules):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: open_store(tmp_path).search(QUERY), range(4)))
    assert all(one == rules.search(QUERY) for one in found)


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_forked_child_can_go_on_searching(rules):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        os.write(writing, rules.search(QUERY)[0].id.encode())
        os._exit(0)
    os.close(writing)
    assert os.read(reading, 100).decode() == rules.search(QUERY)[0].id
    assert os.waitpid(child, 0)[1] == 0


def test_importing_the_store_does_not_import_chroma():
    code = "import sys, knowledge.store; print('chromadb' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_opening_and_searching_are_quick(folder):
    opening = min(_seconds(lambda: open_store(folder)) for _ in range(3))
    opened = open_store(folder)
    searching = min(_seconds(lambda: opened.search(QUERY)) for _ in range(20))
    assert opening < 0.5
    assert searching < 0.005


def _seconds(do):
    start = time.process_time()  # not the clock's: neighbours on a busy machine are not our fault
    do()
    return time.process_time() - start


def test_a_wrong_rule_file_is_an_error_of_the_rules_not_of_the_store(tmp_path, monkeypatch):
    load = store.load_rules
    monkeypatch.setattr(store, "load_rules", lambda: load(tmp_path))
    with pytest.raises(KnowledgeError, match="No rule files"):
        open_store(tmp_path / "store")
