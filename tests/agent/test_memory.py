"""Threads on disk: what is acknowledged stays, what is deleted is gone, and nobody sees another's."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from agent.memory import FACT, ThreadStore
from tools.types import ToolError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path):
    with ThreadStore(tmp_path / "threads") as opened:
        yield opened


def one_turn(store, thread, owner="anna", question="Are there spindles?", answer="Two spindles."):
    n = store.begin(thread, owner, question, {"act": "detect", "question": question})
    store.add(thread, n, FACT, {"tool": "detect", "turn": n})
    store.finish(thread, n, {"answer": answer}, {"act": "detect", "labels": ["spindle"]})
    return n


def test_a_finished_turn_reads_back_as_it_was_written_also_by_another_store(store):
    thread = store.create("anna", "rec-1")
    one_turn(store, thread)
    with ThreadStore(store.folder) as again:
        (turn,) = again.history(thread, "anna")
    assert (turn.n, turn.status, turn.question) == (1, "done", "Are there spindles?")
    assert turn.answer == {"answer": "Two spindles."}
    assert turn.intent == {"act": "detect", "labels": ["spindle"]}


def test_history_gives_the_last_turns_oldest_first_and_facts_the_newest_first(store):
    thread = store.create("anna", "rec-1")
    for _ in range(20):
        one_turn(store, thread)
    assert [turn.n for turn in store.history(thread, "anna", last=3)] == [18, 19, 20]
    assert [fact["turn"] for fact in store.facts(thread, "anna")] == list(range(20, 0, -1))
    assert len(store.history(thread, "anna")) == 12


def test_an_answer_is_synced_to_the_disk_before_it_is_acknowledged(store):
    thread = store.create("anna", "rec-1")
    n = store.begin(thread, "anna", "What?")
    said = []
    store._db.set_trace_callback(said.append)
    store.finish(thread, n, {"answer": "This."}, {})
    store._db.set_trace_callback(None)
    order = [s for s in said if "synchronous" in s or s in ("BEGIN IMMEDIATE", "COMMIT")]
    assert order[:3] == ["PRAGMA synchronous=FULL", "BEGIN IMMEDIATE", "COMMIT"]


def test_facts_are_read_only_as_far_as_they_are_asked_for(store):
    thread = store.create("anna", "rec-1")
    for _ in range(40):
        one_turn(store, thread)
    reads = []
    store._db.set_trace_callback(reads.append)
    facts = store.facts(thread, "anna")
    assert reads == []
    assert next(facts)["turn"] == 40
    assert sum("payload FROM log" in sql for sql in reads) == 1


def test_a_failed_turn_keeps_its_reason_and_leaves_the_thread_free(store):
    thread = store.create("anna", "rec-1")
    n = store.begin(thread, "anna", "What is this?")
    store.fail(thread, n, "The model server is not reachable.")
    assert store.history(thread, "anna")[0].message == "The model server is not reachable."
    assert store.history(thread, "anna")[0].status == "failed"
    assert one_turn(store, thread) == 2


def test_a_thread_is_found_again_by_name_but_not_for_another_recording(store):
    assert store.create("anna", "rec-1", "work") == store.create("anna", "rec-1", "work") == "work"
    with pytest.raises(ToolError, match="another recording") as error:
        store.create("anna", "rec-2", "work")
    assert error.value.field == "thread"


def test_random_ids_cannot_be_guessed(store):
    names = {store.create("anna", "rec-1") for _ in range(50)}
    assert len(names) == 50
    assert all(len(name) == 32 for name in names)  # 128 bits


def test_a_foreign_thread_behaves_exactly_like_a_missing_one(store):
    thread = store.create("anna", "rec-1")
    one_turn(store, thread)
    uses = {
        "history": lambda name: store.history(name, "ben"),
        "facts": lambda name: list(store.facts(name, "ben")),
        "unfinished": lambda name: store.unfinished(name, "ben"),
        "resume": lambda name: store.resume(name, "ben"),
        "begin": lambda name: store.begin(name, "ben", "Mine?"),
        "delete": lambda name: store.delete(name, "ben"),
    }
    for name, use in uses.items():
        errors = []
        for target in (thread, "missing"):
            with pytest.raises(ToolError) as caught:
                use(target)
            errors.append((caught.value.message, caught.value.field, caught.value.choices))
        assert errors[0] == errors[1], name
    assert store.threads("ben") == []
    assert len(store.history(thread, "anna")) == 1


def test_a_name_taken_by_another_owner_reads_like_any_name_that_cannot_be_had(store):
    store.create("anna", "rec-1", "work")
    messages = set()
    for name in ("work", "not/a name", ".hidden", "", "x" * 65):
        with pytest.raises(ToolError) as caught:
            store.create("ben", "rec-1", name)
        messages.add(caught.value.message)
    assert len(messages) == 1


def test_neither_owner_nor_path_is_written_down(store):
    store.create("a-secret-browser-id", "rec-1")
    store.close()
    assert b"a-secret-browser-id" not in all_bytes(store.folder)


def test_a_list_of_threads_shows_what_each_is_about(store):
    first, second = store.create("anna", "rec-1", "first"), store.create("anna", "rec-2", "second")
    one_turn(store, second, question="What is this?")
    one_turn(store, second)
    one_turn(store, first)
    listed = store.threads("anna")
    assert [(t.id, t.recording, t.turns, t.question) for t in listed] == [
        ("first", "rec-1", 1, "Are there spindles?"),
        ("second", "rec-2", 2, "What is this?"),
    ]


def test_a_thread_answers_one_question_at_a_time_and_others_meanwhile(store):
    thread, other = store.create("anna", "rec-1"), store.create("anna", "rec-1")
    n = store.begin(thread, "anna", "First?")
    for second in (store, ThreadStore(store.folder)):
        with pytest.raises(ToolError, match="answering another question"):
            second.begin(thread, "anna", "Second?")
        with pytest.raises(ToolError, match="answering another question"):
            second.delete(thread, "anna")
        assert second.unfinished(thread, "anna") is None
        if second is not store:
            assert one_turn(second, other) == 1
            second.close()
    store.finish(thread, n, {"answer": "Yes."}, {})
    assert one_turn(store, thread) == 2


@pytest.mark.parametrize("payload", [{"png": b"\x89PNG"}, {"data": np.zeros(3)}, {"x": {1, 2}}])
def test_arrays_and_bytes_are_refused(store, payload):
    thread = store.create("anna", "rec-1")
    n = store.begin(thread, "anna", "What?")
    with pytest.raises(TypeError):
        store.add(thread, n, FACT, payload)
    store.finish(thread, n, {}, {})


def test_large_rows_nan_and_rows_out_of_turn_are_refused(store):
    thread = store.create("anna", "rec-1")
    n = store.begin(thread, "anna", "What?")
    with pytest.raises(ValueError, match="store a summary"):
        store.add(thread, n, FACT, {"noise": os.urandom(300_000).hex()})
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.add(thread, n, FACT, {"value": float("nan")})
    with pytest.raises(ValueError, match="store itself"):
        store.add(thread, n, "answer", {})
    with pytest.raises(ValueError, match="not in flight"):
        store.add(thread, n + 1, FACT, {})
    store.finish(thread, n, {}, {})
    with pytest.raises(ValueError, match="not in flight"):
        store.finish(thread, n, {}, {})
    assert list(store.facts(thread, "anna")) == []


def all_bytes(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_deletion_leaves_no_text_in_any_file(store):
    """Rows of many sizes, so that pages split and cells move before the thread goes."""
    kept, gone = store.create("anna", "rec-1"), store.create("anna", "rec-gone")
    saver = store.checkpointer()
    secrets = [f"secret-{i:03d}-question" for i in range(60)]
    for i, secret in enumerate(secrets):
        one_turn(store, gone, question=secret + " pad" * (i * 7 % 90), answer=secret.upper())
        one_turn(store, kept, question=f"kept-{i:03d}" + " pad" * (i * 11 % 90))
    n = store.begin(gone, "anna", secrets[0])
    checkpoint = {
        "v": 4, "id": "1", "ts": "", "channel_values": {"q": secrets[0]}, "channel_versions": {},
        "versions_seen": {}, "updated_channels": None,
    }  # fmt: skip
    config = {"configurable": {"thread_id": f"{gone}:{n}", "checkpoint_ns": ""}}
    saver.put(config, checkpoint, {"source": "input", "step": 0, "parents": {}}, {})
    before = all_bytes(store.folder)
    assert b"secret-007-question" in before
    assert b"SECRET-007" in before
    store.fail(gone, n, "stopped")
    grown = (store.folder / "threads.db").stat().st_size
    store.delete(gone, "anna")
    assert (store.folder / "threads.db").stat().st_size < 0.75 * grown
    after = all_bytes(store.folder)
    assert b"secret-" not in after
    assert b"SECRET-" not in after
    assert gone.encode() not in after
    assert b"rec-gone" not in after
    assert b"kept-059" in after
    assert [thread.id for thread in store.threads("anna")] == [kept]
    assert len(list((store.folder / "locks").iterdir())) == 2  # the kept thread's, and `opening`


def test_threads_older_than_the_retention_expire_and_live_ones_stay(store):
    old, new, live = (store.create("anna", "rec-1", name) for name in ("old", "new", "live"))
    one_turn(store, old)
    one_turn(store, new)
    n = store.begin(live, "anna", "Still thinking?")
    long_ago = time.time() - 31 * 86400
    store._db.execute("UPDATE threads SET touched = ? WHERE id IN ('old', 'live')", (long_ago,))
    assert store.expire() == 1
    assert {thread.id for thread in store.threads("anna")} == {"new", "live"}
    store.finish(live, n, {"answer": "Yes."}, {})
    assert store.expire() == 0


def test_files_are_for_their_owner_alone(store):
    thread = store.create("anna", "rec-1")
    store.checkpointer()
    one_turn(store, thread)
    modes = {path.name: path.stat().st_mode & 0o777 for path in store.folder.rglob("*")}
    assert store.folder.stat().st_mode & 0o777 == modes.pop("locks") == 0o700
    assert {"threads.db", "threads.db-wal", "turns.db"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_folder_that_cannot_be_made_names_the_setting(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/glossa")):
        with pytest.raises(ToolError, match="GLOSSA_HOME") as error:
            ThreadStore(folder)
        assert error.value.field == "home"
        assert str(tmp_path) not in error.value.message


def test_a_damaged_file_names_the_setting(tmp_path):
    (tmp_path / "threads.db").write_bytes(b"this is no database, whatever it is called" * 100)
    with pytest.raises(ToolError, match=r"damaged.*GLOSSA_HOME"):
        ThreadStore(tmp_path)


def test_a_full_disk_is_said_in_words_and_the_thread_goes_on_when_there_is_space_again(store):
    thread = store.create("anna", "rec-1")
    n = store.begin(thread, "anna", "What?")
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    noise = os.urandom(60_000).hex()
    with pytest.raises(ToolError, match=r"full.*GLOSSA_HOME"):
        store.add(thread, n, FACT, {"noise": noise})
    with pytest.raises(ToolError, match=r"full.*GLOSSA_HOME"):
        store.finish(thread, n, {"answer": noise}, {})
    store.fail(thread, n, "too late: the thread is free already")
    store._db.execute("PRAGMA max_page_count = 1000000")
    assert one_turn(store, thread) == 2
    assert [turn.status for turn in store.history(thread, "anna")] == ["interrupted", "done"]


def test_a_disk_that_refuses_to_write_is_said_in_words(tmp_path):
    code = """
