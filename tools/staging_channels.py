"""Which channels of a recording decide about sleep stages, and what stands in where one is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.labels import electrodes
from tools.sleep_inputs import _find_chin
from tools.types import Channel, Record, Recording

FRONTAL = ("F4", "F3", "FZ")
"""Not the frontopolar ones: there every blink is larger than a slow wave, unless it is cancelled by a pair."""
FRONTOPOLAR = ("FPZ", "AFZ", "FP2", "FP1")
CENTRAL = ("C4", "C3", "CZ")
POSTERIOR = ("O2", "O1", "OZ", "P4", "P3", "PZ", "T6", "T5")
_OPPOSITE = {"left": ("M2", "A2"), "right": ("M1", "A1"), "midline": ("M1", "A1", "M2", "A2")}
_LEFT_EYE = re.compile(r"\b(loc|e1|eog ?1|eogl)\b|left|^e1|^eog1", re.IGNORECASE)
_RIGHT_EYE = re.compile(r"\b(roc|e2|eog ?2|eogr)\b|right|^e2|^eog2", re.IGNORECASE)

Derivation = tuple[str, ...]
"""One channel, or two of which the second is subtracted; empty where there is none."""


class StagingChannels(Record):
    """The derivations by which a recording is staged."""

    frontal: Derivation = ()
    """Slow waves are measured here."""
    central: Derivation = ()
    """Spindles; also the one EEG that the model of whole nights sees."""
    posterior: Derivation = ()
    """Alpha rhythm."""
    eyes: Derivation = ()
    one_eye: Derivation = ()
    """The EOG that the model of whole nights sees."""
    chin: Derivation = ()
    notes: tuple[str, ...] = ()
    """Where a derivation is not the one that the rules ask for."""
    full_slow_waves: bool = False
    """Whether `frontal` is a frontal electrode to a mastoid or ear, where slow waves have their full height."""
    occipital: bool = False
    """Whether `posterior` lies at the back and is not a stand-in."""

    def words(self) -> dict[str, list[str]]:
        """By role, the names of the channels; empty where there is none."""
        roles = {"frontal": self.frontal, "central": self.central, "posterior": self.posterior,
                 "eyes": self.eyes, "chin": self.chin}  # fmt: skip
        return {role: list(derivation) for role, derivation in roles.items()}


def staging_channels(info: Recording) -> StagingChannels:
    """Choose the derivations of a recording.

    Parameters
    ----------
    info : Recording
        Channels that hold scoring are of a kind of their own and are never looked at.

    Returns
    -------
    StagingChannels
        Frontal, central and occipital EEG to the opposite mastoid or ear where they exist; else what comes
        nearest, with a note. Without any EEG channel the three are empty.

    References
    ----------
    Vallat & Walker (2021), eLife 10:e70092, https://doi.org/10.7554/eLife.70092: one central EEG, one EOG,
    one chin EMG.
    """
    notes: list[str] = []
    central = _derivation(info, CENTRAL)
    frontal = _derivation(info, FRONTAL) or _derivation(info, FRONTOPOLAR, pairs_only=True)
    posterior = _derivation(info, POSTERIOR)
    any_eeg = next(((c.name,) for c in info.channels if c.kind == "eeg"), ())
    stand_in = central or frontal or posterior or any_eeg
    if not frontal and stand_in:
        notes.append(f"no frontal channel; slow waves are measured at {' − '.join(stand_in)}")
    elif frontal and _bipolar(frontal):
        notes.append(f"{frontal[0]} is bipolar, which makes slow waves smaller than to a mastoid")
    if not posterior and stand_in:
        notes.append(f"no occipital channel; alpha is measured at {' − '.join(stand_in)}")
    eyes = _eyes(info)
    chin = tuple(_find_chin(info))
    if not eyes:
        notes.append("no EOG; eye movements were not seen")
    if not chin:
        notes.append("no chin EMG; muscle tone is unknown")
    return StagingChannels(
        frontal=frontal or stand_in,
        central=central or frontal or posterior or any_eeg,
        posterior=posterior or stand_in,
        eyes=eyes,
        one_eye=_one_eye(info, eyes),
        chin=chin,
        notes=tuple(notes),
        full_slow_waves=bool(frontal) and is_near(frontal[0], FRONTAL) and not _bipolar(frontal),
        occipital=bool(posterior),
    )


def is_near(channel: str, sites: Sequence[str]) -> bool:
    """Whether the first electrode of a channel is one of these sites, in any case."""
    parts = electrodes(channel)
    return bool(parts) and parts[0].upper() in sites


def _bipolar(derivation: Derivation) -> bool:
    return len(derivation) == 1 and len(electrodes(derivation[0])) > 1


def _derivation(info: Recording, sites: Sequence[str], *, pairs_only: bool = False) -> Derivation:
    """The best channel of the first site there is: to the opposite mastoid, to anything, last a pair."""
    for pairs in (True,) if pairs_only else (False, True):
        for site in sites:
            fitting = [
                c for c in info.channels
                if c.kind == "eeg" and is_near(c.name, (site,)) and (len(electrodes(c.name)) > 1) == pairs
            ]  # fmt: skip
            if fitting:
                return _referred(info, fitting)
    return ()


def _referred(info: Recording, fitting: Sequence[Channel]) -> Derivation:
    digits = re.search(r"\d+", electrodes(fitting[0].name)[0])
    side = "midline" if digits is None else ("left" if int(digits[0]) % 2 else "right")
    best = min(fitting, key=lambda c: _reference_rank(c.name, side))
    if "-" in best.name:
        return (best.name,)
    ears = [c.name for c in info.channels if c.name in _OPPOSITE[side] and c.sfreq == best.sfreq]
    return (best.name, ears[0]) if ears else (best.name,)


def _reference_rank(name: str, side: str) -> int:
    return 0 if name.endswith(tuple(f"-{ear}" for ear in _OPPOSITE[side])) else 1 + ("-" not in name)


def _eyes(info: Recording) -> Derivation:
    """Two EOG channels, which conjugate movements deflect in opposite directions, else the only one."""
    eog = [c for c in info.channels if c.kind == "eog" and "vert" not in c.name.lower()]
    eog = eog or [c for c in info.channels if c.kind == "eog"]
    left = next((c for c in eog if _LEFT_EYE.search(c.name)), None)
    right = next((c for c in eog if _RIGHT_EYE.search(c.name)), None)
    if left and right and left.name != right.name and left.sfreq == right.sfreq:
        return left.name, right.name
    return (eog[0].name,) if eog else ()


def _one_eye(info: Recording, eyes: Derivation) -> Derivation:
    """One eye against the other side's mastoid."""
    if not eyes or "-" in eyes[0]:
        return eyes[:1]
    sfreq = next(c.sfreq for c in info.channels if c.name == eyes[0])
    ears = [c.name for c in info.channels if c.name in ("M2", "A2") and c.sfreq == sfreq]
    return (eyes[0], ears[0]) if ears else eyes[:1]
