"""The truth is exact: it is what the clean traces show, in every montage, rate and generator."""

import json

import numpy as np
import pytest

from models.canvas import SITES
from models.catalogue import KINDS
from models.recipes import ALL, CATEGORIES
from models.recorder import MONTAGES, write_specimen
from models.scene import Scene
from models.segments import mixed_segments, simulate_segment
from models.simulate import make
from models.subject import draw_subject, open_canvas
from models.truth import read_truth, stratum
from models.variants import VARIANTS
from tools.events import match, read_tsv
from tools.labels import EPILEPTIFORM, LABELS, TEN_TWENTY
from tools.montage import apply_montage
from tools.types import Segment

SHORT = (
    "spike",
    "sharp",
    "spsw",
    "spindle",
    "kcomplex",
    "vertex",
    "sawtooth",
    "slow_wave",
    "eyem",
    "ecg",
    "pop",
)


def quiet_canvas(seed=1, duration=10.0, sfreq=200.0, variant="standard"):
    """A canvas with next to no background, so that what is on it is the clean trace."""
    rng = np.random.default_rng(seed)
    canvas = open_canvas(duration, sfreq, rng, draw_subject(rng), VARIANTS[variant])
    canvas.scalp[:] = 0
    canvas.ground = canvas.ground * 0 + rng.normal(0, 2.0, canvas.ground.shape)
    canvas._noise.clear()
    return canvas


def average(segment):
    return segment.data[:SITES] - segment.data[:SITES].mean(axis=0)


@pytest.mark.parametrize("category", ["spikes", "sharp_waves", "spike_wave", "k_complexes", "spindles"])
def test_boxes_follow_from_the_clean_trace_alone(category):
    """Channels from 35 % of the peak on, limits at 10 % of the channel's own peak: calculated anew here."""
    checked = 0
    for seed in range(12):
        canvas = quiet_canvas(seed)
        ALL[category].draw(Scene(canvas, draw_subject(np.random.default_rng(seed)), (4.0, 12.0)))
        trace = canvas.scalp[:SITES] - canvas.scalp[:SITES].mean(axis=0)
        lonely = [
            p for p in canvas.planted
            if all(abs(p.peak - q.peak) > 1.5 for q in canvas.planted if q is not p)
            and p.event.label in ("kcomplex", "spindle", "spsw") and "run" not in p.kind and "poly" not in p.kind
        ]  # fmt: skip
        for planted in lonely:
            event = planted.event
            around = slice(
                round((event.onset - 0.4) * 200) if event.onset > 0.4 else 0,
                round((event.onset + event.duration + 0.4) * 200),
            )
            piece = trace[:, around]
            strongest = np.abs(piece).max(axis=1)
            for span in event.per_channel:
                row = np.abs(piece[TEN_TWENTY.index(span.channel)])
                above = np.flatnonzero(row >= 0.1 * row.max())
                assert (around.start + above[0]) / 200 == pytest.approx(span.onset, abs=1e-9)
                assert (above[-1] + 1 - above[0]) / 200 == pytest.approx(span.duration, abs=1e-9)
            seen = {TEN_TWENTY.index(c) for c in event.channels}
            assert all(strongest[row] >= 0.35 * strongest.max() - 1e-9 for row in seen)
            assert TEN_TWENTY[int(np.argmax(strongest))] == planted.peak_channel
            checked += 1
    assert checked >= 5 or category in ("spikes", "sharp_waves")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_drawn_with_a_truth_within_the_recording(kind):
    made = make((kind,), duration=20, seed=3)
    assert np.isfinite(made.segment.data).all()
    for planted in (*made.truth.planted, *made.truth.decoys):
        event = planted.event
        assert event.onset >= 0
        assert event.onset + event.duration <= 20.001
        assert planted.stratum == stratum(planted.snr)
        assert {span.channel for span in event.per_channel} == set(event.channels)
        assert event.onset - 0.01 <= planted.peak <= event.onset + event.duration + 0.01
    assert {p.event.label for p in made.truth.planted} <= set(LABELS)
    assert not {p.event.label for p in made.truth.decoys} & set(LABELS)


