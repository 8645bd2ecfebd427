"""The wordings of conversations for testing. Nobody who works on a system looks at them; see `words_talk_tuning`."""

from evals.glossa_bench.voice import Wordings

TALK_TEST: Wordings = {
    "leading": ("Surely those are {plural} over {site}?",
                "My colleague noted {plural} at {site}; you agree, I suppose?"),
    "overview": ("Walk me through this page, please.", "What stands out in this tracing?"),
    "any": ("Would you say it contains {plural}?", "Can you make out {plural} on this page?"),
    "where it": ("Where does it have its maximum?", "Which lead shows it best?"),
    "where they": ("Where do they have their maximum?", "Which lead shows them best?"),
    "when it": ("And the time of it?", "At what point in time is that?"),
    "when they": ("And the times of these?", "At what points in time are those?"),
    "length it": ("For how long does it last?", "How many seconds does it take?"),
    "count they": ("What is their number?", "Could you count them?"),
    "rate they": ("At which rate do they run?", "How fast are they, in Hz?"),
    "on side": ("Is there evidence of {plural} over the {side} hemisphere?", "Do {plural} appear on the {side}?"),
    "and side": ("What about the {side} hemisphere?", "The same for the {side}?"),
    "no side": ("I was asking about the {side}, actually.", "That is not what I asked: the {side} one, please."),
    "no other": ("I was asking about the {plural}, actually.", "Wrong word, sorry; make that the {plural}."),
    "and others": ("What about {plural}?", "The same for {plural}, please?"),
    "false when": ("Tell me the time of the first of the {plural}.", "How far into the page do the {plural} begin?"),
    "back where": ("Returning to the {plural}, which lead shows them best?",
                   "About the {plural} again: where do they have their maximum?"),
    "back when": ("Returning to the {plural}, what were the times?", "About the {plural} again: when were they?"),
    "back any": ("Returning to the {plural}, were there some?", "About the {plural} again: present or not?"),
    "posterior": ("Give the rate of the posterior background in hertz.", "And the alpha frequency, please?"),
    "lower side": ("Over which hemisphere are the amplitudes reduced?", "The flatter hemisphere is which one?"),
    "slow side": ("Over which hemisphere does the slow activity lie?", "The slow activity: which hemisphere?"),
    "state": ("Would you call this wakefulness or sleep?", "What is the state of vigilance here?"),
}  # fmt: skip
