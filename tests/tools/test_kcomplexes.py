"""K-complexes: shape, field, isolation, and what resembles them."""

from dataclasses import replace

import numpy as np
import pytest

from models import transients
from models.segments import simulate_segment
from models.simulate import simulate
from tools.conditioning import at_rate
from tools.io import open_recording
from tools.kcomplexes import find_k_complexes
from tools.midline_fields import weights_of
from tools.prepare import prepare
from tools.types import Filters, Segment

ONSETS = (12.0, 27.0, 44.0)


def night(wave, onsets=ONSETS, sfreq=200.0, centre=("Fz", "Cz"), reach=68.0, seed=0, peak=110.0):
    """A minute of light sleep with a wave that is negative at its centre."""
    made = simulate((), duration=60, seed=seed, state="n2").segment
    data = made.data - made.data.mean(axis=0)
    data *= 8 / data.std()
    weights = weights_of(made.channels, centre, reach, True)
    for onset in onsets:
        start = round(onset * made.sfreq)
        data[:, start : start + len(wave)] -= peak * np.outer(weights, wave)
    return at_rate(replace(made, data=data, reference="average"), sfreq)


def k_complex(sfreq=200.0):
    return transients.k_complex(sfreq, 0.26, 0.5, 0.65)


@pytest.mark.parametrize("sfreq", [50.0, 100.0, 200.0])
def test_k_complexes_are_found_with_place_size_and_channels_at_every_rate(sfreq):
    found = find_k_complexes(night(k_complex(), sfreq=sfreq)).events
    assert [e.onset for e in found] == pytest.approx(ONSETS, abs=0.12)
    for event in found:
        assert event.duration == pytest.approx(0.76, abs=0.25)
        assert event.amplitude is not None
        assert event.amplitude.kind == "pp"
        assert event.amplitude.value_uv == pytest.approx(110 * 1.65, rel=0.25)
        assert set(event.channels[:2]) == {"Fz", "Cz"}
        assert event.channels == tuple(span.channel for span in event.per_channel)
        assert not {"O1", "O2", "T5", "T6"} & set(event.channels)


def test_a_wave_of_the_other_sign_is_no_k_complex():
    assert find_k_complexes(night(-k_complex())).events == ()


def test_a_wave_of_another_field_is_no_k_complex():
    assert find_k_complexes(night(k_complex(), centre=("T3", "T5"), reach=54.0)).events == ()


def test_waves_in_a_row_are_delta_and_no_k_complexes():
    onsets = tuple(10 + 0.9 * i for i in range(12))
    assert len(find_k_complexes(night(k_complex(), onsets)).events) <= 1


def test_vertex_waves_are_too_short():
    wave = transients.vertex_wave(200.0, 0.16, 0.4)
    assert find_k_complexes(night(wave, centre=("Cz",), reach=56.0)).events == ()


def test_one_mastoid_channel_is_enough_and_order_and_time_do_not_matter():
    segment = night(k_complex())
    alone = replace(segment.pick(["Cz"]), channels=("C4-M1",), reference="mastoids")
    assert [e.onset for e in find_k_complexes(alone).events] == pytest.approx(ONSETS, abs=0.15)
    turned = replace(segment.pick(segment.channels[::-1]), onset=1000.0)
    plain, other = find_k_complexes(segment).events, find_k_complexes(turned).events
    assert [e.onset for e in other] == pytest.approx([e.onset + 1000 for e in plain], abs=0.02)
    assert [e.channels[0] for e in other] == [e.channels[0] for e in plain]


def test_an_event_on_missing_samples_is_left_out():
    segment = night(k_complex())
    segment.data[:, 2450:2500] = np.nan
    assert [e.onset for e in find_k_complexes(segment).events] == pytest.approx(ONSETS[1:], abs=0.12)


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_flat_or_missing_signal_gives_nothing(value):
    assert find_k_complexes(Segment(np.full((2, 3000), value), ("C3", "Cz"), 100.0)).events == ()


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (Segment(np.zeros((1, 200)), ("Cz",), 100.0), "5 s"),
        (Segment(np.zeros((1, 3000)), ("Cz",), 100.0, filters=Filters(low_cut_hz=1.6)), "1.6 Hz"),
        (Segment(np.zeros((1, 3000)), ("Cz",), 25.0), "30 Hz"),
        (Segment(np.zeros((1, 3000)), ("ECG",), 100.0, kinds=("ecg",)), "no EEG"),
        (Segment(np.zeros((3, 3000)), ("O1", "O2", "T5"), 100.0), "near the midline"),
    ],
)
def test_what_cannot_be_searched_is_said(segment, reason):
    detection = find_k_complexes(segment)
    assert detection.analysed.labels == ()
    assert reason in detection.not_analysed[0].reason


def test_deep_sleep_has_next_to_none():
    made = [simulate_segment("deep_sleep_delta", 50_000 + i, montage="average") for i in range(12)]
    assert sum(len(find_k_complexes(m.segment).events) for m in made) <= 2


@pytest.mark.real_data
def test_healthy_waking_people_have_none(real_data):
    found = 0
    for path in sorted((real_data / "eegmat").glob("*_1.edf"))[:5]:
        with open_recording(path) as recording:
            signal = prepare(recording, 0, recording.info.duration, filters=Filters(low_cut_hz=0.3))
            found += len(find_k_complexes(signal).events)
    assert found <= 1
