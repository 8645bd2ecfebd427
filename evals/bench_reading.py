"""Speed of reading a page and a night through every detector: limits in time and memory, no anchor."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from evals.bench_cases import SEED

PAGE_LIMIT_MS = 60.0
NIGHT_LIMIT_S, NIGHT_LIMIT_GB = 60.0, 1.5
NIGHT_HOURS = 8.0
_READ_A_NIGHT = """
import json, resource, sys, time
from tools.detect import detect
from tools.io import open_recording
from tools.staging import stage_recording
begun = time.perf_counter()
with open_recording(sys.argv[1]) as recording:
    found = detect(recording)
    staged = stage_recording(recording, found=found)
print(json.dumps({"seconds": time.perf_counter() - begun, "events": len(found.events),
                  "epochs": len(staged.epochs), "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}))
"""


def page_row(folder: Path, rounds: int) -> dict[str, Any]:
    """Search a 10-s, 19-channel page for every label, opening left out."""
    from models.segments import simulate_segment
    from models.simulate import Simulated, write_edf
    from tools.detect import detect
    from tools.io import open_recording

    made = simulate_segment("spikes", SEED % 1000)
    path = write_edf(Simulated(made.segment, ()), folder / "page.edf")
    times = []
    with open_recording(path) as recording:
        detect(recording)  # warm up: lazy imports and filter designs
        for _ in range(max(5, rounds)):
            begun = time.perf_counter()
            detect(recording)
            times.append(1e3 * (time.perf_counter() - begun))
    took = np.array(times)
    return {"name": "10-s page, 19 channels, all detectors",
            "ours_ms": {"median": float(np.median(took)), "min": float(took.min()),
                        "p95": float(np.percentile(took, 95))},
            "goal": f"<= {PAGE_LIMIT_MS:g} ms median", "met": bool(np.median(took) <= PAGE_LIMIT_MS)}  # fmt: skip


def night_row(folder: Path, hours: float = NIGHT_HOURS) -> dict[str, Any]:
    """Search and stage a simulated night of six EEG channels with eyes, chin and heart, in a fresh process."""
    from models.night import write_night

    path = folder / "night.edf"
    write_night(path, SEED % 1000, hours=hours)
    child = subprocess.run(
        [sys.executable, "-c", _READ_A_NIGHT, str(path)], check=True, capture_output=True, text=True
    )
    said = json.loads(child.stdout)
    limit = NIGHT_LIMIT_S * hours / NIGHT_HOURS
    took = 1e3 * said["seconds"]
    return {"name": f"{hours:g}-h night, 6 EEG channels, all detectors and stages", **said,
            "ours_ms": {"median": took, "min": took, "p95": took},
            "goal": f"<= {limit:g} s and <= {NIGHT_LIMIT_GB:g} GB",
            "met": said["seconds"] <= limit and said["gb"] <= NIGHT_LIMIT_GB}  # fmt: skip
