"""One turn from question to answer, as a stream of steps read by command line, browser and evals."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage

from agent.brains.choice import make_brain, outgoing_for, preamble, substantive
from agent.facts import Facts
from agent.findings import Answer
from agent.graph import Turn, build_graph, steps_at_most
from agent.index import index_in
from agent.intent import Intent
from agent.memory import FACT, ThreadStore
from agent.memory import Turn as PastTurn
from agent.settings import Settings
from agent.steps import Step
from agent.storage import in_words
from agent.understand import Context, check_question, understand
from agent.workbench import Workbench
from knowledge.store import RuleStore
from tools.io import OpenRecording
from tools.page import default_page
from tools.types import Event, Page, Recording, ToolError

FIRST_SECONDS = 10.0
"""Length of the page that a conversation opens with."""
REMEMBERED = 12
"""Earlier turns that a brain is told about."""


def ask(
    question: str,
    recording: OpenRecording,
    *,
    settings: Settings,
    threads: ThreadStore,
    rules: RuleStore,
    owner: str,
    thread: str,
    page: Page | None = None,
    age_years: float | None = None,
    brain: BaseChatModel | None = None,
) -> Iterator[Step]:
    """Answer a question about a recording, step by step; the last step carries the answer.

    Raises ToolError for what the user can mend (the question, the settings, the model server). A
    thread that was interrupted is closed first, so that it never blocks.
    """
    question = check_question(question)
    past = threads.history(thread, owner, last=REMEMBERED)
    page = page or _page_in_view(past) or default_page(recording.info, 0.0, FIRST_SECONDS)
    brain = brain or make_brain(settings)
    turn = _turn(brain, recording, settings, threads, rules, owner, thread, page, past, age_years)
    number = threads.begin(thread, owner, question)
    state = {"question": question, "page": page.model_dump(mode="json")}
    yield from _run(turn, threads, thread, number, state)


def resume(
    recording: OpenRecording,
    *,
    settings: Settings,
    threads: ThreadStore,
    rules: RuleStore,
    owner: str,
    thread: str,
    age_years: float | None = None,
) -> Iterator[Step]:
    """Take up the turn that a crash or a restart interrupted, from its last checkpoint; none: no step."""
    brain = make_brain(settings)
    left = threads.resume(thread, owner)
    if left is None:
        return
    past = [turn for turn in threads.history(thread, owner, last=REMEMBERED) if turn.n != left.n]
    page = _page_in_view(past) or default_page(recording.info, 0.0, FIRST_SECONDS)
    turn = _turn(brain, recording, settings, threads, rules, owner, thread, page, past, age_years)
    state = {"question": left.question, "page": page.model_dump(mode="json")}
    yield from _run(turn, threads, thread, left.n, state)


def _page_in_view(past: list[PastTurn]) -> Page | None:
    for earlier in reversed(past):
        if earlier.answer and earlier.answer.get("page"):
            return Page.model_validate(earlier.answer["page"])
    return None


def _turn(
    brain: BaseChatModel,
    recording: OpenRecording,
    settings: Settings,
    threads: ThreadStore,
    rules: RuleStore,
    owner: str,
    thread: str,
    page: Page,
    past: list[PastTurn],
    age_years: float | None,
) -> Turn:
    context = context_of(recording.info, page, past)
    age = age_years if age_years is not None else recording.info.age_years

    def earlier() -> Iterable[Facts]:
        return (Facts.model_validate(payload) for payload in threads.facts(thread, owner))

    return Turn(
        brain=brain,
        bench=Workbench(recording, rules, page, age, index_in(threads.events)),
        understand=lambda question: understand(question, context),
        before=lambda intent, shown: preamble(brain, recording.info, shown, past, intent, age),
        outgoing=outgoing_for(brain, recording, settings),
        earlier=earlier,
        thread=thread,
        brain_name=settings.brain,
        max_tool_calls=settings.max_tool_calls,
    )


def context_of(recording: Recording, page: Page, past: list[PastTurn]) -> Context:
    """What a question may lean on: the page, the last turn's intent, and the events it named."""
    done = substantive(past)
    if not done:
        return Context(recording=recording, page=page)
    last = done[-1]
    events = [
        Event.model_validate(event)
        for finding in (last.answer or {}).get("findings", ())
        for event in finding["events"]
    ]
    return Context(
        recording=recording,
        page=page,
        previous=Intent.model_validate(last.intent) if last.intent else None,
        previous_events=tuple({(e.label, e.onset, e.channels): e for e in events}.values()),
    )


