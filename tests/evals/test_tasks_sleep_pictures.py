"""SleepVLM and EEG-VLM on small nights in the formats of MASS, MASS-EX and Sleep-EDF."""

import io

import edfio
import numpy as np
import pytest
from PIL import Image

from evals.tasks import eeg_vlm, sleepvlm
from evals.tasks.nights import find_nights
from tools.io import open_recording
from tools.sleep_inputs import sleepvlm_signals
from tools.sleep_pictures import draw_sleepvlm
from tools.types import ToolError

MASS = (
    "EEG F4-LER",
    "EEG C4-LER",
    "EEG O2-LER",
    "EOG Left Horiz",
    "EOG Right Horiz",
    "EMG Chin1",
    "EMG Chin2",
)
SLEEP_EDF = ("EEG Fpz-Cz", "EEG Pz-Oz", "EOG horizontal")
STAGES = ("W", "1", "2", "3", "4", "R", "?", "2", "W")
OURS = ("W", "N1", "N2", "N3", "N3", "R", None, "N2", "W")


def write_night(path, labels, stages=STAGES, offset=0.0, scoring=None, sfreq=128, seed=0, tail=0.0):
    rng = np.random.default_rng(seed)
    seconds = offset + 30 * len(stages) + tail
    signals = [
        edfio.EdfSignal(20 * rng.standard_normal(int(seconds * sfreq)), sfreq, label=label,
                        physical_dimension="uV", physical_range=(-500, 500))
        for label in labels
    ]  # fmt: skip
    edfio.Edf(signals, data_record_duration=0.5).write(path)
    if scoring is not None:
        notes = [
            edfio.EdfAnnotation(offset + 30.0 * i, 30.0, f"Sleep stage {s}") for i, s in enumerate(stages)
        ]
        edfio.Edf([], annotations=notes).write(scoring)


def size(path):
    return Image.open(io.BytesIO(path.read_bytes())).size


@pytest.fixture
def mass(tmp_path):
    folder = tmp_path / "SS3"
    folder.mkdir()
    for n, offset in ((1, 4.5), (2, 0.0)):
        base = f"01-03-000{n}"
        stages = STAGES if n == 1 else STAGES[::-1]
        write_night(
            folder / f"{base} PSG.edf", MASS, stages, offset, folder / f"{base} Base.edf", seed=n, tail=5.5
        )
    return folder


def write_rules(path, name="01-03-0001", first=0, stages=OURS):
    scored = [stage for stage in stages if stage]
    rows = ["custom_id,Subject,N,Stage,reasoning_text,applicable_rules"]
    rows += [
        f'{name}#{i + first}_{s},{name},{i + first},{s},"Because of {s}, clearly.","[""{s}.1"", ""MBM.2""]"'
        for i, s in enumerate(scored)
    ]
    path.write_text("\n".join(rows) + "\n")


def test_every_scored_epoch_but_the_first_and_last_is_a_target(mass):
    task = sleepvlm.load(mass, draw=False)
    mine = [item for item in task.items if item.group == "01-03-0001"]
    assert [item.key for item in mine] == ["N1", "N2", "N3", "N3", "R", "N2"]
    assert [item.onset for item in mine] == [34.5, 64.5, 94.5, 124.5, 154.5, 214.5]
    assert mine[-1].expects["custom_id"] == "01-03-0001#6_N2"  # unscored epochs are not counted
    assert all(item.key == item.expects["stage"] and item.kind == "qa" for item in mine)
    assert all("N2" not in name for item in mine for name in (item.id, *item.images))


def test_the_pictures_are_the_target_between_its_neighbours_from_the_first_scored_epoch_on(mass, tmp_path):
    cache = tmp_path / "pictures"
    task = sleepvlm.load(mass, limit=2, cache=cache)
    item = next(item for item in task.items if item.group == "01-03-0001")
    assert {size(task.folder / name) for name in item.images} == {(448, 224)}
    other = next(item for item in task.items if item.group == "01-03-0002")  # scored from its beginning
    with open_recording(task.folder / other.recording) as recording:
        signals = sleepvlm_signals(recording)
    number = round(other.onset / 30)
    for name, epoch in zip(other.images, (number - 1, number, number + 1), strict=True):
        assert (task.folder / name).read_bytes() == draw_sleepvlm(signals, epoch).png


