"""Fast activity, gradient, voltage, change and the rules that keep a posterior rhythm from being false."""

import numpy as np
import pytest

from tools.background import background_measurements, measure_background
from tools.clean import nan_median
from tools.filters import apply_filters
from tools.labels import REGIONS, TEN_TWENTY
from tools.types import Filters, Segment

CAPTION = Filters(low_cut_hz=1.6, high_cut_hz=70)
ROW = {name: row for row, name in enumerate(TEN_TWENTY)}


def noise(seconds=10.0, rms=6.0, sfreq=200.0, seed=0) -> np.ndarray:
    """Noise that falls with frequency."""
    rng = np.random.default_rng(seed)
    length = round(seconds * sfreq)
    freqs = np.fft.rfftfreq(length, 1 / sfreq)
    data = np.fft.irfft(np.fft.rfft(rng.normal(size=(19, length))) / np.maximum(freqs, 0.5) ** 0.7, length)
    return rms * data / data.std(axis=1, keepdims=True)


def narrow(low, high, seconds=10.0, rms=1.0, sfreq=200.0, seed=1, rows=19) -> np.ndarray:
    """Noise between two frequencies."""
    rng = np.random.default_rng(seed)
    length = round(seconds * sfreq)
    freqs = np.fft.rfftfreq(length, 1 / sfreq)
    data = np.fft.irfft(
        np.fft.rfft(rng.normal(size=(rows, length))) * ((freqs >= low) & (freqs < high)), length
    )
    return rms * data / data.std(axis=1, keepdims=True)


def page(data, onset=0.0, sfreq=200.0) -> Segment:
    return apply_filters(Segment(data, TEN_TWENTY, sfreq, onset=onset), CAPTION)


def only(data, names) -> np.ndarray:
    kept = np.zeros_like(data)
    rows = [ROW[name] for name in names]
    kept[rows] = data[rows]
    return kept


@pytest.mark.parametrize("sfreq", [160.0, 200.0, 500.0])
def test_much_beta_everywhere_is_diffuse_fast_activity(sfreq):
    data = noise(sfreq=sfreq) + narrow(15, 25, rms=10, sfreq=sfreq)
    fast = measure_background(page(data, sfreq=sfreq)).fast_activity
    assert fast.extent == "diffuse"
    assert fast.frequency_hz == pytest.approx(20, abs=1)
    assert fast.rms_uv == pytest.approx(10, rel=0.15)
    assert fast.share > 0.5
    assert (fast.least_rms_uv, fast.band_hz) == (5.0, (14.0, 30.0))


@pytest.mark.parametrize(("region", "extent"), [("anterior", "frontal"), ("posterior", "posterior")])
def test_much_beta_in_one_half_is_named_by_it(region, extent):
    data = noise() + only(narrow(15, 25, rms=10), REGIONS[region])
    assert measure_background(page(data)).fast_activity.extent == extent


@pytest.mark.parametrize(
    "added",
    [narrow(15, 25, rms=3), narrow(20, 69, rms=14), narrow(19.9, 20.1, rms=10), np.zeros((19, 2000))],
    ids=["ordinary beta", "muscle", "a tone", "nothing"],
)
def test_ordinary_beta_muscle_and_tones_are_no_fast_activity(added):
    background = measure_background(page(noise() + added))
    assert background.fast_activity is None
    assert "fast_activity" not in [item.label for item in background.not_analysed]


def test_without_forty_five_hertz_fast_activity_is_not_analysed():
    background = measure_background(Segment(noise(sfreq=80.0), TEN_TWENTY, 80.0))
    assert "muscle" in {i.label: i.reason for i in background.not_analysed}["fast_activity"]


@pytest.mark.parametrize(
    ("where", "gradient"), [("posterior", "preserved"), ("anterior", "reversed"), (None, "reduced")]
)
def test_the_gradient_is_named_with_its_limits(where, gradient):
    alpha = only(narrow(9, 11, rms=15), REGIONS[where]) if where else 0
    background = measure_background(page(noise() + alpha))
    assert background.gradient == gradient
    assert background.gradient_limits == (0.4, 0.6)


