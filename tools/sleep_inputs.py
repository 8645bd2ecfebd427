"""The signals that two published sleep-staging models saw, filtered as their authors did.

Both filter the whole recording, then cut it into 30-s epochs at 100 Hz. What each does differs in every
detail, and a model is only as good as its pictures are alike, so both are followed to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.labels import electrodes
from tools.types import Channel, Recording, ToolError

if TYPE_CHECKING:
    from tools.io import OpenRecording

EPOCH_S = 30.0
RATE = 100.0
_SAMPLES = int(EPOCH_S * RATE)
SLEEPVLM_CHANNELS = ("F4", "C4", "O2", "LOC", "ROC", "Chin")
BENCH_CHANNELS = ("EEG", "EOG", "EMG")
_SITES = {"F4": "M1", "C4": "M1", "O2": "M1", "LOC": "M2", "ROC": "M2"}
_EARS = {"M1": "A1", "M2": "A2"}
_EYES = {
    "LOC": re.compile(r"\b(loc|e1)\b|left|eogl\b", re.IGNORECASE),
    "ROC": re.compile(r"\b(roc|e2)\b|right|eogr\b", re.IGNORECASE),
}
_LIMB = re.compile(r"leg|tib|\blat\b|\brat\b|mass|inter|arm|limb", re.IGNORECASE)
_LINKED = re.compile(r"\b(cle|ler|le)\b", re.IGNORECASE)

_Signal = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SleepSignals:
    """A night in epochs: ``data`` is ``(channels, epochs, 3000)`` in µV at 100 Hz."""

    data: NDArray[np.float64]
    channels: tuple[str, ...]
    """Names in the published system, in its order."""
    sources: tuple[tuple[str, ...], ...]
    """For each, the recording's channel, or two whose difference was taken."""
    notes: tuple[str, ...] = ()


def sleepvlm_signals(recording: OpenRecording, channels: Mapping[str, str] | None = None) -> SleepSignals:
    """Prepare a night for SleepVLM's pictures.

    EEG and EOG 0.3-35 Hz, chin 10-100 Hz (at most 0.999 of the Nyquist frequency): Butterworth of order 4
    in transfer-function form, forward and backward; then a notch at 50 Hz with Q 20; then linear
    interpolation to 100 Hz. There is no anti-alias filter: chin activity above 50 Hz folds down, which
    is part of what the model learned from. Samples that are missing are bridged for filtering and left out
    of the picture; that case the published code does not know.

    Parameters
    ----------
    recording : OpenRecording
        The whole night; all of it is read and filtered.
    channels : mapping, optional
        Channel of the recording for ``F4``, ``C4``, ``O2``, ``LOC``, ``ROC`` or ``Chin``, where the
        automatic choice does not suit.

    Raises
    ------
    ToolError
        If none of the six is there, or the recording is shorter than one epoch.

    References
    ----------
    Deng G. et al., SleepVLM, arXiv:2603.26738.
    """
    found = {name: _find(recording.info, name, channels or {}) for name in SLEEPVLM_CHANNELS}
    present = {name: source for name, source in found.items() if source}
    if not present:
        raise ToolError(
            "The recording has none of F4, C4, O2, LOC, ROC and chin EMG, which this profile shows.",
            field="profile",
            choices=("clinical",),
        )
    ready = {name: _sleepvlm_filter(*_read(recording, source), name) for name, source in present.items()}
    missing = [name for name in SLEEPVLM_CHANNELS if name not in present]
    notes = (f"Not in the recording, and left out: {', '.join(missing)}.",) if missing else ()
    return _in_epochs(ready, present, notes)


def bench_signals(
    recording: OpenRecording,
    *,
    notch_hz: float | None = None,
    channels: Mapping[str, str] | None = None,
) -> SleepSignals:
    """Prepare a night for SleepVLM-Bench's pictures: one EEG, one EOG and one chin channel.

    Notch (Q 30) where one is asked for; EEG 0.3-35, EOG 0.1-10, EMG 10-45 Hz, Butterworth of order 4 in
    second-order sections, forward and backward; the same as low-pass at 48 Hz; polyphase resampling to
    100 Hz; single precision.

    Raises
    ------
    ToolError
        If one of the three is missing or sampled too slowly for its band.
    """
    present = {name: _find_bench(recording.info, name, channels or {}) for name in BENCH_CHANNELS}
    for name, source in present.items():
        if not source:
            raise ToolError(f"This profile needs one EEG, one EOG and one EMG channel; no {name} was found.",
                            field="profile", choices=("clinical",))  # fmt: skip
    ready = {
        name: _bench_filter(*_read(recording, source), name, notch_hz) for name, source in present.items()
    }
    return _in_epochs(ready, present, ())


def _find(info: Recording, name: str, chosen: Mapping[str, str]) -> tuple[str, ...]:
    """Channel of the recording for one of SleepVLM's, or a pair to subtract; empty when there is none."""
    if name in chosen:
        if chosen[name] not in info.names():
            raise ToolError(
                "The recording has no channel of that name.", field="channels", choices=info.names()
            )
        return (chosen[name],)
    if name == "Chin":
        return _find_chin(info)
    if name in _EYES:
        fitting = [c for c in info.channels if c.kind == "eog" and _EYES[name].search(c.name)]
    else:
        fitting = [c for c in info.channels if c.kind == "eeg" and electrodes(c.name) == (name,)]
    if not fitting:
        return ()
    ear = _SITES[name]
    order = {f"-{ear}": 0, f"-{_EARS[ear]}": 1}
    best = min(fitting, key=lambda c: order.get(c.name[-3:], 2 if "-" in c.name else 3))
    return _with_ear(info, best, ear)


