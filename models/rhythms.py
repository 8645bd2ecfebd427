"""Rhythms and slowing of the background; each becomes part of what later events have to stand out from.

Sizes are RMS in microvolts at the strongest electrode, average reference. The slowing of the posterior rhythm
by age and its side difference follow HED-SCORE and textbook norms; numbers without a source are ours.
"""

from __future__ import annotations

import numpy as np

from models import transients, waveforms
from models.canvas import SCALP, SITES, Array, Canvas
from models.truth import PosteriorTruth, SlowingTruth
from tools.labels import TEN_TWENTY, side_of
from tools.types import Side


def ramps(length: int, sfreq: float, fade: float) -> Array:
    """A rise from 0 to 1 within `fade` seconds, and the way back at the end."""
    t = np.arange(length) / sfreq
    return np.asarray(np.clip(np.minimum(t, t[::-1]) / max(fade, 1 / sfreq), 0, 1))


def _by_side(left: float, right: float) -> Array:
    """One factor for every electrode and ear by its side; the midline has the mean of both."""
    factor = {"left": left, "right": right}
    return np.array([factor.get(side_of(f"C{name[-1]}"), (left + right) / 2) for name in SCALP])


def usual_alpha(age: float, rng: np.random.Generator) -> float:
    """Draw a posterior rhythm in hertz: 8 by three years of age, 9 by eight, 10 in adults, less in the old."""
    centre = float(np.interp(age, [1, 3, 8, 12, 20, 60, 85], [6.0, 8.0, 9.0, 9.7, 10.0, 9.8, 9.0]))
    return float(np.clip(rng.normal(centre, 0.7), centre - 1.6, centre + 1.6))


def add_posterior_rhythm(
    canvas: Canvas,
    start: float,
    stop: float,
    *,
    frequency: float = 10.0,
    rms: float = 15.0,
    left_over_right: float = 1.0,
    fade: float = 0.7,
) -> None:
    """Alpha over the back that waxes and wanes, each side with a part of its own.

    A span that begins or ends inside the recording is one of closed eyes: the rhythm comes and goes with it. A
    side that was attenuated before has that much less of it.
    """
    left_over_right *= canvas.notes.get("asymmetry", 1.0)
    length = round(stop * canvas.sfreq) - round(start * canvas.sfreq)
    common = waveforms.rhythm(length, canvas.sfreq, frequency, canvas.rng)
    traces = np.zeros((len(canvas.scalp), length))
    for side in ("left", "right"):
        own = waveforms.rhythm(length, canvas.sfreq, frequency, canvas.rng)
        traces += np.outer(canvas.field(f"{side} posterior rhythm"), 0.93 * common + 0.37 * own)
    # The electrodes of a side see less, not the sources: both sources reach both sides.
    traces -= traces[:SITES].mean(axis=0)
    traces *= _by_side(min(1.0, left_over_right), min(1.0, 1 / left_over_right))[:, None]
    traces *= ramps(length, canvas.sfreq, fade)
    seen = traces[:SITES] - traces[:SITES].mean(axis=0)
    sizes = seen[[TEN_TWENTY.index("O1"), TEN_TWENTY.index("O2")]].std(axis=1)
    traces *= rms / sizes.max()
    first = round(start * canvas.sfreq)
    # Marked before it joins the ground, as it would not stand out from itself.
    canvas.mark("alpha", first, traces, frequency_hz=round(frequency, 2), kind="posterior rhythm")
    canvas.put(start, traces, ground=True)
    canvas.posterior.append(
        PosteriorTruth(
            onset=start,
            duration=stop - start,
            frequency_hz=round(frequency, 2),
            rms_uv=round(rms, 2),
            left_over_right=round(float(sizes[0] / sizes[1]), 3),
        )
    )


def add_mu(canvas: Canvas, start: float, stop: float, *, rms: float = 7.0, side: str | None = None) -> None:
    """Runs of arches over one central region or both, each side by itself."""
    for one in ("left", "right") if side is None else (side,):
        frequency = canvas.rng.uniform(8.5, 11.0)
        for onset in canvas.windows(start, stop, per_minute=14, apart=2.5):
            duration = canvas.rng.uniform(0.8, 2.2)
            wave = transients.arches(canvas.sfreq, frequency, duration)
            wave = wave * (rms * canvas.rng.uniform(0.8, 1.25) / wave.std())
            weights = canvas.field(f"mu {one}")
            canvas.add(
                "mu", onset, weights, wave, frequency_hz=round(frequency, 2), ground=True, kind="mu rhythm"
            )


