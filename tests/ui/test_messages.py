"""Steps become chat messages: in order, in words, and with nothing in them that a browser would run."""

from agent.findings import Answer, CitedSource, ToolCall
from agent.intent import Intent
from agent.memory import Turn
from agent.steps import Step
from tools.types import NotAnalysed
from ui.messages import (
    Chat,
    add_step,
    answer_messages,
    broken_off,
    question_message,
    safe,
    turn_messages,
)
from ui.step_titles import span, tool_title


def _answer(**fields):
    return Answer(**({"answer": "Two blinks.", "thread": "t", "brain": "embedded"} | fields))


def _play(*steps):
    chat = Chat()
    for step in steps:
        chat = add_step(chat, step)
    return chat


def test_a_tool_turns_from_pending_to_done_with_its_time_and_words():
    args = {"labels": ["eyem"], "onset": 0.0, "duration": 10.0}
    begun = _play(Step(kind="tool_start", call_id="1", name="find_waveforms", args=args))
    assert begun.shown[0]["metadata"]["status"] == "pending"
    assert begun.shown[0]["metadata"]["title"] == "Looking for blinks, 0–10 s"
    done = add_step(
        begun, Step(kind="tool_end", call_id="1", name="find_waveforms", words="2 blinks", seconds=0.2)
    )
    assert done.shown[0]["metadata"] | {"id": None} == {
        "title": "Looking for blinks, 0–10 s", "status": "done", "duration": 0.2, "id": None,
    }  # fmt: skip
    assert done.shown[0]["content"] == "2 blinks"
    assert begun.shown[0]["metadata"]["status"] == "pending", "what was handed in stays as it was"


def test_a_long_search_says_how_far_it_is_in_its_own_line():
    chat = _play(
        Step(kind="tool_start", call_id="1", name="find_waveforms"),
        Step(kind="tool_start", call_id="2", name="stage_sleep"),
        Step(kind="progress", call_id="2", name="stage_sleep", share=0.344),
    )
    assert [m["content"] for m in chat.shown] == ["", "34 % of the recording searched"]
    assert [m["metadata"]["status"] for m in chat.shown] == ["pending", "pending"]


def test_parallel_calls_of_one_tool_are_closed_each_by_its_own_end():
    starts = [Step(kind="tool_start", call_id=i, name="band_power", args={}) for i in ("a", "b")]
    chat = _play(*starts, Step(kind="tool_end", call_id="b", name="band_power", words="second"))
    assert [m["metadata"]["status"] for m in chat.shown] == ["pending", "done"]
    assert [m["content"] for m in chat.shown] == ["", "second"]


def test_a_tool_that_could_not_do_it_says_so():
    chat = _play(
        Step(kind="tool_start", call_id="1", name="measure_wave", args={"channel": "T9", "time": 4.2}),
        Step(kind="tool_end", call_id="1", name="measure_wave", ok=False, words="No channel T9 here."),
    )
    assert chat.shown[0]["metadata"]["title"] == "Measuring the wave, at 4.2 s, T9 — could not be done"


def test_a_draft_grows_and_gives_way_to_the_answer():
    chat = _play(Step(kind="text", words="Two "), Step(kind="text", words="spikes."))
    assert [m["content"] for m in chat.shown] == ["Two spikes."]
    chat = add_step(chat, Step(kind="checked", words="spikes: no source"))
    assert [m["content"] for m in chat.shown] == ["spikes: no source"]
    chat = add_step(add_step(chat, Step(kind="text", words="Two b")), Step(kind="answer", answer=_answer()))
    assert [m["content"] for m in chat.shown][1:] == ["Two blinks."]


def test_a_draft_is_made_safe_as_a_whole_however_it_was_cut():
    chat = _play(Step(kind="text", words="![x](http://a.example/"), Step(kind="text", words="p.png) <im"))
    assert chat.shown[0]["content"] == "x &lt;im"


def test_sources_gaps_and_struck_claims_follow_the_answer_in_this_order():
    answer = _answer(
        citations=(CitedSource(id="AASM-N2-01", title="Sleep spindle", source="AASM 2.6"),),
        not_analysed=(NotAnalysed(label="spike", reason="no detector"),),
        unsupported=("12 Hz: It runs at 12 Hz.",),
    )
    shown = answer_messages(answer)
    assert [m["metadata"].get("title") for m in shown] == [
        None, "Sources: AASM-N2-01", "Not analysed: spike", "Struck out, for want of a source: 1",
    ]  # fmt: skip
    assert shown[1]["content"] == "- **AASM-N2-01** — Sleep spindle — AASM 2.6"
    assert shown[2]["content"] == "- spike: no detector"


