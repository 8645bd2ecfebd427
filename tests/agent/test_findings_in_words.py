"""Discharges, patterns, nights and absences in words: what is measured is said, and every word of it can be traced."""

import pytest

from agent.abnormal import abnormal_findings, side_of_pattern
from agent.absence import absent_words
from agent.facts import EVENTS_KEPT, Facts, derived, keep
from agent.ledger import Ledger
from agent.searching import look_for_events
from agent.tracing import check
from agent.words import clock, counted
from agent.workbench import Workbench
from tools.detectors import DETECTOR_OF
from tools.io import open_recording
from tools.labels import EPILEPTIFORM, PATTERN, SLEEP
from tools.page import default_page
from tools.types import Amplitude, Event, Measurement, ToolError

LEFT = ("T3", "C3", "T5", "P3", "O1")


def event(label, onset=0.0, duration=1.0, channels=LEFT, **more):
    return Event(label=label, onset=onset, duration=duration, channels=channels, source="test", **more)


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    from models.demo import demo_recording

    with open_recording(demo_recording(tmp_path_factory.mktemp("demo"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def bench(recording, rules):
    return Workbench(recording, rules, default_page(recording.info, 60, 10))


def told(recording, rules, events, onset=0.0, duration=60.0):
    """The sentences on some events, each traced against the facts that carry them."""
    findings = list(abnormal_findings(recording, events, onset, duration, "find_waveforms"))
    grounds = [e for f in findings for e in f.evidence]
    facts = Facts(
        tool="find_waveforms", events=tuple(events), event_counts=keep(events)[1], channels=recording.info.names(),
        measurements=tuple(e for e in grounds if isinstance(e, Measurement)),
        citations=tuple(rules.get(e.id) for e in grounds if not isinstance(e, Measurement)),
    )  # fmt: skip
    ledger = Ledger([facts], recording.info)
    for finding in findings:
        assert check(finding.statement, ledger).unsupported == ()
    return [finding.statement for finding in findings]


def test_a_pattern_is_said_with_rate_side_and_duration_and_its_run_beyond_the_page(recording, rules):
    lpd = event("LPD", 100, 30, frequency_hz=1.0, amplitude=Amplitude(value_uv=80, kind="pp"), confidence=0.8)
    said = " ".join(told(recording, rules, [lpd], 0, 300))
    assert (
        "Lateralized periodic discharges (LPD), 100–130 s, at 1.0 Hz, on the left, up to 80 µV peak-to-peak"
        in said
    )
    assert "brief (30.0 s), frequent (10 % of the stretch) [CE-CC-01]" in said
    page = " ".join(told(recording, rules, [event("LPD", 110, 10, frequency_hz=1.0)], 110, 10))
    assert "goes on beyond this stretch, so its duration is not known" in page
    assert "brief" not in page


def test_a_seizure_meets_criteria_in_this_segment_and_no_more(recording, rules):
    said = told(recording, rules, [event("seizure", 100, 10, frequency_hz=3.0, confidence=0.7)], 100, 10)
    assert said[0].startswith("Features that meet the criteria of an electrographic seizure in this segment")
    assert "[CE-SZ-06]" in said[0]
    assert any("Course of the electrographic seizure" in statement for statement in said)


def test_a_discharge_is_said_with_the_criteria_it_meets_and_with_restraint(recording, rules):
    found = [
        event("spike", 64.5, 0.06, ("T3", "F7"), amplitude=Amplitude(value_uv=90, kind="pp"), confidence=0.95)
    ]
    said = told(recording, rules, found, 60, 10)
    assert said[0].startswith("1 spike in 60–70 s: 64.5 s at T3 and F7 (60 ms long")
    assert any("of 6 IFCN criteria: pointed (" in statement for statement in said)
    assert said[-1].startswith("By itself such a discharge proves nothing")
    assert "CE-EP-10" in said[-1]


def test_masked_events_are_no_findings(recording, rules):
    assert told(recording, rules, [event("spike", 64.5, 0.06, masked_by="eyem")], 60, 10) == []


@pytest.mark.parametrize(
    ("label", "channels", "side"),
    [
        ("LPD", LEFT, "left"), ("LRDA", ("T4", "C4", "Cz"), "right"), ("GPD", ("Fp1", "Fp2"), "generalized"),
        ("BIPD", LEFT, "bilateral"), ("seizure", ("F7", "T3", "C3", "F8"), "left"), ("seizure", ("Cz",), None),
    ],
)  # fmt: skip
def test_the_side_of_a_pattern_follows_its_label_and_its_channels(label, channels, side):
    assert side_of_pattern(event(label, channels=channels)) == side


def test_absences_are_named_one_by_one_when_few_and_by_group_when_many():
    assert absent_words(("spike", "sharp")) == "spikes or sharp waves"
    everything = absent_words((*EPILEPTIFORM, *PATTERN, *SLEEP))
    assert everything.startswith("epileptiform discharges, periodic discharges, rhythmic delta activity")
    assert "sleep waveforms" in everything
    assert len(everything) < 150
    part = absent_words((*EPILEPTIFORM, *[label for label in SLEEP if label != "spindle"]))
    assert "other sleep waveforms" in part
    assert "spindle" not in part


def test_no_epileptiform_discharges_takes_a_search_for_all_of_them():
    def ledger(*labels):
        from tools.types import Analysed

        looked = Analysed(labels=labels, seconds=10, channels=LEFT)
        return Ledger([Facts(tool="find_waveforms", analysed=looked)])

    sentence = "No epileptiform discharges were found."
    assert check(sentence, ledger("spike")).unsupported
    assert check(sentence, ledger(*EPILEPTIFORM)).unsupported == ()


def test_of_very_many_events_those_that_rankings_pick_are_kept():
    events = [event("spindle", float(i), 0.5 + (i == 700) * 3, frequency_hz=12.0) for i in range(900)]
    kept, counts = keep(events, event("spindle", 500.0, 10.0))
    assert counts == {"spindle": 900}
    assert len(kept) <= EVENTS_KEPT
    onsets = {e.onset for e in kept}
    assert {700.0, 899.0, 0.0} <= onsets, "the longest, the last, the first"
    assert {510.0, 499.0} <= onsets, "the next and the previous one of the page"
    assert [e.onset for e in kept] == sorted(onsets)


def test_runs_are_counted_as_runs_and_clocks_pass_midnight():
    assert counted("LPD", 1) == "1 run of lateralized periodic discharges"
    assert counted("seizure", 2) == "2 electrographic seizures"
    assert clock(5400, "22:30:00") == "00:00:00"


def test_events_are_counted_in_the_stages_asked_for(bench):
    words, facts = look_for_events(bench, ["spindle"], 0.0, 300.0, None, ["N2", "W"])
    values = {m.quantity: m.value for m in facts.measurements}
    assert "N2: " in words
    assert values["spindle count, N2"] + values["spindle count, W"] <= facts.event_counts["spindle"]
    assert values["spindle count, N2"] >= 3
    assert values["time in N2"] > 0
    assert values["spindle rate, N2"] == pytest.approx(values["spindle count, N2"] / values["time in N2"])
    with pytest.raises(ToolError, match="no such stage"):
        look_for_events(bench, ["spindle"], 0.0, 300.0, None, ["N7"])


def test_an_epoch_is_laid_open_with_rules_and_what_speaks_against_the_next_stage(bench):
    from agent.nights import look_at_stages

    words, facts = look_at_stages(bench, 180.0, 30.0, False, ["N1"])
    ledger = Ledger([facts], bench.recording.info)
    said = words.partition("Limits: ")[0]  # what the recording lacks, told to a model and not a statement
    assert check(said, ledger).unsupported == ()
    assert "Epoch 7 (180–210 s) is N" in words
    assert "Against N1: it asks for none" in words
    assert {"AASM-N1-01"} <= {citation.id for citation in facts.citations}
    night, numbers = look_at_stages(bench, 0.0, 10.0, True, None)
    night = night.partition("Limits: ")[0]
    assert check(night, Ledger([numbers], bench.recording.info)).unsupported == ()
    assert "Sleep efficiency is" in night
    assert {m.quantity for m in numbers.measurements} >= {
        "total sleep time",
        "sleep efficiency",
        "time in N2",
    }


def test_a_wrong_stage_or_number_of_a_night_is_struck(bench):
    from agent.nights import look_at_stages

    _, facts = look_at_stages(bench, 0.0, 10.0, True, None)
    ledger = Ledger([facts], bench.recording.info)
    efficiency = next(m.value for m in facts.measurements if m.quantity == "sleep efficiency")
    assert check(f"Sleep efficiency is {efficiency:.0f} %.", ledger).unsupported == ()
    assert check(f"Sleep efficiency is {efficiency + 17:.0f} %.", ledger).unsupported


def test_every_label_with_a_detector_has_a_rule():
    from agent.embedded.grounds import RULES

    assert set(DETECTOR_OF) <= set(RULES)
    assert list(derived(event("spike", 1.0, 0.06)))
