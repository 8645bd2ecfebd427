"""Checkpoints of turns in flight: LangGraph's own saver in a file that is all but empty between turns."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

# Read once by LangGraph at its import: a checkpoint may then hold plain data and messages only.
os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"

from agent.storage import connect, erase_leftovers, in_words

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite import SqliteSaver


class TurnCheckpoints:
    """The saver, opened when first asked for, and what removes its rows again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._saver: SqliteSaver | None = None

    def saver(self) -> SqliteSaver:
        """The saver to compile the graph with; turns are its threads, named ``thread:turn``."""
        from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
        from langgraph.checkpoint.sqlite import SqliteSaver

        with self._guard, in_words():
            if self._saver is None:
                connection = connect(self._path, synchronous="NORMAL")
                connection.isolation_level = "DEFERRED"  # what the saver's own commits count on
                # None allows no type beyond plain data and messages, whoever imported LangGraph first.
                serde = JsonPlusSerializer(allowed_msgpack_modules=None)
                self._saver = SqliteSaver(connection, serde=serde)
                self._saver.setup()
            return self._saver

    def forget(self, thread: str, turn: int | None = None) -> None:
        """Drop the checkpoints of a turn, or of every turn of the thread."""
        if self._saver is None and not self._path.exists():
            return
        saver = self.saver()
        with in_words():
            if turn is not None:
                saver.delete_thread(f"{thread}:{turn}")
                return
            span = (f"{thread}:", f"{thread};")  # ';' is the character after ':'
            with saver.cursor() as cursor:
                for table in ("checkpoints", "writes"):
                    cursor.execute(f"DELETE FROM {table} WHERE thread_id > ? AND thread_id < ?", span)

    def erase(self) -> None:
        """Leave nothing readable of what was forgotten."""
        if self._saver is None:
            return
        with self._saver.lock, in_words():
            erase_leftovers(self._saver.conn)

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            if self._saver is not None:
                self._saver.conn.close()
                self._saver = None
