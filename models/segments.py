"""Segments on demand: a person, a state, what the segment is about, and what happens to be there as well.

Artifacts lie over events and events over rhythms, as on real pages; benign waves that resemble discharges are
planted as decoys, and a quarter of a mixed set holds nothing to find.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from models import body, eyes, rhythms, sleep_waves, technical
from models.recipes import ALL, CATEGORIES
from models.recorder import MONTAGES, Specimen, background_truth, specimen
from models.scene import Category, Scene
from models.subject import STANDARD, Variant, draw_subject, open_canvas, settings_of, whole_rms
from tools.labels import TEN_TWENTY
from tools.types import ToolError

SNR = (2.5, 12.0)
"""Range of peak over background from which events are drawn, log-uniform."""
RATES = (128.0, 200.0, 250.0, 256.0, 500.0)
ARTIFACT_SHARE, DECOY_SHARE, EMPTY_SHARE = 0.30, 0.30, 0.25


def simulate_segment(
    category: str,
    seed: int,
    *,
    duration: float = 10.0,
    sfreq: float | None = 200.0,
    montage: str | None = "linked_ears",
    state: str | None = None,
    age: float | None = None,
    snr: tuple[float, float] = SNR,
    accompanied: bool = True,
    variant: Variant = STANDARD,
) -> Specimen:
    """Simulate one segment of a sub-category.

    Parameters
    ----------
    category : str
        Key of `models.recipes.ALL`.
    seed : int
        Of the person, the state and everything that happens.
    duration : float
        Seconds, 5 to 600.
    sfreq : float, optional
        Samples per second; drawn from `RATES` when None.
    montage : str, optional
        One of `models.recorder.MONTAGES`; drawn when None.
    state, age : optional
        Drawn when left out.
    snr : tuple of float
        Range of the peak of events over their background.
    accompanied : bool
        Let artifacts and decoys happen besides.
    variant : Variant
        Generator.

    Raises
    ------
    ToolError
        If the category or montage is not known, or the duration cannot be used.
    """
    if category not in ALL:
        raise ToolError("There is no such category of segments.", field="kind", choices=tuple(ALL))
    if not 5 <= duration <= 600:
        raise ToolError("A segment has to last between 5 and 600 s.", field="duration")
    rng = np.random.default_rng([seed, sorted(ALL).index(category)])
    sfreq = float(rng.choice(RATES)) if sfreq is None else sfreq
    montage = str(rng.choice(MONTAGES[:4], p=[0.5, 0.25, 0.1, 0.15])) if montage is None else montage
    chosen = ALL[category]
    state = str(rng.choice(chosen.states)) if state is None else state
    subject = draw_subject(rng, age)
    canvas = open_canvas(duration, sfreq, rng, subject, variant)
    exponent, rms = settings_of(subject, state)
    canvas.background(state, whole_rms(exponent, rms), exponent)
    scene = Scene(canvas, subject, snr)
    _usual_rhythms(scene, chosen, state)
    chosen.draw(scene)
    if accompanied:
        _company(scene, chosen, state)
    background = background_truth(
        canvas, state, exponent=exponent, rms=rms, age=subject.age, changing="changing" in canvas.notes
    )
    return specimen(
        canvas, background, seed=seed, montage=montage, category=category, generator=variant.name,
        kinds=(category,), stages=_stage_of(state),
    )  # fmt: skip


def _stage_of(state: str) -> tuple[str, ...]:
    known = {"wake": "W", "eyes_open": "W", "drowsy": "N1", "n2": "N2", "n3": "N3", "rem": "R"}
    return (known[state],) if state in known else ()


def _usual_rhythms(scene: Scene, chosen: Category, state: str) -> None:
    """Lay down what such a state holds anyway: posterior rhythm, mu, a little beta, slow waves."""
    canvas, rng = scene.canvas, scene.rng
    if state == "wake" and rng.random() < chosen.eyes_closed:
        rhythms.add_posterior_rhythm(
            canvas, 0.0, canvas.duration, frequency=scene.subject.alpha_hz, rms=scene.subject.alpha_rms,
            left_over_right=scene.subject.left_over_right,
        )  # fmt: skip
    if state in ("wake", "eyes_open") and chosen.group != "pattern" and rng.random() < 0.4:
        rhythms.add_beta(canvas, 0.0, canvas.duration, rms=float(rng.uniform(1.5, 4.0)))
    if state == "eyes_open" and rng.random() < 0.15:
        rhythms.add_mu(canvas, 0.0, canvas.duration, rms=float(rng.uniform(3, 9)))
    if state == "n3" and chosen.group == "normal":
        sleep_waves.add_slow_train(canvas, float(rng.uniform(0.5, 3.0)), waves=4)
    if scene.subject.age > 60 and state == "drowsy" and rng.random() < 0.3:
        rhythms.add_slowing(canvas, 0.0, canvas.duration, where="left temporal", band=(4.0, 7.0), rms=8.0)


def _company(scene: Scene, chosen: Category, state: str) -> None:
    """Let artifacts and look-alikes happen besides what the segment is about."""
    rng = scene.rng
    if rng.random() < ARTIFACT_SHARE:
        _one_artifact(scene, asleep=state in ("n2", "n3", "rem"))
    if rng.random() < DECOY_SHARE and chosen.group not in ("pattern",):
        _one_decoy(scene, state)
    if rng.random() < 0.12:
        size = float(rng.uniform(1, 12))
        frequency = 50.0 if rng.random() < 0.5 else 60.0
        technical.add_line_noise(scene.canvas, 0.0, scene.canvas.duration, frequency=frequency, size=size)


def _one_artifact(scene: Scene, asleep: bool) -> None:
    canvas, rng = scene.canvas, scene.rng
    choice = int(rng.integers(2 if asleep else 0, 8))
    if choice == 0:
        for onset in scene.spots(scene.number(1, 3), 0.6):
            eyes.add_blink(canvas, onset)
    elif choice == 1:
        eyes.add_gaze(canvas, scene.spots(1, 1.8)[0], right=rng.random() < 0.5)
    elif choice in (2, 3):
        onset = scene.spots(1, 2.5)[0]
        body.add_emg(canvas, onset, onset + rng.uniform(0.6, 2.4), rms=float(rng.uniform(7, 25)))
    elif choice == 4:
        body.add_heart(canvas, per_minute=float(rng.uniform(55, 110)), size=float(rng.uniform(8, 30)))
    elif choice == 5:
        channel, sizes = str(rng.choice(TEN_TWENTY)), (80, 350)
        for onset in scene.spots(scene.number(1, 3), 2.1):
            technical.add_pop(canvas, onset, channel=channel, size=float(rng.uniform(*sizes)))
    elif choice == 6:
        body.add_sweat(canvas, 0.0, canvas.duration, size=float(rng.uniform(50, 250)))
    else:
        body.add_respiration(canvas, 0.0, canvas.duration, size=float(rng.uniform(20, 80)))


def _one_decoy(scene: Scene, state: str) -> None:
    """Plant what is mistaken for a discharge, seizure or slowing in this state."""
    canvas, rng, snr = scene.canvas, scene.rng, scene.draw_snr(8.0)
    if state == "eyes_open":
        for onset in scene.spots(scene.number(1, 4), 0.4):
            sleep_waves.add_occipital_transients(canvas, onset, kind="lambda", snr=snr)
    elif state in ("drowsy", "n2"):
        choice = rng.random()
        if choice < 0.45:
            sleep_waves.add_wickets(canvas, scene.spots(1, 1.5)[0], side=scene.side(), snr=snr)
        elif choice < 0.75:
            sleep_waves.add_occipital_transients(canvas, scene.spots(1, 1.5)[0], count=3, snr=snr)
        else:
            sleep_waves.add_temporal_theta(canvas, scene.spots(1, 5.2)[0], side=scene.side(), snr=snr)
    elif state == "wake" and rng.random() < 0.5:
        body.add_heart(canvas, size=0.0, pulse_at=str(rng.choice(("T5", "T6", "O1", "F8"))))


def mixed_segments(
    count: int,
    seed: int,
    *,
    categories: Sequence[str] = tuple(CATEGORIES),
    variant: Variant = STANDARD,
    sfreq: float | None = 200.0,
    montage: str | None = "linked_ears",
) -> Iterator[Specimen]:
    """Give segments of all sub-categories in turn, a quarter of them with nothing to find.

    Segment `i` has the seed ``seed + i``, so a set that grows keeps what it had.
    """
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        empty = rng.random() < EMPTY_SHARE
        category = "normal" if empty else categories[number % len(categories)]
        yield simulate_segment(category, seed + number, variant=variant, sfreq=sfreq, montage=montage)
