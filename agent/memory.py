"""Threads on disk: what was asked, found and answered, turn by turn.

Finished turns are rows of a log that only grows. The turn in flight is checkpointed by the graph's
own saver in a second file, under ``thread:turn``, and its checkpoints go when it ends: a saver that
keeps the whole conversation in every checkpoint grows with the square of its length.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agent.checkpoints import TurnCheckpoints
from agent.index import index_in
from agent.storage import (
    connect,
    erase_leftovers,
    free_lock,
    in_words,
    one_at_a_time,
    pack,
    private_folder,
    take_lock,
    unpack,
)
from tools.types import Record, ToolError

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite import SqliteSaver

FACT = "fact"
"""Kind of the log row that holds what a tool established."""

_CLOSING = ("answer", "failed", "interrupted")
_RESERVED = ("question", *_CLOSING)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS threads (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, recording TEXT NOT NULL,
    created REAL NOT NULL, touched REAL NOT NULL);
CREATE INDEX IF NOT EXISTS threads_of_owner ON threads (owner, touched);
CREATE TABLE IF NOT EXISTS log (
    seq INTEGER PRIMARY KEY, thread TEXT NOT NULL, turn INTEGER NOT NULL,
    kind TEXT NOT NULL, at REAL NOT NULL, payload BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS log_of_thread ON log (thread, kind, turn);
"""


class Turn(Record):
    """One question and what became of it."""

    n: int
    question: str
    intent: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None
    status: Literal["done", "interrupted", "failed", "open"]
    message: str = ""
    """Why a turn failed, in words for the user."""


class ThreadInfo(Record):
    """A thread as a list shows it."""

    id: str
    recording: str
    turns: int
    question: str
    """The first question: what the thread is about."""
    created: float
    touched: float


