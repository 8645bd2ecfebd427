"""``glossa eval``: benchmarks over the assistant, a model or the tools, beside their controls."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tools.types import ToolError
from ui.commands import Outcome

if TYPE_CHECKING:
    from evals.scorers.judge_server import Server


def evaluate(args: argparse.Namespace) -> Outcome:
    """List, run or report."""
    from evals import command

    if args.action == "list":
        made = command.listing()
        tasks = [f"  {t['name']:<20}{t['title']}{' (needs --data)' if t['needs_data'] else ''}"
                 for t in made["tasks"]]  # fmt: skip
        models = [f"  {m['name']:<20}{m['what']}" for m in made["models"]]
        return Outcome(made, "\n".join(["Tasks:", *tasks, "Systems (--model):", *models]))
    if args.action == "report":
        made = command.report(Path(args.logs))
    else:
        made = command.run(
            args.task, args.model or ["embedded"], logs=Path(args.logs),
            data=Path(args.data) if args.data else None, limit=args.limit, size=args.size, seed=args.seed,
            controls=not args.no_controls, judge=_judge(args), judge_controls=args.judge_controls,
        )  # fmt: skip
    text = str(made.pop("text"))
    return Outcome(made, f"{text}\nWritten: {', '.join(made['files'])}")


def _judge(args: argparse.Namespace) -> Server | None:
    """The judge that was named; its key comes from the environment, so that no list of processes shows it."""
    if args.judge is None:
        if args.judge_model or args.judge_controls:
            raise ToolError("A judge needs the address of its server: give --judge.", field="judge")
        return None
    if not args.judge_model:
        raise ToolError("A judge needs the name of its model: give --judge-model.", field="judge_model")
    from evals.scorers.judge_server import Server

    key = os.environ.get("GLOSSA_JUDGE_KEY") or "EMPTY"
    return Server(base_url=args.judge, model=args.judge_model, key=key, repeats=args.judge_repeats)
