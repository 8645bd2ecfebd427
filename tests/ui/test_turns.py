"""A turn runs beside the page: in order, with its errors, and stopped at once even while a server is silent."""

import threading
import time

import pytest

from agent.steps import Step
from tools.types import ToolError
from ui.turns import StoppedError, Turns


def _words(*words):
    return [Step(kind="text", words=word) for word in words]


def test_steps_come_in_their_order():
    turns = Turns()
    assert list(turns.run(turns.begin(), lambda: (s for s in _words("a", "b", "c")))) == _words("a", "b", "c")


def test_what_the_work_raises_is_raised_where_the_steps_are_read():
    def work():
        yield from _words("a")
        raise ToolError("The model server does not answer.")

    turns = Turns()
    seen = turns.run(turns.begin(), work)
    assert next(seen) == _words("a")[0]
    with pytest.raises(ToolError, match="does not answer"):
        next(seen)


def test_a_stop_does_not_wait_for_a_silent_server_and_the_work_is_closed_afterwards():
    answers, closed = threading.Event(), threading.Event()

    def work():
        try:
            yield from _words("a")
            answers.wait(30)
            yield from _words("b", "c")
        finally:
            closed.set()

    turns = Turns()
    token = turns.begin()
    seen = turns.run(token, work)
    next(seen)
    threading.Timer(0.05, turns.stop, [token]).start()
    begun = time.monotonic()
    with pytest.raises(StoppedError):
        next(seen)
    assert time.monotonic() - begun < 5
    assert not closed.is_set()
    answers.set()
    assert closed.wait(5), "the work ends at its next step, and frees its thread"


def test_a_reader_who_goes_away_ends_the_work():
    closed = threading.Event()

    def work():
        try:
            while True:
                yield from _words("a")
                time.sleep(0.001)
        finally:
            closed.set()

    turns = Turns()
    seen = turns.run(turns.begin(), work)
    next(seen)
    seen.close()
    assert closed.wait(5)


def test_a_token_of_nobody_stops_nothing():
    turns = Turns()
    token = turns.begin()
    turns.stop("another")
    assert list(turns.run(token, lambda: (s for s in _words("a")))) == _words("a")
    turns.stop(token)  # over: nothing to do
