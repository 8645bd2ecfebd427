"""The rules of sleep scoring, asked of epochs whose measurements are written down by hand."""

import pytest

from knowledge.rulebase import load_rules
from tools.labels import STAGES
from tools.stage_epochs import Epoch
from tools.staging_evidence import Person, low_tone, mixed_s, person_of, probabilities, stage_scores
from tools.staging_explain import SLEEPVLM_IDS, aliases, checks_for, rules_that_hold
from tools.staging_rules import score_by_rules

QUIET = Person(makes_alpha=True, low_tone_uv=2.0)
"""Somebody who makes alpha, and whose chin is low up to 2 µV."""


def epoch(**measured):
    """An epoch in which everything was looked for and nothing found."""
    nothing = dict(  # noqa: C408
        alpha_s=0.0, slow_wave_s=0.0, slow_waves=0, spindles=(), kcomplexes=(), vertex=(), sawtooth_s=0.0,
        rem=(), sem=(), blinks=(), arousals=(), tone_uv=5.0, eye_over_eeg=0.6, sigma=0.0, slope=1.9,
        slow_uv=8.0, frequency=4.5,
    )  # fmt: skip
    return Epoch(onset=0.0, duration=30.0, **(nothing | measured))


WAKE = epoch(alpha_s=25.0, slope=1.3, frequency=6.0)
DROWSY = epoch(sem=(3.0, 9.0), eye_over_eeg=2.0)
SPINDLE = epoch(spindles=(4.0,), sigma=0.3, slope=2.5)
PLAIN = epoch(sigma=0.1, slope=2.3)
DEEP = epoch(slow_wave_s=12.0, slow_waves=11, slope=2.9)
REM = epoch(rem=(4.0, 8.0), tone_uv=1.5, eye_over_eeg=2.5)
STILL_REM = epoch(tone_uv=1.5)


def decided(*epochs, person=QUIET):
    return score_by_rules(epochs, person)


def stages(*epochs, person=QUIET):
    return [decision.stage for decision in decided(*epochs, person=person)]


# --- one rule after the other ------------------------------------------------------------------------


def test_alpha_for_more_than_half_of_the_epoch_is_wake():
    assert decided(epoch(alpha_s=16.0))[0].rules == ("AASM-W-01",)
    assert stages(WAKE, epoch(alpha_s=14.0)) != ["W", "W"]


def test_alpha_has_to_fill_half_of_what_can_be_read():
    assert stages(epoch(alpha_s=12.0, obscured_s=8.0)) == ["W"]


def test_blinks_through_the_epoch_are_wake():
    made = decided(epoch(blinks=tuple(range(1, 29, 2)), slope=1.3))[0]
    assert (made.stage, made.rules) == ("W", ("AASM-W-02",))
    assert stages(epoch(blinks=(5.0,))) != ["W"]


def test_eye_movements_are_wake_at_raised_tone_and_stage_r_at_low_tone():
    eyes = tuple(range(1, 29, 2))
    assert stages(epoch(rem=eyes, tone_uv=9.0, slope=1.5)) == ["W"]
    assert stages(epoch(rem=eyes, tone_uv=1.5)) == ["R"]


def test_six_seconds_of_slow_waves_make_n3_and_a_little_less_do_not():
    assert decided(SPINDLE, epoch(slow_wave_s=6.0))[1].rules == ("AASM-N3-01",)
    assert stages(SPINDLE, epoch(slow_wave_s=5.9, slope=2.5)) == ["N2", "N2"]


def test_a_spindle_in_the_first_half_starts_n2():
    made = decided(WAKE, DROWSY, SPINDLE)
    assert [d.stage for d in made] == ["W", "N1", "N2"]
    assert made[2].rules == ("AASM-N2-01",)


def test_a_wave_in_the_last_half_makes_the_next_epoch_n2_and_leaves_this_one():
    late = epoch(kcomplexes=(22.0,), sem=(3.0,))
    assert stages(WAKE, DROWSY, late, PLAIN) == ["W", "N1", "N1", "N2"]


