"""Numbers, places and events as a clinician would write them; one home, so that all texts agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tools.labels import SPOKEN, TEN_TWENTY, electrodes, side_of
from tools.types import Amplitude, Event, Page

KIND_WORDS = {"pp": "peak-to-peak", "half_pp": "half peak-to-peak", "rms": "RMS"}
_LOBES = (
    ("frontopolar", ("Fp1", "Fp2")),
    ("frontal", ("F7", "F3", "F4", "F8")),
    ("temporal", ("T3", "T4", "T5", "T6")),
    ("central", ("C3", "C4")),
    ("parietal", ("P3", "P4")),
    ("occipital", ("O1", "O2")),
    ("midline", ("Fz", "Cz", "Pz")),
)
_PLURALS = {
    "kcomplex": "K-complexes", "eyer+": "lateral eye movements (positive)", "seizure": "electrographic seizures",
    "eyer-": "lateral eye movements (negative)",
    "spsw": "spike-and-wave complexes", "alpha": "stretches of alpha rhythm",
    "mu": "stretches of mu rhythm", "hfnoise": "stretches of muscle or high-frequency artifact",
    "line_noise": "stretches of line noise", "extreme": "stretches of out-of-range signal",
    "burst_suppression": "stretches of burst suppression",
}  # fmt: skip


_RUNS = ("LPD", "GPD", "BIPD", "LRDA", "GRDA")
"""Patterns, of which an event is a run."""
_IN_MS = 0.3
"""Seconds below which a duration is told in milliseconds."""


def number(value: float, digits: int = 1) -> str:
    """Round to ``digits`` decimals, without a trailing zero where the value is whole and large."""
    text = f"{value:.{digits}f}"
    return text.removesuffix(".0") if abs(value) >= 100 else text


def seconds(value: float) -> str:
    """A time to 0.1 s, as all times in answers are."""
    return f"{value:.1f} s"


def span(onset: float, duration: float) -> str:
    """A stretch of time: ``3.0-5.0 s`` written with an en dash."""
    return f"{_short(onset)}–{_short(onset + duration)} s"


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def clock(second: float, start: str) -> str:
    """Time of day at a second of a recording that starts at ``HH:MM:SS``."""
    hours, minutes, seconds = (int(part) for part in start.split(":"))
    at = round(3600 * hours + 60 * minutes + seconds + second) % 86400
    return f"{at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}"


def on_the_clock(second: float, start: str | None, lead: str = " ") -> str:
    """The time of day to write behind a second, or nothing where the start of the recording is unknown."""
    return f"{lead}{clock(second, start)}" if start else ""


def microvolts(amplitude: Amplitude) -> str:
    """A voltage with its kind, which decides what it means."""
    return f"{number(amplitude.value_uv, 0)} µV {KIND_WORDS[amplitude.kind]}"


def plural(label: str) -> str:
    """The label in the plural, as a sentence uses it."""
    if label in _PLURALS:
        return _PLURALS[label]
    word = SPOKEN[label]
    return word if word.endswith(("s", "activity", "discharges")) else word + "s"


def counted(label: str, count: int) -> str:
    """A count with its noun: ``1 sleep spindle``, ``3 sleep spindles``."""
    if label in _RUNS:
        return f"{count} run{'' if count == 1 else 's'} of {plural(label)}"
    return f"{count} {SPOKEN[label] if count == 1 else plural(label)}"


def listed(parts: Sequence[str], *, last: str = "and") -> str:
    """Join words as prose does."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def where(channels: Iterable[str]) -> str:
    """Say where channels lie: names when few, regions when many, ``all channels`` when nearly all."""
    names = list(dict.fromkeys(channels))
    if len(names) <= 3:
        return listed(names)
    places = {e for name in names for e in electrodes(name)}
    if len(places & set(TEN_TWENTY)) >= 16:
        return "nearly all channels"
    sides = {side_of(name) for name in names} - {"midline", "unknown"}
    side = f"{next(iter(sides))} " if len(sides) == 1 else ("bilateral " if len(sides) == 2 else "")
    lobes = [lobe for lobe, members in _LOBES if places & set(members)]
    if not lobes:
        return listed([*names[:6], "others"]) if len(names) > 6 else listed(names)
    if len(lobes) > 3:
        spread = f"many {side}channels" if len(sides) == 1 else "many channels"
        return f"{spread} ({', '.join(names[:3])} and others)"
    return f"{side}{listed(lobes)} channels ({', '.join(names)})"


def event_line(event: Event, start: str | None = None) -> str:
    """One event with its place and numbers, as a list shows it; by the clock too where the start is given."""
    parts = [f"{seconds(event.onset)}{on_the_clock(event.onset, start, lead=' = ')}"]
    if event.channels:
        parts.append(f"at {where(event.channels)}")
    details = []
    if event.duration:
        short = event.duration < _IN_MS
        details.append(f"{1000 * event.duration:.0f} ms long" if short else f"{event.duration:.1f} s long")
    if event.frequency_hz is not None:
        details.append(f"{event.frequency_hz:.1f} Hz")
    if event.amplitude:
        details.append(microvolts(event.amplitude))
    if event.masked_by:
        details.append(f"doubtful: coincides with {SPOKEN[event.masked_by]}")
    return " ".join(parts) + (f" ({', '.join(details)})" if details else "")


def view_words(page: Page) -> str:
    """How a page is shown: montage, gain and filters in force."""
    cuts = (("low cut", page.low_cut_hz), ("high cut", page.high_cut_hz), ("notch", page.notch_hz))
    filters = ", ".join(f"{name} {value:g} Hz" if value else f"{name} off" for name, value in cuts)
    return f"montage {page.montage.replace('_', ' ')}, {page.sensitivity_uv_per_mm:g} µV/mm, {filters}"
