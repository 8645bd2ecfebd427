"""What the model of whole nights says, weighed against what the scoring rules decide.

The model sees one EEG, one eye and the chin through their spectra; it does not see the occipital alpha, count a
rapid eye movement or measure a slow wave. Where a rule is decisive and the channels that it names are there, its
evidence is added to the logarithm of the model's probability; elsewhere the model stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.stage_epochs import Epoch
from tools.staging_channels import StagingChannels
from tools.staging_evidence import (
    DEFAULTS,
    HALF,
    Person,
    RuleSettings,
    eyes_move,
    low_tone,
    mixed_s,
    readable,
    waves,
)

Array = NDArray[np.float64]
W, N1, N2, N3, R = range(5)


class Weights(NamedTuple):
    """Evidence in units of log odds; set on simulated tuning nights, and small where reality is less clear."""

    least: float = 0.01
    """Probability below which the model is not taken to be surer: what it never met it may call impossible."""
    decisive: float = 4.0
    """Of a rule that settles an epoch: alpha for its larger part, definite R, slow waves for a fifth of it."""
    shallow: float = 3.0
    """Against N3 where slow waves are far from a fifth of the epoch."""
    tone: float = 3.0
    """Against R where the chin is not quiet."""
    quiet: float = 1.5
    """For R where it is quiet and nothing contradicts."""
    wave: float = 0.75
    """For N2 and N3 with each spindle or K-complex, of two at most, and against R without eye movements."""
    neighbour: float = 2.5
    """For R beside R, as long as the chin is quiet and no spindle or K-complex is there."""


WEIGHTS = Weights()


def combine(
    chances: Array,
    epochs: Sequence[Epoch],
    channels: StagingChannels,
    person: Person,
    *,
    weights: Weights = WEIGHTS,
    settings: RuleSettings = DEFAULTS,
) -> Array:
    """Correct the model's probabilities where a scoring rule is decisive.

    Parameters
    ----------
    chances : ndarray, shape (epochs, 5)
        Of the model, in the order W, N1, N2, N3, R.
    epochs : sequence of Epoch
        As many, with what the rules measure.
    channels : StagingChannels
        A rule counts only where the derivation it names is there: alpha at the back, slow waves of full height in
        front, rapid eye movements over a chin whose tone falls somewhere in the night.
    person : Person
        From ``tools.staging_evidence.person_of``.
    weights : Weights
        Of the evidence.
    settings : RuleSettings
        Limits of the rules.

    Returns
    -------
    ndarray, shape (epochs, 5)
        Rows sum to 1.

    Notes
    -----
    The sum of log probabilities takes rule and model for independent, which they are not; the weights are chosen
    for the stage to be right, so that a high probability means agreement of both and not a frequency. R reaches to
    its neighbours in both directions, as its rule of continuation has it.
    """
    logs = np.log(np.maximum(chances, weights.least))
    logs += np.array([_evidence(e, channels, person, weights, settings) for e in epochs]).reshape(-1, 5)
    extended = np.zeros(len(epochs), dtype=bool)
    for numbers, step in ((range(1, len(epochs)), -1), (range(len(epochs) - 2, -1, -1), 1)):
        for number in numbers:
            beside_r = logs[number + step].argmax() == R
            if beside_r and not extended[number] and _goes_on(epochs[number], person):
                extended[number] = True
                logs[number, R] += weights.neighbour
    raised = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _evidence(
    epoch: Epoch, channels: StagingChannels, person: Person, weights: Weights, settings: RuleSettings
) -> Array:
    """What the rules add to the log probability of every stage."""
    added = np.zeros(5)
    alpha = channels.occipital and (epoch.alpha_s or 0.0) > readable(epoch) / 2
    if alpha:
        added[W] += weights.decisive
    if channels.full_slow_waves and epoch.slow_wave_s is not None and epoch.tall_s is not None:
        filled = max(epoch.slow_wave_s / settings.slow_wave_s, epoch.tall_s / settings.tall_s)
        added[N3] += weights.decisive if filled >= 1 else -weights.shallow * min(2 * (1 - filled), 1.0)
    tone, found, mixed = low_tone(epoch, person), waves(epoch), mixed_s(epoch) > HALF
    if tone is False:
        added[R] -= weights.tone
    elif tone and mixed and not alpha:
        if eyes_move(epoch):
            added[R] += weights.decisive
        elif not found:
            added[R] += weights.quiet
    if found:
        strength = weights.wave * min(found, 2)
        added[[N2, N3]] += strength  # both hold them
        added[R] -= 0.0 if eyes_move(epoch) else strength
    return added


def _goes_on(epoch: Epoch, person: Person) -> bool:
    """Whether R beside this epoch reaches into it."""
    return bool(low_tone(epoch, person)) and not waves(epoch) and mixed_s(epoch) > HALF and not epoch.arousals
