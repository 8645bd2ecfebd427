"""Opening a recording and reading stretches of it, in microvolts.

`open_recording` tells the format from the file's content, `OpenRecording.info` says what is in it,
and `OpenRecording.read` gives a `Segment`. EDF, EDF+ and BDF are read by `tools.edf`, all other
formats through MNE by `tools.foreign`.
"""

from __future__ import annotations

import math
import os
import threading
from collections import Counter
from collections.abc import Sequence
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from tools.channels import canonical_name
from tools.edf import EdfSource
from tools.filetype import OpenFile, open_file
from tools.look import in_gaps
from tools.recording import Described, describe
from tools.source import Source, unreadable
from tools.types import Kind, Recording, Segment, ToolError

_NO_NUMBERS = "Some samples are no numbers; they are left blank."
_LARGEST_READ = 1 << 29
"""Samples one read may ask for: 4 GiB."""


def open_recording(path: str | os.PathLike[str]) -> OpenRecording:
    """Open a recording of any known format.

    Parameters
    ----------
    path : path-like
        A regular file: EDF, EDF+, BDF, BrainVision (.vhdr), EEGLAB (.set), FIF, GDF, Nihon Kohden
        (.EEG), Persyst (.lay) or Neuroscan (.cnt).

    Returns
    -------
    OpenRecording
        To be closed, or used in a ``with`` statement.

    Raises
    ------
    ToolError
        ``field="file"``, with the reason and what would work, for anything that cannot be read.
        Nothing of the file's text is in the message.
    """
    return OpenRecording(open_file(path))


class OpenRecording:
    """A recording from which stretches can be read, by several threads at once if need be."""

    def __init__(self, file: OpenFile) -> None:
        self._lock = threading.RLock()
        self._paths = [file.path]
        self._closed = False
        self._stamps = [_stamp(os.fstat(file.fd))]
        self._source: Source | None = None
        try:
            self._source = _source(file)
            self._watch(self._source.companions)
            described: Described = describe(self._source)
            self._check_unchanged()
        except BaseException:
            self.close()
            raise
        self._info = described.recording
        self._rows = described.rows
        self._factors = np.array(described.factors)
        self._index = {channel.name: i for i, channel in enumerate(self._info.channels)}

    def __enter__(self) -> OpenRecording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"OpenRecording({self._info.handle})"

    @property
    def info(self) -> Recording:
        """What is in the file; warnings grow when a read finds samples that are no numbers."""
        return self._info

    def read(
        self,
        onset: float,
        duration: float,
        channels: Sequence[str] | None = None,
        *,
        kinds: Sequence[Kind] = ("eeg",),
    ) -> Segment:
        """Read a stretch, cut at the end of the recording.

        Parameters
        ----------
        onset, duration : float
            In seconds from the start of the recording.
        channels : sequence of str, optional
            Names as in ``info``, in any case, in the order wanted; all of ``kinds`` when left out.
        kinds : sequence of str
            Kinds to take when no channels are named. Of several sampling rates the commonest is taken.

        Returns
        -------
        Segment
            Voltages in microvolts, other channels in their own unit. Gaps and samples that are no
            numbers are NaN. The onset is that of the first sample, at most half a sample off.

        Raises
        ------
        ToolError
            ``start`` or ``duration`` outside the recording, ``channels`` unknown or of several rates,
            ``file`` when the file was changed since it was opened.
        """
        picked = self._pick([channels] if isinstance(channels, str) else channels, kinds)
        sfreq = self._info.channels[picked[0]].sfreq
        start, stop = self._span(onset, duration, sfreq)
        if (stop - start) * len(picked) > _LARGEST_READ:
            raise ToolError("That is too much at once; ask for a shorter duration.", field="duration")
        with self._lock:
            if self._closed or self._source is None:
                raise unreadable("The recording is closed; open it again.")
            self._check_unchanged()
            data = self._source.read([self._rows[i] for i in picked], start, stop)
        factors = self._factors[picked]
        if np.any(factors != 1.0):
            data *= factors[:, None]
        self._blank_non_numbers(data, start, sfreq)
        chosen = [self._info.channels[i] for i in picked]
        return Segment(
            data=data,
            channels=tuple(channel.name for channel in chosen),
            sfreq=sfreq,
            onset=start / sfreq,
            kinds=tuple(channel.kind for channel in chosen),
        )

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._source is not None:
                self._source.close()

    def _pick(self, channels: Sequence[str] | None, kinds: Sequence[Kind]) -> list[int]:
        everything = self._info.channels
        if not channels:
            picked = [i for i, channel in enumerate(everything) if channel.kind in kinds]
            if not picked:
                raise ToolError(
                    "The recording has no channel of that kind.",
                    field="channels",
                    choices=self._info.names(),
                )
            rate = Counter(everything[i].sfreq for i in picked).most_common(1)[0][0]
            return [i for i in picked if everything[i].sfreq == rate]
        picked = [self._find(name) for name in channels]
        if min(picked) < 0:
            raise ToolError(
                "The recording has no channel of that name.", field="channels", choices=self._info.names()
            )
        if len({everything[i].sfreq for i in picked}) > 1:
            raise ToolError(
                "These channels have different sampling rates; read them one rate at a time.",
                field="channels",
            )
        return picked

    def _find(self, name: str) -> int:
        """Number of a channel: by its name, else by what the name means (``t7`` is T3)."""
        if name in self._index:
            return self._index[name]
        lower = {known.lower(): i for known, i in reversed(self._index.items())}
        wanted = name.strip().lower()
        return lower.get(wanted, lower.get(canonical_name(name).lower(), -1))

    def _span(self, onset: float, duration: float, sfreq: float) -> tuple[int, int]:
        total = self._info.duration
        if not (math.isfinite(onset) and 0 <= onset < total):
            raise ToolError(f"The start must lie between 0 and {total:g} s.", field="start")
        if not duration > 0:
            raise ToolError("The duration must be more than 0 s.", field="duration")
        samples = max(1, round(total * sfreq))
        start = min(round(onset * sfreq), samples - 1)
        stop = round(min(onset + duration, total) * sfreq)
        return start, min(samples, max(stop, start + 1))

    def _watch(self, companions: Sequence[str]) -> None:
        """Note the state of the further files that hold the samples."""
        for path in companions:
            if not os.path.samefile(path, self._paths[0]):
                self._paths.append(path)
                self._stamps.append(_stamp(os.stat(path)))

    def _check_unchanged(self) -> None:
        try:
            unchanged = [_stamp(os.stat(path)) for path in self._paths] == self._stamps
        except OSError:
            unchanged = False
        if not unchanged:
            raise unreadable("The file was changed or removed while it was open; open it again.")

    def _blank_non_numbers(self, data: NDArray[np.float64], start: int, sfreq: float) -> None:
        """Turn infinities into NaN, and say once that there are samples that are no numbers."""
        bad = ~np.isfinite(data)
        if not bad.any():
            return
        data[bad] = np.nan
        bad[:, in_gaps(self._info.gaps, start, data.shape[1], sfreq)] = False
        with self._lock:
            if bad.any() and _NO_NUMBERS not in self._info.warnings:
                known = (*self._info.warnings, _NO_NUMBERS)
                self._info = self._info.model_copy(update={"warnings": known})


def _stamp(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _source(file: OpenFile) -> Source:
    """Hand the file to its reader; the EDF reader keeps the descriptor, others open the path again."""
    if file.reader == "edf":
        try:
            return EdfSource(file.fd)
        except BaseException:
            os.close(file.fd)
            raise
    from tools.foreign import open_foreign

    os.close(file.fd)
    return open_foreign(file.path, file.reader)
