"""The background of a stretch: dominant and posterior rhythm, symmetry, slowing, stability, voltage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.background_parts import timed_rhythm, timed_slowing, with_parts
from tools.background_record import Background, Dominant, background_measurements, gradient
from tools.clean import in_band, nan_median, seconds, swings, without
from tools.fast_activity import find_fast_activity
from tools.labels import REGIONS
from tools.lasting import SETTINGS as LASTING
from tools.lasting import cut
from tools.rhythm import PosteriorRhythm, find_posterior_rhythm, peak_frequency
from tools.spectral import BANDS, Spectrum, bands_in_force, spectrum
from tools.stability import Bands, Stability, measure_stability
from tools.symmetry import Slowing, find_asymmetry, find_focal_slowing
from tools.types import Event, NotAnalysed, Segment
from tools.voltage import is_discontinuous, measure_voltage

__all__ = ["Background", "Dominant", "Stability", "background_measurements", "measure_background"]

_BROAD = (1.6, 30.0)  # Hz in which amplitudes are measured
_SHORTEST = 2.0  # s
_SEVERAL = 6  # channels without which nothing is called generalized or asymmetric
_LOW_VOLTAGE_UV = 20.0
_SLOW_SHARE = 0.8

_Array = NDArray[np.float64]


class _View(NamedTuple):
    """What all the measurements share."""

    clean: Segment
    shown: Segment
    """The same in the band in which amplitudes are measured, artifacts not blanked."""
    swing: _Array
    found: Spectrum
    bands: dict[str, tuple[float, float]]


def measure_background(
    segment: Segment, *, exclude: Sequence[Event] = (), age_years: float | None = None
) -> Background:
    """Measure the background of a stretch of EEG.

    Parameters
    ----------
    segment : Segment
        Average reference, or as recorded; filtered to 1.6-70 Hz. Other filters work, and ``bands_hz`` says
        what they leave of the bands. 10 s or more are best, 2 s the least.
    exclude : sequence of Event
        Artifacts, whose stretches are left out.
    age_years : float, optional
        From 8 years on, a posterior rhythm below 8 Hz counts as mild slowing.

    Returns
    -------
    Background
        What could not be measured, and why, is in ``not_analysed``; None or empty elsewhere means that it
        was looked for and not found.

    Notes
    -----
    The dominant band is the one with the largest power of delta to beta, in the median over channels, so
    that neither blinks at two electrodes nor muscle decide. Generalized slowing asks for 80 % of the power
    below 8 Hz in 70 % of the channels and no posterior rhythm of 8 Hz or more: the often quoted 60 % is
    passed by healthy adults with open eyes. Sleep meets the same criterion, and so it is a finding on the
    signal, not on the patient.

    References
    ----------
    Lodder SS, van Putten MJAM (2013), J Neurosci Methods 217:1-8, doi:10.1016/j.jneumeth.2013.05.005;
    Hirsch LJ et al. (2021), J Clin Neurophysiol 38:1-29, doi:10.1097/WNP.0000000000000806.
    """
    whole = _measure(segment, exclude, age_years)
    change = whole.stability.change if whole.stability else None
    if change is None or segment.duration > LASTING.longest:
        return whole
    stop = segment.onset + segment.duration
    spans = ((segment.onset, change.onset), (change.onset, stop))
    parts = [_measure(cut(segment, a, b - a), exclude, age_years) for a, b in spans]
    return with_parts(whole, parts, spans)


def _measure(segment: Segment, exclude: Sequence[Event], age_years: float | None) -> Background:
    limits, dropped = bands_in_force(BANDS, segment.sfreq, segment.filters)
    notes = [*dropped, *_cut_bands(limits)]
    eeg = segment.pick_kinds("eeg")
    view = _look(eeg, exclude, limits)
    if isinstance(view, str):
        return Background(
            bands_hz=limits, not_analysed=(*notes, NotAnalysed(label="background", reason=view))
        )
    notes += view.found.not_analysed
    rhythm, no_rhythm = find_posterior_rhythm(view.clean, view.found, view.swing)
    if is_discontinuous(view.swing):
        rhythm = None  # the peak of bursts
    rhythm = timed_rhythm(view.clean, rhythm) if rhythm else None
    fast, no_fast = find_fast_activity(view.found)
    voltage, no_voltage = measure_voltage(view.clean, view.shown)
    notes += [reason for reason in (no_rhythm, no_fast, no_voltage) if reason]
    anterior = _anterior_share(view)
    dominant = _dominant(view)
    slow = _slow_shares(view)
    slowing = (*_generalized(view, slow, rhythm, age_years), *_focal(view))
    if len(eeg.channels) < _SEVERAL:
        for label in ("asymmetry", "slowing"):
            notes.append(NotAnalysed(label=label, reason=f"needs {_SEVERAL} channels over both sides"))
    return Background(
        dominant=dominant,
        posterior_rhythm=rhythm,
        asymmetry=find_asymmetry(view.clean.channels, view.swing, rhythm),
        slowing=tuple(timed_slowing(view.clean, item, _limits(view)[item.band]) for item in slowing),
        stability=measure_stability(view.clean, Bands(_limits(view), dominant.band)) if dominant else None,
        anterior_share=anterior,
        gradient=gradient(anterior),
        fast_activity=fast,
        voltage=voltage,
        slow_share=float(np.median(slow)) if slow is not None else None,
        low_voltage=bool(np.nanquantile(view.swing, 0.95) < _LOW_VOLTAGE_UV),
        bands_hz=limits,
        seconds=float((np.isfinite(view.swing).mean(axis=0) >= 0.5).sum()),
        channels=view.found.channels,
        not_analysed=tuple(notes),
    )


def _cut_bands(limits: dict[str, tuple[float, float]]) -> list[NotAnalysed]:
    """Say what the filters and the sampling rate took from each band."""
    notes = []
    for name, (low, high) in limits.items():
        wanted = BANDS[name]
        if low > wanted[0]:
            notes.append(NotAnalysed(label=name, reason=f"{wanted[0]:g} to {low:g} Hz lie below the low cut"))
        if high < wanted[1] and name != "gamma":
            notes.append(
                NotAnalysed(label=name, reason=f"{high:g} to {wanted[1]:g} Hz are not in the signal")
            )
    return notes


def _look(eeg: Segment, exclude: Sequence[Event], limits: dict[str, tuple[float, float]]) -> _View | str:
    """Blank artifacts and take the spectrum with the longest windows that still fit; or say why not."""
    if not eeg.channels:
        return "no EEG channel"
    if eeg.duration < _SHORTEST:
        return f"needs {_SHORTEST:g} s of signal"
    clean = without(eeg, exclude)
    for window in (4.0, 2.0, 1.0):
        found = spectrum(clean, window=window)
        if len(found.channels) >= max(1, len(eeg.channels) / 2):
            break
    else:
        return "artifacts leave no clean second in half of the channels"
    clean = clean.pick(found.channels)
    shown = in_band(eeg.pick(found.channels), *_BROAD)
    return _View(clean, shown, swings(clean, shown), found, limits)


def _limits(view: _View) -> dict[str, tuple[float, float]]:
    """The bands of the background within 1.6-30 Hz."""
    cut = {name: (max(low, _BROAD[0]), min(high, _BROAD[1])) for name, (low, high) in view.bands.items()}
    return {name: (low, high) for name, (low, high) in cut.items() if name != "gamma" and low < high}


def _powers(view: _View) -> dict[str, _Array]:
    """Power per channel in the bands of the background, within 1.6-30 Hz."""
    freqs = view.found.freqs
    powers = {}
    for name, (low, high) in _limits(view).items():
        inside = (freqs >= low - 1e-9) & (freqs < high - 1e-9)
        if inside.any():
            powers[name] = view.found.density[:, inside].sum(axis=1) * view.found.resolution_hz
    return powers


def _dominant(view: _View) -> Dominant | None:
    powers = _powers(view)
    total = sum(powers.values(), start=np.zeros(len(view.found.channels)))
    live = total > 0
    if not live.any():
        return None
    typical = {name: float(np.median(power[live])) for name, power in powers.items()}
    band = max(typical, key=lambda name: typical[name])
    density = np.median(view.found.density[live], axis=0)
    low, high = view.bands[band]
    frequency = peak_frequency(view.found.freqs, density, (max(low, _BROAD[0]), min(high, _BROAD[1])))
    height = view.swing[live]
    if frequency is None or not np.isfinite(height).any():
        return None
    return Dominant(
        band=band,
        frequency_hz=frequency,
        amplitude_uv=float(nan_median(height)),
        rms_uv=_rms(view, live),
        share=float(np.median(powers[band][live] / total[live])),
    )


def _rms(view: _View, live: NDArray[np.bool_]) -> float:
    """Median RMS of the clean seconds within 1.6-30 Hz."""
    power = np.mean(seconds(view.shown.data[live], view.shown.sfreq) ** 2, axis=2)
    return float(np.sqrt(nan_median(np.where(np.isfinite(view.swing[live]), power, np.nan))))


def _slow_shares(view: _View) -> _Array | None:
    powers = _powers(view)
    total = sum(powers.values(), start=np.zeros(len(view.found.channels)))
    if not {"delta", "theta", "alpha"} <= set(powers) or not (total > 0).any():
        return None
    slow: _Array = (powers["delta"] + powers["theta"])[total > 0] / total[total > 0]
    return slow


def _generalized(
    view: _View, slow: _Array | None, rhythm: PosteriorRhythm | None, age_years: float | None
) -> tuple[Slowing, ...]:
    fast_enough = rhythm is not None and rhythm.frequency_hz >= 8
    if len(view.found.channels) < _SEVERAL:
        return ()
    if slow is not None and not fast_enough and (slow >= _SLOW_SHARE).mean() >= 0.7:
        powers = _powers(view)
        mostly_delta = np.median(powers["delta"]) >= np.median(powers["theta"])
        grade = "mild" if rhythm else "marked" if mostly_delta else "moderate"
        return (
            Slowing(
                extent="generalized",
                band="delta" if mostly_delta else "theta",
                grade=grade,  # type: ignore[arg-type]
                share=float(np.median(slow)),
                channels=view.found.channels,
            ),
        )
    if rhythm is not None and slow is not None and not fast_enough and (age_years or 0) >= 8:
        return (
            Slowing(
                extent="generalized",
                band="theta",
                grade="mild",
                share=float(np.median(slow)),
                channels=rhythm.channels,
            ),
        )
    return ()


def _focal(view: _View) -> tuple[Slowing, ...]:
    if "delta" not in view.bands or view.clean.sfreq < 32:
        return ()
    return find_focal_slowing(view.clean, max(view.bands["delta"][0], _BROAD[0]))


def _anterior_share(view: _View) -> float | None:
    """Anterior over anterior plus posterior 8-12 Hz power; referential channels only."""
    freqs = view.found.freqs
    inside = (freqs >= 8) & (freqs < 12)
    power = {}
    for region in ("anterior", "posterior"):
        rows = [r for r, name in enumerate(view.found.channels) if name.split("-")[0] in REGIONS[region]]
        if len(rows) < 2 or any("-" in view.found.channels[row] for row in rows):
            return None
        power[region] = float(view.found.density[rows][:, inside].sum(axis=1).mean())
    total = power["anterior"] + power["posterior"]
    return power["anterior"] / total if total > 0 else None
