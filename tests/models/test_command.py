"""Writing a simulated recording on request: three files, and a refusal that says what would work."""

import json
from argparse import Namespace

import pytest
from edfio import read_edf

from models.command import simulate_command
from models.truth import read_truth
from tools.events import read_tsv
from tools.types import ToolError


def arguments(*kind, output, **options):
    return Namespace(
        kind=list(kind),
        output=str(output),
        **(dict.fromkeys(("seed", "duration", "sfreq", "montage")) | options),
    )


@pytest.mark.parametrize(
    ("kind", "montage", "channels"),
    [
        (("alpha", "spikes"), None, 19),
        (("GPD",), "double banana", 18),
        (("rapid_eye_movements", "sawtooth"), "psg", 24),
        (("segment:k_complexes",), "average", 19),
        (("night",), None, 10),
    ],
)
def test_a_recording_and_its_truth_are_written(tmp_path, kind, montage, channels):
    duration = 600 if kind == ("night",) else 10
    document = simulate_command(
        arguments(*kind, output=tmp_path / "x.edf", seed=3, duration=duration, sfreq=100, montage=montage)
    )
    json.dumps(document, allow_nan=False)
    edf = read_edf(document["path"])
    assert (edf.num_signals, edf.duration) == (channels, duration)
    assert edf.local_patient_identification == "X X X X"
    truth = read_truth(tmp_path / "x.edf")
    assert sum(document["labels"].values()) == len(truth.planted) == len(read_tsv(tmp_path / "x_events.tsv"))
    assert {p.name for p in tmp_path.iterdir()} == {"x.edf", "x_truth.json", "x_events.tsv"}


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        simulate_command(arguments("segment:spikes", output=tmp_path / f"{name}.edf", seed=4))
    for ending in (".edf", "_truth.json", "_events.tsv"):
        assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


@pytest.mark.parametrize(
    ("kind", "options", "field"),
    [
        (("unicorns",), {}, "kind"),
        (("segment:unicorns",), {}, "kind"),
        (("night", "alpha"), {}, "kind"),
        ((), {}, "kind"),
        (("alpha",), {"sfreq": 99.5}, "sfreq"),
        (("alpha",), {"sfreq": float("nan")}, "sfreq"),
        (("alpha",), {"duration": float("nan")}, "duration"),
        (("alpha",), {"duration": -5}, "duration"),
        (("alpha",), {"seed": -1}, "seed"),
        (("alpha",), {"montage": "upside down"}, "montage"),
        (("night",), {"duration": 10}, "duration"),
        (("segment:spikes",), {"duration": 1}, "duration"),
    ],
)
def test_what_cannot_be_simulated_is_refused_by_field(tmp_path, kind, options, field):
    with pytest.raises(ToolError) as error:
        simulate_command(arguments(*kind, output=tmp_path / "x.edf", **options))
    assert error.value.field == field
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("output", ["missing/x.edf", "x.bdf", "x"])
def test_an_output_that_cannot_be_written_is_refused(tmp_path, output):
    with pytest.raises(ToolError) as error:
        simulate_command(arguments("alpha", output=tmp_path / output))
    assert error.value.field == "o"


def test_the_command_line_says_what_it_wrote_and_refuses_in_words(tmp_path, capsys):
    from ui.cli import main

    assert main(["simulate", "spikes", "blinks", "--seed", "3", "--json", "-o", str(tmp_path / "x.edf")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["labels"].keys() == {"spike", "eyem"}
    assert main(["simulate", "unicorns", "-o", str(tmp_path / "y.edf")]) == 2
    assert "segment:spikes" in " ".join(capsys.readouterr().err.split())
    assert (
        main(["simulate", "night", "--duration", "300", "--sfreq", "100", "-o", str(tmp_path / "z.edf")]) == 0
    )
    assert "epochs of 30 s" in capsys.readouterr().out
