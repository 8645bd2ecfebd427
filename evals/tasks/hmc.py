"""The sleep-stage question of the CerebraGloss paper, over a folder of the HMC sleep staging database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evals.records import Card, Task
from evals.tasks.windows import Window, ask_all, check_lengths, choose, folder_of, hashes, stand_ins
from tools.hypnogram import read_hypnogram
from tools.types import ToolError

WINDOW, EPOCH = 10.0, 30.0
QUESTION = "What sleep stage does this PSG segment correspond to?"
OPTIONS = ("Wake", "NREM1", "NREM2", "NREM3")
STAGES = ("W", "N1", "N2", "N3")
SUFFIX = "_sleepscoring"

CARD = Card(
    name="hmc",
    title="HMC: stage of 10 s, without REM",
    measures="Whether a system names the sleep stage of 10 s out of four, asked as the CerebraGloss paper asks.",
    source="Haaglanden Medisch Centrum sleep staging database (Alvarez-Estevez and Rijsman 2021, "
    "https://doi.org/10.1371/journal.pone.0256111), from a folder that the user has. Each window of 10 s carries "
    "the stage of its epoch of 30 s; REM is left out, as in the paper.",
    licence="CC BY 4.0; not distributed here",
    floor="25 % balanced accuracy: chance, and every constant answer",
    ceiling="AASM scorers agree on 82 % of 30-s epochs (kappa 0.76) with REM among the stages; not known for 10 s",
    primary="balanced accuracy",
)
_PAPER = "CerebraGloss paper, balanced accuracy on 60,678 windows of the last 26 subjects of HMC"
PUBLISHED: list[dict[str, Any]] = [
    {"system": name, "metric": "balanced accuracy", "value": value, "source": _PAPER, "published": True}
    for name, value in (
        ("EEGNet", 0.5851), ("CNN-Transformer", 0.6835), ("LaBraM", 0.6892), ("Gram", 0.6997), ("LLaVA-Med", 0.25),
        ("BioMedGPT", 0.25), ("Qwen2.5-VL-3B", 0.25), ("CerebraGloss-3B", 0.6202), ("CerebraGloss-7B", 0.6334),
    )
]  # fmt: skip


def load(folder: Path, *, limit: int | None = None, seed: int = 0, balanced: bool = True) -> Task:
    """Make a question of 10-s windows.

    Parameters
    ----------
    folder : Path
        ``SN001.edf`` and its like, each with ``SN001_sleepscoring.edf`` or ``.txt`` beside it, in any depth.
    limit : int, optional
        Windows at most.
    seed : int
        Of the draw.
    balanced : bool
        As many of every stage as the rarest has; else all windows.

    Raises
    ------
    ToolError
        If there is no such pair, a file cannot be read, or labels go on after the signal has ended.
    """
    folder = folder_of(folder, "recordings of HMC and their scoring")
    pairs = find_pairs(folder)
    if not pairs:
        raise ToolError(f"The folder holds no recording with its scoring (NAME.edf, NAME{SUFFIX}.edf or .txt).",
                        field="folder")  # fmt: skip
    windows: list[Window] = []
    for recording, scoring in pairs:
        windows += _windows(recording, scoring)
    if not windows:
        raise ToolError("The scoring holds no epoch of W, N1, N2 or N3.", field="folder")
    chosen = check_lengths(choose(windows, limit=limit, seed=seed, balanced=balanced), spare=EPOCH)
    partners = stand_ins(chosen, windows, seed=seed)
    items = ask_all(
        chosen,
        partners,
        folder,
        question=QUESTION,
        options=dict(zip(STAGES, OPTIONS, strict=True)),
        category="stage question",
    )
    sources = hashes((scoring for _, scoring in pairs), folder)
    return Task(card=CARD, folder=folder, items=items, seed=seed, sources=sources)


def find_pairs(folder: Path) -> list[tuple[Path, Path]]:
    """Give recordings with their scoring; of two forms of a scoring the EDF is taken."""
    pairs = []
    for recording in sorted(folder.rglob("*.edf")):
        if recording.stem.endswith(SUFFIX):
            continue
        forms = (recording.with_name(f"{recording.stem}{SUFFIX}{end}") for end in (".edf", ".txt"))
        scoring = next((path for path in forms if path.is_file()), None)
        if scoring is not None:
            pairs.append((recording, scoring))
    return pairs


def _windows(recording: Path, scoring: Path) -> list[Window]:
    try:
        spans = read_hypnogram(scoring).spans
    except ToolError as error:
        raise ToolError(f"{scoring.name}: {error.message}", field="folder") from None
    return [
        Window(recording, recording.stem, span.onset + WINDOW * part, WINDOW, span.stage)
        for span in spans
        if span.stage in STAGES
        for part in range(int((span.duration + 1e-3) // WINDOW))
    ]
