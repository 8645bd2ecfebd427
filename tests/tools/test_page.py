import hashlib
import io
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from tools.io import open_recording
from tools.marks import INK, PAPERS
from tools.page import default_page, draw, render, render_all, write_page
from tools.types import Channel, ChannelSpan, Event, Filters, Page, Recording, Segment, ToolError

CHANNELS = (
    "Fp1", "Fp2", "F3", "F4", "C3", "C4", "P3", "P4", "O1", "O2", "F7", "F8", "T3", "T4", "T5", "T6",
    "Fz", "Cz", "Pz",
)  # fmt: skip
FILTERS = Filters(low_cut_hz=0.5, high_cut_hz=70.0)
GREY = 2


def segment(data, channels=None, *, sfreq=200.0, onset=0.0, kinds=(), filters=FILTERS):
    data = np.atleast_2d(np.asarray(data, float))
    names = channels or (CHANNELS[: len(data)] if len(data) <= 19 else [f"E{i}" for i in range(len(data))])
    return Segment(data, tuple(names), sfreq, onset, tuple(kinds), filters=filters)


def noise(channels=19, duration=10.0, sfreq=200.0, seed=0):
    return 15 * np.random.default_rng(seed).standard_normal((channels, int(duration * sfreq)))


def pixels(picture):
    """Paper and ink of a clinical page."""
    index = np.asarray(Image.open(io.BytesIO(picture.png)))
    return index >> 4, index & 15


def trace_height(picture, seconds, page, axis=0):
    """Vertical centre of the ink near a channel at a time; the grid is too pale to count."""
    _, ink = pixels(picture)
    x = round(picture.x0 + (seconds - page.onset) / page.duration * (picture.x1 - picture.x0)) + 2
    column = np.where(ink[:, x] > 5, ink[:, x], 0).astype(float)
    header = 26
    column[:header] = 0
    column[760:] = 0
    return (column * (np.arange(len(column)) + 0.5)).sum() / column.sum()


def written_edf(folder, channels, data, sfreq, *, name="recording.edf"):
    from edfio import Edf, EdfSignal

    limit = float(np.ceil(np.abs(data).max() + 1))
    signals = [
        EdfSignal(trace, sfreq, label=label, physical_dimension="uV", physical_range=(-limit, limit))
        for label, trace in zip(channels, data, strict=True)
    ]
    path = folder / name
    Edf(signals).write(path)
    return path


@pytest.mark.parametrize(("sensitivity", "speed"), [(7.0, 30.0), (10.0, 30.0), (3.0, 15.0), (7.0, 60.0)])
def test_voltage_and_time_use_the_same_millimetre(sensitivity, speed):
    page = Page(
        onset=0,
        duration=10,
        montage="as_recorded",
        sensitivity_uv_per_mm=sensitivity,
        paper_speed_mm_per_s=speed,
    )
    step = np.where(np.arange(2000) < 1000, 0.0, 10 * sensitivity)
    picture = draw(page, segment(step, ["Cz"]))
    px_per_mm = (picture.x1 - picture.x0) / (page.duration * page.paper_speed_mm_per_s)
    down = trace_height(picture, 7.3, page) - trace_height(picture, 2.3, page)
    assert down == pytest.approx(10 * px_per_mm, abs=0.3)
    assert picture.axes[0].uv_per_px == pytest.approx(sensitivity / px_per_mm)


def test_negative_is_up():
    page = Page(onset=0, duration=10, montage="as_recorded")
    picture = draw(page, segment(np.where(np.arange(2000) < 1000, -50.0, 50.0), ["Cz"]))
    assert trace_height(picture, 2.3, page) < picture.axes[0].baseline < trace_height(picture, 7.3, page)


def test_height_is_linear_in_voltage():
    page = Page(onset=0, duration=10, montage="as_recorded")
    heights = []
    for voltage in (-200, -100, 0, 100, 200):
        picture = draw(page, segment(np.full(2000, float(voltage)), ["Cz"]))
        heights.append(trace_height(picture, 4.3, page))
    assert np.diff(heights) == pytest.approx(np.full(4, np.diff(heights).mean()), abs=0.3)
    assert np.diff(heights).mean() > 0


