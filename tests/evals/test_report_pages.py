"""The report as files: unfinished runs are told, published figures stand apart, failed samples lead to their trace."""

import json
import re

import pytest

from evals import command, provenance
from evals.reading import collect
from evals.records import Item, Reply, Task
from evals.running import run
from evals.tasks import tusz
from models.simulate import write_edf
from tests.evals.scripted import RUNS_INSPECT

pytestmark = RUNS_INSPECT


@pytest.fixture(autouse=True)
def _same_code(monkeypatch):
    monkeypatch.setattr(provenance, "code", lambda: "the code under test")


class Always:
    """Chooses one letter, and says which tool it called."""

    def __init__(self, name, letter):
        self.name, self.letter = name, letter

    def reply(self, item, folder):
        call = {"name": "find_waveforms", "args": {"labels": ["seizure"]}, "ok": True}
        return Reply(texts=(f"**{self.letter}.** <b>&</b>",), choice=self.letter, tool_calls=(call,))


@pytest.fixture
def seizures(tmp_path):
    """Four windows of one simulated recording, asked as the corpus is."""
    from models.frozen import tuning_segments
    from models.simulate import Simulated

    (segment, *_) = (one.segment for one in tuning_segments(categories=("normal",), per_category=1))
    write_edf(Simulated(segment, ()), tmp_path / "a.edf")
    items = tuple(
        Item(
            id=f"a@{n}", kind="mcq", group=f"p{n}", category="seizure question", recording="a.edf",
            duration=5.0, turns=(f"{tusz.QUESTION}\nA) Yes\nB) No",), options=("Yes", "No"), key="ABBB"[n],
        )
        for n in range(4)
    )  # fmt: skip
    return Task(card=tusz.CARD, folder=tmp_path, items=items)


@pytest.fixture
def made(seizures, tmp_path):
    systems = [Always("careful", "B"), Always("majority", "A")]
    paths = run([seizures], {"tusz": systems}, tmp_path / "logs")
    return command._reported(
        collect(tmp_path / "logs", paths), tmp_path / "logs"
    ), tmp_path / "logs" / "report"


def test_the_headline_is_the_primary_score_of_the_card(made):
    text = made[0]["text"]
    assert "- **careful**: balanced accuracy 50.0" in text
    classes = made[0]["tasks"][0]["classes"][tusz.QUESTION]["careful"]
    assert classes["recall"] == {"Yes": 0.0, "No": 1.0}
    assert classes["figures"]["accuracy"]["value"] == 0.75


def test_published_figures_are_named_so_and_share_no_table_with_measured_ones(made):
    head, _, tail = made[0]["text"].partition("## Published figures, not measured here")
    assert "CerebraGloss-7B" in tail
    assert "CerebraGloss-7B" not in head
    assert "careful" in head
    assert "careful" not in tail
    assert "not comparable" in tail
    told = json.dumps(made[0]["tasks"])
    assert "CerebraGloss-7B" not in told


def test_a_failed_sample_shows_its_page_its_calls_and_where_its_trace_lies(made):
    document, folder = made
    (page,) = folder.glob("failed-tusz-careful-*.html")
    html = page.read_text()
    assert html.count("<article") == 1
    assert "find_waveforms(labels=[" in html
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in html
    (picture,) = re.findall(r'src="(pages/[^"]+)"', html)
    assert (folder / picture).read_bytes().startswith(b"\x89PNG")
    (log,) = re.findall(r'href="([^"]+\.eval)"', html)
    assert (folder / log).resolve() == (folder / document["tasks"][0]["logs"]["careful"]).resolve()
    assert "<code>a@0</code>" in html


def test_the_page_needs_nothing_from_elsewhere(made):
    html = (made[1] / "report.html").read_text()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', html.replace('<a href="https://doi.org', ""))
    assert "<script" not in html
    assert "majority (control)" in html


def test_the_report_is_written_as_data_too(made):
    document = json.loads((made[1] / "report.json").read_text())
    assert document["tasks"][0]["figures"] == json.loads(json.dumps(made[0]["tasks"][0]["figures"]))
    assert document["tasks"][0]["run"]["code"] == "the code under test"


def test_systems_are_rows_and_no_table_is_wider_than_eight_columns(made):
    rows = [line for line in made[0]["text"].splitlines() if line.startswith("|")]
    assert any(line.startswith("| **careful** |") for line in rows)
    assert max(line.count("|") - 1 for line in rows) <= 8


def test_a_report_without_calibration_says_so(made):
    assert "No reply of this task carries a confidence." in made[0]["text"]
