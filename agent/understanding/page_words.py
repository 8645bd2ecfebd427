"""Turns of phrase in which the page in view is asked about: a description, the state, sides, one event, normality."""

from __future__ import annotations

import re

from agent.understanding import cues


def _p(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts))


PAGE = (
    r"(?:page|eeg|clip|strip|traces?|tracings?|segment|stretch|samples?|excerpt|snippet|epoch|seconds|recording"
    r"|record|signals?|curves?|graphs?|plot|picture|image|panel|figure|display|section|window|screen|study|sheet"
    r"|printout|waveforms|activity|data)"
)
EXPERT = (
    r"(?:you|one|we|i|(?:an?|the|any|another)? ?(?:trained |careful |experienced |clinical |eeg "
    r"|board[- ]certified )*"
    r"(?:expert|reader|neurologist|(?:electro)?encephalographer|neurophysiologist|epileptologist|clinician|doctor"
    r"|physician|colleague|specialist|technologist|technician|interpreter|reviewer|consultant|report|caption))"
)
TELL = (
    r"(?:describe|dictate|caption|summari[sz]e|interpret|characteri[sz]e|report(?: on)?|read|write(?: up| down)?|note"
    r"(?: down)?|state|list|enumerate|itemi[sz]e|mention|outline|comment(?: on)?|review|assess|analy[sz]e|evaluate"
    r"|document|narrate|verbali[sz]e|depict|detail|sketch|explain|transcribe|record|set out|sum up|recap|tell(?: me)?"
    r"|give(?: me)?|go (?:over|through)|talk me through|walk me through|take me through|run through|put|draft|compose"
    r"|formulate|phrase|word|provide|produce|prepare|annotate|name|point out)"
)
REPORT = (
    r"(?:reports?|read(?:ing|out)?|impression|captions?|description|summary|overview|interpretation|findings"
    r"|observations?|write[- ]?up|account|narrative|assessment|characteri[sz]ation|features?|synopsis|appraisal"
    r"|conclusion|evaluation|notes?|comments?|abstract|analysis|opinion|thoughts|take)"
)
ALL = (
    r"(?:everything|anything|all|whatever|what|that which|the (?:main|key|relevant|salient|important|essential"
    r"|notable"
    r"|visible|chief)|(?:main|key|relevant|salient|important|notable|visible|noteworthy))"
)
AIM = (
    r"(?:can be |is |are |to be |you |we |one |i )?(?:see|seen|visible|notice[ds]?|observe[ds]?|relevan\w+|notable"
    r"|noteworthy|of note|matters?|stands? out|mention(?:ed)?|shown?|found|find|evident|apparent|there|detect\w*)"
)
LEAD = (
    r"^\W*(?:(?:please|kindly|now|briefly|in (?:your own words|short|brief|a few (?:words|sentences|lines))|could|can"
    r"|would|will|you|i would like|i want|i need|we need|let us|let me|have|hear|get|just|may|to|mind)\b\W*)*"
)

