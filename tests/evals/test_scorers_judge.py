"""A language model as judge, over a real loopback server that speaks the OpenAI protocol."""

import json
import threading

import pytest

from evals.scorers.judge import AXES, MARKS, PROMPT, Case, Judgement, agreement, judge
from evals.scorers.judge_checks import PADDING, checks
from evals.scorers.judge_server import Server
from evals.scorers.statistics import bootstrap
from tests.agent.openai_server import Reply, fail, garbage, openai_server, say
from tools.types import ToolError


def marks(overall, **others):
    return dict.fromkeys(AXES, overall) | {"overall": overall} | others


def graded(overall, **others):
    return say(json.dumps(marks(overall, **others)))


def case(number=1, answer="Spindles at C3.", other=""):
    return Case(
        id=str(number),
        question="What is seen?",
        reference="Spindles at C3, 13 Hz.",
        answer=answer,
        other=other,
    )


def at(server, **settings):
    return Server(base_url=server.base_url, model="judge-1", timeout_s=5.0, **settings)


def shown(request):
    return json.loads(request.messages[1]["content"])


def test_an_answer_is_judged_twice_on_five_marks():
    with openai_server([graded(6, accuracy=4), graded(8)]) as server:
        found = judge([case()], at(server, seed=7))
    one = found.judgements[0]
    assert one.marks == (marks(6, accuracy=4), marks(8))
    assert one.mark() == 7.0
    assert one.mark("accuracy") == 6.0
    assert one.mark("axes") == pytest.approx((6 * 3 + 4 + 8 * 4) / 8)
    assert found.unjudged == 0
    assert [request.json["seed"] for request in server.requests] == [7, 8]


def test_the_judge_sees_question_reference_and_answer_and_nothing_else():
    with openai_server([graded(5)] * 2) as server:
        judge([case()], at(server, key="secret", temperature=0.0))
    first = server.requests[0]
    assert first.path == "/v1/chat/completions"
    assert first.headers["authorization"] == "Bearer secret"
    assert (first.json["model"], first.json["temperature"]) == ("judge-1", 0.0)
    assert [message["role"] for message in first.messages] == ["system", "user"]
    assert first.messages[0]["content"] == PROMPT
    assert shown(first) == {
        "question": "What is seen?", "reference": "Spindles at C3, 13 Hz.", "answer": "Spindles at C3.",
    }  # fmt: skip


