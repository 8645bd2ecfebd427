"""The running server: pages for their owner only, loopback only, one line when it cannot start."""

import asyncio
import re
import socket
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from PIL import Image

from agent.settings import Settings
from models.simulate import Canvas, finish, write_edf
from tools.types import Event, ToolError
from ui.cli import main
from ui.desk import BrainChoice, open_desk
from ui.identity import COOKIE, new_identity, owner_of
from ui.server import add_page_route
from ui.shelf import Shelf

PAGE = "montage=average&width=800&height=500&low_cut_hz=0.5&high_cut_hz=70&notch_hz="


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(home, running):
    """The real server, in a process of its own, on a free port of this machine."""
    with running(home) as address:
        yield address


@pytest.fixture
def browser(address):
    with httpx.Client(base_url=address, timeout=30) as client:
        client.get("/")
        yield client


@pytest.fixture
def own(home, browser, tmp_path):
    """A recording that only ``browser`` opened; the server finds it on the shelf."""
    canvas = Canvas(60.0, 200.0, np.random.default_rng(5))
    canvas.background("wake")
    write_edf(finish(canvas), tmp_path / "own.edf")
    shelf, owner = Shelf(home / "recordings"), owner_of(browser.cookies)
    (kept,) = shelf.keep(owner, [tmp_path / "own.edf"])
    yield kept.handle
    shelf.delete(owner, kept.handle)
    shelf.close()


def test_a_page_is_a_picture_of_the_size_that_was_asked_for(browser, own):
    reply = browser.get(f"/page/{own}.png?{PAGE}&onset=20&duration=10")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "image/png"
    assert Image.open(BytesIO(reply.content)).size == (800, 500)
    assert "private" in reply.headers["cache-control"]


def test_another_browser_gets_exactly_what_it_gets_for_a_recording_that_does_not_exist(address, own):
    with httpx.Client(base_url=address) as other:
        other.get("/")
        theirs = other.get(f"/page/{own}.png?{PAGE}&onset=20&duration=10")
        nothing = other.get(f"/page/rec-000000000000.png?{PAGE}&onset=20&duration=10")
    nameless = httpx.get(f"{address}/page/{own}.png?{PAGE}&onset=20&duration=10")
    assert [(r.status_code, r.text) for r in (theirs, nothing, nameless)] == [(404, "Not found")] * 3


def test_a_picture_that_did_not_change_is_not_sent_again(browser, own):
    url = f"/page/{own}.png?{PAGE}&onset=30&duration=10"
    first = browser.get(url)
    again = browser.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert browser.get(url.replace("onset=30", "onset=40")).headers["etag"] != first.headers["etag"]


def test_marks_are_drawn_for_their_owner_and_unknown_ones_are_not_passed_over(tmp_path):
    desk = open_desk(Settings(home=tmp_path), None)
    app = FastAPI()
    add_page_route(app, desk)
    cookie = new_identity()
    owner = owner_of({COOKIE: cookie})
    (sample,) = desk.shelf.list(owner)
    event = Event(onset=22, duration=2, label="spindle", channels=("C3",), source="test", confidence=0.9)
    token = desk.marks.keep(owner, [event])
    url = f"/page/{sample.handle}.png?{PAGE}&onset=20&duration=10"

    async def pictures():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            client.cookies.set(COOKIE, cookie)
            return [await client.get(url + marks) for marks in ("", f"&marks={token}", f"&marks={'0' * 24}")]

    plain, marked, unknown = asyncio.run(pictures())
    desk.close()
    assert plain.status_code == marked.status_code == 200
    assert plain.content != marked.content
    assert plain.headers["etag"] != marked.headers["etag"]
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("onset=1e9&duration=10", "60"),
        ("onset=0&duration=0", "duration"),
        ("onset=-1&duration=10", "cannot be"),
        ("onset=0&duration=10&montage=zigzag", "montage"),
        ("onset=0&duration=10&high_cut_hz=500", "Hz"),
        ("onset=0&duration=10&width=999999", "cannot be"),
        ("onset=0&duration=10&owner=me", "cannot be"),
        ("onset=nan&duration=10", ""),
    ],
)
def test_a_page_that_cannot_be_drawn_is_refused_in_one_line(browser, own, change, word):
    reply = browser.get(f"/page/{own}.png?{PAGE}&{change}")
    assert reply.status_code == 422
    assert word in reply.text
    assert "\n" not in reply.text


