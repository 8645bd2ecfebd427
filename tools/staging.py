"""Sleep stages of a recording: a night by the published model, anything else by the scoring rules.

The rules run in either case. They say what in an epoch makes its stage, and where they come to another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from tools.labels import STAGES
from tools.stage_epochs import LABELS, Epoch, measure_epochs
from tools.stage_seconds import EPOCH
from tools.staging_ahead import Decision
from tools.staging_channels import StagingChannels, staging_channels
from tools.staging_combined import combine
from tools.staging_evidence import HALF, Check, Person, person_of, probabilities, stage_scores
from tools.staging_explain import aliases, checks_for, rules_that_hold
from tools.staging_night import ask_model
from tools.staging_rules import score_by_rules
from tools.types import Detection, NotAnalysed, Place, Record, ToolError

if TYPE_CHECKING:
    from tools.io import OpenRecording
    from tools.staging_model import StagedNight

Stage = Literal["W", "N1", "N2", "N3", "R"]
METHODS = ("auto", "model", "rules")
RULES = "AASM rules"
_HOW = {"auto": "corrected and explained", "model": "explained"}


class RuleCheck(Record):
    """A measured quantity beside the limit of a rule."""

    rule: str
    quantity: str
    value: float
    unit: str
    limit: str
    holds: bool


class StagedEpoch(Place):
    """One epoch with its stage and all that speaks for it."""

    stage: Stage | None
    reason: str | None = None
    """Why there is no stage."""
    confidence: float = Field(ge=0, le=1)
    probabilities: dict[str, float]
    """Of every stage; empty where there is none."""
    rules: tuple[str, ...] = ()
    """Ids of the scoring rules that hold for the stage."""
    aliases: tuple[str, ...] = ()
    """The same as SleepVLM numbers them."""
    competing: Stage | None = None
    """The stage that comes next in probability."""
    model_stage: Stage | None = None
    """What the model alone says; None where it was not asked."""
    rules_stage: Stage | None = None
    """What the rules alone come to."""
    why: str | None = None
    """What decided for the rules."""
    disagreement: str | None = None
    """In words, where the rules come to another stage."""
    checks: tuple[RuleCheck, ...] = ()
    measurements: dict[str, float | None] = Field(default_factory=dict)


class Staging(Record):
    """The stages of a whole recording."""

    epochs: tuple[StagedEpoch, ...]
    channels: dict[str, list[str]]
    method: str
    not_analysed: tuple[NotAnalysed, ...] = ()
    notes: tuple[str, ...] = ()
    agreement: float | None = None
    """Share of the epochs in which the rules alone come to the stage given; None where they alone staged."""

    @property
    def stages(self) -> tuple[str | None, ...]:
        """One per epoch."""
        return tuple(epoch.stage for epoch in self.epochs)


def stage_recording(
    recording: OpenRecording,
    *,
    method: str = "auto",
    found: Detection | None = None,
    age_years: float | None = None,
    progress: Callable[[float], None] | None = None,
) -> Staging:
    """Stage a recording, epoch by epoch of 30 s from its start.

    Parameters
    ----------
    recording : OpenRecording
        From ``tools.io.open_recording``.
    method : str
        ``model`` asks for the model of whole nights, ``rules`` for the scoring rules alone; ``auto`` takes the
        model where it can work, corrected where a rule is decisive (``tools.staging_combined``).
    found : Detection, optional
        What ``tools.detect.detect`` found in the whole recording for ``tools.stage_epochs.LABELS``; looked for
        when left out.
    age_years : float, optional
        Where the recording does not hold it.
    progress : callable, optional
        Told the share that is done, 0 to 1.

    Returns
    -------
    Staging
        A last epoch of less than 30 s, and epochs without signal, have no stage but a reason.

    Raises
    ------
    ToolError
        If there is no EEG channel, or the model is asked for and cannot work.

    Notes
    -----
    Rules see what the detectors see: without EOG there is no stage R, without chin EMG its confidence is low. A
    recording of less than five minutes lacks the neighbours that the rules and the model need; its stages are
    those that the epoch by itself makes likely.

    References
    ----------
    Vallat & Walker (2021), eLife 10:e70092, https://doi.org/10.7554/eLife.70092.
    """
    if method not in METHODS:
        raise ToolError("There is no such method of staging.", field="method", choices=METHODS)
    channels = staging_channels(recording.info)
    if not channels.central:
        raise ToolError("Staging needs at least one EEG channel.", field="file")
    step = progress or (lambda _: None)
    if found is None:
        from tools.detect import detect

        found = detect(recording, labels=LABELS, progress=lambda share: step(0.8 * share))
    epochs = measure_epochs(recording, found, channels, progress=lambda share: step(0.8 + 0.1 * share))
    person = person_of(epochs)
    decisions = score_by_rules(epochs, person)
    night, reason = (None, None) if method == "rules" else ask_model(recording, channels, age_years)
    if night is None and method == "model":
        raise ToolError(
            f"The model cannot stage this recording: {reason}.", field="method", choices=("rules",)
        )
    if night is None:
        made = _by_rules(epochs, decisions, person)
    else:
        whole = _corrected(night, epochs, channels, person) if method == "auto" else night
        made = _by_model(whole, night.stages, epochs, decisions, person)
    step(1.0)
    both = [e for e in made if e.stage is not None and e.rules_stage is not None]
    agreeing = sum(e.stage == e.rules_stage for e in both)
    notes = (*channels.notes, *((f"stages are by rules alone: {reason}",) if reason else ()))
    return Staging(
        epochs=(*made, *_rest(recording.info.duration, len(made))),
        channels=channels.words(),
        method=RULES if night is None else f"{night.method}, {_HOW[method]} by {RULES}",
        not_analysed=_missing(found, channels, person),
        notes=notes,
        agreement=round(agreeing / len(both), 4) if night is not None and both else None,
    )


# --- epochs --------------------------------------------------------------------------------------------


def _by_rules(epochs: Sequence[Epoch], decisions: Sequence[Decision], person: Person) -> list[StagedEpoch]:
    stages = [decision.stage for decision in decisions]
    made = []
    for number, (epoch, decision) in enumerate(zip(epochs, decisions, strict=True)):
        if decision.stage is None:
            made.append(_unstaged(epoch.onset, epoch.duration, decision.why, epoch))
            continue
        chances = probabilities(
            stage_scores(epoch, person), decision.stage, firmness=1.0 if decision.firm else 0.0
        )
        checks = checks_for(decision.stage, number, epochs, stages, person)
        rules = tuple(dict.fromkeys([*decision.rules, *rules_that_hold(checks)]))
        made.append(_staged(epoch, decision.stage, chances, rules, checks, decision))
    return made


def _corrected(
    night: StagedNight, epochs: Sequence[Epoch], channels: StagingChannels, person: Person
) -> StagedNight:
    """The night with the model's probabilities corrected where a scoring rule is decisive."""
    both = min(len(night.stages), len(epochs))
    chances = combine(night.probabilities[:both], epochs[:both], channels, person)
    return night._replace(
        stages=tuple(STAGES[best] for best in chances.argmax(axis=1)), probabilities=chances
    )