DESCRIPTION = _p(
    rf"\bwhat (?:\w+ )?(?:would|should|does|do|can|could|might|will|did) {EXPERT} (?:\w+ )?(?:note|see|say|write"
    rf"|observe"
    r"|notice|mention|make|dictate|conclude|report|put|find|describe|state|record|tell|document|remark|list"
    r"|comment)\b",
    rf"\bhow (?:would|should|do|does|can|could|might) {EXPERT} (?:\w+ )?(?:describe|report|read|put|word|phrase"
    rf"|summari[sz]e|caption|formulate|express|dictate|write)\b(?!.*\b(?:an?"
    rf"|in general) (?:{cues.CRITERIA_WORDS})\b)",
    rf"{LEAD}{TELL}\b(?: \w+){{0,5}}? ?\b(?:this|the|these|that|your|of|on|for|in|present|ten|current)\b"
    rf"(?:[\w-]* ){{0,4}}?[\w-]*\b{PAGE}\b",
    rf"{LEAD}{TELL}\b (?:\w+ ){{0,4}}?{ALL}\b(?: [\w-]+){{0,6}} ?\b{AIM}",
    rf"{LEAD}{TELL}\b (?:\w+ ){{0,3}}?{ALL}\b.*\b(?:findings|observations|features|aspects|elements|{PAGE})\b",
    rf"{LEAD}{TELL}\b (?:me )?(?:an?|your|the|a short|some)? ?(?:[\w-]+ ){{0,3}}?{REPORT}\b",
    rf"^\W*(?:your|the|an?|my|what is (?:your|the)|short|brief|quick|formal|full|detailed|concise|free[- ]text|eeg"
    rf"|clinical|first|overall|general|final|complete|one[- ]line|plain)?(?: [\w-]+){{0,2}} ?\b{REPORT}"
    rf"(?: (?:of|on|for|in|about) (?:this|the|these|what|ten|10|my|your) ?(?:[\w-]* ?){{0,4}}{PAGE}\b)?"
    r"(?:,? please| now)?\W*$",
    rf"\bwhat (?:are|is) (?:the |your )?(?:\w+ )?{REPORT}\b(?: (?:of|on|for|in|about)\b.*)?\W*$",
    rf"\bwhat (?:is there|have we got|do we have)\b(?: to (?:see|note|report|say|mention))?(?:.*\b{PAGE}\b|\W*$)",
    r"\bwhat (?:is|can be|is to be) (?:noted|reported|said|noticed|observed|remarked|recogni[sz]ed|read)\b",
    r"\bwhat (?:catches|strikes|meets|draws) (?:the|your) (?:eye|attention)\b",
    rf"\bwhat (?:is|lies|happens|goes on) (?:in|on|within) (?:this|the|these) (?:[\w-]+ )?{PAGE}\b",
    r"\binto words\b",
)
WHOLE = re.compile(r"\b(?:background|artifacts?|waveforms?|sleep waves?|discharges?|events?|transients|rhythms?|state|"
                    r"epileptiform \w+|graphoelements?|abnormalities|montage|quality|patterns?)\b")  # fmt: skip
LISTING = re.compile(rf"{LEAD}(?:{TELL})\b|\bdescri(?:be|ption)\b|\breport\b|\bsummar")
PARTICULAR = re.compile(
    r"\b(?:each|per|basis|grounds?|why|night|sleep (?:summary|report|statistics)|at which|how many|how often|count"
    r"|number of|amplitudes?|frequenc\w+|power|montage|filter"
    r"|annotations?|all (?:spikes|spindles|arousals)|times? of|seizure|stages?|rules?|boxes|onsets?|hypnogram)\b"
)

STATE = _p(
    r"\b(?:state|level|degree|stage) of (?:vigilance|arousal|alertness|wakefulness|consciousness|sleep|awareness)\b",
    r"\b(?:vigilance|alertness|behaviou?ral state|sleep[- ]wake (?:state|stage)|arousal (?:state|level)"
    r"|wakefulness level"
    r"|vigilance (?:level|stage)|consciousness)\b",
    r"\b(?:wake(?:fulness)?|awake|waking|alert) or (?:in )?(?:asleep|sleep\w*|drows\w*|n1|nrem)\b",
    r"\b(?:asleep|sleep(?:ing)?|drows\w*|drowsiness) or (?:awake|wake\w*|waking|alert)\b",
    r"\b(?:awake|alert|drows\w*|asleep|sleeping|wake)(?:,| or| ,)[^.?]*\b(?:asleep|sleeping|sleep|drows\w*|awake"
    r"|wake)\b",
    r"\b(?:what|which|name|tell|give)\b[^.?]{0,30}\bstate\b(?! of the art)[^.?]{0,40}\W*$",
    r"^\W*(?:the )?(?:patient's |subject's )?state(?: of the (?:patient|subject|brain|person))?\W*$",
    r"\b(?:in|of) (?:what|which) state\b",
    r"\b(?:is|was|are|does|do|has|did|seems?|looks?|appears?) (?:the |this |that |my |your )?(?:patient|subject"
    r"|person|she|he"
    r"|they|sleeper|participant|child|individual|man|woman)\b[^.?]{0,30}\b(?:awake|asleep|sleep(?:ing|y|s)?"
    r"|drows\w*|alert"
    r"|dozing|nodding|wakeful|waking)\b(?! (?:stages?|efficiency|latency|spindles?|apn))",
    r"\bhow (?:awake|sleepy|drowsy|alert|deep(?:ly)?|vigilant)\b",
    r"\b(?:which|what) (?:sleep )?stage (?:would|might|could|does|do)\b[^.?]*\b(?:fit|match|look|suggest|correspond"
    r"|be|suit)",
)
NOT_A_STATE = re.compile(
    r"\bscor(?:e|ed|ing)\b|\bhow (?:do|does|can|should|would) (?:i|we|one)\b|\bepochs? \d|\bnight\b|\blatency\b"
    r"|\bwhen\b"
    r"|\bhow (?:long|much|many|often)\b|\b(?:first|last|ever|during|while|per|why|spindles?|arousals|efficiency)\b"
    r"|\bsleep onset\b"
)

