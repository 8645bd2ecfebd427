"""When an activity is there: the part of a stretch is found where there is one, and no part is made of swells."""

import numpy as np
import pytest

from tools.lasting import SETTINGS, LastingSettings, cut, part_of
from tools.types import Segment


def segment(data, sfreq=200.0, onset=0.0):
    names = ("O1", "O2", "P3", "P4")[: len(data)]
    return Segment(np.asarray(data, dtype=float), names, sfreq, onset=onset, reference="average")


def rhythm(start, stop, sfreq=200.0, seconds=10.0, channels=2, seed=1, hertz=10.0):
    """Noise with a rhythm between two seconds."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * sfreq)) / sfreq
    wave = 30 * np.sin(2 * np.pi * hertz * t) * ((t >= start) & (t < stop))
    return segment(rng.normal(0, 5, (channels, t.size)) + wave, sfreq)


@pytest.mark.parametrize("sfreq", [100.0, 200.0, 500.0])
@pytest.mark.parametrize(("start", "stop"), [(0.0, 4.3), (4.1, 10.0), (2.0, 7.0)])
def test_a_part_is_placed_to_half_a_second_at_any_rate(start, stop, sfreq):
    part = part_of(rhythm(start, stop, sfreq), 8, 12)
    assert part is not None
    assert part.onset == pytest.approx(start, abs=0.5)
    assert part.onset + part.duration == pytest.approx(stop, abs=0.5)


def test_times_are_those_of_the_recording_and_the_scale_does_not_matter():
    one = rhythm(4.0, 10.0)
    later = segment(1000 * one.data, onset=120.0)
    first, second = part_of(one, 8, 12), part_of(later, 8, 12)
    assert first is not None
    assert second is not None
    assert second.onset - first.onset == pytest.approx(120.0)


def test_what_lasts_throughout_or_is_not_there_has_no_part():
    assert part_of(rhythm(0.0, 10.0), 8, 12) is None
    assert part_of(rhythm(11.0, 12.0), 8, 12) is None


def test_a_rhythm_that_swells_and_fades_is_there_throughout():
    t = np.arange(2000) / 200.0
    swells = 20 * (1.1 + np.sin(2 * np.pi * 0.45 * t)) * np.sin(2 * np.pi * 10 * t)
    noise = np.random.default_rng(3).normal(0, 3, (2, t.size))
    assert (
        part_of(segment(swells + noise), 8, 12, LastingSettings(least=3.0, factor=8.0, at_an_edge=True))
        is None
    )


def test_a_part_in_the_middle_is_none_where_it_has_to_touch_an_edge():
    inside = rhythm(3.0, 6.0)
    assert part_of(inside, 8, 12) is not None
    found = part_of(inside, 8, 12, LastingSettings(least=3.0, at_an_edge=True))
    assert found is None or found.onset == 0.0 or found.onset + found.duration == pytest.approx(10.0)


def test_blanked_seconds_are_left_out_and_all_blank_gives_none():
    shown = rhythm(5.0, 10.0)
    data = shown.data.copy()
    data[:, 200:400] = np.nan
    part = part_of(segment(data), 8, 12)
    assert part is not None
    assert part.onset == pytest.approx(5.0, abs=0.5)
    assert part_of(segment(np.full((2, 2000), np.nan)), 8, 12) is None


def test_too_short_too_long_and_empty_stretches_have_no_part():
    assert part_of(rhythm(0.0, 1.0, seconds=3.0), 8, 12) is None
    assert part_of(rhythm(0.0, 30.0, seconds=SETTINGS.longest + 5), 8, 12) is None
    assert part_of(Segment(np.empty((0, 2000)), (), 200.0, reference="average"), 8, 12) is None
    assert part_of(segment(np.zeros((2, 2000))), 8, 12) is None


def test_a_cut_keeps_its_time():
    part = cut(rhythm(0, 10), 2.5, 3.0)
    assert part.onset == 2.5
    assert part.duration == pytest.approx(3.0)
