"""Pictures of pages in messages: by reference in the state, as bytes only in the message that leaves."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, Literal

from langchain_core.messages import BaseMessage, HumanMessage, ToolMessage

from agent.words import span
from tools.types import Page, ToolError

Render = Callable[[Page], bytes]
Mode = Literal["tool", "user", "none"]
Block = dict[str, Any]
KEPT = 2
"""Pictures sent with a request; one costs about as many tokens as 1,000 words."""


def inline_pages(
    messages: Sequence[BaseMessage], render: Render, mode: Mode, keep: int = KEPT
) -> list[BaseMessage]:
    """Replace page references by pictures just before the messages leave.

    Parameters
    ----------
    messages : sequence of BaseMessage
        Their content may hold blocks ``{"type": "page", "page": <Page as a dict>}``; left unchanged.
    render : callable
        Draws a page as PNG.
    mode : {"tool", "user", "none"}
        Where the picture of a tool's page goes: into the tool message, into a user message after all
        answers to the same call (most servers take pictures from users only), or nowhere.
    keep : int
        How many pictures, the newest, are sent; earlier ones become words.

    Returns
    -------
    list of BaseMessage
        With neighbouring user messages joined, since some servers insist on turns that alternate.
    """
    shown = set() if mode == "none" else _newest(messages, keep)
    sent: list[BaseMessage] = []
    after_tools: list[Block] = []
    for i, message in enumerate(messages):
        if after_tools and not isinstance(message, ToolMessage):
            sent.append(HumanMessage(_plain(after_tools)))
            after_tools = []
        blocks, moved = _resolved(message, i, shown, render, move=mode == "user")
        after_tools += moved
        sent.append(message if blocks is None else message.model_copy(update={"content": _plain(blocks)}))
    if after_tools:
        sent.append(HumanMessage(_plain(after_tools)))
    return _joined(sent)


def _newest(messages: Sequence[BaseMessage], keep: int) -> set[tuple[int, int]]:
    """Where the newest pictures stand; a page shown twice counts once, where it was shown last."""
    found: list[tuple[int, int]] = []
    seen: list[Page] = []
    for i in range(len(messages) - 1, -1, -1):
        for k, page in reversed(_pages(messages[i])):
            if page not in seen and len(found) < keep:
                seen.append(page)
                found.append((i, k))
    return set(found)


def _pages(message: BaseMessage) -> list[tuple[int, Page]]:
    blocks = message.content if isinstance(message.content, list) else []
    return [
        (k, Page.model_validate(block["page"]))
        for k, block in enumerate(blocks)
        if isinstance(block, dict) and block.get("type") == "page"
    ]


def _resolved(
    message: BaseMessage, i: int, shown: set[tuple[int, int]], render: Render, *, move: bool
) -> tuple[list[Block] | None, list[Block]]:
    """Content of one message without page references, and what goes into a user message after it."""
    pages = dict(_pages(message))
    if not pages:
        return None, []
    blocks: list[Block] = []
    moved: list[Block] = []
    for k, block in enumerate(message.content):
        page = pages.get(k)
        if page is None:
            blocks.append(block if isinstance(block, dict) else {"type": "text", "text": block})
            continue
        picture = _picture(page, render) if (i, k) in shown else None
        if picture is None:
            why = "could not be drawn" if (i, k) in shown else "not repeated" if shown else "not sent"
            blocks.append(_text(f"(picture of page {_name(page)} {why})"))
        elif move and isinstance(message, ToolMessage):
            blocks.append(_text(f"(picture of page {_name(page)} follows)"))
            moved += [_text(f"Picture of page {_name(page)}:"), picture]
        else:
            blocks.append(picture)
    return blocks, moved


def _picture(page: Page, render: Render) -> Block | None:
    try:
        png = base64.b64encode(render(page)).decode()
    except ToolError:  # such as a page beyond the end: words alone must do
        return None
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{png}"}}


def _name(page: Page) -> str:
    return f"{span(page.onset, page.duration)}, montage {page.montage.replace('_', ' ')}"


def _text(words: str) -> Block:
    return {"type": "text", "text": words}


def _plain(blocks: list[Block]) -> Any:
    """Words alone as one string, which every server takes; else the blocks."""
    if all(block.get("type") == "text" for block in blocks):
        return "\n".join(block["text"] for block in blocks)
    return blocks


def _joined(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    joined: list[BaseMessage] = []
    for message in messages:
        if joined and isinstance(message, HumanMessage) and isinstance(joined[-1], HumanMessage):
            blocks = [*_blocks(joined[-1]), *_blocks(message)]
            joined[-1] = HumanMessage(_plain(blocks))
        else:
            joined.append(message)
    return joined


def _blocks(message: BaseMessage) -> list[Block]:
    content = message.content if isinstance(message.content, list) else [message.content]
    return [block if isinstance(block, dict) else _text(block) for block in content]
