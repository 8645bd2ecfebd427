"""The child process of `tools.foreign`: reads one file whole and writes down what is in it.

Run as ``python -m tools.foreign_child FILE READER FOLDER``; leaves ``samples.f64`` (one channel after
the other) and ``facts.json`` in the folder, or ends with another status than 0.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import sys
from pathlib import Path
from typing import cast

import numpy as np

from tools.filetype import Reader
from tools.foreign import MneSource, open_raw

_MEMORY = 8 << 30
_CHUNK = 1 << 18


def main(path: str, reader: Reader, folder: str) -> None:
    """Read the file and write its samples and facts into the folder."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source = MneSource(open_raw(path, reader), reader)
    samples, count = source.signals[0].samples, len(source.signals)
    out = np.memmap(Path(folder, "samples.f64"), np.float64, "w+", shape=(count, samples))
    for start in range(0, samples, _CHUNK):
        stop = min(samples, start + _CHUNK)
        out[:, start:stop] = source.read(range(count), start, stop)
    out.flush()
    facts = {
        "samples": samples,
        "format": source.format,
        "signals": [dataclasses.asdict(signal) for signal in source.signals],
        "duration": source.duration,
        "gaps": [gap.model_dump() for gap in source.gaps],
        "annotations": source.annotations,
        "subject": dataclasses.asdict(source.subject),
        "warnings": source.warnings,
    }
    Path(folder, "facts.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    main(sys.argv[1], cast(Reader, sys.argv[2]), sys.argv[3])
