"""Montages: which differences of electrodes a reader looks at.

A montage is linear in the samples, so it commutes with the filters. Bad channels never enter an
average or a Laplacian, but stay visible themselves: hiding a channel is the reader's decision.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tools.chains import MONTAGES, channel_groups, montage_name, pair_groups
from tools.labels import NEW_TO_CLASSICAL, electrodes, side_of
from tools.types import Kind, Recording, Segment, ToolError

NEIGHBOURS = {
    "Fp1": ("Fp2", "F7", "F3"), "F7": ("Fp1", "F3", "T3"), "F3": ("Fp1", "F7", "Fz", "C3"),
    "T3": ("F7", "C3", "T5"), "C3": ("F3", "T3", "Cz", "P3"), "T5": ("T3", "P3", "O1"),
    "P3": ("C3", "T5", "Pz", "O1"), "O1": ("T5", "P3", "O2"),
    "Fp2": ("Fp1", "F8", "F4"), "F8": ("Fp2", "F4", "T4"), "F4": ("Fp2", "F8", "Fz", "C4"),
    "T4": ("F8", "C4", "T6"), "C4": ("F4", "T4", "Cz", "P4"), "T6": ("T4", "P4", "O2"),
    "P4": ("C4", "T6", "Pz", "O2"), "O2": ("T6", "P4", "O1"),
    "Fz": ("F3", "F4", "Cz"), "Cz": ("C3", "C4", "Fz", "Pz"), "Pz": ("P3", "P4", "Cz"),
}  # fmt: skip
"""Nearest electrodes of the 10-20 grid, after Hjorth (1975), doi:10.1016/0013-4694(75)90056-5."""

__all__ = [
    "MONTAGES", "NEIGHBOURS", "apply_montage", "available_montages", "channel_groups", "default_montage",
    "montage_name",
]  # fmt: skip

_LEFT_EARS, _RIGHT_EARS = ("A1", "M1"), ("A2", "M2")
_EARS = _LEFT_EARS + _RIGHT_EARS
_FEWEST = dict(average=4, longitudinal=4, transverse=8, laplacian=4, ears=1, mastoids=1, cz=3)  # noqa: C408
"""Channels that a montage must at least yield to be worth offering."""


def available_montages(recording: Recording) -> tuple[str, ...]:
    """Montages that the electrodes of a recording allow, ``as_recorded`` always among them."""
    return _available(recording.names("eeg"), recording.names("eeg", "reference"))


def default_montage(recording: Recording) -> str:
    """Average reference for a head full of electrodes, otherwise what was recorded."""
    possible = available_montages(recording)
    sites = _referential(recording.names("eeg"))
    return "average" if "average" in possible and len(sites) >= 8 else "as_recorded"


def apply_montage(
    segment: Segment, montage: str, *, bad: Sequence[str] = (), left_first: bool = True
) -> Segment:
    """Re-reference the EEG channels of a segment.

    Parameters
    ----------
    segment : Segment
        Channels against one common reference, or (for ``longitudinal`` and ``transverse``) the pairs
        themselves as bipolar recordings have them.
    montage : str
        One of ``MONTAGES`` or a synonym.
    bad : sequence of str
        Channels kept out of averages and Laplacians; unknown names are ignored.
    left_first : bool
        Order of the two sides.

    Returns
    -------
    Segment
        EEG channels in drawing order (unchanged for ``as_recorded``), named ``Fp1-F7`` in bipolar,
        ``Fp1-A1`` in ear and ``Fp1-Cz`` in Cz montages, then all other channels as they were.

    Raises
    ------
    ToolError
        If the electrodes do not allow the montage; the choices list those that work.

    Notes
    -----
    A channel with samples missing where others have them is kept out of the average as well, since its
    coming and going would put a step into every other channel.
    """
    montage = montage_name(montage)
    if montage == "as_recorded":
        return segment
    eeg = tuple(c for c, k in zip(segment.channels, segment.kinds, strict=True) if k == "eeg")
    usable = _available(eeg, segment.channels)
    if montage not in usable:
        raise ToolError(
            f"The electrodes here do not allow the {montage} montage; use {' or '.join(usable)}.",
            field="montage",
            choices=usable,
        )
    rows = {site: segment.channels.index(name) for site, name in _referential(eeg).items()}
    if montage == "average":
        derived = _average(segment, rows, bad)
    elif montage == "laplacian":
        derived = _laplacian(segment, rows, bad)
    elif montage in ("longitudinal", "transverse"):
        derived = _bipolar(segment, rows, eeg, montage)
    else:
        derived = _to_reference(segment, rows, montage)
    return _assemble(segment, derived, montage, left_first)


# --- what is there ------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _referential(eeg: tuple[str, ...]) -> dict[str, str]:
    """Map electrode to channel for the channels that share the commonest reference."""
    sites: dict[str, list[tuple[str, str]]] = {}
    for name in eeg:
        parts = electrodes(name)
        if len(parts) == 1 and name not in _EARS:
            reference = name[len(parts[0]) :]
            site = NEW_TO_CLASSICAL.get(parts[0], parts[0])
            sites.setdefault(reference, []).append((site, name))
    if not sites:
        return {}
    commonest = Counter({reference: len(found) for reference, found in sites.items()}).most_common(1)[0][0]
    return dict(sites[commonest])


@lru_cache(maxsize=256)
def _available(eeg: tuple[str, ...], everything: tuple[str, ...]) -> tuple[str, ...]:
    sites = _referential(eeg)
    names = set(everything)
    plain = [site for site, name in sites.items() if "-" not in name]
    ears = bool(names & set(_LEFT_EARS)) and bool(names & set(_RIGHT_EARS))
    count = {
        "average": len(sites),
        "laplacian": sum(len(_present(n, sites)) >= 2 for s, n in NEIGHBOURS.items() if s in sites),
        "ears": len(plain) if ears else 0,
        "mastoids": len(plain) if ears else 0,
        "cz": len(sites) if "Cz" in sites else 0,
    }
    for montage in ("longitudinal", "transverse"):
        count[montage] = sum(
            _source(pair, sites, eeg) is not None for pairs in pair_groups(montage) for pair in pairs
        )
    return tuple(m for m in MONTAGES if m == "as_recorded" or count[m] >= _FEWEST[m])


def _present(wanted: Sequence[str], sites: dict[str, str]) -> list[str]:
    return [site for site in wanted if site in sites]


def _source(pair: str, sites: dict[str, str], eeg: Sequence[str]) -> tuple[str, str] | None:
    """Tell where a pair comes from: recorded as it is, recorded the other way round, or a difference."""
    first, second = pair.split("-")
    if first in sites and second in sites:
        return sites[first], sites[second]
    if pair in eeg:
        return pair, ""
    flipped = f"{second}-{first}"
    return ("", flipped) if flipped in eeg else None


# --- derivations --------------------------------------------------------------------------------

_Derived = dict[str, NDArray[np.float64]]


def _average(segment: Segment, rows: dict[str, int], bad: Sequence[str]) -> _Derived:
    index = list(rows.values())
    data = segment.data[index]
    good = _good_rows(data, [segment.channels[row] in bad for row in index])
    reference = data[good].mean(axis=0)
    names = [segment.channels[row].split("-")[0] for row in index]
    return dict(zip(names, data - reference, strict=True))


def _good_rows(data: NDArray[np.float64], bad: list[bool]) -> NDArray[np.bool_]:
    """Rows fit for an average: not bad, and nothing missing that others have."""
    good = ~np.array(bad)
    if not np.isfinite(data.sum()):
        missing = np.isnan(data).sum(axis=1)
        complete = missing == missing[good].min(initial=data.shape[1])
        good &= complete
    # With fewer than two good channels an average is no better than all of them together.
    return good if good.sum() >= 2 else np.ones(len(data), dtype=bool)


def _laplacian(segment: Segment, rows: dict[str, int], bad: Sequence[str]) -> _Derived:
    derived = {}
    for site, around in NEIGHBOURS.items():
        good = [rows[n] for n in around if n in rows and segment.channels[rows[n]] not in bad]
        if site in rows and len(good) >= 2:
            derived[site] = segment.data[rows[site]] - segment.data[good].mean(axis=0)
    return derived


def _bipolar(segment: Segment, rows: dict[str, int], eeg: Sequence[str], montage: str) -> _Derived:
    sites = {site: segment.channels[row] for site, row in rows.items()}
    place = {name: row for row, name in enumerate(segment.channels)}
    derived = {}
    for pairs in pair_groups(montage):
        for pair in pairs:
            source = _source(pair, sites, eeg)
            if source is None:
                continue
            plus, minus = source
            if plus and minus:
                derived[pair] = segment.data[place[plus]] - segment.data[place[minus]]
            else:
                derived[pair] = segment.data[place[plus]] if plus else -segment.data[place[minus]]
    return derived


def _to_reference(segment: Segment, rows: dict[str, int], montage: str) -> _Derived:
    """Refer each electrode to Cz, to the ear of its side, or to the mastoid of the other side."""
    plain = {site: row for site, row in rows.items() if montage == "cz" or "-" not in segment.channels[row]}
    if montage == "cz":
        vertex = segment.data[rows["Cz"]]
        return {f"{site}-Cz": segment.data[row] - vertex for site, row in plain.items() if site != "Cz"}
    left = next(name for name in _LEFT_EARS if name in segment.channels)
    right = next(name for name in _RIGHT_EARS if name in segment.channels)
    voltage = {name: segment.data[segment.channels.index(name)] for name in (left, right)}
    voltage["LE"] = (voltage[left] + voltage[right]) / 2
    own = {"left": left, "right": right} if montage == "ears" else {"left": right, "right": left}
    derived = {}
    for site, row in plain.items():
        name = own.get(side_of(site), "LE")
        derived[f"{site}-{name}"] = segment.data[row] - voltage[name]
    return derived


def _assemble(segment: Segment, derived: _Derived, montage: str, left_first: bool) -> Segment:
    others = [row for row, kind in enumerate(segment.kinds) if kind != "eeg"]
    order = [
        name for group in channel_groups(list(derived), montage, left_first=left_first) for name in group
    ]
    eeg: list[Kind] = ["eeg"] * len(order)
    return replace(
        segment,
        data=np.vstack([*(derived[name] for name in order), *(segment.data[row] for row in others)]),
        channels=(*order, *(segment.channels[row] for row in others)),
        kinds=(*eeg, *(segment.kinds[row] for row in others)),
        reference=montage,
    )
