"""What people read in a terminal: short, aligned, folded at its width."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ui.arguments import DISCLAIMER

if TYPE_CHECKING:
    from agent.describe import Description
    from agent.findings import Answer
    from tools.types import Detection, Event, NotAnalysed

UNITS = {"uV": "µV", "": "no unit"}
KINDS = {"eeg": "EEG", "eog": "EOG", "emg": "EMG", "ecg": "ECG", "resp": "breathing"}

_UNIT = re.compile(r"(?<=\d) (?=(?:s|ms|Hz|%|µV|years?)(?![^\W_]))")
"""The space between a number and its unit, where no line is to end."""
_TIE = "\u00a0"


def folded(text: str, *, indent: str = "", first: str | None = None) -> str:
    """Fold a text at the terminal's width, 100 at most: longer lines are hard to read."""
    width = min(100, max(40, shutil.get_terminal_size().columns))
    lead = indent if first is None else first
    lines = textwrap.fill(
        _UNIT.sub(_TIE, text), width, initial_indent=lead, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return lines.replace(_TIE, " ")


def recording_words(document: Mapping[str, Any]) -> str:
    """What is in a recording: one line for the whole, one block per kind of channel."""
    facts = [document["format"], f"{document['duration_s']:g} s"]
    if document["start_time_of_day"]:
        facts.append(f"starts at {document['start_time_of_day']}")
    if document["age_years"] is not None:
        facts.append(f"{document['age_years']:g} years")
    if document["sex"]:
        facts.append(document["sex"])
    facts.append(f"montage {document['montage_guess']}")
    lines = [", ".join(facts)]

    def sort(channel: Mapping[str, Any]) -> tuple[str, float, str]:
        return channel["kind"], channel["sfreq"], channel["unit"]

    order = list(dict.fromkeys(map(sort, document["channels"])))
    channels = sorted(document["channels"], key=lambda channel: order.index(sort(channel)))
    for (kind, sfreq, unit), group in groupby(channels, key=sort):
        names = [channel["name"] for channel in group]
        lines.append(f"{len(names)} × {KINDS.get(kind, kind)}, {sfreq:g} Hz, {UNITS.get(unit, unit)}")
        lines.append(folded("  ".join(names), indent="    "))
    lines.append(f"{_count(document['annotations'], 'annotation')}, {_count(len(document['gaps']), 'gap')}")
    lines += [folded(warning, first="Note: ", indent="      ") for warning in document["warnings"]]
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def bands_words(document: Mapping[str, Any]) -> str:
    """Band power as a table, in µV², with the share of each band."""
    bands = document["bands_hz"]
    width = max([7, *(len(channel["name"]) for channel in document["channels"])]) + 2
    stop = document["onset"] + document["duration"]
    lines = [f"Band power in µV² (share of the whole), {document['onset']:g}–{stop:g} s, "
             f"{document['montage'].replace('_', ' ')}"]  # fmt: skip
    lines.append(" " * width + "".join(f"{name:>16}" for name in bands))
    edges = (f"{low:g}–{high:g} Hz" for low, high in bands.values())
    lines.append(" " * width + "".join(f"{text:>16}" for text in edges))
    for channel in document["channels"]:
        cells = (
            f"{channel['absolute_uv2'][name]:9.1f} {100 * channel['relative'][name]:4.0f} %" for name in bands
        )
        lines.append(f"{channel['name']:<{width}}" + "".join(f"{cell:>16}" for cell in cells))
    return "\n".join([*lines, *_missing_rows(document["not_analysed"])])


def _missing_rows(entries: Iterable[Mapping[str, str]]) -> list[str]:
    from tools.types import NotAnalysed

    return missing_words([NotAnalysed(**entry) for entry in entries])


def description_words(description: Description) -> str:
    """A description: the caption, then what was not looked at."""
    return "\n".join([
        folded(description.caption), *missing_words(description.not_analysed), DISCLAIMER,
    ])  # fmt: skip


def detection_words(found: Detection) -> str:
    """Events one per line, then how many, in how much signal, and what was not looked for."""
    lines = [_event_line(event) for event in found.events]
    count = _count(len(found.events), "event")
    looked = f"{count[0].upper()}{count[1:]} in {found.analysed.seconds:g} s"
    return "\n".join([*lines, f"{looked}.", *missing_words(found.not_analysed), DISCLAIMER])


def _event_line(event: Event) -> str:
    from agent.words import event_line, seconds
    from tools.labels import SPOKEN

    when = seconds(event.onset)
    rest = event_line(event).removeprefix(when)
    return folded(f"{SPOKEN[event.label]}{rest}", first=f"{when:>9}  ", indent=" " * 11)


def missing_words(entries: Sequence[NotAnalysed]) -> list[str]:
    """What was not looked for, in words, grouped by the reason."""
    from tools.labels import GROUPS, SPOKEN

    by_reason: dict[str, list[str]] = {}
    for entry in entries:
        by_reason.setdefault(entry.reason.rstrip("."), []).append(entry.label)
    lines = []
    for reason, labels in by_reason.items():
        whole = {name: members for name, members in GROUPS.items() if set(members) <= set(labels)}
        covered = {label for members in whole.values() for label in members}
        words = [GROUP_WORDS[name] for name in whole]
        words += [SPOKEN.get(label, label.replace("_", " ")) for label in labels if label not in covered]
        lines.append(folded(f"{', '.join(words)} ({reason}).", first="Not analysed: ", indent="  "))
    return lines


GROUP_WORDS = {
    "epileptiform": "epileptiform discharges", "sleep": "sleep waveforms", "rhythm": "alpha and mu rhythm",
    "artifact": "artifacts", "pattern": "rhythmic and periodic patterns, seizures",
}  # fmt: skip


def answer_words(answer: Answer, *, closing: bool = True) -> str:
    """An answer with its rules; ``closing`` adds the line on research use and how to go on."""
    lines = [folded(paragraph) if paragraph else "" for paragraph in answer.answer.split("\n")]
    lines += [folded(f"[{rule.id}] {rule.title}", indent="    ", first="  ") for rule in answer.citations]
    for struck in answer.unsupported:
        lines.append(folded(struck, first="  Struck out, without a source: ", indent="    "))
    if closing:
        lines.append(f"{DISCLAIMER} Go on with --thread {answer.thread}")
    return "\n".join(lines)


def call_words(name: str, arguments: Mapping[str, Any]) -> str:
    """A tool at work, for the line of progress."""
    given = (_given(key, value) for key, value in arguments.items() if value is not None)
    text = f"{name.replace('_', ' ')}: {', '.join(given)}".rstrip(": ")
    return text if len(text) <= 100 else text[:99] + "…"


def _given(name: str, value: Any) -> str:
    shown = f"{value:g}" if isinstance(value, float) else value
    return f"{name} {', '.join(map(str, value)) if isinstance(value, list) else shown}"


def rules_words(results: Sequence[Mapping[str, Any]]) -> str:
    """Rules with their text and source; a hint when none answers."""
    if not results:
        return "No rule answers this. Try the name of a waveform, a stage or a pattern."
    blocks = (
        "\n".join([
            folded(f"[{rule['id']}] {rule['title']}"), folded(rule["text"], indent="  "),
            folded(rule["source"], first="  Source: ", indent="    "),
        ])
        for rule in results
    )  # fmt: skip
    return "\n\n".join(blocks)