def add_beta(canvas: Canvas, start: float, stop: float, *, rms: float = 5.0, diffuse: bool = False) -> None:
    """Frontal beta; diffuse and large where a drug causes it. Several generators, as it is hardly coherent."""
    length = round((stop - start) * canvas.sfreq)
    names = ["left frontal", "right frontal", "frontal"]
    names += ["left central", "right central", "posterior"] if diffuse else []
    band = (15.0, min(25.0, 0.45 * canvas.sfreq))
    waves = waveforms.band_noise(len(names), length, canvas.sfreq, band, canvas.rng)
    traces = np.stack([canvas.field(name) for name in names], axis=1) @ waves
    _settle(canvas, start, traces, rms, fade=0.3)
    canvas.notes["fast_activity_rms_uv"] = round(rms, 2)


def add_slowing(
    canvas: Canvas,
    start: float,
    stop: float,
    *,
    where: str = "generalized",
    band: tuple[float, float] = (1.0, 3.5),
    rms: float = 18.0,
) -> None:
    """Polymorphic theta or delta, everywhere or over one region (``left temporal``, ``right frontal``)."""
    length = round((stop - start) * canvas.sfreq)
    everywhere = where == "generalized"
    names = ["frontal", "posterior", "left hemisphere", "right hemisphere"] if everywhere else [where]
    waves = waveforms.band_noise(len(names), length, canvas.sfreq, band, canvas.rng)
    slow = waveforms.band_noise(len(names), length, canvas.sfreq, (0.05, 0.7), canvas.rng)
    traces = np.stack([canvas.field(name) for name in names], axis=1) @ (waves * np.exp(0.35 * slow))
    _settle(canvas, start, traces, rms, fade=0.5)
    side: Side = "generalized" if everywhere else ("left" if "left" in where else "right")
    canvas.slowing.append(
        SlowingTruth(
            onset=start,
            duration=stop - start,
            extent="generalized" if everywhere else "focal",
            side=side,
            band_hz=band,
            rms_uv=round(rms, 2),
        )
    )


def add_drowsy_theta(canvas: Canvas, start: float, stop: float, *, rms: float = 14.0) -> None:
    """Bursts of 4 to 7 Hz, central and posterior, as alpha fades; normal, so a decoy for slowing."""
    for onset in canvas.windows(start, stop, per_minute=10, apart=2.5):
        duration, frequency = canvas.rng.uniform(1.0, 2.5), canvas.rng.uniform(4.3, 6.5)
        length = round(duration * canvas.sfreq)
        wave = waveforms.band_noise(1, length, canvas.sfreq, (frequency - 0.7, frequency + 0.7), canvas.rng)[
            0
        ]
        wave = rms * wave * np.hanning(length) ** 0.5
        weights = canvas.field(str(canvas.rng.choice(["central", "posterior"])))
        canvas.add("drowsy theta", onset, weights, wave, frequency_hz=round(frequency, 1), ground=True)


def attenuate(canvas: Canvas, side: str, share: float) -> None:
    """Keep only a share of the background on one side, as under a fluid collection or after a stroke.

    It comes before all else, since the truth about what is there already would no longer hold.
    """
    if canvas.planted or canvas.decoys:
        raise ValueError("a side is attenuated before anything is drawn on it")
    factor = _by_side(share, 1.0) if side == "left" else _by_side(1.0, share)
    mean = canvas.scalp[:SITES].mean(axis=0)
    # In average reference, so that the side shrinks and does not take on the mean of the head.
    canvas.scalp = mean + factor[:, None] * (canvas.scalp - mean)
    canvas.reground()
    canvas.notes["asymmetry"] = share if side == "left" else round(1 / share, 3)


def _settle(canvas: Canvas, start: float, traces: Array, rms: float, fade: float) -> None:
    """Scale to this RMS at the strongest electrode and lay it into the background."""
    seen = traces[:SITES] - traces[:SITES].mean(axis=0)
    traces = traces * (rms / seen.std(axis=1).max()) * ramps(traces.shape[1], canvas.sfreq, fade)
    canvas.put(start, traces, ground=True)
