"""Signal functions and rules as the brain sees them.

The only module that knows both sides. A tool returns words for the model and ``Facts`` for everyone
else. The recording is bound, never named by the model; a place left out means the page in view.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from langchain_core.tools import BaseTool, StructuredTool

from agent.bands import look_at_bands
from agent.facts import Facts
from agent.looking import look_at_background, look_at_description, look_at_info
from agent.measuring import look_at_sides, look_at_span, look_at_wave
from agent.nights import look_at_stages
from agent.searching import look_for_events
from agent.words import span, view_words
from agent.workbench import Workbench
from knowledge.types import KnowledgeError
from tools.filters import check_filters
from tools.io import OpenRecording
from tools.montage import available_montages, montage_name
from tools.types import Measurement, Page, ToolError

Onset = Annotated[float | None, "start in seconds of the recording; left out: the page in view"]
Duration = Annotated[float | None, "length in seconds; left out: that of the page in view"]
Channels = Annotated[list[str] | None, "channel names such as T3 or T3-C3; left out: all"]
Filter = Annotated[float | None, "cut-off in Hz; 0 switches the filter off; left out: unchanged"]


def build_toolbox(bench: Workbench) -> list[BaseTool]:
    """Bind the tools to one recording, rule base and page."""

    def recording_info() -> tuple[str, dict[str, Any]]:
        """Say what is in the recording: length, channels, rates, age, sex, warnings."""
        return _hand_over(look_at_info(bench.recording, bench.age_years))

    def show_page(
        onset: Onset = None,
        duration: Duration = None,
        montage: Annotated[str | None, "montage by name; left out: unchanged"] = None,
        low_cut_hz: Filter = None,
        high_cut_hz: Filter = None,
        notch_hz: Filter = None,
        sensitivity_uv_per_mm: Annotated[float | None, "gain in µV per mm"] = None,
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Show a page to the user and look at its picture; changes place, montage, filters or gain."""
        start, length = bench.place(onset, duration)
        change: dict[str, Any] = {"onset": start, "duration": length}
        change |= {"montage": montage_name(montage)} if montage else {}
        cuts = {"low_cut_hz": low_cut_hz, "high_cut_hz": high_cut_hz, "notch_hz": notch_hz}
        change |= {name: (cut or None) for name, cut in cuts.items() if cut is not None}
        change |= {"sensitivity_uv_per_mm": sensitivity_uv_per_mm} if sensitivity_uv_per_mm else {}
        page = Page.model_validate(bench.page.model_dump() | change)
        words, facts = look_at_page(bench.recording, page)
        shown: list[dict[str, Any]] = [
            {"type": "text", "text": words},
            {"type": "page", "page": page.model_dump(mode="json")},
        ]
        return shown, facts.model_dump(mode="json")

    def describe_page(onset: Onset = None, duration: Duration = None) -> tuple[str, dict[str, Any]]:
        """Describe a span in full: quality, artifacts, waveforms, background, asymmetry, slowing."""
        return _hand_over(look_at_description(bench, *bench.place(onset, duration)))

    def background(onset: Onset = None, duration: Duration = None) -> tuple[str, dict[str, Any]]:
        """Measure the background: dominant and posterior rhythm, amplitude, asymmetry, slowing."""
        return _hand_over(look_at_background(bench, *bench.place(onset, duration)))

    def band_power(
        onset: Onset = None, duration: Duration = None, channels: Channels = None
    ) -> tuple[str, dict[str, Any]]:
        """Measure the power of each channel in delta, theta, alpha, beta and gamma."""
        return _hand_over(look_at_bands(bench.recording, *bench.place(onset, duration), channels or None))

    def find_waveforms(
        labels: Annotated[list[str], "what to look for: labels or groups of the vocabulary"],
        onset: Onset = None,
        duration: Duration = None,
        channels: Channels = None,
        whole_recording: Annotated[bool, "search the whole recording instead of a place"] = False,
        stages: Annotated[list[str] | None, "W, N1, N2, N3, R: only in epochs of these stages"] = None,
    ) -> tuple[str, dict[str, Any]]:
        """Look for waveforms and artifacts; says what was found, and what could not be looked for."""
        length = bench.recording.info.duration
        place = (0.0, length) if whole_recording else bench.place(onset, duration)
        return _hand_over(look_for_events(bench, labels, *place, channels or None, stages))

    def stage_sleep(
        onset: Onset = None,
        duration: Duration = None,
        whole_recording: Annotated[bool, "the night in numbers instead of the stage of a place"] = False,
        instead: Annotated[list[str] | None, "stages to weigh against the one found"] = None,
    ) -> tuple[str, dict[str, Any]]:
        """Stage sleep: the stage of a place with the rules and measurements that make it, or a night's numbers."""
        place = bench.place(onset, duration)
        return _hand_over(look_at_stages(bench, *place, whole_recording, instead))

    def measure_wave(
        time: Annotated[float, "second of the recording"],
        channel: Annotated[str | None, "channel name; left out: where the signal is largest then"] = None,
    ) -> tuple[str, dict[str, Any]]:
        """Measure the single wave nearest to a time on one channel: amplitude, duration, polarity."""
        return _hand_over(look_at_wave(bench.recording, channel, time, bench.page))

    def measure_span(
        channels: Channels = None, onset: Onset = None, duration: Duration = None
    ) -> tuple[str, dict[str, Any]]:
        """Measure a span with the caliper: amplitudes (each kind), dominant frequency, steepest slope."""
        return _hand_over(
            look_at_span(bench.recording, channels or None, *bench.place(onset, duration), bench.page)
        )

    def compare_sides(
        onset: Onset = None,
        duration: Duration = None,
        channels: Channels = None,
        band: Annotated[
            Literal["delta", "theta", "alpha", "beta"] | None, "compare only this band; left out: 1.6-70 Hz"
        ] = None,
    ) -> tuple[str, dict[str, Any]]:
        """Compare the heights of mirror channels, left against right."""
        return _hand_over(look_at_sides(bench.recording, *bench.place(onset, duration), channels, band))

    def search_rules(
        query: Annotated[str, "what the rule is about, in a few words"] = "",
        stage: Annotated[str | None, "W, N1, N2, N3 or R, to limit the search"] = None,
        ids: Annotated[list[str] | None, "ids of rules to read, instead of a search"] = None,
    ) -> tuple[str, dict[str, Any]]:
        """Look up scoring rules and definitions by words or by id; cite them by id."""
        try:
            citations = [bench.rules.get(i) for i in ids or ()] or bench.rules.search(query, stage=stage, k=3)
        except KnowledgeError as error:
            raise ToolError(error.message, field=error.field, choices=error.choices) from None
        words = "\n".join(f"[{c.id}] {c.title}: {c.text}" for c in citations)
        facts = Facts(tool="search_rules", citations=tuple(citations))
        return words or "No rule of the base answers this.", facts.model_dump(mode="json")

    functions: list[Callable[..., Any]] = [
        recording_info, show_page, describe_page, background, band_power, find_waveforms,
        stage_sleep, measure_wave, measure_span, compare_sides, search_rules,
    ]  # fmt: skip
    return [_tool(function) for function in functions]


