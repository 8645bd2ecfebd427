"""The graph against a brain that misbehaves: wrong calls, endless calls, empty and oversized replies."""

import random
import string

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from agent.graph import ENOUGH, LONGEST_ARGUMENTS, SPARE_CALLS
from agent.settings import Settings
from agent.verdict import NO_REPLY, NOTHING_LEFT
from tests.agent.openai_server import Reply, call, openai_server, say
from tools.types import ToolError


class Unruly(BaseChatModel):
    """A brain that replies by rote, without the checks of the real client; what it was sent is kept."""

    replies: list
    seen: list = []
    bound: bool = False

    @property
    def _llm_type(self):
        return "unruly"

    def bind_tools(self, tools, **kwargs):
        return self.model_copy(update={"bound": True, "replies": self.replies, "seen": self.seen})

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        self.seen.append((messages, self.bound))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        reply = reply if isinstance(reply, AIMessage) else AIMessage(reply)
        return ChatResult(generations=[ChatGeneration(message=reply.model_copy(update={"id": None}))])


def calling(*calls, text=""):
    made = [
        {"name": name, "args": args, "id": f"call_{i}", "type": "tool_call"}
        for i, (name, args) in enumerate(calls)
    ]
    return AIMessage(text, tool_calls=made)


@pytest.fixture
def with_brain(demo, talk):
    def begin(*replies, **changes):
        brain = Unruly(replies=list(replies), seen=[])
        talking = talk(demo, brain=brain, start=20.0)
        talking.settings = talking.settings.model_copy(
            update={"brain": "openai", "images": "none", **changes}
        )
        return talking, brain

    return begin


def results(steps):
    return [(step.ok, step.words) for step in steps if step.kind == "tool_end"]


def test_a_brain_that_calls_tools_without_end_is_stopped_at_the_limit(with_brain):
    talking, brain = with_brain(calling(("recording_info", {})), max_tool_calls=4)
    steps = talking.steps("How long is it?")
    told = results(steps)
    assert [ok for ok, _ in told] == [True] * 4 + [False] * SPARE_CALLS
    assert all(words == ENOUGH for _, words in told[4:])
    assert [bound for _, bound in brain.seen] == [True] * 4 + [False] * (SPARE_CALLS + 1)
    assert steps[-1].answer.answer == NO_REPLY
    assert talking.ask("How long is it?").answer == NO_REPLY  # and the thread goes on


def test_a_hundred_calls_in_one_reply_are_cut_at_the_limit(with_brain):
    talking, _ = with_brain(calling(*[("recording_info", {})] * 100), "The recording lasts 300 s.")
    steps = talking.steps("How long is it?")
    assert sum(ok for ok, _ in results(steps)) == 12
    assert steps[-1].answer.answer == "The recording lasts 300 s."


def test_the_largest_limit_of_calls_fits_into_the_graph(with_brain):
    talking, _ = with_brain(calling(("recording_info", {})), max_tool_calls=40)
    assert sum(ok for ok, _ in results(talking.steps("How long is it?"))) == 40


def test_calls_of_several_replies_under_the_same_id_keep_their_own_outcomes(with_brain):
    talking, brain = with_brain(
        calling(("no_such_tool", {})), calling(("recording_info", {})), "The recording lasts 300 s."
    )
    steps = talking.steps("How long is it?")
    assert [(made.name, made.ok) for made in steps[-1].answer.tool_calls] == [
        ("no_such_tool", False), ("recording_info", True),
    ]  # fmt: skip
    started = [step.call_id for step in steps if step.kind == "tool_start"]
    assert started == [step.call_id for step in steps if step.kind == "tool_end"]
    assert len(set(started)) == 2
    last = brain.seen[-1][0]
    asked = [c["id"] for m in last if isinstance(m, AIMessage) for c in m.tool_calls]
    assert asked == [m.tool_call_id for m in last if isinstance(m, ToolMessage)]


