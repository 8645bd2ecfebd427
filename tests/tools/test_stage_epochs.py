"""What is measured in an epoch, on signals of which every second is known."""

import numpy as np
import pytest

from tests.tools.conftest import Edf
from tools.io import open_recording
from tools.stage_epochs import LABELS, measure_epochs
from tools.stage_events import covered_seconds
from tools.staging_channels import staging_channels
from tools.types import Analysed, ChannelSpan, Detection, Event


def noise(seconds, rate, uv=4.0, slope=1.5):
    """Noise whose power falls with frequency, as the EEG's does."""
    count = seconds * rate
    f = np.fft.rfftfreq(count, 1 / rate)
    shape = np.where(f > 0.3, np.maximum(f, 0.3) ** (-slope / 2), 0)
    rng = np.random.default_rng(seconds + rate)
    x = np.fft.irfft(shape * (rng.normal(size=len(f)) + 1j * rng.normal(size=len(f))), count)
    return uv * x / x.std()


def rhythm(seconds, rate, hz, uv, first=0, last=None):
    """A sine of some RMS between two seconds."""
    t = np.arange(seconds * rate) / rate
    inside = (t >= first) & (t < (seconds if last is None else last))
    return np.sqrt(2) * uv * np.sin(2 * np.pi * hz * t) * inside


@pytest.fixture
def measure(tmp_path):
    """Write channels of microvolts as EDF and measure its epochs: ``measure({"C3-A2": x}, rate, events)``."""

    def run(signals, rate=100, events=(), analysed=LABELS):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.edf"
        rates = [rate] * len(signals) if isinstance(rate, int) else list(rate)
        digital = [np.round(10 * np.asarray(x)).astype(int) for x in signals.values()]
        seconds = len(digital[0]) // rates[0]
        edf = Edf(labels=tuple(signals), sfreq=rates, seconds=seconds, digital=digital)
        path.write_bytes(edf.bytes())
        found = Detection(events=tuple(events), analysed=Analysed(labels=tuple(analysed)))
        with open_recording(path) as recording:
            return measure_epochs(recording, found, staging_channels(recording.info))

    return run


def event(label, onset, duration, channel="F4-M1", uv=100.0, **more):
    span = ChannelSpan(channel=channel, onset=onset, duration=duration, value_uv=uv)
    return Event(label=label, onset=onset, duration=duration, source="test", channels=(channel,),
                 per_channel=(span,), **more)  # fmt: skip


# --- second by second --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [50, 100, 128, 200, 500])
def test_alpha_is_counted_in_seconds_at_every_rate(rate, measure):
    x = noise(60, rate) + rhythm(60, rate, 10, 8, 5, 23)
    first, second = measure({"O2-M1": x}, rate)
    assert first.alpha_s == pytest.approx(18, abs=2)
    assert first.alpha_hz == pytest.approx(10, abs=0.5)
    assert second.alpha_s <= 1


def test_alpha_is_looked_for_at_the_back_where_there_is_one(measure):
    front = noise(30, 100) + rhythm(30, 100, 10, 8)
    assert measure({"F4-M1": front, "O2-M1": noise(30, 100)})[0].alpha_s < 3
    assert measure({"F4-M1": noise(30, 100), "O2-M1": front})[0].alpha_s > 25


def test_a_second_under_a_spindle_is_no_alpha(measure):
    x = noise(30, 100) + rhythm(30, 100, 11.5, 8, 10, 12)
    free, spindled = (measure({"C4-M1": x}, events=e)[0] for e in ((), [event("spindle", 10, 2)]))
    assert free.alpha_s >= 1
    assert spindled.alpha_s < free.alpha_s


@pytest.mark.parametrize("gain", [1, 4])
def test_share_of_alpha_slope_and_sigma_do_not_depend_on_the_gain(gain, measure):
    x = noise(30, 100, slope=2) + rhythm(30, 100, 10, 8, 0, 12)
    plain, scaled = measure({"C4-M1": x})[0], measure({"C4-M1": gain * x})[0]
    assert scaled.alpha_s == pytest.approx(plain.alpha_s, abs=1)
    assert scaled.slope == pytest.approx(plain.slope, abs=0.05)
    assert scaled.sigma == pytest.approx(plain.sigma, abs=0.05)


@pytest.mark.parametrize("slope", [1.0, 2.0, 3.0])
def test_the_slope_of_the_spectrum_is_measured(slope, measure):
    assert measure({"C4-M1": noise(30, 200, slope=slope)}, 200)[0].slope == pytest.approx(slope, abs=0.25)


def test_power_of_spindles_rises_over_the_line_through_the_rest(measure):
    plain = noise(30, 100, slope=2)
    assert (
        measure({"C4-M1": plain + rhythm(30, 100, 13, 2)})[0].sigma > measure({"C4-M1": plain})[0].sigma + 0.2
    )


