"""What the commands do that need the home folder: ask, chat, the browser, the rule base."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.types import ToolError
from ui.arguments import DISCLAIMER
from ui.commands import Outcome, open_file, place_in

if TYPE_CHECKING:
    from agent.findings import Answer
    from agent.memory import ThreadStore
    from agent.settings import Settings
    from agent.steps import Step
    from knowledge.store import RuleStore
    from tools.io import OpenRecording
    from tools.types import Page

OWNER = "command-line"
"""Owner of the threads of the command line; browsers have ids of their own."""


def ask(args: argparse.Namespace) -> Outcome:
    """Ask a question about a recording."""
    from agent.understand import check_question
    from ui.wording import answer_words

    check_question(args.question)
    settings = _settings(args)
    with open_file(args) as recording:
        shown = _page(args, recording)
        rules = _rules(settings)
        with _threads(settings) as threads:
            thread = threads.create(OWNER, recording.info.handle, args.thread)
            answer = _answer(args.question, recording, settings, threads, rules, thread, shown, args.age)
    return Outcome(answer.model_dump(mode="json"), answer_words(answer))


def chat(args: argparse.Namespace) -> Outcome:
    """Talk about a recording until an empty line or the end of input."""
    settings = _settings(args)
    answers: list[dict[str, Any]] = []
    with open_file(args) as recording:
        shown = _page(args, recording)
        rules = _rules(settings)
        with _threads(settings) as threads:
            thread = threads.create(OWNER, recording.info.handle, args.thread)
            print(f"{recording.info.duration:g} s of EEG. An empty line ends the talk.", file=sys.stderr)
            for line in _lines():
                try:
                    answer = _answer(line, recording, settings, threads, rules, thread, shown, args.age)
                except ToolError as error:
                    print(f"glossa: {error.message}", file=sys.stderr)
                    continue
                shown = None  # from now on the page in view is the conversation's
                answers.append(answer.model_dump(mode="json"))
                if not args.json:
                    _say(answer)
    return Outcome({"thread": thread, "answers": answers}, f"{DISCLAIMER} Thread {thread}.")


def open_browser(args: argparse.Namespace) -> Outcome:
    """Serve the assistant to browsers on this machine until it is stopped."""
    from ui.server import serve

    settings = _settings(args)
    if args.port is not None:
        settings = settings.model_copy(update={"port": args.port})
    with suppress(KeyboardInterrupt):  # Ctrl+C is how it is stopped
        serve(Path(args.file) if args.file else None, settings, open_browser=not args.no_browser)
    return Outcome({"stopped": True}, "")


def search(args: argparse.Namespace) -> Outcome:
    """Search the rule base."""
    from ui.wording import rules_words

    if not args.query.strip():
        raise ToolError("The query is empty; name a waveform, a stage or a pattern.", field="query")
    found = _rules(_settings(args)).search(args.query, stage=args.stage, topic=args.topic, k=args.k)
    fields = ("id", "title", "source", "score", "text", "provenance")
    results = [{name: getattr(citation, name) for name in fields} for citation in found]
    return Outcome({"results": results}, rules_words(results))


def _settings(args: argparse.Namespace) -> Settings:
    from pydantic import ValidationError

    from agent.settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        name = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ToolError(
            f"The setting GLOSSA_{name.upper()} does not fit: {error.errors()[0]['msg']}.", field=name
        ) from None
    brain = getattr(args, "brain", None)
    return settings if brain is None else settings.model_copy(update={"brain": brain})


def _rules(settings: Settings) -> RuleStore:
    from knowledge.store import open_store

    return open_store(settings.home / "rules")


def _threads(settings: Settings) -> ThreadStore:
    from agent.memory import ThreadStore

    store = ThreadStore(settings.home / "threads", retention_days=settings.retention_days)
    store.expire()
    return store


def _page(args: argparse.Namespace, recording: OpenRecording) -> Page | None:
    """The page that was asked for; None leaves it to the conversation."""
    from tools.page import default_page

    if args.start is None and args.duration is None:
        return None
    return default_page(recording.info, *place_in(args, recording))


def _answer(
    question: str,
    recording: OpenRecording,
    settings: Settings,
    threads: ThreadStore,
    rules: RuleStore,
    thread: str,
    page: Page | None,
    age_years: float | None,
) -> Answer:
    from agent.run import ask as ask_agent

    answer = None
    for step in ask_agent(
        question, recording, settings=settings, threads=threads, rules=rules, owner=OWNER,
        thread=thread, page=page, age_years=age_years,
    ):  # fmt: skip
        _show_progress(step)
        answer = step.answer or answer
    if answer is None:
        raise RuntimeError("a turn ended without an answer")
    return answer


def _show_progress(step: Step) -> None:
    from ui.wording import call_words

    if step.kind == "tool_start":
        print(f"… {call_words(step.name, step.args)}", file=sys.stderr)
    if step.kind == "progress" and step.share is not None and step.share < 1:
        print(f"… {100 * step.share:.0f} %", file=sys.stderr)


def _say(answer: Answer) -> None:
    from ui.wording import answer_words

    print(answer_words(answer, closing=False), end="\n\n", flush=True)


def _lines() -> Iterator[str]:
    while True:
        print("> ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line.strip():
            return
        yield line.strip()
