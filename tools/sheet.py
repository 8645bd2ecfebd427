"""Where things stand on a page: rows, seconds, margins, and all that is printed before any signal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.lettering import stamp, text_width
from tools.raster import Area
from tools.types import Kind, Page, Record

GROUP_GAP = 0.6  # of a row
GRID_MINOR, GRID_MAJOR, GRID_FIFTH = 1, 2, 4  # ink, of 15
_QUIET = 9  # ink of secondary text
_TIME_STEPS = (0.1, 0.2, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
_BAR_STEPS = tuple(digit * 10.0**power for power in range(-1, 6) for digit in (1, 2, 5))

SLEEP_EPOCH, SLOW_WAVE_UV = 30.0, 75.0
_FRONTAL = re.compile(r"F[z3478]", re.IGNORECASE)
_NO_VOLTAGE = ("resp", "other", "scoring", "trigger")

# An ECG or a breathing belt at the sensitivity of an EEG would cross the whole page.
COARSER: Mapping[Kind, float] = {"ecg": 10.0}
RESEARCH_LINE = "For research and education, not for diagnosis"


class Axis(Record):
    """The band of the picture that belongs to one channel; its middle is the channel's zero."""

    channel: str
    y0: float
    """Upper edge, in pixels from the top."""
    y1: float
    """Lower edge."""
    uv_per_px: float | None = None
    """Microvolts per pixel, positive is down; None where the channel has a scale of its own."""

    @property
    def baseline(self) -> float:
        """Vertical position of zero."""
        return (self.y0 + self.y1) / 2


class RenderedPage(NamedTuple):
    """A picture and where things are in it."""

    png: bytes
    width: int
    height: int
    axes: tuple[Axis, ...]
    notes: tuple[str, ...] = ()
    """What the picture does not say by itself; ``unverified`` profiles say so here."""
    x0: float = 0.0
    """Left edge of the drawing area in pixels: the page's onset."""
    x1: float = 0.0
    """Right edge: the end of the page."""


@dataclass(frozen=True)
class Sheet:
    """Geometry of one page, in pixels."""

    width: int
    height: int
    onset: float
    duration: float
    paper_speed_mm_per_s: float
    sensitivity_uv_per_mm: float
    rows: tuple[Axis, ...]
    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    group_starts: tuple[int, ...]
    area: Area
    text: int
    """Size of ordinary text."""

    @property
    def px_per_s(self) -> float:
        """Pixels per second."""
        return (self.area.right - self.area.left) / self.duration

    @property
    def px_per_mm(self) -> float:
        """Pixels per millimetre of paper, the same in both directions."""
        return self.px_per_s / self.paper_speed_mm_per_s

    @property
    def scale(self) -> float:
        """Size of small things, 1 on a picture of 1200 x 800."""
        return _scale(self.width, self.height)

    def x(self, seconds: float) -> float:
        """Horizontal position of a time in the recording."""
        return self.area.left + (seconds - self.onset) * self.px_per_s


def _scale(width: int, height: int) -> float:
    return min(max(min(width / 1200, height / 800), 0.5), 6.0)


