"""What the page is told of a whole recording: for its owner only, once it was searched, with the search's end."""

import shutil
import time

import numpy as np
import pytest

from agent.index import EventIndex
from models.simulate import Canvas, add_blinks, finish, write_edf
from tools.io import OpenRecording
from tools.types import Event, ToolError
from ui import viewer
from ui.identity import COOKIE, NotHereError, new_identity, owner_of
from ui.overview import Overviews
from ui.shelf import Shelf
from ui.viewer import View

ANNA, BEN = (owner_of({COOKIE: new_identity()}) for _ in range(2))


@pytest.fixture(scope="module")
def blinking(tmp_path_factory):
    canvas = Canvas(40.0, 200.0, np.random.default_rng(3))
    canvas.background("wake")
    add_blinks(canvas, 1.0, 38.0, per_minute=20.0)
    return write_edf(finish(canvas), tmp_path_factory.mktemp("blinks") / "a.edf")


@pytest.fixture
def kept(blinking, tmp_path):
    shelf = Shelf(tmp_path / "recordings")
    (note,) = shelf.keep(ANNA, [shutil.copy(blinking, tmp_path / "DOE.edf")])
    yield shelf, note.handle
    shelf.close()


def no_stages(recording: OpenRecording):
    return {"stages": "WW", "first": 0.0, "epoch": 30.0}


def until_done(overviews, handle):
    end = time.monotonic() + 60
    while (said := overviews.tell(ANNA, handle))["state"] == "reading":
        assert time.monotonic() < end
        assert 0 <= said["done"] <= 1
        time.sleep(0.05)
    return said


def test_events_of_every_label_are_told_after_a_search_and_not_before(kept, tmp_path):
    shelf, handle = kept
    overviews = Overviews(shelf, EventIndex(tmp_path / "index"), no_stages)
    assert overviews.tell(ANNA, handle) == {"state": "none"}
    assert overviews.events(ANNA, handle, "eyem") == ()
    overviews.begin(ANNA, handle)
    overviews.begin(ANNA, handle)  # a second click changes nothing
    said = until_done(overviews, handle)
    assert said["state"] == "ready"
    assert said["stages"] == "WW"
    times = {row["label"]: row["events"] for row in said["labels"]}
    blinks = overviews.events(ANNA, handle, "eyem")
    assert times["eyem"] == [[round(e.onset, 2), round(e.duration, 2)] for e in blinks]
    assert len(blinks) >= 5
    assert times["flat"] == [], "looked for and not found is told, as an empty list"
    again = Overviews(shelf, EventIndex(tmp_path / "index"), no_stages)
    assert again.tell(ANNA, handle) == said, "another process finds it on the disk"


def test_nobody_else_starts_or_sees_a_search(kept, tmp_path):
    shelf, handle = kept
    overviews = Overviews(shelf, EventIndex(tmp_path / "index"), no_stages)
    for call in (overviews.begin, overviews.tell):
        with pytest.raises(NotHereError):
            call(BEN, handle)
    with pytest.raises(NotHereError):
        overviews.events(None, handle, "eyem")


def test_a_search_that_fails_says_why_and_can_be_begun_again(kept, tmp_path):
    shelf, handle = kept
    calls = []

    def stages(recording):
        calls.append(recording)
        if len(calls) == 1:
            raise ToolError("The file was changed since it was opened.")
        return {"stages": ""}

    overviews = Overviews(shelf, EventIndex(tmp_path / "index"), stages)
    overviews.begin(ANNA, handle)
    said = until_done(overviews, handle)
    assert (said["state"], said["why"]) == ("failed", "The file was changed since it was opened.")
    overviews.begin(ANNA, handle)
    assert until_done(overviews, handle)["state"] == "ready"


def test_a_fault_of_ours_is_told_without_its_text(kept, tmp_path):
    shelf, handle = kept

    def stages(recording):
        raise ZeroDivisionError("Jane Doe")

    overviews = Overviews(shelf, EventIndex(tmp_path / "index"), stages)
    overviews.begin(ANNA, handle)
    said = until_done(overviews, handle)
    assert said["state"] == "failed"
    assert "Doe" not in said["why"]


def test_epochs_lie_on_their_grid_and_lead_back_to_short_pages():
    view = View(handle="rec-1", total=95.0, montages=("average",))
    epoch = viewer.obey(view, {"act": "epoch", "onset": 47.3})
    assert (epoch.page.onset, epoch.page.duration) == (30.0, 30.0)
    back = viewer.obey(epoch, {"act": "epoch", "onset": 60.0})
    assert (back.page.onset, back.page.duration) == (60.0, 10.0)
    assert viewer.set_field(viewer.go(view, 41.0), "duration", 30).page.onset == 30.0


def test_events_of_a_label_are_drawn_but_not_sent_with_every_page():
    events = tuple(Event(onset=i, duration=0.1, label="eyem", source="t") for i in range(50))
    view = viewer.mark(View(handle="rec-1", total=95.0), events, "token", "eyem")
    shown = viewer.for_browser(view)
    assert (shown["label"], shown["events"], shown["more"]) == ("eyem", [], 0)
    assert "marks=token" in shown["fields"]
    assert viewer.for_browser(viewer.mark(view, events[:2], "k"))["label"] == "", (
        "an answer's marks replace them"
    )
