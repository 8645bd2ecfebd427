"""Names and short words of the page: what a recording, a conversation, a fault is called."""

from __future__ import annotations

import traceback
from pathlib import Path

from agent.findings import Answer
from agent.memory import ThreadInfo
from tools.types import Event
from ui.shelf import Kept


def named_events(answer: Answer | None) -> tuple[Event, ...]:
    """Events that an answer's findings point at, each once, in time order."""
    events = {
        (e.label, e.onset, e.channels): e for f in (answer.findings if answer else ()) for e in f.events
    }
    return tuple(sorted(events.values(), key=lambda event: event.onset))


def recording_title(note: Kept, shared: str) -> str:
    """Name a recording by what it is, never by its file's name; number 0 is the shared one."""
    minutes, seconds = divmod(round(note.duration), 60)
    length = f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
    if minutes >= 60:
        length = f"{minutes // 60} h {minutes % 60:02d} min"
    name = f"Recording {note.number}" if note.number else shared
    return f"{name} · {note.format} · {note.channels} channel{'s' * (note.channels != 1)} · {length}"


def thread_title(info: ThreadInfo) -> str:
    """Name a conversation by its first question."""
    question = " ".join(info.question.split()) or "No question yet"
    return question if len(question) <= 60 else question[:59] + "…"


def fault_words(error: Exception) -> str:
    """Name a fault of the program by its kind and place; its message may hold text of the file."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"Glossa failed ({type(error).__name__} at {place}): a fault of the program, not of your question."
