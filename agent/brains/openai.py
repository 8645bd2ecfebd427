"""The brain on an OpenAI-compatible server: one that the user chose by name, address and model.

A reply takes ``timeout_s x (max_retries + 1)`` seconds at most, waits between the tries included:
a try that reaches its time-out is cut even while the server keeps sending.
"""

from __future__ import annotations

import json
import socket
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any, cast
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import ToolCallChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import SecretStr, ValidationError

from agent.brains.openai_errors import UnusableReplyError, explain_openai_error
from agent.brains.pages import inline_pages
from agent.settings import Settings
from tools.types import ToolError

__all__ = ["OpenAIBrain", "explain_openai_error", "inline_pages", "openai_brain"]

_LONGEST_REPLY = 200_000
"""Characters; a reply beyond it is a model that does not stop."""
_NOT_A_REPLY = (ValueError, TypeError, KeyError, IndexError, AttributeError)
"""What the client library raises on a reply of another shape, once something answered."""


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port  # reading it is what checks it
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and text.isprintable()


def openai_brain(settings: Settings) -> OpenAIBrain:
    """Set up the brain; nothing is sent by that, and nothing ever unless the settings name this brain."""
    if settings.brain != "openai":
        raise ToolError(
            "A model server is asked only when it was chosen: set GLOSSA_BRAIN=openai.",
            field="brain",
            choices=("embedded", "openai"),
        )
    if not _is_address(settings.base_url or ""):
        raise ToolError(
            "The openai brain needs the address of a server: set GLOSSA_BASE_URL, such as "
            "http://127.0.0.1:8000/v1.",
            field="base_url",
        )
    if not settings.model:
        raise ToolError("The openai brain needs the name of a model: set GLOSSA_MODEL.", field="model")
    from langchain_openai import ChatOpenAI
    from openai import DefaultHttpxClient

    line = _Line()
    # A redirect would carry pictures and numbers to a host that nobody chose.
    client = DefaultHttpxClient(
        follow_redirects=False, timeout=settings.timeout_s, event_hooks={"response": [line.answered]}
    )
    inner = ChatOpenAI(
        base_url=settings.base_url,
        model=settings.model,
        api_key=settings.api_key
        or SecretStr("EMPTY"),  # a key meant for another server must not be picked up
        timeout=settings.timeout_s,
        max_retries=0,  # tries are counted here, where the whole time is
        stream_usage=True,
        use_responses_api=False,
        http_client=client,
    )
    weakref.finalize(inner, client.close)  # a kept connection goes with the last copy of the brain
    return OpenAIBrain(settings=settings, inner=inner, line=line)


class OpenAIBrain(BaseChatModel):
    """A chat model whose every failure is a ToolError that names the setting to change.

    Text is passed on as it comes; tool calls only once they are whole and their arguments are JSON.
    """

    settings: Settings
    inner: Any
    line: Any

    @property
    def _llm_type(self) -> str:
        return "glossa-openai"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        """Offer tools, in the form the server expects."""
        return self.bind(**self.inner.bind_tools(tools, **kwargs).kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        tries = _Tries(self.settings)
        while True:
            call = _Call()
            try:
                with self.line.within(tries.seconds(), call):
                    result = self.inner._generate(messages, stop=stop, timeout=tries.seconds(), **kwargs)
                    call.check_time()
                    return ChatResult(generations=[_sound(result.generations[0])])
            except _failures() as error:
                tries.again_or_raise(call.failure(error))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        tries = _Tries(self.settings)
        while True:
            call, shown = _Call(), False
            try:
                with self.line.within(tries.seconds(), call):
                    pieces = self.inner._stream(messages, stop=stop, timeout=tries.seconds(), **kwargs)
                    with closing(pieces):
                        for piece in _sound_pieces(pieces, call):
                            shown = shown or bool(piece.message.content)
                            yield piece
                return
            except _failures() as error:
                failure = call.failure(error)
                if shown:  # half an answer cannot be taken back
                    raise explain_openai_error(failure, self.settings) from error
                tries.again_or_raise(failure)


def _failures() -> tuple[type[Exception], ...]:
    from openai import OpenAIError

    return (OpenAIError, TimeoutError, *_NOT_A_REPLY)


class _Call:
    """One try: whether anything answered, and whether its time ran out."""

    def __init__(self) -> None:
        self.answered = False
        self.expired = False
        self.socket: socket.socket | None = None

    def hang_up(self) -> None:
        """Cut the connection, so that a read in progress returns."""
        self.expired = True
        if self.socket is not None:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)

    def check_time(self) -> None:
        """A reply cut at its deadline may look complete."""
        if self.expired:
            raise TimeoutError

    def failure(self, error: Exception) -> Exception:
        """The error as what it is; a mistake of our own is raised again."""
        from openai import APIConnectionError, APITimeoutError

        if self.expired:
            return TimeoutError()
        if isinstance(error, APITimeoutError):
            return error
        if isinstance(error, APIConnectionError) and self.answered:
            return UnusableReplyError("broken_off")
        if isinstance(error, _NOT_A_REPLY) and not isinstance(error, UnusableReplyError):
            if not self.answered:
                raise error
            odd = error.errors() if isinstance(error, ValidationError) else []
            return UnusableReplyError("arguments" if any("args" in e["loc"] for e in odd) else "not_chat")
        return error


