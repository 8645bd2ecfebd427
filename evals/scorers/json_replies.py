"""JSON objects in the prose of a language model: fenced or not, nested, with curly quotes or a comma too many."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_FENCE = re.compile(r"```[ \t]*[\w-]*\s*(.*?)```", re.DOTALL)
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_SPARE_COMMA = re.compile(r",(\s*[}\]])")
_CURLY = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"})
_DECODER = json.JSONDecoder(strict=False)
"""Not strict: models break lines within a string."""
_LONGEST, _MOST = 50_000, 100
"""Characters that are read, and braces that are tried."""


def spoken(text: str) -> str:
    """The text without what a reasoning model thinks aloud between tags; a thought without end is no answer."""
    return _THOUGHT.sub(" ", text)


def objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a text in order, those in fences first, an outer one before those inside it.

    Each is read as it stands; only if that fails are spare commas dropped, and then curly quotes made straight: a
    curly quotation within a string is sound JSON until one straightens it. A brace that opens no object is passed
    over; at most 100 braces are tried.
    """
    text = text[:_LONGEST]
    for part in (*(fence[1] for fence in _FENCE.finditer(text)), _FENCE.sub(" ", text)):
        for each in _decoded(part):
            yield from _within(each)


def _decoded(text: str) -> Iterator[Any]:
    for _ in range(_MOST):
        at = text.find("{")
        if at < 0:
            return
        text = text[at:]
        tidy = _SPARE_COMMA.sub(r"\1", text)
        for form in (text, tidy, tidy.translate(_CURLY)):
            try:
                value, end = _DECODER.raw_decode(form)
            except (ValueError, RecursionError):
                continue
            yield value
            text = form[end:]
            break
        else:
            text = text[1:]


def _within(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _within(each)
