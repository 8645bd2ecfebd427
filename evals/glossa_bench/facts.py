"""What a careful reader can be expected to see in a segment, told from its truth.

Only events that stand out (easy and medium strata) and lie under no artifact are told as definite. Fainter ones
are neither told nor denied.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from evals.scoring import COUNTED, counts
from models.truth import Planted, PosteriorTruth, SlowingTruth, Truth
from tools.labels import ARTIFACT, EPILEPTIFORM, TEN_TWENTY, side_of

JOIN = 0.15
"""Events of one label whose gap is shorter are told as one stretch."""
CLEAR_SLOWING, CLEAR_FAST_UV = 1.35, 7.0
"""Added slow activity over the background, and RMS of beta, from which they are told."""
DEEP_SHARE = 0.20
LASTING = ("hfnoise", "chewing", "movement", "extreme", "flat", "bad_channel", "respiration", "sweat",
           "line_noise", "sem")  # fmt: skip
"""Labels whose events are stretches of time; the others are moments."""


class Seen(NamedTuple):
    """One label as it is told: its events, merged where they touch."""

    label: str
    entries: tuple[Planted, ...]

    @property
    def spans(self) -> list[tuple[float, float]]:
        """Stretches of time, merged where the gap is short."""
        spans: list[tuple[float, float]] = []
        for entry in sorted(self.entries, key=lambda e: e.event.onset):
            start, stop = entry.event.onset, entry.event.onset + entry.event.duration
            if spans and start - spans[-1][1] < JOIN:
                spans[-1] = spans[-1][0], max(stop, spans[-1][1])
            else:
                spans.append((start, stop))
        return spans

    @property
    def onsets(self) -> list[float]:
        """When each stretch begins."""
        return [start for start, _ in self.spans]

    @property
    def largest(self) -> Planted:
        """The event that stands out most."""
        return max(self.entries, key=lambda entry: entry.snr)

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels of all its events, in the order of the head."""
        named = {channel for entry in self.entries for channel in entry.event.channels}
        return tuple(channel for channel in TEN_TWENTY if channel in named)

    @property
    def frequency_hz(self) -> float | None:
        """Mean over its events; None where none has one."""
        rates = [e.event.frequency_hz for e in self.entries if e.event.frequency_hz is not None]
        return float(np.mean(rates)) if rates else None

    @property
    def side(self) -> str:
        """``left``, ``right``, ``midline``, or ``bilateral`` by where the events are largest."""
        sides = {side_of(entry.peak_channel) for entry in self.entries}
        return sides.pop() if len(sides) == 1 else "bilateral"


def seen(truth: Truth, label: str) -> Seen | None:
    """What is definite of a label; None where nothing is."""
    entries = tuple(e for e in truth.planted if e.event.label == label and counts(e))
    return Seen(label, entries) if entries else None


def mentioned(truth: Truth, labels: Sequence[str]) -> list[Planted]:
    """Everything of these labels, of whatever stratum, masked or only a look-alike."""
    return [e for e in (*truth.planted, *truth.decoys) if e.event.label in labels]


def spike_wave_run(truth: Truth) -> Seen | None:
    """The generalized run of complexes, of six and more."""
    found = seen(truth, "spsw")
    entries = tuple(e for e in found.entries if e.kind.endswith(" run")) if found else ()
    return Seen("spsw", entries) if len(entries) >= 6 else None


def artifacts(truth: Truth) -> list[Seen]:
    """Definite artifacts, one entry for each label."""
    return [found for label in ARTIFACT if (found := seen(truth, label))]


def posterior(truth: Truth) -> PosteriorTruth | None:
    """The posterior rhythm where it stands out of the background."""
    shown = [e for e in truth.planted if e.event.label == "alpha" and e.stratum in COUNTED]
    for rhythm in truth.background.posterior:
        stop = rhythm.onset + rhythm.duration
        if any(rhythm.onset <= e.event.onset + e.event.duration / 2 <= stop for e in shown):
            return rhythm
    return None


def slowing(truth: Truth) -> list[SlowingTruth]:
    """Added theta or delta that stands out."""
    background = truth.background
    return [s for s in background.slowing if s.rms_uv >= CLEAR_SLOWING * background.rms_uv]


def band(slow: SlowingTruth) -> str:
    """Name of its band."""
    return "theta" if slow.band_hz[1] > 4.5 else "delta"


def change(truth: Truth) -> SlowingTruth | None:
    """The slow activity that begins within the segment, where the background is one that changes."""
    later = [s for s in truth.background.slowing if s.onset > 1.0]
    return later[0] if truth.background.changing and later else None


def slow_wave_share(truth: Truth) -> float:
    """Share of the time under slow waves of sleep, whatever their size."""
    waves = tuple(e for e in truth.planted if e.event.label == "slow_wave")
    spans = Seen("slow_wave", waves).spans if waves else []
    return sum(stop - start for start, stop in spans) / truth.duration


def drowsy_theta(truth: Truth) -> Seen | None:
    """Bursts of theta that belong to drowsiness and stand out."""
    shown = tuple(e for e in truth.decoys if e.event.label == "drowsy theta" and e.stratum in COUNTED)
    return Seen("drowsy theta", shown) if shown else None


def state(truth: Truth) -> str | None:
    """State that the segment itself shows: ``eyes closed``, ``eyes open``, ``N1``, ``N2``, ``N3``; else None."""
    background = truth.background
    rhythm = posterior(truth)
    if background.state == "wake" and not background.changing and rhythm and rhythm.duration > 6:
        return "eyes closed"
    if background.state == "eyes_open" and (seen(truth, "eyem") or seen(truth, "chewing")):
        return "eyes open"
    if background.state == "n2" and (seen(truth, "spindle") or seen(truth, "kcomplex")):
        return "N2"
    if background.state == "n3" and slow_wave_share(truth) >= DEEP_SHARE:
        return "N3"
    drowsy = seen(truth, "sem") or drowsy_theta(truth)
    return "N1" if background.state == "drowsy" and drowsy else None


def spoilt_share(truth: Truth) -> float:
    """Share of all channels' time under definite artifacts."""
    under = np.zeros((len(TEN_TWENTY), max(1, round(truth.duration * 50))), dtype=bool)
    for found in artifacts(truth):
        for entry in found.entries:
            for span in entry.event.per_channel:
                first, last = round(span.onset * 50), round((span.onset + span.duration) * 50)
                under[TEN_TWENTY.index(span.channel), first:last] = True
    return float(under.mean())


def free_of_discharges(truth: Truth) -> bool:
    """Whether nothing epileptiform was drawn, however faint."""
    return not mentioned(truth, EPILEPTIFORM) and not truth.patterns
