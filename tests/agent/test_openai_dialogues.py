"""Talks with a brain on a model server: real graph, real threads, real rules, a real file, a real socket."""

import json
import re

import edfio
import pytest

from agent.settings import Settings
from models.simulate import simulate
from tests.agent.openai_server import Reply, call, fail, garbage, openai_server, say
from tools.types import ToolError

PNG = b"\x89PNG"
CANARIES = ("Zwetschge", "Quetschkommode", "KNR-4711", "Dr_Allwissend", "Wurlitzer9", "Ampelmann", "Kaktusblüte",
            "geheimakte", "Schubladendenken", "Transduktor", "Vorfilterung")  # fmt: skip
"""Planted wherever a file can hold text: none of it may ever be sent."""


def settings(server, home, **changes):
    wanted = {
        "brain": "openai",
        "base_url": server.base_url,
        "model": "test-vl",
        "timeout_s": 5,
        "max_retries": 1,
    }
    return Settings(home=home, **(wanted | changes))


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """An EDF+ of one minute whose name, folder, header and annotations are full of canaries."""
    segment = simulate(("alpha", "blinks"), duration=60.0, seed=3).segment
    signals = [
        edfio.EdfSignal(row, segment.sfreq, label=f"EEG {name}", physical_dimension="uV",
                        physical_range=(-3276.7, 3276.7), transducer_type="Transduktor", prefiltering="Vorfilterung")
        for name, row in zip(segment.channels, segment.data, strict=True)
    ]  # fmt: skip
    signals.append(edfio.EdfSignal(segment.data[0], segment.sfreq, label="Ampelmann", physical_dimension="uV",
                                   physical_range=(-3276.7, 3276.7)))  # fmt: skip
    patient = edfio.Patient(
        code="KNR-4711", name="Zwetschge_Quetschkommode", additional=("Schubladendenken",)
    )
    who = edfio.Recording(hospital_administration_code="KNR-4711", investigator_technician_code="Dr_Allwissend",
                          equipment_code="Wurlitzer9")  # fmt: skip
    notes = [
        edfio.EdfAnnotation(5.0, None, "Kaktusblüte Zwetschge"),
        edfio.EdfAnnotation(20.0, 2.0, "Kaktusblüte"),
    ]
    folder = tmp_path_factory.mktemp("geheimakte")
    path = folder / "Zwetschge_geheimakte.edf"
    edfio.Edf(signals, patient=patient, recording=who, annotations=notes).write(path)
    return path


def tool_words(request):
    return [m["content"] for m in request.messages if m["role"] == "tool"]


def rhythm(request):
    """The posterior rhythm as the newest tool result words it, and so as a model would repeat it."""
    hz, uv = re.findall(
        r"Posterior rhythm of ([\d.]+) Hz and \w+ amplitude \(([\d.]+) µV", tool_words(request)[-1]
    )[-1]
    return hz, uv


class Script:
    """Replies in order; a function among them is given the request."""

    def __init__(self, *replies):
        self.replies = list(replies)

    def __call__(self, request):
        if not self.replies:
            return fail(500, "the script is over")
        reply = self.replies.pop(0)
        return reply(request) if callable(reply) else reply


def true_rhythm(request):
    hz, uv = rhythm(request)
    return say(f"The posterior rhythm is **{hz} Hz**, at {uv} µV peak-to-peak over O1 and O2.", gap=0.005)


def test_a_talk_of_five_turns_with_tools_pictures_and_one_mending(planted, talk, tmp_path):
    script = Script(
        call("background", onset=0, duration=10), true_rhythm,
        Reply(calls=(("find_waveforms", {"labels": ["eyem"]}), ("show_page", {"onset": 20})), whole=True),
        say("Blinks are present. A seizure starts at T4 at 33.3 s, of 3.1 Hz. This is stage N3 [AASM-N9-77]."),
        say("Blinks are present. A sharp wave is seen at Pz, of 212 µV."),
        call("background"), true_rhythm,
        call("search_rules", ids=["AASM-DEF-08"]), say("A spindle is a burst of 11–16 Hz [AASM-DEF-08]."),
        say("You are welcome."),
    )  # fmt: skip
    with openai_server(script) as server:
        talking = talk(planted, settings=settings(server, tmp_path / "h"))
        first = talking.steps("What is the background rhythm?")
        answer = first[-1].answer
        assert [step.kind for step in first if step.kind != "text"] == [
            "understood",
            "tool_start",
            "tool_end",
            "answer",
        ]
        assert "".join(step.words for step in first if step.kind == "text") == answer.answer
        assert len([step for step in first if step.kind == "text"]) >= 3
        assert answer.unsupported == ()
        assert answer.findings[0].evidence
        assert answer.brain == "openai"

        second = talking.steps("Are there blinks? Show me 20 s.")
        answer = second[-1].answer
        assert answer.answer == "Blinks are present."
        assert answer.page.onset == 20
        assert len(answer.unsupported) == 1  # what the mended draft still invents
        assert "Pz" in answer.unsupported[0]
        assert not re.search("seizure|T4|N3|3.1|212|Pz|sharp", answer.answer)
        (checked,) = [step.words for step in second if step.kind == "checked"]
        assert "33.3 s" in checked
        assert "AASM-N9-77" in checked
        asked_to_mend = server.requests[4].messages[-1]
        assert asked_to_mend["role"] == "user"
        assert "seizure" in json.dumps(asked_to_mend)

        third = talking.ask("And the background on this page?")
        assert third.unsupported == ()
        assert third.findings[0].evidence[0].onset == 20  # the page that the turn before moved to
        assert third.page.onset == 20
        fourth = talking.ask("What is a spindle?")
        assert [source.id for source in fourth.citations] == ["AASM-DEF-08"]
        assert talking.ask("Thanks").answer == "You are welcome."
        assert [turn.status for turn in talking.threads.history(talking.thread, "tester")] == ["done"] * 5

        roles = {role for request in server.requests for role, _ in request.pictures}
        assert roles == {"user"}
        assert all(picture.startswith(PNG) for request in server.requests for _, picture in request.pictures)
        sent = "".join(json.dumps(request.json, ensure_ascii=False) for request in server.requests)
        headers = "".join(str(request.headers) for request in server.requests)
        for secret in (*CANARIES, str(planted), planted.name, planted.parent.name, str(tmp_path), "tester"):
            assert secret.lower() not in (sent + headers).lower(), secret


