"""The server behind the browser front: a route for page pictures, Gradio for the rest, loopback only."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from agent.settings import Settings
from tools.types import Page, ToolError

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

    from ui.desk import Desk

ADDRESS = "127.0.0.1"


def serve(file: Path | None, settings: Settings, *, open_browser: bool = True) -> int:
    """Run the browser front until it is stopped.

    Raises ToolError, before anything is served, when the port, the home folder or the file cannot be had.
    """
    with _listen(settings.port) as listening:
        from ui.desk import open_desk

        desk = open_desk(settings, file)
        try:
            _run(build_app(desk, listening.getsockname()[1]), desk, listening, open_browser=open_browser)
        finally:
            desk.close()
    return 0


def build_app(desk: Desk, port: int = 7860) -> FastAPI:
    """Put page route, Gradio and guard together; nothing listens yet."""
    _set_environment(desk.settings.home)
    import gradio as gr
    from fastapi import FastAPI

    from ui.app import build_blocks
    from ui.guard import Guard
    from ui.layout import look

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_page_route(app, desk)
    add_overview_route(app, desk)
    gr.mount_gradio_app(
        app,
        build_blocks(desk),
        path="/",
        server_name=ADDRESS,
        server_port=port,
        max_file_size=f"{desk.settings.max_upload_mb}mb",
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        run_history=False,
        enable_monitoring=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        footer_links=[],
        allowed_paths=[],
        blocked_paths=[str(desk.settings.home)],
        **look(),
    )
    app.add_middleware(Guard)
    return app


def add_page_route(app: FastAPI, desk: Desk) -> None:
    """Serve page pictures at ``/page/<handle>.png``; the address holds the fields of the ``Page``."""
    from fastapi import Request

    def page_picture(handle: str, request: Request) -> Response:
        """Draw a page of a recording that the asking browser may see; 404 for all others."""
        return _picture(desk, handle, request)

    # FastAPI resolves annotations in the module's scope, where the web framework is not imported.
    page_picture.__annotations__ = {"handle": str, "request": Request}
    app.get("/page/{handle}.png", response_model=None)(page_picture)


def add_overview_route(app: FastAPI, desk: Desk) -> None:
    """Tell at ``/overview/<handle>.json`` what is known of a whole recording; POST has it searched."""
    from fastapi import Request

    def overview(handle: str, request: Request) -> Response:
        """Events by label, stages, and how far a search is; 404 for those who may not see the recording."""
        from fastapi.responses import JSONResponse, PlainTextResponse

        from ui.identity import NotHereError, owner_of

        owner = owner_of(request.cookies)
        try:
            if request.method == "POST":
                desk.overviews.begin(owner, handle)
            return JSONResponse(desk.overviews.tell(owner, handle), headers={"Cache-Control": "no-store"})
        except NotHereError:
            return PlainTextResponse("Not found", 404)
        except ToolError as error:
            return PlainTextResponse(error.message, 422)

    overview.__annotations__ = {"handle": str, "request": Request}
    app.api_route("/overview/{handle}.json", methods=["GET", "POST"], response_model=None)(overview)


def _picture(desk: Desk, handle: str, request: Request) -> Response:
    from fastapi.responses import PlainTextResponse, Response
    from pydantic import ValidationError

    from ui.identity import NotHereError, owner_of
    from ui.viewer import page_from_address

    owner = owner_of(request.cookies)
    fields = dict(request.query_params)
    try:
        events = desk.marks.find(owner, fields.pop("marks", ""))
        with desk.shelf.lend(owner, handle) as recording:
            page = page_from_address(fields)
            shown = [
                e
                for e in events
                if e.onset < page.onset + page.duration and e.onset + e.duration > page.onset
            ]
            tag = _tag(handle, page, shown)
            headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie"}
            if request.headers.get("if-none-match") == tag:
                return Response(status_code=304, headers=headers)
            from tools.page import render

            return Response(render(recording, page, shown).png, media_type="image/png", headers=headers)
    except NotHereError:
        return PlainTextResponse("Not found", 404)
    except ValidationError:
        return PlainTextResponse("The page's address holds a value that cannot be.", 422)
    except ToolError as error:
        return PlainTextResponse(error.message, 422)


def _tag(handle: str, page: Page, events: list) -> str:  # type: ignore[type-arg]
    """Name a picture by what decides its bytes."""
    text = handle + page.model_dump_json() + "".join(event.model_dump_json() for event in events)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _set_environment(home: Path) -> None:
    """Tell Gradio, before it is imported, to stay quiet and to keep uploads under the home folder."""
    cache = home / "uploading" / str(os.getpid())
    os.environ.update(
        GRADIO_ANALYTICS_ENABLED="False",
        GRADIO_RUN_HISTORY="False",
        GRADIO_MCP_SERVER="False",
        GRADIO_SSR_MODE="False",
        GRADIO_TEMP_DIR=str(cache),
        HF_HUB_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
    )


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((ADDRESS, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise ToolError(
            f"Port {port} cannot be had; choose another with --port or GLOSSA_PORT (0: any free one).",
            field="port",
        ) from error
    return listening


def _run(app: FastAPI, desk: Desk, listening: socket.socket, *, open_browser: bool) -> None:
    """Serve until stopped; threads and recordings stay, what was being uploaded goes."""
    import uvicorn

    cache = Path(os.environ["GRADIO_TEMP_DIR"])
    _sweep(cache)
    cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    address = f"http://{ADDRESS}:{listening.getsockname()[1]}"
    _say(f"Glossa is open at {address} for browsers on this machine. Stop it with Ctrl+C.")
    threading.Thread(target=desk.rules, daemon=True).start()  # the first question should not wait for it
    if open_browser and (
        sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        import webbrowser

        threading.Timer(1.0, webbrowser.open, [address]).start()
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        shutil.rmtree(cache, ignore_errors=True)


def _sweep(cache: Path) -> None:
    """Remove what a crash of an earlier server left between upload and shelf."""
    for folder in cache.parent.glob("*"):
        if folder == cache or not _is_running(int(folder.name) if folder.name.isdecimal() else 0):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        if process:
            os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process > 0


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
