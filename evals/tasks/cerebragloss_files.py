"""Segments of CerebraGloss-Bench read from a folder, whatever the keys of its JSON are called.

The schema is not published, so a small configuration says which key holds what; a key may be a path with dots.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from evals.records import LETTERS
from tools.channels import canonical_name
from tools.labels import LABELS, to_labels
from tools.types import Record, ToolError

FIELDS = ("image", "question", "options", "answer", "description", "qa", "boxes")
"""What a record may hold; each is looked for under its own name unless the configuration gives another."""
MORE = ("category", "qa_question", "qa_answer")
_DEFAULTS: dict[str, str | None] = {
    **{name: name for name in (*FIELDS, "category")},
    "qa_question": "question",
    "qa_answer": "answer",
}
_LETTER = re.compile(r"\s*\W{0,4}([A-Fa-f])(?:\W|$)")
_OPTION = re.compile(r"(?:^|\s)[*•\-]?\s*\(?([A-F])[).:]\s+", re.MULTILINE)
_CONFIG = ("mapping.yaml", "mapping.yml", "mapping.json")

Box = tuple[str, float, float]


class Segment(Record):
    """One segment of the benchmark with all that is asked about it."""

    image: Path
    category: str = ""
    question: str = ""
    options: tuple[str, ...] = ()
    answer: str = ""
    """Letter of the right option."""
    description: str = ""
    qa: tuple[tuple[str, str], ...] = ()
    boxes: dict[str, tuple[Box, ...]] | None = None
    """Channel, start and stop in seconds by label of our vocabulary; None where the record has no such key."""


class KeyMap(Record):
    """Which key of a record holds what, and what its labels are called here."""

    keys: dict[str, str | None] = Field(default=_DEFAULTS)
    """None for what the file does not have."""
    labels: dict[str, str | None] = Field(default={})
    """None for a label that is left out."""


def read_mapping(folder: Path, given: Path | Mapping[str, Any] | None = None) -> KeyMap:
    """Read the configuration: ``mapping.yaml``, ``.yml`` or ``.json`` in the folder, unless another is given.

    Raises
    ------
    ToolError
        If it cannot be read or maps something that is not asked for.
    """
    if isinstance(given, Mapping):
        said: Any = dict(given)
    else:
        path = given or next((folder / name for name in _CONFIG if (folder / name).is_file()), None)
        if path is None:
            return KeyMap()
        try:
            said = yaml.safe_load(path.read_text(encoding="utf-8"))  # JSON is YAML too
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            raise ToolError(f"{path.name} cannot be read as YAML or JSON.", field="mapping") from None
    if not isinstance(said, dict):
        raise ToolError(
            "A mapping has a line for each field, as `image: file_name`.", field="mapping", choices=FIELDS
        )
    labels = said.pop("labels", None) or {}
    unknown = [str(name) for name in said if name not in _DEFAULTS]
    if unknown or not isinstance(labels, dict):
        raise ToolError(
            f"The mapping has a field that is not known here: {', '.join(unknown) or 'labels'}.",
            field="mapping",
            choices=(*FIELDS, *MORE, "labels"),
        )
    wrong = [str(ours) for ours in labels.values() if ours is not None and ours not in LABELS]
    if wrong:
        raise ToolError("The mapping gives a label that is not ours.", field="mapping", choices=LABELS)
    keys = _DEFAULTS | {name: None if key is None else str(key) for name, key in said.items()}
    return KeyMap(keys=keys, labels={str(theirs): ours for theirs, ours in labels.items()})


def read_segments(path: Path, folder: Path, mapping: KeyMap) -> tuple[Segment, ...]:
    """Read every record of the file of answers.

    Parameters
    ----------
    path : Path
        JSON (a list, or an object that holds one) or JSONL.
    folder : Path
        In which, or in whose ``img``, the pictures lie.
    mapping : KeyMap
        From `read_mapping`.

    Raises
    ------
    ToolError
        If a key is nowhere in the file (those found are the choices), or a record cannot be understood.
    """
    records = read_records(path)
    _check_keys(records, mapping)
    return tuple(
        _segment(record, f"Record {n}", folder, mapping) for n, record in enumerate(records, start=1)
    )


def read_records(path: Path) -> list[dict[str, Any]]:
    """Read JSON or JSONL as a list of objects."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise ToolError(f"{path.name} cannot be read as text.", field="folder") from None
    try:
        if path.suffix.lower() == ".jsonl":
            content: Any = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            content = json.loads(text)
    except json.JSONDecodeError as error:
        raise ToolError(f"{path.name} is not valid JSON (line {error.lineno}).", field="folder") from None
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list)]
        content = lists[0] if len(lists) == 1 else list(content.values())
    if not content or not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
        raise ToolError(f"{path.name} holds no list of records.", field="folder")
    return content


def _get(record: Mapping[str, Any], key: str | None) -> Any:
    """Value under a key or a path with dots; None where there is none."""
    if key is None:
        return None
    if key in record:
        return record[key]
    value: Any = record
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _check_keys(records: Sequence[Mapping[str, Any]], mapping: KeyMap) -> None:
    found = tuple(dict.fromkeys(str(key) for record in records for key in record))
    for name in FIELDS:
        key = mapping.keys[name]
        if key is not None and all(_get(record, key) is None for record in records):
            raise ToolError(
                f"No record has the key '{key}' for {name}. Keys found: {', '.join(found)}. Name the right one in "
                f"mapping.yaml (`{name}: KEY`), or `{name}: null` if the file has none.",
                field="mapping",
                choices=found,
            )


