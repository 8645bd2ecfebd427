"""Stages of a recording as the agent uses them: staged once, kept beside its events, read epoch by epoch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.findings import Certainty, CitedRule, Evidence, Finding
from agent.index import Progress
from agent.words import listed, number, on_the_clock, span
from agent.workbench import Workbench
from tools.labels import STAGES
from tools.stage_epochs import LABELS
from tools.staging import RuleCheck, StagedEpoch, Staging, stage_recording
from tools.types import Measurement, ToolError

EPOCH = 30.0
TOOL = "stage_sleep"
_SURE, _LIKELY = 0.8, 0.5
_TELLING = 3


class Against(NamedTuple):
    """What a stage asks for, in a measurement of the epoch: its limit, its rule, and how it is said."""

    measurement: tuple[str, ...]
    rule: str
    limit: str
    least: float | None
    most: float | None
    words: str
    unit: str


ASKED_OF: dict[str, tuple[Against, ...]] = {
    "W": (Against(("alpha_s",), "AASM-W-01", "more than half the epoch", 15.0, None, "alpha rhythm", "s"),),
    "N1": (
        Against(("spindles", "kcomplexes"), "AASM-N1-01", "none", None, 0.0, "spindles and K-complexes", ""),
        Against(("alpha_s",), "AASM-N1-01", "less than half the epoch", None, 15.0, "alpha rhythm", "s"),
    ),
    "N2": (
        Against(("spindles", "kcomplexes"), "AASM-N2-01", "one or more", 1.0, None, "spindles and K-complexes", ""),
        Against(("slow_wave_s",), "AASM-N2-05", "less than 6 s", None, 6.0, "slow waves", "s"),
    ),
    "N3": (Against(("slow_wave_s",), "AASM-N3-01", "6 s or more", 6.0, None, "slow waves", "s"),),
    "R": (
        Against(("rem",), "AASM-R-01", "one or more", 1.0, None, "rapid eye movements", ""),
        Against(("spindles", "kcomplexes"), "AASM-R-01", "none", None, 0.0, "spindles and K-complexes", ""),
    ),
}  # fmt: skip
"""By stage: the measurements that most plainly speak against it where they miss the limit."""


def check_stages(names: Sequence[str]) -> tuple[str, ...]:
    """Stages by their names, each once; ToolError names those there are."""
    known = {"WAKE": "W", "REM": "R", **{stage: stage for stage in STAGES}}
    found = [known.get(str(name).strip().upper()) for name in names]
    if None in found:
        raise ToolError(
            "There is no such stage; stages are W, N1, N2, N3 and R.", field="stages", choices=STAGES
        )
    return tuple(dict.fromkeys(stage for stage in found if stage))


def staged(bench: Workbench) -> Staging:
    """The recording's stages, scored now where nobody asked before."""
    recording, age = bench.recording, bench.age_years

    def make() -> dict[str, object]:
        step = bench.progress or (lambda _: None)
        waves = bench.with_progress(lambda share: step(0.8 * share))
        found = waves.search(LABELS, 0.0, recording.info.duration)
        made = stage_recording(recording, found=found, age_years=age, progress=_last_fifth(step))
        return made.model_dump(mode="json")

    if bench.index is None:
        return Staging.model_validate(make())
    name = "stages" if age is None or age == recording.info.age_years else f"stages-{age:g}"
    return Staging.model_validate(bench.index.document(recording, name, make))


def _last_fifth(step: Progress) -> Progress:
    return lambda share: step(max(0.8, share))


_MEASURED: dict[str, tuple[str, str]] = {
    "missing_s": ("missing", "s"), "obscured_s": ("obscured", "s"), "alpha_s": ("alpha rhythm", "s"),
    "alpha_hz": ("alpha rhythm frequency", "Hz"), "slow_wave_s": ("slow waves", "s"),
    "slow_waves": ("number of slow waves", "count"), "spindles": ("spindles", "count"),
    "kcomplexes": ("K-complexes", "count"), "kcomplexes_arousal": ("K-complexes with arousal", "count"),
    "vertex": ("vertex waves", "count"), "sawtooth_s": ("sawtooth waves", "s"),
    "rem": ("rapid eye movements", "count"), "sem": ("slow eye movements", "count"), "blinks": ("blinks", "count"),
    "arousals": ("arousals", "count"), "movements": ("movements", "count"), "tone_uv": ("chin tone", "uV"),
    "frequency": ("centre of 2-12 Hz", "Hz"),
}  # fmt: skip
"""How the measurements of an epoch are called, and their units; those left out mean nothing by themselves."""


def epoch_measurements(epoch: StagedEpoch) -> Iterator[Measurement]:
    """All that was measured of an epoch, so that an answer may name it."""
    for name, (words, unit) in _MEASURED.items():
        value = epoch.measurements.get(name)
        if value is not None:
            yield _measured(epoch, words, value, unit)


def certainty_of(epoch: StagedEpoch) -> Certainty:
    """How sure a stage is, by its probability."""
    if epoch.confidence >= _SURE:
        return "definite"
    return "probable" if epoch.confidence >= _LIKELY else "possible"


