"""What a segment of each sub-category contains.

Every recipe draws onto a `Scene`: the person and the state are chosen, the background is there, and the recipe
adds what the segment is about, how strongly and how often being left to chance. Signal-to-noise ratios are
log-uniform, so that hard and easy examples are both common.
"""

from __future__ import annotations

from models import body, discharges, eyes, ictal, patterns, rhythms, sleep_waves, technical
from models.scene import Category, Recipe, Scene
from tools.labels import TEN_TWENTY


def _alpha(scene: Scene) -> None:
    subject, canvas = scene.subject, scene.canvas
    start, stop = 0.0, canvas.duration
    if scene.rng.random() < 0.3:
        edge = scene.rng.uniform(0.25, 0.6) * canvas.duration
        start, stop = (edge, stop) if scene.rng.random() < 0.5 else (0.0, edge)
    rms = subject.alpha_rms * scene.rng.uniform(0.9, 1.3)
    rhythms.add_posterior_rhythm(
        canvas, start, stop, frequency=subject.alpha_hz, rms=rms, left_over_right=subject.left_over_right
    )


def _variation(scene: Scene) -> None:
    edge = scene.rng.uniform(0.3, 0.6) * scene.canvas.duration
    if scene.rng.random() < 0.5:
        _alpha_between(scene, 0.0, edge)
        rhythms.add_slowing(scene.canvas, edge, scene.canvas.duration, band=(3.5, 7.0), rms=20.0)
    else:
        rhythms.add_slowing(
            scene.canvas, edge, scene.canvas.duration, band=(1.0, 3.5), rms=scene.rng.uniform(22, 45)
        )
    scene.canvas.notes["changing"] = 1.0


def _alpha_between(scene: Scene, start: float, stop: float) -> None:
    rhythms.add_posterior_rhythm(
        scene.canvas, start, stop, frequency=scene.subject.alpha_hz, rms=scene.subject.alpha_rms
    )


def _asymmetry(scene: Scene) -> None:
    rhythms.attenuate(scene.canvas, scene.side(), float(scene.rng.uniform(0.3, 0.6)))
    _alpha_between(scene, 0.0, scene.canvas.duration)


def _slowing(scene: Scene) -> None:
    theta = scene.rng.random() < 0.4
    band = (4.0, 7.0) if theta else (1.0, 3.5)
    rms = float(scene.rng.uniform(14, 40))
    if scene.rng.random() < 0.5:
        rhythms.add_slowing(scene.canvas, 0.0, scene.canvas.duration, band=band, rms=rms)
        return
    part = float(scene.rng.uniform(0.5, 1.0)) * scene.canvas.duration
    start = float(scene.rng.uniform(0, scene.canvas.duration - part))
    where = f"{scene.side()} {scene.rng.choice(['temporal', 'frontal'])}"
    rhythms.add_slowing(scene.canvas, start, start + part, where=where, band=band, rms=min(rms, 35.0))


def _fast(scene: Scene) -> None:
    rhythms.add_beta(
        scene.canvas, 0.0, scene.canvas.duration, rms=float(scene.rng.uniform(8, 15)), diffuse=True
    )


def _nothing(scene: Scene) -> None:
    del scene


def _eye_artifact(scene: Scene) -> None:
    choice = scene.rng.random()
    if choice < 0.65:
        for onset in scene.spots(scene.number(1, 4), 0.6):
            eyes.add_blink(scene.canvas, onset)
    if choice > 0.45:
        for onset in scene.spots(scene.number(1, 3), 1.8):
            eyes.add_gaze(scene.canvas, onset, right=scene.rng.random() < 0.5)


def _severe(scene: Scene) -> None:
    if scene.rng.random() < 0.6:
        for onset in scene.spots(scene.number(1, 2), 3.0):
            length, size = scene.rng.uniform(0.8, 3.0), scene.rng.uniform(200, 600)
            body.add_movement(scene.canvas, onset, onset + length, size=size)
    else:
        onset, count = scene.spots(1, 3.0)[0], int(scene.rng.integers(1, 5))
        stop = onset + scene.rng.uniform(0.5, 3.0)
        channels = technical.neighbours(scene.canvas, count)
        technical.add_saturation(scene.canvas, onset, stop, channels=channels)


def _muscle(scene: Scene) -> None:
    whole = scene.rng.random() < 0.3
    spans = [(0.0, scene.canvas.duration)] if whole else [
        (at, at + scene.rng.uniform(0.6, 2.8)) for at in scene.spots(scene.number(1, 3), 2.8)
    ]  # fmt: skip
    where = [None, None, "left", "right", "temporal", "frontopolar"][int(scene.rng.integers(6))]
    for start, stop in spans:
        body.add_emg(scene.canvas, start, stop, rms=float(scene.rng.uniform(9, 40)), where=where)


