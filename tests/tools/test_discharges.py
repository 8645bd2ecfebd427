"""Discharges on known truth, what has to change the answer, what must not, and refusals."""

from dataclasses import replace

import numpy as np
import pytest

from models import transients, waveforms
from models.canvas import state_noise
from models.topography import SOURCES, field
from tools.discharge_view import view_of
from tools.discharges import DEFAULTS, LABELS, find_discharges, statements
from tools.ifcn import NAMES, NEEDED, count, criteria, describe
from tools.labels import TEN_TWENTY
from tools.montage import apply_montage
from tools.spike_wave_runs import find_runs
from tools.types import Event, Segment, ToolError

ONSETS = (2.0, 4.1, 5.9, 7.7)
EARS = (*TEN_TWENTY, "A1", "A2")


def drawn(wave, source="left temporal spike", onsets=ONSETS, sfreq=200.0, size=90.0, seconds=10.0, seed=0):
    """Waves of this size at these onsets in waking background, 19 channels, average reference."""
    assert source in SOURCES
    rng = np.random.default_rng(seed)
    data = state_noise(round(seconds * sfreq), sfreq, rng, "wake")
    for onset in onsets:
        start = round(onset * sfreq)
        data[:, start : start + len(wave)] += size * np.outer(field(source, EARS), wave)
    data = data[:19]
    return Segment(data - data.mean(axis=0), TEN_TWENTY, sfreq, reference="average")


def spike(sfreq=200.0, total=0.05, after=0.3):
    return waveforms.spike(sfreq, total, after=after)


def peaks(events):
    return [event.onset + event.duration / 2 for event in events]


@pytest.mark.parametrize("sfreq", [128.0, 200.0, 256.0, 500.0])
def test_spikes_are_found_at_their_peak_and_place_at_every_rate(sfreq):
    found = find_discharges(drawn(spike(sfreq), sfreq=sfreq)).events
    assert [e.label for e in found] == ["spike"] * 4
    assert np.allclose(peaks(found), np.array(ONSETS) + 0.05, atol=0.03)
    for event in found:
        assert {"F7", "T3"} <= set(event.channels)
        assert "O2" not in event.channels
        assert 0.02 <= event.duration <= 0.09
        assert event.amplitude.kind == "pp"
        assert event.amplitude.value_uv == pytest.approx(90, rel=0.35)


@pytest.mark.parametrize(
    ("total", "after", "label"), [(0.045, 0.25, "spike"), (0.13, 0.25, "sharp"), (0.05, 0.8, "spsw")]
)
def test_length_and_slow_wave_decide_the_label(total, after, label):
    found = find_discharges(drawn(spike(total=total, after=after), size=110.0)).events
    assert [e.label for e in found] == [label] * 4


def test_a_complex_lasts_until_the_end_of_its_slow_wave():
    found = find_discharges(drawn(spike(after=0.8), size=110.0)).events
    assert all(0.25 <= event.duration <= 0.45 for event in found)


def test_positive_waves_are_never_called():
    segment = drawn(spike(), source="left occipital spike")
    assert len(find_discharges(segment).events) == 4
    assert find_discharges(replace(segment, data=-segment.data)).events == ()


def test_a_run_of_spike_and_wave_gives_one_event_for_each_complex():
    one = transients.spike_wave(200.0, 3.0, waveforms.spike(200.0, 0.055, rebound=0.2, after=0.0), slow=0.85)
    onsets = tuple(2 + np.arange(12) / 3.0)
    segment = drawn(one, source="generalized spike", onsets=onsets)
    found = find_discharges(segment).events
    assert {event.label for event in found} == {"spsw"}
    assert 10 <= len(found) <= 13
    assert all(event.frequency_hz == pytest.approx(3.0, abs=0.2) for event in found)


def test_rhythmic_delta_without_spikes_is_no_run():
    wave = -np.sin(2 * np.pi * 2.6 * np.arange(1200) / 200.0)
    segment = drawn(wave, source="frontal delta", onsets=(2.0,))
    view = view_of(segment)
    assert not isinstance(view, str)
    assert find_runs(view) == []
    assert find_discharges(segment).events == ()


@pytest.mark.parametrize("seed", range(5))
def test_plain_background_and_wickets_hold_no_discharge(seed):
    assert find_discharges(drawn(spike(), onsets=(), seed=seed)).events == ()
    arches = -transients.arches(200.0, 8.0, 1.2)
    train = drawn(arches / np.abs(arches).max(), source="left temporal", onsets=(3.0,), seed=seed)
    assert find_discharges(train).events == ()


def test_a_wave_of_one_electrode_is_no_discharge():
    segment = drawn(spike(), onsets=())
    data = segment.data.copy()
    for onset in ONSETS:
        data[TEN_TWENTY.index("P3"), round(onset * 200) : round(onset * 200) + 90] -= 120 * spike()[:90]
    assert find_discharges(replace(segment, data=data - data.mean(axis=0))).events == ()


def test_order_of_channels_scale_of_the_head_and_start_do_not_matter():
    segment = drawn(spike())
    order = list(reversed(TEN_TWENTY))
    turned = find_discharges(segment.pick(order)).events
    later = find_discharges(replace(segment, onset=100.0)).events
    plain = find_discharges(segment).events
    assert np.allclose(peaks(turned), peaks(plain), atol=0.011)
    assert np.allclose(np.array(peaks(later)) - 100.0, peaks(plain), atol=1e-3)
    assert len(find_discharges(replace(segment, data=2 * segment.data)).events) == len(plain)


def test_what_is_lower_than_any_discharge_is_left_out():
    segment = drawn(spike())
    assert find_discharges(replace(segment, data=0.1 * segment.data)).events == ()


