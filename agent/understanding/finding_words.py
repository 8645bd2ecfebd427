"""How findings are worded in the options of a multiple-choice question, beyond the names of the vocabulary."""

from __future__ import annotations

import re
from typing import NamedTuple


class Wording(NamedTuple):
    """A finding and the words that stand for it; the first of a list that fits takes its words away."""

    kind: str
    pattern: re.Pattern[str]


def _w(kind: str, *parts: str) -> Wording:
    return Wording(kind, re.compile("|".join(parts)))


_WAVE = (
    r"(?:waves?|transients?|discharges?|complex(?:es)?|potentials?|elements?|activity|deflections?|events?)"
)
_MUCH = r"(?:small|little|reduced|diminished|decreased|lowered|attenuated|depressed|suppressed|weak|poor)"
_EEG = (
    r"(?:eeg|recording|record|trac\w+|signals?|background|activity|voltages?|amplitudes?|cortical \w+|clip"
    r"|strip|page)"
)

WAVES: tuple[Wording, ...] = (
    _w("spsw", r"\bpoly ?spikes? (?:and |& )?(?:slow )?waves?\b", r"\bspikes? (?:and |& |plus |or )?(?:slow )?waves?\b",
       r"\bspikes? (?:and |& )?(?:slow )?wave\w*", r"\bsharp (?:and |& )slow waves?\b", r"\bs ?/ ?w\b", r"\bswd\b",
       r"\babsence (?:patterns?|discharges?|paroxysms?)\b",
       r"\b(?:spik\w+|sharp waves?)\b[^,;.]{0,40}\b(?:followed by|coupled (?:to|with)"
       r"|with (?:an? )?after ?(?:going )?)\W*"
       r"(?:an? |their )?(?:after ?going )?slow (?:waves?|components?)", r"\bspikes? (?:with"
       r"|and) (?:their )?after ?waves?\b"),
    _w("vertex", r"\bvertex (?:sharp )?(?:waves?|transients?)\b", r"\bv waves?\b"),
    _w("kcomplex", r"\bk ?complex\w*", r"\bkcs?\b"),
    _w("spindle", r"\bspindl\w*", r"\bsigma\b(?: (?:bursts?|activity|runs?|rhythm))?"),
    _w("sawtooth", r"\bsaw ?tooth\w*(?: waves?)?"),
    _w("rem", r"\brapid eye movements\b", r"\brems\b"),
    _w("sem", r"\b(?:slow|roving|rolling|pendular|drifting)(?:,? (?:slow|roving|rolling|lateral|horizontal|pendular))*"
       r" (?:eyes?|eyeballs?|ocular|gaze)(?: (?:movements?|rolling|motion|drifts?))?", r"\beyes? roll\w*(?: slowly)?",
       r"\brolling (?:of the )?eyes\b", r"\bsems?\b"),
    _w("chewing", r"\bchew\w*", r"\bmasticat\w*", r"\bbruxis\w*", r"\b(?:grind\w*|gnash\w*"
    r"|clench\w*)\b[^,;.]{0,15}\bteeth\b",
       r"\bteeth (?:grinding|clenching)\b", r"\bjaw\b(?: (?:movements?|muscles?|activity|artifacts?|clenching"
       r"|motion))?",
       r"\beating\b", r"\bbit(?:es?|ing)\b", r"\bmasseter\w*", r"\bmunch\w*", r"\bchomp\w*"),
    _w("blink", r"\b(?:eye ?)?blinks?\b", r"\b(?:eye ?)?blinking\b", r"\beye ?lids?\b(?: (?:movements?|closures?"
    r"|flutter\w*))?",
       r"\blids?\b", r"\bvertical (?:eye|ocular)(?: movements?)?", r"\beyes? (?:closures?|openings?)\b",
       r"\bbell'?s?\b(?: phenomen\w+)?", r"\bnictitat\w*", r"\bfluttering (?:of the )?(?:eyes|lids)\b"),
    _w("gaze", r"\bsaccad\w*", r"\bgaze\w*", r"\b(?:lateral|horizontal|sideways?|conjugate)(?: \w+)? (?:eye"
    r"|ocular|eyeball)(?: ?movements?)?",
       r"\b(?:eyes?|eyeballs?|ocular)\b(?: \w+)? (?:mov\w+|turn\w*|jump\w*|dart\w*|swing\w*|deviat\w*|look\w*"
       r"|shift\w*|flick\w*|deflect\w*)"
       r"\b(?=[^,;.]*\b(?:left|right|side\w*|lateral\w*|horizontal\w*)\b)", r"\blook(?:s|ing)?\b(?= \w*\s*(?:to"
       r"|toward)?\w*)",
       r"\bglanc\w*", r"\blateral rectus\b(?: \w+)?", r"\bsideways? looks?\b"),
    _w("eyes", r"\b(?:eye|ocular|eyeball)s? (?:movements?|artifacts?|activity|motion|potentials?)\b",
    r"\bocular\b", r"\beog\b"),
    _w("extreme", r"\b(?:to|at|on|against|hit\w*|into) the (?:power )?rails?\b", r"\brail(?:ed|ing|s)\b", r"\bsatur\w*",
       r"\bout of (?:the )?(?:\w+ )?range\b", r"\bclipp\w*", r"\boverload\w*", r"\bover ?rang\w*",
       r"\boverdriv\w*", r"\boff (?:the )?scale\b",
       r"\bover ?flow\w*", r"\bamplifiers?\b(?: (?:block\w*|limits?|range))?", r"\b(?:beyond|outside|exceed\w*"
       r"|above)\b[^,;.]{0,30}"
       r"\b(?:range|limits?|full scale|any eeg|physiolog\w+|plausib\w+)\b", r"\b(?:extreme|huge|implausibl\w"
       r"|impossibl\w+|unphysiolog\w+|gigantic|"
       r"enormous|massive|excessive(?:ly large)?)\b[^,;.]{0,20}\b(?:values?|amplitudes?|voltages?|excursions?"
       r"|deflections?|signals?|swings?)\b",
       r"\bmillivolts?\b", r"\b(?:channel|lead|electrode)s? block\w*", r"\bcut off at (?:the|its)\b[^,;.]{0,20}",
       r"\bmaxed out\b", r"\bimplausibl\w+\b",
       r"\bsevere (?:electrode )?artifacts?\b"),
    _w("line_noise", r"\b(?:mains|line|power ?line) (?:noise|hum|interference|artifacts?)\b",
    r"\b[56]0 ?hz\b[^,;.]{0,20}", r"\bmains\b", r"\bhum\b"),
    _w("hfnoise", r"\bmuscl\w*(?: (?:artifacts?|activity|tension|noise|potentials?))?", r"\bemg\b", r"\bmyogen\w*",
    r"\belectromyogra\w*",
       r"\bfrown\w*", r"\btemporalis\b", r"\bfrontalis\b", r"\b(?:scalp|face|facial|neck"
       r"|forehead)(?: \w+)? (?:tension|contraction\w*|activity)\b",
       r"\bhigh frequency (?:noise|artifacts?|contamination|interference)\b", r"\btens(?:e|ed|ing|ion)\b",
       r"\bgrimac\w*", r"\bcontract\w*\b"),
    _w("ecg", r"\be[ck]g\b", r"\bheart ?beats?\b", r"\bcardiac\b", r"\bqrs\b", r"\bpulse\b"),
    _w("sweat", r"\bsweat\w*", r"\bperspir\w*", r"\b(?:slow|baseline)(?: electrode)? (?:drifts?|wander\w*|sway\w*)\b"),
    _w("respiration", r"\brespirat\w*", r"\bbreath\w*"),
    _w("pop", r"\belectrode pop\w*", r"\bpops?\b", r"\bpopping\b"),
    _w("movement", r"\b(?:head|body|patient|limb|gross|subject|bodily|cable|lead)(?: (?:or|and) (?:head|body"
    r"|cable|lead|limb))?"
       r" (?:movements?|motions?|mov\w+|turn\w*|jerk\w*|shak\w+|sway\w*)\b", r"\b(?:movements?"
       r"|motions?)\b(?: (?:artifacts?|of the (?:head|body|patient)))?",
       r"\bmov(?:es|ing)\b", r"\brestless\w*", r"\bjerk\w*", r"\bshak(?:es|ing)\b", r"\bfidget\w*",
       r"\bshifts? (?:of )?(?:position|posture)\b",
       r"\bturns? (?:over|around|(?:his|her|the) head)\b", r"\bposition change\w*", r"\bpatting\b"),
    _w("flat", r"\bflat(?:line)?d? (?:channels?|electrodes?|leads?|traces?)\b", r"\b(?:dead"
    r"|disconnected) (?:channels?|electrodes?|leads?)\b", r"\bflat ?lin\w+"),
    _w("bad_channel", r"\b(?:bad|noisy|broken|defective|faulty|poor) (?:channels?|electrodes?|leads?|contacts?)\b"),
    _w("sharp", rf"\bsharp(?:ly)?(?: contoured)?(?: epileptiform| epileptic)? {_WAVE}\b", r"\bsharps\b",
    rf"\bsteep {_WAVE}\b",
       r"\bsharp(?:ly)? contoured\b", rf"\b(?:broad|blunt)\w* (?:based )?(?:epilept\w+ )?(?:spikes?|{_WAVE})\b"),
    _w("spike", r"\b(?:poly ?)?spik(?:es?|ing|elets?|y)\b", rf"\bpoint(?:ed|y) (?:epilept\w+ )?{_WAVE}\b",
    rf"\bneedle\w*(?: like)?(?: {_WAVE})?\b"),
    _w("epileptiform", rf"\b(?:inter ?ictal|epilept\w+|irritative|ieds?)\b(?:[^,;.]{{0,12}}\b{_WAVE}\b)?",
    r"\bepilepsy\b"),
)  # fmt: skip
"""Waves and artifacts, those with the more telling words first."""

