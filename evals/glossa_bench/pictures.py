"""Pictures of the segments, drawn when a model asks for them and kept."""

from __future__ import annotations

import io
import os
from pathlib import Path

from evals.records import Item
from tools.types import Page, ToolError


def picture(item: Item, folder: Path) -> Path:
    """Draw the picture of an item as published models were shown theirs, unless it is there.

    Raises
    ------
    ToolError
        If the item has no picture.
    """
    if not item.images:
        raise ToolError("This item has no picture.", field="item")
    path = folder / item.images[0]
    if not path.is_file():
        path.parent.mkdir(exist_ok=True)
        part = path.with_name(f"{path.stem}-{os.getpid()}.part")
        part.write_bytes(_jpeg(folder / item.recording, item))
        os.replace(part, path)
    return path


def _jpeg(recording: Path, item: Item) -> bytes:
    from PIL import Image

    from tools.io import open_recording
    from tools.profiles import render_profile

    with open_recording(recording) as opened:
        page = Page(onset=item.onset, duration=item.duration, profile="cerebragloss")
        png = render_profile(opened, page)["page"].png
    stream = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(stream, "JPEG", quality=92)
    return stream.getvalue()
