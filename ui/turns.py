"""The turns under way: each works in a thread of its own, beside a page that the user goes on turning.

Gradio's own way to cancel waits until the running step returns, and keeps every other tab waiting too.
"""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

from agent.steps import Step
from ui.viewer import View, same_place

_LOOK_EVERY_S = 0.1
_END = object()


class StoppedError(Exception):
    """The user stopped the turn before its answer."""


class LeftError(Exception):
    """The tab shows another conversation now; the turn goes on to its end unseen."""


@dataclass
class _Turn:
    """One turn, and where its tab looks meanwhile."""

    view: View
    moves: int = 0
    """How often the user has moved the page since the question."""
    stopped: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)


class Turns:
    """The turns under way, by random tokens that only the tab which asked holds."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Turn] = {}
        self._lock = threading.Lock()

    def begin(self, view: View) -> str:
        """Register a turn of a tab that looks at ``view``, and give its token."""
        token = secrets.token_urlsafe(16)
        self._under_way[token] = _Turn(view)
        return token

    def stop(self, token: str) -> None:
        """Ask a turn to stop; one that has ended is left alone."""
        if token in self._under_way:
            self._under_way[token].stopped.set()

    def leave(self, token: str) -> None:
        """Show no more of a turn; its answer is kept in its thread."""
        if token in self._under_way:
            self._under_way[token].left.set()

    def moves(self, token: str) -> int:
        """How often the user has moved the page since the question."""
        turn = self._under_way.get(token)
        return turn.moves if turn else 0

    def user_moves(self, token: str, view: View, change: Callable[[View], View]) -> View:
        """Change the view for the user; while a turn runs, the turn's view is the one that counts."""
        with self._lock:
            turn = self._under_way.get(token)
            before = turn.view if turn else view
            after = change(before)
            if turn:
                turn.view = after
                turn.moves += not same_place(before, after)
            return after

    def agent_moves(self, token: str, change: Callable[[View], View]) -> tuple[View, View]:
        """Change the view for the agent, from wherever the user has moved it; gives it before and after."""
        with self._lock:
            turn = self._under_way[token]
            before, turn.view = turn.view, change(turn.view)
            return before, turn.view

    def run(self, token: str, work: Callable[[], Generator[Step]]) -> Iterator[Step]:
        """Hand out the steps of ``work`` as they come; raises what it raises, StoppedError or LeftError.

        After a stop, or when nobody reads on, the work is closed at its next step, in its own thread.
        """
        turn = self._under_way[token]
        steps: queue.Queue[object] = queue.Queue()
        threading.Thread(target=_fill, args=(work, steps, turn.stopped), daemon=True).start()
        try:
            while not turn.stopped.is_set():
                if turn.left.is_set():
                    raise LeftError
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
            if not turn.left.is_set():
                turn.stopped.set()

    def end(self, token: str) -> None:
        """Forget a turn: from now on the tab's own view counts."""
        self._under_way.pop(token, None)


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
