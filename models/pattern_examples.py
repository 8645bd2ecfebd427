"""Ten-second examples of patterns, and of all that resembles them, for fitting how patterns are told apart.

They vary more widely than the test set: other sampling rates and montages, any state behind a pattern, rates and
sizes at the limits of the definitions, seizures cut out of their long course and seizures without one clean rhythm,
irregular discharges, rhythms that stop too soon. Seeds and persons are those of tuning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models import body, discharges, eyes, ictal, patterns, rhythms, sleep_waves, technical, waveforms
from models.canvas import Canvas
from models.recorder import MONTAGES, record
from models.segments import RATES, simulate_segment
from models.sleep_waves import sized
from models.subject import draw_subject, open_canvas, settings_of, whole_rms
from tools.labels import TEN_TWENTY
from tools.types import Segment

Rng = np.random.Generator
Array = NDArray[np.float64]
FIRST_SEED = 300_000
"""Below the seeds of the test set, above those of `models.frozen.tuning_segments`."""
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
_STATES = ("slowed", "slowed", "slowed", "wake", "eyes_open", "drowsy", "n2", "low_voltage")


class Example(NamedTuple):
    """Ten seconds with what they show: a pattern, or ``none``."""

    segment: Segment
    label: str
    kind: str = ""
    """What it is in particular; the label where that says it all."""


def examples(per_label: int, first_seed: int = FIRST_SEED) -> Iterator[Example]:
    """Give this many examples of each pattern, and six times as many without one."""
    for number in range(per_label):
        for label in ("LPD", "GPD", "BIPD", "LRDA", "GRDA", "seizure"):
            made = _pattern(label, np.random.default_rng([first_seed, number, len(label), ord(label[0])]))
            if made is not None:
                yield made
    for number in range(6 * per_label):
        yield _nothing(number, first_seed + number)


def _log_uniform(rng: Rng, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _open(rng: Rng, duration: float, states: tuple[str, ...] = _STATES) -> Canvas:
    """A person in some state, with the rhythms and artifacts of that state."""
    sfreq, subject, state = float(rng.choice(RATES)), draw_subject(rng), str(rng.choice(states))
    canvas = open_canvas(duration, sfreq, rng, subject)
    exponent, rms = settings_of(subject, state)
    canvas.background(state, whole_rms(exponent, rms * _log_uniform(rng, 0.5, 2.2)), exponent)
    if state == "wake" and rng.random() < 0.5:
        rhythms.add_posterior_rhythm(canvas, 0.0, duration, frequency=subject.alpha_hz, rms=subject.alpha_rms)
    if rng.random() < 0.5:
        low = rng.uniform(0.6, 4.0)
        rhythms.add_slowing(
            canvas, 0.0, duration, band=(low, low + rng.uniform(1.5, 3)), rms=_log_uniform(rng, 4, 20)
        )
    return canvas


def _artifacts(canvas: Canvas, rng: Rng) -> None:
    if rng.random() > 0.35:
        return
    choice, last = int(rng.integers(6)), canvas.duration
    at = float(rng.uniform(0, last - 3))
    if choice == 0:
        for onset in rng.uniform(0, last - 1, 3):
            eyes.add_blink(canvas, float(onset))
    elif choice == 1:
        body.add_emg(canvas, at, at + rng.uniform(0.6, 2.9), rms=float(rng.uniform(7, 30)))
    elif choice == 2:
        body.add_heart(canvas, per_minute=float(rng.uniform(55, 110)), size=float(rng.uniform(5, 25)))
    elif choice == 3:
        technical.add_bad_channel(
            canvas, channel=str(rng.choice(TEN_TWENTY)), size=float(rng.uniform(30, 90))
        )
    elif choice == 4:
        technical.add_line_noise(canvas, 0.0, last, frequency=60.0, size=float(rng.uniform(2, 40)))
    else:
        body.add_movement(canvas, at, at + rng.uniform(0.5, 1.5), size=float(rng.uniform(80, 250)))


def _written(canvas: Canvas, rng: Rng, first: float = 0.0) -> Segment:
    """Ten seconds of the canvas as some recorder writes them."""
    segment = record(canvas, str(rng.choice(MONTAGES[:4], p=[0.5, 0.25, 0.05, 0.2])))
    start, length = round(first * segment.sfreq), round(10 * segment.sfreq)
    return replace(segment, data=segment.data[:, start : start + length])


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
    loud = _log_uniform(rng, 2, 30) * np.exp(rng.normal(0, 0.7, (len(segment.data), 1)))
    return replace(segment, data=segment.data + loud * noise)


def _periodic(label: str, rng: Rng) -> Example:
    if rng.random() < 0.5:
        return _loose_train(label, rng)
    canvas = _open(rng, 10.0)
    side = str(rng.choice(["left", "right"]))
    fields = [
        f"{side} periodic",
        f"{side} periodic",
        f"{side} temporal",
        f"{side} frontal",
        f"{side} hemisphere",
    ]
    patterns.add_periodic(
        canvas, 0.0, 10.0, label=label, frequency=_log_uniform(rng, 0.6, 2.4), side=side,
        size=_log_uniform(rng, 35, 180), modifiers=("+F",) if rng.random() < 0.2 else (),
        where=str(rng.choice(fields)) if label == "LPD" else None,
    )  # fmt: skip
    _artifacts(canvas, rng)
    return Example(_written(canvas, rng), label)


def _rhythmic(label: str, rng: Rng) -> Example:
    if rng.random() < 0.5:
        return _loose_rhythm(label, rng)
    canvas = _open(rng, 10.0)
    side = str(rng.choice(["left", "right"]))
    length = rng.uniform(7.0, 10.0) if rng.random() < 0.4 else 10.0
    start = rng.uniform(0, 10.0 - length)
    fields = [f"{side} periodic", f"{side} frontal periodic", f"{side} temporal", f"{side} hemisphere"]
    everywhere = ["frontal delta", "frontal delta", "generalized periodic"]
    patterns.add_rhythmic_delta(
        canvas, start, start + length, label=label, frequency=_log_uniform(rng, 0.9, 2.9), side=side,
        size=_log_uniform(rng, 25, 130), modifiers=("+S",) if rng.random() < 0.2 else (),
        where=str(rng.choice(fields if label == "LRDA" else everywhere)),
    )  # fmt: skip
    _artifacts(canvas, rng)
    return Example(_written(canvas, rng), label)


def _steps(rng: Rng, rate: float, jitter: float, duration: float = 10.0) -> Array:
    """Moments that follow each other at a rate, every step changed by chance."""
    steps = np.clip(rng.normal(1, jitter, round(3 * duration * rate) + 5), 0.5, 1.6) / rate
    moments = np.cumsum(steps) - steps[0] * rng.uniform(0, 1)
    return np.asarray(moments[moments < duration - 0.1])


def _loose_train(label: str, rng: Rng) -> Example:
    """Discharges whose distance, height and form change as far as the definition lets them."""
    canvas = _open(rng, 10.0)
    side, other = ("left", "right") if rng.random() < 0.5 else ("right", "left")
    one = [f"{side} periodic", f"{side} temporal", f"{side} frontal", f"{side} hemisphere"]
    fields = {"GPD": [str(rng.choice(["generalized periodic", "frontal", "generalized spike"]))],
              "BIPD": [f"{side} periodic", f"{other} periodic"]}.get(label, [str(rng.choice(one))])  # fmt: skip
    rate, size = _log_uniform(rng, 0.6, 2.3), _log_uniform(rng, 35, 160)
    for number, name in enumerate(fields):
        weights, jitter, uneven = canvas.field(name), rng.uniform(0.05, 0.22), rng.uniform(0.1, 0.35)
        own = rate * (_log_uniform(rng, 0.6, 0.85) if number else 1.0)
        total = rng.uniform(0.15, min(0.5, 0.6 / own))
        phases, after = rng.uniform(0.2, 0.8, 2), rng.uniform(0, 0.6)
        wave = np.zeros(canvas.scalp.shape[1])
        for moment in _steps(rng, own, jitter):
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
    _artifacts(canvas, rng)
    return Example(_written(canvas, rng), label)


def _loose_rhythm(label: str, rng: Rng) -> Example:
    """Rhythmic delta that is less than clockwork, with slowing of the same place under it."""
    canvas = _open(rng, 10.0)
    side = str(rng.choice(["left", "right"]))
    one = [f"{side} periodic", f"{side} frontal periodic", f"{side} temporal", f"{side} hemisphere"]
    all_ = ["frontal delta", "frontal delta", "generalized periodic", "generalized spike"]
    name = str(rng.choice(one if label == "LRDA" else all_))
    weights, rate, length = canvas.field(name), _log_uniform(rng, 0.9, 2.6), canvas.scalp.shape[1]
    size = sized(canvas, weights, 0.0, _log_uniform(rng, 30, 120), None, 0.2)
    moments = np.concatenate([[-1.0], _steps(rng, rate, rng.uniform(0.05, 0.2)), [10.0, 11.0]])
    phase = 2 * np.pi * np.interp(np.arange(length) / canvas.sfreq, moments, np.arange(len(moments)))
    wave = np.sin(phase) + rng.uniform(0, 0.35) * np.sin(2 * phase + rng.uniform(0, 6.3))
    uneven = np.exp(rng.uniform(0.1, 0.35) * rng.normal(0, 1, len(moments)))
    wave *= np.interp(phase / (2 * np.pi), np.arange(len(moments)), uneven)
    low = rng.uniform(0.5, 1.5)
    under = waveforms.band_noise(1, length, canvas.sfreq, (low, low + rng.uniform(2, 3)), rng)[0]
    canvas.put(0.0, np.outer(weights, size * (wave + rng.uniform(0.0, 0.5) * under)))
    _artifacts(canvas, rng)
    return Example(_written(canvas, rng), label)


def _course(label: str, rng: Rng) -> Example | None:
    """Ten seconds out of a seizure with a clean rhythm; None where it has become slower than 2.5 Hz."""
    duration = _log_uniform(rng, 12, 80) if rng.random() < 0.7 else 10.0
    canvas = _open(rng, duration)
    quick = rng.random() < 0.25
    ictal.add_seizure(
        canvas, 0.0, duration, side=str(rng.choice(["left", "right"])), fast_onset=quick,
        generalized=rng.random() < 0.3, size=_log_uniform(rng, 70, 300),
    )  # fmt: skip
    _artifacts(canvas, rng)
    first = float(rng.uniform(0, duration - 10))
    truth = canvas.patterns[-1]
    fastest, slowest = truth.frequency_hz or 0.0, truth.end_frequency_hz or 0.0
    left = 1 - np.array([first, first + 10]) / duration
    hertz = slowest + (fastest - slowest) * np.clip(left, 0, 1) ** (2.2 if quick else 1.1)
    evolves = hertz[0] - hertz[1] >= 1.0
    if not evolves and hertz.mean() < 2.7:
        return None
    return Example(_written(canvas, rng, first), label)


def _messy(label: str, rng: Rng) -> Example:
    """Several places discharge at their own rates, as in many seizures that have spread."""
    canvas = _open(rng, 10.0)
    side, other = ("left", "right") if rng.random() < 0.5 else ("right", "left")
    places = [f"{side} temporal", f"{side} frontal", f"{side} hemisphere", "frontal", "generalized spike",
              f"{other} temporal", "posterior"]  # fmt: skip
    length, t = round(10 * canvas.sfreq), np.linspace(0, 1, round(10 * canvas.sfreq))
    centre, size = _log_uniform(rng, 3.0, 8.0), _log_uniform(rng, 60, 220)
    for place in rng.choice(places, int(rng.integers(2, 5)), replace=False):
        weights = canvas.field(str(place))
        at = centre * _log_uniform(rng, 0.75, 1.33)
        drift = 1 + rng.uniform(-0.25, 0.25) * (t - 0.5)
        wander = waveforms.band_noise(1, length, canvas.sfreq, (0.3, 2.0), rng)[0]
        phase = 2 * np.pi * np.cumsum(at * drift * (1 + rng.uniform(0.05, 0.2) * wander)) / canvas.sfreq
        wave = np.sin(phase) + rng.uniform(0, 0.6) * np.sin(2 * phase + rng.uniform(0, 6))
        wave *= np.exp(0.25 * waveforms.band_noise(1, length, canvas.sfreq, (0.1, 1.0), rng)[0])
        wave *= np.exp(rng.uniform(-0.5, 0.5) * (t - 0.5))
        canvas.put(0.0, np.outer(weights, sized(canvas, weights, 0.0, size, None, 0.3) * wave))
    _artifacts(canvas, rng)
    return Example(_written(canvas, rng), label)


def _fast_train(label: str, rng: Rng) -> Example:
    """Discharges of more than 2.5 Hz for ten seconds: a seizure by definition, evolving or not."""
    canvas = _open(rng, 10.0)
    side, rate = str(rng.choice(["left", "right"])), _log_uniform(rng, 2.7, 4.5)
    choice = int(rng.integers(3))
    if choice == 0:
        patterns.add_periodic(
            canvas, 0.0, 10.0, label=str(rng.choice(["LPD", "GPD"])), frequency=min(rate, 2.74), side=side,
            size=_log_uniform(rng, 60, 200),
        )  # fmt: skip
    elif choice == 1:
        patterns.add_rhythmic_delta(
            canvas, 0.0, 10.0, label=str(rng.choice(["LRDA", "GRDA"])), frequency=max(2.9, rate), side=side,
            size=_log_uniform(rng, 60, 200), modifiers=("+S",) if rng.random() < 0.7 else (),
        )  # fmt: skip
    else:
        at = 0.0
        while at < 9.5:
            at = discharges.add_spike_wave_run(canvas, at, cycles=2, start_hz=rate, end_hz=rate)
            if len(canvas.planted) > 60:
                break
    _artifacts(canvas, rng)
    return Example(_written(canvas, rng), label)


def _nothing(number: int, seed: int) -> Example:
    """What is no pattern: any other segment, or one of the look-alikes."""
    rng = np.random.default_rng([seed, 7])
    if number % 3:
        category = ANYTHING[number % len(ANYTHING)]
        segment = simulate_segment(category, seed, sfreq=None, montage=None).segment
        return Example(segment, "none", f"none {KINDS.get(category, 'background')}")
    look_alikes = (_irregular, _eyes, _too_short, _polymorphic, _sleep, _sleep, _loud_alpha, _loud_alpha)
    draw = look_alikes[int(rng.integers(len(look_alikes)))]
    canvas = _open(rng, 10.0, ("n2", "n3") if draw is _sleep else _STATES)
    draw(canvas, rng)
    _artifacts(canvas, rng)
    return Example(_written(canvas, rng), "none", f"none {_LOOK_ALIKES[draw.__name__]}")


def _irregular(canvas: Canvas, rng: Rng) -> None:
    """Discharges that come at any time."""
    where, sharp = str(rng.choice(discharges.FOCI)), rng.random() < 0.6
    for onset in np.sort(rng.uniform(0.2, 9.0, int(rng.integers(3, 14)))):
        discharges.add_discharge(canvas, float(onset), where=where, sharp=sharp)


def _eyes(canvas: Canvas, rng: Rng) -> None:
    """Blinks at almost equal distances, some of them large."""
    for onset in _steps(rng, _log_uniform(rng, 0.3, 1.2), rng.uniform(0.1, 0.3)):
        eyes.add_blink(canvas, float(onset), size=_log_uniform(rng, 50, 350))


def _too_short(canvas: Canvas, rng: Rng) -> None:
    """A rhythm or train of three to five cycles."""
    rate = _log_uniform(rng, 0.8, 2.7)
    length = rng.uniform(3, 4.9) / rate
    start, size = rng.uniform(0, 9.5 - length), _log_uniform(rng, 30, 120)
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
    rhythms.add_slowing(canvas, 0.0, 10.0, where=where, band=(low, high), rms=_log_uniform(rng, 10, 55))


def _sleep(canvas: Canvas, rng: Rng) -> None:
    """Slow waves in trains, with spindles: regular to the eye, not to a clock."""
    at = float(rng.uniform(0, 1))
    while at < 7.0:
        at = sleep_waves.add_slow_train(canvas, at, waves=int(rng.integers(1, 6))) + rng.exponential(0.4)
    for onset in rng.uniform(0.2, 8.5, int(rng.integers(0, 7))):
        sleep_waves.add_vertex_wave(canvas, float(onset), snr=_log_uniform(rng, 2.5, 10))
    for onset in rng.uniform(0.2, 7.4, int(rng.integers(0, 4))):
        sleep_waves.add_k_complex(canvas, float(onset), snr=_log_uniform(rng, 2.5, 10))
    if rng.random() < 0.5:
        sleep_waves.add_spindle(canvas, float(rng.uniform(0.5, 7)), snr=_log_uniform(rng, 2, 8))


def _loud_alpha(canvas: Canvas, rng: Rng) -> None:
    """Posterior rhythm of a child, slow and large, or of an adult with little else; it may reach far forward."""
    frequency, rms = float(rng.uniform(6, 12)), _log_uniform(rng, 15, 60)
    rhythms.add_posterior_rhythm(canvas, 0.0, 10.0, frequency=frequency, rms=rms)
    for place in ("left hemisphere", "right hemisphere", "posterior", "central"):
        if rng.random() < 0.5:
            wave = waveforms.rhythm(canvas.scalp.shape[1], canvas.sfreq, frequency, rng)
            canvas.put(0.0, np.outer(canvas.field(place), rng.uniform(0.3, 0.9) * rms * wave))
