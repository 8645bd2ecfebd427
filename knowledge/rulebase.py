"""The rules as they stand in ``knowledge/rules``: load them, and refuse what does not hold together.

The YAML is the source; everything else (index, vectors, store) is derived from it and can be thrown away.
A rule file holds ``entries``, ``sources.yaml`` the works they cite. :class:`Rule` explains each key.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.types import Citation, KnowledgeError

RULES = Path(__file__).parent / "rules"
STAGES = ("W", "N1", "N2", "N3", "R")

# libyaml reads the whole base in a tenth of the time of the Python loader, which every start would pay.
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Source(BaseModel):
    """One work that rules rest on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cite: str
    """Authors, title, year."""
    url: str | None = None
    """DOI or address, where there is one."""
    read: str
    """How much of the work was opened by whoever wrote the rule."""

    def readable(self) -> str:
        """Work and address in one string."""
        return self.cite.rstrip(".") + (f", {self.url}" if self.url else "")


class Rule(BaseModel):
    """One entry of a rule file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^(AASM|CE)-[A-Z0-9]+-\d{2}$")
    title: str = Field(min_length=3)
    text: str = Field(min_length=20)
    """The rule in our own words."""
    topic: str
    stages: tuple[Literal["W", "N1", "N2", "N3", "R"], ...] = ()
    """Stages that the entry helps to decide; none means that it does not depend on the stage."""
    labels: tuple[str, ...] = ()
    """Labels of the event vocabulary that the entry is about."""
    sleepvlm_rule: str | None = None
    """SleepVLM's id of the same rule; each of their ids stands at one entry only."""
    sleepvlm_part_of: str | None = None
    """SleepVLM's id of a rule of which this entry restates a part."""
    params: dict[str, Any] = {}
    """Numbers a program may check; the unit is in the key: ``_s``, ``_hz``, ``_uv``, ``_frac``."""
    aliases: tuple[str, ...] = Field(min_length=1)
    """What people call it: synonyms, abbreviations, everyday words. The search reads them."""
    lookalikes: tuple[str, ...] = ()
    """Entries that it is mistaken for."""
    provenance: Literal["V", "S", "K", "M", "E"]
    """V read in the source, S in a secondary source, K common knowledge, M measured, E our default."""
    sources: tuple[str, ...] = Field(min_length=1)
    """Keys of ``sources.yaml``, the one that carries the most first."""
    note: str | None = None
    """What of the text does not come from the sources."""

    @property
    def sleepvlm_ids(self) -> tuple[str, ...]:
        """SleepVLM's ids for this entry, at most one."""
        return tuple(i for i in (self.sleepvlm_rule, self.sleepvlm_part_of) if i)


class RuleBase(BaseModel):
    """All rules with their sources, in the order of the files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[Rule, ...]
    sources: dict[str, Source]
    digest: str
    """SHA-256 of the files, by which derived data know that they are stale."""

    def citation(self, rule: Rule, score: float = 0.0) -> Citation:
        """Give a rule as it is handed to readers, with its works spelled out."""
        return Citation(
            id=rule.id,
            title=rule.title,
            text=rule.text,
            source="; ".join(self.sources[key].readable() for key in rule.sources),
            provenance=rule.provenance,
            score=score,
            aliases=rule.sleepvlm_ids,
            topic=rule.topic,
            stages=rule.stages,
            labels=rule.labels,
        )


def load_rules(folder: Path = RULES) -> RuleBase:
    """Read and check every rule file of a folder.

    Parameters
    ----------
    folder : Path
        Holds ``sources.yaml`` and any number of files with ``entries``.

    Returns
    -------
    RuleBase
        Rules in alphabetical order of the files, then in file order.

    Raises
    ------
    KnowledgeError
        If a file cannot be parsed, a key is unknown or missing, an id or a SleepVLM id occurs twice, or
        a source or a look-alike points at nothing.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise KnowledgeError("No rule files here: the folder needs *.yaml files with entries.", field="rules")
    digest = hashlib.sha256()
    rules: list[Rule] = []
    sources: dict[str, Source] = {}
    for path in paths:
        raw = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + raw + b"\0")
        rules_here, sources_here = _parse(raw, path.name)
        rules += rules_here
        sources |= sources_here
    base = RuleBase(rules=tuple(rules), sources=sources, digest=digest.hexdigest())
    _check(base)
    return base


def _parse(raw: bytes, name: str) -> tuple[list[Rule], dict[str, Source]]:
    try:
        # A safe loader: it builds plain lists, dicts, strings and numbers only.
        content = yaml.load(raw, Loader=_Loader)
        if not isinstance(content, dict) or not {*content} <= {"entries", "sources"}:
            raise KnowledgeError(f"{name}: the top level takes `entries` and `sources` only.", field=name)
        rules = [Rule.model_validate(entry) for entry in content.get("entries", [])]
        sources = {k: Source.model_validate(v) for k, v in content.get("sources", {}).items()}
    except yaml.YAMLError as error:
        raise KnowledgeError(f"{name}: not valid YAML: {_first_line(error)}", field=name) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise KnowledgeError(f"{name}: {where}: {first['msg']}", field=where) from error
    return rules, sources


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _check(base: RuleBase) -> None:
    """Refuse a base whose parts do not refer to each other properly."""
    ids = {rule.id for rule in base.rules}
    _once((rule.id.lower() for rule in base.rules), "id")
    _once((rule.sleepvlm_rule for rule in base.rules if rule.sleepvlm_rule), "sleepvlm_rule")
    primary = {rule.sleepvlm_rule for rule in base.rules}
    for rule in base.rules:
        for key in rule.sources:
            if key not in base.sources:
                raise KnowledgeError(
                    f"{rule.id}: source {key!r} is not in sources.yaml.",
                    field="sources",
                    choices=sorted(base.sources),
                )
        for other in rule.lookalikes:
            if other not in ids or other == rule.id:
                raise KnowledgeError(
                    f"{rule.id}: look-alike {other!r} is not another entry.", field="lookalikes"
                )
        if rule.sleepvlm_part_of and rule.sleepvlm_part_of not in primary:
            raise KnowledgeError(
                f"{rule.id}: no entry stands for {rule.sleepvlm_part_of!r}.", field="sleepvlm_part_of"
            )


def _once(values: Iterable[str], field: str) -> None:
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        raise KnowledgeError(f"{field} {twice[0]!r} stands at more than one entry.", field=field)
