"""What can go wrong with a model server, as one line that names the setting to change."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from agent.settings import Settings
from tools.types import ToolError

Fault = Literal["empty", "arguments", "broken_off", "endless", "not_chat", "too_long"]
_LONGEST_EXCERPT = 90
_PICTURE = re.compile(
    r"image|vision|multi-?modal|picture|content.{0,40}(?:string|list|array|part)", re.IGNORECASE
)
_TOOLS = re.compile(r"tool|function", re.IGNORECASE)


class UnusableReplyError(ValueError):
    """The server answered, but not with what can be used."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


_WORDS: dict[Fault | int, tuple[str, str]] = {
    "empty": ("The model sent an empty reply: choose another with GLOSSA_MODEL.", "model"),
    "arguments": (
        "The model called a tool with arguments that are not JSON: choose a model made for tool calls with "
        "GLOSSA_MODEL, and start its server with tool calls enabled.",
        "model",
    ),
    "broken_off": (
        "The model server broke off in the middle of its reply: look at its log, or set GLOSSA_BASE_URL to "
        "another server.",
        "base_url",
    ),
    "endless": ("The model's reply does not end: choose another with GLOSSA_MODEL.", "model"),
    "not_chat": (
        "What answers at GLOSSA_BASE_URL does not speak the OpenAI chat protocol: give the address that ends "
        "in /v1, such as http://127.0.0.1:8000/v1.",
        "base_url",
    ),
    "too_long": (
        "The conversation is longer than the model can take: start a new thread, set GLOSSA_IMAGES=none, or "
        "choose a model with a longer context with GLOSSA_MODEL.",
        "model",
    ),
    401: ("The model server refuses the key (401): set GLOSSA_API_KEY.", "api_key"),
    403: ("The model server refuses the key (403): set GLOSSA_API_KEY.", "api_key"),
    404: (
        "The model server does not know that model or address (404): check GLOSSA_MODEL, and that "
        "GLOSSA_BASE_URL ends in /v1.",
        "model",
    ),
    429: (
        "The model server is busy, or the quota is used up (429): try again later, or raise "
        "GLOSSA_MAX_RETRIES.",
        "max_retries",
    ),
}


def explain_openai_error(error: BaseException, settings: Settings) -> ToolError:
    """Say in one line what went wrong and which setting mends it.

    Of the server's own words no more than a short excerpt is shown, as plain text: they may repeat what
    was sent, hold markup, or try to instruct the reader.
    """
    import openai
    from langchain_core.exceptions import ContextOverflowError

    if isinstance(error, ToolError):
        return error
    if isinstance(error, (openai.APITimeoutError, TimeoutError)):
        words, field = _too_slow(settings)
    elif isinstance(error, ContextOverflowError):
        words, field = _WORDS["too_long"]
    elif isinstance(error, openai.APIConnectionError):
        words, field = (
            f"No model server answers at {_where(settings)}: start it, or correct GLOSSA_BASE_URL.",
            "base_url",
        )
    elif isinstance(error, openai.APIError):  # a plain one is an error event inside a stream
        words, field = _refused(getattr(error, "status_code", 500), excerpt(error.body), settings)
    else:
        words, field = _WORDS[error.fault if isinstance(error, UnusableReplyError) else "not_chat"]
    return ToolError(words, field=field)


def _too_slow(settings: Settings) -> tuple[str, str]:
    tries = settings.max_retries + 1
    asked = "once" if tries == 1 else f"{tries} times"
    return (
        f"The model server did not answer within {settings.timeout_s:g} s, asked {asked}: raise "
        "GLOSSA_TIMEOUT_S, or choose a faster model with GLOSSA_MODEL.",
        "timeout_s",
    )


def _refused(status: int, said: str, settings: Settings) -> tuple[str, str]:
    words, field = _WORDS[status] if status in _WORDS else _by_range(status, said, settings)
    quoted = f' It said: "{said}".' if said and field != "api_key" else ""  # may repeat part of the key
    return words + quoted, field


def _by_range(status: int, said: str, settings: Settings) -> tuple[str, str]:
    if status < 400:
        return (
            f"The address redirects elsewhere ({status}), where nothing was sent: set GLOSSA_BASE_URL to the "
            "server's own address.",
            "base_url",
        )
    if status >= 500:
        return (
            f"The model server failed ({status}): look at its log, or set GLOSSA_BASE_URL to another server.",
            "base_url",
        )
    if settings.images != "none" and (status == 413 or _PICTURE.search(said)):
        other = (
            "GLOSSA_IMAGES=user or GLOSSA_IMAGES=none" if settings.images == "tool" else "GLOSSA_IMAGES=none"
        )
        return (
            f"The model server does not take the page pictures ({status}): set {other}, or choose a model "
            "that sees with GLOSSA_MODEL.",
            "images",
        )
    if _TOOLS.search(said):
        return (
            f"The model server does not take tool calls ({status}): start it with tool calls enabled, or "
            "choose another model with GLOSSA_MODEL.",
            "model",
        )
    return (
        f"The model server refuses the request ({status}): check GLOSSA_MODEL and GLOSSA_BASE_URL.",
        "model",
    )


def _where(settings: Settings) -> str:
    """Host and port of the server; never a name or password that the address may hold."""
    parts = urlsplit(settings.base_url or "")
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def excerpt(body: object) -> str:
    """A server's own words, cut short and stripped of markup, addresses and keys."""
    if isinstance(body, dict):
        inner = body.get("error", body)
        body = inner.get("message", "") if isinstance(inner, dict) else inner
    if not isinstance(body, str) or "<html" in body.lower():
        return ""
    plain = re.sub(r"https?://\S+|data:\S+|sk-\S+|[A-Za-z0-9+/_-]{40,}", "(…)", body[:2000])
    plain = " ".join(re.sub(r"[^\w\s.,:;()%/'…-]", " ", plain).split())
    return plain if len(plain) <= _LONGEST_EXCERPT else plain[:_LONGEST_EXCERPT].rsplit(" ", 1)[0] + " …"
