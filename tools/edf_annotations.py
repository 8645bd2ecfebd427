r"""Time stamps and annotations of EDF+: counted and timed, never read out as text.

A record's annotation bytes hold lists of the form ``+onset[\x15duration]\x14text\x14...\x14\0``;
the first list of a record without text gives the time of the record (Kemp and Olivan,
Clin Neurophysiol 114, 1755 (2003), doi:10.1016/S1388-2457(03)00123-8).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.edf_header import EdfHeader

_ONSET = re.compile(rb"[+-]\d{1,12}(\.\d{0,12})?(?=[\x14\x15])")
_HEAD_BYTES = 28
_CHUNK_BYTES = 1 << 22
_LONG_RECORD_BYTES = 1 << 14
"""Above this the annotations of each record are fetched by themselves: a call costs less than the copy."""
_MOST_BYTES = 1 << 31
"""Annotations are not looked for beyond these bytes read, three days of 20 channels at 200 Hz."""

Pread = Callable[[int, int], bytes]


class TimeStamps(NamedTuple):
    """What the annotation signals tell."""

    annotations: int
    onsets: NDArray[np.float64] | None
    """Time of each record in seconds, for files with gaps; None where one of them is not readable."""
    first: float | None
    last: float | None
    cut: bool
    """Whether there were more annotation bytes than are read."""


def scan_annotations(pread: Pread, header: EdfHeader) -> TimeStamps:
    """Count the annotations of a file and read the time stamps of its records.

    Parameters
    ----------
    pread : callable
        Gives ``size`` bytes at an offset in the data part of the file.
    header : EdfHeader
        Says where in a record the annotations lie.
    """
    count, seen, number_of_rows = 0, 0, 0
    onsets: list[float] = []
    first = last = None
    readable = header.discontinuous
    for number, signal in enumerate(header.annotation_signals):
        width = signal.samples_per_record * header.sample_bytes
        if width == 0:
            continue
        for rows in _rows(pread, header, signal.column * header.sample_bytes, width):
            stamped = number == 0 and readable
            if seen >= _MOST_BYTES and not stamped:
                return TimeStamps(count, None, first, None, True)
            seen += rows.size if header.record_bytes > _LONG_RECORD_BYTES else len(rows) * header.record_bytes
            count += count_annotations(rows) if rows.any() else 0
            if number == 0:
                times = _onsets(rows if stamped else rows[[0, -1]])
                first, last = (times[0] if number_of_rows == 0 else first), times[-1]
                number_of_rows += len(rows)
                known = [t for t in times if t is not None]
                readable = stamped and len(known) == len(times)
                onsets += known if readable else []
    complete = readable and len(onsets) == header.records
    return TimeStamps(count, np.array(onsets) if complete else None, first, last, False)


def count_annotations(rows: NDArray[np.uint8]) -> int:
    """Count annotation texts in the bytes of one annotation signal, ``(records, bytes)``.

    Every text ends with byte 20 after a byte that is not 20; so does the onset of every list, which
    begins with a sign at the start of a record or after byte 0. The difference is the number sought,
    and it takes no loop over records.
    """
    ends = rows == 0x14
    texts = np.count_nonzero(ends[:, 1:] & ~ends[:, :-1])
    signs = (rows == ord("+")) | (rows == ord("-"))
    lists = np.count_nonzero(signs[:, 0]) + np.count_nonzero(signs[:, 1:] & (rows[:, :-1] == 0))
    return max(0, int(texts) - int(lists))


def _rows(pread: Pread, header: EdfHeader, at: int, width: int) -> Iterator[NDArray[np.uint8]]:
    """The bytes of one annotation signal, some records at a time."""
    size = header.record_bytes
    apart = size > _LONG_RECORD_BYTES
    step = max(1, _CHUNK_BYTES // (width if apart else size))
    for first in range(0, header.records, step):
        records = range(first, min(first + step, header.records))
        if apart:
            data = b"".join([pread(record * size + at, width) for record in records])
            yield np.frombuffer(data, np.uint8).reshape(-1, width)
        else:
            data = pread(first * size, len(records) * size)
            block = np.frombuffer(data, np.uint8).reshape(-1, size)
            yield np.ascontiguousarray(block[:, at : at + width])


def _onsets(rows: NDArray[np.uint8]) -> list[float | None]:
    """Time of each record, None where its first list has no valid one."""
    width = min(rows.shape[1], _HEAD_BYTES)
    heads = np.ascontiguousarray(rows[:, :width]).view(f"S{width}")[:, 0].tolist()
    matches = [_ONSET.match(head) for head in heads]
    return [None if match is None else float(match[0]) for match in matches]
