"""Asking the model of whole nights: which signals it gets of a recording, and why it may not work."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import mend
from tools.staging_channels import Derivation, StagingChannels
from tools.types import ToolError

if TYPE_CHECKING:
    from tools.io import OpenRecording
    from tools.staging_model import StagedNight


def ask_model(
    recording: OpenRecording, channels: StagingChannels, age_years: float | None
) -> tuple[StagedNight | None, str | None]:
    """The night as the model stages it, or why it cannot."""
    from tools.staging_model import LOWEST_RATE, SHORTEST, stage_night

    if recording.info.duration < SHORTEST:
        return None, f"the model needs {SHORTEST / 60:.0f} minutes"
    rate = _rate(recording, channels.central)
    if rate < LOWEST_RATE:
        return None, f"the model needs {LOWEST_RATE:.0f} samples a second"
    eeg = _signal(recording, channels.central, rate)
    eog, emg = (
        _signal(recording, d, rate) if _usable(recording, d) else None
        for d in (channels.one_eye, channels.chin)
    )
    info = recording.info
    age = info.age_years if age_years is None else age_years
    try:
        return stage_night(eeg, rate, eog, emg, age=age, male=_male(info.sex)), None
    except ToolError:
        # An EOG or chin lead that fell off: the EEG alone may still do.
        try:
            return stage_night(eeg, rate, age=age, male=_male(info.sex)), None
        except ToolError as error:
            return None, error.message.rstrip(".")


def _male(sex: str | None) -> bool | None:
    return None if sex is None else sex == "male"


def _rate(recording: OpenRecording, derivation: Derivation) -> float:
    return next(c.sfreq for c in recording.info.channels if c.name == derivation[0])


def _usable(recording: OpenRecording, derivation: Derivation) -> bool:
    """Whether the band of the model, up to 30 Hz, is in a channel at all."""
    return bool(derivation) and _rate(recording, derivation) >= 80.0


def _signal(recording: OpenRecording, derivation: Derivation, rate: float) -> NDArray[np.float64]:
    """A derivation over the whole recording, at the rate of the EEG."""
    segment = recording.read(0.0, recording.info.duration, derivation)
    data = segment.data[0] if len(derivation) == 1 else segment.data[0] - segment.data[1]
    wanted = round(recording.info.duration * rate)
    if segment.sfreq != rate:
        from scipy.signal import resample_poly

        ratio = Fraction(rate / segment.sfreq).limit_denominator(1000)
        data = resample_poly(mend(data[None])[0][0], ratio.numerator, ratio.denominator)
    data = data[:wanted]
    return np.pad(data, (0, wanted - len(data)), mode="edge") if len(data) < wanted else data