def _chewing(scene: Scene) -> None:
    length = min(scene.canvas.duration - 0.5, scene.rng.uniform(3, 9))
    start = scene.rng.uniform(0.1, scene.canvas.duration - length - 0.2)
    body.add_chewing(scene.canvas, start, start + length, rms=float(scene.rng.uniform(18, 60)))


def _k_complexes(scene: Scene) -> None:
    for onset in scene.spots(scene.number(1, 2), 2.6):
        sleep_waves.add_k_complex(scene.canvas, onset, snr=scene.draw_snr(10.0))
    if scene.rng.random() < 0.3:
        sleep_waves.add_spindle(scene.canvas, scene.spots(1, 2.0)[0], snr=scene.draw_snr(6.0))


def _drowsy(scene: Scene) -> None:
    rhythms.add_drowsy_theta(scene.canvas, 0.0, scene.canvas.duration, rms=float(scene.rng.uniform(10, 20)))
    if scene.rng.random() < 0.6:
        eyes.add_slow_rolling(scene.canvas, 0.0, scene.canvas.duration)
    if scene.rng.random() < 0.4:
        _alpha_between(scene, 0.0, scene.rng.uniform(0.15, 0.35) * scene.canvas.duration)
    if scene.rng.random() < 0.4:
        for onset in scene.spots(scene.number(1, 2), 0.8):
            sleep_waves.add_vertex_wave(scene.canvas, onset, snr=scene.draw_snr(10.0))


def _spindles(scene: Scene) -> None:
    for onset in scene.spots(scene.number(1, 2), 2.1, apart=1.0):
        sleep_waves.add_spindle(scene.canvas, onset, snr=scene.draw_snr(10.0))
    if scene.rng.random() < 0.25:
        sleep_waves.add_k_complex(scene.canvas, scene.spots(1, 2.6)[0], snr=scene.draw_snr(10.0))


def _deep_sleep(scene: Scene) -> None:
    at = 0.2
    while at < scene.canvas.duration - 2.5:
        at = sleep_waves.add_slow_train(scene.canvas, at, waves=int(scene.rng.integers(1, 5)))
        at += scene.rng.exponential(0.8)


def _epileptiform(scene: Scene, *, sharp: bool) -> None:
    if scene.rng.random() < 0.15:
        for onset in scene.spots(scene.number(1, 5), 0.5):
            discharges.add_rolandic(scene.canvas, onset, side=scene.side(), snr=scene.draw_snr())
        return
    where = str(scene.rng.choice(discharges.FOCI))
    for onset in scene.spots(scene.number(1, 6), 0.7):
        discharges.add_discharge(scene.canvas, onset, where=where, sharp=sharp, snr=scene.draw_snr())


def _complexes(scene: Scene) -> None:
    choice = scene.rng.random()
    if choice < 0.4:
        cycles = int(scene.rng.integers(6, max(7, int((scene.canvas.duration - 1) * 2.7))))
        start = scene.rng.uniform(0.2, max(0.3, scene.canvas.duration - cycles / 2.7 - 0.3))
        rate = scene.rng.uniform(2.7, 3.6)
        discharges.add_spike_wave_run(
            scene.canvas, start, cycles=cycles, start_hz=rate, end_hz=rate - 0.3, snr=scene.draw_snr()
        )
        return
    where = "generalized spike" if choice > 0.75 else str(scene.rng.choice(discharges.FOCI))
    sharp = scene.rng.random() < 0.4
    for onset in scene.spots(scene.number(1, 5), 0.9):
        discharges.add_complex(scene.canvas, onset, where=where, sharp=sharp, snr=scene.draw_snr())


def _periodic(label: str) -> Recipe:
    def draw(scene: Scene) -> None:
        # At most 2.5 Hz for ten seconds: beyond that it would be a seizure by definition.
        rate, size = float(scene.rng.choice([0.75, 1.0, 1.5, 2.0])), float(scene.rng.uniform(55, 150))
        extra = ("+F",) if scene.rng.random() < 0.2 else ()
        side = scene.side()
        patterns.add_periodic(
            scene.canvas, 0.0, scene.canvas.duration, label=label, frequency=rate * scene.rng.uniform(0.93, 1.07),
            side=side, size=size, modifiers=extra,
        )  # fmt: skip

    return draw


