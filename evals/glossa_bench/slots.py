"""Which segments the benchmark has: category, person, generator, with or without artifact, empty or not.

Everything about a slot follows from its category and number, so that a larger set keeps what a smaller one had.
"""

from __future__ import annotations

from typing import NamedTuple

from evals.glossa_bench import findings
from evals.glossa_bench.facts import artifacts
from models.frozen import CATEGORY_NAMES, TEST_NIGHTS, TEST_SEED, TUNE_SEED
from models.recipes import CATEGORIES
from models.recorder import Specimen
from models.segments import simulate_segment
from models.variants import VARIANTS
from tools.types import ToolError

SOURCES = ("test", "tuning")
OFFSET, TRIES, MOST = 500, 10, 50
"""Where the persons of a category begin, beyond those of the detectors' figures; persons tried for a slot; slots
of a category at most."""
SETS = 20
GENERATORS = ("standard", "angular spikes", "standard", "small head")
"""In turn, so that half of the test segments come from the standard generator."""
ARTIFACT = tuple(name for name, recipe in CATEGORIES.items() if recipe.group == "artifact")


class Slot(NamedTuple):
    """One segment that is to be made."""

    source: str
    seed: int
    category: str
    number: int

    @property
    def row(self) -> int:
        """Place of its category among the seventeen."""
        return CATEGORY_NAMES.index(self.category)

    @property
    def empty(self) -> bool:
        """Whether it has nothing to find; one in four, shared out evenly."""
        return (self.row + self.number) % 4 == 3

    @property
    def soiled(self) -> bool:
        """Whether it carries an artifact besides what it is about."""
        return (3 * self.row + 5 * self.number) % 9 == 4

    @property
    def false_premise(self) -> bool:
        """Whether its question takes something for granted that is not there; three in ten."""
        return (7 * self.row + 3 * self.number) % 10 < 3

    @property
    def generator(self) -> str:
        """Name of its generator."""
        if self.source == "tuning":
            return "standard"
        return GENERATORS[(self.row + self.number + self.number // 4) % 4]

    @property
    def first_person(self) -> int:
        """Seed of the first person that is tried."""
        return first_seed(self.source, self.seed) + 1000 * self.row + OFFSET + TRIES * self.number


def first_seed(source: str, seed: int) -> int:
    """Seed from which the persons of a set are counted."""
    return TEST_SEED + 1_000_000 * seed if source == "test" else TUNE_SEED + 30_000 * seed


def night_seeds(source: str, seed: int, count: int) -> list[int]:
    """Seeds of the nights of a set."""
    if source == "test":
        return [night + 1_000_000 * seed for night in TEST_NIGHTS[:count]]
    return [first_seed(source, seed) + 29_001 + number for number in range(count)]


def slots(source: str, size: int, seed: int = 0) -> list[Slot]:
    """List the slots of a set, category by category.

    Raises
    ------
    ToolError
        If the source, size or seed is none that there is.
    """
    if source not in SOURCES:
        raise ToolError("That set of segments does not exist.", field="source", choices=SOURCES)
    if not 1 <= size <= MOST:
        raise ToolError(f"Ask for 1 to {MOST} segments of each category.", field="size")
    if not 0 <= seed < SETS:
        raise ToolError(f"The seed of a set is a whole number from 0 to {SETS - 1}.", field="seed")
    return [Slot(source, seed, category, number) for category in CATEGORIES for number in range(size)]


def draw(slot: Slot) -> Specimen:
    """Simulate the segment of a slot.

    The first of ten persons is taken whose segment shows what it is about and carries an artifact or not, as the
    slot has it; a faint finding cannot be asked for. Where none does, artifacts and look-alikes are left out.
    """
    category = "normal" if slot.empty else slot.category
    dirty = category in ARTIFACT or slot.soiled
    spare: Specimen | None = None
    for person in range(slot.first_person, slot.first_person + TRIES):
        made = simulate_segment(category, person, variant=VARIANTS[slot.generator])
        if findings.key(made.truth) is None:
            continue
        if bool(artifacts(made.truth)) == dirty:
            return made
        spare = spare or simulate_segment(
            category, person, variant=VARIANTS[slot.generator], accompanied=dirty
        )
    if spare is None:
        raise RuntimeError(f"none of {TRIES} persons shows {slot.category}")
    return spare
