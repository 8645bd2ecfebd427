"""Threads through the whole graph: killed, abandoned, side by side, grown long, deleted."""

import logging
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agent.memory import ThreadStore
from agent.run import ask, resume
from agent.settings import Settings
from models.simulate import simulate, write_edf
from tools.io import open_recording
from tools.types import ToolError

ROOT = Path(__file__).parents[2]
LOG = logging.getLogger(__name__)
"""The measured numbers; shown by ``pytest --log-cli-level=INFO``."""


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """A recording of one minute, quick to measure."""
    folder = tmp_path_factory.mktemp("short")
    return write_edf(simulate(("alpha", "blinks"), duration=60.0, seed=5), folder / "short.edf")


@pytest.fixture(scope="module")
def rule_folder(tmp_path_factory):
    from knowledge.store import open_store

    folder = tmp_path_factory.mktemp("rulestore")
    open_store(folder)
    return folder


class Desk:
    """A store and a recording, to ask by the embedded brain."""

    def __init__(self, path, home, rules):
        self.recording, self.rules = open_recording(path), rules
        self.threads, self.settings = ThreadStore(home / "threads"), Settings(home=home)
        self.common = {"settings": self.settings, "threads": self.threads, "rules": rules, "owner": "me"}

    def thread(self, name=None):
        return self.threads.create("me", self.recording.info.handle, name)

    def ask(self, question, thread):
        return list(ask(question, self.recording, thread=thread, **self.common))[-1].answer

    def resume(self, thread):
        return list(resume(self.recording, thread=thread, **self.common))

    def statuses(self, thread):
        return [turn.status for turn in self.threads.history(thread, "me", last=1000)]

    def checkpoints(self):
        (left,) = self.threads.checkpointer().conn.execute("SELECT count(*) FROM checkpoints").fetchone()
        return left


@pytest.fixture
def desk(short, tmp_path, rules):
    made = Desk(short, tmp_path, rules)
    yield made
    made.threads.close()
    made.recording.close()


CHILD = """
import sys, time
from pathlib import Path
from agent.embedded.brain import EmbeddedBrain
import agent.graph, agent.run
from agent.memory import ThreadStore
from agent.settings import Settings
from knowledge.store import open_store
from tools.io import open_recording

path, home, rules, thread, point = sys.argv[1:]

def stop(here):
    if here == point:
        print("reached", flush=True)
        time.sleep(60)

class Slow(EmbeddedBrain):
    def _next(self, messages):
        answers = sum(m.type == "tool" for m in messages)
        stop("first reply" if not answers else "second reply")
        return super()._next(messages)

real, conclude, keep = agent.graph._call, agent.graph.conclude, agent.run._keep_facts
def call(by_name, made):
    stop("tool")
    return real(by_name, made)
def kept(*args):
    keep(*args)
    stop("facts kept")
def concluded(*args):
    stop("answer")
    return conclude(*args)
agent.graph._call, agent.graph.conclude, agent.run._keep_facts = call, concluded, kept

recording = open_recording(path)
threads = ThreadStore(Path(home) / "threads")
finish = threads.finish
threads.finish = lambda *a, **k: (stop("finish"), finish(*a, **k))
print("ready", flush=True)
for step in agent.run.ask("Are there blinks in the first 20 s?", recording, settings=Settings(home=Path(home)),
                          threads=threads, rules=open_store(Path(rules)), owner="me", thread=thread, brain=Slow()):
    pass
print("done", flush=True)
"""


