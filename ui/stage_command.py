"""``glossa stage``: the stages of a recording, what makes them, and how they compare with another scoring."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.types import ToolError
from ui.arguments import DISCLAIMER
from ui.commands import Outcome, _output, _progress, open_file

if TYPE_CHECKING:
    from tools.hypnogram import Hypnogram
    from tools.hypnogram_agreement import Agreement
    from tools.io import OpenRecording
    from tools.sleep_statistics import SleepStatistics
    from tools.staging import Staging

_MOST_RUNS = 40
"""Stretches of one stage that are still listed one by one."""
_SHORTEST = 5.0
"""Minutes from which on the numbers of a night are told."""


def stage(args: argparse.Namespace) -> Outcome:
    """Stage a recording; write the stages, a picture, and a comparison where they are asked for."""
    from tools.detect import detect
    from tools.hypnogram import read_hypnogram, write_hypnogram
    from tools.sleep_statistics import sleep_statistics
    from tools.stage_epochs import LABELS
    from tools.staging import stage_recording

    target = _target(args.output, args, "o")
    picture = _target(args.picture, args, "picture")
    if target and picture and target == picture:
        raise ToolError("The table and the picture need two files.", field="picture")
    scored = read_hypnogram(Path(args.scoring)) if args.scoring is not None else None
    with open_file(args) as recording:
        if not recording.info.names("eeg"):
            raise ToolError("Staging needs at least one EEG channel.", field="file")
        found = detect(recording, labels=LABELS, progress=_part(0.0, 0.8))
        made = stage_recording(
            recording, method=args.method, found=found, age_years=args.age, progress=_part(0.8, 0.95)
        )
        arousals = None
        if "arousal" in found.analysed.labels:
            arousals = [event for event in found.events if event.label == "arousal"]
        counted = sleep_statistics(made.stages, total=recording.info.duration, arousals=arousals)
        document = _document(made, counted)
        compared = _compared(scored, made)
        if scored is not None and compared is not None:
            document["comparison"] = {"nomenclature": scored.nomenclature, **compared.model_dump(mode="json")}
        if picture:
            document["picture"] = _draw(picture, recording, made, scored)
    if target:
        write_hypnogram(
            target, made.stages, probabilities=[e.probabilities for e in made.epochs],
            rules=[e.rules for e in made.epochs], durations=[e.duration for e in made.epochs],
        )  # fmt: skip
    return Outcome(document, _words(made, counted, compared))


def _target(name: str | None, args: argparse.Namespace, field: str) -> Path | None:
    """A file to write, checked before any work: neither the recording nor the scoring."""
    if name is None:
        return None
    try:
        path = _output(name, args.file)
    except ToolError as error:
        raise ToolError(error.message, field=field) from None
    scoring = args.scoring
    if scoring is not None and path.exists() and os.path.exists(scoring) and os.path.samefile(path, scoring):
        raise ToolError("The output would overwrite the scoring; name another file.", field=field)
    return path


def _part(first: float, last: float) -> Callable[[float], None]:
    """Progress of one step as part of the whole, told in steps of a twentieth."""
    told = [0]

    def tell(share: float) -> None:
        step = int(20 * (first + (last - first) * share))
        if step > told[0]:
            told[0] = step
            _progress(step / 20)

    return tell


def _document(made: Staging, counted: SleepStatistics) -> dict[str, Any]:
    document = made.model_dump(mode="json")
    epochs = [{k: v for k, v in epoch.items() if k != "channels"} for epoch in document["epochs"]]
    return document | {"epochs": epochs, "statistics": counted.model_dump(mode="json")}


def _compared(scored: Hypnogram | None, made: Staging) -> Agreement | None:
    from tools.hypnogram_agreement import agreement

    if scored is None:
        return None
    return agreement(scored.on_grid(len(made.epochs)), made.stages)


def _draw(path: Path, recording: OpenRecording, made: Staging, scored: Hypnogram | None) -> str:
    from tools.hypnogram_picture import multitaper_spectrogram, write_hypnogram_picture

    whole = [epoch for epoch in made.epochs if epoch.duration >= 30.0]
    derivation = made.channels["central"]
    try:
        write_hypnogram_picture(
            path, [epoch.stage for epoch in whole],
            probabilities=[epoch.probabilities for epoch in whole],
            spectrogram=multitaper_spectrogram(recording, derivation) if whole else None,
            reference=scored.on_grid(len(whole)) if scored else (),
            starts_at=recording.info.start_time_of_day,
        )  # fmt: skip
    except ToolError as error:
        raise ToolError(error.message, field="picture") from None
    return str(path)


# --- words ----------------------------------------------------------------------------------------------


def _words(made: Staging, counted: SleepStatistics, compared: Agreement | None) -> str:
    from ui.wording import folded, missing_words

    lines = _runs(made)
    if counted.recording_min >= _SHORTEST:
        lines += [folded(line, first="  ", indent="  ") for line in _numbers(counted)]
    lines.append(folded(f"By {made.method}.", first="  ", indent="  "))
    if made.agreement is not None:
        differing = sum(epoch.disagreement is not None for epoch in made.epochs)
        lines.append(folded(f"The rules alone agree in {made.agreement:.0%} of the epochs and come to another "
                            f"stage in {differing}.", first="  ", indent="  "))  # fmt: skip
    if compared is not None:
        kappa = "" if compared.kappa is None else f", kappa {compared.kappa:.2f}"
        lines.append(folded(f"With the other scoring: {compared.accuracy:.0%} of {compared.epochs} epochs "
                            f"alike{kappa}.", first="  ", indent="  "))  # fmt: skip
    lines += [folded(f"{note}.", first="Note: ", indent="  ") for note in made.notes]
    return "\n".join([*lines, *missing_words(made.not_analysed), DISCLAIMER])


def _runs(made: Staging) -> list[str]:
    """Stretches of one stage with the rules of their first epoch, as long as there are few."""
    from ui.wording import folded

    runs = [list(group) for _, group in groupby(made.epochs, key=lambda epoch: epoch.stage)]
    if len(runs) > _MOST_RUNS:
        return [f"{len(made.epochs)} epochs in {len(runs)} stretches; -o writes them as a table."]
    lines = []
    for run in runs:
        first, seconds = run[0], sum(epoch.duration for epoch in run)
        said = first.reason or ", ".join(first.rules) or first.disagreement or first.why
        text = f"{first.stage or 'no stage'} for {seconds:g} s" + (f" ({said})" if said else "")
        lines.append(folded(text, first=f"{first.onset:>9.1f} s  ", indent=" " * 13))
    return lines


def _numbers(counted: SleepStatistics) -> list[str]:
    parts = [f"sleep {counted.total_sleep_min:g} of {counted.recording_min:g} min"]
    if counted.efficiency is not None:
        parts.append(f"efficiency {counted.efficiency:.0%}")
    for name, value in (("sleep latency", counted.sleep_latency_min), ("REM latency", counted.rem_latency_min),
                        ("wake after sleep onset", counted.wake_after_onset_min)):  # fmt: skip
        if value is not None:
            parts.append(f"{name} {value:g} min")
    if counted.arousal_index is not None:
        parts.append(f"{counted.arousal_index:g} arousals an hour")
    shares = [
        f"{stage} {minutes:g} min" + (f" ({share:.0%})" if (share := counted.share.get(stage)) else "")
        for stage, minutes in counted.minutes.items()
        if minutes
    ]
    text = ", ".join(parts)
    return [f"{text[0].upper()}{text[1:]}.", *([f"{', '.join(shares)}."] if shares else [])]
