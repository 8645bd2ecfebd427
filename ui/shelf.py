"""The recordings that each browser opened: on disk until they are deleted, open while they are read."""

from __future__ import annotations

import json
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agent.storage import in_words, private_folder
from tools.io import OpenRecording, open_recording
from tools.types import Record, Recording, ToolError
from ui.identity import NotHereError
from ui.uploads import group_files, stored_names

EVERYONE = "everyone"
"""Owner of the recording that was named at start: every browser that reaches the server sees it."""

_NOTE = "recording.json"
_OPEN_AT_ONCE = 8
_HALF_WRITTEN_S = 3600.0
"""Age from which an unfinished upload is a crash's, not that of another server on the same folder."""


class Kept(Record):
    """One recording on a browser's shelf: what it is, and nothing of how its file was called."""

    handle: str
    number: int
    format: str
    channels: int
    duration: float
    added: float
    """Seconds since the epoch."""


@dataclass
class _Lent:
    """An open recording and how many readers hold it."""

    recording: OpenRecording
    readers: int = 0
    dropped: bool = False


@dataclass
class Shelf:
    """The recordings of every browser, on disk under ``folder/<owner>/<random>/``.

    Files are opened on demand and a few are kept open. A recording that is crowded out while it is being
    read is closed by its last reader; one that is deleted then refuses to be read, in words.
    """

    folder: Path
    retention_days: float = 30.0
    max_upload_mb: int = 2000
    shared: Path | None = None
    """A recording that stays where it is and that every browser may see."""
    _open: OrderedDict[tuple[str, str], _Lent] = field(default_factory=OrderedDict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _shared_note: Kept | None = None

    def __post_init__(self) -> None:
        private_folder(self.folder)
        self._purge()
        if self.shared is not None:
            recording = open_recording(self.shared)
            self._shared_note = _describe(recording.info, number=0)
            self._open[EVERYONE, recording.info.handle] = _Lent(recording)

    def keep(self, owner: str, uploads: Sequence[Path]) -> list[Kept]:
        """Take uploaded files out of the browser front's cache and open them.

        The files of one recording (a header and its companions) travel together. When one of several
        recordings cannot be opened, nothing of this upload stays.
        """
        if sum(path.stat().st_size for path in uploads) > self.max_upload_mb * 2**20:
            raise ToolError(
                f"Too large: at most {self.max_upload_mb} MB at once. Raise GLOSSA_MAX_UPLOAD_MB, or start "
                "Glossa with the file's path.",
                field="file",
            )
        before = {note.handle for _, note in self._notes(owner)}
        kept: list[Kept] = []
        try:
            for group in group_files(uploads):
                kept.append(self._keep_one(owner, group))
        except ToolError:
            for note in kept:
                if note.handle not in before:
                    self.delete(owner, note.handle)
            raise
        return kept

    def _keep_one(self, owner: str, group: Sequence[Path]) -> Kept:
        with self._lock, in_words():
            folder = self.folder / owner / secrets.token_hex(8)
            folder.mkdir(parents=True, mode=0o700)
        try:
            with in_words():
                names = stored_names(group)
                for path, name in zip(group, names, strict=True):
                    shutil.move(path, folder / name)
                    (folder / name).chmod(0o600)
            recording = open_recording(folder / names[0])
            with self._lock, in_words():
                notes = [*self._notes(owner)]
                for older, note in notes:
                    if note.handle == recording.info.handle:  # the same file again: the first copy stays
                        recording.close()
                        shutil.rmtree(folder)
                        older.touch()
                        return note
                last = max((note.number for _, note in notes), default=0)
                kept = _describe(recording.info, number=last + 1)
                text = json.dumps({"main": names[0], **kept.model_dump()})
                (folder / _NOTE).write_text(text, encoding="utf-8")
                self._remember((owner, kept.handle), _Lent(recording))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return kept

    def list(self, owner: str | None) -> list[Kept]:
        """Recordings that this browser may see: the shared one first, then its own, oldest first."""
        own = [note for _, note in self._notes(owner)] if owner else []
        shared = [self._shared_note] if self._shared_note else []
        return shared + sorted(own, key=lambda note: note.number)

    @contextmanager
    def lend(self, owner: str | None, handle: str) -> Iterator[OpenRecording]:
        """Hand out an open recording; NotHereError unless this browser may see it."""
        lent = self._borrow(owner, handle)
        try:
            yield lent.recording
        finally:
            with self._lock:
                lent.readers -= 1
                if lent.dropped and not lent.readers:
                    lent.recording.close()

    def delete(self, owner: str, handle: str) -> None:
        """Remove one of a browser's own recordings from the shelf and from the disk."""
        with self._lock, in_words():
            for folder, note in self._notes(owner):
                if note.handle == handle:
                    self._close(owner, handle)
                    shutil.rmtree(folder)

    def close(self) -> None:
        """Close whatever is open."""
        with self._lock:
            for key in [*self._open]:
                self._close(*key)

    def _borrow(self, owner: str | None, handle: str) -> _Lent:
        with self._lock:
            if owner is None:
                raise NotHereError
            if self._shared_note and handle == self._shared_note.handle:
                lent = self._open[EVERYONE, handle]
            elif (owner, handle) in self._open:
                lent = self._open[owner, handle]
                self._open.move_to_end((owner, handle))
            else:
                lent = _Lent(self._reopen(owner, handle))
                self._remember((owner, handle), lent)
            lent.readers += 1
            return lent

    def _reopen(self, owner: str, handle: str) -> OpenRecording:
        for folder, note in self._notes(owner):
            if note.handle == handle:
                folder.touch()  # counts as use: retention starts anew
                main = json.loads((folder / _NOTE).read_text(encoding="utf-8"))["main"]
                return open_recording(folder / main)
        raise NotHereError

    def _remember(self, key: tuple[str, str], lent: _Lent) -> None:
        self._open[key] = lent
        own = [other for other in self._open if other[0] != EVERYONE]
        for other in own[: max(0, len(own) - _OPEN_AT_ONCE)]:
            self._close(*other)

    def _close(self, owner: str, handle: str) -> None:
        lent = self._open.pop((owner, handle), None)
        if lent is not None:
            lent.dropped = True
            if not lent.readers:
                lent.recording.close()

    def _notes(self, owner: str | None) -> Iterator[tuple[Path, Kept]]:
        """Folders of a browser with their notes; one without a note was never finished."""
        for note in sorted((self.folder / (owner or "-")).glob(f"*/{_NOTE}")):
            stored = json.loads(note.read_text(encoding="utf-8"))
            del stored["main"]
            yield note.parent, Kept.model_validate(stored)

    def _purge(self) -> None:
        """Remove what nobody used for the retention period, and what a crash left half-written."""
        oldest = time.time() - self.retention_days * 24 * 3600
        with in_words():
            for folder in self.folder.glob("*/*"):
                touched = folder.stat().st_mtime
                half_written = not (folder / _NOTE).is_file() and touched < time.time() - _HALF_WRITTEN_S
                if touched < oldest or half_written:
                    shutil.rmtree(folder)


def _describe(info: Recording, *, number: int) -> Kept:
    return Kept(
        handle=info.handle,
        number=number,
        format=info.format,
        channels=len(info.channels),
        duration=info.duration,
        added=time.time(),
    )
