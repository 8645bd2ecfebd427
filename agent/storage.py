"""Where threads lie: private files, locks that die with their process, and database errors in words."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tools.types import ToolError

BUSY_S = 15.0
"""How long a write waits for another process before it gives up."""

_LARGEST_ROW = 256 * 1024
_COMPRESS_FROM = 512

_FULL = {sqlite3.SQLITE_FULL}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def storage_error(error: sqlite3.Error | OSError) -> ToolError:
    """Say what is wrong with the store and which setting mends it; no path, no text of a thread."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None  # extended codes keep the plain one below
    if primary in _FULL or getattr(error, "errno", None) == errno.ENOSPC:
        words = (
            "The disk that holds the threads is full: free some space, or set GLOSSA_HOME to another folder."
        )
    elif primary in _BUSY:
        words = "Another process keeps the threads locked: try again, or set GLOSSA_HOME to another folder."
    elif primary in _DAMAGED:
        words = "The file of threads is damaged: move it away, or set GLOSSA_HOME to another folder."
    else:
        words = "Threads cannot be written there: set GLOSSA_HOME to a folder that you may write to."
    return ToolError(words, field="home")


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what the disk or the database refuses into a ToolError that names the setting."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # a mistake of ours, not of the disk
    except (sqlite3.DatabaseError, OSError) as error:
        raise storage_error(error) from error


def private_folder(folder: Path) -> None:
    """Make the folder for its owner alone; one that exists keeps its mode (its files are private anyway)."""
    with in_words():
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)


def connect(path: Path, *, synchronous: str) -> sqlite3.Connection:
    """Open a database of mode 0600 in write-ahead mode; transactions are begun by hand."""
    # SQLite gives the write-ahead and index files beside it the mode of the database.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        for pragma in (
            f"synchronous={synchronous}",
            "secure_delete=ON",
            "temp_store=MEMORY",  # VACUUM must not leave a copy in the system's temporary folder
            "wal_autocheckpoint=100",
            "journal_size_limit=262144",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def erase_leftovers(connection: sqlite3.Connection) -> None:
    """Give the space back and empty the log, so that nothing deleted stays readable in either file.

    ``secure_delete`` has overwritten the rows in the file itself; the log still holds them.
    """
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def pack(payload: Mapping[str, Any]) -> bytes:
    """JSON, compressed when that pays; arrays, bytes and NaN are refused, as is anything large."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    packed = b"z" + zlib.compress(text, 6) if len(text) >= _COMPRESS_FROM else b"j" + text
    if len(packed) > _LARGEST_ROW:
        raise ValueError(f"{len(packed) // 1024} kB in one row of a thread: store a summary and a handle")
    return packed


def unpack(packed: bytes) -> dict[str, Any]:
    """What ``pack`` was given."""
    text = zlib.decompress(packed[1:]) if packed[:1] == b"z" else packed[1:]
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Wait for whoever is inside, here or in another process, then go in."""
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def take_lock(path: Path) -> int | None:
    """Lock the file for this holder; None when somebody, here or in another process, has it.

    The kernel frees the lock when the process dies, however it dies.
    """
    while True:
        held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            return None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(held), path.stat()):
                return held
        os.close(held)  # deleted between open and lock: nobody else would find this one


def free_lock(held: int) -> None:
    """Give the lock back, also when a forked child still holds the descriptor."""
    fcntl.flock(held, fcntl.LOCK_UN)
    os.close(held)
