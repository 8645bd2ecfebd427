"""Existing scoring: every spelling, every kind of file, the grid, agreement and the numbers of a night."""

import numpy as np
import pytest

from tests.tools.conftest import Edf
from tools.hypnogram import Hypnogram, ScoredSpan, read_hypnogram, to_stage, write_hypnogram
from tools.hypnogram_agreement import agreement
from tools.sleep_statistics import sleep_statistics
from tools.types import Event, ToolError

# --- names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "stage"),
    [("Sleep stage W", "W"), ("Sleep stage N3", "N3"), ("Sleep stage R", "R"), ("Sleep stage 1", "N1"),
     ("Sleep stage 4", "N3"), ("sleep stage rem", "R"), ("SLEEP-S0", "W"), ("SLEEP-REM", "R"), ("S2", "N2"),
     ("Stage - N1", "N1"), ("NREM 2", "N2"), ("wake", "W"), (" n2 ", "N2"), ("stage_5", "R")],
)  # fmt: skip
def test_stages_are_known_by_all_their_names(text, stage):
    assert to_stage(text).stage == stage


@pytest.mark.parametrize("text", ["Sleep stage ?", "Movement time", "unknown", "Unscored", "MT"])
def test_what_was_left_unscored_is_no_stage_and_not_unknown_either(text):
    assert to_stage(text).stage is None


@pytest.mark.parametrize("text", ["4", "0", "Lights off", "Obstructive apnea", "", "stage", "sleep", "N7"])
def test_other_texts_and_bare_numbers_name_no_stage(text):
    assert to_stage(text) is None


def test_names_of_rechtschaffen_and_kales_are_told_apart():
    assert to_stage("Sleep stage 3").old
    assert not to_stage("Sleep stage N3").old


# --- files -----------------------------------------------------------------------------------------------


def test_annotations_inside_a_recording_are_read(tmp_path):
    texts = [["Sleep stage W"] if s % 30 == 0 else [] for s in range(60)]
    texts[30] = ["Sleep stage N2", "Lights off"]
    path = tmp_path / "a.edf"
    path.write_bytes(Edf(labels=("C3",), seconds=60, plus="+C", texts=texts).bytes())
    scored = read_hypnogram(path)
    assert [span.stage for span in scored.spans] == ["W", "N2"]


@pytest.mark.parametrize("bdf", [False, True])
def test_annotations_lie_behind_signals_of_any_width(bdf, tmp_path):
    edf = Edf(labels=("C3", "C4"), sfreq=[100, 37], seconds=3, plus="+C", bdf=bdf,
              texts=[["Sleep stage 2"], [], ["Sleep stage 3"]])  # fmt: skip
    (tmp_path / "a.edf").write_bytes(edf.bytes())
    scored = read_hypnogram(tmp_path / "a.edf")
    assert [span.stage for span in scored.spans] == ["N2", "N3"]
    assert scored.nomenclature == "R&K"


def sleep_edf(marks):
    """A hypnogram as Sleep-EDF has it: one record of zero seconds that holds nothing but annotations."""
    tal = b"+0\x14\x14\x00" + b"".join(
        f"+{onset}\x15{length}\x14{text}\x14\x00".encode() for onset, length, text in marks
    )
    tal = tal.ljust(len(tal) + len(tal) % 2, b"\0")
    edf = Edf(labels=(), seconds=1, plus="+C", annotation_bytes=len(tal))
    return edf.bytes(record_duration=b"0")[: 256 * 2] + tal


def test_a_hypnogram_of_sleep_edf_is_read(tmp_path):
    (tmp_path / "hyp.edf").write_bytes(
        sleep_edf([(0, 60, "Sleep stage W"), (60, 90, "Sleep stage 4"), (150, 30, "Sleep stage ?")])
    )
    scored = read_hypnogram(tmp_path / "hyp.edf")
    assert scored.on_grid(7) == ("W", "W", "N3", "N3", "N3", None, None)
    assert scored.nomenclature == "R&K"


