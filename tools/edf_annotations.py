r"""Time stamps and annotations of EDF+: counted and timed, never read out as text.

A record's annotation bytes hold lists of the form ``+onset[\x15duration]\x14text\x14...\x14\0``;
the first list of a record without text gives the time of the record (Kemp and Olivan,
Clin Neurophysiol 114, 1755 (2003), doi:10.1016/S1388-2457(03)00123-8).
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

_ONSET = re.compile(rb"[+-]\d{1,12}(\.\d{0,12})?(?=[\x14\x15])")
_CHUNK_ROWS = 1 << 14


def count_annotations(block: NDArray[np.uint8]) -> int:
    """Count annotation texts in the bytes of one annotation signal.

    Every text ends with byte 20 after a byte that is not 20; so does the onset of every list, which
    begins with a sign at the start of a record or after byte 0. The difference is the number sought,
    and it takes no loop over records.

    Parameters
    ----------
    block : array of uint8
        Shape (records, bytes).
    """
    total = 0
    for first in range(0, len(block), _CHUNK_ROWS):
        rows = block[first : first + _CHUNK_ROWS]
        ends = rows == 0x14
        texts = np.count_nonzero(ends[:, 1:] & ~ends[:, :-1])
        signs = (rows == ord("+")) | (rows == ord("-"))
        lists = np.count_nonzero(signs[:, 0]) + np.count_nonzero(signs[:, 1:] & (rows[:, :-1] == 0))
        total += max(0, int(texts) - int(lists))
    return total


def record_onsets(block: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """Read the time of every record in seconds, or None where one of them has no valid time stamp."""
    width = min(block.shape[1], 32)
    if width == 0:
        return None
    heads = np.ascontiguousarray(block[:, :width]).view(f"S{width}")[:, 0].tolist()
    onsets = np.empty(len(heads))
    for i, head in enumerate(heads):
        found = _ONSET.match(head)
        if found is None:
            return None
        onsets[i] = float(found[0])
    return onsets
