"""The names of montages and the chains of electrodes that they and the drawn page follow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from tools.labels import NEW_TO_CLASSICAL, electrodes, side_of
from tools.types import ToolError

MONTAGES = ("as_recorded", "average", "longitudinal", "transverse", "laplacian", "ears", "mastoids", "cz")

_SYNONYMS = {
    "raw": "as_recorded", "as recorded": "as_recorded", "original": "as_recorded", "none": "as_recorded",
    "avg": "average", "av": "average", "car": "average", "common average": "average",
    "average reference": "average", "common average reference": "average", "referential": "average",
    "bipolar": "longitudinal", "double banana": "longitudinal", "banana": "longitudinal",
    "longitudinal bipolar": "longitudinal", "anterior-posterior": "longitudinal",
    "transverse bipolar": "transverse", "coronal": "transverse",
    "source": "laplacian", "hjorth": "laplacian", "csd": "laplacian",
    "ear": "ears", "linked ears": "ears", "ipsilateral ear": "ears", "a1/a2": "ears",
    "mastoid": "mastoids", "contralateral mastoid": "mastoids", "contralateral mastoids": "mastoids",
    "m1/m2": "mastoids", "psg": "mastoids", "vertex": "cz", "cz reference": "cz",
}  # fmt: skip

_LEFT_CHAINS = (("Fp1", "F7", "T3", "T5", "O1"), ("Fp1", "F3", "C3", "P3", "O1"))
_RIGHT_CHAINS = (("Fp2", "F8", "T4", "T6", "O2"), ("Fp2", "F4", "C4", "P4", "O2"))
_MIDLINE_CHAIN = ("Fz", "Cz", "Pz")
_TRANSVERSE_CHAINS = (
    ("F7", "Fp1", "Fp2", "F8"), ("F7", "F3", "Fz", "F4", "F8"), ("T3", "C3", "Cz", "C4", "T4"),
    ("T5", "P3", "Pz", "P4", "T6"), ("T5", "O1", "O2", "T6"),
)  # fmt: skip
_SITE = re.compile(r"(N|Fp|AF|F|FC|FT|C|CP|T|TP|P|PO|O|I)(z|\d{1,2})h?", re.IGNORECASE)


def montage_name(text: str) -> str:
    """Translate what a user calls a montage into one of ``MONTAGES``; ToolError lists them."""
    key = " ".join(text.strip().lower().split())
    key = key.removesuffix(" montage")
    name = key if key in MONTAGES else _SYNONYMS.get(key, key.replace(" ", "_").replace("-", "_"))
    if name not in MONTAGES:
        raise ToolError(
            f"No such montage; use one of {', '.join(MONTAGES)}.", field="montage", choices=MONTAGES
        )
    return name


def channel_groups(
    channels: Sequence[str], montage: str, *, left_first: bool = True
) -> tuple[tuple[str, ...], ...]:
    """Sort channels into the groups that a page separates by gaps.

    Longitudinal gives 4-4-4-4-2: temporal chain of either side, parasagittal chain of either side,
    midline. Referential montages follow the same chains. Bipolar channels as recorded break where the
    next one shares no electrode with the last. Whatever is not EEG comes last, in one group.
    """
    return _groups(tuple(channels), montage_name(montage), left_first)


@lru_cache(maxsize=256)
def _groups(channels: tuple[str, ...], montage: str, left_first: bool) -> tuple[tuple[str, ...], ...]:
    brain = [c for c in channels if _is_brain(c)]
    other = tuple(c for c in channels if not _is_brain(c))
    if montage == "as_recorded":
        groups = _runs(brain)
    elif montage in ("longitudinal", "transverse"):
        groups = _by_plan(brain, pair_groups(montage, left_first))
    else:
        groups = _by_plan(brain, _referential_plan(left_first), left_first=left_first)
    return (*groups, other) if other else tuple(groups)


def pair_groups(montage: str, left_first: bool = True) -> tuple[tuple[str, ...], ...]:
    """Give the pairs of a bipolar montage by chain; a pair has the same name whichever side comes first."""
    if montage == "transverse":
        across = [_pairs(chain) for chain in _TRANSVERSE_CHAINS]
        return tuple(row if left_first else row[::-1] for row in across)
    return tuple(_pairs(chain) for chain in _longitudinal(left_first))


def _pairs(chain: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{a}-{b}" for a, b in pairwise(chain))


def _longitudinal(left_first: bool) -> tuple[tuple[str, ...], ...]:
    first, second = (_LEFT_CHAINS, _RIGHT_CHAINS) if left_first else (_RIGHT_CHAINS, _LEFT_CHAINS)
    return (first[0], second[0], first[1], second[1], _MIDLINE_CHAIN)


# --- drawing groups -----------------------------------------------------------------------------


def _referential_plan(left_first: bool) -> list[tuple[str, ...]]:
    """Chains as in the double banana, each electrode once."""
    seen: set[str] = set()
    plan = []
    for chain in _longitudinal(left_first):
        plan.append(tuple(site for site in chain if site not in seen))
        seen.update(chain)
    return plan


def _by_plan(
    brain: Sequence[str], plan: Sequence[Sequence[str]], *, left_first: bool = True
) -> list[tuple[str, ...]]:
    """Sort channels by a plan of pairs or electrodes; what it does not hold follows by side."""
    by_key = {name: name for name in brain}
    if plan and "-" not in plan[0][0]:
        by_key = {NEW_TO_CLASSICAL.get(electrodes(n)[0], electrodes(n)[0]): n for n in brain}
    groups = [tuple(by_key[key] for key in keys if key in by_key) for keys in plan]
    placed = {name for group in groups for name in group}
    sides = ("left", "midline", "right") if left_first else ("right", "midline", "left")
    for side in sides:
        groups.append(tuple(n for n in brain if n not in placed and side_of(n) == side))
    groups.append(tuple(n for n in brain if n not in placed and side_of(n) not in sides))
    return [group for group in groups if group]


def _runs(brain: Sequence[str]) -> list[tuple[str, ...]]:
    groups: list[list[str]] = []
    for name in brain:
        parts = electrodes(name.split(" (")[0])
        last = electrodes(groups[-1][-1].split(" (")[0]) if groups else ()
        if groups and (len(parts) == len(last) == 1 or set(parts) & set(last)):
            groups[-1].append(name)
        else:
            groups.append([name])
    return [tuple(group) for group in groups]


def _is_brain(channel: str) -> bool:
    parts = electrodes(channel.split(" (", maxsplit=1)[0])
    return bool(parts) and all(_SITE.fullmatch(part) for part in parts)