NORMAL = re.compile(
    r"(?<!not )\bnormal\w*|\bunremarkable\b|\bphysiologic\w*\b(?! (?:range|limits?|values?|amplitud\w+))"
    r"|\bhealthy\b|\binconspicuous\b|\bordinary\b|\bage appropriate\b|\bwnl\b"
    r"|\b(?:no|nothing|without|free of|not|neither|lacks?|lacking|absence of"
    r"|devoid of)(?: \w+){0,3}? (?:patholog\w*|abnormal\w*|remarkable|unusual|"
    r"suspicious|striking|disease|wrong|findings?|to (?:report|find)|concern\w*|out of the ordinary|noteworthy"
    r"|worrying)"
    r"|\bas (?:it should be|expected)\b|\bregular (?:eeg|waking|sleep|recording)\b|\bbenign\b|\bclean bill\b"
)
ABNORMAL = re.compile(
    r"\babnormal\w*|\bpatholog\w*|\bnot normal\b|\b(?:below|above|beyond|under|than) (?:the )?normal\b"
)

LIGHT = re.compile(
    r"\bn1\b|\bn2\b|\brem\b|\bdrows\w*|\bdoz\w*|\bsleepy\b|\bsomnol\w*|\blight(?:er|est)?,? (?:\w+ )?sleep\b"
    r"|\bshallow\w*|\bsuperficial sleep\b"
    r"|\bstages? (?:1|2|i|ii)\b|\b(?:non|not) deep\w*|\blightly\b|\b(?:falling|half) asleep\b|\bsleep onset\b"
    r"|\bparadoxical sleep\b|\bdream\w*"
)
DEEP = re.compile(
    r"\bn3\b|\bn4\b|(?<!non )(?<!not )\bdeep(?:est|ly)?\b|\bslow wave sleep\b|\bsws\b|\bdelta sleep\b"
    r"|\bstages? (?:3|iii|4)\b|\bsound(?:ly)? asleep\b|\bsound sleep\b"
)
AWAKE = re.compile(
    r"\bwak(?:e|ing|efulness|eful)\b|\bawake\b|\balert\b|\beyes (?:open|closed)\b|\bvigilant\b|\bstage w\b"
    r"|\brelaxed\b|\brest(?:ing)?\b"
)
ASLEEP = re.compile(r"\b(?:a)?sleep(?:ing)?\b")
DROWSY = re.compile(
    r"\bdrows\w*|\bsomnol\w*|\bn1\b|\bstage (?:1|i)\b|\b(?:falling|fall(?:s)?|half|drifting off"
    r"|going) (?:to )?a?sleep\b|\bsleep onset\b|\bonset of sleep\b"
    r"|\bsleepi?(?:y|ness)\b|\bdoz\w*|\bnod(?:s|ding) off\b|\bhypn[ao]g\w*|\btransition (?:in)?to sleep\b"
    r"|\bwake to sleep\b"
    r"|\b(?:reduced|lowered|falling|decreas\w+|low|dropping|waning|declining) (?:vigilance|alertness"
    r"|arousal level|wakefulness)\b|\bdrifting (?:off|to\w*) \w*"
    r"|\btired\w*|\blight(?:est)? sleep\b|\bvigilance (?:drops?|falls?|declines?|fades)\b"
)

