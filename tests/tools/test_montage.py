"""Montages: differences of electrodes, and which of them a recording allows."""

import numpy as np
import pytest

from tools.labels import TEN_TWENTY
from tools.montage import (
    MONTAGES,
    apply_montage,
    available_montages,
    channel_groups,
    default_montage,
    montage_name,
)
from tools.types import Channel, Recording, Segment, ToolError

CHB = (
    "Fp1-F7", "F7-T3", "T3-T5", "T5-O1", "Fp1-F3", "F3-C3", "C3-P3", "P3-O1", "Fp2-F4", "F4-C4", "C4-P4",
    "P4-O2", "Fp2-F8", "F8-T4", "T4-T6", "T6-O2", "Fz-Cz", "Cz-Pz", "T3-FT9", "FT9-FT10", "FT10-T4",
)  # fmt: skip


def head(channels=(*TEN_TWENTY, "A1", "A2", "ECG"), seed=0, samples=50) -> Segment:
    kinds = tuple({"A": "reference", "E": "ecg"}.get(name[0], "eeg") for name in channels)
    data = np.random.default_rng(seed).normal(0, 20, (len(channels), samples))
    return Segment(data, tuple(channels), 200.0, kinds=kinds)


def recording(channels, kinds=None) -> Recording:
    kinds = kinds or ["eeg"] * len(channels)
    return Recording(
        handle="x", format="EDF", duration=60,
        channels=tuple(
            Channel(name=n, original_name=n, kind=k, sfreq=200, unit="uV")
            for n, k in zip(channels, kinds, strict=True)
        ),
    )  # fmt: skip


def row(segment: Segment, name: str) -> np.ndarray:
    return segment.data[segment.channels.index(name)]


def test_longitudinal_pairs_are_differences_of_neighbours():
    raw = head()
    banana = apply_montage(raw, "double banana")
    assert len([c for c in banana.channels if "-" in c]) == 18
    assert np.allclose(row(banana, "T3-T5"), row(raw, "T3") - row(raw, "T5"))
    assert np.allclose(row(banana, "Cz-Pz"), row(raw, "Cz") - row(raw, "Pz"))
    assert banana.reference == "longitudinal"


def test_a_missing_electrode_takes_its_pairs_along():
    banana = apply_montage(head([c for c in TEN_TWENTY if c != "T3"]), "longitudinal")
    assert not any("T3" in name for name in banana.channels)
    assert len(banana.channels) == 16


def test_transverse_pairs_run_from_left_to_right_and_up():
    raw = head()
    across = apply_montage(raw, "transverse")
    assert len([c for c in across.channels if "-" in c]) == 18
    assert np.allclose(row(across, "O1-O2"), row(raw, "O1") - row(raw, "O2"))


def test_an_average_reference_sums_to_zero_over_the_good_channels():
    raw = head()
    raw.data[0] += 5000
    average = apply_montage(raw, "avg", bad=("Fp1", "no such channel"))
    good = [name for name in TEN_TWENTY if name != "Fp1"]
    assert np.allclose(average.pick(good).data.sum(axis=0), 0)
    assert np.allclose(row(average, "Fp1"), row(raw, "Fp1") - raw.pick(good).data.mean(axis=0))


def test_a_channel_with_missing_samples_does_not_enter_the_average():
    raw = head()
    raw.data[3, 10:20] = np.nan
    raw.data[5] = np.nan
    average = apply_montage(raw, "average")
    others = [name for name in TEN_TWENTY if name not in (TEN_TWENTY[3], TEN_TWENTY[5])]
    assert np.isfinite(average.pick(others).data).all()
    assert np.allclose(average.pick(others).data.sum(axis=0), 0)


def test_samples_missing_everywhere_stay_missing_everywhere_only_there():
    raw = head()
    raw.data[:, 10:20] = np.nan
    average = apply_montage(raw, "average")
    assert np.isnan(average.data[:19, 10:20]).all()
    assert np.isfinite(average.data[:19, 20:]).all()


