"""What options claim, in the many words that clinicians have for one finding."""

import pytest

from agent.understanding.claims_of_options import Claim, read_claims
from agent.understanding.phenomena import find_mentions, labels_of
from agent.understanding.text import Reading


def claims(text):
    """Read an option as the assistant does."""
    mentions = find_mentions(Reading(text))
    return read_claims(text, labels_of([m for m in mentions if not m.meaning.aspect]))


SAID = {
    "spike": (
        "Interictal spikes over the left temporal region", "Spikes with a maximum at T3", "Left temporal spiking",
        "A spike focus in the left temporal lobe", "Pointed epileptiform transients at T7",
        "Isolated spikes, T3 maximum",
        "Left-sided polyspikes", "Brief epileptic spikes, left mid-temporal",
        "Frequent spike discharges (left temporal)",
    ),
    "sharp": (
        "Sharp waves at F4", "Right frontal sharp waves", "Epileptiform sharp waves over the right frontal lobe",
        "Sharply contoured transients, right frontal", "Right fronto-central sharp discharges",
        "A sharp-wave focus on the right (F4)", "Steep transients from the right frontal area",
        "Interictal sharp transients, maximal at F4", "Repetitive sharp waves (right frontal)",
    ),
    "spsw": (
        "Spike-and-wave complexes at F3", "Left frontal spike-wave discharges",
        "Spike and slow wave complexes, left frontal",
        "Spikes followed by slow waves over the left frontal area", "Sharp-and-slow-wave complexes around F3",
        "Polyspike-wave from the left frontal region", "Focal S/W on the left",
        "Single spike waves, left frontal maximum",
    ),
    "spsw run": (
        "3 Hz generalized spike-and-wave", "A run of 3-per-second spike-wave complexes",
        "Generalised spike-wave paroxysm, 3.0 Hz",
        "Bilaterally synchronous spike-and-slow-wave discharge at 3/s", "Train of spike-wave complexes (3 c/s)",
        "Absence-type spike-wave at three per second", "Rhythmic generalized spike-waves at 3 Hz",
        "Spike-and-wave in bursts of three per second", "Generalized spike-wave at about 3 cps",
    ),
    "spindle": (
        "Sleep spindles", "A spindle of about 13 Hz", "Spindle bursts", "Sigma activity", "Waxing and waning spindles",
        "Central spindles of 13 Hz", "Spindling in N2", "A burst of 13 Hz sigma over the vertex",
        "Sleep spindle at 13 Hz",
    ),
    "kcomplex": (
        "K-complexes", "A K complex", "Large biphasic K-complexes", "K-complexes, maximal at Fz",
        "At least one K-complex",
        "Frontal K complex", "K-complexes as in N2", "Spontaneous K-complex",
    ),
    "drowsiness": (
        "Drowsiness", "Sleep onset", "Stage N1", "Transition to sleep with theta", "Slowing due to drowsiness",
        "Somnolence",
        "The patient is falling asleep", "Theta of drowsiness", "Sleepy patient with slower activity",
        "Hypnagogic theta",
        "Reduced vigilance", "Dozing off",
    ),
    "deep sleep": (
        "Slow-wave sleep", "Deep sleep with delta waves", "High-amplitude delta of N3", "Slow waves of deep sleep",
        "Sleep stage N3", "Delta sleep", "Stage 3 sleep", "High-voltage slow waves of stage N3", "Deep NREM sleep",
    ),
    "alpha": (
        "Alpha rhythm of 9.5 Hz", "Posterior alpha at 9.5 Hz", "Posterior dominant rhythm at 9.5 Hz",
        "Occipital alpha, 9.5 Hz",
        "A background rhythm of 9.5 Hz over the posterior head", "9.5 Hz posterior rhythm",
        "Occipital rhythm of 9.5 per second",
        "PDR 9.5 Hz", "Well-formed alpha rhythm, 9.5 Hz", "Parieto-occipital rhythm at 9.5 Hz", "Basic rhythm 9.5/s",
    ),
    "variation": (
        "The background changes: delta appears", "Alpha gives way to delta", "Delta sets in midway through the page",
        "Background switches to delta", "Sudden onset of delta", "The second half shows delta",
        "Delta begins within the segment",
        "Background that is not constant; delta emerges", "Temporal variation with delta",
        "A transition of the background to delta",
        "Abrupt change to delta", "Delta starts in the middle of the clip", "Delta replacing the earlier rhythm",
    ),
    "asymmetry": (
        "Lower amplitude over the left hemisphere", "Amplitude asymmetry, lower on the left",
        "Attenuated background on the left",
        "Left-sided attenuation of the background", "Asymmetry with the left side smaller",
        "Background depressed over the left hemisphere",
        "Left-sided voltage reduction", "Right amplitudes higher than left",
        "Interhemispheric asymmetry: left lower than right",
        "The left hemisphere is flatter", "Voltages suppressed on the left", "Decreased amplitude, left hemisphere",
        "Activity on the left smaller than on the right",
    ),
    "generalized slowing": (
        "Generalized delta slowing", "Diffuse delta", "Diffuse slowing (delta)", "Widespread delta activity",
        "Bilateral delta slowing",
        "Background slowing in the delta range", "Generalised slow activity, delta", "Encephalopathic delta",
        "Delta over the whole head",
        "Global slowing with delta",
    ),
    "focal slowing": (
        "Focal theta slowing on the right", "Right-sided theta", "Right temporal theta slowing",
        "Slow focus (theta) on the right",
        "Localized theta over the right hemisphere", "Focal slow activity, right, theta",
        "Right hemispheric theta slowing",
        "Regional theta slowing, right", "Theta focus in the right temporal region", "Unilateral theta, right",
    ),
    "fast": (
        "Excessive beta activity", "Increased fast activity", "Prominent beta", "Diffuse beta excess",
        "Drug-induced fast activity",
        "Excess fast activity", "Abundant beta rhythms", "Medication effect with beta",
        "Generalized fast rhythm (beta)",
        "Benzodiazepine-like beta", "Widespread fast frequencies",
    ),
    "low voltage": (
        "Low-voltage EEG", "Low voltage background", "Generally low amplitude", "Diffusely attenuated background",
        "Reduced voltage everywhere", "A flat, low-voltage record", "Low amplitude throughout", "Voltage below 20 µV",
        "Very small amplitudes in all channels", "Flattened EEG", "Generalized attenuation",
    ),
    "blink": (
        "Eye blinks", "Blink artifacts", "Eyelid artifact", "Frontopolar blink potentials",
        "Blinks at Fp1 and Fp2", "Repeated blinking",
        "Vertical eye movements", "Lid movements", "Eye-blink artifact in the frontal leads",
    ),
    "gaze": (
        "Gaze to the right", "Saccade to the right", "Lateral eye movements to the right",
        "Horizontal eye movements to the right",
        "The eyes move to the right", "Rightward gaze", "Looking to the right", "Rightward saccades",
        "Eye movements toward the right side",
    ),
    "movement": (
        "Movement artifact", "Head movement", "Body movements", "Gross motion artifact", "The patient moves",
        "Restlessness",
        "Artifacts due to patient movement", "Movement-related deflections", "Motion of the head",
    ),
    "extreme": (
        "Saturated channels", "Amplifier saturation", "Clipped signal", "Signal out of range",
        "Values beyond the physiological range",
        "Extreme amplitudes", "Overloaded amplifier", "Clipping", "Channels off scale",
        "Signals exceeding the amplifier's range",
    ),
    "hfnoise": (
        "Muscle artifact", "EMG contamination", "Myogenic artifact", "High-frequency muscle activity",
        "Scalp muscle activity",
        "Electromyographic noise", "Tense facial muscles", "Muscle noise over the temporal leads",
        "High-frequency noise",
    ),
    "chewing": (
        "Chewing artifact", "Chewing", "Mastication", "Jaw movements", "Bursts of jaw muscle activity",
        "Rhythmic chewing bursts",
        "Teeth grinding", "The patient is chewing", "Biting", "Rhythmic muscle bursts from chewing",
    ),
}  # fmt: skip
"""Eight phrases and more for every finding."""
SIDES = {
    "spike": "left",
    "sharp": "right",
    "spsw": "left",
    "asymmetry": "left",
    "focal slowing": "right",
    "gaze": "right",
}
RATES = {"spsw run": 3.0, "alpha": 9.5}
BANDS = {"variation": "delta", "generalized slowing": "delta", "focal slowing": "theta"}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SAID.items() for text in texts])
def test_a_finding_is_read_in_every_wording_with_its_side_frequency_and_band(kind, text):
    read = claims(text)
    assert read, "nothing understood"
    assert read[0].kind == kind
    assert {c.kind for c in read} <= {kind, "epileptiform"}
    if kind in SIDES:
        assert read[0].side == SIDES[kind]
    if kind in RATES:
        assert read[0].hz == RATES[kind]
    if kind in BANDS:
        assert read[0].band in (BANDS[kind], None)
        assert read[0].band is not None or BANDS[kind] not in text.lower()


