"""The command line: ``glossa COMMAND ...``.

With ``--json`` one document goes to stdout, progress to stderr. Exit 0; 2 for what the user can mend,
with ``{"error": {"message", "field", "choices"}}``; 1 for a fault of ours. Heavy modules are imported
by the command that needs them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from ui.arguments import UsageError, build_parser, parse

ENVIRONMENT = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "MPLBACKEND": "Agg",
    "LANGGRAPH_STRICT_MSGPACK": "true",
}
"""What libraries read when they are imported: quiet threads, no telemetry, no window."""
for _name, _value in ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    if argv is None:
        _quiet_warnings()
    arguments = list(sys.argv[1:] if argv is None else argv)
    before_end = arguments[: arguments.index("--")] if "--" in arguments else arguments
    as_json = "--json" in before_end
    _prepare_streams(as_json)
    try:
        code = _run(arguments, as_json)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        _drop_output()  # the reader of our output went away (`| head`); nothing is wrong
        return 0
    except OSError:
        _drop_output()
        print("glossa: The output cannot be written; is its disk full?", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def _run(arguments: list[str], as_json: bool) -> int:
    try:
        parsed = parse(arguments)
    except UsageError as error:
        return _refuse(error.message, error.field, error.choices, as_json)
    if parsed.version:
        from importlib.metadata import version

        print(version("glossa-eeg"))
        return 0
    if not parsed.command:
        build_parser().print_help()
        return 0
    from knowledge.types import KnowledgeError
    from tools.types import ToolError

    try:
        outcome = parsed.run(parsed)
        text = json.dumps(outcome.document, ensure_ascii=False, allow_nan=False) if as_json else outcome.text
    except (ToolError, KnowledgeError) as error:
        return _refuse(error.message, error.field, error.choices, as_json)
    except Exception as error:  # noqa: BLE001 - the rim: a fault of ours becomes one line without file text
        return _apologise(error, as_json)
    if text:
        print(text)
    return 0


def _refuse(message: str, field: str | None, choices: Sequence[str] | None, as_json: bool) -> int:
    if as_json:
        _print_error({"message": message, "field": field, "choices": list(choices) if choices else None})
    else:
        from ui.wording import folded

        print(f"glossa: {message}", file=sys.stderr)
        if choices:
            print(folded(f"Choices: {', '.join(choices)}", indent="  "), file=sys.stderr)
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
        _print_error({"message": message, "field": None, "choices": None})
    else:
        print(f"glossa: {message}", file=sys.stderr)
    return 1


def _print_error(error: dict[str, Any]) -> None:
    print(json.dumps({"error": error}, ensure_ascii=False))


def _prepare_streams(as_json: bool) -> None:
    """Let no character end a command: JSON is UTF-8, a terminal shows a mark for what it cannot show."""
    # A file name that is no Unicode arrives with lone surrogates, and "\udcff" is how JSON spells them.
    encoding, errors = ("utf-8", "backslashreplace") if as_json else (None, "replace")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding=encoding, errors=errors)
    for stream in (sys.stderr, sys.stdin):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _quiet_warnings() -> None:
    """Keep warnings of libraries off stderr, since they may quote the file; ``-W`` brings them back."""
    if not sys.warnoptions:
        import warnings

        warnings.simplefilter("ignore")


def _drop_output() -> None:
    """Send what is still in the buffer nowhere, so that leaving does not fail on it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    raise SystemExit(main())
