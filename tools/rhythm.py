"""The dominant frequency of a spectrum and the posterior rhythm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.clean import nan_median
from tools.labels import electrodes, side_of
from tools.rhythm_size import Size, amplitudes
from tools.spectral import Spectrum
from tools.types import AmplitudeKind, NotAnalysed, Record, Segment

_SEARCH = (6.0, 13.0)  # Hz
_LEAST_DB = 3.0  # above the 1/f background, per channel
_LEAST_POOLED_DB = 4.0  # and more where few windows were averaged, since single ones scatter widely
_FEW_WINDOWS_DB = 6.0
_LEAST_SIDE_DB, _LEAST_SIDE_SECONDS = 8.0, 30.0  # a broad peak is placed to half a hertz in 10 s, no better
_LEAST_UV = 8.0  # peak to peak where it is largest: spindles leak 4 to 5 µV to the back, alpha has 14 or more
_LEAST_OCCIPITAL = 0.35  # of the parietal power, best electrode each: spindles fall off towards the occiput
_LEAST_OVER_FRONT_DB = 1.0  # mean power behind over mean power in front
_SLOW_HZ, _SLOW_OVER_FRONT_DB = 7.5, 3.0  # theta of the whole head is nearly as large in front
_LEAST_LOCAL_DB, _LEAST_OVER_SLOWER_DB = 2.5, 1.0  # peak over its flanks, both together and the slower one
_FLANK = (1.75, 3.25)  # Hz from the peak: harmonics of discharges and broad theta have no valley there
_LEAST_OF_HEIGHT = 0.3  # of the whole height of the signal there; spindles that leak stay below it
_HALF_WIDTH = 1.0  # Hz around the peak

_Array = NDArray[np.float64]


class PosteriorRhythm(Record):
    """A rhythm of 6 to 13 Hz that stands out behind and is larger there than in front."""

    frequency_hz: float
    amplitude_uv: float
    amplitude_kind: AmplitudeKind = "pp"
    channels: tuple[str, ...]
    rms_uv: float | None = None
    """RMS of the same band where the rhythm is largest, over the clean seconds."""
    prominence_db: float
    """Height of the peak above the 1/f background, over the posterior channels together."""
    left_hz: float | None = None
    """Of the left side alone; None under 30 s or where it does not stand out enough to be placed."""
    right_hz: float | None = None
    onset: float | None = None
    """Where it is there for a part of the stretch only: when that begins, in seconds of the recording."""
    duration: float | None = None


class _Peak(NamedTuple):
    frequency: float
    prominence_db: float
    power: float


def peak_frequency(freqs: _Array, density: _Array, band: tuple[float, float]) -> float | None:
    """Locate the highest interior peak of a spectrum in a band.

    Parabolic interpolation over the logarithm; where the spectrum only falls or rises through the band,
    the centre of its power. None where there is no power.
    """
    inside = np.flatnonzero((freqs >= band[0] - 1e-9) & (freqs < band[1] - 1e-9))
    if not inside.size or not density[inside].sum() > 0:
        return None
    top = int(inside[np.argmax(density[inside])])
    edge = top in (inside[0], inside[-1])
    if edge or not 0 < top < len(freqs) - 1 or density[top - 1 : top + 2].min() <= 0:
        return float(np.average(freqs[inside], weights=density[inside]))
    below, here, above = np.log(density[top - 1 : top + 2])
    bend = below - 2 * here + above
    shift = 0.5 * (below - above) / bend if bend < 0 else 0.0
    return float(freqs[top] + shift * (freqs[1] - freqs[0]))


def find_posterior_rhythm(
    clean: Segment, found: Spectrum, swing: _Array
) -> tuple[PosteriorRhythm | None, NotAnalysed | None]:
    """Look for the posterior rhythm.

    Parameters
    ----------
    clean : Segment
        EEG, artifacts blanked with NaN; referential, average or bipolar.
    found : Spectrum
        Of the same channels, 1 Hz resolution or finer.
    swing : ndarray, shape (channels, seconds)
        Peak-to-peak of every second of the broad signal, NaN where not usable.

    Returns
    -------
    rhythm : PosteriorRhythm or None
        None where no peak stands clearly above the 1/f background at the back of the head (5.5 dB in
        10 s, 4.2 dB in a minute) and above what lies 1.75 to 3.25 Hz beside it (2.5 dB, of the slower side
        1 dB), where it is not 1 dB larger than in front (3 dB below 7.5 Hz), where it is clearly larger over the
        parietal than over the occipital electrodes (three times the power), and where it stays below 8 µV or
        below 0.3 of the whole height of the signal, peak to peak.
    not_analysed : NotAnalysed or None
        Why it could not be looked for, if so.

    Notes
    -----
    Frequency is the centre of the power above the background within 1 Hz of the peak; amplitude the
    median over seconds of the peak-to-peak of the signal within 2.5 Hz of it. Whether the eyes were
    closed, and the state, are not known here; mu at C3 and C4 does not count as posterior. The limits of
    the valleys beside the peak and of the share of the height are ours, set on simulated segments.

    References
    ----------
    Lodder SS, van Putten MJAM (2011), J Neurosci Methods 200:86-93,
    doi:10.1016/j.jneumeth.2011.06.008; Donoghue T et al. (2020), Nat Neurosci 23:1655-1665,
    doi:10.1038/s41593-020-00744-x (the 1/f background).
    """
    back = [row for row, name in enumerate(found.channels) if is_behind(name)]
    front = [row for row, name in enumerate(found.channels) if is_in_front(name)]
    reason = _why_not(found, back, front)
    if reason:
        return None, NotAnalysed(label="posterior_rhythm", reason=reason)
    pooled = _peak(found.freqs, np.exp(np.log(np.maximum(found.density[back], 1e-12)).mean(axis=0)))
    windows = max(1.0, 2 * clean.duration * found.resolution_hz - 1)
    # A centre below the range searched is the skirt of theta.
    if pooled is None or pooled.frequency < _SEARCH[0]:
        return None, None
    if pooled.prominence_db < _LEAST_POOLED_DB + _FEW_WINDOWS_DB / windows:
        return None, None
    rows = _strong(found, back, pooled.frequency)
    if not rows or not _has_valleys(found.freqs, found.density[rows].mean(axis=0), pooled.frequency):
        return None, None
    size = amplitudes(clean.pick([found.channels[row] for row in rows]), pooled.frequency)
    large = size.largest >= _LEAST_UV and size.typical >= _LEAST_OF_HEIGHT * float(nan_median(swing[rows]))
    if not large or not _is_behind_most(found, pooled.frequency, back, front):
        return None, None
    return _rhythm(found, rows, pooled, size, clean.duration), None


def _strong(found: Spectrum, back: Sequence[int], frequency: float) -> list[int]:
    """Channels in which the peak stands out, and no weaker than a quarter of the strongest."""
    peaks = {row: _peak(found.freqs, found.density[row], frequency) for row in back}
    power = {row: peak.power for row, peak in peaks.items() if peak and peak.prominence_db >= _LEAST_DB}
    return [row for row in power if power[row] >= max(power.values()) / 4]


def _rhythm(
    found: Spectrum, rows: Sequence[int], pooled: _Peak, size: Size, duration: float
) -> PosteriorRhythm:
    sides = {
        side: _side_frequency(found, rows, side, pooled.frequency, duration) for side in ("left", "right")
    }
    return PosteriorRhythm(
        frequency_hz=pooled.frequency,
        amplitude_uv=size.typical,
        rms_uv=size.rms,
        channels=tuple(found.channels[row] for row in rows),
        prominence_db=pooled.prominence_db,
        left_hz=sides["left"],
        right_hz=sides["right"],
    )


def _decibel(power: float, other: float) -> float:
    return float(10 * np.log10(max(power, 1e-12) / max(other, 1e-12)))


def _has_valleys(freqs: _Array, density: _Array, frequency: float) -> bool:
    """Whether a peak stands above both its flanks, as a rhythm does and neither theta at large nor a harmonic."""
    away = freqs - frequency
    near, far = _FLANK
    top = density[np.abs(away) <= 0.75].mean()
    slower = density[(away <= -near) & (away >= -far)].mean()
    faster = density[(away >= near) & (away <= far)].mean()
    over_both = _decibel(top, float(np.sqrt(slower * faster)))
    return over_both >= _LEAST_LOCAL_DB and _decibel(top, slower) >= _LEAST_OVER_SLOWER_DB


def _why_not(found: Spectrum, back: Sequence[int], front: Sequence[int]) -> str | None:
    if not back:
        return "no usable electrode over the back of the head"
    if not front:
        return "no electrode further forward to compare the back of the head with"
    if found.resolution_hz > 1.01:
        return f"a resolution of {found.resolution_hz:.2g} Hz is too coarse"
    if found.freqs[-1] < 20:
        return "the sampling rate is too low"
    return None


def is_occipital(channel: str) -> bool:
    """Whether one of a channel's electrodes lies over the occiput."""
    return any(site.startswith(("O", "PO")) for site in electrodes(channel))