def test_a_key_of_another_server_is_not_picked_up(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-someone-else")
    with openai_server([graded(5)] * 2) as server:
        judge([case()], at(server))
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer EMPTY"}
    assert "temperature" not in server.requests[0].json


def test_what_the_marks_depend_on_is_recorded_and_no_key_is():
    with openai_server([graded(5)] * 3) as server:
        found = judge([case()], at(server, repeats=3, seed=2, key="secret"))
    setup = found.setup
    assert (setup.model, setup.repeats, setup.seed, setup.temperature) == ("judge-1", 3, 2, None)
    assert len(setup.prompt_sha256) == 64
    assert setup.answered_by == ("judge-1",)
    assert "secret" not in found.model_dump_json()
    assert "127.0.0.1" not in found.model_dump_json()


@pytest.mark.parametrize(
    "text",
    [
        "```json\n" + json.dumps(marks(7)) + "\n```",
        "<think>" + json.dumps(marks(1)) + "</think>" + json.dumps(marks(7)),
        "First " + json.dumps(marks(2)) + ", no: " + json.dumps(marks(7)),
        json.dumps({"scores": marks(7)}),
        json.dumps({key.replace("_", " ").title(): "7" for key in MARKS}),
        json.dumps(dict.fromkeys(MARKS, 7.0)),
    ],
)
def test_marks_are_read_in_the_forms_in_which_models_write_them(text):
    with openai_server([say(text)] * 2) as server:
        found = judge([case()], at(server))
    assert found.judgements[0].marks == (marks(7),) * 2


@pytest.mark.parametrize(
    "text",
    [
        "A fine answer, 8 of 10.",
        json.dumps({"overall": 7}),
        json.dumps(marks(0)),
        json.dumps(marks(11)),
        json.dumps(marks(7.5)),
        json.dumps(marks(True)),
        json.dumps(marks(None)),
        "",
    ],
)
def test_prose_and_marks_out_of_range_are_asked_for_once_more(text):
    with openai_server([say(text), graded(6), graded(6)]) as server:
        found = judge([case()], at(server))
    assert found.judgements[0].marks == (marks(6),) * 2
    again = server.requests[1].messages
    assert [message["role"] for message in again] == ["system", "user", "assistant", "user"]
    assert again[2]["content"] == text
    assert again[3]["content"].startswith("That was not the JSON object")


def test_a_judge_that_returns_prose_twice_leaves_the_answer_unjudged_with_what_it_said():
    with openai_server(
        [say("Well. " * 100), say("I would rather chat. " * 100)] * 2 + [graded(9)] * 2
    ) as server:
        found = judge([case(1), case(2)], at(server))
    first, second = found.judgements
    assert first.mark() is None
    assert not first.judged
    assert len(first.failures) == 2
    assert first.failures[0] == ("I would rather chat. " * 100)[:200]
    assert (found.unjudged, second.mark()) == (1, 9.0)
    assert found.marks() == [None, 9.0]
    assert bootstrap(found.marks(), ["a", "b"]).value == 9.0  # an unjudged answer is no bad one


def test_one_repeat_in_prose_leaves_the_other_to_count():
    with openai_server([graded(4), say("no"), say("no")]) as server:
        found = judge([case()], at(server))
    assert (found.judgements[0].mark(), found.judgements[0].failures) == (4.0, ("no",))
    assert found.agreement["overall"].pairs == 0


def test_a_server_error_is_tried_again_once():
    with openai_server([fail(500, "out of memory", retry_after="0"), graded(6), graded(6)]) as server:
        found = judge([case()], at(server))
    assert found.judgements[0].mark() == 6.0
    assert len(server.requests) == 3


def test_a_server_that_keeps_failing_is_given_up_after_three_times():
    with openai_server(lambda request: fail(500, "out of memory", retry_after="0")) as server:
        found = judge([case(i) for i in range(10)], at(server))
    assert found.unjudged == 10
    assert len(server.requests) == 6  # each tried twice
    assert found.judgements[0].failures[0] == "the judge's server refused or failed (500): out of memory"
    assert found.judgements[9].failures == ("not asked: the judge's server failed 3 times in a row",) * 2
    assert found.agreement["overall"].mean_absolute_difference is None


def test_a_refused_key_is_said_in_words_without_the_key():
    with openai_server(lambda request: fail(401, "no such key sk-1234567890")) as server:
        found = judge([case()], at(server, key="sk-1234567890"))
    assert "(401)" in found.judgements[0].failures[0]
    assert "sk-123" not in found.model_dump_json()


def test_a_server_that_dies_half_way_keeps_what_was_judged():
    replies = iter((graded(6), graded(7)))
    with openai_server([]) as server:

        def script(request):
            reply = next(replies, None)
            if reply is not None:
                return reply
            server.socket.close()  # nobody answers from here on
            return Reply(raw=b'{"id": "chatcmpl-1", "choices": [{"mess' + b" " * 500, gap=0.05)

        server._script = script
        threading.Timer(0.5, server.closing.set).start()
        found = judge([case(i) for i in range(5)], at(server))
    assert found.judgements[0].mark() == 6.5
    assert [one.judged for one in found.judgements] == [True, False, False, False, False]
    assert "broke off" in found.judgements[1].failures[0]
    assert "not asked" in found.judgements[4].failures[0]
    assert found.agreement["overall"].pairs == 1


@pytest.mark.parametrize(
    "reply",
    [
        garbage(), garbage(b'{"id": "x", "cho', "application/json"), garbage(b"[]", "application/json"),
        garbage(b'{"choices": []}', "application/json"), garbage(b'{"choices": null}', "application/json"),
        garbage(b'"text"', "application/json"), garbage(b'{"choices": [{"message": null}]}', "application/json"),
    ],
)  # fmt: skip
def test_what_does_not_speak_the_protocol_is_said_so(reply):
    with openai_server(lambda request: reply) as server:
        found = judge([case()], at(server))
    assert (
        found.judgements[0].failures
        == ("what answers at that address does not speak the OpenAI chat protocol",) * 2
    )


def test_a_redirect_is_not_followed():
    with openai_server([graded(5)] * 4) as elsewhere:
        away = fail(307, location=f"{elsewhere.base_url}/chat/completions")
        with openai_server(lambda request: away) as server:
            found = judge([case()], at(server))
        assert not elsewhere.requests
    assert "(307)" in found.judgements[0].failures[0]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"base_url": ""}, "address"),
        ({"base_url": "ftp://127.0.0.1/v1"}, "address"),
        ({"base_url": "http://127.0.0.1:99999/v1"}, "address"),
        ({"base_url": "http://[/v1"}, "address"),
        ({"model": ""}, "name of a model"),
        ({"repeats": 1}, "twice at least"),
    ],
)
def test_settings_that_cannot_be_right_are_refused_before_anything_is_sent(settings, words):
    with openai_server([graded(5)]) as server:
        with pytest.raises(ToolError, match=words):
            judge([case()], at(server)._replace(**settings))
        assert not server.requests