def test_when_all_channels_are_bad_the_average_is_over_all():
    raw = head()
    assert np.allclose(apply_montage(raw, "average", bad=TEN_TWENTY).data[:19].sum(axis=0), 0)


def test_a_laplacian_sees_nothing_of_what_all_electrodes_share():
    raw = head()
    shifted = Segment(raw.data + 77, raw.channels, 200.0, kinds=raw.kinds)
    once, again = (apply_montage(s, "laplacian") for s in (raw, shifted))
    assert np.allclose(once.data[:19], again.data[:19])
    around = [row(raw, name) for name in ("F3", "T3", "Cz", "P3")]
    assert np.allclose(row(once, "C3"), row(raw, "C3") - np.mean(around, axis=0))


def test_a_bad_neighbour_stays_out_of_the_laplacian():
    raw = head()
    around = [row(raw, name) for name in ("F3", "T3", "P3")]
    laplacian = apply_montage(raw, "laplacian", bad=("Cz",))
    assert np.allclose(row(laplacian, "C3"), row(raw, "C3") - np.mean(around, axis=0))


def test_ears_are_those_of_the_same_side_and_mastoids_those_of_the_other():
    raw = head()
    ears, mastoids = apply_montage(raw, "ears"), apply_montage(raw, "mastoids")
    assert np.allclose(row(ears, "T3-A1"), row(raw, "T3") - row(raw, "A1"))
    assert np.allclose(row(ears, "Cz-LE"), row(raw, "Cz") - (row(raw, "A1") + row(raw, "A2")) / 2)
    assert np.allclose(row(mastoids, "C4-A1"), row(raw, "C4") - row(raw, "A1"))
    assert np.allclose(row(mastoids, "C3-A2"), row(raw, "C3") - row(raw, "A2"))


def test_the_vertex_montage_refers_to_cz():
    raw = head()
    vertex = apply_montage(raw, "cz")
    assert np.allclose(row(vertex, "O1-Cz"), row(raw, "O1") - row(raw, "Cz"))
    assert "Cz-Cz" not in vertex.channels


@pytest.mark.parametrize("montage", MONTAGES)
def test_what_is_not_eeg_passes_through_after_the_eeg(montage):
    raw = head(("ECG", *TEN_TWENTY, "A1", "A2"))
    shown = apply_montage(raw, montage)
    assert np.array_equal(row(shown, "ECG"), row(raw, "ECG"))
    if montage != "as_recorded":
        assert shown.kinds[0] == "eeg"
        assert shown.kinds[-1] != "eeg"


@pytest.mark.parametrize("montage", MONTAGES)
def test_the_order_in_the_file_does_not_matter(montage):
    raw = head()
    turned = Segment(raw.data[::-1], raw.channels[::-1], 200.0, kinds=raw.kinds[::-1])
    once, again = apply_montage(raw, montage), apply_montage(turned, montage)
    assert set(once.channels) == set(again.channels)
    assert np.allclose(once.data, again.pick(once.channels).data)


@pytest.mark.parametrize("montage", [m for m in MONTAGES if m != "as_recorded"])
def test_the_recording_reference_does_not_matter(montage):
    raw = head()
    moved = raw.data.copy()
    moved[:21] += np.random.default_rng(1).normal(0, 50, moved.shape[1])
    once = apply_montage(raw, montage)
    again = apply_montage(Segment(moved, raw.channels, 200.0, kinds=raw.kinds), montage)
    eeg = [c for c, k in zip(once.channels, once.kinds, strict=True) if k == "eeg"]
    assert np.allclose(once.pick(eeg).data, again.pick(eeg).data)


