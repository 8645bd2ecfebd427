"""Numbers of answers on real recordings, measured again by a second program: MNE reads and filters, SciPy measures."""

import warnings

import mne
import numpy as np
import pytest
from scipy.signal import welch

pytestmark = [pytest.mark.real_data, pytest.mark.filterwarnings("ignore")]

BAND = (1.6, 30.0)


def read(path, start, seconds, *, notch=None, average=True, pick=None):
    """A span in microvolts, channels named as MNE names them, FIR-filtered with 10 s of context."""
    with warnings.catch_warnings(), mne.utils.use_log_level("ERROR"):
        warnings.simplefilter("ignore")
        raw = mne.io.read_raw_edf(path, preload=False)
        keep = [n for n in raw.ch_names if pick is None or pick(n)]
        raw.pick(keep)
        first, last = max(0.0, start - 10), min(raw.times[-1], start + seconds + 10)
        raw.crop(first, last).load_data()
        raw.filter(*BAND)
        if notch and notch < raw.info["sfreq"] / 2:
            raw.notch_filter(notch)
        data = 1e6 * raw.get_data()
    if average:
        data = data - data.mean(axis=0)
    sfreq = raw.info["sfreq"]
    at = round((start - first) * sfreq)
    return data[:, at : at + round(seconds * sfreq)], sfreq, raw.ch_names


def band_peak(data, sfreq, low, high):
    freqs, density = welch(data, sfreq, nperseg=round(4 * sfreq))
    inside = (freqs >= low) & (freqs <= high)
    return freqs[inside][np.argmax(np.median(density, axis=0)[inside])]


def height(data, sfreq):
    """Median over channels and seconds of the peak-to-peak."""
    n = round(sfreq)
    windows = data[:, : data.shape[1] // n * n].reshape(len(data), -1, n)
    return float(np.median(np.ptp(windows, axis=2)))


def evidence(answer, quantity):
    found = [e for f in answer.findings for e in f.evidence if getattr(e, "quantity", "") == quantity]
    assert found, f"no {quantity} in {answer.answer}"
    return found[0]


TEN_TWENTY = {"FP1", "FP2", "F7", "F3", "FZ", "F4", "F8", "T3", "C3", "CZ", "C4", "T4", "T5", "P3", "PZ", "P4",
              "T6", "O1", "O2"}  # fmt: skip


def is_scalp(name):
    core = name.upper().replace("EEG", "").strip().split("-")[0].strip()
    return core in TEN_TWENTY and "A2-A1" not in name.upper()


def test_discharge_clip_is_slow_and_tall_as_measured(real_data, talk):
    path = real_data / "iiic_sparcnet" / "GPD_sample1.edf"
    answer = talk(path, start=20).ask("What does this show?")
    data, sfreq, names = read(path, 20, 10, notch=60, pick=is_scalp)
    assert len(names) == 19
    assert evidence(answer, "dominant frequency").value == pytest.approx(
        band_peak(data, sfreq, 1.6, 30), abs=0.75
    )
    tall = evidence(answer, "background amplitude")
    assert tall.unit == "uV"
    assert tall.amplitude_kind == "pp"
    assert tall.value == pytest.approx(height(data, sfreq), rel=0.15)


def test_resting_alpha_is_the_alpha_that_welch_sees(real_data, talk):
    path = real_data / "eegmat" / "Subject00_1.edf"
    answer = talk(path, start=0).ask("How fast is the posterior rhythm?")
    data, sfreq, names = read(path, 0, 10, pick=is_scalp)
    back = [i for i, n in enumerate(names) if n.upper().split("-")[0].split()[-1] in {"O1", "O2"}]
    assert evidence(answer, "posterior rhythm frequency").value == pytest.approx(
        band_peak(data[back], sfreq, 6, 13), abs=0.5
    )


def test_bipolar_channel_height_is_that_of_the_file(real_data, talk):
    path = real_data / "chbmit" / "clips10s" / "chb01_18_preictal.edf"
    answer = talk(path, start=0).ask("Measure F7-T3 between 2 and 8 s")
    found = [e for f in answer.findings for e in f.evidence if getattr(e, "amplitude_kind", None) == "rms"]
    data, _, _ = read(path, 2, 6, average=False, pick=lambda n: n == "F7-T7")
    assert found[0].channels == ("F7-T3",)
    assert found[0].value == pytest.approx(data.std(), rel=0.25)  # the page's low cut is 0.5 Hz, not 1.6


def test_sleep_channel_band_shares_match_welch(real_data, talk):
    path = real_data / "dreams_spindles" / "excerpt1.edf"
    answer = talk(path, start=600, duration=30).ask("How much theta power is there at C3-A1?")
    with mne.utils.use_log_level("ERROR"):
        raw = mne.io.read_raw_edf(path, preload=False)
        data = 1e6 * raw.get_data(start=600 * 100, stop=630 * 100)[:1]
    freqs, density = welch(data, 100.0, nperseg=400)
    inside = (freqs >= 4) & (freqs < 8)
    theta = density[0, inside].sum() * (freqs[1] - freqs[0])
    assert evidence(answer, "theta power").value == pytest.approx(theta, rel=0.02)
