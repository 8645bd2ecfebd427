"""What opens, what is refused in words, and how channels, units and kinds are understood."""

import gzip
import os
import socket
import subprocess
import sys
import time
import zipfile

import mne
import numpy as np
import pytest

from tools.io import open_recording
from tools.types import ToolError


def refusal(path) -> ToolError:
    """The refusal of a file, checked for its form: one line, the field, and no part of the path."""
    started = time.perf_counter()
    with pytest.raises(ToolError) as caught:
        open_recording(path)
    assert (
        time.perf_counter() - started < 15
    )  # a child process on a busy machine; a hang would last for minutes
    error = caught.value
    assert error.field == "file"
    assert "\n" not in error.message
    assert len(error.message) < 260
    stem = os.path.splitext(os.path.basename(os.fspath(path)))[0]
    assert len(stem) < 4 or stem not in error.message
    return error


# --- bad input ------------------------------------------------------------------------------------


def test_missing_file_is_refused(tmp_path):
    assert "no such file" in refusal(tmp_path / "nobody.edf").message


def test_impossible_paths_are_refused():
    assert "cannot be opened" in refusal("a\0b.edf").message
    assert "cannot be opened" in refusal("x" * 5000).message


def test_folder_is_refused(tmp_path):
    assert "folder" in refusal(tmp_path).message


def test_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "jdoe.edf")
    assert "pipe" in refusal(tmp_path / "jdoe.edf").message


def test_devices_and_sockets_are_refused(tmp_path):
    assert "device" in refusal("/dev/zero").message
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "jdoe"))
        assert "socket" in refusal(tmp_path / "jdoe").message


def test_link_to_a_recording_opens(write_edf, tmp_path):
    (tmp_path / "link.edf").symlink_to(write_edf())
    open_recording(tmp_path / "link.edf").close()


def test_empty_file_is_refused(tmp_path):
    (tmp_path / "void.edf").touch()
    assert "empty" in refusal(tmp_path / "void.edf").message


def test_archives_are_refused_with_the_advice_to_unpack(tmp_path, edf_of):
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as file:
        file.writestr("a.edf", edf_of().bytes())
    (tmp_path / "packed.edf").write_bytes(gzip.compress(edf_of().bytes()))
    for name in ("packed.zip", "packed.edf"):
        assert "unpack it first" in refusal(tmp_path / name).message


@pytest.mark.parametrize("content", [b"hello\n", b"\0" * 5000, b"onset\tduration\n1\t2\n", os.urandom(64)])
def test_what_is_no_eeg_is_refused_and_formats_are_listed(tmp_path, content):
    (tmp_path / "notes.txt").write_bytes(b"~" + content)
    error = refusal(tmp_path / "notes.txt")
    assert "EDF" in error.choices


