"""The model's probabilities where a scoring rule is decisive, and where it is not."""

import numpy as np
import pytest

from tests.tools.test_staging_rules import DEEP, PLAIN, QUIET, REM, SPINDLE, STILL_REM, WAKE, epoch
from tools.labels import STAGES
from tools.staging_channels import StagingChannels
from tools.staging_combined import combine
from tools.staging_evidence import Person

FULL = StagingChannels(
    frontal=("F4-M1",), central=("C4-M1",), posterior=("O2-M1",), eyes=("E1-M2", "E2-M1"), chin=("Chin",),
    full_slow_waves=True, occipital=True,
)  # fmt: skip
ONE = StagingChannels(frontal=("C3-A1",), central=("C3-A1",), posterior=("C3-A1",))
UNKNOWN = Person()


def says(stage, sure=0.8):
    return [sure if name == stage else (1 - sure) / 4 for name in STAGES]


def stages(model, epochs, channels=FULL, person=QUIET):
    rows = np.array([says(stage) for stage in model])
    made = combine(rows, [e._replace(tall_s=e.tall_s or 0.0) for e in epochs], channels, person)
    assert made.shape == rows.shape
    assert made.sum(axis=1) == pytest.approx(1)
    return [STAGES[best] for best in made.argmax(axis=1)]


@pytest.mark.parametrize(
    ("model", "shown", "stage"),
    [("R", WAKE, "W"), ("N2", REM, "R"), ("N2", DEEP, "N3"), ("N3", PLAIN, "N2"), ("R", SPINDLE, "N2")],
)
def test_a_decisive_rule_corrects_a_model_that_is_rather_sure(model, shown, stage):
    chances = np.array([[0.08, 0.08, 0.3, 0.08, 0.08]])
    chances[0, STAGES.index(model)] = 0.68 if model != "N2" else 0.6
    made = combine(chances / chances.sum(), [shown._replace(tall_s=0.0)], FULL, QUIET)
    assert STAGES[made[0].argmax()] == stage


def test_where_no_rule_decides_the_model_is_believed():
    for stage in ("W", "N1", "N2"):
        assert stages([stage], [epoch(tone_uv=5.0)]) == [stage]


def test_a_rule_counts_only_where_its_channel_is():
    assert stages(["R"], [WAKE], ONE, UNKNOWN) == ["R"]
    assert stages(["N2"], [DEEP], ONE, UNKNOWN) == ["N2"]
    assert stages(["N2"], [REM], ONE, UNKNOWN) == ["N2"]


def test_without_waves_and_channels_of_the_rules_probabilities_stay_the_models():
    chances = np.array([says("N2"), says("W"), says("R")])
    made = combine(chances, [epoch()] * 3, ONE, UNKNOWN)
    assert made == pytest.approx(chances)


def test_waves_tell_n2_and_n3_from_the_rest_and_not_from_one_another():
    chances = np.array([says("N3", 0.5)])
    made = combine(chances, [SPINDLE], ONE, UNKNOWN)
    before, after = chances[0], made[0]
    assert after[3] / after[2] == pytest.approx(before[3] / before[2])
    assert after[2] / after[4] > before[2] / before[4]


def test_r_reaches_to_both_sides_until_tone_or_a_wave_ends_it():
    still = [STILL_REM, STILL_REM, REM, STILL_REM, epoch(spindles=(3.0,), tone_uv=1.5), epoch(tone_uv=6.0)]
    rows = np.array([says("N1", 0.6)] * 6)
    made = combine(rows, [e._replace(tall_s=0.0) for e in still], FULL, QUIET)
    assert [STAGES[best] for best in made.argmax(axis=1)][:4] == ["R"] * 4
    assert "R" not in [STAGES[best] for best in made.argmax(axis=1)][4:]


def test_at_raised_tone_there_is_no_r():
    assert stages(["R"], [epoch(tone_uv=9.0)]) != ["R"]


def test_a_model_that_calls_the_truth_impossible_is_still_corrected():
    never = np.array([[0.0, 0.0, 1.0, 0.0, 0.0]])
    made = combine(never, [DEEP._replace(tall_s=29.0)], FULL, QUIET)
    assert np.isfinite(made).all()
    assert made[0, 3] > made[0, [0, 1, 4]].max()


def test_no_epochs_are_no_rows():
    assert combine(np.zeros((0, 5)), [], FULL, QUIET).shape == (0, 5)
