"""The letter of an answer: every form in which models give one, and none that has to be guessed."""

import pytest

from evals.records import Item, Reply
from evals.scorers.mcq import choice_of, parse_choice
from tools.types import ToolError

WAVES = ("Sharp wave", "Sleep spindles", "K-complex", "Posterior alpha rhythm")
YES_NO = ("Yes", "No")
STAGES = ("Wake", "NREM1", "NREM2", "NREM3")

ANSWERS = [
    # bold, as the published answers have it
    ("**B.** 13-Hz bursts over C3 and C4 that wax and wane.", "B"),
    ("****C.****", "C"),
    ("**C**", "C"),
    ("**D.** No spikes are seen, and the rhythm is not asleep.", "D"),
    ("**B) Sleep spindles**", "B"),
    ("**(B)** Sleep spindles", "B"),
    ("__B.__ reason", "B"),
    ("**Option B** fits.", "B"),
    ("**B** – bursts of 13 Hz", "B"),
    ("The bursts wax and wane. **B. Sleep spindles**", "B"),
    ("**b.** spindles", "B"),
    # letter with a mark
    ("B", "B"),
    ("b", "B"),
    ("B.", "B"),
    ("B)", "B"),
    ("b)", "B"),
    ("(b)", "B"),
    ("[C]", "C"),
    ("B) Sleep spindles", "B"),
    ("A. Sharp wave", "A"),
    ("A", "A"),
    ("A) The wave lasts 120 ms.", "A"),
    ("B: bursts of 13 Hz", "B"),
    ("B - Sleep spindles", "B"),
    ("B because the bursts wax and wane", "B"),
    ("- B. Sleep spindles", "B"),
    ("> **B**", "B"),
    ("Ｂ）", "B"),
    ("Option B", "B"),
    ("Option C: one large wave", "C"),
    # said to be the answer
    ("Answer: B", "B"),
    ("answer: b", "B"),
    ("ANSWER: B.", "B"),
    ("The answer is (B)", "B"),
    ("The answer is B, since the bursts last 0.8 s.", "B"),
    ("The correct answer is **B) Sleep spindles**.", "B"),
    ("The answer's B.", "B"),
    ("The best option is therefore C.", "C"),
    ("I would choose B.", "B"),
    ("I'd go with option D.", "D"),
    ("Answer: Sleep spindles", "B"),
    ("Answer: a K-complex", "C"),
    ("Answer: A K-complex.", "C"),
    ("Answer: B Sleep spindles", "B"),
    ("The answer is most likely B.", "B"),
    ("Answer\n\nB", "B"),
    ("### Final Answer\n**C**", "C"),
    ("答案：B", "B"),
    ("B is correct.", "B"),
    ("I think it's B.", "B"),
    ("The option that matches best is C.", "C"),
    ("1. B", "B"),
    ("Option B is the best choice.", "B"),
    ("It must be told apart from a blink; the answer is D: 10 Hz at O1 and O2.", "D"),
    # JSON and LaTeX
    ('{"answer":"B"}', "B"),
    ('{"answer": "b"}', "B"),
    ('```json\n{\n  "reasoning": "13-Hz bursts",\n  "answer": "B"\n}\n```', "B"),
    ('{"final_answer": "B. Sleep spindles"}', "B"),
    ('{"choice": "Sleep spindles"}', "B"),
    (r"\boxed{B}", "B"),
    (r"The final answer is $\boxed{\text{C}}$.", "C"),
    # reasoning first, the answer last
    ("The bursts wax and wane.\nThey last 0.8 s.\n\nB", "B"),
    ("A sharp rise at 3 s, then a slow wave.\nA burst follows.\n\nAnswer: C", "C"),
    ("Option A is unlikely. Option C is not supported.\n\nAnswer: B", "B"),
    ("A) Sharp wave: not seen\nB) Sleep spindles: 13-Hz bursts\nC) K-complex: absent\n\nAnswer: B", "B"),
    ("A) not seen.\nB) correct: bursts of 13 Hz.\nC) not seen.", "B"),
    ("A. no\nB. no\nC. no\nD. 10 Hz\n\n**D**", "D"),
    ("<think>The answer is A. No, wait.</think>\nB", "B"),
    ("At first sight the answer is A. The final answer is C.", "C"),
    # hedges
    ("It is not A but B.", "B"),
    ("The answer is not A but B.", "B"),
    ("The answer is not (A), but rather (C).", "C"),
    ("B rather than A.", "B"),
    ("B, not C.", "B"),
    ("The finding fits (B).", "B"),
    ("(A) is unlikely; the page fits (B).", "B"),
    # the text of an option
    ("Sleep spindles", "B"),
    ("sleep spindles.", "B"),
    ("The page shows sleep spindles over the centre.", "B"),
    ("A posterior alpha rhythm", "D"),
    ("A sharp wave.", "A"),
]
NOT_ANSWERS = [
    # nothing, or no letter
    "",
    "I cannot tell from this page.",
    "A burst of fast waves with a sharp rise.",
    "A 10-Hz rhythm at C3 and C4; a is small.",
    "The wave at F7 spreads to C3 and D is not an electrode.",
    "None of these.",
    "e.g. a wave",
    "<think>The answer is B",
    # two
    "**A.** or **B.**",
    "A or B",
    "Answer: A and C",
    "Answer: B/C",
    "The answer is either A or B.",
    '{"answer": ["A", "C"]}',
    "Answer: A. Wait, the answer is B.",
    "**A.** The wave is sharp.\n\nAnswer: B",
    "A\n\nB",
    "Either (A) or (B) would fit.",
    "The answer is A. {\"answer\": \"B\"}",
    # all of them, none called right
    "A) Sharp wave\nB) Sleep spindles\nC) K-complex\nD) Posterior alpha rhythm",
    "A) Sharp wave: not seen\nB) Sleep spindles:",
    "A) Sharp wave B) Sleep spindles C) K-complex D) Posterior alpha rhythm",
    "B. Sleep spindles. C. K-complex.",
    "A, C and D can be excluded.",
    "Please select A, B, C or D.",
    # not offered
    "E",
    "**E.** None of the above",
    "Answer: F",
    "The answer is (G).",
    # denied
    "The answer is not A.",
    "I would not choose B.",
    "(A) is unlikely.",
    "There are no sleep spindles.",
    "Sleep spindles rather than a K-complex.",
    # a letter beside the words of another option
    "**B.** K-complex",
    "Answer: A) Sleep spindles",
]  # fmt: skip