def test_repeats_are_compared_in_pairs():
    # 3, 5, 5: differences 2, 2, 0; 8, 8: 0 -> mean 1, half equal
    judged = [
        Judgement(id="1", marks=(marks(3), marks(5), marks(5))),
        Judgement(id="2", marks=(marks(8), marks(8))),
        Judgement(id="3", marks=(marks(1),)),
    ]
    found = agreement(judged)
    assert (found["overall"].mean_absolute_difference, found["overall"].share_equal) == (1.0, 0.5)
    assert found["overall"].pairs == 4
    assert set(found) == set(MARKS)
    assert agreement([])["overall"].share_equal is None


def judge_that(mark, better):
    """A judge whose mark and verdict are functions of what it is shown."""

    def reply(request):
        seen = shown(request)
        if "answer" in seen:
            return graded(mark(seen["answer"]))
        return say(json.dumps({"better": better(seen["first"], seen["second"])}))

    return reply


CASES = [case(1, "Spindles at C3.", "Spikes."), case(2, "Alpha.", "Alpha at O1, 10 Hz."), case(3, "Waves.")]


def longer(first, second):
    return "first" if len(first) > len(second) else "second"


def test_a_sound_judge_passes_both_checks():
    with openai_server(judge_that(lambda answer: 6, longer)) as server:
        found = checks(CASES, at(server))
    assert (found.padding_gain, found.padded, found.length_is_not_paid) == (0.0, 3, True)
    assert (found.consistent, found.first_preferred, found.pairs) == (1.0, 0.5, 2)
    assert found.unjudged == 0
    assert any(shown(r).get("answer", "").endswith(PADDING) for r in server.requests)


def test_a_judge_that_pays_for_length_is_found_out():
    with openai_server(judge_that(lambda answer: 8 if len(answer) > 100 else 5, longer)) as server:
        found = checks(CASES, at(server))
    assert (found.padding_gain, found.length_is_not_paid) == (3.0, False)


def test_a_judge_that_prefers_what_stands_first_is_found_out():
    with openai_server(judge_that(lambda answer: 6, lambda first, second: "first")) as server:
        found = checks(CASES, at(server))
    assert (found.consistent, found.first_preferred) == (0.0, 1.0)


def test_a_draw_in_both_orders_is_consistent_and_a_draw_in_one_is_not():
    with openai_server(judge_that(lambda answer: 6, lambda a, b: "equal")) as server:
        assert checks(CASES, at(server)).consistent == 1.0
    with openai_server(judge_that(lambda answer: 6, lambda a, b: "equal" if a < b else "first")) as server:
        assert checks(CASES, at(server)).consistent == 0.0


def test_checks_that_nobody_answered_have_no_result():
    with openai_server(lambda request: say("chat")) as server:
        found = checks(CASES, at(server))
    assert (found.padding_gain, found.length_is_not_paid, found.consistent) == (None, None, None)
    assert found.unjudged == 5
    with pytest.raises(ToolError, match="give some"):
        checks([], Server("http://127.0.0.1:1/v1", "m"))
