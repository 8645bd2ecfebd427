"""A graph over the store: killed in mid-turn, and grown to 150 turns."""

import json
import logging
import random
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.memory import ThreadStore

ROOT = Path(__file__).parents[2]
LOG = logging.getLogger(__name__)
"""The measured numbers; shown by ``pytest --log-cli-level=INFO``."""

# Four model steps and three tool calls a turn, as a real one has; only plain data in its state.
TALK = '''
import operator, sys
from pathlib import Path
from typing import Annotated, Any, TypedDict

from agent.memory import FACT, ThreadStore
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages

import random


class State(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]
    facts: Annotated[list[dict[str, Any]], operator.add]


def detection(turn, k):
    """A tool result of realistic size: 60 spindles on four channels each, some 30 kB as JSON."""
    draw = random.Random(turn * 10 + k)
    def event():
        onset = round(draw.uniform(0, 28800), 3)
        return {
            "onset": onset, "duration": round(draw.uniform(0.5, 2), 3), "channels": ["Fz", "Cz", "C3", "C4"],
            "label": "spindle", "source": "tools.spindles 1", "confidence": round(draw.random(), 3),
            "amplitude": {"value_uv": round(draw.uniform(10, 60), 2), "kind": "pp"},
            "frequency_hz": round(draw.uniform(11, 16), 2),
            "per_channel": [
                {"channel": name, "onset": onset, "duration": round(draw.uniform(0.5, 2), 3)}
                for name in ("Fz", "Cz", "C3", "C4")
            ],
            "masked_by": None,
        }
    return {"tool": "detect", "ok": True, "events": [event() for _ in range(60)]}


def build(store, thread, turn, reached=lambda point: None):
    def model(state):
        k = sum(message.type == "tool" for message in state["messages"])
        reached(f"model{k}")
        if k == 3:
            return {"messages": [AIMessage("There are spindles at C3 (60 in the night). " * 5)]}
        call = {"name": "detect", "args": {"labels": ["spindle"], "onset": 30.0 * k}, "id": f"c{k}"}
        return {"messages": [AIMessage("", tool_calls=[call])]}

    def tools(state):
        call = state["messages"][-1].tool_calls[0]
        k = int(call["id"][1:])
        reached(f"tools{k}")
        facts = detection(turn, k)
        store.add(thread, turn, FACT, facts)
        reached(f"added{k}")
        words = "; ".join(f"{e['onset']} s {e['frequency_hz']} Hz" for e in facts["events"][:20])
        return {"messages": [ToolMessage(words, tool_call_id=call["id"])], "facts": [facts]}

    graph = StateGraph(State)
    graph.add_node("model", model)
    graph.add_node("tools", tools)
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", lambda s: "tools" if s["messages"][-1].tool_calls else END)
    graph.add_edge("tools", "model")
    return graph.compile(checkpointer=store.checkpointer())


def turn(store, thread, reached=lambda point: None):
    n = store.begin(thread, "anna", "Where are the spindles?", {"act": "detect"})
    reached("begun")
    earlier = store.history(thread, "anna")[:-1]
    known = sum(1 for _, _ in zip(range(20), store.facts(thread, "anna")))
    asked = HumanMessage(f"{len(earlier)} turns and {known} facts ago. Where are the spindles?")
    config = {"configurable": {"thread_id": f"{thread}:{n}"}}
    state = build(store, thread, n, reached).invoke({"messages": [asked], "facts": []}, config)
    words = state["messages"][-1].content
    findings = [
        {"statement": words[:45], "certainty": "probable", "events": fact["events"][:5], "evidence": []}
        for fact in state["facts"]
    ]
    reached("answered")
    store.finish(thread, n, {"answer": words, "findings": findings}, {"act": "detect"})
    return n
'''


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """The conversation above as a module, for this process and for the children to be killed."""
    folder = tmp_path_factory.mktemp("talk")
    (folder / "talk.py").write_text(TALK)
    sys.path.insert(0, str(folder))
    import talk

    yield talk
    sys.path.remove(str(folder))


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
def test_150_turns_take_5_mb_and_the_last_is_as_fast_as_the_tenth(tmp_path, talk):
    with ThreadStore(tmp_path) as store:
        thread = store.create("anna", "rec-1")
        seconds = []
        for _ in range(160):
            start = time.perf_counter()
            talk.turn(store, thread)
            seconds.append(time.perf_counter() - start)
            if len(seconds) == 150:
                grown = size(tmp_path)
        facts = list(store.facts(thread, "anna"))
        raw = sum(len(json.dumps(fact)) for fact in facts[-450:])
    early, late = statistics.median(seconds[5:16]), statistics.median(seconds[144:156])
    LOG.info("150 turns: %.2f MB on disk for %.1f MB of tool results as JSON", grown / 1e6, raw / 1e6)
    LOG.info("turn 10: %.1f ms, turn 150: %.1f ms, ratio %.2f", early * 1e3, late * 1e3, late / early)
    assert len(facts) == 480
    assert grown <= 5e6
    assert late <= 1.5 * early


