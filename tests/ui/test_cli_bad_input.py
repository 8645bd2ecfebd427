"""What bad input gets: one line that says what is wrong and what would work, exit code 2, nothing half-written.

Every file bears a patient's name, and every header too; neither may appear in anything that is said.
"""

import gzip
import os
import shutil
import socket
import subprocess
import sys
import time
import zipfile

import mne
import numpy as np
import pytest

from models.demo import demo_recording
from tests.agent.openai_server import Reply, fail, garbage, openai_server, say
from tests.tools.conftest import TEN_TWENTY, Edf
from tests.ui.command_line import CONTRACT, check, run, spawn
from tools.io import open_recording
from tools.types import ToolError

NAME = "Mustermann_Erika"
PATIENT = "MCH-0234567 F 02-MAY-1951 Erika_Mustermann"
SECRETS = ("ustermann", "Erika", "0234567", "MAY-1951")


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    """One home folder for the file: building the rule store takes longer than most tests."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLOSSA_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A sound recording of 40 s that bears a name inside and out."""
    path = tmp_path_factory.mktemp("good") / f"{NAME}.edf"
    path.write_bytes(Edf(labels=TEN_TWENTY, seconds=40, patient=PATIENT, plus="+C").bytes())
    return path


def refused(*arguments, within=10.0):
    """The error of a command; checked for its form, its haste, and that it keeps the name to itself."""
    started = time.perf_counter()
    said = run(*arguments, "--json")
    assert time.perf_counter() - started < within
    keeps_the_name(said)
    return said.error


def keeps_the_name(said):
    for secret in SECRETS:
        assert secret not in said.out + said.err


# --- files ----------------------------------------------------------------------------------------


def _folder(path):
    path.mkdir()


def _link_to_nothing(path):
    path.symlink_to(path.with_name("gone"))


def _zip(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.edf", Edf(patient=PATIENT).bytes())


def _hypnogram(path):
    edf = Edf(labels=(), seconds=3, patient=PATIENT, plus="+C", texts=[["Sleep stage W"]] * 3)
    path.write_bytes(edf.bytes())


def _one_kind(*labels):
    return lambda path: path.write_bytes(Edf(labels=labels, patient=PATIENT).bytes())


def _header(**override):
    return lambda path: path.write_bytes(Edf(patient=PATIENT).bytes(**override))


FILES = {
    "no such file": (lambda path: None, "no such file"),
    "a link to nothing": (_link_to_nothing, "no such file"),
    "a folder": (_folder, "folder"),
    "a pipe": (os.mkfifo, "pipe"),
    "a zip": (_zip, "unpack"),
    "a gz": (lambda path: path.write_bytes(gzip.compress(Edf(patient=PATIENT).bytes())), "unpack"),
    "empty": (lambda path: path.touch(), "empty"),
    "text": (lambda path: path.write_text(f"Dear Mrs {NAME},\n" * 50), "EEG"),
    "a picture": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500)), "no signal"),
    "noise": (lambda path: path.write_bytes(np.random.default_rng(0).bytes(5000)), "EEG"),
    "half a header": (lambda path: path.write_bytes(Edf(patient=PATIENT).bytes()[:400]), "header"),
    "a header alone": (lambda path: path.write_bytes(Edf(patient=PATIENT).header()), ""),
    "a hypnogram alone": (_hypnogram, ""),
    "no EEG channel": (_one_kind("ECG", "Resp chest"), "no EEG"),
    "a lie about the channels": (_header(signals=b"9999"), ""),
    "no number of channels": (_header(signals=b"many"), ""),
    "a negative number of channels": (_header(signals=b"-3"), ""),
    "a lie about the rate": (_header(samples={0: b"99999999"}), ""),
    "a rate of zero": (_header(samples=dict.fromkeys(range(6), b"0")), ""),
    "records without a duration": (_header(record_duration=b"0"), ""),
    "records of nan seconds": (_header(record_duration=b"nan"), ""),
    "limits that are equal": (
        _header(pmin=dict.fromkeys(range(6), b"5"), pmax=dict.fromkeys(range(6), b"5")),
        "",
    ),
}


