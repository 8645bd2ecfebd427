"""The whole job in Debian's Chromium: open, look, ask, ask again; nobody else sees it, and nothing leaves."""

from urllib.parse import urlsplit

import pytest

from models.simulate import Canvas, add_alpha, add_blinks, finish, write_edf
from tests.ui.tab import IN_A_BROWSER, Tab

pytestmark = IN_A_BROWSER
MARK = "#viewer .list button"


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    import numpy as np

    canvas = Canvas(60.0, 200.0, np.random.default_rng(3))
    canvas.background("wake")
    add_alpha(canvas, 0.5, 59.0, frequency=10.0, rms=18.0)
    add_blinks(canvas, 1.0, 58.0, per_minute=20.0)
    return write_edf(finish(canvas), tmp_path_factory.mktemp("hospital") / "DOE_JANE.edf")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(home, running):
    """A server that several tests share; each comes with cookies of its own."""
    with running(home) as address:
        yield address


def test_open_ask_follow_up_second_browser_restart(chromium, running, recording, tmp_path):
    home = tmp_path / "home"
    with running(home) as address:
        tab = Tab(chromium, address)
        sample = tab.address()
        tab.page.set_input_files("#bar input[type=file]", recording)
        tab.wait_for(lambda: tab.address() and tab.address().split("?")[0] != sample.split("?")[0])
        own = tab.address()
        assert "Recording 1" in tab.page.input_value("#recordings input")
        assert "DOE" not in tab.page.content()

        said = tab.ask("Are there blinks between 0 and 20 s?")
        assert "blink" in said
        assert tab.page.locator(MARK).count() > 0, "what the answer names is listed under the page"
        assert "marks=" in tab.address(), "and drawn on it"
        again = tab.ask("And between 20 and 40 s?")
        assert "And between 20 and 40 s?" in again
        assert len(again) > len(said)
        tab.page.locator(MARK).last.click()
        tab.wait_for(lambda: tab.page.locator(MARK).last.get_attribute("class") == "in")

        other = Tab(chromium, address)
        assert other.page.evaluate("url => fetch(url).then((reply) => reply.status)", own) == 404
        other.page.click("#thread-list input")
        assert other.page.get_by_role("option").all_inner_texts() == ["✓\nNew conversation"]
        assert "Recording 1" not in other.page.content()
        assert tab.page.locator("button[aria-label=Share]:visible, button[title=Share]:visible").count() == 0
        state = tab.context.storage_state()
        assert tab.elsewhere() + other.elsewhere() == []
        assert tab.faults + other.faults == []

    with running(home) as address:
        port = urlsplit(address).port
        back = Tab(chromium, f"http://127.0.0.1:{port}", state)
        back.page.wait_for_selector("text=And between 20 and 40 s?", timeout=30_000)
        assert back.address().split("?")[0] == own.split("?")[0]
        assert back.page.locator(MARK).count() > 0
        back.page.on("dialog", lambda dialog: dialog.accept())
        back.page.click("#delete")
        back.wait_for(lambda: back.page.input_value("#thread-list input") == "New conversation")
        back.page.reload()
        back.page.wait_for_selector("#viewer img")
        assert "And between 20 and 40 s?" not in back.page.inner_text("body")
        assert back.elsewhere() == []


def test_keys_and_menus_move_the_page(chromium, address):
    tab = Tab(chromium, address)
    tab.wait_for(lambda: "width=1200" not in tab.address(), 10)  # fitted to the window

    def holds(text):
        tab.wait_for(lambda: text in tab.address(), 10)

    for _ in range(3):
        tab.page.keyboard.press("ArrowRight")
    holds("onset=30")
    tab.wait_for(lambda: tab.page.input_value("#goto input") == "30", 10)
    tab.page.keyboard.press("ArrowLeft")
    holds("onset=20")
    tab.page.keyboard.press("ArrowUp")
    holds("sensitivity_uv_per_mm=5.0")
    tab.page.keyboard.press("-")
    holds("sensitivity_uv_per_mm=7.0")
    tab.page.keyboard.press("n")
    holds("notch_hz=50.0")
    tab.page.click("#montage input")
    tab.page.get_by_role("option", name="Longitudinal").click()
    holds("montage=longitudinal")
    tab.page.click("#length input")
    tab.page.get_by_role("option", name="20 s").click()
    holds("duration=20.0")
    tab.page.keyboard.press("ArrowRight")
    holds("onset=40")
    tab.wait_for(lambda: tab.page.input_value("#goto input") == "40", 10)
    tab.page.fill("#goto input", "123.5")
    tab.page.keyboard.press("Enter")
    holds("onset=123.5")
    tab.page.keyboard.press("End")
    holds("onset=280")
    tab.page.click("#forth")
    tab.page.click("#back")
    holds("onset=260")
    assert tab.faults == []