SIDE = _p(
    r"\b(?:which|what) (?:side|hemisphere|half)\b",
    r"\b(?:side|laterality|laterali[sz]\w*|sidedness)\b(?! (?:of the head |derivations?|channels?))",
    r"\bleft(?:[- ]sided)?(?: side| hemisphere)?,? or (?:is it |on the |the |over the )?right\b",
    r"\bright(?:[- ]sided)?(?: side| hemisphere)?,? or (?:is it |on the |the |over the )?left\b",
    r"\bleft-? ?(?:or|/|vs\.?) ?right\b",
    r"\b(?:one|which) (?:side|hemisphere|half)\b",
    r"\b(?:left|right)[ -]sided\b",
)
LOWER = _p(
    r"\b(?:flat(?:ter)?|lower|attenuat\w+|reduc\w+|depress\w+|suppress\w+|weak(?:er)?|smaller|diminish\w+|less(?:er)?"
    r"|decreas\w+|low(?:est)?|damp\w+|poor(?:er)?|asymmetr\w+|short(?:er)? of|voltage|amplitudes?)\b"
)
SLOW = re.compile(
    r"\bslow(?:ing|ed|er|est)?\b(?! eye)|\bdelta\b(?! brush)|\btheta\b|\bslow (?:activity|waves?|focus|focal)\b"
)
FOCAL = re.compile(
    r"\bfocal\b|\bfocus\b|\bregional\b|\bcircumscribed\b|\bslowing\b|\bslowed\b|\bslower\b|\bslow activity\b"
    r"|\blocali[sz]ed\b"
)
TOP = re.compile(
    r"\bmaxim\w*|\bpeak(?:s|ing)?\b|\bfoc(?:us|i)\b|\b(?:largest|biggest|tallest|highest|strongest|best|dominat\w*"
    r"|dominant|greatest|culminat\w*|most (?:prominent|pronounced|marked)|lead(?:s|ing)|steepest|clearest)\b"
    r"|\blocali[sz]e"
)
PLACE = re.compile(
    r"\bwhere\b|\b(?:which|what|name|in what|over which|at which)\b[^.?]{0,25}\b(?:electrode|channel|lead|site"
    r"|derivation"
    r"|contact|position)|\b(?:electrode|channel|lead|site|location) (?:with|of)\b|\bfoc(?:us|i) of\b|\blocali[sz]e"
    r"|\bmaximum of\b"
)
COURSE = _p(
    r"\bbackground\b[^.?]{0,50}\b(?:turns?|chang\w*|shift\w*|constant|steady|stable|stationary|uniform|alter\w*"
    r"|var(?:y|ies"
    r"|iable|iation|ied)|different|differ|switch\w*|transition\w*|evol\w+|fluctuat\w*|break\w*|persist\w*|same"
    r"|become\w*)\b",
    r"\b(?:chang\w*|shift\w*|transition|switch|variation|alteration|break|turn(?:s|ing point)?|stability"
    r"|constancy)\b[^.?]{0,25}"
    r"\b(?:background|rhythm|activity|eeg|state|frequency)\b",
    r"\b(?:rhythm|activity|eeg|frequency)\b[^.?]{0,30}\b(?:turns?|chang\w*|shift\w*|switch\w*|stays? the same"
    r"|remains? (?:the "
    r"same|constant)|constant|stable|steady|stationary|uniform|throughout the same)\b",
)
NOT_A_COURSE = re.compile(
    r"\bmontage|\bfilter|\bview\b|\bpage length|\bsensitivity|\bwith age\b|\bdefin|\bcriteri"
)
NATURE = _p(
    r"\b(?:artifact\w*|artificial|noise|extracerebral|non-?cerebral|technical|muscle|blink"
    r"|electrode)\b[^.?]*\b(?:or|versus"
    r"|vs)\b[^.?]*\b(?:discharge\w*|epilep\w+|cerebral|spikes?|sharp|brain|genuine|real|ictal|true|cortical"
    r"|physiolog\w+)\b",
    r"\b(?:discharge\w*|epilep\w+|cerebral|spikes?|sharp(?: waves?)?|brain\w*|genuine|real|ictal|true"
    r"|cortical)\b[^.?]*\b(?:or"
    r"|versus|vs)\b[^.?]*\b(?:artifact\w*|artificial|noise|extracerebral|technical|not|physiolog\w+|muscle|blink"
    r"|something)\b",
    r"\b(?:epileptiform|epileptic|artifact\w*|artificial|genuine|cerebral|pathological)\b",
    r"\b(?:classify|categori[sz]e|identify|nature of|what kind of|what sort of|what type of|what (?:is|was|might"
    r"|could) (?:the|this"
    r"|that))\b[^.?]*\b(?:event|deflection|transient|wave(?:form)?|potential|thing|element|graphoelement|complex"
    r"|signal|burst)\b",
)
EVENT = re.compile(
    r"\b(?:event|deflection|transient|wave(?:form)?|potential|thing|element|graphoelement|complex|burst|spike|sharp"
    r"|discharge"
    r"|artifact|activity)\b"
)
HEALTH = _p(
    r"^\W*(?:is|was) (?:it|this|that|all|everything)(?: all)? (?:normal|healthy|abnormal|physiological|pathological"
    r"|ok|fine)\W*$",
    r"\b(?:normal|healthy|physiologic(?:al)?|benign)\b[^.?]*\b(?:or|versus|vs)\b[^.?]*\b(?:abnormal|patholog\w+|not"
    r"|diseased|ill)\b",
    r"\b(?:abnormal|patholog\w+)\b[^.?]*\b(?:or|versus|vs)\b[^.?]*\b(?:normal|healthy|physiologic\w*|not|benign)\b",
    r"^\W*(?:is|was|would|do|does|can|could|any|are|see|has|have|anything|normal|abnormal"
    r"|healthy)\b[^.?]*\b(?:abnormal(?:it(?:y|ies))?"
    r"|patholog(?:y|ies|ic|ical)|normal|healthy|unremarkable|normality)\b(?! (?:for|in|rem|sleep|adult))[^.?]*\W*$",
)
OF_RULES = re.compile(
    rf"\b(?:{cues.CRITERIA_WORDS})\b|\b(?:in general|generally|normally|usually|typical(?:ly)?"
    rf"|in (?:healthy )?(?:adults"
    r"|children|infants)|mimic\w*|look-?alikes?|confused with|mistaken for|mean(?:s|ing)?|dangerous)\b"
)
SEEN = _p(
    r"^\W*(?:so |and |but |ok )?(?:can|could|may|might) (?:any |some |an? "
    r"|the )?(?:[\w-]+ ){1,6}be (?:\w+ly )?(?:seen|made out"
    r"|found|detected|identified|recogni[sz]ed|discerned|spotted|observed|noted|noticed|appreciated|discovered"
    r"|located|shown"
    r"|demonstrated|distinguished here|picked out|confirmed|suspected)\b",
    r"^\W*(?:so |and |but |ok )?(?:does|do|will|did) (?:any |some )?(?:[\w-]+ ){1,5}(?:occur|appear|show(?: up)?"
    r"|exist|turn up"
    r"|stand out|come up|arise)\W*(?:here|now|anywhere|in\b.*|on\b.*|within\b.*|at all\W*)?$",
    r"\bdo(?:es)? (?:we|one|you) (?:have|see|find|get)\b",
    r"\b(?:present|visible|observable|discernible|recogni[sz]able|detectable|identifiable|noticeable|apparent"
    r"|evident)\W*$",
    r"\bpresence (?:of|or absence)\b",
    r":\s*(?:yes or no|present or absent|present|seen|there)\W*$",
)
CONNECTED = re.compile(r"^\W*(?:and|or|but|also|so|then|what about|how about|likewise|same)\b")