@pytest.mark.parametrize("case", FILES)
@pytest.mark.parametrize("command", ["info", "ask"])
def test_a_file_that_is_no_recording_is_refused_in_one_line(command, case, tmp_path):
    write, word = FILES[case]
    path = tmp_path / f"{NAME}.edf"
    write(path)
    error = refused(command, path, *(["What is this?"] if command == "ask" else []))
    assert error["field"] == "file"
    assert word.lower() in error["message"].lower()


@pytest.mark.parametrize("command", ["page", "bands", "describe", "detect", "chat", "ui"])
def test_every_command_refuses_a_missing_file(command, tmp_path):
    extra = {"page": ["-o", tmp_path / "page.png"], "ui": ["--no-browser", "--port", "0"]}.get(command, [])
    assert refused(command, tmp_path / f"{NAME}.edf", *extra)["field"] == "file"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", [".fdt", ".eeg", ".vmrk", ".dat"])
def test_a_companion_file_alone_is_refused(ending, tmp_path):
    path = tmp_path / f"{NAME}{ending}"
    path.write_bytes(np.random.default_rng(0).normal(size=4000).astype("<f4").tobytes())
    assert refused("info", path)["field"] == "file"


def test_names_that_no_file_can_have_are_refused():
    assert refused("info", "a\0b.edf")["field"] == "file"
    assert refused("info", "x" * 5000)["field"] == "file"


