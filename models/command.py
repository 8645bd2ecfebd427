"""``glossa simulate``: write a simulated recording with its truth beside it."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from models.recorder import MONTAGES, Specimen, write_specimen
from models.truth import Truth
from tools.types import ToolError

_SEGMENT = "segment:"
_LARGEST = 24 * 3600.0


def simulate_command(args: Namespace, progress: Callable[[float], None] | None = None) -> dict[str, Any]:
    """Write what was asked for and describe it.

    Parameters
    ----------
    args : Namespace
        ``kind`` (list of names), ``output`` (file), and, None where not given, ``seed``, ``duration`` (s),
        ``sfreq`` (Hz) and ``montage``.
    progress : callable, optional
        Told the share that is done while a night is written.

    Returns
    -------
    dict
        JSON: the three files, what was simulated, and how many events of each label there are.

    Raises
    ------
    ToolError
        If a kind is not known, kinds do not go together, or the file cannot be written.
    """
    kinds = tuple(args.kind)
    path = Path(args.output)
    if path.suffix.lower() != ".edf":
        raise ToolError("The file to write has to end in .edf.", field="o")
    if not path.parent.is_dir():
        raise ToolError("The folder of the file to write does not exist.", field="o")
    if path.exists() and not path.is_file():
        raise ToolError("The output must be a plain file; name another.", field="o")
    try:
        truth = _night(args, path, progress) if kinds == ("night",) else _write(_short(args, kinds), path)
    except OSError as error:
        raise ToolError(f"The file cannot be written ({error.strerror}).", field="o") from None
    return _document(truth, path)


def _seed(args: Namespace) -> int:
    seed = 0 if args.seed is None else int(args.seed)
    if not 0 <= seed < 2**63:
        raise ToolError("A seed is a whole number from 0 on.", field="seed")
    return seed


def _montage(args: Namespace, usual: str) -> str:
    """Accept the names of `tools.montage` as well, where the simulator has the montage under its own."""
    wanted = (
        usual
        if args.montage is None
        else str(args.montage).strip().lower().replace(" ", "_").replace("-", "_")
    )
    known = {
        "ears": "linked_ears", "as_recorded": "linked_ears", "mastoids": "sleep", "bipolar": "longitudinal",
        "double_banana": "longitudinal", "avg": "average",
    }  # fmt: skip
    wanted = known.get(wanted, wanted)
    if wanted not in MONTAGES:
        raise ToolError(
            "That montage cannot be simulated; use one of those listed.", field="montage", choices=MONTAGES
        )
    return wanted


def _night(args: Namespace, path: Path, progress: Callable[[float], None] | None) -> Truth:
    from models.night import write_night

    seconds = _seconds(args, 8 * 3600.0)
    if not 180 <= seconds <= _LARGEST:
        raise ToolError("A night has to last between 180 and 86400 s.", field="duration")
    return write_night(
        path, _seed(args), hours=seconds / 3600, sfreq=_rate(args), montage=_montage(args, "sleep")
    )


def _rate(args: Namespace) -> float:
    rate = 200.0 if args.sfreq is None else float(args.sfreq)
    # EDF holds a whole number of samples in a record, and a record of one second is what all programs read.
    if not 50 <= rate <= 1000 or rate != round(rate):
        raise ToolError("The sampling rate has to be a whole number from 50 to 1000 Hz.", field="sfreq")
    return rate


def _seconds(args: Namespace, usual: float) -> float:
    seconds = usual if args.duration is None else float(args.duration)
    if not seconds.is_integer():
        raise ToolError("The duration has to be a whole number of seconds.", field="duration")
    return seconds


def _short(args: Namespace, kinds: Sequence[str]) -> Specimen:
    from models.catalogue import KINDS
    from models.recipes import ALL
    from models.segments import simulate_segment
    from models.simulate import make

    choices = (*KINDS, "night", *(_SEGMENT + name for name in ALL))
    montage, segments = _montage(args, "linked_ears"), [kind for kind in kinds if kind.startswith(_SEGMENT)]
    if segments and len(kinds) == 1:
        category = segments[0].removeprefix(_SEGMENT)
        if category in ALL:
            seconds = _seconds(args, 10.0)
            return simulate_segment(
                category, _seed(args), duration=seconds, sfreq=_rate(args), montage=montage
            )
    if not kinds or any(kind not in KINDS for kind in kinds):
        alone = "night" in kinds or segments
        message = (
            "A night or segment is simulated by itself; name one of them, or kinds that go together."
            if alone and all(kind in choices for kind in kinds)
            else "That kind cannot be simulated; use those listed."
        )
        raise ToolError(message, field="kind", choices=choices)
    return make(kinds, duration=_seconds(args, 60.0), sfreq=_rate(args), seed=_seed(args), montage=montage)


def _write(made: Specimen, path: Path) -> Truth:
    write_specimen(made, path)
    return made.truth


def simulation_words(document: dict[str, Any]) -> str:
    """Say in a few lines what was written."""
    held = ", ".join(f"{label} {count}" for label, count in document["labels"].items()) or "no event"
    lines = [
        f"{document['path']}: {document['duration_s']:g} s, {document['sfreq_hz']:g} Hz, {document['montage']}",
        f"events: {held}",
        f"truth: {document['truth']}, {document['events']}",
    ]
    if document["stages"]:
        stages = ", ".join(f"{stage} {count}" for stage, count in document["stages"].items())
        lines.insert(1, f"epochs of 30 s: {stages}")
    return "\n".join(lines)


def _document(truth: Truth, path: Path) -> dict[str, Any]:
    return {
        "path": str(path),
        "truth": str(path.with_name(path.stem + "_truth.json")),
        "events": str(path.with_name(path.stem + "_events.tsv")),
        "kinds": list(truth.kinds),
        "duration_s": truth.duration,
        "sfreq_hz": truth.sfreq,
        "montage": truth.montage,
        "seed": truth.seed,
        "state": truth.background.state,
        "labels": dict(sorted(Counter(event.label for event in truth.events).items())),
        "decoys": dict(sorted(Counter(entry.event.label for entry in truth.decoys).items())),
        "stages": dict(sorted(Counter(truth.stages).items())),
    }