def _rhythmic(label: str) -> Recipe:
    def draw(scene: Scene) -> None:
        length = min(scene.canvas.duration, max(7.0, scene.rng.uniform(0.75, 1.2) * scene.canvas.duration))
        start = scene.rng.uniform(0, scene.canvas.duration - length)
        extra = ("+S",) if scene.rng.random() < 0.2 else ()
        side = scene.side()
        patterns.add_rhythmic_delta(
            scene.canvas, start, start + length, label=label, frequency=float(scene.rng.uniform(1.0, 3.0)),
            side=side, size=float(scene.rng.uniform(45, 110)), modifiers=extra,
            where=f"{side} frontal periodic" if label == "LRDA" and scene.rng.random() < 0.4 else None,
        )  # fmt: skip

    return draw


def _seizure(scene: Scene) -> None:
    duration = scene.canvas.duration
    # In ten seconds a seizure fills the page; a longer segment shows how it begins and ends.
    start, stop = (0.0, duration) if duration <= 12 else (0.2 * duration, 0.8 * duration)
    generalized = scene.rng.random() < 0.2
    ictal.add_seizure(
        scene.canvas, start, stop, side=scene.side(), fast_onset=scene.rng.random() < 0.3,
        generalized=generalized, size=float(scene.rng.uniform(90, 220)),
    )  # fmt: skip


def _bad_channel(scene: Scene) -> None:
    channel = str(scene.rng.choice(TEN_TWENTY))
    if scene.rng.random() < 0.5:
        technical.add_bad_channel(scene.canvas, channel=channel, size=float(scene.rng.uniform(45, 120)))
        return
    start = scene.rng.uniform(0, 0.4) * scene.canvas.duration
    stop = min(scene.canvas.duration, start + scene.rng.uniform(0.3, 1.0) * scene.canvas.duration)
    technical.add_flat(scene.canvas, start, stop, channels=(channel,))


_WAKE, _ANY = ("wake", "eyes_open"), ("wake", "eyes_open", "drowsy", "n2")
CATEGORIES: dict[str, Category] = {
    "alpha_rhythm": Category(_alpha, ("wake",), "background", 0.0),
    "temporal_variation": Category(_variation, ("wake", "drowsy", "slowed"), "background", 0.0),
    "spatial_asymmetry": Category(_asymmetry, ("wake",), "background", 0.0),
    "slowing": Category(_slowing, ("wake", "slowed"), "background", 0.2),
    "fast_activity": Category(_fast, _WAKE, "background"),
    "low_voltage": Category(_nothing, ("low_voltage",), "background", 0.0),
    "eye_artifact": Category(_eye_artifact, ("eyes_open", "wake"), "artifact", 0.3),
    "severe_artifact": Category(_severe, _ANY, "artifact"),
    "high_frequency_noise": Category(_muscle, _WAKE, "artifact"),
    "chewing": Category(_chewing, ("eyes_open",), "artifact", 0.0),
    "k_complexes": Category(_k_complexes, ("n2",), "sleep"),
    "drowsy_slowing": Category(_drowsy, ("drowsy",), "sleep"),
    "spindles": Category(_spindles, ("n2",), "sleep"),
    "deep_sleep_delta": Category(_deep_sleep, ("n3",), "sleep"),
    "sharp_waves": Category(lambda scene: _epileptiform(scene, sharp=True), _ANY, "epileptiform"),
    "spikes": Category(lambda scene: _epileptiform(scene, sharp=False), _ANY, "epileptiform"),
    "spike_wave": Category(_complexes, _ANY, "epileptiform"),
}
"""The 17 sub-categories of CerebraGloss-Bench, under names of ours."""

PATTERNS: dict[str, Category] = {
    "LPD": Category(_periodic("LPD"), ("slowed",), "pattern", 0.0),
    "GPD": Category(_periodic("GPD"), ("slowed",), "pattern", 0.0),
    "BIPD": Category(_periodic("BIPD"), ("slowed",), "pattern", 0.0),
    "LRDA": Category(_rhythmic("LRDA"), ("slowed", "wake"), "pattern", 0.0),
    "GRDA": Category(_rhythmic("GRDA"), ("slowed", "wake"), "pattern", 0.0),
    "seizure": Category(_seizure, ("wake", "slowed"), "pattern", 0.0),
    "burst_suppression": Category(
        lambda scene: ictal.add_burst_suppression(scene.canvas, 0.0, scene.canvas.duration),
        ("slowed",),
        "pattern",
        0.0,
    ),
    "bad_channel": Category(_bad_channel, _ANY, "artifact"),
    "normal": Category(_nothing, (*_ANY, "n3", "rem"), "normal"),
}
"""What the sub-categories lack and detectors must know: patterns, bad channels, and nothing at all."""

ALL = CATEGORIES | PATTERNS
