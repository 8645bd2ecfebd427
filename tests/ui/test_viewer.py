"""The viewer's state: pages turn, controls change the page, and nothing leaves the recording."""

import pytest

from tools.types import Channel, Event, Page, Recording
from ui import viewer
from ui.viewer import View


def _view(**fields):
    base = {"handle": "rec-1", "total": 95.0, "montages": ("average", "longitudinal", "cz")}
    return View(**(base | fields))


def _recording(sfreq=200.0):
    channel = Channel(name="O1", original_name="O1", kind="eeg", sfreq=sfreq, unit="uV")
    return Recording(handle="rec-2", format="EDF", duration=30.0, channels=(channel,))


def test_pages_turn_by_their_length_and_stay_inside_the_recording():
    view = viewer.turn(_view(), 1)
    assert view.page.onset == 10.0
    assert viewer.turn(view, -5).page.onset == 0.0
    last = viewer.go(view, 90.0)
    assert viewer.turn(last, 1) == last, "there is no page after the last"


@pytest.mark.parametrize(("asked", "got"), [(-3.0, 0.0), (12.3456, 12.346), (95.0, 94.0), (1e9, 94.0)])
def test_going_to_a_second_stays_where_there_is_signal(asked, got):
    assert viewer.go(_view(), asked).page.onset == got


def test_a_recording_shorter_than_a_second_has_one_page():
    short = _view(total=0.5)
    assert viewer.go(short, 10.0).page.onset == 0.0
    assert viewer.turn(short, 1) == short


def test_a_longer_page_runs_at_a_slower_paper_speed():
    page = viewer.lengthen(_view(), 30).page
    assert (page.duration, page.paper_speed_mm_per_s) == (30.0, 10.0)


def test_more_gain_means_fewer_microvolts_per_millimetre():
    view = _view()
    assert viewer.gain(view, 1).page.sensitivity_uv_per_mm == 5.0
    assert viewer.gain(view, -2).page.sensitivity_uv_per_mm == 15.0
    assert viewer.gain(view, 50).page.sensitivity_uv_per_mm == 1.0
    assert viewer.gain(viewer.change(view, sensitivity_uv_per_mm=8.0), 1).page.sensitivity_uv_per_mm == 5.0


def test_zero_switches_a_filter_off():
    page = viewer.set_field(_view(), "low_cut_hz", 0.0).page
    assert page.low_cut_hz is None
    assert viewer.set_field(_view(), "high_cut_hz", 35.0).page.high_cut_hz == 35.0


def test_the_notch_key_steps_through_what_the_sampling_rate_allows():
    view = _view()
    seen = []
    for _ in range(3):
        view = viewer.next_notch(view)
        seen.append(view.page.notch_hz)
    assert seen == [50.0, 60.0, None]
    assert viewer.next_notch(_view(highest_hz=50.0)).page.notch_hz is None


def test_menus_offer_no_cut_at_or_above_half_the_sampling_rate():
    menus = viewer.menus(_view(highest_hz=50.0))
    assert max(value for _, value in menus["high_cut_hz"]["choices"]) == 70.0, "the value in force is listed"
    calm = viewer.change(_view(highest_hz=50.0), high_cut_hz=None)
    assert max(value for _, value in viewer.menus(calm)["high_cut_hz"]["choices"]) == 35.0


def test_an_unusual_value_set_by_the_agent_appears_in_its_menu():
    view = viewer.follow(_view(), Page(onset=5, duration=4, low_cut_hz=15.0, width=400, height=300))
    menus = viewer.menus(view)
    assert ("15 Hz", 15.0) in menus["low_cut_hz"]["choices"]
    assert ("4 s", 4.0) in menus["duration"]["choices"]


def test_following_the_agent_keeps_the_size_of_the_window():
    view = viewer.resize(_view(), 1111, 707)
    page = viewer.follow(view, Page(onset=20, duration=10, montage="cz")).page
    assert (page.onset, page.montage, page.width, page.height) == (20.0, "cz", 1111, 707)


def test_a_window_of_any_size_gives_a_page_that_can_be_drawn():
    small = viewer.resize(_view(), 3, 1).page
    huge = viewer.resize(_view(), 1e6, 1e6).page
    assert small.width >= 200
    assert small.height >= 150
    assert huge.width * huge.height <= 8000 * 8000


def test_a_recording_opens_in_the_size_of_the_window_without_the_marks_of_the_last():
    before = viewer.mark(
        viewer.resize(_view(), 900, 600), (Event(onset=1, duration=1, label="eyem", source="t"),), "k"
    )
    view = viewer.first_view(_recording(100.0), ("cz",), Page(onset=0, duration=10, montage="cz"), before)
    assert (view.handle, view.total, view.highest_hz) == ("rec-2", 30.0, 50.0)
    assert (view.page.width, view.page.montage, view.events, view.marks) == (900, "cz", (), "")


def test_the_address_of_a_picture_gives_back_its_page():
    view = viewer.change(viewer.go(_view(), 12.5), notch_hz=50.0, low_cut_hz=None, left_first=False)
    from urllib.parse import parse_qsl

    fields = dict(parse_qsl(viewer.address_fields(view), keep_blank_values=True)) | {"onset": "12.5"}
    assert viewer.page_from_address(fields) == view.page


def test_hidden_marks_leave_the_address_and_the_list():
    event = Event(onset=1, duration=1, label="spindle", channels=("C3", "C4", "Cz", "Pz"), source="t")
    view = viewer.mark(_view(), (event,), "token")
    shown = viewer.for_browser(view)
    assert "marks=token" in shown["fields"]
    assert shown["events"] == [
        {"name": "sleep spindle", "where": "C3, C4, Cz …", "onset": 1.0, "duration": 1.0}
    ]
    hidden = viewer.for_browser(view.model_copy(update={"show_events": False}))
    assert "marks" not in hidden["fields"]
    assert hidden["events"] == []


def test_a_long_list_of_marks_is_cut_and_counted():
    events = tuple(Event(onset=i, duration=0.1, label="eyem", source="t") for i in range(350))
    shown = viewer.for_browser(viewer.mark(_view(), events, "k"))
    assert (len(shown["events"]), shown["more"]) == (300, 50)


def test_orders_of_the_pages_script_are_carried_out_and_others_change_nothing():
    view = viewer.obey(_view(), {"act": "go", "onset": 33})
    view = viewer.obey(view, {"act": "gain", "steps": 1})
    view = viewer.obey(view, {"act": "montage", "index": 2})
    view = viewer.obey(view, {"act": "size", "width": 1000, "height": 500})
    page = view.page
    assert (page.onset, page.sensitivity_uv_per_mm, page.montage, page.width) == (33.0, 5.0, "cz", 1000)
    assert viewer.obey(view, {"act": "montage", "index": 9}) == view
    assert viewer.obey(view, {"act": "delete everything"}) == view


def test_a_recording_is_named_by_what_it_is():
    from ui.shelf import Kept
    from ui.titles import recording_title

    def title(number, channels, duration):
        note = Kept(handle="h", number=number, format="EDF", channels=channels, duration=duration, added=0)
        return recording_title(note, "Sample")

    assert title(0, 19, 300) == "Sample · EDF · 19 channels · 5 min 00 s"
    assert title(2, 1, 8 * 3600 + 90) == "Recording 2 · EDF · 1 channel · 8 h 01 min"
    assert title(3, 4, 9.6) == "Recording 3 · EDF · 4 channels · 10 s"
