"""Words for places on the head, for times and for numbers, the same in every set of wordings."""

from __future__ import annotations

from collections.abc import Sequence

from tools.labels import TEN_TWENTY, side_of

_LOBES: dict[str, tuple[str, ...]] = {
    "frontopolar": ("Fp1", "Fp2"), "frontal": ("F7", "F3", "Fz", "F4", "F8"), "central": ("C3", "Cz", "C4"),
    "temporal": ("T3", "T4", "T5", "T6"), "parietal": ("P3", "Pz", "P4"), "occipital": ("O1", "O2"),
}  # fmt: skip
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WIDE, _NAMED, _LISTED = 14, 5, 6


def lobe(channel: str) -> str:
    """Lobe that an electrode lies over; F7 and F8 are anterior temporal as often, and frontal here."""
    return next(name for name, members in _LOBES.items() if channel in members)


def regions(channels: Sequence[str]) -> str:
    """Name where channels lie, by lobe and side, few of them by name as well.

    ``left temporal and frontal (F7, T3)``; ``widespread`` from 14 of the 19 on.
    """
    chosen = [name for name in TEN_TWENTY if name in channels]
    if len(chosen) >= _WIDE:
        return "widespread"
    by_side: dict[str, list[str]] = {}
    for name, members in _LOBES.items():
        sides = {side_of(channel) for channel in chosen if channel in members}
        if sides:
            where = "bilateral" if {"left", "right"} <= sides else min(sides - {"midline"}, default="midline")
            by_side.setdefault(where, []).append(name)
    words = joined([f"{where} {joined(lobes)}" for where, lobes in by_side.items()])
    return f"{words} ({', '.join(chosen)})" if len(chosen) <= _NAMED else words


def joined(parts: Sequence[str]) -> str:
    """List with commas and an ``and`` before the last."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def count(number: int) -> str:
    """A small number in words."""
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def moments(times: Sequence[float]) -> str:
    """``at 2.1 and 5.7 s``; many of them by the first and the last."""
    if len(times) > _LISTED:
        return f"repeatedly between {times[0]:.1f} and {times[-1]:.1f} s"
    return f"at {joined([f'{time:.1f}' for time in times])} s"


def stretches(spans: Sequence[tuple[float, float]], whole: float) -> str:
    """``from 2.1 to 4.3 s``, ``throughout``; many of them by the first and the last."""
    if sum(stop - start for start, stop in spans) >= 0.9 * whole:
        return "throughout"
    if len(spans) > _LISTED:
        return f"on and off between {spans[0][0]:.1f} and {spans[-1][1]:.1f} s"
    return "from " + joined([f"{start:.1f} to {stop:.1f} s" for start, stop in spans])
