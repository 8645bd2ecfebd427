"""What is known about a simulated recording: records to compare with, and the files that hold them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import Field

from tools.events import write_tsv
from tools.types import Event, Place, Record, Side

Stratum = Literal["easy", "medium", "hard", "faint"]
FORMAT = 1
"""Number of the JSON form; it rises when a field changes its meaning."""


def stratum(snr: float) -> Stratum:
    """Sort an event by its peak over the robust deviation of the background at its strongest electrode."""
    if snr > 6:
        return "easy"
    if snr >= 4:
        return "medium"
    return "hard" if snr >= 2.5 else "faint"


class Planted(Record):
    """One thing that was put into a recording, as seen in average reference."""

    event: Event
    kind: str
    """What was drawn, more precisely than the label: ``centrotemporal spike``."""
    peak: float
    """Second at which it is largest."""
    peak_channel: str
    polarity: Literal["negative", "positive", "none"]
    """Of the peak at its strongest electrode; ``none`` for noise."""
    snr: float
    stratum: Stratum


class PosteriorTruth(Place):
    """The posterior rhythm as it was drawn."""

    frequency_hz: float
    rms_uv: float
    """At the stronger of O1 and O2, average reference."""
    left_over_right: float


class SlowingTruth(Place):
    """Added theta or delta."""

    extent: Literal["generalized", "focal"]
    side: Side
    band_hz: tuple[float, float]
    rms_uv: float


class BackgroundTruth(Record):
    """The settings of the background, all of them inputs and none measured."""

    state: str
    age_years: float | None = None
    exponent: float
    """Power falls as frequency to the minus this."""
    rms_uv: float
    """Median over the electrodes, average reference, rhythms excluded."""
    posterior: tuple[PosteriorTruth, ...] = ()
    slowing: tuple[SlowingTruth, ...] = ()
    fast_activity_rms_uv: float | None = None
    low_voltage: bool = False
    changing: bool = False
    asymmetry: float | None = None
    """Amplitude of everything on the left over that on the right, where a side was attenuated."""


class PatternTruth(Place):
    """A periodic or rhythmic pattern, seizure or burst suppression."""

    label: str
    side: Side
    frequency_hz: float | None = None
    end_frequency_hz: float | None = None
    """At its end, where it evolves."""
    modifiers: tuple[str, ...] = ()
    """``+S``, ``+F``, ``+R``, ``evolving``."""
    cycles: int | None = None


class Truth(Record):
    """All that is known about one simulated recording."""

    format: int = FORMAT
    generator: str = "standard"
    """Name of the generator variant."""
    seed: int
    kinds: tuple[str, ...] = ()
    category: str | None = None
    """Sub-category of which a segment is an example."""
    duration: float
    sfreq: float
    montage: str
    background: BackgroundTruth
    patterns: tuple[PatternTruth, ...] = ()
    stages: tuple[str, ...] = ()
    """Sleep stage of every 30-s epoch."""
    planted: tuple[Planted, ...] = ()
    decoys: tuple[Planted, ...] = ()
    """What must not be called: benign variants and lesser artifacts outside the vocabulary."""
    faults: tuple[str, ...] = Field(default=())

    @property
    def events(self) -> tuple[Event, ...]:
        """The events alone, in order of onset."""
        return tuple(entry.event for entry in self.planted)


def write_truth(truth: Truth, path: Path) -> tuple[Path, Path]:
    """Write the truth beside a recording as JSON and its events as a BIDS table.

    Parameters
    ----------
    truth : Truth
        Of one recording.
    path : Path
        Of the recording; ``night.edf`` gives ``night_truth.json`` and ``night_events.tsv``.

    Returns
    -------
    tuple of Path
        JSON file, table.
    """
    document, table = path.with_name(path.stem + "_truth.json"), path.with_name(path.stem + "_events.tsv")
    text = json.dumps(truth.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
    document.write_text(text + "\n", encoding="utf-8")
    write_tsv(truth.events, table)
    return document, table


def read_truth(path: Path) -> Truth:
    """Read what `write_truth` wrote; the path is that of the recording."""
    return Truth.model_validate_json(path.with_name(path.stem + "_truth.json").read_text(encoding="utf-8"))
