"""Keep rows in an embedded Chroma collection, and read them back.

Chroma is used without a server, without telemetry and without an embedding function: vectors always come from
the caller, so nothing is ever downloaded.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

COLLECTION = "rules"
_SPACE = {"hnsw": {"space": "cosine"}}
_STORE = re.compile(r"rules-[0-9a-f]{16}")
_BUILDING = ".building-"
_TRIES = 3  # another process may take a store away between our writing and reading it
_CUT_OFF_S = 600  # a build takes a fraction of a second; nobody is at work on one as old as this
_opening = threading.Lock()  # Chroma's table of open folders is not made for several threads


class Rows(NamedTuple):
    """What a collection is to hold."""

    ids: Sequence[str]
    vectors: NDArray[np.float32]  # (rows, dimensions)
    texts: Sequence[str]
    metadata: Sequence[Mapping[str, str]]


def keep(folder: Path, name: str, rows: Rows) -> NDArray[np.float32]:
    """Give the vectors that the store `folder/name` holds, and write the store first where need be.

    Parameters
    ----------
    folder : Path
        Holds one folder for each state of the rules; made when it does not exist.
    name : str
        Name of the state, which is the name of the store's folder.
    rows : Rows
        What the store has to hold.

    Returns
    -------
    ndarray of float32, shape (rows, dimensions)
        As Chroma serves them, in the order of `rows`.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / name
    with _opening:
        for _ in range(_TRIES):
            served = _read(place, rows)
            if served is not None:
                return served
            _write(folder, place, rows)
        served = _read(place, rows)
    if served is None:
        raise OSError("the store just written cannot be read")
    return served


def keep_in_memory(name: str, rows: Rows) -> NDArray[np.float32]:
    """Do the same with a collection that lives no longer than the process."""
    import chromadb

    with _opening:
        client = chromadb.EphemeralClient(settings=_settings())
        _fill(client.get_or_create_collection(name, embedding_function=None, configuration=_SPACE), rows)
        served = _served(client.get_collection(name, embedding_function=None), rows)
    assert served is not None, "Chroma's memory gives back what was put in"
    return served


def _settings() -> Any:
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


def _read(place: Path, rows: Rows) -> NDArray[np.float32] | None:
    """Give the vectors of a store, or None when it is missing, damaged, or holds something else."""
    if not _sound(place / "chroma.sqlite3"):
        return None
    import chromadb
    from chromadb.errors import ChromaError

    try:
        client = chromadb.PersistentClient(str(place), settings=_settings())
    except (ChromaError, ValueError, OSError, sqlite3.Error, AttributeError):
        # AttributeError: Chroma 1.5 hides what went wrong behind a failing clean-up of its half-made client
        return None
    try:
        return _served(client.get_collection(COLLECTION, embedding_function=None), rows)
    except (ChromaError, ValueError, OSError, sqlite3.Error):
        return None
    finally:
        client.close()


def _sound(database: Path) -> bool:
    """Let SQLite itself look for damage before the file is given to Chroma."""
    if not database.is_file():
        return False
    try:
        connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
        try:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
        finally:
            connection.close()
    except sqlite3.Error:
        return False


def _served(collection: Any, rows: Rows) -> NDArray[np.float32] | None:
    """Read a collection back in the order of `rows`; None unless it holds these rows and no others."""
    held = collection.get(include=["embeddings", "documents", "metadatas"])
    place = {identifier: i for i, identifier in enumerate(held["ids"])}
    if place.keys() != set(rows.ids):
        return None
    order = [place[identifier] for identifier in rows.ids]
    vectors = np.asarray(held["embeddings"], dtype=np.float32)[order]
    same = (
        vectors.shape == rows.vectors.shape
        and np.allclose(vectors, rows.vectors, atol=1e-5)
        and [held["documents"][i] for i in order] == list(rows.texts)
        and [held["metadatas"][i] for i in order] == list(rows.metadata)
    )
    return vectors if same else None


def _write(folder: Path, place: Path, rows: Rows) -> None:
    """Build a store aside and move it to its place, unless another process was there first."""
    import chromadb
    from chromadb.errors import ChromaError

    aside = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=folder))
    try:
        client = chromadb.PersistentClient(str(aside), settings=_settings())
        try:
            _fill(client.create_collection(COLLECTION, embedding_function=None, configuration=_SPACE), rows)
        finally:
            client.close()
        _clear(folder, place, rows)
        if not place.exists():
            _move(aside, place)
    except (ChromaError, sqlite3.Error, AttributeError) as error:  # a full disk comes as one of these
        raise OSError("Chroma could not write the store") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _fill(collection: Any, rows: Rows) -> None:
    collection.upsert(
        ids=list(rows.ids),
        embeddings=rows.vectors,
        documents=list(rows.texts),
        metadatas=[dict(entry) for entry in rows.metadata],
    )


def _clear(folder: Path, place: Path, rows: Rows) -> None:
    """Remove stores of other states of the rules, an unsound one of this state, and cut-off builds."""
    for other in folder.iterdir():
        stale = _STORE.fullmatch(other.name) and (other != place or _read(place, rows) is None)
        if stale or (other.name.startswith(_BUILDING) and _is_cut_off(other)):
            shutil.rmtree(other, ignore_errors=True)


def _is_cut_off(building: Path) -> bool:
    try:
        return time.time() - building.stat().st_mtime > _CUT_OFF_S
    except FileNotFoundError:  # its process has just moved it to its place
        return False


def _move(aside: Path, place: Path) -> None:
    try:
        os.rename(aside, place)
    except OSError:
        if not place.is_dir():  # otherwise another process was first, with the same rows
            raise
