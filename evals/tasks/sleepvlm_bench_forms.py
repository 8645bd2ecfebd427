"""What a model is given of an epoch in SleepVLM-Bench: a picture, a description in words, or a sequence."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tools.types import Detection, Event, Segment, ToolError

Form = Literal["image", "features", "raw", "discrete"]
FORMS: tuple[Form, ...] = ("image", "features", "raw", "discrete")
RATE, SECONDS = 100, 30
BANDS = {"delta": (1, 4), "theta": (4, 8), "alpha": (8, 13), "beta": (13, 30)}
"""Bins of 1 Hz, the upper one excluded; the EEG of the benchmark ends at 35 Hz."""
SWING_UV = 50.0
_FLAT_UV = 0.5

_ASK = "Which sleep stage is it? Answer with one of W, N1, N2, N3 and REM, and nothing else."
_GIVEN = {
    "image": "The picture shows 30 s of polysomnography: EEG above, EOG in the middle, chin EMG below, each on a scale "
    "of its own in µV.",
    "features": "Here is what was measured in 30 s of polysomnography with one EEG, one EOG and the chin EMG.",
    "raw": "Here are 30 s of one EEG channel as numbers in µV, 100 a second.",
    "discrete": "Here are 30 s of one EEG channel as letters, 10 a second: a is far below the mean of the epoch, d and "
    "e lie around it, h is far above.",
}
RULES = """Waves to look for: alpha rhythm has 8 to 13 Hz; low-amplitude mixed-frequency activity is mostly 4 to 7 Hz;
vertex waves are sharp and shorter than 0.5 s; spindles are bursts of 11 to 16 Hz that last 0.5 s or longer;
K-complexes are a sharp negative wave followed by a positive one, 0.5 s or longer; slow waves have 0.5 to 2 Hz and more
than 75 µV from peak to peak; sawtooth waves are notched waves of 2 to 6 Hz.
W: alpha rhythm fills more than half of the epoch, or there are blinks and much chin tone.
N1: low mixed activity in place of alpha, vertex waves, slowly rolling eyes.
N2: spindles or K-complexes, and few slow waves.
N3: slow waves fill a fifth of the epoch or more.
REM: low mixed activity, rapid eye movements, and the lowest chin tone."""
"""In our own words, after the definitions that the benchmark gives."""
PROMPTS = ("plain", "rules")


def prompt_text(form: Form, prompt: str) -> str:
    """The question without the epoch.

    Raises
    ------
    ToolError
        If there is no such form or prompt.
    """
    if form not in FORMS:
        raise ToolError("There is no such form of input.", field="form", choices=FORMS)
    if prompt not in PROMPTS:
        raise ToolError("There is no such prompt.", field="prompt", choices=PROMPTS)
    return "\n".join([_GIVEN[form], *((RULES,) if prompt == "rules" else ()), _ASK])


def epoch_text(form: Form, signals: NDArray[np.float32]) -> str:
    """An epoch in words or as a sequence; empty for ``image``.

    Parameters
    ----------
    form : str
        One of `FORMS`.
    signals : ndarray, shape (3, 3000)
        EEG, EOG and EMG in µV at 100 Hz.
    """
    if form == "features":
        return features(signals)
    if form == "raw":
        return " ".join("nan" if not np.isfinite(v) else f"{v:.0f}" for v in np.round(signals[0]) + 0.0)
    return discrete(signals[0]) if form == "discrete" else ""


def discrete(trace: NDArray[np.float32], letters: str = "abcdefgh") -> str:
    """Means of 0.1 s, standardised, as letters that a normal distribution would use alike.

    Amplitude is lost by this, so the deviation is said in front. A flat trace is its middle letter throughout.

    References
    ----------
    Lin et al. (2003), https://doi.org/10.1145/882082.882086.
    """
    from scipy.special import ndtri

    whole = np.where(np.isfinite(trace), trace, 0.0).astype(float)
    means = whole.reshape(-1, RATE // 10).mean(axis=1)
    spread = float(means.std())
    scores = (means - means.mean()) / spread if spread > 1e-6 else np.zeros_like(means)
    cuts = ndtri(np.arange(1, len(letters)) / len(letters))
    word = "".join(letters[i] for i in np.searchsorted(cuts, scores))
    seconds = [word[n : n + 10] for n in range(0, len(word), 10)]
    return f"standard deviation {spread:.0f} µV\n{' '.join(seconds)}"


def features(signals: NDArray[np.float32]) -> str:
    """Describe an epoch as a technologist would measure it: bands second by second, waves, eyes, chin.

    Parameters
    ----------
    signals : ndarray, shape (3, 3000)
        EEG, EOG and EMG in µV at 100 Hz.

    Notes
    -----
    Spindles, K-complexes and slow waves come from our detectors, run on this single derivation without knowing
    where it lies. What could not be looked for is said to be so.
    """
    eeg, eog, emg = (np.asarray(trace, dtype=float).reshape(SECONDS, RATE) for trace in signals)
    return "\n".join([*_bands(eeg), *_waves(signals[0]), _eyes(eog), _chin(emg)])


def _bands(eeg: NDArray[np.float64]) -> list[str]:
    span = np.ptp(eeg, axis=1)
    whole = np.isfinite(span)
    calm = np.where(whole[:, None], eeg, 0.0)
    power = np.abs(np.fft.rfft((calm - calm.mean(axis=1, keepdims=True)) * np.hanning(RATE), axis=1)) ** 2
    table = np.stack([power[:, low:high].sum(axis=1) for low, high in BANDS.values()])
    total = table[:, whole & (span > _FLAT_UV)].sum(axis=1)
    shares = total / total.sum() if total.sum() > 0 else np.zeros(len(BANDS))
    names = list(BANDS)
    strongest = [
        "missing" if not ok else ("flat" if wide <= _FLAT_UV else names[int(np.argmax(column))])
        for ok, wide, column in zip(whole, span, table.T, strict=True)
    ]
    parts, first = [], 0
    for n in range(1, SECONDS + 1):
        if n == SECONDS or strongest[n] != strongest[first]:
            sizes = span[first:n]
            seconds = f"{first + 1}" if n == first + 1 else f"{first + 1}-{n}"
            parts.append(
                seconds + f" {strongest[first]}" + (f" {np.median(sizes):.0f}" if whole[first] else "")
            )
            first = n
    said = ", ".join(f"{name} {100 * share:.0f} %" for name, share in zip(names, shares, strict=True))
    return [
        f"EEG power by band: {said}.",
        f"EEG by second, strongest band and peak-to-peak in µV: {', '.join(parts)}.",
    ]


def _waves(trace: NDArray[np.float32]) -> list[str]:
    from tools.kcomplexes import find_k_complexes
    from tools.slow_waves import find_slow_waves
    from tools.spindles import find_spindles

    segment = Segment(np.asarray(trace, dtype=float)[None], ("EEG",), float(RATE))
    lines = []
    for words, find in (("Spindles", find_spindles), ("K-complexes", find_k_complexes)):
        lines.append(_listed(words, find(segment)))
    found = find_slow_waves(segment)
    tall = [e for e in found.events if e.amplitude is None or e.amplitude.value_uv > 75]
    seconds = sum(e.duration for e in tall)
    lines.append(
        f"Slow waves above 75 µV: {len(tall)}, over {seconds:.0f} of {SECONDS} s."
        if found.analysed.labels
        else "Slow waves: could not be looked for."
    )
    return lines


def _listed(words: str, found: Detection) -> str:
    if not found.analysed.labels:
        return f"{words}: could not be looked for."
    return f"{words}: {', '.join(map(_told, found.events)) or 'none'}."


def _told(event: Event) -> str:
    rate = f" at {event.frequency_hz:.1f} Hz" if event.frequency_hz else ""
    return f"{event.onset:.1f}-{event.onset + event.duration:.1f} s{rate}"


def _eyes(eog: NDArray[np.float64]) -> str:
    swing = np.ptp(eog, axis=1)
    if not np.isfinite(swing).any():
        return "EOG: missing."
    many = [str(n + 1) for n in np.flatnonzero(swing > SWING_UV)]
    where = f"in seconds {', '.join(many)}" if many else "in no second"
    return f"EOG: swings above {SWING_UV:.0f} µV {where}; largest {np.nanmax(swing):.0f} µV."


def _chin(emg: NDArray[np.float64]) -> str:
    level = np.sqrt((emg**2).mean(axis=1))
    if not np.isfinite(level).any():
        return "Chin EMG: missing."
    return (
        f"Chin EMG: {np.nanmedian(level):.1f} µV RMS in the median second, "
        f"{np.nanmin(level):.1f} to {np.nanmax(level):.1f}."
    )
