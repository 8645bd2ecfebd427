"""How much simulated EEG resembles real EEG: the same statistics of both, in one table.

    python -m models.realism FOLDER

FOLDER holds real recordings (19 or more electrodes of the 10-20 system). Every figure is a median over windows of
ten seconds in average reference, 1.6-70 Hz; bad channels are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt, welch
from scipy.stats import kurtosis

from models import topography
from models.segments import simulate_segment
from tools.labels import NEW_TO_CLASSICAL, REGIONS, TEN_TWENTY
from tools.types import Filters, Segment

Array = NDArray[np.float64]

ANGLES = ((20, 40), (40, 60), (60, 90), (90, 120), (120, 181))
"""Ranges of the angle between two electrodes in degrees."""
ACCEPT: dict[str, tuple[float, float]] = {
    "slope awake": (-2.0, -1.0),
    "slope asleep": (-3.2, -2.0),
    "rms awake": (4.0, 20.0),
    "rms asleep or slowed": (8.0, 40.0),
    "kurtosis": (-1.0, 6.0),
    "anterior share, eyes closed": (0.25, 0.40),
}
"""Within which a simulated recording passes. Kurtosis is that beyond a normal distribution."""
CORRELATIONS, WITHIN = (0.68, 0.48, 0.18, -0.27, -0.56), 0.12
"""Medians by angle of a dozen clinical clips, and how far the simulation may be from them."""


class Statistics(NamedTuple):
    """Figures of one window: of the median channel where a channel is meant."""

    slope: float
    rms_uv: float
    kurtosis: float
    anterior_share: float
    """8-12 Hz power of the front over front and back."""
    fast_share: float
    """RMS of 51-69 Hz over that of 4-30 Hz; NaN where the rate does not reach."""
    correlations: tuple[float, ...]
    """By angle, as in `ANGLES`."""


def measure(segment: Segment) -> Statistics:
    """Measure a segment of EEG channels in average reference, unfiltered or filtered alike."""
    names = [NEW_TO_CLASSICAL.get(name, name) for name in segment.channels]
    rows = [row for row, name in enumerate(names) if name in TEN_TWENTY]
    names = [names[row] for row in rows]
    high = min(70.0, 0.45 * segment.sfreq)
    band = butter(4, [1.6, high], "bandpass", fs=segment.sfreq, output="sos")
    data = sosfiltfilt(band, segment.data[rows], axis=1)
    freqs, density = welch(data, segment.sfreq, nperseg=int(4 * segment.sfreq))
    return Statistics(
        slope=_slope(freqs, density),
        rms_uv=float(np.median(data.std(axis=1))),
        kurtosis=float(np.median(kurtosis(data, axis=1))),
        anterior_share=_anterior_share(freqs, density, names),
        fast_share=_fast_share(freqs, density) if high > 69 else float("nan"),
        correlations=_correlations(data, names),
    )


def _slope(freqs: Array, density: Array) -> float:
    inside = (freqs >= 2) & (freqs <= 40)
    fits = np.polyfit(np.log10(freqs[inside]), np.log10(density[:, inside].T + 1e-9), 1)[0]
    return float(np.median(fits))


def _anterior_share(freqs: Array, density: Array, names: list[str]) -> float:
    alpha = density[:, (freqs >= 8) & (freqs < 12)].sum(axis=1)
    front = np.mean([alpha[row] for row, name in enumerate(names) if name in REGIONS["anterior"]])
    back = np.mean([alpha[row] for row, name in enumerate(names) if name in REGIONS["posterior"]])
    return float(front / (front + back))


def _fast_share(freqs: Array, density: Array) -> float:
    # The mains and their side lobes would count as muscle.
    fast = (freqs >= 51.5) & (freqs <= 58) | (freqs >= 62) & (freqs <= 69)
    slow = (freqs >= 4) & (freqs <= 30)
    return float(np.median(np.sqrt(density[:, fast].mean(axis=1) * 18 / density[:, slow].mean(axis=1) / 26)))


def _correlations(data: Array, names: list[str]) -> tuple[float, ...]:
    places = topography.directions(names)
    apart, alike = topography.angles(places, places), np.atleast_2d(np.corrcoef(data))
    upper = np.triu(np.ones(apart.shape, dtype=bool), 1)
    found = []
    for low, high in ANGLES:
        pairs = alike[upper & (apart >= low) & (apart < high)]
        found.append(float(np.median(pairs)) if pairs.size else float("nan"))
    return tuple(found)


def simulated(category: str, state: str | None, count: int = 40) -> Iterator[Segment]:
    """Give average-reference segments of a category and state, without company."""
    for seed in range(count):
        made = simulate_segment(category, 50_000 + seed, state=state, montage="average", accompanied=False)
        yield made.segment


def real(paths: Iterable[Path], most: int = 12) -> Iterator[Segment]:
    """Give ten-second pieces of real recordings, spread over each of them."""
    from tools.bad_channels import unfit_for_average
    from tools.io import open_recording
    from tools.prepare import prepare

    for path in paths:
        with open_recording(path) as recording:
            info = recording.info
            eeg = [c for c in info.names("eeg") if NEW_TO_CLASSICAL.get(c, c) in TEN_TWENTY]
            for onset in np.linspace(5, info.duration - 16, min(most, int(info.duration // 12))):
                raw = recording.read(float(onset), 10.0, eeg)
                bad = unfit_for_average(raw)
                good = [c for c in eeg if c not in bad]
                if len(good) < 15:
                    continue
                filters = Filters(low_cut_hz=0.5, notch_hz=60.0 if "iiic" in str(path) else 50.0)
                piece = prepare(
                    recording, float(onset), 10.0, montage="average", filters=filters, channels=good, bad=()
                )
                if np.isfinite(piece.data).all():
                    yield piece


def summary(segments: Iterable[Segment]) -> tuple[Statistics, int]:
    """Median of every figure over segments, and how many there were."""
    found = [measure(segment) for segment in segments]
    figures = {name: float(np.nanmedian([getattr(one, name) for one in found])) for name in _FIGURES}
    by_angle = np.median([one.correlations for one in found], axis=0)
    return Statistics(**figures, correlations=tuple(float(value) for value in by_angle)), len(found)


_FIGURES = ("slope", "rms_uv", "kurtosis", "anterior_share", "fast_share")
SIMULATED: dict[str, tuple[str, str]] = {
    "awake, eyes closed": ("alpha_rhythm", "wake"),
    "awake, eyes open": ("normal", "eyes_open"),
    "drowsy": ("normal", "drowsy"),
    "N2": ("spindles", "n2"),
    "N3": ("deep_sleep_delta", "n3"),
    "R": ("normal", "rem"),
    "slowed": ("slowing", "slowed"),
    "periodic (LPD)": ("LPD", "slowed"),
    "spikes": ("spikes", "wake"),
}


def table(folder: Path | None) -> str:
    """Make the table as Markdown; without a folder it has the simulated rows alone."""
    lines = [
        "| signal | windows | slope 2-40 Hz | RMS µV | kurtosis | anterior share 8-12 Hz | 51-69/4-30 Hz "
        "| correlation at 20-40° | 40-60° | 60-90° | 90-120° | > 120° |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    rows: list[tuple[str, Iterable[Segment]]] = [
        (f"simulated {name}", simulated(category, state)) for name, (category, state) in SIMULATED.items()
    ]
    if folder is not None:
        rows += [
            ("real, healthy at rest, eyes closed (EEGMAT)", real(sorted(folder.glob("eegmat/*_1.edf")))),
            ("real, healthy, eyes open (EEGMMIDB)", real(sorted(folder.glob("eegmmidb/*R01.edf")))),
            ("real, healthy, eyes closed (EEGMMIDB)", real(sorted(folder.glob("eegmmidb/*R02.edf")))),
            ("real, intensive care, other (IIIC)", real(sorted(folder.glob("iiic_sparcnet/Other*.edf")))),
            ("real, intensive care, patterns (IIIC)", real(sorted(folder.glob("iiic_sparcnet/[GL]*.edf")))),
        ]
    for name, segments in rows:
        found, count = summary(segments)
        figures = [*(getattr(found, name) for name in _FIGURES), *found.correlations]
        lines.append(f"| {name} | {count} | " + " | ".join(f"{value:.2f}" for value in figures) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(Path(sys.argv[1]) if len(sys.argv) > 1 else None))  # noqa: T201 - this is its purpose
