"""The wordings of conversations for tuning, of which those of the test use none."""

from evals.glossa_bench.voice import Wordings

TALK_TUNING: Wordings = {
    "leading": ("I see {plural} at {site}, don't you?", "These are clearly {plural} at {site}, right?"),
    "overview": ("What do you see here?", "Give me a quick overview of this clip."),
    "any": ("Are there any {plural}?", "Do you find {plural} in it?"),
    "where it": ("Where is it largest?", "At which electrode is it strongest?"),
    "where they": ("Where are they largest?", "At which electrode are they strongest?"),
    "when it": ("When exactly?", "At which second does it occur?"),
    "when they": ("When exactly?", "At which seconds do they occur?"),
    "length it": ("How long is it?", "What is its duration?"),
    "count they": ("How many are there?", "How many of them do you count?"),
    "rate they": ("What is their frequency?", "How many hertz is that?"),
    "on side": ("Are there {plural} on the {side}?", "Does the {side} side have {plural}?"),
    "and side": ("And on the {side}?", "How about the {side}?"),
    "no side": ("No, I meant the {side}.", "Sorry, I meant the {side} side."),
    "no other": ("No, I meant the {plural}.", "Sorry, the {plural} is what I meant."),
    "and others": ("And {plural}?", "How about {plural}?"),
    "false when": ("When do the {plural} start?", "At what time do you see the {plural}?"),
    "back where": ("Back to the {plural}: where are they largest?",
                   "Once more the {plural}: at which electrode are they strongest?"),
    "back when": ("Back to the {plural}: when do they occur?", "Once more the {plural}: at which seconds?"),
    "back any": ("Back to the {plural}: are there any?", "Once more: do you find {plural}?"),
    "posterior": ("How fast is the posterior rhythm?", "How many hertz has the alpha rhythm?"),
    "lower side": ("Which side is lower?", "Where is the amplitude smaller, left or right?"),
    "slow side": ("Where is the slowing, left or right?", "The slowing: left or right?"),
    "state": ("Is the person awake or asleep?", "Which state is it: awake, drowsy or asleep?"),
}  # fmt: skip