def test_muscle_and_leaps_make_seconds_unreadable(measure):
    loud = rhythm(30, 200, 35, 40, 10, 18)
    assert measure({"C4-M1": noise(30, 200) + loud}, 200)[0].obscured_s == pytest.approx(8, abs=2)
    assert measure({"C4-M1": noise(30, 200)}, 200)[0].obscured_s == 0


def test_movement_that_a_detector_found_counts_into_the_next_epoch(measure):
    made = measure({"C4-M1": noise(60, 100)}, events=[event("movement", 25, 10)])
    assert (made[0].obscured_s, made[1].obscured_s) == (5, 5)


def test_a_flat_channel_is_missing_and_its_epoch_has_no_spectrum(measure):
    x = np.concatenate([np.zeros(3000), noise(30, 100)])
    first, second = measure({"C4-M1": x})
    assert first.missing_s >= 29
    assert (first.slope, first.sigma) == (None, None)
    assert second.missing_s <= 1


def test_the_tone_of_the_chin_is_its_resting_level(measure):
    chin = np.random.default_rng(0).normal(0, 5, 6000)
    twitched = chin.copy()
    twitched[1000:1050] *= 20
    one, other = (measure({"C4-M1": noise(30, 200), "EMG chin": c}, 200)[0].tone_uv for c in (chin, twitched))
    assert one == pytest.approx(4.6, abs=0.8)
    assert other == pytest.approx(one, rel=0.05)


def test_hum_is_no_tone(measure):
    chin = np.random.default_rng(0).normal(0, 2, 6000)
    humming = chin + rhythm(30, 200, 50, 30)
    one, other = (measure({"C4-M1": noise(30, 200), "EMG chin": c}, 200)[0].tone_uv for c in (chin, humming))
    assert other == pytest.approx(one, rel=0.15)


def test_two_eyes_are_subtracted_so_that_the_brain_cancels(measure):
    brain, eyes = noise(30, 100, 10), rhythm(30, 100, 1.0, 40)
    still = measure({"C4-M1": brain, "E1-M2": brain, "E2-M2": brain})[0].eye_over_eeg
    moving = measure({"C4-M1": brain, "E1-M2": brain + eyes, "E2-M2": brain - eyes})[0].eye_over_eeg
    assert still < 0.1
    assert moving > 3


def test_channels_may_have_rates_of_their_own(measure):
    signals = {"C4-M1": noise(30, 200), "E1-M2": rhythm(30, 100, 1, 40), "EMG chin": noise(30, 50, 5)}
    made = measure(signals, [200, 100, 50])[0]
    assert made.eye_over_eeg > 1
    assert made.tone_uv is not None


def test_what_was_not_recorded_or_not_looked_for_is_none(measure):
    made = measure({"C4-M1": noise(30, 100)}, analysed=("spindle",))[0]
    assert (made.tone_uv, made.eye_over_eeg, made.rem, made.kcomplexes, made.slow_wave_s) == (None,) * 5
    assert made.spindles == ()


def test_tall_slow_activity_is_counted_and_a_drift_is_none(measure):
    slow = rhythm(60, 100, 1.0, 40, 5, 25)
    first, second = measure({"C4-M1": noise(60, 100) + slow})
    assert first.tall_s == pytest.approx(20, abs=2)
    assert second.tall_s == 0
    assert measure({"C4-M1": noise(30, 100) + np.linspace(-900, 900, 3000)})[0].tall_s == 0
    assert measure({"C4-M1": noise(30, 100) + rhythm(30, 100, 6.0, 40)})[0].tall_s == 0


def test_in_a_frontal_channel_slow_waves_are_measured_without_what_rides_on_them(measure):
    slow, fast = rhythm(30, 100, 1.0, 18), rhythm(30, 100, 14.0, 12)
    signal = noise(30, 100, 2) + slow + fast
    assert measure({"F4-M1": signal, "C4-M1": signal})[0].tall_s < 3
    assert measure({"C4-M1": signal})[0].tall_s > 25
    assert measure({"F4-M1": signal + 1.5 * slow, "C4-M1": signal})[0].tall_s > 25


@pytest.mark.parametrize(
    ("names", "full", "occipital"),
    [(("F4-M1", "C4-M1", "O2-M1"), True, True), (("C4-M1",), False, False), (("Fpz-Cz", "Pz-Oz"), False, True),
     (("Fp1-A1", "C3-A1", "O1-A1"), False, True)],
)  # fmt: skip
def test_whether_slow_waves_and_alpha_have_their_full_height_is_known(names, full, occipital, tmp_path):
    path = tmp_path / "a.edf"
    path.write_bytes(Edf(labels=names, sfreq=100, seconds=30).bytes())
    with open_recording(path) as recording:
        chosen = staging_channels(recording.info)
    assert (chosen.full_slow_waves, chosen.occipital) == (full, occipital)


# --- events --------------------------------------------------------------------------------------------------


