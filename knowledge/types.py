"""What the knowledge store hands out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict


class KnowledgeError(Exception):
    """The rule base cannot answer this request, or a rule file is wrong; the message says what would work.

    Parameters
    ----------
    message : str
        One line: what is wrong and what would work.
    field : str, optional
        The argument, or the key of the rule file, that is at fault.
    choices : sequence of str, optional
        What could have been asked for instead.
    """

    def __init__(
        self, message: str, *, field: str | None = None, choices: Sequence[str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.choices = tuple(choices) if choices is not None else None


class Citation(BaseModel):
    """One entry of the rule base, with where it comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["citation"] = "citation"
    id: str
    """Our id, such as ``AASM-N2-01``."""
    title: str
    text: str
    """The rule in our own words."""
    source: str
    """The works behind it, readable: authors, year, DOI or address."""
    provenance: Literal["V", "S", "K", "M", "E"]
    """V read in the source, S in a secondary source, K common knowledge, M measured, E our default."""
    score: float = 0.0
    aliases: tuple[str, ...] = ()
    """Ids that other systems use for the same rule, such as SleepVLM's ``N2.1``."""
    topic: str = ""
    stages: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """Labels of the vocabulary that the entry is about."""
