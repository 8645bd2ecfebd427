"""Nothing that identifies a person leaves a reader: planted in every field, seen in no output."""

import json
import re

import mne
import numpy as np
import pytest

from tools.io import open_recording
from tools.types import ToolError

CANARY = "Zebulon"
BORN = "13-MAR-1961"


def outputs(recording) -> str:
    """Everything a user or a model could be shown."""
    info = recording.info
    texts = [info.model_dump_json(), repr(info), repr(recording), str(recording), repr(recording.read(0, 1))]
    for request in ((99999, 1, None), (0, 0, None), (0, 1, ["nothing"])):
        try:
            recording.read(*request)
        except ToolError as error:
            texts.append(f"{error} {error!r} {error.choices}")
    return "\n".join(texts)


def assert_clean(text: str) -> None:
    assert "zebulon" not in text.lower()
    assert not re.search(r"1961|13-MAR|2011-|03\.04|4711", text)


def planted(edf_of):
    return edf_of(
        labels=["Fp1", "C3", f"EEG {CANARY}", f"EMG {CANARY}", f"{CANARY}-C4", "EOG 4711", "O1"],
        unit=["uV", "uV", "uV", "uV", CANARY, "uV", "uV"],
        plus="+C",
        patient=f"{CANARY}4711 F {BORN} {CANARY}",
        recording=f"Startdate 13-MAR-2011 {CANARY} {CANARY} {CANARY}",
        texts=[[CANARY, f"{CANARY} coughs"]],
    )


def test_nothing_planted_in_an_edf_leaves_it(tmp_path, edf_of):
    plant = CANARY.encode()
    everywhere = dict.fromkeys(range(8), plant)
    path = tmp_path / f"{CANARY}.edf"
    path.write_bytes(
        planted(edf_of).bytes(transducer=everywhere, prefilter=everywhere, signal_reserved=everywhere)
    )
    with open_recording(path) as recording:
        assert_clean(outputs(recording))
        info = recording.info
    assert info.age_years == 50
    assert info.sex == "female"
    assert info.annotations == 2
    assert [c.original_name for c in info.channels][2:5] == ["channel 3", "channel 4", "channel 5"]


@pytest.mark.parametrize(
    "field",
    [
        "patient",
        "recording",
        "date",
        "time",
        "reserved",
        "records",
        "record_duration",
        "header_bytes",
        "signals",
        "version",
    ],
)
def test_no_refusal_or_warning_repeats_a_header_field(tmp_path, edf_of, field):
    path = tmp_path / f"{CANARY}.edf"
    path.write_bytes(planted(edf_of).bytes(**{field: CANARY[:4].encode()}))
    try:
        with open_recording(path) as recording:
            text = outputs(recording)
    except ToolError as error:
        text = f"{error} {error!r} {error.choices}"
    assert CANARY[:4].lower() not in text.lower()


@pytest.mark.parametrize("field", ["label", "transducer", "unit", "pmin", "pmax", "dmin", "dmax", "samples"])
def test_no_refusal_or_warning_repeats_a_signal_field(tmp_path, edf_of, field):
    path = tmp_path / f"{CANARY}.edf"
    path.write_bytes(planted(edf_of).bytes(**{field: {0: CANARY.encode()}}))
    try:
        with open_recording(path) as recording:
            text = outputs(recording)
    except ToolError as error:
        text = f"{error} {error!r} {error.choices}"
    assert CANARY.lower() not in text.lower()


def test_nothing_planted_in_a_fif_leaves_it(tmp_path):
    info = mne.create_info(["Fp1", "C3", CANARY], 200, "eeg")
    raw = mne.io.RawArray(np.random.default_rng(0).normal(0, 2e-5, (3, 2000)), info, verbose="ERROR")
    raw.info["subject_info"] = {"his_id": CANARY, "last_name": CANARY, "first_name": CANARY, "sex": 2}
    raw.info["description"] = raw.info["experimenter"] = CANARY
    raw.set_annotations(mne.Annotations([1.0], [1.0], [CANARY]))
    path = tmp_path / f"{CANARY}_raw.fif"
    raw.save(path, verbose="ERROR")
    with open_recording(path) as recording:
        assert_clean(outputs(recording))
        assert recording.info.sex == "female"


def test_reader_of_another_format_says_nothing_itself(tmp_path, capfd):
    path = tmp_path / f"{CANARY}.vhdr"
    path.write_text(
        f"Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nDataFile={CANARY}.eeg\n"
    )
    with pytest.raises(ToolError) as caught:
        open_recording(path)
    assert_clean(f"{caught.value} {caught.value.__cause__}")
    assert capfd.readouterr() == ("", "")


def test_recording_with_names_and_its_clean_twin_are_told_apart_by_nothing(tmp_path, edf_of):
    clean, dirty = tmp_path / "a.edf", tmp_path / f"{CANARY}.edf"
    labels = ["Fp1", "C3", "O1"]
    clean.write_bytes(edf_of(labels=labels).bytes())
    dirty.write_bytes(edf_of(labels=labels, patient=CANARY, recording=CANARY).bytes())
    infos = []
    for path in (clean, dirty):
        with open_recording(path) as recording:
            infos.append(json.loads(recording.info.model_dump_json()))
    assert infos[0] == infos[1]
