"""``glossa bench``: speed beside what users would write themselves with MNE, SciPy and matplotlib.

Every case first checks that both give the same result, then runs anchor and ours in turn (A B A B ...)
on one thread with shared input. The result is the ratio of medians with a bootstrap interval;
milliseconds are shown but are only as good as the machine is quiet.
"""

from __future__ import annotations

import io
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.types import Filters, Page, Segment

SFREQ, SECONDS, SEED = 200.0, 300.0, 20260101
ONSET, DURATION = 120.0, 10.0
CUT = Filters(low_cut_hz=1.6, high_cut_hz=70.0)
VIEW = Filters(low_cut_hz=0.5, high_cut_hz=70.0)


class Case(NamedTuple):
    """One comparison: goal on the ratio, the two ways, and the check that they agree."""

    name: str
    goal: float
    anchor_name: str
    anchor: Callable[[], Any]
    ours: Callable[[], Any]
    agree: Callable[[], str]
    """Raise AssertionError if the results differ; else say how well they agree."""


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


def run_bench(*, rounds: int = 7, quiet: bool = False) -> dict[str, Any]:
    """Run every case and give the table as one JSON document.

    Parameters
    ----------
    rounds : int
        Rounds of each pair, at least 3; a round times several calls and takes their mean.
    quiet : bool
        Print nothing but progress on stderr.
    """
    rounds = max(3, rounds)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, _quiet_mne():
        path = _write_recording(Path(folder) / "bench.edf")
        for case in _cases(path):
            print(f"… {case.name}", file=sys.stderr)
            rows.append(_row(case, rounds))
        rows += [_ask_row(path, Path(folder), rounds), _help_row(rounds)]
    document = {"cases": rows, "machine": _machine(), "seed": SEED}
    if not quiet:
        _print(rows)
    return document


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


def _write_recording(path: Path) -> Path:
    from models.simulate import simulate, write_edf

    write_edf(simulate(duration=SECONDS, seed=SEED), path)
    return path


def _cases(path: Path) -> list[Case]:
    from tools.io import open_recording

    recording = open_recording(path)
    whole = recording.read(0.0, SECONDS)
    return [
        _page_case(path),
        _filter_case(whole, VIEW, "filtered page, 0.5-70 Hz (the page's default)", 10),
        _filter_case(whole, CUT, "filtered page, 1.6-70 Hz", 10),
        _power_case(whole),
    ]


def _page_case(path: Path) -> Case:
    """From a file on disk to a PNG in memory, opening included."""
    import matplotlib
    import mne

    from tools.io import open_recording
    from tools.page import default_page, render
    from tools.prepare import prepare

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    with open_recording(path) as recording:
        page: Page = default_page(recording.info, ONSET, DURATION).model_copy(
            update={"low_cut_hz": 1.6, "high_cut_hz": 70.0}
        )

    def anchor_signal() -> NDArray[np.float64]:
        raw = mne.io.read_raw_edf(path, preload=False)
        raw.crop(ONSET - 5, ONSET + DURATION + 5).load_data()
        raw.filter(1.6, 70.0)
        raw.set_eeg_reference("average")
        first = round(5 * SFREQ)
        return np.asarray(1e6 * raw.get_data()[:, first : first + round(DURATION * SFREQ)])

    def anchor() -> bytes:
        data = anchor_signal()
        figure, axes = plt.subplots(figsize=(12, 8), dpi=100)
        times = ONSET + np.arange(data.shape[1]) / SFREQ
        for row, trace in enumerate(data):
            axes.plot(times, -trace / 100 - row, "k", lw=0.6)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        plt.close(figure)
        return buffer.getvalue()

    def ours() -> bytes:
        with open_recording(path) as opened:
            return render(opened, page).png

    def agree() -> str:
        with open_recording(path) as opened:
            order = opened.info.names("eeg")
            mine = prepare(opened, ONSET, DURATION, montage="average", filters=CUT, bad=(), channels=order)
        return _alike(mine.data, anchor_signal())

    return Case("page, file to PNG", 10, "MNE read + Raw.filter (FIR) + matplotlib Agg", anchor, ours, agree)


def _alike(mine: NDArray[np.float64], theirs: NDArray[np.float64]) -> str:
    """Compare within 4-30 Hz, where both filters pass: their skirts differ by design (Butterworth, FIR)."""
    from scipy.signal import butter, sosfiltfilt

    sos = butter(4, (4.0, 30.0), "bandpass", fs=SFREQ, output="sos")
    a, b = (sosfiltfilt(sos, data, axis=1)[:, 100:-100].ravel() for data in (mine, theirs))
    correlation = float(np.corrcoef(a, b)[0, 1])
    assert correlation > 0.995, f"the two show different signal (r = {correlation:.4f})"
    return f"correlation with MNE's FIR within 4-30 Hz {correlation:.4f}"


def _filter_case(whole: Segment, filters: Filters, name: str, goal: float) -> Case:
    """Filter a page with the context it needs."""
    import mne

    from tools.filters import apply_filters, filter_page, padding

    pad = padding(filters)
    first, last = round((ONSET - pad) * SFREQ), round((ONSET + DURATION + pad) * SFREQ)
    start, stop = round(ONSET * SFREQ) - first, round((ONSET + DURATION) * SFREQ) - first
    data = np.ascontiguousarray(whole.data[:, first:last])
    segment = Segment(data, whole.channels, SFREQ, onset=first / SFREQ)
    info = mne.create_info(list(whole.channels), SFREQ, "eeg")
    volts = 1e-6 * data

    def anchor() -> Any:
        return mne.io.RawArray(volts.copy(), info).filter(filters.low_cut_hz, filters.high_cut_hz)

    def ours() -> Segment:
        return filter_page(segment, start, stop, filters)

    def agree() -> str:
        mine = ours().data
        full = apply_filters(Segment(whole.data, whole.channels, SFREQ), filters).data
        off = float(np.abs(mine - full[:, first + start : first + stop]).max())
        assert off <= 1e-3, f"the page differs from the filtered recording by {off:.4f} µV"
        theirs = 1e6 * anchor().get_data()[:, start:stop]
        return f"page equals the filtered recording to {off:.1e} µV; {_alike(mine, theirs)}"

    return Case(name, goal, "Raw.filter (FIR) of the same padded span", anchor, ours, agree)


def _power_case(whole: Segment) -> Case:
    """Band power of a 19-channel 10-s segment."""
    from scipy.signal import welch

    from tools.spectral import BANDS, band_power

    first = round(ONSET * SFREQ)
    data = np.ascontiguousarray(whole.data[:, first : first + round(DURATION * SFREQ)])
    segment = Segment(data, whole.channels, SFREQ, onset=ONSET)
    edges = list(BANDS.values())

    def anchor() -> NDArray[np.float64]:
        freqs, density = welch(data, SFREQ, nperseg=round(4 * SFREQ))
        width = freqs[1] - freqs[0]
        sums = [density[:, (freqs >= low) & (freqs < high)].sum(axis=1) * width for low, high in edges]
        return np.stack(sums, axis=1)

    def ours() -> NDArray[np.float64]:
        return band_power(segment).absolute_uv2

    def agree() -> str:
        off = float(np.abs(ours() / anchor() - 1).max())
        assert off < 1e-3, f"band powers differ by {off:.2e}"
        return f"largest relative difference {off:.1e}"

    return Case("band power, 19 ch x 10 s", 3, "scipy.signal.welch per segment", anchor, ours, agree)


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
