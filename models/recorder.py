"""From the canvas to what a recorder writes: channel faults, reference, montage, file.

The recorder refers every electrode to linked ears and faults happen in it, before any further montage is
calculated; so a flat channel is flat as recorded and shows the rest of the head in average reference, as
in real files. Truth does not depend on the montage.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.canvas import EXTRA, SITES, Canvas, Fault
from models.eyes import leak_into_eog
from models.marking import visible
from models.truth import BackgroundTruth, Truth, write_truth
from tools.labels import TEN_TWENTY
from tools.types import Event, Kind, Segment, ToolError

Array = NDArray[np.float64]

MONTAGES = ("linked_ears", "average", "cz", "longitudinal", "psg", "sleep")
"""What `record` can write; ``psg`` is 19 channels with EOG, chin, ECG and breath, ``sleep`` a sleep laboratory's
six derivations to the opposite mastoid with EOG, chin and ECG."""
SLEEP_EEG = ("F3", "F4", "C3", "C4", "O1", "O2")


class Specimen(NamedTuple):
    """A simulated recording with all that is known about it."""

    segment: Segment
    truth: Truth

    @property
    def events(self) -> tuple[Event, ...]:
        """The planted events, in order of onset."""
        return self.truth.events


def linked_ears(canvas: Canvas) -> Array:
    """The 19 electrodes against linked ears with the faults of the recorder, shape (19, samples)."""
    data = canvas.scalp[:SITES] - canvas.scalp[SITES:].mean(axis=0)
    for fault in canvas.faults:
        _break(data, fault, canvas.sfreq, canvas.rng)
    return np.asarray(data)


def _break(data: Array, fault: Fault, sfreq: float, rng: np.random.Generator) -> None:
    rows = [TEN_TWENTY.index(name) for name in fault.channels if name in TEN_TWENTY]
    first, last = round(fault.start * sfreq), round(fault.stop * sfreq)
    length = data[:, first:last].shape[1]
    if fault.kind == "bridge":
        data[rows, first:last] = data[rows, first:last].mean(axis=0)
        return
    noise = rng.normal(0, 0.3, (len(rows), length))
    data[rows, first:last] = noise if fault.kind == "flat" else fault.level


def record(canvas: Canvas, montage: str = "linked_ears") -> Segment:
    """Give the signal of a canvas as a recorder with this montage writes it, in microvolts.

    Raises
    ------
    ToolError
        If the montage is none of `MONTAGES`.
    """
    if montage not in MONTAGES:
        raise ToolError("That montage cannot be simulated.", field="montage", choices=MONTAGES)
    data = linked_ears(canvas)
    if montage == "sleep":
        return _sleep(canvas, data)
    if montage == "psg":
        extra = np.vstack([leak_into_eog(canvas), canvas.extra[2:]])
        kinds: tuple[Kind, ...] = (*_eeg(SITES), *(kind for _, kind in EXTRA))
        names = TEN_TWENTY + tuple(name for name, _ in EXTRA)
        return Segment(np.vstack([data, extra]), names, canvas.sfreq, kinds=kinds, reference="linked ears")
    if montage == "average":
        return Segment(data - data.mean(axis=0), TEN_TWENTY, canvas.sfreq, reference="average")
    if montage == "cz":
        rows = [row for row, name in enumerate(TEN_TWENTY) if name != "Cz"]
        names = tuple(TEN_TWENTY[row] for row in rows)
        return Segment(data[rows] - data[TEN_TWENTY.index("Cz")], names, canvas.sfreq, reference="Cz")
    segment = Segment(data, TEN_TWENTY, canvas.sfreq, reference="linked ears")
    if montage == "longitudinal":
        from tools.montage import apply_montage

        return apply_montage(segment, "longitudinal")
    return segment


def _eeg(count: int) -> tuple[Kind, ...]:
    kind: Kind = "eeg"
    return (kind,) * count


def _sleep(canvas: Canvas, data: Array) -> Segment:
    ears = canvas.scalp[SITES:] - canvas.scalp[SITES:].mean(axis=0)
    rows, names = [], []
    for name in SLEEP_EEG:
        left = int(name[-1]) % 2 == 1
        rows.append(data[TEN_TWENTY.index(name)] - ears[1 if left else 0])
        names.append(f"{name}-{'M2' if left else 'M1'}")
    extra = np.vstack([leak_into_eog(canvas), canvas.extra[[3, 2]]])
    kinds: tuple[Kind, ...] = (*_eeg(len(names)), "eog", "eog", "emg", "ecg")
    names += ["E1-M2", "E2-M1", "Chin", "ECG"]
    return Segment(
        np.vstack([np.stack(rows), extra]), tuple(names), canvas.sfreq, kinds=kinds, reference="mastoids"
    )


def background_truth(
    canvas: Canvas,
    state: str,
    *,
    exponent: float,
    rms: float,
    age: float | None = None,
    changing: bool = False,
) -> BackgroundTruth:
    """Collect what the elements noted about the background."""
    return BackgroundTruth(
        state=state,
        age_years=age,
        exponent=round(exponent, 3),
        rms_uv=round(rms, 2),
        posterior=tuple(canvas.posterior),
        slowing=tuple(canvas.slowing),
        fast_activity_rms_uv=canvas.notes.get("fast_activity_rms_uv"),
        low_voltage=state == "low_voltage",
        changing=changing,
        asymmetry=canvas.notes.get("asymmetry"),
    )


def specimen(
    canvas: Canvas,
    background: BackgroundTruth,
    *,
    seed: int,
    montage: str = "linked_ears",
    kinds: tuple[str, ...] = (),
    category: str | None = None,
    generator: str = "standard",
    stages: tuple[str, ...] = (),
) -> Specimen:
    """Record a canvas and put its truth together."""
    order = lambda entry: (entry.event.onset, entry.event.label)  # noqa: E731
    truth = Truth(
        generator=generator,
        seed=seed,
        kinds=kinds,
        category=category,
        duration=canvas.duration,
        sfreq=canvas.sfreq,
        montage=montage,
        background=background,
        patterns=tuple(canvas.patterns),
        stages=stages,
        planted=tuple(sorted(visible(canvas.planted, canvas.faults), key=order)),
        decoys=tuple(sorted(canvas.decoys, key=order)),
        faults=tuple(f"{fault.kind} {' '.join(fault.channels)}" for fault in canvas.faults),
    )
    return Specimen(record(canvas, montage), truth)


def write_specimen(made: Specimen, path: Path) -> tuple[Path, Path, Path]:
    """Write recording, truth and events table; their paths in this order."""
    from models.simulate import Simulated, write_edf

    write_edf(Simulated(made.segment, made.events), path)
    return path, *write_truth(made.truth, path)