def test_a_bipolar_recording_stays_usable_and_says_what_it_allows():
    raw = head(CHB)
    assert apply_montage(raw, "as recorded") is raw
    assert len(apply_montage(raw, "longitudinal").channels) == 18
    with pytest.raises(ToolError, match="do not allow the average montage; use as_recorded or") as caught:
        apply_montage(raw, "average")
    assert caught.value.choices == ("as_recorded", "longitudinal")
    assert default_montage(recording(CHB)) == "as_recorded"


def test_a_pair_recorded_upside_down_is_turned():
    raw = head(["F7-Fp1", *CHB[1:]])
    assert np.allclose(row(apply_montage(raw, "longitudinal"), "Fp1-F7"), -row(raw, "F7-Fp1"))


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        (("C3-A1",), ("as_recorded",)),
        (("C3-M2", "C4-M1", "O1-M2", "O2-M1"), ("as_recorded",)),
        (("Fpz-Cz", "Pz-Oz"), ("as_recorded",)),
        (TEN_TWENTY, tuple(m for m in MONTAGES if m not in ("ears", "mastoids"))),
    ],
)
def test_the_electrodes_decide_which_montages_are_offered(channels, expected):
    assert available_montages(recording(channels)) == expected


def test_ears_are_offered_when_both_were_recorded():
    kinds = ["eeg"] * 19 + ["reference"] * 2
    assert available_montages(recording((*TEN_TWENTY, "M1", "M2"), kinds)) == MONTAGES
    assert available_montages(recording((*TEN_TWENTY, "M1", "A2-A1"), kinds)) != MONTAGES


def test_a_full_head_is_shown_against_its_average_and_a_few_channels_as_recorded():
    assert default_montage(recording(TEN_TWENTY)) == "average"
    assert default_montage(recording(("C3", "C4", "O1", "O2"))) == "as_recorded"


@pytest.mark.parametrize(
    ("text", "name"),
    [("Double Banana", "longitudinal"), ("bipolar", "longitudinal"), ("AVG", "average"), ("cz", "cz"),
     ("as recorded", "as_recorded"), ("transverse bipolar montage", "transverse"), ("linked ears", "ears")],
)  # fmt: skip
def test_everyday_names_are_understood(text, name):
    assert montage_name(text) == name


def test_an_unknown_montage_lists_the_known_ones():
    with pytest.raises(ToolError, match="No such montage") as caught:
        montage_name("apple")
    assert caught.value.field == "montage"
    assert caught.value.choices == MONTAGES


def test_longitudinal_is_drawn_in_groups_of_four_four_four_four_two():
    channels = apply_montage(head(), "longitudinal").channels
    groups = channel_groups(channels, "longitudinal")
    assert [len(g) for g in groups[:-1]] == [4, 4, 4, 4, 2]
    assert groups[0] == ("Fp1-F7", "F7-T3", "T3-T5", "T5-O1")
    assert groups[-1] == ("A1", "A2", "ECG")
    assert channel_groups(channels, "longitudinal", left_first=False)[0][0] == "Fp2-F8"


@pytest.mark.parametrize("left_first", [True, False])
@pytest.mark.parametrize("montage", MONTAGES)
def test_groups_hold_every_channel_once_in_the_order_of_the_segment(montage, left_first):
    channels = apply_montage(head(), montage, left_first=left_first).channels
    groups = channel_groups(channels, montage, left_first=left_first)
    flat = [name for group in groups for name in group]
    assert sorted(flat) == sorted(channels)
    if montage != "as_recorded":
        assert flat == list(channels)


def test_bipolar_channels_as_recorded_break_where_a_chain_ends():
    groups = channel_groups(CHB, "as_recorded")
    assert [len(g) for g in groups] == [4, 4, 4, 4, 2, 3]


def test_electrodes_beyond_the_ten_twenty_are_kept_and_sorted_by_side():
    channels = apply_montage(head((*TEN_TWENTY, "FC5", "FC6", "FCz")), "average").channels
    assert {"FC5", "FC6", "FCz"} < set(channels)
    groups = channel_groups(channels, "average")
    assert ("FC5",) in groups
