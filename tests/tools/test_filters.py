"""Filters: what scipy's forward-backward filter gives, on a page as on the whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, iirnotch, sosfiltfilt, tf2sos

from tools.filters import apply_filters, filter_page, fit_filters, padding
from tools.types import Filters, Segment, ToolError

KINDS = [
    Filters(low_cut_hz=1.6, high_cut_hz=45),
    Filters(low_cut_hz=0.5, high_cut_hz=35, notch_hz=40),
    Filters(low_cut_hz=0.3),
    Filters(high_cut_hz=30),
    Filters(high_cut_hz=49.5),
    Filters(low_cut_hz=11, high_cut_hz=16),
]


def wander(seconds: float, sfreq: float, channels: int = 3, seed: int = 0) -> Segment:
    """Strong slow drift, offsets of millivolts and noise: the hardest of what amplifiers give."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(channels, round(seconds * sfreq)))
    drift = np.cumsum(noise, axis=1)
    offset = rng.uniform(-3000, 3000, (channels, 1)) if seed % 2 else 0.0
    data = 400 * drift / np.abs(drift).max() + 10 * noise + offset
    return Segment(data, tuple(f"C{n}" for n in range(1, channels + 1)), sfreq)


def reference(segment: Segment, filters: Filters) -> np.ndarray:
    low, high, sfreq = filters.low_cut_hz, filters.high_cut_hz, segment.sfreq
    sections = []
    if low and high:
        sections.append(butter(4, [low, high], "bandpass", fs=sfreq, output="sos"))
    elif low or high:
        sections.append(butter(4, low or high, "highpass" if low else "lowpass", fs=sfreq, output="sos"))
    if filters.notch_hz:
        sections.append(tf2sos(*iirnotch(filters.notch_hz, 30, fs=sfreq)))
    reach = min(round(padding(filters, sfreq) * sfreq), segment.data.shape[1] - 1)
    return sosfiltfilt(np.vstack(sections), segment.data, padlen=reach)


@pytest.mark.parametrize("sfreq", [100.0, 200.0, 256.0, 500.0])
@pytest.mark.parametrize("filters", KINDS)
@pytest.mark.parametrize("seed", [0, 1])
def test_filtering_is_what_sosfiltfilt_gives(filters, sfreq, seed):
    segment = wander(90, sfreq, seed=seed)
    assert np.abs(apply_filters(segment, filters).data - reference(segment, filters)).max() < 4e-4


def test_a_recording_filtered_in_blocks_is_what_sosfiltfilt_gives():
    segment, filters = wander(600, 200.0, channels=2), Filters(low_cut_hz=0.5, high_cut_hz=70)
    assert segment.data.shape[1] > 1 << 16
    assert np.abs(apply_filters(segment, filters).data - reference(segment, filters)).max() < 4e-4


@settings(deadline=None, max_examples=40)
@given(
    which=st.integers(0, len(KINDS) - 1),
    sfreq=st.sampled_from([100.0, 128.0, 200.0, 512.0]),
    start=st.floats(0, 170),
    length=st.floats(0.5, 30),
    seed=st.integers(0, 5),
)
def test_a_page_equals_the_same_span_of_the_whole(which, sfreq, start, length, seed):
    filters, segment = KINDS[which], wander(180, sfreq, seed=seed)
    whole = apply_filters(segment, filters).data
    total = segment.data.shape[1]
    first = round(start * sfreq)
    last = min(first + round(length * sfreq), total)
    reach = round(padding(filters, sfreq) * sfreq)
    begin, end = max(0, first - reach), min(total, last + reach)
    part = Segment(segment.data[:, begin:end], segment.channels, sfreq, onset=begin / sfreq)
    page = filter_page(part, first - begin, last - begin, filters, extend=(begin == 0, end == total))
    assert np.abs(page.data - whole[:, first:last]).max() < 1e-3
    assert page.onset == pytest.approx(first / sfreq)


def test_padding_follows_the_decay_of_the_filter():
    assert padding(Filters()) == 0
    assert 4.5 < padding(Filters(low_cut_hz=1.6, high_cut_hz=70)) < 5.5
    assert 20 < padding(Filters(low_cut_hz=0.3)) < 30
    assert padding(Filters(low_cut_hz=0.1)) == pytest.approx(3 * padding(Filters(low_cut_hz=0.3)), rel=0.02)
    assert padding(Filters(notch_hz=50)) > 2


def test_a_sine_in_the_band_keeps_its_amplitude_and_its_phase():
    time = np.arange(4000) / 200
    segment = Segment(30 * np.sin(2 * np.pi * 10 * time)[None], ("O1",), 200.0)
    filtered = apply_filters(segment, Filters(low_cut_hz=1.6, high_cut_hz=70))
    # Of the whole file's own ends, where the reflected sine breaks, nothing is left after 5 s.
    assert np.abs(filtered.data - segment.data)[:, 1000:-1000].max() < 0.01


def test_the_cut_halves_the_amplitude():
    time = np.arange(20000) / 200
    segment = Segment(np.sin(2 * np.pi * 15 * time)[None], ("O1",), 200.0)
    filtered = apply_filters(segment, Filters(high_cut_hz=15))
    assert np.ptp(filtered.data[:, 4000:-4000]) == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize("line", [50.0, 60.0])
