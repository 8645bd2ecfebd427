"""The scoring rules that look ahead: stage R reaches to its neighbours, movement takes its stage from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tools.stage_epochs import Epoch
from tools.staging_evidence import HALF, Person, RuleSettings, low_tone, mixed_s, waves

MOVEMENT = "movement"
"""In place of a stage, until the rules of movement have given one."""


class Decision(NamedTuple):
    """The stage that the rules give an epoch."""

    stage: str | None
    rules: tuple[str, ...]
    """Ids of the rules that decided."""
    why: str
    """In words: what decided, or why there is no stage."""
    firm: bool = True
    """False where no rule decides and what the epoch shows was only weighed."""


def extend_rem(epochs: Sequence[Epoch], made: list[Decision], person: Person, settings: RuleSettings) -> None:
    """Carry R backwards from definite R over epochs that nothing else claims."""
    for number in range(len(made) - 2, -1, -1):
        if made[number + 1].stage != "R" or made[number].stage not in ("N1", "N2"):
            continue
        epoch, before = epochs[number], made[number - 1].stage if number else None
        if waves(epoch) or low_tone(epoch, person) is False or mixed_s(epoch) <= HALF or epoch.arousals:
            continue
        if low_tone(epoch, person) is None and (epoch.vertex or epoch.sem or not _like_rem(epoch, settings)):
            continue
        rules = ("AASM-R-08",) if before == "N2" or made[number].stage == "N2" else ("AASM-R-02",)
        made[number] = Decision("R", rules, "next to R: low-amplitude EEG without spindle or K-complex")


def _like_rem(epoch: Epoch, settings: RuleSettings) -> bool:
    """Whether eyes and spectrum look like R, where the chin cannot tell."""
    return (epoch.eye_over_eeg or 0.0) >= settings.rolling and (epoch.sigma or 0.0) < 0.1


def settle_movement(epochs: Sequence[Epoch], made: list[Decision]) -> None:
    """Give disturbed epochs W beside alpha or W, else the stage that follows."""
    for number in range(len(made) - 1, -1, -1):
        if made[number].stage != MOVEMENT:
            continue
        after = made[number + 1].stage if number + 1 < len(made) else None
        before = next((d.stage for d in reversed(made[:number]) if d.stage != MOVEMENT), None)
        why, rules = made[number].why, made[number].rules
        if epochs[number].alpha_s:
            made[number] = Decision("W", (*rules, "AASM-MBM-02"), f"{why}, with alpha")
        elif "W" in (before, after):
            made[number] = Decision("W", (*rules, "AASM-MBM-02"), f"{why}, beside W")
        elif after is not None:
            made[number] = Decision(after, (*rules, "AASM-MBM-03"), f"{why}; the stage that follows")
        else:
            made[number] = Decision(None, rules, f"{why}, and nothing readable follows")
