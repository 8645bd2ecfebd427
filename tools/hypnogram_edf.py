"""Annotations of an EDF+ file with their text, for scoring alone: the caller keeps stages and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from tools.types import ToolError

_TAL = re.compile(rb"([+-]\d+(?:\.\d*)?)(?:\x15(\d+(?:\.\d*)?))?\x14([^\x00]*?)\x14?\x00")
_HEAD, _PER_SIGNAL, _MOST_SIGNALS = 256, 256, 512


def edf_annotations(path: Path) -> list[tuple[float, float | None, str]]:
    """Read every annotation of an EDF+ or BDF+ file, of any size.

    Parameters
    ----------
    path : Path
        Record durations of zero, which files of annotations alone have, do not matter.

    Returns
    -------
    list of tuple
        Onset in seconds from the start of the file, duration or None, and the text.

    Raises
    ------
    ToolError
        With ``field="scoring"`` if the header cannot be read or there is no annotation signal.

    References
    ----------
    Kemp and Olivan (2003), Clin Neurophysiol 114:1755, https://doi.org/10.1016/S1388-2457(03)00123-8.
    """
    with path.open("rb") as file:
        labels, samples, size = _layout(file.read(_HEAD + _PER_SIGNAL * _MOST_SIGNALS))
    columns = [i for i, label in enumerate(labels) if label in (b"EDF Annotations", b"BDF Annotations")]
    if not columns:
        raise ToolError("The EDF file of scoring holds no annotations.", field="scoring")
    content = np.memmap(path, dtype=np.uint8, mode="r", offset=_HEAD + _PER_SIGNAL * len(labels))
    width = size * sum(samples)
    whole = len(content) // width
    # A last record that is cut off still holds annotations when nothing else is in the file.
    rest = bytes(content[whole * width :]).ljust(width, b"\0")
    found = []
    for column in columns:
        first, last = size * sum(samples[:column]), size * sum(samples[: column + 1])
        for number in range(whole):
            found += _annotations(content[number * width + first : number * width + last].tobytes())
        found += _annotations(rest[first:last])
    return found


def _layout(head: bytes) -> tuple[list[bytes], list[int], int]:
    """Labels of the signals, samples of each in a record, and bytes of a sample."""
    try:
        signals = int(head[252:256])
        if not 0 < signals <= _MOST_SIGNALS or len(head) < _HEAD + _PER_SIGNAL * signals:
            raise ValueError
        labels = [head[_HEAD + 16 * i : _HEAD + 16 * (i + 1)].strip() for i in range(signals)]
        at = _HEAD + 216 * signals
        samples = [int(head[at + 8 * i : at + 8 * (i + 1)]) for i in range(signals)]
        if min(samples) < 0 or sum(samples) == 0:
            raise ValueError
    except ValueError:
        raise ToolError("The header of the scoring cannot be read as EDF+.", field="scoring") from None
    return labels, samples, 3 if head[:1] == b"\xff" else 2


def _annotations(record: bytes) -> list[tuple[float, float | None, str]]:
    found = []
    for onset, duration, texts in _TAL.findall(record + b"\0"):
        for text in texts.split(b"\x14"):
            if text:
                length = float(duration) if duration else None
                found.append((float(onset), length, text.decode("utf-8", errors="replace")))
    return found
