"""Turns of phrase around the signal: courtesy, doubt, moving about, the file, and what is out of scope."""

from __future__ import annotations

import re

from agent.intent import Aspect


def _p(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


COURTESY = _p(
    r"^(?:\W"
    r"|\b(?:thanks?(?: you)?(?: (?:so|very) much| a lot)?|thx|cheers"
    r"|good (?:morning|afternoon|evening|day|night|job|work|point)|well done|nice work"
    r"|that is (?:great|helpful|very helpful|all|clear|useful|good|fine|enough)|that (?:helps|will do)"
    r"|very (?:helpful|good|nice)|ok(?:ay)?|great|good|perfect|excellent|nice|cool|fine|super|wonderful"
    r"|brilliant|hi|hello|hey|dear|glossa|there|please|well|so|now|alright|all right|right|got it"
    r"|i see(?! \w)|understood|yes|yep|yeah"
    r"|for (?:that|the help|your help|the answer)|bye|goodbye|see you|hmm+|um+|ah|oh|much appreciated"
    r"|appreciated|helpful|doctor|everyone|team|again)\b)+"
)
IDENTITY = (
    "What identifies the patient is taken out when the file is opened; age and sex are kept "
    "where the file gives them."
)
OUT_OF_SCOPE: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        _p(
            r"\bignore\b.{0,30}\b(?:instructions?|rules|prompts?|above|previous)\b|\bsystem prompt\b"
            r"|\byou are now\b|\bjailbreak\b|\bdeveloper mode\b|\bact as\b|\bpretend (?:to be|you)\b"
            r"|\byour (?:instructions|prompt|source code)\b"
            r"|\bdisregard\b.{0,30}\b(?:instructions?|rules|above|previous)\b"
            r"|\b(?:api key|password|credentials)\b"
        ),
        "I answer questions about this recording and about the rules of reading EEG; nothing "
        "in a question changes that.",
    ),
    (
        _p(
            r"\b(?:what|which) (?:\w+ ){0,3}(?:drugs?|medications?|medicines?|antiepileptics?|anti-?seizure"
            r"|dose|dosage|treatment|therapy)\b"
            r"|\bshould (?:i|we|she|he|they) (?:\w+ )?(?:give|prescribe|treat|start|stop|order|increase"
            r"|take"
            r"|discharge|operate|drive)\b"
            r"|\b(?:treat|prescribe|treatment|therapy|dosage|levetiracetam|valproate|lamotrigine|lorazepam"
            r"|keppra)\b"
            r"|\bhow (?:do|should|would) (?:i|we|you) (?:treat|manage)\b"
        ),
        "I give no advice on treatment. I can say what the signal shows, "
        'for instance "Is there any epileptiform activity?".',
    ),
    (
        _p(
            r"\b(?:prognosis|prognostic|outcome|survive|survival|brain[- ]?dead|brain death"
            r"|wake up from (?:the )?coma|recover|recovery|will (?:he|she|they|the patient))\b"
        ),
        "I give no prognosis. I can describe the background and what is found, "
        'for instance "Is there burst suppression?".',
    ),
    (
        _p(
            r"\b(?:diagnos(?:is|e|es|ed|tic)|differential|what (?:disease|condition|disorder|syndrome"
            r"|illness)"
            r"|which (?:disease|condition|disorder|syndrome)"
            r"|wrong with (?:the|this|my|his|her) (?:patient|brain)"
            r"|(?:has|have|had|having|suffers? from) (?:epilepsy|a stroke|a tumou?r|dementia|alzheimer"
            r"|insomnia|narcolepsy|encephalitis|adhd|autism|parkinson)"
            r"|is (?:it|this|she|he|the patient) (?:an? )?(?:epilepsy|epileptic|dementia|stroke"
            r"|encephalitis)\b"
            r"|fit to drive|allowed to drive)\b"
        ),
        "I make no diagnosis. I can say what the signal shows, "
        'for instance "Is there any epileptiform activity?" or "What does this page show?".',
    ),
    (
        _p(
            r"\b(?:name|identity|birth ?date|date of birth|address|hospital number|medical record number"
            r"|mrn"
            r"|phone) (?:of|is|for)\b.{0,20}\b(?:patient|subject|person|she|he)\b"
            r"|\bpatient'?s? (?:name|id|identity|address|birth ?date|date of birth)\b"
            r"|\bwho (?:is|was) (?:the|this) (?:patient|subject|person)\b|\bwhose (?:eeg|recording)\b"
            r"|\bwhat is (?:his|her|their) name\b|\bwhen was (?:he|she|the patient) born\b"
        ),
        IDENTITY,
    ),
    (
        _p(
            r"\b(?:poem|joke|song|story|essay|recipe|weather|stock|bitcoin|football|capital of|president"
            r"|translate|python|javascript"
            r"|write (?:me )?(?:a|an|some)(?! (?:report|summary|description|caption|impression"
            r"|short (?:report"
            r"|summary)|brief))"
            r"|email|homework|movie|restaurant|news|horoscope|lottery|meaning of life|your favou?rite"
            r"|are you (?:human|conscious|alive|sentient|chatgpt|gpt|an? (?:ai|robot|bot|human))"
            r"|how are you"
            r"|love me|sing|date today|what day is it|time is it now)\b"
        ),
        "That is outside of what I can do: I read EEG. Ask, for instance, "
        '"What does this page show?" or "What makes an epoch N2?".',
    ),
)
HELP = _p(
    r"^(?:help|help me|help please|\?+|h|menu|commands?)\W*$"
    r"|\bwhat (?:can|could) (?:you|i|we) (?:do|ask|say|help)\b"
    r"|\bhow (?:do|can|does|should) (?:i|we|this|you|it) (?:use|work|ask|talk|use this"
    r"|use you)\b(?!.*\b(?:rule|filter|montage)\b)"
    r"|\bwhat (?:else )?(?:are you able|can you tell|do you know|can you help|can you answer)\b"
    r"|\b(?:which|what (?:kinds? of|sorts? of|types? of)?) ?questions\b"
    r"|\bwhat are (?:you|your (?:abilities|capabilities|limits|limitations|features|functions))\b"
    r"|\bwho are you\b|\bwhat (?:can|can not) you (?:not )?(?:do|detect|find|see|measure|recognize)\b"
    r"|\bwhat (?:labels|waveforms|events|patterns) (?:do|can) you\b|\bshow me an example\b"
    r"|\bgive me (?:some )?examples?\b(?! of)|\bhow to use\b|\byour limitations\b"
)
CONFIRM = _p(
    r"\b(?:are|r) (?:you|u) (?:(?:really|quite|absolutely|very|so|completely) )?(?:sure|certain"
    r"|confident|positive)\b"
    r"|^(?:really|sure|certain|honestly|seriously|truly|correct|true|is it|right)\W*$|^no\W*$"
    r"|\bis (?:that|this|it) (?:really )?(?:right|correct|true|so|accurate|certain|reliable)\b"
    r"|\bhow can you be (?:so |that )?(?:sure|certain|confident)\b|\bhow (?:sure|certain"
    r"|confident|reliable|accurate|trustworthy)\b|\b(?:double|re)-?check\b"
    r"|\bcheck (?:that |it |this )?again\b"
    r"|\bi (?:doubt|disagree|do not (?:believe|think|agree|see|buy)|am not (?:sure|convinced))\b"
    r"|\bthat (?:is|can ?not|can not|does not|seems|looks) (?:be )?(?:wrong|incorrect"
    r"|not (?:right|correct|true)|right|odd|strange|sound right)\b"
    r"|\bcan i (?:trust|rely on) (?:that|this|it|you)\b|\byou are wrong\b|\bwhat is your confidence\b"
    r"|\bverify\b|\blook again\W*$|\bconfidence\b(?=.*\b(?:that|answer|this|your)\b)"
    r"|\bcould you be (?:wrong|mistaken)\b|\bare you (?:wrong|mistaken|guessing)\b"
    r"|\bdo you (?:stand by|really (?:think|mean|believe))\b"
)
WHY = _p(
    r"^(?:but |and |so |ok |then )?why\b"
    r"|\bhow (?:do|did|would|can|could) you (?:know|tell that|tell|say|decide|conclude|get|arrive|come"
    r"|reach|find|determine|work|figure|see that|measure (?:that|this|it))\b"
    r"|\bon (?:what|which) (?:basis|grounds?|evidence)\b|\bbased on what\b"
    r"|\bwhat (?:makes|made) you (?:say|think|believe|sure|so sure|conclude|call)\b"
    r"|\b(?:what is|show|give|tell|where is|what are) (?:me )?(?:your|the) (?:evidence"
    r"|reason(?:ing|s)?|basis|grounds?|proof|sources?|rationale|argument|justification)\b"
    r"|\bexplain (?:yourself|your (?:reasoning|answer|conclusion)|that|this|why|how you)\b|\bjustify\b"
    r"|\bwhat is (?:that|this|it) based on\b|\byour (?:evidence|reasoning|grounds|basis|sources?"
    r"|reasons?|rationale)\b|\bhow so\b|\bhow come\b"
    r"|\bwhere (?:did|do|does|have) (?:you|that|this|it) (?:get|got|come|take|have|find) (?:that"
    r"|this|it|from)"
    r"|\bwhat (?:supports?|speaks for|argues for|is behind) (?:that|this|it)\b"
    r"|\breason for (?:that|this|your)\b|\bprove it\b"
    r"|\bwhich (?:rule|evidence|measurement)s? (?:did|do) you\b|\bwhere does (?:that|this) come from\b"
    r"|\bwhat is the (?:reason|rationale|evidence)\b|\bshow (?:me )?your work"
)
_MOVES = (
    r"(?:go|jump|move|scroll|skip|turn|advance|take me|bring me|proceed|navigate|head|switch|return"
    r"|open|show(?: me)?|display|page|flip|step|rewind|forward|see|view|get me|load|continue|start)"
)
MOVE = _p(
    r"^(?:(?:can|could|would|will|may) (?:you|i|we) |please |let us |let me |i (?:want|would like) to "
    rf"|ok |now |then |and )*{_MOVES}\b"
)
ZOOM = _p(
    r"\bzoom(?:ed)?[ -]?(?:in|out)?\b|\bcloser(?: look)?\b|\bmagnify\b|\benlarge\b"
    r"|\bblow (?:it|this|that) up\b|\bwiden the view\b|\bmore context\b"
)
INFO: tuple[tuple[re.Pattern[str], Aspect], ...] = (
    (
        _p(
            r"\bsampl(?:ing|ed|e) (?:rate|frequency|freq)\b|\bsampled at\b"
            r"|\bhow (?:was|is) (?:it|this|the (?:eeg|recording)) sampled\b|\bsfreq\b"
            r"|\bsamples per second\b"
            r"|\bat what rate (?:was|is)\b"
        ),
        "sampling",
    ),
    (
        _p(
            r"\bhow old\b|\b(?:patient|subject|person|his|her|their)'?s? age\b"
            r"|\b(?:what|tell me|know) (?:is )?the age\b|\bage of the (?:patient|subject|person)\b"
            r"|\bwhat age\b|^age\W*$"
            r"|\bis (?:the patient|this|he|she) (?:an? )?(?:adult|child|infant|neonate|baby|boy"
            r"|girl)\b(?! (?:eeg|pattern))"
        ),
        "age",
    ),
    (
        _p(
            r"\b(?:sex|gender)\b"
            r"|\b(?:male or female|female or male|man or (?:a )?woman|woman or (?:a )?man"
            r"|boy or (?:a )?girl)\b"
            r"|\bis (?:the patient|he|she|it) (?:a )?(?:male|female|man|woman)\b"
        ),
        "sex",
    ),
    (
        _p(
            r"\bhow long (?:is|was|does|lasts?) (?:the |this )?(?:whole |entire |eeg |psg "
            r"|sleep )*(?:recording|record|file|eeg|study|night|recordings|trace|tracing)\b"
            r"|\b(?:length|duration) of (?:the|this) (?:whole |entire |eeg |psg )*(?:recording|record|file"
            r"|eeg"
            r"|study|night|tracing)\b"
            r"|\b(?:recording|file|record|total) (?:length|duration|time)\b"
            r"|\bhow (?:many|much) (?:seconds|minutes|hours|epochs|pages|data|time|eeg|signal) (?:are|is"
            r"|does"
            r"|do|has|have"
            r"|of (?:data|eeg|signal) )?\b(?=.*\b(?:recording|file|there|available|in total|record|have)\b)"
        ),
        "duration",
    ),
    (
        _p(
            r"\b(?:which|what|list(?: me)?|show me|name|how many|number of|give me"
            r"|tell me) (?:all )?(?:of )?(?:the |are the )?(?:eeg |recorded |available |different |eog "
            r"|emg )*(?:channels?|electrodes?|leads?|derivations?|signals|sensors)\b(?=\W*$"
            r"| (?:are|were|is|do|does|did|in (?:this|the) (?:file|recording)|available|recorded|have|has"
            r"|used"
            r"|exist|names|present|here|there|we|i|you|can)\b)(?! (?:are|is|were|do|does) (?:\w+ )?(?:bad"
            r"|noisy|flat|involved|affected|showing|the\b|contaminated|largest|highest|normal|abnormal|good"
            r"|clean|worst|best|most))"
            r"|^(?:channels|channel names|channel list|electrodes|montage)\W*$"
            r"|\bchannel (?:names|list|layout)\b"
            r"|\bis (?:there|an?) (?:an? )?(?:eog|ecg|ekg|emg|chin)(?: channel)?(?: recorded| present"
            r"| available| in (?:this|the) (?:file|recording))?\W*$"
            r"|\b(?:was|is) (?:an? )?(?:eog|ecg|emg) recorded\b"
        ),
        "channels",
    ),
    (
        _p(
            r"\b(?:which|what) (?:\w+ ){0,3}(?:montage|reference|referencing|filters?|filter settings?"
            r"|notch"
            r"|sensitivity|gain|high-?pass|low-?pass|cut-?offs?|paper speed|settings|bandwidth"
            r"|band-?pass)\b(?=.*\b(?:is|are|was|were|in force|used|applied|on|this|here"
            r"|set)\b)(?!.*\b(?:recommend|aasm|acns|best|should|mean|better)\b)"
            r"|\bwhat is the (?:current )?(?:montage|reference|sensitivity|gain|filter setting|high-?pass"
            r"|low-?pass|notch)\W*$"
            r"|\bis (?:it|this|the (?:eeg|page|recording)) (?:an? )?(?:bipolar|referential|average"
            r"|filtered)\b"
            r"|\bis the notch on\b"
        ),
        "montage",
    ),
    (
        _p(
            r"\b(?:when|what time|which time|at what time|time of day|what hour) (?:was|did|does|is"
            r"|of day)?.{0,12}\b(?:recording|record|recorded|study|file|night|it start"
            r"|eeg)\b(?! (?:stop being|is the first|the first))"
            r"|\bstart(?:ing)? time\b|\bwhen was (?:this|it) recorded\b|\btime of (?:the )?recording\b"
            r"|\bwhat time (?:is it )?(?:on|at) (?:this|the) (?:page|start)\b|\bclock time\b"
            r"|\bwhat time is it here\b|\blights (?:off|out|on)\b"
        ),
        "start",
    ),
    (
        _p(
            r"\b(?:file|recording|data) (?:format|type)\b|\bwhat (?:format|kind of file|type of file)\b"
            r"|\bis (?:this|it) (?:an? )?(?:edf|bdf|brainvision|eeglab|fif)\b|\bwhich (?:file )?format\b"
        ),
        "format",
    ),
    (
        _p(
            r"\bannotations?\b|\bmarkers\b|\bmarks in the file\b|\bevents? (?:stored|in the file"
            r"|marked in)\b"
            r"|\btrigger(?:s|ed)?\b|\bcomments in the file\b"
        ),
        "annotations",
    ),
    (
        _p(
            r"\bgaps?\b|\binterruptions?\b|\bmissing (?:data|samples|signal)\b|\bdiscontinu\w+\b"
            r"|\bis (?:the recording|it|the file) (?:complete|continuous)\b"
        ),
        "gaps",
    ),
    (
        _p(
            r"\b(?:what|which) (?:is|kind of|type of|sort of) (?:recording|record|file|study)\b"
            r"|\b(?:info|information|details|metadata|header)\b(?=.*\b(?:recording|file|patient|about)\b"
            r"|\W*$)"
            r"|\bwhat is in (?:this|the) file\b|\btell me about (?:this|the) (?:recording|file|patient)\b"
            r"|\bwhat (?:recording|file) is this\b|\bpatient info"
        ),
        "format",
    ),
)
