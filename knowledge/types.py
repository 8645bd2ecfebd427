"""What the knowledge store hands out."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


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