@pytest.mark.parametrize("count", [1, 2, 19, 32, 64, 130])
def test_flat_traces_lie_in_the_middle_of_their_axis(count):
    page = Page(onset=0, duration=10, montage="as_recorded")
    picture = draw(page, segment(np.zeros((count, 2000))))
    _, ink = pixels(picture)
    x = round(picture.x0) + 33
    assert len(picture.axes) == count
    for axis in picture.axes:
        assert 0 < axis.y0 < axis.baseline < axis.y1 < picture.height
        assert ink[int(axis.baseline), x] == 15
    assert (ink[26:760, x] == 15).sum() == len({int(axis.baseline) for axis in picture.axes})
    assert all(a.y1 <= b.y0 + 1 for a, b in zip(picture.axes, picture.axes[1:], strict=False))


def test_the_same_record_gives_the_same_bytes_also_in_a_fresh_process():
    code = (
        "import hashlib, numpy as np\n"
        "from tools.page import draw\n"
        "from tools.types import Event, Page, Segment\n"
        "data = 20 * np.sin(np.arange(2000)[None] * np.linspace(0.05, 0.5, 19)[:, None])\n"
        f"segment = Segment(data, {CHANNELS!r}, 200.0, 60.0)\n"
        "event = Event(onset=63, duration=1, channels=('C3',), label='spindle', source='test')\n"
        "picture = draw(Page(onset=60, duration=10), segment, [event], start_time_of_day='23:59:30')\n"
        "print(hashlib.sha256(picture.png).hexdigest())\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    data = 20 * np.sin(np.arange(2000)[None] * np.linspace(0.05, 0.5, 19)[:, None])
    event = Event(onset=63, duration=1, channels=("C3",), label="spindle", source="test")
    hashes = {
        hashlib.sha256(
            draw(
                Page(onset=60, duration=10),
                Segment(data, CHANNELS, 200.0, 60.0),
                [event],
                start_time_of_day="23:59:30",
            ).png
        ).hexdigest()
        for _ in range(2)
    }
    assert hashes == {run.stdout.strip()}


def test_every_setting_that_decides_the_picture_changes_it():
    page = Page(onset=0, duration=10)
    signal = segment(noise())
    base = draw(page, signal).png
    for change in (
        {"sensitivity_uv_per_mm": 10.0},
        {"paper_speed_mm_per_s": 15.0},
        {"width": 1000},
        {"height": 700},
        {"left_first": False},
        {"montage": "cz"},
    ):
        assert draw(page.model_copy(update=change), signal).png != base, change
    for filters in (
        Filters(low_cut_hz=1, high_cut_hz=70),
        Filters(low_cut_hz=0.5, high_cut_hz=70, notch_hz=50),
    ):
        assert draw(page, replace(signal, filters=filters)).png != base


def test_the_order_of_channels_in_memory_does_not_matter():
    page, signal = Page(onset=0, duration=10), segment(noise())
    assert draw(page, signal.pick(CHANNELS[::-1])).png == draw(page, signal).png


def test_the_sampling_rate_hardly_shows():
    page = Page(onset=0, duration=10, montage="as_recorded")
    pictures = []
    for sfreq in (250.0, 1000.0):
        t = np.arange(int(10 * sfreq)) / sfreq
        waves = [30 * np.sin(2 * np.pi * f * t + f) for f in (1.0, 5.0, 9.0)]
        pictures.append(pixels(draw(page, segment(waves, sfreq=sfreq)))[1].astype(float))
    assert np.abs(pictures[0] - pictures[1]).mean() / 15 < 0.003


def test_filters_in_force_are_printed_and_a_difference_is_said():
    page = Page(onset=0, duration=10, high_cut_hz=70)
    assert draw(page, segment(noise())).notes == ()
    unfiltered = draw(page, segment(noise(), filters=Filters()))
    assert any("in force" in note for note in unfiltered.notes)


@pytest.mark.parametrize("duration", [1.0, 2.5, 10.0, 30.0, 60.0, 600.0])
@pytest.mark.parametrize(("width", "height"), [(200, 150), (1200, 800), (2400, 600)])
def test_pages_of_any_length_and_size_are_drawn(duration, width, height):
    page = Page(onset=3.5, duration=duration, width=width, height=height)
    picture = draw(page, segment(noise(duration=duration, sfreq=100.0), sfreq=100.0, onset=3.5))
    assert Image.open(io.BytesIO(picture.png)).size == (width, height) == (picture.width, picture.height)
    assert 0 < picture.x0 < picture.x1 < width
    _, ink = pixels(picture)
    assert (ink[:, int(picture.x0) : int(picture.x1)] == 15).any()


def test_a_page_beyond_the_recording_is_grey_where_nothing_is():
    page = Page(onset=0, duration=10)
    paper, _ = pixels(draw(page, segment(noise(duration=6.0))))
    picture = draw(page, segment(noise(duration=6.0)))
    edge = round(picture.x0 + 0.6 * (picture.x1 - picture.x0))
    assert (paper[100:700, edge + 2 : int(picture.x1)] == GREY).all()
    assert (paper[100:700, int(picture.x0) : edge - 2] == 0).all()


def test_missing_samples_are_a_break_with_a_grey_mark():
    data = noise(3)
    data[1, 800:1200] = np.nan
    page = Page(onset=0, duration=10, montage="as_recorded")
    picture = draw(page, segment(data, ("Cz", "Pz", "Oz")))
    paper, ink = pixels(picture)
    axis = picture.axes[1]
    begin, end = (round(picture.x0 + share * (picture.x1 - picture.x0)) for share in (0.4, 0.6))
    assert (paper[int(axis.baseline), begin + 2 : end - 2] == GREY).all()
    assert paper[int(axis.baseline), begin - 4] == 0
    middle = ink[int(axis.y0) + 60 : int(axis.y1) - 60, begin + 4 : end - 4]
    assert middle.max() <= 4  # grid only
    everything = draw(page, segment(np.full((2, 2000), np.nan), ("Cz", "Pz")))
    assert everything.axes[0].channel == "Cz"


def test_a_longer_segment_is_cut_to_the_page():
    data = noise(2, duration=30.0)
    page = Page(onset=10, duration=10, montage="as_recorded")
    whole = draw(page, segment(data, ("Cz", "Pz")))
    cut = draw(page, segment(data[:, 2000:4001], ("Cz", "Pz"), onset=10.0))
    assert np.abs(pixels(whole)[1].astype(int) - pixels(cut)[1]).max() == 0


def test_without_a_low_cut_an_offset_does_not_push_traces_off_the_page():
    page = Page(onset=0, duration=10, montage="as_recorded", low_cut_hz=None)
    picture = draw(page, segment(np.full((1, 2000), 9000.0), ["Cz"], filters=Filters(high_cut_hz=70)))
    assert trace_height(picture, 4.3, page) == pytest.approx(picture.axes[0].baseline, abs=0.2)


def test_ecg_is_drawn_coarser_and_what_is_no_voltage_on_its_own_scale():
    data = np.vstack([noise(2), 1000 * noise(1, seed=3)])
    page = Page(onset=0, duration=10, montage="as_recorded")
    picture = draw(page, segment(data, ("Cz", "ECG", "Flow"), kinds=("eeg", "ecg", "resp")))
    scales = {axis.channel: axis.uv_per_px for axis in picture.axes}
    assert scales["ECG"] == pytest.approx(10 * scales["Cz"])
    assert scales["Flow"] is None


def event(label="spindle", onset=4.0, duration=1.0, channels=("C3",), **more):
    return Event(label=label, onset=onset, duration=duration, channels=channels, source="test", **more)


def box_of(picture, marked, plain):
    paper, empty = pixels(marked)[0], pixels(plain)[0]
    rows, columns = np.nonzero((paper != empty) & (paper > GREY))
    return rows.min(), rows.max() + 1, columns.min(), columns.max() + 1


def test_an_event_tints_its_rows_and_seconds():
    page = Page(onset=0, duration=10)
    plain = draw(page, segment(np.zeros((19, 2000))))
    marked = draw(page, segment(np.zeros((19, 2000))), [event(duration=2.0)])
    axis = next(axis for axis in plain.axes if axis.channel == "C3")
    per_s = (plain.x1 - plain.x0) / 10
    paper = pixels(marked)[0]
    fill = paper == paper[int(axis.baseline), round(plain.x0 + 5.5 * per_s)]
    rows, columns = np.nonzero(fill)
    assert columns.min() == pytest.approx(plain.x0 + 4 * per_s, abs=2)
    assert columns.max() == pytest.approx(plain.x0 + 6 * per_s, abs=3)
    assert rows.min() == pytest.approx(axis.y0, abs=2)
    assert rows.max() == pytest.approx(axis.y1, abs=3)


def test_boxes_never_hide_a_trace():
    page, signal = Page(onset=0, duration=10), segment(noise())
    labels = ("spike", "spindle", "hfnoise", "alpha", "GPD", "something else")
    events = [
        event(label, onset=i, duration=3.0, channels=CHANNELS[i : i + 6]) for i, label in enumerate(labels)
    ]
    events += [event("arousal", 2, 5, ()), event("spike", 6, 1, ("T3",), masked_by="eyem")]
    with_events, without = pixels(draw(page, signal, events))[1], pixels(draw(page, signal))[1]
    assert (with_events >= without).all()
    darkest, ink = min(sum(colour) for colour in PAPERS), sum(INK)
    assert darkest - ink > 300  # ink stays far darker than any paper


def test_families_have_their_own_colours_and_masked_events_are_hatched():
    page, flat = Page(onset=0, duration=10), segment(np.zeros((19, 2000)))
    colours = set()
    for label in ("spike", "spindle", "alpha", "hfnoise", "GPD", "something else"):
        paper = pixels(draw(page, flat, [event(label)]))[0]
        colours |= set(np.unique(paper)) - {0, 1, GREY}
    assert len(colours) == 12
    solid = pixels(draw(page, flat, [event("spike")]))[0]
    hatched = pixels(draw(page, flat, [event("spike", masked_by="eyem")]))[0]
    fill = np.bincount(solid[solid > GREY]).argmax()
    assert 0.1 < (hatched == fill).sum() / (solid == fill).sum() < 0.6


def test_a_channel_span_decides_over_the_event_and_derivations_show_their_electrodes():
    from tools.marks import boxes
    from tools.sheet import lay_out

    pairs = ("Fp1-F7", "F7-T3", "T3-T5", "T5-O1", "Fz-Cz")
    page = Page(onset=0, duration=10, montage="longitudinal")
    sheet = lay_out(page, [pairs[:4], pairs[4:]], dict.fromkeys(pairs, "eeg"))
    found = boxes(sheet, event(channels=("T3",)))
    assert len(found) == 1  # two rows that touch
    assert found[0][1] == pytest.approx(sheet.rows[1].y0, abs=1)
    assert found[0][3] == pytest.approx(sheet.rows[2].y1, abs=1)
    spans = (
        ChannelSpan(channel="F7-T3", onset=4.0, duration=0.5),
        ChannelSpan(channel="Fz-Cz", onset=7.0, duration=0.5),
    )
    assert len(boxes(sheet, event(channels=("T3", "Cz"), per_channel=spans))) == 2
    assert boxes(sheet, event(channels=("O2",))) == []


def test_events_that_cannot_be_seen_are_left_out_and_said():
    page, signal = Page(onset=10, duration=10), segment(noise(), onset=10.0)
    plain = draw(page, signal).png
    assert draw(page, signal, [event(onset=2.0), event(onset=40.0)]).png == plain
    hidden = draw(page, signal, [event(onset=12.0, channels=("FT9",))])
    assert hidden.png == plain
    assert any("1 event" in note for note in hidden.notes)
    crowded = [event("spike", onset=10 + 0.02 * i, duration=0.0) for i in range(400)]
    assert draw(page, signal, crowded).png != plain


def test_what_cannot_be_drawn_is_refused_with_what_would_work():
    page, signal = Page(onset=0, duration=10), segment(noise())
    with pytest.raises(ToolError) as refused:
        draw(page.model_copy(update={"montage": "sideways"}), signal)
    assert refused.value.field == "montage"
    assert "average" in refused.value.choices
    with pytest.raises(ToolError, match="above 0 s"):
        draw(Page(onset=0, duration=0), signal)
    with pytest.raises(ToolError, match="no channel"):
        draw(page, segment(np.empty((0, 2000)), []))
    with pytest.raises(ValidationError):
        Page(onset=0, duration=10, profile="baroque")


def recording(*names, sfreq=256.0, kind="eeg", guess="referential"):
    channels = tuple(Channel(name=n, original_name=n, kind=kind, sfreq=sfreq, unit="uV") for n in names)
    return Recording(handle="h", format="EDF", duration=60, channels=channels, montage_guess=guess)


def test_the_default_page_is_300_mm_wide_and_fits_the_sampling_rate():
    page = default_page(recording(*CHANNELS), 20.0, 10.0)
    assert (page.onset, page.duration, page.paper_speed_mm_per_s) == (20.0, 10.0, 30.0)
    assert page.sensitivity_uv_per_mm == 7.0
    assert default_page(recording("C3-M2", "C4-M1", guess="psg"), 0, 30).paper_speed_mm_per_s == 10.0
    assert default_page(recording(*CHANNELS, sfreq=100.0)).high_cut_hz is None
    assert default_page(recording(*(f"E{i}" for i in range(64)))).sensitivity_uv_per_mm == 20.0


def test_a_recording_becomes_a_picture_and_its_description(tmp_path):
    path = written_edf(tmp_path, CHANNELS, noise(duration=30.0), 200.0)
    with open_recording(path) as opened:
        page = Page(onset=5, duration=10)
        target = tmp_path / "page.png"
        described = write_page(opened, page, target, [event(onset=7.0)])
        again = render(opened, page, [event(onset=7.0)])
        assert target.read_bytes() == again.png
    json.dumps(described)
    assert described["path"] == str(target)
    assert described["page"]["montage"] == "average"
    assert (described["width"], described["height"]) == (1200, 800)
    assert {axis["channel"].split("-")[0] for axis in described["axes"]} == set(CHANNELS)
    assert all(axis["y0"] < axis["y1"] for axis in described["axes"])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["page.png", "recording.edf"]


def test_a_target_that_cannot_be_written_is_refused_and_leaves_nothing(tmp_path):
    path = written_edf(tmp_path, CHANNELS, noise(duration=12.0), 200.0)
    (tmp_path / "folder.png").mkdir()
    with open_recording(path) as opened:
        page = Page(onset=0, duration=10)
        for target in (tmp_path / "absent" / "page.png", tmp_path / "folder.png"):
            with pytest.raises(ToolError) as refused:
                write_page(opened, page, target)
            assert refused.value.field == "o"
            assert "absent" not in refused.value.message
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder.png", "recording.edf"]


@pytest.mark.real_data
def test_real_recordings_give_pages(real_data):
    some = ["eegmat/Subject01_1.edf", "eegmmidb/S001R01.edf", "sleepedf_epochs/epoch09.edf"]
    for name in some:
        with open_recording(real_data / name) as opened:
            page = default_page(opened.info, 0.0, 10.0)
            pictures = render_all(opened, page)
            assert list(pictures) == ["page"]
            _, ink = pixels(pictures["page"])
            assert 0.005 < (ink > 7).mean() < 0.6
