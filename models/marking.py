"""From the clean trace of an event to its truth: which electrodes, from when to when, how large.

The truth is what can be seen in average reference, never what was intended: an electrode takes part from 35 %
of the event's peak and 1.5 times the background on, and an event lasts while its own trace is above 10 % of
its peak there. It is the same whatever montage the recording is written in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from models.truth import Planted, stratum
from tools.labels import TEN_TWENTY
from tools.types import Amplitude, ChannelSpan, Event

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

SOURCE = "simulator"
SHARE, ABOVE_NOISE, FOOT = 0.35, 1.5, 0.10
"""Share of the peak and multiple of the background for an electrode; share of the peak for the limits."""

SLOW = frozenset(
    ("kcomplex", "slow_wave", "sem", "rem", "eyem", "eyer+", "eyer-", "sweat", "respiration", "GRDA", "LRDA")
)
"""Events slower than 1.6 Hz in good part: slow background hides them too."""
_COVERING = ("hfnoise", "chewing", "movement", "extreme", "pop", "bad_channel")


class Break(Protocol):
    """A stretch in which channels show nothing of the head."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def channels(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def start(self) -> float: ...  # noqa: D102
    @property
    def stop(self) -> float: ...  # noqa: D102


def background_spread(piece: Array, sfreq: float, low_cut_hz: float) -> Array:
    """Robust deviation per electrode of what is faster than a low cut-off, shape (electrodes,)."""
    # Every third sample tells the spread as well, in a third of the time.
    step = 3 if piece.shape[1] > 900 else 1
    thin = piece[:, ::step]
    # The mean over 0.74 periods, taken away, lets half of the power at the cut-off through.
    width = max(1, round(0.74 / low_cut_hz * sfreq / step))
    fast = thin - uniform_filter1d(thin, width, axis=1) if thin.shape[1] > width else thin
    return np.asarray(1.4826 * np.median(np.abs(fast), axis=1))


def electrodes_of(
    seen: Array, noise: Array, *, dipole: bool = False, sign: int = 0, narrow: bool = False
) -> Bools:
    """Tell which electrodes take part in an event.

    Parameters
    ----------
    seen : ndarray, shape (electrodes, samples)
        Clean traces in average reference.
    noise : ndarray, shape (electrodes,)
        Robust deviation of the background.
    dipole : bool
        Count electrodes of either sign. Otherwise those that mirror the strongest one are left out, as they
        only show that the average reference is not zero.
    sign : int
        Keep to electrodes that go up (1) or down (-1); 0 for either.
    narrow : bool
        Told from the background by its frequency, as mains are, so that a larger background does not hide it.

    Returns
    -------
    ndarray of bool, shape (electrodes,)
        At least the strongest one.
    """
    at_peak = np.take_along_axis(seen, np.argmax(np.abs(seen), axis=1)[:, None], axis=1)[:, 0]
    peaks = np.abs(at_peak) if sign == 0 else np.clip(sign * at_peak, 0, None)
    strongest = int(np.argmax(peaks))
    shared = peaks >= np.maximum(SHARE * peaks[strongest], 0.0 if narrow else ABOVE_NOISE * noise)
    if not dipole:
        shared &= seen @ seen[strongest] > 0
    shared[strongest] = True
    return np.asarray(shared)