def test_a_night_scored_from_later_on_looks_as_one_that_begins_there(mass, tmp_path):
    items = sleepvlm.load(mass, cache=tmp_path / "a", draw=False).items
    late = next(item for item in items if item.group == "01-03-0001")
    folder = tmp_path / "begun"
    folder.mkdir()
    kept = []
    for signal in edfio.read_edf(mass / "01-03-0001 PSG.edf").signals:
        kept.append(edfio.EdfSignal(signal.data[int(4.5 * 128) :], 128, label=signal.label,
                                    physical_dimension="uV", physical_range=(-500, 500)))  # fmt: skip
    edfio.Edf(kept, data_record_duration=0.5).write(folder / "01-03-0001 PSG.edf")
    notes = [edfio.EdfAnnotation(30.0 * i, 30.0, f"Sleep stage {s}") for i, s in enumerate(STAGES)]
    edfio.Edf([], annotations=notes).write(folder / "01-03-0001 Base.edf")
    begun = sleepvlm.load(folder, cache=tmp_path / "b", draw=False).items[0]
    sleepvlm.prepare(late, mass)
    sleepvlm.prepare(begun, folder)
    assert begun.onset == late.onset - 4.5
    for one, other in zip(late.images, begun.images, strict=True):
        assert (mass / one).read_bytes() == (folder / other).read_bytes()


def test_pictures_are_drawn_once_and_only_for_what_was_drawn_by_lot(mass, tmp_path):
    cache = tmp_path / "pictures"
    task = sleepvlm.load(mass, limit=1, cache=cache)
    files = {path: path.stat().st_mtime_ns for path in cache.rglob("*.png")}
    assert len(files) == 3
    assert sleepvlm.load(mass, limit=1, cache=cache).items == task.items
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.png")} == files
    later = sleepvlm.load(mass, limit=1, seed=5, cache=tmp_path / "later", draw=False)
    assert not (tmp_path / "later").exists()
    sleepvlm.prepare(later.items[0], later.folder)
    assert all((later.folder / name).is_file() for name in later.items[0].images)


def test_rules_of_mass_ex_are_expected_where_its_table_lies_there(mass):
    write_rules(mass / "fine.csv")
    items = sleepvlm.load(mass, draw=False).items
    mine = [item for item in items if item.group == "01-03-0001"]
    assert [item.expects["rules"][0] for item in mine] == ["N1.1", "N2.1", "N3.1", "N3.1", "R.1", "N2.1"]
    assert mine[0].expects["rules"] == ["N1.1", "MBM.2"]
    assert mine[0].reference == "Because of N1, clearly."
    assert all("rules" not in item.expects for item in items if item.group == "01-03-0002")


def test_rules_that_are_counted_otherwise_are_refused_until_that_is_said(mass):
    write_rules(mass / "fine.csv", first=1)
    with pytest.raises(ToolError, match="numbered from 1"):
        sleepvlm.load(mass, draw=False)
    items = sleepvlm.load(mass, draw=False, first_number=1).items
    assert next(i for i in items if i.group == "01-03-0001").expects["rules"][0] == "N1.1"
    (mass / "fine.csv").write_text("Subject,Stage,applicable_rules\n")
    with pytest.raises(ToolError, match="no column N"):
        sleepvlm.load(mass, draw=False)


def test_scoring_longer_than_the_signal_is_told_with_the_file(mass):
    notes = [edfio.EdfAnnotation(30.0 * i, 30.0, "Sleep stage 2") for i in range(40)]
    edfio.Edf([], annotations=notes).write(mass / "01-03-0002 Base.edf")
    with pytest.raises(ToolError, match=r"01-03-0002 PSG\.edf.*1200 s.*275\.5 s"):
        sleepvlm.load(mass, draw=False)


def test_nights_are_paired_by_every_naming(tmp_path):
    names = {
        "01-03-0001 PSG.edf": "01-03-0001 Base.edf",
        "SC4001E0-PSG.edf": "SC4001EC-Hypnogram.edf",
        "SN001.edf": "SN001_sleepscoring.txt",
        "excerpt1.edf": "excerpt1_hypnogram_30s.tsv",
        "excerpt10.edf": "excerpt10_stages.txt",
        "database.edf": "database-hypnogram.csv",
    }
    for recording, scoring in names.items():
        (tmp_path / recording).touch()
        (tmp_path / scoring).touch()
    (tmp_path / "alone.edf").touch()
    assert {night.recording.name: night.scoring.name for night in find_nights(tmp_path)} == names
    groups = {night.name: night.group for night in find_nights(tmp_path)}
    assert groups["SC4001E0"] == "SC400"
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ToolError, match="no recording with its scoring"):
        find_nights(empty)


@pytest.fixture
def sleep_edf(tmp_path):
    for n, name in enumerate(("SC4001E", "SC4011E")):
        stages = STAGES if n == 0 else STAGES[::-1]
        write_night(
            tmp_path / f"{name}0-PSG.edf", SLEEP_EDF, stages, 0.0, tmp_path / f"{name}C-Hypnogram.edf", 100, n
        )
    return tmp_path


