"""Ten-second examples without a pattern: any other segment, and what resembles a pattern without being one."""

from __future__ import annotations

import numpy as np

from models import discharges, eyes, patterns, rhythms, sleep_waves, waveforms
from models.canvas import Canvas
from models.pattern_scenes import (
    STATES,
    Example,
    Rng,
    add_some_artifact,
    log_uniform,
    open_scene,
    steps,
    written,
)
from models.segments import simulate_segment

ANYTHING = (
    "alpha_rhythm", "temporal_variation", "spatial_asymmetry", "slowing", "slowing", "fast_activity",
    "low_voltage", "eye_artifact", "severe_artifact", "high_frequency_noise", "chewing", "chewing", "k_complexes",
    "drowsy_slowing", "spindles", "deep_sleep_delta", "deep_sleep_delta", "sharp_waves", "spikes",
    "spike_wave", "spike_wave", "bad_channel", "normal", "normal", "burst_suppression",
)  # fmt: skip
KINDS: dict[str, str] = {
    "alpha_rhythm": "rhythm", "spatial_asymmetry": "rhythm", "chewing": "chewing", "slowing": "slowing",
    "temporal_variation": "slowing", "drowsy_slowing": "slowing", "k_complexes": "sleep", "spindles": "sleep",
    "deep_sleep_delta": "sleep", "sharp_waves": "discharges", "spikes": "discharges", "spike_wave": "discharges",
    "severe_artifact": "artifact", "bad_channel": "artifact", "eye_artifact": "eyes",
    "high_frequency_noise": "artifact", "burst_suppression": "bursts",
}  # fmt: skip
"""What a category without a pattern is a case of, so that each case has its own weights."""
_LOOK_ALIKES = {
    "_irregular": "discharges", "_too_short": "discharges", "_polymorphic": "slowing", "_sleep": "sleep",
    "_loud_alpha": "rhythm", "_eyes": "eyes",
}  # fmt: skip


def nothing(number: int, seed: int) -> Example:
    """What is no pattern: any other segment, or one of the look-alikes."""
    rng = np.random.default_rng([seed, 7])
    if number % 3:
        category = ANYTHING[number % len(ANYTHING)]
        segment = simulate_segment(category, seed, sfreq=None, montage=None).segment
        return Example(segment, "none", f"none {KINDS.get(category, 'background')}")
    look_alikes = (_irregular, _eyes, _too_short, _polymorphic, _sleep, _sleep, _loud_alpha, _loud_alpha)
    draw = look_alikes[int(rng.integers(len(look_alikes)))]
    canvas = open_scene(rng, 10.0, ("n2", "n3") if draw is _sleep else STATES)
    draw(canvas, rng)
    add_some_artifact(canvas, rng)
    return Example(written(canvas, rng), "none", f"none {_LOOK_ALIKES[draw.__name__]}")


def _irregular(canvas: Canvas, rng: Rng) -> None:
    """Discharges that come at any time."""
    where, sharp = str(rng.choice(discharges.FOCI)), rng.random() < 0.6
    for onset in np.sort(rng.uniform(0.2, 9.0, int(rng.integers(3, 14)))):
        discharges.add_discharge(canvas, float(onset), where=where, sharp=sharp)


def _eyes(canvas: Canvas, rng: Rng) -> None:
    """Blinks at almost equal distances, some of them large."""
    for onset in steps(rng, log_uniform(rng, 0.3, 1.2), rng.uniform(0.1, 0.3)):
        eyes.add_blink(canvas, float(onset), size=log_uniform(rng, 50, 350))


def _too_short(canvas: Canvas, rng: Rng) -> None:
    """A rhythm or train of three to five cycles."""
    rate = log_uniform(rng, 0.8, 2.7)
    length = rng.uniform(3, 4.9) / rate
    start, size = rng.uniform(0, 9.5 - length), log_uniform(rng, 30, 120)
    label = str(rng.choice(["LPD", "GPD", "LRDA", "GRDA"]))
    add = patterns.add_periodic if label.endswith("PD") else patterns.add_rhythmic_delta
    add(canvas, start, start + length, label=label, frequency=rate, size=size)


def _polymorphic(canvas: Canvas, rng: Rng) -> None:
    """Slowing with a band too wide to be a rhythm, focal or everywhere."""
    low = rng.uniform(0.5, 3.5)
    where = str(
        rng.choice(["generalized", "left temporal", "right temporal", "left frontal", "right frontal"])
    )
    high = low + rng.uniform(1.8, 3.0)
    rhythms.add_slowing(canvas, 0.0, 10.0, where=where, band=(low, high), rms=log_uniform(rng, 10, 55))


def _sleep(canvas: Canvas, rng: Rng) -> None:
    """Slow waves in trains, with spindles: regular to the eye, not to a clock."""
    at = float(rng.uniform(0, 1))
    while at < 7.0:
        at = sleep_waves.add_slow_train(canvas, at, waves=int(rng.integers(1, 6))) + rng.exponential(0.4)
    for onset in rng.uniform(0.2, 8.5, int(rng.integers(0, 7))):
        sleep_waves.add_vertex_wave(canvas, float(onset), snr=log_uniform(rng, 2.5, 10))
    for onset in rng.uniform(0.2, 7.4, int(rng.integers(0, 4))):
        sleep_waves.add_k_complex(canvas, float(onset), snr=log_uniform(rng, 2.5, 10))
    if rng.random() < 0.5:
        sleep_waves.add_spindle(canvas, float(rng.uniform(0.5, 7)), snr=log_uniform(rng, 2, 8))


def _loud_alpha(canvas: Canvas, rng: Rng) -> None:
    """Posterior rhythm of a child, slow and large, or of an adult with little else; it may reach far forward."""
    frequency, rms = float(rng.uniform(6, 12)), log_uniform(rng, 15, 60)
    rhythms.add_posterior_rhythm(canvas, 0.0, 10.0, frequency=frequency, rms=rms)
    for place in ("left hemisphere", "right hemisphere", "posterior", "central"):
        if rng.random() < 0.5:
            wave = waveforms.rhythm(canvas.scalp.shape[1], canvas.sfreq, frequency, rng)
            canvas.put(0.0, np.outer(canvas.field(place), rng.uniform(0.3, 0.9) * rms * wave))
