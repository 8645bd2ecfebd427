"""What is said in several ways becomes one word, and slips of typing are mended."""

import pytest

from knowledge.words import Speller, content, stem, tokens


def words(text):
    return [stem(word) for word in content(tokens(text))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("K-complexes", "k complex"),
        ("75 µV", "75 microvolts"),
        ("75uV", "75 UV"),
        ("20 %", "20 percent"),
        ("7Hz", "7 hertz"),
        ("generalised slowing", "generalized slowing"),
        ("artefacts", "artifact"),
        ("anaesthesia", "anesthesia"),
        ("tumours", "tumor"),
        ("R&K", "RK"),
        ("B(I)RDs", "BIRDs"),
        ("LPDs", "LPD"),
        ("saw-tooth", "sawtooth"),
        ("non-convulsive", "nonconvulsive"),
        ("stage R", "REM"),
        ("stage 2", "N2"),
        ("awake", "stage W"),
        ("a 30-second window", "30 s epoch"),
        ("V-waves", "v wave"),
    ],
)
def test_spellings_meet(one, other):
    assert words(one) == words(other)


@pytest.mark.parametrize(
    ("one", "other"), [("N1", "N2"), ("LPD", "GPD"), ("+F", "+S"), ("3 Hz", "6 Hz"), ("+R", "REM")]
)
def test_what_differs_stays_different(one, other):
    assert words(one) != words(other)


def test_fillers_alone_leave_nothing():
    assert words("what is it, and how do I tell?") == []
    assert tokens("") == tokens("?!…") == []


def test_names_may_keep_the_fillers_that_tell_them_apart():
    assert content(["no", "alpha"], keep=frozenset({"no"})) == ["no", "alpha"]
    assert content(["no", "alpha"]) == ["alpha"]


@pytest.mark.parametrize("slip", ["siezure", "seizre", "seizzure", "seixure", "seizure"])
def test_one_slip_is_led_back_to_the_word(slip):
    assert Speller(["seizure", "suppression"]).mend(slip) == "seizure"


@pytest.mark.parametrize("word", ["reset", "lpx", "12345", "banana", "beizure"])
def test_other_words_are_left_alone(word):
    assert Speller(["crest", "lpd", "12346", "seizure"]).mend(word) is None


def test_a_known_word_is_not_turned_into_its_neighbour():
    assert Speller(["breach"], others=["beach"]).mend("beach") == "beach"
