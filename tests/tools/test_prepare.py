"""Preparing a stretch: what a page shows is what the whole filtered recording holds there."""

import numpy as np
import pytest

from tools.io import open_recording
from tools.labels import TEN_TWENTY
from tools.prepare import prepare
from tools.types import Filters, ToolError

PAGE = Filters(low_cut_hz=0.5, high_cut_hz=70, notch_hz=50)


@pytest.fixture
def recording(write_edf):
    """Two minutes of 19 channels and an ECG that share a rhythm, with drift; 200 Hz."""
    rng = np.random.default_rng(3)
    time = np.arange(120 * 200) / 200
    common = 200 * np.sin(2 * np.pi * 9.7 * time) + 3000 * np.sin(2 * np.pi * 0.02 * time)
    digital = [(common + rng.normal(0, 150, time.size).cumsum() % 4000).astype(int) for _ in range(20)]
    path = write_edf(labels=(*TEN_TWENTY, "ECG"), seconds=120, digital=digital)
    with open_recording(path) as opened:
        yield opened


@pytest.mark.parametrize("montage", ["average", "longitudinal", "as_recorded"])
@pytest.mark.parametrize(
    ("onset", "duration"), [(0, 10), (0.35, 10), (7, 3), (55.123, 10), (108, 12), (112, 30)]
)
def test_a_page_equals_that_span_of_the_whole_recording(recording, montage, onset, duration):
    whole = prepare(recording, 0, 120, montage=montage, filters=PAGE, bad=())
    page = prepare(recording, onset, duration, montage=montage, filters=PAGE, bad=())
    start = round(onset * 200)
    span = whole.data[:, start : start + page.data.shape[1]]
    assert page.data.shape[1] == min(round(duration * 200), 120 * 200 - start)
    assert np.abs(page.data - span).max() < 1e-3
    assert page.onset == start / 200


@pytest.mark.parametrize(("onset", "duration"), [(0, 0.004), (3.0025, 1.0), (119.99, 5), (10.1, 0.333)])
def test_the_samples_are_those_that_reading_gives(recording, onset, duration):
    read = recording.read(onset, duration)
    page = prepare(recording, onset, duration, montage="as_recorded", filters=PAGE)
    assert page.data.shape == read.data.shape
    assert page.onset == read.onset
    assert np.array_equal(prepare(recording, onset, duration, montage="as_recorded").data, read.data)


def test_channels_come_in_the_order_asked_for_and_with_the_reference_of_all(recording):
    every = prepare(recording, 20, 10, filters=PAGE, bad=())
    some = prepare(recording, 20, 10, filters=PAGE, bad=(), channels=["O2", "t3"])
    assert some.channels == ("O2", "T3")
    assert np.allclose(some.data, every.pick(["O2", "T3"]).data, atol=1e-9)
    assert every.reference == "average"


def test_pairs_can_be_asked_for_by_name(recording):
    pair = prepare(recording, 20, 10, montage="bipolar", channels=["T3-T5"])
    raw = recording.read(20, 10, ["T3", "T5"]).data
    assert np.allclose(pair.data[0], raw[0] - raw[1])


def test_other_kinds_come_along_when_asked_for(recording):
    both = prepare(recording, 20, 10, filters=PAGE, kinds=("eeg", "ecg"))
    assert both.channels[-1] == "ECG"
    assert len(both.channels) == 20
    alone = prepare(recording, 20, 10, filters=PAGE, channels=["ECG"])
    assert np.allclose(alone.data[0], both.data[-1], atol=1e-9)


def test_a_dead_channel_is_found_and_stays_out_of_the_average(write_edf):
    rng = np.random.default_rng(0)
    common = rng.normal(0, 200, 4000)
    digital = [(common + rng.normal(0, 60, 4000)).astype(int) for _ in TEN_TWENTY]
    digital[4] = np.full(4000, 20000)
    with open_recording(write_edf(labels=TEN_TWENTY, digital=digital)) as opened:
        page = prepare(opened, 2, 10)
        good = [name for name in TEN_TWENTY if name != TEN_TWENTY[4]]
        assert np.abs(page.pick(good).data.sum(axis=0)).max() < 1e-6
        assert not np.allclose(prepare(opened, 2, 10, bad=()).pick(good).data.sum(axis=0), 0)


def test_a_gap_in_the_file_stays_a_gap_on_the_page(write_edf):
    onsets = [*range(10), *range(15, 25)]
    path = write_edf(labels=TEN_TWENTY, seconds=20, plus="+D", onsets=onsets)
    with open_recording(path) as opened:
        page = prepare(opened, 5, 15, filters=PAGE, bad=())
        missing = np.isnan(page.data).all(axis=0)
        assert missing[5 * 200 : 10 * 200].all()
        assert np.isfinite(page.data[:, ~missing]).all()
        assert missing.sum() < 5.5 * 200


def test_a_bipolar_recording_is_shown_as_recorded_and_refuses_an_average(write_edf):
    path = write_edf(labels=("Fp1-F7", "F7-T3", "T3-T5", "T5-O1"))
    with open_recording(path) as opened:
        assert prepare(opened, 0, 10, montage="as_recorded", filters=PAGE).data.shape == (4, 2000)
        with pytest.raises(ToolError, match="use as_recorded") as caught:
            prepare(opened, 0, 10, montage="average")
        assert "as_recorded" in caught.value.choices


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"onset": 120}, "start"), ({"onset": -1}, "start"), ({"onset": float("nan")}, "start"),
        ({"duration": 0}, "duration"), ({"duration": -3}, "duration"), ({"channels": ["Q9"]}, "channels"),
        ({"channels": ["T3-T5"]}, "channels"), ({"montage": "apple"}, "montage"),
        ({"filters": Filters(high_cut_hz=100)}, "high_cut_hz"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_recording_is_refused_by_field(recording, arguments, field):
    with pytest.raises(ToolError) as caught:
        prepare(recording, **{"onset": 0, "duration": 10, **arguments})
    assert caught.value.field == field


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["eegmmidb/S001R02.edf", "iiic_sparcnet/GPD_sample1.edf"])
def test_on_real_recordings_a_page_equals_the_whole(real_data, name):
    with open_recording(real_data / name) as opened:
        filters = Filters(low_cut_hz=1.6, high_cut_hz=70)
        whole = prepare(opened, 0, opened.info.duration, filters=filters, bad=())
        for onset in (0.0, 13.7, opened.info.duration - 10):
            page = prepare(opened, onset, 10, filters=filters, bad=())
            start = round(onset * whole.sfreq)
            assert np.abs(page.data - whole.data[:, start : start + page.data.shape[1]]).max() < 1e-3
