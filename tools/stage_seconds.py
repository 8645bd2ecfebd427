"""Second by second over a recording: alpha, movement of the eyes, tone of the chin, and the shape of the spectrum.

All of it comes from one pass of windowed spectra per derivation, so it costs the same however long a night is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.staging_channels import Derivation, StagingChannels

if TYPE_CHECKING:
    from tools.io import OpenRecording

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

EPOCH = 30.0


class EpochSettings(NamedTuple):
    """How seconds are judged; frequencies in hertz."""

    alpha: tuple[float, float] = (7.5, 13.0)
    """The posterior rhythm slows before it vanishes, so the band begins below 8 Hz."""
    alpha_share: float = 0.40
    """Least share of that band in the power of 2 to 30 Hz for a second of alpha."""
    alpha_waning: float = 0.28
    """The same for a second beside one that reaches it: alpha waxes and wanes."""
    alpha_uv: float = 2.5
    """Least RMS of the alpha band."""
    tall_uv: float = 75.0
    """Least peak-to-peak within 2 s for a second of slow-wave activity."""
    tall_share: float = 0.5
    """Least share of 0.5 to 2.5 Hz in the power of 0.5 to 30 Hz for it."""
    smooth_s: float = 0.15
    """Mean over which a slow wave is measured in a frontal channel, so that what rides on it does not count."""
    muscle_uv: float = 20.0
    """RMS above 25 Hz from which on the EEG cannot be read."""
    movement_uv: float = 600.0
    """Peak-to-peak within 2 s from which on it cannot be read either."""


DEFAULTS = EpochSettings()


def seconds_of(
    recording: OpenRecording, channels: StagingChannels, first: int, last: int, settings: EpochSettings
) -> dict[str, Array]:
    """Measure a block of whole epochs.

    Parameters
    ----------
    recording : OpenRecording
        Source of the signal.
    channels : StagingChannels
        At least one EEG derivation.
    first, last : int
        Epochs, the last one excluded.
    settings : EpochSettings
        How seconds are judged.

    Returns
    -------
    dict of str to ndarray
        Per second ``missing``, ``obscured``, ``alpha``, ``tall`` (1 or 0), ``peak`` (Hz), ``eyes``, ``slow``, ``chin``
        (RMS in µV, NaN where there is no such channel); per epoch ``slope``, ``sigma``, ``frequency``.
    """
    start, seconds = first * EPOCH, int((last - first) * EPOCH)
    spectra: dict[Derivation, _Spectra] = {}

    def spectrum(derivation: Derivation) -> _Spectra | None:
        if derivation and derivation not in spectra:
            # Elsewhere slow waves are smaller by about as much as the fast activity on them adds.
            smooth = settings.smooth_s if derivation == channels.frontal and channels.full_slow_waves else 0.0
            spectra[derivation] = _spectra(recording, derivation, start, seconds, smooth)
        return spectra.get(derivation)

    central, frontal, posterior = (
        spectrum(d) for d in (channels.central, channels.frontal, channels.posterior)
    )
    eyes, chin = spectrum(channels.eyes), spectrum(channels.chin)
    assert central is not None
    assert frontal is not None
    assert posterior is not None
    nothing = np.full(seconds, np.nan)
    gone = central.missing & frontal.missing & posterior.missing
    alpha, peak = _alpha(posterior, settings)
    slow = frontal.rms(0.5, 4.0)
    return {
        "missing": gone.astype(float),
        "obscured": (_unreadable(central, settings) & _unreadable(frontal, settings)).astype(float),
        "alpha": alpha.astype(float),
        "tall": _tall(frontal, settings).astype(float),
        "peak": peak,
        "eyes": eyes.rms(0.5, 4.0) if eyes else nothing,
        "slow": slow,
        "chin": chin.rms(10.0, 100.0, hum=False) if chin and chin.highest > 20 else nothing,
        **_shape(central, last - first),
    }


class _Spectra(NamedTuple):
    power: Array  # (seconds, bins), µV² per bin
    frequency: Array
    missing: Bools
    span: Array  # peak-to-peak within 2 s
    slow_span: Array  # the same of the smoothed signal, where that was asked for

    @property
    def highest(self) -> float:
        return float(self.frequency[-1])

    def sum(self, low: float, high: float) -> Array:
        inside = (self.frequency >= low) & (self.frequency < high)
        return np.asarray(self.power[:, inside].sum(axis=1))

    def rms(self, low: float, high: float, *, hum: bool = True) -> Array:
        inside = (self.frequency >= low) & (self.frequency < min(high, 0.95 * self.highest))
        if not hum:
            inside &= np.min([np.abs(self.frequency - f) for f in (50.0, 60.0, 100.0)], axis=0) > 1.5
        return np.asarray(np.sqrt(self.power[:, inside].sum(axis=1)))


def _spectra(
    recording: OpenRecording, derivation: Derivation, start: float, seconds: int, smooth: float = 0.0
) -> _Spectra:
    """Hann windows of 2 s around the centre of every second; those that touch a gap are missing."""
    before = min(1.0, start)
    segment = recording.read(start - before, seconds + before + 1.0, derivation)
    data = segment.data[0] if len(derivation) == 1 else segment.data[0] - segment.data[1]
    rate = segment.sfreq
    length = round(2 * rate)
    firsts = np.round((np.arange(seconds) - 0.5 + before) * rate).astype(int)
    firsts = np.clip(firsts, 0, max(0, len(data) - length))
    data = np.pad(data, (0, max(0, length - len(data))), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(data, length)[firsts]
    missing = ~np.isfinite(windows).all(axis=1)
    windows = np.where(missing[:, None], 0.0, windows)
    line = np.linspace(-1.0, 1.0, length)
    drift = windows @ line / (line @ line)
    level = windows - drift[:, None] * line  # a slow drift is no wave
    span = np.ptp(level, axis=1)
    slow_span = np.ptp(_smoothed(level, round(smooth * rate)), axis=1) if smooth else span
    taper = np.hanning(length)
    bins = np.fft.rfft((windows - windows.mean(axis=1, keepdims=True)) * taper, axis=1)
    power = np.asarray(2 * np.abs(bins) ** 2 / (length * (taper**2).sum()), dtype=np.float64)
    frequency = np.asarray(np.fft.rfftfreq(length, 1 / rate), dtype=np.float64)
    return _Spectra(power, frequency, missing | (span < 0.5), span, slow_span)


def _smoothed(windows: Array, length: int) -> Array:
    """Means over so many samples in a row."""
    if length < 2:
        return windows
    sums = np.cumsum(windows, axis=1)
    return np.asarray((sums[:, length:] - sums[:, :-length]) / length)


def _alpha(spectra: _Spectra, settings: EpochSettings) -> tuple[Bools, Array]:
    """Seconds in which the alpha band dominates, and the frequency of its peak."""
    low, high = settings.alpha
    alpha, broad = spectra.sum(low, high), spectra.sum(2.0, 30.0)
    inside = (spectra.frequency >= low) & (spectra.frequency < high)
    band = spectra.power[:, inside]
    peak = spectra.frequency[inside][np.argmax(band, axis=1)] if inside.any() else np.zeros(len(alpha))
    there = (np.sqrt(alpha) >= settings.alpha_uv) & ~spectra.missing
    strong = there & (alpha >= settings.alpha_share * broad)
    beside = strong.copy()
    beside[1:] |= strong[:-1]
    beside[:-1] |= strong[1:]
    return beside & there & (alpha >= settings.alpha_waning * broad), peak


def _tall(spectra: _Spectra, settings: EpochSettings) -> Bools:
    """Seconds around which the EEG is tall and slow."""
    slow = spectra.sum(0.5, 2.6) >= settings.tall_share * spectra.sum(0.5, 30.0)
    return np.asarray(slow & (spectra.slow_span > settings.tall_uv) & ~spectra.missing)


def _unreadable(spectra: _Spectra, settings: EpochSettings) -> Bools:
    muscle = spectra.rms(25.0, 45.0) > settings.muscle_uv if spectra.highest > 30 else spectra.missing & False
    return np.asarray((muscle | (spectra.span > settings.movement_uv)) & ~spectra.missing)


def _shape(spectra: _Spectra, epochs: int) -> dict[str, Array]:
    """Per epoch: what the spectrum of the central EEG looks like, disturbed seconds left out by a median."""
    power = np.where(spectra.missing[:, None], np.nan, spectra.power).reshape(epochs, int(EPOCH), -1)
    nothing = np.full(epochs, np.nan)
    gone = np.isnan(power[:, :, 0]).mean(axis=1) > 0.5
    power[gone] = 1.0
    middle = np.nanmedian(power, axis=1)
    frequency = spectra.frequency
    log = np.log10(np.maximum(middle, 1e-9))
    slow = (frequency >= 2) & (frequency < 12)
    centre = (middle[:, slow] * frequency[slow]).sum(axis=1) / np.maximum(middle[:, slow].sum(axis=1), 1e-9)
    top = min(28.0, 0.9 * spectra.highest)
    line = ((frequency >= 2) & (frequency < 7)) | ((frequency >= 17) & (frequency <= top))
    slope = nothing.copy()
    sigma = nothing.copy()
    if top > 18:
        x = np.log10(frequency[line])
        fit = np.polyfit(x, log[:, line].T, 1)
        slope = -fit[0]
        near = (frequency >= 11) & (frequency <= 16)
        foretold = fit[0] * np.log10(frequency[near])[:, None] + fit[1]
        sigma = (log[:, near].T - foretold).mean(axis=0)
    for values in (slope, sigma, centre):
        values[gone] = np.nan
    return {"slope": slope, "sigma": sigma, "frequency": centre}
