"""What is known of whole recordings: searched once in the background, and told to the page as it grows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from agent.index import EventIndex
from agent.staging import staged
from agent.workbench import Workbench
from tools.io import OpenRecording
from tools.labels import LABELS, SPOKEN
from tools.types import Detection, Event, ToolError
from ui.identity import NotHereError
from ui.shelf import Shelf

State = Literal["none", "reading", "ready", "failed"]
STAGE_LETTERS = {"W": "W", "N1": "1", "N2": "2", "N3": "3", "R": "R", None: "-"}
"""One letter an epoch keeps a night's stages short on the wire."""


@dataclass
class _Reading:
    """One recording's search under way, or how it ended."""

    done: float = 0.0
    failed: str = ""


class Overviews:
    """Searches of whole recordings, by handle; who may see one is the shelf's to say."""

    def __init__(
        self, shelf: Shelf, index: EventIndex, stages: Callable[[OpenRecording], dict[str, Any]]
    ) -> None:
        self._shelf = shelf
        self._index = index
        self._stages = stages
        self._readings: dict[str, _Reading] = {}
        self._lock = threading.Lock()

    def begin(self, owner: str | None, handle: str) -> None:
        """Search a recording in a thread of its own, unless that is done or under way."""
        with self._shelf.lend(owner, handle):  # refuses those who may not see it
            pass
        with self._lock:
            under_way = self._readings.get(handle)
            if under_way is not None and not under_way.failed:
                return
            self._readings[handle] = _Reading()
        threading.Thread(target=self._read, args=(owner, handle), daemon=True).start()

    def tell(self, owner: str | None, handle: str) -> dict[str, Any]:
        """Give what the page shows of the whole recording: state, share done, stages, events by label."""
        with self._shelf.lend(owner, handle) as recording:
            with self._lock:
                reading = self._readings.get(handle)
            if reading is not None:
                state: State = "failed" if reading.failed else "reading"
                return {"state": state, "done": round(reading.done, 3), "why": reading.failed}
            found = self._index.whole(recording)
            if found is None:
                return {"state": "none"}
            return {"state": "ready", **self._stages(recording), "labels": _labels(found)}

    def events(self, owner: str | None, handle: str, label: str) -> tuple[Event, ...]:
        """All events of a label that stand; none while the recording was not searched."""
        with self._shelf.lend(owner, handle) as recording:
            found = self._index.whole(recording)
        return standing(found, label) if found else ()

    def forget(self, handle: str) -> None:
        """Erase what was found in a recording that was taken off a shelf."""
        self._index.forget(handle)

    def _read(self, owner: str | None, handle: str) -> None:
        reading = self._readings[handle]

        def progress(share: float) -> None:
            reading.done = share

        try:
            with self._shelf.lend(owner, handle) as recording:
                self._index.search(recording, progress=progress)
                self._stages(recording)
        except NotHereError:
            pass  # taken off the shelf meanwhile: nobody is left to be told
        except ToolError as error:
            reading.failed = error.message
            return
        except Exception:  # noqa: BLE001 - the edge of a thread: the page must hear of it, by kind only
            reading.failed = "A fault of the program stopped the search; pages and questions still work."
            return
        with self._lock:
            self._readings.pop(handle, None)


def standing(found: Detection, label: str) -> tuple[Event, ...]:
    """The events of a label that no artifact masks, in order of time."""
    return tuple(event for event in found.events if event.label == label and event.masked_by is None)


def _labels(found: Detection) -> list[dict[str, Any]]:
    """Every label that was looked for: its name, and when its events are."""
    rows = []
    for label in LABELS:
        if label in found.analysed.labels:
            times = [[round(e.onset, 2), round(e.duration, 2)] for e in standing(found, label)]
            rows.append({"label": label, "name": SPOKEN[label], "events": times})
    return rows


def stages_of(bench: Workbench) -> dict[str, Any]:
    """Stages of a recording, one letter an epoch; no letters where it cannot be staged, and why."""
    try:
        epochs = staged(bench).epochs
    except ToolError as error:
        return {"stages": "", "unstaged": error.message}
    if not epochs:
        return {"stages": ""}
    letters = "".join(STAGE_LETTERS[epoch.stage] for epoch in epochs)
    return {"stages": letters, "first": epochs[0].onset, "epoch": epochs[0].duration}
