"""A model server on loopback that speaks the OpenAI chat protocol and says what its script tells it to.

Real HTTP over a real socket: streamed or not, tool calls whole or in fragments, pictures, and every kind
of failure. ``with openai_server([call("find_waveforms", labels=["spindle"]), say("Two.")]) as server``
gives ``server.base_url`` and ``server.requests``; one reply of the script is used up by each request.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What to answer to one request, and how badly."""

    text: str = ""
    calls: tuple[tuple[str, Any], ...] = ()
    """Tool calls: name and arguments, as a dict, or as a string that is sent as it is."""
    whole: bool = False
    """Stream each tool call in one piece instead of fragments."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """Body to send instead of a chat completion."""
    content_type: str = "application/json"
    wait: float = 0.0
    """Seconds before the first byte."""
    gap: float = 0.0
    """Seconds between the pieces of a stream, or of a body."""
    pace: int = 12
    """Characters in each piece of streamed text."""
    cut: int | None = None
    """Drop the connection after so many pieces of a stream."""


@dataclass(frozen=True)
class Request:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    json: dict[str, Any]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.json["messages"]

    @property
    def pictures(self) -> list[tuple[str, bytes]]:
        """Role of the message and the bytes, for every picture of the request."""
        return [
            (message["role"], base64.b64decode(block["image_url"]["url"].partition(";base64,")[2]))
            for message in self.messages
            if isinstance(message["content"], list)
            for block in message["content"]
            if block["type"] == "image_url"
        ]


def say(text: str, **how: Any) -> Reply:
    """Answer with words."""
    return Reply(text=text, **how)


def call(name: str, /, **arguments: Any) -> Reply:
    """Call one tool."""
    return Reply(calls=((name, arguments),))


def fail(status: int, message: str = "", **headers: str) -> Reply:
    """Refuse with a status and an error body as such servers send it."""
    body = {"error": {"message": message, "type": "error", "param": None, "code": None}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, raw=json.dumps(body).encode(), headers=named)


def garbage(raw: bytes = b"<html><body>It works!</body></html>", content_type: str = "text/html") -> Reply:
    """Answer something else altogether."""
    return Reply(raw=raw, content_type=content_type)


Script = Sequence[Reply] | Callable[[Request], Reply]


class OpenAIServer(ThreadingHTTPServer):
    """Serves the script; keeps what was asked."""

    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self._script = script
        self._turn = threading.Lock()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def next_reply(self, request: Request) -> Reply:
        with self._turn:
            self.requests.append(request)
            if callable(self._script):
                return self._script(request)
            used = len(self.requests)
            return self._script[used - 1] if used <= len(self._script) else fail(500, "the script is over")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: OpenAIServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        request = Request(self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(body))
        reply = self.server.next_reply(request)
        if self.server.closing.wait(reply.wait):
            return
        with suppress(ConnectionError):  # the client may have given up, which is what some tests are about
            if reply.raw is None and self.path != "/v1/chat/completions":
                reply = fail(404, "Not Found")
            if reply.raw is not None:
                self._send(reply, reply.raw)
            elif request.json.get("stream"):
                self._stream(reply, list(_pieces(reply, request.json)))
            else:
                self._send(reply, json.dumps(_completion(reply, request.json)).encode())

    def _send(self, reply: Reply, body: bytes) -> None:
        self.send_response(reply.status)
        for name, value in {"content-type": reply.content_type, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        step = 20 if reply.gap else len(body) + 1
        for start in range(0, len(body), step):
            self.wfile.write(body[start : start + step])
            if self.server.closing.wait(reply.gap):
                self.close_connection = True
                return

    def _stream(self, reply: Reply, pieces: list[dict[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for i, piece in enumerate(pieces):
            if i == reply.cut:
                self.close_connection = True
                return
            self._chunk(f"data: {json.dumps(piece)}\n\n".encode())
            if self.server.closing.wait(reply.gap):
                self.close_connection = True
                return
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Tests read requests, not logs."""


def _calls(reply: Reply) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{i}",
            "type": "function",
            "function": {
                "name": name,
                "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
            },
        }
        for i, (name, arguments) in enumerate(reply.calls)
    ]


def _frame(asked: dict[str, Any], kind: str, choices: list[Any], usage: bool) -> dict[str, Any]:
    frame = {"id": "chatcmpl-1", "object": kind, "created": 1, "model": asked["model"], "choices": choices}
    if usage:
        frame["usage"] = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    return frame


def _completion(reply: Reply, asked: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.calls:
        message["tool_calls"] = _calls(reply)
    ended = "tool_calls" if reply.calls else "stop"
    choice = {"index": 0, "message": message, "finish_reason": ended}
    return _frame(asked, "chat.completion", [choice], usage=True)


def _pieces(reply: Reply, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The events of a stream: role, text in pieces, tool calls, the end, and usage if it was asked for."""

    def piece(delta: dict[str, Any], ended: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": ended}
        return _frame(asked, "chat.completion.chunk", [choice], usage=False)

    yield piece({"role": "assistant", "content": ""})
    for start in range(0, len(reply.text), reply.pace):
        yield piece({"content": reply.text[start : start + reply.pace]})
    for i, made in enumerate(_calls(reply)):
        arguments = made["function"]["arguments"]
        if reply.whole:
            yield piece({"tool_calls": [{"index": i, **made}]})
            continue
        yield piece({"tool_calls": [{"index": i, **made, "function": {**made["function"], "arguments": ""}}]})
        for start in range(0, len(arguments), 7):
            part = {"arguments": arguments[start : start + 7]}
            yield piece({"tool_calls": [{"index": i, "function": part}]})
    yield piece({}, "tool_calls" if reply.calls else "stop")
    if asked.get("stream_options", {}).get("include_usage"):
        yield _frame(asked, "chat.completion.chunk", [], usage=True)


@contextmanager
def openai_server(script: Script) -> Iterator[OpenAIServer]:
    """Serve the script on a free port of 127.0.0.1 until the block ends."""
    with OpenAIServer(script) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
