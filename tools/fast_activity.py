"""Excess fast activity: beta that is large, takes a large share of the signal, and is no muscle."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tools.labels import REGIONS, electrodes
from tools.spectral import Spectrum
from tools.types import NotAnalysed, Record

BAND_HZ = (14.0, 30.0)
LEAST_RMS_UV, LEAST_SHARE, LEAST_FALL_DB = 5.0, 0.35, 8.0
_RISING = ((15.0, 25.0), (32.0, 45.0))  # Hz: beta of the brain falls off between them, muscle does not
_LINE_SHARE = 0.7  # of the power between 14 and 30 Hz within 0.75 Hz: a tone, which no brain keeps
_OF_REGION = 0.6  # of its channels
_SEVERAL = 6

Extent = Literal["diffuse", "frontal", "posterior"]


class FastActivity(Record):
    """More beta than a background should hold; drugs are its usual cause, and it is no sign of disease."""

    extent: Extent
    frequency_hz: float
    """Centre of the power between 14 and 30 Hz."""
    rms_uv: float
    """Of 14 to 30 Hz, median over the channels named."""
    share: float
    """Of the power between 1.6 and 30 Hz, median over the channels named."""
    channels: tuple[str, ...]
    band_hz: tuple[float, float] = BAND_HZ
    least_rms_uv: float = LEAST_RMS_UV
    least_share: float = LEAST_SHARE
    least_fall_db: float = LEAST_FALL_DB
    """From 15-25 Hz to 32-45 Hz, per hertz: what falls less may be muscle."""


def find_fast_activity(found: Spectrum) -> tuple[FastActivity | None, NotAnalysed | None]:
    """Look for excess beta.

    Parameters
    ----------
    found : Spectrum
        Of referential or bipolar EEG up to 45 Hz at least, artifacts left out.

    Returns
    -------
    activity : FastActivity or None
        Channels count that have 5 µV RMS or more between 14 and 30 Hz (some 20 µV peak to peak), 35 % of
        the power there, and 8 dB less at 32 to 45 Hz; a single line of the spectrum does not. Diffuse: 60 %
        of the channels in front and 60 % of those behind; frontal or posterior: one of both. Beta of under
        20 µV in front is normal and no finding.
    not_analysed : NotAnalysed or None
        Why it could not be looked for.

    Notes
    -----
    The limits are ours and lie between ordinary and drug-like beta of simulated segments: at most 26 % and 5 µV
    against 40 % and 6 µV at least, in the median over channels. Healthy adults at rest stay below them.

    References
    ----------
    Gasser T et al. (2005), Clin Neurophysiol 116:2044-2050, doi:10.1016/j.clinph.2005.06.002 (muscle and beta).
    """
    if len(found.channels) < _SEVERAL:
        return None, NotAnalysed(label="fast_activity", reason=f"needs {_SEVERAL} channels")
    if found.freqs[-1] < _RISING[1][1]:
        return None, NotAnalysed(
            label="fast_activity", reason="the signal ends below 45 Hz, so muscle could not be told apart"
        )

    def density(low: float, high: float) -> np.ndarray:
        inside = (found.freqs >= low - 1e-9) & (found.freqs < high - 1e-9)
        return np.asarray(found.density[:, inside].mean(axis=1))

    beta = density(*BAND_HZ) * (BAND_HZ[1] - BAND_HZ[0])
    share = beta / np.maximum(density(1.6, 30.0) * 28.4, 1e-12)
    fall = 10 * np.log10(np.maximum(density(*_RISING[0]), 1e-12) / np.maximum(density(*_RISING[1]), 1e-12))
    large = (np.sqrt(beta) >= LEAST_RMS_UV) & (share >= LEAST_SHARE) & (fall >= LEAST_FALL_DB)
    extent = _extent(found.channels, large)
    inside = (found.freqs >= BAND_HZ[0]) & (found.freqs < BAND_HZ[1])
    if extent is None or _is_a_tone(found.freqs[inside], found.density[large][:, inside].mean(axis=0)):
        return None, None
    power = found.density[large][:, inside].mean(axis=0)
    rows = np.flatnonzero(large)
    order = rows[np.argsort(-beta[rows])]
    return (
        FastActivity(
            extent=extent,
            frequency_hz=float(np.average(found.freqs[inside], weights=power)),
            rms_uv=float(np.median(np.sqrt(beta[large]))),
            share=float(np.median(share[large])),
            channels=tuple(found.channels[row] for row in order),
        ),
        None,
    )


def _is_a_tone(freqs: np.ndarray, power: np.ndarray) -> bool:
    """Whether a single line holds the power, as a device nearby gives off."""
    near = np.abs(freqs - freqs[np.argmax(power)]) <= 0.75
    return bool(power[near].sum() >= _LINE_SHARE * power.sum())


def _extent(channels: tuple[str, ...], large: np.ndarray) -> Extent | None:
    shares = {}
    for region in ("anterior", "posterior"):
        rows = [
            row
            for row, name in enumerate(channels)
            if electrodes(name) and all(site in REGIONS[region] for site in electrodes(name))
        ]
        shares[region] = float(large[rows].mean()) if len(rows) >= 2 else 0.0
    front, back = (shares[region] >= _OF_REGION for region in ("anterior", "posterior"))
    if front and back:
        return "diffuse"
    return "frontal" if front else "posterior" if back else None
