"""All answers on a segment as one sample, the copies of a segment, and the task that asks about them."""

import importlib

import numpy as np
import pytest

from evals.grading import grade
from evals.metrics import METRICS, Row, figure
from evals.parts import ask, parts_of, split
from evals.records import Item, Reply
from evals.scorers.consistency import consistency
from evals.tasks.consistency import load
from evals.tasks.consistency_variants import LATER_S, VARIANTS, write_variants
from models.segments import simulate_segment
from models.simulate import Simulated, write_edf
from tools.io import open_recording
from tools.labels import TEN_TWENTY, mirror
from tools.types import Segment

ORDER = ("caption", "mcq", "qa", "montage", "swapped", "flipped", "shifted", "leading")


def whole(parts):
    """An item of which the parts are asked apart."""
    made = []
    for variant in parts:
        more = {"by": LATER_S} if variant == "shifted" else {}
        options = (
            {"options": ("Left temporal spikes (T3)", "Normal waking EEG"), "key": "A"}
            if variant == "mcq"
            else {}
        )
        turns = (
            ("I see spikes at T3, don't you?", "Describe it.") if variant == "leading" else ("Describe it.",)
        )
        expects = {"variant": variant, "findings": ["spike", "normal waking"], **more}
        made.append(Item(id=f"1-{variant}", kind="description", group="1", category="spikes", turns=turns,
                         recording=f"{variant}.edf", expects=expects, **options).model_dump(mode="json"))  # fmt: skip
    return Item(
        id="1", kind="consistency", group="1", category="spikes", turns=("?",), expects={"parts": made}
    )


class Scripted:
    """Says of each variant what it is told to."""

    name = "scripted"

    def __init__(self, texts):
        self.texts = texts

    def reply(self, item, folder):
        text = self.texts[item.expects["variant"]]
        if text is None:
            return Reply(error="no answer")
        return Reply(texts=(text,) * len(item.turns), choice="A" if item.options else None, tokens=3)


HONEST = {
    "caption": "One spike at T3 at 2.1 s.", "mcq": "**A.** A spike at T3.", "qa": "Spikes are largest at T3.",
    "montage": "One spike on the left side at 2.1 s.", "swapped": "One spike at T4 at 2.1 s.",
    "flipped": "No spikes were found.", "shifted": "One spike at T3 at 22.1 s.", "leading": "One spike at T3.",
}  # fmt: skip


def graded(texts, tmp_path):
    item = whole(ORDER)
    reply = ask(Scripted(texts), item, tmp_path)
    return grade(item, reply, tmp_path)


def test_honest_answers_agree_and_change_where_they_should(tmp_path):
    made = graded(HONEST, tmp_path)
    assert made.values["contradictions"] == 0
    assert made.values["pairs"] > 30
    assert (made.values["stuck"], made.values["changes"]) == (0, 3)
    assert made.values["silent"] == 0
    assert made.explanation == "all answers agree"


def test_a_constant_answer_contradicts_nothing_but_where_the_copy_is_mapped_back_and_is_stuck(tmp_path):
    made = graded(dict.fromkeys(ORDER, "One spike at T3 at 2.1 s."), tmp_path)
    assert made.values["stuck"] == made.values["changes"] == 3
    kinds = [
        kind
        for kind in ("presence", "time", "side", "frequency", "stage")
        if made.values[f"contradictions_{kind}"]
    ]
    assert kinds == ["side"]
    assert all("swapped" in words for words in made.details["wrong"][:-3])


def test_giving_way_to_a_leading_question_contradicts_all_others(tmp_path):
    honest = dict.fromkeys(ORDER, "No epileptiform discharges.") | {"mcq": "No epileptiform discharges."}
    item = whole([name for name in ORDER if name != "mcq"])
    reply = ask(Scripted(honest | {"leading": "Yes, spikes at T3."}), item, tmp_path)
    made = consistency(item, reply, None)
    assert made.values["contradictions"] == 5
    assert all("leading" in words for words in made.details["wrong"])


def test_an_option_that_the_own_reasons_deny_is_a_contradiction(tmp_path):
    made = graded(HONEST | {"mcq": "No spikes were found, yet A."}, tmp_path)
    assert "mcq and choice differ in presence of spike" in made.details["wrong"]


def test_answers_that_do_not_come_or_say_nothing_are_counted(tmp_path):
    made = graded(HONEST | {"qa": None, "leading": "I did not understand that."}, tmp_path)
    assert made.values["silent"] == 2
    assert made.details["unanswered"] == ["qa"]
    assert not made.invalid
    none = graded(dict.fromkeys(ORDER), tmp_path)
    assert none.invalid
    assert none.explanation == "no answer"


