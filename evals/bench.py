"""``glossa bench``: speed beside what users would write themselves with MNE, SciPy and matplotlib.

Every case first checks that both give the same result, then runs anchor and ours in turn (A B A B ...)
on one thread with shared input. The result is the ratio of medians with a bootstrap interval;
milliseconds are shown but are only as good as the machine is quiet.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evals.bench_cases import SEED, Case, cases, write_recording
from evals.bench_reading import night_row, page_row
from evals.bench_sleep import sleep_cases
from evals.bench_staging import staging_cases


class Outcome(NamedTuple):
    """Milliseconds of both, and the ratio with its 95 % interval."""

    anchor_ms: NDArray[np.float64]
    ours_ms: NDArray[np.float64]

    def ratio(self) -> tuple[float, float, float]:
        """Ratio of medians, lower and upper end of the bootstrap interval."""
        rng = np.random.default_rng(SEED)
        pick = rng.integers(0, len(self.ours_ms), (2000, len(self.ours_ms)))
        draws = np.median(self.anchor_ms[pick], axis=1) / np.median(self.ours_ms[pick], axis=1)
        low, high = np.percentile(draws, [2.5, 97.5])
        return float(np.median(self.anchor_ms) / np.median(self.ours_ms)), float(low), float(high)


def run_bench(*, rounds: int = 7, hours: float = 8.0, quiet: bool = False) -> dict[str, Any]:
    """Run every case and give the table as one JSON document.

    Parameters
    ----------
    rounds : int
        Rounds of each pair, at least 3; a round times several calls and takes their mean.
    hours : float
        Length of the night that is read and staged.
    quiet : bool
        Print nothing but progress on stderr.
    """
    rounds = max(3, rounds)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, _quiet_mne():
        path = write_recording(Path(folder) / "bench.edf")
        compared, skipped = _all_cases(path, hours)
        for case in compared:
            print(f"… {case.name}", file=sys.stderr)
            rows.append(_row(case, rounds))
        rows += [_ask_row(path, Path(folder), rounds), _help_row(rounds), page_row(Path(folder), rounds)]
        print("… a whole night", file=sys.stderr)
        rows.append(night_row(Path(folder), hours))
    document = {"cases": rows, "skipped": skipped, "machine": _machine(), "seed": SEED}
    if not quiet:
        _print(rows)
        for reason in skipped:
            print(f"left out: {reason}")
    return document


def _all_cases(path: Path, hours: float) -> tuple[list[Case], list[str]]:
    """Every comparison that can be made here, and why the others cannot."""
    staging, without_yasa = staging_cases(hours)
    if without_yasa:
        return cases(path), [f"spindles, slow waves and staging: {without_yasa}"]
    return [*cases(path), *sleep_cases(), *staging], []


def _row(case: Case, rounds: int) -> dict[str, Any]:
    agreement = case.agree()
    outcome = _time(case, rounds)
    ratio, low, high = outcome.ratio()
    return {
        "name": case.name, "anchor": case.anchor_name, "agreement": agreement,
        "anchor_ms": _summary(outcome.anchor_ms), "ours_ms": _summary(outcome.ours_ms),
        "ratio": ratio, "interval": [low, high], "goal": f">= {case.goal:g}x", "met": low >= case.goal,
    }  # fmt: skip


def _summary(times: NDArray[np.float64]) -> dict[str, float]:
    return {
        "median": float(np.median(times)),
        "min": float(times.min()),
        "p95": float(np.percentile(times, 95)),
    }


def _time(case: Case, rounds: int) -> Outcome:
    ways = (case.anchor, case.ours)
    repeats = []
    for way in ways:
        way()  # warm up: caches and lazy imports
        begun = time.perf_counter()
        way()
        repeats.append(max(1, round(0.05 / max(time.perf_counter() - begun, 1e-6))))
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for way, repeat, into in zip(ways, repeats, times, strict=True):
            begun = time.perf_counter()
            for _ in range(repeat):
                way()
            into.append(1e3 * (time.perf_counter() - begun) / repeat)
    return Outcome(np.array(times[0]), np.array(times[1]))


@contextmanager
def _quiet_mne() -> Iterator[None]:
    import warnings

    import mne

    with mne.utils.use_log_level("ERROR"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _ask_row(path: Path, folder: Path, rounds: int) -> dict[str, Any]:
    """Embedded answers on an open recording, threads on disk included."""
    from agent.memory import ThreadStore
    from agent.run import ask
    from agent.settings import Settings
    from knowledge.store import open_store
    from tools.io import open_recording

    questions = ("What does this page show?", "Are there spindles?", "How fast is the posterior rhythm?",
                 "Any epileptiform activity?", "What makes an epoch N2?")  # fmt: skip
    settings = Settings(home=folder / "home")
    rules = open_store(folder / "home" / "rules")
    times = []
    with ThreadStore(folder / "home" / "threads") as threads, open_recording(path) as recording:
        thread = threads.create("bench", recording.info.handle)
        for question in questions * max(2, rounds // 2):
            begun = time.perf_counter()
            for _ in ask(question, recording, settings=settings, threads=threads, rules=rules,
                         owner="bench", thread=thread):  # fmt: skip
                pass
            times.append(1e3 * (time.perf_counter() - begun))
    return _limit_row("embedded ask on an open recording", np.array(times[1:]), 1000.0)


def _help_row(rounds: int) -> dict[str, Any]:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "ui.cli", "--help"], check=True, capture_output=True)
        times.append(1e3 * (time.perf_counter() - begun))
    return _limit_row("glossa --help", np.array(times), 500.0)


def _limit_row(name: str, times: NDArray[np.float64], limit_ms: float) -> dict[str, Any]:
    return {"name": name, "ours_ms": _summary(times), "goal": f"<= {limit_ms:g} ms median",
            "met": bool(np.median(times) <= limit_ms)}  # fmt: skip


def _machine() -> dict[str, Any]:
    from importlib.metadata import version

    parts = ("numpy", "scipy", "mne", "matplotlib", "glossa-eeg")
    return {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[0],
            "versions": {part: version(part) for part in parts}}  # fmt: skip


def _print(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        ours = row["ours_ms"]["median"]
        verdict = "met" if row["met"] else "MISSED"
        if "ratio" in row:
            low, high = row["interval"]
            print(f"{row['name']}: {ours:.2f} ms beside {row['anchor_ms']['median']:.2f} ms ({row['anchor']}): "
                  f"{row['ratio']:.1f}x [{low:.1f}, {high:.1f}], goal {row['goal']}: {verdict}")  # fmt: skip
            print(f"    same result: {row['agreement']}")
        else:
            print(f"{row['name']}: median {ours:.0f} ms, goal {row['goal']}: {verdict}")