def test_a_notch_takes_the_mains_and_leaves_the_alpha(line):
    time = np.arange(8000) / 250
    mains, alpha = 40 * np.sin(2 * np.pi * line * time), 20 * np.sin(2 * np.pi * 10 * time)
    filtered = apply_filters(Segment((mains + alpha)[None], ("O1",), 250.0), Filters(notch_hz=line))
    assert np.abs(filtered.data[0] - alpha)[1000:-1000].max() < 0.05


def test_scale_and_order_of_channels_do_not_matter():
    segment, filters = wander(20, 200.0), Filters(low_cut_hz=1.6, high_cut_hz=70)
    once = apply_filters(segment, filters).data
    turned = Segment(-3 * segment.data[::-1], segment.channels[::-1], 200.0)
    assert np.allclose(apply_filters(turned, filters).data[::-1], -3 * once, atol=2e-3)


def test_an_offset_disappears_with_a_low_cut_and_stays_without():
    flat = Segment(np.full((1, 2000), 50_000.0), ("O1",), 200.0)
    assert np.abs(apply_filters(flat, Filters(low_cut_hz=0.5)).data).max() < 1e-6
    assert np.allclose(apply_filters(flat, Filters(high_cut_hz=30)).data, 50_000)


@pytest.mark.parametrize("samples", [1, 2, 20, 200])
def test_the_shortest_stretches_stay_finite(samples):
    segment = Segment(np.linspace(0, 50, samples)[None], ("O1",), 200.0)
    filtered = apply_filters(segment, Filters(low_cut_hz=0.5, high_cut_hz=70, notch_hz=50))
    assert filtered.data.shape == segment.data.shape
    assert np.isfinite(filtered.data).all()
    assert np.abs(filtered.data).max() < 200


def test_missing_samples_stay_missing_and_do_not_poison_the_rest():
    segment, filters = wander(60, 200.0), Filters(low_cut_hz=1.6, high_cut_hz=45)
    whole = apply_filters(segment, filters).data
    holed = segment.data.copy()
    holed[1, 4000:4010] = np.nan
    holed[2, 6000:7000] = np.nan
    filtered = apply_filters(Segment(holed, segment.channels, 200.0), filters).data
    assert np.isnan(filtered[1, 3980:4030]).all()
    assert np.isnan(filtered[2, 5980:7020]).all()
    assert np.isfinite(np.delete(filtered[1], slice(3980, 4030))).all()
    assert np.array_equal(filtered[0], apply_filters(segment.pick(["C1"]), filters).data[0])
    assert np.abs(filtered[1] - whole[1])[np.r_[0:3600, 4400:12000]].max() < 1
    # A gap of seconds parts the signal: what follows is filtered as a recording of its own.
    alone = apply_filters(Segment(holed[2:, 7000:], ("C3",), 200.0), filters).data[0]
    assert np.abs(filtered[2, 7020:] - alone[20:]).max() < 1e-6


def test_all_missing_stays_all_missing():
    segment = Segment(np.full((2, 400), np.nan), ("C3", "C4"), 200.0)
    assert np.isnan(apply_filters(segment, Filters(low_cut_hz=1)).data).all()


def test_what_is_no_body_voltage_passes_unchanged():
    segment = wander(10, 200.0, channels=2)
    mixed = Segment(segment.data, ("C3", "Flow"), 200.0, kinds=("eeg", "resp"))
    filters = Filters(low_cut_hz=0.5)
    assert np.array_equal(apply_filters(mixed, filters).data[1], segment.data[1])
    assert np.allclose(filter_page(mixed, 500, 900, filters).data[1], segment.data[1, 500:900])


def test_no_filter_gives_back_the_segment_itself():
    segment = wander(2, 200.0)
    assert apply_filters(segment, Filters()) is segment


def test_the_segment_remembers_the_filters_in_force():
    once = apply_filters(wander(5, 200.0), Filters(low_cut_hz=0.5, high_cut_hz=70, notch_hz=50))
    twice = apply_filters(once, Filters(low_cut_hz=0.3, high_cut_hz=15))
    assert twice.filters == Filters(low_cut_hz=0.5, high_cut_hz=15, notch_hz=50)


@pytest.mark.parametrize(
    ("filters", "field", "message"),
    [
        (Filters(high_cut_hz=70), "high_cut_hz", "use less than 50 Hz or none"),
        (Filters(high_cut_hz=50), "high_cut_hz", "use less than 50 Hz or none"),
        (Filters(notch_hz=60), "notch_hz", "use less than 50 Hz or none"),
        (Filters(low_cut_hz=80), "low_cut_hz", "use less than 50 Hz or none"),
        (Filters(low_cut_hz=20, high_cut_hz=10), "low_cut_hz", "must lie below the high cut"),
    ],
)
def test_impossible_cuts_are_refused_with_what_would_work(filters, field, message):
    with pytest.raises(ToolError, match=message) as caught:
        apply_filters(wander(2, 100.0), filters)
    assert caught.value.field == field


def test_filters_can_be_fitted_to_the_sampling_rate_with_a_note():
    wanted = Filters(low_cut_hz=0.5, high_cut_hz=70, notch_hz=60)
    fitted, notes = fit_filters(wanted, 100.0)
    assert fitted == Filters(low_cut_hz=0.5)
    assert len(notes) == 2
    assert "70 Hz is off" in notes[0]
    assert fit_filters(wanted, 500.0) == (wanted, ())
