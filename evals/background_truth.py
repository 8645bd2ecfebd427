"""The background against known truth: posterior rhythm, symmetry, slowing, voltage, fast activity, change.

Each segment is written as EDF, searched for artifacts and measured as a description does it, so that what is
scored is what a user gets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from evals.background_read import THROUGHOUT, Measured, noise_near, posterior_of, read_backgrounds
from evals.scoring import Tally
from models.frozen import CATEGORY_NAMES, segments_of

__all__ = ["Measured", "background_truth", "noise_near", "posterior_of", "read_backgrounds", "score"]

VISIBLE = 2.0
"""Times the RMS of the noise within 1 Hz of its frequency, from which on a posterior rhythm must be found."""
TOLERANCE_HZ = 0.5
EXCESS_UV = 8.0
"""RMS of beta that the generator calls fast activity; it lays 1.5 to 4 µV into ordinary waking segments."""
LOPSIDED = (
    "LPD",
    "LRDA",
    "BIPD",
    "seizure",
    "bad_channel",
    "severe_artifact",
    "spikes",
    "sharp_waves",
    "spike_wave",
)
"""Categories in which one side is truly larger, or a channel broken, so that asymmetry is not false."""
AWAKE = ("wake", "eyes_open", "low_voltage")


def background_truth(
    source: str = "standard",
    *,
    per_category: int = 40,
    categories: tuple[str, ...] = CATEGORY_NAMES,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Measure the background of simulated segments and compare it with what was drawn.

    Parameters
    ----------
    source : str
        A generator of `models.variants.VARIANTS` for the frozen test set, or ``tuning``.
    per_category : int
        Segments of each category.
    categories : tuple of str
        Of `models.frozen.CATEGORY_NAMES`.
    progress : callable, optional
        Called with the name of the source when it is done.

    Returns
    -------
    dict
        JSON-ready; see `score`.
    """
    made = segments_of(source, per_category=per_category, categories=categories)
    result = {"source": source, "per_category": per_category, **score(list(read_backgrounds(made)))}
    if progress is not None:
        progress(source)
    return result


def score(read: Sequence[Measured]) -> dict[str, Any]:
    """Compare backgrounds with their truth.

    Returns
    -------
    dict
        Posterior rhythm: found, and within 0.5 Hz, among the segments it covers to 60 % or more, all of them
        and those in which it is `VISIBLE`; false ones per category where there is none. The rest: precision and
        recall, sides and bands having to be right. Generalized slowing in states that are slow by themselves
        is counted apart.
    """
    return {
        "segments": len(read),
        "posterior rhythm": _posterior(read),
        "false posterior rhythm": _false_posterior(read),
        "asymmetry": _asymmetry(read),
        "generalized slowing": _generalized(read),
        "focal slowing": _focal(read),
        "low voltage": _row(
            (m.background.low_voltage, m.found.low_voltage) for m in read if m.truth.category not in LOPSIDED
        ),
        "fast activity": _row(
            (
                (m.background.fast_activity_rms_uv or 0.0) >= EXCESS_UV,
                bool(getattr(m.found, "fast_activity", None)),
            )
            for m in read
        ),
        "temporal variation": _variation(read),
        "gradient": _gradient(read),
    }


def _posterior(read: Sequence[Measured]) -> dict[str, Any]:
    rows: dict[str, list[int]] = {}
    for m in read:
        true = posterior_of(m.truth)
        if true is None:
            continue
        rhythm = m.found.posterior_rhythm
        right = rhythm is not None and abs(rhythm.frequency_hz - true.frequency_hz) <= TOLERANCE_HZ
        visible = true.rms_uv >= VISIBLE * noise_near(m.background, true.frequency_hz)
        names = ["all", "visible"] if visible else ["all", "not visible"]
        for name in (*names, f"category {m.truth.category}"):
            row = rows.setdefault(name, [0, 0, 0])
            row[0] += 1
            row[1] += rhythm is not None
            row[2] += right
    table: dict[str, Any] = {
        name: {"segments": n, "found": found, "within 0.5 Hz": right, "rate": right / n}
        for name, (n, found, right) in sorted(rows.items())
    }
    rate = table.get("visible", {}).get("rate")
    return {**table, "goal": 0.95, "met": rate is not None and rate >= 0.95}


def _false_posterior(read: Sequence[Measured]) -> dict[str, Any]:
    none = [m for m in read if not m.background.posterior]
    wrong = [m.truth.category or "" for m in none if m.found.posterior_rhythm is not None]
    by_category = {name: wrong.count(name) for name in dict.fromkeys(wrong)}
    return {
        "segments": len(none),
        "called": len(wrong),
        "rate": len(wrong) / len(none) if none else None,
        "by category": by_category,
    }


