"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from tools.types import ToolError


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write beside the target and rename, so that no reader ever sees half a file.

    Raises
    ------
    ToolError
        With ``field="o"`` where the file cannot be written, or something other than a file is in its place.
    """
    target = Path(path)
    draft = target.with_name(f".{secrets.token_hex(8)}.part") if target.name else target
    try:
        if target.exists() and not target.is_file():
            raise ToolError("The output must be a plain file; name another.", field="o")
        draft.write_bytes(content)
        draft.replace(target)
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte
        with suppress(OSError, ValueError):
            draft.unlink(missing_ok=True)
        reason = (error.strerror if isinstance(error, OSError) else None) or "a name that cannot be"
        raise ToolError(
            f"The file cannot be written ({reason}); name one in a folder you may write to.", field="o"
        ) from None
