"""Antialiased traces as numbers in an array, and the array as a PNG.

A page is one byte per pixel: the upper half of the byte is the paper (white, a tint of an event, ...),
the lower half is how much ink lies on it, from 0 to 15. Ink goes over paper, so nothing on the paper can
hide a trace, and a palette of 256 colours turns the byte into a colour.
"""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

INK_LEVELS = 15
"""Ink of a pixel that is covered entirely."""

_SUBCOLUMNS = 4  # strokes are sampled at a quarter of a pixel in x, exactly (1/64 pixel) in y
_FRACTION_BITS = 6
_ONE = 1 << _FRACTION_BITS
_FULL = _SUBCOLUMNS * _ONE
_FAR = 20_000.0  # pixels; keeps the fixed-point numbers of absurd samples in range


class Area(NamedTuple):
    """The rectangle that traces are clipped to, in pixels; right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int


def trace_ink(
    y: NDArray[np.floating],
    first_x: float,
    step_x: float,
    area: Area,
    shape: tuple[int, int],
    *,
    width: float = 1.25,
) -> NDArray[np.uint8]:
    """Draw polylines with a round pen and return how much ink each pixel gets.

    The pen's outline is found per quarter of a pixel column: the lowest and highest point of the line
    there, widened by the disc of the pen. The area between the two is then added up over all traces with
    one running sum down the columns. The cost hardly depends on what the traces do.

    Parameters
    ----------
    y : array, shape (traces, samples)
        Vertical position of each sample, in pixels from the top; NaN breaks the line.
    first_x, step_x : float
        Position of the first sample and distance between samples, in pixels.
    area : Area
        Nothing is drawn outside it.
    shape : tuple of int
        Height and width of the picture, in pixels.
    width : float
        Diameter of the pen, in pixels; taken to the nearest of 0.75, 1.25, 1.75, ..., which steep and level
        lines can both have.

    Returns
    -------
    array, shape (height, width), uint8
        0 for no ink to 15 for ink all over the pixel.
    """
    height, columns = shape
    upper, lower, first = _extent(np.asarray(y), first_x, step_x, area)
    if upper.shape[1] == 0:
        return np.zeros(shape, np.uint8)
    upper, lower = _widen(upper, lower, width / 2)
    wide = np.int16 if len(upper) <= 100 else np.int32  # 256 units of ink a trace must not overflow
    sums = np.zeros((height + 2, columns), wide)
    _scatter(sums, upper, lower, first, area)
    for row in range(1, height):  # row by row is twice as fast as cumsum along the first axis
        np.add(sums[row], sums[row - 1], out=sums[row])
    ink = sums[:height]
    np.minimum(ink, _FULL, out=ink)
    np.multiply(ink, INK_LEVELS, out=ink)
    np.add(ink, _FULL // 2, out=ink)  # so that the division rounds
    np.right_shift(ink, _FULL.bit_length() - 1, out=ink)
    return ink.astype(np.uint8)


def _extent(
    y: NDArray[np.floating], first_x: float, step_x: float, area: Area
) -> tuple[NDArray[np.float32], NDArray[np.float32], int]:
    """Highest and lowest point of each line in each quarter column, and the first quarter column."""
    begin, end = area.left * _SUBCOLUMNS, area.right * _SUBCOLUMNS
    # Samples outside the area matter only as neighbours of those inside.
    keep = slice(
        max(int(np.floor((area.left - first_x) / step_x)) - 1, 0),
        max(int(np.ceil((area.right - first_x) / step_x)) + 2, 0),
    )
    first_x, y = first_x + keep.start * step_x, y[:, keep]
    samples = y.shape[1]
    if samples == 0:
        return np.empty((len(y), 0), np.float32), np.empty((len(y), 0), np.float32), begin
    y = np.clip(np.where(np.isfinite(y), y, np.nan), -_FAR, _FAR).astype(np.float32)
    at = (first_x + step_x * np.arange(samples)) * _SUBCOLUMNS
    first = max(int(np.floor(at[0])), begin)
    last = min(int(np.floor(at[-1])) + 1, end)
    if last <= first:
        return np.empty((len(y), 0), np.float32), np.empty((len(y), 0), np.float32), begin

    edges = np.clip((np.arange(first, last + 1) / _SUBCOLUMNS - first_x) / step_x, 0, samples - 1)
    before = np.minimum(edges.astype(np.intp), max(samples - 2, 0))
    after = np.minimum(before + 1, samples - 1)
    share = (edges - before).astype(np.float32)
    at_edges = y[:, before] * (1 - share) + y[:, after] * share
    upper = np.fmin(at_edges[:, :-1], at_edges[:, 1:])
    lower = np.fmax(at_edges[:, :-1], at_edges[:, 1:])
    broken = np.isnan(at_edges[:, :-1]) | np.isnan(at_edges[:, 1:])
    upper[broken] = lower[broken] = np.nan

    inside = np.flatnonzero((at >= first) & (at < last))
    if inside.size:  # peaks between the edges
        column = np.floor(at[inside]).astype(np.intp) - first
        starts = np.flatnonzero(np.diff(column, prepend=-1))
        columns = column[starts]
        seen = y[:, inside[0] : inside[-1] + 1]
        upper[:, columns] = np.fmin(upper[:, columns], np.fmin.reduceat(seen, starts, axis=1))
        lower[:, columns] = np.fmax(lower[:, columns], np.fmax.reduceat(seen, starts, axis=1))
    return upper, lower, first


def _widen(
    upper: NDArray[np.float32], lower: NDArray[np.float32], radius: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Move a disc along the lines: sideways by whole quarter columns, up and down exactly.

    On a slope the outermost point lies at the far edge of its quarter column; the height of the disc is
    taken there, so that lines are equally thick at any slope.
    """
    columns = max(round(radius * _SUBCOLUMNS - 0.5), 1)
    reach = [
        np.float32(np.sqrt((columns + 0.5) ** 2 - (k + 0.5) ** 2) / _SUBCOLUMNS) for k in range(columns + 1)
    ]
    wide_upper, wide_lower = upper - reach[0], lower + reach[0]
    for shift in range(1, columns + 1):
        up, down = upper - reach[shift], lower + reach[shift]
        for to, of in (
            (np.s_[:, shift:], np.s_[:, :-shift]),
            (np.s_[:, :-shift], np.s_[:, shift:]),
        ):
            np.fmin(wide_upper[to], up[of], out=wide_upper[to])
            np.fmax(wide_lower[to], down[of], out=wide_lower[to])
    return wide_upper, wide_lower


