"""Which failures may pass: what a server did wrong today says nothing about the system that was asked."""

from __future__ import annotations

from tools.types import ToolError

SETTINGS = ("base_url", "timeout_s", "max_retries", "api_key", "images")
"""Settings that mend a failure; whoever changed one wants the item asked again."""
REFUSED = (400, 413, 422)
"""The server took the request, and will not answer this one."""
MODEL = ("empty", "arguments", "endless", "too_long")
"""Faults of a reply that are the model's own: it answered, and badly."""


def passing(error: ToolError) -> bool:
    """Whether the same item may well be answered another time.

    Parameters
    ----------
    error : ToolError
        As a system raised it, with its cause.

    Returns
    -------
    bool
        True for a server that is away, busy, failing, wrongly addressed or refuses the key. False for a refusal of
        our own (no picture, no options) and for what the model itself did: an empty or endless reply, a
        conversation that is longer than it can take. Those count as its invalid answers.
    """
    cause = error.__cause__
    if cause is None:
        return False
    import openai
    from langchain_core.exceptions import ContextOverflowError

    from agent.brains.openai_errors import UnusableReplyError

    if isinstance(cause, UnusableReplyError):
        return cause.fault not in MODEL
    if isinstance(cause, ContextOverflowError):
        return False
    if isinstance(cause, openai.APIStatusError):
        return cause.status_code not in REFUSED or error.field in SETTINGS
    return isinstance(cause, (openai.OpenAIError, TimeoutError)) or error.field in SETTINGS
