"""What a question may lean on."""

from __future__ import annotations

from agent.intent import Intent
from tools.types import Event, Page, Record, Recording


class Context(Record):
    """What a question may lean on."""

    recording: Recording
    page: Page
    """The page in view."""
    previous: Intent | None = None
    """What the last turn was understood to ask, follow-ups resolved."""
    previous_events: tuple[Event, ...] = ()
    """The events that the last answer named, in its order."""
