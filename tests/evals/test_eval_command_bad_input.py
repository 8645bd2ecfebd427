"""``glossa eval`` and what cannot work: exit code 2, one line that says what would, finished work kept."""

import builtins
import json
import resource
import sys
import time

import pytest

from evals import catalogue, provenance
from evals.catalogue import MODELS, TASKS, Entry
from evals.records import Task
from tests.agent.openai_server import fail, openai_server, say
from tests.evals import scripted, test_tasks_cerebragloss_bench, test_tasks_seizure_and_stage
from tests.evals.scripted import RUNS_INSPECT, toy
from tests.ui.command_line import run, spawn

pytestmark = RUNS_INSPECT
tuh = test_tasks_seizure_and_stage.tuh
bench = test_tasks_cerebragloss_bench.bench


@pytest.fixture(autouse=True)
def _same_code(monkeypatch):
    monkeypatch.setattr(provenance, "code", lambda: "the code under test")


@pytest.fixture
def toy_task(tmp_path, monkeypatch):
    """The toy task as one of the catalogue."""

    def load(folder, *, limit=None, seed=0, size=1, data=None):
        made: Task = toy(tmp_path / "toy")
        return made.model_copy(update={"items": made.items[:limit]})

    monkeypatch.setattr(scripted, "load", load, raising=False)
    monkeypatch.setitem(catalogue.TASKS, "toy", Entry("tests.evals.scripted", False))


@pytest.fixture
def at(monkeypatch):
    """Name a server to the settings."""

    def name(server):
        for key, value in {"BASE_URL": server.base_url, "MODEL": "m", "MAX_RETRIES": "0"}.items():
            monkeypatch.setenv(f"GLOSSA_{key}", value)

    return name


def test_an_unknown_task_or_model_is_told_with_those_that_are(tmp_path):
    said = run("eval", "run", "glossabench", "--logs", tmp_path, "--json")
    assert said.error["field"] == "task"
    assert said.error["choices"] == list(TASKS)
    said = run("eval", "run", "glossa-bench", "--model", "gpt", "--logs", tmp_path, "--json")
    assert said.error["field"] == "model"
    assert said.error["choices"] == list(MODELS)


def test_a_missing_folder_is_told(tmp_path):
    for more in ((), ("--data", tmp_path / "nowhere")):
        said = run("eval", "run", "tusz", *more, "--logs", tmp_path / "logs", "--json")
        assert said.error["field"] == "data"
    said = run("eval", "report", "--logs", tmp_path / "nowhere", "--json")
    assert said.error["field"] == "logs"


def test_a_folder_without_runs_has_nothing_to_report(tmp_path):
    assert "run a task" in run("eval", "report", "--logs", tmp_path, "--json").error["message"]


def test_a_wrong_schema_names_the_key_and_those_found(bench, tmp_path):
    path = bench / "bench.json"
    path.write_text(path.read_text().replace('"options"', '"choices"'))
    error = run(
        "eval", "run", "cerebragloss-bench", "--data", bench, "--logs", tmp_path / "logs", "--json"
    ).error
    assert "options" in error["message"]
    assert "choices" in error["choices"]


def test_a_picture_that_does_not_decode_is_named(bench, tmp_path):
    (bench / "img" / "4_av.jpg").write_bytes(b"\xff\xd8 no picture")
    error = run(
        "eval", "run", "cerebragloss-bench", "--data", bench, "--logs", tmp_path / "logs", "--json"
    ).error
    assert "4_av.jpg" in error["message"]


def test_labels_longer_than_their_signal_are_told_with_the_file(tuh, tmp_path):
    path = next(tuh.rglob("bbbbbbbb*.csv_bi"))
    test_tasks_seizure_and_stage.write_csv_bi(path, [(0, 60, "bckg"), (60, 400, "seiz")], 400)
    error = run("eval", "run", "tusz", "--data", tuh, "--logs", tmp_path / "logs", "--json").error
    assert "bbbbbbbb" in error["message"]


def test_without_the_extra_the_command_says_how_to_get_it(toy_task, tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == "inspect_ai":
            raise ImportError("No module named 'inspect_ai'")
        return real(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.split(".")[0] == "inspect_ai"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    assert "evals" in run("eval", "run", "toy", "--logs", tmp_path / "logs", "--json").error["message"]
    (tmp_path / "logs").mkdir(exist_ok=True)
    assert "evals" in run("eval", "report", "--logs", tmp_path / "logs", "--json").error["message"]


def test_logs_that_cannot_be_written_are_told_before_any_work(toy_task, tmp_path):
    (tmp_path / "file").write_text("")
    error = run("eval", "run", "toy", "--model", "tools", "--logs", tmp_path / "file", "--json").error
    assert error["field"] == "logs"
    assert (
        run("eval", "run", "toy", "--model", "tools", "--logs", "/proc/none", "--json").error["field"]
        == "logs"
    )


def test_a_model_that_is_not_set_is_told(toy_task, tmp_path, monkeypatch):
    for name in ("GLOSSA_BASE_URL", "GLOSSA_MODEL"):
        monkeypatch.delenv(name, raising=False)
    error = run("eval", "run", "toy", "--model", "model", "--logs", tmp_path / "logs", "--json").error
    assert "GLOSSA_BASE_URL" in error["message"]


def test_a_dead_server_leaves_a_report_and_exit_code_2_and_the_next_run_finishes(toy_task, at, tmp_path):
    command = (
        "eval",
        "run",
        "toy",
        "--model",
        "model",
        "--no-controls",
        "--logs",
        tmp_path / "logs",
        "--json",
    )
    with openai_server(lambda request: say("**A.**") if len(server.requests) <= 3 else fail(503)) as server:
        at(server)
        error = run(*command).error
    assert "5 samples have no answer" in error["message"]
    assert "503" in error["message"]
    page = (tmp_path / "logs" / "report" / "report.md").read_text()
    assert "**Unfinished: 5 of 8 samples of model m have no answer and count as invalid**" in page
    with openai_server(lambda request: say("**A.**")) as server:
        at(server)
        said = run(*command)
        assert len(server.requests) == 5
    assert said.code == 0
    assert said.document["tasks"][0]["unanswered"] == {}
    assert "Unfinished" not in (tmp_path / "logs" / "report" / "report.md").read_text()


def test_an_unchanged_command_asks_nothing_and_is_quick(toy_task, at, tmp_path):
    command = ("eval", "run", "toy", "--model", "model", "--logs", tmp_path / "logs", "--json")
    with openai_server(lambda request: say("**B.**")) as server:
        at(server)
        first = run(*command).document["tasks"]
        count = len(server.requests)
        begun = time.process_time()
        second = run(*command).document["tasks"]
        assert time.process_time() - begun < 2.0
        assert len(server.requests) == count
    assert json.dumps(first) == json.dumps(second)


@pytest.mark.slow
def test_help_is_there_at_once():
    assert spawn("--help").code == 0
    assert min(_cpu(), _cpu(), _cpu()) < 0.5


def _cpu():
    """Seconds of processor that ``glossa --help`` takes; the clock on the wall also counts the neighbours."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    spawn("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_the_list_names_every_task_with_its_card():
    made = run("eval", "list", "--json").document
    assert [task["name"] for task in made["tasks"]] == list(TASKS)
    for task in made["tasks"]:
        assert {"source", "licence", "measures", "floor", "ceiling", "version"} <= set(task)
        assert all(task[key] for key in ("source", "licence", "measures", "floor", "ceiling"))