def _run(turn: Turn, threads: ThreadStore, thread: str, number: int, state: dict[str, Any]) -> Iterator[Step]:
    """Run or take up a turn; whatever happens, the thread is free for the next question."""
    config: Any = {
        "configurable": {"thread_id": f"{thread}:{number}"}, "recursion_limit": steps_at_most(turn),
        "metadata": {"brain": turn.brain_name},
    }  # fmt: skip
    closed = False
    try:
        with in_words():
            saver = threads.checkpointer()
            begun = saver.get_tuple(config) is not None
        graph = build_graph(turn, saver)
        final: Step | None = None
        # Closed before the turn is: the graph writes its last checkpoint when its stream ends.
        with closing(_stream(graph, None if begun else state, config)) as stream:
            for step in stream:
                if step.kind == "answer":
                    final = step
                else:
                    yield step
        values = graph.get_state(config).values
        if final is None or final.answer is None:
            raise RuntimeError("the graph ended without an answer")
        _keep_facts(values["messages"], threads, thread, number)
        threads.finish(thread, number, final.answer.model_dump(mode="json"), values["intent"])
        closed = True
        yield final
    except ToolError as error:
        threads.fail(thread, number, error.message)
        closed = True
        raise
    finally:
        if not closed:  # a fault of ours, or a listener that went away
            threads.fail(thread, number, "The answer was not finished.")


def _stream(graph: Any, state: dict[str, Any] | None, config: Any) -> Generator[Step]:
    """Run the graph; a turn that died after its answer was made has nothing left to run but that."""
    answered = None if state is not None else graph.get_state(config).values.get("answer")
    if answered:
        yield Step(kind="answer", answer=Answer.model_validate(answered))
        return
    started: dict[str, float] = {}
    with closing(graph.stream(state, config, stream_mode=["updates", "messages", "custom"])) as items:
        for mode, payload in items:
            yield from _steps(mode, payload, started)


def _keep_facts(messages: Sequence[Any], threads: ThreadStore, thread: str, number: int) -> None:
    for message in messages:
        if isinstance(message, ToolMessage) and message.artifact:
            threads.add(thread, number, FACT, message.artifact)


def _steps(mode: str, payload: Any, started: dict[str, float]) -> Iterator[Step]:
    """Translate one item of the graph's stream into steps."""
    if mode == "custom":
        share = round(payload["share"], 3)
        yield Step(kind="progress", call_id=payload["call_id"], name=payload["name"], share=share)
        return
    if mode == "messages":
        piece = payload[0]
        if isinstance(piece, AIMessageChunk) and piece.text:
            yield Step(kind="text", words=piece.text)
        return
    for node, update in payload.items():
        yield from _steps_of(node, update or {}, started)


def _steps_of(node: str, update: dict[str, Any], started: dict[str, float]) -> Iterator[Step]:
    if node == "understand":
        yield Step(kind="understood", intent=Intent.model_validate(update["intent"]))
    elif node == "model":
        message = update["messages"][-1]
        for call in message.tool_calls if isinstance(message, AIMessage) else ():
            started[call["id"] or ""] = time.perf_counter()
            yield Step(kind="tool_start", call_id=call["id"] or "", name=call["name"], args=call["args"])
    elif node == "tools":
        for message in update["messages"]:
            yield _tool_end(message, started)
    elif node == "verify" and update:
        yield Step(kind="checked", words=update["messages"][-1].text)
    elif node == "answer":
        yield Step(kind="answer", answer=Answer.model_validate(update["answer"]))


def _tool_end(message: ToolMessage, started: dict[str, float]) -> Step:
    facts = Facts.model_validate(message.artifact) if message.artifact else None
    since = started.get(message.tool_call_id)
    return Step(
        kind="tool_end",
        call_id=message.tool_call_id,
        name=message.name or "",
        ok=message.status == "success",
        words=message.text,
        seconds=round(time.perf_counter() - since, 3) if since else None,
        page=facts.page if facts else None,
        events=facts.events if facts else (),
    )
