"""Settings: explicit argument beats environment beats default. Only entry points read them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _default_home() -> Path:
    return Path.home() / ".local" / "share" / "glossa"


class Settings(BaseSettings):
    """Everything a user may set, as ``GLOSSA_<NAME>`` in the environment."""

    model_config = SettingsConfigDict(env_prefix="GLOSSA_", frozen=True, extra="ignore")

    home: Path = Field(default_factory=_default_home)
    """Folder of threads, uploaded recordings and the rule store."""
    retention_days: float = Field(default=30.0, gt=0)
    """Threads and uploads untouched for longer are deleted at start."""
    brain: Literal["embedded", "openai"] = "embedded"
    """Which brain answers; ``openai`` sends page pictures and measured numbers to ``base_url``."""
    base_url: str | None = None
    """Address of an OpenAI-compatible server, such as ``http://127.0.0.1:8000/v1``."""
    model: str | None = None
    """Name of the model on that server."""
    api_key: SecretStr | None = None
    timeout_s: float = Field(default=60.0, gt=0)
    max_retries: int = Field(default=2, ge=0, le=10)
    images: Literal["tool", "user", "none"] = "user"
    """Where page pictures travel: in the tool message, in a user message after it, or not at all."""
    max_tool_calls: int = Field(default=12, ge=1)
    port: int = Field(default=7860, ge=0, le=65535)
    max_upload_mb: int = Field(default=2000, ge=1)
