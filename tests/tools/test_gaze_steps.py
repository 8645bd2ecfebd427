"""Steps with the field of the eyes: what makes two of them a look aside, measured on signals that are known."""

import numpy as np
import pytest

from evals.known_truth import read_segments
from evals.scoring import Tally, tally
from models import topography
from models.frozen import tuning_segments
from tools.gaze_steps import best, looks, steps_of
from tools.labels import TEN_TWENTY

SFREQ, HOLD = 200.0, (0.33, 2.5)
FIELD = topography.field("gaze right", TEN_TWENTY)
FIELD = FIELD - FIELD.mean()


def level(*edges, size=60.0, length=4000):
    """A signal that stands at 0 and 1 by turns, in quick steps at these seconds."""
    t = np.arange(length) / SFREQ
    ramps = [np.clip((t - edge) / 0.05 + 0.5, 0, 1) * (-1) ** number for number, edge in enumerate(edges)]
    return size * np.sum(ramps, axis=0)


def head(wave, field=FIELD, noise=4.0, seed=0):
    rng = np.random.default_rng(seed)
    return noise * rng.normal(size=(len(field), len(wave))) + np.outer(field, wave)


def found(data, usual=FIELD, sfreq=SFREQ):
    steps = steps_of(data, usual, sfreq)
    return steps, best(looks(steps, usual, HOLD, 3.0, 0.45), steps.rate)


def seconds(steps, look):
    return steps.first + look.start / steps.rate, steps.first + look.stop / steps.rate


@pytest.mark.parametrize("step", [1, 2])
def test_a_step_out_and_a_step_back_are_one_look_at_their_times(step):
    data = head(level(8.0, 9.2))[:, ::step]
    steps, (look,) = found(data, sfreq=SFREQ / step)
    assert seconds(steps, look) == (pytest.approx(8.0, abs=0.03), pytest.approx(9.2, abs=0.03))
    assert look.rise[TEN_TWENTY.index("F8")] == pytest.approx(60 * FIELD.max(), rel=0.15)


def test_the_chance_does_not_depend_on_the_unit_of_the_signal():
    data = head(level(8.0, 9.2))
    chances = [found(data * factor)[1][0].chance for factor in (0.1, 1.0, 10.0)]
    assert chances == pytest.approx([chances[1]] * 3, abs=1e-3)


def test_the_order_of_channels_does_not_matter():
    data = head(level(8.0, 9.2))
    there, here = found(data)[1][0], found(data[::-1], FIELD[::-1])[1][0]
    assert here.chance == pytest.approx(there.chance, abs=1e-6)
    assert here.rise[::-1] == pytest.approx(there.rise)


def test_eyes_that_stay_aside_are_no_look():
    assert found(head(level(8.0)))[1] == []


def test_the_same_steps_in_another_field_are_no_look():
    other = np.where(np.array(TEN_TWENTY) == "F8", 1.0, 0.0)
    assert found(head(level(8.0, 9.2), other - other.mean()))[1] == []


def test_a_rhythm_of_boxes_is_less_likely_than_a_single_one():
    alone = found(head(level(8.0, 8.6)))[1][0].chance
    rhythm = steps_of(head(level(*np.arange(1.0, 19.0, 0.6))), FIELD, SFREQ)
    inside = [look for look in looks(rhythm, FIELD, HOLD, 1.0) if 6.0 < look.start / rhythm.rate < 12.0]
    assert inside
    assert max(look.chance for look in inside) < alone - 0.1


def test_two_looks_do_not_share_a_step():
    # Long enough apart to be a look as well: the way back of the first and the way out of the second.
    steps, chosen = found(head(level(6.0, 7.0, 8.0, 9.0)))
    assert [seconds(steps, look) for look in chosen] == [
        pytest.approx((6.0, 7.0), abs=0.03), pytest.approx((8.0, 9.0), abs=0.03)
    ]  # fmt: skip


def test_drifts_of_sweat_do_not_hide_a_look():
    drift = 150 * np.sin(2 * np.pi * 0.1 * np.arange(4000) / SFREQ)
    weights = np.random.default_rng(1).uniform(-1, 1, len(FIELD))
    data = head(level(8.0, 9.2)) + np.outer(weights - weights.mean(), drift)
    assert len(found(data)[1]) == 1


def test_signal_without_any_size_gives_numbers():
    steps = steps_of(np.zeros((19, 2000)), FIELD, SFREQ)
    assert np.isfinite(steps.field).all()
    assert looks(steps, FIELD, HOLD, 3.0) == []


def test_most_looks_of_the_simulator_are_found():
    total = Tally()
    made = tuning_segments(per_category=16, categories=("eye_artifact",))
    labels = ("eyer+", "eyer-")
    for read in read_segments(made, labels):
        total += tally(read.planted(labels), read.events(labels))
    assert total.hits >= 10
    assert total.f1 is not None
    assert total.f1 >= 0.85
