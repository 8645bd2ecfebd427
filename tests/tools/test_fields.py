"""Maps of typical sources, dipoles and phase reversals."""

import numpy as np
import pytest

from models.topography import directions as simulated_directions
from models.topography import field
from tools.fields import (
    directions,
    known_channels,
    map_correlation,
    neighbours,
    place,
    sources,
)
from tools.labels import TEN_TWENTY
from tools.montage import apply_montage
from tools.polarity import find_dipole, phase_reversals
from tools.types import Segment


def _map(name: str) -> np.ndarray:
    values = field(name, TEN_TWENTY)
    return 60 * (values - values.mean())


def test_electrodes_lie_where_the_simulator_puts_them():
    assert np.allclose(directions(TEN_TWENTY), simulated_directions(TEN_TWENTY), atol=1e-9)


@pytest.mark.parametrize(
    ("between", "ends"), [("FC3", ("F3", "C3")), ("C1", ("Cz", "C3")), ("PO4", ("P4", "O2"))]
)
def test_a_ten_ten_electrode_lies_between_its_ten_twenty_neighbours(between, ends):
    middle = np.sum(directions(ends), axis=0)
    assert np.allclose(place(between), middle / np.linalg.norm(middle), atol=0.12)


def test_new_names_stand_for_the_classical_places_and_others_have_none():
    assert place("T7") == place("T3")
    assert place("E17") is None
    assert place("ECG") is None


@pytest.mark.parametrize(
    ("source", "electrode"),
    [("left frontal spike", "F3"), ("right occipital spike", "O2"), ("left central spike", "C3"),
     ("left temporal spike", "F7+T3"), ("generalized spike", "Fz")],
)  # fmt: skip
def test_the_best_source_is_the_one_that_drew_the_map(source, electrode):
    known = sources(TEN_TWENTY)
    likeness, best = map_correlation(_map(source), known.fields)
    assert likeness > 0.98
    assert electrode in known.names[best]


def test_a_map_turned_over_fits_no_source():
    assert map_correlation(-_map("left frontal spike"), sources(TEN_TWENTY).fields)[0] < 0.7


def test_a_centrotemporal_spike_has_two_poles_and_a_frontal_one_has_not():
    dipole = find_dipole(TEN_TWENTY, _map("left centrotemporal spike"))
    assert dipole is not None
    assert "T3" in dipole.negative
    assert "F3" in dipole.positive
    assert find_dipole(TEN_TWENTY, _map("left frontal spike")) is None


def test_no_dipole_is_stated_from_few_or_bipolar_channels():
    assert find_dipole(("C3", "C4", "F3"), np.array([-50.0, 10.0, 40.0])) is None
    assert find_dipole(("Fp1-F3",) * 9, np.zeros(9)) is None


@pytest.mark.parametrize("montage", ["average", "longitudinal"])
def test_a_negative_spike_reverses_its_phase_at_its_electrode_in_any_montage(montage):
    values = _map("left central spike")
    segment = apply_montage(Segment(np.repeat(values[:, None], 3, axis=1), TEN_TWENTY, 100.0), montage)
    reversals = phase_reversals(segment.channels, segment.data[:, 0])
    assert reversals[0].electrode == "C3"
    assert reversals[0].polarity == "negative"
    turned = phase_reversals(segment.channels, -segment.data[:, 0])
    assert turned[0].electrode == "C3"
    assert turned[0].polarity == "positive"


def test_pairs_recorded_the_other_way_round_reverse_at_the_same_electrode():
    channels, values = ("T3-F7", "T3-T5", "T5-O1"), np.array([-30.0, -40.0, 5.0])
    found = phase_reversals(channels, values)
    assert [(r.electrode, r.polarity) for r in found] == [("T3", "negative")]


def test_a_maximum_at_the_end_of_a_chain_does_not_reverse():
    assert phase_reversals(("Fp1-F3", "F3-C3", "C3-P3"), np.array([-50.0, -20.0, -5.0])) == ()
    assert phase_reversals(("Fp1-F3", "F3-C3"), np.zeros(2)) == ()


def test_channels_of_one_kind_are_taken_and_each_place_once():
    assert known_channels(("Fp1", "F3", "F3-C3", "ECG", "M1", "T7")) == ("Fp1", "F3", "T7")
    assert known_channels(("T8-P8", "P8-T8", "FP1-F7")) == ("T8-P8", "FP1-F7")


def test_the_nearest_electrode_is_a_neighbour_even_where_there_are_few():
    near = neighbours(("F3", "O2", "C4", "O1"))
    assert np.array_equal(near, near.T)
    assert (near.sum(axis=1) >= 2).all()
