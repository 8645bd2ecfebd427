"""What all browser tabs share: the shelf of recordings, the threads, the rules, the marks."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.index import index_in
from agent.memory import ThreadStore
from agent.settings import Settings
from agent.workbench import Workbench
from tools.io import OpenRecording
from tools.types import Page, Record, ToolError
from ui.marks import Marks
from ui.overview import Overviews, stages_of
from ui.resuming import TakenUp
from ui.shelf import Shelf
from ui.turns import Turns

if TYPE_CHECKING:
    from knowledge.store import RuleStore


class BrainChoice(Record):
    """Which brain answers in one browser tab; it is kept in memory only, the key above all."""

    brain: str = "embedded"
    base_url: str = ""
    model: str = ""
    api_key: str = ""
    consent: bool = False
    """The user agreed that page pictures and measured numbers go to ``base_url``."""


@dataclass
class Desk:
    """The parts behind the browser front. Nothing in here belongs to one user only."""

    settings: Settings
    shelf: Shelf
    threads: ThreadStore
    taken_up: TakenUp
    overviews: Overviews = field(init=False)
    marks: Marks = field(default_factory=Marks)
    turns: Turns = field(default_factory=Turns)
    opens_with_shared: bool = False
    """The recording named at start comes first, whatever a browser had open before."""
    _rules: RuleStore | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.overviews = Overviews(self.shelf, index_in(self.threads.events), self._stages)

    def _stages(self, recording: OpenRecording) -> dict[str, Any]:
        page = Page(onset=0.0, duration=min(30.0, recording.info.duration))
        index = index_in(self.threads.events)
        return stages_of(Workbench(recording, self.rules(), page, recording.info.age_years, index))

    def rules(self) -> RuleStore:
        """The rule base, built or opened at the first call."""
        from knowledge.store import open_store

        with self._lock:
            if self._rules is None:
                self._rules = open_store(self.settings.home / "rules")
            return self._rules

    def settings_for(self, choice: BrainChoice) -> Settings:
        """Settings for one turn; ToolError while a server was chosen but not agreed to."""
        if choice.brain == "embedded":
            return self.settings.model_copy(update={"brain": "embedded"})
        if not choice.consent:
            raise ToolError("Agree in Settings to what is sent, or choose the embedded brain.", field="brain")
        if not choice.base_url.startswith(("http://", "https://")) or not choice.model:
            raise ToolError(
                "A server needs a base URL, such as http://127.0.0.1:8000/v1, and a model's name.",
                field="base_url",
            )
        fields = {"base_url": choice.base_url, "model": choice.model, "brain": "openai"}
        key = {"api_key": choice.api_key} if choice.api_key else {}
        known = self.settings.model_dump() | fields | key
        return Settings.model_validate(known)

    def close(self) -> None:
        """Close files and databases."""
        self.shelf.close()
        self.threads.close()


def open_desk(settings: Settings, file: Path | None) -> Desk:
    """Open the home folder, and the recording to start with: the given one, or our own sample."""
    threads = ThreadStore(settings.home / "threads", retention_days=settings.retention_days)
    threads.expire()
    if file is None:
        from models.demo import demo_recording

        shared = demo_recording(settings.home / "sample")
    else:
        shared = file
    shelf = Shelf(
        settings.home / "recordings",
        retention_days=settings.retention_days,
        max_upload_mb=settings.max_upload_mb,
        shared=shared,
    )
    taken_up = TakenUp(settings.home / "taken-up", settings.retention_days)
    return Desk(
        settings=settings, shelf=shelf, threads=threads, taken_up=taken_up, opens_with_shared=file is not None
    )
