"""Options against simulated pages of known truth: what is there wins, on its side and at its rate."""

import pytest

from agent.describe import describe
from agent.embedded.choose import choose
from agent.embedded.draft import Draft, Situation
from agent.understand import understand
from agent.understanding.context import Context
from evals.glossa_bench.describe import lower_side
from models.segments import simulate_segment
from models.simulate import Simulated, write_edf
from tools.io import open_recording
from tools.page import default_page

SEEDS = {
    "alpha_rhythm": 21,
    "spatial_asymmetry": 21,
    "low_voltage": 21,
    "fast_activity": 21,
    "deep_sleep_delta": 21,
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Facts, recording and truth of one page of every category."""
    folder, made = tmp_path_factory.mktemp("pages"), {}
    for category, seed in SEEDS.items():
        drawn = simulate_segment(category, seed)
        path = folder / f"{category}.edf"
        write_edf(Simulated(drawn.segment, ()), path)
        with open_recording(path) as recording:
            facts = describe(recording, 0, 10).facts
            made[category] = (facts, recording.info, drawn.truth)
    return made


def chosen(page, *options):
    """Letter chosen, and the draft."""
    facts, info, _ = page
    shown = default_page(info, 0, 10)
    text = "Which is right?\n" + "\n".join(f"{'ABCDEF'[n]}) {option}" for n, option in enumerate(options))
    intent = understand(text, Context(recording=info, page=shown))
    draft = Draft()
    choose(Situation(intent=intent, recording=info, page=shown, asked_on=shown, facts=(facts,)), draft)
    return draft.choice, draft


def test_the_lower_side_of_an_asymmetry_is_told_from_the_higher_one_and_from_a_normal_page(pages):
    page = pages["spatial_asymmetry"]
    assert page[2].background.asymmetry is not None
    lower = lower_side(page[2])[0]
    higher = {"left": "right", "right": "left"}[lower]
    choice, draft = chosen(
        page, f"Attenuated on the {higher}", "Normal waking EEG", f"Attenuated on the {lower}", "Blinks"
    )
    assert choice == "C"
    assert any("taller" in finding.statement for finding in draft.findings())


def test_the_frequency_decides_between_two_alpha_rhythms(pages):
    page = pages["alpha_rhythm"]
    true = page[2].background.posterior[0].frequency_hz
    wrong = true - 2.4 if true > 9.7 else true + 2.4
    options = (f"Occipital rhythm of {wrong:.1f} Hz", f"Occipital rhythm of {true:.1f} Hz")
    assert chosen(page, *options)[0] == "B"
    assert chosen(page, *reversed(options))[0] == "A"


@pytest.mark.parametrize(
    ("category", "right"),
    [
        ("low_voltage", "Very small amplitudes everywhere"),
        ("fast_activity", "More beta than usual"),
        ("deep_sleep_delta", "Slow oscillations of deep sleep"),
    ],
)
def test_a_finding_of_the_background_is_chosen_over_a_normal_page_and_over_what_is_not_there(
    pages, category, right
):
    choice, draft = chosen(
        pages[category], "Unremarkable wakefulness", "Chewing", right, "Left temporal spikes (T3)"
    )
    assert choice == "C"
    assert all(finding.evidence for finding in draft.findings())
    assert draft.findings()


@pytest.mark.parametrize(
    ("category", "state"), [("alpha_rhythm", "Normal waking EEG"), ("deep_sleep_delta", "Normal deep sleep")]
)
def test_a_normal_option_of_another_state_is_left(pages, category, state):
    options = ["Normal waking EEG", "Normal deep sleep", "Blinks"]
    assert chosen(pages[category], *options)[0] == "AB"[options.index(state)]


def test_an_option_that_is_not_understood_is_left_when_all_others_are_contradicted(pages):
    choice, draft = chosen(pages["alpha_rhythm"], "Blinks", "Qwertz uiop", "Chewing", "Excess beta")
    assert choice == "B"
    assert "could not be weighed itself" in draft.text()


def test_options_of_which_none_is_understood_are_not_guessed(pages):
    choice, draft = chosen(pages["alpha_rhythm"], "Qwertz", "Uiop", "Asdfg")
    assert choice is None
    assert "none is chosen" in draft.text()
