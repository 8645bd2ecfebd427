"""The events of whole recordings, found once: a night is searched while its first question waits, and never again.

What a detector found is kept per recording and detector as plain JSON in one private folder, and in memory. It
holds times, channels and numbers, nothing of the patient; it goes with the last thread on the recording, when
nobody touched it within the retention, or when the folder outgrows its limit. Other code means another search.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.storage import private_folder
from tools.detect import detect
from tools.detectors import DETECTOR_OF
from tools.events import clip
from tools.io import OpenRecording
from tools.labels import LABELS, to_labels
from tools.listing import in_channels
from tools.types import Analysed, Detection, NotAnalysed, ToolError
from tools.whole import write_whole

LONG = 600.0
"""Seconds from which a stretch is answered from a search of the whole recording."""
LARGEST_FILE = 48 * 2**20
"""Bytes of one file; beyond it the parts of single channels are left out, and then the file."""
LARGEST_FOLDER = 512 * 2**20
"""Bytes of all files; the recordings used longest ago go first."""
IN_MEMORY = 4
"""Recordings whose events stay in memory."""
Progress = Callable[[float], None]
_HANDLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")


class EventIndex:
    """What was found in whole recordings; safe for several threads, harmless between processes.

    Parameters
    ----------
    folder : Path
        Where the files lie; made when first written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._guard = threading.Lock()
        self._busy: dict[str, threading.RLock] = {}
        self._known: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def search(
        self,
        recording: OpenRecording,
        *,
        labels: Sequence[str] | None = None,
        onset: float = 0.0,
        duration: float | None = None,
        channels: Sequence[str] | None = None,
        progress: Progress | None = None,
    ) -> Detection:
        """Look for events in a stretch: as ``tools.detect.detect`` does, but a long stretch only once.

        A long stretch is answered from a search of the whole recording, made now where there is none; a short
        one from that search where there is one, so that a page and the night never disagree.
        """
        wanted = LABELS if labels is None else to_labels(list(labels))
        total = recording.info.duration
        length = total - onset if duration is None else min(duration, total - onset)
        whole = length >= min(LONG, total) - 1e-6
        handle = recording.info.handle
        known = self._parts(recording, wanted, progress) if whole else self._found(handle, wanted)
        if known is None or not 0 <= onset < total or length <= 0:
            return detect(
                recording, labels=wanted, onset=onset, duration=duration, channels=channels, progress=progress
            )
        if channels is not None and not set(channels) <= set(recording.info.names()):
            names = recording.info.names()
            raise ToolError("The recording has no such channel.", field="channels", choices=names)
        return _between(known, wanted, onset, onset + length, channels)

    def whole(self, recording: OpenRecording) -> Detection | None:
        """Everything that was found in a recording; None unless every detector has searched all of it."""
        known = self._found(recording.info.handle, LABELS)
        return None if known is None else _between(known, LABELS, 0.0, recording.info.duration, None)

    def document(
        self, recording: OpenRecording, name: str, make: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """Give what ``make`` made of a recording the first time: plain JSON, kept beside its events."""
        handle = recording.info.handle
        with self._lock(handle):
            known: dict[str, Any] | None = self._load(handle, name)
            if known is None:
                known = make()
                self._keep(handle, name, known, json.dumps(known, separators=(",", ":")))
            return known

    def has(self, handle: str, name: str) -> bool:
        """Whether a document of that name is kept."""
        return self._load(handle, name) is not None

    def forget(self, handle: str) -> None:
        """Erase what was found in a recording."""
        with self._guard:
            self._known.pop(handle, None)
        if _HANDLE.fullmatch(handle):
            shutil.rmtree(self.folder / handle, ignore_errors=True)

    def expire(self, retention_days: float) -> None:
        """Erase what nobody used within the retention, then the oldest beyond the size limit."""
        limit = time.time() - retention_days * 86400
        used = sorted(self._used(), reverse=True)
        room = LARGEST_FOLDER
        for touched, size, handle in used:
            room -= size
            if touched < limit or room < 0:
                self.forget(handle)

    def _parts(
        self, recording: OpenRecording, wanted: Sequence[str], progress: Progress | None
    ) -> list[Detection]:
        """The search of the whole recording by every detector that is asked for; what is missing is made."""
        handle = recording.info.handle
        keys = _keys(wanted)
        with self._lock(handle):
            missing = [key for key in keys if self._load(handle, key) is None]
            if missing:
                labels = [label for key in missing for label in keys[key]]
                found = detect(recording, labels=labels, progress=progress)
                for key in missing:
                    part = _of(found, keys[key])
                    self._keep(handle, key, part, _written(part))
        return self._found(handle, wanted) or []

    def _found(self, handle: str, wanted: Sequence[str]) -> list[Detection] | None:
        """What is known of these labels; None unless every detector asked for has searched."""
        parts = [self._load(handle, key) for key in _keys(wanted)]
        return None if any(part is None for part in parts) else parts

    def _load(self, handle: str, name: str) -> Any:
        """From memory, else from the file; None where neither holds it, or the file is damaged or of other code."""
        with self._guard:
            known = self._known.get(handle, {}).get(name)
            if known is not None:
                self._known.move_to_end(handle)
                return known
        path = self._file(handle, name)
        if path is None or not path.is_file():
            return None
        with suppress(OSError, ValueError, ValidationError):
            text = path.read_bytes()
            loaded = Detection.model_validate_json(text) if name in _keys(LABELS) else json.loads(text)
            path.touch()
            self._remember(handle, name, loaded)
            return loaded
        return None

    def _keep(self, handle: str, name: str, value: Any, text: str) -> None:
        self._remember(handle, name, value)
        path = self._file(handle, name)
        if path is None or len(text) > LARGEST_FILE:
            return
        # A full disk costs the next process a search, never this one its answer.
        with suppress(OSError, ToolError):
            private_folder(self.folder)
            private_folder(path.parent)
            for older in path.parent.glob(f"{name}.*.json"):
                older.unlink()
            write_whole(path, text.encode())
            path.chmod(0o600)

    def _remember(self, handle: str, name: str, value: Any) -> None:
        with self._guard:
            self._known.setdefault(handle, {})[name] = value
            self._known.move_to_end(handle)
            while len(self._known) > IN_MEMORY:
                self._known.popitem(last=False)

    def _file(self, handle: str, name: str) -> Path | None:
        return self.folder / handle / f"{name}.{version()}.json" if _HANDLE.fullmatch(handle) else None

    def _lock(self, handle: str) -> threading.RLock:
        with self._guard:
            return self._busy.setdefault(handle, threading.RLock())

    def _used(self) -> list[tuple[float, int, str]]:
        """When each recording's files were used last, their size, and the recording."""
        found = []
        with suppress(OSError):
            for folder in self.folder.iterdir() if self.folder.is_dir() else ():
                stats = [path.stat() for path in folder.iterdir()]
                last = max((stat.st_mtime for stat in stats), default=0.0)
                found.append((last, sum(stat.st_size for stat in stats), folder.name))
        return found


@lru_cache(maxsize=8)
def index_in(folder: Path) -> EventIndex:
    """The index of a folder: one per process, so that its memory serves every thread."""
    return EventIndex(folder)


@lru_cache(maxsize=1)
def version() -> str:
    """A short name for the code that searches: what older code found is not taken for what this one finds."""
    digest = hashlib.sha256()
    for source in sorted(files("tools").iterdir(), key=lambda entry: entry.name):
        if source.name.endswith(".py"):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _keys(wanted: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The detectors of these labels by a name for the file, each with all labels that it looks for."""
    entries = dict.fromkeys(DETECTOR_OF[label] for label in wanted if label in DETECTOR_OF)
    return {"+".join(_plain(label) for label in entry.labels): entry.labels for entry in entries}


def _plain(label: str) -> str:
    return label.replace("+", "p").replace("-", "m")


def _of(found: Detection, labels: Sequence[str]) -> Detection:
    """The part of a search that concerns some labels."""
    return Detection(
        events=tuple(event for event in found.events if event.label in labels),
        analysed=found.analysed.model_copy(
            update={"labels": tuple(label for label in found.analysed.labels if label in labels)}
        ),
        not_analysed=tuple(entry for entry in found.not_analysed if entry.label in labels),
    )


def _written(part: Detection) -> str:
    text = part.model_dump_json(exclude_defaults=True)
    if len(text) <= LARGEST_FILE:
        return text
    bare = tuple(event.model_copy(update={"per_channel": ()}) for event in part.events)
    return part.model_copy(update={"events": bare}).model_dump_json(exclude_defaults=True)


def _between(
    parts: Sequence[Detection],
    wanted: Sequence[str],
    start: float,
    stop: float,
    channels: Sequence[str] | None,
) -> Detection:
    """The stretch of a search of the whole recording, in the form that a search of the stretch would have."""
    events = [
        event
        for part in parts
        for event in part.events
        if event.label in wanted and event.onset < stop and event.onset + event.duration >= start
    ]
    cut = [clip(event, start, stop) for event in events]
    here = [in_channels(event, channels) for event in cut if event is not None]
    done = {label for part in parts for label in part.analysed.labels}
    reasons = {entry.label: entry for part in parts for entry in part.not_analysed}
    names = dict.fromkeys(name for part in parts for name in part.analysed.channels)
    for label in wanted:
        if label not in DETECTOR_OF:
            reasons[label] = NotAnalysed(label=label, reason="no detector in this version")
    return Detection(
        events=tuple(sorted((e for e in here if e), key=lambda e: (e.onset, e.label, e.channels))),
        analysed=Analysed(
            labels=tuple(label for label in wanted if label in done),
            seconds=round(stop - start, 3) if done & set(wanted) else 0.0,
            channels=tuple(name for name in names if channels is None or name in channels),
        ),
        not_analysed=tuple(reasons[label] for label in wanted if label in reasons),
    )