def killed(short, home, rule_folder, thread, point):
    """Ask in a child process, and kill it with no warning where it says it is."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(short), str(home), str(rule_folder), thread, point],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    said = []
    for line in process.stdout:
        said.append(line.strip())
        if line.strip() in ("reached", "done"):
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert said == ["ready", "reached"], point


POINTS = ["first reply", "tool", "second reply", "answer", "facts kept", "finish"]


@pytest.mark.parametrize("point", POINTS)
def test_a_turn_killed_in_the_middle_is_finished_by_resume(point, desk, short, rule_folder, tmp_path):
    thread = desk.thread()
    desk.ask("How long is the recording?", thread)
    killed(short, tmp_path, rule_folder, thread, point)
    assert desk.statuses(thread) == ["done", "open"]
    steps = desk.resume(thread)
    assert steps[-1].kind == "answer"
    assert "blink" in steps[-1].answer.answer
    assert steps[-1].answer.findings
    assert desk.statuses(thread) == ["done", "done"]
    assert desk.checkpoints() == 0
    assert desk.resume(thread) == []
    last = desk.threads.history(thread, "me")[-1]
    assert last.intent["act"] in ("detect", "search")
    following = desk.ask("And where is the first one?", thread)
    assert following.answer.startswith("1 blink in")  # what was taken up is remembered


@pytest.mark.parametrize("point", ["first reply", "second reply", "finish"])
def test_after_a_kill_the_next_question_is_answered(point, desk, short, rule_folder, tmp_path):
    thread = desk.thread()
    killed(short, tmp_path, rule_folder, thread, point)
    assert "60" in desk.ask("How long is the recording?", thread).answer
    assert desk.statuses(thread) == ["interrupted", "done"]
    assert desk.checkpoints() == 0


@pytest.mark.parametrize("read", [0, 1, 2, 3])
def test_a_listener_that_stops_reading_leaves_the_thread_usable(read, desk):
    thread = desk.thread()
    steps = ask("Are there blinks?", desk.recording, thread=thread, **desk.common)
    for _ in range(read):
        next(steps)
    steps.close()
    assert "60" in desk.ask("How long is the recording?", thread).answer
    assert desk.statuses(thread) == (["failed"] if read else []) + ["done"]
    assert desk.checkpoints() == 0


def test_a_listener_that_leaves_after_the_answer_loses_nothing(desk):
    thread = desk.thread()
    for step in ask("Are there blinks?", desk.recording, thread=thread, **desk.common):
        if step.kind == "answer":
            break
    assert desk.statuses(thread) == ["done"]


def test_a_second_question_while_the_first_is_answered_is_refused_in_words(desk):
    thread = desk.thread()
    steps = ask("Are there blinks?", desk.recording, thread=thread, **desk.common)
    next(steps)
    with pytest.raises(ToolError, match="answering another question"):
        desk.ask("How long is the recording?", thread)
    assert list(steps)[-1].kind == "answer"
    assert desk.statuses(thread) == ["done"]


def test_a_fault_in_a_tool_closes_the_turn_and_the_thread_goes_on(desk, monkeypatch):
    import agent.graph

    thread = desk.thread()

    def broken(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(agent.graph, "_call", broken)
        with pytest.raises(ZeroDivisionError):
            desk.ask("Are there blinks?", thread)
    assert "60" in desk.ask("How long is the recording?", thread).answer
    assert desk.statuses(thread) == ["failed", "done"]


def test_two_talks_at_once_do_not_mix(desk):
    questions = {"a": "Are there blinks from 0 to 20 s?", "b": "What is the background from 30 to 40 s?"}
    names = {name: desk.thread(name) for name in questions}
    alone = {name: desk.ask(question, desk.thread(f"{name}-alone")) for name, question in questions.items()}
    answers = {name: [] for name in questions}

    def talk(name):
        for _ in range(8):
            answers[name].append(desk.ask(questions[name], names[name]))

    workers = [threading.Thread(target=talk, args=(name,)) for name in questions]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for name, given in answers.items():
        assert len(given) == 8
        assert {answer.answer for answer in given} == {alone[name].answer}
        assert {answer.thread for answer in given} == {names[name]}
        facts = list(desk.threads.facts(names[name], "me"))
        assert {fact["tool"] for fact in facts} == {"find_waveforms" if name == "a" else "background"} | {
            fact["tool"] for fact in desk.threads.facts(f"{name}-alone", "me")
        }


def test_a_deleted_thread_is_gone(desk, tmp_path):
    thread = desk.thread()
    desk.ask("Are there Pastinake blinks?", thread)
    desk.threads.delete(thread, "me")
    with pytest.raises(ToolError, match="No such thread"):
        desk.ask("How long is the recording?", thread)
    desk.threads.close()
    left = b"".join(path.read_bytes() for path in (tmp_path / "threads").rglob("*") if path.is_file())
    assert thread.encode() not in left
    assert b"Pastinake" not in left


QUESTIONS = (
    "Are there blinks?", "What is the background rhythm?", "Describe this page.", "How long is the recording?",
    "Go to 20 s.", "What is a sleep spindle?", "Compare left and right.", "Why?", "How tall is the alpha at O1?",
    "Thanks",
)  # fmt: skip


@pytest.mark.slow
def test_150_turns_stay_small_and_quick(desk, tmp_path):
    thread = desk.thread()
    wall, cpu = [], []
    for n in range(150):
        begun, used = time.perf_counter(), time.process_time()
        desk.ask(QUESTIONS[n % len(QUESTIONS)], thread)
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - used)
    size = sum(path.stat().st_size for path in (tmp_path / "threads").rglob("*") if path.is_file())
    # Questions differ in their price, so both ends are taken over the same ones, each twice.
    same = 2 * len(QUESTIONS)
    early, late = (
        statistics.mean(cpu[len(QUESTIONS) : len(QUESTIONS) + same]), statistics.mean(cpu[-same:])
    )  # fmt: skip
    LOG.info("150 turns: %.2f MB", size / 1e6)
    LOG.info(
        "early turns: %.0f ms of processor, %.0f ms of wall", 1e3 * early, 1e3 * statistics.median(wall[4:14])
    )
    LOG.info(
        "last turns: %.0f ms, %.0f ms, ratio %.2f",
        1e3 * late,
        1e3 * statistics.median(wall[140:]),
        late / early,
    )
    assert desk.statuses(thread) == ["done"] * 150
    assert size <= 5e6
    assert late <= 1.5 * early  # processor time: a busy machine does not change it