def test_a_file_name_that_is_no_unicode_opens_and_is_written(tmp_path):
    folder = os.fsencode(tmp_path)
    (tmp_path / "plain.edf").write_bytes(Edf(labels=TEN_TWENTY).bytes())
    os.rename(folder + b"/plain.edf", folder + b"/M\xfcller.edf")
    command = [sys.executable, "-m", "ui.cli", "page", folder + b"/M\xfcller.edf", "--json", "-o"]
    done = subprocess.run([*command, folder + b"/\xfc.png"], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert os.path.exists(folder + b"/\xfc.png")
    done = subprocess.run([*command[:4], folder + b"/\xff.edf", *command[5:], b"a.png"], capture_output=True,
                          timeout=60, check=False)  # fmt: skip
    assert done.returncode == 2
    assert b"no such file" in done.stdout


@pytest.mark.parametrize("form", ["words", "json"])
def test_neither_name_nor_header_are_repeated_by_any_command(form, good, tmp_path):
    option = ["--json"] if form == "json" else []
    for command, *extra in (
        ("info",), ("bands",), ("describe",), ("detect", "-o", tmp_path / "a.tsv"),
        ("ask", "Who is the patient and when was this recorded?"), ("page", "-o", tmp_path / "a.png"),
        ("bands", "--start", "99"), ("info", "--nonsense"), ("ask",), ("page", "--montage", "x"),
    ):  # fmt: skip
        keeps_the_name(run(command, good, *extra, *option))
    keeps_the_name(run(good, *option))
    keeps_the_name(run("knowledge", good, *option))
    keeps_the_name(run("info", good, good, *option))
    keeps_the_name(run("info", f"--json={good}"))


# --- files that are not as they should be, and open nevertheless -------------------------------------


def opened(path):
    said = run("info", path, "--json")
    assert said.code == 0, said.out
    check(said.document, CONTRACT["info"])
    return said.document


def test_a_truncated_recording_opens_what_is_whole_and_says_what_is_lost(tmp_path):
    whole = Edf(labels=TEN_TWENTY, seconds=60).bytes()
    (tmp_path / "cut.edf").write_bytes(whole[: len(whole) * 2 // 3])
    document = opened(tmp_path / "cut.edf")
    assert 35 <= document["duration_s"] <= 40
    assert any("60" in warning for warning in document["warnings"])


@pytest.mark.parametrize("records", [b"-1", b"999999"])
def test_a_header_that_lies_about_its_records_opens_what_is_there(records, tmp_path):
    (tmp_path / "lie.edf").write_bytes(Edf(seconds=20).bytes(records=records))
    document = opened(tmp_path / "lie.edf")
    assert document["duration_s"] == 20
    assert document["warnings"]


def test_channels_that_share_a_name_are_told_apart_with_a_note(tmp_path):
    (tmp_path / "twice.edf").write_bytes(Edf(labels=("Fp1", "C3", "C3", "O1")).bytes())
    document = opened(tmp_path / "twice.edf")
    names = [channel["name"] for channel in document["channels"]]
    assert len(set(names)) == 4
    assert any("twice" in warning for warning in document["warnings"])


def test_thousands_of_channels_open_or_are_refused_in_time(tmp_path):
    labels = [f"E{i}" for i in range(3000)]
    edf = Edf(labels=labels, sfreq=50, seconds=4)
    (tmp_path / "many.edf").write_bytes(edf.bytes())
    for command, *extra in (("info",), ("bands",), ("page", "-o", tmp_path / "a.png")):
        started = time.perf_counter()
        said = run(command, tmp_path / "many.edf", *extra, "--json")
        assert time.perf_counter() - started < 30
        assert said.code == 0 or said.error


@pytest.fixture
def not_numbers(tmp_path):
    """FIF with NaN over 3-5 s of one channel and infinity at one sample of another."""
    data = np.random.default_rng(0).normal(0, 2e-5, (8, 4000))
    data[2, 600:1000] = np.nan
    data[4, 700] = np.inf
    names = ["Fp1", "Fp2", "C3", "C4", "T3", "T4", "O1", "O2"]
    raw = mne.io.RawArray(data, mne.create_info(names, 200, "eeg"), verbose="ERROR")
    raw.save(tmp_path / "a_raw.fif", verbose="ERROR")
    return tmp_path / "a_raw.fif"


def test_samples_that_are_no_numbers_are_flagged_and_never_printed(not_numbers, tmp_path):
    assert any(
        "no number" in warning or "not numbers" in warning for warning in opened(not_numbers)["warnings"]
    )
    for command, *extra in (
        ("bands",), ("describe",), ("detect",), ("ask", "What does this EEG show?"),
        ("page", "-o", tmp_path / "a.png"),
    ):  # fmt: skip
        said = run(command, not_numbers, *extra, "--json")
        assert said.code == 0, (command, said.out)
        check(said.document, CONTRACT[command], command)


def test_a_second_of_signal_is_answered_or_refused_in_words(tmp_path):
    (tmp_path / "short.edf").write_bytes(Edf(labels=TEN_TWENTY, seconds=1).bytes())
    for command, *extra in (
        ("info",), ("bands",), ("describe",), ("detect",), ("ask", "What does this EEG show?"),
        ("page", "-o", tmp_path / "a.png"), ("page", "--profile", "cerebragloss", "-o", tmp_path / "b.png"),
        ("page", "--profile", "sleepvlm", "-o", tmp_path / "c.png"),
    ):  # fmt: skip
        said = run(command, tmp_path / "short.edf", *extra, "--json")
        if said.code == 0:
            check(said.document, CONTRACT[command], command)
        else:
            assert said.error["field"]


@pytest.mark.parametrize("value", [0, 1])
def test_a_recording_without_any_signal_is_answered_in_words(value, tmp_path):
    flat = [np.full(4000, value)] * len(TEN_TWENTY)
    (tmp_path / "flat.edf").write_bytes(Edf(labels=TEN_TWENTY, digital=flat).bytes())
    for command, *extra in (("bands",), ("describe",), ("detect",), ("ask", "What does this EEG show?")):
        said = run(command, tmp_path / "flat.edf", *extra, "--json")
        assert said.code in (0, 2), said.out
        if said.code == 0:
            check(said.document, CONTRACT[command], command)


@pytest.mark.parametrize("change", ["grown", "replaced", "removed"])
def test_a_file_that_changes_while_it_is_open_is_not_read_further(change, good, tmp_path):
    path = tmp_path / "a.edf"
    shutil.copy(good, path)
    with open_recording(path) as recording:
        recording.read(0, 5)
        if change == "removed":
            path.unlink()
        elif change == "replaced":
            shutil.copy(path, tmp_path / "b.edf")
            os.replace(tmp_path / "b.edf", path)
        else:
            with path.open("ab") as file:
                file.write(bytes(1000))
        with pytest.raises(ToolError, match="open it again") as caught:
            recording.read(5, 5)
    assert caught.value.field == "file"


# --- requests ---------------------------------------------------------------------------------------

REQUESTS = (
    # command, arguments, the field at fault, whether choices are listed
    ("bands", ["--start", "40"], "start", False),
    ("bands", ["--start", "1e9"], "start", False),
    ("describe", ["--start", "-5"], "start", False),
    ("detect", ["--start", "-0.1"], "start", False),
    ("page", ["--start", "-1"], "start", False),
    ("page", ["--start", "40"], "start", False),
    ("ask", ["Any spikes?", "--start", "41"], "start", False),
    ("ask", ["Any spikes?", "--start", "-1"], "start", False),
    ("chat", ["--start", "41"], "start", False),
    ("bands", ["--start", "soon"], "start", False),
    ("bands", ["--start", "nan"], "start", False),
    ("bands", ["--start"], "start", False),
    ("bands", ["--duration", "0"], "duration", False),
    ("describe", ["--duration", "-3"], "duration", False),
    ("detect", ["--duration", "0"], "duration", False),
    ("page", ["--duration", "0"], "duration", False),
    ("page", ["--duration", "1e12"], "duration", False),
    ("ask", ["Any spikes?", "--duration", "0"], "duration", False),
    ("ask", ["Any spikes?", "--duration=-inf"], "duration", False),
    ("page", ["--duration", "nan"], "duration", False),
    ("detect", ["--duration", "inf"], "duration", False),
    ("bands", ["--duration", "0.3"], "duration", False),
    ("bands", ["--channels", "Q7"], "channels", True),
    ("bands", ["--channels", ","], "channels", False),
    ("page", ["--montage", "hexagonal"], "montage", True),
    ("page", ["--montage", "ears"], "montage", True),
    ("page", ["--profile", "poster"], "profile", True),
    ("page", ["--profile", "sleepvlm-bench"], "profile", True),
    ("page", ["--high-cut", "100"], "high_cut_hz", False),
    ("page", ["--notch", "100"], "notch_hz", False),
    ("page", ["--low-cut", "90"], "low_cut_hz", False),
    ("page", ["--low-cut", "-1"], "low_cut_hz", False),
    ("page", ["--low-cut", "1e-9"], "low_cut_hz", False),
    ("page", ["--low-cut", "nan"], "low_cut", False),
    ("page", ["--sensitivity", "0"], "sensitivity", False),
    ("page", ["--sensitivity", "1e-300"], "sensitivity", False),
    ("page", ["--sensitivity", "inf"], "sensitivity", False),
    ("detect", ["--labels", "unicorn"], "labels", True),
    ("detect", ["--labels", ""], "labels", True),
    ("info", ["--age", "-1"], "age", False),
    ("describe", ["--age", "131"], "age", False),
    ("ask", ["Any spikes?", "--age", "old"], "age", False),
    ("ask", [""], "question", False),
    ("ask", [" \n\t "], "question", False),
    ("ask", ["why? " * 2000], "question", False),
    ("ask", ["\ud800"], "question", False),
    ("ask", [], "question", False),
    ("ask", ["Any spikes?", "--thread", "../../etc"], "thread", False),
    ("ask", ["Any spikes?", "--thread", ""], "thread", False),
    ("ask", ["Any spikes?", "--thread", "x" * 5000], "thread", False),
    ("ask", ["Any spikes?", "--brain", "oracle"], "brain", True),
    ("ask", ["Any spikes?", "--brain", "openai"], "base_url", False),
    ("info", ["--nonsense"], None, False),
    ("info", ["and", "more"], None, False),
)  # fmt: skip


@pytest.mark.parametrize(("command", "arguments", "field", "choices"), REQUESTS)
def test_a_request_that_cannot_be_met_says_which_argument_is_at_fault(
    command, arguments, field, choices, good, tmp_path
):
    output = ["-o", tmp_path / "page.png"] if command == "page" else []
    error = refused(command, good, *arguments, *output)
    assert error["field"] == field
    assert bool(error["choices"]) == choices
    assert not list(tmp_path.iterdir())


def test_a_page_needs_somewhere_to_go(good):
    assert refused("page", good)["field"] == "o"


@pytest.mark.parametrize(
    ("arguments", "field", "choices"),
    [
        (["search", "spindle", "--stage", "N9"], "stage", True),
        (["search", "spindle", "--topic", "weather"], "topic", True),
        (["search", "spindle", "-k", "0"], "k", False),
        (["search", "spindle", "-k", "many"], "k", False),
        (["search", " "], "query", False),
        (["search"], "query", False),
        (["read"], "command", True),
        ([], "search", False),
    ],
)
def test_a_search_that_cannot_be_made_says_why(arguments, field, choices):
    error = refused("knowledge", *arguments)
    assert error["field"] == field
    assert bool(error["choices"]) == choices


def test_an_unknown_command_lists_those_there_are():
    assert "describe" in refused("prescribe")["choices"]


def test_options_are_not_guessed_from_their_beginnings(good):
    assert refused("bands", good, "--dur", "5")["field"] is None


def test_refusals_in_words_are_one_line_and_their_choices(good):
    said = run("detect", good, "--labels", "unicorn")
    first, *more = said.err.splitlines()
    assert (said.code, said.out) == (2, "")
    assert first.startswith("glossa: ")
    assert all(line.startswith("  ") for line in more)


# --- where things are written ------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["page", "detect"])
@pytest.mark.parametrize(
    "place", ["in a missing folder", "below a file", "a folder", "a pipe", "the recording"]
)
def test_an_output_that_cannot_be_written_leaves_everything_as_it_was(command, place, good, tmp_path):
    recording = tmp_path / "a.edf"
    shutil.copy(good, recording)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = recording.read_bytes(), sorted(tmp_path.rglob("*"))
    target = {
        "in a missing folder": tmp_path / "missing" / "out", "below a file": recording / "out",
        "a folder": tmp_path / "folder", "a pipe": tmp_path / "pipe", "the recording": recording,
    }[place]  # fmt: skip
    assert refused(command, recording, "-o", target)["field"] == "o"
    assert (recording.read_bytes(), sorted(tmp_path.rglob("*"))) == before


def test_a_device_is_never_replaced_by_a_picture(good):
    assert refused("page", good, "-o", os.devnull)["field"] == "o"
    assert not os.path.isfile(os.devnull)


def test_a_refused_page_leaves_the_picture_of_before(good, tmp_path):
    (tmp_path / "page.png").write_bytes(b"before")
    refused("page", good, "--montage", "ears", "-o", tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes() == b"before"


@pytest.mark.parametrize("command", ["ask", "chat", "ui"])
def test_a_home_that_cannot_be_written_names_the_setting(command, good, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GLOSSA_HOME", str(tmp_path / "file" / "home"))
    extra = {"ask": ["Any spikes?"], "ui": ["--no-browser", "--port", "0"]}.get(command, [])
    error = refused(command, good, *extra)
    assert error["field"] == "home"
    assert "GLOSSA_HOME" in error["message"]


def test_rules_are_found_without_a_home_that_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GLOSSA_HOME", str(tmp_path / "file"))
    said = run("knowledge", "search", "spindle duration", "--json")
    assert said.code == 0
    assert said.document["results"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "x"), ("BRAIN", "oracle"), ("TIMEOUT_S", "-1"), ("RETENTION_DAYS", "0"), ("IMAGES", "all")],
)
def test_a_setting_that_does_not_fit_is_named(name, value, good, monkeypatch):
    monkeypatch.setenv(f"GLOSSA_{name}", value)
    error = refused("ask", good, "Any spikes?")
    assert error["field"] == name.lower()
    assert f"GLOSSA_{name}" in error["message"]


def test_a_full_disk_under_the_output_is_said_in_one_line(good):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.executable, "-m", "ui.cli", "info", good], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("glossa: ")


# --- servers ---------------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_named_with_a_way_out(good):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = spawn("ui", good, "--no-browser", "--port", taken.getsockname()[1], "--json")
    error = said.error
    assert error["field"] == "port"
    assert "--port" in error["message"]


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_cannot_be_is_refused(port):
    assert refused("ui", "--no-browser", f"--port={port}")["field"] == "port"


@pytest.fixture
def remote(monkeypatch):
    """Choose the remote brain, at an address to be given, with little patience."""

    def choose(address, **settings):
        known = {"BRAIN": "openai", "BASE_URL": address, "MODEL": "m", "API_KEY": "secret-key",
                 "TIMEOUT_S": "1", "MAX_RETRIES": "0"} | settings  # fmt: skip
        for name, value in known.items():
            monkeypatch.setenv(f"GLOSSA_{name}", value)

    return choose


def test_a_model_server_that_is_not_there_names_the_setting(good, remote):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        remote(f"http://127.0.0.1:{closed.getsockname()[1]}/v1")
        error = refused("ask", good, "Any spikes?", within=20)
    assert error["field"] == "base_url"
    assert "GLOSSA_BASE_URL" in error["message"]


@pytest.mark.parametrize(
    "address",
    ["nonsense", "ftp://127.0.0.1/", "http://", "http://127.0.0.1:x/v1", "http://[::1", "http://a\n/"],
)
def test_an_address_that_is_none_is_refused(address, good, remote):
    remote(address)
    assert refused("ask", good, "Any spikes?", within=20)["field"] == "base_url"


BROKEN = {
    "slow": (Reply(text="late", wait=5.0), "timeout_s"),
    "garbage": (garbage(), "base_url"),
    "no JSON": (garbage(b"{{{", "application/json"), "base_url"),
    "an empty body": (garbage(b"", "application/json"), "base_url"),
    "a refused key": (fail(401, "bad key"), "api_key"),
    "an unknown model": (fail(404, "no such model"), "model"),
    "a fault of its own": (fail(500, "oops"), None),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_model_server_that_fails_is_said_in_one_line(case, good, remote):
    reply, field = BROKEN[case]
    with openai_server([reply] * 4) as server:
        remote(server.base_url)
        started = time.perf_counter()
        said = run("ask", good, "Any spikes?", "--json")
        assert time.perf_counter() - started < 20
    keeps_the_name(said)
    assert "secret-key" not in said.out + said.err
    assert said.error["field"] == field or field is None


def test_after_a_server_failed_the_same_thread_goes_on(good, remote):
    with openai_server([fail(500), fail(500), say("No spikes were looked for.")]) as server:
        remote(server.base_url)
        refused("ask", good, "Any spikes?", "--thread", "again", within=20)
    said = run("ask", good, "Any blinks?", "--thread", "again", "--brain", "embedded", "--json")
    assert said.code == 0
    assert said.document["brain"] == "embedded"


def test_nothing_of_the_patient_reaches_a_model_server(good, remote):
    with openai_server([say("Nothing stands out."), say("Nothing stands out.")]) as server:
        remote(server.base_url)
        run("ask", good, "Any spikes?", "--json")
    sent = repr([request.json for request in server.requests])
    assert server.requests
    assert not any(secret in sent for secret in SECRETS)


# --- faults of ours ----------------------------------------------------------------------------------


def test_a_fault_of_ours_is_one_line_without_text_of_the_file(good, monkeypatch):
    def fails(*_):
        raise ValueError(f"could not parse {NAME}")

    monkeypatch.setattr("ui.wording.recording_words", fails)
    said = run("info", good, "--json")
    keeps_the_name(said)
    assert said.code == 1
    assert "ValueError" in said.document["error"]["message"]


def test_the_sample_is_none_of_this(tmp_path):
    assert run("info", demo_recording(tmp_path), "--json").code == 0