def describe(
    label: str,
    onset: float,
    sfreq: float,
    seen: Array,
    taking_part: Bools,
    noise: Array,
    frequency_hz: float | None = None,
    kind: str | None = None,
) -> Planted:
    """Describe an event by its traces in average reference, shape (electrodes, samples)."""
    rows = np.flatnonzero(taking_part)
    sizes = np.abs(seen[rows])
    strongest = int(np.argmax(sizes.max(axis=1)))
    at = int(np.argmax(sizes[strongest]))
    snr = round(float(sizes[strongest, at] / max(1e-9, noise[rows[strongest]])), 2)
    start, duration = _limits(onset, sfreq, sizes.max(axis=0))
    event = Event(
        label=label,
        source=SOURCE,
        onset=start,
        duration=duration,
        channels=tuple(TEN_TWENTY[row] for row in rows),
        amplitude=Amplitude(value_uv=round(float(np.ptp(seen, axis=1).max()), 2), kind="pp"),
        frequency_hz=frequency_hz,
        per_channel=tuple(
            ChannelSpan(channel=TEN_TWENTY[row], onset=first, duration=length)
            for row, size in zip(rows, sizes, strict=True)
            for first, length in [_limits(onset, sfreq, size)]
        ),
    )
    return Planted(
        event=event,
        kind=kind or label,
        peak=(round(onset * sfreq) + at) / sfreq,
        peak_channel=TEN_TWENTY[rows[strongest]],
        polarity="negative" if seen[rows[strongest], at] < 0 else "positive",
        snr=snr,
        stratum=stratum(snr),
    )


def _limits(onset: float, sfreq: float, size: Array) -> tuple[float, float]:
    above = np.flatnonzero(size >= FOOT * size.max())
    first = int(above[0])
    return (round(onset * sfreq) + first) / sfreq, (int(above[-1]) + 1 - first) / sfreq


def describe_span(
    label: str, start: float, stop: float, channels: tuple[str, ...], kind: str | None = None
) -> Planted:
    """Describe a state of channels that is no wave: flat, bridged, suppressed. It is as plain as can be."""
    duration = stop - start
    spans = tuple(ChannelSpan(channel=c, onset=start, duration=duration) for c in channels)
    return Planted(
        event=Event(
            label=label, source=SOURCE, onset=start, duration=duration, channels=channels, per_channel=spans
        ),
        kind=kind or label,
        peak=(start + stop) / 2,
        peak_channel=channels[0] if channels else "Cz",
        polarity="none",
        snr=99.0,
        stratum="easy",
    )


def visible(planted: Iterable[Planted], faults: Sequence[Break]) -> list[Planted]:
    """Take out what broken channels do not show, and say which artifact lies over the rest.

    An event of which no electrode is left is left out. One whose strongest electrode lies under an artifact
    keeps its place in the truth with ``masked_by``, so that it can be counted apart.
    """
    planted = list(planted)
    broken = [fault for fault in faults if fault.kind in ("flat", "rail")]
    covers = [entry.event for entry in planted if entry.event.label in _COVERING]
    return [
        _covered(seen, covers)
        for entry in planted
        if (seen := _unbroken(entry, broken) if entry.polarity != "none" else entry) is not None
    ]


def _unbroken(entry: Planted, broken: Sequence[Break]) -> Planted | None:
    lost = {
        span.channel
        for span in entry.event.per_channel
        for fault in broken
        if span.channel in fault.channels
        and min(span.onset + span.duration, fault.stop) - max(span.onset, fault.start) > 0.5 * span.duration
    }
    if not lost:
        return entry
    spans = tuple(span for span in entry.event.per_channel if span.channel not in lost)
    if not spans:
        return None
    channels = tuple(span.channel for span in spans)
    event = entry.event.model_copy(update={"channels": channels, "per_channel": spans})
    return entry.model_copy(update={"event": event})


def _covered(entry: Planted, covers: Sequence[Event]) -> Planted:
    if entry.event.label in _COVERING or entry.polarity == "none":
        return entry
    for cover in covers:
        if entry.peak_channel in cover.channels and cover.onset <= entry.peak < cover.onset + cover.duration:
            event = entry.event.model_copy(update={"masked_by": cover.label})
            return entry.model_copy(update={"event": event})
    return entry


def shifted(entry: Planted, seconds: float) -> Planted:
    """The same event later by this many seconds."""
    event = entry.event
    spans = tuple(span.model_copy(update={"onset": span.onset + seconds}) for span in event.per_channel)
    moved = event.model_copy(update={"onset": event.onset + seconds, "per_channel": spans})
    return entry.model_copy(update={"event": moved, "peak": entry.peak + seconds})
