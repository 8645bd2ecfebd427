"""The pictures of SleepVLM and SleepVLM-Bench, drawn by matplotlib as their authors drew them."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from tools.sheet import Axis, RenderedPage
from tools.sleep_inputs import EPOCH_S, RATE, SleepSignals
from tools.types import ToolError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT, _DPI = 448, 224, 100
BENCH_SIZE = 336
"""Side of the square that SleepVLM-Bench sends; 224 for LLaVA."""

_COLOURS = {
    "F4": "#FFFF00", "C4": "#00FF00", "O2": "#FF0000", "LOC": "#00FFFF", "ROC": "#FF00FF", "Chin": "#0000FF",
}  # fmt: skip
_SPAN_UV = {"Chin": 80.0}  # height of a band; 100 µV for all others
_STYLE = threading.Lock()


@contextmanager
def _default_style() -> Iterator[None]:
    """Keep a user's matplotlibrc out of the picture; the settings are global, so one at a time."""
    import matplotlib.style

    with _STYLE, matplotlib.style.context("default"):
        yield


def draw_sleepvlm(signals: SleepSignals, epoch: int) -> RenderedPage:
    """Draw one epoch as SleepVLM was shown it: 448 x 224, black, six coloured bands, positive up.

    EEG and EOG have 100 µV in the height of a band and chin EMG 80; nothing is clipped. The band is 1/n of
    the picture when n channels are there. Lines each second and between bands lie over the traces.

    Parameters
    ----------
    signals : SleepSignals
        From ``sleepvlm_signals``.
    epoch : int
        Counted from 0.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    count = len(signals.channels)
    with _default_style():
        figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI, facecolor="black")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1), facecolor="black", xticks=[], yticks=[])
        axes.set(xlim=(0, EPOCH_S), ylim=(0, 1))
        axes.spines[:].set_visible(False)
        times = np.linspace(0, EPOCH_S, signals.data.shape[2])
        for row, name in enumerate(signals.channels):
            middle = (count - row - 0.5) / count
            trace = signals.data[row, epoch] / _SPAN_UV.get(name, 100.0) / count
            axes.plot(times, middle + trace, color=_COLOURS[name], linewidth=0.6, antialiased=True)
        for second in range(1, int(EPOCH_S)):
            alpha, line = (0.8, 0.8) if second % 5 == 0 else (0.6, 0.5)
            axes.axvline(second, color="#404040", alpha=alpha, linewidth=line)
        for band in range(1, count):
            axes.axhline(band / count, color="#404040", alpha=0.8, linewidth=0.8)
        png = _saved(figure, _DPI, "black")
    height = HEIGHT / count
    rows = tuple(
        Axis(
            channel=name,
            y0=i * height,
            y1=(i + 1) * height,
            uv_per_px=-_SPAN_UV.get(name, 100.0) / height,
        )
        for i, name in enumerate(signals.channels)
    )
    return RenderedPage(png, WIDTH, HEIGHT, rows, signals.notes, 0.0, float(WIDTH))


def draw_bench(signals: SleepSignals, epoch: int, size: int | None = BENCH_SIZE) -> RenderedPage:
    """Draw one epoch as SleepVLM-Bench sends it: three panels, black on white, made square.

    Each panel has a scale of its own, so amplitudes can be read from the labels only. The drawing of
    1800 x 900 pixels is shrunk by bicubic interpolation and centred on a white square.

    Parameters
    ----------
    signals : SleepSignals
        From ``bench_signals``.
    epoch : int
        Counted from 0.
    size : int, optional
        Side of the square in pixels; None keeps the drawing as it is.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image, ImageOps

    if size is not None and size <= 0:
        raise ToolError("The picture needs a side of more than 0 pixels; 336 is usual.", field="profile")
    with _default_style():
        figure = Figure(figsize=(12, 6), layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(3, 1, sharex=True)
        times = np.arange(signals.data.shape[2]) / RATE
        for panel, name, trace in zip(panels, signals.channels, signals.data[:, epoch], strict=True):
            panel.plot(times, trace.astype(np.float32), color="#111111", linewidth=0.65)
            panel.set_ylabel(f"{name}\n(uV)")
            panel.grid(True, axis="x", color="#b8b8b8", linewidth=0.5)
            panel.margins(x=0)
        panels[-1].set(xlabel="Time (s)", xlim=(0, EPOCH_S), xticks=np.arange(0, EPOCH_S + 1, 5))
        png = _saved(figure, 150, "white")
        places = [panel.get_position() for panel in panels]
    width, height = 1800, 900
    shrink, down = 1.0, 0.0
    if size is not None:
        picture = ImageOps.pad(
            Image.open(io.BytesIO(png)).convert("RGB"), (size, size), Image.Resampling.BICUBIC, "white"
        )
        buffer = io.BytesIO()
        picture.save(buffer, format="PNG")
        png, shrink, down = buffer.getvalue(), size / width, (size - round(size / 2)) // 2
        width, height = size, size
    rows = tuple(
        Axis(channel=name, y0=down + (1 - place.y1) * 900 * shrink, y1=down + (1 - place.y0) * 900 * shrink)
        for name, place in zip(signals.channels, places, strict=True)
    )
    x0, x1 = (float(edge) * 1800 * shrink for edge in (places[0].x0, places[0].x1))
    return RenderedPage(png, width, height, rows, signals.notes, x0, x1)


def _saved(figure: Figure, dpi: int, background: str) -> bytes:
    buffer = io.BytesIO()
    # Without the version of matplotlib in it, the file is a function of its pixels.
    figure.savefig(buffer, dpi=dpi, facecolor=background, format="png", metadata={"Software": None})
    return buffer.getvalue()
