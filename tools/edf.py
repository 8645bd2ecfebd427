"""Reading EDF, EDF+ and BDF: only the bytes a span needs, each channel at its own rate.

Samples are fetched with `os.pread`, never through a memory map: a file that shrinks under a map
ends the process. Gaps of EDF+D stay gaps: time is taken from the file's own time stamps, and
samples that were never recorded are NaN.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tools.deidentify import subject_of_edf
from tools.edf_annotations import TimeStamps, scan_annotations
from tools.edf_header import MAX_DURATION, MAX_SIGNALS, EdfHeader, EdfSignal, parse_header
from tools.source import SourceSignal, Subject, unreadable
from tools.types import Gap

_CHUNK_BYTES = 1 << 23
"""Long spans are read in pieces of this size, so that memory follows the result and not the file."""
_WIDE_RECORD_BYTES = 1 << 20
"""In larger records each channel's part is fetched by itself."""
_MOST_GAPS = 10_000


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

    companions: tuple[str, ...] = ()

    def __init__(self, fd: int) -> None:
        self._fd = fd
        size = os.fstat(fd).st_size
        header = parse_header(os.pread(fd, 256 * (MAX_SIGNALS + 1), 0), size)
        if not header.signals:
            raise unreadable(
                "The file holds no EEG signal, only annotations (a hypnogram, for instance) or signals "
                "without a scale; open the recording that belongs to it."
            )
        self._header: EdfHeader = header
        warnings = list(header.warnings)
        stamps = scan_annotations(self._pread, header)
        self.annotations: int = stamps.annotations
        if stamps.cut:
            warnings.append("The file is so long that annotations are counted only in its first part.")
        self._runs = _find_runs(header, stamps, warnings)
        self._run_onsets = [run.onset for run in self._runs]
        self.warnings: tuple[str, ...] = tuple(warnings)
        self.format: str = header.format
        self.duration: float = self._runs[-1].onset + self._runs[-1].records * header.record_duration
        self.subject: Subject = subject_of_edf(header)
        self._sfreqs = [signal.samples_per_record / header.record_duration for signal in header.signals]
        self.signals: tuple[SourceSignal, ...] = tuple(
            SourceSignal(signal.label, signal.unit, sfreq, round(self.duration * sfreq))
            for signal, sfreq in zip(header.signals, self._sfreqs, strict=True)
        )
        self.gaps: tuple[Gap, ...] = tuple(
            Gap(onset=round(end, 6), duration=round(after.onset - end, 6))
            for before, after in pairwise(self._runs)
            for end in [before.onset + before.records * header.record_duration]
        )

    def read(self, rows: Sequence[int], start: int, stop: int) -> NDArray[np.float64]:
        """Give samples of signals that share one rate, in physical units; gaps are NaN."""
        signals = [self._header.signals[row] for row in rows]
        per_record, sfreq = signals[0].samples_per_record, self._sfreqs[rows[0]]
        out = np.empty((len(rows), stop - start))
        filled = start
        first_run = max(0, bisect_right(self._run_onsets, start / sfreq) - 1)
        for run in self._runs[first_run:]:
            begin = round(run.onset * sfreq)
            if begin >= stop:
                break
            a, b = max(filled, begin), min(stop, begin + run.records * per_record)
            if a < b:
                out[:, filled - start : a - start] = np.nan
                self._read_run(signals, run, a - begin, b - begin, out[:, a - start : b - start])
                filled = b
        out[:, filled - start :] = np.nan
        return out

    def close(self) -> None:
        """Close the descriptor; a second call does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _read_run(
        self, signals: Sequence[EdfSignal], run: _Run, a: int, b: int, out: NDArray[np.float64]
    ) -> None:
        """Fill ``out`` with samples ``a`` to ``b`` of a run of records."""
        per_record = signals[0].samples_per_record
        first, last = a // per_record, -(-b // per_record)
        if self._header.record_bytes > _WIDE_RECORD_BYTES:
            for record in range(first, last):
                lo, hi = max(a, record * per_record), min(b, (record + 1) * per_record)
                for row, signal in enumerate(signals):
                    column = signal.column + lo - record * per_record
                    digital = self._samples(run.first + record, column, hi - lo)
                    out[row, lo - a : hi - a] = digital * signal.gain + signal.offset
            return
        at = first * per_record
        for block in self._blocks(run.first + first, last - first):
            n = len(block) * per_record
            lo, hi = max(a, at), min(b, at + n)
            out[:, lo - a : hi - a] = _physical(block, signals)[:, lo - at : hi - at]
            at += n

    def _pread(self, offset: int, size: int) -> bytes:
        """Bytes of the data part of the file, all of them or a refusal."""
        parts, left = [], size
        while left > 0:
            part = os.pread(self._fd, left, self._header.data_offset + offset + size - left)
            if not part:
                raise unreadable("The file became shorter while it was open; open it again.")
            parts.append(part)
            left -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _samples(self, record: int, column: int, count: int) -> NDArray[np.int32] | NDArray[np.int16]:
        header = self._header
        offset = record * header.record_bytes + column * header.sample_bytes
        return _integers(self._pread(offset, count * header.sample_bytes), header.sample_bytes)

    def _blocks(self, record: int, count: int) -> Iterator[NDArray[np.int32] | NDArray[np.int16]]:
        """Records as integers, ``(records, samples of a record)``, a few megabytes at a time."""
        step = max(1, _CHUNK_BYTES // self._header.record_bytes)
        for first in range(record, record + count, step):
            n = min(step, record + count - first)
            yield self._samples(first, 0, n * self._header.samples_per_record).reshape(n, -1)


def _physical(
    block: NDArray[np.int32] | NDArray[np.int16], signals: Sequence[EdfSignal]
) -> NDArray[np.float64]:
    """Physical samples ``(signals, samples)`` of some records; neighbours in the file in one go."""
    n, per_record, first = len(block), signals[0].samples_per_record, signals[0].column
    gain = np.array([signal.gain for signal in signals])
    offset = np.array([signal.offset for signal in signals])
    digital: NDArray[np.signedinteger]
    if all(signal.column == first + i * per_record for i, signal in enumerate(signals)):
        together = block[:, first : first + len(signals) * per_record]
        digital = together.reshape(n, len(signals), per_record).transpose(1, 0, 2)
    else:
        digital = np.stack([block[:, s.column : s.column + per_record] for s in signals])
    out = np.empty((len(signals), n, per_record))
    np.multiply(digital, gain[:, None, None], out=out)
    out += offset[:, None, None]
    return out.reshape(len(signals), -1)


def _find_runs(header: EdfHeader, stamps: TimeStamps, warnings: list[str]) -> list[_Run]:
    """Where time goes on without a gap, by the file's own time stamps if it says that it has gaps."""
    whole = [_Run(0, header.records, 0.0)]
    if not header.annotation_signals:
        return whole
    if not header.discontinuous:
        _compare_clock(header, stamps, warnings)
        return whole
    onsets = stamps.onsets
    if onsets is None:
        warnings.append("The time stamps of the records cannot be read; gaps, if any, are not shown.")
        return whole
    onsets = onsets - onsets[0]
    steps = np.diff(onsets) - header.record_duration
    tolerance = 0.5 * header.record_duration / max(signal.samples_per_record for signal in header.signals)
    if steps.size and steps.min() < -max(tolerance, 1e-4):
        raise unreadable("The data records of the file overlap in time; export the recording again.")
    if onsets[-1] > MAX_DURATION:
        raise unreadable("The time stamps of the records span more than a month; export a part of it.")
    starts = np.concatenate([[0], np.flatnonzero(steps > tolerance) + 1])
    if len(starts) > _MOST_GAPS:
        raise unreadable("The time stamps leave a gap after nearly every record; export the recording again.")
    ends = np.append(starts[1:], header.records)
    return [_Run(int(a), int(b - a), float(onsets[a])) for a, b in zip(starts, ends, strict=True)]


def _compare_clock(header: EdfHeader, stamps: TimeStamps, warnings: list[str]) -> None:
    """Warn where the time stamps of a continuous file contradict the length of its records."""
    if stamps.first is None or stamps.last is None:
        return
    expected = (header.records - 1) * header.record_duration
    if abs(stamps.last - stamps.first - expected) > max(1.0, 0.002 * expected):
        warnings.append(
            f"The header gives {expected:g} s where the file's own time stamps give "
            f"{stamps.last - stamps.first:g} s; times and frequencies may be wrong."
        )


def _integers(data: bytes, sample_bytes: int) -> NDArray[np.int32] | NDArray[np.int16]:
    """Little-endian integers of two or three bytes."""
    if sample_bytes == 2:
        return np.frombuffer(data, "<i2")
    wide = np.zeros((len(data) // 3, 4), np.uint8)
    wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    shifted: NDArray[np.int32] = wide.view("<i4")[:, 0] >> 8
    return shifted
