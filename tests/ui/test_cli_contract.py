"""Every command keeps its contract: the keys, types and units of its JSON, on made and on real recordings."""

import csv
import json
import signal
import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from models.demo import demo_recording
from tests.tools.conftest import TEN_TWENTY, Edf
from tests.ui.command_line import CONTRACT, check, run, spawn

REAL = (
    "iiic_sparcnet/GPD_sample1.edf",
    "chbmit/onset_clips/chb01_03_onset.edf",
    "dreams_spindles/excerpt3.edf",
    "dreams_spindles/psg/excerpt3_psg_20ch_anon.edf",
    "eegmmidb/S001R01.edf",
    "eegmat/Subject00_1.edf",
    "yasa_clips/data_resting_EO_200Hz_raw.fif",
)
READS = ("info", "bands", "describe", "detect", "ask")


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    """One home folder for the file: building the rule store takes longer than most tests."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLOSSA_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return demo_recording(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Recordings that differ in what they hold: one channel, bipolar, polygraphy, many channels, 1 s."""
    folder = tmp_path_factory.mktemp("made")
    bipolar = [f"{a}-{b}" for a, b in pairwise(TEN_TWENTY)]
    kinds = {
        "one": Edf(labels=("C3-A2",), sfreq=100, seconds=40),
        "bipolar": Edf(labels=bipolar, sfreq=256),
        "night": Edf(
            labels=("C3-A2", "O1-A2", "EOG1", "EOG2", "EMG chin", "ECG"), sfreq=128, seconds=120,
            patient="X F 02-MAY-1951 X", recording="Startdate 03-APR-2019 X X X", plus="+C",
        ),
        "short": Edf(labels=TEN_TWENTY, seconds=1),
        "slow": Edf(labels=("Fz", "Cz"), sfreq=50, seconds=30),
    }  # fmt: skip
    for name, edf in kinds.items():
        (folder / f"{name}.edf").write_bytes(edf.header() + edf.data())
    return folder


def obeys(command, *arguments):
    """Run a command with --json and hold its document to the contract."""
    said = run(command, *arguments, "--json")
    assert said.code == 0, said.out
    check(said.document, CONTRACT[command], command)
    return said.document


@pytest.mark.parametrize("command", READS)
@pytest.mark.parametrize("name", ["one", "bipolar", "night", "short", "slow"])
def test_documents_keep_the_contract_whatever_the_recording_holds(command, name, made):
    question = ["What does this EEG show?"] if command == "ask" else []
    obeys(command, made / f"{name}.edf", *question)


@pytest.mark.parametrize("command", READS)
def test_documents_of_the_sample_keep_the_contract(command, sample):
    obeys(command, sample, *(["Any blinks?"] if command == "ask" else []))


@pytest.mark.real_data
@pytest.mark.parametrize("file", REAL)
def test_documents_of_real_recordings_keep_the_contract(file, real_data, tmp_path):
    path = real_data / file
    for command in READS:
        extra = {"ask": ["What does this EEG show?"], "detect": ["--duration", "30"]}.get(command, [])
        obeys(command, path, *extra)
    obeys("page", path, "-o", tmp_path / "page.png")


@pytest.mark.real_data
def test_every_file_of_the_collections_opens_or_is_refused_in_words(real_data):
    endings = {".edf", ".bdf", ".vhdr", ".set", ".fif", ".gdf", ".cnt", ".lay", ".eeg", ".21e"}
    files = [p for p in sorted(real_data.rglob("*")) if p.suffix.lower() in endings]
    assert len(files) > 50
    for path in files:
        said = run("info", path, "--json")
        if said.code == 0:
            check(said.document, CONTRACT["info"], path.name)
        else:
            assert said.error["field"] == "file"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.pop("caption"), lambda d: d.update(quality="fine"), lambda d: d.pop("not_analysed"),
        lambda d: d["background"].update(dominant=[]), lambda d: d["background"]["bands_hz"].update(alpha="8-13"),
        lambda d: d["artifacts"][0].update(confidence=1.5), lambda d: d["artifacts"][0].pop("masked_by"),
        lambda d: d["artifacts"][0].update(label="blink"), lambda d: d["artifacts"][0].update(onset=True),
        lambda d: d["artifacts"][0]["amplitude"].update(kind="peak"),
    ],
)  # fmt: skip
def test_the_checker_notices_what_breaks_the_contract(spoil, sample):
    document = obeys("describe", sample)
    spoil(document)
    with pytest.raises(AssertionError):
        check(document, CONTRACT["describe"])


