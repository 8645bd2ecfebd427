"""What a run was made with: revision, versions, hashes; and the names of its folders."""

from __future__ import annotations

import hashlib
import json
import subprocess
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evals.records import System, Task

PACKAGES = ("numpy", "scipy", "mne", "inspect-ai", "rouge-score", "scikit-learn", "langgraph")
ROOT = Path(__file__).resolve().parent.parent


def provenance(task: Task, system: System) -> dict[str, Any]:
    """All that a log has to say for its numbers to be made again."""
    return {
        "system": system.name,
        "folder": str(task.folder.resolve()),
        "card": task.card.model_dump(mode="json"),
        "seed": task.seed,
        "items": items_hash(task),
        "sources": task.sources,
        "revision": revision(),
        "code": code(),
        "versions": {name: _version(name) for name in PACKAGES},
    }


def place(task: Task, system: System) -> Path:
    """Folder of the logs of a task and a system, below that of all logs.

    Its name holds a hash of what decides an outcome: items, system and code; another of these means another run.
    """
    told = f"{items_hash(task)} {system.name} {code()}"
    return Path(task.card.name) / f"{slug(system.name)}-{hashlib.sha256(told.encode()).hexdigest()[:10]}"


def slug(name: str) -> str:
    """A system's name as the name of a folder."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name)


def items_hash(task: Task) -> str:
    """SHA-256 over all that is asked and expected."""
    told = json.dumps([item.model_dump(mode="json") for item in task.items], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


@lru_cache(maxsize=1)
def code() -> str:
    """SHA-256 over all that answers and grades, so that what older code did is never taken for this one's."""
    digest = hashlib.sha256()
    for folder in ("tools", "knowledge", "models", "agent", "evals"):
        for source in sorted((ROOT / folder).rglob("*")):
            if source.is_file() and "__pycache__" not in source.parts:
                digest.update(source.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def revision() -> str:
    """Git revision of this code, with a mark where it was changed since; empty outside a clone."""
    try:
        told = subprocess.run(
            ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12"],
            capture_output=True, text=True, timeout=5, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip()


def _version(name: str) -> str:
    try:
        return version(name)
    except Exception:  # noqa: BLE001 - a package that is not there has no version
        return "not installed"
