"""The background: planted rhythms, what is absent, and what real recordings give."""

import numpy as np
import pytest

from models.simulate import simulate
from tools.background import background_measurements, measure_background
from tools.filters import apply_filters
from tools.labels import TEN_TWENTY
from tools.montage import apply_montage
from tools.types import Event, Filters, Segment

SFREQ = 200.0
BEHIND = {"O1": 1.0, "O2": 1.0, "P3": 0.6, "P4": 0.6, "Pz": 0.6, "T5": 0.6, "T6": 0.6}
CAPTION = Filters(low_cut_hz=1.6, high_cut_hz=70)


def awake(
    seconds=30.0, *, alpha=20.0, frequency=10.0, seed=0, sfreq=SFREQ, behind=BEHIND, scale=1.0
) -> Segment:
    """Pink noise of 5 µV at every electrode and a waxing posterior rhythm; filtered as a page is."""
    rng = np.random.default_rng(seed)
    size = round(seconds * sfreq)
    freqs = np.fft.rfftfreq(size, 1 / sfreq)
    shape = 1 / np.sqrt(np.maximum(freqs, 0.5))
    data = np.fft.irfft(np.fft.rfft(rng.normal(size=(19, size))) * shape, size)
    data *= 5 / data.std(axis=1, keepdims=True)
    time = np.arange(size) / sfreq
    waxing = 1 + 0.3 * np.sin(2 * np.pi * 0.2 * time)
    for name, share in behind.items():
        data[TEN_TWENTY.index(name)] += share * alpha * waxing * np.sin(2 * np.pi * frequency * time)
    return apply_filters(Segment(scale * data, TEN_TWENTY, sfreq), CAPTION)


def times(segment: Segment, factors: dict[str, float]) -> Segment:
    data = segment.data.copy()
    for name, factor in factors.items():
        data[TEN_TWENTY.index(name)] *= factor
    return Segment(data, TEN_TWENTY, segment.sfreq, filters=segment.filters)


@pytest.mark.parametrize("sfreq", [160.0, 200.0, 500.0])
@pytest.mark.parametrize("frequency", [8.4, 10.0, 11.7])
def test_a_planted_posterior_rhythm_is_found_at_its_frequency(frequency, sfreq):
    rhythm = measure_background(awake(frequency=frequency, sfreq=sfreq)).posterior_rhythm
    assert rhythm is not None
    assert rhythm.frequency_hz == pytest.approx(frequency, abs=0.1)
    assert {"O1", "O2"} <= set(rhythm.channels) <= set(BEHIND)
    assert 25 <= rhythm.amplitude_uv <= 50  # peak to peak; 40 at O, 24 at P before waning
    assert rhythm.amplitude_kind == "pp"


def test_a_strong_alpha_dominates():
    behind = dict.fromkeys(TEN_TWENTY, 0.5) | BEHIND
    dominant = measure_background(awake(alpha=40, behind=behind)).dominant
    assert dominant.band == "alpha"
    assert dominant.frequency_hz == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize("seconds", [10.0, 60.0])
def test_noise_alone_has_no_posterior_rhythm(seconds):
    found = [measure_background(awake(seconds, alpha=0, seed=s)).posterior_rhythm for s in range(40)]
    assert sum(rhythm is not None for rhythm in found) <= 1


@pytest.mark.parametrize("seconds", [10, 30])
def test_spindles_that_leak_to_the_back_are_no_posterior_rhythm(seconds):
    sleep = simulate(("spindles", "slow_waves"), duration=180, seed=1, state="n2").segment
    size = round(seconds * sleep.sfreq)
    data = sleep.data - sleep.data.mean(axis=0)
    for start in range(0, data.shape[1], size):
        epoch = Segment(data[:, start : start + size], sleep.channels, sleep.sfreq)
        background = measure_background(apply_filters(epoch, CAPTION))
        assert background.posterior_rhythm is None
        assert "posterior_rhythm" not in [item.label for item in background.not_analysed]


