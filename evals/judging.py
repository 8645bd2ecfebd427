"""Have a model judge the answers of finished runs, and keep its marks beside their logs.

Nothing is sent unless the user names a judge. An answer that has its marks is not sent again: they are kept by judge,
prompt and settings, and by a hash of question, reference and answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agent.brains.openai_errors import excerpt
from evals.progress import Count, Progress
from evals.provenance import slug
from evals.reading import Run
from evals.scorers.judge import PROMPT, Case, Judgement, judge
from evals.scorers.judge_checks import Checks, checks
from evals.scorers.judge_server import Server, Setup, asking
from tools.types import ToolError

KINDS = ("description", "qa")
CHECKED = 20
"""Answers of a task by which the judge itself is checked."""


class Marks(NamedTuple):
    """What one judge said of one run."""

    setup: Setup
    judgements: dict[str, Judgement]
    """By sample; those of other answers than the run's are not among them."""


def cases_of(run: Run) -> list[Case]:
    """What there is to judge: descriptions and answers that have a reference in words."""
    found = []
    for row in run.rows:
        item = run.items[row.id]
        if item.kind in KINDS and item.reference and row.answer.strip():
            found.append(
                Case(id=row.id, question="\n".join(item.turns), reference=item.reference, answer=row.answer)
            )
    return found


def ready(server: Server) -> None:
    """Refuse an address or a model that cannot be right before hours are spent; nothing is sent.

    Raises
    ------
    ToolError
        As `evals.scorers.judge.judge`.
    """
    with asking(server, PROMPT):
        pass


def judge_runs(
    runs: Sequence[Run], server: Server, *, controls: bool = False, progress: Progress | None = None
) -> ToolError | None:
    """Judge what has no marks yet, and check the judge on a sample of each task.

    Parameters
    ----------
    runs : sequence of Run
        Of any tasks and systems.
    server : Server
        The judge.
    controls : bool
        Also judge the controls.
    progress : callable, optional
        Called with done, total and words.

    Returns
    -------
    ToolError or None
        Why answers are without marks, in words; what was judged is kept either way.
    """
    mine = [(run, _open(run, server)) for run in runs if controls or not run.is_control]
    count = Count(sum(len(left) for _, left in mine), progress)
    trouble: list[Judgement] = []
    judged = 0
    for run, left in mine:
        if not left:
            continue
        count.begin(f"judge {server.model}, {run.system}")
        made = _judge(left, server, _file(run, server), count)
        trouble += [one for one in made if one.unreached or not one.judged]
        judged += sum(one.judged for one in made)
        if any(one.unreached for one in made):
            break
    if not any(one.unreached for one in trouble):
        for task in dict.fromkeys(run.card.name for run in runs):
            _check([run for run in runs if run.card.name == task], server)
    return _told(trouble, judged)


def read_marks(run: Run) -> list[Marks]:
    """The marks of every judge that lie beside the log of a run."""
    hashes = {case.id: _hash(case) for case in cases_of(run)}
    found = []
    for path in sorted(run.log.parent.glob("marks-*.jsonl")):
        setup, judgements = _read(path)
        mine = {one.id: one for key, one in judgements.items() if hashes.get(one.id) == key}
        if setup is not None and mine:
            found.append(Marks(setup, mine))
    return found


def read_checks(run: Run) -> list[dict[str, Any]]:
    """What the checks of every judge of a task found: `Checks` as data, with whose answers it read."""
    return [json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(run.log.parent.parent.glob("checks-*.json"))]  # fmt: skip


def _open(run: Run, server: Server) -> list[Case]:
    """Cases without marks, or with fewer than the server could have given."""
    _, known = _read(_file(run, server))
    return [case for case in cases_of(run) if _hash(case) not in known or known[_hash(case)].unreached]


def _judge(cases: Sequence[Case], server: Server, path: Path, count: Count) -> tuple[Judgement, ...]:
    hashes = {case.id: _hash(case) for case in cases}
    try:
        with path.open("a", encoding="utf-8") as file:

            def keep(one: Judgement) -> None:
                told = {"case": hashes[one.id], "judgement": one.model_dump(mode="json")}
                print(json.dumps(told, ensure_ascii=False), file=file, flush=True)
                count.one()

            with asking(server, PROMPT) as desk:  # what the marks depend on, even if a kill ends this
                head = desk.setup().model_dump(mode="json")
            print("\n" + json.dumps({"setup": head}), file=file)  # a line that a kill cut short ends here
            made = judge(cases, server, done=keep)
            print(json.dumps({"setup": made.setup.model_dump(mode="json")}), file=file)
    except OSError as error:
        raise ToolError("The marks cannot be written beside the logs.", field="logs") from error
    return made.judgements


def _check(runs: Sequence[Run], server: Server) -> None:
    """Check the judge on answers of the first system, in pairs with the next one, or with the constant template."""
    own = [run for run in runs if not run.is_control]
    others = [*own[1:], *(run for run in runs if run.system == "template")]
    if not own:
        return
    against = {case.id: case.answer for case in cases_of(others[0])} if others else {}
    some = sorted(cases_of(own[0]), key=_hash)[:CHECKED]
    some = [case.model_copy(update={"other": against.get(case.id, "")}) for case in some]
    if not some:
        return
    told = hashlib.sha256("".join(_hash(case) + case.other for case in some).encode()).hexdigest()
    path = own[0].log.parent.parent / f"checks-{_name(server)}.json"
    if path.exists() and json.loads(path.read_text(encoding="utf-8")).get("cases_sha256") == told:
        return
    made: Checks = checks(some, server)
    if made.padded or made.pairs:
        of = {"of": own[0].system, "against": others[0].system if others else None, "cases_sha256": told}
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(made.model_dump(mode="json") | of, indent=1), encoding="utf-8")
        unfinished.replace(path)


def _told(trouble: Sequence[Judgement], judged: int) -> ToolError | None:
    """What the user should know of answers without marks; a few in prose are counted in the report and no more."""
    away = [one for one in trouble if one.unreached]
    if away:
        return ToolError(
            f"{len(away)} answers are without marks: {away[0].failures[-1].rstrip('.')}. "
            "Run it again; only those are judged.", field="judge",
        )  # fmt: skip
    if trouble and not judged:
        said = excerpt(trouble[0].failures[0])
        return ToolError(
            f'The judge gave no marks to any of {len(trouble)} answers; its first reply began "{said}". '
            "Choose a model that answers in JSON.", field="judge_model",
        )  # fmt: skip
    return None


def _hash(case: Case) -> str:
    return hashlib.sha256("\0".join((case.question, case.reference, case.answer)).encode()).hexdigest()


def _name(server: Server) -> str:
    """Name of what marks depend on."""
    told = json.dumps([server.model, PROMPT, server.repeats, server.seed, server.temperature])
    return f"{slug(server.model)}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def _file(run: Run, server: Server) -> Path:
    return run.log.parent / f"marks-{_name(server)}.jsonl"


def _read(path: Path) -> tuple[Setup | None, dict[str, Judgement]]:
    setup: Setup | None = None
    judgements: dict[str, Judgement] = {}
    for line in _lines(path):
        if "setup" in line:
            made = Setup.model_validate(line["setup"])
            named = dict.fromkeys((*(setup.answered_by if setup else ()), *made.answered_by))
            setup = made.model_copy(update={"answered_by": tuple(named)})
        else:
            judgements[line["case"]] = Judgement.model_validate(line["judgement"])
    return setup, judgements


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            made = json.loads(line)
        except ValueError:
            continue  # cut short by a kill
        if isinstance(made, dict):
            yield made
