"""What a night holds between its waves: as loud as real sleep, and no stage is another by definition."""

from itertools import pairwise

import numpy as np
import pytest

from models.night import night_blocks
from models.night_background import RESTS, night_noise, rest_of
from models.subject import draw_subject, open_canvas

BANDS = ((0.5, 2), (2, 4), (4, 8), (8, 12), (12, 16), (16, 30))
REAL = {
    # RMS in µV at C3-A1 or Cz-A1, lowest and highest of four recordings of adults, widened by a third.
    "N2": ((5.5, 13), (3.7, 10.4), (2.6, 8.9), (1.5, 5.1), (1.2, 3.7), (0.8, 3.1)),
    "N1": ((2.8, 13), (1.5, 6.1), (2.2, 5.9), (1.6, 3.9), (1.0, 3.2), (1.2, 3.5)),
}
ADULT = next(
    s for s in (draw_subject(np.random.default_rng(n), 30.0) for n in range(99)) if s.loudness > 0.95
)


def c3_m2(stage, seconds=120, sfreq=100.0, subject=ADULT, seed=0):
    canvas = open_canvas(seconds, sfreq, np.random.default_rng(seed), subject)
    noise = night_noise(canvas, subject, stage, round(seconds * sfreq))
    return noise[8] - noise[20], sfreq  # C3 in the order of ten-twenty, and the right ear


def spectrum(x, sfreq):
    from scipy.signal import welch

    return welch(x, sfreq, nperseg=round(4 * sfreq))


def band_rms(x, sfreq):
    f, p = spectrum(x, sfreq)
    return [float(np.sqrt(p[(f >= a) & (f < b)].sum() * f[1])) for a, b in BANDS]


@pytest.mark.parametrize("stage", REAL)
def test_bands_are_as_loud_as_in_real_sleep(stage):
    for (low, high), found in zip(REAL[stage], band_rms(*c3_m2(stage)), strict=True):
        assert low <= found <= high


def slow_seconds(x, sfreq):
    """Time of waves of 0.5 to 2 Hz and more than 75 µV, from one fall through zero to the next."""
    from scipy.signal import butter, sosfiltfilt

    y = sosfiltfilt(butter(2, [0.3, 4], "bandpass", fs=sfreq, output="sos"), x)
    falls = np.flatnonzero((y[:-1] > 0) & (y[1:] <= 0))
    spans = [(b - a) / sfreq for a, b in pairwise(falls) if np.ptp(y[a:b]) > 75]
    return sum(s for s in spans if 0.5 <= s <= 2)


@pytest.mark.parametrize("stage", ["W", "N1", "N2", "R"])
def test_between_its_waves_no_stage_is_n3_by_definition(stage):
    x, sfreq = c3_m2(stage, seconds=300)
    assert slow_seconds(x, sfreq) < 0.02 * 300


def test_n2_and_n3_of_a_night_differ_by_their_slow_waves():
    shares = {"N2": [], "N3": []}
    for block in night_blocks(("N2",) * 6 + ("N3",) * 6, 300_021, sfreq=100.0):
        data = block.segment.pick(["F4-M1"]).data[0]
        shares[block.stage] += [slow_seconds(part, 100.0) / 30 for part in np.split(data, len(data) // 3000)]
    assert max(shares["N2"]) < 0.25  # K-complexes, which do not count for N3, are in it
    assert np.median(shares["N2"]) < 0.15
    assert np.median(shares["N3"]) > 0.3
    assert min(shares["N3"]) > 0.15


def test_spindle_activity_is_in_n2_and_n3_alone():
    for stage in RESTS:
        f, p = spectrum(*c3_m2(stage))
        inside, around = (f > 12) & (f < 15), ((f > 8) & (f < 10)) | ((f > 17) & (f < 20))
        rise = np.log10(p[inside].mean()) - np.log10(p[around]).mean()
        assert (rise > 0.15) == (stage in ("N2", "N3")), stage


def test_rms_is_what_the_truth_says_at_any_rate():
    for sfreq in (200.0, 500.0):
        canvas = open_canvas(60.0, sfreq, np.random.default_rng(1), ADULT)
        noise = night_noise(canvas, ADULT, "R", round(60 * sfreq))[:19]
        noise = noise - noise.mean(axis=0)
        sizes = [
            np.sqrt(p[(f >= 0.5) & (f < 70)].sum() * f[1]) for f, p in (spectrum(x, sfreq) for x in noise)
        ]
        assert np.median(sizes) == pytest.approx(rest_of(ADULT, "R").rms, rel=0.06)


def test_a_louder_person_is_louder_in_all_stages():
    louder = ADULT._replace(loudness=2 * ADULT.loudness)
    for stage in RESTS:
        assert c3_m2(stage, subject=louder)[0].std() == pytest.approx(2 * c3_m2(stage)[0].std())
