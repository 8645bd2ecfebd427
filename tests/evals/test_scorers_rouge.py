"""ROUGE with tokens that keep Greek letters and decimals, and without what the constant template says."""

import pytest

from evals.scorers.rouge import OPTIONS, rouge, tokens, without


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.5 Hz", "2.5 hz"),
        ("2,5Hz", "2.5 hz"),
        ("25 Hz", "25 hz"),
        ("1,200 µV and 12,345.5", "1200 uv and 12345.5"),
        ("0,125 s", "0.125 s"),
        ("channels 1,2,3", "channels 1 2 3"),
        ("α, β; Δ/Θ", "alpha beta delta theta"),
        ("α-rhythm", "alpha rhythm"),
        ("50µV 50 μV 50uV", "50 uv 50 uv 50 uv"),
        ("the µ rhythm", "the mu rhythm"),
        ("**B.** Fp1-F7, C3 in N2", "b fp1 f7 c3 in n2"),
        ("８–１３ Ｈｚ", "8 13 hz"),
        ("λ and ς", "lambda and sigma"),
        ("Übergang", "übergang"),
    ],
)
def test_a_text_is_divided_into_what_is_compared(text, expected):
    assert tokens(text) == tuple(expected.split())
    assert tokens(expected) == tokens(text)


def test_chinese_is_compared_by_character():
    assert tokens("棘波2.5Hz") == ("棘", "波", "2.5", "hz")
    assert rouge("棘波", "棘慢波")["rouge1"] == {"f1": pytest.approx(0.8), "recall": pytest.approx(2 / 3)}


@pytest.mark.parametrize(("a", "b"), [("α µV", "β µV"), ("2.5 Hz", "25 Hz"), ("10.2 Hz", "10.3 Hz")])
def test_what_differs_in_a_greek_letter_or_a_point_scores_half(a, b):
    assert rouge(a, b)["rouge1"] == {"f1": 0.5, "recall": 0.5}


def test_a_decimal_comma_is_a_point():
    assert rouge("2,5 Hz", "2.5 Hz")["rouge2"] == {"f1": 1.0, "recall": 1.0}


def test_the_three_types_agree_with_a_hand_worked_pair():
    # key: 6 tokens, text: 4, shared: sleep spindles at c3 -> recall 4/6, precision 1, F1 2*4/(6+4) = 0.8
    # pairs: key 5, text 3; shared: sleep spindles, at c3 -> recall 2/5, F1 4/8; longest in order: 4
    found = rouge("Sleep spindles at C3", "sleep spindles of 13 at C3")
    assert found["rouge1"] == {"f1": pytest.approx(0.8), "recall": pytest.approx(2 / 3)}
    assert found["rouge2"] == {"f1": pytest.approx(0.5), "recall": pytest.approx(0.4)}
    assert found["rougeL"] == {"f1": pytest.approx(0.8), "recall": pytest.approx(2 / 3)}
    turned = rouge("at C3 sleep spindles", "sleep spindles of 13 at C3")
    assert turned["rouge1"] == found["rouge1"]
    assert turned["rougeL"] == {"f1": pytest.approx(0.4), "recall": pytest.approx(1 / 3)}


def test_words_are_not_stemmed_and_a_repeated_word_counts_as_often_as_in_the_key():
    assert rouge("spindle", "spindles")["rouge1"]["f1"] == 0.0
    assert rouge("wave wave wave", "wave")["rouge1"] == {"f1": pytest.approx(0.5), "recall": 1.0}


def test_no_reference_gives_no_number_and_no_text_gives_nought():
    assert rouge("a text", "") == {
        name: {"f1": None, "recall": None} for name in ("rouge1", "rouge2", "rougeL")
    }
    assert rouge("", "a text")["rouge1"] == {"f1": 0.0, "recall": 0.0}
    assert rouge("alpha", "alpha")["rouge2"] == {"f1": None, "recall": None}
    assert rouge("alpha", "alpha")["rougeL"]["f1"] == 1.0


def test_one_type_alone_gives_the_same_number():
    pair = "The background is stable.", "The background is slow."
    assert rouge(*pair, types=["rouge1"]) == {"rouge1": rouge(*pair)["rouge1"]}


TEMPLATE = "No definite epileptiform discharges are seen. The background is stable at 10 Hz."


def test_phrases_of_the_template_are_dropped_and_shorter_overlaps_stay():
    assert without(TEMPLATE, TEMPLATE) == ""
    assert (
        without(TEMPLATE, "Spindles at C3. The background is stable, with waves.")
        == "spindles at c3 with waves"
    )
    assert without(TEMPLATE, "The background is slow.") == "the background is slow"
    assert without("too short a", "too short a") == "too short a"
    assert without("", "Spindles") == "spindles"


def test_a_longer_phrase_is_dropped_whole():
    assert without(TEMPLATE, "x no definite epileptiform discharges are seen the y") == "x y"


def test_the_template_itself_scores_nothing_once_it_is_taken_out():
    key = "No definite epileptiform discharges are seen. Sleep spindles at C3 of 13.1 Hz."
    assert rouge(TEMPLATE, key)["rouge1"]["recall"] > 0.5
    # left of the key: sleep spindles at c3 of 13.1 hz (7 tokens)
    bare = without(TEMPLATE, key)
    assert rouge(without(TEMPLATE, TEMPLATE), bare)["rouge1"] == {"f1": 0.0, "recall": 0.0}
    assert rouge(without(TEMPLATE, "Spindles at C3, 13,1 Hz"), bare)["rouge1"] == {
        "f1": pytest.approx(10 / 12),
        "recall": pytest.approx(5 / 7),
    }
    assert rouge("anything", without(TEMPLATE, TEMPLATE))["rouge1"]["f1"] is None


def test_the_options_are_named():
    assert OPTIONS["stemming"] == "none"
    assert "Greek" in OPTIONS["tokenizer"]
