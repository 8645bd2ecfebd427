"""Which scoring rules hold for an epoch and a stage, with the measured quantities beside their limits.

This looks at a stage whoever gave it (the rules, a model, a scorer), so it also tells when nothing in the epoch
speaks for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.stage_epochs import Epoch
from tools.staging_evidence import (
    DEFAULTS,
    HALF,
    Check,
    Person,
    RuleSettings,
    eyes_move,
    joined_s,
    low_tone,
    mixed_s,
    readable,
    sees_eyes,
    waves,
)

SLEEPVLM_IDS: dict[str, str] = {
    "AASM-W-01": "W.1", "AASM-W-02": "W.2", "AASM-W-03": "W.3", "AASM-N1-01": "N1.1", "AASM-N1-02": "N1.2",
    "AASM-N1-05": "N2.4", "AASM-N2-01": "N2.1", "AASM-N2-02": "N2.2", "AASM-N2-03": "N2.3",
    "AASM-N2-04": "N2.4", "AASM-N3-01": "N3.1", "AASM-R-01": "R.1", "AASM-R-02": "R.2", "AASM-R-03": "R.3",
    "AASM-R-04": "R.3", "AASM-R-05": "R.3", "AASM-R-06": "R.3", "AASM-MBM-02": "MBM.1",
    "AASM-MBM-03": "MBM.2",
}  # fmt: skip
"""Our ids as SleepVLM numbers the same rules (arXiv:2603.26738)."""


def aliases(rules: Sequence[str]) -> tuple[str, ...]:
    """SleepVLM's ids of some rules, each once; rules that it does not number have none."""
    return tuple(dict.fromkeys(SLEEPVLM_IDS[rule] for rule in rules if rule in SLEEPVLM_IDS))


def checks_for(
    stage: str,
    number: int,
    epochs: Sequence[Epoch],
    stages: Sequence[str | None],
    person: Person,
    settings: RuleSettings = DEFAULTS,
) -> tuple[Check, ...]:
    """Compare an epoch with the rules for a stage.

    Parameters
    ----------
    stage : str
        W, N1, N2, N3 or R.
    number : int
        Which epoch, from 0.
    epochs : sequence of Epoch
        The whole recording.
    stages : sequence of str or None
        The stages of its neighbours, as whoever gave `stage` gave them.
    person : Person
        From ``tools.staging_evidence.person_of``.
    settings : RuleSettings
        Limits.

    Returns
    -------
    tuple of Check
        What could be compared; a quantity that was not measured has none. `Check.holds` tells the rules that
        make the stage from those that would have.
    """
    epoch = epochs[number]
    before = stages[number - 1] if number else None
    last = epochs[number - 1] if number else None
    if epoch.obscured_s > HALF:
        return _movement(stage, number, epoch, stages)
    if stage == "W":
        return _wake(epoch, person, settings)
    if stage == "N1":
        return _drowsy(epoch, last, before, person)
    if stage == "N2":
        return _light(epoch, last, before, settings)
    if stage == "N3":
        return _deep(epoch, settings)
    neighbours = (before, stages[number + 1] if number + 1 < len(stages) else None)
    return _dreaming(epoch, neighbours, person)


def rules_that_hold(checks: Sequence[Check]) -> tuple[str, ...]:
    """Ids of the rules of which every comparison holds, in the order of the comparisons."""
    failed = {check.rule for check in checks if not check.holds}
    return tuple(dict.fromkeys(check.rule for check in checks if check.rule not in failed))


def _movement(stage: str, number: int, epoch: Epoch, stages: Sequence[str | None]) -> tuple[Check, ...]:
    near = [stages[i] for i in (number - 1, number + 1) if 0 <= i < len(stages)]
    found = [Check("AASM-MBM-01", "obscured", epoch.obscured_s, "s", "> 15", True)]
    if stage == "W":
        holds = bool(epoch.alpha_s) or "W" in near
        found.append(Check("AASM-MBM-02", "alpha", epoch.alpha_s or 0.0, "s", "> 0, or W beside", holds))
    elif number + 1 < len(stages):
        same = float(stages[number + 1] == stage)
        found.append(Check("AASM-MBM-03", "same stage as the next epoch", same, "", "1", bool(same)))
    return tuple(found)


def _wake(epoch: Epoch, person: Person, settings: RuleSettings) -> tuple[Check, ...]:
    found = []
    if epoch.alpha_s is not None:
        half = readable(epoch) / 2
        found.append(Check("AASM-W-01", "alpha", epoch.alpha_s, "s", f"> {half:g}", epoch.alpha_s > half))
    if epoch.blinks is not None:
        blinking = round(joined_s(epoch.blinks, settings.blink_reach), 1)
        found.append(Check("AASM-W-02", "blinks", blinking, "s", "> 15", blinking > HALF))
    tone = low_tone(epoch, person)
    if epoch.rem is not None and tone is not None and epoch.tone_uv is not None:
        moving = round(joined_s(epoch.rem, settings.blink_reach), 1)
        found.append(Check("AASM-W-03", "rapid eye movements", moving, "s", "> 15", moving > HALF))
        limit = f"> {person.low_tone_uv:.1f}"
        found.append(Check("AASM-W-03", "chin tone", epoch.tone_uv, "uV", limit, not tone))
    return tuple(found)


