"""The sample recording that `make demo` opens: five minutes from wakefulness into light sleep.

0-120 s: awake with closed eyes, alpha of 10 Hz and a blink now and then; a few left temporal spikes from
62 s, muscle at 96-103 s. 120-180 s: drowsy, alpha fades out and returns in short runs, the blinks cease.
180-300 s: light sleep with spindles and some slow waves.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.canvas import Canvas
from models.elements import add_alpha, add_blinks, add_muscle, add_slow_waves, add_spikes, add_spindles
from models.simulate import Simulated, finish, write_edf
from tools.events import write_tsv

_DURATION = 300.0
_VERSION = 2
"""Part of the file name, so that a folder filled by an older version is not mistaken for the current one."""


def simulate_demo(seed: int = 7) -> Simulated:
    """Simulate the sample; see the table at the top of this file for its course."""
    canvas = Canvas(_DURATION, 200.0, np.random.default_rng(seed))
    _changing_background(canvas, (("wake", 0.0), ("drowsy", 120.0), ("n2", 175.0)))
    add_alpha(canvas, 0.5, 121.0, frequency=10.0, rms=18.0)
    for start, stop in ((128.0, 134.0), (141.0, 145.5), (155.0, 158.0)):
        add_alpha(canvas, start, stop, frequency=9.5, rms=11.0)
    add_blinks(canvas, 2.0, 60.0, per_minute=9.0)
    add_blinks(canvas, 104.0, 124.0, per_minute=7.0)
    add_spikes(canvas, 62.0, 95.0, per_minute=9.0, size=95.0)
    add_muscle(canvas, 96.0, 103.0)
    add_spindles(canvas, 183.0, 298.0, per_minute=6.0, size=24.0)
    add_slow_waves(canvas, 205.0, 298.0, per_minute=7.0, size=85.0)
    return finish(canvas)


def _changing_background(canvas: Canvas, course: tuple[tuple[str, float], ...]) -> None:
    """Give every state its background, with cross-fades of ten seconds that keep the power steady."""
    t = np.arange(canvas.scalp.shape[1]) / canvas.sfreq
    for (state, start), (_, stop) in zip(course, (*course[1:], ("end", np.inf)), strict=True):
        before = np.clip((t - start) / 10 + 0.5, 0, 1) if start else np.ones_like(t)
        after = np.clip((stop - t) / 10 + 0.5, 0, 1)
        loudness = np.sqrt(np.minimum(before, after))
        untouched = canvas.scalp.copy()
        canvas.background(state)
        canvas.scalp = untouched + (canvas.scalp - untouched) * loudness


def demo_recording(folder: Path) -> Path:
    """Write the sample recording into a folder, unless it is there, and give its path.

    Parameters
    ----------
    folder : Path
        Created when missing. The truth lies beside the recording as ``*_events.tsv``.

    Returns
    -------
    Path
        An EDF+ file of 19 channels at 200 Hz; the same bytes on every machine with the same libraries.
    """
    path = folder / f"sample_v{_VERSION}.edf"
    truth = folder / f"sample_v{_VERSION}_events.tsv"
    if path.is_file() and truth.is_file():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    simulated = simulate_demo()
    write_tsv(simulated.events, truth)
    return write_edf(simulated, path)
