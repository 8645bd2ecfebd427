"""What is known of a question when its act is decided, and the decision."""

from __future__ import annotations

from dataclasses import dataclass

from agent.intent import Act, Aspect, Which
from agent.understanding.cues import Quantity, Unit
from agent.understanding.phenomena import Mention
from agent.understanding.places import Where
from agent.understanding.stretches import When


@dataclass(frozen=True)
class Clues:
    """All that is known of a question when its act is decided."""

    text: str
    """The question in lower case: its last sentence, when what comes before only leads up to it."""
    left: str
    """What times, places, phenomena and view changes left of it."""
    mentions: tuple[Mention, ...]
    where: Where
    when: tuple[When, ...]
    full: str
    """Everything that was written, in lower case; positions of mentions count in it."""
    leaning: bool
    """The question leans on a turn before it."""
    first: bool = False
    """There is no turn before it."""

    @property
    def labels(self) -> bool:
        """Whether a waveform, artifact or pattern is named."""
        return any(m.meaning.labels and not m.meaning.aspect for m in self.mentions)

    @property
    def aspects(self) -> set[Aspect]:
        """Aspects that are named."""
        return {m.meaning.aspect for m in self.mentions if m.meaning.aspect}

    @property
    def topics(self) -> int:
        """How many different phenomena, stages or bands are named."""
        return len(
            {
                (m.meaning.labels, m.meaning.stage, m.meaning.band)
                for m in self.mentions
                if m.meaning.aspect in (None, "stage") or m.meaning.labels
            }
        )


@dataclass(frozen=True)
class Wish:
    """What is wanted; ``act`` is None where only an earlier turn can say."""

    act: Act | None
    aspect: Aspect | None = None
    quantity: Quantity | None = None
    unit: Unit | None = None
    which: Which | None = None
    note: str = ""
    bare: bool = False
    """No wave in particular is asked for, whatever the words name."""
