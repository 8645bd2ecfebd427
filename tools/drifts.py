"""Slow drifts of the body: breathing and sweat, below what the brain does."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, Bools, at_its_limit, looked, mend
from tools.events import runs
from tools.labels import electrodes
from tools.types import Amplitude, ChannelSpan, Detection, Event, NotAnalysed, Segment

LABELS = ("respiration", "sweat")
SOURCE = "drifts 1"
_WINDOW, _STEP = 20.0, 10.0


class DriftSettings(NamedTuple):
    """What makes a drift; amplitudes in microvolts (RMS), frequencies in hertz."""

    rms: float = 13.0
    """Least RMS of 0.1 to 0.6 Hz,"""
    most: float = 300.0
    """Beyond it a converter was at its limit, or a lead was moved."""
    share: float = 0.5
    """and its least share of the power up to 30 Hz."""
    quiet: float = 2.2
    """Multiple of the median RMS over the channels: a drift lies in some electrodes."""
    rate: tuple[float, float] = (0.17, 0.42)
    """Of breathing."""
    narrow: float = 0.75
    """Share of the drift's power around one rate from which it is breathing."""


DEFAULTS = DriftSettings()


def find_drifts(segment: Segment, settings: DriftSettings = DEFAULTS) -> Detection:
    """Find breathing and sweat in windows of 20 s, or in a shorter stretch as a whole.

    Parameters
    ----------
    segment : Segment
        At least 9 s without a low cut above 0.1 Hz; a channel of breath is used where there is one.
    settings : DriftSettings
        Limits.

    Returns
    -------
    Detection
        Events last as long as the windows in which a drift was seen; the amplitude is the RMS of 0.1 to
        0.6 Hz in the largest channel.

    Notes
    -----
    With a channel of breath, breathing is what correlates with it; without one, a drift at a single rate, in
    electrodes at the back of the head on which it rests. In ten seconds there are two or three breaths, which
    is too little to be sure. Rolling eyes, of opposite sign at F7 and F8, are neither.
    """
    eeg = segment.pick_kinds("eeg")
    low = segment.filters.low_cut_hz or 0.0
    reason = (
        "no EEG channel" if not eeg.channels
        else "needs 9 s of signal" if segment.duration < 9
        else f"a low cut of {low:g} Hz takes the drifts away" if low > 0.11
        else None
    )  # fmt: skip
    if reason is not None:
        return Detection(not_analysed=tuple(NotAnalysed(label=label, reason=reason) for label in LABELS))
    mended, missing = mend(eeg.data)
    lost = missing | at_its_limit(mended)
    if lost.any():
        mended = mend(np.where(lost, np.nan, mended))[0]
    breath = segment.pick_kinds("resp")
    flow = mend(breath.data)[0][0] if breath.channels else None
    length = min(round(_WINDOW * eeg.sfreq), mended.shape[1])
    starts = list(range(0, max(1, mended.shape[1] - length + 1), round(_STEP * eeg.sfreq)))
    kinds = np.zeros((2, len(eeg.channels), len(starts)), dtype=bool)
    sizes = np.zeros((len(eeg.channels), len(starts)))
    for number, first in enumerate(starts):
        piece = mended[:, first : first + length]
        part = None if flow is None else flow[first : first + length]
        kinds[:, :, number], sizes[:, number] = _drifting(replace(eeg, data=piece), part, settings)
    events = [
        event
        for kind, label in enumerate(LABELS)
        for event in _events(eeg, label, kinds[kind], sizes, starts, length)
    ]
    done = looked(LABELS[0], eeg).model_copy(update={"labels": LABELS})
    return Detection(events=tuple(sorted(events, key=lambda event: event.onset)), analysed=done)


