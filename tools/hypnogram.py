"""Existing sleep scoring: read from a file, put on the grid of 30-s epochs, and compared with another.

Whatever names a file uses, the stages become W, N1, N2, N3 and R. Nothing else of a file's text is kept.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tools.hypnogram_edf import edf_annotations
from tools.labels import STAGES
from tools.stage_seconds import EPOCH
from tools.types import Place, Record, ToolError
from tools.whole import write_whole

COLUMNS = ("onset", "duration", "trial_type", "confidence", "p_W", "p_N1", "p_N2", "p_N3", "p_R", "rules")
"""Columns of a written hypnogram; the first three are those that BIDS prescribes."""
_ONSET_COLUMNS = ("onset", "onset_s", "start", "start_s", "recording onset")
_STAGE_COLUMNS = ("stage", "trial_type", "sleep_stage", "description", "label", "annotation", "event", "name")
_PREFIX = re.compile(r"^(?:sleep)?[\s_-]*(stage|stade)?[\s_:-]*", re.IGNORECASE)
_NAMES: dict[str, str | None] = {
    "w": "W", "wake": "W", "awake": "W", "wakefulness": "W", "wk": "W", "r": "R", "rem": "R",
    "n1": "N1", "n2": "N2", "n3": "N3", "n4": "N3", "s0": "W", "s1": "N1", "s2": "N2", "s3": "N3", "s4": "N3",
    "nrem1": "N1", "nrem2": "N2", "nrem3": "N3", "nrem4": "N3",
} | dict.fromkeys(("?", "movement", "movementtime", "mt", "m", "unknown", "unscored", "undefined", "artifact",
                   "artefact", "none", "n/a", "na", "u"))  # fmt: skip
_AFTER_STAGE = {"0": "W", "1": "N1", "2": "N2", "3": "N3", "4": "N3", "5": "R"}
"""Numbers mean stages only behind the word: elsewhere 4 is as often REM as stage 4."""
_OLD = re.compile(r"^(?:[1-4]|s[1-4]|n4|nrem4)$")
_DREAMS = {5: "W", 4: "R", 3: "N1", 2: "N2", 1: "N3", 0: "N3"}
"""Numbers of the DREAMS database, where sleep gets lighter as they grow; 0 is stage 4, negative ones are unscored."""
_LARGEST = 16 << 20
"""Bytes of a text: more than a year in epochs."""


class ScoredSpan(Place):
    """A stretch to which a scorer gave a stage; None where one was looked for and not given."""

    stage: str | None


class Hypnogram(Record):
    """The stages of a recording as somebody scored them."""

    spans: tuple[ScoredSpan, ...]
    """In order of onset."""
    nomenclature: str
    """``AASM``, or ``R&K`` where stages 3 and 4 were told apart and had to be put together as N3."""

    def on_grid(self, epochs: int, epoch: float = EPOCH) -> tuple[str | None, ...]:
        """Give every epoch the stage that covers most of it, None where that is less than half of it.

        Of two that cover the same, the one that began first is taken.
        """
        grid: list[dict[str, float]] = [{} for _ in range(epochs)]
        for span in self.spans:
            if span.stage is None:
                continue
            stop = span.onset + span.duration
            for number in range(int(span.onset // epoch), min(epochs, math.ceil(stop / epoch))):
                common = min(stop, (number + 1) * epoch) - max(span.onset, number * epoch)
                grid[number][span.stage] = grid[number].get(span.stage, 0.0) + common
        made: list[str | None] = []
        for found in grid:
            best = max(found, key=lambda stage: found[stage]) if found else None
            made.append(best if best is not None and sum(found.values()) >= epoch / 2 else None)
        return tuple(made)


class Named(NamedTuple):
    """What a file's word for a stage means."""

    stage: str | None
    """None for a stretch that was left unscored."""
    old: bool
    """Whether only Rechtschaffen and Kales name stages like this."""


def to_stage(text: str) -> Named | None:
    """Translate what a file calls a stage.

    Parameters
    ----------
    text : str
        ``Sleep stage W``, ``N2``, ``S3``, ``REM``, ``Sleep stage 4``, ``Movement time`` and their likes.

    Returns
    -------
    Named or None
        None where the text names no stage; a bare number names none, since 4 is REM to some and stage 4 to
        others.
    """
    prefix = _PREFIX.match(text.strip())
    rest = text.strip()[prefix.end() if prefix else 0 :]
    name = re.sub(r"[\s_-]", "", rest.lower())
    old = bool(_OLD.match(name))
    if name in _NAMES:
        return Named(_NAMES[name], old)
    if prefix is not None and prefix[1] and name in _AFTER_STAGE:
        return Named(_AFTER_STAGE[name], old)
    return None


def read_hypnogram(path: Path) -> Hypnogram:
    """Read scoring from a file.

    Parameters
    ----------
    path : Path
        EDF+ with annotations such as ``Sleep stage N2`` or ``Sleep stage 4`` (with signals or without, as the
        hypnograms of Sleep-EDF), a table with tabs or commas and the columns onset, duration and stage (or
        ``trial_type``), a text with one stage per line and epoch of 30 s, or a hypnogram of the DREAMS
        database with one number per 5 s.

    Returns
    -------
    Hypnogram
        Times count from the start of the file; it is taken to start with the recording.

    Raises
    ------
    ToolError
        With ``field="scoring"`` where there is no scoring in the file, or it cannot be told how to read it.
    """
    content = _content(path)
    if content[:8] in (b"0       ", b"\xffBIOSEMI"):
        return _from_marks(edf_annotations(path))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("The scoring is neither EDF+ nor a text.") from None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise _refused("The scoring is empty.")
    if lines[0].lower().startswith("[hypnogram"):
        return _dreams(lines)
    table = _table(text)
    return _from_marks(table) if table is not None else _one_per_line(lines)


