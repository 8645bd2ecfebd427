"""What happens during a turn, as the command line, the browser and the evals see it."""

from __future__ import annotations

from typing import Literal

from agent.findings import Answer
from agent.intent import Intent
from tools.types import Event, Page, Record


class Step(Record):
    """One thing that happened; ``kind`` says which fields are set.

    ``understood``: intent · ``tool_start``: name, args · ``progress``: name, share of a long search that is done
    · ``tool_end``: name, ok, words, seconds, page, events · ``text``: words, a piece of the draft as the brain
    writes it · ``checked``: words, what verification struck out · ``answer``: answer, the last step of every turn.
    """

    kind: Literal["understood", "tool_start", "progress", "tool_end", "text", "checked", "answer"]
    intent: Intent | None = None
    call_id: str = ""
    name: str = ""
    args: dict[str, object] = {}
    share: float | None = None
    ok: bool = True
    words: str = ""
    seconds: float | None = None
    page: Page | None = None
    """The page in view from here on, when the step moved it."""
    events: tuple[Event, ...] = ()
    answer: Answer | None = None
