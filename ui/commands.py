"""What each command does; each gives the JSON document of its contract and prints its words otherwise."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.types import ToolError

if TYPE_CHECKING:
    from agent.findings import Answer
    from agent.settings import Settings
    from agent.steps import Step
    from tools.io import OpenRecording
    from tools.types import Event, Page

OWNER = "command-line"
"""Owner of the threads of the command line; browsers have ids of their own."""
NOTE = "For research and education only, not for diagnosis."


def info(args: argparse.Namespace) -> dict[str, Any]:
    """Say what is in a recording."""
    with _open(args) as recording:
        content = recording.info
    document = {
        "format": content.format, "duration_s": content.duration,
        "start_time_of_day": content.start_time_of_day,
        "age_years": args.age if args.age is not None else content.age_years, "sex": content.sex,
        "channels": [c.model_dump(mode="json") for c in content.channels],
        "montage_guess": content.montage_guess, "annotations": content.annotations,
        "gaps": [g.model_dump(mode="json") for g in content.gaps], "warnings": list(content.warnings),
    }  # fmt: skip
    if not args.json:
        start = f", starts at {content.start_time_of_day}" if content.start_time_of_day else ""
        print(f"{content.format}, {content.duration:g} s{start}, montage {content.montage_guess}")
        for channel in content.channels:
            print(f"  {channel.name:<14} {channel.kind:<9} {channel.sfreq:g} Hz  {channel.unit}")
        print(f"annotations: {content.annotations}, gaps: {len(content.gaps)}")
        _print_lines(content.warnings, "warning: ")
    return document


def page(args: argparse.Namespace) -> dict[str, Any]:
    """Write a page as a picture."""
    from tools.detect import detect as run_detectors
    from tools.page import write_page

    with _open(args) as recording:
        shown = _page(args, recording)
        found: tuple[Event, ...] = ()
        if args.events:
            found = run_detectors(recording, onset=shown.onset, duration=shown.duration).events
        document = write_page(recording, shown, Path(args.output), found)
    if not args.json:
        print(f"{document['path']}: {document['width']} x {document['height']} pixels")
    return document


def _page(args: argparse.Namespace, recording: OpenRecording) -> Page:
    from tools.montage import montage_name
    from tools.page import default_page
    from tools.types import Page

    duration = args.duration
    if duration is None:
        duration = 30.0 if args.profile in ("sleepvlm", "sleepvlm-bench") else 10.0
    base = default_page(recording.info, args.start or 0.0, duration)
    profiles = ("clinical", "cerebragloss", "sleepvlm", "sleepvlm-bench")
    if args.profile not in profiles:
        raise ToolError("There is no such profile.", field="profile", choices=profiles)
    change: dict[str, Any] = {"profile": args.profile}
    if args.montage:
        change["montage"] = montage_name(args.montage)
    cuts = {"low_cut_hz": args.low_cut, "high_cut_hz": args.high_cut, "notch_hz": args.notch}
    for name, cut in cuts.items():
        if cut is not None and cut < 0:
            raise ToolError("A cut-off cannot be negative; 0 switches a filter off.", field=name)
        change |= {name: cut or None} if cut is not None else {}
    if args.sensitivity is not None:
        if args.sensitivity <= 0:
            raise ToolError("The sensitivity must be above 0 µV/mm; 7 is usual.", field="sensitivity")
        change["sensitivity_uv_per_mm"] = args.sensitivity
    return Page.model_validate(base.model_dump() | change)


def bands(args: argparse.Namespace) -> dict[str, Any]:
    """Measure band power per channel."""
    from agent.looking import measure_bands

    names = _split(args.channels)
    with _open(args) as recording:
        document = measure_bands(recording, *_place(args, recording), names)
    if not args.json:
        names_of = list(document["bands_hz"])
        print("channel         " + "".join(f"{name:>12}" for name in names_of) + "   (µV²)")
        for channel in document["channels"]:
            values = "".join(f"{channel['absolute_uv2'][name]:12.2f}" for name in names_of)
            print(f"{channel['name']:<16}{values}")
    return document


def describe(args: argparse.Namespace) -> dict[str, Any]:
    """Describe a page."""
    from agent.describe import describe as describe_span

    with _open(args) as recording:
        described = describe_span(recording, *_place(args, recording), age_years=_age(args, recording))
    if not args.json:
        print(described.description.caption)
        _print_missing(described.description.not_analysed)
        print(NOTE)
    return described.description.model_dump(mode="json")


def detect(args: argparse.Namespace) -> dict[str, Any]:
    """Look for waveforms and artifacts; without a place, in the whole recording."""
    from tools.detect import detect as run_detectors
    from tools.events import write_tsv
    from tools.labels import to_labels

    labels = to_labels(args.labels) if args.labels else None
    with _open(args) as recording:
        found = run_detectors(recording, labels=labels, onset=args.start or 0.0, duration=args.duration)
    if args.output:
        write_tsv(found.events, Path(args.output))
    if not args.json:
        from agent.words import event_line
        from tools.labels import SPOKEN

        for event in found.events:
            print(f"{SPOKEN[event.label]}: {event_line(event)}")
        print(f"{len(found.events)} events in {found.analysed.seconds:g} s")
        _print_missing(found.not_analysed)
    return found.model_dump(mode="json")


def ask(args: argparse.Namespace) -> dict[str, Any]:
    """Ask a question about a recording."""
    settings = _settings(args)
    with _open(args) as recording:
        answer = _ask(args.question, recording, settings, args, _thread(args, recording, settings))
    if not args.json:
        _print_answer(answer)
    return answer.model_dump(mode="json")


def chat(args: argparse.Namespace) -> dict[str, Any]:
    """Talk about a recording until an empty line or the end of input."""
    settings = _settings(args)
    answers: list[dict[str, Any]] = []
    with _open(args) as recording:
        thread = _thread(args, recording, settings)
        print(f"{recording.info.duration:g} s of EEG. {NOTE} An empty line ends the talk.", file=sys.stderr)
        for line in _lines():
            try:
                answer = _ask(line, recording, settings, args, thread)
            except ToolError as error:
                print(f"glossa: {error.message}", file=sys.stderr)
                continue
            args.start = args.duration = None  # from now on the page in view is the conversation's
            answers.append(answer.model_dump(mode="json"))
            if not args.json:
                _print_answer(answer)
    return {"thread": thread, "answers": answers}


def ui(args: argparse.Namespace) -> int:
    """Open the assistant in the browser."""
    from agent.settings import Settings
    from ui.server import serve

    settings = Settings()
    if args.port is not None:
        if not 0 <= args.port <= 65535:
            raise ToolError("A port is a number from 1 to 65535; 0 takes any free one.", field="port")
        settings = settings.model_copy(update={"port": args.port})
    file = Path(args.file) if args.file else None
    return serve(file, settings, open_browser=not args.no_browser)


def knowledge(args: argparse.Namespace) -> dict[str, Any]:
    """Search the rule base."""
    found = _rules(_settings(args)).search(args.query, stage=args.stage, topic=args.topic, k=args.k)
    fields = ("id", "title", "source", "score", "text", "provenance")
    results = [{name: getattr(citation, name) for name in fields} for citation in found]
    if not args.json:
        for result in results:
            print(f"[{result['id']}] {result['title']}\n  {result['text']}\n  {result['source']}\n")
        if not results:
            print("No rule answers this. Try the name of a waveform, a stage or a pattern.")
    return {"results": results}


def bench(args: argparse.Namespace) -> dict[str, Any]:
    """Measure speed against the usual libraries."""
    from evals.bench import run_bench

    return run_bench(rounds=args.rounds, quiet=args.json)


# --- shared by the commands ----------------------------------------------------------------------


def _open(args: argparse.Namespace) -> OpenRecording:
    from tools.io import open_recording

    if args.age is not None and not 0 <= args.age <= 130:
        raise ToolError("An age lies between 0 and 130 years.", field="age")
    return open_recording(args.file)


def _age(args: argparse.Namespace, recording: OpenRecording) -> float | None:
    return args.age if args.age is not None else recording.info.age_years


def _place(args: argparse.Namespace, recording: OpenRecording) -> tuple[float, float]:
    """The span asked for; the first 10 s without one."""
    start = 0.0 if args.start is None else args.start
    duration = (
        min(10.0, max(recording.info.duration - start, 0.001)) if args.duration is None else args.duration
    )
    return start, duration


def _split(text: str | None) -> list[str] | None:
    return [part.strip() for part in text.split(",") if part.strip()] if text else None


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
    if brain is None:
        return settings
    if brain not in ("embedded", "openai"):
        raise ToolError("There is no such brain.", field="brain", choices=("embedded", "openai"))
    return settings.model_copy(update={"brain": brain})


def _rules(settings: Settings) -> Any:
    from knowledge.store import open_store
    from knowledge.types import KnowledgeError

    try:
        return _Rules(open_store(settings.home / "rules"))
    except KnowledgeError as error:
        raise ToolError(error.message, field=error.field, choices=error.choices) from None


class _Rules:
    """The rule store, with its refusals in the words of the tools."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def search(self, query: str, **options: Any) -> Any:
        from knowledge.types import KnowledgeError

        try:
            return self._store.search(query, **options)
        except KnowledgeError as error:
            raise ToolError(error.message, field=error.field, choices=error.choices) from None

    def get(self, identifier: str) -> Any:
        return self._store.get(identifier)


