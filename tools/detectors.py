"""The registry of detectors: which function looks for which labels, on which copy of the signal.

To add a detector, write a function ``Segment -> Detection`` in its own file and give it an entry here. One
function may look for several labels that compete for the same waves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tools.alpha import find_alpha
from tools.arousals import find_arousals
from tools.artifacts import find_extreme, find_flat
from tools.bad_channels import find_bad_channels
from tools.blinks import find_blinks
from tools.discharges import find_discharges
from tools.drifts import find_drifts
from tools.eye_movements import find_eye_movements
from tools.gaze import find_gaze
from tools.heart import find_heartbeats
from tools.kcomplexes import find_k_complexes
from tools.line_noise import find_line_noise
from tools.mu import find_mu
from tools.muscle import find_muscle
from tools.patterns import find_patterns
from tools.pops import find_pops
from tools.sawtooth import find_sawtooth_waves
from tools.slow_waves import find_slow_waves
from tools.spindles import find_spindles
from tools.types import Detection, Filters, Kind, Segment
from tools.vertex import find_vertex_waves


class Copy(NamedTuple):
    """How the signal is prepared for a detector; no montage means the average, where that is possible."""

    montage: str | None
    filters: Filters
    kinds: tuple[Kind, ...] = ("eeg",)


COPIES: dict[str, Copy] = {
    "raw": Copy("as_recorded", Filters()),
    "sleep": Copy(None, Filters(low_cut_hz=0.3)),
    "eyes": Copy(None, Filters(low_cut_hz=0.3), kinds=("eeg", "eog")),
    # Everything a body gives off, with its drifts; a segment has one rate, so slower channels are left out.
    "body": Copy(None, Filters(), kinds=("eeg", "eog", "emg", "ecg", "resp")),
}


class DetectorEntry(NamedTuple):
    """How labels are looked for."""

    labels: tuple[str, ...]
    copy: str
    """Key of `COPIES`."""
    find: Callable[[Segment], Detection]
    lasting: bool = False
    """States may last for hours: what continues from block to block is joined."""
    masked_by: tuple[str, ...] = ()
    """Artifacts that make an event doubtful; found, but not listed unless asked for."""
    explained_by: tuple[str, ...] = ()
    """Labels that account for the same wave: an event that one of them covers is left out."""


_SPOILT = ("hfnoise", "extreme", "flat", "bad_channel")

DETECTORS: tuple[DetectorEntry, ...] = (
    DetectorEntry(("spindle",), "sleep", find_spindles, masked_by=_SPOILT, explained_by=("seizure",)),
    DetectorEntry(
        ("kcomplex",),
        "sleep",
        find_k_complexes,
        masked_by=("eyem", *_SPOILT),
        explained_by=("spsw", "GPD", "burst_suppression"),
    ),
    DetectorEntry(("vertex",), "sleep", find_vertex_waves, masked_by=_SPOILT, explained_by=("kcomplex",)),
    DetectorEntry(
        ("slow_wave",),
        "sleep",
        find_slow_waves,
        masked_by=("eyem", "chewing", "movement", *_SPOILT),
        explained_by=("spsw", "GPD", "GRDA", "LRDA", "seizure", "burst_suppression"),
    ),
    DetectorEntry(("sawtooth",), "sleep", find_sawtooth_waves, masked_by=("movement", *_SPOILT)),
    DetectorEntry(("arousal",), "sleep", find_arousals, masked_by=("extreme", "flat", "bad_channel")),
    DetectorEntry(
        ("rem", "sem"), "body", find_eye_movements, masked_by=("movement", "extreme", "flat", "bad_channel")
    ),
    DetectorEntry(("eyem",), "eyes", find_blinks, masked_by=("extreme", "flat", "bad_channel")),
    DetectorEntry(
        ("eyer+", "eyer-"), "eyes", find_gaze, masked_by=("extreme", "movement", "flat", "bad_channel")
    ),
    DetectorEntry(
        ("hfnoise", "chewing", "movement"),
        "sleep",
        find_muscle,
        lasting=True,
        masked_by=("flat", "bad_channel"),
    ),
    DetectorEntry(
        ("alpha",),
        "sleep",
        find_alpha,
        lasting=True,
        masked_by=("movement", *_SPOILT),
        explained_by=("spindle", "burst_suppression"),
    ),
    DetectorEntry(
        ("mu",),
        "sleep",
        find_mu,
        masked_by=("movement", *_SPOILT),
        explained_by=("spindle", "burst_suppression"),
    ),
    DetectorEntry(("pop",), "raw", find_pops, masked_by=("movement", "extreme", "flat", "bad_channel")),
    DetectorEntry(
        ("respiration", "sweat"),
        "body",
        find_drifts,
        lasting=True,
        masked_by=("extreme", "movement", "bad_channel"),
    ),
    DetectorEntry(("ecg",), "body", find_heartbeats, lasting=True, masked_by=("movement", "extreme")),
    DetectorEntry(("line_noise",), "raw", find_line_noise, lasting=True, masked_by=("bad_channel",)),
    DetectorEntry(("flat",), "raw", find_flat, lasting=True),
    DetectorEntry(("extreme",), "raw", find_extreme, lasting=True, explained_by=("movement",)),
    DetectorEntry(("bad_channel",), "raw", find_bad_channels, lasting=True),
    DetectorEntry(
        ("spike", "sharp", "spsw"),
        "sleep",
        find_discharges,
        masked_by=("chewing", "movement", "pop", *_SPOILT),
        explained_by=("LPD", "GPD", "BIPD", "seizure", "burst_suppression"),
    ),
    DetectorEntry(
        ("LPD", "GPD", "BIPD", "LRDA", "GRDA", "seizure", "burst_suppression"),
        "sleep",
        find_patterns,
        lasting=True,
        masked_by=("chewing", "movement", "extreme", "flat", "bad_channel"),
    ),
)

DETECTOR_OF: dict[str, DetectorEntry] = {label: entry for entry in DETECTORS for label in entry.labels}
"""The entry that looks for a label."""
