"""Claims of two answers that contradict each other, or do not, and claims that a change of the signal has to change."""

import pytest

from evals.scorers.consistency import POLAR, Account, changes, compared, gap
from evals.scorers.statements import account, mirrored, moved


def said(text, variant="caption"):
    return account(variant, text, 10.0)


def differing(first, second, several=frozenset()):
    """Kind and name of the contradictions between two texts."""
    pairs = compared([said(first), said(second, "qa")], several)
    return {(pair.kind, pair.name) for pair in pairs if not pair.agree}


def pairs_of(first, second):
    return [(pair.kind, pair.agree) for pair in compared([said(first), said(second, "qa")])]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("One spike at T3.", "No spikes were found.", {("presence", "spike")}),
        ("One spike at T3.", "No epileptiform discharges.", {("presence", "spike")}),
        ("No spikes were found.", "One spike at T3.", {("presence", "spike")}),
        ("One spike at T3 at 2.1 s.", "One spike at T3 at 4.0 s.", {("time", "spike")}),
        ("One spike at T3.", "One spike at T4.", {("side", "spike")}),
        ("One spike on the left side.", "One spike at F8.", {("side", "spike")}),
        ("A sleep spindle of 12.0 Hz.", "A sleep spindle of 13.5 Hz.", {("frequency", "spindle")}),
        ("This is stage N2.", "This is stage N3.", {("stage", "the segment")}),
        ("The left side is lower (asymmetry).", "The left side is taller (asymmetry).", {("side", "asymmetry")}),
    ],
)  # fmt: skip
def test_claims_that_exclude_each_other_contradict(first, second, expected):
    assert differing(first, second) == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("One spike at T3.", "No sharp waves were found."),
        ("Epileptiform discharges are present.", "No sharp waves were found."),
        ("One spike at T3 at 2.1 s.", "One spike at F7 at 2.5 s."),
        ("One spike at T3.", "No spikes on the right side."),
        ("Spikes at T3 and T4.", "One spike at T3."),
        ("A sleep spindle of 12.0 Hz.", "A sleep spindle of 12.4 Hz."),
        ("The background is variable, mainly 3.2 Hz.", "The background is variable, mainly 2.0 Hz."),
        ("Alpha rhythm of 9 to 11 Hz.", "Alpha rhythm of 10.2 Hz."),
        ("The left side is lower (asymmetry).", "The right side is taller (asymmetry)."),
        ("Slow waves at many channels (F3, C3 and others).", "Slow waves at F4."),
        ("4 slow waves, the tallest at 6.7 s.", "4 slow waves, the first at 1.2 s."),
        ("Muscle artifact from 0 to 10 s.", "Muscle artifact at 3 s."),
        ("This is stage N2.", "Nothing to add."),
        ("Spikes were not analysed.", "One spike at T3."),
    ],
)
def test_claims_that_can_both_be_true_do_not_contradict(first, second):
    assert not differing(first, second)


def test_times_are_compared_only_where_the_segment_has_a_single_event():
    texts = ("One spike at 2.1 s.", "One spike at 4.0 s.")
    assert differing(*texts) == {("time", "spike")}
    assert not differing(*texts, several=frozenset({"spike"}))


def test_half_a_second_and_half_a_hertz_are_the_limits():
    assert not differing("One spike at 2.1 s.", "One spike at 2.6 s.")
    assert differing("One spike at 2.1 s.", "One spike at 2.7 s.")
    assert not differing("A sleep spindle of 12.0 Hz.", "A sleep spindle of 12.5 Hz.")
    assert differing("A sleep spindle of 12.0 Hz.", "A sleep spindle of 12.6 Hz.")


def test_pairs_count_what_both_speak_of_and_each_thing_once():
    assert pairs_of("No spikes.", "No spikes.") == [("absence", True)]
    assert pairs_of("One spike at T3. The spike at T3 is tall.", "One spike at F7.") == [
        ("presence", True), ("side", True),
    ]  # fmt: skip
    assert pairs_of("One spike at T3.", "Nothing to add.") == []


def test_an_answer_that_asserts_and_denies_the_same_is_left_out():
    both = said("One spike at T3. No epileptiform discharges.")
    assert not both.held
    assert not both.denied


def test_what_was_asked_on_a_changed_copy_is_mapped_back():
    assert mirrored(said("One spike at T3.")).held["spike"].side == "right"
    assert moved(said("One spike at 22.1 s."), 20.0).held["spike"].times == ((pytest.approx(2.1),) * 2,)


def test_gaps_between_spans():
    assert gap([(1.0, 2.0)], [(1.5, 3.0)]) == 0.0
    assert gap([(1.0, 1.0), (5.0, 5.0)], [(4.0, 4.2)]) == pytest.approx(0.8)


def told(**texts):
    return {variant: said(text, variant) for variant, text in texts.items()}


def stuck(raw):
    return [(one.variant, one.name, one.stuck) for one in changes(raw, 10.0)]


def test_a_side_that_stays_when_left_and_right_are_exchanged_is_stuck():
    assert stuck(told(caption="One spike at T3.", swapped="One spike at T3.")) == [("swapped", "spike", True)]
    assert stuck(told(caption="One spike at T3.", swapped="One spike at T4.")) == [
        ("swapped", "spike", False)
    ]
    assert stuck(told(caption="One spike at T3.", swapped="One spike.")) == []


def test_a_time_that_stays_on_the_delayed_copy_is_stuck():
    before = "A sleep spindle at 2.1 s."
    assert stuck(told(caption=before, shifted=before)) == [("shifted", "spindle", True)]
    assert stuck(told(caption=before, shifted="A sleep spindle at 22.1 s.")) == [
        ("shifted", "spindle", False)
    ]


@pytest.mark.parametrize("words", ["spike", "K-complex", "blink"])
def test_a_wave_with_a_polarity_that_stays_upside_down_is_stuck(words):
    before = f"One {words}."
    name = next(iter(said(before).held))
    assert name in POLAR
    assert stuck(told(caption=before, flipped=before)) == [("flipped", name, True)]
    assert stuck(told(caption=before, flipped=f"No {words} was found.")) == [("flipped", name, False)]
    assert stuck(told(caption=before, flipped=f"One {words} of positive polarity.")) == [
        ("flipped", name, False)
    ]


def test_a_rhythm_may_stay_upside_down_but_a_gaze_turns():
    assert stuck(told(caption="A sleep spindle.", flipped="A sleep spindle.")) == []
    raw = {
        name: Account(
            name, {"gaze": said("Lateral eye movements to the left.").held["gaze"]}, {}, frozenset()
        )
        for name in ("caption", "flipped")
    }
    assert stuck(raw) == [("flipped", "gaze", True)]
