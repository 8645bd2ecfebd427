"""Write a long recording piece by piece as EDF, so that a night never has to be in memory as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from tools.types import ToolError

Array = NDArray[np.float64]

_LIMIT = 3276.7
"""Physical range in microvolts: steps of 0.1; what lies beyond is clipped as by an amplifier."""


class EdfStream:
    """A plain EDF file that grows by data records of one second; a context manager.

    The file carries no identity, and its name is the final one only once it is complete. References: Kemp et
    al. (1992), https://doi.org/10.1016/0013-4694(92)90009-7.

    Parameters
    ----------
    path : Path
        File to write.
    labels : sequence of str
        Names of the channels, at most 16 characters each.
    sfreq : float
        Whole number of samples per second.
    start : str
        Time of day, ``HH.MM.SS``.
    """

    def __init__(self, path: Path, labels: Sequence[str], sfreq: float, start: str = "22.30.00") -> None:
        if sfreq != round(sfreq):
            raise ToolError("A night needs a whole number of samples per second.", field="sfreq")
        self.path, self.labels, self.rate, self.start = path, tuple(labels), round(sfreq), start
        self.records = 0
        self._left = np.zeros((len(self.labels), 0))
        self._part = path.with_name(path.name + ".part")

    def __enter__(self) -> EdfStream:
        self._file = self._part.open("wb")
        self._file.write(self._header())
        return self

    def append(self, data: Array) -> None:
        """Write microvolts, shape (channels, samples); what does not fill a second waits for more."""
        data = np.concatenate([self._left, data], axis=1)
        count = data.shape[1] // self.rate
        whole, self._left = data[:, : count * self.rate], data[:, count * self.rate :]
        steps = np.clip(np.round(whole * 10), -32767, 32767).astype("<i2")
        records = steps.reshape(len(self.labels), count, self.rate).transpose(1, 0, 2)
        self._file.write(np.ascontiguousarray(records).tobytes())
        self.records += count

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._file.seek(0)
            self._file.write(self._header())
        self._file.close()
        if kind is None:
            self._part.replace(self.path)
        else:
            self._part.unlink(missing_ok=True)

    def _header(self) -> bytes:
        count = len(self.labels)
        fields = [
            ("0", 8), ("X X X X", 80), ("Startdate X X X X", 80), ("01.01.85", 8), (self.start, 8),
            (str(256 * (count + 1)), 8), ("", 44), (str(self.records), 8), ("1", 8), (str(count), 4),
        ]  # fmt: skip
        per_channel = [
            (self.labels, 16), ([""] * count, 80), (["uV"] * count, 8), ([f"-{_LIMIT}"] * count, 8),
            ([str(_LIMIT)] * count, 8), (["-32767"] * count, 8), (["32767"] * count, 8), ([""] * count, 80),
            ([str(self.rate)] * count, 8), ([""] * count, 32),
        ]  # fmt: skip
        texts = [text.ljust(width) for text, width in fields]
        texts += [value.ljust(width) for values, width in per_channel for value in values]
        return "".join(texts).encode("ascii")
