"""Recordings of DCSM, SHHS and ISRUC prepared as SleepVLM-Bench prepares them: filtered, cut, and listed."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from evals.tasks.sleep_cohorts import COHORTS, EPOCH, Labelled, Night, find_cohort, read_labels
from evals.tasks.sleepvlm_bench_files import (
    RATE,
    SAMPLES,
    Artifact,
    Row,
    read_artifact,
    write_artifact,
    write_manifest,
)
from evals.tasks.windows import make_folder
from tools.io import OpenRecording, open_recording
from tools.sleep_inputs import bench_signals
from tools.types import Channel, Kind, Recording, Segment, ToolError
from tools.units import judge_unit

_LEADS = {
    "DCSM": ("EEG F4-M1", "EOG E1-M2", "EMG Chin"),
    "SHHS": ("EEG C4-A1", "EOG(L)", "EMG Chin"),
    "ISRUC": ("EEG C4-A1", "EOG LOC-A2", "EMG Chin"),
}
"""How prepared channels are named for our reader."""


def prepare_cohort(folder: Path, cohort: str, output: Path, *, limit: int | None = None) -> Path:
    """Filter and cut the recordings of a cohort, and write artifacts and manifest; what is there is kept.

    Parameters
    ----------
    folder, cohort
        See `find_cohort`.
    output : Path
        Gets ``cohort/NAME.npz`` and ``cohort.csv``.
    limit : int, optional
        Recordings at most.

    Returns
    -------
    Path
        The manifest. Splits are left empty.

    Raises
    ------
    ToolError
        With the file's name, if a recording lacks a channel, labels outlast its signal, or nothing can be read.
    """
    rows: list[Row] = []
    for night in find_cohort(folder, cohort)[:limit]:
        try:
            rows += _prepared(night, output / cohort.lower() / f"{night.name}.npz")
        except ToolError as error:
            raise ToolError(
                f"{night.signal.name} ({night.name}): {error.message}", field="folder", choices=error.choices
            ) from None
    return write_manifest(output / f"{cohort.lower()}.csv", rows)


def _prepared(night: Night, target: Path) -> list[Row]:
    with _opened(night.signal) as recording:
        source = recording.info
        channels = _channels(source, night.cohort)
        if not target.is_file():
            signals = bench_signals(recording, notch_hz=COHORTS[night.cohort].mains_hz, channels=channels)
            flow = signals.data.reshape(3, -1).astype(np.float32)
            epochs = list(_cut(flow, read_labels(night)))
            if not epochs:
                raise ToolError("No epoch is scored within the signal.", field="folder")
            onsets = np.array([onset for onset, _, _ in epochs])
            artifact = Artifact(np.stack([x for _, _, x in epochs]), tuple(s for _, s, _ in epochs), onsets)
            write_artifact(target, artifact, [round(onset / EPOCH) for onset in onsets])
        sfreq = next(c.sfreq for c in source.channels if c.name == channels["EEG"])
    made = read_artifact(target)
    return [
        Row.model_validate(
            {
                "sample_id": f"{night.cohort}:{night.subject}:{round(onset / EPOCH):06d}",
                "cohort": night.cohort,
                "subject_id": night.subject,
                "recording_id": night.name,
                "epoch_index": round(onset / EPOCH),
                "onset_sec": onset,
                "label": label,
                "source_psg_path": str(night.signal),
                "source_annotation_path": str(night.labels),
                "source_sfreq": sfreq,
                "artifact_path": str(target),
                "artifact_index": n,
            }
        )
        for n, (onset, label) in enumerate(zip(made.onsets.tolist(), made.labels, strict=True))
    ]


def _cut(flow: Any, labels: Sequence[Labelled]) -> list[tuple[float, str, Any]]:
    """Whole epochs with a stage and without gaps."""
    end = flow.shape[1] / RATE
    last = max((x.onset + x.duration for x in labels if x.stage is not None), default=0.0)
    if last > end + 2 * EPOCH:
        raise ToolError(
            f"the labels go on to {last:g} s, the signal ends at about {end:g} s.", field="folder"
        )
    found = []
    for onset, duration, stage in labels:
        for n in range(int((duration + 1e-3) // EPOCH)):
            start = round((onset + n * EPOCH) * RATE)
            part = flow[:, start : start + SAMPLES]
            if stage is not None and start >= 0 and part.shape[1] == SAMPLES and np.isfinite(part).all():
                found.append((onset + n * EPOCH, stage, part))
    return found


def _channels(info: Recording, cohort: str) -> dict[str, str]:
    """The cohort's channels in this recording, in whatever case it writes them."""
    known = {name.lower(): c.name for c in info.channels for name in (c.original_name, c.name)}
    wanted = dict(zip(("EEG", "EOG", "EMG"), COHORTS[cohort].channels, strict=True))
    missing = [name for name in wanted.values() if name.lower() not in known]
    if missing:
        raise ToolError(f"There is no channel {', '.join(missing)}.", field="folder", choices=info.names())
    return {role: known[name.lower()] for role, name in wanted.items()}


