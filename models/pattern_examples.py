"""Ten-second examples of patterns, and of all that resembles them, for fitting how patterns are told apart.

They vary more widely than the test set: other sampling rates and montages, any state behind a pattern, rates and
sizes at the limits of the definitions, seizures cut out of their long course and seizures without one clean rhythm,
irregular discharges, rhythms that stop too soon. Seeds and persons are those of tuning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from models import discharges, ictal, patterns, waveforms
from models.pattern_lookalikes import nothing
from models.pattern_scenes import (
    Example,
    Rng,
    add_some_artifact,
    log_uniform,
    open_scene,
    steps,
    written,
)  # fmt: skip
from models.sleep_waves import sized
from tools.types import Segment

FIRST_SEED = 300_000
"""Below the seeds of the test set, above those of `models.frozen.tuning_segments`."""
FASTEST_DELTA = 3.5
"""Hz. Rhythmic delta may reach 4 Hz (ACNS 2021); without epileptiform discharges it is no seizure at any rate."""


def examples(per_label: int, first_seed: int = FIRST_SEED) -> Iterator[Example]:
    """Give this many examples of each pattern, and six times as many without one."""
    for number in range(per_label):
        for label in ("LPD", "GPD", "BIPD", "LRDA", "GRDA", "seizure"):
            made = _pattern(label, np.random.default_rng([first_seed, number, len(label), ord(label[0])]))
            if made is not None:
                yield made
    for number in range(6 * per_label):
        yield nothing(number, first_seed + number)


def _pattern(label: str, rng: Rng) -> Example | None:
    draw: Callable[[str, Rng], Example | None]
    if label == "seizure":
        draw = (_course, _course, _messy, _fast_train)[int(rng.integers(4))]
    else:
        draw = _periodic if label.endswith("PD") else _rhythmic
    made = draw(label, rng)
    if made is not None and label == "seizure" and rng.random() < 0.4:
        made = made._replace(segment=_with_muscle(made.segment, rng))
    kind = f"seizure {draw.__name__.strip('_')}" if label == "seizure" else label
    return made._replace(kind=kind) if made else None


def _with_muscle(segment: Segment, rng: Rng) -> Segment:
    """Muscle of any strength over most channels for most of the time, as it goes with many seizures."""
    length = segment.data.shape[1]
    noise = waveforms.band_noise(len(segment.data), length, segment.sfreq, (18.0, 0.45 * segment.sfreq), rng)
    start, stop = np.sort(rng.uniform(-0.5, 1.5, 2)).clip(0, 1) * length
    noise[:, : int(start)] = noise[:, int(stop) :] = 0
    loud = log_uniform(rng, 2, 30) * np.exp(rng.normal(0, 0.7, (len(segment.data), 1)))
    return replace(segment, data=segment.data + loud * noise)


def _periodic(label: str, rng: Rng) -> Example:
    if rng.random() < 0.5:
        return _loose_train(label, rng)
    canvas = open_scene(rng, 10.0)
    side = str(rng.choice(["left", "right"]))
    fields = [
        f"{side} periodic",
        f"{side} periodic",
        f"{side} temporal",
        f"{side} frontal",
        f"{side} hemisphere",
    ]
    patterns.add_periodic(
        canvas, 0.0, 10.0, label=label, frequency=log_uniform(rng, 0.6, 2.4), side=side,
        size=log_uniform(rng, 35, 180), modifiers=("+F",) if rng.random() < 0.2 else (),
        where=str(rng.choice(fields)) if label == "LPD" else None,
    )  # fmt: skip
    add_some_artifact(canvas, rng)
    return Example(written(canvas, rng), label)


def _rhythmic(label: str, rng: Rng) -> Example:
    if rng.random() < 0.5:
        return _loose_rhythm(label, rng)
    canvas = open_scene(rng, 10.0)
    side = str(rng.choice(["left", "right"]))
    length = rng.uniform(7.0, 10.0) if rng.random() < 0.4 else 10.0
    start = rng.uniform(0, 10.0 - length)
    fields = [f"{side} periodic", f"{side} frontal periodic", f"{side} temporal", f"{side} hemisphere"]
    everywhere = ["frontal delta", "frontal delta", "generalized periodic"]
    patterns.add_rhythmic_delta(
        canvas, start, start + length, label=label, frequency=log_uniform(rng, 0.9, FASTEST_DELTA), side=side,
        size=log_uniform(rng, 25, 130), modifiers=("+S",) if rng.random() < 0.2 else (),
        where=str(rng.choice(fields if label == "LRDA" else everywhere)),
    )  # fmt: skip
    add_some_artifact(canvas, rng)
    return Example(written(canvas, rng), label)


def _loose_train(label: str, rng: Rng) -> Example:
    """Discharges whose distance, height and form change as far as the definition lets them."""
    canvas = open_scene(rng, 10.0)
    side, other = ("left", "right") if rng.random() < 0.5 else ("right", "left")
    one = [f"{side} periodic", f"{side} temporal", f"{side} frontal", f"{side} hemisphere"]
    fields = {"GPD": [str(rng.choice(["generalized periodic", "frontal", "generalized spike"]))],
              "BIPD": [f"{side} periodic", f"{other} periodic"]}.get(label, [str(rng.choice(one))])  # fmt: skip
    rate, size = log_uniform(rng, 0.6, 2.3), log_uniform(rng, 35, 160)
    for number, name in enumerate(fields):
        weights, jitter, uneven = canvas.field(name), rng.uniform(0.05, 0.22), rng.uniform(0.1, 0.35)
        own = rate * (log_uniform(rng, 0.6, 0.85) if number else 1.0)
        total = rng.uniform(0.15, min(0.5, 0.6 / own))
        phases, after = rng.uniform(0.2, 0.8, 2), rng.uniform(0, 0.6)
        wave = np.zeros(canvas.scalp.shape[1])
        for moment in steps(rng, own, jitter):
            width = total * rng.normal(1, 0.1)
            t = np.arange(round((total + 0.35) * canvas.sfreq)) / canvas.sfreq
            shape = -phases[0] * np.exp(-0.5 * ((t - 0.2 * width) / (0.1 * width)) ** 2)
            shape += np.exp(-0.5 * ((t - 0.42 * width) / (0.12 * width)) ** 2)
            shape -= phases[1] * np.exp(-0.5 * ((t - 0.72 * width) / (0.15 * width)) ** 2)
            shape += after * np.exp(-0.5 * ((t - width - 0.1) / 0.09) ** 2)
            first = round(moment * canvas.sfreq)
            shape = shape[: len(wave) - first] * max(0.3, rng.normal(1, uneven))
            wave[first : first + len(shape)] += shape * (rng.random() > 0.04)
        canvas.put(0.0, np.outer(weights, sized(canvas, weights, 0.0, size, None, 0.2) * wave))
    add_some_artifact(canvas, rng)
    return Example(written(canvas, rng), label)


def _loose_rhythm(label: str, rng: Rng) -> Example:
    """Rhythmic delta that is less than clockwork, with slowing of the same place under it."""
    canvas = open_scene(rng, 10.0)
    side = str(rng.choice(["left", "right"]))
    one = [f"{side} periodic", f"{side} frontal periodic", f"{side} temporal", f"{side} hemisphere"]
    all_ = ["frontal delta", "frontal delta", "generalized periodic", "generalized spike"]
    name = str(rng.choice(one if label == "LRDA" else all_))
    weights, rate, length = canvas.field(name), log_uniform(rng, 0.9, 3.3), canvas.scalp.shape[1]
    size = sized(canvas, weights, 0.0, log_uniform(rng, 30, 120), None, 0.2)
    moments = np.concatenate([[-1.0], steps(rng, rate, rng.uniform(0.05, 0.2)), [10.0, 11.0]])
    phase = 2 * np.pi * np.interp(np.arange(length) / canvas.sfreq, moments, np.arange(len(moments)))
    wave = np.sin(phase) + rng.uniform(0, 0.35) * np.sin(2 * phase + rng.uniform(0, 6.3))
    uneven = np.exp(rng.uniform(0.1, 0.35) * rng.normal(0, 1, len(moments)))
    wave *= np.interp(phase / (2 * np.pi), np.arange(len(moments)), uneven)
    low = rng.uniform(0.5, 1.5)
    under = waveforms.band_noise(1, length, canvas.sfreq, (low, low + rng.uniform(2, 3)), rng)[0]
    canvas.put(0.0, np.outer(weights, size * (wave + rng.uniform(0.0, 0.5) * under)))
    add_some_artifact(canvas, rng)
    return Example(written(canvas, rng), label)


def _course(label: str, rng: Rng) -> Example | None:
    """Ten seconds out of a seizure with a clean rhythm; None where they alone look like rhythmic delta."""
    duration = log_uniform(rng, 12, 80) if rng.random() < 0.7 else 10.0
    canvas = open_scene(rng, duration)
    quick = rng.random() < 0.25
    ictal.add_seizure(
        canvas, 0.0, duration, side=str(rng.choice(["left", "right"])), fast_onset=quick,
        generalized=rng.random() < 0.3, size=log_uniform(rng, 70, 300),
    )  # fmt: skip
    add_some_artifact(canvas, rng)
    first = float(rng.uniform(0, duration - 10))
    truth = canvas.patterns[-1]
    fastest, slowest = truth.frequency_hz or 0.0, truth.end_frequency_hz or 0.0
    left = 1 - np.array([first, first + 10]) / duration
    hertz = slowest + (fastest - slowest) * np.clip(left, 0, 1) ** (2.2 if quick else 1.1)
    evolves = hertz[0] - hertz[1] >= 1.0
    if not evolves and hertz.mean() < 4.0:
        return None
    return Example(written(canvas, rng, first), label)


def _messy(label: str, rng: Rng) -> Example:
    """Several places discharge at their own rates, as in many seizures that have spread."""
    canvas = open_scene(rng, 10.0)
    side, other = ("left", "right") if rng.random() < 0.5 else ("right", "left")
    places = [f"{side} temporal", f"{side} frontal", f"{side} hemisphere", "frontal", "generalized spike",
              f"{other} temporal", "posterior"]  # fmt: skip
    length, t = round(10 * canvas.sfreq), np.linspace(0, 1, round(10 * canvas.sfreq))
    centre, size = log_uniform(rng, 3.0, 8.0), log_uniform(rng, 60, 220)
    for place in rng.choice(places, int(rng.integers(2, 5)), replace=False):
        weights = canvas.field(str(place))
        at = centre * log_uniform(rng, 0.75, 1.33)
        drift = 1 + rng.uniform(-0.25, 0.25) * (t - 0.5)
        wander = waveforms.band_noise(1, length, canvas.sfreq, (0.3, 2.0), rng)[0]
        phase = 2 * np.pi * np.cumsum(at * drift * (1 + rng.uniform(0.05, 0.2) * wander)) / canvas.sfreq
        wave = np.sin(phase) + rng.uniform(0, 0.6) * np.sin(2 * phase + rng.uniform(0, 6))
        wave *= np.exp(0.25 * waveforms.band_noise(1, length, canvas.sfreq, (0.1, 1.0), rng)[0])
        wave *= np.exp(rng.uniform(-0.5, 0.5) * (t - 0.5))
        canvas.put(0.0, np.outer(weights, sized(canvas, weights, 0.0, size, None, 0.3) * wave))
    add_some_artifact(canvas, rng)
    return Example(written(canvas, rng), label)


def _fast_train(label: str, rng: Rng) -> Example:
    """Discharges of more than 2.5 Hz for ten seconds: a seizure by definition, evolving or not.

    Plain rhythmic delta is none at any rate, nor is one with spikes on half of its crests.
    """
    canvas = open_scene(rng, 10.0)
    side, rate = str(rng.choice(["left", "right"])), log_uniform(rng, 2.7, 4.5)
    if rng.random() < 1 / 3:
        patterns.add_periodic(
            canvas, 0.0, 10.0, label=str(rng.choice(["LPD", "GPD"])), frequency=min(rate, 2.74), side=side,
            size=log_uniform(rng, 60, 200),
        )  # fmt: skip
    else:
        at = 0.0
        while at < 9.5:
            at = discharges.add_spike_wave_run(canvas, at, cycles=2, start_hz=rate, end_hz=rate)
            if len(canvas.planted) > 60:
                break
    add_some_artifact(canvas, rng)
    return Example(written(canvas, rng), label)
