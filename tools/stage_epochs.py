"""What the scoring rules ask of every epoch, measured once over the whole recording.

Waveforms come from the detectors; what lasts (alpha, the tone of the chin, how much the eyes move) is measured
second by second here. What could not be measured is None, never zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.stage_events import EpochEvents, sort_events
from tools.stage_seconds import DEFAULTS, EPOCH, EpochSettings, seconds_of
from tools.staging_channels import StagingChannels
from tools.types import Detection

if TYPE_CHECKING:
    from tools.io import OpenRecording

Array = NDArray[np.float64]

LABELS = (
    "spindle", "kcomplex", "slow_wave", "vertex", "sawtooth", "rem", "sem", "arousal", "eyem", "hfnoise",
    "extreme", "flat", "movement",
)  # fmt: skip
"""Labels of the vocabulary that decide about stages."""
BLOCK = 10
"""Epochs that are in memory at a time."""


class Epoch(NamedTuple):
    """The measurements of one epoch; times are seconds within it."""

    onset: float
    duration: float
    missing_s: float = 0.0
    """Without signal, or flat."""
    obscured_s: float = 0.0
    """Too disturbed to be read."""
    alpha_s: float | None = None
    alpha_hz: float | None = None
    slow_wave_s: float | None = None
    slow_waves: int | None = None
    tall_s: float | None = None
    """Around which the EEG spans more than 75 µV within 2 s and is mostly slow; a wave makes one to three."""
    spindles: tuple[float, ...] | None = None
    kcomplexes: tuple[float, ...] | None = None
    """Spontaneous ones."""
    kcomplexes_arousal: tuple[float, ...] = ()
    """Those with an arousal in them or right after."""
    vertex: tuple[float, ...] | None = None
    sawtooth_s: float | None = None
    rem: tuple[float, ...] | None = None
    sem: tuple[float, ...] | None = None
    blinks: tuple[float, ...] | None = None
    arousals: tuple[float, ...] | None = None
    movements: tuple[float, ...] = ()
    tone_uv: float | None = None
    """Resting level of the chin, RMS."""
    eye_over_eeg: float | None = None
    """Movement of the eyes (0.5 to 4 Hz) over that of the frontal EEG."""
    sigma: float | None = None
    """log10 of the power of 11 to 16 Hz over what a straight line from 6-10 to 18-28 Hz foretells."""
    slope: float | None = None
    """By which power falls with frequency from 2 to 30 Hz, alpha and spindle bands left out."""
    slow_uv: float | None = None
    """RMS of 0.5 to 4 Hz in the frontal EEG."""
    frequency: float | None = None
    """Hertz: centre of gravity of the power of 2 to 12 Hz."""


def measure_epochs(
    recording: OpenRecording,
    found: Detection,
    channels: StagingChannels,
    *,
    settings: EpochSettings = DEFAULTS,
    progress: Callable[[float], None] | None = None,
) -> tuple[Epoch, ...]:
    """Measure every whole epoch of a recording.

    Parameters
    ----------
    recording : OpenRecording
        All of it is read, `BLOCK` epochs at a time.
    found : Detection
        From ``tools.detect.detect`` over the whole recording with `LABELS`.
    channels : StagingChannels
        From ``tools.staging_channels.staging_channels``; at least one EEG derivation.
    settings : EpochSettings
        How seconds are judged.
    progress : callable, optional
        Told the share that is done.

    Returns
    -------
    tuple of Epoch
        As many as fit into the recording, possibly none.

    Notes
    -----
    Alpha is counted in seconds of which the centre of a 2-s window is dominated by it; seconds under a sleep
    spindle are left out. Slow waves count in the frontal channel in which they cover most of the epoch; those
    that are part of a K-complex do not. The tone of the chin is the 20th percentile of the seconds, so that
    twitches do not raise it.
    """
    count = int((recording.info.duration + 0.01) // EPOCH)
    parts = []
    for first in range(0, count, BLOCK):
        last = min(first + BLOCK, count)
        parts.append(seconds_of(recording, channels, first, last, settings))
        if progress is not None:
            progress(last / count)
    if not parts:
        return ()
    whole = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    events = sort_events(found, channels, count, LABELS)
    return tuple(_epoch(number, whole, events) for number in range(count))


# --- one epoch --------------------------------------------------------------------------------------------


def _epoch(number: int, whole: dict[str, Array], events: EpochEvents) -> Epoch:
    rows = slice(int(number * EPOCH), int((number + 1) * EPOCH))
    missing, obscured, alpha, tall = (
        whole[key][rows] > 0 for key in ("missing", "obscured", "alpha", "tall")
    )
    for label in ("movement", "extreme"):
        _lay(obscured, events.spans.get(label), number, True)
    _lay(alpha, events.spans.get("spindle"), number, False)
    _lay(tall, events.spans.get("eyem"), number, False, reach=1.0)

    def at(label: str) -> tuple[float, ...] | None:
        return events.starts[label][number] if label in events.starts else None

    eyes, slow = whole["eyes"][rows], whole["slow"][rows]
    return Epoch(
        onset=number * EPOCH,
        duration=EPOCH,
        missing_s=float(missing.sum()),
        obscured_s=float((obscured & ~missing).sum()),
        alpha_s=float(alpha.sum()),
        alpha_hz=round(float(np.median(whole["peak"][rows][alpha])), 1) if alpha.any() else None,
        slow_wave_s=None if events.slow_s is None else round(float(events.slow_s[number]), 2),
        slow_waves=None if events.slow_n is None else int(events.slow_n[number]),
        tall_s=float((tall & ~obscured).sum()),
        spindles=at("spindle"),
        kcomplexes=None if events.spontaneous is None else events.spontaneous[number],
        kcomplexes_arousal=() if events.aroused is None else events.aroused[number],
        vertex=at("vertex"),
        sawtooth_s=None if events.sawtooth_s is None else round(float(events.sawtooth_s[number]), 2),
        rem=at("rem"),
        sem=at("sem"),
        blinks=at("eyem"),
        arousals=at("arousal"),
        movements=at("movement") or (),
        tone_uv=_percentile(whole["chin"][rows], 20),
        eye_over_eeg=_ratio(eyes, slow),
        sigma=_number(whole["sigma"][number]),
        slope=_number(whole["slope"][number]),
        slow_uv=_percentile(slow, 50),
        frequency=_number(whole["frequency"][number]),
    )


def _lay(
    flags: NDArray[np.bool_], spans: list[list[tuple[float, float]]] | None, number: int, value: bool,
    *, reach: float = 0.0,
) -> None:  # fmt: skip
    """Set the seconds that events cover, those that began in the epoch before included."""
    if spans is None:
        return
    for back in (0, 1):
        for start, stop in spans[number - back] if number >= back else ():
            first = int(np.floor(start - reach - back * EPOCH))
            last = int(np.ceil(stop + reach - back * EPOCH))
            flags[max(first, 0) : max(last, 0)] = value


def _number(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None


def _percentile(values: Array, share: float) -> float | None:
    values = values[np.isfinite(values)]
    return round(float(np.percentile(values, share)), 3) if values.size else None


def _ratio(eyes: Array, eeg: Array) -> float | None:
    """Over the quarter of the seconds in which the eyes move most, since they do so in bursts."""
    moving, still = eyes[np.isfinite(eyes)], eeg[np.isfinite(eeg)]
    if not moving.size or not still.size:
        return None
    return round(float(np.percentile(moving, 75) / max(float(np.percentile(still, 75)), 0.1)), 3)
