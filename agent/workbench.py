"""What the tools of one turn work on: a recording, its rules, the page in view, and what is known of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.index import EventIndex, Progress
from knowledge.store import RuleStore
from tools.detect import detect
from tools.io import OpenRecording
from tools.types import Detection, Page, ToolError


@dataclass
class Workbench:
    """What the tools of one turn work on."""

    recording: OpenRecording
    rules: RuleStore
    page: Page
    """The page in view; the graph moves it from its state before every call."""
    age_years: float | None = None
    index: EventIndex | None = None
    """What is known of the whole recording; without one, every search is made anew."""
    progress: Progress | None = None
    """Told how much of a long search is done; the graph sets it before every call."""

    def place(self, onset: float | None, duration: float | None) -> tuple[float, float]:
        """Resolve a place that may be left out."""
        length = self.recording.info.duration
        start = self.page.onset if onset is None else onset
        if start >= length:
            raise ToolError(
                f"The recording ends at {length:g} s; ask for a start before that.", field="onset"
            )
        wanted = duration if duration is not None else self.page.duration
        if not start >= 0 or not wanted > 0:  # NaN is neither
            raise ToolError("A place starts at 0 s or later and lasts longer than 0 s.", field="duration")
        return start, min(wanted, length - start)

    def with_progress(self, progress: Progress) -> Workbench:
        """The same bench with another listener."""
        return replace(self, progress=progress)

    def search(
        self,
        labels: Sequence[str] | None,
        onset: float,
        duration: float,
        channels: Sequence[str] | None = None,
    ) -> Detection:
        """Look for events, in what is known of the whole recording where that can answer."""
        find = detect if self.index is None else self.index.search
        return find(
            self.recording,
            labels=labels,
            onset=onset,
            duration=duration,
            channels=channels,
            progress=self.progress,
        )