def _drifting(piece: Segment, flow: Array | None, settings: DriftSettings) -> tuple[Bools, Array]:
    """Which channels show breathing and which sweat, shape (2, channels); and the RMS of the drift."""
    data = piece.data - piece.data.mean(axis=1, keepdims=True)
    length = data.shape[1]
    spectrum = np.fft.rfft(
        data * np.hanning(length), 4 * length if length < 12 * piece.sfreq else length, axis=1
    )
    frequency = np.fft.rfftfreq(2 * (spectrum.shape[1] - 1), 1 / piece.sfreq)[: spectrum.shape[1]]
    power = np.abs(spectrum) ** 2
    drift = (frequency >= 0.1) & (frequency <= 0.6)
    slow = power[:, drift].sum(axis=1)
    all_of_it = power[:, (frequency >= 0.1) & (frequency <= 30)].sum(axis=1)
    share = slow / np.maximum(all_of_it, 1e-12)
    rms = data.std(axis=1) * np.sqrt(slow / np.maximum(power[:, 1:].sum(axis=1), 1e-12))
    drifts = (rms >= settings.rms) & (share >= settings.share) & (rms >= settings.quiet * np.median(rms))
    drifts &= rms <= settings.most
    if len(rms) < 4:
        drifts = (rms >= settings.rms) & (share >= settings.share)
    kinds = np.zeros((2, len(rms)), dtype=bool)
    if drifts.sum() < min(2, len(rms)) or _rolls(piece, drifts):
        return kinds, rms
    breathes = drifts & _breathes(piece, power, np.asarray(frequency, dtype=float), flow, settings)
    # One cause for one stretch: the larger part of the drift decides.
    kind = 0 if (rms**2)[breathes].sum() > 0.5 * (rms**2)[drifts].sum() else 1
    kinds[kind] = drifts
    return kinds, rms


def _breathes(
    piece: Segment, power: Array, frequency: Array, flow: Array | None, settings: DriftSettings
) -> Bools:
    band = (frequency >= 0.1) & (frequency <= 0.6)
    if flow is not None and len(flow) == piece.data.shape[1]:
        against = (
            np.abs(np.fft.rfft((flow - flow.mean()) * np.hanning(len(flow)), 2 * (power.shape[1] - 1))) ** 2
        )
        rate = float(frequency[band][np.argmax(against[band])])
    else:
        rate = 0.0
    own = frequency[band][np.argmax(power[:, band], axis=1)] if not rate else np.full(len(power), rate)
    width = max(0.06, 1.3 / (piece.data.shape[1] / piece.sfreq))
    around = np.abs(frequency[None, :] - own[:, None]) <= width
    narrow = (power * around * band).sum(axis=1) / np.maximum(power[:, band].sum(axis=1), 1e-12)
    low, high = settings.rate
    back = np.array(
        [bool({"O1", "O2", "T5", "T6", "P3", "P4", "Oz"} & set(electrodes(c))) for c in piece.channels]
    )
    steady = (narrow >= settings.narrow) & (own >= low) & (own <= high)
    return np.asarray(steady & (back | bool(rate)))


def _rolls(piece: Segment, drifts: Bools) -> bool:
    """Whether the drift is that of eyes that roll: opposite at F7 and F8."""
    rows = [piece.channels.index(name) for name in ("F7", "F8") if name in piece.channels]
    if len(rows) < 2 or not drifts[rows].all():
        return False
    return float(np.asarray(np.corrcoef(piece.data[rows]))[0, 1]) < -0.5


def _events(
    eeg: Segment, label: str, flags: Bools, sizes: Array, starts: list[int], length: int
) -> list[Event]:
    events = []
    for first, last in runs(np.asarray(flags.any(axis=0))):
        onset = eeg.onset + starts[first] / eeg.sfreq
        stop = eeg.onset + min(starts[last - 1] + length, eeg.data.shape[1]) / eeg.sfreq
        if last == len(starts):
            stop = eeg.onset + eeg.duration
        rms = np.sqrt((sizes[:, first:last] ** 2).mean(axis=1))
        rows = [r for r in np.argsort(-rms).tolist() if flags[r, first:last].any()]
        spans = tuple(
            ChannelSpan(
                channel=eeg.channels[row],
                onset=onset,
                duration=stop - onset,
                value_uv=round(float(rms[row]), 2),
            )
            for row in rows
        )
        size = float(rms[rows[0]])
        events.append(Event(
            label=label, source=SOURCE, onset=onset, duration=stop - onset,
            channels=tuple(span.channel for span in spans), confidence=round(size / (size + 20.0), 3),
            amplitude=Amplitude(value_uv=round(size, 2), kind="rms"), per_channel=spans,
        ))  # fmt: skip
    return events