def epoch_findings(
    night: Staging, epoch: StagedEpoch, start: str | None, asked: Sequence[str]
) -> Iterator[Finding]:
    """Say an epoch's stage, the rules and measurements that make it, and what speaks against the one next to it."""
    n = round(epoch.onset / EPOCH) + 1
    place = f"Epoch {n} ({span(epoch.onset, epoch.duration)}{on_the_clock(epoch.onset, start, lead=', ')})"
    if epoch.stage is None:
        yield Finding(statement=f"{place} has no stage: {epoch.reason}.", certainty="definite",
                      evidence=(_measured(epoch, "epoch", float(n), "count"),))  # fmt: skip
        return
    yield _stage_finding(night, epoch, place, n)
    holding = [check for check in epoch.checks if check.rule in epoch.rules][: _TELLING + 1]
    if holding:
        measured = [m for check in holding for m in _of_check(epoch, check)]
        told = listed([_check_words(check) for check in holding])
        yield Finding(statement=f"What makes it {epoch.stage}: {told}.", certainty=certainty_of(epoch),
                      evidence=(*measured, *_rules(check.rule for check in holding)))  # fmt: skip
    else:
        yield Finding(
            statement=f"No rule for {epoch.stage} holds in this epoch by itself; the stage rests on the model.",
            certainty="possible",
            evidence=(_stage_measurement(epoch),),
        )
    others = [stage for stage in (*asked, epoch.competing) if stage and stage != epoch.stage]
    for other in dict.fromkeys(others):
        yield from _against(epoch, other)
    if epoch.disagreement and epoch.rules_stage:
        words = epoch.disagreement.partition(": ")[2]
        yield Finding(
            statement=f"The scoring rules by themselves come to {epoch.rules_stage}: {words}.",
            certainty="possible",
            evidence=(_measured(epoch, f"stage {epoch.rules_stage} by rules", 1.0, ""),),
        )


def _stage_finding(night: Staging, epoch: StagedEpoch, place: str, n: int) -> Finding:
    by = "the scoring rules" if night.agreement is None else "the model of whole nights"
    if epoch.model_stage not in (None, epoch.stage):
        by += f", which says {epoch.model_stage}, corrected by the scoring rules"
    evidence = [_stage_measurement(epoch), _measured(epoch, "epoch", float(n), "count"),
                _measured(epoch, "epoch length", epoch.duration, "s")]  # fmt: skip
    second = ""
    if epoch.competing:
        chance = epoch.probabilities.get(epoch.competing, 0.0)
        evidence.append(_measured(epoch, f"probability of {epoch.competing}", 100 * chance, "%"))
        second = f", next {epoch.competing} with {100 * chance:.0f} %"
    return Finding(
        statement=f"{place} is {epoch.stage} by {by} (probability {100 * epoch.confidence:.0f} %{second}).",
        certainty=certainty_of(epoch),
        evidence=tuple(evidence),
    )


def _against(epoch: StagedEpoch, stage: str) -> Iterator[Finding]:
    """What a stage asks for that the epoch does not give; nothing where all of it is there."""
    for asked in ASKED_OF[stage]:
        values = [epoch.measurements.get(name) for name in asked.measurement]
        known = [value for value in values if value is not None]
        if not known:
            continue
        value = sum(known)
        short = asked.least is not None and value < asked.least
        over = asked.most is not None and value > asked.most
        if not (short or over):
            continue
        here = f"{number(value)} s of {asked.words}" if asked.unit else f"{value:.0f} {asked.words}"
        yield Finding(
            statement=f"Against {stage}: it asks for {asked.limit}, and here there are {here} [{asked.rule}].",
            certainty="definite",
            evidence=(_measured(epoch, asked.words, value, asked.unit or "count"), CitedRule(id=asked.rule)),
        )
        return


def _stage_measurement(epoch: StagedEpoch) -> Measurement:
    return _measured(epoch, f"stage {epoch.stage}", 100 * epoch.confidence, "%")


def _measured(epoch: StagedEpoch, quantity: str, value: float, unit: str) -> Measurement:
    return Measurement(
        onset=epoch.onset, duration=epoch.duration, quantity=quantity, value=value, unit=unit, tool=TOOL,
        amplitude_kind="rms" if unit == "uV" else None,
    )  # fmt: skip


def _of_check(epoch: StagedEpoch, check: RuleCheck) -> Iterator[Measurement]:
    """What a rule compares: the quantity, and the limit that it sets."""
    unit = check.unit or "count"
    yield _measured(epoch, check.quantity, check.value, unit)
    for limit in re.findall(r"\d+(?:\.\d+)?", check.limit):
        yield _measured(epoch, f"limit of {check.quantity}", float(limit), unit)


def _rules(ids: Iterator[str] | Sequence[str]) -> tuple[Evidence, ...]:
    return tuple(CitedRule(id=rule) for rule in dict.fromkeys(ids))


def _check_words(check: RuleCheck) -> str:
    unit = {"s": " s", "uV": " µV RMS", "Hz": " Hz", "": ""}.get(check.unit, f" {check.unit}")
    value = f"{check.value:.0f}" if not check.unit else number(check.value)
    limit = check.limit.replace(">= ", "at least ").replace("<= ", "at most ").replace("> ", "more than ")
    limit = limit.replace("< ", "less than ")
    asked = "none" if limit == "0" else f"{limit}{unit}"
    return f"{check.quantity} {value}{unit} (asked for: {asked}) [{check.rule}]"