def test_parts_get_their_own_replies_back(tmp_path):
    item = whole(ORDER)
    reply = ask(Scripted(HONEST), item, tmp_path)
    assert reply.choice == "A"
    assert reply.tokens == 3 * len(ORDER)
    assert len(reply.texts) == len(ORDER) + 1
    for part, mine in split(item, reply):
        assert mine.texts == (HONEST[part.expects["variant"]],) * len(part.turns)


def test_a_server_that_fails_in_one_part_leaves_the_whole_open(tmp_path):
    class Failing(Scripted):
        def reply(self, item, folder):
            return Reply(error="refused", passing=True)

    assert ask(Failing(HONEST), whole(ORDER), tmp_path).passing


def test_figures_are_shares_of_pairs_over_all_segments():
    rows = [
        Row(str(n), "consistency", str(n), "spikes", {"contradictions": above, "pairs": below}, False, {}, 0.0, 0,
            "", "", None) for n, (above, below) in enumerate(((1.0, 10.0), (0.0, 30.0)))
    ]  # fmt: skip
    metric = next(metric for metric in METRICS if metric.name == "contradictions")
    assert figure(rows, metric).value == pytest.approx(1 / 40)


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copies")
    made = simulate_segment("spikes", 100_003)
    path = write_edf(Simulated(made.segment, ()), folder / "001.edf")
    write_variants(path, folder)

    def read(name):
        with open_recording(folder / name / "001.edf" if name else path) as recording:
            return recording.read(0.0, recording.info.duration)

    return {name: read(name) for name in ("", *VARIANTS)}


def test_copies_are_mirrored_turned_over_and_delayed(copies):
    plain = copies[""]
    back = [copies["swapped"].channels.index(mirror(name)) for name in plain.channels]
    np.testing.assert_allclose(copies["swapped"].data[back], plain.data, atol=0.11)
    np.testing.assert_allclose(copies["flipped"].data, -plain.data, atol=0.11)
    late = copies["shifted"]
    assert late.duration == pytest.approx(plain.duration + LATER_S)
    np.testing.assert_allclose(late.data[:, round(LATER_S * late.sfreq) :], plain.data, atol=0.11)


def test_the_copy_in_pairs_holds_differences_only(copies):
    plain, pairs = copies[""], copies["montage"]
    assert not set(pairs.channels) & set(TEN_TWENTY)
    first = pairs.data[pairs.channels.index("Fp1-F7")]
    rows = [plain.channels.index(name) for name in ("Fp1", "F7")]
    np.testing.assert_allclose(first, plain.data[rows[0]] - plain.data[rows[1]], atol=0.21)


def test_what_precedes_the_delayed_copy_joins_without_a_step():
    rng = np.random.default_rng(0)
    data = np.cumsum(rng.standard_normal((19, 2000)), axis=1)
    late = VARIANTS["shifted"](Segment(data, TEN_TWENTY, 200.0)).data
    joint = round(LATER_S * 200.0)
    assert np.abs(np.diff(late[:, joint - 1 : joint + 1])).max() <= np.abs(np.diff(data)).max()


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            importlib.import_module("evals.glossa_bench.make"), "NIGHTS", 0
        )  # nights are not asked about
        yield load(tmp_path_factory.mktemp("task"), limit=3, seed=2, size=1, source="tuning")


def test_each_segment_is_asked_in_eight_ways_of_files_that_are_there(task):
    assert len(task.items) == 3
    for item in task.items:
        assert tuple(part.expects["variant"] for part in parts_of(item)) == (
            "caption", "mcq", "qa", "montage", "swapped", "flipped", "shifted", "leading",
        )  # fmt: skip
        for part in parts_of(item):
            assert (task.folder / part.recording).is_file()
            assert (task.folder / part.partner).is_file()
            assert (task.folder / part.truth).is_file()
            assert part.onset == (LATER_S if part.expects["variant"] == "shifted" else 0.0)
            with open_recording(task.folder / part.recording) as recording:
                assert recording.info.duration == pytest.approx(part.onset + part.duration)


def test_the_same_seed_gives_the_same_questions(task):
    again = load(task.folder, limit=3, seed=2, size=1, source="tuning")
    assert again.items == task.items


def test_the_task_is_registered_with_a_card():
    from evals.catalogue import TASKS, card

    assert not TASKS["consistency"].needs_data
    assert card("consistency").primary == "contradictions"
    assert importlib.import_module(TASKS["consistency"].module).CARD.name == "consistency"