def _segment(record: Mapping[str, Any], place: str, folder: Path, mapping: KeyMap) -> Segment:
    get = {name: _get(record, mapping.keys[name]) for name in (*FIELDS, "category")}
    asked = get["question"] is not None or get["answer"] is not None
    question, options = _options(str(get["question"] or ""), get["options"], place) if asked else ("", ())
    return Segment(
        image=_image(get["image"], place, folder),
        category=str(get["category"] or ""),
        question=question,
        options=options,
        answer=_answer(get["answer"], options, place) if asked else "",
        description=str(get["description"] or ""),
        qa=_pairs(get["qa"], place, mapping),
        boxes=None if get["boxes"] is None else _boxes(get["boxes"], place, mapping),
    )


def _image(value: Any, place: str, folder: Path) -> Path:
    if not isinstance(value, str) or not value:
        raise ToolError(f"{place} names no picture.", field="folder")
    inside = [folder / value, folder / "img" / Path(value).name]
    for path in inside:
        if path.is_file() and path.resolve().is_relative_to(folder):
            return path.resolve()
    raise ToolError(f"{place}: its picture {Path(value).name} is not in the folder.", field="folder")


def _options(question: str, given: Any, place: str) -> tuple[str, tuple[str, ...]]:
    """Question without options, and the options without letters."""
    if isinstance(given, dict):
        given = [given[key] for key in sorted(given)]
    if isinstance(given, str):
        question, given = f"{question}\n{given}", None
    if given is None:
        marks = list(_OPTION.finditer(question))
        ends = [*(mark.start() for mark in marks[1:]), len(question)]
        given = [question[mark.end() : end] for mark, end in zip(marks, ends, strict=False)]
        question = question[: marks[0].start()] if marks else question
    texts = tuple(re.sub(r"^\s*\(?[A-F][).:]\s+", "", str(one)).strip() for one in given)
    if not 2 <= len(texts) <= len(LETTERS):
        raise ToolError(
            f"{place} has a question with {len(texts)} options; 2 to 6 can be asked.", field="folder"
        )
    return question.strip(), texts


def _answer(value: Any, options: Sequence[str], place: str) -> str:
    """Letter of the right option, given as letter, number from 0, or text."""
    if isinstance(value, int) and 0 <= value < len(options):
        return LETTERS[value]
    text = str(value or "").strip()
    same = [n for n, option in enumerate(options) if option.casefold() == text.casefold()]
    match = _LETTER.match(text)
    letter = LETTERS[same[0]] if same else (match[1].upper() if match else "")
    if not letter or letter not in LETTERS[: len(options)]:
        raise ToolError(f"{place}: its answer is none of the options.", field="folder")
    return letter


def _pairs(value: Any, place: str, mapping: KeyMap) -> tuple[tuple[str, str], ...]:
    """Questions with their answers: one object, several, or pairs of texts."""
    if value is None:
        return ()
    keys = mapping.keys["qa_question"], mapping.keys["qa_answer"]
    pairs = []
    for one in value if isinstance(value, list) else [value]:
        pair = tuple(_get(one, key) for key in keys) if isinstance(one, dict) else one
        if (
            not isinstance(pair, (list, tuple))
            or len(pair) != 2
            or not all(isinstance(t, str) and t for t in pair)
        ):
            raise ToolError(
                f"{place}: its qa has no '{keys[0]}' and '{keys[1]}'; name them as qa_question and qa_answer.",
                field="mapping",
                choices=tuple(one) if isinstance(one, dict) else None,
            )
        pairs.append((pair[0], pair[1]))
    return tuple(pairs)


def _boxes(value: Any, place: str, mapping: KeyMap) -> dict[str, tuple[Box, ...]]:
    if not isinstance(value, dict):
        raise ToolError(f"{place}: boxes are not {{label: [[channel, start, stop], ...]}}.", field="folder")
    found: dict[str, tuple[Box, ...]] = {}
    for theirs, rows in value.items():
        label = mapping.labels[theirs] if theirs in mapping.labels else _label(theirs, place)
        if label is None:
            continue
        try:
            boxes = [(canonical_name(str(channel)), float(a), float(b)) for channel, a, b in rows]
        except (TypeError, ValueError):
            raise ToolError(f"{place}: a box is not [channel, start, stop].", field="folder") from None
        if any(not a <= b for _, a, b in boxes):
            raise ToolError(f"{place}: a box ends before it starts.", field="folder")
        found[label] = found.get(label, ()) + tuple(boxes)
    return found


def _label(theirs: str, place: str) -> str:
    """Our label for one of theirs: Kcomplex, hfnnoise, muscle, eog_v and the rest of their rules and detector."""
    try:
        return to_labels([theirs])[0]
    except (ToolError, IndexError):
        raise ToolError(
            f"{place}: its label '{theirs}' is not known; add it to mapping.yaml under `labels:`, or null to skip it.",
            field="mapping",
            choices=LABELS,
        ) from None
