"""What was looked for and not found, in words that stay readable when the whole vocabulary was looked for."""

from __future__ import annotations

from collections.abc import Sequence

from agent.words import listed, plural
from tools.labels import ARTIFACT, EPILEPTIFORM, SLEEP

PERIODIC = ("LPD", "GPD", "BIPD")
RHYTHMIC = ("LRDA", "GRDA")
_GROUPS: tuple[tuple[tuple[str, ...], str], ...] = (
    (EPILEPTIFORM, "epileptiform discharges"),
    (PERIODIC, "periodic discharges"),
    (RHYTHMIC, "rhythmic delta activity"),
    (SLEEP, "sleep waveforms"),
    (("eyem", "eyer+", "eyer-"), "blinks or lateral eye movements"),
    (ARTIFACT, "artifacts"),
)
_FEW = 4
"""Labels up to which each is named."""
_NAMED = 3
"""Labels of a broken group that are named before the rest is summed up."""


def absent_words(labels: Sequence[str]) -> str:
    """Name labels that were not found: one by one when few, by group where a whole group is among them."""
    return listed(_parts(labels), last="or")


def _parts(labels: Sequence[str]) -> list[str]:
    left = list(dict.fromkeys(labels))
    if len(left) <= _FEW:
        return list(dict.fromkeys(plural(label) for label in left))
    parts: list[str] = []
    for members, words in _GROUPS:
        if set(members) <= set(left):
            parts.append(words)
            left = [label for label in left if label not in members]
    for members, words in ((SLEEP, "other sleep waveforms"), (ARTIFACT, "other artifacts")):
        mine = [label for label in left if label in members]
        if len(mine) > _NAMED + 1:
            parts += [plural(label) for label in mine[:_NAMED]] + [words]
            left = [label for label in left if label not in mine]
    return parts + [plural(label) for label in left]
