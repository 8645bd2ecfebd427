"""Zero-phase filters whose result on a page is that of the whole recording.

The definition is the forward-backward Butterworth filter of order 4, as ``scipy.signal.sosfiltfilt``
applies it, on the signal extended at its ends by odd reflection. It is computed through the FFT, which
is the same thing and several times faster, because the squared response is kept between calls.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tools.types import Filters, Segment, ToolError

ORDER = 4
NOTCH_QUALITY = 30.0
_DECAY = math.log(1e8)  # what is left of the outside world at the edge of a page: 1e-8 of it
_LONGEST_BRIDGE = 1.0  # s; a longer gap parts the signal instead of being bridged by a line
_MARGIN = 0.1  # s around missing samples that are given up as well
_SINGLE_PRECISION_UV = 500.0  # up to this swing single precision errs by less than 0.0004 µV
_BLOCK = 1 << 15
_UNFILTERED = frozenset(("resp", "trigger", "scoring", "other"))

_Array = NDArray[np.float64]


@lru_cache(maxsize=128)
def padding(filters: Filters) -> float:
    """Seconds of signal that a page needs on either side, so that its edges are those of the whole.

    Follows the slowest pole of the filter: about 5 s at a low cut of 1.6 Hz, 26 s at 0.3 Hz, 77 s at
    0.1 Hz; 0 where no filter is on.
    """
    from scipy.signal import butter

    low, high, notch = filters.low_cut_hz, filters.high_cut_hz, filters.notch_hz
    rates = [math.pi * notch / NOTCH_QUALITY] if notch else []
    if low or high:
        kind, edges = _band(low, high)
        _, poles, _ = butter(ORDER, 2 * np.pi * edges, kind, analog=True, output="zpk")
        rates.append(float(-poles.real.max()))
    return math.ceil(10 * _DECAY / min(rates)) / 10 if rates else 0.0


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
    """Raise a ToolError where a cut lies beyond the Nyquist frequency or the cuts are in the wrong order."""
    nyquist = sfreq / 2
    for field in ("low_cut_hz", "high_cut_hz", "notch_hz"):
        value = getattr(filters, field)
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
    passing = [row for row, kind in enumerate(segment.kinds) if kind in _UNFILTERED]
    data = segment.data
    bridged, missing = _without_nan(data)
    if missing is None:
        filtered = _zero_phase(data, filters, segment.sfreq, extend)
    else:
        filtered = _in_pieces(bridged, missing, filters, segment.sfreq, extend)
    if passing:
        filtered[passing] = data[passing]
    return replace(segment, data=filtered, filters=_together(segment.filters, filters))


def _together(before: Filters, now: Filters) -> Filters:
    lows = [f.low_cut_hz for f in (before, now) if f.low_cut_hz]
    highs = [f.high_cut_hz for f in (before, now) if f.high_cut_hz]
    return Filters(
        low_cut_hz=max(lows, default=None),
        high_cut_hz=min(highs, default=None),
        notch_hz=now.notch_hz or before.notch_hz,
    )


def _band(low: float | None, high: float | None) -> tuple[str, float | _Array]:
    if low and high:
        return "bandpass", np.array([low, high])
    return ("highpass", low) if low else ("lowpass", float(high or 0))


# --- filtering what is whole --------------------------------------------------------------------


@lru_cache(maxsize=64)
def _response(filters: Filters, sfreq: float, size: int) -> _Array:
    """Squared magnitude at the frequencies of a real FFT: that of forward and backward together."""
    from scipy.signal import butter, iirnotch, sosfreqz, tf2sos

    sections = []
    if filters.low_cut_hz or filters.high_cut_hz:
        kind, edges = _band(filters.low_cut_hz, filters.high_cut_hz)
        sections.append(butter(ORDER, edges, kind, fs=sfreq, output="sos"))
    if filters.notch_hz:
        sections.append(tf2sos(*iirnotch(filters.notch_hz, NOTCH_QUALITY, fs=sfreq)))
    _, response = sosfreqz(np.vstack(sections), np.fft.rfftfreq(size, 1 / sfreq), fs=sfreq)
    squared: _Array = np.abs(response) ** 2
    return squared


def _zero_phase(data: _Array, filters: Filters, sfreq: float, extend: tuple[bool, bool]) -> _Array:
    """Filter rows without NaN, extended where asked; long ones in overlapping blocks."""
    reach = math.ceil(padding(filters) * sfreq)
    left, right = (reach if side else 0 for side in extend)
    length = data.shape[1]
    level = data.mean(axis=1, keepdims=True)
    centred = data - level
    whole = _extend(centred, left, right)
    single = float(np.abs(centred).max(initial=0.0)) <= _SINGLE_PRECISION_UV
    block = max(_BLOCK, 8 * reach)
    if whole.shape[1] <= 2 * block:
        filtered = _convolve(whole, filters, sfreq, single)[:, left : left + length]
    else:
        filtered = np.empty(data.shape)
        step = block - 2 * reach
        for start in range(left, left + length, step):
            stop = min(start + step, left + length)
            first = max(0, start - reach)
            piece = _convolve(whole[:, first : stop + reach], filters, sfreq, single)
            filtered[:, start - left : stop - left] = piece[:, start - first : stop - first]
    if not filters.low_cut_hz:
        filtered = filtered + level
    return filtered


def _extend(data: _Array, left: int, right: int) -> _Array:
    if not (left or right):
        return data
    if data.shape[1] == 1:
        return np.pad(data, ((0, 0), (left, right)), mode="edge")
    return np.pad(data, ((0, 0), (left, right)), mode="reflect", reflect_type="odd")


def _convolve(data: _Array, filters: Filters, sfreq: float, single: bool) -> _Array:
    """Multiply by the squared response, a few rows at a time so that they stay in the cache."""
    from scipy import fft

    length = data.shape[1]
    size = fft.next_fast_len(length, real=True)
    response = _response(filters, sfreq, size)
    kind = np.float32 if single else np.float64
    response = response.astype(kind)
    rows = max(4, (1 << 17) // size // 4 * 4)
    out = np.empty(data.shape)
    for row in range(0, len(data), rows):
        spectrum = fft.rfft(data[row : row + rows].astype(kind, copy=False), size)
        spectrum *= response
        out[row : row + rows] = fft.irfft(spectrum, size, overwrite_x=True)[:, :length]
    return out


# --- filtering around what is missing -----------------------------------------------------------


def _without_nan(data: _Array) -> tuple[_Array, NDArray[np.bool_] | None]:
    if np.isfinite(data.sum()):
        return data, None
    missing = ~np.isfinite(data)
    return (data, missing) if missing.any() else (data, None)


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
            out[rows, start:stop] = _zero_phase(piece, filters, sfreq, ends)
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