CHILD = """
import sys, time
sys.path.insert(0, sys.argv[4])
import talk
from pathlib import Path

folder, thread, point = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
store = talk.ThreadStore(folder)

def reached(here):
    if here == point:
        print("reached", flush=True)
        time.sleep(60)

if point == "finished":  # between the answer's commit and the release of the thread
    forget = store._checkpoints.forget
    store._checkpoints.forget = lambda thread, turn=None: reached("finished") if turn else forget(thread)
while True:
    print("ack", talk.turn(store, thread, reached), flush=True)
"""


def child(folder, thread, point, talk):
    where = str(Path(talk.__file__).parent)
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), thread, point, where],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def killed_at(process, word):
    """Kill the child at once when it says the word; the numbers it acknowledged before."""
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith(word):
            break
    process.send_signal(signal.SIGKILL)
    said += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    return [int(line.split()[1]) for line in said if line.startswith("ack")]


def killed_after(process, seconds):
    """Kill the child this long after its first turn; the numbers it acknowledged."""
    first = process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    said = [first, *process.stdout.readlines()]
    process.wait()
    process.stdout.close()
    return [int(line.split()[1]) for line in said if line.endswith("\n")]


def works_again(store, thread, talk):
    n = talk.turn(store, thread)
    *earlier, newest = store.history(thread, "anna", last=1000)
    assert newest.n == n == len(earlier) + 1
    assert newest.status == "done"
    (left,) = store.checkpointer().conn.execute("SELECT count(*) FROM checkpoints").fetchone()
    assert left == 0
    return earlier


@pytest.mark.parametrize("point", ["begun", "model1", "tools1", "added2", "answered"])
def test_a_turn_killed_in_the_middle_reads_as_interrupted_and_the_thread_goes_on(tmp_path, talk, point):
    with ThreadStore(tmp_path) as store:
        thread = store.create("anna", "rec-1")
        done = talk.turn(store, thread)
        assert killed_at(child(tmp_path, thread, point, talk), "reached") == []
        left = store.unfinished(thread, "anna")
        assert (left.n, left.status) == (done + 1, "open")
        earlier = works_again(store, thread, talk)
        assert [turn.status for turn in earlier] == ["done", "interrupted"]
        facts = {"begun": 0, "model1": 1, "tools1": 1, "added2": 3, "answered": 3}[point]
        assert len(list(store.facts(thread, "anna"))) == 3 + facts + 3


def test_a_kill_after_the_answer_was_written_loses_nothing(tmp_path, talk):
    with ThreadStore(tmp_path) as store:
        thread = store.create("anna", "rec-1")
        killed_at(child(tmp_path, thread, "finished", talk), "reached")
        assert store.unfinished(thread, "anna") is None
        assert [turn.status for turn in works_again(store, thread, talk)] == ["done"]


def test_a_turn_left_open_can_be_taken_up_from_its_last_checkpoint(tmp_path, talk):
    with ThreadStore(tmp_path) as store:
        thread = store.create("anna", "rec-1")
        killed_at(child(tmp_path, thread, "tools2", talk), "reached")
        left = store.resume(thread, "anna")
        config = {"configurable": {"thread_id": f"{thread}:{left.n}"}}
        state = talk.build(store, thread, left.n).invoke(None, config)
        assert [message.type for message in state["messages"]] == ["human", *["ai", "tool"] * 3, "ai"]
        store.finish(thread, left.n, {"answer": state["messages"][-1].content}, {})
        assert [turn.status for turn in store.history(thread, "anna")] == ["done"]
        assert store.resume(thread, "anna") is None
        works_again(store, thread, talk)


@pytest.mark.slow
def test_kills_at_random_moments_lose_no_acknowledged_turn(tmp_path, talk):
    draw = random.Random(7)
    acknowledged = []
    with ThreadStore(tmp_path) as store:
        thread = store.create("anna", "rec-1")
        for _ in range(12):
            process = child(tmp_path, thread, "never", talk)
            acknowledged += killed_after(process, draw.uniform(0, 0.15))
            works_again(store, thread, talk)
        turns = {turn.n: turn.status for turn in store.history(thread, "anna", last=10_000)}
        interrupted = sum(status == "interrupted" for status in turns.values())
        (sound,) = store._db.execute("PRAGMA integrity_check").fetchone()
    LOG.info("12 kills: %d turns acknowledged, %d interrupted", len(acknowledged), interrupted)
    assert sound == "ok"
    assert all(turns[n] == "done" for n in acknowledged)
    assert "open" not in turns.values()
    assert len(acknowledged) >= 12
