"""Scores of sleep stages under the two published conventions, always named beside the numbers.

SleepVLM drops answers that cannot be parsed and scores the rest; SleepVLM-Bench keeps them in the denominator, as a
sixth class that is always wrong. One writes R, the other REM. The same answers give different scores, so a score
without its convention cannot be compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from evals.scorers.json_replies import objects, spoken
from tools.labels import STAGES
from tools.types import ToolError

Invalid = Literal["drop", "keep"]
Rem = Literal["R", "REM"]
Parser = Literal["first", "last", "majority"]
INVALID = "INVALID"
_NAMES = {**{stage: stage for stage in STAGES}, "REM": "R"}
_LABEL = re.compile(r"(?<![A-Z0-9])(REM|N1|N2|N3|W)(?![A-Z0-9])", re.IGNORECASE)
_RULE = re.compile(r"^\W*(?:RULE\W*)?(W|N1|N2|N3|REM|R|MBM)[\s._-]*(\d)\W*$")


class StageAnswer(NamedTuple):
    """What a SleepVLM answer says; no stage where it could not be read."""

    stage: str | None
    rules: tuple[str, ...] = ()
    reasoning: str = ""
    error: str | None = None
    """Why there is no stage, in words."""


def stage_metrics(
    true: Sequence[str], predicted: Sequence[str | None], *, invalid: Invalid, rem: Rem = "R"
) -> dict[str, Any]:
    """Score stages under one published convention.

    Parameters
    ----------
    true : sequence of str
        W, N1, N2, N3, R or REM.
    predicted : sequence of str or None
        The same; anything else is an invalid answer.
    invalid : {"drop", "keep"}
        ``drop``: scores are over the valid answers (SleepVLM). ``keep``: an invalid answer is a sixth predicted class
        and stays in every denominator (SleepVLM-Bench).
    rem : {"R", "REM"}
        How the stage is written in the output.

    Returns
    -------
    dict
        ``convention`` {invalid, rem}; ``n``, ``n_valid``, ``n_invalid``, ``invalid_rate`` of all answers; ``accuracy``,
        ``macro_f1``, ``weighted_f1``, ``macro_recall``, ``kappa``; ``per_class`` by stage {precision, recall, f1,
        support, tp, fp, fn}; ``labels`` and ``confusion_matrix`` (rows true, columns predicted, with INVALID last
        under ``keep``); ``absent``, the stages without a true epoch.

    Raises
    ------
    ToolError
        If the columns differ in length, or a true label is no stage.

    Notes
    -----
    The five classes are fixed, as in both publications: a stage that does not occur counts as 0 in the means. No
    answers (under ``drop``: no valid ones) give None. Kappa is None where both columns hold one and the same class;
    SleepVLM-Bench writes 0 there.
    """
    truth = _true(true, predicted)
    said = [_NAMES.get((label or "").strip().upper(), INVALID) for label in predicted]
    n_invalid = said.count(INVALID)
    if invalid == "drop":
        kept = [(t, p) for t, p in zip(truth, said, strict=True) if p != INVALID]
        truth, said = [t for t, _ in kept], [p for _, p in kept]
    written = [rem if stage == "R" else stage for stage in STAGES]
    columns = [*written, INVALID] if invalid == "keep" else written
    return {
        "convention": {"invalid": invalid, "rem": rem},
        "n": len(true),
        "n_valid": len(true) - n_invalid,
        "n_invalid": n_invalid,
        "invalid_rate": n_invalid / len(true) if len(true) else None,
        **_scores(truth, said, written),
        "absent": [name for name, stage in zip(written, STAGES, strict=True) if stage not in truth],
        "labels": columns,
        "confusion_matrix": _confusion(truth, said, len(columns)),
    }


def _scores(truth: list[str], said: list[str], written: list[str]) -> dict[str, Any]:
    if not truth:
        return {
            **dict.fromkeys(("accuracy", "macro_f1", "weighted_f1", "macro_recall", "kappa")),
            "per_class": {},
        }
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support

    precision, recall, f1, support = precision_recall_fscore_support(
        truth, said, labels=STAGES, zero_division=0
    )
    pairs = Counter(zip(truth, said, strict=True))
    per_class = {}
    for i, (name, stage) in enumerate(zip(written, STAGES, strict=True)):
        hits = pairs[stage, stage]
        per_class[name] = {
            "precision": float(precision[i]), "recall": float(recall[i]), "f1": float(f1[i]),
            "support": int(support[i]), "tp": hits, "fp": said.count(stage) - hits, "fn": truth.count(stage) - hits,
        }  # fmt: skip
    return {
        "accuracy": float(accuracy_score(truth, said)),
        "macro_f1": float(f1.mean()),
        "weighted_f1": float((f1 * support).sum() / len(truth)),
        "macro_recall": float(recall.mean()),
        "kappa": kappa(truth, said),
        "per_class": per_class,
    }


def kappa(true: Sequence[str], predicted: Sequence[str]) -> float | None:
    """Cohen's kappa; None without items, and where both columns hold one and the same label."""
    if not len(true) or len({*true, *predicted}) < 2:
        return None
    from sklearn.metrics import cohen_kappa_score

    return float(cohen_kappa_score(list(true), list(predicted)))


