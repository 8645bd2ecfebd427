"""Facts that the real tools establish on the sample recording, and the numbers in them by name."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from agent.facts import Facts
from agent.ledger import Ledger
from agent.toolbox import build_toolbox
from agent.workbench import Workbench
from knowledge.store import open_store
from models.demo import demo_recording
from tools.io import open_recording
from tools.page import default_page

CALLS = (
    ("recording_info", {}),
    ("background", {"onset": 60, "duration": 10}),
    ("find_waveforms", {"labels": ["spindle", "slow_wave"], "onset": 60, "duration": 10}),
    ("background", {"onset": 0, "duration": 10}),
    ("band_power", {"onset": 20, "duration": 10, "channels": ["O1", "O2", "F3"]}),
    ("find_waveforms", {"labels": ["spindle", "slow_wave"], "onset": 200, "duration": 30}),
    ("find_waveforms", {"labels": ["eyem"], "onset": 0, "duration": 30}),
    ("measure_wave", {"channel": "T3", "time": 62.5}),
    ("measure_span", {"channels": ["O1"], "onset": 20, "duration": 2}),
    ("compare_sides", {"onset": 20, "duration": 10}),
    ("search_rules", {"ids": ["AASM-DEF-08"]}),
    ("show_page", {"onset": 200, "montage": "longitudinal"}),
)


def established(folder: Path) -> SimpleNamespace:
    """Run the calls above; ``ledger`` holds their facts, ``n`` the numbers that sentences are made of."""
    with open_recording(demo_recording(folder)) as recording:
        bench = Workbench(recording, open_store(folder / "rules"), default_page(recording.info, 0, 10))
        toolbox = {tool.name: tool for tool in build_toolbox(bench)}
        facts = []
        for name, args in CALLS:
            made = toolbox[name].invoke({"type": "tool_call", "name": name, "args": args, "id": "1"})
            facts.append(Facts.model_validate(made.artifact))
        return SimpleNamespace(
            facts=facts, ledger=Ledger(facts, recording.info), info=recording.info, n=_numbers(facts)
        )


def _numbers(facts: list[Facts]) -> SimpleNamespace:
    _, page, _, rhythm, bands, sleep, wake, wave, span, sides, _, _ = facts
    spindles = [e for e in sleep.events if e.label == "spindle"]
    slow = [e for e in sleep.events if e.label == "slow_wave"]
    blinks = [e for e in wake.events if e.label == "eyem"]

    def value(of: Facts, quantity: str, channel: str | None = None) -> float:
        return next(m.value for m in of.measurements
                    if m.quantity == quantity and (channel is None or m.channels == (channel,)))  # fmt: skip

    return SimpleNamespace(
        spindles=spindles, slow=slow, blinks=blinks,
        pdr=value(rhythm, "posterior rhythm frequency"), pdr_uv=value(rhythm, "posterior rhythm amplitude"),
        pdr60=value(page, "posterior rhythm frequency"),
        dom=value(rhythm, "dominant frequency"), dom_uv=value(rhythm, "background amplitude"),
        alpha_o1=value(bands, "alpha power", "O1"), alpha_o2=value(bands, "alpha power", "O2"),
        alpha_f3=value(bands, "alpha power", "F3"),
        share_o1=value(bands, "alpha share", "O1"), share_f3=value(bands, "delta share", "F3"),
        peak=value(wave, "time of the peak"), wave_s=value(wave, "duration"),
        wave_uv=next(m.value for m in wave.measurements if m.unit == "uV"),
        pp=value(span, "peak-to-peak"), half=value(span, "half of peak-to-peak"), rms=value(span, "root mean square"),
        span_hz=value(span, "dominant frequency"), slope=value(span, "steepest slope"),
        t3=next(m.value for m in sides.measurements if m.channels == ("T3",)),
        t4=next(m.value for m in sides.measurements if m.channels == ("T4",)),
        t3t4=next(m.value for m in sides.measurements if m.channels == ("T3", "T4")),
    )  # fmt: skip
