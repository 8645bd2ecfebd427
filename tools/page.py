"""A ``Page`` record as a picture: the same record gives the same bytes.

``clinical`` is drawn here, with a rasteriser of our own; ``tools.profiles`` draws the pictures that
published models were trained on.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.lettering import stamp, text_width
from tools.marks import INK, MARGIN, NO_SIGNAL, PAPERS, paint_events
from tools.montage import channel_groups, default_montage, montage_name
from tools.prepare import prepare
from tools.raster import palette, trace_ink, write_png
from tools.sheet import Axis, Sheet, background, lay_out
from tools.types import Event, Filters, Kind, Page, Recording, Segment, ToolError

if TYPE_CHECKING:
    from tools.io import OpenRecording

PAPER_WIDTH_MM = 300.0
"""A default page is as wide as 10 s at 30 mm/s, whatever its duration."""

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


def default_page(recording: Recording, onset: float = 0.0, duration: float = 10.0) -> Page:
    """Return the page that a reader of this recording would start with.

    The paper is 300 mm wide, so that 10 s run at 30 mm/s and a 30-s sleep epoch at 10 mm/s.
    """
    sleep = recording.montage_guess == "psg"
    rates = [channel.sfreq for channel in recording.channels if channel.kind == "eeg"]
    high = 35.0 if sleep else 70.0
    return Page(
        onset=onset,
        duration=duration,
        montage=default_montage(recording),
        low_cut_hz=0.3 if sleep else 0.5,
        high_cut_hz=high if all(high < rate / 2 for rate in rates) else None,
        paper_speed_mm_per_s=round(PAPER_WIDTH_MM / duration, 3) if duration > 0 else 30.0,
    )


def draw(
    page: Page,
    segment: Segment,
    events: Sequence[Event] = (),
    *,
    start_time_of_day: str | None = None,
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
    names : mapping, optional
        What to print for a channel instead of its name.
    header : bool
        Print montage, sensitivity, paper speed and the filters in force above the traces.

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
    groups = _rows(segment, montage, page.left_first)
    kinds = dict(zip(segment.channels, segment.kinds, strict=True))
    sheet = lay_out(
        page, groups, kinds, names=names, header=header,
    )  # fmt: skip
    segment = segment.pick([axis.channel for axis in sheet.rows])
    traces = trace_ink(
        _vertical(sheet, segment), sheet.x(segment.onset), sheet.px_per_s / segment.sfreq, sheet.area,
        (sheet.height, sheet.width), width=_PEN * sheet.scale**0.5,
    )  # fmt: skip
    paper, ink = _paper(sheet, segment), background(sheet)
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


def render(recording: OpenRecording, page: Page, events: Sequence[Event] = ()) -> RenderedPage:
    """Draw a page of a recording in the page's own profile.

    Returns
    -------
    RenderedPage
        For ``sleepvlm`` the target epoch; ``render_all`` gives its neighbours too.

    Raises
    ------
    ToolError
        If the place, the montage, a filter or the profile does not fit the recording.
    """
    pictures = render_all(recording, page, events)
    return pictures.get("target") or next(iter(pictures.values()))


def render_all(recording: OpenRecording, page: Page, events: Sequence[Event] = ()) -> dict[str, RenderedPage]:
    """Draw every picture of a page: ``previous``, ``target``, ``next`` for ``sleepvlm``, else ``page``.

    Raises
    ------
    ToolError
        As ``render``.
    """
    if page.profile != "clinical":
        from tools.profiles import render_profile

        return render_profile(recording, page, events)
    # What is not EEG is drawn in a sleep page, where it belongs to the reading.
    kinds: tuple[Kind, ...] = ("eeg", "eog", "emg") if recording.info.montage_guess == "psg" else ("eeg",)
    segment = prepare(
        recording, page.onset, page.duration, montage=page.montage, filters=page.filters,
        channels=page.channels or None, kinds=kinds, left_first=page.left_first,
    )  # fmt: skip
    picture = draw(page, segment, events, start_time_of_day=recording.info.start_time_of_day)
    return {"page": picture}


def write_page(
    recording: OpenRecording, page: Page, path: str | os.PathLike[str], events: Sequence[Event] = ()
) -> dict[str, Any]:
    """Write a page's picture, or three for ``sleepvlm``, and describe it.

    ``sleepvlm`` adds ``_previous``, ``_target`` and ``_next`` to the file's stem. All pictures are drawn
    before any is written, and each file appears whole or not at all.

    Returns
    -------
    dict
        ``path`` (of the target), ``page``, ``width``, ``height``, ``x0``, ``x1``, ``axes``, ``notes``; for
        several pictures also ``paths`` by role.

    Raises
    ------
    ToolError
        As ``render``, and with ``field="o"`` where the picture cannot be written.
    """
    pictures = render_all(recording, page, events)
    target = Path(path)
    paths = {
        role: target if role == "page" else target.with_name(f"{target.stem}_{role}{target.suffix or '.png'}")
        for role in pictures
    }
    for role, picture in pictures.items():
        _write_whole(paths[role], picture.png)
    role = "target" if "target" in pictures else next(iter(pictures))
    shown = pictures[role]
    described: dict[str, Any] = {
        "path": str(paths[role]),
        "page": page.model_dump(mode="json"),
        "width": shown.width,
        "height": shown.height,
        "x0": shown.x0,
        "x1": shown.x1,
        "axes": [axis.model_dump(mode="json") for axis in shown.axes],
        "notes": list(shown.notes),
    }
    if len(pictures) > 1:
        described["paths"] = {name: str(file) for name, file in paths.items()}
    return described


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside the target and rename, so that no reader ever sees half a picture."""
    draft = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ToolError(
            f"The picture cannot be written ({error.strerror}); name a file in a folder you may write to.",
            field="o",
        ) from None


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


def _paper(sheet: Sheet, segment: Segment) -> NDArray[np.uint8]:
    """White inside, grey where the recording holds nothing, tinted margins."""
    area = sheet.area
    paper = np.full((sheet.height, sheet.width), MARGIN << 4, np.uint8)
    paper[area.top : area.bottom, area.left : area.right] = 0
    begin = int(np.clip(np.floor(sheet.x(segment.onset)), area.left, area.right))
    end = int(np.clip(np.ceil(sheet.x(segment.onset + segment.duration)), area.left, area.right))
    paper[area.top : area.bottom, area.left : begin] = NO_SIGNAL << 4
    paper[area.top : area.bottom, end : area.right] = NO_SIGNAL << 4
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
