"""The test set stays what it was when the first figure was measured on it."""

import numpy as np
import pytest

from models import frozen, segments, subject
from models.canvas import STATES
from models.frozen import CATEGORY_NAMES, DISTRIBUTIONS, fingerprint, frozen_segments, tuning_segments
from models.recipes import ALL, CATEGORIES
from models.topography import CAP_ANGLE, STANDARD, field
from models.variants import VARIANTS, angular_spike
from models.waveforms import spike
from tools.labels import TEN_TWENTY
from tools.types import ToolError


def test_the_test_set_is_the_one_that_figures_were_measured_on():
    """Fails when the simulator draws something else: raise VERSION, set FINGERPRINT, measure everything anew."""
    assert fingerprint() == frozen.FINGERPRINT


def test_the_distributions_written_down_are_those_in_force():
    expected = {
        "snr": segments.SNR,
        "artifact_share": (segments.ARTIFACT_SHARE,),
        "decoy_share": (segments.DECOY_SHARE,),
        "empty_share": (segments.EMPTY_SHARE,),
        "cap_angle": (CAP_ANGLE,),
        "segment_s": (10.0,),
        "sfreq_hz": (200.0,),
    }
    expected |= {f"state_{name}": values for name, values in STATES.items()}
    expected |= {f"rms_{name}": (value,) for name, value in subject.USUAL_RMS.items()}
    assert expected == DISTRIBUTIONS


def test_every_category_is_in_the_set_and_no_person_is_in_both():
    assert set(CATEGORY_NAMES) == set(ALL)
    assert set(CATEGORIES) == set(CATEGORY_NAMES[:17])
    tuned = {made.truth.seed for made in tuning_segments(per_category=2)}
    tested = {made.truth.seed for made in frozen_segments("standard", per_category=2)}
    assert len(tuned) == len(tested) == 2 * len(CATEGORY_NAMES)
    assert max(tuned) + 1000 < frozen.TEST_SEED <= min(tested)
    ages = [made.truth.background.age_years for made in frozen_segments("standard", per_category=2)]
    assert len(set(ages)) > len(ages) * 0.8


def test_a_larger_set_begins_with_the_smaller_one():
    small = [made.truth for made in frozen_segments("standard", categories=("spikes",), per_category=2)]
    large = [made.truth for made in frozen_segments("standard", categories=("spikes",), per_category=4)]
    assert large[:2] == small


def test_the_generators_for_testing_differ_from_the_standard_one():
    fields = [
        field("left temporal spike", TEN_TWENTY, head=VARIANTS[name].head)
        for name in ("standard", "small head")
    ]
    assert VARIANTS["standard"].head is STANDARD
    assert np.abs(fields[0] - fields[1]).max() > 0.05
    old, new = spike(500.0, 0.05), angular_spike(500.0, 0.05)
    length = min(len(old), len(new))
    assert np.corrcoef(old[:length], new[:length])[0, 1] < 0.97
    assert new.max() == pytest.approx(1, abs=0.03)
    assert abs(np.argmax(new) - np.argmax(old)) <= 1


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_generator_makes_every_category(variant):
    for made in frozen_segments(variant, per_category=1):
        assert made.truth.generator == variant
        assert np.isfinite(made.segment.data).all()


def test_an_unknown_generator_or_category_is_refused():
    with pytest.raises(ToolError, match="no such generator"):
        next(frozen_segments("other"))
    with pytest.raises(ToolError, match="no category"):
        next(frozen_segments("standard", categories=("other",)))
