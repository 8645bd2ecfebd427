"""What ``glossa bench`` compares: the usual libraries' way and ours, with the check that both agree."""

from __future__ import annotations

import io
from collections.abc import Callable
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


def write_recording(path: Path) -> Path:
    """Write the simulated recording that all cases share."""
    from models.simulate import simulate, write_edf

    write_edf(simulate(duration=SECONDS, seed=SEED), path)
    return path


def cases(path: Path) -> list[Case]:
    """Prepare every comparison on one recording."""
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
