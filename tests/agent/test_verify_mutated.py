"""What is changed in a true answer must be caught: numbers, units, times, places, sides, names, negations."""

import logging
import re
from collections import Counter

import pytest

from agent.lexicon import NUMBER_WORDS
from agent.tracing import check
from tests.agent.test_verify_true import true_sentences
from tests.agent.true_facts import established

LOG = logging.getLogger(__name__)
"""The share caught and what slips through; shown by ``pytest --log-cli-level=INFO``."""
NUMBER = re.compile(
    r"(?<![A-Za-z\d.\[-])(\d+(?:\.\d+)?)(?![\d.]*\]|\w*-\d)(?=\s?(?:Hz|µV|uV|s\b|ms|%|–|microvolts|hertz|seconds|percent))"
)
UNITS = (("Hz", "µV"), (" µV", " mV"), (" s ", " ms "), ("µV²", "µV"), ("%", "Hz"), (" ms", " s"))
LABELS = (("spindle", "K-complex"), ("spindle", "vertex wave"), ("slow wave", "K-complex"), ("blink", "spike"),
          ("slow wave", "spike-and-wave complex"), ("spindle", "seizure"), ("lateral", "right"))  # fmt: skip


ABSENT = (
    "No blinks were found.",
    "Blinks are absent.",
    "There were no eye blinks.",
    "Blinks: none.",
    "Blinks weren't seen.",
    "I did not find any blinks.",
    "Blinks were not observed.",
    "The first 30 s are free of blinks.",
    "Without any blinks, the first 30 s are clean.",
    "Neither blinks nor spikes were seen.",
    "No spikes were found.",
    "Spikes are absent.",
    "There are no epileptiform discharges.",
    "No seizures occurred.",
    "K-complexes were not found.",
    "No artifacts are present.",
    "Epileptiform activity was ruled out.",
    "No posterior rhythm is present.",
    "There is no sign of an arousal.",
    "No vertex waves are seen.",
)
"""Absence of what was found, or was never looked for."""
PRESENT = (
    "Spikes are present.",
    "A spike is seen at T3.",
    "Sharp waves are seen.",
    "K-complexes were found.",
    "Vertex waves occur.",
    "There is a seizure.",
    "Epileptiform discharges are present.",
    "Burst suppression is seen.",
    "Triphasic waves are seen.",
    "There is an arousal.",
    "Sawtooth waves are present.",
    "Generalized periodic discharges occur.",
    "Interictal epileptiform activity is visible.",
    "Slow eye movements occur.",
    "There is generalized slowing.",
    "Lambda waves are present.",
    "The patient is in N2.",
    "This is stage N3.",
    "The sleeper is awake.",
    "This is REM sleep.",
    "Electrode pops are seen.",
    "Status epilepticus cannot be missed: seizure activity is present.",
    "If you look closely, a seizure is visible.",
    "The findings suggest epilepsy.",
)
"""Presence of what was not found, or cannot be."""


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    return established(tmp_path_factory.mktemp("facts"))


def numbers_changed(sentence):
    """Every number of a unit, 30 % up and down and shifted by 7.3, at its own precision."""
    for match in NUMBER.finditer(sentence):
        digits = len(match[1].partition(".")[2])
        value = float(match[1])
        for wrong in (1.3 * value, 0.7 * value, value + 7.3):
            text = f"{wrong:.{digits}f}"
            if float(text) != value:
                yield "number", sentence[: match.start()] + text + sentence[match.end() :]


def units_changed(sentence):
    for right, wrong in UNITS:
        if right in sentence:
            yield "unit", sentence.replace(right, wrong, 1)


def labels_changed(sentence):
    for right, wrong in LABELS[:-1]:
        if right in sentence.lower():
            yield "label", re.sub(right, wrong, sentence, flags=re.IGNORECASE)