def test_stages_are_drawn_alike_and_shown_in_one_picture(sleep_edf):
    task = eeg_vlm.load(sleep_edf, limit=10)
    keys = [item.key for item in task.items]
    assert {key: keys.count(key) for key in keys} == dict.fromkeys(("W", "N1", "N2", "N3", "R"), 2)
    assert {item.group for item in task.items} == {"SC400", "SC401"}
    for item in task.items:
        (name,) = item.images
        assert size(task.folder / name) == (1000, 400)
        assert len(item.turns) == 1
        assert item.partner != item.recording


def test_the_stage_wise_procedure_asks_about_each_stage_before_the_decision(sleep_edf):
    item = eeg_vlm.load(sleep_edf, procedure="stage-wise", limit=1, draw=False).items[0]
    assert len(item.turns) == 6
    assert item.turns[-1] == eeg_vlm.DECIDE
    for stage, turn in zip(("wakefulness", "N1", "N2", "N3", "R"), item.turns, strict=False):
        assert stage in turn
    with pytest.raises(ToolError, match="no such procedure"):
        eeg_vlm.load(sleep_edf, procedure="other")


def test_the_channel_is_filtered_as_published_and_gaps_stay_gaps(tmp_path):
    times = np.arange(120 * 100) / 100
    data = 100 + 20 * np.sin(2 * np.pi * 6 * times) + 20 * np.sin(2 * np.pi * 45 * times)
    signal = edfio.EdfSignal(
        data, 100, label="EEG Fpz-Cz", physical_dimension="uV", physical_range=(-500, 500)
    )
    edfio.Edf([signal]).write(tmp_path / "a.edf")
    filtered, sfreq = eeg_vlm._filtered(tmp_path / "a.edf", 0, "Fpz-Cz")
    power = np.abs(np.fft.rfft(filtered[1000:11000])) / 5000
    at = np.fft.rfftfreq(10000, 1 / sfreq)
    assert power[0] < 0.5  # the offset of 100 µV is gone
    assert power[at == 6][0] == pytest.approx(20, rel=0.05)
    assert power[at == 45][0] < 5


def test_a_picture_follows_from_its_samples_and_may_be_empty():
    trace = 50 * np.sin(2 * np.pi * 6 * np.arange(3000) / 100)
    assert eeg_vlm.draw_epoch(trace, 100.0) == eeg_vlm.draw_epoch(trace, 100.0)
    assert eeg_vlm.draw_epoch(trace, 100.0) != eeg_vlm.draw_epoch(-trace, 100.0)
    blank = Image.open(io.BytesIO(eeg_vlm.draw_epoch(np.full(3000, np.nan), 100.0)))
    assert blank.size == (1000, 400)


def test_wakefulness_far_from_sleep_is_left_out(sleep_edf):
    notes = [
        edfio.EdfAnnotation(0.0, 210.0, "Sleep stage W"),
        edfio.EdfAnnotation(210.0, 30.0, "Sleep stage 2"),
    ]
    edfio.Edf([], annotations=notes).write(sleep_edf / "SC4001EC-Hypnogram.edf")
    (sleep_edf / "SC4011EC-Hypnogram.edf").unlink()
    near = eeg_vlm.load(sleep_edf, margin=60.0, draw=False, per_stage=9).items
    assert all(item.onset >= 150 for item in near)
    assert {item.key for item in near} == {"W", "N2"}


def test_a_channel_that_is_not_there_is_told_with_those_that_are(sleep_edf):
    with pytest.raises(ToolError, match="PSG") as error:
        eeg_vlm.load(sleep_edf, channel="C4-M1")
    assert "Fpz-Cz" in error.value.choices


def test_a_cache_that_cannot_be_written_is_told(mass, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ToolError, match="cache folder"):
        sleepvlm.load(mass, limit=1, cache=tmp_path / "taken")


@pytest.mark.real_data
def test_real_excerpts_with_their_scoring_become_items(real_data, tmp_path):
    folder = real_data / "dreams_spindles"
    task = eeg_vlm.load(folder, cache=tmp_path, channel="C3-A1", draw=False, limit=5)
    assert {item.key for item in task.items} <= {"W", "N1", "N2", "N3", "R"}
    assert len(task.items) >= 4
    first = next(item for item in task.items if "excerpt1" in item.recording)
    eeg_vlm.prepare(first, task.folder)
    assert size(task.folder / first.images[0]) == (1000, 400)


def test_published_rows_are_marked():
    rows = [*sleepvlm.PUBLISHED, *eeg_vlm.PUBLISHED]
    assert len(rows) == 6 + 24
    assert all(row["published"] and row["source"] for row in rows)
