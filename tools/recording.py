"""From what a file holds to a `Recording`: names, kinds, microvolts, and warnings in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tools.channels import NamedChannel, guess_montage, name_channels
from tools.deidentify import clean_unit
from tools.look import Look, is_copy, is_staircase, look_at
from tools.source import Source, SourceSignal, unreadable
from tools.types import Channel, Kind, Recording
from tools.units import BODY, judge_unit

_LOWEST_EEG_SFREQ = 40.0


@dataclass(frozen=True)
class _Draft:
    """A channel while it is being understood."""

    row: int
    named: NamedChannel
    signal: SourceSignal
    kind: Kind | None
    factor: float = 1.0
    unit: str = ""
    usable: bool = True


@dataclass(frozen=True)
class Described:
    """The record and, for each of its channels, where its samples are and what turns them into microvolts."""

    recording: Recording
    rows: tuple[int, ...]
    factors: tuple[float, ...]


def describe(source: Source) -> Described:
    """Understand a file's signals.

    Raises
    ------
    ToolError
        Where no channel is EEG or EOG.
    """
    look = look_at(source)
    warnings = list(source.warnings)
    named = name_channels(source.signals)
    drafts = [_Draft(i, n, s, n.kind) for i, (n, s) in enumerate(zip(named, source.signals, strict=True))]
    drafts = _scaled(drafts, look, warnings)
    drafts = _kinds_by_signal(drafts, look, warnings)
    drafts = _without_copies(drafts, look, warnings)
    kept = [draft for draft in drafts if draft.usable]
    if not any(draft.kind in ("eeg", "eog") for draft in kept):
        raise unreadable("The file holds no EEG channel that can be used; open a recording with EEG.")
    _warn_of_the_rest(kept, look, warnings)
    channels = tuple(_channel(draft) for draft in kept)
    kinds = [channel.kind for channel in channels]
    eeg = [draft.named for draft in kept if draft.kind == "eeg"]
    subject = source.subject
    recording = Recording(
        handle=look.handle,
        format=source.format,
        duration=source.duration,
        start_time_of_day=subject.start_time_of_day,
        age_years=subject.age_years,
        sex=subject.sex,
        channels=channels,
        montage_guess=guess_montage(eeg, kinds),
        annotations=source.annotations,
        gaps=source.gaps,
        warnings=tuple(warnings),
    )
    return Described(recording, tuple(d.row for d in kept), tuple(d.factor for d in kept))


def _channel(draft: _Draft) -> Channel:
    return Channel(
        name=draft.named.name,
        original_name=draft.named.original_name,
        kind=draft.kind or "other",
        sfreq=draft.signal.sfreq,
        unit=draft.unit,
    )


def _scaled(drafts: list[_Draft], look: Look, warnings: list[str]) -> list[_Draft]:
    """Give every channel its factor to microvolts; channels of one kind and unit are judged together."""
    done: dict[int, _Draft] = {}
    groups: dict[tuple[Kind | None, str], list[_Draft]] = {}
    for draft in drafts:
        groups.setdefault((draft.kind, draft.signal.unit), []).append(draft)
    for (kind, unit), group in groups.items():
        for draft in _scale_group(group, kind, unit, look, warnings):
            done[draft.row] = draft
    return [done[draft.row] for draft in drafts]


def _scale_group(
    group: list[_Draft], kind: Kind | None, unit: str, look: Look, warnings: list[str]
) -> list[_Draft]:
    verdict = judge_unit(unit, kind, look.deviation[[d.row for d in group]])
    if verdict.note:
        warnings.append(f"{_some(group)}: {verdict.note}.")
    if verdict.outcome == "left out":
        return [replace(d, usable=False) for d in group]
    if verdict.outcome == "no voltage":
        without: Kind | None = "other" if kind in BODY or kind is None else kind
        return [replace(d, kind=without, unit=clean_unit(unit)) for d in group]
    settled: Kind | None = "other" if verdict.outcome == "no body signal" else kind
    return [replace(d, kind=settled, factor=verdict.factor, unit="uV") for d in group]


def _kinds_by_signal(drafts: list[_Draft], look: Look, warnings: list[str]) -> list[_Draft]:
    """Decide kinds that names leave open, and take back names that the signal contradicts."""
    named_eeg = any(d.kind == "eeg" and d.usable for d in drafts)
    result = []
    for draft in drafts:
        kind, seen = draft.kind, look.stretches[draft.row]
        if kind == "eeg" and is_staircase(seen):
            warnings.append(f"{draft.named.name}: the signal stands on a few levels; not used as EEG.")
            kind = "scoring"
        elif kind == "eeg" and draft.signal.sfreq < _LOWEST_EEG_SFREQ:
            warnings.append(
                f"{draft.named.name}: {draft.signal.sfreq:g} Hz is too slow for EEG; not used as EEG."
            )
            kind = "other"
        elif kind is None:
            kind = _kind_of_unknown(draft, look, named_eeg)
        result.append(replace(draft, kind=kind))
    return result


def _kind_of_unknown(draft: _Draft, look: Look, named_eeg: bool) -> Kind:
    """Kind where the name says nothing: EEG if the signal fits and no other channel is named so."""
    if is_staircase(look.stretches[draft.row]):
        return "trigger"
    deviation = look.deviation[draft.row] * draft.factor
    numbered = draft.signal.label.strip().isdigit()
    like_eeg = draft.unit == "uV" and 0.1 <= deviation <= 1000.0 and draft.signal.sfreq >= _LOWEST_EEG_SFREQ
    return "eeg" if like_eeg and (numbered or not named_eeg) else "other"


def _without_copies(drafts: list[_Draft], look: Look, warnings: list[str]) -> list[_Draft]:
    """Set apart channels that repeat another one, so that nothing is counted twice."""
    first: dict[str, _Draft] = {}
    result = []
    for draft in drafts:
        name = draft.named.name.split(" (")[0]
        twin, turned = first.get(name), first.get("-".join(reversed(name.split("-"))))
        copy = draft.kind == "eeg" and twin is not None and _same(draft, twin, look, 1.0)
        inverse = draft.kind == "eeg" and turned not in (None, twin) and _same(draft, turned, look, -1.0)
        if twin is not None:
            consequence = " and, being a copy, is not counted as EEG" if copy else ""
            warnings.append(
                f"The name {name} occurs twice; the later is called {draft.named.name}{consequence}."
            )
        if inverse and turned is not None:
            warnings.append(f"{name} is {turned.named.name} upside down and is not counted as EEG.")
        first.setdefault(name, draft)
        result.append(replace(draft, kind="other") if copy or inverse else draft)
    return result


def _same(draft: _Draft, other: _Draft | None, look: Look, sign: float) -> bool:
    return other is not None and is_copy(look.stretches[draft.row], look.stretches[other.row], sign)


def _warn_of_the_rest(kept: list[_Draft], look: Look, warnings: list[str]) -> None:
    rates = sorted({draft.signal.sfreq for draft in kept if draft.kind == "eeg"})
    if len(rates) > 1:
        warnings.append(
            f"The EEG channels have {len(rates)} sampling rates, {rates[0]:g} to {rates[-1]:g} Hz; "
            "each keeps its own."
        )
    holes = [draft for draft in kept if look.not_finite[draft.row]]
    if holes:
        warnings.append(f"{_some(holes)}: samples that are no numbers were found; they are left blank.")
    if not any(draft.kind == "eeg" for draft in kept):
        warnings.append("There is no EEG channel, only eye movements.")


def _some(drafts: Sequence[_Draft]) -> str:
    """Names of the channels concerned, cut after six."""
    names = [draft.named.name for draft in drafts]
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
