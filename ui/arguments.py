"""What can be typed after ``glossa``, and what is said when it cannot be understood.

Nothing that was typed is repeated in a refusal: an argument may be a file's name, and that a patient's.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from ui.argument_values import Parser, UsageError, age, field_name, number, one_of, whole_number

__all__ = ["UsageError", "build_parser", "parse"]

DISCLAIMER = "For research and education only, not for diagnosis."
PROFILES = ("clinical", "cerebragloss", "sleepvlm", "sleepvlm-bench")
STAGING = ("auto", "model", "rules")
BRAINS = ("embedded", "openai")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Understand the arguments; UsageError in words of ours."""
    try:
        parsed, left = build_parser().parse_known_args(arguments)
    except argparse.ArgumentError as error:
        raise _in_our_words(error) from None
    if left:
        raise UsageError(
            "There is an option or an argument too many. Put a question in quotes; see glossa COMMAND --help."
        )
    return parsed


def _in_our_words(error: argparse.ArgumentError) -> UsageError:
    name = error.argument_name or ""
    if name in ("COMMAND", "search"):
        choices = tuple(COMMANDS) if name == "COMMAND" else ("search",)
        return UsageError("There is no such command.", "command", choices)
    field = field_name(name)
    if "ignored explicit" in error.message:
        return UsageError(f"{name} takes no value.", field)
    return UsageError(f"{name} needs a value.", field)


def _call(module: str, function: str) -> Callable[[argparse.Namespace], Any]:
    """Name a command without importing what it needs."""

    def run(args: argparse.Namespace) -> Any:
        return getattr(import_module(f"ui.{module}"), function)(args)

    return run


def build_parser() -> argparse.ArgumentParser:
    """Describe every command in one place."""
    parser = Parser(prog="glossa", description=f"An assistant that reads EEG with you. {DISCLAIMER}")
    parser.add_argument("--version", action="store_true", help="print the version and leave")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (text, fill, run) in COMMANDS.items():
        made = commands.add_parser(name, help=text, description=f"{text} {DISCLAIMER}")
        made.set_defaults(run=run)
        fill(made)
    return parser


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _add_file(parser: argparse.ArgumentParser) -> None:
    _add_json(parser)
    parser.add_argument("file", metavar="FILE", help="EDF, BDF, BrainVision, EEGLAB, FIF, GDF, ...")
    parser.add_argument("--age", type=age, metavar="YEARS", help="age, where the file does not hold it")


def _add_place(parser: argparse.ArgumentParser) -> None:
    _add_file(parser)
    seconds = number("start", "a number of seconds")
    parser.add_argument("--start", type=seconds, metavar="S", help="start in seconds of the recording")
    length = number("duration", "a number of seconds above 0, such as 10")
    parser.add_argument("--duration", type=length, metavar="D", help="length in seconds")


def _page(parser: argparse.ArgumentParser) -> None:
    _add_place(parser)
    add = parser.add_argument
    add("--montage", help="average, longitudinal, transverse, laplacian, ears, mastoids, cz, as_recorded")
    profile = one_of("profile", PROFILES, "profile")
    add("--profile", type=profile, default="clinical", metavar="NAME", help=", ".join(PROFILES))
    sensitivity = number("sensitivity", "a number of µV/mm, such as 7")
    add("--sensitivity", type=sensitivity, metavar="UV_PER_MM", help="gain in µV/mm")
    for name, what in (("low-cut", "low cut-off"), ("high-cut", "high cut-off"), ("notch", "notch")):
        hertz = number(name.replace("-", "_"), "a number of Hz, 0 for off")
        add(f"--{name}", type=hertz, metavar="HZ", help=f"{what}, 0 for off")
    add("--events", action="store_true", help="draw what the detectors find on the page")
    add("-o", "--output", required=True, metavar="PNG", help="picture to write")


def _bands(parser: argparse.ArgumentParser) -> None:
    _add_place(parser)
    parser.add_argument("--channels", metavar="A,B", help="channels, separated by commas")


def _detect(parser: argparse.ArgumentParser) -> None:
    _add_place(parser)
    parser.add_argument("--labels", metavar="A,B", help="labels or groups, separated by commas")
    parser.add_argument("-o", "--output", metavar="TSV", help="table to write, with BIDS columns")


def _stage(parser: argparse.ArgumentParser) -> None:
    _add_file(parser)
    add = parser.add_argument
    method = one_of("method", STAGING, "method of staging")
    add("--method", type=method, default="auto", metavar="NAME", help="auto (default), model or rules")
    add("--scoring", metavar="FILE", help="scoring to compare with: EDF+, table, or a stage per line")
    add("--picture", metavar="PNG", help="hypnogram, probabilities and spectrogram to write")
    add("-o", "--output", metavar="TSV", help="table of epochs to write, with BIDS columns")


def _chat(parser: argparse.ArgumentParser) -> None:
    _add_place(parser)
    parser.add_argument("--thread", metavar="ID", help="conversation to go on with, or to start by this name")
    brain = one_of("brain", BRAINS, "brain")
    parser.add_argument("--brain", type=brain, metavar="NAME", help="embedded (default) or openai")


def _ask(parser: argparse.ArgumentParser) -> None:
    _chat(parser)
    parser.add_argument("question", metavar="QUESTION", help="in quotes, as you would say it")


def _ui(parser: argparse.ArgumentParser) -> None:
    _add_json(parser)
    parser.add_argument("file", metavar="FILE", nargs="?", help="recording to open; without one, a sample")
    port = whole_number("port", "A port", 0, 65535)
    parser.add_argument("--port", type=port, metavar="N", help="port on 127.0.0.1; 0 takes any free one")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser window")