def _row(pairs: Iterable[tuple[bool, bool]]) -> dict[str, Any]:
    """Precision and recall of a statement that is true or not of a whole segment."""
    total = Tally()
    for true, said in pairs:
        total += Tally(int(true and said), int(true and not said), int(said and not true))
    return {"precision": total.precision, "recall": total.recall, "f1": total.f1, **total._asdict()}


def _asymmetry(read: Sequence[Measured]) -> dict[str, Any]:
    """Amplitude, the side that is right; segments with a focus of another kind are left out."""
    total = Tally()
    for m in read:
        focal = any(s.extent == "focal" for s in m.background.slowing)
        if m.truth.category in LOPSIDED or m.truth.patterns or focal:
            continue
        share = m.background.asymmetry
        larger = None if share is None else "left" if share > 1 else "right"
        said = {item.side for item in m.found.asymmetry if item.quantity == "amplitude"}
        hit = larger in said
        total += Tally(int(hit), int(larger is not None and not hit), len(said - {larger}))
    return {"precision": total.precision, "recall": total.recall, "f1": total.f1, **total._asdict()}


def _generalized(read: Sequence[Measured]) -> dict[str, Any]:
    pairs: list[tuple[bool, bool]] = []
    bands = [0, 0]
    slow_by_state: dict[str, list[int]] = {}
    for m in read:
        said = [s for s in m.found.slowing if s.extent == "generalized"]
        true = [
            s
            for s in m.background.slowing
            if s.extent == "generalized" and s.duration >= THROUGHOUT * m.truth.duration
        ]
        if not true and (m.truth.patterns or m.truth.category in LOPSIDED or m.background.slowing):
            continue
        if not true and m.background.state not in AWAKE:
            row = slow_by_state.setdefault(m.background.state, [0, 0])
            row[0] += 1
            row[1] += bool(said)
            continue
        pairs.append((bool(true) or _is_slow(m), bool(said)))
        if true and said:
            bands[0] += 1
            bands[1] += (said[0].band == "delta") == (true[0].band_hz[0] < 3.5)
    return {
        **_row(pairs),
        "band right": {"of": bands[0], "right": bands[1]},
        "called in other states": {k: {"segments": n, "called": c} for k, (n, c) in slow_by_state.items()},
    }


def _is_slow(m: Measured) -> bool:
    """Whether the posterior rhythm drawn is slow for the age, which counts as mild generalized slowing."""
    rhythm = posterior_of(m.truth)
    return rhythm is not None and rhythm.frequency_hz < 8 and (m.background.age_years or 0) >= 8


def _focal(read: Sequence[Measured]) -> dict[str, Any]:
    """Side and band have to be right; the side alone is given as well."""
    total, sides = Tally(), Tally()
    for m in read:
        if m.truth.category in LOPSIDED or m.background.asymmetry is not None:
            continue
        true = {
            (s.side, "delta" if s.band_hz[0] < 3.5 else "theta")
            for s in m.background.slowing
            if s.extent == "focal" and s.duration >= 0.5 * m.truth.duration - 0.01
        }
        said = {(s.side, s.band) for s in m.found.slowing if s.extent == "focal"}
        total += Tally(len(true & said), len(true - said), len(said - true))
        true_sides, said_sides = {side for side, _ in true}, {side for side, _ in said}
        sides += Tally(
            len(true_sides & said_sides), len(true_sides - said_sides), len(said_sides - true_sides)
        )
    return {
        "precision": total.precision, "recall": total.recall, "f1": total.f1, **total._asdict(),
        "side alone": {"precision": sides.precision, "recall": sides.recall, **sides._asdict()},
    }  # fmt: skip


def _variation(read: Sequence[Measured]) -> dict[str, Any]:
    """Change of the background against segments that hold one background and no event of their own."""
    quiet = ("alpha_rhythm", "fast_activity", "low_voltage", "normal", "spatial_asymmetry", "slowing")
    return _row(
        (m.background.changing, not m.found.stability.stable)
        for m in read
        if m.found.stability is not None
        and (m.background.changing or (m.truth.category in quiet and _holds_one_state(m)))
    )


def _holds_one_state(m: Measured) -> bool:
    """Whether rhythm and slowing of a segment last from its start to its end."""
    parts = (*m.background.posterior, *m.background.slowing)
    return all(part.duration >= 0.95 * m.truth.duration for part in parts)


def _gradient(read: Sequence[Measured]) -> dict[str, Any]:
    """What is said about the gradient where a posterior rhythm covers the segment, and where there is none."""
    table: dict[str, dict[str, int]] = {"posterior rhythm": {}, "none": {}}
    for m in read:
        if m.background.posterior and posterior_of(m.truth) is None:
            continue
        row = table["posterior rhythm" if m.background.posterior else "none"]
        said = getattr(m.found, "gradient", None) or "not said"
        row[said] = row.get(said, 0) + 1
    return table
