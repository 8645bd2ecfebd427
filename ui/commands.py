"""What the commands on a recording do: each gives the JSON document of its contract and its words."""

from __future__ import annotations

import argparse
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.types import ToolError

if TYPE_CHECKING:
    from tools.io import OpenRecording
    from tools.types import Event, Page

EPOCH_PROFILES = ("sleepvlm", "sleepvlm-bench")
FIRST_SECONDS = 10.0
"""Length of the stretch that is taken when none is asked for."""

LONGEST_PAGE = 3600.0


class Outcome(NamedTuple):
    """What a command has to say: to programs and to people."""

    document: dict[str, Any]
    text: str


def info(args: argparse.Namespace) -> Outcome:
    """Say what is in a recording."""
    from ui.wording import recording_words

    with open_file(args) as recording:
        content = recording.info
    document = {
        "format": content.format, "duration_s": content.duration,
        "start_time_of_day": content.start_time_of_day,
        "age_years": args.age if args.age is not None else content.age_years, "sex": content.sex,
        "channels": [c.model_dump(mode="json") for c in content.channels],
        "montage_guess": content.montage_guess, "annotations": content.annotations,
        "gaps": [g.model_dump(mode="json") for g in content.gaps], "warnings": list(content.warnings),
    }  # fmt: skip
    return Outcome(document, recording_words(document))


def page(args: argparse.Namespace) -> Outcome:
    """Write a page as a picture."""
    from tools.page import write_page

    target = _output(args.output, args.file)
    with open_file(args) as recording:
        shown = _page(args, recording)
        document = write_page(recording, shown, target, _events_on(recording, shown) if args.events else ())
    files = document.get("paths", {"page": document["path"]}).values()
    size = f"{document['width']} × {document['height']} pixels"
    return Outcome(document, "\n".join([*(f"{file}: {size}" for file in files), *document["notes"]]))


def _page(args: argparse.Namespace, recording: OpenRecording) -> Page:
    from tools.montage import montage_name
    from tools.page import default_page
    from tools.types import Page

    usual = 30.0 if args.profile in EPOCH_PROFILES else FIRST_SECONDS
    start, _ = place_in(args, recording)
    if args.duration and args.duration > LONGEST_PAGE:
        raise ToolError(f"A page shows {LONGEST_PAGE:g} s at most.", field="duration")
    base = default_page(recording.info, start, args.duration or usual)
    change: dict[str, Any] = {"profile": args.profile}
    if args.montage:
        change["montage"] = montage_name(args.montage)
    cuts = {"low_cut_hz": args.low_cut, "high_cut_hz": args.high_cut, "notch_hz": args.notch}
    for name, cut in cuts.items():
        if cut is not None and cut < 0:
            raise ToolError("A cut-off cannot be negative; 0 switches a filter off.", field=name)
        change |= {name: cut or None} if cut is not None else {}
    if args.sensitivity is not None:
        if not 0.01 <= args.sensitivity <= 1e5:
            raise ToolError(
                "The sensitivity must lie between 0.01 and 100000 µV/mm; 7 is usual.", field="sensitivity"
            )
        change["sensitivity_uv_per_mm"] = args.sensitivity
    return Page.model_validate(base.model_dump() | change)


def _events_on(recording: OpenRecording, shown: Page) -> tuple[Event, ...]:
    from tools.detect import detect as run_detectors

    return run_detectors(recording, onset=shown.onset, duration=shown.duration).events


def bands(args: argparse.Namespace) -> Outcome:
    """Measure band power per channel."""
    from agent.bands import measure_bands
    from ui.wording import bands_words

    names = [part.strip() for part in (args.channels or "").split(",") if part.strip()]
    if args.channels is not None and not names:
        raise ToolError("Name one channel or more, separated by commas.", field="channels")
    with open_file(args) as recording:
        known = [_channel(name, recording) for name in names] or None
        document = measure_bands(recording, *place_in(args, recording), known)
    return Outcome(document, bands_words(document))


