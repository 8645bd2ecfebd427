"""What the steps of a turn are called, in a few words each."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agent.intent import Intent
from agent.words import plural
from tools.labels import SPOKEN

_ACTS = {
    "describe": "describe what is there",
    "detect": "look for waveforms",
    "measure": "measure",
    "background": "measure the background",
    "compare": "compare",
    "search": "search the recording",
    "navigate": "show another page",
    "view": "change the view",
    "why": "give the grounds of the last answer",
    "confirm": "check the last answer again",
    "knowledge": "look up what the rules say",
    "choose": "choose among the options",
    "info": "say what is in the recording",
    "help": "say what can be asked",
}
_TOOLS = {
    "recording_info": "Reading what is in the recording",
    "show_page": "Turning to the page",
    "describe_page": "Describing the page",
    "background": "Measuring the background",
    "band_power": "Measuring band power",
    "find_waveforms": "Looking for",
    "stage_sleep": "Staging sleep",
    "measure_wave": "Measuring the wave",
    "measure_span": "Measuring",
    "compare_sides": "Comparing left and right",
    "search_rules": "Looking up the rules",
}


def intent_title(intent: Intent) -> str | None:
    """Say how the question was read; courtesy needs no such line."""
    doing = _ACTS.get(intent.act)
    if doing is None:
        return None
    about = [", ".join(_many(label) for label in intent.labels[:4])]
    about.append(intent.region or ", ".join(intent.channels[:4]))
    if intent.onset is not None:
        about.append(span(intent.onset, intent.duration or 0.0))
    elif intent.whole_recording:
        about.append("whole recording")
    return "Understood: " + ", ".join([doing, *filter(None, about)])


def tool_title(name: str, args: Mapping[str, object], question: str = "") -> str:
    """Say in a few words what a tool is doing: ``Looking for blinks, 0–10 s, C3``."""
    doing = _TOOLS.get(name, name.replace("_", " ").strip().capitalize() or "Working")
    labels = args.get("labels")
    if isinstance(labels, list) and labels:
        names = [_many(str(label)) for label in labels]
        doing += " " + ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
    elif name == "find_waveforms":
        doing += " waveforms and artifacts"
    details = []
    if isinstance(args.get("query"), str):
        details.append(f"“{short(_as_asked(str(args['query']), question), 60)}”")
    if args.get("whole_recording"):
        details.append("whole recording")
    elif isinstance(args.get("onset"), int | float):
        length = args.get("duration")
        details.append(span(_number(args["onset"]), _number(length)))
    if isinstance(args.get("time"), int | float):
        details.append(f"at {_number(args['time']):g} s")
    channels = args.get("channels") or args.get("channel")
    if channels:
        listed = [str(c) for c in channels] if isinstance(channels, list) else [str(channels)]
        details.append(", ".join(listed[:4]) + (" …" if len(listed) > 4 else ""))
    return plain(", ".join([doing, *details]))


def _as_asked(query: str, question: str) -> str:
    """Write a query that was made from the question in the user's own letters."""
    asked = " ".join(question.split())
    start = asked.lower().find(query.lower()) if query else -1
    if start >= 0:
        return asked[start : start + len(query)]
    start = query.lower().find(asked.lower()) if asked else -1
    return query[:start] + asked + query[start + len(asked) :] if start >= 0 else query


def span(onset: float, duration: float) -> str:
    """Write a place in time: ``12–22 s``."""
    if duration <= 0:
        return f"at {onset:g} s"
    return f"{round(onset, 2):g}–{round(onset + duration, 2):g} s"


def short(text: str, limit: int) -> str:
    """Cut a text to a length, with a sign that it was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def plain(text: str) -> str:
    """Make a title of what may hold a model's words: one line, no markup."""
    return re.sub(r"[<>`*_\[\]\n]+", " ", text).strip()


def _many(label: str) -> str:
    return plural(label) if label in SPOKEN else label


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