# --- what the documents say -----------------------------------------------------------------------


def test_without_a_place_describe_and_bands_take_the_first_ten_seconds(sample):
    bands = obeys("bands", sample)
    assert (bands["onset"], bands["duration"]) == (0, 10)
    assert ", 0–10 s." in obeys("describe", sample)["caption"]


def test_a_start_alone_moves_the_ten_seconds(sample):
    bands = obeys("bands", sample, "--start", 42.5)
    assert (bands["onset"], bands["duration"]) == (42.5, 10)


def test_a_stretch_is_cut_at_the_end_of_the_recording(sample):
    bands = obeys("bands", sample, "--start", 296, "--duration", 60)
    assert (bands["onset"], bands["duration"]) == (296, 4)


def test_detect_without_a_place_searches_the_whole_recording(sample):
    assert obeys("detect", sample, "--labels", "blink")["analysed"]["seconds"] == 300


def test_bands_of_a_sine_are_half_its_amplitude_squared(tmp_path):
    wave = np.round(200 * np.sin(2 * np.pi * 10 * np.arange(4000) / 200)).astype(int)
    edf = Edf(labels=("C3-A2",), seconds=20, physical=(-3276.8, 3276.7), digital=[wave])
    (tmp_path / "sine.edf").write_bytes(edf.header() + edf.data())
    (channel,) = obeys("bands", tmp_path / "sine.edf")["channels"]
    assert channel["absolute_uv2"]["alpha"] == pytest.approx(20**2 / 2, rel=0.01)
    assert channel["relative"]["alpha"] == pytest.approx(1, abs=0.01)


def test_bands_keep_to_the_channels_asked_for(sample):
    channels = obeys("bands", sample, "--channels", "O2,t7")["channels"]
    assert [channel["name"] for channel in channels] == ["O2", "T3"]


def test_age_of_the_command_line_reaches_info_and_describe(sample):
    assert obeys("info", sample)["age_years"] is None
    assert obeys("info", sample, "--age", "34.5")["age_years"] == 34.5
    assert "the age is unknown" in obeys("describe", sample)["caption"]
    assert "the age is unknown" not in obeys("describe", sample, "--age", "34")["caption"]


def test_age_of_the_command_line_reaches_the_answer(sample):
    question = "Is the posterior rhythm normal for the age?"
    without, given = (obeys("ask", sample, question, *age)["answer"] for age in ([], ["--age", "34"]))
    assert without != given