class _Line:
    """Knows the connection of the call in progress, and cuts it when its time is up."""

    def __init__(self) -> None:
        self._local = threading.local()

    def answered(self, response: Any) -> None:
        """Called by the HTTP client, in the thread of the call, when a response begins."""
        call: _Call | None = getattr(self._local, "call", None)
        if call is None:
            return
        call.answered = True
        stream = response.extensions.get("network_stream")
        call.socket = stream.get_extra_info("socket") if stream is not None else None
        if call.expired:
            call.hang_up()

    @contextmanager
    def within(self, seconds: float, call: _Call) -> Iterator[None]:
        timer = threading.Timer(seconds, call.hang_up)
        timer.daemon = True
        self._local.call = call
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self._local.call = None


class _Tries:
    """How often and how long a reply may still be tried for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._left = settings.max_retries + 1
        self._ends = time.monotonic() + settings.timeout_s * self._left
        self._pause = 0.5
        self._unusable = 0

    def seconds(self) -> float:
        """Time for the next try."""
        return max(0.001, min(self._settings.timeout_s, self._ends - time.monotonic()))

    def again_or_raise(self, error: Exception) -> None:
        """Wait before the next try, or say why there is none."""
        self._left -= 1
        self._unusable += isinstance(error, UnusableReplyError)
        asked = _asked_to_wait(error)
        pause = self._pause if asked is None else asked
        self._pause *= 2
        too_late = time.monotonic() + pause >= self._ends
        if self._left <= 0 or too_late or self._unusable > 1 or not _may_pass(error):
            raise explain_openai_error(error, self._settings) from error
        time.sleep(pause)


def _may_pass(error: Exception) -> bool:
    """Whether the same request may succeed a moment later."""
    import openai

    if isinstance(error, openai.APIStatusError):
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    if isinstance(error, openai.APIConnectionError) and not isinstance(error, openai.APITimeoutError):
        return "ConnectError" not in _causes(error)  # nobody listens there: say so at once
    return isinstance(
        error, (TimeoutError, UnusableReplyError, openai.APITimeoutError, openai.APIConnectionError)
    )


def _causes(error: BaseException | None) -> set[str]:
    names = set()
    while error is not None:
        names.add(type(error).__name__)
        error = error.__cause__
    return names


def _asked_to_wait(error: Exception) -> float | None:
    """Seconds that the server asks for; dates, which it may also send, are not followed."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    with suppress(ValueError):
        wait = float(headers.get("retry-after", ""))
        return wait if 0 <= wait < float("inf") else None
    return None


def _sound(generation: ChatGeneration) -> ChatGeneration:
    """Pass a whole reply if it can be used, every tool call with an id."""
    message = cast(AIMessage, generation.message)
    if message.invalid_tool_calls or not all(isinstance(call["args"], dict) for call in message.tool_calls):
        raise UnusableReplyError("arguments")
    if not message.tool_calls and not message.text.strip():
        raise UnusableReplyError("empty")
    if len(message.text) + sum(len(str(call["args"])) for call in message.tool_calls) > _LONGEST_REPLY:
        raise UnusableReplyError("endless")
    calls = [call | {"id": call["id"] or f"call_{i}"} for i, call in enumerate(message.tool_calls)]
    kept = message.model_copy(update={"tool_calls": calls})
    return ChatGeneration(message=kept, generation_info=generation.generation_info)


def _sound_pieces(pieces: Iterator[ChatGenerationChunk], call: _Call) -> Iterator[ChatGenerationChunk]:
    """Pass text on at once, hold tool calls back until they are whole, and see that the reply ends."""
    held: AIMessageChunk | None = None
    length, text, ended = 0, False, False
    for piece in pieces:
        message = cast(AIMessageChunk, piece.message)
        ended = ended or bool((piece.generation_info or {}).get("finish_reason"))
        length += len(message.text) + sum(len(part["args"] or "") for part in message.tool_call_chunks)
        if length > _LONGEST_REPLY:
            raise UnusableReplyError("endless")
        if message.tool_call_chunks:
            part = AIMessageChunk(content="", tool_call_chunks=message.tool_call_chunks)
            held = part if held is None else held + part
            piece.message = message.model_copy(
                update={"tool_call_chunks": [], "tool_calls": [], "invalid_tool_calls": []}
            )
        text = text or bool(message.text.strip())
        yield piece
    call.check_time()
    if not ended:
        raise UnusableReplyError("broken_off" if length else "not_chat")
    if held is not None:
        yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=_whole_calls(held)))
    elif not text:
        raise UnusableReplyError("empty")


def _whole_calls(held: AIMessageChunk) -> list[ToolCallChunk]:
    """Tool calls put together; LangChain would complete arguments that were cut off, which is a guess."""
    calls: list[ToolCallChunk] = []
    for i, part in enumerate(held.tool_call_chunks):
        arguments = part["args"] or "{}"
        try:
            readable = isinstance(json.loads(arguments), dict)
        except ValueError:
            readable = False
        if not readable or not part["name"]:
            raise UnusableReplyError("arguments")
        calls.append(
            ToolCallChunk(
                name=part["name"],
                args=arguments,
                id=part["id"] or f"call_{i}",
                index=i,
                type="tool_call_chunk",
            )
        )
    return calls
