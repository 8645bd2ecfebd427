"""What differs from side to side or place to place: asymmetry, focal slowing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tools.clean import nan_median
from tools.labels import electrodes, mirror, side_of
from tools.montage import NEIGHBOURS
from tools.rhythm import PosteriorRhythm
from tools.types import Record, Segment

_MILD, _MARKED = 0.33, 0.5  # of the larger side
_MILD_HZ, _MARKED_HZ = 0.5, 1.0
_LASTING = 0.7  # of the seconds, in which half of that is enough: a second of EEG scatters widely
_FEWEST_SECONDS = 4
_FOCAL_LOG10 = 0.4  # at least: 2.5 times the power
_FIELD_LOG10 = 0.15  # of a neighbour: 1.4 times the power
_FOCAL_LASTING = 0.6  # of the windows, which overlap by half
_FEWEST_WINDOWS, _FEWEST_CHANNELS = 3, 6
_OWN_THETA = 0.5  # times the delta power of the channel

_Array = NDArray[np.float64]


class Asymmetry(Record):
    """One side larger (``amplitude``) or slower (``frequency``) than the other, lastingly."""

    quantity: Literal["amplitude", "frequency"]
    side: Literal["left", "right"]
    """The larger side of an amplitude, the slower side of a frequency."""
    grade: Literal["mild", "marked"]
    difference: float
    """Share of the larger side for an amplitude, Hz for a frequency."""
    share_of_time: float | None = None
    channels: tuple[str, ...]


class Slowing(Record):
    """More slow activity than a background should hold; what it means depends on age and state."""

    extent: Literal["generalized", "focal"]
    band: Literal["delta", "theta"]
    side: Literal["left", "right"] | None = None
    grade: Literal["mild", "moderate", "marked"]
    share: float
    """Generalized: delta and theta power over 1.6-30 Hz. Focal: share of the time."""
    channels: tuple[str, ...]
    onset: float | None = None
    """Where it is there for a part of the stretch only: when that begins, in seconds of the recording."""
    duration: float | None = None


def find_asymmetry(
    channels: Sequence[str], swing: _Array, rhythm: PosteriorRhythm | None
) -> tuple[Asymmetry, ...]:
    """Compare mirror channels.

    Parameters
    ----------
    channels : sequence of str
        Referential or bipolar, canonical.
    swing : ndarray, (channels, seconds)
        Peak-to-peak of every second in µV; NaN where not usable.
    rhythm : PosteriorRhythm, optional
        Whose frequencies on the two sides are compared as well.

    Returns
    -------
    tuple of Asymmetry
        Amplitude: two neighbouring pairs or more that differ by a third (mild) or a half (marked) of the
        larger side in the median, and half as much the same way in 70 % of at least 4 s; mild ones that
        contradict each other are left out. Frequency: 0.5 Hz (mild) or 1 Hz (marked).

    References
    ----------
    Hirsch LJ et al. (2021), J Clin Neurophysiol 38:1-29, doi:10.1097/WNP.0000000000000806 (grades).
    """
    found = []
    for side, sign in (("left", 1), ("right", -1)):
        lopsided = _lopsided(channels, sign * swing)
        for group in _neighbourhoods(lopsided):
            if len(group) < 2:
                continue
            difference = float(np.median([lopsided[name][0] for name in group]))
            found.append(
                Asymmetry(
                    quantity="amplitude",
                    side=side,  # type: ignore[arg-type]
                    grade="marked" if difference >= _MARKED else "mild",
                    difference=difference,
                    share_of_time=float(np.median([lopsided[name][1] for name in group])),
                    channels=tuple(channel for name in group for channel in (name, mirror(name))),
                )
            )
    if {item.side for item in found} == {"left", "right"}:
        # Larger in one place and smaller in another: a field that lies aslant, and no difference of the sides.
        found = [item for item in found if item.grade == "marked"]
    return (*found, *_frequency_asymmetry(rhythm))


@lru_cache(maxsize=64)
def _pairs(channels: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """Rows of every channel of one side, and of its mirror."""
    place = {name: row for row, name in enumerate(channels)}
    return {
        name: (row, place[mirror(name)])
        for name, row in place.items()
        if side_of(name) in ("left", "right") and mirror(name) in place and mirror(name) != name
    }


def _lopsided(channels: Sequence[str], swing: _Array) -> dict[str, tuple[float, float]]:
    """Map left channels larger than their mirror (smaller, for negated input) to how far and how long."""
    pairs = {name: rows for name, rows in _pairs(tuple(channels)).items() if side_of(name) == "left"}
    if not pairs or swing.shape[1] < _FEWEST_SECONDS:
        return {}
    rows = np.array(list(pairs.values()))
    left, right = swing[rows[:, 0]], swing[rows[:, 1]]
    larger = np.maximum(np.abs(left), np.abs(right))
    both = np.isfinite(larger)
    silent = (both & (larger <= 0)).any(axis=1)
    difference = np.where(both, (left - right) / np.where(larger > 0, larger, 1.0), np.nan)
    count = both.sum(axis=1)
    lasting = (difference >= _MILD / 2).sum(axis=1) / np.maximum(count, 1)
    middle = nan_median(difference, axis=1)
    kept = (count >= _FEWEST_SECONDS) & ~silent & (lasting >= _LASTING) & (middle >= _MILD)
    return {
        name: (float(middle[index]), float(lasting[index])) for index, name in enumerate(pairs) if kept[index]
    }


def _neighbourhoods(names: Iterable[str]) -> list[list[str]]:
    """Group channels that are connected through neighbours (or shared electrodes, if bipolar)."""
    left = list(names)
    groups = []
    while left:
        group = [left.pop(0)]
        for member in group:
            near = [name for name in left if _are_neighbours(member, name)]
            group += near
            left = [name for name in left if name not in near]
        groups.append(group)
    return groups


def _are_neighbours(first: str, second: str) -> bool:
    a, b = electrodes(first), electrodes(second)
    if len(a) == len(b) == 1:
        return b[0] in NEIGHBOURS.get(a[0], ())
    return bool(set(a) & set(b))


def _frequency_asymmetry(rhythm: PosteriorRhythm | None) -> tuple[Asymmetry, ...]:
    if rhythm is None or rhythm.left_hz is None or rhythm.right_hz is None:
        return ()
    difference = rhythm.left_hz - rhythm.right_hz
    if abs(difference) < _MILD_HZ:
        return ()
    return (
        Asymmetry(
            quantity="frequency",
            side="left" if difference < 0 else "right",
            grade="marked" if abs(difference) >= _MARKED_HZ else "mild",
            difference=abs(difference),
            channels=rhythm.channels,
        ),
    )


def find_focal_slowing(clean: Segment, low_cut_hz: float) -> tuple[Slowing, ...]:
    """Find delta or theta that is confined to one place of one side.

    In at least 60 % of the 2-s windows, a channel has 2.5 times the power, and two robust standard deviations
    more, than both its mirror channel and the median channel; and a neighbour on its side has 1.4 times the
    power of both in the median over those windows, since what one electrode alone shows is its own artifact.
    The frontopolar channels are left out, since the eyes move there.

    Parameters
    ----------
    clean : Segment
        EEG, artifacts blanked with NaN.
    low_cut_hz : float
        Lower limit of delta.
    """
    names = [name for name in clean.channels if not any(e.startswith(("Fp", "AF")) for e in electrodes(name))]
    rows = [clean.channels.index(name) for name in names]
    size = round(2 * clean.sfreq)
    if clean.data.shape[1] < 2 * size or len(rows) < _FEWEST_CHANNELS:
        return ()
    density = _window_density(clean.data[rows], size)
    freqs = np.fft.rfftfreq(size, 1 / clean.sfreq)
    power = {
        band: density[..., (freqs >= low) & (freqs < high)].sum(axis=-1)
        for band, (low, high) in {"delta": (low_cut_hz, 4.0), "theta": (4.0, 8.0)}.items()
    }
    found: list[Slowing] = []
    for band in ("delta", "theta"):
        excess = _excess(names, np.log10(np.maximum(power[band], 1e-9)))
        if band == "theta":  # not the skirt of delta
            own = power["theta"] / np.maximum(power["delta"], 1e-9)
            ruled = nan_median(own, axis=1) >= _OWN_THETA
            excess = {name: value for name, value in excess.items() if ruled[names.index(name)]}
        lasting = {name: share for name, (share, _) in excess.items() if share >= _FOCAL_LASTING}
        shown = {name for name, (_, middle) in excess.items() if middle >= _FIELD_LOG10}
        for group in _neighbourhoods([name for name in excess if name in shown or name in lasting]):
            leaders = {name: lasting[name] for name in group if name in lasting}
            if leaders and len(group) >= 2:
                order = sorted(group, key=lambda name: -excess[name][1])
                found.append(_focal_slowing(band, order, max(leaders.values())))
    return tuple(found)


def _window_density(data: _Array, size: int) -> _Array:
    """Power per bin of 2-s windows that overlap by half, shape (channels, windows, bins)."""
    windows = np.lib.stride_tricks.sliding_window_view(data, size, axis=1)[:, :: size // 2]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    transform = np.fft.rfft((windows - windows.mean(axis=2, keepdims=True)) * hann)
    density: _Array = transform.real**2 + transform.imag**2
    return density


def _excess(names: Sequence[str], level: _Array) -> dict[str, tuple[float, float]]:
    """Map lateral channels to the share of windows in which their log10 power stands out, and by how much it does.

    The second number is the median, over the windows in which the side stands out most, of the lesser of the
    excess over the mirror channel and over the median channel.
    """
    whole = np.isfinite(level)
    kept = whole.mean(axis=0) >= 0.5
    usable = (whole & kept).sum(axis=1) >= _FEWEST_WINDOWS
    if usable.sum() < _FEWEST_CHANNELS:
        return {}
    level = level[:, kept]
    middle = nan_median(level, axis=0)
    typical = nan_median(level[usable], axis=1)
    spread = 1.4826 * float(np.median(np.abs(typical - np.median(typical))))
    least = max(2 * spread, _FOCAL_LOG10)
    pairs = {name: rows for name, rows in _pairs(tuple(names)).items() if usable[list(rows)].all()}
    if not pairs:
        return {}
    rows = np.array(list(pairs.values()))
    over = np.minimum(level[rows[:, 0]] - level[rows[:, 1]], level[rows[:, 0]] - middle)
    known = np.isfinite(over).sum(axis=1)
    share, typical_excess = (over >= least).sum(axis=1) / np.maximum(known, 1), nan_median(over, axis=1)
    return {
        name: (float(share[index]), float(typical_excess[index]))
        for index, name in enumerate(pairs)
        if known[index] >= _FEWEST_WINDOWS
    }


def _focal_slowing(band: str, group: Sequence[str], share: float) -> Slowing:
    return Slowing(
        extent="focal",
        band="delta" if band == "delta" else "theta",
        side="left" if side_of(group[0]) == "left" else "right",
        grade="marked" if share >= 0.9 and band == "delta" else "moderate" if band == "delta" else "mild",
        share=share,
        channels=tuple(group),
    )
