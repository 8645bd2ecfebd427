"""All formats but EDF and BDF, read through MNE without loading them whole.

A reader that can end the interpreter runs in a child process (`tools.isolated`). Whatever a reader raises becomes a
refusal in our words: its own would name the file.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from importlib.util import find_spec
from io import StringIO
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tools.deidentify import age_between
from tools.filetype import Reader
from tools.isolated import open_isolated
from tools.source import Source, SourceSignal, Subject, unreadable
from tools.types import Gap, Kind, ToolError

_NAMES: dict[Reader, str] = {
    "brainvision": "BrainVision",
    "eeglab": "EEGLAB",
    "fif": "FIF",
    "gdf": "GDF",
    "nihon": "Nihon Kohden",
    "persyst": "Persyst",
    "cnt": "Neuroscan CNT",
}
_HELP: dict[Reader, str] = {
    "brainvision": "keep its .eeg and .vmrk files beside the .vhdr",
    "eeglab": "keep its .fdt file, if any, beside the .set, and give continuous data, not epochs",
    "fif": "give a file of raw data, not of epochs or averages, with all its parts beside it",
    "gdf": "export it as EDF",
    "nihon": "keep its .PNT, .21E and .LOG files beside the .EEG",
    "persyst": "keep its .dat file beside the .lay",
    "cnt": "export it as EDF",
}
_KINDS: dict[str, Kind] = {
    "eog": "eog", "emg": "emg", "ecg": "ecg", "resp": "resp", "stim": "trigger", "eeg": "eeg", "seeg": "eeg",
    "ecog": "eeg", "dbs": "eeg", "mag": "other", "grad": "other", "ref_meg": "other", "syst": "other",
    "temperature": "other", "gsr": "other", "exci": "other", "ias": "other", "chpi": "other",
}  # fmt: skip
_SEXES: dict[int, Literal["female", "male"]] = {1: "male", 2: "female"}
_VOLT = 107  # FIFF_UNIT_V
_LARGEST_V = 5e-3
_ISOLATED: frozenset[Reader] = frozenset({"cnt", "eeglab"})
"""Compiled readers: broken files crash SciPy's MATLAB reader and Neuroscan's."""


def open_foreign(path: str, reader: Reader) -> Source:
    """Open a recording through MNE, in this process or in a child.

    Raises
    ------
    ToolError
        Where the reader cannot make sense of the file or does not come back.
    """
    if reader == "eeglab" and _is_hdf5(path) and find_spec("pymatreader") is None:
        raise unreadable("The EEGLAB file is in MATLAB's 7.3 format; save it again in version 7 or 6.")
    with in_our_words(reader):
        _check_companions(path, reader)
        if reader in _ISOLATED:
            return open_isolated(path, reader)
        return MneSource(open_raw(path, reader), reader, path)


def _read_raw(path: str, reader: Reader) -> Any:
    """Call the MNE reader of a format, without loading the samples."""
    import mne

    if reader == "cnt":
        return _read_cnt(path)
    call: Callable[..., Any] = {
        "brainvision": mne.io.read_raw_brainvision,
        "eeglab": mne.io.read_raw_eeglab,
        "fif": mne.io.read_raw_fif,
        "gdf": mne.io.read_raw_gdf,
        "nihon": mne.io.read_raw_nihon,
        "persyst": mne.io.read_raw_persyst,
    }[reader]
    options = {"allow_maxshield": "yes"} if reader == "fif" else {}
    return call(path, preload=False, verbose="ERROR", **options)


def _read_cnt(path: str) -> Any:
    """Try the sample sizes in turn: MNE's own guess refuses files whose event table is damaged.

    Samples read with the wrong size are noise of the size of a volt, which tells them apart.
    """
    import mne

    for data_format in ("auto", "int32", "int16"):
        with contextlib.suppress(Exception):
            raw = mne.io.read_raw_cnt(path, data_format=data_format, preload=False, verbose="ERROR")
            some = raw[:, : min(2000, raw.n_times)][0]
            if np.median(np.abs(some - np.median(some, axis=1, keepdims=True))) < _LARGEST_V:
                return raw
    raise ValueError


def open_raw(path: str, reader: Reader) -> Any:
    """Open a file in MNE, silently: what it says would hold names from the file."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(StringIO()):
        warnings.simplefilter("ignore")
        return _read_raw(path, reader)


