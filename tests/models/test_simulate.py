"""The simulator: plausible by published statistics, exact in its truth, the same for the same seed."""

import numpy as np
import pytest
from edfio import read_edf
from scipy.signal import butter, sosfiltfilt, welch

from models import topography, waveforms
from models.simulate import KINDS, simulate, write_edf
from tools.labels import TEN_TWENTY
from tools.types import ToolError


def average(segment):
    return segment.data[:19] - segment.data[:19].mean(axis=0)


def test_the_same_seed_gives_the_same_recording_and_another_one_another():
    first, again, other = (simulate(("alpha",), duration=10, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first.segment.data, again.segment.data)
    assert first.events == again.events
    assert not np.allclose(first.segment.data, other.segment.data)


def test_electrodes_correlate_as_in_real_average_referenced_eeg():
    """Medians over a dozen clinical clips: .68 .48 .18 -.27 -.56 by angle; accepted within 0.12."""
    data = average(simulate((), duration=60, seed=1).segment)
    filtered = sosfiltfilt(butter(4, [1.6, 70], "bandpass", fs=200, output="sos"), data)
    directions = topography.directions(TEN_TWENTY)
    angle, likeness = topography.angles(directions, directions), np.corrcoef(filtered)
    upper = np.triu(np.ones((19, 19), dtype=bool), 1)
    for (low, high), real in zip(
        [(20, 40), (40, 60), (60, 90), (90, 120), (120, 181)], [0.68, 0.48, 0.18, -0.27, -0.56], strict=True
    ):
        assert np.median(likeness[upper & (angle >= low) & (angle < high)]) == pytest.approx(real, abs=0.12)


@pytest.mark.parametrize(("state", "slope", "rms"), [("wake", -1.4, 9), ("n2", -2.1, 12), ("n3", -2.45, 20)])
def test_the_background_has_the_slope_and_size_of_its_state(state, slope, rms):
    data = average(simulate((), duration=60, seed=2, state=state).segment)
    frequency, density = welch(data, 200, nperseg=800)
    band = (frequency >= 2) & (frequency <= 40)
    fits = np.polyfit(np.log10(frequency[band]), np.log10(density[:, band].T), 1)[0]
    assert np.median(fits) == pytest.approx(slope, abs=0.15)
    assert np.median(data.std(axis=1)) == pytest.approx(rms, rel=0.05)


def test_alpha_is_largest_at_the_back_and_has_the_frequency_asked_for():
    segment = simulate(("alpha",), duration=60, seed=3).segment
    frequency, density = welch(average(segment), 200, nperseg=800)
    alpha = density[:, (frequency >= 9) & (frequency <= 11)].sum(axis=1)
    assert {TEN_TWENTY[i] for i in np.argsort(alpha)[-2:]} == {"O1", "O2"}
    occipital = density[TEN_TWENTY.index("O1")]
    assert frequency[np.argmax(np.where(frequency > 5, occipital, 0))] == pytest.approx(10, abs=0.5)


def test_the_truth_is_where_the_signal_says_it_is():
    """Without background the marked stretch holds nearly all of the energy of an event."""
    quiet = simulate((), duration=60, seed=4, state="n2")
    with_spindles = simulate(("spindles",), duration=60, seed=4)
    added = average(with_spindles.segment) - average(quiet.segment)
    for event in with_spindles.events:
        start, stop = round(event.onset * 200), round((event.onset + event.duration) * 200)
        row = added[TEN_TWENTY.index(event.channels[0])]
        around = row[max(0, start - 100) : stop + 100]
        assert (row[start:stop] ** 2).sum() > 0.99 * (around**2).sum()
        swing = max(np.ptp(added[TEN_TWENTY.index(c), start:stop]) for c in event.channels)
        assert event.amplitude is not None
        assert swing == pytest.approx(event.amplitude.value_uv, rel=1e-3)


@pytest.mark.parametrize(
    ("kind", "label", "inside", "outside"),
    [
        ("blinks", "eyem", "Fp1", "O1"),
        ("spindles", "spindle", "Cz", "T3"),
        ("slow_waves", "slow_wave", "Fz", "O1"),
        ("spikes", "spike", "T3", "O2"),
        ("muscle", "hfnoise", "T4", "Cz"),
        ("alpha", "alpha", "O2", "Fp1"),
    ],
)
def test_every_kind_is_seen_where_it_belongs(kind, label, inside, outside):
    events = simulate((kind,), duration=60, seed=5).events
    assert events
    assert {event.label for event in events} == {label}
    share = sum(inside in event.channels for event in events) / len(events)
    assert share >= 0.75
    assert all(outside not in event.channels for event in events)
    assert all(e.onset >= 0 and e.onset + e.duration <= 60.001 for e in events)


def test_a_spike_is_short_and_its_slow_wave_is_not_part_of_it():
    assert all(0.02 <= e.duration <= 0.075 for e in simulate(("spikes",), duration=120, seed=6).events)


def test_the_rate_does_not_change_what_happens():
    """A blink drawn at 100 and at 250 Hz is the same wave."""
    slow, fast = waveforms.blink(100.0), waveforms.blink(250.0)
    assert np.allclose(np.interp(np.arange(40) / 100, np.arange(len(fast)) / 250, fast), slow[:40], atol=0.01)


def test_extra_channels_follow_the_head():
    segment = simulate(("blinks",), duration=20, seed=7, extra_channels=True).segment
    assert segment.channels == (*TEN_TWENTY, "E1-M2", "E2-M1", "ECG")
    assert segment.kinds[-3:] == ("eog", "eog", "ecg")
    assert np.ptp(segment.data[-1]) > 500


def test_fields_agree_with_a_spherical_head_model():
    """Weights in average reference of two well-known fields, within 0.15 of a four-shell model."""
    modelled = {
        "alpha": {"O1": 1.0, "P3": 0.38, "Pz": 0.34, "T5": 0.31, "C3": -0.22, "F3": -0.37, "Fp1": -0.39},
        "slow wave": {"Fz": -1.0, "F3": -0.73, "Fp1": -0.47, "Cz": -0.44, "O1": 0.70},
    }
    for name, expected in modelled.items():
        weights = topography.field(name, TEN_TWENTY)
        weights = weights - weights.mean()
        for channel, value in expected.items():
            assert weights[TEN_TWENTY.index(channel)] == pytest.approx(value, abs=0.15), (name, channel)


def test_an_edf_without_identity_is_written_and_deterministic(tmp_path):
    simulated = simulate(("blinks",), duration=10, seed=8, extra_channels=True)
    first, second = write_edf(simulated, tmp_path / "a.edf"), write_edf(simulated, tmp_path / "b.edf")
    assert first.read_bytes() == second.read_bytes()
    edf = read_edf(first)
    assert edf.labels[:2] == ("EEG Fp1-LE", "EEG Fp2-LE")
    assert edf.local_patient_identification == "X X X X"
    assert np.abs(edf.signals[0].data - simulated.segment.data[0]).max() <= 0.0501
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"kinds": ("seizures",)}, "kind"),
        ({"state": "coma"}, "state"),
        ({"duration": 0.0}, "duration"),
        ({"sfreq": 10.0}, "sfreq"),
    ],
)
def test_what_cannot_be_simulated_is_refused(arguments, field):
    with pytest.raises(ToolError) as error:
        simulate(**arguments)
    assert error.value.field == field


def test_nothing_asked_for_gives_background_without_events():
    assert simulate((), duration=5).events == ()
    assert {"alpha", "blinks", "spindles", "slow_waves", "spikes", "muscle"} < set(KINDS)