@pytest.mark.parametrize(("text", "letter"), ANSWERS)
def test_an_answer_is_read_in_every_form(text, letter):
    assert parse_choice(text, WAVES) == letter


@pytest.mark.parametrize("text", NOT_ANSWERS)
def test_what_is_no_single_answer_is_never_guessed(text):
    assert parse_choice(text, WAVES) is None


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Yes", "A"), ("no.", "B"), ("**B.** No", "B"), ("No, there is no evidence of a seizure.", "B"),
        ("Yes — rhythmic discharges without a pause.", "A"), ("Answer: No", "B"), ("A) Yes", "A"),
        ("There is no seizure activity.", None), ("No or yes", None), ("**A.** No", None), ("C", None),
    ],
)  # fmt: skip
def test_yes_and_no_count_at_the_start_only(text, letter):
    assert parse_choice(text, YES_NO) == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("NREM2", "C"), ("The sleep stage is NREM3.", "D"), ("C) NREM2", "C"), ("wake", "A"),
        ("NREM2 or NREM3", None), ("REM", None), ("This is not NREM1.", None),
    ],
)  # fmt: skip
def test_stages_are_read_by_name(text, letter):
    assert parse_choice(text, STAGES) == letter


def test_an_option_inside_a_longer_one_is_not_named_by_it():
    options = ("Spindles", "No spindles", "Left spindles")
    assert parse_choice("No spindles", options) == "B"
    assert parse_choice("Left spindles.", options) == "C"
    assert parse_choice("Spindles", options) == "A"


def test_options_may_carry_their_letters_and_signs_of_patterns():
    options = ("A) Alpha (10 Hz)", "B) Beta [20 Hz]", "C) α+β?", "")
    assert parse_choice("Answer: Beta [20 Hz]", options) == "B"
    assert parse_choice("Alpha (10 Hz)", options) == "A"
    assert parse_choice("B.", options) == "B"


def test_a_letter_needs_an_option_and_six_are_the_most():
    assert parse_choice("A", ()) is None
    assert parse_choice("F", tuple("uvwxyz")) == "F"
    with pytest.raises(ToolError, match="7 options: at most 6"):
        parse_choice("A", tuple("tuvwxyz"))


def test_a_named_choice_goes_before_the_text_and_an_error_is_no_answer():
    item = Item(id="1", kind="mcq", group="1", category="x", turns=("?",), options=WAVES, key="B")
    assert choice_of(item, Reply(texts=("A.",), choice="B")) == "B"
    assert choice_of(item, Reply(texts=("I see", "**C.**"))) == "C"
    assert choice_of(item, Reply(texts=("A.",), choice="E")) is None
    assert choice_of(item, Reply(error="the server is down")) is None


@pytest.mark.parametrize(
    "text",
    [
        "(" * 20_000,
        "**A.** **B.** " * 5_000,
        "answer is " * 5_000,
        "A or " * 5_000,
        "\n " * 20_000,
        "not " * 9_000,
    ],
)
def test_a_reply_that_runs_on_is_read_within_a_second(text):
    from time import process_time

    began = process_time()
    assert parse_choice(text, WAVES) is None
    assert process_time() - began < 1.0
