"""Turns that a crash or a restart interrupted: which may be taken up, with which brain, and only once."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from agent.memory import ThreadStore, Turn
from agent.storage import private_folder


@dataclass(frozen=True)
class TakenUp:
    """Notes on the turns being taken up: one that is left over names a turn that died twice."""

    folder: Path
    retention_days: float

    def __post_init__(self) -> None:
        private_folder(self.folder)
        oldest = time.time() - self.retention_days * 86400
        for note in self.folder.iterdir():
            if note.stat().st_mtime < oldest:
                note.unlink(missing_ok=True)

    def begin(self, thread: str, turn: int) -> bool:
        """Note that a turn is taken up; False when it was before."""
        try:
            self._note(thread, turn).touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            return False
        return True

    def end(self, thread: str, turn: int) -> None:
        """Forget the note: the turn has ended, well or not."""
        self._note(thread, turn).unlink(missing_ok=True)

    def _note(self, thread: str, turn: int) -> Path:
        return self.folder / hashlib.sha256(f"{thread}:{turn}".encode()).hexdigest()[:32]


def brain_of(threads: ThreadStore, thread: str, turn: Turn) -> str:
    """Name the brain that an interrupted turn was begun with; empty when it had not yet begun."""
    saved = threads.checkpointer().get_tuple({"configurable": {"thread_id": f"{thread}:{turn.n}"}})
    metadata: dict[str, object] = dict(saved.metadata) if saved else {}
    return str(metadata.get("brain", ""))


def close(threads: ThreadStore, owner: str, thread: str, message: str) -> None:
    """End the interrupted turn of a thread without an answer."""
    left = threads.resume(thread, owner)
    if left is not None:
        threads.fail(thread, left.n, message)
