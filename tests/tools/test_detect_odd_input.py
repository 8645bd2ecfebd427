"""Every detector of the registry on input that no textbook shows: it analyses or refuses in words, and never breaks.

The cases run over `DETECTORS` as it stands, so a detector that is added later is covered without a line here.
"""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from models.catalogue import KINDS
from models.segments import simulate_segment
from models.simulate import make
from tools.detect import detect
from tools.detectors import COPIES, DETECTOR_OF, DETECTORS, DetectorEntry
from tools.filters import apply_filters
from tools.io import open_recording
from tools.labels import LABELS, TEN_TWENTY
from tools.montage import apply_montage
from tools.types import Detection, Event, Segment, ToolError

MORE = ("AF3", "AF4", "FC1", "FC2", "CP1", "CP2", "PO3", "PO4", "FT7", "FT8", "TP7", "TP8")
BODY = (("E1", "eog"), ("E2", "eog"), ("Chin", "emg"), ("ECG", "ecg"), ("Resp", "resp"))
EACH = pytest.mark.parametrize("entry", DETECTORS, ids=["+".join(entry.labels) for entry in DETECTORS])


def names_of(count: int) -> tuple[str, ...]:
    """So many channel names: the 10-20 system first, then others, then what nobody knows."""
    known = TEN_TWENTY + MORE
    return (known + tuple(f"X{i}" for i in range(count)))[:count]


@cache
def brainlike(count: int = 19, sfreq: float = 200.0, seconds: float = 8.0) -> Segment:
    """Noise whose power falls with frequency, a rhythm and a few sharp waves: something for everyone to look at."""
    rng = np.random.default_rng(7)
    size = round(seconds * sfreq)
    freqs = np.fft.rfftfreq(size, 1 / sfreq)
    data = np.fft.irfft(np.fft.rfft(rng.normal(size=(count, size))) / np.maximum(freqs, 0.5), size)
    data *= 12 / data.std(axis=1, keepdims=True)
    time = np.arange(size) / sfreq
    data += 15 * np.sin(2 * np.pi * 10 * time) * rng.uniform(0.2, 1, (count, 1))
    data -= 90 * np.exp(-0.5 * ((time % 1.7 - 0.8) / 0.02) ** 2) * (np.arange(count) % 3 == 0)[:, None]
    return Segment(data, names_of(count), sfreq, onset=30.0)


def changed(data: np.ndarray, **kwargs) -> Segment:
    return replace(brainlike(), data=np.asarray(data, dtype=float), **kwargs)


def _nan_spans() -> Segment:
    data = brainlike().data.copy()
    data[:, 300:420] = np.nan
    data[3, :800] = np.nan
    data[8] = np.nan
    return changed(data)


def _some_broken() -> Segment:
    data = brainlike().data.copy()
    data[2], data[5] = 0.0, 42.0
    data[7] = np.where(np.arange(data.shape[1]) % 2, 3276.7, -3276.8)
    data[11, 500] = np.inf
    return changed(data)


