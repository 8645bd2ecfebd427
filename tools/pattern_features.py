"""What periodic, rhythmic and ictal patterns are told by: measurements of ten seconds, each side pooled.

Everything is measured between neighbouring electrodes, where a discharge of one side does not leak into the other
through a common reference. Spectra, autocorrelations and envelopes are summed over the derivations of a side,
so that phase reversals do not cancel.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.chains import pair_groups
from tools.conditioning import Array, Bools, at_rate, band, mend, moving_mean
from tools.labels import NEW_TO_CLASSICAL, electrodes, side_of
from tools.montage import NEIGHBOURS
from tools.types import Segment

RATE = 100.0
WINDOW = 10.0
"""Seconds: the shortest stretch in which six cycles of 0.6 Hz fit, and what the definitions count in."""
BAND = (0.5, 16.0)
"""Hz. Faster activity is muscle, mains or beta far more often than part of a pattern."""
_CLIP = 2.5
"""Excursions beyond so many times the 90th percentile of a derivation are cut: pops and movements."""
_LOUDEST = 2.5
"""Times the median amplitude with which a derivation may weigh in a pool."""
_LOUD, _ALONE = 1.5, 0.4
"""An electrode is left out of a window where it is so many times louder than the median and correlates with no
neighbour better than this."""
_MUSCLE = (18.0, 40.0)
_FEWEST_PAIRS = 6
_POINTS = 2048
_PIECE, _HOP = 2.0, 0.5  # s, of the short spectra that show evolution

FEATURES = (
    "amplitude", "theta_amplitude", "rhythm", "rhythm_again", "rhythm_all", "concentration", "rhythm_hz",
    "harmonics", "gap", "sharp_gap", "period", "period_again", "period_all", "period_hz", "fast_rhythm",
    "fast_hz", "slope", "change", "growth", "sustained", "tonality", "posterior", "laterality",
    "sharp_laterality", "synchrony", "coherence", "cycle_cv", "cycle_hz", "cycle_size_cv",
    "muscle", "eyes",
)  # fmt: skip


class View(NamedTuple):
    """Derivations in which patterns are looked for."""

    names: tuple[str, ...]
    data: Array  # (derivations, samples), filtered
    sides: tuple[str, ...]
    muscle: Array  # (derivations, samples), what lies above the band
    sites: tuple[str, ...]
    """Electrodes of one reference that the derivations are made of; none where they were recorded as they are."""
    voltage: Array  # (sites, samples), filtered
    eyes: Array  # (pairs, samples): frontopolar against frontal electrodes
    sfreq: float
    missing: Bools  # at the rate of the recording


def view_of(eeg: Segment) -> View:
    """Neighbouring electrodes against each other, or the channels as they are where there are too few.

    Frontopolar electrodes are left out where enough others remain: what is largest there are the eyes.
    """
    mended, missing = mend(eeg.data)
    slower = at_rate(replace(eeg, data=_without_hum(mended, eeg.sfreq)), RATE)
    level = slower.data - slower.data.mean(axis=1, keepdims=True)
    filtered = band(level, slower.sfreq, *BAND)
    fast = band(level, slower.sfreq, *_MUSCLE, order=2)
    names, first, second = _pairs(eeg.channels)
    if len(names) >= _FEWEST_PAIRS:
        used = sorted({*first, *second})
        sites = tuple(_sites(eeg.channels[row])[0] for row in used)
        both = missing[first] | missing[second]
        data, muscle = filtered[first] - filtered[second], fast[first] - fast[second]
    else:
        rows = _once(eeg.channels)
        names, used, sites = tuple(eeg.channels[row] for row in rows), [], ()
        data, muscle, both = filtered[rows], fast[rows], missing[rows]
    sides = tuple(side_of(name) for name in names)
    eyes = _eyes(eeg.channels, filtered)
    return View(names, data, sides, muscle, sites, filtered[used], eyes, slower.sfreq, both)


def _eyes(channels: tuple[str, ...], filtered: Array) -> Array:
    """Frontopolar electrodes against those behind them, as recorded or from one reference."""
    wanted = (("Fp1", "F3"), ("Fp2", "F4"), ("Fp1", "F7"), ("Fp2", "F8"))
    rows: dict[tuple[str, ...], int] = {}
    for row, name in enumerate(channels):
        rows.setdefault(_sites(name), row)
    found = [filtered[rows[pair]] for pair in wanted if pair in rows]
    for first, second in () if found else wanted:
        if (first,) in rows and (second,) in rows:
            found.append(filtered[rows[first,]] - filtered[rows[second,]])
    return np.stack(found) if found else filtered[:0]


def _without_hum(data: Array, sfreq: float) -> Array:
    """Means over a period of 60 and of 50 Hz: hum at the ends would ring through every filter after it."""
    from scipy.ndimage import uniform_filter1d

    reach = 0
    for hertz in (60.0, 50.0):
        if sfreq > 2 * hertz:
            width = round(sfreq / hertz)
            data, reach = uniform_filter1d(data, width, axis=1, mode="nearest"), reach + width // 2 + 1
    if 0 < 2 * reach < data.shape[1]:
        data[:, :reach], data[:, -reach:] = data[:, reach : reach + 1], data[:, -reach - 1 : -reach]
    return data


def _sites(name: str) -> tuple[str, ...]:
    return tuple(NEW_TO_CLASSICAL.get(part, part) for part in electrodes(name))


def _pairs(channels: tuple[str, ...]) -> tuple[tuple[str, ...], list[int], list[int]]:
    """Longitudinal pairs of referential channels, and the rows of both ends."""
    rows: dict[str, int] = {}
    for row, name in enumerate(channels):
        if len(_sites(name)) == 1:
            rows.setdefault(_sites(name)[0], row)
    pairs = [pair for chain in pair_groups("longitudinal") for pair in chain if not pair.startswith("Fp")]
    found = [pair for pair in pairs if set(pair.split("-")) <= set(rows)]
    ends = [pair.split("-") for pair in found]
    return tuple(found), [rows[a] for a, _ in ends], [rows[b] for _, b in ends]


def _once(channels: tuple[str, ...]) -> list[int]:
    """Rows of the channels as they are: a pair that is recorded twice once, frontopolar ones where needed."""
    once: dict[frozenset[str], int] = {}
    for row, name in enumerate(channels):
        once.setdefault(frozenset(_sites(name)) or frozenset((name,)), row)
    keep = list(once.values())
    behind = [row for row in keep if not any(site.startswith("Fp") for site in _sites(channels[row]))]
    return behind if len(behind) >= 4 else keep


def pools(sides: tuple[str, ...]) -> Array:
    """Which derivations belong to the left, the right and all, shape (3, derivations)."""
    left = np.array([side == "left" for side in sides])
    right = np.array([side == "right" for side in sides])
    if not left.any() or not right.any():
        left = right = np.ones(len(sides), dtype=bool)
    return np.stack([left, right, np.ones(len(sides), dtype=bool)]).astype(float)


class Pooled(NamedTuple):
    """Ten-second windows of each pool; shapes begin with (3 pools, windows)."""

    spectrum: Array
    freqs: Array
    correlation: Array
    """Autocorrelation of the signal, 0 to 4 s."""
    size: Array
    """Instantaneous amplitude over the derivations, smoothed over 80 ms."""
    sharpness: Array
    """Instantaneous slope over the derivations, smoothed over 120 ms."""
    power: Array
    """Mean power of a derivation."""
    weights: Array  # (derivations, windows)
    spectra: Array  # (derivations, windows, frequencies)
    cut: Array  # (derivations, windows, samples)


def pool_windows(view: View, step: float) -> Pooled:
    """Cut into windows of `WINDOW` every `step` seconds and pool each side.

    Windows are shorter where the signal is.
    """
    sfreq = view.sfreq
    length = min(round(WINDOW * sfreq), view.data.shape[1])
    cut = np.lib.stride_tricks.sliding_window_view(view.data, length, axis=1)[:, :: round(step * sfreq)]
    cut = cut - cut.mean(axis=2, keepdims=True)
    limit = _CLIP * np.quantile(np.abs(cut[:, :, ::4]), 0.9, axis=2, keepdims=True)
    cut = np.clip(cut, -limit, limit)
    power = np.mean(cut**2, axis=2)
    weights = np.minimum(1.0, _LOUDEST**2 * np.median(power, axis=0) / np.maximum(power, 1e-9))
    weights = weights * _attached(view, power.shape[1], step)
    pool = pools(view.sides)
    window = np.hanning(length)
    freqs = np.fft.rfftfreq(_POINTS, 1 / sfreq)
    kept = freqs <= 1.2 * BAND[1]
    spectra = np.abs(np.fft.rfft(cut * window, _POINTS, axis=2)[:, :, kept]) ** 2
    weighted = weights[:, :, None] * spectra
    spectrum = np.stack([np.tensordot(row, weighted, axes=(0, 0)) for row in pool])
    lags = round(4 * sfreq)
    own = np.fft.irfft(np.abs(np.fft.rfft(window, _POINTS)) ** 2, _POINTS)[:lags]
    padded = np.zeros((*spectrum.shape[:2], len(freqs)))
    padded[:, :, kept] = spectrum
    correlation = np.fft.irfft(padded, _POINTS, axis=2)[:, :, :lags]
    correlation /= np.maximum(correlation[:, :, :1], 1e-9) * np.maximum(own / own[0], 0.02)
    share = pool[:, :, None] * weights
    return Pooled(
        spectrum,
        np.asarray(freqs[kept], dtype=np.float64),
        correlation,
        _root(moving_mean(_over(share, cut**2), sfreq, 0.08)),
        _root(moving_mean(_over(share, np.diff(cut, axis=2) ** 2), sfreq, 0.12)),
        (share * power).sum(axis=1) / np.maximum(share.sum(axis=1), 1e-9),
        weights,
        spectra,
        cut,
    )


def _attached(view: View, count: int, step: float) -> Array:
    """0 for the derivations of an electrode that is louder than the rest and resembles no neighbour, else 1."""
    trusted = np.ones((len(view.names), count))
    if not view.sites:
        return trusted
    second, sites = round(view.sfreq), view.sites
    whole = view.voltage.shape[1] // second
    pieces = view.voltage[:, : whole * second].reshape(len(sites), whole, second).transpose(1, 0, 2)
    total = np.concatenate(
        [np.zeros((1, len(sites), len(sites))), np.cumsum(pieces @ pieces.transpose(0, 2, 1), 0)]
    )
    first = np.minimum(np.round(np.arange(count) * step).astype(int), max(0, whole - round(WINDOW)))
    shared = total[np.minimum(first + round(WINDOW), whole)] - total[first]
    size = np.sqrt(np.maximum(np.einsum("wii->wi", shared), 1e-9))
    likeness = shared / (size[:, :, None] * size[:, None, :])
    loud = size > _LOUD * np.median(size, axis=1, keepdims=True)
    for row, site in enumerate(sites):
        near = [sites.index(other) for other in NEIGHBOURS.get(site, ()) if other in sites]
        if len(near) < 2:
            continue
        alone = loud[:, row] & (likeness[:, row, near].max(axis=1) < _ALONE)
        touched = [number for number, name in enumerate(view.names) if site in name.split("-")]
        for number in touched:
            trusted[number, alone] = 0.0
    trusted[:, trusted.sum(axis=0) < 4] = 1.0
    return trusted


def _root(values: Array) -> Array:
    return np.asarray(np.sqrt(np.maximum(values, 0.0)))


def _over(share: Array, values: Array) -> Array:
    """Sum over derivations with a share for every pool and window."""
    summed = np.matmul(share.transpose(2, 0, 1), values.transpose(1, 0, 2))
    return np.asarray(summed.transpose(1, 0, 2))


def _at(values: Array, index: NDArray[np.intp]) -> Array:
    return np.asarray(np.take_along_axis(values, index[..., None], axis=2)[..., 0])


def _log(values: Array) -> Array:
    return np.asarray(np.log10(np.maximum(values, 1e-6)))


def measure_windows(view: View, step: float = 1.0) -> tuple[Array, Array]:
    """Measure `FEATURES` in every window of ten seconds.

    Parameters
    ----------
    view : View
        From `view_of`.
    step : float
        Seconds from window to window.

    Returns
    -------
    features : ndarray, shape (windows, features)
        Of the side with the larger discharges where not of all derivations.
    dominant : ndarray of int, shape (windows,)
        0 where that is the left side, 1 the right.
    """
    pooled = pool_windows(view, step)
    sfreq = view.sfreq
    f, spectrum = pooled.freqs, pooled.spectrum

    def inside(low: float, high: float) -> Bools:
        return np.asarray((f >= low) & (f < high))

    # Rhythm: the strongest delta frequency and how far the signal repeats itself after one and two periods.
    slow = np.flatnonzero(inside(0.75, 4.2))
    hertz = f[slow[np.argmax(spectrum[:, :, slow] * f[slow], axis=2)]]
    near = np.abs(f - hertz[..., None]) <= 0.4
    at_it = (spectrum * near).sum(axis=2)
    around = spectrum[:, :, inside(0.5, 8.0)].sum(axis=2)
    overtones = (np.abs(f - 2 * hertz[..., None]) <= 0.5) | (np.abs(f - 3 * hertz[..., None]) <= 0.6)
    lag = np.round(sfreq / hertz).astype(int)
    # Gap: how far the usual amplitude lies below that of the discharges.
    levels = np.quantile(pooled.size[:, :, ::3], [0.5, 0.92], axis=2)
    steep = np.quantile(pooled.sharpness[:, :, ::3], [0.5, 0.92], axis=2)
    period, period_again, period_hz = _periods(pooled.sharpness, steep[1], sfreq)
    fast, fast_hz = _fast_rhythm(pooled.correlation, sfreq)
    slope, change, growth, sustained, tonality = _evolution(view, pooled.power.shape[1], step)
    theta = spectrum[:, :, inside(2.5, 12.0)].sum(axis=2) / np.maximum(spectrum.sum(axis=2), 1e-9)
    by_pool = {
        "amplitude": 0.5 * _log(pooled.power),
        "theta_amplitude": 0.5 * _log(pooled.power * theta),
        "rhythm": _at(pooled.correlation, lag),
        "rhythm_again": _at(pooled.correlation, 2 * lag),
        "concentration": at_it / np.maximum(around, 1e-9),
        "rhythm_hz": np.log2(hertz),
        "harmonics": _log((spectrum * overtones).sum(axis=2) / np.maximum(at_it, 1e-9)),
        "gap": _log(levels[0] / np.maximum(levels[1], 1e-9)),
        "sharp_gap": _log(steep[0] / np.maximum(steep[1], 1e-9)),
        "period": period, "period_again": period_again, "period_hz": np.log2(period_hz),
        "fast_rhythm": fast, "fast_hz": np.log2(fast_hz),
        "slope": np.abs(slope), "change": change, "growth": np.abs(growth), "sustained": sustained,
        "tonality": tonality,
    }  # fmt: skip
    dominant = np.argmax(levels[1, :2] * steep[1, :2], axis=0)
    each = np.arange(len(dominant))
    out = {name: values[dominant, each] for name, values in by_pool.items()}
    out["rhythm_all"] = by_pool["rhythm"][2]
    out["period_all"] = period[2]
    out["posterior"] = _posterior(view, pooled)
    out["laterality"] = np.abs(0.5 * _log(at_it[0] / np.maximum(at_it[1], 1e-9)) - _balance(view))
    out["sharp_laterality"] = np.abs(_log(steep[1, 0] / np.maximum(steep[1, 1], 1e-9)) - _balance(view))
    out["synchrony"] = _synchrony(pooled.sharpness, steep[1], sfreq)
    out |= _cycles(view, pooled, dominant)
    length = pooled.cut.shape[2]
    power = _mean_power(view.muscle, view.sfreq, step, length, pooled.power.shape[1])
    ratio = np.quantile(power, 0.75, axis=0) / np.maximum(pooled.power[2], 1e-6)
    out["muscle"] = 0.5 * np.log10(np.maximum(ratio, 1e-6))
    out["eyes"] = _share_of_the_eyes(view, step, length, pooled.power.shape[1])
    return np.stack([out[name] for name in FEATURES], axis=1), dominant


def _balance(view: View) -> float:
    """What unequal numbers of derivations do to a ratio of both sides, as log10 of amplitudes."""
    left, right, _ = pools(view.sides).sum(axis=1)
    return float(0.5 * np.log10(left / right))


def _periods(sharpness: Array, level: Array, sfreq: float) -> tuple[Array, Array, Array]:
    """Autocorrelation of the envelope at its period, at twice the period, and the period's frequency.

    The first peak between 0.33 and 2 s that reaches 80 % of the highest one and has a trough before it.
    """
    envelope = np.minimum(sharpness, 1.5 * level[..., None])
    envelope = envelope - envelope.mean(axis=2, keepdims=True)
    length = envelope.shape[2]
    lags = round(4.05 * sfreq)
    power = np.abs(np.fft.rfft(envelope, _POINTS, axis=2)) ** 2
    correlation = np.fft.irfft(power, _POINTS, axis=2)[:, :, :lags]
    overlap = np.maximum(1 - np.arange(lags) / length, 0.1)
    correlation /= np.maximum(correlation[:, :, :1], 1e-9) * overlap
    first, early, last = round(0.33 * sfreq), round(0.15 * sfreq), round(2.0 * sfreq)
    at = np.arange(first, last + 1)
    trough = np.minimum.accumulate(correlation[:, :, early : last + 1], axis=2)[:, :, first - early :]
    here = correlation[:, :, at]
    top = (here >= correlation[:, :, at - 1]) & (here >= correlation[:, :, at + 1]) & (here - trough > 0.1)
    height = np.where(top, here, -1.0)
    best = height.max(axis=2, keepdims=True)
    lag = at[np.argmax(height >= np.maximum(0.8 * best, 0.02), axis=2)]
    found = best[..., 0] > 0.02
    return (
        np.where(found, _at(correlation, lag), 0.0),
        np.where(found, _at(correlation, np.minimum(2 * lag, lags - 1)), 0.0),
        np.where(found, sfreq / lag, 0.5),
    )


def _fast_rhythm(correlation: Array, sfreq: float) -> tuple[Array, Array]:
    """How far the signal repeats itself at 2.5 to 13 Hz: at one and two periods, and not in between."""
    lags = np.arange(round(sfreq / 13), round(sfreq / 2.5) + 1)
    again = (correlation[:, :, lags] + correlation[:, :, 2 * lags]) / 2
    between = correlation[:, :, np.round(lags / 2).astype(int)]
    score = (again - between) / 2
    best = np.argmax(score, axis=2)
    return _at(score, best), sfreq / lags[best]


def _evolution(view: View, count: int, step: float) -> tuple[Array, Array, Array, Array, Array]:
    """How frequency and size change over each window, from spectra of two seconds.

    Returns
    -------
    slope, change, growth, sustained, tonality : ndarray, shape (3, windows)
        Octaves from start to end by a straight line; how well the line fits (0 to 1); log10 of the power of the
        last third over the first; log10 of the lowest decile of power over the median; share of the
        whitened power within 0.75 Hz of the peak.
    """
    sfreq = view.sfreq
    length, hop = round(_PIECE * sfreq), round(_HOP * sfreq)
    pieces = np.lib.stride_tricks.sliding_window_view(view.data, min(length, view.data.shape[1]), axis=1)
    pieces = pieces[:, ::hop] - pieces[:, ::hop].mean(axis=2, keepdims=True)
    spectra = np.abs(np.fft.rfft(pieces * np.hanning(pieces.shape[2]), 256, axis=2)) ** 2
    freqs = np.fft.rfftfreq(256, 1 / sfreq)
    kept = (freqs >= 1.0) & (freqs <= BAND[1])
    freqs, spectra = freqs[kept], spectra[:, :, kept] * freqs[kept]
    total = spectra.sum(axis=2)
    weights = np.minimum(1.0, _LOUDEST**2 * np.median(total, axis=0) / np.maximum(total, 1e-9))
    pooled = np.stack(
        [np.tensordot(row, weights[:, :, None] * spectra, axes=(0, 0)) for row in pools(view.sides)]
    )
    centre = (pooled**2 @ np.log2(freqs)) / np.maximum((pooled**2).sum(axis=2), 1e-9)
    size = np.log10(np.maximum(pooled.sum(axis=2), 1e-6))
    peak = freqs[np.argmax(pooled, axis=2)]
    tone = (pooled * (np.abs(freqs - peak[..., None]) <= 0.75)).sum(axis=2) / np.maximum(
        pooled.sum(axis=2), 1e-9
    )
    span = min(round((WINDOW - _PIECE) / _HOP) + 1, centre.shape[1])

    def cut(values: Array) -> Array:
        sliding = np.lib.stride_tricks.sliding_window_view(values, span, axis=1)
        return np.asarray(sliding[:, :: round(step / _HOP)][:, :count])

    centres, sizes = cut(centre), cut(size)
    t = np.linspace(-0.5, 0.5, span)
    middle = centres - centres.mean(axis=2, keepdims=True)
    slope = middle @ t / (t @ t)
    fit = slope**2 * (t @ t) / np.maximum((middle**2).sum(axis=2), 1e-6)
    third = max(1, span // 3)
    growth = sizes[:, :, -third:].mean(axis=2) - sizes[:, :, :third].mean(axis=2)
    sustained = np.quantile(sizes, 0.1, axis=2) - np.median(sizes, axis=2)
    return slope, fit, growth, sustained, np.median(cut(tone), axis=2)


def _posterior(view: View, pooled: Pooled) -> Array:
    """log10 of the power of 2.5 to 13 Hz in occipital derivations over that of the others."""
    back = np.array([any(site.startswith("O") for site in _sites(name)) for name in view.names])
    if back.all() or not back.any():
        return np.zeros(pooled.power.shape[1])
    power = pooled.spectra[:, :, (pooled.freqs >= 2.5) & (pooled.freqs < 13)].sum(axis=2)
    ratio = power[back].mean(axis=0) / np.maximum(np.median(power[~back], axis=0), 1e-9)
    return np.asarray(np.log10(np.maximum(ratio, 1e-6)))


def _synchrony(sharpness: Array, level: Array, sfreq: float) -> Array:
    """Correlation of the envelopes of both sides, best within 60 ms."""
    envelope = np.minimum(sharpness[:2], 1.5 * level[:2, :, None])
    envelope = envelope - envelope.mean(axis=2, keepdims=True)
    norm = np.sqrt((envelope**2).sum(axis=2).prod(axis=0))
    most = round(0.06 * sfreq)
    best = np.full(envelope.shape[1], -1.0)
    for shift in range(-most, most + 1, 2):
        left = envelope[0, :, max(0, shift) : envelope.shape[2] + min(0, shift)]
        right = envelope[1, :, max(0, -shift) : envelope.shape[2] - max(0, shift)]
        best = np.maximum(best, (left * right).sum(axis=1) / np.maximum(norm, 1e-9))
    return best


def _cycles(view: View, pooled: Pooled, dominant: NDArray[np.intp]) -> dict[str, Array]:
    """Regularity of the cycles of the largest slow source of the dominant side."""
    sfreq = view.sfreq
    count = pooled.power.shape[1]
    out = {name: np.zeros(count) for name in ("coherence", "cycle_cv", "cycle_hz", "cycle_size_cv")}
    slow = band(view.data, sfreq, 0.7, 4.5)
    length = pooled.cut.shape[2]
    step = 1 if count == 1 else round((view.data.shape[1] - length) / (count - 1))
    members = pools(view.sides).astype(bool)
    for index in range(count):
        rows = members[dominant[index]]
        part = (
            slow[rows, index * step : index * step + length] * np.sqrt(pooled.weights[rows, index])[:, None]
        )
        values, vectors = np.linalg.eigh(part @ part.T)
        out["coherence"][index] = values[-1] / max(values.sum(), 1e-9)
        wave = vectors[:, -1] @ part
        up = np.flatnonzero((wave[1:] > 0) & (wave[:-1] <= 0))
        if len(up) < 4:
            out["cycle_cv"][index], out["cycle_size_cv"][index] = 1.0, 1.0
            continue
        height = np.maximum.reduceat(wave, up)[:-1] - np.minimum.reduceat(wave, up)[:-1]
        lengths = np.diff(up) / sfreq
        keep = height >= 0.3 * np.median(height)
        middle = np.median(lengths[keep])
        out["cycle_hz"][index] = np.log2(1 / middle)
        out["cycle_cv"][index] = min(1.0, np.mean(np.abs(lengths - middle)) / middle)
        out["cycle_size_cv"][index] = min(1.0, float(height.std() / height.mean()))
    return out


def _mean_power(data: Array, sfreq: float, step: float, length: int, count: int) -> Array:
    """Mean square of every row in each window, shape (rows, windows)."""
    first = np.minimum(np.arange(count) * round(step * sfreq), data.shape[1] - length)
    total = np.concatenate([np.zeros((len(data), 1)), np.cumsum(data**2, axis=1)], axis=1)
    return np.asarray((total[:, first + length] - total[:, first]) / length)


def _share_of_the_eyes(view: View, step: float, length: int, count: int) -> Array:
    """log10 of the amplitude in front of the frontal electrodes over that behind them: blinks fall off there."""
    behind = [row for row, name in enumerate(view.names) if name.split(" ")[0] in ("F3-C3", "F4-C4", "Fz-Cz")]
    if not len(view.eyes) or not behind:
        return np.zeros(count)
    front = np.median(_mean_power(view.eyes, view.sfreq, step, length, count), axis=0)
    back = np.median(_mean_power(view.data[behind], view.sfreq, step, length, count), axis=0)
    return np.clip(0.5 * np.log10(np.maximum(front, 1e-6) / np.maximum(back, 1e-6)), -1, 1)
