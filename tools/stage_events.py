"""The waveforms that the detectors found, sorted into the epochs of a night."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.labels import electrodes
from tools.stage_seconds import EPOCH
from tools.staging_channels import FRONTAL, StagingChannels, is_near
from tools.types import Detection, Event

Array = NDArray[np.float64]

SLOW_WAVE_UV = 75.0
"""Peak-to-peak, in the frontal channel itself."""
AROUSAL_GAP = 1.0
"""Seconds after a K-complex within which an arousal makes it no sign of N2."""

Rows = list[tuple[float, ...]]


class EpochEvents(NamedTuple):
    """The events of a recording by label, sorted into epochs; a label that was not looked for has no rows."""

    starts: dict[str, Rows]
    spans: dict[str, list[list[tuple[float, float]]]]
    """Start and stop, within the epoch in which they start."""
    spontaneous: Rows | None
    aroused: Rows | None
    slow_s: Array | None
    slow_n: NDArray[np.int64] | None
    sawtooth_s: Array | None


def sort_events(
    found: Detection, channels: StagingChannels, epochs: int, labels: Sequence[str]
) -> EpochEvents:
    """Sort events of these labels into epochs; masked ones do not count."""
    analysed = set(found.analysed.labels)
    of = {label: [e for e in found.events if e.label == label and e.masked_by is None] for label in labels}
    spans = {label: _spans(of[label], epochs) for label in labels if label in analysed}
    starts = {label: [tuple(a for a, _ in row) for row in rows] for label, rows in spans.items()}
    spontaneous, aroused = _by_arousal(of["kcomplex"], of["arousal"])
    known = "kcomplex" in analysed
    slow_s, slow_n = _slow(of, channels, epochs) if "slow_wave" in analysed else (None, None)
    saws = [(e.onset, e.onset + e.duration) for e in of["sawtooth"]]
    return EpochEvents(
        starts=starts,
        spans=spans,
        spontaneous=_starts(spontaneous, epochs) if known else None,
        aroused=_starts(aroused, epochs) if known else None,
        slow_s=slow_s,
        slow_n=slow_n,
        sawtooth_s=covered_seconds(saws, epochs) if "sawtooth" in analysed else None,
    )


def _spans(events: Sequence[Event], epochs: int) -> list[list[tuple[float, float]]]:
    rows: list[list[tuple[float, float]]] = [[] for _ in range(epochs)]
    for event in events:
        number = int(event.onset // EPOCH)
        if number < epochs:
            start = event.onset - number * EPOCH
            rows[number].append((round(start, 2), round(start + event.duration, 2)))
    return rows


def _starts(events: Sequence[Event], epochs: int) -> Rows:
    return [tuple(start for start, _ in row) for row in _spans(events, epochs)]


def _by_arousal(complexes: Sequence[Event], arousals: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """K-complexes without and with an arousal that starts in them or within a second."""
    onsets = np.array([event.onset for event in arousals])
    spontaneous: list[Event] = []
    aroused: list[Event] = []
    for event in complexes:
        after = onsets - event.onset
        near = ((after >= 0) & (after <= event.duration + AROUSAL_GAP)).any()
        (aroused if near else spontaneous).append(event)
    return spontaneous, aroused


def _slow(
    of: dict[str, list[Event]], channels: StagingChannels, epochs: int
) -> tuple[Array, NDArray[np.int64]]:
    """Seconds and number of slow waves in the frontal channel that has most of them, per epoch."""
    parts = {part.upper() for name in channels.frontal for part in electrodes(name)}
    seen = {span.channel for event in of["slow_wave"] for span in event.per_channel}
    own = {name for name in seen if parts & {part.upper() for part in electrodes(name)}}
    sites = {name for name in seen if is_near(name, FRONTAL)} or own
    complexes = [(e.onset, e.onset + e.duration) for e in of["kcomplex"]]
    seconds, number = np.zeros(epochs), np.zeros(epochs, dtype=np.int64)
    for site in sorted(sites):
        waves = [
            (span.onset, span.onset + span.duration)
            for event in of["slow_wave"]
            for span in event.per_channel
            if span.channel == site and (span.value_uv is None or span.value_uv > SLOW_WAVE_UV)
        ]
        waves = _outside(waves, complexes)
        here = covered_seconds(waves, epochs)
        counts = np.zeros(epochs, dtype=np.int64)
        for start, _ in waves:
            if start < epochs * EPOCH:
                counts[int(start // EPOCH)] += 1
        more = here > seconds
        seconds[more], number[more] = here[more], counts[more]
    return seconds, number


def _outside(
    spans: list[tuple[float, float]], others: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """The spans of which less than half lies in one of the others."""
    if not others:
        return spans
    starts, stops = np.array(others).T
    kept = []
    for start, stop in spans:
        common = np.minimum(stops, stop) - np.maximum(starts, start)
        if common.max() < 0.5 * (stop - start):
            kept.append((start, stop))
    return kept


def covered_seconds(spans: Sequence[tuple[float, float]], epochs: int) -> Array:
    """Seconds of every epoch that the union of some spans covers."""
    seconds = np.zeros(epochs)
    reached = -np.inf
    for start, stop in sorted(spans):
        begin, reached = max(start, reached), max(reached, stop)
        if reached <= begin:
            continue
        borders = [begin, *(EPOCH * n for n in range(int(begin // EPOCH) + 1, int(np.ceil(reached / EPOCH)))),
                   reached]  # fmt: skip
        for a, b in pairwise(borders):
            number = int((a + b) / 2 // EPOCH)
            if 0 <= number < epochs:
                seconds[number] += b - a
    return seconds
