"""The events that are drawn on a page, kept on the server so that a picture's address stays short."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence

from tools.types import Event
from ui.identity import NotHereError

_MARKS_KEPT = 200


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
