"""Everything that can be asked for by name, to fill a recording from start to end.

An entry says in which order it is drawn (backgrounds before what stands out from them) and in which state it
belongs. `models.simulate` and the command line read this list; segments and nights mix the elements themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from models import body, discharges, elements, eyes, ictal, patterns, rhythms, sleep_waves, technical
from models.canvas import Canvas

Draw = Callable[[Canvas, float, float], None]


class Entry(NamedTuple):
    """How a kind is drawn, in which state, and when: -1 first, 0 background, 1 event, 2 artifact, 3 fault."""

    draw: Draw
    state: str = "wake"
    order: int = 1


def _each(one: Callable[..., object], per_minute: float, apart: float, **options: object) -> Draw:
    """Repeat an element at random times through a stretch."""

    def draw(canvas: Canvas, start: float, stop: float) -> None:
        for onset in canvas.windows(start, stop, per_minute, apart):
            one(canvas, onset, **options)

    return draw


def _span(one: Callable[..., object], **options: object) -> Draw:
    """Draw an element once, over the whole stretch."""
    return lambda canvas, start, stop: (one(canvas, start, stop, **options), None)[1]


def _part(one: Callable[..., object], first: float, last: float, **options: object) -> Draw:
    """Draw an element once, from one share of the stretch to another."""

    def draw(canvas: Canvas, start: float, stop: float) -> None:
        span = stop - start
        one(canvas, start + first * span, start + last * span, **options)

    return draw


def _looks(canvas: Canvas, start: float, stop: float) -> None:
    for onset in canvas.windows(start, stop, per_minute=12, apart=2.0):
        eyes.add_gaze(canvas, onset, right=bool(canvas.rng.random() < 0.5))


def _runs_of_spike_wave(canvas: Canvas, start: float, stop: float) -> None:
    at = start + 1.0
    while at < stop - 3:
        count = int(canvas.rng.integers(8, max(9, min(30, int((stop - at - 0.5) * 2.6)))))
        at = discharges.add_spike_wave_run(canvas, at, cycles=count) + canvas.rng.uniform(6, 14)


def _slow_trains(canvas: Canvas, start: float, stop: float) -> None:
    at = start + 0.3
    while at < stop - 2.5:
        at = sleep_waves.add_slow_train(canvas, at, waves=int(canvas.rng.integers(1, 5)))
        at += canvas.rng.exponential(1.2) + 0.1


def _whole(one: Callable[..., object], **options: object) -> Draw:
    """Draw what belongs to the recording as a whole, whatever the stretch."""
    return lambda canvas, _start, _stop: (one(canvas, **options), None)[1]


_SPIKE = discharges.add_discharge
KINDS: dict[str, Entry] = {
    "alpha": Entry(elements.add_alpha, order=0),
    "blinks": Entry(elements.add_blinks, order=2),
    "spindles": Entry(elements.add_spindles, "n2"),
    "slow_waves": Entry(elements.add_slow_waves, "n2"),
    "spikes": Entry(elements.add_spikes),
    "muscle": Entry(elements.add_muscle, order=2),
    "posterior_rhythm": Entry(_span(rhythms.add_posterior_rhythm), order=0),
    "eye_closure": Entry(_part(rhythms.add_posterior_rhythm, 0.35, 0.75), "eyes_open", 0),
    "slow_posterior_rhythm": Entry(_span(rhythms.add_posterior_rhythm, frequency=6.8), order=0),
    "asymmetry": Entry(_whole(rhythms.attenuate, side="left", share=0.45), order=-1),
    "mu": Entry(_span(rhythms.add_mu), "eyes_open"),
    "beta": Entry(_span(rhythms.add_beta), order=0),
    "drug_beta": Entry(_span(rhythms.add_beta, rms=11.0, diffuse=True), order=0),
    "drowsy_theta": Entry(_span(rhythms.add_drowsy_theta), "drowsy"),
    "generalized_slowing": Entry(_span(rhythms.add_slowing), "slowed", 0),
    "focal_slowing": Entry(_span(rhythms.add_slowing, where="left temporal", rms=24.0), order=0),
    "k_complexes": Entry(_each(sleep_waves.add_k_complex, 3, 4.0), "n2"),
    "slow_oscillations": Entry(_slow_trains, "n3"),
    "vertex_waves": Entry(_each(sleep_waves.add_vertex_wave, 8, 1.5), "drowsy"),
    "posts": Entry(_each(sleep_waves.add_occipital_transients, 8, 2.5, count=3), "drowsy"),
    "lambda": Entry(_each(sleep_waves.add_occipital_transients, 14, 1.0, kind="lambda"), "eyes_open"),
    "sawtooth": Entry(_each(sleep_waves.add_sawtooth, 4, 4.0), "rem"),
    "wickets": Entry(_each(sleep_waves.add_wickets, 6, 3.0), "drowsy"),
    "temporal_theta": Entry(_each(sleep_waves.add_temporal_theta, 4, 6.0), "drowsy"),
    "arousals": Entry(_each(sleep_waves.add_arousal, 1.5, 12.0), "n2"),
    "sharp_waves": Entry(_each(_SPIKE, 8, 1.5, sharp=True)),
    "frontal_spikes": Entry(_each(_SPIKE, 8, 1.5, where="left frontal spike")),
    "occipital_spikes": Entry(_each(_SPIKE, 8, 1.5, where="right occipital spike")),
    "centrotemporal_spikes": Entry(_each(discharges.add_rolandic, 12, 1.0), "drowsy"),
    "polyspikes": Entry(_each(discharges.add_polyspike, 4, 2.5)),
    "spike_wave": Entry(_each(discharges.add_complex, 8, 1.5)),
    "spike_wave_3hz": Entry(_runs_of_spike_wave),
    "LPD": Entry(_span(patterns.add_periodic), "slowed"),
    "LPD+F": Entry(_span(patterns.add_periodic, modifiers=("+F",)), "slowed"),
    "GPD": Entry(_span(patterns.add_periodic, label="GPD"), "slowed"),
    "BIPD": Entry(_span(patterns.add_periodic, label="BIPD"), "slowed"),
    "LRDA": Entry(_span(patterns.add_rhythmic_delta, label="LRDA"), "slowed"),
    "LRDA+S": Entry(_span(patterns.add_rhythmic_delta, label="LRDA", modifiers=("+S",)), "slowed"),
    "GRDA": Entry(_span(patterns.add_rhythmic_delta), "slowed"),
    "seizure": Entry(_part(ictal.add_seizure, 0.2, 0.75)),
    "birds": Entry(_each(ictal.add_brief_discharges, 4, 5.0)),
    "burst_suppression": Entry(_span(ictal.add_burst_suppression), "slowed", 0),
    "lateral_eye_movements": Entry(_looks, "eyes_open", 2),
    "slow_eye_movements": Entry(_span(eyes.add_slow_rolling), "drowsy", 2),
    "rapid_eye_movements": Entry(_span(eyes.add_rapid_movements), "rem", 2),
    "chewing": Entry(_part(body.add_chewing, 0.2, 0.7), order=2),
    "ecg": Entry(_whole(body.add_heart, size=22.0), order=2),
    "pulse": Entry(_whole(body.add_heart, size=0.0, pulse_at="T5"), order=2),
    "respiration": Entry(_span(body.add_respiration), order=2),
    "sweat": Entry(_span(body.add_sweat), order=2),
    "movement": Entry(_part(body.add_movement, 0.4, 0.6), order=2),
    "pops": Entry(_each(technical.add_pop, 8, 2.6), order=2),
    "line_noise": Entry(_span(technical.add_line_noise), order=2),
    "flat": Entry(_part(technical.add_flat, 0.3, 0.8), order=3),
    "bridge": Entry(_whole(technical.add_bridge), order=3),
    "bad_channel": Entry(_whole(technical.add_bad_channel), order=3),
    "saturation": Entry(_part(technical.add_saturation, 0.5, 0.6, channels=("Fp1", "Fp2")), order=3),
}
"""What can be asked for by name; the first six are those of the small simulator and draw as they always did."""


def state_for(kinds: tuple[str, ...]) -> str:
    """State that suits these kinds: the first one that one of them asks for, else wake."""
    asked = [KINDS[kind].state for kind in kinds if KINDS[kind].state != "wake"]
    return asked[0] if asked else "wake"


def in_drawing_order(kinds: tuple[str, ...]) -> list[str]:
    """Sort kinds so that backgrounds come before events and faults come last."""
    return [kinds[place] for place in np.argsort([KINDS[kind].order for kind in kinds], kind="stable")]
