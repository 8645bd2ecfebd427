"""What the measurements of one epoch say for and against every stage: comparisons with limits, and probabilities.

The comparisons are those of the scoring rules. The weights that turn them into probabilities are engineering
defaults: they order epochs by how clear they are, and were set on physiology, not fitted to recordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tools.labels import STAGES
from tools.stage_epochs import Epoch

HALF = 15.0
"""Seconds: half of an epoch, or its border between first and second half."""


class RuleSettings(NamedTuple):
    """Limits of the rules; seconds within an epoch unless said otherwise."""

    slow_wave_s: float = 6.0
    """A fifth of the epoch."""
    tall_s: float = 18.0
    """Seconds around which the EEG is tall and slow: nine windows of 2 s with a slow wave in each, where five or
    six waves are the practical mark of N3. Detectors miss waves on which faster activity rides; readers do not."""
    blink_reach: float = 1.5
    """Around a blink, so that blinks of 0.5 Hz or more join into one stretch."""
    alpha_maker_s: float = 15.0
    """Alpha in some epoch of the recording by which the person is known to make it."""
    tone_db: float = 3.0
    """Above the quietest tenth of the night up to which the tone of the chin is low; as much again above that it
    is neither low nor raised, since one bout of R is not as quiet as the next."""
    tone_span_db: float = 5.0
    """Between the quietest tenth and the loudest quarter: with less, the tone does not fall and tells nothing."""
    tone_epochs: int = 40
    """Epochs below which the tone cannot be compared with the rest of the night."""
    rolling: float = 1.3
    """Movement of the eyes over that of the frontal EEG from which on it is not brain waves that the eyes show."""


DEFAULTS = RuleSettings()


class Person(NamedTuple):
    """What is known of the sleeper from the whole recording; None where it is too short to tell."""

    makes_alpha: bool | None = None
    low_tone_uv: float | None = None
    """Up to here the tone of the chin is low."""


class Check(NamedTuple):
    """A measured quantity beside the limit that a rule sets."""

    rule: str
    quantity: str
    value: float
    unit: str
    limit: str
    holds: bool


def person_of(epochs: Sequence[Epoch], settings: RuleSettings = DEFAULTS) -> Person:
    """Learn from the whole recording whether alpha is made and how low the tone of the chin gets.

    Parameters
    ----------
    epochs : sequence of Epoch
        The whole recording.
    settings : RuleSettings
        Limits.

    Returns
    -------
    Person
        Unknown where the recording is too short, or the tone never falls.
    """
    alpha = [e.alpha_s for e in epochs if e.alpha_s is not None]
    makes = True if any(a > settings.alpha_maker_s for a in alpha) else (False if len(alpha) > 40 else None)
    tone = np.array([e.tone_uv for e in epochs if e.tone_uv])
    if len(tone) < settings.tone_epochs:
        return Person(makes)
    levels = 20 * np.log10(tone)
    quiet, loud = np.percentile(levels, [10, 75])
    if loud - quiet < settings.tone_span_db:
        return Person(makes)
    return Person(makes, float(10 ** ((quiet + settings.tone_db) / 20)))


def waves(epoch: Epoch, *, first_half: bool | None = None) -> int | None:
    """Number of spindles and spontaneous K-complexes, of one half if asked; None where neither was looked for."""
    if epoch.spindles is None and epoch.kcomplexes is None:
        return None
    times = [*(epoch.spindles or ()), *(epoch.kcomplexes or ())]
    return sum(first_half is None or (time < HALF) == first_half for time in times)


def low_tone(epoch: Epoch, person: Person, settings: RuleSettings = DEFAULTS) -> bool | None:
    """Whether the chin is as quiet as it gets; None where that is unknown, and between low and raised."""
    if person.low_tone_uv is None or epoch.tone_uv is None:
        return None
    if epoch.tone_uv <= person.low_tone_uv:
        return True
    return False if epoch.tone_uv > person.low_tone_uv * 10 ** (settings.tone_db / 20) else None


def readable(epoch: Epoch) -> float:
    """Seconds that are neither missing nor disturbed."""
    return max(epoch.duration - epoch.missing_s - epoch.obscured_s, 0.0)


def mixed_s(epoch: Epoch) -> float:
    """Seconds of low-amplitude mixed-frequency activity: readable, without alpha and without slow waves."""
    return max(readable(epoch) - (epoch.alpha_s or 0.0) - (epoch.slow_wave_s or 0.0), 0.0)


def joined_s(times: Sequence[float] | None, reach: float) -> float:
    """Seconds that lie within `reach` of one of the times."""
    total, end = 0.0, 0.0
    for time in sorted(times or ()):
        total += max(0.0, min(time + reach, 30.0) - max(time - reach, end))
        end = max(end, time + reach)
    return total


def sees_eyes(epoch: Epoch) -> bool:
    """Whether there is an EOG: without one stage R cannot be told from N1."""
    return epoch.eye_over_eeg is not None or epoch.rem is not None


def eyes_move(epoch: Epoch) -> int:
    """Number of rapid eye movements; 0 where none was seen or none could be."""
    return len(epoch.rem or ())


# --- probabilities ------------------------------------------------------------------------------------


def _rise(value: float | None, middle: float, width: float) -> float:
    """Linear through 0 at the limit, held within -2 and 2; 0 where nothing was measured."""
    return 0.0 if value is None else float(np.clip((value - middle) / width, -2.0, 2.0))


def stage_scores(epoch: Epoch, person: Person, settings: RuleSettings = DEFAULTS) -> dict[str, float]:
    """Weigh what an epoch shows by itself; differences are log odds in spirit, not in calibration.

    Parameters
    ----------
    epoch : Epoch
        Its measurements; what is None weighs nothing.
    person : Person
        For the tone of the chin.
    settings : RuleSettings
        Limits.

    Returns
    -------
    dict of str to float
        For W, N1, N2, N3, R.

    Notes
    -----
    Beside the waveforms of the rules: power in the spindle band above the line through the rest of the spectrum
    is positive in N2 and N3 even where no spindle stands out, and the slope of that line grows from wake over R
    and N1 to N2 and N3 (Lendner et al. 2020, https://doi.org/10.7554/eLife.55092). Eyes that move more than the
    frontal EEG does are awake, drowsy or in R.
    """
    found = waves(epoch)
    spindling = 0.0 if found is None else min(found, 3) - 0.7
    sigma = _rise(epoch.sigma, 0.08, 0.09)
    slope = _rise(epoch.slope, 2.25, 0.35)
    awake_slope = _rise(epoch.slope, 1.6, 0.3)
    rolling = _rise(epoch.eye_over_eeg, settings.rolling, 0.6)
    # A third of the epochs of R have no eye movement, so their absence says little.
    rapid = 0.0 if epoch.rem is None else (1.2 if epoch.rem else -0.2)
    sem = 0.5 * (min(len(epoch.sem), 3) - 0.5) if epoch.sem is not None else 0.0
    vertex = 0.5 * min(len(epoch.vertex or ()), 2)
    tone = {None: 0.0, True: 1.0, False: -1.5}[low_tone(epoch, person)]
    some_alpha = 0.6 if 3 < (epoch.alpha_s or 0) <= HALF else 0.0
    alpha = _rise(epoch.alpha_s, readable(epoch) / 2, 4.0)
    blinking = _rise(joined_s(epoch.blinks, settings.blink_reach), HALF, 4.0) if epoch.blinks else -0.5
    if epoch.blinks is None:
        blinking = 0.0
    slow_s = _rise(epoch.slow_wave_s, settings.slow_wave_s, 1.5)
    # Blinks are a sign of wakefulness even where they are too few for its rule; N1 has none.
    open_eyes = 0.5 * min(len(epoch.blinks or ()), 3)
    deep = max(slow_s, _rise(epoch.tall_s, settings.tall_s, 3.0)) if epoch.tall_s is not None else slow_s
    return {
        "W": 1.5 * max(alpha, blinking) + open_eyes + 0.1 * epoch.obscured_s - 1.2 * awake_slope - 0.5 * spindling,
        "N1": 0.2 - open_eyes + sem + vertex + some_alpha - 0.5 * sigma - 0.3 * slope - 0.5 * spindling - 0.3 * rapid
        - max(-awake_slope, 0.0) - 0.7 * max(alpha, 0.0) - 0.5 * max(deep, -0.5)
        + (-0.6 if low_tone(epoch, person) else 0.0),
        "N2": 0.3 + 0.8 * spindling + 0.8 * sigma + 0.8 * slope - 0.5 * rolling - 0.5 * rapid
        - 0.8 * max(deep, 0.0) - 0.7 * max(alpha, 0.0),
        "N3": -0.5 + 1.5 * deep + 0.4 * slope - 0.3 * rolling - 0.3 * rapid,
        "R": -0.3 + rapid + tone + 0.9 * rolling - 0.6 * sigma - 0.3 * slope - 0.5 * spindling - 0.3 * vertex
        + 0.5 * _rise(epoch.sawtooth_s, 1.0, 1.0) * bool(epoch.sawtooth_s) - 0.8 * max(alpha, 0.0)
        - 0.5 * max(deep, -0.5) - 0.05 * epoch.obscured_s - (0.0 if sees_eyes(epoch) else 3.0),
    }  # fmt: skip


def probabilities(scores: dict[str, float], stage: str, *, firmness: float = 1.0) -> dict[str, float]:
    """Softmax of the scores, the stage that the rules decided for raised above the others.

    Parameters
    ----------
    scores : dict of str to float
        From `stage_scores`.
    stage : str
        What was decided.
    firmness : float
        Added to the score of that stage: how far the rule itself, and the neighbours, settle the matter.

    Returns
    -------
    dict of str to float
        They sum to 1 and are largest for `stage`.
    """
    raised = dict(scores)
    others = max(value for name, value in scores.items() if name != stage)
    raised[stage] = max(scores[stage] + firmness, others + 0.25)
    values = np.array([raised[name] for name in STAGES])
    weights = np.exp(values - values.max())
    return {name: round(float(w), 4) for name, w in zip(STAGES, weights / weights.sum(), strict=True)}
