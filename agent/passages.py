"""Cut an answer into what stands or falls together: sentences, list items, and rows of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bca\.)(?<!\bvs\.)(?<!\bapprox\.)(?<!\bNo\.)\s+(?=[A-Z0-9*\[(\"'µ•-])"
)
_MARK = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_RULED = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_UNIT_IN_HEAD = re.compile(r"[(\[]\s*([^)\]]+?)\s*[)\]]|\bin\s+(µV|uV|Hz|s|ms|%)$")
_ORDINAL = re.compile(r"^(?:#|no\.?|nr\.?|number|index|rank|event)$", re.IGNORECASE)
_NUMERIC = re.compile(r"^[~≈<>≥≤]?\s*\d[\d.,\s–-]*$")


class Passage(NamedTuple):
    """A piece of a text: as it is shown, and as it is read for claims."""

    shown: str
    read: str


def passages(text: str) -> list[Passage]:
    """Split a text; a row of a table is read with the heads of its columns, and their units."""
    found: list[Passage] = []
    heads: list[str] | None = None
    lines = text.split("\n")
    for i, line in enumerate(lines):
        if line.count("|") >= 2 or (heads and "|" in line):
            if _RULED.match(line):
                continue
            if heads is None and i + 1 < len(lines) and _RULED.match(lines[i + 1]):
                heads = _cells(line)
            elif line.strip():
                found.append(Passage(line.strip(), _row(_cells(line), heads)))
            continue
        heads = None
        found += [Passage(part, part) for part in _sentences(line)]
    return found


def _sentences(line: str) -> Iterator[str]:
    mark = _MARK.match(line)  # "1. Spindles" is one item, not a sentence "1."
    start = mark.end() if mark else 0
    parts = _SENTENCE.split(line[start:])
    for k, part in enumerate(parts):
        whole = (line[:start] + part if k == 0 else part).strip()
        if part.strip():
            yield whole


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _row(cells: list[str], heads: list[str] | None) -> str:
    if not heads:
        return " | ".join(cells)
    told = []
    for k, cell in enumerate(cells):
        head = heads[k] if k < len(heads) else ""
        if not cell or _ORDINAL.match(head.strip("*")) or (not head and k == 0 and cell.isdigit()):
            continue
        unit = _UNIT_IN_HEAD.search(head)
        name = _UNIT_IN_HEAD.sub("", head).strip()
        value = f"{cell} {unit.group(1) or unit.group(2)}" if unit and _NUMERIC.match(cell) else cell
        told.append(f"{name} {value}".strip() if _NUMERIC.match(cell) else value)
    return ", ".join(told)
