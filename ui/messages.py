"""Steps of a turn as chat messages: pure functions, so that what a reader sees is tested without a browser.

A message is the dict that Gradio's chat takes. Text that a model or a tool wrote is data: it is stripped of
HTML, pictures and live links before it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.findings import Answer
from agent.intent import Intent
from agent.memory import Turn
from agent.steps import Step
from agent.words import plural
from tools.labels import SPOKEN

Message = dict[str, Any]

_LONGEST_RESULT = 1500
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
    "measure_wave": "Measuring the wave",
    "measure_span": "Measuring",
    "compare_sides": "Comparing left and right",
    "search_rules": "Looking up the rules",
}
_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_REFERENCE = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*\S+.*$", re.MULTILINE)
_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]*://|www\.", re.IGNORECASE)


def safe(text: str) -> str:
    """Keep the words and simple Markdown; no HTML, no picture, no link that could be followed.

    Addresses lose their scheme, since browsers' Markdown turns ``https://`` into a link by itself.
    """
    text = _REFERENCE.sub("", text)
    text = _LINK.sub(r"\1", _PICTURE.sub(r"\1", text))
    while _SCHEME.search(text):
        text = _SCHEME.sub("", text)
    return text.replace("<", "&lt;")


def said(role: str, text: str, **metadata: Any) -> Message:
    """Build one message."""
    return {"role": role, "content": text, "metadata": metadata}


def question_message(question: str) -> Message:
    """Show what the user asked, as plain words."""
    return said("user", safe(question))


@dataclass(frozen=True)
class Chat:
    """The messages on screen, and the draft that the brain is writing."""

    messages: tuple[Message, ...] = ()
    draft: str = ""

    @property
    def shown(self) -> list[Message]:
        """What the chat displays: the draft, made safe as a whole, comes last."""
        return [*self.messages, *([said("assistant", safe(self.draft))] if self.draft else [])]


def add_step(chat: Chat, step: Step) -> Chat:
    """Show one more step. Whatever follows a draft takes its place."""
    if step.kind == "text":
        return replace(chat, draft=chat.draft + step.words)
    if step.kind == "tool_end":
        return Chat(_close_tool(chat.messages, step))
    return Chat((*chat.messages, *_opened_by(step)))


def _opened_by(step: Step) -> list[Message]:
    if step.kind == "understood" and step.intent is not None:
        note = understood(step.intent)
        return [note] if note else []
    if step.kind == "tool_start":
        return [
            said("assistant", "", title=tool_title(step.name, step.args), status="pending", id=_key(step))
        ]
    if step.kind == "checked":
        title = "Checked the draft against what was measured"
        return [said("assistant", safe(step.words), title=title, status="done")]
    if step.kind == "answer" and step.answer is not None:
        return answer_messages(step.answer)
    return []


def understood(intent: Intent) -> Message | None:
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
    title = "Understood: " + ", ".join([doing, *filter(None, about)])
    return said("assistant", safe("\n\n".join(intent.notes)), title=title, status="done")


def tool_title(name: str, args: Mapping[str, object]) -> str:
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
        details.append(f"“{_short(str(args['query']), 60)}”")
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
    return _plain(", ".join([doing, *details]))


def answer_messages(answer: Answer) -> list[Message]:
    """Show an answer: its text, then sources, what was not analysed, and what was struck out."""
    text = safe(answer.answer)
    if answer.choice and not re.search(rf"\b{answer.choice}\b", answer.answer):
        text = f"**{answer.choice}.** {text}"
    shown = [said("assistant", text or "No statement could be grounded in a measurement or a rule.")]
    if answer.citations:
        lines = [f"- **{safe(c.id)}** — {safe(c.title)} — {safe(c.source)}" for c in answer.citations]
        shown.append(_fold("Sources: " + _first_few([c.id for c in answer.citations]), lines))
    if answer.not_analysed:
        by_reason: dict[str, list[str]] = {}
        for gap in answer.not_analysed:
            by_reason.setdefault(gap.reason, []).append(SPOKEN.get(gap.label, gap.label))
        lines = [f"- {safe(', '.join(names))}: {safe(reason)}" for reason, names in by_reason.items()]
        names = [name for names in by_reason.values() for name in names]
        shown.append(_fold("Not analysed: " + _first_few(names), lines))
    if answer.unsupported:
        title = f"Struck out, for want of a source: {len(answer.unsupported)}"
        shown.append(_fold(title, [f"- {safe(claim)}" for claim in answer.unsupported]))
    return shown


def turn_messages(turn: Turn) -> list[Message]:
    """Show a turn of an earlier session: the question, the tools that were used, the answer."""
    shown = [question_message(turn.question)]
    if turn.intent:
        note = understood(Intent.model_validate(turn.intent))
        shown += [note] if note else []
    if turn.answer:
        answer = Answer.model_validate(turn.answer)
        shown += [
            said("assistant", "", title=tool_title(call.name, call.args) + _outcome(call.ok), status="done")
            for call in answer.tool_calls
        ]
        return shown + answer_messages(answer)
    if turn.status == "failed":
        return [*shown, problem(turn.message or "This question could not be answered.")]
    if turn.status == "interrupted":
        return [*shown, problem("Interrupted before the answer. Ask again.")]
    return [*shown, problem("Not answered yet: it was interrupted, or is being answered in another tab.")]


def problem(message: str) -> Message:
    """Show why there is no answer, in one line."""
    return said("assistant", f"*{safe(message)}*")


def broken_off(chat: Chat, message: str) -> Chat:
    """End a turn early: no spinner turns on, the draft goes, and the reason is said."""
    closed = tuple(
        {**m, "metadata": {**m["metadata"], "status": "done"}}
        if m["metadata"].get("status") == "pending"
        else m
        for m in chat.messages
    )
    return Chat((*closed, problem(message)))


def span(onset: float, duration: float) -> str:
    """Write a place in time: ``12–22 s``."""
    if duration <= 0:
        return f"at {onset:g} s"
    return f"{round(onset, 2):g}–{round(onset + duration, 2):g} s"


def _close_tool(messages: tuple[Message, ...], step: Step) -> tuple[Message, ...]:
    for i, message in enumerate(messages):
        metadata = message["metadata"]
        if metadata.get("id") == _key(step) and metadata.get("status") == "pending":
            closed = {**metadata, "status": "done", "title": metadata["title"] + _outcome(step.ok)}
            if step.seconds is not None:
                closed["duration"] = step.seconds
            words = safe(_short(step.words, _LONGEST_RESULT))
            return (*messages[:i], said("assistant", words, **closed), *messages[i + 1 :])
    return messages


def _fold(title: str, lines: list[str]) -> Message:
    """Fold a list under the answer, so that the answer itself stays in sight."""
    return said("assistant", "\n".join(lines), title=_plain(title), status="done")


def _first_few(names: list[str]) -> str:
    """Name the first of a list, and count the rest: ``spike, sharp wave, … (27)``."""
    return ", ".join(names[:3]) + (f", … ({len(names)})" if len(names) > 3 else "")


def _many(label: str) -> str:
    return plural(label) if label in SPOKEN else label


def _key(step: Step) -> str:
    return f"tool {step.call_id or step.name}"


def _outcome(ok: bool) -> str:
    return "" if ok else " — could not be done"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _plain(text: str) -> str:
    """Make a title of what may hold a model's words: one line, no markup."""
    return re.sub(r"[<>`*_\[\]\n]+", " ", text).strip()
