"""Sleep stages by the rules of the AASM manual, in the order in which a scorer asks them.

Ids such as ``AASM-N2-01`` name entries of the rule base. First pass from front to back, then the rules that look
ahead: stage R is extended to its neighbours, movement takes its stage from them.

References
----------
American Academy of Sleep Medicine, Manual for the Scoring of Sleep and Associated Events, version 3.
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.stage_epochs import Epoch
from tools.staging_ahead import MOVEMENT, Decision, extend_rem, settle_movement
from tools.staging_evidence import (
    DEFAULTS,
    HALF,
    Person,
    RuleSettings,
    eyes_move,
    joined_s,
    low_tone,
    mixed_s,
    person_of,
    readable,
    sees_eyes,
    stage_scores,
    waves,
)


def score_by_rules(
    epochs: Sequence[Epoch], person: Person | None = None, settings: RuleSettings = DEFAULTS
) -> tuple[Decision, ...]:
    """Score a recording by the rules alone.

    Parameters
    ----------
    epochs : sequence of Epoch
        All epochs of a recording, without gaps: the rules look at neighbours.
    person : Person, optional
        What is known of the sleeper; learned from the epochs when left out.
    settings : RuleSettings
        Limits.

    Returns
    -------
    tuple of Decision
        One per epoch; without a stage where there is no signal.

    Notes
    -----
    Departures from the manual, each because a program sees less or no more than the epoch: alpha has to fill
    half of the readable time; a first epoch without a predecessor becomes N2 by a spindle or K-complex in either
    half; where the tone of the chin is unknown, R asks for two eye movements without blinks and the low-amplitude
    EEG of R, and that is said. Where no rule decides, what the epoch shows is weighed and the decision marked.
    """
    known = person_of(epochs, settings) if person is None else person
    made: list[Decision] = []
    for number, epoch in enumerate(epochs):
        made.append(_forward(number, epoch, epochs, made, known, settings))
    extend_rem(epochs, made, known, settings)
    settle_movement(epochs, made)
    return tuple(made)


_CONTRADICTED = 3.0
"""By how much another stage has to outweigh the one that a rule gives for that rule not to decide."""
_CONTINUED = 1.5
"""The same for rules by which a stage goes on although nothing in the epoch shows it."""
_GOING_ON = ("AASM-N2-02", "AASM-N2-03", "AASM-R-02")


def _forward(
    number: int, epoch: Epoch, epochs: Sequence[Epoch], made: Sequence[Decision], person: Person,
    settings: RuleSettings,
) -> Decision:  # fmt: skip
    """Decide one epoch, knowing those before it."""
    if epoch.missing_s > HALF:
        return Decision(None, (), "more than half of the epoch holds no signal")
    if epoch.obscured_s > HALF:
        return Decision(MOVEMENT, ("AASM-MBM-01",), f"disturbed for {epoch.obscured_s:.0f} s")
    before = made[-1].stage if made else None
    last = epochs[number - 1] if number else None
    ruled = (
        wake(epoch, person, settings)
        or _deep(epoch, person, settings)
        or _definite_rem(epoch, person, settings)
        or _light_starts(epoch, last, before)
        or _light_goes_on(epoch, last, before)
        or _rem_ends(epoch, before, person)
    )
    return _unless_contradicted(ruled, epoch, person, settings) or _weighed(epoch, before, person, settings)


def _unless_contradicted(
    ruled: Decision | None, epoch: Epoch, person: Person, settings: RuleSettings
) -> Decision | None:
    """Drop a decision that hangs on one finding and that all else in the epoch speaks against."""
    if ruled is None or ruled.stage in ("W", "N3"):
        return ruled
    scores = stage_scores(epoch, person, settings)
    likely = max(scores, key=lambda stage: scores[stage])
    limit = _CONTINUED if ruled.rules and ruled.rules[0] in _GOING_ON else _CONTRADICTED
    if likely == "N3" or scores[likely] - scores[str(ruled.stage)] <= limit:
        return ruled
    return Decision(likely, (), f"all else speaks for {likely} against {ruled.stage} ({ruled.why})", False)


def wake(epoch: Epoch, person: Person, settings: RuleSettings = DEFAULTS) -> Decision | None:
    """W by alpha, by blinks, or by eye movements with tone, each for the larger part of the epoch."""
    alpha = epoch.alpha_s or 0.0
    if alpha > readable(epoch) / 2:
        return Decision("W", ("AASM-W-01",), f"alpha for {alpha:.0f} s")
    if alpha >= settings.alpha_maker_s / 3 or waves(epoch):
        return None
    blinking = joined_s(epoch.blinks, settings.blink_reach)
    if blinking > HALF:
        return Decision("W", ("AASM-W-02",), f"blinks for {blinking:.0f} s")
    moving = joined_s(epoch.rem, settings.blink_reach)
    if moving > HALF and low_tone(epoch, person) is False:
        return Decision("W", ("AASM-W-03",), f"eye movements for {moving:.0f} s at raised tone of the chin")
    return None


def _deep(epoch: Epoch, person: Person, settings: RuleSettings) -> Decision | None:
    """N3 by the time of the slow waves that were found, or by as many windows with tall slow activity."""
    seconds, tall = epoch.slow_wave_s or 0.0, epoch.tall_s or 0.0
    if seconds >= settings.slow_wave_s:
        return Decision("N3", ("AASM-N3-01",), f"slow waves for {seconds:.1f} s")
    scores = stage_scores(epoch, person, settings)
    if tall >= settings.tall_s and scores["N3"] > scores["W"]:
        return Decision("N3", ("AASM-N3-01", "AASM-N3-02"), f"slow waves over 75 µV around {tall:.0f} s")
    return None


def _definite_rem(epoch: Epoch, person: Person, settings: RuleSettings) -> Decision | None:
    """R by rapid eye movements over mixed-frequency EEG at low tone; with unknown tone, if nothing contradicts."""
    movements = eyes_move(epoch)
    tone = low_tone(epoch, person)
    if not movements or tone is False or mixed_s(epoch) <= HALF:
        return None
    words = f"{movements} rapid eye movement{'s' * (movements > 1)} over mixed-frequency EEG"
    if tone:
        rules = ("AASM-R-01", "AASM-R-09") if waves(epoch) else ("AASM-R-01",)
        return Decision("R", rules, f"{words} at low tone of the chin")
    scores = stage_scores(epoch, person, settings)
    clear = movements > 1 and not epoch.vertex and (waves(epoch) or 0) < 2
    if not clear or max(scores, key=lambda s: scores[s]) not in ("R", "N1"):
        return None
    return Decision("R", ("AASM-R-01", "AASM-R-11"), f"{words}; the tone of the chin does not tell")


def _light_starts(epoch: Epoch, before: Epoch | None, stage: str | None) -> Decision | None:
    """N2 by a spindle or spontaneous K-complex in this first half or in the last half before."""
    here = waves(epoch, first_half=None if before is None else True) or 0
    earlier = (waves(before, first_half=False) or 0) if before is not None and stage != "W" else 0
    if not here + earlier:
        return None
    if not here and _aroused(before, epoch):
        return None
    where = "in the first half" if here else "in the last half of the epoch before"
    if before is None:
        where = "in the epoch; what came before is unknown"
    rules = ("AASM-N2-01",) if stage in (None, "W", "N1", "N2", "N3") else ("AASM-N2-01", "AASM-R-06")
    return Decision("N2", rules, f"{_counted(here or earlier)} {where}")


def _counted(found: int) -> str:
    return "a spindle or K-complex" if found == 1 else f"{found} spindles or K-complexes"


def _aroused(before: Epoch | None, epoch: Epoch) -> bool:
    """Whether an arousal came after the last spindle or K-complex of the epoch before."""
    last = max([*(before.spindles or ()), *(before.kcomplexes or ())], default=-1.0) if before else -1.0
    late = any(time > last for time in before.arousals or ()) if before else False
    return late or any(time < HALF for time in epoch.arousals or ())


def _light_goes_on(epoch: Epoch, before: Epoch | None, stage: str | None) -> Decision | None:
    if stage not in ("N2", "N3") or before is None or mixed_s(epoch) <= HALF:
        return None
    if stage == "N2" and _aroused(before, epoch):
        return Decision("N1", ("AASM-N2-04", "AASM-N1-05"), "an arousal, and no spindle or K-complex since")
    if before.movements and epoch.sem:
        return Decision("N1", ("AASM-N2-04",), "slow eye movements after a body movement")
    if stage == "N3":
        return Decision("N2", ("AASM-N2-03",), "after N3, with too few slow waves for it")
    return Decision("N2", ("AASM-N2-02",), "N2 goes on: nothing ended it")


def _rem_ends(epoch: Epoch, stage: str | None, person: Person) -> Decision | None:
    """After R without eye movements: R goes on at low tone, ends when tone returns or after an arousal."""
    if stage != "R" or mixed_s(epoch) <= HALF or not sees_eyes(epoch):
        return None
    tone = low_tone(epoch, person)
    if tone is False:
        return Decision("N1", ("AASM-R-04",), "the tone of the chin has returned")
    if epoch.arousals and epoch.sem:
        return Decision("N1", ("AASM-R-05",), "slow eye movements after an arousal")
    if tone is None and epoch.vertex:
        return Decision("N1", ("AASM-R-11",), "vertex waves; the tone of the chin does not tell")
    return Decision("R", ("AASM-R-02",), "R goes on: mixed-frequency EEG without spindle or K-complex")


def _weighed(epoch: Epoch, before: str | None, person: Person, settings: RuleSettings) -> Decision:
    """No wave and nothing to go on: N1 by its own rules, or what weighs most."""
    scores = stage_scores(epoch, person, settings)
    likely = max(scores, key=lambda stage: scores[stage])
    if before is not None and likely in ("N2", "R"):
        # Both need something that a rule above would have found: a wave, or eye movements nearby.
        likely = "N1" if before in ("W", "N1") else likely
    if likely in ("W", "N3", "N2", "R"):
        return Decision(likely, (), "no rule decides; what the epoch shows was weighed", firm=False)
    if person.makes_alpha is not False and mixed_s(epoch) > HALF:
        return Decision("N1", ("AASM-N1-01",), f"mixed-frequency EEG for {mixed_s(epoch):.0f} s")
    if epoch.vertex or epoch.sem or (epoch.frequency is not None and 4 <= epoch.frequency < 7):
        return Decision("N1", ("AASM-N1-02",), "slowed to 4-7 Hz, vertex waves or slow eye movements")
    return Decision("N1", (), "no rule decides; what the epoch shows was weighed", firm=False)