CASES = {
    **{f"{rate} Hz": lambda rate=rate: brainlike(19, rate) for rate in (50.0, 100.0, 128.0, 256.0, 512.0)},
    "1000 Hz": lambda: brainlike(8, 1000.0, 5.0),
    "5000 Hz": lambda: brainlike(4, 5000.0, 4.0),
    "one channel": lambda: brainlike(1),
    "two channels": lambda: brainlike(2),
    "four channels": lambda: brainlike(4),
    "64 channels": lambda: brainlike(64, 200.0, 6.0),
    "256 channels": lambda: brainlike(256, 100.0, 4.0),
    "one unknown channel": lambda: changed(brainlike().data[:1], channels=("X1",), kinds=()),
    "unknown names": lambda: changed(brainlike().data, channels=tuple(f"Lead {i}" for i in range(19))),
    "the same name twice": lambda: changed(brainlike().data[:2], channels=("T4-T6", "T4-T6 (2)"), kinds=()),
    "bipolar only": lambda: apply_montage(brainlike(), "longitudinal"),
    "one bipolar channel": lambda: apply_montage(brainlike(), "longitudinal").pick(["T3-T5"]),
    "all zero": lambda: changed(np.zeros((19, 1600))),
    "all constant": lambda: changed(np.full((19, 1600), 123.0)),
    "steps only": lambda: changed(np.repeat(np.arange(8.0), 200)[None] * np.ones((19, 1))),
    "all missing": lambda: changed(np.full((19, 1600), np.nan)),
    "one sample there": lambda: changed(np.where(np.arange(1600) == 800, 5.0, np.nan) * np.ones((19, 1))),
    "missing spans": _nan_spans,
    "some channels broken": _some_broken,
    "clipped": lambda: changed(np.clip(4 * brainlike().data, -50, 50)),
    "huge offset": lambda: changed(brainlike().data + 1e5 * np.arange(1, 20)[:, None]),
    "tiny": lambda: changed(1e-6 * brainlike().data),
    "huge": lambda: changed(1e6 * brainlike().data),
    "all alike": lambda: changed(np.ones((19, 1)) * brainlike().data[:1]),
    "white noise": lambda: changed(np.random.default_rng(1).normal(0, 20, (19, 1600))),
    "no EEG": lambda: changed(brainlike().data[:2], channels=("ECG", "Resp"), kinds=("ecg", "resp")),
    "no channels": lambda: changed(np.zeros((0, 1600)), channels=(), kinds=()),
    **{f"{s:g} s": lambda s=s: brainlike(19, 200.0, s) for s in (0.02, 0.5, 1.0, 2.0, 5.0)},
    "one second at 50 Hz": lambda: brainlike(2, 50.0, 1.0),
}  # fmt: skip
LONG_CASES = {
    "5000 Hz, 19 channels": lambda: brainlike(19, 5000.0, 10.0),
    "256 channels at 1000 Hz": lambda: brainlike(256, 1000.0, 10.0),
    "five minutes": lambda: brainlike(19, 200.0, 300.0),
}


def as_copied(segment: Segment, entry: DetectorEntry) -> Segment:
    """The segment with the filters that a detector is promised, and with the body's channels where it gets them."""
    copy = COPIES[entry.copy]
    wanted = [(name, kind) for name, kind in BODY if kind in copy.kinds and name not in segment.channels]
    if wanted and len(segment.channels) == 19:
        rng = np.random.default_rng(3)
        more = rng.normal(0, 15, (len(wanted), segment.data.shape[1]))
        segment = replace(
            segment,
            data=np.vstack([segment.data, more]),
            channels=segment.channels + tuple(name for name, _ in wanted),
            kinds=segment.kinds + tuple(kind for _, kind in wanted),
        )
    return replace(segment, filters=copy.filters)


def check(detection: Detection, labels: tuple[str, ...], segment: Segment) -> None:
    """Hold a detection to its contract."""
    refused = {item.label: item.reason for item in detection.not_analysed}
    for label in labels:
        assert label in detection.analysed.labels or label in refused, f"{label} is passed over in silence"
    assert all(len(reason.split()) >= 2 for reason in refused.values()), refused
    assert set(detection.analysed.channels) <= set(segment.channels)
    assert detection.analysed.seconds <= segment.duration + 0.01
    for event in detection.events:
        check_event(event, labels, segment)


def check_event(event: Event, labels: tuple[str, ...], segment: Segment) -> None:
    first, last = segment.onset - 1e-6, segment.onset + segment.duration + 1.5 / segment.sfreq
    assert event.label in labels
    assert event.source
    assert set(event.channels) <= set(segment.channels)
    assert event.duration > 0
    assert first <= event.onset <= event.onset + event.duration <= last
    numbers = [event.onset, event.duration]
    numbers += [event.frequency_hz] if event.frequency_hz is not None else []
    numbers += [event.amplitude.value_uv] if event.amplitude is not None else []
    numbers += [event.confidence] if event.confidence is not None else []
    for span in event.per_channel:
        assert span.channel in event.channels
        assert span.duration > 0
        assert first <= span.onset <= span.onset + span.duration <= last
        numbers += [span.value_uv] if span.value_uv is not None else []
    assert all(math.isfinite(number) for number in numbers)
    assert event.frequency_hz is None or event.frequency_hz > 0
    assert event.amplitude is None or event.amplitude.value_uv >= 0


