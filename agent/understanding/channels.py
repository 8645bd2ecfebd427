"""From an electrode, a derivation or a region to the channels that a recording has there."""

from __future__ import annotations

import re
from functools import lru_cache

from tools.labels import NEW_TO_CLASSICAL, REGIONS, TEN_TWENTY, electrodes, mirror, side_of
from tools.types import Recording

SETS = REGIONS | {
    "mid temporal": ("T3", "T4"),
    "centrotemporal": ("C3", "C4", "T3", "T4"),
    "frontocentral": ("F3", "Fz", "F4", "C3", "Cz", "C4"),
    "centroparietal": ("C3", "Cz", "C4", "P3", "Pz", "P4"),
    "parietooccipital": ("P3", "Pz", "P4", "O1", "O2"),
    "temporooccipital": ("T5", "T6", "O1", "O2"),
    "temporoparietal": ("T5", "T6", "P3", "P4"),
    "parasagittal": ("F3", "C3", "P3", "F4", "C4", "P4"),
}


@lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """Spell a channel as the project does: ``FP1-t7`` becomes ``Fp1-T3``."""
    parts = []
    for part in re.split(r" ?- ?", name.strip().lower()):
        spelt = next((site for site in TEN_TWENTY if site.lower() == part), None)
        if spelt is None:
            spelt = part[:-1].upper() + "z" if part.endswith("z") else part.upper()
            spelt = "Fp" + spelt[2:] if spelt.startswith("FP") else spelt
        parts.append(spelt)
    return "-".join(parts)


def _classical(site: str) -> str:
    return NEW_TO_CLASSICAL.get(site, site)


def _same_site(a: str, b: str) -> bool:
    return _classical(canonical(a)) == _classical(canonical(b))


def channels_at(name: str, recording: Recording) -> tuple[str, ...]:
    """Give the channels of the recording that a channel name means, as the recording spells them.

    An electrode means the channel recorded there, or every derivation that touches it; a derivation
    means itself, or its two electrodes where the recording is referential.
    """
    names = recording.names()
    whole = [c for c in names if c.lower() == name.lower() or canonical(c) == canonical(name)]
    if whole:
        return tuple(whole[:1])
    parts = canonical(name).split("-")
    if len(parts) == 2:
        exact = [
            c
            for c in names
            if "-" in c and [_classical(canonical(p)) for p in c.split("-")] == [_classical(p) for p in parts]
        ]
        if exact:
            return tuple(exact[:1])
        turned = [
            c
            for c in names
            if "-" in c
            and [_classical(canonical(p)) for p in c.split("-")] == [_classical(p) for p in parts[::-1]]
        ]
        sides = [channels_at(part, recording) for part in parts]
        return tuple(turned[:1]) or (
            tuple(dict.fromkeys(sum(sides, ()))) if all(sides) and "-" not in sides[0][0] else ()
        )
    alone = [c for c in names if _same_site(c, name)]
    if alone:
        return tuple(alone[:1])
    active = [c for c in names if any(_same_site(e, name) for e in electrodes(c))]
    if active:
        return tuple(active)
    return tuple(c for c in names if "-" in c and any(_same_site(e, name) for e in c.split("-")))


def channels_in(lobe: str | None, side: str | None, recording: Recording) -> tuple[str, ...]:
    """Give the EEG channels of a region, of a side, or of a region's side."""
    sites = {_classical(site) for site in (SETS[lobe] if lobe else TEN_TWENTY)}
    chosen = []
    for channel in recording.names("eeg"):
        touched = {_classical(canonical(e)) for e in electrodes(channel)}
        if not touched & sites and not (lobe is None and not touched & set(TEN_TWENTY)):
            continue
        if side in ("left", "right") and side_of(channel) != side:
            continue
        chosen.append(channel)
    return tuple(chosen)


def mirrored(channels: tuple[str, ...], side: str, recording: Recording) -> tuple[str, ...]:
    """Give the channels at the mirror places of those that do not lie on ``side`` yet."""
    wanted = [c if side_of(c) in (side, "midline") else mirror(c) for c in channels]
    own = {canonical(c): c for c in recording.names()}
    present = [own[canonical(c)] for c in wanted if canonical(c) in own]
    return tuple(dict.fromkeys(c for c in present if side_of(c) == side)) or tuple(dict.fromkeys(present))
