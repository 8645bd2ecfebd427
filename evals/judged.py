"""A judge's marks as figures: each axis with its interval, agreement between repeats, and the judge's own checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from evals.judging import KINDS, Marks, read_checks, read_marks
from evals.metrics import Figure
from evals.reading import Run
from evals.scorers.judge import MARKS, agreement
from evals.scorers.judge_server import Setup
from evals.scorers.statistics import Interval, bootstrap, paired_difference

LOWEST = 1.0
"""What an answer counts that never came; it is not sent to the judge."""
NOTHING_JUDGED = "Nothing was judged: answers were scored by claims, facts and words, deterministically."


class Judged(NamedTuple):
    """Marks of one system by one judge."""

    marks: dict[str, Figure]
    """By axis, and ``overall``, from 1 to 10."""
    judged: int
    unjudged: int
    """Answers that the judge gave no marks."""
    absent: int
    """Answers that never came; they count as 1 on every axis."""
    difference: float | None
    """Between repeats of the overall mark, in points."""
    equal: float | None
    """Share of repeats with the same overall mark."""
    ahead: Figure | None
    """Overall mark above that of the best control, if controls were judged."""


class Panel(NamedTuple):
    """All that one judge said in a task."""

    setup: Setup
    systems: dict[str, Judged]
    control: str | None
    checks: dict[str, Any] | None


def panels(runs: Sequence[Run]) -> list[Panel]:
    """What each judge said of the runs of one task; empty where nothing was judged."""
    told: dict[tuple[Any, ...], dict[str, tuple[Run, Marks]]] = {}
    for run in runs:
        for marks in read_marks(run):
            told.setdefault(_key(marks.setup.model_dump()), {})[run.system] = run, marks
    checks = {_key(one["setup"]): one for run in runs[:1] for one in read_checks(run)}
    return [_panel(of, checks.get(key)) for key, of in told.items()]


def _key(setup: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(setup[name] for name in ("model", "prompt_sha256", "repeats", "seed", "temperature"))


def _panel(of: dict[str, tuple[Run, Marks]], checks: dict[str, Any] | None) -> Panel:
    values = {name: _values(run, marks) for name, (run, marks) in of.items()}
    controls = [name for name, (run, _) in of.items() if run.is_control]
    best = max(controls, key=lambda name: _mean(list(values[name].values())), default=None)
    systems = {}
    for name, (run, marks) in of.items():
        ahead = None
        if best is not None and not run.is_control:
            shared = [key for key in values[name] if key in values[best]]
            made = paired_difference(
                [values[name][key] for key in shared], [values[best][key] for key in shared],
                [run.items[key].group for key in shared],
            )  # fmt: skip
            ahead = _figure(made)
        systems[name] = _judged(run, marks, ahead)
    return Panel(next(iter(of.values()))[1].setup, systems, best, checks)


def _judged(run: Run, marks: Marks, ahead: Figure | None) -> Judged:
    found = {}
    for name in MARKS:
        values = _values(run, marks, name)
        found[name] = _figure(bootstrap(list(values.values()), [run.items[key].group for key in values]))
    same = agreement(list(marks.judgements.values()))["overall"]
    absent = sum(not row.answer.strip() for row in run.rows if _due(run, row.id))
    judged = sum(one.judged for one in marks.judgements.values())
    due = sum(_due(run, row.id) for row in run.rows)
    return Judged(
        found, judged, due - judged - absent, absent, same.mean_absolute_difference, same.share_equal, ahead
    )


def _due(run: Run, key: str) -> bool:
    return run.items[key].kind in KINDS and bool(run.items[key].reference)


def _values(run: Run, marks: Marks, name: str = "overall") -> dict[str, float | None]:
    """A mark for each sample that is due; the lowest for an answer that never came, None for an unjudged one."""
    made: dict[str, float | None] = {}
    for row in run.rows:
        if _due(run, row.id):
            one = marks.judgements.get(row.id)
            made[row.id] = LOWEST if not row.answer.strip() else one.mark(name) if one else None
    return made


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else 0.0


def _figure(made: Interval) -> Figure:
    return Figure(made.value, made.low, made.high, made.n, made.clusters)