def _by_model(
    night: StagedNight, model: Sequence[str], epochs: Sequence[Epoch], decisions: Sequence[Decision],
    person: Person,
) -> list[StagedEpoch]:  # fmt: skip
    made = []
    for number, (epoch, decision) in enumerate(zip(epochs, decisions, strict=False)):
        if number >= len(night.stages) or epoch.missing_s > HALF:
            made.append(_unstaged(epoch.onset, epoch.duration, decision.why, epoch))
            continue
        stage = night.stages[number]
        chances = {
            name: round(float(p), 4) for name, p in zip(STAGES, night.probabilities[number], strict=True)
        }
        checks = checks_for(stage, number, epochs, night.stages, person)
        made.append(_staged(epoch, stage, chances, rules_that_hold(checks), checks, decision, model[number]))
    return made


def _staged(
    epoch: Epoch, stage: str, chances: dict[str, float], rules: tuple[str, ...], checks: Sequence[Check],
    decision: Decision, model: str | None = None,
) -> StagedEpoch:  # fmt: skip
    second = max((name for name in chances if name != stage), key=lambda name: chances[name])
    differs = decision.stage is not None and decision.stage != stage
    return StagedEpoch.model_validate({
        "onset": epoch.onset, "duration": epoch.duration, "stage": stage,
        "confidence": min(chances[stage], 1.0), "probabilities": chances, "rules": rules,
        "aliases": aliases(rules), "competing": second, "model_stage": model, "rules_stage": decision.stage,
        "why": decision.why, "disagreement": f"rules say {decision.stage}: {decision.why}" if differs else None,
        "checks": [check._asdict() for check in checks], "measurements": measurements_of(epoch),
    })  # fmt: skip


def _unstaged(onset: float, duration: float, reason: str, epoch: Epoch | None = None) -> StagedEpoch:
    return StagedEpoch(
        onset=onset, duration=duration, stage=None, reason=reason, confidence=0.0, probabilities={},
        measurements={} if epoch is None else measurements_of(epoch),
    )  # fmt: skip


def measurements_of(epoch: Epoch) -> dict[str, float | None]:
    """The measurements as numbers by name, counts instead of lists; None where nothing was measured."""
    skipped = ("onset", "duration")
    values: dict[str, Any] = {k: v for k, v in epoch._asdict().items() if k not in skipped}
    return {k: float(len(v)) if isinstance(v, tuple) else v for k, v in values.items()}


def _rest(total: float, epochs: int) -> tuple[StagedEpoch, ...]:
    """What is left at the end and too short for an epoch."""
    onset = epochs * EPOCH
    left = total - onset
    if left < 0.05:
        return ()
    return (_unstaged(onset, round(left, 3), f"the last {left:.1f} s are shorter than an epoch of 30 s"),)


def _missing(found: Detection, channels: StagingChannels, person: Person) -> tuple[NotAnalysed, ...]:
    """Waveforms that could not be looked for, and stages that the channels cannot show."""
    missing = [item for item in found.not_analysed if item.label in LABELS]
    if not channels.eyes:
        missing.append(NotAnalysed(label="R", reason="no EOG: by rules R cannot be told from N1"))
    if not channels.chin:
        missing.append(NotAnalysed(label="chin tone", reason="no chin EMG"))
    elif person.low_tone_uv is None:
        reason = "too little of the night, or a tone that never falls, to say what is low"
        missing.append(NotAnalysed(label="chin tone", reason=reason))
    return tuple(missing)
