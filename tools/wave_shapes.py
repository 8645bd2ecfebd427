"""Single slow waves in a band-passed signal: size and duration of half-waves, and whether they make a rhythm."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import Array
from tools.fir import Band, Single, fir_bands
from tools.spans import Span

_NIGHT_RATE = 33.0
"""Samples per second that are enough for waves below 2 Hz, crossings being drawn between samples."""


class WaveSettings(NamedTuple):
    """Limits of a negative half-wave and the positive one after it; microvolts, hertz and seconds."""

    low: float = 0.55
    high: float = 3.8
    skirt: float = 0.4
    negative_uv: tuple[float, float] = (35.0, 400.0)
    """Depth of the negative half: a blink has its large half on the other side."""
    positive_uv: tuple[float, float] = (0.0, 400.0)
    pp_uv: tuple[float, float] = (75.0, 500.0)
    """Above the upper limit it is movement rather than brain."""
    negative_s: tuple[float, float] = (0.2, 1.2)
    positive_s: tuple[float, float] = (0.2, 1.2)
    whole_s: tuple[float, float] = (0.5, 2.0)
    single_trough: bool = False
    """Whether a second trough that is deep enough rules a wave out."""

    def band(self) -> Band:
        """The band in which the wave is measured."""
        return Band(self.low, self.high, self.skirt, self.skirt)


YASA = WaveSettings(
    low=0.3, high=1.5, skirt=0.2, negative_uv=(40.0, 200.0), positive_uv=(10.0, 150.0), pp_uv=(75.0, 350.0),
    negative_s=(0.3, 1.5), positive_s=(0.1, 1.0), whole_s=(0.4, 2.5),
    single_trough=True,
)  # fmt: skip
"""The defaults of `yasa.sw_detect`, whose events these settings give."""


def single_waves(slow: Array | Single, sfreq: float, settings: WaveSettings) -> list[Span]:
    """Waves of fitting size and duration in every channel.

    Parameters
    ----------
    slow : ndarray, shape (channels, samples)
        Microvolts, in the band of the settings.
    sfreq : float
        Hertz.
    settings : WaveSettings
        Limits.

    Returns
    -------
    list of Span
        From the downward to the second next crossing of zero; the size is peak to peak.
    """
    spans = []
    for row, signal in enumerate(slow):
        starts, stops, _, sizes = _waves(signal, sfreq, settings)
        spans += [
            Span(row, int(a), int(b), float(size)) for a, b, size in zip(starts, stops, sizes, strict=True)
        ]
    return spans


def wave_times(
    data: Array | Single, sfreq: float, settings: WaveSettings = YASA
) -> list[NDArray[np.float64]]:
    """Start and end in seconds of the waves of each channel, fast enough for whole nights.

    Parameters
    ----------
    data : ndarray, shape (channels, samples)
        Microvolts, finite, broad band.
    sfreq : float
        Hertz.
    settings : WaveSettings
        Limits; the band must lie below 2 Hz.

    Returns
    -------
    list of ndarray, shape (waves, 2)
        One for each channel.

    References
    ----------
    Massimini et al. (2004), J Neurosci 24:6862, https://doi.org/10.1523/JNEUROSCI.1318-04.2004.
    """
    step = max(1, int(sfreq / _NIGHT_RATE))
    thinned = _thinned(data, step)
    (slow,) = fir_bands(thinned, sfreq / step, [settings.band()])
    # A mean over `step` samples belongs to their middle.
    lag = (step - 1) / 2 / sfreq
    found = []
    for signal in slow:
        starts, stops, edges, _ = _waves(signal, sfreq / step, settings)
        crossing = edges - signal[edges] / (signal[edges] - signal[edges - 1])
        times = np.stack([np.searchsorted(edges, starts), np.searchsorted(edges, stops)], axis=1)
        found.append(crossing[times] * step / sfreq + lag)
    return found


def _thinned(data: Array | Single, step: int) -> Single:
    """Mean over every `step` samples: below 2 Hz it takes off less than 2 % at 20 samples a second."""
    if step == 1:
        return np.asarray(data, np.float32)
    count = data.shape[1] // step
    pieces = data[:, : count * step].reshape(len(data), count, step)
    return np.asarray(pieces @ np.full(step, 1 / step, pieces.dtype), np.float32)


def _waves(
    signal: Array | Single, sfreq: float, settings: WaveSettings
) -> tuple[NDArray[np.int_], NDArray[np.int_], NDArray[np.int_], Array]:
    """Starts, stops and peak-to-peak sizes of the waves in one channel, and all crossings of zero."""
    negative = signal < 0
    edges = np.flatnonzero(negative[1:] != negative[:-1]) + 1
    empty = np.zeros(0, dtype=int)
    if len(edges) < 3:
        return empty, empty, edges, np.zeros(0)
    # Extremes of all half-waves between crossings at once.
    lowest, highest = np.minimum.reduceat(signal, edges), np.maximum.reduceat(signal, edges)
    first = np.arange(0 if negative[edges[0]] else 1, len(edges) - 2, 2)
    exact = edges - signal[edges] / (signal[edges] - signal[edges - 1])
    down, up = np.diff(exact)[first] / sfreq, np.diff(exact)[first + 1] / sfreq
    depth, height = -lowest[first].astype(float), highest[first + 1].astype(float)
    good = np.ones(len(first), dtype=bool)
    for values, (least, most) in (
        (depth, settings.negative_uv), (height, settings.positive_uv), (depth + height, settings.pp_uv),
        (down, settings.negative_s), (up, settings.positive_s), (down + up, settings.whole_s),
    ):  # fmt: skip
        good &= (values >= least) & (values <= most)
    if settings.single_trough:
        deep = np.flatnonzero(signal[1:-1] <= -settings.negative_uv[0]) + 1
        troughs = deep[(signal[deep] < signal[deep - 1]) & (signal[deep] <= signal[deep + 1])]
        bounds = np.searchsorted(troughs, edges)
        good &= (bounds[first + 1] - bounds[first]) == 1
    return edges[first[good]], edges[first[good] + 2], edges, (depth + height)[good]


def rhythmicity(signal: Array | Single, span: Span, sfreq: float) -> float:
    """How much the surroundings of a wave repeat: autocorrelation of four seconds to both sides, 0 to 1.

    The smaller of the values at one and at two periods, for periods of 0.3 to 1.6 s.
    """
    reach, middle = round(4 * sfreq), (span.start + span.stop) // 2
    first = max(0, min(middle - reach, len(signal) - 2 * reach))
    part = signal[first : first + 2 * reach] - signal[first : first + 2 * reach].mean()
    length = len(part)
    power = np.abs(np.fft.rfft(part, 2 * length)) ** 2
    values = np.fft.irfft(power, 2 * length)[:length]
    # Divide by what of the stretch overlaps at each lag, else long lags look small.
    values /= max(float(values[0]), 1e-9) * (1 - np.arange(length) / length)
    low, high = round(0.3 * sfreq), min(round(1.6 * sfreq), length // 2)
    inner = values[low:high]
    tops = np.flatnonzero((inner[1:-1] > inner[:-2]) & (inner[1:-1] >= inner[2:])) + 1 + low
    best = 0.0
    for lag in tops.tolist():
        again = values[round(1.85 * lag) : round(2.15 * lag) + 1]
        # A top counts only after a trough: a single wide wave falls off without coming back.
        if again.size and values[:lag].min() < 0:
            best = max(best, min(float(values[lag]), float(again.max())))
    return best
