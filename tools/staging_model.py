"""Sleep stages of a night by YASA's published model, without YASA.

The features and the trees are those of YASA 0.8.1; the weights were converted once to plain arrays
(``models/convert_yasa.py``) and are checked against their hash whenever they are read.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import mend
from tools.staging_features import EPOCH, epoch_features, with_context
from tools.staging_signal import staging_signal
from tools.trees import Trees, class_probabilities, load_trees
from tools.types import ToolError

Array = NDArray[np.float64]

STAGES = ("W", "N1", "N2", "N3", "R")
VERSION = "YASA 0.8.1"
SHORTEST, LOWEST_RATE = 300.0, 80.0
"""Seconds and hertz below which the model is not asked."""
FLAT_UV = 0.05
"""Standard deviation within 0.4-30 Hz below which nothing was recorded: amplifiers alone make more noise."""
SHA256 = {
    "eeg": "08f25f121cf3f4b628405ae4f8f793cb7d858e471a8ee8fd6602335194383799",
    "eeg+demo": "881997d9a3c8dba6afdbe69a99020ac8ddd632b29bb8b103f3ff8b57a3d281be",
    "eeg+emg": "8759f5fbe7e3a0525637229d65f18bae151fe52e7e14b4e9e9e2b645a1c8930a",
    "eeg+emg+demo": "c60d284a6105c8270be508eacd99869430b0b729cf83729b5881634967946a07",
    "eeg+eog": "1d0a46f964ef80a73cfae8f5d03697faa4ef3426e3394c586b02ffaa22bc1997",
    "eeg+eog+demo": "165693f913a96d4ffa49e33e0d19f0a5dc67df61c6a1b6789f243ff99f4b3d91",
    "eeg+eog+emg": "80bf97118073b582a595c18c39bc21b5d92867293c735bc11717b91f270cc856",
    "eeg+eog+emg+demo": "53f0a000124ad5b3cec6bc5af689b0f811d489338686f7c11ef126f843e82c2f",
}
"""Of the weights of every model, by what it is given."""


class StagedNight(NamedTuple):
    """What the model says about every whole 30-s epoch."""

    stages: tuple[str, ...]
    """W, N1, N2, N3 or R."""
    probabilities: Array
    """Shape (epochs, 5), in the order W, N1, N2, N3, R."""
    method: str
    """The model and the kinds of channels it was given, as "YASA 0.8.1 eeg+eog+emg"; "+demo" with age and sex."""
    blind: tuple[int, ...] = ()
    """Epochs, counted from 0, in which a channel was flat or more than half missing: their stages are guesses."""


def stage_night(
    eeg: NDArray[np.float64],
    sfreq: float,
    eog: NDArray[np.float64] | None = None,
    emg: NDArray[np.float64] | None = None,
    *,
    age: float | None = None,
    male: bool | None = None,
) -> StagedNight:
    """Stage a night, or a stretch of at least 5 minutes.

    Parameters
    ----------
    eeg : ndarray, shape (samples,)
        Microvolts, neither filtered nor scaled; a central electrode against the opposite mastoid is best. Spans
        that are not finite are bridged by straight lines, see `StagedNight.blind`.
    sfreq : float
        Of all channels, 80 Hz or more.
    eog, emg : ndarray, shape (samples,), optional
        An eye against a mastoid, and the chin; microvolts, of the same length as the EEG.
    age : float, optional
        Years. Age and sex are used if both are known; the model has no variant for one alone.
    male : bool, optional
        Sex.

    Returns
    -------
    StagedNight
        One entry per whole epoch of 30 s; a rest at the end is left out.

    Raises
    ------
    ToolError
        If the recording is too short or too slow, a channel holds no signal or differs in length, or the age is
        not that of a person.

    Notes
    -----
    Departs from YASA: a channel without signal is refused, and an epoch without signal, for which YASA measures
    rounding noise, has undefined features; recordings below 5 min are refused, where YASA warns. The model was
    trained on nights: features are scaled by their course over the whole recording, so that naps and single
    stages come out worse.

    References
    ----------
    Vallat & Walker (2021), eLife 10:e70092, https://doi.org/10.7554/eLife.70092.
    """
    channels = _checked(eeg, eog, emg, sfreq)
    epochs = int(round(len(eeg) / sfreq * 100) // (100 * EPOCH))
    features: dict[str, Array] = {}
    blind = np.zeros(epochs, dtype=bool)
    for kind, signal in channels.items():
        mended, missing = mend(signal[None])
        found = epoch_features(staging_signal(mended[0], sfreq), kind)
        flat = found[f"{kind}_std"] < FLAT_UV
        if flat.all():
            raise ToolError(_NO_SIGNAL.format(kind.upper()), field=kind)
        features |= found
        blind |= flat | _mostly(missing[0], sfreq, epochs)
    table = with_context(features)
    name = "+".join(channels)
    if age is not None and male is not None:
        if not 0 < age < 120:
            raise ToolError(
                "The age has to lie between 0 and 120 years; leave it out if unknown.", field="age"
            )
        name += "+demo"
        table |= {"age": np.full(epochs, float(int(age))), "male": np.full(epochs, float(male))}
    trees = _model(name)
    with np.errstate(over="ignore"):
        columns = np.stack([table[feature] for feature in trees.features], axis=1).astype(np.float32)
    probabilities = class_probabilities(trees, columns)
    stages = tuple(STAGES[best] for best in probabilities.argmax(axis=1))
    return StagedNight(stages, probabilities, f"{VERSION} {name}", tuple(np.flatnonzero(blind).tolist()))


_NO_SIGNAL = "The {} channel holds no signal in microvolts; name one that does, or leave it out."


def _checked(
    eeg: NDArray[np.float64], eog: NDArray[np.float64] | None, emg: NDArray[np.float64] | None, sfreq: float
) -> dict[str, Array]:
    """Refuse what the model cannot be asked; give the channels by kind."""
    if not (np.isfinite(sfreq) and sfreq >= LOWEST_RATE):
        raise ToolError("The staging model needs 80 samples a second or more; "
                        "stage slower recordings by rules.", field="sfreq")  # fmt: skip
    given = {"eeg": eeg, "eog": eog, "emg": emg}
    channels = {kind: np.asarray(x, dtype=np.float64) for kind, x in given.items() if x is not None}
    for kind, signal in channels.items():
        if signal.ndim != 1:
            raise ToolError(f"The {kind.upper()} has to be one channel, a row of samples.", field=kind)
        if len(signal) != len(channels["eeg"]):
            raise ToolError(f"The {kind.upper()} has to be as long as the EEG, at the same rate.", field=kind)
        if not np.isfinite(signal).any():
            raise ToolError(_NO_SIGNAL.format(kind.upper()), field=kind)
    if len(channels["eeg"]) < SHORTEST * sfreq:
        raise ToolError("The staging model needs 5 minutes of recording or more; "
                        "stage shorter segments by rules.", field="duration")  # fmt: skip
    return channels


def _mostly(flags: NDArray[np.bool_], sfreq: float, epochs: int) -> NDArray[np.bool_]:
    """Whether more than half of the samples of an epoch are flagged."""
    if not flags.any():
        return np.zeros(epochs, dtype=bool)
    edges = np.round(np.arange(epochs + 1) * EPOCH * sfreq).astype(int).clip(max=len(flags))
    before = np.concatenate([[0], np.cumsum(flags)])[edges]
    return np.asarray(np.diff(before) > np.diff(edges) / 2)


@lru_cache
def _model(name: str) -> Trees:
    path = files("tools") / "weights" / f"yasa_{name.replace('+', '_')}.npz"
    return load_trees(Path(str(path)), SHA256[name])
