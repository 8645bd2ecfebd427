"""What several detectors make of the same signal, made once: mended, brought to a lower rate, and how slow it is.

Only signal that nobody can change any more is remembered (`frozen`); with any other, everything is made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from tools.conditioning import Array, Bools, at_rate, mend, slow_over_fast
from tools.types import Segment

T = TypeVar("T")

_MADE: WeakKeyDictionary[Segment, dict[Hashable, Any]] = WeakKeyDictionary()
"""Forgotten with the segment that it belongs to."""


class Slowed(NamedTuple):
    """A segment without gaps, at its own and at a lower rate."""

    mended: Segment
    slower: Segment
    missing: Bools  # (channels, samples) at the segment's own rate


def frozen(segment: Segment) -> Segment:
    """Forbid any change of a segment's samples, so that what is made of it may be kept."""
    segment.data.setflags(write=False)
    return segment


def once(segment: Segment, key: Hashable, make: Callable[[], T]) -> T:
    """Give what was made of a frozen segment under this key, and make it if it is the first time.

    `make` must not hand out the segment itself, or it would never be forgotten.
    """
    if segment.data.flags.writeable:
        return make()
    made = _MADE.setdefault(segment, {})
    if key not in made:
        made[key] = make()
    found: T = made[key]
    return found


def slowed(segment: Segment, sfreq: float) -> Slowed:
    """Mend a segment and bring it down to a rate in hertz; see `tools.conditioning.mend` and `at_rate`."""

    def make() -> Slowed:
        data, missing = mend(segment.data)
        mended = replace(segment, data=data)
        slower = at_rate(mended, sfreq)
        if not segment.data.flags.writeable:
            frozen(mended)
            frozen(slower)
        return Slowed(mended, slower, missing)

    return once(segment, ("slowed", sfreq), make)


def contexts(segment: Segment, channels: Iterable[str]) -> dict[str, Array]:
    """Slow over fast power around each sample (`tools.conditioning.slow_over_fast`) of these channels.

    Parameters
    ----------
    segment : Segment
        Finite.
    channels : iterable of str
        Those that are wanted; measuring them takes longer than looking for most events.
    """
    known: dict[str, Array] = once(segment, "contexts", dict)
    rows = [row for row, name in enumerate(segment.channels) if name in set(channels) - set(known)]
    if rows:
        measured = slow_over_fast(segment.data[rows], segment.sfreq)
        known.update(zip((segment.channels[row] for row in rows), measured, strict=True))
    return known
