"""Waves of one kind in one sentence, as they are dictated: how many, when, where, how fast, how tall."""

from __future__ import annotations

from collections.abc import Sequence

from agent.words import counted, listed, microvolts, number, plural, where
from tools.labels import TEN_TWENTY, electrodes, side_of
from tools.types import Event

MOMENTS = 6
"""Events up to which each time is told; of more, the first and the last."""
NAMED = 5
"""Channels up to which each is named beside its region."""
_WIDE = 14
"""Electrodes of the 10-20 system from which a field is widespread."""
_LOBES_TOLD = 3
"""Lobes up to which each is named."""
_WHOLE = 0.9
"""Share of a stretch that counts as all of it."""
_GAP = 0.15
"""Seconds between events below which they are one stretch."""
_ALIKE_HZ = 0.15
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_LOBES: dict[str, tuple[str, ...]] = {
    "frontopolar": ("Fp1", "Fp2"), "frontal": ("F7", "F3", "Fz", "F4", "F8"), "central": ("C3", "Cz", "C4"),
    "temporal": ("T3", "T4", "T5", "T6"), "parietal": ("P3", "Pz", "P4"), "occipital": ("O1", "O2"),
}  # fmt: skip


def upper_first(text: str) -> str:
    """Begin a sentence, leaving names such as K-complex as they are."""
    return text[:1].upper() + text[1:]


def amount(label: str, count: int) -> str:
    """A count in words with its noun: ``one K-complex``, ``three sharp waves``."""
    noun = counted(label, count).partition(" ")[2]
    return f"{_COUNTS[count] if count < len(_COUNTS) else count} {noun}"


def field(channels: Sequence[str], *, largest: bool = True) -> str:
    """Side and region, then the channels where they are few: ``left temporal (T3, T5)``.

    Parameters
    ----------
    channels : sequence of str
        Canonical, the largest first.
    largest : bool
        Whether to name the first of many.

    Returns
    -------
    str
        ``widespread`` from 14 electrodes of the 10-20 system on; names alone where no region is known.
    """
    names = list(dict.fromkeys(channels))
    places = {e for name in names for e in electrodes(name)}
    known = [e for e in TEN_TWENTY if e in places]
    if len(known) >= _WIDE:
        return f"widespread, largest at {names[0]}" if largest else "widespread"
    sides: dict[str, list[str]] = {}
    for lobe, members in _LOBES.items():
        on = {side_of(e) for e in known if e in members}
        if on:
            lateral = on - {"midline"}
            side = "bilateral" if len(lateral) == 2 else next(iter(lateral or on))
            sides.setdefault(side, []).append(lobe)
    if not sides:
        return where(names)
    lobes = {lobe for said in sides.values() for lobe in said}
    if len(lobes) > _LOBES_TOLD:
        lateral = {side_of(e) for e in known} - {"midline"}
        one = next(iter(lateral), "midline")
        over = (
            "widespread"
            if len(lateral) == 2
            else f"{one} and midline"
            if "midline" in sides
            else f"{one} hemisphere"
        )
        return f"{over}, largest at {names[0]}" if largest else over
    words = ", ".join(f"{side} {listed(said)}" for side, said in sides.items())
    if len(names) <= NAMED:
        return f"{words} ({', '.join(names)})"
    return f"{words}, largest at {names[0]}" if largest else words


def shared_channels(events: Sequence[Event]) -> list[str]:
    """Channels of at least half of the events, those of the most events first; of one event, all of them."""
    count: dict[str, int] = {}
    for event in events:
        for channel in event.channels:
            count[channel] = count.get(channel, 0) + 1
    often = [channel for channel in count if 2 * count[channel] >= len(events)]
    return sorted(often or count, key=lambda channel: -count[channel])


def field_of(events: Sequence[Event]) -> str:
    """Where events lie; the channels named are such that each event takes part in one of them."""
    names = shared_channels(events)
    everywhere = [name for name in names if all(name in event.channels for event in events)]
    if len(names) <= NAMED:
        names += [
            event.channels[0] for event in events if event.channels and not set(names) & set(event.channels)
        ]
    return field([*everywhere[:1], *names], largest=bool(everywhere))


def moments(events: Sequence[Event]) -> str:
    """``at 2.1, 3.7 and 5.1 s``; of many events, when the first and the last of them come."""
    onsets = [f"{event.onset:.1f}" for event in sorted(events, key=lambda event: event.onset)]
    if len(onsets) > MOMENTS:
        return f"repeatedly, the first at {onsets[0]} s and the last at {onsets[-1]} s"
    return f"at {listed(list(dict.fromkeys(onsets)))} s"


def stretches(events: Sequence[Event], duration: float) -> str:
    """``2.1–4.3 s and 6.0–8.0 s``; ``throughout``; of many stretches, the first and the last."""
    spans = merged(events)
    if sum(stop - start for start, stop in spans) >= _WHOLE * duration:
        return "throughout"
    if len(spans) > MOMENTS:
        return f"on and off between {spans[0][0]:.1f} and {spans[-1][1]:.1f} s"
    return listed([f"{start:.1f}–{stop:.1f} s" for start, stop in spans])


def merged(events: Sequence[Event]) -> list[tuple[float, float]]:
    """Start and end of what the events cover, those that touch taken together."""
    spans: list[tuple[float, float]] = []
    for event in sorted(events, key=lambda event: event.onset):
        start, stop = event.onset, event.onset + event.duration
        if spans and start - spans[-1][1] < _GAP:
            spans[-1] = spans[-1][0], max(stop, spans[-1][1])
        else:
            spans.append((start, stop))
    return spans


def rate(events: Sequence[Event]) -> str:
    """Frequency of the events, from the slowest to the fastest; nothing where none has one."""
    rates = sorted(event.frequency_hz for event in events if event.frequency_hz is not None)
    if not rates:
        return ""
    if rates[-1] - rates[0] < _ALIKE_HZ:
        return f"{rates[len(rates) // 2]:.1f} Hz"
    return f"{rates[0]:.1f}–{rates[-1]:.1f} Hz"


def height(events: Sequence[Event]) -> str:
    """Amplitude of one event, or of the tallest of several; nothing where none has one."""
    tall = [event for event in events if event.amplitude is not None]
    if not tall:
        return ""
    largest = max(tall, key=lambda event: event.amplitude.value_uv if event.amplitude else 0.0)
    if largest.amplitude is None:
        return ""
    return ("up to " if len(tall) > 1 else "") + microvolts(largest.amplitude)


def waves(
    label: str, events: Sequence[Event], *, duration: float, lasting: bool = False, tall: bool = True
) -> str:
    """Tell events of one label in one sentence, without its full stop.

    Parameters
    ----------
    label : str
        Of the vocabulary.
    events : sequence of Event
        All of them.
    duration : float
        Of the stretch in seconds.
    lasting : bool
        Whether the events are stretches of time rather than moments.
    tall : bool
        Whether to give the amplitude.
    """
    name = plural(label) if lasting else amount(label, len(events))
    parts = [f"{upper_first(name)} {stretches(events, duration) if lasting else moments(events)}"]
    parts += [field_of(events)] if any(event.channels for event in events) else []
    shown = list(events) if not lasting or len(events) == 1 else []
    parts += [rate(shown)] if rate(shown) and label != "sem" else []
    parts += [height(events)] if tall and height(events) else []
    return ", ".join(parts)


def percent(share: float) -> str:
    """A share in whole per cent."""
    return f"{number(100 * share, 0)} %"
