"""Questions on recordings that experts labelled: patterns, seizures and stages, from a folder that the user has."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from evals.records import LETTERS, Card, Item, Task
from evals.tasks.windows import folder_of, hashes
from tools.types import ToolError

CARD = Card(
    name="recordings",
    title="Expert labels on real recordings: pattern, seizure and stage as questions with options",
    measures="Whether a system chooses what experts saw: the pattern of ICU clips, a seizure or none, the stage.",
    source="IIIC-SPaRCNet clips, seconds 20 to 30, majority of experts (Jing et al. 2023, "
    "https://doi.org/10.1212/WNL.0000000000207127); CHB-MIT (Shoeb 2009, http://hdl.handle.net/1721.1/54669); "
    "Sleep-EDF (Kemp et al. 2000, https://doi.org/10.1109/10.867928); DREAMS (Devuyst et al. 2011), to be used for "
    "evaluation only",
    licence="ODC-By 1.0 (IIIC, CHB-MIT, Sleep-EDF); DREAMS non-commercial, no derivatives; none is distributed here",
    floor="chance is 17 % of the patterns, 50 % of seizure or none, 20 % of the stages",
    ceiling="experts agree with the majority on 65 to 75 % of ICU segments, and on about 80 % of sleep epochs",
    primary="MCQ accuracy",
)
PATTERN_QUESTION = "Which pattern do seconds 20 to 30 of this recording show?"
PATTERNS = {
    "Seizure": "Seizure", "LPD": "Lateralized periodic discharges (LPD)",
    "GPD": "Generalized periodic discharges (GPD)", "LRDA": "Lateralized rhythmic delta activity (LRDA)",
    "GRDA": "Generalized rhythmic delta activity (GRDA)", "Other": "None of these patterns",
}  # fmt: skip
SEIZURE_QUESTION = "Does this EEG recording show evidence of seizure activity?"
STAGE_QUESTION = "What sleep stage does this segment correspond to?"
STAGES = {"W": "Wake", "N1": "N1", "N2": "N2", "N3": "N3", "R": "REM"}
EPOCHS_EACH = 6
"""Epochs of a stage that are drawn from a night."""
SOURCES = ("iiic_sparcnet", "chbmit", "sleepedf_epochs", "dreams_spindles")


def load(folder: Path, *, limit: int | None = None, seed: int = 0) -> Task:
    """Make questions of whichever sources lie in the folder.

    Parameters
    ----------
    folder : Path
        With ``iiic_sparcnet``, ``chbmit``, ``sleepedf_epochs`` or ``dreams_spindles`` below it, each with its
        table ``labels.tsv``, or hypnograms beside the recordings.
    limit : int, optional
        At most so many items, spread over the sources.
    seed : int
        Of the epochs that are drawn.

    Raises
    ------
    ToolError
        If none of the sources is there, or a table lacks a column.
    """
    root = folder_of(folder, "--data")
    items = [*_patterns(root), *_seizures(root), *_epochs(root), *_nights(root, seed)]
    if not items:
        raise ToolError("None of the known sources lies in that folder.", field="data", choices=SOURCES)
    items = _partners(items)
    if limit is not None and limit < len(items):
        items = [items[len(items) * n // limit] for n in range(limit)]
    tables = sorted(table for name in SOURCES for table in (root / name).glob("*.tsv"))
    return Task(card=CARD, folder=root, items=tuple(items), seed=seed, sources=hashes(tables, root))


def _asked(question: str, options: tuple[str, ...]) -> str:
    return "\n".join([question, *(f"{a}) {o}" for a, o in zip(LETTERS, options, strict=False))])


def _table(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t")
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise ToolError(
                f"{path.parent.name}/{path.name} lacks the column {missing[0]}.",
                field="data",
                choices=tuple(reader.fieldnames or ()),
            )
        return list(reader)


def _choice(
    name: str, group: str, place: tuple[str, float, float], asked: tuple[str, dict[str, str], str]
) -> Item:
    (recording, onset, duration), (question, options, right) = place, asked
    words = tuple(options.values())
    return Item(
        id=name, kind="mcq", group=group, category=f"{group.split(':', maxsplit=1)[0]} {right}", recording=recording,
        onset=onset, duration=duration, alone=question == SEIZURE_QUESTION,
        turns=(_asked(question, words),), options=words, key=LETTERS[list(options).index(right)],
    )  # fmt: skip


def _patterns(root: Path) -> Iterator[Item]:
    """The twelve clips and any further ones of the same form; each patient has one clip."""
    folder = root / "iiic_sparcnet"
    if not (folder / "labels.tsv").is_file():
        return
    for row in _table(folder / "labels.tsv", ("file", "expert_majority")):
        name = Path(row["file"]).stem
        if row["expert_majority"] in PATTERNS:
            asked = (PATTERN_QUESTION, PATTERNS, row["expert_majority"])
            yield _choice(f"iiic-{name}", f"iiic:{name}", (f"iiic_sparcnet/{row['file']}", 20.0, 10.0), asked)


def _seizures(root: Path) -> Iterator[Item]:
    """Pages within and before seizures: the pairs as they are, and both parts of the onset clips."""
    folder = root / "chbmit"
    if not (folder / "labels.tsv").is_file():
        return
    options = {"yes": "Yes", "no": "No"}
    for row in _table(folder / "labels.tsv", ("file", "onset_s", "duration_s", "label")):
        name, patient = Path(row["file"]).stem, Path(row["file"]).name[:5]
        if "onset_clips" in row["file"]:
            pages = [(0.0, "no"), (min(20.0, 10.0 + max(float(row["duration_s"]) - 10.0, 0.0)), "yes")]
        else:
            pages = [(0.0, "yes" if row["label"] == "seizure" else "no")]
        for onset, right in pages:
            yield _choice(f"chbmit-{name}@{onset:g}", f"chbmit:{patient}", (f"chbmit/{row['file']}", onset, 10.0),
                          (SEIZURE_QUESTION, options, right))  # fmt: skip


def _epochs(root: Path) -> Iterator[Item]:
    folder = root / "sleepedf_epochs"
    if not (folder / "labels.tsv").is_file():
        return
    for row in _table(folder / "labels.tsv", ("file", "stage")):
        if row["stage"] in STAGES:
            name = Path(row["file"]).stem
            yield _choice(f"sleepedf-{name}", f"sleepedf:{name}", (f"sleepedf_epochs/{row['file']}", 0.0, 30.0),
                          (STAGE_QUESTION, STAGES, row["stage"]))  # fmt: skip


def _nights(root: Path, seed: int) -> Iterator[Item]:
    """Some epochs of every stage of each excerpt, away from changes of stage where its table says so."""
    folder = root / "dreams_spindles"
    for table in sorted(folder.glob("excerpt*_hypnogram_30s.tsv")):
        name = table.name.split("_")[0]
        recording = folder / f"{name}.edf"
        if not recording.is_file():
            continue
        rows = _table(table, ("onset_s", "duration_s", "stage"))
        rng = np.random.default_rng([seed, len(rows)])
        for stage in STAGES:
            onsets = [float(r["onset_s"]) for r in rows
                      if r["stage"] == stage and float(r.get("purity") or 1.0) == 1.0]  # fmt: skip
            for onset in sorted(rng.permutation(onsets)[:EPOCHS_EACH]):
                place = (f"dreams_spindles/{name}.edf", float(onset), 30.0)
                yield _choice(
                    f"dreams-{name}@{onset:g}", f"dreams:{name}", place, (STAGE_QUESTION, STAGES, stage)
                )


def _partners(items: list[Item]) -> list[Item]:
    """Give each item the recording of another patient of the same source, of another class where there is one."""
    made: list[Item] = []
    for item in items:
        source = item.group.split(":")[0]
        others = [o for o in items if o.group.split(":")[0] == source and o.group != item.group] or [
            o for o in items if o.group.split(":")[0] == source and o.recording != item.recording
        ]
        unlike = [o for o in others if o.key != item.key] or others
        unlike = [o for o in unlike if o.onset == item.onset] or unlike
        partner = unlike[len(made) % len(unlike)].recording if unlike else ""
        made.append(item.model_copy(update={"partner": partner}))
    return made
