"""What the tests of detectors run on, frozen before any detector was tuned.

Test segments come from seeds, and so from persons, that tuning never uses, and from two generators besides the
standard one. The distributions stand here as data and are compared with what the generator does; a fingerprint
over segments of every category tells when a change of the simulator has changed the test set. Then every figure
measured on it has to be measured again, and `VERSION` rises.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import numpy as np

from models.recipes import ALL
from models.recorder import Specimen
from models.segments import SNR, simulate_segment
from models.variants import VARIANTS
from tools.types import ToolError

VERSION = 1

TEST_SEED = 900_000
"""Seeds from here on are for testing; tuning uses those of `TUNE_SEED` up to, but not including, this one."""
TUNE_SEED = 100_000
PER_CATEGORY = 40
TEST_NIGHTS = (990_001, 990_002, 990_003)

DISTRIBUTIONS: dict[str, tuple[float, ...]] = {
    "snr": (2.5, 12.0),
    "artifact_share": (0.30,),
    "decoy_share": (0.30,),
    "empty_share": (0.25,),
    "state_wake": (1.4, 9.0),
    "state_eyes_open": (1.45, 9.5),
    "state_drowsy": (1.7, 9.0),
    "state_n2": (2.2, 12.0),
    "state_n3": (2.6, 20.0),
    "state_rem": (1.8, 9.0),
    "state_slowed": (2.2, 16.0),
    "state_low_voltage": (1.4, 3.8),
    "rms_drowsy": (9.5,),
    "rms_n2": (16.5,),
    "rms_n3": (20.0,),
    "rms_rem": (9.5,),
    "cap_angle": (56.0,),
    "segment_s": (10.0,),
    "sfreq_hz": (200.0,),
}
"""Ranges, shares, and per state the slope and the RMS in microvolts; a test compares them with the code."""

CATEGORY_NAMES: tuple[str, ...] = (
    "alpha_rhythm", "temporal_variation", "spatial_asymmetry", "slowing", "fast_activity", "low_voltage",
    "eye_artifact", "severe_artifact", "high_frequency_noise", "chewing",
    "k_complexes", "drowsy_slowing", "spindles", "deep_sleep_delta", "sharp_waves", "spikes", "spike_wave",
    "LPD", "GPD", "BIPD", "LRDA", "GRDA", "seizure", "burst_suppression", "bad_channel", "normal",
)  # fmt: skip
"""Categories of the test set: the 17 sub-categories first."""

FINGERPRINT = "bbce225b1b60a4e79a3705201d082cbc7f198bcc314da5e2efca3ebdd17dd693"
"""SHA-256 over what `fingerprint` looks at."""


def frozen_segments(
    variant: str = "standard",
    *,
    categories: tuple[str, ...] = CATEGORY_NAMES,
    per_category: int = PER_CATEGORY,
    snr: tuple[float, float] = SNR,
) -> Iterator[Specimen]:
    """Give the frozen test segments: 10 s, 19 channels, 200 Hz, linked ears.

    Parameters
    ----------
    variant : str
        Key of `models.variants.VARIANTS`.
    categories : tuple of str
        Which of `CATEGORY_NAMES`.
    per_category : int
        How many of each, at most 1000; the first ones are the same for every number.
    snr : tuple of float
        Range of signal-to-noise ratios.

    Raises
    ------
    ToolError
        If the variant or a category is not known.
    """
    yield from _segments(TEST_SEED, variant, categories, per_category, snr)


def tuning_segments(
    *,
    categories: tuple[str, ...] = CATEGORY_NAMES,
    per_category: int = PER_CATEGORY,
    snr: tuple[float, float] = SNR,
) -> Iterator[Specimen]:
    """Give segments on which thresholds may be set: other persons, and the standard generator only."""
    yield from _segments(TUNE_SEED, "standard", categories, per_category, snr)


def segments_of(
    source: str, *, categories: tuple[str, ...] = CATEGORY_NAMES, per_category: int = PER_CATEGORY
) -> Iterator[Specimen]:
    """Give the segments of a source: ``tuning``, or the frozen ones of a generator."""
    if source == "tuning":
        return tuning_segments(categories=categories, per_category=per_category)
    return frozen_segments(source, categories=categories, per_category=per_category)


def _segments(
    seed: int, variant: str, categories: tuple[str, ...], per_category: int, snr: tuple[float, float]
) -> Iterator[Specimen]:
    if variant not in VARIANTS:
        raise ToolError("There is no such generator.", field="variant", choices=tuple(VARIANTS))
    if unknown := set(categories) - set(ALL):
        raise ToolError(f"There is no category {min(unknown)}.", field="kind", choices=CATEGORY_NAMES)
    for category in categories:
        # One person per segment; categories have their own, so that none is met twice.
        first = seed + 1000 * CATEGORY_NAMES.index(category)
        for number in range(min(per_category, 1000)):
            yield simulate_segment(category, first + number, snr=snr, variant=VARIANTS[variant])


def fingerprint() -> str:
    """Hash the truth and the loudness of the first test segment of every category and generator.

    Numbers are rounded so coarsely that another processor or library does not change them.
    """
    seen = hashlib.sha256(json.dumps([VERSION, CATEGORY_NAMES, DISTRIBUTIONS]).encode())
    for variant in VARIANTS:
        for made in frozen_segments(variant, per_category=1):
            events = [
                (p.event.label, round(p.event.onset, 2), p.event.channels[:3], p.peak_channel, round(p.snr))
                for p in (*made.truth.planted, *made.truth.decoys)
            ]
            loudness = np.round(np.log2(made.segment.data.std(axis=1) + 1e-3) * 4).astype(int).tolist()
            seen.update(json.dumps([made.truth.category, events, loudness]).encode())
    return seen.hexdigest()
