"""Volts become microvolts here and nowhere else; units that files spell oddly are put right aloud.

A unit is taken by its spelling where that is the usual one. Where it is odd (``UV``, ``MV``, a micro
sign in an old encoding) or missing, the amplitude of the signal has to agree, else the channel is
left out: a factor of 1000 in silence is worse than a missing channel.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.types import Kind

BODY: frozenset[Kind] = frozenset({"eeg", "eog", "emg", "ecg", "reference"})
"""Kinds whose amplitude is known well enough to check a unit by it."""
VOLTS_BELOW_UV = 1e-3
"""A typical deviation under this, read as microvolts, cannot come from a body: the samples are volts."""
LARGEST_UV = {"eeg": 5_000.0, "reference": 5_000.0, "eog": 5_000.0, "emg": 5_000.0, "ecg": 2_000.0}
"""Typical deviations above these are errors of scale and no body signal."""

_DOUBTFUL = 10.0
"""Up to so many times the largest amplitude a plainly written unit is believed: mains hum reaches that."""

_USUAL = {
    "uV": 1.0,
    "mV": 1e3,
    "V": 1e6,
    "nV": 1e-3,
    "\N{MICRO SIGN}V": 1.0,
    "\N{GREEK SMALL LETTER MU}V": 1.0,
}
_ODD = {
    "uv": 1.0, "\N{MICRO SIGN}v": 1.0, "\N{GREEK SMALL LETTER MU}v": 1.0, "mv": 1e3, "v": 1e6, "nv": 1e-3,
    "microv": 1.0, "microvolt": 1.0, "microvolts": 1.0, "uvolt": 1.0, "uvolts": 1.0, "muv": 1.0,
    "millivolt": 1e3, "millivolts": 1e3, "volt": 1e6, "volts": 1e6, "?v": 1.0, "\ufffdv": 1.0,
    "\u00e2\u00b5v": 1.0, "\u00c2\u00b5v": 1.0, "\u00ce\u00bcv": 1.0,
}  # fmt: skip
"""Lower case; the last three are a micro sign in UTF-8 read as Latin-1."""
_MISSING = frozenset({"", "-", "n/a", "na", "none", "?", "unknown", "au", "a.u."})
_SPELT = {1.0: "uV", 1e3: "mV", 1e6: "V", 1e-3: "nV"}


class Verdict(NamedTuple):
    """What becomes of the channels of one kind and unit."""

    outcome: Literal["voltage", "no voltage", "no body signal", "left out"]
    factor: float = 1.0
    """From the file's unit to microvolts."""
    note: str = ""
    """What the user should know, as the end of a sentence."""


def judge_unit(unit: str, kind: Kind | None, deviations: NDArray[np.float64]) -> Verdict:
    """Decide how samples become microvolts.

    ``MV`` is millivolt: no amplifier writes megavolts, and sleep systems write ``MV`` for the ECG. Where
    that gives an impossible amplitude, microvolts are tried, as one system writes ``MV`` for anything.

    Parameters
    ----------
    unit : str
        As the file spells it.
    kind : str or None
        Kind of the channels as far as their names tell.
    deviations : array
        Typical deviation of each channel in the file's unit; 0 for a flat one, NaN where nothing was seen.
    """
    text = unit.strip()
    low = text.lower()
    missing = low in _MISSING
    if not (text in _USUAL or low in _ODD or missing) or (missing and kind not in BODY and kind is not None):
        note = "the unit is no voltage, so this is not used as EEG" if kind == "eeg" else ""
        return Verdict("no voltage", note=note)
    stated = _USUAL.get(text, _ODD.get(low, 1.0))
    if kind is not None and kind not in BODY:
        return Verdict("voltage", stated)
    live = deviations[np.isfinite(deviations) & (deviations > 0)]
    typical = float(np.median(live)) if live.size else 0.0
    if text in _USUAL:
        return _judge_usual(stated, kind, typical)
    return _judge_odd(stated, kind, typical, missing)


def is_plausible(deviation_uv: float, kind: Kind) -> bool:
    """Whether a typical deviation in microvolts can come from a body; a flat channel is no contradiction."""
    return deviation_uv == 0 or VOLTS_BELOW_UV <= deviation_uv <= LARGEST_UV[kind]


def _judge_usual(stated: float, kind: Kind | None, typical: float) -> Verdict:
    judged: Kind = kind or "eeg"
    deviation = typical * stated
    if is_plausible(deviation, judged):
        return Verdict("voltage", stated)
    if deviation < VOLTS_BELOW_UV and 0.1 <= deviation * 1e6 <= LARGEST_UV[judged]:
        return Verdict("voltage", stated * 1e6, "the samples are volts, whatever the unit says; converted")
    if kind is not None and stated != 1e3 and deviation <= _DOUBTFUL * LARGEST_UV[judged]:
        note = f"a typical deviation of {deviation:.3g} uV is no body signal: artifact, or a wrong unit"
        return Verdict("voltage", stated, note)
    return _implausible(stated, kind, deviation)


def _judge_odd(stated: float, kind: Kind | None, typical: float, missing: bool) -> Verdict:
    """Take the first reading of the unit that gives the amplitude of a body signal."""
    judged: Kind = kind or "eeg"
    readings = (1.0, 1e6, 1e3) if missing else (stated, 1.0, 1e6)
    fitting = [f for f in readings if typical == 0 or 0.1 <= typical * f <= LARGEST_UV[judged]]
    if not fitting:
        return _implausible(stated, kind, typical * stated)
    factor = fitting[0]
    how = "the file has no unit" if missing else "the file spells its unit unusually"
    doubt = (
        ""
        if missing or factor == stated
        else f"; as {_SPELT[stated]} no body gives it, so its size is unsure"
    )
    return Verdict("voltage", factor, f"{how}; read as {_SPELT[factor]}, which fits the amplitude{doubt}")


def _implausible(stated: float, kind: Kind | None, deviation: float) -> Verdict:
    if kind is None:
        return Verdict("no body signal", stated)
    note = (
        f"left out, a typical deviation of {deviation:.3g} uV is no body signal; check the unit in the file"
    )
    return Verdict("left out", stated, note)
