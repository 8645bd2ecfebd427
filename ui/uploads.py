"""Uploaded files: which belong together, and under which names they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_HEADERS = (".vhdr", ".set", ".lay")
"""Files that name their companions, so that these must keep their names."""
_SIGNALS = (".edf", ".bdf", ".gdf", ".fif", ".cnt", ".eeg")


def group_files(uploads: Sequence[Path]) -> list[list[Path]]:
    """Sort uploaded files into recordings, the file to open first in each.

    A header (BrainVision, EEGLAB, Persyst) takes its companions along; with several headers, those of
    its own stem. Files of which none can be opened on its own stay together, for one clear refusal.
    """
    headers = [path for path in uploads if path.suffix.lower() in _HEADERS]
    signals = [path for path in uploads if path.suffix.lower() in _SIGNALS]
    if any(path.suffix.lower() == ".vhdr" for path in headers):
        signals = [path for path in signals if path.suffix.lower() != ".eeg"]  # BrainVision's samples
    mains = headers + signals
    if len(mains) <= 1:
        return [[*mains, *(path for path in uploads if path not in mains)]]
    rest = [path for path in uploads if path not in mains]
    alone = [path for path in rest if not any(path.stem == main.stem for main in mains)]
    groups = [[main, *(path for path in rest if path.stem == main.stem)] for main in mains]
    if len(headers) == 1:  # a companion whose name differs can only be the one header's
        groups[0] += alone
    return groups


def stored_names(group: Sequence[Path]) -> list[str]:
    """Names under which the files of one recording are kept.

    A single file gives up its name, which may hold a patient's. Companions keep theirs, because the
    header refers to them; the random folder around them is never shown.
    """
    if len(group) > 1:
        return [path.name for path in group]
    suffix = group[0].suffix.lower()
    return ["recording_raw.fif" if suffix == ".fif" else f"recording{suffix}"]