def _confusion(truth: list[str], said: list[str], columns: int) -> list[list[int]]:
    names = (*STAGES, INVALID)[:columns]
    pairs = Counter(zip(truth, said, strict=True))
    return [[pairs[row, column] for column in names] for row in STAGES]


def _true(true: Sequence[str], predicted: Sequence[str | None]) -> list[str]:
    if len(true) != len(predicted):
        raise ToolError(f"{len(true)} true labels for {len(predicted)} answers.", field="predicted")
    unknown = sorted({label for label in true if label.strip().upper() not in _NAMES})
    if unknown:
        raise ToolError(
            f"{len(unknown)} true labels are no stage (drop unscored epochs before): write W, N1, N2, N3, R or REM.",
            field="true",
            choices=tuple(_NAMES),
        )
    return [_NAMES[label.strip().upper()] for label in true]


def balanced_accuracy(
    true: Sequence[str], predicted: Sequence[str | None], classes: Sequence[str]
) -> dict[str, Any]:
    """Give the mean recall over the classes, as the two-way and four-way questions are scored.

    Parameters
    ----------
    true, predicted : sequence of str
        Of `classes`; any other prediction, or None, is an invalid answer and counts as wrong.
    classes : sequence of str
        Two or more, such as ("Yes", "No"). One without true items is left out of the mean, and said in ``absent``.

    Returns
    -------
    dict
        ``balanced_accuracy`` (None without items), ``recall`` by class, ``n``, ``n_invalid``, ``absent``, ``chance``
        (of any constant answer).
    """
    if len(true) != len(predicted):
        raise ToolError(f"{len(true)} true labels for {len(predicted)} answers.", field="predicted")
    if not set(true) <= set(classes):
        raise ToolError("A true label is none of the classes.", field="true", choices=tuple(classes))
    here = [name for name in classes if name in true]
    recall: list[float] = []
    if here:
        from sklearn.metrics import recall_score

        said = [label if label in classes else INVALID for label in predicted]
        recall = [float(r) for r in recall_score(true, said, labels=here, average=None, zero_division=0)]
    return {
        "balanced_accuracy": sum(recall) / len(recall) if recall else None,
        "recall": dict(zip(here, recall, strict=True)),
        "n": len(true),
        "n_invalid": sum(label not in classes for label in predicted),
        "absent": [name for name in classes if name not in here],
        "chance": 1 / len(here) if here else None,
    }


def normal_rule(rule: str) -> str:
    """Write a rule id in one way: "n2-1", "Rule N2.1" and "N21" are N2.1, "REM.1" is R.1; others in capitals."""
    name = rule.strip().upper()
    match = _RULE.match(name)
    return f"{_NAMES.get(match[1], match[1])}.{match[2]}" if match else name


def rule_iou(cited: Iterable[str], true: Iterable[str]) -> float:
    """Share the rules of two sets have in common of all they hold: 1 where both are empty, 0 where one is."""
    first, second = ({normal_rule(rule) for rule in rules if rule.strip()} for rules in (cited, true))
    return len(first & second) / len(first | second) if first | second else 1.0


def parse_sleepvlm(text: str) -> StageAnswer:
    """Read the JSON answer of SleepVLM: stage, rules, reasoning.

    The first object with a ``sleep_stage`` counts, in a fence before any outside one.

    Notes
    -----
    Departs from the published parser, so that fewer answers are invalid: braces within the reasoning and objects
    within objects are read, curly quotes within strings are kept, REM is taken for R, and an unreadable fence does
    not end the search. The answer of a reasoning model is read behind its thoughts.
    """
    keyed = next((each for each in objects(spoken(text)) if "sleep_stage" in each), None)
    if keyed is None:
        return StageAnswer(None, error="no JSON object with sleep_stage")
    said = keyed["sleep_stage"]
    stage = _NAMES.get(said.strip().upper()) if isinstance(said, str) else None
    rules = keyed.get("applicable_rules") or ()
    listed = rules.split(",") if isinstance(rules, str) else rules if isinstance(rules, list) else ()
    reasoning = keyed.get("reasoning_text")
    return StageAnswer(
        stage,
        tuple(dict.fromkeys(normal_rule(str(rule)) for rule in listed if str(rule).strip())),
        reasoning.strip() if isinstance(reasoning, str) else "",
        None if stage else "sleep_stage is none of W, N1, N2, N3, R",
    )


def parse_bench_label(text: str, parser: Parser = "first") -> str | None:
    """Read a stage out of prose as SleepVLM-Bench does: the first, the last or the most frequent label in it.

    Any case counts, so a lone "w" is Wake, and "NREM" is nothing. Of equally frequent labels the earliest is taken.
    The result is W, N1, N2, N3 or R; None is an invalid answer.
    """
    found = [_NAMES[match.upper()] for match in _LABEL.findall(text)]
    if not found:
        return None
    if parser == "majority":
        return Counter(found).most_common(1)[0][0]  # in order of first occurrence
    if parser not in ("first", "last"):
        raise ToolError("No such parser.", field="parser", choices=("first", "last", "majority"))
    return found[0] if parser == "first" else found[-1]
