"""The two multiple-choice questions of the CerebraGloss paper, on small files in the corpora's own formats."""

import edfio
import numpy as np
import pytest

from evals.tasks import hmc, tusz
from tools.io import open_recording
from tools.types import ToolError

LABELS = ("EEG FP1-REF", "EEG C3-REF", "EEG O1-REF")


def write_edf(path, seconds, labels=LABELS, sfreq=50):
    rng = np.random.default_rng(0)
    signals = [
        edfio.EdfSignal(20 * rng.standard_normal(int(seconds * sfreq)), sfreq, label=label,
                        physical_dimension="uV", physical_range=(-500, 500))
        for label in labels
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    edfio.Edf(signals).write(path)


def write_csv_bi(path, rows, duration):
    head = f"# version = csv_v1.0.0\n# bname = {path.stem}\n# duration = {duration:.4f} secs\n#\n"
    table = "channel,start_time,stop_time,label,confidence\n"
    table += "".join(f"TERM,{a:.4f},{b:.4f},{label},1.0000\n" for a, b, label in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + table)


@pytest.fixture
def tuh(tmp_path):
    rows = [(0, 43, "bckg"), (43, 80, "seiz"), (80, 120, "bckg")]
    for name, content in {
        "aaaaaaaa_s001_t000": rows,
        "aaaaaaaa_s001_t001": [(0, 60, "bckg")],
        "bbbbbbbb_s003_t002": [(0, 60, "bckg"), (60, 75, "seiz")],
    }.items():
        path = tmp_path / name[:8] / f"{name}.edf"
        write_edf(path, content[-1][1])
        write_csv_bi(path.with_suffix(".csv_bi"), content, content[-1][1])
    return tmp_path


def test_windows_of_tusz_are_balanced_and_asked_as_published(tuh):
    task = tusz.load(tuh)
    keys = [item.key for item in task.items]
    assert keys.count("A") == keys.count("B") == 5  # 40 to 80 s, and 60 to 70 s of the other
    assert task.items[0].turns == (
        "Does this EEG recording show evidence of seizure activity?\nA) Yes\nB) No",
    )
    assert {item.group for item in task.items} == {"aaaaaaaa", "bbbbbbbb"}
    for item in task.items:
        with open_recording(task.folder / item.recording) as recording:
            assert item.onset + item.duration <= recording.info.duration


def test_a_window_between_both_classes_is_left_out(tuh):
    everything = tusz.load(tuh, balanced=False).items
    mine = {item.onset: item.key for item in everything if item.recording.endswith("s001_t000.edf")}
    assert mine[30.0] == "B"
    assert mine[40.0] == "A"
    strict = tusz.load(tuh, balanced=False, least_seizure=8.0).items
    assert 40.0 not in {item.onset for item in strict if item.recording.endswith("s001_t000.edf")}


def test_the_same_seed_draws_the_same_windows_and_the_limit_holds(tuh):
    first, again, other = (tusz.load(tuh, limit=4, seed=s) for s in (1, 1, 2))
    assert first.items == again.items
    assert len(first.items) == 4
    assert sorted(item.key for item in first.items) == ["A", "A", "B", "B"]
    assert {item.id for item in first.items} != {item.id for item in other.items}


def test_the_partner_has_the_other_class_at_the_same_time(tuh):
    for item in tusz.load(tuh, balanced=False).items:
        if item.partner:
            assert item.partner != item.recording
    swapped = {i.onset: i for i in tusz.load(tuh, balanced=False).items if i.group == "bbbbbbbb"}
    assert swapped[50.0].partner.endswith("aaaaaaaa_s001_t000.edf")  # its seizure lasts from 43 to 80 s
    assert swapped[20.0].partner == ""


def test_a_missing_column_is_named_and_those_found_are_listed(tuh):
    path = next(tuh.rglob("*t000.csv_bi"))
    path.write_text("channel,start,stop_time,label,confidence\nTERM,0,9,bckg,1\n")
    with pytest.raises(ToolError, match="start_time") as error:
        tusz.load(tuh)
    assert "start" in error.value.choices


def test_labels_that_outlast_the_signal_are_told_with_the_file(tuh):
    write_csv_bi(next(tuh.rglob("*t000.csv_bi")), [(0, 600, "bckg"), (600, 900, "seiz")], 900)
    with pytest.raises(ToolError, match=r"aaaaaaaa_s001_t000.*900 s.*120 s"):
        tusz.load(tuh)


def test_missing_files_are_told(tmp_path):
    with pytest.raises(ToolError, match="no such folder"):
        tusz.load(tmp_path / "nowhere")
    with pytest.raises(ToolError, match="csv_bi"):
        tusz.load(tmp_path)
    write_csv_bi(tmp_path / "aaaaaaaa_s001_t000.csv_bi", [(0, 60, "seiz")], 60)
    with pytest.raises(ToolError, match="no recording"):
        tusz.load(tmp_path)
    write_edf(tmp_path / "aaaaaaaa_s001_t000.edf", 60)
    with pytest.raises(ToolError, match="only one of the two"):
        tusz.load(tmp_path)
    (tmp_path / "aaaaaaaa_s001_t000.edf").write_bytes(b"not an EDF")
    write_csv_bi(tmp_path / "aaaaaaaa_s001_t000.csv_bi", [(0, 30, "seiz"), (30, 60, "bckg")], 60)
    with pytest.raises(ToolError, match=r"aaaaaaaa_s001_t000\.edf"):
        tusz.load(tmp_path)


STAGES = ("W", "W", "N1", "N2", "N3", "R", "N2", "N1")
PSG = ("EEG F4-M1", "EEG C4-M1", "EEG O2-M1", "EMG chin", "EOG E1-M2", "EOG E2-M2")


def write_scoring(path, stages, *, text=False):
    if text:
        rows = ["Date, Time, Recording onset, Duration, Annotation, Linked channel"]
        rows += [
            f"01.01.01, 23.00.{30 * i:02d}, {30 * i}, 30, Sleep stage {s}, " for i, s in enumerate(stages)
        ]
        rows.insert(3, "01.01.01, 23.00.46, 46.28, 0, Lights off, Body position")
        path.write_text("\n".join(rows) + "\n")
        return
    notes = [edfio.EdfAnnotation(30.0 * i, 30.0, f"Sleep stage {s}") for i, s in enumerate(stages)]
    notes.append(edfio.EdfAnnotation(46.28, None, "Lights off@@EEG F4-M1"))
    edfio.Edf([], annotations=notes).write(path)


@pytest.fixture
def sleep(tmp_path):
    for name, stages, text in (("SN001", STAGES, False), ("SN002", STAGES[::-1], True)):
        write_edf(tmp_path / f"{name}.edf", 30 * len(stages), PSG)
        write_scoring(tmp_path / f"{name}_sleepscoring.{'txt' if text else 'edf'}", stages, text=text)
    return tmp_path


def test_each_epoch_of_hmc_gives_three_windows_with_its_stage_and_rem_gives_none(sleep):
    task = hmc.load(sleep, balanced=False)
    mine = {item.onset: hmc.STAGES["ABCD".index(item.key)] for item in task.items if item.group == "SN001"}
    assert [mine.get(10.0 * i) for i in range(24)] == [
        None if stage == "R" else stage for stage in STAGES for _ in range(3)
    ]
    assert task.items[0].turns[0].endswith("A) Wake\nB) NREM1\nC) NREM2\nD) NREM3")
    mirrored = {
        item.onset: hmc.STAGES["ABCD".index(item.key)] for item in task.items if item.group == "SN002"
    }
    assert mirrored == {210 - onset // 30 * 30 + onset % 30: stage for onset, stage in mine.items()}


def test_stages_of_hmc_are_balanced_by_the_rarest(sleep):
    keys = [item.key for item in hmc.load(sleep).items]
    assert {key: keys.count(key) for key in "ABCD"} == dict.fromkeys("ABCD", 6)
    assert len(hmc.load(sleep, limit=8).items) == 8


def test_both_forms_of_the_scoring_say_the_same(sleep):
    before = hmc.load(sleep, balanced=False).items
    write_scoring(sleep / "SN001_sleepscoring.txt", STAGES, text=True)
    (sleep / "SN001_sleepscoring.edf").unlink()
    assert hmc.load(sleep, balanced=False).items == before


def test_scoring_that_cannot_be_used_is_told_with_its_name(sleep, tmp_path):
    write_scoring(sleep / "SN001_sleepscoring.edf", STAGES * 4)
    with pytest.raises(ToolError, match=r"SN001\.edf.*960 s.*240 s"):
        hmc.load(sleep, balanced=False)
    (sleep / "SN001_sleepscoring.edf").write_text("nonsense\n")
    with pytest.raises(ToolError, match="SN001_sleepscoring"):
        hmc.load(sleep)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ToolError, match="no recording with its scoring"):
        hmc.load(empty)


def test_published_rows_are_marked_as_published():
    rows = [*tusz.PUBLISHED, *hmc.PUBLISHED]
    assert all(row["published"] and row["source"] and 0 <= row["value"] <= 1 for row in rows)