def test_a_first_epoch_is_n2_by_a_wave_in_either_half():
    assert stages(epoch(kcomplexes=(22.0,), sigma=0.2, slope=2.4)) == ["N2"]


def test_a_k_complex_with_an_arousal_does_not_start_n2():
    aroused = epoch(kcomplexes_arousal=(5.0,), sem=(9.0,))
    assert stages(WAKE, DROWSY, aroused) == ["W", "N1", "N1"]


def test_n2_goes_on_without_waves_until_something_ends_it():
    assert stages(SPINDLE, PLAIN, PLAIN, PLAIN, WAKE) == ["N2", "N2", "N2", "N2", "W"]
    assert decided(SPINDLE, PLAIN)[1].rules == ("AASM-N2-02",)


def test_an_arousal_ends_n2_until_the_next_wave():
    made = decided(SPINDLE, epoch(arousals=(3.0,)), DROWSY, SPINDLE)
    assert [d.stage for d in made] == ["N2", "N1", "N1", "N2"]
    assert "AASM-N1-05" in made[1].rules


def test_slow_eye_movements_after_a_body_movement_end_n2():
    moved = epoch(spindles=(3.0,), movements=(20.0,), sigma=0.2, slope=2.4)
    assert decided(moved, epoch(sem=(4.0,)))[1].rules == ("AASM-N2-04",)
    assert stages(moved, PLAIN) == ["N2", "N2"]


def test_after_n3_an_epoch_with_too_few_slow_waves_is_n2():
    made = decided(SPINDLE, DEEP, epoch(slow_wave_s=3.0, slope=2.5))
    assert (made[2].stage, made[2].rules) == ("N2", ("AASM-N2-03",))


def test_eye_movements_over_mixed_frequencies_at_low_tone_are_r():
    assert decided(REM)[0].rules == ("AASM-R-01",)


def test_without_tone_one_eye_movement_is_too_little_for_r():
    made = [decided(REM._replace(rem=times), person=Person())[0] for times in ((4.0,), (4.0, 8.0))]
    assert ["AASM-R-01" in decision.rules for decision in made] == [False, True]


def test_r_reaches_over_neighbours_without_eye_movements_in_both_directions():
    assert stages(SPINDLE, STILL_REM, REM, STILL_REM, STILL_REM) == ["N2", "R", "R", "R", "R"]


def test_r_ends_when_the_tone_returns():
    made = decided(REM, STILL_REM, epoch(tone_uv=6.0))
    assert [d.stage for d in made] == ["R", "R", "N1"]
    assert made[2].rules == ("AASM-R-04",)


def test_r_ends_at_a_spindle_without_eye_movements():
    made = decided(REM, epoch(spindles=(5.0,), tone_uv=1.5, sigma=0.2, slope=2.4))
    assert (made[1].stage, "AASM-R-06" in made[1].rules) == ("N2", True)


def test_a_spindle_beside_eye_movements_at_low_tone_is_still_r():
    mixed = REM._replace(spindles=(20.0,))
    assert decided(mixed)[0].rules == ("AASM-R-01", "AASM-R-09")


def test_an_arousal_with_slow_eye_movements_ends_r():
    made = decided(REM, epoch(arousals=(2.0,), sem=(9.0,), tone_uv=1.5))
    assert (made[1].stage, made[1].rules) == ("N1", ("AASM-R-05",))


def test_without_a_chin_r_needs_eyes_and_says_so():
    unknown = Person(makes_alpha=True)
    free = REM._replace(tone_uv=None)
    assert decided(free, person=unknown)[0].rules == ("AASM-R-01", "AASM-R-11")
    assert not decided(free._replace(vertex=(5.0,)), person=unknown)[0].firm


def test_without_an_eog_there_is_no_r():
    blind = [e._replace(rem=None, sem=None, eye_over_eeg=None) for e in (REM, STILL_REM, PLAIN)]
    assert "R" not in stages(*blind)


