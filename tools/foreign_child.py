"""The child process of `tools.isolated`: reads one file and writes down what is in it.

Run as ``python -m tools.foreign_child FILE READER FOLDER``; leaves facts and samples in the folder, or
ends with another status than 0.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import sys
from pathlib import Path
from typing import Any, cast

import numpy as np

from tools.filetype import Reader
from tools.foreign import MneSource, open_raw
from tools.isolated import FACTS, SAMPLES

_MEMORY = 16 << 30
_CHUNK = 1 << 18


def main(path: str, reader: Reader, folder: str) -> None:
    """Read the file and write its samples and facts into the folder."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    raw = open_raw(path, reader)
    source = MneSource(raw, reader, path)
    plain = _plain_samples(source)
    if plain is None:
        _write_samples(source, Path(folder, SAMPLES))
    facts: dict[str, Any] = {
        "plain": plain,
        "scales": [float(channel["cal"] * channel["range"]) for channel in raw.info["chs"]],
        "format": source.format,
        "signals": [dataclasses.asdict(signal) for signal in source.signals],
        "duration": source.duration,
        "gaps": [gap.model_dump() for gap in source.gaps],
        "annotations": source.annotations,
        "subject": dataclasses.asdict(source.subject),
        "companions": source.companions,
        "warnings": source.warnings,
    }
    Path(folder, FACTS).write_text(json.dumps(facts))


def _plain_samples(source: MneSource) -> str | None:
    """Path of an ``.fdt`` file of the right size, which needs no copy."""
    expected = 4 * len(source.signals) * source.signals[0].samples
    for path in source.companions:
        if path.lower().endswith(".fdt") and Path(path).stat().st_size >= expected:
            return path
    return None


def _write_samples(source: MneSource, path: Path) -> None:
    count, samples = len(source.signals), source.signals[0].samples
    out = np.memmap(path, np.float64, "w+", shape=(count, samples))
    for start in range(0, samples, _CHUNK):
        stop = min(samples, start + _CHUNK)
        out[:, start:stop] = source.read(range(count), start, stop)
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1], cast(Reader, sys.argv[2]), sys.argv[3])
