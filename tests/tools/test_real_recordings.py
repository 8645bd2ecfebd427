"""Every real recording opens or is refused in words, and its samples are MNE's in microvolts."""

import mne
import numpy as np
import pytest

from tools.io import open_recording
from tools.types import ToolError

pytestmark = pytest.mark.real_data

REFUSED = {
    ".fdt": ".set", ".vmrk": ".vhdr", ".eeg": ".vhdr", ".dat": ".lay", ".pnt": ".EEG", ".log": ".EEG",
    ".21e": ".EEG", ".cn2": ".EEG", ".cmt": ".EEG", ".11d": ".EEG", ".gdf": "no EEG channel",
    ".npz": "archive", ".txt": "known format",
    ".tsv": "known format", ".csv": "known format", ".json": "known format", ".md": "known format",
}  # fmt: skip


def info_of(path):
    with open_recording(path) as recording:
        return recording.info


def kinds(info, kind):
    return [channel.name for channel in info.channels if channel.kind == kind]


def refusal_of(path) -> str | None:
    """The words in which a file is refused; None where it opens and what it gives is sound."""
    try:
        recording = open_recording(path)
    except ToolError as error:
        return error.message if error.field == "file" else ""
    with recording:
        info = recording.info
        for onset in (0, info.duration * 0.6):
            x = recording.read(onset, 10).data
            assert (
                np.isfinite(x).all() or info.gaps or any("no numbers" in w for w in recording.info.warnings)
            )
            deviation = np.median(np.abs(x - np.median(x, axis=1, keepdims=True)))
            assert x.shape[1] < 100 or 0.05 < deviation < 5000
    return None


def test_every_file_opens_or_is_refused_in_words(real_data):
    refusals = {path: refusal_of(path) for path in sorted(real_data.rglob("*")) if path.is_file()}
    for path, words in refusals.items():
        suffix = path.suffix if path.suffix == ".EEG" else path.suffix.lower()  # Nihon Kohden writes capitals
        expected = REFUSED.get(suffix, "no EEG signal" if "Hypnogram" in path.name else None)
        if expected is None:
            assert words is None, path.name
        else:
            assert words is not None, path.name
            assert expected in words
            assert path.stem not in words
    assert list(refusals.values()).count(None) >= 50


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("eegmat/Subject00_1.edf", mne.io.read_raw_edf),
        ("iiic_sparcnet/GPD_sample1.edf", mne.io.read_raw_edf),
        ("eegmmidb/S001R01.edf", mne.io.read_raw_edf),
        ("dreams_spindles/excerpt8.edf", mne.io.read_raw_edf),
        ("chbmit/onset_clips/chb01_03_onset.edf", mne.io.read_raw_edf),
        ("format_zoo/NihonKohden/MB0400FU.EDF", mne.io.read_raw_edf),
        ("format_zoo/BDF/multiple_annotation_chans.bdf", mne.io.read_raw_bdf),
        ("format_zoo/NihonKohden/MB0400FU.EEG", mne.io.read_raw_nihon),
        ("format_zoo/EEGLAB/test_raw.set", mne.io.read_raw_eeglab),
        ("format_zoo/Brainvision/Analyzer_nV_Export.vhdr", mne.io.read_raw_brainvision),
        ("yasa_clips/data_resting_EO_200Hz_raw.fif", mne.io.read_raw_fif),
    ],
)
def test_samples_are_those_of_mne_in_microvolts(real_data, name, read):
    raw = read(real_data / name, verbose="ERROR")
    with open_recording(real_data / name) as recording:
        names = [channel.name for channel in recording.info.channels]
        voltages = [c.name for c in recording.info.channels if c.unit == "uV" and c.kind in ("eeg", "ecg")]
        segment = recording.read(0, 8, voltages)
        assert recording.info.annotations == len(raw.annotations)
    rows = [names.index(channel) for channel in voltages]
    np.testing.assert_allclose(segment.data, raw[rows, : segment.data.shape[1]][0] * 1e6, atol=0.01)


def test_scoring_channels_of_a_polysomnography_never_count_as_signal(real_data):
    info = info_of(real_data / "dreams_spindles/psg/excerpt3_psg_20ch_anon.edf")
    assert kinds(info, "eeg") == ["O1-A1", "C3-A1", "Fp1-A1"]
    assert kinds(info, "eog") == ["EOG2-A1", "EOG1-A1"]
    assert kinds(info, "emg") == ["EMG1"]
    assert kinds(info, "ecg") == ["ECG"]
    scored = ["hypnogram", "event_pneumo", "hypnogram_aut", "event_pneumo_aut", "event_neuro"]
    assert kinds(info, "scoring") == scored
    assert info.montage_guess == "psg"
    assert any("C3-A1" in warning and "uV" in warning for warning in info.warnings)


def test_odd_units_of_a_polysomnography_agree_with_the_excerpt_in_microvolts(real_data):
    with (
        open_recording(real_data / "dreams_spindles/psg/excerpt3_psg_20ch_anon.edf") as psg,
        open_recording(real_data / "dreams_spindles/excerpt3.edf") as excerpt,
    ):
        a, b = psg.read(100, 30, ["C3-A1"]), excerpt.read(100, 30, ["C3-A1"])
        ecg = psg.read(100, 30, ["ECG"]).data
    np.testing.assert_allclose(a.data, b.data, atol=0.2)
    assert 50 < np.ptp(ecg) < 5000


def test_bipolar_children_have_their_double_channels_set_apart(real_data):
    info = info_of(real_data / "chbmit/onset_clips/chb01_03_onset.edf")
    assert info.montage_guess == "bipolar"
    assert len(kinds(info, "eeg")) == 21
    assert kinds(info, "other") == ["T5-T3", "T4-T6 (2)"]
    assert "T3-T5" in kinds(info, "eeg")


def test_ear_difference_and_ecg_of_resting_adults_are_no_eeg(real_data):
    info = info_of(real_data / "eegmat/Subject00_1.edf")
    assert len(kinds(info, "eeg")) == 19
    assert kinds(info, "reference") == ["A2-A1"]
    assert kinds(info, "ecg") == ["ECG"]
    assert info.age_years == 21
    assert info.start_time_of_day is None


def test_dotted_names_of_a_64_channel_cap_become_standard(real_data):
    info = info_of(real_data / "eegmmidb/S001R01.edf")
    assert len(kinds(info, "eeg")) == 64
    assert {"FC5", "CPz", "Fp1", "T3", "T4", "T5", "T6", "Iz"} <= set(kinds(info, "eeg"))


def test_midline_electrodes_of_nihon_kohden_are_eeg(real_data):
    info = info_of(real_data / "format_zoo/NihonKohden/MB0400FU.EEG")
    assert {"Fz", "Cz", "Pz"} <= set(kinds(info, "eeg"))
    assert kinds(info, "reference") == ["A2", "A1"]


def test_neuroscan_opens_through_a_child_with_plausible_amplitudes(real_data):
    with open_recording(real_data / "format_zoo/CNT/scan41_short.cnt") as recording:
        assert recording.info.format == "Neuroscan CNT"
        assert {"VEOGR", "HEOG"} == set(kinds(recording.info, "eog"))
        assert 5 < np.std(recording.read(0, 5).data - recording.read(0, 5).data.mean(1, keepdims=True)) < 200
