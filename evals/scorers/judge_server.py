"""The line to a judge: one OpenAI-compatible server that the user named, asked for one JSON object at a time."""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from agent.brains.openai_errors import excerpt
from tools.types import Record, ToolError

LONGEST_EXCERPT = 200
PATIENCE = 3
"""Failures of the server in a row after which it is not asked again."""
AGAIN = "That was not the JSON object asked for. Reply with it alone, with all keys and nothing before or after it."
Read = TypeVar("Read")


class Server(NamedTuple):
    """The judge that the user chose, and how it is asked."""

    base_url: str
    """Address that ends in ``/v1``."""
    model: str
    key: str = "EMPTY"
    repeats: int = 2
    """How often each answer is judged; two at least, or there is no agreement to report."""
    seed: int = 0
    """Sent with the first repeat; each further one gets the next number."""
    temperature: float | None = None
    """None leaves it to the server: some models take no other than their own."""
    timeout_s: float = 120.0


class Setup(Record):
    """What marks depend on."""

    model: str
    answered_by: tuple[str, ...] = ()
    """Names of model and revision as the server gave them."""
    prompt_sha256: str
    repeats: int
    seed: int
    temperature: float | None


class ServerFailureError(Exception):
    """The server gave no reply that could be read; the message says what happened, in words."""


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        known = parts.port != 0  # reading it is what checks it
    except ValueError:
        return False
    return known and parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable()


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """The authorities the client library trusts; reading them takes a quarter of a second."""
    import httpx

    return httpx.create_ssl_context()


@contextmanager
def asking(server: Server, prompt: str) -> Iterator[Desk]:
    """Open a line to the server, and close it at the end."""
    if not _is_address(server.base_url):
        raise ToolError(
            "A judge needs the address of a server, such as http://127.0.0.1:8000/v1.", field="base_url"
        )
    if not server.model:
        raise ToolError("A judge needs the name of a model.", field="model")
    if server.repeats < 2:
        raise ToolError("A judge is asked twice at least, or its agreement is unknown.", field="repeats")
    import openai

    # A redirect would carry answers to a host that nobody chose.
    http = openai.DefaultHttpxClient(follow_redirects=False, timeout=server.timeout_s, verify=_certificates())
    client = openai.OpenAI(
        base_url=server.base_url, api_key=server.key or "EMPTY", max_retries=1, http_client=http
    )
    with client:
        yield Desk(server, prompt, client)


class Desk:
    """Asks a server for one JSON object at a time, and gives a dead one up."""

    def __init__(self, server: Server, prompt: str, client: Any) -> None:
        self.server = server
        self.prompt = prompt
        self.client = client
        self.answered_by: dict[str, None] = {}
        self.failed = 0

    def setup(self) -> Setup:
        """What the marks depended on."""
        return Setup(
            model=self.server.model,
            answered_by=tuple(self.answered_by),
            prompt_sha256=hashlib.sha256(f"{self.prompt}\n{AGAIN}".encode()).hexdigest(),
            repeats=self.server.repeats,
            seed=self.server.seed,
            temperature=self.server.temperature,
        )

    def ask(
        self, shown: dict[str, str], read: Callable[[str], Read | None], repeat: int
    ) -> tuple[Read | None, str]:
        """Give what `read` makes of the reply, else None and the start of the prose that came twice."""
        messages = [
            {"role": "system", "content": self.prompt},
            {"role": "user", "content": json.dumps(shown, ensure_ascii=False)},
        ]
        said = self._reply(messages, repeat)
        found = read(said)
        if found is None:
            messages += [{"role": "assistant", "content": said}, {"role": "user", "content": AGAIN}]
            said = self._reply(messages, repeat)
            found = read(said)
        return found, "" if found is not None else said[:LONGEST_EXCERPT]

    def _reply(self, messages: list[dict[str, str]], repeat: int) -> str:
        import openai

        if self.failed >= PATIENCE:
            raise ServerFailureError(f"not asked: the judge's server failed {PATIENCE} times in a row")
        more = {} if self.server.temperature is None else {"temperature": self.server.temperature}
        try:
            reply = self.client.chat.completions.create(
                model=self.server.model, messages=messages, seed=self.server.seed + repeat, **more
            )
            said = reply.choices[0].message.content or ""
        except (openai.OpenAIError, ValueError, TypeError, LookupError, AttributeError) as error:
            self.failed += 1
            raise ServerFailureError(_explained(error)) from error
        self.failed = 0
        revision = getattr(reply, "system_fingerprint", None)
        self.answered_by[f"{reply.model} {revision}" if revision else str(reply.model)] = None
        return str(said)


def _explained(error: Exception) -> str:
    """One line on a failure of the server; of its own words only a short, plain excerpt."""
    import openai

    if isinstance(error, openai.APITimeoutError):
        return "the judge's server did not answer in time: raise the time-out"
    if isinstance(error, openai.APIConnectionError):
        return "no judge answers at that address, or it broke off: start the server, or correct the address"
    if isinstance(error, openai.APIStatusError):
        said = excerpt(error.body)
        return f"the judge's server refused or failed ({error.status_code})" + (f": {said}" if said else "")
    return "what answers at that address does not speak the OpenAI chat protocol"
