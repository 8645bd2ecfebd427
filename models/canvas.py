"""The sheet on which a recording is simulated: signal free of a reference, and the truth about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models import topography, waveforms
from models.marking import SHARE, SLOW, background_spread, describe, describe_span, electrodes_of
from models.truth import PatternTruth, Planted, PosteriorTruth, SlowingTruth
from tools.labels import LABELS, TEN_TWENTY
from tools.types import Amplitude, Event, Kind

Array = NDArray[np.float64]

SCALP = (*TEN_TWENTY, "A1", "A2")
EXTRA: tuple[tuple[str, Kind], ...] = (
    ("E1-M2", "eog"), ("E2-M1", "eog"), ("ECG", "ecg"), ("Chin", "emg"), ("Resp", "resp"),
)  # fmt: skip
_QUIET = 2
"""Rows of `EXTRA` after the ECG, silent until an element drives them."""

SpikeShape = Callable[..., Array]
SITES = len(TEN_TWENTY)


class Fault(NamedTuple):
    """A channel that stops telling the truth between two times: ``flat``, ``rail`` or ``bridge``."""

    kind: str
    channels: tuple[str, ...]
    start: float
    stop: float
    level: float = 0.0


@dataclass
class Canvas:
    """A recording in the making, free of a reference, ears included; elements add themselves to it."""

    duration: float
    sfreq: float
    rng: np.random.Generator
    head: topography.Head = topography.STANDARD
    spike_shape: SpikeShape = waveforms.spike
    gain: Array | None = None
    """Of the electrodes and ears, where the contact of a person differs from one to the next."""
    scalp: Array = field(init=False)  # (19 electrodes and two ears, samples)
    extra: Array = field(init=False)  # (two EOG, ECG, chin and respiration channel, samples)
    ground: Array = field(
        init=False
    )  # (19 electrodes, samples): what events stand out from, average reference
    planted: list[Planted] = field(default_factory=list)
    decoys: list[Planted] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    posterior: list[PosteriorTruth] = field(default_factory=list)
    slowing: list[SlowingTruth] = field(default_factory=list)
    patterns: list[PatternTruth] = field(default_factory=list)
    notes: dict[str, float] = field(default_factory=dict)
    """Further settings of the background: fast activity, asymmetry."""
    _noise: dict[tuple[int, bool], Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        length = round(self.duration * self.sfreq)
        self.scalp = self.rng.normal(0, 0.6, (len(SCALP), length))
        driven = self.rng.normal(0, 3.0, (len(EXTRA) - _QUIET, length))
        self.extra = np.vstack([driven, np.zeros((_QUIET, length))])
        self.ground = self.scalp[:SITES] - self.scalp[:SITES].mean(axis=0)

    @property
    def events(self) -> list[Event]:
        """What was planted, without the details of each."""
        return [entry.event for entry in self.planted]

    def field(self, name: str) -> Array:
        """Weights of a named source at the electrodes, a little different every time."""
        weights = topography.field(name, SCALP, self.rng, self.head)
        return weights if self.gain is None else weights * self.gain

    def noise_level(self, onset: float, *, slow: bool = False) -> Array:
        """Robust deviation of the background at every electrode in the ten seconds around a time.

        It counts what readers see around such an event: from 1.6 Hz on, or from 0.5 Hz on around a slow one.
        """
        block = int(onset // 10)
        if (block, slow) not in self._noise:
            first = round(min(block * 10, max(0.0, self.duration - 10)) * self.sfreq)
            piece = self.ground[:, first : first + round(10 * self.sfreq)]
            self._noise[block, slow] = background_spread(piece, self.sfreq, 0.5 if slow else 1.6)
        return self._noise[block, slow]

    def size_for(self, snr: float, weights: Array, onset: float, *, slow: bool = False) -> float:
        """Peak in microvolts that stands out `snr` times at the strongest electrode of a field."""
        scalp = weights[:SITES] - weights[:SITES].mean()
        strongest = int(np.argmax(np.abs(scalp)))
        return float(snr * self.noise_level(onset, slow=slow)[strongest] / abs(scalp[strongest]))

    def put(self, onset: float, traces: Array, *, ground: bool = False) -> int | None:
        """Add signal, shape (scalp and ears, samples), and give its first sample; None if it would not fit."""
        start, length = round(onset * self.sfreq), traces.shape[1]
        if start < 0 or start + length > self.scalp.shape[1]:
            return None
        self.scalp[:, start : start + length] += traces
        if ground:
            seen = traces[:SITES]
            self.ground[:, start : start + length] += seen - seen.mean(axis=0)
            self._noise.clear()
        return start

    def add(
        self,
        label: str,
        onset: float,
        weights: Array,
        wave: Array,
        *,
        frequency_hz: float | None = None,
        marked: Array | None = None,
        kind: str | None = None,
        dipole: bool = False,
        narrow: bool = False,
        ground: bool = False,
    ) -> None:
        """Add one event with its truth; a wave that would leave the recording is left out.

        `marked` is the part of the wave that carries the label, as long as the wave, where that is not all
        of it: a spike without its after-going slow wave. `dipole` counts electrodes of the opposite sign,
        `narrow` those where the background is larger, `ground` makes it part of the background from which
        later events stand out.
        """
        start = self.put(onset, np.outer(weights, wave))
        if start is None:
            return
        carrying = wave if marked is None else marked
        self.mark(
            label,
            start,
            np.outer(weights, carrying),
            frequency_hz=frequency_hz,
            kind=kind,
            dipole=dipole,
            narrow=narrow,
        )
        if ground:
            seen = weights[:SITES] - weights[:SITES].mean()
            self.ground[:, start : start + len(wave)] += np.outer(seen, wave)
            self._noise.clear()

    def add_noise(self, label: str, onset: float, noise: Array, rms: float, kind: str | None = None) -> None:
        """Add noise that differs from electrode to electrode, shape (scalp and ears, samples)."""
        start = self.put(onset, noise)
        if start is None:
            return
        size, level = noise[:SITES].std(axis=1), self.noise_level(onset, slow=label in SLOW)
        seen = size >= SHARE * size.max()
        entry = describe(label, start / self.sfreq, self.sfreq, noise[:SITES], seen, level, None, kind)
        amplitude = Amplitude(value_uv=rms, kind="rms")
        event = entry.event.model_copy(update={"amplitude": amplitude})
        self._keep(entry.model_copy(update={"event": event, "polarity": "none"}))

    def mark(
        self,
        label: str,
        start: int,
        traces: Array,
        *,
        frequency_hz: float | None = None,
        kind: str | None = None,
        dipole: bool = False,
        sign: int = 0,
        narrow: bool = False,
    ) -> None:
        """Write down an event whose clean traces, free of a reference, begin at this sample.

        `sign` keeps to the electrodes that go up (1) or down (-1), for labels that tell the two apart.
        """
        seen = traces[:SITES] - traces[:SITES].mean(axis=0)
        noise = self.noise_level(start / self.sfreq, slow=label in SLOW)
        taking_part = electrodes_of(seen, noise, dipole=dipole, sign=sign, narrow=narrow)
        self._keep(
            describe(label, start / self.sfreq, self.sfreq, seen, taking_part, noise, frequency_hz, kind)
        )

    def mark_span(
        self, label: str, start: float, stop: float, channels: tuple[str, ...] = (), kind: str | None = None
    ) -> None:
        """Write down a state of channels (of all, when none is named) that has no wave of its own."""
        self._keep(describe_span(label, start, stop, channels, kind))

    def _keep(self, entry: Planted) -> None:
        (self.planted if entry.event.label in LABELS else self.decoys).append(entry)

    def background(self, state: str, rms: float | None = None, exponent: float | None = None) -> None:
        """Add the noise that every EEG of this state consists of; `rms` in microvolts, average reference."""
        length = self.scalp.shape[1]
        self.lay(
            state_noise(length, self.sfreq, self.rng, state, rms, exponent, head=self.head, gain=self.gain)
        )

    def lay(self, added: Array) -> None:
        """Add background as long as the recording, shape (scalp and ears, samples)."""
        self.scalp += added
        self.ground += added[:SITES] - added[:SITES].mean(axis=0)
        self._noise.clear()

    def reground(self) -> None:
        """Take everything drawn so far as background, after it was changed as a whole."""
        self.ground = self.scalp[:SITES] - self.scalp[:SITES].mean(axis=0)
        self._noise.clear()

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
    "eyes_open": (1.45, 9.5),
    "drowsy": (1.7, 9.0),
    "n2": (2.2, 12.0),
    "n3": (2.6, 20.0),
    "rem": (1.8, 9.0),
    "slowed": (2.2, 16.0),
    "low_voltage": (1.4, 3.8),
}
"""Slope of the noise and its RMS in microvolts per state (0.5-70 Hz, average reference)."""


def state_noise(
    length: int,
    sfreq: float,
    rng: np.random.Generator,
    state: str,
    rms: float | None = None,
    exponent: float | None = None,
    *,
    head: topography.Head = topography.STANDARD,
    gain: Array | None = None,
) -> Array:
    """Draw the noise of a state, shape (scalp and ears, samples), free of a reference."""
    usual_exponent, usual = STATES[state]
    mixing = topography.mixing_matrix(SCALP, head=head)
    slope = usual_exponent if exponent is None else exponent
    mixed = mixing @ waveforms.pink(mixing.shape[1], length, sfreq, slope, rng)
    if gain is not None:
        mixed *= gain[:, None]
    scalp = mixed[:SITES] - mixed[:SITES].mean(axis=0)
    return np.asarray(mixed * ((rms or usual) / np.median(scalp.std(axis=1))))
