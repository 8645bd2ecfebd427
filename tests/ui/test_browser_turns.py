"""Turns that are cut off, left, or overtaken by the user, in Chromium on the real server."""

import numpy as np
import pytest

from models.simulate import Canvas, finish, write_edf
from tests.agent.openai_server import call, openai_server, say
from tests.ui.tab import IN_A_BROWSER, Tab

pytestmark = IN_A_BROWSER
SEARCH = "Are there sleep spindles in the recording?"


@pytest.fixture(scope="module")
def long_recording(tmp_path_factory):
    """So long that a search of it can be cut off."""
    canvas = Canvas(600.0, 200.0, np.random.default_rng(4))
    canvas.background("wake")
    return write_edf(finish(canvas), tmp_path_factory.mktemp("long") / "long.edf")


def _chats(server):
    return [request for request in server.requests if request.path.endswith("/chat/completions")]


def _cut_off(chromium, home, running, recording):
    """Kill the server in the middle of a search; gives what the browser keeps."""
    with running(home) as address:
        tab = Tab(chromium, address)
        before = tab.page.input_value("#recordings input")
        tab.page.set_input_files("#bar input[type=file]", recording)
        tab.wait_for(lambda: tab.page.input_value("#recordings input") != before)
        tab.begin(SEARCH)
        tab.page.wait_for_selector("#chat >> text=Looking for sleep spindles", timeout=30_000)
        address.kill()
        assert "in 0–600" not in tab.said()
        return tab.context.storage_state()


def test_a_turn_cut_off_by_a_kill_is_taken_up_when_the_page_opens_again(
    chromium, running, long_recording, tmp_path
):
    state = _cut_off(chromium, tmp_path, running, long_recording)
    with running(tmp_path) as address:
        tab = Tab(chromium, address, state)
        tab.page.wait_for_selector("#chat >> text=in 0–600", timeout=60_000)
        tab.page.wait_for_selector("#ask", timeout=30_000)
        said = tab.said()
        assert "Not answered yet" not in said
        assert said.count(SEARCH) == 1
        assert "0–10" in tab.ask("What does this page show?"), "and the conversation goes on"
        tab.page.reload()
        tab.page.wait_for_selector("#chat >> text=in 0–600", timeout=60_000)
        assert tab.said().count(SEARCH) == 1
        assert tab.faults == []


def test_a_turn_that_dies_again_while_it_is_taken_up_is_closed(chromium, running, long_recording, tmp_path):
    state = _cut_off(chromium, tmp_path, running, long_recording)
    with running(tmp_path) as address:
        tab = Tab(chromium, address, state)
        tab.page.wait_for_selector("#stop", timeout=60_000)
        address.kill()
    with running(tmp_path) as address:
        tab = Tab(chromium, address, state)
        tab.page.wait_for_selector("text=This question was interrupted; ask it again.", timeout=30_000)
        assert not tab.page.is_visible("#stop")
        assert "0–10" in tab.ask("What does this page show?")


def test_a_servers_turn_is_taken_up_only_where_the_tab_agreed_again(chromium, running, tmp_path):
    with openai_server([say("Late.", wait=60), say("There is nothing to add.")]) as model:
        with running(tmp_path) as address:
            tab = Tab(chromium, address)
            tab.agree_to(model.base_url)
            tab.begin("What do you make of it?")
            tab.wait_for(lambda: len(_chats(model)) == 1)
            address.kill()
            state = tab.context.storage_state()
        with running(tmp_path) as address:
            tab = Tab(chromium, address, state)
            tab.page.wait_for_selector("text=This question was interrupted; ask it again.", timeout=30_000)
            assert len(_chats(model)) == 1, "nothing is sent without consent"
            tab.agree_to(model.base_url)
            tab.page.wait_for_selector("#chat >> text=There is nothing to add.", timeout=30_000)
            assert len(_chats(model)) == 2


def test_a_page_turned_in_mid_turn_stays_where_the_user_put_it(chromium, running, tmp_path):
    script = [call("show_page", onset=100.0), say("It is calm.", wait=4)]
    with openai_server(script) as model, running(tmp_path) as address:
        tab = Tab(chromium, address)
        tab.agree_to(model.base_url)
        tab.begin("Go to 100 s. What is there?")
        tab.wait_for(lambda: "onset=100" in tab.address())
        for _ in range(3):
            tab.page.click("#forth")
        tab.wait_for(lambda: "onset=130" in tab.address())
        assert tab.page.is_visible("#stop"), "the turn is still running"
        tab.page.wait_for_selector("#chat >> text=It is calm.", timeout=30_000)
        tab.page.wait_for_selector("#ask")
        tab.page.wait_for_timeout(500)
        assert "onset=130" in tab.address()
        assert tab.page.input_value("#goto input") == "130"
        tab.page.click("#forth")
        tab.wait_for(lambda: "onset=140" in tab.address())


def test_a_turn_goes_on_unseen_when_the_tab_turns_to_another_conversation(chromium, running, tmp_path):
    with openai_server([say("It is calm.", wait=8)]) as model, running(tmp_path) as address:
        tab = Tab(chromium, address)
        tab.agree_to(model.base_url)
        tab.begin("What do you make of it?")
        tab.wait_for(lambda: len(_chats(model)) == 1)
        tab.page.click("#new")
        tab.page.wait_for_selector("#ask", timeout=10_000)
        tab.page.wait_for_timeout(9_000)
        assert "calm" not in tab.said()
        assert "What do you make of it?" not in tab.said()
        tab.page.click("#thread-list input")
        tab.page.get_by_role("option", name="What do you make of it?").click()
        tab.page.wait_for_selector("#chat >> text=It is calm.", timeout=10_000)


def test_a_tab_closed_in_mid_turn_leaves_a_conversation_that_can_be_used(chromium, running, tmp_path):
    with openai_server([say("Calm.", wait=3)]) as model, running(tmp_path) as address:
        tab = Tab(chromium, address)
        tab.agree_to(model.base_url)
        tab.begin("What do you make of it?")
        tab.wait_for(lambda: len(_chats(model)) == 1)
        state = tab.context.storage_state()
        tab.page.close()
        back = Tab(chromium, address, state)
        back.page.wait_for_selector("#chat >> text=What do you make of it?")
        back.page.wait_for_timeout(4_000)
        assert "0–10" in back.ask("What does this page show?")
        back.page.reload()
        back.page.wait_for_selector("#chat >> text=What does this page show?")
        assert "Not answered yet" not in back.said(), "the first question has ended, well or not"


def test_right_first_is_kept_for_this_browser(chromium, running, tmp_path):
    with running(tmp_path) as address:
        tab = Tab(chromium, address)
        tab.page.click("#settings-button")
        tab.page.get_by_label("Right first").click()
        tab.wait_for(lambda: "left_first=False" in tab.address())
        tab.page.keyboard.press("Escape")
        tab.wait_for(lambda: not tab.page.is_visible("#settings"))
        tab.page.reload()
        tab.page.wait_for_selector("#viewer img")
        tab.wait_for(lambda: "left_first=False" in tab.address())
        tab.ask("What does this page show?")
        assert "left_first=False" in tab.address()
        other = Tab(chromium, address)
        assert "left_first=True" in other.address()
