"""Values of the command line: what is taken, and what is said of what is not.

Nothing that was typed is repeated in a refusal: an argument may be a file's name, and that a patient's.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn


class UsageError(Exception):
    """The arguments cannot be understood; the message says what was expected."""

    def __init__(self, message: str, field: str | None = None, choices: Sequence[str] | None = None) -> None:
        super().__init__(message)
        self.message, self.field, self.choices = message, field, choices


class Parser(argparse.ArgumentParser):
    """Raises instead of printing and leaving; no abbreviations, so that ``--json`` is always seen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, "exit_on_error": False} | options)

    def error(self, message: str) -> NoReturn:
        """Take over what argparse says when arguments are missing: it names only ours."""
        missing = message.partition("required: ")[2]
        field = field_name(missing.partition(",")[0])
        raise UsageError(f"Missing: {missing or 'an argument'}; see {self.prog} --help.", field)


def field_name(name: str) -> str | None:
    """An argument as errors name it: ``-o/--output`` is ``o``, ``--low-cut`` is ``low_cut``."""
    return name.partition("/")[0].strip("- ").replace("-", "_").lower() or None


def number(field: str, what: str) -> Callable[[str], float]:
    """Read a finite number; ``what`` is what the argument needs."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise UsageError(f"--{field.replace('_', '-')} needs {what}.", field)
        return value

    return read


def whole_number(field: str, what: str, low: int, high: int) -> Callable[[str], int]:
    """Read a whole number within bounds."""

    def read(text: str) -> int:
        value = int(text) if text.isdecimal() and len(text) < 10 else -1
        if not low <= value <= high:
            raise UsageError(f"{what} is a whole number from {low} to {high}.", field)
        return value

    return read


def one_of(field: str, choices: Sequence[str], what: str) -> Callable[[str], str]:
    """Read one of some words."""

    def read(text: str) -> str:
        if text not in choices:
            raise UsageError(f"There is no such {what}.", field, choices)
        return text

    return read


def age(text: str) -> float:
    """Read an age in years."""
    value = number("age", "a number of years")(text)
    if not 0 <= value <= 130:
        raise UsageError("An age lies between 0 and 130 years.", "age")
    return value
