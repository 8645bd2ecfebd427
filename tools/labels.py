"""The closed vocabulary: what may be marked in a recording, and every name users have for it.

Labels are the project's own; names of published systems and of everyday speech are accepted as
input and mapped. Channel names have their home here too, because one list serves every module.
"""

from __future__ import annotations

from functools import lru_cache

from tools.types import ToolError

EPILEPTIFORM = ("spike", "sharp", "spsw")
SLEEP = ("spindle", "kcomplex", "slow_wave", "vertex", "sawtooth", "rem", "sem", "arousal")
RHYTHM = ("alpha", "mu")
ARTIFACT = (
    "eyem", "eyer+", "eyer-", "hfnoise", "chewing", "ecg", "respiration", "sweat", "pop",
    "line_noise", "flat", "extreme", "bad_channel", "movement",
)  # fmt: skip
PATTERN = ("LPD", "GPD", "BIPD", "LRDA", "GRDA", "seizure", "burst_suppression")
STAGES = ("W", "N1", "N2", "N3", "R")
LABELS = EPILEPTIFORM + SLEEP + RHYTHM + ARTIFACT + PATTERN

GROUPS: dict[str, tuple[str, ...]] = {
    "epileptiform": EPILEPTIFORM,
    "sleep": SLEEP,
    "rhythm": RHYTHM,
    "artifact": ARTIFACT,
    "pattern": PATTERN,
}

SPOKEN: dict[str, str] = {
    "spike": "spike", "sharp": "sharp wave", "spsw": "spike-and-wave complex",
    "spindle": "sleep spindle", "kcomplex": "K-complex", "slow_wave": "slow wave",
    "vertex": "vertex wave", "sawtooth": "sawtooth wave", "rem": "rapid eye movement",
    "sem": "slow eye movement", "arousal": "arousal", "alpha": "alpha rhythm", "mu": "mu rhythm",
    "eyem": "blink", "eyer+": "lateral eye movement (positive)", "eyer-": "lateral eye movement (negative)",
    "hfnoise": "muscle or high-frequency artifact", "chewing": "chewing artifact",
    "ecg": "ECG artifact", "respiration": "respiration artifact", "sweat": "sweat artifact",
    "pop": "electrode pop", "line_noise": "line noise", "flat": "flat channel",
    "extreme": "out-of-range signal", "bad_channel": "bad channel", "movement": "movement artifact",
    "LPD": "lateralized periodic discharges", "GPD": "generalized periodic discharges",
    "BIPD": "bilateral independent periodic discharges",
    "LRDA": "lateralized rhythmic delta activity", "GRDA": "generalized rhythmic delta activity",
    "seizure": "electrographic seizure", "burst_suppression": "burst suppression",
}  # fmt: skip
"""Singular, as a sentence uses it."""

_SYNONYMS: dict[str, str] = {
    "sharp wave": "sharp", "sharp transient": "sharp", "spike wave": "spsw", "spike and wave": "spsw",
    "spike-wave": "spsw", "spike-and-wave": "spsw", "spike and slow wave": "spsw",
    "sharp and slow wave": "spsw", "spike-and-slow-wave": "spsw", "sharp-and-slow-wave": "spsw",
    "polyspike": "spike", "epileptic spike": "spike", "sleep spindle": "spindle", "sigma burst": "spindle",
    "k-complex": "kcomplex", "k complex": "kcomplex", "kc": "kcomplex", "slow wave": "slow_wave",
    "slow oscillation": "slow_wave", "delta wave": "slow_wave", "sw": "slow_wave",
    "vertex wave": "vertex", "vertex sharp wave": "vertex", "v wave": "vertex", "v-wave": "vertex",
    "sawtooth wave": "sawtooth", "saw-tooth wave": "sawtooth", "rapid eye movement": "rem", "rems": "rem",
    "slow eye movement": "sem", "slow rolling eye movement": "sem", "sems": "sem",
    "micro-arousal": "arousal", "microarousal": "arousal", "awakening": "arousal",
    "alpha rhythm": "alpha", "posterior dominant rhythm": "alpha", "pdr": "alpha",
    "posterior rhythm": "alpha", "mu rhythm": "mu", "wicket rhythm": "mu",
    "blink": "eyem", "eye blink": "eyem", "eyeblink": "eyem", "eog_v": "eyem", "eye movement": "eyem",
    "vertical eye movement": "eyem", "eog_right": "eyer+", "eog_left": "eyer-",
    "lateral eye movement": "eyer+", "lateral gaze": "eyer+", "saccade": "eyer+",
    "muscle": "hfnoise", "muscle artifact": "hfnoise", "emg": "hfnoise", "emg artifact": "hfnoise",
    "hfnnoise": "hfnoise", "high-frequency noise": "hfnoise", "high frequency noise": "hfnoise",
    "high-frequency artifact": "hfnoise",
    "myogenic": "hfnoise", "chew": "chewing", "chewing artifact": "chewing", "mastication": "chewing",
    "ekg": "ecg", "ecg artifact": "ecg", "heartbeat": "ecg", "cardiac": "ecg", "pulse": "ecg",
    "breathing": "respiration", "respiratory": "respiration", "sweating": "sweat", "perspiration": "sweat",
    "electrode pop": "pop", "electrode artifact": "pop", "line noise": "line_noise", "mains": "line_noise",
    "mains hum": "line_noise", "50 hz noise": "line_noise", "60 hz noise": "line_noise",
    "flat channel": "flat", "flatline": "flat", "disconnected": "flat", "low voltage channel": "flat",
    "nan_inf": "extreme", "severe_artifact": "extreme", "severe artifact": "extreme", "clipping": "extreme",
    "out of range": "extreme", "saturation": "extreme", "global_bad": "bad_channel",
    "bad channel": "bad_channel", "bad electrode": "bad_channel", "noisy channel": "bad_channel",
    "movement artifact": "movement", "motion": "movement", "body movement": "movement",
    "lateralized periodic discharge": "LPD", "lateralised periodic discharge": "LPD", "pled": "LPD",
    "generalized periodic discharge": "GPD", "generalised periodic discharge": "GPD", "gped": "GPD",
    "bilateral independent periodic discharge": "BIPD", "bipled": "BIPD",
    "lateralized rhythmic delta": "LRDA", "lateralised rhythmic delta": "LRDA",
    "lateralized rhythmic delta activity": "LRDA", "generalized rhythmic delta": "GRDA",
    "generalised rhythmic delta": "GRDA", "generalized rhythmic delta activity": "GRDA", "firda": "GRDA",
    "electrographic seizure": "seizure", "ictal": "seizure", "burst suppression": "burst_suppression",
    "burst-suppression": "burst_suppression",
}  # fmt: skip