def is_behind(channel: str) -> bool:
    """Occipital or parietal; of a bipolar channel one end has to be occipital."""
    return is_occipital(channel) or electrodes(channel) in {("P3",), ("P4",), ("Pz",)}


def is_in_front(channel: str) -> bool:
    """Frontal, central or temporal, with all of its electrodes."""
    sites = electrodes(channel)
    return bool(sites) and all(site.startswith(("Fp", "AF", "F", "C", "T3", "T4")) for site in sites)


def _is_behind_most(found: Spectrum, frequency: float, back: Sequence[int], front: Sequence[int]) -> bool:
    """Whether a rhythm is larger behind than in front, and has a fair share over the occiput."""
    power = found.density[:, np.abs(found.freqs - frequency) <= _HALF_WIDTH].mean(axis=1)
    least = _SLOW_OVER_FRONT_DB if frequency < _SLOW_HZ else _LEAST_OVER_FRONT_DB
    if _decibel(power[back].mean(), power[front].mean()) < least:
        return False
    channels = found.channels
    occipital = [row for row in back if is_occipital(channels[row])]
    parietal = [row for row in back if row not in occipital]
    if not occipital or not parietal:
        return True  # only one kind is there to look at
    return bool(power[occipital].max() >= _LEAST_OCCIPITAL * power[parietal].max())


