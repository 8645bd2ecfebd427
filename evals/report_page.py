"""The report as a page: tables and bars, and every failed sample with its picture and what was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from evals.metrics import Row
from evals.reading import Run
from evals.records import Item
from evals.report import TaskReport, markdown
from tools.types import ToolError

MOST_FAILURES = 200
"""Failed samples that are shown of a system; the table says how many there were."""
_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid #8885; padding: .25rem .6rem; text-align: left; vertical-align: top; }
.bar { display: grid; grid-template-columns: 11rem 1fr 4rem; gap: .5rem; align-items: center; }
.bar i { display: block; height: .7rem; background: #3b7dd8; border-radius: 2px; }
.bar i.control { background: #999; }
img { max-width: 100%; border: 1px solid #8885; }
article { border-top: 2px solid #8885; padding: 1rem 0; }
pre { white-space: pre-wrap; font: inherit; background: #8881; padding: .5rem; }
"""


def write(reports: Sequence[TaskReport], folder: Path) -> list[Path]:
    """Write ``report.md``, ``report.html`` and a page of failed samples for each task and system.

    Parameters
    ----------
    reports : sequence of TaskReport
        From `evals.report.task_reports`.
    folder : Path
        Made where it is missing.

    Returns
    -------
    list of Path
        Files written, the page first.

    Raises
    ------
    ToolError
        If the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = markdown(reports)
        links = []
        for report in reports:
            for run in report.runs:
                if not run.is_control:
                    links += _write_failures(report.name, run, folder)
        page = folder / "report.html"
        page.write_text(_page("Scores", _body(reports, text, links)), encoding="utf-8")
        (folder / "report.md").write_text(text, encoding="utf-8")
    except OSError as error:
        raise ToolError("The report cannot be written there; choose another folder.", field="o") from error
    return [page, folder / "report.md", *(folder / name for name, _ in links)]


def _body(reports: Sequence[TaskReport], text: str, links: Sequence[tuple[str, str]]) -> str:
    from markdown_it import MarkdownIt

    parts = [MarkdownIt("js-default").render(text)]
    for report in reports:
        parts += [f"<h2>{escape(report.name)}: MCQ accuracy by category</h2>", *_bars(report)]
    if links:
        parts.append("<h2>Samples that failed</h2><ul>")
        parts += [f'<li><a href="{escape(name)}">{escape(words)}</a></li>' for name, words in links]
        parts.append("</ul>")
    return "\n".join(parts)


def _bars(report: TaskReport) -> Iterator[str]:
    for run in report.runs:
        made = report.categories.get(run.system) or {}
        if not made:
            continue
        yield f"<h3>{escape(run.system)}</h3>"
        kind = "control" if run.is_control else ""
        for category, (share, _) in made.items():
            yield (
                f'<div class="bar"><span>{escape(category.replace("_", " "))}</span>'
                f'<i class="{kind}" style="width:{100 * share:.0f}%"></i><span>{100 * share:.0f} %</span></div>'
            )


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><body>{body}</body></html>"
    )


def failed(row: Row) -> bool:
    """Whether a sample is worth a look: wrong, invalid, or with claims that are not true."""
    correct = row.values.get("correct")
    return row.invalid or correct == 0.0 or bool(row.details.get("wrong")) or bool(row.details.get("missed"))


def _write_failures(task: str, run: Run, folder: Path) -> list[tuple[str, str]]:
    rows = [row for row in run.rows if row.kind not in ("boxes", "stages") and failed(row)]
    if not rows:
        return []
    name = f"failed-{task}-{run.log.parent.name}.html"
    pictures = folder / "pages"
    pictures.mkdir(exist_ok=True)
    data = Path(str(run.meta.get("folder", "")))
    parts = [f"<h1>{escape(task)}, {escape(run.system)}: {len(rows)} of {len(run.rows)} samples</h1>"]
    for row in rows[:MOST_FAILURES]:
        parts.append(_article(row, run.items[row.id], _picture(run.items[row.id], data, pictures)))
    (folder / name).write_text(_page(task, "\n".join(parts)), encoding="utf-8")
    return [(name, f"{task}, {run.system}: {len(rows)}")]


def _article(row: Row, item: Item, picture: str | None) -> str:
    said = [
        f"<b>Key:</b> {escape(item.key or item.reference or '–')}",
        f"<b>Verdict:</b> {escape(row.explanation)}",
    ]
    for name in ("wrong", "missed"):
        if row.details.get(name):
            said.append(f"<b>{name.capitalize()}:</b> {escape('; '.join(row.details[name]))}")
    if row.error:
        said.append(f"<b>Error:</b> {escape(row.error)}")
    shown = f'<img loading="lazy" src="pages/{escape(picture)}" alt="page">' if picture else ""
    return (
        f'<article id="{escape(row.id)}"><h3>{escape(row.id)}</h3><pre>{escape(chr(10).join(item.turns))}</pre>'
        f"<pre>{escape(row.answer)}</pre><p>{'<br>'.join(said)}</p>{shown}</article>"
    )


def _picture(item: Item, data: Path, pictures: Path) -> str | None:
    """The page of an item, drawn once; None where its files are gone."""
    from tools.io import open_recording
    from tools.page import default_page, write_page

    if not item.recording:
        return None
    name = f"{Path(item.recording).stem}-{item.onset:g}.png"
    if not (pictures / name).exists():
        try:
            with open_recording(data / item.recording) as recording:
                write_page(
                    recording, default_page(recording.info, item.onset, item.duration), pictures / name
                )
        except ToolError:
            return None
    return name