def _channel(name: str, recording: OpenRecording) -> str:
    """The channel's name here: in any case, and by what it means (``T7`` is T3)."""
    from tools.channels import canonical_name

    lower = {known.lower(): known for known in recording.info.names()}
    return lower.get(name.lower()) or lower.get(canonical_name(name).lower()) or name


def describe(args: argparse.Namespace) -> Outcome:
    """Describe a page."""
    from agent.describe import describe as describe_span
    from ui.wording import description_words

    with open_file(args) as recording:
        age = args.age if args.age is not None else recording.info.age_years
        made = describe_span(recording, *place_in(args, recording), age_years=age).description
    return Outcome(made.model_dump(mode="json"), description_words(made))


def detect(args: argparse.Namespace) -> Outcome:
    """Look for waveforms and artifacts; without a place, in the whole recording."""
    from tools.detect import detect as run_detectors
    from tools.events import write_tsv
    from tools.labels import LABELS, to_labels
    from ui.wording import detection_words

    labels = to_labels(args.labels) if args.labels is not None else None
    if labels == ():
        raise ToolError("Name one label or more, separated by commas.", field="labels", choices=LABELS)
    target = _output(args.output, args.file) if args.output is not None else None
    with open_file(args) as recording:
        start, duration = place_in(args, recording, usual=None)
        found = run_detectors(recording, labels=labels, onset=start, duration=duration, progress=_progress)
    if target:
        write_tsv(found.events, target)
    return Outcome(found.model_dump(mode="json"), detection_words(found))


def _progress(share: float) -> None:
    if share < 1:  # a short stretch is done before anyone could read it
        print(f"… {100 * share:.0f} %", file=sys.stderr)


def simulate(args: argparse.Namespace) -> Outcome:
    """Write a simulated recording with its truth beside it."""
    from models.command import simulate_command, simulation_words

    document = simulate_command(args, _progress)
    return Outcome(document, simulation_words(document))


def bench(args: argparse.Namespace) -> Outcome:
    """Measure speed against the usual libraries; it prints its table as it goes."""
    if args.what == "accuracy":
        from evals.accuracy import run_accuracy

        named = args.data or os.environ.get("GLOSSA_DATA")
        data = Path(named) if named else None
        if data is not None and not data.is_dir():
            raise ToolError("There is no such folder of labelled recordings.", field="data")
        return Outcome(run_accuracy(per_category=args.per_category, data=data, quiet=args.json), "")
    from evals.bench import run_bench

    if not 0.1 <= args.hours <= 24:
        raise ToolError("The night lasts 0.1 to 24 hours.", field="hours")
    return Outcome(run_bench(rounds=args.rounds, hours=args.hours, quiet=args.json), "")


def open_file(args: argparse.Namespace) -> OpenRecording:
    """Open the recording that a command is about."""
    from tools.io import open_recording

    return open_recording(args.file)


def place_in(
    args: argparse.Namespace, recording: OpenRecording, usual: float | None = FIRST_SECONDS
) -> tuple[float, float]:
    """The stretch asked for, cut at the end; without a duration the usual one, or all that is left."""
    total = recording.info.duration
    start = 0.0 if args.start is None else args.start
    if not 0 <= start < total:
        raise ToolError(f"The start must lie between 0 and {total:g} s.", field="start")
    if args.duration is not None and args.duration <= 0:
        raise ToolError("The duration must be more than 0 s.", field="duration")
    wanted = usual if args.duration is None else args.duration
    return start, total - start if wanted is None else min(wanted, total - start)


def _output(name: str, recording: str) -> Path:
    """Check what is to be written, before any work: never the recording itself, a device or a folder."""
    path = Path(name)
    try:
        there = os.stat(path)
    except (OSError, ValueError):
        return path  # nothing there yet, or nothing that can be: writing will tell
    if not stat.S_ISREG(there.st_mode):
        raise ToolError("The output must be a plain file; name another.", field="o")
    if os.path.exists(recording) and os.path.samefile(path, recording):
        raise ToolError("The output would overwrite the recording; name another file.", field="o")
    return path
