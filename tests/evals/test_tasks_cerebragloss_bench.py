"""The adapter of CerebraGloss-Bench: any schema through a mapping, every fault of a folder told before a run."""

import json

import pytest
from PIL import Image

from evals.tasks import cerebragloss_bench
from evals.tasks.cerebragloss_bench import load
from tools.types import ToolError

RECORDS = [
    {
        "image": "img/4_av.jpg",
        "category": "spindle",
        "question": "Which waveform is prominent?",
        "options": ["A) Alpha rhythm", "B) Sleep spindles", "C) Blinks", "D) Spikes"],
        "answer": "**B.** Spindles over both central regions.",
        "description": "Sleep spindles at C3 and C4.",
        "qa": [{"question": "Are they epileptiform?", "answer": "No, they are spindles."}],
        "boxes": {"spindle": [["C3-AV", 1.2, 2.0], ["CZ-AV", 1.3, 2.1]], "Kcomplex": [["FZ-AV", 4.0, 5.0]]},
    },
    {
        "image": "img/19_av.jpg",
        "category": "eye-related",
        "question": "What is at Fp1?",
        "options": {"A": "Blinks", "B": "Spikes"},
        "answer": "Blinks",
        "description": "Blinks.",
        "qa": {"question": "Is it normal?", "answer": "Yes."},
        "boxes": {"eog_v": [["FP1-AV", 3, 3.4]], "hfnnoise": [["T3-AV", 0, 9]], "muscle": [["T4-AV", 0, 9]]},
    },
]


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "img").mkdir()
    for record in RECORDS:
        Image.new("RGB", (40, 30), "white").save(tmp_path / record["image"])
    write(tmp_path, RECORDS)
    return tmp_path


def write(folder, records, name="bench.json"):
    text = "\n".join(map(json.dumps, records)) if name.endswith("l") else json.dumps(records)
    (folder / name).write_text(text)


def of(task, kind):
    return [item for item in task.items if item.kind == kind]


def test_each_segment_is_asked_in_four_ways(bench):
    task = load(bench)
    assert [item.kind for item in task.items] == ["description", "mcq", "qa", "boxes"] * 2
    assert len({item.id for item in task.items}) == 8
    first = of(task, "mcq")[0]
    assert first.turns == (
        "Which waveform is prominent?\nA) Alpha rhythm\nB) Sleep spindles\nC) Blinks\nD) Spikes",
    )
    assert (first.key, first.images, first.group) == ("B", ("img/4_av.jpg",), "4_av")
    assert of(task, "mcq")[1].key == "A"
    assert of(task, "description")[0].reference == "Sleep spindles at C3 and C4."
    assert [item.reference for item in of(task, "qa")] == ["No, they are spindles.", "Yes."]
    assert first.partner == "img/19_av.jpg"
    assert set(task.sources) == {"bench.json", "img/4_av.jpg", "img/19_av.jpg"}


def test_their_labels_and_channels_become_ours(bench):
    boxes = [item.expects["boxes"] for item in of(load(bench), "boxes")]
    assert boxes[0] == {"spindle": [["C3", 1.2, 2.0], ["Cz", 1.3, 2.1]], "kcomplex": [["Fz", 4.0, 5.0]]}
    assert boxes[1] == {"eyem": [["Fp1", 3.0, 3.4]], "hfnoise": [["T3", 0.0, 9.0], ["T4", 0.0, 9.0]]}


def test_every_label_of_their_rules_and_detector_is_known(bench):
    theirs = (
        "muscle nan_inf eog_v eog_left eog_right respiration flat global_bad severe_artifact spike sharp spsw"
    )
    theirs += " Kcomplex spindle hfnoise hfnnoise eyem eyer+ eyer-"
    write(bench, [RECORDS[0] | {"boxes": {label: [["C3-AV", 0, 1]] for label in theirs.split()}}])
    assert sum(map(len, of(load(bench), "boxes")[0].expects["boxes"].values())) == 19


