"""Turns of phrase about the signal and the rules: which number, which event, seen or defined."""

from __future__ import annotations

import re
from typing import Literal

from agent.intent import Which

Quantity = Literal["amplitude", "frequency", "duration", "power", "count", "time", "slope", "symmetry"]
Unit = Literal["uV", "Hz", "s", "ms"]


def _p(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


CRITERIA_WORDS = (
    r"definition|define[ds]?|criteri(?:a|on)|aasm|acns|ifcn|guidelines?|textbook|terminology"
    r"|nomenclature|scoring rules?|by definition|according to|the literature"
    r"|rules? (?:for|of|on|about|say|says)|manual"
)
QUANTITY: tuple[tuple[re.Pattern[str], Quantity], ...] = (
    (
        _p(
            r"\bhow many\b(?!.{0,40}\bper second\b)(?! (?:hz|hertz|seconds|minutes|uv|microvolts|hours"
            r"|milliseconds|ms"
            r"|times per second"
            r"|per second))"
            r"|\bnumber of\b|\bcounts?\b|\bhow often\b|\bhow frequent(?:ly)?\b|\bhow numerous\b"
            r"|\b(?:density|incidence)\b|\btally\b|\bper (?:minute|hour)\b|\bindex\b"
        ),
        "count",
    ),
    (
        _p(
            r"\bhow (?:tall|big|large|high(?! frequency)|strong|small|deep)\b|\bamplitudes?\b|\bvoltages?\b"
            r"|\bmicrovolts?\b|\bin uv\b|\bhow many (?:uv|microvolts)\b|\bpeak[- ]to[- ]peak\b|\bheight\b"
            r"|(?<![\d ])(?<!\d )\buv\b(?=\W*$)|\bhow much voltage\b"
            r"|\b(?:larger|taller|bigger|smaller|higher|lower)\b(?! (?:frequency|part))"
        ),
        "amplitude",
    ),
    (
        _p(
            r"\bhow (?:fast|slow|rapid|quick)(?:ly)?\b"
            r"|\b(?<!high )(?<!high-)(?<!low )(?<!mixed )(?<!mixed-)frequenc(?:y|ies)\b(?! (?:band|filter))"
            r"|\bfrequency\b|\bin hz\b|\bhertz\b|\bwhat hz\b"
            r"|\bhow many (?:hz|hertz|times per second|per second)\b"
            r"|\b(?:discharge|repetition|heart|firing|spike|blink) rate\b|(?<![\d ])(?<!\d )\bhz\b(?=\W*$)"
            r"|\bwhat rate\b|\bper second\b|\brate of\b|\bperiodicity\b|\bcycles per second\b"
        ),
        "frequency",
    ),
    (
        _p(
            r"\bhow long\b|\bduration\b|\bhow many (?:seconds|minutes|hours|milliseconds|ms)\b|\blasts\b"
            r"|\b(?:does|do|did|would|will) (?:\w+ ){1,3}last\b|\blength of\b|\bhow wide\b"
            r"|\bhow much (?:time|n1|n2|n3|rem|deep|sleep"
            r"|wake)?\b(?= ?(?:time|n1|n2|n3|rem|deep|sleep|wake|of (?:it|the (?:page|night|recording))|was"
            r"|is"
            r"|in))"
        ),
        "duration",
    ),
    (
        _p(
            r"\bband ?power\b|\bpower\b(?! ?line)|\bspectr(?:um|al|a)\b|\bpsd\b|\bpercent(?:age)?\b"
            r"|\bratio\b"
            r"|\bhow much\b"
        ),
        "power",
    ),
    (_p(r"\bsymmetr\w*\b|\basymmetr\w*\b|\blateraliz\w*\b|\bevenly\b"), "symmetry"),
    (_p(r"\bhow (?:steep|sharp)\b|\bslopes?\b|\bsteepness\b|\bsharpness\b"), "slope"),
    (
        _p(
            r"\bwhen\b|\bwhat time\b|\bwhich seconds?\b|\btiming\b|\bat what (?:time|second|point)\b"
            r"|^\W*(?:please |can you |could you )*time (?:the|these|all|any|each)\b|\b(?:which|what) times\b"
            r"|\btime points?\b|\bseconds? (?:at|in|during) which\b"
            r"|\bonset (?:of|times?)\b|\bwhere in (?:time|the (?:page|recording|night))\b|\btimes?\b(?= of)"
            r"|\bwhat second\b|\bin (?:seconds|s)\b(?=\W*$)"
        ),
        "time",
    ),
)
UNITS: tuple[tuple[re.Pattern[str], Unit], ...] = (
    (_p(r"\bin (?:uv|microvolts?)\b|\bhow many (?:uv|microvolts?)\b"), "uV"),
    (_p(r"\bin (?:hz|hertz)\b|\bhow many (?:hz|hertz)\b"), "Hz"),
    (_p(r"\bin (?:ms|milliseconds)\b"), "ms"),
    (_p(r"\bin (?:s|sec|seconds)\b"), "s"),
)
WHICH: tuple[tuple[re.Pattern[str], Which], ...] = (
    (
        _p(
            r"\b(?:largest|biggest|tallest|highest|strongest|maximal|maximum|most prominent|greatest"
            r"|clearest"
            r"|best)\b"
        ),
        "largest",
    ),
    (_p(r"\b(?:smallest|lowest|weakest)\b"), "smallest"),
    (_p(r"\blongest\b"), "longest"),
    (_p(r"\bshortest|briefest\b"), "shortest"),
    (_p(r"\bfastest\b"), "fastest"),
    (_p(r"\bslowest\b"), "slowest"),
    (_p(r"\b(?:next|following|subsequent)\b(?! (?:to|page|epoch|one))"), "next"),
    (_p(r"\b(?:previous|preceding|prior)\b(?! (?:page|epoch|answer|one))"), "previous"),
    (_p(r"\bfirst\b(?! (?:one|impression|page|epoch|minute|half|of all))"), "first"),
    (_p(r"\blast\b(?! (?:one|page|epoch|for|minute|half|answer|night))"), "last"),
)
DEICTIC = _p(
    r"\b(?:this|these|those|here|that (?!is\b|are\b|have\b|has\b|look)|current|currently|in view|shown"
    r"|visible"
    r"|the (?:page|recording|eeg|segment|trace|tracing|patient|file|night|epoch|signal|screen|picture"
    r"|image|data|background)"
    r"|my|she|he|his|her|patient's|now|present(?:ed)? here|at the moment"
    r"|you (?:found|marked|saw|see|mentioned|detected|show(?:ed)?))\b"
)
EEG_TERMS = _p(
    r"\b(?:lamf|posts|sreda|lambda|lamda|bets|sss|rmtd|rttd|birds|fold|wham|eog|emg|psg"
    r"|electrodes?|leads?|epochs?"
    r"|montage|polarity|dipole|phase reversal|10-20|grid|salt bridge|gel bridge|kappa"
    r"|inter-?rater|breach|skull defect"
    r"|photic|strobe|hyperventilation|overbreathing|variant|eeg|silence|wavy|waves?|rhythms?"
    r"|transients?|activity"
    r"|high-? ?pass|low-? ?pass|lff|hff|filters?|sampling|impedance|ohms|baseline|deflections?"
    r"|ctenoids|encephalopathy"
    r"|petit mal|lennox|bects|absence|hypsarrhythmia|delta brush|modulation|morphology|reactivity|sleep)\b"
)
"""Words of the field beyond the vocabulary: what holds one and is otherwise not understood is looked up."""
CORE_KNOWLEDGE = _p(
    r"\bmeaning\b|\bwhat if\b|\b(?:lower|upper) limit\b|\blimits? (?:of|for)\b|\brange in\b"
    r"|\bnormal (?:for|in|at)\b"
    r"|\byears?[- ]old\b|\bwith age\b|\bwhen awake\b|\bdescribe an? |\b(?:belongs?|count) (?:to"
    r"|for|toward)\b"
    r"|\b(?:can|do|may|could|should|am) (?:i|we|one) (?:still |keep |already "
    r"|allowed to )?(?:scor|stag|call|count)\w*"
    r"|\bhow (?:do|does|can|should|would) (?:i|we|one) (?!zoom|change|switch|turn|get|go|see|use"
    r"|ask|open|show|move)\w+"
    r"|^(?:and |but |so )?(?:do|does|can|must|should) (?:an? )?(?!you|we\b|i\b|it\b|this|the\b"
    r"|these|those|that\b|they|she\b"
    r"|he\b|any|both|left|right|either|anything)[\w-]+ "
    r"|\b(?:in )?which (?:sleep )?stages? (?:is|are|has|have|do|does|shows?) (?!it\b)"
    r"|^what (?:supports|marks|ends|starts|speaks for)\b|"
    rf"\b(?:{CRITERIA_WORDS})\b"
    r"|\bwhat (?:makes|qualifies|constitutes|counts as|defines|turns|characterizes)\b|\bstands? for\b"
    r"|\bwhat is meant by\b|\bmeaning of\b"
    r"|\b(?:look-?alikes?|mimics?|mimic(?:k|ke)d)\b|\b(?:confused|mistaken|mixed up) (?:with|for)\b"
    r"|\bin general\b|\bgenerally\b|\bnormally\b|\busually\b|\btypical(?:ly)?\b"
    r"|\bin (?:healthy |normal )?(?:adults?|children|infants|newborns|the elderly|older people"
    r"|teenagers|adolescents)\b"
    r"|\bat (?:what|which) age\b"
    r"|\b(?:minimum|maximum|minimal|normal|required|usual|expected|typical|reference"
    r"|cut-?off) (?:\w+ )?(?:duration|length|amplitude|voltage|frequency|range|values?|number|height"
    r"|limits?|rate|percentage|share|proportion|criterion|sampling)\b"
    r"|\b(?:required|needed|necessary|enough) (?:for|to)\b"
    r"|\b(?:explain|teach me|educate|tell me (?:more )?about|tell me what|what do you know about"
    r"|describe a typical|remind me)\b"
    r"|\bhow (?:is|are|do you|do i|do we|does one|should (?:i|we|one)|can (?:i|we|one)|would you"
    r"|to) (?:an? |the )?(?:\w+[ -]?){0,4}(?:defined|scored|score|stage[ds]?|recognized?|recognise"
    r"|identif(?:y|ied)|classified|called|tell|distinguish(?:ed)?|differentiated?|diagnosed|named|spot"
    r"|separate|discriminate|interpreted?|recorded|measured in)\b"
    r"|\b(?:which|what) (?:frequenc\w+|range|band|hz) (?:does|do|is|are) [\w ]{1,30} (?:cover"
    r"|span|include|have)\b"
    r"|\btell (?:\w+ ){0,8}(?:from|apart)\b|\b(?:distinguish|differentiate|discriminate"
    r"|separate)(?:e?s|e?d)?\b"
    r"|\btell apart\b|\bhow much \w+ is (?:too much|normal|allowed|acceptable|needed|abnormal)\b"
    r"|\bwhen (?:do|does|is|are|should|can) (?:i|we|you|one|an? epoch"
    r"|an? (?:\w+ )?(?:wave|spindle|blink|spike)) ?(?:score|call|stage|scored|called|counted"
    r"|considered|ends?|starts?|begins?)?\b"
    r"|\bwhat (?:causes?|produces?|generates?|leads to)\b|\bcauses? of\b|\bhow does an? "
    r"|\bhow do (?!you|they|these|those)\w+|\bexamples? of\b"
    r"|\bshould\b(?! (?:i|we) (?:ignore|exclude|look|trust|worry|be|discard|repeat|leave))"
    r"|\bbest (?:for|to|way|montage|filter)\b|\bmust\b|\bhave to\b"
    r"|\bsignificance of\b|\bclinical(?:ly)? (?:meaning|significance|relevance)\b"
    r"|\bwhich stage (?:has|have|shows?|contains?|do)\b"
    r"|\bwhere (?:are|is|do|does) (?!the\b|these\b|they\b|it\b)(?:an? )?(?:[\w-]+ ){1,3}(?:usually"
    r"|typically|normally|maximal|largest|appear|occur)\b"
    r"|\bhow (?:reliable|well) (?:is|are|do) (?:human|expert|scorer|sleep|staging|readers)"
    r"|\binter-?(?:rater|scorer)\b|\brecommended?\b"
    r"|\bwhat happens (?:to|in|during|with)\b(?=.*\b(?:when|during|with|in)\b)"
)
SOFT_KNOWLEDGE = _p(
    r"^(?:so |and |but |ok )?(?:what|who) (?:is|are|was|were|does|do)(?: meant by)? (?!the\b|there\b"
    r"|it\b|its\b|going|happening|that\b|at\b|on\b|in\b|visible|seen\b|your\b)(?:an? )?"
    r"|\bwhat (?:does|do|would|is|are) (?:an? )?[\w -]{1,40}(?:look|looks|mean|means|indicate|signify"
    r"|suggest|represent|imply)\b"
    r"|\bhow (?:long|fast|tall|high|large|big|many|often|frequent|old) (?:is|are|does|do|must|should"
    r"|can|may|was) (?:an? |normal )?(?!the\b|it\b|they\b|there\b|this\b|its\b|you\b)"
    r"|\bhow does an? \b|\bdifferent from\b|\bdifference\b|\bdiffers?\b|\bversus\b|\bvs\b|\bcompared (?:to|with)\b"
    r"|\bcan (?:an? )?(?:[\w-]+ ){1,3}(?:be|look|occur|appear|mimic|happen|have|cause|last)\b"
    r"|\bis (?:an? )?(?:[\w-]+ ){1,3}(?:normal|abnormal|pathological|physiological|epileptiform|benign"
    r"|seen|common|possible|dangerous|always|ever|still) (?:in|during|at|finding|for|with|wave|pattern"
    r"|when|variant|or)\b"
    r"|\bare (?:[\w-]+ ){1,3}(?:normal|abnormal|pathological|physiological|epileptiform|benign|seen"
    r"|common|always|ever|dangerous)\b"
    r"|\bdo (?:[\w-]+ ){1,3}(?:occur|appear|mean|belong|count|happen|always|have|look|need|indicate)\b"
    r"|\bwhy (?:is|are|do|does) (?!the\b|this|these|that|it\b|there\b|you\b|they\b)"
)
COMPARE = _p(
    r"\bcompar(?:e|ed|ison|ing)\b|\bversus\b|\bvs\b|\bdiffer(?:s|ence|ent|ences)?\b"
    r"|\b(?:a)?symmetr\w*\b"
    r"|\bwhich (?:side|hemisphere|of (?:the|them|these|those)(?: two)?|one) (?:is|has|shows|are)\b"
    r"|\b(?:larger|higher|lower|smaller|faster|slower|greater|stronger|weaker|more|less|taller|bigger"
    r"|worse|better)\b.{0,40}\b(?:than|or)\b"
    r"|\b(?:both sides|two sides|two hemispheres|left and right|right and left|left or (?:the )?right"
    r"|right or (?:the )?left|left (?:side )?(?:or|and|versus|vs) (?:the )?right|left-right"
    r"|interhemispheric|side to side|side-to-side)\b"
    r"|\bsame (?:on|at|in|over) (?:both|the)\b|\bequal(?:ly)?\b|\bgradient\b"
    r"|\b(?:as|so) (?:large|high|fast|tall|strong|big|slow) (?:\w+ )*as\b|\b(?:lateraliz\w+)\b(?=\W*$)"
    r"|\bfront(?:al)? (?:and|or|versus|against|to) (?:the )?(?:back|posterior|occipital)\b"
    r"|\bbilaterally? (?:equal|same)|\bchanged? since\b|\bone side\b|\bunilateral\b"
    r"|\bon which side\b|\bwhich side\b"
)
EXISTS = _p(
    r"\b(?:is|are|was|were) there\b|\bany\b"
    r"|\b(?:do|did|can|could) (?:you|we|i) (?:still |also )?(?:see|find|detect|spot|identify|notice"
    r"|recognize|rule out|exclude|confirm|mark|show|point|locate|make out)\b"
    r"|\b(?:does|do|did) (?:this|the|it|these|that|[a-z0-9/-]+) (?:\w+ ){0,5}(?:show|contain|have"
    r"|include|demonstrate|reveal|exhibit|display|look like|represent|suggest|indicate|meet)\b"
    r"|\b(?:evidence|signs?|presence|absence|trace|hint) (?:of|for)\b|\b(?:rule|ruled|ruling) out\b"
    r"|\bexclude[ds]?\b"
    r"|\b(?:find|detect|mark|highlight|list|locate|label|annotate|look for|check for|search for"
    r"|show(?: me)?|point out|point to|where (?:is|are|was|were|do|does)|identify|screen for|spot"
    r"|tell me if|see if|give me|count|pick out|search)\b"
    r"|\bhow (?:many|often|frequent)\b|\bis (?:this|it|that)\b|\bare (?:these|those|they)\b"
    r"|\b(?:could|might|may|can|would) (?:this|these|that|those|it|they) be\b|\bfree of\b|\bpresent\b"
    r"|\bcontaminated\b|\bwhen\b"
    r"|\bwhich (?:channels?|electrodes?|leads?|derivations?|epochs?|pages?|seconds?|sides?|hemisphere"
    r"|regions?|areas?)\b"
    r"|\b(?:is|are|was) [\w/ -]{1,30}\b(?:flat|bad|noisy|epileptiform|normal|abnormal)\b|\bno\b"
    r"|\bpolluted\b"
)
DESCRIBE = _p(
    r"\b(?:describe|description|summar\w+|overview|impression|caption|report|interpret(?:ation)?"
    r"|characterize|characterise|elaborate|comment|read (?:this|the|it|that)"
    r"|main (?:findings?|features?)|key (?:findings?|features?)|findings|overall|thoughts|opinion"
    r"|walk me through|tell me about|tell me more|more details?|details"
    r"|explain (?:this|the) (?:page|eeg|epoch|pattern|recording|trace)|analy[sz]e|assess(?:ment)?"
    r"|evaluate|review|what stands out|stands out|most prominent|striking|notable|look at|take a look"
    r"|going on|happening|happens|happened"
    r"|what (?:do|can|did|could|would) (?:you|we|i) (?:see|make of|notice|observe|say|think|find|tell)"
    r"|what (?:does|do|did) (?:this|the|it|these|that|those|[a-z0-9-]+) (?:\w+ ){0,4}(?:show|look"
    r"|contain|mean|represent|display|reveal)"
    r"|what (?:is|was|are|were) (?:this|that|these|those|the|it|at|on|in|here|visible|seen|shown|going"
    r"|there|happening|up)"
    r"|what about|how about|how does (?:this|the|it|that) (?:\w+ ){0,3}look|show me|interesting"
    r"|what have we|anything (?:else|at|on|in|over|around|between|of note|interesting)|something)\b"
)
BACKGROUND = _p(
    r"\b(?:background|dominant (?:frequency|rhythm|activity|band)|posterior rhythm|peak frequency"
    r"|alpha peak|predominant|baseline activity|organi[sz](?:ed|ation)|well[- ](?:formed"
    r"|developed|modulated|regulated|sustained)|anterior-posterior gradient"
    r"|background activity|spectr(?:um|al)|band ?powers?|psd|power)\b(?! ?line)"
)
SIGNIFICANCE = _p(
    r"\b(?:what does (?:that|this|it) (?:mean|imply|suggest|indicate)"
    r"|what do (?:they|these|those) (?:mean|imply|suggest)|so what"
    r"|is (?:that|this|it) (?:bad|serious|dangerous|relevant|significant|important)"
    r"|clinical(?:ly)? (?:significance|relevance|meaning|implications?))\b"
)
GENERIC_WHY = _p(
    r"(?:so |and |but )?why (?:is|are|do|does|can|should) (?!the\b|this|these|that|it\b|there\b|you\b"
    r"|they\b|[a-z]{1,2}\d)"
)
GENERIC_IS = _p(
    r"(?:is|are) (?!this\b|the\b|it\b|that\b|there\b|they\b|these\b"
    r"|any)(?:an? )?[\w -]{1,30} (?:normal|abnormal|pathological|benign|epileptiform|dangerous)\W*$"
)
MODAL = _p(
    r"\b(?:must|should|have to|normally|usually|typical(?:ly)?|generally|required|minimum|maximum"
    r"|defined|definition|criteria|rule|rules)\b"
)
FIND = _p(
    r"\b(?:find|search|scan|screen|look for|jump|go|take me|bring me|move|skip|where|when|is there"
    r"|are there|locate|show)\b"
)
LOOKS = _p(
    r"\b(?:describe|characteri[sz]e|quantify|elaborate|what (?:is|are|does|do)|explain|tell me (?:more )?about"
    r"|comment on|summar\w+|details?)\b"
)
FILLERS = _p(
    r"\b(?:and|or|what|how|about|of|also|the|any|some|in|on|at|for|same|with|an?|is|are|was|were|there"
    r"|then|now|please|over|regions?|areas?|sides?|"
    r"channels?|leads?|electrodes?|ok|okay|but|do|it|to|from|around|between|near|too|as|well|again"
    r"|this|that|one|ones|thanks|so|yes|which|when|where)\b|\W"
)
LISTS = _p(r"\bwhich (?:channels?|leads?|electrodes?)\W*$")
