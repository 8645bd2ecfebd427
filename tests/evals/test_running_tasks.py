"""Every task of the catalogue from end to end: small data of its public format, a scripted model on a real socket."""

import os
import shutil
import subprocess
import sys

import pytest

from evals import command, provenance
from evals.catalogue import TASKS
from tests.agent.openai_server import openai_server
from tests.evals import (
    test_tasks_cerebragloss_bench,
    test_tasks_seizure_and_stage,
    test_tasks_sleep_pictures,
    test_tasks_sleepvlm_bench,
)
from tests.evals.scripted import RUNS_INSPECT, answers

pytestmark = [*RUNS_INSPECT, pytest.mark.slow, pytest.mark.timeout(600)]
tuh = test_tasks_seizure_and_stage.tuh
hmc_folder = test_tasks_seizure_and_stage.sleep
cerebragloss = test_tasks_cerebragloss_bench.bench
mass = test_tasks_sleep_pictures.mass
sleep_edf = test_tasks_sleep_pictures.sleep_edf
sleepvlm_rows = test_tasks_sleepvlm_bench.bench


@pytest.fixture(autouse=True)
def _same_code(monkeypatch):
    monkeypatch.setattr(provenance, "code", lambda: "the code under test")


@pytest.fixture
def labelled(tmp_path):
    """Clips of seizures in the form of the shared recordings."""
    folder = tmp_path / "chbmit"
    rows = ["file\tonset_s\tduration_s\tlabel"]
    for name, label in (("chb01_a", "seizure"), ("chb02_b", "background")):
        test_tasks_seizure_and_stage.write_edf(folder / f"{name}.edf", 20, sfreq=100)
        rows.append(f"{name}.edf\t0\t10\t{label}")
    (folder / "labels.tsv").write_text("\n".join(rows) + "\n")
    return tmp_path


@pytest.fixture
def folders(request):
    """Where the data of a task lie; made when asked for."""
    names = {
        "tusz": "tuh", "hmc": "hmc_folder", "cerebragloss-bench": "cerebragloss", "sleepvlm": "mass",
        "eeg-vlm": "sleep_edf", "sleepvlm-bench": "sleepvlm_rows", "recordings": "labelled",
    }  # fmt: skip
    return lambda task: request.getfixturevalue(names[task]) if task in names else None


GENERATED = {"glossa-bench": 4, "consistency": 1, "conversation": 1, "waveforms": 3}
"""Items that are asked of the tasks that are made here."""
WITHOUT_SIGNAL = ("cerebragloss-bench",)


@pytest.mark.parametrize("task", TASKS)
def test_a_task_runs_from_end_to_end(task, folders, tmp_path, tmp_path_factory, monkeypatch):
    systems = ["model", "tools"] if task in WITHOUT_SIGNAL else ["model", "embedded"]
    with openai_server(answers) as server:
        for key, value in {"BASE_URL": server.base_url, "MODEL": "scripted", "MAX_RETRIES": "0"}.items():
            monkeypatch.setenv(f"GLOSSA_{key}", value)
        made = command.run(
            [task], systems, logs=tmp_path / "logs", data=folders(task), controls=False,
            limit=GENERATED.get(task, 4), size=1 if task in GENERATED else None,
        )  # fmt: skip
        count = len(server.requests)
    (report,) = made["tasks"]
    assert report["unanswered"] == {}
    cost = report["cost"]
    assert set(cost) == {"model scripted", "tools" if task in WITHOUT_SIGNAL else "embedded"}
    assert cost["model scripted"]["samples"] > 0
    assert (tmp_path / "logs" / "report" / "report.html").stat().st_size > 1000
    figures = {figure["metric"]: figure["systems"] for figure in report["figures"]}
    if task == "waveforms":  # boxes are asked of detectors; a model is refused in words, and not asked
        assert count == 0
        assert report["boxes"]["embedded"]["labels"]
        return
    assert count > 0
    assert figures
    assert all(made["value"] >= 0 for of in figures.values() for made in of.values())
    if "MCQ accuracy" in figures:
        assert figures["invalid answers"]["model scripted"]["value"] < 1
    if task in ("tusz", "hmc", "recordings", "eeg-vlm", "sleepvlm", "sleepvlm-bench"):
        (classes, *_) = report["classes"].values()
        assert classes["model scripted"]["figures"]["balanced accuracy"]["value"] is not None
        assert sum(sum(row.values()) for row in classes["model scripted"]["confusion"].values()) > 0


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no unshare here")
def test_no_connection_leaves_the_machine(tmp_path):
    """In a network namespace that holds loopback alone, a run works as ever."""
    inside = (
        "ip link set lo up && exec "
        f"{sys.executable} -m ui.cli eval run glossa-bench --size 1 --limit 6 --logs {tmp_path / 'logs'}"
    )
    if subprocess.run(["unshare", "-rn", "ip", "link", "set", "lo", "up"], check=False).returncode:
        pytest.skip("no namespaces here")
    done = subprocess.run(
        ["unshare", "-rn", "sh", "-c", inside], capture_output=True, timeout=550, check=False, text=True,
        env=os.environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "100 % (30 of 30)" in done.stderr
    assert "\r" not in done.stderr
    assert "**embedded**" in done.stdout
