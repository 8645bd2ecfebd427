"""Text on a page: DejaVu Sans, which comes with matplotlib, drawn once per text and kept."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tools.raster import INK_LEVELS


@lru_cache(maxsize=1)
def _font_folder() -> Path:
    # find_spec does not import matplotlib, which would cost more than a hundred pages.
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("matplotlib, whose fonts the page uses, is not installed")
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"


@lru_cache(maxsize=64)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    file = _font_folder() / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
    # The basic layout does not depend on which shaping libraries the machine has.
    return ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def lettering(text: str, size: int, bold: bool = False) -> NDArray[np.uint8]:
    """Ink (0-15) of one line of text, as high as the font and as wide as the text; read-only.

    Control characters become spaces: a page shows one line, whatever a channel is called.
    """
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    font = _font(size, bold)
    ascent, descent = font.getmetrics()
    picture = Image.new("L", (max(int(np.ceil(font.getlength(text))), 1), ascent + descent))
    ImageDraw.Draw(picture).text((0, ascent), text, fill=255, font=font, anchor="ls")
    ink = np.right_shift(np.asarray(picture, np.uint8), 4, dtype=np.uint8)
    ink.setflags(write=False)
    return ink


def text_width(text: str, size: int, bold: bool = False) -> int:
    """Width in pixels."""
    return int(lettering(text, size, bold).shape[1])


def stamp(
    canvas: NDArray[np.uint8],
    text: str,
    x: float,
    y: float,
    size: int,
    *,
    align: float = 0.0,
    bold: bool = False,
    strength: int = INK_LEVELS,
) -> None:
    """Put text on the ink of a page, its vertical middle at ``y``; what would fall outside is cut.

    ``align`` says which part of the text stands at ``x``: 0 its left end, 0.5 its middle, 1 its right end.
    A ``strength`` below 15 gives grey text.
    """
    ink = lettering(text, size, bold)
    if strength < INK_LEVELS:
        ink = (ink * strength // INK_LEVELS).astype(np.uint8)
    left, top = round(x - align * ink.shape[1]), round(y - ink.shape[0] / 2)
    rows = slice(max(top, 0), min(top + ink.shape[0], canvas.shape[0]))
    columns = slice(max(left, 0), min(left + ink.shape[1], canvas.shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    part = ink[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    np.maximum(canvas[rows, columns], part, out=canvas[rows, columns])