def _scatter(
    sums: NDArray[np.signedinteger],
    upper: NDArray[np.float32],
    lower: NDArray[np.float32],
    first: int,
    area: Area,
) -> None:
    """Add +1 where a stroke begins and -1 where it ends; fractions are shared with the next row."""
    empty = np.isnan(upper)
    if empty.any():
        upper, lower = np.where(empty, area.top, upper), np.where(empty, area.top, lower)
    column = ((first + np.arange(upper.shape[1])) // _SUBCOLUMNS).astype(np.int32)
    flat, row_length, kind = sums.reshape(-1), sums.shape[1], sums.dtype.type
    # Small arrays, one after the other: joining them first takes four times as long in page faults.
    for edge, sign in ((upper, 1), (lower, -1)):
        fixed = (np.clip(edge, np.float32(area.top), np.float32(area.bottom)) * np.float32(_ONE)).astype(
            np.int32
        )
        place = ((fixed >> _FRACTION_BITS) * np.int32(row_length) + column).ravel().astype(np.intp)
        part = (fixed.ravel() & (_ONE - 1)).astype(sums.dtype) * kind(sign)
        np.add.at(flat, place, kind(sign * _ONE) - part)
        place += row_length
        np.add.at(flat, place, part)


@lru_cache(maxsize=8)
def palette(papers: tuple[tuple[int, int, int], ...], ink: tuple[int, int, int]) -> bytes:
    """Colours of all 256 bytes: up to 16 papers, each with 16 amounts of one ink."""
    paper = np.zeros((16, 1, 3))
    paper[: len(papers), 0] = papers
    amount = (np.arange(16) / INK_LEVELS)[None, :, None]
    return np.rint(paper * (1 - amount) + np.array(ink) * amount).astype(np.uint8).tobytes()


def write_png(
    paper: NDArray[np.uint8], ink: NDArray[np.uint8], colours: bytes, *, px_per_mm: float | None = None
) -> bytes:
    """Encode paper (0-15, already times 16) and ink (0-15) as a palette PNG.

    Each row is stored as the difference to the one above, which leaves nothing of grid and boxes. Packing is
    most of the work of a page: ISA-L does it in 1.0 ms (156 kB) where zlib's fastest strategy takes 3.6 ms
    (135 kB; 19 channels, 1200 x 800). The physical size is stored, so that a print at 100 % is true to scale.
    """
    height, width = ink.shape
    pixels = np.bitwise_or(paper, ink)
    rows = np.empty((height, width + 1), np.uint8)
    rows[:, 0] = 2  # the filter "up"
    rows[0, 1:] = pixels[0]
    np.subtract(pixels[1:], pixels[:-1], out=rows[1:, 1:])
    parts = [
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        _chunk(b"PLTE", colours),
    ]
    if px_per_mm is not None:
        per_metre = min(round(px_per_mm * 1000), 2**31 - 1)
        parts.append(_chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)))
    parts += [_chunk(b"IDAT", isal_zlib.compress(rows.data, 1)), _chunk(b"IEND", b"")]
    return b"".join(parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
