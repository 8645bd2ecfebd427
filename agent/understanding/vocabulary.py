"""Every phrase that names a waveform, an artifact, a pattern, a stage or a band, with its meaning."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from agent.intent import Aspect, Band, Stage
from tools.labels import ARTIFACT, EPILEPTIFORM, PATTERN, SLEEP, SPOKEN, synonyms

EYES = ("eyem", "eyer+", "eyer-")
PERIODIC = ("LPD", "GPD", "BIPD")
ABNORMAL = EPILEPTIFORM + PATTERN
QUALITY = ARTIFACT


class Meaning(NamedTuple):
    """What a phrase stands for."""

    labels: tuple[str, ...] = ()
    band: Band | None = None
    stage: Stage | None = None
    aspect: Aspect | None = None


_GROUPS: dict[tuple[str, ...], str] = {
    EPILEPTIFORM: (
        "epileptiform, epileptiform activity, epileptiform discharge, "
        "epileptiform abnormality, epileptiform potential, epileptiform feature, "
        "epileptiform transient, epileptiform wave, epileptiform waveform, epileptiform event, "
        "epileptiform pattern, epileptiform, ied, interictal, "
        "interictal discharge, interictal epileptiform discharge, interictal activity, "
        "inter ictal discharge, interictal epileptiform activity, "
        "epileptic, epileptic discharge, epileptic activity, epileptogenic, "
        "epileptogenic activity, epileptic wave, epileptic potential, "
        "epilepsy wave, "
        "epileptiform finding, epileptiform spike and sharp wave, epileptiform sign, "
        "epileptic focus, irritative zone, epilepsy related activity, spikes or sharps, "
        "epileptoform activity"
    ),
    SLEEP: (
        "sleep wave, sleep waveform, sleep graphoelement, graphoelement, sleep feature, "
        "sleep transient, sleep event, "
        "sleep pattern, sleep structure, physiological sleep wave, sleep potential, "
        "sleep element, sleep figure, sleep marker, microstructure"
    ),
    ARTIFACT: (
        "artifact, contamination, contaminated, polluted, noise, noisy, non cerebral activity, "
        "noncerebral activity, interference, technical problem, "
        "artifactual, non-cerebral, extracerebral, extracerebral activity, "
        "extracerebral potential, technical issue"
    ),
    PERIODIC: "periodic, periodic discharge, periodic pattern, pd, periodic epileptiform discharge, "
    "periodic complex, periodic activity, periodic sharp wave",
    ("LRDA", "GRDA"): (
        "rhythmic delta, rhythmic delta activity, rda, intermittent rhythmic delta, "
        "intermittent rhythmic delta activity, rhythmic slowing, rhythmic delta wave, "
        "rhythmic pattern"
    ),
    (*EPILEPTIFORM, *PERIODIC): "discharge",
    (*PERIODIC, "LRDA", "GRDA"): "periodic or rhythmic pattern, rhythmic or periodic pattern, "
    "rhythmic and periodic pattern, periodic and rhythmic pattern, rpp, "
    "critical care pattern",
    EYES: "eye movement, ocular artifact, eye artifact, eye movement artifact, eye activity, "
    "ocular movement, eog artifact, ocular activity, eye related artifact, ocular, "
    "ocular contamination",
    ("eyer+", "eyer-"): "lateral eye movement, lateral gaze, horizontal eye movement, saccade, gaze, "
    "gaze artifact, eyer, lateral rectus, lateral rectus spike, right gaze, left gaze",
    ("spike", "spsw"): "polyspike and wave, polyspike wave, poly spike and wave",
    (
        "spike",
        "sharp",
    ): "transient, spikes and sharp waves, spike and sharp wave, spikes and sharps, sharps and spikes, "
    "sharp and spike",
    (
        "bad_channel",
        "flat",
        "pop",
    ): "electrode problem, loose electrode, poor contact, bad contact, bad electrode contact, "
    "electrode contact, electrode fault, electrode issue, poor electrode contact, "
    "dead channel, faulty electrode",
    ("hfnoise", "chewing"): "myogenic artifact, jaw artifact, jaw clenching",
    ("kcomplex", "spindle"): "n2 feature, n2 waveform, n2 marker, n2 sign",
    ABNORMAL: "abnormality, pathology, pathological activity, pathological, abnormal finding, "
    "abnormal activity, abnormal discharge, abnormal pattern, abnormal wave, "
    "anything pathological",
}
"""Names of several labels at once."""

_MORE: dict[str, str] = {
    "spike": "wicket spike, epileptiform spike, poly spike, interictal spike, spiking, spikelet, "
    "rolandic spike, benign rolandic spike, centrotemporal spike, frontal spike",
    "sharp": "sharp, sharp activity, sharp contoured wave, sharply contoured wave, sharp component, "
    "sharp discharge, sharp deflection, epileptiform sharp wave",
    "spsw": "spike wave complex, spike and wave complex, spike wave discharge, "
    "spike and wave discharge, spike slow wave, spike and slow wave complex, "
    "spike slow wave complex, swd, sharp slow wave, sharp and slow wave complex, "
    "spikes and waves, spike and wave activity, sharp and wave",
    "spindle": "sigma spindle, spindling, sleep spindle activity, spindle burst, spindle activity, "
    "sleep spindle burst",
    "kcomplex": "k complexes, k wave, kcx, k cplx, k complexe",
    "slow_wave": "slow wave activity, delta wave, high amplitude slow wave, slow oscillation, "
    "slow waves of sleep, slow delta wave",
    "vertex": "vertex transient, vertex sharp transient, vertex sharp, v waves, vertex potential",
    "sawtooth": "saw tooth wave, sawtooth, saw tooth",
    "rem": "rapid eye movement, rems, rapid eye movements, fast eye movement",
    "sem": "slow eye movement, slow rolling eye movement, rolling eye movement, sem, "
    "slow lateral eye movement, slow rolling eye",
    "arousal": "cortical arousal, eeg arousal, micro arousal, sleep arousal, wake up, awakening, "
    "microarousal",
    "alpha": "dominant rhythm, posterior dominant rhythm, posterior basic rhythm, posterior alpha, "
    "posterior alpha rhythm, alpha wave, alpha burst, occipital rhythm, occipital alpha, "
    "berger rhythm, basic rhythm, posterior background rhythm, occipital dominant rhythm, "
    "pdr, background alpha",
    "mu": "mu activity, mu wave, rolandic rhythm, sensorimotor rhythm, arciform rhythm, "
    "wicket rhythm, central mu",
    "eyem": "blink, eye blink, eyeblink, blinking, blink artifact, eye blink artifact, "
    "vertical eye movement, eye closure, eye opening, bell phenomenon, eyelid artifact, "
    "eyelid movement, eyelid flutter, blink potential",
    "hfnoise": "muscle artifact, muscle activity, emg artifact, emg activity, emg contamination, "
    "muscle noise, myogenic activity, muscle contamination, high frequency artifact, "
    "high frequency activity, emg noise, muscle tension, high frequency noise, "
    "muscle potential, emg burst, electromyographic artifact, muscle interference, "
    "myogenic noise",
    "chewing": "chewing artifact, chewing movement, bruxism, teeth grinding, swallowing",
    "ecg": "ecg artifact, ekg artifact, cardiac artifact, heartbeat artifact, heart beat, "
    "pulse artifact, cardiac contamination, qrs, qrs artifact, heart artifact, heart rate, "
    "pulse wave, ecg contamination, cardioballistic artifact, heart rhythm",
    "respiration": "breathing artifact, respiratory artifact, respiration artifact",
    "sweat": "sweat artifact, sweating artifact, baseline drift, baseline wander, drift, "
    "slow drift, sweat sway, baseline sway, galvanic artifact",
    "pop": "electrode popping, popping, electrode artifact, electrode popping artifact",
    "line_noise": "power line noise, mains noise, mains interference, line interference, "
    "powerline noise, power line interference, mains artifact, 50 hz, 60 hz, 50 hz hum, "
    "60 hz hum, 50hz, 60hz, 50 hz artifact, 60 hz artifact, 50 hz interference, "
    "60 hz interference, hum, electrical interference, electrical noise, 50 cycle, "
    "60 cycle, 60 cycle artifact, ac interference, 50hz noise, 60hz noise, "
    "power line artifact, ac artifact, powerline interference, powerline, "
    "60 cycle interference, 60 cycle noise, 50 cycle noise",
    "flat": "flat line, flatlined, flat trace, isoelectric, flat electrode, flattened, "
    "dead electrode, low voltage lead",
    "extreme": "out of range signal, out of range value, extreme value, clipped, saturated, "
    "severe artifact, severe electrode artifact, extreme amplitude",
    "bad_channel": "bad lead, bad signal, noisy lead, noisy electrode, broken channel, poor channel, "
    "unusable channel, broken electrode, bad derivation, defective electrode, "
    "channels are bad, electrodes are bad, channel is bad, leads are bad, bad channels, "
    "i ignore, we ignore, be ignored, i exclude, we exclude, be excluded, leave out, unreliable, "
    "untrustworthy, not trust, distrust, discard",
    "movement": "movement, motion artifact, body movement, head movement, movement artifact, patting, "
    "patting artifact, patient movement, major body movement, moving",
    "LPD": "lateralized pd, periodic lateralized discharge, lateralized periodic pattern, "
    "periodic lateralized epileptiform discharge, pled, lpds, "
    "lateralized periodic activity, lateralized periodic epileptiform discharge, pleds",
    "GPD": "generalized pd, generalized periodic pattern, "
    "generalized periodic epileptiform discharge, triphasic wave, triphasic, gped, gpds, "
    "generalized periodic activity, triphasics, gpeds, periodic generalized discharge",
    "BIPD": "bilateral independent pd, bilateral independent lpd, bipled, bipds, bipleds, "
    "independent bilateral periodic discharge",
    "LRDA": "lateralized rda, tirda, temporal intermittent rhythmic delta, "
    "temporal intermittent rhythmic delta activity, lateralized rhythmic delta",
    "GRDA": "generalized rda, oirda, frontal intermittent rhythmic delta, "
    "frontal intermittent rhythmic delta activity, firda, generalized rhythmic delta, "
    "occipital intermittent rhythmic delta, occipital intermittent rhythmic delta activity",
    "seizure": "seizure, seizure activity, electrographic seizure activity, ictal activity, "
    "ictal pattern, ictal discharge, ictal event, status epilepticus, ncse, "
    "nonconvulsive seizure, non convulsive seizure, nonconvulsive status, ictal rhythm, "
    "fit, convulsion, seizing, status, absence seizure, seizure pattern, focal seizure, "
    "seizure focus, seizure discharge, ictal change, ictal evolution, subclinical seizure, "
    "seizure onset, ictal onset, non convulsive status, epileptic seizure, "
    "electrographic status, absence seizures, szs",
    "burst_suppression": "burst suppression pattern, bursts and suppression, suppression burst, "
    "suppressed background, burst suppressed, bursts suppression",
}

_STAGES: dict[Stage, str] = {
    "W": "wake, awake, wakefulness, stage w, stage wake, waking, wakeful",
    "N1": "n1, n 1, nrem1, nrem 1, stage 1, stage n1, stage n 1, stage i, s1 sleep, drowsy, "
    "drowsiness, drowsing, nrem stage 1, n1 sleep, non rem 1",
    "N2": "n2, n 2, nrem2, nrem 2, stage 2, stage n2, stage n 2, stage ii, nrem stage 2, n2 sleep, non rem 2",
    "N3": "n3, n 3, nrem3, nrem 3, stage 3, stage n3, stage n 3, stage iii, sws, "
    "slow wave sleep, deep sleep, delta sleep, nrem stage 3, n3 sleep, n4, nrem4, stage 4, "
    "non rem 3, deepest sleep",
    "R": "rem, rem sleep, stage r, stage rem, r sleep, paradoxical sleep, dream sleep, "
    "dreaming, rapid eye movement sleep",
}

_BANDS: dict[Band, str] = {
    "delta": "delta, delta activity, delta band, delta power, delta range, delta rhythm, "
    "delta frequency, polymorphic delta, polymorphic delta activity, focal delta, pda, "
    "delta slowing",
    "theta": "theta, theta activity, theta band, theta power, theta range, theta rhythm, "
    "theta wave, theta slowing, theta burst",
    "alpha": "alpha power, alpha band, alpha range, alpha amount, alpha peak, alpha percentage",
    "beta": "beta, beta activity, beta band, beta power, beta range, beta rhythm, beta wave, "
    "fast activity, excess beta, excessive beta, fast beta, beta frequency, fast rhythm",
    "gamma": "gamma, gamma activity, gamma band, gamma power, gamma range",
    "sigma": "sigma, sigma activity, sigma band, sigma power, sigma range",
}

_ASPECTS: dict[Aspect, str] = {
    "slowing": "slowing, slowed, background slowing, generalized slowing, diffuse slowing, "
    "focal slowing, slow activity, encephalopathy, slow background, focal slow activity, "
    "diffuse slow activity, slow focus, too slow",
    "reactivity": "reactivity, reactive, reacts, react to eye opening, alpha blocking, "
    "reactive to eye opening",
    "evolution": "evolution, evolve, evolves, evolving, change over time, changes over time, "
    "temporal variation, variability, stationary, fluctuate, vary over time, stable, "
    "stability, temporal evolution",
    "quality": "data quality, signal quality, recording quality, quality, technical quality, usable, "
    "readable, interpretable, clean, trust this signal, clean enough, "
    "technically adequate, good enough to read, too noisy, trustworthy",
    "normality": "normal, abnormal, anything abnormal, something abnormal, anything unusual, "
    "anything wrong, anything suspicious, suspicious, anything concerning, concerning, "
    "within normal limits, unremarkable, anything to worry about, nothing to worry about, "
    "anything remarkable, anything striking, out of the ordinary, physiological, "
    "anything worrying, worrisome, weird, anything odd, anything noteworthy, benign, "
    "alarming, normal limits, pathologic, anything bad, unusual",
    "stage": "score, scored, sleep score, sleep stage, sleep staging, stage of sleep, hypnogram, sleep efficiency, "
    "sleep latency, sleep onset, sleep architecture, asleep, sleeping, vigilance state, "
    "state of vigilance, rem latency, total sleep time, tst, waso, wake after sleep onset, "
    "sleep cycle, sleep period, sleep score, level of vigilance, sleep onset latency, "
    "vigilance, fall asleep, fell asleep, time in bed, arousal index, behavioral state, "
    "stage shift, staging, sleep or wake",
}


def _plurals(phrase: str) -> tuple[str, ...]:
    last = phrase.rsplit(" ", 1)[-1]
    if last.endswith(("s", "x", "ch")):
        return (phrase + "es",)
    return (phrase[:-1] + "ies",) if last.endswith("y") and len(last) > 3 else (phrase + "s",)


@lru_cache(maxsize=1)
def phrases() -> dict[str, tuple[Meaning, bool]]:
    """Every phrase in lower case without hyphens, with its meaning and whether it is a plural."""
    table: dict[str, tuple[Meaning, bool]] = {}

    def add(text: str, meaning: Meaning) -> None:
        for part in text.split(","):
            phrase = " ".join(re.findall(r"[a-z0-9]+", part.lower()))
            table[phrase] = (meaning, False)
            for plural in _plurals(phrase):
                table[plural] = (meaning, True)

    for name, label in synonyms().items():
        add(name.replace("+", "").replace("_", " "), _meaning(label))
    for label, spoken in SPOKEN.items():
        if "(" not in spoken:
            add(spoken, _meaning(label))
    for label, text in _MORE.items():
        add(text, _meaning(label))
    for labels, text in _GROUPS.items():
        add(text, Meaning(labels))
    for band, text in _BANDS.items():
        add(text, Meaning(band=band))
    for aspect, text in _ASPECTS.items():
        add(text, Meaning(_OF_ASPECT.get(aspect, ()), aspect=aspect))
    for stage, text in _STAGES.items():
        add(text, Meaning(stage=stage))
    for plural in ("rems", "rapid eye movements"):  # the waves, while "REM" alone is the stage
        table[plural] = (Meaning(("rem",)), True)
    for phrase in _NOT_ALONE:
        table.pop(phrase, None)
    return table


_NOT_ALONE = (
    "pulse",
    "stage is",
    "muscles",
    "fits",
    "n 1s",
    "statuses",
    "pd",
    "pds",
    "cleans",
    "kc",
    "sw",
    "extreme",
    "stable",
    "waking",
    "abnormals",
    "normals",
    "moving",
    "drifts",
    "emg",
    "emgs",
)
"""Words too common, or too ambiguous, to be read without company."""
_OF_ASPECT: dict[str, tuple[str, ...]] = {"normality": ABNORMAL, "quality": QUALITY}


def _meaning(label: str) -> Meaning:
    return Meaning((label,), "alpha" if label == "alpha" else None)


@lru_cache(maxsize=1)
def first_words() -> dict[str, int]:
    """The words that phrases begin with, and how many words the longest such phrase has."""
    longest: dict[str, int] = {}
    for phrase in phrases():
        words = phrase.split(" ")
        longest[words[0]] = max(longest.get(words[0], 0), len(words))
    return longest