def test_a_browser_keeps_its_name_for_a_year_out_of_reach_of_scripts(address):
    first = httpx.get(address)
    cookie = first.headers["set-cookie"]
    assert re.fullmatch(COOKIE + r"=[\w-]{43}; Max-Age=31536000; Path=/; HttpOnly; SameSite=Strict", cookie)
    again = httpx.get(address, cookies={COOKIE: first.cookies[COOKIE]})
    assert again.cookies[COOKIE] == first.cookies[COOKIE]
    forged = httpx.get(address, cookies={COOKIE: "../../somebody"})
    assert forged.cookies[COOKIE] != "../../somebody"


def test_a_link_from_elsewhere_does_not_cost_a_browser_its_name(address):
    reply = httpx.get(address, headers={"Sec-Fetch-Site": "cross-site"})
    assert "set-cookie" not in reply.headers
    assert 'http-equiv="refresh"' in reply.text


def test_localhost_leads_to_the_one_address_under_which_a_browser_has_its_name(address):
    port = address.rsplit(":", 1)[1]
    reply = httpx.get(address, headers={"Host": f"localhost:{port}"})
    assert (reply.status_code, reply.headers["location"]) == (307, f"{address}/")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:7860", "127.0.0.1@evil.example", ""]
)
def test_a_name_that_somebody_else_can_point_here_is_refused(address, host):
    assert httpx.get(address, headers={"Host": host}).status_code in (400, 403)


def test_a_page_of_another_origin_cannot_call_the_server(address, browser):
    for origin in ("http://evil.example", "null", address.replace("127.0.0.1", "localhost")):
        reply = browser.post("/gradio_api/queue/join", json={}, headers={"Origin": origin})
        assert reply.status_code == 403
    assert browser.get("/config", headers={"Origin": address}).status_code == 200


def test_nothing_that_was_uploaded_is_handed_out_by_gradio(browser, address, home):
    upload = browser.post("/gradio_api/upload", files={"files": ("x.edf", b"secret")})
    (path,) = upload.json()
    assert Path(path).read_bytes() == b"secret", "Gradio did take it"
    assert Path(path).is_relative_to(home), "but keeps it under the home folder"
    with httpx.Client(base_url=address) as other:
        for client in (browser, other):
            for route in ("/gradio_api/file=", "/file=", "/gradio_api/file/"):
                assert client.get(route + path).status_code == 404


def test_the_page_may_load_and_call_nothing_but_its_own_server(browser):
    reply = browser.get("/")
    policy = dict(part.strip().split(" ", 1) for part in reply.headers["content-security-policy"].split(";"))
    assert policy["connect-src"] == "'self'"
    assert policy["default-src"] == "'self'"
    assert not [source for sources in policy.values() for source in sources.split() if "://" in source]
    assert reply.headers["referrer-policy"] == "no-referrer"


def test_no_page_describes_the_routes_of_the_server(browser):
    assert [browser.get(path).status_code for path in ("/docs", "/openapi.json", "/redoc")] == [404] * 3


def test_a_taken_port_is_one_line_with_the_setting_to_change(capfd, glossa_home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["ui", "--no-browser", "--port", str(port)]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert re.fullmatch(rf"glossa: Port {port} .*--port or GLOSSA_PORT.*\n", said.err)
    assert not glossa_home.exists(), "nothing was written"


def test_a_file_that_is_no_eeg_is_one_line_before_anything_is_served(capfd, tmp_path, glossa_home):
    junk = tmp_path / "holiday.edf"
    junk.write_bytes(b"no EEG" * 500)
    assert main(["ui", str(junk), "--no-browser", "--port", "0"]) == 2
    said = capfd.readouterr().err
    assert said.startswith("glossa: ")
    assert "is open at" not in said
    assert "holiday" not in said


def test_a_server_is_asked_only_with_consent(tmp_path):
    desk = open_desk(Settings(home=tmp_path), None)
    choice = BrainChoice(brain="openai", base_url="http://127.0.0.1:8000/v1", model="m", api_key="k")
    with pytest.raises(ToolError, match="Agree"):
        desk.settings_for(choice)
    settings = desk.settings_for(choice.model_copy(update={"consent": True}))
    assert (settings.brain, settings.base_url, settings.model) == ("openai", "http://127.0.0.1:8000/v1", "m")
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "k"
    assert desk.settings_for(BrainChoice()).brain == "embedded"
    with pytest.raises(ToolError, match="base URL"):
        desk.settings_for(BrainChoice(brain="openai", base_url="file:///etc/passwd", model="m", consent=True))
    desk.close()


def test_identities_do_not_repeat():
    assert len({new_identity() for _ in range(100)}) == 100
