"""Events on a page: tinted paper behind the traces, never ink in front of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.labels import GROUPS, SPOKEN, electrodes
from tools.lettering import stamp, text_width
from tools.sheet import Sheet
from tools.types import Event

INK = (20, 24, 33)
WHITE, MARGIN, NO_SIGNAL = 0, 1, 2
FAMILIES = ("artifact", "rhythm", "sleep", "pattern", "epileptiform", "other")
"""In painting order: what matters most is painted last."""

_TINTS = {
    "epileptiform": ((255, 226, 224), (240, 150, 146)),
    "sleep": ((221, 234, 252), (142, 180, 232)),
    "rhythm": ((224, 243, 226), (146, 204, 154)),
    "artifact": ((252, 239, 210), (230, 190, 110)),
    "pattern": ((238, 227, 250), (190, 156, 226)),
    "other": ((226, 240, 241), (146, 194, 198)),
}
PAPERS = (
    (255, 255, 255), (244, 246, 249), (226, 228, 232),
    *(colour for family in FAMILIES for colour in _TINTS[family]),
)  # fmt: skip
"""Colours by number: white, margin, no signal, then fill and edge of each family."""

_SHORT = {
    "hfnoise": "muscle", "spsw": "spike-wave", "eyer+": "lateral eye +", "eyer-": "lateral eye −",
    "rem": "REM", "sem": "slow eye", "ecg": "ECG", "respiration": "breathing", "sweat": "sweat",
    "chewing": "chewing", "flat": "flat", "extreme": "out of range", "movement": "movement",
    "LPD": "LPD", "GPD": "GPD", "BIPD": "BIPD", "LRDA": "LRDA", "GRDA": "GRDA", "seizure": "seizure",
}  # fmt: skip

Box = tuple[int, int, int, int]  # left, top, right, bottom


class _Canvas(NamedTuple):
    paper: NDArray[np.uint8]
    ink: NDArray[np.uint8]
    traces: NDArray[np.uint8]


@lru_cache(maxsize=256)
def family(label: str) -> str:
    """Group of the vocabulary that a label belongs to, which decides its colour."""
    return next((group for group, labels in GROUPS.items() if label in labels), "other")


def _edge(label: str) -> int:
    """Number of the stronger colour of a label's family; the fill is the one before."""
    return 4 + 2 * FAMILIES.index(family(label))


def rows_showing(sheet: Sheet, channel: str) -> list[int]:
    """Rows in which a channel can be seen: its own, else every derivation of its electrodes."""
    exact = [i for i, axis in enumerate(sheet.rows) if axis.channel.lower() == channel.lower()]
    if exact:
        return exact
    wanted = _electrodes(channel)
    return [i for i, axis in enumerate(sheet.rows) if wanted & _electrodes(axis.channel)]


@lru_cache(maxsize=4096)
def _electrodes(channel: str) -> frozenset[str]:
    return frozenset(electrodes(channel.upper()))


def boxes(sheet: Sheet, event: Event) -> list[Box]:
    """Rectangles of one event, touching rows joined; none when the page does not show it."""
    if event.per_channel:
        spans = [(span.channel, span.onset, span.duration) for span in event.per_channel]
    else:
        spans = [(channel, event.onset, event.duration) for channel in event.channels]
    if not spans:
        columns = _columns(sheet, event.onset, event.duration)
        return [(columns[0], sheet.area.top, columns[1], sheet.area.bottom)] if columns else []
    taken: dict[int, tuple[int, int]] = {}
    for channel, onset, duration in spans:
        columns = _columns(sheet, onset, duration)
        if columns:
            taken |= dict.fromkeys(rows_showing(sheet, channel), columns)
    found: list[Box] = []
    for row in sorted(taken):
        (left, right), axis = taken[row], sheet.rows[row]
        top, bottom = round(axis.y0), round(axis.y1)
        joins = row - 1 in taken and taken[row - 1] == taken[row] and row not in sheet.group_starts
        if joins:
            found[-1] = (left, found[-1][1], right, bottom)
        else:
            found.append((left, top, right, bottom))
    return found


