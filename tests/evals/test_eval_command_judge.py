"""A judge in the command: marks beside the logs, nothing judged twice, nothing sent without one."""

import json

import pytest

from evals import command, provenance
from evals.judging import judge_runs, read_marks
from evals.reading import collect
from evals.records import Item, Reply, Task
from evals.running import run
from evals.scorers.judge import AXES
from evals.scorers.judge_server import Server
from tests.agent.openai_server import fail, openai_server, say
from tests.evals.scripted import CARD, RUNS_INSPECT
from tests.ui.command_line import run as cli

pytestmark = RUNS_INSPECT


@pytest.fixture(autouse=True)
def _same_code(monkeypatch):
    monkeypatch.setattr(provenance, "code", lambda: "the code under test")


class Writer:
    """Describes every segment alike, and item-2 not at all."""

    def __init__(self, name="writer", text="Spindles at C3."):
        self.name, self.text = name, text

    def reply(self, item, folder):
        if item.id == "item-2":
            return Reply(error="this item has a picture and no signal")
        return Reply(texts=(self.text,))


def described(folder):
    items = tuple(
        Item(
            id=f"item-{n}", kind="description", group=f"segment {n}", category="toy", turns=("What is seen?",),
            reference="" if n == 4 else f"Spindles at C3, {n + 11} Hz.",
        )
        for n in range(5)
    )  # fmt: skip
    return Task(card=CARD, folder=folder, items=items)


def runs_of(tmp_path, *systems):
    paths = run([described(tmp_path)], {"toy": list(systems)}, tmp_path / "logs")
    return collect(tmp_path / "logs", paths)


def marks(overall):
    return say(json.dumps(dict.fromkeys(AXES, overall) | {"overall": overall}))


def fair(request):
    """Marks by the reference; the first of two answers that are compared."""
    shown = json.loads(request.messages[1]["content"])
    return say('{"better": "first"}') if "first" in shown else marks(7 if "11" in shown["reference"] else 5)


def at(server):
    return Server(base_url=server.base_url, model="judge-1", timeout_s=5.0)


def kept(server):
    """Requests for marks of answers as they were given, without those of the checks."""
    shown = [json.loads(request.messages[1]["content"]) for request in server.requests]
    return [each for each in shown if "answer" in each]


def test_answers_with_a_reference_are_judged_and_their_marks_lie_beside_the_log(tmp_path):
    runs = runs_of(tmp_path, Writer(), Writer("template", "Nothing."))
    with openai_server(fair) as server:
        assert judge_runs(runs, at(server)) is None
        asked = kept(server)
    assert {each["answer"].split("\n")[0] for each in asked} == {"Spindles at C3."}  # no control
    mine = next(one for one in runs if one.system == "writer")
    (made,) = read_marks(mine)
    assert set(made.judgements) == {"item-0", "item-1", "item-3"}  # one never came, one has no reference
    assert made.judgements["item-0"].mark() == 7.0
    assert made.setup.model == "judge-1"
    assert list(mine.log.parent.glob("marks-judge-1-*.jsonl"))


def test_what_is_judged_is_not_sent_again_and_another_judge_begins_anew(tmp_path):
    runs = runs_of(tmp_path, Writer())
    with openai_server(fair) as server:
        judge_runs(runs, at(server))
        count = len(server.requests)
        judge_runs(runs, at(server))
        assert len(server.requests) == count
        judge_runs(runs, at(server)._replace(seed=5))
        assert len(server.requests) > count


def test_a_judge_that_dies_keeps_its_marks_and_goes_on_later(tmp_path):
    runs = runs_of(tmp_path, Writer())
    with openai_server(lambda request: fair(request) if len(server.requests) <= 2 else fail(400)) as server:
        trouble = judge_runs(runs, at(server))
    assert "without marks" in trouble.message
    assert "Run it again" in trouble.message
    (made,) = read_marks(runs[0])
    assert sum(one.judged for one in made.judgements.values()) == 1
    with openai_server(fair) as server:
        assert judge_runs(runs, at(server)) is None
        assert "Spindles at C3, 11 Hz." not in {one["reference"] for one in kept(server)[:4]}
    (made,) = read_marks(runs[0])
    assert all(one.judged for one in made.judgements.values())


def test_a_judge_that_writes_prose_is_told_and_its_answers_stay_unjudged(tmp_path):
    runs = runs_of(tmp_path, Writer())
    with openai_server(lambda request: say("A fine answer, I would say.")) as server:
        trouble = judge_runs(runs, at(server))
    assert "gave no marks" in trouble.message
    assert "A fine answer" in trouble.message
    assert trouble.field == "judge_model"
    text = command._reported(runs, tmp_path / "logs")["text"]
    assert "0 / 3 / 1" in text


def test_a_line_that_a_kill_cut_short_is_judged_again(tmp_path):
    runs = runs_of(tmp_path, Writer())
    with openai_server(fair) as server:
        judge_runs(runs, at(server))
        (path,) = runs[0].log.parent.glob("marks-*.jsonl")
        lines = [line for line in path.read_text().splitlines() if "case" in line]
        path.write_text("\n".join(lines[:-1]) + "\n" + lines[-1][:40])
        count = len(server.requests)
        judge_runs(runs, at(server))
        assert len(server.requests) == count + 2  # one answer, twice
    (made,) = read_marks(runs[0])
    assert len(made.judgements) == 3


def test_the_report_names_judge_prompt_agreement_and_checks(tmp_path):
    runs = runs_of(tmp_path, Writer(), Writer("template", "Nothing."))
    with openai_server(fair) as server:
        judge_runs(runs, at(server), controls=True)
    made = command._reported(runs, tmp_path / "logs")
    (panel,) = made["tasks"][0]["judges"]
    assert panel["setup"]["model"] == "judge-1"
    assert len(panel["setup"]["prompt_sha256"]) == 64
    writer = panel["systems"]["writer"]
    assert writer["marks"]["overall"]["value"] == pytest.approx((7 + 5 + 5 + 1) / 4)  # 1: it never came
    assert writer["marks"]["overall"]["low"] is not None
    assert (writer["judged"], writer["unjudged"], writer["absent"]) == (3, 0, 1)
    assert (writer["difference"], writer["equal"]) == (0.0, 1.0)
    assert writer["ahead"]["value"] == 0.0
    assert panel["checks"]["padding_gain"] == 0.0
    assert panel["checks"]["first_preferred"] == 1.0
    assert "judge-1" in made["text"]
    assert "100 % of verdicts are for what stood first" in made["text"]


def test_without_a_judge_the_report_says_so(tmp_path):
    made = command._reported(runs_of(tmp_path, Writer()), tmp_path / "logs")
    assert made["tasks"][0]["judged"] is False
    assert "Nothing was judged" in made["text"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (("--judge-model", "m"), "judge"),
        (("--judge", "http://127.0.0.1:9/v1"), "judge_model"),
        (("--judge", "not an address", "--judge-model", "m"), "base_url"),
        (("--judge", "http://127.0.0.1:9/v1", "--judge-model", "m", "--judge-repeats", "1"), "judge_repeats"),
    ],
)
def test_a_judge_that_cannot_be_right_is_refused_before_any_work(tmp_path, given, field):
    said = cli("eval", "run", "glossa-bench", "--logs", tmp_path / "logs", *given, "--json")
    assert said.error["field"] == field
    assert not (tmp_path / "logs").exists()