@pytest.mark.parametrize(
    ("name", "args", "told"),
    [
        ("no_such_tool", {}, "There is no tool of that name. Tools: recording_info"),
        ("", {}, "There is no tool of that name"),
        ("find_waveforms", {}, "labels: "),
        ("find_waveforms", {"labels": "spindle"}, "labels"),
        ("find_waveforms", {"labels": ["unicorn"]}, "Choices: spike"),
        ("find_waveforms", {"labels": ["spindle"], "onset": 1e9}, "The recording ends at 300 s"),
        ("background", {"onset": "soon"}, "onset"),
        ("background", {"onset": -5}, ""),
        ("background", {"duration": 0}, ""),
        ("background", {"duration": -3}, ""),
        ("background", {"onset": float("nan")}, ""),
        ("background", {"duration": float("nan")}, ""),
        ("background", {"onset": float("inf")}, ""),
        ("measure_wave", {"channel": "Q9", "time": 5}, ""),
        ("measure_wave", {"channel": "C3", "time": -50}, ""),
        ("measure_wave", {"channel": "C3", "time": 5000}, ""),
        ("measure_wave", {"channel": "C3", "time": float("nan")}, ""),
        ("measure_span", {"channels": ["C3"], "duration": 0.001}, ""),
        ("compare_sides", {"channels": ["Cz"]}, ""),
        ("band_power", {"channels": ["C3", "C3"]}, None),
        ("band_power", {"channels": []}, None),
        ("show_page", {"montage": "sideways"}, "Choices"),
        ("show_page", {"montage": "mastoids"}, "montage"),
        ("show_page", {"low_cut_hz": 90}, ""),
        ("show_page", {"low_cut_hz": -1}, ""),
        ("show_page", {"sensitivity_uv_per_mm": -7}, ""),
        ("show_page", {"onset": -10}, ""),
        ("show_page", {"duration": 0}, ""),
        ("search_rules", {"ids": ["AASM-XX-99"]}, "ids look like"),
        ("search_rules", {"query": "spindle", "stage": "N9"}, ""),
        ("search_rules", {"query": "x" * (LONGEST_ARGUMENTS + 1)}, "too long"),
    ],
)
def test_what_a_brain_asks_wrong_goes_back_to_it_and_the_turn_goes_on(name, args, told, with_brain):
    talking, _ = with_brain(calling((name, args)), "That could not be done.")
    steps = talking.steps("Measure it.")
    ((ok, words),) = results(steps)
    assert steps[-1].answer.answer == "That could not be done."
    if told is None:
        return
    assert not ok
    assert told in words
    assert 0 < len(words) < 1300
    assert "Traceback" not in words


def test_an_argument_of_a_million_characters_is_refused_and_not_kept(with_brain):
    draw = random.Random(1)
    noise = "".join(draw.choices(string.ascii_letters, k=10**6))
    talking, _ = with_brain(calling(("find_waveforms", {"labels": [noise]})), "That could not be done.")
    steps = talking.steps("Look for it.")
    assert results(steps) == [(False, "The arguments are too long; call the tool again with fewer words.")]
    assert len(steps[-1].answer.model_dump_json()) < 3000
    assert talking.threads.history(talking.thread, "tester")[-1].status == "done"


def test_a_reply_of_a_million_characters_from_a_server_ends_the_turn_in_words(demo, talk, tmp_path):
    endless = Reply(calls=(("find_waveforms", {"labels": ["x" * 10**6]}),), whole=True)
    with openai_server(
        [endless, endless, call("recording_info"), say("The recording lasts 300 s.")]
    ) as server:
        chosen = Settings(
            home=tmp_path / "h", brain="openai", base_url=server.base_url, model="m", max_retries=1
        )
        talking = talk(demo, settings=chosen)
        with pytest.raises(ToolError):
            talking.steps("Look for it.")
        assert talking.ask("How long is it?").answer == "The recording lasts 300 s."


@pytest.mark.parametrize("reply", ["", "  \n "])
def test_an_empty_reply_is_said_to_be_one(reply, with_brain):
    talking, _ = with_brain(reply)
    assert talking.ask("Hello?").answer == NO_REPLY


def test_a_draft_of_which_nothing_is_grounded_is_not_shown(with_brain):
    talking, brain = with_brain("A seizure starts at T4 at 12.3 s.")
    answer = talking.ask("What happens?")
    assert answer.answer == NOTHING_LEFT
    assert answer.findings == ()
    assert len(brain.seen) == 2  # asked to mend once, not more


def test_a_tool_without_a_place_uses_the_page_that_was_shown_before(with_brain):
    both = calling(
        ("show_page", {"onset": 120, "duration": 15, "montage": "longitudinal"}), ("background", {})
    )
    talking, _ = with_brain(both, calling(("measure_span", {"channels": ["T5-O1"]})), "Done.")
    steps = talking.steps("Go there.")
    facts = list(talking.threads.facts(talking.thread, "tester"))
    places = {fact["tool"]: fact["measurements"][0] for fact in facts}
    assert (places["background"]["onset"], places["background"]["duration"]) == (120, 15)
    assert (places["measure_span"]["onset"], places["measure_span"]["duration"]) == (120, 15)
    assert steps[-1].answer.page.onset == 120
    assert steps[-1].answer.page.montage == "longitudinal"


def test_a_refused_page_leaves_the_page_in_view(with_brain):
    talking, _ = with_brain(calling(("show_page", {"onset": 9999}), ("background", {})), "Done.")
    answer = talking.ask("Go there.")
    assert answer.page.onset == 20
    assert [made.ok for made in answer.tool_calls] == [False, True]


def test_unreadable_arguments_are_answered_like_any_other_call(with_brain):
    broken = AIMessage("", invalid_tool_calls=[
        {"name": "background", "args": '{"onset": ', "id": "call_0", "error": "cut off", "type": "invalid_tool_call"}
    ])  # fmt: skip
    talking, _ = with_brain(broken, "Done.")
    ((ok, words),) = results(talking.steps("Measure."))
    assert not ok
    assert "not valid JSON" in words