def test_picture_is_refused(tmp_path):
    (tmp_path / "page.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert "picture" in refusal(tmp_path / "page.png").message


@pytest.mark.parametrize(
    ("name", "advice"),
    [("jdoe.fdt", ".set"), ("jdoe.eeg", ".vhdr"), ("jdoe.dat", ".lay"), ("jdoe.pnt", ".EEG")],
)
def test_lone_companion_names_the_file_to_open(tmp_path, name, advice):
    (tmp_path / name).write_bytes(b"\x01\x02" * 400)
    assert advice in refusal(tmp_path / name).message


def test_hypnogram_without_signal_is_refused(write_edf):
    path = write_edf(labels=[], sfreq=[], plus="+C", texts=[["Sleep stage W"]])
    assert "no EEG signal" in refusal(path).message


def test_header_cut_short_is_refused(write_edf):
    assert "ends within" in refusal(write_edf(cut=200)).message
    assert "ends within" in refusal(write_edf(cut=900)).message
    assert "no whole data record" in refusal(write_edf(cut=256 * 7 + 10)).message


def test_recording_without_eeg_is_refused(write_edf):
    assert "no EEG channel" in refusal(write_edf(labels=["ECG", "SpO2", "EMG chin"])).message


def test_eye_movements_alone_open_with_a_note(write_edf):
    with open_recording(write_edf(labels=["EOG left", "EOG right"])) as recording:
        assert any("only eye movements" in warning for warning in recording.info.warnings)
        with pytest.raises(ToolError, match="no channel of that kind"):
            recording.read(0, 1)


def test_recording_of_one_second_opens(write_edf):
    with open_recording(write_edf(seconds=1)) as recording:
        assert recording.read(0, 10).data.shape == (6, 200)


@pytest.mark.parametrize(
    ("onset", "duration", "field"),
    [
        (20, 1, "start"), (1e9, 1, "start"), (-0.1, 1, "start"), (float("nan"), 1, "start"),
        (0, 0, "duration"), (0, -3, "duration"), (0, float("nan"), "duration"),
    ],
)  # fmt: skip
def test_span_outside_the_recording_is_refused(write_edf, onset, duration, field):
    with open_recording(write_edf()) as recording, pytest.raises(ToolError) as caught:
        recording.read(onset, duration)
    assert caught.value.field == field


def test_unknown_channel_lists_the_choices(write_edf):
    with open_recording(write_edf()) as recording, pytest.raises(ToolError) as caught:
        recording.read(0, 1, ["Q9"])
    assert caught.value.field == "channels"
    assert caught.value.choices == ("Fp1", "Fp2", "C3", "C4", "O1", "O2")
    assert "Q9" not in caught.value.message


# --- channels, kinds, montage ---------------------------------------------------------------------


def kinds_of(path) -> dict[str, str]:
    with open_recording(path) as recording:
        return {channel.name: channel.kind for channel in recording.info.channels}


def test_names_that_occur_twice_are_numbered_and_copies_set_apart(write_edf, edf_of):
    digital = list(edf_of(labels=["a"] * 4).digital)
    digital[3] = digital[1]
    path = write_edf(labels=["F3-C3", "T8-P8", "C3-P3", "T8-P8-1"], digital=digital)
    assert kinds_of(path) == {"F3-C3": "eeg", "T4-T6": "eeg", "C3-P3": "eeg", "T4-T6 (2)": "other"}
    other = write_edf(labels=["F3-C3", "T8-P8", "C3-P3", "T8-P8"], name="other.edf")
    assert kinds_of(other)["T4-T6 (2)"] == "eeg"
    for each in (path, other):
        with open_recording(each) as recording:
            assert any("T4-T6 occurs twice" in warning for warning in recording.info.warnings)


def test_channel_that_is_another_upside_down_is_set_apart(write_edf, edf_of):
    digital = list(edf_of(labels=["a"] * 3).digital)
    digital[2] = -digital[0]
    path = write_edf(labels=["T7-P7", "C3-P3", "P7-T7"], digital=digital)
    assert kinds_of(path) == {"T3-T5": "eeg", "C3-P3": "eeg", "T5-T3": "other"}


def test_scoring_that_looks_like_a_signal_is_never_eeg(write_edf, edf_of):
    digital = list(edf_of(labels=["a"] * 4).digital)
    for row in (1, 2, 3):
        digital[row] = np.repeat([0, 100, 200, 300], 1000)
    path = write_edf(labels=["C3-A1", "hypnogram", "event_neuro", "C4-A1"], digital=digital)
    assert kinds_of(path) == {
        "C3-A1": "eeg",
        "hypnogram": "scoring",
        "event_neuro": "scoring",
        "C4-A1": "scoring",
    }
    with open_recording(path) as recording:
        assert any("stands on a few levels" in warning for warning in recording.info.warnings)
        assert recording.read(0, 5).channels == ("C3-A1",)


def test_numbered_channels_are_eeg_when_their_signal_is(write_edf, edf_of):
    digital = list(edf_of(labels=["a"] * 3).digital)
    digital[2] = np.zeros(4000, int)
    path = write_edf(labels=["1", "2", "3"], digital=digital)
    assert kinds_of(path) == {"1": "eeg", "2": "eeg", "3": "other"}


def test_unknown_names_are_eeg_only_where_nothing_else_is(write_edf):
    assert set(kinds_of(write_edf(labels=["Foo", "Bar"])).items()) == {
        ("channel 1", "eeg"),
        ("channel 2", "eeg"),
    }
    assert kinds_of(write_edf(labels=["Foo", "C3"], name="b.edf"))["channel 1"] == "other"


def test_reading_by_any_name_of_a_place_gives_the_canonical_channel(write_edf):
    with open_recording(write_edf(labels=["EEG T7-REF", "EEG FP1-REF"])) as recording:
        for name in ("T3", "t3", "T7", "EEG T7-REF"):
            assert recording.read(0, 1, [name]).channels == ("T3",)
        assert recording.read(0, 1, "Fp1").channels == ("Fp1",)


@pytest.mark.parametrize(
    ("labels", "montage"),
    [
        (["Fp1", "C3", "O1"], "referential"),
        (["EEG Fp1-REF", "EEG C3-LE"], "referential"),
        (["Fp1-AV", "C3-AV"], "average"),
        (["Fp1-F7", "F7-T3", "T3-T5"], "bipolar"),
        (["C3-A2", "EOG left", "EMG chin"], "psg"),
        (["Fpz-Cz", "Pz-Oz", "EOG horizontal"], "psg"),
        (["1", "2"], "unknown"),
    ],
)
def test_montage_is_guessed_from_the_names(write_edf, labels, montage):
    with open_recording(write_edf(labels=labels)) as recording:
        assert recording.info.montage_guess == montage


# --- units ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "factor", "odd"),
    [
        ("uV", 1, False), ("UV", 1, True), ("uv", 1, True), ("µV", 1, False), ("mV", 1e3, False),
        ("MV", 1e3, True), ("V", 1e6, False), ("nV", 1e-3, False), ("", 1, True), ("-", 1, True),
    ],
)  # fmt: skip
def test_units_become_microvolts_and_odd_ones_are_named(write_edf, edf_of, unit, factor, odd):
    limits = tuple(limit / factor for limit in (-3000, 3000))
    path = write_edf(unit=unit, physical=limits)
    with open_recording(path) as recording:
        segment = recording.read(0, 20, ["C3"])
        assert any("fits the amplitude" in warning for warning in recording.info.warnings) == odd
        assert {channel.unit for channel in recording.info.channels} == {"uV"}
    expected = (edf_of().digital[2] + 32768) * 6000 / 65535 - 3000
    np.testing.assert_allclose(segment.data[0], expected, atol=0.05)