def test_movement_is_wake_beside_wake_or_alpha_and_else_what_follows():
    moving = epoch(obscured_s=20.0)
    assert stages(SPINDLE, moving, WAKE) == ["N2", "W", "W"]
    assert stages(SPINDLE, moving._replace(alpha_s=2.0), SPINDLE) == ["N2", "W", "N2"]
    made = decided(SPINDLE, moving, SPINDLE)
    assert (made[1].stage, made[1].rules) == ("N2", ("AASM-MBM-01", "AASM-MBM-03"))


def test_an_epoch_without_signal_has_no_stage_and_a_reason():
    made = decided(SPINDLE, epoch(missing_s=20.0), SPINDLE)
    assert made[1].stage is None
    assert "no signal" in made[1].why


def test_one_finding_does_not_outweigh_all_else():
    """A lone burst at spindle frequency over wake eyes and a wake spectrum is not N2."""
    burst = epoch(spindles=(5.0,), sigma=-0.1, slope=1.8, eye_over_eeg=4.0, rem=None)
    made = decided(burst)[0]
    assert made.stage == "R"
    assert not made.firm


# --- what is known of the sleeper ------------------------------------------------------------------------


def test_low_tone_is_learned_from_the_night():
    night = [epoch(tone_uv=8.0)] * 60 + [epoch(tone_uv=1.5)] * 20
    person = person_of(night)
    assert low_tone(night[-1], person) is True
    assert low_tone(night[0], person) is False


def test_between_low_and_raised_the_tone_tells_nothing():
    assert [low_tone(epoch(tone_uv=uv), QUIET) for uv in (2.0, 2.1, 2.7, 3.0)] == [True, None, None, False]


@pytest.mark.parametrize("night", [[epoch()] * 10, [epoch(tone_uv=5.0)] * 80, [epoch(tone_uv=None)] * 80])
def test_a_tone_that_never_falls_or_is_not_there_tells_nothing(night):
    assert low_tone(night[0], person_of(night)) is None


def test_tone_is_relative_so_the_gain_of_the_chin_does_not_matter():
    night = [epoch(tone_uv=8.0)] * 60 + [REM] * 20
    louder = [e._replace(tone_uv=7 * e.tone_uv) for e in night]
    assert stages(*night, person=None) == stages(*louder, person=None)


def test_tall_slow_activity_through_most_of_the_epoch_is_n3_where_detectors_missed_its_waves():
    made = decided(epoch(slow_wave_s=3.0, tall_s=20.0, slope=2.8))[0]
    assert (made.stage, made.rules) == ("N3", ("AASM-N3-01", "AASM-N3-02"))
    assert stages(SPINDLE, epoch(slow_wave_s=3.0, tall_s=12.0, slope=2.6)) == ["N2", "N2"]
    assert stages(epoch(slow_wave_s=0.0, tall_s=19.0, slope=0.8)) == ["W"]


# --- probabilities and explanations ------------------------------------------------------------------------


@pytest.mark.parametrize("shown", [WAKE, DROWSY, SPINDLE, DEEP, REM])
def test_probabilities_sum_to_one_and_are_largest_for_what_was_decided(shown):
    scores = stage_scores(shown, QUIET)
    for stage in STAGES:
        chances = probabilities(scores, stage)
        assert sum(chances.values()) == pytest.approx(1, abs=1e-3)
        assert max(chances, key=chances.get) == stage


@pytest.mark.parametrize(
    ("shown", "stage"), [(WAKE, "W"), (DROWSY, "N1"), (SPINDLE, "N2"), (DEEP, "N3"), (REM, "R")]
)
def test_a_clear_epoch_weighs_most_for_its_own_stage(shown, stage):
    scores = stage_scores(shown, QUIET)
    assert max(scores, key=scores.get) == stage


def test_nothing_measured_weighs_nothing_into_certainty():
    scores = stage_scores(Epoch(0.0, 30.0), Person())
    assert max(probabilities(scores, "N1", firmness=0.0).values()) < 0.6