def test_the_truth_does_not_depend_on_the_montage():
    truths = [
        make(("spikes", "blinks", "line_noise"), duration=10, seed=5, montage=m).truth.model_copy(
            update={"montage": ""}
        )
        for m in MONTAGES
    ]
    assert all(truth == truths[0] for truth in truths)


def test_recordings_in_other_montages_are_the_same_recording():
    ears, average_reference, longitudinal, cz = (
        make(("sharp_waves",), duration=10, seed=6, montage=m).segment
        for m in ("linked_ears", "average", "longitudinal", "cz")
    )
    assert np.allclose(average(ears), average_reference.data)
    names = longitudinal.channels
    expected = apply_montage(Segment(average_reference.data, TEN_TWENTY, 200.0), "longitudinal")
    assert names == expected.channels
    assert np.allclose(longitudinal.data, expected.data)
    assert "Cz" not in cz.channels
    assert len(cz.channels) == 18


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_focal_spike_is_negative_at_its_focus_and_reverses_phase_in_the_chain(variant):
    from models.discharges import add_discharge

    for seed in range(10):
        canvas = quiet_canvas(seed, variant=variant)
        add_discharge(canvas, 4.0, where="left temporal spike", snr=30.0)
        planted = canvas.planted[0]
        assert planted.polarity == "negative"
        assert planted.peak_channel in ("F7", "T3")
        at = round(planted.peak * 200)
        segment = Segment(canvas.scalp[:SITES], TEN_TWENTY, 200.0)
        assert average(segment)[TEN_TWENTY.index(planted.peak_channel), at] < -20
        chain = apply_montage(segment, "longitudinal")
        value = dict(zip(chain.channels, chain.data[:, at], strict=True))
        before, after = ("Fp1-F7", "F7-T3") if planted.peak_channel == "F7" else ("F7-T3", "T3-T5")
        # Second input more negative: up, positive difference; first input more negative: the opposite.
        assert value[before] > -1e-6
        assert value[after] < 1e-6
        assert value["Fp1-F7"] > 5
        assert value["T3-T5"] < -5


def test_blinks_are_positive_at_the_forehead_and_gaze_has_opposite_signs():
    from models.eyes import add_blink, add_gaze

    canvas = quiet_canvas(2)
    add_blink(canvas, 1.0)
    add_gaze(canvas, 4.0, right=True)
    add_gaze(canvas, 7.0, right=False)
    blink = next(p for p in canvas.planted if p.event.label == "eyem")
    assert blink.polarity == "positive"
    assert {"Fp1", "Fp2"} <= set(blink.event.channels)
    right = [p for p in canvas.planted if p.kind == "look right"]
    left = [p for p in canvas.planted if p.kind == "look left"]
    assert {p.event.label: p.peak_channel for p in right} == {"eyer+": "F8", "eyer-": "F7"}
    assert {p.event.label: p.peak_channel for p in left} == {"eyer+": "F7", "eyer-": "F8"}
    assert all((p.polarity == "positive") == (p.event.label == "eyer+") for p in right + left)


def test_a_centrotemporal_discharge_shows_both_poles():
    from models.discharges import add_rolandic

    canvas = quiet_canvas(3)
    add_rolandic(canvas, 3.0, side="right", snr=30.0)
    planted = canvas.planted[0]
    assert planted.event.label in ("spike", "sharp")
    assert {"T4", "F4"} <= set(planted.event.channels)
    trace = canvas.scalp[:SITES] - canvas.scalp[:SITES].mean(axis=0)
    at = round(planted.peak * 200)
    assert trace[TEN_TWENTY.index("T4"), at] < 0 < trace[TEN_TWENTY.index("F4"), at]


def test_no_discharge_is_labelled_twice():
    for made in (simulate_segment("spike_wave", seed) for seed in range(20)):
        peaks = [(p.peak, p.event.label) for p in made.truth.planted if p.event.label in EPILEPTIFORM]
        for peak, label in peaks:
            assert not [other for other, name in peaks if name != label and abs(other - peak) < 0.02]


def test_what_a_flat_channel_hides_is_not_in_its_truth():
    made = make(("spikes", "flat"), duration=60, seed=2)
    flat = next(p.event for p in made.truth.planted if p.event.label == "flat")
    assert flat.channels == ("T4",)
    row = made.segment.data[TEN_TWENTY.index("T4")]
    assert row[round(flat.onset * 200) + 1 : round((flat.onset + flat.duration) * 200) - 1].std() < 0.5
    for planted in made.truth.planted:
        if planted.event.label == "spike" and flat.onset < planted.peak < flat.onset + flat.duration:
            assert "T4" not in planted.event.channels


