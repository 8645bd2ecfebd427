"""The largest sources of ten seconds: how regular their cycles are, and how far both halves of the head share them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import Array
from tools.labels import mirror, side_of
from tools.pattern_pools import Pooled
from tools.pattern_view import View, pools, sites_of


def measure_sources(view: View, pooled: Pooled, dominant: NDArray[np.intp]) -> dict[str, Array]:
    """Measure the cycles of the dominant side, and the likeness of both.

    Parameters
    ----------
    view : View
        From `tools.pattern_view.view_of`.
    pooled : Pooled
        Its windows.
    dominant : ndarray of int, shape (windows,)
        0 where the left side is judged, 1 where the right is.

    Returns
    -------
    dict of ndarray, shape (windows,)
        ``coherence``, the share of the slow power of the side in its largest source; ``cycle_cv``, ``cycle_hz`` and
        ``cycle_size_cv`` of that source; ``mirror`` and ``sharp_mirror``, 0 where a pattern belongs to one side
        and 1 where both sides are alike: of all slow activity, and of the largest source of steep activity.

    Notes
    -----
    Likeness is twice the product of mirrored derivations over the sum of their squares. A generalised source
    is the same on both sides however wide its field; one of a side leaves nothing, or the opposite, on the other,
    however far it reaches. A ratio of sizes tells both apart only for fields of one width. Opposite waves
    count as none: slow ones are eye movements to a side more often than anything else.
    """
    _, count, length = pooled.cut.shape
    step = 1 if count == 1 else round((view.data.shape[1] - length) / (count - 1))
    cut = np.lib.stride_tricks.sliding_window_view(view.slow, length, axis=1)[:, ::step][:, :count]
    root = np.sqrt(pooled.weights)[:, :, None]
    waves = (cut * root).transpose(1, 0, 2)
    shared = waves @ waves.transpose(0, 2, 1)
    steep = (pooled.steps * root).transpose(1, 0, 2)
    largest = np.linalg.eigh(steep @ steep.transpose(0, 2, 1))[1][:, :, -1]
    twins = _twins(view.names)
    return _cycles(view, waves, shared, dominant) | {
        "mirror": _likeness(shared, twins),
        "sharp_mirror": _likeness(largest[:, :, None] * largest[:, None, :], twins),
    }


def _twins(names: tuple[str, ...]) -> list[tuple[int, int, float]]:
    """Rows of a derivation of the left and of its mirror image, and -1 where that runs the other way."""
    rows: dict[tuple[str, ...], int] = {}
    for row, name in enumerate(names):
        rows.setdefault(sites_of(name), row)
    found = []
    for sites, row in rows.items():
        other = tuple(mirror(site) for site in sites)
        if side_of(names[row]) != "left":
            continue
        if other in rows:
            found.append((row, rows[other], 1.0))
        elif other[::-1] in rows:
            found.append((row, rows[other[::-1]], -1.0))
    return found


def _likeness(shared: Array, twins: list[tuple[int, int, float]]) -> Array:
    """Of mirrored rows, from products of all rows, shape (windows, rows, rows); half where there are no mirrors."""
    if not twins:
        return np.full(len(shared), 0.5)
    left, right = [row for row, _, _ in twins], [row for _, row, _ in twins]
    product = shared[:, left, right] @ np.array([sign for _, _, sign in twins])
    squares = (shared[:, left, left] + shared[:, right, right]).sum(axis=1)
    return np.asarray(np.maximum(2 * product, 0.0) / np.maximum(squares, 1e-9))


def _cycles(view: View, waves: Array, shared: Array, dominant: NDArray[np.intp]) -> dict[str, Array]:
    """Regularity of the cycles of the largest slow source of the dominant side."""
    names = ("coherence", "cycle_cv", "cycle_hz", "cycle_size_cv")
    out = {name: np.zeros(len(waves)) for name in names}
    members = pools(view.sides).astype(bool)
    for side in np.unique(dominant):
        here, rows = np.flatnonzero(dominant == side), np.flatnonzero(members[side])
        values, vectors = np.linalg.eigh(shared[np.ix_(here, rows, rows)])
        out["coherence"][here] = values[:, -1] / np.maximum(values.sum(axis=1), 1e-9)
        sources = (vectors[:, None, :, -1] @ waves[np.ix_(here, rows)])[:, 0]
        for index, wave in zip(here, sources, strict=True):
            row = _regularity(wave, view.sfreq)
            out["cycle_cv"][index], out["cycle_hz"][index], out["cycle_size_cv"][index] = row
    return out


def _regularity(wave: Array, sfreq: float) -> tuple[float, float, float]:
    """Mean deviation of the lengths of the cycles over their median, log2 of their rate, variation of their sizes."""
    above = wave > 0
    up = np.flatnonzero(above[1:] & ~above[:-1])
    if len(up) < 4:
        return 1.0, 0.0, 1.0
    height = np.maximum.reduceat(wave, up)[:-1] - np.minimum.reduceat(wave, up)[:-1]
    lengths = np.diff(up) / sfreq
    middle = float(np.median(lengths[height >= 0.3 * np.median(height)]))
    deviation = float(np.abs(lengths - middle).sum() / (len(lengths) * middle))
    return min(1.0, deviation), float(np.log2(1 / middle)), min(1.0, float(height.std() / height.mean()))
