"""What a language model is told: the standing instructions, and where the conversation is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, get_args

from agent.intent import Act
from agent.words import span
from tools.deidentify import clean_label, series_names
from tools.labels import LABELS
from tools.types import Kind, Page, Recording

if TYPE_CHECKING:
    from agent.memory import Turn

_ACTS = frozenset(get_args(Act))
_EVENTS_TOLD = 8


@cache
def system_prompt() -> str:
    """The standing instructions: the same bytes in every request, so that a server can keep them."""
    return files(__package__).joinpath("system.md").read_text(encoding="utf-8").strip()


def context_block(recording: Recording, page: Page, history: Sequence[Turn] = ()) -> str:
    """Where the conversation is: recording, page in view, and what earlier turns were about.

    Only numbers and closed vocabularies: no name, no text of the file, no words of earlier turns. A
    channel name passes when all its parts are known, such as ``T3-C3`` or ``EOG left``.
    """
    return "\n".join(
        [*_of_recording(recording), _of_page(page), *(_of_turn(turn, recording) for turn in history)]
    )


def _of_recording(recording: Recording) -> Iterator[str]:
    known = _known_names(recording)
    facts = [f"{recording.duration:.1f} s long"]
    if recording.start_time_of_day:
        facts.append(f"starts at {recording.start_time_of_day} local time")
    if recording.age_years is not None:
        facts.append(f"age {recording.age_years:g} years")
    if recording.sex:
        facts.append(recording.sex)
    if recording.gaps:
        facts.append(f"gaps without signal: {len(recording.gaps)}")
    yield f"Recording: {', '.join(facts)}."
    for kind in get_args(Kind):
        names = recording.names(kind)
        told = [name for name in names if name in known]
        others = [f"{len(names) - len(told)} more"] if len(told) < len(names) else []
        if names and kind not in ("scoring", "trigger"):
            rates = "/".join(
                f"{rate:g}" for rate in sorted({c.sfreq for c in recording.channels if c.kind == kind})
            )
            yield f"{kind} at {rates} Hz: {', '.join(told + others)}."


def _of_page(page: Page) -> str:
    cuts = [
        f"{name} {'off' if value is None else f'{value:g} Hz'}"
        for name, value in (
            ("low cut", page.low_cut_hz),
            ("high cut", page.high_cut_hz),
            ("notch", page.notch_hz),
        )
    ]
    return (
        f"Page in view: {span(page.onset, page.duration)}, montage {page.montage.replace('_', ' ')}, "
        f"{page.sensitivity_uv_per_mm:g} µV/mm, {', '.join(cuts)}."
    )


def _of_turn(turn: Turn, recording: Recording) -> str:
    """One earlier turn by what it asked for and the events it named."""
    intent: Mapping[str, Any] = turn.intent or {}
    parts = [intent["act"]] if intent.get("act") in _ACTS else []
    parts += [label for label in intent.get("labels", ()) if label in LABELS]
    known = _known_names(recording)
    parts += [name for name in intent.get("channels", ()) if name in known]
    onset, duration = intent.get("onset"), intent.get("duration")
    if isinstance(onset, (int, float)):
        parts.append(
            f"at {span(onset, duration)}" if isinstance(duration, (int, float)) else f"at {onset:.1f} s"
        )
    told = f"Earlier question {turn.n} ({turn.status}): {', '.join(parts) or 'unclear'}"
    events = list(_events(turn.answer or {}))
    return f"{told}; answered with {', '.join(events)}." if events else f"{told}."


def _events(answer: Mapping[str, Any]) -> Iterator[str]:
    found = [event for finding in answer.get("findings", ()) for event in finding.get("events", ())]
    kept = [event for event in found if event.get("label") in LABELS]
    for event in kept[:_EVENTS_TOLD]:
        yield f"{event['label']} at {float(event['onset']):.1f} s"
    if len(kept) > _EVENTS_TOLD:
        yield f"{len(kept) - _EVENTS_TOLD} more"


def _known_names(recording: Recording) -> frozenset[str]:
    names = [channel.name for channel in recording.channels]
    series = series_names(names)
    return frozenset(name for i, name in enumerate(names) if clean_label(name, i, series) == name)
