"""JSON objects in the prose of a language model."""

import pytest

from evals.scorers.json_replies import objects, spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}', [{"a": 1}]),
        ('Sure:\n```json\n{"a": 1}\n```\nBye.', [{"a": 1}]),
        ('{"a": 1} and ```\n{"b": 2}\n```', [{"b": 2}, {"a": 1}]),
        ('{"a": {"b": [{"c": 3}]}}', [{"a": {"b": [{"c": 3}]}}, {"b": [{"c": 3}]}, {"c": 3}]),
        ('{"a": "x } y", "b": {"c": 1,},}', [{"a": "x } y", "b": {"c": 1}}, {"c": 1}]),
        ("{“a”: “b”,}", [{"a": "b"}]),
        ('{"a": "“b”"}', [{"a": "“b”"}]),
        ('{"a": "one\ntwo"}', [{"a": "one\ntwo"}]),
        ('{no} {"a": 1} {"cut', [{"a": 1}]),
        ("[1, 2]", []),
        ("", []),
    ],
)
def test_objects_are_found_wherever_they_stand(text, expected):
    assert list(objects(text)) == expected


@pytest.mark.parametrize("text", ["{" * 100_000, '{"a":' * 20_000, '{"a": [' * 20_000, "{,}" * 50_000])
def test_a_reply_of_nothing_but_braces_is_given_up_soon(text):
    from time import process_time

    began = process_time()
    assert len(list(objects(text))) <= 100
    assert process_time() - began < 2.0


def test_what_is_thought_aloud_is_not_said():
    assert spoken("<think>A?</think>B").strip() == "B"
    assert spoken("<THINKING>A\nB</thinking> C").strip() == "C"
    assert spoken("<think>never ends").strip() == ""
    assert spoken("I think B") == "I think B"
