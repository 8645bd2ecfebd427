"""What every request passes first: only our own pages get in, each browser has a name, nothing leaves."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.identity import COOKIE, COOKIE_SECONDS, new_identity, owner_of

_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_NEVER_SERVED = ("/gradio_api/file", "/file", "/gradio_api/proxy", "/proxy", "/gradio_api/deep_link")
"""Gradio would serve any browser's upload from here to any other browser that has the address."""
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'; worker-src 'self' blob:; connect-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
"""Gradio's pages need inline code; whatever they load or call must be on this server."""
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_COME_AGAIN = '<!doctype html><title>Glossa</title><meta http-equiv="refresh" content="0;url=/">'


class Guard:
    """ASGI middleware around the whole application; plain ASGI, so that streams pass unbuffered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on and put cookie and headers on the reply."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = _refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        cookie = _cookie_to_set(scope, headers)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    sent.setdefault(name, value)
                if cookie:
                    sent.append("set-cookie", cookie)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def is_ours(authority: str) -> bool:
    """Tell whether a ``host[:port]`` names this machine and nothing that a name server could point here."""
    try:
        parts = urlsplit(f"//{authority}")
        return str(parts.hostname) in _HOSTS and "@" not in authority and not parts.path
    except ValueError:
        return False


def _refusal(scope: Scope, headers: Headers) -> Response | None:
    host, origin = headers.get("host", ""), headers.get("origin")
    if not is_ours(host) or (origin is not None and origin != f"http://{host}"):
        return PlainTextResponse("Glossa answers only to its own page at http://127.0.0.1.", 403)
    if scope["type"] == "websocket":
        return None
    if scope["path"].startswith(_NEVER_SERVED):
        return PlainTextResponse("Not found", 404)
    if _is_front_page(scope):
        if urlsplit(f"//{host}").hostname != "127.0.0.1":
            port = urlsplit(f"//{host}").port  # one name for the machine: one identity for the browser
            return RedirectResponse(f"http://127.0.0.1:{port}/" if port else "http://127.0.0.1/", 307)
        if COOKIE not in cookie_parser(headers.get("cookie", "")) and headers.get("sec-fetch-site") in (
            "cross-site",
            "same-site",
        ):
            # A strict cookie stays behind when a link elsewhere leads here: ask again from our own page.
            return HTMLResponse(_COME_AGAIN)
    return None


def _is_front_page(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == "/")


def _cookie_to_set(scope: Scope, headers: Headers) -> str | None:
    """Name a browser that has no name, and renew the year of one that has."""
    if not _is_front_page(scope):
        return None
    cookies = cookie_parser(headers.get("cookie", ""))
    value = cookies[COOKIE] if owner_of(cookies) else new_identity()
    return f"{COOKIE}={value}; Max-Age={COOKIE_SECONDS}; Path=/; HttpOnly; SameSite=Strict"