NORMAL = {
    "wake": (
        "Normal waking EEG", "Normal EEG of an awake adult", "Unremarkable wakefulness", "Nothing abnormal, awake",
        "Awake, without pathological findings", "Physiological waking record", "Normal, eyes open",
        "No abnormality; waking",
    ),
    "light": (
        "Normal light sleep", "Normal drowsiness", "Normal sleep, stage N2", "Unremarkable N1 or N2",
        "Nothing abnormal, light sleep",
        "Normal EEG in light sleep or REM", "Physiological REM sleep", "No pathological findings in drowsiness",
        "Normal non-deep sleep",
    ),
    "deep": (
        "Normal deep sleep", "Normal slow-wave sleep", "Unremarkable N3", "Nothing abnormal, deep sleep",
        "Physiological deep sleep",
        "No abnormality, stage N3", "Normal delta sleep", "Normal EEG of sleep stage 3",
    ),
    None: ("Normal EEG", "No abnormal findings", "Unremarkable recording", "Within normal limits"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("state", "text"), [(state, text) for state, texts in NORMAL.items() for text in texts]
)
def test_a_normal_option_is_read_with_its_state_and_nothing_else(state, text):
    assert claims(text) == (Claim("normal", state=state),)


@pytest.mark.parametrize("text", ["Abnormal EEG", "Pathological record", "Not normal"])
def test_an_abnormal_option_is_no_normal_one(text):
    assert all(claim.kind != "normal" for claim in claims(text))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Normal EEG without spikes or sharp waves", {"normal"}),
        ("No spikes", {"spike"}),
        ("Spikes and focal delta, both left temporal", {"spike", "focal slowing"}),
        ("Blinks and muscle artifact", {"blink", "hfnoise"}),
        ("K-complexes and spindles", {"kcomplex", "spindle"}),
        ("Left temporal spikes without slow waves", {"spike"}),
        ("Generalized periodic discharges at 1 Hz", {"GPD"}),
        ("Lateralized rhythmic delta activity on the left", {"LRDA"}),
        ("Burst suppression", {"burst_suppression"}),
        ("Slow waves", {"slow_wave"}),
        ("Vertex sharp waves", {"vertex"}),
        ("Slow rolling eye movements", {"sem"}),
        ("Rapid eye movements", {"rem"}),
        ("Bilateral frontal spike-and-wave complexes (Fz)", {"spsw"}),
        ("Typical absence pattern, 3/s", {"spsw run"}),
        ("Slow posterior rhythm of 7 Hz", {"alpha"}),
        ("Sleep: delta with high amplitude", {"deep sleep"}),
        ("Left temporal slow waves", {"focal slowing"}),
        ("Diffuse slow waves", {"generalized slowing"}),
        ("ECG artifact", {"ecg"}),
        ("50 Hz mains noise", {"line_noise"}),
    ],
)  # fmt: skip
def test_options_with_several_denied_or_further_findings(text, kinds):
    assert {claim.kind for claim in claims(text)} == kinds


def test_what_is_denied_alone_is_kept_as_denied():
    assert [c.denied for c in claims("No spikes")] == [True]
    assert [c.denied for c in claims("Absence of K-complexes")] == [True]


def test_places_are_read_as_regions_and_electrodes():
    claim = claims("Left centrotemporal spikes, maximal at C3 and T7")[0]
    assert claim.regions == ("central", "temporal")
    assert claim.sites == ("C3", "T3")
    assert claims("Temporal variation of the background")[0].regions == ()


def test_numbers_are_read_in_all_units_and_as_ranges():
    assert claims("Alpha of 9–10 Hz")[0].hz == 9.5
    assert claims("Spike-wave, 3.5/s, generalized")[0].hz == 3.5
    assert claims("Posterior rhythm, nine per second")[0].hz == 9
    assert claims("Alpha, 10,5 Hz")[0].hz == 10.5


@pytest.mark.parametrize(
    "text", ["", "42", "...", "left", "Some of it", "Both A and B", "x" * 5000, "a " * 2000]
)
def test_what_says_nothing_claims_nothing(text):
    assert claims(text) == ()
