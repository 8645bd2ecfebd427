"""Epileptiform discharges: spikes, sharp waves and their complexes with slow waves.

The shape of a spike belongs to the canvas, so that one generator variant can be told from another. Durations
follow the definitions of the IFCN (Kane et al. 2017, https://doi.org/10.1016/j.cnp.2017.07.002): a spike lasts
20 to 70 ms, a sharp wave 70 to 200 ms.
"""

from __future__ import annotations

import numpy as np

from models import transients
from models.canvas import Array, Canvas
from models.sleep_waves import sized

FOCI = (
    "left temporal spike", "right temporal spike", "left frontal spike", "right frontal spike",
    "left occipital spike", "right occipital spike", "left central spike", "right central spike",
    "left parietal spike", "right parietal spike",
)  # fmt: skip
"""Where a focal discharge can sit, besides the centrotemporal dipole."""
ROLANDIC = ("left centrotemporal spike", "right centrotemporal spike")


def _shape(canvas: Canvas, total: float, rebound: float, after: float) -> Array:
    return np.asarray(canvas.spike_shape(canvas.sfreq, total, rebound=rebound, after=after))


def add_discharge(
    canvas: Canvas,
    onset: float,
    *,
    where: str = "left temporal spike",
    sharp: bool = False,
    slow: float | None = None,
    snr: float | None = None,
) -> None:
    """One focal spike or sharp wave.

    Parameters
    ----------
    canvas : Canvas
        Where it is drawn.
    onset : float
        Seconds; the peak comes one base width later.
    where : str
        Source in `models.topography.SOURCES`.
    sharp : bool
        70 to 190 ms instead of 30 to 66.
    slow : float, optional
        Height of the slow wave after it, drawn from 0.15 to 0.45 when left out. From 0.5 on the two are
        one spike-and-wave complex and are labelled as that, never twice.
    snr : float, optional
        Peak over background at the focus.
    """
    rng = canvas.rng
    total = rng.uniform(0.078, 0.175) if sharp else rng.uniform(0.034, 0.062)
    after = float(rng.uniform(0.15, 0.45)) if slow is None else slow
    wave = _shape(canvas, total, 0.25, after)
    alone = _shape(canvas, total, 0.0, 0.0)
    weights = canvas.field(where)
    size = sized(canvas, weights, onset, 75.0, snr)
    label = "spsw" if after >= 0.5 else ("sharp" if sharp else "spike")
    name = where.removesuffix(" spike") + (" sharp wave" if sharp else " spike")
    kind = f"{name} and wave" if label == "spsw" else name
    marked = None if label == "spsw" else size * alone
    dipole = where in ROLANDIC
    canvas.add(label, onset, weights, size * wave, marked=marked, kind=kind, dipole=dipole)


def add_rolandic(canvas: Canvas, onset: float, *, side: str = "left", snr: float | None = None) -> None:
    """A centrotemporal sharp wave of three phases: negative at T3/C3, positive at the front."""
    rng, weights = canvas.rng, canvas.field(f"{side} centrotemporal spike")
    total = rng.uniform(0.17, 0.26)
    wave = transients.triphasic(canvas.sfreq, total, 0.3, 0.5)
    t = transients.times(total, canvas.sfreq)
    main = np.where((t >= 0.2 * total) & (t < 0.5 * total), wave, 0.0)
    size = sized(canvas, weights, onset, 120.0, snr)
    label = "spike" if 0.3 * total < 0.07 else "sharp"
    kind = f"{side} centrotemporal {'spike' if label == 'spike' else 'sharp wave'}"
    canvas.add(label, onset, weights, size * wave, marked=size * main, kind=kind, dipole=True)


def add_polyspike(
    canvas: Canvas, onset: float, *, where: str = "generalized spike", snr: float | None = None
) -> None:
    """Two to six spikes at 10 to 25 Hz, half of the runs with a slow wave after them."""
    rng, weights = canvas.rng, canvas.field(where)
    count, gap = int(rng.integers(2, 7)), 1 / rng.uniform(10, 22)
    wave_follows = rng.random() < 0.5
    size = sized(canvas, weights, onset, 90.0, snr)
    for number in range(count):
        after = 0.6 if wave_follows and number == count - 1 else 0.0
        total = min(rng.uniform(0.034, 0.05), 0.8 * gap)
        wave = size * rng.uniform(0.8, 1.0) * _shape(canvas, total, 0.2, after)
        label = "spsw" if after else "spike"
        marked = None if after else wave * (wave > 0)
        canvas.add(label, onset + number * gap, weights, wave, marked=marked, kind="polyspike")


def add_complex(
    canvas: Canvas,
    onset: float,
    *,
    where: str = "left temporal spike",
    sharp: bool = False,
    snr: float | None = None,
) -> None:
    """One isolated spike-and-wave or sharp-and-slow-wave complex."""
    if where not in {"generalized spike"}:
        add_discharge(canvas, onset, where=where, sharp=sharp, slow=canvas.rng.uniform(0.55, 0.95), snr=snr)
        return
    add_spike_wave_run(canvas, onset, cycles=1, snr=snr)


def add_spike_wave_run(
    canvas: Canvas,
    onset: float,
    *,
    cycles: int = 9,
    start_hz: float = 3.2,
    end_hz: float = 2.8,
    snr: float | None = None,
) -> float:
    """Generalised spike-and-wave that slows a little; every complex is one event. Gives its end.

    Each complex has the field of the run: they are one source that fires again and again.
    """
    rng, weights = canvas.rng, canvas.field("generalized spike")
    size = sized(canvas, weights, onset, 150.0, snr)
    for frequency in np.linspace(start_hz, end_hz, cycles):
        actual = float(frequency * rng.normal(1, 0.03))
        # The spike comes a little after the last wave has ended, so that its foot is not cut off.
        spike = _shape(canvas, rng.uniform(0.045, 0.065), 0.2, 0.0)
        wave = transients.spike_wave(canvas.sfreq, actual, spike, slow=rng.uniform(0.7, 0.95))
        wave = size * rng.uniform(0.9, 1.1) * wave
        run = cycles > 1
        kind = "generalized spike-and-wave" + (" run" if run else "")
        canvas.add("spsw", onset, weights, wave, frequency_hz=round(actual, 2) if run else None, kind=kind)
        onset += len(wave) / canvas.sfreq
    return onset