def test_events_are_sorted_into_epochs_with_their_time_in_it(measure):
    made = measure({"C4-M1": noise(60, 100)}, events=[event("spindle", 4, 1), event("spindle", 44.5, 1)])
    assert (made[0].spindles, made[1].spindles) == ((4.0,), (14.5,))


def test_events_under_an_artifact_do_not_count(measure):
    made = measure({"C4-M1": noise(30, 100)}, events=[event("spindle", 4, 1, masked_by="hfnoise")])
    assert made[0].spindles == ()


@pytest.mark.parametrize(("gap", "spontaneous"), [(0.5, 0), (0.9, 0), (1.5, 1), (-1.0, 1)])
def test_a_k_complex_belongs_to_an_arousal_that_starts_within_a_second_of_its_end(gap, spontaneous, measure):
    found = [event("kcomplex", 10, 0.8), event("arousal", 10.8 + gap, 4)]
    made = measure({"C4-M1": noise(30, 100)}, events=found)[0]
    assert len(made.kcomplexes) == spontaneous
    assert len(made.kcomplexes_arousal) == 1 - spontaneous


def test_slow_waves_count_in_the_frontal_channel_that_has_most(measure):
    signals = {"F3-M2": noise(30, 100), "F4-M1": noise(30, 100), "C4-M1": noise(30, 100)}
    waves = [event("slow_wave", t, 1.0, "F4-M1") for t in (2, 4, 6)]
    waves += [event("slow_wave", t, 1.0, "F3-M2") for t in (10, 12)]
    waves += [event("slow_wave", t, 1.0, "C4-M1") for t in range(15, 25)]
    made = measure(signals, events=waves)[0]
    assert (made.slow_wave_s, made.slow_waves) == (3.0, 3)


def test_slow_waves_that_are_too_small_here_or_part_of_a_k_complex_do_not_count(measure):
    waves = [event("slow_wave", 2, 1.0, uv=60.0), event("slow_wave", 5, 1.0), event("kcomplex", 5, 0.9)]
    assert measure({"F4-M1": noise(30, 100)}, events=waves)[0].slow_wave_s == 0


def test_without_a_frontal_channel_slow_waves_count_where_they_are(measure):
    made = measure({"C3-A2": noise(30, 100)}, events=[event("slow_wave", 3, 1.2, "C3-A2")])[0]
    assert made.slow_wave_s == pytest.approx(1.2)


def test_spans_are_shared_out_over_epochs_and_overlaps_counted_once():
    assert covered_seconds([(25, 65), (20, 28), (100, 200)], 3).tolist() == [10, 30, 5]
    assert covered_seconds([], 2).tolist() == [0, 0]


# --- length and derivations -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "epochs"), [(29, 0), (30, 1), (59, 1), (60, 2), (330, 11)])
def test_only_whole_epochs_are_measured(seconds, epochs, measure):
    assert len(measure({"C4-M1": noise(seconds, 100)})) == epochs


def test_blocks_of_memory_leave_no_trace(measure):
    x = noise(630, 100) + rhythm(630, 100, 10, 8, 295, 305)
    made = measure({"C4-M1": x})
    assert made[9].alpha_s + made[10].alpha_s == pytest.approx(10, abs=2)


@pytest.mark.parametrize(
    ("labels", "central", "frontal", "posterior"),
    [
        (("F4-M1", "C4-M1", "O2-M1"), ("C4-M1",), ("F4-M1",), ("O2-M1",)),
        (("F3", "C3", "O1", "M2"), ("C3", "M2"), ("F3", "M2"), ("O1", "M2")),
        (("C3-A1", "C3-A2"), ("C3-A2",), ("C3-A2",), ("C3-A2",)),
        (("Fpz-Cz", "Pz-Oz"), ("Fpz-Cz",), ("Fpz-Cz",), ("Pz-Oz",)),
        (("Fp1", "Fp2", "Cz"), ("Cz",), ("Cz",), ("Cz",)),
        (("Fp1-F7", "F7-T3", "T3-T5", "T5-O1"), ("Fp1-F7",), ("Fp1-F7",), ("T5-O1",)),
    ],
)
def test_derivations_are_those_of_the_manual_or_the_nearest(labels, central, frontal, posterior, tmp_path):
    (tmp_path / "a.edf").write_bytes(Edf(labels=labels, seconds=2).bytes())
    with open_recording(tmp_path / "a.edf") as recording:
        chosen = staging_channels(recording.info)
    assert (chosen.central, chosen.frontal, chosen.posterior) == (central, frontal, posterior)


def test_scoring_channels_are_never_chosen(tmp_path):
    labels = ("hypnogram", "C3-A1", "EOG1-A1", "event_neuro", "EMG1")
    (tmp_path / "a.edf").write_bytes(Edf(labels=labels, seconds=2).bytes())
    with open_recording(tmp_path / "a.edf") as recording:
        names = {name for d in staging_channels(recording.info).words().values() for name in d}
    assert names == {"C3-A1", "EOG1-A1", "EMG1"}