@pytest.mark.parametrize(
    "text",
    [
        "onset\tduration\tstage\n0\t30\tW\n30\t60\tN2\n",
        "onset_s\tduration_s\tstage\tpurity\n0\t30\tW\t1\n30\t60\tN2\t1\n",
        "trial_type,onset,duration\nSleep stage W,0,30\nSleep stage 2,30,60\n",
        "\ufeffonset\tduration\ttrial_type\n30\t60\tN2\n0\t30\tW\n",
        "onset\tstage\n0\tW\n30\tN2\n60\tN2\n",
        "W\nN2\nN2\n",
        "[hypnogramAASM]\n" + "5\n" * 6 + "2\n" * 12,
    ],
)
def test_tables_and_texts_give_the_same_stages(text, tmp_path):
    path = tmp_path / "scoring.txt"
    path.write_text(text)
    assert read_hypnogram(path).on_grid(4) == ("W", "N2", "N2", None)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"0\n1\n2\n", b"hello\n", b"onset\tduration\n0\t30\n", b"stage\tduration\nW\t30\n",
     b"onset\tduration\tstage\nsoon\t30\tW\n", b"onset\tduration\tstage\n0\t-3\tW\n", b"\xff\xfe\x00binary",
     b"0       " + b"x" * 400, b"[hypnogram]\nfive\n", b"onset\tduration\tstage\n0\t30\tapnea\n",
     b"onset\tduration\tstage\nnan\t30\tW\n", b"Sleep stage ?\nunknown\n"],
)  # fmt: skip
def test_what_is_no_scoring_is_refused_without_its_text(content, tmp_path):
    path = tmp_path / "Mustermann.txt"
    path.write_bytes(content)
    with pytest.raises(ToolError) as caught:
        read_hypnogram(path)
    assert caught.value.field == "scoring"
    assert not any(word in caught.value.message for word in ("ustermann", "hello", "apnea", "soon"))


@pytest.mark.parametrize("name", ["missing.tsv", "", "a\0b"])
def test_a_file_that_is_not_there_is_refused(name, tmp_path):
    with pytest.raises(ToolError, match="scoring"):
        read_hypnogram(tmp_path / name)


def test_a_recording_without_annotations_is_no_scoring(tmp_path):
    (tmp_path / "a.edf").write_bytes(Edf(seconds=3).bytes())
    with pytest.raises(ToolError, match="no annotations"):
        read_hypnogram(tmp_path / "a.edf")


def test_what_is_written_is_read_back(tmp_path):
    stages = ("W", "N1", None, "R", "N3")
    write_hypnogram(tmp_path / "a.tsv", stages, rules=[["AASM-W-01"], [], [], [], []])
    assert read_hypnogram(tmp_path / "a.tsv").on_grid(5) == stages
    head = (tmp_path / "a.tsv").read_text().splitlines()[0].split("\t")
    assert head[:3] == ["onset", "duration", "trial_type"]


# --- the grid -----------------------------------------------------------------------------------------------


def spans(*parts):
    made, at = [], 0.0
    for stage, length in parts:
        made.append(ScoredSpan(onset=at, duration=length, stage=stage))
        at += length
    return Hypnogram(spans=tuple(made), nomenclature="AASM")


def test_an_epoch_takes_the_stage_of_its_larger_part():
    assert spans(("W", 10), ("N1", 20), ("N2", 16), ("N1", 14)).on_grid(2) == ("N1", "N2")


def test_an_epoch_scored_for_less_than_half_has_no_stage():
    assert spans(("W", 14), (None, 16), ("N2", 16)).on_grid(2) == (None, "N2")


# --- agreement ----------------------------------------------------------------------------------------------


def test_kappa_of_a_table_from_the_literature():
    """Two raters, 45 and 15 alike, 25 and 15 apart: po 0.60, pe 0.54, kappa 0.1304."""
    first = ["W"] * 70 + ["R"] * 30
    second = ["W"] * 45 + ["R"] * 25 + ["W"] * 15 + ["R"] * 15
    found = agreement(first, second)
    assert (found.accuracy, found.kappa) == (0.60, pytest.approx(0.1304, abs=1e-4))
    assert found.confusion["W"]["R"] == 25


def test_equal_scorings_agree_wholly_and_f1_is_none_for_stages_nobody_gave():
    found = agreement(["W", "N2", "N2"], ["W", "N2", "N2"])
    assert (found.accuracy, found.kappa, found.macro_f1) == (1, 1, 1)
    assert found.f1["R"] is None


def test_kappa_is_unknown_where_both_saw_one_stage_only():
    assert agreement(["N2"] * 5, ["N2"] * 5).kappa is None


