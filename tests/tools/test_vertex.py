"""Vertex waves: shape, field, and the longer and shorter waves that they are not."""

from dataclasses import replace

import numpy as np
import pytest

from models import transients, waveforms
from models.simulate import simulate
from tools.conditioning import at_rate
from tools.midline_fields import weights_of
from tools.types import Filters, Segment
from tools.vertex import find_vertex_waves

ONSETS = (12.0, 27.0, 44.0)


def drowsy(wave, sfreq=200.0, centre=("Cz",), reach=56.0, peak=90.0):
    """A minute of drowsiness with a wave that is negative at its centre."""
    made = simulate((), duration=60, seed=1, state="drowsy").segment
    data = made.data - made.data.mean(axis=0)
    data *= 8 / data.std()
    weights = weights_of(made.channels, centre, reach, True)
    for onset in ONSETS:
        start = round(onset * made.sfreq)
        data[:, start : start + len(wave)] -= peak * np.outer(weights, wave)
    return at_rate(replace(made, data=data, reference="average"), sfreq)


def vertex(width=0.18):
    return transients.vertex_wave(200.0, width, 0.4)


@pytest.mark.parametrize("sfreq", [100.0, 128.0, 200.0])
@pytest.mark.parametrize("width", [0.13, 0.18, 0.24])
def test_vertex_waves_are_found_with_their_peak_in_the_middle(sfreq, width):
    found = find_vertex_waves(drowsy(vertex(width), sfreq)).events
    peaks = [onset + 0.75 * width for onset in ONSETS]
    assert [e.onset + e.duration / 2 for e in found] == pytest.approx(peaks, abs=0.06)
    for event in found:
        assert event.channels[0] == "Cz"
        assert event.amplitude is not None
        assert event.amplitude.kind == "pp"
        assert 90 <= event.amplitude.value_uv <= 160


def test_polarity_decides():
    assert find_vertex_waves(drowsy(-vertex())).events == ()


def test_k_complexes_are_too_long_and_spikes_too_short():
    slow = transients.k_complex(200.0, 0.3, 0.55, 0.65)
    fast = waveforms.spike(200.0, 0.04)
    assert find_vertex_waves(drowsy(slow, centre=("Fz", "Cz"), reach=68.0)).events == ()
    assert find_vertex_waves(drowsy(fast)).events == ()


def test_a_temporal_wave_of_the_same_shape_is_none():
    assert find_vertex_waves(drowsy(vertex(), centre=("T3",), reach=44.0)).events == ()


def test_order_and_time_do_not_matter():
    segment = drowsy(vertex())
    turned = replace(segment.pick(segment.channels[::-1]), onset=500.0)
    plain, other = find_vertex_waves(segment).events, find_vertex_waves(turned).events
    assert [e.onset for e in other] == pytest.approx([e.onset + 500 for e in plain], abs=0.02)


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_flat_or_missing_signal_gives_nothing(value):
    assert find_vertex_waves(Segment(np.full((2, 3000), value), ("C3", "Cz"), 100.0)).events == ()


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (Segment(np.zeros((1, 200)), ("Cz",), 100.0), "5 s"),
        (Segment(np.zeros((1, 3000)), ("Cz",), 100.0, filters=Filters(low_cut_hz=1.6)), "1.6 Hz"),
        (Segment(np.zeros((1, 3000)), ("Cz",), 40.0), "45 Hz"),
        (Segment(np.zeros((1, 3000)), ("O1-M2",), 100.0), "near the vertex"),
    ],
)
def test_what_cannot_be_searched_is_said(segment, reason):
    detection = find_vertex_waves(segment)
    assert detection.analysed.labels == ()
    assert reason in detection.not_analysed[0].reason