def test_bipolar_recordings_alone_show_the_spikes_and_their_reversal():
    bipolar = apply_montage(drawn(spike(), source="left central spike"), "longitudinal")
    found = find_discharges(bipolar).events
    assert np.allclose(peaks(found), np.array(ONSETS) + 0.05, atol=0.04)
    said = " ".join(statements(bipolar, found[0]))
    assert "phase reversal at C3" in said
    assert "negative" in said


def test_a_centrotemporal_wave_has_its_dipole_stated():
    wave = transients.triphasic(200.0, 0.24, 0.3, 0.5)
    segment = drawn(wave, source="left centrotemporal spike", size=140.0)
    found = find_discharges(segment).events
    assert found
    assert any("two poles" in line and "T3" in line for line in statements(segment, found[0]))


def test_few_electrodes_suffice_and_three_do_not():
    segment = drawn(spike(), source="left central spike")
    assert (
        find_discharges(segment.pick(["F3", "C3", "P3", "T3", "Cz", "C4", "O1", "F4"])).analysed.labels
        == LABELS
    )
    refused = find_discharges(segment.pick(["C3", "C4", "Cz"]))
    assert refused.events == ()
    assert [item.label for item in refused.not_analysed] == list(LABELS)
    assert "a field cannot be judged" in refused.not_analysed[0].reason


def test_slow_sampling_and_short_signal_are_refused_in_words():
    assert "sampled at 80 Hz" in find_discharges(drawn(spike(80.0), sfreq=80.0)).not_analysed[0].reason
    short = find_discharges(drawn(spike(), onsets=(), seconds=1.0))
    assert "needs 4 s" in short.not_analysed[0].reason


def test_unknown_electrodes_flat_and_missing_signal_are_refused_or_left_out():
    segment = drawn(spike())
    numbered = replace(segment, channels=tuple(f"E{n}" for n in range(19)))
    assert "known places" in find_discharges(numbered).not_analysed[0].reason
    flat = find_discharges(replace(segment, data=np.zeros_like(segment.data)))
    assert "can be compared" in flat.not_analysed[0].reason
    empty = find_discharges(replace(segment, data=np.full_like(segment.data, np.nan)))
    assert empty.not_analysed
    data = segment.data.copy()
    data[:, 380:480] = np.nan
    data[3] = np.nan
    found = find_discharges(replace(segment, data=data))
    assert np.allclose(peaks(found.events), np.array(ONSETS[1:]) + 0.05, atol=0.03)
    assert TEN_TWENTY[3] not in found.analysed.channels


@pytest.mark.parametrize("sfreq", [1000.0, 5000.0])
def test_very_fast_sampling_gives_the_same_spikes(sfreq):
    assert len(find_discharges(drawn(spike(sfreq), sfreq=sfreq)).events) == 4


def test_every_call_meets_four_criteria_with_their_numbers():
    segment = drawn(spike())
    for event in find_discharges(segment).events:
        six = criteria(segment, event)
        assert [c.name for c in six] == list(NAMES)
        assert count(six) >= NEEDED
        assert all(c.measured for c in six)
        assert describe(six).startswith(f"{count(six)} of 6 IFCN criteria: pointed")
        base = six[0].measured[0]
        assert base.unit == "ms"
        assert base.value == pytest.approx(50, abs=15)


def test_criteria_tell_a_mark_on_background_from_a_spike():
    segment = drawn(spike())
    mark = Event(label="spike", source="reader", onset=3.05, duration=0.06)
    spikes = [count(criteria(segment, event)) for event in find_discharges(segment).events]
    assert count(criteria(segment, mark)) < max(spikes)


def test_criteria_of_a_mark_elsewhere_or_on_few_channels_are_refused():
    segment = drawn(spike())
    with pytest.raises(ToolError, match="does not lie in this stretch"):
        criteria(segment, Event(label="spike", source="reader", onset=50.0, duration=0.05))
    with pytest.raises(ToolError, match="a field cannot be judged"):
        criteria(segment.pick(["C3"]), Event(label="spike", source="reader", onset=3.0, duration=0.05))


def test_confidence_grows_with_the_size_of_the_spike():
    loud = find_discharges(drawn(spike(), size=120.0)).events
    faint = find_discharges(drawn(spike(), size=45.0), DEFAULTS._replace(probability=0.1)).events
    assert faint
    assert np.mean([e.confidence for e in loud]) > np.mean([e.confidence for e in faint])


@pytest.mark.real_data
@pytest.mark.slow
def test_healthy_people_have_next_to_no_discharges(real_data):
    from tools.io import open_recording
    from tools.prepare import prepare

    total = 0
    for path in sorted((real_data / "eegmat").glob("*.edf")):
        with open_recording(path) as recording:
            total += len(find_discharges(prepare(recording, 0.0, recording.info.duration)).events)
    assert total <= 3


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["chb01_18_preictal", "chb01_26_preictal"])
def test_bipolar_recordings_are_searched_on_all_their_pairs(real_data, name):
    from tools.io import open_recording
    from tools.prepare import prepare

    with open_recording(real_data / f"chbmit/clips10s/{name}.edf") as recording:
        found = find_discharges(prepare(recording, 0.0, 10.0, montage="as_recorded"))
    assert found.analysed.labels == LABELS
    assert len(found.analysed.channels) >= 16


def test_a_pattern_explains_single_complexes_and_not_those_of_a_run():
    from tools.listing import weighed

    pattern = Event(label="GPD", source="test", onset=0.0, duration=10.0)
    single = Event(label="spsw", source="test", onset=3.0, duration=0.4, channels=("Fz",))
    of_a_run = single.model_copy(update={"frequency_hz": 3.0, "onset": 5.0})
    assert weighed("spsw", [pattern, single, of_a_run]) == (of_a_run,)
