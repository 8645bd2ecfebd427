"""Zero-phase filters whose result on a page is that of the whole recording.

The definition is the forward-backward Butterworth filter of order 4, as ``scipy.signal.sosfiltfilt``
applies it, on the signal extended at its ends by odd reflection; `tools.zero_phase` computes it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tools.types import Filters, Segment, ToolError
from tools.zero_phase import extended, gather, reach, release, zero_phase

_LONGEST_BRIDGE = 1.0  # s; a longer gap parts the signal instead of being bridged by a line
_MARGIN = 0.1  # s around missing samples that are given up as well
LOWEST_CUT = 0.01
"""Hz; below it a filter rings for so long that no page shows what it did."""
_UNFILTERED = frozenset(("resp", "trigger", "scoring", "other"))

_Array = NDArray[np.float64]


def padding(filters: Filters, sfreq: float | None = None) -> float:
    """Seconds of signal that a page needs on either side, so that its edges are those of the whole.

    Follows the slowest pole of the filter: 5.1 s for 1.6-70 Hz, 15.4 s at a low cut of 0.5 Hz, 26 s at
    0.3 Hz, 77 s at 0.1 Hz; 0 where no filter is on. The sampling rate matters for a high cut near the
    Nyquist frequency only.
    """
    return reach(filters, sfreq)


def fit_filters(filters: Filters, sfreq: float) -> tuple[Filters, tuple[str, ...]]:
    """Switch off what the sampling rate cannot carry, and say so.

    Returns
    -------
    filters : Filters
        Without a high cut or notch at or above the Nyquist frequency.
    notes : tuple of str
        One sentence for each that was switched off; empty when nothing changed.
    """
    nyquist = sfreq / 2
    notes = []
    update: dict[str, None] = {}
    for field, word in (("high_cut_hz", "high cut"), ("notch_hz", "notch")):
        value = getattr(filters, field)
        if value is not None and value >= nyquist:
            update[field] = None
            notes.append(
                f"The {word} of {value:g} Hz is off: signals sampled at {sfreq:g} Hz end at {nyquist:g} Hz."
            )
    return (filters.model_copy(update=update) if update else filters), tuple(notes)


def check_filters(filters: Filters, sfreq: float) -> None:
    """Raise a ToolError where a cut is too low, beyond the Nyquist frequency, or out of order."""
    nyquist = sfreq / 2
    for field in ("low_cut_hz", "high_cut_hz", "notch_hz"):
        value = getattr(filters, field)
        if value is not None and value < LOWEST_CUT:
            raise ToolError(
                f"{value:g} Hz is too low a cut-off; use {LOWEST_CUT:g} Hz or more, or none.", field=field
            )
        if value is not None and not value < nyquist:
            raise ToolError(
                f"{value:g} Hz is too high at {sfreq:g} samples/s; use less than {nyquist:g} Hz or none.",
                field=field,
            )
    low, high = filters.low_cut_hz, filters.high_cut_hz
    if low and high and low >= high:
        raise ToolError(
            f"The low cut ({low:g} Hz) must lie below the high cut ({high:g} Hz).", field="low_cut_hz"
        )


def apply_filters(segment: Segment, filters: Filters, *, extend: tuple[bool, bool] = (True, True)) -> Segment:
    """Filter with zero phase.

    Butterworth of order 4 and a notch of quality 30, forward and backward, so that amplitudes at the
    cuts fall to a half (-6 dB). Resp, trigger and other non-electrical channels pass unchanged.

    Parameters
    ----------
    segment : Segment
        Any length; a page should come with ``padding(filters)`` seconds around it (see ``tools.prepare``).
    filters : Filters
        Cuts in Hz; None where one is off.
    extend : tuple of bool
        Whether the start and the end are those of the recording. Where False, up to ``padding(filters)``
        seconds at that end are meaningless, and the caller cuts them off.

    Returns
    -------
    Segment
        With ``filters`` set to what is in force. Missing samples stay NaN, with 0.1 s around them.

    Raises
    ------
    ToolError
        If a cut is not below the Nyquist frequency, or the low cut not below the high cut.

    References
    ----------
    Gustafsson F (1996), IEEE Trans Signal Process 44:988-992, doi:10.1109/78.492552.
    """
    if filters == Filters():
        return segment
    check_filters(filters, segment.sfreq)
    data = segment.data
    missing = None if np.isfinite(data.sum()) else ~np.isfinite(data)
    if missing is None or not missing.any():
        filtered = zero_phase(data, filters, segment.sfreq, extend)
    else:
        filtered = _in_pieces(data, missing, filters, segment.sfreq, extend)
    filtered[unfiltered(segment)] = data[unfiltered(segment)]
    return replace(segment, data=filtered, filters=in_force(segment.filters, filters))


def filter_page(
    segment: Segment,
    start: int,
    stop: int,
    filters: Filters,
    *,
    derive: Callable[[Segment], Segment] = lambda segment: segment,
    extend: tuple[bool, bool] = (False, False),
) -> Segment:
    """Filter samples ``start`` to ``stop`` of a longer stretch; several times faster than filtering it all.

    Parameters
    ----------
    segment : Segment
        Without NaN, with ``padding(filters)`` seconds around the page or less at an end of the recording.
    start, stop : int
        Samples of the page within the segment.
    filters : Filters
        Not all of them off.
    derive : callable, optional
        A linear change of the channels, such as a montage; it sees the page and a few more columns.
    extend : tuple of bool
        Whether the start and the end of the segment are those of the recording.

    Returns
    -------
    Segment
        The page; equal to a cut from ``apply_filters(derive(segment), filters)`` of the whole recording.
    """
    check_filters(filters, segment.sfreq)
    context = math.ceil(reach(filters, segment.sfreq) * segment.sfreq)
    left = context if extend[0] and start < context else 0
    right = context if extend[1] and segment.data.shape[1] - stop < context else 0
    whole = extended(segment.data, left, right)
    gathered = gather(whole, left + start, left + stop, filters, segment.sfreq)
    derived = derive(replace(segment, data=gathered))
    filtered = release(derived.data, stop - start, filters, segment.sfreq)
    alone = unfiltered(derived)
    if alone:
        filtered[alone] = derived.data[alone, : stop - start] + derived.data[alone, stop - start][:, None]
    return replace(
        derived,
        data=filtered,
        onset=segment.onset + start / segment.sfreq,
        filters=in_force(segment.filters, filters),
    )


def unfiltered(segment: Segment) -> list[int]:
    """Rows that filters leave alone: breathing, triggers and whatever else is no body voltage."""
    return [row for row, kind in enumerate(segment.kinds) if kind in _UNFILTERED]


def in_force(before: Filters, now: Filters) -> Filters:
    """Give the filters in force after one was applied on top of another."""
    lows = [f.low_cut_hz for f in (before, now) if f.low_cut_hz]
    highs = [f.high_cut_hz for f in (before, now) if f.high_cut_hz]
    return Filters(
        low_cut_hz=max(lows, default=None),
        high_cut_hz=min(highs, default=None),
        notch_hz=now.notch_hz or before.notch_hz,
    )


# --- filtering around what is missing -----------------------------------------------------------


def _in_pieces(
    data: _Array, missing: NDArray[np.bool_], filters: Filters, sfreq: float, extend: tuple[bool, bool]
) -> _Array:
    """Filter channels with missing samples; those that miss the same samples go together."""
    out = np.full(data.shape, np.nan)
    patterns: dict[bytes, list[int]] = {}
    for row, mask in enumerate(missing):
        patterns.setdefault(np.packbits(mask).tobytes(), []).append(row)
    for rows in patterns.values():
        mask = missing[rows[0]]
        for start, stop in _pieces(mask, round(_LONGEST_BRIDGE * sfreq)):
            piece = _bridge(data[rows, start:stop], mask[start:stop])
            ends = (start > 0 or extend[0], stop < data.shape[1] or extend[1])
            out[rows, start:stop] = zero_phase(piece, filters, sfreq, ends)
        out[np.ix_(np.array(rows), np.flatnonzero(_widen(mask, round(_MARGIN * sfreq))))] = np.nan
    return out


def _pieces(mask: NDArray[np.bool_], longest: int) -> list[tuple[int, int]]:
    """Stretches of signal between gaps of more than ``longest`` samples; they start and end with signal."""
    present = np.flatnonzero(~mask)
    if not present.size:
        return []
    breaks = np.flatnonzero(np.diff(present) > longest + 1)
    starts = np.r_[present[0], present[breaks + 1]]
    stops = np.r_[present[breaks], present[-1]] + 1
    return [(int(a), int(b)) for a, b in zip(starts, stops, strict=True)]


def _bridge(data: _Array, mask: NDArray[np.bool_]) -> _Array:
    if not mask.any():
        return data
    data = data.copy()
    present, absent = np.flatnonzero(~mask), np.flatnonzero(mask)
    for row in data:
        row[absent] = np.interp(absent, present, row[present])
    return data


def _widen(mask: NDArray[np.bool_], samples: int) -> NDArray[np.bool_]:
    from scipy.ndimage import binary_dilation

    wide: NDArray[np.bool_] = binary_dilation(mask, iterations=samples) if samples else mask
    return wide
