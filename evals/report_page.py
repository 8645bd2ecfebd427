"""The report as a page: tables, bars of every category, and links to the samples that failed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from evals.report import TaskReport, document
from evals.report_failures import write_failures
from evals.report_words import markdown
from tools.types import ToolError

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --bar: #3b7dd8; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 84rem; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.6rem; margin: 2.5rem 0 .5rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .3rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .6rem 0 1.2rem; font-size: .87rem; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .7rem; text-align: left; vertical-align: top; }
th { vertical-align: bottom; font-weight: 600; max-width: 11rem; }
tr:has(td strong) { background: var(--soft); }
.bars { display: grid; grid-template-columns: 15rem 1fr; gap: .15rem .8rem; align-items: center; font-size: .87rem; }
.bars b { font-weight: 500; }
.bars div { display: grid; grid-template-columns: 1fr 3.2rem; gap: .6rem; align-items: center; }
.bars i { display: block; height: .5rem; background: #9996; border-radius: 2px; min-width: 1px; }
.bars i.own { background: var(--bar); } .bars hr { grid-column: 1 / -1; width: 100%; border: 0; margin: .1rem; }
img { max-width: 100%; border: 1px solid var(--line); background: #fff; }
article { border-top: 2px solid var(--line); padding: 1rem 0; }
pre { white-space: pre-wrap; font: inherit; background: var(--soft); padding: .5rem; overflow-wrap: anywhere; }
pre code { font: .8rem/1.4 ui-monospace, monospace; }
code { overflow-wrap: anywhere; }
"""
_TOGETHER = re.compile(r"(?<=\d) (?=\[)|(?<=\d,) (?=[-+]?\d+(?:\.\d+)?\])")


def write(reports: Sequence[TaskReport], folder: Path) -> list[Path]:
    """Write ``report.md``, ``report.html``, ``report.json``, and a page of failed samples for each task and system.

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
                    links += write_failures(report.name, run, folder, page)
        names = ("report.html", "report.md", "report.json")
        told = (page("Scores", _body(reports, text, links)), text, json.dumps(document(reports), indent=1))
        for name, content in zip(names, told, strict=True):
            (folder / name).write_text(content, encoding="utf-8")
    except OSError as error:
        raise ToolError("The report cannot be written there; choose another folder.", field="logs") from error
    return [*(folder / name for name in names), *(folder / name for name, _ in links)]


def _body(reports: Sequence[TaskReport], text: str, links: Sequence[tuple[str, str]]) -> str:
    from markdown_it import MarkdownIt

    made = MarkdownIt("js-default").render(text)
    made = _TOGETHER.sub("\u00a0", made)  # a number stays on one line with its interval
    parts = [made.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")]
    for report in reports:
        if any(report.categories.values()):
            parts += [f"<h2>{escape(report.name)}: MCQ accuracy by category</h2>", *_bars(report)]
    if links:
        parts.append("<h2>Samples that failed</h2><ul>")
        parts += [f'<li><a href="{escape(name)}">{escape(words)}</a></li>' for name, words in links]
        parts.append("</ul>")
    return "\n".join(parts)


def _bars(report: TaskReport) -> Iterator[str]:
    """One bar for each system in every category; controls are grey, and those that never score left out."""
    shown = {
        run.system: run
        for run in report.runs
        if not run.is_control or any(share for share, _ in report.categories[run.system].values())
    }
    yield '<div class="bars">'
    for category in next((made for made in report.categories.values() if made), {}):
        for name, run in shown.items():
            share, _ = report.categories[name].get(category, (0.0, 0))
            label = f"<b>{escape(category.replace('_', ' '))}</b>, " if not run.is_control else ""
            kind = "" if run.is_control else "own"
            yield (
                f"<span>{label}{escape(name)}</span><div>"
                f'<i class="{kind}" style="width:{100 * share:.0f}%"></i><span>{100 * share:.0f} %</span></div>'
            )
        yield "<hr>"
    yield "</div>"


def page(title: str, body: str) -> str:
    """A page that needs nothing from elsewhere."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style><body>{body}</body></html>"
    )