def written(n):
    """Mutants that are written out: counts, times, channels, sides, labels, negations, mixed-up sources."""
    a = n.spindles[0]
    k, m, j = len(n.spindles), len(n.slow), len(n.blinks)
    words = tuple(NUMBER_WORDS)
    for wrong in {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13} - {k}:
        yield "count", f"{wrong} sleep spindles were found."
        yield "count", f"I found {words[wrong]} spindles between 200 and 230 s."
    for wrong in {1, 2, 4, 6, 8, 9} - {m}:
        yield "count", f"There are {wrong} slow waves."
    for wrong in {2, 3, 7, 8, 10} - {j}:
        yield "count", f"**{wrong} blinks** occur in 0–30 s."
    for shift in (-9.1, -5.3, 2.9, 6.7, 31.3):
        yield "time", f"A spindle is seen at {a.onset + shift:.1f} s."
        yield "time", f"A blink is seen at {n.blinks[0].onset + shift + 40:.1f} s."
        yield "time", f"The wave at T3 peaks at {n.peak + shift:.2f} s."
        yield "time", f"A slow wave occurs around {n.slow[0].onset + shift / 2:.1f} s."
    for channel in ("T6", "C4", "F8", "Pz", "Fp2", "T5", "P4"):
        yield "channel", f"The posterior rhythm at {channel} is {n.pdr:.1f} Hz."
        yield (
            "channel",
            f"The wave at {channel} peaks at {n.peak:.2f} s and measures {n.wave_uv:.0f} µV peak-to-peak.",
        )
        yield "channel", f"{channel} measures {n.pp:.0f} µV peak-to-peak and {n.rms:.0f} µV RMS."
        yield "channel", f"Alpha power at {channel} is {n.alpha_o1:.1f} µV²."
    for channel in ("F9", "TP9", "A2", "AF3", "PO7"):
        yield "channel", f"A spindle is seen at {channel} at {a.onset:.1f} s."
    blink_places = {x for e in n.blinks for x in e.channels}
    for channel in [x for x in ("O1", "O2", "Pz", "P3", "T5", "T6") if x not in blink_places]:
        yield "channel", f"Blinks are seen at {channel}."
        yield "channel", f"The blink at {channel} starts at {n.blinks[0].onset:.1f} s."
    for side in ("left", "right"):
        yield "side", f"The spindles lie on the {side} side."
        yield "side", f"{side.capitalize()}-sided spindles are seen."
        yield "side", f"Blinks are confined to the {side} hemisphere."
        yield "side", f"Spikes arise from the {side} temporal region."
    yield (
        "side",
        f"The wave of {n.wave_uv:.0f} µV peaking at {n.peak:.2f} s lies in the right temporal region.",
    )
    yield "side", f"T4 ({n.t4:.0f} µV) is taller than T3 ({n.t3:.0f} µV)."
    yield "side", f"The right side leads by {n.t3t4:.0f} % at T3 and T4."
    yield "side", f"A right temporal wave peaks at {n.peak:.2f} s."
    for region in ("occipital", "parietal"):
        yield "side", f"Blinks are seen over the {region} region."
    yield "side", f"The posterior rhythm of {n.pdr:.1f} Hz is frontal."
    for what in ("sleep spindles", "slow waves"):
        yield "negation", f"No {what} were found in 200–230 s."
        yield "negation", f"There are no {what} between 200 and 230 s."
        yield "negation", f"{what.capitalize()} were not detected between 200 and 230 s."
        yield "negation", f"{what.capitalize()} are absent from 200 to 230 s."
        yield "negation", f"{what.capitalize()}: none in 200–230 s."
        yield "negation", f"{what.capitalize()} are present in 60–70 s."
        yield "negation", f"{what.capitalize()} were found between 60 and 70 s."
        yield "negation", f"{what.capitalize()} were not analysed."
    for line in ABSENT:
        yield "negation", line
    for line in PRESENT:
        yield "label", line


def mixed_up(n):
    """True numbers said of something else, and numbers of the recording that are wrong."""
    a, b, c = n.spindles[:3]
    yield "source", f"The posterior rhythm is {a.frequency_hz:.1f} Hz."
    yield "source", f"The spindles have a frequency of {n.pdr:.1f} Hz."
    yield "source", f"The posterior rhythm is {n.dom:.1f} Hz."
    yield "source", f"The blink has a frequency of {a.frequency_hz:.1f} Hz."
    yield "source", f"At {a.onset:.1f} s there is a spindle of {c.frequency_hz + 0.0:.1f} Hz."
    yield "source", f"The spindle at {a.onset:.1f} s has {b.amplitude.value_uv:.0f} µV peak-to-peak."
    yield "source", f"A spindle ({b.frequency_hz:.1f} Hz) begins at {a.onset:.1f} s."
    yield "source", f"A blink is seen at {a.onset:.1f} s."
    yield "source", f"A slow wave is seen at {b.onset:.1f} s."
    yield "source", f"A spindle is seen at {n.slow[0].onset:.1f} s."
    yield "source", f"O1 measures {n.rms:.0f} µV peak-to-peak."
    yield "source", f"O1 measures {n.pp:.0f} µV RMS."
    yield "source", f"O1 has {n.alpha_f3:.1f} µV² of alpha power, F3 {n.alpha_o1:.1f} µV²."
    yield "source", f"Delta power at O1 is {n.alpha_o1:.1f} µV²."
    yield "source", "A K-complex is a burst of 11–16 Hz [AASM-N9-77]."
    yield "source", "The page shows 100–110 s."
    yield "source", "The recording lasts 320 s."
    yield "source", "The recording has 21 EEG channels."
    yield "source", "The sampling rate is 256 Hz."
    yield "source", "The low cut is 70 Hz and the high cut 35 Hz."
    yield "source", "The patient is 45 years old."
    yield "source", "The recording starts at 23:15."


def mutants(n):
    seen = set(true_sentences(n))
    for sentence in true_sentences(n):
        if re.search(r"More than|\?|\[|10-20|filters|research", sentence):
            continue
        for change in (numbers_changed, units_changed, labels_changed):
            for kind, wrong in change(sentence):
                if wrong not in seen:
                    seen.add(wrong)
                    yield kind, wrong
    yield from written(n)
    yield from mixed_up(n)


def test_at_least_97_of_100_changed_answers_are_caught(known):
    total, slipped = Counter(), []
    for kind, wrong in mutants(known.n):
        total[kind] += 1
        if not check(wrong, known.ledger).unsupported:
            slipped.append((kind, wrong))
    missed = Counter(kind for kind, _ in slipped)
    for kind, count in total.items():
        LOG.info("%s: %d of %d caught", kind, count - missed[kind], count)
    for kind, wrong in slipped:
        LOG.info("slipped (%s): %s", kind, wrong)
    share = 1 - len(slipped) / total.total()
    LOG.info(
        "caught %d of %d changed answers (%.1f %%)", total.total() - len(slipped), total.total(), 100 * share
    )
    assert total.total() >= 300
    assert share >= 0.97