import resource, sys
from pathlib import Path
from agent.memory import ThreadStore
from tools.types import ToolError
store = ThreadStore(Path(sys.argv[1]))
thread = store.create("anna", "rec-1")
resource.setrlimit(resource.RLIMIT_FSIZE, (70_000, 70_000))
try:
    for _ in range(200):
        n = store.begin(thread, "anna", "What? " * 60)
        store.finish(thread, n, {"answer": "This. " * 60}, {})
except ToolError as error:
    print(error.field, "GLOSSA_HOME" in error.message)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "home True"


def test_many_threads_of_one_process_lose_nothing_and_mix_nothing(store):
    names = [store.create(f"owner-{i}", "rec-1") for i in range(8)]

    def talk(i):
        for k in range(12):
            one_turn(store, names[i], owner=f"owner-{i}", question=f"canary-{i}-{k}")

    workers = [threading.Thread(target=talk, args=(i,)) for i in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for i, name in enumerate(names):
        asked = [turn.question for turn in store.history(name, f"owner-{i}", last=50)]
        assert asked == [f"canary-{i}-{k}" for k in range(12)]


def test_two_processes_share_a_thread_turn_by_turn(store):
    thread = store.create("anna", "rec-1")
    code = """
import sys, time
from pathlib import Path
from agent.memory import ThreadStore
from tools.types import ToolError
store, done, refused = ThreadStore(Path(sys.argv[1])), 0, 0
print("ready", flush=True)
sys.stdin.readline()
while done < 15:
    try:
        n = store.begin(sys.argv[2], "anna", f"{sys.argv[3]}-{done}")
    except ToolError as error:
        assert "answering" in error.message, error.message
        refused += 1
        time.sleep(0.001)
        continue
    store.add(sys.argv[2], n, "fact", {"by": sys.argv[3]})
    time.sleep(0.002)
    store.finish(sys.argv[2], n, {"answer": sys.argv[3]}, {})
    done += 1
    time.sleep(0.002)
print(refused)
"""
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(store.folder), thread, name],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("left", "right")
    ]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    refused = [int(child.communicate(timeout=60)[0]) for child in children]
    turns = store.history(thread, "anna", last=100)
    assert [turn.n for turn in turns] == list(range(1, 31))
    assert all(turn.status == "done" for turn in turns)
    assert all(turn.answer == {"answer": turn.question.split("-")[0]} for turn in turns)
    assert sum(refused) > 0, "they never met: the test shows nothing"


def test_stores_opened_at_the_same_moment_do_not_trip_over_each_other(tmp_path):
    code = (
        "import sys; from pathlib import Path; from agent.memory import ThreadStore\n"
        "sys.stdin.readline(); ThreadStore(Path(sys.argv[1])).create('anna', 'rec-1')"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "new")], cwd=ROOT, stdin=subprocess.PIPE)
        for _ in range(4)
    ]
    time.sleep(1.0)
    for child in children:
        child.communicate(b"go\n", timeout=60)
    assert [child.returncode for child in children] == [0] * 4
    with ThreadStore(tmp_path / "new") as store:
        assert len(store.threads("anna")) == 4
