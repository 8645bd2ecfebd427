"""Eyes: blinks, looking aside, slow rolling, and the rapid movements of stage R.

The eye is a dipole with its front positive: a blink turns it up and makes the forehead positive, looking to the
right makes F8 positive and F7 negative. EOG channels see the same movements several times larger.
"""

from __future__ import annotations

import numpy as np

from models import transients, waveforms
from models.canvas import SITES, Array, Canvas
from models.sleep_waves import sized
from tools.labels import TEN_TWENTY


def add_blink(canvas: Canvas, onset: float, *, size: float | None = None, snr: float | None = None) -> None:
    """One blink of 50 to 200 microvolts at the forehead."""
    rng, weights = canvas.rng, canvas.field("blink")
    wave = waveforms.blink(canvas.sfreq, rng.uniform(0.10, 0.15), rng.uniform(0.09, 0.15))
    peak = sized(canvas, weights, onset, 90.0, snr, 0.3) if size is None else size
    canvas.add("eyem", onset, weights, peak * wave, kind="blink")
    _see(canvas, onset, 0.9 * peak * wave, opposite=False)


def _see(canvas: Canvas, onset: float, wave: Array, *, opposite: bool) -> None:
    """Let both EOG channels see a movement, with opposite signs when the eyes turn sideways."""
    first = round(onset * canvas.sfreq)
    room = canvas.extra[:2, first : first + len(wave)]
    room += np.outer([-1.0, 1.0] if opposite else [1.0, 1.0], wave[: room.shape[1]])


def add_gaze(
    canvas: Canvas,
    onset: float,
    *,
    right: bool = True,
    hold: float | None = None,
    size: float | None = None,
    snr: float | None = None,
) -> None:
    """Look aside for a while and back: box-like, of opposite sign at F7 and F8, with a muscle spike at its start.

    Each sign is an event of its own: ``eyer+`` where the deflection is positive, ``eyer-`` where negative.
    """
    rng = canvas.rng
    hold = float(rng.uniform(0.35, 1.6)) if hold is None else hold
    weights = canvas.field("gaze right" if right else "gaze left")
    peak = sized(canvas, weights, onset, 60.0, snr, 0.3) if size is None else size
    wave = peak * transients.saccade(canvas.sfreq, hold)
    box = np.outer(weights, wave)
    start = canvas.put(onset, box)
    if start is None:
        return
    for label, sign in (("eyer+", 1), ("eyer-", -1)):
        canvas.mark(label, start, box, kind=f"look {'right' if right else 'left'}", sign=sign)
    _rectus_spike(canvas, onset, "F8" if right else "F7", 0.25 * peak)
    _see(canvas, onset, 1.6 * wave if right else -1.6 * wave, opposite=True)


def _rectus_spike(canvas: Canvas, onset: float, channel: str, size: float) -> None:
    t = transients.times(0.04, canvas.sfreq)
    traces = np.zeros((len(canvas.scalp), len(t)))
    traces[TEN_TWENTY.index(channel)] = -size * np.exp(-0.5 * ((t - 0.02) / 0.006) ** 2)
    canvas.put(onset, traces)


def add_slow_rolling(
    canvas: Canvas, start: float, stop: float, *, size: float = 45.0, frequency: float | None = None
) -> None:
    """Slow eye movements of drowsiness: 0.2 to 0.5 Hz, opposite at F7 and F8, under an uneven envelope."""
    rng = canvas.rng
    length = round((stop - start) * canvas.sfreq)
    frequency = float(rng.uniform(0.2, 0.45)) if frequency is None else frequency
    drift = waveforms.band_noise(1, length, canvas.sfreq, (0.05, 0.3), rng)[0]
    course = frequency * np.clip(1 + 0.15 * drift, 0.6, 1.5)
    wave = transients.cycles(course, canvas.sfreq, harmonic=0.0) * np.clip(1 + 0.3 * drift, 0.3, 1.8)
    t = np.arange(length) / canvas.sfreq
    wave *= size * np.clip(np.minimum(t, t[::-1]) / 1.0, 0, 1)
    canvas.add("sem", start, canvas.field("gaze right"), wave, frequency_hz=round(frequency, 2), dipole=True)
    _see(canvas, start, 1.3 * wave, opposite=True)


def add_rapid_movement(
    canvas: Canvas, onset: float, *, right: bool = True, size: float | None = None, snr: float | None = None
) -> None:
    """One rapid eye movement of stage R: large in the EOG, small at F7/F8."""
    rng = canvas.rng
    wave = transients.rapid_eye_movement(canvas.sfreq, rng.uniform(0.08, 0.2), rng.uniform(0.35, 1.0))
    weights = canvas.field("gaze right" if right else "gaze left")
    peak = 85.0 * rng.lognormal(0, 0.3) if size is None else size
    head = 0.5 * peak if snr is None else canvas.size_for(snr, weights, onset)
    canvas.add("rem", onset, weights, head * wave, dipole=True, kind="rapid eye movement")
    _see(canvas, onset, peak * wave if right else -peak * wave, opposite=True)


def add_rapid_movements(canvas: Canvas, start: float, stop: float, *, per_minute: float = 4.0) -> None:
    """Bursts of three to eight rapid eye movements within five seconds."""
    rng = canvas.rng
    for onset in canvas.windows(start, stop, per_minute, apart=6.0):
        at = onset
        for _ in range(int(rng.integers(2, 6))):
            if at < min(stop, onset + 5.0) - 1.1:
                add_rapid_movement(canvas, at, right=bool(rng.random() < 0.5))
            at += rng.uniform(0.7, 1.3)


def leak_into_eog(canvas: Canvas) -> Array:
    """EOG channels with the EEG that an electrode beside the eye picks up as well, shape (2, samples)."""
    rows = [
        [TEN_TWENTY.index("Fp1"), TEN_TWENTY.index("F7")],
        [TEN_TWENTY.index("Fp2"), TEN_TWENTY.index("F8")],
    ]
    mastoids = canvas.scalp[SITES + 1], canvas.scalp[SITES]
    # Blinks and gaze are in both; what the EEG electrodes hold of them adds a little, as it does on a face.
    near = [0.45 * (canvas.scalp[pair].mean(axis=0) - far) for pair, far in zip(rows, mastoids, strict=True)]
    return np.asarray(canvas.extra[:2] + np.stack(near))
