"""Figures of the report against worked examples: classes, calibration, faults that may pass."""

import openai
import pytest

from agent.brains.openai_errors import UnusableReplyError
from evals.calibration import calibration
from evals.metrics import Row
from evals.records import Item
from evals.sets import NO_ANSWER, class_figures
from evals.systems.controls import medoid
from evals.systems.faults import passing
from tools.types import ToolError


def row(number, kind="mcq", **details):
    return Row(str(number), kind, f"patient {number}", "c", {}, False, details, 0.0, 0, "", "", None)


def asked(keys, said, options=("Yes", "No")):
    """Items of one question with these keys, and rows with these letters."""
    items = {
        str(n): Item(id=str(n), kind="mcq", group="g", category="c", turns=("Is it?\nA) Yes\nB) No",),
                     options=options, key=key)
        for n, key in enumerate(keys)
    }  # fmt: skip
    return [row(n, letter=letter) for n, letter in enumerate(said)], items


def test_balanced_accuracy_is_the_mean_recall_and_an_unreadable_answer_is_wrong():
    rows, items = asked("AAAABB", ["A", "A", "A", "B", "B", None])
    made = class_figures("tusz", rows, items)["Is it?"]
    assert made.recall == {"Yes": 0.75, "No": 0.5}
    assert made.figures["balanced accuracy"].value == pytest.approx(0.625)
    assert made.figures["accuracy"].value == pytest.approx(4 / 6)
    assert made.confusion == {
        "Yes": {"Yes": 3, "No": 1, NO_ANSWER: 0},
        "No": {"Yes": 0, "No": 1, NO_ANSWER: 1},
    }
    low, high = made.figures["balanced accuracy"].low, made.figures["balanced accuracy"].high
    assert low < 0.625 < high


def test_a_class_that_does_not_occur_has_no_recall_and_does_not_count_in_balanced_accuracy():
    rows, items = asked("AAA", ["A", "A", "B"])
    made = class_figures("hmc", rows, items)["Is it?"]
    assert made.recall["No"] is None
    assert made.figures["balanced accuracy"].value == pytest.approx(2 / 3)


def test_a_letter_without_an_option_is_no_answer():
    rows, items = asked("AB", ["E", "B"])
    assert class_figures("tusz", rows, items)["Is it?"].confusion["Yes"][NO_ANSWER] == 1


def test_stages_said_in_words_are_sorted_like_choices():
    items = {
        str(n): Item(
            id=str(n), kind="qa", group="g", category="c", turns=("Which?",), expects={"stage": stage}
        )
        for n, stage in enumerate(("N2", "N2", "R", "W"))
    }
    rows = [row(0, "qa", stage="N2"), row(1, "qa", stage="N1"), row(2, "qa", stage="R"), row(3, "qa")]
    made = class_figures("eeg-vlm", rows, items)["Sleep stage"]
    assert made.recall == {"W": 0.0, "N1": None, "N2": 0.5, "N3": None, "R": 1.0}
    assert made.figures["balanced accuracy"].value == pytest.approx(0.5)


def test_tasks_whose_options_differ_from_item_to_item_have_no_classes():
    rows, items = asked("AB", ["A", "B"])
    assert class_figures("glossa-bench", rows, items) == {}


def test_confidences_are_compared_with_what_came_true():
    one = row(0, "stages", true=["W", "N2", "N2", "R"], said=["W", "N2", "N1", "N1"],
              confidences=[0.9, 0.9, 0.5, None])  # fmt: skip
    made = calibration([one])
    assert set(made) == {"stages"}
    high, low = made["stages"].bins[1], made["stages"].bins[0]
    assert (low.n, low.confidence, low.right) == (1, 0.5, 0.0)
    assert (high.n, high.right) == (2, 1.0)
    assert made["stages"].error == pytest.approx((1 * 0.5 + 2 * 0.1) / 3)


def test_replies_without_confidences_have_no_calibration():
    assert calibration([row(0), row(1, "stages", true=["W"], said=["W"])]) == {}


def caused(cause, field="model"):
    error = ToolError("It went wrong.", field=field)
    error.__cause__ = cause
    return error


def status(code):
    import httpx

    response = httpx.Response(code, request=httpx.Request("POST", "http://127.0.0.1/v1"))
    return openai.APIStatusError("no", response=response, body=None)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ToolError("this item has a picture and no signal"), False),
        (ToolError("There is no such file.", field="file"), False),
        (caused(status(503), "base_url"), True),
        (caused(status(429), "max_retries"), True),
        (caused(status(401), "api_key"), True),
        (caused(status(404)), True),
        (caused(status(400)), False),
        (caused(status(400), "images"), True),
        (caused(TimeoutError(), "timeout_s"), True),
        (caused(UnusableReplyError("broken_off"), "base_url"), True),
        (caused(UnusableReplyError("empty")), False),
        (caused(UnusableReplyError("endless")), False),
        (caused(ValueError("of a file"), "file"), False),
    ],
)
def test_a_failure_may_pass_if_it_is_the_servers_or_a_settings(error, expected):
    assert passing(error) is expected


def test_the_constant_template_is_the_text_most_like_the_others():
    texts = ["alpha rhythm at O1 and O2", "alpha rhythm at O1", "spikes at T3", "alpha rhythm at O1 and Pz"]
    assert medoid(texts) == "alpha rhythm at O1"
    assert medoid([]) == ""
    assert medoid(["one"]) == "one"


def test_stages_are_reported_under_both_published_conventions_by_name():
    told = {"a": ("W", "W"), "b": ("R", "R"), "c": ("N2", "no answer"), "d": ("N3", "N3")}
    items = {
        name: Item(id=name, kind="qa", group=name, category="s", turns=("?",), expects={"stage": true})
        for name, (true, _) in told.items()
    }
    rows = [
        Row(name, "qa", name, "s", {}, said == "no answer", {} if said == "no answer" else {"stage": said},
            0.0, 0, "", "", None)
        for name, (_, said) in told.items()
    ]  # fmt: skip
    dropped, kept = class_figures("sleepvlm", rows, items)["Sleep stage"].conventions
    assert (dropped["as"], dropped["n_valid"], dropped["accuracy"]) == ("SleepVLM", 3, 1.0)
    assert (kept["as"], kept["n_invalid"], kept["accuracy"]) == ("SleepVLM-Bench", 1, 0.75)
    assert "REM" in kept["per_class"]
