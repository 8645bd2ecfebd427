"""Staging of an 8-hour night beside YASA's, for ``glossa bench``: same labels first, then the time of both."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.bench_cases import SEED, Case

HOURS, RATE = 8.0, 200.0
WITHOUT_YASA = "YASA is not installed here: pip install yasa==0.8.1 in this environment to compare"


def staging_cases(hours: float = HOURS) -> tuple[list[Case], str | None]:
    """Prepare the comparison on a simulated night of EEG, EOG and EMG at 200 Hz.

    Parameters
    ----------
    hours : float
        Length of the night.

    Returns
    -------
    cases : list of Case
        Empty where YASA cannot be imported.
    skipped : str or None
        Why there is none.
    """
    if find_spec("yasa") is None:
        return [], WITHOUT_YASA
    import mne

    yasa = import_module("yasa")  # has no types, and is not installed where types are checked

    from tools.staging_model import StagedNight, stage_night

    kinds = ["eeg", "eog", "emg"]
    eeg, eog, emg = night_channels(hours)
    raw = mne.io.RawArray(
        1e-6 * np.stack([eeg, eog, emg]), mne.create_info(kinds, RATE, kinds), verbose=False
    )

    def anchor() -> Any:
        return yasa.SleepStaging(raw, "eeg", eog_name="eog", emg_name="emg").predict()

    def ours() -> StagedNight:
        return stage_night(eeg, RATE, eog, emg)

    def agree() -> str:
        mine, theirs = ours(), anchor()
        stages = [{"WAKE": "W", "REM": "R"}.get(str(stage), str(stage)) for stage in theirs.hypno]
        equal = float(np.mean([a == b for a, b in zip(mine.stages, stages, strict=True)]))
        assert equal >= 0.995, f"only {100 * equal:.1f} % of the stages are equal"
        off = np.abs(mine.probabilities - theirs.proba[["WAKE", "N1", "N2", "N3", "REM"]].to_numpy())
        return (
            f"{100 * equal:.2f} % of {len(stages)} stages equal, probabilities differ by {np.median(off):.0e} "
            f"in the median and by {off.max():.3f} at most"
        )

    name = f"stages of a night, {hours:g} h of EEG, EOG and EMG"
    return [Case(name, 2, "YASA 0.8.1 SleepStaging + predict", anchor, ours, agree)], None


def night_channels(hours: float = HOURS) -> tuple[NDArray[np.float64], ...]:
    """Draw C3-M2, an eye and the chin of a night, in microvolts at 200 Hz, block by block."""
    from models.hypnogram import draw_hypnogram
    from models.night import night_blocks

    stages = draw_hypnogram(np.random.default_rng([SEED, 0]), hours)
    rows, parts = ["C3-M2", "E1-M2", "Chin"], []
    for block in night_blocks(stages, SEED, sfreq=RATE):
        parts.append(block.segment.pick(rows).data)
    return tuple(np.ascontiguousarray(row) for row in np.concatenate(parts, axis=1))
