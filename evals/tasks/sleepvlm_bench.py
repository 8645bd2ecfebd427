"""SleepVLM-Bench: the stage of 30 s of EEG, EOG and EMG, as a picture, in words, or as a sequence."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from evals.records import Card, Item, Task
from evals.tasks.cerebragloss_bench import check_pictures
from evals.tasks.nights import EPOCH, draw_missing
from evals.tasks.sleepvlm_bench_files import (
    CHANNELS,
    COHORT_NAMES,
    Artifact,
    Row,
    find_manifest,
    locate,
    of_split,
    read_artifact,
    read_manifest,
)
from evals.tasks.sleepvlm_bench_forms import Form, epoch_text, prompt_text
from evals.tasks.sleepvlm_bench_prepare import prepare_cohort, write_edf
from evals.tasks.windows import Window, choose, folder_of, hashes, relative, stand_ins
from tools.types import ToolError

STAGE = {"W": "W", "N1": "N1", "N2": "N2", "N3": "N3", "REM": "R"}
CARD = Card(
    name="sleepvlm-bench",
    title="SleepVLM-Bench: stage of 30 s of one EEG, one EOG and the chin EMG",
    measures="The sleep stage of one epoch without its neighbours, by form of input.",
    source="A manifest of SleepVLM-Bench with its artifacts, or the recordings of DCSM "
    "(https://doi.org/10.17894/ucph.282d3c1e-9b98-4c1e-886e-704afdfa9179), SHHS (https://doi.org/10.25822/ghy8-ks59) "
    "or ISRUC (https://doi.org/10.1016/j.cmpb.2015.10.013) prepared alike. Prompts are in our words.",
    licence="that of the cohorts; nothing distributed here",
    floor="20 % of a balanced set: chance, and every constant answer",
    ceiling="AASM scorers with all channels and neighbours: 82 % of epochs, kappa 0.76",
    primary="macro F1",
)
_PAPER = "SleepVLM-Bench paper; its repository says that its code does not reproduce the tables yet"
PUBLISHED: list[dict[str, Any]] = [
    {"system": name, "metric": f"{metric}, {cohort}", "value": value, "source": _PAPER, "published": True}
    for name, table in (
        ("ChatTS-14B", ((0.2163, 0.1719, 0.2060), (0.1895, 0.1833, 0.2053), (0.2152, 0.2102, 0.2141))),
        ("DeepSleep", ((0.6523, 0.6673, 0.6652), (0.5901, 0.5966, 0.6057), (0.4806, 0.4846, 0.4767))),
        ("AttnSleep", ((0.6934, 0.7052, 0.7122), (0.6364, 0.6491, 0.6433), (0.5603, 0.5654, 0.5609))),
    )
    for cohort, values in zip(COHORT_NAMES, table, strict=True)
    for metric, value in zip(("accuracy", "macro F1", "macro recall"), values, strict=True)
]


def load(
    folder: Path,
    *,
    limit: int | None = None,
    seed: int = 0,
    form: Form = "image",
    prompt: str = "plain",
    cohort: str | None = None,
    manifest: str | None = None,
    split: str = "test",
    balanced: bool = False,
    cache: Path | None = None,
    draw: bool = True,
) -> Task:
    """Make an item of epochs of a manifest.

    Parameters
    ----------
    folder : Path
        With a manifest (CSV) and what it names; or with recordings of a cohort, which are prepared first.
    limit : int, optional
        Epochs at most.
    seed : int
        Of the draw.
    form : str
        ``image``, ``features`` (measured by our tools, in words), ``raw`` or ``discrete`` (one EEG).
    prompt : str
        ``plain``, or ``rules`` with what defines the stages.
    cohort : str, optional
        Prepare the folder's recordings as those of ``DCSM``, ``SHHS`` or ``ISRUC``.
    manifest : str, optional
        Name of the manifest, where there are several.
    split : str
        Used where the manifest has splits.
    balanced : bool
        As many of every stage as the rarest has.
    cache : Path, optional
        Where prepared signals and pictures are kept; ``.pictures`` in the folder when None.
    draw : bool
        Draw the missing pictures now; else `prepare` does it for an item.

    Raises
    ------
    ToolError
        If there is no manifest, a column or file is missing, or a picture does not decode or has another hash.
    """
    text = prompt_text(form, prompt)
    folder = folder_of(folder, "a manifest of SleepVLM-Bench or the recordings of a cohort")
    place = (cache or folder / ".pictures").resolve()
    listed = prepare_cohort(folder, cohort, place) if cohort is not None else find_manifest(folder, manifest)
    rows = {row.sample_id: row for row in of_split(read_manifest(listed), split)}
    where = {name: _artifact_of(row, folder, listed) for name, row in rows.items()}
    windows, names = [], {}
    for name, row in rows.items():
        at = where[name] or Path(row.artifact_path or row.recording_id)
        window = Window(at, f"{row.cohort}:{row.subject_id}", row.artifact_index * EPOCH, EPOCH, row.label)
        windows.append(window)
        names[window] = name
    chosen = choose(windows, limit=limit, seed=seed, balanced=balanced)
    partners = stand_ins(chosen, windows, seed=seed) if form == "image" else [None] * len(chosen)
    digest = hashlib.sha256(text.encode()).hexdigest()
    known = {"form": form, "prompt_id": f"{form}-{prompt}", "prompt_sha256": digest}
    items = []
    for window, partner in zip(chosen, partners, strict=True):
        row = rows[names[window]]
        if form == "image":
            items.append(
                _pictured(row, window, where[row.sample_id], partner, folder, listed, place, text, known)
            )
        else:
            items.append(_told(row, where[row.sample_id], form, text, known))
    check_pictures(
        [folder / name for item in items if item.expects.get("image_sha256") for name in item.images]
    )
    if draw and form == "image":
        for item in items:
            prepare(item, folder)
    return Task(card=CARD, folder=folder, items=tuple(items), seed=seed, sources=hashes([listed], folder))


def prepare(item: Item, folder: Path) -> None:
    """Write the picture and the recording of one item, where they are not there yet."""
    source = item.expects.get("artifact")
    if source is None:
        return
    draw_missing([item], folder, lambda one, number: _drawn(folder / source, number))
    other = item.expects.get("partner_artifact", "")
    for name, artifact in ((item.recording, source), (item.partner, other)):
        if artifact and not (folder / name).is_file():
            write_edf(_read(folder / artifact), folder / name, item.category)


def _artifact_of(row: Row, folder: Path, listed: Path) -> Path | None:
    found = locate(row.artifact_path, folder, listed)
    if found is None and not row.image_path:
        raise ToolError(
            f"{row.sample_id}: neither its artifact nor a picture is there; put {Path(row.artifact_path).name} beside "
            "the manifest.",
            field="folder",
        )
    return found


def _base(row: Row, known: dict[str, Any]) -> dict[str, Any]:
    stage = STAGE[row.label]
    return {
        "id": row.sample_id,
        "kind": "qa",
        "group": f"{row.cohort}:{row.subject_id}",
        "category": row.cohort,
        "duration": EPOCH,
        "key": stage,
        "expects": known
        | {
            "stage": stage,
            "label": row.label,
            "subject_id": row.subject_id,
            "split": row.split,
            "epochs": [row.artifact_index],
        },
    }


def _told(row: Row, artifact: Path | None, form: Form, text: str, known: dict[str, Any]) -> Item:
    """An epoch that stands in the question itself; there is nothing to look at beside it."""
    signals = _epoch(row, artifact)
    return Item(**_base(row, known), turns=(f"{text}\n\n{epoch_text(form, signals)}",))


def _epoch(row: Row, artifact: Path | None) -> Any:
    if artifact is None:
        raise ToolError(f"{row.sample_id}: this form of input needs its artifact (.npz).", field="form",
                        choices=("image",))  # fmt: skip
    made = _read(artifact)
    if row.artifact_index >= len(made.signals) or made.labels[row.artifact_index] != row.label:
        raise ToolError(f"{row.sample_id}: manifest and artifact do not belong together.", field="manifest")
    return made.signals[row.artifact_index]


def _pictured(
    row: Row, window: Window, artifact: Path | None, partner: Path | None, folder: Path, listed: Path, place: Path,
    text: str, known: dict[str, Any],
) -> Item:  # fmt: skip
    made = _base(row, known)
    if artifact is not None:
        _epoch(row, artifact)
        key = _key(artifact)
        made["expects"]["artifact"] = relative(artifact, folder)
        made |= {"recording": relative(place / key / "prepared.edf", folder), "onset": window.onset}
        if partner is not None and partner.is_file():
            made["expects"]["partner_artifact"] = relative(partner, folder)
            made["partner"] = relative(place / _key(partner) / "prepared.edf", folder)
        picture = place / key / f"sleepvlm-bench_{window.onset:09.2f}.png"
    if row.image_path:
        shown = locate(row.image_path, folder, listed)
        if shown is None:
            raise ToolError(
                f"{row.sample_id}: its picture {Path(row.image_path).name} is missing.", field="folder"
            )
        if hashlib.sha256(shown.read_bytes()).hexdigest() != row.image_sha256:
            raise ToolError(f"{row.sample_id}: its picture {shown.name} has another SHA-256.", field="folder")
        made["expects"]["image_sha256"] = row.image_sha256
        picture = shown
    return Item(**made, images=(relative(picture, folder),), turns=(text,))


@lru_cache(maxsize=4)
def _read(path: Path) -> Artifact:
    return read_artifact(path)


@lru_cache(maxsize=4096)
def _key(path: Path) -> str:
    """Name of an artifact's folder in the cache, by its content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _drawn(artifact: Path, number: int) -> bytes:
    from tools.sleep_inputs import SleepSignals
    from tools.sleep_pictures import draw_bench

    data = _read(artifact).signals[number].astype(float)[:, None, :]
    return draw_bench(SleepSignals(data, CHANNELS, tuple((name,) for name in CHANNELS)), 0).png
