"""Volts become microvolts here and nowhere else; units that files spell oddly are put right aloud.

A unit is taken by its spelling where that is the usual one. Where it is odd (``UV``, ``MV``, a micro
sign in an old encoding) or missing, the amplitude of the signal has to agree, else the channel is
left out: a factor of 1000 in silence is worse than a missing channel.
"""

from __future__ import annotations

from typing import NamedTuple

from tools.types import Kind

VOLTS_BELOW_UV = 1e-3
"""A typical deviation under this, read as microvolts, cannot be EEG: the samples are volts."""
LARGEST_UV = {"eeg": 5_000.0, "reference": 5_000.0, "eog": 20_000.0, "emg": 20_000.0, "ecg": 50_000.0}
"""Typical deviations above these are errors of scale and no body signal."""

_USUAL = {"uV": 1.0, "mV": 1e3, "V": 1e6, "nV": 1e-3, "µV": 1.0, "μV": 1.0}
_ODD = {
    "uv": 1.0, "µv": 1.0, "μv": 1.0, "mv": 1e3, "v": 1e6, "nv": 1e-3, "microv": 1.0, "microvolt": 1.0,
    "microvolts": 1.0, "uvolt": 1.0, "uvolts": 1.0, "muv": 1.0, "millivolt": 1e3, "millivolts": 1e3,
    "volt": 1e6, "volts": 1e6, "?v": 1.0, "\ufffdv": 1.0, "âµv": 1.0,
}  # fmt: skip
_MISSING = frozenset({"", "-", "n/a", "na", "none", "?", "unknown", "au", "a.u."})


class Scale(NamedTuple):
    """How the samples of a channel become microvolts."""

    factor: float | None
    """None where the unit is no voltage."""
    odd: bool
    """Whether the unit is spelt so that only the amplitude can confirm it."""


def voltage_scale(unit: str) -> Scale:
    """Factor to microvolts of a unit as a file spells it.

    ``MV`` is millivolt: no amplifier writes megavolts, and sleep systems write ``MV`` for the ECG.
    """
    text = unit.strip()
    if text in _USUAL:
        return Scale(_USUAL[text], False)
    low = text.lower()
    if low in _ODD:
        return Scale(_ODD[low], True)
    return Scale(1.0 if low in _MISSING else None, low in _MISSING)


def is_plausible(deviation_uv: float, kind: Kind) -> bool:
    """Whether a typical deviation in microvolts can come from a body; a flat channel is no contradiction."""
    return deviation_uv == 0 or VOLTS_BELOW_UV <= deviation_uv <= LARGEST_UV.get(kind, 50_000.0)


def looks_like_volts(deviation_uv: float) -> bool:
    """Whether samples read as microvolts are volts: tiny as they are, a million times more is EEG."""
    return 0 < deviation_uv < VOLTS_BELOW_UV and 0.1 <= deviation_uv * 1e6 <= LARGEST_UV["eeg"]
