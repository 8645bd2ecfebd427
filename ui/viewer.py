"""What one browser tab looks at, and how its controls change it: pure functions over a frozen record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from tools.labels import SPOKEN
from tools.types import Event, Page, Record, Recording

LENGTHS = (10, 15, 20, 30)
SENSITIVITIES = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100)
LOW_CUTS = (0, 0.1, 0.3, 0.5, 1, 1.6, 5)
HIGH_CUTS = (0, 15, 30, 35, 70, 100)
NOTCHES = (0, 50, 60)
MONTAGE_NAMES = {
    "as_recorded": "As recorded",
    "average": "Average",
    "longitudinal": "Longitudinal",
    "transverse": "Transverse",
    "laplacian": "Laplacian",
    "ears": "Ears",
    "mastoids": "Mastoids",
    "cz": "Cz",
}
LISTED_EVENTS = 300
"""How many marks of an answer the list under the page holds; the picture draws all of its own."""
EPOCH = 30.0

PAPER_WIDTH_MM = 300.0
"""A page is as wide on screen as this much paper, so that 10 s run at 30 mm/s."""

_SMALLEST, _LARGEST = (480, 320), (3000, 2000)


class View(Record):
    """The page in view, the recording it belongs to, and the marks that may be drawn on it."""

    handle: str = ""
    total: float = 0.0
    """Length of the recording in seconds."""
    clock: str | None = None
    """Time of day at which the recording starts, when the file says so."""
    montages: tuple[str, ...] = ()
    page: Page = Page(onset=0.0, duration=10.0)
    events: tuple[Event, ...] = ()
    marks: str = ""
    """Token of ``events`` on the server, so that a picture's address stays short."""
    label: str = ""
    """Label of the whole recording's events that ``events`` are; empty when they are an answer's."""
    show_events: bool = True
    highest_hz: float = 100.0
    """Half the commonest sampling rate: no cut can lie above it."""


def first_view(info: Recording, montages: tuple[str, ...], page: Page, before: View) -> View:
    """Open a recording on a page, in the size of the window and with marks and sides as they were before."""
    rates = [c.sfreq for c in info.channels if c.kind == "eeg"] or [c.sfreq for c in info.channels]
    opened = View(
        handle=info.handle,
        total=info.duration,
        clock=info.start_time_of_day,
        montages=montages,
        page=before.page,
        show_events=before.show_events,
        highest_hz=max(set(rates), key=rates.count) / 2 if rates else 100.0,
    )
    return follow(opened, page)


def change(view: View, **fields: Any) -> View:
    """Replace fields of the page, validated; 0 switches a filter off."""
    for name in ("low_cut_hz", "high_cut_hz", "notch_hz"):
        if name in fields and not fields[name]:
            fields[name] = None
    page = Page.model_validate(view.page.model_dump() | fields)
    return view.model_copy(update={"page": page})


def go(view: View, onset: float) -> View:
    """Move to a second of the recording, kept inside it."""
    latest = max(0.0, view.total - min(1.0, view.total))
    return change(view, onset=round(min(max(0.0, onset), latest), 3))


def turn(view: View, pages: int) -> View:
    """Turn pages forwards or backwards; at either end the view stays."""
    onset = view.page.onset + pages * view.page.duration
    return go(view, onset) if onset < view.total else view


