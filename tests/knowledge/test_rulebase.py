"""The rule files hold together, and files that do not are refused in words."""

import re

import pytest
import yaml

from knowledge.rulebase import RULES, STAGES, load_rules
from knowledge.types import KnowledgeError
from tools.labels import LABELS

SLEEPVLM = [
    *("W.1", "W.2", "W.3", "N1.1", "N1.2", "N2.1", "N2.2", "N2.3", "N2.4", "N3.1"),
    *("R.1", "R.2", "R.3", "MBM.1", "MBM.2"),
]
BASE = load_rules()
GOOD = {
    "id": "AASM-X-01",
    "title": "A rule",
    "text": "Something long enough to be a rule.",
    "topic": "definition",
    "aliases": ["thing"],
    "provenance": "K",
    "sources": ["book"],
}
SOURCES = {"book": {"cite": "A. Author, A Book, 1999.", "url": "https://doi.org/10.1/1", "read": "opened"}}


def write(folder, *entries, sources=SOURCES):
    text = yaml.safe_dump({"entries": list(entries), "sources": sources})
    (folder / "some.yaml").write_text(text, encoding="utf-8")
    return folder


def test_ids_are_unique_and_all_172_entries_load():
    ids = [rule.id for rule in BASE.rules]
    assert len(ids) == len(set(ids)) == 172


def test_every_source_resolves_and_every_source_is_used():
    used = {key for rule in BASE.rules for key in rule.sources}
    assert used <= BASE.sources.keys()
    assert BASE.sources.keys() <= used


@pytest.mark.parametrize("rule", BASE.rules, ids=lambda rule: rule.id)
def test_every_entry_has_a_readable_source_stages_labels_and_provenance_of_the_vocabulary(rule):
    citation = BASE.citation(rule)
    assert re.search(r"https?://|Own measurement", citation.source), "names a work that can be found"
    assert rule.provenance in set("VSKME")
    assert set(rule.stages) <= set(STAGES)
    assert set(rule.labels) <= set(LABELS)
    assert len(rule.aliases) == len(set(rule.aliases)) >= 2


def test_each_of_the_fifteen_sleepvlm_rules_stands_at_one_entry():
    assert sorted(r.sleepvlm_rule for r in BASE.rules if r.sleepvlm_rule) == sorted(SLEEPVLM)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("W.1", "AASM-W-01"),
        ("N1.2", "AASM-N1-02"),
        ("N2.1", "AASM-N2-01"),
        ("N2.4", "AASM-N2-04"),
        ("N3.1", "AASM-N3-01"),
        ("R.3", "AASM-R-03"),
        ("MBM.1", "AASM-MBM-02"),
        ("MBM.2", "AASM-MBM-03"),
    ],
)
def test_sleepvlm_rules_stand_where_the_same_thing_is_said(theirs, ours):
    assert [r.id for r in BASE.rules if r.sleepvlm_rule == theirs] == [ours]


def test_parts_of_a_sleepvlm_rule_carry_its_id_too():
    parts = {r.id for r in BASE.rules if "R.3" in BASE.citation(r).aliases}
    assert parts == {"AASM-R-03", "AASM-R-04", "AASM-R-05", "AASM-R-06"}
    assert {r.id for r in BASE.rules if "N2.4" in r.sleepvlm_ids} == {"AASM-N2-04", "AASM-N1-05"}


def test_look_alikes_are_other_entries():
    ids = {rule.id for rule in BASE.rules}
    pairs = [(rule.id, other) for rule in BASE.rules for other in rule.lookalikes]
    assert len(pairs) > 50
    assert all(other in ids and other != own for own, other in pairs)


def test_the_numbers_that_stages_hang_on_are_right():
    params = {rule.id: rule.params for rule in BASE.rules}
    assert params["AASM-GEN-01"]["epoch_s"] == 30
    assert params["AASM-DEF-08"]["band_hz"] == [11, 16]
    assert params["AASM-DEF-08"]["dur_min_s"] == 0.5
    assert params["AASM-DEF-13"]["ptp_min_uv"] == 75
    assert params["AASM-N3-01"]["min_s"] == 6.0
    assert params["AASM-ARO-01"]["dur_min_s"] == 3
    assert params["CE-CC-01"]["min_cycles"] == 6
    assert params["CE-SZ-02"]["min_hz"] == 2.5


def test_the_digest_follows_the_files(tmp_path):
    before = load_rules(write(tmp_path, GOOD)).digest
    assert load_rules(tmp_path).digest == before
    write(tmp_path, GOOD | {"title": "Another rule"})
    assert load_rules(tmp_path).digest != before


def test_the_rule_files_name_no_path_of_a_machine():
    text = "".join(path.read_text(encoding="utf-8") for path in RULES.glob("*.yaml"))
    assert not re.search(r"(?<![\w/.])/(work|home|tmp|mnt)/", text)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([GOOD, GOOD], "more than one entry"),
        ([GOOD | {"sources": ["nowhere"]}], "not in sources.yaml"),
        ([GOOD | {"lookalikes": ["CE-NO-01"]}], "not another entry"),
        ([GOOD | {"provenance": "Z"}], "'V', 'S', 'K', 'M' or 'E'"),
        ([GOOD | {"stages": ["N4"]}], "stages"),
        ([GOOD | {"id": "something"}], "pattern"),
        ([GOOD | {"aliases": []}], "aliases"),
        ([GOOD | {"colour": "red"}], "colour"),
        ([GOOD | {"sleepvlm_part_of": "R.9"}], "no entry stands for"),
        (
            [GOOD | {"sleepvlm_rule": "W.1"}, GOOD | {"id": "AASM-X-02", "sleepvlm_rule": "W.1"}],
            "more than one entry",
        ),
    ],
)
def test_a_rule_file_that_does_not_hold_together_is_refused(tmp_path, entries, message):
    with pytest.raises(KnowledgeError, match=re.escape(message)) as caught:
        load_rules(write(tmp_path, *entries))
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("text", ["entries: [", "- a\n- b\n", "rules: []\n"])
def test_a_file_that_is_not_a_rule_file_is_refused(tmp_path, text):
    (tmp_path / "some.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"some\.yaml"):
        load_rules(tmp_path)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(KnowledgeError, match="No rule files"):
        load_rules(tmp_path)


def test_yaml_cannot_build_objects(tmp_path):
    (tmp_path / "some.yaml").write_text("entries: !!python/object/apply:os.getcwd []\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="not valid YAML"):
        load_rules(tmp_path)
