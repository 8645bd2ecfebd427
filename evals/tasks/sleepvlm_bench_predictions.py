"""Predictions of SleepVLM-Bench, one JSON object a line, interchangeable with those of its own runner."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from evals.records import Item, Reply
from evals.tasks.sleepvlm_bench_files import Label
from tools.types import Record, ToolError
from tools.whole import write_whole


class Prediction(Record):
    """A line of predictions, version 1."""

    schema_version: Literal[1] = 1
    run_id: str
    sample_id: str
    cohort: str
    subject_id: str
    split: str
    true_label: Label
    model_id: str
    model_revision: str | None = None
    backend: Any = None
    decoding: Any = None
    prompt_id: str
    prompt_sha256: str
    image_path: str
    image_sha256: str
    raw_output: str
    error: dict[str, str] | None = None
    """``type`` and ``message``."""
    created_at_utc: str


def write_predictions(path: Path, predictions: Iterable[Prediction]) -> Path:
    """Write predictions as JSONL, version 1."""
    lines = [
        json.dumps(one.model_dump(mode="json"), ensure_ascii=False, sort_keys=True) + "\n"
        for one in predictions
    ]
    write_whole(path, "".join(lines).encode())
    return path


def read_predictions(path: Path) -> tuple[Prediction, ...]:
    """Read predictions; keys that version 1 does not have are passed over.

    Raises
    ------
    ToolError
        With the line, if it is no JSON, a key is missing, or it is of another version.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ToolError(f"{path.name} cannot be read as text.", field="predictions") from None
    read = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            read.append(
                Prediction.model_validate({k: v for k, v in row.items() if k in Prediction.model_fields})
            )
        except (json.JSONDecodeError, AttributeError):
            raise ToolError(
                f"{path.name}, line {number}: this is no JSON object.", field="predictions"
            ) from None
        except ValidationError as error:
            wrong = error.errors()[0]
            raise ToolError(
                f"{path.name}, line {number}: {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}.",
                field="predictions",
                choices=tuple(row),
            ) from None
    return tuple(read)


def prediction_of(
    item: Item, reply: Reply, *, run_id: str, model_id: str, created_at_utc: str, model_revision: str | None = None,
    backend: Any = None, decoding: Any = None,
) -> Prediction:  # fmt: skip
    """Give the line of predictions for what a system answered to an item of this benchmark."""
    known = item.expects
    return Prediction(
        run_id=run_id,
        sample_id=item.id,
        cohort=item.category,
        subject_id=known["subject_id"],
        split=known["split"],
        true_label=known["label"],
        model_id=model_id,
        model_revision=model_revision,
        backend=backend,
        decoding=decoding,
        prompt_id=known["prompt_id"],
        prompt_sha256=known["prompt_sha256"],
        image_path=item.images[0] if item.images else "",
        image_sha256=known.get("image_sha256", ""),
        raw_output=reply.text,
        error=None if reply.error is None else {"type": "NoAnswer", "message": reply.error},
        created_at_utc=created_at_utc,
    )
