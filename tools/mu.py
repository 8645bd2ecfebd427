"""Runs of the mu rhythm over C3 and C4."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.alpha import DEFAULTS as ALPHA
from tools.alpha import AlphaSettings, density_beside, peak_of_run
from tools.conditioning import Array, Bools, band, joined_runs, looked, moving_rms, nothing
from tools.shared import slowed
from tools.types import Amplitude, ChannelSpan, Detection, Event, Segment

LABEL = "mu"
SOURCE = "mu 1"
_RATE = 100.0
_LEAST_RATE = 45.0
_SHORTEST_SEGMENT = 2.0
_AROUND = {"C3": ("F3", "P3", "T3", "Cz"), "C4": ("F4", "P4", "T4", "Cz")}
_FEWEST_AROUND = 3


class MuSettings(NamedTuple):
    """What makes a run; durations in seconds, frequencies in hertz."""

    bands: AlphaSettings = ALPHA._replace(low=7.5, high=12.5, flanks=((3.5, 6.0), (14.0, 17.0)))
    """The band and those beside it."""
    contrast: float = 6.0
    """Least ratio of the densities of the band and of those beside it, C3 or C4 against its neighbours."""
    weaker: float = 2.5
    """The same where a run begins and ends."""
    valley: float = 4.0
    """Least ratio of the density at the peak of a run to that beside it."""
    over_around: float = 1.5
    """Least ratio of the power at C3 or C4 to that of the largest of its neighbours, Cz apart."""
    over_median: float = 2.0
    """Least ratio of the power of a run to the median of the channel over the segment."""
    least_uv: float = 8.0
    """Least peak-to-peak amplitude, 2.83 times the RMS."""
    shortest: float = 0.6
    longest: float = 20.0
    join: float = 0.2


DEFAULTS = MuSettings()


def find_mu(segment: Segment, settings: MuSettings = DEFAULTS) -> Detection:
    """Find runs of the mu rhythm, each side by itself.

    Parameters
    ----------
    segment : Segment
        At least 2 s at 45 Hz or more, against one reference, with C3 or C4 and three electrodes around it.
    settings : MuSettings
        Limits.

    Returns
    -------
    Detection
        An event is a run at C3 or at C4, with its amplitude peak to peak (2.83 times the RMS in the band) and
        the frequency of its spectral peak.

    Notes
    -----
    C3 or C4 less the mean of its neighbours shows what is local there and little of the posterior rhythm. Its
    power of 7.5 to 12.5 Hz has to exceed that beside the band, that of its neighbours, and the usual one of
    the place. Whether a movement would block it is not known here.

    References
    ----------
    Kane N et al. (2017), Clin Neurophysiol Pract 2:170-185, https://doi.org/10.1016/j.cnp.2017.07.002 (mu: 7 to
    11 Hz, arches, under 50 µV); Hjorth B (1975), Electroencephalogr Clin Neurophysiol 39:526-530,
    https://doi.org/10.1016/0013-4694(75)90056-5 (local derivation).
    """
    eeg = segment.pick_kinds("eeg")
    around = _neighbours(eeg.channels)
    if not around:
        return nothing(LABEL, "needs C3 or C4 and three electrodes around it against one reference")
    if segment.duration < _SHORTEST_SEGMENT:
        return nothing(LABEL, f"needs {_SHORTEST_SEGMENT:g} s of signal")
    if segment.sfreq < _LEAST_RATE:
        return nothing(LABEL, f"needs a sampling rate of {_LEAST_RATE:g} Hz or more")
    needed = tuple(dict.fromkeys([*around, *(name for names in around.values() for name in names)]))
    _, slower, missing = slowed(eeg, _RATE)
    missing = missing[[eeg.channels.index(name) for name in needed]]
    slower = slower.pick(needed)
    others = [[needed.index(name) for name in names] for names in around.values()]
    local = np.stack([slower.data[row] - slower.data[rows].mean(axis=0) for row, rows in enumerate(others)])
    low, high = settings.bands.low, settings.bands.high
    filtered = band(np.vstack([slower.data, local]), slower.sfreq, low, high)
    power = moving_rms(filtered, slower.sfreq, 0.5) ** 2
    own = power[len(needed) :]
    contrast = own / (high - low)
    contrast = contrast / np.sqrt(density_beside(local, slower.sfreq, settings.bands.flanks).prod(axis=0))
    events = []
    for row, rows in enumerate(others):
        rivals = power[[other for other in rows if needed[other] != "Cz"]].max(axis=0)
        flags = contrast[row] >= settings.weaker
        flags &= power[row] >= settings.over_around * rivals
        flags &= 2.83 * np.sqrt(power[row]) >= settings.least_uv
        for start, stop in _runs(flags, contrast[row], own[row], missing[row], slower.sfreq, settings):
            peak = peak_of_run(local[row : row + 1, start:stop], slower.sfreq, low - 0.5, high + 0.5)
            if peak is not None and peak[1] >= settings.valley:
                events.append(_event(slower, power[row], row, (start, stop), peak))
    return Detection(
        events=tuple(sorted(events, key=lambda e: (e.onset, e.channels))),
        analysed=looked(LABEL, segment, tuple(around)),
    )


def _neighbours(channels: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found = {}
    for site, names in _AROUND.items():
        present = tuple(name for name in names if name in channels)
        if site in channels and len(present) >= _FEWEST_AROUND:
            found[site] = present
    return found


def _runs(
    flags: Bools, contrast: Array, own: Array, missing: Bools, sfreq: float, settings: MuSettings
) -> list[tuple[int, int]]:
    """Runs at one site that are long enough, stand out from the rest, and miss no samples."""
    usual, scale = float(np.median(own)), missing.size / flags.size
    runs = joined_runs(flags, round(settings.join * sfreq), round(settings.shortest * sfreq))
    return [
        (start, stop)
        for start, stop in runs
        if stop - start <= settings.longest * sfreq
        and own[start:stop].mean() >= settings.over_median * usual
        and contrast[start:stop].max() >= settings.contrast
        and not missing[int(start * scale) : int(stop * scale)].any()
    ]


def _event(
    segment: Segment, power: Array, row: int, span: tuple[int, int], peak: tuple[float, float]
) -> Event:
    start, stop = span
    size = round(2.83 * float(np.sqrt(power[start:stop].mean())), 2)
    onset, duration = segment.onset + start / segment.sfreq, (stop - start) / segment.sfreq
    channel = segment.channels[row]
    return Event(
        label=LABEL,
        source=SOURCE,
        onset=onset,
        duration=duration,
        channels=(channel,),
        confidence=round(peak[1] / (peak[1] + 8.0), 2),
        amplitude=Amplitude(value_uv=size, kind="pp"),
        frequency_hz=round(peak[0], 2),
        per_channel=(ChannelSpan(channel=channel, onset=onset, duration=duration, value_uv=size),),
    )