def test_age_and_sex_of_the_file_are_kept_and_its_date_is_not(made):
    said = run("info", made / "night.edf", "--json")
    assert (said.document["age_years"] // 1, said.document["sex"]) == (67, "female")
    assert "2019" not in said.out
    assert "1951" not in said.out


@pytest.mark.parametrize(
    "montage", ["average", "longitudinal", "transverse", "laplacian", "cz", "as_recorded"]
)
def test_pages_are_written_in_every_montage(montage, sample, tmp_path):
    document = obeys("page", sample, "--montage", montage, "--start", 20, "-o", tmp_path / "page.png")
    assert document["page"]["montage"] == montage
    with Image.open(tmp_path / "page.png") as picture:
        assert picture.size == (document["width"], document["height"])
    assert all(0 <= axis["y0"] < axis["y1"] <= document["height"] for axis in document["axes"])


@pytest.mark.parametrize("profile", ["clinical", "cerebragloss"])
def test_pages_are_written_in_the_profiles_of_a_page(profile, sample, tmp_path):
    document = obeys("page", sample, "--profile", profile, "--start", 20, "-o", tmp_path / "page.png")
    assert document["page"]["profile"] == profile
    assert [p.name for p in tmp_path.iterdir()] == ["page.png"]


def test_sleepvlm_writes_three_pictures_and_its_bench_one(tmp_path):
    labels = ("F4-M1", "C4-M1", "O2-M1", "EOG1", "EOG2", "EMG chin")
    edf = Edf(labels=labels, sfreq=128, seconds=120)
    (tmp_path / "night.edf").write_bytes(edf.header() + edf.data())
    place = ("--start", 30, "--profile")
    document = obeys("page", tmp_path / "night.edf", *place, "sleepvlm", "-o", tmp_path / "a.png")
    assert document["path"] == str(tmp_path / "a_target.png")
    obeys("page", tmp_path / "night.edf", *place, "sleepvlm-bench", "-o", tmp_path / "b.png")
    written = {p.name for p in tmp_path.glob("*.png")}
    assert written == {"a_previous.png", "a_target.png", "a_next.png", "b.png"}


def test_detected_events_are_written_with_bids_columns(sample, tmp_path):
    document = obeys("detect", sample, "--labels", "eyem,spindle", "-o", tmp_path / "events.tsv")
    with (tmp_path / "events.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert list(rows[0])[:4] == ["onset", "duration", "trial_type", "channel"]
    assert len(rows) == len(document["events"]) > 10
    onsets = [float(row["onset"]) for row in rows]
    assert onsets == sorted(onsets)
    assert {row["trial_type"] for row in rows} == {"eyem", "spindle"}


def test_every_finding_of_an_answer_has_grounds(sample):
    answer = obeys("ask", sample, "What does this EEG show?")
    assert answer["findings"]
    assert all(finding["evidence"] for finding in answer["findings"])
    assert {e["kind"] for f in answer["findings"] for e in f["evidence"]} >= {"measurement"}
    assert answer["not_analysed"]
    assert answer["brain"] == "embedded"


def test_a_choice_is_named_by_its_letter(sample):
    question = "Which rhythm dominates at O1? A) delta B) alpha C) beta"
    assert obeys("ask", sample, question)["choice"] == "B"


def test_a_thread_goes_on_and_keeps_to_its_recording(sample, made):
    first = obeys("ask", sample, "Any blinks?", "--thread", "visit", "--start", 0, "--duration", 20)
    again = obeys("ask", sample, "And on the right?", "--thread", "visit")
    assert first["thread"] == again["thread"] == "visit"
    assert "blink" in again["answer"].lower()
    error = run("ask", made / "bipolar.edf", "Any blinks?", "--thread", "visit", "--json").error
    assert error["field"] == "thread"
    assert "another recording" in error["message"]


def test_chat_reads_questions_from_a_pipe(sample):
    said = spawn("chat", sample, "--json", stdin="Any blinks?\nAnd at O1?\n")
    assert said.code == 0, said.err
    check(said.document, CONTRACT["chat"], "chat")
    assert len(said.document["answers"]) == 2
    assert {answer["thread"] for answer in said.document["answers"]} == {said.document["thread"]}


def test_chat_answers_at_once_and_in_words(sample):
    said = spawn("chat", sample, stdin="Any blinks?\n" + "x" * 10_000 + "\nAny spindles?\n\nnot read\n")
    assert said.code == 0
    assert said.out.count("For research and education only") == 1
    assert "blink" in said.out.lower()
    assert "spindle" in said.out.lower()
    assert "glossa:" in said.err


def test_rules_are_found_with_their_sources():
    document = run("knowledge", "search", "what makes an epoch N2?", "-k", "3", "--json").document
    check(document, CONTRACT["knowledge"], "knowledge")
    assert len(document["results"]) == 3
    assert all(result["source"] for result in document["results"])


def test_nothing_found_is_an_empty_list():
    assert run("knowledge", "search", "qwxz", "--json").document == {"results": []}


@pytest.mark.slow
def test_bench_prints_one_document():
    said = spawn("bench", "--rounds", "3", "--hours", "0.2", "--json", timeout=110)
    assert said.code == 0, said.err
    for case in said.document["cases"]:
        assert {"name", "goal", "met"} <= set(case)


@pytest.mark.timeout(240)  # it takes ten seconds, and many times that beside other work
def test_the_browser_front_starts_and_stops_without_complaint(sample):
    command = [sys.executable, "-m", "ui.cli", "ui", str(sample), "--no-browser", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # What runs in the background of a script inherits deaf ears for Ctrl+C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as server:  # fmt: skip
        line = server.stderr.readline()
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=100)
    assert "http://127.0.0.1:" in line
    assert (server.returncode, out, err) == (0, "", "")


# --- how it is said -------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [*READS, "knowledge"])
def test_words_fit_the_width_of_a_terminal_and_progress_stays_off_stdout(command, sample, monkeypatch):
    monkeypatch.setenv("COLUMNS", "90")
    arguments = {"ask": [sample, "What does this EEG show?"], "knowledge": ["search", "spindle"],
                 "detect": [sample, "--duration", 30]}.get(command, [sample])  # fmt: skip
    said = run(command, *arguments)
    assert said.code == 0
    assert said.out.strip()
    assert "…" not in said.out
    assert all(len(line) <= 100 or "http" in line or "--thread" in line for line in said.out.splitlines())


def test_no_line_ends_between_a_number_and_its_unit(sample, monkeypatch):
    for width in range(60, 100, 5):
        monkeypatch.setenv("COLUMNS", str(width))
        lines = run("describe", sample).out.splitlines()
        starts = [line.split()[0].strip(".,;)") for line in lines if line.strip()]
        assert not {"s", "Hz", "µV", "%"} & set(starts)


def test_events_are_listed_by_time_with_their_names_aligned(sample):
    lines = run("detect", sample, "--labels", "eyem", "--duration", 60).out.splitlines()
    events = [line for line in lines if " s  blink at " in line]
    assert len(events) >= 3
    assert {line.index("blink") for line in events} == {11}
    onsets = [float(line.split()[0]) for line in events]
    assert onsets == sorted(onsets)


def test_words_survive_a_terminal_without_the_letters(sample):
    said = spawn("bands", sample, "--duration", "4", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert said.code == 0, said.err
    assert "alpha" in said.out


def test_json_is_utf8_whatever_the_terminal(sample):
    said = spawn("describe", sample, "--json", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert said.code == 0, said.err
    assert "µV" in json.loads(said.out)["caption"]


def test_help_is_quick_and_loads_nothing_heavy():
    code = "import sys; from ui.cli import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        seconds.append(time.perf_counter() - started)
    loaded = set(done.stderr.split())
    assert not loaded & {"numpy", "scipy", "pydantic", "mne", "langgraph", "chromadb", "gradio", "torch"}
    assert min(seconds) <= 0.5


def test_looking_into_a_file_loads_no_signal_processing_and_no_framework(sample):
    code = "import sys; from ui.cli import main; main(['info', sys.argv[1]]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code, str(sample)], capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.split())
    assert not loaded & {"scipy.signal", "mne", "langgraph", "langchain_core", "chromadb", "gradio"}


def test_a_reader_that_goes_away_ends_the_command_quietly(sample):
    command = f"{sys.executable} -m ui.cli info {sample} --json | head -c 10"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""


def test_version_and_help_answer_without_a_command():
    assert run("--version").out.strip()
    assert "COMMAND" in run().out
