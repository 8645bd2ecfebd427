"""What the benchmark measures and how its scores are to be read."""

from evals.records import Card

CARD = Card(
    name="glossa-bench",
    title="Simulated EEG with known truth: description, choice, questions, boxes, and two short nights",
    measures="Whether an answer about ten seconds of EEG, or about a night, agrees with what was drawn into it.",
    source="The simulator of this project (`models`), from persons and generators that no threshold was set on; "
    "categories after CerebraGloss-Bench, rules of stages after SleepVLM (arXiv 2603.26738). No patient is in it.",
    licence="As the project. Anybody can make the same set: `recipe.json` holds seeds and hashes.",
    floor="Chance is 25 % of the choices; the options' kinds alone should not give more than a few points above it. "
    "Every item names a partner for the control with swapped signals.",
    ceiling="Unknown: no human has read it. A segment is taken only if what it is about stands out of the "
    "background, so a careful reader should come close to all. Simulated scores are no clinical figures.",
    primary="grounding",
    version=2,
)
