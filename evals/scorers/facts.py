"""What the truth of a segment says about any claim: present, absent, where, when, how fast, how tall, or undecided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from evals.scoring import counts
from models.truth import Planted, Truth
from tools.labels import EPILEPTIFORM, PATTERN, SLEEP, side_of
from tools.types import AmplitudeKind, Place

RATE_HZ, HEIGHT_SHARE, CHANNEL_SHARE = 0.5, 0.2, 0.5
TOLD_ARTIFACTS = ("eyem", "eyer+", "eyer-", "hfnoise", "chewing", "movement", "pop", "flat", "bad_channel")
"""Artifacts that an expert mentions; hum, sweat and breath only where they disturb."""
DISCHARGING = ("LPD", "GPD", "BIPD", "seizure", "burst_suppression")
"""Patterns made of discharges: naming these as spikes or sharp waves within them is neither right nor wrong."""
WAXING = ("alpha", "mu")
"""Rhythms that wax and wane: their largest wave is known, and no reader gives that as their amplitude."""
GAZE = ("eyer+", "eyer-")
PHYSIOLOGICAL_DELTA = ("n2", "n3")
"""States whose own delta is neither slowing nor its absence."""
_WHOLE = 0.9


class Known(NamedTuple):
    """A truth in the form in which claims are checked."""

    planted: tuple[Planted, ...]
    duration: float
    truth: Truth

    @property
    def stage(self) -> str | None:
        """Sleep stage of the segment, where it has one."""
        return self.truth.stages[0] if len(self.truth.stages) == 1 else None

    @property
    def must(self) -> tuple[str, ...]:
        """Labels and properties of the background that an expert would state."""
        told = (*EPILEPTIFORM, *SLEEP, *PATTERN, *TOLD_ARTIFACTS, "alpha")
        seen = {p.event.label for p in self.planted if counts(p)}
        labels = [label for label in told if label in seen]
        if {"eyer+", "eyer-"} <= set(labels):
            labels.remove("eyer-")  # one look has two poles
        background = self.truth.background
        if background.slowing:
            labels.append("slowing")
        if background.low_voltage:
            labels.append("low_voltage")
        if background.asymmetry is not None:
            labels.append("asymmetry")
        if _is_fast(self.truth):
            labels.append("fast_activity")
        if background.changing:
            labels.append("variation")
        return tuple(labels)

    @property
    def denied(self) -> tuple[str, ...]:
        """Groups whose absence an expert would state: no epileptiform activity, where there is none."""
        abnormal = (*EPILEPTIFORM, *PATTERN)
        return () if any(p.event.label in abnormal for p in self.planted) else ("epileptiform",)

    def entries(self, labels: Sequence[str]) -> list[tuple[float, float]]:
        """Start and end of everything of these labels, of any stratum."""
        spans = [_ends(p.event) for p in self._planted(labels)]
        background = self.truth.background
        if "alpha" in labels:
            spans += [_ends(place) for place in background.posterior]
        if "slowing" in labels:
            spans += [_ends(place) for place in background.slowing]
        if "variation" in labels and background.changing:
            spans += [_ends(place) for place in background.slowing]
        if "asymmetry" in labels and background.asymmetry is not None:
            spans.append((0.0, self.duration))
        return spans

    def present(self, labels: Sequence[str]) -> bool | None:
        """Whether one of these is there; None where the truth does not decide."""
        if self.entries(labels) or (set(labels) & set(self.must)):
            return True
        if "slowing" in labels:
            return self._slowed()
        return None if self._undecided(set(labels)) else False

    def _undecided(self, labels: set[str]) -> bool:
        """Whether what is not planted may still be seen: parts of something larger, and matters of degree."""
        if labels <= set(EPILEPTIFORM) and self._planted(DISCHARGING):
            return True
        if "slow_wave" in labels:  # a K-complex may meet the definition of a slow wave
            return bool(self._planted(("kcomplex",))) or self.truth.background.state == "n3"
        if "asymmetry" in labels:
            return self._one_sided()
        return "fast_activity" in labels and bool(self.truth.background.fast_activity_rms_uv)

    def absent(self, labels: Sequence[str]) -> bool | None:
        """Whether none of these is there; None where only faint or masked ones are."""
        if set(labels) & set(self.must):
            return False
        if set(labels) & {"slowing"}:
            return None if self._slowed() is None else not self._slowed()
        return None if self.entries(labels) else True

    def is_waveform(self, labels: Sequence[str]) -> bool:
        """Whether these are waveforms or patterns, of which an absent one is an invention."""
        return bool(set(labels) & {*EPILEPTIFORM, *SLEEP, *PATTERN})

    def background_only(self, labels: Sequence[str]) -> bool:
        """Whether these are properties of the background, which have no time of their own to be checked."""
        return set(labels) <= {"low_voltage", "fast_activity", "asymmetry"}

    def channels_fit(self, labels: Sequence[str], channels: frozenset[str], side: str | None) -> bool | None:
        """Whether channels overlap by half with the true ones, or a side alone is the true side."""
        true = self._channels(labels)
        if not true:
            return None
        if channels:
            return len(channels & true) >= CHANNEL_SHARE * min(len(channels), len(true))
        sides = {side_of(channel) for channel in true} - {"midline", "unknown"}
        if side in ("left", "right"):
            strongest = self._sides(labels)
            return side in strongest if strongest else side in sides
        return sides == {"left", "right"} if side == "both" else None

    def rates(self, labels: str) -> list[tuple[float, float]]:
        """Ranges of frequency in Hz that are true of a label."""
        background = self.truth.background
        found: list[tuple[float, float]] = []
        if labels == "alpha":
            found += [(p.frequency_hz, p.frequency_hz) for p in background.posterior]
        for pattern in self.truth.patterns:
            if pattern.label == labels and pattern.frequency_hz:
                ends = sorted((pattern.frequency_hz, pattern.end_frequency_hz or pattern.frequency_hz))
                found.append((ends[0], ends[1]))
        return found

    def rate_fits(self, labels: Sequence[str], rate: float) -> bool | None:
        """Whether a frequency is within 0.5 Hz of a true one."""
        ranges = [entry for label in labels for entry in self.rates(label)]
        own = [p.event.frequency_hz for p in self._planted(labels) if p.event.frequency_hz]
        ranges += [(hertz, hertz) for hertz in own]
        if "slowing" in labels:
            ranges += [s.band_hz for s in self.truth.background.slowing]
        if not ranges:
            return None
        return any(low - RATE_HZ <= rate <= high + RATE_HZ for low, high in ranges)

    def height_fits(self, labels: Sequence[str], value: float, kind: AmplitudeKind) -> bool | None:
        """Whether an amplitude is within 20 % of a true one of the same kind."""
        waves = [p for p in self._planted(labels) if p.event.label not in WAXING]
        heights = [p.event.amplitude for p in waves if p.event.amplitude]
        true = [h.value_uv for h in heights if h.kind == kind]
        if "alpha" in labels and kind == "rms":
            true += [p.rms_uv for p in self.truth.background.posterior]
        if not true:
            return None
        return any(abs(value - height) <= HEIGHT_SHARE * height for height in true)

    def timed(self, label: str) -> bool:
        """Whether something of this label has a place in time that an expert would tell."""
        if label in ("low_voltage", "fast_activity", "asymmetry", "slow_wave", "flat", "bad_channel"):
            return False
        return any(stop - start < _WHOLE * self.duration for start, stop in self.entries((label,)))

    def localised(self, label: str) -> bool:
        """Whether an expert would say where: discharges, and what lies on one side or in some channels."""
        return label in (*EPILEPTIFORM, "LPD", "LRDA", "flat", "bad_channel", "pop")

    def _planted(self, labels: Sequence[str]) -> list[Planted]:
        either = {*labels, *(GAZE if set(labels) & set(GAZE) else ())}
        return [p for p in self.planted if p.event.label in either]

    def _channels(self, labels: Sequence[str]) -> set[str]:
        true = {c for p in self._planted(labels) for c in p.event.channels}
        if "alpha" in labels and self.truth.background.posterior:
            true |= {"O1", "O2", "P3", "P4", "Pz", "T5", "T6"}
        return true

    def _sides(self, labels: Sequence[str]) -> set[str]:
        """Side of the largest deflections, or the side the truth names."""
        named = {str(p.side) for p in self.truth.patterns if p.label in labels}
        if "slowing" in labels:
            named |= {str(s.side) for s in self.truth.background.slowing}
        asymmetry = self.truth.background.asymmetry
        if "asymmetry" in labels and asymmetry is not None:
            return {"left", "right"}  # "lower on the right" and "taller on the left" say the same
        return named or {side_of(p.peak_channel) for p in self._planted(labels)}

    def _slowed(self) -> bool | None:
        background = self.truth.background
        if background.slowing or background.state == "slowed" or self._planted(("LRDA", "GRDA")):
            return True
        if background.state in PHYSIOLOGICAL_DELTA or self._planted(
            (*DISCHARGING, "movement", "sweat", "respiration")
        ):
            return None
        return None if background.state == "drowsy" else False

    def _one_sided(self) -> bool:
        focal = any(s.extent == "focal" for s in self.truth.background.slowing)
        uneven = any(not 0.67 <= p.left_over_right <= 1.5 for p in self.truth.background.posterior)
        return focal or uneven or any(p.side in ("left", "right") for p in self.truth.patterns)


def known_of(truth: Truth) -> Known:
    """Prepare a truth for checking claims."""
    return Known(truth.planted, truth.duration, truth)


def _ends(place: Place) -> tuple[float, float]:
    return place.onset, place.onset + place.duration


def _is_fast(truth: Truth) -> bool:
    return (truth.background.fast_activity_rms_uv or 0.0) >= 6.0