def _with_ear(info: Recording, channel: Channel, ear: str) -> tuple[str, ...]:
    """Add the ear of the other side where it was recorded and is not subtracted yet."""
    bare = channel.name in (*_SITES, "E1", "E2")
    if not bare or _LINKED.search(channel.original_name):
        return (channel.name,)
    ears = [c.name for c in info.channels if c.name in (ear, _EARS[ear]) and c.sfreq == channel.sfreq]
    return (channel.name, ears[0]) if ears else (channel.name,)


def _find_chin(info: Recording) -> tuple[str, ...]:
    muscles = [c for c in info.channels if c.kind == "emg" and not _LIMB.search(c.name)]
    chins = [c for c in muscles if re.search(r"chin|subm|ment", c.name, re.IGNORECASE)] or muscles
    first = next((c for c in chins if re.search(r"chin ?1$", c.name, re.IGNORECASE)), None)
    second = next((c for c in chins if re.search(r"chin ?2$", c.name, re.IGNORECASE)), None)
    if first and second and first.sfreq == second.sfreq:
        return first.name, second.name
    return (chins[0].name,) if chins else ()


def _find_bench(info: Recording, name: str, chosen: Mapping[str, str]) -> tuple[str, ...]:
    if name in chosen:
        return _find(info, name, chosen)
    if name == "EMG":
        return _find_chin(info)
    kind = name.lower()
    for site in ("F4", "C4") if kind == "eeg" else ("LOC",):
        found = _find(info, site, {})
        if found:
            return found
    return next(((c.name,) for c in info.channels if c.kind == kind), ())


def _read(recording: OpenRecording, source: tuple[str, ...]) -> tuple[_Signal, float]:
    segment = recording.read(0.0, recording.info.duration, source)
    data = segment.data[0] if len(source) == 1 else segment.data[0] - segment.data[1]
    return data, segment.sfreq


def _sleepvlm_filter(signal: _Signal, sfreq: float, name: str) -> _Signal:
    from scipy.signal import butter, filtfilt, iirnotch

    low, high = (10.0, 100.0) if name == "Chin" else (0.3, 35.0)
    signal, missing = _bridged(signal)
    nyquist = sfreq / 2
    band = [max(low / nyquist, 1e-3), min(high / nyquist, 0.999)]
    if band[0] < band[1]:
        signal = filtfilt(*butter(4, band, btype="bandpass"), signal)
    if nyquist > 50:
        signal = filtfilt(*iirnotch(50.0, 20.0, sfreq), signal)
    signal = np.where(missing, np.nan, signal)
    if abs(sfreq - RATE) < 0.1:
        return signal
    at = np.linspace(0, len(signal) - 1, round(RATE / sfreq * len(signal)))
    return np.interp(at, np.arange(len(signal)), signal)


def _bench_filter(signal: _Signal, sfreq: float, name: str, notch_hz: float | None) -> _Signal:
    from scipy.signal import butter, filtfilt, iirnotch, resample_poly, sosfiltfilt

    band = {"EEG": (0.3, 35.0), "EOG": (0.1, 10.0), "EMG": (10.0, 45.0)}[name]
    if band[1] >= sfreq / 2:
        raise ToolError(
            f"The {name} channel has {sfreq:g} samples/s, too few for {band[0]:g}-{band[1]:g} Hz.",
            field="profile",
        )
    signal, missing = _bridged(signal)
    if notch_hz is not None and notch_hz < sfreq / 2:
        signal = filtfilt(*iirnotch(notch_hz, 30.0, fs=sfreq), signal)
    signal = sosfiltfilt(butter(4, band, btype="bandpass", fs=sfreq, output="sos"), signal)
    if sfreq > RATE:
        signal = sosfiltfilt(butter(4, 48.0, fs=sfreq, output="sos"), signal)
    ratio = Fraction(RATE / sfreq).limit_denominator(10_000)
    if ratio != 1:
        signal = resample_poly(signal, ratio.numerator, ratio.denominator)
        missing = np.interp(np.arange(len(signal)) / RATE, np.arange(len(missing)) / sfreq, missing) > 0
    return np.where(missing, np.nan, signal).astype(np.float32).astype(np.float64)


def _bridged(signal: _Signal) -> tuple[_Signal, NDArray[np.bool_]]:
    """Draw a line across missing samples, which a recursive filter would spread over the whole night."""
    missing = ~np.isfinite(signal)
    if not missing.any():
        return signal, missing
    if missing.all():
        return np.zeros_like(signal), missing
    at = np.arange(len(signal))
    return np.interp(at, at[~missing], signal[~missing]), missing


def _in_epochs(
    ready: Mapping[str, _Signal], sources: Mapping[str, tuple[str, ...]], notes: tuple[str, ...]
) -> SleepSignals:
    epochs = min(len(signal) // _SAMPLES for signal in ready.values())
    if epochs == 0:
        raise ToolError(
            "The recording is shorter than one epoch of 30 s.", field="profile", choices=("clinical",)
        )
    data = np.stack([signal[: epochs * _SAMPLES].reshape(epochs, _SAMPLES) for signal in ready.values()])
    return SleepSignals(data, tuple(ready), tuple(sources[name] for name in ready), notes)
