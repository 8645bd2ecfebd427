"""The page that a clinician reads: negative up, true to µV/mm and mm/s, everything in force printed on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tools.lettering import stamp, text_width
from tools.marks import INK, MARGIN, NO_SIGNAL, PAPERS, paint_events
from tools.montage import channel_groups, montage_name
from tools.raster import palette, trace_ink, write_png
from tools.sheet import RenderedPage, Sheet, background, lay_out
from tools.types import Event, Filters, Page, Segment, ToolError

_PEN = 1.25  # pixels, on a picture of 1200 x 800
_MONTAGES = {
    "as_recorded": "As recorded",
    "average": "Average reference",
    "longitudinal": "Longitudinal bipolar",
    "transverse": "Transverse bipolar",
    "laplacian": "Laplacian",
    "ears": "Linked ears",
    "mastoids": "Linked mastoids",
    "cz": "Cz reference",
}


def draw(
    page: Page,
    segment: Segment,
    events: Sequence[Event] = (),
    *,
    start_time_of_day: str | None = None,
    groups: Sequence[Sequence[str]] | None = None,
    names: Mapping[str, str] | None = None,
    header: bool = True,
) -> RenderedPage:
    """Draw a page from samples in memory.

    Negative is up. A millimetre is the width of the drawing area over ``duration * paper speed``, and
    voltages use the same millimetre, so that sensitivity is honoured to the pixel. Traces may cross their
    neighbours; they are cut at the drawing area only. A break in a trace, with a grey mark at its zero,
    is signal that the file does not hold. Without a low cut, each trace is moved by its median.

    Parameters
    ----------
    page : Page
        What to show. Its profile is not looked at: this is the clinical page.
    segment : Segment
        The signal in the page's montage, filtered; it may be longer or shorter than the page.
    events : sequence of Event
        Drawn as tinted boxes behind the traces, hatched where an artifact masks them.
    start_time_of_day : str, optional
        ``HH:MM:SS`` of the recording's start, for the clock in the header.
    groups : sequence of sequence of str, optional
        Channels from top to bottom, with gaps between groups; by the montage's habit when left out.
    names : mapping, optional
        What to print for a channel instead of its name.
    header : bool
        Print montage, sensitivity, paper speed and the filters in force above the traces, and below
        them that this is research.

    Returns
    -------
    RenderedPage

    Raises
    ------
    ToolError
        If there is no channel, the montage is not known, or the duration is zero.
    """
    if page.duration <= 0:
        raise ToolError("A page needs a duration above 0 s, such as 10.", field="duration")
    if not segment.channels:
        raise ToolError(
            "There is no channel to draw; ask for channels that the recording has.", field="channels"
        )
    montage = montage_name(page.montage)
    groups = groups or _rows(segment, montage, page.left_first)
    kinds = dict(zip(segment.channels, segment.kinds, strict=True))
    sheet = lay_out(
        page, groups, kinds, names=names, header=header,
    )  # fmt: skip
    segment = segment.pick([axis.channel for axis in sheet.rows])
    traces = trace_ink(
        _vertical(sheet, segment), sheet.x(segment.onset), sheet.px_per_s / segment.sfreq, sheet.area,
        (sheet.height, sheet.width), width=_PEN * sheet.scale**0.5,
    )  # fmt: skip
    ink = background(sheet, small_print=header)
    paper = _paper(ink, sheet, segment)
    notes = list(paint_events(paper, ink, traces, sheet, events))
    if header:
        _draw_header(ink, sheet, _settings(page, montage, segment.filters), _when(page, start_time_of_day))
    np.maximum(ink, traces, out=ink)
    if segment.filters != page.filters:
        notes.append("The filters printed on the page are those in force; others were asked for.")
    png = write_png(paper, ink, palette(PAPERS, INK), px_per_mm=sheet.px_per_mm)
    return RenderedPage(
        png,
        sheet.width,
        sheet.height,
        sheet.rows,
        tuple(notes),
        float(sheet.area.left),
        float(sheet.area.right),
    )


def _rows(segment: Segment, montage: str, left_first: bool) -> list[tuple[str, ...]]:
    """Groups of channels from top to bottom; what the montage does not place comes last."""
    eeg = segment.pick_kinds("eeg").channels
    groups = (
        [tuple(group) for group in channel_groups(eeg, montage, left_first=left_first) if group]
        if eeg
        else []
    )
    placed = {channel for group in groups for channel in group}
    rest = tuple(channel for channel in segment.channels if channel not in placed)
    return [*groups, rest] if rest else groups


def _vertical(sheet: Sheet, segment: Segment) -> NDArray[np.float32]:
    """Pixels from the top for each sample."""
    data = np.where(np.isfinite(segment.data), segment.data, np.nan)
    free = segment.filters.low_cut_hz is None
    y = np.empty(data.shape, np.float32)
    for row, axis in enumerate(sheet.rows):
        trace = data[row]
        known = trace[~np.isnan(trace)]
        if known.size and (free or axis.uv_per_px is None):
            trace = trace - np.median(known)
        uv_per_px = axis.uv_per_px or _own_scale(known, axis.y1 - axis.y0)
        y[row] = axis.baseline + trace / uv_per_px
    return y


def _own_scale(known: NDArray[np.float64], height: float) -> float:
    """Units per pixel at which a signal that is no voltage fills most of its row."""
    spread = float(np.percentile(known, 99) - np.percentile(known, 1)) if known.size else 0.0
    return spread / (0.8 * height) if spread > 0 else 1.0


def _paper(ink: NDArray[np.uint8], sheet: Sheet, segment: Segment) -> NDArray[np.uint8]:
    """White inside, grey where the recording holds nothing, tinted margins."""
    area = sheet.area
    paper = np.full((sheet.height, sheet.width), MARGIN << 4, np.uint8)
    paper[area.top : area.bottom, area.left : area.right] = 0
    begin = int(np.clip(np.floor(sheet.x(segment.onset)), area.left, area.right))
    end = int(np.clip(np.ceil(sheet.x(segment.onset + segment.duration)), area.left, area.right))
    for left, right in ((area.left, begin), (end, area.right)):
        paper[area.top : area.bottom, left:right] = NO_SIGNAL << 4
        if right - left > 8 * sheet.text:
            stamp(ink, "no signal", (left + right) / 2, (area.top + area.bottom) / 2, sheet.text, align=0.5)
    missing = ~np.isfinite(segment.data)
    for row in np.flatnonzero(missing.any(axis=1)):
        middle, half = sheet.rows[row].baseline, max(round(3 * sheet.scale), 1)
        for start, stop in _runs(missing[row]):
            left = round(sheet.x(segment.onset + start / segment.sfreq))
            right = round(sheet.x(segment.onset + stop / segment.sfreq))
            left, right = max(left, area.left), min(max(right, left + 1), area.right)
            paper[int(middle) - half : int(middle) + half + 1, left:right] = NO_SIGNAL << 4
    return paper


def _runs(flags: NDArray[np.bool_]) -> Iterable[tuple[int, int]]:
    """First and one past last index of each run of True."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _settings(page: Page, montage: str, filters: Filters) -> list[str]:
    """What decided how the page looks, in the words that are printed on it."""
    low = f"LF {filters.low_cut_hz:g} Hz" if filters.low_cut_hz else "LF off"
    high = f"HF {filters.high_cut_hz:g} Hz" if filters.high_cut_hz else "HF off"
    notch = f"notch {filters.notch_hz:g} Hz" if filters.notch_hz else "notch off"
    speed = f"{page.paper_speed_mm_per_s:g} mm/s"
    return [
        _MONTAGES.get(montage, montage), f"{page.sensitivity_uv_per_mm:g} µV/mm", speed, low, high, notch,
        "negative up",
    ]  # fmt: skip