@pytest.mark.parametrize(
    ("shown", "stage", "rule"),
    [(WAKE, "W", "AASM-W-01"), (DROWSY, "N1", "AASM-N1-02"), (SPINDLE, "N2", "AASM-N2-01"),
     (DEEP, "N3", "AASM-N3-01"), (REM, "R", "AASM-R-01")],
)  # fmt: skip
def test_the_rule_that_makes_a_stage_holds_with_its_measured_quantity(shown, stage, rule):
    person = QUIET._replace(makes_alpha=rule != "AASM-N1-02")
    checks = checks_for(stage, 0, [shown], [stage], person)
    assert rule in rules_that_hold(checks)
    assert all(check.limit for check in checks)


@pytest.mark.parametrize(
    ("makes", "rules"),
    [(True, {"AASM-N1-01"}), (False, {"AASM-N1-02"}), (None, {"AASM-N1-01", "AASM-N1-02"})],
)
def test_n1_is_explained_by_the_rule_for_makers_of_alpha_or_for_others(makes, rules):
    checks = checks_for("N1", 0, [DROWSY], ["N1"], QUIET._replace(makes_alpha=makes))
    assert set(rules_that_hold(checks)) == rules


def test_n2_that_a_wave_starts_anew_does_not_go_on_by_continuation():
    assert "AASM-N2-02" not in rules_that_hold(checks_for("N2", 1, [SPINDLE, SPINDLE], ["N2", "N2"], QUIET))
    late = SPINDLE._replace(spindles=(22.0,))
    assert set(rules_that_hold(checks_for("N2", 1, [late, PLAIN], ["N2", "N2"], QUIET))) >= {
        "AASM-N2-01", "AASM-N2-02"}  # fmt: skip


@pytest.mark.parametrize(("shown", "stage"), [(WAKE, "N3"), (DEEP, "W"), (WAKE, "R"), (PLAIN, "W")])
def test_no_rule_holds_for_a_stage_that_the_epoch_does_not_show(shown, stage):
    assert not rules_that_hold(checks_for(stage, 0, [shown], [stage], QUIET))


def test_a_rule_of_which_one_part_fails_does_not_hold():
    loud = REM._replace(tone_uv=9.0)
    checks = checks_for("R", 0, [loud], ["R"], QUIET)
    assert "AASM-R-01" not in rules_that_hold(checks)
    assert any(check.quantity == "chin tone" and not check.holds for check in checks)


def test_continuation_is_explained_by_the_neighbour():
    checks = checks_for("N2", 1, [SPINDLE, PLAIN], ["N2", "N2"], QUIET)
    assert "AASM-N2-02" in rules_that_hold(checks)
    checks = checks_for("N2", 1, [DROWSY, PLAIN], ["N1", "N2"], QUIET)
    assert "AASM-N2-02" not in rules_that_hold(checks)


def test_mixed_frequency_is_what_is_neither_alpha_nor_slow_nor_disturbed():
    assert mixed_s(epoch(alpha_s=5.0, slow_wave_s=4.0, obscured_s=6.0)) == 15.0


def test_every_rule_id_that_can_be_given_is_in_the_rule_base_with_the_same_alias():
    import re
    from pathlib import Path

    import tools

    names = ("staging_rules", "staging_ahead", "staging_explain")
    folder = Path(tools.__file__).parent
    text = "".join((folder / f"{name}.py").read_text() for name in names)
    used = set(re.findall(r"AASM-[A-Z0-9]+-\d+", text))
    known = {rule.id: rule for rule in load_rules().rules}
    assert len(used) > 20
    assert used <= set(known)
    for rule, name in SLEEPVLM_IDS.items():
        assert name in known[rule].sleepvlm_ids, rule


def test_aliases_are_named_once_and_only_where_there_are_some():
    assert aliases(("AASM-R-03", "AASM-R-04", "AASM-R-10")) == ("R.3",)