_SCHEMAS: dict[str, Any] = {}
"""Argument schemas by tool, the same for every recording; building them costs far more than a call."""


def _tool(function: Callable[..., Any]) -> BaseTool:
    name = function.__name__
    made = StructuredTool.from_function(
        function, response_format="content_and_artifact", args_schema=_SCHEMAS.get(name),
    )  # fmt: skip
    _SCHEMAS[name] = made.args_schema
    return made


def look_at_page(recording: OpenRecording, page: Page) -> tuple[str, Facts]:
    """State which page is shown, after checking that it can be."""
    possible = available_montages(recording.info)
    if page.montage not in possible:
        raise ToolError(
            "The electrodes of this recording do not allow that montage.", field="montage", choices=possible
        )
    check_filters(
        page.filters, max((c.sfreq for c in recording.info.channels if c.kind == "eeg"), default=1e9)
    )
    words = f"The page shows {span(page.onset, page.duration)}, {view_words(page)}."
    return words, Facts(tool="show_page", page=page, measurements=page_measurements(page))


def page_measurements(page: Page) -> tuple[Measurement, ...]:
    """The settings of a page as numbers that an answer may name."""
    values = {
        "page length": (page.duration, "s"), "sensitivity": (page.sensitivity_uv_per_mm, "uV/mm"),
        "low cut": (page.low_cut_hz, "Hz"), "high cut": (page.high_cut_hz, "Hz"),
        "notch": (page.notch_hz, "Hz"), "paper speed": (page.paper_speed_mm_per_s, "mm/s"),
    }  # fmt: skip
    return tuple(
        Measurement(
            onset=page.onset, duration=page.duration, quantity=name, value=value, unit=unit, tool="show_page"
        )
        for name, (value, unit) in values.items()
        if value is not None
    )


def _hand_over(seen: tuple[str, Facts]) -> tuple[str, dict[str, Any]]:
    words, facts = seen
    return words, facts.model_dump(mode="json")
