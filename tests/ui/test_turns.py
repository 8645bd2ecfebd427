"""A turn runs beside the page: in order, with its errors, and stopped at once even while a server is silent."""

import threading
import time

import pytest

from agent.steps import Step
from tools.types import Page, ToolError
from ui import viewer
from ui.turns import LeftError, StoppedError, Turns
from ui.viewer import View


def _words(*words):
    return [Step(kind="text", words=word) for word in words]


def test_steps_come_in_their_order():
    turns = Turns()
    assert list(turns.run(turns.begin(View()), lambda: (s for s in _words("a", "b", "c")))) == _words(
        "a", "b", "c"
    )


def test_what_the_work_raises_is_raised_where_the_steps_are_read():
    def work():
        yield from _words("a")
        raise ToolError("The model server does not answer.")

    turns = Turns()
    seen = turns.run(turns.begin(View()), work)
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
    token = turns.begin(View())
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
    seen = turns.run(turns.begin(View()), work)
    next(seen)
    seen.close()
    assert closed.wait(5)


def test_a_token_of_nobody_stops_nothing():
    turns = Turns()
    token = turns.begin(View())
    turns.stop("another")
    assert list(turns.run(token, lambda: (s for s in _words("a")))) == _words("a")
    turns.stop(token)  # over: nothing to do


def test_a_tab_that_turns_to_another_conversation_lets_the_work_go_on_unseen():
    done, answers = threading.Event(), threading.Event()

    def work():
        yield from _words("a")
        answers.wait(30)
        yield from _words("b")
        done.set()

    turns = Turns()
    token = turns.begin(View())
    seen = turns.run(token, work)
    next(seen)
    turns.leave(token)
    with pytest.raises(LeftError):
        next(seen)
    answers.set()
    assert done.wait(5)


def _looking(onset):
    page = Page(onset=onset, duration=10.0)
    return View(handle="rec-1", total=300.0, montages=("average", "cz"), page=page)


def test_the_user_and_the_agent_move_one_view_and_neither_undoes_the_other():
    turns = Turns()
    token = turns.begin(_looking(0))
    turns.user_moves(token, _looking(0), lambda view: viewer.turn(view, 3))
    before, after = turns.agent_moves(token, lambda view: viewer.mark(view, (), "token"))
    assert (before.page.onset, after.page.onset, after.marks) == (30.0, 30.0, "token")
    stale = _looking(0)  # the browser has not yet heard of the marks
    moved = turns.user_moves(token, stale, lambda view: viewer.turn(view, 1))
    assert (moved.page.onset, moved.marks) == (40.0, "token")


def test_turning_the_page_counts_as_a_move_and_fitting_it_to_the_window_does_not():
    turns = Turns()
    token = turns.begin(_looking(0))
    turns.user_moves(token, _looking(0), lambda view: viewer.resize(view, 1000, 600))
    assert turns.moves(token) == 0
    turns.user_moves(token, _looking(0), lambda view: viewer.turn(view, 1))
    turns.user_moves(token, _looking(0), lambda view: viewer.change(view, montage="cz"))
    assert turns.moves(token) == 2


def test_without_a_turn_the_tabs_own_view_counts():
    turns = Turns()
    token = turns.begin(_looking(0))
    turns.end(token)
    for name in ("", token):
        assert turns.user_moves(name, _looking(50), lambda view: viewer.turn(view, 1)).page.onset == 60.0
