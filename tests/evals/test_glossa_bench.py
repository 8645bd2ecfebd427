"""The benchmark as it is written: counts and shares, hashes, what is kept and what is refused."""

import importlib
import json
import re
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pytest

from evals.glossa_bench import load, make, picture
from evals.glossa_bench.facts import artifacts, seen
from evals.glossa_bench.items import segment_items
from evals.glossa_bench.make import labels_sha256, recipe
from evals.glossa_bench.slots import ARTIFACT, draw, first_seed, night_seeds, slots
from evals.records import Item
from models.frozen import PER_CATEGORY, TEST_SEED
from models.truth import Truth
from tools.types import ToolError


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A set of size 1, with the processor time that it took."""
    folder = tmp_path_factory.mktemp("bench") / "set"
    start = time.process_time()
    task = make(folder, size=1, source="tuning")
    return task, time.process_time() - start


def test_a_set_of_size_one_takes_under_ten_seconds(made):
    assert made[1] < 10.0


def test_every_segment_is_asked_four_things_and_every_night_one(made):
    kinds = Counter(item.kind for item in made[0].items)
    assert kinds == {"description": 17, "mcq": 17, "qa": 17, "boxes": 17, "stages": 2}
    assert len({item.id for item in made[0].items}) == len(made[0].items)


def test_all_references_say_something_finite(made):
    for item in made[0].items:
        assert item.reference.strip()
        assert not re.search(r"\b(nan|inf|None)\b", item.reference, re.IGNORECASE)
        assert "{" not in item.turns[0]
        assert "  " not in item.reference


def test_truth_and_recording_lie_where_the_items_say(made):
    task = made[0]
    for item in task.items:
        assert (task.folder / item.recording).stat().st_size > 1000
        truth = Truth.model_validate_json((task.folder / item.truth).read_text())
        assert truth.duration == item.duration
        assert item.partner != item.recording
        assert (task.folder / item.partner).is_file()


def test_boxes_are_all_that_was_drawn(made):
    task = made[0]
    for item in task.items:
        if item.kind == "boxes":
            truth = Truth.model_validate_json((task.folder / item.truth).read_text())
            table = json.loads(item.reference)
            assert sum(map(len, table.values())) == sum(len(event.per_channel) for event in truth.events)


def test_the_same_set_is_not_made_again(made):
    task = made[0]
    before = (task.folder / "items.jsonl").stat().st_mtime_ns
    again = make(task.folder, size=1, source="tuning", progress=lambda share: pytest.fail("made again"))
    assert again == task
    assert (task.folder / "items.jsonl").stat().st_mtime_ns == before


def test_a_changed_label_is_noticed(made, tmp_path):
    task = made[0]
    path = task.folder / "items.jsonl"
    whole = path.read_text()
    path.write_text(whole.replace("description", "Description", 1))
    assert labels_sha256(task.folder) != task.sources["labels"]
    path.write_text(whole)
    assert labels_sha256(task.folder) == task.sources["labels"]


def test_the_same_recipe_gives_the_same_labels_and_another_gives_others(monkeypatch):
    def labels(source, seed):
        chosen = slots(source, 1, seed)[::6]
        return [item.model_dump() for slot in chosen for item in segment_items(slot, draw(slot).truth, 1, 2)]

    assert labels("tuning", 0) == labels("tuning", 0)
    assert labels("tuning", 0) != labels("tuning", 1)
    hashes = {recipe(source, 1, seed)["recipe_sha256"] for source in ("test", "tuning") for seed in (0, 1)}
    assert len(hashes) == 4


def test_a_picture_is_drawn_when_it_is_asked_for(made):
    task = made[0]
    item = next(i for i in task.items if i.kind == "mcq")
    path = task.folder / item.images[0]
    assert not path.exists()
    assert picture(item, task.folder) == path
    assert path.read_bytes()[:3] == b"\xff\xd8\xff"
    before = path.stat().st_mtime_ns
    assert picture(item, task.folder).stat().st_mtime_ns == before
    night = next(i for i in task.items if i.kind == "stages")
    with pytest.raises(ToolError, match="no picture"):
        picture(night, task.folder)


def test_a_run_that_is_killed_leaves_no_folder_and_the_next_one_clears_up(tmp_path, monkeypatch):
    code = (
        "import os, sys; from pathlib import Path; from evals.glossa_bench import make\n"
        "make(Path(sys.argv[1]), size=1, source='tuning', progress=lambda share: os.kill(os.getpid(), 9))"
    )
    folder = tmp_path / "set"
    ended = subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    assert ended.returncode == -9
    assert not folder.exists()
    assert len(list(tmp_path.iterdir())) == 1
    monkeypatch.setattr(importlib.import_module("evals.glossa_bench.make"), "night_seeds", lambda *which: [])
    make(folder, size=1, source="tuning")
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_a_folder_with_something_else_is_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("keep me")
    with pytest.raises(ToolError, match="something else"):
        make(tmp_path, size=1)
    assert (tmp_path / "letter.txt").read_text() == "keep me"
    with pytest.raises(ToolError, match="make it first"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("options", "field"), [({"size": 0}, "size"), ({"source": "train"}, "source"), ({"seed": 99}, "seed")]
)
def test_impossible_sets_are_refused_by_name(tmp_path, options, field):
    with pytest.raises(ToolError) as refused:
        make(tmp_path / "set", **options)
    assert refused.value.field == field


def test_missing_files_are_told(made, tmp_path):
    task = made[0]
    path = task.folder / task.items[0].recording
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(ToolError, match="lacks 4 of its files"):
        load(task.folder)
    path.write_bytes(kept)


def test_test_persons_are_neither_those_of_the_detectors_nor_of_tuning():
    persons = {slot.first_person for slot in slots("test", 50)}
    assert min(persons) >= TEST_SEED
    assert all((person - TEST_SEED) % 1000 >= PER_CATEGORY for person in persons)
    tuning = {slot.first_person for slot in slots("tuning", 50, seed=19)} | set(night_seeds("tuning", 19, 2))
    assert max(tuning) + 10 < TEST_SEED
    assert first_seed("test", 1) > max(persons) + 10


def test_a_quarter_is_empty_half_is_standard_and_three_premises_in_ten_are_false():
    for size in (1, 3, 10, 25):
        chosen = slots("test", size)
        assert 0.2 <= np.mean([slot.empty for slot in chosen]) <= 0.3
        if size > 1:
            assert 0.25 <= np.mean([slot.false_premise for slot in chosen]) <= 0.35
    variants = Counter(slot.generator for slot in slots("test", 10))
    assert variants["standard"] == 85
    assert abs(variants["angular spikes"] - variants["small head"]) <= 1
    assert {slot.generator for slot in slots("tuning", 10)} == {"standard"}


def test_a_larger_set_keeps_what_a_smaller_one_had():
    assert set(slots("test", 3)) < set(slots("test", 10))


def test_a_quarter_and_a_little_more_are_meant_to_carry_artifacts():
    chosen = slots("test", 10)
    meant = [slot.soiled or (slot.category in ARTIFACT and not slot.empty) for slot in chosen]
    assert 0.25 <= np.mean(meant) <= 0.30


def test_segments_carry_artifacts_where_they_are_meant_to():
    for slot in slots("tuning", 3)[::5]:
        truth = draw(slot).truth
        meant = slot.soiled or (slot.category in ARTIFACT and not slot.empty)
        if not meant:
            assert not artifacts(truth)
        if slot.category in ARTIFACT and not slot.empty:
            assert artifacts(truth)
        if slot.empty:
            assert truth.category == "normal"
            assert not seen(truth, "spike")


def test_items_survive_their_file(made):
    task = made[0]
    lines = (task.folder / "items.jsonl").read_text().splitlines()
    assert tuple(Item.model_validate_json(line) for line in lines) == task.items
