"""Runs that stop: killed, without their server, with a fault; what was finished is never asked again."""

import io
import os
import subprocess
import sys
import time

import pytest

from evals import provenance
from evals.progress import Bar
from evals.reading import collect
from evals.records import Reply
from evals.running import PATIENCE, run
from tests.agent.openai_server import fail, openai_server, say
from tests.evals.scripted import LETTERS, RUNS_INSPECT, asked, served, toy

pytestmark = RUNS_INSPECT


@pytest.fixture(autouse=True)
def _same_code(monkeypatch):
    monkeypatch.setattr(provenance, "code", lambda: "the code under test")


class Told:
    """A system that does what it is told for each item, and notes what it was asked."""

    name = "told"

    def __init__(self, **special):
        self.special = {name.replace("_", "-"): what for name, what in special.items()}
        self.asked = []

    def reply(self, item, folder):
        self.asked.append(item.id)
        what = self.special.get(item.id, "A")
        if isinstance(what, Exception):
            raise what
        return what if isinstance(what, Reply) else Reply(texts=(f"**{what}.**",), choice=what)


AWAY = Reply(error="No model server answers at 127.0.0.1:9.", passing=True)
REFUSED = Reply(error="a template has no choice to make")


def run_toy(tmp_path, system, **options):
    run([toy(tmp_path / "data")], {"toy": [system]}, tmp_path / "logs", at_once=1, **options)
    (found,) = collect(tmp_path / "logs")
    return found


def test_a_server_that_was_away_is_asked_again_and_only_for_what_is_missing(tmp_path):
    first = run_toy(tmp_path, Told(item_2=AWAY, item_5=AWAY))
    assert set(first.unanswered) == {"item-2", "item-5"}
    assert "No model server answers" in first.unanswered["item-2"]
    invalid = {row.id: row.invalid for row in first.rows}
    assert invalid["item-2"]
    assert not invalid["item-3"]
    again = Told()
    second = run_toy(tmp_path, again)
    assert again.asked == ["item-2", "item-5"]
    assert not second.unanswered
    whole = {row.id: row.values for row in second.rows}
    assert whole == {f"item-{n}": {"correct": float(LETTERS[n] == "A")} for n in range(8)}


def test_a_refusal_of_our_own_is_final(tmp_path):
    first = run_toy(tmp_path, Told(item_1=REFUSED))
    assert not first.unanswered
    again = Told()
    second = run_toy(tmp_path, again)
    assert again.asked == []
    row = next(row for row in second.rows if row.id == "item-1")
    assert row.invalid
    assert row.values == {"correct": 0.0}
    assert row.error == REFUSED.error


def test_a_fault_of_the_program_ends_one_item_and_is_tried_again(tmp_path):
    first = run_toy(tmp_path, Told(**{f"item_{n}": ValueError("no") for n in range(5)}))
    assert set(first.unanswered) == {f"item-{n}" for n in range(5)}
    assert "ValueError" in first.unanswered["item-0"]
    again = Told()
    assert not run_toy(tmp_path, again).unanswered
    assert sorted(again.asked) == [f"item-{n}" for n in range(5)]


def test_a_dead_server_is_given_up_after_some_failures_in_a_row(tmp_path):
    system = Told(**{f"item_{n}": AWAY for n in range(2, 8)})
    found = run_toy(tmp_path, system)
    assert len(system.asked) == 2 + PATIENCE
    assert len(found.unanswered) == 6
    assert "not asked" in found.unanswered["item-7"]


def test_an_unchanged_run_asks_nothing_and_costs_next_to_nothing(tmp_path):
    run_toy(tmp_path, Told())
    seen = []
    begun = time.perf_counter()
    again = Told()
    found = run_toy(tmp_path, again, progress=lambda done, total, words: seen.append((done, total)))
    assert time.perf_counter() - begun < 2.0
    assert again.asked == []
    assert len(found.rows) == 8
    assert seen[-1] == (8, 8)


def test_other_code_is_another_run(tmp_path, monkeypatch):
    run_toy(tmp_path, Told())
    monkeypatch.setattr(provenance, "code", lambda: "newer code")
    again = Told()
    run([toy(tmp_path / "data")], {"toy": [again]}, tmp_path / "logs", at_once=1)
    assert len(again.asked) == 8


def test_a_log_that_was_cut_off_is_run_again(tmp_path):
    found = run_toy(tmp_path, Told())
    found.log.write_bytes(found.log.read_bytes()[:100])
    again = Told()
    assert len(run_toy(tmp_path, again).rows) == 8
    assert len(again.asked) == 8


def test_a_server_that_dies_half_way_keeps_what_was_finished(tmp_path):
    with openai_server(lambda request: say("**A.**") if len(server.requests) <= 3 else fail(503)) as server:
        system = served(server.base_url, tmp_path)
        first = run_toy(tmp_path, system)
        assert len(first.unanswered) == 5
        assert len(server.requests) == 3 + PATIENCE
    with openai_server(lambda request: say("**A.**")) as server:
        second = run_toy(tmp_path, served(server.base_url, tmp_path))
        assert sorted(asked(server)) == sorted(first.unanswered)
    assert not second.unanswered


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_killed_run_goes_on_with_identical_scores_and_asks_nothing_finished_again(tmp_path):
    def slowly(request):
        number = int(str(request.messages[-1]["content"]).split("item-")[1].split("?")[0])
        return say(f"**{'AB'[number % 3 == 0]}.**", wait=0.3)

    with openai_server(slowly) as server:
        killed = _start(server, tmp_path / "killed")
        _until(lambda: len(server.requests) >= 6, killed)
        killed.kill()
        killed.wait(60)
        before = asked(server)
        assert _start(server, tmp_path / "killed").wait(500) == 0
        after = asked(server)[len(before) :]
        assert len(before) < 12
        twice = set(before) & set(after)
        assert len(twice) <= 2  # those in flight
        assert set(before) | set(after) == {f"item-{n}" for n in range(12)}
        count = len(server.requests)
        here = tmp_path / "killed"
        run([toy(here / "data", 12)], {"toy": [served(server.base_url, here)]}, here / "logs")
        assert len(server.requests) == count
        here = tmp_path / "whole"
        run([toy(here / "data", 12)], {"toy": [served(server.base_url, here)]}, here / "logs")
    (resumed,), (whole,) = (collect(tmp_path / name / "logs") for name in ("killed", "whole"))
    assert [(row.id, row.values, row.answer) for row in resumed.rows] == [
        (row.id, row.values, row.answer) for row in whole.rows
    ]


def _start(server, place):
    command = [sys.executable, "-m", "tests.evals.scripted", server.base_url, str(place)]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": "."})


def _until(condition, process, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "the run ended before it was killed"
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


class _Stream(io.StringIO):
    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


def shown(terminal, total=200):
    stream = _Stream(terminal)
    with Bar(stream) as bar:
        for done in range(total + 1):
            bar(done, total, "toy, told")
    return stream.getvalue()


def test_without_a_terminal_progress_is_one_line_for_ten_percent():
    lines = shown(terminal=False).splitlines()
    assert len(lines) == 11
    assert lines[0] == "0 % (0 of 200): toy, told"
    assert lines[-1] == "100 % (200 of 200): toy, told"
    assert "\r" not in shown(terminal=False)


def test_on_a_terminal_progress_is_one_line_drawn_again():
    text = shown(terminal=True)
    assert text.count("\n") == 1
    assert text.rstrip().endswith("200/200 toy, told")
    assert text.count("\r") == 201
