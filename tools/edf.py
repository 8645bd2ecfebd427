"""Reading EDF, EDF+ and BDF: only the records a span needs, each channel at its own rate.

Samples are fetched with `os.pread`, never through a memory map: a file that shrinks under a map
ends the process. Gaps of EDF+D stay gaps: time is taken from the file's own time stamps, and
samples that were never recorded are NaN.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.deidentify import subject_of_edf
from tools.edf_annotations import count_annotations, record_onsets
from tools.edf_header import MAX_DURATION, MAX_SIGNALS, EdfHeader, parse_header
from tools.source import SourceSignal, Subject, unreadable
from tools.types import Gap

_CHUNK_BYTES = 1 << 23
"""Long spans are read in pieces of this size, so that memory follows the result and not the file."""


@dataclass(frozen=True)
class _Run:
    """Records without a gap between them: the first, how many, and when they begin."""

    first: int
    records: int
    onset: float


class EdfSource:
    """An open EDF or BDF file.

    Parameters
    ----------
    fd : int
        Descriptor of the regular file, open for reading; closed by `close`.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        size = os.fstat(fd).st_size
        self.header: EdfHeader = parse_header(os.pread(fd, 256 * (MAX_SIGNALS + 1), 0), size)
        if not self.header.signals:
            raise unreadable(
                "The file holds no EEG signal, only annotations (a hypnogram, for instance); "
                "open the recording that belongs to it."
            )
        warnings = list(self.header.warnings)
        stamps = self._annotation_bytes()
        self.annotations: int = sum(count_annotations(block) for block in stamps)
        self._runs = self._find_runs(stamps, warnings)
        self.warnings: tuple[str, ...] = tuple(warnings)
        last = self._runs[-1]
        self.duration: float = last.onset + last.records * self.header.record_duration
        self.subject: Subject = subject_of_edf(self.header)

    @property
    def format(self) -> str:
        """``EDF``, ``EDF+C``, ``EDF+D`` and the same for BDF."""
        return self.header.format

    @property
    def signals(self) -> tuple[SourceSignal, ...]:
        """The signals in file order, annotations left out."""
        return tuple(
            SourceSignal(s.label, s.unit, self._sfreq(i), round(self.duration * self._sfreq(i)))
            for i, s in enumerate(self.header.signals)
        )

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Time that passed between records without being recorded."""
        found = []
        for before, after in zip(self._runs, self._runs[1:], strict=False):
            end = before.onset + before.records * self.header.record_duration
            found.append(Gap(onset=round(end, 6), duration=round(after.onset - end, 6)))
        return tuple(found)

    def read(self, rows: Sequence[int], start: int, stop: int) -> NDArray[np.float64]:
        """Give samples of signals that share one rate, in physical units; gaps are NaN."""
        signals = [self.header.signals[row] for row in rows]
        out = np.full((len(rows), stop - start), np.nan)
        per_record = signals[0].samples_per_record
        sfreq = self._sfreq(rows[0])
        for run in self._runs:
            begin = round(run.onset * sfreq)
            a, b = max(start, begin), min(stop, begin + run.records * per_record)
            if a >= b:
                continue
            first, last = (a - begin) // per_record, -((begin - b) // per_record)
            at = begin + first * per_record
            for block in self._blocks(run.first + first, last - first):
                n = len(block) * per_record
                lo, hi = max(a, at), min(b, at + n)
                for row, signal in enumerate(signals):
                    digital = block[:, signal.column : signal.column + per_record].reshape(-1)
                    part = out[row, lo - start : hi - start]
                    np.multiply(digital[lo - at : hi - at], signal.gain, out=part)
                    part += signal.offset
                at += n
        return out

    def close(self) -> None:
        """Close the descriptor; a second call does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _sfreq(self, row: int) -> float:
        return self.header.signals[row].samples_per_record / self.header.record_duration

    def _pread(self, record: int, count: int) -> bytes:
        header = self.header
        data = os.pread(
            self._fd, count * header.record_bytes, header.data_offset + record * header.record_bytes
        )
        if len(data) < count * header.record_bytes:
            raise unreadable("The file became shorter while it was open; open it again.")
        return data

    def _blocks(self, record: int, count: int) -> Iterator[NDArray[np.int32] | NDArray[np.int16]]:
        """Records as integers, ``(records, samples of a record)``, a few megabytes at a time."""
        step = max(1, _CHUNK_BYTES // self.header.record_bytes)
        for first in range(record, record + count, step):
            n = min(step, record + count - first)
            yield _integers(self._pread(first, n), self.header.sample_bytes).reshape(n, -1)

    def _annotation_bytes(self) -> list[NDArray[np.uint8]]:
        """The bytes of each annotation signal, ``(records, bytes)``."""
        header = self.header
        spans = [
            (s.column * header.sample_bytes, s.samples_per_record * header.sample_bytes)
            for s in header.annotation_signals
        ]
        blocks = [np.empty((header.records, width), np.uint8) for _, width in spans]
        if not spans:
            return blocks
        step = max(1, _CHUNK_BYTES // header.record_bytes)
        for first in range(0, header.records, step):
            n = min(step, header.records - first)
            data = np.frombuffer(self._pread(first, n), np.uint8).reshape(n, -1)
            for block, (at, width) in zip(blocks, spans, strict=True):
                block[first : first + n] = data[:, at : at + width]
        return blocks

    def _find_runs(self, stamps: list[NDArray[np.uint8]], warnings: list[str]) -> list[_Run]:
        header = self.header
        whole = [_Run(0, header.records, 0.0)]
        if not stamps:
            return whole
        onsets = record_onsets(stamps[0])
        if not header.discontinuous:
            return whole
        if onsets is None:
            warnings.append("The time stamps of the records cannot be read; gaps, if any, are not shown.")
            return whole
        onsets = onsets - onsets[0]
        steps = np.diff(onsets) - header.record_duration
        tolerance = 0.5 * header.record_duration / max(s.samples_per_record for s in header.signals)
        if steps.size and steps.min() < -max(tolerance, 1e-4):
            raise unreadable("The data records of the file overlap in time; export the recording again.")
        if onsets[-1] > MAX_DURATION:
            raise unreadable("The time stamps of the records span more than a month; export a part of it.")
        starts = np.concatenate([[0], np.flatnonzero(steps > tolerance) + 1])
        ends = np.append(starts[1:], header.records)
        return [_Run(int(a), int(b - a), float(onsets[a])) for a, b in zip(starts, ends, strict=True)]


def _integers(data: bytes, sample_bytes: int) -> NDArray[np.int32] | NDArray[np.int16]:
    """Little-endian integers of two or three bytes."""
    if sample_bytes == 2:
        return np.frombuffer(data, "<i2")
    wide = np.zeros((len(data) // 3, 4), np.uint8)
    wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    shifted: NDArray[np.int32] = wide.view("<i4")[:, 0] >> 8
    return shifted
