"""The assistant as a user has it: the same graph, tools and memory, a fresh thread for each item."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from agent.findings import Answer
from agent.settings import Settings
from evals.records import Item, Reply
from evals.systems.faults import passing
from tools.io import OpenRecording, open_recording
from tools.types import ToolError

if TYPE_CHECKING:
    from agent.memory import ThreadStore
    from knowledge.store import RuleStore

OWNER = "evals"


class Assistant:
    """Answers items through `agent.run.ask`.

    Parameters
    ----------
    settings : Settings
        Brain and server; ``home`` is where threads are kept, a folder of this run's own.
    name : str
        As tables show it.
    """

    def __init__(self, settings: Settings, name: str = "embedded") -> None:
        self.name = name
        self._settings = settings
        self._opening = Lock()
        self._kept: tuple[ThreadStore, RuleStore] | None = None

    def reply(self, item: Item, folder: Path) -> Reply:
        """Answer all turns of an item, in one conversation on its page."""
        begun = time.perf_counter()
        try:
            with opened(item, folder) as (recording, onset):
                made = self._reply(item.model_copy(update={"onset": onset}), recording)
        except ToolError as error:
            made = Reply(error=error.message, passing=passing(error))
        return made.model_copy(update={"seconds": round(time.perf_counter() - begun, 3)})

    def _reply(self, item: Item, recording: OpenRecording) -> Reply:
        if item.kind == "boxes":
            return found_events(recording, item)
        if item.kind == "stages":
            return staged(recording)
        answers = self._answers(item, recording)
        return Reply(
            texts=tuple(answer.answer for answer in answers),
            choice=answers[-1].choice,
            not_analysed=tuple(entry.label for entry in answers[-1].not_analysed),
            tool_calls=tuple(
                call.model_dump(mode="json") for answer in answers for call in answer.tool_calls
            ),
        )

    def _stores(self) -> tuple[ThreadStore, RuleStore]:
        """Threads and rules, opened when the first question comes: an unchanged run asks none."""
        from agent.memory import ThreadStore
        from knowledge.store import open_store

        with self._opening:
            if self._kept is None:
                threads = ThreadStore(self._settings.home, retention_days=self._settings.retention_days)
                self._kept = threads, open_store(self._settings.home / "rules")
            return self._kept

    def _answers(self, item: Item, recording: OpenRecording) -> Sequence[Answer]:
        from agent.run import ask
        from tools.page import default_page

        threads, rules = self._stores()
        thread = threads.create(OWNER, recording.info.handle)
        page = default_page(recording.info, item.onset, item.duration)
        answers: list[Answer] = []
        for turn in item.turns:
            steps = ask(
                turn, recording, settings=self._settings, threads=threads, rules=rules,
                owner=OWNER, thread=thread, page=None if answers else page,
            )  # fmt: skip
            last = list(steps)[-1].answer
            if last is None:
                raise RuntimeError("the turn ended without an answer")
            answers.append(last)
        return answers


@contextmanager
def opened(item: Item, folder: Path) -> Iterator[tuple[OpenRecording, float]]:
    """Open the recording of an item, or a file of its stretch alone; gives it with the onset of the stretch there."""
    if not item.recording:
        raise ToolError(
            "This item has a picture and no signal; only a model that sees pictures can be asked."
        )
    with open_recording(folder / item.recording) as recording:
        if not item.alone or recording.info.duration <= item.duration + 1.0:
            yield recording, item.onset
            return
        from models.simulate import Simulated, write_edf

        segment = recording.read(item.onset, item.duration, kinds=("eeg", "eog", "emg", "ecg"))
    with TemporaryDirectory() as place:
        mended = replace(segment, data=np.nan_to_num(segment.data), onset=0.0)
        with open_recording(write_edf(Simulated(mended, ()), Path(place) / "stretch.edf")) as stretch:
            yield stretch, 0.0


def found_events(recording: OpenRecording, item: Item) -> Reply:
    """What the detectors mark on the item's page."""
    from tools.detect import detect

    found = detect(recording, onset=item.onset, duration=item.duration)
    missing = tuple(entry.label for entry in found.not_analysed)
    return Reply(
        events=found.events,
        analysed=found.analysed,
        not_analysed=missing,
        texts=(f"{len(found.events)} events",),
    )


def staged(recording: OpenRecording) -> Reply:
    """Stages of the whole recording with the rules that hold, as ``glossa stage`` gives them."""
    from tools.staging import stage_recording

    made = stage_recording(recording)
    epochs: tuple[dict[str, Any], ...] = tuple(
        {
            "stage": e.stage,
            "rules": list(e.rules),
            "aliases": list(e.aliases),
            "probabilities": e.probabilities,
        }
        for e in made.epochs
    )
    return Reply(epochs=epochs, texts=(" ".join(e.stage or "?" for e in made.epochs),))
