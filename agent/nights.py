"""What the staging tool does: one epoch laid open, a stretch counted, or the numbers of a whole night."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from agent.facts import Facts
from agent.findings import CitedRule, Finding
from agent.seeing import Seen, looked, payload
from agent.staging import EPOCH, TOOL, check_stages, epoch_findings, epoch_measurements, staged
from agent.words import listed, number, on_the_clock, span
from agent.workbench import Workbench
from knowledge.types import Citation
from tools.labels import STAGES
from tools.sleep_statistics import SleepStatistics, sleep_statistics
from tools.staging import StagedEpoch, Staging
from tools.types import Measurement, ToolError

SPELT_OUT = 3
"""Epochs that are laid open one by one; more are counted."""


def look_at_stages(
    bench: Workbench, onset: float, duration: float, whole: bool, instead: Sequence[str] | None
) -> Seen:
    """Say which stages a place or the night has, with the rules and measurements that make them."""
    night, total = staged(bench), bench.recording.info.duration
    start = bench.recording.info.start_time_of_day
    asked = check_stages(instead or ())
    here: list[StagedEpoch] = []
    if whole:
        findings = list(_night_findings(bench, night, start))
        onset, duration = 0.0, total
    else:
        here = [
            e
            for e in night.epochs
            if e.onset < onset + duration - 1e-6 and e.onset + e.duration > onset + 1e-6
        ]
        if not here:
            raise ToolError("The recording ends before that; ask for an earlier place.", field="onset")
        middle = onset + duration / 2
        if duration < EPOCH:  # a page inside two epochs belongs to the one that holds its middle
            here = [e for e in here if e.onset <= middle < e.onset + e.duration] or here[:1]
        findings = list(_place_findings(night, here, start, asked))
    rules = [e.id for f in findings for e in f.evidence if isinstance(e, CitedRule)]
    citations = list(_read(bench, dict.fromkeys(rules)))
    laid_open = here if len(here) <= SPELT_OUT else []
    beside = [m for epoch in laid_open for m in epoch_measurements(epoch)]
    measured = {m.model_dump_json(): m for f in findings for m in f.evidence if isinstance(m, Measurement)}
    measured |= {m.model_dump_json(): m for m in beside}
    facts = Facts(
        tool=TOOL, measurements=(looked(TOOL, onset, duration), *measured.values()), citations=tuple(citations),
        not_analysed=night.not_analysed, payload=payload(findings),
    )  # fmt: skip
    words = [finding.statement for finding in findings]
    words += [f"Limits: {note}." for note in night.notes]
    return "\n".join(words), facts


def _read(bench: Workbench, ids: Sequence[str] | dict[str, None]) -> Iterator[Citation]:
    for rule in list(ids)[:12]:
        yield bench.rules.get(rule)


def _place_findings(
    night: Staging, here: Sequence[StagedEpoch], start: str | None, asked: Sequence[str]
) -> Iterator[Finding]:
    if len(here) <= SPELT_OUT:
        for epoch in here:
            yield from epoch_findings(night, epoch, start, asked)
        return
    counts = {stage: sum(e.stage == stage for e in here) for stage in STAGES}
    onset, stop = here[0].onset, here[-1].onset + here[-1].duration
    told = listed([f"{n} {stage}" for stage, n in counts.items() if n])
    numbers = [
        _number(onset, stop - onset, f"epochs of {s}", float(n), "count") for s, n in counts.items() if n
    ]
    numbers += [
        _number(onset, stop - onset, f"stage {s}", 100 * n / len(here), "%") for s, n in counts.items() if n
    ]
    if told:
        yield Finding(
            statement=f"In {span(onset, stop - onset)} the epochs are: {told}.", certainty="probable",
            evidence=(_number(onset, stop - onset, "epochs", float(len(here)), "count"), *numbers),
        )  # fmt: skip
    yield from _changes(here, start)


def _changes(here: Sequence[StagedEpoch], start: str | None) -> Iterator[Finding]:
    """When the stage changes, for a stretch in which that can be listed."""
    runs = [(stage, list(group)) for stage, group in groupby(here, key=lambda e: e.stage)]
    if not 1 < len(runs) <= 8:
        return
    told, measured = [], []
    for stage, group in runs:
        if stage is None:
            continue
        told.append(f"{stage} from {group[0].onset:.0f} s{on_the_clock(group[0].onset, start, lead=', ')}")
        measured.append(_number(group[0].onset, len(group) * EPOCH, f"stage {stage}", 100.0, "%"))
    if measured:
        yield Finding(
            statement=f"In their order: {'; '.join(told)}.", certainty="probable", evidence=tuple(measured)
        )


def _night_findings(bench: Workbench, night: Staging, start: str | None) -> Iterator[Finding]:
    """The numbers of a sleep report, one sentence each, so that an answer may take the one it needs."""
    total = bench.recording.info.duration
    arousals = bench.search(("arousal",), 0.0, total)
    heard = arousals.events if "arousal" in arousals.analysed.labels else None
    numbers = sleep_statistics(night.stages, total=total, arousals=heard)
    make = _Numbers(numbers, total)
    asleep = numbers.sleep_latency_min is not None
    if not asleep:
        yield make.say(
            "No epoch of sleep was found in the recording.", total_sleep_time=numbers.total_sleep_min
        )
        return
    yield from _of_sleep(make, numbers)
    yield _of_stages(numbers, total)
    yield from _firsts(night, start)
    periods = _periods(night)
    yield make.say(f"Sleep was left for wake {numbers.awakenings} times (awakenings), and the stage changed "
                   f"{numbers.changes} times.", awakenings=float(numbers.awakenings),
                   stage_changes=float(numbers.changes))  # fmt: skip
    yield make.say(
        f"{periods} periods of R, with a quarter of an hour or more between them.",
        periods_of_R=float(periods),
    )
    if numbers.arousals is not None and numbers.arousal_index is not None:
        yield make.say(
            f"{numbers.arousals} arousals in sleep give an arousal index of {numbers.arousal_index:.1f} per hour "
            "[AASM-RPT-01].",
            arousals_in_sleep=float(numbers.arousals),
            arousal_index=numbers.arousal_index,
        )
    if night.agreement is not None:
        share = 100 * night.agreement
        yield make.say(f"The stages are those of a model of whole nights; the scoring rules by themselves agree in "
                       f"{share:.0f} % of the epochs.", agreement_with_rules=share)  # fmt: skip


class _Numbers:
    """Sentences with their numbers, measured over the whole recording."""

    def __init__(self, numbers: SleepStatistics, total: float) -> None:
        self.numbers, self.total = numbers, total

    def say(self, statement: str, **values: float | None) -> Finding:
        evidence = [
            _number(0.0, self.total, name.replace("_", " "), value, _unit(name))
            for name, value in values.items()
            if value is not None
        ]
        rule = CitedRule(id="AASM-RPT-01")
        return Finding(statement=statement, certainty="probable", evidence=(*evidence, rule))


def _unit(name: str) -> str:
    if name in ("awakenings", "stage_changes", "periods_of_R", "arousals_in_sleep"):
        return "count"
    return {
        "arousal_index": "/h",
        "sleep_efficiency": "%",
        "sleep_maintenance": "%",
        "agreement_with_rules": "%",
    }.get(name, "min")


def _of_sleep(make: _Numbers, n: SleepStatistics) -> Iterator[Finding]:
    yield make.say(f"Total sleep time is {number(n.total_sleep_min)} min of {number(n.recording_min)} min recorded.",
                   total_sleep_time=n.total_sleep_min, recording_time=n.recording_min)  # fmt: skip
    if n.efficiency is not None:
        yield make.say(f"Sleep efficiency is {100 * n.efficiency:.0f} %; nothing is known of lights out, so the "
                       "recording stands for the time in bed.", sleep_efficiency=100 * n.efficiency)  # fmt: skip
    if n.sleep_latency_min is not None:
        yield make.say(f"Sleep latency is {number(n.sleep_latency_min)} min from the start of the recording.",
                       sleep_latency=n.sleep_latency_min)  # fmt: skip
    if n.rem_latency_min is not None:
        yield make.say(f"REM latency is {number(n.rem_latency_min)} min from sleep onset.",
                       REM_latency=n.rem_latency_min)  # fmt: skip
    else:
        yield make.say("There is no epoch of R, and so no REM latency.", no_REM_latency=0.0)
    if n.wake_after_onset_min is not None:
        yield make.say(f"Wake after sleep onset (WASO) is {number(n.wake_after_onset_min)} min.",
                       wake_after_sleep_onset=n.wake_after_onset_min)  # fmt: skip


def _of_stages(n: SleepStatistics, total: float) -> Finding:
    told, measured = [], []
    for stage in STAGES:
        minutes, share = n.minutes[stage], n.share.get(stage)
        measured.append(_number(0.0, total, f"time in {stage}", minutes, "min"))
        words = f"{stage} {number(minutes)} min"
        if share is not None:
            measured.append(_number(0.0, total, f"share of {stage} in sleep", 100 * share, "%"))
            words += f" ({100 * share:.0f} % of sleep)"
        told.append(words)
    return Finding(statement=f"Time in stages: {', '.join(told)}.", certainty="probable",
                   evidence=(*measured, CitedRule(id="AASM-RPT-01")))  # fmt: skip


def _firsts(night: Staging, start: str | None) -> Iterator[Finding]:
    """When each stage is reached first."""
    told, measured = [], []
    for stage in STAGES:
        first = next((e for e in night.epochs if e.stage == stage), None)
        if first is not None:
            told.append(f"{stage} at {first.onset:.0f} s{on_the_clock(first.onset, start, lead=', ')}")
            measured.append(_number(first.onset, EPOCH, f"first epoch of {stage}", first.onset, "s"))
    if told:
        yield Finding(
            statement=f"First epochs: {'; '.join(told)}.", certainty="probable", evidence=tuple(measured)
        )


def _periods(night: Staging) -> int:
    """Periods of R: runs whose epochs lie less than 15 min apart."""
    onsets = [e.onset for e in night.epochs if e.stage == "R"]
    return sum(i == 0 or onset - onsets[i - 1] >= 900 + EPOCH for i, onset in enumerate(onsets))


def _number(onset: float, duration: float, quantity: str, value: float, unit: str) -> Measurement:
    return Measurement(onset=onset, duration=duration, quantity=quantity, value=value, unit=unit, tool=TOOL)
