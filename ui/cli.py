"""The command line: ``glossa COMMAND ...``.

With ``--json`` one document goes to stdout, progress to stderr. Exit 0; 2 for what the user can mend,
with ``{"error": {"message", "field", "choices"}}``; 1 for a fault of ours. Heavy modules are imported
by the command that needs them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

for _name, _value in {
    "OMP_WAIT_POLICY": "PASSIVE",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "MPLBACKEND": "Agg",
    "LANGGRAPH_STRICT_MSGPACK": "true",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
}.items():
    os.environ.setdefault(_name, _value)

Command = Callable[[argparse.Namespace], dict[str, Any] | None]
DISCLAIMER = "For research and education only, not for diagnosis."


class _UsageError(Exception):
    def __init__(self, message: str, choices: Sequence[str] | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message, self.choices, self.field = message, choices, field


class _Parser(argparse.ArgumentParser):
    """Hands usage errors to ``main`` instead of printing and leaving by itself."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message}. See: {self.prog} --help")


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--start", type=float, metavar="S", help="start in seconds of the recording")
    parser.add_argument("--duration", type=float, metavar="D", help="length in seconds")


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="EDF, BDF, BrainVision, EEGLAB, FIF, GDF, ...")
    parser.add_argument("--age", type=float, metavar="YEARS", help="age, where the file does not hold it")


def build_parser() -> argparse.ArgumentParser:
    """Describe every command in one place; the code behind it is in ``ui.commands``."""
    parser = _Parser(prog="glossa", description=f"An assistant that reads EEG with you. {DISCLAIMER}")
    parser.add_argument("--version", action="store_true", help="print the version and leave")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def add(name: str, text: str, *, file: bool = True, place: bool = True) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=f"{text} {DISCLAIMER}")
        made.add_argument("--json", action="store_true", help="print one JSON document")
        if file:
            _add_file(made)
        if place:
            _add_place(made)
        return made

    add("info", "Say what is in a recording.", place=False)
    page = add("page", "Write a page as a picture.")
    page.add_argument("--montage", help="average, longitudinal, transverse, laplacian, ears, cz, as_recorded")
    page.add_argument(
        "--profile", default="clinical", help="clinical, cerebragloss, sleepvlm, sleepvlm-bench"
    )
    page.add_argument("--sensitivity", type=float, metavar="UV_PER_MM", help="gain in µV/mm")
    page.add_argument("--low-cut", type=float, metavar="HZ", help="low cut-off, 0 for off")
    page.add_argument("--high-cut", type=float, metavar="HZ", help="high cut-off, 0 for off")
    page.add_argument("--notch", type=float, metavar="HZ", help="notch, 0 for off")
    page.add_argument("--events", action="store_true", help="draw what the detectors find on the page")
    page.add_argument("-o", "--output", required=True, metavar="PNG", help="picture to write")
    bands = add("bands", "Measure band power per channel.")
    bands.add_argument("--channels", metavar="A,B", help="channels, separated by commas")
    add("describe", "Describe a page: quality, background, artifacts, waveforms.")
    detect = add("detect", "Look for waveforms and artifacts.")
    detect.add_argument("--labels", metavar="A,B", help="labels or groups, separated by commas")
    detect.add_argument("-o", "--output", metavar="TSV", help="table to write, with BIDS columns")
    ask = add("ask", "Ask a question about a recording.")
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument("--thread", metavar="ID", help="conversation to go on with, or to start by this name")
    ask.add_argument("--brain", help="embedded (default) or openai")
    chat = add("chat", "Talk about a recording; an empty line ends it.")
    chat.add_argument("--thread", metavar="ID", help="conversation to go on with, or to start by this name")
    chat.add_argument("--brain", help="embedded (default) or openai")
    ui = commands.add_parser("ui", help="Open the assistant in the browser.")
    ui.add_argument("file", metavar="FILE", nargs="?", help="recording to open; without one, a sample")
    ui.add_argument("--json", action="store_true", help="print errors as JSON")
    ui.add_argument("--port", type=int, help="port on 127.0.0.1")
    ui.add_argument("--no-browser", action="store_true", help="do not open a browser window")
    rules = commands.add_parser("knowledge", help="Search the rule base.")
    actions = rules.add_subparsers(dest="action", metavar="search", required=True)
    search = actions.add_parser("search", help="Find the rules that answer a question.")
    search.add_argument("query", metavar="QUERY")
    search.add_argument("--stage", help="W, N1, N2, N3 or R")
    search.add_argument("--topic", help="topic of the rule base")
    search.add_argument("-k", type=int, default=5, help="number of results")
    search.add_argument("--json", action="store_true", help="print one JSON document")
    bench = commands.add_parser("bench", help="Measure speed against the usual libraries.")
    bench.add_argument("--json", action="store_true", help="print one JSON document")
    bench.add_argument("--rounds", type=int, default=7, help="rounds of each pair")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in arguments
    try:
        parsed = build_parser().parse_args(arguments)
        if parsed.version:
            from importlib.metadata import version

            print(version("glossa-eeg"))
            return 0
        if not parsed.command:
            build_parser().print_help()
            return 0
        return _run(parsed, as_json)
    except _UsageError as error:
        return _refuse(error.message, error.field, error.choices, as_json)
    except BrokenPipeError:
        # The reader of our output went away (`| head`); nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def _run(parsed: argparse.Namespace, as_json: bool) -> int:
    from tools.types import ToolError

    try:
        from ui import commands

        outcome = getattr(commands, parsed.command)(parsed)
    except ToolError as error:
        return _refuse(error.message, error.field, error.choices, as_json)
    except Exception as error:  # noqa: BLE001 - the rim: a fault of ours becomes one line without file text
        return _apologise(error, as_json)
    if isinstance(outcome, int):
        return outcome
    if as_json:
        print(json.dumps(outcome, ensure_ascii=False, allow_nan=False))
    return 0


def _refuse(message: str, field: str | None, choices: Sequence[str] | None, as_json: bool) -> int:
    if as_json:
        error = {"message": message, "field": field, "choices": list(choices) if choices else None}
        print(json.dumps({"error": error}, ensure_ascii=False))
    else:
        print(f"glossa: {message}", file=sys.stderr)
        if choices:
            print(f"        choices: {', '.join(choices)}", file=sys.stderr)
    return 2


def _apologise(error: Exception, as_json: bool) -> int:
    """Report a fault of ours by its kind and place; its message may hold text of the file."""
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(frame.filename)}:{frame.lineno}"
    message = f"Glossa failed ({type(error).__name__} at {place}). This is a fault of the program, not of your request."
    if os.environ.get("GLOSSA_DEBUG"):
        traceback.print_exception(error)
    if as_json:
        print(json.dumps({"error": {"message": message, "field": None, "choices": None}}))
    else:
        print(f"glossa: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
