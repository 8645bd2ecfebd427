"""How far a run is: counted over all samples, shown as a bar on a terminal and as a line now and then elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TextIO

Progress = Callable[[int, int, str], None]
WIDTH, STEP = 30, 10
"""Characters of the bar; percent between two lines where there is no terminal."""


class Count:
    """Progress over all samples, those of an earlier run included; safe between threads."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress, self._words = total, progress, ""
        self._done = self._before = 0
        self._guard = threading.Lock()

    def begin(self, words: str) -> None:
        """Name what is being run from here on."""
        with self._guard:
            self._words, self._before = words, self._done
            self._tell()

    def one(self) -> None:
        """Count one sample."""
        with self._guard:
            self._done += 1
            self._tell()

    def finish(self, items: int) -> None:
        """Count what was not run because an earlier run had done it."""
        with self._guard:
            if self._done != self._before + items:
                self._done = self._before + items
                self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._done, self._total, self._words)


class Bar:
    """Shows progress on a stream: one line that is drawn again, or one more line every ten percent.

    Use it as a context, so that what comes after begins on a line of its own.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._drawn = self._stream.isatty()
        self._step = -1
        self._open = False

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._open:
            print(file=self._stream, flush=True)

    def __call__(self, done: int, total: int, words: str) -> None:
        """Show that so many of all are done."""
        share = done / max(total, 1)
        if self._drawn:
            full = int(WIDTH * share)
            bar = "#" * full + "." * (WIDTH - full)
            print(f"\r[{bar}] {done}/{total} {words:<40.40}", end="", file=self._stream, flush=True)
            self._open = True
        elif (step := int(100 * share) // STEP) > self._step:
            self._step = step
            print(f"{100 * share:.0f} % ({done} of {total}): {words}", file=self._stream, flush=True)