def synonyms() -> dict[str, str]:
    """Every accepted name in lower case, with the label it stands for; labels stand for themselves."""
    spoken = {words.lower(): label for label, words in SPOKEN.items()}
    return {label.lower(): label for label in LABELS} | spoken | dict(_SYNONYMS)


def to_labels(names: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Translate names, synonyms, plurals and group names into labels.

    Parameters
    ----------
    names : str or sequence of str
        A comma-separated text or a list, such as ``"blinks, spindle"`` or ``["epileptiform"]``.

    Returns
    -------
    tuple of str
        Labels of the vocabulary, each once, in the order asked for.

    Raises
    ------
    ToolError
        If a name is not known; the choices list the vocabulary.
    """
    known = synonyms()
    parts = names.split(",") if isinstance(names, str) else list(names)
    found: dict[str, None] = {}
    for part in parts:
        key = " ".join(part.strip().lower().split())
        if not key:
            continue
        if key in GROUPS or key.rstrip("s") in GROUPS:
            found.update(dict.fromkeys(GROUPS[key if key in GROUPS else key.rstrip("s")]))
            continue
        label = known.get(key) or known.get(key.removesuffix("s")) or known.get(key.removesuffix("es"))
        if label is None:
            raise ToolError(
                "That label is not in the vocabulary; use one of the labels listed.",
                field="labels",
                choices=(*LABELS, *GROUPS),
            )
        found[label] = None
    return tuple(found)


# --- channel names -----------------------------------------------------------------------------

TEN_TWENTY = (
    "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T3", "C3", "Cz", "C4", "T4",
    "T5", "P3", "Pz", "P4", "T6", "O1", "O2",
)  # fmt: skip
"""The 19 electrodes of the 10-20 system in their classical names."""

NEW_TO_CLASSICAL = {"T7": "T3", "T8": "T4", "P7": "T5", "P8": "T6", "M1": "A1", "M2": "A2"}
"""The same places under the names of the 10-10 system; ears and mastoids differ by centimetres."""

REGIONS: dict[str, tuple[str, ...]] = {
    "frontopolar": ("Fp1", "Fp2"),
    "frontal": ("Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8"),
    "central": ("C3", "Cz", "C4"),
    "temporal": ("F7", "T3", "T5", "F8", "T4", "T6"),
    "anterior temporal": ("F7", "T3", "F8", "T4"),
    "posterior temporal": ("T5", "T6"),
    "parietal": ("P3", "Pz", "P4"),
    "occipital": ("O1", "O2"),
    "posterior": ("P3", "Pz", "P4", "O1", "O2", "T5", "T6"),
    "anterior": ("Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8"),
    "midline": ("Fz", "Cz", "Pz"),
    "left": ("Fp1", "F7", "F3", "T3", "C3", "T5", "P3", "O1"),
    "right": ("Fp2", "F8", "F4", "T4", "C4", "T6", "P4", "O2"),
}

HOMOLOGOUS = (
    ("Fp1", "Fp2"), ("F7", "F8"), ("F3", "F4"), ("T3", "T4"), ("C3", "C4"),
    ("T5", "T6"), ("P3", "P4"), ("O1", "O2"),
)  # fmt: skip
"""Mirror pairs, left first."""


@lru_cache(maxsize=1024)
def electrodes(channel: str) -> tuple[str, ...]:
    """Electrodes a channel name is made of: ``T3-C3`` gives both, ``C4-M1`` only C4.

    The number of a name that occurs twice, ``T4-T6 (2)``, is no part of an electrode.
    """
    reference = {"A1", "A2", "M1", "M2", "AV", "AVG", "REF", "LE", "CAR"}
    return tuple(
        part for part in channel.split(" (", maxsplit=1)[0].split("-") if part.upper() not in reference
    )


def side_of(channel: str) -> str:
    """Side of the head a channel lies on: ``left``, ``right`` or ``midline``, else ``unknown``."""
    sides = set()
    for electrode in electrodes(channel):
        digits = "".join(c for c in electrode if c.isdigit())
        if digits:
            sides.add("left" if int(digits) % 2 else "right")
        elif electrode.lower().endswith("z"):
            sides.add("midline")
    sides = sides - {"midline"} if len(sides) > 1 else sides
    return sides.pop() if len(sides) == 1 else ("midline" if sides else "unknown")


def mirror(channel: str) -> str:
    """Give the channel at the mirror place; a midline channel is its own mirror."""
    pairs = {a: b for left, right in HOMOLOGOUS for a, b in ((left, right), (right, left))}
    pairs |= {"A1": "A2", "A2": "A1"}
    return "-".join(pairs.get(part, part) for part in channel.split("-"))
