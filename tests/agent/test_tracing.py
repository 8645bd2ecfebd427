"""What has no source among the tool results must not reach the reader, and what has one must."""

import pytest

from agent.claims import extract, sentences
from agent.facts import Facts, keep
from agent.tracing import Ledger, check
from knowledge.types import Citation
from tools.types import Amplitude, Analysed, Channel, Event, Measurement, NotAnalysed, Recording

SPINDLES = (
    Event(onset=3.12, duration=0.8, channels=("C3", "Cz"), label="spindle", source="find_spindles",
          confidence=0.9, amplitude=Amplitude(value_uv=24.3, kind="pp"), frequency_hz=13.2),
    Event(onset=7.04, duration=1.1, channels=("Cz",), label="spindle", source="find_spindles",
          confidence=0.8, amplitude=Amplitude(value_uv=31.0, kind="pp"), frequency_hz=12.8),
)  # fmt: skip


def recording(start="23:10:00"):
    names = ("F3", "C3", "Cz", "C4", "O1", "O2", "T3")
    return Recording(
        handle="r", format="EDF", duration=600, start_time_of_day=start,
        channels=tuple(Channel(name=n, original_name=n, kind="eeg", sfreq=200, unit="uV") for n in names),
    )  # fmt: skip


@pytest.fixture
def ledger():
    events, counts = keep(SPINDLES)
    waves = Facts(
        tool="find_waveforms", events=events, event_counts=counts,
        analysed=Analysed(labels=("spindle", "slow_wave"), seconds=10, channels=("C3", "Cz", "C4")),
        not_analysed=(NotAnalysed(label="spike", reason="no detector in this version"),),
    )  # fmt: skip
    rhythm = Facts(
        tool="background",
        measurements=(
            Measurement(onset=0, duration=10, channels=("O1", "O2"), quantity="posterior rhythm frequency",
                        value=10.21, unit="Hz", tool="background"),
            Measurement(onset=0, duration=10, channels=("O1", "O2"), quantity="posterior rhythm amplitude",
                        value=34.46, unit="uV", amplitude_kind="pp", tool="background"),
            Measurement(onset=0, duration=10, quantity="asymmetry", value=0.34, unit="ratio", tool="background"),
        ),
    )  # fmt: skip
    rule = Facts(
        tool="search_rules",
        citations=(
            Citation(id="AASM-DEF-08", title="Sleep spindle", source="CHAT", provenance="V", labels=("spindle",),
                     text="A brief burst of 11-16 Hz that lasts half a second (0.5 s) or more, in N2."),
        ),
    )  # fmt: skip
    return Ledger([waves, rhythm, rule], recording())


GROUNDED = [
    "Two sleep spindles were found, at 3.1 s and 7.0 s.",
    "2 sleep spindles at Cz: at 3.1 s (0.8 s long, 13.2 Hz, 24 µV peak-to-peak).",
    "The spindle at C3 ends at 3.9 s.",
    "The posterior rhythm at O1 and O2 is 10.2 Hz and 34.5 µV.",
    "The rhythm is about 10 Hz.",
    "It measures 0.0345 mV.",
    "The first lasts 800 ms.",
    "No slow waves were found.",
    "Spikes were not analysed.",
    "A spindle is a burst of 11-16 Hz [AASM-DEF-08].",
    "That fits N2 [AASM-DEF-08].",
    "The sides differ by 34 %.",
    "The first spindle is at 23:10:03.",
    "In the 10-20 system both lie centrally.",
    "Shall I look for seizures?",
]
INVENTED = [
    "Three sleep spindles were found.",
    "A spindle is seen at 5.5 s.",
    "The posterior rhythm is 9.2 Hz.",
    "The posterior rhythm at T3 is 10.2 Hz.",
    "Sharp waves at C3 are seen.",
    "There is a generalized spike-and-wave discharge.",
    "No spikes were found at Fp2.",
    "The patient is in N3.",
    "Amplitudes reach forty-five microvolts.",
    "Rhythmic delta at 2.5 Hz is present.",
    "This is defined elsewhere [AASM-N9-99].",
    "The event occurred at 02:15.",
    "Spindles on the left temporal side are seen at 3.1 s.",
    "Seizure activity starts at F3.",
]


@pytest.mark.parametrize("sentence", GROUNDED)
def test_what_tools_measured_stays(sentence, ledger):
    assert check(sentence, ledger).unsupported == ()


@pytest.mark.parametrize("sentence", INVENTED)
def test_what_no_tool_measured_is_struck_and_listed(sentence, ledger):
    checked = check(sentence, ledger)
    assert checked.text == ""
    assert len(checked.unsupported) == 1


def test_one_bad_sentence_does_not_take_the_good_ones_along(ledger):
    checked = check("The rhythm is 10.2 Hz. A seizure begins at 5 s. No slow waves were found.", ledger)
    assert checked.text == "The rhythm is 10.2 Hz. No slow waves were found."
    assert [len(traced.evidence) > 0 for traced in checked.sentences] == [True, True]


def test_every_mutated_number_of_a_true_answer_is_caught(ledger):
    truth = "The posterior rhythm at O1 is {} Hz and {} µV; a spindle at Cz starts at {} s."
    right = ("10.2", "34.5", "7.0")
    assert not check(truth.format(*right), ledger).unsupported
    caught = total = 0
    for place in range(3):
        for tenths in range(5, 900, 7):
            wrong = f"{tenths / 10:.1f}"
            values = [wrong if i == place else value for i, value in enumerate(right)]
            if abs(float(wrong) - float(right[place])) < 0.25:
                continue
            total += 1
            caught += bool(check(truth.format(*values), ledger).unsupported)
    assert total > 300
    assert caught / total >= 0.97  # a wrong number may fall on another true one of the same unit


def test_numbers_are_read_with_their_units_and_precision():
    claims = {(c.value, c.unit, c.step) for c in extract("It is 8.5–11.5 Hz, 250 ms and 1.2 mV.")}
    expected = {(8.5, "Hz", 0.05), (11.5, "Hz", 0.05), (0.25, "s", 0.0005), (1200.0, "uV", 50.0)}
    assert {(round(v, 6), u, round(s, 6)) for v, u, s in claims} == expected


def test_sentences_do_not_break_at_decimals():
    assert sentences("At 4.2 s it is tall. At 5.0 s it ends.") == [
        "At 4.2 s it is tall.",
        "At 5.0 s it ends.",
    ]


def test_checking_a_long_answer_is_quick(ledger):
    import time

    text = "The posterior rhythm at O1 is 10.2 Hz and 34.5 µV. " * 100
    begun = time.perf_counter()
    check(text, ledger)
    assert time.perf_counter() - begun < 2.0