def _when(page: Page, start_time_of_day: str | None) -> str:
    span = f"{page.onset:g}–{round(page.onset + page.duration, 6):g} s"
    if start_time_of_day is None:
        return span
    hours, minutes, seconds = (float(part) for part in start_time_of_day.split(":"))
    now = int(hours * 3600 + minutes * 60 + seconds + page.onset) % 86400
    return f"{now // 3600:02d}:{now // 60 % 60:02d}:{now % 60:02d}   {span}"


def _draw_header(ink: NDArray[np.uint8], sheet: Sheet, settings: Sequence[str], when: str) -> None:
    """Settings at the left, time at the right, in the largest type that holds both."""
    room = sheet.width - 24 * sheet.scale
    size = next(
        (s for s in range(sheet.text, 5, -1) if _header_width(settings, when, s, sheet.scale) <= room), 6
    )
    y, x, gap = sheet.area.top / 2, 12 * sheet.scale, 20 * sheet.scale
    for i, word in enumerate(settings):
        stamp(ink, word, x, y, size, bold=i == 0)
        x += text_width(word, size, i == 0) + gap
    stamp(ink, when, sheet.width - 12 * sheet.scale, y, size, align=1)
    ink[sheet.area.top - 1] = np.maximum(ink[sheet.area.top - 1], 4)


def _header_width(settings: Sequence[str], when: str, size: int, scale: float) -> float:
    words = sum(text_width(word, size, i == 0) + 20 * scale for i, word in enumerate(settings))
    return words + text_width(when, size)
