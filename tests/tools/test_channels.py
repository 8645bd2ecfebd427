"""Names of channels as files write them, and what may be repeated of them."""

import pytest

from tools.channels import canonical_name, name_channels
from tools.deidentify import clean_label, series_names
from tools.labels import TEN_TWENTY, electrodes, side_of
from tools.source import SourceSignal


def named(*labels, unit="uV"):
    return name_channels([SourceSignal(label, unit, 200.0, 2000) for label in labels])


@pytest.mark.parametrize(
    ("label", "name", "kind"),
    [
        ("Fp1", "Fp1", "eeg"), ("FP1", "Fp1", "eeg"), ("fz", "Fz", "eeg"), ("EEG Fp1", "Fp1", "eeg"),
        ("EEG FP1-REF", "Fp1", "eeg"), ("EEG FP1-LE", "Fp1", "eeg"), ("F7-AV", "F7", "eeg"),
        ("EEG T7-Ref", "T3", "eeg"), ("P8", "T6", "eeg"), ("Fc5.", "FC5", "eeg"), ("Cpz.", "CPz", "eeg"),
        ("T9..", "T9", "eeg"), ("AFF1h", "AFF1h", "eeg"), ("EEG_C3", "C3", "eeg"),
        ("EEG C3 Ref", "C3", "eeg"), ("T3-C3", "T3-C3", "eeg"), ("T7-P7", "T3-T5", "eeg"),
        ("FP1-F7", "Fp1-F7", "eeg"), ("C3-A1", "C3-A1", "eeg"), ("F4-M1", "F4-M1", "eeg"),
        ("CZ-A2", "Cz-A2", "eeg"), ("C3A2", "C3-A2", "eeg"), ("EEG C3-CLE", "C3", "eeg"),
        ("O1-A1A2", "O1", "eeg"), ("C3:M2", "C3-M2", "eeg"), ("POL T1", "T1", "eeg"),
        ("EEG Fpz-Cz", "Fpz-Cz", "eeg"), ("EEG(sec)", "EEG(sec)", "eeg"), ("EEG 003", "EEG 003", "eeg"),
        ("A1", "A1", "reference"), ("M2", "M2", "reference"), ("EEG A2-A1", "A2-A1", "reference"),
        ("EEG A1-Ref", "A1", "reference"), ("LEFT_EAR", "LEFT_EAR", "reference"), ("E1-M2", "E1-M2", "eog"),
        ("EOG E1-M2", "EOG E1-M2", "eog"), ("EOG horizontal", "EOG horizontal", "eog"),
        ("LOC-A2", "LOC-A2", "eog"), ("ROC", "ROC", "eog"), ("VEOGR", "VEOGR", "eog"),
        ("HEOG", "HEOG", "eog"), ("EOG(L)", "EOG(L)", "eog"), ("EMG chin", "EMG chin", "emg"),
        ("EMG submental", "EMG submental", "emg"), ("Chin1", "Chin1", "emg"), ("LAT", "LAT", "emg"),
        ("Leg/L", "Leg/L", "emg"), ("ECG ECG", "ECG", "ecg"), ("EKG", "EKG", "ecg"),
        ("EEG EKG1-REF", "EKG1", "ecg"), ("ECG ECG2", "ECG2", "ecg"),
        ("Resp oro-nasal", "Resp oro-nasal", "resp"), ("NAF1", "NAF1", "resp"),
        ("THOR RES", "THOR RES", "resp"), ("AIRFLOW", "AIRFLOW", "resp"), ("VAB", "VAB", "resp"),
        ("SaO2", "SaO2", "other"), ("PHONO", "PHONO", "other"), ("POL DC01", "DC01", "other"),
        ("POL $A1", "$A1", "other"), ("POL X1", "X1", "other"), ("POL E", "E", "other"),
        ("SpO2", "SpO2", "other"), ("Temp rectal", "Temp rectal", "other"), ("Status", "Status", "trigger"),
        ("STI 014", "STI 014", "trigger"), ("Event marker", "Event marker", "trigger"),
        ("PHOTIC-REF", "PHOTIC", "trigger"), ("hypnogram", "hypnogram", "scoring"),
        ("hypnogram_aut", "hypnogram_aut", "scoring"), ("event_pneumo", "event_pneumo", "scoring"),
        ("events_neuro", "events_neuro", "scoring"), ("", "channel 1", None), ("Smith", "channel 1", None),
        ("17", "17", None), ("-", "channel 1", None),
    ],
)  # fmt: skip
def test_label_becomes_its_canonical_name_and_kind(label, name, kind):
    channel = named(label)[0]
    assert (channel.name, channel.kind) == (name, kind)


def test_every_canonical_name_stands_for_itself():
    for name in (*TEN_TWENTY, "T3-C3", "Fp1-F7", "C3-A2", "F4-M1", "A1", "FC5", "CPz"):
        assert canonical_name(name) == name
        assert named(name)[0].name == name


def test_caps_that_number_their_sensors_name_no_ears_or_eyes():
    channels = named(*(f"A{n}" for n in range(1, 33)), *(f"C{n}" for n in range(1, 33)))
    assert [c.name for c in channels][:2] == ["A1", "A2"]
    assert {c.kind for c in channels} == {None}
    assert {c.kind for c in named(*(f"E{n}" for n in range(1, 9)))} == {None}


def test_units_of_a_scoring_make_it_one():
    assert named("abc", unit="stade")[0].kind == "scoring"


def test_number_of_a_double_name_does_not_move_it_to_the_other_side():
    names = [channel.name for channel in named("T7-P7", "T7-P7", "Cz", "Cz", "Cz")]
    assert names == ["T3-T5", "T3-T5 (2)", "Cz", "Cz (2)", "Cz (3)"]
    assert [side_of(name) for name in names] == ["left", "left", "midline", "midline", "midline"]
    assert electrodes("T3-T5 (2)") == ("T3", "T5")


@pytest.mark.parametrize(
    "label",
    [
        "John Smith",
        "C3 Müller",
        "SSN123456",
        "EEG 19510502",
        "Mark",
        "Dr. No",
        "C3\u202e",
        "a" * 41,
        "Fp1;DROP",
        "ID 4711",
    ],
)
def test_label_with_anything_unknown_becomes_a_number(label):
    assert clean_label(label, 7) == "channel 7"


def test_contacts_of_a_depth_electrode_keep_their_names_but_a_single_code_does_not():
    labels = [f"POL LA{n}" for n in range(1, 9)]
    assert [channel.name for channel in named(*labels)] == [f"LA{n}" for n in range(1, 9)]
    assert named("JD45", "C3")[0].name == "channel 1"
    assert series_names(labels) == {"LA"}