def test_volts_called_microvolts_are_converted_aloud(write_edf):
    with open_recording(write_edf(physical=(-0.003, 0.003))) as recording:
        assert 10 < np.std(recording.read(0, 20).data) < 30
        assert any("samples are volts" in warning for warning in recording.info.warnings)


def test_scale_that_no_body_makes_is_refused(write_edf):
    assert "no EEG channel" in refusal(write_edf(unit="UV", physical=(-3e9, 3e9))).message


def test_eeg_in_a_unit_that_is_no_voltage_is_not_used(write_edf):
    path = write_edf(unit=["%", "uV", "uV", "uV", "uV", "uV"])
    assert kinds_of(path)["Fp1"] == "other"
    with open_recording(path) as recording:
        assert any("Fp1" in warning and "no voltage" in warning for warning in recording.info.warnings)


def test_one_railed_electrode_does_not_condemn_its_neighbours(write_edf, edf_of):
    digital = list(edf_of().digital)
    digital[0] = np.tile([-32768, 32767], 2000)
    path = write_edf(digital=digital, physical=(-327680, 327670))
    assert list(kinds_of(path).values()).count("eeg") == 6


# --- who and when ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patient", "recording", "age", "sex"),
    [
        ("MCH-02 F 02-MAY-1951 Doe", "Startdate 02-MAR-2002 X X X", 50, "female"),
        ("X M 01-JAN-1990 X", "Startdate 01-JAN-2011 X X X", 21, "male"),
        ("X F X Female_33yr", "Startdate 24-APR-1989 X X X", 33, "female"),
        ("X X 01-JAN-2019 X", "Startdate 03-APR-2019 X X X", 0.3, None),
        ("X M 01-JAN-1900 X", "Startdate 01-JAN-1999 X X X", 90, "male"),
        ("X M 01-JAN-2015 X", "Startdate 01-JAN-2011 X X X", None, "male"),
        ("X M 32-FOO-2015 X", "", None, "male"),
        ("", "", None, None),
    ],
)
def test_age_sex_and_clock_time_are_kept(write_edf, patient, recording, age, sex):
    with open_recording(write_edf(patient=patient, recording=recording)) as opened:
        info = opened.info
    assert (info.age_years, info.sex, info.start_time_of_day) == (age, sex, "22:30:15")


