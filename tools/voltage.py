"""How high the background is, in the terms of routine and of critical care, and whether it is continuous."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tools.clean import nan_median, seconds
from tools.montage import apply_montage
from tools.types import AmplitudeKind, NotAnalysed, Record, Segment, ToolError

LOW_UV, SUPPRESSED_UV = 20.0, 10.0
"""Peak to peak in longitudinal bipolar channels; below these a background is low, and suppressed."""
_DISCONTINUOUS_SHARE = 0.1
_TIMES_LOUDER = 4.0  # than the quiet seconds, without which a low background has no gaps

_Array = NDArray[np.float64]


class Voltage(Record):
    """The height of the background and its gaps."""

    amplitude_uv: float
    """Median over longitudinal bipolar channels and seconds, in the band of the background."""
    amplitude_kind: AmplitudeKind = "pp"
    montage: Literal["longitudinal"] = "longitudinal"
    grade: Literal["normal", "low", "suppressed"]
    limits_uv: tuple[float, float] = (SUPPRESSED_UV, LOW_UV)
    """Below the first it is suppressed, below the second low."""
    suppressed_share: float
    """Of the seconds: those in which the median channel stays below the first limit."""


def measure_voltage(clean: Segment, shown: Segment) -> tuple[Voltage | None, NotAnalysed | None]:
    """Measure the height of the background between neighbours of the longitudinal chains.

    Parameters
    ----------
    clean : Segment
        EEG, artifacts blanked with NaN.
    shown : Segment
        The same channels in the band in which amplitudes are measured, without NaN.

    Returns
    -------
    voltage : Voltage or None
    not_analysed : NotAnalysed or None
        Why there is none.

    References
    ----------
    Hirsch LJ et al. (2021), J Clin Neurophysiol 38:1-29, doi:10.1097/WNP.0000000000000806 (normal from 20 µV
    on, low from 10 µV, suppressed below; continuity by the share of time).
    """
    try:
        pairs, gaps = apply_montage(shown, "longitudinal"), apply_montage(clean, "longitudinal")
    except ToolError:
        return None, NotAnalysed(label="voltage", reason="needs 4 neighbouring pairs of electrodes")
    height = np.ptp(seconds(pairs.data, pairs.sfreq), axis=2)
    height[np.isnan(seconds(gaps.data, gaps.sfreq)).any(axis=2)] = np.nan
    known = np.isfinite(height)
    usable = known.mean(axis=0) >= 0.5
    if not usable.any():
        return None, NotAnalysed(label="voltage", reason="artifacts leave no clean second")
    typical = nan_median(height[:, usable], axis=0)
    middle = float(np.median(typical))
    return (
        Voltage(
            amplitude_uv=middle,
            grade="suppressed" if middle < SUPPRESSED_UV else "low" if middle < LOW_UV else "normal",
            suppressed_share=float((typical < SUPPRESSED_UV).mean()),
        ),
        None,
    )


def is_discontinuous(swing: _Array) -> bool:
    """Whether bursts alternate with near silence: a tenth of the seconds below 10 µV, the loudest far above.

    Parameters
    ----------
    swing : ndarray, shape (channels, seconds)
        Peak-to-peak, NaN where not usable.

    Returns
    -------
    bool
        In such a stretch the spectrum is that of the bursts, and no peak in it is a lasting rhythm.
    """
    usable = np.isfinite(swing).mean(axis=0) >= 0.5
    if usable.sum() < 4:
        return False
    typical = nan_median(swing[:, usable], axis=0)
    quiet = typical < SUPPRESSED_UV
    if quiet.mean() < _DISCONTINUOUS_SHARE or quiet.all():
        return False
    return bool(np.quantile(typical, 0.9) >= _TIMES_LOUDER * typical[quiet].mean())