def _knowledge(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="search", required=True)
    what = "Find the rules that answer a question."
    search = actions.add_parser("search", help=what, description=f"{what} {DISCLAIMER}")
    _add_json(search)
    search.add_argument("query", metavar="QUERY", help="a question or some words, in quotes")
    search.add_argument("--stage", metavar="STAGE", help="W, N1, N2, N3 or R")
    search.add_argument("--topic", metavar="TOPIC", help="topic of the rule base")
    count = whole_number("k", "The number of results", 1, 1000)
    search.add_argument("-k", type=count, default=5, metavar="N", help="number of results")


def _bench(parser: argparse.ArgumentParser) -> None:
    _add_json(parser)
    what = one_of("what", ("speed", "accuracy"), "benchmark")
    parser.add_argument("what", nargs="?", type=what, default="speed", metavar="WHAT",
                        help="speed beside the usual libraries, or accuracy against truth and experts")  # fmt: skip
    hours = number("hours", "a number of hours")
    parser.add_argument("--hours", type=hours, default=8.0, metavar="H", help="length of the night (speed)")
    many = whole_number("per-category", "The number of segments", 1, 1000)
    parser.add_argument("--per-category", type=many, default=40, metavar="N",
                        help="simulated segments of each category (accuracy)")  # fmt: skip
    parser.add_argument("--data", metavar="FOLDER",
                        help="labelled recordings (accuracy); GLOSSA_DATA when left out")  # fmt: skip
    rounds = whole_number("rounds", "The number of rounds", 1, 1000)
    parser.add_argument("--rounds", type=rounds, default=7, metavar="N", help="rounds of each pair")


def _eval(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    whats = {
        "list": "List the tasks and the systems that can be asked.",
        "run": "Run tasks over systems and their controls, and report; goes on where an earlier run stopped.",
        "report": "Report on the newest runs of a folder of logs.",
    }
    made = {
        name: actions.add_parser(name, help=what, description=f"{what} {DISCLAIMER}")
        for name, what in whats.items()
    }
    for name, action in made.items():
        _add_json(action)
        if name != "list":
            action.add_argument("--logs", default="eval-logs", metavar="FOLDER", help="logs and the report")
    add = made["run"].add_argument
    add("task", nargs="+", metavar="TASK", help="as glossa eval list names them")
    add("--model", action="append", metavar="NAME",
        help="embedded (default), assistant, model or tools; give it again for more")  # fmt: skip
    add("--data", metavar="FOLDER", help="the recordings of a task that is not generated")
    limit = whole_number("limit", "The number of items", 1, 10_000_000)
    add("--limit", type=limit, metavar="N", help="at most so many items of a task")
    size = whole_number("size", "The number of segments", 1, 1000)
    add("--size", type=size, metavar="N", help="segments of each category, of a generated task")
    seed = whole_number("seed", "The seed", 0, 999_999_999)
    add("--seed", type=seed, metavar="N", help="another draw of the items")
    add("--no-controls", action="store_true", help="leave out template, majority, noise and swapped signals")
    add(
        "--judge",
        metavar="URL",
        help="OpenAI-compatible server that judges answers; its key is GLOSSA_JUDGE_KEY",
    )
    add("--judge-model", metavar="NAME", help="model on that server")
    repeats = whole_number("judge_repeats", "The number of repeats", 2, 20)
    add("--judge-repeats", type=repeats, default=2, metavar="N", help="how often each answer is judged (2)")
    add("--judge-controls", action="store_true", help="have the controls judged too")


def _simulate(parser: argparse.ArgumentParser) -> None:
    _add_json(parser)
    parser.add_argument(
        "kind", nargs="+", metavar="KIND", help="what it holds: alpha, spikes, segment:spikes, night"
    )
    seed = whole_number("seed", "The seed", 0, 999_999_999)
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="another seed, another recording")
    seconds = number("duration", "a number of seconds")
    parser.add_argument("--duration", type=seconds, metavar="S", help="length in seconds")
    rate = number("sfreq", "a number of samples per second")
    parser.add_argument("--sfreq", type=rate, metavar="HZ", help="samples per second, 200 by default")
    parser.add_argument(
        "--montage", metavar="NAME", help="linked_ears, average, cz, longitudinal, psg or sleep"
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="EDF", help="file to write, the truth beside it"
    )


Fill = Callable[[argparse.ArgumentParser], None]
COMMANDS: dict[str, tuple[str, Fill, Callable[[argparse.Namespace], Any]]] = {
    "info": ("Say what is in a recording.", _add_file, _call("commands", "info")),
    "page": ("Write a page as a picture.", _page, _call("commands", "page")),
    "bands": ("Measure band power per channel.", _bands, _call("commands", "bands")),
    "describe": (
        "Describe a page: quality, background, artifacts, waveforms.",
        _add_place,
        _call("commands", "describe"),
    ),
    "detect": ("Look for waveforms and artifacts.", _detect, _call("commands", "detect")),
    "stage": ("Stage a night, or a shorter stretch of sleep.", _stage, _call("stage_command", "stage")),
    "ask": ("Ask a question about a recording.", _ask, _call("conversation", "ask")),
    "chat": ("Talk about a recording; an empty line ends it.", _chat, _call("conversation", "chat")),
    "ui": ("Open the assistant in the browser.", _ui, _call("conversation", "open_browser")),
    "knowledge": ("Search the rule base.", _knowledge, _call("conversation", "search")),
    "simulate": ("Write a simulated recording with its truth.", _simulate, _call("commands", "simulate")),
    "eval": ("Score the assistant, a model or the tools.", _eval, _call("eval_command", "evaluate")),
    "bench": ("Measure speed, or accuracy, and print the table.", _bench, _call("commands", "bench")),
}