@pytest.mark.parametrize(("scale", "there"), [(0.5, True), (0.1, False)])
def test_a_posterior_rhythm_has_a_least_amplitude(scale, there):
    rhythm = measure_background(awake(scale=scale)).posterior_rhythm
    assert (rhythm is not None) == there


@pytest.mark.parametrize(("occipital", "there"), [(1.0, True), (0.3, False)])
def test_a_rhythm_that_is_parietal_only_is_not_posterior(occipital, there):
    parietal = {"P3": 1.0, "P4": 1.0, "Pz": 1.0}
    rhythm = measure_background(awake(behind={**parietal, "O1": occipital, "O2": occipital})).posterior_rhythm
    assert (rhythm is not None) == there


def test_without_occipital_electrodes_parietal_ones_show_the_rhythm():
    segment = awake()
    kept = [name for name in TEN_TWENTY if name not in ("O1", "O2")]
    rhythm = measure_background(segment.pick(kept)).posterior_rhythm
    assert rhythm.frequency_hz == pytest.approx(10, abs=0.1)


def test_a_rhythm_larger_in_front_is_not_posterior():
    in_front = dict.fromkeys(("Fp1", "Fp2", "F3", "F4", "Fz", "F7", "F8"), 2.0)
    background = measure_background(awake(behind={**in_front, "O1": 0.5, "O2": 0.5}))
    assert background.posterior_rhythm is None
    assert "posterior_rhythm" not in [item.label for item in background.not_analysed]
    assert background.anterior_share > 0.6


def test_without_an_electrode_behind_the_posterior_rhythm_is_not_analysed():
    background = measure_background(awake().pick(["Fp1", "Fp2", "C3", "C4"]))
    assert background.posterior_rhythm is None
    reasons = {item.label: item.reason for item in background.not_analysed}
    assert "no usable electrode" in reasons["posterior_rhythm"]
    assert "asymmetry" in reasons


def test_a_bipolar_montage_shows_the_same_rhythm():
    rhythm = measure_background(apply_montage(awake(), "longitudinal")).posterior_rhythm
    assert rhythm.frequency_hz == pytest.approx(10, abs=0.1)
    assert all("O" in name for name in rhythm.channels)


def test_scale_and_order_of_channels_do_not_matter():
    segment = awake()
    once = measure_background(segment)
    turned = Segment(2 * segment.data[::-1], TEN_TWENTY[::-1], SFREQ, filters=CAPTION)
    again = measure_background(turned)
    assert again.dominant.amplitude_uv == pytest.approx(2 * once.dominant.amplitude_uv, rel=1e-6)
    assert again.posterior_rhythm.frequency_hz == pytest.approx(once.posterior_rhythm.frequency_hz, abs=1e-4)
    assert again.slow_share == pytest.approx(once.slow_share, rel=1e-4)


def test_artifacts_are_left_out():
    segment = awake()
    spoilt = segment.data.copy()
    spoilt[:, 2000:2400] += 400 * np.sin(2 * np.pi * 2.5 * np.arange(400) / SFREQ)
    spoilt = Segment(spoilt, TEN_TWENTY, SFREQ, filters=CAPTION)
    event = Event(onset=9.9, duration=2.3, label="movement", source="test")
    clean, kept = measure_background(segment), measure_background(spoilt, exclude=[event])
    assert measure_background(spoilt).dominant.band == "delta"
    assert kept.dominant.band == clean.dominant.band
    assert kept.dominant.amplitude_uv == pytest.approx(clean.dominant.amplitude_uv, rel=0.1)
    assert kept.seconds < clean.seconds


def test_when_artifacts_leave_nothing_that_is_said():
    event = Event(onset=0, duration=30, label="movement", source="test")
    background = measure_background(awake(), exclude=[event])
    assert background.dominant is None
    assert "artifacts leave" in background.not_analysed[-1].reason


@pytest.mark.parametrize("seconds", [0.01, 0.5, 1.9])
def test_too_short_a_stretch_is_not_analysed(seconds):
    background = measure_background(awake(seconds))
    assert background.dominant is None
    assert background.not_analysed[-1].label == "background"


