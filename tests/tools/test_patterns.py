"""Periodic and rhythmic patterns, seizures and burst suppression on signals whose truth is known."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import patterns
from models.pattern_scenes import open_scene
from models.recorder import record
from models.segments import simulate_segment
from models.topography import angles, directions
from tools.detect import detect
from tools.io import open_recording
from tools.labels import PATTERN, TEN_TWENTY
from tools.montage import apply_montage
from tools.pattern_chances import DEFAULTS
from tools.pattern_features import FEATURES, measure_windows
from tools.pattern_view import view_of
from tools.patterns import find_patterns, pattern_features
from tools.types import Filters, Segment

DATA = Path(os.environ.get("GLOSSA_DATA", ""))
LEFT = ("F7", "T3", "T5", "C3", "P3", "O1")


def simulated(label, seed, **kwargs):
    made = simulate_segment(label, seed, montage="average", accompanied=False, **kwargs).segment
    return made.pick_kinds("eeg")


def called(segment):
    return [event.label for event in find_patterns(segment).events]


def noise(seconds=10, sfreq=200.0, size=12.0, seed=3):
    """Low-passed noise shared by neighbours, as a head without any rhythm."""
    rng = np.random.default_rng(seed)
    mixing = np.exp(-np.abs(np.subtract.outer(np.arange(19), np.arange(19))) / 2.0)
    white = rng.normal(size=(19, round(seconds * sfreq)))
    wave = np.cumsum(white, axis=1)
    wave -= np.apply_along_axis(lambda row: np.convolve(row, np.ones(200) / 200, "same"), 1, wave)
    wave = mixing @ wave
    return Segment(size * wave / wave.std(), TEN_TWENTY, sfreq)


@pytest.mark.parametrize("label", ["LPD", "GPD", "LRDA", "GRDA", "seizure", "burst_suppression"])
def test_simulated_patterns_are_named_in_three_of_four_segments(label):
    hits = sum(label in called(simulated(label, seed)) for seed in (50, 51, 52, 53))

    assert hits >= 3


def test_background_and_sleep_and_alpha_are_no_pattern():
    quiet = [simulated(name, 60) for name in ("normal", "alpha_rhythm", "drowsy_slowing", "spindles")]

    assert [called(segment) for segment in quiet] == [[], [], [], []]
    assert called(noise()) == []


@pytest.mark.slow
def test_at_most_one_in_twenty_five_segments_of_simulated_deep_sleep_is_called_a_pattern():
    seeds = range(100_500, 100_600)
    made = [simulate_segment("deep_sleep_delta", seed, montage="average").segment for seed in seeds]

    assert sum(bool(called(segment)) for segment in made) <= 4


@pytest.mark.parametrize("label", ["GRDA", "deep_sleep_delta"])
def test_looking_every_other_second_finds_what_looking_every_second_finds(label):
    segment = simulated(label, 100_601, duration=60)
    every = find_patterns(segment, DEFAULTS._replace(unlikely=0.0)).events
    found = find_patterns(segment).events

    assert [e.label for e in found] == [e.label for e in every]
    assert (label in {e.label for e in every}) == (label == "GRDA")
    assert np.allclose([(e.onset, e.duration) for e in found], [(e.onset, e.duration) for e in every], atol=1)


def test_a_pattern_of_the_left_lists_channels_of_the_left_largest_first():
    found = [e for seed in range(50, 56) for e in find_patterns(simulated("LRDA", seed)).events]
    events = [e for e in found if e.label == "LRDA"]

    assert len(events) >= 4
    for event in events:
        odd = [int(name[-1]) % 2 for name in event.channels if name[-1].isdigit()]
        sizes = [span.value_uv for span in event.per_channel]
        assert len(set(odd)) == 1
        assert sizes == sorted(sizes, reverse=True)
        assert event.amplitude.kind == "pp"


def test_the_rate_is_right_to_half_a_hertz():
    for label in ("GPD", "GRDA"):
        errors = []
        for seed in range(50, 56):
            made = simulate_segment(label, seed, montage="average", accompanied=False)
            events = [e for e in find_patterns(made.segment).events if e.label == label]
            errors += [abs(e.frequency_hz - made.truth.patterns[0].frequency_hz) for e in events]
        assert len(errors) >= 4
        assert np.median(errors) <= 0.5


def slow_and_plain(label, rate, seed):
    """A pattern of a fixed rate over a slowed background."""
    rng = np.random.default_rng(seed)
    canvas = open_scene(rng, 10.0, ("slowed",))
    add = patterns.add_periodic if label.endswith("PD") else patterns.add_rhythmic_delta
    add(canvas, 0.0, 10.0, label=label, frequency=rate, size=110.0)
    return record(canvas, "average").pick_kinds("eeg")


def test_seven_discharges_in_ten_seconds_are_enough():
    hits = sum("GPD" in called(slow_and_plain("GPD", 0.72, seed)) for seed in range(6))

    assert hits >= 5


@pytest.mark.parametrize("label", ["LRDA", "GRDA"])
def test_rhythmic_delta_of_three_hertz_without_sharp_waves_is_no_seizure(label):
    said = [called(slow_and_plain(label, 3.0, seed)) for seed in range(6)]

    assert sum(label in labels for labels in said) >= 5
    assert not any("seizure" in labels for labels in said)


@pytest.mark.parametrize("reach", [25.0, 45.0, 75.0])
def test_likeness_of_both_sides_does_not_depend_on_how_far_a_field_reaches(reach):
    quiet, t = noise(size=2.0), np.arange(2000) / 200.0
    train = 60 * np.exp(-0.5 * ((t % 1.0 - 0.5) / 0.03) ** 2)
    places = directions(TEN_TWENTY)

    def likeness(centre):
        field = np.exp(-((angles(places, directions([centre]))[:, 0] / reach) ** 2))
        view = view_of(replace(quiet, data=quiet.data + np.outer(field, train)))
        return measure_windows(view)[0][0, FEATURES.index("sharp_mirror")]

    assert likeness("Fz") > 0.95
    assert likeness("T3") < 0.2


def test_mirroring_the_head_mirrors_the_side():
    segment = simulated("LPD", 51)
    other = {"1": "2", "2": "1", "3": "4", "4": "3", "5": "6", "6": "5", "7": "8", "8": "7", "z": "z"}
    mirrored = replace(segment, channels=tuple(name[:-1] + other[name[-1]] for name in segment.channels))
    first, second = find_patterns(segment).events, find_patterns(mirrored).events

    assert [e.label for e in first] == [e.label for e in second] == ["LPD"]
    assert {name[:-1] + other[name[-1]] for name in first[0].channels} == set(second[0].channels)


def test_order_of_channels_polarity_and_rate_of_sampling_do_not_matter():
    segment = simulated("GPD", 52)
    from scipy.signal import resample_poly

    shuffled = segment.pick(tuple(reversed(segment.channels)))
    faster = replace(segment, data=resample_poly(segment.data, 5, 2, axis=1), sfreq=500.0)

    assert called(segment) == ["GPD"]
    assert called(shuffled) == called(replace(segment, data=-segment.data)) == called(faster) == ["GPD"]


def test_a_shift_in_time_shifts_the_event():
    segment = simulated("GRDA", 52)
    events, later = find_patterns(segment).events, find_patterns(replace(segment, onset=100.0)).events

    assert [e.label for e in events] == ["GRDA"]
    assert later[0].onset == pytest.approx(events[0].onset + 100)


def test_bipolar_recordings_are_read_as_well():
    bipolar = apply_montage(simulated("GRDA", 52), "longitudinal")

    assert called(bipolar) == ["GRDA"]


def test_a_rhythm_that_begins_late_begins_late_in_the_event():
    quiet, loud = noise(40), simulated("GRDA", 52)
    data = quiet.data.copy()
    data[:, 3000:5000] += loud.pick(quiet.channels).data
    events = find_patterns(replace(quiet, data=data)).events

    assert [e.label for e in events] == ["GRDA"]
    assert events[0].onset == pytest.approx(15, abs=4)
    assert events[0].onset + events[0].duration == pytest.approx(25, abs=4)


def test_evidence_tells_frequency_side_and_course():
    segment = simulated("seizure", 50)
    event = next(e for e in find_patterns(segment).events if e.label == "seizure")
    seen = pattern_features(segment, event)

    assert seen.start_hz > seen.end_hz
    assert seen.prevalence == pytest.approx(1.0)
    assert len(seen.evolution) == 5
    assert seen.laterality >= 1


def test_a_dead_head_shows_nothing_and_missing_samples_are_no_pattern():
    flat = Segment(np.zeros((19, 2000)), TEN_TWENTY, 200.0)
    gone = replace(flat, data=np.full((19, 2000), np.nan))
    holes = noise()
    holes.data[:, 500:900] = np.nan

    for segment in (flat, gone, holes):
        assert find_patterns(segment).events == ()
        assert set(find_patterns(segment).analysed.labels) == set(PATTERN)


def test_a_bad_electrode_is_no_lateralized_pattern():
    segment = noise()
    segment.data[TEN_TWENTY.index("C4")] += np.random.default_rng(1).normal(0, 150, 2000)

    assert called(segment) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"channels": 3}, "four EEG channels"),
        ({"seconds": 6}, "needs 10 s"),
        ({"sfreq": 40.0}, "50 Hz or more"),
        ({"low": 1.6}, "takes delta away"),
        ({"channels": 0}, "no EEG channel"),
    ],
)
def test_what_cannot_be_looked_for_is_said(change, words):
    sfreq = change.get("sfreq", 200.0)
    segment = noise(change.get("seconds", 10), sfreq)
    segment = segment.pick(segment.channels[: change.get("channels", 19)])
    segment = replace(segment, filters=Filters(low_cut_hz=change.get("low")))
    answer = find_patterns(segment)

    assert answer.events == ()
    assert {item.label for item in answer.not_analysed} == set(PATTERN)
    assert all(words in item.reason for item in answer.not_analysed)


def test_one_side_alone_cannot_tell_a_side():
    segment = noise().pick(LEFT)
    answer = find_patterns(segment)

    assert set(answer.analysed.labels) == {"seizure", "burst_suppression"}
    assert {item.label for item in answer.not_analysed} == {"LPD", "GPD", "BIPD", "LRDA", "GRDA"}


@pytest.mark.parametrize("sfreq", [50.0, 128.0, 256.0, 5000.0])
def test_any_usual_rate_is_read(sfreq):
    assert find_patterns(noise(12, sfreq)).analysed.seconds == pytest.approx(12)


def majority():
    rows = [line.split("\t") for line in (DATA / "iiic_sparcnet/labels.tsv").read_text().splitlines()]
    at = rows[0].index("expert_majority")
    return {row[0]: row[at].replace("Seizure", "seizure").replace("Other", "none") for row in rows[1:]}


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.skipif(not (DATA / "iiic_sparcnet").is_dir(), reason="GLOSSA_DATA has no iiic_sparcnet")
def test_real_clips_are_called_as_most_experts_call_them():
    from evals.known_truth import called_pattern

    right, said = 0, {}
    for name, label in majority().items():
        with open_recording(DATA / "iiic_sparcnet" / name) as recording:
            said[name] = called_pattern(detect(recording, labels=["pattern"], onset=20, duration=10))
        right += said[name] == label

    assert right >= 10
    assert said["Other_sample1.edf"] == said["Other_sample3.edf"] == "none"


@pytest.mark.real_data
@pytest.mark.skipif(not (DATA / "chbmit").is_dir(), reason="GLOSSA_DATA has no chbmit")
def test_real_seizures_are_found_where_they_begin():
    for path in sorted((DATA / "chbmit/onset_clips").glob("*.edf")):
        with open_recording(path) as recording:
            found = [e for e in detect(recording, labels=["seizure"]).events if e.masked_by is None]
        assert found
        assert abs(found[0].onset - 10) <= 10
