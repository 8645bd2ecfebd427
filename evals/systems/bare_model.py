"""A model alone: it sees the picture of the page and the question, and has no tools.

Any OpenAI-compatible server will do. Only the picture, drawn from numbers, and the question leave this machine,
and only to the address that was given.
"""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from agent.settings import Settings
from evals.records import Item, Reply
from evals.systems.faults import passing
from tools.io import open_recording
from tools.types import ToolError

LONGEST_PROFILED = 15.0
"""Seconds up to which a page is drawn as models of 10-s pages were trained on; longer ones as clinicians see them."""
_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


class BareModel:
    """Asks a served model directly.

    Parameters
    ----------
    settings : Settings
        With ``brain="openai"``, a base URL and a model; time-out and retries are taken from it.
    name : str
        As tables show it.
    profile : str
        How a page without a picture of its own is drawn.
    """

    def __init__(self, settings: Settings, name: str, profile: str = "cerebragloss") -> None:
        from agent.brains.openai import openai_brain

        self.name = name
        self._model = openai_brain(settings)
        self._profile = profile

    def reply(self, item: Item, folder: Path) -> Reply:
        """Ask every turn in one conversation; the pictures go with the first."""
        begun = time.perf_counter()
        if item.kind in ("boxes", "stages"):
            return Reply(error="a bare model is asked in words only")
        texts: list[str] = []
        tokens = 0
        try:
            messages: list[BaseMessage] = []
            for turn in item.turns:
                blocks = [{"type": "text", "text": turn}]
                messages.append(HumanMessage([*(() if texts else self._pictures(item, folder)), *blocks]))
                answer = self._model.invoke(messages)
                messages.append(AIMessage(answer.text))
                texts.append(answer.text)
                tokens += answer.usage_metadata["total_tokens"] if answer.usage_metadata else 0
            made = Reply(texts=tuple(texts), tokens=tokens)
        except ToolError as error:
            made = Reply(texts=tuple(texts), tokens=tokens, error=error.message, passing=passing(error))
        return made.model_copy(update={"seconds": round(time.perf_counter() - begun, 3)})

    def _pictures(self, item: Item, folder: Path) -> list[dict[str, Any]]:
        shown = [
            (_TYPES.get(Path(name).suffix.lower(), "image/png"), (folder / name).read_bytes())
            for name in item.images
            if not item.recording or (folder / name).is_file()
        ]
        if not shown and item.recording:
            shown = [("image/png", self._drawn(item, folder))]
        return [
            {
                "type": "image_url",
                "image_url": {"url": f"data:{kind};base64,{base64.b64encode(data).decode()}"},
            }
            for kind, data in shown
        ]

    def _drawn(self, item: Item, folder: Path) -> bytes:
        from tools.page import default_page, render

        with open_recording(folder / item.recording) as recording:
            page = default_page(recording.info, item.onset, item.duration)
            if item.duration > LONGEST_PROFILED:
                return render(recording, page).png
            try:
                return render(recording, page.model_copy(update={"profile": self._profile})).png
            except ToolError:  # too few electrodes for the montage of that look, as in recordings of sleep
                return render(recording, page).png