def test_epochs_without_a_stage_are_left_out_and_counted():
    found = agreement(["W", None, "N2", "N2"], ["W", "N1", None, "N2"])
    assert (found.epochs, found.left_out) == (2, 2)


def test_nothing_in_common_is_said():
    with pytest.raises(ToolError, match="both"):
        agreement(["W", None], [None, "N1"])


def test_f1_is_the_harmonic_mean_of_precision_and_recall():
    rng = np.random.default_rng(0)
    first, second = (rng.choice(["W", "N1", "N2"], 300) for _ in range(2))
    hits = ((first == "N1") & (second == "N1")).sum()
    precision, recall = hits / (second == "N1").sum(), hits / (first == "N1").sum()
    wanted = 2 * precision * recall / (precision + recall)
    assert agreement(list(first), list(second)).f1["N1"] == pytest.approx(wanted, abs=1e-4)


# --- the numbers of a night ---------------------------------------------------------------------------------

NIGHT = (
    ["W"] * 20 + ["N1"] * 4 + ["N2"] * 40 + ["N3"] * 30 + ["W"] * 6 + ["N2"] * 20 + ["R"] * 20 + ["W"] * 10
)
"""75 minutes: awake for 10, asleep with one break, awake for the last 5."""


def test_the_numbers_of_a_made_up_night():
    found = sleep_statistics(NIGHT)
    assert found.recording_min == 75
    assert found.total_sleep_min == 57
    assert found.sleep_latency_min == 10
    assert found.rem_latency_min == 50
    assert found.wake_after_onset_min == 8
    assert found.efficiency == pytest.approx(57 / 75, abs=1e-3)
    assert found.maintenance == pytest.approx(57 / 60, abs=1e-3)
    assert found.minutes == {"W": 18, "N1": 2, "N2": 30, "N3": 15, "R": 10}
    assert sum(found.share.values()) == pytest.approx(1, abs=1e-3)
    assert (found.awakenings, found.changes) == (2, 7)
    assert found.latency_min == {"N1": 10, "N2": 12, "N3": 32, "R": 60}


def test_latency_wake_and_sleep_make_up_the_time_in_bed():
    found = sleep_statistics(NIGHT)
    parts = found.sleep_latency_min + found.wake_after_onset_min + found.total_sleep_min
    assert parts == found.recording_min


def test_a_night_without_sleep_has_no_latency_and_no_efficiency_but_zero():
    found = sleep_statistics(["W"] * 10)
    assert (found.sleep_latency_min, found.rem_latency_min, found.wake_after_onset_min) == (None, None, None)
    assert (found.efficiency, found.maintenance, found.share["N2"]) == (0, None, None)


def test_no_epoch_at_all_is_no_fault():
    assert sleep_statistics([]).efficiency is None


def test_time_without_a_stage_is_time_in_bed_and_neither_sleep_nor_wake():
    found = sleep_statistics(["W", None, "N2", "N2"], total=130.0)
    assert (found.scored_min, found.total_sleep_min) == (1.5, 1.0)
    assert found.recording_min == pytest.approx(130 / 60, abs=0.01)


def test_arousals_count_in_sleep_only_and_per_hour_of_it():
    arousals = [Event(label="arousal", source="t", onset=t, duration=4) for t in (5, 700, 1000, 3000)]
    found = sleep_statistics(NIGHT, arousals=arousals)
    assert found.arousals == 3
    assert found.arousal_index == pytest.approx(3 / (57 / 60), abs=0.01)
    assert sleep_statistics(NIGHT).arousal_index is None


@pytest.mark.real_data
def test_scoring_of_the_collections_is_read(real_data):
    folder = real_data / "dreams_spindles"
    for excerpt in (1, 3, 8):
        coarse, fine = (read_hypnogram(folder / f"excerpt{excerpt}_hypnogram_{s}s.tsv") for s in (30, 5))
        assert agreement(coarse.on_grid(60), fine.on_grid(60)).accuracy == 1
    nights = sorted((real_data / "sleepedf_labels").glob("*.txt"))
    assert len(nights) == 20
    for path in nights:
        scored = read_hypnogram(path)
        found = sleep_statistics(scored.on_grid(len(scored.spans)))
        assert 60 < found.total_sleep_min < 720
        assert found.maintenance > 0.6
