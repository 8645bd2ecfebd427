"""Which scoring rules are true of an epoch, on nights made by hand and on one that was drawn."""

from itertools import pairwise

import numpy as np
import pytest

from evals.glossa_bench.nights import EPOCHS, short_night
from evals.glossa_bench.rules import RULES, true_rules
from models.night import night_blocks
from models.truth import Planted
from tools.labels import STAGES
from tools.types import Event

USUAL = {
    ("W", "N1"), ("N1", "N2"), ("N2", "N3"), ("N3", "N2"), ("N2", "R"), ("R", "W"),
}  # fmt: skip


def wave(label, onset, duration=1.0, stratum="easy"):
    event = Event(label=label, source="hand", onset=onset, duration=duration, channels=("Cz",))
    return Planted(
        event=event, kind=label, peak=onset, peak_channel="Cz", polarity="none", snr=9.0, stratum=stratum
    )


def test_alpha_for_more_than_half_of_an_epoch_is_wake_by_alpha():
    rules = true_rules(
        ("W", "W"), [wave("alpha", 2, 16), wave("alpha", 32, 14), wave("eyem", 50), wave("eyem", 55)]
    )
    assert rules == (("W.1",), ("W.2",))


def test_overlapping_alpha_is_counted_once():
    rules = true_rules(
        ("W",), [wave("alpha", 0, 10), wave("alpha", 5, 9), wave("eyem", 20), wave("eyem", 25)]
    )
    assert rules == (("W.2",),)


def test_rapid_eye_movements_in_wake_are_the_third_rule():
    assert "W.3" in true_rules(("W",), [wave("rem", 3)])[0]


def test_who_shows_alpha_awake_falls_asleep_by_its_loss():
    makers = [wave("alpha", 0, 25), wave("sem", 32, 20)]
    assert true_rules(("W", "N1"), makers)[1] == ("N1.1",)
    without = [wave("alpha", 0, 25, "hard"), wave("sem", 32, 20)]
    assert true_rules(("W", "N1"), without)[1] == ("N1.2",)


@pytest.mark.parametrize("label", ["spindle", "kcomplex"])
def test_a_wave_of_n2_counts_in_the_first_half_and_in_the_last_half_before(label):
    stages = ("N1", "N2", "N2", "N2")
    assert true_rules(stages, [wave(label, 35)])[1] == ("N2.1",)
    rules = true_rules(stages, [wave(label, 20), wave(label, 50)])
    assert rules[1:] == (("N2.1",), ("N2.1", "N2.2"), ("N2.2",))


def test_a_k_complex_that_an_arousal_follows_is_no_sign_of_n2():
    stages = ("N2", "N2")
    assert true_rules(stages, [wave("kcomplex", 35)])[1] == ("N2.1",)
    assert true_rules(stages, [wave("kcomplex", 35), wave("arousal", 36.5, 5)])[1] == ("N2.2",)


def test_n2_after_n3_and_ends_of_n2_and_r():
    stages = ("N2", "N3", "N2", "R", "W", "N2", "W")
    rules = true_rules(stages, [wave("spindle", 151)])
    assert rules[1] == ("N2.4", "N3.1")
    assert rules[2] == ("N2.3",)
    assert "N2.4" in rules[3]
    assert "R.3" in rules[4]
    assert rules[5] == ("N2.1",)
    assert "N2.4" in rules[6]


def test_n2_ends_in_n1_only_after_an_arousal_or_a_movement():
    stages = ("N2", "N1")
    assert "N2.4" not in true_rules(stages, [])[1]
    assert "N2.4" in true_rules(stages, [wave("arousal", 25, 6)])[1]
    assert "N2.4" in true_rules(stages, [wave("movement", 28, 6)])[1]


def test_r_is_definite_with_eye_movements_and_an_extension_without():
    assert true_rules(("R", "R"), [wave("rem", 40)]) == (("R.2",), ("R.1",))


def test_an_epoch_hidden_by_movement_is_wake_with_alpha_else_like_the_next():
    hidden = wave("movement", 31, 20)
    assert "MBM.1" in true_rules(("W", "W", "W"), [hidden])[1]
    assert "MBM.1" in true_rules(("N1", "W", "N1"), [hidden, wave("alpha", 52, 3)])[1]
    assert "MBM.2" in true_rules(("N2", "N2", "N2"), [hidden])[1]
    assert "MBM.2" not in true_rules(("N2", "N2", "R"), [hidden])[1]
    brief = wave("movement", 31, 5)
    assert not {"MBM.1", "MBM.2"} & set(true_rules(("W", "W", "W"), [brief])[1])


def test_an_empty_night_has_no_rules():
    assert true_rules((), []) == ()


@pytest.mark.parametrize("seed", range(12))
def test_a_short_night_holds_all_stages_in_usual_order(seed):
    stages = short_night(np.random.default_rng(seed))
    assert len(stages) == EPOCHS
    assert set(stages) == set(STAGES)
    assert {(a, b) for a, b in pairwise(stages) if a != b} <= USUAL


def test_a_drawn_night_bears_out_the_rules_of_its_stages():
    stages = short_night(np.random.default_rng(5))
    planted, decoys = [], []
    for block in night_blocks(stages, 129_500, sfreq=100.0):
        planted += block.planted
        decoys += block.decoys
    rules = true_rules(stages, planted, decoys)
    assert all(rules)
    assert {rule for one in rules for rule in one} <= set(RULES)
    own = {
        "W": {"W.1"},
        "N1": {"N1.1", "N1.2"},
        "N2": {"N2.1", "N2.2", "N2.3"},
        "N3": {"N3.1"},
        "R": {"R.1", "R.2"},
    }
    assert all(own[stage] & set(one) for stage, one in zip(stages, rules, strict=True))
    for epoch, stage in enumerate(stages):
        seconds = sum(
            p.event.duration for p in planted if p.event.label == "slow_wave" and p.event.onset // 30 == epoch
        )
        assert (seconds >= 5.4) == (stage == "N3") or stage == "N2", (epoch, stage, seconds)
        if stage == "N2":
            assert seconds < 6.6
    assert true_rules(stages, planted[::-1], decoys) == rules
