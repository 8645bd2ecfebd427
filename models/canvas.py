"""The sheet on which a recording is simulated: signal free of a reference, and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models import topography, waveforms
from tools.labels import TEN_TWENTY
from tools.types import Amplitude, ChannelSpan, Event, Kind

Array = NDArray[np.float64]
SOURCE = "simulator"

SCALP = (*TEN_TWENTY, "A1", "A2")
EXTRA: tuple[tuple[str, Kind], ...] = (("E1-M2", "eog"), ("E2-M1", "eog"), ("ECG", "ecg"))


@dataclass
class Canvas:
    """A recording in the making, free of a reference, ears included; elements add themselves to it."""

    duration: float
    sfreq: float
    rng: np.random.Generator
    scalp: Array = field(init=False)  # (19 electrodes and two ears, samples)
    extra: Array = field(init=False)  # (two EOG and one ECG channel, samples)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        length = round(self.duration * self.sfreq)
        self.scalp = self.rng.normal(0, 0.6, (len(SCALP), length))
        self.extra = self.rng.normal(0, 3.0, (len(EXTRA), length))

    def field(self, name: str) -> Array:
        """Weights of a named source at the electrodes, a little different every time."""
        return topography.field(name, SCALP, self.rng)

    def add(
        self,
        label: str,
        onset: float,
        weights: Array,
        wave: Array,
        *,
        frequency_hz: float | None = None,
        marked: Array | None = None,
    ) -> None:
        """Add one event with its truth; a wave that would leave the recording is left out.

        `marked` is the part of the wave that carries the label, as long as the wave, where that is not all
        of it: a spike without its after-going slow wave.
        """
        start = round(onset * self.sfreq)
        if start < 0 or start + len(wave) > self.scalp.shape[1]:
            return
        self.scalp[:, start : start + len(wave)] += np.outer(weights, wave)
        scalp = weights[: len(TEN_TWENTY)] - weights[: len(TEN_TWENTY)].mean()
        strongest = scalp[np.argmax(np.abs(scalp))]
        # Electrodes of the opposite sign only show that the average reference is not zero.
        seen = scalp / strongest >= 0.35
        trace = np.outer(scalp, wave if marked is None else marked)
        self.events.append(self._truth(label, start, trace, seen, frequency_hz))

    def add_noise(self, label: str, onset: float, noise: Array, rms: float) -> None:
        """Add noise that differs from electrode to electrode, shape (scalp and ears, samples)."""
        start = round(onset * self.sfreq)
        if start < 0 or start + noise.shape[1] > self.scalp.shape[1]:
            return
        self.scalp[:, start : start + noise.shape[1]] += noise
        scalp = noise[: len(TEN_TWENTY)]
        size = scalp.std(axis=1)
        event = self._truth(label, start, scalp, size >= 0.35 * size.max(), None)
        self.events.append(event.model_copy(update={"amplitude": Amplitude(value_uv=rms, kind="rms")}))

    def _truth(
        self, label: str, start: int, trace: Array, seen: NDArray[np.bool_], frequency_hz: float | None
    ) -> Event:
        """Describe an event by its own trace in average reference; it lasts while above 10 % of its peak."""
        spans = tuple(
            ChannelSpan(
                channel=name,
                onset=(start + first) / self.sfreq,
                duration=(stop - first) / self.sfreq,
            )
            for name, row, here in zip(TEN_TWENTY, np.abs(trace), seen, strict=True)
            if here
            for first, stop in [_limits(row)]
        )
        first, stop = _limits(np.abs(trace[seen]).max(axis=0))
        return Event(
            label=label,
            source=SOURCE,
            onset=(start + first) / self.sfreq,
            duration=(stop - first) / self.sfreq,
            channels=tuple(span.channel for span in spans),
            amplitude=Amplitude(value_uv=round(float(np.ptp(trace, axis=1).max()), 2), kind="pp"),
            frequency_hz=frequency_hz,
            per_channel=spans,
        )

    def background(self, state: str, rms: float | None = None) -> None:
        """Add the noise that every EEG of this state consists of; `rms` in microvolts, average reference."""
        self.scalp += _background(self, state, rms)

    def windows(self, start: float, stop: float, per_minute: float, apart: float) -> list[float]:
        """Random onsets in a stretch, at this rate and at least `apart` seconds from one another."""
        pause = max(60 / per_minute - apart, 0.05)
        onsets, at = [], start + self.rng.uniform(0.2, 0.6) * pause
        while at < stop - apart:
            onsets.append(at)
            at += apart + self.rng.exponential(pause)
        return onsets


STATES: dict[str, tuple[float, float]] = {
    "wake": (1.4, 9.0),
    "drowsy": (1.7, 9.0),
    "n2": (2.2, 12.0),
    "n3": (2.6, 20.0),
}
"""Slope of the noise and its RMS in microvolts per state (0.5-70 Hz, average reference)."""


def _background(canvas: Canvas, state: str, rms: float | None = None) -> Array:
    exponent, usual = STATES[state]
    mixing = topography.mixing_matrix(SCALP)
    noise = waveforms.pink(mixing.shape[1], canvas.scalp.shape[1], canvas.sfreq, exponent, canvas.rng)
    mixed = mixing @ noise
    scalp = mixed[: len(TEN_TWENTY)] - mixed[: len(TEN_TWENTY)].mean(axis=0)
    return np.asarray(mixed * ((rms or usual) / np.median(scalp.std(axis=1))))


def _limits(size: Array) -> tuple[int, int]:
    """First sample and the one after the last at which a trace exceeds 10 % of its peak."""
    above = np.flatnonzero(size >= 0.1 * size.max())
    return int(above[0]), int(above[-1]) + 1