def _threads(settings: Settings) -> Any:
    from agent.memory import ThreadStore

    store = ThreadStore(settings.home / "threads", retention_days=settings.retention_days)
    store.expire()
    return store


def _thread(args: argparse.Namespace, recording: OpenRecording, settings: Settings) -> str:
    with _threads(settings) as threads:
        name: str = threads.create(OWNER, recording.info.handle, args.thread)
        return name


def _ask(
    question: str, recording: OpenRecording, settings: Settings, args: argparse.Namespace, thread: str
) -> Answer:
    from agent.run import ask as ask_agent
    from tools.page import default_page

    shown = None
    if args.start is not None or args.duration is not None:
        shown = default_page(recording.info, *_place(args, recording))
    with _threads(settings) as threads:
        steps = ask_agent(
            question, recording, settings=settings, threads=threads, rules=_rules(settings), owner=OWNER,
            thread=thread, page=shown, age_years=args.age,
        )  # fmt: skip
        answer = None
        for step in steps:
            _progress(step)
            answer = step.answer or answer
    if answer is None:
        raise RuntimeError("a turn ended without an answer")
    return answer


def _progress(step: Step) -> None:
    if step.kind == "tool_start":
        args = json.dumps(step.args, ensure_ascii=False)
        print(f"… {step.name} {args}", file=sys.stderr)


def _lines() -> Iterable[str]:
    while True:
        print("> ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line.strip():
            return
        yield line.strip()


def _print_answer(answer: Answer) -> None:
    print(answer.answer)
    for source in answer.citations:
        print(f"  [{source.id}] {source.title}. {source.source}")
    _print_missing(answer.not_analysed)
    for struck in answer.unsupported:
        print(f"  struck out, without a source: {struck}")
    print(f"({NOTE} Thread {answer.thread})")


def _print_missing(entries: Iterable[Any]) -> None:
    by_reason: dict[str, list[str]] = {}
    for entry in entries:
        by_reason.setdefault(entry.reason, []).append(entry.label)
    for reason, labels in by_reason.items():
        print(f"  not analysed: {', '.join(labels)} ({reason.rstrip('.')})")


def _print_lines(lines: Iterable[str], lead: str) -> None:
    for line in lines:
        print(lead + line)