def _is_hdf5(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(4) == b"\x89HDF"


def _check_companions(path: str, reader: Reader) -> None:
    """Refuse a header that names samples outside its own folder, or beside which something is no file.

    An uploaded header could otherwise show any file of the machine as a signal, or wait on a pipe.
    """
    folder, name = os.path.split(os.path.abspath(path))
    stem = os.path.splitext(name)[0]
    beside = {entry.name: entry for entry in os.scandir(folder) if entry.name.startswith(stem)}
    if any(not (entry.is_file() or entry.is_dir()) for entry in beside.values()):
        raise unreadable("Beside the file is a pipe or device of the same name; remove it.")
    if reader not in ("brainvision", "persyst"):
        return
    with open(path, "rb") as file:
        text = file.read(1 << 20).decode("latin-1")
    for given in re.findall(r"^\s*(?:DataFile|MarkerFile|File)\s*=\s*(.*?)\s*$", text, re.MULTILINE):
        other = given.replace("$b", stem)
        elsewhere = "/" in other or "\\" in other or not os.path.isfile(os.path.join(folder, other))
        if elsewhere and not (reader == "persyst" and stem + ".dat" in beside):
            raise unreadable(
                f"The {_NAMES[reader]} file names another that is not beside it; {_HELP[reader]}."
            )


@contextlib.contextmanager
def in_our_words(reader: Reader) -> Iterator[None]:
    """The rim to other people's parsers, which raise anything on a broken file, with its text in it."""
    try:
        yield
    except ToolError:
        raise
    except Exception:  # noqa: BLE001 -- zlib, struct and configparser errors share no other base
        raise unreadable(f"The {_NAMES[reader]} file cannot be read; {_HELP[reader]}.") from None


class MneSource:
    """A recording open in MNE."""

    def __init__(self, raw: Any, reader: Reader, path: str) -> None:
        self._raw = raw
        self._reader: Reader = reader
        self._lock = threading.Lock()
        self.format: str = _NAMES[reader]
        self.signals: tuple[SourceSignal, ...] = _signals(raw, reader)
        self.companions: tuple[str, ...] = tuple(str(name) for name in raw.filenames if name is not None)
        folder = os.path.realpath(os.path.dirname(os.path.abspath(path)))
        if any(not _is_file_in(folder, name) for name in self.companions):
            raise ValueError
        self.duration: float = raw.n_times / float(raw.info["sfreq"])
        skips = [i for i, text in enumerate(raw.annotations.description) if text.upper() == "BAD_ACQ_SKIP"]
        begins, lengths = raw.annotations.onset - raw.first_time, raw.annotations.duration
        spans = [(float(begins[i]), float(begins[i] + lengths[i])) for i in skips]
        self.gaps: tuple[Gap, ...] = _merged_gaps(spans, self.duration)
        self.annotations: int = len(raw.annotations) - len(skips)
        self.subject: Subject = _subject(raw)
        cuts = sum("boundary" in text.lower() for text in raw.annotations.description)
        self.warnings: tuple[str, ...] = (
            (f"The signal was cut and joined in {cuts} places; times do not count what was cut out.",)
            if cuts
            else ()
        )

    def read(self, rows: Sequence[int], start: int, stop: int) -> NDArray[np.float64]:
        """Give samples as MNE scales them (volts); gaps are NaN."""
        order = sorted(set(rows))
        with self._lock, in_our_words(self._reader), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = np.asarray(self._raw[order, start:stop][0], float)
        sfreq = self.signals[0].sfreq
        for gap in self.gaps:
            a, b = round(gap.onset * sfreq) - start, round((gap.onset + gap.duration) * sfreq) - start
            data[:, max(0, a) : max(0, b)] = np.nan
        return data[[order.index(row) for row in rows]]

    def close(self) -> None:
        """Close what MNE holds open."""
        self._raw.close()


def _signals(raw: Any, reader: Reader) -> tuple[SourceSignal, ...]:
    """The channels; only FIF types them with knowledge, other readers call EEG what they know nothing of."""
    if raw.n_times == 0:
        raise ValueError
    types = raw.get_channel_types()
    found = []
    for name, kind, channel in zip(raw.ch_names, types, raw.info["chs"], strict=True):
        unit = "V" if int(channel["unit"]) == _VOLT or kind in ("eeg", "misc", "bio") else ""
        known = None if kind == "eeg" and reader != "fif" else _KINDS.get(kind)
        found.append(SourceSignal(name, unit, float(raw.info["sfreq"]), int(raw.n_times), known))
    return tuple(found)


def _is_file_in(folder: str, path: str) -> bool:
    return os.path.isfile(path) and os.path.dirname(os.path.realpath(path)) == folder


def _merged_gaps(spans: list[tuple[float, float]], end: float) -> tuple[Gap, ...]:
    """Gaps within the recording, those that touch or repeat made one."""
    merged: list[tuple[float, float]] = []
    for a, b in sorted((max(0.0, a), min(b, end)) for a, b in spans):
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        elif a < b:
            merged.append((a, b))
    return tuple(Gap(onset=a, duration=b - a) for a, b in merged)


def _subject(raw: Any) -> Subject:
    person = raw.info["subject_info"] or {}
    start = raw.info["meas_date"]
    born = person.get("birthday")
    age = age_between(born if isinstance(born, date) else None, start.date() if start else None)
    sex = _SEXES.get(int(person.get("sex") or 0))
    clock = start.strftime("%H:%M:%S") if start else None
    return Subject(age, sex, None if clock == "00:00:00" else clock)
