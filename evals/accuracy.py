"""``glossa bench accuracy``: every detector on known truth and on expert labels, with data and seeds named."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from models.frozen import FINGERPRINT, PER_CATEGORY, TEST_SEED, VERSION
from models.variants import VARIANTS


def run_accuracy(
    *, per_category: int = PER_CATEGORY, data: Path | None = None, quiet: bool = False
) -> dict[str, Any]:
    """Measure and give one JSON document; print a table unless told not to.

    Parameters
    ----------
    per_category : int
        Simulated segments of each of the 26 categories, for each generator.
    data : Path, optional
        Folder of labelled recordings; without it only known truth is measured.
    quiet : bool
        Print nothing but progress on stderr.
    """
    from evals.background_truth import background_truth
    from evals.known_truth import known_truth
    from evals.real_labels import real_labels

    def progress(name: str) -> None:
        print(f"… {name}", file=sys.stderr)

    document: dict[str, Any] = {
        "frozen set": {"version": VERSION, "first_seed": TEST_SEED, "fingerprint": FINGERPRINT},
        "known truth": {
            variant: known_truth(variant, per_category=per_category, progress=progress)
            for variant in VARIANTS
        },
        "background": {variant: background_truth(variant, per_category=per_category) for variant in VARIANTS},
        "real": real_labels(data, progress) if data else {"absent": "no folder of labelled recordings"},
    }
    if not quiet:
        for line in table(document):
            print(line)
    return document


def table(document: dict[str, Any]) -> list[str]:
    """The document's figures beside their goals, one line each."""
    lines = []
    for variant, result in document["known truth"].items():
        lines.append(f"known truth, {variant}: {result['segments']} segments of 10 s")
        rows = {**result["f1"], "flat or bad channel": result["flat or bad channel"]}
        lines += [
            f"  {name}: F1 {_number(row['f1'])} (precision {_number(row['precision'])}, recall "
            f"{_number(row['recall'])}), goal >= {row['goal']:.2f}: {_verdict(row)}"
            for name, row in rows.items()
        ]
        lines += [
            f"  {label}: F1 {_number(row['f1'])}, no goal" for label, row in result["other labels"].items()
        ]
        averages = ", ".join(f"{label} {_number(value)}" for label, value in result["ap"].items())
        lines.append(f"  average precision per channel at IoU 0.5: {averages}")
        patterns = result["patterns"]
        lines.append(
            f"  pattern class: balanced accuracy {_number(patterns['balanced_accuracy'])}, "
            f"goal >= {patterns['goal']:.2f}: {_verdict(patterns)}"
        )
        for kind, row in result["false epileptiform events per segment"].items():
            lines.append(
                f"  false epileptiform events, {kind} segments: {_number(row['rate'])} a segment, "
                f"goal <= {row['goal']}: {_verdict(row)}"
            )
    lines += [f"background, {variant}: {result}" for variant, result in document["background"].items()]
    for source, result in document["real"].items():
        if isinstance(result, dict) and "goal" in result:
            figure = {
                key: value for key, value in result.items() if isinstance(value, int | float | str | dict)
            }
            lines.append(f"{source}: {figure}: {_verdict(result)}")
        else:
            lines.append(f"{source}: {result}")
    return lines


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _verdict(row: dict[str, Any]) -> str:
    return "met" if row["met"] else "MISSED"