def _opened(path: Path) -> OpenRecording:
    return open_recording(path) if path.suffix != ".h5" else cast("OpenRecording", read_h5(path))


@dataclass(frozen=True, eq=False)
class Held:
    """A recording in memory, as far as preparing needs one."""

    info: Recording
    data: dict[str, Any]

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def read(self, onset: float, duration: float, channels: Sequence[str]) -> Segment:
        """Give channels of one rate."""
        sfreq = next(c.sfreq for c in self.info.channels if c.name == channels[0])
        span = slice(round(onset * sfreq), round((onset + duration) * sfreq))
        return Segment(np.stack([self.data[name][span] for name in channels]), tuple(channels), sfreq)


def read_h5(path: Path) -> Held:
    """Read ``psg.h5`` of DCSM: a group ``channels`` with one data set each, and the attribute ``sample_rate``.

    Volts and microvolts are told apart by amplitude where a data set names no unit.

    Raises
    ------
    ToolError
        If h5py is not installed, or the file is not laid out like that.
    """
    try:
        h5py = importlib.import_module("h5py")
    except ImportError:
        raise ToolError(
            "DCSM as HDF5 is read with h5py, which is not installed (pip install h5py); or give its EDF.",
            field="folder",
        ) from None
    try:
        with h5py.File(path, "r") as file:
            if "channels" not in file:
                raise ToolError(f"{path.name} has no group 'channels'.", field="folder", choices=tuple(file))
            group = file["channels"]
            raw = {
                str(name): (np.asarray(group[name], dtype=float).ravel(), group[name].attrs) for name in group
            }
            rates = {
                name: float(a.get("sample_rate", file.attrs.get("sample_rate", 0)))
                for name, (_, a) in raw.items()
            }
            units = {name: str(a.get("unit", "")) for name, (_, a) in raw.items()}
    except OSError:
        raise ToolError(f"{path.name} cannot be read as HDF5.", field="folder") from None
    if not raw or min(rates.values()) <= 0:
        raise ToolError(f"{path.name} names no sample_rate.", field="folder")
    data, channels = {}, []
    for name, (samples, _) in raw.items():
        kind: Kind = "eeg" if name[:1] in "FCOPT" else "eog" if name.startswith("E") else "emg"
        verdict = judge_unit(units[name], kind, np.array([np.nanstd(samples)]))
        if verdict.outcome != "voltage":
            continue
        data[name] = samples * verdict.factor
        channels.append(Channel(name=name, original_name=name, kind=kind, sfreq=rates[name], unit="uV"))
    if not data:
        raise ToolError(f"{path.name} holds no channel with the amplitude of a body signal.", field="folder")
    duration = min(len(x) / rates[name] for name, x in data.items())
    return Held(
        Recording(handle=path.parent.name, format="HDF5", duration=duration, channels=tuple(channels)), data
    )


def write_edf(artifact: Artifact, path: Path, cohort: str) -> Path:
    """Write the prepared epochs of a recording as EDF, one after another, for systems that read signals.

    They are as prepared as those in the pictures: EEG 0.3-35, EOG 0.1-10, EMG 10-45 Hz, 100 Hz.
    """
    import edfio

    data = np.nan_to_num(artifact.signals.astype(float)).transpose(1, 0, 2).reshape(3, -1)
    signals = []
    for name, row in zip(_LEADS.get(cohort, ("EEG", "EOG", "EMG Chin")), data, strict=True):
        limit = max(3276.7, float(np.ceil(np.abs(row).max())))
        signals.append(
            edfio.EdfSignal(row, RATE, label=name, physical_dimension="uV", physical_range=(-limit, limit))
        )
    make_folder(path.parent)
    unfinished = path.with_suffix(".part.edf")
    edfio.Edf(signals, annotations=()).write(unfinished)
    unfinished.replace(path)
    return path
