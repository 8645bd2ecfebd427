"""Detectors by average precision and event F1: on the frozen simulated segments, and on labelled recordings.

The figures are those of ``glossa bench accuracy``, which measures the detectors directly; as a task, any system that
gives boxes can be measured, and a run can be taken up again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.known_truth import Read, figures
from evals.reading import Run
from evals.real_labels import Search, chbmit, dreams_spindles, healthy, iiic
from evals.records import Card, Item, Task
from evals.tasks.windows import folder_of
from models.frozen import CATEGORY_NAMES, FINGERPRINT, PER_CATEGORY, VERSION, frozen_segments
from models.simulate import Simulated, write_edf
from models.truth import Truth
from models.variants import VARIANTS
from tools.types import Analysed, Detection, Event

CARD = Card(
    name="waveforms",
    title="Waveforms, artifacts and patterns as boxes",
    measures="How well events are found: per-channel average precision at IoU 0.5, event F1, the class of patterns, "
    "false epileptiform events; DREAMS spindles, IIIC patterns, CHB-MIT onsets and false calls in healthy people.",
    source="The frozen test set of the simulator, three generators; with --data also DREAMS (Devuyst et al. 2011), "
    "IIIC-SPaRCNet (Jing et al. 2023), CHB-MIT (Shoeb 2009), EEGMAT (Zyma et al. 2019), EEGMMIDB (Schalk et al. 2004)",
    licence="The simulated part as the project; recordings are not distributed here",
    floor="0: nothing found",
    ceiling="two experts agree on DREAMS spindles with an event F1 of 0.41; the simulated part has none",
    primary="mean average precision",
)
PUBLISHED: list[dict[str, Any]] = [
    {"system": "CerebraGloss-YOLO", "metric": f"AP@0.5 {name}", "value": value, "published": True,
     "source": "CerebraGloss paper, its own labelled segments"}
    for name, value in (("eyem", 0.76), ("hfnoise", 0.75), ("spindle", 0.71), ("sharp", 0.63), ("kcomplex", 0.47),
                        ("spike", 0.19), ("eyer-", 0.15), ("eyer+", 0.04), ("spsw", 0.00), ("mean", 0.4095))
]  # fmt: skip
REAL = {"dreams_spindles": dreams_spindles, "iiic_sparcnet": iiic, "chbmit": chbmit}
HEALTHY = ("eegmat", "eegmmidb")
WHOLE = 86_400.0
"""Longer than any of these recordings: a search ends where the file does."""
ASK = "Mark every event with its label, channels, beginning and end."


def load(
    folder: Path,
    *,
    limit: int | None = None,
    seed: int = 0,
    size: int = PER_CATEGORY,
    data: Path | None = None,
) -> Task:
    """Write the segments below a folder unless they lie there, and list what is to be searched.

    Parameters
    ----------
    folder : Path
        Of the simulated segments.
    limit : int, optional
        At most so many items, spread over all.
    seed : int
        Taken for the sake of the other tasks; the frozen set has its own seeds.
    size : int
        Segments of each of the 26 categories, for each of three generators.
    data : Path, optional
        Folder of labelled recordings; without it only known truth is measured.
    """
    items = [item for variant in VARIANTS for item in _simulated(folder, variant, size)]
    if data is not None:
        items += _real(folder_of(data, "--data"))
    if limit is not None and limit < len(items):
        items = [items[len(items) * n // limit] for n in range(limit)]
    return Task(card=CARD, folder=folder, items=tuple(items), seed=seed, sources={"frozen set": FINGERPRINT})


def _simulated(folder: Path, variant: str, size: int) -> list[Item]:
    place = folder / f"frozen-{VERSION}" / variant.replace(" ", "-")
    place.mkdir(parents=True, exist_ok=True)
    items: list[Item] = []
    for category in CATEGORY_NAMES:
        names = [f"{category}-{number:03d}" for number in range(size)]
        if not all((place / f"{name}.json").is_file() for name in names):
            made = frozen_segments(variant, categories=(category,), per_category=size)
            for name, specimen in zip(names, made, strict=True):
                write_edf(Simulated(specimen.segment, ()), place / f"{name}.edf")
                part = place / f"{name}.part"
                part.write_text(specimen.truth.model_dump_json(), encoding="utf-8")
                part.replace(place / f"{name}.json")  # the truth comes last: with it the segment is whole
        below = place.relative_to(folder)
        items += [
            Item(id=f"{variant} {name}", kind="boxes", group=f"{variant} {name}", category=category,
                 recording=str(below / f"{name}.edf"), truth=str(below / f"{name}.json"), turns=(ASK,),
                 expects={"generator": variant})
            for name in names
        ]  # fmt: skip
    return items


def _real(data: Path) -> list[Item]:
    """Every stretch that the measures on real recordings look at."""
    asked: dict[tuple[str, float, float | None], Item] = {}

    def note(path: Path, labels: Sequence[str], onset: float, duration: float | None) -> Detection:
        key = (str(path), onset, duration)
        asked[key] = Item(
            id=f"{path.parent.name}/{path.name}@{onset:g}", kind="boxes", group=path.name, category="real",
            recording=str(path), onset=onset, duration=duration or WHOLE, turns=(ASK,),
            expects={"path": str(path), "until": duration},
        )  # fmt: skip
        return Detection()

    _judge(data, note)
    return list(asked.values())


def _judge(data: Path, search: Search) -> dict[str, Any]:
    out = {name: measure(data / name, search) for name, measure in REAL.items() if (data / name).is_dir()}
    healthy_folders = [data / name for name in HEALTHY if (data / name).is_dir()]
    if healthy_folders:
        out["healthy"] = healthy(*healthy_folders, search=search)
    return out


def section(run: Run) -> tuple[dict[str, Any], list[str]]:
    """Figures of a run, as data and as lines of a table beside their goals."""
    from evals.accuracy import table

    folder = Path(str(run.meta["folder"]))
    reads: dict[str, list[Read]] = {}
    heard: dict[tuple[str, float, float | None], Detection] = {}
    for row in run.rows:
        item = run.items[row.id]
        found = Detection(
            events=tuple(Event.model_validate(event) for event in row.details.get("events", ())),
            analysed=Analysed.model_validate(row.details.get("analysed") or {}),
        )
        if item.truth:
            truth = Truth.model_validate_json((folder / item.truth).read_text(encoding="utf-8"))
            reads.setdefault(item.expects["generator"], []).append(Read(truth, found))
        else:
            heard[item.expects["path"], item.onset, item.expects["until"]] = found

    def look_up(path: Path, labels: Sequence[str], onset: float, duration: float | None) -> Detection:
        return heard.get((str(path), onset, duration), Detection())

    made: dict[str, Any] = {
        "known truth": {name: figures(mine) for name, mine in reads.items()},
        "background": {},
        "real": {},
    }
    if heard:
        made["real"] = _judge(Path(next(iter(heard))[0]).resolve().parents[1], look_up)
    return made, table(made)
