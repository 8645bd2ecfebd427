"""Readers that can end the interpreter, kept in a child process.

The child (`tools.foreign_child`) reads the header and leaves facts and samples in a folder of its own,
which is gone before the recording is used: the samples are read from a file that has no name any
more. Where they lie plainly in a file beside the header, as EEGLAB's ``.fdt``, they are read from there.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tools.filetype import Reader
from tools.source import Source, SourceSignal, Subject, unreadable
from tools.types import Gap

_CHILD_SECONDS = 120
SAMPLES, FACTS = "samples.f64", "facts.json"


def open_isolated(path: str, reader: Reader) -> Source:
    """Let a child process read a file; if it dies or hangs, only the file is refused.

    Raises
    ------
    ToolError
        Where the child takes too long.
    ValueError
        Where it ends without having read the file.
    """
    root = str(Path(__file__).resolve().parent.parent)
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]))
    with tempfile.TemporaryDirectory(prefix="glossa-") as folder:
        command = [sys.executable, "-m", "tools.foreign_child", os.path.abspath(path), reader, folder]
        try:
            done = subprocess.run(
                command, env=environment, timeout=_CHILD_SECONDS, check=False,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise unreadable("The file takes too long to read; export the recording as EDF.") from None
        if done.returncode != 0:
            raise ValueError
        facts = json.loads(Path(folder, FACTS).read_text())
        plain = facts["plain"]
        file = open(plain or Path(folder, SAMPLES), "rb")  # noqa: SIM115 -- closed by the source
    return IsolatedSource(file, facts)


class IsolatedSource:
    """What a child process read: facts in plain values, samples in a file.

    The file holds either doubles, one channel after the other, or (``plain``) single floats, all
    channels of a sample together.
    """

    def __init__(self, file: BinaryIO, facts: dict[str, Any]) -> None:
        self._file = file
        self._scales = np.array(facts["scales"]) if facts["plain"] else None
        self.format: str = facts["format"]
        self.signals: tuple[SourceSignal, ...] = tuple(SourceSignal(**signal) for signal in facts["signals"])
        self.duration: float = facts["duration"]
        self.gaps: tuple[Gap, ...] = tuple(Gap(**gap) for gap in facts["gaps"])
        self.annotations: int = facts["annotations"]
        self.subject = Subject(**facts["subject"])
        self.companions: tuple[str, ...] = tuple(facts["companions"])
        self.warnings: tuple[str, ...] = tuple(facts["warnings"])

    def read(self, rows: Sequence[int], start: int, stop: int) -> NDArray[np.float64]:
        """Give samples in volts."""
        if self._scales is not None:
            width = len(self.signals)
            block = np.frombuffer(self._pread(4 * width * start, 4 * width * (stop - start)), "<f4")
            picked: NDArray[np.float64] = block.reshape(-1, width)[:, rows].T * self._scales[rows, None]
            return picked
        samples = self.signals[0].samples
        out = np.empty((len(rows), stop - start))
        for i, row in enumerate(rows):
            out[i] = np.frombuffer(self._pread(8 * (row * samples + start), 8 * (stop - start)), np.float64)
        return out

    def close(self) -> None:
        """Close the samples; those that the child wrote are gone with it."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _pread(self, offset: int, size: int) -> bytes:
        parts, left = [], size
        while left > 0:
            part = os.pread(self._file.fileno(), left, offset + size - left)
            if not part:
                raise unreadable("The samples end before the header says; copy the files again.")
            parts.append(part)
            left -= len(part)
        return b"".join(parts)
