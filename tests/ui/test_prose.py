"""Answers are set out for reading; not a word of them changes."""

import re

import pytest

from ui.prose import set_out

DESCRIPTION = (
    "19 EEG channels in average reference, 0–10 s. Signal quality is good. Blinks at Fp1 and Fp2, 4.4–4.8 s. "
    "Posterior rhythm of 10.1 Hz (73 µV peak-to-peak). Not analysed here: epileptiform discharges, vertex waves."
)
SEARCH = "12 spindles in 0–300 s: 186.8 s at C3 (12.4 Hz, 36 µV); 190.1 s at Cz; and others [AASM-DEF-08]."


def test_statements_stand_on_lines_of_their_own_under_the_first():
    lines = set_out(DESCRIPTION).replace("\N{NO-BREAK SPACE}", " ").split("\n")
    assert lines == [
        "19 EEG channels in average reference, 0–10 s.",
        "",
        "- Signal quality is good.",
        "- Blinks at Fp1 and Fp2, 4.4–4.8 s.",
        "- Posterior rhythm of **10.1 Hz** (**73 µV** peak-to-peak).",
        "",
        "*Not analysed here: epileptiform discharges, vertex waves.*",
    ]


def test_an_enumeration_becomes_a_list():
    lines = set_out(SEARCH).replace("\N{NO-BREAK SPACE}", " ").split("\n")
    assert lines == [
        "12 spindles in 0–300 s:",
        "",
        "- 186.8 s at C3 (**12.4 Hz**, **36 µV**)",
        "- 190.1 s at Cz",
        "- and others `AASM-DEF-08`.",
    ]


def test_one_or_two_statements_stay_a_paragraph():
    assert set_out("No blinks found. The page is clean.") == "No blinks found. The page is clean."
    assert (
        set_out("Waves, e.g. F3 and i.e. Fz. Vs. that, none.")
        == "Waves, e.g. F3 and i.e. Fz. Vs. that, none."
    )


def test_a_layout_of_the_writers_own_is_kept():
    text = "## Findings\n- 12 Hz at C3 [AASM-N2-01]\n- none; at all; others"
    assert set_out(text) == text.replace("[AASM-N2-01]", "`AASM-N2-01`")


def test_the_letter_of_a_choice_in_bold_keeps_its_statements_apart():
    assert set_out("**B** fits. Blinks at 4.4 s, 90 µV. No spindle.").count("\n- ") == 2


@pytest.mark.parametrize(
    "text", ["8–13 Hz", "4.5 µV²", "4.5 µV²/Hz", "18 %", "-5 µV", "T3-5 Hz", "12 Hzz", ""]
)
def test_figures_with_a_unit_are_bold_as_a_whole_or_not_at_all(text):
    bold = re.findall(r"\*\*(.*?)\*\*", set_out(text))
    assert [b.replace("\N{NO-BREAK SPACE}", " ") for b in bold] in ([text], [])


@pytest.mark.parametrize(
    "text", [DESCRIPTION, SEARCH, "A; b; c. D: e; f; g. Hm: i; j; k.", "x. Y. Z.", "a < b; c & d"]
)
def test_no_word_is_lost_or_added(text):
    def words(of):
        return re.findall(r"[\w.%µ²–]+", of.replace(";", " "))

    assert words(set_out(text)) == words(text)
