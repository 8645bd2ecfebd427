"""The caliper: spans and single waves of known size."""

import numpy as np
import pytest

from tools.caliper import measure_span, measure_wave
from tools.types import Filters, Segment, ToolError


def sine(frequency=2.5, amplitude=25.0, sfreq=200.0, onset=60.0) -> Segment:
    time = np.arange(round(10 * sfreq)) / sfreq
    return Segment(amplitude * np.sin(2 * np.pi * frequency * time)[None], ("O1",), sfreq, onset=onset)


def spike(height=-80.0, at=4.25, width=0.02, noise=3.0, sfreq=200.0) -> Segment:
    time = np.arange(round(10 * sfreq)) / sfreq
    data = np.random.default_rng(0).normal(0, noise, (2, time.size))
    data[0] += height * np.exp(-0.5 * ((time - at) / width) ** 2)
    return Segment(data, ("T3", "T4"), sfreq)


def by_name(listed) -> dict[str, float]:
    return {m.quantity: m.value for m in listed}


@pytest.mark.parametrize("sfreq", [128.0, 200.0, 500.0])
def test_a_span_over_a_sine_gives_its_amplitudes_and_frequency(sfreq):
    found = by_name(measure_span(sine(10, sfreq=sfreq), "O1"))
    assert found["peak-to-peak"] == pytest.approx(50, rel=0.03)
    assert found["half of peak-to-peak"] == pytest.approx(25, rel=0.03)
    assert found["root mean square"] == pytest.approx(25 / np.sqrt(2), rel=0.01)
    assert found["dominant frequency"] == pytest.approx(10, abs=0.05)
    assert found["duration"] == 10
    assert found["steepest slope"] == pytest.approx(2 * np.pi * 10 * 25 / 1000, rel=0.03)


def test_every_voltage_names_its_kind_and_every_number_its_place():
    for item in measure_span(sine(), "O1") + measure_wave(sine(), "O1", 64.2):
        assert (item.amplitude_kind is not None) == (item.unit == "uV")
        assert item.channels == ("O1",)
        assert 60 <= item.onset < 70
        assert item.tool == "caliper"


def test_the_dominant_frequency_stays_above_the_low_cut():
    segment = Segment(sine().data + 40, ("O1",), 200.0, filters=Filters(low_cut_hz=1.6))
    assert by_name(measure_span(segment, "O1"))["dominant frequency"] == pytest.approx(2.5, abs=0.1)


def test_a_span_under_a_second_has_no_frequency():
    segment = Segment(sine().data[:, :100], ("O1",), 200.0)
    assert "dominant frequency" not in by_name(measure_span(segment, "O1"))


@pytest.mark.parametrize(("time", "top"), [(64.1, 64.1), (64.13, 64.1), (64.32, 64.3)])
def test_the_wave_of_a_sine_lasts_a_period_and_is_twice_its_amplitude_high(time, top):
    found = by_name(measure_wave(sine(), "O1", time))
    assert found["time of the peak"] == pytest.approx(top, abs=0.01)
    assert found["duration"] == pytest.approx(0.4, abs=0.011)
    assert found["width at half height"] == pytest.approx(0.2, abs=0.01)
    assert found["frequency from the duration"] == pytest.approx(2.5, rel=0.05)
    height = next(v for k, v in found.items() if k.startswith("peak-to-peak"))
    assert height == pytest.approx(50, rel=0.02)


@pytest.mark.parametrize("sfreq", [128.0, 200.0, 500.0])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_spike_is_found_from_beside_it_with_its_polarity_and_width(sign, sfreq):
    found = by_name(measure_wave(spike(sign * 80.0, sfreq=sfreq), "T3", 4.2))
    name = f"peak-to-peak of the {'positive' if sign > 0 else 'negative'} wave"
    assert found["polarity"] == sign
    assert found[name] == pytest.approx(82, abs=9)
    assert found["time of the peak"] == pytest.approx(4.25, abs=0.01)
    assert found["width at half height"] == pytest.approx(0.047, abs=0.012)
    assert 0.06 < found["duration"] < 0.2


def test_scale_does_not_change_the_times():
    segment = spike()
    once = by_name(measure_wave(segment, "T3", 4.2))
    tenfold = Segment(10 * segment.data, segment.channels, segment.sfreq)
    again = by_name(measure_wave(tenfold, "T3", 4.2))
    assert again["duration"] == once["duration"]
    assert again["peak-to-peak of the negative wave"] == pytest.approx(
        10 * once["peak-to-peak of the negative wave"]
    )


def test_a_flat_channel_holds_no_wave():
    assert measure_wave(Segment(np.full((1, 2000), 7.0), ("C3",), 200.0), "C3", 5) == []


def test_at_the_ends_of_the_segment_a_wave_is_cut_not_invented():
    for time in (60.0, 69.99):
        found = measure_wave(sine(), "O1", time)
        assert found
        assert all(m.onset >= 60 and m.onset + m.duration <= 70.001 for m in found)


def test_missing_samples_are_refused_near_the_wave_and_passed_over_in_a_span():
    segment = sine(onset=0)
    segment.data[0, 800:840] = np.nan
    with pytest.raises(ToolError, match="missing there") as caught:
        measure_wave(segment, "O1", 4.1)
    assert caught.value.field == "time"
    assert by_name(measure_wave(segment, "O1", 6.5))["polarity"] in (-1, 1)
    assert by_name(measure_span(segment, "O1"))["peak-to-peak"] == pytest.approx(50, rel=0.01)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: measure_wave(sine(), "O1", 4.2), "time"),
        (lambda: measure_wave(sine(), "O2", 64.2), "channels"),
        (lambda: measure_span(sine(), "O2"), "channels"),
        (lambda: measure_span(Segment(np.full((1, 9), np.nan), ("O1",), 200.0), "O1"), "start"),
    ],
)
def test_what_is_not_there_is_refused_by_field(call, field):
    with pytest.raises(ToolError) as caught:
        call()
    assert caught.value.field == field
