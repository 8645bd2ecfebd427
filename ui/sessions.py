"""Who looks at what: a browser's identity, the recordings it opened, and the marks drawn for it.

A browser is known by a random cookie. Everything that it opens or asks is filed under a hash of that
cookie, so neither a folder listing nor the thread store gives the cookie away. What belongs to somebody
else is answered exactly like what does not exist.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agent.storage import in_words, private_folder
from tools.io import OpenRecording, open_recording
from tools.types import Event, Record, Recording, ToolError

COOKIE = "glossa_browser"
COOKIE_SECONDS = 365 * 24 * 3600
EVERYONE = "everyone"
"""Owner of the recording that was named at start: every browser that reaches the server sees it."""

_COOKIE_FORM = re.compile(r"[A-Za-z0-9_-]{43}")
_NOTE = "recording.json"
_OPEN_AT_ONCE = 8
_HALF_WRITTEN_S = 3600.0
"""Age from which an unfinished upload is a crash's, not that of another server on the same folder."""
_MARKS_KEPT = 200
_HEADERS = (".vhdr", ".set", ".lay")
"""Files that name their companions, so that these must keep their names."""
_SIGNALS = (".edf", ".bdf", ".gdf", ".fif", ".cnt", ".eeg")


class NotHereError(Exception):
    """No such recording for this browser: absent, deleted, or somebody else's."""


def new_identity() -> str:
    """Draw a cookie value for a browser that has none."""
    return secrets.token_urlsafe(32)


def owner_of(cookies: Mapping[str, str]) -> str | None:
    """Name the owner that a browser's cookie stands for; None without a well-formed cookie."""
    cookie = cookies.get(COOKIE, "")
    if not _COOKIE_FORM.fullmatch(cookie):
        return None
    return hashlib.sha256(cookie.encode()).hexdigest()[:32]


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


def group_files(uploads: Sequence[Path]) -> list[list[Path]]:
    """Sort uploaded files into recordings, the file to open first in each.

    A header (BrainVision, EEGLAB, Persyst) takes its companions along; with several headers, those of
    its own stem. Files of which none can be opened on its own stay together, for one clear refusal.
    """
    headers = [path for path in uploads if path.suffix.lower() in _HEADERS]
    signals = [path for path in uploads if path.suffix.lower() in _SIGNALS]
    if any(path.suffix.lower() == ".vhdr" for path in headers):
        signals = [path for path in signals if path.suffix.lower() != ".eeg"]  # BrainVision's samples
    mains = headers + signals
    if len(mains) <= 1:
        return [[*mains, *(path for path in uploads if path not in mains)]]
    rest = [path for path in uploads if path not in mains]
    alone = [path for path in rest if not any(path.stem == main.stem for main in mains)]
    groups = [[main, *(path for path in rest if path.stem == main.stem)] for main in mains]
    if len(headers) == 1:  # a companion whose name differs can only be the one header's
        groups[0] += alone
    return groups


def stored_names(group: Sequence[Path]) -> list[str]:
    """Names under which the files of one recording are kept.

    A single file gives up its name, which may hold a patient's. Companions keep theirs, because the
    header refers to them; the random folder around them is never shown.
    """
    if len(group) > 1:
        return [path.name for path in group]
    suffix = group[0].suffix.lower()
    return ["recording_raw.fif" if suffix == ".fif" else f"recording{suffix}"]


class Marks:
    """Events that a picture's address refers to, by owner; the oldest sets are forgotten first."""

    def __init__(self) -> None:
        self._sets: OrderedDict[tuple[str, str], tuple[Event, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, owner: str, events: Sequence[Event]) -> str:
        """File a set of events; the token is derived from them, so the same set has the same address."""
        if not events:
            return ""
        text = json.dumps([event.model_dump(mode="json") for event in events])
        token = hashlib.sha256(text.encode()).hexdigest()[:24]
        with self._lock:
            self._sets[owner, token] = tuple(events)
            self._sets.move_to_end((owner, token))
            while len(self._sets) > _MARKS_KEPT:
                self._sets.popitem(last=False)
        return token

    def find(self, owner: str | None, token: str) -> tuple[Event, ...]:
        """Events of a token; NotHereError for a token that is not this owner's."""
        if not token:
            return ()
        with self._lock:
            events = self._sets.get((owner or "", token))
        if events is None:
            raise NotHereError
        return events
