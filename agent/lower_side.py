"""Which side of the head is lower, over all pairs of mirror channels together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from agent.findings import Finding
from agent.words import listed
from tools.types import Measurement

ALIKE = 0.85
"""Height on the lower side over that on the other from which the two sides are called alike."""
_NAMED = 3


class Pair(NamedTuple):
    """Two mirror channels with their heights in microvolts."""

    left: str
    right: str
    left_uv: float
    right_uv: float
    measured: tuple[Measurement, ...]


def lower_side(pairs: Sequence[Pair], onset: float, duration: float) -> Finding | None:
    """Say which side is lower, by the median over the pairs of the ratio of their heights.

    Parameters
    ----------
    pairs : sequence of Pair
        All pairs that could be compared.
    onset, duration : float
        The stretch in seconds.

    Returns
    -------
    Finding or None
        None where there is no pair.

    Notes
    -----
    A single pair may differ for a local reason, such as a focus, a breach or a shifted electrode; a side that is
    lower differs in most of its pairs, so the median is taken.
    """
    usable = [pair for pair in pairs if pair.left_uv > 0 and pair.right_uv > 0]
    if not usable:
        return None
    ratio = float(np.exp(np.median([np.log(pair.left_uv / pair.right_uv) for pair in usable])))
    lower, other = ("left", "right") if ratio < 1 else ("right", "left")
    share = 100 * min(ratio, 1 / ratio)
    agreeing = sum((pair.left_uv < pair.right_uv) == (lower == "left") for pair in usable)
    place = {"onset": onset, "duration": duration, "tool": "compare_sides"}
    made = (
        Measurement.model_validate(
            place | {"quantity": f"height of the {lower} side over the {other}", "value": share, "unit": "%"}
        ),
        Measurement.model_validate(
            place | {"quantity": f"pairs lower on the {lower}", "value": float(agreeing), "unit": "count"}
        ),
        Measurement.model_validate(
            place | {"quantity": "pairs compared", "value": float(len(usable)), "unit": "count"}
        ),
    )
    if share >= 100 * ALIKE:
        statement = (f"Neither side is clearly lower. The {lower} has {share:.0f} % of the height of the {other} "
                     f"(median over {len(usable)} pairs of mirror channels).")  # fmt: skip
        return Finding(statement=statement, certainty="probable", evidence=made)
    told = [pair for pair in usable if (pair.left_uv < pair.right_uv) == (lower == "left")]
    told.sort(key=lambda pair: min(pair.left_uv, pair.right_uv) / max(pair.left_uv, pair.right_uv))
    told = told[:_NAMED]
    examples = listed([_pair_words(pair, lower) for pair in told])
    statement = (f"The {lower} side is lower. It has {share:.0f} % of the height of the {other} (median over "
                 f"{len(usable)} pairs of mirror channels), most clearly {examples}.")  # fmt: skip
    evidence = (*made, *(m for pair in told for m in pair.measured))
    return Finding(statement=statement, certainty="probable", evidence=evidence)


def _pair_words(pair: Pair, lower: str) -> str:
    low, high = (pair.left, pair.left_uv), (pair.right, pair.right_uv)
    if lower == "right":
        low, high = high, low
    return f"{low[0]} with {low[1]:.0f} µV peak-to-peak against {high[0]} with {high[1]:.0f} µV peak-to-peak"