def test_lists_under_the_answer_are_folded_with_their_first_names_and_count_in_sight():
    labels = ("spike", "sharp", "mu", "GPD", "LPD")
    gaps = tuple(
        NotAnalysed(label=label, reason="no detector" if i else "too short") for i, label in enumerate(labels)
    )
    (folded,) = answer_messages(_answer(not_analysed=gaps))[1:]
    assert folded["metadata"] == {
        "title": "Not analysed: spike, sharp wave, mu rhythm, … (5)",
        "status": "done",
    }
    assert folded["content"].splitlines()[0] == "- spike: too short"
    assert len(folded["content"].splitlines()) == 2, "one line a reason"


def test_the_letter_of_a_choice_is_shown_once():
    assert answer_messages(_answer(choice="B"))[0]["content"] == "**B.** Two blinks."
    named = _answer(choice="B", answer="B fits: two blinks.")
    assert answer_messages(named)[0]["content"] == "B fits: two blinks."


def test_how_the_question_was_read_is_said_and_courtesy_is_not():
    intent = Intent(
        act="detect", question="?", labels=("spindle",), region="left central", onset=3, duration=2
    )
    chat = _play(Step(kind="understood", intent=intent))
    assert chat.shown[0]["metadata"]["title"] == (
        "Understood: look for waveforms, sleep spindles, left central, 3–5 s"
    )
    assert not _play(Step(kind="understood", intent=Intent(act="thanks", question="thanks"))).shown


def test_a_turn_that_breaks_off_leaves_no_spinner_and_no_draft():
    chat = _play(
        Step(kind="tool_start", call_id="1", name="background", args={}), Step(kind="text", words="So f")
    )
    chat = broken_off(chat, "The model server does not answer.")
    assert [m["metadata"].get("status") for m in chat.shown] == ["done", None]
    assert chat.shown[-1]["content"] == "*The model server does not answer.*"


def test_text_of_a_model_carries_no_html_picture_or_live_link():
    text = (
        "<img src=x onerror=alert(1)> ![p](http://a.example/x.png) [here](javascript:alert(1)) "
        "http://a.example/?q=1 www.a.example\n[1]: http://a.example/x"
    )
    shown = safe(text)
    assert "<" not in shown
    assert "](" not in shown
    assert "[1]:" not in shown
    assert "a.example/?q=1" in shown
    assert "://" not in safe("hthttp://tp://a.example ftp://b WWW.www.c")
    assert "www." not in safe("wwwww.w.a.example")
    assert "here" in shown


def test_plain_clinical_text_passes_unchanged_but_for_its_less_than_sign():
    text = "- **T3**: 45 µV (p-p), > 70 Hz [AASM-N2-01]\n- amplitude < 10 µV"
    assert safe(text) == text.replace("<", "&lt;")


def test_what_the_user_typed_is_shown_as_words():
    assert question_message("<b>why</b>?")["content"] == "&lt;b>why&lt;/b>?"


def test_titles_hold_no_markup_from_a_models_arguments():
    title = tool_title("search_rules", {"query": "<script>`x`\n[y](z)" + "q" * 100})
    assert not set("<>`[]\n") & set(title)
    assert len(title) < 100


def test_every_tool_of_the_toolbox_has_a_title_of_its_own():
    from agent.toolbox import build_toolbox
    from ui.step_titles import _TOOLS

    assert {tool.name for tool in build_toolbox(None)} == set(_TOOLS)


def test_an_earlier_turn_is_shown_with_question_tools_and_answer():
    answer = _answer(tool_calls=(ToolCall(name="background", ok=True),))
    turn = Turn(n=1, question="Alpha?", status="done", answer=answer.model_dump(mode="json"))
    roles = [(m["role"], m["metadata"].get("title"), m["content"]) for m in turn_messages(turn)]
    assert roles == [
        ("user", None, "Alpha?"),
        ("assistant", "Measuring the background", ""),
        ("assistant", None, "Two blinks."),
    ]  # fmt: skip


def test_turns_without_an_answer_say_what_became_of_them():
    for status, word in (("interrupted", "interrupted"), ("open", "Not answered"), ("failed", "could not")):
        shown = turn_messages(Turn(n=1, question="?", status=status))
        assert word in shown[-1]["content"]


def test_spans_read_as_places_in_time():
    assert span(12.0, 10.0) == "12–22 s"
    assert span(4.2, 0.0) == "at 4.2 s"


def test_a_fault_of_the_program_is_named_by_kind_and_place_without_its_text():
    from ui.titles import fault_words

    try:
        {}["DOE^JANE"]
    except KeyError as error:
        words = fault_words(error)
    assert words.startswith("Glossa failed (KeyError at test_messages.py:")
    assert "DOE" not in words