def test_the_picture_has_as_many_pixels_as_its_place_on_the_screen(chromium, address):
    tab = Tab(chromium, address)
    for width, height in ((1366, 768), (1920, 1080)):
        tab.page.set_viewport_size({"width": width, "height": height})
        size = "(([w, h]) => (i => [i.naturalWidth - w, i.naturalHeight - h, i.width - i.naturalWidth])"
        size += "(document.querySelector('#viewer img')))((p => [p.clientWidth, p.clientHeight])"
        size += "(document.querySelector('#viewer .paper')))"
        tab.wait_for(lambda size=size: tab.page.evaluate(size) == [0, 0, 0], 15)
        assert tab.page.evaluate("document.documentElement.scrollHeight") <= height
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_control_covers_another(chromium, address):
    overlaps = """() => {
      const controls = 'button, input:not([type=file]):not([type=checkbox]), textarea';
      const boxes = [...document.querySelectorAll(controls)]
        .map((e) => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.width > 0 && r.height > 0);
      const across = (a, b) => a.left < b.right - 1 && b.left < a.right - 1;
      const meet = (a, b) => across(a, b) && a.top < b.bottom - 1 && b.top < a.bottom - 1;
      return boxes.flatMap(([e, r], i) => boxes.slice(i + 1).filter(([f, q]) => meet(r, q))
        .map(([f]) => `${e.id || e.outerHTML.slice(0, 60)} / ${f.id || f.outerHTML.slice(0, 60)}`));
    }"""
    tab = Tab(chromium, address)
    for size in ({"width": 1366, "height": 768}, {"width": 1920, "height": 1080}):
        tab.page.set_viewport_size(size)
        assert tab.page.evaluate(overlaps) == []


def test_what_cannot_be_opened_is_said_and_changes_nothing(chromium, address, home, tmp_path):
    junk = tmp_path / "holiday.edf"
    junk.write_bytes(b"no EEG" * 500)
    tab = Tab(chromium, address)
    before = tab.page.input_value("#recordings input")
    tab.page.set_input_files("#bar input[type=file]", junk)
    tab.page.wait_for_selector("text=not an EEG", timeout=20_000)
    assert tab.page.input_value("#recordings input") == before
    left = [path for folder in ("uploading", "recordings") for path in (home / folder).rglob("*")]
    assert [path for path in left if path.is_file() and path.stat().st_size] == []


def test_a_server_is_chosen_only_with_consent_that_names_it(chromium, address):
    tab = Tab(chromium, address)
    tab.page.click("#settings-button")
    tab.page.get_by_label("OpenAI-compatible server").click()
    tab.page.fill("#base-url textarea", "http://127.0.0.1:9/v1")
    tab.page.fill("#model textarea", "any")
    tab.page.wait_for_selector("text=page pictures and measured numbers will be sent to 127.0.0.1")
    tab.page.click("#apply")
    tab.page.wait_for_selector("text=Agree in Settings")
    assert "Nothing leaves this machine" in tab.page.inner_text("#brain-line")
    tab.page.check("#consent input")
    tab.page.click("#apply")
    tab.page.wait_for_selector("#brain-line >> text=are sent to 127.0.0.1")


def test_the_whole_recording_is_read_and_its_events_lead_to_their_pages(chromium, address):
    tab = Tab(chromium, address)
    tab.page.click("#viewer .read")
    tab.page.wait_for_selector("#viewer .what:visible", timeout=120_000)
    tab.page.select_option("#viewer .what", "eyem")
    tab.wait_for(lambda: tab.page.locator(MARK).count() > 3)
    tab.wait_for(lambda: "marks=" in tab.address())
    before = tab.address()
    tab.page.click("#viewer .step[data-by='1']")
    tab.wait_for(lambda: tab.address() != before and tab.page.locator(MARK + ".in").count() > 0)
    tab.page.keyboard.press("e")
    tab.wait_for(lambda: "epoch" in tab.page.inner_text("#viewer .clock") and "duration=30" in tab.address())
    epoch = tab.page.inner_text("#viewer .clock")
    tab.page.keyboard.press("ArrowRight")
    tab.wait_for(lambda: tab.page.inner_text("#viewer .clock") != epoch)
    assert "epoch" in tab.page.inner_text("#viewer .clock")
    assert tab.elsewhere() == []
    assert tab.faults == []
