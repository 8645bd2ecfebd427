"""Every failed sample with its page picture, what was said, what was called, and where its trace lies."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from evals.metrics import Row
from evals.reading import Run
from evals.records import Item
from tools.types import ToolError

MOST = 200
"""Failed samples that are shown of a system; the heading says how many there were."""


def failed(row: Row) -> bool:
    """Whether a sample is worth a look: wrong, invalid, or with claims that are not true."""
    correct = row.values.get("correct")
    return row.invalid or correct == 0.0 or bool(row.details.get("wrong")) or bool(row.details.get("missed"))


def write_failures(
    task: str, run: Run, folder: Path, page: Callable[[str, str], str]
) -> list[tuple[str, str]]:
    """Write the page of a run's failed samples.

    Parameters
    ----------
    task : str
        Name of the task.
    run : Run
        Of a system under test.
    folder : Path
        Of the report; pictures go below it, each drawn once.
    page : callable
        Makes a page of a title and a body.

    Returns
    -------
    list of (str, str)
        Name of the page and its words, none where nothing failed.
    """
    rows = [row for row in run.rows if row.kind not in ("boxes", "stages") and failed(row)]
    if not rows:
        return []
    name = f"failed-{task}-{run.log.parent.name}.html"
    pictures = folder / "pages"
    pictures.mkdir(exist_ok=True)
    parts = [f"<h1>{escape(task)}, {escape(run.system)}: {len(rows)} of {len(run.rows)} samples</h1>",
             *_trace(run, folder)]  # fmt: skip
    if len(rows) > MOST:
        parts.append(f"<p>The first {MOST} are shown.</p>")
    parts += [_article(row, run.items[row.id], _shown(run, row, folder)) for row in rows[:MOST]]
    (folder / name).write_text(page(task, "\n".join(parts)), encoding="utf-8")
    return [(name, f"{task}, {run.system}: {len(rows)}")]


def _trace(run: Run, folder: Path) -> Iterator[str]:
    """Where all that happened can be looked up."""
    yield (
        f'<p>Log: <a href="{escape(_relative(run.log, folder))}">{escape(run.log.name)}</a>; '
        f"<code>inspect view --log-dir {escape(str(run.log.parent))}</code> shows each sample by its name.</p>"
    )


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()


def _article(row: Row, item: Item, pictures: list[str]) -> str:
    said = [
        f"<b>Key:</b> {escape(item.key or item.reference or '–')}",
        f"<b>Verdict:</b> {escape(row.explanation or '–')}",
    ]
    for name in ("wrong", "missed"):
        if row.details.get(name):
            said.append(f"<b>{name.capitalize()}:</b> {escape('; '.join(map(str, row.details[name])))}")
    if row.error:
        said.append(f"<b>No answer:</b> {escape(row.error)}")
    if row.details.get("tool_calls"):
        said.append(f"<b>Called:</b> {escape('; '.join(map(_call, row.details['tool_calls'])))}")
    said.append(f"<b>Trace:</b> sample <code>{escape(row.id)}</code> of the log above")
    shown = "".join(
        f'<img loading="lazy" src="{escape(name)}" alt="page of {escape(row.id)}">' for name in pictures
    )
    return (
        f'<article id="{escape(row.id)}"><h3>{escape(row.id)}, {escape(row.category.replace("_", " "))}</h3>'
        f"<pre>{escape(chr(10).join(item.turns))}</pre><pre>{escape(row.answer) or '–'}</pre>"
        f"<p>{'<br>'.join(said)}</p>{shown}</article>"
    )


def _call(call: dict[str, object]) -> str:
    given = call.get("args")
    args = ", ".join(f"{k}={v}" for k, v in given.items()) if isinstance(given, dict) else ""
    return f"{call.get('name')}({args})" + ("" if call.get("ok", True) else " failed")


def _shown(run: Run, row: Row, folder: Path) -> list[str]:
    """Pictures of an item as links from the report: those it was asked with, else its page, drawn once."""
    item, data = run.items[row.id], Path(str(run.meta.get("folder", "")))
    there = [data / name for name in item.images if (data / name).is_file()]
    if there:
        return [_relative(path, folder) for path in there]
    made = _drawn(item, data, folder / "pages")
    return [f"pages/{made}"] if made else []


def _drawn(item: Item, data: Path, pictures: Path) -> str | None:
    """The page of an item; None where its recording is gone or cannot be read."""
    from tools.io import open_recording
    from tools.page import default_page, write_page

    if not item.recording:
        return None
    told = f"{data} {item.recording} {item.onset:g} {item.duration:g}"
    name = f"{Path(item.recording).stem}-{hashlib.sha256(told.encode()).hexdigest()[:8]}.png"
    if not (pictures / name).exists():
        try:
            with open_recording(data / item.recording) as recording:
                write_page(
                    recording, default_page(recording.info, item.onset, item.duration), pictures / name
                )
        except ToolError:
            return None
    return name
