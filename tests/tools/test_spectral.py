"""Spectra and band powers: the truth of a sine, scipy's numbers, and what cannot be measured."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import welch

from tools.filters import apply_filters
from tools.spectral import BANDS, band_power, spectrum
from tools.types import Filters, Segment, ToolError


def sine(frequency=10.0, amplitude=20.0, sfreq=200.0, seconds=30.0) -> Segment:
    time = np.arange(round(seconds * sfreq)) / sfreq
    return Segment(amplitude * np.sin(2 * np.pi * frequency * time)[None], ("O1",), sfreq)


def noise(channels=19, sfreq=200.0, seconds=10.0, seed=0) -> Segment:
    rng = np.random.default_rng(seed)
    white = rng.normal(0, 4, (channels, round(seconds * sfreq)))
    return Segment(white + np.cumsum(white, axis=1), tuple(f"C{n}" for n in range(channels)), sfreq)


@pytest.mark.parametrize("sfreq", [100.0, 128.0, 160.0, 200.0, 256.0, 500.0, 512.0])
@pytest.mark.parametrize(
    ("frequency", "band"), [(2.1, "delta"), (6.0, "theta"), (10.0, "alpha"), (20.3, "beta")]
)
def test_the_power_of_a_sine_is_half_its_amplitude_squared(sfreq, frequency, band):
    found = band_power(sine(frequency, sfreq=sfreq))
    column = list(found.bands).index(band)
    assert found.absolute_uv2[0, column] == pytest.approx(200, rel=0.005)
    assert found.relative[0, column] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("sfreq", "seconds"), [(200.0, 10.0), (256.0, 37.3), (500.0, 60.0), (133.0, 9.0)])
def test_densities_and_band_sums_are_those_of_scipy(sfreq, seconds):
    segment = noise(sfreq=sfreq, seconds=seconds)
    freqs, density = welch(segment.data, sfreq, nperseg=round(4 * sfreq))
    found = spectrum(segment)
    assert np.allclose(found.freqs, freqs)
    assert np.abs(found.density / density - 1)[:, 1:].max() < 1e-4
    resolution = freqs[1]
    ours = band_power(segment)
    for column, (low, high) in enumerate(ours.bands.values()):
        inside = (freqs >= low - 1e-9) & (freqs < high - 1e-9)
        assert np.allclose(
            ours.absolute_uv2[:, column], density[:, inside].sum(axis=1) * resolution, rtol=1e-5
        )


def test_an_offset_of_millivolts_changes_nothing():
    segment = noise()
    shifted = Segment(segment.data + 50_000, segment.channels, 200.0)
    assert np.allclose(band_power(shifted).absolute_uv2, band_power(segment).absolute_uv2, rtol=1e-4)


def test_power_scales_with_the_square_and_follows_the_channels():
    segment = noise(4)
    turned = Segment(3 * segment.data[::-1], segment.channels[::-1], 200.0)
    assert np.allclose(band_power(turned).absolute_uv2[::-1], 9 * band_power(segment).absolute_uv2, rtol=1e-5)
    assert np.allclose(band_power(turned).relative[::-1], band_power(segment).relative, rtol=1e-5)


def test_shares_of_contiguous_bands_sum_to_one():
    assert np.allclose(band_power(noise()).relative.sum(axis=1), 1, rtol=1e-6)


def test_a_flat_channel_has_no_power_and_no_share():
    found = band_power(Segment(np.full((1, 2000), 3.0), ("C3",), 200.0))
    assert found.absolute_uv2.max() < 1e-9
    assert not found.relative.any()


def test_a_channel_without_signal_is_left_out_and_named():
    segment = noise(3)
    segment.data[1] = np.nan
    found = band_power(segment)
    assert found.channels == ("C0", "C2")
    assert [item.label for item in found.not_analysed] == ["C1"]
    assert len(found.absolute_uv2) == 2
    assert np.allclose(found.absolute_uv2, band_power(segment.pick(["C0", "C2"])).absolute_uv2)


def test_windows_with_missing_samples_are_passed_over():
    segment = sine(10, seconds=30)
    segment.data[0, 1000:1100] = np.nan
    assert band_power(segment).absolute_uv2[0, 2] == pytest.approx(200, rel=0.01)


def test_a_short_segment_is_one_window_and_says_its_resolution():
    found = band_power(sine(10, seconds=1))
    assert found.resolution_hz == pytest.approx(1)
    assert found.absolute_uv2[0, 2] == pytest.approx(200, rel=0.01)


def test_under_a_second_is_refused():
    with pytest.raises(ToolError, match="ask for at least 1 s") as caught:
        band_power(sine(seconds=0.9))
    assert caught.value.field == "duration"


def test_the_default_bands_end_where_the_sampling_does():
    found = band_power(sine(sfreq=100.0))
    assert found.bands["gamma"] == (30, 50)
    slow = band_power(sine(sfreq=50.0))
    assert slow.bands["beta"] == (13, 25)
    assert [item.label for item in slow.not_analysed] == ["gamma"]


def test_bands_end_where_the_filters_do():
    filtered = apply_filters(noise(), Filters(low_cut_hz=1.6, high_cut_hz=25))
    found = band_power(filtered)
    assert found.bands == {"delta": (1.6, 4), "theta": (4, 8), "alpha": (8, 13), "beta": (13, 25)}
    assert [item.label for item in found.not_analysed] == ["gamma"]


@pytest.mark.parametrize(
    ("bands", "message"),
    [
        ({"high": (60.0, 120.0)}, "stay below 100 Hz"),
        ({"empty": (8.0, 8.0)}, "0 <= low < high"),
        ({"wrong": (-1.0, 8.0)}, "0 <= low < high"),
    ],
)
def test_impossible_bands_are_refused_with_what_would_work(bands, message):
    with pytest.raises(ToolError, match=message) as caught:
        band_power(sine(), bands)
    assert caught.value.field == "bands"


def test_a_band_between_two_bins_is_named_and_not_zero():
    found = band_power(sine(), {"alpha": (8.0, 13.0), "narrow": (10.05, 10.1)})
    assert list(found.bands) == ["alpha"]
    assert found.absolute_uv2.shape == (1, 1)
    assert found.not_analysed[0].label == "narrow"


def test_bands_are_half_open_and_contiguous():
    limits = list(BANDS.values())
    assert all(a[1] == b[0] for a, b in pairwise(limits))
    edge = band_power(sine(8.0))
    theta, alpha = edge.absolute_uv2[0, 1:3]
    assert alpha > 2 * theta  # the bin of 8 Hz counts as alpha; its skirt is shared
    assert theta + alpha == pytest.approx(200, rel=0.01)


@pytest.mark.real_data
def test_eyes_closed_holds_more_posterior_alpha_than_eyes_open(real_data):
    from tools.io import open_recording
    from tools.prepare import prepare

    share = {}
    for name in ("S001R01", "S001R02"):
        with open_recording(real_data / "eegmmidb" / f"{name}.edf") as opened:
            segment = prepare(opened, 0, 60, montage="as_recorded", channels=["O1", "O2"])
        found = band_power(segment, {"alpha": (7.0, 13.0), "all": (2.0, 30.0)})
        share[name] = float((found.absolute_uv2[:, 0] / found.absolute_uv2[:, 1]).mean())
    assert share["S001R01"] == pytest.approx(0.25, abs=0.05)
    assert share["S001R02"] == pytest.approx(0.74, abs=0.05)
