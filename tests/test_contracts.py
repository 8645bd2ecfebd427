"""What every tool of the toolbox promises to a brain, whatever recording lies open."""

from dataclasses import replace

import numpy as np
import pytest
from langchain_core.messages import ToolMessage

from agent.facts import Facts
from agent.toolbox import build_toolbox
from agent.workbench import Workbench
from knowledge.store import open_store
from models.simulate import simulate, write_edf
from tools.io import open_recording
from tools.page import default_page
from tools.types import ToolError

TOOLS = (
    "recording_info", "show_page", "describe_page", "background", "band_power", "find_waveforms",
    "stage_sleep", "measure_wave", "measure_span", "compare_sides", "search_rules",
)  # fmt: skip
REQUIRED = {"find_waveforms": {"labels": ["spindle", "eyem"]}, "measure_wave": {"time": 5.0}}
"""Arguments without which a call makes no sense; ``measure_wave`` also gets the first channel."""


def _referential(simulated):
    return simulated


def _bipolar(simulated):
    segment = simulated.segment
    pairs = [
        ("Fp1", "F3"),
        ("F3", "C3"),
        ("C3", "P3"),
        ("P3", "O1"),
        ("Fp2", "F4"),
        ("F4", "C4"),
        ("C4", "P4"),
        ("P4", "O2"),
    ]
    row = {name: segment.data[i] for i, name in enumerate(segment.channels)}
    data = np.array([row[a] - row[b] for a, b in pairs])
    return simulated._replace(
        segment=replace(segment, data=data, channels=tuple(f"{a}-{b}" for a, b in pairs), kinds=())
    )


def _one_channel(simulated):
    return simulated._replace(segment=simulated.segment.pick(["Cz"]))


SHAPES = {"referential": _referential, "bipolar": _bipolar, "one channel": _one_channel}


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    return open_store(tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="module", params=SHAPES)
def bench(request, tmp_path_factory, rules):
    shaped = SHAPES[request.param](simulate(("alpha", "blinks"), duration=40.0, seed=2))
    path = write_edf(shaped, tmp_path_factory.mktemp("shape") / "r.edf")
    with open_recording(path) as recording:
        yield Workbench(recording, rules, default_page(recording.info, 0.0, 10.0))


def tool_of(bench, name):
    return {tool.name: tool for tool in build_toolbox(bench)}[name]


def called(bench, name, args):
    return tool_of(bench, name).invoke({"type": "tool_call", "name": name, "args": args, "id": "call_0"})


def test_the_toolbox_holds_the_tools_known_here(bench):
    assert tuple(tool.name for tool in build_toolbox(bench)) == TOOLS


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_and_each_of_its_arguments_is_described(name, bench):
    tool = tool_of(bench, name)
    assert 20 < len(tool.description) < 300
    assert tool.response_format == "content_and_artifact"
    schema = tool.args_schema.model_json_schema()
    for argument, said in schema.get("properties", {}).items():
        assert len(said.get("description", "")) > 10, argument
    assert set(schema.get("required", ())) <= {"labels", "channel", "time"}


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_called_without_optional_arguments_works_or_is_refused_in_words(name, bench):
    args = dict(REQUIRED.get(name, {}))
    if name == "measure_wave":
        args["channel"] = bench.recording.info.channels[0].name
    try:
        message = called(bench, name, args)
    except ToolError as error:
        refused = error.message
    else:
        refused = ""
    if refused:
        assert len(refused) > 15
        assert "\n" not in refused
        return
    assert isinstance(message, ToolMessage)
    assert message.text.strip()
    facts = Facts.model_validate(message.artifact)
    assert facts.tool == name
    known = {c.name for c in bench.recording.info.channels}
    parts = {part for channel in known for part in channel.split("-")}
    assert all(
        set(channel.split("-")) <= parts | {"AV"} for m in facts.measurements for channel in m.channels
    )
    assert all(m.amplitude_kind for m in facts.measurements if m.unit == "uV")
    assert all(m.unit and m.tool for m in facts.measurements if m.unit != "")
    Facts.model_validate_json(facts.model_dump_json())  # what the store keeps reads the same


@pytest.mark.parametrize("name", TOOLS)
def test_a_referential_recording_is_refused_nothing(name, rules, tmp_path):
    path = write_edf(simulate(("alpha", "blinks"), duration=40.0, seed=2), tmp_path / "r.edf")
    with open_recording(path) as recording:
        desk = Workbench(recording, rules, default_page(recording.info, 0.0, 10.0))
        args = REQUIRED.get(name, {}) | ({"channel": "C3"} if name == "measure_wave" else {})
        assert called(desk, name, args).status == "success"


def test_every_span_a_tool_measured_lies_in_the_place_asked_for(bench):
    for name in ("background", "describe_page", "band_power", "measure_span"):
        try:
            message = called(bench, name, {"onset": 12.0, "duration": 8.0})
        except ToolError:
            continue
        for m in Facts.model_validate(message.artifact).measurements:
            assert 11.9 <= m.onset <= 20.1, (name, m.quantity)
            assert m.onset + m.duration <= 20.5, (name, m.quantity)


def test_the_words_of_a_tool_hold_no_number_that_its_facts_do_not(bench):
    from agent.tracing import Ledger, check

    for name in (
        "recording_info",
        "describe_page",
        "background",
        "find_waveforms",
        "measure_span",
        "compare_sides",
    ):
        try:
            message = called(bench, name, REQUIRED.get(name, {}))
        except ToolError:
            continue
        ledger = Ledger([Facts.model_validate(message.artifact)], bench.recording.info)
        assert check(message.text, ledger).unsupported == (), name