class ThreadStore:
    """The threads of all owners in one folder; safe for several threads and several processes.

    An owner is whoever holds the owner's id (a browser's random id, or the command line's own); only
    its hash is stored. A thread of another owner behaves exactly like one that does not exist.
    """

    def __init__(self, folder: Path, *, retention_days: float = 30.0) -> None:
        self.folder = folder
        self.retention_days = retention_days
        self._guard = threading.RLock()
        self._held: dict[str, tuple[int, int]] = {}  # thread -> lock, turn in flight
        self._checkpoints = TurnCheckpoints(folder / "turns.db")
        self.events = folder / "events"
        """Folder of what was found in whole recordings (``agent.index``); a recording's goes with its last thread."""
        private_folder(folder)
        private_folder(folder / "locks")
        with in_words(), one_at_a_time(folder / "locks" / "opening"):
            # Only a turn's end must outlive a power cut; it syncs everything before it too.
            self._db = connect(folder / "threads.db", synchronous="NORMAL")
            self._db.executescript(_SCHEMA)

    def __enter__(self) -> ThreadStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files and give back the locks; a turn in flight will read as interrupted."""
        with self._guard:
            for lock, _ in self._held.values():
                free_lock(lock)
            self._held.clear()
            self._db.close()
            self._checkpoints.close()

    def create(self, owner: str, recording: str, thread: str | None = None) -> str:
        """Open a thread about a recording: a new one under a random id, or the owner's own by name."""
        name = thread if thread is not None else secrets.token_hex(16)
        if not _NAME.fullmatch(name):
            raise _bad_name()
        now = time.time()
        with self._writing() as db:
            db.execute(
                "INSERT INTO threads VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (name, _hash(owner), recording, now, now),
            )
            found = db.execute("SELECT owner, recording FROM threads WHERE id = ?", (name,)).fetchone()
        if found[0] != _hash(owner):
            raise _bad_name()  # the words for any name that cannot be had
        if found[1] != recording:
            raise ToolError("That thread is about another recording; choose another name.", field="thread")
        return name

    def begin(self, thread: str, owner: str, question: str, intent: Mapping[str, Any] | None = None) -> int:
        """Open the next turn and lock the thread until it ends.

        A turn that a dead process left open is closed as interrupted first. ToolError when the thread
        is answering another question.
        """
        payload = pack({"question": question, "intent": dict(intent) if intent else None})
        lock = self._lock(thread, owner)
        try:
            self._checkpoints.forget(thread)
            with self._writing() as db:
                last, is_open = self._last_turn(thread)
                if is_open:
                    self._append(db, thread, last, "interrupted", pack({}))
                self._append(db, thread, last + 1, "question", payload)
        except BaseException:
            free_lock(lock)
            raise
        self._held[thread] = (lock, last + 1)
        return last + 1

    def resume(self, thread: str, owner: str) -> Turn | None:
        """Take up the turn that a dead process left open, under its lock; None when there is none."""
        lock = self._lock(thread, owner)
        left = self._left_open(thread)
        if left is None:
            free_lock(lock)
        else:
            self._held[thread] = (lock, left.n)
        return left

    def add(self, thread: str, turn: int, kind: str, payload: Mapping[str, Any]) -> None:
        """Append one step of the turn in flight: plain data, at most 256 kB as it is stored."""
        if kind in _RESERVED:
            raise ValueError(f"rows of kind {kind} are written by the store itself")
        packed = pack(payload)
        self._in_flight(thread, turn)
        with self._writing() as db:
            self._append(db, thread, turn, kind, packed)

    def finish(self, thread: str, turn: int, answer: Mapping[str, Any], intent: Mapping[str, Any]) -> None:
        """Close the turn with its answer; once this returns, a power cut cannot lose it."""
        self._end(thread, turn, "answer", {"answer": dict(answer), "intent": dict(intent)})

    def fail(self, thread: str, turn: int, message: str) -> None:
        """Close the turn without an answer, with the reason in words for the user.

        A turn that has ended already stays as it is, so that this may follow a ``finish`` that failed.
        """
        if self._held.get(thread, (-1, 0))[1] == turn:
            self._end(thread, turn, "failed", {"message": message})

    def history(self, thread: str, owner: str, last: int = 12) -> list[Turn]:
        """The last turns, oldest first."""
        with self._guard, in_words():
            self._check(thread, owner)
            return self._turns(thread, max(self._last_turn(thread)[0] - last, 0))

    def facts(self, thread: str, owner: str) -> Iterator[dict[str, Any]]:
        """What tools established in the thread, newest first, read as far as it is asked for."""
        before = 1 << 62
        while True:
            with self._guard, in_words():
                self._check(thread, owner)
                rows = self._db.execute(
                    "SELECT seq, payload FROM log WHERE thread = ? AND kind = ? AND seq < ?"
                    " ORDER BY turn DESC, seq DESC LIMIT 16",
                    (thread, FACT, before),
                ).fetchall()
            if not rows:
                return
            before = rows[-1][0]
            yield from (unpack(packed) for _, packed in rows)

    def unfinished(self, thread: str, owner: str) -> Turn | None:
        """The turn that a dead process left open; None when it is being answered, or ended."""
        with self._guard, in_words():
            self._check(thread, owner)
            left = self._left_open(thread)
            if left is None or thread in self._held:
                return None
            lock = take_lock(self._lock_file(thread))
            if lock is None:
                return None
            free_lock(lock)
            return left

    def threads(self, owner: str) -> list[ThreadInfo]:
        """The owner's threads, the one used last first."""
        with self._guard, in_words():
            rows = self._db.execute(
                "SELECT id, recording, created, touched, (SELECT count(*) FROM log WHERE thread = id AND"
                " kind = 'question'), (SELECT payload FROM log WHERE thread = id AND kind = 'question'"
                " ORDER BY turn LIMIT 1) FROM threads WHERE owner = ? ORDER BY touched DESC, id",
                (_hash(owner),),
            ).fetchall()
        return [
            ThreadInfo(
                id=name,
                recording=recording,
                created=created,
                touched=touched,
                turns=count,
                question=unpack(first)["question"] if first else "",
            )
            for name, recording, created, touched, count, first in rows
        ]

    def delete(self, thread: str, owner: str) -> None:
        """Delete the thread so that none of its text remains in the files."""
        lock = self._lock(thread, owner)
        try:
            self._remove([thread])
        finally:
            free_lock(lock)

    def expire(self) -> int:
        """Delete the threads that were not touched within the retention; returns how many."""
        with self._guard, in_words():
            old = self._db.execute(
                "SELECT id FROM threads WHERE touched < ?", (time.time() - self.retention_days * 86400,)
            ).fetchall()
            locks = {name: take_lock(self._lock_file(name)) for (name,) in old if name not in self._held}
        idle = [name for name, lock in locks.items() if lock is not None]
        index_in(self.events).expire(self.retention_days)
        try:
            if idle:
                self._remove(idle)
        finally:
            for lock in locks.values():
                if lock is not None:
                    free_lock(lock)
        return len(idle)

    def checkpointer(self) -> SqliteSaver:
        """The graph's saver for turns in flight; closed with the store."""
        return self._checkpoints.saver()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._guard, in_words():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk may have rolled back already
                    self._db.execute("ROLLBACK")
                raise

    def _check(self, thread: str, owner: str) -> None:
        row = self._db.execute("SELECT owner FROM threads WHERE id = ?", (thread,)).fetchone()
        if row is None or row[0] != _hash(owner):
            raise ToolError("No such thread here; leave it out to start a new one.", field="thread")

    def _lock_file(self, thread: str) -> Path:
        return self.folder / "locks" / hashlib.sha256(thread.encode()).hexdigest()[:32]

    def _lock(self, thread: str, owner: str) -> int:
        with self._guard, in_words():
            self._check(thread, owner)
            lock = take_lock(self._lock_file(thread))
        if lock is None:
            raise ToolError(
                "This thread is answering another question: wait for it, or start another thread.",
                field="thread",
            )
        return lock

    def _in_flight(self, thread: str, turn: int) -> int:
        lock, current = self._held.get(thread, (-1, 0))
        if current != turn:
            raise ValueError(f"turn {turn} is not in flight in this store")
        return lock

    def _end(self, thread: str, turn: int, kind: str, payload: Mapping[str, Any]) -> None:
        lock = self._in_flight(thread, turn)
        try:
            packed = pack(payload)
            with self._guard:
                self._db.execute("PRAGMA synchronous=FULL")
                try:
                    with self._writing() as db:
                        self._append(db, thread, turn, kind, packed)
                finally:
                    self._db.execute("PRAGMA synchronous=NORMAL")
            with suppress(ToolError):  # the answer is safe; the next ``begin`` sweeps again
                self._checkpoints.forget(thread, turn)
        finally:  # a turn that could not be written must not block the thread
            del self._held[thread]
            free_lock(lock)

    @staticmethod
    def _append(db: sqlite3.Connection, thread: str, turn: int, kind: str, packed: bytes) -> None:
        now = time.time()
        db.execute(
            "INSERT INTO log (thread, turn, kind, at, payload) VALUES (?, ?, ?, ?, ?)",
            (thread, turn, kind, now, packed),
        )
        db.execute("UPDATE threads SET touched = ? WHERE id = ?", (now, thread))

    def _last_turn(self, thread: str) -> tuple[int, bool]:
        """Number of the newest turn (0 for none), and whether it is still open."""
        (last,) = self._db.execute(
            "SELECT max(turn) FROM log WHERE thread = ? AND kind = 'question'", (thread,)
        ).fetchone()
        if last is None:
            return 0, False
        closed = self._db.execute(
            "SELECT 1 FROM log WHERE thread = ? AND turn = ? AND kind IN (?, ?, ?)", (thread, last, *_CLOSING)
        ).fetchone()
        return last, closed is None

    def _left_open(self, thread: str) -> Turn | None:
        with self._guard, in_words():
            last, is_open = self._last_turn(thread)
            return self._turns(thread, last - 1)[0] if is_open else None

    def _turns(self, thread: str, after: int) -> list[Turn]:
        rows = self._db.execute(
            "SELECT turn, kind, payload FROM log WHERE thread = ? AND turn > ? AND kind IN (?, ?, ?, ?)"
            " ORDER BY turn, seq",
            (thread, after, *_RESERVED),
        ).fetchall()
        turns: dict[int, dict[str, Any]] = {}
        for n, kind, packed in rows:
            turn = turns.setdefault(n, {"n": n, "status": "open"})
            turn |= unpack(packed)
            if kind in _CLOSING:
                turn["status"] = "done" if kind == "answer" else kind
        return [Turn.model_validate(turn) for turn in turns.values()]

    def _remove(self, threads: list[str]) -> None:
        with self._writing() as db:
            about = {row[0] for name in threads
                     for row in db.execute("SELECT recording FROM threads WHERE id = ?", (name,))}  # fmt: skip
            for thread in threads:
                db.execute("DELETE FROM log WHERE thread = ?", (thread,))
                db.execute("DELETE FROM threads WHERE id = ?", (thread,))
            left = {row[0] for row in db.execute("SELECT DISTINCT recording FROM threads")}
        for recording in about - left:
            index_in(self.events).forget(recording)
        for thread in threads:
            self._checkpoints.forget(thread)
        with self._guard, in_words():
            erase_leftovers(self._db)
            self._checkpoints.erase()
            for thread in threads:
                self._lock_file(thread).unlink(missing_ok=True)


def _hash(owner: str) -> str:
    return hashlib.sha256(owner.encode()).hexdigest()


def _bad_name() -> ToolError:
    return ToolError(
        "That name cannot be used for a thread: choose another, of up to 64 letters, digits and dashes.",
        field="thread",
    )
