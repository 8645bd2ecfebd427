"""``glossa eval``: benchmarks over the assistant, a model or the tools, beside their controls."""

from __future__ import annotations

import argparse
from pathlib import Path

from ui.commands import Outcome


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
            controls=not args.no_controls,
        )  # fmt: skip
    text = str(made.pop("text"))
    return Outcome(made, f"{text}\nWritten: {', '.join(made['files'])}")
