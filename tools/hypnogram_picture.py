"""A night as one picture: hypnogram, probabilities of the stages, and multitaper spectrogram over one clock.

It shows hours and stages and holds nothing that tells whose night it was.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.stage_seconds import EPOCH
from tools.types import ToolError
from tools.whole import write_whole

if TYPE_CHECKING:
    from tools.io import OpenRecording

Array = NDArray[np.float64]

ORDER = ("W", "R", "N1", "N2", "N3")
"""From top to bottom, as sleep laboratories draw it."""
COLOURS = {"W": "#e0a030", "R": "#c0392b", "N1": "#8fb8de", "N2": "#3f7fbf", "N3": "#1f3f6f"}
HIGHEST = 32.0
"""Hertz of the spectrogram's top."""
_WINDOW, _MOST_COLUMNS = 30.0, 2000


class Spectrogram(NamedTuple):
    """Power over time: ``density`` is ``(frequencies, windows)`` in dB of µV²/Hz, NaN where nothing was recorded."""

    onsets: Array
    frequencies: Array
    density: Array


def multitaper_spectrogram(
    recording: OpenRecording,
    derivation: Sequence[str],
    *,
    window: float = _WINDOW,
    progress: Callable[[float], None] | None = None,
) -> Spectrogram:
    """Measure the spectrum of one derivation window by window over the whole recording.

    Parameters
    ----------
    recording : OpenRecording
        Source of the signal.
    derivation : sequence of str
        A channel, or two of which the second is subtracted.
    window : float
        Seconds; windows do not overlap.
    progress : callable, optional
        Told the share that is done.

    Returns
    -------
    Spectrogram
        From 0.5 to 32 Hz, resolved to 0.5 Hz.

    Notes
    -----
    Every window is cut into pieces of 6 s of which each is seen through five Slepian tapers (time-bandwidth 3);
    the density is their mean. Frequencies are averaged to 0.25 Hz.

    References
    ----------
    Prerau et al. (2017), Physiology 32:60, https://doi.org/10.1152/physiol.00062.2015.
    """
    total = recording.info.duration
    count = max(1, int(total // window))
    columns = []
    frequencies: Array = np.arange(0.5, HIGHEST + 0.25, 0.25, dtype=np.float64)
    for first in range(0, count, 10):
        last = min(first + 10, count)
        segment = recording.read(first * window, (last - first) * window, list(derivation))
        data = segment.data[0] if len(derivation) == 1 else segment.data[0] - segment.data[1]
        columns.append(_density(data, segment.sfreq, last - first, frequencies))
        if progress is not None:
            progress(last / count)
    return Spectrogram(
        np.arange(count, dtype=np.float64) * window, frequencies, np.concatenate(columns, axis=1)
    )


def _density(data: Array, sfreq: float, count: int, frequencies: Array) -> Array:
    from scipy.signal.windows import dpss

    length = min(round(6 * sfreq), len(data) // count)
    pieces = max(1, len(data) // count // length)
    rows = data[: len(data) // count * count].reshape(count, -1)[:, : pieces * length]
    rows = np.asarray(rows.reshape(count, pieces, length))
    gone: NDArray[np.bool_] = np.asarray(~np.isfinite(rows).all(axis=2))
    rows = np.where(gone[:, :, None], 0.0, rows)
    rows = rows - rows.mean(axis=2, keepdims=True)
    tapers = np.asarray(dpss(length, 3.0, 5))
    at = np.fft.rfftfreq(length, 1 / sfreq)
    power = np.zeros((count, pieces, len(at)))
    for taper in tapers:
        power += np.abs(np.fft.rfft(rows * taper, axis=2)) ** 2
    power *= 2 / (len(tapers) * sfreq)
    power[gone] = np.nan
    kept = ~gone.all(axis=1)
    mean = np.full((count, len(at)), np.nan)
    mean[kept] = np.nanmean(power[kept], axis=1)
    shown = np.stack([np.interp(frequencies, at, row, right=np.nan) for row in mean], axis=1)
    return np.asarray(10 * np.log10(np.maximum(shown, 1e-4)))


def write_hypnogram_picture(
    path: Path,
    stages: Sequence[str | None],
    *,
    probabilities: Sequence[dict[str, float]] = (),
    spectrogram: Spectrogram | None = None,
    reference: Sequence[str | None] = (),
    starts_at: str | None = None,
) -> tuple[int, int]:
    """Draw a night as PNG.

    Parameters
    ----------
    path : Path
        File to write.
    stages : sequence of str or None
        One per 30-s epoch.
    probabilities : sequence of dict
        Of every stage in each epoch, drawn as bands; left out when empty.
    spectrogram : Spectrogram, optional
        From `multitaper_spectrogram`.
    reference : sequence of str or None
        Another scoring, drawn thin behind the first.
    starts_at : str, optional
        ``HH:MM:SS`` of the recording's start, so that the axis shows the time of day.

    Returns
    -------
    tuple of int
        Width and height in pixels.

    Raises
    ------
    ToolError
        If there is no epoch to draw, or the file cannot be written.
    """
    if not stages:
        raise ToolError("There is no whole epoch to draw.", field="picture")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = ["hypnogram", *(["probabilities"] if any(probabilities) else []),
              *(["spectrogram"] if spectrogram is not None else [])]  # fmt: skip
    figure = Figure(figsize=(12, 1.2 + 2.0 * len(panels)), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for panel, axis in zip(panels, axes, strict=True):
        if panel == "hypnogram":
            _draw_stages(axis, stages, reference)
        elif panel == "probabilities":
            _draw_probabilities(axis, probabilities)
        elif spectrogram is not None:
            _draw_spectrogram(axis, spectrogram)
    offset = _hours(starts_at)
    _draw_clock(axes[-1], len(stages) * EPOCH / 3600, offset)
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    write_whole(path, content.getvalue())
    width, height = figure.canvas.get_width_height()
    return int(width), int(height)


def _draw_stages(axis: Any, stages: Sequence[str | None], reference: Sequence[str | None]) -> None:
    for given, colour, width in ((reference, "#b0b0b0", 3.0), (stages, "#202020", 1.0)):
        if given:
            hours = np.arange(len(given) + 1) * EPOCH / 3600
            levels = np.array([np.nan if s is None else -ORDER.index(s) for s in given])
            axis.step(hours, np.append(levels, levels[-1]), where="post", color=colour, linewidth=width)
    rem = [s == "R" for s in stages]
    hours = np.arange(len(stages)) * EPOCH / 3600
    if any(rem):
        axis.hlines(
            np.full(sum(rem), -1.0), hours[rem], hours[rem] + EPOCH / 3600, color=COLOURS["R"], linewidth=4
        )
    axis.set_yticks([-i for i in range(len(ORDER))], ORDER)
    axis.set_ylim(-len(ORDER) + 0.5, 0.5)
    axis.set_ylabel("stage")


def _draw_probabilities(axis: Any, probabilities: Sequence[dict[str, float]]) -> None:
    table = np.array([[chances.get(stage, 0.0) for stage in ORDER] for chances in probabilities]).T
    hours = np.repeat(np.arange(table.shape[1] + 1), 2)[1:-1] * EPOCH / 3600
    doubled = np.repeat(table, 2, axis=1)
    axis.stackplot(hours, doubled, colors=[COLOURS[s] for s in ORDER], labels=ORDER, linewidth=0)
    axis.set_ylim(0, 1)
    axis.set_ylabel("probability")
    axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize="small")


def _draw_spectrogram(axis: Any, spectrogram: Spectrogram) -> None:
    step = -(-spectrogram.density.shape[1] // _MOST_COLUMNS)
    density = spectrogram.density[:, ::step]
    seen = density[np.isfinite(density)]
    low, high = np.percentile(seen, [2, 98]) if seen.size else (0.0, 1.0)
    stop = spectrogram.onsets[-1] + _WINDOW if len(spectrogram.onsets) else _WINDOW
    image = axis.imshow(
        density, origin="lower", aspect="auto", cmap="turbo", vmin=low, vmax=max(high, low + 1),
        extent=(0.0, stop / 3600, spectrogram.frequencies[0], spectrogram.frequencies[-1]),
        interpolation="nearest",
    )  # fmt: skip
    axis.set_ylabel("Hz")
    axis.figure.colorbar(image, ax=axis, label="dB of µV²/Hz", pad=0.01)


def _hours(clock: str | None) -> float | None:
    if clock is None:
        return None
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return hours + minutes / 60 + seconds / 3600


def _draw_clock(axis: Any, hours: float, offset: float | None) -> None:
    axis.set_xlim(0, hours)
    steps = (1 / 60, 2 / 60, 5 / 60, 10 / 60, 0.25, 0.5, 1.0, 2.0, 4.0)
    step = next((s for s in steps if hours / s <= 12), 12.0)
    start = offset or 0.0
    first = np.ceil(start / step - 1e-9) * step
    ticks = np.arange(first, start + hours + 1e-9, step)
    axis.set_xticks(ticks - start, [_clock(t, offset is not None) for t in ticks])
    axis.set_xlabel("time of day" if offset is not None else "time from the start, h:min")


def _clock(hours: float, of_day: bool) -> str:
    minutes = round(hours * 60)
    whole = minutes // 60 % 24 if of_day else minutes // 60
    return f"{whole:02d}:{minutes % 60:02d}" if of_day else f"{whole}:{minutes % 60:02d}"
