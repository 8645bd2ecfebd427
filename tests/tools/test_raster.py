import io

import numpy as np
import pytest
from PIL import Image

from tools.lettering import lettering, stamp, text_width
from tools.raster import Area, palette, trace_ink, write_png

SHAPE = (120, 300)
AREA = Area(20, 10, 280, 110)


def ink(y, *, first_x=20.0, step_x=1.0, **options):
    return trace_ink(np.atleast_2d(np.asarray(y, float)), first_x, step_x, AREA, SHAPE, **options)


def coverage(picture):
    return picture.astype(float) / 15


def test_a_flat_line_is_as_thick_as_the_pen_and_stands_where_its_value_is():
    picture = coverage(ink(np.full(261, 50.5), width=3.25))
    column = picture[:, 100]
    assert column.sum() == pytest.approx(3.25, abs=0.1)
    assert (column * (np.arange(120) + 0.5)).sum() / column.sum() == pytest.approx(50.5, abs=0.05)


@pytest.mark.parametrize("offset", [0.0, 0.25, 0.5, 0.9])
def test_a_fraction_of_a_pixel_is_a_fraction_of_ink(offset):
    column = coverage(ink(np.full(261, 50 + offset), width=3.75))[:, 100]
    assert (column * (np.arange(120) + 0.5)).sum() / column.sum() == pytest.approx(50 + offset, abs=0.06)


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0, 3.0, 20.0])
@pytest.mark.parametrize("width", [1.25, 2.25])
def test_a_line_is_equally_thick_at_any_slope(slope, width):
    x = np.arange(0, 261, 0.5)
    y = 60 + slope * (x - 130)
    inside = (y > 15) & (y < 105)
    picture = coverage(ink(np.where(inside, y, np.nan), step_x=0.5, width=width))
    length = np.hypot(1, slope) * 0.5 * (inside.sum() - 1)
    ends = np.pi / 4 * width**2
    assert (picture.sum() - ends) / length == pytest.approx(width, rel=0.08)


def test_a_peak_between_two_pixels_reaches_its_full_height():
    y = np.full(5201, 80.0)  # 20 samples a pixel
    y[2607] = 20.0
    picture = coverage(ink(y, step_x=0.05, width=1.2))
    assert picture[:19].sum() == 0
    assert picture[20:79].sum() > 20


def test_nothing_is_drawn_outside_the_area():
    y = 60 + 500 * np.sin(np.arange(400) / 5)
    picture = ink(y, first_x=-50.0)
    outside = picture.copy()
    outside[AREA.top : AREA.bottom, AREA.left : AREA.right] = 0
    assert picture.any()
    assert not outside.any()


def test_missing_samples_break_the_line_and_spare_the_rest():
    y = np.full(261, 60.0)
    y[100:150] = np.nan
    picture = ink(y)
    whole = ink(np.full(261, 60.0))
    assert not picture[:, 20 + 102 : 20 + 147].any()
    assert (picture[:, 20:117] == whole[:, 20:117]).all()
    assert (picture[:, 20 + 153 : 280] == whole[:, 20 + 153 : 280]).all()


def test_a_single_sample_between_missing_ones_is_a_dot():
    y = np.full(261, np.nan)
    y[100] = 60.0
    picture = coverage(ink(y, width=2.0))
    assert picture.sum() == pytest.approx(np.pi, rel=0.4)
    assert ink([60.0], first_x=50.0).any()


@pytest.mark.parametrize("bad", [np.inf, -np.inf, 1e300])
def test_absurd_samples_do_no_harm(bad):
    y = np.full(261, 60.0)
    y[50] = bad
    picture = ink(y)
    assert (picture[:, 200] == ink(np.full(261, 60.0))[:, 200]).all()


def test_samples_before_and_after_the_area_do_not_matter_and_neither_does_their_number():
    t = np.linspace(-2, 4, 6001)
    y = 60 + 30 * np.sin(2 * np.pi * 3 * t)
    long = ink(y, first_x=20 - 2 * 260, step_x=0.26)
    inside = (t >= -0.01) & (t <= 1.01)
    short = ink(y[inside], first_x=20 + t[inside][0] * 260, step_x=0.26)
    sparse = ink(y[::5], first_x=20 - 2 * 260, step_x=1.3)
    assert (long == short).all()
    assert np.abs(coverage(long) - coverage(sparse)).mean() < 0.01


def test_the_order_of_traces_does_not_matter_and_crossing_traces_both_show():
    rng = np.random.default_rng(1)
    y = 60 + 20 * rng.standard_normal((5, 261))
    picture = ink(y)
    assert (picture == ink(y[::-1])).all()
    assert (picture >= ink(y[2])).all()


def test_no_traces_and_no_samples_leave_the_paper_empty():
    assert not ink(np.empty((3, 0))).any()
    assert not ink(np.full((3, 50), np.nan)).any()
    assert not ink(np.full((3, 50), 60.0), first_x=500.0).any()


def test_many_traces_on_top_of_each_other_stay_full_ink():
    picture = ink(np.full((300, 261), 60.5), width=2.0)
    assert picture.max() == 15
    assert picture[60, 100] == 15


def test_the_png_holds_the_palette_the_pixels_and_the_physical_size():
    paper = np.zeros((5, 7), np.uint8)
    paper[2] = 1 << 4
    amount = np.zeros((5, 7), np.uint8)
    amount[1:4, 3] = 15, 15, 7
    png = write_png(paper, amount, palette(((255, 255, 255), (200, 0, 0)), (0, 0, 0)), px_per_mm=4.0)
    picture = Image.open(io.BytesIO(png))
    assert (np.asarray(picture) == (paper | amount)).all()
    colours = np.asarray(picture.convert("RGB"))
    assert colours[0, 0].tolist() == [255, 255, 255]
    assert colours[2, 0].tolist() == [200, 0, 0]
    assert colours[2, 3].tolist() == [0, 0, 0]
    assert picture.info["dpi"][0] == pytest.approx(4.0 * 25.4, abs=0.1)


def test_text_is_cut_at_the_edges_and_control_characters_become_spaces():
    canvas = np.zeros((20, 30), np.uint8)
    stamp(canvas, "a long word", 20, 10, 12)
    assert canvas[:, 20:].any()
    stamp(canvas, "far away", 500, 500, 12)
    stamp(canvas, "before", -500, 10, 12)
    assert (lettering("a\nb\x1b", 12) == lettering("a b ", 12)).all()
    assert text_width("WWWW", 12) > text_width("ii", 12)