def test_a_mapping_fits_another_schema(bench):
    other = [
        {
            "file": "/somewhere/else/4_av.jpg",
            "mcq": {"stem": "Which?\nA) Alpha\nB) Spindle", "gold": "B"},
            "caption": "Spindles.",
            "dialogue": [["Normal?", "Yes."]],
            "bbox": {"sigma": [["C3-AV", 0, 1]], "other": [["C3-AV", 0, 1]]},
        }
    ]
    (bench / "bench.json").unlink()
    write(bench, other, "bench.jsonl")
    (bench / "mapping.yaml").write_text(
        "image: file\nquestion: mcq.stem\noptions: null\nanswer: mcq.gold\ndescription: caption\nqa: dialogue\n"
        "boxes: bbox\nlabels: {sigma: spindle, other: null}\n"
    )
    task = load(bench)
    mcq = of(task, "mcq")[0]
    assert (mcq.turns, mcq.options, mcq.key) == (("Which?\nA) Alpha\nB) Spindle",), ("Alpha", "Spindle"), "B")
    assert mcq.images == ("img/4_av.jpg",)
    assert of(task, "boxes")[0].expects["boxes"] == {"spindle": [["C3", 0.0, 1.0]]}
    assert of(task, "qa")[0].turns == ("Normal?",)


def test_a_wrong_schema_names_the_missing_key_and_those_found(bench):
    write(bench, [{("picture" if key == "image" else key): value for key, value in RECORDS[0].items()}])
    with pytest.raises(ToolError, match=r"'image'.*picture, category, question") as error:
        load(bench)
    assert "picture" in error.value.choices
    without = {key: value for key, value in RECORDS[0].items() if key != "boxes"}
    write(bench, [without])
    with pytest.raises(ToolError, match=r"'boxes'.*null"):
        load(bench)
    assert [i.kind for i in load(bench, mapping={"boxes": None}).items] == ["description", "mcq", "qa"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": "E"}, "Record 1: its answer is none of the options"),
        ({"options": ["A) one"]}, "1 options"),
        ({"boxes": {"spindle": [["C3", 2]]}}, "a box is not"),
        ({"boxes": {"spindle": [["C3", 2, 1]]}}, "ends before it starts"),
        ({"boxes": {"mystery": []}}, "'mystery' is not known"),
        ({"qa": [{"q": "a", "a": "b"}]}, "qa_question"),
        ({"image": "img/none.jpg"}, r"none\.jpg is not in the folder"),
        ({"image": "../../etc/passwd"}, "passwd is not in the folder"),
    ],
)
def test_a_faulty_record_is_told_with_its_number(bench, change, message):
    write(bench, [RECORDS[0] | change])
    with pytest.raises(ToolError, match=message):
        load(bench)


def test_a_picture_that_does_not_decode_is_named_before_anything_runs(bench):
    path = bench / "img/19_av.jpg"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ToolError, match=r"19_av\.jpg does not decode"):
        load(bench, limit=1)
    path.write_bytes(b"")
    with pytest.raises(ToolError, match=r"19_av\.jpg does not decode"):
        load(bench)


def test_faults_of_the_folder_are_told(bench, tmp_path):
    with pytest.raises(ToolError, match="no such folder"):
        load(tmp_path / "nowhere")
    write(bench, RECORDS, "second.json")
    with pytest.raises(ToolError, match="several JSON") as error:
        load(bench)
    assert error.value.choices == ("bench.json", "second.json")
    assert len(load(bench, labels="second.json").items) == 8
    (bench / "bench.json").write_text('{"a": \n [}')
    with pytest.raises(ToolError, match=r"bench\.json is not valid JSON \(line 2\)"):
        load(bench, labels="bench.json")
    (bench / "bench.json").write_text('{"a": 3}')
    with pytest.raises(ToolError, match="no list of records"):
        load(bench, labels="bench.json")
    with pytest.raises(ToolError, match="not known here: colour"):
        load(bench, labels="second.json", mapping={"colour": "x"})
    with pytest.raises(ToolError, match="not ours"):
        load(bench, labels="second.json", mapping={"labels": {"x": "y"}})


def test_the_limit_and_the_kinds_hold_and_the_seed_repeats(bench):
    assert len(load(bench, limit=3).items) == 3
    assert {item.kind for item in load(bench, kinds=("mcq",)).items} == {"mcq"}
    assert load(bench, seed=3).items == load(bench, seed=3).items
    with pytest.raises(ToolError, match="one item at least"):
        load(bench, limit=0)


def test_published_rows_are_marked_and_none_of_the_published_wordings_is_shipped():
    assert all(row["published"] and row["source"] for row in cerebragloss_bench.PUBLISHED)
    assert "Describe this EEG." not in cerebragloss_bench.DESCRIBE