def test_a_talk_goes_on_after_nonsense_a_time_out_an_error_and_a_wrong_call(demo, talk, tmp_path):
    script = Script(
        garbage(), call("background", onset=0, duration=10), true_rhythm,
        fail(500, "out of memory"), call("no_such_tool"), call("measure_span", chanels=["O1"], onset="soon"),
        call("band_power", channels=["Q7"]), call("find_waveforms", labels=["unicorn"]),
        say("I could not measure that."),
        say("late", wait=9), say("late", wait=9),
        Reply(calls=(("background", '{"onset": 0, "dura'),)), call("background", onset=0, duration=10), true_rhythm,
    )  # fmt: skip
    with openai_server(script) as server:
        talking = talk(demo, settings=settings(server, tmp_path / "h", timeout_s=1.5))
        assert talking.ask("What is the background rhythm?").unsupported == ()
        steps = talking.steps("How much power is there at Q7?")
        assert [step.ok for step in steps if step.kind == "tool_end"] == [False] * 4
        words = [step.words for step in steps if step.kind == "tool_end"]
        assert "There is no tool of that name" in words[0]
        assert "onset" in words[1]
        assert "O1" in words[2] or "channel" in words[2]
        assert "spindle" in words[3]
        assert steps[-1].answer.answer == "I could not measure that."
        assert [made.ok for made in steps[-1].answer.tool_calls] == [False] * 4
        with pytest.raises(ToolError, match=r"GLOSSA_TIMEOUT_S|answer"):
            talking.steps("And now?")
        assert talking.ask("What is the background rhythm?").unsupported == ()
        statuses = [turn.status for turn in talking.threads.history(talking.thread, "tester")]
        assert statuses == ["done", "done", "failed", "done"]


def test_what_the_embedded_brain_said_is_not_sent_later_and_what_the_server_said_is(demo, talk, tmp_path):
    script = Script(
        call("background", onset=0, duration=10), true_rhythm, say("Yes."), say("Yes."), say("Done.")
    )
    with openai_server(script) as server:
        talking = talk(demo)
        own = talking.ask("Kohlrabi! Are there blinks on this page?")
        assert own.brain == "embedded"
        assert server.requests == []  # nothing is sent while the embedded brain answers
        talking.settings = settings(server, tmp_path / "h")
        answer = talking.ask("What is the Rhabarber rhythm of the background?")
        talking.ask("And then?")
        talking.settings = Settings(home=tmp_path / "h", base_url=server.base_url, model="m")
        before = len(server.requests)
        talking.ask("Describe this Pastinake page.")
        assert len(server.requests) == before
        talking.settings = settings(server, tmp_path / "h")
        talking.ask("So?")
    sent = json.dumps([request.json for request in server.requests], ensure_ascii=False)
    assert "Kohlrabi" not in sent
    assert "Pastinake" not in sent
    assert own.answer not in sent
    last = json.dumps(server.requests[-1].messages, ensure_ascii=False)
    assert "Rhabarber" in last
    assert answer.answer in last


@pytest.mark.parametrize(
    ("reply", "letter"),
    [("**B** fits: the posterior rhythm is there.", "B"), ("B. Alpha rhythm", "B"), ("The answer is (B).", "B"),
     ("Option A is wrong. Option B fits.", "B"), ("It is the alpha rhythm.", "B"), ("I cannot tell.", None)],
)  # fmt: skip
def test_the_letter_of_a_multiple_choice_answer_is_read(reply, letter, demo, talk, tmp_path):
    question = (
        "Which of these does the page show? A) Sleep spindles B) Alpha rhythm C) Muscle artifact D) Nothing"
    )
    with openai_server(Script(call("describe_page"), say(reply), say(reply))) as server:
        answer = talk(demo, settings=settings(server, tmp_path / "h"), start=10.0).ask(question)
    assert answer.choice == letter


def test_a_server_that_fails_at_the_mending_leaves_what_was_grounded(demo, talk, tmp_path):
    def half_true(request):
        return say(f"The posterior rhythm is {rhythm(request)[0]} Hz. A seizure starts at 7.7 s.")

    script = Script(call("background", onset=0, duration=10), half_true, fail(400, "too long"), fail(400))
    with openai_server(script) as server:
        answer = talk(demo, settings=settings(server, tmp_path / "h")).ask("What is the background rhythm?")
    assert answer.answer.startswith("The posterior rhythm is")
    assert "seizure" not in answer.answer
    assert len(answer.unsupported) == 1
