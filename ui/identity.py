"""Who a browser is: a random cookie, and the owner that it stands for.

Everything that a browser opens or asks is filed under a hash of its cookie, so neither a folder listing
nor the thread store gives the cookie away. What belongs to somebody else is answered exactly like what
does not exist.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping

COOKIE = "glossa_browser"
COOKIE_SECONDS = 365 * 24 * 3600

_COOKIE_FORM = re.compile(r"[A-Za-z0-9_-]{43}")


class NotHereError(Exception):
    """No such recording for this browser: absent, deleted, or somebody else's."""


def new_identity() -> str:
    """Draw a cookie value for a browser that has none."""
    return secrets.token_urlsafe(32)


def owner_of(cookies: Mapping[str, str]) -> str | None:
    """Name the owner that a browser's cookie stands for; None without a well-formed cookie."""
    cookie = cookies.get(COOKIE, "")
    if not _COOKIE_FORM.fullmatch(cookie):
        return None
    return hashlib.sha256(cookie.encode()).hexdigest()[:32]
