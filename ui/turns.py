"""A turn in a thread of its own, so that stopping it never waits for a model server.

Gradio's own way to cancel waits until the running step returns, and keeps every other tab waiting too.
"""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable, Generator, Iterator

from agent.steps import Step

_LOOK_EVERY_S = 0.1
_END = object()


class StoppedError(Exception):
    """The user stopped the turn before its answer."""


class Turns:
    """The turns under way, by random tokens that only the tab which asked holds."""

    def __init__(self) -> None:
        self._stops: dict[str, threading.Event] = {}

    def begin(self) -> str:
        """Register a turn, and give its token."""
        token = secrets.token_urlsafe(16)
        self._stops[token] = threading.Event()
        return token

    def stop(self, token: str) -> None:
        """Ask a turn to stop; one that has ended is left alone."""
        if token in self._stops:
            self._stops[token].set()

    def run(self, token: str, work: Callable[[], Generator[Step]]) -> Iterator[Step]:
        """Hand out the steps of ``work`` as they come; raises what it raises, or StoppedError.

        After a stop, the work is closed at its next step, in its own thread.
        """
        stop = self._stops[token]
        steps: queue.Queue[object] = queue.Queue()
        threading.Thread(target=_fill, args=(work, steps, stop), daemon=True).start()
        try:
            while not stop.is_set():
                try:
                    step = steps.get(timeout=_LOOK_EVERY_S)
                except queue.Empty:
                    continue
                if step is _END:
                    return
                if isinstance(step, BaseException):
                    raise step
                if isinstance(step, Step):
                    yield step
            raise StoppedError
        finally:
            stop.set()
            self._stops.pop(token, None)


def _fill(work: Callable[[], Generator[Step]], steps: queue.Queue[object], stop: threading.Event) -> None:
    running = work()
    try:
        for step in running:
            if stop.is_set():
                running.close()
                return
            steps.put(step)
        steps.put(_END)
    except BaseException as error:  # noqa: BLE001 - raised again where the steps are read
        steps.put(error)
