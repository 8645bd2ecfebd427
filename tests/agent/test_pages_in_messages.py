"""Pictures travel by reference until the request leaves, and only the newest of them."""

import json

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from agent.brains.openai import inline_pages, openai_brain
from agent.settings import Settings
from tests.agent.openai_server import fail, openai_server, say
from tools.types import Page, ToolError

PNG = b"\x89PNG page "


def page(onset):
    return Page(onset=onset, duration=10.0, montage="longitudinal")


def block(onset):
    return {"type": "page", "page": page(onset).model_dump(mode="json")}


def drawn(shown):
    return PNG + f"{shown.onset:g}".encode()


def looked(*onsets, words="The page shows something."):
    """A call of the page tool for each onset, and the answers in one go."""
    calls = [{"name": "show_page", "args": {"onset": onset}, "id": f"c{onset}"} for onset in onsets]
    answers = [
        ToolMessage([{"type": "text", "text": words}, block(onset)], tool_call_id=f"c{onset}")
        for onset in onsets
    ]
    return [AIMessage("", tool_calls=calls), *answers]


def sent(messages, mode, **changes):
    """The request as it arrives at a server."""
    with openai_server([say("Yes.")]) as server:
        settings = Settings(brain="openai", base_url=server.base_url, model="m", images=mode, max_retries=0)
        openai_brain(settings).invoke(inline_pages(messages, drawn, mode, **changes))
    return server.requests[0]


def test_a_picture_follows_in_a_user_message_after_all_answers_to_the_call():
    request = sent([HumanMessage("Look."), *looked(0.0, 30.0)], "user")
    assert [message["role"] for message in request.messages] == ["user", "assistant", "tool", "tool", "user"]
    assert request.pictures == [("user", PNG + b"0"), ("user", PNG + b"30")]
    tool = request.messages[3]["content"]
    assert tool == "The page shows something.\n(picture of page 30–40 s, montage longitudinal follows)"
    assert request.messages[4]["content"][2]["text"] == "Picture of page 30–40 s, montage longitudinal:"


def test_a_picture_travels_in_the_tool_message_where_the_server_takes_it():
    request = sent([HumanMessage("Look."), *looked(30.0)], "tool")
    assert [message["role"] for message in request.messages] == ["user", "assistant", "tool"]
    assert request.pictures == [("tool", PNG + b"30")]


def test_without_pictures_only_words_leave_and_nothing_is_drawn():
    messages = [HumanMessage([{"type": "text", "text": "Look."}, block(0.0)]), *looked(30.0)]
    with openai_server([say("Yes.")]) as server:
        settings = Settings(brain="openai", base_url=server.base_url, model="m", images="none")
        openai_brain(settings).invoke(inline_pages(messages, lambda _: pytest.fail("drawn"), "none"))
    contents = [message["content"] for message in server.requests[0].messages]
    assert contents[0] == "Look.\n(picture of page 0–10 s, montage longitudinal not sent)"
    assert contents[2].endswith("(picture of page 30–40 s, montage longitudinal not sent)")


@pytest.mark.parametrize("mode", ["user", "tool"])
def test_only_the_newest_pictures_are_sent_and_earlier_ones_become_words(mode):
    messages = [HumanMessage("Look."), *(m for onset in (0.0, 10.0, 20.0, 30.0) for m in looked(onset))]
    request = sent(messages, mode)
    assert [picture for _, picture in request.pictures] == [PNG + b"20", PNG + b"30"]
    words = json.dumps(request.messages, ensure_ascii=False)
    assert "(picture of page 0–10 s, montage longitudinal not repeated)" in words
    assert "(picture of page 10–20 s, montage longitudinal not repeated)" in words
    assert "20–30 s, montage longitudinal not repeated" not in words
    assert len(sent(messages, mode, keep=3).pictures) == 3


def test_a_page_shown_twice_is_sent_once_where_it_was_shown_last():
    request = sent([HumanMessage("Look."), *looked(0.0), *looked(10.0), *looked(0.0)], "tool")
    assert [picture for _, picture in request.pictures] == [PNG + b"10", PNG + b"0"]


def test_the_page_in_view_may_stand_in_the_question_and_user_messages_are_joined():
    messages = [
        SystemMessage("You read EEG."),
        HumanMessage("Page in view: 0–10 s."),
        HumanMessage([block(0.0)]),
        HumanMessage("Spikes?"),
    ]
    request = sent(messages, "user")
    assert [message["role"] for message in request.messages] == ["system", "user"]
    assert [part["type"] for part in request.messages[1]["content"]] == ["text", "image_url", "text"]
    assert request.pictures == [("user", PNG + b"0")]


def test_messages_without_pictures_and_the_state_itself_stay_as_they_are():
    messages = [HumanMessage("Look."), *looked(30.0)]
    before = [message.model_copy(deep=True) for message in messages]
    out = inline_pages(messages, drawn, "user")
    assert messages == before
    assert out[0] is messages[0]
    assert out[1] is messages[1]
    assert "base64" not in json.dumps([message.model_dump() for message in messages])


def test_a_page_that_cannot_be_drawn_is_said_to_be_so():
    def refuse(shown):
        raise ToolError("The recording ends before that.", field="start")

    out = inline_pages([HumanMessage("Look."), *looked(30.0)], refuse, "user")
    assert out[-1].content.endswith("(picture of page 30–40 s, montage longitudinal could not be drawn)")


def test_a_server_that_takes_no_pictures_in_tool_messages_leads_to_the_setting():
    with openai_server([fail(400, "Invalid content: image_url is only allowed in user messages")]) as server:
        settings = Settings(brain="openai", base_url=server.base_url, model="m", images="tool", max_retries=0)
        with pytest.raises(ToolError, match="GLOSSA_IMAGES=user") as error:
            openai_brain(settings).invoke(inline_pages([HumanMessage("Look."), *looked(30.0)], drawn, "tool"))
    assert error.value.field == "images"