def lay_out(
    page: Page,
    groups: Sequence[Sequence[str]],
    kinds: Mapping[str, Kind],
    *,
    names: Mapping[str, str] | None = None,
    header: bool = True,
) -> Sheet:
    """Share the picture among margins and rows.

    A second takes the width of the drawing area over the duration, a millimetre that over the paper
    speed; voltages use the same millimetre, so time and voltage keep their true proportion.
    """
    width, height = page.width, page.height
    scale = _scale(width, height)
    channels = [channel for group in groups for channel in group]
    shown = tuple((names or {}).get(channel, channel) for channel in channels)
    text = max(round(12 * scale), 7)
    room = (height - round(66 * scale)) / (len(channels) + GROUP_GAP * (len(groups) - 1) + 0.6)
    name_size = _name_size(text, room)
    remarks = [_remark(kinds[channel], page.sensitivity_uv_per_mm) for channel in channels]
    words = [text_width(name, name_size) for name in shown]
    words += [text_width(remark, _small(name_size)) for remark in remarks if remark]
    left = max(words) + round(14 * scale)
    area = Area(
        left=min(left, width // 3),
        top=round((26 if header else 6) * scale),
        right=width - round(56 * scale),
        bottom=height - round(40 * scale),
    )
    px_per_mm = (area.right - area.left) / page.duration / page.paper_speed_mm_per_s
    row = (area.bottom - area.top) / (len(channels) + GROUP_GAP * (len(groups) - 1) + 0.6)
    rows: list[Axis] = []
    starts: list[int] = []
    y = area.top + 0.3 * row
    for group in groups:
        starts.append(len(rows))
        for channel in group:
            # Zero stands in the middle of a pixel, so that a flat trace is a crisp line.
            middle = np.floor(y + row / 2) + 0.5
            uv_per_px = _uv_per_px(kinds[channel], page.sensitivity_uv_per_mm, px_per_mm)
            rows.append(Axis(channel=channel, y0=middle - row / 2, y1=middle + row / 2, uv_per_px=uv_per_px))
            y += row
        y += GROUP_GAP * row
    return Sheet(
        width, height, page.onset, page.duration, page.paper_speed_mm_per_s, page.sensitivity_uv_per_mm,
        tuple(rows), shown, tuple(kinds[channel] for channel in channels), tuple(starts), area, text,
    )  # fmt: skip


def _small(size: int) -> int:
    return max(round(size * 0.72), 6)


def _remark(kind: Kind, sensitivity_uv_per_mm: float) -> str:
    """What has to be said under a channel's name: nothing where the page's sensitivity holds."""
    if kind in _NO_VOLTAGE:
        return "own scale"
    factor = COARSER.get(kind, 1.0)
    return f"{factor * sensitivity_uv_per_mm:g} µV/mm" if factor != 1 else ""


def _uv_per_px(kind: Kind, sensitivity: float, px_per_mm: float) -> float | None:
    if kind in _NO_VOLTAGE:
        return None
    return sensitivity * COARSER.get(kind, 1.0) / px_per_mm


def _name_size(text: int, row: float) -> int:
    return int(min(max(row * 0.92, 6), text))


def time_step(px_per_s: float, least_px: float) -> float:
    """Smallest round step in seconds that keeps this distance in pixels."""
    return next((s for s in _TIME_STEPS if s * px_per_s >= least_px), float(_TIME_STEPS[-1]))


def ticks(onset: float, duration: float, step: float) -> NDArray[np.float64]:
    """Multiples of a step within a span, in seconds."""
    first = int(np.ceil(round(onset / step, 6)))
    last = int(np.floor(round((onset + duration) / step, 6)))
    return np.arange(first, last + 1, dtype=np.float64) * step


def background(sheet: Sheet, *, small_print: bool = True) -> NDArray[np.uint8]:
    """Ink of everything but signal and header: grid, names, times, scale bar."""
    ink = np.zeros((sheet.height, sheet.width), np.uint8)
    _draw_grid(ink, sheet)
    _draw_slow_wave_lines(ink, sheet)
    _draw_names(ink, sheet)
    _draw_times(ink, sheet)
    _draw_scale_bar(ink, sheet)
    if small_print:
        small, y = max(round(sheet.text * 0.75), 6), sheet.height - 11 * sheet.scale
        stamp(ink, RESEARCH_LINE, sheet.area.right, y, small, align=1, strength=_QUIET)
    return ink


def _draw_grid(ink: NDArray[np.uint8], sheet: Sheet) -> None:
    area = sheet.area
    for step, least_px, level in ((0.2, 12, GRID_MINOR), (1, 5, GRID_MAJOR), (5, 4, GRID_FIFTH)):
        if step * sheet.px_per_s < least_px * sheet.scale or (step == 5 and sheet.duration <= 15):
            continue
        for second in ticks(sheet.onset, sheet.duration, step):
            x = min(round(sheet.x(second)), area.right - 1)
            column = ink[area.top : area.bottom, x]
            np.maximum(column, level, out=column)
    ink[area.bottom, area.left : area.right] = GRID_FIFTH


def _draw_names(ink: NDArray[np.uint8], sheet: Sheet) -> None:
    size = _name_size(sheet.text, sheet.rows[0].y1 - sheet.rows[0].y0)
    small, right = _small(size), sheet.area.left - 7 * sheet.scale
    free_from = -np.inf
    for axis, name, kind in zip(sheet.rows, sheet.names, sheet.kinds, strict=True):
        if axis.baseline - size / 2 < free_from:  # more rows than text can name: every second, third, ...
            continue
        free_from = axis.baseline + size / 2
        remark = _remark(kind, sheet.sensitivity_uv_per_mm) if axis.y1 - axis.y0 > size + small + 2 else ""
        stamp(ink, name, right, axis.baseline - (small / 2 if remark else 0), size, align=1)
        if remark:
            stamp(ink, remark, right, axis.baseline + size / 2 + 1, small, align=1, strength=_QUIET)


def _draw_slow_wave_lines(ink: NDArray[np.uint8], sheet: Sheet) -> None:
    """Dotted lines 75 µV apart on frontal channels of a 30-s page, where slow waves are scored."""
    if sheet.duration != SLEEP_EPOCH:
        return
    size = _small(sheet.text)
    for axis, kind in zip(sheet.rows, sheet.kinds, strict=True):
        if kind != "eeg" or axis.uv_per_px is None or not _FRONTAL.match(axis.channel):
            continue
        half = SLOW_WAVE_UV / 2 / axis.uv_per_px
        if half < 3 * sheet.scale:
            continue
        for y in (round(axis.baseline - half), round(axis.baseline + half)):
            dots = ink[y, sheet.area.left : sheet.area.right : round(max(4 * sheet.scale, 2))]
            np.maximum(dots, GRID_FIFTH + 1, out=dots)
        x = sheet.area.right + 4 * sheet.scale
        stamp(ink, f"{SLOW_WAVE_UV:g} µV", x, axis.baseline, size, strength=_QUIET)


def _draw_times(ink: NDArray[np.uint8], sheet: Sheet) -> None:
    size = max(round(sheet.text * 0.92), 6)
    y = sheet.area.bottom + 12 * sheet.scale
    widest = text_width(f"{sheet.onset + sheet.duration:.1f}", size)
    step = time_step(sheet.px_per_s, widest + 34 * sheet.scale)
    for second in ticks(sheet.onset, sheet.duration, step):
        label = f"{second:.1f}" if step < 1 else f"{second:.0f}"
        x = sheet.x(second)
        ink[
            sheet.area.bottom : sheet.area.bottom + round(4 * sheet.scale), min(round(x), sheet.width - 1)
        ] = 9
        stamp(ink, label, x, y, size, align=0.5)
    stamp(ink, "s", sheet.area.right + 16 * sheet.scale, y, size, strength=_QUIET)


def scale_bar_uv(sensitivity_uv_per_mm: float, longest_mm: float = 16.0) -> float:
    """Voltage of the calibration bar: the largest 1-2-5 number that is not taller than this."""
    fitting = [step for step in _BAR_STEPS if step <= longest_mm * sensitivity_uv_per_mm]
    return fitting[-1] if fitting else _BAR_STEPS[0]


def _draw_scale_bar(ink: NDArray[np.uint8], sheet: Sheet) -> None:
    most_px = 0.5 * (sheet.area.bottom - sheet.area.top)
    longest = min(16.0, most_px / sheet.px_per_mm)
    voltage = scale_bar_uv(sheet.sensitivity_uv_per_mm, longest)
    length = voltage / sheet.sensitivity_uv_per_mm * sheet.px_per_mm
    size = max(round(sheet.text * 0.85), 6)
    x = round((sheet.area.right + sheet.width) / 2)
    bottom = sheet.area.bottom - round(22 * sheet.scale)
    top, cap, thick = bottom - round(length), round(4 * sheet.scale), max(round(1.5 * sheet.scale), 1)
    ink[top : bottom + 1, x : x + thick] = 15
    for y in (top, bottom):
        ink[y : y + thick, x - cap : x + cap + thick] = 15
    stamp(ink, f"{voltage:g} µV", x + thick / 2, bottom + size, size, align=0.5)