@EACH
@pytest.mark.parametrize("case", CASES)
def test_odd_input_is_analysed_or_refused_in_words(entry, case):
    segment = as_copied(CASES[case](), entry)
    check(entry.find(segment), entry.labels, segment)


@pytest.mark.slow
@EACH
@pytest.mark.parametrize("case", LONG_CASES)
def test_large_input_is_analysed_or_refused_in_words(entry, case):
    segment = as_copied(LONG_CASES[case](), entry)
    check(entry.find(segment), entry.labels, segment)


@EACH
def test_the_signal_is_left_as_it_was(entry):
    segment = as_copied(brainlike(), entry)
    before = segment.data.copy()
    entry.find(segment)
    assert np.array_equal(segment.data, before)


@EACH
@pytest.mark.parametrize("case", ["all zero", "all constant", "all missing", "no channels"])
def test_no_wave_is_seen_where_there_is_no_signal(entry, case):
    states = {"flat", "bad_channel", "extreme", "burst_suppression"}
    segment = as_copied(CASES[case](), entry)
    events = entry.find(segment).events
    of_the_head = [e for e in events if not set(e.channels) & {name for name, _ in BODY}]
    assert {e.label for e in of_the_head} <= states


# --- invariance -------------------------------------------------------------------------------

SCENES = (
    ("blinks", "muscle", "spikes", "alpha", "lateral_eye_movements"),
    ("spindles", "k_complexes", "slow_oscillations", "pops"),
    ("LPD", "line_noise", "ecg", "bad_channel"),
    ("spike_wave_3hz", "mu", "flat", "sweat"),
)
"""Kinds of the simulator that together hold most of the vocabulary."""


@cache
def scene(number: int) -> Segment:
    assert set(SCENES[number]) <= set(KINDS)
    return make(SCENES[number], duration=20, sfreq=200, seed=40 + number, montage="psg").segment


@cache
def copied(number: int, copy: str) -> Segment:
    """A scene as a detector gets it: filtered, and in average reference where it is promised one."""
    wanted = COPIES[copy]
    segment = scene(number).pick_kinds(*wanted.kinds)
    if wanted.montage is None:
        eeg = [row for row, kind in enumerate(segment.kinds) if kind == "eeg"]
        data = segment.data.copy()
        data[eeg] -= data[eeg].mean(axis=0)
        segment = replace(segment, data=data, reference="average")
    return apply_filters(segment, wanted.filters)


def same(first: tuple[Event, ...], second: tuple[Event, ...], later: float = 0.0) -> None:
    """Whether two lists hold the same events, the second ones later by so many seconds; order does not matter."""
    left = list(second)
    for event in first:
        twin = next(
            (
                other
                for other in left
                if other.label == event.label
                and abs(other.onset - event.onset - later) < 0.02
                and abs(other.duration - event.duration) < 0.02
                and set(other.channels) == set(event.channels)
            ),
            None,
        )
        assert twin is not None, f"no twin of {event.label} at {event.onset:.2f} s in {event.channels}"
        left.remove(twin)
    assert not left, f"{left[0].label} at {left[0].onset:.2f} s has no twin"


@EACH
@pytest.mark.parametrize("number", range(len(SCENES)))
def test_the_order_of_channels_does_not_matter(entry, number):
    segment = copied(number, entry.copy)
    order = np.random.default_rng(number).permutation(len(segment.channels))
    same(entry.find(segment).events, entry.find(segment.pick([segment.channels[i] for i in order])).events)


@EACH
@pytest.mark.parametrize("number", range(len(SCENES)))
def test_a_later_onset_makes_events_later_and_changes_nothing_else(entry, number):
    segment = copied(number, entry.copy)
    later = replace(segment, onset=segment.onset + 3600.0)
    same(entry.find(segment).events, entry.find(later).events, 3600.0)


