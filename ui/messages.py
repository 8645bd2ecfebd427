"""Steps of a turn as chat messages: pure functions, so that what a reader sees is tested without a browser.

A message is the dict that Gradio's chat takes. Text that a model or a tool wrote is data: it is stripped of
HTML, pictures and live links before it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.findings import Answer
from agent.intent import Intent
from agent.memory import Turn
from agent.steps import Step
from tools.labels import SPOKEN
from ui.prose import set_out
from ui.step_titles import intent_title, plain, short, tool_title

Message = dict[str, Any]

INTERRUPTED = "This question was interrupted; ask it again."

_LONGEST_RESULT = 1500
_WORTH_SAYING_S = 0.1
"""Time of a tool from which it is shown."""
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
    """The messages on screen, the question being answered, and the draft that the brain is writing."""

    messages: tuple[Message, ...] = ()
    question: str = ""
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
        return replace(chat, messages=_close_tool(chat.messages, step), draft="")
    if step.kind == "progress":
        return replace(chat, messages=_told_how_far(chat.messages, step))
    return replace(chat, messages=(*chat.messages, *_opened_by(step, chat.question)), draft="")


def _opened_by(step: Step, question: str) -> list[Message]:
    if step.kind == "understood" and step.intent is not None:
        note = understood(step.intent)
        return [note] if note else []
    if step.kind == "tool_start":
        title = tool_title(step.name, step.args, question)
        return [said("assistant", "", title=title, status="pending", id=_key(step))]
    if step.kind == "checked":
        title = "Checked the draft against what was measured"
        return [said("assistant", safe(step.words), title=title, status="done")]
    if step.kind == "answer" and step.answer is not None:
        return answer_messages(step.answer)
    return []


def understood(intent: Intent) -> Message | None:
    """Say how the question was read; courtesy needs no such line."""
    title = intent_title(intent)
    return said("assistant", safe("\n\n".join(intent.notes)), title=title, status="done") if title else None


def answer_messages(answer: Answer) -> list[Message]:
    """Show an answer: its text, then sources, what was not analysed, and what was struck out."""
    text = safe(set_out(answer.answer))
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
            _done(tool_title(call.name, call.args, turn.question) + _outcome(call.ok))
            for call in answer.tool_calls
        ]
        return shown + answer_messages(answer)
    if turn.status == "failed":
        return [*shown, problem(turn.message or "This question could not be answered.")]
    if turn.status == "interrupted":
        return [*shown, problem(INTERRUPTED)]
    return [*shown, problem("Not answered yet: it is being answered in another tab, or was left there.")]


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


def reopened(turns: Sequence[Turn]) -> Chat:
    """Show a conversation whose last turn is taken up again."""
    earlier = [message for turn in turns[:-1] for message in turn_messages(turn)]
    return Chat((*earlier, question_message(turns[-1].question)), question=turns[-1].question)


def _told_how_far(messages: tuple[Message, ...], step: Step) -> tuple[Message, ...]:
    """Say in the line of a search that is under way how much of the recording is done."""
    told = f"{100 * (step.share or 0.0):.0f} % of the recording searched"
    return tuple(
        said("assistant", told, **message["metadata"])
        if message["metadata"].get("id") == _key(step) and message["metadata"].get("status") == "pending"
        else message
        for message in messages
    )


def _close_tool(messages: tuple[Message, ...], step: Step) -> tuple[Message, ...]:
    for i, message in enumerate(messages):
        metadata = message["metadata"]
        if metadata.get("id") == _key(step) and metadata.get("status") == "pending":
            closed = {**metadata, "status": "done", "title": metadata["title"] + _outcome(step.ok)}
            if step.seconds is not None and step.seconds >= _WORTH_SAYING_S:
                closed["duration"] = step.seconds
            words = safe(short(step.words, _LONGEST_RESULT))
            return (*messages[:i], said("assistant", words, **closed), *messages[i + 1 :])
    return (*messages, _done(tool_title(step.name, {}) + _outcome(step.ok)))  # begun before a restart


def _done(title: str) -> Message:
    return said("assistant", "", title=title, status="done")


def _fold(title: str, lines: list[str]) -> Message:
    """Fold a list under the answer, so that the answer itself stays in sight."""
    return said("assistant", "\n".join(lines), title=plain(title), status="done")


def _first_few(names: list[str]) -> str:
    """Name the first of a list, and count the rest: ``spike, sharp wave, … (27)``."""
    return ", ".join(names[:3]) + (f", … ({len(names)})" if len(names) > 3 else "")


def _key(step: Step) -> str:
    return f"tool {step.call_id or step.name}"


def _outcome(ok: bool) -> str:
    return "" if ok else " — could not be done"