def test_an_artifact_over_an_event_is_told_in_its_truth():
    made = make(("spikes", "muscle"), duration=60, seed=4)
    spikes = [p.event for p in made.truth.planted if p.event.label == "spike"]
    assert spikes
    assert {event.masked_by for event in spikes} == {"hfnoise"}


def test_truth_is_written_beside_the_recording_and_read_back(tmp_path):
    made = simulate_segment("spikes", 11)
    _, document, table = write_specimen(made, tmp_path / "x.edf")
    assert read_truth(tmp_path / "x.edf") == made.truth
    assert json.loads(document.read_text())["category"] == "spikes"
    events = read_tsv(table)
    assert match(made.events, events, 0.99).f1 == (1.0 if made.events else None)


@pytest.mark.parametrize("category", sorted(ALL))
def test_a_segment_of_every_category_is_the_same_for_the_same_seed(category):
    first, again, other = (simulate_segment(category, seed, sfreq=None, montage=None) for seed in (7, 7, 8))
    assert np.array_equal(first.segment.data, again.segment.data)
    assert first.truth == again.truth
    assert other.truth != first.truth


def test_the_rate_of_sampling_does_not_change_where_a_wave_is():
    from models.discharges import add_discharge

    spans = []
    for sfreq in (128.0, 250.0, 500.0):
        canvas = quiet_canvas(1, sfreq=sfreq)
        canvas.rng = np.random.default_rng(9)
        add_discharge(canvas, 4.0, sharp=True)
        spans.append(canvas.planted[0].event)
    assert max(e.onset for e in spans) - min(e.onset for e in spans) < 0.012
    assert max(e.duration for e in spans) - min(e.duration for e in spans) < 0.02


def test_a_quarter_of_a_mixed_set_holds_nothing_that_could_be_called():
    found = [made.truth.category for made in mixed_segments(200, 1)]
    assert 0.18 <= sum(c == "normal" for c in found) / 200 <= 0.32
    assert set(CATEGORIES) <= set(found)
    quiet = [made for made in mixed_segments(60, 1) if made.truth.category == "normal"]
    assert not {event.label for made in quiet for event in made.events} & {
        *EPILEPTIFORM,
        "spindle",
        "LPD",
        "seizure",
    }


def test_events_are_spread_over_the_strata():
    found = [
        p.stratum for c in ("spikes", "spindles", "sharp_waves") for s in range(40)
        for p in simulate_segment(c, s).truth.planted if p.event.label in ("spike", "sharp", "spindle")
    ]  # fmt: skip
    for name in ("easy", "medium", "hard"):
        assert found.count(name) / len(found) >= 0.12
    assert found.count("faint") / len(found) < 0.2


@pytest.mark.parametrize("kinds", [("alpha", "asymmetry"), ("posterior_rhythm", "asymmetry")])
def test_a_side_is_attenuated_before_anything_is_marked_on_it(kinds):
    truth = make(kinds, duration=20, seed=2).truth
    assert truth.background.asymmetry == 0.45
    if "posterior_rhythm" in kinds:
        assert truth.background.posterior[0].left_over_right == pytest.approx(0.45, abs=0.15)
    for seed in range(6):
        made = simulate_segment("spatial_asymmetry", seed, accompanied=False, montage="average")
        sides = made.segment.data[[TEN_TWENTY.index(c) for c in ("C3", "P3", "O1", "C4", "P4", "O2")]].std(
            axis=1
        )
        ratio = sides[:3].mean() / sides[3:].mean()
        assert (ratio < 0.85) == (made.truth.background.asymmetry < 1)
        assert (ratio > 1.18) == (made.truth.background.asymmetry > 1)


def test_nothing_can_be_marked_before_a_side_is_attenuated():
    from models.eyes import add_blink
    from models.rhythms import attenuate

    canvas = quiet_canvas(1)
    add_blink(canvas, 1.0)
    with pytest.raises(ValueError, match="before"):
        attenuate(canvas, "left", 0.5)