@pytest.mark.parametrize(
    ("text", "clock"), [("00.00.00", None), ("25.00.00", None), ("7.5.1", "07:05:01"), ("?", None)]
)
def test_clock_time_that_is_none_is_left_out(write_edf, text, clock):
    with open_recording(write_edf(time=text)) as recording:
        assert recording.info.start_time_of_day == clock


def test_handle_follows_the_samples_and_nothing_else(write_edf):
    def handle(**kwargs):
        with open_recording(write_edf(**kwargs)) as recording:
            return recording.info.handle

    first = handle()
    assert handle(name="renamed.edf", patient="Somebody F X X") == first
    assert handle(name="b.edf", seed=1) != first
    assert handle(name="c.edf", seconds=19) != first


# --- other formats --------------------------------------------------------------------------------


def signals(channels=4, seconds=12, sfreq=250, seed=3):
    return np.random.default_rng(seed).normal(0, 25, (channels, seconds * sfreq))


def brainvision(folder, data, names=("Fp1", "C3", "O1", "EOG"), name="rec", **kwargs):
    pybv = pytest.importorskip("pybv")
    pybv.write_brainvision(
        data=data * 1e-6, sfreq=250, ch_names=list(names), fname_base=name, folder_out=folder, **kwargs
    )
    return folder / f"{name}.vhdr"


def fif(folder, data, types=("eeg", "eeg", "eeg", "eog"), names=("Fp1", "C3", "O1", "Eye")):
    raw = mne.io.RawArray(data * 1e-6, mne.create_info(list(names), 250, list(types)), verbose="ERROR")
    raw.save(folder / "rec_raw.fif", verbose="ERROR")
    return folder / "rec_raw.fif"


def eeglab(folder, data):
    raw = mne.io.RawArray(
        data * 1e-6, mne.create_info(["Fp1", "C3", "O1", "EOG"], 250, "eeg"), verbose="ERROR"
    )
    mne.export.export_raw(folder / "rec.set", raw, verbose="ERROR")
    return folder / "rec.set"


@pytest.mark.parametrize(("write", "name"), [(brainvision, "BrainVision"), (fif, "FIF"), (eeglab, "EEGLAB")])
def test_formats_read_through_mne_give_microvolts(tmp_path, write, name):
    data = signals()
    path = write(tmp_path, data)
    with open_recording(path) as recording:
        assert recording.info.format == name
        assert [c.kind for c in recording.info.channels] == ["eeg", "eeg", "eeg", "eog"]
        segment = recording.read(2, 5, ["O1", "Fp1"])
        np.testing.assert_allclose(segment.data, data[[2, 0], 500:1750], atol=0.06)
        assert recording.read(11.5, 3).duration == 0.5


def test_samples_that_are_no_numbers_are_blank_and_said_so(tmp_path):
    data = signals()
    data[1, 100:110] = np.nan
    data[2, 2000] = np.inf
    with open_recording(brainvision(tmp_path, data, fmt="binary_float32")) as recording:
        assert any("no numbers" in w and "C3" in w and "O1" in w for w in recording.info.warnings)
        segment = recording.read(0, 12)
        assert np.isnan(segment.data[1, 100:110]).all()
        assert np.isnan(segment.data).sum() == 11
        assert not np.isinf(segment.data).any()


def test_number_missing_where_nobody_looked_is_said_when_it_is_read(tmp_path):
    data = signals(2, seconds=4000)
    data[0, 499_990] = np.nan
    path = brainvision(tmp_path, data, ["C3", "C4"], fmt="binary_float32")
    with open_recording(path) as recording:
        assert recording.info.warnings == ()
        assert np.isnan(recording.read(1999, 2).data).sum() == 1
        assert any("no numbers" in warning for warning in recording.info.warnings)
        recording.read(1999, 2)
        assert len(recording.info.warnings) == 1