def _columns(sheet: Sheet, onset: float, duration: float) -> tuple[int, int] | None:
    if onset + duration < sheet.onset or onset > sheet.onset + sheet.duration:
        return None
    left = round(max(sheet.x(onset), sheet.area.left))
    right = round(min(sheet.x(onset + duration), sheet.area.right))
    return min(left, sheet.area.right - 3), min(max(right, left + 3), sheet.area.right)


def paint_events(
    paper: NDArray[np.uint8],
    ink: NDArray[np.uint8],
    traces: NDArray[np.uint8],
    sheet: Sheet,
    events: Sequence[Event],
) -> tuple[str, ...]:
    """Tint the paper under each event and print its label where the traces leave most room.

    Parameters
    ----------
    paper, ink : array, shape (height, width)
        Changed in place: colours times 16, and ink.
    traces : array, shape (height, width)
        Ink of the traces, which labels keep away from.
    sheet : Sheet
        The page's geometry.
    events : sequence of Event
        Those of other times are left out.

    Returns
    -------
    tuple of str
        One note when events in the page's time lie on channels that it does not show.
    """
    order = sorted(events, key=lambda event: (FAMILIES.index(family(event.label)), event.onset, event.label))
    placed = [(event, boxes(sheet, event)) for event in order]
    for event, found in placed:
        for box in found:
            _fill(paper, box, _edge(event.label) - 1, masked=event.masked_by is not None)
    tags: list[Box] = []
    for event, found in placed:
        for box in found:
            _outline(paper, box, _edge(event.label), dashed=event.masked_by is not None)
        if found:
            _tag(_Canvas(paper, ink, traces), sheet, event, found[0], tags)
    hidden = sum(
        not found and _columns(sheet, event.onset, event.duration) is not None for event, found in placed
    )
    return (f"{hidden} event(s) lie on channels that this page does not show.",) if hidden else ()


def _fill(paper: NDArray[np.uint8], box: Box, colour: int, *, masked: bool) -> None:
    left, top, right, bottom = box
    part = paper[top:bottom, left:right]
    if masked:  # hatched, so that a doubtful event looks doubtful in grey print too
        rows, columns = np.ogrid[top:bottom, left:right]
        part[(rows + columns) % 6 < 2] = colour << 4
    else:
        part[:] = colour << 4


def _outline(paper: NDArray[np.uint8], box: Box, colour: int, *, dashed: bool) -> None:
    left, top, right, bottom = box
    for part in (
        paper[top, left:right], paper[bottom - 1, left:right],
        paper[top:bottom, left], paper[top:bottom, right - 1],
    ):  # fmt: skip
        part[np.arange(len(part)) % 8 < (4 if dashed else 8)] = colour << 4


def _tag(canvas: _Canvas, sheet: Sheet, event: Event, box: Box, tags: list[Box]) -> None:
    """Print the label at one of the box's corners; leave it out where other labels take all of them."""
    text = _SHORT.get(event.label, SPOKEN.get(event.label, event.label))
    if event.masked_by is not None:
        text += f"? ({_SHORT.get(event.masked_by, SPOKEN.get(event.masked_by, event.masked_by))})"
    size = max(round(sheet.text * 0.78), 6)
    wide, high = text_width(text, size) + round(6 * sheet.scale), size + round(3 * sheet.scale)
    free = [
        spot for spot in _corners(box, wide, high, sheet) if not any(_overlap(spot, other) for other in tags)
    ]
    if not free:
        return
    left, top, right, bottom = min(
        free, key=lambda spot: int(canvas.traces[spot[1] : spot[3], spot[0] : spot[2]].sum())
    )
    tags.append((left, top, right, bottom))
    canvas.paper[top:bottom, left:right] = _edge(event.label) << 4
    stamp(canvas.ink, text, left + 3 * sheet.scale, (top + bottom) / 2, size)


def _corners(box: Box, wide: int, high: int, sheet: Sheet) -> list[Box]:
    """Places for a label, the preferred first: over or under the box, inside it at the top or bottom."""
    area = sheet.area
    found = []
    for top in (box[1] - high, box[1], box[3] - high, box[3]):
        for left in (box[0], box[2] - wide):
            left = max(min(left, area.right - wide), area.left)  # noqa: PLW2901
            if area.top <= top and top + high <= area.bottom:
                found.append((left, top, min(left + wide, area.right), top + high))
    return found


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