@pytest.mark.parametrize(("rms", "grade"), [(1.0, "suppressed"), (3.2, "low"), (9.0, "normal")])
def test_voltage_is_graded_between_neighbours(rms, grade):
    voltage = measure_background(page(noise(rms=rms))).voltage
    assert voltage.grade == grade
    assert voltage.montage == "longitudinal"
    assert (voltage.suppressed_share > 0.9) == (grade == "suppressed")


def test_without_pairs_of_neighbours_there_is_no_voltage_and_a_reason():
    background = measure_background(page(noise()).pick(["O1", "C4"]))
    assert background.voltage is None
    assert "voltage" in [item.label for item in background.not_analysed]


def test_a_change_is_found_at_its_second():
    data = noise(20)
    data[:, 2400:] += narrow(2, 4, 20, rms=30, seed=3)[:, 2400:]
    background = measure_background(page(data, onset=100.0))
    assert not background.stability.stable
    assert background.stability.change.onset == pytest.approx(112, abs=1.1)
    assert background.stability.change.band == "delta"
    assert background.stability.change.factor > 5
    named = {m.quantity for m in background_measurements(background, page(data, onset=100.0))}
    assert "time of the change" in named


def test_a_rhythm_that_waxes_and_wanes_is_no_change():
    time = np.arange(4000) / 200
    alpha = only(narrow(9, 11, 20, rms=15), REGIONS["posterior"]) * (1 + 0.4 * np.sin(2 * np.pi * 0.3 * time))
    stability = measure_background(page(noise(20) + alpha)).stability
    assert stability.stable
    assert stability.change is None


def test_bursts_between_silence_have_no_posterior_rhythm():
    data, loud = noise(rms=0.6), (np.arange(2000) // 400) % 2 == 0
    alpha = only(narrow(9, 11, rms=30), REGIONS["posterior"])
    assert measure_background(page(noise(rms=6) + alpha)).posterior_rhythm is not None
    assert measure_background(page(data + (noise(rms=6) + alpha) * loud)).posterior_rhythm is None


def test_harmonics_of_periodic_discharges_are_no_posterior_rhythm():
    time = np.arange(2000) / 200
    discharge = -90 * np.exp(-0.5 * ((time % 1.0 - 0.5) / 0.03) ** 2)
    weights = 0.5 + 0.5 * np.random.default_rng(0).random((19, 1))
    for name in ("O1", "O2", "P3", "P4", "Pz"):
        weights[ROW[name]] = 1.1
    assert measure_background(page(noise() + weights * discharge)).posterior_rhythm is None


def test_mild_differences_that_contradict_each_other_are_no_asymmetry():
    data = noise()
    for name in ("F4", "F8", "Fp2", "P3", "T5", "O1"):
        data[ROW[name]] *= 0.56
    assert measure_background(page(data)).asymmetry == ()


def test_slowing_at_one_electrode_alone_is_not_focal():
    data = noise()
    data[ROW["T3"]] += narrow(2, 4, rms=25, rows=1)[0]
    assert not any(item.extent == "focal" for item in measure_background(page(data)).slowing)


@pytest.mark.parametrize(("band", "limits"), [("delta", (2.0, 3.5)), ("theta", (4.5, 7.0))])
def test_slowing_with_a_field_is_focal_with_its_band_and_side(band, limits):
    data, wave = noise(), narrow(*limits, rms=22, rows=1)[0]
    for name, share in {"T4": 1.0, "F8": 0.5, "T6": 0.5, "C4": 0.3}.items():
        data[ROW[name]] += share * wave
    focal = [item for item in measure_background(page(data)).slowing if item.extent == "focal"]
    assert [(item.band, item.side) for item in focal] == [(band, "right")]
    assert focal[0].channels[0] == "T4"


@pytest.mark.parametrize("axis", [0, 1, None])
def test_the_median_without_missing_values_is_that_of_numpy(axis):
    data = np.random.default_rng(0).normal(size=(7, 12))
    data[2, 3:9] = np.nan
    data[5, 1] = np.nan
    assert nan_median(data, axis) == pytest.approx(np.nanmedian(data, axis=axis))
    assert np.isnan(nan_median(np.full((2, 3), np.nan), 1)).all()