def lengthen(view: View, seconds: float) -> View:
    """Show this many seconds a page, at the paper speed that fills the same width as before.

    Pages of 30 s are epochs, and lie on their grid.
    """
    speed = round(PAPER_WIDTH_MM / seconds, 3)
    longer = change(view, duration=float(seconds), paper_speed_mm_per_s=speed)
    return go(longer, view.page.onset // EPOCH * EPOCH) if seconds == EPOCH else longer


def epochs(view: View, onset: float) -> View:
    """Change between epochs of 30 s and pages of 10 s; the page shown keeps its beginning, or holds it."""
    return lengthen(go(view, onset), 10.0 if view.page.duration == EPOCH else EPOCH)


def gain(view: View, steps: int) -> View:
    """Make waves taller (positive) or flatter by steps of the usual sensitivities."""
    now = view.page.sensitivity_uv_per_mm
    nearest = min(range(len(SENSITIVITIES)), key=lambda i: abs(SENSITIVITIES[i] - now))
    index = min(max(0, nearest - steps), len(SENSITIVITIES) - 1)
    return change(view, sensitivity_uv_per_mm=float(SENSITIVITIES[index]))


def next_notch(view: View) -> View:
    """Step through notch off, 50 and 60 Hz."""
    allowed = [hz for hz in NOTCHES if hz < view.highest_hz]
    now = int(view.page.notch_hz or 0)
    index = allowed.index(now) if now in allowed else 0
    return change(view, notch_hz=float(allowed[(index + 1) % len(allowed)]))


def resize(view: View, width: float, height: float) -> View:
    """Fit the picture to the space in the browser, so that it is shown pixel by pixel."""
    (least_w, least_h), (most_w, most_h) = _SMALLEST, _LARGEST
    return change(
        view,
        width=int(min(max(width, least_w), most_w)),
        height=int(min(max(height, least_h), most_h)),
    )


def follow(view: View, page: Page) -> View:
    """Take over the page that the agent moved to; size and order of sides stay the reader's."""
    kept = {name: getattr(view.page, name) for name in ("width", "height", "left_first")}
    return view.model_copy(update={"page": page.model_copy(update=kept)})


def same_place(one: View, other: View) -> bool:
    """Tell whether two views show the same page, whatever the size of the window."""
    return one.handle == other.handle and follow(one, other.page).page == one.page


def mark(view: View, events: tuple[Event, ...], token: str, label: str = "") -> View:
    """Put a new set of events on the page: those of an answer, or all of a label."""
    ordered = tuple(sorted(events, key=lambda event: event.onset))
    return view.model_copy(update={"events": ordered, "marks": token, "label": label})


def set_field(view: View, field: str, value: Any) -> View:
    """Set what one control of the row above the page stands for."""
    if field == "onset":
        return go(view, float(value))
    if field == "duration":
        return lengthen(view, float(value))
    return change(view, **{field: value if field == "montage" else float(value)})


_ORDERS: dict[str, Callable[[View, Mapping[str, Any]], View]] = {
    "go": lambda view, order: go(view, float(order["onset"])),
    "gain": lambda view, order: gain(view, int(order["steps"])),
    "notch": lambda view, _: next_notch(view),
    "epoch": lambda view, order: epochs(view, float(order["onset"])),
    "montage": lambda view, order: _nth_montage(view, int(order["index"])),
    "size": lambda view, order: resize(view, float(order["width"]), float(order["height"])),
}


def obey(view: View, order: Mapping[str, Any]) -> View:
    """Carry out what the page's script asks for: a key, a click on the time line or on a mark."""
    does = _ORDERS.get(str(order.get("act")))
    return does(view, order) if does else view


def _nth_montage(view: View, index: int) -> View:
    return change(view, montage=view.montages[index]) if index < len(view.montages) else view


def address_fields(view: View) -> str:
    """The part of a picture's address that stays the same from page to page."""
    page = view.page.model_dump(exclude={"onset", "channels"})
    fields = {name: "" if value is None else value for name, value in page.items()}
    if view.show_events and view.marks:
        fields["marks"] = view.marks
    return urlencode(fields)


def page_from_address(fields: dict[str, str]) -> Page:
    """Read a page back from its address; an empty value is a filter that is off."""
    return Page.model_validate({name: value or None for name, value in fields.items()})


def for_browser(view: View, echo: int = 0) -> dict[str, Any]:
    """Everything the page's script needs to draw the view; ``echo`` tells it which orders are carried out."""
    own = () if view.label else view.events  # the page has the times of all events of a label already
    listed = own[:LISTED_EVENTS] if view.show_events else ()
    return {
        "echo": echo,
        "handle": view.handle,
        "fields": address_fields(view),
        "onset": view.page.onset,
        "duration": view.page.duration,
        "total": view.total,
        "clock": view.clock or "",
        "label": view.label,
        "marks": view.marks,
        "more": max(0, len(own) - LISTED_EVENTS) if view.show_events else 0,
        "events": [
            {
                "name": SPOKEN.get(event.label, event.label),
                "where": ", ".join(event.channels[:3]) + (" …" if len(event.channels) > 3 else ""),
                "onset": event.onset,
                "duration": event.duration,
            }
            for event in listed
        ],
    }


def choices(options: tuple[float, ...], now: float | None, unit: str) -> list[tuple[str, float]]:
    """Menu entries, with the value in force among them even when it is an unusual one."""
    values = sorted({*map(float, options), float(now or 0)})
    return [(f"{value:g} {unit}" if value else "off", value) for value in values]


def menus(view: View) -> dict[str, dict[str, Any]]:
    """Entries and value of each control, by the name of the page field it sets."""
    page = view.page
    high = tuple(hz for hz in HIGH_CUTS if hz < view.highest_hz)
    notch = tuple(hz for hz in NOTCHES if hz < view.highest_hz)
    montages = view.montages or (page.montage,)
    return {
        "onset": {"value": round(page.onset, 2)},
        "duration": {"choices": choices(LENGTHS, page.duration, "s"), "value": page.duration},
        "montage": {
            "choices": [(MONTAGE_NAMES.get(name, name), name) for name in montages],
            "value": page.montage,
        },
        "sensitivity_uv_per_mm": {
            "choices": choices(SENSITIVITIES, page.sensitivity_uv_per_mm, "µV/mm"),
            "value": page.sensitivity_uv_per_mm,
        },
        "low_cut_hz": {
            "choices": choices(LOW_CUTS, page.low_cut_hz, "Hz"),
            "value": float(page.low_cut_hz or 0),
        },
        "high_cut_hz": {
            "choices": choices(high, page.high_cut_hz, "Hz"),
            "value": float(page.high_cut_hz or 0),
        },
        "notch_hz": {"choices": choices(notch, page.notch_hz, "Hz"), "value": float(page.notch_hz or 0)},
    }
