"""The caliper reads a known wave as a ruler would, whatever the rate, the scale and the polarity."""

import numpy as np
import pytest

from tools.caliper import measure_span, measure_wave
from tools.types import Segment, ToolError


def of(found, quantity, kind=None):
    return next(m.value for m in found if m.quantity == quantity and (kind is None or m.amplitude_kind == kind))


def sine(freq=5.0, amplitude=20.0, sfreq=200.0, seconds=4.0):
    t = np.arange(round(seconds * sfreq)) / sfreq
    return Segment(amplitude * np.sin(2 * np.pi * freq * t)[None], ("C3",), sfreq, onset=10.0)


def bump(sfreq=200.0, height=80.0, width=0.04, at=2.0, sign=-1.0):
    t = np.arange(round(4 * sfreq)) / sfreq
    return Segment(sign * height * np.exp(-0.5 * ((t - at) / width) ** 2)[None], ("T3",), sfreq)


@pytest.mark.parametrize("sfreq", [100.0, 200.0, 256.0, 500.0])
def test_a_sine_has_its_three_amplitudes_and_its_frequency(sfreq):
    found = measure_span(sine(sfreq=sfreq), "C3")
    assert of(found, "amplitude", "pp") == pytest.approx(40, rel=0.01)
    assert of(found, "amplitude", "half_pp") == pytest.approx(20, rel=0.01)
    assert of(found, "amplitude", "rms") == pytest.approx(20 / np.sqrt(2), rel=0.01)
    assert of(found, "dominant frequency") == pytest.approx(5, abs=0.25)
    assert of(found, "steepest slope") == pytest.approx(2 * np.pi * 5 * 20 / 1000, rel=0.02)


@pytest.mark.parametrize("sfreq", [128.0, 200.0, 512.0])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_single_wave_is_measured_with_its_polarity(sfreq, sign):
    found = measure_wave(bump(sfreq, sign=sign), "T3", 2.1)
    assert of(found, "wave amplitude", "pp") == pytest.approx(80, rel=0.02)
    assert of(found, "time of the peak") == pytest.approx(2.0, abs=0.01)
    assert of(found, "potential at the peak") == pytest.approx(80 * sign, rel=0.02)
    assert of(found, "width at half height") == pytest.approx(2.355 * 0.04, abs=0.015)


def test_one_cycle_of_a_rhythm_lasts_one_period():
    found = measure_wave(sine(freq=5.0), "C3", 11.05)
    assert of(found, "wave duration") == pytest.approx(0.2, abs=0.01)
    assert of(found, "equivalent frequency") == pytest.approx(5, abs=0.3)


def test_heights_scale_with_the_signal_and_times_do_not():
    small, large = (measure_wave(bump(height=h), "T3", 2.0) for h in (10.0, 1000.0))
    assert of(large, "wave amplitude", "pp") == pytest.approx(100 * of(small, "wave amplitude", "pp"))
    assert of(large, "wave duration") == pytest.approx(of(small, "wave duration"))


def test_the_order_of_channels_does_not_matter():
    one, other = sine().data[0], bump().data[0][:800]
    a = Segment(np.stack([one, other]), ("C3", "T3"), 200.0)
    b = Segment(np.stack([other, one]), ("T3", "C3"), 200.0)
    assert measure_span(a, "T3") == measure_span(b, "T3")


def test_a_flat_channel_measures_zero_without_a_frequency():
    found = measure_span(Segment(np.zeros((1, 800)), ("C3",), 200.0), "C3")
    assert of(found, "amplitude", "pp") == 0
    assert not any(m.quantity == "dominant frequency" for m in found)


def test_refusals_say_what_would_work():
    segment = sine()
    with pytest.raises(ToolError, match="No channel O9") as error:
        measure_span(segment, "O9")
    assert error.value.choices == ("C3",)
    with pytest.raises(ToolError, match="between 10 and 14 s"):
        measure_wave(segment, "C3", 3.0)
    with pytest.raises(ToolError, match="nearer to its peak"):
        measure_wave(Segment(np.zeros((1, 800)), ("C3",), 200.0), "C3", 2.0)
    with pytest.raises(ToolError, match="no sample there"):
        measure_span(Segment(np.full((1, 800), np.nan), ("C3",), 200.0), "C3")
    gappy = Segment(np.where(np.arange(800) < 100, np.nan, segment.data), ("C3",), 200.0)
    with pytest.raises(ToolError, match="samples missing"):
        measure_wave(gappy, "C3", 2.0)
    assert of(measure_span(gappy, "C3"), "amplitude", "pp") == pytest.approx(40, rel=0.02)