def test_skipped_acquisition_in_fif_is_a_gap(tmp_path):
    raw = mne.io.RawArray(
        signals() * 1e-6, mne.create_info(["Fp1", "C3", "O1", "O2"], 250, "eeg"), verbose="ERROR"
    )
    raw.set_annotations(mne.Annotations([3.0, 5.0], [2.0, 0.5], ["BAD_ACQ_SKIP", "Jane Doe coughs"]))
    raw.save(tmp_path / "a_raw.fif", verbose="ERROR")
    with open_recording(tmp_path / "a_raw.fif") as recording:
        assert [(g.onset, g.duration) for g in recording.info.gaps] == [(3, 2)]
        assert recording.info.annotations == 1
        blank = np.isnan(recording.read(0, 12).data[0])
        assert np.array_equal(np.flatnonzero(blank), np.arange(750, 1250))


def test_header_without_its_samples_is_refused(tmp_path):
    path = brainvision(tmp_path, signals())
    (tmp_path / "rec.eeg").unlink()
    assert "beside" in refusal(path).message


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret.eeg", "pipe.eeg"])
def test_header_cannot_point_at_files_elsewhere_or_at_pipes(tmp_path, target):
    folder = tmp_path / "upload"
    folder.mkdir()
    (tmp_path / "secret.eeg").write_bytes(bytes(40_000))
    os.mkfifo(folder / "pipe.eeg")
    path = brainvision(folder, signals())
    path.write_text(path.read_text().replace("rec.eeg", target))
    assert "beside" in refusal(path).message


def test_companion_that_changes_while_open_is_refused_at_the_next_read(tmp_path):
    with open_recording(brainvision(tmp_path, signals())) as recording:
        recording.read(0, 1)
        with open(tmp_path / "rec.eeg", "r+b") as file:
            file.truncate(1000)
        with pytest.raises(ToolError, match="changed"):
            recording.read(0, 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.gdf", b"GDF 2.10" + bytes(400)), ("a.fif", b"\x00\x00\x00\x64\x00\x00\x00\x1f" + bytes(200)),
        ("a.set", b"MATLAB 5.0 MAT-file" + bytes(300)), ("a.set", b"\x89HDF\r\n\x1a\n" + bytes(300)),
        ("a.EEG", b"EEG-1100C V01.00" + bytes(2000)), ("a.lay", b"[FileInfo]\nFile=a.dat\n"),
        ("a.vhdr", b"Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\n"),
    ],
)  # fmt: skip
def test_broken_file_of_another_format_is_refused_in_our_words(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path / name).message


def test_reader_that_may_end_the_interpreter_runs_in_a_child(tmp_path, monkeypatch):
    (tmp_path / "a.cnt").write_bytes(b"Version 3.0\0" + bytes(3000))
    assert "Neuroscan" in refusal(tmp_path / "a.cnt").message
    killer = tmp_path / "killer"
    killer.write_text("#!/bin/sh\nkill -SEGV $$\n")
    killer.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(killer))
    assert "Neuroscan" in refusal(tmp_path / "a.cnt").message


def test_importing_the_reader_pulls_in_no_mne():
    code = "import sys, tools.io; assert not {'mne', 'matplotlib', 'scipy.signal'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_pipe_beside_a_recording_cannot_make_its_reader_wait(tmp_path):
    path = eeglab(tmp_path, signals())
    os.mkfifo(tmp_path / "rec.fdt")
    assert "pipe" in refusal(path).message


def test_joined_recording_says_in_how_many_places_it_was_cut(tmp_path):
    info = mne.create_info(["Fp1", "C3"], 250, "eeg")
    raw = mne.io.RawArray(signals(2) * 1e-6, info, verbose="ERROR")
    raw.set_annotations(mne.Annotations([3.0, 5.0], [0, 0], ["boundary", "boundary"]))
    raw.save(tmp_path / "a_raw.fif", verbose="ERROR")
    with open_recording(tmp_path / "a_raw.fif") as recording:
        assert any("joined in 2 places" in warning for warning in recording.info.warnings)