CHANGE = re.compile(
    r"\bchang(?:e|es|ed|ing)\b|\bvaria(?:ble|bility|tion)\b|\bvaries\b|\bunst(?:able|eady)\b|\binstab\w*"
    r"|\bnot (?:constant|stable|steady|uniform|stationary)\b"
    r"|\binconstant\b|\bfluctuat\w*|\bturn(?:s|ing)? (?:in)?to\b|\bgiv(?:es|ing) way\b|\bmak(?:es|ing) way\b"
    r"|\btransition\w*\b|\bswitch\w*|\babrupt\w*|\bsudden\w*"
    r"|\b(?:mid|half|part) ?way\b|\bfrom (?:some|one|a certain|a)(?: \w+)? (?:moment|point|time|instant|second)\b"
    r"|\b(?:later|second|latter|last) (?:half|part)\b"
    r"|\bat some (?:point|moment|time)\b|\b(?:in|within|during|in the middle of|in the course of"
    r"|over) the (?:clip|strip|segment|page|course|epoch|recording|record|stretch|middle)\b"
    r"|\bover time\b|\btime course\b|\bnon ?stationar\w*|\breplac(?:ed|es|ing)\b|\bsets? in\b|\bsetting in\b"
    r"|\bemerg\w*|\bstarts?\b|\bstarting\b|\bbegins?\b|\bbeginning\b"
    r"|\bonset\b|\b(?:comes|coming) (?:in|up|on)\b|\bappear\w*\b|\btemporal(?:ly)? (?:variation|variab\w+"
    r"|chang\w+|evolution|instab\w+|course)\b|\bevolv\w+|\bthen\b"
    r"|\bbecom(?:es|ing)\b|\bafter (?:some|a few) (?:seconds|time)\b|\bpart of the (?:clip|time|page|strip"
    r"|segment)\b|\bheterogen\w+ in time\b|\bstep of\b|\bcourse of the\b|\bno longer\b|\bslows? down\b"
    r"|\b(?:passes|passing|shift\w*|moves) (?:in)?to\b|\bbreak(?:s)? (?:off|down)\b|\bdissolv\w+"
)
ASYMMETRY = re.compile(
    r"\ba ?symmetr\w*|\b(?:side|hemispher\w+|inter ?hemispher\w+|left right|right left"
    r"|lateral)(?: \w+)? differen\w*|\bdifferen\w* (?:of|between)(?: the)?(?: two)? "
    r"(?:sides|hemispheres|halves|left)|\bunequal\b|\buneven\b|\bunbalanced\b|\bimbalance\b"
    r"|\bone sided(?:ly)? (?:attenuat|reduc|depress|suppress|loss|decreas|flatten|voltage)\w*"
)
LOWER = re.compile(
    r"\blow(?:er|ered|ering)?\b|\breduc\w*|\bsmaller\b|\bless(?:er|ened)?\b|\battenuat\w*|\bdepress\w*"
    r"|\bdiminish\w*|\bdecreas\w*|\bsuppress\w*|\bflatt\w*|\bdamp\w*"
    r"|\bweak\w*|\bpoor\w*|\bbelow\b|\bloss\b|\bdrop\w*|\bdiminution\b|\bshrunk\w*|\bshallower\b|\bfalls? short\b"
    r"|\bhalf (?:of )?(?:the|that|as)\b|\bminor\b|\blacks?\b|\blagging\b|\bdeficit\b|\bmissing\b"
)
HIGHER = re.compile(
    r"\bhigher\b|\blarger\b|\btaller\b|\bgreater\b|\bmore\b|\bbigger\b|\bstronger\b|\bincreas\w*|\baccentuat\w*"
    r"|\bexceed\w*|\babove\b|\bbreach\b|\benhanc\w*|\bdominat\w*|\bprevail\w*|\bprevalence\b"
)
HEIGHT = re.compile(
    r"\bamplitud\w*|\bvoltag\w*|\bmicrovolts?\b|\buv\b|\bµv\b|\bμv\b|\bheight\b|\b(?:background|activity|eeg"
    r"|rhythms?|signals?|hemisphere|side|everything|traces?|channels?)\b"
)
LOW_VOLTAGE = re.compile(
    r"\blow (?:\w+ )?(?:voltages?|amplitudes?)\b|\blow in (?:voltage|amplitude)\b|\b(?:voltages?"
    r"|amplitudes?)\b[^,;.]{0,40}\b(?:low\w*|small\w*|little|reduced|diminish\w+|decreas\w+"
    r"|attenuat\w+|depress\w+|below|under|poor|tiny|minimal|weak|far from)\b|\bhypo ?voltag\w*|\b(?:small|tiny"
    r"|little|minimal|reduced|scant\w*|scarce\w*|attenuated|depressed|diminished|poor|weak|decreased|insufficient) "
    r"(?:\w+ )?(?:voltages?|amplitudes?)\b|\b(?:below|under|less than|hardly|barely|scarcely) (?:\w+ )?\d+ ?(?:µv"
    r"|μv|uv|microvolts?)"
    rf"|\b(?:flat(?:tened)?|attenuated|suppressed|depressed|{_MUCH}) (?:\w+ )?{_EEG}\b"
    rf"|\b{_EEG} (?:is |are |that is |of )?(?:\w+ )?(?:flat(?:tened)?|attenuated|suppressed|depressed|tiny|low|weak)\b"
    r"|\b(?:general\w*|diffuse\w*|global\w*|overall|wide ?spread)(?: \w+)? (?:attenuation|suppression|depression"
    r"|flattening)\b|\b(?:attenuation|flattening|depression|suppression) (?:everywhere|throughout|of (?:all"
    r"|the (?:whole|entire|background)))"
    r"|\bbackground (?:suppression|attenuation|depression|flattening)\b"
    r"|\b(?:underpowered|voltage poor|isoelectric)\b"
)
FAST = re.compile(
    r"\bbeta\b|\b(?:fast|rapid|quick)\b[^,;.]{0,20}?\b(?:activit\w+|rhythms?|frequenc\w+|waves?|eeg|background"
    r"|components?|oscillations?)\b|\bfast\b(?! eye)"
    r"|\b(?:drug|medication|medicine|sedative|benzodiazepin|barbitur|pharmac)\w*"
)
ALPHA = re.compile(
    r"\balpha\b(?: (?:rhythm|activity|waves?))?|\b(?:posterior|occipital|basic|berger|back of the head|background"
    r"|parieto ?occipital)\b[^,;.]{0,25}?\brhythms?\b|\bpdr\b"
    r"|\b(?:dominant|idling|resting) (?:posterior |occipital |background )?(?:rhythms?|frequency|oscillations?)\b"
    r"|\brhythms? (?:at the back|over the (?:back|occip\w+|posterior))\b|\bberger\b"
)
DEEP_WAVES = re.compile(
    r"\bslow oscillat\w*|\bsleep (?:slow waves?|delta)\b|\b(?:slow waves?|delta)(?: \w+)? (?:of|in|during"
    r"|as in)(?: \w+){0,2} sleep\b|\b(?:high|tall|large|big|huge)(?:est)?(?: (?:amplitude"
    r"|voltage))?,? (?:\w+ )?(?:delta|slow waves?)\b"
)
SLOW = re.compile(r"\bslow\w*|\bdelta\b|\btheta\b|\bpolymorphic\b|\bencephalopath\w*")
WIDE = re.compile(
    r"\bgeneral\w*|\bdiffus\w*|\beverywhere\b|\bglobal\w*|\bwhole\b|\bentire\b|\bwide ?spread\b|\bbilateral\w*"
    r"|\ball (?:over|regions|channels|leads|electrodes|areas)\b"
    r"|\bboth (?:sides|hemispheres)\b|\bthroughout\b|\bbackground\b|\bencephalopath\w*|\bunlocali[sz]ed\b"
    r"|\bacross the (?:head|scalp)\b|\bnon ?focal\b"
)
NARROW = re.compile(
    r"(?<!non )\bfoc(?:al|us|i|ally)\b|\bregional\w*|\bcircumscri\w*|\blocal\w*|\bconfined\b|\brestricted\b"
    r"|\blimited\b|\blaterali[sz]ed\b|\bunilateral\w*|\bone (?:sided|hemisphere|side|region|area|spot)\b"
)
BURST = re.compile(
    r"\bgeneral\w*|\bbilateral\w*|\bbursts?\b|\bruns?\b|\btrains?\b|\bparoxysm\w*|\bseries\b|\bhz\b|\bhertz\b"
    r"|\bper second\b|\ba second\b|\bcycles\b|\bc/s\b|\bcps\b|\d ?/ ?s(?:ec)?\b|\babsence\b|\brhythmic\w*"
    r"|\bvolley\w*|\bsalv\w*|\bsynchronous\b"
)
DENIED = re.compile(
    r"\b(?:no|not|without|absence of|lack of|lacks|lacking|free of|neither|nor|never|absent"
    r"|devoid of)\b(?: [\w/]+){0,4} ?$"
)
DENIED_AFTER = re.compile(r"^ ?(?:\w+ )?(?:is |are )?(?:absent|missing|lacking|not (?:present|seen|found))\b")