# --- through files -----------------------------------------------------------------------------


def digital(segment: Segment) -> list[np.ndarray]:
    """Samples in steps of a tenth of a microvolt."""
    return list(np.clip(np.round(10 * segment.data), -32768, 32767).astype(int))


def search(path) -> Detection:
    with open_recording(path) as recording:
        detection = detect(recording)
        whole = Segment(
            np.zeros((len(recording.info.channels), 1)), recording.info.names(), 1 / recording.info.duration
        )
    check(detection, LABELS, whole)
    assert set(DETECTOR_OF) <= set(detection.analysed.labels) | {i.label for i in detection.not_analysed}
    return detection


@pytest.fixture(scope="module")
def page() -> Segment:
    return simulate_segment("spikes", 7, snr=(8.0, 12.0)).segment


def test_the_scale_in_the_header_does_not_matter(write_edf, page):
    shared = {"labels": page.channels, "seconds": 10, "digital": digital(page)}
    once = search(write_edf(**shared, name="a.edf"))
    again = search(write_edf(**shared, name="b.edf", unit="mV", physical=(-3.2768, 3.2767)))
    assert once.events
    same(once.events, again.events)
    for first, second in zip(once.events, again.events, strict=True):
        if first.amplitude:
            assert second.amplitude.value_uv == pytest.approx(first.amplitude.value_uv, rel=1e-3)


@pytest.mark.parametrize("unit", ["UV", "", "uv", "\N{MICRO SIGN}V"])
def test_odd_units_are_read(write_edf, page, unit):
    assert search(write_edf(labels=page.channels, seconds=10, digital=digital(page), unit=unit)).events


@pytest.mark.parametrize("units", [["V"], ["mmHg"], ["ECG", "Resp"]])
def test_a_file_without_usable_eeg_is_refused_in_words(write_edf, page, units):
    labels = page.channels if len(units) == 1 else units
    made = digital(page)[: len(labels)]
    path = write_edf(labels=labels, seconds=10, digital=made, unit=units[0] if len(units) == 1 else "uV")
    with pytest.raises(ToolError, match="no EEG channel"):
        search(path)


def test_channels_of_an_impossible_unit_are_left_out(write_edf, page):
    units = ["uV"] * 17 + ["mmHg", "V"]
    found = search(write_edf(labels=page.channels, seconds=10, digital=digital(page), unit=units))
    assert not {"O1", "O2"} & {channel for event in found.events for channel in event.channels}


def test_gaps_of_a_discontinuous_file_are_no_events(write_edf, page):
    """Ten seconds of recording in twenty of time; the samples in between are missing, not flat."""
    onsets = [0, 1, 2, 3, 4, 10, 11, 12, 18, 19]
    found = search(
        write_edf(labels=page.channels, seconds=10, digital=digital(page), plus="+D", onsets=onsets)
    )
    inside = [e for e in found.events if e.onset >= 5.1 and e.onset + e.duration <= 9.9]
    assert inside == []


def test_channels_of_many_rates_are_searched(write_edf):
    rng = np.random.default_rng(0)
    rates = [200, 200, 100, 100, 50, 10, 1]
    found = search(
        write_edf(
            labels=["Fp1", "Fp2", "C3", "C4", "EMG Chin", "Resp", "SaO2"], sfreq=rates, seconds=12,
            digital=[rng.normal(0, 200, rate * 12).round().astype(int) for rate in rates],
        )
    )  # fmt: skip
    assert found.analysed.labels


@pytest.mark.parametrize(
    "labels", [["C3-A2"], ["Lead 1", "Lead 2"], ["T7-P7", "P7-O1", "FP1-F7", "F7-T7"], ["E1-M2", "E2-M2"]]
)
def test_few_and_odd_channels_are_searched(write_edf, labels):
    search(write_edf(labels=labels, seconds=12))


def test_a_file_of_one_second_is_searched(write_edf):
    search(write_edf(labels=TEN_TWENTY, seconds=1))
