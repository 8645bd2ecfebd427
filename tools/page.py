"""A ``Page`` record as a picture: the same record gives the same bytes.

``tools.clinical`` draws the page that clinicians read, ``tools.profiles`` the pictures that published
models were trained on.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.clinical import draw
from tools.montage import default_montage
from tools.prepare import prepare
from tools.sheet import Axis, RenderedPage
from tools.types import Event, Kind, Page, Recording
from tools.whole import write_whole

if TYPE_CHECKING:
    from tools.io import OpenRecording

__all__ = ["Axis", "RenderedPage", "default_page", "draw", "render", "render_all", "write_page"]

SENSITIVITIES = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 70.0, 100.0)
"""What readers choose from, in µV/mm."""
PAPER_WIDTH_MM = 300.0
"""A default page is as wide as 10 s at 30 mm/s, whatever its duration."""


def default_page(recording: Recording, onset: float = 0.0, duration: float = 10.0) -> Page:
    """Return the page that a reader of this recording would start with.

    The paper is 300 mm wide, so that 10 s run at 30 mm/s and a 30-s sleep epoch at 10 mm/s. Sensitivity
    is 7 µV/mm; with more than 32 channels, whose rows are narrower, as much coarser as they are.
    """
    sleep = recording.montage_guess == "psg"
    rates = [channel.sfreq for channel in recording.channels if channel.kind == "eeg"]
    high = 35.0 if sleep else 70.0
    wanted = 7.0 * max(len(rates) / 24, 1.0) if len(rates) > 32 else 7.0
    return Page(
        onset=onset,
        duration=duration,
        montage=default_montage(recording),
        low_cut_hz=0.3 if sleep else 0.5,
        high_cut_hz=high if all(high < rate / 2 for rate in rates) else None,
        sensitivity_uv_per_mm=next((step for step in SENSITIVITIES if step >= wanted), SENSITIVITIES[-1]),
        paper_speed_mm_per_s=max(round(PAPER_WIDTH_MM / duration, 3), 0.001) if duration > 0 else 30.0,
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
        write_whole(paths[role], picture.png)
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