def _side_frequency(
    found: Spectrum, rows: Sequence[int], side: str, near: float, duration: float
) -> float | None:
    chosen = [row for row in rows if side_of(found.channels[row]) == side]
    if not chosen or duration < _LEAST_SIDE_SECONDS:
        return None
    peak = _peak(found.freqs, found.density[chosen].mean(axis=0), near)
    return peak.frequency if peak and peak.prominence_db >= _LEAST_SIDE_DB else None


def _peak(freqs: _Array, density: _Array, near: float | None = None) -> _Peak | None:
    """Find the peak of 6-13 Hz (or within 2 Hz of ``near``) above a straight line in log-log."""
    background = _background(freqs, density)
    # Two bins of smoothing: single windows scatter by several dB.
    smooth = np.convolve(density, [0.25, 0.5, 0.25], mode="same")
    excess = 10 * np.log10(np.maximum(smooth, 1e-12) / background)
    low, high = _SEARCH if near is None else (near - 2, near + 2)
    inside = np.flatnonzero((freqs >= low) & (freqs <= high))
    inside = inside[(inside > 0) & (inside < len(freqs) - 1)]
    summits = [i for i in inside if excess[i] >= excess[i - 1] and excess[i] >= excess[i + 1]]
    if not summits:
        return None
    top = max(summits, key=lambda i: float(excess[i]))
    around = np.abs(freqs - freqs[top]) <= _HALF_WIDTH
    above = np.maximum(density - background, 0)[around]
    if not above.sum() > 0:
        return None
    frequency = float(np.average(freqs[around], weights=above))
    return _Peak(frequency, float(excess[top]), float(density[around].mean()))


def _background(freqs: _Array, density: _Array) -> _Array:
    """Straight line through the logarithms from 2 to 30 Hz, leaving out where rhythms are looked for."""
    ceiling = min(30.0, 0.8 * freqs[-1])
    used = (freqs >= 2) & (freqs <= ceiling) & ((freqs < _SEARCH[0] - 0.5) | (freqs > _SEARCH[1] + 1))
    axis = np.log(np.maximum(freqs, 0.1))
    height = np.log(np.maximum(density, 1e-12))
    slope, offset = np.polyfit(axis[used], height[used], 1)
    line: _Array = np.exp(offset + slope * axis)
    return line
