"""What sort of file it is, told by its first bytes, and refused in words where it is none of ours."""

from __future__ import annotations

import os
import re
import stat
from typing import Literal, NamedTuple

from tools.edf_header import BDF_MAGIC, EDF_MAGIC
from tools.source import unreadable
from tools.types import ToolError

Reader = Literal["edf", "brainvision", "eeglab", "fif", "gdf", "nihon", "persyst", "cnt"]
FORMATS = (
    "EDF",
    "EDF+",
    "BDF",
    "BrainVision",
    "EEGLAB",
    "FIF",
    "GDF",
    "Nihon Kohden",
    "Persyst",
    "Neuroscan CNT",
)

_NIHON = re.compile(rb"(EEG-\d{4}|QI-4\d\d|DAE-2\d{3})[A-Z]? V\d\d\.\d\d")
_ARCHIVES = (
    (b"PK\x03\x04", "a zip archive"), (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "compressed with gzip"), (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ\0", "compressed with xz"), (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"), (b"Rar!", "a rar archive"),
)  # fmt: skip
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF")
_COMPANIONS = {
    ".fdt": "holds only the samples of an EEGLAB data set; open the .set file beside it",
    ".vmrk": "holds only the markers of a BrainVision recording; open the .vhdr file beside it",
    ".eeg": "holds only the samples of a BrainVision recording; open the .vhdr file beside it",
    ".avg": "holds a Neuroscan average and no recording; open the .cnt file",
    ".dat": "holds only the samples of a recording; open the header file beside it (.lay for Persyst, "
    ".vhdr for BrainVision)",
} | dict.fromkeys(
    (".pnt", ".log", ".21e", ".cn2", ".cmt", ".11d", ".cn3", ".reg", ".egf", ".edf_"),
    "belongs to a Nihon Kohden recording and holds no signal; open the .EEG file beside it",
)  # fmt: skip


class OpenFile(NamedTuple):
    """A regular file, open for reading, and who can read it."""

    fd: int
    path: str
    reader: Reader


def open_file(path: str | os.PathLike[str]) -> OpenFile:
    """Open a regular file and tell its format from its content.

    Raises
    ------
    ToolError
        For everything that is not a recording in a known format; the file is closed again.
    """
    fd = _open_regular(path)
    try:
        return OpenFile(fd, os.fspath(path), _identify(fd, os.fspath(path)))
    except BaseException:
        os.close(fd)
        raise


def _open_regular(path: str | os.PathLike[str]) -> int:
    """Open without ever waiting: a pipe or a device is recognised before it could block."""
    try:
        mode = os.stat(path).st_mode
        _refuse_special(mode)
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise unreadable("There is no such file; check the path.") from None
    except PermissionError:
        raise unreadable("The file may not be read; change its permissions or copy it.") from None
    except (OSError, ValueError, TypeError):
        raise unreadable("The file cannot be opened; check the path.") from None
    try:
        _refuse_special(os.fstat(fd).st_mode)
    except ToolError:
        os.close(fd)
        raise
    return fd


def _refuse_special(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise unreadable("This is a folder; give the recording file in it.")
    if not stat.S_ISREG(mode):
        raise unreadable("This is a pipe, socket or device; give a regular file.")


def _identify(fd: int, path: str) -> Reader:
    head = os.pread(fd, 4096, 0)
    if not head:
        raise unreadable("The file is empty; copy it again from its source.")
    if head.startswith((EDF_MAGIC, BDF_MAGIC)):
        return "edf"
    for magic, what in _ARCHIVES:
        if head.startswith(magic):
            raise unreadable(f"The file is {what}; unpack it first and open the recording inside.")
    if head.startswith(_PICTURES):
        raise unreadable("The file is a picture or document and holds no signal; open the recording itself.")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    suffix = os.path.splitext(path)[1].lower()
    reader = _by_content(head, text, suffix)
    if reader is not None:
        return reader
    if suffix in _COMPANIONS:
        raise unreadable(f"This file {_COMPANIONS[suffix]}.")
    raise ToolError(
        "The file is not an EEG recording in a known format; export it as EDF.", field="file", choices=FORMATS
    )


def _by_content(head: bytes, text: bytes, suffix: str) -> Reader | None:
    """Reader of a file that its first bytes name; files that only go with another are refused."""
    first_line = text.split(b"\n", 1)[0].lower()
    is_nihon = _NIHON.match(head) is not None
    if b"data exchange marker file" in first_line:
        raise unreadable(f"This file {_COMPANIONS['.vmrk']}.")
    if is_nihon and suffix not in ("", ".eeg"):
        raise unreadable(f"This file {_COMPANIONS['.pnt']}.")
    tests: tuple[tuple[Reader, bool], ...] = (
        ("brainvision", b"data exchange header file" in first_line),
        ("persyst", text[:10].lower() == b"[fileinfo]"),
        ("gdf", head.startswith(b"GDF ")),
        ("fif", head.startswith(b"\x00\x00\x00\x64\x00\x00\x00\x1f")),
        ("nihon", is_nihon),
        ("cnt", head.startswith(b"Version 3.0") and suffix not in (".eeg", ".avg")),
        ("eeglab", suffix == ".set" and head.startswith((b"MATLAB", b"\x89HDF"))),
    )
    return next((reader for reader, found in tests if found), None)
