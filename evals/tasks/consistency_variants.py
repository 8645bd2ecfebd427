"""The same ten seconds in another montage, mirrored, upside down, and later in a longer recording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.simulate import Simulated, write_edf
from tools.io import open_recording
from tools.labels import mirror
from tools.montage import apply_montage
from tools.types import Segment

LATER_S = 20.0
"""By how much the late copy is later: more than a segment lasts, so that no time of the one is one of the other."""


def write_variants(recording: Path, folder: Path) -> None:
    """Write every variant of a recording as ``NAME/FILE`` below a folder, where it is missing.

    Parameters
    ----------
    recording : Path
        EDF file of one segment at 10-20 electrodes.
    folder : Path
        It gets one folder for each of `VARIANTS`.
    """
    paths = {name: folder / name / recording.name for name in VARIANTS}
    if all(path.is_file() for path in paths.values()):
        return
    with open_recording(recording) as opened:
        segment = opened.read(0.0, opened.info.duration)
    segment = replace(segment, data=np.nan_to_num(segment.data), reference="linked ears")
    for name, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_edf(Simulated(VARIANTS[name](segment), ()), path)


def in_pairs(segment: Segment) -> Segment:
    """Recorded along chains, front to back, so that no single electrode can be had back."""
    return apply_montage(segment, "longitudinal")


def mirrored(segment: Segment) -> Segment:
    """What was on the left is on the right; electrodes keep their places."""
    rows = [segment.channels.index(mirror(channel)) for channel in segment.channels]
    return replace(segment, data=segment.data[rows])


def upside_down(segment: Segment) -> Segment:
    """Every wave with the other polarity."""
    return replace(segment, data=-segment.data)


def later(segment: Segment) -> Segment:
    """Preceded by its own reflection, which joins without a step and is of the same kind.

    The segment itself is untouched, so nothing may be told differently but when it happens.
    """
    samples = round(LATER_S * segment.sfreq)
    return replace(segment, data=np.pad(segment.data, ((0, 0), (samples, 0)), mode="reflect"))


VARIANTS: dict[str, Callable[[Segment], Segment]] = {
    "montage": in_pairs, "swapped": mirrored, "flipped": upside_down, "shifted": later,
}  # fmt: skip
"""How each variant is made."""
