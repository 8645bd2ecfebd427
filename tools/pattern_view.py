"""Derivations in which patterns are looked for: neighbouring electrodes, without hum, each of one side of the head."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tools.chains import pair_groups
from tools.conditioning import Array, Bools, at_rate, band, mend
from tools.labels import NEW_TO_CLASSICAL, electrodes, side_of
from tools.types import Segment

RATE = 100.0
BAND = (0.5, 16.0)
"""Hz. Faster activity is muscle, mains or beta far more often than part of a pattern."""
SLOW = (0.7, 4.5)
"""Hz in which the cycles of a rhythm are counted."""
_FEWEST_PAIRS = 6


class View(NamedTuple):
    """Derivations in which patterns are looked for."""

    names: tuple[str, ...]
    data: Array  # (derivations, samples), filtered
    slow: Array  # (derivations, samples), the same within `SLOW`
    sides: tuple[str, ...]
    level: Array  # (channels, samples), filtered as they are
    sites: tuple[str, ...]
    """Electrodes of one reference that the derivations are made of; none where they were recorded as they are."""
    voltage: Array  # (sites, samples), filtered
    eyes: Array  # (pairs, samples): frontopolar against frontal electrodes
    sfreq: float
    missing: Bools  # at the rate of the recording


def view_of(eeg: Segment) -> View:
    """Neighbouring electrodes against each other, or the channels as they are where there are too few.

    Frontopolar electrodes are left out where enough others remain: what is largest there are the eyes.
    """
    mended, missing = mend(eeg.data)
    slower = at_rate(replace(eeg, data=_without_hum(mended, eeg.sfreq)), RATE)
    level = slower.data - slower.data.mean(axis=1, keepdims=True)
    filtered = band(level, slower.sfreq, *BAND)
    names, first, second = _pairs(eeg.channels)
    if len(names) >= _FEWEST_PAIRS:
        used = sorted({*first, *second})
        sites = tuple(sites_of(eeg.channels[row])[0] for row in used)
        both = missing[first] | missing[second]
        data = filtered[first] - filtered[second]
    else:
        rows = _once(eeg.channels)
        names, used, sites = tuple(eeg.channels[row] for row in rows), [], ()
        data, both = filtered[rows], missing[rows]
    sides = tuple(side_of(name) for name in names)
    eyes = _eyes(eeg.channels, filtered)
    return View(
        names,
        data,
        band(data, slower.sfreq, *SLOW),
        sides,
        filtered,
        sites,
        filtered[used],
        eyes,
        slower.sfreq,
        both,
    )


def cut_view(view: View, start: int, stop: int) -> View:
    """The samples from `start` to `stop` of all that is filtered; what is missing stays as it is."""
    return view._replace(
        data=view.data[:, start:stop], slow=view.slow[:, start:stop], level=view.level[:, start:stop],
        voltage=view.voltage[:, start:stop], eyes=view.eyes[:, start:stop],
    )  # fmt: skip


def _eyes(channels: tuple[str, ...], filtered: Array) -> Array:
    """Frontopolar electrodes against those behind them, as recorded or from one reference."""
    wanted = (("Fp1", "F3"), ("Fp2", "F4"), ("Fp1", "F7"), ("Fp2", "F8"))
    rows: dict[tuple[str, ...], int] = {}
    for row, name in enumerate(channels):
        rows.setdefault(sites_of(name), row)
    found = [filtered[rows[pair]] for pair in wanted if pair in rows]
    for first, second in () if found else wanted:
        if (first,) in rows and (second,) in rows:
            found.append(filtered[rows[first,]] - filtered[rows[second,]])
    return np.stack(found) if found else filtered[:0]


def _without_hum(data: Array, sfreq: float) -> Array:
    """Means over a period of 60 and of 50 Hz: hum at the ends would ring through every filter after it."""
    from scipy.ndimage import uniform_filter1d

    reach = 0
    for hertz in (60.0, 50.0):
        if sfreq > 2 * hertz:
            width = round(sfreq / hertz)
            data, reach = uniform_filter1d(data, width, axis=1, mode="nearest"), reach + width // 2 + 1
    if 0 < 2 * reach < data.shape[1]:
        data[:, :reach], data[:, -reach:] = data[:, reach : reach + 1], data[:, -reach - 1 : -reach]
    return data


def sites_of(name: str) -> tuple[str, ...]:
    """Electrodes of a channel under their classical names."""
    return tuple(NEW_TO_CLASSICAL.get(part, part) for part in electrodes(name))


def _pairs(channels: tuple[str, ...]) -> tuple[tuple[str, ...], list[int], list[int]]:
    """Longitudinal pairs of referential channels, and the rows of both ends."""
    rows: dict[str, int] = {}
    for row, name in enumerate(channels):
        if len(sites_of(name)) == 1:
            rows.setdefault(sites_of(name)[0], row)
    pairs = [pair for chain in pair_groups("longitudinal") for pair in chain if not pair.startswith("Fp")]
    found = [pair for pair in pairs if set(pair.split("-")) <= set(rows)]
    ends = [pair.split("-") for pair in found]
    return tuple(found), [rows[a] for a, _ in ends], [rows[b] for _, b in ends]


def _once(channels: tuple[str, ...]) -> list[int]:
    """Rows of the channels as they are: a pair that is recorded twice once, frontopolar ones where needed."""
    once: dict[frozenset[str], int] = {}
    for row, name in enumerate(channels):
        once.setdefault(frozenset(sites_of(name)) or frozenset((name,)), row)
    keep = list(once.values())
    behind = [row for row in keep if not any(site.startswith("Fp") for site in sites_of(channels[row]))]
    return behind if len(behind) >= 4 else keep


def pools(sides: tuple[str, ...]) -> Array:
    """Which derivations belong to the left, the right and all, shape (3, derivations)."""
    left = np.array([side == "left" for side in sides])
    right = np.array([side == "right" for side in sides])
    if not left.any() or not right.any():
        left = right = np.ones(len(sides), dtype=bool)
    return np.stack([left, right, np.ones(len(sides), dtype=bool)]).astype(float)
