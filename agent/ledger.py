"""What the tools of a thread established, laid out for look-up by unit and value.

Rows are plain tuples built once: an answer of ten sentences asks for some fifty of them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from agent.claims import Claim
from agent.facts import Facts, count_measurement
from agent.lexicon import event_words
from knowledge.types import Citation
from tools.labels import LABELS, electrodes
from tools.spectral import BANDS
from tools.types import AmplitudeKind, Event, Measurement, Recording

_STAGE = re.compile(r"\b(?:N[123]|[RW])\b")
_QUOTED = re.compile(r"\d+(?:\.\d+)?")


class Row(NamedTuple):
    """One number that a tool established, and what it is about."""

    value: float
    unit: str
    quantity: str
    subject: str
    """Label of the event, a subject of ``agent.lexicon.SUBJECTS``, or nothing."""
    places: frozenset[str]
    """Electrodes in lower case; none means the whole head."""
    event: int
    """Index of the event the number belongs to, -1 for none."""
    kind: AmplitudeKind | None
    source: Measurement | None
    """None for a number of an event, which becomes a measurement only when it is cited."""


class Marked(NamedTuple):
    """An event with what is asked of it."""

    onset: float
    end: float
    label: str
    places: frozenset[str]
    masked: bool
    source: Event


class Looked(NamedTuple):
    """One search for a label, and how many there were."""

    label: str
    onset: float
    end: float
    found: int
    places: frozenset[str]
    source: Measurement


class Ledger:
    """Everything a thread's tools established.

    Parameters
    ----------
    facts : iterable of Facts
        In any order.
    recording : Recording, optional
        Its channels may be named, and its start turns clock times into seconds.
    """

    def __init__(self, facts: Iterable[Facts], recording: Recording | None = None) -> None:
        self.rows: dict[str, list[Row]] = {}
        self.events: list[Marked] = []
        self.looked: list[Looked] = []
        self.labels: set[str] = set()
        self.not_analysed: set[str] = set()
        self.channels: set[str] = set()
        self.rules: dict[str, Citation] = {}
        self.stages: set[str] = set()
        self.fields: list[tuple[str, Measurement]] = []
        """Phase reversals and poles of discharges, with their channels."""
        self.weighed: set[str] = set()
        """Labels whose amount in an epoch was held against a rule of staging."""
        self.staged: list[tuple[float, float, str]] = []
        """Start, end and stage of what was staged."""
        self.quantities: dict[str, Measurement] = {}
        self.onsets: list[Row] = []
        """The onset of each event."""
        self.rule_numbers: dict[str, list[Claim]] = {}
        """Numbers of the rules' texts, filled as they are asked for."""
        self.start = recording.start_time_of_day if recording else None
        self.length = recording.duration if recording else None
        seen: set[tuple[object, ...]] = set()
        for fact in facts:
            self._add(fact, seen)
        if recording:
            self.channels |= {c.name.lower() for c in recording.channels}
        for rows in self.rows.values():
            rows.sort(key=lambda row: abs(row.value))
        self._keys = {unit: [abs(row.value) for row in rows] for unit, rows in self.rows.items()}
        self.parts = {part for channel in self.channels for part in channel.split("-")}

    def near(self, value: float, step: float, unit: str | None) -> Iterator[Row]:
        """Rows whose value lies within a step, of one unit or (None) of any."""
        for name in [unit] if unit is not None else list(self.rows):
            rows, keys = self.rows.get(name, []), self._keys.get(name, [])
            tolerance = step * 1.001 + 1e-9
            low = bisect_left(keys, abs(value) - tolerance)
            yield from rows[low : bisect_right(keys, abs(value) + tolerance)]

    def between(self, low: float, high: float, unit: str) -> list[Row]:
        """Rows of a unit between two values."""
        keys = self._keys.get(unit, [])
        return self.rows.get(unit, [])[bisect_left(keys, low) : bisect_right(keys, high)]

    def _put(self, m: Measurement, *, event: int = -1, value: float | None = None, unit: str = "",
             quantity: str = "") -> None:  # fmt: skip
        unit = unit or m.unit
        places = _electrodes(m.channels)
        row = Row(
            m.value if value is None else value,
            unit,
            quantity or m.quantity,
            subject_of(m.quantity, m.tool),
            places,
            event,
            m.amplitude_kind,
            m,
        )
        self.rows.setdefault(unit, []).append(row)
        if unit == "min":
            self.rows.setdefault("s", []).append(row._replace(value=60 * row.value, unit="s"))
        if unit in ("", "ratio", "fraction"):
            self.rows.setdefault("%", []).append(row._replace(value=100 * row.value, unit="%"))

    def _add(self, fact: Facts, seen: set[tuple[object, ...]]) -> None:
        for event in fact.events:
            self._add_event(event, seen)
        self.labels |= set(fact.event_counts) | {e.label for e in fact.events}
        self.not_analysed |= {entry.label for entry in fact.not_analysed}
        self.channels |= {c.lower() for c in fact.channels}
        self.rules |= {citation.id: citation for citation in fact.citations}
        self._add_search(fact)
        for m in fact.measurements:
            key = (m.quantity, m.value, m.onset, m.duration, m.channels, m.unit)
            if key in seen:
                continue
            seen.add(key)
            self._add_measurement(m)

    def _add_measurement(self, m: Measurement) -> None:
        self.quantities.setdefault(m.quantity, m)
        if m.quantity.startswith("field of the discharge, "):
            self.fields.append((m.quantity.partition(", ")[2], m))
        self.channels |= {c.lower() for c in m.channels}
        label, _, what = m.quantity.partition(" ")
        if label == "stage":
            self.staged.append((m.onset, m.onset + m.duration, what.partition(" ")[0]))
        if m.tool == "stage_sleep":
            pattern, words = event_words()
            self.weighed |= {words[found[1].lower()] for found in pattern.finditer(m.quantity)}
        self.stages |= set(_STAGE.findall(m.quantity))
        if what == "count" and label in LABELS:
            self.looked.append(
                Looked(label, m.onset, m.onset + m.duration, int(m.value), _electrodes(m.channels), m)
            )
        if label in LABELS and what in ("onset", "end", "duration", "amplitude", "frequency", "confidence"):
            at = next((i for i, e in enumerate(self.events) if e.label == label and e.onset == m.onset), -1)
            self._put(m, event=at)
            return
        self._put(m)
        for number in _QUOTED.findall(m.quantity):  # "share of power below 8 Hz"
            self._put(m, value=float(number), unit="Hz", quantity=f"limit of {m.quantity}")
        for value, quantity in ((m.onset, "start"), (m.onset + m.duration, "end"), (m.duration, "length")):
            self._put(m, value=value, unit="s", quantity=f"{quantity} of {m.quantity}")

    def _add_event(self, event: Event, seen: set[tuple[object, ...]]) -> None:
        key = (event.label, event.onset, event.duration, event.channels)
        if key in seen:
            return
        seen.add(key)
        self.channels |= {c.lower() for c in event.channels}
        at, places = len(self.events), _electrodes(event.channels)
        self.events.append(
            Marked(
                event.onset, event.onset + event.duration, event.label, places, bool(event.masked_by), event
            )
        )
        numbers = [("onset", event.onset, "s"), ("end", event.onset + event.duration, "s"),
                   ("duration", event.duration, "s")]  # fmt: skip
        if event.amplitude:
            numbers.append(("amplitude", event.amplitude.value_uv, "uV"))
        if event.frequency_hz is not None:
            numbers.append(("frequency", event.frequency_hz, "Hz"))
        if event.confidence is not None:
            numbers += [("confidence", event.confidence, ""), ("confidence", 100 * event.confidence, "%")]
        if event.channels:
            numbers.append(("channels", float(len(event.channels)), "count"))
        for what, value, unit in numbers:
            kind = event.amplitude.kind if event.amplitude and unit == "uV" else None
            quantity = "channels of the event" if what == "channels" else f"{event.label} {what}"
            row = Row(value, unit, quantity, event.label, places, at, kind, None)
            self.rows.setdefault(unit, []).append(row)
            if what == "onset":
                self.onsets.append(row)

    def field_of(self, sentence: str) -> set[str]:
        """Electrodes of the fields of discharges that a sentence speaks of."""
        known = [m for what, m in self.fields if what in sentence]
        return {e for m in known for e in _electrodes(m.channels)}

    def measurement(self, row: Row) -> Measurement:
        """The measurement behind a row."""
        if row.source is not None:
            return row.source
        event = self.events[row.event].source
        value = row.value / 100 if row.unit == "%" else row.value
        return Measurement(
            onset=event.onset, duration=event.duration, channels=event.channels, quantity=row.quantity, value=value,
            unit="" if row.unit == "%" else row.unit, tool=event.source, amplitude_kind=row.kind,
        )  # fmt: skip

    def _add_search(self, fact: Facts) -> None:
        if not fact.analysed:
            return
        self.channels |= {c.lower() for c in fact.analysed.channels}
        onset = min((m.onset for m in fact.measurements), default=0.0)
        places = _electrodes(fact.analysed.channels)
        for label in fact.analysed.labels:
            m = count_measurement(fact, label, fact.analysed, onset)
            self.looked.append(Looked(label, onset, onset + m.duration, int(m.value), places, m))
            self._put(m)
        total = Measurement(
            onset=onset, duration=fact.analysed.seconds, quantity="channels analysed",
            value=float(len(fact.analysed.channels)), unit="count", tool=fact.tool,
        )  # fmt: skip
        self._put(total)


def _electrodes(channels: Iterable[str]) -> frozenset[str]:
    return frozenset(e.lower() for channel in channels for e in electrodes(channel))


def subject_of(quantity: str, tool: str) -> str:
    """What a quantity is about; nothing for those that may be about anything, such as a caliper's."""
    first = quantity.partition(" ")[0]
    if first in LABELS:
        return first
    if first == "posterior":
        return "posterior"
    if first in ("dominant", "background", "variation", "anterior") and tool != "measure_span":
        return "background"
    if first in BANDS:
        return first
    if quantity == "recording length":
        return "recording"
    return "view" if tool == "show_page" else ""