def _content(path: Path) -> bytes:
    """The beginning of an EDF file, or all of a text."""
    try:
        if not path.is_file():
            raise _refused("There is no such file of scoring.")
        with path.open("rb") as file:
            content = file.read(256)
            if content[:8] not in (b"0       ", b"\xffBIOSEMI"):
                content += file.read(_LARGEST)
    except (OSError, ValueError):
        raise _refused("The scoring cannot be read.") from None
    return content


def _refused(reason: str) -> ToolError:
    return ToolError(
        f"{reason} Give EDF+ annotations, a table with onset, duration and stage, or a stage per line.",
        field="scoring",
    )


def _from_marks(marks: Sequence[tuple[float, float | None, str]]) -> Hypnogram:
    """Stages among annotations; one without a duration lasts until the next, or 30 s at the end."""
    named = [(onset, duration, to_stage(text)) for onset, duration, text in sorted(marks, key=lambda m: m[0])]
    found = [(onset, duration, stage) for onset, duration, stage in named if stage is not None]
    if not any(name.stage for _, _, name in found):
        raise _refused("No sleep stage is named in the scoring; bare numbers mean different stages.")
    spans = []
    for number, (onset, duration, name) in enumerate(found):
        following = found[number + 1][0] if number + 1 < len(found) else onset + EPOCH
        length = duration if duration else following - onset
        if onset + length > 0 and length > 0:
            first = max(onset, 0.0)
            spans.append(ScoredSpan(onset=first, duration=onset + length - first, stage=name.stage))
    old = any(name.old for _, _, name in found)
    return Hypnogram(spans=tuple(spans), nomenclature="R&K" if old else "AASM")


def _table(text: str) -> list[tuple[float, float | None, str]] | None:
    """Rows of a table with a head; None where the text is no table."""
    head = text.lstrip("\ufeff").splitlines()[0]
    delimiter = "\t" if "\t" in head else ("," if "," in head else None)
    if delimiter is None:
        return None
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    onset = next((columns[c] for c in _ONSET_COLUMNS if c in columns), None)
    stage = next((columns[c] for c in _STAGE_COLUMNS if c in columns), None)
    length = next((columns[c] for c in ("duration", "duration_s", "length") if c in columns), None)
    if onset is None or stage is None:
        raise _refused("The table of scoring lacks a column named onset or one named stage.")
    rows = []
    for number, row in enumerate(reader, start=2):
        try:
            at = float(row[onset])
            lasts = (
                float(row[length]) if length is not None and row[length] not in ("", "n/a", None) else None
            )
            if not (math.isfinite(at) and (lasts is None or (math.isfinite(lasts) and lasts >= 0))):
                raise ValueError
        except (TypeError, ValueError):
            raise _refused(f"Line {number} of the scoring has no valid onset and duration.") from None
        rows.append((at, lasts, row[stage] or ""))
    return rows


def _one_per_line(lines: Sequence[str]) -> Hypnogram:
    known = [to_stage(line) for line in lines]
    bad = next((number for number, stage in enumerate(known, start=1) if stage is None), None)
    if bad is not None:
        raise _refused(f"Line {bad} of the scoring names no stage (bare numbers mean different stages).")
    return _from_marks([(EPOCH * number, EPOCH, line) for number, line in enumerate(lines)])


def _dreams(lines: Sequence[str]) -> Hypnogram:
    spans = []
    old = "aasm" not in lines[0].lower()
    for number, line in enumerate(lines[1:]):
        try:
            code = int(line)
        except ValueError:
            raise _refused(f"Line {number + 2} of the scoring is no number.") from None
        spans.append(ScoredSpan(onset=5.0 * number, duration=5.0, stage=_DREAMS.get(code)))
    if not any(span.stage for span in spans):
        raise _refused("No sleep stage is named in the scoring.")
    return Hypnogram(spans=tuple(spans), nomenclature="R&K" if old else "AASM")


def write_hypnogram(
    path: Path,
    stages: Sequence[str | None],
    *,
    probabilities: Sequence[dict[str, float]] = (),
    rules: Sequence[Sequence[str]] = (),
    durations: Sequence[float] = (),
) -> Path:
    """Write stages as a tab-separated table with BIDS columns, ``n/a`` where there is none.

    Raises
    ------
    ToolError
        If the file cannot be written.
    """
    table = io.StringIO()
    writer = csv.writer(table, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    onset = 0.0
    for number, stage in enumerate(stages):
        length = durations[number] if durations else EPOCH
        chances = probabilities[number] if probabilities else {}
        ids = ",".join(rules[number]) if rules else ""
        values = [chances.get(name) for name in STAGES]
        row = [round(onset, 3), round(length, 3), stage, chances.get(stage or ""), *values, ids or None]
        writer.writerow(["n/a" if value is None else value for value in row])
        onset += length
    write_whole(path, table.getvalue().encode())
    return path
