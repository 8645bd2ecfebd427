"""Microvolts from whatever a file calls its unit, with the amplitude as witness."""

import numpy as np
import pytest

from tools.units import judge_unit


@pytest.mark.parametrize(
    ("unit", "kind", "deviation", "outcome", "factor"),
    [
        ("uV", "eeg", 10, "voltage", 1), ("µV", "eeg", 10, "voltage", 1),
        ("mV", "ecg", 0.1, "voltage", 1e3), ("V", "eeg", 1e-5, "voltage", 1e6),
        ("nV", "eeg", 1e4, "voltage", 1e-3), ("UV", "eeg", 10, "voltage", 1),
        ("MV", "ecg", 0.1, "voltage", 1e3), ("MV", "ecg", 3, "voltage", 1),
        ("Âµv", "eeg", 10, "voltage", 1), ("microvolts", "eeg", 10, "voltage", 1),
        ("?V", "eeg", 10, "voltage", 1), ("", "eeg", 10, "voltage", 1), ("", "eeg", 1e-5, "voltage", 1e6),
        ("n/a", "eeg", 0.02, "voltage", 1e3), ("uV", "eeg", 1e-5, "voltage", 1e6),
        ("uV", "eeg", 2e4, "voltage", 1), ("uV", "eeg", 0, "voltage", 1),
        ("mV", "eeg", 10, "left out", 1e3), ("uV", "eeg", 1e6, "left out", 1),
        ("UV", "eeg", 1e5, "left out", 1), ("", "eeg", 1e5, "left out", 1),
        ("%", "eeg", 10, "no voltage", 1), ("%", "other", 10, "no voltage", 1),
        ("", "resp", 10, "no voltage", 1), ("mV", "resp", 10, "voltage", 1e3),
        ("uV", None, 1e6, "no body signal", 1), ("MVA", "eeg", 10, "no voltage", 1),
        ("uV", None, 10, "voltage", 1), ("UV", "eeg", 0, "voltage", 1),
    ],
)  # fmt: skip
def test_unit_is_judged_by_spelling_and_amplitude(unit, kind, deviation, outcome, factor):
    verdict = judge_unit(unit, kind, np.array([deviation, deviation * 1.2, 0.0, np.nan]))
    assert (verdict.outcome, verdict.factor) == (outcome, factor)


def test_only_what_is_not_plain_is_worth_a_note():
    typical = np.array([10.0])
    assert judge_unit("uV", "eeg", typical).note == ""
    assert "fits the amplitude" in judge_unit("UV", "eeg", typical).note
    assert "no unit" in judge_unit("", "eeg", typical).note
    assert "size is unsure" in judge_unit("MV", "ecg", typical).note
    assert "no voltage" in judge_unit("%", "eeg", typical).note
    assert "volts" in judge_unit("uV", "eeg", typical * 1e-6).note
    assert "artifact" in judge_unit("uV", "eeg", typical * 1e3).note