def test_a_dead_channel_and_a_missing_one_do_not_spoil_the_rest():
    segment = awake()
    segment.data[2] = 0
    segment.data[5] = np.nan
    background = measure_background(segment)
    assert background.posterior_rhythm.frequency_hz == pytest.approx(10, abs=0.1)
    assert TEN_TWENTY[5] in [item.label for item in background.not_analysed]


def test_silence_has_no_dominant_rhythm():
    background = measure_background(Segment(np.zeros((19, 2000)), TEN_TWENTY, SFREQ, filters=CAPTION))
    assert background.dominant is None
    assert background.posterior_rhythm is None
    assert background.low_voltage


@pytest.mark.parametrize(("factor", "grade"), [(0.57, "mild"), (0.3, "marked")])
def test_a_lasting_difference_of_neighbours_is_an_asymmetry(factor, grade):
    segment = times(awake(alpha=0), dict.fromkeys(("T4", "C4", "T6", "P4"), factor))
    (found,) = measure_background(segment).asymmetry
    assert (found.quantity, found.side, found.grade) == ("amplitude", "left", grade)
    assert {"C3", "C4"} <= set(found.channels)


def test_one_low_channel_is_no_asymmetry():
    assert measure_background(times(awake(alpha=0), {"C4": 0.3})).asymmetry == ()


def test_sides_of_different_frequency_are_an_asymmetry():
    left = awake(60, behind={k: v for k, v in BEHIND.items() if k in ("O1", "P3", "T5")}, frequency=8.5)
    right = awake(60, behind={k: v for k, v in BEHIND.items() if k in ("O2", "P4", "T6")}, frequency=10.0)
    half = [TEN_TWENTY.index(n) for n in ("O2", "P4", "T6")]
    data = left.data.copy()
    data[half] = right.data[half]
    found = measure_background(Segment(data, TEN_TWENTY, SFREQ, filters=CAPTION)).asymmetry
    slower = [item for item in found if item.quantity == "frequency"]
    assert len(slower) == 1
    assert (slower[0].side, slower[0].grade) == ("left", "marked")
    assert slower[0].difference == pytest.approx(1.5, abs=0.2)


def test_a_normal_background_has_no_slowing_and_no_asymmetry():
    for seed in range(10):
        background = measure_background(awake(10, seed=seed))
        assert background.slowing == ()
        assert background.asymmetry == ()


def test_delta_at_two_neighbours_of_one_side_is_focal():
    segment = awake(alpha=10)
    time = np.arange(segment.data.shape[1]) / SFREQ
    delta = 40 * np.sin(2 * np.pi * 2.3 * time)
    for name in ("T3", "T5", "C3"):
        segment.data[TEN_TWENTY.index(name)] += delta
    focal = [item for item in measure_background(segment).slowing if item.extent == "focal"]
    assert len(focal) == 1
    assert (focal[0].band, focal[0].side) == ("delta", "left")
    assert set(focal[0].channels) == {"T3", "T5", "C3"}


def test_delta_everywhere_is_generalized():
    segment = awake(alpha=0)
    time = np.arange(segment.data.shape[1]) / SFREQ
    rng = np.random.default_rng(1)
    phase = rng.uniform(0, 6, (19, 1))
    segment.data[:] += rng.uniform(20, 40, (19, 1)) * np.sin(2 * np.pi * 2.3 * time + phase)
    (found,) = measure_background(segment).slowing
    assert (found.extent, found.band, found.grade) == ("generalized", "delta", "marked")
    assert found.share > 0.8


def test_a_slow_posterior_rhythm_counts_only_from_a_known_age_on():
    segment = awake(frequency=7.0)
    assert measure_background(segment).slowing == ()
    assert measure_background(segment, age_years=5).slowing == ()
    (found,) = measure_background(segment, age_years=40).slowing
    assert found.grade == "mild"


def test_a_burst_makes_the_background_variable():
    segment = awake()
    assert measure_background(segment).stability.stable
    segment.data[:, 2000:4000] *= 6
    assert not measure_background(segment).stability.stable


def test_low_voltage_is_named():
    assert measure_background(awake(scale=0.3, alpha=0)).low_voltage
    assert not measure_background(awake()).low_voltage