def _drowsy(epoch: Epoch, last: Epoch | None, before: str | None, person: Person) -> tuple[Check, ...]:
    mixed = round(mixed_s(epoch), 1)
    free = waves(epoch, first_half=True) if last is not None else waves(epoch)
    found = []
    # Which of the two rules is asked depends on whether alpha was seen to vanish; both, where that is unknown.
    if person.makes_alpha is not False:
        found.append(Check("AASM-N1-01", "mixed-frequency EEG", mixed, "s", "> 15", mixed > HALF))
        if free is not None:
            found.append(Check("AASM-N1-01", "spindles and K-complexes", float(free), "", "0", free == 0))
    if not person.makes_alpha:
        found += _slowed(epoch)
    if epoch.kcomplexes_arousal and not free:
        count = float(len(epoch.kcomplexes_arousal))
        found.append(Check("AASM-N1-04", "K-complexes with arousal", count, "", ">= 1", True))
    arousals = len(epoch.arousals or ()) + len((last.arousals if last else None) or ())
    if before in ("N2", "R") and arousals:
        rule = "AASM-N1-05" if before == "N2" else "AASM-R-05"
        found.append(Check(rule, "arousals", float(arousals), "", ">= 1", not free))
    return tuple(found)


def _slowed(epoch: Epoch) -> list[Check]:
    """The first signs of N1 in people without alpha."""
    signs = [("vertex waves", epoch.vertex), ("slow eye movements", epoch.sem)]
    seen = [Check("AASM-N1-02", name, float(len(t)), "", ">= 1", True) for name, t in signs if t]
    if not seen and epoch.frequency is not None:
        slowed = 4.0 <= epoch.frequency < 7.0
        return [Check("AASM-N1-02", "centre of 2-12 Hz", epoch.frequency, "Hz", "4-7", slowed)]
    return seen


def _light(epoch: Epoch, last: Epoch | None, before: str | None, settings: RuleSettings) -> tuple[Check, ...]:
    found = []
    here = waves(epoch, first_half=None if last is None else True)
    if here is not None:
        earlier = (waves(last, first_half=False) or 0) if last is not None else 0
        where = "spindles and K-complexes" + (
            "" if last is None else " in this first or the last second half"
        )
        found.append(Check("AASM-N2-01", where, float(here + earlier), "", ">= 1", here + earlier > 0))
    if before in ("N2", "N3"):
        mixed = round(mixed_s(epoch), 1)
        rule = "AASM-N2-02" if before == "N2" else "AASM-N2-03"
        found.append(Check(rule, "mixed-frequency EEG after " + before, mixed, "s", "> 15", mixed > HALF))
        if epoch.arousals is not None and before == "N2":
            count = len(epoch.arousals)
            found.append(Check(rule, "arousals", float(count), "", "0", count == 0))
        if before == "N2" and here is not None:
            # N2 that a wave of its own starts anew does not go on by this rule.
            found.append(
                Check(rule, "spindles and K-complexes in this half", float(here), "", "0", here == 0)
            )
    if epoch.slow_wave_s is not None:
        limit = settings.slow_wave_s
        held = epoch.slow_wave_s < limit
        found.append(Check("AASM-N2-05", "slow waves", epoch.slow_wave_s, "s", f"< {limit:g}", held))
    return tuple(found)


def _deep(epoch: Epoch, settings: RuleSettings) -> tuple[Check, ...]:
    found = []
    seconds, tall = epoch.slow_wave_s, epoch.tall_s
    by_windows = tall is not None and tall >= settings.tall_s
    if seconds is not None and (seconds >= settings.slow_wave_s or not by_windows):
        held = seconds >= settings.slow_wave_s
        found.append(Check("AASM-N3-01", "slow waves", seconds, "s", f">= {settings.slow_wave_s:g}", held))
    elif tall is not None and by_windows:
        found.append(Check("AASM-N3-01", "around slow waves", tall, "s", f">= {settings.tall_s:g}", True))
    if tall is not None and by_windows:
        found.append(Check("AASM-N3-02", "around slow waves", tall, "s", f">= {settings.tall_s:g}", True))
    return tuple(found)


def _dreaming(epoch: Epoch, neighbours: tuple[str | None, str | None], person: Person) -> tuple[Check, ...]:
    found = []
    tone, count, movements = low_tone(epoch, person), waves(epoch), eyes_move(epoch)
    mixed = round(mixed_s(epoch), 1)
    rule = "AASM-R-01" if movements or "R" not in neighbours else "AASM-R-02"
    found.append(Check(rule, "mixed-frequency EEG", mixed, "s", "> 15", mixed > HALF))
    if rule == "AASM-R-01":
        found.append(Check(rule, "rapid eye movements", float(movements), "", ">= 1", movements > 0))
    if count is not None and not (count and movements):
        found.append(Check(rule, "spindles and K-complexes", float(count), "", "0", count == 0))
    elif count:
        found.append(Check("AASM-R-09", "waves of N2 beside eye movements", float(count), "", ">= 1", True))
    if tone is not None and epoch.tone_uv is not None:
        found.append(Check(rule, "chin tone", epoch.tone_uv, "uV", f"<= {person.low_tone_uv:.1f}", tone))
    else:
        still = len(epoch.vertex or ()) + len(epoch.sem or ())
        held = not still and sees_eyes(epoch) and mixed > HALF and (movements > 0 or not count)
        name = "vertex waves and slow eye movements"
        found.append(Check("AASM-R-11", name, float(still), "", "0", held))
    if epoch.sawtooth_s:
        found.append(Check("AASM-R-10", "sawtooth waves", epoch.sawtooth_s, "s", "> 0", True))
    return tuple(found)
