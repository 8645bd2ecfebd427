"""What happens in a block of a night, stage by stage.

Contents follow the definitions of the stages in the AASM manual, border cases included: epochs of N2 without
spindle or K-complex, of R without rapid eye movement, with nearly or barely enough slow waves for N3.
"""

from __future__ import annotations

import numpy as np

from models import body, eyes, rhythms, sleep_waves
from models.canvas import Canvas
from models.hypnogram import EPOCH
from models.subject import Subject

_BORDER = 0.08
"""Share of N2 epochs with nearly enough slow waves for N3, and of N3 epochs with barely enough."""


def fill(canvas: Canvas, subject: Subject, stage: str, epochs: int) -> None:
    """Let happen in a block what belongs to its stage."""
    stop = canvas.duration
    body.add_chin(canvas, 0.0, stop, stage=stage)
    body.add_heart(canvas, per_minute=float(canvas.rng.uniform(52, 70)), size=0.0)
    body.add_breathing(canvas, 0.0, stop)
    draw = {"W": _awake, "N1": _drowsy, "N2": _light, "N3": _deep, "R": _dreaming}[stage]
    draw(canvas, subject, epochs)
    if canvas.rng.random() < 0.05 * epochs:
        start = float(canvas.rng.uniform(0, stop - 5))
        body.add_movement(canvas, start, start + float(canvas.rng.uniform(1, 4)), size=220.0)


def _awake(canvas: Canvas, subject: Subject, epochs: int) -> None:
    # Eyes are closed for most of the time in bed; every epoch keeps enough alpha to be W.
    for epoch in range(epochs):
        start = epoch * EPOCH
        closed = float(canvas.rng.uniform(0.6, 1.0)) * EPOCH
        first = start + float(canvas.rng.uniform(0, EPOCH - closed))
        rhythms.add_posterior_rhythm(
            canvas, first, first + closed, frequency=subject.alpha_hz, rms=subject.alpha_rms,
            left_over_right=subject.left_over_right,
        )  # fmt: skip
        for onset in canvas.windows(start, start + EPOCH, per_minute=6, apart=1.0):
            eyes.add_blink(canvas, onset)
    if canvas.rng.random() < 0.4:
        start = float(canvas.rng.uniform(0, canvas.duration - 8))
        body.add_emg(canvas, start, start + float(canvas.rng.uniform(1, 6)), rms=18.0)


def _drowsy(canvas: Canvas, subject: Subject, epochs: int) -> None:
    rhythms.add_drowsy_theta(canvas, 0.0, canvas.duration)
    for epoch in range(epochs):
        start = epoch * EPOCH
        if canvas.rng.random() < 0.6:
            eyes.add_slow_rolling(canvas, start + 0.5, start + float(canvas.rng.uniform(12, 29)))
        if canvas.rng.random() < 0.35:
            rhythms.add_posterior_rhythm(
                canvas, start + 0.2, start + float(canvas.rng.uniform(3, 11)),
                frequency=subject.alpha_hz - 0.5, rms=0.7 * subject.alpha_rms,
            )  # fmt: skip
    for onset in canvas.windows(0.0, canvas.duration, per_minute=2.0, apart=1.5):
        sleep_waves.add_vertex_wave(canvas, onset)
    if epochs > 1 and canvas.rng.random() < 0.1:
        # In the last half of an epoch it makes the next one N2 and leaves this one N1.
        sleep_waves.add_spindle(canvas, canvas.duration - float(canvas.rng.uniform(3, 12)))


def _light(canvas: Canvas, subject: Subject, epochs: int) -> None:
    rng = canvas.rng
    for epoch in range(epochs):
        start, stop = epoch * EPOCH, (epoch + 1) * EPOCH
        # Some epochs go without either and are N2 by continuation only; never the first of a bout.
        if epoch == 0 or rng.random() > 0.12:
            taken = canvas.windows(start, stop, per_minute=6.5, apart=3.0) or [start + 2.0]
            for onset in taken:
                if rng.random() < 0.25:
                    sleep_waves.add_k_complex(canvas, onset, with_spindle=False)
                else:
                    sleep_waves.add_spindle(canvas, onset)
        share = rng.uniform(0.15, 0.19) if rng.random() < _BORDER else rng.uniform(0, 0.08)
        _slow_waves(canvas, start, float(share))
    if rng.random() < 0.06 * epochs:
        sleep_waves.add_arousal(canvas, float(rng.uniform(2, canvas.duration - 12)))


def _deep(canvas: Canvas, subject: Subject, epochs: int) -> None:
    for epoch in range(epochs):
        border = canvas.rng.random() < _BORDER
        share = canvas.rng.uniform(0.22, 0.26) if border else canvas.rng.uniform(0.30, 0.75)
        _slow_waves(canvas, epoch * EPOCH, float(share))
    for onset in canvas.windows(0.0, canvas.duration, per_minute=1.2, apart=4.0):
        sleep_waves.add_spindle(canvas, onset)


def _slow_waves(canvas: Canvas, start: float, share: float) -> None:
    """Fill this share of an epoch with trains of slow waves."""
    left = share * EPOCH
    if left < 0.8:
        return
    at = start + float(canvas.rng.uniform(0.2, 1.0))
    # The pauses share out what the waves leave.
    pause = (EPOCH - left) / max(1.0, left / 2.2)
    while left > 0.6 and at < start + EPOCH - 1.2:
        waves = int(np.clip(round(left), 1, canvas.rng.integers(1, 5)))
        end = sleep_waves.add_slow_train(canvas, at, waves=waves)
        left -= end - at
        at = end + float(canvas.rng.uniform(0.1, 1.7)) * pause * 0.8


def _dreaming(canvas: Canvas, subject: Subject, epochs: int) -> None:
    for epoch in range(epochs):
        start = epoch * EPOCH
        # About a third of the epochs have no rapid eye movement and are R by continuation only.
        if canvas.rng.random() < 0.65:
            eyes.add_rapid_movements(canvas, start, start + EPOCH, per_minute=4.5)
        if canvas.rng.random() < 0.35:
            sleep_waves.add_sawtooth(canvas, start + float(canvas.rng.uniform(1, EPOCH - 4)))