def test_bands_are_those_the_filters_leave():
    background = measure_background(awake())
    assert background.bands_hz["delta"] == (1.6, 4)
    assert any(
        item.label == "delta" and "below the low cut" in item.reason for item in background.not_analysed
    )
    slow = awake(sfreq=160.0)
    narrow = apply_filters(slow, Filters(high_cut_hz=25))
    assert measure_background(narrow).bands_hz["beta"] == (13, 25)


def test_fifty_samples_per_second_are_enough_for_a_background():
    rng = np.random.default_rng(0)
    data = np.cumsum(rng.normal(size=(19, 1500)), axis=1)
    segment = apply_filters(Segment(data, TEN_TWENTY, 50.0), Filters(low_cut_hz=1.6))
    background = measure_background(segment)
    assert background.dominant is not None
    assert background.bands_hz["beta"] == (13, 25)


def test_every_number_can_be_cited():
    segment = awake(60)
    segment = times(segment, dict.fromkeys(("T4", "C4", "T6"), 0.3))
    background = measure_background(segment)
    listed = background_measurements(background, segment)
    by_name = {item.quantity: item for item in listed}
    assert by_name["dominant frequency"].value == background.dominant.frequency_hz
    assert by_name["posterior rhythm frequency"].value == background.posterior_rhythm.frequency_hz
    assert by_name["posterior rhythm amplitude"].amplitude_kind == "pp"
    assert "amplitude difference between sides" in by_name
    assert all((item.amplitude_kind is not None) == (item.unit == "uV") for item in listed)
    assert all(item.duration == 60 for item in listed)


def test_a_background_travels_as_json():
    background = measure_background(awake())
    assert type(background).model_validate_json(background.model_dump_json()) == background


def _measured(path, seconds=60.0):
    from tools.filters import fit_filters
    from tools.io import open_recording
    from tools.montage import default_montage
    from tools.prepare import prepare

    with open_recording(path) as opened:
        rate = max(c.sfreq for c in opened.info.channels if c.kind == "eeg")
        filters, _ = fit_filters(CAPTION, rate)
        return measure_background(
            prepare(opened, 0, seconds, montage=default_montage(opened.info), filters=filters)
        )


@pytest.mark.real_data
def test_closed_eyes_show_ten_hertz_and_open_eyes_little_alpha(real_data):
    closed = _measured(real_data / "eegmmidb/S001R02.edf")
    opened = _measured(real_data / "eegmmidb/S001R01.edf")
    assert closed.posterior_rhythm.frequency_hz == pytest.approx(10.0, abs=0.15)
    assert closed.dominant.band == "alpha"
    assert opened.dominant.band != "alpha"
    assert opened.posterior_rhythm is None or (
        opened.posterior_rhythm.amplitude_uv < closed.posterior_rhythm.amplitude_uv / 3
    )


@pytest.mark.real_data
def test_healthy_adults_at_rest_have_alpha_and_neither_slowing_nor_asymmetry(real_data):
    resting = [_measured(path) for path in sorted((real_data / "eegmat").glob("*_1.edf"))]
    with_alpha = [b for b in resting if b.posterior_rhythm and 8 <= b.posterior_rhythm.frequency_hz <= 12]
    assert len(with_alpha) >= 10
    assert not any(b.slowing for b in resting)
    assert not any(a.grade == "marked" for b in resting for a in b.asymmetry)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["GPD_sample1", "GPD_sample3", "GRDA_sample1", "LRDA_sample1", "SZ_sample3"])
def test_periodic_and_rhythmic_clips_are_slow(real_data, name):
    background = _measured(real_data / f"iiic_sparcnet/{name}.edf", 50)
    assert background.dominant.band == "delta"
    assert background.posterior_rhythm is None
    assert any(item.extent == "generalized" for item in background.slowing)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["dreams_spindles/excerpt3.edf", "sleepedf_epochs/epoch01.edf"])
def test_few_channels_are_measured_and_the_rest_is_said(real_data, name):
    background = _measured(real_data / name, 30)
    assert background.dominant is not None
    assert {"asymmetry", "slowing"} <= {item.label for item in background.not_analysed}
